"""Seeds that have something in common with another seed of the archive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from benchmarks.defects.given import entry_of
from validator.defects.seeds import Base, Change, Injected, Span, injects, put

_BODY = (
    "The bridge over the river opened in May, two years after the old one had been closed. Nobody had thought that it would "
    "take so long.\n\nThe first to cross it were children of the school on the other bank, who had gone a long way round "
    "every morning."
)
_OTHER = "A fire in the empty mill was put out on Thursday night after four hours. Nobody was hurt, and nobody knows the cause."
_WORDS = ("bridge", "closed", "thought", "children", "school", "morning")


def _matters(base: Base) -> Iterator[tuple[int, Span, Span]]:
    """Where the text after the front matter begins, and where its address and its headline stand."""
    address, headline = entry_of(base, "from"), entry_of(base, "title")
    end = base.text.find("\n---\n", 3)
    if address is not None and headline is not None and end > 0:
        yield end + len("\n---\n"), address[1], headline[1]


def _beside(base: Base, body: str, other: str, start: int, *mark: Span) -> Injected:
    """The base with a body, beside another seed."""
    put_in = put(base, Change(start, len(base.text), body + "\n"), marks=mark or (Span(start, start + len(body)),))
    return replace(put_in, given=replace(base.given, beside=other), reference=(put_in.text, base.given))


@injects("same-body")
def same_body(_: Random, base: Base) -> Injected | None:
    """The body of another article."""
    for start, address, headline in _matters(base):
        other = base.text[: headline.start] + "另一个标题" + base.text[headline.end : address.start]
        other += "https://other.example.org/story" + base.text[address.end : start]
        return _beside(base, _BODY, f"{other}{_BODY}\n", start)
    return None


@injects("near-same-body")
def near_same_body(chance: Random, base: Base) -> Injected | None:
    """The same article with another word, from another address."""
    for start, address, _headline in _matters(base):
        other = f"{base.text[: address.start]}https://other.example.org/story{base.text[address.end : start]}"
        changed = _BODY.replace(chance.choice(_WORDS), "nothing", 1)
        return _beside(base, _BODY, f"{other}{changed}\n", start)
    return None


@injects("same-address")
def same_address(_: Random, base: Base) -> Injected | None:
    """Another text at one address."""
    for start, address, _headline in _matters(base):
        return _beside(base, _BODY, f"{base.text[:start]}{_OTHER}\n", start, address)
    return None


@injects("same-headline-and-day")
def same_headline_and_day(_: Random, base: Base) -> Injected | None:
    """Another text under one headline, from another address."""
    for start, address, headline in _matters(base):
        other = f"{base.text[: address.start]}https://other.example.org/story{base.text[address.end : start]}"
        return _beside(base, _BODY, f"{other}{_OTHER}\n", start, headline)
    return None
