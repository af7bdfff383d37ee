"""What a person is asked about a seed, fix by fix, and what the answers make of it.

A sitting is one seed under decision. Each answer gives a new sitting. Nothing is written before all answers are in; then they
are one repair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from validator.repairs.edits import apply, moved
from validator.repairs.repairing import Allowed, Repaired, joined
from validator.text.findings import Applicability, Edit, Finding, Lift, SeedReport, Status

Repair = Callable[
    [bytes, Sequence[Lift], Allowed], Repaired
]  # the bytes, what was lifted before, what is to be carried out
_Place = tuple[str, str, int, int]  # of a finding: its rule, its fix, and where it is

UNCHANGED_SHOWN = 2  # lines between two changed ones that are shown although they stay as they are


class Kind(NamedTuple):
    """What makes fixes alike, so that one answer can hold for all of them."""

    source: str | None
    rule: str
    applicability: Applicability
    title: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """A seed as the answers so far leave it. `data` are the bytes as they were read, `steps` the repairs so far."""

    data: bytes
    report: SeedReport
    steps: tuple[Repaired, ...] = ()
    declined: frozenset[_Place] = frozenset()

    @property
    def current(self) -> bytes:
        """The bytes as they are now."""
        return self.steps[-1].data if self.steps else self.data

    @property
    def repaired(self) -> Repaired:
        """All steps as one repair."""
        return joined(self.data, self.steps) if self.steps else Repaired(self.data, self.report, self.report)


def kind_of(report: SeedReport, finding: Finding) -> Kind:
    """The kind of a finding that has a fix. Raises ValueError if it has none."""
    if finding.fix is None:
        raise ValueError(f"{finding.rule} has no fix")
    return Kind(report.source, finding.rule, finding.fix.applicability, finding.fix.title)


def is_question(finding: Finding) -> bool:
    """Whether there is something to decide: an open finding with a fix that can be carried out."""
    return (
        finding.status is Status.OPEN and finding.fix is not None and finding.fix.applicability != Applicability.DISPLAY
    )


def questions(sitting: Sitting) -> list[Finding]:
    """What is still to be decided, in the order of the text."""
    found = (each for each in sitting.report.findings if is_question(each) and _place(each) not in sitting.declined)
    return sorted(found, key=lambda each: (each.start.offset, each.end.offset, each.rule))


def decline(sitting: Sitting, finding: Finding) -> Sitting:
    """Leave a place as it is. It is not asked about again, even if other fixes move it."""
    return replace(sitting, declined=sitting.declined | {_place(finding)})


def carry_out(sitting: Sitting, findings: Sequence[Finding], repair: Repair) -> Sitting:
    """Carry out the fixes of these findings of the sitting's report, and check the seed again.

    One that a guard rejects, or that has to wait for another, is still among the questions afterwards.
    """
    wanted = frozenset(findings)
    lifted = [lift for step in sitting.steps for lift in step.lifts]
    step = repair(sitting.current, lifted, lambda finding: finding in wanted)
    if not step.is_changed:
        return sitting
    declined = frozenset(_after(place, step) for place in sitting.declined)
    return Sitting(sitting.data, step.report, (*sitting.steps, step), declined)


def carry_out_all(
    data: bytes, report: SeedReport, findings: Sequence[Finding], repair: Repair
) -> tuple[Sitting, Repaired]:
    """Carry out the fixes of these findings of a report in as many passes as they need, and nothing else.

    Returns the sitting and the last step; if that changed nothing, its report says why. `repair` carries out one pass.
    `findings` is not empty.
    """
    sitting = Sitting(data, report)
    pending = list(findings)
    while True:
        wanted = frozenset(pending)
        lifted = [lift for step in sitting.steps for lift in step.lifts]
        step = repair(sitting.current, lifted, lambda finding, wanted=wanted: finding in wanted)  # type: ignore[misc]
        if not step.is_changed:
            return sitting, step
        sitting = Sitting(data, step.report, (*sitting.steps, step))
        carried_out = {(change.rule, change.title, change.edits) for change in step.changes}
        left = [each for each in pending if (each.rule, *_fix_of(each)) not in carried_out]
        places = {_after(_place(each), step) for each in left}
        pending = [each for each in step.report.findings if is_question(each) and _place(each) in places]
        if not pending or len(sitting.steps) == len(findings):
            return sitting, step


def settled_by(repaired: Repaired, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that a repair settles: their rules find nothing more at their places."""
    left = {(each.rule, each.start.offset) for each in repaired.report.findings}
    rules = {each.rule for each in repaired.report.findings}
    return [
        each for each in findings
        if each.rule not in rules or not (each.whole or (each.rule, _after(_place(each), repaired)[2]) in left)
    ]  # fmt: skip


