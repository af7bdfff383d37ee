"""A repaired text beside its original: what differs is exactly what the repairs did, and no line is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_desk import BY, make_archive
from test_review_server import Page

from validator.repairs.edits import apply
from validator.review.past import Hunk, by_line, paired, replayed
from validator.text.findings import Edit

SETTINGS = '[sources]\n"*" = "plain-text"\n'
TEXTS = st.text('ab" \n\r', max_size=30)


@st.composite
def passes(draw: st.DrawFn) -> tuple[str, list[list[Edit]], str]:
    """A text, passes of edits that do not overlap, and what they make of it."""
    original = text = draw(TEXTS)
    done: list[list[Edit]] = []
    for _ in range(draw(st.integers(0, 3))):
        places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
        edits = [
            Edit(start, end, draw(st.text('ab" \n', max_size=3)))
            for start, end in zip(places[::2], places[1::2], strict=False)
        ]
        text = apply(text, edits) if edits else text
        done.append(edits)
    return original, done, text


def put_in(original: str, text: str, hunks: list[Hunk]) -> str:
    return apply(original, [Edit(each.start, each.end, text[each.start_now : each.end_now]) for each in hunks])


@given(passes())
def test_what_differs_is_what_was_edited(made: tuple[str, list[list[Edit]], str]) -> None:
    original, done, text = made
    hunks, found = replayed(original, done)
    assert found == text
    assert put_in(original, text, hunks) == text
    touched = sum(edit.end - edit.start for edits in done for edit in edits)
    assert sum(each.end - each.start for each in hunks) <= touched


@given(TEXTS, TEXTS)
def test_texts_that_others_have_changed_are_compared_too(original: str, text: str) -> None:
    hunks = list(by_line(original, text))
    assert put_in(original, text, hunks) == text
    assert bool(hunks) == (original != text)


@given(passes())
def test_every_line_of_both_is_there_once(made: tuple[str, list[list[Edit]], str]) -> None:
    original, done, text = made
    pairs = paired(original, text, replayed(original, done)[0])
    for side, whole in (("was", original), ("is", text)):
        numbers = [each[side]["n"] for each in pairs if each[side] is not None]
        assert numbers == list(range(1, whole.count("\n") + 2))
    for each in pairs:
        if each["same"]:
            assert plain(each["was"]) == plain(each["is"])


def plain(line: Any) -> list[str]:
    return [piece[0] for piece in line["s"]]


def test_of_a_long_text_only_what_is_near_is_shown() -> None:
    original = "".join(f"line {number}  \n" if number == 3000 else f"line {number}\n" for number in range(9000))
    at = original.index("  \n")
    pairs = paired(original, original.replace("  \n", "\n"), [Hunk(at, at + 2, at, at)])
    assert len(pairs) < 1000
    (differs,) = (each for each in pairs if not each.get("same", True))
    assert (differs["was"]["n"], differs["is"]["n"]) == (3001, 3001)
    assert sum(each.get("gap", 1) for each in pairs) == 9001


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(make_archive(tmp_path / "archive", {"a.txt": 'The editor"s note.  \nAnother line.\n'}, SETTINGS))


def test_the_original_and_both(page: Page) -> None:
    seed = page.seed("a.txt")
    assert page.ask("original", key=seed["key"]) == {"lines": [], "pairs": [], "encoding": None, "repairs": []}
    page.tell("repair", choices=[{"key": seed["key"], "version": seed["version"]}])
    said = page.ask("original", key=seed["key"])
    (differs, *others) = said["pairs"]
    assert [each["same"] for each in others] == [True, True]
    assert next(piece[:2] for piece in differs["was"]["s"] if piece[1]) == ['"', [0]]
    assert "".join(piece[0] for piece in differs["is"]["s"]) == "The editor's note."
    assert said["repairs"][0]["by"] == BY
    (page.desk.archive.root / "a.txt").write_text("The editor's notes.\nAnother line.\n", "utf-8")
    said = page.ask("original", key=seed["key"])
    assert [each["same"] for each in said["pairs"]] == [False, True, True], "what others did is shown as well"
