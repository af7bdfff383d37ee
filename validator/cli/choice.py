"""Which seeds a run of `validate` is about, and the archive that they are judged in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import click

from validator.archive import Archive, Request, open_archive, rules_for
from validator.engine import orphan_sidecar, shown
from validator.errors import ConfigError
from validator.files import Discovery, discover, orphan_sidecars
from validator.findings import SeedReport
from validator.reports import printable


@dataclass(frozen=True, slots=True)
class Choice:
    """What a run is about. `is_there` says whether the archive has a file of a name, chosen or not; `renamed` gives the name
    that a seed had before, where that is known.
    """

    archive: Archive
    found: Discovery
    is_there: Callable[[str], bool]
    renamed: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def chosen(request: Request, paths: tuple[str, ...]) -> Iterator[Choice | None]:
    """The choice that the arguments make; None where there is nothing to check and that is as it should be."""
    archive = open_archive(request)
    found = discovered(archive, paths)
    if found is None:
        yield None
        return
    yield Choice(archive, found, lambda name: os.path.lexists(archive.root / name))


def discovered(archive: Archive, paths: tuple[str, ...]) -> Discovery | None:
    """What there is to check; None where the configuration excludes all of it. Raises ConfigError for a missing path."""
    named = [path for path in paths if path != "-"]
    found = discover(named, archive.settings, archive.root)
    if found.missing:
        listed = ", ".join(printable(str(path)) for path in found.missing[:5])
        more = f" and {len(found.missing) - 5} more" if len(found.missing) > 5 else ""
        raise ConfigError(f"not found: {listed}{more}; nothing was checked")
    for path in found.excluded:
        click.echo(f"validator: {printable(str(path))} is excluded by the configuration", err=True)
    if found.seeds or "-" in paths or orphan_sidecars(found):
        return found
    if found.excluded and len(found.excluded) == len(set(named)):
        return None
    raise ConfigError(
        f"no seeds in {', '.join(printable(path) for path in named[:5])} "
        f"(looked for {', '.join(archive.settings.include)})"
    )


def orphans(archive: Archive, found: Discovery) -> list[SeedReport]:
    """The reports of sidecars without a seed."""
    return [
        shown(orphan_sidecar(each.name, each.name.removesuffix(".meta.yaml")), rules_for(archive, each.name))
        for each in orphan_sidecars(found)
    ]
