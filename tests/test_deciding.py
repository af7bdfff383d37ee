"""Deciding fix by fix: what is asked, what the answers come to, and what a change is shown as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.archive.face import own_sources
from validator.engine.checking import check_seed
from validator.repairs.deciding import (
    Line,
    Passage,
    Piece,
    Sitting,
    carry_out,
    decline,
    is_question,
    kind_of,
    passage,
    questions,
)
from validator.repairs.edits import apply, moved
from validator.repairs.repairing import Allowed, Repaired, Wanted, repair_seed
from validator.sources.identify import Claim
from validator.text.findings import Applicability, Edit, Finding, Lift, Status

SOURCES = own_sources()
PLAIN = Claim("plain-text", "a test")
MARKED = 'The keeper"s line  \nand the other"s line\t\nend here.'


def repair(data: bytes, lifted: Sequence[Lift], allowed: Allowed) -> Repaired:
    return repair_seed(data, SOURCES, claim=PLAIN, wanted=Wanted(True, allowed, tuple(lifted)))


def sitting(text: str) -> Sitting:
    data = text.encode()
    return Sitting(data, check_seed(data, SOURCES, claim=PLAIN))


def test_questions_are_fixes_in_the_order_of_the_text() -> None:
    begun = sitting(MARKED)
    asked = questions(begun)
    assert [finding.rule for finding in asked] == [
        "quote-for-apostrophe", "trailing-whitespace", "quote-for-apostrophe", "trailing-whitespace", "final-newline",
    ]  # fmt: skip
    assert all(map(is_question, asked))
    assert not is_question(replace(asked[0], status=Status.ACCEPTED))
    shown = replace(asked[0].fix or pytest.fail("it has a fix"), applicability=Applicability.DISPLAY)
    assert not is_question(replace(asked[0], fix=shown))
    assert not is_question(replace(asked[0], fix=None))


def test_yes_to_all_is_what_repair_does() -> None:
    at = sitting(MARKED)
    while found := questions(at):
        at = carry_out(at, found[:1], repair)
    whole = repair_seed(MARKED.encode(), SOURCES, claim=PLAIN, wanted=Wanted(unsafe=True))
    assert at.current == whole.data == at.repaired.data
    assert at.report == whole.report
    made, expected = (Counter((each.rule, each.old) for each in done.changes) for done in (at.repaired, whole))
    assert made == expected
    numbers = [change.number for change in at.repaired.changes]
    assert numbers == list(range(1, 1 + len(numbers)))


def test_no_to_all_is_no_change_and_no_question_is_asked_twice() -> None:
    at = sitting(MARKED)
    while found := questions(at):
        at = decline(at, found[0])
    assert at.current == MARKED.encode()
    assert not at.repaired.is_changed


@pytest.mark.parametrize("yes", range(5))
def test_what_was_declined_stays_declined_when_another_fix_moves_it(yes: int) -> None:
    at = sitting(MARKED)
    asked = questions(at)
    for number, finding in enumerate(asked):
        if number != yes:
            at = decline(at, finding)
    at = carry_out(at, [asked[yes]], repair)
    assert questions(at) == []
    assert len(at.repaired.changes) == 1


@given(st.lists(st.booleans(), min_size=12, max_size=12), st.text(alphabet="ab\"'s \t\n\r。“”", max_size=60))
def test_answers_in_any_order_of_yes_and_no(answers: list[bool], text: str) -> None:
    at = sitting(text)
    kept: list[Finding] = []
    for answer in answers:
        found = questions(at)
        if not found:
            break
        after = carry_out(at, found[:1], repair) if answer else at
        if after is at:
            kept.append(found[0])
            after = decline(at, found[0])
        at = after
    done = at.repaired
    assert done.data == at.current
    assert done.is_changed == (at.current != text.encode())
    again = text
    for number in sorted({change.number for change in done.changes}):
        again = apply(again, [edit for change in done.changes if change.number == number for edit in change.edits])
    assert again.encode() == at.current, "the changes, pass by pass, are what was done"


def test_a_value_is_lifted_in_one_step_and_known_in_the_next() -> None:
    text = " date 2021-06-14 SPECIMEN TOWN, June 14 -- One paragraph stands for the article."
    data = text.encode()
    mend = partial(repair_seed, sources=SOURCES, path="seeds/chinamil-text/x.txt")

    def step(content: bytes, lifted: Sequence[Lift], allowed: Allowed) -> Repaired:
        return mend(content, wanted=Wanted(True, allowed, tuple(lifted)))

    at = Sitting(data, check_seed(data, SOURCES, path="seeds/chinamil-text/x.txt"))
    first = questions(at)[0]
    assert first.rule == "leaked-field"
    at = carry_out(at, [first], step)
    assert [finding.rule for finding in questions(at)] == ["final-newline"]
    at = carry_out(at, questions(at), step)
    assert "date-missing" not in {finding.rule for finding in at.report.findings}
    assert [lift.field for lift in at.repaired.lifts] == ["date_published", "source"][: len(at.repaired.lifts)]
    assert [change.number for change in at.repaired.changes] == [1, 2]


def test_kinds_are_alike_where_source_rule_and_change_are() -> None:
    begun = sitting(MARKED)
    kinds = [kind_of(begun.report, finding) for finding in questions(begun)]
    assert kinds[0] == kinds[2] != kinds[4]
    assert kinds[0].applicability is Applicability.SAFE
    with pytest.raises(ValueError, match="has no fix"):
        kind_of(begun.report, replace(questions(begun)[0], fix=None))


# --- passages ---------------------------------------------------------------------------------------------------------


def line(number: int, *pieces: str | tuple[str]) -> Line:
    """Pieces that are changed stand in tuples."""
    return Line(number, tuple(Piece(*each, True) if isinstance(each, tuple) else Piece(each, False) for each in pieces))


@pytest.mark.parametrize(
    ("text", "edits", "shown"),
    [
        ("one\ntwo\n", [Edit(4, 5, "T")], Passage((line(2, ("t",), "wo"),), (line(2, ("T",), "wo"),))),
        ("one\ntwo", [Edit(7, 7, "\n")], Passage((line(2, "two", ("",)),), (line(2, "two", ("\n",)), line(3)))),
        ("one\ntwo\nsix\n", [Edit(4, 8, "")], Passage((line(2, ("two",), ("\n",)),), ())),
        ("a  \nb", [Edit(1, 3, "")], Passage((line(1, "a", ("  ",)),), (line(1, "a", ("",)),))),
        (
            "a1\nb\nc2",
            [Edit(1, 2, "x"), Edit(6, 7, "y")],
            Passage(
                (line(1, "a", ("1",)), line(2, "b"), line(3, "c", ("2",))),
                (line(1, "a", ("x",)), line(2, "b"), line(3, "c", ("y",))),
            ),
        ),
        ("", [], Passage((), ())),
    ],
)
def test_a_change_is_shown_line_by_line(text: str, edits: list[Edit], shown: Passage) -> None:
    without_ends = tuple(
        tuple(each for each in part if each.pieces or each.is_changed) for part in passage(text, edits)
    )
    expected = tuple(tuple(each for each in part if each.pieces or each.is_changed) for part in shown)
    assert without_ends == expected


def test_of_changes_far_apart_the_lines_between_are_left_out() -> None:
    text = "\n".join(f"line {number}" for number in range(1, 21))
    edits = [Edit(0, 1, "L"), Edit(text.index("line 20"), text.index("line 20") + 1, "L")]
    assert [each.number for each in passage(text, edits).before] == [1, 20]


@given(st.text(alphabet="ab \n", max_size=40), st.lists(st.integers(0, 40), max_size=8), st.text("xy\n", max_size=3))
def test_passages_hold_what_is_replaced_and_what_replaces_it(text: str, places: list[int], new: str) -> None:
    bounds = sorted({min(place, len(text)) for place in places})
    edits = [Edit(start, end, new) for start, end in list(pairwise(bounds))[::2]]
    before, after = passage(text, edits)
    taken = "".join(piece.text for each in before for piece in each.pieces if piece.is_changed)
    put = "".join(piece.text for each in after for piece in each.pieces if piece.is_changed)
    assert taken == "".join(text[edit.start : edit.end] for edit in edits)
    assert put == "".join(edit.replacement for edit in edits)


@given(st.text(alphabet="abc", max_size=20), st.lists(st.integers(0, 20), max_size=6), st.text("xy", max_size=3))
def test_where_a_character_stands_after_edits(text: str, places: list[int], new: str) -> None:
    bounds = sorted({min(place, len(text)) for place in places})
    edits = [Edit(start, end, new) for start, end in list(pairwise(bounds))[::2]]
    marked = [chr(0x4E00 + at) for at in range(len(text))]
    after = apply("".join(marked), edits)
    for at, character in enumerate(marked):
        if character in after:
            assert after[moved(at, edits)] == character
