"""`validator verify`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from validator.archive.opening import Archive
from validator.archive.seeds import Discovery
from validator.cli.chosen import discovered, is_archive, this_folder
from validator.cli.options import ArchiveOptions, command, paths_argument
from validator.preservation.disk import FOLDER
from validator.preservation.fixity import Fixity, has_record, stray_originals, verified
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.text.errors import ConfigError

PLACE = ("record", 5)


@command(ArchiveOptions)
def verify(options: ArchiveOptions, paths: tuple[str, ...] = paths_argument()) -> int:
    """Fixity check: seeds against what is on record.

    Each seed is compared with its last event, its originals and, in a BagIt bag, the manifests. In a folder, missing seeds
    that have events are reported too, and so are a damaged record of any seed and an original that no event names. Exit 1 if
    something is not as it is on record. Without PATHS, the folder you are in is verified.
    """
    paths = paths or this_folder("verify", os.path.lexists(FOLDER) or is_archive(Path.cwd(), options.config))
    archive = options.opened()
    found = _found(archive, paths)
    seeds = found.seeds if found is not None else ()
    counts = dict.fromkeys(Fixity, 0)
    unsound = 0
    for shown, result in verified(archive, paths, seeds):
        counts[result.fixity] += 1
        unsound += not result.is_sound
        for problem in result.problems:
            click.echo(f"{printable(shown)}: {printable(problem)}")
    strays = list(stray_originals(archive, paths, seeds))
    for stray in strays:
        click.echo(f"{printable(stray)}: no event names this original; its event was lost, or never committed")
    parts = [f"{number:,} {fixity.value}" for fixity, number in counts.items() if number]
    parts += [counted(len(strays), "original that no event names", "originals that no event names")] * bool(strays)
    click.echo(f"{counted(sum(counts.values()), 'seed')}: {', '.join(parts) or 'nothing to verify'}", err=True)
    return int(unsound + len(strays) > 0)


def _found(archive: Archive, paths: tuple[str, ...]) -> Discovery | None:
    """The seeds that the paths lead to; `None` if all recorded seeds may be missing."""
    try:
        return discovered(archive, paths)
    except ConfigError:
        if all(map(os.path.isdir, paths)) and any(has_record(archive, path) for path in paths):
            return None
        raise
