"""Acceptances: which findings a curator has accepted, and which acceptances no longer apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from validator.record.sidecar import FOLDER_SIDECAR, Acceptance
from validator.text.findings import Finding, Status


def accept(
    findings: Sequence[Finding], acceptances: Sequence[Acceptance], today: date | None
) -> tuple[list[Finding], tuple[tuple[Acceptance, str], ...], tuple[Acceptance, ...]]:
    """Findings with the accepted ones marked; acceptances that no longer hold, and why; acceptances of nothing."""
    if not acceptances:
        return list(findings), (), ()
    accepted: dict[int, str] = {}
    lapsed, unused = [], []
    for acceptance in acceptances:
        of_rule = [index for index, finding in enumerate(findings) if finding.rule == acceptance.rule]
        meant = [
            index
            for index in of_rule
            if acceptance.finding is None
            or acceptance.finding
            in (findings[index].key, findings[index].fingerprint if not findings[index].whole else "")
        ]
        if acceptance.until is not None and today is not None and acceptance.until < today:
            if meant:
                lapsed.append((acceptance, f"it held until {acceptance.until.isoformat()}"))
        elif meant:
            accepted = dict.fromkeys(meant, acceptance.reason) | accepted  # the nearest sidecar comes first
        elif of_rule and acceptance.finding is not None:
            lapsed.append((acceptance, "what it was about was rewritten"))
        elif FOLDER_SIDECAR not in acceptance.place:
            unused.append(acceptance)
    marked = [
        replace(finding, status=Status.ACCEPTED, reason=accepted[index]) if index in accepted else finding
        for index, finding in enumerate(findings)
    ]
    return marked, tuple(lapsed), tuple(unused)
