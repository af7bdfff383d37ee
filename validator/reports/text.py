"""The `text` format, made for a curator: each seed, what is wrong where on it, and what can be done."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, TextIO

from validator.reports.display import marked, width_of, wrap
from validator.reports.printable import guarded, printable
from validator.reports.words import FIXES, MEANINGS, advice, counted, findings_in_words, verdicts_in_words
from validator.text.findings import Applicability, Finding, SeedReport, Severity, Status, Totals, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.reports import Profile

SHOWN = 10  # findings of one rule in one seed; of severity info:
SHOWN_INFO = 3
RANGES_NAMED = 20  # of the lines on which there are more
LEAST_WIDTH = 20

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_VERDICT_COLORS = {Verdict.VALID: "green", Verdict.INVALID: "yellow"}


class TextReporter:
    """Writes the report for people. Accepted and baselined findings are counted, not listed."""

    def __init__(
        self, out: TextIO, profile: Profile, *, color: bool = False, width: int = 80, verbose: bool = False
    ) -> None:
        self._out = out
        self._profile = profile
        self._color = color
        self._width = max(width, LEAST_WIDTH)
        self._verbose = verbose
        self._not_listed = Counter[Verdict]()

    def seed(self, report: SeedReport) -> None:
        """Write one seed with its open findings. One that is valid and has none is only counted, and so is one that is
        invalid and has none for being known from the baseline.
        """
        if report.verdict is Verdict.VALID and not report.findings and not self._verbose:
            self._not_listed[report.verdict] += 1
            return
        findings = [finding for finding in report.findings if finding.status is Status.OPEN]
        is_known = any(finding.status is Status.BASELINED for finding in report.findings)
        is_quiet = report.verdict is Verdict.VALID or (report.verdict is Verdict.INVALID and is_known)
        if report.verdict is not None and is_quiet and not findings and not self._verbose:
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
                if told := advice(finding.rule):
                    self._paragraph(told, "    ", "      ")
            if more:
                self._paragraph(f"… {_more(more)}", "  ", "    ", dim=True)
        self._write("")

    def finish(self, totals: Totals) -> None:
        """Write the summary."""
        self._write("Summary", bold=True)
        lines = [f"{counted(totals.seeds, 'seed')}: {verdicts_in_words(totals)}"]
        for verdict, number in sorted(self._not_listed.items()):
            lines.append(f"{counted(number, f'{verdict} seed')} without open findings not listed above")
        lines.append(f"Findings: {findings_in_words(totals.findings)}")
        safe, unsafe = totals.fixable.get("safe", 0), totals.fixable.get("unsafe", 0)
        if safe:
            lines.append(f"{counted(safe, 'finding')} can be mended safely: `validator repair PATHS`")
        if unsafe:
            proposed = counted(unsafe, "finding")
            lines.append(f"{proposed} with a proposal that needs your decision: then `validator repair --unsafe PATHS`")
        if totals.sourceless:
            shown = counted(totals.sourceless, "finding")
            lines.append(
                f"{shown} with a fix that is only shown, because no source is known: name it with `--source ID`"
            )
        if totals.accepted:
            lines.append(f"{counted(totals.accepted, 'accepted finding')} not listed")
        if totals.baselined:
            lines.append(f"{counted(totals.baselined, 'finding')} known from the baseline, not listed")
        if self._profile.rules_not_shown:
            rules = ", ".join(self._profile.rules_not_shown)
            lines.append(f"Not shown, but counted in the verdicts: findings of {rules}")
        for line in lines:
            self._paragraph(line, "  ", "    ")

    def _header(self, report: SeedReport) -> None:
        if report.verdict is None:
            self._write("  Not a seed: a sidecar to which no seed belongs")
            return
        source = report.source or "not identified"
        self._paragraph(f"Source: {source}{' (uncertain)' if _is_uncertain(report) else ''}", "  ", "    ")
        verdict = f"Verdict: {report.verdict} - {MEANINGS[report.verdict]}"
        self._paragraph(verdict, "  ", "    ", fg=_VERDICT_COLORS.get(report.verdict, "red"))
        if report.fault is not None:
            self._paragraph(f"Fault of the program: {report.fault}", "  ", "    ")

    def _finding(self, finding: Finding) -> None:
        color = _COLORS[finding.severity]
        place = f"  {finding.start.line}:{finding.start.column}  "
        rule = f"  {printable(finding.rule)}"
        whole = "  (the whole seed)" if finding.whole else ""
        if len(place) + len(finding.severity) + len(rule) + len(whole) > self._width:
            whole = ""
        self._out.write(place + self._styled(finding.severity, fg=color, bold=True))
        self._out.write(f"{rule}{whole}\n")
        self._paragraph(finding.message, "    ")
        if finding.excerpt and not finding.whole:
            line, carets = marked(finding, self._width - len("    | "))
            self._write(f"    | {line}")
            last = _last_line(finding)
            if last > finding.start.line:
                onward = f" on to line {last}"
                room = self._width - len("    | ") - width_of(onward)
                carets = carets + onward if len(carets) <= room else carets
            self._out.write("    | " + self._styled(carets, fg=color) + "\n")
        for related in finding.related:
            self._paragraph(f"also at {related.start.line}:{related.start.column}: {related.message}", "    ", "      ")
        if finding.fix is not None:
            styled = "green" if finding.fix.applicability is Applicability.SAFE else None
            self._paragraph(f"{FIXES[finding.fix.applicability]}: {finding.fix.title}", "    ", "      ", fg=styled)

    def _paragraph(
        self, text: str, indent: str, hanging: str | None = None, *, fg: str | None = None, dim: bool = False
    ) -> None:
        for line in wrap(printable(text), self._width, indent, hanging):
            self._write(line, fg=fg, dim=dim)

    def _write(self, line: str, *, fg: str | None = None, bold: bool = False, dim: bool = False) -> None:
        self._out.write(self._styled(line, fg=fg, bold=bold, dim=dim) + "\n")

    def _styled(self, text: str, *, fg: str | None = None, bold: bool = False, dim: bool = False) -> str:
        if not self._color or not (fg or bold or dim):
            return text
        from click import style

        return style(text, fg=fg, bold=bold or None, dim=dim or None)


def _is_uncertain(report: SeedReport) -> bool:
    """Whether the source is the best match only: its evidence begins with that word, or a finding says so."""
    return any(evidence.startswith("uncertain") for evidence in report.evidence) or any(
        finding.rule in ("source-uncertain", "source-ambiguous") for finding in report.findings
    )


def _last_line(finding: Finding) -> int:
    """The last line on which a finding's span has a character; one that ends with a line end is not on the next."""
    reaches = finding.end.column > 1 or finding.end.line == finding.start.line
    return finding.end.line if reaches else finding.end.line - 1


