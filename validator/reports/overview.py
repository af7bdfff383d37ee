"""A run with many findings, told on one screen: by rule, what is the same in many seeds, and the seeds with most findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from heapq import nlargest

from validator.reports.display import width_of
from validator.reports.escaping import printable
from validator.reports.listing import COLORS, Pen
from validator.reports.words import FIXES, advice, counted, findings_in_words
from validator.text.findings import Applicability, Finding, SeedReport, Severity

MESSAGES = 100  # different findings of one rule that are counted one by one; what comes later is counted with its rule
NAMED = 3  # seeds that are named of those with an equal finding
FEWEST = 4  # seeds that have an equal finding, for it to be told once
# Rules, equal findings, seeds; and whether it says what to do about an equal finding.
_SIZES = ((20, 5, 5, True), (20, 4, 3, True), (20, 5, 5, False), (16, 4, 5, False), (12, 3, 5, False), (8, 1, 3, False))

Kind = tuple[str, Severity, str, str]  # of equal findings: rule, severity, message, and the fix


def kind_of(finding: Finding) -> Kind:
    """What makes findings of several seeds equal."""
    fix = f"{finding.fix.applicability}: {finding.fix.title}" if finding.fix is not None else ""
    return finding.rule, finding.severity, finding.message, fix


class Overview:
    """Counts findings while a run goes on. It holds no seed, but the names of a few."""

    def __init__(self) -> None:
        self._by_rule = Counter[tuple[str, Severity]]()
        self._seeds = Counter[tuple[str, Severity]]()
        self._fixes = Counter[tuple[str, Severity, Applicability]]()
        self._equal: dict[tuple[str, Severity], dict[Kind, list[str]]] = defaultdict(dict)
        self._times = Counter[Kind]()
        self._worst: list[tuple[tuple[int, ...], str, dict[str, int]]] = []

    def add(self, report: SeedReport, findings: Sequence[Finding]) -> None:
        """Count the open findings of one seed."""
        rules: set[tuple[str, Severity]] = set()
        kinds: set[Kind] = set()
        for finding in findings:
            rule = finding.rule, finding.severity
            self._by_rule[rule] += 1
            rules.add(rule)
            if finding.fix is not None:
                self._fixes[(*rule, finding.fix.applicability)] += 1
            kind = kind_of(finding)
            known = self._equal[rule]
            if kind in kinds or (kind not in known and len(known) >= MESSAGES):
                continue
            kinds.add(kind)
            self._times[kind] += 1
            names = known.setdefault(kind, [])
            if len(names) < NAMED:
                place = "" if finding.whole else f":{finding.start.line}"
                names.append(printable(report.path) + place)
        self._seeds.update(rules)
        numbers = Counter(str(finding.severity) for finding in findings)
        weight = tuple(numbers[severity] for severity in Severity)
        if findings:
            self._worst.append((weight, printable(report.path), dict(numbers)))
        if len(self._worst) > 50:
            self._worst = self._ranked(5)

    def _ranked(self, number: int) -> list[tuple[tuple[int, ...], str, dict[str, int]]]:
        return nlargest(number, self._worst, key=lambda each: each[0])  # of equal ones, the first come first

    def lines(self, pen: Pen, room: int, paths: str) -> list[str]:
        """The overview in at most `room` lines, if that is possible. `paths` are the arguments of a command on the same seeds."""
        for rules, equal, seeds, advises in _SIZES:
            lines = [*self._table(pen, rules), *self._repeated(pen, equal, advises), *self._seeds_first(pen, seeds)]
            lines += [*_how_to_see(pen, paths, self._ordered()[0][0]), ""]
            if len(lines) <= room:
                break
        return lines

    def repeated(self) -> dict[Kind, int]:
        """The findings that several seeds have, with the number of seeds."""
        return {kind: times for kind, times in self._times.most_common() if times >= FEWEST}

    def shared(self, pen: Pen) -> list[str]:
        """Equal findings of several seeds, each told once with all that a person needs."""
        lines: list[str] = []
        for kind, times in self.repeated().items():
            lines += ["", *repeated_lines(pen, kind, times, self._equal[kind[0], kind[1]][kind])]
        return [pen.styled("The same in several seeds", bold=True), *lines, ""] if lines else []

    def _ordered(self) -> list[tuple[str, Severity]]:
        rank = {severity: number for number, severity in enumerate(Severity)}
        return sorted(self._by_rule, key=lambda rule: (rank[rule[1]], -self._by_rule[rule], rule[0]))

    def _table(self, pen: Pen, most: int) -> list[str]:
        """A row for each rule, errors first: severity, seeds, findings, and how many can be fixed."""
        ordered = self._ordered()
        rows: list[tuple[str, ...]] = [("rule", "severity", "seeds", "findings", "safe", "proposals")]
        for rule in ordered[:most]:
            fixes = (self._fixes[(*rule, each)] for each in (Applicability.SAFE, Applicability.UNSAFE))
            numbers = (self._seeds[rule], self._by_rule[rule], *fixes)
            rows.append((printable(rule[0]), rule[1].value, *(f"{number:,}" if number else "" for number in numbers)))
        wide = [max(width_of(row[column]) for row in rows) for column in range(6)]
        wide[0] = max(8, min(wide[0], pen.width - sum(wide[1:]) - 2 * 6))
        lines = [pen.styled("Findings by rule", bold=True)]
        for number, row in enumerate(rows):
            name = row[0] if width_of(row[0]) <= wide[0] else row[0][: wide[0] - 1] + "…"
            severity = f"{row[1]:{wide[1]}}"
            severity = pen.styled(severity, fg=COLORS[ordered[number - 1][1]]) if number else severity
            cells = "  ".join(f"{cell:>{column}}" for cell, column in zip(row[2:], wide[2:], strict=True))
            lines.append(f"  {name:{wide[0]}}  {severity}  {cells}".rstrip())
        if len(ordered) > most:
            left = sum(self._by_rule[rule] for rule in ordered[most:])
            lines.append(f"  and {counted(len(ordered) - most, 'more rule')} with {counted(left, 'finding')}")
        return [*lines, ""]

    def _repeated(self, pen: Pen, most: int, advises: bool) -> list[str]:
        """What is equal in several seeds, told once."""
        ranked = list(self.repeated().items())[:most]
        if not ranked:
            return []
        lines = [pen.styled("The same in many seeds", bold=True)]
        advised: set[str] = set()
        for kind, times in ranked:
            rule, _, message, _ = kind
            lines += pen.paragraph(f"{counted(times, 'seed')}: {rule}: {message}", "  ", "      ")
            lines += pen.paragraph(_where(self._equal[kind[0], kind[1]][kind], times), "      ")
            if advises and rule not in advised:
                advised.add(rule)
                lines += pen.paragraph(advice(rule), "      ", "        ")
        return [*lines, ""]

    def _seeds_first(self, pen: Pen, most: int) -> list[str]:
        ranked = self._ranked(most)
        if len(ranked) < 2:
            return []
        lines = [pen.styled("Seeds to begin with", bold=True)]
        for _, name, numbers in ranked:
            lines += pen.paragraph(f"{name}: {findings_in_words(numbers)}", "  ", "      ")
        return [*lines, ""]


def repeated_lines(pen: Pen, kind: Kind, times: int, names: Sequence[str]) -> list[str]:
    """A finding that several seeds have, with the names of the first three, its fix, and what to do."""
    rule, severity, message, fix = kind
    lines = [f"  {counted(times, 'seed')}  {pen.styled(severity, fg=COLORS[severity], bold=True)}  {printable(rule)}"]
    lines += [*pen.paragraph(message, "    "), *pen.paragraph(_where(names, times), "    ", "      ")]
    if fix:
        tier, _, title = fix.partition(": ")
        style = "green" if tier == Applicability.SAFE else None
        lines += pen.paragraph(f"{FIXES[Applicability(tier)]}: {title}", "    ", "      ", fg=style)
    return [*lines, *pen.paragraph(advice(rule), "    ", "      ")]


def _where(names: Sequence[str], times: int) -> str:
    named, more = ", ".join(names[:NAMED]), times - len(names[:NAMED])
    return f"{named} and {more:,} more" if more else named


def _how_to_see(pen: Pen, paths: str, rule: str) -> list[str]:
    """The commands that show more."""
    every, one = f"`validator validate --full {paths}`", f"`validator validate --select {rule} {paths}`"
    return pen.paragraph(f"Each finding at its place: {every}; one rule alone: {one}", "", "  ")
