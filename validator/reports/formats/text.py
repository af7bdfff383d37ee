"""The `text` format, made for a curator: each seed, what is wrong where on it, and what can be done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from validator.reports.display import marked, width_of, wrap
from validator.reports.escaping import guarded, printable
from validator.reports.model import Format, Reporter
from validator.reports.words import FIXES, advice, judgement, line_and_column, meaning, open_findings, summary_in_words
from validator.text.findings import Applicability, Finding, SeedReport, Severity, Status, Totals, Verdict

SHOWN = 10  # findings of one rule in one seed
SHOWN_INFO = 3  # the same, of severity info
RANGES_NAMED = 20  # ranges of lines that are named where there are more findings
LEAST_WIDTH = 20

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_VERDICT_COLORS = {Verdict.VALID: "green", Verdict.INVALID: "yellow"}


class TextReporter(Reporter):
    """Writes the report for people. Accepted and baselined findings are counted, not listed."""

    def begin(self) -> None:
        """Note the width, and count the seeds that are not listed."""
        self._width = max(self.setting.width, LEAST_WIDTH)
        self._not_listed = Counter[str]()

    def seed(self, report: SeedReport) -> None:
        """Write one seed with its open findings.

        Without any, a seed is only counted if it is valid, or invalid and known from the baseline.
        """
        findings = open_findings(report)
        is_known = any(finding.status is Status.BASELINED for finding in report.findings)
        is_quiet = report.verdict is Verdict.VALID or (report.verdict is Verdict.INVALID and is_known)
        if report.verdict is not None and is_quiet and not findings and not self.setting.verbose:
            self._not_listed[report.verdict] += 1
            return
        self._write(guarded(printable(report.path)), bold=True)
        self._header(report)
        if not findings:
            self._write("  No open findings are shown.")
        advised: set[str] = set()
        for finding, more in _folded(findings):
            self._write("")
            self._finding(finding)
            if finding.rule not in advised:
                advised.add(finding.rule)
                self._paragraph(advice(finding.rule), "    ", "      ")
            if more:
                self._paragraph(f"… {_more(more)}", "  ", "    ", dim=True)
        self._write("")

    def finish(self, totals: Totals) -> None:
        """Write the summary."""
        if self.setting.quiet:
            return
        self._write("Summary", bold=True)
        for line in summary_in_words(totals, self.setting.profile.rules_not_shown, self._not_listed):
            self._paragraph(line, "  ", "    ")

    def _header(self, report: SeedReport) -> None:
        if report.verdict is None:
            sentence = judgement(report)
            self._write(f"  {sentence[0].upper()}{sentence[1:]}")
            return
        source = report.source or "not identified"
        layout = f", layout {report.layout}" if report.layout else ""
        self._paragraph(f"Source: {source}{layout}{' (uncertain)' if _is_uncertain(report) else ''}", "  ", "    ")
        verdict = f"Verdict: {report.verdict} - {meaning(report)}"
        self._paragraph(verdict, "  ", "    ", fg=_VERDICT_COLORS.get(report.verdict, "red"))
        if report.fault is not None:
            self._paragraph(f"Fault of the program: {report.fault}", "  ", "    ")

    def _finding(self, finding: Finding) -> None:
        color = _COLORS[finding.severity]
        place = f"  {line_and_column(finding.start)}  "
        rule = f"  {printable(finding.rule)}"
        whole = "  (the whole seed)" if finding.whole else ""
        if len(place) + len(finding.severity) + len(rule) + len(whole) > self._width:
            whole = ""
        self._write(place + self._styled(finding.severity, fg=color, bold=True) + rule + whole)
        self._paragraph(finding.message, "    ")
        if finding.excerpt and not finding.whole:
            self._excerpt(finding, color)
        for related in finding.related:
            self._paragraph(f"also at {line_and_column(related.start)}: {related.message}", "    ", "      ")
        if finding.fix is not None:
            styled = "green" if finding.fix.applicability is Applicability.SAFE else None
            self._paragraph(f"{FIXES[finding.fix.applicability]}: {finding.fix.title}", "    ", "      ", fg=styled)

    def _excerpt(self, finding: Finding, color: str) -> None:
        room = self._width - len("    | ")
        line, carets = marked(finding, room)
        last = _last_line(finding)
        onward = f" on to line {last}"
        if last > finding.start.line and len(carets) + width_of(onward) <= room:
            carets += onward
        self._write(f"    | {line}")
        self._write("    | " + self._styled(carets, fg=color))

    def _paragraph(self, text: str, indent: str, hanging: str | None = None, **style: Any) -> None:
        for line in wrap(printable(text), self._width, indent, hanging):
            self._write(line, **style)

    def _write(self, line: str, **style: Any) -> None:
        self.out.write(self._styled(line, **style) + "\n")

    def _styled(self, text: str, **style: Any) -> str:
        """The text in a style of click: `fg` is its color, `bold` and `dim` its weight."""
        if not self.setting.color or not any(style.values()):
            return text
        import click

        return click.style(text, **style)


def _is_uncertain(report: SeedReport) -> bool:
    """Whether the source is only the best match: its evidence begins with that word, or a finding says so."""
    return any(evidence.startswith("uncertain") for evidence in report.evidence) or any(
        finding.rule in ("source-uncertain", "source-ambiguous") for finding in report.findings
    )


def _last_line(finding: Finding) -> int:
    """The last line on which a finding's span has a character. A span that ends with a line end is not on the next."""
    reaches = finding.end.column > 1 or finding.end.line == finding.start.line
    return finding.end.line if reaches else finding.end.line - 1


def _folded(findings: list[Finding]) -> Iterator[tuple[Finding, list[Finding]]]:
    """The findings to show. The last one shown of a rule that repeats comes with the others of that rule."""
    alike: dict[tuple[str, Severity], list[Finding]] = defaultdict(list)
    for finding in findings:
        alike[finding.rule, finding.severity].append(finding)
    shown = Counter[tuple[str, Severity]]()
    for finding in findings:
        kind = (finding.rule, finding.severity)
        shown[kind] += 1
        limit = SHOWN_INFO if finding.severity is Severity.INFO else SHOWN
        if shown[kind] <= limit:
            yield finding, alike[kind][limit:] if shown[kind] == limit else []


def _more(findings: list[Finding]) -> str:
    """How many findings of one rule are not shown, and on which lines they are."""
    lines = dict.fromkeys(finding.start.line for finding in findings)
    runs = [[line for _, line in run] for _, run in groupby(enumerate(lines), key=lambda each: each[1] - each[0])]
    named = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:RANGES_NAMED])
    beyond = f" and further, up to line {runs[-1][-1]}" if len(runs) > RANGES_NAMED else ""
    return (
        f"and {len(findings):,} more of {findings[0].rule}, on {'line' if len(lines) == 1 else 'lines'} {named}{beyond}"
    )


FORMAT = Format("seeds, findings with the line they are on, what to do", TextReporter)
