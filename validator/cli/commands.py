"""All commands, for click. Each command's module is imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from validator import __version__
from validator.cli import printed

_HOMES = {
    "validate": ("validate", "Check seeds and say exactly what is wrong where."),
    "repair": ("repair", "Mend what can be mended, keep proof, and say what is left."),
    "review": ("review", "Decide on a page in the browser what no repair may decide."),
    "undo": ("history", "Take back repairs, to the byte."),
    "history": ("history", "Show what was done to a seed."),
    "verify": ("history", "Fixity check: seeds against what is on record."),
    "baseline": ("baseline", "Set aside what an archive has now: only what is new counts."),
    "record": ("record", "Print what a seed says of itself, and where each value stands."),
    "identify": ("record", "Show which source a seed is of, what each scored and why."),
    "attest": ("sidecars", "Vouch for a value of the record, in the sidecar."),
    "accept": ("sidecars", "Accept a finding, with a reason, in the sidecar."),
    "rules": ("rules", "List the rules."),
    "explain": ("rules", "Explain a rule: what it finds, why that matters, what to do."),
    "sources": ("sources", "List, show, check and draft source schemas."),
    "init": ("init", "Look at an archive, and write what it needs to be checked from now on."),
    "completion": ("completion", "Print what lets a shell complete commands, options and names."),
}


class Commands(click.Group):
    """A group of commands that, asked for one that it does not have, names the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names. Raises UsageError where there is none."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-") and not ctx.resilient_parsing:
            from validator.text.errors import nearest

            near = nearest(args[0], known)
            hint = f'did you mean "{near}"?' if near else f"commands are {', '.join(known)}"
            raise click.UsageError(f'no command is called "{printed(args[0])}"; {hint}', ctx)
        return super().resolve_command(ctx, args)


class _Program(Commands):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _HOMES:
            return None
        command = getattr(import_module(f"validator.cli.{_HOMES[cmd_name][0]}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _HOMES.items()])


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="validator", message="%(prog)s %(version)s")
def program() -> None:
    """Check archived news documents (seeds) against the schemas of their sources.

    Exit codes: 0 nothing from --fail-on upwards was found; 1 something was, or a seed could not be judged; 2 usage or
    configuration, nothing was checked; 3 a fault of the program.
    """
