"""`--hook`: what `validate` and `repair` do otherwise where a program that runs commit hooks calls them, and no person.

Such a program names files by a pattern of its own. Which of them are seeds is for the configuration to say, as it is when a
folder is walked; a person who names a file is taken at their word.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.archive.discovery import discover, is_passed_over, is_seed_name, seed_at
from validator.archive.opening import Archive
from validator.archive.root import repository_of
from validator.archive.seeds import SIDECAR_SUFFIX, Seed
from validator.cli.choice import Choice, say_passed_over
from validator.record.sidecar import FOLDER_SIDECAR
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.text.errors import ConfigError
from validator.text.globs import excludes

if TYPE_CHECKING:
    from validator.cli.runners import OwnHook


option = click.option("--hook", is_flag=True, help="Work as a hook: a program names the files, not you.")


def is_called_by_runner() -> bool:
    """Whether a program that runs hooks may have called this one without a file: there is a configuration that has it."""
    return bool(_own_hooks(Path.cwd()))


def _own_hooks(folder: Path) -> list[OwnHook]:
    from validator.cli.runners import own_hooks

    top = repository_of(os.path.realpath(folder))
    return [] if top is None else own_hooks(Path(top))


def to_judge(archive: Archive, paths: Sequence[str], baseline: Path | None) -> tuple[str, ...]:
    """The files that a hook judges: those that the runner names, and all seeds of the archive where the commit changes what they
    are held against. What it loosens is said.

    The runner names none where no seed is in the commit, and where somebody has told it to name none. So without names it is
    what is staged that counts, as far as the hook's own `files` and `exclude` take it.
    """
    top = repository_of(os.path.realpath(archive.root))
    if top is None:
        return named_by_runner(archive, paths)
    from validator.archive.git import commit_of, find_repository, staged_changes
    from validator.cli.changes import governed_anew

    repository = find_repository(archive.root)
    since = os.environ.get("PRE_COMMIT_FROM_REF") or None
    if since is not None and commit_of(repository, since) is None:
        since = None
    anew = [str(archive.root / name) for name in governed_anew(archive, since, baseline)]
    if not paths:
        staged = [change.name for change in staged_changes(repository) if change.name is not None]
        anew += named_by_runner(archive, [f"{top}/{name}" for name in staged], in_silence=True)
    if anew and (hooks := _own_hooks(archive.root)):
        start = f"{top.rstrip('/')}/"
        anew = [path for path in anew if any(hook.takes(path.removeprefix(start)) for hook in hooks)]
    return tuple(dict.fromkeys((*named_by_runner(archive, paths), *anew)))


def settings(formats: tuple[str, ...]) -> tuple[str, ...]:
    """The formats of a hook: what says first where, unless a format was asked for."""
    return formats or ("concise",)


def named_by_runner(
    archive: Archive, paths: Sequence[str], with_folders: bool = True, in_silence: bool = False
) -> tuple[str, ...]:
    """Of the files that a runner names those that a walk of the archive would find; says what is passed over unless `in_silence`.

    Without `with_folders` the sidecar of a folder does not stand for the seeds of that folder: it is passed over.
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
    if not in_silence:
        say_passed_over(others)
    if excluded and not in_silence:
        click.echo(f"validator: {counted(excluded, 'file')} excluded by the configuration", err=True)
    if all(Path(path).name == FOLDER_SIDECAR for path in taken):
        # Of folders that have no seeds yet: as a person's argument that is a mistake, here it is none.
        taken = [path for path in taken if discover([path], archive.settings, archive.root).seeds]
    return tuple(taken)


def in_git(archive: Archive) -> frozenset[Path] | None:
    """The files that are in git's index; None where the archive is in no repository."""
    from validator.archive.git import find_repository, staged_files

    try:
        repository = find_repository(archive.root)
    except ConfigError:
        return None
    return frozenset(Path(repository.top, name) for name in staged_files(repository))


def committed(choice: Choice, paths: Sequence[str]) -> Choice:
    """What a runner's list leads to: without seeds that only the sidecar of a folder brings in and git does not have, and with
    what is not staged of the record of repairs. Git is asked only where there is something to ask about.
    """
    root = choice.archive.root
    # preservation.FOLDER, which is not imported for that: it would cost more than the check of a seed.
    has_record = os.path.lexists(root / ".validator")
    has_folders = any(Path(path).name == FOLDER_SIDECAR for path in paths)
    tracked = in_git(choice.archive) if has_record or has_folders else None
    if tracked is None:
        return choice
    from validator.preservation.staged import unstaged_events

    seeds = choice.found.seeds
    if has_folders:
        named = {seed_at(path.removesuffix(SIDECAR_SUFFIX), choice.archive.root).path for path in paths}
        seeds = tuple(seed for seed in seeds if seed.path in named or seed.path in tracked)
    unstaged = unstaged_events(root, [seed.name for seed in seeds])
    return replace(choice, found=replace(choice.found, seeds=seeds), unstaged=unstaged)