def _fix_of(finding: Finding) -> tuple[str, tuple[Edit, ...]]:
    return (finding.fix.title, finding.fix.edits) if finding.fix is not None else ("", ())


def _place(finding: Finding) -> _Place:
    title = finding.fix.title if finding.fix is not None else ""
    return finding.rule, title, finding.start.offset, finding.end.offset


def _after(place: _Place, step: Repaired) -> _Place:
    rule, title, start, end = place
    for number in sorted({change.number for change in step.changes}):
        edits = [edit for change in step.changes if change.number == number for edit in change.edits]
        start, end = moved(start, edits), moved(end, edits)
    return rule, title, start, end


# --- before and after -------------------------------------------------------------------------------------------------


class Piece(NamedTuple):
    """A part of a line, which stays or is changed."""

    text: str
    is_changed: bool


class Line(NamedTuple):
    """A line with its number, from 1, without its LF."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        """Whether something in it is."""
        return any(piece.is_changed for piece in self.pieces)


class Passage(NamedTuple):
    """The lines that edits change, before and after. After is empty if whole lines are deleted."""

    before: tuple[Line, ...]
    after: tuple[Line, ...]


def passage(text: str, edits: Sequence[Edit]) -> Passage:
    """What edits do to a text, line by line. Lines break at LF only. Raises ValueError where edits overlap."""
    apply(text, edits)
    ordered = sorted(edits, key=lambda each: (each.start, each.end))
    if not ordered:
        return Passage((), ())
    start = text.rfind("\n", 0, ordered[0].start) + 1
    end = text.find("\n", max(edit.end for edit in ordered))
    end = len(text) if end < 0 else end
    before: list[Piece] = []
    after: list[Piece] = []
    at = start
    for edit in ordered:
        kept = Piece(text[at : edit.start], False)
        old = text[edit.start : edit.end]
        before += [kept, Piece(old, True)]
        # Where whole lines go, the line that moves up is not changed.
        begins = edit.start == 0 or text[edit.start - 1] == "\n"
        is_whole = begins and old.endswith("\n") and not edit.replacement
        after += [kept, Piece(edit.replacement, not is_whole)]
        at = edit.end
    before.append(Piece(text[at:end], False))
    after.append(Piece(text[at:end], False))
    number = text.count("\n", 0, start) + 1
    return Passage(_shown(_lines(before, number)), _shown(_lines(after, number)))


def _lines(pieces: Sequence[Piece], number: int) -> list[Line]:
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        for count, part in enumerate(piece.text.split("\n")):
            if count:
                if piece.is_changed:
                    lines[-1].append(Piece("\n", True))
                lines.append([])
            if part or (piece.is_changed and not piece.text):
                lines[-1].append(Piece(part, piece.is_changed))
    return [Line(number + count, tuple(line)) for count, line in enumerate(lines)]


def _shown(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Those that change, and the few between two that do."""
    changed = [at for at, line in enumerate(lines) if line.is_changed]
    near = {at for first, last in pairwise(changed) if last - first <= UNCHANGED_SHOWN + 1 for at in range(first, last)}
    return tuple(lines[at] for at in sorted(near.union(changed)))
