"""Bytes in another encoding, and characters that come of a wrong one."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from validator.defects.seeds import (
    BETWEEN_LETTERS,
    GAP,
    HAN,
    LETTER,
    WHOLE,
    Base,
    Change,
    Injected,
    Span,
    draw,
    entries,
    injects,
    insert,
    is_latin,
    places,
    put,
)


def _undecodable(base: Base, content: bytes) -> Injected:
    return Injected(
        base.text, WHOLE, base.given, data=content, follows=("acceptance-unused",),
    )  # fmt: skip


def _wide_characters(text: str) -> list[int]:
    return [at for at, character in enumerate(text) if ord(character) > 0x7FF]


@injects("undecodable")
def cut_within_a_character(rng: Random, base: Base) -> Injected | None:
    """A file that ends within one of its characters."""
    wide = _wide_characters(base.text)
    if not wide:
        return None
    kept = base.text[: rng.choice(wide) + 1].encode()
    # Of a text with few such characters one byte alone may be a letter of another encoding: "é" of cp1252.
    return _undecodable(base, kept[: -rng.choice((1, 2)) if len(wide) > 40 else -1]) if len(wide) > 3 else None


@injects("undecodable")
def damaged_bytes(rng: Random, base: Base) -> Injected | None:
    """A few bytes of UTF-8 overwritten, as a bad sector does."""
    wide = _wide_characters(base.text)
    if len(wide) < 40:
        return None
    content = bytearray(base.text.encode())
    for at in rng.sample(wide, rng.randrange(1, 4)):
        byte = len(base.text[:at].encode()) + rng.randrange(3)
        content[byte] = rng.choice((0xFF, 0xFE, 0x20, content[byte] & 0x7F))
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _undecodable(base, bytes(content))
    return None


@injects("undecodable")
def two_encodings(rng: Random, base: Base) -> Injected | None:
    """UTF-8 to which a paragraph in GB 18030 was added."""
    han = draw(rng, base, HAN + "{6,40}")
    if han is None or len(_wide_characters(base.text)) < 80:
        return None
    return _undecodable(base, base.text.encode() + base.text[slice(*han)].encode("gb18030") + b"\n")


@injects("undecodable")
def wide_and_cut(rng: Random, base: Base) -> Injected | None:
    """UTF-16 with its mark, and half a character at its end."""
    mark, codec = rng.choice(((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")))
    return _undecodable(base, mark + base.text.encode(codec) + b"\n")


ACCENTED = (
    "café", "naïve", "façade", "über", "señor", "déjà", "fiancée", "Zürich", "São", "Málaga",
    "Ångström", "Curaçao",
)  # fmt: skip
CODECS = ("gb18030", "gbk", "big5", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
WITH_MARK = {
    "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-32-le": b"\xff\xfe\0\0", "utf-32-be": b"\0\0\xfe\xff",
}  # fmt: skip


def _first_foreign(text: str, codec: str, content: bytes, mark: int = 0) -> int:
    """The number of the character that holds the first byte that is not UTF-8 (the first NUL where all bytes are)."""
    try:
        content.decode("utf-8")
        at = content.index(b"\0")
    except UnicodeDecodeError as error:
        at = error.start
    if at < mark:
        return 0
    width = mark
    for number, character in enumerate(text):
        width += len(character.encode(codec))
        if width > at:
            return number + (1 if mark else 0)
    raise AssertionError(text)


def recoded(base: Base, codec: str, *, has_mark: bool = False, changes: tuple[Change, ...] = ()) -> Injected | None:
    injected = put(base, *changes)
    try:
        content = injected.text.encode(codec)
    except UnicodeEncodeError:
        return None
    if injected.text.isascii() and not codec.startswith("utf"):
        return None
    mark = WITH_MARK[codec] if has_mark else b""
    at = _first_foreign(injected.text, codec, mark + content, len(mark))
    if has_mark:  # it counts as a character of the text
        changes = (Change(0, 0, "\ufeff"), *changes)
    return replace(injected, data=mark + content, marks=(Span(at, at + 1),), changes=changes, follows=("undecodable",))


@injects("not-utf8")
def another_encoding(rng: Random, base: Base) -> Injected | None:
    """The whole seed in an encoding of its language, or in a wide one with or without a mark."""
    codec = rng.choice(CODECS)
    if not codec.startswith("utf") and sum(not c.isascii() for c in base.text) < 100:
        return None  # too little to tell encodings by: chance decides
    return recoded(base, codec, has_mark=codec in WITH_MARK and rng.random() < 0.5)


@injects("not-utf8")
def western_encoding(rng: Random, base: Base) -> Injected | None:
    """English with a few accented words, in what Windows wrote."""
    gaps = places(base, GAP) if is_latin(base) and base.text.isascii() else ()
    if len(gaps) < 20:
        return None
    changes = tuple(
        Change(gap.end, gap.end, f"{rng.choice(ACCENTED)} ") for gap in sorted(rng.sample(gaps, rng.randrange(6, 12)))
    )
    return recoded(base, rng.choice(("cp1252", "latin-1")), changes=changes)


@injects("byte-order-mark")
def marked(rng: Random, base: Base) -> Injected | None:
    """A mark before the first character."""
    return insert(base, 0, "\ufeff")


def misread(text: str, rng: Random) -> str:
    """UTF-8 as a program shows it that takes it for cp1252 (what that has no character for stays latin-1) or latin-1."""
    if rng.random() < 0.4:
        return text.encode().decode("latin-1")
    return "".join(
        bytes((byte,)).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode()
    )


def _wrong_part(text: str) -> Span:
    """From the first to the last character of a word that is not ASCII."""
    at = [number for number, character in enumerate(text) if not character.isascii()]
    return Span(at[0], at[-1] + 1)


@injects("mojibake")
def accented_word(rng: Random, base: Base) -> Injected | None:
    """An accented word, put into a text of Latin script."""
    gap = draw(rng, base, GAP)
    if gap is None:
        return None
    word = rng.choice([word for word in ACCENTED if sum(not c.isascii() for c in word) == 1])
    written = misread(word, rng)
    part = _wrong_part(written)
    return insert(base, gap.end, written + " ", marks=(Span(gap.end + part.start, gap.end + part.end),))


@injects("mojibake")
def curly_mark(rng: Random, base: Base) -> Injected | None:
    """A curly apostrophe in a word, or a dash between two."""
    if rng.random() < 0.5:
        place = draw(rng, base, r"(?<=[a-z])['’](?=s\b|t\b)")
        return put(base, Change(*place, misread("’", rng))) if place else None
    gap = draw(rng, base, GAP)
    if gap is None:
        return None
    written = misread(rng.choice("—–…"), rng)
    return insert(base, gap.end, written + " ", marks=(Span(gap.end, gap.end + len(written)),))


@injects("mojibake")
def misread_twice(rng: Random, base: Base) -> Injected | None:
    """A curly apostrophe that went wrong two times."""
    place = draw(rng, base, r"(?<=[a-z])['’](?=s\b|t\b)")
    if place is None:
        return None
    once = "’".encode().decode("cp1252")
    return put(base, Change(*place, once.encode().decode("cp1252")))


@injects("mojibake")
def chinese_as_latin(rng: Random, base: Base) -> Injected | None:
    """Chinese in UTF-8, read as latin-1 or cp1252."""
    place = draw(rng, base, HAN + "{2,8}")
    if place is None:
        return None
    return put(base, Change(*place, misread(base.text[slice(*place)], rng)))


CHINESE_WORDS = (
    "新闻", "记者", "国家", "经济", "发展", "社会", "时间", "问题", "文化", "学生", "工作", "历史", "城市", "世界",
)  # fmt: skip
RUSSIAN_WORDS = ("образец", "заголовок", "Страница", "кавычки", "написано", "Проверка", "строчка", "источник")


@injects("mojibake")
def old_chinese_as_latin(rng: Random, base: Base) -> Injected | None:
    """Chinese in GB 2312, read as latin-1: three words or a stretch of the article."""
    gap = draw(rng, base, GAP)
    if gap is not None:
        written = "".join(rng.sample(CHINESE_WORDS, 3)).encode("gb2312").decode("latin-1")
        return insert(base, gap.end, written + " ", marks=(Span(gap.end, gap.end + len(written)),))
    place = draw(rng, base, HAN + "{4,12}")
    if place is None:
        return None
    try:
        written = base.text[slice(*place)].encode("gb2312").decode("latin-1")
    except UnicodeEncodeError:
        return None
    beside = base.text[place.start - 1] + base.text[place.end]
    if len(set(written)) < 6 or any("\u00a1" <= character <= "\u00ff" for character in beside):
        return None
    return put(base, Change(*place, written))


@injects("mojibake")
def russian_as_latin(rng: Random, base: Base) -> Injected | None:
    """Russian in cp1251 or KOI8-R, read as latin-1."""
    gap = draw(rng, base, GAP)
    if gap is None:
        return None
    written = rng.choice(RUSSIAN_WORDS).encode(rng.choice(("cp1251", "koi8-r"))).decode("latin-1")
    return insert(base, gap.end, written + " ", marks=(Span(gap.end, gap.end + len(written)),))


@injects("mojibake")
def marks_as_gbk(rng: Random, base: Base) -> Injected | None:
    """A curly mark, with the letter after it, read as GBK."""
    place = draw(rng, base, r"(?<=[a-z])['’](?=s\b|t\b)")
    if place is not None and rng.random() < 0.5:
        return put(base, Change(place.start, place.end + 1, f"’{base.text[place.end]}".encode().decode("gbk")))
    place = draw(rng, base, r"(?<= )[A-Za-z](?=[a-z]{3})")
    if place is None:
        return None
    return put(base, Change(*place, f"“{base.text[place.start]}".encode().decode("gbk")))


@injects("mojibake")
def lost_as_gbk(rng: Random, base: Base) -> Injected | None:
    """Replacement characters in UTF-8, read as GBK."""
    place = draw(rng, base, BETWEEN_LETTERS)
    if place is None:
        return None
    return insert(base, place.end, ("\ufffd" * 2 * rng.randrange(1, 4)).encode().decode("gbk"))


@injects("mojibake")
def windows_as_latin(rng: Random, base: Base) -> Injected | None:
    """A curly apostrophe in a word, or a dash between two, of windows-1252 that was read as ISO 8859-1."""
    place = draw(rng, base, r"(?<=[a-z])['’](?=s\b|t\b)")
    if place is not None and rng.random() < 0.5:
        return put(base, Change(*place, "\x92"))
    gap = draw(rng, base, GAP)
    return insert(base, gap.end, rng.choice("\x96\x97") + " ", marks=(Span(gap.end, gap.end + 1),)) if gap else None


@injects("mojibake")
def misread_as_another(rng: Random, base: Base) -> Injected | None:
    """A Russian word, or a curly apostrophe, in UTF-8 that was read in an encoding of Russian, of the Macintosh or of DOS."""
    encoding = rng.choice(("cp1251", "koi8-r", "mac-roman", "cp437", "cp866"))
    place = draw(rng, base, r"(?<=[a-z])['’](?=s\b|t\b)")
    if place is not None and rng.random() < 0.5:
        return put(base, Change(*place, "’".encode().decode(encoding)))
    gap = draw(rng, base, GAP)
    if gap is None:
        return None
    data = rng.choice(RUSSIAN_WORDS).encode()
    try:
        written = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return insert(base, gap.end, written + " ", marks=(Span(gap.end, gap.end + len(written)),))


REFERENCES = ("&#8217;", "&rsquo;", "&amp;", "&amp;amp;", "&#x2014;", "&nbsp;", "\\u2019", "\\u00e9")


@injects("character-reference")
def left_reference(rng: Random, base: Base) -> Injected | None:
    """A reference or an escape between two words of plain text; in markup one that was escaped twice."""
    gap = draw(rng, base, GAP)
    if gap is None:
        return None
    is_markup = base.text.startswith("---") or "<p" in base.text
    written = rng.choice(("&amp;#8217;", "&amp;amp;", "&amp;nbsp;", "\\u2019") if is_markup else REFERENCES)
    return insert(base, gap.end, written + " ", marks=(Span(gap.end, gap.end + len(written)),))


@injects("replacement-character")
def lost_characters(rng: Random, base: Base) -> Injected | None:
    """Letters for which U+FFFD was written, alone or in a row."""
    place = draw(rng, base, rng.choice((LETTER, LETTER + "{2}", LETTER + "{5}", HAN)))
    return put(base, Change(*place, "\ufffd" * (place.end - place.start))) if place else None


@injects("replacement-character")
def lost_in_front_matter(rng: Random, base: Base) -> Injected | None:
    """One in a value of the front matter."""
    values = [value for key, (_, value) in entries(base.text).items() if key in ("author", "tags", "categories")]
    letters = [at for value in values for at in range(*value) if base.text[at].isalpha()]
    at = rng.choice(letters) if letters else 0
    return put(base, Change(at, at + 1, "\ufffd")) if letters else None
