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

from validator.reports.display import marked
from validator.reports.escaping import escape, printable
from validator.reports.model import Format, Reporter, Spool
from validator.reports.words import finding_line, judgement, open_findings, unjudged
from validator.text.findings import Finding, SeedReport, Severity, Totals, Verdict

_WIDTH = 100  # cells of an excerpt
_FORBIDDEN = re.compile("[\ufffe\uffff]")  # the characters that XML cannot hold and a terminal can
_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}
_NO_SOURCE = "no source"


class JunitReporter(Reporter):
    """Keeps the testcases of each source, and writes them at the end."""

    def begin(self) -> None:
        """Prepare the suites and their counts."""
        self._cases: dict[str, Spool] = defaultdict(Spool)
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def seed(self, report: SeedReport) -> None:
        """Keep the testcase of one seed."""
        source = report.source or _NO_SOURCE
        findings = open_findings(report)
        message = unjudged(report)
        is_error = message is not None or report.verdict in (Verdict.UNREADABLE, Verdict.UNCHECKED)
        kind = "error" if is_error else "failure"
        url_of = self.setting.run.url_of
        wrong = [
            _outcome(kind, report, finding, url_of(finding.rule))
            for finding in findings
            if finding.severity is Severity.ERROR
        ]
        if message is not None:
            wrong.append(f"<error{_attributes(type=str(report.verdict), message=message)}/>\n")
        self._counts[source]["tests"] += 1
        self._counts[source][f"{kind}s"] += bool(wrong)
        lines = [judgement(report), *(finding_line(report, finding) for finding in findings)]
        begin = f"<testcase{_attributes(classname=source, name=report.path)}>\n{''.join(wrong)}"
        self._cases[source].write(f"{begin}<system-out>{_text(lines)}</system-out>\n</testcase>\n")

    def finish(self, totals: Totals) -> None:
        """Write all suites, the one of seeds without a source last."""
        total = sum(self._counts.values(), Counter[str]())
        self.out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        self.out.write(f"<testsuites{_attributes(name='validator', **_numbers(total))}>\n")
        for name in sorted(self._cases, key=lambda name: (name == _NO_SOURCE, name)):
            numbers = _numbers(self._counts[name])
            self.out.write(f"<testsuite{_attributes(name=name, **numbers, skipped='0')}>\n")
            self._cases[name].pass_on(self.out)
            self.out.write("</testsuite>\n")
        self.out.write("</testsuites>\n")


def _outcome(kind: str, report: SeedReport, finding: Finding, url: str) -> str:
    """A failure, or an error: the place of the finding, the line on which it begins, and the page of the rule."""
    lines = [finding_line(report, finding)]
    if finding.excerpt and not finding.whole:
        lines += [f"    | {part}" for part in marked(finding, _WIDTH)]
    if url:
        lines.append(f"About {finding.rule}: {url}")
    return f"<{kind}{_attributes(type=finding.rule, message=finding.message)}>{_text(lines)}</{kind}>\n"


def _numbers(counts: Counter[str]) -> dict[str, str]:
    return {name: str(counts[name]) for name in ("tests", "failures", "errors")}


def _attributes(**attributes: str) -> str:
    return "".join(f' {name}="{_text([text])}"' for name, text in attributes.items())


def _text(lines: list[str]) -> str:
    """Lines, safe in an element; one line is safe in an attribute."""
    return "\n".join(escape(_FORBIDDEN, printable(line)).translate(_ENTITIES) for line in lines)


FORMAT = Format("one suite per source, one test per seed", JunitReporter)
