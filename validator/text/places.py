"""Places in a text: spans, positions, and the two maps between a text as found and as a pattern sees it.

Every offset counts code points of the decoded text, newlines as found, a byte-order mark being U+FEFF at offset 0.
Lines and columns shown to people count from 1; lines break at LF only, as git counts them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

BYTE_ORDER_MARK = "\ufeff"
# Within a line; line ends are not in it.
WHITESPACE = " \t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
NO_BREAK = "\u00a0\u2007\u202f"  # those at which no line may break


# For a function of a whole text, which several rules ask about the same seed.
remembered = lru_cache(maxsize=1)


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        """Whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one code point."""
        return self.start < other.end and other.start < self.end


# Spans from pairs, for thousands of them: in half the time that `Span(start, end)` takes.
span_of: Callable[[tuple[int, int]], Span] = partial(tuple.__new__, Span)


class Position(NamedTuple):
    """One place in a seed. `line` and `column` count from 1, `offset` code points from 0, `byte` bytes of the file from 0.

    `utf8_column` counts the bytes in UTF-8 from the start of the line, from 1: what some tools call a column.
    """

    line: int
    column: int
    offset: int
    byte: int
    utf8_column: int = 1


ORIGIN = Position(1, 1, 0, 0)
_STRIDE = 1024  # code points between two offsets with a known byte


class LineIndex:
    """Turns offsets of one text into positions, in any order. Built once a seed; a look-up takes logarithmic time.

    `encoding` is the codec of the file's bytes, without one that writes a byte-order mark of its own.
    """

    __slots__ = ("_bytes", "_starts", "_text", "_utf8")

    def __init__(self, text: str, encoding: str = "utf-8") -> None:
        self._text = text
        self._bytes = _Bytes(text, encoding)
        self._utf8 = self._bytes if encoding == "utf-8" else _Bytes(text, "utf-8")
        self._starts: list[int] = []  # of the lines; made when the first place is asked for

    def line(self, offset: int) -> int:
        """The line, from 1, that holds `offset`."""
        if not self._starts:
            self._starts = [0, *(match.end() for match in _LF.finditer(self._text))]
        return bisect_right(self._starts, offset)

    def line_span_at(self, offset: int, at_most: int) -> Span:
        """The span of the line that holds `offset`, without its LF, and at most `at_most` code points after `offset`."""
        line = self.line(offset)
        start = self._starts[line - 1]
        last = min(offset + at_most, len(self._text))
        end = self._text.find("\n", offset, last)
        return Span(start, end if end >= 0 else last)

    def position(self, offset: int) -> Position:
        """The position of `offset`, which may be the length of the text."""
        line = self.line(offset)
        start = self._starts[line - 1]
        byte = self._bytes.before(offset)
        utf8 = byte if self._utf8 is self._bytes else self._utf8.before(offset)
        return Position(line, offset - start + 1, offset, byte, utf8 - self._utf8.before(start) + 1)

    def positions(self, span: Span) -> tuple[Position, Position]:
        """The positions of both ends of a span."""
        return self.position(span.start), self.position(span.end)


class _Bytes:
    """How many bytes of a text in some encoding come before an offset."""

    __slots__ = ("_at", "_encoding", "_is_ascii", "_text")

    def __init__(self, text: str, encoding: str) -> None:
        self._text = text
        self._encoding = encoding
        self._is_ascii = encoding in ("utf-8", "ascii") and text.isascii()
        self._at = [0]  # the byte of each offset that is a multiple of _STRIDE, as far as it was asked for

    def before(self, offset: int) -> int:
        if self._is_ascii:
            return offset
        strides, known = offset // _STRIDE, self._at
        while len(known) <= strides:
            known.append(known[-1] + self._width((len(known) - 1) * _STRIDE, len(known) * _STRIDE))
        return known[strides] + self._width(strides * _STRIDE, offset)

    def _width(self, start: int, end: int) -> int:
        return len(self._text[start:end].encode(self._encoding, "surrogatepass"))


_LF = re.compile("\n")
# A run of CRs is entered at its first one only, so that the search stays linear.
_LF_AFTER_CR = re.compile("(?<!\r)\r++\n")


class Normal:
    """A text as patterns see it: without byte-order marks before it, and with LF line ends. Offsets map back.

    CR LF, with any number of CRs before it, and a lone CR each count as one line end.
    """

    __slots__ = ("_drops", "_mark", "text")

    def __init__(self, found: str) -> None:
        text = found.lstrip(BYTE_ORDER_MARK)  # several, where several programs each added one
        self._mark = len(found) - len(text)
        self._drops: list[int] = []  # offsets in the normal text before which one CR was dropped, once for each CR
        if "\r" in text:
            for match in _LF_AFTER_CR.finditer(text):
                self._drops += [match.start() - len(self._drops) + 1] * (len(match.group()) - 1)
            text = _LF_AFTER_CR.sub("\n", text).replace("\r", "\n")
        self.text = text

    def found(self, offset: int) -> int:
        """The offset in the text as found of an offset in the normal text."""
        return offset + bisect_right(self._drops, offset) + self._mark if self._drops else offset + self._mark

    def span(self, start: int, end: int) -> Span:
        """The span as found of a span in the normal text. An end right after a line end includes the whole line end."""
        if not self._drops:
            return span_of((start + self._mark, end + self._mark))
        return span_of((self.found(start), self.found(end)))

    def normal(self, offset: int) -> int:
        """The offset in the normal text of an offset in the text as found (inside a CR LF: of its LF)."""
        offset = max(0, offset - self._mark)
        dropped = bisect_right(range(len(self._drops)), offset, key=lambda index: self._drops[index] + index)
        return offset - dropped


def fold_whitespace(text: str) -> str:
    """The text with every run of whitespace (no-break spaces and line ends too) folded to one space, and none at its ends."""
    return " ".join(text.split())


def inside(spans: Sequence[tuple[int, int]], offset: int) -> bool:
    """Whether one of the spans, which are in order and do not overlap, holds the character at `offset`."""
    at = bisect_right(spans, offset, key=lambda span: span[0])
    return at > 0 and offset < spans[at - 1][1]


def words_of(table: str) -> frozenset[str]:
    """The words of a table that is written as lines of words."""
    return frozenset(table.split())


def plural(count: int, word: str) -> str:
    """`1 space`, `2 spaces`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def describe(character: str) -> str:
    """A character as messages name it: `U+00A0 no-break space`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name').lower()}"


def shown(text: str, limit: int = 40) -> str:
    """A short text as messages quote it: invisible characters are escaped, and it is cut after `limit` code points."""
    cut = text[:limit]
    visible = "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) <= 0xFFFF else f"\\U{ord(c):08x}" for c in cut
    )
    return visible + "…" if len(text) > limit else visible
