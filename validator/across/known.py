"""The archive as a commit has it, kept as an index of traits, for comparing a few new seeds with all known ones.

The index is one SQLite file for each archive in the user's cache folder. It names its commit, and the state of the program, the
configuration and the schemas with which it was made. For another commit, only the files that differ between the two are read
again; in another state, all of them. A commit's name stands for its content, so the index is never out of date. If anything is
wrong with the file, it is made anew.

What has changed since the commit is not looked up in it: those seeds are read as they are now.

Not handled: seeds that are symbolic links.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from validator.across.comparing import traits_now
from validator.across.tables import LAYOUT, MOST_ALIKE
from validator.archive.discovery import is_seed_name
from validator.archive.git import (
    LINK,
    SUBMODULE,
    Entry,
    Objects,
    Repository,
    changed_between,
    committed_files,
    objects,
)
from validator.archive.kept import cache_file, digest_of, program_state
from validator.archive.opening import Archive, parsed_sidecar, see
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.engine.checking import traits_in
from validator.record.likeness import marks_of
from validator.record.sidecar import FOLDER_SIDECAR, SIDECAR_SUFFIX
from validator.record.traits import Traits
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport

_LAYOUT = (
    *LAYOUT,
    "CREATE TABLE seeds (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE about (state BLOB NOT NULL, base TEXT NOT NULL, seeds INTEGER NOT NULL)",
    "CREATE INDEX by_key ON keys (key, seed)",
    "CREATE INDEX by_seed ON keys (seed)",
)
_WAIT_SECONDS = 600  # for another process that fills the index
_SEEDS_AT_A_TIME = 500
_MANY = 5_000  # files; reading fewer takes a few seconds
_BYTES_AT_A_TIME = 10_000_000

There = Callable[[str], Seed | None]


@dataclass(frozen=True, slots=True)
class _Blob(Seed):
    """A seed as git has it, with its sidecars, nearest first."""

    content: bytes = b""
    sidecars: tuple[tuple[str, bytes], ...] = ()


class Archived:
    """The seeds of an archive that are not in a run: those of a commit, and those that have changed since, as they are now.

    `changed` has the names of all files that have changed since the commit, relative to the archive's root, and of seeds whose
    sidecar has. `there` gives a seed as it is now. `say` is told if the archive must be read as a whole and is large.
    """

    def __init__(
        self, archive: Archive, repository: Repository, base: str, changed: Iterable[str], there: There,
        say: Callable[[str], object] = lambda _: None,
    ) -> None:  # fmt: skip
        self._archive = archive
        self._say = say
        self._repository = repository
        self._base = base
        self._there = there
        self._changed = frozenset(changed)
        self._connection: sqlite3.Connection | None = None

    def rows_around(self, keys: Sequence[int], run: Iterable[str]) -> Iterator[tuple[int, str, bytes]]:
        """Keys, names and marks of seeds: those with one of the keys, and those that share a key with them.

        `run` has the names of the seeds in the run, which are none of these.
        """
        connection = self._opened()
        out = set(run)
        overlaid = {name: traits for name, traits in self._overlay(out) if traits is not None}
        connection.execute("CREATE TEMP TABLE gone (seed INTEGER PRIMARY KEY)")
        for gone in self._gone(out):
            connection.execute("INSERT OR IGNORE INTO gone SELECT number FROM seeds WHERE name = ?", (gone,))
        for name, traits in overlaid.items():
            yield from ((key, name, marks_of(traits.sketch)) for key in traits.keys())  # noqa: SIM118
            keys = [*keys, *traits.keys()]
        near: set[int] = set()
        for key in set(keys):
            near.update(seed for (seed,) in connection.execute(_WITH_KEY, (key, MOST_ALIKE + 1)))
        wider = set(keys)
        for seed in near:
            wider.update(key for (key,) in connection.execute("SELECT key FROM keys WHERE seed = ?", (seed,)))
        for key in wider:
            for named, marks in connection.execute(_NAMED_WITH_KEY, (key, MOST_ALIKE + 1)):
                yield key, os.fsdecode(named), marks or b""

    def seed(self, name: str) -> Seed | None:
        """One of them, where it can be read."""
        return self._there(name)

    def close(self) -> None:
        """Give the index up; it stays in its file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _gone(self, run: Iterable[str]) -> Iterator[bytes]:
        """The names of the seeds of the index that count as they are now, if they are still there."""
        for name in {*run, *self._changed}:
            yield os.fsencode(name)
            yield os.fsencode(name.removesuffix(SIDECAR_SUFFIX))
        for folder in _folders_with_sidecar(self._changed):
            yield from map(os.fsencode, _names(self._opened(), folder))

    def _overlay(self, run: set[str]) -> Iterator[tuple[str, Traits | None]]:
        """The seeds that have changed and are not in the run."""
        names = {os.fsdecode(name) for name in self._gone(())} - run
        for name in sorted(names):
            seed = self._there(name) if is_seed_name(name, self._archive.settings, lambda _: False) else None
            if seed is not None and seed.path.is_file():
                yield name, _traits_now(self._archive, seed)

    # -----------------------------------------------------------------------------------------------------------------
    # The index

    def _opened(self) -> sqlite3.Connection:
        """The index, brought to the commit."""
        if self._connection is None:
            self._connection = self._brought()
        return self._connection

    def _brought(self) -> sqlite3.Connection:
        archive = self._archive
        name = f"archive-{digest_of(str(archive.root)).hex()[:24]}.sqlite"
        file = cache_file(archive, name) if archive.request.cached else None
        state = self._state()
        for attempt in (1, 2) if file is not None else ():
            try:
                return self._filled(file or "", state)
            except sqlite3.Error:
                if attempt == 1:
                    with suppress(OSError):
                        os.truncate(file or "", 0)
        return self._filled("", state)

    def _state(self) -> bytes:
        archive, request = self._archive, self._archive.request
        return digest_of(
            *program_state(), str(archive.root), str(request.source), repr(archive.settings), archive.schemas_sha256
        )

    def _filled(self, file: str, state: bytes) -> sqlite3.Connection:
        """The index in a file, '' for one that only this run has. Raises sqlite3.Error if the file cannot be used."""
        connection = sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            about = self._about(connection)
            if about is None or about != (state, self._base):
                connection.execute("BEGIN IMMEDIATE")
                about = self._about(connection)  # another process may have been here meanwhile
                if about != (state, self._base):
                    self._bring(connection, about[1] if about is not None and about[0] == state else None)
                    connection.execute("DELETE FROM about")
                    connection.execute("INSERT INTO about SELECT ?, ?, count(*) FROM seeds", (state, self._base))
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _about(self, connection: sqlite3.Connection) -> tuple[bytes, str] | None:
        """The state and the commit of an index; None for an empty file, one of another program, or one that was cut short."""
        layout = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
        if layout != list(_LAYOUT):
            return None
        rows = connection.execute("SELECT state, base, seeds FROM about").fetchall()
        if len(rows) != 1 or rows[0][2:] != connection.execute("SELECT count(*) FROM seeds").fetchone():
            return None
        return bytes(rows[0][0]), str(rows[0][1])

    def _bring(self, connection: sqlite3.Connection, before: str | None) -> None:
        """Fill the index anew, or bring it up from its commit."""
        files = self._files()
        changed = None
        if before is not None:
            with suppress(ConfigError):  # that commit is gone
                changed = [self._inside(name) for name in changed_between(self._repository, before, self._base)]
        if changed is None:
            rows = connection.execute("SELECT type, name FROM sqlite_master WHERE type = 'table'").fetchall()
            for _, name in rows:
                connection.execute(f'DROP TABLE "{name}"')
            for statement in _LAYOUT:
                connection.execute(statement)
            names = list(files)
            if len(names) > _MANY:
                self._say(
                    f"the archive is compared for the first time: its {len(names):,} files are read, which takes a while"
                )
        else:
            names = _touched(connection, [name for name in changed if name is not None], files)
            for name in names:
                _forget(connection, os.fsencode(name))
        with objects(self._repository) as contents:
            wanted = (name for name in names if name in files and self._is_seed(name, files))
            for lot in _lots(self._blob(name, files, contents) for name in wanted):
                for blob, traits in zip(lot, self._traits(lot), strict=True):
                    if isinstance(traits, Traits):
                        _remember(connection, os.fsencode(blob.name), traits)

    def _files(self) -> dict[str, Entry]:
        """The files of the commit, by their names in the archive."""
        files = {}
        for name, entry in committed_files(self._repository, self._base).items():
            inside = self._inside(name)
            if inside is not None:
                files[inside] = entry
        return files

    def _inside(self, name: str) -> str | None:
        """A file's name in the archive, None if it lies outside."""
        path, start = f"{self._repository.top.rstrip('/')}/{name}", f"{str(self._archive.root).rstrip('/')}/"
        return path[len(start) :] if path.startswith(start) else None

    def _is_seed(self, name: str, files: Mapping[str, Entry]) -> bool:
        is_file = files[name].mode not in (LINK, SUBMODULE)
        return is_file and is_seed_name(name, self._archive.settings, files.__contains__)

    def _blob(self, name: str, files: Mapping[str, Entry], contents: Objects) -> _Blob:
        folder = name.rpartition("/")[0]
        beside = [name + SIDECAR_SUFFIX]
        while True:
            beside.append(f"{folder}/{FOLDER_SIDECAR}" if folder else FOLDER_SIDECAR)
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        sidecars = tuple((each, contents.read(files[each].oid)) for each in beside if each in files)
        content = contents.read(files[name].oid)
        return _Blob("", name, len(content), content=content, sidecars=sidecars)

    def _traits(self, blobs: Sequence[_Blob]) -> Iterator[Traits | SeedReport | None]:
        archive = self._archive
        check = partial(_traits_of, archive)
        return run(blobs, check, archive.settings.jobs, limit_seconds=archive.limit_seconds)


