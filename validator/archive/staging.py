"""Commands that stage files in git, for a person to copy."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from validator.archive.git import find_repository, ignored_paths, staged_files
from validator.archive.opening import Archive
from validator.archive.root import repository_of
from validator.text.errors import ConfigError


def in_git(archive: Archive) -> frozenset[Path] | None:
    """The files in git's index; `None` if the archive is in no repository."""
    try:
        repository = find_repository(archive.root)
    except ConfigError:
        return None
    return frozenset(Path(repository.top, name) for name in staged_files(repository))


def git_add(files: Sequence[Path], ignored: Collection[Path] = ()) -> str:
    """The command that stages these files, as seen from the working directory; with `-f` if git ignores one of them."""
    force = ["-f"] * any(path in ignored for path in files)
    return " ".join(["git", "add", *force, "--", *(shell_word(relative(path)) for path in files)])


def staging(archive: Archive, written: Iterable[Sequence[Path]]) -> Iterator[str]:
    """The commands that stage what was written, one for each seed, without originals that git has: they never change."""
    written = list(written)
    kept = in_git(archive) or frozenset()
    ignored = ignored_by_git(path for files in written for path in files)
    for files in written:
        yield git_add([path for path in files if path not in kept or path.suffix != ".gz"], ignored)


def ignored_by_git(files: Iterable[Path]) -> frozenset[Path]:
    """The files that git would ignore: a user's own `*.gz` makes it ignore all originals."""
    paths = [str(path) for path in files]
    repository = repository_of(os.path.dirname(paths[0])) if paths else None
    return frozenset(map(Path, ignored_paths(repository, paths))) if repository is not None else frozenset()


def relative(path: Path) -> str:
    """A path relative to the working directory, absolute if it lies outside."""
    here = os.path.realpath(Path.cwd())
    return os.path.relpath(path, here) if str(path).startswith(here.rstrip("/") + "/") else str(path)


def shell_word(name: str) -> str:
    """A name as bash, zsh and other shells with `$'…'` read it; always printable."""
    if name.isprintable():
        return shlex.quote(name)
    # Bytes that are not UTF-8, and invisible characters, are written as escapes.
    shown = "".join(
        character if character.isprintable() and character not in "'\\" else _escaped(character) for character in name
    )
    return f"$'{shown}'"


def _escaped(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in os.fsencode(character))
