"""The errors of a JSON Schema in plain English, with their places: the same words for all files that people write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from validator.text.errors import nearest

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """One way in which a value breaks its schema. `missing` and `unknown` name the key concerned.

    `said` is without the `suggestion`, which is the valid name that was perhaps meant. `required_by` is the key that requires
    the missing one.
    """

    path: Path
    keyword: str
    said: str
    missing: str | None = None
    unknown: str | None = None
    suggestion: str | None = None
    required_by: str | None = None

    @property
    def pointer(self) -> str:
        """The JSON pointer of the value."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.path)

    @property
    def message(self) -> str:
        """The whole sentence."""
        return self.said + (f'; did you mean "{self.suggestion}"?' if self.suggestion else "")


class FormatError(ValueError):
    """Why a value does not have its format; `suggestion` is the valid name that was perhaps meant."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.suggestion = suggestion


_FORMATS = {
    "date": "a date (YYYY-MM-DD)",
    "date-time": "a date with time and zone (YYYY-MM-DDTHH:MM:SSZ)",
    "uri": "an address (https://…, without spaces, other letters percent-encoded)",
    "date-published": "a date YYYY-MM-DD or YYYY-MM-DDTHH:MM, with seconds and zone (Z or +HH:MM) if known",
    "web-address": "an address that begins with http:// or https://, without spaces",
    "language-tag": "a language tag like en or zh-Hans",
}
_KINDS = {
    "string": "a text",
    "array": "a list",
    "object": "a mapping",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_OF_CONTENT = ("minLength", "minItems", "minProperties", "pattern", "format")  # an empty value breaks them first
_MESSAGES = {
    "minLength": "{name} {value} is shorter than {expected} characters",
    "maxLength": "{name} {value} is longer than {expected} characters",
    "minItems": "{name} has {entries}, expected at least {expected}",
    "maxItems": "{name} has {entries}, expected at most {expected}",
    "minProperties": "{name} has {entries}, expected at least {expected}",
    "maxProperties": "{name} has {entries}, expected at most {expected}",
    "items": "{name} has {entries}, more than are allowed",
    "minimum": "{name} is {value}, less than {expected}",
    "maximum": "{name} is {value}, more than {expected}",
    "exclusiveMinimum": "{name} is {value}, not more than {expected}",
    "exclusiveMaximum": "{name} is {value}, not less than {expected}",
}


def explain(error: Any, whole: str) -> Problem:
    """An error of jsonschema as a problem; `whole` is what messages call the document."""
    path: Path = tuple(error.absolute_path)
    value, keyword, expected = error.instance, error.validator, error.validator_value
    if keyword in ("additionalProperties", "properties"):  # other errors inside them have another keyword
        return _unwanted_key(error, path, whole)
    steps = tuple(error.absolute_schema_path)
    if ("propertyNames" in steps[:1]) or any(
        step == "propertyNames" and before != "properties" for before, step in pairwise(steps)
    ):
        said, suggestion = _worded(error, "key")
        return Problem((*path, value), "propertyNames", said, unknown=value, suggestion=suggestion)
    name = _name(path, whole)
    if keyword == "required":
        missing = next(key for key in expected if key not in value and error.message.startswith(repr(key)))
        return Problem(path, keyword, f'{name} has no "{missing}"', missing=missing)
    if keyword == "dependentRequired":
        asking, missing = next(
            (key, other)
            for key, others in expected.items()
            if key in value
            for other in others
            if other not in value and error.message.startswith(repr(other))
        )
        said = f'{name} has no "{missing}", which "{asking}" requires'
        return Problem(path, keyword, said, missing=missing, required_by=asking)
    if keyword == "uniqueItems":
        index = next(index for index, item in enumerate(value) if item in value[:index])
        return Problem((*path, index), keyword, f"{_shown(value[index])} is in {name} twice")
    said, suggestion = _worded(error, name)
    return Problem(path, keyword, said, suggestion=suggestion)


def _name(path: Path, whole: str) -> str:
    """A value as messages name it: its key, with the keys that lead to it."""
    return ".".join(map(str, path)) or whole


def _unwanted_key(error: Any, path: Path, whole: str) -> Problem:
    key = str(path[-1])
    if error.validator == "properties":
        reason = f": {error.schema['description']}" if "description" in error.schema else ""
        said = f'key "{key}" is not allowed in {_name(path[:-1], whole)}{reason}'
        return Problem(path, "properties", said, unknown=key)
    known = tuple(error.schema.get("properties", {}))
    near = nearest(key, known)
    hint = f"; known are {', '.join(known)}" if known and not near else ""
    return Problem(path, "additionalProperties", f'unknown key "{key}"{hint}', unknown=key, suggestion=near)


def _worded(error: Any, name: str) -> tuple[str, str | None]:
    """What is wrong with a value called `name`, and the valid word that was perhaps meant."""
    value, keyword, expected = error.instance, error.validator, error.validator_value
    if keyword in _OF_CONTENT and (not value.strip() if isinstance(value, str) else not value):
        return f"{name} is empty", None
    if keyword == "enum":
        listed = ", ".join(_shown(item) for item in expected)
        if len(expected) == 1:
            return f"{name} is {_shown(value)}, expected {listed}", str(expected[0])
        return f"{name} is {_shown(value)}, expected one of {listed}", nearest(str(value), map(str, expected))
    if keyword == "format" and error.cause is not None:
        sign = "" if isinstance(error.cause, FormatError) else ":"
        return f"{name} {_shown(value)}{sign} {error.cause}", getattr(error.cause, "suggestion", None)
    if keyword == "const":
        return f"{name} is {_shown(value)}, expected {_shown(expected)}", None
    if keyword in ("anyOf", "oneOf"):
        return _choice_message(error, name, value, keyword), nearest(str(value), _words(error))
    return _message(error, name, value, keyword, expected), None


def _message(error: Any, name: str, value: Any, keyword: str, expected: Any) -> str:
    if keyword in _MESSAGES:
        count = len(value) if isinstance(value, list | dict) else 0
        entries = "1 entry" if count == 1 else f"{count} entries"
        return _MESSAGES[keyword].format(name=name, value=_shown(value), expected=expected, entries=entries)
    if keyword == "type" and expected == "object" and "required" in error.schema:
        return f"{name} {_shown(value)} is not {_expected({'required': error.schema['required']})}"
    if keyword in ("type", "format"):
        return f"{name} {_shown(value)} is not {_expected({keyword: expected})}"
    if keyword == "pattern":
        return f"{name} {_shown(value)} does not look as expected ({error.schema.get('description', expected)})"
    if keyword == "contains":
        return f"{name} has no entry that is {_expected(expected) or 'as expected'}"
    if keyword == "not":
        shown = name if isinstance(value, dict) else f"{name} {_shown(value)}"
        return f"{shown} is {_expected(expected) or 'something'}, which is not allowed"
    return f"{name} {_shown(value)} is not what the schema requires ({keyword}: {_shown(expected)})"


def _choice_message(error: Any, name: str, value: Any, keyword: str) -> str:
    named = (_expected(each) for each in error.validator_value if isinstance(each, dict))
    choices = list(dict.fromkeys(each for each in named if each))
    if isinstance(value, dict):
        keys = [_keys(choice) for choice in error.validator_value]
        if keyword == "oneOf" and all(keys):
            return f"{name} has none, or more than one, of {', '.join(keys)}"
    else:
        name = f"{name} {_shown(value)}"
    if keyword == "oneOf" and "valid under each of" in error.message:
        return f"{name} is more than one of {', '.join(choices)}"
    if len(choices) > 1:
        return f"{name} is neither {' nor '.join(choices)}"
    return f"{name} is not {choices[0] if choices else 'what is allowed here'}"


def _keys(choice: Any) -> str:
    """The keys that a choice requires, '' if it requires anything else."""
    if isinstance(choice, dict) and set(choice) == {"required"}:
        return " with ".join(choice["required"])
    if isinstance(choice, dict) and set(choice) == {"anyOf"}:
        return " or ".join(map(_keys, choice["anyOf"]))
    return ""


def _words(error: Any) -> list[str]:
    """The words that the alternatives of a failed choice allow."""
    own = [str(item) for item in error.validator_value] if error.validator == "enum" else []
    return own + [word for each in error.context for word in _words(each)]


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text if len(text) <= 60 else f"{text[:57]}…"
    return f'"{text}"' if isinstance(value, str) else text


def _expected(schema: Mapping[str, Any]) -> str:
    """What a schema asks for, as a noun; '' if it has no simple name."""
    if "format" in schema:
        return _FORMATS.get(schema["format"], str(schema["format"]))
    if "description" in schema:
        return str(schema["description"])
    if "const" in schema:
        return _shown(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(map(_shown, schema["enum"]))
    if "pattern" in schema:
        return f"text like {schema['pattern']}"
    if "required" in schema:
        return "a mapping with " + " and ".join(_shown(key) for key in schema["required"])
    kinds = schema.get("type", [])
    return " or ".join(_KINDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))
