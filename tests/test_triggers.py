"""A rule with triggers finds nothing in a text without them: on cases, on injected defects and on generated texts."""

from __future__ import annotations

import re
import unicodedata
from random import Random

import pytest
from harness import cases, examples, rules, run_alone, run_case, runs_alone, view_of
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.bases import read_bases
from benchmarks.injection import SPECIMENS
from benchmarks.passages import INJECTORS
from validator.archive.face import own_sources
from validator.engine.checking import check_seed
from validator.engine.listening import triggered_rules, triggers_of
from validator.rules import RULES
from validator.rules.registry import Rule
from validator.sources.identify import Claim
from validator.sources.model import Policy, Source

WITH_TRIGGERS = [rule for rule in rules() if triggers_of(rule)]
EACH = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in WITH_TRIGGERS])
PLAIN = Source(id="", title="", file="")
# Pieces in which the rules find something, and what may stand between the characters of one.
PIECES = st.one_of(
    st.sampled_from(
        [
            r"the",
            r"editor",
            r"s",
            r"t",
            r"note",
            r"Mon",
            r"Friday,",
            r"March",
            r"4,",
            r"2021",
            r"2021年3月4日（星期五）",
            r"title:",
            r"layout:",
            r"---",
            r"+++",
            r"<<<<<<<",
            r"=======",
            r">>>>>>>",
            r"HEAD",
            r"<b>",
            r"</b>",
            r"<a>",
            r"</a>",
            r"**",
            r"_",
            r"`",
            r"[",
            r"](u)",
            r"<!--",
            r"-->",
            r"&quot;",
            r"&#34;",
            r"&#8217;",
            r"&rdquo;",
            r"&amp;#39;",
            r"&amp;amp;",
            r"&nbsp;",
            r"&Acirc;",
            r"\u2019",
            r"\x93",
            r"Ã©",
            r"â€™",
            r"â€",
            r"Â",
            r"Ð¿Ñ€",
            r"РїСЂРё",
            r"Ï„Î·",
            r"ä¸­æ–‡",
            r"涓枃",
            r"锟斤拷",
            r"鈥渃",
            r"ÖÐÎÄ±¨µÀ",
            r"ЧЎ",
            r"рџ",
            r"鏂囧",
            r"脙漏",
            r"忙",
            r"o’’clock",
            r"writer‘s",
            r"‘90s",
            r"''90s",
            r"中文“引”",
        ]
    ),
    st.sampled_from(list("\r\n\t \u00a0\u3000\u202f\u200b\ufeff\u00ad\ufffd\x00\x85\x93\u0301\u1161\uf900\u212be")),
    st.sampled_from(list("'\"“”„‘’´`′aZ9#")),
    st.characters(exclude_categories=["Cs"]),
)
TEXTS = st.lists(PIECES, max_size=25).map("".join)
POLICIES = st.builds(
    Policy,
    markup=st.sampled_from(["text", "markdown", "html"]),
    script=st.sampled_from(["auto", "latin"]),
    legacy=st.sampled_from([(), ("gb18030",), ("koi8-r",)]),
)


@pytest.fixture
def everyone_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("validator.engine.checking.rules_for", lambda utf8, source: tuple(RULES.values()))


def may_find(rule: Rule, text: str) -> bool:
    return rule in triggered_rules(text.encode("utf-8", "surrogatepass"), PLAIN)


@EACH
def test_what_is_found_in_cases_and_examples_was_triggered(rule: Rule) -> None:
    told = [*(case for kind, case in examples(rule) if kind == "Bad"), *cases(rule.name)["dirty"]]
    for case in told:
        text, outcomes = run_case(rule, case)
        assert not outcomes or case.get("options") or may_find(rule, text), text


@EACH
def test_a_rule_with_triggers_is_not_asked_about_a_plain_line(rule: Rule) -> None:
    assert not may_find(rule, "One plain line of prose, nothing else.\n")


@given(TEXTS, POLICIES)
@example("Ã&copy;", Policy(markup="html"))
@example("o’<b></b>’clock", Policy(markup="html"))
@example("the editor<i>&#34;</i>s note", Policy(markup="html"))
def test_what_a_rule_finds_in_a_generated_text_was_triggered(text: str, policy: Policy) -> None:
    for rule in WITH_TRIGGERS:
        if runs_alone(rule) and run_alone(rule, view_of(rule, text, policy)):
            assert may_find(rule, text), rule.name


@pytest.mark.usefixtures("everyone_is_asked")
@given(
    st.sampled_from(['"{}"', "'{}'", "{}"]),
    TEXTS,
    TEXTS,
    st.sampled_from(["jekyll-post", "front-matter", "plain-text"]),
)
def test_what_is_found_in_a_generated_post_was_triggered(style: str, title: str, body: str, name: str) -> None:
    text = f"---\nlayout: post\ntitle: {style.format(title)}\ndate: 2021-03-04\n---\n{body}\n"
    _all_was_triggered(text.encode(), name)


@pytest.mark.usefixtures("everyone_is_asked")
@pytest.mark.parametrize("name", sorted(INJECTORS))
def test_what_is_found_of_injected_defects_was_triggered(name: str) -> None:
    rng = Random(name)
    bases = read_bases(SPECIMENS)[::3]
    for injector in INJECTORS[name]:
        for base in bases:
            put = injector(rng, base)
            if put is not None:
                _all_was_triggered(put.content, base.given.source or "plain-text")


def _all_was_triggered(data: bytes, source: str) -> None:
    sources = own_sources()
    report = check_seed(data, sources, path="_posts/2021-03-04-a.md", claim=Claim(source, "the test"))
    if report.encoding == "utf-8":
        asked = {rule.name for rule in triggered_rules(data, sources[source])}
        assert {finding.rule for finding in report.findings} <= asked


def test_every_character_that_is_not_composed_triggers_the_rule_about_it() -> None:
    """Those that Unicode's composed form replaces, and the second ones of all pairs that compose."""
    (pattern,) = triggers_of(RULES["not-nfc"])
    characters = {chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000}
    pairs = {unicodedata.decomposition(each) for each in characters}
    seconds = {chr(int(pair.split()[1], 16)) for pair in pairs if re.fullmatch(r"[0-9A-F]+ [0-9A-F]+", pair)}
    jamo = {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    marks = {each for each in characters if unicodedata.combining(each)}
    for each in {each for each in characters if not unicodedata.is_normalized("NFC", each)} | seconds | jamo | marks:
        assert may_find(RULES["not-nfc"], each), (hex(ord(each)), pattern)


@EACH
def test_triggers_are_searched_for_quickly(rule: Rule) -> None:
    """A trigger that looks back at the start of a line, or counts, multiplies the states of the search for all of them."""
    for pattern in triggers_of(rule):
        assert not re.search(r"(?<!\\)\^|\{\d+,\d*\}", re.sub(r"\[\^", "[", pattern))
