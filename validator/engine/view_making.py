"""The views that rules look at, made from what was seen of a seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cached_property

from validator.engine.seen import Seen
from validator.parsing.dates import NAMED_FORMATS
from validator.parsing.front_matter import FrontMatter, comments_after_values
from validator.parsing.markup import filled, joined, layout
from validator.record.model import Record
from validator.record.reader import masked_headline
from validator.rules import views
from validator.rules.quotation_marks import Quotations, quotations_of
from validator.sources.json_schema import check, is_date, is_date_time
from validator.sources.model import Source
from validator.sources.schema_errors import Problem
from validator.text.errors import nearest
from validator.text.findings import (
    Basis,
    Severity,
)
from validator.text.places import Normal, Span, inside, shown

_TEXT_FIELDS = ("headline", "byline", "agency", "publisher")


class Views:
    """The views of one seed, each made when the first rule asks for it."""

    def __init__(self, seen: Seen, data: bytes, today: date | None) -> None:
        self._seen = seen
        self._data = data
        self._today = today

    @cached_property
    def raw(self) -> views.Raw:
        seen = self._seen
        return views.Raw(self._data, seen.decoded, seen.policy, seen.languages)

    @cached_property
    def text(self) -> views.Text:
        return _text_view(self._seen)

    @cached_property
    def fields(self) -> views.Fields:
        return _fields_view(self._seen)

    @cached_property
    def identity(self) -> views.Identity:
        read = self._seen.front_matter
        return views.Identity(self._seen.match, read is not None and read.problem is not None)

    @cached_property
    def body(self) -> views.Body:
        return _body_view(self._seen, self._record)

    @cached_property
    def quotations(self) -> Quotations:
        return quotations_of(self.body)

    @cached_property
    def residues(self) -> views.Residues:
        return views.Residues(self._record.residue)

    @cached_property
    def agreements(self) -> views.Agreements:
        return _agreements_view(self._seen, self._record)

    @cached_property
    def values(self) -> views.Values:
        record = self._record
        required = _required(self._seen.source, record, self.fields)
        missing = tuple([name for name in required if name != "body" and not record.readings.get(name)])
        misspelt = _misspelt(self._seen, missing, self.fields) if missing else {}
        is_page = self._seen.policy.container == "html"
        alike = _lookalikes(self._seen, missing) if missing and not is_page else {}
        forms = _date_forms(self._seen.source) if record.malformed is not None else ()
        return views.Values(record, required, self._today, missing, misspelt, is_page, alike, forms)

    @property
    def _record(self) -> Record:
        """The record. Only the view `raw` can be made of a seed that was not decoded."""
        assert self._seen.record is not None
        return self._seen.record


def front_matter_problem(seen: Seen) -> tuple[str, Span] | None:
    """Why the front matter that the source expects cannot be read, and where."""
    read = seen.front_matter
    if read is None:
        is_expected = seen.source.policy.container == "front-matter"
        return ("the seed has no front matter: its first line is not ---", Span(0, 0)) if is_expected else None
    return (read.problem.message, seen.normal.span(*read.problem.span)) if read.problem is not None else None


def _fields_view(seen: Seen) -> views.Fields:
    read, source, normal = seen.front_matter, seen.source, seen.normal
    problem = front_matter_problem(seen)
    problems: list[tuple[Problem, Span]] = []
    if read is not None and problem is None and source.front_matter is not None:
        found = (each for each in check(source.front_matter, read.values) if not _record_speaks(each, seen))
        problems.extend((each, _problem_span(each, read, normal)) for each in found)
    duplicates = [
        (
            each.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~"),
            normal.span(*each.first),
            normal.span(*each.second),
        )
        for each in (read.duplicates if read else ())
    ]
    return views.Fields(
        read,
        tuple(problems),
        tuple(duplicates),
        problem,
        tuple(_comments(seen)),
        _respelt(seen.record, read.dialect if read else "") if problems else None,
    )


def _comments(seen: Seen) -> Iterator[views.Comment]:
    read, normal = seen.front_matter, seen.normal
    if read is None or "#" not in normal.text[slice(*read.block)]:
        return
    named = {place.front_matter for name in _TEXT_FIELDS for place in seen.source.places.get(name, ())}
    for pointer, span in comments_after_values(normal.text, read):
        is_text = pointer.removeprefix("/") in named
        value, comment = normal.text[slice(*read.spans[pointer])], normal.text[slice(*span)]
        yield views.Comment(pointer, value, comment, normal.span(*span), is_text)


def _respelt(record: Record | None, dialect: str) -> tuple[str, str] | None:
    """The date of the front matter as ISO 8601 has it, if that says no less and no more than the value does.

    In JSON it is in quotation marks; YAML and TOML need none.
    """
    reading = record.reading("date_published") if record is not None else None
    if reading is None or reading.pointer is None or reading.basis is not Basis.STATED:
        return None
    if not (is_date(reading.value) or is_date_time(reading.value)):
        return None
    return reading.pointer, f'"{reading.value}"' if dialect == "JSON" else reading.value


def _record_speaks(problem: Problem, seen: Seen) -> bool:
    """Whether a rule of the record reports it more exactly: a value is missing or empty, or is not a date."""
    record = seen.record
    key = problem.missing if problem.missing is not None and not problem.pointer else problem.pointer.lstrip("/")
    for name in ("headline", "byline", "date_published", "source_url"):
        if not any(place.front_matter == key for place in seen.source.places.get(name, ())):
            continue
        if problem.missing is not None or (record is not None and name in record.empty):
            return name in seen.source.required
        if name == "date_published" and record is not None and record.malformed is not None:
            return record.malformed.pointer == problem.pointer
        if name == "date_published" and record is not None and record.date is not None:
            is_incomplete = record.date.year is None or record.date.day is None
            return is_incomplete and name in seen.source.required  # date-incomplete says so
    return False


def _problem_span(problem: Problem, read: FrontMatter, normal: Normal) -> Span:
    if problem.missing is not None and not problem.pointer:
        return normal.span(*read.opening)
    pointer = problem.pointer
    if problem.unknown is not None and pointer in read.key_spans:
        return normal.span(*read.key_spans[pointer])
    while pointer and pointer not in read.spans:
        pointer = pointer.rpartition("/")[0]
    return normal.span(*read.spans[pointer]) if pointer in read.spans else normal.span(*read.opening)


def _text_view(seen: Seen) -> views.Text:
    text, normal, read = seen.decoded.text, seen.normal, seen.front_matter
    spans: list[Span] = []
    if read is not None:
        spans.extend(normal.span(*span) for span in read.verbatim)
    laid_out = layout(text, seen.content, seen.markup)
    spans.extend(laid_out.verbatim)
    residue = tuple(Span(*left.span) for left in seen.record.residue) if seen.record else ()
    return views.Text(
        text,
        normal,
        seen.policy,
        normal.span(*read.span) if read is not None else None,
        tuple(sorted(spans)),
        residue,
        tuple(joined((*laid_out.apart, *laid_out.verbatim))) if laid_out.verbatim else laid_out.apart,
        laid_out.is_open,
        seen.languages,
    )


def _body_view(seen: Seen, record: Record) -> views.Body:
    text = seen.decoded.text
    # Preformatted text may be the article, so the record holds it; but which of its characters are code nobody knows.
    laid_out = layout(text, seen.content, seen.markup)
    masked = filled(record.masked, laid_out.verbatim, "\n")
    pieces = masked_headline(text, seen.normal, seen.front_matter, record)
    reading = record.reading("headline")
    # A page may say its headline in an attribute or in a script, where no rule about text has to look.
    if not pieces or reading is None or (seen.markup == "html" and inside(laid_out.apart, pieces[0][0])):
        return views.Body(text, masked, seen.policy, languages=seen.languages)
    start = pieces[0][0]
    content = "".join(piece for _, piece in pieces)
    masked = masked[:start] + content + masked[start + len(content) :]
    style = None
    if reading.pointer is not None and seen.front_matter is not None:
        style = seen.front_matter.styles.get(reading.pointer)
    headline = Span(start, start + len(content))
    return views.Body(text, masked[: len(text)], seen.policy, headline, style, seen.languages)


def _agreements_view(seen: Seen, record: Record) -> views.Agreements:
    reading, language = record.reading("date_published"), seen.policy.language
    is_stated = reading is not None and reading.basis is Basis.STATED
    languages = seen.languages or ((language,) if language else ())
    return views.Agreements(
        record.disagreements, seen.decoded.text, record.masked, reading.span if reading is not None and is_stated else None,
        languages, record.reading("language"),
    )  # fmt: skip


def _lookalikes(seen: Seen, missing: Sequence[str]) -> dict[str, list[tuple[Span, int, str]]]:
    """For each missing field, what looks like its value in the text: the span, the line and the text of each."""
    from validator.record.lookalikes import lookalikes

    normal, read = seen.normal, seen.front_matter
    start = read.block[1] if read is not None else 0
    languages = seen.languages or tuple(filter(None, [seen.policy.language]))
    found = lookalikes(normal.text, start, missing, seen.source.date_order, languages)
    return {name: [(normal.span(*each.span), each.line, each.text) for each in seen_] for name, seen_ in found.items()}


def _date_forms(source: Source) -> tuple[str, ...]:
    """How a source may write a date, as examples."""
    forms: list[str] = []
    for place in (each for each in source.places.get("date_published", ()) if each.path is None and each.url is None):
        if place.format == "any":
            forms += ["YYYY-MM-DD", "a date in words (4 March 2021)"]
            forms += (
                [{"day-first": "4/3/2021", "month-first": "3/4/2021"}[source.date_order]] if source.date_order else []
            )
        elif place.format in NAMED_FORMATS:
            forms.append({"epoch-ms": "milliseconds", "epoch-s": "seconds"}[place.format] + " since 1970")
        else:
            forms.append(datetime(2021, 3, 4, 15, 6, 7, tzinfo=UTC).strftime(place.format))
    return tuple(dict.fromkeys(forms))


def _misspelt(seen: Seen, missing: Iterable[str], fields: views.Fields) -> dict[str, str]:
    """For each missing field, what a front-matter key that nothing reads looks like: `auther` for `author`."""
    read = seen.front_matter
    if read is None or fields.problems:
        return {}
    places = seen.source.places
    known = {place.front_matter for name in places for place in places[name] if place.front_matter}
    said = {}
    for name in missing:
        keys = {
            place.front_matter for place in places.get(name, ()) if place.front_matter and len(place.front_matter) > 3
        }
        for key in read.values:
            alike = [each for each in keys if _is_alike(each, key)] if key not in known else []
            near = nearest(key, keys) if alike else None
            if near in alike:
                said[name] = f': is the key "{shown(key)}" a misspelt "{near}"?'
                break
    return said


def _is_alike(name: str, key: str) -> bool:
    return name[0].lower() == key[:1].lower() and abs(len(name) - len(key)) <= 1


def _required(source: Source, record: Record, fields: views.Fields) -> dict[str, Severity]:
    """What the record must hold: not an address if the front matter's schema rejects the one that is there."""
    reported = {problem.pointer for problem, _ in fields.problems}
    if record.bad_url is not None and record.bad_url.pointer in reported:
        return {name: severity for name, severity in source.required.items() if name != "source_url"}
    return source.required
