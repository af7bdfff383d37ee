"""Repair as a function: what it mends, what it must never do, and that its guards hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import validator
from validator.archive.face import own_sources
from validator.engine.checking import check_seed
from validator.repairs.edits import apply, choose, diff, folded
from validator.repairs.repairing import Repaired, Wanted, repair_seed
from validator.rules import RULES
from validator.sources.identify import Claim
from validator.text.findings import Applicability, Edit, Finding, Fix, SeedReport, Severity, Verdict
from validator.text.places import Position

SOURCES = own_sources()
TEXT = "The keeper's first rule: leave the text alone.\nThere are 12 marks in it, and 國 is one.\n"


def mend(text: str | bytes, source: str = "plain-text", **more: Any) -> Repaired:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return repair_seed(data, SOURCES, claim=Claim(source, "the test"), **more)


SAFE = {
    "apostrophe": ('The keeper"s first rule.\n', "The keeper's first rule.\n"),
    "several": ('The keeper"s rule and the reader"s eye  \n', "The keeper's rule and the reader's eye\n"),
    "line ends": ("one\r\ntwo\r\n", "one\ntwo\n"),
    "lone CR": ("one\rtwo\r", "one\ntwo\n"),
    "final newline": ("one", "one\n"),
    "mark": ("\ufeffone\n", "one\n"),
    "trailing": ("one  \ntwo\t\n", "one\ntwo\n"),
    "all at once": ('\ufeffThe keeper"s rule \r\nends here', "The keeper's rule\nends here\n"),
}


@pytest.mark.parametrize("name", SAFE)
def test_safe_repairs(name: str) -> None:
    text, expected = SAFE[name]
    repaired = mend(text)
    assert repaired.data.decode() == expected
    assert not [each for each in repaired.report.findings if each.fix and each.fix.applicability is Applicability.SAFE]


UNTOUCHED = [
    'She said "yes" and left.\n',
    'Four "um"s and a 6" nail.\n',
    "\u201cCurly\u201d and \u2019 apart.\n",
    "國防部\u3000發言人。\n",
    'key="value" and {"a": "b"}\n',
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_right_stays_to_the_byte(text: str) -> None:
    repaired = mend(text)
    assert repaired.data == text.encode()
    assert not repaired.changes


def test_a_recoding_keeps_the_text() -> None:
    text = "這一段文字站在報導的位置上，說明它自己，並且沒有別的內容，只為了檢查編碼。" * 4 + "\n"
    for encoding in ("utf-16-le", "utf-16-be"):
        data = ("\ufeff" + text).encode(encoding)
        assert not mend(data).changes, "nobody declared it, so it is a proposal"
        assert mend(data, wanted=Wanted(unsafe=True)).data.decode() == text


# --- rogues: each would harm the text, and each is found out -----------------------------------------------------------


def rogue(
    rule: str, old: str, new: str, applicability: Applicability = Applicability.SAFE
) -> Callable[..., SeedReport]:
    """A check of which one rule proposes to replace `old` by `new`."""

    def check(data: bytes, *arguments: Any, **named: Any) -> SeedReport:
        report = check_seed(data, *arguments, **named)
        start = data.decode().find(old)
        if start < 0:
            return report
        place = Position(1, 1, start, start)
        fix = Fix(applicability, "a rogue's", (Edit(start, start + len(old), new),))
        finding = Finding(rule, RULES[rule].family, Severity.WARNING, "a rogue", place, place, fix)
        return replace(report, findings=(*report.findings, finding))

    return check


ROGUES = {
    "drops a full stop": ("quote-for-apostrophe", "alone.", "alone"),
    "changes a digit": ("no-break-space", "12", "13"),
    "eats a sign": ("trailing-whitespace", ":", ""),
    "swaps a Han variant": ("quote-for-apostrophe", "國", "国"),
    "joins two words": ("trailing-whitespace", "first rule", "firstrule"),
    "eats a blank between words": ("trailing-whitespace", " marks", "marks"),
    "writes what its rule does not take": ("final-newline", "'", '"'),
    "adds a word": ("final-newline", "", "x"),
    "adds a mark": ("final-newline", "keeper", "keeper'"),
    "writes a prime": ("quote-for-apostrophe", "'", "′"),
}


@pytest.mark.parametrize("name", ROGUES)
def test_a_rogue_rule_is_rejected(name: str) -> None:
    rule, old, new = ROGUES[name]
    repaired = mend(TEXT, check=rogue(rule, old, new))
    assert repaired.data == TEXT.encode()
    assert not repaired.changes
    rejected = [each for each in repaired.report.findings if each.rule == "repair-rejected"]
    assert len(rejected) == 1
    assert rejected[0].severity is Severity.ERROR
    assert rule in rejected[0].message
    assert repaired.report.verdict is Verdict.INVALID  # an error is not beside `valid`


UNCOVERING = {
    "a curly mark, misread": "The editorâ€\x9ds note.\n",
    "a reference": "The editor&quot;s note.\n",
    "an escape": "The editor\\u201ds note.\n",
    "windows-1252 as latin-1": "The editor\x94s note.\n",
}


@pytest.mark.parametrize("name", UNCOVERING)
def test_a_proposal_may_uncover_what_a_safe_fix_repairs(name: str) -> None:
    repaired = validator.repair(UNCOVERING[name], source="plain-text", unsafe=True)
    assert repaired.data == b"The editor's note.\n"
    assert not repaired.report.findings


def test_a_proposal_may_not_uncover_any_other_error() -> None:
    repaired = mend(
        "The keeper.\n",
        wanted=Wanted(unsafe=True),
        check=rogue("not-nfc", "keeper", "kee\ufffdper", applicability=Applicability.UNSAFE),
    )
    assert repaired.data == b"The keeper.\n"
    assert "a new error, replacement-character" in repaired.report.findings[0].message


def test_fixes_that_undo_each_other_are_a_cycle() -> None:
    def check(data: bytes, *arguments: Any, **named: Any) -> SeedReport:
        other = ("Keeper", "keeper") if "Keeper" in data.decode() else ("keeper", "Keeper")
        return rogue("not-nfc", *other, applicability=Applicability.UNSAFE)(data, *arguments, **named)

    repaired = mend("The keeper.\n", wanted=Wanted(unsafe=True), check=check)
    assert repaired.data == b"The keeper.\n"
    assert [each.rule for each in repaired.report.findings][:1] == ["repair-cycle"]
    assert "not-nfc" in repaired.report.findings[0].message


def test_front_matter_that_would_read_differently_is_rejected() -> None:
    text = "---\ntitle: 'It is'\ndate: 2021-03-04\nurl: https://example.org/a\n---\nText.\n"
    repaired = repair_seed(
        text.encode(), SOURCES, claim=Claim("front-matter", "the test"), wanted=Wanted(unsafe=True),
        check=rogue("quote-for-apostrophe", "'It is'", "'It is", Applicability.UNSAFE),
    )  # fmt: skip
    assert repaired.data == text.encode()
    assert "front matter" in next(each.message for each in repaired.report.findings if each.rule == "repair-rejected")


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("28/7/2021", "2021-07-28"),
        ('"July 28, 2021"', "2021-07-28"),
        ("3/4/2021", "3/4/2021"),
        ("July 2021", "July 2021"),
    ],
)
def test_a_date_is_respelt_where_it_reads_in_one_way_only(spelling: str, expected: str) -> None:
    text = (
        "---\nlayout: post\ntitle: One\ndate: {}\nauthor: A. Specimen\nfrom: https://example.org/a\n---\n<p>Text.</p>\n"
    )
    claim = Claim("jekyll-copy", "the test")
    data = text.format(spelling).encode()
    assert repair_seed(data, SOURCES, claim=claim).data == data, "a date is nothing that a safe repair touches"
    assert repair_seed(data, SOURCES, claim=claim, wanted=Wanted(unsafe=True)).data.decode() == text.format(expected)


# --- lifts ------------------------------------------------------------------------------------------------------------


def test_a_lifted_value_goes_to_the_sidecar_and_its_source_with_it() -> None:
    text = " date 2021-03-04 BEIJING, March 4 -- One paragraph stands for the article.\n"
    repaired = repair_seed(text.encode(), SOURCES, path="a.txt", wanted=Wanted(unsafe=True))
    assert repaired.data == b"BEIJING, March 4 -- One paragraph stands for the article.\n"
    assert [(lift.field, lift.value) for lift in repaired.lifts] == [("date_published", "2021-03-04")]
    assert repaired.report.record["date_published"] == "2021-03-04"


# --- edits ------------------------------------------------------------------------------------------------------------


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply("abc", [Edit(0, 2, "x"), Edit(1, 3, "y")])


def finding(rule: str, *edits: Edit) -> Finding:
    place = Position(1, 1, 0, 0)
    return Finding(rule, "f", Severity.INFO, "", place, place, Fix(Applicability.SAFE, "", edits))


def test_fixes_that_overlap_or_touch_wait() -> None:
    first, touching, apart = finding("a", Edit(0, 2, "")), finding("b", Edit(2, 3, "")), finding("c", Edit(4, 5, ""))
    assert choose([first, touching, apart]) == ([first, apart], [touching])


def test_a_fix_is_carried_out_whole_or_not_at_all() -> None:
    wide, inner = finding("a", Edit(0, 1, ""), Edit(8, 9, "")), finding("b", Edit(8, 9, "x"), Edit(20, 21, ""))
    assert choose([wide, inner]) == ([wide], [inner])


def test_a_diff_shows_a_missing_last_line_end() -> None:
    assert "".join(diff("one", "one\n", "a.txt")).splitlines()[-2:] == ["\\ No newline at end of file", "+one"]


# --- properties -------------------------------------------------------------------------------------------------------

pieces = st.sampled_from(
    ["the", "editor", "keeper", '"', '"s', '"t', "'", "’", "“", "”", "國", "防", "。", " ", "  ", "\u00a0", "\t", "\n", "\r\n",
     "\ufeff", "\r", "\n\n", "\u200b", "\x00", "<p>", "</p>", "<b>", "&quot;", "`", "12", "6", ".", ",", "Ã©",
     "\ufffd", "e\u0301", "https://example.org/a", "---\n", "title: a\n", "date: 2021-03-04\n", "By A. B (C)\n",
     "Latest News:\n", "We Recommend:\n"]
)  # fmt: skip
texts = st.lists(pieces, max_size=40).map("".join)
claims = st.sampled_from([None, *sorted(SOURCES)])


def repaired_as(data: bytes, source: str | None, **more: Any) -> Repaired:
    claim = Claim(source, "the test") if source else None
    return repair_seed(data, SOURCES, path="a/b.txt", claim=claim, **more)


@settings(max_examples=300, deadline=None)
@given(texts, claims, st.booleans())
def test_repairing_twice_is_repairing_once(text: str, source: str | None, unsafe: bool) -> None:
    once = repaired_as(text.encode(), source, wanted=Wanted(unsafe))
    refused = [each for each in once.report.findings if each.family == "repair"]
    # A claim stands for what the sidecar says from now on, so the second run knows the source too.
    twice = repaired_as(once.data, source or once.before.source, wanted=Wanted(unsafe))
    if not refused and not once.lifts:
        assert twice.data == once.data
        assert not twice.changes
        tiers = (Applicability.SAFE, Applicability.UNSAFE) if unsafe else (Applicability.SAFE,)
        assert not [each for each in once.report.findings if each.fix and each.fix.applicability in tiers]


@settings(max_examples=300, deadline=None)
@example("Ã©\u00a0", "text-article")  # a headline with the no-break space only
@example("\u00a0\nthe", "text-article")  # a first line of the no-break space alone
@given(texts, claims)
def test_a_safe_repair_keeps_the_folded_text_and_is_never_rejected(text: str, source: str | None) -> None:
    repaired = repaired_as(text.encode(), source)
    assert folded(repaired.data.decode()) == folded(text)
    assert not [each.message for each in repaired.report.findings if each.family == "repair"]


@settings(max_examples=150, deadline=None)
@given(texts, claims, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_does_not_matter(text: str, source: str | None, unsafe: bool, random: Random) -> None:
    def shuffled(data: bytes, *arguments: Any, **named: Any) -> SeedReport:
        report = check_seed(data, *arguments, **named)
        return replace(report, findings=tuple(random.sample(report.findings, len(report.findings))))

    data = text.encode()
    assert (
        repaired_as(data, source, wanted=Wanted(unsafe), check=shuffled).data
        == repaired_as(data, source, wanted=Wanted(unsafe)).data
    )


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), claims, st.booleans())
def test_no_bytes_make_it_raise(data: bytes, source: str | None, unsafe: bool) -> None:
    repaired = repaired_as(data, source, wanted=Wanted(unsafe))
    assert hashlib.sha256(data).hexdigest() == repaired.before.sha256
