"""The files of git's index or of a commit as files on disk, so that they can be read as an archive is."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from validator.archive.config import DEFAULT_LIMIT_BYTES
from validator.archive.git import (
    LINK,
    SUBMODULE,
    Entry,
    Objects,
    Repository,
    committed_files,
    objects,
    staged_files,
)
from validator.archive.root import is_schema, whole_path

LINKS_FOLLOWED = 40  # as many as Linux follows


class Snapshot:
    """The files of the index or of a commit. A copy of each is made when it is asked for, in a folder under its whole path.

    Paths are absolute paths of the work tree. The paths `absent` are not read from the disk either.
    """

    def __init__(
        self,
        repository: Repository,
        files: Mapping[str, Entry],
        contents: Objects,
        folder: str,
        absent: Collection[str] = (),
    ) -> None:
        self._folder = folder
        self.files = files
        self.contents = contents
        self._top = repository.top
        self._absent = absent
        self._put: set[str] = set()
        self._made: set[str] = set()

    def name(self, path: str) -> str | None:
        """Git's name for a path; None outside of the repository."""
        start = self._top.rstrip("/") + "/"
        return path[len(start) :] if path.startswith(start) else None

    def path(self, name: str) -> str:
        """The path of a file in the work tree."""
        return f"{self._top.rstrip('/')}/{name}"

    def copy_of(self, path: str | Path) -> str:
        """Where the copy of a path is; there need not be one."""
        return self._folder + str(path)

    def has(self, path: str) -> bool:
        """Whether a file is staged."""
        name = self.name(path)
        return name is not None and name in self.files and self.files[name].mode != SUBMODULE

    def place(self, path: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> Path:
        """The copy of a configuration, a baseline or a folder of schemas, made now from what is staged, or if nothing is staged
        from the disk. Outside of the repository the path itself.
        """
        whole = whole_path(path)
        if whole != self._top and self.name(whole) is None:
            return path
        self.put(whole, limit_bytes)
        if self.has(whole):
            where = self._led_to(self.name(whole) or "")
            if where.kind == "folder":
                self._put_schemas(where.path)
        elif not os.path.isfile(whole):
            self._put_schemas(whole)
        elif whole not in self._absent:
            self.link(whole, whole)
        return Path(self.copy_of(whole))

    def _put_schemas(self, folder: str) -> None:
        if self.has_folder(folder):
            self._make(self.copy_of(folder))
        for child in self._folders.get(self.name(folder) or "", ()):
            if is_schema(child):
                self.put(f"{folder}/{child}")
        with suppress(OSError):
            for child in os.listdir(folder):
                self._make(self.copy_of(folder))
                path = f"{folder}/{child}"
                if is_schema(child) and not self.has(path) and path not in self._absent:
                    self.link(path, path)

    def put(self, path: str, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> str:
        """Put a file into the mirror if it is staged; the path of its copy. A link leads to a copy, or to a path outside of the
        repository; a broken one is broken here too.
        """
        copy = self.copy_of(path)
        if path in self._put or not self.has(path):
            return copy
        self._put.add(path)
        self._make(os.path.dirname(copy))
        name = self.name(path) or ""
        entry = self.files[name]
        if entry.mode != LINK:
            self.contents.copy(entry.oid, copy, max(limit_bytes, DEFAULT_LIMIT_BYTES))
            return copy
        where = self._led_to(name)
        if where.kind == "circle":
            os.symlink(os.path.basename(copy), copy)
        elif where.kind == "outside":
            os.symlink(where.path, copy)
        else:
            self.put(where.path, limit_bytes)
            if where.kind == "folder":
                self._make(self.copy_of(where.path))
            os.symlink(self.copy_of(where.path) + where.rest, copy)
        return copy

    def link(self, path: str, target: str) -> None:
        """Make the copy of a path a link to a file on the disk."""
        copy = self.copy_of(path)
        self._make(os.path.dirname(copy))
        with suppress(FileExistsError):
            os.symlink(target, copy)

    def _make(self, folder: str) -> None:
        if folder not in self._made:
            self._made.add(folder)
            os.makedirs(folder, exist_ok=True)

    def links(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The path of each staged link, with the paths that it leads to, link by link."""
        for name, entry in self.files.items():
            if entry.mode == LINK:
                where = self._led_to(name)
                yield self.path(name), (*where.through, where.path)

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        """The folders of the index, each with the names of the files in it."""
        children: dict[str, list[str]] = {"": []}
        for name in self.files:
            folder, _, last = name.rpartition("/")
            above = folder
            while above not in children:
                children[above] = []
                above = above.rpartition("/")[0]
            children[folder].append(last)
        return children

    def has_folder(self, path: str) -> bool:
        """Whether something in a folder is staged."""
        name = self.name(path)
        return path == self._top or (name is not None and name in self._folders)

    def _led_to(self, name: str) -> _Where:
        """Where a staged link leads, link by link, in the index as long as the way lies in it."""
        waiting = name.split("/")[::-1]
        at = self._top
        through: list[str] = []
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                at = os.path.dirname(at)
                continue
            path = f"{at.rstrip('/')}/{part}"
            rest = "".join(f"/{each}" for each in waiting[::-1])
            inside = self.name(path)
            if inside is None:
                if path != self._top and not self._top.startswith(path + "/"):
                    return _Where("outside", os.path.join(path, *waiting[::-1]), through=tuple(through))
                at = path
                continue
            entry = self.files.get(inside)
            if entry is None:
                if inside not in self._folders:
                    return _Where("nowhere", path, rest, tuple(through))
                at = path
            elif entry.mode != LINK:
                return _Where("nowhere" if rest or entry.mode == SUBMODULE else "file", path, rest, tuple(through))
            else:
                through.append(path)
                if len(through) > LINKS_FOLLOWED:
                    return _Where("circle", path)
                target = os.fsdecode(self.contents.read(entry.oid))
                if target.startswith("/"):
                    at = ""
                waiting += target.split("/")[::-1]
        is_inside = self.name(at) is not None or at == self._top
        return _Where("folder" if is_inside else "outside", at or "/", through=tuple(through))


@dataclass(frozen=True, slots=True)
class _Where:
    """What a link leads to. `kind` is `file` or `folder` (of the index), `outside` (of the repository), `nowhere` or `circle`.

    `rest` is the part of the way that does not exist; `through` are the links on the way.
    """

    kind: str
    path: str
    rest: str = ""
    through: tuple[str, ...] = ()


@contextmanager
def snapshot(repository: Repository, commit: str | None = None, absent: Collection[str] = ()) -> Iterator[Snapshot]:
    """The files of a commit, or without one of the index, until the context ends. Raises ConfigError.

    Files that git does not have are read from the disk, except those at the paths `absent`.
    """
    import tempfile

    files = staged_files(repository) if commit is None else committed_files(repository, commit)
    with objects(repository) as contents, tempfile.TemporaryDirectory(prefix="validator-") as folder:
        yield Snapshot(repository, files, contents, os.path.realpath(folder), absent)
