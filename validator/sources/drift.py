"""When a layout of a source changed: how often each field was found over the dates of an archive, and where that changes.

Pure. A run tells `Sightings` of each seed; a seed takes some twelve bytes. `drift_of` then puts the seeds in the order of their
dates and looks for changes (`shifts`) in three kinds of sequences: whether a field was found, from which place of the source
it was read, and on which line.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from itertools import pairwise

from validator.sources.model import DAY_BYTES, FIELDS
from validator.sources.shifts import FEWEST, LEAST, Shift, shifts

RECOGNIZED = b"\1\0"
"""What follows the sighting of a seed that is recognized as the source's, where this is to be watched as a field, `source`."""

_NAMES = (*FIELDS, "source")
_NEARBY = 20  # seeds: changes of two fields that are no further apart are one change of the layout
_SAME_ORDER = 0.9  # the share of neighbours by path that are also in the order of their dates
_NO_DAY = 0
_NOT_FOUND = object()
_RARE = LEAST // 2  # seeds: a value that fewer have is not looked at


@dataclass(frozen=True, slots=True)
class Place:
    """From where most seeds have a field: a place of a layout ('' or None: of the source itself), and a line, 0 if it varies."""

    layout: str | None
    number: int  # of the place, from 1 on
    line: int = 0


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field before and after a change: in which share of the seeds it was found, and from where mostly."""

    field: str
    before: float
    after: float
    place_before: Place | None = None  # None where the place is the same
    place_after: Place | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the layout: the place in the order, the numbers of the seed where it begins and of the one before it."""

    at: int
    seed: int
    seed_before: int
    day: date | None
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """Some seeds that follow each other: how many, and in how many of them each field was found."""

    name: str
    seeds: int
    found: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Drift:
    """What became of the sightings of one source. `without_day` were placed by their path, `left_out` could not be placed."""

    seeds: int
    first: date | None
    last: date | None
    without_day: int
    left_out: int
    fields: tuple[str, ...]  # found in any seed
    layouts: Mapping[str, int]
    periods: tuple[Period, ...]
    changes: tuple[Change, ...]


_Kind = tuple[str | None, bytes]  # a layout and a sighting


class Sightings:
    """What was found in the seeds of one source, in the order of their paths: 12 bytes for each seed."""

    def __init__(self) -> None:
        self.numbers = array("I")
        self.days = array("I")  # as `date.toordinal`
        self.kinds = array("I")
        self.known: dict[_Kind, int] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, number: int, path: str, layout: str | None, sighting: bytes) -> None:
        """Tell of a seed: its number in the order of paths, its layout, and its sighting (`engine.reporting.sighting_of`)."""
        day = int.from_bytes(sighting[:DAY_BYTES], "big") or _day_in(path)
        self.numbers.append(number)
        self.days.append(day)
        self.kinds.append(self.known.setdefault((layout, sighting[DAY_BYTES:]), len(self.known)))


_DAY_IN_PATH = re.compile(r"(?<!\d)(?P<year>19\d\d|20\d\d)(?P<gap>[-_/.]?)(?P<month>\d\d)(?P=gap)(?P<day>\d\d)(?!\d)")


def _day_in(path: str) -> int:
    """The ordinal of the day that a path names, 0 if it names none."""
    for found in _DAY_IN_PATH.finditer(path):
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"])).toordinal()
        except ValueError:
            continue
    return _NO_DAY


def recognition(own: Sightings, others: Iterable[tuple[int, int]]) -> Sightings:
    """Sightings in which only `source` is a field: the seeds of a source, and others that may be its own, by number and day."""
    told = Sightings()
    nothing = bytes(2 * len(FIELDS))
    ours = ((number, day, True) for number, day in zip(own.numbers, own.days, strict=True))
    for number, day, is_own in merge(ours, ((number, day, False) for number, day in others)):
        told.numbers.append(number)
        told.days.append(day)
        kind = (None, nothing + (RECOGNIZED if is_own else b"\0\0"))
        told.kinds.append(told.known.setdefault(kind, len(told.known)))
    return told


