"""Archives of any size, made up: what speed and scale are measured on.

    python -m benchmarks.archive KIND FOLDER [--seeds N] [--broken SHARE] [--seed NUMBER]

| kind | unless told otherwise | what it holds |
|---|---|---|
| small | 15,000 seeds, a tenth broken | posts of about 1 kB: front matter and a short body in HTML |
| large | 5,000 seeds, 29 in 100 broken | posts of about 28 kB of HTML |
| captures | 10,000 seeds, a fifth broken | the four sources of plain text in equal shares, one to 120 kilobytes |
| mixed | 10,000 seeds, a fifth broken | captures and posts of a fifth source, in equal shares |

In captures and mixed, a seed is valid, or it has one defect, put in by an injector, of a rule drawn by chance. In small and
large, how many seeds are broken, and how, is as in public archives of such posts (`benchmarks.posts` has the shares). The
same NUMBER gives the same bytes.
Words are drawn from syllables and characters, so no sentence was ever written by a person; addresses are in a part of the
sources' sites that does not exist. Seeds lie in a folder for each month. One is made at a time, so that a million take no
more memory than a thousand.

What it does not have: seeds that are not a regular file or are too large, and defects that hold on some days only.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import click

from benchmarks.defects.given import MONTHS
from benchmarks.passages import INJECTORS
from validator.defects import Base, Given, Injected
from validator.defects import seeds as carried
from validator.rules import RULES

GENERATION = 2  # counts up when the same number gives other bytes than before
MARKER = ".archive.json"  # written last, so that an archive that has it is whole
_BLOCK = 100  # seeds among which defects are dealt out
_TRIES = 60  # draws of a rule before a defect is put in that any seed can carry


class Sizes(NamedTuple):
    """Sizes in bytes: lognormal, drawn again where they lie outside."""

    median: int
    sigma: float
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of archive: the sources its seeds are of, how large they are, how many there are and how many of them are broken
    unless somebody says so."""

    sources: tuple[str, ...]
    sizes: Sizes
    seeds: int
    broken: float


_CAPTURES = ("chinamil-text", "chinanews-translated", "mod-gov-cn", "peoples-daily-page")
KINDS: Mapping[str, Kind] = {
    "small": Kind(("jekyll-copy",), Sizes(920, 0.35, 600, 3_000), 15_000, 0.10),
    "large": Kind(("jekyll-copy",), Sizes(25_500, 0.42, 6_000, 120_000), 5_000, 0.29),
    "captures": Kind(_CAPTURES, Sizes(4_000, 0.9, 1_000, 120_000), 10_000, 0.2),
    "mixed": Kind((*_CAPTURES, "zaobao-jekyll"), Sizes(4_000, 0.9, 1_000, 120_000), 10_000, 0.2),
}

# Rules whose defects are not put in, and why.
NOT_PUT_IN: Mapping[str, str] = {
    **{
        rule.name: "`benchmarks.pairs` puts in seeds that belong together"
        for rule in RULES.values()
        if rule.is_of_archive
    },
    "acceptance-lapsed": "it holds on some days only",
    "date-in-future": "it holds on some days only",
    "encoding-unexpected": "the source would have to declare an encoding",
    "file-too-large": "its seeds would be all that is measured",
    "sidecar-orphan": "it is about a file beside the seeds",
    "source-ambiguous": "there would have to be a second source with the same signs",
    "unreadable-file": "an archive should be copied and deleted by anybody",
}
RULES_PUT_IN: tuple[str, ...] = tuple(sorted(INJECTORS.keys() - NOT_PUT_IN.keys()))


@dataclass(frozen=True, slots=True)
class Document:
    """A seed of an archive: its path, its bytes, its sidecar's, its source, and the rule of the defect that it has."""

    path: str
    content: bytes
    sidecar: bytes | None
    source: str
    defect: str | None


# --- words ------------------------------------------------------------------------------------------------------------

