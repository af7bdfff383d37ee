"""`validator schema`."""

from __future__ import annotations

import click

from validator.archive.root import read_text, schemas_folder
from validator.cli.options import Choice, argument, command

PLACE = ("set up", 3)
NAMES = ("baseline", "config", "event", "report", "sidecar", "source")


@command()
def schema(name: str = argument(metavar="NAME", type=Choice(NAMES))) -> None:
    """Print a JSON Schema, for an editor or a program.

    NAME is config, source, sidecar, report, baseline or event.
    """
    click.echo(read_text(schemas_folder() / f"{name}.schema.json"), nl=False)
