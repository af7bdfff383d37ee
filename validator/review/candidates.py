"""Values that a curator can take by pressing a button: what the seed's own places say, and what looks like a missing value.

A dispute's sides are in the record, what looks like a missing value is in the finding, and the source is in the report. Where the
seed has a value that is not enough (a date without its year or with another day's weekday, an agency for a person), its first and
last lines, its address and its name are searched for one that agrees with it. Does not handle: a value that only a person
knows; pages in HTML, except for their address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from validator.parsing.bylines import is_organization, names_in
from validator.parsing.dates import DateValue, read_date
from validator.parsing.front_matter import read_front_matter
from validator.record.lookalikes import lookalikes
from validator.record.places import folded_names
from validator.record.sidecar import FIELDS
from validator.rules.views import LOOKS_LIKE
from validator.sources.model import Source
from validator.text.findings import Basis, Finding, SeedReport, Value
from validator.text.places import LineIndex, Normal, Position

# The value of the record that settles a finding of this rule once a person confirms it.
FIELD_OF = {
    "headline-missing": "headline",
    "headlines-disagree": "headline",
    "byline-missing": "byline",
    "byline-impersonal": "byline",
    "date-missing": "date_published",
    "date-incomplete": "date_published",
    "date-malformed": "date_published",
    "date-in-future": "date_published",
    "dates-disagree": "date_published",
    "weekday-disagrees": "date_published",
    "source-url-missing": "source_url",
    "urls-disagree": "source_url",
    "source-uncertain": "source",
    "source-unidentified": "source",
    "source-ambiguous": "source",
}


class Candidate(NamedTuple):
    """A value that can be taken. `said` is how the seed writes it, `replaces` the value of the text that it goes in place of.

    `start` and `end` are None if it is not in the text.
    """

    value: str | tuple[str, ...]
    said: str
    start: Position | None = None
    end: Position | None = None
    replaces: str | None = None


def is_of_value(rule: str) -> bool:
    """Whether a value of the record settles the findings of a rule."""
    return rule in FIELD_OF or rule == "sidecar-disagrees"


def field_of(finding: Finding) -> str | None:
    """The value of the record that settles a finding; None if no value does."""
    if finding.rule == "sidecar-disagrees":
        named = finding.message.partition(":")[0]
        return named if named in FIELDS else None
    return FIELD_OF.get(finding.rule)


def candidates_for(
    report: SeedReport, text: str, finding: Finding, sources: Mapping[str, Source]
) -> tuple[Candidate, ...]:
    """The values that a curator can take for a finding, each once, in the order of the seed. `text` is the seed's."""
    field = field_of(finding)
    if field is None:
        return ()
    if field == "source":
        named = (report.source, *re.findall(r"[a-z0-9-]+", finding.message))
        return tuple(Candidate(name, name) for name in dict.fromkeys(named) if name is not None and name in sources)
    seed = _Seed(report, text, sources.get(report.source or ""))
    search = _SEARCHES.get(finding.rule)
    found: dict[str | tuple[str, ...], Candidate] = {}
    for each in search(seed, finding) if search is not None else _said(seed, finding, field):
        value = each.value or seed.read(each.said, field)
        if value:
            found.setdefault(value, each._replace(value=value))
    return tuple(found.values())


class _Seed(NamedTuple):
    """A seed with its source."""

    report: SeedReport
    text: str
    source: Source | None

    def values(self, field: str) -> list[Value]:
        """What the record has of a field."""
        return [each for each in self.report.values if each.field == field]

    @property
    def languages(self) -> list[str]:
        """The languages that the seed may be in."""
        spoken = (self.report.record.get("language"), self.source.policy.language if self.source is not None else None)
        return [each for each in spoken if isinstance(each, str)]

    @property
    def organizations(self) -> tuple[frozenset[str], frozenset[str]]:
        """The agencies, and the publishers, that its source knows."""
        names = (self.source.agencies, self.source.publishers) if self.source is not None else ((), ())
        return folded_names(names[0]), folded_names(names[1])

    def day(self, said: str) -> DateValue | None:
        """A date that has its year and its day, None if it has not."""
        order = self.source.date_order if self.source is not None else None
        day = read_date(said, order=order, languages=self.languages)
        return day if day is not None and None not in (day.year, day.day) else None

    def read(self, said: str, field: str) -> str | tuple[str, ...] | None:
        """A value as a sidecar writes it: a date in ISO form, each person by name. None if it is no whole date."""
        if field == "date_published":
            day = self.day(said)
            return str(day) if day is not None else None
        if field == "byline":
            people = tuple(said[slice(*span)] for span in names_in(said, *self.organizations).people)
            return people if len(people) > 1 else people[0] if people else said
        return said

    def looking_like(self, field: str) -> Iterator[Candidate]:
        """What looks like a value in the first and last lines of the front matter and of the text."""
        normal, lines = Normal(self.text), LineIndex(self.text)
        matter = read_front_matter(normal.text)
        end = matter.block[1] if matter is not None else 0
        order = self.source.date_order if self.source is not None else None
        for piece, start in ((normal.text[:end], 0), (normal.text, end)):
            for each in lookalikes(piece, start, [field], order, self.languages).get(field, ()) if piece else ():
                place = normal.span(*each.span)
                yield Candidate("", each.text.strip(), lines.position(place.start), lines.position(place.end))


