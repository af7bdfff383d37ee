"""The `github` format: workflow commands that GitHub turns into annotations, and a table for the summary of the step.

GitHub shows the first ten annotations of each level in a step. All are written, errors first, and a notice says how many
are not shown. The runner unescapes only the five escapes of `_property`. Whatever else is hostile in a terminal stays
escaped, so a file whose name holds such a character is named, but not linked.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from validator.reports.escaping import HOSTILE, escaped, printable
from validator.reports.model import Format, Reporter, Run, Spool
from validator.reports.words import ON_VERDICT, UNJUDGED, counted, entries_of, judgement, verdicts_in_words
from validator.text.errors import ConfigError
from validator.text.findings import Finding, SeedReport, Severity, Totals

SHOWN = 10  # annotations of one level that GitHub shows in a step
LISTED = 20  # rules, and seeds that were not judged, in the summary

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MARKS = re.compile(r"[!-,.:-@\[-`{-~]")  # everything that Markdown or HTML may not take for plain text


class GithubReporter(Reporter):
    """Writes errors as they come, warnings and notices after all of them."""

    def begin(self) -> None:
        """Prepare what is written later, and the counts of the summary."""
        self._later = {Severity.WARNING: Spool(), Severity.INFO: Spool()}
        self._written = Counter[Severity]()
        self._sources: dict[str, Counter[str]] = defaultdict(Counter)
        self._rules: dict[str, Counter[str]] = defaultdict(Counter)
        self._unjudged: list[str] = []

    def seed(self, report: SeedReport) -> None:
        """Write the errors of one seed; keep the rest for later."""
        if report.verdict is not None:
            self._sources[report.source or "none"][report.verdict] += 1
        if report.verdict in UNJUDGED and len(self._unjudged) < LISTED:
            self._unjudged.append(f"{report.path}: {judgement(report)}")
        for finding in entries_of(report):
            if finding.family != ON_VERDICT:
                self._rules[finding.rule][finding.severity] += 1
            self._written[finding.severity] += 1
            self._later.get(finding.severity, self.out).write(_command(report, finding))

    def finish(self, totals: Totals) -> None:
        """Write warnings, notices, and how many annotations are not shown; append to the summary of the step.

        Raises ConfigError if the file of the summary cannot be written.
        """
        self._later[Severity.WARNING].pass_on(self.out)
        unseen = sum(max(0, self._written[severity] - SHOWN) for severity in Severity)
        # After ten other notices this one would not be shown. Before them it takes the place of one.
        is_crowded = self._written[Severity.INFO] >= SHOWN
        sentence = _not_shown(unseen + is_crowded) if unseen else ""
        self.out.write(sentence * is_crowded)
        self._later[Severity.INFO].pass_on(self.out)
        self.out.write(sentence * (not is_crowded))
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            try:
                with Path(summary).open("a", encoding="utf-8", newline="\n") as file:
                    file.write(self._summary(totals))
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise ConfigError(f"the summary of the step cannot be written: {reason}", summary) from None

    def _summary(self, totals: Totals) -> str:
        """The table in Markdown: verdicts by source, the rules with most findings, and seeds that were not judged."""
        ranked = sorted(self._rules.items(), key=lambda row: ([-row[1][severity] for severity in Severity], row[0]))
        blocks = [
            f"### validator: {counted(totals.seeds, 'seed')}: {verdicts_in_words(totals)}",
            _table(
                "source",
                [verdict for verdict, number in totals.verdicts.items() if number],
                dict(sorted(self._sources.items())),
            ),
            _table("rule", list(Severity), dict(ranked[:LISTED]), self.setting.run),
        ]
        if len(ranked) > LISTED:
            blocks.append(f"and {counted(len(ranked) - LISTED, 'more rule')}")
        unjudged = [f"- {_markdown(entry)}" for entry in self._unjudged]
        more = sum(totals.verdicts.get(verdict, 0) for verdict in UNJUDGED) - len(unjudged)
        if more > 0:
            unjudged.append(f"- and {counted(more, 'more seed')} that could not be judged")
        blocks.append("\n".join(unjudged))
        if totals.accepted or totals.baselined:
            known = f"{totals.accepted:,} accepted, {totals.baselined:,} known from the baseline"
            blocks.append(f"Findings that do not count: {known}")
        return "\n\n".join(filter(None, blocks)) + "\n\n"


def notice(message: str) -> str:
    """The command that shows a message about the run as a whole."""
    return f"::warning title=Validate seeds::{_message(message)}"


def _not_shown(number: int) -> str:
    missing = f"{counted(number, 'finding')} {'is' if number == 1 else 'are'} not shown"
    sentence = f"{missing}: GitHub shows {SHOWN} of each level in a step. The log of this step has all of them."
    return f"::notice title=validator::{_message(sentence)}\n"


def _command(report: SeedReport, finding: Finding) -> str:
    start, end = finding.start, finding.end
    place = f"line={start.line},col={start.column},endLine={end.line},endColumn={end.column}"
    named = f"file={_property(report.path)},{place},title={_property(finding.rule)}"
    return f"::{_COMMANDS[finding.severity]} {named}::{_message(finding.message)}\n"


def _message(text: str) -> str:
    """A message, safe after the `::` of a command."""
    safe = HOSTILE.sub(lambda match: match[0] if match[0] in "\r\n" else escaped(match[0]), text)
    return safe.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A text, safe between `=` and the next comma of a command."""
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _markdown(text: str) -> str:
    """A text that Markdown takes for text only."""
    return _MARKS.sub(lambda match: f"&#{ord(match[0])};", printable(text))


def _table(title: str, columns: Sequence[str], rows: Mapping[str, Counter[str]], linked: Run | None = None) -> str:
    """A table of counts, empty without rows. With `linked`, rows are rules, with links to their pages."""
    lines = [[title, *columns], ["---", *("--:" for _ in columns)]]
    for name, counts in rows.items():
        url = linked.url_of(name) if linked is not None else ""
        shown = f"[{_markdown(name)}]({url})" if url else _markdown(name)
        lines.append([shown, *(f"{counts[each]:,}" if counts[each] else "" for each in columns)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) if rows else ""


FORMAT = Format("annotations, and a table in the summary of the step", GithubReporter)
