"""Two captures of one article: in what their records and their texts differ, with the places in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from validator.engine.neighbours import Side, span_of_words
from validator.record.likeness import Passage, passages, similarity, words_of
from validator.sources.model import FIELDS
from validator.text.findings import Basis
from validator.text.places import LineIndex, Position, Span


class Stretch(NamedTuple):
    """A piece of a text, and where it begins and ends; None if it is not in the text, but beside it or in the path."""

    text: str
    start: Position | None = None
    end: Position | None = None


class Difference(NamedTuple):
    """What two seeds have in one place: a field of the record, or a passage of the text ('')."""

    field: str
    here: Stretch
    there: Stretch

    @property
    def is_same(self) -> bool:
        """Whether both have the same there."""
        return self.here.text == self.there.text


class Comparison(NamedTuple):
    """Two seeds: the fields in which they differ, the passages in which they do, and the share of words in common."""

    here: str
    there: str
    record: tuple[Difference, ...]
    text: tuple[Difference, ...]
    similarity: float
    is_same_bytes: bool

    @property
    def is_same(self) -> bool:
        """Whether record and text are the same."""
        return not self.record and not self.text


def compared(here: Side, there: Side, is_same_bytes: bool) -> Comparison:
    """In what two seeds differ."""
    both = Beside(here, there)
    text = tuple(
        Difference("", both.here.stretch(each.left, each.left_end), both.there.stretch(each.right, each.right_end))
        for each in both.passages
    )
    record = tuple(each for each in both.fields if not each.is_same)
    return Comparison(here.path, there.path, record, text, both.similarity, is_same_bytes)


class Beside:
    """Two seeds beside each other: their fields, and their words with the passages in which these differ."""

    def __init__(self, here: Side, there: Side) -> None:
        self.here = Read(here)
        self.there = Read(there)

    @cached_property
    def passages(self) -> Sequence[Passage]:
        """The passages in which the texts differ, in the words of both."""
        return passages(self.here.letters, self.there.letters)

    @property
    def similarity(self) -> float:
        """The share of words that both have, from 0 to 1."""
        left, right = self.here.letters, self.there.letters
        return similarity(left, right, self.passages) if left or right else 1.0

    @property
    def fields(self) -> Sequence[Difference]:
        """All fields of the records but the body, also those that are the same."""
        return [Difference(name, self.here.field(name), self.there.field(name)) for name in FIELDS if name != "body"]


class Read:
    """A seed with its words and its places."""

    def __init__(self, side: Side) -> None:
        self.side = side
        decoded = side.seen.decoded
        self.index = LineIndex(decoded.text, decoded.encoding or "utf-8")
        record = side.record
        first = record.first or 0
        self.words = words_of(record.masked[first : side.end], first, with_signs=True)
        self.letters = [word.letters for word in self.words]

    def span(self, first: int, end: int) -> Span:
        """The span of words from one to another."""
        return span_of_words(self.words, first, end, self.side.end)

    def stretch(self, first: int, end: int) -> Stretch:
        """Words of the article as people read them, without markup."""
        span = self.span(first, end)
        text = self.side.record.masked[slice(*span)].replace("\0", "")
        return Stretch(" ".join(text.split()), *self.index.positions(span))

    def field(self, name: str) -> Stretch:
        """The value of a field, and the place of its first reading."""
        if name == "dateline":
            dateline: Mapping[str, Any] = self.side.record.dateline() or {}
            text = ", ".join(str(value) for value in dateline.values() if value is not None)
        else:
            text = self.side.value("date" if name == "date_published" else name)
        reading = self.side.record.reading(name)
        if reading is None or reading.span is None or reading.basis is Basis.ATTESTED:
            return Stretch(text)
        return Stretch(text, *self.index.positions(reading.span))
