"""Quotation marks as a reader sees them: a safe repair never leaves half a quotation, and takes no long time over many marks."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linearity import seconds

import validator
from validator.archive.face import own_sources
from validator.engine.collecting import MOST_OF_A_RULE
from validator.repairs.repairing import Repaired, Wanted, repair_seed
from validator.rules import quotation_costs, quotation_marks
from validator.rules.quotation_costs import CLOSE, OPEN
from validator.rules.views import Body
from validator.sources.identify import Claim
from validator.sources.model import Policy
from validator.text.findings import Applicability, Finding

SOURCES = own_sources()


def repaired(text: str, *, unsafe: bool = False) -> Repaired:
    return repair_seed(text.encode(), SOURCES, claim=Claim("plain-text", "the test"), wanted=Wanted(unsafe))


def findings(text: str, rule: str = "quote-for-apostrophe") -> list[Finding]:
    return [each for each in validator.validate(text, source="plain-text").findings if each.rule == rule]


class Part(NamedTuple):
    """Some words. `marks` are the offsets in them of quotation marks that are right."""

    text: str
    marks: tuple[int, ...] = ()


def quoting(text: str) -> Part:
    """Words in which `<` and `>` are the two halves of a quotation, and `"` an apostrophe that became one."""
    marks = tuple(at for at, character in enumerate(text) if character in "<>")
    return Part(text.replace("<", '"').replace(">", '"'), marks)


PLAIN = ["The keeper came.", "Nobody read the note in the town.", "They left at noon, and the gate was shut."]
SURE = ['The editor"s note was read.', 'It"s late, and they don"t know.', 'We"re at the keeper"s gate.']
QUOTED = [
    "nine <I>s",
    "<The Who>s album",
    "<A>s and <B>s",
    "four <um>s",
    "the <T-14>s",
    "<OK>d it",
    "the <do>s and <it>s",
]
GLUED = [
    "the<T-14> tank", "a<re-entry> visa", "called<s-curve>", "an<S.A.> firm", "the<S Club> song", "its<d.o.a.> case",
    "said<It is late>", "said<yes> and left", "the<s class> cars", "wrote<re-entry is hard>", "the<D Day landing> film",
]  # fmt: skip
ENDS_LATER = [
    "the<T-14 tank\nthat was built there> in town",
    "called it<re-entry,\nas they do> here",
    "<a note\nof two lines>s",
]
RIGHT = ["the <big gate>", "the <gate> and the <wall>", "a note on <the long way home>"]

PHRASES = st.sampled_from([*QUOTED, *GLUED, *ENDS_LATER, *RIGHT]).map(lambda words: f"They read of {words} here.")
SENTENCES = st.one_of(st.sampled_from(PLAIN), st.sampled_from(SURE), PHRASES, PHRASES)
TEXTS = st.lists(st.tuples(SENTENCES, st.sampled_from([" ", " ", "\n", "\n\n"])), min_size=1, max_size=9).map(
    lambda pieces: quoting("".join(sentence + gap for sentence, gap in pieces).rstrip() + "\n")
)


@settings(max_examples=300)
@given(part=TEXTS, curly=st.booleans(), capitals=st.booleans())
def test_a_safe_repair_leaves_no_half_quotation_and_comes_to_rest(part: Part, curly: bool, capitals: bool) -> None:
    characters = list(part.text.upper() if capitals else part.text)
    for number, at in enumerate(part.marks):
        characters[at] = '"' if not curly else "“”"[number % 2]
    text = "".join(characters)
    once = repaired(text)
    after = once.data.decode()
    assert [after[at] for at in part.marks] == [text[at] for at in part.marks]
    assert not [each for each in once.report.findings if each.rule.startswith("repair-")]
    assert repaired(after).data == once.data


@pytest.mark.parametrize("sentence", SURE)
@pytest.mark.parametrize("words", [*QUOTED, *GLUED, *ENDS_LATER, *RIGHT])
def test_sure_apostrophes_are_repaired_beside_any_quotation(words: str, sentence: str) -> None:
    part = quoting(f"{sentence}\n\nThey read of {words} here.\n\n{sentence}\n")
    expected = "".join(
        "'" if character == '"' and at not in part.marks else character for at, character in enumerate(part.text)
    )
    assert repaired(part.text).data.decode() == expected


@pytest.mark.parametrize("words", ["Mr. B", "the long way home to the gate", "wacky old man of the town"])
@pytest.mark.parametrize("glued", ['the"T-14" tank', 'a"re-entry" visa', 'the"S-class" van'])
def test_a_quoted_name_keeps_both_marks_before_a_quotation_whose_space_was_lost(words: str, glued: str) -> None:
    text = f'It"s late. They saw "{words}"s end and {glued} there.\n'
    assert repaired(text).data.decode() == text.replace('It"s', "It's")


@pytest.mark.parametrize("words", GLUED)
def test_a_quotation_whose_space_was_lost_has_both_its_halves(words: str) -> None:
    text = quoting(f"They read of {words} here.\n").text
    assert not findings(text, "stray-quote")


@pytest.mark.parametrize(
    "piece", ['"', '"s ', 'a"s ', "'\"'\"", '" "', 'a"s b" "c ', "“a” ", "„a“ ", "a”s ", '"a"\n', 'a"s\n']
)
def test_a_text_of_nothing_but_marks_is_no_prose_and_says_so(piece: str) -> None:
    text = "x " + piece * 8_000 + "x\n"
    assert len([character for character in text if character in '"“”„']) > 5_000
    (finding,) = findings(text)
    assert "none was looked at" in finding.message
    assert finding.fix is None
    assert repaired(text).data.decode().translate(str.maketrans("", "", " \n")) == "".join(text.split())


@pytest.mark.parametrize(
    "piece", ['"', '"s ', 'a"s ', '" "', "“a” ", '"a"\n', "'", "´", "a´s ", "`", "‘", "′", "‘90s ", "a''s "]
)
def test_a_text_of_nothing_but_marks_takes_no_long_time(piece: str) -> None:
    text = piece * (500_000 // len(piece))
    assert seconds(lambda: repaired(text)) < 2.0  # for half a megabyte; it took 15


def test_many_marks_in_prose_are_looked_at_however_many() -> None:
    text = 'The keeper"s note was long, and the clerk read the whole of it at the gate before noon came.\n' * 6_000
    assert len(findings(text)) == 6_000
    assert '"' not in repaired(text).data.decode()


def test_a_rule_that_finds_more_than_is_listed_repairs_nothing_and_says_so() -> None:
    text = "A\x07 line.\n" * (MOST_OF_A_RULE + 1)
    found = findings(text, "control-character")
    assert len(found) == MOST_OF_A_RULE + 1
    assert {each.fix.applicability for each in found if each.fix} == {Applicability.DISPLAY}
    assert [each.message for each in found if "none of them is repaired" in each.message]
    assert repaired(text, unsafe=True).data.decode() == text
    fewer = "A\x07 line.\n" * MOST_OF_A_RULE
    assert repaired(fewer, unsafe=True).data.decode() == "A line.\n" * MOST_OF_A_RULE


@pytest.mark.parametrize(("blank", "count"), [(" ", MOST_OF_A_RULE), (" ", MOST_OF_A_RULE + 1), ("\t ", 30_000)])
@pytest.mark.parametrize("opening", ["", "\ufeff"])
def test_blanks_at_the_ends_of_however_many_lines_are_repaired(opening: str, blank: str, count: int) -> None:
    text = opening + f"A line.{blank}\n" * count
    found = findings(text, "trailing-whitespace")
    assert sum(len(each.fix.edits) for each in found if each.fix) == count
    assert repaired(text).data.decode() == "A line.\n" * count


def test_blanks_at_the_ends_of_however_many_lines_are_for_a_person_in_front_matter_and_markdown() -> None:
    text = "---\nlayout: post\ntitle: One \n---\n" + "A line. \n" * MOST_OF_A_RULE
    assert repaired(text).data.decode() == text


@pytest.mark.parametrize("end", ["  \n", " \n"])
def test_blanks_that_mean_something_stay_however_many_lines_have_them(end: str) -> None:
    text = f"---\nlayout: post\ntitle: One\n---\n```\n{f'A line.{end}' * (MOST_OF_A_RULE + 1)}```\n"
    claim = Claim("jekyll-post", "the test")
    done = repair_seed(text.encode(), SOURCES, path="a.md", claim=claim, wanted=Wanted(unsafe=True))
    assert done.data.decode() == text


ADDRESSES = ["https://example.org/a", "www.example.org/a_(b)", "user@example.org", "ftp://example.org/c?d=e"]


@given(
    address=st.sampled_from(ADDRESSES),
    marks=st.sampled_from(['""', "“”", "„“", "””"]),
    before=st.sampled_from(["", "See ", "They said: ", "It is (", "One.\n", "the page "]),
    inside=st.sampled_from(["{}", "see {}", "{} is it", "see {} there"]),
    after=st.sampled_from(["", ".", " and left.", ", and more", "\nTwo.", "; "]),
)
def test_marks_around_an_address_are_a_pair(address: str, marks: str, before: str, inside: str, after: str) -> None:
    quotation = f"{marks[0]}{inside.format(address)}{marks[1]}"
    text = f"{before}{quotation}{after} The editor wrote {quotation} twice.\n"
    assert not [each for each in validator.validate(text, source="plain-text").findings if each.family == "quotes"], (
        text
    )


@given(
    st.lists(st.sampled_from(["a" * 100, "b ", "中" * 20, "é", "\n" * 50, "，", "Ж" * 30, "中a" * 3000]), max_size=40)
)
@example(["a" * 91, "中" * 9])
def test_a_text_is_latin_if_nine_in_ten_of_its_letters_are(pieces: list[str]) -> None:
    text = "".join(pieces)
    letters = [each for each in text if each.isalpha()][:20_000]
    latin = [each for each in letters if each < "\u0250"]
    assert quotation_marks._is_latin(text) == (letters != [] and len(latin) >= 0.9 * len(letters))


BESIDE = st.sampled_from([*"“”„,.!?…-/(=>1½ afbrs\u00e9完\ufffc", "it", "rb", '"', '"', "The ", "s ", " no. No "])


@given(st.lists(BESIDE, max_size=20).map("".join))
@example('f"a" "b".')
@example('6" 5½"s')
def test_what_a_mark_costs_is_the_same_from_the_two_characters_beside_it(text: str) -> None:
    last = -1
    for at, character in enumerate(text):
        if character in quotation_marks.DOUBLE_MARKS:
            words = quotation_costs._length(text, at, last)
            either = [quotation_costs._costs(text, at, 0, begins, words) for begins in (False, True)]
            assert quotation_costs.costs_of_mark(text, at, last, 0) in either
            last = at


QUOTATION = st.tuples(
    st.sampled_from(['"', '\n"', ' "', ' said: "', ' and "', '. "', '\t"', ' ("', "x\""]),
    st.sampled_from(["It is late", "it is", "80", "br", "late. \"And so", 'late, "6 or "It', 'of "it', f"so {'on ' * 60}"]),
    st.sampled_from(['"', '."', '," ', '%" of', ')".', '";', '" -', '"\n', '?"\n\n', '6" ', '"x', ""]),
).map("".join)  # fmt: skip
SPEECH = st.lists(QUOTATION, max_size=7).map("".join)


@settings(max_examples=300)
@given(SPEECH)
@example('They said "it is late. "I know." And "so on", he added, "is late".\n')
@example('"One. "Two. "Three. "Four. "Five. "Six. "Seven. "Eight. "Nine."')
@example("".join(f'They call it "{word} {"x " * 150}", and left. ' for word in "abcdefgh"))
@example('of it "fr", "b." and "80%"')
def test_a_text_whose_marks_are_not_labelled_has_nothing_but_pairs(text: str) -> None:
    seen = quotation_marks.quotations_of(Body(text, text, Policy(script="latin")))
    if not seen.marks:
        labels = [each.label for each in quotation_marks.label(text)]
        assert set(labels) <= {OPEN, CLOSE}
        assert labels.count(CLOSE) <= labels.count(OPEN) == 0 or labels[-1] == CLOSE


def test_speech_of_several_sentences_needs_no_labels() -> None:
    text = 'The keeper said: "It is late. "We have left." He calls it "80%" of all, or "a lot".\n\n"Late," they said.\n'
    assert quotation_marks.quotations_of(Body(text, text, Policy(script="latin"))).marks == ()
