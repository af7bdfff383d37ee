"""All file access: finding seeds and their sidecars, bounded reads, atomic writes, git, and the clock.

Names of files are text in which bytes that are not UTF-8 stand as lone surrogates, as `os.fsdecode` gives them. Paths are
absolute; a seed's name is relative to the root, with `/`, and absolute where the seed lies outside of it.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, TypeVar

from validator.archive.config import BASELINE_NAME, DEFAULT_LIMIT_BYTES, Settings, read_toml
from validator.rules.views import Unread as Unread  # what callers ask for here too
from validator.text.errors import ConfigError
from validator.text.globs import excludes, matcher, matches_any

SIDECAR_SUFFIX = ".meta.yaml"
FOLDER_SIDECAR = "seeds.meta.yaml"
CONFIG_NAMES = ("validator.toml", "pyproject.toml")

UNREADABLE = "unreadable-file"
TOO_LARGE = "file-too-large"

_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)  # errors of a path that leads to nothing
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed to judge. `size` is in bytes when it was found, 0 where nobody looked; `unread` where it must not be read.

    An archive has hundreds of thousands of them, so each holds little of its own: `folder`, the path of the folder in which
    the last part of `name` stands, is one text for all seeds of a folder.
    """

    folder: str
    name: str
    size: int = 0
    unread: Unread | None = None

    @classmethod
    def at(cls, path: str | Path, name: str, size: int = 0, unread: Unread | None = None) -> Seed:
        """The seed of this name at a path that ends as the name does; the root itself is called `.`."""
        folder, last = os.path.split(path)
        if name == ".":
            return cls(os.fspath(path), name, size, unread)
        assert last == os.path.basename(name), f"{last} is not the end of {name}"
        return cls(folder, name, size, unread)

    @property
    def place(self) -> str:
        """Its path."""
        folder = self.folder
        return f"{folder}{'' if folder.endswith('/') else '/'}{self.name[self.name.rfind('/') + 1 :]}"

    @property
    def path(self) -> Path:
        """Its path, for who wants to do more with it than open it."""
        return Path(self.place)


