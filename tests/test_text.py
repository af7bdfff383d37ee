"""Places in a text: positions in lines, columns and bytes; the two maps between a text as found and as patterns see it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator.parsing.misread import is_in_misread_utf8, read_look_alike, utf8_look_alike
from validator.text.places import (
    BYTE_ORDER_MARK,
    WHITESPACE,
    LineIndex,
    Normal,
    Span,
    _Bytes,
    describe,
    fold_whitespace,
    inside,
    plural,
    shown,
)

# Line ends of every kind and in every order, a mark at the start and elsewhere, and characters of every width in UTF-8.
PIECES = st.sampled_from(
    ["\n", "\r\n", "\r", "\n\r", "a", "é", "完", "😀", BYTE_ORDER_MARK, " ", "\v", "\f", "\x85", "\u2028", "\0"]
)
TEXTS = st.builds(
    lambda mark, pieces: mark + "".join(pieces), st.sampled_from(["", BYTE_ORDER_MARK]), st.lists(PIECES, max_size=30)
)
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030")
STRIDES = [
    "完" * 1023 + "a😀\n",
    "a" * 511 + "完" + "\r\n" * 600 + "😀" * 3,
]  # over the places that the index remembers


# --- lines, columns, bytes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=TEXTS)
@example(text=STRIDES[0])
@example(text=STRIDES[1])
def test_a_position_is_what_counting_gives(encoding: str, text: str) -> None:
    index = LineIndex(text, encoding)
    for offset in range(0, len(text) + 1, max(1, len(text) // 60)):
        position = index.position(offset)
        before = text[:offset]
        assert position.offset == offset
        assert position.byte == len(before.encode(encoding))
        assert position.line == before.count("\n") + 1
        assert position.column == len(before.rpartition("\n")[2]) + 1
        assert position.utf8_column == len(before.rpartition("\n")[2].encode()) + 1
        assert index.line(offset) == position.line


@given(TEXTS, st.lists(st.integers(0, 29), max_size=20))
def test_positions_may_be_asked_for_in_any_order(text: str, offsets: list[int]) -> None:
    index = LineIndex(text)
    for offset in offsets:
        if offset <= len(text):
            assert index.position(offset) == LineIndex(text).position(offset)


def test_lines_break_at_lf_only() -> None:
    text = "one\rtwo\u2028three\x85four\vfive\nsix"
    index = LineIndex(text)
    assert index.position(text.index("five")).line == 1
    assert index.position(text.index("six"))[:2] == (2, 1)
    assert index.position(len(text))[:2] == (2, 4)


def test_an_empty_text_has_one_line_with_one_place() -> None:
    assert LineIndex("").position(0) == (1, 1, 0, 0, 1)


def test_the_byte_order_mark_is_a_character_with_its_bytes() -> None:
    text = f"{BYTE_ORDER_MARK}ab"
    assert [LineIndex(text, encoding).position(1) for encoding in ("utf-8", "utf-16-le")] == [
        (1, 2, 1, 3, 4),
        (1, 2, 1, 2, 4),
    ]


def test_ascii_text_of_a_wide_encoding_is_counted_in_its_bytes() -> None:
    assert [LineIndex("abc", encoding).position(2).byte for encoding in ("ascii", "utf-8", "utf-16-le")] == [2, 2, 4]


def test_a_lone_surrogate_has_a_width() -> None:
    assert LineIndex("a\ud800b").position(2).byte == 4


def test_positions_in_disorder_do_not_read_the_text_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings name places at both ends of a long line, in turn."""
    text = "完" * 100_000
    index = LineIndex(text)
    widths: list[int] = []
    width = _Bytes._width

    def counting(self: _Bytes, start: int, end: int) -> int:
        widths.append(end - start)
        return width(self, start, end)

    monkeypatch.setattr(_Bytes, "_width", counting)
    for _ in range(100):
        assert index.position(99_999).byte == 299_997
        assert index.position(1).byte == 3
    assert sum(widths) < 2 * len(text)


# --- as found, and as patterns see it -----------------------------------------------------------------------------------


def reference(found: str) -> tuple[str, list[int]]:
    """The normal text, and where each of its characters, and its end, stands in the text as found: character by character."""
    normal, places = [], []
    at = len(found) - len(found.lstrip(BYTE_ORDER_MARK))
    while at < len(found):
        places.append(at)
        if found[at] == "\r":
            normal.append("\n")
            after = len(found) - len(found[at:].lstrip("\r"))
            at = after + 1 if found[after : after + 1] == "\n" else at + 1
        else:
            normal.append(found[at])
            at += 1
    return "".join(normal), [*places, len(found)]


