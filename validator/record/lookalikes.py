"""Lines of a text that look like a value which the source's places do not give: what to look at first if a value is missing.

They are shown, and never taken. Only lines at the beginning and at the end of the text count, where headers and credits are.
Does not handle: pages in HTML; a headline without a mark or a label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from validator.parsing.dates import read_date
from validator.text.patterns import expression, late
from validator.text.places import Span

FIRST, LAST = 12, 4  # lines that are not empty, at the beginning and at the end
_LONGEST = 200  # characters of such a line
_MOST = 3
_AT_END = 3  # characters, such as a bracket or a dash, that may be between a date and the end of its line

_LABEL = r"(?:[*_]{0,2}(?P<label>[^\W\d_][\w .]{0,30}?)[*_]{0,2}[ \t]*[:：][*_]{0,2}[ \t]*)"
_DATE = late(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}(?:st|nd|rd|th)? (?:of )?[^\W\d_]{3,12}\.?,? \d{4}"
    r"|[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日"
)
_NAME = r"(?:(?-i:[A-ZÀ-ÞЀ-Я])[\w.'’-]*|and|&|de|del|van|von|der|da|di|la|le|al|bin|und|et|y)"
_BY = r"^\W{0,3}(?:(?:written |reported |text |words )?by|von|par|por)[ \t:]+"
_PATTERNS = {
    "byline": (
        rf"{_BY}(?P<value>{_NAME}(?:,?[ \t]+{_NAME}){{1,8}})\W{{0,2}}$",
        r"^\W{0,3}(?:authors?|byline|writer|reporter|autor|auteur|作者|记者|撰文|文)\W{0,3}[:：]\W{0,3}(?P<value>\w[^!?:;]{1,60})$",
    ),
    "source_url": (rf"^(?:{_LABEL})?<?(?P<value>https?://[^\s<>]{{4,}})>?$",),
    "headline": (
        r"^#[ \t]+(?P<value>\S.{2,150}?)[ \t#]*$",
        r"^\W{0,3}(?:headline|title|heading|titel|titre|título|标题|題名)\W{0,3}[:：]\W{0,3}(?P<value>\S.{2,150})$",
    ),
}


class Lookalike(NamedTuple):
    """What looks like a value: its span, its line from 1, and its text."""

    span: Span
    line: int
    text: str


def lookalikes(
    text: str, start: int, fields: Sequence[str], order: str | None, languages: Sequence[str]
) -> dict[str, tuple[Lookalike, ...]]:
    """By field, what looks like its value in a text with LF line ends, from `start` on, the end of the front matter."""
    lines = [each for each in _lines(text, start) if each.text.strip()]
    near = lines if len(lines) <= FIRST + LAST else [*lines[:FIRST], *lines[-LAST:]]
    near = [each for each in near if len(each.text) <= _LONGEST and not each.text.lstrip().startswith("<")]
    found: dict[str, tuple[Lookalike, ...]] = {}
    for field in fields:
        search = _dates(order, languages) if field == "date_published" else _values(field)
        seen = [each for line in near for each in search(line)]
        if seen:
            found[field] = tuple(seen[:_MOST])
    return found


def _lines(text: str, start: int) -> Iterator[Lookalike]:
    number = text.count("\n", 0, start) + 1
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield Lookalike(Span(start, end), number, text[start:end])
        start, number = end + 1, number + 1


def _values(field: str) -> Callable[[Lookalike], Iterator[Lookalike]]:
    patterns = [expression(f"(?i){each}") for each in _PATTERNS.get(field, ())]

    def search(line: Lookalike) -> Iterator[Lookalike]:
        for pattern in patterns:
            match = pattern.search(line.text)
            if match is not None:
                yield _part(line, *match.span("value"))
                return

    return search


def _dates(order: str | None, languages: Sequence[str]) -> Callable[[Lookalike], Iterator[Lookalike]]:
    """Looks for a date that can be read and has a year: the whole line, what follows its label, or a date at either end of it."""

    def search(line: Lookalike) -> Iterator[Lookalike]:
        label = expression("^" + _LABEL).search(line.text)
        begin = label.end() if label is not None else 0
        inside = (match.span() for match in _DATE.finditer(line.text))
        at_ends = [each for each in inside if each[0] <= _AT_END or len(line.text) - each[1] <= _AT_END]
        places = [(begin, len(line.text)), *at_ends]
        for first, last in places:
            value = read_date(line.text[first:last], "any", order, languages)
            if value is not None and value.year is not None and value.day is not None:
                yield _part(line, first, last)
                return

    return search


def _part(line: Lookalike, first: int, last: int) -> Lookalike:
    return Lookalike(Span(line.span.start + first, line.span.start + last), line.line, line.text[first:last])
