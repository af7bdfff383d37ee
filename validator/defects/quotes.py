"""Quotation marks in the wrong place."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from validator.defects.seeds import (
    GAP,
    Base,
    Change,
    Injected,
    Span,
    draw,
    injects,
    insert,
    is_latin,
    places,
    put,
)

CONTRACTIONS = ("don't", "isn't", "it's", "they're", "we've", "I'm", "she'd", "you'll", "wasn't", "couldn't", "that's",
                "O'Example", "o'clock", "IT'S", "WON'T", "d'Exemple")  # fmt: skip


# A word that may have a possessive. Words such as "the" have none; before "the"s" a space was lost, and a quotation begins.
OWNER = (
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
    found = places(base, OWNER) if is_latin(base) else ()
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
