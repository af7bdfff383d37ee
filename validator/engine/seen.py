"""What a seed is before any rule runs: its text, its source, its record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from validator.parsing.decoding import Decoded, decode, decode_declared
from validator.parsing.front_matter import FrontMatter, blocks_below, never_closes, read_front_matter
from validator.record.layouts import layout_for
from validator.record.model import Record
from validator.record.places import PlaceReader
from validator.record.reader import own_languages, read_record
from validator.record.sidecar import Sidecar, text_key
from validator.sources.formats import layout_markup, markup_of, policy_for
from validator.sources.identify import Claim, Match, Traits, identify
from validator.sources.model import Policy, Source, Sources
from validator.text.patterns import Subject
from validator.text.places import Normal, Span

_ADDRESS_LINE = re.compile(
    r"^(?P<key>URL|Source URL|Link|Address):[ \t]*(?P<url>https?://\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE
)


class _Seen(NamedTuple):
    path: str | None
    decoded: Decoded
    normal: Normal
    subject: Subject
    front_matter: FrontMatter | None
    match: Match
    source: Source
    sidecar: Sidecar
    languages: tuple[str, ...] = ()  # named by the seed itself


class Seen(_Seen):
    """What is known of a seed before any rule runs. What is not a field is made when it is first asked for."""

    @cached_property
    def content(self) -> int:
        """Where the text after the front matter begins, as found."""
        return self.normal.found(self.front_matter.span.end) if self.front_matter else 0

    @cached_property
    def matter(self) -> tuple[Span, ...]:
        """Where front matter is, as found: all of the text if it never closes. Blocks below that look like it count too."""
        read, text = self.front_matter, self.normal.text
        if read is not None and never_closes(read, text):
            return (Span(0, len(self.decoded.text)),)
        own = [read.span] if read is not None else []
        return tuple(
            self.normal.span(*each) for each in (*own, *blocks_below(text, read.span.end if read is not None else 0))
        )

    @cached_property
    def markup(self) -> str:
        """The layout of the seed."""
        found = markup_of(self.normal.text, self.front_matter.span.end if self.front_matter else 0, self.path)
        return layout_markup(self.source.policy.markup, found, self.path) if self.match.source else found

    @cached_property
    def policy(self) -> Policy:
        """The source's policy, with the markup of this seed."""
        return policy_for(self.source.policy, self.markup)

    @cached_property
    def is_wrong(self) -> bool:
        """Whether a curator has marked the seed as wrong, and its text is still the one that was marked."""
        return self.sidecar.wrong is not None and self.sidecar.wrong.text == text_key(self.decoded.text)

    @cached_property
    def record(self) -> Record | None:
        """The record. None if the seed was not decoded."""
        if self.decoded.encoding is None:
            return None
        source, policy = self.source, self.source.policy
        is_page = policy.container == "html" and self.markup == "html" and self.front_matter is None
        languages = (*self.languages, policy.language) if policy.language else self.languages
        reader = PlaceReader(
            source, self.decoded.text, self.normal, self.subject, self.front_matter, self.path, is_page, languages
        )
        return read_record(reader, self.sidecar, self.markup)


def look(
    data: bytes, sources: Sources, path: str | None = None, claim: Claim | None = None, sidecar: Sidecar | None = None
) -> Seen:
    """Decode a seed and find its source; run no rule."""
    sidecar = _known_source(sidecar or Sidecar(""), sources)
    if claim is None and sidecar.source is not None:
        claim = Claim(sidecar.source, f"the sidecar {sidecar.name}")
    decoded = decode(data)
    normal = Normal(decoded.text)
    is_as_found = decoded.encoding == "utf-8" and normal.text is decoded.text
    subject = Subject(normal.text, data if is_as_found else None)
    front_matter = read_front_matter(normal.text) if decoded.encoding else None
    languages = own_languages(normal.text, front_matter, sidecar)
    addresses = tuple(stated_addresses(normal.text, front_matter.values if front_matter else None, sidecar, sources))
    traits = Traits(
        path=path,
        subject=subject,
        urls=tuple([url for key, url in addresses if not key]),
        keys=frozenset(front_matter.values) if front_matter else frozenset(),
        has_fence=front_matter is not None,
        keyed=tuple([each for each in addresses if each[0]]),
        languages=languages,
        content=front_matter.span.end if front_matter else 0,
        title=title if front_matter and isinstance(title := front_matter.values.get("title"), str) else "",
    )
    match = identify(sources, traits, claim)
    source = sources[match.source] if match.source else _neutral(sources, front_matter)
    if source.policy.legacy and decoded.encoding != "utf-8":
        known = languages or tuple(filter(None, [source.policy.language]))
        declared = decode_declared(data, decoded, source.policy.legacy, known)
        if declared is not decoded:
            decoded, normal = declared, Normal(declared.text)
            subject, front_matter = Subject(normal.text, None), read_front_matter(normal.text)
            languages = own_languages(normal.text, front_matter, sidecar)
    if source.layouts:
        known = (*languages, *filter(None, [source.policy.language]))
        source = layout_for(source, decoded.text, normal, subject, front_matter, path, sidecar, known)
    return Seen(path, decoded, normal, subject, front_matter, match, source, sidecar, languages)


def _known_source(sidecar: Sidecar, sources: Sources) -> Sidecar:
    if sidecar.source is None or sidecar.source in sources:
        return sidecar
    from validator.text.errors import nearest

    near = nearest(sidecar.source, sources)
    hint = f'; did you mean "{near}"?' if near else ""
    problem = f'{sidecar.name}: no source is called "{sidecar.source}"{hint}'
    return Sidecar(sidecar.name, problems=(*sidecar.problems, problem))


def stated_addresses(
    text: str, values: Mapping[str, Any] | None, sidecar: Sidecar, sources: Sources
) -> Iterator[tuple[str, str]]:
    """The addresses that a seed gives as its own, each with its key; the key is '' if it means the same in every source.

    In front matter these are the values from which some source reads `source_url`. In text they are lines `URL: …` at the top.
    Links inside the article do not count.
    """
    for attested in sidecar.record:
        if attested.field == "source_url" and isinstance(attested.value, str):
            yield "", attested.value
    if values is not None:
        for top, steps in _address_keys(tuple(sources.values())):
            if top not in values:
                continue
            value: Any = values
            for step in steps:
                value = value.get(step) if isinstance(value, dict) else None
            if isinstance(value, str):
                yield ".".join(steps), value
    else:
        head = "\n".join(text[:2000].split("\n", 10)[:10])
        for match in _ADDRESS_LINE.finditer(head):
            yield "link" if match["key"].lower() == "link" else "", match["url"]


@lru_cache(maxsize=16)
def _address_keys(sources: tuple[Source, ...]) -> list[tuple[str, list[str]]]:
    """The front-matter keys from which any source reads `source_url`: the first step of each, and all of them."""
    keys = {place.front_matter for source in sources for place in source.places_of("source_url") if place.front_matter}
    return [(key.partition(".")[0], key.split(".")) for key in sorted(keys)]


def _neutral(sources: Sources, front_matter: FrontMatter | None) -> Source:
    """The source used if none fits: it requires nothing and reads nothing."""
    policy = Policy() if front_matter is None else Policy(container="front-matter", markup="markdown")
    agencies = sources["base"].agencies if "base" in sources else ()
    return Source(id="", title="no source", file="", policy=policy, agencies=agencies)
