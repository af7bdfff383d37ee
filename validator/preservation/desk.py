"""A curator's desk: one seed at a time as it lies on disk, each decision written at once, and taken back as surely.

Nothing here decides how a seed is mended or what a sidecar says: that is `mending` and `sidecars`. What is written goes through
`preservation` (a seed, with its event) or takes the place of a sidecar only if that is still what was shown. A decision names the
version of the seed that it was made on; where that is no longer what lies on disk, nothing is written.

Not handled: seeds outside of the root, symbolic links, and sidecars that are one. They are shown, and never written to. A desk is
for one thread at a time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from validator.archive.discovery import (
    SIDECAR_SUFFIX,
    FolderSidecars,
    Seed,
    held,
    read_seed,
    sidecars_for,
    system_reason,
    today,
    write_atomically,
)
from validator.archive.face import named_source
from validator.archive.opening import (
    Archive,
    claim_for,
    judge,
    open_in_worker,
    opened_in_worker,
    read_sidecars,
    rules_for,
    use_in_process,
)
from validator.archive.runner import run
from validator.engine.checking import check_seed
from validator.engine.selecting import shown as as_shown
from validator.parsing.decoding import decoded_as
from validator.preservation import (
    Agent,
    ConflictError,
    PreservationError,
    RefusedError,
    clear_litter,
    name_in_records,
    new_run,
    recorded,
    records_root,
    sidecar_of,
    sidecar_with_lifts,
    undo,
    write_repair,
)
from validator.record.sidecar_reading import LIMIT_BYTES, SidecarError, accept, attest, name_source, read_sidecar
from validator.repairs.deciding import carry_out_all, is_question, settled_by
from validator.repairs.repairing import Allowed, Repaired, repair_seed
from validator.rules import RULES
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import SEVERITY_RANK, Applicability, Finding, Lift, SeedReport, Severity, Status, Verdict

_TRIES = 3  # to read a seed and its sidecars while nobody changes them
_SHEETS_KEPT = 4
_SAFE = "safe repairs"

Identity = tuple[str, str]  # of a finding in its seed: its rule and its fingerprint

# Views whose rules find what nobody can accept, and why.
NOT_ACCEPTED = {
    "Unread": "nothing is known of a seed that was not read",
    "Attestation": "it is about the sidecar itself; mend that",
}


class DeskError(Exception):
    """A decision that was not carried out; the text says why, and nothing was written."""


class StaleError(DeskError):
    """The seed or a sidecar of it is no longer what the decision was made on."""


class NamelessError(DeskError):
    """A decision by nobody: the desk has not been told who decides."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One seed as it lies on disk: its text, what is found in it, and the version that a decision about it names.

    `version` is a digest of the seed and of every sidecar that speaks of it. `text` is empty where it could not be decoded.
    `settled` are findings that its safe repairs would settle, though none is about them.
    """

    seed: Seed
    data: bytes
    text: str
    sidecar: bytes | None
    report: SeedReport
    version: str
    settled: frozenset[Identity] = frozenset()


class Matter(NamedTuple):
    """What is to be decided of a seed, findings that are alike together; `title` is that of their fix, '' without one."""

    severity: Severity
    rule: str
    title: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What the queue says of a seed. `matters` are what a person has to decide, gravest first; `safe` counts safe fixes.

    `refused` says why nothing can be decided about it here, '' where something can. `is_touched` says whether somebody has
    decided something about it before: it has a sidecar of its own, or an event.
    """

    name: str
    source: str | None
    verdict: Verdict
    matters: tuple[Matter, ...] = ()
    safe: int = 0
    refused: str = ""
    is_touched: bool = False

    @property
    def is_open(self) -> bool:
        """Whether there is something to decide that can be decided here."""
        return bool(self.matters) and not self.refused


class Vouched(NamedTuple):
    """A value that a curator vouches for, and the value in the text that it stands in for."""

    field: str
    value: str | tuple[str, ...]
    replaces: str | None = None


