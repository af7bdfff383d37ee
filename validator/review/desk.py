"""A curator's desk: seeds as they are on disk, decisions that are written at once, undo and redo.

A seed is written through `preservation`, with its event. A sidecar is replaced only if it is still the one that was shown. A
decision names the version of the seed that it was made on; if the seed on disk has another version, nothing is written.

Seeds outside of the root, symbolic links, and seeds whose sidecar is one are never written. One thread at a time uses a desk.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from validator.archive.face import named_source
from validator.archive.opening import Archive, claim_for, read_sidecars, rules_for, see
from validator.archive.reading import read_seed, system_reason, today
from validator.archive.seeds import Seed
from validator.archive.writing import held, write_atomically
from validator.engine.checking import check_seed
from validator.engine.seen import Seen
from validator.engine.selecting import shown as as_shown
from validator.parsing.decoding import decoded_as
from validator.preservation.disk import ConflictError, PreservationError, RefusedError
from validator.preservation.events import Agent
from validator.preservation.repairing import sidecar_after
from validator.preservation.settling import clear_litter
from validator.preservation.writing import (
    Action,
    name_in_records,
    new_run,
    recorded,
    records_root,
    sidecar_of,
    undo,
    write_repair,
)
from validator.record.sidecar import FOLDER_SIDECAR, LIMIT_BYTES, SIDECAR_SUFFIX, SidecarError
from validator.record.sidecar_reading import read_sidecar
from validator.record.sidecar_writing import accept, attest, name_source
from validator.repairs.deciding import carry_out_all, is_question
from validator.repairs.repairing import Allowed, Repaired, Wanted
from validator.review.beside import Beside, version_of
from validator.review.matters import (
    NOT_ACCEPTED,
    Identity,
    Look,
    identity_of,
    is_acceptable,
    look_at,
    refusal,
    safely_repaired,
)
from validator.rules import RULES
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import Lift, SeedReport, Status

_TRIES = 3  # to read a seed and its sidecars while nobody changes them
_SHEETS_KEPT = 4
_SAFE = "safe repairs"


class DeskError(Exception):
    """A decision that was not carried out; the text says why, and nothing was written."""


class StaleError(DeskError):
    """The seed or one of its sidecars has changed since the decision was made."""


class NamelessError(DeskError):
    """A decision without a name: the desk does not know who decides."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A seed as it is on disk: its text, its findings, and the version that a decision about it names.

    `version` is a digest of the seed and all its sidecars. `text` is empty if the seed could not be decoded.
    """

    seed: Seed
    data: bytes
    text: str
    sidecar: bytes | None
    look: Look
    version: str

    @property
    def report(self) -> SeedReport:
        """What was found."""
        return self.look.report

    @property
    def settled(self) -> frozenset[Identity]:
        """Findings without a safe fix that the safe repairs of others settle too."""
        return self.look.settled


class NewValue(NamedTuple):
    """A value that a curator confirms, and the value in the text that it replaces."""

    field: str
    value: str | tuple[str, ...]
    replaces: str | None = None


class Choice(NamedTuple):
    """Findings of a seed, in the version that was shown."""

    seed: Seed
    version: str
    findings: Collection[Identity] = frozenset()


@dataclass(frozen=True, slots=True)
class _Repair:
    """A seed that was written, with everything needed to write it again."""

    seed: Seed
    run: str
    read: bytes
    repaired: Repaired
    before: bytes | None
    after: bytes | None

    @property
    def name(self) -> str:
        """The seed's name."""
        return self.seed.name

    @property
    def of(self) -> tuple[str, ...]:
        """The seeds that were written."""
        return (self.seed.name,)


@dataclass(frozen=True, slots=True)
class SidecarChange:
    """A sidecar that was written; `before` is None if there was none. `of` are the seeds that a folder's sidecar is about."""

    path: Path
    before: bytes | None
    after: bytes | None
    of: tuple[str, ...]

    @property
    def name(self) -> str:
        """The seed's name, or the folder's sidecar's."""
        return self.of[0] if self.path.name != FOLDER_SIDECAR else self.path.name


Change = _Repair | SidecarChange
_Decide = Callable[[Sheet, Choice], tuple[Change, str]]  # a seed is written; what, and the title for this seed alone


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: its title, and what it wrote."""

    title: str
    written: tuple[Change, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The seeds whose files were written."""
        return tuple(name for each in self.written for name in each.of)


