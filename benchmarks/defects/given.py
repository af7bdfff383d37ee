"""What the injectors of the benchmarks share: keys of the front matter, and what a sidecar says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from validator.defects.seeds import INJECTORS, Base, Change, Given, Injected, Injector, Span, entries, put

TODAY = date(2030, 1, 1)  # after every date of a specimen, so that only what is injected lies in the future

# Rules about no defect of a seed, which nothing that is put into one can bring about, and what shows instead that they speak.
NOT_INJECTED: Mapping[str, str] = {
    "repair-rejected": "it is about a repair that a guard turned down: the rogue rules of tests/test_repairing.py",
    "repair-cycle": "it is about fixes that undo each other, which no two rules have: the rogue rules again",
    "event-unstaged": "it is about what is staged beside a seed: the repositories of tests/test_git.py",
}

COMMENT = re.compile(r"^<!--(\d{13})-->$", re.MULTILINE)
FENCE = (Span(0, 3),)  # where a finding stands that is about something that the front matter does not have


def sidecar_of(base: Base) -> dict[str, Any]:
    """What the base's sidecar says; empty where it has none."""
    import yaml

    text = base.given.sidecar
    # Every scalar as the text it is, as the program reads it: `on` is no truth value.
    loaded = yaml.load(text, Loader=yaml.BaseLoader) if isinstance(text, str) else None  # noqa: S506 - makes texts only
    return loaded if isinstance(loaded, dict) else {}


def with_sidecar(given: Given, said: dict[str, Any]) -> Given:
    """The same seed with another sidecar, none where it says nothing."""
    import yaml

    said = {key: value for key, value in said.items() if value}
    return replace(given, sidecar=yaml.safe_dump(said, allow_unicode=True, sort_keys=False) if said else None)


def without_attested(base: Base, field: str) -> Given | None:
    """The base's circumstances with one value less in its sidecar; None where it attests no such value."""
    said = sidecar_of(base)
    record = dict(said.get("record", {}))
    if record.pop(field, None) is None:
        return None
    return with_sidecar(base.given, {**said, "record": record})


def attesting(base: Base, **values: Any) -> Given:
    """The base's circumstances with values attested in its sidecar."""
    said = sidecar_of(base)
    attested = {field: {"value": value, "basis": "put in by a benchmark"} for field, value in values.items()}
    return with_sidecar(base.given, {**said, "record": {**said.get("record", {}), **attested}})


def accepting(base: Base, *acceptances: dict[str, Any]) -> Given:
    """The base's circumstances with acceptances in its sidecar."""
    said = sidecar_of(base)
    return with_sidecar(base.given, {**said, "accept": [*said.get("accept", []), *acceptances]})


def entry_of(base: Base, key: str) -> tuple[Span, Span] | None:
    """The line and the value of a key of the base's front matter."""
    return entries(base.text).get(key)


def with_value(base: Base, key: str, written: str, **said: Any) -> Injected | None:
    """The base with another value for a key; a finding is expected at the value unless `marks` are given."""
    entry = entry_of(base, key)
    return put(base, Change(*entry[1], written), **said) if entry else None


# Under which key of the posts' front matter a field of the record stands.
KEY_OF = {"headline": "title", "byline": "author", "date_published": "date", "source_url": "from"}


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def injectors(rule: str) -> Iterator[Injector]:
    """The injectors of a rule, in turn, for ever."""
    while True:
        yield from INJECTORS[rule]