def drift_of(sightings: Sightings) -> Drift:
    """How the fields of a source drift over the dates of its seeds."""
    known = list(sightings.known)
    order, days = _ordered(sightings)
    kinds = array("I", map(sightings.kinds.__getitem__, order))
    names = tuple(name for name in _NAMES if any(_number(kind, name) for kind in known))
    dated = array("I", filter(None, sightings.days))
    changes = tuple(_changes(known, kinds, names))
    placed = tuple(
        Change(
            each.at,
            sightings.numbers[order[each.at]],
            sightings.numbers[order[each.at - 1]],
            date.fromordinal(days[each.at]) if days[each.at] != _NO_DAY else None,
            each.fields,
        )
        for each in changes
    )
    layouts = Counter({layout: 0 for layout, _ in known if layout is not None})
    for at, number in Counter(sightings.kinds).items():
        layout = known[at][0]
        if layout is not None:
            layouts[layout] += number
    return Drift(
        seeds=len(sightings),
        first=date.fromordinal(min(dated)) if dated else None,
        last=date.fromordinal(max(dated)) if dated else None,
        without_day=len(sightings) - len(dated),
        left_out=len(sightings) - len(order),
        fields=names,
        layouts=dict(layouts),
        periods=tuple(_periods(known, kinds, days, names)),
        changes=placed,
    )


def _number(kind: _Kind, name: str) -> int:
    """The number of the place that gave a field, 0 if none did."""
    return _told(kind, 2 * _NAMES.index(name))


def _line(kind: _Kind, name: str) -> int:
    """The line of a field, 0 if it does not count."""
    return _told(kind, 2 * _NAMES.index(name) + 1)


def _told(kind: _Kind, at: int) -> int:
    return kind[1][at] if at < len(kind[1]) else 0


# --- the order of the seeds -------------------------------------------------------------------------------------------


def _ordered(sightings: Sightings) -> tuple[Sequence[int], Sequence[int]]:
    """The places of the seeds in the sightings, by their days, and these days.

    A seed without a day has that of the seed before it by path. If paths do not follow the dates, it is left out: a date is
    often lost together with a layout, and a seed at a wrong place hides the change.
    """
    days = array("I", sightings.days)
    dated = array("I", filter(None, days))
    if not dated:
        return range(len(days)), days
    is_in_order = sum(one <= other for one, other in pairwise(dated)) >= _SAME_ORDER * (len(dated) - 1)
    last = dated[0]
    for at, day in enumerate(days):
        if day != _NO_DAY:
            last = day
        elif is_in_order:
            days[at] = last
    order: Sequence[int] = range(len(days))
    if min(days) == _NO_DAY or any(one > other for one, other in pairwise(days)):
        order = array("I", sorted((at for at in order if days[at] != _NO_DAY), key=days.__getitem__))
    return order, array("I", map(days.__getitem__, order))


def unread_since(sightings: Sightings, since: date) -> list[int]:
    """The numbers of the seeds since a day that no layout reads, in the order of their days."""
    known = list(sightings.known)
    order, days = _ordered(sightings)
    first = since.toordinal()
    return [
        sightings.numbers[at]
        for at, day in zip(order, days, strict=True)
        if day >= first and not known[sightings.kinds[at]][0]
    ]


# --- the changes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A change of one field, and the number of the seed in the order."""

    at: int
    field: str
    evidence: float


@dataclass(frozen=True, slots=True)
class _Placed:
    at: int
    fields: tuple[FieldChange, ...]


def _changes(known: Sequence[_Kind], kinds: Sequence[int], names: Sequence[str]) -> Iterator[_Placed]:
    """The changes of all fields, those near each other as one, where the evidence is greatest."""
    if len(kinds) < FEWEST:
        return
    counted = Counter(kinds)
    found = sorted(
        (each for name in names for each in _changes_of(known, kinds, counted, name)), key=lambda each: each.at
    )
    groups: list[list[_Found]] = []
    for each in found:
        if groups and each.at - groups[-1][-1].at <= _NEARBY:
            groups[-1].append(each)
        else:
            groups.append([each])
    points = [max(group, key=lambda each: each.evidence).at for group in groups]
    edges = [0, *points, len(kinds)]
    for group, first, at, last in zip(groups, edges, edges[1:], edges[2:], strict=False):
        before, after = Counter(kinds[first:at]), Counter(kinds[at:last])
        wanted = {each.field for each in group}
        yield _Placed(at, tuple(_change_of(known, before, after, name) for name in names if name in wanted))


