"""Every case of `tests/cases`: what each rule says of it, exactly. The format is in `harness`."""

from __future__ import annotations

from typing import Any

import pytest
from harness import CASES, cases, check_case, rules

from validator.rules.registry import RULES, Rule

_LISTED = [
    pytest.param(rule, case, kind == "dirty", id=f"{rule.name}-{kind}-{number}")
    for rule in rules()
    for kind in ("dirty", "clean")
    for number, case in enumerate(cases(rule.name)[kind], 1)
]


@pytest.mark.parametrize(("rule", "case", "dirty"), _LISTED)
def test_case(rule: Rule, case: dict[str, Any], dirty: bool) -> None:
    check_case(rule, case, dirty=dirty)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in rules()])
def test_a_rule_has_cases_and_at_least_as_many_clean_as_dirty(rule: Rule) -> None:
    listed = cases(rule.name)
    assert listed["dirty"], f"tests/cases/{rule.name}.yaml has no dirty case"
    assert len(listed["clean"]) >= len(listed["dirty"])


def test_every_case_file_belongs_to_a_rule() -> None:
    assert sorted(path.stem for path in CASES.glob("*.yaml") if path.stem not in RULES) == []
