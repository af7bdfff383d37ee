"""The elements, the values and the article of an HTML page, each with its place. Values are in JSON-LD, in `meta`, in elements.

Turbohtml reads the page. Offsets are offsets of the given text, which has LF line ends.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice
from typing import Any, NamedTuple

from validator.parsing.markup import VOID
from validator.text.places import Span, fold_whitespace, inside, words_of

_JSON_LD_MOST = 1_000_000  # code points of all the JSON-LD of a page that are read
_VALUES_MOST = 20  # of one place
_LONGEST = 1_000  # code points, and nodes, of an element that may hold a value
_STEPS_UP = 8  # from an element that nothing closes, to one that something closes
_ARTICLES = words_of(
    "AdvertiserContentArticle AnalysisNewsArticle Article AskPublicNewsArticle BackgroundNewsArticle BlogPosting LiveBlogPosting"
    " NewsArticle OpinionNewsArticle Report ReportageNewsArticle ReviewNewsArticle SatiricalArticle ScholarlyArticle"
    " SocialMediaPosting TechArticle"
)
_CLASSES_MOST = 500
_PLAIN_CLASS = re.compile("[A-Za-z_][A-Za-z0-9_-]*")
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*+)"(\s*+:)?+')
_NO_TEXT = ("script", "style", "template", "noscript")
_INLINE = words_of("a abbr b bdi bdo cite em font i ins mark q s small span strong sub sup time u wbr")

# Where the article of a page is looked for, in order.
_OF_ARTICLE = ('[itemprop~="articleBody" i]', "article", 'main, [role="main" i]')
_AROUND_ARTICLE = "nav, footer, aside, dialog, menu"
_SHARE = 0.3  # of the paragraphs' text of a page that an element must hold to be its article
_CORE = 0.75  # of the article's that a smaller element within it must hold to be its body

Said = tuple[str, Span]
"""A value with its character references decoded and its whitespace folded, and its place in the page."""


class Page:
    """One page, parsed when it is made; all else is read when it is asked for."""

    def __init__(self, text: str) -> None:
        import turbohtml

        self.text = text
        self._document = turbohtml.parse(text, source_locations=True)

    # values

    def json_ld(self, path: str) -> list[Said]:
        """The texts at a path of keys in the JSON-LD of the page's article; a list, or `*`, means each of its entries."""
        steps = [step for step in path.split(".") if step != "*"]
        for node in self._articles:
            found = [
                (value, place)
                for raw in islice(self._at(node.content, steps), _VALUES_MOST)
                if (value := fold_whitespace(html.unescape(raw)))
                and (place := self._place(node, raw, steps)) is not None
            ]
            if found:
                return found
        return []

    def meta(self, name: str) -> list[Said]:
        """The contents of the `meta` elements with this `name`, `property` or `itemprop`."""
        return self._metas.get(name.lower(), [])

    @cached_property
    def _metas(self) -> dict[str, list[Said]]:
        found: dict[str, list[Said]] = {}
        for element in self._document.select("meta[content]"):
            said = self._attribute(element, "content")
            if said is not None:
                for each in {_attribute(element, key).strip().lower() for key in ("name", "property", "itemprop")}:
                    found.setdefault(each, []).append(said)
        return found

    def elements(self, selector: str, attribute: str | None = None) -> list[Said]:
        """The texts of the elements that a CSS selector takes, or one attribute of each."""
        found = []
        for element in self._document.select(selector):
            said = self._attribute(element, attribute) if attribute else self._content(element)
            if said is not None:
                found.append(said)
            if len(found) == _VALUES_MOST:
                break
        return found

    def classes(self) -> list[str]:
        """Selectors, by tag and first class, of the page's elements that may hold a value, in order and each once."""
        found: dict[str, None] = {}
        for element in self._document.select(
            "p[class], span[class], div[class], a[class], time[class], address[class]"
        ):
            name = next(iter(_attribute(element, "class").split()), "")
            if _PLAIN_CLASS.fullmatch(name):
                found[f"{element.tag}.{name}"] = None
        return list(found)[:_CLASSES_MOST]

    def _attribute(self, element: Any, name: str) -> Said | None:
        location = element.source_location
        place = location.attrs.get(name) if location is not None else None
        value = fold_whitespace(_attribute(element, name))
        if place is None or not value:
            return None
        start, end = place.start_offset, place.end_offset
        raw = self.text[start:end]
        before = raw.find("=") + 1
        start += before + len(raw[before:]) - len(raw[before:].lstrip())
        if self.text[start] in "\"'" and self.text[end - 1] == self.text[start] and end - start > 1:
            start, end = start + 1, end - 1
        return value, Span(start, end)

    def _content(self, element: Any) -> Said | None:
        span = self._inside(element)
        value = fold_whitespace(_text(element))
        return (value, span) if value and span is not None else None

    def _inside(self, element: Any) -> Span | None:
        """The place between the tags of an element; one that nothing closes ends with the element around it."""
        opening, _ = _tags(element)
        return Span(opening.end, max(opening.end, self._end(element))) if opening is not None else None

    def _end(self, element: Any) -> int:
        for _ in range(_STEPS_UP):
            location = element.source_location
            if location is not None and location.end_tag is not None:
                return int(location.end_tag.start_offset)
            element = element.parent
            if not hasattr(element, "source_location"):
                break
        return len(self.text)

    @cached_property
    def _articles(self) -> list[_Node]:
        """The article that the page is, and what says more of the same: the first, and others with its headline or address."""
        articles = [node for node in self._nodes if _is_article(node.content)]
        first = next((node.content for node in articles if isinstance(node.content.get("headline"), str)), None)
        if first is None:
            return articles[:1]
        keys = [key for key in ("headline", "url", "@id") if isinstance(first.get(key), str)]
        same = [node for node in articles if any(node.content.get(key) == first[key] for key in keys)]
        return sorted(same, key=lambda node: node.content is not first)

    @cached_property
    def _nodes(self) -> list[_Node]:
        """The top-level objects of the page's JSON-LD. Scripts that are not JSON are left out."""
        nodes: list[_Node] = []
        left = _JSON_LD_MOST
        for script in self._document.select('script[type="application/ld+json" i]'):
            span = self._inside(script)
            if span is None or span.end - span.start > left:
                continue
            left -= span.end - span.start
            try:
                given = [json.loads(self.text[span.start : span.end].strip().rstrip(";"), strict=False)]
            except (ValueError, RecursionError):
                continue
            for entry in given:
                if isinstance(entry, list):
                    given += entry
                elif isinstance(entry, dict):
                    nodes.append(_Node(entry, span))
                    given += [entry[key] for key in ("@graph", "mainEntity") if isinstance(entry.get(key), list | dict)]
        return nodes

    @cached_property
    def _by_id(self) -> dict[str, dict[str, Any]]:
        contents = [node.content for node in self._nodes]
        return {content["@id"]: content for content in contents if isinstance(content.get("@id"), str)}

    def _at(self, content: Any, steps: Sequence[str]) -> Iterator[str]:
        """The texts at the end of a path; an object that only has the `@id` of another is replaced by it."""
        given = [(content, 0)]
        for value, depth in given:
            if isinstance(value, list):
                given += [(entry, depth) for entry in value if not isinstance(entry, list)]
            elif depth == len(steps):
                if isinstance(value, str):
                    yield value
            elif isinstance(value, dict):
                if steps[depth] not in value and isinstance(value.get("@id"), str):
                    value = self._by_id.get(value["@id"], value)
                if steps[depth] in value:
                    given.append((value[steps[depth]], depth + 1))

    def _place(self, node: _Node, raw: str, steps: Sequence[str]) -> Span | None:
        """The place of a text of JSON-LD: under the last key of its path, else its first occurrence."""
        first: Span | None = None
        key = ""
        for match in _LITERAL.finditer(self.text, *node.span):
            literal = match[1]
            if "\\" in literal:
                try:
                    literal = json.loads(f'"{literal}"', strict=False)
                except ValueError:
                    continue
            if match[2]:
                key = literal
            elif literal == raw:
                place = Span(*match.span(1))
                if key == steps[-1]:
                    return place
                first = first or place
        return first

    # the article

    def around(self) -> list[Span]:
        """Elements that are never part of the article: navigation, footers, asides and the like; outermost, in order."""
        return _outermost([span for element in self._document.select(_AROUND_ARTICLE) if (span := _whole(element))])

    def article(self, masked: str) -> Span | None:
        """Where the page's article is. `masked` is the page at equal length, with only its text.

        It is an element with `itemprop="articleBody"`, else an `<article>`, else `<main>`: of several the one with the most text
        in paragraphs. One with less than three tenths of the paragraphs' text of the page is not taken. Else it is the `<body>`.
        Within it, the smallest element that holds three quarters of its paragraphs' text is the article's body.
        """
        weights = _Weights(self._paragraphs(), masked)
        chosen = None
        for selector in _OF_ARTICLE:
            spans = self._places(selector)
            if not spans:
                continue
            if not weights.total:
                chosen = max(_outermost(spans), key=lambda span: _written(masked, span))
                break
            best = max(spans, key=lambda span: (weights.of(span), span.start - span.end))
            if weights.of(best) >= _SHARE * weights.total:
                chosen = best
                break
        if chosen is None:
            chosen = next(iter(self._places("body")), None)
        if chosen is None or not weights.of(chosen):
            return chosen
        least = _CORE * weights.of(chosen)
        within = self._places("div, section, article, td")
        fitting = [span for span in within if chosen.holds(span) and weights.of(span) >= least]
        return min((*fitting, chosen), key=lambda span: span.end - span.start)

    def _places(self, selector: str) -> list[Span]:
        return [span for element in self._document.select(selector) if (span := self._inside(element)) is not None]

    def _paragraphs(self) -> list[Span]:
        """The paragraphs outside of what is around the article; one that nothing closes ends where the next begins."""
        around = self.around()
        places = []
        for element in self._document.select("p"):
            opening, closing = _tags(element)
            if opening is not None and not inside(around, opening.end):
                places.append((opening.end, closing.start if closing is not None else len(self.text)))
        places.sort()
        following = [*(start for start, _ in places[1:]), len(self.text)]
        return [Span(start, min(end, after)) for (start, end), after in zip(places, following, strict=bool(places))]


