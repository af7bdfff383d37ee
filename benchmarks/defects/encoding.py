"""Encodings that a source does not declare, and characters that are not composed."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from validator.defects.encoding import WITH_MARK, recoded, western_encoding
from validator.defects.seeds import BETWEEN_LETTERS, Base, Injected, Span, draw, injects, insert


@injects("encoding-unexpected")
def undeclared_encoding(rng: Random, base: Base) -> Injected | None:
    """A source that declares one old encoding, and a seed of it in another."""
    codec, declared = rng.choice(
        (
            ("gb18030", "big5"),
            ("gb18030", "shift_jis"),
            ("utf-16-le", "gb18030"),
            ("utf-16-be", "big5"),
            ("big5", "gb18030"),
            ("utf-32-le", "gb18030"),
        )
    )
    if sum(not c.isascii() for c in base.text) < 100 and not codec.startswith("utf"):
        return None
    injected = recoded(base, codec, has_mark=codec in WITH_MARK and rng.random() < 0.5)
    if injected is None:
        return None
    given = replace(base.given, legacy=(declared,))
    return replace(
        injected, given=given, marks=(Span(0, 1),), follows=("not-utf8", "undecodable"), reference=(base.text, given)
    )


@injects("encoding-unexpected")
def undeclared_western(rng: Random, base: Base) -> Injected | None:
    """A source that declares an old Chinese encoding, and a seed of it in a Western one."""
    injected = western_encoding(rng, base)
    if injected is None:
        return None
    given = replace(base.given, legacy=(rng.choice(("gb18030", "big5")),))
    return replace(
        injected, given=given, marks=(Span(0, 1),), follows=("not-utf8", "undecodable"), reference=(base.text, given)
    )


@injects("not-nfc")
def decomposed(rng: Random, base: Base) -> Injected | None:
    """Marks of their own after letters that have a composed form with them."""
    place = draw(rng, base, "[aeiouAEIOU](?=[A-Za-z ,.])")
    if place is None:
        return None
    marks = rng.choice(("\u0301", "\u0300", "\u0302", "\u0308", "\u0323\u0302", "\u0302\u0323"))
    return insert(base, place.end, marks, marks=(Span(place.start, place.end + len(marks)),))


DECOMPOSED_WORDS = (
    "é", "ö", "한", "그", "が", "パ", "豈", "神", "侮", "Ω", "Å", "й", "ё", "å", "ñ", "آ",
)  # fmt: skip


@injects("not-nfc")
def decomposed_word(rng: Random, base: Base) -> Injected | None:
    """A character of some script that is not composed, or one that has another for its composed form."""
    place = draw(rng, base, BETWEEN_LETTERS)
    return insert(base, place.end, rng.choice(DECOMPOSED_WORDS)) if place else None
