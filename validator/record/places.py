"""Reading the places that a source names: front matter, patterns, elements of a page, the path, the address."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from validator.parsing.bylines import may_hold_several, names_in
from validator.parsing.dates import DateValue, assign_zone, read_date
from validator.parsing.front_matter import FrontMatter, value_offsets
from validator.parsing.located import pointer_step, value_at
from validator.record.headings import is_of_site, names_of_site, shared, without_suffix
from validator.record.model import Reading, has_prose, month_in, number_in
from validator.sources.json_schema import is_uri
from validator.sources.model import Place, Source
from validator.text.errors import ConfigError
from validator.text.findings import Basis
from validator.text.patterns import Match, Subject, escaped, group_in, late
from validator.text.places import Normal, Span, fold_whitespace

if TYPE_CHECKING:
    from validator.parsing.pages import Page, Said

_OF_LINES = ("byline", "date_published")
# When the file was made, if a key for the article's date is there and empty.
_OF_FILE = frozenset(("created", "created_at", "createdAt"))
_FLAGS = frozenset(("true", "false", "True", "False", "yes", "no"))  # `published: true` is no date
_WEB = late("https?://", re.IGNORECASE)
# An address of the web or of mail, a handle, or the words of a link to more: `View all posts`, `More from this author`.
_NO_NAME = late(
    r"https?://|\bwww\.|^@|\w@\w|\b(?:this|the) author\b|\bauthor(?:'s|’s|s)? (?:page|profile|bio|archive)"
    r"|^\W*(?:view|see|read|show|learn|find out|browse) (?:all|more|author|full|other|profile)\b"
    r"|^\W*(?:(?:all|more|other|latest|recent) (?:posts?|articles?|stories|from|by)"
    r"|alle (?:artikel|beiträge|berichte)|mehr (?:von|zu)|tous (?:les|ses) articles|plus d['’e]|más (?:de|artículos|noticias)"
    r"|ver (?:más|todos|todas)|leggi (?:tutti|gli|altri)|meer (?:van|over)|alle artikelen)\b",
    re.IGNORECASE,
)
_SPACES = " \t\u00a0\u3000"
_GROUPS = frozenset(["place", "year", "month", "day", "agency"])  # of a pattern, that say something beside the value


def is_address(value: str) -> bool:
    """Whether a value may be the address of a page: a URI of the web."""
    return _WEB.match(value) is not None and is_uri(value)


def zoned(value: DateValue, source: Source) -> DateValue:
    """The date, with the source's time zone if it has none. Raises ConfigError if this machine does not know the zone."""
    if not source.time_zone:
        return value
    try:
        return assign_zone(value, source.time_zone)
    except KeyError:  # trouble with the machine, not with the seed: an offset is never guessed
        message = f"time zone {source.time_zone!r} is not known on this machine: install the package tzdata"
        raise ConfigError(message, source.file) from None


@lru_cache(maxsize=256)
def folded_names(names: tuple[str, ...]) -> frozenset[str]:
    """Names in lower case, to compare others with."""
    return frozenset(name.casefold() for name in names)


_NumberedPlace = tuple[int, Place, str | None]
"""The number of a place, from 1 on, and the key at the top of the front matter that it needs."""


@lru_cache(maxsize=256)
def _numbered_places(source: Source) -> Mapping[str, tuple[_NumberedPlace, ...]]:
    return {
        name: tuple(
            (number, place, place.front_matter.partition(".")[0] if place.front_matter is not None else None)
            for number, place in enumerate(places, 1)
        )
        for name, places in source.places.items()
    }


class Side(NamedTuple):
    """One side of an agreement, and the fields that are read from the same place first. Usually one of them was read already."""

    place: Place
    fields: tuple[str, ...]


def side_of(source: Source, place: Place) -> Side:
    """One side of an agreement of a source."""
    names = ("headline", "date_published", "source_url") if place.front_matter or place.shared else ()
    return Side(place, tuple(name for name in names if source.places.get(name, ())[:1] == (place,)))


LABEL_LINES = 15
"""In how many lines at the top a label is looked for, unless its place says how many."""

_LONGEST_LINE = 300  # characters; a longer line is a paragraph
_LINE = late(r"[^\n]*[^\s\ufeff][^\n]*")  # one that is not empty