_CHARACTERS = (
    "山水风云日月星雨雪花草木林石田园河江海湖桥路门窗灯书纸笔墨画歌声光影春夏秋冬东西南北上下左右前后内外天地人心手足目耳口"
    "大小长短高低远近新旧明暗冷热快慢轻重深浅早晚红黄蓝白黑青金银铜铁米麦豆茶果树叶根枝鸟鱼马牛羊犬虫贝车船帆塔亭台楼阁城镇村"
    "言语文字句章节题目录序号表格行列页面边角点线圆方平直弯曲开合起落来去进出看听说读写想问答记忘学教做成用取放收发送接传转变化"
)
_SURNAMES = "林何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘"
_OPENINGS = ("据此，", "此外，", "同时，", "当天，", "不过，", "随后，", "", "", "", "", "", "")
_JOINTS = ("在{}的{}里", "对{}的{}", "把{}和{}", "由{}到{}", "从{}向{}")
_VERBS = ("说明了", "改成了", "记录着", "放在", "写成了", "看到", "属于", "经过", "接近", "离开")

_ONSETS = [
    "b",
    "br",
    "c",
    "cl",
    "d",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "w",
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
_CODAS = ("", "", *["l", "m", "n", "nd", "r", "rt", "t", "sk", "ck"])
_LINKS = ("of the", "in the", "for a", "and the", "with a", "under the", "to the", "from a", "by the", "as the")
_AUXILIARIES = ("will", "could", "has to", "may", "is said to", "used to")
_POOL = 1_500  # sentences of a language that seeds are put together from


def _word(chance: Random) -> str:
    syllables = chance.choice((1, 2, 2, 2, 3))
    return "".join(chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS) for _ in range(syllables))


class Words:
    """The words and sentences of one archive, made up once."""

    def __init__(self, number: int) -> None:
        chance = Random(f"words {number}")  # noqa: S311 - chance, not secrecy
        self._han = ["".join(chance.sample(_CHARACTERS, 2)) for _ in range(600)]
        self._latin = [_word(chance) for _ in range(900)]
        self.chinese = [self._chinese_sentence(chance) for _ in range(_POOL)]
        self.english = [self._english_sentence(chance) for _ in range(_POOL)]

    def _chinese_sentence(self, chance: Random) -> str:
        words = iter(chance.choices(self._han, k=12))
        parts = [chance.choice(_OPENINGS), next(words)]
        for _ in range(chance.randint(1, 3)):
            parts += [chance.choice(_JOINTS).format(next(words), next(words)), chance.choice(_VERBS), next(words)]
            parts.append(chance.choice(("，", "，", "、", "；")))
        last = next(words)
        ending = chance.choice((last, last, f"“{last}”", f"《{last}》", f"{chance.randint(2, 900)}个{last}"))
        return "".join((*parts, ending, chance.choice(("。", "。", "。", "。", "？", "！"))))

    def _english_sentence(self, chance: Random) -> str:
        words = iter(chance.choices(self._latin, k=24))
        parts = [chance.choice(("The", "A", "This", "Each")), next(words)]
        if chance.random() < 0.3:
            parts[-1] += chance.choice(("'s", "'s", "s'"))
            parts.append(next(words))
        parts += [chance.choice(_AUXILIARIES), next(words)]
        for _ in range(chance.randint(1, 4)):
            parts += [chance.choice(_LINKS), next(words), next(words)]
            parts[-1] += chance.choice((",", "", "", ""))
        if chance.random() < 0.2:
            parts += ["and", chance.choice(("doesn't", "can't", "isn't to")), next(words)]
        if chance.random() < 0.15:
            parts += ["for", str(chance.randint(2, 900)), next(words)]
        last = f"{next(words)} {next(words)}"
        if chance.random() < 0.2:
            last = f'"{last}"'
        return " ".join((*parts, "the", last)) + "."

    def chinese_headline(self, chance: Random) -> str:
        """A headline of eight to twenty characters."""
        return "".join(chance.choices(self._han, k=chance.randint(4, 10)))

    def chinese_name(self, chance: Random) -> str:
        """The name of a person who does not exist."""
        return chance.choice(_SURNAMES) + "".join(chance.sample(_CHARACTERS[:60], 2))

    def headline(self, chance: Random) -> str:
        """A headline of four to nine words, without an end mark."""
        return " ".join(chance.choices(self._latin, k=chance.randint(4, 9))).capitalize() + " again"

    def name(self, chance: Random) -> str:
        """The name of a person who does not exist."""
        return f"{chance.choice(self._latin).capitalize()} {chance.choice(self._latin).capitalize()}sen"

    def town(self, chance: Random) -> str:
        """A town that does not exist."""
        return chance.choice(self._latin).capitalize() + "ville"

    def slug(self, chance: Random) -> str:
        """A part of an address."""
        return "-".join(chance.choices(self._latin, k=3))


