"""Seeds to learn from: their lines, and which of them are above, in and below the article."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from validator.parsing.decoding import Decoded, decode
from validator.parsing.front_matter import FrontMatter, read_front_matter
from validator.record.places import PlaceReader
from validator.record.reader import own_languages
from validator.record.sidecar import Sidecar
from validator.sources.formats import is_page
from validator.sources.model import Source
from validator.text.errors import ConfigError
from validator.text.patterns import Subject
from validator.text.places import Normal, fold_whitespace

if TYPE_CHECKING:
    from validator.parsing.pages import Page

HEAD_LINES = 15
_PARAGRAPH, _LONG, _WRAPPED = 60, 150, 50  # columns
ENDS = ".!?。！？…؟।۔"
_QUOTES = "\"'”’»」』)）"


class Line(NamedTuple):
    """A line that is not empty: its text with whitespace folded, its number among such lines, from 1, whether it directly
    follows another, how it is written, and how many lines are above it, empty ones too."""

    text: str
    number: int
    follows: bool
    raw: str
    above: int


def width(text: str) -> int:
    """Columns on a terminal: East Asian characters have two."""
    wide = 0 if text.isascii() else sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide


def is_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does."""
    return text.rstrip(_QUOTES)[-1:] in tuple(ENDS)


def is_paragraph(text: str) -> bool:
    """Whether a line is surely a paragraph of an article."""
    columns = width(text)
    return columns >= _LONG or (columns >= _PARAGRAPH and is_sentence(text))


@dataclass(frozen=True)
class Sample:
    """One seed. `lines` are those below the front matter; `head` is above the first paragraph, `tail` below the last."""

    name: str
    data: bytes
    decoded: Decoded
    normal: Normal
    matter: FrontMatter | None
    is_page: bool
    lines: tuple[Line, ...] = field(repr=False)
    head: tuple[Line, ...] = field(default=(), repr=False)
    tail: tuple[Line, ...] = field(default=(), repr=False)

    @property
    def kind(self) -> str:
        """How the seed is built: front matter, page or text."""
        if self.matter is not None and self.matter.values:
            return "front matter"
        return "page" if self.is_page else "broken front matter" if self.matter is not None else "text"

    @property
    def text(self) -> str:
        """The text as patterns see it."""
        return self.normal.text

    @cached_property
    def subject(self) -> Subject:
        """The text to match patterns on."""
        return Subject(self.normal.text)

    @property
    def page(self) -> Page:
        """The seed as an HTML page."""
        return _page(self.normal.text)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that the seed itself names."""
        return own_languages(self.text, self.matter, Sidecar(""))

    def reader(self, source: Source) -> PlaceReader:
        """What reads the places of a source in this seed."""
        languages = (*self.languages, *filter(None, [source.policy.language]))
        reader = PlaceReader(
            source, self.decoded.text, self.normal, self.subject, self.matter, self.name, self.is_page, languages
        )
        if self.is_page:
            reader.page = self.page
        return reader


@lru_cache(maxsize=64)
def _page(text: str) -> Page:
    from validator.parsing.pages import Page

    return Page(text)


@lru_cache(maxsize=512)
def sample(name: str, data: bytes) -> Sample:
    """A seed to learn from. Raises ConfigError if it is no text."""
    decoded = decode(data)
    normal = Normal(decoded.text)
    if decoded.encoding is None or not normal.text.strip():
        raise ConfigError(f"{name} is not text: {decoded.problem or 'it is empty'}")
    matter = read_front_matter(normal.text)
    page = matter is None and is_page(normal.text)
    lines = () if page else _lines(normal.text[matter.span.end if matter else 0 :])
    return Sample(name, data, decoded, normal, matter, page, lines)


def samples_of(seeds: Sequence[tuple[str, bytes]]) -> tuple[list[Sample], list[str]]:
    """The seeds of the most frequent kind, with heads and tails, and why the others are left out.

    Raises ConfigError if no seed is text.
    """
    samples, refused = [], list[ConfigError]()
    for name, data in seeds:
        try:
            samples.append(sample(name, data))
        except ConfigError as error:
            refused.append(error)
    if not samples:
        raise refused[0]
    kind = Counter(each.kind for each in samples).most_common(1)[0][0]
    others = [f"{each.name} ({each.kind}; the others are {kind})" for each in samples if each.kind != kind]
    return framed([each for each in samples if each.kind == kind]), [*(error.message for error in refused), *others]


def framed(samples: Sequence[Sample]) -> list[Sample]:
    """The seeds with their heads and tails. A line that recurs exactly in most seeds is no paragraph of theirs."""
    constant = recurring(([line.text for line in each.lines] for each in samples), len(samples))
    out = []
    for each in samples:
        first, last = _article(each.lines, constant)
        tail = each.lines[max(last, min(first, HEAD_LINES)) :]
        out.append(replace(each, head=each.lines[:first][:HEAD_LINES], tail=tail))
    return out


def _lines(text: str) -> tuple[Line, ...]:
    found: list[Line] = []
    follows = False
    for above, line in enumerate(text.split("\n")):
        folded = fold_whitespace(line.replace("\ufeff", "").strip().replace("\t", " | "))
        if folded:
            found.append(Line(folded, len(found) + 1, follows, line.rstrip(), above))
        follows = bool(folded)
    return tuple(found)


def _article(lines: Sequence[Line], constant: Collection[str]) -> tuple[int, int]:
    """The index of the first paragraph and the one after the last. Without one, all lines are the head."""
    marks = [is_paragraph(line.text) and line.text not in constant for line in lines]
    start = 0
    for at in range(1, len(lines) + 1):  # a paragraph may be wrapped: lines that follow each other, nearly all long
        if at < len(lines) and lines[at].follows:
            continue
        block = [line.text for line in lines[start:at]]
        if len(block) > 2 and is_sentence(block[-1]) and all(width(text) >= _WRAPPED for text in block[:-1]):
            marks[start:at] = [text not in constant for text in block]
        start = at
    if True not in marks:
        return len(lines), len(lines)
    return marks.index(True), len(marks) - marks[::-1].index(True)


def recurring(groups: Iterable[Iterable[str]], number: int, share: float = 0.6) -> dict[str, int]:
    """Texts that are in at least this share of the groups, and in two, with how many have them; in order of their first."""
    counts: dict[str, int] = {}
    for group in groups:
        for text in dict.fromkeys(group):
            counts[text] = counts.get(text, 0) + 1
    # A paragraph that is no furniture may be in several seeds, which report one thing.
    least = {text: (0.9 if is_paragraph(text) else share) * number for text in counts}
    return {text: count for text, count in counts.items() if count >= max(2, least[text])}


_DIGITS = re.compile(r"\d")


def has_digits(text: str) -> bool:
    """Whether a text has a digit of any script."""
    return _DIGITS.search(text) is not None