def _changes_of(
    known: Sequence[_Kind], kinds: Sequence[int], counted: Mapping[int, int], name: str
) -> Iterator[_Found]:
    """The changes of one field: found or not, from a place or from another, on a line or on another.

    Places are compared within a layout, lines among seeds in which the same fields are found: a line that is missing now and
    then moves those below it.
    """
    is_found = [_number(kind, name) > 0 for kind in known]
    for each in shifts(bytes(is_found[kind] for kind in kinds)):
        if not _is_described(known, kinds, each):
            yield _Found(each.at, name, each.evidence)
    layouts = [kind[0] if found else _NOT_FOUND for kind, found in zip(known, is_found, strict=True)]
    alike = [
        (layout, tuple(_number(kind, each) > 0 for each in _NAMES)) for kind, layout in zip(known, layouts, strict=True)
    ]
    for read, groups in ((_number, layouts), (_line, alike)):
        values = [read(kind, name) for kind in known]
        often = Counter[tuple[object, int]]()
        for at, number in counted.items():
            if is_found[at] and values[at]:
                often[groups[at], values[at]] += number
        for (group, value), number in often.items():
            if number >= _RARE:
                among = [each == group for each in groups]
                yield from _shifts(kinds, among, [each == value for each in values], name)


def _is_described(known: Sequence[_Kind], kinds: Sequence[int], shift: Shift) -> bool:
    """Whether another layout of the source begins at a change.

    Seeds of a layout that nobody has described are read as the source is written, and lose fields: this is no such change.
    """
    around = (kinds[shift.at - LEAST : shift.at], kinds[shift.at : shift.at + LEAST])
    before, after = (Counter(known[kind][0] for kind in some).most_common(1)[0][0] for some in around)
    return before != after and (bool(after) or shift.after > shift.before)


def _shifts(kinds: Sequence[int], among: Sequence[bool], is_so: Sequence[bool], name: str) -> Iterator[_Found]:
    """The changes of a property of kinds, among some of them: from nearly all seeds to nearly none, or the other way round."""
    places = [at for at, kind in enumerate(kinds) if among[kind]]
    for each in shifts(bytes(is_so[kinds[at]] for at in places), most=0.15, least=0.8):
        yield _Found(places[each.at], name, each.evidence)


def _change_of(
    known: Sequence[_Kind], before: Mapping[int, int], after: Mapping[int, int], name: str
) -> FieldChange:  # fmt: skip
    shares, places = [], []
    for counted in (before, after):
        often = Counter[Place]()
        for at, number in counted.items():
            kind = known[at]
            if _number(kind, name):
                often[Place(kind[0], _number(kind, name), _line(kind, name))] += number
        found = often.total()
        shares.append(found / max(sum(counted.values()), 1))
        place = often.most_common(1)[0][0] if often else None
        is_on_line = place is not None and often[place] >= 0.8 * found
        places.append(place if is_on_line or place is None else Place(place.layout, place.number))
    one, other = places
    if one is None or other is None or one == other:
        return FieldChange(name, shares[0], shares[1])
    return FieldChange(name, shares[0], shares[1], one, other)


# --- the table --------------------------------------------------------------------------------------------------------

_MOST_ROWS = 36
_ROWS_BY_NUMBER = 20


def _periods(
    known: Sequence[_Kind], kinds: Sequence[int], days: Sequence[int], names: Sequence[str]
) -> Iterator[Period]:  # fmt: skip
    """The seeds by year, if there are three years or more; by month, if there are three; else so many at a time."""
    for name, first, last in _rows(days):
        counted = Counter(kinds[first:last])
        found = {field: sum(number for at, number in counted.items() if _number(known[at], field)) for field in names}
        yield Period(name, last - first, found)


def _rows(days: Sequence[int]) -> Iterator[tuple[str, int, int]]:
    """The name of each row of the table, its first seed and the one after its last."""
    for length in (4, 7):  # of YYYY and YYYY-MM
        labels = [date.fromordinal(day).isoformat()[:length] for day in sorted(set(days)) if day != _NO_DAY]
        names = list(dict.fromkeys(labels))
        if days and days[0] != _NO_DAY and 3 <= len(names) <= _MOST_ROWS:
            starts = [_start_of(days, name) for name in names]
            yield from zip(names, starts, [*starts[1:], len(days)], strict=True)
            return
    step = max(1, -(-len(days) // _ROWS_BY_NUMBER))
    for first in range(0, len(days), step):
        last = min(first + step, len(days))
        yield (f"{first + 1:,}-{last:,}" if step > 1 else f"{last:,}"), first, last


def _start_of(days: Sequence[int], name: str) -> int:
    first = date.fromisoformat(f"{name}-01" if len(name) > 4 else f"{name}-01-01")
    return bisect_right(days, first.toordinal() - 1)
