"""The `sarif` format: Static Analysis Results Interchange Format 2.1.0, one log with one run.

Every finding is a result, whatever its status: an accepted one is suppressed, and with a baseline `baselineState` tells
known findings from new ones. Every seed is an artifact, with its verdict, source and digest in its properties. A seed that
was not judged is also a notification of the tool, since a run without results looks clean. Columns count code points from 1,
the byte-order mark included; ends are exclusive; lines break at LF only.

`fixes` has only what replacements can express (see `words.replacements`); the property `fix` names all fixes.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from validator.archive.root import project_addresses
from validator.reports.entries import Entry, JsonList, encoded, given, header_entry, summary_entry
from validator.reports.escaping import printable
from validator.reports.model import Format, Reporter, Run, Spool, tool_version
from validator.reports.rule_pages import parts_of
from validator.reports.words import MEANINGS, UNJUDGED, judgement, path_bytes, replacements, salted
from validator.rules import registry
from validator.text.findings import Finding, SeedReport, Severity, Status, Totals, Verdict
from validator.text.places import Position

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "seedFinding/v1"  # another version where the fingerprint of a finding that stays the same changes
ROOT = "%SRCROOT%"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_LINK = re.compile(r"\]\(")


class SarifReporter(Reporter):
    """Writes the log, one result per line. It is complete only after `finish`: artifacts and notifications come last."""

    def begin(self) -> None:
        """Number the rules, and prepare the lists."""
        self._rules = {name: number for number, name in enumerate(sorted(registry.RULES))}
        self._results = JsonList(self.out, _beginning(self.setting.run))
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
        for each in (self._results, self._artifacts, self._notifications):
            each.close()
        self._later[0].pass_on(self.out)
        is_successful = not totals.verdicts.get(Verdict.UNCHECKED)
        self.out.write(f',\n"invocations": [{{"executionSuccessful": {encoded(is_successful)}')
        self._later[1].pass_on(self.out)
        properties = summary_entry(totals) | header_entry(self.setting.profile)["profile"]
        del properties["fixable"]
        self.out.write(f'}}],\n"properties": {encoded(properties)}}}]}}\n')

    def _result(self, finding: Finding, mark: str, location: Entry) -> Entry:
        suppression = given(kind="external", status="accepted", justification=printable(finding.reason) or None)
        is_open = finding.status is Status.OPEN  # an accepted finding is not new either
        return given(
            ruleId=finding.rule,
            ruleIndex=self._rules.get(finding.rule),
            level=_LEVELS[finding.severity],
            message=_message(finding.message),
            locations=[_location(location, finding.start, finding.end)],
            partialFingerprints={FINGERPRINT: mark},
            relatedLocations=[
                {"id": number, **_location(location, each.start, each.end), "message": _message(each.message)}
                for number, each in enumerate(finding.related)
            ],
            fixes=_fixes(finding, location),
            suppressions=[suppression] if finding.status is Status.ACCEPTED else None,
            baselineState=("new" if is_open else "unchanged") if self.setting.profile.has_baseline else None,
            properties=given(
                family=finding.family,
                whole=finding.whole,
                pointer=finding.pointer,
                fix=finding.fix and {"applicability": finding.fix.applicability, "title": finding.fix.title},
            ),
        )


def _beginning(run: Run) -> str:
    """The log up to its results: the tool, its rules, and how places are counted."""
    driver = given(
        name="validator",
        version=tool_version(),
        informationUri=next(iter(project_addresses().values()), None),
        rules=[_rule(registry.RULES[name], run) for name in sorted(registry.RULES)],
        notifications=[
            {"id": verdict, "shortDescription": _message(f"the seed is {verdict}: {MEANINGS[verdict]}")}
            for verdict in UNJUDGED
        ],
    )
    root = {"description": _message("The root of the archive, to which paths are relative.")}
    written = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\n"],
        "originalUriBaseIds": {ROOT: root},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0"}
    return f'{encoded(log)[:-1]}, "runs": [\n{encoded(written)[:-1]},\n"results": ['


def _rule(rule: registry.Rule, run: Run) -> Entry:
    """The documentation of a rule as a descriptor: its sentences as prose, its examples verbatim."""
    prose, parts = parts_of(rule)
    end = next((at for at, each in enumerate(prose) if each.startswith(("Does not handle:", "Next:"))), len(prose))
    return given(
        id=rule.name,
        helpUri=run.url_of(rule.name) or None,
        shortDescription=_message(rule.summary),
        fullDescription={"text": _plain("\n\n".join(prose[1:end]) or rule.summary)},
        help={"text": _plain(rule.document), "markdown": "\n\n".join(parts)},
        defaultConfiguration={"level": _LEVELS[rule.severity]},
        properties={"tags": [rule.family]},
    )


def _message(text: str) -> Entry:
    return {"text": _plain(printable(text))}


def _plain(text: str) -> str:
    """A text without placeholders or links: braces are doubled, as the standard demands."""
    return _LINK.sub(r"]\\u{28}", text).replace("{", "{{").replace("}", "}}")


def _fixes(finding: Finding, location: Entry) -> list[Entry]:
    replaced = [
        {"deletedRegion": _region(start, end), "insertedContent": {"text": text}}
        for start, end, text in replacements(finding)
    ]
    if finding.fix is None or not replaced:
        return []
    change = {"artifactLocation": location, "replacements": replaced}
    return [{"description": _message(finding.fix.title), "artifactChanges": [change]}]


def _artifact(report: SeedReport, location: Entry) -> Entry:
    return given(
        location=location,
        roles=["analysisTarget"],
        encoding=report.encoding,
        hashes=report.sha256 and {"sha-256": report.sha256},
        properties={"verdict": report.verdict, "source": report.source},
    )


def _artifact_location(path: str) -> Entry:
    """Where a file is, relative to the root; a file outside the root by its absolute path."""
    address = quote(path_bytes(path), safe="/")
    return {"uri": f"file://{address}"} if path.startswith("/") else {"uri": address, "uriBaseId": ROOT}


def _location(location: Entry, start: Position, end: Position) -> Entry:
    return {"physicalLocation": {"artifactLocation": location, "region": _region(start, end)}}


def _region(start: Position, end: Position) -> Entry:
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


FORMAT = Format("SARIF 2.1.0", SarifReporter)
