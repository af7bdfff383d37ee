"""`validator rules` and `validator explain`."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

import click

from validator.archive.opening import FAMILIES, check_rules
from validator.cli.common import RULES_OR_FAMILIES, headed, paragraph, width_for
from validator.reports.display import cells, width_of
from validator.rules import RULES, Rule
from validator.text.findings import Applicability
from validator.text.places import fold_blanks

_FIXES = {
    None: "nobody but you can mend it",
    Applicability.SAFE: "can be mended safely where it is sure",
    Applicability.UNSAFE: "a proposal is made, which needs your decision",
    Applicability.DISPLAY: "a suggestion is shown, and never carried out",
}
_LEGEND = (
    "safe: can be mended safely where it is sure. unsafe: a proposal is made, which needs your decision. The other rules' "
    "findings are for you to mend, attest or accept: `validator explain RULE` says how."
)

_EXAMPLE = re.compile(r"(Bad|Good)(?: \[(.*?)\](?=: |:$))?: ?(.*)")  # as the tests read it, which run the examples
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|n)")


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(format_: str) -> int:
    """List the rules, by family."""
    if format_ == "json":
        click.echo(json.dumps([_entry(rule) for rule in _ordered()], indent=2, ensure_ascii=False))
        return 0
    for family, members in groupby(_ordered(), key=lambda rule: rule.family):
        click.echo(headed(family))
        _list(members)
    click.echo("")
    paragraph(_LEGEND)
    return 0


def _ordered() -> list[Rule]:
    return sorted(RULES.values(), key=lambda rule: (rule.family, rule.name))


def _list(listed: Iterable[Rule]) -> None:
    width = max(map(len, RULES))
    for rule in listed:
        fix = rule.applicability.value if rule.applicability in (Applicability.SAFE, Applicability.UNSAFE) else ""
        click.echo(f"  {rule.name:{width}}  {rule.severity.value:7}  {fix}".rstrip())
        paragraph(rule.summary, "      ")


def _entry(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name, "family": rule.family, "severity": rule.severity.value,
        "applicability": rule.applicability.value if rule.applicability else None,
        "summary": rule.summary, "options": rule.options,
    }  # fmt: skip


@click.command()
@click.argument("name", metavar="RULE", shell_complete=RULES_OR_FAMILIES)
def explain(name: str) -> int:
    """Explain a rule: what it finds, why that matters, what to do. Of a family, list its rules."""
    if name in FAMILIES and name not in RULES:
        click.echo(headed(name) + ", a family of rules")
        _list(rule for rule in _ordered() if rule.family == name)
        return 0
    check_rules([name])
    rule = RULES[name]
    click.echo(headed(rule.name))
    paragraph(f"{rule.severity.value}, family {rule.family}; {_FIXES[rule.applicability]}", "  ")
    for part in rule.document.split("\n\n"):
        click.echo("")
        if _EXAMPLE.match(part.partition("\n")[0]):
            for line in part.split("\n"):
                _example(line)
        else:
            paragraph(fold_blanks(part))
    if rule.options:
        click.echo("\nOptions, in a source schema under `rules:`")
        for option, value in rule.options.items():
            click.echo(f"  {option}: {json.dumps(value, ensure_ascii=False)}")
    return 0


def _example(line: str) -> None:
    """Print an example; a line end is shown where it stands, what could not be seen stays written as in the source."""
    found = _EXAMPLE.match(line)
    if found is None:
        paragraph(line)
        return
    kind, told, written = found.groups()
    paragraph(f"{kind} ({told})" if told else kind, "  ", "    ")
    text = written if written.startswith('b"') else _ESCAPE.sub(_seen, written)
    for each in text.splitlines() or ["(nothing)"]:
        for piece in _pieces(each, width_for(sys.stdout) - len("    | ")):
            click.echo(f"    | {piece}")


def _seen(escape: re.Match[str]) -> str:
    """The character that an escape stands for, where it can be seen."""
    if escape[0] == r"\n":
        return "↵\n"
    character = chr(int(escape[0][2:], 16))
    return character if unicodedata.category(character)[0] in "LNPS" else escape[0]


def _pieces(line: str, width: int) -> Iterator[str]:
    """A line in pieces that are no wider than `width` cells. Unlike in a paragraph, its blanks stay as they are."""
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
