"""What the formats for other programs share: which findings they carry, of what nobody may miss, and names of files.

A finding that is accepted or in the baseline stands only in formats that can say so. A seed that was not judged, and of
which no finding says so (nothing was found, or it is not shown), gets an entry of its own: skipped never means clean.
"""

from __future__ import annotations

import re
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from validator.reports.printable import escaped
from validator.reports.words import MEANINGS
from validator.text.findings import Severity, Status, Verdict

if TYPE_CHECKING:
    from typing import IO, TextIO

    from validator.text.findings import Finding, SeedReport

UNJUDGED = (Verdict.UNCHECKED, Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED)
_SURROGATES = re.compile("[\ud800-\udfff]+")
_IN_MEMORY = 1 << 15  # characters


def open_findings(report: SeedReport) -> list[Finding]:
    """The findings that count, by line, column and rule."""
    found = (finding for finding in report.findings if finding.status is Status.OPEN)
    return sorted(found, key=lambda finding: (finding.start.line, finding.start.column, finding.rule))


def unjudged(report: SeedReport) -> str | None:
    """What is to be said of a seed that was not judged where no open error among its findings speaks for it."""
    if report.verdict not in UNJUDGED:
        return None
    if any(finding.status is Status.OPEN and finding.severity is Severity.ERROR for finding in report.findings):
        return None
    return judgement(report)


def judgement(report: SeedReport) -> str:
    """The verdict on a seed in a sentence, with the fault of the program if there was one."""
    if report.verdict is None:
        return "not a seed: a sidecar to which no seed belongs"
    said = f"the seed is {report.verdict}: {MEANINGS[report.verdict]}"
    return f"{said} ({report.fault})" if report.fault is not None else said


def salted(report: SeedReport, findings: list[Finding]) -> list[str]:
    """The fingerprints of findings in one seed with its path in them, no two of them alike in a whole run.

    Only findings about the whole seed can have a fingerprint in common: it covers the rule alone.
    """
    seen: dict[str, int] = {}
    out = []
    for finding in findings:
        seen[finding.fingerprint] = number = seen.get(finding.fingerprint, 0) + 1
        out.append(fingerprint(report, finding.fingerprint if number == 1 else f"{finding.fingerprint}\0{number}"))
    return out


def fingerprint(report: SeedReport, what: str) -> str:
    """What tells something that is said of one seed from all else that a run says."""
    digest: str = sha256(path_bytes(report.path) + b"\0" + what.encode("utf-8", "surrogatepass")).hexdigest()
    return digest


def path_bytes(path: str) -> bytes:
    """The bytes of a path as the file system has them."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a name that is no file's: the caller of the Python face made it up
        return path.encode("utf-8", "surrogatepass")


def path_text(path: str) -> str:
    """A path as text that every program can read: bytes that are no UTF-8 are escaped, so it names no file then."""
    return _SURROGATES.sub(lambda match: escaped(match[0]), path)


class Spool:
    """What a format may write only later: in memory while that is little, then in a temporary file. Raises OSError."""

    __slots__ = ("_file", "_length", "_parts")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._file: IO[str] | None = None

    def write(self, text: str) -> None:
        """Keep a text."""
        self._parts.append(text)
        self._length += len(text)
        if self._length > _IN_MEMORY:
            if self._file is None:
                from tempfile import TemporaryFile

                self._file = TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115
            self._empty_into(self._file)

    def pass_on(self, out: TextIO) -> None:
        """Write all that was kept, once."""
        if self._file is not None:
            self._file.seek(0)
            while text := self._file.read(_IN_MEMORY):
                out.write(text)
        self._empty_into(out)
        self._close()

    def _empty_into(self, out: IO[str]) -> None:
        out.writelines(self._parts)
        self._parts.clear()
        self._length = 0

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        with suppress(OSError):  # a run was cut short
            self._close()
