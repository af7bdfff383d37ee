"""Examples for a schema: one of its seeds, shortened, with made-up words of the same form in the place of its own.

What tells the layout stays: labels, furniture, dates, addresses, keys, and values that all seeds have.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import cycle, product
from typing import Any

from validator.engine.checking import check_seed
from validator.learning.furniture import label_of
from validator.learning.samples import Sample, is_paragraph, recurring
from validator.record.model import Reading
from validator.record.residue import residue_in
from validator.sources.identify import Claim
from validator.sources.model import FIELDS, Place, Source, Sources
from validator.sources.schema_editing import flow
from validator.text.findings import SeedReport
from validator.text.patterns import Subject

NAMES = ("a seed, shortened, with other words", "the same without its date")
_PARAGRAPHS, _LONGEST = 2, 160  # of an example, and characters of each
_KEPT_FIELDS = ("date_published", "source_url", "agency", "language")
_SYLLABLES = {
    "LATIN": ("bcdfglmnprstv", "aeiou"), "CYRILLIC": ("бвгдлмнпрст", "аеиоу"), "GREEK": ("βγδλμνπρστ", "αεηιο"),
    "ARABIC": ("بتدرسلمنه", "اوي"), "HEBREW": ("בגדלמנרשת", "אוי"),
}  # fmt: skip
_SIGNS = {
    "CJK": "样本字句文段例示",
    "HIRAGANA": "あいうえおかきく",
    "KATAKANA": "アイウエオカキク",
    "HANGUL": "가나다라마바사아",
}


def made_up(text: str) -> str:
    """The text with other letters in its words: as many, of the same script and case. Digits and signs stay."""
    import unicodedata

    turns = {name: [cycle(each) for each in letters] for name, letters in _SYLLABLES.items()}
    signs = {name: cycle(each) for name, each in _SIGNS.items()}
    out, at = [], 0
    for character in text:
        script = unicodedata.name(character, "").partition(" ")[0] if character.isalpha() else ""
        at = at + 1 if script else 0
        if script in turns:
            letter = next(turns[script][(at + 1) % 2])
            out.append(letter.upper() if character.isupper() else letter)
        else:
            out.append(next(signs[script]) if script in signs else character)
    return "".join(out)


def _examples(
    source: Source, samples: Sequence[Sample], sources: Sources, kept: Collection[str]
) -> list[dict[str, Any]]:
    """One or two examples, as a schema writes them; none if no seed can be shortened so that all of it is still read.

    `kept` are lines and values that many seeds share.
    """
    known = {**sources, source.id: source}
    best = sorted(samples, key=lambda each: (-len(_fields(each, source)), len(each.text), each.name))[:3]
    for sample, has_rest in product(best, (False, True)):
        suffix = re.search(r"\.\w{1,5}$", sample.name)
        path = f"{source.id}/{_dated(sample.name)}example{suffix[0] if suffix else ''}"
        text = _page(sample, source) if sample.is_page else _short(sample, source, kept, has_rest)
        report = check_seed(text.encode(), known, path=path)
        if report.source == source.id and report.record.keys() >= _fields(sample, source) - {"language"}:
            out = [_example(NAMES[0], path, text, report)]
            without = _undated(text, report)
            judged = check_seed(without.encode(), known, path=path)
            if without != text and judged.source == source.id and judged.verdict != report.verdict:
                out.append(_example(NAMES[1], path, without, judged))
            return out
    return []


def _fields(sample: Sample, source: Source) -> set[str]:
    report = check_seed(sample.data, {source.id: source}, path=sample.name, claim=Claim(source.id, "its schema"))
    return set(report.record) & {"headline", "byline", "date_published", "source_url", "dateline", "agency"}


def _dated(name: str) -> str:
    """The date that a file's name begins with: some sources read it."""
    match = re.match(r"\d{4}-\d\d-\d\d-", name.rpartition("/")[2])
    return match[0] if match else ""


def _example(name: str, path: str, text: str, report: SeedReport) -> dict[str, Any]:
    record = {key: report.record[key] for key in ("headline", "byline", "date_published") if key in report.record}
    findings = sorted(each.rule for each in report.findings)
    verdict = str(report.verdict)
    return {"name": name, "path": path, "text": text, "verdict": verdict, "record": record, "findings": findings}


def _undated(text: str, report: SeedReport) -> str:
    for value in report.values:
        if value.field == "date_published" and value.start is not None and value.end is not None:
            start, end = value.start.offset, value.end.offset
            return text[:start] + re.sub(r"\d", "x", text[start:end]) + text[end:]
    return text


