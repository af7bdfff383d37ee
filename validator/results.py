"""The reports of many seeds, those of which an earlier run has found out the same from what it has kept of them.

What is kept of a seed is its report with all findings, under its name, its state on disk (size, times, inode), the digest of the
sidecars that speak of it, and the digest of its bytes. It holds where name, sidecars and state are the same, and, where the state
is another one, if the bytes still have that digest. All of it hangs on the program, the libraries, the schemas, the configuration
and the day, which are in its key; what is shown, and what makes a run fail, is decided later and is not. So a report comes out as
if the seed had just been checked, or the seed just is.

Two changes of a file may leave it with the same state if both come within one tick of the clock that its file system goes by. So
the state of a file that was changed just before the run began, or after, or in the future, is not kept; only its digest is. Never
kept is what was not judged by what it holds: unread and unchecked seeds, those with a sidecar that cannot be read, those outside
of the root, and what is no file in a list (standard input, orphaned sidecars).

Not handled: a file server whose clock is more than four seconds behind, on which a file is changed twice within one of its ticks
and keeps its size, once before and once after it was read.
"""

from __future__ import annotations

import os
import stat
import struct
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from functools import partial

from validator.archive import Archive, judge_in_worker, judge_wholly_in_worker, open_in_worker, selected
from validator.cache import surroundings
from validator.compiled import key_of, pack_report, unpack_report
from validator.digests import sha256, short_digest
from validator.face import cache_beside
from validator.files import SIDECAR_SUFFIX, FolderSidecars, Seed, Unread, own_sidecar, read_seed
from validator.findings import SeedReport, Used, Verdict
from validator.runner import lookup_pays, run
from validator.store import AT_A_TIME, Row, Store

_FORMAT = 2  # to be raised when what is kept is written in another way
_SETTLED_NS = 4_000_000_000  # the coarsest clocks of file systems go by two seconds
_LONGEST = 250_000  # bytes that are kept of a seed: the report of some five hundred findings
_ENOUGH_BYTES = 4_000_000  # of rows that wait to be written
_SWEPT = (
    1_000  # rows of which a run sees whether their seeds are still there; or a sixteenth of its own, if that is more
)

# A row: its check; the state of the file and of its sidecars; the digest of its bytes; a letter; the report. Parts of a state:
_FILE = struct.Struct("<qqqQ")  # size, when the content was changed, when anything was, inode
_SIZE, _SIDECARS = slice(0, 8), slice(32, 48)
_STATE, _CONTENT = slice(16, 64), slice(64, None)  # of a row
_KNOWN_BY = slice(48, 96)  # sidecars and bytes
_SHA256, _LETTER, _REPORT = slice(64, 96), 96, slice(97, None)
_UNSETTLED = bytes(24)  # in the place of times and inode
# Clean: valid, without any finding; cleared: as well, but without its record.
_CLEAN, _CLEARED, _OTHER = b"c", b"d", b"o"
_ALL_CLEAN = _CLEAN + _CLEARED
_NO_SIDECARS = bytes(16)


def reports_of(
    archive: Archive, seeds: Sequence[Seed], jobs: int | None, used: Used = Used.ALL
) -> Iterator[SeedReport]:
    """The report of each seed in their order, with the findings that are to be shown; what is not `used` may be left out.

    The archive must be open in this process (`archive.use_in_process`). Raises what `runner.run` does.
    """
    results = _results_of(archive, seeds)
    if results is None:
        judging = partial(judge_in_worker, used=used)
        yield from run(seeds, judging, jobs, open_in_worker, (archive.request,), limit_seconds=archive.limit_seconds)
        return
    try:
        yield from results.reports(jobs, used)
    finally:
        results.end()


