"""The `concise` format: one line per open finding, `path:line:col: severity rule message [safe]`."""

from __future__ import annotations

from validator.reports.escaping import guarded, printable
from validator.reports.model import Format, Reporter
from validator.reports.words import finding_line, open_findings, run_in_words, unjudged
from validator.text.findings import SeedReport, Totals


class ConciseReporter(Reporter):
    """Writes findings by line, column and rule. The summary, and seeds that were not judged, go to the notes."""

    def seed(self, report: SeedReport) -> None:
        """Write the open findings of one seed."""
        notes = self.setting.notes
        if notes is not None and (message := unjudged(report)) is not None:
            notes.write(guarded(f"{printable(report.path)}: {printable(message)}") + "\n")
        for finding in open_findings(report):
            self.out.write(finding_line(report, finding) + "\n")

    def finish(self, totals: Totals) -> None:
        """Write the summary."""
        if self.setting.notes is not None:
            self.setting.notes.write(f"{run_in_words(totals)}\n")


FORMAT = Format("one line for each finding", ConciseReporter)
