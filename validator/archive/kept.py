"""What a run keeps for the next one: the report of each seed, in one SQLite file in the user's cache folder.

The file is `$XDG_CACHE_HOME/seed-validator/reports.sqlite`, or under `~/.cache` if that variable is not set. A report is found by
a digest of everything it depends on: the seed's bytes and path, its sidecars, the schemas, the configuration, the day, the
program and its libraries. The bytes are read and digested on each run, so no change goes unnoticed. All findings are kept; which
of them are shown is decided later.

The file is only used if it and its folder belong to this user and nobody else may write to them, and never if it lies in the
archive's own repository. If anything goes wrong with it, the run goes on without it. A damaged file is deleted and begun anew.
Each row has a check digest, so a damaged row is not used.

Not kept: reports of seeds that could not be read or checked, or whose sidecar could not be read, and very large reports.
"""

from __future__ import annotations

import os
import pickle
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from validator import __version__
from validator.archive.opening import (
    Archive,
    judge_in_worker,
    judge_wholly,
    open_in_worker,
    opened_in_worker,
    parsed_sidecars,
    selected,
)
from validator.archive.reading import read_seed
from validator.archive.root import repository_of
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.archive.sidecar_files import sidecars_for
from validator.rules.views import Unread
from validator.text.findings import SeedReport, Verdict

if TYPE_CHECKING:
    import sqlite3

_FEWEST_SEEDS = 32  # for fewer, checking is quicker than looking up
_LARGEST_BYTES = 250_000  # of one report
_LIMIT_BYTES = 1 << 30  # of all reports; then the ones not used for longest go
_ROWS_AT_A_TIME, _BYTES_AT_A_TIME = 512, 4_000_000  # that wait to be written together
_WAIT_SECONDS = 2.0  # for another run that is writing
_MARK = 0x5EED0001  # the file's application id: to be changed with its layout
_CHECK_BYTES = 16
_NO_DAMAGE = (
    5,
    6,
    8,
    10,
    13,
    14,
)  # SQLite's codes for a file that is locked, cannot be read or written, or a full disk
_LAYOUT = "CREATE TABLE reports (id INTEGER PRIMARY KEY, day INTEGER, report BLOB)"
_DROP_OLDEST = """DELETE FROM reports WHERE id IN
    (SELECT id FROM reports ORDER BY day LIMIT (SELECT count(*) / 4 + 1 FROM reports))"""


class _Row(NamedTuple):
    """A report as it is kept. `is_due` says that it must be written: it is new, or was last used on another day."""

    id: int
    content: bytes
    is_due: bool


def reports_of(archive: Archive, seeds: Sequence[Seed], jobs: int | None) -> Iterator[SeedReport]:
    """The report of each seed in their order, with the findings to be shown. Raises what `run` does.

    The archive must be open in this process (`use_in_process`).
    """
    request = archive.request
    initial = (open_in_worker, (request,))
    is_wanted = request.cached and request.mirror is None and len(seeds) >= _FEWEST_SEEDS
    file = _prepared(archive) if is_wanted else None
    if file is None:
        yield from run(seeds, judge_in_worker, jobs, *initial, limit_seconds=archive.limit_seconds)
        return
    kept = _Kept(file)
    kept.prepare(archive)
    rows: list[_Row] = []
    waiting_bytes = 0
    try:
        for found in run(seeds, kept.report, jobs, *initial, limit_seconds=archive.limit_seconds):
            if isinstance(found, SeedReport):
                report = found
            else:
                report = pickle.loads(memoryview(found.content)[_CHECK_BYTES:])  # noqa: S301 - checked when it was found
                if found.is_due:
                    rows.append(found)
                    waiting_bytes += len(found.content)
                if len(rows) >= _ROWS_AT_A_TIME or waiting_bytes >= _BYTES_AT_A_TIME:
                    _write(file, rows)
                    rows, waiting_bytes = [], 0
            yield selected(archive, report)
    finally:
        kept.close()
        _write(file, rows)


