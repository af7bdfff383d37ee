"""The `sarif` format: Static Analysis Results Interchange Format 2.1.0, one log with one run.

A result is a finding whatever its status: an accepted one is suppressed, and where a baseline was used `baselineState` tells
the known from the new. An artifact is a seed, with its verdict, source and digest in its properties; a seed that was not
judged is a notification of the tool besides, since a run without results looks clean. Columns count code points from 1, the
byte-order mark included; ends are exclusive; lines break at LF only.

No `fixes` have those that are only shown, those that recode the seed or move a value to its sidecar, which no replacement
can say, and those of more edits than the engine gives places to; the property `fix` tells of all of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO
from urllib.parse import quote

from validator.reports import tool_version
from validator.reports.carried import UNJUDGED, Spool, judgement, path_bytes, salted
from validator.reports.entries import encoded
from validator.reports.printable import printable
from validator.reports.words import MEANINGS
from validator.text.findings import Applicability, Severity, Status, Verdict
from validator.text.places import fold_blanks

if TYPE_CHECKING:
    from validator.reports import Profile
    from validator.reports.entries import Entry
    from validator.rules import Rule
    from validator.text.findings import Finding, SeedReport, Totals
    from validator.text.places import Position

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "seedFinding/v1"  # another version where the fingerprint of a finding that stays the same changes
ROOT = "%SRCROOT%"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_EXAMPLE = re.compile(r"^(?:Bad|Good)\b.*:")
_LINK = re.compile(r"\]\(")


class SarifReporter:
    """Writes the log, a result a line. It is whole only after `finish`: artifacts and notifications wait for the end."""

    def __init__(self, out: TextIO, profile: Profile) -> None:
        from validator.rules import registry

        self._out = out
        self._profile = profile
        self._rules = {name: number for number, name in enumerate(sorted(registry.RULES))}
        self._documents = [_rule(registry.RULES[name]) for name in self._rules]
        self._results = _List(out, "results")
        self._artifacts = _Kept("artifacts")
        self._notifications = _Kept("toolExecutionNotifications")
        self._number = 0
        self._begun = False

    def seed(self, report: SeedReport) -> None:
        """Write the results of one seed."""
        self._begin()
        location = _artifact_location(report.path)
        self._artifacts.add(_artifact(report, location))
        location["index"] = self._number
        self._number += 1
        if report.verdict in UNJUDGED:
            self._notifications.add(
                {
                    "descriptor": {"id": report.verdict},
                    "level": "error",
                    "message": _message(judgement(report)),
                    "locations": [{"physicalLocation": {"artifactLocation": location}}],
                }
            )
        findings = list(report.findings)
        for finding, mark in zip(findings, salted(report, findings), strict=True):
            self._results.add(self._result(finding, mark, location))

    def finish(self, totals: Totals) -> None:
        """Close the results; write the artifacts, and what is said of the run."""
        self._begin()
        self._results.close()
        self._artifacts.pass_on(self._out)
        is_successful = not totals.verdicts.get(Verdict.UNCHECKED)
        self._out.write(f',\n"invocations": [{{"executionSuccessful": {encoded(is_successful)}')
        self._notifications.pass_on(self._out)
        properties = {
            "seeds": totals.seeds,
            "verdicts": totals.verdicts,
            "findings": totals.findings,
            "accepted": totals.accepted,
            "baselined": totals.baselined,
            "schemas_sha256": self._profile.schemas_sha256,
            "config_sha256": self._profile.config_sha256,
            "rules_not_shown": list(self._profile.rules_not_shown),
        }
        self._out.write(f'}}],\n"properties": {encoded(properties)}}}]}}\n')

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        driver: Entry = {"name": "validator", "version": tool_version()}
        if (address := _information_uri()) is not None:
            driver["informationUri"] = address
        driver["rules"] = self._documents
        driver["notifications"] = [
            {"id": verdict, "shortDescription": _message(f"the seed is {verdict}: {MEANINGS[verdict]}")}
            for verdict in UNJUDGED
        ]
        run: Entry = {
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "newlineSequences": ["\n"],
            "originalUriBaseIds": {
                ROOT: {"description": _message("The root of the archive, to which paths are relative.")}
            },
        }
        log: Entry = {"$schema": SCHEMA, "version": "2.1.0"}
        self._out.write(f'{encoded(log)[:-1]}, "runs": [\n{encoded(run)[:-1]}')
        self._results.open()

    def _result(self, finding: Finding, mark: str, location: Entry) -> Entry:
        result: Entry = {"ruleId": finding.rule}
        if finding.rule in self._rules:
            result["ruleIndex"] = self._rules[finding.rule]
        result |= {
            "level": _LEVELS[finding.severity],
            "message": _message(finding.message),
            "locations": [_location(location, finding.start, finding.end)],
            "partialFingerprints": {FINGERPRINT: mark},
        }
        if finding.related:
            result["relatedLocations"] = [
                {
                    "id": number,
                    **_location(location, related.start, related.end),
                    "message": _message(related.message),
                }
                for number, related in enumerate(finding.related)
            ]
        if (fix := _fix(finding, location)) is not None:
            result["fixes"] = [fix]
        if finding.status is Status.ACCEPTED:
            suppression = {"kind": "external", "status": "accepted"}
            if finding.reason:
                suppression["justification"] = printable(finding.reason)
            result["suppressions"] = [suppression]
        if self._profile.has_baseline:
            # What a curator has accepted is not new either.
            result["baselineState"] = "new" if finding.status is Status.OPEN else "unchanged"
        result["properties"] = _properties(finding)
        return result


class _List:
    """A list of a JSON object that is written entry by entry."""

    def __init__(self, out: TextIO | Spool, name: str) -> None:
        self._out = out
        self._name = name
        self._separator = "\n"

    def open(self) -> None:
        self._out.write(f',\n"{self._name}": [')

    def add(self, entry: Entry) -> None:
        self._out.write(self._separator + encoded(entry))
        self._separator = ",\n"

    def close(self) -> None:
        self._out.write("]")


class _Kept:
    """A list of a JSON object whose turn comes later."""

    def __init__(self, name: str) -> None:
        self._kept = Spool()
        self._list = _List(self._kept, name)
        self._list.open()

    def add(self, entry: Entry) -> None:
        self._list.add(entry)

    def pass_on(self, out: TextIO) -> None:
        self._list.close()
        self._kept.pass_on(out)


def _information_uri() -> str | None:
    """The public address of this project, where its package names one."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        named = metadata("seed-validator").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    return next((address.strip() for _, _, address in (entry.partition(",") for entry in named)), None)


