"""Whether bytes, read in one encoding or another, are text of a language, judged by the letters and their neighbours.

Two encodings read the same bytes as different letters and signs. A reading fits a language if all its letters outside ASCII
are among those that CLDR lists for it, main or auxiliary. It is odd where a character is in a place where no writer puts it:
a capital within a word, a letter against a number, a fraction between letters. Not handled: encodings that Python has no
codec for (EUC-TW, VISCII); text in one of them fits no language, or is odd.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from typing import AnyStr, NamedTuple

from validator.text.patterns import late
from validator.text.places import remembered
from validator.text.tables import table

MULTI_BYTE = ("gb18030", "cp950", "cp932", "euc_jp", "cp949", "johab")
_CJK = ("zh", "zh-Hant", "ja", "ko")
_ALPHABET = 400  # letters; a language with more is Chinese, Japanese or Korean

_MOST_WINDOWS = 20_000  # places at which a reading is looked at; an article has fewer that differ
# The least share of Chinese characters of a right reading that belong to the language; names have rare ones.
_LEAST_COMMON = 0.95
# The least share of letters that must belong to the language for a rival reading: it may hold a foreign name.
_LEAST_FITTING = 0.98


class Letters(NamedTuple):
    """The letters outside ASCII of one language: those it is written with, and those with what foreign words in it have."""

    main: frozenset[str]
    all: frozenset[str]


@cache
def _alphabets() -> dict[str, Letters]:
    """The letters of each language tag; tags with equal letters share one object."""
    found = {}
    for tags, (main, auxiliary) in table("validator.text", "exemplars.json")["languages"].items():
        letters = frozenset(_spelt_out(main))
        if "ș" in letters:  # as Romanian was written before its own letters were in any encoding
            letters |= {"ş", "ţ"}
        found.update(dict.fromkeys(tags.split(), Letters(letters, letters | frozenset(_spelt_out(auxiliary)))))
    return found


@cache
def _every_language() -> tuple[Letters, ...]:
    return tuple(dict.fromkeys(_alphabets().values()))


def _spelt_out(ranges: str) -> Iterator[str]:
    for first, last in re.findall("(.)(?:-(.))?", ranges):
        yield from map(chr, range(ord(first), ord(last or first) + 1))


def letters_of(languages: Iterable[str]) -> tuple[Letters, ...]:
    """The letters of languages by their tags; without a script, those of all its scripts. () if none is known."""
    found = []
    for language in languages:
        parts = language.replace("_", "-").split("-")
        script = next((part.title() for part in parts[1:] if len(part) == 4), None)
        if parts[0].lower() == "zh" and {"TW", "HK", "MO"} & {part.upper() for part in parts}:
            script = "Hant"
        for tag, letters in _alphabets().items():
            known, _, of_script = tag.partition("-")
            if known == parts[0].lower() and (script is None or script == of_script):
                found.append(letters)
        if script is not None and not found:
            found += [letters for tag, letters in _alphabets().items() if tag == parts[0].lower()]
    return tuple(found)


class Reading(NamedTuple):
    """Bytes read in one encoding: its letters outside ASCII, in small form, counted; and the share of odd places."""

    encoding: str
    letters: Mapping[str, int]
    odd: float
    signs: str  # its characters outside ASCII, each once, in the order of their bytes: equal for equal readings

    @property
    def is_plausible(self) -> bool:
        """Whether at most one place in a hundred is odd."""
        return self.odd <= 0.01

    def fits(self, languages: Sequence[str], *, least: float = 1.0) -> bool:
        """Whether at least this share of its letters belongs to one of these languages, or to any where none of them is known."""
        return self._fits(languages, is_main=False, is_written=False, least=least)

    def is_written_in(self, languages: Sequence[str]) -> bool:
        """Like `fits`, but without letters that a language has only in foreign words."""
        return self._fits(languages, is_main=True, is_written=True, least=1.0)

    def is_rival(self, languages: Sequence[str]) -> bool:
        """Like `fits`, but with most letters, and only for languages that are written in this encoding."""
        return self._fits(languages, is_main=False, is_written=True, least=_LEAST_FITTING)

    def _fits(self, languages: Sequence[str], *, is_main: bool, is_written: bool, least: float) -> bool:
        total = sum(self.letters.values())
        if not total:
            return True
        if any(_is_chinese(letter) for letter in self.letters):
            least = min(least, _LEAST_COMMON)
        named = letters_of(languages)
        for letters in named or _every_language():
            of = letters.main if is_main else letters.all
            fitting = sum(count for each, count in self.letters.items() if each in of)
            if fitting >= least * total and ((named and not is_written) or _can_write(self.encoding, letters.main)):
                return True
        return False


_DOTTED = frozenset("İ\u0307")  # whose small form is the i of ASCII, and its dot


@lru_cache(maxsize=1 << 12)
def _can_write(encoding: str, letters: frozenset[str]) -> bool:
    """Whether an encoding has most letters of a language. Nobody wrote Yoruba in windows-1250, though it has some of them."""
    characters = _characters(encoding)
    if characters is None:
        return len(letters) > _ALPHABET
    has = frozenset(map(_small, characters))
    if "ş" in has and "ţ" in has:
        has |= {"ș", "ț"}
    letters -= _DOTTED
    return len(letters) <= _ALPHABET and 100 * len(letters & has) >= 85 * len(letters)


@lru_cache(maxsize=64)
def _written_with(encoding: str) -> frozenset[str]:
    """The letters of the languages that are written in an encoding."""
    return frozenset().union(*(each.main for each in _every_language() if _can_write(encoding, each.main)))


class Readings:
    """The same bytes, which are not UTF-8, read in one encoding after another. Each reading is made once."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._counts = Counter(data.translate(None, _ASCII))
        self._known: dict[str, Reading | None] = {}

    def read(self, encoding: str) -> Reading | None:
        """The reading in an encoding; None where it cannot be read so, or only with control characters of C1."""
        if encoding not in self._known:
            try:
                self._known[encoding] = self._read(encoding)
            except (LookupError, UnicodeError):
                self._known[encoding] = None
        return self._known[encoding]

    def may_have_names(self, encoding: str, other: str) -> bool:
        """Whether the letters that another encoding reads differently may be foreign names in an English text.

        They must be letters of languages that are written in the other encoding, and no known word may be among those that
        the two read differently. "Kovaèiæ" may be Kovačić, "Ìîñêâà" may be Москва; "naïve" is not naďve.
        """
        own, others = _characters(encoding), _characters(other)
        if own is None or others is None:
            return False
        apart = [byte for byte in self._counts if own[byte] != others[byte]]
        letters = {small for byte in apart if _is_letter(small := _small(others[byte]))}
        return bool(letters) and letters <= _written_with(other) and not self._has_known(own, apart)

    def _has_known(self, characters: Sequence[str], apart: Sequence[int]) -> bool:
        """Whether a word with one of these bytes is a known one."""
        signs = frozenset(characters[byte] for byte in apart)
        text = "".join(map(characters.__getitem__, self.data))
        words = {match.group().lower() for match in _WORD.finditer(text)}
        known = table("validator.text", "words.json")["western"]
        return any(word in known and not signs.isdisjoint((*word, *word.upper())) for word in words)

    @cached_property
    def without_contractions(self) -> Readings:
        """The readings of the bytes with ASCII apostrophes in English contractions, in place of those of windows-1252."""
        return Readings(_CONTRACTION.sub(b"'", self.data))

    def _read(self, encoding: str) -> Reading | None:
        characters = _characters(encoding)
        if characters is None:
            return _read_text(encoding, self.data.decode(encoding))
        if any(characters[byte] in _NOT_READ for byte in self._counts):
            return None
        counts = [(characters[byte], count) for byte, count in self._counts.items()]
        windows = ["".join(map(characters.__getitem__, window)) for window in self._windows]
        return _reading(encoding, counts, windows, [characters[byte] for byte in sorted(self._counts)])

    @cached_property
    def _windows(self) -> list[bytes]:
        return list(_around(b"  " + self.data + b"  ", _HIGH))