@dataclass(frozen=True, slots=True)
class SidecarFile:
    """A sidecar that was found; `place` is its path."""

    place: str
    name: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What the arguments of a run lead to. Seeds and sidecars are sorted by the bytes of their names, none twice.

    `excluded` and `missing` hold arguments as given: those of which the configuration excludes everything, and those that
    do not exist. A folder in which nothing is a seed and nothing is excluded stands in neither. `others` are the names of files
    that were passed over only because `include` does not match them. `nested` holds the folders that were not walked into
    because they are repositories of their own.
    """

    seeds: tuple[Seed, ...] = ()
    sidecars: tuple[SidecarFile, ...] = ()
    excluded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()


def today() -> date:
    """The day it is here."""
    return date.today()  # noqa: DTZ011 - a curator's "today" is that of the curator's own clock


def available_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# ---------------------------------------------------------------------------------------------------------------------
# The root, the configuration, the schemas


Place = Callable[[Path], Path]  # where a file or folder is read that stands at a path: there, or a copy of it


def as_it_stands(path: Path) -> Path:
    """The place of what is read where it stands."""
    return path


@dataclass(frozen=True, slots=True)
class Mirror:
    """A folder with copies of files of a repository, each under its whole path, to be read in their stead: what is staged.

    `top` is the top of the repository. Its path must never be shown: what lies in it is called as the original is.
    """

    top: str
    folder: str

    def copy_of(self, path: str | Path) -> str:
        """The place of a copy; there need not be one."""
        return self.folder + str(path)

    def of(self, path: Path) -> Path:
        """Where a configuration or a folder of schemas is read: of the repository the copy, and any other where it stands."""
        there = whole_path(path)
        return Path(self.copy_of(there)) if _name_under(there, self.top) != there else path


def whole_path(path: str | Path) -> str:
    """The absolute path of a file in its folder as it is, whatever links lead there; the file itself may be a link."""
    head, tail = os.path.split(os.path.abspath(path) if os.path.basename(path) in ("", ".", "..") else path)
    return os.path.join(os.path.realpath(head), tail)


def find_config(start: Path, place: Place = as_it_stands) -> Path | None:
    """The nearest configuration from `start` upwards: a validator.toml, or a pyproject.toml that speaks of this program.

    A pyproject.toml that is not TOML counts where the words `tool.validator` stand in it, so that its reader complains.
    Raises ConfigError for one that cannot be read.
    """
    for path in config_candidates(start):
        at = place(path)
        if not os.path.isfile(at):
            continue
        if path.name == CONFIG_NAMES[0] or speaks_of_us(read_text(at, shown=str(path))):
            return path
    return None


def config_candidates(start: Path) -> Iterator[Path]:
    """The files that are looked for, from `start` upwards: the first that is a configuration is the one."""
    start = Path(os.path.realpath(start))
    for folder in (start, *start.parents):
        for name in CONFIG_NAMES:
            yield folder / name


def speaks_of_us(text: str) -> bool:
    """Whether the text of a pyproject.toml has settings of this program, or might have where it is not TOML."""
    if "validator" not in text and "\\" not in text:  # nor written with escapes
        return False
    try:
        tool = read_toml(text).get("tool")
    except (ValueError, RecursionError):
        return "tool.validator" in text
    return isinstance(tool, dict) and "validator" in tool


def find_root(start: Path, config: Path | None) -> Path:
    """The folder that names are relative to: that of the configuration, else the top of the repository, else `start`."""
    if config is not None:
        return Path(os.path.realpath(config)).parent
    start = Path(os.path.realpath(start))
    return Path(repository_of(str(start)) or start)


def repository_of(folder: str) -> str | None:
    """The top of the repository that a folder lies in. Found without git, which may not be there."""
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def schemas_folder() -> Path:
    """The folder of the schemas that come with the program: inside the package where it is installed, else beside it.

    Raises ConfigError where there is neither.
    """
    return _own_folder("schemas")


def templates_folder() -> Path:
    """The folder of the files for CI that come with the program. Raises ConfigError where there is none."""
    return _own_folder("templates")


def _own_folder(name: str) -> Path:
    package = Path(__file__).resolve().parents[1]
    for folder in (package / f"_{name}", package.parent / name):
        if folder.is_dir():
            return folder
    raise ConfigError(f"the {name} that come with the program are missing: install it again")


def read_text(path: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES, shown: str | None = None) -> str:
    """The text of a configuration, a schema or a case, which must be UTF-8. Raises ConfigError, which calls the file `shown`."""
    name = str(path) if shown is None else shown
    content = read_seed(path, limit_bytes)
    if isinstance(content, Unread):
        raise ConfigError(content.message, name)
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"byte 0x{content[error.start]:02x} is not UTF-8", name, line) from None


def read_schemas(folder: Path, root: Path | None = None, place: Place = as_it_stands) -> list[tuple[str, str]]:
    """The source schemas (`*.yaml`) of a folder, sorted: name as shown in messages, and text. Raises ConfigError."""
    shown = _name_under(str(folder), str(root)) if root is not None else str(folder)
    at = place(folder)
    try:
        names = sorted(filter(is_schema, os.listdir(at)))
    except OSError as error:
        raise ConfigError(f"the folder of schemas cannot be listed: {system_reason(error)}", shown) from None
    return [(f"{shown}/{name}", read_text(at / name, shown=f"{shown}/{name}")) for name in names]


def is_schema(name: str) -> bool:
    """Whether a file of this name in a folder of schemas is one."""
    return name.endswith((".yaml", ".yml")) and not name.startswith(".")


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def sized(seeds: Iterable[Seed]) -> Iterator[Seed]:
    """The seeds with their sizes, also where nobody has looked; a file that is gone has none."""
    for seed in seeds:
        if seed.size or seed.unread is not None:
            yield seed
            continue
        try:
            yield replace(seed, size=os.stat(seed.place).st_size)
        except (OSError, ValueError):
            yield seed


def read_seed(seed: Seed | str | Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> bytes | Unread:
    """The bytes of a seed, at most `limit_bytes` of them, or why not. Never waits, never opens what is no regular file."""
    if isinstance(seed, Seed):
        if seed.unread is not None:
            return seed.unread
        seed = seed.place
    try:
        unread = _irregular(os.stat(seed).st_mode)
        if unread is not None:
            return unread
        descriptor = os.open(seed, _FLAGS)
    except (OSError, ValueError) as error:
        return _unread(error, seed)
    try:
        status = os.fstat(descriptor)
        unread = _irregular(status.st_mode)  # it may have been replaced in between
        if unread is not None:
            return unread
        if status.st_size > limit_bytes:
            return _too_large(limit_bytes, status.st_size)
        return _read(lambda size: os.read(descriptor, size), limit_bytes, status.st_size)
    except OSError as error:
        return _unread(error, seed)
    finally:
        os.close(descriptor)


def read_stream(stream: BinaryIO, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> bytes | Unread:
    """All that a stream gives, at most `limit_bytes` bytes, or why not. Waits for as long as the stream does."""
    try:
        return _read(stream.read, limit_bytes, 0)
    except OSError as error:
        return Unread(UNREADABLE, f"it cannot be read: {system_reason(error)}")


_CHUNK_BYTES, _LAST_BYTES = 65_536, 512  # that are asked for at a time: where there may be more, and where that was all


def _read(read: Callable[[int], bytes], limit_bytes: int, expected_bytes: int) -> bytes | Unread:
    chunks: list[bytes] = []
    left = limit_bytes + 1  # one more than may be, to see whether there is more
    size = expected_bytes + 1 if expected_bytes else _CHUNK_BYTES
    while left:
        chunk = read(min(left, size))
        size = _CHUNK_BYTES if len(chunk) == size else _LAST_BYTES  # what there is room for takes time, too
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        left -= len(chunk)
    return _too_large(limit_bytes)


def _too_large(limit_bytes: int, size: int | None = None) -> Unread:
    has = "more" if size is None else f"{size:,} bytes, more"
    return Unread(TOO_LARGE, f"it has {has} than the limit of {limit_bytes:,} bytes")


def _irregular(mode: int) -> Unread | None:
    """Why what has this mode is not read; None for a regular file."""
    if stat.S_ISREG(mode):
        return None
    kinds = {stat.S_IFDIR: "folder", stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket"}
    return Unread(UNREADABLE, f"it is a {kinds.get(stat.S_IFMT(mode), 'device')}, expected a file")


def _unread(error: OSError | ValueError, path: Path | str) -> Unread:
    if isinstance(error, ValueError):
        return Unread(UNREADABLE, "its name holds a NUL, which no file's name may")
    if error.errno == errno.ENOENT:
        return Unread(
            UNREADABLE, "it is a symbolic link that leads nowhere" if os.path.islink(path) else "it is not there"
        )
    reasons = {errno.ELOOP: "its symbolic links lead in a circle", errno.EACCES: "there is no permission to read it"}
    return Unread(UNREADABLE, reasons.get(error.errno or 0) or f"it cannot be read: {system_reason(error)}")


def system_reason(error: OSError) -> str:
    """What the system says of a failure, in lower case."""
    reason = error.strerror or type(error).__name__
    return reason[:1].lower() + reason[1:]


# ---------------------------------------------------------------------------------------------------------------------
# Discovery


def discover(paths: Iterable[str | Path], settings: Settings, root: Path) -> Discovery:
    """The seeds that the arguments of a run lead to.

    A file is taken whatever it is called and whether or not git ignores it, unless the configuration excludes it. Of a
    folder, what `include` matches is taken, at any depth, but for hidden files and folders and what git ignores; a folder
    that is itself ignored and yet named is walked as if it were not. Another repository below it, such as a submodule, is not
    walked into: it has its own rules and its own record of repairs, and is taken if it is named. Links to folders are not
    followed; a link to a file is followed within the root and the folder named, and any other stands among the seeds as one
    that cannot be read, like everything that has a seed's name and is no regular file, and a folder that cannot be listed. A
    sidecar is never a seed: named, it stands for its seed, and the sidecar of a folder for the folder.
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


