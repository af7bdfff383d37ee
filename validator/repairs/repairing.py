"""Repair, as a pure function from bytes to bytes: choose edits -> apply -> check again -> verify the guards.

Each pass must pass the guards below, and so must the whole. A seed that fails one is left as it was, to the byte, with a
finding that says so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from validator.engine.checking import check_seed, said_of_attempt
from validator.parsing.decoding import decode, decoded_as, encodes_back
from validator.parsing.front_matter import FrontMatter, read_front_matter
from validator.parsing.located import value_at
from validator.record.sidecar import Attested, Sidecar
from validator.repairs.edits import MARKS, PLACE, WHITESPACE, apply, choose, folded, spans_of
from validator.rules import RULES
from validator.rules.views import Attempt
from validator.sources.identify import Claim
from validator.sources.model import Sources
from validator.text.findings import Applicability, Edit, Finding, Lift, SeedReport, Severity, Status
from validator.text.places import Normal

PASSES = 10
SOURCE = "source"  # the field of a lift that names the seed's source
LIFTED = "a repair moved it here from the text"
_CHANGEABLE = frozenset(WHITESPACE + MARKS + "\ufeff")

Allowed = Callable[[Finding], bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which fixes are carried out: the safe ones, and with `unsafe` the proposed ones; of these, what `allowed` allows.

    With `once` there is one pass: a fix that has to wait for another is left. `lifted` are values that earlier repairs of the
    seed moved to the sidecar, and that are not yet there.
    """

    unsafe: bool = False
    allowed: Allowed | None = None
    lifted: tuple[Lift, ...] = ()
    once: bool = False

    def takes(self, finding: Finding) -> bool:
        """Whether the fix of a finding is carried out."""
        if finding.fix is None or finding.status is not Status.OPEN:
            return False
        highest = (Applicability.SAFE, Applicability.UNSAFE) if self.unsafe else (Applicability.SAFE,)
        return finding.fix.applicability in highest and (self.allowed is None or self.allowed(finding))