@given(TEXTS | st.text())
@example("")
@example(BYTE_ORDER_MARK)
@example(f"{BYTE_ORDER_MARK}{BYTE_ORDER_MARK}\r\n")
@example("\r\n\r\n")
@example("\r\r\n\n\r")
def test_the_normal_text_and_its_places(found: str) -> None:
    normal = Normal(found)
    text, places = reference(found)
    assert normal.text == text
    assert [normal.found(offset) for offset in range(len(text) + 1)] == places
    assert [normal.normal(place) for place in places] == list(range(len(text) + 1))


@given(TEXTS | st.text())
def test_every_place_as_found_has_one_in_the_normal_text(found: str) -> None:
    normal = Normal(found)
    _, places = reference(found)
    for offset in range(len(found) + 1):
        expected = max((number for number, place in enumerate(places) if place <= offset), default=0)
        assert normal.normal(offset) == expected


@given(TEXTS, st.integers(0, 30), st.integers(0, 30))
def test_a_span_holds_what_the_normal_text_says(found: str, one: int, other: int) -> None:
    normal = Normal(found)
    start, end = sorted((min(one, len(normal.text)), min(other, len(normal.text))))
    span = normal.span(start, end)
    assert 0 <= span.start <= span.end <= len(found)
    assert re.sub("\r+\n|\r", "\n", found[span.start : span.end]) == normal.text[start:end]


def test_a_span_that_ends_after_a_line_end_holds_all_of_it() -> None:
    normal = Normal(f"{BYTE_ORDER_MARK}one\r\ntwo\r\n")
    assert normal.text == "one\ntwo\n"
    assert normal.span(0, 4) == Span(1, 6)
    assert normal.span(0, 3) == Span(1, 4)
    assert normal.span(4, 8) == Span(6, 11)


# --- small things -------------------------------------------------------------------------------------------------------


def test_spans_hold_and_overlap() -> None:
    span = Span(2, 5)
    assert span.holds(Span(2, 5))
    assert span.holds(Span(3, 3))
    assert not span.holds(Span(1, 3))
    assert not span.holds(Span(4, 6))
    assert span.overlaps(Span(4, 9))
    assert span.overlaps(Span(0, 3))
    assert not span.overlaps(Span(5, 6))
    assert not span.overlaps(Span(0, 2))


@given(st.lists(st.integers(0, 40), max_size=10, unique=True), st.integers(-1, 41))
def test_inside_is_what_looking_at_each_gives(cuts: list[int], offset: int) -> None:
    cuts.sort()
    spans = [Span(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    assert inside(spans, offset) == any(span.start <= offset < span.end for span in spans)


@given(st.text(st.sampled_from([*WHITESPACE, "\n", "\r", "a", "完"])))
def test_folded_blanks_are_single_spaces_between_words(text: str) -> None:
    folded = fold_whitespace(text)
    assert re.fullmatch("(?:[a完]+(?: [a完]+)*)?", folded)
    assert folded.replace(" ", "") == re.sub("[^a完]", "", text)
    assert fold_whitespace(folded) == folded


def test_words_for_characters_and_counts() -> None:
    assert describe("\u00a0") == "U+00A0 no-break space"
    assert describe("\x07") == "U+0007 without a name"
    assert describe("😀") == "U+1F600 grinning face"
    assert (plural(1, "blank"), plural(0, "blank"), plural(2, "blank")) == ("1 blank", "0 blanks", "2 blanks")


@given(st.text(st.characters() | st.sampled_from("\u202e\u200b\x1b\ud800\n"), max_size=60))
def test_what_is_shown_is_printable_and_short(text: str) -> None:
    assert shown(text).isprintable()
    assert len(shown(text, 5)) <= 5 * 10 + 1


def test_what_cannot_be_seen_is_escaped() -> None:
    assert shown("a\u202eb\x1b[0m完") == "a\\u202eb\\u001b[0m完"
    assert shown("\U000e0001") == "\\U000e0001"
    assert shown("abcdef", 3) == "abc…"
    assert shown("abc", 3) == "abc"


@given(st.text(st.characters(min_codepoint=0x80, exclude_categories=["Cs"]), min_size=1))
def test_utf8_read_as_latin1_is_known_by_its_form(text: str) -> None:
    run = text.encode("utf-8").decode("latin-1")
    assert utf8_look_alike().fullmatch(run)
    assert read_look_alike(run) == text
    if len(text) > 1:  # two sequences in a row are sure
        around = f"x{run}x"
        for offset, character in enumerate(around[:60]):
            if not "\u00c2" <= character <= "\u00f4":  # nobody asks for what a sequence begins with
                assert is_in_misread_utf8(around, offset) == (character != "x")


@given(st.text())
def test_what_has_the_form_reads_as_utf8(text: str) -> None:
    for match in utf8_look_alike().finditer(text):
        assert read_look_alike(match.group())
