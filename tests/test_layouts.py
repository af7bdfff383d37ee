"""Layouts of a source over time: which one a seed is read by, what it overrides, and where the report says so."""

from __future__ import annotations

import json
import pickle
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from running import program_in
from test_source_schema import META_SCHEMA, read, source

import validator
from validator.archive.discovery import discover
from validator.archive.face import load_sources, own_sources
from validator.archive.opening import Request, example_failures, open_archive
from validator.reports.entries import seed_entry
from validator.review.desk import Desk, sheet
from validator.review.showing import sheet_entry
from validator.sources.layout_drafting import layout_entry, with_layout
from validator.sources.model import FIELDS, Place, Source
from validator.text.findings import Severity

BODY = """\
container: page-capture
language: en
identify: {text: [{pattern: '\\AThe Sample Herald$', score: 5}], at_least: 5}
record:
  headline: [{line_before: byline}]
  byline: [{pattern: '^By (?P<value>[^\\n]+)$', within_lines: 8}]
  date_published: [{pattern: '^Published: (?P<value>[^\\n]+)$'}]
residue:
  - {name: masthead, rule: page-furniture, pattern: '\\AThe Sample Herald\\n', severity: warning}
layouts:
  - name: with labels
    title: Every line has its label
    valid_from: 2020-06-01
    record:
      headline: [{pattern: '^Headline: (?P<value>[^\\n]+)$'}]
      byline: [{pattern: '^Author: (?P<value>[^\\n]+)$'}]
      date_published: [{pattern: '^Date: (?P<value>[^\\n]+)$'}]
  - name: short
    pattern: '^Short version$'
    valid_until: 2019-12-31
    record: {required: {byline: optional}}
    residue: [{name: short, rule: page-furniture, pattern: '^Short version\\n'}]
"""
OLD = "The Sample Herald\nA lamp is moved\nBy A. Specimen\nPublished: {}\n\nThis is the text of the article.\n"
NEW = (
    "The Sample Herald\nHeadline: A lamp is moved\nAuthor: A. Specimen\nDate: {}\n\nThis is the text of the article.\n"
)
SHORT = "The Sample Herald\nShort version\nA lamp is moved\nPublished: {}\n\nThis is the text of the article.\n"


@pytest.fixture(name="herald", scope="module")
def _herald() -> dict[str, Source]:
    return {**own_sources(), "new": source(BODY)}


@pytest.mark.parametrize(
    ("text", "layout", "byline"),
    [
        (OLD.format("2019-03-04"), "", ["A. Specimen"]),
        (OLD.format("2021-03-04"), "", ["A. Specimen"]),  # the layout of that day reads no date here
        (NEW.format("2021-03-04"), "with labels", ["A. Specimen"]),
        (NEW.format("1 June 2020"), "with labels", ["A. Specimen"]),  # its first day
        (NEW.format("31 May 2020"), "", None),
        (NEW.format("no day"), "", None),
        (NEW.format("June 2020"), "", None),  # nothing says which day it is
        (SHORT.format("2019-12-31"), "short", None),  # its last day
        (SHORT.format("2020-01-01"), "", None),
        (OLD.format("2019-12-31"), "", ["A. Specimen"]),  # without its pattern
    ],
)
def test_the_first_layout_that_fits_reads_the_seed(
    herald: dict[str, Source], text: str, layout: str, byline: list[str] | None
) -> None:
    report = validator.validate(text, sources=herald)
    assert (report.source, report.layout) == ("new", layout)
    assert report.record.get("byline") == byline
    assert seed_entry(report)["layout"] == layout


def test_a_layout_overrides_as_a_child_does(herald: dict[str, Source]) -> None:
    labels, short = herald["new"].layouts
    assert labels.source.places["byline"] == (Place(pattern="^Author: (?P<value>[^\n]+)$".replace("\n", "\\n")),)
    assert [each.name for each in labels.source.residues] == ["masthead"]
    assert [each.name for each in short.source.residues] == ["masthead", "short"]
    assert short.source.places == herald["new"].places
    assert (labels.source.title, short.source.title) == ("Every line has its label", "What new is")
    assert {labels.source.id, short.source.id} == {"new"}
    assert labels.source.identify == herald["new"].identify
    assert asdict(pickle.loads(pickle.dumps(herald["new"]))) == asdict(herald["new"])


def test_a_layout_may_change_what_is_required_and_the_front_matter() -> None:
    found = source(
        "container: front-matter\nfront_matter: {required: [author], properties: {title: {minLength: 1}}}\n"
        "record: {required: {byline: error}, byline: [{front_matter: author}]}\n"
        "layouts: [{name: later, pattern: '^writer:', front_matter: {required: [writer]},"
        " record: {required: {byline: info}, byline: [{front_matter: writer}]}}]"
    )
    (later,) = found.layouts
    assert later.source.required == {"byline": Severity.INFO}
    assert found.required == {"byline": Severity.ERROR}
    assert json.loads(later.source.front_matter or "") == {
        "required": ["writer"],
        "properties": {"title": {"minLength": 1}},
    }


