"""The `gitlab` format: a Code Quality report, one JSON array of open findings.

Columns count code points from 1, as everywhere; an end is the column after the last character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from validator.reports.carried import fingerprint, open_findings, path_text, salted, unjudged
from validator.reports.entries import encoded
from validator.reports.printable import printable
from validator.text.findings import Severity
from validator.text.places import ORIGIN

if TYPE_CHECKING:
    from validator.reports.entries import Entry
    from validator.text.findings import SeedReport, Totals
    from validator.text.places import Position

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_UNJUDGED = "critical"


class GitlabReporter:
    """Writes the array, a finding a line. It is whole only after `finish`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._separator = "[\n"

    def seed(self, report: SeedReport) -> None:
        """Write the open findings of one seed."""
        if (said := unjudged(report)) is not None:
            rule = str(report.verdict)
            self._write(report, said, rule, fingerprint(report, rule), _UNJUDGED, ORIGIN, ORIGIN)
        findings = open_findings(report)
        for finding, mark in zip(findings, salted(report, findings), strict=True):
            severity = _SEVERITIES[finding.severity]
            self._write(report, finding.message, finding.rule, mark, severity, finding.start, finding.end)

    def finish(self, totals: Totals) -> None:
        """Close the array."""
        self._out.write("[]\n" if self._separator == "[\n" else "\n]\n")

    def _write(
        self, report: SeedReport, message: str, rule: str, mark: str, severity: str, start: Position, end: Position
    ) -> None:
        entry: Entry = {
            "description": printable(message),
            "check_name": rule,
            "fingerprint": mark,
            "severity": severity,
            "location": {
                "path": path_text(report.path),
                "positions": {
                    "begin": {"line": start.line, "column": start.column},
                    "end": {"line": end.line, "column": end.column},
                },
            },
        }
        self._out.write(self._separator + encoded(entry))
        self._separator = ",\n"
