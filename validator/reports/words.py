"""Verdicts, fixes, advice and totals in words, for the reports that people read."""

from __future__ import annotations

from validator.text.findings import Applicability, Severity, Totals, Verdict
from validator.text.places import fold_blanks

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


def paragraphs(rule: str) -> list[str]:
    """The documentation of a rule, a line per paragraph. Empty for an unknown rule."""
    from validator.rules import registry

    known = registry.RULES.get(rule)
    return [] if known is None else [fold_blanks(paragraph) for paragraph in known.document.split("\n\n")]


def advice(rule: str) -> str:
    """What to do about a finding: the paragraph of its rule's documentation that starts with `Next:`."""
    return next((paragraph for paragraph in paragraphs(rule) if paragraph.startswith("Next:")), "")


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 seed`, `2 seeds`, `12,000 seeds`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def verdicts_in_words(totals: Totals) -> str:
    """How many seeds have each verdict that occurs: `3 valid, 2 invalid`."""
    return ", ".join(f"{number:,} {verdict}" for verdict, number in totals.verdicts.items() if number) or "none"


def findings_in_words(findings: dict[str, int]) -> str:
    """How many open findings there are of each severity that occurs: `1 error, 2 warnings, 4 info`."""
    words = (
        counted(findings[severity], severity, "info" if severity is Severity.INFO else "")
        for severity in Severity
        if findings.get(severity)
    )
    return ", ".join(words) or "none"


def summary_in_words(totals: Totals, rules_not_shown: tuple[str, ...], not_listed: dict[str, int]) -> list[str]:
    """The summary of a run, one sentence per line. `not_listed` counts the seeds that the report leaves out, by verdict."""

    safe, unsafe = totals.fixable.get("safe", 0), totals.fixable.get("unsafe", 0)
    lines = [f"{counted(totals.seeds, 'seed')}: {verdicts_in_words(totals)}"]
    for verdict, number in sorted(not_listed.items()):
        lines.append(f"{counted(number, f'{verdict} seed')} not listed (use --verbose)")
    lines.append(f"Findings: {findings_in_words(totals.findings)}")
    for number, sentence in (
        (safe, "can be repaired safely: `validator repair PATHS`"),
        (unsafe, "with a proposal that needs your decision: `validator repair --unsafe PATHS`"),
        (totals.sourceless, "with a fix that is only shown, because no source is known: name it with `--source ID`"),
        (totals.accepted, "accepted, not listed"),
        (totals.baselined, "known from the baseline, not listed"),
    ):
        if number:
            lines.append(f"{counted(number, 'finding')} {sentence}")
    if rules_not_shown:
        lines.append(f"Not shown, but counted in the verdicts: findings of {', '.join(rules_not_shown)}")
    return lines
