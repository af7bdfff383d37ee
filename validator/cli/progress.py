"""The line that says how far a run has come."""

from __future__ import annotations

import os
import sys
import time

import click

from validator.cli.terminal import width_for

_AFTER_SECONDS = 2.0
_EVERY_SECONDS = 0.2


class Progress:
    """A line on standard error that says how far a run has come, once it has taken two seconds; only on a terminal.

    A `total` of 0 means unknown.
    """

    def __init__(self, total: int, off: bool) -> None:
        self.total = total
        self.done = 0
        self.is_on = not off and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self.started = self.drawn = time.monotonic()
        self.is_drawn = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def step(self, seeds: int = 1) -> None:
        """Count one seed, or several."""
        self.done += seeds
        if not self.is_on:
            return
        now = time.monotonic()
        if now - self.started > _AFTER_SECONDS and now - self.drawn > _EVERY_SECONDS:
            sys.stdout.flush()  # it may go to the same terminal
            click.echo("\r" + self._line(), err=True, nl=False)
            self.drawn, self.is_drawn = now, True

    def _line(self) -> str:
        """The line. It is narrower than the terminal, or it could not be erased."""
        if not self.total:
            return f"{self.done:,} seeds"
        words = f" {self.done:,} of {self.total:,} seeds"
        room = min(30, width_for(sys.stderr) - len(words) - 1)
        full, empty = "█·" if (sys.stderr.encoding or "").lower().startswith("utf") else "#."
        filled = room * self.done // max(self.total, 1)
        return full * filled + empty * (room - filled) + words

    def clear(self) -> None:
        """Erase the line."""
        if self.is_drawn:
            click.echo("\r\x1b[K", err=True, nl=False)
            self.is_drawn = False