@remembered
def readings_of(data: bytes) -> Readings:
    """The readings of some bytes; the last ones are kept, since decoding and several rules ask for them."""
    return Readings(data)


_ASCII = bytes(range(0x80))
_HIGH = late(rb"[\x80-\xff]")
_NOT_READ = frozenset(map(chr, (*range(0x80, 0xA0), 0xFFFD)))


@lru_cache(maxsize=64)
def _characters(encoding: str) -> tuple[str, ...] | None:
    """What an encoding of one byte a character reads each byte as, U+FFFD for none; None for any other encoding."""
    if encoding in MULTI_BYTE or encoding.startswith(
        ("utf", "euc", "gb", "big5", "shift", "iso2022", "cp93", "cp94", "cp95")
    ):
        return None
    return tuple(bytes((byte,)).decode(encoding, "replace") for byte in range(0x100))


def _read_text(encoding: str, text: str) -> Reading | None:
    """The reading of a text in which a character has several bytes."""
    counts = Counter(_SIGN.findall(text))
    if not _NOT_READ.isdisjoint(counts):
        return None
    windows = list(_around(f"  {text}  ", _SIGN))
    return _reading(encoding, counts.items(), windows, sorted(counts))


def _around(padded: AnyStr, sign: re.Pattern[AnyStr]) -> dict[AnyStr, None]:
    """Each sign with two characters or bytes before and two after it, each combination once."""
    found: dict[AnyStr, None] = {}
    for match in sign.finditer(padded):
        at = match.start()
        found[padded[at - 2 : at + 3]] = None
        if len(found) >= _MOST_WINDOWS:
            break
    return found


