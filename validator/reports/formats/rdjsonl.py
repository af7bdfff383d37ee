"""The `rdjsonl` format: one Diagnostic of reviewdog per line, one for each open finding.

Columns count the bytes of the line in UTF-8 from 1, whatever the encoding of the seed. An end is exclusive. Each edit of a
fix is a suggestion; they belong together.
"""

from __future__ import annotations

from validator.reports.entries import Entry, encoded, given
from validator.reports.escaping import printable
from validator.reports.model import Format, Reporter
from validator.reports.words import ON_VERDICT, entries_of, path_text, replacements
from validator.text.findings import SeedReport, Totals
from validator.text.places import Position


class DiagnosticsReporter(Reporter):
    """Writes a line for each finding. The format has no place for a summary."""

    def seed(self, report: SeedReport) -> None:
        """Write the open findings of one seed."""
        for finding in entries_of(report):
            url = self.setting.run.url_of(finding.rule) if finding.family != ON_VERDICT else ""
            entry: Entry = {
                "message": printable(finding.message),
                "location": {"path": path_text(report.path), "range": _range(finding.start, finding.end)},
                "severity": finding.severity.upper(),
                "source": {"name": "validator"},
                "code": given(value=finding.rule, url=url or None),
            }
            if edits := replacements(finding):
                entry["suggestions"] = [{"range": _range(start, end), "text": text} for start, end, text in edits]
            self.out.write(encoded(entry) + "\n")

    def finish(self, totals: Totals) -> None:
        """Write nothing more."""


def _range(start: Position, end: Position) -> Entry:
    ends = {"start": start, "end": end}
    return {name: {"line": place.line, "column": place.utf8_column} for name, place in ends.items()}


FORMAT = Format("one diagnostic per line, with suggestions", DiagnosticsReporter)