_Found = TypeVar("_Found", Seed, SidecarFile)


def _in_order(found: list[_Found]) -> tuple[_Found, ...]:
    """Sorted by the bytes of their names, of several with one name the first. Empties the list, which may be long."""
    if all(each.name.isascii() for each in found):
        found.sort(key=attrgetter("name"))  # the same order, without another text for each
    else:
        found.sort(key=lambda each: os.fsencode(each.name))
    ordered = tuple(each for at, each in enumerate(found) if not at or each.name != found[at - 1].name)
    found.clear()
    return ordered


def seed_at(path: str, root: Path) -> Seed:
    """The seed of a path at which there need not be anything: what standard input is said to be."""
    folder, name = os.path.split(os.path.abspath(path))
    place = os.path.join(os.path.realpath(folder), name)
    return Seed.at(place, _name_under(place, os.path.realpath(root)))


def orphan_sidecars(discovery: Discovery) -> tuple[SidecarFile, ...]:
    """The sidecars found beside which the seed that they are named after does not stand."""
    return tuple(sidecar for sidecar in discovery.sidecars if _is_orphan(sidecar.place))


def _is_orphan(path: str) -> bool:
    return os.path.basename(path) != FOLDER_SIDECAR and not os.path.lexists(path.removesuffix(SIDECAR_SUFFIX))


