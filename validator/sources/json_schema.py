"""JSON Schema 2020-12 for front matter, source schemas and sidecars. Patterns are RE2, and formats are checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from validator.parsing.dates import check_format, read_date
from validator.sources.schema_errors import FormatError, Problem, explain
from validator.text.errors import nearest
from validator.text.patterns import group_names, late, matches_in

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = late(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_PERCENT = r"%[0-9A-Fa-f]{2}"
_PCHAR = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|{_PERCENT})"
_URI = late(
    rf"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*+):"
    rf"(?://(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|{_PERCENT})*+@)?"
    rf"(?P<host>\[[^\]]*+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|{_PERCENT})*+)(?::\d*+)?(?=[/?#]|\Z)|(?!//))"
    rf"{_PCHAR}*+(?:\?(?:{_PCHAR}|\?)*+)?(?:#(?:{_PCHAR}|\?)*+)?",
    re.ASCII,
)
_FUTURE_ADDRESS = late(r"[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+")
_WITH_HOST = ("http", "https", "ftp")


def is_date(text: str) -> bool:
    """RFC 3339 full-date: a day that exists, as YYYY-MM-DD."""
    return bool(_DATE.fullmatch(text)) and read_date(text) is not None


def is_date_time(text: str) -> bool:
    """RFC 3339 date-time: with seconds and a zone."""
    return bool(_DATE_TIME.fullmatch(text)) and text[11:13] != "24" and read_date(text.upper()) is not None


@lru_cache(maxsize=4)  # the schema of a front matter and the record ask about the same address
def is_uri(text: str) -> bool:
    """RFC 3986 URI: a scheme and only characters that it allows; for http, https and ftp also a host."""
    match = _URI.fullmatch(text)
    if match is None:
        return False
    host = match["host"] or ""
    if host.startswith("["):
        return _is_ip_literal(host[1:-1])
    return bool(host) or match["scheme"].lower() not in _WITH_HOST


def _is_ip_literal(text: str) -> bool:
    from ipaddress import IPv6Address

    if _FUTURE_ADDRESS.fullmatch(text):
        return True
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


FORMATS: dict[str, Callable[[str], bool]] = {"date": is_date, "date-time": is_date_time, "uri": is_uri}
"""The formats that the front matter's schema of a source may name."""


# --- formats of the program's own schemas -------------------------------------------------------------------------------

