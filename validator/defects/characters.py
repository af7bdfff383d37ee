"""Characters that are not seen, or not what they look like."""

from __future__ import annotations

import re
from random import Random

from validator.defects.seeds import (
    BETWEEN_LETTERS,
    LETTER,
    Base,
    Change,
    Injected,
    Span,
    article,
    draw,
    entries,
    injects,
    insert,
    put,
)

CONTROLS = [chr(code) for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F)]
UNDEFINED = "\x81\x8d\x8f\x90\x9d"  # of C1, those that are nothing in windows-1252


@injects("control-character")
def controls(rng: Random, base: Base) -> Injected | None:
    """One control character or a few, within a word, at its end, at a line's beginning or end."""
    pattern = rng.choice((BETWEEN_LETTERS, LETTER, r"(?<=[.,。，])\n*(?=[A-Za-z\u4e00-\u9fff])", r"[.,。，]"))
    place = draw(rng, base, pattern)
    if place is None:
        return None
    return insert(base, place.end, "".join(rng.choices(CONTROLS, k=rng.choice((1, 1, 1, 2, 5)))))


@injects("control-character")
def late_control(rng: Random, base: Base) -> Injected | None:
    """One of C1 within a word that stands for nothing in windows-1252."""
    place = draw(rng, base, BETWEEN_LETTERS)
    return insert(base, place.end, rng.choice(UNDEFINED)) if place else None


@injects("mojibake")
def ellipsis_in_front_matter(rng: Random, base: Base) -> Injected | None:
    """The one of C1 that YAML lets pass, an ellipsis of windows-1252, in a value of the front matter."""
    values = [value for key, (_, value) in entries(base.text).items() if key in ("author", "tags", "categories")]
    letters = [at for value in values for at in range(*value) if base.text[at].isalpha()]
    return insert(base, rng.choice(letters), "\x85") if letters else None


@injects("no-break-space")
def blanks_that_do_not_break(rng: Random, base: Base) -> Injected | None:
    """One in the place of a space, or a run of them among others."""
    place = draw(rng, base, r"(?<=[^\W_]) (?=[^\W_])")
    if place is None:
        return None
    mark = rng.choice("\u00a0\u00a0\u2007\u202f")
    before, after = rng.choice(("", "", " ", "\t", "\u3000")), rng.choice(("", "", " "))
    run = mark + rng.choice(("", "", " ", "\u3000")) + mark if rng.random() < 0.4 else mark
    at = place.start + len(before)
    return put(base, Change(*place, before + run + after), marks=(Span(at, at + len(run)),))


@injects("no-break-space")
def blank_between_letters(rng: Random, base: Base) -> Injected | None:
    """One between two letters, of whatever script."""
    place = draw(rng, base, BETWEEN_LETTERS)
    return insert(base, place.end, rng.choice("\u00a0\u2007\u202f") * rng.choice((1, 1, 2, 4))) if place else None


@injects("no-break-space")
def blank_in_front_matter(rng: Random, base: Base) -> Injected | None:
    """One within a name in the front matter."""
    author = entries(base.text).get("author")
    value = author[1] if author else None
    if value is None or value.end - value.start < 2 or not base.text[slice(*value)].isalpha():
        return None
    return insert(base, rng.randrange(value.start + 1, value.end), "\u00a0")


INVISIBLE = [
    *"\u00ad\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062",
    *"\u2063\u2064\u2065\u2066\u2067\u2068\u2069\u206a\u206f\u3164\ufe0e\ufe0f\ufeff\uffa0\ufff9\ufffa\ufffb\U0001bca0\U0001d173",
    *"\U000e0001\U000e0041\U000e007f\u180b",
]
SELECTORS = "\ufe00\ufe01\ufe0d\U000e0100\U000e01ef"  # legitimate after a Chinese character, which has variants


@injects("invisible-character")
def unseen(rng: Random, base: Base) -> Injected | None:
    """One or a few of every kind, between letters of Latin or Chinese script."""
    place = draw(rng, base, BETWEEN_LETTERS)
    if place is None:
        return None
    kinds = [*INVISIBLE, *SELECTORS] if base.text[place.start].isascii() else INVISIBLE
    run = "".join(rng.choices(kinds, k=rng.choice((1, 1, 1, 2, 3))))
    # Two pairs that have a meaning together: a Mongolian separator's variant, the two fillers of a Korean syllable.
    return insert(base, place.end, run) if "\u180e\u180b" not in run and "\u115f\u1160" not in run else None


@injects("invisible-character")
def unseen_at_an_edge(rng: Random, base: Base) -> Injected | None:
    """One at the beginning or the end of a paragraph, or beside punctuation."""
    pattern = rng.choice((r"(?<=\n)(?=[A-Za-z\u4e00-\u9fff])", r"(?<=[A-Za-z\u4e00-\u9fff])[.。](?=\n|\Z)", "[,，;；]"))
    found = [
        match.end()
        for span in article(base)
        for match in re.compile(pattern).finditer(base.text, span.start, span.end)
        if span.start < match.end() < span.end
    ]
    return insert(base, rng.choice(found), rng.choice("\u200b\u2060\ufeff\u200e\u00ad\u202c")) if found else None


@injects("invisible-character")
def hidden_order(rng: Random, base: Base) -> Injected | None:
    """A pair of bidirectional controls around a word of a text that runs from left to right."""
    word = draw(rng, base, r"[A-Za-z\u4e00-\u9fff]{2,10}")
    if word is None:
        return None
    opening, closing = rng.choice(("\u202a\u202c", "\u202e\u202c", "\u2066\u2069", "\u2067\u2069", "\u2068\u2069"))
    return put(base, Change(word.start, word.start, opening), Change(word.end, word.end, closing))


@injects("invisible-character")
def unseen_in_front_matter(rng: Random, base: Base) -> Injected | None:
    """One within a name in the front matter."""
    author = entries(base.text).get("author")
    value = author[1] if author else None
    if value is None or value.end - value.start < 2 or not base.text[slice(*value)].isalpha():
        return None
    at = rng.randrange(value.start + 1, value.end)
    return insert(base, at, rng.choice("\u200b\ufeff\u2060\u00ad\u202e\u2028"))
