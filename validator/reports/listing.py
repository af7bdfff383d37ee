"""One seed with its findings, in the lines of a terminal: where, what is wrong, how the line would be, what to do next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from validator.reports.after import line_after
from validator.reports.display import marked, width_of, wrap
from validator.reports.escaping import guarded, printable
from validator.reports.model import Run
from validator.reports.words import FIXES, advice, findings_in_words, judgement, line_and_column, meaning
from validator.text.findings import Applicability, Finding, SeedReport, Severity, Verdict

RANGES_NAMED = 20  # ranges of lines that are named where there are more findings
COLUMNS_NAMED = 12  # columns of one line
RULES_NAMED = 4  # of each severity, of findings that are not shown

COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_VERDICT_COLORS = {Verdict.VALID: "green", Verdict.INVALID: "yellow"}


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes lines for a terminal: how wide they may be, and whether they have colors."""

    width: int
    color: bool

    def styled(self, text: str, **style: Any) -> str:
        """The text in a style of click: `fg` is its color, `bold` and `dim` its weight."""
        if not self.color or not any(style.values()):
            return text
        import click

        return click.style(text, **style)

    def paragraph(self, text: str, indent: str, hanging: str | None = None, **style: Any) -> list[str]:
        """A text, wrapped. A command in it can be pasted into a shell."""
        lines = wrap(printable(text), self.width, indent, hanging, for_paste=True)
        return [self.styled(line, **style) for line in lines]


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is shown of a seed: findings of one rule, the same of severity info, whether findings of one rule on one line
    are one entry, and the most lines (None for any number).

    Only in full it is said of a safe repair, too, what to do: the summary has the command for all of them.
    """

    of_a_rule: int = 10
    of_info: int = 3
    by_line: bool = False
    lines: int | None = None


FULL = Amount()
_LESS = (Amount(10, 3, True), Amount(5, 2, True), Amount(3, 1, True), Amount(1, 1, True))

Entry = tuple[Finding, ...]  # findings of one rule on one line, shown as one


def seed_lines(
    pen: Pen, run: Run, report: SeedReport, findings: Sequence[Finding], amount: Amount = FULL, others: int = 0,
    advised: set[str] | None = None,
) -> list[str]:  # fmt: skip
    """The lines on one seed. `findings` are those to list; `others` is how many more it has, told elsewhere.

    What to do is not said again for the rules in `advised`; those for which it is said now are added.
    """
    head, advised = _head(pen, report), set() if advised is None else advised
    if not findings:
        head.append("  No other findings." if others else "  No open findings are shown.")
        return [*head, ""]
    if amount.lines is None:
        return [*head, *_entries(pen, run, report, findings, amount, advised), ""]
    for less in _LESS:
        less = replace(less, lines=amount.lines)
        told = set(advised)
        lines = [*head, *_entries(pen, run, report, findings, less, told), ""]
        if len(lines) <= amount.lines:
            break
    else:
        told = set(advised)
        lines = _cut(pen, run, report, findings, less, told)
    advised |= told
    return lines


def _cut(
    pen: Pen, run: Run, report: SeedReport, findings: Sequence[Finding], amount: Amount, advised: set[str]
) -> list[str]:
    """As much as has room in so many lines, the most severe first, and how many more there are."""
    head, rank, limit = _head(pen, report), list(Severity), amount.lines or 0
    kept: list[Finding] = []
    for rule in sorted({(rank.index(each.severity), each.rule) for each in findings}):
        more = [*kept, *(each for each in findings if (rank.index(each.severity), each.rule) == rule)]
        more.sort(key=findings.index)
        if kept and len(head) + len([*_entries(pen, run, report, more, amount, set(advised))]) + 4 > limit:
            break
        kept = more
    lines = [*head, *_entries(pen, run, report, kept, amount, advised)]
    if rest := [each for each in findings if each not in kept]:
        command = f"`validator validate --full {run.argument(report.path)}`"
        lines += ["", *pen.paragraph(f"… and {_rest(rest)}: {command}", "  ", "    ", bold=True)]
    return [*lines, ""]


def _rest(findings: Sequence[Finding]) -> str:
    """How many findings of each severity are not shown, and their rules."""
    said = []
    for severity in Severity:
        rules = Counter(each.rule for each in findings if each.severity is severity)
        named = [rule for rule, _ in rules.most_common(RULES_NAMED)]
        if rules:
            more = ", …" if len(rules) > RULES_NAMED else ""
            number = findings_in_words({str(severity): rules.total()})
            said.append(f"{number} ({', '.join(named)}{more})")
    return ", ".join(said)


def _head(pen: Pen, report: SeedReport) -> list[str]:
    name = pen.styled(guarded(printable(report.path)), bold=True)
    if report.verdict is None:
        sentence = judgement(report)
        return [name, f"  {sentence[0].upper()}{sentence[1:]}"]
    source = report.source or "not identified"
    layout = f", layout {report.layout}" if report.layout else ""
    verdict = f"Verdict: {report.verdict} - {meaning(report)}"
    lines = [
        name,
        *pen.paragraph(f"Source: {source}{layout}{' (uncertain)' if _is_uncertain(report) else ''}", "  ", "    "),
        *pen.paragraph(verdict, "  ", "    ", fg=_VERDICT_COLORS.get(report.verdict, "red")),
    ]
    if report.fault is not None:
        lines += pen.paragraph(f"Fault of the program: {report.fault}", "  ", "    ")
    return lines


def _entries(
    pen: Pen, run: Run, report: SeedReport, findings: Sequence[Finding], amount: Amount, advised: set[str]
) -> Iterator[str]:
    for entry, more in _folded(_by_line(findings) if amount.by_line else [(each,) for each in findings], amount):
        finding = entry[0]
        yield ""
        yield from _entry(pen, entry)
        is_safe = finding.fix is not None and finding.fix.applicability is Applicability.SAFE
        if finding.rule not in advised and (amount.lines is None or not is_safe):
            advised.add(finding.rule)
            yield from pen.paragraph(
                advice(finding.rule, run.argument(report.path) if run.paths else ""), "    ", "      "
            )
        if more:
            yield from pen.paragraph(f"… {_more(more)}", "  ", "    ", dim=True)


def _entry(pen: Pen, entry: Entry) -> list[str]:
    finding, others = entry[0], entry[1:]
    color = COLORS[finding.severity]
    place = f"  {line_and_column(finding.start)}  "
    rule = f"  {printable(finding.rule)}"
    note = "  (the whole seed)" if finding.whole else f"  ({len(entry)} on this line)" if others else ""
    if len(place) + len(finding.severity) + len(rule) + len(note) > pen.width:
        note = ""
    lines = [place + pen.styled(finding.severity, fg=color, bold=True) + rule + note]
    lines += pen.paragraph(finding.message, "    ")
    if finding.excerpt and not finding.whole:
        lines += _excerpt(pen, finding, others, color)
    if others:
        columns = [str(each.start.column) for each in others]
        named, more = ", ".join(columns[:COLUMNS_NAMED]), len(columns) - COLUMNS_NAMED
        listed = f"also at {'column' if len(columns) == 1 else 'columns'} {named}"
        lines += pen.paragraph(listed + (f" and {more} more" if more > 0 else ""), "    ", "      ")
    for related in finding.related:
        lines += pen.paragraph(f"also at {line_and_column(related.start)}: {related.message}", "    ", "      ")
    if finding.fix is not None:
        style = "green" if finding.fix.applicability is Applicability.SAFE else None
        lines += pen.paragraph(f"{FIXES[finding.fix.applicability]}: {finding.fix.title}", "    ", "      ", fg=style)
        after = [] if finding.whole else line_after(finding, others, pen.width - len("    + "))
        if after:
            lines.append("    + " + "".join(pen.styled(text, fg="green" if flag else None) for text, flag in after))
    return lines


def _excerpt(pen: Pen, finding: Finding, others: Sequence[Finding], color: str) -> list[str]:
    room = pen.width - len("    | ")
    line, carets = marked(finding, room, others)
    last = last_line(finding)
    onward = f" on to line {last}"
    if last > finding.start.line and len(carets) + width_of(onward) <= room:
        carets += onward
    return [f"    | {line}", "    | " + pen.styled(carets, fg=color)]


def _is_uncertain(report: SeedReport) -> bool:
    """Whether the source is only the best match: its evidence begins with that word, or a finding says so."""
    return any(evidence.startswith("uncertain") for evidence in report.evidence) or any(
        finding.rule in ("source-uncertain", "source-ambiguous") for finding in report.findings
    )


def last_line(finding: Finding) -> int:
    """The last line on which a finding's span has a character. A span that ends with a line end is not on the next."""
    reaches = finding.end.column > 1 or finding.end.line == finding.start.line
    return finding.end.line if reaches else finding.end.line - 1


