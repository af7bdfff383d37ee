"""YAML front matter: its values as the texts they are, each with its span; duplicate keys; limits.

Works on the normal text (`text.Normal.text`: no byte-order mark, LF line ends), and all spans are offsets in that. Reads
PyYAML's events, not its objects: its loaders turn `10:10` into 610 and `no` into False, drop duplicate keys without a
word, and crash on 200,000 nested brackets. Lines break at LF only. `composing` goes through the events.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from validator.text.places import Span, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from validator.parsing.yaml_spans import Duplicate, Node

LIMIT_CHARACTERS = 1_048_576
"""How many characters may stand between the fences."""

_OPENING = re.compile(r"---(?=[ \t]*+(?:\n|\Z))")
_CLOSING = re.compile(r"\n(?:---|\.\.\.)[ \t]*+(?:\n|\Z)")
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", " ": " ",
    '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}


@dataclass(frozen=True, slots=True)
class FrontMatterProblem:
    """Why a front matter could not be read, in words for a curator, and where."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The front matter of one text, all spans in the normal text.

    `span` runs from the opening fence to the end of the closing fence's line, its LF included; `opening` is the three
    hyphens of the opening fence, `yaml` what stands between the fences. `values` holds every scalar as the text it is (an
    empty or null one as ""), sequences as lists, mappings as dicts. `spans`, `key_spans` and `styles` go by JSON pointer; a
    value's span has its quotation marks, `styles` says plain, single, double, literal, folded, sequence or mapping.
    `verbatim` are the block scalars, in which blanks are content. With a `problem` there are no values, and all of the YAML
    is verbatim, since nobody knows which blanks in it are content.
    """

    span: Span
    opening: Span
    yaml: Span
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
    (`<<` is a key like any other), keys that are no scalars, a second document.
    """
    opened = _OPENING.match(normal_text)
    if opened is None:
        return _in_another_dialect(normal_text)
    opening = Span(*opened.span())
    closed = _CLOSING.search(normal_text, opening.end)
    if closed is None:
        message = "the front matter that opens here never closes: no line of three hyphens follows"
        problem = FrontMatterProblem(message, opening)
        return FrontMatter(opening, opening, Span(opening.end, opening.end), problem=problem)
    start = normal_text.index("\n", opening.end) + 1
    block = Span(start, max(start, closed.start() + 1))
    span = Span(0, closed.end())
    if block.end - block.start > LIMIT_CHARACTERS:
        message = f"the front matter has {block.end - block.start:,} characters; {LIMIT_CHARACTERS:,} are read at most"
        problem = FrontMatterProblem(message, opening)
        return FrontMatter(span, opening, block, verbatim=(block,), problem=problem)
    read = _read_plain(normal_text, span, opening, block)
    return read or _read_composed(normal_text, span, opening, block)


_FENCED = re.compile(r"(\+{3})[ \t]*+\n|(---)[ \t]*+(json|toml|js|javascript|coffee|ya?ml)[ \t]*+\n", re.IGNORECASE)
_DIALECTS = {"+++": "TOML", "toml": "TOML", "json": "JSON", "js": "JavaScript", "javascript": "JavaScript"}
_OPENS_JSON = re.compile(r"\{\s*+(?:\"[^\"\\\n]*+\"\s*+:|\}[ \t]*+\n)")
_CLOSES_JSON = re.compile(r"\n\}[ \t]*+(?:\n|\Z)")


def _in_another_dialect(text: str) -> FrontMatter | None:
    """Front matter that is not YAML between lines of three hyphens: Hugo's TOML and JSON, and dialects that a fence names."""
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
        return FrontMatter(
            opening, opening, Span(opening.end, opening.end), problem=FrontMatterProblem(message, opening)
        )
    return _not_read(dialect, Span(0, closed.end()), opening, Span(fenced.end(), closed.start()))


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
    return _not_read("JSON", Span(0, line_end + 1), Span(0, 1), Span(0, end))


def _not_read(dialect: str, span: Span, opening: Span, block: Span) -> FrontMatter:
    message = f"the front matter is in {dialect}, which is not read: only YAML between lines of --- is"
    return FrontMatter(span, opening, block, verbatim=(block,), problem=FrontMatterProblem(message, opening))


