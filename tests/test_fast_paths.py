"""Every shortcut gives what the plain reading gives: the same report, the same repair, the same pieces, field by field."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest
from expected import REPOSITORY
from harness import ENGINE_KEYS, examples, rules, run_alone, runs_alone, seed_of, view_of
from hypothesis import assume, example, given
from hypothesis import strategies as st

import validator
import validator.face
from validator import (
    comparing,
    dates,
    engine,
    front_matter,
    json_schema,
    markup,
    patterns,
    plans,
    record,
    sources,
    text,
)
from validator.front_matter import _read_composed, _read_plain
from validator.json_schema import is_surely_valid, problems_of
from validator.markup import GONE
from validator.patterns import PatternError, Subject, compile_pattern, required_literals
from validator.rules import agreement, characters, encoding, quotes, whitespace
from validator.rules import record as record_rules
from validator.rules.registry import Rule
from validator.sidecars import Sidecar
from validator.sources import Claim, Policy, Traits, identified, identify
from validator.text import LineIndex, Span

# --- the whole ----------------------------------------------------------------------------------------------------------


@contextmanager
def plain_reading() -> Iterator[None]:
    """Every shortcut off: each rule is asked, each pattern tried everywhere, each front matter read by the parser."""
    with pytest.MonkeyPatch.context() as patch:
        silent = {rule.name: replace(rule, about="", characters="") for rule in rules()}
        patch.setattr(plans, "RULES", silent)
        patch.setattr(plans, "_BY_VIEW", {})
        patch.setattr(plans, "_PLANS", {})
        patch.setattr(engine, "_present", lambda _seen: None)
        patch.setattr(front_matter, "_read_plain", lambda *_: None)
        patch.setattr(json_schema, "is_surely_valid", lambda _schema: json_schema._never)
        patch.setattr(markup, "_addresses", lambda masked: markup._ADDRESS.finditer(masked))
        patch.setattr(patterns, "required_literals", lambda _pattern: ())
        patch.setattr(patterns, "_prepared", patterns._prepared.__wrapped__)
        patch.setattr(engine, "identify", sources.identified)
        patch.setattr(engine, "_letters_and_digits", lambda found: "".join(engine._LETTERS_AND_DIGITS.findall(found)))
        patch.setattr(dates, "_read", dates._read.__wrapped__)
        patch.setattr(dates, "_read_plain", lambda _text: None)
        patch.setattr(dates, "_DAYS", ())
        patch.setattr(json_schema, "_PLAIN_URI", re.compile("(?!)"))
        patch.setattr(record, "_surely_agrees", lambda *_: False)
        patch.setattr(comparing, "_is_same", lambda *_: False)
        patch.setattr(record, "_seen", seen_one_by_one)
        patch.setattr(record._Reader, "_at_plain_key", lambda *_: None)
        patch.setattr(whitespace, "_may_hold_blank_lines", lambda _found: True)
        patch.setattr(quotes, "_before", quotes._before.__wrapped__)
        patch.setattr(quotes, "_taken", quotes._taken.__wrapped__)
        patch.setattr(quotes, "is_latin", quotes.is_latin_by_count)
        patch.setattr(quotes, "_holds_mark", lambda _masked: True)
        patch.setattr(agreement, "_english", lambda masked: agreement._ENGLISH.finditer(masked))
        patch.setattr(agreement, "_chinese", lambda masked: agreement._CHINESE.finditer(masked))
        patch.setattr(encoding, "_may_be_misread", lambda _masked: True)
        patch.setattr(encoding, "_look_alikes", lambda masked, _signs: encoding._LOOK_ALIKE.finditer(masked))
        patch.setattr(record._Reader, "_from_front_matter", _from_front_matter_each_time)
        patch.setattr(text, "_FEW", 0)
        yield


def _from_front_matter_each_time(reader: Any, key: str, name: str) -> Any:
    readings, empty, unread = reader._at_key(key)
    if empty is not None:
        reader.empty.setdefault(name, empty)
    if unread is not None:
        reader.unread.setdefault(name, unread)
    return readings


def seen_one_by_one(masked: str) -> int:
    return sum(not character.isspace() and character not in record._UNSEEN for character in masked)


@cache
def specimens() -> tuple[tuple[str, str], ...]:
    """The specimens with their paths, and one that holds little."""
    paths = sorted(path for path in (REPOSITORY / "seeds").glob("*/*") if path.suffix in (".txt", ".md"))
    found = [(path.relative_to(REPOSITORY).as_posix(), path.read_text("utf-8")) for path in paths]
    small = (
        '---\nlayout: post\ntitle: "One"\ndate: 2021-03-04T05:06:07.000Z\nauthor: A\nfrom: https://example.org/1\n'
        "tags: [ a, b ]\n---\n<!--1614834367000-->\n[One](https://example.org/1)\n------\n\n<div>\n<p>Text.</p>\n</div>\n"
    )
    return (*found, ("_posts/2021-03-04-one.md", small))


SNIPPETS = st.one_of(
    st.sampled_from("\"'“”’\u00a0\u200b\ufeff\x00\x85\u2028\u202e\ufffd\u0301é中-:?#&*!|>%@~\n\r\t "),
    st.sampled_from(
        [
            *("â€™", "Ã©", "锟斤拷", "鈥檚", "ÖÐ¹ú¹ú·À", 'It"s', '6"'),
            *("www.example.org", "ftp://a", "`a`", "[a](b)", "{:.a}", "..."),
            *("</div>", "<div>", "<h1>One</h1>", "<pre>", '<code>"</code>'),
            *("<noscript><p>", "</noscript>", "<script>", "</script>"),
            *("<!--", "<title>", "<plaintext>", '<div id="imu"></div>'),
            *("&quot;", "&#34;", "\r\n", "  \n", "\n\n\n", "\n---\n"),
            *("key: value\n", "date: 2021-03-05\n", "null", "2021-02-30"),
            *("2021年3月4日星期一", "Friday, March 4, 2021", "404 Not Found\n"),
        ]
    ),
    st.text(max_size=3),
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 0, 1, 3, 40]), SNIPPETS), max_size=6)


@given(st.data(), CHANGES, st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "gb18030", "utf-16-le"]))
def test_reports_and_repairs_are_those_of_the_plain_reading(
    data: st.DataObject, changes: list[tuple[float, int, str]], encoded: str
) -> None:
    path, content = data.draw(st.sampled_from(specimens()))
    if data.draw(st.booleans()):  # most of what can go wrong stands at the top
        content = content[:900]
    for place, taken, put in changes:
        at = int(place * len(content))
        content = content[:at] + put + content[at + taken :]
    source = data.draw(st.sampled_from([None, None, None, "plain-text", "front-matter", "zaobao-jekyll"]))
    found = content.encode(encoded, "replace")
    unsafe = data.draw(st.booleans())
    fast = (
        validator.validate(found, path=path, source=source),
        validator.repair(found, path=path, source=source, unsafe=unsafe),
    )
    with plain_reading():
        assert fast[0] == validator.validate(found, path=path, source=source)
        assert fast[1] == validator.repair(found, path=path, source=source, unsafe=unsafe)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in rules()])
def test_examples_of_rules_are_judged_as_in_the_plain_reading(rule: Rule) -> None:
    """So that each rule has something to say at least once."""
    for _, case in examples(rule):
        told: dict[str, Any] = {key: case[key] for key in ENGINE_KEYS & case.keys()}
        if "today" in told:
            told["today"] = date.fromisoformat(told["today"])
        seed = seed_of(case)
        data = seed.encode("utf-8", "surrogatepass") if isinstance(seed, str) else seed
        fast = validator.validate(data, **told)
        with plain_reading():
            assert fast == validator.validate(data, **told)


def test_the_plain_reading_has_no_shortcut(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test above compares two ways: each shortcut is taken by some specimen, and by none without them."""
    taken: list[str] = []

    def noting(module: Any, name: str) -> None:
        real = getattr(module, name)

        def noted(*values: Any) -> Any:
            taken.append(name)
            return real(*values)

        monkeypatch.setattr(module, name, noted)

    for module, name in (
        (front_matter, "_read_plain"),
        (engine, "_present"),
        (quotes, "_holds_mark"),
    ):
        noting(module, name)
    for path, content in specimens():
        validator.validate(content, path=path)
    assert set(taken) == {"_read_plain", "_present", "_holds_mark"}
    taken.clear()
    with plain_reading():
        for path, content in specimens():
            validator.validate(content, path=path)
    assert taken == []