class Choice(NamedTuple):
    """Findings of one seed, as it was shown in a version."""

    seed: Seed
    version: str
    findings: frozenset[Identity] = frozenset()


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
    """The decisions of one sitting on an archive: what was done can be undone, and done again.

    `by` is the curator, '' as long as nobody has said. `sheets` are those shown last, by their versions.
    """

    archive: Archive
    by: str
    version: str  # of the program, for the events
    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)
    sheets: dict[str, Sheet] = field(default_factory=dict)


def needs_decision(finding: Finding, settled: Collection[Identity] = ()) -> bool:
    """Whether a person has to decide on a finding: an open error or warning that no safe repair fixes, or settles with others."""
    is_open = finding.status is Status.OPEN and finding.severity is not Severity.INFO and not is_safe(finding)
    return is_open and identity_of(finding) not in settled


def is_safe(finding: Finding) -> bool:
    """Whether a safe repair mends it."""
    return finding.fix is not None and finding.fix.applicability is Applicability.SAFE


def is_acceptable(finding: Finding) -> bool:
    """Whether somebody may say that an open finding is right to stay."""
    known = RULES.get(finding.rule)
    return finding.status is Status.OPEN and (known is None or known.view not in NOT_ACCEPTED)


def identity_of(finding: Finding) -> Identity:
    """What a finding is called in a decision."""
    return finding.rule, finding.fingerprint


def title_of(finding: Finding) -> str:
    """What a proposal comes to, '' where there is none that could be carried out."""
    return finding.fix.title if finding.fix is not None and is_question(finding) else ""


# --- looking ----------------------------------------------------------------------------------------------------------


def survey(archive: Archive, seeds: Sequence[Seed], jobs: int | None = None) -> Iterator[Entry]:
    """What the queue says of each seed, in the order of the seeds; those of which nothing is to be decided too."""
    archive = replace(archive, folders=FolderSidecars())  # nobody else's, who may clear it meanwhile
    use_in_process(archive)
    try:
        with_events = frozenset(recorded(archive.root))
    except PreservationError as error:
        raise ConfigError(str(error)) from None
    jobs = archive.settings.jobs if jobs is None else jobs
    looks = run(seeds, _look_in_worker, jobs, open_in_worker, (archive.request,), limit_seconds=archive.limit_seconds)
    for seed, look in zip(seeds, looks, strict=True):
        entry = entry_of(look) if isinstance(look, SeedReport) else look
        is_touched = seed.name in with_events or has_sidecar(seed)
        yield replace(entry, refused=refusal(archive, seed) or entry.refused, is_touched=is_touched)


def _look_in_worker(seed: Seed) -> Entry:
    """What the queue says of a seed, in a process in which `open_in_worker` was called."""
    archive = opened_in_worker()
    content = read_seed(seed, archive.settings.limit_bytes)
    report = judge(archive, seed, content)
    return entry_of(report, settled=() if isinstance(content, Unread) else _settled(archive, seed, content, report))


def _settled(archive: Archive, seed: Seed, content: bytes, report: SeedReport) -> frozenset[Identity]:
    """The findings that need a decision now and would not once the safe repairs of the seed are carried out."""
    asked = [each for each in report.findings if needs_decision(each)]
    if not asked or not any(is_safe(each) and each.status is Status.OPEN for each in report.findings):
        return frozenset()
    settled = settled_by(_safely_repaired(archive, seed, content), asked)
    left = [
        each for each in asked if each not in settled
    ]  # findings that are equal have one name: rather ask once too often
    return frozenset(map(identity_of, settled)).difference(map(identity_of, left))


def has_sidecar(seed: Seed) -> bool:
    """Whether a sidecar stands beside a seed."""
    return os.path.lexists(f"{seed.path}{SIDECAR_SUFFIX}")


def refusal(archive: Archive, seed: Seed) -> str:
    """Why nothing is written for a seed; '' where it may be."""
    if seed.unread is not None:
        return seed.unread.message
    root, folder = os.path.realpath(archive.root), str(seed.path.parent)
    if os.path.realpath(folder) != folder or not f"{folder}/".startswith(f"{root.rstrip('/')}/"):
        return "it lies outside of the archive"
    if seed.path.is_symlink():
        return "it is a symbolic link; decide on the seed that it leads to"
    if Path(f"{seed.path}{SIDECAR_SUFFIX}").is_symlink():
        return "its sidecar is a symbolic link"
    return ""


