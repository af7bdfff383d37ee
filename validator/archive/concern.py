"""Which seeds a set of changes in git is about: what is staged, or what has changed since a commit.

A changed seed, its sidecar, and the sidecar of a folder are about those seeds. A changed configuration, baseline or source
schema is about all seeds.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from validator.archive.config import Settings, read_config
from validator.archive.discovery import discover, is_passed_over, is_seed_name, seed_found
from validator.archive.git import LINK, SUBMODULE, Change, Entry, Objects, Repository, links_of
from validator.archive.opening import FAMILIES, Archive
from validator.archive.reading import read_seed
from validator.archive.root import config_candidates, is_schema, repository_of, schemas_folder, speaks_of_us, whole_path
from validator.archive.seeds import UNREADABLE, Discovery, Seed, SidecarFile
from validator.archive.snapshot import LINKS_FOLLOWED, Snapshot
from validator.record.sidecar import FOLDER_SIDECAR, SIDECAR_SUFFIX
from validator.record.sidecar_reading import read_sidecar
from validator.rules import RULES
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.globs import excludes


class InIndex:
    """The archive as it is staged. Names are relative to its root, paths are those of the work tree."""

    def __init__(self, archive: Archive, files: Snapshot) -> None:
        self._archive = archive
        self._root = str(archive.root)
        self._files = files
        self._folders: set[str] = set()

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder."""
        return self._files.has(path) or self._files.has_folder(path)

    def is_there(self, name: str) -> bool:
        """Whether the archive has a file."""
        return self._files.has(_joined(self._root, name))

    def place(self, name: str) -> str:
        """Where a file is read."""
        return self._files.copy_of(_joined(self._root, name))

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, `None` if it cannot be read."""
        content = read_seed(self._files.put(path))
        return None if isinstance(content, Unread) else content

    def names(self) -> Iterator[str]:
        """Every file of the archive that may be a seed."""
        inside = (_inside(self._root, self._files.path(name)) for name in self._files.files)
        return (name for name in inside if name is not None)

    def links(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Each link, and the paths that it leads through."""
        return self._files.links()

    def seed(self, name: str) -> Seed | None:
        """A seed, copied with its sidecars; `None` if there is no such file."""
        path = _joined(self._root, name)
        if not self._files.has(path):
            return None
        copy = self._files.put(path, self._archive.settings.limit_bytes)
        self._files.put(path + SIDECAR_SUFFIX)
        folder = os.path.dirname(path)
        while folder not in self._folders:
            self._folders.add(folder)
            sidecar = _joined(folder, FOLDER_SIDECAR)
            if self._files.name(sidecar) is None and os.path.lexists(sidecar):
                self._files.link(sidecar, sidecar)  # above the repository, in an archive that reaches beyond it
            self._files.put(sidecar)
            if folder == self._root:
                break
            folder = os.path.dirname(folder)
        return seed_found(copy, name, (str(self._archive.tree), self._root))


class OnDisk:
    """The archive as it is in the work tree, with the same methods."""

    def __init__(self, archive: Archive, repository: Repository) -> None:
        self._archive = archive
        self._root = str(archive.root)
        self._repository = repository

    def exists(self, path: str) -> bool:
        return os.path.lexists(path)

    def is_there(self, name: str) -> bool:
        return os.path.lexists(self.place(name))

    def place(self, name: str) -> str:
        return _joined(self._root, name)

    def read(self, path: str) -> bytes | None:
        content = read_seed(path)
        return None if isinstance(content, Unread) else content

    def names(self) -> Iterator[str]:
        base = max(self._root, self._repository.top, key=len)
        return (seed.name for seed in discover([base], self._archive.settings, self._archive.root).seeds)

    def links(self) -> Iterator[tuple[str, Sequence[str]]]:
        for name in links_of(self._repository):
            path = at = _joined(self._repository.top, name)
            through: list[str] = []
            while os.path.islink(at) and len(through) < LINKS_FOLLOWED:
                at = os.path.normpath(os.path.join(os.path.dirname(at), os.readlink(at)))
                through.append(at)
            yield path, (*through, os.path.realpath(path))

    def seed(self, name: str) -> Seed | None:
        path = self.place(name)
        if not os.path.lexists(path):
            return Seed.at(path, name, unread=Unread(UNREADABLE, "it is not checked out (a sparse checkout)"))
        return seed_found(path, name, (self._root,))


There = InIndex | OnDisk


