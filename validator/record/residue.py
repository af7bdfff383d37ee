"""Residue that pages leave in a seed, where the article's body begins and ends, and the mask over all that is not body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from validator.parsing.markup import has_text, layout, mask
from validator.record.model import Left, Reading, has_prose
from validator.record.places import PlaceReader
from validator.sources.model import Residue, Selector
from validator.text.places import Span


def residue_in(reader: PlaceReader) -> list[Left]:
    """All residue of the seed, in order. Residue inside other residue is left out."""
    found: list[Left] = []
    for residue in reader.source.residues:
        if residue.element is not None:
            found += _elements(reader, residue, residue.element)
        elif residue.pattern is not None:
            found += _matching(reader, residue, residue.pattern)
        elif residue.from_pattern is not None:
            found += _between_places(reader, residue, residue.from_pattern)
    found.sort(key=lambda left: (left.span.start, -left.span.end))
    outermost: list[Left] = []
    for left in found:
        if not outermost or not outermost[-1].span.holds(left.span):
            outermost.append(left)
    return outermost


def _matching(reader: PlaceReader, residue: Residue, pattern: str) -> Iterator[Left]:
    for match in reader.subject.matches(pattern):
        span = match.span("residue") or match.span()
        if span is None or span.start == span.end:
            continue
        place = reader.normal.span(*span)
        lifted = reader.first(residue.lifts) if residue.lifts is not None else None
        is_inside = lifted is not None and lifted.span is not None and place.holds(lifted.span)
        yield Left(residue, place, place, lifted.value if lifted is not None and is_inside else None)


def _between_places(reader: PlaceReader, residue: Residue, pattern: str) -> Iterator[Left]:
    first = reader.subject.search(pattern)
    span = first.span() if first else None
    if span is None:
        return
    start = reader.normal.found(span.start)
    end: int | None = len(reader.text)
    if residue.before is not None:
        end = _side(reader, residue.before, {}, after=False, start=span.end)
    if end is not None and end > start:
        yield _bounded(residue, reader.text, start, end)


def _bounded(residue: Residue, text: str, start: int, end: int) -> Left:
    """Residue from one offset to another. If it may be removed, the blank lines before it go too."""
    first = start
    if residue.to_end:
        newline = text.find("\n", len(text[:start].rstrip()))
        first = min(newline + 1, start) if 0 <= newline < start else start
    share = (end - start) / max(len(text), 1)
    left = len("".join(text[:start].split())) + len("".join(text[end:].split()))
    may = share <= residue.at_most and left >= residue.leaves_at_least
    shown = start + len(text[start:end].rstrip())
    return Left(residue, Span(start, max(shown, start)), Span(first, end) if may else None)


def _elements(reader: PlaceReader, residue: Residue, selector: Selector) -> Iterator[Left]:
    from validator.parsing.pages import find_elements

    text = reader.subject.text
    begin = reader.front_matter.span.end if reader.front_matter is not None else 0
    for element in find_elements(text[begin:], selector.fits):
        span = Span(*(begin + offset for offset in (element.span or element.opening)))
        if residue.only_if_no_text:
            inner = text[span.start : span.end]
            if has_text(mask(inner, 0, len(inner), "html")):
                continue
        place = reader.normal.span(*span)
        removable = element.span is not None and residue.only_if_no_text
        yield Left(residue, place, place if removable else None)


def _side(reader: PlaceReader, target: str, residues: Mapping[str, Span], after: bool, start: int = 0) -> int | None:
    """The offset, in the text as found, at which a field, residue or pattern ends (`after`) or begins."""
    if target.startswith("pattern:"):
        match = reader.subject.search(target.removeprefix("pattern:"), start=start)
        span = match.span() if match else None
        return None if span is None else reader.normal.found(span.end if after else span.start)
    if target.startswith("residue."):
        place = residues.get(target.removeprefix("residue."))
        return None if place is None else (place.end if after else place.start)
    reading = reader.first(target)
    if reading is None or reading.span is None:
        return None
    place = reading.lines or reading.span
    return place.end if after else place.start


def body_in(reader: PlaceReader, residue: list[Left]) -> Span:
    """The article's body: as the source says, else the article of a page, else all below the values at the top."""
    text = reader.text
    content = reader.normal.found(reader.front_matter.span.end if reader.front_matter is not None else 0)
    spans = {left.residue.name: left.span for left in residue}
    for place in reader.source.places.get("body", ()):
        start: int | None = content
        end: int | None = len(text)
        if place.after is not None:
            start = _side(reader, place.after, spans, after=True)
        if place.before is not None:
            beyond = 0 if start is None else reader.normal.normal(start)
            end = _side(reader, place.before, spans, after=False, start=beyond)
            if end is None and place.before.startswith("residue."):
                end = len(text)  # no such residue: the body does not end early
        if start is not None and end is not None and content <= start <= end:
            return Span(start, end)
    if reader.is_page:
        return reader.normal.span(*reader.page.article.body)
    # By default: all below the lines at the top that hold only a value of the record.
    start = content
    for lines in sorted(lines_near_the_top(reader)):
        above = text[start : lines.start]
        is_below = has_prose(above) or (above.strip() != "" and not text[lines.end :].strip())
        if lines.end > start and not is_below:
            start = lines.end
    return Span(start, len(text))


def lines_near_the_top(reader: PlaceReader) -> set[Span]:
    """The lines among the first dozen that hold only a value of the record."""
    content = reader.normal.found(reader.front_matter.span.end if reader.front_matter is not None else 0)
    found = {each for name in _AT_THE_TOP for each in lines_of(reader.of(name))}
    return {each for each in found if reader.text.count("\n", content, each.start) <= 12}


_AT_THE_TOP = ("headline", "byline", "date_published", "source_url")


def lines_of(readings: Iterable[Reading]) -> Iterator[Span]:
    """The whole lines that hold nothing but a value."""
    return (each.lines for each in readings if each.lines is not None)


def masked_body(text: str, body: Span, markup: str, content: int, gone: list[Span]) -> str:
    """The text with everything masked but the body's own text: other parts, markup, headings and the spans in `gone`.

    `content` is where the front matter ends.
    """
    content = min(content, body.start)
    masked = mask(text, body.start, body.end, markup, content)
    gone = [*gone, *(span for span in layout(text, content, markup).headings if body.holds(span))]
    if not gone:
        return masked
    pieces, at = [], 0
    for span in sorted(gone):
        if span.end <= at:
            continue
        start = max(span.start, at)
        pieces += [masked[at:start], "\n" * (span.end - start)]
        at = span.end
    pieces.append(masked[at:])
    return "".join(pieces)
