"""Bounded reads of seeds and their sidecars, and the clock and processors of this machine."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

from validator.archive.config import DEFAULT_LIMIT_BYTES
from validator.archive.seeds import TOO_LARGE, UNREADABLE, Seed, name_under
from validator.record.sidecar import FOLDER_SIDECAR, SIDECAR_SUFFIX
from validator.rules.views import Unread
from validator.text.errors import ConfigError

NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)  # errors of a path that leads to nothing
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_CHUNK_BYTES, _LAST_BYTES = 65_536, 512  # asked for at a time: while there may be more, and when that was probably all


def today() -> date:
    """The current day here."""
    return date.today()  # noqa: DTZ011 - a curator's "today" is the day of the curator's own clock


def available_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def sized(seeds: Iterable[Seed]) -> Iterator[Seed]:
    """The seeds with their sizes; a file that is gone has size 0."""
    for seed in seeds:
        if seed.size or seed.unread is not None:
            yield seed
            continue
        try:
            yield replace(seed, size=os.stat(seed.place).st_size)
        except (OSError, ValueError):
            yield seed


def read_seed(seed: Seed | str | Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> bytes | Unread:
    """The bytes of a seed, at most `limit_bytes`, or why not. Never waits; opens regular files only."""
    is_seen = False
    if isinstance(seed, Seed):
        if seed.unread is not None:
            return seed.unread
        is_seen, seed = seed.is_plain, seed.place
    descriptor = -1
    try:
        found = None if is_seen else irregular(os.stat(seed).st_mode)
        if found is not None:
            return found
        descriptor = os.open(seed, _FLAGS)
        status = os.fstat(descriptor)
        found = irregular(status.st_mode)  # the file may have been replaced since the first look
        if found is not None:
            return found
        if status.st_size > limit_bytes:
            return _too_large(limit_bytes, status.st_size)
        return _read(lambda size: os.read(descriptor, size), limit_bytes, status.st_size)
    except (OSError, ValueError) as error:
        return unread(error, seed)
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def read_stream(stream: BinaryIO, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> bytes | Unread:
    """All bytes of a stream, at most `limit_bytes`, or why not. Waits as long as the stream does."""
    try:
        return _read(stream.read, limit_bytes, 0)
    except OSError as error:
        return Unread(UNREADABLE, f"it cannot be read: {system_reason(error)}")


def _read(read: Callable[[int], bytes], limit_bytes: int, expected_bytes: int) -> bytes | Unread:
    chunks: list[bytes] = []
    left = limit_bytes + 1  # one more than allowed, to see whether there is more
    size = expected_bytes + 1 if expected_bytes else _CHUNK_BYTES
    while left:
        chunk = read(min(left, size))
        if not chunks and 0 < len(chunk) == expected_bytes:
            return chunk  # one more was asked for, so this is the end
        size = _CHUNK_BYTES if len(chunk) == size else _LAST_BYTES  # allocating a large buffer takes time
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        left -= len(chunk)
    return _too_large(limit_bytes)


def bounded(content: bytes, limit_bytes: int) -> bytes | Unread:
    """The bytes of a seed that is not a file, or why they are not checked if there are too many."""
    return content if len(content) <= limit_bytes else _too_large(limit_bytes, len(content))


def _too_large(limit_bytes: int, size: int | None = None) -> Unread:
    has = "more" if size is None else f"{size:,} bytes, more"
    return Unread(TOO_LARGE, f"it has {has} than the limit of {limit_bytes:,} bytes")


def irregular(mode: int) -> Unread | None:
    """Why a file of this mode is not read; None for a regular file."""
    if stat.S_ISREG(mode):
        return None
    kinds = {stat.S_IFDIR: "folder", stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket"}
    return Unread(UNREADABLE, f"it is a {kinds.get(stat.S_IFMT(mode), 'device')}, expected a file")


def unread(error: OSError | ValueError, path: Path | str) -> Unread:
    """Why a path could not be read, from the error that trying raised."""
    if isinstance(error, ValueError):
        return Unread(UNREADABLE, "its name holds a NUL, which no file's name may")
    if error.errno == errno.ENOENT:
        is_link = os.path.islink(path)
        return Unread(UNREADABLE, "it is a symbolic link that leads nowhere" if is_link else "it is not there")
    reasons = {errno.ELOOP: "its symbolic links lead in a circle", errno.EACCES: "there is no permission to read it"}
    return Unread(UNREADABLE, reasons.get(error.errno or 0) or f"it cannot be read: {system_reason(error)}")


@contextmanager
def system_errors_as(what: str, name: str | None = None) -> Iterator[None]:
    """Turn an error of the system into a ConfigError that says what could not be done with a file, and why."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{what}: {system_reason(error)}", name) from None


def system_reason(error: OSError) -> str:
    """The system's description of a failure, in lower case."""
    reason = error.strerror or type(error).__name__
    return reason[:1].lower() + reason[1:]


Found = tuple[str, bytes | Unread]  # the name of a sidecar, and its bytes or why they could not be read


def sidecars_for(seed_path: str | Path, root: str | Path) -> list[Found]:
    """The sidecars that may be about a seed, nearest first: name, and bytes or why they could not be read.

    First `<seed file name>.meta.yaml` beside it, then the `seeds.meta.yaml` of its folder and of each folder above up to
    the root; for a seed outside of the root only its own folder's. Both paths are absolute, and the root's has no links.
    """
    path = os.fspath(seed_path)
    return Sidecars(root).about(os.path.dirname(path), path)


class Sidecars:
    """The sidecars of the seeds of one run, for `sidecars_for`. Which folders have one is looked up once."""

    def __init__(self, root: str | Path) -> None:
        self._root = os.fspath(root)
        self._above: dict[
            str, list[str]
        ] = {}  # by folder: the paths of its sidecar and of those above, if they are there

    def about(self, folder: str, path: str | None) -> list[Found]:
        """The sidecars that may be about a seed in a folder. `path` is that of the seed, None if it has no sidecar of its own."""
        above = self._above.get(folder)
        if above is None:
            above = self._above[folder] = list(filter(_may_be_there, self._candidates(folder)))
        own = list(filter(_may_be_there, [path + SIDECAR_SUFFIX])) if path is not None else []
        paths = [*own, *above]
        return [(name_under(each, self._root), read_seed(each)) for each in paths]

    def _candidates(self, folder: str) -> Iterator[str]:
        """Where the sidecars of a folder, and of those above it up to the root, would be."""
        yield os.path.join(folder, FOLDER_SIDECAR)
        if name_under(folder, self._root) != folder:
            while folder != self._root:
                folder = os.path.dirname(folder)
                yield os.path.join(folder, FOLDER_SIDECAR)


def _may_be_there(path: str) -> bool:
    """Whether there is something at a path, or that cannot be told."""
    try:
        os.lstat(path)
    except OSError as error:
        return error.errno not in NOTHING_THERE
    return True
