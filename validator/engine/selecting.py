"""Which findings a report shows. The verdict never depends on this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from validator.rules import RULES, Rule
from validator.text.findings import (
    SeedReport,
)


def rules_shown(select: Iterable[str], ignore: Iterable[str], rules: Mapping[str, Rule] = RULES) -> frozenset[str]:
    """The rules that `select` and `ignore` (names of rules or families) leave; an empty `select` means all."""
    chosen, left_out = set(select), set(ignore)
    return frozenset(
        rule.name
        for rule in rules.values()
        if (not chosen or rule.name in chosen or rule.family in chosen)
        and not (rule.name in left_out or rule.family in left_out)
    )


def shown(report: SeedReport, rules: frozenset[str]) -> SeedReport:
    """The report with the findings of some rules only. Its verdict stays what it is."""
    return replace(report, findings=tuple(finding for finding in report.findings if finding.rule in rules))
