"""The article of an HTML page: where its body begins and ends, and which parts of the page are not text of it.

The choice is made in these steps, each linear in the page. But for the lead it reads no words, and but for comments no classes.

1. The page is cut into blocks: the text of each element that is no inline element, without the blocks inside it. Blocks in
   navigation, footers, asides, figures, buttons and the like are apart: they count for nothing.
2. A block is prose if it is no heading, has 30 characters, and at most half of its text is in links.
3. The region is an element with `itemprop="articleBody"`, else an `<article>`, else `<main>`: of several the one with the most
   prose. One with less than three tenths of the page's prose is not taken. Else the region is the `<body>`.
4. The core is the smallest element in the region that holds three quarters of the region's prose.
5. The body begins with the first block of the core that is among its kind, and ends with the last: its parent holds a fifth of
   the core's prose directly, or the parents with the same tag and class hold three tenths together. So a teaser, a notice or
   the box of an author at the end is left out, while a box between two paragraphs is inside the body. Comments of readers are
   never in it.
6. A lead between the headline and the body is part of it if a description of the page begins in the same way, and if there is
   less text between it and the body than it has itself.

A notice in the same element as the last paragraph is taken for a paragraph.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, takewhile
from typing import Any, NamedTuple

from validator.text.patterns import late
from validator.text.places import Span, words_of

_OF_ARTICLE = ('[itemprop~="articleBody" i]', "article", 'main, [role="main" i]')
_SHARE = 0.3  # of the page's prose that an element must hold to be the region
_CORE = 0.75  # of the region's prose that a smaller element must hold to be the core
_BESIDE = 0.2  # of the core's prose that is in the parent of a block of the body
_ALIKE = 0.3  # of the core's prose that is in all parents alike
_MOSTLY = 0.5  # of a block's text in links, or of the page's prose in an element that should not hold the article
_NEARLY_ALL = (
    0.9  # of the page's prose: comments are often more than the article, but what is around both is no comment
)
_PROSE = 30  # characters without whitespace; a sign of Chinese, Japanese or Korean counts twice
_LEAD = 50
_BEGINNING = 40  # letters of a lead that its description must have
_LINE = 150  # the most that a line with names or a date may have
_WIDE = "\u2e80"

_INLINE = words_of(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q ruby rb rp rt s samp small span"
    " strike strong sub sup time tt u var wbr"
)
_NO_TEXT = words_of("script style noscript template svg math textarea title iframe noembed noframes object")
_APART = words_of("nav footer aside dialog menu figure figcaption button select option datalist video audio canvas")
_APART_ROLES = words_of("navigation complementary contentinfo dialog alertdialog menu menubar search toolbar")
_NEVER_TEXT = words_of("nav dialog menu button select option datalist")
_COMMENTS = late(  # of readers: an `id` or classes; `has-comments` is said of an article
    r"(?i)(?:.* )?(?:(?:users?|readers?|article|post|story|page|entry|block|fb|facebook|disqus|wp|js)[_-])*"
    r"(?:comments?(?:[_-]?(?:list|area|section|thread|body|content|wrap|wrapper|container|box))?|disqus_thread)(?: .*)?"
)
_HEADINGS = words_of("h1 h2 h3 h4 h5 h6")
_GROUPS = words_of(
    "ul ol dl li dt dd blockquote pre table tbody tr"
)  # what is in one counts as in the element around it
_CORES = words_of("div section article main td body")


class Article(NamedTuple):
    """Where the body is, the parts of the page that are no part of it, and the elements with lines above it."""

    body: Span
    left_out: tuple[Span, ...]
    below_headline: tuple[Any, ...]


def article_in(document: Any, text: str, descriptions: Iterable[str] = ()) -> Article:
    """The article of a page that turbohtml has parsed with the places of its elements."""
    return _Choice(_boxes(document), document, text, descriptions).article()


def tags_of(element: Any) -> tuple[Span | None, Span | None]:
    """Where the start tag and the end tag of an element are; None for one that the parser added."""
    location = element.source_location
    if location is None or location.start_tag is None:
        return None, None
    opening, closing = location.start_tag, location.end_tag
    return (
        Span(opening.start_offset, opening.end_offset),
        Span(closing.start_offset, closing.end_offset) if closing is not None else None,
    )


@dataclass(slots=True)
class _Box:
    """An element that is no inline element. `around`, `apart` and `home` are numbers of boxes, which are in the page's order."""

    number: int
    around: int
    tag: str = ""
    element: Any = None
    opening: Span | None = None  # the start tag
    closing: Span | None = None
    apart: int = -1  # the outermost box around it, or itself, that holds no article
    comment: int = -1  # the outermost box around it, or itself, that holds comments of readers
    home: int = 0  # the nearest box around it, or itself, that is no list, table or quotation
    kind: tuple[str, ...] = ()  # its tag and class, and those of the two boxes around it
    length: int = 0  # of the text directly in it
    linked: int = 0  # of that text in links
    beginning: str = ""  # the first letters of that text

    @property
    def start(self) -> int:
        return self.opening.start if self.opening is not None else 0

    @property
    def is_text(self) -> bool:
        """Whether it has text that is no heading, with at most half of it in links."""
        return self.length > 0 and self.linked <= _MOSTLY * self.length and self.tag not in _HEADINGS


