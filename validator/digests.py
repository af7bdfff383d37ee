"""SHA-256, at first without OpenSSL, which takes as long to load as several seeds take to check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_FEW = 64  # digests after which the faster one of OpenSSL pays


def _without_openssl() -> Callable[[bytes], Any]:
    """Python's own SHA-256, which has had two names; that of `hashlib` where it has none of them."""
    try:
        from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found, no-redef, unused-ignore]
        except ImportError:
            from hashlib import sha256
    return sha256  # type: ignore[no-any-return, unused-ignore]


_start = _without_openssl()
_left = _FEW


def sha256(data: bytes = b"") -> Any:
    """As `hashlib.sha256`."""
    global _left, _start
    if _left:
        _left -= 1
        if not _left:
            from hashlib import sha256 as faster

            _start = faster
    return _start(data)


def digest_of(text: str) -> str:
    """The digest of a text, lone surrogates included, as hexadecimal digits."""
    digest: str = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return digest


def _short_digests() -> Callable[..., Any]:
    """BLAKE2b, which Python has of its own; that of `hashlib` where it is not where it was."""
    try:
        from _blake2 import blake2b  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from hashlib import blake2b
    return blake2b  # type: ignore[no-any-return, unused-ignore]


_blake2b = _short_digests()


def short_digest(data: bytes) -> bytes:
    """A digest of 16 bytes, for what nobody would forge: the quickest that no accident gets past."""
    digest: bytes = _blake2b(data, digest_size=16).digest()
    return digest
