"""The user's cache: what a run may keep for the next one. Losing it costs time and nothing else.

It lies in `$XDG_CACHE_HOME/seed-validator`, else in `~/.cache/seed-validator`, never inside the archive that is checked. A file
in it is read only where it is a plain file of this user that nobody else may write, so that nobody else has a say in what a
report says. Whatever goes wrong here is no trouble of the run: it reads what is not there, and writes nowhere.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from functools import lru_cache

_FOLDER = "seed-validator"
_LIMIT_BYTES = 16 * 1024 * 1024  # of one file
_KEPT = 32  # files; of more the oldest go
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def cache_folder(archive: str | None = None) -> str | None:
    """The folder of the cache, which need not be there; None where there can be none, or where it lies in the archive."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(base) or not hasattr(os, "getuid"):
        return None
    folder = os.path.realpath(os.path.join(base, _FOLDER))
    if archive is not None and folder.startswith(os.path.realpath(archive).rstrip("/") + "/"):
        return None
    return folder


def read_cached(folder: str, name: str) -> bytes | None:
    """What was kept under a name; None where nothing is that may be trusted."""
    try:
        descriptor = os.open(os.path.join(folder, name), os.O_RDONLY | _FLAGS)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
            return None
        if status.st_size > _LIMIT_BYTES:
            return None
        return os.read(descriptor, _LIMIT_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def keep(folder: str, name: str, data: bytes) -> None:
    """Keep something under a name, for this user alone; a reader sees all of it or nothing."""
    temporary = os.path.join(folder, f".{os.urandom(8).hex()}.tmp")
    with suppress(OSError, ValueError):
        os.makedirs(folder, 0o700, exist_ok=True)
        _make_room(folder)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        try:
            with open(descriptor, "wb") as stream:
                stream.write(data)
            os.replace(temporary, os.path.join(folder, name))
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise


def _make_room(folder: str) -> None:
    """Remove the oldest of too many files."""
    with os.scandir(folder) as entries:
        plain = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
        files = sorted((entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in plain)
    for _, path in files[: max(0, len(files) - _KEPT + 1)]:
        os.unlink(path)


@lru_cache(maxsize=1)
def program_state() -> str:
    """What tells this program from another state of it: when each of its modules was last changed."""
    with os.scandir(os.path.dirname(__file__)) as entries:
        found = sorted((entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py"))
    return " ".join(f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in found)


# Where the time zones of this machine may lie.
_TIME_ZONES = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")


def surroundings() -> str:
    """What tells this program, in all its parts, and what it uses (libraries, time zones) from another state of these.

    Not seen is a library that somebody has changed by hand.
    """
    package = os.path.dirname(__file__)
    said = [package]
    for folder, folders, names in os.walk(package):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        said.extend(f"{path} {_state_of(path)}" for path in (f"{folder}/{name}" for name in sorted(names)))
    for folder in sys.path:
        with suppress(OSError):  # a library's name and version stand in the name of the folder that describes it
            said.extend(sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info"))))
    said.append(os.environ.get("PYTHONTZPATH", ""))
    said.extend(f"{place} {_state_of(place)}" for folder in _TIME_ZONES for place in (folder, f"{folder}/tzdata.zi"))
    return "\0".join(said)


def _state_of(path: str) -> str:
    """When something was last changed, and how large it is."""
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
