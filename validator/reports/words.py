"""Verdicts, fixes, advice and counts in words, as the reports for people and their summaries say them."""

from __future__ import annotations

from validator.text.findings import Applicability, Severity, Totals, Verdict
from validator.text.places import fold_blanks

MEANINGS = {
    Verdict.VALID: "it has no errors",
    Verdict.INVALID: "it could be read, but it has errors",
    Verdict.MALFORMED: "its front matter or its container cannot be parsed",
    Verdict.UNIDENTIFIED: "no source schema fits it",
    Verdict.UNREADABLE: "it could not be read or decoded",
    Verdict.UNCHECKED: "the program failed on it; nothing is known of it",
}
FIXES = {
    Applicability.SAFE: "can be mended safely",
    Applicability.UNSAFE: "proposal, needs your decision",
    Applicability.DISPLAY: "suggestion, for you to carry out",
}


def advice(rule: str) -> str:
    """What to do about a finding, from the paragraph of its rule's documentation that starts with `Next:`."""
    from validator.rules import registry

    known = registry.RULES.get(rule)
    paragraphs = known.document.split("\n\n") if known is not None else []
    return next((fold_blanks(paragraph) for paragraph in paragraphs if paragraph.lstrip().startswith("Next:")), "")


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 seed`, `2 seeds`, `12,000 seeds`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def verdicts_in_words(totals: Totals) -> str:
    """How many seeds have each verdict, those that occur: `3 valid, 2 invalid`."""
    return ", ".join(f"{number:,} {verdict}" for verdict, number in totals.verdicts.items() if number) or "none"


def findings_in_words(findings: dict[str, int]) -> str:
    """How many open findings there are of each severity that occurs: `1 error, 2 warnings, 4 info`."""
    plurals = {Severity.INFO: "info"}
    words = (
        counted(findings[severity], severity, plurals.get(severity, ""))
        for severity in Severity
        if findings.get(severity)
    )
    return ", ".join(words) or "none"