def entry_of(
    report: SeedReport, refused: str = "", is_touched: bool = False, settled: Collection[Identity] = ()
) -> Entry:
    """What the queue says of a seed; `settled` are the findings that its safe repairs settle."""
    counts: dict[Matter, int] = {}
    for finding in report.findings:
        if needs_decision(finding, settled):
            matter = Matter(finding.severity, finding.rule, title_of(finding))
            counts[matter] = counts.get(matter, 0) + 1
    matters = sorted(
        (matter._replace(number=number) for matter, number in counts.items()),
        key=lambda each: (SEVERITY_RANK[each.severity], each.rule, each.title),
    )
    verdict = report.verdict or Verdict.UNREADABLE
    if verdict is Verdict.UNCHECKED:
        refused = refused or f"the program failed on it: {report.fault}"
    elif not refused and report.encoding is None and verdict is Verdict.UNREADABLE:
        refused = next((each.message for each in report.findings), "it could not be read")
    safe = sum(is_safe(finding) and finding.status is Status.OPEN for finding in report.findings)
    return Entry(report.path, report.source, verdict, tuple(matters), safe, refused, is_touched)


def sheet(desk: Desk, seed: Seed) -> Sheet:
    """A seed as it lies on disk now. Raises DeskError where it cannot be read."""
    archive = desk.archive
    for _ in range(_TRIES):
        archive.folders.clear()  # somebody may have changed them
        content = read_seed(seed, archive.settings.limit_bytes)
        if isinstance(content, Unread):
            raise DeskError(content.message)
        version = _version(archive, seed, content)
        if version in desk.sheets:
            return desk.sheets[version]
        try:
            sidecar = sidecar_of(seed)
        except PreservationError as error:
            raise DeskError(str(error)) from None
        report = judge(archive, seed, content)
        decoded = decoded_as(content, report.encoding)
        if _version(archive, seed, content) != version:
            continue  # what was judged is not what was read
        text = decoded.text if decoded.encoding is not None else ""
        found = Sheet(seed, content, text, sidecar, report, version, _settled(archive, seed, content, report))
        desk.sheets[version] = found
        while len(desk.sheets) > _SHEETS_KEPT:
            desk.sheets.pop(next(iter(desk.sheets)))
        return found
    raise StaleError("a sidecar of the seed is being changed just now; look again")


def _version(archive: Archive, seed: Seed, content: bytes) -> str:
    digest = hashlib.sha256(os.fsencode(seed.name) + b"\0" + hashlib.sha256(content).digest())
    for name, sidecar in sidecars_for(seed.path, archive.root):
        what = sidecar if isinstance(sidecar, bytes) else sidecar.message.encode("utf-8", "surrogatepass")
        digest.update(os.fsencode(name) + b"\0" + hashlib.sha256(what).digest())
    return digest.hexdigest()


def _as_shown(desk: Desk, seed: Seed, version: str) -> Sheet:
    """A seed that may be written to, and is what was shown. Raises DeskError otherwise."""
    if not desk.by:
        raise NamelessError("say who you are first: decisions carry a name")
    why = refusal(desk.archive, seed)
    if why:
        raise DeskError(why)
    found = sheet(desk, seed)
    if found.version != version:
        raise StaleError("the seed, or a sidecar of it, has changed on disk since it was shown; look at it again")
    return found


# --- deciding ---------------------------------------------------------------------------------------------------------


def carry_out(desk: Desk, seed: Seed, version: str, findings: Collection[Identity]) -> Step:
    """Carry out the fixes of some findings of a seed. Raises DeskError, and then nothing is written."""
    mended = _mend(desk, _as_shown(desk, seed, version), findings, new_run(datetime.now(UTC)))
    return _done(desk, Step(_title(mended.repaired), (mended,)))


def carry_out_alike(desk: Desk, title: str, choices: Sequence[Choice]) -> tuple[Step, dict[str, str]]:
    """Carry out fixes in many seeds, each as it was shown; the step, and why seeds were left out, by name.

    Raises DeskError where all of them were.
    """
    at = new_run(datetime.now(UTC))
    return _alike(desk, title, choices, lambda shown, choice: _mend(desk, shown, choice.findings, at))


