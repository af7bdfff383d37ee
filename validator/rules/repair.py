"""Findings about repairs: one that was tried and not carried out, one that would be committed without its record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found
from validator.text.findings import Severity
from validator.text.places import Span

if TYPE_CHECKING:
    from validator.rules.views import Attempt, Staging


@rule(severity=Severity.ERROR)
def repair_rejected(attempt: Attempt) -> Iterator[Found]:
    """A repair failed a guard. The seed was left as it was.

    Each repair is checked before it is written: nothing but blanks, line ends, a byte-order mark, quotation marks and
    apostrophes may differ after a safe one, front matter must read as before, no new error may appear. A repair that fails
    is a fault of a rule, and is never written.

    Bad [rejected=final-newline]: The repair of this line would have changed a word.\n
    Good: The repair of this line changes no word.\n

    Does not handle: faults of the machine while a file is written; those are said on standard error.

    Next: report it, with the seed if you may; it is a fault of the program.
    """
    for names, guard in attempt.rejections:
        yield Found(Span(0, 0), f"the repair by {names} was not carried out: {guard}", whole=True)


@rule(severity=Severity.ERROR)
def repair_cycle(attempt: Attempt) -> Iterator[Found]:
    """Fixes undo each other, or never come to an end. The seed was left as it was.

    Two rules that each take the other's cure for a defect would go on for ever; which of them is right, only a person can say.

    Bad [cycle=mixed-quotes]: The fixes of this line undo each other.\n
    Good: The fixes of this line come to an end.\n

    Does not handle: fixes that only wait for one another; ten passes are made.

    Next: repair with --ignore for one of the rules that are named, and report it.
    """
    if attempt.cycle:
        yield Found(Span(0, 0), f"the fixes of {attempt.cycle} never come to an end", whole=True)


@rule(severity=Severity.ERROR)
def event_unstaged(staging: Staging) -> Iterator[Found]:
    """A seed is staged as a repair left it, and the record of that repair is not staged with it.

    The commit would hold other bytes than were captured, and neither the event that says what was changed and on what ground
    nor the original that takes it back. Whoever clones it could prove nothing.

    Bad [unstaged=git add -- .validator/events/a.txt.jsonl]: The editor's note.\n
    Good [source=plain-text]: The editor's note.\n

    Does not handle: an original that is lost on the disk too (`validator verify`); an event that a program which runs hooks
    has put away, where the repair changed letters or the seed is as it was at an earlier time.

    Next: run the `git add` that is shown, then commit again.
    """
    if staging.command:
        yield Found(Span(0, 0), f"the record of its repair is not staged with it: {staging.command}", whole=True)
