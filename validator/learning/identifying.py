"""What only seeds of one source have: fingerprints of their text, keys and hosts, tried against every other source in reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from validator.learning.forms import same_start
from validator.learning.furniture import Furniture, label_of
from validator.learning.samples import Line, Sample, has_digits, width
from validator.parsing.front_matter import read_front_matter
from validator.sources.identify import host_of
from validator.sources.model import Sources
from validator.text.patterns import Subject, compile_pattern, escaped
from validator.text.places import fold_whitespace, words_of

AT_LEAST, CERTAIN = 7, 10
_MOST = 6  # fingerprints
_FEWEST = 4  # seeds from which on what is the same in all is no chance
_NAME, _LONG_NAME = 12, 16  # columns of a name that tells enough with another sign, and by itself
# Keys that front matter has anywhere: they tell nothing of a source.
_COMMON_KEYS = words_of(
    "title date author authors layout categories category tags tag description summary slug permalink lang language draft image"
    " published updated lastmod modified url link path excerpt keywords comments type weight aliases extra taxonomies headline"
    " byline subtitle source id"
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A pattern that seeds of the source fit, its points, and how many of them fit it."""

    pattern: str
    score: int
    seeds: int


def fingerprints_of_text(
    samples: Sequence[Sample],
    furniture: Sequence[Furniture],
    labels: Collection[str],
    agencies: Collection[str],
    others: Collection[str],
) -> list[Fingerprint]:
    """Fingerprints from the lines around the articles and the form of their heads; none that another source's example fits."""
    found: list[Fingerprint] = []
    fits = _fitting(samples)
    firsts = [sample.lines[0].text if sample.lines else "" for sample in samples]
    start = firsts[0] if len(set(firsts)) == 1 else same_start(firsts)
    if len(samples) > 1 and width(start.strip()) >= 6 and not has_digits(start):
        pattern = rf"\A\s*{escaped(start)}" + (r"[ \t]*$" if start == firsts[0] else "")
        is_telling = len(start.split()) > 1 and len(start) >= 10
        found.append(Fingerprint(pattern, AT_LEAST if is_telling else 4, fits(pattern)))
    for each in furniture:
        pattern = str(each.entry.get("pattern") or each.entry.get("from"))
        number = fits(pattern)
        if number >= 0.8 * len(samples) and each.line != start:
            found.append(Fingerprint(pattern, 3, number))
    skeleton = skeleton_of(samples, labels, agencies)
    if skeleton is not None:
        found.insert(0, skeleton)
    return _apart(found, others)[:_MOST]


def fingerprints_of_pages(samples: Sequence[Sample], others: Collection[str]) -> list[Fingerprint]:
    """Fingerprints from the name and the host of the site, and with one of these from lines that all pages have."""
    if len(samples) < 2:
        return []
    pages = [sample.page for sample in samples]

    def first(selector: str, attribute: str | None = None) -> list[str]:
        return [next((value for value, _ in page.elements(selector, attribute)), "") for page in pages]

    titles, names = first("title"), first('meta[property="og:site_name"]', "content")
    ends = [re.search(r"\s[-–—|·:»]{1,2}\s(?:(?!\s[-–—|·:»]{1,2}\s).)+$", title) for title in titles]
    tails = [end[0] if end is not None else "" for end in ends]
    begins = [re.match(r"(?:(?!\s[-–—|·:»]{1,2}\s).)+\s[-–—|·:»]{1,2}\s", title) for title in titles]
    heads = [begin[0] if begin is not None else "" for begin in begins]
    hosts = [host_of(url) for url in first("link[rel~=canonical]", "href")]
    own = [host_of(url) for url in first('meta[property="og:url"]', "content")]
    fits, found = _fitting(samples), []
    for values, ways in (
        (names, (r"<meta\b[^>]*og:site_name[^>]*{}", r"<meta\b[^>]*{}[^>]*og:site_name")),
        (hosts, (r"<link\b[^>]*canonical[^>]*//{}\b", r"<link\b[^>]*//{}\b[^>]*canonical")),
        (own, (r"<meta\b[^>]*og:url[^>]*//{}\b", r"<meta\b[^>]*//{}\b[^>]*og:url")),
        (tails if len(set(titles)) > 1 else [], (r"{}\s*</title>",)),
        (heads if len(set(titles)) > 1 else [], (r"<title>\s*{}",)),
    ):  # fmt: skip
        if len(set(values)) == 1 and values[0]:
            patterns = [way.format(escaped(values[0])) for way in ways]
            found += [Fingerprint(each, AT_LEAST, len(samples)) for each in patterns if fits(each) == len(samples)][:1]
    if found:
        found += _lines_of_pages(samples)
    return _apart(found, others)[:_MOST]


