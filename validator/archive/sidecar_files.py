"""Finding and reading the sidecars that may speak of a seed."""

from __future__ import annotations

import os
from pathlib import Path

from validator.archive.reading import NOTHING_THERE, read_seed
from validator.archive.seeds import name_under
from validator.record.sidecar import FOLDER_SIDECAR, SIDECAR_SUFFIX
from validator.rules.views import Unread

Found = tuple[str, bytes | Unread]  # the name of a sidecar, and its bytes or why they could not be read


def sidecars_for(seed_path: str | Path, root: str | Path) -> list[Found]:
    """The sidecars that may speak of a seed, nearest first: name, and bytes or why they could not be read.

    First `<seed file name>.meta.yaml` beside it, then the `seeds.meta.yaml` of its folder and of each folder above up to
    the root; for a seed outside of the root only its own folder's. Both paths are absolute, and the root's has no links.
    """
    path, top = os.fspath(seed_path), os.fspath(root)
    folders = [os.path.dirname(path)]
    if name_under(path, top) != path:
        while folders[-1] != top:
            folders.append(os.path.dirname(folders[-1]))
    paths = [path + SIDECAR_SUFFIX, *(os.path.join(folder, FOLDER_SIDECAR) for folder in folders)]
    return [found for each in paths if (found := _read_if_there(each, top)) is not None]


def _read_if_there(path: str, root: str) -> Found | None:
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno in NOTHING_THERE:
            return None
    return name_under(path, root), read_seed(path)
