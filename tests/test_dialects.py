"""Front matter in TOML and JSON: the values that tomllib and json read, each at its place, or a refusal that says where."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from linearity import assert_linear
from running import table

from validator.parsing import located
from validator.parsing.front_matter import FrontMatter, read_front_matter, value_offsets
from validator.parsing.located import value_at
from validator.text.places import Span


def read(text: str) -> FrontMatter:
    found = read_front_matter(text)
    assert found is not None
    return found


def toml(block: str) -> str:
    return f"+++\n{block}+++\nText.\n"


def as_json(block: str) -> str:
    return f"---json\n{block}\n---\nText.\n"


@pytest.mark.parametrize("case", table("dialects", "read"), ids=lambda case: case["why"])
def test_what_is_read(case: dict[str, Any]) -> None:
    found = read(case["text"])
    assert found.problem is None
    assert found.dialect == case["dialect"]
    assert found.values == case["values"]
    for pointer, written in case.get("written", {}).items():
        assert case["text"][slice(*found.spans[pointer])] == written
    keys = [case["text"][slice(*each.second)] for each in found.duplicates]
    assert keys == case.get("duplicates", [])
    assert [case["text"][slice(*span)] for span in found.verbatim] == case.get("verbatim", [])


@pytest.mark.parametrize("case", table("dialects", "refused"), ids=lambda case: case["why"])
def test_what_is_refused_says_why_and_where(case: dict[str, Any]) -> None:
    found = read(case["text"])
    assert found.problem is not None
    assert not found.values
    assert case["says"] in found.problem.message
    assert case["text"][slice(*found.problem.span)] == case["at"]


@pytest.mark.parametrize("text", table("dialects", "none"))
def test_what_is_no_front_matter(text: str) -> None:
    assert read_front_matter(text) is None


# --- generated documents --------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
ODD_TEXTS = st.one_of(
    TEXTS, st.sampled_from(['"', "'", "\\", 'a"b', "c's", "\t", "é\n", "#", "+++", "---", "[a]", "a = 1"])
)
NUMBERS = st.sampled_from(["0", "-17", "1_000", "0x1F", "0o17", "0b101", "1.50", "-2e10", "6.02_2e+23", "inf", "-nan"])
DATES = st.sampled_from(
    ["2021-03-04", "2021-03-04T05:06:07Z", "2021-03-04 05:06:07.123+08:00", "05:06:07", "2021-03-04T05:06:07"]
)
PLAIN = st.one_of(NUMBERS, DATES, st.sampled_from(["true", "false"]))
WRITTEN = tuple[str, Any]  # a value as it is written, and what is to be read


def _double(text: str) -> WRITTEN:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f"), text


def _single(text: str) -> WRITTEN:
    return (f"'{text}'", text) if "'" not in text and "\n" not in text else _double(text)


def _several_lines(text: str) -> WRITTEN:
    return '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""', text


def _array(values: list[WRITTEN]) -> WRITTEN:
    return "[" + ", # a comment ]\n ".join(written for written, _ in values) + "]", [value for _, value in values]


def _braces(values: dict[str, WRITTEN]) -> WRITTEN:
    inner = ", ".join(f"{json.dumps(key)} = {written}" for key, (written, _) in values.items())
    return f"{{ {inner} }}", {key: value for key, (_, value) in values.items()}


KEYS = st.text("abcXYZ019_-é /~.", min_size=1, max_size=5)
SCALARS = st.one_of(
    ODD_TEXTS.map(_double), ODD_TEXTS.map(_single), ODD_TEXTS.map(_several_lines), PLAIN.map(lambda text: (text, text))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(_array),
        st.dictionaries(KEYS, SCALARS.filter(lambda each: "\n" not in each[0]), max_size=3).map(_braces),
    ),
    max_leaves=6,
)
TABLES = st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3)


def spans_of(found: FrontMatter) -> Iterator[Span]:
    yield from (found.span, found.opening, found.block, *found.verbatim)
    yield from found.spans.values()
    yield from found.key_spans.values()
    if found.problem is not None:
        yield found.problem.span


@given(st.dictionaries(KEYS, VALUES, max_size=4), TABLES)
def test_toml_that_is_written_is_read_back(top: dict[str, WRITTEN], tables: dict[str, dict[str, WRITTEN]]) -> None:
    lines = [f"{json.dumps(key, ensure_ascii=False)} = {written}\n" for key, (written, _) in top.items()]
    expected: dict[str, Any] = {key: value for key, (_, value) in top.items()}
    for name, values in tables.items():
        if name in expected:
            continue
        lines.append(f"[{json.dumps(name, ensure_ascii=False)}]  # a table\n")
        lines += [f"{json.dumps(key, ensure_ascii=False)} = {written}\n" for key, (written, _) in values.items()]
        expected[name] = {key: value for key, (_, value) in values.items()}
    block = "".join(lines)
    if "\n+++" in f"\n{block}":
        return
    text = toml(block)
    tomllib.loads(block)
    found = read(text)
    assert found.problem is None
    assert found.values == expected
    for key, (written, _) in top.items():
        step = key.replace("~", "~0").replace("/", "~1")
        assert text[slice(*found.spans[f"/{step}"])] == written
    _check_places(text, found)


JSON_VALUES = st.recursive(
    st.one_of(ODD_TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip


def texts_of(value: Any) -> Any:
    """A value of JSON with the texts that are written for its scalars."""
    if isinstance(value, dict):
        return {key: texts_of(each) for key, each in value.items()}
    if isinstance(value, list):
        return [texts_of(each) for each in value]
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


@given(st.dictionaries(KEYS, JSON_VALUES, min_size=1, max_size=4), st.booleans(), st.sampled_from([None, 2]))
@example({"a": "😀"}, True, None)
def test_json_that_is_written_is_read_back(values: dict[str, Any], is_ascii: bool, indent: int | None) -> None:
    block = json.dumps(values, ensure_ascii=is_ascii, indent=indent)
    for text in (as_json(block), f"{block}\n\nText.\n", f";;;\n{block[1:-1].strip()}\n;;;\nText.\n"):
        found = read(text)
        assert found.problem is None
        assert found.values == texts_of(values)
        _check_places(text, found)


def _check_places(text: str, found: FrontMatter) -> None:
    """Every span lies in the text, a plain value is what is written there, and offsets give a value back."""
    for span in spans_of(found):
        assert 0 <= span.start <= span.end <= len(text)
    for pointer, style in found.styles.items():
        value, span = value_at(found.values, pointer), found.spans[pointer]
        if style == "plain":
            assert text[slice(*span)] in (value, "null")
        offsets = value_offsets(text, found, pointer)
        if offsets is not None:
            assert len(offsets) == len(value) + 1
            assert all(text[at] in (character, "\\") for at, character in zip(offsets, value, strict=False))


BROKEN = [
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ":",
    "\n",
    "#",
    "\\",
    ".",
    "\x00",
    "\u00a0",
    "1",
    "a",
    " ",
    '"""',
    "[a]\n",
]
SOUND_TOML = (
    'title = "One"\ndate = 2021-03-04\ntags = ["a", \'b\']\nx.y = 1\n'
    '[extra]\nn = {a = 1.5}\n[[t]]\nb = """c\nd"""\n[[t]]\n'
)
SOUND_JSON = '{"title": "One", "n": [1, -2.5e3, null, true],\n "o": {"a": "b\\u00e9", "c": {}}}'


