"""How good a schema is, in figures: which defects it sees when they are put into its seeds, and its false alarms.

Defects are put into copies in memory, one at a time. A kind counts as seen if a finding of one of its rules is new in most of
the seeds that can carry it. A false alarm is an error that a seed gets from a schema that was learned without it, and not from
the one that was learned with it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from random import Random

from validator.defects import INJECTORS, Base, Given
from validator.engine.checking import check_seed
from validator.learning.drafting import learn
from validator.parsing.markup import GONE, mask
from validator.sources.identify import Claim
from validator.sources.model import Source, Sources
from validator.text.findings import SeedReport, Severity
from validator.text.languages import uses_no_break_spaces

_SEEDS_A_KIND, _PAGES_A_KIND, _LARGE = 5, 3, 60_000  # bytes from which on a seed is large
_DRAWS = 6  # of a place in a page, most of which is markup
_PLACES_OF_A_PAGE = 8  # in which a page may say one thing
_OF_VALUES = (
    "headline",
    "byline",
    "date",
    "body",
    "value",
    "placeholder",
    "capture",
)  # the first words of rules about values
_FOLDS = 10
_MOST_HELD_OUT = 40

Seed = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Planted:
    """A kind of defect: into how many seeds it was put, in how many it was seen, and if it is not seen, why."""

    kind: str
    seeds: int
    seen: int
    why: str = ""

    @property
    def is_seen(self) -> bool:
        """Whether most of its defects were seen."""
        return 2 * self.seen > self.seeds


@dataclass(frozen=True, slots=True)
class Alarm:
    """A false alarm: the seed, the rule and what it says."""

    seed: str
    rule: str
    message: str


@dataclass(frozen=True)
class _Clean:
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


_Judge = Callable[[str, bytes], SeedReport]
Plant = Callable[[Random, _Clean], str | bytes | None]


def _without(field: str) -> Plant:
    """Takes a field's lines out; in a page, all that repeats its value."""

    def plant(_: Random, clean: _Clean) -> str | None:
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

    def plant(_: Random, clean: _Clean) -> str | None:
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

    def plant(_: Random, clean: _Clean) -> str | None:
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


def _misspelt(_: Random, clean: _Clean) -> str | None:
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


def _conflict(_: Random, clean: _Clean) -> str | None:
    body = clean.report.body
    if body is None:
        return None
    at = clean.text.find("\n", body.start.offset) + 1 or len(clean.text)
    return f"{clean.text[:at]}<<<<<<< HEAD\nOne line.\n=======\nAnother.\n>>>>>>> branch\n{clean.text[at:]}"


def _injected(rule: str) -> Plant:
    """The first injector of a rule that works on a seed."""

    def plant(rng: Random, clean: _Clean) -> str | bytes | None:
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
            if made is None or made.on_disk or made.given != base.given or made.content == clean.text.encode():
                continue
            if not clean.is_page or clean.is_in_text(made.content):
                return made.content
        return None

    return plant


def _placeholder(rng: Random, clean: _Clean) -> str | bytes | None:
    is_person = clean.report.record.get("byline_kind") in (None, "person")
    return _instead("byline", lambda said: "Author Name")(rng, clean) if is_person else None


def _no_break(rng: Random, clean: _Clean) -> str | bytes | None:
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

KINDS_THAT_COUNT = 20


def power(source: Source, seeds: Sequence[Seed], sources: Sources, today: date | None = None) -> list[Planted]:
    """Which of the first twenty kinds of defects that its seeds can carry a source sees."""
    known = {**sources, source.id: source}
    claim = Claim(source.id, "its schema")

    def judged(name: str, data: bytes) -> SeedReport:
        return check_seed(data, known, path=name, claim=claim, today=today)

    number = _PAGES_A_KIND if sum(len(data) for _, data in seeds) > _LARGE * len(seeds) else _SEEDS_A_KIND
    clean = []
    for name, data in seeds:
        report = judged(name, data)
        if report.encoding == "utf-8" and report.body is not None and report.body.characters:
            clean.append(_Clean(name, data.decode("utf-8-sig"), report, source))
    clean.sort(
        key=lambda each: (-len({value.field for value in each.report.values}), len(each.text) // _LARGE, each.name)
    )
    out: list[Planted] = []
    for kind, (plant, rules) in KINDS.items():
        if len(out) == KINDS_THAT_COUNT:
            break
        rng, tried, seen = Random(kind), 0, 0  # noqa: S311 - chance, not secrecy
        for each in clean:
            is_told = number == _PAGES_A_KIND and max(seen, tried - seen) > number / 2
            made = plant(rng, each) if tried < number and not is_told else None
            if made is None:
                continue
            tried += 1
            seen += _is_seen(each, plant, made, rules, judged)
        if tried:
            out.append(Planted(kind, tried, seen, "" if 2 * seen > tried else _why(source, tried, seen, rules)))
    return out


def _is_seen(clean: _Clean, plant: Plant, made: str | bytes, rules: Sequence[str], judge: _Judge) -> bool:
    """Whether a defect is seen.

    A page says a value in several places, in other words in each: what is read from the next place gets the defect too.
    """
    rng = Random(0)  # noqa: S311 - chance, not secrecy
    for _ in range(_PLACES_OF_A_PAGE if clean.is_page else 1):
        report = judge(clean.name, made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass"))
        if _is_new(clean.report, report, rules):
            return True
        if isinstance(made, bytes) or rules[0].partition("-")[0] not in _OF_VALUES:
            return False
        again = plant(rng, replace(clean, text=made, report=report))
        if again is None or again == made:
            return False
        made = again
    return False


def _is_new(before: SeedReport, after: SeedReport, rules: Sequence[str]) -> bool:
    old, new = (Counter(each.rule for each in report.findings if each.rule in rules) for report in (before, after))
    return bool(new - old)


def _why(source: Source, tried: int, seen: int, rules: Sequence[str]) -> str:
    """Why a kind is not seen."""
    off = [rule for rule in rules if (setting := source.rules.get(rule)) is not None and setting.severity == "off"]
    if off:
        return f"the rule {off[0]} is off in this source"
    field = {"headline-missing": "headline", "byline-missing": "byline", "date-missing": "date_published"}.get(rules[0])
    if field is not None and field not in source.required:
        return f"{field} is not required"
    if field is not None:
        return f"in {tried - seen} of {tried} seeds something else is read as the {field}"
    return f"seen in {seen} of {tried} seeds"


def false_alarms(
    identifier: str, seeds: Sequence[Seed], sources: Sources, today: date | None = None
) -> tuple[list[Alarm], int]:
    """The false alarms in seeds that are left out in turn, and how many seeds were left out."""
    if len(seeds) < 3:
        return [], 0
    whole = learn(identifier, seeds, sources).source
    held, alarms = list(seeds)[:_MOST_HELD_OUT], []
    folds = min(len(held), _FOLDS)
    for fold in range(folds):
        out = held[fold::folds]
        without = learn(identifier, [seed for seed in seeds if seed not in out], sources).source
        for name, data in out:
            with_it, without_it = (_errors(name, data, source, sources, today) for source in (whole, without))
            alarms += [Alarm(name, rule, said) for rule, said in without_it.items() if rule not in with_it]
    return alarms, len(held)


def _errors(name: str, data: bytes, source: Source, sources: Sources, today: date | None) -> dict[str, str]:
    known = {**sources, source.id: source}
    report = check_seed(data, known, path=name, claim=Claim(source.id, "its schema"), today=today)
    return {each.rule: each.message for each in report.findings if each.severity is Severity.ERROR}
