"""Files that cannot be read, or hold nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random

from benchmarks.defects.seeds import WHOLE, Base, Change, Injected, injects, put

UNREADABLE: tuple[str, ...] = ("dangling link", "circle of links", "link out of the archive", "named pipe", "socket")
if os.geteuid() != 0:
    UNREADABLE += ("no permission",)  # which nobody can deny the superuser


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