def _name_under(path: str, root: str) -> str:
    """The name of an absolute path: relative to the root where it lies inside."""
    if path == root:
        return "."
    return path.removeprefix(root.rstrip("/") + "/")


class _Search:
    """One discovery under way."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.seeds: list[Seed] = []
        self.sidecars: list[SidecarFile] = []
        self.excluded: list[str] = []
        self.missing: list[str] = []
        self.others: list[str] = []
        self.nested: list[str] = []
        self._settings = settings
        self._root = os.path.realpath(root)
        self._folders: dict[str, str] = {}  # of files named one by one: the folder as given, and as it is

    def argument(self, argument: str) -> None:
        try:
            os.lstat(argument)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno not in _ABSENT:
                self._add(os.path.abspath(argument), unread=_unread(error, argument))
            else:
                self.missing.append(argument)
            return
        if os.path.isdir(argument):
            self._folder(os.path.realpath(argument), argument)
        else:
            self._file(self._absolute(argument), argument)

    def _absolute(self, file: str) -> str:
        """The path of a file in its folder as it is, whatever links lead there; the file itself may be a link."""
        head, tail = os.path.split(file)
        if head not in self._folders:
            self._folders[head] = os.path.realpath(head)
        return os.path.join(self._folders[head], tail)

    def _file(self, path: str, argument: str) -> None:
        name = os.path.basename(path)
        if name == FOLDER_SIDECAR:
            self._folder(os.path.dirname(path), argument)
            return
        if excludes(self._settings.exclude, _name_under(path, self._root)):
            self.excluded.append(argument)
        elif not _is_sidecar(name):
            self._add(path)
        else:
            self._add_sidecar(path)
            if not _is_orphan(path):
                self._file(path.removesuffix(SIDECAR_SUFFIX), argument)

    def _add(self, path: str, unread: Unread | None = None) -> None:
        folder = os.path.dirname(path)
        folder = self._folders.setdefault(folder, folder)  # one text for all
        self.seeds.append(Seed(folder, _name_under(path, self._root), 0, unread))

    def _add_sidecar(self, path: str) -> None:
        self.sidecars.append(SidecarFile(path, _name_under(path, self._root)))

    def _folder(self, top: str, argument: str) -> None:
        """Everything in a folder that is a seed or a sidecar."""
        if excludes(self._settings.exclude, _name_under(top, self._root)):
            self.excluded.append(argument)
            return
        repository = repository_of(top)
        walk = _Walk(self._settings, self._root, top, is_in_repository=repository is not None)
        if repository is not None and repository != top and _ignored(repository, [top]):
            repository = None
        walk.folders.append((top, repository))
        while walk.folders:
            walk.step()
        ignored = walk.ignored()
        seeds = [seed for seed in walk.seeds if seed.place not in ignored] if ignored else walk.seeds
        self.seeds += seeds
        for path in walk.sidecars:
            if path not in ignored:
                self._add_sidecar(path)
        self.others += [_name_under(path, self._root) for path in walk.others if path not in ignored]
        self.nested += [_name_under(path, self._root) for path in walk.nested if path not in ignored]
        if walk.has_excluded and not seeds:
            self.excluded.append(argument)


# In the top folder of a BagIt bag (RFC 8493): what describes the bag, and is no document of the archive.
_BAG_TAG = re.compile(r"bagit\.txt|bag-info\.txt|fetch\.txt|(?:tag)?manifest-[a-z0-9]+\.txt")


def is_seed_name(name: str, settings: Settings, is_there: Callable[[str], bool]) -> bool:
    """Whether a file of the archive, called so, is a seed when the root is walked; `is_there` knows the archive's files.

    Does not ask git, nor what kind of file it is.
    """
    folder, _, last = name.rpartition("/")
    if not _may_be_seed(name, settings) or not matches_any(settings.include, name):
        return False
    return not (_BAG_TAG.fullmatch(last) and is_there(f"{folder}/bagit.txt" if folder else "bagit.txt"))


def is_passed_over(name: str, settings: Settings) -> bool:
    """Whether a file of the archive, called so, is no seed only because `include` does not match its name."""
    return _may_be_seed(name, settings) and not matches_any(settings.include, name) and not is_setting(name, settings)


def _may_be_seed(name: str, settings: Settings) -> bool:
    is_hidden = name.startswith(".") or "/." in name
    return not (is_hidden or _is_sidecar(name.rpartition("/")[2]) or excludes(settings.exclude, name))


def is_setting(name: str, settings: Settings) -> bool:
    """Whether a file of the archive, called so, is what seeds are checked by: a configuration, its baseline, a source schema."""
    folder, _, last = name.rpartition("/")
    if last in CONFIG_NAMES or last == BASELINE_NAME or name == settings.baseline:
        return True
    return is_schema(last) and os.path.normpath(folder) in [os.path.normpath(each) for each in settings.schemas]


def seed_found(path: str, name: str, roots: Sequence[str]) -> Seed | None:
    """The seed at a path as a walk of the root finds it, None for a folder; one that cannot be read where nothing is.

    A link is followed to what lies in one of the `roots`: the root, and where a copy of it is read both.
    """
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            return None
        unread = _irregular(status.st_mode)
        if unread is None and os.path.islink(path):
            unread = _astray(path, roots)
        return Seed.at(path, name, status.st_size, unread)
    except OSError as error:
        return Seed.at(path, name, unread=_unread(error, path))


def _astray(path: str, folders: Iterable[str]) -> Unread | None:
    """Why a link to a file is not followed; None where it leads into one of the folders."""
    target = os.path.realpath(path)
    if any(_name_under(target, folder) != target for folder in folders):
        return None
    return Unread(UNREADABLE, "it is a symbolic link to a file outside of the root")


class _Walk:
    """One folder being walked. `folders` holds those still to list, each with the repository that it lies in."""

    def __init__(self, settings: Settings, root: str, top: str, is_in_repository: bool) -> None:
        """Repositories below a folder that lies in one itself are not walked into."""
        self.nested: list[str] = []
        self._is_in_repository = is_in_repository
        self.folders: list[tuple[str, str | None]] = []
        self.seeds: list[Seed] = []
        self.sidecars: list[str] = []
        self.others: list[str] = []
        self.has_excluded = False
        self._settings = settings
        self._root = root
        self._top = top
        self._is_included = matcher(settings.include)
        self._is_excluded = matcher(settings.exclude)
        self._candidates: dict[str, list[Seed | str]] = {}  # of each repository: what git may ignore

    def step(self) -> None:
        folder, repository = self.folders.pop()
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as error:
            message = f"the folder cannot be listed: {system_reason(error)}"
            name = _name_under(folder, self._root)
            self._seed(Seed.at(folder, name, unread=Unread(UNREADABLE, message)), repository)
            return
        if folder != self._top and any(entry.name == ".git" for entry in listed):
            if repository is not None:
                self._candidates.setdefault(repository, []).append(folder)
            if self._is_in_repository:
                self.nested.append(folder)
                return
            repository = folder
        is_bag = any(entry.name == "bagit.txt" for entry in listed)
        inside = _name_under(folder, self._root)
        above = "" if inside == "." else f"{inside.rstrip('/')}/"
        for entry in listed:
            if not entry.name.startswith(".") and not (is_bag and _BAG_TAG.fullmatch(entry.name)):
                self._entry(entry, above + entry.name, folder, repository)

    def _entry(self, entry: os.DirEntry[str], name: str, folder: str, repository: str | None) -> None:
        try:
            if entry.is_dir(follow_symlinks=False):
                if self._is_excluded(name):
                    self.has_excluded = True
                else:
                    self.folders.append((entry.path, repository))
                return
            is_sidecar = _is_sidecar(entry.name)
            if not is_sidecar and not self._is_included(name):
                if entry.is_file() and not self._is_excluded(name) and not is_setting(name, self._settings):
                    self.others.append(entry.path)
                    self._candidate(entry.path, repository)
                return
            if self._is_excluded(name):
                self.has_excluded = True
            elif is_sidecar:
                self.sidecars.append(entry.path)
                self._candidate(entry.path, repository)
            elif entry.is_file(follow_symlinks=False):
                self._seed(Seed(folder, name), repository)  # without a look at it: many are only looked up
            else:
                status = entry.stat()
                if not (entry.is_symlink() and stat.S_ISDIR(status.st_mode)):
                    unread = _irregular(status.st_mode)
                    if unread is None and entry.is_symlink():
                        unread = _astray(entry.path, (self._root, self._top))
                    self._seed(Seed(folder, name, status.st_size, unread), repository)
        except OSError as error:
            self._seed(Seed(folder, name, unread=_unread(error, entry.path)), repository)

    def _seed(self, seed: Seed, repository: str | None) -> None:
        self.seeds.append(seed)
        self._candidate(seed, repository)

    def _candidate(self, found: Seed | str, repository: str | None) -> None:
        if repository is not None:
            self._candidates.setdefault(repository, []).append(found)

    def ignored(self) -> set[str]:
        """What git ignores of all that was found. A repository that lies inside another may be ignored as a whole."""
        ignored: set[str] = set()
        for repository, found in self._candidates.items():  # the outer ones stand before the inner
            for start in range(0, len(found), _ASKED_AT_A_TIME):
                paths = [
                    each if isinstance(each, str) else each.place for each in found[start : start + _ASKED_AT_A_TIME]
                ]
                ignored.update(paths if repository in ignored else _ignored(repository, paths))
        return ignored


_ASKED_AT_A_TIME = 20_000  # paths that git is asked about; their texts are all that is held of them


def _is_sidecar(name: str) -> bool:
    return name.endswith(SIDECAR_SUFFIX)


# What a hook's environment says of the repository that it runs for does not hold for another.
_GIT_LOCAL = frozenset(
    ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
)


def _ignored(repository: str, paths: Sequence[str]) -> set[str]:
    """Which of the paths, all inside the repository, git ignores: none where git is not there or does not answer."""
    prefix = repository.rstrip("/") + "/"
    names = [b"./" + os.fsencode(path.removeprefix(prefix)) for path in paths]  # `./`: a leading colon is a name too
    # Without --no-index git goes through the whole index for each path, which takes minutes for a hundred thousand.
    answer = _git_answer(repository, ("check-ignore", "--no-index", "-z", "--stdin"), names)
    ignored = {os.fsdecode(name[2:]) for name in answer or ()}
    if not ignored:
        return set()
    tracked = _git_answer(repository, ("ls-files", "-z", "--full-name"))
    if tracked is None:
        return set()
    for name in map(os.fsdecode, tracked):  # what git keeps, or a folder with something that it keeps, is not ignored
        while name:
            ignored.discard(name)
            name = name.rpartition("/")[0]
    return {prefix + name for name in ignored}


def _git_answer(repository: str, arguments: Sequence[str], names: Iterable[bytes] = ()) -> list[bytes] | None:
    """The names that git prints; None where it is not there, or fails."""
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _GIT_LOCAL}
    try:
        done = subprocess.run(
            ["git", "-C", repository, "-c", "core.fsmonitor=false", *arguments],
            input=b"".join(name + b"\0" for name in names),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            check=False,
        )
    except OSError:
        return None
    return [name for name in done.stdout.split(b"\0") if name] if done.returncode in (0, 1) else None


# ---------------------------------------------------------------------------------------------------------------------
# Sidecars


class FolderSidecars:
    """The sidecars of folders, each read once: for as long as a run takes."""

    def __init__(self) -> None:
        self._own: dict[str, tuple[str, bytes | Unread] | None] = {}
        self._above: dict[tuple[str, str], list[tuple[str, bytes | Unread]]] = {}
        self._real: dict[str, str] = {}

    def above(self, folder: str, root: str) -> list[tuple[str, bytes | Unread]]:
        """Those of a folder and of those above it, nearest first, both paths being absolute and the root's without links."""
        found = self._above.get((folder, root))
        if found is None:
            found = self._above[folder, root] = list(self._climb(folder, root))
        return found

    def _climb(self, folder: str, root: str) -> Iterator[tuple[str, bytes | Unread]]:
        is_inside = _name_under(folder, root) != folder or folder == root
        while True:
            if folder not in self._own:
                self._own[folder] = _read_if_there(os.path.join(folder, FOLDER_SIDECAR), root)
            sidecar = self._own[folder]
            if sidecar is not None:
                yield sidecar
            if folder == root or not is_inside:
                return
            folder = os.path.dirname(folder)

    def clear(self) -> None:
        """Forget them, since they may have changed."""
        self._own.clear()
        self._above.clear()

    def real(self, root: str) -> str:
        """The path of the root without links."""
        if root not in self._real:
            self._real[root] = os.path.realpath(root)
        return self._real[root]


