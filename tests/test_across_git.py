"""New seeds beside the whole archive: the index that is kept between runs never gives another answer than a fresh look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from running import Program, put
from test_across import BODY, OTHER, post

from validator.across.comparing import reports_of
from validator.archive.discovery import discover
from validator.archive.opening import Request, open_archive
from validator.cli.changes import chosen_since, chosen_staged
from validator.record.sidecar import text_key
from validator.record.sidecar_writing import accept, mark_wrong
from validator.text.findings import SeedReport


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "archive"
    folder.mkdir()
    monkeypatch.chdir(folder)
    own_git(folder, "init", "--quiet")
    return folder


def own_git(folder: Path, *arguments: str) -> None:
    """Run git with no settings but these, whatever repository the environment names."""
    names = ("user.name=A. Curator", "user.email=curator@example.org", "commit.gpgsign=false")
    given = [part for name in names for part in ("-c", name)]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *given, *arguments], cwd=folder, env=variables, check=True, capture_output=True)


def commit(folder: Path) -> None:
    own_git(folder, "add", "--all")
    own_git(folder, "commit", "--quiet", "--allow-empty", "--message", "seeds")


def lines(program: Program, arguments: str) -> list[str]:
    done = program(f"validate --select archive --format jsonl --quiet {arguments}")
    entries = [json.loads(line) for line in done.out.splitlines()]
    return [f"{each['path']} {each['rule']} {each['message']}" for each in entries if each["type"] == "finding"]


def test_a_new_seed_is_compared_with_the_archive(archive: Path, program: Program) -> None:
    put("old.md", post())
    put("other.md", post("Rain", body=OTHER, address="rain"))
    commit(archive)
    put("new.md", post("A mill burns down", "2020-11-12", "mill"))
    own_git(archive, "add", "new.md")
    said = [f"new.md same-body the same text as old.md:7; {DIFFERENT}; {DATES}"]
    for arguments in ("--staged", "--staged", "--staged --no-cache", "--since HEAD", "--hook new.md"):
        assert lines(program, arguments) == said, arguments
    assert lines(program, "new.md") == []


def test_what_has_changed_in_the_same_commit_counts_as_it_is_now(archive: Path, program: Program) -> None:
    put("old.md", post())
    commit(archive)
    assert lines(program, "--staged") == []
    put("letters/new.md", post("A mill burns down"))
    put("old.md", post(body=OTHER))
    own_git(archive, "add", ".")
    assert lines(program, "--staged letters") == [
        "letters/new.md same-address the same address as old.md:5; " + DIFFERENT
    ]
    put("old.md", post())
    assert lines(program, "--staged letters") == [
        "letters/new.md same-address the same address as old.md:5; " + DIFFERENT
    ]
    own_git(archive, "add", ".")
    assert lines(program, "--staged letters") == ["letters/new.md same-body the same text as old.md:7; " + DIFFERENT]
    own_git(archive, "rm", "--quiet", "--force", "old.md")
    assert lines(program, "--staged letters") == []


DATES = 'date "2020-11-12" here, "2021-05-04" there'
DIFFERENT = 'headline "A mill burns down" here, "A bridge opens" there'


def test_a_sidecar_of_the_archive_counts(archive: Path, program: Program) -> None:
    put("old.md", post().replace("url: https://herald.example.org/bridge\n", ""))
    put("old.md.meta.yaml", "record: {source_url: {value: 'https://herald.example.org/mill', basis: example}}\n")
    commit(archive)
    put("new.md", post("Fire", address="mill", body=OTHER))
    own_git(archive, "add", "new.md")
    assert [line.partition(";")[0] for line in lines(program, "--staged")] == [
        "new.md same-address the same address as old.md:1"
    ]
    put("old.md.meta.yaml", "record: {source_url: {value: 'https://herald.example.org/hill', basis: example}}\n")
    own_git(archive, "add", ".")
    assert lines(program, "--staged new.md") == []
    own_git(archive, "commit", "--quiet", "--message", "another address", "old.md.meta.yaml")
    assert lines(program, "--staged") == []


@pytest.mark.parametrize("options", ["", " --no-cache"])
def test_a_seed_that_is_marked_as_wrong_is_beside_nothing(archive: Path, program: Program, options: str) -> None:
    put("old.md", post())
    put("other.md", post("Rain", body=OTHER, address="rain"))
    commit(archive)
    put("new.md", post("A mill burns down"))
    own_git(archive, "add", "new.md")
    said = ["new.md same-body the same text as old.md:7; " + DIFFERENT]
    assert lines(program, f"--staged{options}") == said
    put("old.md.meta.yaml", f"wrong: {{reason: example, text: '{text_key(post())}'}}\n")
    assert lines(program, f"--staged{options}") == said
    assert lines(program, f"--since HEAD new.md{options}") == []  # which looks at the work tree
    own_git(archive, "add", ".")
    assert lines(program, f"--staged new.md{options}") == lines(program, f"--since HEAD new.md{options}") == []
    own_git(archive, "commit", "--quiet", "--message", "wrong", "old.md.meta.yaml")
    assert lines(program, f"--staged{options}") == lines(program, f"--hook new.md{options}") == []
    own_git(archive, "rm", "--quiet", "old.md.meta.yaml")
    assert lines(program, f"--staged new.md{options}") == said
    own_git(archive, "commit", "--quiet", "--message", "right", "old.md.meta.yaml")
    assert lines(program, f"--staged{options}") == said


@pytest.mark.parametrize("harm", [b"", b"nothing of SQLite", b"SQLite format 3\0" + bytes(4_000)])
def test_an_index_that_is_damaged_is_made_anew(archive: Path, program: Program, tmp_path: Path, harm: bytes) -> None:
    put("old.md", post())
    commit(archive)
    put("new.md", post("A mill burns down"))
    own_git(archive, "add", "new.md")
    said = lines(program, "--staged")
    assert len(said) == 1
    (file,) = (tmp_path / "cache" / "seed-validator").glob("archive-*.sqlite")
    file.write_bytes(harm)
    assert lines(program, "--staged") == said
    assert lines(program, "--staged") == said


DAY = "2026-11-22"
NAMES = [f"s{number}.md" for number in range(5)]
TEXTS = st.builds(
    post,
    title=st.sampled_from(["A bridge opens", "A mill burns down"]),
    date=st.sampled_from(["2021-05-04", "2020-11-12"]),
    address=st.sampled_from(["bridge", "mill", "hill"]),
    body=st.sampled_from([BODY, BODY.replace("children", "pupils"), OTHER, "Short.\n"]),
)
SIDECARS = st.sampled_from(
    [
        "accept: [{rule: same-body, reason: example}]\n",
        "record: {headline: {value: Another, replaces: A bridge opens, basis: example}}\n",
        "source: plain-text\n",
        *(f"wrong: {{reason: example, text: '{text_key(post(body=body))}'}}\n" for body in (BODY, OTHER)),
    ]
)


class Edits(RuleBasedStateMachine):
    """An archive that is edited at random between runs, which keep their index."""

    @initialize()
    def begin(self) -> None:
        self._folder = TemporaryDirectory()
        self.root = Path(self._folder.name).resolve() / "archive"
        self.root.mkdir()
        own_git(self.root, "init", "--quiet")
        put(self.root / "s0.md", post())
        commit(self.root)

    def teardown(self) -> None:
        self._folder.cleanup()

    @rule(name=st.sampled_from(NAMES), text=TEXTS)
    def write(self, name: str, text: str) -> None:
        put(self.root / name, text)

    @rule(name=st.sampled_from(NAMES), text=SIDECARS)
    def attest(self, name: str, text: str) -> None:
        put(self.root / f"{name}.meta.yaml", text)

    @rule(name=st.sampled_from(NAMES))
    def mark_as_wrong(self, name: str) -> None:
        if (self.root / name).exists():
            key = text_key((self.root / name).read_text("utf-8"))
            put(self.root / f"{name}.meta.yaml", mark_wrong("", reason="example", by="A. Curator", on=DAY, key=key))

    @rule(name=st.sampled_from(NAMES))
    def accept_what_is_found(self, name: str) -> None:
        for report in _whole(Request(self.root, no_config=True)):
            keys = [(each.rule, each.key) for each in report.findings if each.family == "archive"]
            for which, key in keys if report.path == name else ():
                said = accept("", which, reason="example", by="A. Curator", on=DAY, finding=key)
                put(self.root / f"{name}.meta.yaml", said)

    @rule(text=SIDECARS)
    def attest_folder(self, text: str) -> None:
        if text.startswith("wrong"):
            return  # which is for one seed only
        put(self.root / "seeds.meta.yaml", f"seeds: [{{files: ['*.md'], {text.strip()}}}]\n")

    @rule(name=st.sampled_from(NAMES), sidecar=st.booleans())
    def delete(self, name: str, sidecar: bool) -> None:
        (self.root / (f"{name}.meta.yaml" if sidecar else name)).unlink(missing_ok=True)

    @rule(one=st.sampled_from(NAMES), other=st.sampled_from(NAMES))
    def move(self, one: str, other: str) -> None:
        if (self.root / one).exists() and one != other:
            (self.root / one).rename(self.root / other)

    @rule()
    def commit(self) -> None:
        commit(self.root)

    @rule()
    def go_back(self) -> None:
        own_git(self.root, "add", "--all")
        own_git(self.root, "reset", "--quiet", "--hard", "HEAD~" if self._has_two() else "HEAD")

    def _has_two(self) -> bool:
        command = ["git", "rev-parse", "--verify", "--quiet", "HEAD~"]
        return subprocess.run(command, cwd=self.root, capture_output=True, check=False).returncode == 0

    @invariant()
    def changed_seeds_are_told_what_the_whole_archive_tells(self) -> None:
        if not hasattr(self, "root"):
            return
        own_git(self.root, "add", "--all")
        request = Request(self.root, no_config=True)
        whole = {report.path: report for report in _whole(request)}
        with chosen_staged(request, (), None) as staged:
            for report in reports_of(staged.archive, staged.found.seeds, 1, staged.known):
                assert _said(report) == _said(whole[report.path]), report.path
        since = chosen_since(request, "HEAD", (), None)
        for report in reports_of(since.archive, since.found.seeds, 1, since.known):
            assert _said(report) == _said(whole[report.path]), report.path


def _whole(request: Request) -> Iterator[SeedReport]:
    opened = open_archive(replace(request, cached=False))
    seeds = discover([str(opened.root)], opened.settings, opened.root).seeds
    # Of one seed alone nothing is said, so there is always another one.
    return reports_of(opened, seeds, 1)


def _said(report: SeedReport) -> list[tuple[str, str, str, str]]:
    return [
        (each.rule, each.message, each.severity, each.status) for each in report.findings if each.family == "archive"
    ]


EditsTest = Edits.TestCase
EditsTest.settings = settings(max_examples=4, stateful_step_count=8, deadline=None)


class EditsBetweenProcesses(Edits):
    """The same, and now and then the program itself is asked, with the index that earlier runs have left and without it."""

    @rule()
    def ask_a_new_process(self) -> None:
        own_git(self.root, "add", "--all")
        request = Request(self.root, no_config=True)
        with chosen_staged(request, (), None) as staged:
            reports = list(reports_of(staged.archive, staged.found.seeds, 1, staged.known))
        said = [(report.path, *each) for report in reports for each in _said(report)]
        for options in ([], ["--no-cache"], ["--jobs", "2"]):
            assert _said_by_process(self.root, *options) == said, options


def _said_by_process(folder: Path, *options: str) -> list[tuple[str, str, str, str, str]]:
    command = [sys.executable, "-m", "validator", "validate", "--staged", "--no-config", "--format", "jsonl", "--quiet"]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        [*command, *options], cwd=folder, env=variables, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode in (0, 1), done.stderr
    entries = [each for each in map(json.loads, done.stdout.splitlines()) if each["type"] == "finding"]
    return [
        (each["path"], each["rule"], each["message"], each["severity"], each["status"])
        for each in entries
        if each["family"] == "archive"
    ]


AT_NIGHT = settings(max_examples=8, stateful_step_count=12, deadline=None)
EditsAtNight: Any = pytest.mark.nightly(type("EditsAtNight", (EditsBetweenProcesses.TestCase,), {"settings": AT_NIGHT}))
