"""`validator explain`."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator

import click

from validator.archive.opening import FAMILIES, check_rules
from validator.cli.options import argument, command, complete_rules
from validator.cli.terminal import headed, list_rules, paragraph, width_for
from validator.reports.display import cells, width_of
from validator.reports.rule_pages import FIXES
from validator.rules import RULES
from validator.text.places import fold_whitespace

PLACE = ("check", 4)
_EXAMPLE = re.compile(r"(Bad|Good)(?: \[(.*?)\](?=: |:$))?: ?(.*)")  # as the tests read it, which run the examples
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|n)")


@command()
def explain(name: str = argument(metavar="RULE", shell_complete=complete_rules)) -> int:
    """Explain a rule: what it finds, why that matters, what to do. Of a family, list its rules."""
    if name in FAMILIES and name not in RULES:
        click.echo(headed(name) + ", a family of rules")
        list_rules(rule for _, rule in sorted(RULES.items()) if rule.family == name)
        return 0
    check_rules([name])
    rule = RULES[name]
    click.echo(headed(rule.name))
    paragraph(f"{rule.severity.value}, family {rule.family}; {FIXES[rule.applicability]}", "  ")
    for part in rule.document.split("\n\n"):
        click.echo("")
        if _EXAMPLE.match(part.partition("\n")[0]):
            for line in part.split("\n"):
                _example(line)
        else:
            paragraph(fold_whitespace(part))
    if rule.options:
        click.echo("\nOptions, in a source schema under `rules:`")
        for option, value in rule.options.items():
            click.echo(f"  {option}: {json.dumps(value, ensure_ascii=False)}")
    return 0


def _example(line: str) -> None:
    """Print an example. A line end is shown as a sign; an invisible character stays an escape."""
    found = _EXAMPLE.match(line)
    if found is None:
        paragraph(line)
        return
    kind, where, written = found.groups()
    paragraph(f"{kind} ({where})" if where else kind, "  ", "    ")
    text = written if written.startswith('b"') else _ESCAPE.sub(_seen, written)
    for each in text.splitlines() or ["(nothing)"]:
        for piece in _pieces(each, width_for(sys.stdout) - len("    | ")):
            click.echo(f"    | {piece}")


def _seen(escape: re.Match[str]) -> str:
    """The character of an escape; the escape itself if the character is invisible."""
    if escape[0] == r"\n":
        return "↵\n"
    character = chr(int(escape[0][2:], 16))
    return character if unicodedata.category(character)[0] in "LNPS" else escape[0]


def _pieces(line: str, width: int) -> Iterator[str]:
    """A line in pieces that are no wider than `width` cells. Unlike in a paragraph, its spaces are kept."""
    while width_of(line) > width:
        end = 0
        used = 0
        while used + cells(line[end]) <= width:
            used += cells(line[end])
            end += 1
        blank = line.rfind(" ", 0, end) + 1
        end = blank if line[:blank].strip() else end
        yield line[:end]
        line = line[end:]
    yield line