# --- what rules promise -------------------------------------------------------------------------------------------------

NAMING = [rule for rule in rules() if rule.characters]
AROUND = st.text(
    st.one_of(
        st.sampled_from(list("a é中”\"' \n\t\r\u00a0\u3000\u200b\ufeff\ufffd\x00\x85\u0301\u00ad\ufe0f\u2028가😀")),
        st.characters(),
    ),
    max_size=80,
)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in NAMING])
@given(found=AROUND, markup_of=st.sampled_from(["text", "markdown", "html"]))
def test_without_its_characters_a_rule_finds_nothing(rule: Rule, found: str, markup_of: str) -> None:
    assert runs_alone(rule)
    without = re.sub(f"[{rule.characters}]", "", found)
    assert run_alone(rule, view_of(rule, without, Policy(markup=markup_of))) == []


ASKED = [rule for rule in rules() if callable(rule.about) and runs_alone(rule)]


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in ASKED])
@given(
    found=st.lists(
        st.one_of(SNIPPETS, st.sampled_from(["a", "word ", "中", "\n", "\n", "\n\n", " \n", " \r\n", " \r", "\n\ta"])),
        max_size=12,
    ).map("".join),
    markup_of=st.sampled_from(["text", "markdown", "html"]),
    script=st.sampled_from(["auto", "latin", "cjk"]),
)
def test_a_rule_that_need_not_be_asked_finds_nothing(rule: Rule, found: str, markup_of: str, script: str) -> None:
    view = view_of(rule, found, Policy(markup=markup_of, script=script))
    assert callable(rule.about)
    if not rule.about(view):
        assert run_alone(rule, view) == []


