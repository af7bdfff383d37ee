"""Finding seeds and their sidecars: what the arguments of a run lead to."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from validator.archive.config import BASELINE_NAME, Settings
from validator.archive.git import ignored_paths
from validator.archive.reading import NOTHING_THERE, irregular, system_reason, unread
from validator.archive.root import CONFIG_NAMES, is_schema, repository_of
from validator.archive.seeds import UNREADABLE, Discovery, Files, Seed, SidecarFile, name_under
from validator.record.sidecar import FOLDER_SIDECAR, SIDECAR_SUFFIX
from validator.rules.views import Unread
from validator.text.globs import excludes, matches_any

# In the top folder of a BagIt bag (RFC 8493): files that describe the bag and are not documents of the archive.
_BAG_TAG = re.compile(r"bagit\.txt|bag-info\.txt|fetch\.txt|(?:tag)?manifest-[a-z0-9]+\.txt")


def discover(paths: Iterable[str | Path], settings: Settings, root: Path) -> Discovery:
    """The seeds that the arguments of a run lead to.

    A file is taken whatever its name and whether or not git ignores it, unless the configuration excludes it. Of a folder,
    everything that `include` matches is taken, at any depth, except hidden files and folders and what git ignores; a named
    folder that is itself ignored is still walked. Another repository below it, such as a submodule, is not entered, since it
    has its own rules and its own record of repairs; name it to take it. Links to folders are not followed. A link to a file is
    followed within the root and the named folder. Any other link is a seed that cannot be read; so is a folder that cannot be
    listed, and anything with a seed's name that is not a regular file. A sidecar is never a seed: naming one means its seed, and
    naming the sidecar of a folder means the folder.
    """
    search = _Search(settings, root)
    for path in paths:
        search.argument(os.fspath(path))
    return Discovery(
        search.seeds.in_order(),
        search.sidecars.in_order(),
        tuple(dict.fromkeys(search.excluded)),
        tuple(dict.fromkeys(search.missing)),
        tuple(sorted(set(search.others), key=os.fsencode)),
        tuple(sorted(set(search.nested), key=os.fsencode)),
    )


def seed_at(path: str, root: Path) -> Seed:
    """The seed of a path, which need not exist: the name given to standard input."""
    folder, name = os.path.split(os.path.abspath(path))
    place = os.path.join(os.path.realpath(folder), name)
    return Seed.at(place, name_under(place, os.path.realpath(root)))


def seed_found(path: str, name: str, roots: Sequence[str]) -> Seed | None:
    """The seed at a path as a walk of the root finds it: None for a folder, an unreadable seed if nothing is there.

    A link is followed into any of the `roots`: the root, and its copy if that is read.
    """
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            return None
        return Seed.at(path, name, size=status.st_size, unread=irregular(status.st_mode) or _astray(path, roots))
    except OSError as error:
        return Seed.at(path, name, unread=unread(error, path))


def _astray(path: str, folders: Iterable[str]) -> Unread | None:
    """Why a link to a file is not followed; None if it leads into one of the folders, or is not a link."""
    if not os.path.islink(path):
        return None
    target = os.path.realpath(path)
    if any(name_under(target, folder) != target for folder in folders):
        return None
    return Unread(UNREADABLE, "it is a symbolic link to a file outside of the root")


def orphan_sidecars(discovery: Discovery) -> tuple[SidecarFile, ...]:
    """The sidecars found whose seed does not exist."""
    return tuple(sidecar for sidecar in discovery.sidecars if _is_orphan(sidecar.place))


def _is_orphan(path: str) -> bool:
    return os.path.basename(path) != FOLDER_SIDECAR and not os.path.lexists(path.removesuffix(SIDECAR_SUFFIX))


# ---------------------------------------------------------------------------------------------------------------------
# Names


_Kind = Literal["seed", "sidecar", "other", "excluded"]


def _kind(name: str, settings: Settings) -> _Kind | None:
    """What a file of this name is for a walk of the root; None if the walk has nothing to do with it.

    Hidden files are passed over before; files of a BagIt bag are told apart elsewhere.
    """
    is_sidecar = name.endswith(SIDECAR_SUFFIX)
    is_wanted = is_sidecar or matches_any(settings.include, name)
    if excludes(settings.exclude, name):
        return "excluded" if is_wanted else None
    if is_wanted:
        return "sidecar" if is_sidecar else "seed"
    return None if _is_setting(name, settings) else "other"


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or "/." in name


def is_seed_name(name: str, settings: Settings, is_there: Callable[[str], bool]) -> bool:
    """Whether a walk of the root takes a file of this name as a seed; `is_there` knows the archive's files.

    Does not ask git, nor what kind of file it is.
    """
    folder, _, last = name.rpartition("/")
    if _is_hidden(name) or _kind(name, settings) != "seed":
        return False
    return not (_BAG_TAG.fullmatch(last) and is_there(f"{folder}/bagit.txt" if folder else "bagit.txt"))


def is_passed_over(name: str, settings: Settings) -> bool:
    """Whether a file of this name is not a seed only because `include` does not match it."""
    return not _is_hidden(name) and _kind(name, settings) == "other"


def _is_setting(name: str, settings: Settings) -> bool:
    """Whether a file of this name governs how seeds are checked: a configuration, its baseline, a source schema."""
    folder, _, last = name.rpartition("/")
    if last in CONFIG_NAMES or last == BASELINE_NAME or name == settings.baseline:
        return True
    return is_schema(last) and os.path.normpath(folder) in [os.path.normpath(each) for each in settings.schemas]


# ---------------------------------------------------------------------------------------------------------------------
# Searching


class _Search:
    """One discovery in progress."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.seeds: Files[Seed] = Files()
        self.sidecars: Files[SidecarFile] = Files()
        self.excluded: list[str] = []
        self.missing: list[str] = []
        self.others: list[str] = []
        self.nested: list[str] = []
        self._settings = settings
        self._root = os.path.realpath(root)

    def argument(self, argument: str) -> None:
        try:
            os.lstat(argument)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno not in NOTHING_THERE:
                path = os.path.abspath(argument)
                self.seeds.append(Seed.at(path, self._name(path), unread=unread(error, argument)))
            else:
                self.missing.append(argument)
            return
        if os.path.isdir(argument):
            self._folder(os.path.realpath(argument), argument)
        else:
            head, tail = os.path.split(argument)
            self._file(os.path.join(os.path.realpath(head), tail), argument)

    def _file(self, path: str, argument: str) -> None:
        name = self._name(path)
        if os.path.basename(path) == FOLDER_SIDECAR:
            self._folder(os.path.dirname(path), argument)
        elif excludes(self._settings.exclude, name):
            self.excluded.append(argument)
        elif not path.endswith(SIDECAR_SUFFIX):
            self.seeds.append(Seed.at(path, name))
        else:
            self.sidecars.append(SidecarFile.at(path, name))
            if not _is_orphan(path):
                self._file(path.removesuffix(SIDECAR_SUFFIX), argument)

    def _name(self, path: str) -> str:
        return name_under(path, self._root)

    def _folder(self, top: str, argument: str) -> None:
        """Add what is in a folder, except what git ignores."""
        if excludes(self._settings.exclude, self._name(top)):
            self.excluded.append(argument)
            return
        seeds_before, has_excluded = len(self.seeds), False
        waiting: list[tuple[str, Seed | str, str]] = []
        ignored: set[str] = set()  # as git says; a folder that is named later counts though it is ignored
        for kind, item, repository in _walk(top, self._root, self._settings):
            has_excluded = has_excluded or kind == "excluded"
            if repository is None:
                self._take(kind, item)
                continue
            waiting.append((kind, item, repository))
            if len(waiting) == _ASKED_AT_A_TIME:
                self._settle(waiting, ignored)
                waiting.clear()
        self._settle(waiting, ignored)
        if has_excluded and len(self.seeds) == seeds_before:
            self.excluded.append(argument)

    def _settle(self, found: Iterable[tuple[str, Seed | str, str]], ignored: set[str]) -> None:
        """Take what git does not ignore, and add what it does to `ignored`."""
        by_repository: dict[str, list[tuple[str, Seed | str]]] = {}
        for kind, item, repository in found:
            by_repository.setdefault(repository, []).append((kind, item))
        # Outer ones come first: a repository inside another may be ignored as a whole.
        for repository in sorted(by_repository, key=len):
            if repository in ignored:
                continue
            paths = [item if isinstance(item, str) else item.place for _, item in by_repository[repository]]
            ignored |= ignored_paths(repository, paths)
            for (kind, item), path in zip(by_repository[repository], paths, strict=True):
                if path not in ignored:
                    self._take(kind, item)

    def _take(self, kind: str, item: Seed | str) -> None:
        if isinstance(item, Seed):
            self.seeds.append(item)
        elif kind == "sidecar":
            self.sidecars.append(SidecarFile.at(item, self._name(item)))
        elif kind in ("other", "nested"):
            (self.others if kind == "other" else self.nested).append(self._name(item))


