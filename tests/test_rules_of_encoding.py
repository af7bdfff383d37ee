"""What no list of cases can hold: mojibake and decomposed characters anywhere in long texts."""

from __future__ import annotations

import unicodedata

import pytest
from harness import apply_fixes, rules, run_alone, view_of
from hypothesis import given
from hypothesis import strategies as st

from validator.sources.model import Policy

RULES = {rule.name: rule for rule in rules()}
BROKEN = {
    "cp1252": ["naïve", "élan", "“Ja”", "it’s", "Größe", "smørrebrød", "中文", "год", "10 €", "año"],
    "latin-1": ["naïve", "it’s", "Größe", "中文报道", "привет", "日本語", "ÉTÉ", "über"],
}
CLEAN = [
    "a",
    "line",
    "«LIBERTÉ»",
    "déjà",
    "mañana",
    "Æsir",
    "中文",
    "слово",
    "“so”",
    "–",
    "it’s",
    "100 €",
    "İstanbul",
    "Łódź",
    "\n",
]


def read_wrongly(text: str, encoding: str) -> str:
    """UTF-8 read in another encoding; the five bytes that cp1252 leaves out are read as latin-1, as browsers do."""
    data = text.encode("utf-8")
    return "".join(bytes((byte,)).decode(encoding if bytes((byte,)) not in _LEFT_OUT else "latin-1") for byte in data)


_LEFT_OUT = {b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"}


@pytest.mark.parametrize("encoding", sorted(BROKEN))
@pytest.mark.parametrize("apart", [1, 300, 2500])
def test_every_broken_word_is_restored_however_far_apart(encoding: str, apart: int) -> None:
    words = BROKEN[encoding] * 3
    filler = " clean words «ICI» between" * (apart // 26)
    sound = "".join(f"{word}{filler} " for word in words)
    broken = "".join(f"{read_wrongly(word, encoding)}{filler} " for word in words)
    outcomes = run_alone(RULES["mojibake"], view_of(RULES["mojibake"], broken, Policy()))
    assert apply_fixes(broken, outcomes) == sound


@given(st.lists(st.sampled_from(CLEAN), max_size=40).map(" ".join))
def test_clean_words_of_many_languages_are_left_alone(text: str) -> None:
    assert run_alone(RULES["mojibake"], view_of(RULES["mojibake"], text, Policy())) == []


@given(
    st.lists(st.sampled_from(CLEAN), max_size=12).map(" ".join),
    st.sampled_from([word for word in BROKEN["cp1252"] if not word.isascii()]),
    st.lists(st.sampled_from(CLEAN), max_size=12).map(" ".join),
)
def test_one_broken_word_among_clean_ones_is_found_where_it_stands(before: str, word: str, after: str) -> None:
    broken = read_wrongly(word, "cp1252")
    text = f"{before} {broken} {after}"
    outcomes = run_alone(RULES["mojibake"], view_of(RULES["mojibake"], text, Policy()))
    start = len(before) + 1
    assert outcomes
    assert all(start <= outcome.span.start and outcome.span.end <= start + len(broken) for outcome in outcomes)
    assert apply_fixes(text, outcomes) == f"{before} {word} {after}"


@given(
    st.text(
        st.one_of(
            st.sampled_from("aeo \u0301\u0323\u0308\u1112\u1161\u11ab\u304b\u3099中\u212b\ufa19"), st.characters()
        )
    )
)
def test_composing_what_is_reported_gives_nfc(text: str) -> None:
    outcomes = run_alone(RULES["not-nfc"], view_of(RULES["not-nfc"], text, Policy()))
    assert bool(outcomes) == (not unicodedata.is_normalized("NFC", text))
    assert apply_fixes(text, outcomes) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("filler", ["中", "a ", "ب", "한", "か"])
@pytest.mark.parametrize("length", [0, 1, 254, 510, 511, 512, 513, 1023, 1024, 5000])
def test_a_decomposed_letter_is_found_wherever_a_long_text_is_cut(filler: str, length: int) -> None:
    text = (filler * length)[:length] + "e\u0301" + filler
    outcomes = run_alone(RULES["not-nfc"], view_of(RULES["not-nfc"], text, Policy()))
    assert [tuple(outcome.span) for outcome in outcomes] == [(length, length + 2)]
