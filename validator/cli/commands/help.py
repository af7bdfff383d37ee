"""`validator help`."""

from __future__ import annotations

import click

from validator.cli.options import argument, command

PLACE = ("set up", 5)


@command()
def help(names: tuple[str, ...] = argument(nargs=-1, metavar="[COMMAND]...")) -> None:  # noqa: A001 - the command's name
    """Print the help of the program, or of a command."""
    context = click.get_current_context().find_root()
    for name in names:
        if not isinstance(context.command, click.Group):
            raise click.UsageError(f"{context.command_path} has no commands of its own", context)
        found, inner, _ = context.command.resolve_command(context, [name])
        if inner is None:
            return
        context = click.Context(inner, context, info_name=found)
    click.echo(context.get_help())
