"""Quotation marks in the wrong place."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

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

CONTRACTIONS = ("don't", "isn't", "it's", "they're", "we've", "I'm", "she'd", "you'll", "wasn't", "couldn't", "that's",
                "O'Example", "o'clock", "IT'S", "WON'T", "d'Exemple")  # fmt: skip


# A word that may have a possessive. Words such as "the" have none; before "the"s" a space was lost, and a quotation begins.
_OWNER = (
    r"(?<= )(?!(?i:the|and|but|for|with|from|was|were|are|been|its|his|their|our|your|these|those|called|named|said)\b)"
    r"[A-Za-z]{2,}[a-rt-z](?= [a-z]{3,})"
)


def _mark_for(rng: Random, base: Base) -> str:
    return "”" if "“" in base.text and rng.random() < 0.3 else '"'


@injects("quote-for-apostrophe")
def apostrophes_replaced(rng: Random, base: Base) -> Injected | None:
    """One to three apostrophes of the text, each made a quotation mark."""
    found = places(base, r"(?<=[A-Za-z])['’](?=(?:s|t|re|ve|ll|d|m)\b)") if is_latin(base) else ()
    if not found:
        return None
    chosen = rng.sample(found, min(len(found), rng.choice((1, 1, 2, 3))))
    mark = _mark_for(rng, base)
    return put(base, *(Change(*place, mark) for place in chosen))


@injects("quote-for-apostrophe")
def possessives(rng: Random, base: Base) -> Injected | None:
    """One to four words that get a possessive with a quotation mark, within quotations too."""
    found = places(base, _OWNER) if is_latin(base) else ()
    if len(found) < 4:
        return None
    mark = _mark_for(rng, base)
    chosen = sorted(rng.sample(found, rng.choice((1, 1, 2, 4))))
    injected = put(base, *(Change(place.end, place.end, f"{mark}s") for place in chosen))
    return replace(injected, marks=tuple(Span(span.start, span.start + 1) for span in injected.marks))


@injects("quote-for-apostrophe")
def contractions(rng: Random, base: Base) -> Injected | None:
    """A contraction, or a name with an apostrophe, put in between two words."""
    gap = draw(rng, base, GAP) if is_latin(base) else None
    if gap is None:
        return None
    word = rng.choice(CONTRACTIONS)
    at = gap.end + word.index("'")
    return insert(base, gap.end, word.replace("'", _mark_for(rng, base)) + " ", marks=(Span(at, at + 1),))


@injects("quote-for-apostrophe")
def decades(rng: Random, base: Base) -> Injected | None:
    """A decade with its s."""
    gap = draw(rng, base, GAP) if is_latin(base) else None
    if gap is None:
        return None
    word = rng.choice(("1990", "1980", "2010"))
    return insert(base, gap.end, f'the {word}"s ', marks=(Span(gap.end + 4 + len(word), gap.end + 5 + len(word)),))


MALFORMED = ("´", "′", "＇", "’’")


@injects("malformed-apostrophe")
def malformed_apostrophes(rng: Random, base: Base) -> Injected | None:
    """One or two possessives that get another mark than an apostrophe. Marks that may open a quotation or code are left out."""
    found = places(base, _OWNER) if is_latin(base) else ()
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
