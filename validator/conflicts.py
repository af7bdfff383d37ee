"""Merge conflicts that nobody settled: the lines that git writes around the two sides of a conflict."""

from __future__ import annotations

import re

from validator.expressions import expression
from validator.text import Span

# Exactly seven signs at the start of a line, then a label or the end of the line. The separator never has a label.
_LINE = expression(
    r"^(?:(?P<open>\ufeff?<{7})|(?P<base>\|{7})|(?P<close>>{7}))(?=[ \r\n]|\Z)(?P<label>[^\n]*)"
    r"|^(?P<middle>={7})[ \t]*\r?$"
    r"|^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)", re.MULTILINE,
)  # fmt: skip
# Labels that git gives a side, where the other marker is gone: `HEAD`, a commit, a branch with a slash.
_OURS = expression(r" (?:HEAD|ours|Updated upstream|\.mine|[0-9a-f]{7,40})(?::[^\s]+)?(?: \([^\n]*\))?\s*\Z")
_THEIRS = expression(
    r" (?:theirs|Stashed changes|\.r\d+|FETCH_HEAD|MERGE_HEAD|[0-9a-f]{7,40}"
    r"|(?:origin|upstream|refs|feature|fix|hotfix|release)/[^\s]+)"
    r"(?::[^\s]+)?(?: \([^\n]*\))?\s*\Z"
)


def conflict_markers(text: str) -> list[Span]:
    """The first line of each merge conflict in a text, without its line end, in order; at most one span a conflict.

    A conflict is `<<<<<<<`, `=======` and `>>>>>>>` in that order (with `|||||||` between the first two in the styles diff3
    and zdiff3). Where somebody took one of the outer two away, what is left is told if its label is one that git writes.
    Not told are headings underlined by `=======`, quotations `>>>>>>>` of mail, and examples inside a code fence.
    """
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return []
    found: list[Span] = []
    opened: re.Match[str] | None = None
    middle: re.Match[str] | None = None
    fence, fenced_from = "", 0
    for line in _LINE.finditer(text):
        if line["fence"]:
            if not fence:
                fence, fenced_from = line["fence"], len(found)
            elif line["fence"].startswith(fence) and not line["info"].strip():
                del found[fenced_from:]  # an example: the fence was opened before it and closed after it
                fence, opened, middle = "", None, None
        elif line["open"]:
            found += _left(opened, middle)
            opened, middle = line, None
        elif line["middle"]:
            middle = middle or line
        elif line["close"]:
            if middle and (opened or _THEIRS.match(line["label"])):
                found.append(_span(opened or middle))
            opened = middle = None
    return found + _left(opened, middle)


def _left(opened: re.Match[str] | None, middle: re.Match[str] | None) -> list[Span]:
    """A conflict whose last line is gone."""
    return [_span(opened)] if opened and middle and _OURS.match(opened["label"]) else []


def _span(line: re.Match[str]) -> Span:
    return Span(line.start(), line.start() + len(line[0].rstrip("\r")))
