"""The record of a seed: what it says of itself, every value with the place it was read from.

Places are read in the order in which the source names them; the first that answers wins. Text wins over a sidecar, which
completes what is missing and overrides only by naming the value it replaces. All spans are in the text as found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from validator.parsing.bylines import is_organization, may_hold_several, names_in
from validator.parsing.dates import DateValue, assign_zone, month_number, read_date
from validator.parsing.front_matter import FrontMatter, value_offsets
from validator.parsing.markup import GONE, find_elements, has_text, layout, mask
from validator.record.comparing import dates_differ, same_text, same_url
from validator.record.sidecar_reading import Attested, Sidecar
from validator.sources.front_matter_schema import is_uri
from validator.sources.model import FIELDS, Agreement, Place, Residue, Source
from validator.text.errors import ConfigError
from validator.text.findings import Basis
from validator.text.patterns import Match, Subject, group_in
from validator.text.places import Normal, Span, fold_blanks

if TYPE_CHECKING:
    from validator.parsing.pages import Page


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as it was read. `span` is None for what no place in the text states; `pointer` is set for front matter."""

    value: str
    basis: Basis
    span: Span | None = None
    pointer: str | None = None
    note: str = ""
    kind: str | None = None
    date: DateValue | None = None
    groups: Mapping[str, tuple[str, Span]] = field(default_factory=dict)
    lines: Span | None = None  # the whole lines, or the element, that hold nothing but what the place is about


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two places that must agree and do not."""

    agreement: Agreement
    field: str
    left: Reading
    right: Reading
    difference: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A sidecar's value that the text does not bear out."""

    attested: Attested
    stated: Reading


@dataclass(frozen=True, slots=True)
class Left:
    """Residue found in a seed: its span, and what a fix would take, None where it must not take anything."""

    residue: Residue
    span: Span
    removal: Span | None
    lifted: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What a seed says of itself. `malformed` is a date that stands there and cannot be read, `bad_url` an address likewise."""

    readings: dict[str, tuple[Reading, ...]]
    byline_kind: str | None
    date: DateValue | None
    malformed: Reading | None
    bad_url: Reading | None
    empty: dict[str, Span]  # front-matter keys that are there without a value, by field
    disagreements: tuple[Disagreement, ...]
    contradictions: tuple[Contradiction, ...]
    residue: tuple[Left, ...]
    body: Span
    masked: str
    first: int | None  # of the body: offset of its first character that is neither blank nor markup
    last: int | None  # … and the offset after its last
    opening: Span | None  # of the front matter
    unread: dict[str, Span] = field(default_factory=dict)  # front-matter values that are no texts, by field

    @property
    def characters(self) -> int:
        """How many characters of the body are neither blank nor markup. Counted each time."""
        return _seen(self.masked)

    def characters_up_to(self, most: int) -> int:
        """How many they are, or some number above `most` where there are more: then its beginning tells."""
        masked, found = self.masked, 0
        for start in range(self.first or 0, len(masked), 2 * most + 64):
            found += _seen(masked[start : start + 2 * most + 64])
            if found > most:
                break
        return found

    def reading(self, name: str) -> Reading | None:
        """The first value of a field."""
        readings = self.readings.get(name)
        return readings[0] if readings else None

    def dateline(self) -> dict[str, Any] | None:
        """Place, month and day of the dateline, as far as they are stated."""
        reading = self.reading("dateline")
        if reading is None:
            return None
        groups = reading.groups
        month = groups.get("month")
        day = groups.get("day")
        return {
            "place": groups["place"][0] if "place" in groups else None,
            "month": _one_of(12, _month(month[0])) if month else None,
            "day": _one_of(31, _number(day[0])) if day else None,
        }

    def as_mapping(self) -> dict[str, Any]:
        """The record ready for JSON, fields that are not known left out."""
        out: dict[str, Any] = {}
        for name in FIELDS:
            if name not in self.readings:
                continue
            readings = self.readings[name]
            if not readings or name == "body":
                continue
            if name == "byline":
                out["byline"] = [reading.value for reading in readings]
            elif name == "dateline":
                out["dateline"] = self.dateline()
            elif name == "date_published":
                if self.date is not None:
                    is_as_read = readings[0].basis is Basis.STATED and not self.date.zone_assigned
                    out["date_published"] = readings[0].value if is_as_read else str(self.date)
            else:
                out[name] = readings[0].value
            if name == "byline" and self.byline_kind:
                out["byline_kind"] = self.byline_kind
        if "byline_kind" not in out and self.byline_kind:
            out["byline_kind"] = self.byline_kind
        return out


def _one_of(most: int, number: int | None) -> int | None:
    """A number of the calendar; None for what is none (a dateline may say "November 99")."""
    return number if number is not None and 1 <= number <= most else None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 2 else None


def _month(text: str) -> int | None:
    return _number(text) or month_number(text)


def _value_at(front_matter: FrontMatter, pointer: str) -> str:
    value: Any = front_matter.values
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step.replace("~1", "/").replace("~0", "~")]
    return str(value)


_WEB = re.compile("https?://", re.IGNORECASE)


def is_address(value: str) -> bool:
    """Whether a value may be the address of a page: a URI of the web."""
    return _WEB.match(value) is not None and is_uri(value)


def zoned(value: DateValue, source: Source) -> DateValue:
    """The date with the source's time zone where it states none. Raises ConfigError where this machine does not know it."""
    if not source.time_zone:
        return value
    try:
        return assign_zone(value, source.time_zone)
    except KeyError:  # trouble with the machine, not with the seed: an offset is never guessed
        message = f"time zone {source.time_zone!r} is not known on this machine: install the package tzdata"
        raise ConfigError(message, source.file) from None


