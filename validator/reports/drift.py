"""The drift of a source in words, as a table for people, and as an object for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from validator.reports.display import wrap
from validator.reports.escaping import guarded, printable
from validator.reports.words import counted
from validator.sources import model
from validator.sources.drift import Change, Drift, FieldChange, Place
from validator.sources.shifts import FEWEST

_BAR = 5  # characters of a bar
_PERCENT = 4
_LONGEST_PLACE = 60  # characters
_WHERE = model.Place._fields[:14]  # the keys that say where a value is read

Named = Callable[[int], str]
"""The path of the seed of a number."""


def drift_in_words(source: model.Source, drift: Drift, path_of: Named, width: int) -> Iterator[str]:
    """The lines of the text form: the seeds, a table of how often each field was found, and the changes."""
    yield from wrap(f"{source.id}: {_seeds(drift)}", width, "", "  ")
    for line in _asides(drift):
        yield from wrap(line, width, "  ", "    ")
    for columns in _blocks(drift.fields, width):
        yield ""
        yield from _table(drift, columns)
    yield ""
    if drift.seeds - drift.left_out < FEWEST:
        yield from wrap(f"No change can be found in fewer than {FEWEST} seeds.", width)
    elif not drift.changes:
        among = " among the seeds that could be placed" if drift.left_out else ""
        yield f"No change of the layout was found{among}."
    for change in drift.changes:
        yield from _change(source, drift, change, path_of, width)


def drift_in_short(source: model.Source, drift: Drift, path_of: Named) -> str | None:
    """What the report of a run says about a source whose layout seems to change; None if it does not.

    A generic source describes no publisher: there the seeds of another site may begin.
    """
    if not drift.changes:
        return None
    first = drift.changes[0]
    at = f"{guarded(printable(path_of(first.seed)))}{_on(first)}"
    see = f"See `validator sources drift {source.id} PATHS`."
    if first.fields[0].field == "source":
        before, after = _percent(first.fields[0].before), _percent(first.fields[0].after)
        return f"{source.id}: {before}% of the seeds are recognized before {at}, {after}% from there on. {see}"
    said = "; ".join(f"{each.field} {_shares(each)}" for each in first.fields[:2])
    others = f" and {counted(len(first.fields) - 2, 'more field')}" if len(first.fields) > 2 else ""
    more = f" There are {len(drift.changes)} changes; this is the first." if len(drift.changes) > 1 else ""
    is_generic = source.identify is not None and source.identify.generic
    site = ", or seeds of another site begin," if is_generic else ""
    return f"{source.id}: the layout seems to change{site} at {at}: {said}{others}.{more} {see}"


def drift_entry(source: model.Source, drift: Drift, path_of: Named) -> dict[str, Any]:
    """The object of the JSON form. Shares are between 0 and 1; `at` counts seeds in the order of their dates, from 1."""
    changes = [
        {
            "at": change.at + 1,
            "seed": path_of(change.seed),
            "seed_before": path_of(change.seed_before),
            "date": change.day.isoformat() if change.day else None,
            "fields": [
                {
                    "field": each.field,
                    "before": round(each.before, 4),
                    "after": round(each.after, 4),
                    "place_before": _place(source, each.field, each.place_before),
                    "place_after": _place(source, each.field, each.place_after),
                }
                for each in change.fields
            ],
        }
        for change in drift.changes
    ]
    return {
        "source": source.id,
        "seeds": drift.seeds,
        "first": drift.first.isoformat() if drift.first else None,
        "last": drift.last.isoformat() if drift.last else None,
        "without_date": drift.without_day,
        "left_out": drift.left_out,
        "layouts": dict(drift.layouts),
        "periods": [{"name": each.name, "seeds": each.seeds, "found": dict(each.found)} for each in drift.periods],
        "changes": changes,
    }


def _seeds(drift: Drift) -> str:
    days = f", {drift.first} to {drift.last}" if drift.first != drift.last else f", all of {drift.first}"
    return f"{counted(drift.seeds, 'seed')}{days if drift.first else ', none with a date'}"


def _asides(drift: Drift) -> Iterator[str]:
    """What to know of the seeds before one reads the table."""
    if drift.left_out:
        yield f"without a date and left out, as paths do not follow the dates: {counted(drift.left_out, 'seed')}"
    elif drift.without_day and drift.first:
        yield f"without a date and placed by path: {counted(drift.without_day, 'seed')}"
    elif drift.without_day:
        yield "the seeds are in the order of their paths"
    named = {name: number for name, number in drift.layouts.items() if name}
    for name, number in named.items():
        yield f"{number:,} of layout {printable(name)}"
    if drift.layouts:
        yield f"{drift.layouts.get('', 0):,} as the source is written"


def _blocks(names: Sequence[str], width: int) -> Iterator[list[str]]:
    """The columns of each table, so that none is wider than the width."""
    block: list[str] = []
    for name in names:
        if block and _first_columns() + sum(map(_column, (*block, name))) > width:
            yield block
            block = []
        block.append(name)
    if block:
        yield block


def _first_columns() -> int:
    return 2 + 13 + 8


def _column(name: str) -> int:
    return 2 + max(len(name), _BAR + _PERCENT)


def _table(drift: Drift, columns: Sequence[str]) -> Iterator[str]:
    yield (" " * 17 + " seeds" + "".join(f"  {name:{_column(name) - 2}}" for name in columns)).rstrip()
    for period in drift.periods:
        cells = (f"  {_cell(period.found[name], period.seeds):{_column(name) - 2}}" for name in columns)
        yield (f"  {period.name:13}{period.seeds:8,}" + "".join(cells)).rstrip()


def _cell(found: int, seeds: int) -> str:
    """A bar and the share in percent. Only nothing is 0, and only all is 100."""
    percent = _percent(found / max(seeds, 1))
    filled = -(-_BAR * percent // 100)
    return f"{'#' * filled}{'.' * (_BAR - filled)}{percent:{_PERCENT}}"


def _percent(share: float) -> int:
    return min(max(round(100 * share), int(share > 0)), 100 - int(share < 1))


def _change(source: model.Source, drift: Drift, change: Change, path_of: Named, width: int) -> Iterator[str]:
    path, before = (guarded(printable(path_of(number))) for number in (change.seed, change.seed_before))
    at = f"{change.at + 1:,} of {drift.seeds - drift.left_out:,}"
    yield from wrap(f"The layout seems to change at seed {at}, {path}{_on(change)}:", width)
    for each in change.fields:
        yield from wrap(f"{each.field}: {_shares(each)}{_places(source, each)}", width, "  ", "    ")
    yield from wrap(f"Compare it with the seed before it, {before}.", width, "  ", "  ")
    if change.day is not None:
        learn = f"`validator sources learn {source.id} PATHS --since {change.day}`"
        yield from wrap(f"To draft the new layout beside the old one: {learn}", width, "  ", "  ")


def _on(change: Change) -> str:
    return f" ({change.day})" if change.day else ""


def _shares(each: FieldChange) -> str:
    if each.place_before is not None:
        return "found at another place"
    before, after = _percent(each.before), _percent(each.after)
    return f"found in {before}% before, in {after}% after"


def _places(source: model.Source, each: FieldChange) -> str:
    """Where a field was read before and after: the lines if only they differ."""
    before, after = each.place_before, each.place_after
    if before is None or after is None:
        return ""
    if replace(before, line=after.line) == after:
        lines = (f"line {place.line}" if place.line else "no certain line" for place in (before, after))
        return ": on {} before, on {} after".format(*lines)
    said = (_shortened(_place(source, each.field, place) or "") for place in (before, after))
    return ": {} before, {} after".format(*said)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_PLACE else f"{text[: _LONGEST_PLACE - 1]}…"


def _place(source: model.Source, field: str, place: Place | None) -> str | None:
    """A place in words: the key and the value of the schema, and the line."""
    if place is None:
        return None
    variant = next((each.source for each in source.layouts if each.name == place.layout), source)
    places = variant.places.get(field, ())
    line = f"line {place.line}" if place.line else ""
    said = ""
    if 0 < place.number <= len(places):
        entry = places[place.number - 1]
        key = next((key for key in _WHERE if getattr(entry, key) not in (None, ())), "")
        said = key if key == "shared" else f"{key} {getattr(entry, key)}"
    return printable(", ".join(filter(None, [line, said])) or "the text")