@dataclass(slots=True)
class Desk:
    """The decisions of one session on an archive, done and undone.

    `by` is the curator, '' until a name is given. `sheets` are the seeds shown last, by their version and that of those beside.
    """

    archive: Archive
    by: str
    version: str  # of the program, for the events
    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    beside: Beside = field(default_factory=Beside)

    @property
    def agent(self) -> Agent:
        """Who writes, for the events."""
        return Agent(self.version, self.archive.schemas_sha256, self.by)


@contextmanager
def _explained(stale: tuple[type[Exception], ...] = (ConflictError,)) -> Iterator[None]:
    """Turn errors of writing into DeskError, those that are `stale` into StaleError."""
    try:
        yield
    except stale as error:
        raise StaleError(str(error)) from None
    except (PreservationError, SidecarError, ConfigError) as error:
        raise DeskError(str(error)) from None


# --- looking ----------------------------------------------------------------------------------------------------------


def sheet(desk: Desk, seed: Seed) -> Sheet:
    """A seed as it is on disk now. Raises DeskError if it cannot be read."""
    archive = desk.archive
    for _ in range(_TRIES):
        content = read_seed(seed, archive.settings.limit_bytes)
        if isinstance(content, Unread):
            raise DeskError(content.message)
        version = version_of(archive, seed, content)
        state = version + desk.beside.state(archive, seed.name)
        if state in desk.sheets:
            return desk.sheets[state]
        with _explained(stale=()):
            sidecar = sidecar_of(seed)
        look = look_at(archive, seed, content)
        decoded = decoded_as(content, look.report.encoding)
        if version_of(archive, seed, content) != version:
            continue  # a sidecar changed between reading and judging
        text = decoded.text if decoded.encoding is not None else ""
        look = replace(look, report=desk.beside.added(archive, seed, look.report))
        desk.sheets[state] = found = Sheet(seed, content, text, sidecar, look, version)
        while len(desk.sheets) > _SHEETS_KEPT:
            desk.sheets.pop(next(iter(desk.sheets)))
        return found
    raise StaleError("a sidecar of the seed is being changed; look again")


def _as_shown(desk: Desk, seed: Seed, version: str) -> Sheet:
    """The sheet of a seed that may be written and has not changed since it was shown. Raises DeskError otherwise."""
    if not desk.by:
        raise NamelessError("say who you are first: decisions carry a name")
    why = refusal(desk.archive, seed)
    if why:
        raise DeskError(why)
    found = sheet(desk, seed)
    if found.version != version:
        raise StaleError("the seed, or a sidecar of it, has changed on disk since it was shown; look at it again")
    return found


def preview(desk: Desk, found: Sheet) -> Repaired:
    """The outcome of a seed's safe repairs; nothing is written."""
    return _repaired(desk, found, None)


def checked_values(desk: Desk, found: Sheet, values: Sequence[NewValue], source: str | None = None) -> SeedReport:
    """The report of a seed if values, or its source, were attested; nothing is written. Raises DeskError for a wrong value."""
    archive = desk.archive
    with _explained():
        text = _with_values(desk, _own(found), values, "-")
        if source is not None:
            named_source(source, "a sidecar", archive.sources)
            text = name_source(text, source)
    mine = read_sidecar(text, found.seed.name + SIDECAR_SUFFIX, found.seed.path.name, RULES)
    sidecars = [mine, *(each for each in read_sidecars(archive, found.seed) if each.name != mine.name)]
    report = check_seed(
        found.data, archive.sources, path=found.seed.name, claim=claim_for(archive, found.seed.name),
        sidecars=sidecars, today=archive.request.today,
    )  # fmt: skip

    def look(archive: Archive, seed: Seed) -> Seen | Unread:
        return see(archive, seed, found.data, sidecars) if seed.name == found.seed.name else see(archive, seed)

    return desk.beside.added(archive, found.seed, as_shown(report, rules_for(archive, found.seed.name)), look)


# --- deciding ---------------------------------------------------------------------------------------------------------
# Each decision returns its step, and why seeds were left out, by name. It raises DeskError if all seeds were left out.


def carry_out(desk: Desk, choices: Sequence[Choice], title: str = "") -> tuple[Step, dict[str, str]]:
    """Carry out the fixes of some findings. `title` is for a decision about several seeds."""
    run = new_run(datetime.now(UTC))
    return _decide(desk, choices, lambda shown, choice: _repair(desk, shown, choice.findings, run), title)