def unlike_a_clone(archive: Archive, seeds: Iterable[Seed]) -> int:
    """Say which sidecars speak of seeds and are not in git: what was judged with them a clone would judge otherwise.

    The exit code: 1 where there is one.
    """
    sidecars = _sidecars(seeds, archive.root)
    tracked = in_git(archive) if sidecars else None
    missing = [path for path in sidecars if tracked is not None and path not in tracked]
    ignored = ignored_by_git(missing) if missing else frozenset()
    for path in missing:
        click.echo(
            f"{printable(relative(path))}: it speaks of a seed of this commit and is not in git: {git_add([path], ignored)}",
            err=True,
        )
    return int(bool(missing))


def without_record(archive: Archive, seeds: Iterable[Seed], mended: Collection[Path]) -> int:
    """Say which seeds are staged as a repair left them, and what proves the repair is not; the exit code.

    Those that this run has `mended` are not staged yet as it left them.
    """
    from validator.preservation.staged import unstaged_events

    if in_git(archive) is None:
        return 0
    names = {seed.name: seed for seed in seeds if seed.path not in mended}
    unstaged = unstaged_events(archive.root, names)
    files = {name: [archive.root / file for file in missing] for name, missing in unstaged.items()}
    ignored = ignored_by_git(path for each in files.values() for path in each) if files else frozenset()
    for name, missing in files.items():
        click.echo(
            f"{printable(name)}: a repair of it is staged without its event: {git_add(missing, ignored)}", err=True
        )
    return int(bool(files))


def _sidecars(seeds: Iterable[Seed], root: Path) -> list[Path]:
    """The sidecars that are there and may speak of the seeds, sorted."""
    top = root.resolve()
    candidates: set[Path] = set()
    folders: set[Path] = set()
    for seed in seeds:
        candidates.add(seed.path.with_name(seed.path.name + SIDECAR_SUFFIX))
        for folder in seed.path.parents:
            if folder in folders:
                break
            folders.add(folder)
            candidates.add(folder / FOLDER_SIDECAR)
            if folder == top or top not in folder.parents:
                break
    return sorted(path for path in candidates if os.path.lexists(path))


# ---------------------------------------------------------------------------------------------------------------------
# Commands to be copied


def git_add(files: Sequence[Path], ignored: Collection[Path] = ()) -> str:
    """The command that stages just these files, seen from the working directory; `-f` where git ignores one of them."""
    force = ["-f"] * any(path in ignored for path in files)
    return " ".join(["git", "add", *force, "--", *(shell_word(relative(path)) for path in files)])


def staging(archive: Archive, written: Iterable[Sequence[Path]]) -> Iterator[str]:
    """The commands that stage what was written, one for each seed; without originals that are in git: they never change."""
    written = list(written)
    kept = in_git(archive) or frozenset()
    ignored = ignored_by_git(path for files in written for path in files)
    for files in written:
        yield git_add([path for path in files if path not in kept or path.suffix != ".gz"], ignored)


def ignored_by_git(files: Iterable[Path]) -> frozenset[Path]:
    """Which of these files git would ignore, as somebody's own `*.gz` makes it ignore all originals."""
    import subprocess

    by_name = {b"./" + os.fsencode(name): path for path in files if not Path(name := relative(path)).is_absolute()}
    try:
        answer = subprocess.run(
            ["git", "check-ignore", "-z", "--stdin"],
            input=b"".join(name + b"\0" for name in by_name),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        ).stdout
    except OSError:
        return frozenset()
    return frozenset(by_name[name] for name in answer.split(b"\0") if name)


def relative(path: Path) -> str:
    """A path as it is seen from the working directory, absolute where it lies outside of it."""
    here = os.path.realpath(Path.cwd())
    return os.path.relpath(path, here) if str(path).startswith(here.rstrip("/") + "/") else str(path)


def shell_word(name: str) -> str:
    """A name as bash, zsh and other shells with `$'…'` read it back, to the byte; printable whatever is in it."""
    if name.isprintable():
        return shlex.quote(name)
    # Bytes that are no text, and characters that cannot be seen, stand as the escapes of their bytes.
    shown = "".join(
        character if character.isprintable() and character not in "'\\" else _escaped(character) for character in name
    )
    return f"$'{shown}'"


def _escaped(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in os.fsencode(character))
