"""What all formats share: their declaration and their names, the reporter and its settings, and the counting of reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple, TextIO

from validator.reports.escaping import printable
from validator.text.findings import Applicability, SeedReport, Severity, Status, Totals, Verdict

if TYPE_CHECKING:
    from validator.reports.trend import Earlier

FILE = "FILE"  # what a hint says for the name of a seed
FORMATS = tuple(sorted(module.name for module in iter_modules([str(Path(__file__).with_name("formats"))])))
_BEST_FIRST = (
    *(Verdict.VALID, Verdict.INVALID, Verdict.MALFORMED),
    *(Verdict.UNIDENTIFIED, Verdict.UNREADABLE, Verdict.UNCHECKED),
)
_IN_MEMORY = 1 << 15  # bytes of a spool


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
class Run:
    """How the program was called, for the commands that a report proposes and for its head. What is unknown is empty.

    `command` is the command line, `paths` the arguments of a command on the same seeds, ready for a shell, and `here` where the
    root lies, seen from the working directory. `rule_url` is the address of a rule's page, with `{rule}` in it.
    """

    command: str = ""
    paths: str = ""
    here: str = ""
    root: str = ""
    commit: str = ""
    began: str = ""
    rule_url: str = ""

    def argument(self, path: str) -> str:
        """The name of a seed as an argument in a shell; `FILE` if it cannot be written as one."""
        given = f"{self.here}{path}" if self.here and not path.startswith("/") else path
        return FILE if printable(given) != given or given == "-" else quote(given)

    def url_of(self, rule: str) -> str:
        """The address of a rule's page; empty without one."""
        return self.rule_url.replace("{rule}", rule)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a reporter is told. `color`, `width` (in cells), `verbose` (list valid seeds too) and `quiet` (only one line of
    summary) are for the formats that people read; so is `full`: every finding at its place, however many there are. A format
    that has no place for a summary writes it to `notes`. `since` is an earlier report to compare with. `text_of` gives the
    text of a seed as it was checked, None if it is no longer so.
    """

    profile: Profile = Profile()
    color: bool = False
    width: int = 80
    verbose: bool = False
    quiet: bool = False
    notes: TextIO | None = None
    full: bool = True
    run: Run = Run()
    since: Since | None = None
    text_of: Callable[[SeedReport], str | None] | None = None


class Since(NamedTuple):
    """An earlier report: its name, and its seeds."""

    name: str
    seeds: Earlier


class Reporter(ABC):
    """Writes a report as it goes: `seed` for each seed in the order of their paths, then `finish` once.

    It holds no seed in memory after it has written it. `begin` is called once, before all.
    """

    def __init__(self, out: TextIO, setting: Setting) -> None:
        self.out = out
        self.setting = setting
        self.begin()

    def begin(self) -> None:  # noqa: B027
        """Prepare what the reporter keeps between seeds."""

    @abstractmethod
    def seed(self, report: SeedReport) -> None:
        """Write one seed."""

    @abstractmethod
    def finish(self, totals: Totals) -> None:
        """Write the totals of the run, and close what is open."""


class Format(NamedTuple):
    """What each module in the folder `formats` declares as `FORMAT`. The format has the name of its module.

    `summary` says in one line what a report in this format is; the table in `docs/formats.md` begins with the same words.
    `shows_record`: it reads `record`, `values` or `body` of a report, `shows_pairs`: it reads `pairs`. They are not made for
    other formats.
    """

    summary: str
    reporter: type[Reporter]
    shows_record: bool = False
    shows_pairs: bool = False


def declared(name: str) -> Format:
    """What the module of a format declares. Only that module is imported. Raises ValueError for an unknown format."""
    if name not in FORMATS:
        raise ValueError(f'report format "{name}" is not one of {", ".join(FORMATS)}')
    declaration: Format = import_module(f"validator.reports.formats.{name}").FORMAT
    return declaration


def open_report(name: str, out: TextIO, setting: Setting) -> Reporter:
    """A reporter that writes the format `name` to `out`, which the caller closes. Raises ValueError for an unknown format.

    Does not handle characters that the encoding of `out` does not have: open it with an error handler.
    """
    return declared(name).reporter(out, setting)


class Spool:
    """Text that a format may write only later: in memory while it is short, then in a temporary file. Raises OSError."""

    def __init__(self) -> None:
        from tempfile import SpooledTemporaryFile

        self._file = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n")  # noqa: SIM115

    def write(self, text: str) -> None:
        """Keep a text."""
        self._file.write(text)

    def pass_on(self, out: TextIO) -> None:
        """Write everything that was kept. This can be done once."""
        import shutil

        self._file.seek(0)
        shutil.copyfileobj(self._file, out, _IN_MEMORY)
        self._file.close()

    def __del__(self) -> None:
        with suppress(OSError):  # a run was cut short
            self._file.close()


class Tally:
    """Adds up reports one by one. An entry that is not a seed (a sidecar without its seed) counts with its findings only."""

    def __init__(self, reports: Iterable[SeedReport] = ()) -> None:
        self._counts = Counter[
            str
        ]()  # by verdict, severity, status and applicability: no two of them have a word in common
        self._by_rule = Counter[str]()
        self._fixable = {each: Counter[str]() for each in (Applicability.SAFE, Applicability.UNSAFE)}
        self._seeds = self._sourceless = 0
        for report in reports:
            self.add(report)

    def add(self, report: SeedReport) -> None:
        """Count one report."""
        if report.verdict is not None:
            self._seeds += 1
            self._counts[report.verdict] += 1
        for finding in report.findings:
            self._counts[finding.status] += 1
            if finding.status is Status.OPEN:
                self._counts[finding.severity] += 1
                self._by_rule[finding.rule] += 1
                if finding.fix is not None:
                    self._counts[finding.fix.applicability] += 1
                    if finding.fix.applicability in self._fixable:
                        self._fixable[finding.fix.applicability][finding.rule] += 1
                    self._sourceless += report.source is None

    def totals(self) -> Totals:
        """The counts so far, with every verdict and severity named. Fixes that are only shown are not counted."""

        def counts(words: Iterable[str]) -> dict[str, int]:
            return {str(word): self._counts[word] for word in words}

        return Totals(
            seeds=self._seeds,
            verdicts=counts(_BEST_FIRST),
            findings=counts(Severity),
            accepted=self._counts[Status.ACCEPTED],
            baselined=self._counts[Status.BASELINED],
            fixable=counts((Applicability.SAFE, Applicability.UNSAFE)),
            by_rule=dict(self._by_rule),
            sourceless=self._sourceless,
            safe_by_rule=dict(self._fixable[Applicability.SAFE]),
            proposed_by_rule=dict(self._fixable[Applicability.UNSAFE]),
        )


def tool_version() -> str:
    """The version of this program."""
    from validator import __version__

    return __version__
