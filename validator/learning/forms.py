"""What values look like: dates in a line and the pattern of their form, names, addresses, headlines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from validator.learning.samples import has_digits, is_paragraph, width
from validator.parsing.bylines import is_name, is_organization, names_in
from validator.parsing.dates import DateValue, read_date
from validator.text.patterns import escaped

_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_")
_TOKENS_OF_A_DATE = 18
_MAY_BE_DATE = re.compile(r"\d{4}|\d\s*年|\d{1,2}\s*[./-]\s*\d{1,2}")
_LONGEST = 200  # columns of a line that is looked at
_NO_END = frozenset(",;:-–—/|(（[：，")


class Found(NamedTuple):
    """A date in a line: the text before it, as it is written, the text after it."""

    before: str
    said: str
    after: str
    day: str  # the day as an ISO date, of any spelling


@lru_cache(maxsize=8192)
def date_in(line: str, order: str | None, languages: tuple[str, ...], without_year: bool = False) -> Found | None:
    """The first and longest date in a line; `None` without one. A date has a year unless it may be `without_year`."""
    if not has_digits(line) or width(line) > _LONGEST or not (without_year or _MAY_BE_DATE.search(line)):
        return None
    tokens = [match.span() for match in _TOKEN.finditer(line)]
    for first, (start, _) in enumerate(tokens):
        if not line[start].isalnum() or not any(line[at].isdigit() for at, _ in tokens[first : first + 6]):
            continue
        for _, end in reversed(tokens[first : first + _TOKENS_OF_A_DATE]):
            said = line[start:end]
            if said[-1] in _NO_END or not has_digits(said) or len(said) < 4:
                continue
            value = read_date(said, "any", order, languages)
            if value is not None and value.day is not None and (value.year is not None or without_year):
                return Found(line[:start].strip(), said, line[end:].strip(" \t|"), _day(value))
    return None


def _day(value: DateValue) -> str:
    return f"{value.year or 'XXXX'}-{value.month:02}-{value.day:02}"


def form_of(text: str) -> str:
    """A pattern for texts that are built like this one: as many digits, words of letters, the same signs."""
    pieces = []
    for match in re.finditer(r"\d+|[^\W\d_]+|\s+|.", text):
        piece = match[0]
        if piece[0].isdigit():
            pieces.append(rf"\d{{{len(piece)}}}" if len(piece) > 2 else r"\d{1,2}")
        elif piece[0].isspace():
            pieces.append(r"\s+" if len(pieces) == 0 else r"[ \t\x{a0}\x{3000}]+")
        elif piece[0].isalpha():
            pieces.append(escaped(piece) if not piece[0].isascii() and piece.lower() == piece.upper() else r"[\pL\pM]+")
        else:
            pieces.append(escaped(piece))
    return "".join(pieces)


def form_of_all(texts: Iterable[str]) -> str:
    """A pattern for texts built like one of these; the longer form goes first."""
    forms = Counter(map(form_of, texts))
    best = sorted(sorted(forms, key=lambda form: (-forms[form], form))[:5], key=lambda form: (-len(form), form))
    return best[0] if len(best) == 1 else f"(?:{'|'.join(best)})"


def are_names(value: str, agencies: frozenset[str]) -> bool:
    """Whether a byline is names of people or of an agency, by the program's own way to divide it."""
    if not 2 <= width(value) <= 120 or has_digits(value) or "://" in value:
        return False
    parts = [value[span.start : span.end] for span in names_in(value, agencies, frozenset()).people]
    return bool(parts) and all(
        is_organization(part, agencies) or _is_caseless_name(part) or ("," not in part and is_name(part))
        for part in parts
    )


def _is_caseless_name(text: str) -> bool:
    """Whether a text may be a name in a script without capitals: a few words of letters."""
    letters = "".join(each for each in text if each not in " ・·.،ـ'’-" and not each.isspace())
    is_caseless = letters.isalpha() and not any(each.isupper() or each.islower() for each in letters)
    words = len(text.split())
    return is_caseless and 2 <= len(letters) <= 24 and words <= 4 and (words > 1 or len(letters) <= 6)


