"""Values with their places: what the reader of one dialect of front matter gives, whatever the dialect."""

from __future__ import annotations

from typing import Any, NamedTuple

from validator.text.places import Span


class Duplicate(NamedTuple):
    """A key that is twice in one mapping; the later value counts, as for every reader of YAML.

    `first` is the span of the key's first occurrence, `second` of this one.
    """

    pointer: str
    first: Span
    second: Span


class Located(NamedTuple):
    """The values of a mapping, with the places and styles of all values and keys in it, by JSON pointer.

    Every scalar is the text it is (an empty or null one ""), a sequence a list, a mapping a dict. A value's span includes its
    quotation marks. A style is plain, single, double, literal, folded, sequence or mapping. `verbatim` are the values in
    which whitespace is content.
    """

    values: dict[str, Any]
    spans: dict[str, Span]
    key_spans: dict[str, Span]
    styles: dict[str, str]
    duplicates: tuple[Duplicate, ...] = ()
    verbatim: tuple[Span, ...] = ()


class RefusedError(Exception):
    """A text that is not read, because it is broken or goes beyond a limit; `span` is where."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


def pointer_step(key: str) -> str:
    """A key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def value_at(values: dict[str, Any], pointer: str) -> Any:
    """The value at a JSON pointer; `None` if there is none."""
    value: Any = values
    for step in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value.get(step.replace("~1", "/").replace("~0", "~"))
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