def _by_line(findings: Iterable[Finding]) -> list[Entry]:
    """Findings of one rule on one line together, in the order of the first of each."""
    entries: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        is_alone = finding.whole or finding.related or finding.end.line != finding.start.line
        tier = finding.fix and finding.fix.applicability
        kind = number if is_alone else (finding.rule, finding.severity, tier, finding.start.line)
        entries.setdefault(kind, []).append(finding)
    return [tuple(each) for each in entries.values()]


def _folded(entries: Sequence[Entry], amount: Amount) -> Iterator[tuple[Entry, list[Finding]]]:
    """The entries to show. The last one shown of a rule that repeats comes with the other findings of that rule."""
    alike: dict[tuple[str, Severity], list[Entry]] = defaultdict(list)
    for entry in entries:
        alike[entry[0].rule, entry[0].severity].append(entry)
    shown = Counter[tuple[str, Severity]]()
    for entry in entries:
        kind = (entry[0].rule, entry[0].severity)
        shown[kind] += 1
        limit = amount.of_info if entry[0].severity is Severity.INFO else amount.of_a_rule
        if shown[kind] <= limit:
            rest = alike[kind][limit:] if shown[kind] == limit else []
            yield entry, [finding for each in rest for finding in each]


def _more(findings: list[Finding]) -> str:
    """How many findings of one rule are not shown, and on which lines they are."""
    lines = dict.fromkeys(finding.start.line for finding in findings)
    runs = [[line for _, line in run] for _, run in groupby(enumerate(lines), key=lambda each: each[1] - each[0])]
    named = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:RANGES_NAMED])
    beyond = f" and further, up to line {runs[-1][-1]}" if len(runs) > RANGES_NAMED else ""
    return (
        f"and {len(findings):,} more of {findings[0].rule}, on {'line' if len(lines) == 1 else 'lines'} {named}{beyond}"
    )


def within(lines: int) -> Amount:
    """As much of a seed as has room in so many lines."""
    return replace(FULL, lines=lines)
