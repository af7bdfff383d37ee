"""Writing a file so that a reader sees all of the old content or all of the new."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from validator.archive.reading import system_errors_as


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of a file by `data`, at once and durably. Raises OSError.

    The old file's mode and, if allowed, owner are kept. The target of a link is replaced, the link stays. A device or a pipe
    (`/dev/stdout`) is simply written to.
    """
    target = os.path.realpath(path)
    try:
        old = os.stat(target)
    except FileNotFoundError:
        old = None
    if old is not None and not stat.S_ISREG(old.st_mode):
        with open(path, "wb") as stream:
            stream.write(data)
        return

    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".{os.urandom(8).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)  # less what the umask takes away
    try:
        with open(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if old is not None:
            if hasattr(os, "chown"):
                with suppress(PermissionError):
                    os.chown(temporary, old.st_uid, old.st_gid)
            os.chmod(temporary, stat.S_IMODE(old.st_mode))
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(folder)


def write_new(path: Path, text: str) -> None:
    """Write a text to a file that is not there yet, and make its folder. Raises ConfigError."""
    with system_errors_as("it cannot be written", str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a lock on the folder, if the system has such locks: another run of the program that wants to write there waits."""
    descriptor = None
    with suppress(ImportError, OSError):
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable. Does nothing where folders cannot be opened (Windows)."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