def _folded(findings: Iterable[Finding]) -> Iterator[tuple[Finding, list[Finding]]]:
    """The findings to show, by place; with the last one of a rule that repeats, those of it that are not shown."""
    ordered = sorted(findings, key=lambda finding: (finding.start.line, finding.start.column, finding.rule))
    alike: dict[tuple[str, Severity], list[Finding]] = defaultdict(list)
    for finding in ordered:
        alike[finding.rule, finding.severity].append(finding)
    seen: Counter[tuple[str, Severity]] = Counter()
    for finding in ordered:
        kind = (finding.rule, finding.severity)
        seen[kind] += 1
        limit = SHOWN_INFO if finding.severity is Severity.INFO else SHOWN
        if seen[kind] <= limit:
            yield finding, alike[kind][limit:] if seen[kind] == limit else []


def _more(findings: list[Finding]) -> str:
    """What is said of the findings of one rule that are not shown: how many there are and on which lines."""
    ranges: list[list[int]] = []
    for line in dict.fromkeys(finding.start.line for finding in findings):
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    named = [str(low) if low == high else f"{low}-{high}" for low, high in ranges[:RANGES_NAMED]]
    beyond = f" and further, up to line {ranges[-1][1]}" if len(ranges) > RANGES_NAMED else ""
    one = len(ranges) == 1 and ranges[0][0] == ranges[0][1]
    return (
        f"and {len(findings):,} more of {findings[0].rule}, on {'line' if one else 'lines'} {', '.join(named)}{beyond}"
    )
