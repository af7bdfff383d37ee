"""The program as click sees it: a group that finds its commands in the folder `commands`.

A command is a module in that folder. It defines a click command of the module's own name, and `PLACE`: its group, and its
position in the group. The first sentence of the command's docstring is its summary. Only the module of the command that is
called is imported, unless a list of all is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from itertools import groupby
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

import click

from validator import __version__
from validator.cli.options import WithNearest, color_option
from validator.cli.terminal import wanted_color
from validator.text.errors import nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

GROUPS = ("check", "fix", "record", "set up")  # in the order of `--help`
OTHER_NAMES = {"check": "validate", "fix": "repair"}  # names that other programs have for commands
_FOLDER = "validator.cli.commands"  # not imported by a statement: commands import this module


class Commands(WithNearest, click.Group):
    """A group that lists whole summaries, and names the nearest command when it does not know one."""

    other_names: Mapping[str, str] = {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names. Raises UsageError if no command has this name."""
        is_name = bool(args) and not args[0].startswith("-") and not ctx.resilient_parsing
        if is_name and self.get_command(ctx, args[0]) is None:
            from validator.reports.escaping import printable

            known = self.list_commands(ctx)
            near = nearest(args[0], [*known, *self.other_names])
            hint = f'did you mean "{near}"?' if near else f"commands are {', '.join(known)}"
            raise click.UsageError(f'no command is called "{printable(args[0])}"; {hint}', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their summaries."""
        with formatter.section("Commands"):
            formatter.write_dl(self._rows(ctx, self.list_commands(ctx)))

    def _rows(self, ctx: click.Context, names: list[str]) -> list[tuple[str, str]]:
        listed = [(name, self.get_command(ctx, name)) for name in names]
        return [(_named(name), each.get_short_help_str(200)) for name, each in listed if each is not None]


def _named(name: str) -> str:
    """A command with its other names."""
    return ", ".join((name, *(other for other, real in OTHER_NAMES.items() if real == name)))


class _Program(Commands):
    other_names = OTHER_NAMES

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the other names too."""
        from click.shell_completion import CompletionItem

        others = [(name, self.get_command(ctx, name)) for name in OTHER_NAMES if name.startswith(incomplete)]
        items = [CompletionItem(name, help=each.get_short_help_str(200)) for name, each in others if each is not None]
        return [*super().shell_complete(ctx, incomplete), *items]

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_names(), key=_place)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = OTHER_NAMES.get(cmd_name, cmd_name)
        if name not in _names():
            return None
        command: click.Command = getattr(_module(name), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write("\nCommands:\n")
        for group, names in groupby(self.list_commands(ctx), key=lambda name: GROUPS[_place(name)[0]]):
            with formatter.section(f"To {group}"):
                formatter.write_dl(self._rows(ctx, list(names)), col_max=22)


@cache
def _names() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(import_module(_FOLDER).__path__))


def _module(name: str) -> ModuleType:
    return import_module(f"{_FOLDER}.{name}")


def _place(name: str) -> tuple[int, int]:
    group, position = _module(name).PLACE
    return GROUPS.index(group), position


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="validator", message="%(prog)s %(version)s")
@click.pass_context
def program(context: click.Context) -> None:
    """Check archived news documents (seeds) against the schemas of their sources.

    Exit codes: 0 no finding at or above --fail-on; 1 there was one, or a seed could not be judged; 2 usage or configuration,
    nothing was checked; 3 a fault of the program.
    """
    if context.color is None:
        context.color = wanted_color("auto")


program.params.append(color_option())