def _boxes(document: Any) -> list[_Box]:
    from turbohtml import Element, Text

    boxes = [_Box(0, 0)]
    ahead: list[tuple[Any, int, bool]] = [(node, 0, False) for node in reversed(document.children)]
    while ahead:
        node, at, is_linked = ahead.pop()
        if isinstance(node, Text):
            length = _length(node.data)
            box = boxes[at]
            box.length += length
            box.linked += length if is_linked else 0
            if length and len(box.beginning) < _BEGINNING:
                box.beginning += _letters(node.data[: 4 * _BEGINNING])
        elif isinstance(node, Element) and node.tag not in _NO_TEXT:
            if node.tag not in _INLINE and "-" not in node.tag:
                boxes.append(_box(node, len(boxes), boxes[at]))
                at = len(boxes) - 1
            is_linked = is_linked or node.tag == "a"
            ahead += [(child, at, is_linked) for child in reversed(node.children)]
    return boxes


def _box(element: Any, number: int, around: _Box) -> _Box:
    tag, attributes = element.tag, element.attrs
    classes, role = attributes.get("class") or "", attributes.get("role")
    is_apart = tag in _APART or "hidden" in attributes or (isinstance(role, str) and role in _APART_ROLES)
    named = classes if isinstance(classes, str) else " ".join(classes)
    is_comment = any(_COMMENTS.fullmatch(each) for each in (named, f"{attributes.get('id')}"))
    opening, closing = tags_of(element)
    return _Box(
        number,
        around.number,
        tag,
        element,
        opening,
        closing,
        apart=number if is_apart and around.apart < 0 else around.apart,
        comment=number if is_comment and around.comment < 0 else around.comment,
        home=around.home if tag in _GROUPS else number,
        kind=(f"{tag} {named}", *around.kind[:2]),
    )


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _length(text: str) -> int:
    """The number of characters that are not whitespace; a wide one counts twice."""
    length = 0
    for word in text.split():
        length += len(word) if word.isascii() else len(word) + sum(map(_WIDE.__le__, word))
    return length


