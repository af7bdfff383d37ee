"""Files and folders of the record, written so that a crash leaves the old file or the new one. Errors in plain words."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from validator.archive.writing import sync_folder

FOLDER = ".validator"

PART_SUFFIX = ".validator-part"

PART = re.compile(r"\.(.*)\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.validator-part", re.DOTALL)
_STEM_BYTES = 190  # of a file's name in the name of its part, which must not become too long
CHUNK_BYTES = 1 << 20
NOT_FOLLOWED = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


class PreservationError(Exception):
    """A seed that was not written, undone or verified; the text says why, in one line, without the seed's name."""


class RefusedError(PreservationError):
    """A seed that must not be written, whatever its content."""


class NothingToUndoError(RefusedError):
    """A seed without a repair that could be undone."""


class ConflictError(PreservationError):
    """A file that somebody else has changed since it was read. Their version is kept."""


class UnwritableError(PreservationError):
    """The system did not let it be written: no permission, a full disk."""


class UnsoundError(PreservationError):
    """Events that cannot be read, or an original that is missing or not what it was."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to be replaced: its bytes before and after; None means no file."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Files:
    """The files that are replaced together: a seed and, if it changes, the sidecar beside it."""

    seed: File
    sidecar: File | None = None

    def all(self) -> list[File]:
        return [self.seed] if self.sidecar is None else [self.seed, self.sidecar]


def placed(root: Path, path: Path) -> tuple[str, str, str]:
    """The root, the name of a seed and its path, with links among their folders resolved. Raises RefusedError outside."""
    top = os.path.realpath(root)
    head, tail = os.path.split(os.path.abspath(path))
    folder = os.path.realpath(head)
    name = os.path.relpath(os.path.join(folder, tail), top)
    if name.startswith("../") or name == "..":
        raise RefusedError(f"it lies outside of the archive, whose root is {top}")
    if name == FOLDER or name.startswith(FOLDER + "/"):
        raise RefusedError("it belongs to the record of repairs")
    return top, name, os.path.join(folder, tail)


@contextmanager
def locked(top: str) -> Iterator[None]:
    """Wait for other processes of this program, and keep them from writing in the archive. Raises RefusedError, OSError."""
    from fcntl import LOCK_EX, flock

    folder = os.path.join(top, FOLDER, "events")
    while True:
        make_folders(folder)
        with opened(folder, os.O_RDONLY) as descriptor:
            flock(descriptor, LOCK_EX)
            if _is_at(descriptor, folder):
                yield
                return


def _is_at(descriptor: int, folder: str) -> bool:
    """Whether an opened folder still has its name: git removes empty folders."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(folder))
    except FileNotFoundError:
        return False


@contextmanager
def plainly() -> Iterator[None]:
    """Turn errors of the system into UnwritableError, in plain words."""
    try:
        yield
    except (OSError, PreservationError) as error:
        notes = getattr(error, "__notes__", ())
        if isinstance(error, PreservationError) and not notes:
            raise
        kind = type(error) if isinstance(error, PreservationError) else UnwritableError
        raise kind("; ".join([reason_of(error), *notes])) from error


_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "it would be larger than files may be",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "there is no permission to write there",
    errno.EPERM: "there is no permission to write there",
    errno.ENAMETOOLONG: "its name is too long for the record of its repairs",
    errno.ELOOP: "a symbolic link is in the way",
    errno.ENOTDIR: "there is a file where a folder is needed",
    errno.EISDIR: "there is a folder where a file is needed",
}


def reason_of(error: Exception) -> str:
    if not isinstance(error, OSError):
        return str(error)
    reason = _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__
    place = f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, str | bytes) else ""
    return f"{reason[:1].lower()}{reason[1:]}{place}"


@contextmanager
def opened(path: str, flags: int, mode: int = 0o666) -> Iterator[int]:
    """A file or a folder, open until the block ends. Links are not followed (ELOOP), and nothing is waited for."""
    descriptor = os.open(path, flags | NOT_FOLLOWED, mode)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _pieces(path: str) -> Iterator[bytes]:
    with opened(path, os.O_RDONLY) as descriptor:
        while piece := os.read(descriptor, CHUNK_BYTES):
            yield piece


def read_file(path: str) -> bytes | None:
    """The bytes of a file, None if it is missing."""
    try:
        return b"".join(_pieces(path))
    except FileNotFoundError:
        return None


def digest_of(path: str) -> str | None:
    """The SHA-256 of a file; None if it is missing, '' if it is not a file."""
    try:
        return digests_of(path, ["sha256"])["sha256"]
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            return ""
        raise


def digests_of(path: str, algorithms: Iterable[str]) -> dict[str, str]:
    hashes = {algorithm: hashlib.new(algorithm) for algorithm in algorithms}
    for piece in _pieces(path):
        for each in hashes.values():
            each.update(piece)
    return {algorithm: each.hexdigest() for algorithm, each in hashes.items()}


def make_folders(path: str) -> None:
    """Make a folder of the record and its parents, each synced to disk. Raises RefusedError for links."""
    if os.path.realpath(path) != path:
        raise RefusedError(f"{path} is a symbolic link, or one leads there")
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(folder)
        sync_folder(os.path.dirname(folder))


def prune(folder: str, stop: str) -> None:
    """Remove empty folders upwards; `stop` is kept."""
    while folder != stop:
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = os.path.dirname(folder)


def part_of(path: str, identifier: str, suffix: str = "") -> str:
    """The name of the temporary file that replaces a file."""
    folder, name = os.path.split(path)
    stem = os.fsdecode(os.fsencode(name)[:_STEM_BYTES])
    return os.path.join(folder, f".{stem}{suffix}.{identifier}{PART_SUFFIX}")


def prepare(part: str, content: bytes, like: str | None) -> None:
    """Write a part, with the mode and, if allowed, the owner of the file that it will replace."""
    try:
        old = os.lstat(like) if like is not None else None
    except FileNotFoundError:
        old = None
    with opened(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if old is None else 0o600) as descriptor:
        write_all(descriptor, content)
        if old is not None:
            new = os.fstat(descriptor)
            if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
                with suppress(PermissionError):
                    os.fchown(descriptor, old.st_uid, old.st_gid)
            if stat.S_IMODE(new.st_mode) != stat.S_IMODE(old.st_mode):
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
        os.fsync(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


NO_REPLACE, EXCHANGE = 1, 2  # RENAME_NOREPLACE, RENAME_EXCHANGE
_HERE = -100  # AT_FDCWD


@cache
def renameat2() -> Any:
    """The system call that renames without replacing and exchanges files, None if the system has none."""
    import ctypes

    if sys.platform != "linux":
        return None
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return function


def rename(one: str, other: str, how: int) -> bool:
    """Rename in one step. False if the system or the file system cannot do that; then nothing has happened."""
    import ctypes

    function = renameat2()
    if function is None:
        return False
    if function(_HERE, os.fsencode(one), _HERE, os.fsencode(other), how) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), other)


def parts_in(folder: str, identifier: str) -> list[str]:
    """The parts of one write in a folder."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    ending = f".{identifier}{PART_SUFFIX}"
    return [os.path.join(folder, name) for name in sorted(names) if name.startswith(".") and name.endswith(ending)]
