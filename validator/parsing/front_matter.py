"""Front matter: its values as the texts they are, each with its span; duplicate keys; limits.

Works on the normal text (`places.Normal.text`: no byte-order mark, LF line ends), and all spans are offsets in that text.
Lines break at LF only. `yaml_spans` reads YAML; the reader of any other dialect gives the same `Located`, or raises RefusedError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from validator.parsing.located import Duplicate, RefusedError, value_at
from validator.text.places import Span, describe

LIMIT_CHARACTERS = 1_048_576
"""The most characters between the fences."""

_OPENING = re.compile(r"---(?=[ \t]*+(?:\n|\Z))")
_CLOSING = re.compile(r"\n(?:---|\.\.\.)[ \t]*+(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class FrontMatterProblem:
    """Why a front matter could not be read, in words for a curator, and where."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The front matter of one text, all spans in the normal text.

    `span` runs from the opening fence to the end of the closing fence's line, its LF included. `opening` is the opening fence.
    `block` is the text between the fences. The fields from `values` to `verbatim` are as in `Located`; with a `problem`
    there are no values, and the whole block is verbatim.
    """

    span: Span
    opening: Span
    block: Span
    values: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    key_spans: dict[str, Span] = field(default_factory=dict)
    styles: dict[str, str] = field(default_factory=dict)
    duplicates: tuple[Duplicate, ...] = ()
    verbatim: tuple[Span, ...] = ()
    problem: FrontMatterProblem | None = None


def read_front_matter(normal_text: str) -> FrontMatter | None:
    """The front matter at the start of a normal text, None if there is none.

    TOML, JSON and other dialects are recognised and named as the `problem`; their values are not read.
    Never raises; what cannot be read is the result's `problem`. Not read, by design: anchors, aliases, tags, merge keys
    (`<<` is a key like any other), keys that are lists or mappings, a second document.
    """
    opened = _OPENING.match(normal_text)
    if opened is None:
        return _in_another_dialect(normal_text)
    opening = Span(*opened.span())
    closed = _CLOSING.search(normal_text, opening.end)
    if closed is None:
        return _unclosed(opening, "the front matter that opens here never closes: no line of three hyphens follows")
    start = normal_text.index("\n", opening.end) + 1
    block = Span(start, max(start, closed.start() + 1))
    span = Span(0, closed.end())
    if block.end - block.start > LIMIT_CHARACTERS:
        message = f"the front matter has {block.end - block.start:,} characters; {LIMIT_CHARACTERS:,} are read at most"
        return _not_read(message, span, opening, block)
    from validator.parsing.yaml_spans import read_yaml

    try:
        return FrontMatter(span, opening, block, *read_yaml(normal_text, block))
    except RefusedError as refused:
        message, place = _unseen(normal_text, block, refused.span.start) or (refused.message, refused.span)
        line = normal_text.count("\n", 0, place.start) + 1
        return _not_read(f"front matter line {line}: {message}", span, opening, block, place)


def _unclosed(opening: Span, message: str) -> FrontMatter:
    return _not_read(message, opening, opening, Span(opening.end, opening.end))


def _not_read(message: str, span: Span, opening: Span, block: Span, place: Span | None = None) -> FrontMatter:
    problem = FrontMatterProblem(message, place or opening)
    return FrontMatter(span, opening, block, verbatim=(block,) if block.start < block.end else (), problem=problem)


_FENCED = re.compile(r"(\+{3})[ \t]*+\n|(---)[ \t]*+(json|toml|js|javascript|coffee|ya?ml)[ \t]*+\n", re.IGNORECASE)
_DIALECTS = {"+++": "TOML", "toml": "TOML", "json": "JSON", "js": "JavaScript", "javascript": "JavaScript"}
_OPENS_JSON = re.compile(r"\{\s*+(?:\"[^\"\\\n]*+\"\s*+:|\}[ \t]*+\n)")
_CLOSES_JSON = re.compile(r"\n\}[ \t]*+(?:\n|\Z)")


def _in_another_dialect(text: str) -> FrontMatter | None:
    """Front matter in another dialect than YAML: Hugo's TOML and JSON, and dialects that a fence names."""
    if text[:1] == "{":
        return _json_front_matter(text)
    fenced = _FENCED.match(text)
    if fenced is None:
        return None
    fence, named = fenced[1] or fenced[2], fenced[3]
    dialect = _DIALECTS.get((named or fence).lower(), named or "")
    opening = Span(0, len(fence))
    closed = re.compile(rf"^{re.escape(fence)}[ \t]*+(?:\n|\Z)", re.MULTILINE).search(text, fenced.end())
    if closed is None:
        message = f"the front matter ({dialect}) that opens here never closes: no second line of {fence} follows"
        return _unclosed(opening, message)
    return _in(dialect, Span(0, closed.end()), opening, Span(fenced.end(), closed.start()))


