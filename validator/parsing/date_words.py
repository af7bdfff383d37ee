"""The words of dates in many languages: folded, divided into tokens, and looked up in a table made from CLDR.

The table (`date_names.json`) is read when a date first needs it. A word means what it does in each language that has it:
`listopad` is November in Polish and Czech, and October in Croatian.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from validator.text.tables import table


class Token(NamedTuple):
    """A piece of a date: a number, a word or one other character. `glued` where no space is before it."""

    text: str
    is_number: bool
    is_word: bool
    glued: bool


class Meaning(NamedTuple):
    """What a word or a phrase is in a date: its role, its number there (0 if it has none), and the languages as bits."""

    role: str
    value: int
    languages: int


# One sign for those that mean the same here; letters of one sound in Arabic and Persian; what nobody sees goes.
_SAME = str.maketrans(
    {
        **dict.fromkeys("’ʼ‘׳`", "'"), **dict.fromkeys("–—―", "–"), **dict.fromkeys("॰。．", "."), **dict.fromkeys("،、，", ","),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u061c\ufeff\u00ad\u093c\u09bc", None),
        "ı": "i", "ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه", "°": "º", "ș": "ş", "\u2212": "-",
    }
)  # fmt: skip
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u0655\u0670\u093c\u09bc]+")
_LONGEST = 4  # words of a phrase


def folded(text: str) -> str:
    """A text in small letters, without accents (of Latin, Greek, Cyrillic, Hebrew and Arabic letters) and invisible marks."""
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text.translate(_SAME).casefold()))
    return unicodedata.normalize("NFC", bare.translate(_SAME))


def tokens_of(text: str) -> list[Token]:
    """The tokens of a folded text."""
    tokens: list[Token] = []
    start, kind, glued = 0, "", True
    for index, character in enumerate(f"{text} "):
        if character.isspace():
            now = ""
        elif character.isascii() and character.isdigit():
            now = "number"
        elif unicodedata.category(character)[0] in "LM" or (character == "'" and kind == "word"):
            now = "word"
        else:
            now = "sign"
        if kind and (now != kind or kind == "sign"):
            tokens.append(Token(text[start:index], kind == "number", kind == "word", glued))
            glued = True
        if not now:
            glued = False
        if now != kind or now == "sign":
            start, kind = index, now
    return tokens


def key_of(text: str) -> str:
    """A word or phrase as the table has it: folded, without dots and hyphens, one space between its words."""
    return " ".join(token.text for token in tokens_of(folded(text)) if token.text not in (".", "-"))


# --- the table --------------------------------------------------------------------------------------------------------


@cache
def languages() -> dict[str, int]:
    """The languages of the table, and the bit of each."""
    tags = [tag for tag in table("validator.parsing", "date_names.json") if tag != "comment"]
    return {tag: 1 << index for index, tag in enumerate(tags)}


_OTHER_TAGS = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "tl": "fil", "sh": "sr"}


def language_bit(tag: str) -> int:
    """The bit of a language by its BCP 47 tag; 0 if the table has not got it."""
    primary = tag.replace("_", "-").split("-")[0].lower()
    return languages().get(_OTHER_TAGS.get(primary, primary), 0)


@cache
def _index() -> dict[str, tuple[Meaning, ...]]:
    found: dict[str, dict[tuple[str, int], int]] = {}
    for tag, bit in languages().items():
        for role, words in table("validator.parsing", "date_names.json")[tag].items():
            is_numbered = isinstance(words, list)
            for value, forms in enumerate(words if is_numbered else [words]):
                at = (role.rstrip("s"), value + (role == "months")) if is_numbered else (role, 0)
                for form in filter(None, forms.split("|")):
                    meanings = found.setdefault(form, {})
                    meanings[at] = meanings.get(at, 0) | bit
    return {
        form: tuple(Meaning(role, value, bits) for (role, value), bits in meanings.items())
        for form, meanings in found.items()
    }


def meanings_at(tokens: list[Token], start: int) -> list[tuple[Meaning, int]]:
    """What the words at a place may mean, each with the place after it. Dots and hyphens in a phrase do not matter."""
    found: list[tuple[Meaning, int]] = []
    words: list[str] = []
    at = start
    while at < len(tokens) and tokens[at].is_word and len(words) < _LONGEST:
        words.append(tokens[at].text)
        at += 1
        found += [(meaning, at) for meaning in _index().get(" ".join(words), ())]
        if at < len(tokens) and tokens[at].text in (".", "-"):
            at += 1
    return found