def _short(sample: Sample, source: Source, kept: Collection[str], has_rest: bool) -> str:
    """A text, with front matter or without: its values, two paragraphs and what is below them."""
    text, (stays, values) = sample.text, _stays(sample, source, has_rest)
    labels = tuple(each for each in kept if each.endswith((":", "：")))
    content = sample.matter.span.end if sample.matter is not None else 0
    pieces: list[str] = [_matter(sample, content, stays, kept)]
    at, count = content, 0
    for line in text[content:].splitlines(keepends=True):
        folded = " ".join(line.split())
        is_value = any(at <= start < at + len(line) for start in values)
        if folded in kept or not folded:
            pieces.append(line)
        elif is_paragraph(folded) and not is_value:
            count += 1
            pieces.append(made_up(_cut(line.strip())) + "\n" if count <= _PARAGRAPHS else "")
        elif labels and folded.startswith(labels) and not is_value:
            label = next(each for each in labels if folded.startswith(each))
            pieces.append(label + made_up(folded.removeprefix(label)) + "\n")
        elif count <= _PARAGRAPHS or is_value:
            pieces.append(_masked(text, at, at + len(line), stays))
        at += len(line)
    return re.sub(r"\n{3,}", "\n\n", "".join(pieces)).rstrip("\n") + "\n"


def _stays(sample: Sample, source: Source, has_rest: bool) -> tuple[list[tuple[int, int]], set[int]]:
    """The stretches that stay, and where values begin: what is before a value in its line, but for other values.

    With `has_rest` what is behind the last value of a line stays too: some places go by it.
    """
    reader, whole, stays = sample.reader(source), list[tuple[int, int]](), list[tuple[int, int]]()
    for field in FIELDS:
        for reading in reader.of(field) if field != "body" else ():
            if reading.span is not None:
                start, end = (sample.normal.normal(each) for each in reading.span)
                whole.append((start, end))
                stays += [(start, end)] if field in _KEPT_FIELDS else _inner(reading, sample)
    whole.sort()
    for number, (start, _) in enumerate(whole):
        line = sample.text.rfind("\n", 0, start) + 1
        before = max((end for _, end in whole[:number] if end <= start), default=0)
        stays.append((max(line, before), start))
    for _, end in whole if has_rest else ():
        line = sample.text.find("\n", end)
        stays.append((end, line if line >= 0 and not any(end < start < line for start, _ in whole) else end))
    return stays, {start for start, _ in whole}


def _inner(reading: Reading, sample: Sample) -> list[tuple[int, int]]:
    """Parts of a value that stay: a dateline's month, day and year, and its agency."""
    named = [reading.groups[name][1] for name in ("date", "month", "day", "year", "agency") if name in reading.groups]
    return [(sample.normal.normal(span.start), sample.normal.normal(span.end)) for span in named]


def _matter(sample: Sample, content: int, stays: Sequence[tuple[int, int]], kept: Collection[str]) -> str:
    matter = sample.matter
    if matter is None:
        return ""
    keep = [span for at, span in matter.spans.items() if sample.text[slice(*span)].strip("\"'") in kept]
    changes = [
        span
        for at, span in matter.spans.items()
        if at and span not in keep and not any(other != at and other.startswith(f"{at}/") for other in matter.spans)
    ]
    stay = [(0, content)]
    for start, end in sorted(changes):
        last = stay.pop()
        stay += [(last[0], start), (end, last[1])]
    return _masked(sample.text, 0, content, [*stay, *stays, *((span.start, span.end) for span in keep)])


def _masked(text: str, start: int, end: int, stays: Sequence[tuple[int, int]]) -> str:
    """A stretch of text with made-up words but where it stays."""
    pieces: list[str] = []
    at = start
    for first, last in sorted(stays):
        begin, stop = max(first, at), min(last, end)
        if begin < stop:
            pieces += [made_up(text[at:begin]), text[begin:stop]]
            at = stop
    return "".join([*pieces, made_up(text[at:end])])