def _rule(rule: Rule) -> Entry:
    """What a rule's documentation says, as a descriptor; its sentences as prose, its examples as they stand."""
    paragraphs = rule.document.split("\n\n")
    prose = [fold_blanks(each) for each in paragraphs if not _EXAMPLE.match(each)]
    end = next((at for at, each in enumerate(prose) if each.startswith(("Does not handle:", "Next:"))), len(prose))
    parts = [
        "\n".join(f"    {line}" for line in each.split("\n")) if _EXAMPLE.match(each) else fold_blanks(each)
        for each in paragraphs
    ]
    return {
        "id": rule.name,
        "shortDescription": _message(rule.summary),
        "fullDescription": {"text": _plain("\n\n".join(prose[1:end]) or rule.summary)},
        "help": {"text": _plain(rule.document), "markdown": "\n\n".join(parts)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.family]},
    }


def _message(text: str) -> Entry:
    return {"text": _plain(printable(text))}


def _plain(text: str) -> str:
    """A text in which nothing is a placeholder or a link: braces are doubled, as the standard wants them."""
    return _LINK.sub(r"]\\u{28}", text).replace("{", "{{").replace("}", "}}")


def _artifact(report: SeedReport, location: Entry) -> Entry:
    artifact: Entry = {"location": dict(location), "roles": ["analysisTarget"]}
    if report.encoding is not None:
        artifact["encoding"] = report.encoding
    if report.sha256 is not None:
        artifact["hashes"] = {"sha-256": report.sha256}
    artifact["properties"] = {"verdict": report.verdict, "source": report.source}
    return artifact


def _artifact_location(path: str) -> Entry:
    """Where a file is: from the root; one that lies elsewhere by its whole path."""
    address = quote(path_bytes(path), safe="/")
    return {"uri": f"file://{address}"} if path.startswith("/") else {"uri": address, "uriBaseId": ROOT}


def _location(location: Entry, start: Position, end: Position) -> Entry:
    return {"physicalLocation": {"artifactLocation": location, "region": _region(start, end)}}


def _region(start: Position, end: Position) -> Entry:
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _fix(finding: Finding, location: Entry) -> Entry | None:
    fix = finding.fix
    if fix is None or not fix.edits or fix.lift is not None or fix.applicability is Applicability.DISPLAY:
        return None
    if len(finding.places) != len(fix.edits):
        return None
    replacements = [
        {"deletedRegion": _region(*place), "insertedContent": {"text": edit.replacement}}
        for edit, place in zip(fix.edits, finding.places, strict=True)
    ]
    return {
        "description": _message(fix.title),
        "artifactChanges": [{"artifactLocation": location, "replacements": replacements}],
    }


def _properties(finding: Finding) -> Entry:
    properties: Entry = {"family": finding.family}
    if finding.whole:
        properties["whole"] = True
    if finding.pointer is not None:
        properties["pointer"] = finding.pointer
    if finding.fix is not None:
        properties["fix"] = {"applicability": finding.fix.applicability, "title": finding.fix.title}
    return properties
