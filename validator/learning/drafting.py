"""The text of a schema that was learned from seeds, each guess with a comment that says on what it rests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from validator.engine.checking import check_seed
from validator.learning.aligning import Aligner, Choice
from validator.learning.correcting import severity_of
from validator.learning.examples import examples_in
from validator.learning.furniture import Furniture, furniture_in
from validator.learning.identifying import (
    AT_LEAST,
    CERTAIN,
    Fingerprint,
    are_telling,
    examples_of,
    fingerprints_of_pages,
    fingerprints_of_text,
    hosts_of,
)  # fmt: skip
from validator.learning.keyed_places import KIND_OF, KeyedPlaces, keys_of
from validator.learning.language import language_of
from validator.learning.matter_schema import matter_schema
from validator.learning.pointed import FURNITURE, Pointed, furniture_for, point
from validator.learning.samples import Line, has_digits, samples_of, width
from validator.learning.text_places import TextPlaces, order_of
from validator.record.places import folded_names
from validator.sources.identify import Claim, script_of
from validator.sources.model import FIELDS, Source, Sources
from validator.sources.schema_editing import FILL_IN, flow, key_of, quoted
from validator.sources.schema_file import read_sources
from validator.text.errors import ConfigError
from validator.text.places import plural, shown
from validator.text.tables import own_schema

_MOST_CHECKED = 20
_PARENTS = ("base", "article", "jekyll-post", "html-page")


@dataclass(frozen=True, slots=True)
class Draft:
    """A schema that was learned: its text, and the source that it describes."""

    text: str
    source: Source


@lru_cache(maxsize=64)
def source_of(identifier: str, text: str) -> Source:
    """The source that a schema describes, which extends one of the program's own. Raises ConfigError."""
    own = [(f"{name}.yaml", own_schema(f"{name}.yaml")) for name in _PARENTS]
    return read_sources([*own, (f"{identifier}.yaml", text)])[identifier]


def learn(
    identifier: str, seeds: Sequence[tuple[str, bytes]], sources: Sources, pointed: Sequence[Pointed] = ()
) -> Draft:
    """Draft the schema of a source called `identifier` from seeds, as pairs of name and bytes.

    A value that a curator has `pointed` at decides the place of its field.

    `sources` are those that are known: what is drafted must not claim their seeds. The same seeds always give the same draft.
    A seed that is not text is left out, and the draft says so. Raises ConfigError for a bad id, and if no seed is text.
    """
    if not seeds:
        raise ConfigError("no seed to learn a schema from")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", identifier):
        raise ConfigError(f'"{identifier}" is not an id: small letters, digits and single hyphens')
    drafting = _Drafting(identifier, seeds, sources, pointed)
    text = drafting.text()
    text += drafting.rules(source_of(identifier, text))
    text += examples_in(source_of(identifier, text), drafting.samples, sources)
    return Draft(text, source_of(identifier, text))


