"""A curator's desk: one seed at a time as it lies on disk, each decision written at once, and taken back as surely.

Nothing here decides how a seed is mended or what a sidecar says: that is `mending` and `sidecars`. What is written goes through
`preservation` (a seed, with its event) or takes the place of a sidecar only if that is still what was shown. A decision names the
version of the seed that it was made on; where that is no longer what lies on disk, nothing is written.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from validator.archive import Archive, claim_for, judge, judge_in_worker, open_in_worker, read_sidecars, use_in_process
from validator.deciding import Kind, is_question, kind_of
from validator.decoding import decode
from validator.engine import check_seed
from validator.errors import ConfigError
from validator.files import (
    SIDECAR_SUFFIX,
    Seed,
    Unread,
    held,
    read_seed,
    sidecars_for,
    system_reason,
    today,
    write_atomically,
)
from validator.findings import Applicability, Finding, SeedReport, Severity, Status, Verdict
from validator.frozen import dataclass, field
from validator.mending import Repaired, repair_seed
from validator.preservation import (
    Agent,
    PreservationError,
    clear_litter,
    name_in_records,
    new_run,
    records_root,
    sidecar_of,
    sidecar_with_lifts,
    undo,
    write_repair,
)
from validator.rules import RULES
from validator.runner import run
from validator.sidecars import LIMIT_BYTES, SidecarError, accept, attest, read_sidecar

Identity = tuple[str, str]  # of a finding in its seed: its rule and its fingerprint


class DeskError(Exception):
    """A decision that was not carried out; the text says why, and nothing was written."""


class StaleError(DeskError):
    """The seed or a sidecar of it is no longer what the decision was made on."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One seed as it lies on disk: its text, what is found in it, and the version that a decision about it names.

    `version` is a digest of the seed and of every sidecar that speaks of it. `text` is empty where it could not be decoded.
    """

    seed: Seed
    data: bytes
    text: str
    sidecar: bytes | None
    report: SeedReport
    version: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A seed of the queue. `decisions` counts, rule by rule, what a person has to decide."""

    name: str
    source: str | None
    verdict: Verdict
    decisions: dict[str, int]
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mended:
    """A seed that was written, with what it takes to write it again."""

    seed: Seed
    run: str
    read: bytes
    repaired: Repaired
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class _Said:
    """A sidecar that was written; None where there was none."""

    path: Path
    seed: Seed
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: what it is called, and what it wrote. `names` are the seeds that it was about."""

    title: str
    written: tuple[_Mended | _Said, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The seeds whose files were written."""
        return tuple(each.seed.name for each in self.written)


@dataclass(slots=True)
class Desk:
    """The decisions of one sitting on an archive: what was done can be undone, and done again. `by` is the curator."""

    archive: Archive
    by: str
    version: str  # of the program, for the events
    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)


def needs_decision(finding: Finding) -> bool:
    """Whether a person has to decide on a finding: an open error or warning that no safe repair mends."""
    is_safe = finding.fix is not None and finding.fix.applicability is Applicability.SAFE
    return finding.status is Status.OPEN and finding.severity is not Severity.INFO and not is_safe


def identity_of(finding: Finding) -> Identity:
    """What a finding is called in a decision."""
    return finding.rule, finding.fingerprint


# --- looking ----------------------------------------------------------------------------------------------------------


def queue(archive: Archive, seeds: Sequence[Seed], jobs: int | None = None) -> Iterator[Entry | None]:
    """The seeds that need a decision, in the order of their names; None for each one that needs none, so that it is counted."""
    use_in_process(archive)
    for report in run(seeds, judge_in_worker, jobs, open_in_worker, (archive.request,)):
        yield entry_of(report)


def entry_of(report: SeedReport) -> Entry | None:
    """What the queue says of a seed; None where nothing is to be decided."""
    wanted = [finding for finding in report.findings if needs_decision(finding)]
    if report.verdict is None or not (wanted or report.verdict is Verdict.UNCHECKED):
        return None
    counts: dict[str, int] = {}
    for finding in wanted:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    kinds = dict.fromkeys(kind_of(report, finding) for finding in wanted if is_question(finding))
    return Entry(report.path, report.source, report.verdict, counts, tuple(kinds))


def sheet(desk: Desk, seed: Seed) -> Sheet:
    """A seed as it lies on disk now. Raises DeskError where it cannot be read."""
    archive = desk.archive
    archive.folders.clear()  # somebody may have changed them
    content = read_seed(seed, archive.settings.limit_bytes)
    if isinstance(content, Unread):
        raise DeskError(content.message)
    try:
        sidecar = sidecar_of(seed)
    except PreservationError as error:
        raise DeskError(str(error)) from None
    decoded = decode(content)
    report = judge(archive, seed, content)
    text = decoded.text if decoded.encoding is not None else ""
    return Sheet(seed, content, text, sidecar, report, _version(archive, seed, content))