def test_characters_that_compose_are_those_that_not_nfc_names() -> None:
    """Of every character that is not named: it stays what it is in NFC, and it composes with none before it."""
    named = re.compile(f"[{encoding._MAY_COMPOSE}]")
    others = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000 and not named.match(chr(code))]
    assert len(others) > 100_000
    assert not any(unicodedata.combining(character) for character in others)
    assert all(unicodedata.normalize("NFC", character) == character for character in others)
    seconds = {
        parts[1]
        for code in range(0x110000)
        if len(parts := unicodedata.decomposition(chr(code)).split()) == 2 and not parts[0].startswith("<")
    }
    assert all(named.match(chr(int(second, 16))) for second in seconds)
    assert all(named.match(chr(code)) for code in range(0x1161, 0x11C3))  # vowels and finals of Hangul


@given(AROUND, st.integers(0, 3))
def test_characters_of_a_class_that_stand_in_a_text(found: str, at_most: int) -> None:
    inside = characters._UNSEEN + "\x00-\x08\u00a0"
    runs = re.findall(f"[{inside}]+", found)
    present = Subject(found).characters(inside, at_most)
    assert present == ("".join(runs) if len(runs) <= at_most else None)


@given(AROUND)
def test_runs_of_unseen_characters_are_those_of_the_whole_class(found: str) -> None:
    rule = next(rule for rule in rules() if rule.name == "invisible-character")
    view = view_of(rule, found, Policy())
    named = replace(view, present="".join(re.findall(f"[{characters._UNSEEN}\x00-\x08]", found)))
    assert run_alone(rule, view) == run_alone(rule, named)


# --- front matter -------------------------------------------------------------------------------------------------------

PIECES_OF_VALUES = (
    *"ab1中\"'[]{}:,#-?&*!|>%@`\\.~ \t\u00a0\u3000\x85\u2028\ufeff😀/",
    *("title", "null", "Null", "---", ": ", " #", ", ", "  ", "//"),
)
VALUES = st.one_of(st.lists(st.sampled_from(PIECES_OF_VALUES), max_size=5).map("".join), st.text(max_size=6))
LISTS = st.lists(VALUES, max_size=3).map(lambda values: f"[ {', '.join(values)} ]")
LINES = st.tuples(
    st.sampled_from(["title", "date", "a", "_b", "c-d", "null", "1", "é", "- a", ""]),
    st.sampled_from([": ", ": ", ": ", ":", ":  ", " : "]),
    st.one_of(VALUES, VALUES.map(lambda value: f'"{value}"'), LISTS),
).map("".join)


@given(st.lists(LINES, min_size=1, max_size=4))
def test_plain_front_matter_reads_as_the_parser_reads_it(lines: list[str]) -> None:
    content = "\n".join(lines).replace("\r", "") + "\n"
    whole = f"---\n{content}---\n"
    places = Span(0, len(whole)), Span(0, 3), Span(4, 4 + len(content))
    plain = _read_plain(whole, *places)
    if plain is not None:
        assert plain == _read_composed(whole, *places)


NOT_PLAIN = (
    *("a:\n", "a: ~\n", "a: b # c\n", "a: 'b'\n", 'a: "\\n"\n'),
    *("a: b\na: c\n", "a: b: c\n", "a: b \n", " a: b\n", "- a\n", "# a\n"),
    *("a: [b, null]\n", "a: [b: c]\n", "a: b\n  c\n", "a: |\n b\n"),
    *("a: \u2028b\n", 'a: "\x85"\n', "null: b\n", "a: *b\n", "a: b\t\n"),
)  # fmt: skip
PLAIN = (
    'title: "One: two"\ndate: 2021-03-04 05:06\n',
    "from: https://example.org/?a=b#c\n",
    "tags: [ One, 中文 ]\nnone: []\n",
)


