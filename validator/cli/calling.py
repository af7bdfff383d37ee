"""How the program was called, as the report says it: the command line, and what the next command needs."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from validator.archive.opening import Archive
from validator.archive.reading import today
from validator.cli.options import RunOptions
from validator.reports.escaping import printable
from validator.reports.model import Run
from validator.text.errors import ConfigError

MOST_PATHS = 8  # arguments that a hint repeats
_REPEATED = ("config", "no_config", "schemas", "source")  # options that a command on the same seeds needs too
_UNTOLD = ("--output", "--compare-with")  # where a report is, and what it is compared with: not what was checked


def run_of(archive: Archive, options: RunOptions, paths: Sequence[str], *, with_commit: bool) -> Run:
    """The run. Git is asked for the commit only `with_commit`."""
    here = os.path.relpath(archive.root)
    return Run(
        command=printable(shlex.join(["validator", *_told(sys.argv[1:])])),
        paths=_arguments(options, paths),
        here="" if here == "." else f"{here}/",
        root=printable(str(archive.root)),
        commit=_commit(archive.root) if with_commit else "",
        began=today().isoformat(),
        rule_url=archive.settings.rule_url or "",
    )


def _told(arguments: Sequence[str]) -> list[str]:
    """The arguments without those that only say where a report goes."""
    out, is_skipped = [], False
    for each in arguments:
        if not is_skipped and each not in _UNTOLD and not each.startswith(tuple(f"{name}=" for name in _UNTOLD)):
            out.append(each)
        is_skipped = not is_skipped and each in _UNTOLD
    return out


def _arguments(options: RunOptions, paths: Sequence[str]) -> str:
    """The arguments of a command on the same seeds, ready for a shell. Empty if they are too many, or none is a path."""
    if options.list_file is not None or not paths or len(paths) > MOST_PATHS or "-" in paths:
        return ""
    given: list[str] = []
    for each in fields(options):
        value = getattr(options, each.name)
        if each.name in _REPEATED and value:
            spelling = f"--{each.name.replace('_', '-')}"
            values = value if isinstance(value, tuple) else (value,)
            given += [spelling] if value is True else [part for one in values for part in (spelling, str(one))]
    text = shlex.join([*given, *map(str, paths)])
    return text if printable(text) == text else ""


def _commit(root: Path) -> str:
    from validator.archive.git import commit_of, find_repository

    try:
        return commit_of(find_repository(root), "HEAD") or ""
    except ConfigError:
        return ""