class _Kept:
    """The reports in the file, as one process sees them. Each worker opens the file for itself."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._state = b""
        self._day = _day()
        self._connection: sqlite3.Connection | None = None
        self._is_open = False

    def __reduce__(self) -> tuple[type[_Kept], tuple[str]]:
        return _Kept, (self._file,)  # a worker that is not forked opens the archive anew, which may have changed

    def prepare(self, archive: Archive) -> None:
        """Digest what is the same for all seeds."""
        self._state = _state_of(archive)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def report(self, seed: Seed) -> _Row | SeedReport:
        """The report of a seed with all findings, kept or made now; a report that is not to be kept as it is."""
        archive = opened_in_worker()
        if not self._state:
            self.prepare(archive)
        content = read_seed(seed, archive.settings.limit_bytes)
        beside = sidecars_for(seed.place, archive.tree, archive.folders)
        parts = [self._state, seed.name, content, *(part for each in beside for part in each)]
        readable = [part for part in parts if not isinstance(part, Unread)]
        if len(readable) < len(parts):
            return judge_wholly(archive, seed, content, parsed_sidecars(seed, beside))
        key = _digest(*readable)
        found = self._found(key)
        if found is not None:
            return found
        report = judge_wholly(archive, seed, content, parsed_sidecars(seed, beside))
        if report.sha256 is None or report.verdict is Verdict.UNCHECKED:
            return report
        pickled = pickle.dumps(report, pickle.HIGHEST_PROTOCOL)
        if len(pickled) > _LARGEST_BYTES:
            return report
        return _Row(_id(key), _check(key, pickled) + pickled, is_due=True)

    def _found(self, key: bytes) -> _Row | None:
        if not self._is_open:
            self._is_open = True
            with suppress(*_trouble()):
                self._connection = _connected(self._file)
        if self._connection is None:
            return None
        try:
            row = self._connection.execute("SELECT day, report FROM reports WHERE id = ?", (_id(key),)).fetchone()
            day, content = row or (0, b"")
            if _check(key, content[_CHECK_BYTES:]) != content[:_CHECK_BYTES]:
                return None
        except _trouble():
            return None
        return _Row(_id(key), content, is_due=day != self._day)


# ---------------------------------------------------------------------------------------------------------------------
# What a report depends on


def _state_of(archive: Archive) -> bytes:
    """A digest of what the reports of all seeds depend on."""
    request = archive.request
    return _digest(
        *program_state(), str(archive.root), str(request.source), str(request.today), repr(archive.settings),
        str(archive.config_sha256), archive.schemas_sha256,
    )  # fmt: skip


def program_state() -> Iterator[str | bytes]:
    """What tells the program, its libraries and the time zones of this machine from another state of them."""
    from zoneinfo import TZPATH

    yield from (__version__, sys.version, repr(sys.flags), sys.getfilesystemencoding())
    package = Path(__file__).parents[1]
    for path in sorted(path for path in package.rglob("*") if path.suffix in (".py", ".json")):
        yield str(path.relative_to(package))
        yield path.read_bytes()
    for folder in sys.path:
        with suppress(OSError):  # the name of the folder that describes a library has its version
            yield from sorted(name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info")))
    for folder in TZPATH:
        with suppress(OSError):
            yield Path(folder, "tzdata.zi").read_bytes()


def _digest(*parts: str | bytes) -> bytes:
    """A digest of several parts, each with its length so that no two lists of parts look the same."""
    digest = blake2b(digest_size=32)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(b"%d\0" % len(content))
        digest.update(content)
    return digest.digest()


def _id(key: bytes) -> int:
    """The number of a row. Two keys may share it; the row's check digest tells them apart."""
    return int.from_bytes(key[:8], "big", signed=True)


def _check(key: bytes, pickled: bytes) -> bytes:
    return blake2b(pickled, key=key, digest_size=_CHECK_BYTES).digest()


def _day() -> int:
    return int(time.time() // 86_400)


# ---------------------------------------------------------------------------------------------------------------------
# The file


def _prepared(archive: Archive) -> str | None:
    """The path of the file, ready for use; None if it cannot be used."""
    folder = cache_folder(str(archive.root))
    if folder is None:
        return None
    file = os.path.join(folder, "reports.sqlite")
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        if not _is_ours(os.lstat(folder), stat.S_ISDIR):
            return None
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with closing(open(os.open(file, flags, 0o600), "rb")) as opened:
            if not _is_ours(os.fstat(opened.fileno()), stat.S_ISREG):
                return None
        return file if _used(file, lambda _: None) else None
    except (ImportError, OSError, ValueError):
        return None


def cache_folder(root: str) -> str | None:
    """The folder of the user's cache; None if there can be none, or if it lies in the repository of the archive."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.path.realpath(os.path.join(base, "seed-validator"))
    inside = os.path.realpath(repository_of(root) or root).rstrip("/") + "/"
    return folder if os.path.isabs(base) and hasattr(os, "getuid") and not folder.startswith(inside) else None


def _is_ours(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether something is of a kind, belongs to this user, and nobody else may write to it."""
    return is_kind(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


def _write(file: str, rows: Sequence[_Row]) -> None:
    """Keep rows, and drop the ones not used for longest if there are too many."""

    def write(connection: sqlite3.Connection) -> None:
        day = _day()
        values = [(row.id, day, row.content) for row in rows]
        connection.executemany("INSERT OR REPLACE INTO reports VALUES (?, ?, ?)", values)
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size > _LIMIT_BYTES:
            connection.execute(_DROP_OLDEST)

    if rows:
        _used(file, write)


def _used(file: str, use: Callable[[sqlite3.Connection], object]) -> bool:
    """Use the file in one transaction; whether that worked. A file that is damaged, or not ours, is begun anew."""
    import sqlite3

    for _ in range(2):
        try:
            with closing(_connected(file)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                mark = connection.execute("PRAGMA application_id").fetchone()[0]
                if mark != _MARK:
                    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                        raise sqlite3.DatabaseError("the file is of another program, or of another layout")
                    connection.execute(f"PRAGMA application_id = {_MARK}")
                    connection.execute(_LAYOUT)
                use(connection)
                connection.execute("COMMIT")
                return True
        except _trouble() as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_DAMAGE:
                return False
            with suppress(OSError):
                os.truncate(file, 0)  # it keeps its mode, and other runs find the new rows
    return False


def _connected(file: str) -> sqlite3.Connection:
    """A connection to the file. There is no journal: a write that is cut short may damage the file, which is then begun anew."""
    import sqlite3

    connection = sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None)
    for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _trouble() -> tuple[type[Exception], ...]:
    """What using the file may raise. All but the first come from damaged rows."""
    import sqlite3

    return sqlite3.Error, OSError, ValueError, TypeError, OverflowError, MemoryError
