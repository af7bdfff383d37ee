"""Defects for every rule, and the clean seeds that they are put into.

An injector takes a source of chance and a base, a seed that does not have the defect, and gives the seed with the defect and
the span at which a finding of it must stand, or None where the base cannot carry it. The spans come from where the injector
wrote, never from the rule: nothing of `validator.rules`, `record` or `markup` is used here, and what is an article's text is
told by a few patterns of this module that rather miss a place than take a wrong one.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml

TODAY = date(2030, 1, 1)  # after every date of a specimen, so that only what is injected lies in the future


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int


class Change(NamedTuple):
    """The code points from `start` up to `end` are replaced."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Given:
    """What the archive says beside the bytes. `legacy` are encodings that the source is made to declare; with `rival` a
    second source with the same signs is there."""

    path: str
    source: str | None = None
    sidecar: str | bytes | None = None
    legacy: tuple[str, ...] = ()
    rival: bool = False
    limit_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Base:
    """A seed to put defects into. `group` is drawn first, so that a few specimens weigh as much as many posts."""

    name: str
    group: str
    text: str
    given: Given
    source: str
    markup: str


@dataclass(frozen=True, slots=True)
class Injected:
    """A base with a defect. `marks` are where findings of the rule must stand; `changes` tell how other places moved.

    `follows` are rules whose findings legitimately come with it (each argued in `injection.FOLLOWS`). `reference` is what
    it is compared with where that is not the base itself. `on_disk` names a defect that only a file can have.
    """

    text: str
    marks: tuple[Span, ...]
    given: Given
    changes: tuple[Change, ...] = ()
    data: bytes | None = None
    follows: tuple[str, ...] = ()
    reference: tuple[str, Given] | None = None
    on_disk: str = ""

    @property
    def content(self) -> bytes:
        """The bytes of the seed."""
        return self.text.encode("utf-8", "surrogatepass") if self.data is None else self.data


Injector = Callable[[Random, Base], Injected | None]
INJECTORS: dict[str, list[Injector]] = {}


def injects(rule: str) -> Callable[[Injector], Injector]:
    """Declare an injector of a rule's defect; a rule may have several, which take turns."""

    def declare(injector: Injector) -> Injector:
        INJECTORS.setdefault(rule, []).append(injector)
        return injector

    return declare


# --- bases ------------------------------------------------------------------------------------------------------------

_MARKUP = {"front-matter": "markdown", "jekyll-post": "html", "zaobao-jekyll": "html"}


def read_bases(specimens: Path, posts: Path | None = None) -> list[Base]:
    """The curated specimens, and posts of a folder, each also as what else it may be taken for.

    A text specimen is also plain text that asks for no record, once as it stands and once with curly marks; a post is also
    Markdown of an unknown site, and a post of the one source whose pages leave advertisements.
    """
    bases = []
    for file in sorted(specimens.glob("*/curated.*")):
        if file.name.endswith(".meta.yaml"):
            continue
        source = file.parent.name
        beside = file.with_name(file.name + ".meta.yaml")
        sidecar = beside.read_text("utf-8") if beside.is_file() else None
        text = file.read_bytes().decode("utf-8")
        path = f"seeds/{source}/{file.name}"
        markup = _MARKUP.get(source, "text")
        bases.append(Base(path, f"specimen {source}", text, Given(path, sidecar=sidecar), source, markup))
        if markup == "text":
            plain = Given(f"texts/{source}.txt", source="plain-text")
            bases.append(Base(f"{path} (plain)", "plain", text, plain, "plain-text", "text"))
            bases.append(Base(f"{path} (curly)", "curly", curled(text), plain, "plain-text", "text"))
        else:
            as_post = Given(f"_posts/2021-01-01-{source}.md", source="jekyll-post")
            bases.append(Base(f"{path} (post)", "posts", text, as_post, "jekyll-post", "html"))
    for file in sorted(posts.glob("*.md")) if posts is not None else ():
        text = file.read_bytes().decode("utf-8")
        if not text.startswith("---\n"):
            continue
        path = f"posts/{file.name}"
        bases.append(Base(path, "posts", text, Given(path), "jekyll-post", "html"))
        for source in ("front-matter", "zaobao-jekyll"):
            given = Given(path, source=source)
            bases.append(Base(f"{path} ({source})", f"posts as {source}", text, given, source, _MARKUP[source]))
    return bases


def curled(text: str) -> str:
    """The text with curly marks: quotations in pairs within each line, apostrophes in words and after a plural's s."""
    lines = []
    for line in text.split("\n"):
        pieces = line.split('"')
        marked = "".join(piece + ("“" if at % 2 == 0 else "”") for at, piece in enumerate(pieces[:-1])) + pieces[-1]
        lines.append(re.sub(r"(?<=\w)'(?=\w)|(?<=s)'(?=\s)", "’", marked))
    return "\n".join(lines)


# --- where things stand -----------------------------------------------------------------------------------------------

