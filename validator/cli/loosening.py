"""Prints what a commit or a branch loosens: the checks before it, compared with the checks now."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import click

from validator.archive.discovery import seed_at
from validator.archive.git import Repository
from validator.archive.opening import Archive, Request, open_archive
from validator.archive.root import Place, as_it_stands, find_config, whole_path
from validator.archive.snapshot import Snapshot, snapshot
from validator.cli import known
from validator.cli.terminal import complain
from validator.reports.escaping import printable
from validator.reports.loosening import Standard, loosened
from validator.text.errors import ConfigError


def say_loosened(
    archive: Archive, repository: Repository, base: str, changed: Collection[str], since: str | None,
    baseline: Path | None = None, place: Place = as_it_stands,
) -> None:  # fmt: skip
    """Print on standard error what has been loosened since the commit `base`, if anything.

    `changed` are the paths that have changed since then. `since` is the base as the command line has it, `None` for what is
    about to be committed. Raises ConfigError for a file that is no baseline.
    """
    now = _standard(archive, baseline, place)
    try:
        with snapshot(repository, base, changed) as files:
            was = _standard_before(archive.request, files, baseline, changed)
    except ConfigError as error:
        complain(f"whether this loosens the checks is not known, as the earlier files cannot be read: {error}")
        return
    sentences = [printable(sentence) for sentence in loosened(was, now)]
    if not sentences:
        return
    what = "this commit loosens" if since is None else f"what has changed since {printable(since)} loosens"
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from validator.reports.formats.github import notice

        for sentence in sentences:
            click.echo(notice(f"{what} what is checked: {sentence}"), err=True)
    else:
        click.echo("\n  ".join([f"validator: {what} what is checked:", *sentences]), err=True)


def _standard_before(request: Request, files: Snapshot, baseline: Path | None, changed: Collection[str]) -> Standard:
    """The checks at the time of a snapshot."""

    def place(path: Path) -> Path:
        return files.place(path, known.LIMIT_BYTES)

    if request.config is not None and not place(request.config).exists():
        request = replace(request, config=None, no_config=True)
    schemas = tuple(folder for folder in request.schemas if place(folder).is_dir())
    request = replace(request, schemas=schemas)
    return _standard(open_archive(request, place), baseline, place, may_lack=changed)


def _standard(archive: Archive, baseline: Path | None, place: Place, may_lack: Collection[str] = ()) -> Standard:
    """The checks of an archive. A baseline among the paths `may_lack` may be missing."""
    request = archive.request
    config = None if request.no_config else request.config or find_config(request.folder, place)
    file = baseline or known.configured(archive)
    entries = {}
    if file is not None and not (whole_path(file) in may_lack and not place(file).exists()):
        entries = known.read(file, archive, place)
    return Standard(
        "" if config is None else seed_at(str(config), archive.root).name,
        archive.settings,
        archive.sources,
        entries,
        "" if file is None else known.shown(file, archive),
    )
