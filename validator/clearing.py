"""Whether there is surely nothing to be said of a seed: told without its record, in half the time that a check takes.

Most seeds of an archive are as they should be, and most runs want to hear of the others only. What is found out here is what
`engine.check_seed` would find out, by the same rules on the same views; left out is what only a report needs, such as where each
value stands. It is for sources that read their records from front matter, and for front matter that is plain. Wherever it takes
a second thought the answer is no, and the seed has to be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from validator import views
from validator.dates import DateValue, epoch_ms, read_date
from validator.decoding import Decoded
from validator.engine import own_addresses
from validator.findings import Basis
from validator.front_matter import plain_values
from validator.frozen import dataclass, field
from validator.json_schema import is_surely_valid
from validator.markup import plain_tags, referred_to, verbatim
from validator.patterns import Subject, group_in, matches_in
from validator.plans import Calls, calls_of, named_characters
from validator.record import (
    Reading,
    Record,
    byline_kind,
    extent,
    is_address,
    masked_body,
    say_the_same,
    zoned,
)
from validator.sidecars import Sidecar
from validator.sources import Agreement, Claim, Match, Place, Source, Sources, Traits, identify
from validator.text import Normal, Span

_NO_SIDECAR = Sidecar("")
_PATTERN = "pattern:"
_NOTHING = r"\z."  # a pattern of what no text holds
_OPENING = Span(0, 3)  # stands for every place: where a value stands tells nothing of whether a rule finds something
_DAYS = {"%Y-%m-%d": "-", "%Y%m%d": ""}  # formats of days, and what stands between their parts


class _Looked:
    """What is known of a seed: its text, its front matter, its name; the values of its record, and the day it states."""

    __slots__ = ("date", "day", "path", "readings", "subject", "values")

    def __init__(self, values: dict[str, Any], subject: Subject, path: str | None) -> None:
        self.values = values
        self.subject = subject
        self.path = path
        self.readings: dict[str, tuple[Reading, ...]] = {}
        self.day = ""  # as YYYY-MM-DD, where it is one
        self.date: DateValue | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """How seeds of a source are looked at: where its fields stand, what must agree, where the body begins, who is asked."""

    source: Source
    # Of each field the keys at which it may stand. `found` has, by all keys that a front matter has, those at which it does.
    keys: dict[str, tuple[tuple[str, Place], ...]]
    agreements: tuple[Callable[[_Looked], bool], ...]
    literals: tuple[tuple[str, str], ...]  # of residue that is an element: an attribute, and what stands in it
    residues: tuple[str, ...]  # patterns of other residue
    bodies: tuple[str | None, ...]
    # Patterns of the characters that rules about the text and about the body name; the same of those about the text.
    characters: str
    in_text: str
    # Of each view the rules; of text and body those that name no characters, as none of them stands there.
    raw: Calls
    text: Calls
    body: Calls
    body_with_characters: Calls
    said: Calls
    values: Calls
    found: dict[tuple[str, ...], tuple[tuple[str, str, Place], ...]] = field(default_factory=dict)


def cleared(
    data: bytes, sources: Sources, path: str | None = None, claim: Claim | None = None, today: date | None = None
) -> Match | None:
    """Which source a seed is of that has no sidecar and is surely valid, without any finding. It may be so without an answer.

    Raises what `engine.check_seed` does.
    """
    if data[:4] != b"---\n" or b"\r" in data or b"\0" in data:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    read = plain_values(text)
    if read is None:
        return None
    values, matter = read
    subject = Subject(text, data)
    urls = tuple(own_addresses(text, values, _NO_SIDECAR, sources))
    match = identify(sources, Traits(path, subject, urls, frozenset(values), has_fence=True), claim)
    way = _way_of(sources[match.source]) if match.source else None
    if way is None or not _is_undisputed(match, way.source):
        return None
    schema = way.source.front_matter
    if schema is not None and not is_surely_valid(schema)(values):
        return None
    looked = _Looked(values, subject, path)
    if not _read(looked, way):
        return None
    for agrees in way.agreements:
        if not agrees(looked):
            return None
    return match if _is_clear(data, matter, looked, way, today) else None


def _is_clear(data: bytes, matter: Span, looked: _Looked, way: _Way, today: date | None) -> bool:
    """Whether no rule has anything to say. Of the views that are left out, each rule is about what is not there by now."""
    text, source, policy, readings = looked.subject.text, way.source, way.source.policy, looked.readings
    body = _body(looked, way, matter.end)
    if _leaves_residue(looked, way, matter.end, body):
        return False
    masked = masked_body(text, body, policy.markup, [])
    first, last = extent(masked)
    dated = readings.get("date_published")
    record = Record(
        readings, byline_kind(readings, source, _NO_SIDECAR), dated[0].date if dated else None, None, None, {}, (), (), (),
        body, masked, first, last, _OPENING,
    )  # fmt: skip
    may_hold_them = looked.subject.fits(way.characters)
    if may_hold_them and looked.subject.fits(way.in_text):
        return False
    if not may_hold_them and "&" in text:
        may_hold_them = matches_in(way.characters, referred_to(text))
    in_body = way.body_with_characters if may_hold_them else way.body
    of_text = verbatim(text, matter.end, len(text), policy.markup)
    return (
        _finds_nothing(way.raw, views.Raw(data, Decoded(text, "utf-8", "strict"), policy))
        and _finds_nothing(way.text, views.Text(text, Normal(text), policy, matter, of_text, (), ""))
        and _finds_nothing(in_body, _body_view(masked, looked, way))
        and _finds_nothing(way.said, views.Agreements((), _with_date(masked, looked, way)))
        and _finds_nothing(way.values, views.Values(record, source.required, today))
    )


def _finds_nothing(calls: Calls, view: Any) -> bool:
    for rule, setting, about, _ in calls:
        if about is None or about(view):
            for _ in rule.check(view, **setting.options):
                return False
    return True


_UNDISPUTED: dict[int, tuple[Match, Source, bool]] = {}
_KEPT = 1024


def _is_undisputed(match: Match, source: Source) -> bool:
    """Whether no rule has anything to say of a match; many seeds have the same."""
    known = _UNDISPUTED.get(id(match))
    if known is None or known[0] is not match or known[1] is not source:
        if len(_UNDISPUTED) >= _KEPT:
            _UNDISPUTED.clear()
        known = _UNDISPUTED[id(match)] = (
            match,
            source,
            _finds_nothing(calls_of("Identity", source), views.Identity(match)),
        )
    return known[2]


# --- sources ------------------------------------------------------------------------------------------------------------

_WAYS: dict[int, tuple[Source, _Way | None]] = {}


def _way_of(source: Source) -> _Way | None:
    """How its seeds are looked at, if its records are read from plain values of front matter. Found out once."""
    known = _WAYS.get(id(source))
    if known is None or known[0] is not source:
        if len(_WAYS) >= _KEPT:
            _WAYS.clear()
        known = _WAYS[id(source)] = source, _find_way(source)
    return known[1]


def _find_way(source: Source) -> _Way | None:
    fields = {name: places for name, places in source.places.items() if name != "body"}
    bodies = source.places.get("body", ())
    is_simple = (
        source.policy.container == "front-matter"
        and all(_key_of(place) for places in fields.values() for place in places)
        and all(_is_simple(side) for agreement in source.agreements for side in (agreement.left, agreement.right))
        and all(place.before is None and (place.after or _PATTERN).startswith(_PATTERN) for place in bodies)
    )
    if not is_simple:
        return None
    keys = {name: tuple((_key_of(place), place) for place in places) for name, places in fields.items()}
    elements = [residue.element for residue in source.residues if residue.element is not None]
    in_text, in_body = named_characters("Text", source), named_characters("Body", source)
    return _Way(
        source,
        keys,
        tuple(_agreement(agreement, source, keys) for agreement in source.agreements),
        tuple((each.attribute(), literal) for each in elements for literal in each.literals()),
        tuple(each.pattern or each.from_pattern or "" for each in source.residues if each.element is None),
        tuple(place.after and place.after.removeprefix(_PATTERN) for place in bodies),
        f"[{in_text}{in_body}]" if in_text or in_body else _NOTHING,
        f"[{in_text}]" if in_text else _NOTHING,
        calls_of("Raw", source),
        _without_characters(calls_of("Text", source)),
        _without_characters(calls_of("Body", source)),
        calls_of("Body", source),
        calls_of("Agreements", source),
        calls_of("Values", source),
    )


def _without_characters(calls: Calls) -> Calls:
    return tuple(call for call in calls if not call[3])


def _key_of(place: Place) -> str:
    """The key of front matter that a place is, '' where it is more than that."""
    key = place.front_matter or ""
    return key if key.isidentifier() and place.split is None else ""


def _is_simple(place: Place) -> bool:
    return bool(_key_of(place)) or place.pattern is not None or place.path is not None or place.url is not None


def _agreement(
    agreement: Agreement, source: Source, keys: Mapping[str, tuple[tuple[str, Place], ...]]
) -> Callable[[_Looked], bool]:
    """A test whether what has to agree does, or one side says nothing."""
    left, right = _saying(agreement.left), _saying(agreement.right)

    def agrees(looked: _Looked) -> bool:
        said = right(looked)
        other = left(looked) if said else ""
        return not other or (said == other and is_same) or say_the_same(agreement, other, said, source)

    is_same = agreement.rule != "dates-disagree"  # texts and addresses that are equal agree; dates may be none
    dates = keys.get("date_published", ())
    between = _DAYS.get(agreement.right.format)
    is_date = [key for key, _ in dates] == [agreement.left.front_matter] and agreement.left.format == dates[0][1].format
    is_instant = agreement.relation == "same-instant"

    def is_that_day(looked: _Looked) -> bool:
        said = right(looked)
        return not said or said == looked.day.replace("-", between or "") or agrees(looked)

    def is_that_instant(looked: _Looked) -> bool:
        said = right(looked)
        return not said or (looked.date is not None and said == epoch_ms(looked.date)) or agrees(looked)

    if is_same or not is_date:
        return agrees
    if is_instant:
        return is_that_instant if agreement.right.format == "epoch-ms" and agreement.tolerance_seconds >= 0 else agrees
    return agrees if between is None else is_that_day


def _saying(place: Place) -> Callable[[_Looked], str]:
    """What gives the value that stands at a place, '' for nothing."""
    key, pattern, path, url = place.front_matter, place.pattern, place.path, place.url

    def at_key(looked: _Looked) -> str:
        value = looked.values.get(key or "")
        return _folded(value[0] if type(value) is list and value else value)

    def at_pattern(looked: _Looked) -> str:
        return _folded(looked.subject.group(pattern or "", place.group, place.within_lines))

    def in_path(looked: _Looked) -> str:
        return _folded(group_in(path or "", looked.path, "value")) if looked.path is not None else ""

    def in_url(looked: _Looked) -> str:
        found = looked.readings.get("source_url")
        return _folded(group_in(url or "", found[0].value, "value")) if found else ""

    return at_key if key is not None else at_pattern if pattern is not None else in_path if path is not None else in_url


def _folded(value: str | None) -> str:
    return " ".join(value.split()) if value else ""


# --- the record ---------------------------------------------------------------------------------------------------------


def _read(looked: _Looked, way: _Way) -> bool:
    """Read the values of the record. False where one is not a text, is empty, or is none of its kind."""
    values, readings, source = looked.values, looked.readings, way.source
    stand = tuple(values)
    found = way.found.get(stand)
    if found is None:
        if len(way.found) >= _KEPT:
            way.found.clear()
        found = way.found[stand] = tuple(_stand(way, values))
    for name, key, place in found:
        value = values[key]
        if type(value) is list:
            if name != "byline" or not value:
                return False
            readings[name] = tuple(
                [Reading(" ".join(each.split()), Basis.STATED, _OPENING, key, "", place.kind) for each in value]
            )
            continue
        folded, day = " ".join(value.split()), None
        if not folded or (name == "source_url" and not is_address(folded)):
            return False
        if name == "date_published":
            read = read_date(folded, place.format, source.date_order)
            if read is None:
                return False
            day, looked.date = zoned(read, source), read
            if read.year is not None:
                looked.day = f"{read.year:04}-{read.month:02}-{read.day:02}"
        readings[name] = (Reading(folded, Basis.STATED, _OPENING, key, "", place.kind, day),)
    return True


def _stand(way: _Way, values: Mapping[str, Any]) -> Iterator[tuple[str, str, Place]]:
    """The fields of which something stands there, each with the first key at which it does, and the place that this is."""
    for name, keys in way.keys.items():
        for key, place in keys:
            if key in values:
                yield name, key, place
                break


def _leaves_residue(looked: _Looked, way: _Way, content: int, body: Span) -> bool:
    """Whether something may stand there that the source's pages leave around an article."""
    if way.literals:
        text = looked.subject.text
        tags = plain_tags(text, content, body) if way.source.policy.markup == "html" else None
        markup = text if tags is None else ">".join(tags)
        for attribute, literal in way.literals:
            if literal in markup and (tags is None or _is_in(literal, attribute, tags)):
                return True
    return any([looked.subject.fits(pattern) for pattern in way.residues])  # noqa: C419 - there are few


