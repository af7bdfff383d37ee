"""The terminal: its width and colors, wrapped paragraphs, and messages on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import click

from validator.reports.display import wrap
from validator.reports.escaping import printable
from validator.rules import RULES, Rule
from validator.text.findings import Applicability

_NAMED = 5  # names in one message


def has_color(out: TextIO) -> bool:
    """Whether a stream is a terminal that shows colors, and the user wants them."""
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


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


def in_words(value: Any) -> str:
    """A value of the record as it is shown: several names with commas, the parts of a dateline by name."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items() if part is not None)
    return str(value)


def headed(text: str) -> str:
    """A text in bold, where there are colors."""
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