def _read_composed(text: str, span: Span, opening: Span, block: Span) -> FrontMatter:
    from validator.parsing.yaml_spans import (  # PyYAML, which front matter that is plain does not need
        Composer,
        RefusedError,
    )

    composer = Composer(text, block)
    try:
        root = composer.compose()
    except RefusedError as refused:
        message, place = _unseen(text, block, refused.span.start) or (refused.message, refused.span)
        line = text.count("\n", 0, place.start) + 1
        problem = FrontMatterProblem(f"front matter line {line}: {message}", place)
        return FrontMatter(span, opening, block, verbatim=(block,), problem=problem)
    read = FrontMatter(
        span, opening, block, duplicates=tuple(composer.duplicates), verbatim=tuple(composer.verbatim)
    )  # fmt: skip
    if root is not None:
        read.values.update(_locate(root, "", read))
    return read


# A line that looks like `key: value` and is not: before the key or after the colon is another space than YAML's, the colon is
# another one, or no space follows it (in an address none does either).
_SPACES = "\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_KEY = r"(?:- ++)?[\"']?[^\W\d][\w .-]{0,63}?[\"']?"
_ODD_LINE = re.compile(
    rf"[ \t]*+(?:(?P<indent>[{_SPACES}]+)\S|{_KEY}(?::(?P<space>[{_SPACES}])|(?P<colon>[：﹕︰])|(?P<none>:)(?=[^\s:/])))"
)


def _unseen(text: str, block: Span, at: int) -> tuple[str, Span] | None:
    """What is wrong with the line of an error, or with the lines just above it, if that cannot be seen; and where."""
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
    """The values without quotation marks that a comment follows on their line: their pointers, and the comments' spans."""
    found = []
    for pointer, style in front_matter.styles.items():
        match = _COMMENT.match(text, front_matter.spans[pointer].end) if style == "plain" else None
        if match is not None:
            found.append((pointer, Span(*match.span(1))))
    return found


_COMMENT = re.compile(r"[ \t]++(#[^\n]*+)")


# What every parser of YAML reads alike and without a second thought: lines of a key and a text, between double quotation
# marks or without any, or a list of texts on one line. Most front matters hold nothing else, and to read them so takes a
# fifth of the time. Each part is possessive, and what is not sure to be plain is left to the parser: another indentation, a
# comment, an escape, a value that is null or missing, any character that is restored or refused.
_ITEM = r"\w[^\s,\[\]{}:#?]*+(?: ++[^\s,\[\]{}:#?]++)*+"
_ITEMS = re.compile(_ITEM)
_PLAIN_LINE = re.compile(
    r"(?m:^)([A-Za-z_][A-Za-z0-9_-]{0,63}+):( ++)(?:"
    r'"([^"\\\n]*+)"'
    rf"|\[( *+(?:{_ITEM}(?: *+, *+{_ITEM})*+)?+ *+)\]"
    r"|(\w(?:[^\n :]++|:(?![ \n])| ++(?![ \n#]))*+)"
    r")\n"
)
_NOT_PLAIN = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_PLAIN_CHARACTERS = 8_192
_NULLS = frozenset(("~", "null", "Null", "NULL"))
_span: Callable[[tuple[int, int]], Span] = partial(tuple.__new__, Span)  # half the time of a call of the class


def _read_plain(text: str, span: Span, opening: Span, block: Span) -> FrontMatter | None:
    """The front matter, if all of it is plain; a test holds it to be what the parser reads. None where it may not be."""
    at, last = block
    parts = _plain_parts(text[at:last])
    if parts is None:
        return None
    values: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    key_spans: dict[str, Span] = {}
    styles: dict[str, str] = {}
    for key, blanks, double, inner, plain in _plain_lines(parts):
        pointer = f"/{key}"
        end = at + len(key)
        key_spans[pointer] = _span((at, end))
        at = end + 1 + len(blanks)
        if plain is not None:
            values[key], styles[pointer], end = plain, "plain", at + len(plain)
        elif double is not None:
            values[key], styles[pointer], end = double, "double", at + len(double) + 2
        else:
            values[key], styles[pointer], end = [], "sequence", at + len(inner) + 2
            for number, item in enumerate(_ITEMS.finditer(inner)):
                if item[0] in _NULLS:
                    return None
                values[key].append(item[0])
                first, stop = item.span()
                below = f"{pointer}/{number}"
                styles[below], spans[below] = "plain", _span((at + 1 + first, at + 1 + stop))
        spans[pointer] = _span((at, end))
        at = end + 1
    return FrontMatter(span, opening, block, values, spans, key_spans, styles)


def plain_values(text: str) -> tuple[dict[str, Any], Span] | None:
    """The values of a front matter that is plain, and its span with both fences; None where there is none, or it may not be.

    As `read_front_matter` has them, in less time, as nothing is said of where they stand. There every key stands at the
    beginning of its line, and its value follows as it is, between double quotation marks perhaps.
    """
    if text[:4] != "---\n":
        return None
    closed = _CLOSING.search(text, 3)
    if closed is None:
        return None
    parts = _plain_parts(text[4 : max(4, closed.start() + 1)])
    if parts is None:
        return None
    values: dict[str, Any] = {}
    for key, _, double, inner, plain in _plain_lines(parts):
        if plain is not None:
            values[key] = plain
        elif double is not None:
            values[key] = double
        else:
            values[key] = items = _ITEMS.findall(inner)
            if not _NULLS.isdisjoint(items):
                return None
    return values, _span((0, closed.end()))


def _plain_parts(yaml: str) -> list[Any] | None:
    """What `_PLAIN_LINE` splits into, if all of it is plain: six parts for each line."""
    if not 0 < len(yaml) <= _PLAIN_CHARACTERS:
        return None
    # What is printable is plain, and most is; the expression takes longer to compile than a seed to check.
    if not yaml.replace("\n", "").isprintable() and _NOT_PLAIN.search(yaml):
        return None
    parts = _PLAIN_LINE.split(yaml)
    keys = parts[1::6]
    if any(parts[::6]):  # what stands between the lines that are plain
        return None
    if len(set(keys)) < len(keys) or not (_NULLS.isdisjoint(keys) and _NULLS.isdisjoint(parts[5::6])):
        return None
    return parts


def _plain_lines(parts: list[Any]) -> Iterator[tuple[str, str, str | None, str, str | None]]:
    """Of each line its key, the blanks after it, and its value: between double quotation marks, a list's inside, or as it is."""
    return zip(parts[1::6], parts[2::6], parts[3::6], parts[4::6], parts[5::6], strict=True)


def value_offsets(text: str, front_matter: FrontMatter, pointer: str) -> list[int] | None:
    """The offset in the normal text of each code point of a scalar's value, and of its end as the last entry.

    For plain, single-quoted and double-quoted scalars on one line; an escape sequence is its first character. None where
    the value is not one, is null, or runs over lines: there a code point need not stand in the text.
    """
    style = front_matter.styles.get(pointer)
    if style not in ("plain", "single", "double"):
        return None
    value, (start, end) = _at(front_matter.values, pointer), front_matter.spans[pointer]
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
    character = text[at]
    if style == "single":
        return character, at + (2 if character == "'" else 1)
    if character != "\\":
        return character, at + 1
    digits = _HEX_DIGITS.get(text[at + 1])
    if digits is None:
        return _ESCAPES[text[at + 1]], at + 2
    return chr(int(text[at + 2 : at + 2 + digits], 16)), at + 2 + digits


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step.replace("~1", "/").replace("~0", "~")]
    return value


def _locate(node: Node, pointer: str, read: FrontMatter) -> Any:
    """The value of a node; enters where it and all inside it stand. As deep in calls as the value, so `LIMIT_DEPTH`."""
    if pointer:
        read.spans[pointer] = node.span
        read.styles[pointer] = node.style
    if node.style == "mapping":
        values = {}
        for (key, key_span), child in zip((node.keys or {}).items(), node.children, strict=True):
            inner = f"{pointer}/{_step(key)}"
            read.key_spans[inner] = key_span
            values[key] = _locate(child, inner, read)
        return values
    if node.style == "sequence":
        return [_locate(child, f"{pointer}/{number}", read) for number, child in enumerate(node.children)]
    return node.value


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
