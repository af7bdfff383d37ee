"""What a report says of a finding, a seed and a run: in words for people, and as places and fingerprints for programs.

An accepted finding or one of the baseline is only in formats that can mark it. A seed that was not judged gets an entry of
its own unless an open error explains it: a seed that was skipped must never look clean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from validator.reports.escaping import escape, guarded, printable
from validator.text.findings import Applicability, Finding, SeedReport, Severity, Status, Totals, Verdict
from validator.text.patterns import late
from validator.text.places import ORIGIN, Position, fold_whitespace

MEANINGS = {
    Verdict.VALID: "it has no errors",
    Verdict.INVALID: "it could be read, but it has errors",
    Verdict.MALFORMED: "its front matter or its container cannot be parsed",
    Verdict.UNIDENTIFIED: "no source schema fits it",
    Verdict.UNREADABLE: "it could not be read or decoded",
    Verdict.UNCHECKED: "the program failed on it, so nothing is known about it",
}
FIXES = {
    Applicability.SAFE: "can be repaired safely",
    Applicability.UNSAFE: "proposal, needs your decision",
    Applicability.DISPLAY: "suggestion, for you to carry out",
}
UNJUDGED = (Verdict.UNCHECKED, Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED)
ON_VERDICT = "verdict"  # the family of an entry about a seed that was not judged
_SURROGATES = late("[\ud800-\udfff]")

# --- a rule -----------------------------------------------------------------------------------------------------------


def paragraphs(rule: str) -> list[str]:
    """The documentation of a rule, a line per paragraph. Empty for an unknown rule."""
    from validator.rules import registry

    known = registry.RULES.get(rule)
    return [] if known is None else [fold_whitespace(paragraph) for paragraph in known.document.split("\n\n")]


def advice(rule: str, file: str = "") -> str:
    """What to do about a finding: the paragraph of its rule's documentation that starts with `Next:`.

    With `file`, the name of the seed as an argument in a shell, its commands name the seed.
    """
    text = next((paragraph for paragraph in paragraphs(rule) if paragraph.startswith("Next:")), "")
    if not file or not text:
        return text
    command = f'accept the finding: `validator accept FILE {rule} --reason "…"`'
    return text.replace("accept the finding", command, 1).replace("FILE", file)


def about(rule: str) -> tuple[list[str], str]:
    """What a page says of a rule: why it matters and what it does not handle, without examples; and what to do."""
    said = [each for each in paragraphs(rule) if each and not each.startswith(("Next:", "Bad:", "Good:"))]
    return said, advice(rule).removeprefix("Next: ")


# --- a seed and its findings ------------------------------------------------------------------------------------------


def by_place(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by line, column and rule."""
    return sorted(findings, key=lambda finding: (finding.start.line, finding.start.column, finding.rule))


def open_findings(report: SeedReport) -> list[Finding]:
    """The findings that count, by line, column and rule."""
    return by_place(finding for finding in report.findings if finding.status is Status.OPEN)


def entries_of(report: SeedReport) -> list[Finding]:
    """What a report for another program lists: open findings, and before them an error if the seed was not judged."""
    findings = open_findings(report)
    if (message := unjudged(report)) is None:
        return findings
    name = str(report.verdict)
    return [Finding(name, ON_VERDICT, Severity.ERROR, message, ORIGIN, ORIGIN, fingerprint=name), *findings]


def unjudged(report: SeedReport) -> str | None:
    """The verdict in words if the seed was not judged and no open error explains it, else None."""
    is_explained = any(finding.severity is Severity.ERROR for finding in open_findings(report))
    return judgement(report) if report.verdict in UNJUDGED and not is_explained else None


def judgement(report: SeedReport) -> str:
    """The verdict on a seed in a sentence, with the fault of the program if there was one."""
    if report.verdict is None:
        return "not a seed: a sidecar without its seed"
    sentence = f"the seed is {report.verdict}: {meaning(report)}"
    return f"{sentence} ({report.fault})" if report.fault is not None else sentence


def meaning(report: SeedReport) -> str:
    """What the verdict on a seed means. Findings about other seeds never change it."""
    has_errors = any(each.severity is Severity.ERROR for each in open_findings(report))
    by_itself = " by itself" if report.verdict is Verdict.VALID and has_errors else ""
    return MEANINGS[report.verdict] + by_itself if report.verdict is not None else ""


