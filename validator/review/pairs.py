"""Two seeds that a finding names together: how they are shown side by side, and the decisions about both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from validator.across.pairs import ON_PAGE, pair_of
from validator.archive.opening import see
from validator.archive.reading import today
from validator.engine.neighbours import Side
from validator.engine.seen import Seen
from validator.record.sidecar import text_key
from validator.record.sidecar_writing import mark_wrong
from validator.reports.escaping import printable
from validator.reports.pairs import pair_entry
from validator.review.desk import (
    Choice,
    Desk,
    DeskError,
    Sheet,
    StaleError,
    Step,
    accept_findings,
    change_sidecars,
    sheet,
)
from validator.review.matters import identity_of
from validator.review.queue import key_of
from validator.review.showing import language_of
from validator.rules.views import Unread
from validator.text.findings import Finding, Status


def pair_shown(desk: Desk, one: Sheet, other: Sheet) -> dict[str, Any]:
    """Two seeds as the page shows them side by side. Raises DeskError if one of them cannot be read as text."""
    found = (_between(one, other), _between(other, one))
    return {
        "seeds": [_seed_entry(each) for each in (one, other)],
        "findings": [
            {"of": number, "severity": each.severity, "rule": each.rule, "status": each.status}
            for number, findings in enumerate(found)
            for each in findings
        ],
        "pair": pair_entry(pair_of(_side(desk, one), _side(desk, other), ON_PAGE)),
    }


def keep_both(desk: Desk, choices: Sequence[Choice], reason: str) -> tuple[Step, dict[str, str]]:
    """Accept in two seeds, as one step, the findings that name the other; and why a seed was left out.

    Raises DeskError if nothing is to be accepted, StaleError if one of the two has changed since it was shown.
    """
    one, other = (_as_shown(desk, each) for each in choices)
    named = [
        Choice(here.seed, here.version, frozenset(map(identity_of, _open_between(here, there))))
        for here, there in ((one, other), (other, one))
    ]
    wanted = [each for each in named if each.findings]
    if not wanted:
        raise DeskError("nothing is left to decide on these two")
    return accept_findings(desk, wanted, reason, title=f"both {one.seed.name} and {other.seed.name}")


def mark_as_wrong(desk: Desk, choice: Choice, reason: str) -> tuple[Step, dict[str, str]]:
    """Mark a seed as wrong. Raises DeskError as other decisions do."""
    found = _as_shown(desk, choice)
    key = text_key(_seen(desk, found).decoded.text)

    def write(text: str) -> str:
        return mark_wrong(text, reason=reason, by=desk.by, on=today(), key=key)

    return change_sidecars(desk, [choice], write, f"marked {found.seed.name} as wrong")


def _as_shown(desk: Desk, choice: Choice) -> Sheet:
    found = sheet(desk, choice.seed)
    if found.version != choice.version:
        raise StaleError(
            f"{choice.seed.name}, or a sidecar of it, has changed on disk since it was shown; look at it again"
        )
    return found


def _between(here: Sheet, there: Sheet) -> list[Finding]:
    """The findings of a seed that name another one."""
    return [each for each in here.report.findings if each.other == there.seed.name]


def _open_between(here: Sheet, there: Sheet) -> list[Finding]:
    return [each for each in _between(here, there) if each.status is Status.OPEN]


def _seed_entry(found: Sheet) -> dict[str, Any]:
    name = found.report.path
    return {
        "key": key_of(name),
        "name": printable(name),
        "version": found.version,
        "verdict": found.report.verdict,
        "language": language_of(found.report),
        "wrong": next((printable(each.message) for each in found.report.findings if each.rule == "marked-wrong"), ""),
    }


def _seen(desk: Desk, found: Sheet) -> Seen:
    seen = see(desk.archive, found.seed, found.data)
    if isinstance(seen, Unread) or seen.record is None:
        raise DeskError(f"{found.seed.name} cannot be read as text")
    return seen


def _side(desk: Desk, found: Sheet) -> Side:
    return Side(found.seed.name, _seen(desk, found))