_MATTER = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*\n", re.DOTALL)
_ENTRY = re.compile(r"^([A-Za-z_]+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"^\[([^\n]*)\]\((\S+)\)\n-{3,}[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"^<!--(\d{13})-->$", re.MULTILINE)
_NOT_ARTICLE = re.compile(
    r"<(script|style|pre|code|textarea|title|iframe|noscript|template|svg|math|button|select|h1|kbd|samp|var|tt)\b.*?</\1\s*>"
    r"|<!--.*?-->|<[^>]*>|&[#\w]+;|\]\([^)\n]*\)|^ {0,3}\[[^\]\n]+\]:[^\n]*$|`[^`\n]*`|\{[{%:].*?\}"
    r"|(?:https?://|www\.)[^\s<]*|^[-=*_ ]{2,}$",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)


@lru_cache(maxsize=4096)
def matter_end(text: str) -> int:
    """Where the front matter ends, its closing fence included; 0 where there is none."""
    match = _MATTER.match(text)
    return match.end() if match else 0


def entries(text: str) -> dict[str, tuple[Span, Span]]:
    """The keys of the front matter that have a value on their own line: the spans of the line and of the value."""
    match = _MATTER.match(text)
    if match is None:
        return {}
    found = _ENTRY.finditer(text, match.start(1), match.end(1))
    return {entry[1]: (Span(entry.start(), entry.end() + 1), Span(*entry.span(2))) for entry in found if entry[2]}


@lru_cache(maxsize=4096)
def body_start(base: Base) -> int:
    """An offset from which on the text is surely the article's, if it is any: below what the sources read fields from."""
    text = base.text
    end = matter_end(text)
    if end:
        link = _LINK.search(text, end)
        return link.end() if link else end
    # In texts: the first long line, after its dateline.
    at = 0
    for line in text.splitlines(keepends=True):
        if len(line) > 160:
            return at + 90
        at += len(line)
    return len(text)


@lru_cache(maxsize=4096)
def article(base: Base) -> tuple[Span, ...]:
    """The stretches of the text that are surely words of the article."""
    start = body_start(base)
    if base.markup == "text":
        return (Span(start, len(base.text)),)
    spans, at = [], start
    for match in _NOT_ARTICLE.finditer(base.text, start):
        spans.append(Span(at, match.start()))
        at = match.end()
    spans.append(Span(at, len(base.text)))
    return tuple(span for span in spans if span.end > span.start)


@lru_cache(maxsize=16384)
def places(base: Base, pattern: str) -> tuple[Span, ...]:
    """Where a pattern fits within the article."""
    compiled = re.compile(pattern)
    return tuple(
        Span(*match.span())
        for span in article(base)
        for match in compiled.finditer(base.text, span.start, span.end)
        if match.end() > match.start() or not pattern
    )


LETTER = r"[^\W\d_]"
BETWEEN_LETTERS = r"[A-Za-z\u4e00-\u9fff](?=[A-Za-z\u4e00-\u9fff])"  # the gap is where the match ends
GAP = r"(?<=[a-z]) (?=[a-z])"  # between two words of a Latin script
HAN = r"[\u4e00-\u9fa5]"


def draw(rng: Random, base: Base, pattern: str) -> Span | None:
    """One place of the article at which a pattern fits."""
    found = places(base, pattern)
    return rng.choice(found) if found else None


@lru_cache(maxsize=4096)
def is_latin(base: Base) -> bool:
    """Whether the article is in Latin script, and long enough for a finding of it to be expected."""
    text = "".join(base.text[slice(*span)] for span in article(base))
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 200 and sum(c.isascii() for c in letters) > 0.97 * len(letters)


def lines_of(base: Base, start: int = 0) -> list[Span]:
    """The lines from an offset on, without their line ends."""
    spans, at = [], start
    for line in base.text[start:].split("\n"):
        spans.append(Span(at, at + len(line)))
        at += len(line) + 1
    return spans[:-1] if spans and spans[-1].start == spans[-1].end else spans


# --- putting in -------------------------------------------------------------------------------------------------------


def put(base: Base, *changes: Change, marks: Sequence[Span] | None = None, **said: Any) -> Injected:
    """The base with changes, by their offsets in its text. Unless `marks` are given, a finding is expected at each change."""
    ordered = sorted(changes)
    pieces, at, written = [], 0, []
    length = 0
    for change in ordered:
        assert change.start >= at, "changes overlap"
        pieces += [base.text[at : change.start], change.replacement]
        length += change.start - at
        written.append(Span(length, length + len(change.replacement)))
        length += len(change.replacement)
        at = change.end
    text = "".join([*pieces, base.text[at:]])
    given = said.pop("given", base.given)
    return Injected(text, tuple(written if marks is None else marks), given, tuple(ordered), **said)


def insert(base: Base, at: int, written: str, **said: Any) -> Injected:
    """The base with something put in at an offset."""
    return put(base, Change(at, at, written), **said)


WHOLE = (Span(0, 0),)  # where a finding stands that is about the whole seed
FENCE = (Span(0, 3),)  # … and one about something that the front matter does not have


def sidecar_of(base: Base) -> dict[str, Any]:
    """What the base's sidecar says; empty where it has none."""
    text = base.given.sidecar
    # Every scalar as the text it is, as the program reads it: `on` is no truth value.
    loaded = yaml.load(text, Loader=yaml.BaseLoader) if isinstance(text, str) else None  # noqa: S506 - makes texts only
    return loaded if isinstance(loaded, dict) else {}


def with_sidecar(given: Given, said: dict[str, Any]) -> Given:
    """The same seed with another sidecar, none where it says nothing."""
    said = {key: value for key, value in said.items() if value}
    return replace(given, sidecar=yaml.safe_dump(said, allow_unicode=True, sort_keys=False) if said else None)


def without_attested(base: Base, field: str) -> Given | None:
    """The base's circumstances with one value less in its sidecar; None where it attests no such value."""
    said = sidecar_of(base)
    record = dict(said.get("record", {}))
    if record.pop(field, None) is None:
        return None
    return with_sidecar(base.given, {**said, "record": record})


def attesting(base: Base, **values: Any) -> Given:
    """The base's circumstances with values attested in its sidecar."""
    said = sidecar_of(base)
    attested = {field: {"value": value, "basis": "put in by a benchmark"} for field, value in values.items()}
    return with_sidecar(base.given, {**said, "record": {**said.get("record", {}), **attested}})


def accepting(base: Base, *acceptances: dict[str, Any]) -> Given:
    """The base's circumstances with acceptances in its sidecar."""
    said = sidecar_of(base)
    return with_sidecar(base.given, {**said, "accept": [*said.get("accept", []), *acceptances]})


# --- file -------------------------------------------------------------------------------------------------------------

UNREADABLE = ("dangling link", "circle of links", "link out of the archive", "named pipe", "socket")
if os.geteuid() != 0:
    UNREADABLE += ("no permission",)  # which nobody can deny the superuser


@injects("unreadable-file")
def not_to_be_read(rng: Random, base: Base) -> Injected | None:
    """Something with a seed's name that is no file that may be read."""
    return put(base, marks=WHOLE, on_disk=rng.choice(UNREADABLE))


@injects("file-too-large")
def beyond_the_limit(rng: Random, base: Base) -> Injected | None:
    """A limit that the seed exceeds, by a byte or by much."""
    size = len(base.text.encode())
    limit = size - 1 if rng.random() < 0.5 else rng.randrange(1, size)
    return put(base, marks=WHOLE, given=replace(base.given, limit_bytes=limit))


@injects("file-too-large")
def large_on_disk(rng: Random, base: Base) -> Injected | None:
    """A file larger than the limit that holds unless a configuration says otherwise, or than the one it says."""
    return put(base, marks=WHOLE, on_disk=rng.choice(("larger than 16 MiB", "larger than configured")))


@injects("empty-file")
def nothing(rng: Random, base: Base) -> Injected | None:
    """Not a byte."""
    return Injected("", WHOLE, base.given, (Change(0, len(base.text), ""),), follows=("acceptance-unused",))


BLANK_FILES = {
    "\n": ("blank-lines",),
    "\n\n\n": ("blank-lines",),
    "\r\n\r\n": ("line-endings", "blank-lines"),
    "\r": ("line-endings",),
    " ": ("trailing-whitespace", "final-newline"),
    " \t \n": ("trailing-whitespace", "blank-lines"),
    "\u3000\u3000\n": ("trailing-whitespace", "blank-lines"),
    "\u00a0\n": ("trailing-whitespace", "no-break-space"),
    "\ufeff": ("byte-order-mark",),
    "\ufeff\n": ("byte-order-mark",),
    "\x00\n": ("control-character",),
    "\x00\x00\x00": ("control-character", "final-newline"),
    "\u200b\n": ("invisible-character",),
    "\f\n": ("control-character",),
}


@injects("empty-file")
def nothing_but_blanks(rng: Random, base: Base) -> Injected | None:
    """Blanks, line ends, marks and zeros, and nothing to read."""
    text, follows = rng.choice(list(BLANK_FILES.items()))
    return Injected(
        text, WHOLE, base.given, (Change(0, len(base.text), text),), follows=(*follows, "acceptance-unused")
    )


# --- encoding ---------------------------------------------------------------------------------------------------------

MAGIC = (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", b"GIF89a\x01\x00\x01\x00\x80", b"\x1f\x8b\x08\x00")


def _undecodable(base: Base, content: bytes) -> Injected:
    return Injected(
        base.text, WHOLE, base.given, data=content, follows=("acceptance-unused",),
    )  # fmt: skip


@injects("undecodable")
def no_text_at_all(rng: Random, base: Base) -> Injected | None:
    """The bytes of a picture or of something compressed under the name of a seed."""
    packed = zlib.compress(base.text.encode())
    return _undecodable(base, rng.choice((*MAGIC, b"")) + packed + rng.randbytes(rng.randrange(64, 2048)))


def _wide_characters(text: str) -> list[int]:
    return [at for at, character in enumerate(text) if ord(character) > 0x7FF]


@injects("undecodable")
def cut_within_a_character(rng: Random, base: Base) -> Injected | None:
    """A file that ends within one of its characters."""
    wide = _wide_characters(base.text)
    if not wide:
        return None
    at = rng.choice(wide)
    kept = base.text[: at + 1].encode()
    return _undecodable(base, kept[: -rng.choice((1, 1, 2)) if at else -1]) if len(wide) > 3 else None


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


ACCENTED = ("café", "naïve", "façade", "über", "señor", "déjà", "fiancée", "Zürich", "São", "Málaga", "Ångström", "Curaçao")
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


def _recoded(base: Base, codec: str, *, has_mark: bool = False, changes: tuple[Change, ...] = ()) -> Injected | None:
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
    return replace(injected, data=mark + content, marks=(Span(at, at + 1),), changes=changes)


@injects("not-utf8")
def another_encoding(rng: Random, base: Base) -> Injected | None:
    """The whole seed in an encoding of its language, or in a wide one with or without a mark."""
    codec = rng.choice(CODECS)
    if not codec.startswith("utf") and sum(not c.isascii() for c in base.text) < 100:
        return None  # too little to tell encodings by: chance decides
    return _recoded(base, codec, has_mark=codec in WITH_MARK and rng.random() < 0.5)


@injects("not-utf8")
def western_encoding(rng: Random, base: Base) -> Injected | None:
    """English with a few accented words, in what Windows wrote."""
    gaps = places(base, GAP) if is_latin(base) and base.text.isascii() else ()
    if len(gaps) < 20:
        return None
    changes = tuple(
        Change(gap.end, gap.end, f"{rng.choice(ACCENTED)} ") for gap in sorted(rng.sample(gaps, rng.randrange(6, 12)))
    )
    return _recoded(base, rng.choice(("cp1252", "latin-1")), changes=changes)


@injects("encoding-unexpected")
def undeclared_encoding(rng: Random, base: Base) -> Injected | None:
    """A source that declares one old encoding, and a seed of it in another."""
    codec, declared = rng.choice((("gb18030", "big5"), ("gb18030", "shift_jis"), ("utf-16-le", "gb18030"), ("utf-16-be", "big5"), ("big5", "gb18030"), ("utf-32-le", "gb18030")))
    if sum(not c.isascii() for c in base.text) < 100 and not codec.startswith("utf"):
        return None
    injected = _recoded(base, codec, has_mark=codec in WITH_MARK and rng.random() < 0.5)
    if injected is None:
        return None
    given = replace(base.given, legacy=(declared,))
    return replace(
        injected, given=given, marks=(Span(0, 1),), follows=("not-utf8",), reference=(base.text, given)
    )


@injects("encoding-unexpected")
def undeclared_western(rng: Random, base: Base) -> Injected | None:
    """A source that declares an old Chinese encoding, and a seed of it in a Western one."""
    injected = western_encoding(rng, base)
    if injected is None:
        return None
    given = replace(base.given, legacy=(rng.choice(("gb18030", "big5")),))
    return replace(
        injected, given=given, marks=(Span(0, 1),), follows=("not-utf8",), reference=(base.text, given)
    )


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


CHINESE_WORDS = ("新闻", "记者", "国家", "经济", "发展", "社会", "时间", "问题", "文化", "学生", "工作", "历史", "城市", "世界")
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


@injects("not-nfc")
def decomposed(rng: Random, base: Base) -> Injected | None:
    """Marks of their own after letters that have a composed form with them."""
    place = draw(rng, base, "[aeiouAEIOU](?=[A-Za-z ,.])")
    if place is None:
        return None
    marks = rng.choice(("\u0301", "\u0300", "\u0302", "\u0308", "\u0323\u0302", "\u0302\u0323"))
    return insert(base, place.end, marks, marks=(Span(place.start, place.end + len(marks)),))


DECOMPOSED_WORDS = (
    "e\u0301", "o\u0308", "\u1112\u1161\u11ab", "\u1100\u1173", "\u304b\u3099", "\u30cf\u309a", "\uf900", "\ufa19", "\ufa30",
    "\u2126", "\u212b", "\u0438\u0306", "\u0435\u0308", "a\u030a", "n\u0303", "\u0627\u0653", "\u0915\u093c",
)  # fmt: skip


@injects("not-nfc")
def decomposed_word(rng: Random, base: Base) -> Injected | None:
    """A character of some script that is not composed, or one that has another for its composed form."""
    place = draw(rng, base, BETWEEN_LETTERS)
    return insert(base, place.end, rng.choice(DECOMPOSED_WORDS)) if place else None


# --- characters -------------------------------------------------------------------------------------------------------

CONTROLS = [chr(code) for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))]


