"""Encodings end to end, in small: a few texts of each encoding, repaired without asking, and none of them wrongly.

The whole measurement is `benchmarks/encoding.py`.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from benchmarks.encoding import (
    DECLARATIONS,
    LENGTHS,
    NEEDED,
    WRITINGS,
    Case,
    Outcome,
    Writing,
    cases,
    problems,
    run_case,
)
from benchmarks.prose import PROSE, text_of

NUMBER = 3
_ENGLISH = (
    "This note of one long line says how it was stored, and that nobody moved it from the list of the library. " * 6
)


def written(title: str) -> Writing:
    return next(writing for writing in WRITINGS if writing.title == title)


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [run_case(case) for case in cases(NUMBER, seed=3)]


def test_nothing_is_converted_wrongly_and_what_is_declared_rightly_is_converted(outcomes: list[Outcome]) -> None:
    assert problems(outcomes) == []


def test_every_cell_of_the_table_is_measured(outcomes: list[Outcome]) -> None:
    cells = Counter((o.case.writing.title, o.case.length, o.case.declaration) for o in outcomes)
    for writing in WRITINGS:
        for length in LENGTHS:
            for declaration in set(DECLARATIONS) - {"as read"}:
                assert cells[writing.title, length, declaration] >= NUMBER


def test_what_is_declared_wrongly_or_not_at_all_is_left_alone_with_a_finding(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.case.declaration in ("wrong", "none"):
            assert outcome.result == "left", outcome


@pytest.mark.parametrize("language", PROSE)
def test_the_prose_is_long_enough_and_various(language: str) -> None:
    chance = Random(1)
    texts = [text_of(language, 600, chance) for _ in range(20)]
    assert all(len(text) >= 600 for text in texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("title", "name"),
    [("gb18030", "王小明"), ("big5", "編碼"), ("shift_jis", "東京"), ("euc-kr", "서울"), ("cp1251", "слово")],
)
@pytest.mark.parametrize("declared", ["cp1252", "iso-8859-15", "mac-roman", "cp850"])
def test_a_name_in_an_english_text_is_not_converted_into_western_letters(title: str, name: str, declared: str) -> None:
    outcome = run_case(
        Case(written(title), "whole", "wrong", (declared,), f"{_ENGLISH}It names {name} twice, {name}.\n")
    )
    assert outcome.result == "left", outcome


def test_english_with_nothing_but_contractions_is_converted() -> None:
    text = f"{_ENGLISH}It’s the editor’s, and it doesn’t say why.\n"
    assert run_case(Case(written("cp1252"), "whole", "right", ("cp1252",), text)).result == "right"


def test_a_wrong_conversion_would_be_told() -> None:
    case = Case(written("cp1251"), "whole", "right", ("cp1251",), text_of("ru", 600, Random(1)))
    assert problems([Outcome(case, "right")]) == []
    assert problems([Outcome(case, "wrong")]) == [
        "cp1251, whole, right: 1 converted wrong, expected 0",
        f"cp1251, whole, right: 0 of 1 converted, expected {NEEDED:.0%}",
    ]