@given(st.integers(0, len(SOUND_TOML)), st.integers(0, 3), st.sampled_from(["", *BROKEN]))
def test_broken_toml_is_refused_and_sound_toml_is_read(at: int, gone: int, put: str) -> None:
    block = SOUND_TOML[:at] + put + SOUND_TOML[at + gone :]
    text = toml(block if block.endswith("\n") else f"{block}\n")
    found = read(text)
    for span in spans_of(found):
        assert 0 <= span.start <= span.end <= len(text)
    try:
        truth = tomllib.loads(text[slice(*found.block)], parse_float=str)
    except tomllib.TOMLDecodeError:
        assert found.problem is not None or found.duplicates
        return
    if found.problem is None:
        assert found.values.keys() == truth.keys()
    else:
        assert "disagree" not in found.problem.message
        raise AssertionError(found.problem.message)


@given(st.integers(0, len(SOUND_JSON)), st.integers(0, 3), st.sampled_from(["", *BROKEN]))
def test_broken_json_is_refused_and_sound_json_is_read(at: int, gone: int, put: str) -> None:
    text = as_json(SOUND_JSON[:at] + put + SOUND_JSON[at + gone :])
    found = read(text)
    for span in spans_of(found):
        assert 0 <= span.start <= span.end <= len(text)
    try:
        truth = json.loads(text[slice(*found.block)])
    except ValueError:
        truth = None
    if isinstance(truth, dict):
        assert found.values == texts_of(truth) or found.duplicates or "e3" in text
    elif not text[slice(*found.block)].lstrip().startswith('"'):
        assert found.problem is not None


