"""Whole defects of a kind, put into any seed that a source reads: into its values, its text, or its bytes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from random import Random

from validator.defects import INJECTORS, Base, Given
from validator.parsing.markup import GONE, mask
from validator.sources.model import Source
from validator.text.findings import SeedReport
from validator.text.languages import uses_no_break_spaces

_DRAWS = 6  # of a place in a page, which is mostly markup


@dataclass(frozen=True)
class Clean:
    """A seed without the defect, and its report."""

    name: str
    text: str
    report: SeedReport
    source: Source

    @property
    def is_page(self) -> bool:
        """Whether the seed is a page."""
        return self.source.policy.container == "html"

    def is_in_text(self, changed: bytes) -> bool:
        """Whether a changed page first differs in the text of its article, or in its first byte."""
        before, body = self.text.encode(), self.report.body
        at = bisect_left(
            range(min(len(before), len(changed))), True, key=lambda at: before[: at + 1] != changed[: at + 1]
        )
        if body is None or at == 0 or not body.start.byte <= at < body.end.byte:
            return body is None or at == 0
        return self._shown[len(before[:at].decode("utf-8", "ignore"))] not in f"{GONE}\n"

    @cached_property
    def _shown(self) -> str:
        """The page with its markup replaced, at equal length."""
        return mask(self.text, 0, len(self.text), "html")

    def spans(self, field: str) -> list[tuple[int, int]]:
        """Where the values of a field are in the text."""
        return [
            (value.start.offset, value.end.offset)
            for value in self.report.values
            if value.field == field and value.start is not None and value.end is not None
        ]


Plant = Callable[[Random, Clean], str | bytes | None]


def _without(field: str) -> Plant:
    """Takes a field's lines out; in a page, all that repeats its value."""

    def plant(_: Random, clean: Clean) -> str | None:
        spans = clean.spans(field)
        if not spans:
            return None
        text = clean.text
        if clean.is_page:
            for value in {text[start:end] for start, end in spans} | {str(clean.report.record.get(field))}:
                text = text.replace(value, "")
            return text
        start = text.rfind("\n", 0, spans[0][0]) + 1
        end = text.find("\n", spans[-1][1])
        return text[:start] + (text[end + 1 :] if end >= 0 else "")

    return plant


def _instead(field: str, change: Callable[[str], str]) -> Plant:
    """Writes something else for a field's value."""

    def plant(_: Random, clean: Clean) -> str | None:
        spans = clean.spans(field)
        if not spans:
            return None
        text = clean.text
        if clean.is_page:
            for old in {text[start:end] for start, end in spans}:
                text = text.replace(old, change(old))
        for start, end in spans[::-1] if text == clean.text else ():
            if end - start > 2 and text[start] in "\"'" and text[end - 1] == text[start]:
                start, end = start + 1, end - 1
            text = text[:start] + change(text[start:end]) + text[end:]
        return text if text != clean.text else None

    return plant


def _later(said: str) -> str:
    return re.sub(r"(?:1[6-9]|20)\d\d", lambda year: str(int(year[0]) + 400), said, count=1)


def _impossible(said: str) -> str:
    """The first number of one or two digits made 39, which is neither a day nor a month."""
    wrong = re.sub(r"(?<!\d)\d{1,2}(?!\d)", "39", said, count=1)
    return wrong if wrong != said else re.sub(r"\d", "9", said)


def _zero(said: str) -> str:
    """1 January 1970 in the place of an ISO date, else the year alone."""
    day = re.sub(r"\d{4}-\d\d-\d\d", "1970-01-01", said, count=1)
    return day if day != said else said


def _body(new: str) -> Plant:
    """Writes something else for the whole article, and leaves the furniture in it."""

    def plant(_: Random, clean: Clean) -> str | None:
        body = clean.report.body
        if body is None or not body.characters:
            return None
        if clean.is_page and new:
            return f"<!DOCTYPE html>\n<html><head><title>{new}</title></head>\n<body><h1>{new}</h1><p>nginx</p></body></html>\n"
        furniture = [
            (each.start.offset, each.end.offset) for each in clean.report.findings if each.rule == "page-furniture"
        ]
        first, last = body.start.offset, body.end.offset
        if not clean.is_page:  # whole lines: a link may begin before its text and end behind it
            values = [value.start.offset for value in clean.report.values if value.start is not None]
            line, stop = clean.text.rfind("\n", 0, first) + 1, clean.text.find("\n", last)
            first = first if any(line <= start < first for start in values) else line
            last = stop if stop >= 0 else len(clean.text)
        kept, at = [f"{new}\n\nnginx/1.18.0" if new else ""], first
        for start, end in sorted(furniture):
            if at <= start < last:
                kept.append(clean.text[start:end])
                at = end
        inside = "\n\n".join(kept)
        return f"{clean.text[:first]}\n{inside}\n{clean.text[max(at, last) :]}"

    return plant


