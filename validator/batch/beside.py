"""The seeds of a run on a cluster beside each other: keys are grouped on Ray, and the findings are those of one machine.

The parts that the run has written hold the traits of their rows. A task for each part deals its keys into buckets; a task for
each bucket keeps those that several rows have. What is left, a few rows in a hundred of a usual archive, goes into the tables
of `across` here, which say which seeds belong together. Tasks then look at these beside each other, and write the parts anew
that get more findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from validator.across.comparing import Place, Sides, looked_beside, merged
from validator.across.tables import Partners, Tables
from validator.archive.opening import Archive, see, selected
from validator.archive.seeds import Seed
from validator.batch.arrow import Carried, carried_with, pyarrow, table_of_rows, traits_of_entry, with_findings
from validator.batch.datasets import Portion, placed, seeds_of
from validator.engine.seen import Seen
from validator.record.likeness import marks_of
from validator.reports.model import Tally
from validator.rules.views import Unread
from validator.text.findings import SeedReport, Totals

if TYPE_CHECKING:
    from pyarrow import fs

_ROWS = 1 << 32  # a seed's number is that of its part times this, plus that of its row
_SEEDS_AT_A_TIME = 500


class Written(NamedTuple):
    """A part of the result, where it is, and the portion of the input that it is about."""

    number: int
    system: fs.FileSystem
    path: str
    portion: Portion


class More(NamedTuple):
    """What was added to a part: the totals of new findings, and the reports that have them."""

    number: int
    totals: Totals
    reports: tuple[SeedReport, ...]


def compare_on_ray(ray: Any, archive: Archive, parts: Sequence[Written], processors: int) -> Iterator[More]:
    """Compare the seeds of a result, and add to its parts what is found. Yields what was added to each."""
    buckets = max(2 * processors, 2)
    keyed = ray.remote(num_cpus=1, num_returns=buckets + 1)(_keyed)
    shared = ray.remote(num_cpus=1)(_shared)
    dealt = [keyed.remote(part, buckets) for part in parts]
    accepting = sorted(number for row in dealt for number in ray.get(row[-1]))
    by_number = {part.number: part for part in parts}
    with closing(Tables()) as tables:
        for bucket in range(buckets):
            rows, marks = ray.get(shared.remote(*(row[bucket] for row in dealt)))
            tables.add_rows(rows)
            for number, mark in marks.items():
                tables.add_marks(number, mark)
        alone: Iterator[tuple[int, Partners]] = ((number, {}) for number in accepting)
        found: dict[int, list[tuple[int, SeedReport]]] = {}
        look = ray.remote(num_cpus=1)(_look)
        partners = merged(tables.partners(), alone)
        shared_archive = ray.put(archive)
        while lot := list(islice(partners, _SEEDS_AT_A_TIME)):
            seeds = _read(ray, archive, by_number, {each for number, others in lot for each in (number, *others)})
            places = [
                Place(
                    number, seeds[number], tuple((other, seeds[other], ties) for other, ties in sorted(others.items()))
                )
                for number, others in lot
            ]
            for number, report in ray.get(look.remote(shared_archive, places)):
                found.setdefault(number // _ROWS, []).append((number % _ROWS, report))
    amend = ray.remote(num_cpus=1)(_amend)
    for number, reports in found.items():
        totals = ray.get(amend.remote(by_number[number], reports))
        yield More(number, totals, tuple(report for _, report in reports))


def _keyed(part: Written, buckets: int) -> tuple[Any, ...]:
    """The keys of a part's rows, dealt into buckets, and at the end the numbers of seeds that accept such findings."""
    from pyarrow import parquet

    rows: list[list[tuple[int, int, bytes]]] = [[] for _ in range(buckets)]
    accepting = []
    with part.system.open_input_file(part.path) as stream:
        column = parquet.read_table(stream, columns=["traits"]).column("traits")
    for row, entry in enumerate(column.to_pylist()):
        if entry is None:
            continue
        number, traits = part.number * _ROWS + row, traits_of_entry(entry)
        marks = marks_of(traits.sketch)
        for key in traits.keys():  # noqa: SIM118 - it is no mapping
            rows[(key >> 2) % buckets].append((key, number, marks))
        if traits.accepts:
            accepting.append(number)
    return (*rows, accepting)


def _shared(*dealt: Sequence[tuple[int, int, bytes]]) -> tuple[list[tuple[int, int]], dict[int, bytes]]:
    """The keys of a bucket that several seeds have, with the numbers of these and their marks."""
    from collections import Counter

    times = Counter(key for rows in dealt for key, _, _ in rows)
    kept = [row for rows in dealt for row in rows if times[row[0]] > 1]
    return [(key, number) for key, number, _ in kept], {number: marks for _, number, marks in kept}


def _read(ray: Any, archive: Archive, parts: Mapping[int, Written], numbers: Iterable[int]) -> dict[int, Seed]:
    """The seeds with these numbers: files by their paths, rows of data sets with their content."""
    by_part: dict[int, list[int]] = {}
    for number in numbers:
        by_part.setdefault(number // _ROWS, []).append(number % _ROWS)
    pick = ray.remote(num_cpus=1)(_picked)
    waiting = [
        pick.remote(part, parts[part].portion, rows, archive.settings.limit_bytes) for part, rows in by_part.items()
    ]
    return {number: seed for picked in ray.get(waiting) for number, seed in picked}


def _picked(part: int, portion: Portion, rows: Sequence[int], limit_bytes: int) -> list[tuple[int, Seed]]:
    """Some seeds of a portion, with their numbers."""
    wanted = set(rows)
    seeds = enumerate(seeds_of(portion, limit_bytes))
    return [(part * _ROWS + row, seed) for row, seed in seeds if row in wanted]


def _look(archive: Archive, places: Sequence[Place]) -> list[tuple[int, SeedReport]]:
    """What is found of seeds beside others, where something is."""
    held: Sides = {}
    reports = ((place.number, selected(archive, looked_beside(archive, place, held, _see))) for place in places)
    return [(number, report) for number, report in reports if report.findings]


def _see(archive: Archive, seed: Seed) -> Seen | Unread:
    """A seed as it is, of a file as of a row of a data set."""
    return see(archive, seed, *carried_with(archive, seed)) if isinstance(seed, Carried) else see(archive, seed)


def _amend(part: Written, reports: Sequence[tuple[int, SeedReport]]) -> Totals:
    """Write a part anew, with more findings in some rows; the totals of these findings."""
    from pyarrow import parquet

    pa = pyarrow()
    with part.system.open_input_file(part.path) as stream:
        table = parquet.read_table(stream)
    tables, at = [], 0
    tally = Tally()
    for row, report in sorted(reports, key=lambda each: each[0]):
        (entry,) = table.slice(row, 1).to_pylist()
        tables += [table.slice(at, row - at), table_of_rows([with_findings(entry, report.findings)])]
        at = row + 1
        tally.add(replace(report, source=entry["source"]))
    tables.append(table.slice(at))
    folder, _, name = part.path.rpartition("/")
    with placed(part.system, folder, name) as place, part.system.open_output_stream(place, compression=None) as out:
        parquet.write_table(pa.concat_tables(tables), out, compression="zstd")
    totals = tally.totals()
    return replace(totals, seeds=0, verdicts=dict.fromkeys(totals.verdicts, 0))
