"""Sources as plain frozen values. `schema_file` reads them from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from validator.text.findings import Applicability, Severity

FIELDS = ("headline", "byline", "date_published", "dateline", "agency", "publisher", "source_url", "language", "body")
DAY_BYTES = 4
"""How many bytes of a sighting (`engine.reporting`) are the day: a date's ordinal, 0 if it is unknown."""

PLACE_SCORE = 10  # points for a path or a host that fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a source writes its texts: the part of it that rules may see."""

    container: str = "plain-text"
    markup: str = "text"
    language: str | None = None
    script: str = "auto"
    quotes: str = "auto"
    encoding: str = "utf-8"
    legacy: tuple[str, ...] = ()


class Place(NamedTuple):
    """One place a value may be read from. Exactly one of those up to `shared` is set, or `after`/`before` for the body."""

    front_matter: str | None = None
    pattern: str | None = None
    path: str | None = None
    url: str | None = None
    label: tuple[str, ...] = ()
    line: int | None = None  # the number of a line that is not empty, from 1, or from -1 at the end
    above: str | None = None  # a field
    below: str | None = None
    from_field: str | None = None
    value: str | tuple[str, ...] | None = None
    json_ld: str | None = None  # a path of keys in the JSON-LD of a page
    meta: str | None = None
    element: str | None = None  # a CSS selector
    link: str | None = None  # a `rel` of `link` elements
    time: str | None = None  # a CSS selector
    below_headline: str | None = None  # a pattern
    shared: tuple[Place, ...] = ()  # the value that two of these have
    after: str | None = None  # a field, "residue.NAME" or "pattern:…"
    before: str | None = None
    within_lines: int | None = None
    group: str = "value"  # the group of `pattern` that is the value
    part: str | None = None  # a pattern for the part of what the place gives that is the value
    attribute: str | None = None  # of `element`, read instead of its text
    format: str = "any"
    kind: str | None = None
    split: str | None = None
    strip_suffix: tuple[str, ...] = ()  # fields whose values are taken off the end


class Agreement(NamedTuple):
    """Two places that must agree. A record field is a place with `from_field`."""

    name: str
    rule: str
    left: Place
    right: Place
    relation: str
    tolerance_seconds: int = 0
    severity: Severity | None = None
    describes: str = ""


class Selector(NamedTuple):
    """HTML elements. Each tuple of globs that is not empty must fit."""

    tag: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    class_: tuple[str, ...] = ()
    href: tuple[str, ...] = ()
    src: tuple[str, ...] = ()

    def fits(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Whether the selector takes an element with these attributes."""
        if self.tag and tag not in self.tag:
            return False
        from fnmatch import fnmatchcase

        for name, globs in (("id", self.id), ("href", self.href), ("src", self.src)):
            if globs and not any(fnmatchcase(attributes.get(name, ""), glob) for glob in globs):
                return False
        classes = attributes.get("class", "").split()
        return not self.class_ or any(fnmatchcase(word, glob) for word in classes for glob in self.class_)


class Residue(NamedTuple):
    """One kind of residue that pages of the source leave."""

    name: str
    rule: str
    pattern: str | None = None
    from_pattern: str | None = None
    before: str | None = None  # a field or "pattern:…"
    to_end: bool = False
    element: Selector | None = None
    only_if_no_text: bool = False
    means: str = ""
    lifts: str | None = None
    at_most: float = 1.0
    leaves_at_least: int = 0
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """The settings of one rule in a source. `severity` "off" silences the rule."""

    severity: Severity | str | None = None
    applicability: Applicability | None = None
    options: dict[str, Any] = field(default_factory=dict)


class Identify(NamedTuple):
    """How a seed of the source is recognized."""

    paths: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    text: tuple[tuple[str, int], ...] = ()
    keys: tuple[str, ...] = ()
    any_key: frozenset[str] = frozenset()  # one of them must be there too, if there are any
    keys_score: int = 0
    at_least: int = PLACE_SCORE
    certain_from: int = PLACE_SCORE
    generic: bool = False  # every source that is not generic goes before it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """One source schema with its ancestors merged in. Picklable; equal to itself alone. `ancestors` are nearest first."""

    id: str
    title: str
    file: str
    ancestors: tuple[str, ...] = ()
    identify: Identify | None = None
    policy: Policy = Policy()
    time_zone: str | None = None
    date_order: str | None = None
    publishers: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    front_matter: str | None = None  # JSON text, so that the value can be hashed and shared
    places: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    required: dict[str, Severity] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()
    residues: tuple[Residue, ...] = ()
    rules: dict[str, RuleSetting] = field(default_factory=dict)
    examples: tuple[dict[str, Any], ...] = ()
    layouts: tuple[Layout, ...] = ()
    layout: str | None = None  # the name of the layout that is merged in; '' in a source with layouts, as written

    def places_of(self, name: str) -> tuple[Place, ...]:
        """The places of a field in all layouts, and as written."""
        own = self.places.get(name, ())
        if not self.layouts:
            return own
        return (*own, *(place for layout in self.layouts for place in layout.source.places.get(name, ())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One of several layouts of a source: when its seeds were published, what shows it, and the source with it merged in."""

    name: str
    source: Source
    valid_from: date | None = None
    valid_until: date | None = None  # the last day
    pattern: str | None = None


Sources = Mapping[str, Source]
