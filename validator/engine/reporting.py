"""The record as a report shows it: values with their places, and the extent of the body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from validator.record.model import Disagreement, Reading, Record
from validator.sources.model import DAY_BYTES, FIELDS, Source
from validator.text.findings import Basis, Candidate, Extent, Value
from validator.text.places import LineIndex, Position, Span

_NO_PLACE: tuple[Position | None, Position | None] = (None, None)


def values_of(record: Record, mapping: Mapping[str, Any], index: LineIndex) -> Iterator[Value]:
    """The values of a record with their places, in the order of FIELDS."""
    disputed: dict[str, list[Disagreement]] = {}
    for each in record.disagreements:
        disputed.setdefault(each.field, []).append(each)
    positions = index.positions
    for name, readings in _in_order(record.readings):
        if name not in mapping:
            continue
        is_date = name == "date_published"
        for reading in readings:
            basis, note, span = reading.basis, reading.note, reading.span
            shown = mapping[name] if is_date or name == "dateline" else reading.value
            if is_date and not note and reading.date is not None and reading.date.zone_assigned:
                note = "the time zone is the source's"
            start, end = positions(span) if span and basis is not Basis.ATTESTED else _NO_PLACE
            if name not in disputed:
                yield Value(name, shown, basis, start, end, note)
                continue
            candidates = _candidates(disputed[name], index)
            yield Value(
                field=name, value=shown, basis=basis,
                start=start, end=end,
                note=note, disputed=bool(candidates) and basis is not Basis.ATTESTED, candidates=candidates,
            )  # fmt: skip
    if "byline_kind" in mapping and "byline" not in mapping:
        yield Value(field="byline_kind", value=mapping["byline_kind"], basis=Basis.ATTESTED)


def _in_order(readings: Mapping[str, tuple[Reading, ...]]) -> list[tuple[str, tuple[Reading, ...]]]:
    return [(name, readings[name]) for name in FIELDS if name in readings]


def _candidates(disagreements: Sequence[Disagreement], index: LineIndex) -> tuple[Candidate, ...]:
    out: dict[tuple[str, Span], Candidate] = {}
    for each in disagreements:
        for side in (each.left, each.right):
            span = side.span or Span(0, 0)
            out.setdefault(
                (side.value, span), Candidate(side.value, index.position(span.start), index.position(span.end))
            )
    return tuple(out.values())


def extent_of(record: Record, index: LineIndex) -> Extent | None:
    """Where the body begins and ends, and how many characters it has. None if there is no body."""
    if record.first is None or record.last is None:
        return None
    return Extent(index.position(record.first), index.position(record.last), record.characters)


_AT = {name: DAY_BYTES + 2 * at for at, name in enumerate(FIELDS)}  # of a field, in a sighting
_LAST_LINE = 60  # further down, a line says nothing about the layout


def sighting_of(record: Record, source: Source, index: LineIndex) -> bytes:
    """The day of a seed, and from which place of the source each field was read, for `sources.drift`: 22 bytes.

    The day is a date's ordinal in four bytes, 0 if it is unknown; then come two bytes for each of FIELDS: the number of the
    place, from 1 on, 0 if the seed has no such value; and the line of the value in a text without markup, 0 if it does not
    count. A body has one place. What the source assigns or a curator attests has none.
    """
    day = record.date.calendar_day() if record.date is not None else None
    sighting = bytearray(DAY_BYTES + 2 * len(FIELDS))
    if day is not None:
        sighting[:DAY_BYTES] = day.toordinal().to_bytes(DAY_BYTES, "big")
    has_lines = source.policy.container in ("plain-text", "page-capture")
    found = record.readings
    for name, number in record.numbers.items():
        readings = found.get(name)
        if not readings or readings[0].basis is Basis.ATTESTED:
            continue
        reading, at = readings[0], _AT[name]
        sighting[at] = number if number < 256 else 255
        if has_lines and reading.span is not None and reading.basis is Basis.STATED:
            line = index.line(reading.span.start)
            sighting[at + 1] = line if line <= _LAST_LINE else 0
    if record.first is not None:
        sighting[_AT["body"]] = 1
    return bytes(sighting)