def _version(archive: Archive, seed: Seed, content: bytes) -> str:
    digest = hashlib.sha256(hashlib.sha256(content).digest())
    for name, sidecar in sidecars_for(seed.path, archive.root):
        what = sidecar if isinstance(sidecar, bytes) else sidecar.message.encode("utf-8", "surrogatepass")
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(what).digest())
    return digest.hexdigest()


def _as_shown(desk: Desk, seed: Seed, version: str) -> Sheet:
    found = sheet(desk, seed)
    if found.version != version:
        raise StaleError("the seed, or a sidecar of it, has changed on disk since it was shown; look at it again")
    return found


# --- deciding ---------------------------------------------------------------------------------------------------------


def carry_out(desk: Desk, seed: Seed, version: str, findings: Collection[Identity]) -> Step:
    """Carry out the fixes of some findings of a seed. Raises DeskError, and then nothing is written."""
    shown = _as_shown(desk, seed, version)
    mended = _mend(desk, shown, findings, new_run(datetime.now(UTC)))
    titles = dict.fromkeys(f"{change.rule}: {change.title}" for change in mended.repaired.changes)
    return _done(desk, Step("; ".join(titles), (mended,)))


def carry_out_alike(desk: Desk, kind: Kind, versions: Sequence[tuple[Seed, str]]) -> tuple[Step, dict[str, str]]:
    """Carry out all fixes of a kind in some seeds, each as it was shown; the step, and why seeds were left out, by name.

    Raises DeskError where all of them were.
    """
    at = new_run(datetime.now(UTC))
    written: list[_Mended | _Said] = []
    left: dict[str, str] = {}
    for seed, version in versions:
        try:
            shown = _as_shown(desk, seed, version)
            wanted = {
                identity_of(finding)
                for finding in shown.report.findings
                if is_question(finding) and kind_of(shown.report, finding) == kind
            }
            written.append(_mend(desk, shown, wanted, at))
        except DeskError as error:
            left[seed.name] = str(error)
    if not written:
        raise DeskError("; ".join(dict.fromkeys(left.values())) or "there is nothing like it any more")
    return _done(desk, Step(f"{kind.rule}: {kind.title}, in {len(written):,} seeds", tuple(written))), left


def leave(
    desk: Desk, seed: Seed, version: str, findings: Collection[Identity], reason: str, until: date | None = None
) -> Step:
    """Accept findings, with a reason: they are right to stay. Raises DeskError, and then nothing is written."""
    shown = _as_shown(desk, seed, version)
    wanted = [finding for finding in shown.report.findings if identity_of(finding) in findings]
    wanted = [finding for finding in wanted if finding.status is Status.OPEN]
    if not wanted:
        raise DeskError("there is no such open finding any more")
    keys = dict.fromkeys((finding.rule, finding.key) for finding in wanted)

    def write(text: str) -> str:
        for rule, key in keys:
            text = accept(text, rule, reason=reason, by=desk.by, on=today(), finding=key, until=until)
        return text

    rules = ", ".join(dict.fromkeys(rule for rule, _ in keys))
    return _done(desk, Step(f"accepted {rules}", (_say(shown, write),)))


def vouch(
    desk: Desk,
    seed: Seed,
    version: str,
    name: str,
    value: str | tuple[str, ...],
    basis: str,
    replaces: str | None = None,
) -> Step:
    """Attest a value of the record. Raises DeskError, and then nothing is written."""
    shown = _as_shown(desk, seed, version)

    def write(text: str) -> str:
        return attest(text, name, value, basis=basis, by=desk.by, on=today(), replaces=replaces)

    said = value if isinstance(value, str) else ", ".join(value)
    return _done(desk, Step(f"{name}: {said}", (_say(shown, write),)))


def checked_value(
    desk: Desk, found: Sheet, name: str, value: str | tuple[str, ...], replaces: str | None = None
) -> SeedReport:
    """What would be said of a seed if a value were attested; nothing is written. Raises DeskError where it is none."""
    try:
        text = attest(_own(found), name, value, basis="-", by=desk.by, on=today(), replaces=replaces)
    except SidecarError as error:
        raise DeskError(str(error)) from None
    archive = desk.archive
    mine = read_sidecar(text, found.seed.name + SIDECAR_SUFFIX, found.seed.path.name, RULES)
    others = [each for each in read_sidecars(archive, found.seed) if each.name != mine.name]
    return check_seed(
        found.data, archive.sources, path=found.seed.name, claim=claim_for(archive, found.seed.name),
        sidecars=[mine, *others], today=archive.request.today,
    )  # fmt: skip


def _mend(desk: Desk, shown: Sheet, findings: Collection[Identity], at: str) -> _Mended:
    archive, seed = desk.archive, shown.seed
    repaired = repair_seed(
        shown.data, archive.sources, path=seed.name, claim=claim_for(archive, seed.name),
        sidecars=read_sidecars(archive, seed), today=archive.request.today, unsafe=True,
        allowed=lambda finding: identity_of(finding) in findings,
    )  # fmt: skip
    if not repaired.is_changed:
        said = [finding.message for finding in repaired.report.findings if finding.rule.startswith("repair-")]
        raise DeskError("; ".join(said) or "there is no such open proposal any more")
    after = shown.sidecar
    if repaired.lifts:
        try:
            after = sidecar_with_lifts(_own(shown), repaired.lifts, desk.by, today()).encode()
        except SidecarError as error:
            raise DeskError(str(error)) from None
    mended = _Mended(seed, at, shown.data, repaired, shown.sidecar, after)
    _write(desk, mended)
    return mended


