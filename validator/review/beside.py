"""Seeds beside each other on the page: which may have something in common, and what is found of a seed beside them.

The search finds once which seeds may belong together. What is found between them is looked up again each time a seed is shown,
as they are then. Not handled: a seed that gets something in common with another one only while the page is open.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import NamedTuple

from validator.across.comparing import Look, Place, Sides, compares, joined, looked_beside, merged, traits_now
from validator.across.tables import Partners, Tables
from validator.archive.opening import Archive, see, selected
from validator.archive.reading import read_seed, sidecars_for
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.record.traits import Tie, Traits
from validator.review.matters import Entry, Matter, entry_of
from validator.rules import RULES
from validator.text.findings import SEVERITY_RANK, SeedReport

_SEEDS_AT_A_TIME = 500  # that are compared

Others = tuple[tuple[Seed, frozenset[Tie]], ...]


class Met(NamedTuple):
    """A seed, the others with which it may have something in common, and what there is to decide between them."""

    name: str
    others: Others
    matters: tuple[Matter, ...]


class Beside:
    """The seeds beside each seed, as far as the search has come."""

    def __init__(self) -> None:
        self._others: dict[str, Others] = {}

    def learn(self, met: Iterable[Met]) -> None:
        """Take in what the search has found."""
        for each in met:
            self._others[each.name] = each.others

    def of(self, name: str) -> Others:
        """The seeds beside a seed, with what they may have in common."""
        return self._others.get(name, ())

    def around(self, names: Iterable[str]) -> tuple[str, ...]:
        """Some seeds, and the seeds beside them."""
        return tuple(dict.fromkeys(other for name in names for other in (name, *(s.name for s, _ in self.of(name)))))

    def state(self, archive: Archive, name: str) -> str:
        """What tells the seeds beside a seed, as they are on disk, from another state of them; '' if there are none."""
        contents = ((other, read_seed(other, archive.settings.limit_bytes)) for other, _ in self.of(name))
        return "".join(version_of(archive, other, each if isinstance(each, bytes) else b"") for other, each in contents)

    def added(self, archive: Archive, seed: Seed, report: SeedReport, look: Look = see) -> SeedReport:
        """The report of a seed, with what is found beside others now. `look` reads a seed."""
        if seed.name not in self._others:
            return report
        others = tuple((number, other, ties) for number, (other, ties) in enumerate(self.of(seed.name), 1))
        return joined(archive, report, looked_beside(archive, Place(0, seed, others), {}, look))


def version_of(archive: Archive, seed: Seed, content: bytes) -> str:
    """A digest of a seed and all its sidecars."""
    digest = hashlib.sha256(os.fsencode(seed.name) + b"\0" + hashlib.sha256(content).digest())
    for name, sidecar in sidecars_for(seed.path, archive.root):
        what = sidecar if isinstance(sidecar, bytes) else sidecar.message.encode("utf-8", "surrogatepass")
        digest.update(os.fsencode(name) + b"\0" + hashlib.sha256(what).digest())
    return digest.hexdigest()


def with_matters(entry: Entry, matters: Sequence[Matter]) -> Entry:
    """An entry of the queue with other decisions between seeds."""
    own = (each for each in entry.matters if not RULES[each.rule].is_of_archive)
    ordered = sorted((*own, *matters), key=lambda each: (SEVERITY_RANK[each.severity], each.rule, each.title))
    return replace(entry, matters=tuple(ordered))


def met_in(archive: Archive, seeds: Sequence[Seed], jobs: int | None = None) -> Iterator[list[Met]]:
    """The seeds that may have something in common with others, some at a time. No rule runs on a seed alone."""
    if not compares(archive) or len(seeds) < 2:
        return
    jobs = archive.settings.jobs if jobs is None else jobs
    with closing(Tables()) as tables:
        accepting: list[int] = []
        found = run(seeds, partial(traits_now, archive), jobs, limit_seconds=archive.limit_seconds)
        for number, traits in enumerate(found):
            if isinstance(traits, Traits):
                tables.add(number, traits)
                if traits.accepts:
                    accepting.append(number)
        alone: Iterator[tuple[int, Partners]] = ((number, {}) for number in accepting)
        partners = merged(tables.partners(), alone)
        while lot := list(islice(partners, _SEEDS_AT_A_TIME)):
            places = {
                seeds[number].name: Place(
                    number, seeds[number], tuple((at, seeds[at], ties[at]) for at in sorted(ties))
                )
                for number, ties in lot
            }
            check = partial(_look_beside, archive, places, {})
            reports = run([each.seed for each in places.values()], check, jobs, limit_seconds=archive.limit_seconds)
            yield [
                Met(place.seed.name, tuple((seed, ties) for _, seed, ties in place.beside), entry_of(report).matters)
                for place, report in zip(places.values(), reports, strict=True)
            ]


def _look_beside(archive: Archive, places: dict[str, Place], held: Sides, seed: Seed) -> SeedReport:
    return selected(archive, looked_beside(archive, places[seed.name], held, see))
