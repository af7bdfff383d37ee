"""Unsettled merge conflicts: the lines that git writes around the two sides of a conflict."""

from __future__ import annotations

import re
from collections.abc import Iterator

from validator.text.patterns import late
from validator.text.places import Span

# Exactly seven signs at the start of a line, then a label or the end of the line. The separator never has a label.
_LINE = late(
    r"^(?:(?P<open>\ufeff?<{7})|(?P<base>\|{7})|(?P<close>>{7}))(?=[ \r\n]|\Z)(?P<label>[^\n]*)"
    r"|^(?P<middle>={7})[ \t]*\r?$"
    r"|^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)", re.MULTILINE,
)  # fmt: skip
# Labels that git gives a side, where the other marker is gone: `HEAD`, a commit, a branch with a slash.
_OURS = late(r" (?:HEAD|ours|Updated upstream|\.mine|[0-9a-f]{7,40})(?::[^\s]+)?(?: \([^\n]*\))?\s*\Z")
_THEIRS = late(
    r" (?:theirs|Stashed changes|\.r\d+|FETCH_HEAD|MERGE_HEAD|[0-9a-f]{7,40}"
    r"|(?:origin|upstream|refs|feature|fix|hotfix|release)/[^\s]+)"
    r"(?::[^\s]+)?(?: \([^\n]*\))?\s*\Z"
)


def conflict_markers(text: str) -> list[Span]:
    """The first line of each merge conflict in a text, without its line end, in order; at most one span a conflict.

    A conflict is `<<<<<<<`, `=======` and `>>>>>>>` in that order (with `|||||||` between the first two in the styles diff3
    and zdiff3). If one of the outer two is gone, the rest is found only by a label that git writes.
    Not found are headings underlined by `=======`, quotations `>>>>>>>` of mail, and examples inside a code fence.
    """
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return []
    lines = list(_LINE.finditer(text))
    found = list(_conflicts(lines))
    examples = _fenced(lines, found)
    return [_span(lines[first]) for first, _ in found if first not in examples]


def _conflicts(lines: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """The first and the last of the lines of each conflict, as indices."""
    opened: int | None = None
    middle: int | None = None
    for index, line in enumerate(lines):
        if line["open"]:
            yield from _unclosed(lines, opened, middle)
            opened, middle = index, None
        elif line["middle"] and (middle is None or opened is None):
            middle = index
        elif line["close"]:
            if middle is not None and (opened is not None or _THEIRS.match(line["label"])):
                yield middle if opened is None else opened, index
            opened = middle = None
    yield from _unclosed(lines, opened, middle)


def _unclosed(lines: list[re.Match[str]], opened: int | None, middle: int | None) -> Iterator[tuple[int, int]]:
    """A conflict whose last line is gone."""
    if opened is not None and middle is not None and _OURS.match(lines[opened]["label"]):
        yield opened, middle


def _fenced(lines: list[re.Match[str]], conflicts: list[tuple[int, int]]) -> set[int]:
    """The first lines of conflicts that are examples: a code fence was opened before and is closed after them."""
    examples: set[int] = set()
    inside: set[int] = set()
    last_of = dict(conflicts)
    fence, skipped_to = "", -1
    for index, line in enumerate(lines):
        if index in last_of and not any(other["fence"] for other in lines[index : last_of[index]]):
            inside |= {index} if fence else set()
        elif index in last_of:
            skipped_to = last_of[index]
        elif line["fence"] and index > skipped_to:
            if not fence and not (line["fence"][0] == "`" and "`" in line["info"]):
                fence, inside = line["fence"], set()
            elif fence and line["fence"].startswith(fence) and not line["info"].strip():
                examples |= inside
                fence, inside = "", set()
    return examples


def _span(line: re.Match[str]) -> Span:
    return Span(line.start(), line.start() + len(line[0].rstrip("\r")))