def _write(desk: Desk, mended: _Mended) -> None:
    """Write a seed as `validator repair` does. Raises DeskError, and then nothing is written."""
    agent = Agent(desk.version, desk.archive.schemas_sha256, desk.by)
    try:
        write_repair(
            records_root(desk.archive.root, mended.seed.path), mended.seed, mended.read, mended.repaired, mended.before,
            mended.after, run=mended.run, agent=agent, now=datetime.now(UTC),
        )  # fmt: skip
    except PreservationError as error:
        raise DeskError(str(error)) from None


def _own(found: Sheet) -> str:
    try:
        return (found.sidecar or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise DeskError("the sidecar is not UTF-8") from None


def _say(found: Sheet, write: Callable[[str], str]) -> _Said:
    try:
        after = write(_own(found)).encode("utf-8")
    except SidecarError as error:
        raise DeskError(str(error)) from None
    except UnicodeEncodeError:
        raise DeskError("what is to be written is not UTF-8") from None
    said = _Said(found.seed.path.with_name(found.seed.path.name + SIDECAR_SUFFIX), found.seed, found.sidecar, after)
    _exchange(said.path, said.before, said.after)
    return said


def _exchange(path: Path, before: bytes | None, after: bytes | None) -> None:
    """Let a sidecar be `after`, if it still is `before`; None where there is none. Raises DeskError otherwise."""
    try:
        with held(path.parent):
            found = read_seed(path, LIMIT_BYTES) if os.path.lexists(path) else None
            if found != before:
                raise StaleError("the sidecar has changed on disk since it was shown; look at it again")
            if after is not None:
                write_atomically(path, after)
            elif before is not None:
                path.unlink()
    except OSError as error:
        raise DeskError(f"the sidecar cannot be written: {system_reason(error)}") from None


# --- taking back, and doing again -------------------------------------------------------------------------------------


def _done(desk: Desk, step: Step) -> Step:
    desk.done.append(step)
    desk.undone.clear()
    desk.archive.folders.clear()
    return step


def take_back(desk: Desk) -> Step:
    """Undo the last decision, to the byte. Raises DeskError where a file is no longer what it left; then that file stays."""
    if not desk.done:
        raise DeskError("there is no decision to undo")
    step = desk.done[-1]
    at = new_run(datetime.now(UTC))

    def back(each: _Mended | _Said) -> None:
        if isinstance(each, _Said):
            _exchange(each.path, each.after, each.before)
            return
        root = records_root(desk.archive.root, each.seed.path)
        agent = Agent(desk.version, desk.archive.schemas_sha256, desk.by)
        try:
            name = name_in_records(root, each.seed.path)
            undo(root, name, run=at, agent=agent, now=datetime.now(UTC), of_run=each.run)
        except PreservationError as error:
            raise DeskError(str(error)) from None

    return _moved(desk, step, back, desk.done, desk.undone)


def do_again(desk: Desk) -> Step:
    """Do the decision again that was undone last. Raises DeskError where a file is no longer what it was then."""
    if not desk.undone:
        raise DeskError("there is no decision to do again")
    step = desk.undone[-1]

    def again(each: _Mended | _Said) -> None:
        if isinstance(each, _Said):
            _exchange(each.path, each.before, each.after)
        else:
            _write(desk, each)

    return _moved(desk, step, again, desk.undone, desk.done)


def _moved(
    desk: Desk, step: Step, action: Callable[[_Mended | _Said], None], origin: list[Step], target: list[Step]
) -> Step:
    """Do something for all that a step wrote, and move what of it succeeded from one pile to the other."""
    moved: list[_Mended | _Said] = []
    problem: DeskError | None = None
    for each in reversed(step.written):
        try:
            action(each)
        except DeskError as error:
            problem = problem or error
        else:
            moved.append(each)
    desk.archive.folders.clear()
    origin.pop()
    if not moved and problem is not None:
        origin.append(step)
        raise problem
    kept = tuple(each for each in step.written if each not in moved)
    if kept:
        origin.append(Step(step.title, kept))
    target.append(Step(step.title, tuple(reversed(moved))))
    if problem is not None:
        raise problem
    return target[-1]


def settle(desk: Desk, seeds: Sequence[Seed]) -> list[str]:
    """Put right what a run that was cut short has left; what was done, a line each. Raises ConfigError."""
    by_root: dict[Path, list[Seed]] = {}
    for seed in seeds:
        by_root.setdefault(records_root(desk.archive.root, seed.path), []).append(seed)
    notes: list[str] = []
    try:
        for root, members in by_root.items():
            notes += clear_litter(root, members)
    except PreservationError as error:
        raise ConfigError(str(error)) from None
    return notes
