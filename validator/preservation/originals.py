"""Originals: files as they were before an event, each kept once, compressed, named by its digest."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator

from validator.archive.writing import sync_folder
from validator.preservation.disk import (
    CHUNK_BYTES,
    FOLDER,
    NOT_FOLLOWED,
    PART,
    UnsoundError,
    make_folders,
    part_of,
    prepare,
    read_file,
)
from validator.preservation.events import Version

_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)


def original_path(top: str, sha256: str) -> str:
    return os.path.join(top, FOLDER, "originals", sha256[:2], sha256 + ".gz")


def keep(top: str, content: bytes, identifier: str) -> bytes:
    """Keep an original, unless it is kept already; its compressed bytes."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = original_path(top, sha256)
    if is_sound(path, sha256):
        return read_file(path) or b""
    # Byte 9 of the header names the system, and differs between versions of Python.
    packed = gzip.compress(content, 9, mtime=0)
    packed = packed[:9] + b"\xff" + packed[10:]
    make_folders(os.path.dirname(path))
    # Parts are written one folder above, where they are found without listing all originals.
    part = part_of(os.path.join(os.path.dirname(os.path.dirname(path)), os.path.basename(path)), identifier)
    prepare(part, packed, None)
    os.replace(part, path)
    sync_folder(os.path.dirname(path))
    return packed


def original_bytes(top: str, version: Version) -> bytes | None:
    """The bytes of an original, None for a file that was not there. Raises UnsoundError if it is missing or damaged."""
    if version.sha256 is None:
        return None
    pieces: list[bytes] = []
    check_original(top, version, pieces)
    return b"".join(pieces)


def check_original(top: str, version: Version, pieces: list[bytes] | None = None) -> None:
    """Raise UnsoundError unless an original is there and undamaged. `pieces` receives its bytes."""
    digest, size = hashlib.sha256(), 0
    try:
        for piece in unpacked(original_path(top, version.sha256 or "")):
            digest.update(piece)
            size += len(piece)
            if pieces is not None:
                pieces.append(piece)
            if size > (version.size or 0):
                break  # it is another file, and might never end
    except FileNotFoundError:
        raise UnsoundError(f"the original {version.sha256} is missing") from None
    except _DAMAGED:
        size = -1
    if (digest.hexdigest(), size) != (version.sha256, version.size):
        raise UnsoundError(f"the original {version.sha256} is not what it was")


def is_sound(path: str, sha256: str) -> bool:
    """Whether an original is there and undamaged."""
    digest = hashlib.sha256()
    try:
        for piece in unpacked(path):
            digest.update(piece)
    except (FileNotFoundError, *_DAMAGED):
        return False
    return digest.hexdigest() == sha256


def unpacked(path: str) -> Iterator[bytes]:
    descriptor = os.open(path, os.O_RDONLY | NOT_FOLLOWED)
    with open(descriptor, "rb") as packed, gzip.GzipFile(fileobj=packed) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk


def kept_originals(top: str) -> Iterator[tuple[str, str]]:
    """Every file among the originals except parts: its path relative to the root, and the digest in its name."""
    folder = os.path.join(top, FOLDER, "originals")
    for current, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if PART.fullmatch(name) is None:
                yield os.path.relpath(os.path.join(current, name), top), name.removesuffix(".gz")
