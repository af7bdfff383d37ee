"""Recall by injection in small: ten defects of each rule put into the specimens, each found where it was put and nowhere else.

The whole measurement, with real posts, is `benchmarks/injection.py`.
"""

from __future__ import annotations

import pytest

from benchmarks.bases import read_bases
from benchmarks.defects.given import NOT_INJECTED
from benchmarks.injection import FOLLOWS, SPECIMENS, compare, judged, measure, moved
from benchmarks.passages import INJECTORS
from validator.defects import Base, Change, Given, Injected
from validator.defects.seeds import Span
from validator.rules import RULES
from validator.text.findings import Finding

NUMBER = 10


@pytest.fixture(scope="module")
def bases() -> list[Base]:
    return read_bases(SPECIMENS)


def test_every_rule_has_injectors_or_a_reason_to_have_none() -> None:
    known = INJECTORS.keys() | NOT_INJECTED.keys()
    assert not (missing := sorted(RULES.keys() - known)), (
        f"nothing is injected for {', '.join(missing)}: list passages with the defect under `inject` in tests/cases/RULE.yaml, "
        "or write an injector in benchmarks/defects"
    )
    assert not (unknown := sorted(known - RULES.keys())), f"injectors for rules that do not exist: {', '.join(unknown)}"
    assert not (both := sorted(INJECTORS.keys() & NOT_INJECTED.keys())), f"in INJECTORS and in NOT_INJECTED: {both}"
    assert {RULES[name].view for name in NOT_INJECTED} == {"Attempt", "Staging"}


@pytest.mark.parametrize("rule", sorted(INJECTORS))
def test_each_defect_is_found_where_it_was_put_and_nothing_elsewhere(rule: str, bases: list[Base]) -> None:
    row = measure(rule, bases, NUMBER, seed=1)
    misses = "\n".join({f"in {miss.base}: {told}": None for miss in row.misses for told in miss.told})
    assert row.injected == NUMBER, (
        f"the defect fits none of the clean seeds (seeds/*/curated.*): {row.injected} of {NUMBER} were put in"
    )
    assert row.found == NUMBER, (
        f"{rule} misses {NUMBER - row.found} of {NUMBER} defects that were put into clean seeds. "
        f"Numbers are offsets in the changed seed.\n{misses}"
    )
    assert not row.elsewhere, (
        "something else is found too. If another rule is meant for this defect, a new one is not needed. Otherwise change the "
        "passage under `inject` so that it has this defect only. If a finding of another rule is right as well, name that rule "
        f"in `follows`, and the reason in FOLLOWS of benchmarks/injection.py.\n{misses}"
    )


def test_what_follows_from_a_defect_is_argued_of_rules_that_there_are() -> None:
    assert {rule for pair in FOLLOWS for rule in pair} <= RULES.keys()
    assert all(FOLLOWS.values())


def _findings(text: str) -> tuple[Finding, ...]:
    return judged(text.encode(), Given("a.txt", source="plain-text")).findings


def test_a_finding_beside_its_place_is_missing_there_and_new_elsewhere() -> None:
    before, after = "One line.\n", "One\u200b line.\n"
    put = Injected(after, (Span(3, 4),), Given("a.txt"), (Change(3, 3, "\u200b"),))
    found = compare("invisible-character", _findings(before), _findings(after), put)
    assert found == ([], [], [])
    beside = Injected(after, (Span(4, 5),), Given("a.txt"), put.changes)
    missing, elsewhere, gone = compare("invisible-character", _findings(before), _findings(after), beside)
    assert missing == ["not found at 4:5"]
    assert [finding.rule for finding in elsewhere] == ["invisible-character"]
    assert gone == []


def test_findings_of_the_base_are_known_again_after_they_moved() -> None:
    before, after = "One\u00a0line, two\u00a0lines.\n", "One\u00a0line, \u200btwo\u00a0lines."
    put = Injected(after, (Span(10, 11),), Given("a.txt"), (Change(10, 10, "\u200b"), Change(20, 21, "")))
    missing, elsewhere, gone = compare("invisible-character", _findings(before), _findings(after), put)
    assert (missing, [finding.rule for finding in elsewhere], gone) == ([], ["final-newline"], [])


def test_what_is_said_to_follow_must_be_argued() -> None:
    put = Injected("One line.\n", (), Given("a.txt"), follows=("paywall",))
    with pytest.raises(LookupError, match="paywall follows from final-newline"):
        compare("final-newline", (), (), put)


@pytest.mark.parametrize(
    ("span", "expected"),
    [((0, 0), (0, 0)), ((0, 3), (0, 3)), ((3, 5), (5, 7)), ((2, 4), (2, 6)), ((6, 8), (7, 9)), ((9, 9), (10, 10))],
)
def test_a_span_moves_with_what_is_put_in_before_it_and_grows_with_what_is_put_in_within(
    span: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert moved(*span, (Change(3, 3, "ab"), Change(5, 6, ""))) == expected
