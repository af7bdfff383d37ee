"""How the program was called, as the report says it: the command line, and what the next command needs."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Collection, Sequence
from dataclasses import fields
from functools import partial
from hashlib import sha256
from pathlib import Path

from validator.archive.opening import Archive
from validator.archive.reading import read_seed, today
from validator.archive.root import project_addresses
from validator.cli.options import RunOptions, ValidateOptions
from validator.reports.escaping import printable
from validator.reports.model import Profile, Run, Setting, Since
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport

MOST_PATHS = 8  # arguments that a hint repeats
_REPEATED = ("config", "no_config", "schemas", "source")  # options that a command on the same seeds needs too
_LINKED = frozenset(("github", "html", "json", "jsonl", "rdjsonl", "sarif"))  # formats that link to pages of rules
_COMPARED = frozenset(("html", "text"))  # formats that say what has changed
# Options that change where a report goes and how it looks, not what is in it; the first take a value.
_UNTOLD = ("--output", "--format", "--output-format", "--compare-with", "--jobs", "--color")
_UNTOLD_FLAGS = ("-q", "--quiet", "-v", "--verbose", "--no-cache", "--full", "--statistics", "--exit-zero")


def setting_of(
    archive: Archive, options: ValidateOptions, paths: Sequence[str], formats: Collection[str], profile: Profile
) -> Setting:
    """What the reports of a run are told. Raises ConfigError for an earlier report that cannot be read, or that none compares."""
    since = None
    if options.compare_with is not None:
        from validator.reports.trend import read_earlier

        if not _COMPARED.intersection(formats):
            raise ConfigError(f"--compare-with goes with --format {' or '.join(sorted(_COMPARED))}")
        with options.compare_with.open(encoding="utf-8", errors="replace") as file:
            since = Since(options.compare_with.name, read_earlier(file, str(options.compare_with)))
    return Setting(
        profile, verbose=options.verbose, quiet=options.quiet, full=options.full, run=run_of(archive, options, paths, formats),
        since=since, text_of=partial(_text_of, archive),
    )  # fmt: skip


def _text_of(archive: Archive, report: SeedReport) -> str | None:
    """The text of a seed; None if it is not the one that was checked."""
    from validator.parsing.decoding import decoded_as

    content = read_seed(archive.tree / report.path, archive.settings.limit_bytes)
    if isinstance(content, Unread) or sha256(content).hexdigest() != report.sha256:
        return None
    return decoded_as(content, report.encoding).text


def run_of(archive: Archive, options: RunOptions, paths: Sequence[str], formats: Collection[str]) -> Run:
    """The run. What takes time to find out is found out only if one of the formats shows it."""
    here = os.path.relpath(archive.root)
    return Run(
        command=printable(shlex.join(["validator", *_told(sys.argv[1:])])),
        paths=_arguments(options, paths),
        here="" if here == "." else f"{here}/",
        root=printable(str(archive.root)),
        commit=_commit(archive.root) if "html" in formats else "",
        began=today().isoformat(),
        rule_url=archive.settings.rule_url or (_installed_rule_url() if _LINKED.intersection(formats) else ""),
    )


def _told(arguments: Sequence[str]) -> list[str]:
    """The arguments that say what was checked, and how."""
    out, is_value = [], False
    for each in arguments:
        is_untold = each in _UNTOLD or each in _UNTOLD_FLAGS or each.partition("=")[0] in _UNTOLD
        if not is_value and not is_untold:
            out.append(each)
        is_value = not is_value and each in _UNTOLD
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


def _installed_rule_url() -> str:
    """The address of a rule's page as the installed package gives it: its documentation, else its public repository."""
    pages = project_addresses().get("documentation")
    if pages is not None:
        return f"{pages.rstrip('/')}/docs/rules.html#{{rule}}"
    from validator.archive.adoption import installed_from

    source = installed_from()
    return in_repository(source.url or "", source.rev or "HEAD")


def in_repository(url: str, rev: str) -> str:
    """The address of a rule's page in a repository that a browser can open; empty for any other."""
    found = re.fullmatch(r"(?:https?://|(?:ssh://)?git@)([\w.-]+\.[a-z]+)[/:]([\w./~-]+?)(?:\.git)?/?", url)
    return f"https://{found[1]}/{found[2]}/blob/{rev}/docs/rules.md#{{rule}}" if found else ""


def _commit(root: Path) -> str:
    from validator.archive.git import commit_of, find_repository

    try:
        return commit_of(find_repository(root), "HEAD") or ""
    except ConfigError:
        return ""
