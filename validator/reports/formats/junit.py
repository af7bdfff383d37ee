"""The `junit` format: one testsuite per source, one testcase per seed, one failure per open error.

A warning fails no test. `system-out` lists all open findings of the seed, one line each as in the concise format: some
programs show only the first failure of a testcase. For a seed that could not be read, or that the program failed on, errors
are `error`. Counts are of testcases.

Suites are sorted by name. Each is kept until the run is over, since its counts come first: in a file of its own once it is
large. Does not handle more large suites than a process may have open files.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from validator.reports.carried import finding_line, judgement, open_findings, unjudged
from validator.reports.display import marked
from validator.reports.escaping import escape_match, printable
from validator.reports.model import Format, Reporter, Setting
from validator.reports.spool import Spool
from validator.text.findings import Severity, Verdict

if TYPE_CHECKING:
    from typing import TextIO

    from validator.text.findings import Finding, SeedReport, Totals

_WIDTH = 100  # cells of an excerpt
_FORBIDDEN = re.compile("[\ufffe\uffff]")  # the characters that XML cannot hold and a terminal can
_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}
_NO_SOURCE = "no source"
_COUNTED = ("tests", "failures", "errors")


class JunitReporter(Reporter):
    """Keeps the testcases of each source, and writes them at the end."""

    def __init__(self, out: TextIO, setting: Setting) -> None:
        super().__init__(out, setting)
        self._cases: dict[str, Spool] = defaultdict(Spool)
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def seed(self, report: SeedReport) -> None:
        """Keep the testcase of one seed."""
        source = report.source or _NO_SOURCE
        cases, counts = self._cases[source], self._counts[source]
        findings = open_findings(report)
        is_error = report.verdict in (Verdict.UNREADABLE, Verdict.UNCHECKED)
        wrong = [_outcome(report, finding, is_error) for finding in findings if finding.severity is Severity.ERROR]
        if (message := unjudged(report)) is not None:
            is_error = True
            wrong.append(f'<error type="{report.verdict}" message="{_attribute(message)}"/>\n')
        counts["tests"] += 1
        counts["errors" if is_error else "failures"] += bool(wrong)
        lines = [judgement(report), *(finding_line(report, finding) for finding in findings)]
        cases.write(f'<testcase classname="{_attribute(source)}" name="{_attribute(report.path)}">\n{"".join(wrong)}')
        cases.write(f"<system-out>{_text(lines)}</system-out>\n</testcase>\n")

    def finish(self, totals: Totals) -> None:
        """Write all suites, the one of seeds without a source last."""
        total = sum(self._counts.values(), Counter[str]())
        self.out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="validator"{_numbers(total)}>\n')
        for name in sorted(self._cases, key=lambda name: (name == _NO_SOURCE, name)):
            numbers = _numbers(self._counts[name])
            self.out.write(f'<testsuite name="{_attribute(name)}"{numbers} skipped="0">\n')
            self._cases[name].pass_on(self.out)
            self.out.write("</testsuite>\n")
        self.out.write("</testsuites>\n")


def _outcome(report: SeedReport, finding: Finding, is_error: bool) -> str:
    """A failure, or an error, with the place of the finding and the line on which it begins."""
    kind = "error" if is_error else "failure"
    lines = [finding_line(report, finding)]
    if finding.excerpt and not finding.whole:
        lines += [f"    | {part}" for part in marked(finding, _WIDTH)]
    attributes = f'type="{_attribute(finding.rule)}" message="{_attribute(finding.message)}"'
    return f"<{kind} {attributes}>{_text(lines)}</{kind}>\n"


def _numbers(counts: Counter[str]) -> str:
    return "".join(f' {name}="{counts[name]}"' for name in _COUNTED)


def _attribute(text: str) -> str:
    """A text on one line, safe in an attribute."""
    return _FORBIDDEN.sub(escape_match, printable(text)).translate(_ENTITIES)


def _text(lines: list[str]) -> str:
    """Lines, safe in an element."""
    return "\n".join(map(_attribute, lines))


FORMAT = Format("one suite per source, one test per seed", JunitReporter)
