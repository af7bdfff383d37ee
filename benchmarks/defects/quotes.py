"""Quotation marks that are lost, of another kind, or not what they should be."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from validator.defects.quotes import OWNER
from validator.defects.seeds import (
    GAP,
    Base,
    Change,
    Injected,
    Span,
    article,
    body_start,
    draw,
    injects,
    insert,
    is_latin,
    lines_of,
    places,
    put,
)

MALFORMED = ("´", "′", "＇", "’’")


@injects("malformed-apostrophe")
def malformed_apostrophes(rng: Random, base: Base) -> Injected | None:
    """One or two possessives that get another mark than an apostrophe. Marks that may open a quotation or code are left out."""
    found = places(base, OWNER) if is_latin(base) else ()
    if len(found) < 2:
        return None
    mark = rng.choice(MALFORMED)
    chosen = sorted(rng.sample(found, rng.choice((1, 2))))
    injected = put(base, *(Change(place.end, place.end, f"{mark}s") for place in chosen))
    return replace(injected, marks=tuple(Span(span.start, span.start + len(mark)) for span in injected.marks))


@injects("malformed-apostrophe")
def malformed_contractions(rng: Random, base: Base) -> Injected | None:
    """A contraction, or a decade, with another mark than an apostrophe, put in between two words."""
    gap = draw(rng, base, GAP) if is_latin(base) else None
    if gap is None:
        return None
    word = rng.choice(("don't", "isn't", "it's", "they're", "we've", "I'm", "she'd", "you'll", "WON'T", "1990's"))
    mark = rng.choice(MALFORMED)
    at = gap.end + word.index("'")
    return insert(base, gap.end, word.replace("'", mark) + " ", marks=(Span(at, at + len(mark)),))


_QUOTED = {"“": r"“[^“”\n]{2,}”", '"': r'"[^"\n]{2,}"'}


def _quotations(base: Base) -> list[Span]:
    """The quotations: pairs of marks of one kind within a line or within a stretch without markup, from its beginning."""
    spans = []
    for line in lines_of(base) if base.markup == "text" else article(base):
        for mark, pattern in _QUOTED.items():
            if mark in base.text[slice(*line)]:
                spans += [Span(*m.span()) for m in re.compile(pattern).finditer(base.text, *line)]
    return spans


@injects("stray-quote")
def stray_mark(rng: Random, base: Base) -> Injected | None:
    """A closing mark after a word that stands in no quotation."""
    if not is_latin(base):
        return None
    quoted = _quotations(base)
    found = [
        place
        for place in places(base, r"(?<= )[a-z]{3,}[,.]?(?= )")
        if not any(q.start <= place.start < q.end for q in quoted)
    ]
    return insert(base, rng.choice(found).end, "”" if "“" in base.text else '"') if found else None


@injects("stray-quote")
def lost_opening(rng: Random, base: Base) -> Injected | None:
    """A quotation that has lost its beginning."""
    quoted = _quotations(base) if is_latin(base) else []
    if not quoted:
        return None
    span = rng.choice(quoted)
    if span.start < body_start(base):
        return None
    return put(base, Change(span.start, span.start + 1, ""), marks=(Span(span.end - 2, span.end - 1),))


@injects("mixed-quotes")
def another_apostrophe(rng: Random, base: Base) -> Injected | None:
    """One or two apostrophes of the other kind."""
    style = "’" if "“" in base.text else "'"
    found = places(base, rf"(?<=[A-Za-z]){style}(?=[a-z])") if is_latin(base) else ()
    chosen = rng.sample(found, rng.choice((1, 1, 2))) if len(found) > 4 else found[:1] if len(found) > 2 else ()
    other = "'" if style == "’" else "’"
    return put(base, *(Change(*place, other) for place in chosen)) if chosen else None


@injects("mixed-quotes")
def another_quotation(rng: Random, base: Base) -> Injected | None:
    """A quotation with marks of the other kind."""
    quoted = _quotations(base) if is_latin(base) else []
    if len(quoted) < 3:
        return None
    span = rng.choice(quoted)
    if span.start < body_start(base):
        return None
    opening, closing = ('"', '"') if "“" in base.text else ("“", "”")
    return put(base, Change(span.start, span.start + 1, opening), Change(span.end - 1, span.end, closing))
