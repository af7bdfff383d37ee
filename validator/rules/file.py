"""Rules about a file as a whole: whether it could be read, and whether anything is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.parsing.conflicts import conflict_markers as unsettled
from validator.rules.registry import rule
from validator.rules.views import Found, said_of_seed
from validator.text.findings import Severity

if TYPE_CHECKING:
    from validator.rules.views import Raw, Text, Unread


@rule(severity=Severity.ERROR)
def unreadable_file(unread: Unread) -> Iterator[Found]:
    r"""A seed that could not be read: no permission, not a regular file, a link that leads nowhere.

    It was not checked, and must not count as clean.

    Bad [unread=permission denied]:
    Good: A line that was read.\n

    Does not handle: bytes that were read but are not text (undecodable).

    Next: let the program read the file, or take it out of the archive.
    """
    if unread.rule == "unreadable-file":
        yield said_of_seed(unread.message)


@rule(severity=Severity.ERROR)
def file_too_large(unread: Unread) -> Iterator[Found]:
    r"""A seed larger than the limit, 16 MiB unless the configuration sets `limit-bytes`.

    A file of that size is not an article, or many articles in one. It was not checked.

    Bad [limit_bytes=10]: More than ten bytes.\n
    Good [limit_bytes=30]: Not thirty bytes.\n

    Does not handle: a small file that holds several articles.

    Next: see what the file is; raise `limit-bytes` if it really is one article.
    """
    if unread.rule == "file-too-large":
        yield said_of_seed(unread.message)


@rule(severity=Severity.ERROR)
def foreign_format(unread: Unread) -> Iterator[Found]:
    r"""A file that is not text: a PDF, an image, a mailbox, a script, a feed.

    Its content decides, never its name. Nothing else is reported for such a file, and nothing in it is repaired: what is
    damage in a text may be needed in another format.

    Bad [source=plain-text]: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\x00\n"
    Bad [source=plain-text]: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    Good [source=plain-text]: The letters PDF and PNG in a text.\n

    Does not handle: a page or a post with little text (body-missing); pointers to where a file is kept (lfs-pointer); the
    content of compressed and encrypted files.

    Next: extract the text of the article, or take the file out of the archive's seeds (`exclude` in the configuration).
    """
    if unread.rule == "foreign-format":
        yield said_of_seed(unread.message)


@rule(severity=Severity.ERROR)
def lfs_pointer(unread: Unread) -> Iterator[Found]:
    r"""A pointer of Git LFS, git-annex or DVC in place of the seed.

    The clone did not fetch the file, so its text was not checked, and must not count as clean.

    Bad [source=plain-text]: version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n
    Good [source=plain-text]: A text about the version of a file.\n

    Does not handle: a pointer inside a longer text.

    Next: run the command that the message names, then check again.
    """
    if unread.rule == "lfs-pointer":
        yield said_of_seed(unread.message)


@rule(severity=Severity.ERROR, looks_everywhere=True, triggers=("<<<<<<<|>>>>>>>",))
def conflict_markers(text: Text) -> Iterator[Found]:
    r"""The markers of a merge conflict that nobody has settled: `<<<<<<<`, `=======`, `>>>>>>>` at the starts of lines.

    Both versions of a passage are in the file. One finding a seed, at the first marker.

    Bad: One line.\n<<<<<<< HEAD\nOurs.\n=======\nTheirs.\n>>>>>>> branch\n
    Good: A heading\n=======\nOne line.\n

    Does not handle: markers shown as an example inside a code fence; a conflict with only one marker left.

    Next: choose the right version of each passage and delete the markers.
    """
    markers = unsettled(text.normal.text)
    if markers:
        first, *others = (text.normal.span(*marker) for marker in markers)
        more = f", and {len(others)} more in this seed" if others else ""
        related = tuple(("another conflict begins here", span) for span in others[:9])
        yield Found(first, f"a merge conflict begins here that nobody has settled{more}", related=related)


_NOT_SEEN = "\ufeff \t\r\n\f\v\u00a0\u3000\u200b\x00"


@rule(severity=Severity.ERROR)
def empty_file(raw: Raw) -> Iterator[Found]:
    r"""A seed without a visible character.

    In every list it looks like an archived article, but the capture failed.

    Bad: b""
    Bad: \n\n
    Good: One word.\n

    Does not handle: a page without an article (body-missing).

    Next: capture the article again, or delete the file and say so in the commit.
    """
    decoded = raw.decoded
    if not raw.data:
        yield said_of_seed("the file is empty")
    elif decoded.encoding is not None and not decoded.text.strip(_NOT_SEEN):
        yield said_of_seed("the file has only whitespace")
