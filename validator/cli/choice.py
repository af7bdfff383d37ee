"""Which seeds a run of `validate` is about, and the archive that they are judged in."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from validator.archive.discovery import Discovery, Place, as_it_stands, discover, orphan_sidecars, system_reason
from validator.archive.opening import Archive, Request, open_archive, rules_for
from validator.engine.checking import orphan_sidecar
from validator.engine.selecting import shown
from validator.reports import printable
from validator.reports.words import counted
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport

_LISTED = 5  # names that a message lists


@dataclass(frozen=True, slots=True)
class Choice:
    """What a run is about. `is_there` says whether the archive has a file of a name, chosen or not; `renamed` gives the name
    that a seed had before, where that is known; `unstaged` what is to be staged for the record of a repair, by seed. `place`
    says where a file is read that is no seed, and goes with the archive.
    """

    archive: Archive
    found: Discovery
    is_there: Callable[[str], bool]
    renamed: Mapping[str, str] = field(default_factory=dict)
    unstaged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Place = as_it_stands


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says of the seeds that a run is about: at most one of `staged` and `since`, which `paths` narrow.

    `baseline` is the file that is to be used instead of the configuration's.
    """

    paths: tuple[str, ...] = ()
    staged: bool = False
    since: str | None = None
    baseline: Path | None = None

    @property
    def is_by_git(self) -> bool:
        """Whether git says which seeds those are."""
        return self.staged or self.since is not None


def files_from(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options --files-from and --null."""
    for option in (
        click.option("-0", "--null", is_flag=True, help="With --files-from: names end in NUL, not at a line's end."),
        click.option(
            "--files-from",
            "list_file",
            metavar="FILE",
            type=click.Path(dir_okay=False, allow_dash=True),
            help="Take more PATHS from a list, one a line; `-` reads it from standard input.",
        ),
    ):
        command = option(command)
    return command


def with_listed(paths: tuple[str, ...], list_file: str | None, null: bool, to: str = "") -> tuple[str, ...] | None:
    """The paths and those of the list; None, having said so, where there is a list and both are empty.

    Raises ConfigError, and UsageError where nothing is named although that must be, `to` do what the command does.
    """
    if list_file is None:
        if null:
            raise ConfigError("--null says how the names of --files-from end; there is no --files-from")
        if not paths and to:
            context = click.get_current_context()
            raise click.UsageError(f"name the files or folders to {to} (`.` is this folder)", context)
        return paths
    if list_file == "-" and "-" in paths:
        raise ConfigError("`-` and `--files-from -` both read standard input")
    listed = tuple(_listed(list_file, b"\0" if null else b"\n"))
    if not paths and not listed:
        click.echo("validator: the list of --files-from is empty: there is nothing to do", err=True)
        return None
    return (*paths, *listed)


def _listed(list_file: str, end: bytes) -> Iterator[str]:
    try:
        if list_file == "-":
            if sys.stdin is None:
                raise ConfigError("--files-from reads standard input, which is closed")
            content = sys.stdin.buffer.read()
        else:
            content = Path(list_file).read_bytes()
    except OSError as error:
        raise ConfigError(f"the list cannot be read: {system_reason(error)}", list_file) from None
    if end == b"\n" and b"\0" in content:
        raise ConfigError("it holds a NUL, which no name may: --null reads a list in which names end so", list_file)
    for name in content.split(end):
        if name:
            yield os.fsdecode(name) if name != b"-" else "./-"


@contextmanager
def chosen(request: Request, wanted: Wanted | tuple[str, ...]) -> Iterator[Choice | None]:
    """The choice that the arguments make; None where there is nothing to check and that is as it should be."""
    if isinstance(wanted, tuple):
        wanted = Wanted(wanted)
    if wanted.staged:
        from validator.cli.changes import chosen_staged

        with chosen_staged(request, wanted.paths, wanted.baseline) as choice:
            yield choice
    elif wanted.since is not None:
        from validator.cli.changes import chosen_since

        yield chosen_since(request, wanted.since, wanted.paths, wanted.baseline)
    else:
        archive = open_archive(request)
        found = discovered(archive, wanted.paths)
        yield None if found is None else Choice(archive, found, lambda name: os.path.lexists(archive.root / name))


def _say_nested(nested: Sequence[str]) -> None:
    """Say which folders were passed over because they are repositories of their own."""
    for name in nested[:_LISTED]:
        click.echo(
            f"validator: {printable(name)} is another git repository, passed over: name it, or exclude it", err=True
        )
    if len(nested) > _LISTED:
        click.echo(f"validator: {len(nested) - _LISTED:,} more git repositories were passed over", err=True)


def discovered(archive: Archive, paths: tuple[str, ...]) -> Discovery | None:
    """What there is to check; None where the configuration excludes all of it. Raises ConfigError for a missing path."""
    named = [path for path in paths if path != "-"]
    found = discover(named, archive.settings, archive.root)
    refuse_missing(found.missing)
    for path in found.excluded[:_LISTED]:
        click.echo(f"validator: {printable(str(path))} is excluded by the configuration", err=True)
    if len(found.excluded) > _LISTED:
        more = len(found.excluded) - _LISTED
        click.echo(f"validator: {more:,} more are excluded by the configuration", err=True)
    _say_nested(found.nested)
    if found.seeds or "-" in paths or orphan_sidecars(found):
        return found
    if found.excluded and len(found.excluded) == len(set(named)):
        return None
    say_passed_over(found.others)
    raise ConfigError(
        f"no seeds in {', '.join(printable(path) for path in named[:_LISTED])} "
        f"(looked for {', '.join(archive.settings.include)})"
    )


def say_passed_over(names: Sequence[str]) -> None:
    """Say which files were passed over because of their names: what is not checked must not be taken for clean."""
    if names:
        listed = ", ".join(printable(name) for name in names[:_LISTED])
        more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
        what = f"{counted(len(names), 'other file')} not checked, as `include` does not match"
        click.echo(f"validator: {what} {'its name' if len(names) == 1 else 'their names'}: {listed}{more}", err=True)


def refuse_missing(missing: Sequence[str]) -> None:
    """Raise ConfigError where paths that were named are not there."""
    if missing:
        listed = ", ".join(printable(str(path)) for path in missing[:_LISTED])
        more = f" and {len(missing) - _LISTED} more" if len(missing) > _LISTED else ""
        raise ConfigError(f"not found: {listed}{more}; nothing was checked")


def orphans(archive: Archive, found: Discovery) -> list[SeedReport]:
    """The reports of sidecars without a seed."""
    return [
        shown(orphan_sidecar(each.name, each.name.removesuffix(".meta.yaml")), rules_for(archive, each.name))
        for each in orphan_sidecars(found)
    ]
