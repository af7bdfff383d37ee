"""`--staged`, `--since` and `--files-from`, in real repositories: which seeds a run is about, and what is judged of them."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import Done, own_git, program_in, put, refused, table

from validator.archive.config import Settings
from validator.archive.discovery import discover, is_seed_name
from validator.archive.git import Objects, find_repository, objects, staged_changes, staged_files
from validator.archive.opening import Request
from validator.cli.commands.validate import chosen
from validator.cli.options import ValidateOptions
from validator.preservation.staged import unstaged_events
from validator.text.errors import ConfigError

CHECKOUT = Path(__file__).parent.parent
CONFIG = '[sources]\n"**" = "plain-text"\n'
CLEAN = "A line that is whole.\n"
DIRTY = 'The editor"s note.\n'
OTHER = "Another line, which is whole too, and long enough to be known again.\n"
MARK, WHITESPACE = ["quote-for-apostrophe"], ["trailing-whitespace"]
SIDECAR = "source: plain-text\n"
SCHEMA = "id: gazette\ntitle: A gazette\nextends: plain-text\n"


class Archive:
    """A repository with an archive in it, and the program called in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._program = program_in(capsys, monkeypatch)

    def git(self, *arguments: str, cwd: Path | None = None, given: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.folder, capture_output=True, check=False, input=given
        )
        assert done.returncode == 0, done.stderr
        return os.fsdecode(done.stdout).removesuffix("\n")

    def write(self, name: str, text: str | bytes) -> None:
        put(self.folder / name, text)

    def stage(self, name: str, text: str | bytes) -> None:
        """Write a file, and stage all that is there."""
        self.write(name, text)
        self.git("add", "-A")

    def commit(self, files: Mapping[str, str] | None = None) -> None:
        for name, text in (files or {}).items():
            self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "A commit")

    def run(self, *arguments: str, stdin: bytes = b"") -> Done:
        """The program, in this process."""
        done = self._program(*arguments, stdin=stdin)
        assert "validator-" not in done.out + done.err, "the name of the temporary folder was printed"
        return done

    def validate(self, *arguments: str, stdin: bytes = b"") -> Done:
        return self.run("validate", "--format", "json", *arguments, stdin=stdin)