@pytest.mark.parametrize(
    ("content", "is_plain"), [*((content, True) for content in PLAIN), *((content, False) for content in NOT_PLAIN)]
)
def test_what_is_plain(content: str, is_plain: bool) -> None:
    whole = f"---\n{content}---\n"
    assert (_read_plain(whole, Span(0, len(whole)), Span(0, 3), Span(4, 4 + len(content))) is not None) == is_plain


KEYED = """---
a: One
"a.b": Two
"a/b": Three
"a~b": "  "
a-b: Four
list: [One, Two]
empty: ""
deep:
  a: Five
---
"""


@pytest.mark.parametrize("key", ["a", "a.b", "a/b", "a~b", "a-b", "list", "empty", "deep", "deep.a", "none", "none.a"])
def test_a_plain_key_is_read_as_any_key_is(key: str) -> None:
    normal, matter = text.Normal(KEYED), front_matter.read_front_matter(KEYED)
    reader = record._Reader(
        sources.Source(id="a", title="A", file=""), KEYED, normal, Subject(KEYED), matter, None, Sidecar("")
    )
    assert reader._at_plain_key(key) in (None, reader._at_key(key))
    assert (reader._at_plain_key(key) is not None) == (key in ("a", "none"))


# --- JSON Schema --------------------------------------------------------------------------------------------------------

TEXT_VALUES = st.sampled_from(
    ["", "a", "ab", "post", "2021-03-04", "2021-03-04T05:06:07Z", "2021-02-30", "https://example.org/", "中文"]
)
SCALARS = st.one_of(
    TEXT_VALUES,
    st.lists(TEXT_VALUES, max_size=3),
    st.dictionaries(st.sampled_from("xyz"), TEXT_VALUES, max_size=2),
)
FRONT_MATTERS = st.dictionaries(st.sampled_from("abc"), st.one_of(SCALARS, st.lists(SCALARS, max_size=2)), max_size=3)


def _schemas() -> st.SearchStrategy[Any]:
    kinds = st.sampled_from(["string", "array", "object", "number", "null"])
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": st.one_of(kinds, st.lists(kinds, min_size=1, max_size=2, unique=True)),
        "const": SCALARS,
        "enum": st.lists(SCALARS, min_size=1, max_size=3),
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 12),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
        "uniqueItems": st.booleans(),
        "format": st.sampled_from(["date", "date-time", "uri", "time"]),
        "pattern": st.sampled_from(["a", "^https?://", r"^\d{4}"]),
        "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
        "description": st.just("anything"),
        "minProperties": st.integers(0, 2),
    }
    leaves = st.fixed_dictionaries({}, optional=keywords)
    return st.recursive(
        st.one_of(leaves, st.booleans()),
        lambda inner: st.fixed_dictionaries(
            {},
            optional={
                **keywords,
                "properties": st.dictionaries(st.sampled_from("abcxy"), inner, max_size=3),
                "patternProperties": st.dictionaries(st.sampled_from(["a", "^b"]), inner, max_size=1),
                "additionalProperties": inner,
                "items": inner,
                "anyOf": st.lists(inner, min_size=1, max_size=2),
                "allOf": st.lists(inner, min_size=1, max_size=2),
                "not": inner,
            },
        ),
        max_leaves=4,
    )


@given(_schemas(), FRONT_MATTERS)
def test_what_is_surely_valid_jsonschema_takes(schema: Any, values: dict[str, Any]) -> None:
    assume(isinstance(schema, dict))
    said = json.dumps(schema)
    if is_surely_valid(said)(values):
        assert problems_of(said, values) == []


@given(FRONT_MATTERS)
def test_in_schemas_of_known_keywords_nothing_valid_is_turned_down(values: dict[str, Any]) -> None:
    schema = json.dumps(
        {
            "type": "object",
            "required": ["a"],
            "properties": {
                "a": {"type": "string", "minLength": 1, "anyOf": [{"format": "date"}, {"pattern": "^a"}]},
                "b": {"type": ["array", "string"], "items": {"type": "string"}, "uniqueItems": True},
            },
            "additionalProperties": False,
        }
    )  # fmt: skip
    assert is_surely_valid(schema)(values) == (problems_of(schema, values) == [])


# --- patterns -----------------------------------------------------------------------------------------------------------

