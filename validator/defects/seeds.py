"""Clean seeds, where things stand in them, and how something is put in.

An injector takes a source of chance and a base, a seed that does not have the defect, and gives the seed with the defect and
the span at which a finding of it must stand, or None where the base cannot carry it. The spans come from where the injector
wrote, never from the rule: nothing of `validator.rules`, `record` or `markup` is used here, and what is an article's text is
told by a few patterns of this module that miss a place rather than take a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple


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
    second source with the same signs is there; `beside` is the text of another seed of the same archive."""

    path: str
    source: str | None = None
    sidecar: str | bytes | None = None
    legacy: tuple[str, ...] = ()
    rival: bool = False
    limit_bytes: int | None = None
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class Base:
    """A seed to put defects into. `group` is drawn first, so that a few specimens weigh as much as many posts.

    `start` is where the article's text begins, if that is known.
    """

    name: str
    group: str
    text: str
    given: Given
    source: str
    markup: str
    start: int | None = None


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


# --- where things stand -----------------------------------------------------------------------------------------------

_MATTER = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*\n", re.DOTALL)
_ENTRY = re.compile(r"^([A-Za-z_]+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
LINK = re.compile(r"^\[([^\n]*)\]\((\S+)\)\n-{3,}[ \t]*$", re.MULTILINE)
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
    if base.start is not None:
        return base.start
    text = base.text
    end = matter_end(text)
    if end:
        link = LINK.search(text, end)
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
    """Whether the article is in Latin script, and long enough for a finding of it to be expected.

    Not one of a source that says that its articles are Chinese.
    """
    if base.source == "zaobao-jekyll":
        return False
    letters = [c for c in base.text[body_start(base) :] if c.isalpha()]
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
