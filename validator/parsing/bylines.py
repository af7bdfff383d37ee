"""The names in a byline: which parts of one value are names, and which are an agency or a role.

A value is divided only where every part is surely a name: `A. Specimen and B. Sample` is two names, but `Marks & Spencer`,
`Department of Peace and Security` and `Specimen, Ann` stay whole. A name has two words or more, each with a capital, so a
list of single names, or of names in a script without capitals, stays whole too. In Chinese two to four characters are a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from validator.text.patterns import late
from validator.text.places import Span
from validator.text.tables import table

_LONGEST = 300  # characters; a longer value is not a byline, and is not looked at
_IGNORE_CASE = "(?i)"

# A value without one of these is one name, whatever it says.
_MARK = late(
    _IGNORE_CASE
    + r"[,;&/|()\[\]:（）、，；：／]|\s[-–—]\s|\b(?:and|und|og|och|et|en|ja|dan|ir|ve|by|of|for|from|via|with|at)\b"
    r"|\b(?:reporter|correspondent|writer|journalist)s?\b|[记記]者|通[讯訊][员員]|[和与與及]|[社网網]\s|\s\S{1,10}[社网網]$"
)
_WIKI_LINK = late(r"\[\[(?:[^\]|\[]*\|)?(?P<name>[^\]|\[]*[^\]|\[\s])\s*\]\]")  # of Obsidian and wikis
_REFERENCE = late(r"&#?\w{1,32};")
_BY = late(
    _IGNORE_CASE + r"(?:(?:written|reported|words|text|story|report)\s+)?by(?:\s*:\s*|\s+)(?=\w)|authors?\s*:\s*"
    r"|(?:作者|撰文|文)\s*[:：/／]\s*"
)
_ROLE = r"(?:staff|special|senior|chief|guest|our)"
_ROLES = r"(?:reporter|correspondent|writer|journalist|editor|contributor|columnist|photographer)s?"
_A_ROLE = late(_IGNORE_CASE + rf"(?:{_ROLE}\s+)*(?:{_ROLES}|staff)")
_HAN_SPACE = "(?<=[\u4e00-\u9fff])\\s+(?=[\u4e00-\u9fff])"
_AGENCY_FIRST = late(
    _IGNORE_CASE
    + rf"(?P<agency>[^,;/|:()（）]{{2,40}}?)(?:(?:['’]s)?\s+(?:{_ROLE}\s+)*{_ROLES}\s+|\s*[/|:]\s*|\s+[-–—]\s+"
    rf"|{_HAN_SPACE})(?=\w)"
)
_REPORTER = late(
    r"(?P<agency>[^\s,，、]{2,12}?)?(?:驻[^\s,，、]{2,8}?)?"
    r"(?:特[约約派]|本[报報社]|[见見][习習])?(?:[记記]者|通[讯訊][员員])[\s:：]*(?=\S)"
)
_PAPERS = "报報社网網台刊"  # the last characters of newspapers, agencies, sites, stations and magazines
_BEFORE_AGENCY = late(_IGNORE_CASE + r"\s*[,|/(（\[，]\s*|\s+(?:[-–—]|of|for|from|via|with|at)\s+|" + _HAN_SPACE)
_LIST = late(r"\s*[;；、]\s*(?:(?:and|&)\s+)?")
_AND = "(?:and|und|og|och|et|en|ja|dan|ir|ve|&)"  # not `y` and `e`, which are inside Spanish and Portuguese names
_PARTS = late(_IGNORE_CASE + rf"\s*,\s*{_AND}\s+|\s+{_AND}\s+|\s*[,，]\s*")
_LAST_OF_LIST = late(_IGNORE_CASE + rf"\s{_AND}\s[^,，]+[,，]\s*$")
_HAN_AND = late("[和与與及]")
_WORDS = table("validator.parsing", "words.json")["bylines"]
_NO_NAME, _AGENCY_WORDS, _AFTER_A_NAME, _PARTICLES = (
    frozenset(_WORDS[key]) for key in ("no name", "agency", "after a name", "particles")
)
_HAN_NAME = late("[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}[·•][\u4e00-\u9fff]{1,8}")


class Names(NamedTuple):
    """Where names are in a byline, and the agency that it names beside them, if any."""

    people: tuple[Span, ...]
    agency: Span | None = None


def may_hold_several(value: str) -> bool:
    """Whether a byline has to be looked at by `names_in`; any other is one name."""
    return len(value) <= _LONGEST and _has_mark(value)


@lru_cache(maxsize=1024)  # the same people write many articles of an archive
def _has_mark(value: str) -> bool:
    return _MARK.search(value) is not None


@lru_cache(maxsize=1024)
def is_organization(name: str, organizations: frozenset[str]) -> bool:
    """Whether a name is one of the organizations, given in lower case, perhaps with its staff: `Reuters Staff`."""
    words = name.casefold().split()
    while " ".join(words) not in organizations:
        if len(words) < 2 or words.pop() not in _AGENCY_WORDS:
            return False
    return True


def names_in(value: str, agencies: frozenset[str], publishers: frozenset[str]) -> Names:
    """The names in a byline. `agencies` and `publishers` are names in lower case; beside a person's, these are left out."""
    whole = _trimmed(value, Span(0, len(value)))
    linked = _WIKI_LINK.fullmatch(value, *whole)
    if linked is not None:
        return Names((Span(*linked.span("name")),))
    if not may_hold_several(value) or _REFERENCE.search(value):
        return Names((whole,))
    return _Byline(value, agencies, publishers).names(whole)


