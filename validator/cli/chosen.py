"""The seeds that a command works on, the files that it passes over, and the exit code of a report."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.archive.config import DEFAULT_INCLUDE
from validator.archive.discovery import discover, orphan_sidecars, seed_at
from validator.archive.opening import (
    Archive,
    fails_on,
    judge,
    rules_for,
)
from validator.archive.reading import read_stream, system_errors_as
from validator.archive.root import Place, as_it_stands, find_config
from validator.archive.runner import run
from validator.archive.seeds import Discovery, Seed
from validator.cli.options import RunOptions
from validator.cli.terminal import Progress, complain, some
from validator.engine.checking import orphan_sidecar
from validator.engine.selecting import shown
from validator.record.sidecar import FOLDER_SIDECAR
from validator.reports.model import Profile
from validator.reports.words import counted
from validator.rules import RULES
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import SEVERITY_RANK, SeedReport, Severity, Status, Verdict
from validator.text.globs import matches_any

if TYPE_CHECKING:
    from validator.across.comparing import Known


@dataclass(frozen=True, slots=True)
class Choice:
    """The seeds of a run and their archive.

    `is_there` says whether the archive has a file of a name, chosen or not. `renamed` gives a seed's former name, if known.
    `known` are the seeds of the archive that are not chosen, if the chosen ones are compared with them. `unstaged` lists, by
    seed, what to stage for the record of a repair. `place` says where a file that is no seed is read.
    """

    archive: Archive
    found: Discovery
    is_there: Callable[[str], bool]
    renamed: Mapping[str, str] = field(default_factory=dict)
    unstaged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Place = as_it_stands
    known: Known | None = None


def on_disk(archive: Archive, found: Discovery) -> Choice:
    """The choice of seeds as they are on disk."""
    return Choice(archive, found, lambda name: os.path.lexists(archive.root / name))


def discovered(archive: Archive, paths: Sequence[str]) -> Discovery | None:
    """The seeds to check; `None` if the configuration excludes all of them. Raises ConfigError for a missing path."""
    named = [path for path in paths if path != "-"]
    found = discover(named, archive.settings, archive.root)
    refuse_missing(found.missing)
    for names, each, rest in (
        (found.excluded, "is excluded by the configuration", "are excluded by the configuration"),
        (
            found.nested,
            "is another git repository, passed over: name it, or exclude it",
            "git repositories were passed over",
        ),
    ):
        listed, more = some(names)
        for name in listed:
            complain(f"{name} {each}")
        if more:
            complain(f"{more:,} more {rest}")
    if found.seeds or "-" in paths or orphan_sidecars(found):
        return found
    if found.excluded and len(found.excluded) == len(set(named)):
        return None
    say_passed_over(found.others)
    raise ConfigError(f"no seeds in {', '.join(some(named)[0])} (looked for {', '.join(archive.settings.include)})")


def say_passed_over(names: Sequence[str]) -> None:
    """Print which files were passed over because of their names: nobody may think that they are clean."""
    if names:
        listed, more = some(names)
        what = f"{counted(len(names), 'other file')} not checked, as `include` does not match"
        whose = "its name" if len(names) == 1 else "their names"
        complain(f"{what} {whose}: {', '.join(listed)}{f' and {more:,} more' if more else ''}")


def refuse_missing(missing: Sequence[object]) -> None:
    """Raise ConfigError if paths that were named are missing."""
    if missing:
        listed, more = some(missing)
        raise ConfigError(f"not found: {', '.join(listed)}{f' and {more} more' if more else ''}; nothing was checked")


def orphans(archive: Archive, found: Discovery) -> list[SeedReport]:
    """The reports of sidecars without a seed."""
    return [
        shown(orphan_sidecar(each.name, each.name.removesuffix(".meta.yaml")), rules_for(archive, each.name))
        for each in orphan_sidecars(found)
    ]


def one_seed(archive: Archive, path: str) -> Seed:
    """The seed at a path given to a command. Raises ConfigError unless there is exactly one."""
    if not os.path.lexists(path):
        raise ConfigError(f'there is no file "{path}"')
    if Path(path).is_dir() or Path(path).name == FOLDER_SIDECAR:
        raise ConfigError(f'"{path}" is a folder or the sidecar of one, expected a seed')
    found = discover([path], archive.settings, archive.root)
    if found.excluded:
        raise ConfigError(f'"{path}" is excluded by the configuration')
    if not found.seeds:
        raise ConfigError(f'"{path}" is a sidecar without a seed beside it')
    return found.seeds[0]


def from_standard_input(archive: Archive, name: str | None) -> tuple[Seed, bytes | Unread]:
    """The seed that `-` stands for, and what was read. Raises ConfigError if standard input is closed."""
    if sys.stdin is None:
        raise ConfigError("`-` reads standard input, which is closed")
    seed = seed_at(name or "-", archive.root)
    if name is None:
        seed = replace(seed, name="-")
    return seed, read_stream(sys.stdin.buffer, archive.settings.limit_bytes)


def judged(archive: Archive, seed: Seed, content: bytes | Unread | None = None) -> SeedReport:
    """The report of one seed. A fault of the program is in the report, not raised."""
    if isinstance(content, bytes):
        seed = replace(seed, size=len(content))
    return next(run([seed], lambda seed: judge(archive, seed, content), 1, limit_seconds=archive.limit_seconds))


def with_listed(options: RunOptions, to: str = "") -> tuple[str, ...] | None:
    """The paths and those of the list; `None`, after a message, if there is a list and both are empty.

    With `to`, what the command does, no paths and no list mean the folder one is in; a mistake if nothing in it says that it
    belongs to an archive. Raises ConfigError and UsageError.
    """
    paths, list_file = options.paths, options.list_file
    if list_file is None:
        if options.null:
            raise ConfigError("--null says how the names of --files-from end; there is no --files-from")
        if paths or not to:
            return paths
        return this_folder(to, not options.hook and is_archive(Path.cwd(), options.config))
    if list_file == "-" and "-" in paths:
        raise ConfigError("`-` and `--files-from -` both read standard input")
    listed = tuple(_listed(list_file, b"\0" if options.null else b"\n"))
    if not paths and not listed:
        complain("the list of --files-from is empty: there is nothing to do")
        return None
    return (*paths, *listed)


def this_folder(to: str, is_meant: bool) -> tuple[str, ...]:
    """The folder one is in, for a command without paths; `to` says what the command does.

    Raises UsageError unless the folder is meant: nothing in it says that it belongs to an archive.
    """
    if is_meant:
        return (".",)
    why = "this folder has neither a configuration nor a seed (`.` is this folder)"
    raise click.UsageError(f"name the files or folders to {to}: {why}", click.get_current_context())


def is_archive(folder: Path, config: Path | None = None) -> bool:
    """Whether a folder is clearly meant when no path is named.

    It has a configuration, in it or above, or a seed in it, or it is the top of a git repository.
    """
    if config is not None or find_config(folder) is not None or os.path.lexists(folder / ".git"):
        return True
    with os.scandir(folder) as entries:
        return any(matches_any(DEFAULT_INCLUDE, each.name) and not each.name.startswith(".") for each in entries)


def _listed(list_file: str, end: bytes) -> Iterator[str]:
    if list_file == "-" and sys.stdin is None:
        raise ConfigError("--files-from reads standard input, which is closed")
    with system_errors_as("the list cannot be read", list_file):
        content = sys.stdin.buffer.read() if list_file == "-" else Path(list_file).read_bytes()
    if end == b"\n" and b"\0" in content:
        raise ConfigError("it holds a NUL, which no name may: use --null for names that end in NUL", list_file)
    for name in content.split(end):
        if name:
            yield os.fsdecode(name) if name != b"-" else "./-"


UNJUDGED = (Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED)  # exit code 1, whatever is selected


def exit_code(archive: Archive, report: SeedReport) -> int:
    """The exit code for one report; the highest of a run wins."""
    if report.verdict is Verdict.UNCHECKED:
        return 3
    if report.verdict in UNJUDGED:
        if all(finding.status is not Status.BASELINED for finding in report.findings):
            return 1
        from validator.reports.baseline import is_set_aside

        return int(not is_set_aside(report))
    if not report.findings:
        return 0
    threshold = fails_on(archive, report.path)
    if threshold == "never":
        return 0
    rank = SEVERITY_RANK[Severity(threshold)]
    return int(any(each.status is Status.OPEN and SEVERITY_RANK[each.severity] <= rank for each in report.findings))


def profile_of(archive: Archive, has_baseline: bool = False) -> Profile:
    """The settings of a run, for the head of its reports."""
    not_shown = tuple(sorted(set(RULES) - rules_for(archive, "")))
    return Profile(archive.schemas_sha256, archive.config_sha256, not_shown, has_baseline)


def all_judged(archive: Archive, seeds: Sequence[Seed], jobs: int | None, quiet: bool) -> Iterator[SeedReport]:
    """The report of each seed, compared with the others. A progress line is shown meanwhile."""
    from validator.across.comparing import reports_of

    with Progress(len(seeds), quiet) as progress:
        yield from reports_of(archive, seeds, jobs or archive.settings.jobs, step=progress.step)
