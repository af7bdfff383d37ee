"""YAML with spans: a tree of scalars as the texts they are, and their places; duplicate keys; limits.

Front matter and sidecars are read here, from PyYAML's events: its loaders turn `10:10` into 610 and `no` into False, drop
duplicate keys silently, and crash on 200,000 nested brackets. Importing PyYAML is slow, so import this module where it is needed.

Newer versions of PyYAML have limits of their own, and they read ahead: with 1,000 brackets on one line they give up before
they hand out the 33rd. The text up to there is then read again, so that our own limits are reported, whatever the version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError
from yaml.tokens import ScalarToken

from validator.parsing.located import (
    LIMIT_DEPTH,
    LIMIT_POINTER,
    LIMIT_VALUES,
    NO_CHARACTER,
    Duplicate,
    Located,
    RefusedError,
    no_control,
    pointer_step,
    too_deep,
    too_long,
    too_many,
)
from validator.text.patterns import late
from validator.text.places import BYTE_ORDER_MARK, Span, span_of
from validator.text.tables import table

# What YAML's readers refuse, and, after it, what the two of them treat as line ends or drop where git and people do not.
_REFUSED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STOOD_IN_FOR = ("\x85", "\u2028", "\u2029", BYTE_ORDER_MARK, "\r")
_QUESTION = re.compile(r"\?")
_HEADER = re.compile("[|>][-+0-9]*+")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_STYLES = {None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}
_STARTS = (MappingStartEvent, SequenceStartEvent)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = late(r"\\(?:u|U0000)[dD][89a-fA-F]")


class Node(NamedTuple):
    """A value and its place. `style` is plain, single, double, literal or folded for a scalar, else sequence or mapping.

    `children` are the values of a mapping or a sequence, `keys` the keys of a mapping in the same order, with their places;
    `value` is the text of a scalar, which is empty for a null, or all that is in a collection as texts, lists and dicts.
    """

    style: str
    span: Span
    value: Any = ""
    keys: dict[str, Span] | None = None
    children: tuple[Node, ...] = ()

    def typed(self) -> Any:
        """Like `value`, but plain scalars are numbers, booleans and None as in JSON; every other word is a text."""
        if self.style == "mapping":
            return {key: child.typed() for key, child in zip(self.keys or {}, self.children, strict=True)}
        if self.style == "sequence":
            return [child.typed() for child in self.children]
        if self.style != "plain":
            return self.value
        if not self.value or self.value.lower() in ("true", "false"):
            return self.value.lower() == "true" if self.value else None
        if _INTEGER.fullmatch(self.value):
            return int(self.value)
        return float(self.value) if _DECIMAL.fullmatch(self.value) else self.value


# Nodes from tuples, for thousands of them: in half the time that `Node(…)` takes.
_node_of: Callable[[tuple[Any, ...]], Node] = partial(tuple.__new__, Node)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}(?:[eE][-+]?[0-9]{1,2})?")


class Composed(NamedTuple):
    """A text of YAML: its outermost mapping, None if there is nothing to read; and all else as in `Located`."""

    root: Node | None
    spans: dict[str, Span]
    key_spans: dict[str, Span]
    styles: dict[str, str]
    duplicates: tuple[Duplicate, ...]
    verbatim: tuple[Span, ...]


def read_yaml(text: str, block: Span) -> Located:
    """The values of a block of YAML. Raises RefusedError."""
    root, spans, key_spans, styles, duplicates, verbatim = compose(text, block)
    return Located(root.value if root is not None else {}, spans, key_spans, styles, duplicates, verbatim)


class LimitError(RefusedError):
    """YAML that goes beyond one of the limits here."""


class _UnknownError(RefusedError):
    """An error of the YAML library that is not known here."""


def before(error: yaml.YAMLError, text: str) -> str:
    """The part of a text before the place where a YAML library gave up; empty if the error names no place.

    Read again, it shows whether a limit of ours was passed before that place.
    """
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return text[: mark.index] if mark is not None else ""


def is_limit(problem: str) -> bool:
    """Whether an error of a YAML library says that a text is nested too deeply for it."""
    return _LIMIT_OF_LIBRARY.search(problem) is not None


def compose(text: str, block: Span, what: str = "front matter", depth: int = LIMIT_DEPTH) -> Composed:
    """Read the YAML between two offsets of a text; all spans are offsets in the text. Raises RefusedError.

    `what` names the text in messages; `depth` is how deep it may be nested.
    """
    try:
        return _Composer(text, block, what, depth).compose()
    except _UnknownError as unknown:
        try:  # is one of our limits passed before the place where the library gave up?
            _Composer(text, Span(block.start, unknown.span.start), what, depth).compose()
        except LimitError as limit:
            raise limit from None
        except RefusedError:  # the text ends in the middle
            pass
        raise unknown from None


class _Composer:
    """One pass over a block of YAML, which collects all places, the duplicates and the block scalars."""

    def __init__(self, text: str, block: Span, what: str, depth: int) -> None:
        self.text = text
        self.block = block
        self._first, self._last = block
        self.what = what
        self.depth = depth
        self.spans: dict[str, Span] = {}
        self.key_spans: dict[str, Span] = {}
        self.styles: dict[str, str] = {}
        self.duplicates: list[Duplicate] = []
        self.verbatim: list[Span] = []
        self._values = 0
        self._source = text[block.start : block.end]
        self._asked = frozenset([match.end() for match in _QUESTION.finditer(text, *block)])
        self._restored: dict[int, str] = {}
        for character in _STOOD_IN_FOR:
            if character in self._source:
                stand_in = _free_character(self._source)
                self._source = self._source.replace(character, stand_in)
                self._restored[ord(stand_in)] = character
        self._parser: Any = None
        self._next: Callable[[], Any]  # gives the parser's next event

    def compose(self) -> Composed:
        try:
            return self._composed()
        except yaml.YAMLError as error:
            raise self._explained(error) from None
        except RecursionError:
            raise LimitError(self._too_deep(), self._character_span(self.block.start)) from None
        except RefusedError:
            raise
        except (ValueError, OverflowError):  # the parser in Python: an escape such as "\UFFFFFFFF"
            at = self._offset(self._parser.get_mark())
            raise RefusedError(NO_CHARACTER, self._escape_span(at)) from None

    def _composed(self) -> Composed:
        refused = _REFUSED.search(self._source)
        if refused is not None:
            at = self.block.start + refused.start()
            raise RefusedError(no_control(self.text[at], self.what), Span(at, at + 1))
        self._parser = parser_class()(self._source)
        self._next = self._parser.get_event
        self._next()  # the stream's start
        event = self._next()
        if isinstance(event, StreamEndEvent):
            return self._all(None)
        if not event.explicit:
            root = self._node(self._next(), 1, "")
            if root.style != "mapping":
                what = "a list" if root.style == "sequence" else "a text"
                message = f"{what} is here, and lines of the form `key: value` were expected"
                raise RefusedError(message, self._line_span(root.span.start))
            self._next()  # the document's end
            event = self._next()
            if isinstance(event, StreamEndEvent):
                return self._all(root)
        message = "a document begins here, and there can be only one"
        raise RefusedError(message, self._line_span(self._offset(event.start_mark)))

    def _all(self, root: Node | None) -> Composed:
        return Composed(root, self.spans, self.key_spans, self.styles, tuple(self.duplicates), tuple(self.verbatim))

    def _node(self, event: Any, depth: int, pointer: str) -> Node:
        if len(pointer) > LIMIT_POINTER:
            raise LimitError(too_long(LIMIT_POINTER), self._character_span(self._offset(event.start_mark)))
        if type(event) is ScalarEvent:
            style, span, value = self._scalar(event)
            return _node_of((style, span, value, None, ()))
        start: int = self._first + event.start_mark.index
        self._values += 1
        if event.anchor is not None or event.tag is not None or self._values > LIMIT_VALUES:
            raise self._refused(event, start)
        if depth > self.depth:
            raise LimitError(self._too_deep(), self._character_span(start))
        read = self._sequence if type(event) is SequenceStartEvent else self._mapping
        return read(event, start, depth, pointer)

    def _refused(self, event: Any, start: int) -> RefusedError:
        """Why a value or a key is not read: it has an anchor or a tag, is an alias, or is one too many."""
        if event.anchor is not None or event.tag is not None:
            return RefusedError(*self._indicator(start))
        return LimitError(too_many(LIMIT_VALUES), self._character_span(start))

    def _scalar(self, event: Any) -> tuple[str, Span, str]:
        """The style, the place and the text of a scalar."""
        start = self._first + event.start_mark.index
        self._values += 1
        if event.anchor is not None or event.tag is not None or self._values > LIMIT_VALUES:
            raise self._refused(event, start)
        style, value = _STYLES[event.style], event.value
        span = span_of((start, self._first + event.end_mark.index))
        if self._restored:
            value = value.translate(self._restored)
        if style == "plain":
            if value in _NULLS:
                value, span = "", self._place_of_null(span)
        elif style in ("literal", "folded"):
            span = self._block_scalar(span)
            self.verbatim.append(span)
        else:
            self._check_quoted(style, span, value)
        if start in self._asked and start < span[1]:  # libyaml loses the question mark
            raise RefusedError(_QUESTION_MARK, self._character_span(start - 1))
        return style, span, value

    def _place_of_null(self, span: Span) -> Span:
        """Right after the colon if nothing is there, wherever the parser was when it saw that nothing comes."""
        start, end = span
        if start < end:
            return span
        while end > self.block.start and self.text[end - 1] in " \t\n":
            end -= 1
        return Span(end, end)

    def _check_quoted(self, style: str, span: Span, value: str) -> None:
        if style == "double" and _SURROGATE.search(value):  # the parser in Python: libyaml refuses the escape itself
            escape = _SURROGATE_ESCAPE.search(self.text, span.start, span.end)
            raise RefusedError(NO_CHARACTER, Span(escape.start(), escape.start() + 2) if escape else span)
        if self.text.startswith("#", span[1]):  # libyaml takes it for a comment
            raise RefusedError(_AFTER_QUOTES, self._character_span(span.end))

    def _block_scalar(self, span: Span) -> Span:
        """The place of a block scalar."""
        header = _HEADER.match(self.text, span.start)
        if header is not None and self.text[header.end() : header.end() + 1] == "#":
            # libyaml takes it for a comment, and the line is lost
            raise RefusedError(_BLOCK_HEADER, self._character_span(header.end()))
        is_trimmed = header is None or "+" not in header.group()  # else the empty lines below are content
        return self._trimmed(span) if is_trimmed else span

    def _trimmed(self, span: Span) -> Span:
        """A block scalar without the empty lines below it, and without the LF of its last line."""
        source = self.text[span.start : span.end]
        end = source.find("\n", len(source.rstrip(" \t\n")))
        return Span(span.start, span.start + end) if end >= 0 else span

    def _sequence(self, start_event: Any, start: int, depth: int, pointer: str) -> Node:
        children: list[Node] = []
        contents: list[Any] = []
        while type(event := self._next()) is not SequenceEndEvent:
            inner = f"{pointer}/{len(children)}"
            node = self._node(event, depth + 1, inner)
            self.styles[inner], self.spans[inner] = node[0], node[1]
            contents.append(node[2])
            children.append(node)
        place = self._extent(start_event, start, event, children[-1] if children else None)
        return Node("sequence", place, contents, None, tuple(children))

    def _mapping(self, start_event: Any, start: int, depth: int, pointer: str) -> Node:
        first: dict[str, Span] = {}  # of the keys that are there twice
        keys: dict[str, Span] = {}
        children: dict[str, Node] = {}
        contents: dict[str, Any] = {}
        node = None
        following, styles, spans = self._next, self.styles, self.spans
        while type(event := following()) is ScalarEvent:
            _, span, name = self._scalar(event)
            inner = f"{pointer}/{pointer_step(name)}"
            if name in keys:
                self.duplicates.append(Duplicate(inner, first.setdefault(name, keys[name]), span))
                self._forget(children[name], inner)
            node = self._node(following(), depth + 1, inner)
            children[name], keys[name], self.key_spans[inner] = node, span, span
            styles[inner], spans[inner], contents[name], _, _ = node
        if type(event) is not MappingEndEvent:
            raise self._no_key(event)
        place = self._extent(start_event, start, event, node)
        return Node("mapping", place, contents, keys, tuple(children.values()))

    def _no_key(self, event: Any) -> RefusedError:
        at = self._offset(event.start_mark)
        if type(event) not in _STARTS:
            return self._refused(event, at)
        what = "a mapping" if self.text[at] == "{" else "a list"
        message = f"a key is a text, and {what} is in its place here: put the value in quotation marks"
        return RefusedError(message, self._character_span(at))

    def _forget(self, node: Node, pointer: str) -> None:
        """Forget the places in a value whose key is there once more."""
        steps: Iterable[object] = range(len(node.children)) if node.keys is None else map(pointer_step, node.keys)
        for step, child in zip(steps, node.children, strict=True):
            inner = f"{pointer}/{step}"
            self._forget(child, inner)
            del self.styles[inner], self.spans[inner]
            self.key_spans.pop(inner, None)

    def _extent(self, start_event: Any, start: int, end_event: Any, last: Node | None) -> Span:
        """The place of a collection. One in block style ends with its last value, not where the next line begins."""
        if start_event.flow_style or last is None:
            return Span(start, self._offset(end_event.end_mark))
        return Span(start, last.span.end)

    def _offset(self, mark: Any) -> int:
        at: int = self._first + mark.index
        return at if at < self._last else self._last

    def _too_deep(self) -> str:
        return too_deep(self.depth)

    def _character_span(self, at: int) -> Span:
        return Span(at, min(at + 1, self.block.end))

    def _escape_span(self, at: int) -> Span:
        """The backslash, and the character after it, of the escape sequence within which an offset lies."""
        backslash = self.text.rfind("\\", self.block.start, at + 1)
        return Span(backslash, backslash + 2) if backslash >= 0 else self._character_span(at)

    def _line_span(self, at: int) -> Span:
        """From an offset to the end of its line, without the spaces at that end."""
        end = self.text.find("\n", at, self.block.end)
        line = self.text[at : end if end >= 0 else self.block.end].rstrip(" \t")
        return Span(at, at + max(len(line), 1) if at < self.block.end else at)

    def _indicator(self, at: int) -> tuple[str, Span]:
        """The message about an anchor, alias, tag or directive: mostly a value that lacks quotation marks."""
        sign = self.text[at : at + 1]
        what = _INDICATORS.get(sign, "a sign of its own")
        message = f"YAML takes a `{sign}` at the start of a value for {what}, which is not read: put the value in quotation marks"
        word = re.compile(r"[^\s,\]}]*").match(self.text, at, self.block.end)
        return message, Span(at, max(word.end() if word else at, at + 1))

    def _explained(self, error: yaml.YAMLError) -> RefusedError:
        """An error of the parser in words for a curator, at the place that must be changed."""
        context_mark = getattr(error, "context_mark", None)
        mark = getattr(error, "problem_mark", None) or context_mark
        problem, context = getattr(error, "problem", None) or str(error), getattr(error, "context", None) or ""
        at = self.block.start if mark is None else self._offset(mark)
        opened = at if context_mark is None else self._offset(context_mark)
        sign = self.text[at : at + 1]
        line = f"{self.text[self.text.rfind(_LF, 0, at) + 1 : at]}\n{sign}"
        for row in table("validator.parsing", "yaml_problems.json")["rows"]:
            is_said = re.search(row.get("problem", ""), problem) and row.get("context", "") in context
            if is_said and re.search(row.get("line", ""), line):
                break
        else:
            message = self._too_deep() if is_limit(problem) else f"this is not YAML: {' '.join(problem.split())}"
            return _UnknownError(message, self._character_span(at))
        place = row.get("at", "problem")
        if place == "indicator":
            return RefusedError(*self._indicator(opened))
        span = {"line": self._line_span, "escape": self._escape_span}.get(place, self._character_span)
        message = row["message"].replace("{sign}", sign)
        return RefusedError(message, span(opened if place in ("line", "opened") else at))


_LF = "\n"
_INDICATORS = {"&": "an anchor", "*": "an alias", "!": "a tag", "%": "a directive"}
_LIMIT_OF_LIBRARY = late("(?i:nest(?:ed|ing)|depth|too deep|recursion)")
_AFTER_QUOTES = "a comment begins with a space and #: put a space here, or the whole value in quotation marks"
_QUESTION_MARK = "a key in braces begins with a question mark: put it in quotation marks"
_BLOCK_HEADER = (
    "after `|` or `>` the line must end, and the text begin on the next one: if it is not a block of text, put it in quotation "
    "marks"
)


def _free_character(text: str) -> str:
    """A character beyond U+FFFF that is not in the text. There is one, since a text has fewer characters than there are."""
    present = set(text)
    return next(chr(code) for code in range(0x10FFFF, 0xFFFF, -1) if chr(code) not in present)


@cache
def parser_class(*, pure: bool = False) -> Any:
    """The class of PyYAML's parser over libyaml, or, where that is missing or `pure` is set, of the one in Python."""
    if not pure and hasattr(yaml, "CSafeLoader"):
        from yaml._yaml import CParser

        return CParser
    return _PureParser