def _reading(encoding: str, counts: Iterable[tuple[str, int]], windows: Sequence[str], signs: Sequence[str]) -> Reading:
    letters: Counter[str] = Counter()
    for sign, count in counts:
        small = _small(sign)
        if _is_letter(small):
            letters[small] += count
    odd = sum(is_odd(_class(w[0]) + _class(w[1]), w[2], _class(w[3]) + _class(w[4])) for w in windows)
    return Reading(encoding, letters, odd / max(1, len(windows)), "".join(signs))


_SIGN = late("[^\x00-\x7f]")
_WORD = late("[A-Za-z]*[\u00aa-\u00ffŒœŠšŽžŸ][A-Za-z\u00aa-\u00ffŒœŠšŽžŸ]*")


def _small(character: str) -> str:
    return "i" if character == "\u0130" else character.lower()


def _is_letter(character: str) -> bool:
    return not character.isascii() and _class(character) in "agcxmh" and character not in _NO_LETTERS


def _is_chinese(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character >= "\U00020000"


# Signs that Unicode calls letters, and letters of compatibility forms, which are in no list.
_NO_LETTERS = frozenset("ªºµˆˇ\u02dc·ʹʼ々〆ー")
# Characters that writers of articles do not use, and that wrong readings are full of.
_UNUSUAL = frozenset("¤¦¨´¸¯¬ˇ˘˙˛˝ˆ\u02dcƒ∂∆∏∑√∞∫≈≠≤≥◊⌐⌠⌡∙ﬁﬂ⁄")
_UNUSUAL_BLOCKS = (("\u2500", "\u259f"), ("\ue000", "\uf8ff"), ("\uff61", "\uff9f"))  # frames; private; narrow kana
_BETWEEN_LETTERS = frozenset("׳״’ʼ'–—…·‧\u00ad‐‑\u00a0//．—―")
_ALONE = frozenset("àáâéèêóòôõíìúåøöæÀÁÂÉÈÊÓÒÔÍÚÅØÖÆçéüиавкосуяіїєйжбдлпИАВКОСУЯІЇЄЖБДЛПηοήόὁἡὦήΗΟΉΌ")


@lru_cache(maxsize=1 << 12)
def _class(character: str) -> str:
    """What kind of neighbour a character is: a space, a digit, a small or a capital letter of a script, a mark, another sign."""
    if character in _NO_LETTERS:
        return "."
    if character.isspace() or character < " ":
        return " "
    if character.isdecimal():
        return "0"
    code = ord(character)
    if _is_chinese(character) or 0x3040 <= code <= 0x30FF or 0xAC00 <= code <= 0xD7A3:
        return "h"
    category = unicodedata.category(character)
    if category[0] == "M":
        return "m"
    if category[0] != "L":
        return "."
    script = "x"
    if code < 0x370 or 0x1E00 <= code < 0x1F00:
        script = "a"
    elif code < 0x400 or 0x1F00 <= code < 0x2000:
        script = "g"
    elif code < 0x530:
        script = "c"
    return script.upper() if character.isupper() else script


_LETTERS = frozenset("aAgGcCx")


@lru_cache(maxsize=1 << 16)
def is_odd(before: str, character: str, after: str) -> bool:
    """Whether a character is where no writer puts it. `before` and `after` are the classes of its two neighbours on each side."""
    if character in _UNUSUAL or any(first <= character <= last for first, last in _UNUSUAL_BLOCKS):
        return True
    own = _class(character)
    if own == "h":
        return before[1] in "aA" and after[0] in "aA"
    if own == "m":
        return before[1] not in ("aAgGcCxm" if "\u0300" <= character <= "\u036f" else "xm")
    if own in _LETTERS:
        return _is_odd_letter(before, character, own, after)
    return _is_odd_sign(before, character, after)


def _is_odd_letter(before: str, character: str, own: str, after: str) -> bool:
    last, following = before[1], after[0]
    for other in (last, following):
        if other in _LETTERS and other.lower() != own.lower():
            return True
    if following == "0" or (last == "0" and own in "aA" and following not in "aA"):
        return True
    if last not in "aAgGcCxmh" and following not in "aAgGcCxmh":
        if own == "x" or character in _ALONE:
            return False
        return not (own.isupper() and following == ".")
    if own.isupper():
        small, capital = own.lower(), own
        if last == small and (before[0] in (small, capital) or following == capital or capital != "A"):
            return True  # after one small letter, as in "hÉireann", it may be
        return (last == capital and following == small) or (
            following == capital and after[1] == small and last != capital
        )
    return own != "x" and last == own.upper() and following == own.upper() and character not in "ßı"


def _is_odd_sign(before: str, character: str, after: str) -> bool:
    last, following = before[1], after[0]
    is_after = last in "aAgGcCxm"
    is_before = following in "aAgGcCxm"
    if character in "¡¿":
        return is_after or last == "0" or following in " 0"
    if character in _BETWEEN_LETTERS:
        return False
    if is_after and (is_before or (following == "." and after[1] in "aAgGcCx" and character not in "”“»«›‹’‘®™©…")):
        return True
    if character in "½¼¾":
        return is_after or is_before
    if character in "ºª":
        return is_before
    if character in "°§¶":
        return is_before and not (character == "°" and following == "A")
    return character in "„‚" and is_after


# The apostrophe of an English contraction or possessive in windows-1252, which other encodings read as a letter: "donít", "痴".
_CONTRACTION = late(rb"(?<=[A-Za-z])\x92(?=(?:s|t|d|m|re|ve|ll)\b)")


def is_common_chinese(character: str) -> bool:
    """Whether a character is one of those that Chinese, Japanese or Korean is written with today."""
    return any(character in letters.main for tag, letters in _alphabets().items() if tag in _CJK)


def rivals(readings: Readings, encoding: str, asked: Iterable[str], languages: Sequence[str]) -> list[Reading]:
    """The other plausible readings with letters of these languages, best first: one of them may be the right one.

    `asked` are the encodings that are tried before the usual ones. Readings equal to the one in `encoding` are left out.

    - No language is known, and the reading needs only letters that some language is written with: a reading that needs letters
      of foreign words is not a rival.
    - A language is known, and the reading needs letters of foreign words: a reading in the letters of any language is a rival.
    - A language without letters of its own outside ASCII takes over names from all others: a reading in which the letters may
      be such names is a rival; else only readings in an encoding of the West are.
    """
    own = readings.read(encoding)
    is_english = not languages or any(language.lower().startswith("en") for language in languages)
    others = readings
    is_sure = own is not None and not letters_of(languages) and own.is_written_in(())
    if is_english and own is not None and "’" in own.signs and encoding.startswith(("windows-125", "cp125")):
        others = readings.without_contractions
        own = others.read(encoding)
    found: list[Reading] = []
    named = letters_of(languages)
    is_ascii = bool(named) and not any(letters.main for letters in named)
    needs_foreign = is_ascii or (bool(named) and own is not None and not own.is_written_in(languages))
    encodings = table("validator.text", "encodings.json")
    western = encodings["western"]
    by_letters = {*asked, *western, *MULTI_BYTE} if is_ascii else None
    for name in dict.fromkeys((*asked, *encodings["single byte"], *MULTI_BYTE)):
        other = others.read(name)
        if other is None or not other.is_plausible or (own is not None and other.signs == own.signs):
            continue
        if own is not None and own.is_plausible and other.letters == own.letters and name not in asked:
            continue  # they differ in signs alone
        if is_sure and not other.is_written_in(()):
            continue
        is_rival = (by_letters is None or name in by_letters) and other.is_rival(languages)
        if not is_rival and needs_foreign and name not in western:
            is_rival = others.may_have_names(encoding, name) if is_ascii else other.is_written_in(())
        if is_rival and all(other.signs != each.signs for each in found):
            found.append(other)
    return found