def test_a_child_has_the_layouts_of_its_ancestor_with_its_own_words() -> None:
    child = source("extends: parent\nlanguage: zh", parent=BODY)
    assert [each.name for each in child.layouts] == ["with labels", "short"]
    assert {each.source.id for each in child.layouts} == {"new"}
    assert {each.source.policy.language for each in child.layouts} == {"zh"}


def test_named_patterns_are_inserted_in_layouts_but_not_in_their_json_schema() -> None:
    found = source(
        "patterns: {NAME: '[A-Z][a-z]+'}\n"
        "layouts: [{name: a, pattern: '^%{NAME}:$', record: {byline: [{pattern: '(?P<value>%{NAME})'}]},"
        " front_matter: {properties: {a: {const: '%{NAME}'}}}}]"
    )
    (layout,) = found.layouts
    assert layout.pattern == "^(?:[A-Z][a-z]+):$"
    assert layout.source.places["byline"] == (Place(pattern="(?P<value>(?:[A-Z][a-z]+))"),)
    assert "%{NAME}" in (layout.source.front_matter or "")


def test_a_curators_date_decides_where_the_layout_reads_none(herald: dict[str, Source]) -> None:
    text = NEW.replace("Date: {}\n", "")
    assert validator.validate(text, sources=herald).layout == ""
    sidecar = "record:\n  date_published: {value: 2021-03-04, basis: the printed page, by: A. Sample, on: 2026-01-02}\n"
    report = validator.validate(text, sources=herald, sidecar=sidecar)
    assert (report.layout, report.record["byline"]) == ("with labels", ["A. Specimen"])


def test_examples_say_by_which_layout_they_are_read(tmp_path: Path) -> None:
    example = f"examples: [{{name: a, layout: %s, verdict: valid, text: {json.dumps(NEW.format('2021-03-04'))}}}]\n"
    said = {}
    for layout in ("with labels", "short", "''"):
        text = f"id: new\ntitle: a\n{BODY}{example % layout}".replace(
            "  - {name: masthead, rule: page-furniture, pattern: '\\AThe Sample Herald\\n', severity: warning}\n", ""
        ).replace("residue:\nlayouts", "layouts")
        (tmp_path / "new.yaml").write_text(text, "utf-8")
        said[layout] = example_failures(load_sources([tmp_path], tmp_path), "new")
    assert said["with labels"] == []
    assert "it is read by layout 'with labels', expected 'short'" in said["short"][0]
    assert "it is read by layout 'with labels', expected ''" in said["''"][0]


def test_reports_of_sources_without_layouts_say_nothing_of_layouts() -> None:
    report = validator.validate("---\ntitle: A lamp\ndate: 2021-03-04\n---\nText.\n")
    assert report.layout is None
    assert "layout" not in seed_entry(report)


def test_the_command_line_says_the_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    program = program_in(capsys, monkeypatch)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "new.yaml").write_text(f"id: new\ntitle: a\n{BODY}", "utf-8")
    (tmp_path / "new.txt").write_text(NEW.format("2021-03-04"), "utf-8")
    (tmp_path / "old.txt").write_text(OLD.format("2019-03-04"), "utf-8")
    given = ("--schemas", "schemas")
    said = program("record", *given, "new.txt", "old.txt").out
    assert "  layout          with labels\n" in said
    assert "  layout          the source as written\n" in said
    assert "Source: new, layout with labels\n" in program("validate", *given, "new.txt").out
    lines = program("validate", *given, "--format", "jsonl", "new.txt", "old.txt").out.splitlines()
    assert [json.loads(line)["layout"] for line in lines if '"type": "seed"' in line] == ["with labels", ""]


def test_the_pages_say_the_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    program = program_in(capsys, monkeypatch)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "new.yaml").write_text(f"id: new\ntitle: a\n{BODY}", "utf-8")
    (tmp_path / "new.txt").write_text(NEW.format("2021-03-04"), "utf-8")
    (tmp_path / "old.txt").write_text(OLD.format("2019-03-04"), "utf-8")
    page = program("validate", "--schemas", "schemas", "--format", "html", "new.txt", "old.txt").out
    assert page.count('"layout":"with labels"') == 1
    archive = open_archive(Request(tmp_path, schemas=(tmp_path / "schemas",)))
    desk = Desk(archive, "A. Curator", "0")
    seeds = {seed.name: seed for seed in discover([str(tmp_path)], archive.settings, archive.root).seeds}
    shown = {name: sheet_entry(sheet(desk, seed), {}, archive.sources)["layout"] for name, seed in seeds.items()}
    assert {name: shown[name] for name in ("new.txt", "old.txt")} == {"new.txt": "with labels", "old.txt": ""}


@given(st.text(st.sampled_from("The Sample Herald\nShort versionDate: 2021-03-04By A.")))
def test_any_text_has_one_layout_or_none(text: str) -> None:
    found = {"new": source(BODY), "base": own_sources()["base"]}
    report = validator.validate(f"The Sample Herald\n{text}", sources=found, source="new")
    assert report.layout in ("", "with labels", "short")


