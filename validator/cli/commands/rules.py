"""`validator rules`."""

from __future__ import annotations

import json
from itertools import groupby

import click

from validator.cli.options import command, format_option
from validator.cli.terminal import headed, list_rules, paragraph
from validator.rules import RULES, Rule

PLACE = ("check", 3)
_LEGEND = (
    "safe: can be repaired safely when it is certain. unsafe: there is a proposal, which needs your decision. The other "
    "rules' findings are for you to fix, attest or accept: `validator explain RULE` says how."
)


@command()
def rules(
    format_: str = format_option("text", "json", "markdown"),
) -> int:
    """List the rules."""
    ordered = sorted(RULES.values(), key=lambda rule: (rule.family, rule.name))
    if format_ == "json":
        click.echo(json.dumps([_entry(rule) for rule in ordered], indent=2, ensure_ascii=False))
        return 0
    if format_ == "markdown":
        from validator.reports.rule_pages import page_of

        click.echo(page_of(ordered), nl=False)
        return 0
    for family, members in groupby(ordered, key=lambda rule: rule.family):
        click.echo(headed(family))
        list_rules(members)
    click.echo("")
    paragraph(_LEGEND)
    return 0


def _entry(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name, "family": rule.family, "severity": rule.severity.value,
        "applicability": rule.applicability.value if rule.applicability else None,
        "summary": rule.summary, "options": rule.options,
    }  # fmt: skip