def _lines_of_pages(samples: Sequence[Sample]) -> list[Fingerprint]:
    """Lines with words, but for titles and headlines, that all pages have."""
    others = [{line.strip() for line in sample.text.split("\n")} for sample in samples[1:]]
    said = {value for sample in samples for value, _ in (*sample.page.elements("title"), *sample.page.elements("h1"))}
    out = []
    for line in map(str.strip, samples[0].text.split("\n")):
        words = fold_whitespace(re.sub(r"<[^>]*>", " ", line))
        if len(words) >= 8 and len(line) <= 200 and words not in said and all(line in each for each in others):
            out.append(Fingerprint(escaped(line), 1, len(samples)))
    return out[:3]


def _fitting(samples: Sequence[Sample]) -> Callable[[str], int]:
    return lambda pattern: sum(sample.subject.fits(pattern) for sample in samples)


def _apart(found: Sequence[Fingerprint], others: Collection[str]) -> list[Fingerprint]:
    """The fingerprints that fit no example of another source, each once."""
    encoded, once = list(map(_encoded, others)), {each.pattern: each for each in found}
    return [one for one in once.values() if not any(map(compile_pattern(one.pattern).search, encoded))]


@lru_cache(maxsize=512)
def _encoded(text: str) -> bytes:
    return Subject(text).encoded


class _Fixed(NamedTuple):
    """What seeds have at one place: what it says, its pattern, and how many lines are above it in each seed."""

    said: str
    pattern: str
    lines: tuple[int, ...]
    is_below: bool  # the text: how far is no sign


def skeleton_of(samples: Sequence[Sample], labels: Collection[str], agencies: Collection[str]) -> Fingerprint | None:
    """A fingerprint from all that seeds have in the same order and at the same distances; `None` if it tells too little.

    It is from all seeds, or else from those that have a byline's label too. It tells enough with three fixed beginnings of
    lines, or with two if one has a name, or with one name inside a line that is not among the `agencies`.
    """
    own: dict[str, list[Sample]] = {}
    for sample in samples:
        for label in _labels(sample.head, labels):
            own.setdefault(label, []).append(sample)
    some = [group for group in own.values() if 0.6 * len(samples) <= len(group) < len(samples)]
    for group in (samples, *some):
        pattern = _skeleton(group, labels, agencies) if len(group) >= _FEWEST else None
        if pattern is not None and all(sample.subject.fits(pattern) for sample in group):
            return Fingerprint(pattern, AT_LEAST, sum(sample.subject.fits(pattern) for sample in samples))
    return None


def _skeleton(samples: Sequence[Sample], labels: Collection[str], agencies: Collection[str]) -> str | None:
    fixed = list[_Fixed]()
    for each in sorted((*_fixed_lines(samples), *_fixed_labels(samples, labels)), key=lambda each: each.lines):
        is_below = not fixed or all(one > other for one, other in zip(each.lines, fixed[-1].lines, strict=True))
        if is_below and each.said.strip(" ()（）-–—").casefold() not in agencies:
            fixed.append(each)
    names = [len(re.split("[:：]", each.said, maxsplit=1)[-1].strip()) for each in fixed]
    longest = max((width(each.said[-length:]) for each, length in zip(fixed, names, strict=True) if length), default=0)
    if len(fixed) < 3 and longest < (_NAME if len(fixed) == 2 else _LONG_NAME):
        return None
    pattern, above = r"\A", (0,) * len(samples)
    for each in fixed:
        distances = [line - other for line, other in zip(each.lines, above, strict=True)]
        often = "*" if each.is_below else f"{{{min(distances)},{max(distances)}}}"
        pattern += (rf"(?:[^\n]*\n){often}" if max(distances) else "") + each.pattern
        above = each.lines
    return pattern


