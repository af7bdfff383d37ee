"""What a curator points at: "this is the byline", or "this is not part of the article"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from validator.learning.aligning import Aligner, Choice, Entry
from validator.learning.forms import date_in, form_of_all
from validator.learning.furniture import Furniture, label_of
from validator.learning.keyed_places import entry_of, keys_of
from validator.learning.samples import HEAD_LINES, Line, Sample, has_digits, is_paragraph, width
from validator.parsing.dates import DateValue, read_date
from validator.sources.model import FIELDS, Place
from validator.sources.schema_file import place_of
from validator.text.errors import ConfigError
from validator.text.patterns import escaped
from validator.text.places import fold_whitespace, shown

FURNITURE = "furniture"
POINTED = (*(name for name in FIELDS if name not in ("body", "publisher", "language")), FURNITURE)
"""What a text may be said to be: the value of a field, or furniture, which is not part of the article."""

META = ("og:title", "author", "article:author", "article:published_time", "date", "og:url", "og:site_name")
JSON_LD = ("headline", "author.*.name", "author", "datePublished", "url", "publisher.name")
_ENDS = ",|·•(–—"  # signs before what is no longer the value
_MOST_LINES = 8  # of furniture that is not at the end


class Pointed(NamedTuple):
    """What a curator points at: in the seed `name`, `text` is the value of `field`, or furniture."""

    name: str
    field: str
    text: str


def point(aligner: Aligner, pointed: Pointed, earlier: Sequence[Pointed] = ()) -> None:
    """Give a field the place of the value that is pointed at, in `aligner.found`. Raises ConfigError if no place gives it.

    Where the seed has no value yet, the place comes behind those that are there, and is for seeds like this one. Else it takes
    their place, but for what was pointed at `earlier`, which is still read as it was said.
    """
    field, sample = pointed.field, _sample_of(pointed, aligner)
    before = list(aligner.found.get(field, ()))
    try:
        new = place_for(pointed, aligner)
    except ConfigError:
        if _gives(aligner, [place_of(choice.entry) for choice in before], field, sample, fold_whitespace(pointed.text)):
            return  # it is read so already
        raise
    wanted = [(pointed, sample), *((each, _sample_of(each, aligner)) for each in earlier if each.field == field)]
    is_missing = bool(before) and not sample.reader(aligner.source()).of(field)
    orders = ([*before, new], [new], [new, *before]) if is_missing else ([new], [new, *before], [*before, new])
    for order in orders:
        places = [place_of(choice.entry) for choice in order]
        if all(_gives(aligner, places, field, each, fold_whitespace(said.text)) for said, each in wanted):
            aligner.found[field] = order
            return
    aligner.found[field] = [new]


def places_in(aligner: Aligner, field: str) -> list[Choice]:
    """The places that a source has for a field, as choices, each with what it gives by itself."""
    return [aligner.tried(field, entry_of(place), bool) for place in aligner.base.places.get(field, ())]


def place_for(pointed: Pointed, aligner: Aligner) -> Choice:
    """The place that gives this value in its seed, and values in the most other seeds. Raises ConfigError if there is none."""
    wanted, sample = fold_whitespace(pointed.text), _sample_of(pointed, aligner)
    best: tuple[int, int, Choice] | None = None
    for entry in _entries(sample, wanted, aligner, pointed.field):
        if not _gives(aligner, [place_of(entry)], pointed.field, sample, wanted):
            continue
        choice = aligner.tried(pointed.field, entry, bool)
        weight = (choice.good - 2 * choice.bad, len(set(choice.flat)))
        if best is None or weight > best[:2]:
            best = (*weight, choice)
    if best is None:
        field = pointed.field.replace("_", " ")
        raise ConfigError(
            f'no place gives "{shown(wanted)}" as its {field}: is it in the seed in these words?', pointed.name
        )
    return best[2]


def _sample_of(pointed: Pointed, aligner: Aligner) -> Sample:
    sample = next((each for each in aligner.samples if each.name == pointed.name), None)
    if sample is None:
        raise ConfigError("it is not among the seeds to learn from", pointed.name)
    return sample


def _gives(aligner: Aligner, places: Sequence[Place], field: str, sample: Sample, wanted: str) -> bool:
    """Whether places give just what was pointed at. A date is given in other words, and names without what divides them."""
    readings = sample.reader(aligner.source(field, places)).of(field)
    if sample.is_page and len(readings) == 1 and readings[0].date is not None:
        return _is_date(readings[0].date, wanted, sample, aligner)
    found = sample.decoded.text
    said = [fold_whitespace(found[slice(*each.span)]) if each.span is not None else each.value for each in readings]
    return bool(said) and (
        (all(each in wanted for each in said) and sum(map(len, said)) >= 0.6 * len(wanted))
        or [each.value for each in readings] == [wanted]
    )


def _is_date(read: DateValue, wanted: str, sample: Sample, aligner: Aligner) -> bool:
    """Whether a date that is read in a page is the one pointed at. Its place is that of the whole element."""
    order, languages = aligner.base.date_order, (*sample.languages, *filter(None, [aligner.base.policy.language]))
    found = date_in(wanted, order, languages)
    said = read_date(found.said, "any", order, languages) if found is not None else None
    parts = ("year", "month", "day", "hour", "minute")
    return said is not None and all(getattr(said, part) in (None, getattr(read, part)) for part in parts)


def _entries(sample: Sample, wanted: str, aligner: Aligner, field: str) -> Iterator[Entry]:
    if sample.matter is not None and sample.matter.values:
        yield from ({"front_matter": key} for key in dict.fromkeys(keys_of(sample)))
    if sample.is_page:
        yield from ({"json_ld": path} for path in JSON_LD)
        yield from ({"meta": name} for name in META)
        for selector in ("h1", "h2", "time", *sample.page.classes()):
            texts = [value for value, _ in sample.page.elements(selector)]
            yield from _cut({"element": selector}, texts, wanted)
            befores = [text.partition(wanted)[0].split() for text in texts if wanted in text]
            if field == "date_published" and befores:
                value = rf"(?P<value>\b{form_of_all([wanted])})"
                yield {"element": selector, "part": value}
                if befores[0]:
                    yield {"element": selector, "part": rf"{escaped(befores[0][-1])}\s*{value}"}
        return
    below = [
        name for name in ("headline", "byline", "date_published") if name != field and aligner.source().places.get(name)
    ]
    for line in sample.lines:
        if wanted not in line.text:
            continue
        if field == "dateline" and line.text.startswith(wanted):
            yield _dateline(line.text, wanted, aligner)
        start, label = line.text.index(wanted), label_of(line.text)
        labels = dict.fromkeys(filter(None, (line.text[:start].strip(), label and label.rstrip("|"))))
        for said in labels:
            if len(said) <= start:
                yield from _cut({"label": said}, [line.text[len(said) :].strip()], wanted)
        places: list[Entry] = [{"line": line.number}, {"line": line.number - len(sample.lines) - 1}]
        places += [{side: name} for name in below for side in ("below", "above")]
        for place in places:
            yield from _cut(place, [line.text], wanted)


def _dateline(line: str, wanted: str, aligner: Aligner) -> Entry:
    """A town, and perhaps a day, that begin a line, before the sign that is behind them here."""
    languages = tuple(filter(None, [aligner.base.policy.language]))
    found = date_in(wanted, aligner.base.date_order, languages, without_year=True)
    day = rf",? *(?P<date>{form_of_all([found.said])})" if found is not None and found.before else ""
    sign = escaped(line.removeprefix(wanted).lstrip()[:1])
    value = rf"(?P<value>(?P<place>\pL[^\n()（）\d]{{0,50}}?){day})"
    return {"pattern": rf"^[ \t]*{value}[ \t]*{sign or '$'}", "within_lines": HEAD_LINES + 5}


def _cut(entry: Entry, texts: list[str], wanted: str) -> Iterator[Entry]:
    """A place whose whole text is wanted, or the part of it that is."""
    for text in texts:
        if text == wanted:
            yield entry
        elif wanted in text:
            before, _, after = text.partition(wanted)
            starts = [rf"^{escaped(before)}" if before else "^"]
            last = before.rstrip()[-1:]
            if last and not last.isalnum():  # what is before a sign may be other words in other seeds
                starts.append(rf"^[^\n]*{escaped(last)}\s*")
            sign = after.lstrip()[:1]
            for start in starts:
                if sign and sign in _ENDS:
                    yield {**entry, "part": rf"{start}(?P<value>[^{escaped(sign)}\n]*?)\s*{escaped(sign)}"}
                yield {
                    **entry,
                    "part": rf"{start}(?P<value>.*?){escaped(after)}$" if after else rf"{start}(?P<value>.*)$",
                }


def furniture_for(pointed: Pointed, aligner: Aligner, number: int) -> Furniture:
    """The entry of `residue` for a text that is not part of the article. Raises ConfigError if it is not whole lines of the seed.

    Lines at the end are furniture with all below them. A line may differ in its numbers, or in what is behind its label, from
    seed to seed.
    """
    sample = _sample_of(pointed, aligner)
    entry: dict[str, Any] = {"name": f"{POINTED_AT}{number}", "rule": "page-furniture"}
    if sample.is_page:
        found = _element_with(fold_whitespace(pointed.text), sample, aligner.samples)
        return Furniture({**entry, "element": found[0], "severity": "warning"}, found[1], pointed.text)
    lines = _lines_of(pointed, sample)
    is_end = lines[-1] is sample.lines[-1] and len(lines) > 1
    if len(lines) > _MOST_LINES and not is_end:
        raise ConfigError(
            f"say it of at most {_MOST_LINES} lines at a time, or of all that are left to the end", pointed.name
        )
    said = fold_whitespace(pointed.text) if len(lines) == 1 else ""
    patterns = [_pattern_of(line, said, aligner.samples) for line in (lines[:1] if is_end else lines)]
    whole = r"\s*\n\s*".join(patterns)
    where = {"from": whole, "to_end": True, "at_most": 0.5} if is_end else {"pattern": whole}
    seeds = sum(each.subject.fits(whole) for each in aligner.samples)
    return Furniture({**entry, **where, "severity": "warning"}, seeds, lines[0].text)


POINTED_AT = "pointed-"
"""How the names of furniture that a curator pointed at begin."""


def _lines_of(pointed: Pointed, sample: Sample) -> list[Line]:
    """The lines of a seed that a text is in."""
    said = [folded for line in pointed.text.split("\n") if (folded := fold_whitespace(line.replace("\t", " | ")))]
    for at in range(len(sample.lines)):
        lines = sample.lines[at : at + len(said)]
        if said and len(lines) == len(said) and all(one in line.text for one, line in zip(said, lines, strict=True)):
            return list(lines)
    raise ConfigError(f'"{shown(fold_whitespace(pointed.text))}" is not in the seed in these words', pointed.name)


def _pattern_of(line: Line, said: str, samples: Sequence[Sample]) -> str:
    """The pattern for a line of furniture that fits the most seeds: the line itself, or with other numbers, or its beginning."""
    patterns = [rf"^[ \t]*{_words(line.raw)}[ \t]*$"]
    if has_digits(line.text):
        patterns.append(re.sub(r"\d+", r"\\d+", patterns[0]))
    starts = [said if said != line.text and line.text.startswith(said) else "", label_of(line.text) or ""]
    patterns += [rf"^[ \t]*{_words(start)}[^\n]*$" for start in starts if width(start) > 1]

    def fitting(pattern: str) -> int:
        is_text = any(
            is_paragraph(other.text) and other.text != line.text and each.subject.fits(pattern)
            for each in samples for other in each.lines if other.text.startswith(line.text[:8])
        )  # fmt: skip
        return -1 if is_text else sum(each.subject.fits(pattern) for each in samples)

    return max(patterns, key=fitting)  # of equals the first


def _words(text: str) -> str:
    """A pattern for the words of a line, with any spaces between them."""
    return r"[ \t]+".join(map(escaped, text.split()))


def _element_with(wanted: str, sample: Sample, samples: Sequence[Sample]) -> tuple[dict[str, Any], int]:
    """The element of a page that has this text, by its class, and how many of the seeds have one of the kind."""
    fitting = [
        selector
        for selector in sample.page.classes()
        if any(wanted in text and len(text) <= 3 * len(wanted) + 40 for text, _ in sample.page.elements(selector))
    ]
    if not wanted or not fitting:
        raise ConfigError(f'no element with a class holds "{shown(wanted)}" and little else')
    best = min(fitting, key=lambda each: min(len(text) for text, _ in sample.page.elements(each) if wanted in text))
    tag, _, name = best.partition(".")
    return {"tag": [tag], "class": [name]}, sum(bool(each.page.elements(best)) for each in samples)