def _json_front_matter(text: str) -> FrontMatter | None:
    """An object of JSON at the start of a text, with more text on the lines below it."""
    if _OPENS_JSON.match(text) is None:
        return None
    import json

    try:
        _, end = json.JSONDecoder().raw_decode(text[:LIMIT_CHARACTERS])
    except (ValueError, RecursionError):  # broken: what looks like its last line ends it
        closed = _CLOSES_JSON.search(text, 0, LIMIT_CHARACTERS)
        end = closed.start() + 2 if closed is not None else 0
    line_end = text.find("\n", end)
    if not end or line_end < 0 or text[end:line_end].strip(" \t"):
        return None
    return _in("JSON", Span(0, line_end + 1), Span(0, 1), Span(0, end))


def _in(dialect: str, span: Span, opening: Span, block: Span) -> FrontMatter:
    message = f"the front matter is in {dialect}, which is not read: only YAML between lines of --- is"
    return _not_read(message, span, opening, block)


# A line that looks like `key: value` and is not: the space before the key or after the colon, or the colon itself, is a
# similar character, or no space follows the colon (other than in an address).
_SPACES = "\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_KEY = r"(?:- ++)?[\"']?[^\W\d][\w .-]{0,63}?[\"']?"
_ODD_LINE = re.compile(
    rf"[ \t]*+(?:(?P<indent>[{_SPACES}]+)\S|{_KEY}(?::(?P<space>[{_SPACES}])|(?P<colon>[：﹕︰])|(?P<none>:)(?=[^\s:/])))"
)


def _unseen(text: str, block: Span, at: int) -> tuple[str, Span] | None:
    """An invisible mistake in the line of an error or in the lines just above it, and where it is."""
    start = text.rfind("\n", 0, at) + 1
    found = None
    while start >= block.start and (match := _ODD_LINE.match(text, start, block.end)) is not None:
        found = match
        if start == block.start:
            break
        start = text.rfind("\n", 0, start - 1) + 1
    if found is None and start > block.start:  # an error shows where the line above goes on
        found = _ODD_LINE.match(text, text.rfind("\n", 0, start - 1) + 1, block.end)
    if found is None:
        return None
    kind = found.lastgroup or ""
    place = Span(*found.span(kind))
    if kind == "none":
        return "no space follows the colon, and YAML needs one", place
    named = describe(found[kind][0])
    if kind == "colon":
        return f"{named} follows the key, where YAML needs `: `", place
    where = "follows the colon" if kind == "space" else "begins the line"
    return f"{named} {where}, where YAML needs an ordinary space", place


def comments_after_values(text: str, front_matter: FrontMatter) -> list[tuple[str, Span]]:
    """The pointers of unquoted values that a comment follows on their line, and the comments' spans."""
    found = []
    for pointer, style in front_matter.styles.items():
        match = _COMMENT.match(text, front_matter.spans[pointer].end) if style == "plain" else None
        if match is not None:
            found.append((pointer, Span(*match.span(1))))
    return found


_COMMENT = re.compile(r"[ \t]++(#[^\n]*+)")


def value_offsets(text: str, front_matter: FrontMatter, pointer: str) -> list[int] | None:
    """The offset in the normal text of each code point of a scalar's value, and of its end as the last entry.

    For plain, single-quoted and double-quoted scalars on one line; an escape sequence counts as its first character. None
    for any other value: a code point of it need not be in the text.
    """
    style = front_matter.styles.get(pointer)
    if style not in ("plain", "single", "double"):
        return None
    value, (start, end) = value_at(front_matter.values, pointer), front_matter.spans[pointer]
    if not isinstance(value, str) or "\n" in text[start:end]:
        return None
    if style == "plain":
        return list(range(start, end + 1)) if text[start:end] == value else None
    at, last = start + 1, end - 1
    if text[at:last] == value and ("\\" if style == "double" else "'") not in value:
        return list(range(at, end))
    offsets: list[int] = []
    read: list[str] = []
    while at < last:
        offsets.append(at)
        character, at = _unquoted(text, at, style)
        read.append(character)
    return [*offsets, last] if "".join(read) == value else None


def _unquoted(text: str, at: int, style: str) -> tuple[str, int]:
    """The character that a quoted scalar has at an offset, and the offset of what follows."""
    from yaml.scanner import Scanner

    character = text[at]
    if style == "single":
        return character, at + (2 if character == "'" else 1)
    if character != "\\":
        return character, at + 1
    digits = Scanner.ESCAPE_CODES.get(text[at + 1])
    if digits is None:
        return Scanner.ESCAPE_REPLACEMENTS[text[at + 1]], at + 2
    return chr(int(text[at + 2 : at + 2 + digits], 16)), at + 2 + digits
