"""What a learned schema knows its seeds by in any folder: what recurs at the same lines and in the same order, and no less."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

import validator
from validator.archive.face import own_sources
from validator.learning.drafting import learn
from validator.sources.model import Source

NAMES = ("Ann Sample", "Ben Third", "Cleo Fourth", "Dora Fifth", "Ed Tryout", "Fay Model", "Gus Draft")
TOWNS = ("NORTHFORD", "WESTERLY", "SANDGAP", "EASTWICK", "PINHOLLOW", "MILLBROOK", "SOUTHEND")
TEXT = "This paragraph of a seed is about number {0}, and it goes on for as long as it has to until it ends here."
KNOWN = {
    "three labels in their order": "Lamp {0} is moved\nPlace: {2}\nWriter: {1}\nDay: {0} March 2020\n\n{3}\n",
    "labels above and below": "Lamp {0} is moved\nPublished: {0} March 2020\n\n{3}\n\nSend this on\nRelated stories\nLamp {0}\n",
    "labels in another script": "Лампа {0} снова стоит\nДата: {0}.03.2020\nТекст: {1}\n\n{3}\n\nПоделиться:\nДругие новости\n",
    "a name behind a label": "Lamp {0} is moved\nSource: Daily Nowhere Sheet {0} March 2020\n\n{3}\n\nShare this:\n",
    "a name inside of the first line": "{2}, March {0} (Placeholder News Desk) -- {3}\n\n{3}\n",
}
UNKNOWN = {
    "no label": "Lamp {0} is moved\n{0} March 2020\n\n{3}\n",
    "one label": "Lamp {0} is moved\nPublished: {0} March 2020\n\n{3}\n",
    "two labels that many have": "Lamp {0} is moved\nBy {1}\nDate: {0} March 2020\n\n{3}\n",
    "an agency that many print": "{2}, March {0} (Associated Press) -- {3}\n\n{3}\n",
    "a label at the end": "Lamp {0} is moved\n{0} March 2020\n\n{3}\n\nRead on\nLamp {0}\n",
}


def seeds_of(layout: str, number: int = 7) -> list[str]:
    given = zip(range(1, number + 1), NAMES, TOWNS, strict=False)
    return [layout.format(at, name, town, TEXT.format(at)) for at, name, town in given]


def source_of(seed: str, *drafts: tuple[str, str]) -> str | None:
    sources = dict(own_sources())
    for name, layout in drafts:
        learned = [(f"{name}/{at}.txt", text.encode()) for at, text in enumerate(seeds_of(layout)[:5])]
        sources[name] = learn(name, learned, sources).source
    return validator.validate(seed, sources=sources, path="elsewhere/a.txt").source


@pytest.mark.parametrize("name", KNOWN)
def test_seeds_are_known_in_any_folder(name: str) -> None:
    for seed in seeds_of(KNOWN[name])[5:]:
        assert source_of(seed, ("drafted", KNOWN[name])) == "drafted"


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_any_seed_may_have_tells_nothing(name: str) -> None:
    for seed in seeds_of(UNKNOWN[name])[5:]:
        assert source_of(seed, ("drafted", UNKNOWN[name])) != "drafted"


def test_no_draft_claims_the_seeds_of_another() -> None:
    every = KNOWN | UNKNOWN
    drafts = [(f"layout-{at}", layout) for at, layout in enumerate(every.values())]
    for (name, layout), kind in zip(drafts, every, strict=True):
        found = source_of(seeds_of(layout)[6], *drafts)
        assert found == name if kind in KNOWN else not str(found).startswith("layout-"), kind


@pytest.mark.parametrize("name", KNOWN)
def test_labels_in_another_order_or_elsewhere_are_not_the_source(name: str) -> None:
    seed = seeds_of(KNOWN[name])[6]
    lines = seed.split("\n")
    for changed in ("\n".join(lines[::-1]), f"{TEXT}\n\n{TEXT}\n\n{seed}", "\n".join(lines[2:])):
        assert source_of(changed, ("drafted", KNOWN[name])) != "drafted"


@given(st.lists(st.sampled_from([*NAMES, *TOWNS, "Published:", "Read on", TEXT, ""]), max_size=12))
def test_lines_by_chance_are_claimed_by_no_draft(lines: list[str]) -> None:
    found = validator.validate("\n".join(lines), sources={**own_sources(), **drafts()}, path="a.txt").source
    assert not str(found).startswith("layout-")


@cache
def drafts() -> dict[str, Source]:
    out = {}
    for at, layout in enumerate(KNOWN.values()):
        learned = [(f"{number}.txt", text.encode()) for number, text in enumerate(seeds_of(layout)[:5])]
        out[f"layout-{at}"] = learn(f"layout-{at}", learned, dict(own_sources())).source
    return out
