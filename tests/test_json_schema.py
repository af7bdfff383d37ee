"""Front matter against JSON Schema: formats that are really checked, RE2 patterns, problems in plain words at their place."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from linearity import assert_linear
from running import table

from validator.sources import json_schema
from validator.sources.json_schema import check, is_date, is_date_time, is_uri
from validator.sources.schema_errors import Problem


def problems(schema: Any, values: Any) -> list[Problem]:
    return check(json.dumps(schema), values)


def said(schema: Any, values: Any) -> list[tuple[str, str]]:
    """What is wrong, as pairs of a pointer and a message."""
    return [(problem.pointer, problem.message) for problem in problems(schema, values)]


# --- formats ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", "2021-02-28", "2021-02-30"),
        ("date-time", "2021-02-28T05:06:07Z", "2021-02-28 05:06"),
        ("uri", "https://example.org/a", "https://example.org/a b"),
    ],
)
def test_a_format_is_really_checked(name: str, good: str, bad: str) -> None:
    """Without a format checker jsonschema checks no format, and its own checks neither date-time nor uri as it is installed."""
    schema = {"properties": {"key": {"type": "string", "format": name}}}
    assert problems(schema, {"key": good}) == []
    (problem,) = problems(schema, {"key": bad})
    assert (problem.pointer, problem.keyword) == ("/key", "format")
    assert bad in problem.message
    assert problems(schema, {"key": ["no text"]})[0].keyword == "type"


@pytest.mark.parametrize("text", ["2021-03-04", "2020-02-29", "0001-01-01", "9999-12-31"])
def test_a_date(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "2021-02-29", "2021-13-01", "2021-00-01", "2021-01-32", "0000-01-01", "2021-1-1", "21-01-01", "20210101",
        "2021/01/01", "2021-01-01 ", " 2021-01-01", "2021-01-01\n", "2021-01-01T00:00:00Z", "March 4, 2021", "２０２１-01-01",
    ],
)  # fmt: skip
def test_no_date(text: str) -> None:
    assert not is_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-04T05:06:07Z", "2021-03-04t05:06:07z", "2021-03-04T05:06:07.123Z", "2021-03-04T05:06:07+08:00",
        "2021-03-04T05:06:07-00:00", "2016-12-31T23:59:60Z",
    ],
)  # fmt: skip
def test_a_date_with_time_and_zone(text: str) -> None:
    assert is_date_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "2021-03-04", "2021-03-04T05:06:07", "2021-03-04T05:06Z", "2021-03-04 05:06:07Z", "2021-02-30T05:06:07Z",
        "2021-03-04T24:00:00Z", "2021-03-04T05:60:07Z", "2021-03-04T05:06:61Z", "2021-03-04T05:06:07+0800",
        "2021-03-04T05:06:07+24:00", "2021-03-04T05:06:07 +08:00", "2021-03-04T05:06:07.Z", "2021-03-04T05:06:07Z\n",
        "2021-03-04T05:06:07UTC",
    ],
)  # fmt: skip
def test_no_date_with_time_and_zone(text: str) -> None:
    assert not is_date_time(text)


@given(st.dates().map(str) | st.text("0123456789-", max_size=10) | st.from_regex(r"\d{4}-\d\d-\d\d", fullmatch=True))
def test_dates_as_the_standard_library_has_them(text: str) -> None:
    try:
        exists = date.fromisoformat(text).isoformat() == text  # it takes other spellings too
    except ValueError:
        exists = False
    assert is_date(text) == exists


_TIMES = st.from_regex(
    "20[0-9]{2}-[01][0-9]-[0-3][0-9][Tt][012][0-9]:[0-6][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:[Zz]|[+-][012][0-9]:[0-5][0-9])",
    fullmatch=True,
)


@given(_TIMES)
def test_dates_with_times_as_the_standard_library_has_them(text: str) -> None:
    try:
        offset = datetime.fromisoformat(text.upper()).utcoffset()
        exists = offset is not None and abs(offset) <= timedelta(hours=14)  # no zone is farther from UTC
    except ValueError:
        exists = False
    assert is_date_time(text) == exists


URIS: list[Any] = table("json_schema", "uris")
NO_URIS: list[Any] = table("json_schema", "no-uris")


@pytest.mark.parametrize("text", URIS)
def test_an_address(text: str) -> None:
    assert is_uri(text)


@pytest.mark.parametrize("text", NO_URIS)
def test_no_address(text: str) -> None:
    assert not is_uri(text)


def abnf() -> re.Pattern[str]:
    """RFC 3986, appendix A, rule by rule: an independent statement of what a URI is."""
    dec_octet = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]\d|\d)"
    ipv4 = rf"{dec_octet}(?:\.{dec_octet}){{3}}"
    h16 = "[0-9A-Fa-f]{1,4}"
    ls32 = rf"(?:{h16}:{h16}|{ipv4})"
    ipv6 = "|".join(
        [
            rf"(?:{h16}:){{6}}{ls32}",
            rf"::(?:{h16}:){{5}}{ls32}",
            rf"(?:{h16})?::(?:{h16}:){{4}}{ls32}",
            rf"(?:(?:{h16}:){{,1}}{h16})?::(?:{h16}:){{3}}{ls32}",
            rf"(?:(?:{h16}:){{,2}}{h16})?::(?:{h16}:){{2}}{ls32}",
            rf"(?:(?:{h16}:){{,3}}{h16})?::{h16}:{ls32}",
            rf"(?:(?:{h16}:){{,4}}{h16})?::{ls32}",
            rf"(?:(?:{h16}:){{,5}}{h16})?::{h16}",
            rf"(?:(?:{h16}:){{,6}}{h16})?::",
        ]
    )
    unreserved, encoded, sub_delims = r"[A-Za-z0-9._~-]", "%[0-9A-Fa-f]{2}", r"[!$&'()*+,;=]"
    pchar = rf"(?:{unreserved}|{encoded}|{sub_delims}|[:@])"
    future = rf"[vV][0-9A-Fa-f]+\.(?:{unreserved}|{sub_delims}|:)+"
    reg_name = rf"(?:{unreserved}|{encoded}|{sub_delims})*"
    authority = (
        rf"(?:(?:{unreserved}|{encoded}|{sub_delims}|:)*@)?(?P<host>\[(?:{ipv6}|{future})\]|{reg_name})(?::\d*)?"
    )
    hier_part = rf"(?://{authority}(?:/{pchar}*)*|/(?:{pchar}+(?:/{pchar}*)*)?|{pchar}+(?:/{pchar}*)*|)"
    tail = rf"(?:{pchar}|[/?])*"
    return re.compile(rf"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):{hier_part}(?:\?{tail})?(?:#{tail})?", re.ASCII)


ABNF = abnf()
PIECES = "http https x : // / ? # [ ] @ a b.c 1 ::1 192.0.2.1 256.1.1.1 %41 % v1. 完 - + ~ fffff ffff = |".split()  # noqa: SIM905
PARTS = st.sampled_from([*PIECES, " ", "\n"])


def _reference(text: str) -> bool:
    match = ABNF.fullmatch(text)
    return match is not None and bool(match["host"] or match["scheme"].lower() not in ("http", "https", "ftp"))


@given(
    st.lists(PARTS, max_size=12).map("".join)
    | st.lists(PARTS, max_size=8).map(lambda parts: "http://" + "".join(parts))
)
@example("http://[::1]:80/")
@example("x://")
@example("x:////")
def test_addresses_as_the_grammar_of_rfc_3986_has_them(text: str) -> None:
    assert is_uri(text) == _reference(text)


@given(
    st.lists(st.sampled_from(["::", ":", "1", "ffff", "fffff", "192.0.2.1", "1.2.3", "g"]), max_size=10).map("".join)
)
def test_addresses_in_brackets_as_the_grammar_has_them(text: str) -> None:
    assert is_uri(f"http://[{text}]/") == _reference(f"http://[{text}]/")


def test_addresses_as_another_program_has_them() -> None:
    """Where `rfc3986-validator` is installed; it does not ask for a host, and overlooks a last line end."""
    other = pytest.importorskip("rfc3986_validator")
    for text in URIS:
        assert other.validate_rfc3986(text, rule="URI"), text
    for text in NO_URIS:
        if other.validate_rfc3986(text, rule="URI") and not text.endswith("\n"):
            assert re.match(r"\w+:(?!//[^/?#:@\[])|\w+://[^/]*@/", text), text


@pytest.mark.parametrize("unit", ["a", "a:", "%41", "@", "[", ":1", "?", "//"])
def test_an_address_takes_linear_time(unit: str) -> None:
    assert_linear(lambda size: "http://" + unit * (size // len(unit)) + " ", is_uri, 10_000)


@given(st.text())
def test_no_text_makes_a_format_raise(text: str) -> None:
    for is_valid in json_schema.FORMATS.values():
        assert is_valid(text) in (True, False)


# --- patterns -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("^https?://", "https://example.org", "mailto:a"),
        (r"\Aab\z", "ab", "ab\n"),  # \z: RE2 has it, Python's engine of 3.11 has not
        (r"^\pL+$", "完é", "完1"),  # a class of Unicode, likewise
        ("b", "abc", "aac"),  # not anchored
        ("^b$", "a\nb", "ab"),  # MULTILINE, as everywhere
    ],
)
def test_a_pattern_is_re2(pattern: str, good: str, bad: str) -> None:
    schema = {"properties": {"key": {"pattern": pattern}}}
    assert said(schema, {"key": good}) == []
    assert [problem.keyword for problem in problems(schema, {"key": bad})] == ["pattern"]
    assert said(schema, {"key": ["no text"]}) == []  # `pattern` speaks of texts only


def test_patterns_of_keys_are_re2() -> None:
    schema = {"patternProperties": {r"\Ax_\pL+\z": {"minLength": 2}}, "additionalProperties": False}
    assert said(schema, {"x_完": "ab"}) == []
    assert said(schema, {"x_完": "a"}) == [("/x_完", 'x_完 "a" is shorter than 2 characters')]
    assert [problem.unknown for problem in problems(schema, {"x_1": "ab"})] == ["x_1"]


def test_a_pattern_takes_linear_time() -> None:
    schema = json.dumps({"properties": {"key": {"pattern": "^(a+a+)+$"}}})
    assert_linear(lambda size: "a" * size + "b", lambda text: check(schema, {"key": text}))


# --- problems -----------------------------------------------------------------------------------------------------------

MANY = {"type": "object", "properties": {"a": {"type": "string"}}}
CASES: list[tuple[str, Any, Any, list[tuple[str, str]]]] = table("json_schema", "cases")


@pytest.mark.parametrize(("schema", "value", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_problem_is_told_in_plain_words_at_its_place(
    schema: Any, value: Any, expected: list[tuple[str, str]]
) -> None:
    whole = {"properties": {"key": schema}, "$defs": {"short": {"maxLength": 3}}}
    assert said(whole, {"key": value}) == [tuple(each) for each in expected]
    assert said(whole, {}) == []


@pytest.mark.parametrize(("schema", "values", "expected"), table("json_schema", "keys"))
def test_problems_with_keys(schema: Any, values: Any, expected: list[tuple[str, str]]) -> None:
    assert said(schema, values) == [tuple(each) for each in expected]


def test_what_is_missing_and_what_is_unknown_is_named() -> None:
    schema = {"properties": {"a": {}}, "required": ["a"], "additionalProperties": False}
    missing, unknown = problems(schema, {"b": "x"})
    assert (missing.missing, missing.unknown, missing.keyword) == ("a", None, "required")
    assert (unknown.missing, unknown.unknown, unknown.keyword) == (None, "b", "additionalProperties")


@pytest.mark.parametrize(
    ("schema", "value", "keyword"),
    [
        ({"type": "string", "minLength": 1, "format": "uri", "pattern": "^https?://"}, "", "minLength"),
        ({"type": "string", "format": "uri", "pattern": "^https?://"}, "x y", "format"),
        ({"pattern": "^https?://", "const": "https://example.org"}, "x", "const"),
        ({"type": "array", "minItems": 1, "contains": {"const": "a"}}, [], "minItems"),
    ],
)
def test_of_several_problems_with_one_value_the_plainest_is_told(schema: Any, value: Any, keyword: str) -> None:
    assert [problem.keyword for problem in problems({"properties": {"key": schema}}, {"key": value})] == [keyword]


def test_several_values_have_a_problem_each_in_the_order_of_their_keys() -> None:
    schema = {"properties": {"b": {"minLength": 1}, "a": {"format": "date"}}, "required": ["c"]}
    assert [pointer for pointer, _ in said(schema, {"b": "", "a": "x"})] == ["", "/a", "/b"]


TREES: st.SearchStrategy[Any] = st.recursive(
    st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~'完", max_size=3), inner, max_size=3),
    max_leaves=8,
)
SCHEMAS: list[Any] = [schema for _, schema, _, _ in CASES]


@given(st.dictionaries(st.sampled_from(["key", "other", "a/b~"]), TREES, max_size=3), st.sampled_from(SCHEMAS))
def test_any_values_are_judged_and_each_problem_has_a_place(values: dict[str, Any], schema: Any) -> None:
    whole = {
        "properties": {"key": schema},
        "additionalProperties": schema,
        "required": ["key"],
        "$defs": {"short": {"maxLength": 3}},
    }
    for problem in problems(whole, values):
        assert problem.message
        value: Any = values
        for step in problem.pointer.split("/")[1:]:
            value = value[int(step)] if isinstance(value, list) else value[step.replace("~1", "/").replace("~0", "~")]


QUICK: list[Any] = [
    *(schema for schema in SCHEMAS if "patternProperties" not in schema),
    {"pattern": r"\A\pL+\z"}, {"pattern": "^b$"}, {"format": "uri"}, {"enum": ["", "a"]}, {"propertyNames": {"format": "date"}},
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minItems": 1}},
    {"contains": {"pattern": "a"}, "maxContains": 1},
    {"dependentSchemas": {"a": {"required": ["b"]}}},
    {"patternProperties": {"^a$": {"minLength": 1}}, "additionalProperties": False},
]  # fmt: skip
VALUES = TREES | st.sampled_from(["2021-03-04", "https://example.org", "a\nb", "\ud800", "完", "post", "abcd"])


@given(
    st.dictionaries(st.sampled_from(["key", "a"]), VALUES, max_size=2), st.sampled_from(QUICK), st.sampled_from(QUICK)
)
def test_what_the_quick_validator_takes_has_no_problem(values: dict[str, Any], one: Any, other: Any) -> None:
    """jsonschema_rs only ever says a yes that jsonschema confirms; what it turns down, jsonschema judges."""
    whole = {
        "properties": {"key": one},
        "additionalProperties": {"anyOf": [one, other]},
        "$defs": {"short": {"maxLength": 3}},
    }
    assert (problems(whole, values) == []) == json_schema.schema_validator(json.dumps(whole)).is_valid(values)