def line_and_column(start: Position) -> str:
    """Where a finding begins: `line:column`, both from 1."""
    return f"{start.line}:{start.column}"


def finding_line(report: SeedReport, finding: Finding) -> str:
    """An open finding on one line: `path:line:col: severity rule message [safe]`."""
    place = f"{printable(report.path)}:{line_and_column(finding.start)}"
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
    fix, places = finding.fix, finding.places
    if fix is None or fix.lift or fix.applicability is Applicability.DISPLAY or len(places) != len(fix.edits):
        return []
    return [(*place, edit.replacement) for edit, place in zip(fix.edits, places, strict=True)]


def path_bytes(path: str) -> bytes:
    """The bytes of a path as the file system has them."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # not the name of a file: a caller of the Python API chose it
        return path.encode("utf-8", "surrogatepass")


def path_text(path: str) -> str:
    """A path as text that every program can read. Bytes that are not UTF-8 are escaped, so it names no file then."""
    return escape(_SURROGATES, path)


def in_words(value: Any) -> str:
    """A value of the record in words: several names with commas, the parts of a dateline by name."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items() if part is not None)
    return str(value)


# --- a run ------------------------------------------------------------------------------------------------------------


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 seed`, `2 seeds`, `12,000 seeds`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def verdicts_in_words(totals: Totals) -> str:
    """How many seeds have each verdict that occurs: `3 valid, 2 invalid`."""
    return ", ".join(f"{number:,} {verdict}" for verdict, number in totals.verdicts.items() if number) or "none"


def findings_in_words(findings: Mapping[str, int]) -> str:
    """How many open findings there are of each severity that occurs: `1 error, 2 warnings, 4 info`."""
    plurals = {Severity.INFO: "info"}
    words = [counted(findings[each], each, plurals.get(each, "")) for each in Severity if findings.get(each)]
    return ", ".join(words) or "none"


def summary_in_words(
    totals: Totals, rules_not_shown: Iterable[str], not_listed: Mapping[str, int], paths: str = ""
) -> list[str]:
    """The summary of a run, one sentence per line. `not_listed` counts the seeds that the report leaves out, by verdict;
    `paths` are the arguments of a command on the same seeds.
    """
    paths = paths or "PATHS"
    findings = (
        (totals.fixable.get("safe", 0), f"can be repaired safely: `validator repair {paths}`"),
        (
            totals.fixable.get("unsafe", 0),
            f"with a proposal that needs your decision: `validator repair --unsafe {paths}`",
        ),
        (totals.sourceless, "with a fix that is only shown, because no source is known: name it with `--source ID`"),
        (totals.accepted, "accepted, not listed"),
        (totals.baselined, "known from the baseline, not listed"),
    )
    not_shown = ", ".join(rules_not_shown)
    return [
        f"{counted(totals.seeds, 'seed')}: {verdicts_in_words(totals)}",
        *(
            f"{counted(number, f'{verdict} seed')} not listed (use --verbose)"
            for verdict, number in sorted(not_listed.items())
        ),
        f"Findings: {findings_in_words(totals.findings)}",
        *(f"{counted(number, 'finding')} {sentence}" for number, sentence in findings if number),
        *([f"Not shown, but counted in the verdicts: findings of {not_shown}"] if not_shown else []),
    ]


def run_in_words(totals: Totals) -> str:
    """A run on one line: `2 seeds (1 valid, 1 invalid); open findings: 3 errors`."""
    seeds = f"{counted(totals.seeds, 'seed')} ({verdicts_in_words(totals)})"
    return f"{seeds}; open findings: {findings_in_words(totals.findings)}"


def statistics(totals: Totals) -> str:
    """A table of open findings by rule, the most frequent first: a rule's count, its name, and how many can be fixed."""
    ranked = sorted(totals.by_rule.items(), key=lambda entry: (-entry[1], entry[0]))
    column = max((len(f"{number:,}") for _, number in ranked), default=0)
    names = max((len(rule) for rule, _ in ranked), default=0)
    lines = []
    for rule, number in ranked:
        fixes = ((totals.safe_by_rule.get(rule), "safe"), (totals.proposed_by_rule.get(rule), "proposed"))
        told = ", ".join(f"{fixable:,} {kind}" for fixable, kind in fixes if fixable)
        lines.append(f"{number:{column},}  {printable(rule):{names}}  {told}".rstrip() + "\n")
    return "".join(lines)