def repair_safely(desk: Desk, choices: Sequence[Choice], onto: Step | None = None) -> tuple[Step, dict[str, str]]:
    """Carry out every safe fix in some seeds, as `validator repair` does; the findings of the choices do not count.

    If `onto` is the last decision, this one is added to it: both are one step, and one run in the record.
    """
    before = onto.written if onto is not None and desk.done and desk.done[-1] is onto else ()
    run = next((each.run for each in before if isinstance(each, _Repair)), None) or new_run(datetime.now(UTC))
    step, left = _decide(desk, choices, lambda shown, _: (_repair(desk, shown, None, run)[0], _SAFE), _SAFE)
    if before:
        del desk.done[-2:]
        written = (*before, *step.written)
        step = _done(desk, Step(_titled(_SAFE, len(written)), written))
    return step, left


def accept_findings(
    desk: Desk, choices: Sequence[Choice], reason: str, until: date | None = None, title: str = ""
) -> tuple[Step, dict[str, str]]:
    """Accept findings, with a reason. `title` is for a decision about several seeds."""
    if until is not None and until < today():
        raise DeskError(f"{until} is in the past: it would not hold for a day")

    def decide(shown: Sheet, choice: Choice) -> tuple[Change, str]:
        wanted = [each for each in shown.report.findings if identity_of(each) in choice.findings]
        wanted = [each for each in wanted if each.status is Status.OPEN]
        if not wanted:
            raise DeskError("there is no such open finding any more")
        for each in wanted:
            if not is_acceptable(each):
                raise DeskError(f"{each.rule} cannot be accepted: {NOT_ACCEPTED[RULES[each.rule].view]}")
        keys = dict.fromkeys((each.rule, each.key) for each in wanted)

        def write(text: str) -> str:
            for rule, key in keys:
                text = accept(text, rule, reason=reason, by=desk.by, on=today(), finding=key, until=until)
            return text

        return _change_sidecar(shown, write), f"accepted {', '.join(dict.fromkeys(rule for rule, _ in keys))}"

    return _decide(desk, choices, decide, f"accepted {title}")


def accept_in_folder(
    desk: Desk, folder: Path, rule: str, reason: str, until: date | None, names: Sequence[str]
) -> Step:
    """Accept all findings of a rule in all seeds of a folder and below, future ones too, in one sidecar of the folder.

    `names` are the seeds that have such findings now. Raises DeskError, and then nothing is written.
    """
    if not desk.by:
        raise NamelessError("say who you are first: decisions carry a name")
    if until is not None and until < today():
        raise DeskError(f"{until} is in the past: it would not hold for a day")
    if RULES[rule].view in NOT_ACCEPTED:
        raise DeskError(f"{rule} cannot be accepted: {NOT_ACCEPTED[RULES[rule].view]}")
    root = desk.archive.root
    if Path(os.path.realpath(folder)) != Path(os.path.realpath(root)) / folder.relative_to(root):
        raise DeskError("the folder is reached through a symbolic link")
    path = folder / FOLDER_SIDECAR
    before = read_seed(path, LIMIT_BYTES) if os.path.lexists(path) else None
    if isinstance(before, Unread):
        raise DeskError(f"{FOLDER_SIDECAR}: {before.message}")
    try:
        with _explained():
            text = (before or b"").decode("utf-8")
            told = accept(text, rule, reason=reason, by=desk.by, on=today(), until=until, files=["*"])
        after = told.encode("utf-8")
    except UnicodeError:
        raise DeskError("the sidecar, or what is to be written, is not UTF-8") from None
    if after == before:
        raise DeskError("the folder's sidecar says that already")
    _exchange(path, before, after)
    return _done(desk, Step(f"accepted {rule} in a folder", (SidecarChange(path, before, after, tuple(names)),)))


def attest_values(
    desk: Desk, choice: Choice, values: Sequence[NewValue], basis: str, over: bool = False
) -> tuple[Step, dict[str, str]]:
    """Attest values of the record of a seed, on one basis. What somebody else has confirmed is replaced only with `over`."""
    texts = [(each.field, each.value if isinstance(each.value, str) else ", ".join(each.value)) for each in values]
    title = "; ".join(f"{field}: {text}" for field, text in texts)

    def write(text: str) -> str:
        if not over:
            _spare_others(desk, text, choice.seed, values)
        return _with_values(desk, text, values, basis)

    return change_sidecars(desk, [choice], write, title)


