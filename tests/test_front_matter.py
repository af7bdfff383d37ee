"""Front matter: values and where they stand, limits, what is refused and where, and that both parsers say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from linearity import assert_linear
from running import table
from yaml import YAMLError
from yaml.scanner import ScannerError

from validator.parsing import yaml_spans as composing
from validator.parsing.front_matter import (
    LIMIT_CHARACTERS,
    FrontMatter,
    FrontMatterProblem,
    read_front_matter,
    value_offsets,
)
from validator.parsing.located import LIMIT_DEPTH, Duplicate
from validator.text.places import Span

FAST = composing.parser_class()
PURE = composing.parser_class(pure=True)


@pytest.fixture(params=["fast", "pure"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "parser_class", lambda: FAST if request.param == "fast" else PURE)


both_parsers = pytest.mark.usefixtures("_parser")


def read(text: str) -> FrontMatter:
    found = read_front_matter(text)
    assert found is not None
    return found


def fenced(block: str) -> str:
    return f"---\n{block}\n---\nThe text begins here.\n"


def read_with(parser: Any, text: str) -> FrontMatter | None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composing, "parser_class", lambda: parser)
        return read_front_matter(text)


POST = """---
layout: post
title: "他说：\\"这是标题\\"，然后😀走了"   # a comment
date: 2020-01-02 10:10
time: 10:10
flag: no
number: 0127
tags: [one, 'it''s', 😀,
  "last"]
empty:
nothing: ~
url: https://example.org/a:b#c
text: |
  The first line \x20

  and the last.

folded: >-
  two
  lines
list:
- x
- y: 1
  z: 完
<<: {k: v, "q/r~s": 1}
over: two
  lines
