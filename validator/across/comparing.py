"""Checks the seeds of a run and compares them with each other: the reports come when all seeds are known.

First each seed is checked by itself, and its traits go into tables. Then the seeds that may have something in common are read
again beside each other; what the rules of the family `archive` find is added to their reports. No verdict changes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import IO, NamedTuple, Protocol

from validator.across.pairs import with_pairs
from validator.across.tables import Partners, Tables
from validator.archive import kept
from validator.archive.opening import Archive, rules_for, see, selected
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.engine.checking import traits_in
from validator.engine.collecting import in_order
from validator.engine.neighbours import Side, neighbours_of, said_of_neighbours
from validator.engine.seen import Seen
from validator.record.traits import Tie, Traits
from validator.rules import RULES
from validator.rules.views import Unread
from validator.text.findings import SeedReport, Verdict

ARCHIVE_RULES = frozenset(rule.name for rule in RULES.values() if rule.is_of_archive)

_SEEDS_AT_A_TIME = 2_000  # that are compared; so many are held with those beside them
_SIDES_HELD = 32  # seeds that were read and may soon be needed again
_REPORTS_HELD = 4_096  # in memory; later ones wait in a file
_REPORTS_A_WRITE = 64

Sides = dict[int, Side | None]
Look = Callable[[Archive, Seed], Seen | Unread]


class Known(Protocol):
    """The seeds of the archive that are not in the run."""

    def rows_around(self, keys: Sequence[int], run: Iterable[str]) -> Iterator[tuple[int, str, bytes]]:
        """Keys, names and marks of seeds: those with one of the keys, and those that share a key with them.

        `run` has the names of the seeds in the run, which are none of these.
        """

    def seed(self, name: str) -> Seed | None:
        """One of them, where it can be read."""

    def close(self) -> None:
        """No more is asked."""


def compares(archive: Archive) -> bool:
    """Whether a run shows what is found between seeds."""
    settings, request = archive.settings, archive.request
    return bool(ARCHIVE_RULES & rules_for(archive, "")) or (bool(settings.overrides) and not request.select)


def reports_of(
    archive: Archive,
    seeds: Sequence[Seed],
    jobs: int | None,
    known: Known | None = None,
    step: Callable[[], object] = lambda: None,
) -> Iterator[SeedReport]:
    """The report of each seed in their order, with the findings to be shown, those about other seeds too.

    `step` is called when a seed was checked by itself. Raises what `run` does.
    """
    if not compares(archive) or (len(seeds) < 2 and known is None):
        for report in kept.reports_of(archive, seeds, jobs):
            step()
            yield report
        return
    archive = replace(archive, request=replace(archive.request, with_traits=True))
    with closing(Tables()) as tables, closing(_Held()) as held, nullcontext() if known is None else closing(known):
        others: list[str] = []
        keys: list[int] = []
        accepting: list[int] = []
        for number, report in enumerate(kept.reports_of(archive, seeds, jobs)):
            traits = report.traits
            if traits is not None:
                tables.add(number, traits)
                if known is not None:
                    keys += traits.keys()
                if traits.accepts:
                    accepting.append(number)
            held.append(report if traits is None else replace(report, traits=None))
            step()
        if known is not None:
            others = _add_known(tables, known, keys, seeds)
        compared = _compared(archive, jobs, _places(tables, seeds, others, known, accepting))
        waiting = next(compared, None)
        for number, report in enumerate(held):
            if waiting is not None and waiting[0] == number:
                yield joined(archive, report, waiting[1])
                waiting = next(compared, None)
            else:
                yield report


def _add_known(tables: Tables, known: Known, keys: Sequence[int], seeds: Sequence[Seed]) -> list[str]:
    """Take note of the archive's seeds around those of the run. Their numbers go on where those of the run end."""
    numbers: dict[str, int] = {}
    rows: set[tuple[int, int]] = set()
    for key, name, marks in known.rows_around(keys, (seed.name for seed in seeds)):
        if name not in numbers:
            numbers[name] = len(seeds) + len(numbers)
            tables.add_marks(numbers[name], marks)
        rows.add((key, numbers[name]))
    tables.add_rows(rows)
    return list(numbers)


def traits_now(archive: Archive, seed: Seed) -> Traits | None:
    """What a seed is recognised by as it is now; None if it cannot be read."""
    seen = see(archive, seed)
    return None if isinstance(seen, Unread) else traits_in(seen)


class Place(NamedTuple):
    """A seed to compare, its number, and those beside it with their numbers."""

    number: int
    seed: Seed
    beside: tuple[tuple[int, Seed, frozenset[Tie]], ...]


