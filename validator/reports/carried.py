"""What several formats need: open findings in order, seeds that were not judged, fingerprints, replacements, paths.

An accepted finding or one of the baseline is only in formats that can mark it. A seed that was not judged gets an entry of
its own unless an open error explains it: a seed that was skipped must never look clean.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from validator.reports.escaping import escape_match, guarded, printable
from validator.reports.words import MEANINGS
from validator.text.findings import Applicability, Finding, SeedReport, Severity, Status, Verdict
from validator.text.places import ORIGIN, Position

UNJUDGED = (Verdict.UNCHECKED, Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED)
ON_VERDICT = "verdict"  # the family of an entry about a seed that was not judged
_SURROGATES = re.compile("[\ud800-\udfff]+")


def by_place(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by line, column and rule."""
    return sorted(findings, key=lambda finding: (finding.start.line, finding.start.column, finding.rule))


def open_findings(report: SeedReport) -> list[Finding]:
    """The findings that count, by line, column and rule."""
    return by_place(finding for finding in report.findings if finding.status is Status.OPEN)


def entries_of(report: SeedReport) -> list[Finding]:
    """What a report for another program lists: open findings; before them an error that the seed was not judged."""
    findings = open_findings(report)
    if (message := unjudged(report)) is not None:
        verdict = str(report.verdict)
        findings.insert(
            0, Finding(verdict, ON_VERDICT, Severity.ERROR, message, ORIGIN, ORIGIN, fingerprint=verdict)
        )  # fmt: skip
    return findings


def unjudged(report: SeedReport) -> str | None:
    """The verdict in words if the seed was not judged and no open error explains it, else None."""
    if report.verdict not in UNJUDGED:
        return None
    if any(finding.status is Status.OPEN and finding.severity is Severity.ERROR for finding in report.findings):
        return None
    return judgement(report)


def judgement(report: SeedReport) -> str:
    """The verdict on a seed in a sentence, with the fault of the program if there was one."""
    if report.verdict is None:
        return "not a seed: a sidecar without its seed"
    sentence = f"the seed is {report.verdict}: {MEANINGS[report.verdict]}"
    return f"{sentence} ({report.fault})" if report.fault is not None else sentence


def finding_line(report: SeedReport, finding: Finding) -> str:
    """An open finding on one line: `path:line:col: severity rule message [safe]`."""
    place = f"{printable(report.path)}:{finding.start.line}:{finding.start.column}"
    fix = finding.fix
    mark = f" [{fix.applicability}]" if fix is not None and fix.applicability is not Applicability.DISPLAY else ""
    return guarded(f"{place}: {finding.severity} {finding.rule} {printable(finding.message)}{mark}")


def salted(report: SeedReport, findings: Iterable[Finding]) -> list[str]:
    """Fingerprints of findings that include the path of the seed, so that no two in a run are equal.

    Without the path, findings about a whole seed share one, since it covers the rule alone.
    """
    path = path_bytes(report.path)
    seen = Counter[str]()
    out = []
    for mark in (finding.fingerprint for finding in findings):
        seen[mark] += 1
        text = mark if seen[mark] == 1 else f"{mark}\0{seen[mark]}"
        out.append(sha256(path + b"\0" + text.encode("utf-8", "surrogatepass")).hexdigest())
    return out


def replacements(finding: Finding) -> list[tuple[Position, Position, str]]:
    """The edits of a fix as places and texts, for programs that can replace text and do nothing else.

    Empty if the fix is only shown, moves a value to the sidecar, recodes the seed, or has more edits than have places.
    """
    fix = finding.fix
    if fix is None or fix.lift is not None or fix.applicability is Applicability.DISPLAY:
        return []
    if len(finding.places) != len(fix.edits):
        return []
    return [(*place, edit.replacement) for edit, place in zip(fix.edits, finding.places, strict=True)]


def path_bytes(path: str) -> bytes:
    """The bytes of a path as the file system has them."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # not the name of a file: a caller of the Python API chose it
        return path.encode("utf-8", "surrogatepass")


def path_text(path: str) -> str:
    """A path as text that every program can read. Bytes that are not UTF-8 are escaped, so it names no file then."""
    return _SURROGATES.sub(escape_match, path)
