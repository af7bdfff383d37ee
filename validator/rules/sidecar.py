"""Rules about what curators say beside a seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found
from validator.text.findings import Severity
from validator.text.places import Span

if TYPE_CHECKING:
    from validator.rules.views import Attestation


@rule(severity=Severity.ERROR)
def sidecar_invalid(attestation: Attestation) -> Iterator[Found]:
    r"""A sidecar that is not what a sidecar must be. Nothing of it counts until it is mended.

    A value that somebody attested and that is silently not used would be worse than none.

    Bad [sidecar=recrod: {}]: A text.\n
    Good [sidecar=source: plain-text]: A text.\n

    Does not handle: a value that is well written and false.

    Next: mend the line that is named; `validator attest` and `validator accept` write sidecars without mistakes.
    """
    for problem in attestation.problems:
        yield Found(Span(0, 0), problem, whole=True)


@rule(severity=Severity.WARNING)
def sidecar_orphan(attestation: Attestation) -> Iterator[Found]:
    r"""A sidecar whose seed is not there.

    Either the seed was renamed and the sidecar was not, or a document of the archive is lost.

    Bad [orphan=renamed.txt]:
    Good [source=plain-text, sidecar=source: plain-text]: A text with its sidecar.\n

    Does not handle: globs of a folder's sidecar that fit no seed.

    Next: rename the sidecar with its seed (`git mv` both), or find the seed again.
    """
    if attestation.orphan is not None:
        yield Found(Span(0, 0), f"the sidecar has no seed: {attestation.orphan} is not there", whole=True)


@rule(severity=Severity.WARNING)
def sidecar_disagrees(attestation: Attestation) -> Iterator[Found]:
    r"""A value that the sidecar attests and that is not what the text says. The text's value stands.

    A sidecar completes what is missing. To say that the text is wrong it must name the value it replaces.

    Bad [source=jekyll-post, sidecar=record: {headline: {value: Another, basis: example}}]: ---\nlayout: post\ntitle: One\n---\n
    Good [source=plain-text, sidecar=record: {headline: {value: Another, basis: example}}]: A text.\n

    Does not handle: `byline_kind`, which no text states.

    Next: correct the sidecar, or let it say `replaces:` with the text's value, and on what basis.
    """
    for contradiction in attestation.contradictions:
        attested, stated = contradiction.attested, contradiction.stated
        value = attested.value if isinstance(attested.value, str) else ", ".join(attested.value)
        yield Found(
            stated.span or Span(0, 0),
            f'{attested.field.replace("_", " ")}: the text says "{stated.value}", the sidecar "{value}" ({attested.place})',
            whole=stated.span is None,
        )


@rule(severity=Severity.WARNING)
def acceptance_lapsed(attestation: Attestation) -> Iterator[Found]:
    r"""An acceptance that no longer holds: its day is over, or the passage it was about was rewritten.

    Bad [source=plain-text, today=2027-01-01, sidecar=accept: [{rule: final-newline, reason: example, until: 2026-01-01}]]: A text.
    Good [source=plain-text, today=2025-01-01, sidecar=accept: [{rule: final-newline, reason: example, until: 2026-01-01}]]: A text.

    Does not handle: acceptances of findings that are gone; these are unused.

    Next: look at the finding again, and accept it anew or mend it.
    """
    for acceptance, why in attestation.lapsed:
        yield Found(
            Span(0, 0), f"the acceptance of {acceptance.rule} no longer holds: {why} ({acceptance.place})", whole=True
        )


@rule(severity=Severity.WARNING)
def acceptance_unused(attestation: Attestation) -> Iterator[Found]:
    r"""An acceptance of something that is no longer found.

    It does no harm today, and would hide the defect if it came back.

    Bad [source=plain-text, sidecar=accept: [{rule: mojibake, reason: example}]]: A text.\n
    Good [source=plain-text, sidecar=accept: [{rule: final-newline, reason: example}]]: A text.

    Does not handle: acceptances for the files of a folder, of which some may not need it.

    Next: take it out of the sidecar.
    """
    for acceptance in attestation.unused:
        yield Found(
            Span(0, 0), f"nothing is found of {acceptance.rule}, which is accepted ({acceptance.place})", whole=True
        )
