"""One seed's bytes -> its report. Pure: no file, no clock (`today` is an argument), no environment.

decode once -> front matter -> which source -> the record -> the rules of that source -> acceptances -> verdict.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import Any

from validator.engine.plans import asked, named_characters
from validator.parsing.decoding import Decoded, decode, decode_declared
from validator.parsing.foreign import foreign_format
from validator.parsing.front_matter import FrontMatter, comments_after_values, read_front_matter
from validator.parsing.markup import filled, joined, layout
from validator.record.model import Disagreement, Reading, Record
from validator.record.reader import masked_headline, own_languages, read_record
from validator.record.sidecar import FOLDER_SIDECAR, Acceptance, Sidecar, combine
from validator.rules import RULES, Rule, views
from validator.sources.formats import layout_markup, markup_of, policy_for
from validator.sources.front_matter_schema import check, is_date, is_date_time
from validator.sources.identify import Claim, Match, Traits, identify
from validator.sources.model import FIELDS, Policy, RuleSetting, Source, Sources
from validator.sources.schema_errors import Problem
from validator.text.findings import (
    APPLICABILITY_RANK,
    Applicability,
    Basis,
    Candidate,
    Extent,
    Finding,
    Fix,
    Related,
    SeedReport,
    Severity,
    Status,
    Value,
    Verdict,
)
from validator.text.patterns import Subject
from validator.text.places import LineIndex, Normal, Position, Span, inside

CONTEXT = 40  # code points on each side of a finding that its fingerprint covers
MOST_OF_A_RULE = (
    10_000  # findings a seed; a file that has more is no article, and millions of them would fill the memory
)
MOST_WITHOUT_SOURCE = 3  # the same where no source is known: nobody knows yet what in the seed is the article
MOST_PLACES = 400  # edits of a fix; who mends more lines by hand? Their places would take longer than the check itself
EXCERPT = 160  # code points of a line that a report shows
_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")
_ADDRESS_LINE = re.compile(
    r"^(?P<key>URL|Source URL|Link|Address):[ \t]*(?P<url>https?://\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a seed turned out to be, before any rule has run."""

    decoded: Decoded
    normal: Normal
    subject: Subject
    front_matter: FrontMatter | None
    match: Match
    source: Source
    sidecar: Sidecar
    record: Record | None
    policy: Policy  # the source's, with the markup that the seed has
    markup: str = "text"  # how the seed is laid out
    languages: tuple[str, ...] = ()  # that the seed itself names


