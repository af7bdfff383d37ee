"""For tests: archives of generated seeds, whose layout changes at a known seed or does not change."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256

from running import table
from test_source_schema import source

from validator.archive.face import own_sources
from validator.engine.reporting import sighting_of
from validator.engine.seen import look
from validator.sources.drift import Drift, Sightings, drift_of
from validator.sources.identify import Claim
from validator.sources.model import Source
from validator.text.places import LineIndex

KINDS: tuple[str, ...] = ("text", "front matter", "html")
WORDS = (
    "lamp",
    "harbour",
    "office",
    "counts",
    "its",
    "own",
    "doors",
    "two",
    "steps",
    "left",
    "bridge",
    "moved",
    "rain",
)
NAMES = ("A. Specimen", "Ann Sample", "Bo Third", "Chris Example", "Dana Placeholder")


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive is like. It changes to layout `after` at seed `at`; with `after` None it does not change.

    `missing` is the share of seeds without a byline, in runs of about `run` seeds. `names` says what paths look like: `dated`,
    `numbered` or `random`.
    """

    kind: str
    after: str | None
    at: int
    seeds: int = 1_000
    missing: float = 0.1
    run: int = 1
    names: str = "dated"
    chance: int = 0

    def layouts(self) -> tuple[str, str]:
        """The layout before and after."""
        described = table("drift", self.kind)
        before = after = described["before"]
        for old, new in described["after"][self.after].items() if self.after is not None else ():
            assert old in after, (self.after, old)
            after = after.replace(old, new)
        return before, after

    def written(self) -> Iterator[tuple[str, str]]:
        """The path and the text of each seed, in the order of their dates."""
        chance = random.Random(self.chance)
        before, after = self.layouts()
        day, is_missing = date(2015, 1, 5), False
        for number in range(self.seeds):
            leaves = 1 / self.run
            enters = leaves * self.missing / max(1 - self.missing, 0.01)
            is_missing = chance.random() >= leaves if is_missing else chance.random() < enters
            day += timedelta(chance.choice((0, 0, 1, 1, 2, 5)))
            yield self._path(number, day), _seed(before if number < self.at else after, day, is_missing, chance)

    def _path(self, number: int, day: date) -> str:
        ending: str = table("drift", self.kind)["ending"]
        if self.names == "random":
            return sha256(f"{number}".encode()).hexdigest()[:12] + ending
        if self.names == "numbered":
            return f"{number:05}-seed{ending}"
        return f"{day}-seed-{number:05}{ending}"


def _seed(layout: str, day: date, is_missing: bool, chance: random.Random) -> str:
    if is_missing:
        kept = (line for line in layout.splitlines(keepends=True) if "{byline}" not in line or "{headline}" in line)
        layout = "".join(kept).replace('"author": {{"@type": "Person", "name": "{byline}"}}, ', "")
    headline = " ".join(chance.choices(WORDS, k=6)).capitalize()
    body = " ".join(chance.choices(WORDS, k=40)).capitalize()
    text: str = layout.format(
        headline=headline, byline=chance.choice(NAMES), day=day, body=f"{body}.",
        long=f"{day.day} {day:%B} {day.year}", american=f"{day:%B} {day.day}, {day.year}",
        url=f"https://herald.example.org/{chance.randrange(10**6)}",
    )  # fmt: skip
    return text


@cache
def sources_of(kind: str) -> dict[str, Source]:
    """The sources with one called `new`, of this kind."""
    return {**own_sources(), "new": source(table("drift", kind)["schema"])}


def drift_in(archive: Archive) -> Drift:
    """The drift of an archive."""
    sightings, sources = Sightings(), sources_of(archive.kind)
    claim = Claim("new", "the test")
    for number, (path, text) in enumerate(sorted(archive.written())):
        seen = look(text.encode(), sources, path, claim)
        assert seen.record is not None
        sightings.add(number, path, None, sighting_of(seen.record, seen.source, LineIndex(text)))
    return drift_of(sightings)


def distance(archive: Archive, drift: Drift) -> int | None:
    """How many seeds lie between the true change and the nearest that was found; None if none was."""
    return min((abs(each.at - archive.at) for each in drift.changes), default=None)