class _Node(NamedTuple):
    """An object of JSON-LD, and the place of its script."""

    content: dict[str, Any]
    span: Span


def _is_article(content: Mapping[str, Any]) -> bool:
    kinds = content.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.rpartition("/")[2].rpartition(":")[2] in _ARTICLES for kind in named)


def _written(masked: str, span: Span) -> int:
    """How many characters that are not whitespace are in a part of a page."""
    return len("".join(masked[slice(*span)].split()))


class _Weights:
    """How much text in paragraphs is in any part of a page."""

    def __init__(self, paragraphs: Sequence[Span], masked: str) -> None:
        self._starts = [span.start for span in paragraphs]
        self._sums = [0, *accumulate(_written(masked, span) for span in paragraphs)]
        self.total = self._sums[-1]

    def of(self, span: Span) -> int:
        return self._sums[bisect_left(self._starts, span.end)] - self._sums[bisect_left(self._starts, span.start)]


def _outermost(spans: Iterable[Span]) -> list[Span]:
    """The spans that lie in no other, in the order of the text: a parser moves misplaced elements out of a table, before it."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if not found or span.start >= found[-1].end:
            found.append(span)
    return found


def _attribute(element: Any, name: str) -> str:
    value = element.attrs.get(name)
    return " ".join(value) if isinstance(value, list) else value or ""


def _text(element: Any) -> str:
    """The text of an element as a reader sees it; '' for one so large that it is no value."""
    from turbohtml import Element, Text

    pieces: list[str] = []
    length = 0
    for node in islice(element.descendants, _LONGEST + 1):
        if isinstance(node, Element):
            pieces.append("" if node.tag in _INLINE else " ")
        elif isinstance(node, Text) and getattr(node.parent, "tag", "") not in _NO_TEXT:
            pieces.append(node.data)
            length += len(node.data)
    return "" if length > _LONGEST or len(pieces) > _LONGEST else "".join(pieces)


def _tags(element: Any) -> tuple[Span | None, Span | None]:
    """Where the start tag and the end tag of an element are; None for one that the parser added."""
    location = element.source_location
    if location is None or location.start_tag is None:
        return None, None
    opening, closing = location.start_tag, location.end_tag
    return (
        Span(opening.start_offset, opening.end_offset),
        Span(closing.start_offset, closing.end_offset) if closing is not None else None,
    )


def _whole(element: Any) -> Span | None:
    opening, closing = _tags(element)
    return Span(opening.start, closing.end) if opening is not None and closing is not None else None


@dataclass(frozen=True, slots=True)
class Element:
    """An HTML element: its span with both tags, None for the span where the source never closes it."""

    tag: str
    attributes: Mapping[str, str]
    opening: Span
    span: Span | None


def find_elements(text: str, fits: Callable[[str, Mapping[str, str]], bool]) -> list[Element]:
    """The elements of an HTML text that `fits` takes, outermost only, in the order of the text."""
    import turbohtml

    found: dict[Span, Element] = {}
    for element in turbohtml.parse(text, source_locations=True).iter_elements():
        opening, _ = _tags(element)
        attributes = {name: _attribute(element, name) for name in element.attrs}
        if opening is not None and fits(element.tag, attributes):
            span = _whole(element) or (opening if element.tag in VOID else None)
            found[span or opening] = Element(element.tag, attributes, opening, span)
    return [found[span] for span in _outermost(found)]
