"""Finding seeds and their sidecars: what the arguments of a run lead to."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from validator.archive.config import BASELINE_NAME, Settings
from validator.archive.git import ignored_paths
from validator.archive.reading import NOTHING_THERE, irregular, system_reason, unread
from validator.archive.root import CONFIG_NAMES, is_schema, repository_of
from validator.archive.seeds import UNREADABLE, Discovery, Seed, SidecarFile, name_under
from validator.record.sidecar import FOLDER_SIDECAR, SIDECAR_SUFFIX
from validator.rules.views import Unread
from validator.text.globs import excludes, matcher, matches_any

# In the top folder of a BagIt bag (RFC 8493): files that describe the bag, and are no documents of the archive.
_BAG_TAG = re.compile(r"bagit\.txt|bag-info\.txt|fetch\.txt|(?:tag)?manifest-[a-z0-9]+\.txt")

_Found = TypeVar("_Found", Seed, SidecarFile)


def discover(paths: Iterable[str | Path], settings: Settings, root: Path) -> Discovery:
    """The seeds that the arguments of a run lead to.

    A file is taken whatever its name and whether or not git ignores it, unless the configuration excludes it. Of a folder,
    everything that `include` matches is taken, at any depth, except hidden files and folders and what git ignores; a named
    folder that is itself ignored is still walked. Another repository below it, such as a submodule, is not entered, since it
    has its own rules and its own record of repairs; name it to take it. Links to folders are not followed. A link to a file is
    followed within the root and the named folder. Any other link is a seed that cannot be read; so is a folder that cannot be
    listed, and anything with a seed's name that is no regular file. A sidecar is never a seed: naming one means its seed, and
    naming the sidecar of a folder means the folder.
    """
    search = _Search(settings, root)
    for path in paths:
        search.argument(os.fspath(path))
    return Discovery(
        _in_order(search.seeds),
        _in_order(search.sidecars),
        tuple(dict.fromkeys(search.excluded)),
        tuple(dict.fromkeys(search.missing)),
        tuple(sorted(set(search.others), key=os.fsencode)),
        tuple(sorted(set(search.nested), key=os.fsencode)),
    )


def _in_order(found: list[_Found]) -> tuple[_Found, ...]:
    """Sorted by the bytes of their names; of several with one name the first. Empties the list, which may be long."""
    if all(each.name.isascii() for each in found):
        found.sort(key=attrgetter("name"))  # the same order, without a second text for each
    else:
        found.sort(key=lambda each: os.fsencode(each.name))
    ordered = tuple(each for at, each in enumerate(found) if not at or each.name != found[at - 1].name)
    found.clear()
    return ordered


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
        return Seed.at(path, name, status.st_size, irregular(status.st_mode) or _astray(path, roots))
    except OSError as error:
        return Seed.at(path, name, unread=unread(error, path))


def _astray(path: str, folders: Iterable[str]) -> Unread | None:
    """Why a link to a file is not followed; None if it leads into one of the folders, or is no link."""
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


def is_seed_name(name: str, settings: Settings, is_there: Callable[[str], bool]) -> bool:
    """Whether a walk of the root takes a file of this name as a seed; `is_there` knows the archive's files.

    Does not ask git, nor what kind of file it is.
    """
    folder, _, last = name.rpartition("/")
    if not _may_be_seed(name, settings) or not matches_any(settings.include, name):
        return False
    return not (_BAG_TAG.fullmatch(last) and is_there(f"{folder}/bagit.txt" if folder else "bagit.txt"))


def is_passed_over(name: str, settings: Settings) -> bool:
    """Whether a file of this name is not a seed only because `include` does not match it."""
    return _may_be_seed(name, settings) and not matches_any(settings.include, name) and not is_setting(name, settings)


def _may_be_seed(name: str, settings: Settings) -> bool:
    is_hidden = name.startswith(".") or "/." in name
    return not (is_hidden or name.endswith(SIDECAR_SUFFIX) or excludes(settings.exclude, name))


def is_setting(name: str, settings: Settings) -> bool:
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
        self.seeds: list[Seed] = []
        self.sidecars: list[SidecarFile] = []
        self.excluded: list[str] = []
        self.missing: list[str] = []
        self.others: list[str] = []
        self.nested: list[str] = []
        self._settings = settings
        self._root = os.path.realpath(root)
        self._folders: dict[str, str] = {}  # of files named one by one: the folder as given, and without links

    def argument(self, argument: str) -> None:
        try:
            os.lstat(argument)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno not in NOTHING_THERE:
                self._add(os.path.abspath(argument), unread(error, argument))
            else:
                self.missing.append(argument)
            return
        if os.path.isdir(argument):
            self._folder(os.path.realpath(argument), argument)
            return
        head, tail = os.path.split(argument)
        if head not in self._folders:
            self._folders[head] = os.path.realpath(head)
        self._file(os.path.join(self._folders[head], tail), argument)

    def _file(self, path: str, argument: str) -> None:
        if os.path.basename(path) == FOLDER_SIDECAR:
            self._folder(os.path.dirname(path), argument)
        elif excludes(self._settings.exclude, self._name(path)):
            self.excluded.append(argument)
        elif not path.endswith(SIDECAR_SUFFIX):
            self._add(path)
        else:
            self.sidecars.append(SidecarFile(path, self._name(path)))
            if not _is_orphan(path):
                self._file(path.removesuffix(SIDECAR_SUFFIX), argument)

    def _name(self, path: str) -> str:
        return name_under(path, self._root)

    def _add(self, path: str, why_unread: Unread | None = None) -> None:
        folder = os.path.dirname(path)
        folder = self._folders.setdefault(folder, folder)  # one text for all seeds of a folder
        self.seeds.append(Seed(folder, self._name(path), 0, why_unread))

    def _folder(self, top: str, argument: str) -> None:
        """Add every seed and sidecar in a folder."""
        if excludes(self._settings.exclude, self._name(top)):
            self.excluded.append(argument)
            return
        walk = _Walk(self._settings, self._root, top)
        walk.all_folders()
        ignored = walk.ignored()
        seeds = [seed for seed in walk.seeds if seed.place not in ignored] if ignored else walk.seeds
        self.seeds += seeds
        self.sidecars += [SidecarFile(path, self._name(path)) for path in walk.sidecars if path not in ignored]
        self.others += [self._name(path) for path in walk.others if path not in ignored]
        self.nested += [self._name(path) for path in walk.nested if path not in ignored]
        if walk.has_excluded and not seeds:
            self.excluded.append(argument)


class _Walk:
    """One folder being walked."""

    def __init__(self, settings: Settings, root: str, top: str) -> None:
        self.nested: list[str] = []
        self.seeds: list[Seed] = []
        self.sidecars: list[str] = []
        self.others: list[str] = []
        self.has_excluded = False
        self._settings = settings
        self._root = root
        self._top = top
        self._is_included = matcher(settings.include)
        self._is_excluded = matcher(settings.exclude)
        self._candidates: dict[str, list[Seed | str]] = {}  # by repository: what git may ignore
        repository = repository_of(top)
        self._is_in_repository = repository is not None  # then repositories below are not entered
        if repository is not None and repository != top and ignored_paths(repository, [top]):
            repository = None
        self._folders: list[tuple[str, str | None]] = [(top, repository)]  # still to list, each with its repository

    def all_folders(self) -> None:
        while self._folders:
            self._list(*self._folders.pop())

    def _list(self, folder: str, repository: str | None) -> None:
        inside = name_under(folder, self._root)
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as error:
            message = f"the folder cannot be listed: {system_reason(error)}"
            self._seed(Seed.at(folder, inside, unread=Unread(UNREADABLE, message)), repository)
            return
        if folder != self._top and any(entry.name == ".git" for entry in listed):
            self._candidate(folder, repository)
            if self._is_in_repository:
                self.nested.append(folder)
                return
            repository = folder
        is_bag = any(entry.name == "bagit.txt" for entry in listed)
        above = "" if inside == "." else f"{inside.rstrip('/')}/"
        for entry in listed:
            if not entry.name.startswith(".") and not (is_bag and _BAG_TAG.fullmatch(entry.name)):
                name = above + entry.name
                try:
                    self._entry(entry, name, folder, repository)
                except OSError as error:
                    self._seed(Seed(folder, name, unread=unread(error, entry.path)), repository)

    def _entry(self, entry: os.DirEntry[str], name: str, folder: str, repository: str | None) -> None:
        is_sidecar = name.endswith(SIDECAR_SUFFIX)
        if entry.is_dir(follow_symlinks=False):
            if self._is_excluded(name):
                self.has_excluded = True
            else:
                self._folders.append((entry.path, repository))
        elif not is_sidecar and not self._is_included(name):
            if entry.is_file() and not self._is_excluded(name) and not is_setting(name, self._settings):
                self.others.append(entry.path)
                self._candidate(entry.path, repository)
        elif self._is_excluded(name):
            self.has_excluded = True
        elif is_sidecar:
            self.sidecars.append(entry.path)
            self._candidate(entry.path, repository)
        elif entry.is_file(follow_symlinks=False):
            self._seed(Seed(folder, name), repository)  # its size is not looked up: that takes time for many
        else:
            mode = entry.stat().st_mode
            if not (entry.is_symlink() and stat.S_ISDIR(mode)):
                why_unread = irregular(mode) or _astray(entry.path, (self._root, self._top))
                self._seed(Seed(folder, name, entry.stat().st_size, why_unread), repository)

    def _seed(self, seed: Seed, repository: str | None) -> None:
        self.seeds.append(seed)
        self._candidate(seed, repository)

    def _candidate(self, found: Seed | str, repository: str | None) -> None:
        if repository is not None:
            self._candidates.setdefault(repository, []).append(found)

    def ignored(self) -> set[str]:
        """The paths of what was found that git ignores. A repository inside another may be ignored as a whole."""
        ignored: set[str] = set()
        for repository, found in self._candidates.items():  # outer repositories come before inner ones
            for start in range(0, len(found), _ASKED_AT_A_TIME):
                portion = found[start : start + _ASKED_AT_A_TIME]
                paths = [each if isinstance(each, str) else each.place for each in portion]
                ignored.update(paths if repository in ignored else ignored_paths(repository, paths))
        return ignored


_ASKED_AT_A_TIME = 20_000  # paths in one question to git, so that not all of them are held as text