PIECES_OF_PATTERNS = (
    *("a", "b", "ab", "中", "b?", "b*", "b+", "a{2}", "a{0,2}", "a{0}"),
    *("(?:a|b)", "(ab)?", "(?P<one>b)", "[ab]", "[]a]", "[^a]"),
    *("[[:alpha:]]", r"\.", r"\d", r"\n", r"\[", r"\]", "]", ".", "^"),
    *("$", r"\x61", r"\pL", "(?i)", "(?i:b)", "|", "x", r"\Qa|b\E"),
    *("a{", "-", ","),
)  # fmt: skip
PATTERNS = st.lists(st.sampled_from(PIECES_OF_PATTERNS), min_size=1, max_size=6).map("".join)


@given(PATTERNS, st.text(st.sampled_from("abAB中x.[]1\n{-,|"), max_size=12))
def test_what_a_pattern_matches_holds_its_literal(pattern: str, found: str) -> None:
    try:
        match = compile_pattern(pattern).search(found.encode())
    except PatternError:
        return
    if match is not None:
        assert all(literal in match.group() for literal in required_literals(pattern))


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        (r"^<!--(?P<value>\d{13})-->$", "<!--"),
        (r"^\[[^\n]*\]\(\S+\)\n-{3,}", "]("),
        *(("ab|cd", ""), ("(?i)ab", ""), ("abc?", "ab"), ("a中+", "a中"), ("(?:ab)c", "c"), (r"ab\x63", "")),
    ],
)
def test_literals(pattern: str, literal: str) -> None:
    assert max(required_literals(pattern), key=len, default=b"").decode() == literal


def test_all_literals() -> None:
    assert required_literals(r"^\d{2}:\d{2}, [A-Z]\. a, b$") == (b". a, b", b", ", b":")


@given(PATTERNS, st.text(st.sampled_from("ab中x.\n"), max_size=12), st.sampled_from([None, 1, 2]))
def test_a_group_and_a_test_are_those_of_the_search(pattern: str, found: str, lines: int | None) -> None:
    try:
        compile_pattern(pattern)
    except PatternError:
        return
    subject = Subject(found)
    match = subject.search(pattern, lines)
    assert subject.group(pattern, "one", lines) == (match.text("one") if match is not None else None)
    assert subject.fits(pattern) == (subject.search(pattern) is not None)
    whole = subject.search(pattern)
    assert patterns.group_in(pattern, found, "one") == (whole.text("one") if whole is not None else None)


@given(PATTERNS, st.text(st.sampled_from("ab中x.\n"), max_size=12), st.integers(0, 5))
def test_matches_without_the_insides_of_re2_are_the_same(pattern: str, found: str, start: int) -> None:
    try:
        compile_pattern(pattern)
    except PatternError:
        return
    start = min(start, len(found))

    def spans() -> Any:
        match = Subject(found).search(pattern, start=start)
        return None if match is None else [match.span(), *map(match.span, match.names)]

    fast = spans()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "_searching", _searching_from_outside)
        patch.setattr(patterns, "_prepared", patterns._prepared.__wrapped__)
        assert spans() == fast


def _searching_from_outside(pattern: str) -> Any:
    compiled = compile_pattern(pattern)
    return lambda data, start, end: patterns._spans(compiled.search(data, start, end))


# --- markup -------------------------------------------------------------------------------------------------------------

PIECES_OF_MARKUP = (
    *("<", ">", "</", "/>", "<p>", "</p>", "<p\fclass='a'>", "<a\nhref=x>"),
    *("</a>", "<br/>", "</>", "<!x>", "<?x>", "<!--", "-->"),
    *("--!>", "<!-->", "<noscript>", "</noscript>", "<NoScript\n>"),
    *("</NOSCRIPT\t>", "<title>", "</title>", "<title/>", "<code>"),
    *("</code>", "<svg/>", "<svg>", "</svg>", "<h1>", "</h1>", "<H1>"),
    *("<textarea>", "</textarea>", "<style>", "</style>", "<iframe"),
    *("<no\u017fcript>", "<mar\u212a>", "<xmp>", "</xmp>", "<script>"),
    *("</script>", "<plaintext>", ' class="a"', ' a="b" c="d"'),
    *("\"'=/-! \n中x", "x=", "http://", "https://", "ftp://", "www.", "a.b", "://"),
)  # fmt: skip
MARKUP = st.lists(st.one_of(st.sampled_from(PIECES_OF_MARKUP), st.text(max_size=2)), max_size=14).map("".join)


@given(MARKUP)
def test_addresses_are_found_where_the_expression_finds_them(found: str) -> None:
    assert [match.span() for match in markup._addresses(found)] == [
        match.span() for match in markup._ADDRESS.finditer(found)
    ]


