"""`validator undo`, `validator history` and `validator verify`: what was done to seeds, taking it back, and proof."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from validator.archive.discovery import discover
from validator.archive.git import git_identity
from validator.archive.opening import Archive
from validator.archive.root import whole_path
from validator.archive.seeds import Discovery, Seed
from validator.cli.choice import discovered
from validator.cli.common import archive_options, one_seed, opened, paragraph
from validator.preservation.disk import NothingToUndoError, PreservationError
from validator.preservation.events import Agent, Event
from validator.preservation.fixity import Fixity, Verified, unnamed_originals, verify_logs
from validator.preservation.fixity import verify as verify_seeds
from validator.preservation.settling import clear_litter
from validator.preservation.writing import history as events_of
from validator.preservation.writing import last_run, name_in_records, new_run, recorded, records_root, seeds_of_run
from validator.preservation.writing import undo as undo_seed
from validator.reports.escaping import printable
from validator.reports.model import tool_version
from validator.reports.words import counted
from validator.text.errors import ConfigError


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options(source=False)
@click.option("--last", is_flag=True, help="Undo the whole of the last run of `validator repair`.")
@click.option("--by", metavar="NAME", show_default="your name in git's configuration", help="Who undoes it.")
@click.option("--update-manifest", is_flag=True, help="In a BagIt bag: bring its manifests up to date.")
@click.option("--replace-read-only", is_flag=True, help="Replace files that are read-only, too.")
def undo(
    paths: tuple[str, ...],
    config: Path | None,
    no_config: bool,
    schemas: tuple[Path, ...],
    last: bool,
    by: str | None,
    update_manifest: bool,
    replace_read_only: bool,
) -> int:
    """Take back the last repair of seeds: exactly the bytes that were there, their sidecars' too.

    Refused, with the reason, where a seed is no longer what the repair left. Exit 1 where one was refused; a seed that has no
    repair on record is named, and is no failure.
    """
    if bool(paths) == last:
        raise click.UsageError("name the seeds, or say --last", click.get_current_context())
    archive = opened(config, no_config, schemas)
    agent = Agent(tool_version(), archive.schemas_sha256, by or git_identity())
    run = new_run(datetime.now(UTC))
    of_run = None
    try:
        if last:
            of_run = last_run(archive.root)
            if of_run is None:
                raise ConfigError("no repair is on record that could be undone")
            seeds = [(name, archive.root, name) for name in seeds_of_run(archive.root, of_run)]
        else:
            seeds = _to_undo(archive, paths)
    except PreservationError as error:
        raise ConfigError(str(error)) from None
    refused = 0
    for shown, root, name in seeds:
        try:
            written = undo_seed(
                root, name, run=run, agent=agent, now=datetime.now(UTC), of_run=of_run,
                update_manifest=update_manifest, replace_read_only=replace_read_only,
            )  # fmt: skip
        except PreservationError as error:
            refused += not isinstance(error, NothingToUndoError)
            click.echo(f"validator: {printable(shown)}: {printable(str(error))}", err=True)
        else:
            for note in written.notes:
                click.echo(f"validator: {printable(note)}", err=True)
            click.echo(f"undone {printable(shown)}")
    return int(refused > 0)


def _to_undo(archive: Archive, paths: Sequence[str]) -> list[tuple[str, Path, str]]:
    """The seeds that are named: what to call each, the folder that has its record, and its name in there."""
    out = []
    for seed in [one_seed(archive, path) for path in paths]:
        root = records_root(archive.root, seed.path)
        for note in clear_litter(root, [seed]):
            click.echo(f"validator: {printable(note)}", err=True)
        out.append((seed.name, root, name_in_records(root, seed.path)))
    return out


@click.command()
@click.argument("path", type=click.Path())
@archive_options(source=False)
def history(path: str, config: Path | None, no_config: bool, schemas: tuple[Path, ...]) -> int:
    """Show what was done to a seed, when, by whom and on what ground.

    Exit 1 where the record of the seed is damaged.
    """
    archive = opened(config, no_config, schemas)
    seed = one_seed(archive, path)
    try:
        root = records_root(archive.root, seed.path)
        name = name_in_records(root, seed.path)
        events = events_of(root, name)
    except PreservationError as error:
        click.echo(f"validator: {printable(seed.name)}: {printable(str(error))}", err=True)
        return 1
    click.echo(printable(seed.name))
    if not events:
        click.echo("  no event is on record")
    for event in events:
        _show(event, name)
    return 0


def _show(event: Event, name: str) -> None:
    """Print an event of a seed that has this name now."""
    who = f", by {event.by}" if event.by else ""
    paragraph(f"{event.when} {event.type}: {event.state}{who}", "  ", "    ")
    if event.seed.name != name:
        paragraph(f"the seed was called {event.seed.name}", "    ", "      ")
    paragraph(f"run {event.run}, event {event.identifier}", "    ", "      ")
    paragraph(event.detail, "    ", "      ")
    for change in event.changes:
        for edit in change["edits"]:
            paragraph(f"{change['rule']} at {edit['start']}: {edit['old']!r} became {edit['new']!r}", "    ", "      ")
        if change["recode"]:
            paragraph(f"{change['rule']}: from {change['recode'][0]} to {change['recode'][1]}", "    ", "      ")
    paragraph(f"SHA-256 before {event.seed.before.sha256}", "    ", "      ")
    paragraph(f"SHA-256 after  {event.seed.after.sha256}", "    ", "      ")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options(source=False)
def verify(paths: tuple[str, ...], config: Path | None, no_config: bool, schemas: tuple[Path, ...]) -> int:
    """Fixity check: hold each seed against its last event, its originals and, in a BagIt bag, the manifests.

    In a folder, a seed that has events and is no longer there is told too, and so is a damaged record of any seed, and an
    original that no event names. Exit 1 where something is not as it is on record.
    """
    if not paths:
        raise click.UsageError("name the files or folders to verify (`.` is this folder)", click.get_current_context())
    archive = opened(config, no_config, schemas)
    found = _found(archive, paths)
    seeds = found.seeds if found is not None else ()
    counts = dict.fromkeys(Fixity, 0)
    unsound = 0
    try:
        for shown, result in _verified(archive, paths, seeds):
            counts[result.fixity] += 1
            unsound += not result.is_sound
            for problem in result.problems:
                click.echo(f"{printable(shown)}: {printable(problem)}")
        strays = list(_stray_originals(archive, paths, seeds))
    except PreservationError as error:
        raise ConfigError(str(error)) from None
    for stray in strays:
        click.echo(f"{printable(stray)}: no event names this original; its event was lost, or never committed")
    parts = [f"{number:,} {fixity.value}" for fixity, number in counts.items() if number]
    parts += [counted(len(strays), "original that no event names", "originals that no event names")] * bool(strays)
    click.echo(f"{counted(sum(counts.values()), 'seed')}: {', '.join(parts) or 'nothing to verify'}", err=True)
    return int(unsound + len(strays) > 0)


def _found(archive: Archive, paths: tuple[str, ...]) -> Discovery | None:
    """The seeds that the arguments lead to. That there are none is no mistake where some are on record: they may be gone."""
    try:
        return discovered(archive, paths)
    except ConfigError:
        folders = [Path(path, "-") for path in paths]
        if all(map(os.path.isdir, paths)) and any(recorded(records_root(archive.root, each)) for each in folders):
            return None
        raise


def _verified(archive: Archive, paths: Sequence[str], seeds: Sequence[Seed]) -> Iterator[tuple[str, Verified]]:
    """What came of each seed, and of each that has a record below the folders that were named; what to call it before it."""
    by_root: dict[Path, list[Seed]] = {}
    for seed in seeds:
        by_root.setdefault(records_root(archive.root, seed.path), []).append(seed)
    for root, members in by_root.items():
        for result in verify_seeds(root, members, archive.settings.limit_bytes):
            yield result.name, result

    def elsewhere() -> Sequence[Seed]:
        return discover([archive.root], archive.settings, archive.root).seeds

    told: set[tuple[Path, str]] = set()
    for folder in filter(os.path.isdir, paths):
        root = records_root(archive.root, Path(folder, "-"))
        seen = {name_in_records(root, seed.path) for seed in by_root.get(root, ())}
        for result in verify_logs(root, Path(folder), seen, elsewhere):
            if (root, result.name) not in told:
                told.add((root, result.name))
                yield _shown(archive, root, result.name), result


def _stray_originals(archive: Archive, paths: Sequence[str], seeds: Sequence[Seed]) -> Iterator[str]:
    """The originals that no event names, in every record that the arguments lead to."""
    places = [seed.path for seed in seeds] + [Path(folder, "-") for folder in filter(os.path.isdir, paths)]
    for root in dict.fromkeys(records_root(archive.root, place) for place in places):
        for name in unnamed_originals(root):
            yield _shown(archive, root, name)


def _shown(archive: Archive, root: Path, name: str) -> str:
    """What a file of a record is called in messages: relative to the archive's root where it lies inside."""
    path, top = whole_path(root / name), os.path.realpath(archive.root)
    return os.path.relpath(path, top) if path.startswith(top.rstrip("/") + "/") else path