class _PureParser(Reader, Scanner, Parser):
    """PyYAML's parser in Python, reading tabs and flow sequences as libyaml does, so that a machine without it sees the same.

    As it comes it refuses a tab in a value, or after a key's colon, and a question mark in a flow sequence (`[why?, how]`);
    it accepts a tab in the indentation of a block scalar and `[a:]`. LF is the only line end that reaches it.
    """

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def scan_to_next_token(self) -> None:
        while True:
            while self.peek() == " " or (self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)):
                self.forward()
            if self.peek() == "#":
                while self.peek() not in "\0\n":
                    self.forward()
            if self.peek() != "\n":
                return
            self.forward()
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain(self) -> ScalarToken:
        chunks: list[str] = []
        start = end = self.get_mark()
        indent = self.indent + 1
        spaces = ""
        while self.peek() != "#":
            length = 0
            while not self._ends_plain(length, start):
                length += 1
            if not length:
                break
            self.allow_simple_key = False
            chunks += spaces, self.prefix(length)
            self.forward(length)
            end = self.get_mark()
            spaces = self._plain_spaces(indent, start)
            if not spaces or (not self.flow_level and self.column < indent):
                break
        return ScalarToken("".join(chunks), True, start, end)

    def _ends_plain(self, length: int, start: Any) -> bool:
        character = self.peek(length)
        if character == ":":
            after = self.peek(length + 1)
            if self.flow_level and after in ",?[]{}":
                self.forward(length)
                raise ScannerError("while scanning a plain scalar", start, "found unexpected ':'", self.get_mark())
            return after in "\0 \t\n"
        return character in "\0 \t\n" or bool(self.flow_level and character in ",[]{}")

    def _plain_spaces(self, indent: int, start: Any) -> str:
        length = 0
        while self.peek(length) in " \t":
            length += 1
        spaces: str = self.prefix(length)
        self.forward(length)
        breaks = 0
        while self.peek() in " \t\n":
            if self.peek() == "\n":
                breaks += 1
                self.allow_simple_key = True
            elif self.peek() == "\t" and self.column < indent:
                raise ScannerError("while scanning a plain scalar", start, _TAB_PROBLEM, self.get_mark())
            self.forward()
            if self.column == 0 and self.prefix(3) in ("---", "...") and self.peek(3) in "\0 \t\n":
                return ""
        return spaces if not breaks else "\n" * (breaks - 1) or " "

    def scan_block_scalar_indicators(self, start_mark: Any) -> tuple[bool | None, int | None]:
        chomping, increment = None, None
        while True:
            sign = self.peek()
            if sign in "+-" and chomping is None:
                chomping = sign == "+"
            elif sign in "123456789" and increment is None:
                increment = int(sign)
            else:
                break
            self.forward()
        while self.peek() in " \t":
            self.forward()
        return chomping, increment

    def scan_block_scalar_indentation(self) -> Any:
        found = super().scan_block_scalar_indentation()
        self._refuse_tab()
        return found

    def scan_block_scalar_breaks(self, indent: int) -> Any:
        found = super().scan_block_scalar_breaks(indent)
        if self.column < indent:
            self._refuse_tab()
        return found

    def _refuse_tab(self) -> None:
        if self.peek() == "\t":
            raise ScannerError("while scanning a block scalar", None, _TAB_PROBLEM, self.get_mark())


_TAB_PROBLEM = "found a tab character"
