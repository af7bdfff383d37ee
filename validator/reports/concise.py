"""The `concise` format: an open finding a line, `path:line:col: severity rule message [safe]`."""

from __future__ import annotations

from typing import TextIO

from validator.reports.carried import open_findings, unjudged
from validator.reports.printable import guarded, printable
from validator.reports.words import counted, findings_in_words, verdicts_in_words
from validator.text.findings import Applicability, Finding, SeedReport, Totals


class ConciseReporter:
    """Writes findings to `out` by line, column and rule; to `notes`, if there is one, the summary and what no finding says."""

    def __init__(self, out: TextIO, notes: TextIO | None = None) -> None:
        self._out = out
        self._notes = notes

    def seed(self, report: SeedReport) -> None:
        """Write the open findings of one seed; say of one that was not judged, and of which none speaks, that it was not."""
        if self._notes is not None and (said := unjudged(report)) is not None:
            self._notes.write(guarded(f"{printable(report.path)}: {printable(said)}") + "\n")
        for finding in open_findings(report):
            self._out.write(concise_line(report, finding) + "\n")

    def finish(self, totals: Totals) -> None:
        """Write the summary."""
        if self._notes is not None:
            seeds = f"{counted(totals.seeds, 'seed')} ({verdicts_in_words(totals)})"
            self._notes.write(f"{seeds}; open findings: {findings_in_words(totals.findings)}\n")


def concise_line(report: SeedReport, finding: Finding) -> str:
    """The line of one finding."""
    place = f"{printable(report.path)}:{finding.start.line}:{finding.start.column}"
    return guarded(f"{place}: {finding.severity} {finding.rule} {printable(finding.message)}{_mark(finding)}")


def _mark(finding: Finding) -> str:
    if finding.fix is None or finding.fix.applicability is Applicability.DISPLAY:
        return ""
    return f" [{finding.fix.applicability}]"
