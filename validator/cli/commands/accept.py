"""`validator accept`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import click

from validator.archive.opening import Archive, check_rules
from validator.archive.reading import today
from validator.cli.changes import judged_among_others
from validator.cli.chosen import judged, one_seed
from validator.cli.options import argument, command, complete_rules, option
from validator.cli.sidecars import SidecarOptions, say_effect, write_entry
from validator.record.sidecar_writing import accept as write_acceptance
from validator.reports.words import counted
from validator.review.matters import NOT_ACCEPTED
from validator.rules import RULES
from validator.text.errors import ConfigError
from validator.text.findings import Finding, SeedReport, Status

PLACE = ("record", 3)


@command(SidecarOptions)
def accept(
    options: SidecarOptions,
    rule: str = argument(shell_complete=complete_rules),
    reason: str = option("--reason", required=True, help="Why the text is right as it is."),
    at: str | None = option("--at", metavar="LINE[:COLUMN]", help="Only the finding at this place."),
    always: bool = option("--always", is_flag=True, help="All findings of the rule in this seed, future ones too."),
    until: datetime | None = option(
        "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The last day on which it holds."
    ),
) -> int:
    """Accept a finding, with a reason, in the sidecar.

    All findings of the rule that the seed has now are accepted, each for as long as its passage stays as it is; with --at
    only one of them, with --always whatever the rule will ever find in the seed. PATH is a seed, or a folder with --files:
    then always.
    """
    files = options.files
    if rule not in RULES:
        check_rules([rule])
        raise ConfigError(f"{rule} is a family; name one rule of it")
    if RULES[rule].view in NOT_ACCEPTED:
        raise ConfigError(f"{rule} cannot be accepted: {NOT_ACCEPTED[RULES[rule].view]}")
    if at is not None and (always or files):
        raise ConfigError("--at means one finding, --always and --files mean all of them")
    last_day = until.date() if until is not None else None
    if last_day is not None and last_day < today():
        raise ConfigError(f"--until {last_day} is in the past")
    archive = options.opened()
    sidecar = options.sidecar(archive)
    keys: list[str | None] = [None]
    if not files and not always:
        seed = one_seed(archive, options.path)
        judge = judged_among_others if RULES[rule].is_of_archive else judged
        keys = list(_keys(judge(_unfiltered(archive), seed), rule, at))
    name, day = options.curator, today()

    def write(text: str) -> str:
        for key in keys:
            text = write_acceptance(
                text, rule, reason=reason, by=name, on=day, finding=key, until=last_day, files=files
            )
        return text

    number = "every finding" if keys == [None] else counted(len(keys), "finding")
    write_entry(sidecar, archive, write, f"{number} of {rule} accepted")
    say_effect(options, archive)
    return 0


def _keys(report: SeedReport, rule: str, at: str | None) -> dict[str, None]:
    """The keys of the findings to accept."""
    found = [finding for finding in report.findings if finding.rule == rule and finding.status is Status.OPEN]
    if at is not None and not re.fullmatch(r"[0-9]{1,9}(:[0-9]{1,9})?", at):
        raise ConfigError(f'--at is "{at}", expected LINE or LINE:COLUMN')
    if at is not None:
        found = [finding for finding in found if _is_at(finding, at)]
    if not found:
        place = f" at {at}" if at is not None else ""
        raise ConfigError(f"there is no open finding of {rule}{place} in {report.path}")
    return {finding.key: None for finding in found}


def _is_at(finding: Finding, at: str) -> bool:
    line, _, column = at.partition(":")
    return finding.start.line == int(line) and (not column or finding.start.column == int(column))


def _unfiltered(archive: Archive) -> Archive:
    """The archive without filters: a finding that the configuration does not show can be accepted too."""
    overrides = tuple(replace(override, select=(), ignore=()) for override in archive.settings.overrides)
    return replace(archive, settings=replace(archive.settings, select=(), ignore=(), overrides=overrides))