@lru_cache(maxsize=4)
def words_of(number: int) -> Words:
    """The words of the archives with a number."""
    return Words(number)


# --- seeds ------------------------------------------------------------------------------------------------------------


class Draft(NamedTuple):
    """What a seed is made from: its chance, its words, its number in the archive, its moment and the size it should have."""

    chance: Random
    words: Words
    number: int
    moment: datetime
    size: int


def _filled(pieces: Callable[[], str], room: int) -> list[str]:
    """Pieces until the room, in bytes, is taken as nearly as can be; one at the least."""
    out: list[str] = []
    while True:
        piece = pieces()
        length = len(piece.encode())
        if out and length / 2 > room:
            return out
        out.append(piece)
        room -= length


def _some(chance: Random, sentences: Sequence[str], most: int, between: str = "") -> str:
    return between.join(chance.choices(sentences, k=chance.randint(1, most)))


_LARGE_BYTES = 4_000  # from here on a post has markup


def _post(draft: Draft) -> tuple[str, None]:
    """A post with front matter, a comment in milliseconds, a link and HTML: text alone where it is small, markup where not."""
    return _linked_post(
        draft, f"https://www.zaobao.com/no-such-page/story{draft.moment:%Y%m%d}-x{draft.number:07d}"
    ), None


def _public_post(draft: Draft) -> tuple[str, None]:
    """A post as public archives have it. Most large ones have a zoned date and a whole page's markup instead of the link.

    One in seven of the small ones is in English. Of the large ones that have no link, one in 30 is in English, and a quarter
    has paragraphs in English; a sixth has straight quotes for curly ones, and a sixth tags that are not plain.
    """
    address = _address(draft, "posts.example.org")
    chance, words, _, moment, size = draft
    if size < _LARGE_BYTES or chance.random() < 0.17:
        return _linked_post(draft, address, english=0.14), None
    title, author = words.chinese_headline(chance), words.name(chance)
    languages = chance.random()
    english = 1.0 if languages < 0.03 else 0.2 if languages < 0.3 else 0.0
    head = (
        f'---\nlayout: post\ntitle: "{title}"\ndate: {moment.isoformat(timespec="seconds")}\nauthor: {author}\n'
        f"from: {address}\ntags: [ {author} ]\ncategories: [ {author} ]\n---\n\n"
        f'<article class="post type-post status-publish hentry" id="post-{draft.number}">\n'
        f'<header class="entry-header">\n<h1 class="entry-title">\n{title}\n</h1>\n</header>\n<div class="entry-content">\n'
    )
    foot = "</div>\n</article>\n"
    room = size - len(head.encode()) - len(foot)
    blocks = _filled(lambda: _block(chance, words, "\n", english), room)
    if chance.random() < 0.18:
        blocks.insert(chance.randrange(len(blocks)), f"{chance.choice(_NOT_PLAIN)}\n")
    body = "".join(blocks)
    if chance.random() < 0.16:
        body = body.replace("“", '"').replace("”", '"')
    return f"{head}{body}{foot}", None


_NOT_PLAIN = (
    "<!-- the rest of the article -->",
    "<video controls muted src='https://images.example.org/moving.mp4'></video>",
    '<img alt="from here > there" src="https://images.example.org/arrow.png">',
    "<IMG src=https://images.example.org/upper.png width=40>",
    '<ol reversed start="3"><li class="item">山水</li></ol>',
)


