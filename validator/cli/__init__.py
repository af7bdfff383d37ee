"""The command line. What a call does not need is not imported, so that one file is checked without delay."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import Any


def printed(text: str) -> str:
    """Text of the command line as it may stand in a message."""
    from validator.reports.escaping import printable

    return printable(text)


# A start makes some 30,000 objects, none of them garbage: looking through them time and again takes a twentieth of it. What a
# run makes later goes without a collection, and a seed's own objects are fewer.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def say(text: str) -> None:
    """Say a line on standard error."""
    sys.stderr.write(f"validator: {printed(text)}\n")
    sys.stderr.flush()


def main() -> None:
    """Run the command line and exit."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    atexit.register(gc.freeze)  # what the process leaves behind need not be looked through either
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before the program started
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run())


def _run() -> int:
    """Run the command line; the exit code. This is where what no seed is to blame for ends in a line of words."""
    from validator.text.errors import ConfigError

    try:
        code = _call(sys.argv[1:])
        sys.stdout.flush()
    except ConfigError as error:
        say(str(error))
        return 2
    except BrokenPipeError:
        # Whoever read the report has stopped reading; what was found is not known to them.
        _drop_output()
        return 1
    except OSError as error:
        from validator.archive.reading import system_reason

        say(system_reason(error))
        _drop_output()
        return 2
    except (Exception, KeyboardInterrupt) as fault:
        return _end_by(fault)
    return code if isinstance(code, int) else 0


def _call(arguments: list[str]) -> Any:
    """Call the command that the arguments name."""
    arguments = _guarded(arguments)
    from validator.cli.commands import program

    return program(arguments, standalone_mode=False, prog_name="validator")


def _guarded(arguments: list[str]) -> list[str]:
    """The arguments, of which with --hook none that is the name of a file is an option.

    A runner of hooks puts the names behind the options with nothing between them, and whoever sends a change chooses the
    names: a file may be called `--output=README.md`. From the first such name on all are names.
    """
    if "--hook" not in arguments or "--" in arguments:
        return arguments
    first = len(arguments)
    for at in range(len(arguments) - 1, arguments.index("--hook"), -1):
        if not os.path.lexists(arguments[at]):
            break
        if arguments[at].startswith("-"):
            first = at
    return arguments if first == len(arguments) else [*arguments[:first], "--", *arguments[first:]]


def _end_by(fault: BaseException) -> int:
    """The exit code of a run that ended by an exception; says what there is to say of it."""
    import click

    if isinstance(fault, EOFError | KeyboardInterrupt):  # as click does where it has made the call
        click.echo(err=True)
        return 130
    if isinstance(fault, click.exceptions.Abort):
        return 130
    if isinstance(fault, click.ClickException):
        fault.show()
        return 2
    from validator.archive.runner import describe_fault

    say(f"a fault of the program: {describe_fault(fault)}")
    return 3


def _drop_output() -> None:
    """Let what has not reached standard output go nowhere: Python would try, and complain, once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
