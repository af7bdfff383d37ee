"""Generic sources: what kind of document a seed of no known publisher is, and what its record holds."""

from __future__ import annotations

from typing import Any

import pytest
from running import table

import validator


@pytest.mark.parametrize("case", table("generic", "seeds"), ids=lambda case: f"{case['source']}: {case['why']}")
def test_what_a_seed_is_and_says(case: dict[str, Any]) -> None:
    report = validator.validate(case["text"], path=case["path"])
    assert report.source == case["source"]
    rules = {finding.rule for finding in report.findings}
    if case["source"] is not None:
        assert ("source-uncertain" not in rules) == case["certain"]
    assert "source-url-missing" not in rules
    for field, value in case["record"].items():
        assert report.record.get(field) == value


FIRST = "The council approved the bridge on Thursday after a long debate about money and time."
SECOND = "Another paragraph follows here, since an article has several, and each has a sentence or two."


@pytest.mark.parametrize("below", ["By Jane Specimen", "Author: Jane Specimen", "Source: https://example.org/a"])
@pytest.mark.parametrize("rest", ["", f"{SECOND}\n"])
def test_a_value_below_the_article_takes_nothing_from_it(below: str, rest: str) -> None:
    text = f"A headline of this example\nMay 4, 2021\n\n{FIRST}\n\n{SECOND}\n\n{below}\n\n{rest}"
    report = validator.validate(text, path="a.txt")
    assert report.body is not None
    body = text[report.body.start.offset : report.body.end.offset]
    assert body.startswith(FIRST)
    assert body.endswith(SECOND)
    assert {each.rule for each in report.findings} <= {"byline-missing"}
