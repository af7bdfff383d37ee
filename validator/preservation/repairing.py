"""Repairing one seed of an archive: read it, repair it or ask about each fix, and write it with its sidecar and event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from validator.archive.opening import Archive, claim_for, judge, read_sidecars, rules_for
from validator.archive.reading import read_seed, system_reason, today
from validator.archive.runner import run, within
from validator.archive.seeds import Seed
from validator.archive.writing import write_atomically
from validator.engine.selecting import shown
from validator.preservation.disk import ConflictError, PreservationError
from validator.preservation.writing import Action, Written, records_root, sidecar_of, sidecar_with_lifts, write_repair
from validator.record.sidecar import SIDECAR_SUFFIX, SidecarError
from validator.repairs.deciding import Repair
from validator.repairs.repairing import Repaired, Wanted, repair_seed
from validator.rules import RULES
from validator.rules.views import Unread
from validator.text.findings import Finding, SeedReport

Decide = Callable[[str, bytes, SeedReport, Repair], Repaired]

_OF_ATTEMPTS = frozenset(rule.name for rule in RULES.values() if rule.view == "Attempt")


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with each seed of a run: `action` says who writes, and what may be written. `target` is a folder for copies,
    instead of writing to the seeds.

    `decide` asks a person about each fix; without it safe fixes are made, and proposals if `unsafe`.
    """

    archive: Archive
    action: Action
    unsafe: bool = False
    target: Path | None = None
    is_written: bool = True
    decide: Decide | None = None

    def rules(self, name: str) -> frozenset[str]:
        """The rules whose findings count for a seed. That a repair failed always counts."""
        return rules_for(self.archive, name) | _OF_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome for one seed: its findings now, and its bytes and the repair if it could be read.

    `failure`: why a repair was not written. `notes`: what was settled of earlier runs. `files`: the files of the event.
    """

    report: SeedReport
    read: bytes = b""
    repaired: Repaired | None = None
    failure: str | None = None
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether the seed was changed, or would be."""
        return self.repaired is not None and self.repaired.is_changed and self.failure is None


def outcome(job: Job, seed: Seed, content: bytes | Unread | None = None) -> Outcome:
    """Repair one seed, or what was read of it. If the program fails on it, it is `unchecked` and not written."""
    outcomes: list[Outcome] = []

    def work(seed: Seed) -> SeedReport:
        outcomes.append(_outcome(job, seed, content))
        return outcomes[0].report

    # Only the repair itself is limited in time, not the writing, nor a person's answers.
    report = next(run([seed], work, jobs=1, limit_seconds=0))
    return outcomes[0] if outcomes else Outcome(report, failure=f"the program failed on it: {report.fault}")


def _outcome(job: Job, seed: Seed, given: bytes | Unread | None) -> Outcome:
    archive, rules = job.archive, job.rules(seed.name)
    content = read_seed(seed, archive.settings.limit_bytes) if given is None else given
    if isinstance(content, Unread):
        return Outcome(judge(archive, seed, content))
    repaired = _repaired(job, seed, content, has_sidecar=given is None)
    done = Outcome(shown(repaired.report, rules), content, repaired)
    if given is not None or not job.is_written:
        return done
    try:
        written = _write(job, seed, content, repaired)
    except ConflictError as conflict:
        if read_seed(seed, archive.settings.limit_bytes) == repaired.data:
            # Another run has just repaired it: a runner of hooks gives a seed to one process and its sidecar to another.
            return _outcome(job, seed, given)
        failure = str(conflict)
    except (PreservationError, SidecarError) as error:
        failure = str(error)
    except OSError as error:
        failure = system_reason(error)
    else:
        return done if written is None else Outcome(done.report, content, repaired, None, written.notes, written.files)
    return Outcome(shown(repaired.before, rules), content, repaired, failure)


def repair_of(archive: Archive, seed: Seed) -> Callable[..., Repaired]:
    """`repair_seed` with what the archive knows of a seed."""
    return partial(
        repair_seed, sources=archive.sources, path=seed.name, claim=claim_for(archive, seed.name),
        sidecars=read_sidecars(archive, seed), today=archive.request.today,
    )  # fmt: skip


def _repaired(job: Job, seed: Seed, content: bytes, has_sidecar: bool) -> Repaired:
    """The repaired seed. Writes nothing."""
    rules, one = job.rules(seed.name), repair_of(job.archive, seed)

    def is_wanted(finding: Finding) -> bool:
        needs_sidecar = finding.fix is not None and finding.fix.lift is not None
        return finding.rule in rules and (has_sidecar or not needs_sidecar)

    def repair(data: bytes, wanted: Wanted) -> Repaired:
        size = len(data) if job.decide is None else 0  # answers must stay in this process
        return within(job.archive.limit_seconds, size, partial(one, data, wanted=wanted))

    if job.decide is None:
        return repair(content, Wanted(unsafe=job.unsafe, allowed=is_wanted))
    before = repair(content, Wanted(allowed=lambda _: False)).report
    return job.decide(
        seed.name, content, before,
        lambda data, lifted, allowed: repair(data, Wanted(True, allowed, tuple(lifted), once=True)),
    )  # fmt: skip


def _write(job: Job, seed: Seed, content: bytes, repaired: Repaired) -> Written | None:
    """Write the repaired seed and its sidecar; `None` if that has no event: a copy, or nothing to write."""
    before = sidecar_of(seed)
    agent = job.action.agent
    after = sidecar_after(
        before, repaired, agent.by or f"validator {agent.version}", job.archive.request.today or today()
    )
    if job.target is not None:
        _copy(job.target, seed, repaired.data, after)
        return None
    if not repaired.is_changed:
        return None
    action = replace(job.action, now=datetime.now(UTC))
    return write_repair(records_root(job.archive.root, seed.path), seed, content, repaired, before, after, action)


def sidecar_after(before: bytes | None, repaired: Repaired, by: str, on: date) -> bytes | None:
    """A seed's own sidecar with the values that the repair moves there. Raises SidecarError."""
    if not repaired.lifts:
        return before
    try:
        return sidecar_with_lifts((before or b"").decode(), repaired.lifts, by, on).encode()
    except UnicodeError:
        raise SidecarError("a value would be moved to the sidecar, which is not UTF-8") from None


def _copy(target: Path, seed: Seed, content: bytes, sidecar: bytes | None) -> None:
    """Write a seed, repaired or not, and its sidecar into the folder of copies, under its name. Raises OSError."""
    copy = target.joinpath(*(part for part in Path(seed.name).parts if part not in ("/", "..")))
    copy.parent.mkdir(parents=True, exist_ok=True)
    if copy.exists() and copy.samefile(seed.path):
        raise SidecarError("its place in the folder of copies is its own")
    beside = copy.with_name(copy.name + SIDECAR_SUFFIX)
    for path, wanted in ((copy, content), (beside, sidecar)):
        if wanted is not None and path.exists() and path.read_bytes() != wanted:
            raise SidecarError(
                "in the folder of copies a file of this name has another content, and nothing keeps that"
            )
    if sidecar is not None:
        write_atomically(beside, sidecar)
    write_atomically(copy, content)
