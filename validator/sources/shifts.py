"""Where in a sequence of yes and no the share of yes changes for good: a change point by the ratio of likelihoods.

Pure arithmetic. A sequence is bytes of 0 and 1, one for each seed in the order of their dates.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import log

LEAST = 30  # seeds on both sides of a change
FEWEST = 2 * LEAST  # seeds among which a change can be found
_LEAST_ISLAND = 75  # seeds between two changes: fewer may be a series of pages of one kind
_EVIDENCE = 12.0  # the least logarithm of the ratio of likelihoods: one in 160,000 at one place by chance
_DISCOUNTED = (
    9.0  # the same where neighbours are alike; measured: two alarms in 400 archives with runs of 12 missing values
)
_LONGEST_RUN = 40.0  # how much evidence is discounted at most where seeds of a kind follow each other


@dataclass(frozen=True, slots=True)
class Shift:
    """A change: the number of the first item after it, the share of yes before and after, and its evidence."""

    at: int
    before: float
    after: float
    evidence: float


def shifts(bits: bytes, *, most: float = 0.15, least: float = 0.55) -> list[Shift]:
    """The changes of a sequence between a share of yes of at most `most` and one of at least `least`, in either direction.

    There are `LEAST` items on both sides of each. The evidence is discounted by how much neighbours are alike, so that runs
    of yes and no in a sequence that does not change are not taken for a change. Not found: changes of less than that, and
    a change back after fewer than 75 items.
    """
    ones = bits.count(1)
    if min(ones, len(bits) - ones) < LEAST * (1 - most) * 0.9:
        return []  # one state is too rare to be that of a whole side; this is the case of nearly every sequence
    sums = array("I", accumulate(bits, initial=0))
    flips = array("I", (at for at, (one, other) in enumerate(pairwise(bits), 1) if one != other))
    points = sorted(_split(sums, flips, 0, len(bits)))
    while points:
        judged = [_shift(sums, flips, *around) for around in _around(points, len(bits))]
        failing = [
            (each.evidence, each.at)
            for each, around in zip(judged, _around(points, len(bits)), strict=True)
            if not _is_shift(each, around, len(bits), most, least)
        ]
        if not failing:
            return judged
        points.remove(min(failing)[1])
    return []


def _around(points: Sequence[int], end: int) -> Iterator[tuple[int, int, int]]:
    """Each point with the end of the segment before it and of the one after it."""
    edges = [0, *points, end]
    yield from zip(edges, edges[1:], edges[2:], strict=False)


def _is_shift(shift: Shift, around: tuple[int, int, int], end: int, most: float, least: float) -> bool:
    first, at, last = around
    is_island = (first > 0 and at - first < _LEAST_ISLAND) or (last < end and last - at < _LEAST_ISLAND)
    low, high = sorted((shift.before, shift.after))
    return low <= most and high >= least and shift.evidence >= _DISCOUNTED and not is_island


def _likelihood(ones: int, number: int) -> float:
    """The logarithm of the likelihood of so many yes among a number, at the share that makes it greatest."""
    if ones in (0, number):
        return 0.0
    return ones * log(ones / number) + (number - ones) * log(1 - ones / number)


def _split(sums: Sequence[int], flips: Sequence[int], first: int, last: int) -> Iterator[int]:
    """The points at which a part of the sequence is divided best, and those of its two sides.

    The ratio is convex between two flips, so that it is greatest at a flip or at the first or last place allowed.
    """
    low, high = first + LEAST, last - LEAST
    if low > high:
        return
    whole = _likelihood(sums[last] - sums[first], last - first)
    best, point = 0.0, 0
    for at in (low, *_within(flips, low, high), high):
        ratio = _likelihood(sums[at] - sums[first], at - first) + _likelihood(sums[last] - sums[at], last - at) - whole
        if ratio > best:
            best, point = ratio, at
    if best >= _EVIDENCE:
        yield point
        yield from _split(sums, flips, first, point)
        yield from _split(sums, flips, point, last)


def _within(flips: Sequence[int], first: int, last: int) -> Sequence[int]:
    from bisect import bisect_left, bisect_right

    return flips[bisect_left(flips, first) : bisect_right(flips, last)]


def _shift(sums: Sequence[int], flips: Sequence[int], first: int, at: int, last: int) -> Shift:
    """The change at a point, with its evidence from the segments on both sides."""
    before, after = sums[at] - sums[first], sums[last] - sums[at]
    ratio = (
        _likelihood(before, at - first)
        + _likelihood(after, last - at)
        - _likelihood(before + after, last - first)
    )  # fmt: skip
    seen = expected = 0.0
    for ones, start, end in ((before, first, at), (after, at, last)):
        share = ones / (end - start)
        expected += 2 * share * (1 - share) * (end - start - 1)
        seen += len(_within(flips, start + 1, end - 1))
    # Of independent items as many flips are seen as expected; of items that are like their neighbours, fewer.
    discount = min(max(2 * expected / seen - 1, 1.0), _LONGEST_RUN) if seen else 1.0
    return Shift(at, before / (at - first), after / (last - at), ratio / discount)