def test_the_meta_schema_has_one_definition_of_what_a_layout_shares_with_its_source() -> None:
    of_layout = json.loads(META_SCHEMA)["properties"]["layouts"]["items"]["properties"]
    for name in ("front_matter", "record", "agree", "residue"):
        assert of_layout[name]["$ref"] == f"#/properties/{name}"
    assert read(("a.yaml", "id: a\ntitle: b\n"))["a"].layouts == ()


def test_the_address_is_looked_for_where_any_layout_has_it() -> None:
    found = source(
        "container: front-matter\nidentify: {hosts: [herald.example.org]}\nrecord: {source_url: [{front_matter: url}]}\n"
        "layouts: [{name: later, pattern: '^canonical:', record: {source_url: [{front_matter: canonical}]}}]"
    )
    for key, layout in (("url", ""), ("canonical", "later")):
        text = f"---\ntitle: A lamp\n{key}: https://herald.example.org/lamp\n---\nText.\n"
        report = validator.validate(text, sources={**own_sources(), "new": found})
        assert (report.source, report.layout) == ("new", layout)


OVERRIDES = [
    "record: {headline: [{label: 'Headline:'}], required: {byline: info}}",
    "record: {body: [{after: byline}]}\nresidue: [{name: masthead, rule: advertisement, pattern: x}]",
    "agree: [{name: a, rule: headlines-disagree, left: headline, right: {path: '(?P<value>a)'}, relation: same-text}]",
    "front_matter: {required: [a]}",
]


@given(st.lists(st.sampled_from(OVERRIDES), min_size=1, unique=True))
def test_a_layout_says_what_a_child_with_the_same_words_says(chosen: list[str]) -> None:
    words: dict[str, Any] = {}
    for text in chosen:
        for key, value in yaml.safe_load(text).items():
            words[key] = {**words.get(key, {}), **value} if isinstance(value, dict) else value
    parent = BODY[: BODY.index("layouts:")]
    child = source(_flow(words), parent=parent)
    (layout,) = source(f"{parent}layouts: [{json.dumps({'name': 'a', 'pattern': 'b', **words})}]").layouts
    for name in ("places", "required", "agreements", "residues", "rules", "front_matter", "policy"):
        assert getattr(layout.source, name) == getattr(child, name), name


def _flow(words: dict[str, Any]) -> str:
    """A child's schema with these words."""
    return "\n".join(["extends: parent", *(f"{key}: {json.dumps(value)}" for key, value in words.items())])


# --- a layout that is written into a schema -----------------------------------------------------------------------------

OWN: dict[str, Any] = {
    "record": {"headline": [{"line_before": "byline"}], "byline": [{"pattern": "^By (?P<value>[^\n]+)$"}]},
    "residue": [{"name": "masthead", "rule": "page-furniture", "pattern": "^The Sample"}],
    "language": "en",
}
DRAFTED: dict[str, Any] = {
    "record": {"headline": [{"line_before": "byline"}], "byline": [{"pattern": "^Author: (?P<value>[^\n]+)$"}]},
    "residue": [*OWN["residue"], {"name": "menu", "rule": "page-furniture", "pattern": "^Menu: 'a' \"b\"$"}],
    "language": "de",
}


@pytest.mark.parametrize(
    "before",
    [
        "",
        "layouts:\n  - {name: old, valid_until: 2019-01-01}\n",
        "layouts:  # older ones\n# a comment\n- name: old\n  pattern: a\nlanguage: en\n",
        "layouts:\n\n    - name: old\n      pattern: a\n",
        "language: en\n\n\n",
    ],
)
def test_a_drafted_layout_is_written_before_the_others(before: str) -> None:
    entry = layout_entry("since: 2021", date(2021, 3, 4), OWN, DRAFTED)
    found = source(with_layout(before, entry).removesuffix("\n"))
    new = found.layouts[0]
    assert (new.name, new.valid_from) == ("since: 2021", date(2021, 3, 4))
    assert new.source.places == {"byline": (Place(pattern="^Author: (?P<value>[^\n]+)$"),)}
    assert [each.name for each in new.source.residues] == ["menu"]
    assert [each.name for each in found.layouts[1:]] == ["old"] * ("old" in before)


def test_layouts_in_one_line_are_not_changed() -> None:
    with pytest.raises(ValueError, match="in one line"):
        with_layout("layouts: [{name: a, pattern: b}]\n", layout_entry("c", None, {}, {}))


def test_a_draft_that_says_the_same_gives_only_a_name_and_a_day() -> None:
    assert layout_entry("a", date(2021, 3, 4), OWN, OWN) == '  - name: "a"\n    valid_from: 2021-03-04\n'


@given(st.dictionaries(st.sampled_from(FIELDS[:-1]), st.text(min_size=1), min_size=1), st.text(min_size=1))
def test_any_words_come_back_from_a_written_layout(values: dict[str, str], name: str) -> None:
    record = {field: [{"value": value}] for field, value in values.items()}
    entry = layout_entry(name, date(2021, 3, 4), {}, {"record": record})
    found = yaml.safe_load(with_layout("a: b", entry))["layouts"]
    assert found == [{"name": name, "valid_from": date(2021, 3, 4), "record": record}]
