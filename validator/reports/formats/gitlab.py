"""The `gitlab` format: a Code Quality report, one JSON array of open findings.

Columns count code points from 1. An end is the column after the last character. `content` is of Code Climate, whose format
GitLab reads in part: a text in Markdown, for a link to the page of the rule.
"""

from __future__ import annotations

from validator.reports.entries import Entry, JsonList, given
from validator.reports.escaping import printable
from validator.reports.model import Format, Reporter
from validator.reports.words import ON_VERDICT, entries_of, path_text, salted
from validator.text.findings import Finding, SeedReport, Severity, Totals
from validator.text.places import Position

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


class GitlabReporter(Reporter):
    """Writes the array, one finding per line. It is complete only after `finish`."""

    def begin(self) -> None:
        """Open the array."""
        self._findings = JsonList(self.out)

    def seed(self, report: SeedReport) -> None:
        """Write the open findings of one seed."""
        findings = entries_of(report)
        for finding, mark in zip(findings, salted(report, findings), strict=True):
            positions = {"begin": _place(finding.start), "end": _place(finding.end)}
            self._findings.add(
                given(
                    description=printable(finding.message),
                    check_name=finding.rule,
                    content=self._content(finding),
                    fingerprint=mark,
                    severity="critical" if finding.family == ON_VERDICT else _SEVERITIES[finding.severity],
                    location={"path": path_text(report.path), "positions": positions},
                )
            )

    def _content(self, finding: Finding) -> Entry | None:
        url = self.setting.run.url_of(finding.rule) if finding.family != ON_VERDICT else ""
        return {"body": f"[{finding.rule}](<{url}>)"} if url else None

    def finish(self, totals: Totals) -> None:
        """Close the array."""
        self._findings.close("\n]\n")


def _place(position: Position) -> Entry:
    return {"line": position.line, "column": position.column}


FORMAT = Format("Code Quality", GitlabReporter)
