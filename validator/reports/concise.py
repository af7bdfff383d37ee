"""The `concise` format: an open finding a line, `path:line:col: severity rule message [safe]`."""

from __future__ import annotations

from typing import TextIO

from validator.findings import Applicability, Finding, SeedReport, Status, Totals
from validator.reports.printable import guarded, printable
from validator.reports.words import counted, findings_in_words, verdicts_in_words


class ConciseReporter:
    """Writes findings to `out` by line, column and rule, and the summary, on one line, to `notes` if there is one."""

    def __init__(self, out: TextIO, notes: TextIO | None = None) -> None:
        self._out = out
        self._notes = notes

    def seed(self, report: SeedReport) -> None:
        """Write the open findings of one seed."""
        path = printable(report.path)
        shown = [finding for finding in report.findings if finding.status is Status.OPEN]
        for finding in sorted(shown, key=lambda finding: (finding.start.line, finding.start.column, finding.rule)):
            place = f"{path}:{finding.start.line}:{finding.start.column}"
            message = printable(finding.message)
            line = f"{place}: {finding.severity} {finding.rule} {message}{_mark(finding)}"
            self._out.write(guarded(line) + "\n")

    def finish(self, totals: Totals) -> None:
        """Write the summary."""
        if self._notes is not None:
            seeds = f"{counted(totals.seeds, 'seed')} ({verdicts_in_words(totals)})"
            self._notes.write(f"{seeds}; open findings: {findings_in_words(totals.findings)}\n")


def _mark(finding: Finding) -> str:
    if finding.fix is None or finding.fix.applicability is Applicability.DISPLAY:
        return ""
    return f" [{finding.fix.applicability}]"
