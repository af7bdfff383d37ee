"""A schema corrected by pointing at values: what changes in its text, and the requests of the page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient
from test_learning import pointed_seeds

import validator
from validator.archive.discovery import discover
from validator.archive.face import own_sources
from validator.archive.opening import Request, open_archive
from validator.learning.correcting import Corrector
from validator.learning.drafting import learn, source_of
from validator.learning.pointed import Pointed
from validator.learning.samples import samples_of
from validator.review.pointing import Pointing, make_pointing_application, open_pointing
from validator.review.queue import key_of
from validator.review.security import HEADERS, Keys
from validator.sources.schema_editing import flow, with_entry, with_value, without_entry
from validator.text.errors import ConfigError

PORT = 4711
HOST = f"127.0.0.1:{PORT}"
SCHEMA = """\
# a comment at the top
id: drafted
title: FILL IN what
extends: base
record:
  # a comment of its own
  byline:    # 4 of 5 seeds
    - {line: 2}
    - line: 3
      part: 'x'
  headline: [{line: 1}]    # at the top
residue:
  - {name: one, rule: page-furniture, pattern: 'a'}    # first
  - name: two
    rule: page-furniture
    pattern: 'b'
examples:
  - name: a
    text: |
      # no comment

      end
    verdict: valid
"""


# --- the text of a schema ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "lines", "gone", "come"),
    [
        (("title",), "title: 'New'\n", ["title: FILL IN what\n"], ["title: 'New'\n"]),
        (
            ("record", "byline"),
            "  byline:\n    - {line: 7}\n",
            ["  byline:    # 4 of 5 seeds\n", "    - {line: 2}\n", "    - line: 3\n", "      part: 'x'\n"],
            ["  byline:\n", "    - {line: 7}\n"],
        ),
        (("record", "headline"), None, ["  headline: [{line: 1}]    # at the top\n"], []),
        (("record", "agency"), "  agency: []\n", [], ["  agency: []\n"]),
        (("language",), "language: pl\n", [], ["language: pl\n"]),
        (("text", "script"), "  script: latin\n", [], ["text:\n", "  script: latin\n"]),
        (("nothing", "here"), None, [], []),
    ],
)
def test_only_the_lines_of_a_value_change(
    path: tuple[str, ...], lines: str | None, gone: list[str], come: list[str]
) -> None:
    after = with_value(SCHEMA, path, lines)
    before = SCHEMA.splitlines(keepends=True)
    assert [line for line in before if line not in after.splitlines(keepends=True)] == gone
    assert [line for line in after.splitlines(keepends=True) if line not in before] == come
    assert isinstance(yaml.safe_load(after), dict)


def test_entries_of_a_list_come_and_go() -> None:
    entry = {"name": "three", "rule": "page-furniture", "pattern": "it's: \\d+"}
    more = with_entry(SCHEMA, "residue", entry, "why")
    assert yaml.safe_load(more)["residue"][2] == entry
    assert without_entry(more, "residue", 2) == SCHEMA
    assert "first" not in without_entry(SCHEMA, "residue", 0)
    assert "residue" not in without_entry(without_entry(SCHEMA, "residue", 1), "residue", 0)
    assert yaml.safe_load(with_entry("id: x", "residue", entry, "why"))["residue"] == [entry]


def test_a_list_on_one_line_is_left_alone() -> None:
    schema = "id: x\nresidue: [{name: one, rule: page-furniture, pattern: a}, {name: two}]\nrecord: {byline: []}\n"
    with pytest.raises(ValueError, match="written on one line"):
        with_entry(schema, "residue", {"name": "b"}, "")
    with pytest.raises(ValueError, match="written on one line"):
        with_value(schema, ("record", "headline"), "  headline: []\n")


@pytest.mark.parametrize("value", ["true", "no", "a: b", "it's", "a\u200bb", {"on": ["x", 1, True]}, "", "Zm\u00fcll"])
def test_a_value_on_one_line_is_read_back(value: Any) -> None:
    assert yaml.safe_load(f"a: {flow(value)}") == {"a": value}


# --- corrections ------------------------------------------------------------------------------------------------------


def corrected(kind: str) -> tuple[Corrector, str, list[tuple[str, bytes]]]:
    seeds = pointed_seeds(kind)
    own = dict(own_sources())
    corrector = Corrector(samples_of(seeds)[0], own, lambda text: source_of("drafted", text))
    return corrector, learn("drafted", seeds, own).text, seeds


def values(schema: str, seeds: list[tuple[str, bytes]], field: str) -> list[Any]:
    known = {**own_sources(), "drafted": source_of("drafted", schema)}
    return [
        validator.validate(data, sources=known, source="drafted", path=name).record.get(field) for name, data in seeds
    ]


@pytest.mark.parametrize(
    ("kind", "field", "text"),
    [
        ("text", "byline", "Ben Sample"),
        ("text", "headline", "Lamp 2"),
        ("text", "agency", "Northford"),
        ("matter", "headline", "Short 2"),
        ("matter", "byline", "Ben Sample"),
        ("page", "byline", "Ben Sample"),
        ("page", "headline", "Lamp 2"),
    ],
)
def test_what_is_pointed_at_is_read_as_learn_reads_it(kind: str, field: str, text: str) -> None:
    corrector, schema, seeds = corrected(kind)
    pointed = Pointed(seeds[1][0], field, text)
    after = corrector.pointed(schema, pointed)
    learned = learn("drafted", seeds, dict(own_sources()), [pointed]).text
    assert values(after, seeds, field) == values(learned, seeds, field)
    assert text in str(values(after, seeds, field)[1])
    others = {"headline", "byline", "date_published"} - {field}
    for other in others:
        assert values(after, seeds, other) == values(schema, seeds, other)


def test_all_that_was_pointed_at_stays_right() -> None:
    text = "A headline of {0} words\n{1}\n1 May 2020\n\nThis is a paragraph, and it says so at length.\n"
    lines = ("By Ann Sample", "Photo: Ben Third", "By Cleo Fourth", "Photo: Dora Fifth")
    seeds = [(f"{number}.txt", text.format(number, line).encode()) for number, line in enumerate(lines)]
    own = dict(own_sources())
    corrector = Corrector(samples_of(seeds)[0], own, lambda text: source_of("drafted", text))
    schema = learn("drafted", seeds, own).text
    earlier: tuple[Pointed, ...] = ()
    for name, text in (("0.txt", "Ann Sample"), ("1.txt", "Ben Third")):
        pointed = Pointed(name, "byline", text)
        schema, earlier = corrector.pointed(schema, pointed, earlier), (*earlier, pointed)
    assert values(schema, seeds, "byline") == [["Ann Sample"], ["Ben Third"], ["Cleo Fourth"], ["Dora Fifth"]]


DATELINES = [
    ("NORTHFORD, March {2} (Nowhere Desk) -- {0}", "NORTHFORD, March 2", 3),
    ("NORTHFORD{2}, March {2} -- {0}", "NORTHFORD2, March 2", 3),
    ("NORTHFORD: {0}", "NORTHFORD", 3),
    ("Report: {1} Sample / NORTHFORD{2}\n\n{0}", "NORTHFORD2", 3),
]


@pytest.mark.parametrize(("line", "text", "number"), DATELINES)
def test_a_town_is_pointed_at(line: str, text: str, number: int) -> None:
    paragraph = "This is a paragraph of the seed, and it says so at length for the sake of it."
    lines = [line.format(paragraph, name, at) for at, name in enumerate(("Ann", "Ben", "Cleo"), 1)]
    seeds = [(f"{at}.txt", f"A headline {at} words long\n\n{each}\n".encode()) for at, each in enumerate(lines)]
    own = dict(own_sources())
    corrector = Corrector(samples_of(seeds)[0], own, lambda text: source_of("drafted", text))
    schema = corrector.pointed(learn("drafted", seeds, own).text, Pointed("1.txt", "dateline", text))
    found = values(schema, seeds, "dateline")
    assert sum(each is not None for each in found) >= number


def test_furniture_below_holds_headlines_of_the_other_seeds() -> None:
    paragraph = "This is paragraph {0} of a seed, and it says so at length for the sake of it."
    heads = [f"A headline of number {number}" for number in range(5)]
    tail = "Tags: one\n\nMORE NEWS\n{0}\n{1}\n"
    seeds = []
    for number, head in enumerate(heads):
        more = tail.format(heads[number - 1], heads[number - 2])
        text = (
            f"{head}\n{number + 1} May 2020\n\n{paragraph.format(number)}\n\n{paragraph.format(number + 9)}\n\n{more}"
        )
        seeds.append((f"{number}.txt", text.encode()))
    source = learn("drafted", seeds, dict(own_sources())).source
    report = validator.validate(seeds[0][1], sources={**own_sources(), "drafted": source}, source="drafted")
    said = [each.excerpt for each in report.findings if each.rule == "page-furniture"]
    assert any(each.startswith("Tags:") for each in said)


def test_examples_are_written_anew_and_come_out_as_said() -> None:
    corrector, schema, seeds = corrected("text")
    after = corrector.pointed(schema, Pointed(seeds[1][0], "headline", "Lamp 2"))
    source = source_of("drafted", after)
    assert source.examples
    for example in source.examples:
        report = validator.validate(example["text"], sources={**own_sources(), "drafted": source}, path=example["path"])
        assert (report.source, str(report.verdict)) == ("drafted", example["verdict"])
        assert {key: report.record[key] for key in example["record"]} == example["record"]


def test_examples_of_a_curator_stay() -> None:
    corrector, schema, seeds = corrected("text")
    own = schema.replace("'a seed, shortened, with other words'", "my own")
    after = corrector.pointed(own, Pointed(seeds[1][0], "byline", "Ben Sample"))
    assert after[after.index("examples:") :] == own[own.index("examples:") :]


FURNITURE: list[tuple[list[str], str, str, list[str]]] = [
    (["Share this", "Share this", "Share this"], "Share this", "the same line", []),
    (["12 comments", "7 comments", "0 comments"], "7 comments", "another number", []),
    (["Photo: Ann", "Photo: Ben", "Photo: Cleo"], "Photo: Ben", "behind a label", []),
    (["Photo by Ann", "Photo by Ben", "Photo by Cleo"], "Photo by", "its beginning", []),
    (["One of a kind", "Another", "A third"], "Another", "one seed only", ["One of a kind", "A third"]),
]


@pytest.mark.parametrize(("lines", "text", "why", "left"), FURNITURE, ids=[each[2] for each in FURNITURE])
@pytest.mark.parametrize("is_last", [True, False])
def test_furniture_that_is_pointed_at_is_found_in_the_other_seeds(
    lines: list[str], text: str, why: str, left: list[str], is_last: bool
) -> None:
    paragraph = "This is paragraph {0} of a seed, and it says so at length for the sake of it."
    seeds = []
    for number, line in enumerate(lines, 1):
        body = [paragraph.format(number), line, paragraph.format(number + 7)]
        body = body if not is_last else [body[0], body[2], line]
        head = [f"A headline of number {number}", f"{number} May 2020", "", ""]
        seeds.append((f"{number}.txt", "\n\n".join(["\n".join(head), *body, ""]).encode()))
    own = dict(own_sources())
    plain = learn("drafted", seeds, own).text
    bare = plain[: plain.index("residue:")] if "residue:" in plain else plain[: plain.index("rules:")]
    corrector = Corrector(samples_of(seeds)[0], own, lambda text: source_of("drafted", text))
    after = corrector.pointed(bare, Pointed("2.txt", "furniture", text))
    known = {**own, "drafted": source_of("drafted", after)}
    found = []
    for name, data in seeds:
        report = validator.validate(data, sources=known, source="drafted", path=name)
        spans = [slice(each.start.offset, each.end.offset) for each in report.findings if each.rule == "page-furniture"]
        found += [data.decode()[span].strip() for span in spans]
    assert found == [line for line in lines if line not in left]
    assert corrector.article(after, "pointed-1").count("page-furniture") == bare.count("page-furniture")


@pytest.mark.parametrize(
    ("pointed", "said"),
    [
        (Pointed("2.md", "furniture", "Nowhere"), "is not in the seed"),
        (Pointed("2.md", "byline", "Nobody"), "no place gives"),
        (Pointed("9.md", "byline", "Ben"), "is not among the seeds"),
    ],
)
def test_what_is_not_there_cannot_be_pointed_at(pointed: Pointed, said: str) -> None:
    corrector, schema, _ = corrected("text")
    with pytest.raises(ConfigError, match=said):
        corrector.pointed(schema, pointed)


# --- the requests of the page -----------------------------------------------------------------------------------------


class Sitting:
    """What the page does: it has opened the address, and carries cookie, origin and token."""

    def __init__(self, pointing: Pointing) -> None:
        self.pointing, self.keys, self.faults = pointing, Keys(PORT), list[str]()
        self.client = TestClient(
            make_pointing_application(pointing, self.keys, self.faults.append),
            base_url=f"http://{HOST}", follow_redirects=False,
        )  # fmt: skip
        self.client.get(f"/open?token={self.keys.opening}")
        self.headers = {"Origin": f"http://{HOST}", "X-Review-Token": self.keys.token}

    def ask(self, what: str, status: int = 200, **parameters: str) -> Any:
        answer = self.client.get(f"/api/{what}", params=parameters)
        assert answer.status_code == status, answer.text
        return answer.json()

    def tell(self, what: str, status: int = 200, /, **told: Any) -> Any:
        answer = self.client.post(f"/api/{what}", json=told, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()


def found(state: Any, field: str) -> list[str]:
    return [row["value"] for each in state["fields"] if each["field"] == field for row in each["seeds"]]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "validator.toml").write_text("")
    (tmp_path / "captures").mkdir()
    for name, data in pointed_seeds("text"):
        (tmp_path / "captures" / name).write_bytes(data)
    return tmp_path


def sitting_in(folder: Path) -> Sitting:
    opened = open_archive(Request(folder, today=date(2026, 1, 1)))
    seeds = discover([str(folder / "captures")], opened.settings, opened.root).seeds
    return Sitting(open_pointing(opened, folder / "schemas" / "gazette.yaml", seeds))


@pytest.fixture
def sitting(archive: Path) -> Iterator[Sitting]:
    opened = sitting_in(archive)
    yield opened
    assert opened.faults == []


def test_a_sitting_from_seeds_to_a_schema_that_is_saved(sitting: Sitting, archive: Path) -> None:
    file = archive / "schemas" / "gazette.yaml"
    begun = sitting.ask("begin")
    assert (begun["id"], begun["saved"], file.exists()) == ("gazette", False, False)
    assert [each["name"] for each in begun["seeds"]] == ["captures/1.md", "captures/2.md", "captures/3.md"]
    assert begun["open"]
    assert begun["title"] == ""
    key = begun["seeds"][1]["key"]

    said = sitting.tell("point", key=key, field="byline", text="Ben Sample, Northford")
    assert found(said, "byline") == ["Ann Sample, Northford", "Ben Sample, Northford", "Cleo Sample, Northford"]
    said = sitting.tell("point", key=key, field="byline", text="Ben\n Sample")
    assert found(said, "byline") == ["Ann Sample", "Ben Sample", "Cleo Sample"]
    said = sitting.tell("undo")
    assert found(said, "byline")[0] == "Ann Sample, Northford"
    said = sitting.tell("redo")
    assert found(said, "byline")[0] == "Ann Sample"
    said = sitting.tell("title", title="The Example Gazette")
    assert (said["title"], said["open"]) == ("The Example Gazette", [])
    assert sitting.tell("save")["saved"]
    schema = file.read_text("utf-8")
    assert "title: 'The Example Gazette'" in schema
    assert not sitting.tell("undo")["saved"]

    again = sitting_in(archive).ask("begin")
    assert (again["saved"], found(again, "byline")) == (True, ["Ann Sample", "Ben Sample", "Cleo Sample"])


def test_a_seed_shows_where_its_values_are(sitting: Sitting) -> None:
    seed = sitting.ask("seed", key=key_of("captures/2.md"))
    marked = {
        seed["marks"][piece[1][0]]: piece[0] for line in seed["lines"] for piece in line["s"] if piece[1]
    }  # fmt: skip
    assert (marked["headline"], marked["byline"]) == ("Lamp 2 is in the news", "Ben Sample")


def test_seeds_need_no_byline(sitting: Sitting) -> None:
    said = sitting.tell("absent", field="byline")
    assert [each["lacks"] for each in said["fields"] if each["field"] == "byline"] == [False]
    assert found(said, "byline") == ["", "", ""]


def test_furniture_comes_and_goes(sitting: Sitting) -> None:
    key = key_of("captures/2.md")
    said = sitting.tell("point", key=key, field="furniture", text="2 March 2021")
    assert [each["seeds"] for each in said["furniture"]] == [3]
    said = sitting.tell("article", name=said["furniture"][0]["name"])
    assert said["furniture"] == []


def test_power_is_told(sitting: Sitting) -> None:
    lines = sitting.ask("power")["lines"]
    assert "kinds of defects" in lines[0]
    assert not any("a date in the future" in line for line in lines)


def test_a_schema_that_another_changed_is_not_overwritten(sitting: Sitting, archive: Path) -> None:
    sitting.tell("save")
    file = archive / "schemas" / "gazette.yaml"
    file.write_text("id: gazette\ntitle: by hand\nextends: base\n")
    assert "changed by somebody else" in sitting.tell("save", 409)["error"]
    assert "by hand" in file.read_text()
    file.unlink()
    assert "save again" in sitting.tell("save", 409)["error"]
    assert sitting.tell("save")["saved"]
    assert "by hand" not in file.read_text()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nobody keeps this user from writing")
def test_a_folder_that_cannot_be_written_to_is_told(sitting: Sitting, archive: Path) -> None:
    archive.chmod(0o500)
    try:
        assert "cannot be written" in sitting.tell("save", 422)["error"]
    finally:
        archive.chmod(0o700)


def test_a_file_in_the_place_of_the_folder_is_told(sitting: Sitting, archive: Path) -> None:
    (archive / "schemas").write_text("a file")
    assert "cannot be written" in sitting.tell("save", 422)["error"]


WRONG: list[tuple[str, int, dict[str, Any]]] = [
    ("point", 400, {"key": "../../etc/passwd", "field": "byline", "text": "root"}),
    ("point", 400, {"key": 7, "field": "byline", "text": "x"}),
    ("point", 400, {"field": "byline", "text": "x"}),
    ("point", 422, {"key": key_of("captures/1.md"), "field": "byline", "text": " "}),
    ("point", 422, {"key": key_of("captures/1.md"), "field": "byline", "text": "Nobody"}),
    ("point", 422, {"key": key_of("captures/1.md"), "field": "body", "text": "This"}),
    ("point", 400, {"key": key_of("captures/1.md"), "field": "path", "text": "x"}),
    ("point", 400, {"key": key_of("captures/1.md"), "field": "byline", "text": "x" * 20_001}),
    ("absent", 400, {"field": "agency"}),
    ("article", 422, {"name": "nothing"}),
    ("title", 422, {"title": " "}),
    ("undo", 422, {}),
    ("save", 400, []),  # type: ignore[list-item]
]  # fmt: skip


@pytest.mark.parametrize(("what", "status", "told"), WRONG)
def test_what_cannot_be_done_changes_nothing(
    sitting: Sitting, archive: Path, what: str, status: int, told: Any
) -> None:
    before = sitting.pointing.state
    answer = sitting.client.post(f"/api/{what}", json=told, headers=sitting.headers)
    assert answer.status_code == status, answer.text
    assert sitting.pointing.state is before
    assert not (archive / "schemas").exists()


@pytest.mark.parametrize("header", ["Origin", "X-Review-Token", "Host", "Cookie"])
def test_who_is_not_the_page_saves_nothing(sitting: Sitting, archive: Path, header: str) -> None:
    headers = {**sitting.headers, header: "http://evil.example"}
    answer = sitting.client.post("/api/save", json={}, headers=headers)
    assert answer.status_code in (403, 421)
    assert not (archive / "schemas").exists()


def test_saving_needs_a_post_and_every_answer_has_the_headers(sitting: Sitting, archive: Path) -> None:
    assert sitting.client.get("/api/save").status_code == 405
    for path in ("/", "/source.js", "/common.js", "/review.css", "/api/begin", "/nowhere"):
        answer = sitting.client.get(path)
        assert {name.decode(): value.decode() for name, value in HEADERS}.items() <= dict(answer.headers).items()
    assert sitting.client.get("/api/queue").status_code == 404  # nothing of the other page is there
    assert not (archive / "schemas").exists()


def test_a_page_is_shown_as_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "validator.toml").write_text("")
    (tmp_path / "captures").mkdir()
    for name, data in pointed_seeds("page"):
        hostile = data.replace(b"<article>", b"<script>alert(1)</script><article>").replace(b"Desk", b"De&amp;sk")
        (tmp_path / "captures" / name).write_bytes(hostile)
    sitting = sitting_in(tmp_path)
    seed = sitting.ask("seed", key=key_of("captures/2.html"))
    lines = ["".join(piece[0] for piece in line["s"]).strip() for line in seed["lines"]]
    assert lines[:3] == ["Lamp 2", "De&sk", "Ben Sample, on duty"]
    assert "alert" not in str(seed)
    said = sitting.tell("point", key=seed["key"], field="furniture", text="De&sk")
    assert [each["seeds"] for each in said["furniture"]] == [3]
    assert sitting.faults == []
