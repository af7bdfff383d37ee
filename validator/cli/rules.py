"""`validator rules` and `validator explain`."""

from __future__ import annotations

import json
from itertools import groupby

import click

from validator.archive import check_rules
from validator.errors import ConfigError
from validator.findings import Applicability
from validator.rules import RULES, Rule

_FIXES = {
    None: "nobody but you can mend it",
    Applicability.SAFE: "can be mended safely where it is sure",
    Applicability.UNSAFE: "a proposal is made, which needs your decision",
    Applicability.DISPLAY: "a suggestion is shown, and never carried out",
}


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="[text]")
def rules(format_: str) -> int:
    """List the rules, by family."""
    ordered = sorted(RULES.values(), key=lambda rule: (rule.family, rule.name))
    if format_ == "json":
        click.echo(json.dumps([_entry(rule) for rule in ordered], indent=2, ensure_ascii=False))
        return 0
    width = max(len(rule.name) for rule in ordered)
    for family, members in groupby(ordered, key=lambda rule: rule.family):
        click.echo(click.style(family, bold=True))
        for rule in members:
            fix = rule.applicability.value if rule.applicability in (Applicability.SAFE, Applicability.UNSAFE) else ""
            click.echo(f"  {rule.name:{width}}  {rule.severity.value:7}  {fix}".rstrip())
            click.echo(click.wrap_text(rule.summary, 80, "      ", "      "))
    return 0


def _entry(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name, "family": rule.family, "severity": rule.severity.value,
        "applicability": rule.applicability.value if rule.applicability else None,
        "summary": rule.summary, "options": rule.options,
    }  # fmt: skip


@click.command()
@click.argument("name", metavar="RULE")
def explain(name: str) -> int:
    """Explain a rule: what it finds, why that matters, what to do."""
    if name not in RULES:
        check_rules([name])
        members = ", ".join(sorted(rule.name for rule in RULES.values() if rule.family == name))
        raise ConfigError(f"{name} is a family of rules: {members}")
    rule = RULES[name]
    click.echo(
        click.style(rule.name, bold=True)
        + f" - {rule.severity.value}, family {rule.family}; {_FIXES[rule.applicability]}"
    )
    click.echo("")
    click.echo(rule.document)
    if rule.options:
        click.echo("")
        click.echo("Options, in a source schema under `rules:`")
        for option, value in rule.options.items():
            click.echo(f"  {option}: {value}")
    return 0
