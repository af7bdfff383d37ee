"""Places in a text: spans, positions, and the two maps between what stands in a seed and what a pattern sees.

Every offset counts code points of the decoded text, newlines as found, a byte-order mark being U+FEFF at offset 0.
Lines and columns shown to people count from 1; lines break at LF only, as git counts them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

BYTE_ORDER_MARK = "\ufeff"
BLANKS = " \t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
NO_BREAK = "\u00a0\u2007\u202f"  # of the blanks, those at which no line may break


Given = TypeVar("Given", str, bytes)
Made = TypeVar("Made")


def remembered(make: Callable[[Given], Made]) -> Callable[[Given], Made]:
    """A function of a text, or of bytes, that remembers its last answer: several rules ask the same, one after the other.

    Known again is the text itself and no equal one, so that nothing has to be compared or hashed.
    """
    last: list[tuple[Given, Made]] = []

    def ask(text: Given) -> Made:
        for known, answer in last:
            if known is text:
                return answer
        answer = make(text)
        last[:] = [(text, answer)]
        return answer

    return ask


@remembered
def utf8(text: str) -> bytes:
    """The text in UTF-8, in which some things are faster to look for; half a surrogate pair is three bytes as well."""
    return text.encode("utf-8", "surrogatepass")


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
    """One place in a seed. `line` and `column` count from 1, `offset` code points from 0, `byte` bytes of the file from 0.

    `utf8_column` counts from 1 the bytes of the line before it, as UTF-8 has them: what some tools call a column.
    """

    line: int
    column: int
    offset: int
    byte: int
    utf8_column: int = 1


ORIGIN = Position(1, 1, 0, 0)
_STRIDE = 1024  # code points between two places whose bytes are known
_FEW = 24  # places that are looked up by counting: a clean seed has no more


class LineIndex:
    """Turns offsets of one text into positions, in any order. Built once a seed; a look-up takes logarithmic time.

    `encoding` is the codec of the file's bytes, without one that writes a byte-order mark of its own; `size` how many bytes
    the text has, where that is known.
    """

    __slots__ = ("_bytes", "_last", "_looked_up", "_starts", "_text", "_utf8")

    def __init__(self, text: str, encoding: str = "utf-8", size: int | None = None) -> None:
        self._text = text
        self._bytes = _Bytes(text, encoding, size)
        self._utf8 = self._bytes if encoding == "utf-8" else _Bytes(text, "utf-8")
        end = text.find("\n")
        # The line that was looked up last, where it starts and ends.
        self._last = (1, 0, end if end >= 0 else len(text))
        self._looked_up = 0
        self._starts: list[int] = []  # of all lines; made when so many were looked up that it is worth its while

    def line(self, offset: int) -> int:
        """The line, from 1, that holds `offset`."""
        return self._line(offset)[0]

    def _line(self, offset: int) -> tuple[int, int]:
        """The line that holds `offset`, and where it starts."""
        line, start, end = self._last
        if start <= offset <= end:
            return line, start
        starts = self._starts
        if starts:
            line = bisect_right(starts, offset)
            start = starts[line - 1]
            self._last = line, start, starts[line] - 1 if line < len(starts) else len(self._text)
            return line, start
        self._looked_up += 1
        if self._looked_up > _FEW:
            self._starts = self._all_starts()
            return self._line(offset)
        text = self._text
        line = text.count("\n", end, offset) + line if offset > end else text.count("\n", 0, offset) + 1
        start, end = text.rfind("\n", 0, offset) + 1, text.find("\n", offset)
        self._last = line, start, end if end >= 0 else len(text)
        return line, start

    def _all_starts(self) -> list[int]:
        starts = [0]
        at = self._text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self._text.find("\n", at + 1)
        return starts

    def line_span(self, line: int) -> Span:
        """The span of a line, counted from 1, without its LF."""
        if not self._starts:
            self._starts = self._all_starts()
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self._text)
        return Span(start, end)

    def line_span_at(self, offset: int, at_most: int) -> Span:
        """The span of the line that holds `offset`, without its LF, but only as far as `at_most` code points after `offset`."""
        last = min(offset + at_most, len(self._text))
        end = self._text.find("\n", offset, last)
        return Span(self._line(offset)[1], end if end >= 0 else last)

    def position(self, offset: int) -> Position:
        """The position of `offset`, which may be the length of the text."""
        line, start, end = self._last
        if not start <= offset <= end:
            line, start = self._line(offset)
        byte = self._bytes.before(offset)
        utf8 = byte - self._bytes.before(start) if self._utf8 is self._bytes else self._utf8.between(start, offset)
        return Position(line, offset - start + 1, offset, byte, utf8 + 1)

    def positions(self, span: Span) -> tuple[Position, Position]:
        """The positions of both ends of a span; where that is a few words on one line, the second is not far to seek."""
        first, last = span
        line, start, end = self._last
        if not start <= first <= end:
            line, start = self._line(first)
            end = self._last[2]
        if not self._last[1] <= first <= last <= end or last - first > _STRIDE:
            return self.position(first), self.position(last)
        byte = self._bytes.before(first)
        width = self._bytes.between(first, last)
        if self._utf8 is self._bytes:
            column, wide = byte - self._bytes.before(start) + 1, width
        else:
            column, wide = self._utf8.between(start, first) + 1, self._utf8.between(first, last)
        return (
            Position(line, first - start + 1, first, byte, column),
            Position(line, last - start + 1, last, byte + width, column + wide),
        )

    def byte(self, offset: int) -> int:
        """How many bytes of the file come before `offset`."""
        return self._bytes.before(offset)


class _Bytes:
    """How many bytes of a text in some encoding come before an offset."""

    __slots__ = ("_at", "_encoding", "_is_ascii", "_size", "_text")

    def __init__(self, text: str, encoding: str, size: int | None = None) -> None:
        self._text = text
        self._size = size
        self._encoding = encoding
        self._is_ascii = encoding in ("utf-8", "ascii") and text.isascii()
        self._at = [0]  # the byte of each offset that is a multiple of _STRIDE, as far as it was asked for

    def before(self, offset: int) -> int:
        if self._is_ascii:
            return offset
        if offset < _STRIDE:
            return self._width(0, offset)
        if self._size is not None and len(self._text) - offset < _STRIDE:
            return self._size - self._width(offset, len(self._text))
        strides, known = offset // _STRIDE, self._at
        while len(known) <= strides:
            known.append(known[-1] + self._width((len(known) - 1) * _STRIDE, len(known) * _STRIDE))
        return known[strides] + self._width(strides * _STRIDE, offset)

    def between(self, start: int, end: int) -> int:
        """How many bytes stand between two offsets."""
        if self._is_ascii:
            return end - start
        return self._width(start, end) if end - start <= _STRIDE else self.before(end) - self.before(start)

    def _width(self, start: int, end: int) -> int:
        return len(self._text[start:end].encode(self._encoding, "surrogatepass"))


# A run of CRs is entered at its first one only, so that the search stays linear.
_LF_AFTER_CR = re.compile("(?<!\r)\r++\n")
_CR_LF = re.compile("\r\n")


class Normal:
    """A text as patterns see it: without byte-order marks before it and with LF line ends; offsets map back to the text as found.

    CR LF, with any number of CRs before it, and a lone CR each count as one line end.
    """

    __slots__ = ("_drops", "_mark", "text")

    def __init__(self, found: str) -> None:
        text = found.lstrip(BYTE_ORDER_MARK)  # programs that each add one leave several, and none of them is text
        self._mark = len(found) - len(text)
        self._drops: list[int] = []  # offsets in the normal text before which one CR was dropped, once for each CR
        if "\r\r" not in text and "\r" in text:
            self._drops = [match.start() - count + 1 for count, match in enumerate(_CR_LF.finditer(text))]
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        elif "\r" in text:
            for match in _LF_AFTER_CR.finditer(text):
                self._drops += [match.start() - len(self._drops) + 1] * (len(match.group()) - 1)
            text = _LF_AFTER_CR.sub("\n", text).replace("\r", "\n")
        self.text = text

    def found(self, offset: int) -> int:
        """The offset in the text as found of an offset in the normal text."""
        if self._drops:
            return offset + bisect_right(self._drops, offset) + self._mark
        return offset + self._mark

    def span(self, start: int, end: int) -> Span:
        """The span as found of a span in the normal text. An end right after a line end includes the whole line end."""
        if not self._mark and not self._drops:
            return Span(start, end)
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
            if self._drops[middle] + middle <= offset:
                low = middle + 1
            else:
                high = middle
        return offset - low


def fold_blanks(text: str) -> str:
    """The text with every run of blanks (no-break ones and line ends too) folded to one space, and none at either end."""
    return " ".join(text.split())


def inside(spans: Sequence[Span], offset: int) -> bool:
    """Whether one of the spans, ordered and apart, holds the character at `offset`."""
    at = bisect_right(spans, offset, key=lambda span: span[0])
    return at > 0 and offset < spans[at - 1][1]


def words_of(table: str) -> frozenset[str]:
    """The words of a table that is written as lines of words."""
    return frozenset(table.split())


def plural(count: int, word: str) -> str:
    """`1 blank`, `2 blanks`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def describe(character: str) -> str:
    """A character as messages name it: `U+00A0 no-break space`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name').lower()}"


def shown(text: str, limit: int = 40) -> str:
    """A short text as messages quote it: what cannot be seen is escaped, what is long is cut after `limit` code points."""
    cut = text[:limit]
    visible = "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) <= 0xFFFF else f"\\U{ord(c):08x}" for c in cut
    )
    return visible + "…" if len(text) > limit else visible


# What the bytes 80 to 9F look like when cp1252 is read; latin-1 gives the control characters of the same number.
_CP1252 = {
    character: byte
    for byte in range(0x80, 0xA0)
    if (character := bytes((byte,)).decode("cp1252", "replace")) != "\ufffd"
}
_TO_BYTES = {ord(character): byte for character, byte in _CP1252.items()}


def read_c1(character: str) -> str:
    """What a control character of C1 is in windows-1252; '' for the five that it leaves undefined."""
    return _FROM_C1.get(character, "")


_FROM_C1 = {chr(byte): character for character, byte in _CP1252.items()}


def _looks_like(low: int, high: int) -> str:
    """A character class for what the bytes from `low` to `high` look like in latin-1 and in cp1252."""
    return f"[{chr(low)}-{chr(high)}" + "".join(c for c, byte in _CP1252.items() if low <= byte <= high) + "]"


_ANY = _looks_like(0x80, 0xBF)
# One character in UTF-8 as latin-1 or cp1252 show it: only what UTF-8 allows, no overlong form, no surrogate.
_SEQUENCE = (
    f"(?:[\u00c2-\u00df]{_ANY}"
    f"|\u00e0{_looks_like(0xA0, 0xBF)}{_ANY}"
    f"|[\u00e1-\u00ec\u00ee\u00ef]{_ANY}{_ANY}"
    f"|\u00ed{_looks_like(0x80, 0x9F)}{_ANY}"
    f"|\u00f0{_looks_like(0x90, 0xBF)}{_ANY}{_ANY}"
    f"|[\u00f1-\u00f3]{_ANY}{_ANY}{_ANY}"
    f"|\u00f4{_looks_like(0x80, 0x8F)}{_ANY}{_ANY})"
)
UTF8_LOOK_ALIKE = re.compile(f"{_SEQUENCE}+")  # a run of UTF-8 that was read as latin-1 or cp1252, by its form alone
UTF8_LEAD = re.compile("[\u00c2-\u00f4]")  # what each of them begins with
_SURE = re.compile(f"{_SEQUENCE}{{2}}|[\u00c2\u00c3]|.[^\u0080-\u009f]?[\u0080-\u009f]")


def read_look_alike(run: str) -> str:
    """What a run that UTF8_LOOK_ALIKE matches in full was before it was read as latin-1 or cp1252."""
    return run.translate(_TO_BYTES).encode("latin-1").decode("utf-8")


def stands_in_look_alike(text: str, offset: int) -> bool:
    """Whether the character at `offset` surely belongs to UTF-8 that was read as latin-1, so that mojibake speaks of it.

    Sure are two sequences in a row, one with a control character in it, and one that begins with what C2 or C3 look like.
    """
    if not UTF8_LEAD.search(text, max(0, offset - 3), offset):
        return False
    start = max(0, offset - 8)
    return any(
        match.start() <= offset < match.end() and _SURE.match(match.group())
        for match in UTF8_LOOK_ALIKE.finditer(text, start, offset + 9)
    )


_LEGACY_LOOK_ALIKE = re.compile("[\u00a1-\u00ff]{6,}")


def stands_in_legacy_look_alike(text: str, offset: int) -> bool:
    """Whether the character at `offset` belongs to what looks like GB 2312 that was read as latin-1: six bytes or more."""
    for match in _LEGACY_LOOK_ALIKE.finditer(text, max(0, offset - 24), offset + 24):
        if match.start() <= offset < match.end():
            data = match.group().encode("latin-1")
            return any(_is_gb2312(data[skipped : len(data) - (len(data) - skipped) % 2]) for skipped in (0, 1))
    return False


def _is_gb2312(data: bytes) -> bool:
    try:
        data.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True
