"""`validator undo`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from validator.archive.git import git_identity
from validator.archive.opening import Archive
from validator.cli.chosen import one_seed
from validator.cli.options import ArchiveOptions, by_option, command, option, paths_argument
from validator.cli.terminal import complain
from validator.preservation import writing
from validator.preservation.disk import NothingToUndoError, PreservationError
from validator.preservation.events import Agent
from validator.preservation.settling import clear_litter
from validator.preservation.writing import last_run, name_in_records, new_run, records_root, seeds_of_run
from validator.reports.escaping import printable
from validator.reports.model import tool_version
from validator.text.errors import ConfigError

PLACE = ("fix", 3)


@command(ArchiveOptions)
def undo(
    options: ArchiveOptions,
    paths: tuple[str, ...] = paths_argument(),
    last: bool = option("--last", is_flag=True, help="Undo the whole of the last run of `validator repair`."),
    by: str | None = by_option("Who undoes it."),
    update_manifest: bool = option(
        "--update-manifest", is_flag=True, help="In a BagIt bag: bring its manifests up to date."
    ),
    replace_read_only: bool = option(
        "--replace-read-only", is_flag=True, help="Replace files that are read-only, too."
    ),
) -> int:
    """Take back repairs, to the byte.

    The bytes of the seed before its last repair come back, and those of its sidecar. Refused, with the reason, if a seed is
    no longer what the repair left. Exit 1 if one was refused; a seed without a repair on record is named, and is no failure.
    """
    if bool(paths) == last:
        raise click.UsageError("name the seeds, or say --last", click.get_current_context())
    archive = options.opened()
    agent = Agent(tool_version(), archive.schemas_sha256, by or git_identity())
    run = new_run(datetime.now(UTC))
    of_run = last_run(archive.root) if last else None
    if last and of_run is None:
        raise ConfigError("no repair is on record that could be undone")
    seeds = _to_undo(archive, paths)
    if of_run is not None:
        seeds = [(name, archive.root, name) for name in seeds_of_run(archive.root, of_run)]
    refused = 0
    for shown, root, name in seeds:
        try:
            action = writing.Action(run, agent, datetime.now(UTC), update_manifest, replace_read_only)
            written = writing.undo(root, name, action, of_run)
        except PreservationError as error:
            refused += not isinstance(error, NothingToUndoError)
            complain(f"{shown}: {error}")
        else:
            for note in written.notes:
                complain(note)
            click.echo(f"undone {printable(shown)}")
    return int(refused > 0)


def _to_undo(archive: Archive, paths: Sequence[str]) -> list[tuple[str, Path, str]]:
    """The seeds that are named: the shown name, the folder that has the record, and the name in it."""
    out = []
    for seed in [one_seed(archive, path) for path in paths]:
        root = records_root(archive.root, seed.path)
        for note in clear_litter(root, [seed]):
            complain(note)
        out.append((seed.name, root, name_in_records(root, seed.path)))
    return out