@given(
    st.text(max_size=60),
    st.sampled_from(
        ["+++\n{}\n+++\n", "---toml\n{}\n---\n", "---json\n{}\n---\n", ";;;\n{}\n;;;\n", '{{"a": {}\n}}\nText\n']
    ),
)
def test_nothing_raises_and_every_span_lies_inside(block: str, fence: str) -> None:
    text = fence.format(block.replace("\r", ""))
    found = read_front_matter(text)
    for span in spans_of(found) if found is not None else ():
        assert 0 <= span.start <= span.end <= len(text)


# --- limits ---------------------------------------------------------------------------------------------------------------

DEEP: dict[str, Callable[[int], str]] = {
    "brackets of TOML": lambda depth: toml(f"a = {'[' * depth}{']' * depth}\n"),
    "dots of TOML": lambda depth: toml(f"{'.'.join('a' * depth)}.b = 1\n"),
    "dots in a header": lambda depth: toml(f"[{'.'.join('a' * depth)}]\n"),
    "braces of TOML": lambda depth: toml(f"a = {'{a = ' * depth}1{'}' * depth}\n"),
    "brackets of JSON": lambda depth: as_json(f'{{"a": {"[" * depth}{"]" * depth}}}'),
    "braces of JSON": lambda depth: as_json('{"a": ' * (depth + 1) + "1" + "}" * (depth + 1)),
}


@pytest.mark.parametrize("make", DEEP.values(), ids=DEEP)
def test_the_limit_of_depth(make: Callable[[int], str]) -> None:
    assert read(make(located.LIMIT_DEPTH - 1)).problem is None
    for depth in (located.LIMIT_DEPTH, 100_000):
        problem = read(make(depth)).problem
        assert problem is not None
        assert "more than 32 mappings or sequences are nested" in problem.message


def test_the_limits_of_size(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (toml(f"{'k' * 2000} = 1\n"), as_json(f'{{"{"k" * 2000}": 1}}')):
        problem = read(text).problem
        assert problem is not None
        assert "have over 1,024 characters together" in problem.message
    monkeypatch.setattr(located, "LIMIT_VALUES", 10)
    for text in (toml("a = [1,2,3,4,5,6,7,8,9,10,11]\n"), as_json('{"a": [1,2,3,4,5,6,7,8,9,10,11]}')):
        problem = read(text).problem
        assert problem is not None
        assert "more than 10 values are in this front matter" in problem.message


LONG: dict[str, Callable[[int], str]] = {
    "keys of TOML": lambda n: toml("".join(f"k{number} = 'a'\n" for number in range(n))),
    "tables": lambda n: toml("".join(f"[k{number}]\na=1\n" for number in range(n))),
    "a list of tables": lambda n: toml("[[k]]\na = 2021-03-04\n" * n),
    "a key again and again": lambda n: toml("k = [1]\n" * n),
    "quotation marks of TOML": lambda n: toml(f'a = "{chr(92)}""\nb = """{chr(34)}a' * n),
    "escapes": lambda n: toml('a = "' + "\\u00e9" * n + '"\n'),
    "keys of JSON": lambda n: as_json("{" + ",".join(f'"k{number}": "a"' for number in range(n)) + "}"),
    "escapes of JSON": lambda n: as_json('{"a": "' + "\\u00e9" * n + '"}'),
    "fences": lambda n: "{" + '"a": {\n}\n' * n,
}


@pytest.mark.parametrize("make", LONG.values(), ids=LONG)
def test_time_is_linear(make: Callable[[int], str]) -> None:
    assert_linear(make, read_front_matter, size=4_000)
