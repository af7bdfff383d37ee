"""The baseline of a run: finding the file, reading it, and following seeds that were renamed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.archive.discovery import seed_at
from validator.archive.opening import Archive, rules_for
from validator.archive.reading import read_seed
from validator.archive.root import Place, as_it_stands
from validator.cli.chosen import Choice
from validator.record.sidecar import FOLDER_SIDECAR
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.rules import RULES
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport

if TYPE_CHECKING:
    from validator.reports.baseline import Baseline, Comparison, Formers, Stale


LIMIT_BYTES = 1 << 30  # of a file of entries: five million of them
SHOWN = 5  # kinds of entries that a message lists


class SetAside:
    """The findings that a run sets aside: none without a baseline."""

    def __init__(self, choice: Choice, given: Path | None, off: bool, is_strict: bool) -> None:
        """Raises ConfigError for options that contradict each other, and for a file that is no baseline."""
        archive = choice.archive
        self._file = in_use(archive, given, off, is_strict)
        self._archive = archive
        self._is_strict = is_strict or archive.settings.strict_baseline
        self._comparison: Comparison | None = None
        if self._file is not None:
            from validator.reports.baseline import Comparison

            entries = read(self._file, archive, choice.place)
            self._comparison = Comparison(entries, formers(entries, archive, self._file, choice), can_speak(archive))

    @property
    def has_baseline(self) -> bool:
        """Whether there is a baseline."""
        return self._comparison is not None

    def marked(self, report: SeedReport) -> SeedReport:
        """The report, with the findings marked that are set aside."""
        return report if self._comparison is None else self._comparison.marked(report)

    def code(self, is_about: Callable[[str], bool], quiet: bool) -> int:
        """The exit code for the baseline itself, after all seeds are judged. Prints the entries that were not found.

        `is_about` says whether the run would have found a seed of a name, if there were one.
        """
        if self._comparison is None or self._file is None:
            return 0
        stale = self._comparison.stale(is_about)
        if stale and (self._is_strict or not quiet):
            _say_stale(stale, shown(self._file, self._archive))
        return int(self._is_strict and bool(stale))


def in_use(archive: Archive, given: Path | None, off: bool, is_strict: bool) -> Path | None:
    """The baseline that a run uses, `None` without one. Raises ConfigError for options that contradict each other."""
    if given is not None and off:
        raise ConfigError("--baseline and --no-baseline were both given")
    file = None if off else given or configured(archive)
    if is_strict and file is None:
        raise ConfigError("--strict-baseline goes with a baseline: name it with --baseline FILE")
    return file


def folders_of(archive: Archive, paths: Iterable[str]) -> Callable[[str], bool]:
    """Whether a name lies in one of the folders among the arguments of a run."""
    folders = []
    for path in map(Path, paths):
        if path.is_dir() or path.name == FOLDER_SIDECAR:
            folder = os.path.realpath(path if path.is_dir() else path.parent)
            folders.append(f"{folder.rstrip('/')}/")
    return lambda name: str(archive.root / name).startswith(tuple(folders))


def _say_stale(stale: Sequence[Stale], name: str) -> None:
    """Print on standard error the entries of the baseline that are not found any more."""
    kinds: dict[tuple[str, str], int] = {}
    for path, entry in stale:
        kinds[path, entry.rule] = kinds.get((path, entry.rule), 0) + entry.times
    number = sum(kinds.values())
    verb, them = ("is", "it") if number == 1 else ("are", "them")
    click.echo(f"{counted(number, 'finding')} known from the baseline {verb} not there any more:", err=True)
    for (path, rule), times in list(kinds.items())[:SHOWN]:
        click.echo(f"  {printable(path)}: {rule}{f' ({times:,})' if times > 1 else ''}", err=True)
    if len(kinds) > SHOWN:
        click.echo(f"  and {sum(list(kinds.values())[SHOWN:]):,} more", err=True)
    click.echo(f"`validator baseline prune` takes {them} out of {printable(name)}", err=True)


# ---------------------------------------------------------------------------------------------------------------------
# The file


def configured(archive: Archive) -> Path | None:
    """The file that the configuration names."""
    name = archive.settings.baseline
    return archive.root / name if name is not None else None


def shown(file: Path, archive: Archive) -> str:
    """The file's name as messages show it."""
    return seed_at(str(file), archive.root).name


def content(file: Path, archive: Archive, place: Place = as_it_stands) -> bytes:
    """The bytes of a baseline. Raises ConfigError if it cannot be read."""
    at = place(file)
    if not os.path.lexists(at):
        raise ConfigError("there is no such baseline; `validator baseline create` makes one", shown(file, archive))
    data = read_seed(at, LIMIT_BYTES)
    if isinstance(data, Unread):
        raise ConfigError(f"the baseline cannot be read: {data.message}", shown(file, archive))
    return data


def read(file: Path, archive: Archive, place: Place = as_it_stands) -> Baseline:
    """The baseline in a file. Raises ConfigError, with the line that is wrong."""
    from validator.reports.baseline import read_baseline

    return read_baseline(content(file, archive, place), shown(file, archive))


# ---------------------------------------------------------------------------------------------------------------------
# What a baseline is compared with


def can_speak(archive: Archive) -> Callable[[str, str], bool]:
    """Whether a finding of a rule is shown at a path. A rule that no longer exists counts as shown, so that its entries go."""
    shown_at = lru_cache(maxsize=1)(lambda path: rules_for(archive, path))
    return lambda path, rule: rule in shown_at(path) or rule not in RULES


def formers(baseline: Baseline, archive: Archive, file: Path, choice: Choice | None = None) -> Formers:
    """Recognises renamed seeds: from the run, from the seeds themselves, and from git."""
    from validator.reports.baseline import Formers

    def is_there(name: str) -> bool:
        return os.path.lexists(archive.root / name)

    return Formers(
        baseline,
        is_there if choice is None else choice.is_there,
        {} if choice is None else choice.renamed,
        lambda: renamed_in_git(archive.root, file),
    )


def renamed_in_git(root: Path, file: Path) -> Iterator[tuple[str, str]]:
    """The files below the root that git sees as renamed: new and old name. Without git none; then only equal bytes show it."""
    from validator.archive.git import find_repository, renamed_since

    with suppress(ConfigError):
        repository = find_repository(root)
        start = f"{os.path.relpath(root, repository.top)}/".removeprefix("./")
        for new, old in renamed_since(repository, os.path.realpath(file)):
            if new.startswith(start) and old.startswith(start):
                yield new.removeprefix(start), old.removeprefix(start)