class _Reader:
    """Reads one seed's record; holds what the places share for as long as that takes."""

    def __init__(
        self, source: Source, found: str, normal: Normal, subject: Subject, front_matter: FrontMatter | None,
        path: str | None, sidecar: Sidecar, is_page: bool = False,
    ) -> None:  # fmt: skip
        self.source = source
        self.text = found
        self.normal = normal
        self.subject = subject
        self.front_matter = front_matter
        self.path = path
        self.sidecar = sidecar
        self.readings: dict[str, tuple[Reading, ...]] = {}
        self.reading_now: set[str] = set()
        self.malformed: Reading | None = None
        self.bad_url: Reading | None = None
        self.empty: dict[str, Span] = {}
        self.unread: dict[str, Span] = {}
        self._at_keys: dict[str, _AtKey] = {}
        self.is_page = is_page
        self._page: Page | None = None

    def page(self) -> Page:
        """The seed as an HTML page, which is parsed when a place first asks for it."""
        if self._page is None:
            from validator.parsing.pages import Page

            self._page = Page(self.subject.text)
        return self._page

    # places

    def field(self, name: str) -> tuple[Reading, ...]:
        """All values of a field as the text states or the schema assigns them."""
        known = self.readings.get(name)
        if known is not None:
            return known
        readings: tuple[Reading, ...] = ()
        places = self.source.places.get(name)
        if not places:
            self.readings[name] = readings
            return readings
        if name in self.reading_now:
            return ()  # two fields that each ask for the other: neither answers
        self.reading_now.add(name)
        for place in places:
            found = self.place(place, name)
            readings = readings or found
            if found and not (name == "byline" and self._is_publisher(found)):
                readings = found
                break
        self.reading_now.discard(name)
        self.readings[name] = readings
        return readings

    def _is_publisher(self, byline: tuple[Reading, ...]) -> bool:
        """Whether a page gives its publisher as its author: then a place further down may name a person."""
        publishers = _folded(tuple(reading.value for reading in self.field("publisher"))) if self.is_page else ()
        return all(reading.value.casefold() in publishers for reading in byline)

    def place(self, place: Place, name: str) -> tuple[Reading, ...]:
        """What stands at a place, read as a value of field `name`; empty if nothing does."""
        readings = self._stated(place, name)
        if name == "byline":
            readings = tuple(part for reading in readings for part in self._names(reading, place.split))
        if name == "byline" and place.kind:
            readings = tuple(replace(reading, kind=place.kind) for reading in readings)
        if name == "source_url":
            return self._addresses(readings)
        if name == "date_published":
            return self._dates(readings, place)
        return readings

    def _stated(self, place: Place, name: str) -> tuple[Reading, ...]:
        if place.front_matter is not None:
            return self._from_front_matter(place.front_matter, name)
        if place.pattern is not None:
            match = self.subject.search(place.pattern, place.within_lines)
            return (self._from_match(match, place.group),) if match and (match.text(place.group) or "").strip() else ()
        if place.json_ld is not None or place.meta is not None or place.element is not None:
            return self._from_page(place, name) if self.is_page else ()
        if place.path is not None or place.url is not None:
            return self._from_name(place)
        if place.line_before is not None:
            return self._line_before(place.line_before)
        if place.from_field is not None:
            return self.field(place.from_field)
        if place.value is not None:
            values = (place.value,) if isinstance(place.value, str) else place.value
            note = f"assigned by {self.source.id}"
            return tuple(Reading(value, Basis.ASSIGNED, note=note) for value in values)
        return ()

    def _from_page(self, place: Place, name: str) -> tuple[Reading, ...]:
        """A value that a page gives in its markup; an address or a number is nobody's name."""
        page = self.page()
        if place.json_ld is not None:
            found = page.json_ld(place.json_ld)
        elif place.meta is not None:
            found = page.meta(place.meta)
        else:
            found = page.elements(place.element or "", place.attribute)
        if name == "byline":
            found = [said for said in found if not _WEB.match(said[0]) and any(map(str.isalpha, said[0]))]
        else:
            found = found[:1]
        places = [(value, self.normal.span(*span)) for value, span in found]
        is_text = place.element is not None and place.attribute is None
        return tuple(Reading(value, Basis.STATED, span, lines=span if is_text else None) for value, span in places)

    def _from_front_matter(self, key: str, name: str) -> tuple[Reading, ...]:
        known = self._at_keys.get(key)
        if known is None:
            known = self._at_keys[key] = self._at_plain_key(key) or self._at_key(key)
        readings, empty, unread = known
        if empty is not None:
            self.empty.setdefault(name, empty)
        if unread is not None:
            self.unread.setdefault(name, unread)
        return readings

    def _at_plain_key(self, key: str) -> _AtKey | None:
        """What `_at_key` says of a key that is not there, or at which one text stands; None for what needs its steps."""
        read = self.front_matter
        if read is None or key not in read.values:
            return _NOTHING_THERE if read is None or "." not in key else None
        value = read.values[key]
        if type(value) is not str or not key.isidentifier():
            return None
        folded = " ".join(value.split())
        if not folded:
            return None
        pointer = f"/{key}"
        return (Reading(folded, Basis.STATED, self.normal.span(*read.spans[pointer]), pointer),), None, None

    def _at_key(self, key: str) -> _AtKey:
        """The values at a key of the front matter: a text, or a list of texts. `*` in a key stands for each entry of a list.

        A list with an entry that is no text is not read at all: a byline without one of its names would be wrong.
        """
        read = self.front_matter
        if read is None:
            return _NOTHING_THERE
        found = _at_steps(read.values, key.split("."), "")
        if not found:
            return _NOTHING_THERE
        readings = []
        empty: Span | None = None
        for item, at in found:
            span = self.normal.span(*read.spans[at]) if at in read.spans else None
            if not isinstance(item, str):
                top = read.spans.get("/" + at.split("/")[1])
                return (), None, self.normal.span(*top) if top is not None else span
            folded = fold_blanks(item)
            if folded:
                readings.append(Reading(folded, Basis.STATED, span, at))
            elif empty is None:
                empty = span
        return tuple(readings), empty, None

    def _folded(self, text: str) -> str:
        """A value as it is read from the text: in a page, character references are what they stand for."""
        if self.is_page and "&" in text:
            import html

            text = html.unescape(text)
        return fold_blanks(text)

    def _from_match(self, match: Match, value_group: str) -> Reading:
        groups: dict[str, tuple[str, Span]] = {}
        for group in (value_group, "place", "year", "month", "day", "agency"):
            if group not in match.names:
                continue
            span = match.span(group)
            if span is not None:
                groups[group] = (self._folded(self.subject.text[span.start : span.end]), self.normal.span(*span))
        whole = match.span() or Span(0, 0)
        text = self.subject.text
        before = text.rfind("\n", 0, whole.start) + 1
        after = text.find(
            "\n", max(whole.end - 1, whole.start) if text[whole.end - 1 : whole.end] == "\n" else whole.end
        )
        after = len(text) if after < 0 else after
        alone = not text[before : whole.start].strip() and not text[whole.end : after].strip()
        value, span = groups[value_group]
        lines = self.normal.span(before, after) if alone else None
        return Reading(value, Basis.STATED, span, groups=groups, lines=lines)

    def _from_name(self, place: Place) -> tuple[Reading, ...]:
        """A value in the seed's path or address."""
        if place.path is not None:
            text, note, span = self.path, "read from the path", None
            pattern = place.path
        else:
            reading = next(iter(self.field("source_url")), None)
            text, note = (reading.value, "read from the address") if reading else (None, "")
            span = reading.span if reading else None
            pattern = place.url or ""
        if text is None:
            return ()
        value = fold_blanks(group_in(pattern, text, "value") or "")
        return (Reading(value, Basis.DERIVED, span, note=note),) if value else ()

    def _line_before(self, name: str) -> tuple[Reading, ...]:
        reading = next(iter(self.field(name)), None)
        if reading is None or reading.span is None:
            return ()
        text = self.normal.text  # a seed's lines may end in CR alone
        end = text.rfind("\n", 0, self.normal.normal(reading.span.start))
        while end >= 0:
            start = text.rfind("\n", 0, end) + 1
            line = text[start:end]
            if line.strip(" \t\u00a0\u3000\ufeff"):
                stripped = line.lstrip(" \t\u00a0\u3000\ufeff")
                first = end - len(stripped)
                last = first + len(stripped.rstrip(" \t\u00a0\u3000"))
                span, lines = self.normal.span(first, last), self.normal.span(start, end)
                return (Reading(fold_blanks(text[first:last]), Basis.STATED, span, lines=lines),)
            end = start - 1
        return ()

    # values

    def _names(self, reading: Reading, split: str | None) -> list[Reading]:
        """The names in one value: divided by the source's own pattern, else by `bylines`."""
        if reading.span is None or not (split or may_hold_several(reading.value)):
            return [reading]
        raw, offsets = self._characters(reading, reading.span)
        if split:
            return self._parts(reading, raw, offsets, _between(raw, split))
        names = names_in(raw, _folded(self.source.agencies), _folded(self.source.publishers))
        parts = self._parts(reading, raw, offsets, names.people)
        if len(parts) == 1 and parts[0].value == reading.value:
            return [reading]
        if names.agency is None or "agency" in reading.groups:
            return parts
        start, end = names.agency
        place = Span(offsets[start], offsets[end]) if offsets is not None else reading.span
        groups = {**reading.groups, "agency": (fold_blanks(raw[start:end]), place)}
        return [replace(part, groups=groups) for part in parts]

    def _parts(
        self, reading: Reading, raw: str, offsets: Sequence[int] | None, spans: Iterable[tuple[int, int]]
    ) -> list[Reading]:
        """A reading for each part of a value; `raw` is the value as it is written, `offsets` where its characters are."""
        out: list[Reading] = []
        for start, end in spans:
            name = fold_blanks(raw[start:end])
            if name:
                first = start + len(raw[start:end]) - len(raw[start:end].lstrip())
                last = start + len(raw[start:end].rstrip())
                place = Span(offsets[first], offsets[last]) if offsets is not None else reading.span or Span(0, 0)
                out.append(replace(reading, value=name, span=place))
        return out

    def _characters(self, reading: Reading, span: Span) -> tuple[str, Sequence[int] | None]:
        """A value as it stands in the text, and where each of its characters and its end do; None where they have no place."""
        if reading.pointer is None or self.front_matter is None:
            raw = self.text[span.start : span.end]
            if self.is_page and fold_blanks(raw) != reading.value:
                return reading.value, None
            return raw, range(span.start, span.end + 1)
        offsets = value_offsets(self.normal.text, self.front_matter, reading.pointer)
        value = _value_at(self.front_matter, reading.pointer)
        return value, [self.normal.found(offset) for offset in offsets] if offsets is not None else None

    def _addresses(self, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        good = tuple(reading for reading in readings if is_address(reading.value))
        if not good and readings and self.bad_url is None:
            self.bad_url = readings[0]
        return good

    def _dates(self, readings: tuple[Reading, ...], place: Place) -> tuple[Reading, ...]:
        out = []
        for reading in readings[:1]:
            if place.from_field == "dateline":
                value, span = _date_of_dateline(reading)
            else:
                value, span = read_date(reading.value, place.format, self.source.date_order), reading.span
            if value is None:
                if self.malformed is None:
                    # Of a dateline, the month and the day only.
                    said = fold_blanks(self.text[slice(*span)]) if span and span != reading.span else reading.value
                    self.malformed = replace(reading, value=said, span=span)
                return ()
            at_zone, groups, kind = zoned(value, self.source), reading.groups, reading.kind
            out.append(
                Reading(
                    str(value), reading.basis, span, reading.pointer, reading.note, kind, at_zone, groups, reading.lines
                )
            )
        return tuple(out)

    def side(self, place: Place) -> Reading | None:
        """What an agreement compares: a place read as it stands, without any sidecar."""
        if place.from_field is not None:
            return next(iter(self.field(place.from_field)), None)
        return next(iter(self._stated(place, "")), None)

    def said(self, place: Place) -> str | None:
        """The value of what `side` gives, None where that is None; for what is no field's value."""
        if place.front_matter is not None:
            readings = self._from_front_matter(place.front_matter, "")
            return readings[0].value if readings else None
        if place.pattern is not None and not self.is_page:
            value = self.subject.group(place.pattern, place.group, place.within_lines)
            return (" ".join(value.split()) or None) if value is not None else None
        if place.path is not None or place.url is not None:
            url = next(iter(self.field("source_url")), None) if place.path is None else None
            text = self.path if place.path is not None else url.value if url is not None else None
            value = group_in(place.path or place.url or "", text, "value") if text is not None else None
            return " ".join((value or "").split()) or None
        reading = self.side(place)
        return reading.value if reading is not None else None


def _between(raw: str, separator: str) -> list[tuple[int, int]]:
    """What is between the matches of a pattern."""
    parts, at = [], 0
    for match in Subject(raw).matches(separator):
        span = match.span()
        if span is not None:
            parts.append((at, span.start))
            at = span.end
    return [*parts, (at, len(raw))]


# The values at a key, where the first is that is empty, and where what is there is neither a text nor a list of texts.
_AtKey = tuple[tuple[Reading, ...], Span | None, Span | None]
_NOTHING_THERE: _AtKey = ((), None, None)


def _at_steps(value: Any, steps: Sequence[str], pointer: str) -> list[tuple[Any, str]]:
    """What is at the end of a path of keys, with its JSON pointers; nothing where the path leads nowhere."""
    if not steps:
        if isinstance(value, list):
            return [(item, f"{pointer}/{number}") for number, item in enumerate(value)]
        return [(value, pointer)]
    if steps[0] == "*" and isinstance(value, list):
        entries = [(entry, f"{pointer}/{number}") for number, entry in enumerate(value)]
        # An entry at which the rest of the path leads nowhere is given as it is: it is not read.
        return [found for entry, at in entries for found in _at_steps(entry, steps[1:], at) or [({}, at)]]
    if not isinstance(value, dict) or steps[0] not in value:
        return []
    step = steps[0].replace("~", "~0").replace("/", "~1")
    return _at_steps(value[steps[0]], steps[1:], f"{pointer}/{step}")


def _date_of_dateline(reading: Reading) -> tuple[DateValue | None, Span | None]:
    groups = reading.groups
    if "month" not in groups or "day" not in groups:
        return None, reading.span
    month, day = _month(groups["month"][0]), _number(groups["day"][0])
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


# --- agreement --------------------------------------------------------------------------------------------------------

DISPUTED_FIELD = {"dates-disagree": "date_published", "headlines-disagree": "headline", "urls-disagree": "source_url"}


def _disagreements(reader: _Reader) -> list[Disagreement]:
    out = []
    for agreement in reader.source.agreements:
        if _surely_agrees(reader, agreement):
            continue
        left, right = reader.side(agreement.left), reader.side(agreement.right)
        if left is None or right is None:
            continue
        if agreement.rule == "dates-disagree":
            first, second = _date_of(reader, left, agreement.left), _date_of(reader, right, agreement.right)
            if first is None or second is None:
                continue
            difference = dates_differ(agreement, first, second)
            if difference is not None:
                left, right = _with_date(reader, left, agreement.left), _with_date(reader, right, agreement.right)
        elif agreement.relation == "same-url":
            difference = None if same_url(left.value, right.value) else ""
        else:
            difference = None if same_text(left.value, right.value) else ""
        if difference is not None:
            out.append(Disagreement(agreement, DISPUTED_FIELD[agreement.rule], left, right, difference))
    return out


def _surely_agrees(reader: _Reader, agreement: Agreement) -> bool:
    """Whether two places agree, or one says nothing: told from what they say, without the places and parts of it."""
    if agreement.left.from_field is not None or agreement.right.from_field is not None:
        return False
    left, right = reader.said(agreement.left), reader.said(agreement.right)
    if left is None or right is None:
        return True
    return say_the_same(agreement, left, right, reader.source)


def say_the_same(agreement: Agreement, left: str, right: str, source: Source) -> bool:
    """Whether two values of no field agree, as they stand; a date that is none has nothing to agree with."""
    if agreement.rule == "dates-disagree":
        first = read_date(left, agreement.left.format, source.date_order)
        second = read_date(right, agreement.right.format, source.date_order)
        if first is None or second is None:
            return True
        return dates_differ(agreement, zoned(first, source), zoned(second, source)) is None
    return same_url(left, right) if agreement.relation == "same-url" else same_text(left, right)


def _date_of(reader: _Reader, reading: Reading, place: Place) -> DateValue | None:
    """The date that `_with_date` gives a reading."""
    if reading.date is not None:
        return reading.date
    if place.from_field == "dateline":
        return _date_of_dateline(reading)[0]
    value = read_date(reading.value, place.format, reader.source.date_order)
    return None if value is None else zoned(value, reader.source)


def _with_date(reader: _Reader, reading: Reading, place: Place) -> Reading:
    if reading.date is not None:
        return reading
    if place.from_field == "dateline":
        value, span = _date_of_dateline(reading)
        return replace(reading, date=value, span=span, value=str(value) if value else reading.value)
    value = read_date(reading.value, place.format, reader.source.date_order)
    if value is None:
        return reading
    at_zone = zoned(value, reader.source)
    return replace(reading, date=at_zone, value=str(at_zone))


# --- residue and body -------------------------------------------------------------------------------------------------


def _residue(reader: _Reader) -> list[Left]:
    found: list[Left] = []
    text, normal = reader.text, reader.normal
    for residue in reader.source.residues:
        if residue.element is not None:
            found.extend(_elements(reader, residue))
        elif residue.pattern is not None:
            for match in reader.subject.matches(residue.pattern):
                span = match.span("residue") or match.span()
                if span is None or span.start == span.end:
                    continue
                place = normal.span(*span)
                lifted = None
                if residue.lifts is not None:
                    readings = reader.field(residue.lifts)
                    lifted = (
                        readings[0].value if readings and readings[0].span and place.holds(readings[0].span) else None
                    )
                found.append(Left(residue, place, place, lifted))
        elif residue.from_pattern is not None:
            first = reader.subject.search(residue.from_pattern)
            span = first.span() if first else None
            if span is None:
                continue
            start = normal.found(span.start)
            end: int | None = len(text)
            if residue.before is not None:
                end = _side(reader, residue.before, {}, after=False, start=span.end)
            if end is None or end <= start:
                continue
            found.append(_bounded(residue, text, start, end))
    found.sort(key=lambda left: (left.span.start, -left.span.end))
    outermost: list[Left] = []
    for left in found:
        if not outermost or not outermost[-1].span.holds(left.span):
            outermost.append(left)
    return outermost


def _bounded(residue: Residue, text: str, start: int, end: int) -> Left:
    """Residue from one place to another; its removal takes the blank lines before it along, if it may be removed at all."""
    first = start
    if residue.to_end:
        while first > 0 and text[first - 1].isspace():
            first -= 1
        newline = text.find("\n", first)
        first = min(newline + 1, start) if 0 <= newline < start else start
    share = (end - start) / max(len(text), 1)
    left = len("".join(text[:start].split())) + len("".join(text[end:].split()))
    may = share <= residue.at_most and left >= residue.leaves_at_least
    shown = start + len(text[start:end].rstrip())
    return Left(residue, Span(start, max(shown, start)), Span(first, end) if may else None)


_LITERALS: dict[int, tuple[Source, dict[int, tuple[str, ...]]]] = {}


def _literals_of(source: Source) -> dict[int, tuple[str, ...]]:
    """Of each residue that is an element what must stand in a text for one to be there. Found out once."""
    known = _LITERALS.get(id(source))
    if known is None or known[0] is not source:
        literals = {
            id(residue): residue.element.literals() for residue in source.residues if residue.element is not None
        }
        if len(_LITERALS) >= _SOURCES_KEPT:
            _LITERALS.clear()
        known = _LITERALS[id(source)] = source, literals
    return known[1]


_SOURCES_KEPT = 1024


def _elements(reader: _Reader, residue: Residue) -> list[Left]:
    selector = residue.element
    text = reader.subject.text
    if selector is None or not any([literal in text for literal in _literals_of(reader.source)[id(residue)]]):  # noqa: C419
        return []
    begin = reader.front_matter.span.end if reader.front_matter is not None else 0
    out = []
    for element in find_elements(text[begin:], selector.fits):
        span = Span(*(begin + offset for offset in (element.span or element.opening)))
        if residue.only_if_no_text:
            inner = text[span.start : span.end]
            if has_text(mask(inner, 0, len(inner), "html")):
                continue
        place = reader.normal.span(*span)
        removable = element.span is not None and residue.only_if_no_text
        out.append(Left(residue, place, place if removable else None))
    return out


def _side(reader: _Reader, target: str, residues: Mapping[str, Span], after: bool, start: int = 0) -> int | None:
    """The offset, in the text as found, at which a field, residue or pattern ends (`after`) or begins."""
    if target.startswith("pattern:"):
        match = reader.subject.search(target.removeprefix("pattern:"), start=start)
        span = match.span() if match else None
        return None if span is None else reader.normal.found(span.end if after else span.start)
    if target.startswith("residue."):
        place = residues.get(target.removeprefix("residue."))
        return None if place is None else (place.end if after else place.start)
    reading = next(iter(reader.field(target)), None)
    if reading is None or reading.span is None:
        return None
    if after:
        return reading.lines.end if reading.lines else reading.span.end
    return reading.span.start


def _body(reader: _Reader, residue: list[Left]) -> Span:
    text = reader.text
    content = reader.normal.found(0)
    if reader.front_matter is not None:
        content = reader.normal.found(reader.front_matter.span.end)
    spans = {left.residue.name: left.span for left in residue}
    for place in reader.source.places.get("body", ()):
        start: int | None = content
        end: int | None = len(text)
        if place.after is not None:
            start = _side(reader, place.after, spans, after=True)
        if place.before is not None:
            beyond = 0 if start is None else reader.normal.normal(start)
            end = _side(reader, place.before, spans, after=False, start=beyond)
            if end is None and place.before.startswith("residue."):
                end = len(text)  # nothing was left there, so nothing ends the body early
        if start is not None and end is not None and content <= start <= end:
            return Span(start, end)
    if reader.is_page:
        article = reader.page().article(_masked_page(reader))
        return reader.normal.span(*article) if article is not None else Span(content, len(text))
    # By default: all that follows the lines at the top that hold nothing but a value of the record.
    start = content
    for name in ("headline", "byline", "date_published", "source_url"):
        for reading in reader.field(name):
            if reading.lines is not None and not text[content : reading.lines.start].count("\n") > 12:
                start = max(start, reading.lines.end)
    return Span(start, len(text))


def _masked_page(reader: _Reader) -> str:
    """The page, at the length of its normal text, with all blotted out that is no text."""
    masked = layout(reader.text, reader.normal.found(0), "html").masked
    if len(masked) == len(reader.subject.text):
        return masked
    at = reader.normal.found(0)
    return "".join([masked[reader.normal.found(offset) - at] for offset in range(len(reader.subject.text))])


def masked_body(text: str, body: Span, markup: str, content: int, gone: list[Span]) -> str:
    """The text with all blotted out that is not the article's own: what is not in its body, markup, and what is `gone`.

    `content` is where the front matter ends.
    """
    content = min(content, body.start)
    masked = mask(text, body.start, body.end, markup, content)
    gone = [*gone, *(span for span in layout(text, content, markup).headings if body.holds(span))]
    if not gone:
        return masked
    pieces, at = [], 0
    for span in sorted(gone):
        if span.end <= at:
            continue
        start = max(span.start, at)
        pieces.append(masked[at:start])
        pieces.append("\n" * (span.end - start))
        at = span.end
    pieces.append(masked[at:])
    return "".join(pieces)


# --- the whole --------------------------------------------------------------------------------------------------------

_UNSEEN = f"{GONE}\u200b\u00ad\ufeff\u2060"
_BLANK_OR_UNSEEN = (  # every character of which `str.isspace` is true; a test counts them
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028"
    f"\u2029\u202f\u205f\u3000{_UNSEEN}"
)


def extent(masked: str) -> tuple[int | None, int | None]:
    """Where the first character of a masked text stands that is neither blank nor unseen, and where the last ends, if any."""
    last = len(masked.rstrip(_BLANK_OR_UNSEEN))
    return (len(masked) - len(masked.lstrip(_BLANK_OR_UNSEEN)), last) if last else (None, None)


def _seen(masked: str) -> int:
    """How many characters are neither blank nor unseen."""
    if masked.isascii():
        return len(masked.encode().translate(None, _ASCII_BLANKS))
    middle = len(masked) // 2
    if not masked[middle : middle + _SAMPLE].isascii():
        return _seen_in(masked)
    # Of a text mostly in ASCII the rest alone is gone through.
    encoded = masked.encode("utf-8", "surrogatepass")
    others = encoded.translate(None, _ASCII).decode("utf-8", "surrogatepass")
    return len(masked) - (len(encoded) - len(encoded.translate(None, _ASCII_BLANKS))) - len(others) + _seen_in(others)


def _seen_in(masked: str) -> int:
    bare = "".join(masked.split())
    return len(bare) - sum([bare.count(unseen) for unseen in _UNSEEN if unseen in bare])


_SAMPLE = 100
_ASCII = bytes(range(0x80))
_ASCII_BLANKS = bytes(ord(character) for character in _BLANK_OR_UNSEEN if character.isascii())


def read_record(
    source: Source,
    found: str,
    normal: Normal,
    subject: Subject,
    front_matter: FrontMatter | None,
    path: str | None,
    sidecar: Sidecar,
    markup: str | None = None,
) -> Record:
    """Read all that a source tells how to read. `subject` is `normal.text`, `path` the seed's, in POSIX form.

    `markup` is how the seed is laid out, where that is not as the source says.
    """
    laid_out = markup or source.policy.markup
    is_page = source.policy.container == "html" and laid_out == "html" and front_matter is None
    reader = _Reader(source, found, normal, subject, front_matter, path, sidecar, is_page)
    for name in FIELDS:
        if name != "body":
            reader.field(name)
    disagreements = _disagreements(reader)
    residue = _residue(reader)
    body = _body(reader, residue)
    content = normal.found(front_matter.span.end) if front_matter is not None else 0
    gone = [left.span for left in residue]
    if is_page:
        gone += [span for span in (normal.span(*each) for each in reader.page().around()) if body.holds(span)]
        stated = [each for name in ("headline", "byline", "date_published") for each in reader.field(name)]
        gone += [each.lines for each in stated if each.lines is not None and body.holds(each.lines)]
    masked = masked_body(found, body, laid_out, content, gone)
    first, last = extent(masked)
    readings = {name: values for name, values in reader.readings.items() if values}
    if "agency" not in readings:
        for reading in readings.get("byline", ()):
            if "agency" in reading.groups:
                text, span = reading.groups["agency"]
                readings["agency"] = (Reading(text, Basis.STATED, span),)
                break
    if "publisher" not in readings and source.publishers:
        readings["publisher"] = (Reading(source.publishers[0], Basis.ASSIGNED, note=f"assigned by {source.id}"),)
    if "language" not in readings and source.policy.language:
        readings["language"] = (Reading(source.policy.language, Basis.ASSIGNED, note=f"assigned by {source.id}"),)
    contradictions = _complete(readings, reader, sidecar)
    dated = readings.get("date_published")
    return Record(
        readings=readings,
        byline_kind=byline_kind(readings, source, sidecar),
        date=dated[0].date if dated else None,
        malformed=reader.malformed if not dated or dated[0].basis is Basis.DERIVED else None,
        bad_url=reader.bad_url if "source_url" not in readings else None,
        empty=reader.empty,
        disagreements=tuple(each for each in disagreements if not _is_settled(each, sidecar, contradictions)),
        contradictions=tuple(contradictions),
        residue=tuple(residue),
        body=body,
        masked=masked,
        first=first,
        last=last,
        opening=normal.span(*front_matter.opening) if front_matter is not None else None,
        unread=reader.unread,
    )


_LANGUAGE_KEYS = ("lang", "language", "locale")
_HEAD = 4000  # code points of a page in which its first tag is looked for
_PAGE = re.compile(r"<html(?=[\s/>])([^>]*+)>", re.IGNORECASE)
_LANG = re.compile(r"""(?:^|\s)(?:xml:)?lang\s*+=\s*+["']?([A-Za-z][A-Za-z0-9_-]*+)""", re.IGNORECASE)


def own_languages(text: str, front_matter: FrontMatter | None, sidecar: Sidecar) -> tuple[str, ...]:
    """The languages that a seed itself names, as they are spelt; nothing where it names none. `text` is the normal text.

    A curator's sidecar comes first. Else the front matter's `lang`, `language` or `locale`, a text or a list; else, in a text
    that begins with markup, the `lang` of `<html>`. What a source schema assigns to its seeds is not asked, and the `lang` of
    a passage is not looked for.
    """
    attested = [each.value for each in sidecar.record if each.field == "language" and isinstance(each.value, str)]
    if attested:
        return tuple(attested)
    for key in _LANGUAGE_KEYS if front_matter is not None else ():
        value = front_matter.values.get(key) if front_matter is not None else None
        named = [
            each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each.strip()
        ]
        if named:
            return tuple(named)
    start = front_matter.span.end if front_matter is not None else 0
    head = text[start : start + _HEAD].lstrip()
    page = _PAGE.search(head) if head.startswith("<") else None
    tag = _LANG.search(page[1]) if page is not None else None
    return (tag[1],) if tag is not None else ()


def _is_settled(disagreement: Disagreement, sidecar: Sidecar, contradictions: Sequence[Contradiction]) -> bool:
    """Whether a curator has said what the disputed value is: by replacing it, or by vouching for the one that stands."""
    against = {each.attested.field for each in contradictions}
    return any(each.field == disagreement.field and each.field not in against for each in sidecar.record)


def _complete(readings: dict[str, tuple[Reading, ...]], reader: _Reader, sidecar: Sidecar) -> list[Contradiction]:
    """Let the sidecar complete the record, in place; what it says against the text is returned."""
    contradictions = []
    for attested in sidecar.record:
        if attested.field == "byline_kind":
            continue
        values = (attested.value,) if isinstance(attested.value, str) else attested.value
        note = f"{attested.basis} ({attested.place})"
        new = []
        for value in values:
            day = read_date(value) if attested.field == "date_published" else None
            new.append(Reading(value, Basis.ATTESTED, note=note, date=zoned(day, reader.source) if day else None))
        stated = readings.get(attested.field, ())
        unread = reader.malformed if attested.field == "date_published" and not stated else None
        if unread is not None and fold_blanks(attested.replaces or "") != unread.value:
            # What stands there is no date that can be read: only naming it replaces it.
            contradictions.append(Contradiction(attested, unread))
        elif (
            not stated
            or stated[0].basis is Basis.ASSIGNED
            or (attested.replaces is not None and _replaces(attested.replaces, stated, reader))
        ):
            readings[attested.field] = tuple(new)
        elif _completes(stated[0].date, new[0].date):
            readings[attested.field] = (replace(new[0], span=stated[0].span),)
        elif not (
            _same_values(attested.field, [reading.value for reading in stated], values, reader.source)
            or _same_date(stated[0].date, new[0].date)
        ):
            contradictions.append(Contradiction(attested, stated[0]))
    return contradictions


def _same_values(field: str, stated: list[str], attested: Sequence[str], source: Source) -> bool:
    """Whether a curator's values are those of the text; a curator may write several names as one, as a byline does."""
    if stated == list(attested):
        return True
    known = _folded(source.agencies), _folded(source.publishers)
    named = [fold_blanks(name[slice(*span)]) for name in attested for span in names_in(name, *known).people]
    return field == "byline" and stated == named


def _replaces(named: str, stated: tuple[Reading, ...], reader: _Reader) -> bool:
    """Whether a sidecar names the value that is stated: as the record has it, or as the text does (`March 4`)."""
    named, text = fold_blanks(named), reader.text
    if _same_values("byline", [reading.value for reading in stated], [named], reader.source):
        return True
    values = {reading.value for reading in stated} | {str(reading.date) for reading in stated if reading.date}
    values |= {fold_blanks(text[reading.span.start : reading.span.end]) for reading in stated if reading.span}
    return named in values or named == ", ".join(reading.value for reading in stated)


def _completes(stated: DateValue | None, attested: DateValue | None) -> bool:
    """Whether an attested date gives the year, the day or the time that the stated one lacks, the rest being equal."""
    if stated is None or attested is None or stated.month != attested.month:
        return False
    if stated.day is None:
        return attested.day is not None and stated.year == attested.year
    if stated.day != attested.day:
        return False
    gives_year = stated.year is None and attested.year is not None
    gives_time = stated.hour is None and attested.hour is not None
    return gives_year or (gives_time and stated.year == attested.year)


def _same_date(stated: DateValue | None, attested: DateValue | None) -> bool:
    if stated is None or attested is None:
        return False
    if stated.instant() and attested.instant():
        return stated.instant() == attested.instant()
    return stated.calendar_day() is not None and stated.calendar_day() == attested.calendar_day()


def byline_kind(readings: Mapping[str, tuple[Reading, ...]], source: Source, sidecar: Sidecar) -> str | None:
    """Who signs: as the sidecar or the place says, else by the names that the source knows; None where nothing tells."""
    for attested in sidecar.record:
        if attested.field == "byline_kind" and isinstance(attested.value, str):
            return attested.value
    byline = readings.get("byline", ())
    if not byline:
        return None
    publishers = _folded((*source.publishers, *(reading.value for reading in readings.get("publisher", ()))))
    for kind, organizations in (("publisher", publishers), ("agency", _folded(source.agencies))):
        if all(is_organization(reading.value, organizations) for reading in byline):
            return kind
    kinds = {reading.kind for reading in byline}
    if byline[0].basis is Basis.ATTESTED and kinds == {None}:
        return "person"
    return byline[0].kind if len(kinds) == 1 else None


@lru_cache(maxsize=256)
def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def masked_headline(
    found: str, normal: Normal, front_matter: FrontMatter | None, record: Record
) -> list[tuple[int, str]]:
    """The headline's own characters as pieces of a mask: pairs of an offset in the text as found and what stands there.

    One piece where it stands there as it is, else one for each character. Empty where the headline is not stated in the text,
    or not so that each character of it has one place.
    """
    reading = record.reading("headline")
    if reading is None or reading.span is None or reading.basis is not Basis.STATED:
        return []
    if reading.pointer is None:
        raw = found[reading.span.start : reading.span.end]
        return [(reading.span.start, raw)] if fold_blanks(raw) == reading.value else []
    if front_matter is None:
        return []
    offsets = value_offsets(normal.text, front_matter, reading.pointer)
    value = _value_at(front_matter, reading.pointer)
    if offsets is None or len(offsets) != len(value) + 1:
        return []
    if offsets[-1] - offsets[0] == len(value):
        return [(normal.found(offsets[0]), value)] if value else []
    pieces = []
    for index, character in enumerate(value):
        width = offsets[index + 1] - offsets[index]
        pieces.append((normal.found(offsets[index]), character + GONE * (width - 1)))
    return pieces
