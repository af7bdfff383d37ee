"""The `github` format: workflow commands that GitHub turns into annotations, and a table for the summary of the step.

GitHub shows the first ten annotations of each level in a step. All are written, errors first, and a notice says how many
will not be seen. The runner takes back only the five escapes of `_property`; what is hostile in a terminal besides stays
escaped, so a file whose name holds such a character is named, but not linked.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from validator.reports.carried import UNJUDGED, Spool, judgement, open_findings, unjudged
from validator.reports.printable import HOSTILE, escaped, printable
from validator.reports.words import counted, verdicts_in_words
from validator.text.errors import ConfigError
from validator.text.findings import Severity
from validator.text.places import ORIGIN

if TYPE_CHECKING:
    from validator.text.findings import SeedReport, Totals
    from validator.text.places import Position

SHOWN = 10  # annotations of one level that GitHub shows of a step
LISTED = 20  # rules, and seeds that were not judged, in the summary

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MARKS = re.compile(r"[!-,.:-@\[-`{-~]")  # all that Markdown or HTML may take for more than text


class GithubReporter:
    """Writes errors as they come, warnings and notices after all of them."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._later = {Severity.WARNING: Spool(), Severity.INFO: Spool()}
        self._written = Counter[Severity]()
        self._sources: dict[str, Counter[str]] = {}
        self._rules: dict[str, Counter[Severity]] = {}
        self._unjudged: list[str] = []

    def seed(self, report: SeedReport) -> None:
        """Write the errors of one seed; keep the rest for later."""
        if report.verdict is not None:
            self._sources.setdefault(report.source or "none", Counter())[report.verdict] += 1
        if report.verdict in UNJUDGED and len(self._unjudged) < LISTED:
            self._unjudged.append(f"{report.path}: {judgement(report)}")
        if (said := unjudged(report)) is not None:
            self._write(report, Severity.ERROR, ORIGIN, ORIGIN, str(report.verdict), said)
        for finding in open_findings(report):
            self._rules.setdefault(finding.rule, Counter())[finding.severity] += 1
            self._write(report, finding.severity, finding.start, finding.end, finding.rule, finding.message)

    def finish(self, totals: Totals) -> None:
        """Write warnings, notices, and how many of all will not be seen; append to the summary of the step.

        Raises ConfigError where the file of the summary cannot be written.
        """
        self._later[Severity.WARNING].pass_on(self._out)
        unseen = sum(max(0, self._written[severity] - SHOWN) for severity in Severity)
        if unseen and self._written[Severity.INFO] >= SHOWN:
            # After ten others this notice would itself not be seen; before them it takes the place of one.
            self._say_how_many_are_not_seen(unseen + 1)
            self._later[Severity.INFO].pass_on(self._out)
        else:
            self._later[Severity.INFO].pass_on(self._out)
            if unseen:
                self._say_how_many_are_not_seen(unseen)
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            try:
                with Path(summary).open("a", encoding="utf-8", newline="\n") as file:
                    file.write(self._summary(totals))
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise ConfigError(f"the summary of the step cannot be written: {reason}", summary) from None

    def _write(
        self, report: SeedReport, severity: Severity, start: Position, end: Position, title: str, message: str
    ) -> None:
        place = f"line={start.line},col={start.column},endLine={end.line},endColumn={end.column}"
        named = f"file={_property(report.path)},{place},title={_property(title)}"
        out = self._later.get(severity, self._out)
        out.write(f"::{_COMMANDS[severity]} {named}::{_data(message)}\n")
        self._written[severity] += 1

    def _say_how_many_are_not_seen(self, number: int) -> None:
        not_shown = f"{counted(number, 'finding')} {'is' if number == 1 else 'are'} not shown"
        said = f"{not_shown}: of each level GitHub shows {SHOWN} a step. The log of this step has all of them."
        self._out.write(f"::notice title=validator::{_data(said)}\n")

    def _summary(self, totals: Totals) -> str:
        """The table in Markdown: verdicts by source, the rules that weigh most, and seeds that were not judged."""
        lines = [f"### validator: {counted(totals.seeds, 'seed')}: {verdicts_in_words(totals)}", ""]
        verdicts = [verdict for verdict, number in totals.verdicts.items() if number]
        if verdicts:
            rows = [
                [_markdown(source), *(_number(found[verdict]) for verdict in verdicts)]
                for source, found in sorted(self._sources.items())
            ]
            lines += _table(["source", *verdicts], rows)
        if self._rules:
            ranked = sorted(
                self._rules.items(), key=lambda entry: ([-entry[1][severity] for severity in Severity], entry[0])
            )
            rows = [
                [_markdown(rule), *(_number(found[severity]) for severity in Severity)]
                for rule, found in ranked[:LISTED]
            ]
            lines += _table(["rule", *Severity], rows)
            if len(ranked) > LISTED:
                lines += [f"and {counted(len(ranked) - LISTED, 'more rule')}", ""]
        lines += [f"- {_markdown(entry)}" for entry in self._unjudged]
        more = sum(totals.verdicts.get(verdict, 0) for verdict in UNJUDGED) - len(self._unjudged)
        if more > 0:
            lines.append(f"- and {counted(more, 'more seed')} that could not be judged")
        if totals.accepted or totals.baselined:
            known = f"{totals.accepted:,} accepted, {totals.baselined:,} known from the baseline"
            lines += [*([""] if lines[-1] else []), f"Findings that do not count: {known}"]
        return "\n".join(lines).rstrip("\n") + "\n\n"


def notice(message: str) -> str:
    """The command that shows a message about the run as a whole, which is neither an error nor about one seed."""
    return f"::warning title=Validate seeds::{_data(message)}"


def _data(text: str) -> str:
    """A message as it stands after the `::` of a command."""
    safe = HOSTILE.sub(lambda match: match[0] if match[0] in "\r\n" else escaped(match[0]), text)
    return safe.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A text as it stands between `=` and the next comma of a command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _markdown(text: str) -> str:
    """A text as it stands in Markdown, where it can be nothing but text."""
    return _MARKS.sub(lambda match: f"&#{ord(match[0])};", printable(text))


def _number(number: int) -> str:
    return f"{number:,}" if number else ""


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---", *("--:" for _ in head[1:])], *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]
