"""Rules about what curators say beside a seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found, said_of_seed
from validator.text.findings import Severity
from validator.text.places import Span

if TYPE_CHECKING:
    from validator.rules.views import Attestation


@rule(severity=Severity.ERROR, about="problems")
def sidecar_invalid(attestation: Attestation) -> Iterator[Found]:
    r"""A sidecar with a mistake. Nothing in it counts until it is corrected.

    Bad [sidecar=recrod: {}]: A text.\n
    Good [sidecar=source: plain-text]: A text.\n

    Does not handle: a value that is well written and false.

    Next: correct the line in the message; `validator attest` and `validator accept` write sidecars without mistakes.
    """
    for problem in attestation.problems:
        yield said_of_seed(problem)


@rule(severity=Severity.WARNING, about="orphan")
def sidecar_orphan(attestation: Attestation) -> Iterator[Found]:
    r"""A sidecar whose seed is not there.

    The seed was renamed and the sidecar was not, or a document of the archive is lost.

    Bad [orphan=renamed.txt]:
    Good [source=plain-text, sidecar=source: plain-text]: A text with its sidecar.\n

    Does not handle: globs of a folder's sidecar that fit no seed.

    Next: rename the sidecar with its seed (`git mv` both), or find the seed again.
    """
    if attestation.orphan is not None:
        yield said_of_seed(f"the sidecar has no seed: {attestation.orphan} is not there")


@rule(severity=Severity.WARNING, about="contradictions")
def sidecar_disagrees(attestation: Attestation) -> Iterator[Found]:
    r"""A value in the sidecar that is not what the text says. The text's value counts.

    A sidecar completes what is missing. To replace a value of the text it must name that value.

    Bad [source=jekyll-copy, sidecar=record: {headline: {value: Another, basis: example}}]: ---\nlayout: post\ntitle: One\n---\n
    Good [source=plain-text, sidecar=record: {headline: {value: Another, basis: example}}]: A text.\n

    Does not handle: `byline_kind`, which no text has.

    Next: correct the sidecar, or add `replaces:` with the text's value, and the basis.
    """
    for contradiction in attestation.contradictions:
        attested, stated = contradiction.attested, contradiction.stated
        value = attested.value if isinstance(attested.value, str) else ", ".join(attested.value)
        yield Found(
            stated.span or Span(0, 0),
            f'{attested.field.replace("_", " ")}: the text says "{stated.value}", the sidecar "{value}" ({attested.place})',
            whole=stated.span is None,
        )


@rule(severity=Severity.ERROR, about="wrong")
def marked_wrong(attestation: Attestation) -> Iterator[Found]:
    r"""A curator has marked the seed as wrong. A warning if its text has changed since.

    Somebody has looked at it and found that it is not what it should be: it has the text of another article, or a capture
    that failed. It is not compared with other seeds of the archive, so they have no findings about it.

    Bad [source=plain-text, sidecar=wrong: {reason: example, text: 8ca80743df160cf9c8ab3c8f82e39c7f4eb9990142abcb7d71b32224d7449ac8}]: A text.\n
    Good [source=plain-text, sidecar=source: plain-text]: A text.\n

    Does not handle: a mark for all seeds of a folder, which would be about seeds that nobody has looked at.

    Next: capture the article again, correct the seed, or remove it. Then take `wrong` out of the sidecar.
    """
    wrong = attestation.wrong
    if wrong is None:
        return
    who = f" by {wrong.by}" if wrong.by else ""
    when = f" on {wrong.on.isoformat()}" if wrong.on is not None else ""
    said = f"marked as wrong{who}{when}: {wrong.reason}"
    if attestation.is_rewritten:
        yield said_of_seed(f"{said}; the text has changed since: look again ({wrong.place})", Severity.WARNING)
    else:
        yield said_of_seed(f"{said} ({wrong.place})")


@rule(severity=Severity.WARNING, about="lapsed")
def acceptance_lapsed(attestation: Attestation) -> Iterator[Found]:
    r"""An acceptance that no longer holds: its last day is over, or the passage was rewritten.

    Bad [source=plain-text, today=2027-01-01, sidecar=accept: [{rule: final-newline, reason: example, until: 2026-01-01}]]: A text.
    Good [source=plain-text, today=2025-01-01, sidecar=accept: [{rule: final-newline, reason: example, until: 2026-01-01}]]: A text.

    Does not handle: acceptances of findings that are gone (acceptance-unused).

    Next: look at the finding again, then accept it again or repair it.
    """
    for acceptance, why in attestation.lapsed:
        yield said_of_seed(f"the acceptance of {acceptance.rule} no longer holds: {why} ({acceptance.place})")


@rule(severity=Severity.WARNING, about="unused")
def acceptance_unused(attestation: Attestation) -> Iterator[Found]:
    r"""An acceptance of something that is no longer found.

    It would hide the defect if it came back.

    Bad [source=plain-text, sidecar=accept: [{rule: mojibake, reason: example}]]: A text.\n
    Good [source=plain-text, sidecar=accept: [{rule: final-newline, reason: example}]]: A text.

    Does not handle: acceptances for the files of a folder, since some of them may not need it.

    Next: take it out of the sidecar.
    """
    for acceptance in attestation.unused:
        yield said_of_seed(f"{acceptance.rule} is accepted but no longer found ({acceptance.place})")
