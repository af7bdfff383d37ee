"""Finding and reading the sidecars that may speak of a seed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from validator.archive.reading import NOTHING_THERE, read_seed
from validator.archive.seeds import SIDECAR_SUFFIX, name_under
from validator.record.sidecar import FOLDER_SIDECAR
from validator.rules.views import Unread

Found = tuple[str, bytes | Unread]  # the name of a sidecar, and its bytes or why they could not be read


class FolderSidecars:
    """The sidecars of folders, each read once during a run."""

    def __init__(self) -> None:
        self._own: dict[str, Found | None] = {}
        self._above: dict[tuple[str, str], list[Found]] = {}
        self._real: dict[str, str] = {}

    def above(self, folder: str, root: str) -> list[Found]:
        """The sidecars of a folder and those above it, nearest first. Both paths are absolute; the root's has no links."""
        found = self._above.get((folder, root))
        if found is None:
            found = self._above[folder, root] = list(self._climb(folder, root))
        return found

    def _climb(self, folder: str, root: str) -> Iterator[Found]:
        is_inside = name_under(folder, root) != folder or folder == root
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
        """Forget what was read, since it may have changed."""
        self._own.clear()
        self._above.clear()

    def real(self, root: str) -> str:
        """The path of the root without links."""
        if root not in self._real:
            self._real[root] = os.path.realpath(root)
        return self._real[root]


def sidecars_for(seed_path: str | Path, root: str | Path, folders: FolderSidecars | None = None) -> list[Found]:
    """The sidecars that may speak of a seed, nearest first: name, and bytes or why they could not be read.

    First `<seed file name>.meta.yaml` beside it, then the `seeds.meta.yaml` of its folder and of each folder above up to
    the root; for a seed outside of the root only its own folder's. Pass the same `folders` for each seed of a run.
    """
    folders = folders or FolderSidecars()
    root_path, path = folders.real(str(root)), os.path.abspath(seed_path)
    own = _read_if_there(path + SIDECAR_SUFFIX, root_path)
    above = folders.above(os.path.dirname(path), root_path)
    return above if own is None else [own, *above]


def _read_if_there(path: str, root: str) -> Found | None:
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno in NOTHING_THERE:
            return None
    return name_under(path, root), read_seed(path)
