"""JSON Schema 2020-12 for front matter: patterns are RE2, formats are really checked, problems are in a curator's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from validator.parsing.dates import read_date
from validator.text.errors import nearest
from validator.text.patterns import matches_in

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_PERCENT = r"%[0-9A-Fa-f]{2}"
_PCHAR = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|{_PERCENT})"
_URI = re.compile(
    rf"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*+):"
    rf"(?://(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|{_PERCENT})*+@)?"
    rf"(?P<host>\[[^\]]*+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|{_PERCENT})*+)(?::\d*+)?(?=[/?#]|\Z)|(?!//))"
    rf"{_PCHAR}*+(?:\?(?:{_PCHAR}|\?)*+)?(?:#(?:{_PCHAR}|\?)*+)?",
    re.ASCII,
)
_PLAIN_URI = re.compile(
    r"https?://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/-]*+)?", re.ASCII
)  # what most are, told in a fifth of the time
_FUTURE_ADDRESS = re.compile(r"[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+")
_WITH_HOST = ("http", "https", "ftp")


def is_date(text: str) -> bool:
    """RFC 3339 full-date: a day that exists, as YYYY-MM-DD."""
    return bool(_DATE.fullmatch(text)) and read_date(text) is not None


def is_date_time(text: str) -> bool:
    """RFC 3339 date-time: with seconds and a zone."""
    return bool(_DATE_TIME.fullmatch(text)) and text[11:13] != "24" and read_date(text.upper()) is not None


def is_uri(text: str) -> bool:
    """RFC 3986 URI: a scheme, and only the characters that may stand there; of http, https and ftp, a host too."""
    if _PLAIN_URI.fullmatch(text):
        return True
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
    from jsonschema.validators import extend

    checker = FormatChecker(formats=())
    for name, is_valid in FORMATS.items():
        checker.checks(name)(lambda value, is_valid=is_valid: not isinstance(value, str) or is_valid(value))

    kind: Any = extend(Draft202012Validator, _keywords())  # type: ignore[no-untyped-call]
    import json

    return kind(json.loads(schema), format_checker=checker)


def _keywords() -> dict[str, Any]:
    """Keywords whose patterns are RE2 here, and which say of an unwanted key where it stands."""
    from jsonschema.exceptions import ValidationError

    def pattern(_validator: Any, expected: str, value: Any, _schema: Any) -> Any:
        if isinstance(value, str) and not _fits(expected, value):
            yield ValidationError(f"{value!r} does not match {expected!r}")

    def pattern_properties(validator: Any, expected: Mapping[str, Any], value: Any, _schema: Any) -> Any:
        for key, item in value.items() if isinstance(value, dict) else ():
            for known, schema in expected.items():
                if _fits(known, key):
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


def _fits(pattern: str, text: str) -> bool:
    return matches_in(pattern, text)


def _additional(value: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """The keys that neither `properties` nor `patternProperties` speak of."""
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return [key for key in value if key not in known and not any(_fits(pattern, key) for pattern in patterns)]


# --- values that are surely as they should be ----------------------------------------------------------------------------

_Test = Callable[[Any], bool]
_SAY_NOTHING = frozenset(("$comment", "$schema", "default", "description", "examples", "title"))
_TYPES: dict[Any, type] = {"string": str, "array": list, "object": dict}


class _UnknownError(Exception):
    """A keyword, or a value of one, that is left to jsonschema."""


@lru_cache(maxsize=64)
def is_surely_valid(schema: str) -> _Test:
    """A test that takes only values in which jsonschema finds nothing, a hundred times as fast; not all of those.

    What it turns down, jsonschema judges. It knows the keywords that schemas of front matter are mostly made of; with another
    one it takes nothing. Values are texts, lists and mappings.
    """
    try:
        import json

        return _all_of(_tests(json.loads(schema)))
    except (_UnknownError, TypeError):
        return _never


def _never(_value: Any) -> bool:
    return False


def _all_of(tests: Iterable[_Test]) -> _Test:
    tests = tuple(tests)
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        one, two = tests
        return lambda value: one(value) and two(value)
    if len(tests) == 3:
        first, second, third = tests
        return lambda value: first(value) and second(value) and third(value)
    if len(tests) == 4:
        a, b, c, d = tests
        return lambda value: a(value) and b(value) and c(value) and d(value)
    return lambda value: all([test(value) for test in tests])  # noqa: C419 - a list is faster than a generator, for so few


def _test_of(schema: Any) -> _Test:
    return _all_of(_tests(schema))


def _tests(schema: Any) -> Iterator[_Test]:
    if schema is True:
        return
    if schema is False:
        yield _never
        return
    for keyword, expected in schema.items():
        if keyword in _MADE:
            yield _MADE[keyword](expected)
        elif keyword == "additionalProperties" and "patternProperties" not in schema:
            yield _others(frozenset(schema.get("properties", ())), expected)
        elif keyword not in _SAY_NOTHING:
            raise _UnknownError(keyword)


def _is_of_type(expected: Any) -> _Test:
    kinds = tuple(_TYPES[kind] for kind in ([expected] if isinstance(expected, str) else expected) if kind in _TYPES)
    if len(kinds) == 1:
        kind = kinds[0]
        return lambda value: isinstance(value, kind)
    return lambda value: isinstance(value, kinds)


def _is_one_of(expected: Any) -> _Test:
    texts = frozenset(each for each in expected if isinstance(each, str))
    return lambda value: isinstance(value, str) and value in texts


def _has_format(expected: str) -> _Test:
    is_valid = FORMATS.get(expected)
    if is_valid is None:
        raise _UnknownError(expected)
    return lambda value: not isinstance(value, str) or is_valid(value)


def _are_unique(expected: Any) -> _Test:
    if expected is not True:
        raise _UnknownError("uniqueItems")
    return lambda value: not isinstance(value, list) or _are_different_texts(value)


def _are_different_texts(items: list[Any]) -> bool:
    if len(items) < 2:
        return not items or isinstance(items[0], str)
    return all(isinstance(item, str) for item in items) and len(set(items)) == len(items)


def _any_of(expected: Any) -> _Test:
    tests = tuple(_test_of(schema) for schema in expected)

    def is_one(value: Any) -> bool:
        for test in tests:  # noqa: SIM110 - `any` takes three times as long for so few
            if test(value):
                return True
        return False

    return is_one


def _has_keys(keys: frozenset[str]) -> _Test:
    return lambda value: not isinstance(value, dict) or value.keys() >= keys


_VALUES_KEPT = 256


def _has_values(expected: Mapping[str, Any]) -> _Test:
    # Many values of an archive are the same, such as its authors: texts that are as they should be are remembered.
    tests = {key: (_test_of(schema), set[str]()) for key, schema in expected.items()}

    def are_valid(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        for key, item in value.items():
            if key not in tests:
                continue
            test, known = tests[key]
            if type(item) is str:
                if item in known:
                    continue
                if not test(item):
                    return False
                if len(known) >= _VALUES_KEPT:
                    known.clear()
                known.add(item)
            elif not test(item):
                return False
        return True

    return are_valid


def _others(known: frozenset[str], expected: Any) -> _Test:
    if expected is False:
        return lambda value: not isinstance(value, dict) or value.keys() <= known
    test = _test_of(expected)
    return lambda value: not isinstance(value, dict) or all(test(value[key]) for key in value.keys() - known)


def _has_items(expected: Any) -> _Test:
    test = _test_of(expected)
    return lambda value: not isinstance(value, list) or all([test(item) for item in value])  # noqa: C419


def _has_length(kind: type, expected: float, is_least: bool) -> _Test:
    if is_least:
        return lambda value: not isinstance(value, kind) or len(value) >= expected  # type: ignore[arg-type]
    return lambda value: not isinstance(value, kind) or len(value) <= expected  # type: ignore[arg-type]


_MADE: dict[str, Callable[[Any], _Test]] = {
    "type": _is_of_type,
    "const": lambda expected: _is_one_of([expected]),
    "enum": _is_one_of,
    "required": lambda keys: _has_keys(frozenset(keys)),
    "properties": _has_values,
    "items": _has_items,
    "uniqueItems": _are_unique,
    "anyOf": _any_of,
    "allOf": lambda schemas: _all_of([_test_of(schema) for schema in schemas]),
    "format": _has_format,
    "pattern": lambda pattern: lambda value: not isinstance(value, str) or _fits(pattern, value),
    "minLength": lambda least: _has_length(str, least, True),
    "maxLength": lambda most: _has_length(str, most, False),
    "minItems": lambda least: _has_length(list, least, True),
    "maxItems": lambda most: _has_length(list, most, False),
}


# --- what is wrong ------------------------------------------------------------------------------------------------------


def check(schema: str, values: Mapping[str, Any]) -> list[Problem]:
    """Hold the values of a front matter against a JSON Schema, given as JSON text."""
    return [] if is_surely_valid(schema)(values) else problems_of(schema, values)


def problems_of(schema: str, values: Mapping[str, Any]) -> list[Problem]:
    """What jsonschema finds wrong with the values, in a curator's words.

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
    import json

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= 60 else f"{text[:57]}…"
    return f'"{text}"' if isinstance(value, str) else text


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
    if "required" in schema:
        return "a mapping with " + " and ".join(_shown(key) for key in schema["required"])
    kinds = schema.get("type")
    return " or ".join(
        _KINDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds or ["something else"])
    )


