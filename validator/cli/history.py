"""`validator undo`, `validator history` and `validator verify`: what was done to seeds, taking it back, and proof."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import chain, groupby
from pathlib import Path

import click

from validator.archive import Archive
from validator.cli.choice import discovered
from validator.cli.common import archive_options, one_seed, opened, paragraph
from validator.errors import ConfigError
from validator.files import git_identity, seed_at
from validator.preservation import (
    Agent,
    Fixity,
    PreservationError,
    clear_litter,
    last_run,
    name_in_records,
    new_run,
    recorded,
    records_root,
    seeds_of_run,
)
from validator.preservation import (
    history as events_of,
)
from validator.preservation import (
    undo as undo_seed,
)
from validator.preservation import (
    verify as verify_seeds,
)
from validator.reports import printable, tool_version
from validator.reports.words import counted


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options(source=False)
@click.option("--last", is_flag=True, help="Undo the whole of the last run of `validator repair`.")
@click.option("--by", metavar="NAME", show_default="your name in git's configuration", help="Who undoes it.")
@click.option("--update-manifest", is_flag=True, help="In a BagIt bag: bring its manifests up to date.")
def undo(
    paths: tuple[str, ...],
    config: Path | None,
    no_config: bool,
    schemas: tuple[Path, ...],
    last: bool,
    by: str | None,
    update_manifest: bool,
) -> int:
    """Take back the last repair of seeds: exactly the bytes that were there, their sidecars' too.

    Refused, with the reason, where a seed is no longer what the repair left. Exit 1 where one was refused.
    """
    if bool(paths) == last:
        raise click.UsageError("name the seeds, or say --last", click.get_current_context())
    archive = opened(config, no_config, schemas)
    agent = Agent(tool_version(), archive.schemas_sha256, by or git_identity())
    run = new_run(datetime.now(UTC))
    try:
        if last:
            of_run = last_run(archive.root)
            if of_run is None:
                raise ConfigError("no repair is on record that could be undone")
            seeds = [(archive.root, name) for name in seeds_of_run(archive.root, of_run)]
        else:
            of_run = None
            found = [one_seed(archive, path) for path in paths]
            seeds = []
            for seed in found:
                root = records_root(archive.root, seed.path)
                clear_litter(root, [seed])
                seeds.append((root, name_in_records(root, seed.path)))
    except PreservationError as error:
        raise ConfigError(str(error)) from None
    refused = 0
    for root, name in seeds:
        try:
            written = undo_seed(
                root,
                name,
                run=run,
                agent=agent,
                now=datetime.now(UTC),
                of_run=of_run,
                update_manifest=update_manifest,
            )
        except PreservationError as error:
            refused += 1
            click.echo(f"validator: {printable(name)}: {printable(str(error))}", err=True)
        else:
            for note in written.notes:
                click.echo(f"validator: {printable(note)}", err=True)
            click.echo(f"undone {printable(name)}")
    return int(refused > 0)


@click.command()
@click.argument("path", type=click.Path())
@archive_options(source=False)
def history(path: str, config: Path | None, no_config: bool, schemas: tuple[Path, ...]) -> int:
    """Show what was done to a seed, when, by whom and on what ground."""
    archive = opened(config, no_config, schemas)
    seed = one_seed(archive, path)
    try:
        root = records_root(archive.root, seed.path)
        events = events_of(root, name_in_records(root, seed.path))
    except PreservationError as error:
        raise ConfigError(str(error)) from None
    click.echo(printable(seed.name))
    if not events:
        click.echo("  no event is on record")
    for event in events:
        who = f", by {event.by}" if event.by else ""
        paragraph(f"{event.when} {event.type}: {event.state}{who}", "  ", "    ")
        paragraph(f"run {event.run}, event {event.identifier}", "    ", "      ")
        paragraph(event.detail, "    ", "      ")
        for change in event.changes:
            for edit in change["edits"]:
                paragraph(
                    f"{change['rule']} at {edit['start']}: {edit['old']!r} became {edit['new']!r}", "    ", "      "
                )
            if change["recode"]:
                paragraph(f"{change['rule']}: from {change['recode'][0]} to {change['recode'][1]}", "    ", "      ")
        paragraph(f"SHA-256 before {event.seed.before.sha256}", "    ", "      ")
        paragraph(f"SHA-256 after  {event.seed.after.sha256}", "    ", "      ")
    return 0


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options(source=False)
def verify(paths: tuple[str, ...], config: Path | None, no_config: bool, schemas: tuple[Path, ...]) -> int:
    """Fixity check: hold each seed against its last event, its originals and, in a BagIt bag, the manifests.

    In a folder, a seed that has events and is no longer there is told too. Exit 1 where something is not as it is on record.
    """
    if not paths:
        raise click.UsageError("name the files or folders to verify (`.` is this folder)", click.get_current_context())
    archive = opened(config, no_config, schemas)
    try:
        gone = _gone(archive, paths)
    except PreservationError as error:
        raise ConfigError(str(error)) from None
    found = discovered(archive, paths)
    seeds = found.seeds if found is not None else ()
    counts = dict.fromkeys(Fixity, 0)
    unsound = 0
    by_root = groupby(seeds, key=lambda seed: records_root(archive.root, seed.path))
    for result in chain.from_iterable(verify_seeds(root, list(members)) for root, members in by_root):
        counts[result.fixity] += 1
        unsound += not result.is_sound
        for problem in result.problems:
            click.echo(f"{printable(result.name)}: {printable(problem)}")
    for name in gone:
        click.echo(f"{printable(name)}: it is gone; its events are on record")
    parts = [f"{number:,} {fixity.value}" for fixity, number in counts.items() if number]
    parts += [f"{len(gone):,} gone"] * bool(gone)
    click.echo(f"{counted(len(seeds) + len(gone), 'seed')}: {', '.join(parts) or 'nothing to verify'}", err=True)
    return int(unsound + len(gone) > 0)


def _gone(archive: Archive, paths: tuple[str, ...]) -> list[str]:
    """The seeds below the folders that were named which have events and are no longer there."""
    places = [seed_at(path, archive.root).name for path in paths if Path(path).is_dir()]
    return [
        name
        for name in recorded(archive.root)
        if any(place == "." or name.startswith(f"{place}/") for place in places)
        and not os.path.lexists(archive.root / name)
    ]
