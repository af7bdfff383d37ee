"""One seed's bytes -> its report. Pure: no file, no clock (`today` is an argument), no environment.

decode once -> front matter -> which source -> the record -> the rules of that source -> acceptances -> verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

from validator.engine.accepting import accept
from validator.engine.collecting import Findings, in_order
from validator.engine.listening import rules_about, rules_for
from validator.engine.reporting import extent_of, sighting_of, values_of
from validator.engine.seen import Seen, look
from validator.engine.view_making import Views, front_matter_problem
from validator.parsing.foreign import foreign_format
from validator.record.model import Record
from validator.record.sidecar import Acceptance, Sidecar, combine
from validator.record.traits import Traits, traits_of
from validator.rules import RULES, views
from validator.sources.identify import Claim, Match
from validator.sources.model import Source, Sources
from validator.text.findings import Finding, SeedReport, Severity, Status, Verdict

_NOT_SEEN = "\ufeff \t\r\n\f\v\u00a0\u3000\u200b\x00"
_NO_SOURCE = Source(id="", title="", file="")


def check_seed(
    data: bytes,
    sources: Sources,
    *,
    path: str | None = None,
    claim: Claim | None = None,
    sidecars: Sequence[Sidecar] = (),
    today: date | None = None,
    with_record: bool = True,
    with_traits: bool = False,
) -> SeedReport:
    """Check one seed. `path` is its name in reports; some sources look at it. The nearest of `sidecars` comes first.

    Without `with_record` the report has no record, values and body; the same rules look at them. With `with_traits` it has
    what the seed is recognised by among others.

    Never raises for any bytes: a problem of the seed is a finding. An error inside a rule is an error of the program and is
    raised; the caller gives the seed the verdict `unchecked`.
    """
    foreign = in_foreign_format(data)
    if foreign is not None:
        return replace(unread_seed(path or "-", foreign), sha256=sha256(data).hexdigest())
    seen = look(data, sources, path, claim, combine(sidecars))
    collected = Findings(seen.decoded.text, seen.decoded.encoding, seen.match, lambda: seen.matter)
    verdict = _run_rules(collected, data, seen, today)
    acceptances = seen.sidecar.accept
    if acceptances:
        acceptances = tuple(each for each in acceptances if not RULES[each.rule].is_of_archive)
    findings, lapsed, unused = accept(collected.findings(), acceptances, today)
    findings.extend(_said_of_sidecar(seen, lapsed, unused))
    if verdict is None:
        errors = [each for each in findings if each.severity is Severity.ERROR and each.status is Status.OPEN]
        verdict = Verdict.INVALID if errors else Verdict.VALID
    record, index = seen.record, collected.index
    known: dict[str, Any] = {}
    sighting = b""
    if record is not None and verdict in (Verdict.INVALID, Verdict.VALID):
        sighting = sighting_of(record, seen.source, index)
        if with_traits:
            known["traits"] = _traits(seen, record)
    if with_record and sighting and record is not None:
        mapping = record.as_mapping()
        known |= {
            "record": mapping,
            "values": tuple(values_of(record, mapping, index)),
            "body": extent_of(record, index),
        }
    return SeedReport(
        path=path or "-", source=seen.match.source, verdict=verdict, evidence=_evidence(seen.match),
        encoding=seen.decoded.encoding, sha256=sha256(data).hexdigest(), findings=in_order(findings),
        layout=seen.source.layout, sighting=sighting, **known,
    )  # fmt: skip


def _evidence(match: Match) -> tuple[str, ...]:
    if match.certain:
        return match.evidence
    return (*match.evidence, f"{'uncertain' if match.source else 'not identified'}: {match.problem}")


def _run_rules(collected: Findings, data: bytes, seen: Seen, today: date | None) -> Verdict | None:
    """Run the rules that may find something. Returns the verdict, or None if it depends on the errors found."""
    verdict, names = _what_can_be_viewed(seen)
    text, made = seen.decoded.text, Views(seen, data, today)
    utf8 = data if seen.decoded.encoding == "utf-8" else text.encode("utf-8", "surrogatepass")
    for name, groups in rules_for(utf8 if seen.decoded.encoding else None, seen.source).items():
        if name not in names:
            continue
        view = getattr(made, name.lower())
        for about, rules in groups:
            if about is None or about(view):
                for rule in rules:
                    collected.run(rule, view, seen.source)
    return verdict


_OF_TEXT = frozenset({"Raw", "Text"})
_OF_FORMAT = _OF_TEXT | {"Body", "Quotations", "Fields", "Identity"}
_OF_RECORD = _OF_FORMAT | {"Residues", "Agreements", "Values"}


def _what_can_be_viewed(seen: Seen) -> tuple[Verdict | None, frozenset[str]]:
    """The verdict, or None if it depends on the errors found, and the names of the views that this seed has."""
    if seen.decoded.encoding is None:
        return Verdict.UNREADABLE, frozenset({"Raw"})
    is_known = seen.match.source is not None
    if not seen.decoded.text.strip(_NOT_SEEN):
        return None if is_known else Verdict.UNIDENTIFIED, _OF_TEXT
    if front_matter_problem(seen) is not None:
        return Verdict.MALFORMED, _OF_FORMAT
    return (None, _OF_RECORD) if is_known else (Verdict.UNIDENTIFIED, _OF_FORMAT)


def traits_in(seen: Seen) -> Traits | None:
    """What a seed is recognised by, as its report would have it; no rule runs."""
    is_judged = seen.record is not None and _what_can_be_viewed(seen)[0] is None
    return _traits(seen, seen.record) if is_judged and seen.record is not None else None


def _traits(seen: Seen, record: Record) -> Traits | None:
    """What a seed is recognised by. One that is marked as wrong is compared with no other."""
    if seen.is_wrong:
        return None
    return traits_of(record, any(RULES[each.rule].is_of_archive for each in seen.sidecar.accept))


def _said_of_sidecar(
    seen: Seen, lapsed: tuple[tuple[Acceptance, str], ...], unused: tuple[Acceptance, ...]
) -> list[Finding]:
    """Findings about the sidecar itself. Acceptances do not apply to them."""
    contradictions = seen.record.contradictions if seen.record else ()
    wrong = seen.sidecar.wrong
    attestation = views.Attestation(
        seen.sidecar.problems, contradictions, lapsed, unused,
        wrong=wrong, is_rewritten=wrong is not None and not seen.is_wrong,
    )  # fmt: skip
    return _attested(seen, attestation) if attestation != _NOTHING_SAID else []


_NOTHING_SAID = views.Attestation((), ())


def said_of_acceptances(
    seen: Seen, lapsed: tuple[tuple[Acceptance, str], ...], unused: tuple[Acceptance, ...]
) -> list[Finding]:
    """Findings about acceptances that no longer hold, or are of nothing."""
    return _attested(seen, views.Attestation((), (), lapsed, unused))


def _attested(seen: Seen, attestation: views.Attestation) -> list[Finding]:
    return _said_of(attestation, seen.decoded.text, seen.decoded.encoding, seen.source)


def _said_of(view: Any, text: str = "", encoding: str | None = None, source: Source = _NO_SOURCE) -> list[Finding]:
    """What the rules of one view find, independent of what the seed's source is."""
    rules = rules_about(view)
    if not rules:
        return []
    collected = Findings(text, encoding)
    for rule in rules:
        collected.run(rule, view, source)
    return collected.findings()


def in_foreign_format(data: bytes) -> views.Unread | None:
    """Why the bytes are not read as a seed: they are in another format, or only point to where the seed is kept."""
    foreign = foreign_format(data)
    if foreign is None:
        return None
    if foreign.hint:
        return views.Unread("lfs-pointer", f"this is a {foreign.name}, not the text itself: run `{foreign.hint}`")
    return views.Unread("foreign-format", f"this is not a text but another format: {foreign.name}")


def unread_seed(path: str, unread: views.Unread) -> SeedReport:
    """The report of a seed that could not be read."""
    return SeedReport(path=path, source=None, verdict=Verdict.UNREADABLE, findings=tuple(_said_of(unread)))


def orphan_sidecar(path: str, seed: str) -> SeedReport:
    """The entry of a sidecar whose seed is missing. A sidecar is not a seed, so it has no verdict."""
    attestation = views.Attestation((), (), orphan=seed)
    return SeedReport(path=path, source=None, verdict=None, findings=tuple(_said_of(attestation)))


def said_of_attempt(report: SeedReport, attempt: views.Attempt) -> SeedReport:
    """The report of a seed, with the findings about a repair that was not carried out."""
    return _with(report, _said_of(attempt))


def said_of_staging(report: SeedReport, staging: views.Staging) -> SeedReport:
    """The report of a seed, with the findings about what is staged with it."""
    return _with(report, _said_of(staging))


def _with(report: SeedReport, findings: Sequence[Finding]) -> SeedReport:
    """The report of a seed with more findings. An error among them makes a valid seed invalid."""
    has_errors = any(finding.severity is Severity.ERROR for finding in findings)
    verdict = Verdict.INVALID if has_errors and report.verdict is Verdict.VALID else report.verdict
    return replace(report, verdict=verdict, findings=(*findings, *report.findings))