@dataclass(frozen=True, slots=True)
class Change:
    """One fix that was carried out: the rule, its title, the edits in the text of its pass, and what they replaced.

    `old` are the replaced texts, edit by edit. `ground` is what the finding said.
    """

    number: int  # of the pass, from 1
    rule: str
    applicability: Applicability
    title: str
    ground: str
    edits: tuple[Edit, ...] = ()
    old: tuple[str, ...] = ()
    recode: tuple[str, str] | None = None
    lift: Lift | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A fix that was not carried out, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """The outcome of a repair. `data` are the seed's bytes as they should be.

    `report` is what is still found in them. `lifts` are values that go to the sidecar before the seed is written.
    """

    data: bytes
    before: SeedReport
    report: SeedReport
    changes: tuple[Change, ...] = ()
    held: tuple[Held, ...] = ()
    lifts: tuple[Lift, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether the bytes differ from what they were."""
        return bool(self.changes)


class _RejectedError(Exception):
    """A guard failed; `names` are the rules whose fixes were being carried out."""

    def __init__(self, names: str, guard: str) -> None:
        super().__init__(names, guard)
        self.names = names
        self.guard = guard


def repair_seed(
    data: bytes,
    sources: Sources,
    *,
    path: str | None = None,
    claim: Claim | None = None,
    sidecars: Sequence[Sidecar] = (),
    today: date | None = None,
    wanted: Wanted = Wanted(),
    check: Callable[..., SeedReport] = check_seed,
) -> Repaired:
    """Repair one seed. Never raises on any bytes.

    The parameters are those of `check_seed`. `check` is the check of a seed; tests of the guards replace it.
    """

    def judged(content: bytes, lifts: Sequence[Lift]) -> SeedReport:
        known = _with_lifts(sidecars, (*wanted.lifted, *lifts))
        return check(content, sources, path=path, claim=claim, sidecars=known, today=today)

    before = judged(data, ())
    try:
        content, report, changes, lifts = _to_fixpoint(data, before, judged, wanted)
        if changes:
            _guard_whole(data, content, before, report, changes)
    except _RejectedError as rejected:
        attempt = Attempt(rejections=((rejected.names, rejected.guard),))
        return Repaired(data, before, said_of_attempt(before, attempt))
    except _CycleError as cycle:
        return Repaired(data, before, said_of_attempt(before, Attempt(cycle=cycle.names)))
    left = (each for each in report.findings if each.fix is not None and each.status is Status.OPEN)
    held = tuple(Held(each, _why_held(each, report, wanted)) for each in left)
    return Repaired(content, before, report, tuple(changes), held, tuple(lifts))


def joined(data: bytes, steps: Sequence[Repaired]) -> Repaired:
    """Several repairs, each of the outcome of the one before, as one repair of `data`. The guards check it as a whole.

    `steps` is not empty. What is held back is what the last one held back.
    """
    first, last = steps[0], steps[-1]
    changes: list[Change] = []
    for step in steps:
        passes = changes[-1].number if changes else 0
        changes.extend(replace(change, number=passes + change.number) for change in step.changes)
    lifts = tuple(lift for step in steps for lift in step.lifts)
    if changes:
        try:
            _guard_whole(data, last.data, first.before, last.report, changes)
        except _RejectedError as rejected:
            attempt = Attempt(rejections=((rejected.names, rejected.guard),))
            return Repaired(data, first.before, said_of_attempt(first.before, attempt))
    return Repaired(last.data, first.before, last.report, tuple(changes), last.held, lifts)


class _CycleError(Exception):
    def __init__(self, names: str) -> None:
        super().__init__(names)
        self.names = names


def _to_fixpoint(
    data: bytes, report: SeedReport, judged: Callable[[bytes, Sequence[Lift]], SeedReport], wanted: Wanted
) -> tuple[bytes, SeedReport, list[Change], list[Lift]]:
    changes: list[Change] = []
    lifts: list[Lift] = []
    content = data
    seen = {data}
    for number in range(1, PASSES + 1):
        pending = list(filter(wanted.takes, report.findings))
        if not pending:
            return content, report, changes, lifts
        chosen, _ = choose(pending)
        names = _names(chosen or pending)
        if not chosen:
            raise _RejectedError(names, "its edits overlap one another")
        new, made = _carry_out(content, chosen, number, names, report.encoding)
        lifts.extend(change.lift for change in made if change.lift is not None)
        if new in seen:
            raise _CycleError(names)
        seen.add(new)
        following = judged(new, lifts)
        if report.source is not None and following.source != report.source:
            # The repair took out what identified the source, so the sidecar names it from now on.
            lifts.append(Lift(SOURCE, report.source))
            following = judged(new, lifts)
        _guard_pass(content, new, report, following, made, names)
        content, report = new, following
        changes.extend(made)
        if wanted.once:
            return content, report, changes, lifts
    pending = list(filter(wanted.takes, report.findings))
    if pending:
        raise _CycleError(_names(pending))
    return content, report, changes, lifts


def _names(findings: Sequence[Finding]) -> str:
    return ", ".join(sorted({finding.rule for finding in findings}))


def _carry_out(
    content: bytes, chosen: Sequence[Finding], number: int, names: str, read_in: str | None
) -> tuple[bytes, list[Change]]:
    decoded = decoded_as(content, read_in)
    encoding = decoded.encoding or "utf-8"
    made = []
    edits: list[Edit] = []
    for finding in chosen:
        fix = finding.fix
        if fix is None:
            continue
        change = Change(number, finding.rule, fix.applicability, fix.title, finding.message, fix.edits, lift=fix.lift)
        if fix.recode is not None:
            new = decoded.text.encode(fix.recode, "surrogatepass")
            if not encodes_back(decoded, content) or decode(new).text != decoded.text:
                raise _RejectedError(names, "the recoding does not give the same text")
            return new, [replace(change, recode=(encoding, fix.recode))]
        edits.extend(fix.edits)
        made.append(replace(change, old=tuple(decoded.text[edit.start : edit.end] for edit in fix.edits)))
    try:
        return apply(decoded.text, edits).encode(encoding), made
    except ValueError as error:  # overlapping edits, or a character that the encoding does not have
        raise _RejectedError(names, str(error)) from None


# --- guards -----------------------------------------------------------------------------------------------------------


def _guard_pass(
    content: bytes, new: bytes, before: SeedReport, after: SeedReport, made: Sequence[Change], names: str
) -> None:
    """Check one pass with every guard. Raises _RejectedError, naming the guard."""
    old_text, new_text = decoded_as(content, before.encoding).text, decoded_as(new, after.encoding).text
    edits = [edit for change in made for edit in change.edits]
    for change in made:
        if change.applicability is Applicability.SAFE:
            _guard_safe(change)
    if all(change.applicability is Applicability.SAFE for change in made) and folded(old_text) != folded(new_text):
        raise _RejectedError(names, "the text differs in more than whitespace, quotation marks and apostrophes")
    if not _same_outside(old_text, new_text, edits):
        raise _RejectedError(names, "the text differs outside of the edits")
    _guard_front_matter(old_text, new_text, edits, names)
    _guard_errors(before, after, made, names)


def _guard_safe(change: Change) -> None:
    """A safe edit takes away only what its rule declares, and changes nothing but what a safe repair may."""
    declared = frozenset(RULES[change.rule].replaces) if change.rule in RULES else frozenset()
    # Most of thousands of edits do the same. Each kind is checked once, in order, so that the first that fails is named.
    kinds = dict.fromkeys(zip(change.old, (edit.replacement for edit in change.edits), strict=True))
    for old, new in kinds:
        if not set(old) <= declared:
            raise _RejectedError(change.rule, f"it takes away {old[:20]!r}, which the rule does not declare")
        if not set(old) | set(new) <= _CHANGEABLE:
            raise _RejectedError(change.rule, f"it writes {new[:20]!r} for {old[:20]!r}")
        if folded(f"x{old}x") != folded(f"x{new}x") and not _at_line_end(old, new):
            raise _RejectedError(change.rule, f"it writes {new[:20]!r} for {old[:20]!r}")


def _at_line_end(old: str, new: str) -> bool:
    """Whitespace may change where the fold of the whole text, which is checked too, does not see it."""
    return not (old + new).strip(WHITESPACE + "\ufeff")


def _same_outside(old: str, new: str, edits: Sequence[Edit]) -> bool:
    old_at = new_at = 0
    for edit in sorted(edits, key=PLACE):
        kept = old[old_at : edit.start]
        if new[new_at : new_at + len(kept)] != kept:
            return False
        new_at += len(kept)
        if new[new_at : new_at + len(edit.replacement)] != edit.replacement:
            return False
        new_at += len(edit.replacement)
        old_at = edit.end
    return old[old_at:] == new[new_at:]


def _guard_front_matter(old: str, new: str, edits: Sequence[Edit], names: str) -> None:
    """Front matter still parses, to equal values where no edit touched them."""
    old_normal = Normal(old)
    before, after = read_front_matter(old_normal.text), read_front_matter(Normal(new).text)
    if before is None or before.problem is not None:
        if before is not None and after is None:
            raise _RejectedError(names, "the front matter is gone")
        return
    if after is None or after.problem is not None:
        raise _RejectedError(names, "the front matter no longer parses")
    touched = _touched(before, old_normal, edits)
    for pointer in sorted({*before.spans, *after.spans}):  # in an order that is the same each time
        if pointer in touched:
            continue
        if _content(before, pointer) != _content(after, pointer):
            raise _RejectedError(names, f"the front matter's {pointer.lstrip('/')} reads differently")


def _touched(read: FrontMatter, normal: Normal, edits: Sequence[Edit]) -> set[str]:
    out = set()
    places = spans_of(edits)
    ends = [each.end for each in places]
    for pointer, span in read.spans.items():
        found = normal.span(*span)
        for edit in islice(places, bisect_left(ends, found.start), None):
            if edit.start > found.end:
                break
            inside = edit.start == edit.end and found.start < edit.start < found.end
            if inside or found.overlaps(edit):
                out.add(pointer)
    return out


def _content(read: FrontMatter, pointer: str) -> object:
    """The text at a pointer, or what is there instead of a text."""
    value = value_at(read.values, pointer)
    return value if isinstance(value, str) else type(value)


def _guard_errors(before: SeedReport, after: SeedReport, made: Sequence[Change], names: str) -> None:
    """No rule finds more errors than before. A proposal may uncover one that a safe fix repairs: `editor&quot;s`."""
    counts = Counter(finding.rule for finding in before.findings if finding.severity is Severity.ERROR)
    errors = [each for each in after.findings if each.severity is Severity.ERROR]
    if any(change.applicability is not Applicability.SAFE for change in made):
        errors = [each for each in errors if each.fix is None or each.fix.applicability is not Applicability.SAFE]
    for rule, number in Counter(each.rule for each in errors).items():
        if number > counts[rule]:
            raise _RejectedError(names, f"it would bring a new error, {rule}")


def _guard_whole(data: bytes, content: bytes, before: SeedReport, after: SeedReport, changes: Sequence[Change]) -> None:
    """Check all passes together: each may look harmless, and the sum not be."""
    names = ", ".join(sorted({change.rule for change in changes}))
    old, new = decoded_as(data, before.encoding), decoded_as(content, after.encoding)
    if all(change.applicability is Applicability.SAFE for change in changes) and folded(old.text) != folded(new.text):
        raise _RejectedError(names, "the text differs in more than whitespace, quotation marks and apostrophes")
    _guard_errors(before, after, changes, names)


# --- what is left -----------------------------------------------------------------------------------------------------


def _why_held(finding: Finding, report: SeedReport, wanted: Wanted) -> str:
    if report.source is None:
        return "no source is known for the seed; name it with --source, in a sidecar or in the configuration"
    if finding.fix is not None and finding.fix.applicability is Applicability.DISPLAY:
        return "only shown, for you to carry out"
    if wanted.allowed is not None and not wanted.allowed(finding):
        return "not selected"
    return "waiting for another fix" if wanted.unsafe else "for you to decide on (--unsafe)"


def _with_lifts(sidecars: Sequence[Sidecar], lifts: Sequence[Lift]) -> Sequence[Sidecar]:
    """The sidecars as they will be once values have been lifted into the nearest."""
    if not lifts:
        return sidecars
    attested = tuple(
        Attested(lift.field, lift.value, LIFTED, "", None, None, "the repair") for lift in lifts if lift.field != SOURCE
    )
    source = next((lift.value for lift in lifts if lift.field == SOURCE), None)
    return (Sidecar("", source, attested), *sidecars)
