"""What a rule may look at: one view of a seed, and nothing else. What it yields: Found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from validator.text.findings import Applicability, Edit, Fix, Severity
from validator.text.patterns import late
from validator.text.places import WHITESPACE, Normal, Span, inside

if TYPE_CHECKING:
    from validator.parsing.decoding import Decoded
    from validator.parsing.front_matter import FrontMatter
    from validator.record.model import Contradiction, Disagreement, Left, Reading, Record
    from validator.record.sidecar import Acceptance, Wrong
    from validator.sources.identify import Match
    from validator.sources.model import Policy
    from validator.sources.schema_errors import Problem


class Found(NamedTuple):
    """What a rule yields: one defect at one place, in offsets of the text as found.

    `whole` marks a defect of the whole seed. `severity` is given only if a source schema sets it for one entry. `other` is the
    path of another seed that it is about. The engine adds everything else of a finding.
    """

    span: Span
    message: str
    fix: Fix | None = None
    pointer: str | None = None
    related: tuple[tuple[str, Span], ...] = ()
    whole: bool = False
    severity: Severity | None = None
    other: str = ""


def replaced(span: Span, replacement: str, title: str, applicability: Applicability = Applicability.UNSAFE) -> Fix:
    """A fix of one edit: something else instead of a span, or nothing."""
    return Fix(applicability, title, (Edit(*span, replacement),))


def said_of_seed(message: str, severity: Severity | None = None) -> Found:
    """What is wrong with the whole seed."""
    return Found(Span(0, 0), message, whole=True, severity=severity)


def said_of(reading: Reading, message: str, severity: Severity | None = None) -> Found:
    """What is wrong with a value of the record, at its place in the text if it has one."""
    return Found(
        reading.span or Span(0, 0), message, pointer=reading.pointer, whole=reading.span is None, severity=severity
    )


LOOKS_LIKE = "this looks like one"
"""How the message begins at a place that looks like a missing value."""


class Unread(NamedTuple):
    """A seed that was not read: which rule says so, and why."""

    rule: str
    message: str


class Raw(NamedTuple):
    """The bytes and what decoding gave."""

    data: bytes
    decoded: Decoded
    policy: Policy
    languages: tuple[str, ...] = ()  # that the seed itself names

    @property
    def is_other(self) -> bool:
        """Whether the bytes are something else than UTF-8."""
        return self.decoded.encoding != "utf-8"


class Text(NamedTuple):
    """The whole decoded text. `verbatim` are spans in which whitespace is content: code, `<pre>`, block scalars.

    What a rule finds in `apart` is dropped, unless the rule is declared as one that looks everywhere.
    """

    text: str
    normal: Normal
    policy: Policy
    front_matter: Span | None = None  # with both fences
    verbatim: tuple[Span, ...] = ()
    residue: tuple[Span, ...] = ()
    apart: tuple[tuple[int, int], ...] = ()  # markup and code: what rules about text do not look at
    is_open: bool = False  # the text ends inside a tag, a comment or an element in which whitespace is content
    languages: tuple[str, ...] = ()  # that the seed itself names


class Comment(NamedTuple):
    """A YAML comment after a value without quotation marks. `is_text` says that the record reads a text at this key."""

    pointer: str
    value: str
    text: str
    span: Span
    is_text: bool


class Fields(NamedTuple):
    """The front matter as it was read, and how it differs from the source's JSON Schema.

    The spans in `front_matter` are in the normal text. It is None if the seed has none.
    """

    front_matter: FrontMatter | None
    problems: tuple[tuple[Problem, Span], ...]
    duplicates: tuple[tuple[str, Span, Span], ...]
    problem: tuple[str, Span] | None
    comments: tuple[Comment, ...] = ()
    respelt: tuple[str, str] | None = None  # the pointer of a date that the record can read, and its ISO 8601 spelling


class Body(NamedTuple):
    """The article: `masked` is as long as the text and holds only the article's characters, headline included.

    Inline markup is NUL there; everything else that is not the article is LF.
    """

    text: str
    masked: str
    policy: Policy
    headline: Span | None = None
    quoted_scalar: str | None = None  # the YAML style of a headline in front matter, None for plain text
    languages: tuple[str, ...] = ()  # that the seed itself names

    def in_headline(self, span: Span) -> bool:
        """Whether a span lies inside the headline."""
        return self.headline is not None and self.headline.holds(span)


class Values(NamedTuple):
    """The record, what the source requires of it, and the day on which the seed is judged."""

    record: Record
    required: dict[str, Severity]
    today: date | None
    missing: tuple[str, ...] = ()  # the fields that are required and have no value
    misspelt: Mapping[str, str] = MappingProxyType({})  # by field: what an unknown key looks like
    is_page: bool = False  # the values were read from HTML, their character references decoded
    lookalikes: Mapping[str, Sequence[tuple[Span, int, str]]] = MappingProxyType({})  # by field: span, line and text
    date_forms: tuple[str, ...] = ()  # how the source may write a date, as examples


class Agreements(NamedTuple):
    """The places that must agree and do not, and the article with the date that the seed states.

    `languages` are the seed's own ones, else its source's; `language` is where the record has its language from.
    """

    disagreements: tuple[Disagreement, ...]
    text: str
    body: str  # the article's mask
    date: Span | None = None
    languages: tuple[str, ...] = ()
    language: Reading | None = None

    @property
    def masked(self) -> str:
        """The article's mask, with the line of the date up to its end: it is no part of the body, and may state a weekday."""
        if self.date is None:
            return self.body
        start, end = self.text.rfind("\n", 0, self.date.start) + 1, self.date.end
        return self.body[:start] + self.text[start:end] + self.body[end:]


