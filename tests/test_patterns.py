"""Patterns of schemas: what RE2 refuses and how that is said, places in code points, linear time."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linearity import assert_linear
from running import table

from validator.text.patterns import PatternError, Subject, compile_pattern, group_names
from validator.text.places import Span

REFUSED: list[Any] = table("patterns", "refused")


@pytest.mark.parametrize(("pattern", "message"), REFUSED)
def test_what_re2_does_not_take_is_refused_in_words(
    pattern: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    assert message in str(caught.value)
    assert not str(caught.value).startswith("(?m)")
    with pytest.raises(PatternError):
        group_names(pattern)
    with pytest.raises(PatternError):
        Subject("a").search(pattern)
    assert capfd.readouterr() == ("", "")  # RE2 itself keeps quiet


def test_what_only_looks_like_it_is_taken() -> None:
    for pattern, text in [
        (r"\\C", "\\C"),
        (r"\(\?=", "(?="),
        (r"\(?P<value>(?P<value>a)", "P<value>a"),
        ("[(?!]", "!"),
    ]:
        assert Subject(text).search(pattern) is not None


def test_the_names_of_groups_are_sorted() -> None:
    assert group_names("(?P<value>a)(b)(?P<month>c)(?:d)(?<day>e)") == ("day", "month", "value")
    assert group_names("a") == ()


# --- places -------------------------------------------------------------------------------------------------------------

# Characters of one to four bytes, line ends, and half of a pair, which a decoded text may hold.
TEXTS = st.text(st.sampled_from("ab\né完😀\ud83d \r\0"), max_size=40)


@pytest.mark.parametrize(
    ("text", "pattern", "span"),
    [
        ("完完a", "a", (2, 3)),
        ("😀完a完", "[a完]+", (1, 4)),
        ("完\n😀a", "^.a$", (2, 4)),
        ("ÿ", r"\xff", (0, 1)),
        ("é", "(?i)É", (0, 1)),
        ("", "", (0, 0)),
        ("完", "$", (1, 1)),
        ("a\nb", r"\Ab", None),
        ("a\nb", "^b", (2, 3)),
        ("a\nb", r"a\z", None),
        ("a\nb", "a$", (0, 1)),
        ("a\nb", "a.b", None),
        ("a\nb", "(?s)a.b", (0, 3)),
        ("a\0b", "a\0b", (0, 3)),
        ("x\ud83dy", "y", (2, 3)),
    ],
)
def test_a_span_counts_code_points(text: str, pattern: str, span: tuple[int, int] | None) -> None:
    match = Subject(text).search(pattern)
    assert (match and match.span()) == span


def test_groups_by_name_and_number() -> None:
    subject = Subject("完：B 和 A")
    match = subject.search("(?P<other>C)?(?P<value>[A-Z]) 和 (?P<last>[A-Z])")
    assert match is not None
    assert (match.span(), match.text()) == (Span(2, 7), "B 和 A")
    assert (match.span("value"), match.text("value"), match.text(2)) == (Span(2, 3), "B", "B")
    assert (match.span("last"), match.text("last")) == (Span(6, 7), "A")
    assert (match.span("other"), match.text("other")) == (None, None)  # took no part
    assert (match.span("absent"), match.text("absent")) == (None, None)
    # Places may be asked for backwards.
    assert [match.span(name) for name in ("last", "value", "last")] == [Span(6, 7), Span(2, 3), Span(6, 7)]


PATTERNS = ["a", "[ab]+", "完.", "(?P<value>😀)|b", "^.+$", r"\s+", "a*", "", "$", r"\b", "[^a]", r"(?:完|é)+b?"]


@given(TEXTS, st.sampled_from(PATTERNS))
def test_matches_are_those_of_another_engine(text: str, pattern: str) -> None:
    """Python's own, which reads code points; where it matches the empty string, nothing is said here."""
    text = text.replace("\ud83d", "")
    subject = Subject(text)
    expected = [
        (match.span(), match.group()) for match in re.finditer(pattern, text, re.MULTILINE | re.ASCII) if match.group()
    ]
    assert [(match.span(), match.text()) for match in subject.matches(pattern)] == expected


@given(TEXTS, st.sampled_from([*PATTERNS, "(a)|(b)|(完)?"]))
def test_spans_are_inside_and_apart_and_hold_what_is_said(text: str, pattern: str) -> None:
    matches = list(Subject(text).matches(pattern))
    for match in matches:
        for group in range(3 if "(a)" in pattern else 1):
            span = match.span(group)
            assert (span is None) == (match.text(group) is None)
            if span is not None:
                assert text[span.start : span.end] == match.text(group)
    spans = [span for match in matches if (span := match.span()) is not None]
    assert all(span.start < span.end for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))


@given(TEXTS, st.integers(0, 40), st.sampled_from(["a", "完", "^b", "😀|b"]))
def test_a_search_may_start_later(text: str, start: int, pattern: str) -> None:
    start = min(start, len(text))
    match = Subject(text).search(pattern, start=start)
    expected = re.compile(pattern, re.MULTILINE).search(text, start)
    assert (match and match.span()) == (expected and expected.span())


@pytest.mark.parametrize(
    ("within", "found"),
    [
        (1, []),
        (2, [(3, 4)]),
        (3, [(3, 4), (6, 7)]),
        (4, [(3, 4), (6, 7)]),
        (99, [(3, 4), (6, 7)]),
        (None, [(3, 4), (6, 7)]),
    ],
)
def test_within_the_first_lines(within: int | None, found: list[tuple[int, int]]) -> None:
    subject = Subject("完。\nx\n完x")
    assert [match.span() for match in subject.matches("x", within)] == found
    first = subject.search("x", within)
    assert (first and first.span()) == (found[0] if found else None)


def test_the_last_of_the_first_lines_ends_where_it_ends() -> None:
    subject = Subject("one\ntwo\nthree")
    assert subject.search("two$", within_lines=2) is not None
    assert subject.search("two\n", within_lines=2) is None
    assert subject.search("two\nthree", within_lines=2) is None


# --- time ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern",
    [
        "(a*)*b",
        "(?:a+a+)+b",
        "^(?:a|aa)+$b",
        "(.*)(.*)(.*)(.*)b",
        "(?:a?){50}a{50}b",
        r"^(?P<value>[^\n]{3,160})b",
        "[a ]+$b",
    ],
)
def test_a_search_takes_linear_time_on_hostile_text(pattern: str) -> None:
    assert_linear(lambda size: "a" * size, lambda text: Subject(text).search(pattern))


def test_many_matches_take_linear_time() -> None:
    def places(text: str) -> None:
        assert sum(match.span() is not None for match in Subject(text).matches("x")) == len(text) // 2

    assert_linear(lambda size: "完x" * (size // 2), places, 4_000)
