"""The command line. Each command's module is imported when it is called, so that one file is checked without delay."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from validator import __version__

_HOMES = {
    "validate": ("validate", "Check seeds and say exactly what is wrong where."),
    "repair": ("repair", "Mend what can be mended, keep proof, and say what is left."),
    "review": ("review", "Decide on a page in the browser what no repair may decide."),
    "undo": ("history", "Take back repairs, to the byte."),
    "history": ("history", "Show what was done to a seed."),
    "verify": ("history", "Fixity check: seeds against what is on record."),
    "record": ("record", "Print what a seed says of itself, and where each value stands."),
    "identify": ("record", "Show which source a seed is of, what each scored and why."),
    "attest": ("sidecars", "Vouch for a value of the record, in the sidecar."),
    "accept": ("sidecars", "Accept a finding, with a reason, in the sidecar."),
    "rules": ("rules", "List the rules."),
    "explain": ("rules", "Explain a rule: what it finds, why that matters, what to do."),
    "sources": ("sources", "List, show, check and draft source schemas."),
}


class Commands(click.Group):
    """A group of commands that, asked for one that it does not have, names the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names. Raises UsageError where there is none."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            from validator.errors import nearest

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


def printed(text: str) -> str:
    """Text of the command line as it may stand in a message."""
    from validator.reports import printable

    return printable(text)


def main() -> None:
    """Run the command line and exit."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before the program started
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run())


def _run() -> int:
    """Run the command line; the exit code. This is where what no seed is to blame for ends in a line of words."""
    from validator.errors import ConfigError

    try:
        code = program(standalone_mode=False, prog_name="validator")
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except ConfigError as error:
        click.echo(f"validator: {printed(str(error))}", err=True)
        return 2
    except BrokenPipeError:
        # Whoever read the report has stopped reading; what was found is not known to them.
        _drop_output()
        return 1
    except OSError as error:
        from validator.files import system_reason

        click.echo(f"validator: {printed(system_reason(error))}", err=True)
        _drop_output()
        return 2
    except Exception as fault:
        from validator.runner import describe_fault

        click.echo(f"validator: a fault of the program: {printed(describe_fault(fault))}", err=True)
        return 3
    return code if isinstance(code, int) else 0


def _drop_output() -> None:
    """Let what has not reached standard output go nowhere: Python would try, and complain, once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
