"""JSON Schema 2020-12 for front matter: patterns are RE2, formats are really checked, problems are in a curator's words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from validator.dates import read_date
from validator.errors import nearest
from validator.patterns import compile_pattern

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_PERCENT = r"%[0-9A-Fa-f]{2}"
_PCHAR = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|{_PERCENT})"
_URI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|{_PERCENT})*@)?"
    rf"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|{_PERCENT})*)(?::\d*)?(?=[/?#]|\Z))?"
    rf"{_PCHAR}*(?:\?(?:{_PCHAR}|\?)*)?(?:#(?:{_PCHAR}|[?])*)?",
    re.ASCII,
)


def is_date(text: str) -> bool:
    """RFC 3339 full-date: a day that exists, as YYYY-MM-DD."""
    return bool(_DATE.fullmatch(text)) and read_date(text) is not None


def is_date_time(text: str) -> bool:
    """RFC 3339 date-time: with seconds and a zone."""
    return bool(_DATE_TIME.fullmatch(text)) and read_date(text.upper()) is not None


def is_uri(text: str) -> bool:
    """RFC 3986 URI: a scheme, only the characters that may stand there; with `//`, a host."""
    return bool(_URI.fullmatch(text)) and not re.match(r"(?:https?|ftp):(?!//[^/?#])", text, re.IGNORECASE)


FORMATS = {"date": is_date, "date-time": is_date_time, "uri": is_uri}


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a value is not what its schema asks for. `missing` and `unknown` name the key concerned."""

    pointer: str
    keyword: str
    message: str
    missing: str | None = None
    unknown: str | None = None


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend

    checker = FormatChecker(formats=())
    for name, is_valid in FORMATS.items():
        checker.checks(name)(lambda value, is_valid=is_valid: not isinstance(value, str) or is_valid(value))

    def pattern(_validator: Any, expected: str, value: Any, _schema: Any) -> Any:
        if isinstance(value, str) and not compile_pattern(expected).search(value.encode("utf-8", "surrogatepass")):
            yield ValidationError(f"{value!r} does not match {expected!r}")

    kind: Any = extend(Draft202012Validator, {"pattern": pattern})  # type: ignore[no-untyped-call]
    return kind(json.loads(schema), format_checker=checker)


def check(schema: str, values: Mapping[str, Any]) -> list[Problem]:
    """Hold the values of a front matter against a JSON Schema, given as JSON text.

    Of several problems with one value the plainest is told: that it is empty before that it is no address, and so on.
    """
    problems: list[Problem] = []
    for error in _validator(schema).iter_errors(values):
        pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in error.absolute_path)
        problems.extend(_explain(error, pointer))
    problems.sort(key=lambda problem: (problem.pointer, problem.missing or "", _plainness(problem)))
    return [
        problem
        for index, problem in enumerate(problems)
        if problem.missing is not None or index == 0 or problems[index - 1].pointer != problem.pointer
    ]


_PLAINEST_FIRST = ("type", "minLength", "const", "enum", "format", "anyOf", "oneOf", "uniqueItems")


def _plainness(problem: Problem) -> tuple[int, str]:
    keywords = _PLAINEST_FIRST
    return (keywords.index(problem.keyword) if problem.keyword in keywords else len(keywords), problem.message)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}…"'


_KINDS = {
    "string": "one text",
    "array": "a list",
    "object": "a mapping",
    "number": "a number",
    "boolean": "true or false",
}
_FORMATS_IN_WORDS = {
    "date": "a date (YYYY-MM-DD)",
    "date-time": "a date with time and zone (YYYY-MM-DDTHH:MM:SSZ)",
    "uri": "an address (https://…, without blanks, other letters percent-encoded)",
}


def _expected(schema: Mapping[str, Any]) -> str:
    if "format" in schema:
        return _FORMATS_IN_WORDS.get(schema["format"], str(schema["format"]))
    if "description" in schema:
        return str(schema["description"])
    if "const" in schema:
        return _shown(schema["const"])
    if "pattern" in schema:
        return f"text like {schema['pattern']}"
    kinds = schema.get("type")
    return " or ".join(
        _KINDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds or ["something else"])
    )


def _explain(error: Any, pointer: str) -> list[Problem]:
    """What one error of jsonschema says, in a curator's words; several where it is about several keys."""
    name = pointer.lstrip("/").replace("/", ".") or "the front matter"
    value, keyword, expected = error.instance, error.validator, error.validator_value
    if keyword == "required":
        missing = next(item for item in expected if item not in value and error.message.startswith(repr(item)))
        return [Problem(pointer, keyword, f'{name} has no "{missing}"', missing=missing)]
    if keyword == "additionalProperties":
        return _unknown_keys(error, pointer)
    if keyword == "uniqueItems":
        index = next(index for index, item in enumerate(value) if item in value[:index])
        return [Problem(f"{pointer}/{index}", keyword, f"{_shown(value[index])} stands in {name} twice")]
    return [Problem(pointer, keyword, _message(error, name, value, keyword, expected))]


def _unknown_keys(error: Any, pointer: str) -> list[Problem]:
    known = tuple(error.schema.get("properties", {}))
    out = []
    for item in error.instance:
        if item not in known:
            near = nearest(item, known)
            hint = f'; did you mean "{near}"?' if near else f"; known are {', '.join(known)}"
            step = item.replace("~", "~0").replace("/", "~1")
            out.append(
                Problem(f"{pointer}/{step}", "additionalProperties", f'unknown key "{item}"{hint}', unknown=item)
            )
    return out


def _message(error: Any, name: str, value: Any, keyword: str, expected: Any) -> str:
    if keyword == "minLength":
        return f"{name} is empty" if not value else f"{name} {_shown(value)} is shorter than {expected} characters"
    if keyword == "maxLength":
        return f"{name} {_shown(value)} is longer than {expected} characters"
    if keyword in ("type", "const", "enum"):
        return _kind_message(name, value, keyword, expected)
    if keyword == "format":
        return f"{name} {_shown(value)} is not {_FORMATS_IN_WORDS.get(expected, expected)}"
    if keyword == "pattern":
        return f"{name} {_shown(value)} does not look as expected ({error.schema.get('description', expected)})"
    if keyword in ("anyOf", "oneOf"):
        choices = list(dict.fromkeys(_expected(choice) for choice in expected if isinstance(choice, dict)))
        wanted = (
            "neither " + " nor ".join(choices) if len(choices) > 1 else f"not {choices[0] if choices else 'expected'}"
        )
        return f"{name} {_shown(value)} is {wanted}"
    if keyword == "minItems":
        return f"{name} has {len(value)} entries, expected at least {expected}"
    return f"{name} {_shown(value)} is not what the schema asks for ({keyword}: {_shown(expected)})"


def _kind_message(name: str, value: Any, keyword: str, expected: Any) -> str:
    if keyword == "type":
        kinds = [expected] if isinstance(expected, str) else expected
        return f"{name} {_shown(value)} is not {' or '.join(_KINDS.get(kind, kind) for kind in kinds)}"
    if keyword == "const":
        return f"{name} is {_shown(value)}, expected {_shown(expected)}"
    near = nearest(str(value), [str(item) for item in expected])
    listed = ", ".join(_shown(item) for item in expected)
    return f"{name} is {_shown(value)}, expected one of {listed}" + (f'; did you mean "{near}"?' if near else "")