def _spare_others(desk: Desk, text: str, seed: Seed, values: Sequence[NewValue]) -> None:
    """Raise DeskError if one of the values is in place of one that somebody else has confirmed in the seed's sidecar."""
    new = {each.field: each.value for each in values}
    for each in read_sidecar(text, seed.name + SIDECAR_SUFFIX, seed.path.name, RULES).record if text else ():
        if each.by not in ("", desk.by) and each.field in new and each.value != new[each.field]:
            said = each.value if isinstance(each.value, str) else ", ".join(each.value)
            raise DeskError(f"{each.by} has confirmed {each.field} {said} ({each.basis}); say that yours replaces it")


def name_sources(desk: Desk, choices: Sequence[Choice], source: str) -> tuple[Step, dict[str, str]]:
    """Name the source of some seeds in their sidecars. Raises DeskError if there is no such source."""
    with _explained():
        named_source(source, "a sidecar", desk.archive.sources)
    return change_sidecars(desk, choices, lambda text: name_source(text, source), f"source: {source}")


def change_sidecars(
    desk: Desk, choices: Sequence[Choice], write: Callable[[str], str], title: str
) -> tuple[Step, dict[str, str]]:
    """A decision that makes the same change to the sidecar of each seed."""
    return _decide(desk, choices, lambda shown, _: (_change_sidecar(shown, write), title), title)


def _decide(desk: Desk, choices: Sequence[Choice], decide: _Decide, title: str) -> tuple[Step, dict[str, str]]:
    written: list[Change] = []
    left: dict[str, str] = {}
    kind: type[DeskError] = StaleError
    for choice in choices:
        try:
            change, own_title = decide(_as_shown(desk, choice.seed, choice.version), choice)
        except NamelessError:
            raise
        except DeskError as error:
            left[choice.seed.name] = str(error)
            kind = kind if isinstance(error, StaleError) else DeskError
        else:
            written.append(change)
            title = own_title if len(choices) == 1 else title
    if not written:
        raise kind("; ".join(dict.fromkeys(left.values())) or "there is nothing to decide on any more")
    return _done(desk, Step(_titled(title, len(written)), tuple(written))), left


def _titled(title: str, seeds: int) -> str:
    return title if seeds == 1 else f"{title}, in {seeds:,} seeds"


def _done(desk: Desk, step: Step) -> Step:
    desk.done.append(step)
    desk.undone.clear()
    return step


def _with_values(desk: Desk, text: str, values: Sequence[NewValue], basis: str) -> str:
    for each in values:
        text = attest(
            text, each.field, each.value, basis=basis, by=desk.by or "-", on=today(), replaces=each.replaces
        )  # fmt: skip
    return text


# --- writing ----------------------------------------------------------------------------------------------------------


def _repaired(desk: Desk, shown: Sheet, findings: Collection[Identity] | None) -> Repaired:
    """The outcome of some fixes, or of all safe ones (`None`). Raises DeskError if nothing can be carried out."""
    if findings is None:
        last = repaired = safely_repaired(desk.archive, shown.look)
    else:
        wanted = [each for each in shown.report.findings if is_question(each) and identity_of(each) in findings]
        if not wanted:
            raise DeskError("there is no such open proposal any more")

        # One pass at a time, and each finding at its own place: when one of several equal findings is fixed, the next one gets
        # its fingerprint, and nobody has decided on the next one.
        def carry_out_some(data: bytes, lifted: Sequence[Lift], allowed: Allowed) -> Repaired:
            return shown.look.repair(data, wanted=Wanted(True, allowed, tuple(lifted), once=True))

        sitting, last = carry_out_all(shown.data, shown.report, wanted, carry_out_some)
        repaired = sitting.repaired
    if not repaired.is_changed:
        reports = (*last.report.findings, *repaired.report.findings)
        said = [finding.message for finding in reports if finding.rule in ("repair-rejected", "repair-cycle")]
        raise DeskError("; ".join(dict.fromkeys(said)) or "there is nothing to fix any more")
    return repaired


def _repair(desk: Desk, shown: Sheet, findings: Collection[Identity] | None, run: str) -> tuple[_Repair, str]:
    repaired = _repaired(desk, shown, findings)
    with _explained():
        after = sidecar_after(shown.sidecar, repaired, desk.by, today())
    change = _Repair(shown.seed, run, shown.data, repaired, shown.sidecar, after)
    _write(desk, change)
    return change, "; ".join(dict.fromkeys(f"{each.rule}: {each.title}" for each in repaired.changes))


