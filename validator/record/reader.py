"""The record of a seed: what it says about itself, and the place of each value.

Places are read in the order in which the source names them; the first that answers wins. The text wins over a sidecar, which
completes what is missing and overrides only by naming the value it replaces. All spans are in the text as found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from validator.parsing.bylines import is_organization, names_in
from validator.parsing.dates import DateValue, read_date
from validator.parsing.front_matter import FrontMatter, value_offsets
from validator.parsing.located import value_at
from validator.parsing.markup import GONE
from validator.record.agreement import disagreements_in
from validator.record.model import Contradiction, Disagreement, Reading, Record, extent
from validator.record.places import PlaceReader, folded_names, zoned
from validator.record.residue import body_in, lines_near_the_top, lines_of, masked_body, residue_in
from validator.record.sidecar import Sidecar
from validator.sources.model import FIELDS, Source
from validator.text.findings import Basis
from validator.text.patterns import late
from validator.text.places import Normal, fold_whitespace


def read_record(reader: PlaceReader, sidecar: Sidecar, markup: str) -> Record:
    """Read everything that the source names a place for. `markup` is the markup of the seed."""
    source, normal, front_matter = reader.source, reader.normal, reader.front_matter
    readings = {name: values for name in _READ_AT_PLACES if (values := reader.of(name))}
    disagreements = disagreements_in(reader)
    residue = residue_in(reader)
    body = body_in(reader, residue)
    content = normal.found(front_matter.span.end) if front_matter is not None else 0
    gone = [left.span for left in residue]
    if reader.is_page:
        gone += [span for span in (normal.span(*each) for each in reader.page.article.left_out) if body.holds(span)]
        stated = [each for name in ("headline", "byline", "date_published") for each in reader.of(name)]
        gone += filter(body.holds, lines_of(stated))
    elif not source.places.get("body"):
        gone += filter(body.holds, lines_near_the_top(reader))
    masked = masked_body(reader.text, body, markup, content, gone)
    first, last = extent(masked, body)
    _assign(readings, source)
    contradictions = _complete(readings, reader, sidecar)
    dated = readings.get("date_published")
    return Record(
        readings=readings,
        byline_kind=byline_kind(readings, source, sidecar),
        date=dated[0].date if dated else None,
        malformed=reader.malformed if not dated or dated[0].basis is Basis.DERIVED else None,
        bad_url=reader.bad_url if "source_url" not in readings else None,
        empty=reader.empty,
        disagreements=tuple([each for each in disagreements if not _is_settled(each, sidecar, contradictions)]),
        contradictions=tuple(contradictions),
        residue=tuple(residue),
        body=body,
        masked=masked,
        first=first,
        last=last,
        opening=normal.span(*front_matter.opening) if front_matter is not None else None,
        unread=reader.unread,
        unread_scripts=tuple(normal.span(*span) for span in reader.page.unread_json_ld) if reader.is_page else (),
        numbers=reader.numbers,
    )


_READ_AT_PLACES = tuple(name for name in FIELDS if name != "body")


def _assign(readings: dict[str, tuple[Reading, ...]], source: Source) -> None:
    """Add the agency that the byline names, and the publisher and language that the source assigns."""
    for reading in readings.get("byline", ()):
        if "agency" in reading.groups:
            said, span = reading.groups["agency"]
            readings.setdefault("agency", (Reading(said, Basis.STATED, span),))
            break
    for name, value in (("publisher", next(iter(source.publishers), None)), ("language", source.policy.language)):
        if value:
            readings.setdefault(name, (Reading(value, Basis.ASSIGNED, note=f"assigned by {source.id}"),))


_LANGUAGE_KEYS = ("lang", "language", "locale")
_HEAD = 4000  # code points at the start of a page that may hold its first tag
_PAGE = late(r"<html(?=[\s/>])([^>]*+)>", re.IGNORECASE)
_LANG = late(r"""(?:^|\s)(?:xml:)?lang\s*+=\s*+["']?([A-Za-z][A-Za-z0-9_-]*+)""", re.IGNORECASE)


def own_languages(text: str, front_matter: FrontMatter | None, sidecar: Sidecar) -> tuple[str, ...]:
    """The languages that a seed itself names, as it spells them. `text` is the normal text.

    A curator's sidecar comes first, then `lang`, `language` or `locale` of the front matter (a text or a list), then, in a
    text that begins with markup, the `lang` of `<html>`. What the source assigns, and the `lang` of a passage, do not count.
    """
    for each in sidecar.record:
        if each.field == "language" and isinstance(each.value, str):
            return (each.value,)
    values = front_matter.values if front_matter is not None else {}
    for key in _LANGUAGE_KEYS:
        if key not in values:
            continue
        value = values[key]
        several = value if isinstance(value, list) else [value]
        named = tuple(each for each in several if isinstance(each, str) and each.strip())
        if named:
            return named
    start = front_matter.span.end if front_matter is not None else 0
    head = text[start : start + _HEAD].lstrip()
    page = _PAGE.search(head) if head.startswith("<") else None
    tag = _LANG.search(page[1]) if page is not None else None
    return (tag[1],) if tag is not None else ()