def mend_safely(desk: Desk, choices: Sequence[Choice], onto: Step | None = None) -> tuple[Step, dict[str, str]]:
    """Carry out every safe fix in some seeds, as `validator repair` does; the findings of the choices do not count.

    The step, and why seeds were left out, by name. Raises DeskError where all of them were. Where `onto` is the last decision,
    this one goes on with it: both are one step, and one run in the record.
    """
    before = onto.written if onto is not None and desk.done and desk.done[-1] is onto else ()
    at = next((each.run for each in before if isinstance(each, _Mended)), None) or new_run(datetime.now(UTC))
    step, left = _alike(desk, _SAFE, choices, lambda shown, _: _mend(desk, shown, None, at))
    if before:
        del desk.done[-2:]
        written = (*before, *step.written)
        step = _done(desk, Step(_titled(_SAFE, len(written)), written))
    return step, left


def leave(
    desk: Desk, seed: Seed, version: str, findings: Collection[Identity], reason: str, until: date | None = None
) -> Step:
    """Accept findings, with a reason: they are right to stay. Raises DeskError, and then nothing is written."""
    _check_until(until)
    said, rules = _accept(desk, _as_shown(desk, seed, version), findings, reason, until)
    return _done(desk, Step(f"accepted {rules}", (said,)))


def leave_alike(
    desk: Desk, title: str, choices: Sequence[Choice], reason: str, until: date | None = None
) -> tuple[Step, dict[str, str]]:
    """Accept findings of many seeds; the step, and why seeds were left out. Raises DeskError where all of them were."""
    _check_until(until)
    return _alike(
        desk, f"accepted {title}", choices,
        lambda shown, choice: _accept(desk, shown, choice.findings, reason, until)[0],
    )  # fmt: skip


def vouch(desk: Desk, seed: Seed, version: str, values: Sequence[Vouched], basis: str) -> Step:
    """Attest values of the record, on one basis. Raises DeskError, and then nothing is written."""
    shown = _as_shown(desk, seed, version)
    said = _say(shown, lambda text: _with_values(desk, text, values, basis))
    told = "; ".join(f"{each.field}: {_in_words(each.value)}" for each in values)
    return _done(desk, Step(told, (said,)))


def name_sources(desk: Desk, source: str, choices: Sequence[Choice]) -> tuple[Step, dict[str, str]]:
    """Say in the sidecars of some seeds which source they are of; the step, and why seeds were left out, by name.

    Raises DeskError where all of them were, or where there is no such source.
    """
    _check_source(desk.archive, source)
    return _alike(
        desk, f"source: {source}", choices, lambda shown, _: _say(shown, lambda text: name_source(text, source))
    )


def preview(desk: Desk, found: Sheet) -> Repaired:
    """What the safe repairs of a seed come to; nothing is written."""
    return _repaired(desk, found, None)


def checked_values(desk: Desk, found: Sheet, values: Sequence[Vouched], source: str | None = None) -> SeedReport:
    """What would be said of a seed if values, or its source, were attested; nothing is written.

    Raises DeskError where one is none.
    """
    archive = desk.archive
    try:
        text = _with_values(desk, _own(found), values, "-")
        if source is not None:
            _check_source(archive, source)
            text = name_source(text, source)
    except SidecarError as error:
        raise DeskError(str(error)) from None
    mine = read_sidecar(text, found.seed.name + SIDECAR_SUFFIX, found.seed.path.name, RULES)
    others = [each for each in read_sidecars(archive, found.seed) if each.name != mine.name]
    report = check_seed(
        found.data, archive.sources, path=found.seed.name, claim=claim_for(archive, found.seed.name),
        sidecars=[mine, *others], today=archive.request.today,
    )  # fmt: skip
    return as_shown(report, rules_for(archive, found.seed.name))


def _with_values(desk: Desk, text: str, values: Sequence[Vouched], basis: str) -> str:
    for each in values:
        text = attest(
            text, each.field, each.value, basis=basis, by=desk.by or "-", on=today(), replaces=each.replaces
        )  # fmt: skip
    return text