@injects("control-character")
def controls(rng: Random, base: Base) -> Injected | None:
    """One control character or a few, within a word, at its end, at a line's beginning or end."""
    pattern = rng.choice((BETWEEN_LETTERS, LETTER, r"(?<=[.,。，])\n*(?=[A-Za-z\u4e00-\u9fff])", r"[.,。，]"))
    place = draw(rng, base, pattern)
    if place is None:
        return None
    return insert(base, place.end, "".join(rng.choices(CONTROLS, k=rng.choice((1, 1, 1, 2, 5)))))


@injects("control-character")
def control_in_front_matter(rng: Random, base: Base) -> Injected | None:
    """One that YAML lets pass, in a value of the front matter."""
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
    return insert(base, place.end, "".join(rng.choices(kinds, k=rng.choice((1, 1, 1, 2, 3)))))


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


# --- whitespace -------------------------------------------------------------------------------------------------------


@injects("line-endings")
def other_line_ends(rng: Random, base: Base) -> Injected | None:
    """All lines, or some, in CR LF or in CR."""
    ends = [match.start() for match in re.finditer("\n", base.text)]
    if not ends:
        return None
    kind = rng.choice(("CR LF", "CR LF", "CR"))
    if rng.random() < 0.4:
        ends = sorted(rng.sample(ends, rng.randrange(1, len(ends) + 1)))
    first = ends[0]
    if kind == "CR":
        return put(base, *(Change(at, at + 1, "\r") for at in ends), marks=(Span(first, first + 1),))
    return put(base, *(Change(at, at, "\r") for at in ends), marks=(Span(first, first + 2),))


@injects("final-newline")
def open_last_line(rng: Random, base: Base) -> Injected | None:
    """The last line end taken away."""
    kept = len(base.text.rstrip("\n"))
    return put(base, Change(kept, len(base.text), ""), marks=(Span(kept, kept),))


@injects("final-newline")
def another_last_line(rng: Random, base: Base) -> Injected | None:
    """One more line, without its end."""
    line = rng.choice(("One line is added.", "这里又多了一行。", "-", "</div>")) if base.markup != "text" else "One line is added."
    end = len(base.text) + len(line)
    return insert(base, len(base.text), line, marks=(Span(end, end),)) if base.text.endswith("\n") else None


@injects("trailing-whitespace")
def blanks_at_the_end(rng: Random, base: Base) -> Injected | None:
    """Blanks at the end of a line of text, or on a line of their own."""
    if base.markup == "html" or "<pre" in base.text or "<textarea" in base.text or "<script" in base.text:
        return None
    start = matter_end(base.text)
    lines = [line for line in lines_of(base, start) if not base.text[slice(*line)].endswith((" ", "\t", "\u00a0", "\u3000"))]
    if not lines:
        return None
    line = rng.choice(lines)
    run = "".join(rng.choices((" ", " ", "\t", "\u3000", "\u2003"), k=rng.randrange(1, 6)))
    if base.markup == "markdown" and not run.strip(" "):
        run = " "  # two would be a line break
    if base.markup == "markdown" and base.text[slice(*line)] and "\u3000" in run + "\u2003":
        run = run.replace("\u3000", "\t").replace("\u2003", " \t")
    return insert(base, line.end, run)


@injects("trailing-whitespace")
def blanks_in_front_matter(rng: Random, base: Base) -> Injected | None:
    """Blanks at the end of a line of front matter."""
    end = matter_end(base.text)
    if not end:
        return None
    lines = [line for line in lines_of(base) if line.end < end]
    return insert(base, rng.choice(lines).end, rng.choice((" ", "  ", "\t", " \t ")))


@injects("blank-lines")
def too_many_blank_lines(rng: Random, base: Base) -> Injected | None:
    """Blank lines beyond the one that parts two paragraphs."""
    if base.markup == "html" or "<pre" in base.text:
        return None
    start = body_start(base)
    ends = [match for match in re.finditer(r"(?<=[^\s>])\n(\n?)(?=[^\s<])", base.text) if match.start() >= start]
    if not ends:
        return None
    match = rng.choice(ends)
    more = rng.randrange(1, 4)
    missing = 0 if match[1] else 1  # the one that may stand there
    surplus = Span(match.end() + missing, match.end() + missing + more)
    return insert(base, match.end(), "\n" * (missing + more), marks=(surplus,))


@injects("blank-lines")
def blank_lines_of_blanks(rng: Random, base: Base) -> Injected | None:
    """Blank lines that are not empty."""
    injected = too_many_blank_lines(rng, base)
    if injected is None:
        return None
    (change,), (mark,) = injected.changes, injected.marks
    kept = mark.start - change.start
    lines = "\n" * kept + "".join("".join(rng.choices(" \t", k=rng.randrange(3))) + "\n" for _ in range(*mark))
    return insert(
        base, change.start, lines, marks=(Span(mark.start, change.start + len(lines)),), follows=("trailing-whitespace",)
    )


@injects("blank-lines")
def blank_lines_at_the_end(rng: Random, base: Base) -> Injected | None:
    """Blank lines after the last one."""
    if base.markup == "html" or not base.text.endswith("\n") or base.text.endswith("\n\n"):
        return None
    return insert(base, len(base.text), "\n" * rng.randrange(1, 5))


@injects("indentation")
def indented(rng: Random, base: Base) -> Injected | None:
    """Blanks at the beginning of a line of text, where others have none."""
    if base.markup != "text":
        return None
    lines = [line for line in lines_of(base) if line.start > 0 and line.start >= body_start(base) - 90 and line.end > line.start]
    if len(lines) < 3:
        return None
    line = rng.choice(lines)
    return insert(base, line.start, rng.choice((" ", "  ", "    ", "\t", "\u3000", " \t", "\u2003")))


# --- quotes -----------------------------------------------------------------------------------------------------------

CONTRACTIONS = ("don't", "isn't", "it's", "they're", "we've", "I'm", "she'd", "you'll", "wasn't", "couldn't", "that's",
                "O'Example", "o'clock", "IT'S", "WON'T", "d'Exemple")  # fmt: skip


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
    found = places(base, r"(?<= )[A-Za-z]{2,}[a-rt-z](?= [a-z]{3,})") if is_latin(base) else ()
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
    word = rng.choice(("1990", "1980", "2010", "90"))
    return insert(base, gap.end, f'the {word}"s ', marks=(Span(gap.end + 4 + len(word), gap.end + 5 + len(word)),))


_QUOTED = {"“": r"“[^“”\n]{2,}”", '"': r'"[^"\n]{2,}"'}


def _quotations(base: Base) -> list[Span]:
    """The quotations of the article: pairs of marks of one kind within a line, counted from the line's beginning."""
    spans = []
    for line in lines_of(base):
        for mark, pattern in _QUOTED.items():
            if mark in base.text[slice(*line)]:
                spans += [Span(*m.span()) for m in re.compile(pattern).finditer(base.text, *line)]
    return [span for span in spans if span.start >= body_start(base)]


@injects("stray-quote")
def stray_mark(rng: Random, base: Base) -> Injected | None:
    """A closing mark after a word that stands in no quotation."""
    if not is_latin(base):
        return None
    quoted = _quotations(base)
    found = [
        place for place in places(base, r"(?<= )[a-z]{3,}[,.]?(?= )") if not any(q.start <= place.start < q.end for q in quoted)
    ]
    return insert(base, rng.choice(found).end, "”" if "“" in base.text else '"') if found else None


@injects("stray-quote")
def lost_opening(rng: Random, base: Base) -> Injected | None:
    """A quotation that has lost its beginning."""
    quoted = _quotations(base) if is_latin(base) else []
    if not quoted:
        return None
    span = rng.choice(quoted)
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
    opening, closing = ('"', '"') if "“" in base.text else ("“", "”")
    return put(base, Change(span.start, span.start + 1, opening), Change(span.end - 1, span.end, closing))


# --- front matter -----------------------------------------------------------------------------------------------------


def _entry(base: Base, key: str) -> tuple[Span, Span] | None:
    return entries(base.text).get(key)


def _with_value(base: Base, key: str, written: str, **said: Any) -> Injected | None:
    entry = _entry(base, key)
    return put(base, Change(*entry[1], written), **said) if entry else None


@injects("front-matter-syntax")
def never_closed(rng: Random, base: Base) -> Injected | None:
    """Front matter whose second fence is gone."""
    end = matter_end(base.text)
    if not end or re.search(r"^(?:---|\.\.\.)[ \t]*$", base.text[end:], re.MULTILINE):
        return None
    fence = base.text.rindex("---", 0, end)
    return put(base, Change(fence, end, ""), marks=FENCE)


