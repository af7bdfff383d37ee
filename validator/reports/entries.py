"""Reports as JSON: the parts of the `json` and `jsonl` formats, as `schemas/report.schema.json` describes them.

Offsets and edits count code points of the decoded text from 0; `byte` counts bytes of the file. What is unknown is null.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from validator.reports.escaping import HOSTILE
from validator.reports.model import Profile, tool_version

if TYPE_CHECKING:
    from validator.text.findings import Candidate, Extent, Finding, Fix, Related, SeedReport, Totals, Value
    from validator.text.places import Position

SCHEMA_VERSION = 2

Entry = dict[str, Any]


def encoded(entry: object) -> str:
    """An entry as JSON on one line. Chinese stays readable; what is hostile in a terminal or a log is escaped."""
    text = json.dumps(entry, ensure_ascii=False)
    return HOSTILE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)  # all matches are inside strings


class Writable(Protocol):
    """What takes text: a stream, or a spool."""

    def write(self, text: str, /) -> object:
        """Take a text."""


class JsonList:
    """A JSON array that is written entry by entry, one per line, to `out`.

    `opening`, which ends with its bracket, is written with the first entry, or at the end if there is none.
    """

    def __init__(self, out: Writable, opening: str = "[") -> None:
        self._out = out
        self._opening = self._before = opening

    def add(self, entry: Entry) -> None:
        """Write an entry."""
        self._out.write(f"{self._before}\n{encoded(entry)}")
        self._before = ","

    def close(self, closing: str = "]") -> None:
        """Write what closes the array. An empty one is closed on the line where it opens."""
        self._out.write(closing if self._before == "," else self._opening + closing.lstrip())


def header_entry(profile: Profile) -> Entry:
    """What made the report: the version of its schema, the tool, and how the run was configured."""
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
    """Everything about one seed except its findings."""
    entry = {
        "path": report.path,
        "source": report.source,
        "evidence": list(report.evidence),
        "verdict": report.verdict,
        "encoding": report.encoding,
        "sha256": report.sha256,
        "record": report.record,
        "values": [_value_entry(value) for value in report.values],
        "body": None if report.body is None else _span(report.body) | {"characters": report.body.characters},
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
        **_span(finding),
        "pointer": finding.pointer,
        "related": [{"message": related.message, **_span(related)} for related in finding.related],
        "fingerprint": finding.fingerprint,
        "fix": _fix_entry(finding.fix),
    }


def summary_entry(totals: Totals) -> Entry:
    """The totals of a run. Its findings and fixes count open ones."""
    return {
        "seeds": totals.seeds,
        "verdicts": totals.verdicts,
        "findings": totals.findings,
        "accepted": totals.accepted,
        "baselined": totals.baselined,
        "fixable": totals.fixable,
    }


def _span(spanned: Candidate | Extent | Finding | Related | Value) -> Entry:
    return {"start": _position_entry(spanned.start), "end": _position_entry(spanned.end)}


def _position_entry(position: Position | None) -> Entry | None:
    if position is None:
        return None
    return {"line": position.line, "column": position.column, "offset": position.offset, "byte": position.byte}


def _value_entry(value: Value) -> Entry:
    return {
        "field": value.field,
        "basis": value.basis,
        "value": value.value,
        **_span(value),
        "disputed": value.disputed,
        "candidates": [{"value": candidate.value, **_span(candidate)} for candidate in value.candidates],
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