class _Byline:
    """Finds the names in one value; `agency` is the first agency that was found."""

    def __init__(self, text: str, agencies: frozenset[str], publishers: frozenset[str]) -> None:
        self.text = text
        self.agencies = agencies
        self.organizations = agencies | publishers
        self.agency: Span | None = None
        self.has_reporter = False

    def names(self, whole: Span) -> Names:
        by = _BY.match(self.text, *whole)
        inner = self._person(Span(by.end(), whole.end) if by else whole)
        # The signs between the entries of a list do nothing but divide: `;` and `、`.
        entries = _between(self.text, inner, _LIST.finditer(self.text, *inner))
        people = tuple(person for part in (entries if len(entries) > 1 else [inner]) for person in self._divided(part))
        return Names(people or (inner,), self.agency)

    def _divided(self, span: Span) -> list[Span]:
        """The names in a part; the part itself if one of its pieces may not be a name."""
        people: list[Span] = []
        organizations: list[Span] = []
        for piece in self._pieces(span):
            person = self._person(piece)
            if self._is(person, self.organizations):
                organizations.append(person)
            elif _A_ROLE.fullmatch(self._said(person)) is None and not (people and self._is_role(person, people[-1])):
                people.append(person)
        if len(people) > 2 and self._follows_and(people[-1]) and all(map(is_name, map(self._said, people[:-1]))):
            people.pop()
        if not people:
            return organizations or [span]
        if len(people) > 1 and not all(is_name(self._said(person)) for person in people):
            return [span]
        for organization in organizations:
            self._found(organization)
        return people

    def _is_role(self, span: Span, person: Span) -> bool:
        """Whether a piece after a name is said of it: words of small letters alone, `professor of law`."""
        words = self._said(span).split()
        return len(words) > 1 and all(map(str.islower, words)) and is_name(self._said(person))

    def _follows_and(self, span: Span) -> bool:
        """Whether a single word comes after a list with `and`: a place, as in `A. Specimen and B. Sample, Northford`."""
        before = self.text[: span.start]
        return len(self._said(span).split()) == 1 and _LAST_OF_LIST.search(before) is not None

    def _pieces(self, span: Span) -> list[Span]:
        text = self.text
        if self.has_reporter:
            words = _between(text, span, re.compile(r"\s+").finditer(text, *span))
            if len(words) > 1 and all(_HAN_NAME.fullmatch(self._said(word)) for word in words):
                return words
        pieces: list[Span] = []
        for piece in _between(text, span, _PARTS.finditer(text, *span)):
            if pieces and self._said(piece).replace(".", "").casefold() in _AFTER_A_NAME:
                pieces[-1] = Span(pieces[-1].start, piece.end)
            else:
                pieces.extend(self._joined(piece))
        return pieces

    def _joined(self, span: Span) -> list[Span]:
        """Two Chinese names with an `and` between them; the same character may be part of a name."""
        for match in _HAN_AND.finditer(self.text, *span):
            sides = _between(self.text, span, iter((match,)))
            if len(sides) == 2 and all(_HAN_NAME.fullmatch(self._said(side)) for side in sides):
                return sides
        return [span]

    def _person(self, span: Span) -> Span:
        """A name without the agency and the role before it and after it."""
        reporter = _REPORTER.match(self.text, *span)
        if reporter is not None:
            paper = Span(*reporter.span("agency"))
            if not reporter["agency"] or reporter["agency"][-1] in _PAPERS or self._is(paper, self.organizations):
                self.has_reporter = True
                if reporter["agency"]:
                    self._found(paper)
                span = Span(reporter.end(), span.end)
        first = _AGENCY_FIRST.match(self.text, *span)
        if first is not None and self._is(agency := Span(*first.span("agency")), self.organizations):
            self._found(agency)
            span = Span(first.end(), span.end)
        while (shorter := self._without_last(span)) != span:
            span = shorter
        return span

    def _without_last(self, span: Span) -> Span:
        for match in _BEFORE_AGENCY.finditer(self.text, *span):
            end = span.end
            if match[0].strip() in ("(", "（", "["):
                if self.text[end - 1] not in ")）]":
                    continue
                end -= 1
            last = _trimmed(self.text, Span(match.end(), end))
            is_role = _A_ROLE.fullmatch(self._said(last)) is not None
            if match.start() > span.start and (is_role or self._is(last, self.organizations)):
                if self._is(Span(span.start, match.start()), self.organizations):
                    return span  # two agencies
                if not is_role:
                    self._found(last)
                return Span(span.start, match.start())
        return span

    def _found(self, span: Span) -> None:
        if self.agency is None and self._is(span, self.agencies):
            self.agency = span

    def _is(self, span: Span, organizations: frozenset[str]) -> bool:
        return is_organization(self._said(span), organizations)

    def _said(self, span: Span) -> str:
        return self.text[span.start : span.end]