_WITH_KEY = "SELECT seed FROM keys WHERE key = ? AND seed NOT IN gone ORDER BY seed LIMIT ?"
_NAMED_WITH_KEY = """SELECT seeds.name, marks.marks FROM keys JOIN seeds ON seeds.number = keys.seed
    LEFT JOIN marks ON marks.seed = keys.seed
    WHERE keys.key = ? AND keys.seed NOT IN gone ORDER BY keys.seed LIMIT ?"""


def _traits_of(archive: Archive, blob: Seed) -> Traits | None:
    """What a seed of a commit is recognised by."""
    assert isinstance(blob, _Blob)
    if len(blob.content) > archive.settings.limit_bytes:
        return None
    seen = see(archive, blob, blob.content, [parsed_sidecar(blob.name, *each) for each in blob.sidecars])
    return None if isinstance(seen, Unread) else traits_in(seen)


def _traits_now(archive: Archive, seed: Seed) -> Traits | None:
    """What a seed is recognised by as it is now."""
    (found,) = run([seed], partial(traits_now, archive), 1, limit_seconds=archive.limit_seconds)
    return found if isinstance(found, Traits) else None


def _remember(connection: sqlite3.Connection, name: bytes, traits: Traits) -> None:
    number = connection.execute("INSERT INTO seeds (name) VALUES (?)", (name,)).lastrowid
    connection.executemany("INSERT INTO keys VALUES (?, ?)", [(key, number) for key in traits.keys()])  # noqa: SIM118
    if traits.sketch:
        connection.execute("INSERT INTO marks VALUES (?, ?)", (number, marks_of(traits.sketch)))