@injects("front-matter-syntax")
def no_front_matter(rng: Random, base: Base) -> Injected | None:
    """Front matter that is not there, or that something stands before."""
    if not matter_end(base.text) or base.given.source is None and base.source != "zaobao-jekyll":
        return None
    if rng.random() < 0.5:
        return insert(base, 0, rng.choice(("\n", "x\n", "<!-- -->\n")), marks=WHOLE, follows=("source-uncertain",))
    return put(base, Change(0, matter_end(base.text), ""), marks=WHOLE, follows=("source-uncertain",))


@injects("front-matter-syntax")
def mark_never_closed(rng: Random, base: Base) -> Injected | None:
    """A quoted value that has lost its closing mark."""
    entry = _entry(base, "title")
    if entry is None or base.text[entry[1].start] != '"' or base.text.count('"', 0, matter_end(base.text)) != 2:
        return None
    start, end = entry[1]
    return put(base, Change(end - 1, end, ""), marks=(Span(start, start + 1),))


@injects("front-matter-syntax")
def wrong_sign(rng: Random, base: Base) -> Injected | None:
    """A value that begins with a sign that no value can begin with, or that YAML takes for something else."""
    key = rng.choice(("author", "from", "date"))
    sign, word = rng.choice(("@", "`", "&", "*", "!")), rng.choice(("name", "one", "a-word"))
    entry = _entry(base, key)
    if entry is None:
        return None
    start = entry[1].start
    mark = Span(start, start + 1) if sign in "@`" else Span(start, start + 1 + len(word))
    return put(base, Change(*entry[1], f"{sign}{word} and more"), marks=(mark,))


@injects("front-matter-syntax")
def second_colon(rng: Random, base: Base) -> Injected | None:
    """A value with a colon and a blank in it, and no marks around it."""
    entry = _entry(base, "author")
    if entry is None:
        return None
    word = rng.choice(("Name", "Specimen", "作者"))
    at = entry[1].start + len(word)
    return put(base, Change(*entry[1], f"{word}: {rng.choice(('other', '某人'))}"), marks=(Span(at, at + 1),))


@injects("front-matter-syntax")
def no_colon(rng: Random, base: Base) -> Injected | None:
    """A line without a colon."""
    entry = _entry(base, rng.choice(("author", "date", "title")))
    if entry is None:
        return None
    line = rng.choice(("this line has no colon", "这一行没有冒号", "word"))
    return insert(base, entry[0].start, line + "\n", marks=(Span(entry[0].start, entry[0].start + len(line)),))


@injects("front-matter-syntax")
def open_bracket(rng: Random, base: Base) -> Injected | None:
    """A list that is not closed."""
    entry = _entry(base, "categories")
    if entry is None or not base.text[slice(*entry[1])].endswith("]"):
        return None
    end = base.text.rindex("]", *entry[1])
    return put(base, Change(end, end + 1, ""), marks=(Span(entry[1].start, entry[1].start + 1),))


@injects("front-matter-syntax")
def bad_escape(rng: Random, base: Base) -> Injected | None:
    """A backslash between double quotation marks that escapes nothing."""
    entry = _entry(base, "title")
    if entry is None or base.text[entry[1].start] != '"' or "\\" in base.text[slice(*entry[1])]:
        return None
    at = rng.randrange(entry[1].start + 1, entry[1].end)
    written = "\\" + rng.choice("qwkj。新")
    return insert(base, at, written)


@injects("front-matter-syntax")
def too_deep(rng: Random, base: Base) -> Injected | None:
    """Brackets within brackets, more than anybody means."""
    entry = _entry(base, "tags")
    if entry is None:
        return None
    depth = rng.choice((33, 40, 500))
    at = entry[1].start + 31  # the outermost mapping is the first of 32 levels
    return put(base, Change(*entry[1], "[" * depth + "]" * depth), marks=(Span(at, at + 1),))


@injects("front-matter-syntax")
def refused_control(rng: Random, base: Base) -> Injected | None:
    """A control character that YAML may not have."""
    entry = _entry(base, rng.choice(("title", "author")))
    if entry is None or entry[1].end - entry[1].start < 3:
        return None
    at = rng.randrange(entry[1].start + 1, entry[1].end)
    return insert(base, at, rng.choice("\x00\x01\x0b\x1b"), follows=("control-character",))


@injects("front-matter-duplicate-key")
def key_twice(rng: Random, base: Base) -> Injected | None:
    """A key a second time, with the same value below or with any value above."""
    found = entries(base.text)
    if not found:
        return None
    key = rng.choice([key for key in found if key != "layout"])
    line, value = found[key]
    lines = [entry[0] for entry in found.values()]
    quote = rng.choice(("", "", '"', "'"))
    if rng.random() < 0.5:
        written = f"{quote}{key}{quote}: {base.text[slice(*value)]}\n"
        at = rng.choice([other.end for other in lines if other.end >= line.end])
        return insert(base, at, written, marks=(Span(at, at + len(key) + 2 * len(quote)),))
    written = f"{key}: {rng.choice(('another', '2001-01-01', '[ a, b ]'))}\n"
    at = rng.choice([other.start for other in lines if other.start <= line.start])
    second = line.start + len(written)
    return insert(base, at, written, marks=(Span(second, second + len(key)),))


@injects("front-matter-schema")
def unknown_key(rng: Random, base: Base) -> Injected | None:
    """A key that the source does not know, most often one that is misspelt."""
    if base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    found = entries(base.text)
    key = rng.choice(("catgories", "tag", "form", "autor", "Title", "summary", "source", "layuot"))
    at = rng.choice([entry[0].end for entry in found.values()])
    return insert(base, at, f"{key}: something\n", marks=(Span(at, at + len(key)),))


@injects("front-matter-schema")
def misspelt_key(rng: Random, base: Base) -> Injected | None:
    """A key that the source needs or knows, misspelt."""
    if base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    key, wrong = rng.choice((("author", "auther"), ("from", "form"), ("title", "titel"), ("date", "data"), ("tags", "tag"), ("categories", "categroies")))
    entry = _entry(base, key)
    if entry is None:
        return None
    missing = {"author": "byline-missing", "from": "source-url-missing", "title": "headline-missing", "date": "date-missing"}
    start = entry[0].start
    return put(
        base, Change(start, start + len(key), wrong), marks=(Span(start, start + len(wrong)),),
        follows=(missing[key],) if key in missing else (),
    )  # fmt: skip


@injects("front-matter-schema")
def wrong_kind(rng: Random, base: Base) -> Injected | None:
    """A text where a list is due, a list where a text is."""
    if base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    key, written = rng.choice((("tags", "one, two"), ("categories", "specimen"), ("tags", "{a: b}"), ("author", "[ 样本, 作者 ]"), ("comments", "[ yes ]"), ("categories", "{}")))
    return _with_value(base, key, written)


@injects("front-matter-schema")
def value_twice(rng: Random, base: Base) -> Injected | None:
    """The same entry twice in a list of different ones."""
    if base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    key = rng.choice(("tags", "categories"))
    entry = _entry(base, key)
    if entry is None:
        return None
    others = rng.sample(("one", "two", "three"), rng.randrange(1, 4))
    twice = rng.choice(others)
    written = f"[ {', '.join(others)}, {twice} ]"
    at = entry[1].start + len(written) - 2 - len(twice)
    return _with_value(base, key, written, marks=(Span(at, at + len(twice)),))


@injects("front-matter-schema")
def another_layout(rng: Random, base: Base) -> Injected | None:
    """A layout that is not a post's, or none."""
    entry = _entry(base, "layout")
    if entry is None or base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    if base.given.source is None and base.source == "jekyll-post":
        return None  # it is known by its layout
    if rng.random() < 0.3:
        return put(base, Change(*entry[0], ""), marks=FENCE)
    return _with_value(base, "layout", rng.choice(("page", "posts", "Post", "[ post ]")))


@injects("front-matter-schema")
def no_address(rng: Random, base: Base) -> Injected | None:
    """An address that is none."""
    if base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    return _with_value(base, "from", rng.choice(("unknown", "www.example.org/a", "ftp://example.org/a", "https://example.org/a b")))


# --- record -----------------------------------------------------------------------------------------------------------

_KEY_OF = {"headline": "title", "byline": "author", "date_published": "date", "source_url": "from"}


def _key_taken_out(base: Base, key: str) -> Injected | None:
    entry = _entry(base, key)
    return put(base, Change(*entry[0], ""), marks=FENCE) if entry else None


def _key_emptied(rng: Random, base: Base, key: str) -> Injected | None:
    return _with_value(base, key, rng.choice(('""', "''", '"  "', "~", "null")))


def _no_longer_attested(base: Base, field: str) -> Injected | None:
    given = without_attested(base, field)
    return put(base, marks=WHOLE, given=given) if given else None


@injects("headline-missing")
def headline_gone(rng: Random, base: Base) -> Injected | None:
    """The title, or the headline's line, or what a sidecar attests, taken out."""
    if base.source == "mod-gov-cn":
        end = base.text.index("\n") + 1
        return put(base, Change(0, end, ""), marks=WHOLE) if base.text.index("\n", end) - end > 170 else None
    if base.source == "peoples-daily-page":
        byline = re.search(r"^By ", base.text, re.MULTILINE)
        return put(base, Change(0, byline.start(), ""), marks=WHOLE) if byline else None
    return _key_taken_out(base, "title") or _no_longer_attested(base, "headline")


