"""Files that cannot be read, or hold nothing."""

from __future__ import annotations

import zlib
from dataclasses import replace
from random import Random

from validator.defects.seeds import WHOLE, Base, Change, Injected, Span, injects, insert, put

UNREADABLE = ("dangling link", "circle of links", "link out of the archive", "named pipe", "socket", "no permission")


@injects("unreadable-file")
def not_to_be_read(rng: Random, base: Base) -> Injected | None:
    """Something with a seed's name that is no file that may be read."""
    return put(base, marks=WHOLE, on_disk=rng.choice(UNREADABLE))


@injects("file-too-large")
def beyond_the_limit(rng: Random, base: Base) -> Injected | None:
    """A limit that the seed exceeds, by a byte or by much."""
    size = len(base.text.encode())
    limit = size - 1 if rng.random() < 0.5 else rng.randrange(1, size)
    return put(base, marks=WHOLE, given=replace(base.given, limit_bytes=limit))


@injects("file-too-large")
def large_on_disk(rng: Random, base: Base) -> Injected | None:
    """A file larger than the limit that holds unless a configuration says otherwise, or than the one it says."""
    return put(base, marks=WHOLE, on_disk=rng.choice(("larger than 16 MiB", "larger than configured")))


@injects("empty-file")
def nothing(rng: Random, base: Base) -> Injected | None:
    """Not a byte."""
    return Injected("", WHOLE, base.given, (Change(0, len(base.text), ""),), follows=("acceptance-unused",))


BLANK_FILES = {
    "\n": ("blank-lines",),
    "\n\n\n": ("blank-lines",),
    "\r\n\r\n": ("line-endings", "blank-lines"),
    "\r": ("line-endings",),
    " ": ("trailing-whitespace", "final-newline"),
    " \t \n": ("trailing-whitespace", "blank-lines"),
    "\u3000\u3000\n": ("trailing-whitespace", "blank-lines"),
    "\u00a0\n": ("trailing-whitespace", "no-break-space"),
    "\ufeff": ("byte-order-mark",),
    "\ufeff\n": ("byte-order-mark",),
    "\x00\n": ("control-character",),
    "\x00\x00\x00": ("control-character", "final-newline"),
    "\u200b\n": ("invisible-character",),
    "\f\n": ("control-character",),
}


@injects("empty-file")
def nothing_but_blanks(rng: Random, base: Base) -> Injected | None:
    """Blanks, line ends, marks and zeros, and nothing to read."""
    text, follows = rng.choice(list(BLANK_FILES.items()))
    return Injected(
        text, WHOLE, base.given, (Change(0, len(base.text), text),), follows=(*follows, "acceptance-unused")
    )


FOREIGN = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
    b"GIF89a\x01\x00\x01\x00\x80",
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n\x00\n",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01",
    b"PK\x03\x04\x14\x00\x00\x00\x08\x00",
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    b'<?xml version="1.0"?>\n<rss version="2.0"><channel></channel></rss>\n',
    b"#!/bin/sh\nexit 0\n",
    b'{"title": "One", "body": "Two"}\n',
)


@injects("foreign-format")
def another_format(rng: Random, base: Base) -> Injected | None:
    """A file of another format under the seed's name: a small one, or a picture or archive of some size."""
    data = rng.choice(FOREIGN)
    if b"\0" in data:
        data += zlib.compress(base.text.encode()) + rng.randbytes(rng.randrange(2048))
    return put(base, marks=WHOLE, data=data)


@injects("lfs-pointer")
def pointer(rng: Random, base: Base) -> Injected | None:
    """The pointer that a clone without Git LFS leaves."""
    digest = rng.randbytes(32).hex()
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(base.text.encode())}\n"
    return put(base, marks=WHOLE, data=text.encode())


@injects("conflict-markers")
def unsettled_conflict(rng: Random, base: Base) -> Injected | None:
    """A conflict below the last line of the article, as git writes it in its styles."""
    marker = f"<<<<<<< {rng.choice(('HEAD', 'ours', 'Updated upstream'))}"
    original = rng.choice(("", "||||||| base\nOne version of old.\n"))
    written = f"{marker}\nOne version.\n{original}=======\nAnother version.\n>>>>>>> branch\n"
    at = len(base.text)
    return insert(base, at, written, marks=(Span(at, at + len(marker)),)) if base.text.endswith("\n") else None
