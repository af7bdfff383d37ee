"""`--staged` and `--since`: the seeds that git's changes are about, and a message if the changes loosen the checks."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.archive.concern import Concern, InIndex, Limits, OnDisk, There
from validator.archive.discovery import discover, seed_at
from validator.archive.git import (
    Change,
    Repository,
    changes_since,
    commit_of,
    find_repository,
    merge_base,
    objects,
    staged_changes,
    staged_files,
)
from validator.archive.opening import Archive, Request, open_archive
from validator.archive.root import Place, as_it_stands, find_config, repository_of, whole_path
from validator.archive.seeds import Discovery, Seed
from validator.archive.snapshot import Snapshot, snapshot
from validator.cli import known
from validator.cli.chosen import Choice, on_disk, refuse_missing
from validator.cli.terminal import complain
from validator.reports.escaping import printable
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport

if TYPE_CHECKING:  # they are not always needed
    from validator.across.comparing import Known
    from validator.reports.loosening import Standard


@contextmanager
def chosen_staged(request: Request, paths: Sequence[str], baseline: Path | None) -> Iterator[Choice]:
    """The staged seeds. Meanwhile there are copies of the parts of the index that are needed."""
    repository = find_repository(request.folder)
    with snapshot(repository) as files:

        def place(path: Path) -> Path:
            return files.place(path, known.LIMIT_BYTES)

        archive = open_archive(request, files.place)
        archive = replace(archive, tree=Path(files.copy_of(archive.root)))
        there = InIndex(archive, files)
        changes = staged_changes(repository)
        concern = Concern(archive, repository, there, files.contents, changes, baseline or known.configured(archive))
        head = commit_of(repository, "HEAD")
        if concern.is_about_all and head is not None:
            say_loosened(archive, repository, head, concern.touched, None, baseline, place)
        choice = _choice(archive, repository, there, concern, paths)
        if not choice.found.seeds and not choice.found.sidecars:
            complain("nothing that is staged concerns a seed: there is nothing to check")
        from validator.preservation.staged import unstaged_events

        unstaged = unstaged_events(archive.root, [seed.name for seed in choice.found.seeds])
        others = known_beside(archive, repository, head, concern.touched, there.seed) if choice.found.seeds else None
        yield replace(choice, unstaged=unstaged, place=place, known=others)


def chosen_since(request: Request, ref: str, paths: Sequence[str], baseline: Path | None) -> Choice:
    """The seeds that have changed since a commit, as they are in the work tree."""
    repository = find_repository(request.folder)
    archive = open_archive(request)
    changes = changes_since(repository, ref)
    there = OnDisk(archive, repository)
    with objects(repository) as contents:
        concern = Concern(archive, repository, there, contents, changes, baseline or known.configured(archive))
        if concern.is_about_all:
            say_loosened(archive, repository, merge_base(repository, ref), concern.touched, ref, baseline)
        choice = _choice(archive, repository, there, concern, paths)
        if choice.found.seeds:
            base = merge_base(repository, ref)
            choice = replace(choice, known=known_beside(archive, repository, base, concern.touched, there.seed))
    if not choice.found.seeds and not choice.found.sidecars:
        complain(f"nothing that has changed since {ref} concerns a seed: there is nothing to check")
    return choice


def _choice(archive: Archive, repository: Repository, there: There, concern: Concern, paths: Sequence[str]) -> Choice:
    limits = Limits(archive, repository, there, paths, concern.touched)
    refuse_missing(limits.missing)
    return Choice(archive, concern.found(limits), there.is_there, concern.renamed)


def known_beside(
    archive: Archive,
    repository: Repository,
    base: str | None,
    touched: Iterable[str],
    there: Callable[[str], Seed | None],
) -> Known | None:
    """The archive's seeds with which chosen ones are compared: those of a commit, and of the paths `touched` since."""
    from validator.across.comparing import compares

    if base is None or not compares(archive):
        return None
    from validator.across.known import Archived

    start = f"{str(archive.root).rstrip('/')}/"
    names = [path.removeprefix(start) for path in touched if path.startswith(start)]
    return Archived(archive, repository, base, names, there, complain)