def _trimmed(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    return Span(span.end - len(piece.lstrip()), span.start + len(piece.rstrip())) if piece.strip() else span


def _between(text: str, span: Span, separators: Iterator[re.Match[str]]) -> list[Span]:
    """The parts between the separators, without whitespace at their ends; empty ones are left out."""
    parts, at = [], span.start
    for match in separators:
        start, end = match.span()
        parts.append(Span(at, start))
        at = end
    parts.append(Span(at, span.end))
    return [_trimmed(text, part) for part in parts if text[part.start : part.end].strip()]


def is_name(text: str) -> bool:
    """Whether a text has the form of a person's full name: never sure, so it is asked only about one name among several."""
    if _HAN_NAME.fullmatch(text):
        return True
    words = text.replace(",", "").split()
    if not 2 <= len(words) <= 6 or any(word.strip(".,").casefold() in _NO_NAME for word in words):
        return False
    suffixes = sum(word.replace(".", "").casefold() in _AFTER_A_NAME for word in words)
    names = words[: len(words) - suffixes]
    return (
        len(names) > 1
        and len(names[-1].replace(".", "")) > 1
        and _is_capital(names[0])
        and _is_capital(names[-1])
        and all(_is_capital(word) or word.casefold() in _PARTICLES for word in names)
    )


def _is_capital(word: str) -> bool:
    letters = word.translate(_WITHIN_A_NAME)
    return letters.isalpha() and letters[0].isupper()


_WITHIN_A_NAME = str.maketrans("", "", ".'’‘-‐`\u00ad“”\"")
