"""A schema tried on seeds: which fields are found, which values are far from the others, and who else claims the seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from validator.engine.checking import check_seed
from validator.learning.forms import are_names
from validator.learning.samples import width
from validator.record.places import folded_names
from validator.sources.identify import Claim
from validator.sources.model import Source, Sources
from validator.text.findings import SeedReport, Severity, Value

FIELDS_SHOWN = ("headline", "byline", "date_published", "dateline", "agency", "source_url", "body")
_LEAST = 5  # seeds from which on a value can be far from the others
_LONGER, _FURTHER_LINES, _FURTHER_YEARS = 3.0, 6, 15
_MISSING_IN_MANY = 0.25


@dataclass(frozen=True, slots=True)
class Odd:
    """A value that is missing or far from the others, and why."""

    seed: str
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a schema. `counts` are found, missing and odd by field; `claimed` seeds are its own without being named."""

    reports: tuple[SeedReport, ...]
    counts: Mapping[str, tuple[int, int, int]]
    odd: tuple[Odd, ...]
    claimed: int
    certain: int
    rivals: Mapping[str, int]
    errors: tuple[Odd, ...]

    def is_missing_in_many(self, source: Source) -> list[str]:
        """Required fields that many seeds do not have."""
        number = len(self.reports)
        return [
            field
            for field, (_, missing, _odd) in self.counts.items()
            if source.required.get(field) is Severity.ERROR and missing > _MISSING_IN_MANY * number
        ]


def try_source(
    source: Source, seeds: Sequence[tuple[str, bytes]], sources: Sources, today: date | None = None
) -> Tried:
    """Read seeds by a source, whoever claims them, and see by whom they are claimed."""
    known = {**sources, source.id: source}
    reports = tuple(
        check_seed(data, known, path=name, claim=Claim(source.id, "its schema"), today=today) for name, data in seeds
    )
    free = [check_seed(data, known, path=name, today=today) for name, data in seeds]
    generic = {each.id for each in known.values() if each.identify is not None and each.identify.generic}
    rivals = Counter(each.source for each in free if each.source not in (None, source.id, *generic))
    own = [each for each in free if each.source == source.id]
    odd = [each for field in FIELDS_SHOWN for each in _odd(field, reports, folded_names(source.agencies))]
    alike = Counter((each.field, each.why) for each in odd)
    odd = [each for each in odd if each.why.startswith(_ALWAYS) or alike[each.field, each.why] <= 0.3 * len(seeds)]
    shown = [field for field in FIELDS_SHOWN if field in source.places or field in source.required]
    counts = {}
    for field in shown:
        missing = sum(not _has(report, field) for report in reports)
        strange = sum(each.field == field and not each.why.startswith(_MISSING) for each in odd)
        counts[field] = (len(reports) - missing, missing, strange)
    errors = [
        Odd(report.path, each.rule, each.message)
        for report in reports
        for each in report.findings
        if each.severity is Severity.ERROR and each.rule not in _OF_FIELDS
    ]
    return Tried(
        reports,
        counts,
        tuple(each for each in odd if each.field in counts),
        len(own),
        sum(not any(line.startswith("uncertain") for line in each.evidence) for each in own),
        {str(name): count for name, count in rivals.items()},
        tuple(errors),
    )


_MISSING, _SAME = "missing", "odd: the same as in "
_ALWAYS = (_MISSING, _SAME)  # however many seeds it is said of
_OF_FIELDS = ("headline-missing", "byline-missing", "date-missing", "source-url-missing", "body-missing")


def _has(report: SeedReport, field: str) -> bool:
    return bool(report.body and report.body.characters) if field == "body" else field in report.record


def _odd(field: str, reports: Sequence[SeedReport], agencies: frozenset[str]) -> list[Odd]:
    out = [Odd(report.path, field, _why_missing(report, field)) for report in reports if not _has(report, field)]
    having = [report for report in reports if _has(report, field)]
    if len(having) < _LEAST:
        return out
    sizes = [_size(report, field) for report in having]
    middle = median(sizes)
    lines = [_line(report, field) for report in having]
    usual, how_many = Counter(lines).most_common(1)[0]
    years = [_year(report) for report in having if field == "date_published" and _year(report)]
    said = Counter(str(report.record[field]) for report in having if field == "headline")
    for report, size, line in zip(having, sizes, lines, strict=True):
        why, same = "", said[str(report.record.get(field))] - 1
        if same > 1 and said.total() > _LEAST:
            out.append(Odd(report.path, field, f"{_SAME}{same} other seeds"))
        elif field in ("headline", "body") and (size > _LONGER * middle or _LONGER * size < middle):
            why = f"{size} characters, most have about {middle:.0f}"
        elif field == "byline" and not all(are_names(str(each), agencies) for each in report.record[field]):
            why = "it has not the form of names"
        elif (
            field == "date_published"
            and years
            and _year(report)
            and abs(_year(report) - median(years)) > _FURTHER_YEARS
        ):
            why = f"most are of about {median(years):.0f}"
        elif field != "body" and line and usual and how_many > 0.7 * len(having) and abs(line - usual) > _FURTHER_LINES:
            why = f"it is on line {line}, most are on line {usual}"
        if why:
            out.append(Odd(report.path, field, f"odd: {why}"))
    return out


def _year(report: SeedReport) -> int:
    """The year of the publication date, 0 if it is unknown."""
    year = str(report.record.get("date_published"))[:4]
    return int(year) if year.isdecimal() else 0


def _why_missing(report: SeedReport, field: str) -> str:
    rules = {"date_published": "date-malformed", "source_url": "source-url-missing", "body": "body-missing"}
    said = next((each.message for each in report.findings if each.rule == rules.get(field)), "")
    return f"{_MISSING}: {said}" if said else _MISSING


def _size(report: SeedReport, field: str) -> int:
    if field == "body":
        return report.body.characters if report.body else 0
    return width(str(report.record[field]))


def _line(report: SeedReport, field: str) -> int:
    places = [value for value in report.values if value.field == field and value.start is not None]
    return places[0].start.line if places and places[0].start is not None else 0


def values_in(report: SeedReport) -> list[Value]:
    """The values that are in the text, in order, without those inside others."""
    out: list[Value] = []
    for value in sorted(
        (each for each in report.values if each.start is not None and each.end is not None),
        key=lambda each: (each.start.offset if each.start else 0, -(each.end.offset if each.end else 0)),
    ):
        if not out or (
            out[-1].end is not None and value.start is not None and value.start.offset >= out[-1].end.offset
        ):
            out.append(value)
    return out