def sidecars_for(
    seed_path: str | Path, root: str | Path, folders: FolderSidecars | None = None
) -> list[tuple[str, bytes | Unread]]:
    """The sidecars that may speak of a seed, nearest first: name, and bytes or why they are not to be had.

    First `<seed file name>.meta.yaml` beside it, then the `seeds.meta.yaml` of its folder and of each folder above up to
    the root; for a seed outside of the root that of its own folder only. `folders` keeps those of folders for a run: hand
    in the same for each seed.
    """
    folders = folders or FolderSidecars()
    root_path, path = folders.real(str(root)), os.path.abspath(seed_path)
    own = own_sidecar(path, root_path)
    above = folders.above(os.path.dirname(path), root_path)
    return above if own is None else [own, *above]


def own_sidecar(seed_path: str, root: str) -> tuple[str, bytes | Unread] | None:
    """The sidecar beside a seed, both paths being absolute and the root's without links; None where there is none."""
    return _read_if_there(seed_path + SIDECAR_SUFFIX, root)


def _read_if_there(path: str, root: str) -> tuple[str, bytes | Unread] | None:
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
    return _name_under(path, root), read_seed(path)


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file, so that a reader sees all of the old or all of the new. Raises OSError.

    The mode and, where allowed, the owner of the old file are kept; a link stays one and its target is replaced. A device
    or a pipe (`/dev/stdout`) is written to as it is.
    """
    target = os.path.realpath(path)
    try:
        old = os.stat(target)
    except FileNotFoundError:
        old = None
    if old is not None and not stat.S_ISREG(old.st_mode):
        with open(path, "wb") as stream:
            stream.write(data)
        return

    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".{os.urandom(8).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)  # less what the umask takes away
    try:
        with open(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if old is not None:
            if hasattr(os, "chown"):
                with suppress(PermissionError):
                    os.chown(temporary, old.st_uid, old.st_gid)
            os.chmod(temporary, stat.S_IMODE(old.st_mode))
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """While this lasts, another run of the program that wants to write in the folder waits, where the system can do that."""
    descriptor = None
    with suppress(ImportError, OSError):
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _sync_folder(folder: str) -> None:
    """Make sure of the new name too. Where folders cannot be opened (Windows) there is no such thing."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def git_identity() -> str | None:
    """Who works here, as git's configuration says: `Name <address>`; None where it does not say."""
    import subprocess

    found = []
    for key in ("user.name", "user.email"):
        try:
            done = subprocess.run(["git", "config", "--get", key], capture_output=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        found.append(done.stdout.decode("utf-8", "replace").strip())
    name, address = found
    return f"{name} <{address}>" if name and address else name or None