def _linked_post(draft: Draft, address: str, english: float = 0.0) -> str:
    chance, words, _, moment, size = draft
    title, author = words.chinese_headline(chance), words.chinese_name(chance)
    tags = ", ".join(dict.fromkeys(chance.choices((author, "山水", "春秋", "东西", "城镇"), k=chance.randint(1, 3))))
    stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    milliseconds = round(moment.timestamp() * 1000)
    head = (
        f'---\nlayout: post\ntitle: "{title}"\ndate: {stamp}\nauthor: {author}\nfrom: {address}\ntags: [ {tags} ]\n'
        f"categories: [ {author} ]\n---\n<!--{milliseconds}-->\n[{title}]({address})\n------\n\n<div>\n"
    )
    room = size - len(head.encode()) - len("</div>\n")
    if size < _LARGE_BYTES:
        if english > 0 and chance.random() < english:  # posts of this size have next to no quotation marks
            text = " ".join(_filled(lambda: chance.choice(words.english), room)).replace('"', "")
        else:
            text = "".join(_filled(lambda: chance.choice(words.chinese), room))
        return f"{head}{text}\n</div>\n"
    # As pages come out of a browser: all on a line, or each tag on its own.
    end = chance.choice(("", "\n", "\n"))
    blocks = _filled(lambda: _block(chance, words, end), room)
    return f"{head}{''.join(blocks)}{'' if end else chr(10)}</div>\n"


def _block(chance: Random, words: Words, end: str, english: float = 0.0) -> str:
    """A block of an article in HTML; in real posts of this size half of the bytes are markup, six tags in a kilobyte.

    `english` is the share of blocks in English.
    """
    is_english = english > 0 and chance.random() < english
    sentences, between = (words.english, " ") if is_english else (words.chinese, "")
    headline = words.headline if is_english else words.chinese_headline
    kind = chance.random()
    text = _some(chance, sentences, 3, between)
    if kind < 0.06:
        return f'<h2 class="entry-heading level-{chance.randint(2, 4)}">{end}{headline(chance)}{end}</h2>{end}'
    if kind < 0.16:
        slug = words.slug(chance)
        return (
            f'<figure class="wp-block-image size-large">{end}'
            f'<img class="alignnone lazyload" alt="{headline(chance)}" '
            f'data-src="https://images.example.org/{slug}.jpg?w=1024&amp;h=683" width="1024" height="683" '
            f'src="https://images.example.org/{slug}.jpg">{end}<figcaption class="wp-element-caption">{text}</figcaption>'
            f"{end}</figure>{end}"
        )
    if kind < 0.24:
        items = (
            f'<li class="item">{end}{chance.choice(sentences)}{end}</li>{end}' for _ in range(chance.randint(2, 5))
        )
        return f'<ul class="wp-block-list">{end}{"".join(items)}</ul>{end}'
    if kind < 0.30:
        return f"<blockquote>{end}<p>{text}</p>{end}</blockquote>{end}"
    pieces = [text]
    if chance.random() < 0.5:
        pieces.append(f"<strong>{chance.choice(sentences)}</strong>")
    if chance.random() < 0.5:
        pieces.append(
            f'<a href="https://pages.example.org/{words.slug(chance)}/?from=list&amp;page={chance.randint(1, 99)}" '
            f'rel="noopener nofollow" target="_blank" title="{headline(chance)}">{headline(chance)}</a>'
        )
    if chance.random() < 0.35:
        pieces.append(
            f'<span class="highlight" style="font-size: {chance.randint(12, 20)}px; color: rgb(51, 51, 51);">'
            f"{chance.choice(sentences)}</span>"
        )
    return f'<p class="paragraph" style="margin-bottom: 1.5em;">{end}{between.join(pieces)}{end}</p>{end}'


def _attested(values: Mapping[str, str]) -> str:
    """A sidecar that attests values."""
    basis = 'basis: "made up with the seed", by: "a generator", on: 2024-01-02'
    lines = (f'  {field}: {{value: "{value}", {basis}}}\n' for field, value in values.items())
    return "record:\n" + "".join(lines)


def _address(draft: Draft, host: str) -> str:
    return f"https://{host}/no-such-page/{draft.moment:%Y-%m}/{draft.number:07d}.html"


def _article(draft: Draft, head: str, between: str, most: int) -> str:
    """English text below or behind a head, up to the size, in paragraphs of `most` sentences on average."""
    chance, words = draft.chance, draft.words

    def sentence() -> str:
        return chance.choice(words.english) + (between if chance.random() < 1 / most else " ")

    text = "".join(_filled(sentence, draft.size - len(head))).rstrip()
    return f"{head}{text}\n"