# --- rules --------------------------------------------------------------------------------------------------------------


LETTERS = st.text(st.sampled_from("abZ é中文你ж1².,\n\x00 ’“ßẞ\u1e00\u1f00\u0250\u024f😀½一"), max_size=60)


@given(LETTERS, st.sampled_from([5, 20, 20_000]))
def test_the_script_is_what_counting_letters_gives(found: str, letters: int) -> None:
    for each in (found, found + 20 * "a", found + 20 * "中", 20 * "\n" + found):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(quotes, "_LETTERS", letters)
            assert quotes.is_latin(each) == quotes.is_latin_by_count(each)


WEEKDAYS = st.sampled_from(
    ["Mon", "SAT", "Sat", "SATue", "Sun", "Sun.", "Sunday", "Friday", "fri", "FRİ", "Thu.", "Tue", "WED"]
)
GAPS = st.sampled_from([" ", " ", " ", ", ", "\u00a0", f"{GONE} ", ",", "x"])
MONTHS = st.sampled_from(["March", "Mar.", "MAY", "Marx"])
YEARS = st.sampled_from(["2021", "2021", "2021", "02021", "202"])
ENGLISH = st.tuples(WEEKDAYS, GAPS, MONTHS, GAPS, st.sampled_from(["4", "4th", "31"]), GAPS, YEARS).map("".join)
CHINESE = st.tuples(
    YEARS, st.sampled_from(["年3月4日", "年12月31日", "年"]), st.sampled_from([" 星期一", "（周日", "週六", ""])
).map("".join)
DATES = st.lists(st.one_of(ENGLISH, CHINESE, st.sampled_from(["x", " ", "年", "1"])), max_size=4).map("".join)


@given(DATES)
@example("Sunday, March 4, 2021; Sun. 4 March 2021; Sat, Mar. 4th, 2021 and Tue\u00a0March 4, 2021, SAT May 4 2021")
@example(
    "Monday, March 4, 2021; WED 4 March 2021, FRİ. 4 May 2021, Thursday May 4 2021; 2021年3月4日（周日）2021年3月4日 星期一"
)
def test_dates_with_a_weekday_are_found_where_the_expressions_find_them(found: str) -> None:
    for fast, plain in ((agreement._english, agreement._ENGLISH), (agreement._chinese, agreement._CHINESE)):
        assert [match.span() for match in fast(found)] == [match.span() for match in plain.finditer(found)]


def beginnings(parsed: Any) -> tuple[set[str], bool]:
    """The characters with which what an expression matches may begin, as `re` has read it; and whether it may be empty."""
    begin: set[str] = set()
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            return begin | {chr(argument)}, False
        if name == "IN":
            for kind, what in argument:
                assert str(kind) in ("LITERAL", "RANGE"), kind
                low, high = (what, what) if str(kind) == "LITERAL" else what
                begin |= {chr(code) for code in range(low, high + 1)}
            return begin, False
        if name == "AT":
            continue
        if name == "SUBPATTERN":
            inner, is_empty = beginnings(argument[-1])
        elif name == "BRANCH":
            several = [beginnings(branch) for branch in argument[1]]
            inner, is_empty = set().union(*(each for each, _ in several)), any(empty for _, empty in several)
        else:
            assert name in ("MAX_REPEAT", "MIN_REPEAT"), name
            inner, is_empty = beginnings(argument[2])
            is_empty = is_empty or argument[0] == 0
        begin |= inner
        if not is_empty:
            return begin, False
    return begin, True


@pytest.mark.parametrize("pattern", [record_rules._NOTICE, record_rules._OPENING])
def test_what_a_notice_begins_with(pattern: re.Pattern[str]) -> None:
    parser = re._parser  # type: ignore[attr-defined]
    begin, is_empty = beginnings(parser.parse(pattern.pattern, re.IGNORECASE))
    assert not is_empty
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))
    both = "|".join(re.escape(character) for character in sorted(begin))
    assert set(re.findall(both, every, re.IGNORECASE)) <= record_rules._BEGIN


@given(st.lists(st.sampled_from([*'a" “”„', "â€™", '"""', '""""', 'a"b']), max_size=6).map("".join))
def test_marks_of_a_paragraph_are_those_of_the_expression(found: str) -> None:
    rows = [match.span() for match in quotes._ROW.finditer(found) if len(match[0]) <= quotes.LONGEST_ROW]
    marks = [at for start, end in rows for at in range(start, end) if not quotes._is_misread(found, at)]
    assert quotes._places(found) == marks


