"""Reports as JSON: the parts of the `json` and `jsonl` formats, as `schemas/report.schema.json` describes them.

Offsets and edits count code points of the decoded text from 0; `byte` counts bytes of the file. What is unknown is null.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from validator.reports.escaping import HOSTILE
from validator.reports.model import Profile, Spool, tool_version
from validator.text.findings import Candidate, Edit, Extent, Finding, Fix, Lift, Related, SeedReport, Totals, Value
from validator.text.places import Position

SCHEMA_VERSION = 2
# What the JSON of each object holds, in this order. A finding's places for other programs, for one, are not in it.
_MEMBERS: dict[type, tuple[str, ...]] = {
    Profile: ("schemas_sha256", "config_sha256", "rules_not_shown"),
    SeedReport: ("path", "source", "evidence", "verdict", "encoding", "sha256", "record", "values", "body"),
    Value: ("field", "basis", "value", "start", "end", "disputed", "candidates", "note"),
    Candidate: ("value", "start", "end"),
    Extent: ("start", "end", "characters"),
    Finding: (
        *("rule", "family", "severity", "message", "status", "start", "end"),
        *("pointer", "related", "fingerprint", "fix"),
    ),
    Related: ("message", "start", "end"),
    Fix: ("applicability", "title", "edits", "recode", "lift"),
    Edit: ("start", "end", "replacement"),
    Lift: ("field", "value"),
    Position: ("line", "column", "offset", "byte"),
    Totals: ("seeds", "verdicts", "findings", "accepted", "baselined", "fixable"),
}

Entry = dict[str, Any]


def encoded(entry: object) -> str:
    """An entry as JSON on one line. Chinese stays readable; what is hostile in a terminal or a log is escaped."""
    text = json.dumps(entry, ensure_ascii=False)
    return HOSTILE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)  # all matches are inside strings


def given(**members: Any) -> Entry:
    """An object without the members that are None, False or an empty list."""
    return {name: value for name, value in members.items() if not (value is None or value is False or value == [])}


class JsonList:
    """A JSON array that is written entry by entry, one per line, to `out`.

    `opening`, which ends with its bracket, is written with the first entry, or at the end if there is none.
    """

    def __init__(self, out: TextIO | Spool, opening: str = "[") -> None:
        self._out = out
        self._opening = self._before = opening

    def add(self, entry: Entry) -> None:
        """Write an entry."""
        self._out.write(f"{self._before}\n{encoded(entry)}")
        self._before = ","

    def close(self, closing: str = "]") -> None:
        """Write what closes the array. An empty one is closed on the line where it opens."""
        self._out.write(closing if self._before == "," else self._opening + closing.lstrip())


def header_entry(profile: Profile, rule_url: str = "") -> Entry:
    """What made the report: the version of its schema, the tool, and how the run was configured. `rule_url` is the address of
    the pages of rules, if there is one.
    """
    tool = given(name="validator", version=tool_version(), rule_url=rule_url or None)
    return {"schema_version": SCHEMA_VERSION, "tool": tool, "profile": _members(profile)}


def seed_entry(report: SeedReport) -> Entry:
    """Everything about one seed except its findings."""
    return _members(report) | {
        name: value for name in ("fault", "layout") if (value := getattr(report, name)) is not None
    }


def finding_entry(finding: Finding) -> Entry:
    """One finding, with its place, its fix and its status."""
    return _members(finding)


def summary_entry(totals: Totals) -> Entry:
    """The totals of a run. Its findings and fixes count open ones."""
    return _members(totals)


def position_entry(position: Position | None) -> Entry | None:
    """One place in a seed, null if there is none."""
    return None if position is None else _members(position)


def _members(whole: object) -> Entry:
    entry = {name: _plain(getattr(whole, name)) for name in _MEMBERS[type(whole)]}
    if isinstance(whole, Value):
        entry |= {"value": whole.value, "note": whole.note or None}  # a value is ready for JSON
    return entry


def _plain(value: Any) -> Any:
    if type(value) in _MEMBERS:
        return _members(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