def _joined(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"


def _inside(folder: str, path: str) -> str | None:
    """A path relative to a folder, `None` if it lies outside."""
    start = folder.rstrip("/") + "/"
    return path[len(start) :] if path.startswith(start) else None


@dataclass(frozen=True, slots=True)
class _Touched:
    """A changed path: whether a file is there now, and what was there before, if that `is_known`."""

    is_there: bool
    before: Entry | None = None
    is_known: bool = True


class Concern:
    """What changes are about. `touched` has the changed paths, `renamed` the former names of renamed files by their new ones.

    `is_about_all` says that the configuration, its baseline or a source schema has changed, or may have: then all seeds count.
    """

    def __init__(
        self, archive: Archive, repository: Repository, there: There, contents: Objects, changes: Iterable[Change],
        baseline: Path | None,
    ) -> None:  # fmt: skip
        self._archive = archive
        self._baseline = baseline
        self._there = there
        self._contents = contents
        self._root = str(archive.root)
        self.renamed: dict[str, str] = {}
        self.touched: dict[str, _Touched] = {}
        for change in changes:
            self._touch(repository.top, change)
        # A link whose target has changed has other content than before.
        for path, through in list(there.links()):
            if path not in self.touched and any(each in self.touched for each in through):
                self.touched[path] = _Touched(True, is_known=False)
        self.is_about_all = self._is_about_all()

    def _touch(self, top: str, change: Change) -> None:
        now, old = (None if name is None else _joined(top, name) for name in (change.name, change.old))
        if old is not None and old != now:
            self.touched[old] = replace(self.touched.get(old, _Touched(False)), before=change.before)
        if now is not None:
            before = change.before if old == now else None
            self.touched[now] = _Touched(True, before or self.touched.get(now, _Touched(True)).before)
        if now is not None and old is not None and old != now:
            names = _inside(self._root, now), _inside(self._root, old)
            if names[0] is not None and names[1] is not None:
                self.renamed[names[0]] = names[1]

    @cached_property
    def all_seeds(self) -> list[str]:
        """The names of all seeds of the archive."""
        return [name for name in self._there.names() if self._is_seed(name)]

    def _is_seed(self, name: str) -> bool:
        return is_seed_name(name, self._archive.settings, self._there.is_there)

    def found(self, limits: Limits) -> Discovery:
        """The seeds that the changes are about, sidecars without a seed and files passed over, within the limits."""
        there = self._there
        seeds, orphans, others = set(self.all_seeds if self.is_about_all else ()), set(), set()
        for path, touched in self.touched.items():
            name = _inside(self._root, path)
            if name is None:
                continue
            folder, _, last = name.rpartition("/")
            if last == FOLDER_SIDECAR:
                seeds.update(self._spoken_of(folder, name, touched))
                continue
            beside = name.removesuffix(SIDECAR_SUFFIX)
            is_sidecar = beside != name
            if not is_sidecar and not touched.is_there and there.is_there(name):
                continue  # git no longer has it
            has_sidecar = touched.is_there if is_sidecar else there.is_there(name + SIDECAR_SUFFIX)
            if there.is_there(beside) or (touched.is_there and not is_sidecar):
                if self._is_seed(beside):
                    seeds.add(beside)
                elif not is_sidecar and self._is_passed_over(name):
                    others.add(name)
            elif has_sidecar and self._may_be_orphan(beside):
                orphans.add(beside + SIDECAR_SUFFIX)
        wanted = (sorted(limits.within(each), key=os.fsencode) for each in (seeds, orphans, others))
        names, sidecars, passed_over = wanted
        return Discovery(
            tuple(seed for name in names if (seed := there.seed(name)) is not None),
            tuple(SidecarFile.at(there.place(name), name) for name in sidecars),
            others=tuple(passed_over),
        )

    def _is_passed_over(self, name: str) -> bool:
        return is_passed_over(name, self._archive.settings) and not os.path.isdir(_joined(self._root, name))

    def _may_be_orphan(self, name: str) -> bool:
        is_hidden = name.startswith(".") or "/." in name
        return not is_hidden and not excludes(self._archive.settings.exclude, name + SIDECAR_SUFFIX)

    # Sidecars of folders

    def _spoken_of(self, folder: str, name: str, touched: _Touched) -> list[str]:
        """The seeds that the sidecar of a folder is about, or was; all below the folder if the sidecar cannot be read."""
        start = f"{folder}/" if folder else ""
        below = [seed for seed in self.all_seeds if seed.startswith(start)]
        now = self._there.read(_joined(self._root, name)) if touched.is_there else None
        if not touched.is_known or (touched.is_there and now is None):
            return below
        versions = [content for content in (self._before(touched), now) if content is not None]
        return [seed for seed in below if any(_speaks(each, name, seed.removeprefix(start)) for each in versions)]

    def _before(self, touched: _Touched) -> bytes | None:
        """The bytes that were there, `None` if there was no file."""
        if touched.before is None or touched.before.mode in (LINK, SUBMODULE):
            return None
        return self._contents.read(touched.before.oid)

    # What all seeds depend on

    def _is_about_all(self) -> bool:
        """Whether the configuration, its baseline or a source schema changed. Of a changed schema, any seed may be."""
        folders = [self._archive.root / folder for folder in self._archive.settings.schemas]
        folders += [schemas_folder(), *self._archive.request.schemas]
        places = {place for folder in folders for place in (whole_path(folder), os.path.realpath(folder))}
        if self._baseline is not None:
            places.add(whole_path(self._baseline))
        for path in self.touched:
            if path in places or (os.path.dirname(path) in places and is_schema(os.path.basename(path))):
                return True
        return any(self._has_other_settings(path) for path in self._configurations() if str(path) in self.touched)

    def _configurations(self) -> Iterator[Path]:
        """The files that may have held the settings, up to the one that holds them now."""
        request = self._archive.request
        if request.no_config:
            return
        if request.config is not None:
            yield Path(whole_path(request.config))
            return
        for path in config_candidates(request.folder):
            yield path
            touched = self.touched.get(str(path), _Touched(True))
            if touched.is_there and _settings(path, self._there.read(str(path))) is not None:
                return

    def _has_other_settings(self, path: Path) -> bool:
        touched = self.touched[str(path)]
        now = self._there.read(str(path)) if touched.is_there else None
        was = touched.before
        if not touched.is_known or (was is not None and was.mode in (LINK, SUBMODULE)):
            return True
        return _settings(path, now) != _settings(path, self._before(touched))


def _speaks(content: bytes, name: str, inside: str) -> bool:
    """Whether the sidecar of a folder, or a problem in it, is about a seed."""
    sidecar = read_sidecar(content, name, inside, RULES)
    return bool(sidecar.problems or sidecar.source or sidecar.record or sidecar.accept)


def _settings(path: Path, content: bytes | None) -> Settings | bytes | None:
    """The settings in a configuration; `None` if it has none, its bytes if they cannot be parsed."""
    if content is None:
        return None
    try:
        text = content.decode("utf-8-sig")
        if path.name == "pyproject.toml" and not speaks_of_us(text):
            return None
        return read_config(text, path.name, known_rules=RULES, families=FAMILIES)
    except (ConfigError, UnicodeDecodeError):
        return content


class Limits:
    """The part of the archive that PATHS name: all of it without any. Raises ConfigError for a path beyond git's reach.

    `missing` are the paths that do not exist, and did not before.
    """

    def __init__(
        self, archive: Archive, repository: Repository, there: There, paths: Sequence[str], touched: Collection[str]
    ) -> None:
        self._root = str(archive.root)
        self._base = max(self._root, repository.top, key=len)
        if _inside(min(self._root, repository.top, key=len), self._base + "/") is None:
            raise ConfigError(f"the archive, whose root is {self._root}, is not in the repository {repository.top}")
        places: set[str] = set()
        self._places = places if paths else None
        self.missing: list[str] = []
        known = {above for each in touched for above in _and_above(each)} if paths else set()
        for path in paths:
            whole = os.path.realpath(path) if os.path.isdir(path) else whole_path(path)
            if there.exists(whole) or os.path.lexists(path) or whole in known:
                places.add(self._place(whole, path, repository))
            else:
                self.missing.append(path)

    def _place(self, whole: str, path: str, repository: Repository) -> str:
        """The file or folder that a path names. A sidecar means its seed or its folder."""
        if os.path.basename(whole) == FOLDER_SIDECAR:
            whole = os.path.dirname(whole)
        whole = whole.removesuffix(SIDECAR_SUFFIX)
        if _inside(whole, self._base + "/") is not None:
            return self._base
        if _inside(self._base, whole) is None:
            raise ConfigError(f"{path} lies outside of {self._base}, where git looks for changes")
        nested = repository_of(whole)
        if nested is not None and _inside(repository.top, nested) is not None:
            raise ConfigError(f"{path} lies in a repository of its own, {nested}: check it from there")
        return whole

    def within(self, names: Iterable[str]) -> Iterator[str]:
        """The names of seeds and sidecars that lie there."""
        for name in names:
            path = _joined(self._root, name.removesuffix(SIDECAR_SUFFIX))
            if self._places is None or any(above in self._places for above in _and_above(path)):
                yield name


def _and_above(path: str) -> Iterator[str]:
    """A path and the folders that it lies in."""
    while path and path != "/":
        yield path
        path = path.rpartition("/")[0]
    yield "/"
