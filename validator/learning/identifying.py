"""What only seeds of one source have: fingerprints of their text, keys and hosts, tried against every other source in reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from validator.learning.aligning import Choice
from validator.learning.forms import same_start
from validator.learning.furniture import Furniture
from validator.learning.samples import Sample, has_digits, width
from validator.parsing.front_matter import read_front_matter
from validator.sources.identify import host_of
from validator.sources.model import Sources
from validator.text.patterns import Subject, compile_pattern, escaped
from validator.text.places import fold_whitespace

AT_LEAST, CERTAIN = 7, 10
_MOST = 6  # fingerprints
# Keys that front matter has anywhere: they tell nothing of a source.
_COMMON_KEYS = frozenset(
    [
        "title",
        "date",
        "author",
        "authors",
        "layout",
        "categories",
        "category",
        "tags",
        "tag",
        "description",
        "summary",
        "slug",
        "permalink",
        "lang",
        "language",
        "draft",
        "image",
        "published",
        "updated",
        "lastmod",
        "modified",
        "url",
        "link",
        "path",
        "excerpt",
        "keywords",
        "comments",
        "type",
        "weight",
        "aliases",
        "extra",
        "taxonomies",
        "headline",
        "byline",
        "subtitle",
        "source",
        "id",
    ]
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A pattern that seeds of the source fit, its points, and how many of them fit it."""

    pattern: str
    score: int
    seeds: int


def fingerprints_of_text(
    samples: Sequence[Sample], furniture: Sequence[Furniture], form: str | None, others: Collection[str]
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
    if form is not None and fits(form) >= 0.6 * len(samples):
        found.append(Fingerprint(form, 3, fits(form)))
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
    hosts = [host_of(url) for url in first("link[rel~=canonical]", "href")]
    own = [host_of(url) for url in first('meta[property="og:url"]', "content")]
    fits, found = _fitting(samples), []
    for values, ways in (
        (names, (r"<meta\b[^>]*og:site_name[^>]*{}", r"<meta\b[^>]*{}[^>]*og:site_name")),
        (hosts, (r"<link\b[^>]*canonical[^>]*//{}\b", r"<link\b[^>]*//{}\b[^>]*canonical")),
        (own, (r"<meta\b[^>]*og:url[^>]*//{}\b", r"<meta\b[^>]*//{}\b[^>]*og:url")),
        (tails if len(set(titles)) > 1 else [], (r"{}\s*</title>",)),
    ):  # fmt: skip
        if len(set(values)) == 1 and values[0]:
            patterns = [way.format(escaped(values[0])) for way in ways]
            found += [Fingerprint(each, AT_LEAST, len(samples)) for each in patterns if fits(each) == len(samples)][:1]
    if found:
        found += _lines_of_pages(samples)
    return _apart(found, others)[:_MOST]


def _lines_of_pages(samples: Sequence[Sample]) -> list[Fingerprint]:
    lines = [{line.strip() for line in sample.text.split("\n")} for sample in samples]
    said = {value for sample in samples for value, _ in (*sample.page.elements("title"), *sample.page.elements("h1"))}
    out = []
    for line in samples[0].text.split("\n"):
        words = fold_whitespace(re.sub(r"<[^>]*>", " ", line))
        if (
            len(words) >= 8
            and len(line) <= 200
            and words not in said
            and all(line.strip() in each for each in lines[1:])
        ):
            out.append(Fingerprint(escaped(line.strip()), 1, len(samples)))
    return out[:3]


def _fitting(samples: Sequence[Sample]) -> Callable[[str], int]:
    return lambda pattern: sum(sample.subject.fits(pattern) for sample in samples)


def _apart(found: Sequence[Fingerprint], others: Collection[str]) -> list[Fingerprint]:
    """The fingerprints that fit no example of another source, each once."""
    once = {each.pattern: each for each in found}
    return [
        each
        for each in once.values()
        if not any(compile_pattern(each.pattern).search(_encoded(text)) for text in others)
    ]


@lru_cache(maxsize=512)
def _encoded(text: str) -> bytes:
    return Subject(text).encoded


def form_of_head(samples: Sequence[Sample], found: dict[str, list[Choice]]) -> str | None:
    """A pattern for the labels at the top in their order; `None` unless there are two."""
    labels = [choices[0].entry.get("label") for choices in found.values()]
    written = []
    for label in dict.fromkeys(filter(None, labels)):
        at = [next((line.number for line in sample.head if line.text.startswith(str(label))), 0) for sample in samples]
        if sum(map(bool, at)) >= 0.6 * len(samples):
            written.append((max(at), str(label)))
    if len(written) < 2:
        return None
    return r"[^\n]*\n(?:[^\n]*\n){0,2}".join(f"^{escaped(label)}" for _, label in sorted(written))


def examples_of(sources: Sources, identifier: str) -> list[str]:
    """The examples of all other sources that are no generic ones."""
    others = [
        source
        for source in sources.values()
        if source.id != identifier and not (source.identify and source.identify.generic)
    ]
    return [str(example["text"]) for source in others for example in source.examples]


def telling_keys(shared: Sequence[str], others: Collection[str]) -> tuple[list[str], bool]:
    """Keys that all seeds have, and whether they tell the source by themselves: no example of another source has them all."""
    is_telling = sum(key.casefold() not in _COMMON_KEYS for key in shared) >= 2
    for text in others:
        matter = read_front_matter(text)
        if matter is not None and matter.values.keys() >= set(shared):
            is_telling = False
    return list(shared), is_telling


def hosts_of(addresses: Sequence[str]) -> list[str]:
    """The one host of all addresses, if they have one."""
    hosts = {host_of(address) for address in addresses}
    return sorted(hosts) if len(hosts) == 1 and re.fullmatch(r"[\w.-]+\.[\w-]+", min(hosts)) else []
