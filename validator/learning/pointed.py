"""A place for a value that a curator points at: "this is the byline"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from validator.learning.aligning import Aligner, Choice, Entry
from validator.learning.keyed_places import keys_of
from validator.learning.samples import Sample
from validator.sources.schema_file import place_of
from validator.text.errors import ConfigError
from validator.text.patterns import escaped
from validator.text.places import fold_whitespace, shown

_META = ("og:title", "author", "article:author", "article:published_time", "date", "og:url", "og:site_name")
_JSON_LD = ("headline", "author.*.name", "author", "datePublished", "url", "publisher.name")
_ENDS = ",|·•(–—"  # signs before what is no longer the value


class Pointed(NamedTuple):
    """What a curator points at: in the seed `name`, `text` is the value of `field`."""

    name: str
    field: str
    text: str


def place_for(pointed: Pointed, aligner: Aligner) -> Choice:
    """The place that gives this value in its seed, and values in the most other seeds. Raises ConfigError if there is none."""
    wanted = fold_whitespace(pointed.text)
    number = next((index for index, each in enumerate(aligner.samples) if each.name == pointed.name), None)
    if number is None:
        raise ConfigError("it is not among the seeds to learn from", pointed.name)
    sample = aligner.samples[number]
    best: tuple[int, int, Choice] | None = None
    for entry in _entries(sample, wanted, aligner, pointed.field):
        if not _gives(aligner, entry, pointed.field, sample, wanted):
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


def _gives(aligner: Aligner, entry: Entry, field: str, sample: Sample, wanted: str) -> bool:
    """Whether a place gives just what was pointed at. A date is given in other words, and names without what divides them."""
    readings = sample.reader(aligner.source(field, [place_of(entry)])).of(field)
    found = sample.decoded.text
    said = [fold_whitespace(found[slice(*each.span)]) if each.span is not None else each.value for each in readings]
    return bool(said) and (
        (all(each in wanted for each in said) and sum(map(len, said)) >= 0.6 * len(wanted))
        or [each.value for each in readings] == [wanted]
    )


def _entries(sample: Sample, wanted: str, aligner: Aligner, field: str) -> Iterator[Entry]:
    if sample.matter is not None and sample.matter.values:
        yield from ({"front_matter": key} for key in dict.fromkeys(keys_of(sample)))
        return
    if sample.is_page:
        yield from ({"json_ld": path} for path in _JSON_LD)
        yield from ({"meta": name} for name in _META)
        for selector in ("h1", "h2", "time", *sample.page.classes()):
            yield from _cut({"element": selector}, [value for value, _ in sample.page.elements(selector)], wanted)
        return
    below = [name for name in aligner.found if name != field]
    for line in sample.lines:
        if wanted not in line.text:
            continue
        before = line.text[: line.text.index(wanted)].strip()
        if before:
            yield from _cut({"label": before}, [line.text[len(before) :].strip()], wanted)
        places: list[Entry] = [{"line": line.number}, {"line": line.number - len(sample.lines) - 1}]
        places += [{side: name} for name in below for side in ("below", "above")]
        for place in places:
            yield from _cut(place, [line.text], wanted)


def _cut(entry: Entry, texts: list[str], wanted: str) -> Iterator[Entry]:
    """A place whose whole text is wanted, or the part of it that is."""
    for text in texts:
        if text == wanted:
            yield entry
        elif wanted in text:
            before, _, after = text.partition(wanted)
            start = rf"^{escaped(before)}" if before else "^"
            sign = after.lstrip()[:1]
            if sign and sign in _ENDS:
                yield {**entry, "part": rf"{start}(?P<value>[^{escaped(sign)}\n]*?)\s*{escaped(sign)}"}
            yield {**entry, "part": rf"{start}(?P<value>.*?){escaped(after)}$" if after else rf"{start}(?P<value>.*)$"}
