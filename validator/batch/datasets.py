"""Data sets of seeds, Parquet and JSON Lines, here and in object stores: cut into portions, and read row by row.

A data set is named by a URL (`s3://…`, `gs://…`, `file://…`; a file or a folder of files) or by the path of a local file that
ends in `.parquet`, `.jsonl` or `.ndjson`, the latter two also compressed. Its rows have the columns of
`validator.batch.arrow`; in JSON `content` is text, and `content_base64` holds bytes that are not text.

No row is left out: a line that is not a seed is a seed that cannot be read, and a row without a path is named after its place.
Not handled: a compressed file of JSON lines in several portions.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from validator.archive.reading import system_reason
from validator.archive.seeds import TOO_LARGE, UNREADABLE, Seed
from validator.batch.arrow import COLUMNS, Carried, carried, check_columns, pyarrow, rows_of
from validator.record.sidecar import SIDECAR_SUFFIX
from validator.rules.views import Unread
from validator.text.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import fs

_COMPRESSIONS = (".gz", ".bz2", ".zst", ".lz4")
_LINES = (".jsonl", ".ndjson")
_FORMS = (".parquet", *_LINES, *(form + compression for form in _LINES for compression in _COMPRESSIONS))

_ROWS_A_PORTION = 5_000
_MOST_SLICES = 16  # of one row group: each reads past those before it
_BYTES_A_PORTION = 16_000_000
_ROWS_AT_A_TIME = 64
_CHUNK_BYTES = 1 << 20
_OPENING = 16  # files of a data set whose row counts are read at once
_CONTENT_KEYS = ("content", "content_base64")


@dataclass(frozen=True, slots=True)
class Portion:
    """What one task checks and writes: some seeds, or a part of a file of a data set.

    In a Parquet file: `rows` rows of the row group `group`, from its row `start` on; earlier groups have `before` rows. In a file
    of JSON lines: those that begin at byte `start` or later and before byte `end` (None: the end of the file). `rows` is the
    number of seeds, None if only reading tells.
    """

    seeds: tuple[Seed, ...] = ()
    file: str = ""
    group: int | None = None
    before: int = 0
    start: int = 0
    end: int | None = None
    rows: int | None = None

    def __str__(self) -> str:
        if not self.file:
            return f"{self.seeds[0].name} to {self.seeds[-1].name}" if self.seeds else "no seeds"
        if self.group is not None:
            first = self.before + self.start
            return f"{self.file}, rows {first + 1:,} to {first + (self.rows or 0):,}"
        return f"{self.file}, from byte {self.start:,}" + ("" if self.end is None else f" to {self.end:,}")


def is_data_set(place: str) -> bool:
    """Whether an argument names a data set rather than a file or folder of seeds."""
    return "://" in place or place.lower().endswith(_FORMS)


def located(place: str) -> tuple[fs.FileSystem, str]:
    """The file system of a place, a URL or a local path, and the path on it. Raises ConfigError for an unknown one.

    Schemes that pyarrow does not know are left to fsspec, if it is installed.
    """
    pa = pyarrow()
    from pyarrow import fs

    if "://" not in place:
        return fs.LocalFileSystem(), str(Path(place).absolute())
    try:
        return fs.FileSystem.from_uri(place)  # type: ignore[no-any-return]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        try:
            import fsspec

            system, path = fsspec.core.url_to_fs(place)
        except (ImportError, ValueError):
            raise ConfigError(f"it is no place to read or write: {reason_of(error)}", place) from None
        return fs.PyFileSystem(fs.FSSpecHandler(system)), path
    except OSError as error:
        raise ConfigError(f"it cannot be reached: {reason_of(error)}", place) from None


def files_of(place: str) -> list[tuple[str, int]]:
    """The files of a data set and their sizes in bytes, sorted, except hidden ones and those that begin with `_`.

    Raises ConfigError if there is nothing, or no data set.
    """
    from pyarrow import fs

    system, path = located(place)
    try:
        entry = system.get_file_info(path)
        if entry.type == fs.FileType.NotFound:
            raise ConfigError("there is no such data set", place)
        if entry.type == fs.FileType.File:
            if not place.lower().endswith(_FORMS):
                raise ConfigError(f"its name says no form of data set ({', '.join(_FORMS[:3])})", place)
            return [(place, entry.size)]
        listed = system.get_file_info(fs.FileSelector(path, recursive=True))
    except OSError as error:
        raise ConfigError(f"it cannot be read: {reason_of(error)}", place) from None
    found = []
    for each in listed:
        inside = each.path.removeprefix(path.rstrip("/")).lstrip("/")
        hidden = any(part.startswith((".", "_")) for part in inside.split("/"))
        if each.type == fs.FileType.File and not hidden and inside.lower().endswith(_FORMS):
            found.append((f"{place.rstrip('/')}/{inside}", each.size))
    if not found:
        raise ConfigError(f"no data set found in it (looked for {', '.join(_FORMS[:3])})", place)
    return sorted(found)


@contextmanager
def placed(system: fs.FileSystem, folder: str, name: str) -> Iterator[str]:
    """Where to write a file that gets its name only when complete; an incomplete one is deleted.

    An object store shows only complete objects, so there the file has its name from the start.
    """
    from pyarrow import fs

    target = f"{folder}/{name}"
    is_local = isinstance(system, fs.LocalFileSystem)
    place = f"{folder}/.{name}.{uuid4().hex}" if is_local else target
    try:
        yield place
        if is_local:
            system.move(place, target)
    except BaseException:
        with suppress(OSError):
            system.delete_file(place)
        raise


# ---------------------------------------------------------------------------------------------------------------------
# Cutting


def portions_of_seeds(seeds: Sequence[Seed], workers: int) -> Iterator[Portion]:
    """Seeds in portions: large enough that starting a task hardly counts, small enough that all workers have some."""
    size = min(max(-(-len(seeds) // (workers * 8)), _ROWS_AT_A_TIME), 2_000)
    for lot in lots(seeds, size, _BYTES_A_PORTION):
        yield Portion(tuple(lot), rows=len(lot))


def lots(seeds: Iterable[Seed], most: int, most_bytes: int) -> Iterator[list[Seed]]:
    """Seeds in lists that end when one has `most` seeds or at least `most_bytes`."""
    lot: list[Seed] = []
    size = 0
    for seed in seeds:
        lot.append(seed)
        size += seed.size
        if len(lot) == most or size >= most_bytes:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot


def portions_of_files(files: Sequence[tuple[str, int]]) -> Iterator[Portion]:
    """The files of data sets in portions. Reads the footers of several Parquet files at once.

    Raises ConfigError for a file that is not Parquet or lacks the columns, when its turn comes.
    """
    with ThreadPoolExecutor(_OPENING) as pool:
        for portions in pool.map(_cut, *zip(*files, strict=True)) if files else ():
            yield from portions


def _cut(file: str, size: int) -> list[Portion]:
    """One file in portions."""
    if file.lower().endswith(".parquet"):
        return _cut_parquet(file)
    if file.lower().endswith(_COMPRESSIONS):
        return [Portion(file=file)]
    starts = range(0, max(size, 1), _BYTES_A_PORTION)
    return [Portion(file=file, start=start, end=min(start + _BYTES_A_PORTION, size)) for start in starts]


def _cut_parquet(file: str) -> list[Portion]:
    try:
        with _opened_parquet(file) as opened:
            check_columns(opened.schema_arrow.empty_table())
            counts = [opened.metadata.row_group(group).num_rows for group in range(opened.metadata.num_row_groups)]
    except ConfigError as error:
        raise ConfigError(error.message, file, suggestion=error.suggestion) from None
    except (OSError, pyarrow().ArrowException) as error:
        raise ConfigError(f"it is no Parquet that can be read: {reason_of(error)}", file) from None
    portions: list[Portion] = []
    before = 0
    for group, rows in enumerate(counts):
        size = max(_ROWS_A_PORTION, -(-rows // _MOST_SLICES))
        portions += [
            Portion(file=file, group=group, before=before, start=start, rows=min(size, rows - start))
            for start in range(0, rows, size)
        ]
        before += rows
    return portions


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def seeds_of(portion: Portion, limit_bytes: int) -> Iterator[Seed]:
    """The seeds of a portion, one after the other; no more of a file is held than a few of them.

    Raises OSError or an ArrowException for a file that cannot be read on.
    """
    if not portion.file:
        yield from portion.seeds
    elif portion.group is not None:
        yield from _seeds_of_group(portion)
    else:
        yield from _seeds_of_lines(portion, limit_bytes)


def _opened_parquet(file: str) -> Any:
    from pyarrow import parquet

    system, path = located(file)
    return parquet.ParquetFile(system.open_input_file(path), pre_buffer=False)


def _seeds_of_group(portion: Portion) -> Iterator[Seed]:
    end = portion.start + (portion.rows or 0)
    with _opened_parquet(portion.file) as opened:
        names = [name for name in COLUMNS if name in opened.schema_arrow.names]
        at = 0
        for batch in opened.iter_batches(_ROWS_AT_A_TIME, row_groups=[portion.group], columns=names):
            first, last = max(portion.start - at, 0), min(end - at, batch.num_rows)
            if first < last:
                place = portion.before + at + first
                yield from _seeds_of_batch(batch.slice(first, last - first), portion.file, place)
            at += batch.num_rows
            if at >= end:
                return


def _seeds_of_batch(batch: pa.RecordBatch, file: str, place: int) -> Iterator[Seed]:
    for number, seed in enumerate(rows_of(pyarrow().Table.from_batches([batch])), place + 1):
        yield seed if seed.name else replace(seed, folder=file.rpartition("/")[0], name=f"{file}#row={number}")


def _unread(path: str, message: str, rule: str = UNREADABLE) -> Carried:
    return Carried(path.rpartition("/")[0], path, 0, Unread(rule, message))


def _seeds_of_lines(portion: Portion, limit_bytes: int) -> Iterator[Seed]:
    system, path = located(portion.file)
    # A byte may take six in JSON, and the rest of a line some more.
    most = 8 * limit_bytes + _CHUNK_BYTES
    is_part = portion.end is not None
    with system.open_input_file(path) if is_part else system.open_input_stream(path, compression="detect") as stream:
        at = max(portion.start - 1, 0)
        if at:  # a line that began earlier belongs to the portion before
            stream.seek(at)
        reader = io.BufferedReader(stream, _CHUNK_BYTES)
        while portion.end is None or at < portion.end:
            line = rest = reader.readline(most)
            size = len(line)
            while size >= most and not rest.endswith(b"\n") and (rest := reader.readline(_CHUNK_BYTES)):
                size += len(rest)  # it is too long, and is not held
            name = f"{portion.file}#byte={at}"
            is_ours, at = not portion.start or at >= portion.start, at + size
            if not line:
                return
            if is_ours and size > most:
                yield _unread(name, f"its line has more than {most:,} bytes", TOO_LARGE)
            elif is_ours and line.strip():
                yield _seed_of_line(line, name)


def _seed_of_line(line: bytes, name: str) -> Carried:
    """The seed of one line, or an unreadable seed."""
    try:
        row = json.loads(line)
    except ValueError as error:
        return _unread(name, f"its line is not JSON: {error}")
    except RecursionError:
        return _unread(name, "its line is nested too deeply")
    if not isinstance(row, dict):
        return _unread(name, "its line is no JSON object")
    path = row.get("path")
    for key in ("path", "source", "sidecar", *_CONTENT_KEYS):
        if not isinstance(row.get(key), str | None):
            return _unread(path if isinstance(path, str) and path else name, f'its "{key}" is no text')
    text = row.get("content")
    content = None if text is None else text.encode("utf-8", "surrogatepass")
    if content is None and row.get("content_base64") is not None:
        try:
            content = base64.b64decode(row["content_base64"], validate=True)
        except (binascii.Error, ValueError):
            return _unread(path or name, 'its "content_base64" is not base64')
    own = () if row.get("sidecar") is None else ((f"{path or name}{SIDECAR_SUFFIX}", row["sidecar"]),)
    above = row.get("folder_sidecars") or []
    if not isinstance(above, list) or not all(map(_is_sidecar, above)):
        return _unread(path or name, 'its "folder_sidecars" is no list of objects with the texts "name" and "content"')
    beside = (*own, *((each["name"], each["content"]) for each in above))
    return carried(path or name, content, row.get("source"), beside)


def _is_sidecar(entry: Any) -> bool:
    return isinstance(entry, dict) and all(isinstance(entry.get(key), str) for key in ("name", "content"))


def reason_of(error: Exception) -> str:
    """What a library says of a failure, on one line."""
    if isinstance(error, OSError) and error.strerror:
        return system_reason(error)
    return " ".join(str(error).split())[:300] or type(error).__name__