def _cut(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    ends = [match.end() for match in re.finditer(r"[.!?。！？](?=\s|[^\x00-\x7f]|$)", text[:_LONGEST])]
    return text[: ends[-1]] if ends else text[:_LONGEST].rsplit(" ", 1)[0] + "."


def _page(sample: Sample, source: Source) -> str:
    """A page of its own with the signs of the source, and values at the places that this seed has them at."""
    reader = sample.reader(source)
    heads = [_sign(sample, pattern) for pattern, _ in (source.identify.text if source.identify is not None else ())]
    linked: dict[str, Any] = {"@context": "https://schema.org", "@type": "NewsArticle"}
    body: list[str] = []
    headline = made_up("A headline")
    for field in ("headline", "byline", "date_published", "source_url"):
        said = [_written(each, sample) if field in _KEPT_FIELDS else made_up(each.value) for each in reader.of(field)]
        headline = said[0] if field == "headline" and said else headline
        for place in _giving(sample, source, field):
            if place.below_headline is not None and not any(each.startswith("<h1") for each in body):
                body.insert(0, f"<h1>{html.escape(headline)}</h1>")
            _write(place, _around(place, sample, [each.value for each in reader.of(field)], said), heads, linked, body)
    if len(linked) > 2:
        heads.append(f'<script type="application/ld+json">{json.dumps(linked, ensure_ascii=False)}</script>')
    body.append("<div><p>" + made_up("One paragraph of the article is long enough to be its text.") + "</p></div>")
    tag = f' lang="{sample.languages[0]}"' if sample.languages else ""
    head, rest = "\n".join(dict.fromkeys(filter(None, heads))), "\n".join(body)
    return f"<!DOCTYPE html>\n<html{tag}><head>\n{head}\n</head><body><article>\n{rest}\n</article></body></html>\n"


def _written(reading: Reading, sample: Sample) -> str:
    """A value as its page writes it."""
    if reading.span is None:
        return reading.value
    start, end = (sample.normal.normal(each) for each in reading.span)
    return html.unescape(sample.text[start:end])


def _sign(sample: Sample, pattern: str) -> str:
    """The text that a fingerprint fits, as a whole element."""
    match = Subject(sample.text).search(pattern)
    said = (match.text() if match is not None else None) or ""
    if said.endswith("</title>"):
        return f"<title>{made_up('A headline')} - {said}"
    if said.startswith("<title>"):
        return f"{said}{made_up('A headline')}</title>"
    return said if said.endswith(">") or not said.startswith("<") else f'{said}">'


def _giving(sample: Sample, source: Source, field: str) -> Iterator[Place]:
    """The first place that gives the values of a field, or those that share it."""
    reader = sample.reader(source)
    wanted = [each.value for each in reader.of(field)]
    for place in source.places.get(field, ()):
        if wanted and [each.value for each in reader.with_place(field, place)] == wanted:
            yield from place.shared or (place,)
            return


def _write(place: Place, values: Sequence[str], heads: list[str], linked: dict[str, Any], body: list[str]) -> None:
    quoted = [html.escape(each) for each in values]
    if place.json_ld is not None:
        _nest(linked, place.json_ld.split("."), values)
    elif place.meta is not None:
        heads += [f'<meta property="{place.meta}" content="{each}">' for each in quoted]
    elif place.link is not None:
        heads += [f'<link rel="{place.link}" href="{each}">' for each in quoted]
    elif place.time is not None:
        body += [f'<time datetime="{each}">that day</time>' for each in quoted]
    elif place.below_headline is not None:
        body += [f"<div>{each}</div>" for each in quoted]
    elif place.element is not None:
        selector = re.fullmatch(r"(?:.*\s)?([a-z]\w*)(?:\.([\w-]+))?(?:\[.*\])?", place.element)
        if selector is not None:
            named = f' class="{selector[2]}"' if selector[2] else ""
            around = ("<table><tr>", "</tr></table>") if selector[1] == "td" else ("", "")
            body += [f"{around[0]}<{selector[1]}{named}>{each}</{selector[1]}>{around[1]}" for each in quoted]


def _around(place: Place, sample: Sample, old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Values with the words that are around them at a place that takes a part of a text, such as `By`."""
    texts: Sequence[str] = ()
    if place.below_headline is not None:
        texts = [text for text, _ in sample.page.below_headline]
    elif place.part is not None and place.element is not None:
        texts = [text for text, _ in sample.page.elements(place.element)]
    whole = next((text for text in texts if old and old[0] in text), None)
    if whole is None:
        return list(new)
    for one, other in zip(old, new, strict=True):
        whole = whole.replace(one, other)
    return [whole]


def _nest(into: dict[str, Any], steps: Sequence[str], values: Sequence[str]) -> None:
    steps = [step for step in steps if step != "*"]
    if len(steps) == 1:
        into[steps[0]] = values[0] if len(values) == 1 else list(values)
    elif steps:
        into[steps[0]] = [{steps[1]: each} for each in values]


def _kept_in(source: Source, samples: Sequence[Sample]) -> set[str]:
    """Lines at which furniture begins, and values of front matter, that most seeds share: they tell the layout."""
    values = ([str(each) for each in _values(sample) if isinstance(each, str)] for sample in samples)
    kept = {*recurring(values, len(samples))}
    for sample in samples:
        for left in () if sample.is_page else residue_in(sample.reader(source)):
            first = sample.decoded.text[slice(*left.span)].strip().partition("\n")[0]
            kept |= {" ".join(first.split()), *filter(None, [label_of(first)])}
    return kept


def _values(sample: Sample) -> Iterable[Any]:
    return sample.matter.values.values() if sample.matter is not None else ()


def examples_in(source: Source, samples: Sequence[Sample], sources: Sources) -> str:
    """The examples of a schema as it writes them; empty without any."""
    found = _examples(source, samples, sources, _kept_in(source, samples))
    lines = [line for example in found for line in _block(example)]
    return "\n".join(["examples:    # seeds, shortened, with made-up words", *lines, ""]) if found else ""


def _block(example: Mapping[str, Any]) -> list[str]:
    text = str(example["text"])
    is_plain = text.isprintable() or all(line.isprintable() and line == line.rstrip() for line in text.split("\n"))
    lines = [f"  - name: {flow(example['name'])}", f"    path: {flow(example['path'])}"]
    if is_plain and text.strip() and not text.startswith((" ", "\n")):
        lines += ["    text: |", *(f"      {line}".rstrip() for line in text.removesuffix("\n").split("\n"))]
    else:
        lines.append(f"    text: {flow(text)}")
    rest = {key: value for key, value in example.items() if key not in ("name", "path", "text")}
    return [*lines, *(f"    {key}: {flow(value)}" for key, value in rest.items())]
