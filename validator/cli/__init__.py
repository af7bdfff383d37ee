"""The command line. Each command's module is imported when it is called, so that one file is checked without delay."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from validator import __version__

_HOMES = {
    "validate": ("validate", "Check seeds and say exactly what is wrong where."),
    "record": ("record", "Print what a seed says of itself, and where each value stands."),
    "identify": ("record", "Show which source a seed is of, what each scored and why."),
    "attest": ("sidecars", "Vouch for a value of the record, in the sidecar."),
    "accept": ("sidecars", "Accept a finding, with a reason, in the sidecar."),
    "rules": ("rules", "List the rules."),
    "explain": ("rules", "Explain a rule: what it finds, why that matters, what to do."),
    "sources": ("sources", "List, show, check and draft source schemas."),
}


class _Commands(click.Group):
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _HOMES and not args[0].startswith("-"):
            from validator.errors import nearest

            near = nearest(args[0], _HOMES)
            hint = f' Did you mean "{near}"?' if near else ""
            raise click.UsageError(f"no command is called {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="validator", message="%(prog)s %(version)s")
def program() -> None:
    """Check archived news documents (seeds) against the schemas of their sources.

    Exit codes: 0 nothing found, 1 findings, 2 usage or configuration, 3 a fault of the program.
    """


def main() -> None:
    """Run the command line and exit."""
    from validator.errors import ConfigError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(program(standalone_mode=False, prog_name="validator"))
    except click.exceptions.Abort:
        sys.exit(130)
    except KeyboardInterrupt:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except ConfigError as error:
        from validator.reports import printable

        click.echo(f"validator: {printable(str(error))}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read the report has stopped reading; what was found is not known to them.
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
