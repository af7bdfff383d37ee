"""Exit codes, and what reports say about the settings of a run."""

from __future__ import annotations

from validator.archive.opening import Archive, fails_on, rules_for
from validator.reports.model import Profile
from validator.rules import RULES
from validator.text.findings import SEVERITY_RANK, SeedReport, Severity, Status, Verdict

UNJUDGED = (Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED)  # exit code 1, whatever is selected


def exit_code(archive: Archive, report: SeedReport) -> int:
    """The exit code for one report; the highest of a run wins."""
    if report.verdict is Verdict.UNCHECKED:
        return 3
    if report.verdict in UNJUDGED:
        if all(finding.status is not Status.BASELINED for finding in report.findings):
            return 1
        from validator.reports.baseline import is_set_aside

        return int(not is_set_aside(report))
    if not report.findings:
        return 0
    threshold = fails_on(archive, report.path)
    if threshold == "never":
        return 0
    rank = SEVERITY_RANK[Severity(threshold)]
    return int(any(each.status is Status.OPEN and SEVERITY_RANK[each.severity] <= rank for each in report.findings))


def profile_of(archive: Archive, has_baseline: bool = False) -> Profile:
    """The settings of a run, for the head of its reports."""
    not_shown = tuple(sorted(set(RULES) - rules_for(archive, "")))
    return Profile(archive.schemas_sha256, archive.config_sha256, not_shown, has_baseline)
