"""Seeds, their sidecars, and what the arguments of a run lead to.

File names are text as `os.fsdecode` gives it: bytes that are not UTF-8 become lone surrogates. Paths are absolute. A seed's name
is its path relative to the root, with `/`; a seed outside of the root is named by its absolute path.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from validator.rules.views import Unread
from validator.text.pickled import Pickled

UNREADABLE = "unreadable-file"
TOO_LARGE = "file-too-large"


@dataclass(frozen=True, slots=True)
class Seed(Pickled):
    """A seed to check. `size` is in bytes, 0 if nobody has looked yet; `unread` says why it must not be read, if so. `is_plain`
    says that a walk, just before, saw a regular file, and in its folder no sidecar of any seed.

    An archive has hundreds of thousands of seeds, so each is small: `folder`, the path of the folder that holds it, is one text
    shared by all seeds of that folder.
    """

    folder: str
    name: str
    size: int = 0
    unread: Unread | None = None
    is_plain: bool = field(default=False, compare=False)

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
        """Its path as text."""
        folder = self.folder
        return f"{folder}{'' if folder.endswith('/') else '/'}{self.name[self.name.rfind('/') + 1 :]}"

    @property
    def path(self) -> Path:
        """Its path."""
        return Path(self.place)


class SidecarFile(NamedTuple):
    """A sidecar that was found; `place` is its path."""

    place: str
    name: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What the arguments of a run lead to. Seeds and sidecars are sorted by the bytes of their names, without duplicates.

    `excluded` and `missing` hold arguments as given: those that the configuration excludes wholly, and those that do not exist.
    `others` are the names of files that were passed over only because `include` does not match them. `nested` are folders that
    were not entered because they are repositories of their own.
    """

    seeds: tuple[Seed, ...] = ()
    sidecars: tuple[SidecarFile, ...] = ()
    excluded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()


def name_under(path: str, root: str) -> str:
    """The name of an absolute path: relative to the root if it lies inside."""
    if path == root:
        return "."
    return path.removeprefix(root.rstrip("/") + "/")
