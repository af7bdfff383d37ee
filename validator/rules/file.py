"""Rules about a file as a whole: could it be read at all, and is anything in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.findings import Severity
from validator.rules.registry import rule
from validator.text import Span
from validator.views import Found

if TYPE_CHECKING:
    from validator.views import Raw, Unread


@rule(severity=Severity.ERROR)
def unreadable_file(unread: Unread) -> Iterator[Found]:
    r"""A seed that could not be read: no permission, not a regular file, a link that leads nowhere.

    What was not read was not checked, and must not count as clean.

    Bad [unread=permission denied]:
    Good: A line that was read.\n

    Does not handle: bytes that were read but are no text (undecodable).

    Next: give the program leave to read the file, or take the name out of the archive.
    """
    if unread.rule == "unreadable-file":
        yield Found(Span(0, 0), unread.message, whole=True)


@rule(severity=Severity.ERROR)
def file_too_large(unread: Unread) -> Iterator[Found]:
    r"""A seed larger than the limit, 16 MiB unless the configuration sets `limit-bytes`.

    An article is text. A file of that size is something else, or many articles in one, and was not checked.

    Bad [limit_bytes=10]: More than ten bytes.\n
    Good [limit_bytes=30]: Not thirty bytes.\n

    Does not handle: a small file that holds several articles.

    Next: see what the file is; raise `limit-bytes` if it really is one article.
    """
    if unread.rule == "file-too-large":
        yield Found(Span(0, 0), unread.message, whole=True)


_NOT_SEEN = "\ufeff \t\r\n\f\v\u00a0\u3000\u200b\x00"


def _may_be_empty(raw: Raw) -> bool:
    return not raw.decoded.text[:100].strip(_NOT_SEEN)


@rule(severity=Severity.ERROR, about=_may_be_empty)
def empty_file(raw: Raw) -> Iterator[Found]:
    r"""A seed without a single character that shows.

    An empty file looks like an archived article in every list, and holds none: the capture failed.

    Bad: b""
    Bad: \n\n
    Good: One word.\n

    Does not handle: a page without an article (body-missing).

    Next: capture the article again, or delete the file and say so in the commit.
    """
    decoded = raw.decoded
    if not raw.data:
        yield Found(Span(0, 0), "the file is empty", whole=True)
    elif decoded.encoding is not None and not decoded.text.strip(_NOT_SEEN):
        yield Found(Span(0, 0), "the file holds nothing but blanks", whole=True)
