"""The `rdjsonl` format: one Diagnostic of reviewdog per line, one for each open finding.

Columns count the bytes of the line in UTF-8 from 1, whatever the encoding of the seed. An end is exclusive. Each edit of a
fix is a suggestion; they belong together.
"""

from __future__ import annotations

from validator.reports.carried import entries_of, path_text, replacements
from validator.reports.entries import Entry, encoded
from validator.reports.escaping import printable
from validator.reports.model import Format, Reporter
from validator.text.findings import SeedReport, Severity, Totals
from validator.text.places import Position

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


class DiagnosticsReporter(Reporter):
    """Writes a line for each finding. The format has no place for a summary."""

    def seed(self, report: SeedReport) -> None:
        """Write the open findings of one seed."""
        for finding in entries_of(report):
            entry: Entry = {
                "message": printable(finding.message),
                "location": {"path": path_text(report.path), "range": _range(finding.start, finding.end)},
                "severity": _SEVERITIES[finding.severity],
                "source": {"name": "validator"},
                "code": {"value": finding.rule},
            }
            if edits := replacements(finding):
                entry["suggestions"] = [{"range": _range(start, end), "text": text} for start, end, text in edits]
            self.out.write(encoded(entry) + "\n")

    def finish(self, totals: Totals) -> None:
        """Write nothing more."""


def _range(start: Position, end: Position) -> Entry:
    return {
        "start": {"line": start.line, "column": start.utf8_column},
        "end": {"line": end.line, "column": end.utf8_column},
    }


FORMAT = Format("one diagnostic per line, with suggestions", DiagnosticsReporter)