def _is_settled(disagreement: Disagreement, sidecar: Sidecar, contradictions: Sequence[Contradiction]) -> bool:
    """Whether a curator has settled the disputed value, by replacing it or by confirming it."""
    against = {each.attested.field for each in contradictions}
    return any(each.field == disagreement.field and each.field not in against for each in sidecar.record)


def _complete(readings: dict[str, tuple[Reading, ...]], reader: PlaceReader, sidecar: Sidecar) -> list[Contradiction]:
    """Complete the record from the sidecar, in place. Returns where the sidecar contradicts the text."""
    contradictions = []
    for attested in sidecar.record:
        if attested.field == "byline_kind":
            continue
        values = (attested.value,) if isinstance(attested.value, str) else attested.value
        note = f"{attested.basis} ({attested.place})"
        new = []
        for value in values:
            day = read_date(value, languages=reader.languages) if attested.field == "date_published" else None
            new.append(Reading(value, Basis.ATTESTED, note=note, date=zoned(day, reader.source) if day else None))
        stated = readings.get(attested.field, ())
        unread = reader.malformed if attested.field == "date_published" and not stated else None
        if unread is not None and fold_whitespace(attested.replaces or "") != unread.value:
            # The date in the text cannot be read: only naming it replaces it.
            contradictions.append(Contradiction(attested, unread))
        elif (
            not stated
            or stated[0].basis is Basis.ASSIGNED
            or (attested.replaces is not None and _replaces(attested.replaces, stated, reader))
        ):
            readings[attested.field] = tuple(new)
        elif _completes(stated[0].date, new[0].date):
            readings[attested.field] = (new[0]._replace(span=stated[0].span),)
        elif not (
            _same_values(attested.field, [reading.value for reading in stated], values, reader.source)
            or _same_date(stated[0].date, new[0].date)
        ):
            contradictions.append(Contradiction(attested, stated[0]))
    return contradictions


def _same_values(field: str, stated: list[str], attested: Sequence[str], source: Source) -> bool:
    """Whether a curator's values are equal to the text's. A curator may write several names as one, as a byline does."""
    if stated == list(attested):
        return True
    known = folded_names(source.agencies), folded_names(source.publishers)
    named = [fold_whitespace(name[slice(*span)]) for name in attested for span in names_in(name, *known).people]
    return field == "byline" and stated == named


def _replaces(named: str, stated: tuple[Reading, ...], reader: PlaceReader) -> bool:
    """Whether a sidecar names the value of the text, as the record has it or as the text spells it (`March 4`)."""
    named, text = fold_whitespace(named), reader.text
    if _same_values("byline", [reading.value for reading in stated], [named], reader.source):
        return True
    values = {reading.value for reading in stated} | {str(reading.date) for reading in stated if reading.date}
    values |= {fold_whitespace(text[reading.span.start : reading.span.end]) for reading in stated if reading.span}
    return named in values or named == ", ".join(reading.value for reading in stated)


def _completes(stated: DateValue | None, attested: DateValue | None) -> bool:
    """Whether an attested date adds the year, the day or the time that the text's date lacks, and is equal otherwise."""
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
    """Who signs: as the sidecar or the place says, else by the names that the source knows. `None` means unknown."""
    for attested in sidecar.record:
        if attested.field == "byline_kind" and isinstance(attested.value, str):
            return attested.value
    byline = readings.get("byline", ())
    if not byline:
        return None
    stated = readings.get("publisher", ())
    publishers = folded_names((*source.publishers, *[each.value for each in stated]) if stated else source.publishers)
    for kind, organizations in (("publisher", publishers), ("agency", folded_names(source.agencies))):
        for reading in byline:
            if not is_organization(reading.value, organizations):
                break
        else:
            return kind
    kinds = {reading.kind for reading in byline}
    if byline[0].basis is Basis.ATTESTED and kinds == {None}:
        return "person"
    return byline[0].kind if len(kinds) == 1 else None


def masked_headline(
    found: str, normal: Normal, front_matter: FrontMatter | None, record: Record
) -> list[tuple[int, str]]:
    """The headline as pieces of a mask: pairs of an offset in the text as found and the characters there.

    One piece if the text has the headline as it is, else one piece for each character. Empty if the headline is not in the
    text, or if its characters do not each have one place.
    """
    reading = record.reading("headline")
    if reading is None or reading.span is None or reading.basis is not Basis.STATED:
        return []
    if reading.pointer is None:
        raw = found[reading.span.start : reading.span.end]
        return [(reading.span.start, raw)] if fold_whitespace(raw) == reading.value else []
    if front_matter is None:
        return []
    offsets = value_offsets(normal.text, front_matter, reading.pointer)
    if isinstance(offsets, range):  # as it is
        value = normal.text[offsets.start : offsets.stop - 1]
        return [(normal.found(offsets.start), value)] if value else []
    value = str(value_at(front_matter.values, reading.pointer))
    if offsets is None or len(offsets) != len(value) + 1:
        return []
    pieces = []
    for index, character in enumerate(value):
        width = offsets[index + 1] - offsets[index]
        pieces.append((normal.found(offsets[index]), character + GONE * (width - 1)))
    return pieces