class Residues(NamedTuple):
    """What the page left around the article."""

    residue: tuple[Left, ...]


class Identity(NamedTuple):
    """Which source the seed is of, and how sure that is; whether it has front matter that cannot be read."""

    match: Match
    is_unread: bool = False


class Attempt(NamedTuple):
    """A repair that was not carried out: rules and the guard they failed, or rules whose fixes never come to an end."""

    rejections: tuple[tuple[str, str], ...] = ()
    cycle: str = ""


class Staging(NamedTuple):
    """The command that stages what is missing of a repair's record; '' if nothing is."""

    command: str = ""


class Neighbour(NamedTuple):
    """Other seeds to which this one has one tie: those that share its address, its body, nearly its body, or its headline.

    `path` and `line` say where the first of them has it, `more` how many others there are. `span` is where this seed has it,
    None if that is not in its text. `disputed` are the fields of the record in which the two differ, each with this seed's value and the other's. For nearly
    the same body, `similarity` is the share of words in common, and `passages` is how the first passage in which they differ
    reads here and there.
    """

    span: Span | None
    path: str
    line: int
    more: int = 0
    disputed: tuple[tuple[str, str, str], ...] = ()
    similarity: float = 1.0
    passages: tuple[str, str] = ("", "")
    passage: Span | None = None


class Neighbours(NamedTuple):
    """The other seeds of the archive to which a seed has a tie, at most one entry for each tie."""

    address: tuple[Neighbour, ...] = ()
    body: tuple[Neighbour, ...] = ()
    near_body: tuple[Neighbour, ...] = ()
    headline: tuple[Neighbour, ...] = ()


class Attestation(NamedTuple):
    """What the sidecars say: their mistakes, what the text contradicts, acceptances that no longer hold.

    `wrong` is the mark of a seed as wrong; `is_rewritten` says that its text is no longer the one that was marked.
    """

    problems: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]
    lapsed: tuple[tuple[Acceptance, str], ...] = ()
    unused: tuple[Acceptance, ...] = ()
    orphan: str | None = None
    wrong: Wrong | None = None
    is_rewritten: bool = False


_TRAILING_BLANK = late(f"[{WHITESPACE}](\\r\\n?|\\n|\\Z)")


_BEFORE_LINE_END = re.compile(f"[{WHITESPACE}](\\r\\n?|\\n|\\Z)")


def whitespace_before_line_ends(text: Text) -> Iterator[Span]:
    """The whitespace before each line end, and before the end of the text, where it is a defect.

    Not in verbatim text, nor where it is a line break of Markdown, nor in the body of an HTML source.
    """
    found = text.text
    matter = text.front_matter
    markup = text.policy.markup
    if markup == "html" and not matter:
        return
    for match in _BEFORE_LINE_END.finditer(found, 0, matter.end if matter and markup == "html" else len(found)):
        start, end = match.start(), match.start(1)
        while start > 0 and found[start - 1] in WHITESPACE:
            start -= 1
        if inside(text.verbatim, start):
            continue
        is_in_body = not (matter and matter.holds(Span(start, end)))
        if is_in_body and markup == "markdown" and _is_line_break(found, start, end, match.end()):
            continue
        yield Span(start, end)


def _is_line_break(found: str, start: int, end: int, following: int) -> bool:
    """Whether whitespace at a line's end is a line break in Markdown: two or more spaces between two lines of text."""
    if found[start:end].strip(" ") or end - start < 2:
        return False
    if start == 0 or found[start - 1] in "\r\n":
        return False
    return found[following : following + 1] not in ("", "\r", "\n")