class _Drafting:
    """Drafts one schema."""

    def __init__(
        self, identifier: str, seeds: Sequence[tuple[str, bytes]], sources: Sources, pointed: Sequence[Pointed]
    ) -> None:
        samples, self.left_out = samples_of(seeds)
        self.identifier, self.samples, self.sources = identifier, samples, sources
        self.number = len(samples)
        self.others = examples_of(sources, identifier)
        self.has_matter, self.are_pages = samples[0].kind == "front matter", samples[0].kind == "page"
        self.language, self.told, self.by = language_of(samples)
        layouts = {str(each.matter.values.get("layout")) for each in samples if each.matter is not None}
        of_matter = "jekyll-post" if layouts == {"post"} else "article"
        self.parent = of_matter if self.has_matter else "html-page" if self.are_pages else "base"
        languages = (self.language,) if self.language else ()
        self.order = order_of(samples, languages)
        base = source_of(self.parent, own_schema(f"{self.parent}.yaml"))
        self.aligner = Aligner(samples, _with(base, self.order, self.language))
        values = [each for each in pointed if each.field != FURNITURE]
        for number, each in enumerate(values):
            point(self.aligner, each, values[:number])
        self.keyed: KeyedPlaces | None = None
        self.furniture: list[Furniture] = []
        if self.has_matter or self.are_pages:
            self.keyed = KeyedPlaces(self.aligner)
            self.keyed.find()
        else:
            TextPlaces(self.aligner, self.order, languages).find()
        if not self.are_pages:
            self.furniture = furniture_in(samples, self._taken())
        others = [each for each in pointed if each.field == FURNITURE]
        self.furniture += [furniture_for(each, self.aligner, number) for number, each in enumerate(others, 1)]

    def _taken(self) -> list[list[Line]]:
        """The lines of each seed that hold a value of its record."""
        taken, source = [], self.aligner.source()
        for each in self.samples:
            reader, content = each.reader(source), each.matter.span.end if each.matter is not None else 0
            readings = [reading for name in FIELDS if name != "body" for reading in reader.of(name)]
            starts = [one.span.start for one in readings if one.span is not None and one.pointer is None]
            above = {each.text.count("\n", content, each.normal.normal(start)) for start in starts}
            taken.append([line for line in each.lines if line.above in above])
        return taken

    def of(self, count: int) -> str:
        """A comment that says on how many seeds a guess rests."""
        return f"# {count} of {self.number} seeds"

    def text(self) -> str:
        """The schema's text."""
        title, why = self._title()
        count = plural(self.number, "seed")
        lines = [
            f"# Drafted from {count} by `validator sources learn`. Behind each guess: on how many seeds it rests.",
            f"# Read it, fill in what is open, then run `validator sources try {self.identifier}.yaml SEEDS`.",
            *(f"# Left out: {shown(said, 120)}" for said in self.left_out),
            f"id: {key_of(self.identifier) if not self.identifier.isdecimal() else quoted(self.identifier)}",
            f"title: {title}    # {why}",
            f"extends: {self.parent}",
            *self._identify(),
            *self._format(),
        ]
        if self.has_matter:
            lines += self._front_matter()
        lines += ["", *self._record()]
        if not self.has_matter and not self.are_pages:
            scripts = {script_of(each.text) for each in self.samples}
            named = {"han": "cjk", "kana": "cjk", "latin": "latin"}.get(min(scripts), "auto")
            lines.append(f"text: {{script: {named if len(scripts) == 1 else 'auto'}}}")
        lines += self._residue()
        return "\n".join([*lines, ""])

    def _title(self) -> tuple[str, str]:
        if self.are_pages:
            names = {next((value for value, _ in each.page.meta("og:site_name")), "") for each in self.samples}
            if len(names) == 1 and (name := min(names)):
                return quoted(name), "the site's name in all seeds"
            if self.keyed is not None and self.keyed.site:
                return quoted(self.keyed.site), "in the titles of all seeds"
        first = {each.lines[0].text if each.lines else "" for each in self.samples}
        if self.number > 1 and len(first) == 1 and self.furniture and width(min(first)) > 3:
            return quoted(min(first)), "the first line of all seeds"
        return f"{FILL_IN} what the source is", "in a few words"

    # identification

    def _identify(self) -> list[str]:
        addresses = [*self.aligner.found.get("source_url", ()), *filter(None, [self._generic("source_url")])]
        hosts = hosts_of([value for choice in addresses for value in choice.flat])
        lines = [
            "identify:",
            f"  paths: [{quoted(f'**/{self.identifier}/**')}]    # a folder with the name of the source",
        ]
        if hosts:
            lines.append(f"  hosts: {flow(hosts)}    {self.of(len(addresses[0].flat))}")
        if self.has_matter:
            return lines + self._keys()
        entries = [choice.entry for choices in self.aligner.found.values() for choice in choices]
        labels, base = [str(entry["label"]) for entry in entries if "label" in entry], self.aligner.base
        prints = (
            fingerprints_of_pages(self.samples, self.others)
            if self.are_pages
            else fingerprints_of_text(self.samples, self.furniture, labels, folded_names(base.agencies), self.others)
        )
        return lines + self._fingerprints(prints)

    def _generic(self, field: str) -> Choice | None:
        return self.keyed.generic.get(field) if self.keyed is not None else None

    def _fingerprints(self, prints: Sequence[Fingerprint]) -> list[str]:
        if not prints:
            return ["  # nothing in their text tells these seeds from others: they are known by their folder only"]
        lines = ["  text:"]
        lines += [
            f"    - {{pattern: {quoted(each.pattern)}, score: {each.score}}}    {self.of(each.seeds)}"
            for each in prints
        ]
        return [*lines, f"  at_least: {AT_LEAST}", f"  certain_from: {CERTAIN}"]

    def _keys(self) -> list[str]:
        shared = [key for key in self._matters()[0] if all(key in each for each in self._matters())]
        if not shared:
            return []
        keys = ", ".join(map(key_of, shared))
        score = AT_LEAST if are_telling(shared, self.others) else 3
        lines = [f"  keys: {{all: [{keys}], score: {score}}}    {self.of(self.number)}"]
        return [*lines, f"  at_least: {AT_LEAST}", f"  certain_from: {CERTAIN}"]

    def _matters(self) -> list[dict[str, Any]]:
        return [each.matter.values for each in self.samples if each.matter is not None]

    # format, language, front matter

    def _format(self) -> list[str]:
        container = "front-matter" if self.has_matter else "html" if self.are_pages else "plain-text"
        dialects = Counter(each.matter.dialect for each in self.samples if each.matter is not None)
        said = f"    # in {', '.join(sorted(dialects))}" if self.has_matter else ""
        lines = [f"container: {container}{said}"]
        if self.has_matter:
            texts = [each.text[each.matter.span.end :] for each in self.samples if each.matter is not None]
            is_html = all(re.search(r"<(?:p|div|article)[\s>]", text) for text in texts)
            lines.append(f"body: {'html' if is_html else 'markdown'}")
        if self.language:
            lines.append(f"language: {self.language}    # {self.by}, in {self.told} of {self.number} seeds")
        else:
            lines.append("# language: en    # not sure: name it if you know it (BCP 47); repairs need it")
        if self.order:
            lines.append(f"date_order: {self.order}    # the only way to read all dates")
        lines.append("# time_zone: Europe/London    # of dates that say none; name it if you know it")
        encodings = [str(each.decoded.encoding) for each in self.samples]
        legacy = Counter(name for name in encodings if not name.startswith(("utf", "ascii")))
        if legacy:
            lines.append(f"encoding: {{legacy: [{', '.join(sorted(legacy))}]}}    {self.of(sum(legacy.values()))}")
        return lines

    def _front_matter(self) -> list[str]:
        read = {name: self._key_for(name) for name in KIND_OF}
        roles = {key.partition(".")[0] for key in read.values() if key}
        schema, notes = matter_schema(self._matters(), roles, read["byline"])
        lines = ["front_matter:", "  type: object", f"  required: {flow(schema['required'])}", "  properties:"]
        lines += [f"    {key_of(key)}: {flow(kind)}    # {notes[key]}" for key, kind in schema["properties"].items()]
        if "additionalProperties" in schema:
            lines.append(f"  additionalProperties: false    # no key is in fewer than 3 of {self.number} seeds")
        return lines

    def _key_for(self, name: str) -> str:
        """The key of the front matter from which a field is read."""
        own = [choice.entry.get("front_matter") for choice in self.aligner.found.get(name, ())]
        place = self.keyed.place_in(name) if self.keyed is not None and self._generic(name) is not None else None
        return str(next(filter(None, [*own, place.front_matter if place is not None else None]), ""))

    # the record

    def _record(self) -> list[str]:
        required, lines = dict[str, str | None](), list[str]()
        for name in FIELDS:
            if name in ("body", "publisher", "language"):
                continue
            choices, generic = self.aligner.found.get(name, ()), self._generic(name)  # a place of their own goes first
            if choices:
                number = sum(any(values) for values in zip(*(choice.values for choice in choices), strict=True))
                lines.append(f"  {name}:    {self.of(number)}")
                lines += [f"    - {flow(choice.entry)}" for choice in choices]
            elif generic is not None:
                number = generic.good
                where = _where(self.keyed, name)
                lines.append(f"  # {name}: read as in `{self.parent}`{where}, {number} of {self.number} seeds")
            else:
                number = 0
                lines += self._missing(name)
            if name in ("headline", "byline", "date_published") and number:
                required[name] = severity_of(name, number, self.number)
            if name == "source_url" and not number and self.parent == "base":
                required[name] = "optional"
        lines += self._body()
        required = {name: severity for name, severity in required.items() if severity is not None}
        if required:
            lines.insert(0, f"  required: {flow(required)}    # not in all seeds, or the seeds are too few to say")
        return ["record:" if any(not line.lstrip().startswith("#") for line in lines) else "# record:", *lines]

    def _body(self) -> list[str]:
        """Where the body is, if values are below it."""
        if self.has_matter or self.are_pages:
            return []
        source, below = self.aligner.source(), Counter[str]()
        for each in self.samples:
            reader = each.reader(source)
            end = each.text.find(each.tail[0].raw) if each.tail and len(each.tail) < len(each.lines) else len(each.text)
            for name in ("byline", "date_published", "source_url"):
                reading = reader.first(name)
                if reading is not None and reading.span is not None and each.normal.normal(reading.span.start) >= end:
                    below[name] += 1
        ends = [name for name, count in below.items() if count > 0.5 * len(self.aligner.found[name][0].flat)]
        if not ends:
            return []
        after = {"after": "headline"} if "headline" in self.aligner.found else {}
        order = sorted(ends, key=lambda name: self._line_of(name))
        places = [after | {"before": name} for name in order] + ([after] if after else [])
        return ["  body:    # its end is above values that are below it", *(f"    - {flow(place)}" for place in places)]

    def _line_of(self, name: str) -> int:
        """How far down a field is in the first seed that has it."""
        for each in self.samples:
            reading = each.reader(self.aligner.source()).first(name)
            if reading is not None and reading.span is not None:
                return reading.span.start - len(each.text)
        return 0

    def _missing(self, name: str) -> list[str]:
        if name not in ("headline", "byline", "date_published"):
            return []
        return [
            f"  # {name}: {FILL_IN} a place; none fits enough of the seeds{self._nearest(name)}",
            f"  #   If the seeds have none, write `required: {{{name}: optional}}` instead.",
        ]

    def _nearest(self, name: str) -> str:
        """What looks most like a field that was not found: a line, or the keys that nothing reads."""
        if self.has_matter:
            read = {choice.entry.get("front_matter") for choices in self.aligner.found.values() for choice in choices}
            keys = [
                key for key in dict.fromkeys(key for each in self.samples for key in keys_of(each)) if key not in read
            ]
            return f"; keys are {shown(', '.join(keys), 80)}" if keys else ""
        near = self._nearest_line(name)
        return f"; nearest is line {near[1]} of {shown(near[0], 60)}: {shown(near[2], 60)}" if near else ""

    def _nearest_line(self, name: str) -> tuple[str, int, str] | None:
        is_date = name == "date_published"
        for each, taken in zip(self.samples, self._taken(), strict=True):
            for line in (*each.head, *each.tail):
                if is_date == has_digits(line.text) and width(line.text) <= 100 and line not in taken:
                    return each.name.rpartition("/")[2], line.number, line.text
        return None

    def rules(self, source: Source) -> str:
        """Rules that the parent turns off, turned on again where no seed has a finding of them."""
        off = [name for name, setting in source.rules.items() if setting.severity == "off"]
        if not off or self.number < 2:
            return ""
        on = replace(source, rules={name: setting for name, setting in source.rules.items() if name not in off})
        known, claim = {**self.sources, source.id: on}, Claim(source.id, "its schema")
        found = {
            each.rule
            for sample in self.samples[:_MOST_CHECKED]
            for each in check_seed(sample.data, known, path=sample.name, claim=claim).findings
        }
        clean = [f"{name}: info" for name in off if name not in found]
        return f"rules: {{{', '.join(clean)}}}    # no seed has a finding of these\n" if clean else ""

    def _residue(self) -> list[str]:
        if not self.furniture:
            return []
        return ["residue:", *(f"  - {flow(each.entry)}    {self.of(each.seeds)}" for each in self.furniture)]


def _where(keyed: KeyedPlaces | None, name: str) -> str:
    place = keyed.place_in(name) if keyed is not None else None
    if place is None:
        return ""
    for key in ("front_matter", "json_ld", "meta", "element", "time", "link"):
        if getattr(place, key) is not None:
            return f" ({key}: {getattr(place, key)})"
    return " (the path)" if place.path is not None else ""


def _with(source: Source, order: str | None, language: str | None) -> Source:
    policy = replace(source.policy, language=language or source.policy.language)
    return replace(source, date_order=order or source.date_order, policy=policy)
