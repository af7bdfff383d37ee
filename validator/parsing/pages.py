"""The elements, the values and the article of an HTML page, each with its place. Values are in JSON-LD, in `meta`, in elements.

Turbohtml reads the page. Offsets are offsets of the given text, which has LF line ends.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from validator.parsing.article import Article, article_in, tags_of
from validator.parsing.markup import VOID
from validator.text.places import Span, fold_whitespace, remembered, words_of

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
_WITH_CLASS = ", ".join(
    f"{tag}[class]"
    for tag in (
        *(
            "p",
            "span",
            "div",
            "a",
            "time",
            "address",
            "h1",
            "h2",
            "h3",
            "h4",
            "em",
            "i",
            "strong",
            "b",
            "small",
            "cite",
        ),
        *("font", "li", "td", "dd", "ul", "ol", "section", "aside", "header", "footer", "nav"),
    )
)
_PLAIN_CLASS = re.compile("[A-Za-z_][A-Za-z0-9_-]*")
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*+)"(\s*+:)?+')
_NO_TEXT = ("script", "style", "template", "noscript")
_INLINE = words_of("a abbr b bdi bdo cite em font i ins mark q s small span strong sub sup time u wbr")

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

    def times(self, selector: str) -> list[Said]:
        """The `datetime` of the elements that a CSS selector takes, else their texts."""
        return self.elements(selector, "datetime") or self.elements(selector)

    def classes(self) -> list[str]:
        """Selectors, by tag and first class, of the page's elements that may hold a value, in order and each once."""
        found: dict[str, None] = {}
        for element in self._document.select(_WITH_CLASS):
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
        opening, _ = tags_of(element)
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
        """The article that the page is, and what says more of the same: the others with its headline or address.

        Of several articles it is the one with the headline or the address of the page, else the first.
        """
        articles = [node for node in self._nodes if _is_article(node.content)]
        titled = [node.content for node in articles if isinstance(node.content.get("headline"), str)]
        if not titled:
            return articles[:1]
        first = next(filter(self._is_this_page, titled), titled[0]) if len(titled) > 1 else titled[0]
        keys = [key for key in ("headline", "url", "@id") if isinstance(first.get(key), str)]
        same = [node for node in articles if any(node.content.get(key) == first[key] for key in keys)]
        return sorted(same, key=lambda node: node.content is not first)

    def _is_this_page(self, article: dict[str, Any]) -> bool:
        headings = self.meta("og:title") + self.elements("h1")
        addresses = self.meta("og:url") + self.elements('link[rel~="canonical" i]', "href")
        headline = fold_whitespace(html.unescape(article["headline"])).casefold()
        return headline in (value.casefold() for value, _ in headings) or article.get("url") in dict(addresses)

    @property
    def _nodes(self) -> list[_Node]:
        return self._json_ld[0]

    @property
    def unread_json_ld(self) -> list[Span]:
        """The scripts of JSON-LD that give no value: what is in them is no JSON, or is too large."""
        return self._json_ld[1]

    @cached_property
    def _json_ld(self) -> tuple[list[_Node], list[Span]]:
        """The top-level objects of the page's JSON-LD, and the scripts that cannot be read."""
        nodes: list[_Node] = []
        unread: list[Span] = []
        left = _JSON_LD_MOST
        for script in self._document.select('script[type="application/ld+json" i]'):
            span = self._inside(script)
            if span is None:
                continue
            given: list[Any] = []
            if span.end - span.start <= left:
                left -= span.end - span.start
                with suppress(ValueError, RecursionError):
                    given = [json.loads(self.text[span.start : span.end].strip().rstrip(";"), strict=False)]
            if not given:
                unread.append(span)
            for entry in given:
                if isinstance(entry, list):
                    given += entry
                elif isinstance(entry, dict):
                    nodes.append(_Node(entry, span))
                    given += [entry[key] for key in ("@graph", "mainEntity") if isinstance(entry.get(key), list | dict)]
        return nodes, unread

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

    @cached_property
    def below_headline(self) -> list[Said]:
        """The lines of text between the headline and the body: who wrote it and when."""
        lines = (self._content(element) for element in self.article.below_headline[:_VALUES_MOST])
        return [line for line in lines if line is not None]

    @cached_property
    def article(self) -> Article:
        """Where the page's article is, and what is around it."""
        said = [*self.meta("description"), *self.meta("og:description"), *self.json_ld("description")]
        return article_in(self._document, self.text, [value for value, _ in said])


class _Node(NamedTuple):
    """An object of JSON-LD, and the place of its script."""

    content: dict[str, Any]
    span: Span


def _is_article(content: Mapping[str, Any]) -> bool:
    kinds = content.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.rpartition("/")[2].rpartition(":")[2] in _ARTICLES for kind in named)


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


def _whole(element: Any) -> Span | None:
    opening, closing = tags_of(element)
    return Span(opening.start, closing.end) if opening is not None and closing is not None else None


class Element(NamedTuple):
    """An HTML element: its span with both tags, None for the span where the source never closes it."""

    tag: str
    attributes: Mapping[str, str]
    opening: Span
    span: Span | None


def find_elements(text: str, fits: Callable[[str, Mapping[str, str]], bool]) -> list[Element]:
    """The elements of an HTML text that `fits` takes, outermost only, in the order of the text."""
    found: dict[Span, Element] = {}
    for element, opening, attributes in _written_elements(text):
        if fits(element.tag, attributes):
            span = _whole(element) or (opening if element.tag in VOID else None)
            found[span or opening] = Element(element.tag, attributes, opening, span)
    return [found[span] for span in _outermost(found)]


@remembered
def _written_elements(text: str) -> list[tuple[Any, Span, Mapping[str, str]]]:
    """The elements that are written in an HTML text, each with the place of its start tag and its attributes.

    A source looks for several kinds of elements in one text.
    """
    import turbohtml

    found: list[tuple[Any, Span, Mapping[str, str]]] = []
    for element in turbohtml.parse(text, source_locations=True).iter_elements():
        opening, _ = tags_of(element)
        if opening is not None:
            found.append((element, opening, {name: _attribute(element, name) for name in element.attrs}))
    return found
