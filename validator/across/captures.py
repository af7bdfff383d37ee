"""Two captures of one article: in what their records and their texts differ, with the places in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from validator.engine.neighbours import Side, span_of_words
from validator.record.likeness import passages, similarity, words_of
from validator.sources.model import FIELDS
from validator.text.findings import Basis
from validator.text.places import LineIndex, Position, Span


class Stretch(NamedTuple):
    """A piece of a text, and where it begins and ends; None if it is not in the text, but beside it or in the path."""

    text: str
    start: Position | None = None
    end: Position | None = None


class Difference(NamedTuple):
    """Something that is not the same in two seeds: a field of the record, or a passage of the text ('')."""

    field: str
    here: Stretch
    there: Stretch


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
    sides = (_Read(here), _Read(there))
    one, other = (read.words for read in sides)
    left, right = [word.letters for word in one], [word.letters for word in other]
    differing = passages(left, right)
    text = tuple(
        Difference(
            "",
            sides[0].stretch(span_of_words(one, each.left, each.left_end, here.end)),
            sides[1].stretch(span_of_words(other, each.right, each.right_end, there.end)),
        )
        for each in differing
    )
    share = similarity(left, right, differing) if left or right else 1.0
    return Comparison(here.path, there.path, tuple(_fields(*sides)), text, share, is_same_bytes)


class _Read:
    """A seed with its words and its places."""

    def __init__(self, side: Side) -> None:
        self.side = side
        decoded = side.seen.decoded
        self.index = LineIndex(decoded.text, decoded.encoding or "utf-8")
        record = side.record
        first = record.first or 0
        self.words = words_of(record.masked[first : side.end], first, with_signs=True)

    def stretch(self, span: Span) -> Stretch:
        """A passage of the article as people read it, without markup."""
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


def _fields(here: _Read, there: _Read) -> Sequence[Difference]:
    pairs = ((name, here.field(name), there.field(name)) for name in FIELDS if name != "body")
    return [Difference(name, one, other) for name, one, other in pairs if one.text != other.text]