class _Choice:
    """The choice of a body among the boxes of one page."""

    def __init__(self, boxes: list[_Box], document: Any, text: str, descriptions: Iterable[str]) -> None:
        self.boxes, self.document, self.text = boxes, document, text
        self.descriptions = [letters for each in descriptions if len(letters := _letters(each)) >= _BEGINNING / 2]
        self.ends: list[
            int
        ] = []  # where the content of each box ends; an element that nothing closes ends with the one around
        for box in boxes:
            outer = self.ends[box.around] if self.ends else len(text)
            self.ends.append(box.closing.start if box.closing is not None else outer)
        self._free_what_holds_the_text()
        blocks = [box for box in boxes if box.is_text and box.opening is not None and box.apart < 0]
        self.prose = sorted((box for box in blocks if box.length >= _PROSE), key=lambda box: box.start)
        self.prose = self.prose or sorted(blocks, key=lambda box: box.start)

    def _free_what_holds_the_text(self) -> None:
        """An aside, a footer or the like that holds most of a page's prose is an element like any other."""
        apart: dict[int, int] = defaultdict(int)
        comments: dict[int, int] = defaultdict(int)
        for box in self.boxes:
            if box.is_text and box.length >= _PROSE:
                apart[box.apart] += box.length
                comments[box.comment] += box.length
        total = sum(apart.values())
        freed = {
            at for at, length in apart.items() if length > _MOSTLY * total and self.boxes[at].tag not in _NEVER_TEXT
        }
        named = {at for at, length in comments.items() if length > _NEARLY_ALL * total}
        for box in self.boxes:
            box.apart = -1 if box.apart in freed else box.apart
            box.comment = -1 if box.comment in named else box.comment

    @cached_property
    def _weights(self) -> tuple[list[int], list[int]]:
        return [box.start for box in self.prose], [0, *accumulate(box.length for box in self.prose)]

    def weight(self, span: Span) -> int:
        """How much prose is in a part of the page."""
        starts, sums = self._weights
        return sums[bisect_left(starts, span.end)] - sums[bisect_left(starts, span.start)]

    def article(self) -> Article:
        region = self._region()
        first, last = self._ends_of_body(self._core(region)) if self.weight(region) else (None, None)
        if first is None or last is None:
            return Article(region, tuple(self._left_out()), ())
        lead = self._lead(first)
        body = Span(self._inside(lead or first).start, self._end_of_last(last))
        gap = [Span(self.ends[lead.number], first.start)] if lead is not None else []
        return Article(body, (*self._left_out(), *gap), tuple(self._lines_above(first)))

    def _inside(self, box: _Box) -> Span:
        start = box.opening.end if box.opening is not None else 0
        return Span(start, max(start, self.ends[box.number]))

    def _region(self) -> Span:
        total = sum(box.length for box in self.prose)
        for selector in _OF_ARTICLE:
            openings = {tags_of(element)[0] for element in self.document.select(selector)}
            spans = [self._inside(box) for box in self.boxes if box.opening is not None and box.opening in openings]
            best = max(spans, key=lambda span: (self.weight(span), span.start - span.end), default=None)
            if best is not None and self.weight(best) >= _SHARE * total:
                return best
        bodies = (self._inside(box) for box in self.boxes if box.tag == "body" and box.opening is not None)
        return next(bodies, Span(0, len(self.text)))

    def _core(self, region: Span) -> Span:
        within = [self._inside(box) for box in self.boxes if box.tag in _CORES and box.opening is not None]
        least = _CORE * self.weight(region)
        fitting = [span for span in within if region.holds(span) and self.weight(span) >= least]
        return min((*fitting, region), key=lambda span: span.end - span.start)

    def _ends_of_body(self, core: Span) -> tuple[_Box | None, _Box | None]:
        """The first and the last block of the core that is among its kind."""
        beside: dict[object, int] = defaultdict(int)
        for box in self.prose:
            if core.start <= box.start < core.end:
                for company in self._company(box):
                    beside[company] += box.length
        total = self.weight(core)
        taken: list[_Box] = []
        for box in self.boxes:
            is_within = box.opening is not None and core.start <= box.opening.end <= core.end
            if is_within and box.tag in _HEADINGS and taken and box.around == taken[-1].around and box.tag != "h1":
                taken.append(box)
            elif is_within and box.is_text and box.apart < 0 and box.comment < 0:
                parent, alike = self._company(box)
                if beside[parent] >= _BESIDE * total or beside[alike] >= _ALIKE * total:
                    taken.append(box)
        # A parser moves misplaced elements: the order of the boxes need not be that of the text.
        return min(taken, key=lambda box: box.start, default=None), max(taken, key=lambda box: box.start, default=None)

    def _company(self, box: _Box) -> tuple[object, object]:
        """What a block shares with others of its kind: its parent, and the tag and class of its parent."""
        tag = "p" if box.tag in _GROUPS else box.tag
        home = self.boxes[self.boxes[box.around].home]
        return (home.number, tag), (home.kind, tag)

    def _end_of_last(self, box: _Box) -> int:
        """Where a block ends; one that nothing closes ends at the next that is not inside it."""
        end = self.ends[box.number]
        if box.closing is not None:
            return end
        following = box.number + 1
        while following < len(self.boxes) and self.boxes[following].around >= box.number:
            following += 1
        after = [each.start for each in self.boxes[following : following + 1] if each.start >= self._inside(box).start]
        return min([end, *after])

    def _heading(self, first: _Box) -> int:
        """The number of the heading above a block; the block's own number without a heading."""
        numbers = range(first.number - 1, 0, -1)
        return next((number for number in numbers if self.boxes[number].tag == "h1"), first.number)

    def _above(self, first: _Box) -> Iterator[_Box]:
        """The boxes between a block and the heading above it, from the last to the first; nothing without a heading."""
        return (self.boxes[number] for number in range(first.number - 1, self._heading(first), -1))

    def _lines_above(self, first: _Box) -> list[Any]:
        """The lines between the heading and the first prose: some are in one element with the paragraphs, and so in the body."""
        following = takewhile(lambda box: box.length < _PROSE, self.boxes[first.number :])
        lines = [*list(self._above(first))[::-1], *following] if self._heading(first) < first.number else []
        return [box.element for box in lines if 0 < box.length <= _LINE and box.apart < 0]

    def _lead(self, first: _Box) -> _Box | None:
        """The lead above the first block of the body."""
        between = 0
        for box in self._above(first) if not self._is_described(first) else ():
            is_long = box.length >= max(_LEAD, between) and box.apart < 0 and box.opening is not None
            if is_long and self._is_described(box) and self.ends[box.number] <= first.start:
                return box
            between += box.length
        return None

    def _is_described(self, box: _Box) -> bool:
        """Whether a description of the page begins as this block does."""
        beginning = box.beginning[:_BEGINNING]
        return any(beginning in each or beginning.startswith(each) for each in self.descriptions)

    def _left_out(self) -> Iterator[Span]:
        """The outermost elements that are never part of an article, and comments."""
        for box in self.boxes:
            if box.number in (box.apart, box.comment) and box.opening is not None and box.closing is not None:
                yield Span(box.opening.start, box.closing.end)
