"""Values that a curator can take by pressing a button: what the seed's own places say, and what looks like a missing value.

Nothing is looked for here: a dispute's sides are in the record, what looks like a value is in the finding, and the source is in
the report. Does not handle: a value that only a person knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from validator.parsing.bylines import names_in
from validator.parsing.dates import read_date
from validator.record.sidecar import FIELDS
from validator.rules.views import LOOKS_LIKE
from validator.sources.model import Source
from validator.text.findings import Basis, Finding, SeedReport, Value
from validator.text.places import Position

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
    found: dict[str | tuple[str, ...], Candidate] = {}
    for each in _said(report, text, finding, field):
        value = _read(each.said, field, sources.get(report.source or ""), report)
        if value is not None:
            found.setdefault(value, each._replace(value=value))
    return tuple(found.values())


def _said(report: SeedReport, text: str, finding: Finding, field: str) -> Iterator[Candidate]:
    """The sides of a dispute, the value of the text that a sidecar denies, the places that look like a missing value."""
    values = [each for each in report.values if each.field == field]
    replaces = _replaced(values)
    for value in values:
        for each in value.candidates:
            at = (each.start, each.end) if each.start.offset < each.end.offset else (None, None)
            yield Candidate("", each.value, at[0], at[1], replaces)
        if finding.rule == "sidecar-disagrees" and isinstance(value.value, str):
            yield Candidate("", value.value, value.start, value.end)
    for place in finding.related:
        said = text[place.start.offset : place.end.offset].strip()
        if place.message.startswith(LOOKS_LIKE) and said:
            yield Candidate("", said, place.start, place.end)


def _replaced(values: list[Value]) -> str | None:
    """The value of the text that another one would go in place of."""
    value = next((each.value for each in values if each.basis in (Basis.STATED, Basis.DERIVED)), None)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value and str(value)


def _read(said: str, field: str, source: Source | None, report: SeedReport) -> str | tuple[str, ...] | None:
    """A value as a sidecar writes it: a date in ISO form, each person by name. None if it is no whole date."""
    if field == "date_published":
        spoken = (report.record.get("language"), source.policy.language if source is not None else None)
        languages = [each for each in spoken if isinstance(each, str)]
        day = read_date(said, order=source.date_order if source is not None else None, languages=languages)
        return str(day) if day is not None and None not in (day.year, day.day) else None
    if field == "byline":
        people = tuple(said[slice(*span)] for span in names_in(said, frozenset(), frozenset()).people)
        return people if len(people) > 1 else people[0] if people else said
    return said