_PUBLISHED = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_LANGUAGE = late(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def _check_selector(selector: str) -> None:
    import turbohtml

    turbohtml.parse("").select(selector)


def _check_time_zone(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zones = available_timezones()
        message = "is not known on this machine"
        if not zones:
            message += ", which has no time zone database: install the package tzdata"
        raise FormatError(message, nearest(name, zones)) from None


def _check_encoding(name: str) -> None:
    import codecs
    from encodings import aliases

    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        near = nearest(name, {*aliases.aliases, *aliases.aliases.values()})
        raise FormatError("is not the name of an encoding", near) from None


# A value has a format unless its function returns False or raises ValueError, which says why.
_OWN_FORMATS: dict[str, Callable[..., Any]] = {
    **FORMATS,
    "date-published": lambda text: bool(_PUBLISHED.fullmatch(text) and text[11:13] != "24" and read_date(text)),
    "web-address": lambda text: _ADDRESS.fullmatch(text) is not None,
    "language-tag": lambda text: _LANGUAGE.fullmatch(text) is not None,
    "text": lambda text: bool(text.strip()),
    "re2": group_names,
    "date-format": check_format,
    "css-selector": _check_selector,
    "time-zone": _check_time_zone,
    "encoding": _check_encoding,
}


# --- checking -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def schema_validator(schema: str) -> Any:
    """A validator of jsonschema for a schema given as JSON text. Built once for each schema."""
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.validators import extend

    checker = FormatChecker(formats=())
    for name, fits in _OWN_FORMATS.items():
        checker.checks(name, raises=ValueError)(
            lambda value, fits=fits: not isinstance(value, str) or fits(value) is not False
        )
    kind: Any = extend(Draft202012Validator, _keywords())  # type: ignore[no-untyped-call]
    return kind(json.loads(schema), format_checker=checker)


def _keywords() -> dict[str, Any]:
    """Keywords with RE2 patterns, and keywords that give the place of an unwanted key."""
    from jsonschema.exceptions import ValidationError

    def pattern(_validator: Any, expected: str, value: Any, _schema: Any) -> Any:
        if isinstance(value, str) and not matches_in(expected, value):
            yield ValidationError(f"{value!r} does not match {expected!r}")

    def pattern_properties(validator: Any, expected: Mapping[str, Any], value: Any, _schema: Any) -> Any:
        for key, item in value.items() if isinstance(value, dict) else ():
            for known, schema in expected.items():
                if matches_in(known, key):
                    yield from validator.descend(item, schema, path=key, schema_path=known)

    def additional_properties(validator: Any, expected: Any, value: Any, schema: Any) -> Any:
        for key in _additional(value, schema) if isinstance(value, dict) else ():
            if expected is False:
                yield ValidationError("unknown", path=(key,))
            else:
                yield from validator.descend(value[key], expected, path=key)

    def properties(validator: Any, expected: Mapping[str, Any], value: Any, _schema: Any) -> Any:
        for key, schema in expected.items():
            if isinstance(value, dict) and key in value:
                if schema is False:
                    yield ValidationError("forbidden", path=(key,))
                else:
                    yield from validator.descend(value[key], schema, path=key, schema_path=key)

    return {
        "pattern": pattern,
        "patternProperties": pattern_properties,
        "additionalProperties": additional_properties,
        "properties": properties,
    }


def _additional(value: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """The keys that neither `properties` nor `patternProperties` covers."""
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return [key for key in value if key not in known and not any(matches_in(pattern, key) for pattern in patterns)]


@lru_cache(maxsize=64)
def _quick_test(schema: str) -> Callable[[Any], bool]:
    """A test that takes only values in which `schema_validator` finds nothing, at a hundredth of its cost.

    jsonschema_rs is given our formats and, as a keyword of our own, RE2 patterns. Its patterns of keys are not RE2.
    """
    if '"patternProperties"' in schema:
        return lambda _: False
    import jsonschema_rs

    rust = jsonschema_rs.Draft202012Validator(
        json.loads(schema), formats=_OWN_FORMATS, validate_formats=True, keywords={"pattern": _Pattern}
    )

    def is_valid(values: Any) -> bool:
        try:
            return rust.is_valid(values)
        except ValueError:  # a lone surrogate, or nested too deep for it
            return False

    return is_valid


class _Pattern:
    """The keyword `pattern` with RE2, for jsonschema_rs."""

    def __init__(self, _schema: Any, expected: str, _path: Any) -> None:
        self.expected = expected

    def validate(self, value: Any) -> None:
        """Raise ValueError for text that does not match."""
        if isinstance(value, str) and not matches_in(self.expected, value):
            raise ValueError


def check(schema: str, values: Any, whole: str = "the front matter", at_most: int | None = None) -> list[Problem]:
    """Check a value against a JSON Schema, given as JSON text; `whole` is what messages call the value.

    `at_most` limits the problems: a hostile file may have many thousands.
    Of several problems with one value only the plainest is given: that it is empty before that it is not an address, and so on.
    """
    if _quick_test(schema)(values):
        return []
    problems = [explain(error, whole) for error in islice(schema_validator(schema).iter_errors(values), at_most)]
    problems.sort(key=lambda problem: (problem.pointer, problem.missing or "", _plainness(problem)))
    return [
        problem
        for index, problem in enumerate(problems)
        if problem.missing is not None or index == 0 or problems[index - 1].pointer != problem.pointer
    ]


_PLAINEST_FIRST = (
    "type", "minLength", "minItems", "minProperties", "const", "enum", "format", "anyOf", "oneOf", "uniqueItems",
)  # fmt: skip


def _plainness(problem: Problem) -> tuple[int, str]:
    keywords = _PLAINEST_FIRST
    return (keywords.index(problem.keyword) if problem.keyword in keywords else len(keywords), problem.message)
