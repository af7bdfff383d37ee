"""JSON with spans: every scalar as the text it is, and its place; duplicate keys; limits.

The module `json` gives values without places. So a scanner here finds the places, and `json` reads the same text: if the two
do not agree on every value, the text is refused.
"""

from __future__ import annotations

import json
import re
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
from validator.text.places import Span, describe

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_BLANKS = re.compile(r"[ \t\n]*+")
_PLAIN = re.compile(r"(?:true|false|null|-?(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][-+]?\d++)?+)(?![\w.+-])", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\\n]|\\[^\n])*+"')
_ESCAPE = re.compile(r'\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt])|(?P<bad>\\(?s:.))')
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_UNCLOSED_BRACE = "the brace that opens here is not closed, or a comma is missing in it"
_UNCLOSED_BRACKET = "the bracket that opens here is not closed, or a comma is missing in it"


def read_json(text: str, block: Span, has_braces: bool = True) -> Located:
    """The values of a block of JSON, an object. Raises RefusedError.

    `has_braces` is False if the fences stand for the braces of the object.
    """
    control = _CONTROL.search(text, block.start, block.end)
    if control is not None:
        raise RefusedError(no_control(control[0]), Span(*control.span()))
    scanner = _Json(text, block)
    root = scanner.document(has_braces)
    source = text[block.start : block.end]
    try:
        truth = json.loads(
            source if has_braces else f"{{{source}}}", parse_int=str, parse_float=str, parse_constant=str
        )
    except (ValueError, RecursionError):
        truth = None
    if not agrees(root, truth, _is_same):
        raise RefusedError("two readers of JSON disagree on this front matter, so it is not read", block)
    return located(root, scanner.duplicates)


class _Json(Scanner):
    """One pass over a block of JSON."""

    def document(self, has_braces: bool) -> Value:
        """The outermost mapping."""
        self.match(_BLANKS)
        if has_braces:
            if self.sign() != "{":
                raise self.refused("an object of JSON was expected here, which begins with a brace")
            root = self._value("")
        else:
            root = mapping_at(self.at)
            if self.sign():
                self._members(root, "", self.at)
        self.match(_BLANKS)
        if self.sign():
            raise self.refused("text follows the closing brace", self.at, self.rest_of_line())
        return root

    def _value(self, pointer: str) -> Value:
        sign, start = self.sign(), self.at
        self.count(pointer, is_collection=sign in ("{", "["))
        if sign == '"':
            return self._string()
        if sign == "{":
            value = mapping_at(start)
            self.at += 1
            self.match(_BLANKS)
            if self.sign() != "}":
                self._members(value, pointer, start)
            if self.sign() != "}":
                raise self.refused(_UNCLOSED_BRACE, start)
        elif sign == "[":
            value = sequence_at(start)
            self.at += 1
            self._items(value, pointer, start)
        else:
            plain = self.match(_PLAIN)
            if plain is None:
                raise self._no_value(sign)
            return Value(Span(*plain.span()), "plain", "" if plain[0] == "null" else plain[0])
        self.at += 1
        value.span = Span(start, self.at)
        return value

    def _members(self, value: Value, pointer: str, opened: int) -> None:
        """The keys and values of an object, up to its brace or to the end."""
        assert value.entries is not None
        while True:
            self.match(_BLANKS)
            if self.sign() != '"':
                raise self._no_key(opened)
            key = self._string()
            self.match(_BLANKS)
            if self.sign() != ":":
                raise self.refused("a colon was expected after the key")
            self.at += 1
            self.match(_BLANKS)
            first = value.entries.get(key.text)
            at = f"{pointer}/{pointer_step(key.text)}"
            inner = self._value(at)
            if first is not None:
                self.duplicates.append(Duplicate(at, first[0], key.span))
            value.entries[key.text] = (key.span, inner)
            self.match(_BLANKS)
            if self.sign() != ",":
                if self.sign() not in ("", "}"):
                    raise self.refused(_UNCLOSED_BRACE, opened)
                return
            self.at += 1

    def _items(self, value: Value, pointer: str, opened: int) -> None:
        assert value.items is not None
        self.match(_BLANKS)
        while self.sign() != "]":
            if not self.sign():
                raise self.refused(_UNCLOSED_BRACKET, opened)
            value.items.append(self._value(f"{pointer}/{len(value.items)}"))
            self.match(_BLANKS)
            if self.sign() == ",":
                self.at += 1
                self.match(_BLANKS)
                if self.sign() == "]":
                    raise self.refused("a comma is before this bracket, and JSON has none there")
            elif self.sign() != "]":
                raise self.refused(_UNCLOSED_BRACKET, opened)

    def _no_key(self, opened: int) -> RefusedError:
        sign = self.sign()
        if not sign:
            return self.refused(_UNCLOSED_BRACE, opened)
        if sign.isspace():
            return self.refused(f"{describe(sign)} is here, where JSON needs an ordinary space")
        if sign == "}":
            return self.refused("a comma is before this brace, and JSON has none there")
        return self.refused("a key in double quotation marks was expected here")

    def _no_value(self, sign: str) -> RefusedError:
        if sign in ("", "}", "]", ","):
            return self.refused("a value was expected here")
        if sign.isspace():
            return self.refused(f"{describe(sign)} is here, where JSON needs an ordinary space")
        if sign == "'":
            return self.refused("a single quotation mark is here, and JSON needs double ones")
        message = "a text is here without quotation marks, and JSON needs them"
        return self.refused(message, self.at, self.rest_of_line())

    def _string(self) -> Value:
        start = self.at
        match = self.match(_STRING)
        if match is None:
            raise self.refused(NEVER_CLOSED)
        for escape in _ESCAPE.finditer(match[0]) if "\\" in match[0] else ():
            if escape["bad"] is not None:
                at = start + escape.start()
                raise self.refused(NO_CHARACTER if escape[0] == "\\u" else BAD_ESCAPE, at, at + 2)
        if "\t" in match[0]:
            at = start + match[0].index("\t")
            raise self.refused("a tab is here, and JSON needs the escape sequence \\t in a text", at)
        text = json.loads(match[0]) if "\\" in match[0] else match[0][1:-1]
        if _SURROGATE.search(text):
            odd = _SURROGATE_ESCAPE.search(self.text, start)
            raise self.refused(NO_CHARACTER, odd.start() if odd else start, odd.start() + 2 if odd else start + 1)
        return Value(Span(start, self.at), "double", text)


def _is_same(value: Value, truth: Any) -> bool:
    """Whether a value that holds no others is what the module `json` reads."""
    if truth is None or isinstance(truth, bool):
        return value.style == "plain" and value.text == {None: "", True: "true", False: "false"}[truth]
    return bool(value.text == truth)
