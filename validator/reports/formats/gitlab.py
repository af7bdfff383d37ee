"""The `gitlab` format: a Code Quality report, one JSON array of open findings.

Columns count code points from 1. An end is the column after the last character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.reports.carried import ON_VERDICT, entries_of, path_text, salted
from validator.reports.entries import JsonList
from validator.reports.escaping import printable
from validator.reports.model import Format, Reporter, Setting
from validator.text.findings import SeedReport, Severity, Totals

if TYPE_CHECKING:
    from typing import TextIO

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


class GitlabReporter(Reporter):
    """Writes the array, one finding per line. It is complete only after `finish`."""

    def __init__(self, out: TextIO, setting: Setting) -> None:
        super().__init__(out, setting)
        self._findings = JsonList(out)

    def seed(self, report: SeedReport) -> None:
        """Write the open findings of one seed."""
        findings = entries_of(report)
        for finding, mark in zip(findings, salted(report, findings), strict=True):
            start, end = finding.start, finding.end
            self._findings.add(
                {
                    "description": printable(finding.message),
                    "check_name": finding.rule,
                    "fingerprint": mark,
                    "severity": "critical" if finding.family == ON_VERDICT else _SEVERITIES[finding.severity],
                    "location": {
                        "path": path_text(report.path),
                        "positions": {
                            "begin": {"line": start.line, "column": start.column},
                            "end": {"line": end.line, "column": end.column},
                        },
                    },
                }
            )

    def finish(self, totals: Totals) -> None:
        """Close the array."""
        self._findings.close("\n]\n")


FORMAT = Format("Code Quality", GitlabReporter)
