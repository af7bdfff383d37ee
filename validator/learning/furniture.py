"""What pages leave around an article: lines and blocks that recur exactly, never a paragraph of the article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from validator.learning.samples import Line, Sample, has_digits, is_paragraph, is_sentence, recurring, width
from validator.learning.text_places import known_labels
from validator.text.patterns import escaped

_SHARE = 0.4  # no furniture is more of a seed than this
_SENTENCE = 40  # columns from which on a line that ends as a sentence does is text
_MOST = 8  # lines that are named one by one


@dataclass(frozen=True, slots=True)
class Furniture:
    """One kind of residue: its entry in the schema, and in how many seeds it is."""

    entry: dict[str, Any]
    seeds: int
    line: str


def furniture_in(samples: Sequence[Sample], taken: Sequence[Collection[Line]]) -> list[Furniture]:
    """What recurs above, inside and below the articles. `taken` are the lines of each seed that hold a value of its record."""
    if len(samples) < (2 if samples[0].matter is None else 3):
        return []
    constant = recurring(([line.text for line in each.lines] for each in samples), len(samples))
    values = {line.text for lines in taken for line in lines}
    constant = {text: count for text, count in constant.items() if text not in values and _is_furniture(text)}
    if any(_share(sample, constant) > _SHARE for sample in samples):
        return []  # copies of one seed, or what a program wrote: all of it recurs
    tails, starts = _tails(samples, constant, taken)
    out = [
        _line(text, constant[text], number, samples) for number, text in enumerate(_alone(samples, constant, starts), 1)
    ]
    return out[:_MOST] + _notes(samples, taken) + tails


def _notes(samples: Sequence[Sample], taken: Sequence[Collection[Line]]) -> list[Furniture]:
    """Lines directly below the values at the top that say another date or another name behind a label: `Updated: 4 March`.

    Without an entry they would be the first lines of the article.
    """
    seeds, many = Counter[str](), set[str]()
    for sample, values in zip(samples, taken, strict=True):
        last = max((line.number for line in values if line in sample.head), default=0)
        notes: list[str] = []
        for line in sample.head[last:] if last and sample.matter is None else ():
            note = _note(line.text)
            if not line.follows or note is None:
                break
            notes.append(note)
        seeds.update(set(notes))
        many |= {note for note in notes if sum(line.text.startswith(note) for line in sample.lines) > 1}
    known = known_labels("not date")
    kept = [
        note
        for note, count in seeds.items()
        if (count > 1 or note.strip(" :：|").casefold() in known) and note not in many
    ]
    return [
        Furniture(
            {
                "name": f"note-{number}", "rule": "page-furniture", "severity": "warning",
                "pattern": rf"^{escaped(note)}(?:[^\n]*[^\s])?",
            },
            seeds[note],
            note,
        )
        for number, note in enumerate(kept[:_MOST], 1)
    ]  # fmt: skip


def _note(text: str) -> str | None:
    """The label of a note, with its colon or without: `Mis à jour le 4 mars`."""
    label = label_of(text)
    if label is not None:
        return label
    words = text.split(" ")
    for count in range(min(4, len(words) - 1), 0, -1):
        said = " ".join(words[:count])
        if said.casefold() in known_labels("not date") and has_digits(text):
            return said + " "
    return None


def _is_furniture(text: str) -> bool:
    return width(text) > 3 and any(map(str.isalpha, text)) and not text.startswith(("#", "```", "~~~", "<", "{%"))


def _share(sample: Sample, constant: Collection[str]) -> float:
    """How much of a seed recurs."""
    lengths = [(len(line.text), line.text in constant) for line in sample.lines]
    return sum(length for length, recurs in lengths if recurs) / max(1, sum(length for length, _ in lengths))


def _line(text: str, count: int, number: int, samples: Sequence[Sample]) -> Furniture:
    pattern = rf"^{_spaced(text, samples)}[ \t]*$"
    entry = {"name": f"line-{number}", "rule": "page-furniture", "pattern": pattern, "severity": "warning"}
    return Furniture(entry, count, text)


def _spaced(text: str, samples: Sequence[Sample]) -> str:
    """A pattern for a line as it is written, or for its beginning."""
    raws = Counter(line.raw for sample in samples for line in sample.lines if _key(line.text, text))
    raw = raws.most_common(1)[0][0]
    if raw.strip() != text and raw.strip().startswith(text):
        return escaped(raw[: raw.index(text) + len(text)])
    return escaped(raw) if raw.strip() == text else r"[ \t]+".join(map(escaped, text.split(" ")))


def _alone(samples: Sequence[Sample], constant: dict[str, int], starts: dict[int, int]) -> list[str]:
    """Recurring lines above or between the paragraphs. In front matter's text, what is between may be a heading."""
    found: dict[str, None] = {}
    for number, sample in enumerate(samples):
        end = starts.get(number, len(sample.lines))
        begin = len(sample.head)
        for line, after in zip_longest(sample.lines[:end], sample.lines[1:end]):
            if line.text not in constant:
                continue
            is_apart = not line.follows and (after is None or not after.follows)
            if (line.number <= begin and (begin < len(sample.lines) or not is_sentence(line.text))) or (
                is_apart and sample.matter is None and not is_sentence(line.text)
            ):
                found.setdefault(line.text)
    return list(found)