SEPARATORS = (", ", "，", "、", " | ", " · ", " • ", " – ", " — ", " - ", " / ", " (", "（", "; ")
_AND = re.compile(r"\s(?:and|&|und|et|y|e|en|og|och|i|и|та)\s", re.IGNORECASE)


def place_separator(values: Sequence[str], agencies: frozenset[str]) -> str | None:
    """The sign after which nearly all of these bylines go on with no name but a place or a role; `None` without one.

    A place recurs after different names, is no name by its form, or follows a list of names that has its own `and`.
    """
    for separator in SEPARATORS:
        parts = [value.rpartition(separator) for value in values if separator in value]
        if len(parts) < max(2, 0.75 * len(values)):
            continue
        heads: dict[str, set[str]] = {}
        for head, _, tail in parts:
            heads.setdefault(tail, set()).add(head)
        is_told = (
            any(len(before) > 1 and not _AND.search(tail) for tail, before in heads.items())
            or any(not are_names(tail, agencies) and not _AND.search(tail) for tail in heads)
            or any(_AND.search(head) for head, _, _ in parts)
        )
        if is_told and sum(are_names(head, agencies) for head, _, _ in parts) >= 0.75 * len(parts):
            return separator
    return None


# Words between two names that are inside names too, so that bylines are not divided at them unless a source says so.
_BETWEEN = re.compile(r"^(?P<one>.+?) (?P<word>y|e|i|и|й|та|és|și|a|ja) (?P<other>.+)$")


# Languages in which such a word is hardly ever inside a name, so that it divides names that are still to come.
_JOINS = {"es": "y", "it": "e", "ru": "и", "bg": "и", "sr": "и", "uk": "та|і"}


def split_of(values: Sequence[str], languages: Sequence[str] = ()) -> dict[str, str]:
    """`split` for bylines in which two full names are joined by a word that the program does not divide at; else empty."""
    words = {
        match["word"]
        for value in values
        if (match := _BETWEEN.match(value)) and is_name(match["one"]) and is_name(match["other"])
        and len(names_in(value, frozenset(), frozenset()).people) == 1
    }  # fmt: skip
    if not words and values and not any(sign in value for value in values for sign in ",;|/()"):
        words = set(filter(None, (_JOINS.get(language.partition("-")[0]) for language in languages)))
    return {"split": rf"\s*,\s*|\s+(?:{'|'.join(sorted(words))})\s+"} if words else {}


_LABELLED = re.compile(r"^[^\s:：]{1,20}(?: [^\s:：]{1,20})?\s?[:：]\s*\S")


def is_headline(text: str) -> bool:
    """Whether a line may be a headline."""
    is_long_enough = 8 <= width(text) <= _LONGEST and sum(map(str.isalpha, text)) >= 4
    is_open = not text.endswith((".", "。", ",", ":", "：")) and "://" not in text
    return is_long_enough and is_open and not is_paragraph(text)


def share_a_label(texts: Sequence[str]) -> bool:
    """Whether these texts begin with one label: they are not what is behind it."""
    labels = {text.partition(":")[0].partition("：")[0] if _LABELLED.match(text) else text for text in texts}
    return len(texts) > 1 and len(labels) == 1


def same_start(texts: Sequence[str]) -> str:
    """The words that all these texts begin with."""
    if len(texts) < 2:
        return ""
    first, last = min(texts), max(texts)
    length = next(
        (at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), min(map(len, texts))
    )
    if length and width(first[length - 1]) == 2:
        return first[:length]
    return first[: first.rfind(" ", 0, length + 1) + 1]


_SEVERAL = 4


def differ(values: Sequence[str]) -> bool:
    """Whether values are those of different seeds: most are unlike the others."""
    return len(values) < 2 or len(set(values)) >= max(2, 0.5 * len(values))


def are_of_several(values: Sequence[str]) -> bool:
    """Whether names or dates are those of different seeds: many seeds may be of a few people, and of a few days."""
    return differ(values) or len(set(values)) >= _SEVERAL
