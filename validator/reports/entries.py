"""Reports as JSON: what the `json` and `jsonl` formats are made of, as `schemas/report.schema.json` describes it.

Offsets and edits count code points of the decoded text from 0, `byte` bytes of the file. What could not be known
is null.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from validator.reports import Profile, tool_version
from validator.reports.printable import HOSTILE

if TYPE_CHECKING:
    from validator.text.findings import Extent, Finding, Fix, SeedReport, Totals, Value
    from validator.text.places import Position

SCHEMA_VERSION = 2

Entry = dict[str, Any]


def encoded(entry: object) -> str:
    """An entry as JSON on one line. Chinese stays readable; what is hostile in a terminal or a log is escaped."""
    text = json.dumps(entry, ensure_ascii=False)
    return HOSTILE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)  # all of them stand inside strings


def header_entry(profile: Profile) -> Entry:
    """What made the report: the version of its schema, the tool, and what the tool was told."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "validator", "version": tool_version()},
        "profile": {
            "schemas_sha256": profile.schemas_sha256,
            "config_sha256": profile.config_sha256,
            "rules_not_shown": list(profile.rules_not_shown),
        },
    }


def seed_entry(report: SeedReport) -> Entry:
    """All that was found out about one seed but its findings."""
    entry = {
        "path": report.path,
        "source": report.source,
        "evidence": list(report.evidence),
        "verdict": report.verdict,
        "encoding": report.encoding,
        "sha256": report.sha256,
        "record": report.record,
        "values": [_value_entry(value) for value in report.values],
        "body": _body_entry(report.body),
    }
    if report.fault is not None:
        entry["fault"] = report.fault
    return entry


def finding_entry(finding: Finding) -> Entry:
    """One finding, with its place, its fix and its status."""
    return {
        "rule": finding.rule,
        "family": finding.family,
        "severity": finding.severity,
        "message": finding.message,
        "status": finding.status,
        "start": _position_entry(finding.start),
        "end": _position_entry(finding.end),
        "pointer": finding.pointer,
        "related": [
            {
                "message": related.message,
                "start": _position_entry(related.start),
                "end": _position_entry(related.end),
            }
            for related in finding.related
        ],
        "fingerprint": finding.fingerprint,
        "fix": _fix_entry(finding.fix),
    }


def summary_entry(totals: Totals) -> Entry:
    """What a run adds up to; its findings and fixes count open ones."""
    return {
        "seeds": totals.seeds,
        "verdicts": totals.verdicts,
        "findings": totals.findings,
        "accepted": totals.accepted,
        "baselined": totals.baselined,
        "fixable": totals.fixable,
    }


def _position_entry(position: Position | None) -> Entry | None:
    if position is None:
        return None
    return {"line": position.line, "column": position.column, "offset": position.offset, "byte": position.byte}


def _body_entry(body: Extent | None) -> Entry | None:
    if body is None:
        return None
    return {
        "start": _position_entry(body.start),
        "end": _position_entry(body.end),
        "characters": body.characters,
    }


def _value_entry(value: Value) -> Entry:
    return {
        "field": value.field,
        "basis": value.basis,
        "value": value.value,
        "start": _position_entry(value.start),
        "end": _position_entry(value.end),
        "disputed": value.disputed,
        "candidates": [
            {
                "value": candidate.value,
                "start": _position_entry(candidate.start),
                "end": _position_entry(candidate.end),
            }
            for candidate in value.candidates
        ],
        "note": value.note or None,
    }


def _fix_entry(fix: Fix | None) -> Entry | None:
    if fix is None:
        return None
    return {
        "applicability": fix.applicability,
        "title": fix.title,
        "edits": [{"start": edit.start, "end": edit.end, "replacement": edit.replacement} for edit in fix.edits],
        "recode": fix.recode,
        "lift": None if fix.lift is None else {"field": fix.lift.field, "value": fix.lift.value},
    }
