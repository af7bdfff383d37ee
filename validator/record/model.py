"""The record of a seed as frozen values: readings with their places, disagreements, residue, body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from validator.parsing.dates import DateValue, month_number
from validator.parsing.markup import GONE
from validator.record.sidecar import Attested
from validator.sources.model import FIELDS, Agreement, Residue
from validator.text.findings import Basis
from validator.text.patterns import late
from validator.text.places import Span


class Reading(NamedTuple):
    """One value as it was read. `span` is `None` where the text does not hold it; `pointer` is set for front matter."""

    value: str
    basis: Basis
    span: Span | None = None
    pointer: str | None = None
    note: str = ""
    kind: str | None = None
    date: DateValue | None = None
    groups: Mapping[str, tuple[str, Span]] = MappingProxyType({})
    lines: Span | None = None  # the whole lines, or the element, that hold only this value


class Disagreement(NamedTuple):
    """Two places that must agree and do not."""

    agreement: Agreement
    field: str
    left: Reading
    right: Reading
    difference: str


class Contradiction(NamedTuple):
    """A sidecar's value that the text contradicts."""

    attested: Attested
    stated: Reading


class Left(NamedTuple):
    """Residue found in a seed: its span, and what a fix would remove (`None`: nothing may be removed)."""

    residue: Residue
    span: Span
    removal: Span | None
    lifted: str | None = None


class Record(NamedTuple):
    """What a seed says about itself. `malformed` is a date, and `bad_url` an address, that was found but cannot be read."""

    readings: dict[str, tuple[Reading, ...]]
    byline_kind: str | None
    date: DateValue | None
    malformed: Reading | None
    bad_url: Reading | None
    empty: dict[str, Span]  # front-matter keys without a value, by field
    disagreements: tuple[Disagreement, ...]
    contradictions: tuple[Contradiction, ...]
    residue: tuple[Left, ...]
    body: Span
    masked: str
    first: int | None  # offset of the body's first character that is neither whitespace nor markup
    last: int | None  # … and the offset after its last
    opening: Span | None  # the first line of the front matter
    unread: Mapping[str, Span] = MappingProxyType({})  # front-matter values that are not text, by field
    unread_scripts: tuple[Span, ...] = ()  # JSON-LD of a page that gives no value: it is no JSON, or too large
    numbers: Mapping[str, int] = MappingProxyType({})  # of the place that gave a field its value, from 1 on

    @property
    def characters(self) -> int:
        """The number of characters of the body that are neither whitespace nor markup."""
        return count_visible(self.masked)

    def reading(self, name: str) -> Reading | None:
        """The first value of a field."""
        readings = self.readings.get(name)
        return readings[0] if readings else None

    def dateline(self) -> dict[str, Any] | None:
        """Place, month and day of the dateline, as far as they are given."""
        reading = self.reading("dateline")
        if reading is None:
            return None
        said = {name: reading.groups[name][0] if name in reading.groups else None for name in ("place", "month", "day")}
        month, day = said["month"], said["day"]
        return {
            "place": said["place"],
            "month": _one_of(12, month_in(month)) if month is not None else None,
            "day": _one_of(31, number_in(day)) if day is not None else None,
        }

    def as_mapping(self) -> dict[str, Any]:
        """The record ready for JSON. Unknown fields are left out."""
        out: dict[str, Any] = {}
        for name in FIELDS:
            readings = self.readings.get(name)
            if not readings or name == "body":
                continue
            if name == "byline":
                out["byline"] = [reading.value for reading in readings]
                if self.byline_kind:
                    out["byline_kind"] = self.byline_kind
            elif name == "dateline":
                out["dateline"] = self.dateline()
            elif name != "date_published":
                out[name] = readings[0].value
            elif self.date is not None:
                is_as_read = readings[0].basis is Basis.STATED and not self.date.zone_assigned
                out[name] = readings[0].value if is_as_read else str(self.date)
        if self.byline_kind:
            out.setdefault("byline_kind", self.byline_kind)
        return out


def _one_of(most: int, number: int | None) -> int | None:
    """The number if the calendar has it, else `None` (a dateline may say "November 99")."""
    return number if number is not None and 1 <= number <= most else None


def number_in(text: str) -> int | None:
    """A number of one or two digits."""
    return int(text) if text.isdecimal() and len(text) <= 2 else None


def month_in(text: str) -> int | None:
    """A month, by its number or its name."""
    return number_in(text) or month_number(text)


_UNSEEN = f"{GONE}\u200b\u00ad\ufeff\u2060"
WHITESPACE_OR_UNSEEN = (  # every character for which `str.isspace` is true, and those that nobody sees
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028"
    f"\u2029\u202f\u205f\u3000{_UNSEEN}"
)


def count_visible(masked: str) -> int:
    """The number of characters of a masked text that are neither whitespace nor markup."""
    bare = "".join(masked.split())
    return len(bare) - sum(map(bare.count, _UNSEEN))


def extent(masked: str, body: Span) -> tuple[int | None, int | None]:
    """The offsets of the first visible character of a body in its mask and after its last; two `None` without one."""
    inner = masked[body.start : body.end].rstrip(WHITESPACE_OR_UNSEEN)
    last = body.start + len(inner)
    return (last - len(inner.lstrip(WHITESPACE_OR_UNSEEN)), last) if inner else (None, None)


def has_prose(text: str) -> bool:
    """Whether a text is more than a headline and a lead."""
    return len(" ".join(text.split())) >= _PROSE or len(_SENTENCE.findall(text)) > 1


_SENTENCE = late(r"^[^\n]{30}[^\n]*[.!?…。！？][\"'”’»)]?[ \t]*$", re.MULTILINE)
_PROSE = 300  # code points
