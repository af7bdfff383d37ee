"""TOML with spans: every scalar as the text it is, and its place; duplicate keys; limits.

`tomllib` gives values without places. So a scanner here finds the places, and `tomllib` reads the same text: if the two do not
agree on every value, the text is refused. A duplicate key, which `tomllib` refuses, is blanked out for it.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from validator.parsing.located import (
    BAD_ESCAPE,
    NEVER_CLOSED,
    NO_CHARACTER,
    Duplicate,
    Located,
    RefusedError,
    Scanner,
    Value,
    agrees,
    located,
    mapping_at,
    no_control,
    pointer_step,
    sequence_at,
)
from validator.text.places import Span, describe, shown

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_BLANKS = re.compile(r"[ \t]*+")
_GAP = re.compile(r"(?:[ \t\n]|#[^\n]*+)*+")
_LINE_END = re.compile(r"[ \t]*+(?:#[^\n]*+)?+(?:\n|\Z)")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]++")
_STRINGS = {  # by the quotation marks that open them: the style, and the whole string
    '"""': ("folded", re.compile(r'"""(?:[^"\\]|\\(?s:.)|"{1,2}+(?!"))*+"{3,5}+')),
    "'''": ("literal", re.compile(r"'''(?:[^']|'{1,2}+(?!'))*+'{3,5}+")),
    '"': ("double", re.compile(r'"(?:[^"\\\n]|\\[^\n])*+"')),
    "'": ("single", re.compile(r"'[^'\n]*+'")),
}
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:[^\s,\]}#]++|[^\s,\]}#=\"'\[{]++")
_ESCAPE = re.compile(
    r"\\(?:u(?P<short>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8})|(?P<space>[ \t]*+\n[ \t\n]*+)|(?P<sign>(?s:.)))"
)
_SIGNS = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_PLACE = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)$")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d")


def read_toml(text: str, block: Span) -> Located:
    """The values of a block of TOML. Raises RefusedError."""
    control = _CONTROL.search(text, block.start, block.end)
    if control is not None:
        raise RefusedError(no_control(control[0]), Span(*control.span()))
    scanner = _Toml(text, block)
    root = scanner.document()
    truth = _truth(scanner)
    if not agrees(root, truth, _is_same):
        raise RefusedError("two readers of TOML disagree on this front matter, so it is not read", block)
    return located(root, scanner.duplicates)


class _Toml(Scanner):
    """One pass over a block of TOML."""

    def __init__(self, text: str, block: Span) -> None:
        super().__init__(text, block)
        self.replaced: list[Span] = []  # keys with values that a later one replaces

    def document(self) -> Value:
        """The outermost mapping."""
        root = table = mapping_at(self.block.start, is_open=True)
        pointer = ""
        statements: dict[tuple[int, str], Span] = {}
        while True:
            self.match(_GAP)
            if self.at >= self.block.end:
                return root
            if self.sign() == "[":
                table, pointer = self._header(root)
            else:
                self._statement(table, pointer, statements)
            if self.match(_LINE_END) is None:
                raise self.refused(self._unexpected_after(), self.at, self.rest_of_line())

    def _unexpected_after(self) -> str:
        if self.text[self.at - 1] in "\"'":
            return "text follows the closing quotation mark: one inside a value must be escaped with a backslash"
        return "the line goes on after its value: put a text in quotation marks, and each key on a line of its own"

    def _statement(self, table: Value, pointer: str, statements: dict[tuple[int, str], Span] | None) -> None:
        """A key, `=`, a value. `statements` are the earlier ones of the document, None inside braces."""
        start = self.at
        keys = self._keys()
        self._equals(start)
        for key, place in keys[:-1]:
            table, pointer = self._inner(table, key, place, pointer, is_header=False)
        key, place = keys[-1]
        assert table.entries is not None
        before = table.entries.get(key)
        pointer += f"/{pointer_step(key)}"
        value = self._value(pointer)
        if before is not None:
            earlier = (statements or {}).get((id(table), key))
            if earlier is None:
                raise self.refused(_twice(key), *place)
            self.replaced.append(earlier)
            self.duplicates.append(Duplicate(pointer, before[0], place))
        table.entries[key] = (place, value)
        if statements is not None:
            statements[id(table), key] = Span(start, self.at)

    def _equals(self, start: int) -> None:
        self.match(_BLANKS)
        sign = self.sign()
        if sign == "=":
            self.at += 1
            self.match(_BLANKS)
            return
        if sign.isspace() and sign != "\n":
            raise self.refused(f"{describe(sign)} is here, where TOML needs an ordinary space")
        if sign == ":":
            raise self.refused("a colon follows the key, where TOML needs `=`")
        end = self.at if sign in ("", "\n") else self.rest_of_line()
        raise self.refused("this line has no equals sign, and `key = value` was expected", start, max(end, start + 1))

    def _keys(self) -> list[tuple[str, Span]]:
        """A key, or several with dots between them."""
        keys = []
        while True:
            self.match(_BLANKS)
            start = self.at
            bare = self.match(_BARE_KEY)
            if bare is not None:
                keys.append((bare[0], Span(*bare.span())))
            elif self.sign() in ('"', "'"):
                text = self._string(is_key=True).text
                keys.append((text, Span(start, self.at)))
            else:
                raise self._no_key()
            end = self.at
            self.match(_BLANKS)
            if self.sign() != ".":
                self.at = end
                return keys
            self.at += 1

    def _no_key(self) -> RefusedError:
        sign = self.sign()
        if sign.isspace() and sign != "\n":
            return self.refused(f"{describe(sign)} begins the line, where TOML needs an ordinary space")
        if sign in ("", "\n"):
            return self.refused("a value or a key was expected here")
        return self.refused(f'no key can begin with "{sign}" unless it is in quotation marks')

    def _header(self, root: Value) -> tuple[Value, str]:
        """The table that a line `[key]` or `[[key]]` opens, and its pointer."""
        start = self.at
        is_list = self.text.startswith("[[", start, self.block.end)
        self.at += 2 if is_list else 1
        keys = self._keys()
        self.match(_BLANKS)
        closing = "]]" if is_list else "]"
        if not self.text.startswith(closing, self.at, self.block.end):
            raise self.refused("the bracket that opens here is not closed", start)
        self.at += len(closing)
        table, pointer = root, ""
        for key, place in keys[:-1]:
            table, pointer = self._inner(table, key, place, pointer, is_header=True)
        key, place = keys[-1]
        if not is_list:
            table, pointer = self._inner(table, key, place, pointer, is_header=True)
            table.span = Span(min(table.span.start, start), max(table.span.end, self.at))
            return table, pointer
        assert table.entries is not None
        new = mapping_at(start, is_open=True)
        new.span = Span(start, self.at)
        if key not in table.entries:
            table.entries[key] = (place, sequence_at(start))
            table.entries[key][1].is_open = True
        tables = table.entries[key][1]
        if tables.items is None or not tables.is_open:
            raise self.refused(_twice(key), *place)
        pointer += f"/{pointer_step(key)}/{len(tables.items)}"
        self.count(pointer, is_collection=True)
        tables.items.append(new)
        return new, pointer

    def _inner(self, table: Value, key: str, place: Span, pointer: str, is_header: bool) -> tuple[Value, str]:
        """The table at a key, made if there is none; of a list of tables the last. And its pointer."""
        assert table.entries is not None
        pointer += f"/{pointer_step(key)}"
        if key not in table.entries:
            self.count(pointer, is_collection=True)
            new = mapping_at(place.start, is_open=True)
            new.span = place
            table.entries[key] = (place, new)
        inner = table.entries[key][1]
        if is_header and inner.is_open and inner.items:
            pointer += f"/{len(inner.items) - 1}"
            inner = inner.items[-1]
        if inner.entries is None or not inner.is_open:
            raise self.refused(_twice(key), *place)
        return inner, pointer

    def _value(self, pointer: str) -> Value:
        """The value here, all that is in it included."""
        sign, start = self.sign(), self.at
        self.count(pointer, is_collection=sign in ("[", "{"))
        if sign == "[":
            return self._array(pointer)
        if sign == "{":
            return self._inline_table(pointer)
        if sign in ('"', "'"):
            return self._string()
        plain = self.match(_PLAIN)
        if plain is None:
            raise self.refused(self._no_value(sign))
        if not (plain[0][0] in "+-" or plain[0][0].isdecimal() or plain[0] in ("true", "false", "inf", "nan")):
            self.at = start
            raise self.refused(
                "a text is here without quotation marks, and TOML needs them", start, self.rest_of_line()
            )
        return Value(Span(*plain.span()), "plain", plain[0])

    def _no_value(self, sign: str) -> str:
        if sign.isspace() and sign != "\n":
            return f"{describe(sign)} is here, where TOML needs an ordinary space"
        if sign in ("", "\n", "#"):
            return "a value was expected here"
        return f'no value can begin with "{sign}" unless it is in quotation marks'

    def _array(self, pointer: str) -> Value:
        value = sequence_at(self.at)
        assert value.items is not None
        opened, self.at = self.at, self.at + 1
        while True:
            self.match(_GAP)
            if self.sign() == "]":
                break
            if not self.sign():
                raise self.refused(_UNCLOSED_BRACKET, opened)
            value.items.append(self._value(f"{pointer}/{len(value.items)}"))
            self.match(_GAP)
            if self.sign() == ",":
                self.at += 1
            elif self.sign() != "]":
                raise self.refused(_UNCLOSED_BRACKET, opened)
        self.at += 1
        value.span = Span(opened, self.at)
        return value

    def _inline_table(self, pointer: str) -> Value:
        value = mapping_at(self.at, is_open=True)
        opened, self.at = self.at, self.at + 1
        self.match(_BLANKS)
        while self.sign() != "}":
            self._statement(value, pointer, None)
            self.match(_BLANKS)
            if self.sign() == ",":
                self.at += 1
                self.match(_BLANKS)
            elif self.sign() != "}":
                raise self.refused("the brace that opens here is not closed, or a comma is missing in it", opened)
        self.at += 1
        value.span = Span(opened, self.at)
        _close(value)
        return value

    def _string(self, is_key: bool = False) -> Value:
        """The string here. A key is on one line."""
        start, mark = self.at, self.sign()
        if not is_key and self.text.startswith(3 * mark, start, self.block.end):
            mark *= 3
        style, pattern = _STRINGS[mark]
        if self.match(pattern) is None:
            raise self.refused(NEVER_CLOSED, start, start + len(mark))
        width = len(mark)
        first, last = start + width, self.at - width
        if width == 3 and self.text[first] == "\n":
            first += 1
        text = self.text[first:last]
        if style in ("double", "folded") and "\\" in text:
            text = self._unescaped(first, last)
        return Value(Span(start, self.at), style, text)

    def _unescaped(self, first: int, last: int) -> str:
        """A text with its escape sequences replaced."""
        parts, at = [], first
        for match in _ESCAPE.finditer(self.text, first, last):
            parts.append(self.text[at : match.start()])
            at = match.end()
            if match["space"] is not None:
                continue
            if match["sign"] is not None:
                if match["sign"] not in _SIGNS:
                    message = NO_CHARACTER if match["sign"] in "uU" else BAD_ESCAPE
                    raise self.refused(message, match.start(), match.start() + 2)
                parts.append(_SIGNS[match["sign"]])
                continue
            code = int(match["short"] or match["long"], 16)
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                raise self.refused(NO_CHARACTER, match.start(), match.start() + 2)
            parts.append(chr(code))
        return "".join([*parts, self.text[at:last]])


_UNCLOSED_BRACKET = "the bracket that opens here is not closed, or a comma is missing in it"


def _twice(key: str) -> str:
    return f'"{shown(key)}" is here twice, and TOML allows it once'


def _close(value: Value) -> None:
    """Allow no more keys in an inline table."""
    value.is_open = False
    for _, inner in (value.entries or {}).values():
        if inner.is_open:
            _close(inner)


def _truth(scanner: _Toml) -> dict[str, Any]:
    """What `tomllib` reads, numbers with a point as texts. Raises RefusedError."""
    block = scanner.block
    source = scanner.text[block.start : block.end]
    if scanner.replaced:
        parts, at = [], 0
        for start, end in sorted(scanner.replaced):
            first, last = start - block.start, end - block.start
            parts += [source[at:first], re.sub(r"[^\n]", " ", source[first:last])]
            at = last
        source = "".join([*parts, source[at:]])
    try:
        return tomllib.loads(source, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise _explained(str(error), scanner, source) from None


def _explained(message: str, scanner: _Toml, source: str) -> RefusedError:
    """An error of `tomllib`, in which the scanner saw nothing wrong."""
    place = _PLACE.search(message)
    offset = len(source)
    if place is not None and place[1] is not None:
        lines = source.split("\n")
        offset = sum(len(line) + 1 for line in lines[: int(place[1]) - 1]) + int(place[2]) - 1
    scanner.at = scanner.block.start + min(offset, len(source))
    said = (message[: place.start()] if place is not None else message).lower()
    if any(word in said for word in ("overwrite", "twice", "mutate", "redefine", "duplicate")):
        return scanner.refused("a key or a table is here twice, and TOML allows it once")
    written = source[offset : offset + 40].split("\n")[0]
    if "date" in said or _DATE.match(written):
        return scanner.refused("this is no date", None, scanner.rest_of_line())
    return scanner.refused("TOML has no such value: put a text in quotation marks", None, scanner.rest_of_line())


def _is_same(value: Value, truth: Any) -> bool:
    """Whether a value that holds no others is what `tomllib` reads."""
    if isinstance(truth, str):
        return value.text == truth
    if value.style != "plain":
        return False
    if isinstance(truth, bool):
        return value.text == str(truth).lower()
    if isinstance(truth, int):
        return int(value.text, 0) == truth
    return bool(tomllib.loads(f"a = {value.text}")["a"] == truth)
