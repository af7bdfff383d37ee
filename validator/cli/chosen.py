"""The seeds that a command is about: what the arguments lead to, and what is passed over."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from validator.archive.discovery import discover, orphan_sidecars, seed_at
from validator.archive.opening import Archive, judge, rules_for
from validator.archive.reading import read_stream
from validator.archive.root import Place, as_it_stands
from validator.archive.runner import run
from validator.archive.seeds import Discovery, Seed
from validator.cli.terminal import complain, some
from validator.engine.checking import orphan_sidecar
from validator.engine.selecting import shown
from validator.record.sidecar import FOLDER_SIDECAR
from validator.reports.words import counted
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport


@dataclass(frozen=True, slots=True)
class Choice:
    """The seeds of a run and their archive.

    `is_there` says whether the archive has a file of a name, chosen or not. `renamed` gives a seed's former name, if known.
    `unstaged` lists, by seed, what to stage for the record of a repair. `place` says where a file that is no seed is read.
    """

    archive: Archive
    found: Discovery
    is_there: Callable[[str], bool]
    renamed: Mapping[str, str] = field(default_factory=dict)
    unstaged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Place = as_it_stands


def on_disk(archive: Archive, found: Discovery) -> Choice:
    """The choice of seeds as they are on disk."""
    return Choice(archive, found, lambda name: os.path.lexists(archive.root / name))


def discovered(archive: Archive, paths: Sequence[str]) -> Discovery | None:
    """What there is to check; `None` if the configuration excludes all of it. Raises ConfigError for a missing path."""
    named = [path for path in paths if path != "-"]
    found = discover(named, archive.settings, archive.root)
    refuse_missing(found.missing)
    excluded, more = some(found.excluded)
    for name in excluded:
        complain(f"{name} is excluded by the configuration")
    if more:
        complain(f"{more:,} more are excluded by the configuration")
    nested, more = some(found.nested)
    for name in nested:
        complain(f"{name} is another git repository, passed over: name it, or exclude it")
    if more:
        complain(f"{more:,} more git repositories were passed over")
    if found.seeds or "-" in paths or orphan_sidecars(found):
        return found
    if found.excluded and len(found.excluded) == len(set(named)):
        return None
    say_passed_over(found.others)
    raise ConfigError(f"no seeds in {', '.join(some(named)[0])} (looked for {', '.join(archive.settings.include)})")


def say_passed_over(names: Sequence[str]) -> None:
    """Say which files were passed over because of their names: nobody must think that they are clean."""
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
