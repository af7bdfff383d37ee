"""The five real seeds, against what a curator said of them: through the Python face and through the command line."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from expected import NAME, REPOSITORY, Entry, differences, read_expected, seeds_folder

import validator
from validator.reports.entries import encoded, finding_entry, seed_entry

FOLDER = seeds_folder()
needs_seeds = pytest.mark.skipif(
    FOLDER is None, reason=f"no {NAME} in ../shared/seeds beside the checkout, and SEEDS_DIR names no folder"
)
EXPECTED = read_expected(FOLDER) if FOLDER is not None else {}
each_seed = pytest.mark.parametrize("name", list(EXPECTED))
pytestmark = needs_seeds


@cache
def by_face(name: str) -> Entry:
    """One seed as `validator.validate` reports it, in the form of a JSON report."""
    assert FOLDER is not None
    report = validator.validate((FOLDER / name).read_bytes(), path=name)
    entry = seed_entry(report) | {"findings": [finding_entry(finding) for finding in report.findings]}
    read: Entry = json.loads(encoded(entry))
    return read


@cache
def by_command(form: str) -> tuple[int, str]:
    """The exit code and the report of `validator validate` on the folder."""
    command = [sys.executable, "-m", "validator", "validate", str(FOLDER), "--no-config", "--format", form]
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", cwd=REPOSITORY)
    # The folder holds EXPECTED.yaml as well, which is told.
    said = "validator: 1 other file not checked, as `include` does not match its name: "
    assert form == "concise" or re.fullmatch(f"{re.escape(said)}.*EXPECTED.yaml\n", done.stderr)
    return done.returncode, done.stdout


def document() -> dict[str, Any]:
    """The JSON report of the command line."""
    read: dict[str, Any] = json.loads(by_command("json")[1])
    return read


def seeds_by_name() -> dict[str, Entry]:
    return {Path(seed["path"]).name: seed for seed in document()["seeds"]}


def test_every_seed_of_the_folder_is_spoken_of() -> None:
    assert FOLDER is not None
    assert {path.name for path in FOLDER.glob("*.txt")} == set(EXPECTED)
    assert set(seeds_by_name()) == set(EXPECTED)


@each_seed
def test_the_python_face_says_what_is_expected(name: str) -> None:
    assert list(differences(EXPECTED[name], by_face(name))) == []


@each_seed
def test_the_command_line_says_what_is_expected(name: str) -> None:
    assert list(differences(EXPECTED[name], seeds_by_name()[name])) == []


@each_seed
def test_both_say_the_same(name: str) -> None:
    assert {**seeds_by_name()[name], "path": name} == by_face(name)


def test_the_exit_code_is_that_of_findings() -> None:
    assert [by_command(form)[0] for form in ("json", "concise")] == [1, 1]


def test_the_report_is_what_its_schema_says() -> None:
    schema = json.loads((REPOSITORY / "schemas" / "report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = jsonschema.Draft202012Validator(schema).iter_errors(document())
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_disputed_date_carries_what_each_place_says() -> None:
    seeds = [seed for name, seed in seeds_by_name().items() if EXPECTED[name].get("disputed") == ["date_published"]]
    assert seeds
    for seed in seeds:
        value = next(value for value in seed["values"] if value["field"] == "date_published")
        finding = next(finding for finding in seed["findings"] if finding["rule"] == "dates-disagree")
        places = [finding["start"]["line"], *(related["start"]["line"] for related in finding["related"])]
        assert [candidate["start"]["line"] for candidate in value["candidates"]] == places == [4, 10]
        assert [candidate["value"][:19] for candidate in value["candidates"]] == [
            "2021-11-25T11:34:37",
            "2021-11-25T17:13:00",
        ]


def test_a_span_is_what_the_finding_is_about() -> None:
    """Of the finding on a leaked field the file says how long it is, in words."""
    seed = next(seed for seed in seeds_by_name().values() if seed["source"] == "chinamil-text")
    finding = next(finding for finding in seed["findings"] if finding["rule"] == "leaked-field")
    assert (finding["start"]["offset"], finding["end"]["offset"]) == (0, 17)
    seed = next(seed for seed in seeds_by_name().values() if seed["source"] == "peoples-daily-page")
    assert FOLDER is not None
    length = len((FOLDER / Path(seed["path"]).name).read_bytes().decode())
    assert (
        max(finding["end"]["offset"] for finding in seed["findings"] if finding["rule"] == "page-furniture") == length
    )


# A comparison that lets everything pass would not be noticed above.


def twisted(seed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """One report in which something is wrong, for each thing that may be wrong."""
    out = {what: copy.deepcopy(seed) for what in ("source", "verdict", "record", "body", "moved", "gone", "forbidden")}
    out["source"]["source"] = "plain-text"
    out["verdict"]["verdict"] = "valid"
    out["record"]["record"]["language"] = "la"
    out["body"]["body"]["end"]["line"] += 1
    for finding in out["moved"]["findings"]:
        finding["start"]["column"] += 1
    out["gone"]["findings"] = []
    out["forbidden"]["findings"].append({**seed["findings"][0], "rule": "date-missing"})
    out["forbidden"]["findings"].append({**seed["findings"][0], "rule": "stray-quote"})
    return out


@each_seed
def test_the_comparison_notices(name: str) -> None:
    for what, seed in twisted(dict(by_face(name))).items():
        assert list(differences(EXPECTED[name], seed)), what


def test_the_comparison_notices_an_undisputed_value() -> None:
    name = next(name for name, entry in EXPECTED.items() if "disputed" in entry)
    seed = copy.deepcopy(dict(by_face(name)))
    value = next(value for value in seed["values"] if value["field"] == "date_published")
    for changes in ({"disputed": False}, {"candidates": value["candidates"][:1]}):
        seed["values"] = [{**value, **changes}]
        assert list(differences(EXPECTED[name], seed))
