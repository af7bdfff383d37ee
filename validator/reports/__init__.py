"""Reports on many seeds, one module a format, each streaming: a reporter holds no seed after it has written it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

from validator.reports.printable import printable
from validator.text.findings import Applicability, SeedReport, Severity, Status, Totals, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FORMATS", "Profile", "Reporter", "Tally", "open_report", "printable", "statistics", "tally", "tool_version"]

FORMATS = ("text", "concise", "json", "jsonl", "html", "sarif", "github", "gitlab", "junit", "rdjsonl")

# Best first, as summaries list them.
_VERDICTS = (
    Verdict.VALID,
    Verdict.INVALID,
    Verdict.MALFORMED,
    Verdict.UNIDENTIFIED,
    Verdict.UNREADABLE,
    Verdict.UNCHECKED,
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a run was told: digests of its schemas and of its configuration (None without one), the rules whose findings
    it was told not to show, and whether it was given a baseline.
    """

    schemas_sha256: str | None = None
    config_sha256: str | None = None
    rules_not_shown: tuple[str, ...] = ()
    has_baseline: bool = False


class Reporter(Protocol):
    """Writes a report as it goes: `seed` for each seed in the order of their paths, then `finish` once."""

    def seed(self, report: SeedReport) -> None:
        """Write what is said of one seed."""

    def finish(self, totals: Totals) -> None:
        """Write what the run adds up to, and close what is open."""


class Tally:
    """Adds up reports one by one. An entry that is no seed (an orphaned sidecar) counts with its findings only."""

    __slots__ = ("_by_rule", "_findings", "_fixable", "_seeds", "_sourceless", "_statuses", "_verdicts")

    def __init__(self) -> None:
        self._seeds = 0
        self._verdicts = Counter[Verdict]()
        self._findings = Counter[Severity]()
        self._statuses = Counter[Status]()
        self._fixable = Counter[Applicability]()
        self._by_rule = Counter[str]()
        self._sourceless = 0

    def add(self, report: SeedReport) -> None:
        """Count one report."""
        if report.verdict is not None:
            self._seeds += 1
            self._verdicts[report.verdict] += 1
        for finding in report.findings:
            self._statuses[finding.status] += 1
            if finding.status is Status.OPEN:
                self._findings[finding.severity] += 1
                self._by_rule[finding.rule] += 1
                if finding.fix is not None:
                    self._fixable[finding.fix.applicability] += 1
                    self._sourceless += report.source is None

    def totals(self) -> Totals:
        """What has been counted so far, every verdict and severity named; fixes that are only shown are not counted."""
        return Totals(
            seeds=self._seeds,
            verdicts={verdict.value: self._verdicts[verdict] for verdict in _VERDICTS},
            findings={severity.value: self._findings[severity] for severity in Severity},
            accepted=self._statuses[Status.ACCEPTED],
            baselined=self._statuses[Status.BASELINED],
            fixable={tier.value: self._fixable[tier] for tier in (Applicability.SAFE, Applicability.UNSAFE)},
            by_rule=dict(self._by_rule),
            sourceless=self._sourceless,
        )


def tally(reports: Iterable[SeedReport]) -> Totals:
    """What reports add up to."""
    counting = Tally()
    for report in reports:
        counting.add(report)
    return counting.totals()


def statistics(totals: Totals) -> str:
    """A table of open findings by rule, the commonest first: a line a rule, its count and its name."""
    ranked = sorted(totals.by_rule.items(), key=lambda entry: (-entry[1], entry[0]))
    column = max((len(f"{number:,}") for _, number in ranked), default=0)
    return "".join(f"{number:{column},}  {printable(rule)}\n" for rule, number in ranked)


def tool_version() -> str:
    """The version of this program."""
    from validator import __version__

    return __version__


def open_report(
    format: str,  # noqa: A002
    out: TextIO,
    *,
    profile: Profile,
    color: bool = False,
    width: int = 80,
    verbose: bool = False,
    notes: TextIO | None = None,
) -> Reporter:
    """A reporter that writes `format` to `out`, which the caller closes. Only that format's module is imported.

    `color`, `width` (in cells) and `verbose` (valid seeds without findings are listed too) are for the text format.
    `notes` takes what is no finding, for a format whose summary does not stand in the report. Raises ValueError for an
    unknown format. Not handled: characters that the encoding of `out` does not have; open it with an error handler.
    """
    match format:
        case "text":
            from validator.reports.text import TextReporter

            return TextReporter(out, profile, color=color, width=width, verbose=verbose)
        case "concise":
            from validator.reports.concise import ConciseReporter

            return ConciseReporter(out, notes)
        case "json":
            from validator.reports.document import DocumentReporter

            return DocumentReporter(out, profile)
        case "jsonl":
            from validator.reports.jsonl import LinesReporter

            return LinesReporter(out, profile)
        case "html":
            from validator.reports.html import HtmlReporter

            return HtmlReporter(out, profile)
        case "sarif":
            from validator.reports.sarif import SarifReporter

            return SarifReporter(out, profile)
        case "github":
            from validator.reports.github import GithubReporter

            return GithubReporter(out)
        case "gitlab":
            from validator.reports.gitlab import GitlabReporter

            return GitlabReporter(out)
        case "junit":
            from validator.reports.junit import JunitReporter

            return JunitReporter(out)
        case "rdjsonl":
            from validator.reports.rdjsonl import DiagnosticsReporter

            return DiagnosticsReporter(out)
    raise ValueError(f'report format "{format}" is not one of {", ".join(FORMATS)}')
