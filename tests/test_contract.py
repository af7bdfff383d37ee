"""What must hold with every version of every library that pyproject.toml allows: reports, repair, undo, the page, columns.

`make contract-lowest` and `make contract-newest` run these alone, against the wheel, in an environment of the lowest or the
newest versions; so nothing here needs more than pytest and what conftest.py imports. Every library has a seed below that it
decides on: a version that lacks what is called gives `unchecked`, another rule or another place.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pyarrow as pa
import pytest
from expected import NAME, REPOSITORY, differences, read_expected, seeds_folder

from validator.batch.arrow import validate_batch

pytestmark = pytest.mark.contract

SPECIMENS = sorted((REPOSITORY / "seeds").glob("*/as-captured.*"))
"""The specimen of each source, with errors in it; the folder is called after the source."""

PAGE = REPOSITORY / "seeds" / "zaobao-jekyll" / "as-captured.md"
ENGLISH = (
    "The café in the old town was closed, and the naïve owner said déjà vu to the crew who had come for señor Ibáñez.\n"
)
ARTICLE = (
    "---\nlayout: post\ntitle: {title}\ndate: {date}\nauthor: A. Specimen\n---\nA made-up text, of one line only.\n"
)
CODE = ARTICLE.format(title="One", date="2021-03-04") + '\n```\nThe editor"s\n```\n\nThe editor"s note came late.\n'

# By the library that decides: the name of a seed, its source, its bytes, and each finding that must be there with its place.
DECIDED: dict[str, tuple[str, str, bytes, list[tuple[str, int, int]]]] = {
    "chardet, a text in windows-1252": ("a.txt", "plain-text", ENGLISH.encode("cp1252"), [("not-utf8", 1, 8)]),
    "chardet, bytes of which older versions made a fault": ("g.txt", "plain-text", b"Jk\xaa\x94", [("undecodable", 1, 1)]),
    "ftfy, mojibake": (
        "b.txt", "plain-text", b"It was the editor\xc3\xa2\xe2\x82\xac\xe2\x84\xa2s note.\n", [("mojibake", 1, 18)],
    ),
    "PyYAML, nested deeper than anybody reads": (
        "c.md", "front-matter", b"---\na: " + b"[" * 5_000 + b"\n---\nText.\n", [("front-matter-syntax", 2, 35)],
    ),
    "PyYAML, a quotation mark that never closes": (
        "d.md", "front-matter", b"---\ntitle: 'one\n---\nText.\n", [("front-matter-syntax", 2, 8)],
    ),
    "jsonschema, a date that is none": (
        "e.md", "front-matter", ARTICLE.format(title="One", date="'2021-13-45'").encode(), [("date-malformed", 4, 7)],
    ),
    "pyromark, text and what is code": (
        "h.md", "front-matter", CODE.encode(),
        [("quote-for-apostrophe", 13, 11)],
    ),
    "turbohtml, elements that the page left": (
        "f.md", "zaobao-jekyll", PAGE.read_bytes(), [("advertisement", 15, at) for at in (279, 543, 574)],
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Program:
    """The installed program in a folder, with a user of its own."""

    folder: Path

    def environment(self) -> dict[str, str]:
        settings = self.folder.parent / "gitconfig"
        settings.write_text("[user]\n\tname = A. Curator\n\temail = curator@example.org\n")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return kept | {"GIT_CONFIG_GLOBAL": str(settings), "GIT_CONFIG_NOSYSTEM": "1"}

    def run(self, *arguments: str, code: int = 0) -> str:
        """What the program prints; it must end with `code`, and no fault of its own."""
        command = [sys.executable, "-m", "validator", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == code, f"{arguments} ends with {done.returncode}:\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout

    def reports(self, *arguments: str, code: int = 1) -> dict[str, dict[str, Any]]:
        """The report of each seed, by its path."""
        document = json.loads(self.run("validate", "--format", "json", *arguments, code=code))
        return {seed["path"]: seed for seed in document["seeds"]}

    def files(self) -> dict[str, bytes]:
        """All files of the folder but the record of repairs."""
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        names = {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}
        return {name: content for name, content in names.items() if not name.startswith(".validator/")}


@pytest.fixture
def archive(tmp_path: Path) -> Program:
    """A copy of the specimens as they were captured, a folder a source."""
    folder = tmp_path / "archive"
    for path in SPECIMENS:
        target = folder / path.parent.name / path.name
        target.parent.mkdir(parents=True)
        shutil.copy(path, target)
    (folder / "validator.toml").write_text("")
    return Program(folder)


def test_the_five_seeds_are_reported_as_expected(tmp_path: Path) -> None:
    folder = seeds_folder()
    if folder is None:
        pytest.skip(f"no {NAME} in ../shared/seeds beside the checkout, and SEEDS_DIR names no folder")
    reports = Program(tmp_path).reports("--no-config", str(folder))
    found = {Path(path).name: seed for path, seed in reports.items()}
    expected = read_expected(folder)
    assert set(found) == set(expected)
    assert [f"{name}: {each}" for name in expected for each in differences(expected[name], found[name])] == []


def test_the_specimens_are_of_their_sources_before_curation_and_after(tmp_path: Path) -> None:
    reports = Program(tmp_path).reports(str(REPOSITORY / "seeds"), "--config", str(REPOSITORY / "pyproject.toml"))
    found = {"/".join(path.rsplit("/", 2)[-2:]): (seed["source"], seed["verdict"]) for path, seed in reports.items()}
    sources = [path.parent.name for path in SPECIMENS]
    assert len(sources) == 5
    captured = {f"{each.parent.name}/{each.name}": (each.parent.name, "invalid") for each in SPECIMENS}
    curated = {f"{each.parent.name}/curated{each.suffix}": (each.parent.name, "valid") for each in SPECIMENS}
    assert found == captured | curated


@pytest.mark.parametrize("what", list(DECIDED))
def test_what_a_library_decides(tmp_path: Path, what: str) -> None:
    name, source, content, wanted = DECIDED[what]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "validator.toml").write_text("")
    (seed,) = Program(tmp_path).reports("--source", source, name).values()
    rules = {rule for rule, _, _ in wanted}
    found = [(each["rule"], each["start"]["line"], each["start"]["column"]) for each in seed["findings"]]
    assert [each for each in found if each[0] in rules] == wanted


def test_repair_and_undo(archive: Program) -> None:
    before = archive.files()
    archive.run("repair", ".", code=1)
    after = archive.files()
    assert after.keys() == before.keys()
    changed = {name for name in before if after[name] != before[name]}
    assert "mod-gov-cn/as-captured.txt" in changed
    assert "6 quote-for-apostrophe" not in archive.run("repair", ".", code=1)
    assert archive.files() == after
    archive.run("verify", ".")
    assert "carried out, by A. Curator" in archive.run("history", "mod-gov-cn/as-captured.txt")
    archive.run("undo", "--last")
    assert archive.files() == before


@contextmanager
def served(archive: Program) -> Iterator[tuple[OpenerDirector, str]]:
    """A browser that has opened the page's address, and the page's origin."""
    command = [sys.executable, "-m", "validator", "review", "--no-browser"]
    with subprocess.Popen(
        command, cwd=archive.folder, env=archive.environment(), stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[0]
            browser = build_opener(HTTPCookieProcessor(CookieJar()))
            browser.open(address, timeout=60).close()
            parts = urlsplit(address)
            yield browser, f"{parts.scheme}://{parts.netloc}"
        finally:
            process.terminate()


def test_the_review_page_answers(archive: Program) -> None:
    with served(archive) as (browser, origin):
        with browser.open(f"{origin}/", timeout=60) as page:
            assert (page.status, page.headers.get_content_type()) == (200, "text/html")
        said: dict[str, Any] = {"progress": {"complete": False}}
        while not said["progress"]["complete"]:
            with browser.open(f"{origin}/api/queue", timeout=60) as answer:
                said = json.load(answer)
            assert said["progress"]["problem"] == ""
        assert said["total"] == len(SPECIMENS)


def test_a_batch_says_what_the_report_says(archive: Program) -> None:
    reports = archive.reports(".")
    rows = [{"path": path, "content": (archive.folder / path).read_bytes()} for path in reports]
    judged = validate_batch(pa.Table.from_pylist(rows)).to_pylist()
    assert len(judged) == len(SPECIMENS)
    for row in judged:
        seed = reports[row["path"]]
        assert (row["source"], row["verdict"]) == (seed["source"], seed["verdict"])
        assert [each["fingerprint"] for each in row["findings"]] == [each["fingerprint"] for each in seed["findings"]]