@pytest.fixture
def bare_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which git knows one person and has no settings but its own."""
    person = "[user]\n\tname = A. Curator\n\temail = curator@example.org\n"
    own_git(monkeypatch, tmp_path, f"{person}[init]\n\tdefaultBranch = main\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    places = tmp_path / "temporary"
    places.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(places))


@pytest.fixture
def archive(
    tmp_path: Path, bare_environment: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Archive]:
    """A repository whose one commit holds a configuration; the working directory is its top."""
    made = Archive(tmp_path / "archive", capsys, monkeypatch)
    made.folder.mkdir()
    made.git("init", "-q")
    monkeypatch.chdir(made.folder)
    made.commit({"validator.toml": CONFIG})
    yield made
    assert list((tmp_path / "temporary").iterdir()) == [], "what was written for the run was left there"


# --- kinds of changes -------------------------------------------------------------------------------------------------

Step = tuple[str, ...]


def take(archive: Archive, steps: Sequence[Step]) -> None:
    for step in steps:
        match step:
            case ("write", name, text):
                archive.write(name, text)
            case ("delete", name):
                (archive.folder / name).unlink()
            case ("move", old, new):
                (archive.folder / new).parent.mkdir(parents=True, exist_ok=True)
                (archive.folder / old).rename(archive.folder / new)
            case ("link", name, target):
                (archive.folder / name).unlink(missing_ok=True)
                (archive.folder / name).symlink_to(target)
            case ("mode", name):
                (archive.folder / name).chmod(0o755)
            case _:
                raise ValueError(step)


@dataclass(frozen=True, slots=True)
class Case:
    """What is committed, what is done then, and which findings the changed seeds have."""

    name: str
    before: Mapping[str, str]
    steps: Sequence[Step]
    found: Mapping[str, Sequence[str]]


ENTRY = "seeds:\n  - {files: ['*.txt'], source: plain-text}\n"
ALL = {"a/one.txt": CLEAN, "a/deep/three.txt": CLEAN, "a/two.md": CLEAN, "b.txt": DIRTY}
PROJECT = '[project]\nname = "p"\nversion = "1"\n'
OURS = '[tool.validator.sources]\n"**" = "plain-text"\n'

CASES = [
    Case("nothing", {"one.txt": DIRTY}, [], {}),
    Case("added", {"old.txt": DIRTY}, [("write", "one.txt", DIRTY)], {"one.txt": MARK}),
    Case("added and clean", {"old.txt": DIRTY}, [("write", "one.txt", CLEAN)], {"one.txt": []}),
    Case("modified", {"one.txt": CLEAN, "old.txt": DIRTY}, [("write", "one.txt", DIRTY)], {"one.txt": MARK}),
    Case("mode changed", {"one.txt": DIRTY}, [("mode", "one.txt")], {"one.txt": MARK}),
    Case("deleted", {"one.txt": DIRTY, "old.txt": DIRTY}, [("delete", "one.txt")], {}),
    Case("renamed", {"one.txt": OTHER + DIRTY}, [("move", "one.txt", "a/two.txt")], {"a/two.txt": MARK}),
    Case(
        "renamed out of the seeds", {"one.txt": OTHER, "old.txt": DIRTY}, [("move", "one.txt", "one.rst")], {}
    ),
    Case("copied", {"one.txt": OTHER}, [("write", "two.txt", OTHER)], {"two.txt": []}),
    Case("a link now", {"one.txt": CLEAN, "data.bin": DIRTY}, [("link", "one.txt", "data.bin")], {"one.txt": MARK}),
    Case("a link that is new", {"a/x.bin": DIRTY}, [("link", "one.txt", "a/x.bin")], {"one.txt": MARK}),
    Case("a link to nowhere", {}, [("link", "one.txt", "gone.bin")], {"one.txt": ["unreadable-file"]}),
    Case("a link that leads outside", {}, [("link", "one.txt", "/dev/null")], {"one.txt": ["unreadable-file"]}),
    Case("a link in a circle", {}, [("link", "one.txt", "one.txt")], {"one.txt": ["unreadable-file"]}),
    Case("a link to a folder", {"a/one.txt": DIRTY}, [("link", "b.txt", "a")], {}),
    # Sidecars
    Case("a sidecar added", {"one.txt": DIRTY}, [("write", "one.txt.meta.yaml", SIDECAR)], {"one.txt": MARK}),
    Case(
        "a sidecar edited",
        {"one.txt": DIRTY, "one.txt.meta.yaml": SIDECAR, "old.txt": DIRTY},
        [("write", "one.txt.meta.yaml", "sorce: plain-text\n")],
        {"one.txt": ["sidecar-invalid", *MARK]},
    ),
    Case(
        "a sidecar deleted",
        {"one.txt": DIRTY, "one.txt.meta.yaml": SIDECAR, "old.txt": DIRTY},
        [("delete", "one.txt.meta.yaml")],
        {"one.txt": MARK},
    ),
    Case(
        "a sidecar renamed",
        {"one.txt": DIRTY, "two.txt": DIRTY, "one.txt.meta.yaml": f"# {OTHER}{SIDECAR}"},
        [("move", "one.txt.meta.yaml", "two.txt.meta.yaml")],
        {"one.txt": MARK, "two.txt": MARK},
    ),
    Case(
        "a seed deleted, its sidecar left",
        {"one.txt": DIRTY, "one.txt.meta.yaml": SIDECAR},
        [("delete", "one.txt")],
        {"one.txt.meta.yaml": ["sidecar-orphan"]},
    ),
    Case(
        "a seed renamed, its sidecar left",
        {"one.txt": OTHER, "one.txt.meta.yaml": SIDECAR},
        [("move", "one.txt", "two.txt")],
        {"one.txt.meta.yaml": ["sidecar-orphan"], "two.txt": []},
    ),
    Case(
        "a seed deleted with its sidecar",
        {"one.txt": OTHER, "one.txt.meta.yaml": SIDECAR},
        [("delete", "one.txt"), ("delete", "one.txt.meta.yaml")],
        {},
    ),
    Case(
        "a sidecar of nothing",
        {"old.txt": DIRTY},
        [("write", "gone.txt.meta.yaml", SIDECAR)],
        {"gone.txt.meta.yaml": ["sidecar-orphan"]},
    ),
    Case("a sidecar of what is no seed", {"a.rst": DIRTY}, [("write", "a.rst.meta.yaml", SIDECAR)], {}),
    # Sidecars of folders
    Case(
        "a folder's sidecar added",
        ALL,
        [("write", "a/seeds.meta.yaml", ENTRY)],
        {"a/deep/three.txt": [], "a/one.txt": []},
    ),
    Case(
        "a folder's sidecar deleted",
        {**ALL, "a/seeds.meta.yaml": ENTRY},
        [("delete", "a/seeds.meta.yaml")],
        {"a/deep/three.txt": [], "a/one.txt": []},
    ),
    Case(
        "a folder's sidecar speaks of others now",
        {**ALL, "a/seeds.meta.yaml": ENTRY.replace("*.txt", "one.txt")},
        [("write", "a/seeds.meta.yaml", ENTRY.replace("*.txt", "*.md"))],
        {"a/one.txt": [], "a/two.md": []},
    ),
    Case(
        "a folder's sidecar that is wrong",
        ALL,
        [("write", "a/seeds.meta.yaml", "seeds: {}\n")],
        {name: ["sidecar-invalid"] for name in ("a/deep/three.txt", "a/one.txt", "a/two.md")},
    ),
    Case("a folder's sidecar that speaks of none", ALL, [("write", "a/seeds.meta.yaml", ENTRY.replace("*.", "x."))], {}),
    # What all seeds hang on
    Case(
        "the configuration",
        ALL,
        [("write", "validator.toml", CONFIG + "# ignore\n[[overrides]]\npaths = ['b.txt']\nignore = ['quotes']\n")],
        {"a/deep/three.txt": [], "a/one.txt": [], "a/two.md": [], "b.txt": []},
    ),
    Case("a comment in the configuration", ALL, [("write", "validator.toml", "# one\n" + CONFIG)], {}),
    Case(
        "the configuration is another file",
        {**ALL, "pyproject.toml": OURS},
        [("delete", "validator.toml")],
        {"a/deep/three.txt": [], "a/one.txt": [], "a/two.md": [], "b.txt": MARK},
    ),
    Case("what is not the configuration", {**ALL, "pyproject.toml": OURS}, [("write", "pyproject.toml", PROJECT)], {}),
    Case(
        "a schema",
        {**ALL, "validator.toml": 'schemas = ["newsroom"]\n' + CONFIG, "newsroom/gazette.yaml": SCHEMA},
        [("write", "newsroom/gazette.yaml", SCHEMA.replace("A gazette", "Another"))],
        {"a/deep/three.txt": [], "a/one.txt": [], "a/two.md": [], "b.txt": MARK},
    ),
    Case(
        "a schema added",
        {**ALL, "validator.toml": 'schemas = ["newsroom"]\n' + CONFIG, "newsroom/README.md": CLEAN},
        [("write", "newsroom/gazette.yaml", SCHEMA)],
        {"a/deep/three.txt": [], "a/one.txt": [], "a/two.md": [], "b.txt": MARK, "newsroom/README.md": []},
    ),
    Case(
        "a schema deleted",
        {**ALL, "validator.toml": 'schemas = ["n"]\n' + CONFIG, "n/gazette.yaml": SCHEMA, "n/x.bin": ""},
        [("delete", "n/gazette.yaml")],
        {"a/deep/three.txt": [], "a/one.txt": [], "a/two.md": [], "b.txt": MARK},
    ),
    Case(
        "what a link in the folder of schemas leads to",
        {"b.txt": DIRTY, "validator.toml": 'schemas = ["n"]\n' + CONFIG, "n/x.bin": ""},
        [("write", "g.yaml", SCHEMA), ("link", "n/gazette.yaml", "../g.yaml")],
        {"b.txt": MARK},
    ),
    Case("a yaml file beside", ALL, [("write", "other/gazette.yaml", SCHEMA)], {}),
    # What is no seed
    Case("excluded", {"validator.toml": 'exclude = ["drafts/"]\n' + CONFIG}, [("write", "drafts/one.txt", DIRTY)], {}),
    Case(
        "excluded, sidecar without a seed",
        {"validator.toml": 'exclude = ["drafts/"]\n' + CONFIG},
        [("write", "drafts/one.txt.meta.yaml", SIDECAR)],
        {},
    ),
    Case("hidden", {}, [("write", ".hidden/one.txt", DIRTY), ("write", ".one.txt", DIRTY)], {}),
    Case("not included", {}, [("write", "one.rst", DIRTY), ("write", "a/two.bin", DIRTY)], {}),
    Case(
        "included by the configuration",
        {"validator.toml": 'include = ["*.rst"]\n' + CONFIG},
        [("write", "one.rst", DIRTY), ("write", "two.txt", DIRTY)],
        {"one.rst": MARK},
    ),
    Case(
        "what describes a bag",
        {},
        [("write", "bag/bagit.txt", DIRTY), ("write", "bag/manifest-md5.txt", DIRTY), ("write", "bag/data/x.txt", DIRTY)],
        {"bag/data/x.txt": MARK},
    ),
    Case("a manifest outside of a bag", {}, [("write", "manifest-md5.txt", DIRTY)], {"manifest-md5.txt": MARK}),
    # Names
    *(
        Case(f"called {name!a}", {}, [("write", name, DIRTY)], {name: MARK})
        for name in ("国防/中文.txt", "two words.txt", "-n.txt", "--staged.txt", ":(top)x.txt", "a*b[c].txt", "'\"\\.txt")
    ),
    Case("a line end in the name", {"old.txt": CLEAN}, [("write", "a\nb.txt", DIRTY)], {"a\nb.txt": MARK}),
]  # fmt: skip


@pytest.mark.parametrize("by", ["staged", "since"])
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_what_changed_is_judged_and_nothing_else(archive: Archive, case: Case, by: str) -> None:
    archive.commit(case.before)
    take(archive, case.steps)
    if by == "staged":
        archive.git("add", "-A")
        shutil.move(archive.folder / ".git", archive.folder.parent / "git")
        for entry in archive.folder.iterdir():  # the work tree is nobody's business
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        shutil.move(archive.folder.parent / "git", archive.folder / ".git")
    done = archive.validate(*(["--staged"] if by == "staged" else ["--since", "HEAD"]))
    assert done.found() == case.found
    assert done.code == int(any(rules for rules in case.found.values() if rules != ["sidecar-orphan"]))
    assert ("there is nothing to check" in done.err) == (not case.found)


BY_GIT = pytest.mark.parametrize("option", [["--staged"], ["--since", "HEAD"]])


@BY_GIT
def test_a_link_holds_something_else_when_its_target_changes(archive: Archive, option: list[str]) -> None:
    archive.write("data.bin", CLEAN)
    archive.write("other.bin", CLEAN)
    take(archive, [("link", "one.txt", "middle"), ("link", "middle", "data.bin"), ("link", "two.txt", "other.bin")])
    take(archive, [("write", "a/x.txt", DIRTY), ("link", "a/x.txt.meta.yaml", "../data.bin")])
    archive.commit()
    archive.stage("data.bin", DIRTY)
    assert archive.validate(*option).found() == {"a/x.txt": ["sidecar-invalid", *MARK], "one.txt": MARK}
    archive.commit()
    take(archive, [("link", "middle", "other.bin")])
    archive.git("add", "-A")
    assert archive.validate(*option).found() == {"one.txt": []}


@BY_GIT
def test_all_seeds_hang_on_the_baseline_and_on_where_schemas_are(archive: Archive, option: list[str]) -> None:
    config = 'baseline = "known.jsonl"\nschemas = ["newsroom"]\n' + CONFIG
    for folder in ("old", "new"):
        archive.write(f"{folder}/gazette.yaml", SCHEMA)
    (archive.folder / "newsroom").symlink_to("old")
    archive.commit({"validator.toml": config, "one.txt": DIRTY, "two.txt": CLEAN})
    assert archive.run("baseline", "create", ".").code == 0
    archive.commit()
    assert archive.validate(*option).found() == {}
    listed = (archive.folder / "known.jsonl").read_text()
    archive.stage("known.jsonl", "".join(line for line in listed.splitlines(True) if "quote-for" not in line))
    if option == ["--staged"]:
        archive.write("known.jsonl", listed)
    done = archive.validate(*option)
    assert (done.code, [*done.found()]) == (1, ["one.txt", "two.txt"])
    archive.git("reset", "-q", "--hard")
    take(archive, [("link", "newsroom", "new")])
    archive.git("add", "-A")
    done = archive.validate(*option)
    assert (done.code, [*done.found()]) == (0, ["one.txt", "two.txt"])


@BY_GIT
def test_a_project_of_another_program_is_no_configuration(
    archive: Archive, option: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.commit(ALL)
    archive.stage("a/pyproject.toml", PROJECT)
    monkeypatch.chdir(archive.folder / "a")
    assert archive.validate(*option).found() == {}
    archive.write("pyproject.toml", PROJECT + OURS)
    archive.stage("a/pyproject.toml", PROJECT + OURS)
    assert [*archive.validate(*option).found()] == ["deep/three.txt", "one.txt", "two.md"]


def test_names_that_are_no_text(archive: Archive) -> None:
    name = os.fsdecode(b"\xff\xfe.txt")
    archive.write(name, DIRTY)
    assert archive.run("validate", "--since", "HEAD", "--format", "concise").out.startswith("\\u{DCFF}\\u{DCFE}.txt:1:")
    archive.git("add", "-A")
    archive.write(name, CLEAN)
    done = archive.run("validate", "--staged", "--format", "concise")
    assert (done.code, done.out.count("quote-for-apostrophe")) == (1, 1)


# --- the index is judged, and not the work tree ------------------------------------------------------------------------


def test_what_is_staged_is_bad_and_the_work_tree_good(archive: Archive) -> None:
    archive.commit({"one.txt": CLEAN})
    archive.stage("one.txt", DIRTY)
    archive.write("one.txt", CLEAN)
    assert archive.validate("--staged").found() == {"one.txt": MARK}
    assert archive.validate("one.txt").found() == {"one.txt": []}


def test_what_is_staged_is_good_and_the_work_tree_bad(archive: Archive) -> None:
    archive.commit({"one.txt": CLEAN})
    archive.stage("one.txt", OTHER)
    archive.write("one.txt", DIRTY)
    archive.write("new.txt", DIRTY)
    assert archive.validate("--staged").found() == {"one.txt": []}
    assert archive.validate("--since", "HEAD").found() == {"new.txt": MARK, "one.txt": MARK}


ACCEPTED = "accept:\n  - {rule: quote-for-apostrophe, reason: as printed, by: A. Curator, on: 2021-06-14}\n"


@pytest.mark.parametrize("name", ["one.txt.meta.yaml", "seeds.meta.yaml", "a/seeds.meta.yaml"])
@pytest.mark.parametrize("is_staged", [False, True])
def test_sidecars_are_those_of_the_index(archive: Archive, name: str, is_staged: bool) -> None:
    seed = "a/one.txt" if name.startswith("a/") else "one.txt"
    text = (
        ACCEPTED if name.startswith("one") else "seeds:\n  - files: ['*.txt']\n    " + ACCEPTED.replace("\n", "\n    ")
    )
    archive.write(seed, DIRTY)
    if is_staged:
        archive.write(name, text)
    archive.git("add", "-A")
    if is_staged:
        (archive.folder / name).unlink()
    else:
        archive.write(name, text)
    done = archive.validate("--staged")
    accepted = [finding["status"] for finding in json.loads(done.out)["seeds"][0]["findings"]]
    assert accepted == (["accepted"] if is_staged else ["open"])


def test_the_configuration_is_that_of_the_index(archive: Archive) -> None:
    archive.commit({"one.txt": DIRTY})
    archive.stage("one.txt", DIRTY * 2)
    archive.write("validator.toml", CONFIG.replace("[", 'exclude = ["*.txt"]\n[', 1))
    assert archive.validate("--staged").found() == {"one.txt": MARK * 2}
    archive.write("validator.toml", "not TOML")
    assert archive.validate("--staged").found() == {"one.txt": MARK * 2}
    archive.git("add", "validator.toml")
    archive.write("validator.toml", CONFIG)
    done = archive.validate("--staged")
    assert (done.code, done.err.partition(": ")[2].partition(" not")[0]) == (2, "validator.toml:1:")


@pytest.mark.parametrize("ignored", [False, True])
def test_a_configuration_that_is_not_tracked_is_read_from_the_disk(archive: Archive, ignored: bool) -> None:
    archive.git("rm", "-q", "--cached", "validator.toml")
    archive.write(".gitignore", "validator.toml\n" if ignored else "")
    archive.git("add", ".gitignore")
    archive.git("commit", "-q", "-m", "A commit")
    archive.write("one.txt", DIRTY)
    archive.git("add", "one.txt")
    assert archive.validate("--staged").found() == {"one.txt": MARK}


def test_a_configuration_and_a_sidecar_above_the_repository(archive: Archive) -> None:
    above = archive.folder.parent
    (archive.folder / "validator.toml").unlink()
    (above / "validator.toml").write_text(CONFIG)
    entry = "seeds:\n  - files: ['archive/**']\n    " + ACCEPTED.replace("\n", "\n    ")
    (above / "seeds.meta.yaml").write_text(entry)
    archive.commit()
    archive.write("one.txt", DIRTY)
    for option in (["--since", "HEAD"], ["--staged"]):
        archive.git("add", "-A")
        done = archive.validate(*option)
        assert done.found() == {"archive/one.txt": MARK}
        assert '"status": "accepted"' in done.out


@BY_GIT
def test_a_configuration_in_a_subfolder(archive: Archive, option: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    archive.commit({"sub/validator.toml": CONFIG, "sub/schemas.txt": CLEAN})
    for name in ("sub/one.txt", "sub/a/two.txt", "beside.txt"):
        archive.write(name, DIRTY)
    archive.git("add", "-A")
    monkeypatch.chdir(archive.folder / "sub" / "a")
    assert archive.validate(*option).found() == {"a/two.txt": MARK, "one.txt": MARK}
    assert archive.validate(*option, "two.txt").found() == {"a/two.txt": MARK}
    refused(archive.validate(*option, "../../beside.txt"), "lies outside of")


@BY_GIT
def test_schemas_from_beyond_the_root(archive: Archive, option: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    config = 'schemas = ["../newsroom", "../mine"]\n[sources]\n"**" = "gazette"\n'
    archive.write(".git/info/exclude", "mine\n")
    archive.write("mine/other.yaml", SCHEMA.replace("gazette", "other"))
    archive.commit({"sub/validator.toml": config, "sub/one.txt": DIRTY, "newsroom/gazette.yaml": SCHEMA})
    archive.stage("newsroom/gazette.yaml", SCHEMA.replace("plain-text", "nothing-known"))
    if option == ["--staged"]:
        archive.write("newsroom/gazette.yaml", SCHEMA)
    monkeypatch.chdir(archive.folder / "sub")
    done = archive.validate(*option)
    assert (done.code, "newsroom/gazette.yaml:3: " in done.err) == (2, True)
    archive.stage("newsroom/gazette.yaml", SCHEMA.replace("A gazette", "Another"))
    if option == ["--staged"]:
        archive.write("newsroom/gazette.yaml", "not a schema")
    assert archive.validate(*option).found() == {"one.txt": MARK}


def test_bytes_are_those_that_git_keeps_whatever_filters_do(archive: Archive) -> None:
    archive.git("config", "filter.loud.smudge", f"touch {archive.folder}/smudged; cat")
    archive.git("config", "filter.loud.clean", "cat")
    archive.commit({".gitattributes": "*.txt text eol=crlf filter=loud\n"})
    archive.stage("one.txt", CLEAN.replace("\n", "\r\n"))
    assert archive.validate("--staged").found() == {"one.txt": []}
    assert archive.validate("one.txt").found() == {"one.txt": ["line-endings"]}
    assert not (archive.folder / "smudged").exists()


def test_too_large_a_seed_is_said_to_be_as_large_as_it_is(archive: Archive) -> None:
    archive.commit({"validator.toml": "limit-bytes = 100\n" + CONFIG})
    archive.write("one.txt", "x" * 200)
    archive.stage("two.txt", "x" * 17_000_000)
    staged, since = archive.validate("--staged"), archive.validate("--since", "HEAD")
    assert staged.found() == since.found() == {"one.txt": ["file-too-large"], "two.txt": ["file-too-large"]}
    assert staged.out.count("17,000,000 bytes") == since.out.count("17,000,000 bytes") == 1


def test_what_is_only_intended_to_be_added(archive: Archive) -> None:
    archive.write("one.txt", DIRTY)
    archive.write("empty.txt", "")
    archive.git("add", "-N", "one.txt")
    archive.git("add", "empty.txt")
    assert archive.validate("--staged").found() == {"empty.txt": ["empty-file"]}
    assert archive.validate("--since", "HEAD").found() == {"empty.txt": ["empty-file"], "one.txt": MARK}


def test_workers_read_what_is_staged(archive: Archive) -> None:
    names = [f"{number:03}.txt" for number in range(40)]
    for name in names:
        archive.write(name, DIRTY)
    archive.git("add", "-A")
    for name in names:
        archive.write(name, CLEAN)
    assert archive.validate("--staged", "--jobs", "2").found() == dict.fromkeys(names, MARK)


def test_a_submodule_is_passed_over_and_never_called_clean(archive: Archive) -> None:
    inner = archive.folder / "inner.txt"
    inner.mkdir()
    archive.git("init", "-q", cwd=inner)
    (inner / "one.txt").write_text(DIRTY)
    archive.git("add", "-A", cwd=inner)
    archive.git("commit", "-q", "-m", "A commit", cwd=inner)
    archive.git("-c", "advice.addEmbeddedRepo=false", "add", "inner.txt")
    assert ":160000" in archive.git("diff-index", "--cached", "--raw", "HEAD").replace(" 160000", ":160000")
    for option in (["--staged"], ["--since", "HEAD"]):
        assert archive.validate(*option).found() == {}
        for path in ("inner.txt", "inner.txt/one.txt"):
            done = archive.validate(*option, path)
            assert (done.code, "lies in a repository of its own" in done.err) == (2, True)


# --- repositories of every kind ---------------------------------------------------------------------------------------


def test_before_the_first_commit_everything_staged_is_new(archive: Archive) -> None:
    archive.git("update-ref", "-d", "HEAD")
    archive.stage("one.txt", DIRTY)
    assert archive.validate("--staged").found() == {"one.txt": MARK}
    refused(archive.validate("--since", "HEAD"), '"HEAD" is no commit here')


def test_a_repository_of_the_other_kind_of_identifiers(tmp_path: Path, archive: Archive, monkeypatch: Any) -> None:
    folder = tmp_path / "sha256"
    folder.mkdir()
    archive.git("init", "-q", "--object-format=sha256", cwd=folder)
    archive.folder = folder
    monkeypatch.chdir(folder)
    archive.write("validator.toml", CONFIG)
    archive.stage("one.txt", DIRTY)
    assert archive.validate("--staged").found() == {"one.txt": MARK}
    archive.commit()
    archive.write("one.txt", OTHER)
    assert archive.validate("--since", "HEAD").found() == {"one.txt": []}


def test_a_detached_head_and_where_two_branches_part(archive: Archive) -> None:
    archive.git("checkout", "-q", "-b", "topic")
    archive.commit({"ours.txt": DIRTY})
    archive.git("checkout", "-q", "main")
    archive.commit({"theirs.txt": DIRTY})
    archive.git("checkout", "-q", "--detach", "topic")
    archive.write("new.txt", DIRTY)
    archive.write(".gitignore", "ignored.txt\n")
    archive.write("ignored.txt", DIRTY)
    assert archive.validate("--since", "main").found() == {"new.txt": MARK, "ours.txt": MARK}
    assert archive.validate("--since", "HEAD").found() == {"new.txt": MARK}
    archive.git("add", "-A")
    assert archive.validate("--staged").found() == {"new.txt": MARK}


def test_a_linked_work_tree(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linked = tmp_path / "linked"
    archive.git("worktree", "add", "-q", str(linked))
    (linked / "one.txt").write_text(DIRTY)
    archive.git("add", "-A", cwd=linked)
    assert archive.validate("--staged").found() == {}
    monkeypatch.chdir(linked)
    assert archive.validate("--staged").found() == {"one.txt": MARK}
    assert archive.validate("--since", "main").found() == {"one.txt": MARK}


def test_a_sparse_checkout(archive: Archive) -> None:
    archive.commit({"a/one.txt": CLEAN, "b/two.txt": CLEAN})
    archive.git("checkout", "-q", "-b", "topic")
    archive.commit({"b/two.txt": DIRTY})
    archive.git("sparse-checkout", "set", "a")
    assert not (archive.folder / "b").exists()
    assert archive.validate("--staged").found() == {}
    done = archive.validate("--since", "main")
    assert (done.code, done.found()) == (1, {"b/two.txt": ["unreadable-file"]})
    assert "sparse checkout" in done.out
    archive.write("a/one.txt", DIRTY)
    archive.git("add", "a/one.txt")
    assert archive.validate("--staged").found() == {"a/one.txt": MARK}


def test_a_clone_without_blobs(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.git("config", "uploadpack.allowFilter", "true")
    archive.commit({"a/one.txt": DIRTY, "b/two.txt": DIRTY})
    partial = tmp_path / "partial"
    url = archive.folder.as_uri()
    archive.git("clone", "-q", "--filter=blob:none", "--sparse", url, str(partial), cwd=tmp_path)
    monkeypatch.chdir(partial)
    (partial / "validator.toml").write_text("fail-on = 'warning'\n" + CONFIG)
    archive.git("add", "-A", cwd=partial)
    assert archive.validate("--staged").found() == {"a/one.txt": MARK, "b/two.txt": MARK}
    other = tmp_path / "other"
    archive.git("clone", "-q", "--filter=blob:none", "--sparse", url, str(other), cwd=tmp_path)
    monkeypatch.chdir(other)
    shutil.rmtree(archive.folder)  # where the blobs would come from
    (other / "validator.toml").write_text("fail-on = 'warning'\n" + CONFIG)
    archive.git("add", "-A", cwd=other)
    done = archive.validate("--staged")
    assert (done.code, done.out, done.err.startswith("validator: git: ")) == (2, "", True)


def test_a_shallow_clone(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.git("checkout", "-q", "-b", "topic")
    archive.commit({"one.txt": CLEAN})
    archive.git("checkout", "-q", "main")
    archive.commit({"two.txt": CLEAN})
    shallow = tmp_path / "shallow"
    archive.git(
        "clone", "-q", "--depth", "1", "--no-single-branch", "--branch", "topic", archive.folder.as_uri(), str(shallow),
        cwd=tmp_path,
    )  # fmt: skip
    monkeypatch.chdir(shallow)
    refused(
        archive.validate("--since", "origin/main"), "no common ancestor", "`git fetch --unshallow`", "fetch-depth: 0"
    )
    archive.git("fetch", "-q", "--unshallow", cwd=shallow)
    assert archive.validate("--since", "origin/main").found() == {"one.txt": []}


# --- what cannot be told is never passed over -------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "said"), table("git", "mistakes"))
def test_mistakes(archive: Archive, arguments: str, said: str) -> None:
    archive.commit({"one.txt": CLEAN})
    archive.git("checkout", "-q", "--orphan", "orphan")
    archive.commit()
    archive.git("checkout", "-q", "main")
    (archive.folder.parent / "other").mkdir()
    done = archive.validate(*shlex.split(arguments))
    if said:
        assert (done.code, done.out) == (2, "")
        assert said in done.err
    else:
        assert done.code == 0


def test_a_ref_that_begins_with_a_dash(archive: Archive) -> None:
    archive.git("update-ref", "refs/heads/-n", "HEAD")
    archive.commit({"one.txt": DIRTY})
    assert archive.validate("--since=-n").found() == {"one.txt": MARK}


@BY_GIT
def test_outside_of_a_repository(
    archive: Archive, option: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = archive.validate(*option)
    assert (done.code, done.out, "not a git repository" in done.err) == (2, "", True)


@BY_GIT
def test_without_git(archive: Archive, option: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(archive.folder))
    done = archive.validate(*option)
    assert (done.code, done.out, "git is not installed" in done.err) == (2, "", True)


@pytest.mark.parametrize("failing", ["rev-parse", "diff-index", "diff", "ls-files", "merge-base", "cat-file"])
def test_git_that_fails(archive: Archive, failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.commit({"one.txt": CLEAN})
    archive.write("one.txt", DIRTY)
    archive.stage("seeds.meta.yaml", ENTRY)
    real = shutil.which("git")
    programs = tmp_path / "programs"
    programs.mkdir()
    script = f'#!/bin/sh\nfor word; do\n  if [ "$word" = {failing} ]; then echo "fatal: the disk is on fire" >&2; exit 128; fi\n'
    (programs / "git").write_text(f'{script}done\nexec {real} "$@"\n')
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for option, asks in (
        (["--staged"], ("rev-parse", "diff-index", "cat-file")),
        (["--since", "HEAD~"], ("rev-parse", "diff", "ls-files", "merge-base")),
    ):
        done = archive.validate(*option)
        if failing in asks:
            assert (done.code, done.out) == (2, ""), option
            assert "the disk is on fire" in done.err or failing == "rev-parse"
        else:
            assert done.found() == {"one.txt": MARK}


def test_an_object_that_is_missing(archive: Archive) -> None:
    archive.stage("one.txt", DIRTY)
    oid = archive.git("rev-parse", ":one.txt")
    (archive.folder / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    refused(archive.validate("--staged"), f"there is no object {oid}")


@BY_GIT
def test_a_merge_that_is_not_settled(archive: Archive, option: list[str]) -> None:
    archive.commit({"one.txt": CLEAN})
    archive.git("checkout", "-q", "-b", "topic", "HEAD~")
    archive.commit({"one.txt": DIRTY})
    merged = subprocess.run(["git", "merge", "main"], cwd=archive.folder, capture_output=True, check=False)
    assert merged.returncode == 1
    done = archive.validate(*option)
    if option == ["--staged"]:
        assert (done.code, done.out) == (2, "")
        assert '"one.txt" is unmerged' in done.err
    else:
        assert done.code == 1  # the work tree is judged as it stands, with the marks of the conflict
        assert "quote-for-apostrophe" in done.found()["one.txt"]


# --- settings of the user and the environment -------------------------------------------------------------------------


@BY_GIT
def test_no_setting_of_the_user_changes_the_answer(
    archive: Archive, option: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loud = tmp_path / "loud"
    loud.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\nexit 1\n")
    loud.chmod(0o755)
    archive.commit({"b/old.txt": OTHER + CLEAN, "c.txt": CLEAN, ".gitattributes": "*.txt diff=loud\n"})
    for name, value in {
        "diff.renames": "false", "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "core.quotepath": "false",
        "diff.external": str(loud), "diff.loud.textconv": str(loud), "diff.loud.command": str(loud),
        "diff.relative": "true", "diff.orderFile": "gone", "diff.renameLimit": "1", "diff.ignoreSubmodules": "all",
        "diff.autoRefreshIndex": "false", "core.fsmonitor": str(loud), "color.ui": "always", "core.pager": str(loud),
        "diff.wsErrorHighlight": "all", "diff.algorithm": "patience", "diff.interHunkContext": "3",
    }.items():  # fmt: skip
        archive.git("config", name, value)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(loud))
    monkeypatch.setenv("GIT_PAGER", str(loud))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    (archive.folder / "b" / "old.txt").rename(archive.folder / "b" / "中 文.txt")
    archive.write("a.txt", DIRTY)
    os.utime(archive.folder / "c.txt", (1, 1))
    subprocess.run(["git", "-c", "core.fsmonitor=false", "add", "-A"], cwd=archive.folder, check=True)
    (tmp_path / "was-run").unlink(missing_ok=True)
    os.utime(archive.folder / "c.txt", (2, 2))  # touched, and not changed
    monkeypatch.chdir(archive.folder / "b")
    assert archive.validate(*option).found() == {"a.txt": MARK, "b/中 文.txt": []}
    assert not (tmp_path / "was-run").exists()
    wanted = ValidateOptions(staged=option == ["--staged"], since="HEAD" if option[0] == "--since" else None)
    with chosen(Request(Path.cwd(), today=date(2021, 6, 14)), wanted, ()) as choice:
        assert choice is not None
        assert choice.renamed == {"b/中 文.txt": "b/old.txt"}
        assert choice.is_there("b/中 文.txt")
        assert not choice.is_there("b/old.txt")
        assert not choice.is_there("b") or option != ["--staged"]
    assert (archive.folder / ".git" / "index.lock").exists() is False


def test_the_index_is_left_as_it_is(archive: Archive) -> None:
    archive.commit({"one.txt": CLEAN})
    os.utime(archive.folder / "one.txt", (1, 1))
    before = (archive.folder / ".git" / "index").read_bytes()
    assert archive.validate("--since", "HEAD").found() == {}
    assert archive.validate("--staged").found() == {}
    assert (archive.folder / ".git" / "index").read_bytes() == before


# --- paths ------------------------------------------------------------------------------------------------------------


@BY_GIT
@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["a"], ["a/deep/two.txt", "a/one.txt"]),
        (["a/"], ["a/deep/two.txt", "a/one.txt"]),
        (["a/deep", "b.txt"], ["a/deep/two.txt", "b.txt"]),
        (["a/one.txt"], ["a/one.txt"]),
        (["./a/../b.txt"], ["b.txt"]),
        (["."], ["a/deep/two.txt", "a/one.txt", "b.txt", "gone.txt.meta.yaml"]),
        ([".."], ["a/deep/two.txt", "a/one.txt", "b.txt", "gone.txt.meta.yaml"]),
        (["old.txt"], []),
        (["a/one.txt.meta.yaml"], ["a/one.txt"]),
        (["a/deep/seeds.meta.yaml"], ["a/deep/two.txt"]),
        (["gone.txt"], ["gone.txt.meta.yaml"]),
        (["gone.txt.meta.yaml"], ["gone.txt.meta.yaml"]),
        (["link"], ["a/deep/two.txt"]),
    ],
)
def test_paths_narrow_the_choice(archive: Archive, option: list[str], paths: list[str], found: list[str]) -> None:
    archive.commit({"old.txt": CLEAN, "gone.txt": CLEAN, "gone.txt.meta.yaml": SIDECAR})
    (archive.folder / "gone.txt").unlink()
    for name in ("a/one.txt", "a/deep/two.txt", "b.txt"):
        archive.write(name, CLEAN)
    archive.write("a/one.txt.meta.yaml", SIDECAR)
    archive.write("a/deep/seeds.meta.yaml", ENTRY)
    (archive.folder / "link").symlink_to("a/deep")
    archive.git("add", "-A")
    assert sorted(archive.validate(*option, *paths).found()) == found


def test_a_path_that_only_the_index_has(archive: Archive) -> None:
    archive.stage("a/one.txt", DIRTY)
    shutil.rmtree(archive.folder / "a")
    assert archive.validate("--staged", "a").found() == {"a/one.txt": MARK}
    assert archive.validate("--staged", "a/one.txt").found() == {"a/one.txt": MARK}
    assert archive.validate("--since", "HEAD", "a").code == 2


# --- hooks ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def hooked(archive: Archive) -> Archive:
    """An archive whose commits are checked by a real hook."""
    hook = archive.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    program = f'PYTHONPATH="{CHECKOUT}" "{sys.executable}" -m validator'
    hook.write_text(f"#!/bin/sh\ncd sub 2>/dev/null\nexec env {program} validate --staged --format concise\n")
    hook.chmod(0o755)
    return archive


def commit(archive: Archive, *arguments: str, cwd: Path | None = None) -> tuple[int, list[str]]:
    done = subprocess.run(
        ["git", "commit", "-m", "A commit", *arguments], cwd=cwd or archive.folder, capture_output=True, check=False
    )
    said = (done.stdout + done.stderr).decode()
    assert "Traceback" not in said
    return done.returncode, [line.partition(":")[0] for line in said.splitlines() if ": error " in line]


def test_a_hook_judges_what_is_committed(hooked: Archive) -> None:
    git = hooked.git
    hooked.write("one.txt", CLEAN)
    hooked.write("two.txt", CLEAN)
    git("add", "-A")
    assert commit(hooked) == (0, [])
    hooked.write("one.txt", DIRTY)
    hooked.write("two.txt", DIRTY)
    assert commit(hooked, "-a") == (1, ["one.txt", "two.txt"])  # neither is in the index that is kept
    assert commit(hooked, "two.txt") == (1, ["two.txt"])
    hooked.write("two.txt", OTHER)
    git("add", "one.txt")
    assert commit(hooked, "two.txt") == (0, [])  # what else is staged is not in this commit
    assert commit(hooked) == (1, ["one.txt"])
    git("reset", "-q", "--hard")
    hooked.write("sub/three.txt", DIRTY)
    git("add", "-A")
    assert commit(hooked, cwd=hooked.folder / "sub") == (1, ["sub/three.txt"])  # the hook goes into the folder
    hooked.write("sub/three.txt", CLEAN)
    git("add", "-A")
    assert commit(hooked) == (0, [])
    hooked.write("sub/three.txt", DIRTY)
    hooked.write("two.txt", DIRTY)
    for folder in (hooked.folder, hooked.folder / "sub"):
        assert commit(hooked, "-a", cwd=folder) == (1, ["sub/three.txt", "two.txt"])
    assert commit(hooked, "three.txt", cwd=hooked.folder / "sub") == (1, ["sub/three.txt"])


def test_a_hook_in_a_linked_work_tree_and_below_its_top(hooked: Archive, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    hooked.git("worktree", "add", "-q", str(linked))
    for name in ("one.txt", "sub/two.txt"):
        (linked / name).parent.mkdir(exist_ok=True)
        (linked / name).write_text(DIRTY)
    hooked.git("add", "-A", cwd=linked)
    assert commit(hooked, cwd=linked) == (1, ["one.txt", "sub/two.txt"])
    shutil.rmtree(linked / "sub")
    assert commit(hooked, "-a", cwd=linked) == (1, ["one.txt"])


@pytest.mark.parametrize("below", [".", "sub"])
@pytest.mark.parametrize("given", [None, ".git", "whole", "../gone"])
def test_the_top_is_found_with_and_without_what_git_tells_its_hooks(
    archive: Archive, below: str, given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = tmp_path / "linked"
    archive.git("worktree", "add", "-q", str(linked))
    for top in (archive.folder, linked):
        (top / "sub").mkdir()
        monkeypatch.chdir(top / below)
        if given is not None:
            own = archive.git("rev-parse", "--absolute-git-dir", cwd=top)
            monkeypatch.setenv("GIT_DIR", own if given == "whole" or top == linked else given)
        if given == "../gone" and top != linked:
            with pytest.raises(ConfigError, match="not a git repository"):
                find_repository(Path.cwd())
        else:
            assert find_repository(Path.cwd()).top == str(top)
        monkeypatch.delenv("GIT_DIR", raising=False)


def test_a_repository_that_only_the_environment_names(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "elsewhere.git"
    shutil.move(archive.folder / ".git", place)
    archive.write("sub/one.txt", DIRTY)
    monkeypatch.setenv("GIT_DIR", "../elsewhere.git")
    monkeypatch.setenv("GIT_WORK_TREE", str(archive.folder))
    archive.git("add", "-A")
    assert archive.validate("--staged").found() == {"sub/one.txt": MARK}
    monkeypatch.delenv("GIT_WORK_TREE")
    assert archive.validate("--staged").found() == {"sub/one.txt": MARK}


# --- the record of repairs --------------------------------------------------------------------------------------------


def files_of_record(archive: Archive) -> list[str]:
    return sorted(
        str(path.relative_to(archive.folder)) for path in (archive.folder / ".validator").rglob("*") if path.is_file()
    )


def mended(archive: Archive, name: str = "one.txt", *arguments: str) -> None:
    assert archive.run("repair", "-q", name, *arguments).code == 0


LEAKED = "date 2021-06-14 SPECIMEN TOWN, June 14 -- On June 14, a paragraph stood here.\n"


def test_a_repair_staged_without_its_record(archive: Archive) -> None:
    archive.commit({"one.txt": DIRTY, "two words.txt": DIRTY, "three.txt": DIRTY})
    mended(archive)
    mended(archive, "two words.txt")
    log, original = files_of_record(archive)[0], files_of_record(archive)[-1]
    archive.git("add", "one.txt", "two words.txt")
    done = archive.validate("--staged")
    assert (done.code, done.found()) == (1, {"one.txt": ["event-unstaged"], "two words.txt": ["event-unstaged"]})
    assert [seed["verdict"] for seed in json.loads(done.out)["seeds"]] == ["invalid", "invalid"]
    said = [seed["findings"][0]["message"] for seed in json.loads(done.out)["seeds"]]
    start = "the record of its repair is not staged with it: git add -- "
    assert said == [
        f"{start}.validator/events/one.txt.jsonl {original}",
        f"{start}'.validator/events/two words.txt.jsonl' {original}",
    ]
    assert archive.validate("--staged", "--ignore", "event-unstaged").code == 0
    archive.git("add", log)
    assert unstaged_events(archive.folder, ["one.txt"]) == {"one.txt": (original,)}
    subprocess.run(said[1].rpartition(": ")[2], shell=True, cwd=archive.folder, check=True)
    done = archive.validate("--staged")
    assert (done.code, done.found()) == (0, {"one.txt": [], "two words.txt": []})


def test_records_that_are_staged_or_not_concerned(archive: Archive) -> None:
    archive.commit({"one.txt": DIRTY, "two.txt": DIRTY})
    mended(archive)
    assert archive.validate("--staged").found() == {}  # nothing is staged
    archive.write("two.txt", OTHER)
    archive.git("add", "two.txt")
    assert archive.validate("--staged").found() == {"two.txt": []}  # the one that was repaired is not
    archive.git("add", "-A")
    assert archive.validate("--staged").found() == {"one.txt": [], "two.txt": []}
    archive.commit()
    archive.stage("one.txt", OTHER)
    assert archive.validate("--staged").found() == {"one.txt": []}  # changed by hand since


def test_what_was_staged_before_the_repair_and_edited_after_it(archive: Archive) -> None:
    archive.commit({"one.txt": CLEAN})
    archive.stage("one.txt", DIRTY)
    mended(archive)
    assert archive.validate("--staged").found() == {"one.txt": MARK}  # what the repair found, not what it left
    archive.git("add", "one.txt")
    archive.write("one.txt", DIRTY)  # put back by hand: what is staged is what the repair left all the same
    assert archive.validate("--staged").found() == {"one.txt": ["event-unstaged"]}


def test_a_repair_that_was_edited_before_it_was_staged(archive: Archive) -> None:
    archive.commit({"one.txt": DIRTY})
    mended(archive)
    # It differs in blanks only, and yet is not what the repair left.
    archive.write("one.txt", DIRTY.replace('"', "'").replace(" ", "  "))
    archive.git("add", "one.txt")
    assert unstaged_events(archive.folder, ["one.txt"]) == {}


def test_an_undo_has_a_record_too(archive: Archive) -> None:
    archive.commit({"one.txt": DIRTY})
    mended(archive)
    archive.commit()
    assert archive.run("undo", "one.txt").code == 0
    archive.git("add", "one.txt")
    assert archive.validate("--staged").found() == {"one.txt": ["event-unstaged", *MARK]}
    archive.git("add", "-A")
    assert archive.validate("--staged").found() == {"one.txt": MARK}
    archive.commit()
    mended(archive)  # the second time: event and originals of the first repair explain the same bytes
    archive.git("add", "one.txt")
    assert archive.validate("--staged").found() == {"one.txt": []}


def test_the_sidecar_that_a_repair_changed(archive: Archive) -> None:
    archive.commit({"one.txt": LEAKED, "validator.toml": '[sources]\n"**" = "chinamil-text"\n'})
    archive.run("repair", "-q", "--unsafe", "--select", "leaked-field", "one.txt")
    sidecar = "one.txt.meta.yaml"
    assert (archive.folder / sidecar).is_file()
    archive.git("add", "one.txt", ".validator")
    assert unstaged_events(archive.folder, ["one.txt"]) == {"one.txt": (sidecar,)}
    archive.git("add", sidecar)
    assert unstaged_events(archive.folder, ["one.txt"]) == {}
    text = (archive.folder / sidecar).read_text()
    archive.write(sidecar, text + "# a curator's line\n")
    archive.git("add", sidecar)
    assert unstaged_events(archive.folder, ["one.txt"]) == {}  # edited since: who did so knows better


def test_an_event_that_is_staged_without_its_original(archive: Archive) -> None:
    archive.commit({"one.txt": DIRTY})
    mended(archive)
    log, original = files_of_record(archive)
    archive.write("one.txt", OTHER)  # edited after its repair
    archive.git("add", "one.txt", log)
    assert unstaged_events(archive.folder, ["one.txt"]) == {"one.txt": (original,)}
    archive.git("add", original)
    assert unstaged_events(archive.folder, ["one.txt"]) == {}


def test_a_record_in_a_subfolder(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.commit({"sub/validator.toml": CONFIG, "sub/one.txt": DIRTY})
    monkeypatch.chdir(archive.folder / "sub")
    mended(archive)
    archive.git("add", "one.txt", cwd=archive.folder / "sub")
    done = archive.validate("--staged")
    assert done.found() == {"one.txt": ["event-unstaged"]}
    command = json.loads(done.out)["seeds"][0]["findings"][0]["message"].rpartition(": ")[2]
    subprocess.run(command, shell=True, cwd=archive.folder / "sub", check=True)
    assert archive.validate("--staged").found() == {"one.txt": []}


def put_away(archive: Archive) -> None:
    """What programs that run hooks do with changes that are not staged: files that git does not know stay."""
    archive.git("checkout", "--", ".")


def test_an_event_that_was_put_away(archive: Archive) -> None:
    archive.commit({"one.txt": DIRTY})
    mended(archive)
    archive.commit()
    archive.write("one.txt", OTHER + DIRTY)
    archive.commit()
    mended(archive)
    archive.git("add", "one.txt")
    log = files_of_record(archive)[0]
    before = unstaged_events(archive.folder, ["one.txt"])
    put_away(archive)
    assert archive.git("status", "--porcelain", "--", log) == ""
    assert unstaged_events(archive.folder, ["one.txt"]) == before
    assert len(before["one.txt"]) == 2
    archive.write("one.txt", OTHER + OTHER)
    archive.git("add", "one.txt")
    assert unstaged_events(archive.folder, ["one.txt"]) == {}  # words were changed: no repair does that


def test_what_is_put_away_without_an_original_tells_nothing(archive: Archive) -> None:
    archive.commit({"one.txt": DIRTY})
    mended(archive)
    archive.commit()
    archive.write("one.txt", CLEAN.replace("\n", " \n"))
    archive.commit()
    archive.write("one.txt", CLEAN)
    archive.git("add", "one.txt")
    assert unstaged_events(archive.folder, ["one.txt"]) == {}


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"one.txt\n-\na b.txt\n", []),
        (b"one.txt\n\n-\na b.txt", []),
        (b"one.txt\0-\0a b.txt\0", ["--null"]),
        (b"one.txt\0-\0a b.txt", ["-0"]),
    ],
)
@pytest.mark.parametrize("by", ["file", "stream"])
def test_a_list_of_files(archive: Archive, content: bytes, options: list[str], by: str) -> None:
    for name in ("one.txt", "-", "a b.txt", "other.txt", "more.txt"):
        archive.write(name, DIRTY)
    archive.write("list", content)
    given = ["--files-from", "-" if by == "stream" else "list", *options]
    done = archive.validate(*given, "more.txt", stdin=content)
    assert done.found() == dict.fromkeys(("-", "a b.txt", "more.txt", "one.txt"), MARK)
    archive.git("add", "one.txt", "other.txt")
    assert archive.validate("--staged", *given, stdin=content).found() == {"one.txt": MARK}
    mended = archive.run("repair", *given, stdin=content)
    assert (mended.code, mended.out.count("repaired ")) == (0, 3)
    assert archive.validate(*given, stdin=content).code == 0


@pytest.mark.parametrize("command", ["validate", "repair"])
def test_lists_that_are_empty_or_wrong(archive: Archive, command: str) -> None:
    done = archive.run(command, "--files-from", "-")
    assert (done.code, done.out, done.err) == (
        0,
        "",
        "validator: the list of --files-from is empty: there is nothing to do\n",
    )
    archive.write("one.txt", DIRTY)
    refused(
        archive.run(command, "--files-from", "-", stdin=b"one.txt\ngone.txt\n"),
        "not found: gone.txt; nothing was checked",
    )
    done = archive.run(command, "--files-from", "-", stdin=b"one.txt\0")
    assert (done.code, "--null" in done.err) == (2, True)


def test_an_empty_list_does_not_stand_for_everything(archive: Archive) -> None:
    archive.stage("one.txt", DIRTY)
    assert archive.run("validate", "--staged", "--files-from", "-").code == 0


# --- what git ignores -------------------------------------------------------------------------------------------------


def test_what_git_keeps_is_not_ignored_wherever_it_lies(archive: Archive) -> None:
    for name in (
        "out/kept.txt",
        "out/deep/kept.txt",
        "out/new.txt",
        "out/deep/new.txt",
        "kept.md",
        "new.md",
        "one.txt",
    ):
        archive.write(name, CLEAN)
    archive.write(".gitignore", "out/\n*.md\n")
    archive.git("add", "-f", "out/kept.txt", "out/deep/kept.txt", "kept.md")
    assert [*archive.validate(".").found()] == ["kept.md", "one.txt", "out/deep/kept.txt", "out/kept.txt"]
    assert [*archive.validate("out").found()] == ["out/deep/kept.txt", "out/kept.txt"]
    archive.git("rm", "-r", "-q", "--cached", "out")
    assert [*archive.validate(".").found()] == ["kept.md", "one.txt"]


@pytest.mark.nightly
def test_a_folder_of_many_seeds_is_walked_without_delay(archive: Archive) -> None:
    for number in range(30_000):
        (archive.folder / f"{number}.txt").write_bytes(b"")
    archive.write(".gitignore", "*.md\n")
    archive.stage("one.md", CLEAN)
    started = time.process_time() + sum(os.times()[2:4])
    assert len(discover(["."], Settings(), archive.folder).seeds) == 30_000
    # Going through the index for each path took two minutes; programs that were started count.
    assert time.process_time() + sum(os.times()[2:4]) - started < 20


# --- the same as a clone ----------------------------------------------------------------------------------------------

NAMES = st.lists(st.sampled_from(["a", "b", "中", "x y", "n\n", "-o"]), min_size=1, max_size=3).map("/".join)
TEXTS = st.sampled_from([CLEAN, DIRTY, OTHER, "", "a\r\n", "\ufeffb\n", "x" * 300, "\x00", LEAKED])
FILES = st.dictionaries(
    NAMES.map(lambda name: f"{name}.txt"),
    st.tuples(
        st.one_of(TEXTS, st.sampled_from(["a.txt", "b.txt", "../b.txt", "gone", ".", "/dev/null", "../.."])),
        st.booleans(),
        st.sampled_from([None, None, SIDECAR, ACCEPTED, "sorce: x\n"]),
    ),
    min_size=1,
    max_size=6,
)
SCHEMAS = 'schemas = ["n"]\nlimit-bytes = 250\n[sources]\n"a/**" = "gazette"\n"**" = "plain-text"\n'


def staged_lines(archive: Archive, files: Mapping[str, tuple[str, bool, str | None]]) -> dict[str, tuple[str, str]]:
    lines = {"validator.toml": ("100644", SCHEMAS), "n/gazette.yaml": ("100644", SCHEMA)}
    for name, (text, is_link, sidecar) in files.items():
        if any(other.startswith(f"{name}/") for other in files):
            continue
        lines[name] = ("120000" if is_link and text and "\0" not in text and len(text) < 100 else "100644", text)
        if sidecar is not None:
            lines[f"{name}.meta.yaml"] = ("100644", sidecar)
            if "/" in name:
                entry = f"seeds:\n  - files: ['*a*']\n    {sidecar}".replace("\n  - {", "\n      - {")
                lines[f"{name.partition('/')[0]}/seeds.meta.yaml"] = ("100644", entry)
    return lines


@given(files=FILES)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_staged_is_judged_as_a_clone_would_be(archive: Archive, files: dict[str, tuple[str, bool, str | None]]) -> None:
    archive.git("read-tree", "--empty")
    archive.git("update-ref", "-d", "HEAD")
    lines = staged_lines(archive, files)
    info = b""
    for name, (mode, text) in lines.items():
        oid = archive.git("hash-object", "-w", "--stdin", given=text.encode())
        info += f"{mode} {oid}\t".encode() + os.fsencode(name) + b"\0"
    archive.git("update-index", "-z", "--index-info", given=info)
    with tempfile.TemporaryDirectory(dir=archive.folder.parent) as fresh:
        archive.git("checkout-index", "-a", f"--prefix={fresh}/")
        staged = archive.validate("--staged")
        here = Path.cwd()
        os.chdir(fresh)
        try:
            cloned = archive.validate(".")
        finally:
            os.chdir(here)
    if cloned.code == 2:  # no seeds, which of a folder is a mistake
        assert staged.found() == {}
    else:
        assert json.loads(staged.out)["seeds"] == json.loads(cloned.out)["seeds"]
        assert staged.code == cloned.code


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("one.txt", True),
        ("a/b/c.md", True),
        ("a/.b/c.md", False),
        (".a.txt", False),
        ("a..txt", True),
        ("one.txt.meta.yaml", False),
        ("seeds.meta.yaml", False),
        ("one.rst", False),
        ("drafts/one.txt", False),
        ("drafts.txt", True),
        ("bag/manifest-md5.txt", False),
        ("bag/notes.txt", True),
        ("bag/data/manifest-md5.txt", True),
        ("manifest-md5.txt", True),
    ],
)
def test_which_names_are_those_of_seeds(name: str, is_one: bool) -> None:
    there = {"bag/bagit.txt"}
    assert is_seed_name(name, Settings(exclude=("drafts/",)), there.__contains__) is is_one


def test_objects_are_read_one_after_another(archive: Archive) -> None:
    archive.commit({"one.txt": "", "two.txt": "two\n\n", "three.txt": "x" * 3_000_000})
    repository = find_repository(archive.folder)
    files = staged_files(repository)
    assert {entry.mode for entry in files.values()} == {"100644"}
    assert staged_changes(repository) == []
    with objects(repository) as contents:
        read: Callable[[str], bytes] = Objects.read.__get__(contents)
        assert read(files["one.txt"].oid) == b""
        assert read(files["two.txt"].oid) == b"two\n\n"
        assert len(read(files["three.txt"].oid)) == 3_000_000
        copy = archive.folder / "copy"
        contents.copy(files["three.txt"].oid, str(copy), 1000)
        assert copy.read_bytes() == bytes(3_000_000)  # too large to be read: only its size counts
        assert read(files["two.txt"].oid) == b"two\n\n"
        with pytest.raises(ConfigError, match="there is no object"):
            read("0" * 40)
        assert read(files["two.txt"].oid) == b"two\n\n"