def _capture_of_mod_gov(draft: Draft) -> tuple[str, str | None]:
    """A text with headline, byline and date in lines of their own, paragraphs in a line each; half have a sidecar."""
    chance, words = draft.chance, draft.words
    head = (
        f"{words.headline(chance)}\nBy {words.name(chance)}\n{draft.moment:%Y-%m-%d}\n"
        "A spokesman for the Ministry of National Defense is named here because texts of the source name one. "
    )
    sidecar = _attested({"source_url": _address(draft, "eng.mod.gov.cn")}) if chance.random() < 0.5 else None
    return _article(draft, head, "\n", 2), sidecar


def _capture_of_chinamil(draft: Draft) -> tuple[str, str]:
    """A text that begins with a dateline; the sidecar says what it does not: headline, byline, year and address."""
    chance, words, moment = draft.chance, draft.words, draft.moment
    head = f"{words.town(chance).upper()}, {MONTHS[moment.month - 1]} {moment.day} -- "
    sidecar = _attested({
        "headline": words.headline(chance), "byline": words.name(chance), "date_published": f"{moment:%Y-%m-%d}",
        "source_url": _address(draft, "eng.chinamil.com.cn"),
    })  # fmt: skip
    return _article(draft, head, "\n\n", 3), sidecar


def _capture_of_chinanews(draft: Draft) -> tuple[str, str]:
    """A text signed by an agency, without headline and year, which the sidecar has."""
    chance, words, moment = draft.chance, draft.words, draft.moment
    head = f"China News Service, {words.town(chance)}, {MONTHS[moment.month - 1]} {moment.day}. "
    sidecar = _attested({
        "headline": words.headline(chance), "date_published": f"{moment:%Y-%m-%d}",
        "source_url": _address(draft, "www.chinanews.com.cn"),
    })  # fmt: skip
    return _article(draft, head, "\n\n", 2), sidecar


def _page_of_peoples_daily(draft: Draft) -> tuple[str, str | None]:
    """A page with headline, byline, agency and time of day; a third have a sidecar."""
    chance, words, moment = draft.chance, draft.words, draft.moment
    head = (
        f"{words.headline(chance)}\n\nBy {words.name(chance)} ({words.town(chance)} Desk Online)\n\n"
        f"{moment:%H:%M}, {MONTHS[moment.month - 1]} {moment.day}, {moment.year}\n\n"
    )
    sidecar = _attested({"source_url": _address(draft, "en.people.cn")}) if chance.random() < 0.33 else None
    return _article(draft, head, "\n\n", 4), sidecar


_FORMATS: Mapping[str, tuple[str, Callable[[Draft], tuple[str, str | None]]]] = {
    "chinamil-text": (".txt", _capture_of_chinamil),
    "chinanews-translated": (".txt", _capture_of_chinanews),
    "jekyll-copy": (".md", _public_post),
    "mod-gov-cn": (".txt", _capture_of_mod_gov),
    "peoples-daily-page": (".txt", _page_of_peoples_daily),
    "zaobao-jekyll": (".md", _post),
}

# Sidecars of folders: the agency that signs all seeds of a source is accepted once.
FOLDER_SIDECARS: Mapping[str, str] = {
    "chinanews-translated": (
        'seeds:\n  - files: ["**/*.txt"]\n    accept:\n'
        '      - {rule: byline-impersonal, reason: "the agency signs", by: "a generator", on: 2024-01-02}\n'
    )
}

_FIRST_DAY = datetime(1998, 1, 1, tzinfo=UTC)
_DAYS = 26 * 365


def _size(chance: Random, sizes: Sizes) -> int:
    while True:
        size = round(chance.lognormvariate(math.log(sizes.median), sizes.sigma))
        if sizes.least <= size <= sizes.most:
            return size


def _base(chance: Random, words: Words, number: int, source: str, sizes: Sizes) -> Base:
    """A valid seed."""
    moment = _FIRST_DAY + timedelta(days=chance.randrange(_DAYS), milliseconds=chance.randrange(86_400_000))
    suffix, write = _FORMATS[source]
    text, sidecar = write(Draft(chance, words, number, moment, _size(chance, sizes)))
    path = f"{source}/{moment:%Y/%m/%Y-%m-%d}-{number:07d}{suffix}"
    return Base(path, source, text, Given(path, sidecar=sidecar), source, "html" if suffix == ".md" else "text")


# --- defects ----------------------------------------------------------------------------------------------------------