def _is_in(literal: str, attribute: str, tags: frozenset[str]) -> bool:
    """Whether the attribute of an element may hold a literal, in tags that are plain."""
    inside = f' {attribute}="' if attribute else ""
    return any([literal in tag and inside in tag.lower() for tag in tags])  # noqa: C419 - a list is faster for so few


def _body(looked: _Looked, way: _Way, content: int) -> Span:
    """From where to where the article stands; `content` is where the front matter ends."""
    end = len(looked.subject.text)
    for pattern in way.bodies:
        if pattern is None:
            return Span(content, end)
        found = looked.subject.search(pattern)
        span = found.span() if found is not None else None
        if span is not None and span.end >= content:
            return Span(span.end, end)
    return Span(content, end)


# --- views --------------------------------------------------------------------------------------------------------------


def _body_view(masked: str, looked: _Looked, way: _Way) -> views.Body:
    text, policy = looked.subject.text, way.source.policy
    stands = _stands_at("headline", looked, way)
    if stands is None:
        return views.Body(text, masked, policy)
    start, end = stands
    with_headline = masked[:start] + text[start:end] + masked[end:]
    return views.Body(text, with_headline, policy, Span(start, end), "double" if text[start - 1] == '"' else "plain")


def _with_date(masked: str, looked: _Looked, way: _Way) -> str:
    """The masked text with the line of the front matter that states the date."""
    stands = _stands_at("date_published", looked, way)
    if stands is None:
        return masked
    text, (start, end) = looked.subject.text, stands
    end += text[start - 1] == '"'
    start = text.rindex("\n", 0, start) + 1
    return masked[:start] + text[start:end] + masked[end:]


def _stands_at(field: str, looked: _Looked, way: _Way) -> tuple[int, int] | None:
    """Where the value of a field stands, without quotation marks: in plain front matter it follows its key as it is."""
    for key, _ in way.keys.get(field, ()):
        if key in looked.values:
            value, text = looked.values[key], looked.subject.text
            start = text.index(value, text.index(f"\n{key}:") + len(key) + 2)
            return start, start + len(value)
    return None
