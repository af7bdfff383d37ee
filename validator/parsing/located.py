"""Values with their places: what the reader of one dialect of front matter gives, whatever the dialect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from validator.text.places import Span

LIMIT_DEPTH = 32
"""How many mappings and sequences may be nested, including the outermost."""

LIMIT_VALUES = 100_000
"""The most values, mappings and sequences of one text; a folder's sidecar may have tens of thousands."""

LIMIT_POINTER = 1_024
"""The most characters in the keys that lead to one value, together: each value holds them, so this bounds the memory."""


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


NEVER_CLOSED = "the quotation mark that opens here is never closed"
BAD_ESCAPE = (
    "a backslash between double quotation marks must begin an escape sequence: double it, or use single quotation marks"
)
NO_CHARACTER = "this escape sequence names no character"


def too_deep(limit: int) -> str:
    """The message about too many nested collections."""
    return f"more than {limit} mappings or sequences are nested"


def too_many(limit: int) -> str:
    """The message about too many values."""
    return f"more than {limit:,} values are in this front matter"


def too_long(limit: int) -> str:
    """The message about keys that are too long together."""
    return f"the keys that lead to this value have over {limit:,} characters together"


def no_control(character: str, what: str = "front matter") -> str:
    """The message about a control character."""
    return f"the control character U+{ord(character):04X} is not allowed in {what}"


def pointer_step(key: str) -> str:
    """A key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


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


# --- what the readers of TOML and JSON share ----------------------------------------------------------------------------


@dataclass(slots=True)
class Value:
    """A value while a text is read. A mapping has `entries`, a sequence `items`, a scalar its `text`.

    `is_open` says that keys may be added later, as TOML allows for a table that is no value of a key.
    """

    span: Span
    style: str
    text: str = ""
    items: list[Value] | None = None
    entries: dict[str, tuple[Span, Value]] | None = None
    is_open: bool = False


def mapping_at(start: int, is_open: bool = False) -> Value:
    """An empty mapping that begins at an offset."""
    return Value(Span(start, start), "mapping", entries={}, is_open=is_open)


def sequence_at(start: int) -> Value:
    """An empty sequence that begins at an offset."""
    return Value(Span(start, start), "sequence", items=[])


def located(root: Value, duplicates: Iterable[Duplicate]) -> Located:
    """The values and places of all that is in a mapping."""
    found = Located({}, {}, {}, {}, tuple(duplicates))
    verbatim: list[Span] = []
    content, _ = _collect(root, "", found, verbatim)
    found.values.update(content)
    return found._replace(verbatim=tuple(sorted(verbatim)))


def _collect(value: Value, pointer: str, found: Located, verbatim: list[Span]) -> tuple[Any, Span]:
    """The content and the span of a value. A collection extends to the end of its last value."""
    span = value.span
    if value.entries is None and value.items is None:
        if value.style in ("literal", "folded"):
            verbatim.append(span)
        return value.text, span
    entries = [(pointer_step(key), child) for key, (_, child) in (value.entries or {}).items()]
    entries += [(str(number), child) for number, child in enumerate(value.items or ())]
    contents = []
    for step, child in entries:
        inner = f"{pointer}/{step}"
        content, place = _collect(child, inner, found, verbatim)
        found.spans[inner], found.styles[inner] = place, child.style
        span = Span(min(span.start, place.start), max(span.end, place.end))
        contents.append(content)
    if value.entries is None:
        return contents, span
    found.key_spans.update((f"{pointer}/{pointer_step(key)}", place) for key, (place, _) in value.entries.items())
    return dict(zip(value.entries, contents, strict=True)), span


def agrees(value: Value, truth: Any, is_same: Callable[[Value, Any], bool]) -> bool:
    """Whether a value is what another reader of the same text says; `is_same` judges texts, numbers and the like."""
    if value.entries is not None:
        if not isinstance(truth, dict) or truth.keys() != value.entries.keys():
            return False
        return all(agrees(inner, truth[key], is_same) for key, (_, inner) in value.entries.items())
    if value.items is not None:
        if not isinstance(truth, list) or len(truth) != len(value.items):
            return False
        return all(agrees(inner, each, is_same) for inner, each in zip(value.items, truth, strict=True))
    return is_same(value, truth)


class Scanner:
    """A place in a text between two offsets, which moves on. All spans are offsets in the text."""

    def __init__(self, text: str, block: Span) -> None:
        self.text = text
        self.at = block.start
        self.block = block
        self.duplicates: list[Duplicate] = []
        self._values = 0

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What a pattern matches here, and the place moves behind it."""
        match = pattern.match(self.text, self.at, self.block.end)
        if match is not None:
            self.at = match.end()
        return match

    def sign(self) -> str:
        """The character here, '' at the end."""
        return self.text[self.at] if self.at < self.block.end else ""

    def count(self, pointer: str, *, is_collection: bool) -> None:
        """Count one more value, at a pointer. Raises RefusedError beyond a limit."""
        self._values += 1
        if self._values > LIMIT_VALUES:
            raise self.refused(too_many(LIMIT_VALUES))
        if len(pointer) > LIMIT_POINTER:
            raise self.refused(too_long(LIMIT_POINTER))
        if is_collection and pointer.count("/") >= LIMIT_DEPTH:
            raise self.refused(too_deep(LIMIT_DEPTH))

    def refused(self, message: str, start: int | None = None, end: int | None = None) -> RefusedError:
        """An error at a place, by default at the character here; it lies inside the block."""
        first = min(self.at if start is None else start, self.block.end)
        last = min(first + 1 if end is None else end, self.block.end)
        if first == last and first > self.block.start:
            first -= 1
        return RefusedError(message, Span(first, max(first, last)))

    def rest_of_line(self) -> int:
        """Where the line ends, without the spaces at its end."""
        end = self.text.find("\n", self.at, self.block.end)
        line = self.text[self.at : end if end >= 0 else self.block.end]
        return self.at + max(1, len(line.rstrip(" \t")))