def _broken(chance: Random, base: Base, number: int) -> Document:
    """The seed with a defect of a rule drawn by chance, among those that it can carry."""
    try:
        for _ in range(_TRIES):
            rule = chance.choice(RULES_PUT_IN)
            injected = chance.choice(INJECTORS[rule])(chance, base)
            document = None if injected is None else _carrying(rule, base, injected, number)
            if document is not None:
                return document
        stripped = replace(base, text=base.text.rstrip("\n"))
        return replace(_document(stripped), defect="final-newline")
    finally:
        _forget()


def _forget() -> None:
    # Each remembers thousands of texts, which are never seen again here.
    for remembering in (carried.matter_end, carried.body_start, carried.article, carried.places, carried.is_latin):
        remembering.cache_clear()


def _broken_small(chance: Random, base: Base, _: int) -> Document:
    """A small post as some in public archives are: nine in ten have no body, one a headline that is not that of the link."""
    if chance.random() < 0.9:
        head = base.text[: base.text.index("<div>\n") + len("<div>\n")]
        return replace(_document(replace(base, text=f"{head}\n</div>\n")), defect="body-missing")
    link = carried.LINK.search(base.text)
    assert link is not None
    shortened = base.text[: link.end(1) - 2] + base.text[link.end(1) :]
    return replace(_document(replace(base, text=shortened)), defect="headlines-disagree")


_MORE_FINDINGS = 3.7  # on average, beside the first


def _broken_large(chance: Random, base: Base, _: int) -> Document:
    """A large post as some in public archives are: with no-break spaces, and in some of them a space of no width."""
    count = 1 + min(60, int(chance.expovariate(math.log1p(1 / _MORE_FINDINGS))))
    found = carried.places(base, rf"{carried.HAN}(?={carried.HAN}{{2}})|{carried.GAP}")
    _forget()
    wide, count = (count - 1, count) if chance.random() < 0.4 else (count, count)
    ends: list[int] = []
    for span in chance.sample(found, min(len(found), 2 * count)):
        if len(ends) < count and all(abs(span.end - end) > 1 for end in ends):
            ends.append(span.end)
    put = [carried.Change(end, end, "\u00a0" if at < wide else "\u200b") for at, end in enumerate(ends)]
    text = carried.put(base, *put).text
    return replace(_document(replace(base, text=text)), defect="no-break-space" if wide else "invisible-character")


_BREAKING: Mapping[str, Callable[[Random, Base, int], Document]] = {"small": _broken_small, "large": _broken_large}


def _carrying(rule: str, base: Base, injected: Injected, number: int) -> Document | None:
    """An injection as files of an archive; None where it needs more than a seed, its path and its sidecar."""
    given = injected.given
    if rule == "acceptance-unused" and base.markup == "text" and base.given.sidecar is None:
        return None  # that its address is missing may be just what is accepted
    if given.source is not None or given.legacy or given.rival or given.limit_bytes is not None or injected.on_disk:
        return None
    path = _path_of(given.path, base, number)
    document = _document(replace(base, given=given), content=injected.content)
    same = document.content == base.text.encode() and (path, given.sidecar) == (base.given.path, base.given.sidecar)
    return None if path is None or same else replace(document, path=path, defect=rule)


def _path_of(wanted: str, base: Base, number: int) -> str | None:
    """Where a seed goes whose defect asks for another path: no two seeds in one place, no folder with too many.

    None for a path through the folder of a source that is not the seed's.
    """
    if wanted == base.given.path:
        return wanted
    folder = base.given.path.rpartition("/")[0]
    name = wanted.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    if set(wanted.split("/")) & (_FORMATS.keys() - {base.source}):
        return None
    if wanted.startswith(f"{base.source}/"):
        return f"{folder}/{stem}-{number:07d}{dot}{suffix}"
    return f"inbox/{folder.partition('/')[2]}/{number:07d}{dot}{suffix}"


def _document(base: Base, content: bytes | None = None) -> Document:
    sidecar = base.given.sidecar
    as_bytes = sidecar.encode() if isinstance(sidecar, str) else sidecar
    return Document(base.given.path, base.text.encode() if content is None else content, as_bytes, base.source, None)


# --- archives ---------------------------------------------------------------------------------------------------------