def look(
    data: bytes, sources: Sources, path: str | None = None, claim: Claim | None = None, sidecar: Sidecar | None = None
) -> Seen:
    """Decode a seed, find its source and read its record; run no rule."""
    sidecar = sidecar or Sidecar("")
    decoded = decode(data)
    normal = Normal(decoded.text)
    is_as_found = decoded.encoding == "utf-8" and normal.text is decoded.text
    subject = Subject(normal.text, data if is_as_found else None)
    front_matter = read_front_matter(normal.text) if decoded.encoding else None
    sidecar = _known_source(sidecar, sources)
    if claim is None and sidecar.source is not None:
        claim = Claim(sidecar.source, f"the sidecar {sidecar.name}")
    languages = own_languages(normal.text, front_matter, sidecar)
    addresses = tuple(stated_addresses(normal.text, front_matter.values if front_matter else None, sidecar, sources))
    traits = Traits(
        path=path,
        subject=subject,
        urls=tuple(url for key, url in addresses if not key),
        keys=frozenset(front_matter.values) if front_matter else frozenset(),
        has_fence=front_matter is not None,
        keyed=tuple(each for each in addresses if each[0]),
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
    content = front_matter.span.end if front_matter else 0
    found = markup_of(normal.text, content, path)
    markup = layout_markup(source.policy.markup, found, path) if match.source else found
    policy = policy_for(source.policy, markup)
    record = None
    if decoded.encoding is not None:
        record = read_record(source, decoded.text, normal, subject, front_matter, path, sidecar, markup)
    return Seen(decoded, normal, subject, front_matter, match, source, sidecar, record, policy, markup, languages)


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
    """Addresses that a seed states, and the key that states each: '' where it is the seed's own whatever its source.

    In front matter these are the values from which some source reads `source_url`; in text, lines `URL: …` at its top.
    Links within the article are none.
    """
    for attested in sidecar.record:
        if attested.field == "source_url" and isinstance(attested.value, str):
            yield "", attested.value
    if values is not None:
        for steps in _address_keys(sources):
            if steps[0] not in values:
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


_KEYS_OF: dict[int, tuple[Sources, tuple[list[str], ...]]] = {}


def _address_keys(sources: Sources) -> tuple[list[str], ...]:
    """The keys of front matter, as steps, from which a source reads `source_url`. Found out once for all seeds of a run."""
    known = _KEYS_OF.get(id(sources))
    if known is None or known[0] is not sources:
        places = (place for source in sources.values() for place in source.places.get("source_url", ()))
        _KEYS_OF.clear()
        keys = {place.front_matter for place in places if place.front_matter is not None}
        known = sources, tuple(key.split(".") for key in sorted(keys))
        _KEYS_OF[id(sources)] = known
    return known[1]


def _neutral(sources: Sources, front_matter: FrontMatter | None) -> Source:
    """What stands in for a source where none fits: nothing required, nothing read."""
    return _no_source(front_matter is not None, sources["base"].agencies if "base" in sources else ())


@lru_cache(maxsize=16)
def _no_source(has_front_matter: bool, agencies: tuple[str, ...]) -> Source:
    policy = Policy(container="front-matter", markup="markdown") if has_front_matter else Policy()
    return Source(id="", title="no source", file="", policy=policy, agencies=agencies)


# --- views ------------------------------------------------------------------------------------------------------------


def _fields_view(seen: Seen) -> views.Fields:
    read, source, normal = seen.front_matter, seen.source, seen.normal
    problem: tuple[str, Span] | None = None
    problems: list[tuple[Problem, Span]] = []
    if read is None:
        if source.policy.container == "front-matter":
            problem = ("the seed has no front matter: its first line is not ---", Span(0, 0))
    elif read.problem is not None:
        problem = (read.problem.message, normal.span(*read.problem.span))
    elif source.front_matter is not None:
        found = (each for each in check(source.front_matter, read.values) if not _record_speaks(each, seen))
        problems.extend((each, _problem_span(each, read, normal)) for each in found)
    duplicates = [
        (
            each.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~"),
            normal.span(*each.first),
            normal.span(*each.second),
        )
        for each in (read.duplicates if read else ())
    ]
    return views.Fields(
        read,
        tuple(problems),
        tuple(duplicates),
        problem,
        tuple(_comments(seen)),
        _respelt(seen.record) if problems else None,
    )


def _comments(seen: Seen) -> Iterator[views.Comment]:
    read, normal = seen.front_matter, seen.normal
    if read is None or "#" not in normal.text[slice(*read.yaml)]:
        return
    named = {place.front_matter for name in _TEXT_FIELDS for place in seen.source.places.get(name, ())}
    for pointer, span in comments_after_values(normal.text, read):
        is_text = pointer.removeprefix("/") in named
        value, comment = normal.text[slice(*read.spans[pointer])], normal.text[slice(*span)]
        yield views.Comment(pointer, value, comment, normal.span(*span), is_text)


_TEXT_FIELDS = ("headline", "byline", "agency", "publisher")


def _respelt(record: Record | None) -> tuple[str, str] | None:
    """The date of the front matter as ISO 8601 has it, where it says no less and no more than what stands there."""
    reading = record.reading("date_published") if record is not None else None
    if reading is None or reading.pointer is None or reading.basis is not Basis.STATED:
        return None
    return (reading.pointer, reading.value) if is_date(reading.value) or is_date_time(reading.value) else None


def _record_speaks(problem: Problem, seen: Seen) -> bool:
    """Whether a rule of the record says the same more exactly: that a value is missing or empty, that a date is none."""
    record = seen.record
    key = problem.missing if problem.missing is not None and not problem.pointer else problem.pointer.lstrip("/")
    for name in ("headline", "byline", "date_published", "source_url"):
        if not any(place.front_matter == key for place in seen.source.places.get(name, ())):
            continue
        if problem.missing is not None or (record is not None and name in record.empty):
            return name in seen.source.required
        if name == "date_published" and record is not None and record.malformed is not None:
            return record.malformed.pointer == problem.pointer
        if name == "date_published" and record is not None and record.date is not None:
            is_incomplete = record.date.year is None or record.date.day is None
            return is_incomplete and name in seen.source.required  # date-incomplete says so
    return False


def _problem_span(problem: Problem, read: FrontMatter, normal: Normal) -> Span:
    if problem.missing is not None and not problem.pointer:
        return normal.span(*read.opening)
    pointer = problem.pointer
    if problem.unknown is not None and pointer in read.key_spans:
        return normal.span(*read.key_spans[pointer])
    while pointer and pointer not in read.spans:
        pointer = pointer.rpartition("/")[0]
    return normal.span(*read.spans[pointer]) if pointer in read.spans else normal.span(*read.opening)


def _text_view(seen: Seen, present: str | None, languages: tuple[str, ...]) -> views.Text:
    text, normal, read = seen.decoded.text, seen.normal, seen.front_matter
    spans: list[Span] = []
    if read is not None:
        spans.extend(normal.span(*span) for span in read.verbatim)
    content = normal.found(read.span.end) if read is not None else 0
    laid_out = layout(text, content, seen.markup)
    spans.extend(laid_out.verbatim)
    residue = tuple(Span(*left.span) for left in seen.record.residue) if seen.record else ()
    return views.Text(
        text,
        normal,
        seen.policy,
        normal.span(*read.span) if read is not None else None,
        tuple(sorted(spans)),
        residue,
        present,
        tuple(joined((*laid_out.apart, *laid_out.verbatim))),
        laid_out.is_open,
        languages,
    )


def _body_view(seen: Seen, record: Record) -> views.Body:
    text = seen.decoded.text
    begins = seen.normal.found(seen.front_matter.span.end) if seen.front_matter else 0
    # Preformatted text may be the article, so the record holds it; but which of its characters are code nobody knows.
    laid_out = layout(text, begins, seen.markup)
    masked = filled(record.masked, laid_out.verbatim, "\n")
    pieces = masked_headline(text, seen.normal, seen.front_matter, record)
    reading = record.reading("headline")
    # A page may say its headline in an attribute or in a script, where no rule about text has to look.
    if not pieces or reading is None or (seen.markup == "html" and inside(laid_out.apart, pieces[0][0])):
        return views.Body(text, masked, seen.policy)
    start = pieces[0][0]
    content = "".join(piece for _, piece in pieces)
    masked = masked[:start] + content + masked[start + len(content) :]
    style = None
    if reading.pointer is not None and seen.front_matter is not None:
        style = seen.front_matter.styles.get(reading.pointer)
    return views.Body(text, masked[: len(text)], seen.policy, Span(start, start + len(content)), style)


def _agreements_view(seen: Seen, record: Record) -> views.Agreements:
    masked = record.masked
    reading = record.reading("date_published")
    if reading is not None and reading.span is not None and reading.basis is Basis.STATED:
        # A header line is no part of the body, and may state a weekday too.
        start = seen.decoded.text.rfind("\n", 0, reading.span.start) + 1
        end = reading.span.end
        masked = masked[:start] + seen.decoded.text[start:end] + masked[end:]
    return views.Agreements(record.disagreements, masked)


# --- findings ---------------------------------------------------------------------------------------------------------


class _Findings:
    """Collects what rules find, as findings with positions, excerpts and fingerprints."""

    def __init__(
        self,
        text: str,
        encoding: str | None,
        size: int | None = None,
        match: Match | None = None,
        front_matter_end: int = 0,
    ) -> None:
        self.text = text
        self.match = match
        self.front_matter_end = front_matter_end
        self.index = LineIndex(text, encoding or "utf-8")
        self.found: list[tuple[Rule, views.Found, RuleSetting]] = []
        self._seed_key: str | None = None

    def run(self, rule: Rule, view: Any, setting: RuleSetting) -> None:
        """Run one rule on its view, as the source sets it.

        What is not listed cannot be repaired, and half of a text is no repair: so nothing is that has too many findings.
        """
        finds = rule.check(view, **setting.options)
        if isinstance(view, views.Text) and view.apart and not rule.looks_everywhere:
            finds = _in_text(finds, view.apart)
        is_unknown = self.match is not None and self.match.source is None
        at_most = MOST_WITHOUT_SOURCE if is_unknown else MOST_OF_A_RULE
        for number, found in enumerate(finds):
            if number == at_most:
                message = f"{rule.name} finds more than {at_most:,} places in this seed; the rest is not listed"
                message += " until its source is known" if is_unknown else ", and none of them is repaired"
                shown = replace(setting, applicability=Applicability.DISPLAY)
                self.found[-number:] = [(each[0], each[1], shown) for each in self.found[-number:]]
                self.found.append((rule, replace(found, message=message, fix=None, related=()), setting))
                break
            self.found.append((rule, found, setting))

    def _highest(self, rule: Rule, found: views.Found) -> Applicability:
        """How far fixes may go: what is not known is not touched.

        Nothing is repaired where no source is known. Where the source is not certain, a fix that rests on what the source
        says (its language, its encodings) needs a person; so does one inside the front matter, which programs read.
        """
        if self.match is not None and self.match.source is None:
            return Applicability.DISPLAY
        if found.span[0] < self.front_matter_end and not found.whole:
            return Applicability.UNSAFE
        is_certain = self.match is None or self.match.certain
        return Applicability.UNSAFE if rule.rests_on_source and not is_certain else Applicability.SAFE

    def seed_key(self) -> str:
        """The digest of the seed's letters and digits: what an acceptance of a finding about the whole seed holds to."""
        if self._seed_key is None:
            self._seed_key = _digest(_letters_and_digits(self.text))
        return self._seed_key

    def findings(self) -> list[Finding]:
        """All findings, in the order of their places."""
        if not self.found:
            return []
        self.found.sort(key=lambda item: (item[1].span, item[0].name, item[1].message))
        seen: dict[str, int] = {}
        return [self._finding(rule, found, setting, seen) for rule, found, setting in self.found]

    def _finding(self, rule: Rule, found: views.Found, setting: RuleSetting, seen: dict[str, int]) -> Finding:
        start, end = found.span
        if found.whole:
            fingerprint = _digest(rule.name)
        else:
            around = self._around(start, end)
            named = rule.name + around
            seen[named] = number = seen.get(named, 0) + 1
            fingerprint = _digest(f"{rule.name}\0{around}\0{number}")
        severity = setting.severity if isinstance(setting.severity, Severity) else found.severity or rule.severity
        fix = found.fix
        if fix is not None:
            highest = (fix.applicability, setting.applicability or fix.applicability, self._highest(rule, found))
            lower = max(highest, key=APPLICABILITY_RANK.__getitem__)
            fix = fix if lower is fix.applicability else replace(fix, applicability=lower)
        excerpt, column = self._excerpt(start)
        position = self.index.position
        first, last = self.index.positions(found.span)
        return Finding(
            rule=rule.name, family=rule.family, severity=severity, message=found.message,
            start=first, end=last, fix=fix, pointer=found.pointer,
            related=tuple(Related(message, position(span[0]), position(span[1])) for message, span in found.related),
            fingerprint=fingerprint, key=self.seed_key() if found.whole else fingerprint, whole=found.whole,
            excerpt=excerpt, excerpt_column=column,
            places=self._places(fix, {start: first, end: last}) if fix is not None else (),
        )  # fmt: skip

    def _places(self, fix: Fix, known: dict[int, Position]) -> tuple[tuple[Position, Position], ...]:
        """Where the edits of a fix begin and end. Most replace what the finding marks, so `known` is asked first."""
        edits = fix.edits
        if len(edits) > MOST_PLACES:
            return ()
        if len(edits) == 1 and edits[0].start < edits[0].end and edits[0].start in known and edits[0].end in known:
            return ((known[edits[0].start], known[edits[0].end]),)

        def place(offset: int) -> Position:
            found = known.get(offset)
            return self.index.position(offset) if found is None else found

        return tuple(
            (start := place(edit.start), place(edit.end) if edit.end > edit.start else start) for edit in edits
        )

    def _around(self, start: int, end: int) -> str:
        """The finding's text with its surroundings inside its line, blanks folded."""
        text = self.text
        first = max(text.rfind("\n", max(0, start - CONTEXT), start) + 1, start - CONTEXT, 0)
        last = text.find("\n", end, end + CONTEXT)
        last = min(end + CONTEXT, len(text)) if last < 0 else last
        middle = text[start:end]
        if len(middle) > 4 * CONTEXT:  # a long finding is told from others by its ends and its digest
            middle = middle[:CONTEXT] + _digest(" ".join(middle.split())) + middle[-CONTEXT:]
        before, after = text[first:start], text[end:last]
        return f"{' '.join(before.split())}\0{' '.join(middle.split())}\0{' '.join(after.split())}"

    def _excerpt(self, start: int) -> tuple[str, int]:
        line = self.index.line_span_at(start, EXCERPT)
        # One short of the limit where the line ends with the excerpt: a full one tells that the line goes on.
        first = max(line.start, min(start - EXCERPT // 2, line.end - EXCERPT + 1))
        return self.text[first : min(line.end, first + EXCERPT)].rstrip("\r"), first - line.start + 1


def _in_text(finds: Iterable[views.Found], apart: Sequence[Span]) -> Iterator[views.Found]:
    """What was found in text; left out is what was found in markup and code."""
    for found in finds:
        start, end = found.span
        at = bisect_right(apart, start, key=_start_of)  # the first that begins later
        if not found.whole and ((at and start < apart[at - 1].end) or (at < len(apart) and apart[at].start < end)):
            continue
        yield found


_start_of = itemgetter(0)


_NO_LETTER = bytes(code for code in range(0x80) if not chr(code).isalnum())
_ASCII = bytes(range(0x80))
_SIGNS = 40


def _letters_and_digits(text: str) -> str:
    """What `_LETTERS_AND_DIGITS` finds, joined: ASCII is sifted as bytes, of what else is no letter there are few kinds."""
    encoded = text.encode("utf-8", "surrogatepass")
    sifted = encoded.translate(None, _NO_LETTER).decode("utf-8", "surrogatepass")
    if text.isascii():
        return sifted
    others = set(encoded.translate(None, _ASCII).decode("utf-8", "surrogatepass"))
    signs = [character for character in others if not character.isalnum()]
    if len(signs) > _SIGNS:
        return "".join(_LETTERS_AND_DIGITS.findall(text))
    for sign in signs:
        sifted = sifted.replace(sign, "")
    return sifted


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _run_view(findings: _Findings, name: str, view: Any, source: Source, present: str | None = None) -> None:
    for rule, setting in asked(name, view, source, present):
        findings.run(rule, view, setting)


def _present(seen: Seen) -> str | None:
    """The characters in the text that some rule about the text names; None where the patterns' text is not the one found."""
    if seen.normal.text != seen.decoded.text:
        return None
    characters = named_characters("Text", seen.source)
    return seen.subject.characters(characters) if characters else ""


# --- the whole --------------------------------------------------------------------------------------------------------


def check_seed(
    data: bytes,
    sources: Sources,
    *,
    path: str | None = None,
    claim: Claim | None = None,
    sidecars: Sequence[Sidecar] = (),
    today: date | None = None,
) -> SeedReport:
    """Check one seed. `path` is its name in reports, which identification and some places look at; `sidecars` nearest first.

    Never raises on any bytes: trouble with a seed is a finding. A fault in a rule is one of the program and raised; who calls
    gives the seed the verdict `unchecked`.
    """
    foreign = in_foreign_format(data)
    if foreign is not None:
        return replace(unread_seed(path or "-", foreign), sha256=sha256(data).hexdigest())
    seen = look(data, sources, path, claim, combine(sidecars))
    matter = seen.normal.found(seen.front_matter.span.end) if seen.front_matter else 0
    collected = _Findings(seen.decoded.text, seen.decoded.encoding, len(data), seen.match, matter)
    verdict = _run_rules(collected, data, seen, today)
    findings, lapsed, unused = _accept(collected.findings(), seen.sidecar.accept, today)
    findings.extend(_said_of_sidecar(seen, lapsed, unused))
    if len(findings) > 1:
        findings.sort(key=lambda each: (each.start.offset, each.end.offset, each.rule, each.message))
    if verdict is None:
        errors = any(each.severity is Severity.ERROR and each.status is Status.OPEN for each in findings)
        verdict = Verdict.INVALID if errors else Verdict.VALID
    match, record, index = seen.match, seen.record, collected.index
    known: dict[str, Any] = {}
    if record is not None and verdict in (Verdict.INVALID, Verdict.VALID):
        mapping = record.as_mapping()
        known = {"record": mapping, "values": tuple(_values(record, mapping, index)), "body": _extent(record, index)}
    return SeedReport(
        path=path or "-", source=match.source, verdict=verdict, evidence=_evidence(match),
        encoding=seen.decoded.encoding, sha256=sha256(data).hexdigest(), findings=tuple(findings), **known,
    )  # fmt: skip


def _evidence(match: Match) -> tuple[str, ...]:
    if match.certain:
        return match.evidence
    return (*match.evidence, f"{'uncertain' if match.source else 'not identified'}: {match.problem}")


def _run_rules(collected: _Findings, data: bytes, seen: Seen, today: date | None) -> Verdict | None:
    """Run every rule whose view can be had; the verdict, None where it hangs on the errors that were found."""
    source, record = seen.source, seen.record
    languages = seen.languages
    _run_view(collected, "Raw", views.Raw(data, seen.decoded, seen.policy, languages), source)
    if record is None:
        return Verdict.UNREADABLE
    present = _present(seen)
    _run_view(collected, "Text", _text_view(seen, present, languages), source, present)
    if _holds_nothing(seen.decoded):
        return Verdict.UNIDENTIFIED if seen.match.source is None else None
    _run_view(collected, "Body", _body_view(seen, record), source)
    fields = _fields_view(seen)
    _run_view(collected, "Fields", fields, source)
    _run_view(collected, "Identity", views.Identity(seen.match), source)
    if fields.problem is not None:
        return Verdict.MALFORMED
    if seen.match.source is None:
        return Verdict.UNIDENTIFIED
    _run_view(collected, "Residues", views.Residues(record.residue), source)
    _run_view(collected, "Agreements", _agreements_view(seen, record), source)
    _run_view(collected, "Values", views.Values(record, _required(source, record, fields), today), source)
    return None


def _said_of_sidecar(
    seen: Seen, lapsed: tuple[tuple[Acceptance, str], ...], unused: tuple[Acceptance, ...]
) -> list[Finding]:
    """What is to be said of the sidecar itself; no acceptance covers that."""
    contradictions = seen.record.contradictions if seen.record else ()
    if not (seen.sidecar.problems or contradictions or lapsed or unused):
        return []
    collected = _Findings(seen.decoded.text, seen.decoded.encoding)
    view = views.Attestation(seen.sidecar.problems, contradictions, lapsed, unused)
    _run_view(collected, "Attestation", view, seen.source)
    return collected.findings()


def _required(source: Source, record: Record, fields: views.Fields) -> dict[str, Severity]:
    """What the record must hold, but for an address of which the front matter's schema has said that it is none."""
    reported = {problem.pointer for problem, _ in fields.problems}
    if record.bad_url is not None and record.bad_url.pointer in reported:
        return {name: severity for name, severity in source.required.items() if name != "source_url"}
    return source.required


_NOTHING = "\ufeff \t\r\n\f\v\u00a0\u3000\u200b\x00"


def _holds_nothing(decoded: Decoded) -> bool:
    return not decoded.text[:100].strip(_NOTHING) and not decoded.text.strip(_NOTHING)


_NO_SOURCE = Source(id="", title="", file="")


def in_foreign_format(data: bytes) -> views.Unread | None:
    """Why the bytes are not read as a seed: they are in another format, or only point to where the seed is kept."""
    foreign = foreign_format(data)
    if foreign is None:
        return None
    if foreign.hint:
        return views.Unread("lfs-pointer", f"this is a {foreign.name}, not the text itself: run `{foreign.hint}`")
    return views.Unread("foreign-format", f"this is not a text but another format: {foreign.name}")


def unread_seed(path: str, unread: views.Unread) -> SeedReport:
    """The report of a seed that could not be read."""
    findings = _Findings("", None)
    _run_view(findings, "Unread", unread, _NO_SOURCE)
    return SeedReport(path=path, source=None, verdict=Verdict.UNREADABLE, findings=tuple(findings.findings()))


def orphan_sidecar(path: str, seed: str) -> SeedReport:
    """The entry of a sidecar whose seed is not there. It is no seed, so it has no verdict."""
    findings = _Findings("", None)
    attestation = views.Attestation((), (), orphan=seed)
    _run_view(findings, "Attestation", attestation, _NO_SOURCE)
    return SeedReport(path=path, source=None, verdict=None, findings=tuple(findings.findings()))


def said_of_attempt(report: SeedReport, attempt: views.Attempt) -> SeedReport:
    """The report of a seed with what is to be said of a repair that was not carried out."""
    collected = _Findings("", None)
    _run_view(collected, "Attempt", attempt, _NO_SOURCE)
    return replace(report, findings=(*collected.findings(), *report.findings))


def said_of_staging(report: SeedReport, staging: views.Staging) -> SeedReport:
    """The report of a seed with what is to be said of what is staged with it, an error among the others of its verdict."""
    collected = _Findings("", None)
    _run_view(collected, "Staging", staging, _NO_SOURCE)
    findings = collected.findings()
    has_errors = any(finding.severity is Severity.ERROR for finding in findings)
    verdict = Verdict.INVALID if has_errors and report.verdict is Verdict.VALID else report.verdict
    return replace(report, verdict=verdict, findings=(*findings, *report.findings))


def _accept(
    findings: Sequence[Finding], acceptances: Sequence[Acceptance], today: date | None
) -> tuple[list[Finding], tuple[tuple[Acceptance, str], ...], tuple[Acceptance, ...]]:
    """Findings with the accepted ones marked; acceptances that no longer hold, and why; acceptances of nothing."""
    if not acceptances:
        return list(findings), (), ()
    accepted: dict[int, str] = {}
    lapsed, unused = [], []
    for acceptance in acceptances:
        of_rule = [index for index, finding in enumerate(findings) if finding.rule == acceptance.rule]
        meant = [
            index
            for index in of_rule
            if acceptance.finding is None
            or acceptance.finding
            in (findings[index].key, findings[index].fingerprint if not findings[index].whole else "")
        ]
        if acceptance.until is not None and today is not None and acceptance.until < today:
            if meant:
                lapsed.append((acceptance, f"it held until {acceptance.until.isoformat()}"))
        elif meant:
            accepted = dict.fromkeys(meant, acceptance.reason) | accepted  # the nearest sidecar comes first
        elif of_rule and acceptance.finding is not None:
            lapsed.append((acceptance, "what it was about was rewritten"))
        elif FOLDER_SIDECAR not in acceptance.place:
            unused.append(acceptance)
    marked = [
        replace(finding, status=Status.ACCEPTED, reason=accepted[index]) if index in accepted else finding
        for index, finding in enumerate(findings)
    ]
    return marked, tuple(lapsed), tuple(unused)


def _values(record: Record, mapping: Mapping[str, Any], index: LineIndex) -> Iterator[Value]:
    disputed: dict[str, list[Disagreement]] = {}
    for each in record.disagreements:
        disputed.setdefault(each.field, []).append(each)
    positions = index.positions
    for name, readings in _in_order(record.readings):
        if name not in mapping:
            continue
        is_date = name == "date_published"
        for reading in readings:
            basis, note, span = reading.basis, reading.note, reading.span
            shown = mapping[name] if is_date or name == "dateline" else reading.value
            if is_date and not note and reading.date is not None and reading.date.zone_assigned:
                note = "the time zone is the source's"
            start, end = positions(span) if span and basis is not Basis.ATTESTED else _NO_PLACE
            if name not in disputed:
                yield Value(name, shown, basis, start, end, note)
                continue
            candidates = _candidates(reading, disputed[name], index)
            yield Value(
                field=name, value=shown, basis=basis,
                start=start, end=end,
                note=note, disputed=bool(candidates) and basis is not Basis.ATTESTED, candidates=candidates,
            )  # fmt: skip
    if "byline_kind" in mapping and "byline" not in mapping:
        yield Value(field="byline_kind", value=mapping["byline_kind"], basis=Basis.ATTESTED)


_NO_PLACE: tuple[Position | None, Position | None] = (None, None)


def _in_order(readings: Mapping[str, tuple[Reading, ...]]) -> list[tuple[str, tuple[Reading, ...]]]:
    return [(name, readings[name]) for name in FIELDS if name in readings]


def _candidates(reading: Reading, disagreements: Sequence[Disagreement], index: LineIndex) -> tuple[Candidate, ...]:
    out: dict[tuple[str, Span], Candidate] = {}
    for each in disagreements:
        for side in (each.left, each.right):
            span = side.span or Span(0, 0)
            out.setdefault(
                (side.value, span), Candidate(side.value, index.position(span.start), index.position(span.end))
            )
    return tuple(out.values())


def _extent(record: Record, index: LineIndex) -> Extent | None:
    if record.first is None or record.last is None:
        return None
    return Extent(index.position(record.first), index.position(record.last), record.characters)


# --- what is shown ----------------------------------------------------------------------------------------------------


def rules_shown(select: Iterable[str], ignore: Iterable[str], rules: Mapping[str, Rule] = RULES) -> frozenset[str]:
    """The rules that `select` and `ignore` (names of rules or families) leave; an empty `select` means all."""
    chosen, left_out = set(select), set(ignore)
    return frozenset(
        rule.name
        for rule in rules.values()
        if (not chosen or rule.name in chosen or rule.family in chosen)
        and not (rule.name in left_out or rule.family in left_out)
    )


def shown(report: SeedReport, rules: frozenset[str]) -> SeedReport:
    """The report with the findings of some rules only. Its verdict stays what it is."""
    return replace(report, findings=tuple(finding for finding in report.findings if finding.rule in rules))
