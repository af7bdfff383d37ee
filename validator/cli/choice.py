"""Which seeds `validate` is asked to check: paths, a list of paths, what is staged, or what has changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from validator.archive.opening import Archive, Request, open_archive
from validator.archive.reading import system_reason
from validator.cli.chosen import Choice, discovered, on_disk
from validator.cli.options import RunOptions, ValidateOptions
from validator.cli.terminal import complain
from validator.text.errors import ConfigError


def with_listed(options: RunOptions, to: str = "") -> tuple[str, ...] | None:
    """The paths and those of the list; `None`, after a message, if there is a list and both are empty.

    With `to`, what the command does, no paths and no list are a mistake. Raises ConfigError and UsageError.
    """
    paths, list_file = options.paths, options.list_file
    if list_file is None:
        if options.null:
            raise ConfigError("--null says how the names of --files-from end; there is no --files-from")
        if not paths and to:
            context = click.get_current_context()
            raise click.UsageError(f"name the files or folders to {to} (`.` is this folder)", context)
        return paths
    if list_file == "-" and "-" in paths:
        raise ConfigError("`-` and `--files-from -` both read standard input")
    listed = tuple(_listed(list_file, b"\0" if options.null else b"\n"))
    if not paths and not listed:
        complain("the list of --files-from is empty: there is nothing to do")
        return None
    return (*paths, *listed)


def _listed(list_file: str, end: bytes) -> Iterator[str]:
    try:
        if list_file == "-":
            if sys.stdin is None:
                raise ConfigError("--files-from reads standard input, which is closed")
            content = sys.stdin.buffer.read()
        else:
            content = Path(list_file).read_bytes()
    except OSError as error:
        raise ConfigError(f"the list cannot be read: {system_reason(error)}", list_file) from None
    if end == b"\n" and b"\0" in content:
        raise ConfigError("it holds a NUL, which no name may: use --null for names that end in NUL", list_file)
    for name in content.split(end):
        if name:
            yield os.fsdecode(name) if name != b"-" else "./-"


@contextmanager
def chosen(
    request: Request, options: ValidateOptions, paths: Sequence[str], archive: Archive | None = None
) -> Iterator[Choice | None]:
    """The seeds to check; `None` if the configuration excludes all of them. `archive` is the request's, if it is open."""
    if options.staged:
        from validator.cli.changes import chosen_staged

        with chosen_staged(request, paths, options.baseline) as choice:
            yield choice
    elif options.since is not None:
        from validator.cli.changes import chosen_since

        yield chosen_since(request, options.since, paths, options.baseline)
    else:
        archive = archive or open_archive(request)
        found = discovered(archive, paths)
        yield None if found is None else on_disk(archive, found)