def _misspelt(_: Random, clean: Clean) -> str | None:
    """A letter less in the label or the key of a date."""
    for field in ("date_published", "headline", "byline"):
        for start, _end in clean.spans(field):
            line = clean.text.rfind("\n", 0, start) + 1
            labels = list(re.finditer(r"([^\W\d_])[^\W\d_]{2,}(?=[\"'*_]*\s*[:：=|\t])", clean.text[line:start]))
            if labels:
                match = labels[-1]
                at = line + match.end(1)
                return clean.text[:at] + clean.text[at + 1 :]
    return None


def _conflict(_: Random, clean: Clean) -> str | None:
    body = clean.report.body
    if body is None:
        return None
    at = clean.text.find("\n", body.start.offset) + 1 or len(clean.text)
    return f"{clean.text[:at]}<<<<<<< HEAD\nOne line.\n=======\nAnother.\n>>>>>>> branch\n{clean.text[at:]}"


def _injected(rule: str) -> Plant:
    """The first injector of a rule that works on a seed."""

    def plant(rng: Random, clean: Clean) -> str | bytes | None:
        policy, body = clean.source.policy, clean.report.body
        if any(each.rule == rule and each.whole for each in clean.report.findings):
            return None  # one more would not be noticed
        start = body.start.offset if body is not None else 0
        base = Base(clean.name, "", clean.text, Given(clean.name), clean.source.id, policy.markup, start)
        for injector in INJECTORS[rule] * (_DRAWS if clean.is_page else 1):
            try:
                made = injector(rng, base)
            except (IndexError, ValueError, AssertionError):  # a seed that is not as the injector needs it
                continue
            if made is None or made.content == clean.text.encode():
                continue
            if not clean.is_page or clean.is_in_text(made.content):
                return made.content
        return None

    return plant


def _placeholder(rng: Random, clean: Clean) -> str | bytes | None:
    is_person = clean.report.record.get("byline_kind") in (None, "person")
    return _instead("byline", lambda said: "Author Name")(rng, clean) if is_person else None


def _no_break(rng: Random, clean: Clean) -> str | bytes | None:
    """A no-break space, unless the language of the seed uses them: then it is no defect."""
    languages = [str(each) for each in (clean.report.record.get("language"), clean.source.policy.language) if each]
    return None if uses_no_break_spaces(languages) else _injected("no-break-space")(rng, clean)


KINDS: dict[str, tuple[Plant, tuple[str, ...]]] = {
    "no headline": (_without("headline"), ("headline-missing", "front-matter-schema")),
    "no byline": (_without("byline"), ("byline-missing", "front-matter-schema")),
    "no date": (_without("date_published"), ("date-missing", "front-matter-schema")),
    "a date that no calendar has": (
        _instead("date_published", _impossible),
        ("date-malformed", "front-matter-schema", "date-missing"),
    ),
    "a date in the future": (_instead("date_published", _later), ("date-in-future", "front-matter-schema", "dates-disagree")),
    "a placeholder for a name": (_placeholder, ("placeholder-value",)),
    "a server's error as headline": (
        _instead("headline", lambda said: "404 Not Found"), ("capture-failed", "placeholder-value"),
    ),
    "no text": (_body(""), ("body-missing", "empty-file")),
    "an error page for the text": (_body("403 Forbidden"), ("capture-failed", "body-missing")),
    "a misspelt label or key": (
        _misspelt, ("date-missing", "headline-missing", "byline-missing", "front-matter-schema", "date-malformed"),
    ),
    "misread characters": (_injected("mojibake"), ("mojibake",)),
    "lost characters": (_injected("replacement-character"), ("replacement-character",)),
    "control characters": (_injected("control-character"), ("control-character",)),
    "invisible characters": (_injected("invisible-character"), ("invisible-character",)),
    "no-break spaces": (_no_break, ("no-break-space",)),
    "bytes of another encoding": (_injected("undecodable"), ("undecodable", "not-utf8", "encoding-unexpected")),
    "quotation marks for apostrophes": (_injected("quote-for-apostrophe"), ("quote-for-apostrophe", "stray-quote")),
    "line ends of two kinds": (_injected("line-endings"), ("line-endings",)),
    "conflict markers of git": (_conflict, ("conflict-markers",)),
    "spaces at the ends of lines": (_injected("trailing-whitespace"), ("trailing-whitespace",)),
    "the day zero of a program": (
        _instead("date_published", _zero), ("date-implausible", "front-matter-schema", "dates-disagree"),
    ),
    "a tag in a headline": (_instead("headline", lambda said: f"{said[:3]}<b>{said[3:]}</b>"), ("value-markup",)),
    "character references": (_injected("character-reference"), ("character-reference",)),
    "nothing at all": (lambda rng, clean: "", ("empty-file",)),
    "a byte-order mark": (_injected("byte-order-mark"), ("byte-order-mark",)),
    "another encoding": (_injected("not-utf8"), ("not-utf8", "encoding-unexpected", "undecodable")),
}  # fmt: skip
"""Kinds of defects: what puts each in, and the rules that may find it. The first twenty that the seeds can carry count."""
