"""The records of repairs of a whole archive: its own, and those of repositories and folders that the arguments lead to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from validator.archive.discovery import discover
from validator.archive.opening import Archive
from validator.archive.root import whole_path
from validator.archive.seeds import Seed
from validator.preservation.fixity import Verified, unnamed_originals, verify, verify_logs
from validator.preservation.writing import name_in_records, recorded, records_root


def by_record(root: Path, seeds: Iterable[Seed]) -> dict[Path, list[Seed]]:
    """The seeds by the folder that has their record."""
    out: dict[Path, list[Seed]] = {}
    for seed in seeds:
        out.setdefault(records_root(root, seed.path), []).append(seed)
    return out


def has_record(archive: Archive, folder: str) -> bool:
    """Whether some seed is on record where a seed of this folder would be."""
    return any(recorded(records_root(archive.root, Path(folder, "-"))))


def verified(archive: Archive, paths: Sequence[str], seeds: Sequence[Seed]) -> Iterator[tuple[str, Verified]]:
    """The result for each seed, and for each seed on record below the folders among the paths; its shown name first."""
    groups = by_record(archive.root, seeds)
    for root, members in groups.items():
        for result in verify(root, members, archive.settings.limit_bytes):
            yield result.name, result

    def elsewhere() -> Sequence[Seed]:
        return discover([archive.root], archive.settings, archive.root).seeds

    told: set[tuple[Path, str]] = set()
    for folder in filter(os.path.isdir, paths):
        root = records_root(archive.root, Path(folder, "-"))
        seen = {name_in_records(root, seed.path) for seed in groups.get(root, ())}
        for result in verify_logs(root, Path(folder), seen, elsewhere):
            if (root, result.name) not in told:
                told.add((root, result.name))
                yield _shown(archive, root, result.name), result


def stray_originals(archive: Archive, paths: Sequence[str], seeds: Sequence[Seed]) -> Iterator[str]:
    """The originals that no event names, in every record that the paths lead to."""
    places = [seed.path for seed in seeds] + [Path(folder, "-") for folder in filter(os.path.isdir, paths)]
    for root in dict.fromkeys(records_root(archive.root, place) for place in places):
        for name in unnamed_originals(root):
            yield _shown(archive, root, name)


def _shown(archive: Archive, root: Path, name: str) -> str:
    """The name of a record's file in messages: relative to the archive's root if it lies inside."""
    path, top = whole_path(root / name), os.path.realpath(archive.root)
    return os.path.relpath(path, top) if path.startswith(top.rstrip("/") + "/") else path
