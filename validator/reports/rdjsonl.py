"""The `rdjsonl` format: a Diagnostic of reviewdog a line, one for each open finding.

Columns count from 1 the bytes that the line has in UTF-8, whatever the encoding of the seed; an end is exclusive. Each edit
of a fix is a suggestion; they belong together. What a repair does besides (another encoding, a value that moves to the
sidecar) no suggestion can say, so such fixes have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from validator.reports.carried import open_findings, path_text, unjudged
from validator.reports.entries import encoded
from validator.reports.printable import printable
from validator.text.findings import Applicability, Severity
from validator.text.places import ORIGIN

if TYPE_CHECKING:
    from validator.reports.entries import Entry
    from validator.text.findings import Finding, SeedReport, Totals
    from validator.text.places import Position

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


class DiagnosticsReporter:
    """Writes a line for each finding. There is no summary: the format has no place for one."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def seed(self, report: SeedReport) -> None:
        """Write the open findings of one seed."""
        if (said := unjudged(report)) is not None:
            self._write(report, said, str(report.verdict), Severity.ERROR, (ORIGIN, ORIGIN), [])
        for finding in open_findings(report):
            place = (finding.start, finding.end)
            self._write(report, finding.message, finding.rule, finding.severity, place, _suggestions(finding))

    def finish(self, totals: Totals) -> None:
        """Write nothing more."""

    def _write(
        self,
        report: SeedReport,
        message: str,
        rule: str,
        severity: Severity,
        place: tuple[Position, Position],
        suggestions: list[Entry],
    ) -> None:
        entry: Entry = {
            "message": printable(message),
            "location": {"path": path_text(report.path), "range": _range(*place)},
            "severity": _SEVERITIES[severity],
            "source": {"name": "validator"},
            "code": {"value": rule},
        }
        if suggestions:
            entry["suggestions"] = suggestions
        self._out.write(encoded(entry) + "\n")


def _suggestions(finding: Finding) -> list[Entry]:
    fix = finding.fix
    if fix is None or fix.lift is not None or fix.applicability is Applicability.DISPLAY:
        return []
    if len(finding.places) != len(fix.edits):
        return []
    return [
        {"range": _range(*place), "text": edit.replacement}
        for edit, place in zip(fix.edits, finding.places, strict=True)
    ]


def _range(start: Position, end: Position) -> Entry:
    return {
        "start": {"line": start.line, "column": start.utf8_column},
        "end": {"line": end.line, "column": end.utf8_column},
    }