---
Body.
"""


@both_parsers
def test_every_value_is_the_text_it_is() -> None:
    assert read(POST).values == {
        "layout": "post",
        "title": '他说："这是标题"，然后😀走了',
        "date": "2020-01-02 10:10",
        "time": "10:10",
        "flag": "no",
        "number": "0127",
        "tags": ["one", "it's", "😀", "last"],
        "empty": "",
        "nothing": "",
        "url": "https://example.org/a:b#c",
        "text": "The first line  \n\nand the last.\n",
        "folded": "two lines",
        "list": ["x", {"y": "1", "z": "完"}],
        "<<": {"k": "v", "q/r~s": "1"},
        "over": "two lines",
    }


@both_parsers
def test_every_value_is_where_its_span_says() -> None:
    found = read(POST)
    assert {pointer: POST[start:end] for pointer, (start, end) in found.spans.items()} == {
        "/layout": "post",
        "/title": '"他说：\\"这是标题\\"，然后😀走了"',
        "/date": "2020-01-02 10:10",
        "/time": "10:10",
        "/flag": "no",
        "/number": "0127",
        "/tags": "[one, 'it''s', 😀,\n  \"last\"]",
        "/tags/0": "one",
        "/tags/1": "'it''s'",
        "/tags/2": "😀",
        "/tags/3": '"last"',
        "/empty": "",
        "/nothing": "~",
        "/url": "https://example.org/a:b#c",
        "/text": "|\n  The first line  \n\n  and the last.",
        "/folded": ">-\n  two\n  lines",
        "/list": "- x\n- y: 1\n  z: 完",
        "/list/0": "x",
        "/list/1": "y: 1\n  z: 完",
        "/list/1/y": "1",
        "/list/1/z": "完",
        "/<<": '{k: v, "q/r~s": 1}',
        "/<</k": "v",
        "/<</q~1r~0s": "1",
        "/over": "two\n  lines",
    }
    assert found.spans["/empty"].start == POST.index("empty:") + 6


@both_parsers
def test_keys_styles_and_fences() -> None:
    found = read(POST)
    keys = {pointer: POST[start:end] for pointer, (start, end) in found.key_spans.items()}
    assert keys == {
        **{f"/{key}": key for key in found.values},
        "/list/1/y": "y",
        "/list/1/z": "z",
        "/<</k": "k",
        "/<</q~1r~0s": '"q/r~s"',
    }
    assert found.styles.keys() == found.spans.keys()
    wanted = {
        "/layout": "plain", "/title": "double", "/tags": "sequence", "/tags/1": "single", "/empty": "plain",
        "/text": "literal", "/folded": "folded", "/list/1": "mapping",
    }  # fmt: skip
    assert {pointer: found.styles[pointer] for pointer in wanted} == wanted
    assert [POST[start:end] for start, end in found.verbatim] == [
        "|\n  The first line  \n\n  and the last.",
        ">-\n  two\n  lines",
    ]
    assert POST[slice(*found.opening)] == "---"
    assert POST[slice(*found.span)] == POST.removesuffix("Body.\n")
    assert POST[slice(*found.block)] == POST.removesuffix("---\nBody.\n").removeprefix("---\n")
    assert found.problem is None
    assert found.duplicates == ()


@pytest.mark.parametrize(
    "text", ["", "--", "----\na: b\n---\n", "--- a\n---\n", " ---\na: b\n---\n", "\n---\n---\n", "a\n---\n"]
)
def test_what_is_no_front_matter(text: str) -> None:
    assert read_front_matter(text) is None


@both_parsers
@pytest.mark.parametrize(
    ("text", "span", "block"),
    [
        ("---\n---\n", (0, 8), (4, 4)),
        ("---\n---", (0, 7), (4, 4)),
        ("---  \n\n...\t\nText\n", (0, 12), (6, 7)),
        ("---\n# only a comment\n---\n--- \n", (0, 25), (4, 21)),
    ],
)
def test_empty_front_matter(text: str, span: tuple[int, int], block: tuple[int, int]) -> None:
    assert read(text) == FrontMatter(Span(*span), Span(0, 3), Span(*block), {}, {}, {}, {})


@both_parsers
def test_a_fence_is_alone_on_its_line() -> None:
    text = "---\nkey: |\n  ---\n  text\nother: '--- x'\n...\n---\n"
    assert read(text).values == {"key": "---\ntext\n", "other": "--- x"}
    assert text[read(text).span.end :] == "---\n"


@pytest.mark.parametrize("text", ["---", "---\n", "--- \na: b\n", "---\na: b\n----\n", "---\na: b\n ---\n"])
def test_a_fence_that_never_closes(text: str) -> None:
    found = read(text)
    assert found.span == found.opening == Span(0, 3)
    assert found.problem is not None
    assert found.problem.span == Span(0, 3)
    assert "never closes" in found.problem.message
    assert found.values == {}


@both_parsers
@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029", "\ufeff", "\x85\u2028\u2029\ufeff\x85"])
def test_lines_break_at_lf_only(character: str) -> None:
    text = fenced(f'title: a{character}b: c\nquoted: "x{character}y"\nlast: z')
    found = read(text)
    assert found.problem is not None
    assert "second colon" in found.problem.message
    text = text.replace("b: c", "b")
    found = read(text)
    assert found.values == {"title": f"a{character}b", "quoted": f"x{character}y", "last": "z"}
    assert text[slice(*found.spans["/last"])] == "z"
    assert value_offsets(text, found, "/quoted") == range(text.index("x"), text.index("y") + 2)


@both_parsers
def test_a_key_that_stands_twice() -> None:
    text = fenced("a: 1\nb: {c: 1, c: 2}\na: {x: 3}\na: 4")
    found = read(text)
    assert found.values == {"a": "4", "b": {"c": "2"}}
    assert found.spans.keys() == {"/a", "/b", "/b/c"}
    assert text[slice(*found.spans["/a"])] == "4"
    assert found.key_spans["/a"].start == text.index("a: 4")
    first = Span(4, 5)
    assert found.duplicates == (
        Duplicate(
            "/b/c", Span(text.index("c: 1"), text.index("c: 1") + 1), Span(text.index("c: 2"), text.index("c: 2") + 1)
        ),
        Duplicate("/a", first, Span(text.index("a: {"), text.index("a: {") + 1)),
        Duplicate("/a", first, Span(text.index("a: 4"), text.index("a: 4") + 1)),
    )


@both_parsers
@pytest.mark.parametrize(
    ("block", "verbatim"),
    [
        ("a: |\n  x \n\n\nb: c", "|\n  x "),
        ("a: |+\n  x\n\nb: c", "|+\n  x\n\n"),
        ("a: |2-   # it's + more\n    x\n   y\n\n# comment\nb: c", "|2-   # it's + more\n    x\n   y"),
        ("a: >\nb: c", ">"),
        ("a: >\t\n  x\nb: c", ">\t\n  x"),
        ("a: |\n  字😀\nb: c", "|\n  字😀"),
    ],
)
def test_block_scalars_end_with_their_text(block: str, verbatim: str) -> None:
    text = fenced(block)
    found = read(text)
    assert found.problem is None
    assert [text[start:end] for start, end in found.verbatim] == [verbatim]
    assert found.verbatim == (found.spans["/a"],)
    assert found.values["b"] == "c"


REFUSED: list[Any] = table("front_matter", "refused")
# Only at the start of a front matter.
REFUSED_WHOLE = [
    (" a: 1\nb: 2", "b", "does not belong to the lines above"),
    ("- a\n- b", "- a", "a list is here"),
    ("only a text", "only a text", "a text is here"),
    ("~", "~", "a text is here"),
    ("--- a", "--- a", "a document begins here"),
]


@both_parsers
@pytest.mark.parametrize(
    ("block", "at", "words"),
    [(f"before: 完😀\n{block}", at, words) for block, at, words in REFUSED] + REFUSED_WHOLE,
)
def test_what_is_refused_says_why_and_where(block: str, at: str, words: str) -> None:
    text = fenced(block)
    found = read(text)
    assert found.problem is not None
    assert words in found.problem.message
    assert text[slice(*found.problem.span)] == at
    line = text.count("\n", 0, found.problem.span.start) + 1
    assert found.problem.message.startswith(f"front matter line {line}: ")
    assert "\n" not in found.problem.message
    assert found.values == {}
    assert not found.spans
    assert not found.key_spans
    assert not found.styles
    assert found.verbatim == (found.block,)
    assert text[found.span.end :] == "The text begins here.\n"


@both_parsers
@pytest.mark.parametrize(
    "title", ["50% off", "a*b", "#1", "it's", 'the "x"', "a\tb", "why?", "-5", "a & b", "a, b", "=", "<<"]
)
def test_what_plain_values_may_hold(title: str) -> None:
    text = fenced(f"title: {title}\nlast: x")
    wanted = "" if title.startswith("#") else title  # a comment
    assert read(text).values == {"title": wanted, "last": "x"}


@both_parsers
def test_tabs_and_question_marks_are_read_alike() -> None:
    assert read(fenced("title:\tx\t # y\ntags: [why?, how\t, é? x]")).values == {
        "title": "x",
        "tags": ["why?", "how", "é? x"],
    }


@both_parsers
@pytest.mark.parametrize("brackets", ["[", "{a: ", "- ", "? "])
def test_200_000_nested_collections_are_a_problem(brackets: str) -> None:
    prefix = "a: " if brackets in "[{a: " else ""
    found = read(fenced(prefix + brackets * 200_000))
    assert found.problem is not None
    assert re.search("are nested|is in its place here", found.problem.message)


def nested(depth: int) -> str:
    return "a: " + "[" * (depth - 1) + "]" * (depth - 1)


@both_parsers
def test_the_limit_of_depth() -> None:
    assert read(fenced(nested(LIMIT_DEPTH))).problem is None
    problem = read(fenced(nested(LIMIT_DEPTH + 1))).problem
    assert problem is not None
    assert problem.span == Span(4 + 3 + 31, 4 + 3 + 32)
    deep = "".join("  " * level + "a:\n" for level in range(LIMIT_DEPTH + 1))
    assert read(fenced(deep)).problem is not None
    assert read(fenced(deep.rsplit("  " * LIMIT_DEPTH, 1)[0])).problem is None


class LimitedParser(PURE):  # type: ignore[misc, valid-type]
    """A parser of another version: it reads ahead, has a limit of its own, and says so in words of its own."""

    limit = 1_000
    raises: Callable[[Any], Exception] = staticmethod(lambda mark: ScannerError("", mark, "no room", mark))

    def fetch_flow_collection_start(self, *arguments: Any) -> None:
        if self.flow_level >= self.limit:
            raise self.raises(self.get_mark())
        super().fetch_flow_collection_start(*arguments)


OTHER_LIMITS = {
    "the words of 6.0.4": lambda mark: ScannerError(
        "while increasing flow level", None, "exceeded maximum nesting depth", mark
    ),
    "other words": lambda mark: ScannerError("while counting", mark, "this is too much", mark),
    "words at the place where it began": lambda mark: ScannerError("zu tief verschachtelt", mark),
    "a place and no word": lambda mark: ScannerError(None, None, None, mark),
}


@cache
def problem_in_python(text: str) -> FrontMatterProblem | None:
    """What the parser in Python finds; kept, as it takes a while."""
    found = read_with(PURE, text)
    assert found is not None
    return found.problem


@pytest.mark.parametrize("limit", [LIMIT_DEPTH, 64, 1_000])
@pytest.mark.parametrize("words", list(OTHER_LIMITS))
@pytest.mark.parametrize("inner", ["a: {}", "title: One\nb: {{c: {}}}", "- {}", "a: [x, {}]", "a: {{b: 'x', c: {}}}"])
def test_our_limit_speaks_first_whatever_the_limit_of_the_library(
    monkeypatch: pytest.MonkeyPatch, limit: int, words: str, inner: str
) -> None:
    text = fenced(inner.format("[" * 1_100))
    expected = problem_in_python(text)
    assert expected is not None
    assert f"more than {LIMIT_DEPTH} mappings or sequences" in expected.message
    monkeypatch.setattr(LimitedParser, "limit", limit)
    monkeypatch.setattr(LimitedParser, "raises", staticmethod(OTHER_LIMITS[words]))
    monkeypatch.setattr(composing, "parser_class", lambda: LimitedParser)
    assert read(text).problem == expected
    assert read(fenced(nested(LIMIT_DEPTH))).problem is None


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (ScannerError("while scanning", None, "exceeded maximum nesting depth", None), "more than 32 mappings"),
        (YAMLError("nested too deeply for this library"), "more than 32 mappings"),
        (RecursionError("maximum recursion depth exceeded"), "more than 32 mappings"),
        (YAMLError("something\n  that nobody foresaw"), "this is not YAML: something that nobody foresaw"),
        (ScannerError(), "this is not YAML"),
    ],
)
def test_an_error_without_a_place_is_a_problem(monkeypatch: pytest.MonkeyPatch, raised: Exception, words: str) -> None:
    def fail(*_: Any) -> Any:
        raise raised

    monkeypatch.setattr(composing, "parser_class", lambda: LimitedParser)
    monkeypatch.setattr(LimitedParser, "get_event", fail, raising=False)
    problem = read(fenced("a: 'b'")).problem
    assert problem is not None
    assert problem.message.startswith(f"front matter line 2: {words}")
    assert "\n" not in problem.message


@both_parsers
def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    text = fenced("\n".join(lines))
    problem = read(text).problem
    assert problem is not None
    assert text[slice(*problem.span)] == "&a0"


def test_the_limits_of_size(monkeypatch: pytest.MonkeyPatch) -> None:
    text = fenced("a: " + "x" * LIMIT_CHARACTERS)
    found = read(text)
    assert found.problem is not None
    assert "characters" in found.problem.message
    assert found.problem.span == found.opening
    assert text[found.span.end :] == "The text begins here.\n"
    assert read(fenced("a: " + "x" * (LIMIT_CHARACTERS - 4))).problem is None
    monkeypatch.setattr(composing, "LIMIT_VALUES", 10)
    assert read(fenced("a: [1, 2, 3, 4, 5, 6, 7]")).problem is None
    found = read(fenced("a: [1, 2, 3, 4, 5, 6, 7, '8']"))  # not plain, so that the parser reads it
    assert found.problem is not None
    assert "values" in found.problem.message


def test_keys_that_each_value_would_hold_are_bounded() -> None:
    key = "k" * 300
    found = read(fenced("".join(f"{'  ' * level}{key}:\n" for level in range(4))))
    assert found.problem is not None
    assert "keys that lead to this value" in found.problem.message
    found = read(fenced(f"? {'k' * 5000}\n: {{a: 1}}"))
    assert found.problem is not None


@both_parsers
def test_nothing_is_known_of_a_value_whose_key_is_there_again() -> None:
    found = read(fenced("a: {x: 1, y/z: [2, {w: 3}]}\nb: 4\na: {v: [5]}"))
    assert found.values == {"a": {"v": ["5"]}, "b": "4"}
    assert set(found.spans) == set(found.styles) == {"/a", "/a/v", "/a/v/0", "/b"}
    assert set(found.key_spans) == {"/a", "/a/v", "/b"}
    assert [each.pointer for each in found.duplicates] == ["/a"]


@both_parsers
def test_value_offsets() -> None:
    text = fenced(
        "plain: 字😀 b\nsingle: 'it''s'\ndouble: \"a\\\"b\\x41\\t\\u5b57\\U0001F600c\"\nnone: ~\nempty: ''\nvoid:"
    )
    found = read(text)

    def pieces(pointer: str) -> list[str]:
        offsets = value_offsets(text, found, pointer)
        assert offsets is not None
        value = found.values[pointer[1:]]
        assert len(offsets) == len(value) + 1
        return [text[start:end] for start, end in pairwise(offsets)]

    assert pieces("/plain") == ["字", "😀", " ", "b"]
    assert pieces("/single") == ["i", "t", "''", "s"]
    assert pieces("/double") == ["a", '\\"', "b", "\\x41", "\\t", "\\u5b57", "\\U0001F600", "c"]
    assert list(value_offsets(text, found, "/empty") or ()) == [text.index("''\nvoid") + 1]
    assert list(value_offsets(text, found, "/void") or ()) == [text.index("void:") + 5]
    assert value_offsets(text, found, "/none") is None
    assert value_offsets(text, found, "/missing") is None


@both_parsers
@pytest.mark.parametrize(
    "block", ["a: x\n  y", 'a: "x\n  y"', "a: 'x\n  y'", "a: |\n  x", "a: >\n  x", "a: [x]", "a: {x: y}"]
)
def test_value_offsets_of_what_runs_over_lines(block: str) -> None:
    text = fenced(block)
    assert read(text).problem is None
    assert value_offsets(text, read(text), "/a") is None


def test_value_offsets_by_pointers_with_escapes() -> None:
    text = fenced('"a/b~c":\n- x\n- {"": yes}')
    assert value_offsets(text, read(text), "/a~1b~0c/1/") == range(text.index("yes"), text.index("yes") + 4)


def spans_of(found: FrontMatter) -> Iterator[Span]:
    yield from (found.span, found.opening, found.block, *found.verbatim)
    yield from found.spans.values()
    yield from found.key_spans.values()
    for duplicate in found.duplicates:
        yield from (duplicate.first, duplicate.second)
    if found.problem is not None:
        yield found.problem.span


PIECES = [
    "a", "b: ", "key: ", "key:", "\n", "\n  ", "\n- ", " ", "  ", "- ", "[", "]", "{", "}", ", ", ",", ": ", ":", "? ", "'", '"',
    "''", '\\"', "\\n", "\\x41", "\\u", "|", "|\n  ", ">", "|+\n  ", ">-\n ", "#", " # c", "\t", "&a ", "*a", "!t ", "%", "@",
    "`", "字", "😀", "\u2028", "\x85", "\ufeff", "\x0b", "~", "2020-01-01", "10:10", "...", "--- ", "<<: ", "1", "\\\n",
    "\U0010ffff",
]  # fmt: skip
blocks = st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=60)


@given(blocks, st.sampled_from(["---\n", "--- \na: ", "---\na: b\n", ""]), st.sampled_from(["\n---\n", "\n...", ""]))
@example("a: [&x", "---\n", "\n---\n")
@example('a: "\\UFFFFFFFF"', "---\n", "\n---\n")
@example("a: \udc80", "---\n", "\n---\n")
@example("a: 'x\r\n  y'", "---\n", "\n---\n")
def test_nothing_raises_and_every_span_lies_inside(block: str, before: str, after: str) -> None:
    text = before + block + after
    fast, pure = read_with(FAST, text), read_with(PURE, text)
    for found in (fast, pure):
        if found is None:
            continue
        assert all(0 <= span.start <= span.end <= len(text) for span in spans_of(found))
        assert found.problem is None or not found.values
        for pointer in found.spans:
            offsets = value_offsets(text, found, pointer)
            assert offsets is None or list(offsets) == sorted(offsets)
    # Where both read it, they read the same; of what is no YAML they may name different mistakes. Of an empty value with a
    # comment below it in braces, one places the end before, one behind the comment.
    if fast is not None and pure is not None and fast.problem is None and pure.problem is None:
        assert fast.values == pure.values
        assert "#" in text or fast == pure


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=12)
scalars = st.text(st.sampled_from("ab字😀 '\"\\:#-?,[]{}&*!|>%@`~\n\t\u2028\x85\ufeff\xa0"), max_size=12) | words
trees = st.dictionaries(
    words,
    st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
    ),
    min_size=1,
    max_size=4,
)


def _dump(tree: Any, quote: Callable[[str], str], indent: str = "") -> str:
    """The tree in block style, each text as `quote` writes it."""
    if isinstance(tree, dict) and tree:
        return "".join(f"\n{indent}{quote(key)}:{_dump(value, quote, indent + '  ')}" for key, value in tree.items())
    if isinstance(tree, list) and tree:
        return "".join(f"\n{indent}-{_dump(value, quote, indent + '  ')}" for value in tree)
    return " " + (quote(tree) if isinstance(tree, str) else "{}" if isinstance(tree, dict) else "[]")


def _double(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _escaped(text: str) -> str:
    """In ASCII; what JSON writes as two escapes YAML writes as one."""
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text) + '"'


def _single(text: str) -> str:
    return _double(text) if "\n" in text or "\t" in text else "'" + text.replace("'", "''") + "'"


@given(trees, st.sampled_from([_double, _escaped, _single]))
def test_what_is_written_is_read_back(tree: dict[str, Any], quote: Callable[[str], str]) -> None:
    text = "---" + _dump(tree, quote) + "\n---\n"
    for parser in (FAST, PURE):
        found = read_with(parser, text)
        assert found is not None
        assert found.problem is None, found.problem
        assert found.values == tree
        for pointer, span in found.spans.items():
            offsets = value_offsets(text, found, pointer)
            if found.styles[pointer] in ("single", "double"):
                assert text[span.start] == text[span.end - 1] == found_quote(found.styles[pointer])
                assert offsets is not None
                assert (offsets[0], offsets[-1]) == (span.start + 1, span.end - 1)


def found_quote(style: str) -> str:
    return "'" if style == "single" else '"'


@pytest.mark.parametrize("block", [block for block, _, _ in REFUSED + REFUSED_WHOLE])
def test_both_parsers_name_the_same_mistake(block: str) -> None:
    fast, pure = read_with(FAST, fenced(block)), read_with(PURE, fenced(block))
    assert fast == pure
    assert fast is not None
    assert isinstance(fast.problem, FrontMatterProblem)


@pytest.mark.parametrize(
    "make",
    [
        lambda size: "---" + " " * size + "x",
        lambda size: "---\n" + "---" * (size // 3) + "x",
        lambda size: "---\n" + "---    \t" * (size // 8) + "x",
        lambda size: "---\n---" + " " * size + "x",
        lambda size: "---\n" + "--- x\n" * (size // 6),
        lambda size: fenced("a: |\n  x" + "\n" * (size // 8)),
        lambda size: fenced("a: [" + "x, " * (size // 40) + "]"),
        lambda size: fenced("".join(f"k: {n}\n" for n in range(size // 100))),
        lambda size: fenced("a: {" + "".join(f"k{n}: , " for n in range(size // 80)) + "}"),
        lambda size: fenced('a: "' + "\\x41" * (size // 16) + '"'),
    ],
)
def test_time_is_linear(make: Callable[[int], str]) -> None:
    assert_linear(make, read_front_matter, size=500_000)