def _fixed_lines(samples: Sequence[Sample]) -> Iterator[_Fixed]:
    """What the lines above the text begin with, or what the first has in it, by their number."""
    for number in range(min(_MOST, *(len(sample.head) or 1 for sample in samples))):
        lines = [sample.lines[number] for sample in samples if number < len(sample.lines)]
        if len(lines) == len(samples):
            texts, where = [line.text for line in lines], tuple(line.above for line in lines)
            start = texts[0] if len(set(texts)) == 1 else _beginning(texts)
            said = start or ("" if number else _phrase(texts))
            if said:
                yield _Fixed(said, (r"[ \t]*" if start else r"[^\n]*") + _spaced(said), where, False)


def _fixed_labels(samples: Sequence[Sample], labels: Collection[str]) -> Iterator[_Fixed]:
    """Labels that all seeds have above the text, and labels and whole lines below it, on whatever line."""
    above = [_labels(sample.head, labels) for sample in samples]
    tails = [sample.tail if len(sample.tail) < len(sample.lines) else () for sample in samples]
    below = [{line.text: line for line in tail[::-1]} | _labels(tail, labels) for tail in tails]
    for found, is_below in ((above, False), (below, True)):
        for said in found[0]:
            if width(said) > 3 and not has_digits(said) and all(said in each for each in found):
                yield _Fixed(said, r"[ \t]*" + _spaced(said), tuple(each[said].above for each in found), is_below)


def _labels(lines: Sequence[Line], labels: Collection[str]) -> dict[str, Line]:
    """The labels at the beginning of lines, each with its first line."""
    found: dict[str, Line] = {}
    for line in lines:
        for said in (label_of(line.text), *(each for each in labels if line.text.startswith(each))):
            if said:
                found.setdefault(said, line)
    return found


def _beginning(texts: Sequence[str]) -> str:
    """The label or the words that all these lines begin with."""
    start = same_start(texts).strip()
    is_label = any(sign in start for sign in ":：|") or len(start.split()) > 1
    return start if is_label and width(start) > 3 and not has_digits(start) else ""


def _phrase(texts: Sequence[str]) -> str:
    """The longest run of words that all first lines have before the dash of a dateline, with a capital; not one word alone."""
    starts = [dateline[0] if (dateline := re.match(r".{3,90}?(?=\s?(?:--|—|–|-\s))", text)) else "" for text in texts]
    words = starts[0].split()
    runs = [words[first:last] for first in range(len(words)) for last in range(len(words), first + 1, -1)]
    phrases = [run for run in map(" ".join, runs) if not has_digits(run) and any(map(str.isupper, run))]
    return max((run for run in phrases if all(f" {run} " in f" {text} " for text in starts[1:])), key=len, default="")


def _spaced(said: str) -> str:
    return r"[ \t]+".join(map(escaped, said.split()))


def examples_of(sources: Sources, identifier: str) -> list[str]:
    """The examples of all other sources that are no generic ones."""
    others = [
        each for each in sources.values() if not (each.identify and each.identify.generic) and each.id != identifier
    ]
    return [str(example["text"]) for source in others for example in source.examples]


def are_telling(shared: Collection[str], others: Collection[str]) -> bool:
    """Whether keys that all seeds have tell the source by themselves: no example of another source has them all."""
    matters = filter(None, map(read_front_matter, others))
    is_rare = sum(key.casefold() not in _COMMON_KEYS for key in shared) >= 2
    return is_rare and not any(matter.values.keys() >= set(shared) for matter in matters)


def hosts_of(addresses: Sequence[str]) -> list[str]:
    """The one host of all addresses, if they have one."""
    hosts = {host_of(address) for address in addresses}
    return sorted(hosts) if len(hosts) == 1 and re.fullmatch(r"[\w.-]+\.[\w-]+", min(hosts)) else []
