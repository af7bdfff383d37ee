"""What all formats share: the declaration of a format, a reporter, what it is told, and the counting of reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

from validator.reports.escaping import printable
from validator.text.findings import Applicability, SeedReport, Severity, Status, Totals, Verdict

_BEST_FIRST = (
    *(Verdict.VALID, Verdict.INVALID, Verdict.MALFORMED),
    *(Verdict.UNIDENTIFIED, Verdict.UNREADABLE, Verdict.UNCHECKED),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """How a run was configured: digests of its schemas and its configuration (None without one), the rules whose findings
    are not shown, and whether it had a baseline.
    """

    schemas_sha256: str | None = None
    config_sha256: str | None = None
    rules_not_shown: tuple[str, ...] = ()
    has_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What a reporter is told. `color`, `width` (in cells), `verbose` (list valid seeds too) and `quiet` (no summary) are for
    the formats that people read. `notes` takes the summary of a format that has no place for one.
    """

    profile: Profile = Profile()
    color: bool = False
    width: int = 80
    verbose: bool = False
    quiet: bool = False
    notes: TextIO | None = None


class Reporter(ABC):
    """Writes a report as it goes: `seed` for each seed in the order of their paths, then `finish` once.

    It holds no seed in memory after it has written it.
    """

    def __init__(self, out: TextIO, setting: Setting) -> None:
        self.out = out
        self.setting = setting

    @abstractmethod
    def seed(self, report: SeedReport) -> None:
        """Write one seed."""

    @abstractmethod
    def finish(self, totals: Totals) -> None:
        """Write the totals of the run, and close what is open."""


@dataclass(frozen=True, slots=True)
class Format:
    """What the module of a format declares as `FORMAT`. The format has the name of its module.

    `summary` says in one line what a report in this format is; the table in `docs/formats.md` begins with the same words.
    """

    summary: str
    reporter: type[Reporter]


class Tally:
    """Adds up reports one by one. An entry that is no seed (a sidecar without its seed) counts with its findings only."""

    def __init__(self) -> None:
        self._verdicts = Counter[Verdict]()
        self._findings = Counter[Severity]()
        self._statuses = Counter[Status]()
        self._fixable = Counter[Applicability]()
        self._by_rule = Counter[str]()
        self._sourceless = 0

    def add(self, report: SeedReport) -> None:
        """Count one report."""
        if report.verdict is not None:
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
        """The counts so far, with every verdict and severity named. Fixes that are only shown are not counted."""
        return Totals(
            seeds=self._verdicts.total(),
            verdicts={verdict.value: self._verdicts[verdict] for verdict in _BEST_FIRST},
            findings={severity.value: self._findings[severity] for severity in Severity},
            accepted=self._statuses[Status.ACCEPTED],
            baselined=self._statuses[Status.BASELINED],
            fixable={tier.value: self._fixable[tier] for tier in (Applicability.SAFE, Applicability.UNSAFE)},
            by_rule=dict(self._by_rule),
            sourceless=self._sourceless,
        )


def tally(reports: Iterable[SeedReport]) -> Totals:
    """The totals of some reports."""
    counting = Tally()
    for report in reports:
        counting.add(report)
    return counting.totals()


def statistics(totals: Totals) -> str:
    """A table of open findings by rule, the most frequent first: one line per rule, its count and its name."""
    ranked = sorted(totals.by_rule.items(), key=lambda entry: (-entry[1], entry[0]))
    column = max((len(f"{number:,}") for _, number in ranked), default=0)
    return "".join(f"{number:{column},}  {printable(rule)}\n" for rule, number in ranked)


def tool_version() -> str:
    """The version of this program."""
    from validator import __version__

    return __version__