def _results_of(archive: Archive, seeds: Sequence[Seed]) -> _Results | None:
    """What earlier runs have kept, where this one may use it and gains by it."""
    folder = cache_beside(str(archive.root)) if archive.request.cached and lookup_pays(seeds) else None
    if folder is None:
        return None
    request, root = archive.request, os.path.realpath(archive.root)
    asked = (str(request.config), str(request.no_config), repr(request.schemas), str(request.source))
    name = key_of("results", str(_FORMAT), root, *asked).hex()[:32]
    key = _key(archive, asked)
    return _Results(archive, seeds, root, key, Store(folder, name, key))


def _key(archive: Archive, asked: tuple[str, ...]) -> bytes:
    """The key of all that a report hangs on but for the seed and its sidecars."""
    return key_of(
        "results", str(_FORMAT), sys.version, sys.getfilesystemencoding(), str(sys.flags), surroundings(), *asked,
        archive.schemas_sha256, str(archive.config_sha256), repr(archive.settings), str(archive.request.today),
    )  # fmt: skip


class _Results:
    """Earlier results, and those of this run."""

    def __init__(self, archive: Archive, seeds: Sequence[Seed], root: str, key: bytes, store: Store) -> None:
        self._archive = archive
        self._seeds = seeds
        self._root = root
        self._key = key
        self._store = store
        self._settled_before = time.time_ns() - _SETTLED_NS
        # Of each seed: the letter of its row, 0 where none holds; and a mark of what is known of it, 0 where nothing may be kept.
        self._letters = bytearray(len(seeds))
        self._marks = array("q", bytes(8 * len(seeds)))
        # What waits to be written: of judged seeds number, content of the row, and record; rows of seeds in another state only.
        self._judged: list[tuple[int, bytes, bytes]] = []
        self._judged_bytes = 0
        self._seen_again: list[Row] = []

    def reports(self, jobs: int | None, used: Used) -> Iterator[SeedReport]:
        """The reports; `run` makes those that were not kept."""
        self._look_up(used)
        missing = [seed for seed, letter in zip(self._seeds, self._letters, strict=True) if not letter]
        # What is kept is for runs that look at more, too, but for records.
        judging = partial(judge_wholly_in_worker, used=max(used, Used.FINDINGS))
        judged = run(
            missing, judging, jobs, open_in_worker, (self._archive.request,), limit_seconds=self._archive.limit_seconds
        )
        for start in range(0, len(self._seeds), AT_A_TIME):
            rows = self._rows_of(start, used)
            for number in range(start, min(start + AT_A_TIME, len(self._seeds))):
                seed = self._seeds[number]
                if self._has_row(number, used):
                    report = self._kept(number, rows, used)
                    report = self._judged_late(seed) if report is None else report
                elif self._letters[number]:
                    yield SeedReport(seed.name, None, Verdict.VALID)
                    continue
                else:
                    report = next(judged)
                    self._keep(number, report)
                yield selected(self._archive, report)

    def end(self) -> None:
        """Write what waits to be written, and forget seeds that are gone."""
        self._write()
        self._store.sweep(self._is_gone, max(_SWEPT, len(self._seeds) // 16))

    def _is_gone(self, name: bytes) -> bool:
        try:
            return not os.path.lexists(os.path.join(self._root, name.decode("utf-8", "surrogatepass")))
        except ValueError:
            return True  # no name of a file

    # --- looking up ---------------------------------------------------------------------------------------------------

    def _look_up(self, used: Used) -> None:
        """Find out which rows hold, and have what is used."""
        beside = _Beside(self._root, self._archive.folders)
        for start in range(0, len(self._seeds), AT_A_TIME):
            seeds = self._seeds[start : start + AT_A_TIME]
            names = [_name(seed) for seed in seeds]
            rows = self._store.seeds(names)
            for number, (seed, name) in enumerate(zip(seeds, names, strict=True), start):
                state = beside.state(seed)
                if state is None:
                    continue
                row = rows.get(name)
                is_told = row is not None and (row[_LETTER : _LETTER + 1] != _CLEARED or used is not Used.ALL)
                if row is not None and is_told and self._holds(seed, name, row, state, beside):
                    self._letters[number] = row[_LETTER]
                    self._marks[number] = _mark(row[_KNOWN_BY])
                else:
                    self._marks[number] = _mark(state)
            self._write_seen_again()

    def _holds(self, seed: Seed, name: bytes, row: bytes, state: bytes, beside: _Beside) -> bool:
        """Whether a row is whole and says what the check of the seed would."""
        before = row[_STATE]
        if before == state:
            return self._is_whole(name, row)
        if before[_SIZE] != state[_SIZE] or before[_SIDECARS] != state[_SIDECARS] or not self._is_whole(name, row):
            return False
        content = read_seed(seed, self._archive.settings.limit_bytes)
        if isinstance(content, Unread) or sha256(content).digest() != row[_SHA256]:
            return False
        if self._is_settled(state) and beside.state(seed) == state:
            self._seen_again.append((name, self._row(name, state, row[_CONTENT]), None))
        return True

    def _is_whole(self, name: bytes, row: bytes) -> bool:
        return row[:16] == self._check(name, row[16:])

    def _rows_of(self, start: int, used: Used) -> dict[bytes, tuple[bytes, bytes]]:
        """What is kept of the seeds of a portion: their rows, and those of their records, by name."""
        portion = range(start, min(start + AT_A_TIME, len(self._seeds)))
        names = [_name(self._seeds[number]) for number in portion if self._has_row(number, used)]
        records = self._store.records(names) if used is Used.ALL else {}
        return {name: (row, records.get(name, b"")) for name, row in self._store.seeds(names).items()}

    def _has_row(self, number: int, used: Used) -> bool:
        """Whether a row of this seed holds, and has to be looked at."""
        letter = self._letters[number]
        return letter != 0 and (letter not in _ALL_CLEAN or used is not Used.DIRT)

    def _kept(self, number: int, rows: dict[bytes, tuple[bytes, bytes]], used: Used) -> SeedReport | None:
        """The report that was kept; None where its row is no longer the one that was found to hold."""
        seed = self._seeds[number]
        name = _name(seed)
        row, record = rows.pop(name, (b"", b""))
        known_by = row[_KNOWN_BY]
        if _mark(known_by) != self._marks[number] or not self._is_whole(name, row):
            return None
        if used is Used.ALL and record[:16] != self._check(name, known_by, record[16:]):
            return None
        return unpack_report(seed.name, row[_SHA256].hex(), row[_REPORT], record[16:] or None)

    def _judged_late(self, seed: Seed) -> SeedReport:
        """The report of a seed whose row was there when it was looked for, and is no longer."""
        archive = self._archive
        return next(
            run(
                [seed],
                judge_wholly_in_worker,
                1,
                open_in_worker,
                (archive.request,),
                limit_seconds=archive.limit_seconds,
            )
        )

    # --- keeping ------------------------------------------------------------------------------------------------------

    def _keep(self, number: int, report: SeedReport) -> None:
        """Let what was found out about a seed be written, where it is a judgement of what its file holds."""
        if not self._marks[number] or report.sha256 is None or report.verdict is Verdict.UNCHECKED:
            return
        try:
            rest, record = pack_report(report)
        except ValueError:  # it holds what is no plain value
            return
        if len(rest) + len(record) > _LONGEST:
            return
        is_clean = report.verdict is Verdict.VALID and not report.findings
        is_told = bool(report.record or report.body)
        letter = _OTHER if not is_clean else _CLEAN if is_told else _CLEARED
        self._judged.append((number, bytes.fromhex(report.sha256) + letter + rest, record))
        self._judged_bytes += len(rest) + len(record)
        if len(self._judged) >= AT_A_TIME or self._judged_bytes >= _ENOUGH_BYTES:
            self._write()

    def _write(self) -> None:
        """Write what waits for it, but of no seed that has changed since it was looked up: who knows which state was judged."""
        beside = _Beside(self._root, FolderSidecars())
        rows: list[Row] = []
        for number, content, record in self._judged:
            seed = self._seeds[number]
            state = beside.state(seed)
            if state is not None and _mark(state) == self._marks[number]:
                name = _name(seed)
                row = self._row(name, state, content)
                rows.append((name, row, self._check(name, row[_KNOWN_BY], record) + record))
        self._store.keep(rows)
        self._judged.clear()
        self._judged_bytes = 0

    def _write_seen_again(self) -> None:
        if self._seen_again:
            self._store.keep(self._seen_again)
            self._seen_again.clear()

    def _row(self, name: bytes, state: bytes, content: bytes) -> bytes:
        """The row of a seed in this state."""
        if not self._is_settled(state):
            state = state[_SIZE] + _UNSETTLED + state[_SIDECARS]
        return self._check(name, state, content) + state + content

    def _is_settled(self, state: bytes) -> bool:
        """Whether the file was last changed so long before this run that a later change is sure to show in its state."""
        _, content, anything, _ = _FILE.unpack_from(state)
        return bool(max(content, anything) < self._settled_before)

    def _check(self, name: bytes, *parts: bytes) -> bytes:
        """What shows that parts of a row are whole, are of this seed, and hang on what this run hangs on."""
        return short_digest(b"".join((self._key, *parts, b"\0", name)))


def _name(seed: Seed) -> bytes:
    """The name under which a seed is kept."""
    return seed.name.encode("utf-8", "surrogatepass")


def _mark(content: bytes) -> int:
    """What something is known again by within this run; never 0."""
    return hash(content) or 1


class _Beside:
    """The state of seeds on disk, with that of the sidecars that speak of them. `folders` keeps those of folders."""

    def __init__(self, root: str, folders: FolderSidecars) -> None:
        self._root = root
        self._folders = folders
        self._above: dict[str, bytes | None] = {}
        self._own: dict[str, frozenset[str] | None] = {}

    def state(self, seed: Seed) -> bytes | None:
        """The state of a seed; None where nothing may be kept of it."""
        name, folder = seed.name, seed.folder
        if seed.unread is not None or name.startswith("/") or name == ".":
            return None
        place = f"{folder}/{name[name.rfind('/') + 1 :]}"
        try:
            status = os.stat(place)
            state = _FILE.pack(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        except (OSError, ValueError, struct.error):
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        if folder not in self._above:
            self._above[folder] = _digest_of(self._folders.above(folder, self._root))
        above = self._above[folder]
        if above is None:
            return None
        if self._has_none(folder, place[len(folder) + 1 :]):
            return state + above
        try:
            os.lstat(place + SIDECAR_SUFFIX)
        except FileNotFoundError:
            return state + above
        except OSError:
            pass
        own = own_sidecar(place, self._root)
        digest = _digest_of([] if own is None else [own])
        return None if digest is None else state + short_digest(digest + above)

    def _has_none(self, folder: str, name: str) -> bool:
        """Whether a seed surely has no sidecar of its own: to list a folder once takes less than to ask for each seed."""
        if folder not in self._own:
            self._own[folder] = _sidecars_in(folder)
        listed = self._own[folder]
        return listed is not None and (name + SIDECAR_SUFFIX).casefold() not in listed


def _sidecars_in(folder: str) -> frozenset[str] | None:
    """The names of the sidecars in a folder, case folded, as some file systems look for them; None where nobody can tell."""
    if sys.platform != "linux":  # on which a name has one spelling in Unicode
        return None
    try:
        names = [name.casefold() for name in os.listdir(folder)]
    except OSError:
        return None
    return frozenset([name for name in names if name.endswith(SIDECAR_SUFFIX)])


def _digest_of(sidecars: list[tuple[str, bytes | Unread]]) -> bytes | None:
    """The digest of sidecars; None where one of them cannot be read."""
    if not sidecars:
        return _NO_SIDECARS
    digest = sha256()
    for name, content in sidecars:
        if isinstance(content, Unread):
            return None
        for part in (name.encode("utf-8", "surrogatepass"), content):
            digest.update(b"%d\0" % len(part) + part)
    whole: bytes = digest.digest()
    return whole[:16]