def _tails(
    samples: Sequence[Sample], constant: dict[str, int], taken: Sequence[Collection[Line]]
) -> tuple[list[Furniture], dict[int, int]]:
    """Where furniture begins below the article and goes on to the end: the entries, and the index of its line in each seed."""
    labels = recurring(
        (filter(None, map(label_of, (line.text for line in each.tail))) for each in samples), len(samples)
    )
    firsts: dict[int, tuple[str, int]] = {}
    for number, sample in enumerate(samples):
        last = max((line.number for line in taken[number]), default=0)
        for line in sample.tail:
            key = line.text if line.text in constant else label_of(line.text)
            if line.number > last and (key in constant or key in labels):
                firsts[number] = (str(key), line.number - 1)
                break
    counts = Counter(key for key, _ in firsts.values())
    out: list[Furniture] = []
    starts: dict[int, int] = {}
    for key, count in counts.most_common():
        places = {number: at for number, (other, at) in firsts.items() if other == key}
        if count < 2 or not all(_may_end(samples[number], at, constant) for number, at in places.items()):
            continue
        starts.update(places)
        begin = f"^{_spaced(key, samples)}" + ("" if key in labels and key not in constant else r"[ \t]*$")
        entry = {
            "name": "tail" if not out else f"tail-{len(out) + 1}", "rule": "page-furniture", "from": begin,
            "to_end": True, "at_most": 0.5, "severity": "warning",
        }  # fmt: skip
        out.append(Furniture(entry, sum(any(_key(line.text, key) for line in each.lines) for each in samples), key))
    return out, starts


def _key(text: str, key: str) -> bool:
    return text == key or label_of(text) == key


def label_of(text: str) -> str | None:
    """The label of a line, with its colon."""
    for colon in (":", "：", "|"):
        label, found, value = text.partition(colon)
        if (
            found
            and value.strip()
            and 1 < width(label) <= 30
            and not any(map(str.isdigit, label))
            and "//" not in text[: len(label) + 3]
        ):
            return label + (found if found != "|" else "|")
    return None


def _may_end(sample: Sample, at: int, constant: Collection[str]) -> bool:
    """Whether all from a line on may be furniture: little of the seed, and no text but what recurs."""
    rest, before = sample.lines[at:], sample.lines[:at]
    if sample.matter is not None and any(line.text not in constant for line in rest):
        return False  # the last section of a post may have the same heading in all posts
    length = sum(len(line.text) for line in rest)
    is_text = any(
        line.text not in constant
        and (
            is_paragraph(line.text)
            or (is_sentence(line.text) and width(line.text) >= _SENTENCE and not line.text.endswith(("?", "？")))
        )
        for line in rest
    )
    return not is_text and length <= _SHARE * (length + sum(len(line.text) for line in before))
