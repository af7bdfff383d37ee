"""Places in a text: spans, positions, and the two maps between what stands in a seed and what a pattern sees.

Every offset counts code points of the decoded text, newlines as found, a byte-order mark being U+FEFF at offset 0.
Lines and columns shown to people count from 1; lines break at LF only, as git counts them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

BYTE_ORDER_MARK = "\ufeff"


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


class Position(NamedTuple):
    """One place in a seed. `line` and `column` count from 1, `offset` code points from 0, `byte` bytes of the file from 0."""

    line: int
    column: int
    offset: int
    byte: int


ORIGIN = Position(1, 1, 0, 0)

# Bytes that a byte-order mark takes in the file, by codec; the codecs named here do not write one themselves.
_MARK_BYTES = {"utf-8": 3, "utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}


class LineIndex:
    """Turns offsets of one text into positions. Built once a seed; a look-up takes logarithmic time.

    `encoding` is the codec of the file's bytes, without one that writes a byte-order mark of its own.
    """

    __slots__ = ("_ascii", "_bytes_at", "_encoding", "_starts", "_text")

    def __init__(self, text: str, encoding: str = "utf-8") -> None:
        self._text = text
        self._encoding = encoding
        self._ascii = encoding in ("utf-8", "ascii") and text.isascii()
        starts = [0]
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        self._starts = starts
        self._bytes_at: tuple[int, int] = (0, 0)  # the last offset asked for and its byte, to walk on from

    def line(self, offset: int) -> int:
        """The line, from 1, that holds `offset`."""
        return bisect_right(self._starts, offset)

    def line_span(self, line: int) -> Span:
        """The span of a line, counted from 1, without its LF."""
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self._text)
        return Span(start, end)

    def position(self, offset: int) -> Position:
        """The position of `offset`, which may be the length of the text."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1, offset, self.byte(offset))

    def byte(self, offset: int) -> int:
        """How many bytes of the file come before `offset`."""
        if self._ascii:
            return offset
        known, byte = self._bytes_at
        if offset < known:
            known, byte = 0, 0
        byte += self._length(self._text[known:offset], first=known == 0)
        self._bytes_at = (offset, byte)
        return byte

    def _length(self, text: str, first: bool) -> int:
        if first and text.startswith(BYTE_ORDER_MARK):
            return _MARK_BYTES.get(self._encoding, 0) + self._length(text[1:], first=False)
        return len(text.encode(self._encoding, "surrogatepass" if self._encoding.startswith("utf") else "replace"))


class Normal:
    """A text as patterns see it: without its byte-order mark and with LF line ends; offsets map back to the text as found.

    CR LF and a lone CR each count as one line end.
    """

    __slots__ = ("_drops", "_mark", "text")

    def __init__(self, found: str) -> None:
        self._mark = 1 if found.startswith(BYTE_ORDER_MARK) else 0
        text = found[self._mark :]
        self._drops: list[int] = []  # offsets in the normal text before which one CR was dropped
        if "\r" in text:
            for dropped, match in enumerate(re.finditer("\r\n", text)):
                self._drops.append(match.start() - dropped + 1)
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.text = text

    def found(self, offset: int) -> int:
        """The offset in the text as found of an offset in the normal text."""
        if self._drops:
            return offset + bisect_right(self._drops, offset) + self._mark
        return offset + self._mark

    def span(self, start: int, end: int) -> Span:
        """The span as found of a span in the normal text. An end right after a line end includes the whole line end."""
        return Span(self.found(start), self.found(end))

    def normal(self, offset: int) -> int:
        """The offset in the normal text of an offset in the text as found (inside a CR LF: of its LF)."""
        offset -= self._mark
        if offset <= 0:
            return 0
        if not self._drops:
            return offset
        low, high = 0, len(self._drops)
        while low < high:
            middle = (low + high) // 2
            if self._drops[middle] + middle < offset:
                low = middle + 1
            else:
                high = middle
        return offset - low


def fold_blanks(text: str) -> str:
    """The text with every run of blanks (no-break ones and line ends too) folded to one space, and none at either end."""
    return " ".join(text.split())