def documents(kind: str, seeds: int, broken: float, number: int) -> Iterator[Document]:
    """The seeds of an archive, one at a time: `broken` of them, from 0 to 1 and rounded down, with a defect each."""
    wanted, words, breaking = KINDS[kind], words_of(number), _BREAKING.get(kind, _broken)
    # Chance of a text is seeded by its digest, which is the same everywhere.
    for start in range(0, seeds, _BLOCK):
        length = min(_BLOCK, seeds - start)
        deal = Random(f"{number} {kind} deal {start}")  # noqa: S311 - chance, not secrecy
        count = math.floor((start + length) * broken + 1e-9) - math.floor(start * broken + 1e-9)
        with_defect = set(deal.sample(range(length), count))
        for at in range(start, start + length):
            chance = Random(f"{number} {kind} {at}")  # noqa: S311 - chance, not secrecy
            base = _base(chance, words, at, wanted.sources[at % len(wanted.sources)], wanted.sizes)
            yield breaking(chance, base, at) if at - start in with_defect else _document(base)


@dataclass(frozen=True, slots=True)
class Made:
    """What an archive was made of, as its marker says it, and how much came of it. `bytes` counts the seeds alone.

    `posts` is a digest of the posts that were copied; empty where all was made up.
    """

    generation: int
    kind: str
    seeds: int
    broken: float
    number: int
    bytes: int
    defects: Mapping[str, int]
    sidecars: int
    posts: str = ""


def write_archive(kind: str, folder: Path, seeds: int, broken: float, number: int) -> Made:
    """Write an archive into a folder, which must be empty or not be there. Raises FileExistsError where it is not empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    top, folders = str(folder), set[str]()
    size = sidecars = 0
    defects: Counter[str] = Counter()
    for document in documents(kind, seeds, broken, number):
        parent = document.path.rpartition("/")[0]
        if parent not in folders:
            (folder / parent).mkdir(parents=True, exist_ok=True)
            folders.add(parent)
        path = f"{top}/{document.path}"
        _write(path, document.content)
        size += len(document.content)
        if document.sidecar is not None:
            _write(f"{path}.meta.yaml", document.sidecar)
            sidecars += 1
        if document.defect is not None:
            defects[document.defect] += 1
    for source, text in FOLDER_SIDECARS.items():
        if (folder / source).is_dir():
            _write(f"{top}/{source}/seeds.meta.yaml", text.encode())
            sidecars += 1
    made = Made(GENERATION, kind, seeds, broken, number, size, dict(sorted(defects.items())), sidecars)
    (folder / MARKER).write_text(json.dumps(asdict(made)) + "\n", "utf-8")
    return made


def _write(path: str, content: bytes) -> None:
    # A million files are written quicker without a buffer for each. A file that is there is a mistake of this module.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)


def read_marker(folder: Path) -> Made | None:
    """What the archive in a folder was made of; None if there is none, or only a part of one."""
    try:
        return Made(**json.loads((folder / MARKER).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


# --- the command ------------------------------------------------------------------------------------------------------


def share(text: str) -> float:
    """A share from 0 to 1, also as `20%`."""
    value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Write an archive and tell what is in it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to; it must be empty or not be there")
    parser.add_argument("--seeds", type=int, help="how many seeds (as many as the kind has)")
    parser.add_argument("--broken", type=share, metavar="SHARE", help="how many of them have a defect: 0.2 or 20%%")
    parser.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="what chance starts from (1)")
    said = parser.parse_args(arguments)
    kind = KINDS[said.kind]
    started = time.monotonic()
    try:
        made = write_archive(
            said.kind, said.folder, kind.seeds if said.seeds is None else said.seeds,
            kind.broken if said.broken is None else said.broken, said.seed,
        )  # fmt: skip
    except OSError as error:
        parser.error(str(error))
    took = time.monotonic() - started
    click.echo(
        f"{made.seeds:,} seeds of {made.bytes:,} bytes in {said.folder}, {took:.1f} s; sidecars: {made.sidecars:,}"
    )
    click.echo(f"with a defect: {sum(made.defects.values()):,}, of {len(made.defects)} rules")
    for rule, count in sorted(made.defects.items(), key=lambda each: (-each[1], each[0])):
        click.echo(f"  {rule:<28}{count:>8,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
