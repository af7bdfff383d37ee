"""Seeds, their sidecars, and what the arguments of a run lead to.

File names are text as `os.fsdecode` gives it: bytes that are not UTF-8 become lone surrogates. Paths are absolute. A seed's name
is its path relative to the root, with `/`; a seed outside of the root is named by its absolute path.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Generic, Self, TypeVar, overload

from validator.record.sidecar import SIDECAR_SUFFIX
from validator.rules.views import Unread
from validator.text.pickled import Pickled

UNREADABLE = "unreadable-file"
TOO_LARGE = "file-too-large"


@dataclass(frozen=True, slots=True)
class _File(Pickled):
    """A file that was found, or should be there: the path of its folder, and its name."""

    folder: str
    name: str

    @classmethod
    def at(cls, path: str | Path, name: str, **more: Any) -> Self:
        """The file of this name at a path that ends as the name does; the root itself is called `.`."""
        folder, last = os.path.split(path)
        if name == ".":
            return cls(os.fspath(path), name, **more)
        assert last == os.path.basename(name), f"{last} is not the end of {name}"
        return cls(folder, name, **more)

    @property
    def place(self) -> str:
        """Its path as text."""
        folder = self.folder
        return f"{folder}{'' if folder.endswith('/') else '/'}{self.name[self.name.rfind('/') + 1 :]}"

    @property
    def path(self) -> Path:
        """Its path."""
        return Path(self.place)


@dataclass(frozen=True, slots=True)
class Seed(_File):
    """A seed to check. `size` is in bytes, 0 if nobody has looked yet; `unread` says why it must not be read, if so. `is_plain`
    says that a walk, just before, saw a regular file, and in its folder no sidecar of any seed.
    """

    size: int = 0
    unread: Unread | None = None
    is_plain: bool = field(default=False, compare=False)

    @property
    def sidecar(self) -> Path:
        """The path of its own sidecar, which may be missing."""
        return Path(self.place + SIDECAR_SUFFIX)


class SidecarFile(_File):
    """A sidecar that was found."""

    __slots__ = ()


FileKind = TypeVar("FileKind", bound=_File)
_Rest = tuple[type[FileKind], str, bytes, tuple[Any, ...]]  # kind, folder, the name without its last part, other values


class Files(Sequence[FileKind], Generic[FileKind]):
    """A compact sequence of files, about 30 bytes each. A file object is made whenever somebody asks for one.

    The file names are kept in one run of bytes. Everything else (folder, size and so on) is kept once for all files that have it
    in common, usually those of one folder.
    """

    __slots__ = ("_ends", "_is_in_order", "_last_name", "_lasts", "_numbers", "_rest", "_rests")

    def __init__(self) -> None:
        self._lasts = bytearray()
        self._ends = array("Q", [0])  # where each last part ends in `_lasts`
        self._rest = array("I")  # by file: which of `_rests` it has
        self._rests: list[_Rest[FileKind]] = []
        self._numbers: dict[_Rest[FileKind], int] = {}
        self._last_name = b""
        self._is_in_order = True

    def append(self, file: FileKind) -> None:
        """Add a file at the end."""
        name = os.fsencode(file.name)
        self._is_in_order = self._is_in_order and self._last_name < name
        self._last_name = name
        at = name.rfind(b"/") + 1
        more = (file.size, file.unread, file.is_plain) if isinstance(file, Seed) else ()
        rest = type(file), file.folder, name[:at], more
        number = self._numbers.get(rest)
        if number is None:
            number = self._numbers[rest] = len(self._rests)
            self._rests.append(rest)
        self._rest.append(number)
        self._lasts += name[at:]
        self._ends.append(len(self._lasts))

    def __len__(self) -> int:
        return len(self._rest)

    @overload
    def __getitem__(self, index: int) -> FileKind: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[FileKind]: ...
    def __getitem__(self, index: int | slice) -> FileKind | Sequence[FileKind]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        kind, folder, above, more = self._rests[self._rest[number]]
        name = above + self._lasts[self._ends[number] : self._ends[number + 1]]
        return kind(folder, os.fsdecode(name), *more)

    def in_order(self) -> Files[FileKind]:
        """The same sorted by the bytes of their names; of several with one name only the first."""
        if self._is_in_order:
            return self
        out: Files[FileKind] = Files()
        for _, same in groupby(sorted(self, key=_name_in_bytes), _name_in_bytes):
            out.append(next(same))
        return out


def _name_in_bytes(file: _File) -> bytes:
    return os.fsencode(file.name)


@dataclass(frozen=True, slots=True)
class Discovery:
    """What the arguments of a run lead to. Seeds and sidecars are sorted by the bytes of their names, without duplicates.

    `excluded` and `missing` hold arguments as given: those that the configuration excludes wholly, and those that do not exist.
    `others` are the names of files that were passed over only because `include` does not match them. `nested` are folders that
    were not entered because they are repositories of their own.
    """

    seeds: Sequence[Seed] = ()
    sidecars: Sequence[SidecarFile] = ()
    excluded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()


def name_under(path: str, root: str) -> str:
    """The name of an absolute path: relative to the root if it lies inside."""
    if path == root:
        return "."
    return path.removeprefix(root.rstrip("/") + "/")
