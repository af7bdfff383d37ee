"""What a run keeps for the next one: the report of each seed, in one SQLite file in the user's cache folder.

A report is found by a digest of everything it depends on: the seed's bytes and path, its sidecars, the schemas, the
configuration, the day, the program and its libraries. All of it is read on each run, so no change goes unnoticed. A report is
kept with all findings; which are shown is decided later. Reports of seeds that could not be read or checked, or whose sidecar
could not be read, are not kept, nor are very large reports.

The file is only used if it and its folder belong to this user and nobody else may write to them, and never if it lies in the
archive's own repository. If anything goes wrong with it, the run goes on without it. A damaged file is started again.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from validator import __version__
from validator.archive import opening
from validator.archive.reading import Sidecars, read_seed
from validator.archive.root import repository_of
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.rules.views import Unread
from validator.text.findings import SeedReport, Verdict

if TYPE_CHECKING:
    import sqlite3

_FEWEST_SEEDS = 32  # for fewer, checking is quicker than looking up
_LARGEST_BYTES = 250_000  # of one report
_LIMIT_BYTES = 1 << 30  # of all reports; then those not used for longest go
_ROWS_AT_A_TIME = 64  # that are written together
_WAIT_SECONDS = 2.0  # for another run that is writing
_CHECK_BYTES = 16  # at the start of each row: a digest of the key and the report
# SQLite's codes for a file that is locked, or that cannot be read or written, and for a full disk.
_NO_DAMAGE = (5, 6, 8, 10, 13, 14)
_LAYOUT = "CREATE TABLE reports (id BLOB PRIMARY KEY, day INTEGER, report BLOB)"
_DROP_OLDEST = """DELETE FROM reports WHERE id IN
    (SELECT id FROM reports ORDER BY day LIMIT (SELECT count(*) / 4 + 1 FROM reports))"""


class _Row(NamedTuple):
    """A report as it is kept. `is_due`: it must be written, since it is new or was last used on another day."""

    key: bytes
    content: bytes
    is_due: bool


def reports_of(archive: opening.Archive, seeds: Sequence[Seed], jobs: int | None) -> Iterator[SeedReport]:
    """The report of each seed in their order, with the findings to be shown. Raises what `run` does."""
    is_wanted = archive.request.cached and archive.tree == archive.root and len(seeds) >= _FEWEST_SEEDS
    file = _prepared(archive) if is_wanted else None
    if file is None:
        yield from opening.judged(archive, seeds, jobs)
        return
    import pickle

    kept = _Kept(file, archive)
    rows: list[_Row] = []
    try:
        for found in run(seeds, kept.report, jobs, limit_seconds=archive.limit_seconds):
            if isinstance(found, SeedReport):
                yield opening.selected(archive, found)
                continue
            if found.is_due:
                rows.append(found)
            if len(rows) >= _ROWS_AT_A_TIME:
                _write(file, rows)
                rows = []
            report = pickle.loads(memoryview(found.content)[_CHECK_BYTES:])  # noqa: S301 - its digest was checked
            yield opening.selected(archive, report)
    finally:
        kept.close()
        _write(file, rows)


class _Kept:
    """The reports in the file, as one process sees them. Each worker opens the file and digests the state for itself."""

    def __init__(self, file: str, archive: opening.Archive) -> None:
        self._file = file
        self._archive = archive
        self._sidecars = Sidecars(archive.tree)
        self._day = int(time.time() // 86_400)

    @cached_property
    def _state(self) -> bytes:
        """A digest of what the reports of all seeds depend on."""
        archive, request = self._archive, self._archive.request
        return digest_of(
            *program_state(), str(archive.root), str(request.source), str(request.today), str(request.with_record),
            str(request.with_traits), repr(archive.settings), str(archive.config_sha256), archive.schemas_sha256,
        )  # fmt: skip

    @cached_property
    def _connection(self) -> sqlite3.Connection | None:
        with suppress(Exception):
            return _connected(self._file)
        return None

    def close(self) -> None:
        """Close the file if this process has opened it. Worker processes close it when they end."""
        connection = self.__dict__.pop("_connection", None)
        if connection is not None:
            connection.close()

    def report(self, seed: Seed) -> _Row | SeedReport:
        """The report of a seed with all findings, kept or made now; as it is if it is not to be kept."""
        archive = self._archive
        content = read_seed(seed, archive.settings.limit_bytes)
        beside = self._sidecars.about(seed.folder, None if seed.is_plain else seed.place)
        parts = [self._state, seed.name, content, *(part for each in beside for part in each)]
        readable = [part for part in parts if not isinstance(part, Unread)]
        key = digest_of(*readable)
        found = self._found(key) if len(readable) == len(parts) else None
        if found is not None:
            return found
        report = opening.judge_wholly(
            archive, seed, content, [opening.parsed_sidecar(seed.name, *each) for each in beside]
        )
        if len(readable) < len(parts) or report.sha256 is None or report.verdict is Verdict.UNCHECKED:
            return report
        import pickle

        pickled = pickle.dumps(report, pickle.HIGHEST_PROTOCOL)
        return report if len(pickled) > _LARGEST_BYTES else _Row(key, _check(key, pickled) + pickled, is_due=True)

    def _found(self, key: bytes) -> _Row | None:
        with suppress(Exception):
            assert self._connection is not None
            row = self._connection.execute("SELECT day, report FROM reports WHERE id = ?", (key[:8],)).fetchone()
            day, content = row or (0, b"")
            if _check(key, content[_CHECK_BYTES:]) == content[:_CHECK_BYTES]:
                return _Row(key, content, is_due=day != self._day)
        return None


def program_state() -> Iterator[str | bytes]:
    """What tells the program, its libraries and the time zones of this machine from another state of them."""
    from zoneinfo import TZPATH

    yield from (__version__, sys.version, repr(sys.flags), sys.getfilesystemencoding())
    package = os.path.dirname(os.path.dirname(__file__))
    for folder, folders, names in os.walk(package):
        folders.sort()
        for path in (f"{folder}/{name}" for name in sorted(names) if name.endswith((".py", ".json"))):
            yield path.removeprefix(f"{package}/")
            with open(path, "rb", buffering=0) as file:  # of Python's ways to read a small file, the fastest
                yield file.read()
    for folder in sys.path:
        with suppress(OSError):  # the name of the folder that describes a library has its version
            yield from sorted(name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info")))
    for folder in TZPATH:
        with suppress(OSError):
            yield Path(folder, "tzdata.zi").read_bytes()


def digest_of(*parts: str | bytes) -> bytes:
    """A digest of several parts, each with its length so that no two lists of parts look the same."""
    digest = blake2b(digest_size=32)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(b"%d\0" % len(content))
        digest.update(content)
    return digest.digest()


def _check(key: bytes, pickled: bytes) -> bytes:
    return blake2b(pickled, key=key, digest_size=_CHECK_BYTES).digest()


def _prepared(archive: opening.Archive) -> str | None:
    """The path of the file, ready for use; None if it cannot be used."""
    file = cache_file(archive, "reports.sqlite")
    with suppress(ImportError):
        return file if file is not None and _write(file) else None
    return None


def cache_file(archive: opening.Archive, name: str) -> str | None:
    """The path of a file in the user's cache folder, which is there afterwards; None if it must not be used."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    base = base if os.path.isabs(base) else os.path.expanduser("~/.cache")
    folder = os.path.realpath(os.path.join(base, "seed-validator"))
    root = str(archive.root)
    if not hasattr(os, "getuid") or folder.startswith(os.path.realpath(repository_of(root) or root).rstrip("/") + "/"):
        return None
    file = os.path.join(folder, name)
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        if not _is_ours(os.lstat(folder), stat.S_ISDIR):
            return None
        with closing(
            open(os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600), "rb")
        ) as opened:
            is_ours = _is_ours(os.fstat(opened.fileno()), stat.S_ISREG)
        return file if is_ours else None
    except (OSError, ValueError):
        return None


