"""How like each other two articles are: the letters of a body, their digest, and a sketch by which near copies are found.

The letters of a body are the same whatever its markup, its quotation marks, its spaces and its capitals are, whether Chinese
is in traditional or simplified characters, and whether letters are as wide as Chinese ones. A sketch is made of shingles:
pairs of neighbouring words, or four neighbouring characters where a script has about three bytes a character and no spaces
(Chinese, Japanese, Korean, Thai …). A sample of them is dealt into bins, the smallest of each bin is kept (MinHash with one
permutation), and three bins are a band. Two bodies that differ in a tenth of their words share one of the sixteen bands almost
certainly; two that have a sentence in common hardly ever do. A sketch is the bands and a byte of each bin, which tell how
like each other two bodies are that share a band.

Nothing here depends on the process or the machine, so sketches may be kept and sent.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from itertools import chain
from operator import eq
from typing import NamedTuple
from zlib import crc32

from validator.text.patterns import expression, late
from validator.text.tables import table

LEAST_BYTES = (
    150  # of letters, in UTF-8, that a body must have to be compared: 50 Chinese characters, some 30 English words
)


BANDS = 16
_ROWS = 3
_BINS = BANDS * _ROWS
_LEAST_EQUAL = 18  # bins; of two bodies that have four words in five in common, 19 are equal on average
_SAMPLE = 2 * _BINS  # shingles in a sketch, about
_MOST_UNITS = 2_048  # words or characters, from the beginning, that go into a sketch
_PRIME = 8_191
_MASK = (1 << 64) - 1
_MIX = 0x9E3779B97F4A7C15
_FACTORS = (0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)

_DROPPED = "\x00\"'\u00ad\u2018-\u201f\u2032\u2033\u200b-\u200f\u2060\ufeff"  # quotation marks, and what nobody sees
_IGNORED = _DROPPED.encode("ascii", "ignore").replace(b"-", b"")
_SIGNS = (
    "\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2000-\u206f\u2190-\u2bff\u2e00-\u2e7f"
    "\u3000-\u3004\u3008-\u3020\u3030-\u303f\ufe10-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_WIDE_ONES = late("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
# Some of these are in every text of some length in traditional characters, and none in one in simplified ones.
_OFTEN_TRADITIONAL = (
    "這個們來時會說國學為後過對於發經現動種間見長問開關無書電話門車東馬樂氣點從當沒還讓給與專業產業區體"
)


def _ascii_folded() -> bytes:
    folded = bytearray(b" " * 128 + bytes(range(128, 256)))
    for code in range(128):
        if chr(code).isalnum():
            folded[code] = ord(chr(code).lower())
    return bytes(folded)


_FOLDED = (
    _ascii_folded()
)  # capitals are small, and what is no letter, digit or part of a character of several bytes is a space


@cache
def _dropped() -> re.Pattern[str]:
    return re.compile(f"[{_DROPPED}]+")


@cache
def _signs() -> re.Pattern[str]:
    return re.compile(f"[{_SIGNS}]+")


@cache
def _all_signs() -> re.Pattern[str]:
    return re.compile(f"[\x00-/:-@\\[-`{{-\x7f{_DROPPED}{_SIGNS}]+")


@cache
def _traditional() -> tuple[re.Pattern[str], dict[int, str]]:
    """How traditional characters are noticed, and the simplified ones for them."""
    traditional, simplified = table("validator.record", "simplified.json")["pairs"]
    return re.compile(f"[{_OFTEN_TRADITIONAL}]"), dict(zip(map(ord, traditional), simplified, strict=True))


def simplified(text: str) -> str:
    """A text with simplified Chinese characters for traditional ones."""
    often, pairs = _traditional()
    return text.translate(pairs) if often.search(text) else text


def _in_one_form(text: str) -> str:
    """A text that is not ASCII, composed, and with letters of the usual width."""
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.translate(_WIDE) if _WIDE_ONES.search(text) else text


class Likeness(NamedTuple):
    """What a body is recognised by: the digest of its letters and its sketch; b"" if it has too few letters."""

    digest: bytes = b""
    sketch: bytes = b""


def likeness_of(masked: str) -> Likeness:
    """What a body is recognised by. In `masked`, NUL is inline markup."""
    letters, units = _letters_and_units(masked)
    if len(letters) < LEAST_BYTES:
        return Likeness()
    digest = blake2b(letters, digest_size=16).digest()
    return Likeness(digest, _sketch(units))


def letters_of(text: str) -> str:
    """The letters of a short text, such as a headline."""
    return _letters_and_units(text)[0].decode("utf-8", "surrogatepass")


def _letters_and_units(text: str) -> tuple[bytes, Sequence[int]]:
    """The letters in UTF-8, and the shingles as numbers."""
    if not text.isascii():
        bare = _bare(text)
        if _is_dense(bare):
            bare = simplified(_all_signs().sub("", _in_one_form(bare))).lower()
            return bare.encode("utf-8", "surrogatepass"), _shingles(bare.encode("utf-16-le", "surrogatepass"), 2)
        text = _signs().sub(" ", _dropped().sub("", _in_one_form(text)))
    words = text.encode("utf-8", "surrogatepass").translate(_FOLDED, _IGNORED).split()
    return b"".join(words), _shingles(array("I", map(crc32, words)).tobytes(), 4)


def _bare(text: str) -> str:
    """A text without whitespace and markup."""
    return "".join(text.split()).replace("\0", "")


def is_dense(masked: str) -> bool:
    """Whether a body is in a script without spaces, such as Chinese. In `masked`, NUL is inline markup."""
    return not masked.isascii() and _is_dense(_bare(masked))


def _is_dense(bare: str) -> bool:
    """Whether a text is in a script of about three bytes a character: then a shingle is of characters, not of words."""
    return len(bare.encode("utf-8", "surrogatepass")) > 2 * len(bare)


def _shingles(units: bytes, size: int) -> Sequence[int]:
    """Every eight bytes that begin with a unit of so many bytes, as numbers."""
    out: list[int] = []
    units = units[: size * _MOST_UNITS]
    for start in range(0, 8, size):
        end = start + (len(units) - start) // 8 * 8
        if end > start:
            out += memoryview(units[start:end]).cast("Q")
    return out


def _sketch(shingles: Sequence[int]) -> bytes:
    """Sixteen bands, numbers of eight bytes, and a byte of each bin."""
    if not shingles:
        return b""
    limit = max(int(_PRIME * _SAMPLE / len(shingles)), 1)
    sample = [each for each in shingles if each % _PRIME < limit] if limit < _PRIME else shingles
    mixed = sorted({(each ^ each >> 29) * _MIX & _MASK for each in sample}, reverse=True)
    if not mixed:
        return b""
    least = {(each >> 20) % _BINS: each for each in mixed}  # the smallest comes last
    bins: list[int] = []
    known = mixed[-1]
    for at in range(_BINS - 1, -1, -1):  # an empty bin takes what is in the next one
        known = least.get(at, known)
        bins.append(known)
    bands = array("Q")
    one, two, three = _FACTORS
    for at in range(0, _BINS, _ROWS):
        value = bins[at] * one + bins[at + 1] * two + bins[at + 2] * three + at & _MASK
        bands.append((value ^ value >> 32) * _MIX & _MASK)
    return bands.tobytes() + bytes([each & 255 for each in bins])


def bands_of(sketch: bytes) -> Sequence[int]:
    """The bands of a sketch."""
    return array("Q", sketch[: 8 * BANDS])


def marks_of(sketch: bytes) -> bytes:
    """The bytes of the bins of a sketch."""
    return sketch[8 * BANDS :]


def may_be_near(marks: bytes, others: bytes) -> bool:
    """Whether two bodies with some equal bands may be nearly the same, by the bytes of their bins."""
    equal: int = sum(map(eq, marks, others))
    return equal >= _LEAST_EQUAL


# ---------------------------------------------------------------------------------------------------------------------
# Two bodies, word by word


class Word(NamedTuple):
    """A word of a body, or a character in a script without spaces: its letters, and its span in the text."""

    letters: str
    start: int
    end: int


def words_of(masked: str, start: int = 0, with_signs: bool = False) -> list[Word]:
    """The words of a body that begins at `start` of its text; with its signs, each as a word, if that is asked for."""
    dense = is_dense(masked)
    pattern = r"[a-zA-Z0-9\uff10-\uff5a]+|[^\W_]" if dense else rf"[^\W_]+(?:[{_DROPPED}]+[^\W_]+)*"
    pattern += r"|[^\w\s\x00]" if with_signs else ""
    drop = _dropped()
    is_odd = not unicodedata.is_normalized("NFC", masked) or _WIDE_ONES.search(masked) is not None
    out = []
    for match in expression(pattern).finditer(masked):
        letters = match[0]
        if not letters.isascii() or not letters.isalnum():
            letters = drop.sub("", letters) or letters
            letters = _in_one_form(letters) if is_odd else letters
        out.append(Word(letters.lower(), start + match.start(), start + match.end()))
    if dense:
        plain = simplified("".join(word.letters for word in out))
        at = 0
        for number, word in enumerate(out):
            out[number] = word._replace(letters=plain[at : at + len(word.letters)])
            at += len(word.letters)
    return out


class Passage(NamedTuple):
    """A stretch in which two lists of words differ: from and to which word of each."""

    left: int
    left_end: int
    right: int
    right_end: int


_FEW = 400  # words of a gap that are compared one by one


def passages(left: Sequence[str], right: Sequence[str]) -> list[Passage]:
    """The stretches in which two texts differ, in their order.

    Threes of words that are once in each text hold the two together; the gaps between them are compared word by word if they
    are short, and are different as a whole if they are long.
    """
    anchors = _anchors(left, right)
    matches: list[tuple[int, int, int]] = []
    at_left = at_right = 0
    for here, there, size in chain(_blocks(anchors), ((len(left), len(right), 0),)):
        if here < at_left or there < at_right:  # what was found inside an earlier block
            shift = max(at_left - here, at_right - there)
            here, there, size = here + shift, there + shift, size - shift
            if size <= 0:
                continue
        matches += _in_gap(left[at_left:here], right[at_right:there], at_left, at_right)
        matches.append((here, there, size))
        at_left, at_right = here + size, there + size
    out: list[Passage] = []
    at_left = at_right = 0
    for here, there, size in matches:
        if here > at_left or there > at_right:
            out.append(Passage(at_left, here, at_right, there))
        at_left, at_right = here + size, there + size
    return out


def _in_gap(left: Sequence[str], right: Sequence[str], at_left: int, at_right: int) -> list[tuple[int, int, int]]:
    """The matches in a gap: those at its ends, and all of them if it is short."""
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    out = [(at_left, at_right, start)] if start else []
    inner_left, inner_right = left[start : len(left) - end], right[start : len(right) - end]
    if inner_left and inner_right and len(inner_left) <= _FEW and len(inner_right) <= _FEW:
        from difflib import SequenceMatcher

        blocks = SequenceMatcher(None, inner_left, inner_right, autojunk=False).get_matching_blocks()
        out += [(at_left + start + block.a, at_right + start + block.b, block.size) for block in blocks if block.size]
    if end:
        out.append((at_left + len(left) - end, at_right + len(right) - end, end))
    return out


def _anchors(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """The places of threes of words that are once in each text, as many as keep their order in both."""
    from bisect import bisect_left

    of_left, of_right = _once(left), _once(right)
    pairs = [(place, of_right[three]) for three, place in of_left.items() if three in of_right]
    ends: list[int] = []  # the smallest place on the right at which an ordered list of each length ends
    which: list[int] = []
    before: list[int] = []
    for number, (_, there) in enumerate(pairs):
        at = bisect_left(ends, there)
        ends[at : at + 1] = [there]
        which[at : at + 1] = [number]
        before.append(which[at - 1] if at else -1)
    out = []
    at = which[-1] if which else -1
    while at >= 0:
        out.append(pairs[at])
        at = before[at]
    return out[::-1]


def _once(words: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """The threes of words that are there once, with their places, in order."""
    places: dict[tuple[str, str, str], int] = {}
    for at, three in enumerate(zip(words, words[1:], words[2:], strict=False)):
        places[three] = -1 if three in places else at
    return {three: at for three, at in places.items() if at >= 0}


def _blocks(anchors: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Anchors that follow one another, as blocks: their two places and how many words they have."""
    out: list[tuple[int, int, int]] = []
    for here, there in anchors:
        if out:
            first, second, size = out[-1]
            if here - first == there - second and here <= first + size:
                out[-1] = (first, second, here - first + 3)
                continue
        out.append((here, there, 3))
    return out


def similarity(left: Sequence[str], right: Sequence[str], differing: Sequence[Passage]) -> float:
    """The share of words that two texts have in common, from 0 to 1."""
    different = sum(each.left_end - each.left + each.right_end - each.right for each in differing)
    return 1 - different / max(len(left) + len(right), 1)
