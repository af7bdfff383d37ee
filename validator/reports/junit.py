"""The `junit` format: a testsuite a source, a testcase a seed, a failure an open error.

A warning is no failed test, so what is no error stands in `system-out`. There all open findings of the seed stand, a line
each as in the concise format: some programs show only the first failure of a testcase. Of a seed that was not read, or that
the program failed on, errors are `error`. Counts are of testcases.

Suites come by name. Each is kept apart until the run is over, since its counts come first: in a file of its own once it is
large. Not handled: more large suites than a process may have open files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from validator.reports.carried import Spool, judgement, open_findings, unjudged
from validator.reports.concise import concise_line
from validator.reports.display import marked
from validator.reports.printable import escaped, printable
from validator.text.findings import Severity, Verdict

if TYPE_CHECKING:
    from validator.text.findings import Finding, SeedReport, Totals

_WIDTH = 100  # cells of an excerpt
_FORBIDDEN = re.compile("[\ufffe\uffff]")  # the characters that XML cannot hold and a terminal can
_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}
_NO_SOURCE = "no source"


@dataclass(slots=True)
class _Suite:
    """The testcases of one source, and how many of them there are."""

    cases: Spool = field(default_factory=Spool)
    tests: int = 0
    failures: int = 0
    errors: int = 0


class JunitReporter:
    """Keeps the testcases of each source apart, and writes them at the end."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._suites: dict[str, _Suite] = {}

    def seed(self, report: SeedReport) -> None:
        """Keep the testcase of one seed."""
        source = report.source or _NO_SOURCE
        suite = self._suites.get(source)
        if suite is None:
            suite = self._suites[source] = _Suite()
        suite.tests += 1
        suite.cases.write(f'<testcase classname="{_attribute(source)}" name="{_attribute(report.path)}">\n')
        findings = open_findings(report)
        is_error = report.verdict in (Verdict.UNREADABLE, Verdict.UNCHECKED)
        wrong = [_outcome(report, finding, is_error) for finding in findings if finding.severity is Severity.ERROR]
        if (said := unjudged(report)) is not None:
            is_error = True
            wrong.append(f'<error type="{report.verdict}" message="{_attribute(said)}"/>\n')
        if wrong:
            suite.errors += is_error
            suite.failures += not is_error
        suite.cases.write("".join(wrong))
        lines = [judgement(report), *(concise_line(report, finding) for finding in findings)]
        suite.cases.write(f"<system-out>{_text(lines)}</system-out>\n</testcase>\n")

    def finish(self, totals: Totals) -> None:
        """Write all suites, those of seeds without a source last."""
        suites = sorted(self._suites.items(), key=lambda entry: (entry[0] == _NO_SOURCE, entry[0]))
        counts = _counts(
            sum(suite.tests for _, suite in suites),
            sum(suite.failures for _, suite in suites),
            sum(suite.errors for _, suite in suites),
        )
        self._out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="validator" {counts}>\n')
        for name, suite in suites:
            counts = _counts(suite.tests, suite.failures, suite.errors)
            self._out.write(f'<testsuite name="{_attribute(name)}" {counts} skipped="0">\n')
            suite.cases.pass_on(self._out)
            self._out.write("</testsuite>\n")
        self._out.write("</testsuites>\n")


def _outcome(report: SeedReport, finding: Finding, is_error: bool) -> str:
    """A failure, or an error, with the place of the finding and the line on which it begins."""
    kind = "error" if is_error else "failure"
    lines = [concise_line(report, finding)]
    if finding.excerpt and not finding.whole:
        lines += [f"    | {part}" for part in marked(finding, _WIDTH)]
    attributes = f'type="{_attribute(finding.rule)}" message="{_attribute(finding.message)}"'
    return f"<{kind} {attributes}>{_text(lines)}</{kind}>\n"


def _counts(tests: int, failures: int, errors: int) -> str:
    return f'tests="{tests}" failures="{failures}" errors="{errors}"'


def _attribute(text: str) -> str:
    """A text on one line, as it stands in an attribute."""
    return _FORBIDDEN.sub(lambda match: escaped(match[0]), printable(text)).translate(_ENTITIES)


def _text(lines: list[str]) -> str:
    """Lines as they stand in an element."""
    return "\n".join(map(_attribute, lines))
