"""`validator version`."""

from __future__ import annotations

import click

from validator import __version__
from validator.cli.options import command

PLACE = ("set up", 6)


@command()
def version() -> None:
    """Print the version of the program."""
    click.echo(f"validator {__version__}")
