"""The `text` format, made for a curator: each seed, what is wrong where on it, and what can be done.

Unless everything is asked for, the report fits the run: a few seeds are shown in full, and of many findings there is an
overview.
"""

from __future__ import annotations

from collections import Counter

from validator.reports.listing import FULL, Pen, seed_lines, within
from validator.reports.model import Format, Reporter
from validator.reports.words import entries_of, open_findings, run_in_words, summary_in_words
from validator.text.findings import Finding, SeedReport, Status, Totals, Verdict

LEAST_WIDTH = 20
HANDFUL = 5  # seeds that are shown one by one, however many findings they have
MOST = 50  # findings that are shown one by one
SCREEN = 60  # lines of an overview, or of the report on one seed
SHARED = 140  # lines on a handful of seeds with many findings


class TextReporter(Reporter):
    """Writes the report for people. Accepted and baselined findings are counted, not listed."""

    def begin(self) -> None:
        """Note the width, and count the seeds that are not listed."""
        self._pen = Pen(max(self.setting.width, LEAST_WIDTH), self.setting.color)
        self._not_listed = Counter[str]()
        self._is_full = self.setting.full or self.setting.verbose
        self._held: list[tuple[SeedReport, list[Finding]]] = []  # while it may become a report on each seed
        self._findings = self._seeds = 0
        self._trend = None
        if self.setting.since is not None:
            from validator.reports.trend import Trend

            self._trend = Trend(self.setting.since.seeds)
        if not self._is_full:
            from validator.reports.overview import Overview

            self._overview = Overview()

    def seed(self, report: SeedReport) -> None:
        """Write one seed with its open findings, or keep it until it is known how many there are.

        Without findings, a seed is only counted if it is valid, or invalid and known from the baseline.
        """
        findings = open_findings(report)
        if self._trend is not None:
            self._trend.add(report, findings)
        is_known = any(finding.status is Status.BASELINED for finding in report.findings)
        is_quiet = report.verdict is Verdict.VALID or (report.verdict is Verdict.INVALID and is_known)
        if report.verdict is not None and is_quiet and not findings and not self.setting.verbose:
            self._not_listed[report.verdict] += 1
            return
        if self._is_full:
            self._write(seed_lines(self._pen, self.setting.run, report, findings, FULL))
            return
        self._overview.add(report, entries_of(report))
        self._seeds += 1
        self._findings += max(1, len(findings))
        if self._is_handful:
            self._held.append((report, findings))
        else:
            self._held.clear()

    @property
    def _is_handful(self) -> bool:
        return self._seeds <= HANDFUL or self._findings <= MOST

    def finish(self, totals: Totals) -> None:
        """Write what was kept, and the summary."""
        is_overview = self._seeds > 0 and not self._is_handful
        summary = self._summary(totals, Counter() if is_overview else self._not_listed)
        if self._held and not is_overview:
            self._write(self._each(len(summary)))
        elif is_overview:
            paths = self.setting.run.paths or "PATHS"
            self._write(self._overview.lines(self._pen, SCREEN - len(summary), paths))
        self._write(summary)

    def _each(self, below: int) -> list[str]:
        """The seeds that were kept. What many of them share is told once, after them.

        One seed has a screen, with the summary of `below` lines; several have as much each, or, with many findings, less.
        """
        from validator.reports.overview import kind_of

        room = SCREEN - below if len(self._held) == 1 else SCREEN
        if self._findings > MOST and len(self._held) > 1:
            room = SHARED // len(self._held)
        advised: set[str] = set()
        shared = self._overview.repeated()
        lines: list[str] = []
        for report, findings in self._held:
            own = [finding for finding in findings if kind_of(finding) not in shared]
            if own or not findings:
                others = len(findings) - len(own)
                lines += seed_lines(self._pen, self.setting.run, report, own, within(room), others, advised)
        return [*lines, *self._overview.shared(self._pen)]

    def _summary(self, totals: Totals, not_listed: Counter[str]) -> list[str]:
        if self.setting.quiet:
            return self._pen.paragraph(run_in_words(totals), "", "  ")
        lines = [self._pen.styled("Summary", bold=True)]
        paths, not_shown = self.setting.run.paths, self.setting.profile.rules_not_shown
        for line in summary_in_words(totals, not_shown, not_listed, paths):
            lines += self._pen.paragraph(line, "  ", "    ")
        if self._trend is not None and self.setting.since is not None:
            from validator.reports.trend import trend_in_words

            lines += self._pen.paragraph(trend_in_words(self._trend.finish(), self.setting.since.name), "  ", "    ")
        return lines

    def _write(self, lines: list[str]) -> None:
        self.out.write("".join(f"{line}\n" for line in lines))


FORMAT = Format("seeds, findings with the line they are on, what to do", TextReporter)