class Made:
    """What the commits hold for which a hook is called: the one that is about to be made, or those that are about to be pushed.

    `since` is the commit since which they count; None means what is staged. Git is asked once for each fact.
    """

    def __init__(self, archive: Archive) -> None:
        self.repository = find_repository(archive.root)
        since = os.environ.get("PRE_COMMIT_FROM_REF") or ""
        self.since = since if commit_of(self.repository, since) is not None else None

    @cached_property
    def base(self) -> str | None:
        """The commit to which they are added; None before the first commit."""
        return commit_of(self.repository, "HEAD") if self.since is None else merge_base(self.repository, self.since)

    @cached_property
    def changes(self) -> list[Change]:
        """What they change."""
        return self.staged if self.since is None else changes_since(self.repository, self.since)

    @cached_property
    def staged(self) -> list[Change]:
        """What is staged."""
        return staged_changes(self.repository, self.base if self.since is None else None)


def among_committed(choice: Choice, made: Made) -> Choice:
    """The choice of a hook, to be compared with the archive that the commits are added to."""
    return _among(choice, made.repository, made.base, made.changes) if choice.found.seeds else choice


def among_the_rest(choice: Choice, paths: Iterable[str]) -> Choice:
    """The choice of a part of a configured archive, to be compared with the rest of it; without git as it is."""
    archive = choice.archive
    if archive.config_sha256 is None or not choice.found.seeds or repository_of(os.path.realpath(archive.root)) is None:
        return choice
    inside = f"{os.path.realpath(archive.root).rstrip('/')}/"
    is_part = all(os.path.realpath(path).startswith(inside) for path in paths if path != "-")
    if not is_part:
        return choice
    repository = find_repository(archive.root)
    head = commit_of(repository, "HEAD")
    return choice if head is None else _among(choice, repository, head, changes_since(repository, head))


def judged_among_others(archive: Archive, seed: Seed) -> SeedReport:
    """The report of one seed that is compared with all others of its archive."""
    from validator.across.comparing import reports_of

    seeds = [seed]
    known = among_the_rest(on_disk(archive, Discovery((seed,))), (seed.place,)).known
    if known is None:
        others = discover([archive.root], archive.settings, archive.root).seeds
        seeds += [other for other in others if other.name != seed.name]
    return next(reports_of(archive, seeds, archive.settings.jobs, known))


def _among(choice: Choice, repository: Repository, base: str | None, changes: Iterable[Change]) -> Choice:
    """The choice with the other seeds of its archive: those of a commit, with what has changed since."""
    names = (name for change in changes for name in (change.name, change.old) if name is not None)
    touched = [f"{repository.top.rstrip('/')}/{name}" for name in names]
    there = OnDisk(choice.archive, repository)
    return replace(choice, known=known_beside(choice.archive, repository, base, touched, there.seed))


def governed_anew(archive: Archive, made: Made, baseline: Path | None) -> list[str]:
    """The names of all seeds in git if the commits change the configuration, its baseline or a schema; else none.

    Prints what the commits loosen. For a hook: the work tree holds what is staged.
    """
    repository = made.repository
    with objects(repository) as contents:
        there = OnDisk(archive, repository)
        concern = Concern(archive, repository, there, contents, made.changes, baseline or known.configured(archive))
    if not concern.is_about_all:
        return []
    if made.base is not None:
        say_loosened(archive, repository, made.base, concern.touched, made.since, baseline)
    tracked = {Path(repository.top, name) for name in staged_files(repository)}
    return sorted(name for name in concern.all_seeds if archive.root / name in tracked)


def say_loosened(
    archive: Archive, repository: Repository, base: str, changed: Collection[str], since: str | None,
    baseline: Path | None = None, place: Place = as_it_stands,
) -> None:  # fmt: skip
    """Print on standard error what has been loosened since the commit `base`, if anything was.

    `changed` are the paths that have changed since then. `since` is the base as the command line has it, `None` for what is
    about to be committed. Raises ConfigError for a file that is no baseline.
    """
    from validator.reports.loosening import loosened

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
    from validator.reports.loosening import Standard

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