def _own(found: Sheet) -> str:
    try:
        return (found.sidecar or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise DeskError("the sidecar is not UTF-8") from None


def _change_sidecar(found: Sheet, write: Callable[[str], str]) -> SidecarChange:
    try:
        with _explained():
            after = write(_own(found)).encode("utf-8")
    except UnicodeEncodeError:
        raise DeskError("what is to be written is not UTF-8") from None
    if after == found.sidecar:
        raise DeskError("the sidecar says that already")
    change = SidecarChange(found.seed.sidecar, found.sidecar, after, (found.seed.name,))
    _exchange(change.path, change.before, after)
    return change


def _write(desk: Desk, change: Change) -> None:
    """Write a seed as `validator repair` does, or a sidecar. Raises DeskError, and then nothing is written."""
    if isinstance(change, SidecarChange):
        _exchange(change.path, change.before, change.after)
        return
    with _explained():
        write_repair(
            records_root(desk.archive.root, change.seed.path), change.seed, change.read, change.repaired, change.before,
            change.after, Action(change.run, desk.agent, datetime.now(UTC)),
        )  # fmt: skip


def _exchange(path: Path, before: bytes | None, after: bytes | None) -> None:
    """Replace a sidecar if it is still `before`; None means no sidecar. Raises DeskError otherwise."""
    try:
        with held(path.parent):
            if path.is_symlink():
                raise DeskError("its sidecar is a symbolic link")
            found = read_seed(path, LIMIT_BYTES) if os.path.lexists(path) else None
            if found != before:
                raise StaleError("the sidecar has changed on disk since it was shown; look at it again")
            if after is not None:
                write_atomically(path, after)
            elif before is not None:
                path.unlink()
    except OSError as error:
        raise DeskError(f"the sidecar cannot be written: {system_reason(error)}") from None


# --- undo and redo ----------------------------------------------------------------------------------------------------


def take_back(desk: Desk) -> Step:
    """Undo the last decision, to the byte. Raises DeskError for files that it leaves as they are.

    A file that has changed since (StaleError) is given up, so that earlier decisions can still be undone. Anything else can be
    tried again.
    """
    run = new_run(datetime.now(UTC))

    def back(change: Change) -> None:
        if isinstance(change, SidecarChange):
            _exchange(change.path, change.after, change.before)
            return
        root = records_root(desk.archive.root, change.seed.path)
        with _explained(stale=(ConflictError, RefusedError)):
            name = name_in_records(root, change.seed.path)
            undo(root, name, Action(run, desk.agent, datetime.now(UTC)), of_run=change.run)

    return _moved(back, desk.done, desk.undone, "undo")


def do_again(desk: Desk) -> Step:
    """Do the decision again that was undone last. Raises DeskError as `take_back` does."""
    return _moved(lambda change: _write(desk, change), desk.undone, desk.done, "do again")


def _moved(action: Callable[[Change], None], origin: list[Step], target: list[Step], what: str) -> Step:
    """Do something for everything that the last step of a pile wrote, and move what succeeded to the other pile."""
    if not origin:
        raise DeskError(f"there is no decision to {what}")
    step = origin.pop()
    moved: list[Change] = []
    again: list[Change] = []
    problems: list[str] = []
    for each in step.written:  # in any order: a seed is there only once
        try:
            action(each)
        except DeskError as error:
            problems.append(f"{each.name} stays as it is: {error}")
            if not isinstance(error, StaleError):
                again.append(each)
        else:
            moved.append(each)
    if again:
        origin.append(Step(step.title, tuple(again)))
    if moved:
        target.append(Step(step.title, tuple(moved)))
    if problems:
        raise (DeskError if again else StaleError)("; ".join(problems))
    return target[-1]


def settle(desk: Desk, seeds: Sequence[Seed]) -> list[str]:
    """Repair what interrupted runs left; what was done, a line each. Raises ConfigError."""
    root = desk.archive.root
    first: dict[Path, str] = {}
    for seed in seeds:
        first.setdefault(seed.path.parent, seed.name)
    try:
        with_events = frozenset(recorded(root))
        # One seed of each folder is enough for the rest: all of twenty thousand would take a second.
        wanted = [seed for seed in seeds if seed.name in with_events or first[seed.path.parent] == seed.name]
        return clear_litter(root, wanted)
    except PreservationError as error:
        raise ConfigError(str(error)) from None
