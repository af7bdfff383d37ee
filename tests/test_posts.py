"""360 real posts of two archives: `body-missing` where a post has no text, and no error besides."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from expected import posts_folder

import validator
from validator.text.findings import SeedReport, Severity, Verdict

FOLDER = posts_folder()
pytestmark = pytest.mark.skipif(FOLDER is None, reason="no folder ../shared/posts beside the checkout")

# Told by eye: an article element that holds a heading and an empty division.
EMPTY_BY_EYE = {"opinion-001.md"}


def posts() -> list[Path]:
    assert FOLDER is not None
    return sorted(path for path in FOLDER.glob("*.md") if re.fullmatch(r"(society|opinion)-\d+", path.stem))


@cache
def reports() -> dict[str, SeedReport]:
    return {path.name: validator.validate(path.read_bytes(), path=path.name) for path in posts()}


@cache
def without_text() -> frozenset[str]:
    """The posts of the first archive whose one division holds nothing but blanks, and those of the other told by eye."""
    empty = set()
    for path in posts():
        if path.name.startswith("society-"):
            divisions = re.findall(r"<div>(.*?)</div>", path.read_text("utf-8"), re.DOTALL)
            if divisions and not divisions[0].strip():
                empty.add(path.name)
    return frozenset(empty | EMPTY_BY_EYE)


def test_all_posts_are_there() -> None:
    assert len(posts()) == 360
    assert len(without_text()) == 32


def test_body_missing_stands_on_the_posts_without_text_and_on_no_other() -> None:
    found = {name for name, report in reports().items() if "body-missing" in {each.rule for each in report.findings}}
    assert found == without_text()


def test_there_is_no_other_error() -> None:
    errors = [
        (name, finding.rule, finding.message)
        for name, report in reports().items()
        for finding in report.findings
        if finding.severity is Severity.ERROR and finding.rule != "body-missing"
    ]
    assert errors == []


def test_every_post_is_identified_and_read() -> None:
    assert {report.source for report in reports().values()} == {"jekyll-copy", "jekyll-post"}
    assert {report.source for name, report in reports().items() if name.startswith("society")} == {"jekyll-copy"}
    for name, report in reports().items():
        assert report.verdict is (Verdict.INVALID if name in without_text() else Verdict.VALID), name
        assert {"headline", "byline", "date_published", "source_url"} <= report.record.keys(), name
        assert (report.body is None) == (name in without_text()), name