def _forget(connection: sqlite3.Connection, name: bytes) -> None:
    row = connection.execute("SELECT number FROM seeds WHERE name = ?", (name,)).fetchone()
    for table, column in (("keys", "seed"), ("marks", "seed"), ("seeds", "number")) if row else ():
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", row)  # noqa: S608 - three names of our own


def _touched(connection: sqlite3.Connection, changed: Sequence[str], files: Iterable[str]) -> list[str]:
    """The names of seeds that changed files are about: a folder's sidecar is about all below, those of before and `files`."""
    names = dict.fromkeys((*changed, *(name.removesuffix(SIDECAR_SUFFIX) for name in changed)))
    for folder in _folders_with_sidecar(changed):
        names.update(dict.fromkeys(name for name in files if name.startswith(folder)))
        names.update(dict.fromkeys(_names(connection, folder)))
    return list(names)


def _names(connection: sqlite3.Connection, folder: str) -> list[str]:
    """The seeds of the index below a folder, which ends in `/` or is ''."""
    start = os.fsencode(folder)
    rows = connection.execute("SELECT name FROM seeds WHERE substr(name, 1, ?) = ?", (len(start), start))
    return [os.fsdecode(name) for (name,) in rows]


def _folders_with_sidecar(names: Iterable[str]) -> list[str]:
    """The folders, each with a `/` at its end, whose sidecar is among these names."""
    return [name.removesuffix(FOLDER_SIDECAR) for name in names if name.rpartition("/")[2] == FOLDER_SIDECAR]


def _lots(blobs: Iterator[_Blob]) -> Iterator[list[_Blob]]:
    """Seeds in lists of a size that memory can hold."""
    lot: list[_Blob] = []
    size = 0
    for blob in blobs:
        lot.append(blob)
        size += len(blob.content)
        if len(lot) == _SEEDS_AT_A_TIME or size >= _BYTES_AT_A_TIME:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot
