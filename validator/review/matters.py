"""The decisions that a seed needs from a person, and the search for them in many seeds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from validator.archive.opening import Archive, judge_wholly, read_sidecars, rules_for, selected
from validator.archive.reading import read_seed
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.engine.checking import check_seed
from validator.preservation.disk import PreservationError
from validator.preservation.repairing import repair_of
from validator.preservation.writing import recorded
from validator.repairs.deciding import is_question, settled_by
from validator.repairs.repairing import Repaired, Wanted
from validator.review.candidates import is_of_value
from validator.rules import RULES
from validator.rules.views import Unread
from validator.sources.model import Sources
from validator.text.errors import ConfigError
from validator.text.findings import SEVERITY_RANK, Applicability, Finding, SeedReport, Severity, Status, Verdict

Identity = tuple[str, str]  # a finding in its seed: rule and fingerprint

# Findings of rules with these views cannot be accepted, and why.
NOT_ACCEPTED = {
    "Unread": "nothing is known of a seed that was not read",
    "Attestation": "it is about the sidecar itself; fix that",
}


class Matter(NamedTuple):
    """Like findings of a seed that need a decision. `title` is the title of their fix, '' if they have none."""

    severity: Severity
    rule: str
    title: str
    number: int = 1


def kind_of(matter: Matter) -> str:
    """What kind of decision it needs: a proposal to carry out, a value to confirm, or nothing but an acceptance."""
    return "proposal" if matter.title else "value" if is_of_value(matter.rule) else "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """A seed in the queue. `matters` need a decision, errors first; `safe` counts safe fixes.

    `refused` says why nothing can be decided about it here. `is_touched`: somebody has decided something about it before,
    because it has a sidecar of its own or an event.
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


def needs_decision(finding: Finding, settled: Collection[Identity] = ()) -> bool:
    """Whether a person has to decide: it is an open error or warning without a safe fix, and not `settled` by other fixes.

    That a seed is marked as wrong was decided; only if its text has changed since, which is a warning, is it asked again.
    """
    is_open = finding.status is Status.OPEN and finding.severity is not Severity.INFO and not is_safe(finding)
    is_decided = finding.rule == "marked-wrong" and finding.severity is Severity.ERROR
    return is_open and not is_decided and identity_of(finding) not in settled


def is_safe(finding: Finding) -> bool:
    """Whether a safe repair fixes it."""
    return finding.fix is not None and finding.fix.applicability is Applicability.SAFE


def is_acceptable(finding: Finding) -> bool:
    """Whether a person may accept it."""
    known = RULES.get(finding.rule)
    return finding.status is Status.OPEN and (known is None or known.view not in NOT_ACCEPTED)


def identity_of(finding: Finding) -> Identity:
    """The name of a finding in a decision."""
    return finding.rule, finding.fingerprint


def title_of(finding: Finding) -> str:
    """The title of its fix, '' if it has no fix to carry out."""
    return finding.fix.title if finding.fix is not None and is_question(finding) else ""


def has_sidecar(seed: Seed) -> bool:
    """Whether a seed has a sidecar beside it."""
    return os.path.lexists(seed.sidecar)


def refusal(archive: Archive, seed: Seed) -> str:
    """Why nothing is written for a seed; '' if it may be."""
    if seed.unread is not None:
        return seed.unread.message
    root, folder = os.path.realpath(archive.root), str(seed.path.parent)
    if os.path.realpath(folder) != folder or not f"{folder}/".startswith(f"{root.rstrip('/')}/"):
        return "it lies outside of the archive"
    if seed.path.is_symlink():
        return "it is a symbolic link; decide on the seed that it leads to"
    if seed.sidecar.is_symlink():
        return "its sidecar is a symbolic link"
    return ""


def entry_of(report: SeedReport, is_touched: bool = False, settled: Collection[Identity] = ()) -> Entry:
    """The entry of a seed; `settled` are the findings that its safe repairs settle."""
    counts = Counter(
        Matter(finding.severity, finding.rule, title_of(finding))
        for finding in report.findings
        if needs_decision(finding, settled)
    )
    matters = sorted(
        (matter._replace(number=number) for matter, number in counts.items()),
        key=lambda each: (SEVERITY_RANK[each.severity], each.rule, each.title),
    )
    verdict = report.verdict or Verdict.UNREADABLE
    refused = ""
    if verdict is Verdict.UNCHECKED:
        refused = f"the program failed on it: {report.fault}"
    elif report.encoding is None and verdict is Verdict.UNREADABLE:
        refused = next((each.message for each in report.findings), "it could not be read")
    safe = sum(is_safe(finding) and finding.status is Status.OPEN for finding in report.findings)
    return Entry(report.path, report.source, verdict, tuple(matters), safe, refused, is_touched)


@dataclass(frozen=True, slots=True)
class Look:
    """A seed as it was judged, with the findings to be shown, so that a repair need not judge it again.

    `safely` is the outcome of its safe repairs if that was needed. `settled` are the findings that need a decision now and no
    longer do after them.
    """

    report: SeedReport
    content: bytes | Unread
    repair: Callable[..., Repaired]
    safely: Repaired | None = None
    settled: frozenset[Identity] = frozenset()


def look_at(archive: Archive, seed: Seed, content: bytes | Unread) -> Look:
    """Judge a seed, and find out what its safe repairs settle."""
    beside = read_sidecars(archive, seed)
    whole = judge_wholly(archive, seed, content, beside)
    report = selected(archive, whole)

    def check(data: bytes, sources: Sources, **known: Any) -> SeedReport:
        """`check_seed`, but what is known already is not found out again."""
        is_known = data == content and known["sidecars"] == beside
        return whole if is_known else check_seed(data, sources, **known)

    look = Look(report, content, partial(repair_of(archive, seed), check=check))
    asked = [each for each in report.findings if needs_decision(each)]
    if not asked or not any(is_safe(each) and each.status is Status.OPEN for each in report.findings):
        return look
    safely = safely_repaired(archive, look)
    settled = settled_by(safely, asked)
    # Equal findings have one name: if one of them is left, all are asked about.
    left = map(identity_of, (each for each in asked if each not in settled))
    return replace(look, safely=safely, settled=frozenset(map(identity_of, settled)).difference(left))


def safely_repaired(archive: Archive, look: Look) -> Repaired:
    """The outcome of a seed's safe repairs."""
    rules = rules_for(archive, look.report.path)
    return look.safely or look.repair(look.content, wanted=Wanted(allowed=lambda finding: finding.rule in rules))


def survey(archive: Archive, seeds: Sequence[Seed], jobs: int | None = None) -> Iterator[Entry]:
    """The entry of every seed, in the order given."""
    try:
        with_events = frozenset(recorded(archive.root))
    except PreservationError as error:
        raise ConfigError(str(error)) from None
    jobs = archive.settings.jobs if jobs is None else jobs
    looks = run(seeds, partial(_look, archive), jobs, limit_seconds=archive.limit_seconds)
    for seed, look in zip(seeds, looks, strict=True):
        entry = entry_of(look) if isinstance(look, SeedReport) else look
        is_touched = seed.name in with_events or has_sidecar(seed)
        yield replace(entry, refused=refusal(archive, seed) or entry.refused, is_touched=is_touched)


def _look(archive: Archive, seed: Seed) -> Entry:
    """The entry of a seed."""
    look = look_at(archive, seed, read_seed(seed, archive.settings.limit_bytes))
    return entry_of(look.report, settled=look.settled)
