"""Aligning seeds: a candidate place is tried on all of them, and weighed by what it gives in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from validator.learning.samples import Sample
from validator.record.model import Reading
from validator.sources.model import Place, Source
from validator.sources.schema_file import place_of

Entry = Mapping[str, Any]
"""A place as a schema writes it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A place for a field, and what it gives in each seed: `None` where it gives nothing. `bonus` weighs what its label says."""

    field: str
    entry: Entry
    values: tuple[tuple[str, ...] | None, ...]
    good: int
    bad: int
    bonus: float = 0.0

    @property
    def flat(self) -> list[str]:
        """The values of the seeds that have some, each as one text."""
        return ["; ".join(value) for value in self.values if value]

    @property
    def is_one(self) -> bool:
        """Whether all seeds have the same value."""
        return len(self.flat) > 2 and len(set(self.flat)) == 1


class Aligner:
    """Tries places on seeds. `found` are the places chosen so far, which others may hang on."""

    def __init__(self, samples: Sequence[Sample], base: Source) -> None:
        self.samples = samples
        self.base = base
        self.found: dict[str, list[Choice]] = {}

    def source(self, field: str | None = None, places: Sequence[Place] = ()) -> Source:
        """The base with the places that were chosen, and others for one field."""
        chosen = {name: tuple(place_of(each.entry) for each in choices) for name, choices in self.found.items()}
        if field is not None:
            chosen[field] = tuple(places)
        return replace(self.base, places={**self.base.places, **chosen})

    def read(self, field: str, places: Sequence[Place]) -> list[tuple[tuple[str, ...] | None, bool]]:
        """What places give in each seed, and whether it is a date that cannot be read."""
        source = self.source(field, places)
        out = []
        for sample in self.samples:
            reader = sample.reader(source)
            readings = reader.of(field)
            out.append((tuple(map(told, readings)) or None, reader.malformed is not None))
        return out

    def tried(self, field: str, entry: Entry, fits: Callable[[str], bool], bonus: float = 0.0) -> Choice:
        """A place, tried on all seeds; a value is good if each of its parts fits."""
        read = self.read(field, [place_of(entry)])
        good = sum(values is not None and all(map(fits, values)) for values, _ in read)
        bad = sum(values is not None or malformed for values, malformed in read) - good
        return Choice(field, entry, tuple(values for values, _ in read), good, bad, bonus)

    def best(
        self,
        field: str,
        entries: Iterable[tuple[Entry, float]],
        fits: Callable[[str], bool],
        needed: float,
        may_be_one: bool = False,
    ) -> Choice | None:
        """The best of some places: right in enough seeds, different in different seeds, and in agreement with others."""
        number = len(self.samples)
        choices = {repr(entry): self.tried(field, entry, fits, bonus) for entry, bonus in entries}
        fitting = [
            each
            for each in choices.values()
            if each.good >= max(min(2, number), needed * number)
            and each.bad <= (0.34 if each.bonus > 0 else 0.1) * each.good
            and (may_be_one or not each.is_one)
        ]

        def weight(choice: Choice) -> float:
            agree = sum(_kind(choice) != _kind(other) and _agree(choice, other) for other in fitting)
            return choice.bonus + (choice.good - 2 * choice.bad) / number + 0.05 * min(agree, 4)

        return max(fitting, key=weight, default=None)  # of equals the first


def told(reading: Reading) -> str:
    """A value to compare with others: of a date the day."""
    date = reading.date
    if date is None:
        return reading.value
    return f"{date.year or 'XXXX'}-{date.month or 0:02}-{date.day or 0:02}"


def _kind(choice: Choice) -> str:
    """What kind of place it is: two lines that are the same line in other words do not support each other."""
    kind = next(iter(choice.entry), "")
    return "line" if kind in ("line", "above", "below") else kind


def _agree(one: Choice, other: Choice) -> bool:
    """Whether two places give the same in nearly all seeds in which both give something."""
    both = [(a, b) for a, b in zip(one.values, other.values, strict=True) if a and b]
    return len(both) > 0.5 * len(one.values) and sum(a == b for a, b in both) >= 0.9 * len(both)