@injects("headline-missing")
def headline_empty(rng: Random, base: Base) -> Injected | None:
    """A title without a word."""
    return _key_emptied(rng, base, "title")


@injects("byline-missing")
def byline_gone(rng: Random, base: Base) -> Injected | None:
    """The author, or the byline's line, or what a sidecar attests, taken out."""
    if base.source == "peoples-daily-page":
        line = re.search(r"^By [^\n]*\n\n?", base.text, re.MULTILINE)
        # Which line is the headline is told by the byline below it.
        return put(base, Change(*line.span(), ""), marks=WHOLE, follows=("headline-missing",)) if line else None
    return _key_taken_out(base, "author") or _no_longer_attested(base, "byline")


@injects("byline-missing")
def byline_empty(rng: Random, base: Base) -> Injected | None:
    """An author without a name."""
    return _key_emptied(rng, base, "author")


AGENCIES = ("Reuters", "AFP", "Xinhua", "新华社", "中新社", "Agence France-Presse", "reuters", "Kyodo News", "中国新闻社")


@injects("byline-impersonal")
def agency_for_author(rng: Random, base: Base) -> Injected | None:
    """An agency, or the publisher, where a name stood."""
    if base.source == "peoples-daily-page":
        name = re.search(r"^By ([^(\n]*[^(\n ])(?= *\()", base.text, re.MULTILINE)
        return put(base, Change(*name.span(1), rng.choice(AGENCIES[:6]))) if name else None
    names = (*AGENCIES, "联合早报", "Lianhe Zaobao") if base.source == "zaobao-jekyll" else AGENCIES
    name_written = rng.choice(names)
    quote = rng.choice(("", '"', "'"))
    entry = _entry(base, "author")
    if entry is None or base.text[slice(*entry[1])].strip("\"'").casefold() in {each.casefold() for each in names}:
        return None
    return _with_value(base, "author", f"{quote}{name_written}{quote}")


@injects("date-missing")
def date_gone(rng: Random, base: Base) -> Injected | None:
    """The date, or its line, or what a sidecar attests, taken out."""
    if base.source == "peoples-daily-page":
        line = re.search(r"^\d\d:\d\d, [^\n]*\n\n?", base.text, re.MULTILINE)
        return put(base, Change(*line.span(), ""), marks=WHOLE) if line else None
    if base.source in ("chinamil-text", "chinanews-translated"):
        return None  # a month and a day stay in the dateline
    return _key_taken_out(base, "date") or _no_longer_attested(base, "date_published")


@injects("date-missing")
def dateline_gone_too(rng: Random, base: Base) -> Injected | None:
    """Neither a dateline nor an attested date."""
    given = without_attested(base, "date_published") if base.source == "chinamil-text" else None
    dateline = re.match(r"[A-Z .'-]+, [A-Z][a-z]+ \d+ -- ", base.text)
    return put(base, Change(*dateline.span(), ""), marks=WHOLE, given=given) if given and dateline else None


@injects("date-missing")
def date_empty(rng: Random, base: Base) -> Injected | None:
    """A date without a digit."""
    return _key_emptied(rng, base, "date")


MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


@injects("date-incomplete")
def no_year(rng: Random, base: Base) -> Injected | None:
    """The year taken out of a date, or out of the sidecar that attests it."""
    if base.source in ("chinanews-translated", "chinamil-text"):
        given = without_attested(base, "date_published")
        day = re.search(rf"(?:{'|'.join(MONTHS)}) \d\d?(?=\.| -- )", base.text)
        return put(base, marks=(Span(*day.span()),), given=given) if day and given else None
    entry = _entry(base, "date")
    if entry is None:
        return None
    stated = re.match(r"\d{4}-(\d\d)-(\d\d)", base.text[slice(*entry[1])])
    if stated is None:
        return None
    month, number = MONTHS[int(stated[1]) - 1], int(stated[2])
    spelt = rng.choice((f"{month} {number}", f"{number} {month}", f"{month[:3]} {number}", f"{month[:3]}. {number}"))
    return _with_value(base, "date", spelt)


NO_DATES = (
    "2021-02-30", "2021-13-01", "2021-00-10", "3/4/2021", "yesterday", "2022-02-07T25:00:00Z", "2022-02-07 10:61", "n/a",
    "二〇二一年三月", "2021年13月1日", "20210304T", "March 32, 2021", "Mars 3, 2021", "1st quarter", "31 April 2021", '"2021-3-"',
)  # fmt: skip


@injects("date-malformed")
def no_date(rng: Random, base: Base) -> Injected | None:
    """A value that is no date, or one with two readings."""
    if base.source == "peoples-daily-page":
        line = re.search(r"^(\d\d:\d\d), ([A-Z][a-z]+) (\d+), (\d{4})$", base.text, re.MULTILINE)
        if line is None:
            return None
        wrong = rng.choice((f"{line[1]}, {line[2]} 3{rng.randrange(2, 10)}, {line[4]}", f"2{rng.randrange(4, 10)}:10, {line[2]} {line[3]}, {line[4]}",
                            f"{line[1]}, Mois {line[3]}, {line[4]}", f"{line[1]}, February 30, {line[4]}"))  # fmt: skip
        return put(base, Change(*line.span(), wrong))
    if base.source == "mod-gov-cn":
        given = without_attested(base, "date_published")
        wrong = rng.choice(("2023-02-30", "2023-13-01", "2023-00-19", "2023-04-31", "2023-06-00"))
        at = base.text.index("\n") + 1
        return insert(base, at, wrong + "\n", marks=(Span(at, at + 10),), given=given) if given else None
    return _with_value(base, "date", rng.choice(NO_DATES))


@injects("date-malformed")
def no_date_in_dateline(rng: Random, base: Base) -> Injected | None:
    """A dateline with a day that no month has."""
    given = without_attested(base, "date_published") if base.source in ("chinanews-translated", "chinamil-text") else None
    day = re.search(rf"(?:{'|'.join(MONTHS)}) \d\d?(?=\.| -- )", base.text)
    wrong = f"{rng.choice(MONTHS)} {rng.randrange(32, 99)}" if rng.random() < 0.5 else f"{rng.choice(('Mois', 'Monat', 'Maius'))} {rng.randrange(1, 29)}"
    return put(base, Change(*day.span(), wrong), given=given) if given and day else None