def _explain(error: Any, pointer: str) -> list[Problem]:
    """What one error of jsonschema says, in a curator's words."""
    value, keyword, expected = error.instance, error.validator, error.validator_value
    if keyword in ("additionalProperties", "properties"):  # all other errors of theirs have another keyword
        return [_unwanted_key(error, pointer)]
    if "propertyNames" in error.absolute_schema_path:
        return [_bad_key(error, pointer)]
    name = _name(pointer)
    if keyword in ("required", "dependentRequired"):
        wanted = expected if keyword == "required" else [item for items in expected.values() for item in items]
        missing = next(item for item in wanted if item not in value and error.message.startswith(repr(item)))
        return [Problem(pointer, keyword, f'{name} has no "{missing}"', missing=missing)]
    if keyword == "uniqueItems":
        index = next(index for index, item in enumerate(value) if item in value[:index])
        return [Problem(f"{pointer}/{index}", keyword, f"{_shown(value[index])} stands in {name} twice")]
    return [Problem(pointer, keyword, _message(error, name, value, keyword, expected))]


def _name(pointer: str) -> str:
    """A value as messages name it: its key, with the keys that lead to it."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return ".".join(steps) or "the front matter"


def _unwanted_key(error: Any, pointer: str) -> Problem:
    key = str(error.absolute_path[-1])
    if error.validator == "properties":
        return Problem(
            pointer, "properties", f'key "{key}" has no place in {_name(pointer.rpartition("/")[0])}', unknown=key
        )
    known = tuple(error.schema.get("properties", {}))
    near = nearest(key, known)
    hint = f'; did you mean "{near}"?' if near else f"; known are {', '.join(known)}" if known else ""
    return Problem(pointer, "additionalProperties", f'unknown key "{key}"{hint}', unknown=key)


def _bad_key(error: Any, pointer: str) -> Problem:
    key = error.instance
    message = _message(error, "key", key, error.validator, error.validator_value)
    step = key.replace("~", "~0").replace("/", "~1")
    return Problem(f"{pointer}/{step}", "propertyNames", message, unknown=key)


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
    if keyword in ("anyOf", "oneOf", "not", "contains"):
        return _choice_message(error, name, value, keyword, expected)
    if keyword in _COUNTS:
        return f"{name} has {_entries(len(value))}, expected {_COUNTS[keyword]} {expected}"
    if keyword == "items":
        return f"{name} has {_entries(len(value))}, more than may stand there"
    return f"{name} {_shown(value)} is not what the schema asks for ({keyword}: {_shown(expected)})"


_COUNTS = {
    "minItems": "at least",
    "maxItems": "at most",
    "minProperties": "at least",
    "maxProperties": "at most",
}


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _choice_message(error: Any, name: str, value: Any, keyword: str, expected: Any) -> str:
    shown = name if isinstance(value, dict) else f"{name} {_shown(value)}"
    if keyword == "contains":
        return f"{name} has no entry that is {_expected(expected)}"
    if keyword == "not":
        return f"{shown} is {_expected(expected)}, which may not stand there"
    choices = list(dict.fromkeys(_expected(choice) for choice in expected if isinstance(choice, dict)))
    if keyword == "oneOf" and "valid under each of" in error.message:
        return f"{shown} is more than one of {', '.join(choices)}"
    if len(choices) > 1:
        return f"{shown} is neither {' nor '.join(choices)}"
    return f"{shown} is not {choices[0] if choices else 'expected'}"


def _kind_message(name: str, value: Any, keyword: str, expected: Any) -> str:
    if keyword == "type":
        kinds = [expected] if isinstance(expected, str) else expected
        return f"{name} {_shown(value)} is not {' or '.join(_KINDS.get(kind, kind) for kind in kinds)}"
    if keyword == "const":
        return f"{name} is {_shown(value)}, expected {_shown(expected)}"
    near = nearest(str(value), [str(item) for item in expected])
    listed = ", ".join(_shown(item) for item in expected)
    return f"{name} is {_shown(value)}, expected one of {listed}" + (f'; did you mean "{near}"?' if near else "")
