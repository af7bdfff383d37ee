"""Rows by name in a file of the user's cache, for which SQLite is used: what a run keeps of each seed for the next one.

A store never fails: what cannot be read is not there, what cannot be written is not kept. A file that is damaged, or another
program's, is replaced; one that another run holds, or that nobody may write, is left alone. What a row means, and whether it
still holds, is the caller's to say, row by row: a damaged one may come back.

No connection lasts longer than one call. So no process that is started meanwhile inherits one, and two runs at once wait for
each other for moments only. A run that is killed while it writes leaves a journal, by which SQLite undoes what was half done.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # importing it takes as long as checking ten seeds
    import sqlite3

FOLDER = "results"  # in the folder of the cache
SUFFIX = ".sqlite"
AT_A_TIME = 500  # names in a question: some builds of SQLite take no more than 999

_KEPT = 32  # stores; of more the oldest go,
_LIMIT_BYTES = 1 << 30  # and as many as it takes for all of them together to need no more than this
_PAGE_BYTES = 4096
_WAIT_SECONDS = 0.25  # for another run
_HALF_DONE_SECONDS = 3600  # after which what is half done is nobody's
_MARK = 0x73656564  # which SQLite writes into the head of a file, for the program that it belongs to
_DAMAGED = (1, 11, 20, 24, 26)  # SQLite's codes: no such table, corrupt, another type, another format, no database

_TABLES = (
    "CREATE TABLE about (state BLOB NOT NULL, swept BLOB NOT NULL)",
    "CREATE TABLE seeds (name BLOB PRIMARY KEY, row BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE records (name BLOB PRIMARY KEY, row BLOB NOT NULL)",  # apart, as most runs do not ask for them
    f"PRAGMA application_id = {_MARK}",
)

Row = tuple[
    bytes, bytes, "bytes | None"
]  # a name, what is kept of the seed, and of its record: None leaves the latter as it is
_Result = TypeVar("_Result")


class Store:
    """The rows of one archive. `state` is what all of them hang on: what is there with another one is forgotten."""

    def __init__(self, folder: str, name: str, state: bytes) -> None:
        self.path = os.path.join(folder, FOLDER, name + SUFFIX)
        self._state = state
        self._is_readable = self._is_writable = _has_sqlite() and _is_folder_ours(os.path.dirname(self.path))
        if self._is_readable:
            self._open()

    def seeds(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is kept of these seeds, of those of which anything is. At most AT_A_TIME names."""
        return self._found("seeds", names)

    def records(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is kept of the records of these seeds. At most AT_A_TIME names."""
        return self._found("records", names)

    def _found(self, table: str, names: Sequence[bytes]) -> dict[bytes, bytes]:
        question = f"SELECT name, row FROM {table} WHERE name IN ({','.join('?' * len(names))})"  # noqa: S608 - our own names
        rows = self._ask(lambda connection: connection.execute(question, names).fetchall()) if names else None
        return {name: row for name, row in rows or () if isinstance(name, bytes) and isinstance(row, bytes)}

    def keep(self, rows: Sequence[Row]) -> None:
        """Put rows in the place of what was kept of these seeds: all of them or none."""

        def put(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR REPLACE INTO seeds VALUES (?, ?)", [row[:2] for row in rows])
            records = [(name, record) for name, _, record in rows if record is not None]
            connection.executemany("INSERT OR REPLACE INTO records VALUES (?, ?)", records)

        if rows:
            self._change(put)

    def sweep(self, is_gone: Callable[[bytes], bool], most: int) -> None:
        """Drop the rows of seeds that are gone. So many names are looked at, from where the last sweep stopped on."""

        def listed(connection: sqlite3.Connection) -> list[Any]:
            ((after,),) = connection.execute("SELECT swept FROM about").fetchall()
            rows = connection.execute("SELECT name FROM seeds WHERE name > ? ORDER BY name LIMIT ?", (after, most))
            return [name for (name,) in rows if isinstance(name, bytes)]

        def drop(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE about SET swept = ?", (names[-1] if len(names) == most else b"",))
            for table in ("seeds", "records"):
                connection.executemany(f"DELETE FROM {table} WHERE name = ?", gone)  # noqa: S608 - our own names

        if self._is_writable:
            names = self._ask(listed) or []
            gone = [(name,) for name in names if is_gone(name)]
            self._change(drop)
            self._make_room()

    def _open(self) -> None:
        """Use what is there, or put a new store in its place."""

        def is_of_this_state(connection: sqlite3.Connection) -> bool:
            ((mark,),) = connection.execute("PRAGMA application_id").fetchall()
            return mark == _MARK and connection.execute("SELECT state FROM about").fetchall() == [(self._state,)]

        is_there = False
        with suppress(OSError):
            is_there = _is_ours(os.lstat(self.path), stat.S_ISREG)
        if not is_there or self._ask(is_of_this_state) is False:
            self._is_readable = self._renewed()

    def _renewed(self) -> bool:
        """Put an empty store in the place of whatever is there; whether that could be done."""

        def lay_out(connection: sqlite3.Connection) -> None:
            for table in _TABLES:
                connection.execute(table)
            connection.execute("INSERT INTO about VALUES (?, ?)", (self._state, b""))

        temporary = os.path.join(os.path.dirname(self.path), f".{os.urandom(8).hex()}{SUFFIX}")
        try:
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            try:
                _with_connection(temporary, lay_out, to_write=True)
                _drop(self.path)
                os.replace(temporary, self.path)
            finally:
                _drop(temporary)
        except _trouble():
            self._is_writable = False
            return False
        self._make_room()
        return True

    def _ask(self, question: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
        """What a question is answered; None where the store cannot answer it."""
        if not self._is_readable:
            return None
        try:
            return _with_connection(self.path, question)
        except _trouble() as error:
            self._is_readable = self._is_mended(error)
            return None

    def _change(self, change: Callable[[sqlite3.Connection], None]) -> None:
        """Write something, unless that is not to be."""

        def checked(connection: sqlite3.Connection) -> None:
            if connection.execute("SELECT state FROM about").fetchall() != [(self._state,)]:
                self._is_writable = False  # a run with another state has taken the store
            else:
                change(connection)

        if not (self._is_readable and self._is_writable):
            return
        try:
            _with_connection(self.path, checked, to_write=True)
        except _trouble() as error:
            self._is_writable = self._is_mended(error)

    def _is_mended(self, error: Exception) -> bool:
        """Make the store anew if trouble came of damage; whether there is a new one. Other trouble is not ours to end."""
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGED and self._renewed()

    def _make_room(self) -> None:
        """Remove the stores that were not used for longest, but not this one, until the others are neither many nor large.

        Of what begins with a dot, which a run that was killed has left half done, what is old goes too.
        """
        with suppress(OSError):
            os.utime(self.path)
            with os.scandir(os.path.dirname(self.path)) as entries:
                found = [(entry.stat(follow_symlinks=False), entry.name, entry.path) for entry in entries]
            newest = max(status.st_mtime for status, _, _ in found)
            found.sort(key=lambda each: -each[0].st_mtime)
            stores = [(status, path) for status, name, path in found if name.endswith(SUFFIX) and name[0] != "."]
            size = 0
            for number, (status, path) in enumerate(stores):
                size += status.st_size
                if path != self.path and (number >= _KEPT or size > _LIMIT_BYTES):
                    _drop(path)
            for status, name, path in found:
                if name[0] == "." and newest - status.st_mtime > _HALF_DONE_SECONDS:
                    _drop(path)


def _has_sqlite() -> bool:
    """Whether this Python was built with it."""
    try:
        import sqlite3  # noqa: F401
    except ImportError:
        return False
    return True


def _is_folder_ours(folder: str) -> bool:
    """Make a folder unless it is there; whether it is this user's alone to write."""
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        return _is_ours(os.lstat(folder), stat.S_ISDIR)
    except (OSError, ValueError):
        return False


def _is_ours(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether something is of a kind and this user's, and nobody else may write it."""
    return is_kind(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


def _trouble() -> tuple[type[Exception], ...]:
    """What may be raised when a store is used. OverflowError, ValueError and MemoryError come of damaged rows."""
    import sqlite3

    return sqlite3.Error, OSError, ValueError, TypeError, OverflowError, MemoryError


def _with_connection(path: str, use: Callable[[sqlite3.Connection], _Result], *, to_write: bool = False) -> _Result:
    """What comes of using a store; what is written is written as a whole."""
    import sqlite3

    connection = sqlite3.connect(_address(path), timeout=_WAIT_SECONDS, isolation_level=None, uri=True)
    try:
        # Should the machine lose its power, the file may be damaged, and is made anew: nothing need be waited for.
        for pragma in ("synchronous = OFF", "trusted_schema = OFF", f"max_page_count = {_LIMIT_BYTES // _PAGE_BYTES}"):
            connection.execute(f"PRAGMA {pragma}")
        if to_write:
            connection.execute("BEGIN IMMEDIATE")
        result = use(connection)
        if to_write:
            connection.execute("COMMIT")
        return result
    finally:
        connection.close()  # and undo what was not written as a whole


def _address(path: str) -> str:
    """A path as SQLite takes it together with a mode: here that the file must be there."""
    for character in "%?#":
        path = path.replace(character, f"%{ord(character):x}")
    return f"file:{path}?mode=rw"


def _drop(path: str) -> None:
    """Remove a store, and its journal, which must not be taken for that of the next one."""
    for each in (path, path + "-journal"):
        with suppress(OSError):
            os.unlink(each)
    with suppress(OSError):
        os.rmdir(path)  # an empty folder in the place of one