def _is_ours(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether something is of a kind, belongs to this user, and nobody else may write to it."""
    return is_kind(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


def _write(file: str, rows: Sequence[_Row] = ()) -> bool:
    """Keep rows, and drop those not used for longest if all are too large; whether that worked.

    A file that is damaged, or of another program, is started again.
    """
    for _ in range(2):
        try:
            with closing(_connected(file)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                layout = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'table'").fetchall()
                if not layout:
                    connection.execute(_LAYOUT)
                elif layout != [(_LAYOUT,)]:
                    raise ValueError("the file is of another program")
                values = [(row.key[:8], int(time.time() // 86_400), row.content) for row in rows]
                connection.executemany("INSERT OR REPLACE INTO reports VALUES (?, ?, ?)", values)
                names = ("page_count", "freelist_count", "page_size")
                pages, free, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
                if (pages - free) * size > _LIMIT_BYTES:
                    connection.execute(_DROP_OLDEST)
                connection.execute("COMMIT")
                return True
        except Exception as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_DAMAGE:
                return False
            with suppress(OSError):
                os.truncate(file, 0)  # it keeps its mode, and other runs find the new rows
    return False


def _connected(file: str) -> sqlite3.Connection:
    """A connection to the file. It has no journal: a write that is cut short may damage it, and then it is started again."""
    import sqlite3

    connection = sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection
