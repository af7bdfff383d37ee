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
