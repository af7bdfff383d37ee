"""The terminal: its width and colors, wrapped paragraphs, and messages on standard error."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TextIO

import click

from validator.reports.display import wrap
from validator.reports.escaping import printable
from validator.rules import RULES, Rule
from validator.text.findings import Applicability

_NAMED = 5  # names in one message


def has_color(out: TextIO) -> bool:
    """Whether to write colors to a stream: as --color says, else as NO_COLOR and FORCE_COLOR say, else if it is a terminal that
    shows them. A file has no colors.
    """
    context = click.get_current_context(silent=True)
    if out in (sys.stdout, sys.stderr) and context is not None and context.color is not None:
        return context.color
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def wanted_color(said: str) -> bool | None:
    """What --color and the environment say about colors; None if the stream decides."""
    if said != "auto":
        return said == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR", "0") not in ("", "0") else None


def width_for(out: TextIO) -> int:
    """How many cells a line may take: the width of the terminal, at most 120; 80 without a terminal."""
    try:
        columns = os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return max(20, min(columns, 120)) if columns else 80


def paragraph(text: str, indent: str = "", hanging: str | None = None, out: TextIO | None = None) -> None:
    """Print a text, wrapped at the width of the terminal; on standard output unless `out` is given."""
    out = out or sys.stdout
    for line in wrap(printable(text), width_for(out), indent, hanging):
        click.echo(line, file=out)


def paragraphs(texts: Iterable[str], indent: str, hanging: str, out: TextIO | None = None) -> None:
    """Print texts, each as a paragraph."""
    for text in texts:
        paragraph(text, indent, hanging, out)


def next_step(text: str, words: Sequence[str], indent: str = "") -> None:
    """Print what to do next, and below it the command, ready to paste."""
    paragraph(text, indent)
    said = printable(shlex.join(words))
    for line in wrap(f"`{said}`", width_for(sys.stdout), f"{indent}  ", f"{indent}    ", for_paste=True):
        click.echo(line if "`" in said else line.replace("`", ""))


def headed(text: str) -> str:
    """A text in bold, if colors are shown."""
    return click.style(text, bold=True) if has_color(sys.stdout) else text


def complain(message: str) -> None:
    """Print a message on standard error, in one line that begins with the program's name."""
    click.echo(f"validator: {printable(message)}", err=True)


def some(names: Sequence[object]) -> tuple[list[str], int]:
    """The first few names, printable, and how many more there are."""
    return [printable(str(name)) for name in names[:_NAMED]], max(len(names) - _NAMED, 0)


def list_rules(listed: Iterable[Rule]) -> None:
    """Print rules, each with its severity, whether it can be repaired, and its summary."""
    width = max(map(len, RULES))
    for rule in listed:
        fix = rule.applicability.value if rule.applicability in (Applicability.SAFE, Applicability.UNSAFE) else ""
        click.echo(f"  {rule.name:{width}}  {rule.severity.value:7}  {fix}".rstrip())
        paragraph(rule.summary, "      ")


def duration(seconds: float) -> str:
    """A length of time: `8 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


_AFTER_SECONDS = 2.0
_EVERY_SECONDS = 0.2
_RATE_AFTER_SECONDS = 3.0  # before, a rate says little


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
        width = width_for(sys.stderr)
        rate = self._rate()
        if len(words + rate) + 5 < width:
            words += rate
        room = min(30, width - len(words) - 1)
        full, empty = "█·" if (sys.stderr.encoding or "").lower().startswith("utf") else "#."
        filled = room * self.done // max(self.total, 1)
        return full * filled + empty * (room - filled) + words

    def _rate(self) -> str:
        """How many seeds a second, and how long the rest will take; nothing at first."""
        seconds = time.monotonic() - self.started
        if seconds < _RATE_AFTER_SECONDS or not self.done:
            return ""
        rate = self.done / seconds
        shown = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
        return f", {shown} a second, {duration((self.total - self.done) / rate)} left"

    def clear(self) -> None:
        """Erase the line."""
        if self.is_drawn:
            click.echo("\r\x1b[K", err=True, nl=False)
            self.is_drawn = False
