"""`validator history`."""

from __future__ import annotations

import click

from validator.cli.chosen import one_seed
from validator.cli.options import ArchiveOptions, argument, command
from validator.cli.terminal import complain, paragraph, paragraphs
from validator.preservation import writing
from validator.preservation.disk import PreservationError
from validator.preservation.events import Event
from validator.preservation.writing import name_in_records, records_root
from validator.reports.escaping import printable

PLACE = ("fix", 4)


@command(ArchiveOptions)
def history(options: ArchiveOptions, path: str = argument(type=click.Path())) -> int:
    """Show what was done to a seed: when, by whom and why.

    Exit 1 if the record of the seed is damaged.
    """
    archive = options.opened()
    seed = one_seed(archive, path)
    try:
        root = records_root(archive.root, seed.path)
        name = name_in_records(root, seed.path)
        events = writing.history(root, name)
    except PreservationError as error:
        complain(f"{seed.name}: {error}")
        return 1
    click.echo(printable(seed.name))
    if not events:
        click.echo("  no event is on record")
    for event in events:
        _show(event, name)
    return 0


def _show(event: Event, name: str) -> None:
    """Print an event of a seed; `name` is the seed's name now."""
    who = f", by {event.by}" if event.by else ""
    paragraph(f"{event.when} {event.type}: {event.state}{who}", "  ", "    ")
    lines = [f"the seed was called {event.seed.name}"] if event.seed.name != name else []
    lines += [f"run {event.run}, event {event.identifier}", event.detail]
    for change in event.changes:
        for edit in change["edits"]:
            lines.append(f"{change['rule']} at {edit['start']}: {edit['old']!r} became {edit['new']!r}")
        if change["recode"]:
            lines.append(f"{change['rule']}: from {change['recode'][0]} to {change['recode'][1]}")
    lines += [f"SHA-256 before {event.seed.before.sha256}", f"SHA-256 after  {event.seed.after.sha256}"]
    paragraphs(lines, "    ", "      ")
