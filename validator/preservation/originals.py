"""The files as they were before an event: each kept once, compressed, under the name of its digest."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator

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
    sync_folder,
)
from validator.preservation.events import Version, version_of


def original_path(top: str, sha256: str) -> str:
    return os.path.join(top, FOLDER, "originals", sha256[:2], sha256 + ".gz")


def keep(top: str, content: bytes, identifier: str) -> bytes:
    """Keep an original; its compressed bytes. One that is kept already and sound stays as it is."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = original_path(top, sha256)
    if is_sound(path, sha256):
        return read_file(path) or b""
    # Byte 9 of the header names the system, and differs between versions of Python.
    packed = gzip.compress(content, 9, mtime=0)
    packed = packed[:9] + b"\xff" + packed[10:]
    make_folders(os.path.dirname(path))
    # Parts stand one folder above, where they are found without listing all originals.
    part = part_of(os.path.join(os.path.dirname(os.path.dirname(path)), os.path.basename(path)), identifier)
    prepare(part, packed, None)
    os.replace(part, path)
    sync_folder(os.path.dirname(path))
    return packed


def original_bytes(top: str, version: Version) -> bytes | None:
    """The bytes of an original, None of a file that was not there. Raises UnsoundError where they are not to be had."""
    if version.sha256 is None:
        return None
    content = bytearray()
    try:
        for chunk in unpacked(original_path(top, version.sha256)):
            content += chunk
            if len(content) > (version.size or 0):
                break  # it cannot be the one, and might never end
    except FileNotFoundError:
        raise UnsoundError(f"the original {version.sha256} is missing") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        content.clear()
    if version_of(bytes(content)) != version:
        raise UnsoundError(f"the original {version.sha256} is not what it was")
    return bytes(content)


def check_original(top: str, version: Version) -> None:
    """Raise UnsoundError unless an original is there and what it was. Holds no more than a piece of it at a time."""
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in unpacked(original_path(top, version.sha256 or "")):
            digest.update(chunk)
            size += len(chunk)
            if size > (version.size or 0):
                break
    except FileNotFoundError:
        raise UnsoundError(f"the original {version.sha256} is missing") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        size = -1
    if (digest.hexdigest(), size) != (version.sha256, version.size):
        raise UnsoundError(f"the original {version.sha256} is not what it was")


def is_sound(path: str, sha256: str) -> bool:
    """Whether an original is there and what it should be."""
    digest = hashlib.sha256()
    try:
        for chunk in unpacked(path):
            digest.update(chunk)
    except (FileNotFoundError, EOFError, zlib.error, gzip.BadGzipFile):
        return False
    return digest.hexdigest() == sha256


def unpacked(path: str) -> Iterator[bytes]:
    descriptor = os.open(path, os.O_RDONLY | NOT_FOLLOWED)
    with open(descriptor, "rb") as packed, gzip.GzipFile(fileobj=packed) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk


def kept_originals(top: str) -> Iterator[tuple[str, str]]:
    """Every file among the originals but for parts: its path relative to the root, and the digest that its name gives."""
    folder = os.path.join(top, FOLDER, "originals")
    for current, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if PART.fullmatch(name) is None:
                yield os.path.relpath(os.path.join(current, name), top), name.removesuffix(".gz")
