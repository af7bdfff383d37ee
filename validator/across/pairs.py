"""Two seeds side by side, as plain data to be shown: their fields, and the passages that differ with a few words around.

What differs is for `captures` to say. Here it is only cut to a size that can be read: equal text is left out and counted, a
long passage keeps its ends, and of many passages the first ones are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from validator.across.captures import Beside, Read
from validator.engine.neighbours import Side
from validator.record.likeness import Passage, Word, is_dense
from validator.text.findings import SeedReport, Status
from validator.text.places import Span

_CONTEXT = 48  # characters of equal text that are shown on each side of what differs
_VALUE = 300  # characters of a value of the record


class Limits(NamedTuple):
    """How much of a pair is shown: so many passages, and so many characters of each."""

    passages: int
    characters: int


IN_REPORT = Limits(8, 240)
ON_PAGE = Limits(200, 4_000)


class Piece(NamedTuple):
    """A piece of a text: whether the other seed has something else there, or how many characters are left out here."""

    text: str
    differs: bool = False
    left_out: int = 0


class Field(NamedTuple):
    """A field of the records, with both values; '' where a seed has none."""

    name: str
    here: str
    there: str
    differs: bool


class Row(NamedTuple):
    """Passages that differ and are close to each other. `equal` words before them are left out; the lines are of the first."""

    equal: int
    here: tuple[Piece, ...]
    there: tuple[Piece, ...]
    here_line: int
    there_line: int


class Pair(NamedTuple):
    """Two seeds side by side.

    `passages` is how many passages differ and `left_out` how many of them are not shown. `equal` words follow the last row.
    With `in_characters`, equal text is counted in characters: it has no spaces. `is_identical`: the files have the same text.
    """

    here: str
    there: str
    fields: tuple[Field, ...]
    rows: tuple[Row, ...]
    similarity: float
    equal: int
    passages: int
    left_out: int
    in_characters: bool
    is_identical: bool


def pair_of(here: Side, there: Side, limits: Limits = ON_PAGE) -> Pair:
    """Two seeds side by side, as far as the limits go."""
    both = Beside(here, there)
    shown = both.passages[: limits.passages]
    words, end = both.here.words, _next(both, len(shown))
    after = _after(words, shown[-1].left_end, end) if shown else 0
    fields = [
        Field(each.field, _clipped(each.here.text), _clipped(each.there.text), not each.is_same) for each in both.fields
    ]
    return Pair(
        here.path,
        there.path,
        tuple(each for each in fields if each.here or each.there),
        tuple(_rows(both, shown, limits.characters)),
        both.similarity,
        equal=_counted(words, after, end),
        passages=len(both.passages),
        left_out=len(both.passages) - len(shown),
        in_characters=is_dense(here.record.masked[here.record.first or 0 : here.end]),
        is_identical=here.seen.decoded.text == there.seen.decoded.text,
    )


def with_pairs(report: SeedReport, here: Side, others: Sequence[Side]) -> SeedReport:
    """The report of a seed, with a pair for each other seed that its open findings name."""
    named = {finding.other for finding in report.findings if finding.other and finding.status is Status.OPEN}
    pairs = tuple(pair_of(here, there, IN_REPORT) for there in others if there.path in named)
    return replace(report, pairs=pairs) if pairs else report


def _rows(both: Beside, shown: Sequence[Passage], characters: int) -> Iterator[Row]:
    """The passages in rows: those between which only a few words are equal are in one."""
    words = both.here.words
    run: list[Passage] = []
    first = 0  # the word with which the row begins
    folded = 0  # the words left out before it
    for each in shown:
        before = run[-1].left_end if run else 0
        if run and _length(words, before, each.left) <= 2 * _CONTEXT:
            run.append(each)
            continue
        begin = _before(words, before, each.left)
        if run:
            last = _after(words, before, each.left)
            yield _row(both, run, (first, last), folded, characters)
            begin = max(begin, last)
            before = last
        run, first, folded = [each], begin, _counted(words, before, begin)
    if run:
        last = _after(words, run[-1].left_end, _next(both, len(shown)))
        yield _row(both, run, (first, last), folded, characters)


def _row(both: Beside, run: Sequence[Passage], extent: tuple[int, int], folded: int, characters: int) -> Row:
    """A row from one word to another, of the left seed; equal words are as many in both."""
    first, last = extent
    lefts = [(each.left, each.left_end) for each in run]
    rights = [(each.right, each.right_end) for each in run]
    right = (run[0].right - (run[0].left - first), run[-1].right_end + (last - run[-1].left_end))
    return Row(
        folded,
        tuple(_pieces(both.here, lefts, extent, characters)),
        tuple(_pieces(both.there, rights, right, characters)),
        both.here.index.line(both.here.span(*lefts[0]).start),
        both.there.index.line(both.there.span(*rights[0]).start),
    )


def _pieces(read: Read, run: Sequence[tuple[int, int]], extent: tuple[int, int], characters: int) -> Iterator[Piece]:
    """The text of one side from a word to another, cut where it differs."""
    begin = read.span(*extent).start
    stop = read.span(*extent).end
    for passage in run:
        span = read.span(*passage)
        yield from _equal(read, Span(begin, max(begin, span.start)))
        yield from _shortened(_text(read, span), characters)
        begin = max(begin, span.end)
    yield from _equal(read, Span(begin, max(begin, stop)))


def _equal(read: Read, span: Span) -> Iterator[Piece]:
    text = _text(read, span)
    if text:
        yield Piece(text)


def _shortened(text: str, characters: int) -> Iterator[Piece]:
    """A text that differs; of a long one its ends."""
    if len(text) <= characters:
        yield Piece(text, differs=True)
        return
    tail = characters // 4
    head = characters - tail
    yield Piece(text[:head], differs=True)
    yield Piece("", left_out=len(text) - characters)
    yield Piece(text[len(text) - tail :], differs=True)


def _text(read: Read, span: Span) -> str:
    """A part of the article as people read it: without markup, and with one space for any whitespace."""
    return re.sub(r"\s+", " ", read.side.record.masked[slice(*span)].replace("\0", ""))


def _next(both: Beside, number: int) -> int:
    """Where, in words of the left seed, the passage with a number begins; the end of the words after the last one."""
    return both.passages[number].left if number < len(both.passages) else len(both.here.words)


def _before(words: Sequence[Word], least: int, at: int) -> int:
    """The first of the words that are shown before a place. No sign is the first."""
    first = at
    while first > least and words[at - 1].end - words[first - 1].start <= _CONTEXT:
        first -= 1
    while least < first < at and not words[first].letters[:1].isalnum():
        first += 1
    return first


def _after(words: Sequence[Word], at: int, most: int) -> int:
    """The end of the words that are shown behind a place."""
    end = at
    while end < most and words[end].end - words[at].start <= _CONTEXT:
        end += 1
    return end


def _length(words: Sequence[Word], first: int, end: int) -> int:
    """How many characters some words have."""
    return words[end - 1].end - words[first].start if first < end else 0


def _counted(words: Sequence[Word], first: int, end: int) -> int:
    """How many of them are words, and not signs."""
    return sum(word.letters[:1].isalnum() for word in words[first:end])


def _clipped(text: str) -> str:
    return text if len(text) <= _VALUE else text[: _VALUE - 1] + "…"