def _places(
    tables: Tables, seeds: Sequence[Seed], others: Sequence[str], known: Known | None, accepting: Sequence[int]
) -> Iterator[Place]:
    """The seeds that have to be looked at beside others, in order."""

    def placed(number: int) -> Seed | None:
        if number < len(seeds):
            return seeds[number]
        return known.seed(others[number - len(seeds)]) if known is not None else None

    alone: Iterator[tuple[int, Partners]] = ((number, {}) for number in accepting)
    for number, partners in merged(tables.partners(), alone):
        if number >= len(seeds):
            return
        found = ((other, placed(other), ties) for other, ties in sorted(partners.items()))
        beside = tuple((other, seed, ties) for other, seed, ties in found if seed is not None)
        yield Place(number, seeds[number], beside)


def merged(
    one: Iterator[tuple[int, Partners]], other: Iterator[tuple[int, Partners]]
) -> Iterator[tuple[int, Partners]]:
    """Both in the order of their numbers; where both have a number, the first counts."""
    from heapq import merge

    last = -1
    for number, partners in merge(one, other, key=lambda each: each[0]):
        if number != last:
            yield number, partners
        last = number


def _compared(archive: Archive, jobs: int | None, places: Iterator[Place]) -> Iterator[tuple[int, SeedReport]]:
    """The number of each seed that was compared, and a report that has only what was found about others."""
    while lot := list(islice(places, _SEEDS_AT_A_TIME)):
        check = partial(_look_beside, archive, {place.seed.name: place for place in lot}, {})
        reports = run([place.seed for place in lot], check, jobs, limit_seconds=archive.limit_seconds)
        yield from zip((place.number for place in lot), reports, strict=True)


def _look_beside(archive: Archive, places: Mapping[str, Place], held: Sides, seed: Seed) -> SeedReport:
    return looked_beside(archive, places[seed.name], held, see)


def looked_beside(archive: Archive, place: Place, held: Sides, look: Look) -> SeedReport:
    """What the rules say of a seed beside others. One that can no longer be read, or is wrong, has no neighbours.

    `held` are seeds that were read, by their numbers; `look` reads one.
    """
    report = SeedReport(place.seed.name, None, Verdict.VALID)
    here = _side(archive, place.number, place.seed, held, look)
    if here is None or here.seen.is_wrong:
        return report
    looked = ((_side(archive, number, other, held, look), ties) for number, other, ties in place.beside)
    others = [(side, ties) for side, ties in looked if side is not None]
    report = said_of_neighbours(report, here, neighbours_of(here, others), archive.request.today)
    if archive.request.with_pairs:
        report = with_pairs(selected(archive, report), here, [side for side, _ in others])
    return report


def _side(archive: Archive, number: int, seed: Seed, held: Sides, look: Look) -> Side | None:
    """A seed as one of two, read only once as long as it is among the last ones."""
    if number not in held:
        seen = look(archive, seed)
        is_read = not isinstance(seen, Unread) and seen.record is not None
        held[number] = Side(seed.name, seen) if is_read else None  # type: ignore[arg-type]
        if len(held) > _SIDES_HELD:
            del held[next(iter(held))]
    return held[number]


def joined(archive: Archive, report: SeedReport, said: SeedReport) -> SeedReport:
    """A report with what is said about other seeds. A fault while comparing makes it `unchecked`, as any other fault does."""
    if said.verdict is Verdict.UNCHECKED:
        return said
    said = selected(archive, said)
    if not said.findings:
        return report
    return replace(report, findings=in_order((*report.findings, *said.findings)), pairs=said.pairs)


class _Held:
    """Reports that wait for their turn: the first ones in memory, the others in a file."""

    def __init__(self) -> None:
        self._first: list[SeedReport] = []
        self._last: list[SeedReport] = []
        self._file: IO[bytes] | None = None

    def append(self, report: SeedReport) -> None:
        if len(self._first) < _REPORTS_HELD:
            self._first.append(report)
            return
        self._last.append(report)
        if len(self._last) == _REPORTS_A_WRITE:
            import pickle
            import tempfile

            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
            pickle.dump(self._last, self._file, pickle.HIGHEST_PROTOCOL)
            self._last = []

    def __iter__(self) -> Iterator[SeedReport]:
        """All reports, once: each is let go when it was given."""
        self._first.reverse()
        while self._first:
            yield self._first.pop()
        if self._file is not None:
            import pickle

            end = self._file.seek(0, os.SEEK_END)
            self._file.seek(0)
            while self._file.tell() < end:
                yield from pickle.load(self._file)  # noqa: S301 - this process wrote it
        yield from self._last

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
