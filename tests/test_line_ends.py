"""What the lines of a seed end in changes nothing but the findings about line ends: not what is found, not what is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from harness import cases, rules

import validator
from validator.archive.face import own_sources

NAMES = {"markdown": "a.md", "html": "a.html", "text": "a.txt"}
ABOUT_LINE_ENDS = {"line-endings"}


def seeds(rule: str) -> Iterator[tuple[str, str | None, str]]:
    """The texts of a rule's cases, with the source and the name that a seed with this text has."""
    for listed in ("dirty", "clean"):
        for case in cases(rule)[listed]:
            text, source = case.get("text"), case.get("source", "plain-text")
            if isinstance(text, str) and "\n" in text.strip("\n") and "\r" not in text and "encoding" not in case:
                markup = case.get("policy", {}).get("markup", "text")
                yield text, source if source in own_sources() else None, case.get("path") or NAMES[markup]


def said(text: str, source: str | None, path: str) -> tuple[Any, ...]:
    report = validator.validate(text.encode("utf-8", "surrogatepass"), source=source, path=path)
    found = Counter(each.rule for each in report.findings if each.rule not in ABOUT_LINE_ENDS)
    return report.source, found, report.record


@pytest.mark.parametrize("rule", [rule.name for rule in rules()])
def test_findings_and_record_are_the_same_whatever_lines_end_in(rule: str) -> None:
    for text, source, path in seeds(rule):
        wanted = said(text, source, path)
        for line_end in ("\r", "\r\n"):
            assert said(text.replace("\n", line_end), source, path) == wanted, (text, line_end)
