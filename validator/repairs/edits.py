"""Edits and fixes: choosing those that can be carried out together, carrying them out, and showing what they change."""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import inf
from operator import attrgetter

from validator.text.findings import Edit, Finding
from validator.text.places import Span

# What a safe repair may change, besides a byte-order mark: whitespace with line ends; quotation marks and apostrophes. Primes,
# accents and everything else may not change.
WHITESPACE = " \t\r\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
MARKS = "\"'“”„‟‘’‚‛"
PLACE = attrgetter("start", "end")  # of an edit; by this they are put in order
_RUN = re.compile(f"[{WHITESPACE}]+")
_TO_ONE_MARK = str.maketrans(dict.fromkeys(MARKS, "'"))


def folded(text: str) -> str:
    """The text without differences that a safe repair may make. It must be equal before and after a safe repair."""
    return _RUN.sub(" ", text.lstrip("\ufeff")).strip(" ").translate(_TO_ONE_MARK)


def spans_of(edits: Iterable[Edit]) -> list[Span]:
    """What edits replace, in order."""
    return sorted([Span(edit.start, edit.end) for edit in edits])


def choose(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Findings whose fixes can be carried out in one pass, and those that have to wait for the next.

    A fix is carried out as a whole or not at all. One that overlaps or touches an earlier one waits. A recoding is alone in
    its pass.
    """
    for finding in findings:
        if finding.fix is not None and finding.fix.recode is not None:
            return [finding], [other for other in findings if other is not finding]
    chosen: list[Finding] = []
    waiting: list[Finding] = []
    taken: list[Span] = []  # in order; none overlaps another
    for finding in sorted(findings, key=_first_edit):
        edits = finding.fix.edits if finding.fix is not None else ()
        spans = spans_of(edits)
        apart = all(one.end <= other.start for one, other in pairwise(spans))
        is_behind = not taken or (spans and spans[0].start > taken[-1].end)  # as most are
        if not spans or not apart or not (is_behind or not any(_touches(span, taken) for span in spans)):
            waiting.append(finding)
            continue
        chosen.append(finding)
        if is_behind:
            taken += spans
            continue
        for span in spans:
            insort(taken, span)
    return chosen, waiting


def _first_edit(finding: Finding) -> tuple[int, int, str]:
    edits = finding.fix.edits if finding.fix is not None else ()
    first = min(edits, key=PLACE, default=Edit(0, 0, ""))
    return (first.start, first.end, finding.rule)


def _touches(span: Span, taken: Sequence[Span]) -> bool:
    """Whether a span overlaps or touches one that is taken. These are in order and do not overlap."""
    before = bisect_right(taken, (span.end, inf)) - 1  # the last that begins where the span ends, or earlier
    return before >= 0 and taken[before].end >= span.start


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits carried out. Raises ValueError where they overlap or lie outside of it."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=PLACE):
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(f"edit {edit} overlaps another one, or lies outside of the text")
        pieces.append(text[at : edit.start])
        pieces.append(edit.replacement)
        at = edit.end
    pieces.append(text[at:])
    return "".join(pieces)


def moved(offset: int, edits: Iterable[Edit]) -> int:
    """The offset of a character after edits. If an edit deletes it, the offset where the replacement begins."""
    shift = 0
    for edit in sorted(edits, key=PLACE):
        if edit.end <= offset and not edit.start == edit.end == offset:
            shift += len(edit.replacement) - (edit.end - edit.start)
        elif edit.start < offset:
            return edit.start + shift
        else:
            break
    return offset + shift


def diff(before: str, after: str, name: str) -> Iterator[str]:
    """A unified diff of two texts, lines breaking at LF only, as git shows it."""
    old, new = _lines(before), _lines(after)
    from difflib import unified_diff

    for line in unified_diff(old, new, f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
