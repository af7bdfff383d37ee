"""Findings with their fixes, and the report of a seed that holds them. Frozen, flat and picklable."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from validator.text.pickled import Pickled
from validator.text.places import Position


class Severity(StrEnum):
    """How severe a finding is, the most severe first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Applicability(StrEnum):
    """Who may apply a fix: anyone, a person who has read it, or nobody (it is only shown)."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Verdict(StrEnum):
    """What a seed is, in one word: the first that applies."""

    UNCHECKED = "unchecked"
    UNREADABLE = "unreadable"
    MALFORMED = "malformed"
    UNIDENTIFIED = "unidentified"
    INVALID = "invalid"
    VALID = "valid"


class Status(StrEnum):
    """Whether a finding counts: only open ones do."""

    OPEN = "open"
    BASELINED = "baselined"
    ACCEPTED = "accepted"


class Basis(StrEnum):
    """Where a value of the record comes from."""

    STATED = "stated"
    DERIVED = "derived"
    ASSIGNED = "assigned"
    ATTESTED = "attested"


SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity)}
APPLICABILITY_RANK = {applicability: rank for rank, applicability in enumerate(Applicability)}


@dataclass(frozen=True, slots=True)
class Edit(Pickled):
    """Replaces the code points from `start` up to `end` of the decoded text."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Lift(Pickled):
    """A value that a fix takes out of the text and into the seed's sidecar."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Fix(Pickled):
    """A titled set of edits, all or none. `recode` instead writes the same text in the named encoding."""

    applicability: Applicability
    title: str
    edits: tuple[Edit, ...] = ()
    recode: str | None = None
    lift: Lift | None = None


@dataclass(frozen=True, slots=True)
class Related(Pickled):
    """A second place that a finding is about."""

    message: str
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Finding(Pickled):
    """One defect at one place.

    `whole` marks a finding about the whole seed; its span is only where it is shown. `excerpt` is the line on which the
    finding starts, cut to at most 160 code points around it; `excerpt_column` is the column, from 1, of its first one.
    `pointer` is the JSON pointer of a front-matter value. `key` is what an acceptance of this one finding names: its
    fingerprint, or, for one about the whole seed, the digest of the seed's letters and digits. `reason` is why it was
    accepted. `places` says where each edit of the fix begins and ends; empty where there are too many. `other` is the path of
    another seed that it is about, '' without one.
    """

    rule: str
    family: str
    severity: Severity
    message: str
    start: Position
    end: Position
    fix: Fix | None = None
    pointer: str | None = None
    related: tuple[Related, ...] = ()
    fingerprint: str = ""
    key: str = ""
    status: Status = Status.OPEN
    whole: bool = False
    excerpt: str = ""
    excerpt_column: int = 1
    reason: str = ""
    places: tuple[tuple[Position, Position], ...] = ()
    other: str = ""


@dataclass(frozen=True, slots=True)
class Candidate(Pickled):
    """One of several values that places of a seed have for one field."""

    value: str
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Value(Pickled):
    """A value of the record and where it was read from; `start` and `end` are None unless it is in the text.

    `note` says where a value that is not in the text comes from: the schema, a sidecar's basis, the path.
    """

    field: str
    value: Any
    basis: Basis
    start: Position | None = None
    end: Position | None = None
    note: str = ""
    disputed: bool = False
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Extent(Pickled):
    """Where the article's text begins and ends, and how many of its characters are neither whitespace nor markup."""

    start: Position
    end: Position
    characters: int


@dataclass(frozen=True, slots=True)
class SeedReport(Pickled):
    """All that was found out about one seed.

    `verdict` is None only for an entry that is not a seed: an orphaned sidecar. `record` maps field names to values ready for
    JSON; `values` says of each where it was read. Unknown values (the encoding of an unread seed) are None. `layout` is the
    layout by which the seed was read: '' is the source as written, None a source without layouts. `sighting` says from which
    places its values were read, for `sources.drift`; it is in no report. `traits` are what the seed is recognised by among others
    (`record.traits.Traits`), and `pairs` the seed beside others that findings name (`across.pairs.Pair`), if that was asked for.
    """

    path: str
    source: str | None
    verdict: Verdict | None
    evidence: tuple[str, ...] = ()
    encoding: str | None = None
    sha256: str | None = None
    record: dict[str, Any] = field(default_factory=dict)
    values: tuple[Value, ...] = ()
    body: Extent | None = None
    findings: tuple[Finding, ...] = ()
    fault: str | None = None  # of an unchecked seed: what went wrong in the program
    layout: str | None = None
    sighting: bytes = field(default=b"", repr=False)
    traits: Any = field(default=None, repr=False)
    pairs: tuple[Any, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Totals(Pickled):
    """The sums of a run; `findings` counts open ones by severity, `fixable` open ones by the applicability of their fix."""

    seeds: int
    verdicts: dict[str, int]
    findings: dict[str, int]
    accepted: int
    baselined: int
    fixable: dict[str, int]
    by_rule: dict[str, int]
    sourceless: int = 0  # open findings with a fix that is only shown, because no source is known for the seed
    safe_by_rule: dict[str, int] = field(default_factory=dict)  # open findings with a safe fix
    proposed_by_rule: dict[str, int] = field(default_factory=dict)  # and with a proposal
