"""A rule with triggers finds nothing in a text without them: on cases, on injected defects and on generated texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from harness import cases, examples, rules, run_alone, run_case, runs_alone, view_of
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.bases import read_bases
from benchmarks.injection import SPECIMENS
from benchmarks.passages import INJECTORS
from validator.archive.face import own_sources
from validator.engine.checking import check_seed
from validator.engine.listening import by_view, triggered_rules, triggers_of
from validator.parsing import misread as misread_module
from validator.parsing.misread import misread
from validator.rules import RULES
from validator.rules.registry import Rule
from validator.rules.views import Found
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
            r"Friday, March 4, 2021",
            r"Friday</b>, 4 March ２０２１",
            r"Mo&#110; March 4, 2021",
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
    monkeypatch.setattr("validator.engine.checking.rules_for", lambda utf8, source: by_view(RULES.values()))


def may_find(rule: Rule, text: str) -> bool:
    return rule in triggered_rules(text.encode("utf-8", "surrogatepass"), PLAIN)


# What Python takes for digits, letters, blanks and line ends, and RE2 may not.
ALIKE = [
    *(
        str.maketrans("0123456789", digits)
        for digits in ("０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    ),
    *(
        str.maketrans(*pair)
        for pair in ("sſ", "Sſ", "kK", "iı", "e\u00e9", "oо", "oⅨ", "o½", " \u00a0", " \u3000", " \v")
    ),
    *(str.maketrans(*pair) for pair in ("\n\r", "\n\x85", "\n\u2028", "-–", ",，", ".．", '"”', "'’")),
]


@pytest.mark.usefixtures("everyone_is_asked")
@EACH
def test_what_is_found_in_cases_and_examples_was_triggered(rule: Rule) -> None:
    told = [*(case for kind, case in examples(rule) if kind == "Bad"), *cases(rule.name)["dirty"]]
    for case in told:
        text, outcomes = run_case(rule, case)
        assert not outcomes or case.get("options") or may_find(rule, text), text
        given_too: dict[str, Any] = {key: case[key] for key in ("policy", "source", "path", "options") if key in case}
        for alike in ALIKE if "text" in case else ():
            text, outcomes = run_case(rule, {**given_too, "text": case["text"].translate(alike)})
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


# What was UTF-8 before it was read as GBK: characters of one, two, three and four bytes.
READ_AS_GBK = st.text(st.sampled_from([*"的，我”美国、人·×éõïжурналПΔ😀"]), min_size=1, max_size=8).map(
    lambda text: text.encode().decode("gb18030", "ignore")
)


@given(st.sampled_from(["", "a", "He said ", "，", "中"]), READ_AS_GBK, st.sampled_from(["", "b", " and", "。"]))
@example("He said ", "鐨勶紝", " and")
def test_what_was_read_as_gbk_was_triggered(before: str, run: str, after: str) -> None:
    text = before + run + after
    assert not misread(text) or may_find(RULES["mojibake"], text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028"])
@pytest.mark.parametrize("keys", [("title", "layout"), ("date", "title"), ("layout", "date")])
@pytest.mark.parametrize(("fence", "sign"), [("---", ":"), ("+++", " =")])
def test_a_second_front_matter_was_triggered(end: str, keys: tuple[str, str], fence: str, sign: str) -> None:
    text = f"---\ntitle: One\n---\n\n{fence}\n{end.join(f'{key}{sign} One' for key in keys)}\n{fence}\nText.\n"
    found = {
        each.rule for each in check_seed(text.encode(), own_sources(), claim=Claim("front-matter", "the test")).findings
    }
    assert "second-front-matter" in found
    assert may_find(RULES["second-front-matter"], text)


def test_an_attribute_of_html_is_no_key_of_front_matter() -> None:
    assert not may_find(RULES["second-front-matter"], '---\ntitle: One\n---\n<a title="One">Text.</a>\n')


def test_what_is_passed_over_in_search_of_misread_text_is_in_no_form_of_it() -> None:
    for encoding in misread_module._ENCODINGS:
        form = misread_module._form(encoding)
        assert not misread_module._ORDINARY.search("".join(map(chr, form.to_bytes)))


def test_a_chinese_text_does_not_trigger_the_rule_about_misread_text() -> None:
    assert not may_find(RULES["mojibake"], "，未來的学习一样，为农村某些层面（喜剧秀）小红书。")


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


ABOUT = [rule for rule in RULES.values() if rule.about is not None]


@given(
    st.sampled_from(["A headline", "", "Report #2", "{{ title }}"]),
    st.sampled_from(["author: A. Specimen", "author:", "auther: A", "author: Xinhua", "author: A\nauthor: B"]),
    st.sampled_from(["2021-03-04", "2021-02-30", "", "2099-01-01"]),
    st.sampled_from(["<!--1614816000000-->\n[One](u)\n------\n", '<div id="dfp-ad-1"></div>', ""]),
    st.sampled_from(["jekyll-copy", "zaobao-jekyll", "front-matter", None]),
)
def test_a_rule_without_what_it_is_about_finds_nothing(
    title: str, author: str, day: str, top: str, name: str | None
) -> None:
    data = f"---\nlayout: post\ntitle: {title}\n{author}\ndate: {day}\n---\n{top}\nText.\n".encode()
    claim = Claim(name, "the test") if name else None
    with pytest.MonkeyPatch.context() as patched:
        told = check_seed(data, own_sources(), path="_posts/2021-03-05-a.md", claim=claim)
        patched.setattr(
            "validator.engine.listening.RULES", {name: replace(rule, about=None) for name, rule in RULES.items()}
        )
        assert told == check_seed(data, own_sources(), path="_posts/2021-03-05-a.md", claim=claim)


def test_rules_that_say_what_they_are_about_are_not_asked_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()

    def noted(rule: Rule) -> Rule:
        def check(*_: object, **__: object) -> Iterator[Found]:
            asked.add(rule.name)
            yield from ()

        return replace(rule, check=check)

    monkeypatch.setattr("validator.engine.listening.RULES", {rule.name: noted(rule) for rule in ABOUT})
    check_seed(b"A line of plain text.\n", own_sources(), claim=Claim("base", "the test"))
    assert asked == {"headline-missing", "byline-missing", "date-missing", "source-url-missing"}


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
