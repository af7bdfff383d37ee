"""What `sources drift` and the end of `validate` do: sightings of seeds, gathered by source."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from heapq import merge

import click

from validator.archive.opening import Archive, claim_for, read_sidecars
from validator.archive.reading import read_seed
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.cli.chosen import discovered
from validator.cli.terminal import Progress, paragraph, width_for
from validator.engine.checking import in_foreign_format
from validator.engine.reporting import sighting_of
from validator.engine.seen import look
from validator.record.sidecar import combine
from validator.reports.drift import drift_entry, drift_in_short, drift_in_words
from validator.reports.entries import encoded
from validator.reports.words import counted
from validator.rules.views import Unread
from validator.sources.drift import RECOGNIZED, Sightings, drift_of, recognition
from validator.sources.identify import Claim
from validator.sources.model import Source, Sources
from validator.sources.shifts import FEWEST, LEAST
from validator.text.errors import ConfigError, nearest
from validator.text.findings import SeedReport
from validator.text.places import LineIndex

_DIGITS = re.compile(r"\d+")


class Watch:
    """Gathers, while a run goes on, what was found in the seeds of each source. It takes some twelve bytes for each seed."""

    def __init__(self, seeds: Sequence[Seed], sources: Sources) -> None:
        self._seeds = seeds
        self._sources = sources
        self._sightings: dict[tuple[str | None, str], Sightings] = {}  # by source; of a generic one also by folder

    def over(self, reports: Iterable[SeedReport]) -> Iterator[SeedReport]:
        """The same reports, which are those of the seeds in their order."""
        for number, report in enumerate(reports):
            source = report.source
            if report.sighting or source is None:
                is_apart = source is not None and _is_generic(self._sources[source])
                key = source, self._folder(number) if is_apart else ""
                sightings = self._sightings.setdefault(key, Sightings())
                sightings.add(number, report.path, report.layout, report.sighting)
            yield report

    def say(self) -> None:
        """Print a sentence for each source whose layout seems to change, or whose seeds are no longer recognized."""
        for (identifier, folder), own in sorted(self._sightings.items(), key=lambda each: str(each[0])):
            if identifier is None or len(own) < LEAST:
                continue
            drifts = [drift_of(own)] if len(own) >= FEWEST else []
            if not folder:
                drifts.append(drift_of(recognition(own, self._beside(own))))
            for drift in drifts:
                said = drift_in_short(self._sources[identifier], drift, self._name)
                if said is not None:
                    paragraph(said, "  ", "    ")

    def _name(self, number: int) -> str:
        return self._seeds[number].name

    def _beside(self, own: Sightings) -> Iterator[tuple[int, int]]:
        """The seeds of no source or of a generic one in the folders of a source: their numbers and days.

        Folders that differ only in their digits are of one kind, since many archives have one for each year.
        """
        folders = {self._folder(number) for number in own.numbers}
        unrecognized = (
            zip(each.numbers, each.days, strict=True)
            for (source, folder), each in self._sightings.items()
            if source is None or folder in folders
        )
        for number, day in merge(*unrecognized):
            if self._folder(number) in folders:
                yield number, day

    def _folder(self, number: int) -> str:
        return _kind_of_folder(self._seeds[number].folder)


def _is_generic(source: Source) -> bool:
    return source.identify is not None and source.identify.generic


@lru_cache(maxsize=256)  # the seeds of a folder follow each other
def _kind_of_folder(folder: str) -> str:
    return _DIGITS.sub("0", folder)


def sightings_in(
    archive: Archive, seeds: Sequence[Seed], identifier: str, jobs: int | None
) -> tuple[Sightings, int, int]:
    """The sightings of a source in seeds; how many of them were not recognized as its own, and how many are of others.

    A seed that no source fits, or only a generic one, may be one whose layout has changed: it is read as the source's.
    """
    sightings, unrecognized, others = Sightings(), 0, 0
    check = partial(_sighted, archive, identifier)
    with Progress(len(seeds), off=False) as progress:
        for number, found in enumerate(run(seeds, check, jobs, limit_seconds=archive.limit_seconds)):
            progress.step()
            if isinstance(found, tuple):
                layout, sighting = found
                sightings.add(number, seeds[number].name, layout, sighting)
                unrecognized += not sighting.endswith(RECOGNIZED)
            else:
                others += 1
    return sightings, unrecognized, others


def _sighted(archive: Archive, identifier: str, seed: Seed) -> tuple[str | None, bytes] | None:
    """The layout and the sighting of a seed; None if it is of another source or cannot be read."""
    content = read_seed(seed, archive.settings.limit_bytes)
    if isinstance(content, Unread) or in_foreign_format(content) is not None:
        return None
    sidecar, sources = combine(read_sidecars(archive, seed)), archive.sources
    seen = look(content, sources, seed.name, claim_for(archive, seed.name), sidecar)
    is_own = seen.match.source == identifier
    if not is_own:
        if seen.match.source is not None and not _is_generic(sources[seen.match.source]):
            return None
        seen = look(content, sources, seed.name, Claim(identifier, "the command"), sidecar)
    record = seen.record
    if record is None or (seen.source.policy.container == "front-matter" and seen.front_matter is None):
        return None
    sighting = sighting_of(record, seen.source, LineIndex(seen.decoded.text))
    return seen.source.layout, sighting + (RECOGNIZED if is_own else b"\0\0")


def show_drift(archive: Archive, identifier: str, paths: Sequence[str], jobs: int | None, format_: str) -> int:
    """Print the drift of a source in the seeds of these paths, as text or JSON. Returns 1 if its layout seems to change."""
    if identifier not in archive.sources:
        raise ConfigError(f'no source is called "{identifier}"', suggestion=nearest(identifier, archive.sources))
    found = discovered(archive, paths)
    seeds = found.seeds if found is not None else ()
    sightings, unrecognized, others = sightings_in(archive, seeds, identifier, jobs or archive.settings.jobs)
    drift, source = drift_of(sightings), archive.sources[identifier]

    def path_of(number: int) -> str:
        return seeds[number].name

    if format_ == "json":
        entry = drift_entry(source, drift, path_of) | {"unrecognized": unrecognized, "others": others}
        click.echo(encoded(entry))
        return int(bool(drift.changes))
    for line in drift_in_words(source, drift, path_of, min(width_for(sys.stdout), 80)):
        click.echo(line)
    if unrecognized:
        paragraph(f"{counted(unrecognized, 'seed')} not recognized as {identifier}, but read as its own", "", "  ")
    if others:
        paragraph(f"{counted(others, 'seed')} of other sources, or not read, left out", "", "  ")
    return int(bool(drift.changes))
