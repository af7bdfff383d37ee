"""`--hook`: how `validate` and `repair` differ when a runner of commit hooks calls them.

A runner names files by its own pattern. The configuration says which of them are seeds, as when a folder is walked. (A file
that a person names is always taken as a seed.)
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.archive.discovery import discover, is_passed_over, is_seed_name, seed_at
from validator.archive.opening import Archive
from validator.archive.root import repository_of
from validator.archive.seeds import Seed
from validator.cli.chosen import Choice, say_passed_over
from validator.cli.terminal import complain
from validator.record.sidecar import FOLDER_SIDECAR, SIDECAR_SUFFIX
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.text.globs import excludes

if TYPE_CHECKING:
    from validator.archive.hook_files import OwnHook
    from validator.cli.changes import Made

_RECORD = ".validator"  # preservation.FOLDER; importing it would take longer than checking a seed


def is_called_by_runner() -> bool:
    """Whether a runner may have called the program without a file: its configuration in this repository has our hook."""
    return bool(_own_hooks(Path.cwd()))


def _own_hooks(folder: Path) -> list[OwnHook]:
    from validator.archive.hook_files import own_hooks

    top = repository_of(os.path.realpath(folder))
    return [] if top is None else own_hooks(Path(top))


def made_for(archive: Archive) -> Made | None:
    """The commits for which the hook is called; None without git."""
    if repository_of(os.path.realpath(archive.root)) is None:
        return None
    from validator.cli.changes import Made

    return Made(archive)


def to_judge(archive: Archive, paths: Sequence[str], made: Made | None, baseline: Path | None) -> tuple[str, ...]:
    """The files that a hook judges: those that the runner names, and all seeds if the commit changes their configuration,
    baseline or schemas. Prints what the commit loosens.

    A runner names no file if the commit has no seed, or if it is configured so. Without names, the staged files count if the
    hook's own `files` and `exclude` match them.
    """
    if made is None:
        return named_by_runner(archive, paths)
    from validator.cli.changes import governed_anew

    top = made.repository.top
    anew = [str(archive.root / name) for name in governed_anew(archive, made, baseline)]
    if not paths:
        staged = [change.name for change in made.staged if change.name is not None]
        anew += named_by_runner(archive, [f"{top}/{name}" for name in staged], is_silent=True)
    if anew and (hooks := _own_hooks(archive.root)):
        start = f"{top.rstrip('/')}/"
        anew = [path for path in anew if any(hook.takes(path.removeprefix(start)) for hook in hooks)]
    return tuple(dict.fromkeys((*named_by_runner(archive, paths), *anew)))


def named_by_runner(
    archive: Archive, paths: Sequence[str], with_folders: bool = True, is_silent: bool = False
) -> tuple[str, ...]:
    """Those of the named files that a walk of the archive would find. Prints what is passed over, unless `is_silent`.

    Without `with_folders` the sidecar of a folder is passed over, instead of naming the seeds of the folder.
    """
    everything = replace(archive.settings, exclude=())
    taken, others = [], []
    excluded = 0
    for path in paths:
        name = seed_at(path, archive.root).name
        if Path(name).is_absolute():  # it lies outside of the archive
            continue
        if name.endswith(SIDECAR_SUFFIX):
            is_wanted = not name.startswith(".") and "/." not in name
        else:
            is_wanted = is_seed_name(name, everything, lambda other: os.path.lexists(archive.root / other))
        if not is_wanted and is_passed_over(name, archive.settings):
            others.append(name)
        if is_wanted and excludes(archive.settings.exclude, name):
            excluded += 1
        elif is_wanted and (with_folders or Path(path).name != FOLDER_SIDECAR):
            taken.append(path)
    if not is_silent:
        say_passed_over(others)
        if excluded:
            complain(f"{counted(excluded, 'file')} excluded by the configuration")
    if all(Path(path).name == FOLDER_SIDECAR for path in taken):
        # Sidecars of folders without seeds: a mistake if a person names them, but not here.
        taken = [path for path in taken if discover([path], archive.settings, archive.root).seeds]
    return tuple(taken)


def committed(choice: Choice, paths: Sequence[str]) -> Choice:
    """The choice without untracked seeds that were chosen only because of a folder's sidecar, and with the events that are not
    staged. Git is called only if there may be some.
    """
    root = choice.archive.root
    has_record = os.path.lexists(root / _RECORD)
    has_folders = any(Path(path).name == FOLDER_SIDECAR for path in paths)
    if not has_record and not has_folders:
        return choice
    from validator.archive.git import in_git
    from validator.preservation.staged import unstaged_events

    tracked = in_git(choice.archive.root)
    if tracked is None:
        return choice
    seeds = choice.found.seeds
    if has_folders:
        named = {seed_at(path.removesuffix(SIDECAR_SUFFIX), choice.archive.root).path for path in paths}
        seeds = tuple(seed for seed in seeds if seed.path in named or seed.path in tracked)
    unstaged = unstaged_events(root, [seed.name for seed in seeds])
    return replace(choice, found=replace(choice.found, seeds=seeds), unstaged=unstaged)


def unlike_a_clone(archive: Archive, seeds: Iterable[Seed]) -> int:
    """Print which sidecars of the seeds are not in git: in a clone the seeds would be judged differently. The exit code."""
    sidecars = _sidecars(seeds, archive.root)
    if not sidecars:
        return 0
    from validator.archive.git import in_git, relative

    tracked = in_git(archive.root)
    missing = [path for path in sidecars if tracked is not None and path not in tracked]
    return _say_to_stage(
        "it is about a seed of this commit and is not in git", {relative(each): [each] for each in missing}
    )


def without_record(archive: Archive, seeds: Iterable[Seed], repaired: Collection[Path]) -> int:
    """Print which seeds are staged as an earlier run repaired them, without the event of the repair; the exit code.

    Those that this run has `repaired` are not staged yet.
    """
    from validator.archive.git import in_git
    from validator.preservation.staged import unstaged_events

    if in_git(archive.root) is None:
        return 0
    unstaged = unstaged_events(archive.root, [seed.name for seed in seeds if seed.path not in repaired])
    files = {name: [archive.root / file for file in missing] for name, missing in unstaged.items()}
    return _say_to_stage("a repair of it is staged without its event", files)


def _say_to_stage(why: str, files: Mapping[str, Sequence[Path]]) -> int:
    """Print, for each name, why its files must be staged and how; the exit code."""
    if not files:
        return 0
    from validator.archive.git import git_add, ignored_by_git

    ignored = ignored_by_git(path for each in files.values() for path in each)
    for name, missing in files.items():
        click.echo(f"{printable(name)}: {why}: {git_add(missing, ignored)}", err=True)
    return 1


def _sidecars(seeds: Iterable[Seed], root: Path) -> list[Path]:
    """The sidecars that may be about the seeds, sorted."""
    top = root.resolve()
    candidates: set[Path] = set()
    folders: set[Path] = set()
    for seed in seeds:
        candidates.add(seed.sidecar)
        for folder in seed.path.parents:
            if folder in folders:
                break
            folders.add(folder)
            candidates.add(folder / FOLDER_SIDECAR)
            if folder == top or top not in folder.parents:
                break
    return sorted(path for path in candidates if os.path.lexists(path))
