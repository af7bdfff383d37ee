"""The command line. A call imports only what it needs, so that the check of one file starts fast."""

from __future__ import annotations

import atexit
import gc
import os
import sys

# Start-up and the first seed create more than 50,000 objects, and most of them stay. Collecting garbage before that would take
# 5% of the time.
_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def main() -> None:
    """Run the command line and exit."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    atexit.register(gc.freeze)  # so that the objects are not searched when the process ends
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before the program started
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run())


def _run() -> int:
    """Run the command line and return the exit code. An error that is not about a seed is printed as one line."""
    from validator.archive.reading import system_reason
    from validator.cli.program import program
    from validator.cli.terminal import complain
    from validator.text.errors import ConfigError

    try:
        code = program(_guarded(sys.argv[1:]), standalone_mode=False, prog_name="validator")
        sys.stdout.flush()
    except ConfigError as error:
        complain(str(error))
        return 2
    except BrokenPipeError:  # nobody reads the rest of the report
        _drop_output()
        return 1
    except OSError as error:
        complain(system_reason(error))
        _drop_output()
        return 2
    except (Exception, KeyboardInterrupt) as fault:
        return _end_by(fault)
    return code if isinstance(code, int) else 0


def _guarded(arguments: list[str]) -> list[str]:
    """The arguments. With --hook, the name of an existing file is never taken for an option.

    A hook runner puts file names directly after the options, and the author of a change chooses the names: a file may be
    called `--output=README.md`. From the first such name on, every argument is a name.
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
    """Print the reason why a run ended by an exception; the exit code."""
    import click

    if isinstance(fault, EOFError | KeyboardInterrupt):  # as click does when it has made the call
        click.echo(err=True)
        return 130
    if isinstance(fault, click.exceptions.Abort):
        return 130
    if isinstance(fault, click.ClickException):
        fault.show()
        return 2
    from validator.archive.runner import describe_fault
    from validator.cli.terminal import complain
    from validator.preservation.disk import PreservationError

    if isinstance(fault, PreservationError):
        complain(str(fault))
        return 2
    complain(f"a fault of the program: {describe_fault(fault)}")
    return 3


def _drop_output() -> None:
    """Discard unwritten output. Otherwise Python would try to write it when it ends, and print an error again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