def _said(seed: _Seed, finding: Finding, field: str) -> Iterator[Candidate]:
    """The sides of a dispute, the value of the text that a sidecar denies, the places that look like a missing value."""
    values = seed.values(field)
    replaces = _replaced(values)
    for value in values:
        for each in value.candidates:
            at = (each.start, each.end) if each.start.offset < each.end.offset else (None, None)
            yield Candidate("", each.value, at[0], at[1], replaces)
        if finding.rule == "sidecar-disagrees" and isinstance(value.value, str):
            yield Candidate("", value.value, value.start, value.end)
    for place in finding.related:
        said = seed.text[place.start.offset : place.end.offset].strip()
        if place.message.startswith(LOOKS_LIKE) and said:
            yield Candidate("", said, place.start, place.end)


def _replaced(values: Sequence[Value]) -> str | None:
    """The value of the text that another one would go in place of."""
    value = next((each.value for each in values if each.basis in (Basis.STATED, Basis.DERIVED)), None)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value and str(value)


# --- a value that is not enough ---------------------------------------------------------------------------------------

_PARTS = re.compile(r"(?P<year>XXXX|\d{4})-(?P<month>\d\d)(?:-(?P<day>\d\d))?(?P<time>T.*)?")
_IN_A_NAME = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/_]?(?P<month>\d\d)[-/_]?(?P<day>\d\d)(?!\d)")


def _completing(seed: _Seed, finding: Finding) -> Iterator[Candidate]:
    """The whole dates that have the month, and the year or the day, of one that is not whole."""
    stated = _PARTS.fullmatch(str(next((each.value for each in seed.values("date_published")), "")))
    if stated is None:
        return
    year, month, day, time = stated.groups()
    for candidate, found in _whole_dates(seed):
        if f"{found.month:02}" != month or year not in ("XXXX", f"{found.year:04}"):
            continue
        if day is None or day == f"{found.day:02}":
            value = f"{found.year:04}-{month}-{day}{time}" if time else str(found)
            yield candidate._replace(value=value)


def _on_that_weekday(seed: _Seed, finding: Finding) -> Iterator[Candidate]:
    """For the date of publication: the date as it is written, and those of its weekday elsewhere in the seed."""
    values = seed.values("date_published")
    stated = next((each for each in values if _overlaps(each, finding)), None)
    written = seed.day(seed.text[finding.start.offset : finding.end.offset])
    if stated is None or stated.start is None or stated.end is None:
        return  # it is about another day than that of publication
    replaces, said = _replaced(values), seed.text[stated.start.offset : stated.end.offset]
    yield Candidate(str(stated.value), said, stated.start, stated.end, replaces)
    for candidate, found in _whole_dates(seed):
        day = found.calendar_day()
        is_other = written is not None and day != written.calendar_day()
        if is_other and day is not None and written is not None and day.weekday() == written.weekday:
            yield candidate._replace(value=str(found), replaces=replaces)


def _signing(seed: _Seed, finding: Finding) -> Iterator[Candidate]:
    """The persons who look like authors, beside an agency or a publisher in the byline."""
    values = seed.values("byline")
    known = frozenset().union(*seed.organizations, (str(each.value).casefold() for each in values))
    replaces = _replaced(values)
    for each in seed.looking_like("byline"):
        read = seed.read(each.said, "byline")
        names = read if isinstance(read, tuple) else (str(read),)
        if not any(is_organization(name, known) for name in names):
            yield each._replace(replaces=replaces)


def _overlaps(value: Value, finding: Finding) -> bool:
    if value.start is None or value.end is None or value.basis is not Basis.STATED:
        return False
    return value.start.offset < finding.end.offset and finding.start.offset < value.end.offset


def _whole_dates(seed: _Seed) -> Iterator[tuple[Candidate, DateValue]]:
    """The dates in the lines of a seed that look like one of publication, in its address and in its file's name."""
    for each in seed.looking_like("date_published"):
        day = seed.day(each.said)
        if day is not None:
            yield each, day
    lines = LineIndex(seed.text)
    places = [(each.start, each.end) for each in seed.values("source_url")]
    places += [(each.start, each.end) for each in seed.looking_like("source_url")]
    for start, end in places:
        if start is None or end is None:
            continue  # the schema or a sidecar has the address, not the seed
        address = seed.text[start.offset : end.offset]
        for first, last, day in _dates_in(address):
            at = lines.position(start.offset + first), lines.position(start.offset + last)
            yield Candidate("", address[first:last], *at), day
    name = seed.report.path.rpartition("/")[2]
    for first, last, day in _dates_in(name):
        yield Candidate("", name[first:last]), day


def _dates_in(name: str) -> Iterator[tuple[int, int, DateValue]]:
    """The dates in an address or the name of a file: where each begins and ends."""
    for match in _IN_A_NAME.finditer(name):
        year, month, day = map(int, match.groups())
        try:
            date(year, month, day)
        except ValueError:
            continue
        yield *match.span(), DateValue(year, month, day)


_SEARCHES: dict[str, Callable[[_Seed, Finding], Iterator[Candidate]]] = {
    "date-incomplete": _completing,
    "weekday-disagrees": _on_that_weekday,
    "byline-impersonal": _signing,
}