def _in_words(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _check_source(archive: Archive, source: str) -> None:
    try:
        named_source(source, "a sidecar", archive.sources)
    except ConfigError as error:
        raise DeskError(str(error)) from None


def _check_until(until: date | None) -> None:
    if until is not None and until < today():
        raise DeskError(f"{until} is in the past: it would not hold for a day")


def _alike(
    desk: Desk, title: str, choices: Sequence[Choice], decide: Callable[[Sheet, Choice], _Mended | _Said]
) -> tuple[Step, dict[str, str]]:
    written: list[_Mended | _Said] = []
    left: dict[str, str] = {}
    kind: type[DeskError] = StaleError
    for choice in choices:
        try:
            written.append(decide(_as_shown(desk, choice.seed, choice.version), choice))
        except NamelessError:
            raise
        except DeskError as error:
            left[choice.seed.name] = str(error)
            kind = kind if isinstance(error, StaleError) else DeskError
    if not written:
        raise kind("; ".join(dict.fromkeys(left.values())) or "there is nothing like it any more")
    return _done(desk, Step(_titled(title, len(written)), tuple(written))), left


def _titled(title: str, seeds: int) -> str:
    return title if seeds == 1 else f"{title}, in {seeds:,} seeds"


def _accept(
    desk: Desk, shown: Sheet, findings: Collection[Identity], reason: str, until: date | None
) -> tuple[_Said, str]:
    wanted = [finding for finding in shown.report.findings if identity_of(finding) in findings]
    wanted = [finding for finding in wanted if finding.status is Status.OPEN]
    if not wanted:
        raise DeskError("there is no such open finding any more")
    for finding in wanted:
        if not is_acceptable(finding):
            raise DeskError(f"{finding.rule} cannot be accepted: {NOT_ACCEPTED[RULES[finding.rule].view]}")
    keys = dict.fromkeys((finding.rule, finding.key) for finding in wanted)

    def write(text: str) -> str:
        for rule, key in keys:
            text = accept(text, rule, reason=reason, by=desk.by, on=today(), finding=key, until=until)
        return text

    return _say(shown, write), ", ".join(dict.fromkeys(rule for rule, _ in keys))


def _title(repaired: Repaired) -> str:
    return "; ".join(dict.fromkeys(f"{change.rule}: {change.title}" for change in repaired.changes))


def _repair_of(archive: Archive, seed: Seed) -> Callable[..., Repaired]:
    """`repair_seed`, with what the archive knows of a seed."""
    return partial(
        repair_seed, sources=archive.sources, path=seed.name, claim=claim_for(archive, seed.name),
        sidecars=read_sidecars(archive, seed), today=archive.request.today,
    )  # fmt: skip


def _safely_repaired(archive: Archive, seed: Seed, content: bytes) -> Repaired:
    """What the safe repairs of a seed come to."""
    rules = rules_for(archive, seed.name)
    return _repair_of(archive, seed)(content, allowed=lambda finding: finding.rule in rules)


def _repaired(desk: Desk, shown: Sheet, findings: Collection[Identity] | None) -> Repaired:
    """What some fixes come to, or, without any named, all safe ones. Raises DeskError where nothing can be carried out."""
    archive, seed = desk.archive, shown.seed
    if findings is None:
        last = repaired = _safely_repaired(archive, seed, shown.data)
    else:
        wanted = [each for each in shown.report.findings if is_question(each) and identity_of(each) in findings]
        if not wanted:
            raise DeskError("there is no such open proposal any more")
        # Pass by pass, and each finding at its own place: where one of several that are equal is mended, the next one takes over
        # its fingerprint, and nobody has decided on that.
        repair = _repair_of(archive, seed)

        def carry_out_some(data: bytes, lifted: Sequence[Lift], allowed: Allowed) -> Repaired:
            return repair(data, lifted=lifted, allowed=allowed, unsafe=True, once=True)

        sitting, last = carry_out_all(shown.data, shown.report, wanted, carry_out_some)
        repaired = sitting.repaired
    if not repaired.is_changed:
        reports = (*last.report.findings, *repaired.report.findings)
        said = [finding.message for finding in reports if finding.rule in ("repair-rejected", "repair-cycle")]
        raise DeskError("; ".join(dict.fromkeys(said)) or "there is nothing to mend any more")
    return repaired


def _mend(desk: Desk, shown: Sheet, findings: Collection[Identity] | None, at: str) -> _Mended:
    repaired = _repaired(desk, shown, findings)
    after = shown.sidecar
    if repaired.lifts:
        try:
            after = sidecar_with_lifts(_own(shown), repaired.lifts, desk.by, today()).encode()
        except SidecarError as error:
            raise DeskError(str(error)) from None
    mended = _Mended(shown.seed, at, shown.data, repaired, shown.sidecar, after)
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
    except ConflictError as error:
        raise StaleError(str(error)) from None
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
    if after == found.sidecar:
        raise DeskError("that is what the sidecar says already")
    said = _Said(found.seed.path.with_name(found.seed.path.name + SIDECAR_SUFFIX), found.seed, found.sidecar, after)
    _exchange(said.path, said.before, said.after)
    return said


def _exchange(path: Path, before: bytes | None, after: bytes | None) -> None:
    """Let a sidecar be `after`, if it still is `before`; None where there is none. Raises DeskError otherwise."""
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


# --- taking back, and doing again -------------------------------------------------------------------------------------


def _done(desk: Desk, step: Step) -> Step:
    desk.done.append(step)
    desk.undone.clear()
    desk.archive.folders.clear()
    return step


def take_back(desk: Desk) -> Step:
    """Undo the last decision, to the byte. Raises DeskError where a file is no longer what it left; then that file stays.

    A file that was changed since (StaleError) is no longer among what can be undone here, so that it does not stand in the way
    of earlier decisions; where the system failed (any other DeskError), it can be tried again.
    """
    if not desk.done:
        raise DeskError("there is no decision to undo")
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
        except (ConflictError, RefusedError) as error:
            raise StaleError(str(error)) from None
        except PreservationError as error:
            raise DeskError(str(error)) from None

    return _moved(desk, back, desk.done, desk.undone)


def do_again(desk: Desk) -> Step:
    """Do the decision again that was undone last. Raises DeskError as `take_back` does."""
    if not desk.undone:
        raise DeskError("there is no decision to do again")

    def again(each: _Mended | _Said) -> None:
        if isinstance(each, _Said):
            _exchange(each.path, each.before, each.after)
        else:
            _write(desk, each)

    return _moved(desk, again, desk.undone, desk.done)


def _moved(desk: Desk, action: Callable[[_Mended | _Said], None], origin: list[Step], target: list[Step]) -> Step:
    """Do something for all that the last step of a pile wrote, and move what of it succeeded to the other pile."""
    step = origin.pop()
    moved: list[_Mended | _Said] = []
    again: list[_Mended | _Said] = []
    problems: dict[str, DeskError] = {}
    for each in step.written:  # in any order: each seed is there once
        try:
            action(each)
        except StaleError as error:
            problems[each.seed.name] = error
        except DeskError as error:
            problems[each.seed.name] = error
            again.append(each)
        else:
            moved.append(each)
    desk.archive.folders.clear()
    if again:
        origin.append(Step(step.title, tuple(again)))
    if moved:
        target.append(Step(step.title, tuple(moved)))
    if problems:
        kind = DeskError if again else StaleError
        raise kind("; ".join(f"{name} stays as it is: {problem}" for name, problem in problems.items()))
    return target[-1]


def settle(desk: Desk, seeds: Sequence[Seed]) -> list[str]:
    """Put right what a run that was cut short has left; what was done, a line each. Raises ConfigError."""
    root = desk.archive.root
    try:
        with_events = frozenset(recorded(root))
        folders: set[Path] = set()
        wanted = []  # each that has events, and one of each folder: that tells all, and twenty thousand would take a second
        for seed in seeds:
            folder = seed.path.parent
            if seed.name in with_events or folder not in folders:
                wanted.append(seed)
                folders.add(folder)
        return clear_litter(root, wanted)
    except PreservationError as error:
        raise ConfigError(str(error)) from None
