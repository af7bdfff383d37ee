"""Rules about repairs: one that was tried and not carried out, one that would be committed without its record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found, said_of_seed
from validator.text.findings import Severity

if TYPE_CHECKING:
    from validator.rules.views import Attempt, Staging


@rule(severity=Severity.ERROR)
def repair_rejected(attempt: Attempt) -> Iterator[Found]:
    """A repair failed a guard. The seed was left as it was.

    Each repair is checked before it is written: a safe one may change only whitespace, line ends, a byte-order mark, quotation
    marks and apostrophes; front matter must read as before; no new error may appear. A repair that fails is a fault of a rule.

    Bad [rejected=final-newline]: The repair of this line would have changed a word.\n
    Good: The repair of this line changes no word.\n

    Does not handle: faults of the machine while a file is written, which are printed to standard error.

    Next: report it, with the seed if you may; it is a fault of the program.
    """
    for names, guard in attempt.rejections:
        yield said_of_seed(f"the repair by {names} was not carried out: {guard}")


@rule(severity=Severity.ERROR)
def repair_cycle(attempt: Attempt) -> Iterator[Found]:
    """Fixes undo each other, or never come to an end. The seed was left as it was.

    Two rules each take the other's fix for a defect. Only a person can decide which of them is right.

    Bad [cycle=mixed-quotes]: The fixes of this line undo each other.\n
    Good: The fixes of this line come to an end.\n

    Does not handle: fixes that only wait for one another; there are ten passes.

    Next: repair with --ignore for one of the named rules, and report it.
    """
    if attempt.cycle:
        yield said_of_seed(f"the fixes of {attempt.cycle} never come to an end")


@rule(severity=Severity.ERROR)
def event_unstaged(staging: Staging) -> Iterator[Found]:
    """A seed is staged as a repair left it, but the record of that repair is not staged.

    The commit would have other bytes than were captured, without the event that says what was changed and why, and without
    the original to go back to.

    Bad [unstaged=git add -- .validator/events/a.txt.jsonl]: The editor's note.\n
    Good [source=plain-text]: The editor's note.\n

    Does not handle: an original that is lost on the disk too (`validator verify`); an event that a program which runs hooks
    has put away, if the repair changed letters or the seed is as it was at an earlier time.

    Next: run the `git add` in the message, then commit again.
    """
    if staging.command:
        yield said_of_seed(f"the record of its repair is not staged with it: {staging.command}")