WORDS_OF_WEEKDAYS = st.sampled_from(
    ["Mon", "TUE", "Thu", "WeD", "FRI", "Frİ", "SAT", "SuN", "Ma", "T", "中", "S中", "a", " "]
)


@given(st.lists(WORDS_OF_WEEKDAYS, max_size=4).map("".join), st.integers(1, 40))
def test_where_no_weekday_may_stand_none_does(found: str, few: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agreement, "_FEW_LETTERS", few)
        if not agreement._may_name_english(found):
            assert agreement._WEEKDAY_BEGINS.search(found) is None


@given(st.text(st.sampled_from("aB1 ._中“²\u0301\n\ud800"), max_size=60), st.integers(0, 3))
def test_letters_and_digits_are_those_of_the_expression(found: str, signs: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_SIGNS", signs)
        assert engine._letters_and_digits(found) == "".join(engine._LETTERS_AND_DIGITS.findall(found))


@given(st.text(st.one_of(st.sampled_from("a中 \n\x00\x1c\xa0\u200b"), st.characters()), max_size=40))
def test_characters_that_are_seen_are_counted(found: str) -> None:
    assert record._seen(found) == seen_one_by_one(found)


@given(
    st.text(st.sampled_from("a中 \n\n\n\r\t\u3000\ufeff"), max_size=12),
    st.sampled_from(["text", "markdown"]),
    st.booleans(),
)
def test_blank_lines_are_found_where_all_are_looked_at(found: str, markup_of: str, is_one: bool) -> None:
    rule = next(rule for rule in rules() if rule.name == "blank-lines")
    view = view_of(rule, found, Policy(markup=markup_of))
    options = {"at_most": int(is_one)}
    fast = run_alone(rule, view, options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whitespace, "_may_hold_blank_lines", lambda _found: True)
        assert fast == run_alone(rule, view, options)


@given(st.text(st.sampled_from("aâ€™œÃ©Â\u00a0\u009dä¸\u00adÖÐ¹ú中ð\u0178‡ÿ "), max_size=30))
def test_misread_text_is_found_where_the_expression_finds_it(found: str) -> None:
    signs = [match.span() for match in encoding._SIGNS_IN_A_ROW.finditer(found)]
    fast = [match.span() for match in encoding._look_alikes(found, signs)]
    assert fast == [match.span() for match in encoding._LOOK_ALIKE.finditer(found)]


# --- places -------------------------------------------------------------------------------------------------------------


@given(st.text(st.sampled_from("a中😀\n\r"), max_size=40), st.lists(st.integers(0, 40), max_size=40))
@pytest.mark.parametrize("stride", [3, 1024])
def test_places_that_are_counted_are_those_of_the_index(stride: int, found: str, offsets: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_STRIDE", stride)
        places_are_those_of_the_index(found, offsets)


def places_are_those_of_the_index(found: str, offsets: list[int]) -> None:
    size = len(found.encode())
    counted, indexed = LineIndex(found, size=size), LineIndex(found)
    indexed._starts = indexed._all_starts()
    for offset in (min(offset, len(found)) for offset in offsets):
        assert counted.position(offset) == indexed.position(offset)
        end = min(len(found), offset + 5)
        assert counted.positions(Span(offset, end)) == (indexed.position(offset), indexed.position(end))
        line = indexed.line_span(indexed.line(offset))
        assert counted.line_span_at(offset, 3) == Span(line.start, min(line.end, offset + 3))


# --- dates and addresses ------------------------------------------------------------------------------------------------

TWO = st.sampled_from(["00", "01", "02", "03", "12", "13", "23", "24", "28", "29", "30", "31", "59", "60", "1"])
TIMES = st.tuples(
    st.sampled_from("T t"), TWO, st.just(":"), TWO, st.just(":"), TWO, st.sampled_from(["Z", ".5Z", ".123Z", ""])
).map("".join)
DAYS = st.tuples(
    st.sampled_from(["2021", "2020", "0000", "0001", "21"]),
    st.sampled_from(["-", "-", "/", ""]),
    TWO,
    st.just("-"),
    TWO,
).map("".join)
ISO = st.tuples(DAYS, st.one_of(st.just(""), TIMES)).map("".join)


@given(ISO)
def test_plain_dates_are_read_as_all_dates_are(found: str) -> None:
    plain = dates._read_plain(found)
    if plain is not None:
        assert plain == dates._spelt(found, None)
    for date_format in ("%Y-%m-%d", "%Y%m%d"):
        for each in (found, found.replace("-", "")):
            fast = dates._formatted(each, date_format)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(dates, "_DAYS", ())
                assert fast == dates._formatted(each, date_format)


@pytest.mark.parametrize(
    ("found", "is_plain"),
    [
        *((found, True) for found in ("2021-03-04", "2021-03-04T05:06:07Z", "2021-03-04T05:06:07.123Z")),
        *(
            (found, False)
            for found in ("2021-02-30", "2021-03-29", "0000-01-01", "2021-03-04T24:00:00Z", "2021-03-04 05:06")
        ),
    ],
)
def test_what_date_is_plain(found: str, is_plain: bool) -> None:
    assert (dates._read_plain(found) is not None) == is_plain


@given(
    st.lists(
        st.sampled_from(
            ["http://", "https://", "ftp://", "a.b", "/", "~x", "%", "%41", "?", "#", ":80", "@", " ", "中"]
        )
    ).map("".join)
)
def test_plain_addresses_are_addresses(found: str) -> None:
    fast = json_schema.is_uri(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_schema, "_PLAIN_URI", re.compile("(?!)"))
        assert fast == json_schema.is_uri(found)


# --- which source -------------------------------------------------------------------------------------------------------

PATHS = st.one_of(
    st.none(),
    st.lists(
        st.sampled_from(
            ["mod-gov-cn", "zaobao-jekyll", "zaobao-jekyllx", "a", "x.md", "NOTES.txt", "", "chinamil-text"]
        ),
        max_size=4,
    ).map("/".join),
)
ADDRESSES = st.sampled_from(
    [
        *(
            "https://www.zaobao.com/a",
            "http://www.zaobao.com",
            "https://WWW.ZAOBAO.COM/a",
            "https://www.zaobao.com:443/",
        ),
        *(
            "https://a@www.zaobao.com/",
            "https://eng.mod.gov.cn?x",
            "https://example.org/www.zaobao.com",
            "www.zaobao.com",
            "",
        ),
        *("https://www.zaobao.com\\x", "https://www.zao\nbao.com/", "https://[www.zaobao.com/"),
    ]
)
TEXTS = st.sampled_from(
    [
        "Text.\n",
        "Latest News:\nWe Recommend:\n",
        "---\nlayout: post\n---\n",
        "BEIJING, July 28 -- A\n",
        "A long enough headline\nText.\n",
    ]
)


@given(
    PATHS, st.lists(ADDRESSES, max_size=2), TEXTS, st.sets(st.sampled_from(["title", "date", "layout"])), st.booleans(),
    st.sampled_from([None, None, Claim("plain-text", "a test"), Claim("plain-text", "another")]),
    st.lists(st.tuples(st.sampled_from(["from", "link", "source_url"]), ADDRESSES), max_size=2),
    st.sampled_from(["", "One", "题"]), st.sampled_from([(), ("en",), ("zh-CN",)]),
)  # fmt: skip
def test_what_is_remembered_of_sources_is_what_they_score(
    path: str | None, urls: list[str], found: str, keys: set[str], has_fence: bool, claim: Claim | None,
    keyed: list[tuple[str, str]], title: str, languages: tuple[str, ...],
) -> None:  # fmt: skip
    known = validator.face.own_sources()
    traits = Traits(
        path=path, subject=Subject(found), urls=tuple(urls), keys=frozenset(keys), has_fence=has_fence,
        keyed=tuple(keyed), title=title, languages=languages, content=len(found) if title else 0,
    )  # fmt: skip
    assert identify(known, traits, claim) == identified(known, traits, claim)
    assert identify(known, traits, claim) == identified(known, traits, claim)


@given(st.text(st.sampled_from("a中 \n\n\t\r\u3000\ufeff"), max_size=8))
@example("a\n\tb")
@example("中\n\u3000b")
def test_lines_that_begin_with_a_blank_are_seen(found: str) -> None:
    lines = re.split("\r\n?|\n", found.removeprefix("\ufeff"))
    if any(line[:1] in (*" \t\u3000",) for line in lines):
        assert whitespace._may_begin_with_blank(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.zaobao.com/a", "https://www.zaobao.com\\x"),
        ("https://www.zaobao.com/a", "https://www.zaobao.com@example.org/"),
        ("https://example.org/www.zaobao.com", "https://www.zaobao.com/"),
    ],
)
def test_addresses_that_only_look_alike_are_not_remembered_as_one(one: str, other: str) -> None:
    known = dict(validator.face.own_sources())
    for url in (one, other):
        traits = Traits(path=None, subject=Subject("Text.\n"), urls=(url,), keys=frozenset(), has_fence=True)
        assert identify(known, traits) == identified(known, traits)