def _epoch(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


@injects("date-in-future")
def later_than_today(rng: Random, base: Base) -> Injected | None:
    """A date of years or days from now, wherever the seed says it."""
    entry = _entry(base, "date")
    if entry is None or base.source == "zaobao-jekyll" and "/story" in base.text:
        return None
    ahead = TODAY + timedelta(days=rng.choice((2, 3, 10, 400, 36000)))
    spelt = f"{ahead.isoformat()}T08:09:10.000Z" if rng.random() < 0.6 else ahead.isoformat()
    changes = [Change(*entry[1], spelt)]
    comment = _COMMENT.search(base.text)
    if comment is not None:
        if "T" not in spelt:
            return None
        moment = datetime(ahead.year, ahead.month, ahead.day, 8, 9, 10, tzinfo=UTC)
        changes.append(Change(*comment.span(1), _epoch(moment)))
    start = entry[1].start
    return put(base, *changes, marks=(Span(start, start + len(spelt)),))


@injects("date-in-future")
def year_mistyped(rng: Random, base: Base) -> Injected | None:
    """A year in the next century in a page's line, or in what a sidecar attests."""
    if base.source == "peoples-daily-page":
        line = re.search(r"^\d\d:\d\d, [A-Z][a-z]+ \d+, (\d{4})$", base.text, re.MULTILINE)
        if line is None:
            return None
        return put(base, Change(*line.span(1), str(rng.randrange(2040, 2999))), marks=(Span(*line.span()),))
    attested = sidecar_of(base).get("record", {}).get("date_published", {}).get("value")
    if attested is None:
        return None
    given = attesting(base, date_published=f"{rng.randrange(2040, 2999)}{str(attested)[4:10]}")
    day = re.search(rf"(?:{'|'.join(MONTHS)}) \d\d?(?=\.| -- )", base.text)
    stated = base.source in ("chinanews-translated", "chinamil-text") and day is not None
    return put(base, marks=(Span(*day.span()),) if stated and day else WHOLE, given=given)


@injects("source-url-missing")
def address_gone(rng: Random, base: Base) -> Injected | None:
    """The address, or what a sidecar attests, taken out."""
    return _key_taken_out(base, "from") or _no_longer_attested(base, "source_url")


@injects("source-url-missing")
def address_empty(rng: Random, base: Base) -> Injected | None:
    """An address without a character."""
    return _key_emptied(rng, base, "from")


def _body_from(base: Base) -> int | None:
    """Where the sources of the base let the body begin; None where its header is part of the first line."""
    if matter_end(base.text):
        link = _LINK.search(base.text, matter_end(base.text)) if base.source != "front-matter" else None
        return link.end() if link else matter_end(base.text)
    if base.source == "mod-gov-cn":
        return base.text.index("\n")
    if base.source == "peoples-daily-page":
        line = re.search(r"^\d\d:\d\d, [^\n]*$", base.text, re.MULTILINE)
        return line.end() if line else None
    return None


NO_TEXTS = (
    "\n<div>\n</div>\n", "\n", "\n<div>\n<br>\n</div>\n", '\n<div>\n<img src="https://example.org/a.jpg" alt="a picture">\n</div>\n',
    "\n<div>\n<p></p><p>&nbsp;</p>\n</div>\n", "\n<div>\n<script>var specimen = 1;</script>\n</div>\n", "\n<div>\n……\n</div>\n",
    '\n<div>\n<iframe src="https://example.org/embed"></iframe>\n</div>\n', "\n<div>\nhttps://example.org/watch?v=1\n</div>\n",
    "\n<!-- nothing was kept -->\n", "\n<article><h1>标题</h1></article>\n",
)  # fmt: skip


@injects("body-missing")
def no_text(rng: Random, base: Base) -> Injected | None:
    """Nothing below the header, or nothing but markup, a picture, an address or a program."""
    start = _body_from(base)
    if start is None:
        return None
    if base.source == "front-matter" and _LINK.search(base.text):
        return None  # there the link is text like any other
    written = rng.choice(NO_TEXTS) if base.markup != "text" else rng.choice(("\n", "\n\nhttps://example.org/\n", "\n...\n"))
    return put(
        base, Change(start, len(base.text), written), marks=(Span(start, start),),
        follows=("blank-lines",) if "\n\n" in base.text[start - 1 : start] + written and base.markup == "markdown" else (),
    )  # fmt: skip


# The page, and which of its lines tells what it is; what follows that line varies from server to server.
FAILED_PAGES: tuple[tuple[tuple[str, ...], int], ...] = (
    (("404 Not Found", "nginx/1.18.0"), 0),
    (("403 Forbidden", "nginx"), 0),
    (("Forbidden", "You don't have permission to access this resource.", "Apache Server at example.org Port 443"), 0),
    (("Access Denied", "You don't have permission to access this page on this server.", "Reference #18.0"), 0),
    (("502 Bad Gateway", "nginx"), 0),
    (("503 Service Temporarily Unavailable", "nginx"), 0),
    (("504 Gateway Time-out", "The server didn't respond in time."), 0),
    (("Error 404", "Page not found", "Back to the front page"), 1),
    (("Internal Server Error", "The server encountered an internal error and was unable to complete the request."), 0),
    (("example.org", "Just a moment...", "Checking your browser before accessing example.org."), 1),
    (("example.org", "Checking if the site connection is secure", "Enable JavaScript and cookies to continue"), 2),
    (("Attention Required!", "Please complete the security check to access example.org"), 0),
    (("Please verify you are a human", "Access to this page has been denied because a robot is suspected."), 1),
    (("Verify you are human by completing the action below.", "example.org needs to review the security of the connection."), 0),
    (("We value your privacy", "We and our partners store and access information on a device.", "Accept all"), 0),
    (("This website uses cookies", "Cookies are used to remember a choice.", "Accept"), 0),
    (("Before you continue to the page", "Sign in", "Accept all", "Reject all"), 0),
    (("Please enable JavaScript to view this page.",), 0),
    (("JavaScript is disabled", "This page needs it in order to work."), 0),
    (("The page you are looking for could not be found.", "Search", "Home"), 0),
    (("The requested URL was not found on this server.",), 0),
    (("Sign in to confirm that you are no robot", "Learn more"), 0),
    (("Log in to continue", "Password"), 0),
    (("Service Unavailable", "The server is temporarily unable to service the request."), 0),
    (("抱歉，您访问的页面不存在", "返回首页"), 0),
    (("您访问的页面不存在或已被删除", "五秒后返回首页"), 0),
    (("对不起，您要查看的文章已被删除", "返回上一页"), 0),
    (("该内容已被发布者删除",), 0),
    (("此内容因违规无法查看", "此内容违反了相关规定"), 0),
    (("请完成下列验证后继续访问", "拖动滑块"), 0),
    (("访问过于频繁，请稍后再试", "返回"), 0),
    (("页面不存在", "返回首页"), 0),
    (("安全验证", "请输入图中的文字"), 0),
    (("服务器错误", "请稍后再试"), 0),
)


@injects("capture-failed")
def failed_page(rng: Random, base: Base) -> Injected | None:
    """A page of a server, a consent layer or a robot check in the place of the article. The telling line is expected."""
    start = _body_from(base)
    if start is None:
        return None
    lines, telling = rng.choice(FAILED_PAGES)
    if base.markup == "text":
        before, between, after = "\n", "\n", "\n"
    else:
        before, between, after = rng.choice(
            (("\n\n<div>\n<p>", "</p><p>", "</p>\n</div>\n"), ("\n\n<div>\n<h2>", "</h2>\n<p>", "</p>\n</div>\n"), ("\n\n<div>\n", "<br>\n", "\n</div>\n"))
        )
    at = start + len(before) + sum(len(line) + len(between) for line in lines[:telling])
    written = before + between.join(lines) + after
    return put(base, Change(start, len(base.text), written), marks=(Span(at, at + len(lines[telling])),))


@injects("capture-failed")
def failed_headline(rng: Random, base: Base) -> Injected | None:
    """A headline that a server wrote, over a short text that does not tell."""
    title = _entry(base, "title")
    start = _body_from(base)
    if title is None or start is None:
        return None
    said = rng.choice(("404 Not Found", "Access Denied", "Just a moment...", "Page not found", "403 Forbidden", "Service Unavailable"))
    link = _LINK.search(base.text)
    changes = [Change(*title[1], f'"{said}"'), Change(start, len(base.text), "\n\n<div>\n<p>nginx</p>\n</div>\n")]
    if link is not None:
        changes.append(Change(*link.span(1), said))
    return put(base, *changes, marks=(Span(title[1].start, title[1].start + len(said) + 2),)) if base.source != "front-matter" or link is None else None


# --- agreement --------------------------------------------------------------------------------------------------------


@injects("dates-disagree")
def comment_of_another_moment(rng: Random, base: Base) -> Injected | None:
    """The milliseconds above the article, seconds to years away from the date."""
    entry, comment = _entry(base, "date"), _COMMENT.search(base.text)
    if entry is None or comment is None or base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    shift = rng.choice((6, 30, 3600, 28800, 86400, 31_536_000)) if "T" in base.text[slice(*entry[1])] else 4 * 86400
    moved = int(comment[1]) + rng.choice((1, -1)) * shift * 1000
    return put(base, Change(*comment.span(1), str(moved)), marks=(entry[1],))


@injects("dates-disagree")
def name_of_another_day(rng: Random, base: Base) -> Injected | None:
    """A file whose name begins with another day."""
    entry = _entry(base, "date")
    if entry is None or base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    stated = date.fromisoformat(base.text[entry[1].start : entry[1].start + 10])
    day = stated + timedelta(days=rng.choice((3, -3, 7, 31, -365)))
    folder = "zaobao-jekyll" if base.source == "zaobao-jekyll" else "_posts"
    given = replace(base.given, path=f"{folder}/{day.isoformat()}-specimen.md")
    right = replace(base.given, path=f"{folder}/{stated.isoformat()}-specimen.md")
    return put(base, marks=(entry[1],), given=given, reference=(base.text, right))


@injects("dates-disagree")
def address_of_another_day(rng: Random, base: Base) -> Injected | None:
    """An address with another day in it."""
    entry = _entry(base, "date")
    if entry is None or base.source != "zaobao-jekyll":
        return None
    days = list(re.finditer(r"(?<=/story)\d{8}(?=-)", base.text))
    if not days:
        return None
    stated = date.fromisoformat(base.text[entry[1].start : entry[1].start + 10])
    day = stated + timedelta(days=rng.randrange(3, 900) * rng.choice((1, -1)))
    return put(base, *(Change(*each.span(), f"{day:%Y%m%d}") for each in days), marks=(entry[1],))


@injects("dates-disagree")
def another_date(rng: Random, base: Base) -> Injected | None:
    """Another date in the front matter, against the comment; and against the address, where that has one."""
    entry, comment = _entry(base, "date"), _COMMENT.search(base.text)
    if entry is None or comment is None or base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    stated = date.fromisoformat(base.text[entry[1].start : entry[1].start + 10])
    day = stated + timedelta(days=rng.randrange(3, 300) * rng.choice((1, -1)))
    addresses = 1 if base.source == "zaobao-jekyll" and re.search(r"/story\d{8}-", base.text) else 0
    named = 1 if re.search(r"\d{4}-\d\d-\d\d-[^/]*$", base.given.path) else 0
    change = Change(entry[1].start, entry[1].start + 10, day.isoformat())
    return put(base, change, marks=(entry[1],) * (1 + addresses + named))


def _another_word(rng: Random, text: str) -> str:
    """The text with a letter gone, a letter or a word more."""
    letters = [at for at, character in enumerate(text) if character.isalnum()]
    at = rng.choice(letters)
    return rng.choice((text[:at] + text[at + 1 :], text[:at] + rng.choice("x新") + text[at:], text + rng.choice((" x", "（一）"))))


@injects("headlines-disagree")
def another_headline(rng: Random, base: Base) -> Injected | None:
    """Another headline in the link above the article, or in the front matter."""
    entry, link = _entry(base, "title"), _LINK.search(base.text)
    if entry is None or link is None or base.source not in ("jekyll-post", "zaobao-jekyll") or not re.search(r"\w", link[1]):
        return None
    if rng.random() < 0.5:
        return put(base, Change(*link.span(1), _another_word(rng, link[1])), marks=(entry[1],))
    inner = base.text[entry[1].start + 1 : entry[1].end - 1]
    if base.text[entry[1].start] != '"' or "\\" in inner:
        return None
    return put(base, Change(*entry[1], f'"{_another_word(rng, inner)}"'))


@injects("urls-disagree")
def another_address(rng: Random, base: Base) -> Injected | None:
    """Another address in the link above the article: of another page, query or host."""
    entry, link = _entry(base, "from"), _LINK.search(base.text)
    if entry is None or link is None or base.source not in ("jekyll-post", "zaobao-jekyll"):
        return None
    url = link[2]
    other = rng.choice((url + "x", url + "/2" if "?" not in url else url + "&page=2", re.sub(r"(?<=://)[^/]+", "other.example.org", url)))
    return put(base, Change(*link.span(2), other), marks=(entry[1],))


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@injects("weekday-disagrees")
def wrong_weekday(rng: Random, base: Base) -> Injected | None:
    """A date with a weekday that it did not fall on, in English or Chinese, put between two sentences or words."""
    day = date(1990, 1, 1) + timedelta(days=rng.randrange(14_000))
    wrong = (day.weekday() + rng.randrange(1, 7)) % 7
    name, month = WEEKDAYS[wrong], MONTHS[day.month - 1]
    gap = draw(rng, base, GAP)
    if gap is not None and base.markup == "text":
        short = rng.random() < 0.3
        name, month = (name[:3], month[:3]) if short else (name, month)
        written = rng.choice(
            (f"{name}, {month} {day.day}, {day.year}", f"{name}, {day.day} {month} {day.year}", f"{name} {month} {day.day}, {day.year}",
             f"{name}, {month} {day.day}th, {day.year}", f"{name.lower()}, {day.day} {month} {day.year}", f"{name}, {month} {day.day:02}, {day.year}")
        )  # fmt: skip
        return insert(base, gap.end, f"on {written} ", marks=(Span(gap.end + 3, gap.end + 3 + len(written)),))
    place = draw(rng, base, "[。，]")
    if place is None:
        return None
    numeral = "一二三四五六日"[wrong]
    if wrong == 6 and rng.random() < 0.5:
        numeral = "天"
    opening = rng.choice(("", "（", "("))
    closing = {"": "", "（": "）", "(": ")"}[opening]
    said = f"{day.year}年{day.month}月{day.day}日{opening}{rng.choice(('星期', '周', '礼拜', '週', '禮拜'))}{numeral}"
    return insert(base, place.end, f"{said}{closing}，", marks=(Span(place.end, place.end + len(said)),))


# --- residue ----------------------------------------------------------------------------------------------------------

HEADLINES = ("A headline of some other page", "Another page's headline", "List entry without a sense", "第三条别的标题", "Weather 21 / 9", "One more line 2011")


@injects("page-furniture")
def furniture_above(rng: Random, base: Base) -> Injected | None:
    """What stands above the headline of a page."""
    if base.source != "peoples-daily-page":
        return None
    lines = "\n".join(("Latest News:", *rng.choices(HEADLINES, k=rng.randrange(1, 4))))
    return insert(base, 0, lines + "\n\n", marks=(Span(0, len(lines)),))


@injects("page-furniture")
def furniture_below(rng: Random, base: Base) -> Injected | None:
    """What stands below the article of a page."""
    if base.source != "peoples-daily-page":
        return None
    lines = ["We Recommend:", *rng.choices(HEADLINES, k=rng.randrange(1, 6))]
    if rng.random() < 0.5:
        lines += [f"Leave your comment{rng.randrange(9)} comments", "Name", "Selections for you", *rng.choices(HEADLINES, k=3)]
    text = rng.choice(("\n", "\n\n")).join(lines)
    at = len(base.text) + 1
    return insert(base, len(base.text), f"\n{text}\n", marks=(Span(at, at + len(text)),))


@injects("leaked-field")
def field_leaked(rng: Random, base: Base) -> Injected | None:
    """The name and the value of a field before the dateline."""
    if base.source != "chinamil-text":
        return None
    dateline = re.match(rf"([A-Z][A-Z .'-]+), ({'|'.join(MONTHS)}) (\d+) -- ", base.text)
    attested = sidecar_of(base).get("record", {}).get("date_published", {}).get("value")
    if dateline is None or attested is None:
        return None
    day = date(rng.randrange(1995, 2029), rng.randrange(1, 13), rng.randrange(1, 29))
    field = f"{rng.choice((' ', '', ' '))}date {day.isoformat()} "
    town = rng.choice(("SPECIMEN TOWN", "EXAMPLE", "NORTH EXAMPLE", "ST. EXAMPLE", "EXAMPLE-ON-SEA"))
    changes = (Change(0, 0, field), Change(*dateline.span(1), town), Change(*dateline.span(2), MONTHS[day.month - 1]), Change(*dateline.span(3), str(day.day)))
    return put(base, *changes, marks=(Span(0, len(field)),), given=attesting(base, date_published=day.isoformat()))


def _between_elements(rng: Random, base: Base) -> int | None:
    """A place in the body between two elements, or at its beginning or end."""
    start = body_start(base)
    found = [match.end() for match in re.finditer(r"</p>|</figure>|^<div>\n|</h2>", base.text, re.MULTILINE) if match.start() >= start]
    return rng.choice(found) if found and base.source == "zaobao-jekyll" else None


@injects("advertisement")
def place_for_an_advertisement(rng: Random, base: Base) -> Injected | None:
    """An element that a page keeps for advertisements, empty or with empty ones in it."""
    at = _between_elements(rng, base)
    if at is None:
        return None
    tag = rng.choice(("div", "section", "DIV"))
    name = rng.choice(("imu", "innity-in-post", "dfp-ad-imu1", f"dfp-ad-{rng.choice('abc')}{rng.randrange(99)}"))
    inner = rng.choice(("", "        ", "\n", "&nbsp;", '<div id="dfp-ad-inner"> </div>', '<img src="https://example.org/a.gif">', "<script>var a = 1;</script>", "<!-- a place -->"))
    quote = rng.choice(("\"", "'"))
    more = rng.choice(("", ' class="ad"', ' style="width:100%"', " hidden"))
    return insert(base, at, f"<{tag}{more} id={quote}{name}{quote}>{inner}</{tag}>")


@injects("subscription-link")
def link_to_subscribe(rng: Random, base: Base) -> Injected | None:
    """A picture that leads to a subscription."""
    at = _between_elements(rng, base)
    if at is None:
        return None
    query = rng.choice(("", "?utm_source=zb", "?utm_campaign=a&utm_medium=b", "?a=1&amp;b=2#c"))
    inner = rng.choice(('<img alt src="https://example.org/a.png">', '<img class="lazyload  " data-src="https://example.org/a.png" alt="subscribe">', "", " "))
    more = rng.choice(("", ' target="_blank"', ' rel="noopener" class="promotion"'))
    scheme = rng.choice(("https:", "http:", ""))
    return insert(base, at, f'<a{more} href="{scheme}//subscribe.sph.com.sg/promotions/{query}">{inner}</a>')


@injects("paywall")
def wall(rng: Random, base: Base) -> Injected | None:
    """The place of a paywall, whatever the element and whatever stands in it."""
    at = _between_elements(rng, base)
    if at is None:
        return None
    tag = rng.choice(("div", "section", "aside", "span"))
    names = rng.choice(("cx_paywall_placeholder", "a cx_paywall_placeholder", "cx_paywall_placeholder b  c"))
    more = rng.choice(("", ' id="sph_cdp_00"', ' data-level="2"'))
    inner = rng.choice(("", " ", "Subscribe to read on.", "<p>订阅后继续阅读。</p>" if tag != "span" else ""))
    return insert(base, at, f'<{tag}{more} class="{names}">{inner}</{tag}>')


# --- source -----------------------------------------------------------------------------------------------------------


def _unsigned(base: Base) -> Given:
    """The base's circumstances without what names its source: path, sidecar's source, address of the publisher."""
    said = sidecar_of(base)
    record = dict(said.get("record", {}))
    if "source_url" in record:
        record["source_url"] = {"value": "https://example.org/a", "basis": "put in by a benchmark"}
    return with_sidecar(replace(base.given, path=f"inbox/{base.given.path.rpartition('/')[2]}"), {**said, "source": None, "record": record})


@injects("source-unidentified")
def signs_taken_away(rng: Random, base: Base) -> Injected | None:
    """A seed in a folder that says nothing, without what its text is known by."""
    if base.given.source is not None:
        return None
    given = replace(_unsigned(base), path=rng.choice(("inbox/a.txt", "2021/03/seed.txt", "x.md", "unsorted/页.txt")))
    if matter_end(base.text):
        # Without its title it is not even Markdown with title and date.
        found = entries(base.text)
        if "layout" not in found or "title" not in found:
            return None
        host = Change(found["from"][1].start, found["from"][1].end, "https://example.org/a")
        gone = (Change(*found["layout"][0], ""), Change(*found["title"][0], ""), host)
        return put(base, *gone, marks=WHOLE, given=given, follows=("trailing-whitespace", "blank-lines", "indentation", "mixed-quotes"))
    signs = {
        "chinanews-translated": r"China News Service, [^.]*\. ",
        "chinamil-text": r"[A-Z][A-Z .'-]+, [A-Z][a-z]+ \d+ -- ",
        "mod-gov-cn": r"[^\n]*\n",
        "peoples-daily-page": r"(?!)",
    }
    sign = re.match(signs.get(base.source, "(?!)"), base.text)
    said = re.search("spokesman for the Ministry", base.text)
    changes = [Change(*sign.span(), "")] if sign else []
    if said and base.source == "mod-gov-cn":
        changes.append(Change(*said.span(), "speaker for the Ministry"))
    return put(base, *changes, marks=WHOLE, given=given, follows=("acceptance-unused",))


@injects("source-uncertain")
def signs_weakened(rng: Random, base: Base) -> Injected | None:
    """A seed that only its text tells, where a text of that kind is not enough."""
    if base.given.source is not None or base.source not in ("mod-gov-cn", "chinamil-text"):
        return None
    given = replace(_unsigned(base), path=rng.choice(("inbox/a.txt", "2021/03/seed.txt", "unsorted/页.txt", f"n/{rng.randrange(999)}.txt")))
    return put(base, marks=WHOLE, given=given)


@injects("source-uncertain")
def wrong_folder(rng: Random, base: Base) -> Injected | None:
    """A plain text in the folder of a source whose seeds have front matter."""
    if base.given.source is not None or base.source not in ("peoples-daily-page",):
        return None
    given = replace(_unsigned(base), path=f"zaobao-jekyll/{rng.randrange(999)}.md")
    return put(base, marks=WHOLE, given=given, follows=("front-matter-syntax",))


@injects("source-ambiguous")
def equal_rival(rng: Random, base: Base) -> Injected | None:
    """A second source with the very same signs."""
    if base.given.source is not None or "source" in sidecar_of(base):
        said = sidecar_of(base)
        if base.given.source is not None:
            return None
        given = with_sidecar(base.given, {**said, "source": None})
    else:
        given = base.given
    return put(base, marks=WHOLE, given=replace(given, rival=True), reference=(base.text, base.given))


@injects("source-ambiguous")
def two_folders(rng: Random, base: Base) -> Injected | None:
    """A path through the folders of two sources, and a text that tells neither."""
    if base.given.source is not None or base.source != "chinamil-text":
        return None
    dateline = re.match(r"[A-Z][A-Z .'-]+, [A-Z][a-z]+ \d+ -- ", base.text)
    folders = ["chinamil-text", rng.choice(("mod-gov-cn", "peoples-daily-page"))]
    rng.shuffle(folders)
    given = replace(_unsigned(base), path=f"{'/'.join(folders)}/{rng.randrange(999)}.txt")
    return put(base, Change(*dateline.span(), ""), marks=WHOLE, given=given) if dateline else None


# --- sidecar ----------------------------------------------------------------------------------------------------------

BROKEN_SIDECARS: tuple[str | bytes, ...] = (
    "", "# nothing\n", "[]\n", "text\n", "recrod: {}\n", "source: [a]\n", "source: peoples-daily-pag\n", "record:\n  headline: text\n",
    "record: {headlin: {value: a, basis: b}}\n", "record: {headline: {value: a}}\n", "record: {headline: {basis: a}}\n",
    "record: {date_published: {value: 2021-02-30, basis: a}}\n", "record: {date_published: {value: March, basis: a}}\n",
    "record: {source_url: {value: example, basis: a}}\n", "record: {byline_kind: {value: nobody, basis: a}}\n",
    "record: {byline: {value: [], basis: a}}\n", "accept: {rule: mojibake}\n", "accept: [{rule: mojibake}]\n",
    "accept: [{rule: no-such-rule, reason: a}]\n", "accept: [{rule: mojibake, reason: a, until: soon}]\n",
    "source: a\nsource: b\n", "source: &a b\n", "source: *a\n", 'source: "never closed\n', "record: {headline: [\n", "source: !tag a\n",
    b"source: \xff\xfe\n", "seeds: []\n", "seeds: [{files: ['*'], source: plain-text}]\n", "a: " + "[" * 200 + "]" * 200 + "\n",
    "record: {headline: {value: a, basis: b, on: 2021-13-01}}\n", "\x01\n", "source: a\n---\nsource: b\n", "accept: [{rule: mojibake, reason: '', by: a}]\n",
)  # fmt: skip


@injects("sidecar-invalid")
def broken_sidecar(rng: Random, base: Base) -> Injected | None:
    """A sidecar that is not what a sidecar must be: the seed is judged as if there were none."""
    given = replace(base.given, sidecar=rng.choice(BROKEN_SIDECARS))
    return put(base, marks=WHOLE, given=given, reference=(base.text, replace(base.given, sidecar=None)))


@injects("sidecar-invalid")
def sidecar_mistyped(rng: Random, base: Base) -> Injected | None:
    """The base's own sidecar with one mistake in it."""
    if not isinstance(base.given.sidecar, str):
        return None
    good = base.given.sidecar
    wrong = rng.choice(
        (good.replace("record:", "recrod:", 1), good.replace("basis:", "bases:", 1), good.replace("value:", "values:", 1), good + "{\n", good + "record: {}\n", "\t" + good)
    )
    if wrong == good or wrong.count("bases:") and "basis:" not in good:
        return None
    several = wrong.count("bases:") + wrong.count("values:")  # an unknown key, and the one that is then missing
    given = replace(base.given, sidecar=wrong)
    return put(base, marks=WHOLE * (1 + several), given=given, reference=(base.text, replace(base.given, sidecar=None)))


@injects("sidecar-orphan")
def sidecar_alone(rng: Random, base: Base) -> Injected | None:
    """A sidecar beside which its seed does not stand: it was renamed, or is gone."""
    return put(base, marks=WHOLE, on_disk=rng.choice(("orphan beside the seed", "orphan in a folder of its own", "orphan after renaming")))


@injects("sidecar-disagrees")
def sidecar_says_otherwise(rng: Random, base: Base) -> Injected | None:
    """A value attested against what the text states."""
    if base.source == "plain-text":
        return None
    stated: dict[str, Span] = {}
    for field, key in _KEY_OF.items():
        entry = _entry(base, key)
        if entry is not None:
            stated[field] = entry[1]
    if base.source == "chinanews-translated":
        stated["byline"] = Span(0, len("China News Service"))
    if base.source == "peoples-daily-page":
        name = re.search(r"^By ([^(\n]*[^(\n ])(?= *\()", base.text, re.MULTILINE)
        line = re.search(r"^\d\d:\d\d, [^\n]*$", base.text, re.MULTILINE)
        stated |= {"byline": Span(*name.span(1))} if name else {}
        stated |= {"date_published": Span(*line.span())} if line else {}
    if base.source == "mod-gov-cn":
        stated["headline"] = Span(0, base.text.index("\n"))
    values = {"headline": "Another headline", "byline": rng.choice(("B. Specimen", ["B. Specimen", "C. Specimen"])), "date_published": "1999-12-31", "source_url": "https://example.org/other"}
    if not stated:
        return None
    field = rng.choice(sorted(stated))
    given = attesting(base, **{field: values[field]})
    if rng.random() < 0.2:
        assert isinstance(given.sidecar, str)
        given = replace(given, sidecar=given.sidecar.replace("basis: put in", "replaces: what does not stand there\n    basis: put in"))
    return put(base, marks=(stated[field],), given=given)


def _reasoned(rule: str, **said: Any) -> dict[str, Any]:
    return {"rule": rule, "reason": "put in by a benchmark", **said}


def _with_a_finding(rng: Random, base: Base) -> tuple[str, Injected] | None:
    """The base with a defect of another rule, which an acceptance can speak of."""
    rule = rng.choice(("final-newline", "no-break-space", "invisible-character", "replacement-character", "control-character", "not-nfc", "byte-order-mark"))
    injected = rng.choice(INJECTORS[rule])(rng, base)
    return (rule, injected) if injected is not None and injected.data is None else None


@injects("acceptance-lapsed")
def day_is_over(rng: Random, base: Base) -> Injected | None:
    """A finding, and an acceptance of it whose day is over."""
    made = _with_a_finding(rng, base)
    if made is None:
        return None
    rule, injected = made
    until = TODAY - timedelta(days=rng.choice((1, 30, 4000)))
    given = accepting(base, _reasoned(rule, until=until.isoformat()))
    return Injected(injected.text, WHOLE, given, reference=(injected.text, base.given))


@injects("acceptance-lapsed")
def passage_rewritten(rng: Random, base: Base) -> Injected | None:
    """A finding, and an acceptance of another passage that once stood there."""
    made = _with_a_finding(rng, base)
    if made is None or made[0] in ("final-newline", "byte-order-mark"):
        return None
    rule, injected = made
    digest = f"{rng.getrandbits(256):064x}"
    given = accepting(base, _reasoned(rule, finding=digest))
    return Injected(injected.text, WHOLE, given, reference=(injected.text, base.given))


@injects("acceptance-unused")
def nothing_to_accept(rng: Random, base: Base) -> Injected | None:
    """An acceptance of what the seed does not have."""
    rule = rng.choice(sorted(set(INJECTORS) - {"acceptance-unused", "acceptance-lapsed", "no-break-space", "invisible-character",
                                                "body-missing", "headlines-disagree", "byline-impersonal", "trailing-whitespace", "blank-lines"}))  # fmt: skip
    said = {"until": (TODAY + timedelta(days=rng.randrange(400))).isoformat()} if rng.random() < 0.5 else {}
    if rng.random() < 0.3:
        said["finding"] = f"{rng.getrandbits(256):064x}"
    return put(base, marks=WHOLE, given=accepting(base, _reasoned(rule, **said)))


def injectors(rule: str) -> Iterator[Injector]:
    """The injectors of a rule, in turn, for ever."""
    while True:
        yield from INJECTORS[rule]