_ASKED_AT_A_TIME = 20_000  # paths in one question to git, so that not all of them are held at once


_Walked = tuple[str, Seed | str, str | None]


def _walk(top: str, root: str, settings: Settings) -> Iterator[_Walked]:
    """Everything in a folder, at any depth: its kind, the seed or the path, and the repository that may ignore it.

    A `repository` is a folder that is one, inside the walked folder, and `nested` one that is not entered. Seeds come in the
    order of their names, except those that cannot be read.
    """
    repository = repository_of(top)
    is_in_repository = repository is not None  # then repositories below are not entered
    if repository is not None and repository != top and ignored_paths(repository, [top]):
        repository = None
    entered = [_in_folder(top, (root, top), settings, repository, is_in_repository)]
    while entered:
        for kind, item, repository in entered[-1]:
            if kind == "folder" and isinstance(item, str):
                entered.append(_in_folder(item, (root, top), settings, repository, is_in_repository))
                break
            yield kind, item, repository
        else:
            entered.pop()


def _in_folder(
    folder: str, roots: tuple[str, str], settings: Settings, repository: str | None, is_in_repository: bool
) -> Iterator[_Walked]:
    """The entries of one folder, in the form of `_walk`. The caller walks a `folder` before it asks for the next entry."""
    root, top = roots
    inside = name_under(folder, root)
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=_sorted_by)
    except OSError as error:
        message = f"the folder cannot be listed: {system_reason(error)}"
        yield "seed", Seed.at(folder, inside, unread=Unread(UNREADABLE, message)), repository
        return
    if folder != top and any(entry.name == ".git" for entry in listed):
        yield "nested" if is_in_repository else "repository", folder, repository
        if is_in_repository:
            return
        repository = folder
    is_bag = any(entry.name == "bagit.txt" for entry in listed)
    has_sidecars = any(entry.name.lower().endswith(SIDECAR_SUFFIX) for entry in listed)
    above = "" if inside == "." else f"{inside.rstrip('/')}/"
    for entry in listed:
        if entry.name.startswith(".") or (is_bag and _BAG_TAG.fullmatch(entry.name)):
            continue
        name = above + entry.name
        try:
            if not entry.is_dir(follow_symlinks=False):
                found = _entry(entry, name, folder, roots, settings, has_sidecars)
                if found is not None:
                    yield *found, repository
            elif excludes(settings.exclude, name):
                yield "excluded", entry.path, repository
            else:
                yield "folder", entry.path, repository
        except OSError as error:
            yield "seed", Seed(folder, name, unread=unread(error, entry.path)), repository


def _sorted_by(entry: os.DirEntry[str]) -> bytes:
    """The sort key of an entry: its name, with a slash for folders, so that the names of the seeds below are in order too."""
    try:
        is_folder = entry.is_dir(follow_symlinks=False)
    except OSError:
        is_folder = False
    return os.fsencode(f"{entry.name}/" if is_folder else entry.name)


def _entry(
    entry: os.DirEntry[str], name: str, folder: str, roots: Sequence[str], settings: Settings, has_sidecars: bool
) -> tuple[str, Seed | str] | None:
    """The kind of a file in a folder, and its seed or its path. Raises OSError."""
    kind = _kind(name, settings)
    if kind is None or (kind == "other" and not entry.is_file()):
        return None
    if kind != "seed":
        return kind, entry.path
    if entry.is_file(follow_symlinks=False):
        return kind, Seed(
            folder, name, is_plain=not has_sidecars
        )  # its size is not looked up: that takes time for many
    mode = entry.stat().st_mode
    if entry.is_symlink() and stat.S_ISDIR(mode):
        return None
    return kind, Seed(folder, name, entry.stat().st_size, irregular(mode) or _astray(entry.path, roots))