@lru_cache(maxsize=256)
def label_pattern(labels: tuple[str, ...]) -> str:
    """A pattern for the value behind one of these labels, in any case, up to the end of its line.

    The label begins the line, after signs of Markdown or a table, or a bracket, at most. One with a colon, which may be a
    full-width one, may also come after a space or a bar; one without needs a space, a tab, a colon or a bar after it.
    """
    pieces = []
    for label in labels:
        words, colon = label.rstrip(":： \t"), label.rstrip()[-1:] in (":", "：")
        said = r"[ \t]+".join(map(escaped, words.split()))
        mark = r"[ \t*_]*[:：][ \t*_]*"
        bare = r"[ \t*_]*[|\t][ \t]*|[ \t\x{a0}\x{3000}]+"
        pieces.append(f"{said}{mark}" if colon else f"{said}(?:{mark}|{bare})")
        if colon:
            pieces.append(rf"[^\n]*[ \t\x{{3000}}|｜]{said}{mark}")
    value = r"(?P<value>[^\n]*?[^\s|*_])[ \t|*_]*$"
    return rf"(?i)^[ \t\x{{a0}}\x{{3000}}|>#*_(（【\[-]*(?:{'|'.join(pieces)}){value}"


@dataclass
class PlaceReader:
    """Reads the places of one seed, and keeps what several of them share."""

    source: Source
    text: str  # as found
    normal: Normal
    subject: Subject  # of `normal.text`
    front_matter: FrontMatter | None
    path: str | None
    is_page: bool = False
    languages: tuple[str, ...] = ()  # the seed's own, then the source's
    readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)
    malformed: Reading | None = None
    bad_url: Reading | None = None
    empty: dict[str, Span] = field(default_factory=dict)
    unread: dict[str, Span] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)  # of the place that gave a field's value, from 1 on
    _values: Mapping[str, Any] = field(init=False)  # of the front matter
    _places: Mapping[str, tuple[_NumberedPlace, ...]] = field(init=False)
    _site_names: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._values = self.front_matter.values if self.front_matter is not None else {}
        self._places = _numbered_places(self.source)

    @cached_property
    def page(self) -> Page:
        """The seed as an HTML page, parsed when a place first asks for it."""
        from validator.parsing.pages import Page

        return Page(self.subject.text)

    # places

    def of(self, name: str) -> tuple[Reading, ...]:
        """All values of a field, as the text states or the schema assigns them."""
        readings = self.readings.get(name)
        if readings is not None:
            return readings
        self.readings[name] = readings = ()  # two fields that each ask for the other: neither answers
        for number, place, key in self._places.get(name, ()):
            if key is not None and (key not in self._values or (key in _OF_FILE and name in self.empty)):
                continue
            found = self._place(place, name)
            if not found:
                continue
            is_last = name not in ("byline", "headline") or not self._is_publisher(found)
            if is_last or not readings:
                readings, self.numbers[name] = found, number
            if is_last:
                break
        else:
            if name == "byline" and self.is_page:
                readings = tuple(each._replace(kind=each.kind or "publisher") for each in readings)
        self.readings[name] = readings
        return readings

    def with_place(self, name: str, place: Place) -> tuple[Reading, ...]:
        """What one place gives for a field."""
        return self._place(place, name)

    def first(self, name: str) -> Reading | None:
        """The first value of a field."""
        readings = self.of(name)
        return readings[0] if readings else None

    def _is_publisher(self, found: tuple[Reading, ...]) -> bool:
        """Whether a page gives the name of its publisher as its author or headline: a later place may say more."""
        names = self.site_names(("publisher", "source_url")) if self.is_page else frozenset()
        return bool(names) and all(is_of_site(reading.value, names) for reading in found)

    def site_names(self, fields: tuple[str, ...]) -> frozenset[str]:
        """What all places of these fields say, to compare a value with."""
        if fields not in self._site_names:
            places = [(place, name) for name in fields for place in self.source.places.get(name, ())]
            values = [reading.value for place, name in places for reading in self._stated(place, name)]
            self._site_names[fields] = names_of_site([*values, *self.source.publishers])
        return self._site_names[fields]

    def _place(self, place: Place, name: str) -> tuple[Reading, ...]:
        """The values found at a place, read as field `name`."""
        readings = self._stated(place, name)
        if place.strip_suffix:
            names = self.site_names(place.strip_suffix)
            readings = tuple(self._without_suffix(reading, names) for reading in readings)
        if name == "byline":
            parts = [part for reading in readings for part in self._names(reading, place.split)]
            readings = (
                tuple({part.value: part for part in reversed(parts)}.values())[::-1] if self.is_page else tuple(parts)
            )
            if place.kind:
                readings = tuple(reading._replace(kind=place.kind) for reading in readings)
        elif name == "source_url":
            return self._addresses(readings)
        elif name == "date_published":
            return self._date(readings, place)
        return readings

    def side(self, side: Side) -> Reading | None:
        """What an agreement compares: a place as the text has it, without any sidecar."""
        place, fields = side
        if place.from_field is not None:
            return self.first(place.from_field)
        for name in fields:
            read = self.first(name)
            if read is not None and read.pointer is not None:
                return read
        found = self._stated(place, "")
        return found[0] if found else None

    def unplaced(self, side: Side) -> Reading | None:
        """Like `side`, but the value of a pattern has no span: a span is needed only if the sides differ."""
        place = side.place
        if place.pattern is None or place.part is not None:
            return self.side(side)
        match = self.subject.search(place.pattern, place.within_lines)
        said = match.text(place.group) if match is not None else None
        return Reading(self._folded(said), Basis.STATED) if said and not said.isspace() else None

    def _stated(self, place: Place, name: str) -> tuple[Reading, ...]:
        key = place.front_matter
        readings = self._whole(place, name) if key is None else self._from_front_matter(key, name)
        return readings if place.part is None else self._parts_of(readings, place.part)

    def _whole(self, place: Place, name: str) -> tuple[Reading, ...]:
        """The values at a place outside the front matter, whatever part of them is wanted."""
        pattern = label_pattern(place.label) if place.label else place.pattern
        if pattern is not None:
            lines = place.within_lines or (LABEL_LINES if place.label else None)
            match = self.subject.search(pattern, lines)
            found = self._from_match(match, place.group, is_of_field=bool(name)) if match is not None else ()
            return () if name in _OF_LINES and self._is_of_article(found, name) else found
        if place.shared:
            agreed = shared([self._all(each, name) for each in place.shared])
            return (agreed,) if agreed is not None else ()
        if self.is_page and (found := self._on_page(place)):
            if name == "date_published" and place.below_headline is not None:
                found = tuple(each for each in found if self._date_in(each, place)[0] is not None)
            return self._authors(place, found) if name == "byline" else found[:1]
        if place.path is not None or place.url is not None:
            return self._from_name(place)
        if place.line is not None:
            return self._unless_taken(self._numbered_line(place.line), name)
        if place.above is not None or place.below is not None:
            found = self._beside(place.above or place.below or "", is_above=place.above is not None)
            return self._unless_taken(found, name)
        if place.from_field is not None:
            return self.of(place.from_field)
        if place.value is not None:
            values = (place.value,) if isinstance(place.value, str) else place.value
            note = f"assigned by {self.source.id}"
            return tuple(Reading(value, Basis.ASSIGNED, note=note) for value in values)
        return ()

    def _is_of_article(self, found: tuple[Reading, ...], name: str) -> bool:
        """Whether what a generic source found belongs to the article: it is in the headline, or a line between paragraphs."""
        span = found[0].span if found else None
        if span is None or self.source.identify is None or not self.source.identify.generic or self.is_page:
            return False
        headline = self.first("headline")
        if headline is not None and headline.span is not None and headline.span.holds(span):
            return True
        lines = found[0].lines or span
        return name == "byline" and has_prose(self.text[: lines.start]) and bool(self.text[lines.end :].strip())

    def _all(self, place: Place, name: str) -> tuple[Reading, ...]:
        """All values of a place, without the suffixes that it strips."""
        readings = (self._on_page(place) if self.is_page else ()) or self._stated(place, name)
        names = self.site_names(place.strip_suffix) if place.strip_suffix else frozenset()
        return tuple(self._without_suffix(reading, names) for reading in readings)

    def _below_headline(self, pattern: str) -> Iterator[Reading]:
        for text, line in self.page.below_headline:
            value = fold_whitespace(group_in(pattern, text, "value") or "")
            if value:
                at = self.subject.text.find(value, line.start, line.end)
                span = line if at < 0 else Span(at, at + len(value))
                yield Reading(value, Basis.STATED, self.normal.span(*span), lines=self.normal.span(*line))

    def _authors(self, place: Place, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        """What may be names: no address, no handle and no number. Names below the article are of others, if any is above."""
        names = [each for each in readings if not _NO_NAME.search(each.value) and any(map(str.isalpha, each.value))]
        if place.element is not None and len(names) > 1:
            end = self.normal.span(*self.page.article.body).end
            names = [each for each in names if each.span is not None and each.span.start < end] or names
        return tuple(names)

    def _without_suffix(self, reading: Reading, names: frozenset[str]) -> Reading:
        value = without_suffix(reading.value, names)
        span = reading.span
        if span is not None and value != reading.value and self.text.startswith(value, span.start):
            span = Span(span.start, span.start + len(value))
        return reading._replace(value=value, span=span)

    def _on_page(self, place: Place) -> tuple[Reading, ...]:
        """All values at a place in the markup of a page."""
        found: list[Said] = []
        is_text = place.element is not None and place.attribute is None
        if place.json_ld is not None:
            found = self.page.json_ld(place.json_ld)
        elif place.meta is not None:
            found = self.page.meta(place.meta)
        elif place.element is not None:
            found = self.page.elements(place.element, place.attribute)
        elif place.link is not None:
            found = self.page.elements(f'link[rel~="{place.link}" i]', "href")
        elif place.time is not None:
            found = self.page.times(place.time)
        elif place.below_headline is not None:
            return tuple(self._below_headline(place.below_headline))
        places = [(value, self.normal.span(*span)) for value, span in found]
        return tuple(Reading(value, Basis.STATED, span, lines=span if is_text else None) for value, span in places)

    def _from_front_matter(self, key: str, name: str) -> tuple[Reading, ...]:
        """The values at a key of the front matter: a text, or a list of texts. `*` in a key means each entry of a list.

        A list with an entry that is not text is not read at all: a byline without one of its names would be wrong.
        """
        read = self.front_matter
        if read is None:
            return ()
        readings = []
        empty: Span | None = None
        for item, at in _at_steps(read.values, key.split("."), ""):
            found = read.spans.get(at)
            span = self.normal.span(*found) if found is not None else None
            if not isinstance(item, str):
                top = read.spans.get("/" + at.split("/")[1])
                span = self.normal.span(*top) if top is not None else span
                if span is not None:
                    self.unread.setdefault(name, span)
                return ()
            folded = fold_whitespace(item)
            if folded in _FLAGS and name in ("date_published", "source_url") and read.styles.get(at) == "plain":
                continue
            if folded:
                readings.append(Reading(folded, Basis.STATED, span, at))
            elif empty is None:
                empty = span
        if empty is not None:
            self.empty.setdefault(name, empty)
        return tuple(readings)

    def _parts_of(self, readings: tuple[Reading, ...], pattern: str) -> tuple[Reading, ...]:
        """The part of each value that a pattern finds, with its own span."""
        found = []
        for reading in readings:
            if reading.span is None:
                continue
            raw, offsets = self._characters(reading, reading.span)
            match = Subject(raw).search(pattern)
            part = match.span("value") if match is not None else None
            if part is not None:
                found += self._parts(reading, raw, offsets, [part])
        return tuple(found)

    def _folded(self, text: str) -> str:
        """A value as it is read from the text. In a page, character references are resolved."""
        if self.is_page and "&" in text:
            import html

            text = html.unescape(text)
        return fold_whitespace(text)

    def _from_match(self, match: Match, value_group: str, *, is_of_field: bool) -> tuple[Reading, ...]:
        """The value in a match. Its lines count only for a field: they are no part of the article."""
        text = self.subject.text
        place = match.span(value_group)
        if place is None or not (said := text[place[0] : place[1]].strip()):
            return ()
        value, span = self._folded(said), self.normal.span(*place)
        groups = {value_group: (value, span)}
        for name in _GROUPS.intersection(match.names):
            place = match.span(name)
            if place is not None:
                groups[name] = self._folded(text[place[0] : place[1]]), self.normal.span(*place)
        lines = self._lines_of(match) if is_of_field else None
        return (Reading(value, Basis.STATED, span, groups=groups, lines=lines),)

    def _lines_of(self, match: Match) -> Span | None:
        """The whole lines of a match, if nothing else is in them."""
        text = self.subject.text
        whole = match.span() or Span(0, 0)
        before = text.rfind("\n", 0, whole.start) + 1
        ends_line = text[whole.start : whole.end].endswith("\n")
        after = text.find("\n", whole.end - ends_line)
        after = len(text) if after < 0 else after
        alone = not text[before : whole.start].strip() and not text[whole.end : after].strip()
        return self.normal.span(before, after) if alone else None

    def _from_name(self, place: Place) -> tuple[Reading, ...]:
        """A value in the seed's path or address."""
        text, note, pattern = self.path, "read from the path", place.path
        span: Span | None = None
        if pattern is None:
            reading = self.first("source_url")
            if reading is None:
                return ()
            text, note, pattern, span = reading.value, "read from the address", place.url or "", reading.span
        if text is None:
            return ()
        value = fold_whitespace(group_in(pattern, text, "value") or "")
        return (Reading(value, Basis.DERIVED, span, note=note),) if value else ()

    def _numbered_line(self, number: int) -> tuple[Reading, ...]:
        """The line with this number, from 1, of those with text below the front matter; from -1 back from the end."""
        start = self.front_matter.span.end if self.front_matter is not None else 0
        spans = (match.span() for match in _LINE.finditer(self.normal.text, start))
        if number > 0:
            found = next(islice(spans, number - 1, None), None)
        else:
            last = deque(spans, maxlen=-number)
            found = last[0] if len(last) == -number else None
        return () if found is None else self._line_at(*found)

    def _beside(self, name: str, is_above: bool) -> tuple[Reading, ...]:
        """The nearest line with text above or below the lines of another field."""
        values = [reading.span for reading in self.of(name) if reading.span is not None]
        if not values:
            return ()
        text = self.normal.text  # a seed's lines may end in CR alone
        if is_above:
            end = max(text.rfind("\n", 0, self.normal.normal(values[0].start)), 0)
            above = text[:end].rstrip(_SPACES + "\ufeff\n")
            return self._line_at(above.rfind("\n") + 1, text.find("\n", len(above))) if above else ()
        start = text.find("\n", self.normal.normal(values[-1].end))
        below = _LINE.search(text, start) if start >= 0 else None
        return self._line_at(*below.span()) if below is not None else ()

    def _unless_taken(self, found: tuple[Reading, ...], name: str) -> tuple[Reading, ...]:
        """A line, if it is no paragraph and none of those that hold another field, whose place does not hang on lines."""
        if not found or len(found[0].value) > _LONGEST_LINE:
            return ()
        for other, places in self.source.places.items():
            if other in (name, "body") or any(each.line or each.above or each.below for each in places):
                continue
            lines = [
                reading.lines for reading in self.of(other) if reading.lines is not None and reading.pointer is None
            ]
            if any(each.start <= (found[0].span or each).start < each.end for each in lines):
                return ()
        return found

    def _line_at(self, start: int, end: int) -> tuple[Reading, ...]:
        """A line of the normal text as a value, without the spaces around it."""
        text = self.normal.text
        stripped = text[start:end].lstrip(_SPACES + "\ufeff")
        first = end - len(stripped)
        last = first + len(stripped.rstrip(_SPACES))
        span, lines = self.normal.span(first, last), self.normal.span(start, end)
        return (Reading(fold_whitespace(text[first:last]), Basis.STATED, span, lines=lines),)

    # values

    def _names(self, reading: Reading, split: str | None) -> list[Reading]:
        """The names in one value: divided by the source's own pattern, else by `bylines`."""
        if reading.span is None or not (split or may_hold_several(reading.value)):
            return [reading]
        raw, offsets = self._characters(reading, reading.span)
        if split:
            return self._parts(reading, raw, offsets, _between(raw, split))
        names = names_in(raw, folded_names(self.source.agencies), folded_names(self.source.publishers))
        parts = self._parts(reading, raw, offsets, names.people)
        if len(parts) == 1 and parts[0].value == reading.value:
            return [reading]
        if names.agency is None or "agency" in reading.groups:
            return parts
        start, end = names.agency
        place = Span(offsets[start], offsets[end]) if offsets is not None else reading.span
        groups = {**reading.groups, "agency": (fold_whitespace(raw[start:end]), place)}
        return [part._replace(groups=groups) for part in parts]

    def _parts(
        self, reading: Reading, raw: str, offsets: Sequence[int] | None, spans: Iterable[tuple[int, int]]
    ) -> list[Reading]:
        """A reading for each part of a value. `raw` is the value as written, `offsets` the places of its characters."""
        out: list[Reading] = []
        for start, end in spans:
            name = fold_whitespace(raw[start:end])
            if name:
                first = start + len(raw[start:end]) - len(raw[start:end].lstrip())
                last = start + len(raw[start:end].rstrip())
                place = Span(offsets[first], offsets[last]) if offsets is not None else reading.span or Span(0, 0)
                out.append(reading._replace(value=name, span=place))
        return out

    def _characters(self, reading: Reading, span: Span) -> tuple[str, Sequence[int] | None]:
        """A value as written, and the offsets of its characters and its end (`None` if they have no single place)."""
        if reading.pointer is None or self.front_matter is None:
            raw = self.text[span.start : span.end]
            if self.is_page and fold_whitespace(raw) != reading.value:
                return reading.value, None
            return raw, range(span.start, span.end + 1)
        offsets = value_offsets(self.normal.text, self.front_matter, reading.pointer)
        value = str(value_at(self.front_matter.values, reading.pointer))
        return value, [self.normal.found(offset) for offset in offsets] if offsets is not None else None

    def _addresses(self, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        good = tuple(reading for reading in readings if is_address(reading.value))
        if not good and readings and self.bad_url is None:
            self.bad_url = readings[0]
        return good

    def _date(self, readings: tuple[Reading, ...], place: Place) -> tuple[Reading, ...]:
        if not readings:
            return ()
        reading = readings[0]
        value, span = self._date_in(reading, place)
        if value is not None:
            return (reading._replace(value=str(value), span=span, date=zoned(value, self.source)),)
        if self.malformed is None:
            # Of a dateline, the month and the day only.
            said = fold_whitespace(self.text[slice(*span)]) if span and span != reading.span else reading.value
            self.malformed = reading._replace(value=said, span=span)
        return ()

    def _date_in(self, reading: Reading, place: Place) -> tuple[DateValue | None, Span | None]:
        """The date that a reading holds, without the source's zone, and its span."""
        if place.from_field == "dateline":
            return _date_of_dateline(reading)
        return read_date(reading.value, place.format, self.source.date_order, self.languages), reading.span

    def date_of(self, reading: Reading, place: Place) -> tuple[DateValue | None, Span | None]:
        """The date of one side of an agreement, with the source's zone, and its span."""
        if reading.date is not None:
            return reading.date, reading.span
        value, span = self._date_in(reading, place)
        return (value if value is None or place.from_field == "dateline" else zoned(value, self.source)), span


def _between(raw: str, separator: str) -> list[tuple[int, int]]:
    """The spans between the matches of a pattern."""
    parts, at = [], 0
    for match in Subject(raw).matches(separator):
        span = match.span()
        if span is not None:
            parts.append((at, span.start))
            at = span.end
    return [*parts, (at, len(raw))]


def _at_steps(value: Any, steps: Sequence[str], pointer: str) -> list[tuple[Any, str]]:
    """The values at the end of a path of keys, with their JSON pointers."""
    for number, step in enumerate(steps, 1):
        if step == "*" and isinstance(value, list):
            entries = [(entry, f"{pointer}/{index}") for index, entry in enumerate(value)]
            # An entry without the rest of the path counts as a value that is not text.
            return [found for entry, at in entries for found in _at_steps(entry, steps[number:], at) or [({}, at)]]
        if not isinstance(value, dict) or step not in value:
            return []
        value, pointer = value[step], f"{pointer}/{pointer_step(step)}"
    if isinstance(value, list):
        return [(item, f"{pointer}/{index}") for index, item in enumerate(value)]
    return [(value, pointer)]


def _date_of_dateline(reading: Reading) -> tuple[DateValue | None, Span | None]:
    groups = reading.groups
    if "month" not in groups or "day" not in groups:
        return None, reading.span
    month, day = month_in(groups["month"][0]), number_in(groups["day"][0])
    spans = [groups[name][1] for name in ("year", "month", "day") if name in groups]
    span = Span(min(each.start for each in spans), max(each.end for each in spans))
    year = groups["year"][0] if "year" in groups else None
    if month is None or day is None or (year is not None and len(year) != 4):
        return None, span
    try:
        date(int(year) if year else 2000, month, day)
    except ValueError:
        return None, span
    return DateValue(int(year) if year else None, month, day), span
