"""The `sarif` format: Static Analysis Results Interchange Format 2.1.0, one log with one run.

Every finding is a result, whatever its status: an accepted one is suppressed, and with a baseline `baselineState` tells
known findings from new ones. Every seed is an artifact, with its verdict, source and digest in its properties. A seed that
was not judged is also a notification of the tool, since a run without results looks clean. Columns count code points from 1,
the byte-order mark included; ends are exclusive; lines break at LF only.

`fixes` has only what replacements can express (see `carried.replacements`); the property `fix` names all fixes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from validator.reports.carried import UNJUDGED, judgement, path_bytes, replacements, salted
from validator.reports.entries import Entry, JsonList, encoded
from validator.reports.escaping import printable
from validator.reports.model import Format, Reporter, Setting, tool_version
from validator.reports.spool import Spool
from validator.reports.words import MEANINGS
from validator.rules import registry
from validator.text.findings import Severity, Status, Verdict
from validator.text.places import fold_blanks

if TYPE_CHECKING:
    from typing import TextIO

    from validator.rules.registry import Rule
    from validator.text.findings import Finding, SeedReport, Totals
    from validator.text.places import Position

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "seedFinding/v1"  # another version where the fingerprint of a finding that stays the same changes
ROOT = "%SRCROOT%"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_EXAMPLE = re.compile(r"^(?:Bad|Good)\b.*:")
_LINK = re.compile(r"\]\(")


class SarifReporter(Reporter):
    """Writes the log, one result per line. It is complete only after `finish`: artifacts and notifications come last."""

    def __init__(self, out: TextIO, setting: Setting) -> None:
        super().__init__(out, setting)
        self._rules = {name: number for number, name in enumerate(sorted(registry.RULES))}
        self._results = JsonList(out, self._beginning())
        self._later = Spool(), Spool()
        self._artifacts = JsonList(self._later[0], ',\n"artifacts": [')
        self._notifications = JsonList(self._later[1], ',\n"toolExecutionNotifications": [')
        self._number = 0

    def seed(self, report: SeedReport) -> None:
        """Write the results of one seed."""
        location = _artifact_location(report.path)
        self._artifacts.add(_artifact(report, location))
        location = location | {"index": self._number}
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
        for finding, mark in zip(report.findings, salted(report, report.findings), strict=True):
            self._results.add(self._result(finding, mark, location))

    def finish(self, totals: Totals) -> None:
        """Close the results; write the artifacts, and what concerns the whole run."""
        self._results.close()
        self._artifacts.close()
        self._notifications.close()
        self._later[0].pass_on(self.out)
        is_successful = not totals.verdicts.get(Verdict.UNCHECKED)
        self.out.write(f',\n"invocations": [{{"executionSuccessful": {encoded(is_successful)}')
        self._later[1].pass_on(self.out)
        profile = self.setting.profile
        properties = {
            "seeds": totals.seeds,
            "verdicts": totals.verdicts,
            "findings": totals.findings,
            "accepted": totals.accepted,
            "baselined": totals.baselined,
            "schemas_sha256": profile.schemas_sha256,
            "config_sha256": profile.config_sha256,
            "rules_not_shown": list(profile.rules_not_shown),
        }
        self.out.write(f'}}],\n"properties": {encoded(properties)}}}]}}\n')

    def _beginning(self) -> str:
        driver: Entry = {"name": "validator", "version": tool_version()}
        if (address := _information_uri()) is not None:
            driver["informationUri"] = address
        driver["rules"] = [_rule(registry.RULES[name]) for name in self._rules]
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
        return f'{encoded(log)[:-1]}, "runs": [\n{encoded(run)[:-1]},\n"results": ['

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
        if finding.fix is not None and (edits := replacements(finding)):
            replaced = [
                {"deletedRegion": _region(start, end), "insertedContent": {"text": text}} for start, end, text in edits
            ]
            change = {"artifactLocation": location, "replacements": replaced}
            result["fixes"] = [{"description": _message(finding.fix.title), "artifactChanges": [change]}]
        if finding.status is Status.ACCEPTED:
            suppression = {"kind": "external", "status": "accepted"}
            if finding.reason:
                suppression["justification"] = printable(finding.reason)
            result["suppressions"] = [suppression]
        if self.setting.profile.has_baseline:
            # An accepted finding is not new either.
            result["baselineState"] = "new" if finding.status is Status.OPEN else "unchanged"
        result["properties"] = _properties(finding)
        return result


def _information_uri() -> str | None:
    """The public address of this project, if its package names one."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        named = metadata("seed-validator").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    return next((address.strip() for _, _, address in (entry.partition(",") for entry in named)), None)


def _rule(rule: Rule) -> Entry:
    """The documentation of a rule as a descriptor: its sentences as prose, its examples verbatim."""
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
    """A text without placeholders or links: braces are doubled, as the standard demands."""
    return _LINK.sub(r"]\\u{28}", text).replace("{", "{{").replace("}", "}}")


def _artifact(report: SeedReport, location: Entry) -> Entry:
    artifact: Entry = {"location": location, "roles": ["analysisTarget"]}
    if report.encoding is not None:
        artifact["encoding"] = report.encoding
    if report.sha256 is not None:
        artifact["hashes"] = {"sha-256": report.sha256}
    artifact["properties"] = {"verdict": report.verdict, "source": report.source}
    return artifact


def _artifact_location(path: str) -> Entry:
    """Where a file is, relative to the root; a file outside the root by its absolute path."""
    address = quote(path_bytes(path), safe="/")
    return {"uri": f"file://{address}"} if path.startswith("/") else {"uri": address, "uriBaseId": ROOT}


def _location(location: Entry, start: Position, end: Position) -> Entry:
    return {"physicalLocation": {"artifactLocation": location, "region": _region(start, end)}}


def _region(start: Position, end: Position) -> Entry:
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _properties(finding: Finding) -> Entry:
    properties: Entry = {"family": finding.family}
    if finding.whole:
        properties["whole"] = True
    if finding.pointer is not None:
        properties["pointer"] = finding.pointer
    if finding.fix is not None:
        properties["fix"] = {"applicability": finding.fix.applicability, "title": finding.fix.title}
    return properties


FORMAT = Format("SARIF 2.1.0", SarifReporter)
