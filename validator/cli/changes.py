"""`--staged` and `--since`: the seeds that git's changes are about, and a message if the changes loosen the checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from validator.archive.concern import Concern, InIndex, Limits, OnDisk, There, may_govern
from validator.archive.git import (
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
from validator.archive.snapshot import snapshot
from validator.cli.chosen import Choice, refuse_missing
from validator.cli.known import configured
from validator.cli.terminal import complain

_MOST_BYTES = 1 << 30  # of a file that is no seed


@contextmanager
def chosen_staged(request: Request, paths: Sequence[str], baseline: Path | None) -> Iterator[Choice]:
    """The staged seeds. Meanwhile the parts of the index that are needed lie in a mirror, where workers find them."""
    repository = find_repository(request.folder)
    with snapshot(repository) as files:

        def place(path: Path) -> Path:
            return files.place(path, _MOST_BYTES)

        request = replace(request, mirror=files.mirror)
        archive = open_archive(request, files.place)
        there = InIndex(archive, files)
        changes = staged_changes(repository)
        concern = Concern(archive, repository, there, files.contents, changes, baseline or configured(archive))
        head = commit_of(repository, "HEAD")
        if concern.is_about_all and head is not None:
            from validator.cli.loosening import say_loosened

            say_loosened(archive, repository, head, concern.touched, None, baseline, place)
        choice = _choice(archive, repository, there, concern, paths)
        if not choice.found.seeds and not choice.found.sidecars:
            complain("nothing that is staged concerns a seed: there is nothing to check")
        from validator.preservation.staged import unstaged_events

        unstaged = unstaged_events(archive.root, [seed.name for seed in choice.found.seeds])
        yield replace(choice, unstaged=unstaged, place=place)


def chosen_since(request: Request, ref: str, paths: Sequence[str], baseline: Path | None) -> Choice:
    """The seeds that have changed since a commit, as they are in the work tree."""
    repository = find_repository(request.folder)
    archive = open_archive(request)
    changes = changes_since(repository, ref)
    there = OnDisk(archive, repository)
    with objects(repository) as contents:
        concern = Concern(archive, repository, there, contents, changes, baseline or configured(archive))
        if concern.is_about_all:
            from validator.cli.loosening import say_loosened

            say_loosened(archive, repository, merge_base(repository, ref), concern.touched, ref, baseline)
        choice = _choice(archive, repository, there, concern, paths)
    if not choice.found.seeds and not choice.found.sidecars:
        complain(f"nothing that has changed since {ref} concerns a seed: there is nothing to check")
    return choice


def _choice(archive: Archive, repository: Repository, there: There, concern: Concern, paths: Sequence[str]) -> Choice:
    limits = Limits(archive, repository, there, paths, concern.touched)
    refuse_missing(limits.missing)
    return Choice(archive, concern.found(limits), there.is_there, concern.renamed)


def governed_anew(archive: Archive, repository: Repository, since: str | None, baseline: Path | None) -> list[str]:
    """The names of all seeds in git if the commit changes the configuration, its baseline or a schema; else none.

    Says what the commit loosens. With `since` the changes since that commit count. For a hook: the work tree holds what is
    staged.
    """
    changes = staged_changes(repository) if since is None else changes_since(repository, since)
    in_use = baseline or configured(archive)
    names = {name for each in changes for name in (each.name, each.old) if name is not None}
    if not any(may_govern(name, archive, repository, in_use) for name in names):
        return []
    with objects(repository) as contents:
        concern = Concern(archive, repository, OnDisk(archive, repository), contents, changes, in_use)
    if not concern.is_about_all:
        return []
    base = commit_of(repository, "HEAD") if since is None else merge_base(repository, since)
    if base is not None:
        from validator.cli.loosening import say_loosened

        say_loosened(archive, repository, base, concern.touched, since, baseline)
    tracked = {Path(repository.top, name) for name in staged_files(repository)}
    return sorted(name for name in concern.seeds if archive.root / name in tracked)
