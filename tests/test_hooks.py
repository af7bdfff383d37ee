"""The hooks, run by pre-commit and by prek, which fetch this checkout as a git repository and install it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import bagit  # type: ignore[import-untyped]
import pytest
import yaml
from gates import (
    BAD,
    CHECKOUT,
    GOOD,
    MENDABLE,
    MENDED,
    PLAIN,
    Archive,
    curator,
    needs_checkout,
    new_archive,
    program_as_repository,
    run,
    shared_folder,
    shown_in_docs,
)

from validator.archive.config import DEFAULT_INCLUDE
from validator.archive.git import shell_word
from validator.archive.reading import available_processors
from validator.archive.writing import held
from validator.cli.program import program
from validator.preservation.writing import Written, write_repair

pytestmark = needs_checkout

RUNNERS = ("pre-commit", "prek")


class Runner(NamedTuple):
    """A program that runs hooks; `address` and `commit` are where it gets ours from."""

    name: str
    address: str
    commit: str
    environment: dict[str, str]

    def configure(self, archive: Archive, *hooks: Mapping[str, object]) -> None:
        """Let an archive have these hooks, and let git call them."""
        entry = {"repo": self.address, "rev": self.commit, "hooks": [dict(hook) for hook in hooks]}
        archive.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [entry]}, sort_keys=False))
        archive.git("add", ".pre-commit-config.yaml", "validator.toml")
        run([self.name, "install"], archive.folder, archive.environment)

    def run(self, archive: Archive, *arguments: str, code: int | None = 0) -> str:
        """Run the hooks by hand."""
        return run([self.name, "run", "--verbose", *arguments], archive.folder, archive.environment, code)


@pytest.fixture(scope="session", params=RUNNERS)
def runner(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A runner that has the program installed already: once a session, in whichever process asks first."""
    folder = shared_folder(tmp_path_factory, "hooks")
    own = shared_folder(tmp_path_factory, f"hooks-{request.param}")
    environment = curator(own, PRE_COMMIT_HOME=str(own / "home"), PREK_HOME=str(own / "home"), NO_COLOR="1")
    if shutil.which(request.param, path=environment["PATH"]) is None:
        pytest.skip(f"{request.param} is not installed")
    address, commit = program_as_repository(folder, environment)
    made = Runner(request.param, address, commit, environment)
    with held(own):
        if not (own / "ready").exists():
            archive = new_archive(own / "first", environment)
            made.configure(archive, {"id": "validate-seeds"})
            run([request.param, "install", "--install-hooks"], archive.folder, environment)
            (own / "ready").touch()
    return made


@pytest.fixture
def archive(runner: Runner, tmp_path: Path) -> Archive:
    """An archive whose seeds are plain text."""
    return new_archive(tmp_path / "archive", runner.environment)


def commit(archive: Archive, code: int | None = 0) -> str:
    """Commit what is staged, as a curator does; what git and the hooks print."""
    return archive.git("commit", "--message", "seeds", code=code)


def staging_commands(printed: str) -> list[str]:
    """The commands that a run of the repair hook prints, to be copied."""
    return [line.strip() for line in printed.splitlines() if line.strip().startswith("git add ")]


def test_the_names_are_those_that_count_as_seeds_and_those_of_sidecars() -> None:
    for hook in yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8")):
        for glob in (*DEFAULT_INCLUDE, "*.meta.yaml", "seeds.meta.yaml"):
            assert re.search(hook["files"], f"news/{glob.replace('*', 'letter')}"), glob
        for name in ("letter.py", "letter.yaml", "txt", "letter.txt.gz", "notes.md/letter"):
            assert not re.search(hook["files"], f"news/{name}"), name
        assert hook["types"] == [], "what is no text is what is to be found"


# --- validate ---------------------------------------------------------------------------------------------------------


def test_a_bad_seed_blocks_the_commit_and_a_good_one_does_not(runner: Runner, archive: Archive) -> None:
    runner.configure(archive, {"id": "validate-seeds"})
    archive.write("news/good.txt", GOOD)
    archive.git("add", "news")
    assert "Passed" in commit(archive)
    archive.write("news/bad.txt", GOOD + BAD)
    archive.git("add", "news")
    said = commit(archive, code=1)
    assert "news/bad.txt:2:11: error replacement-character" in said
    assert archive.commits() == 1
    archive.write("news/bad.txt", GOOD)
    archive.git("add", "news")
    commit(archive)
    assert archive.commits() == 2


def test_what_is_no_text_is_judged_and_not_passed_over(runner: Runner, archive: Archive) -> None:
    runner.configure(archive, {"id": "validate-seeds"})
    archive.write("news/torn.txt", b"A\0B\xff\xfe\x81\n")
    archive.write("news/empty.html", b"")
    (archive.folder / "news" / "astray.txt").symlink_to("nowhere.txt")
    archive.git("add", "news")
    said = commit(archive, code=1)
    assert "news/torn.txt:1:1: error undecodable" in said
    assert "news/astray.txt:1:1: error unreadable-file" in said
    assert archive.commits() == 0


def test_a_sidecar_stands_for_its_seed(runner: Runner, archive: Archive) -> None:
    runner.configure(archive, {"id": "validate-seeds"})
    archive.write("news/letter.txt", BAD)
    archive.write("news/other.txt", BAD)
    archive.git("add", "news", "validator.toml")
    archive.git("commit", "--quiet", "--no-verify", "--message", "before there was a hook")
    archive.validator(
        "accept", "news/letter.txt", "replacement-character", "--reason", "so printed", "--by", "A. Curator"
    )
    archive.git("add", "news")
    commit(archive)  # of the sidecar alone: its seed has no open finding now, and the other one is not asked for
    sidecar = "news/letter.txt.meta.yaml"
    archive.write(sidecar, archive.read(sidecar).replace("replacement-character", "replacement-charakter"))
    archive.git("add", "news")
    said = commit(archive, code=1)
    assert "news/letter.txt:1:11: error replacement-character" in said
    assert "sidecar-invalid" in said
    assert "other.txt" not in said


def test_the_sidecar_of_a_folder_stands_for_the_seeds_that_are_committed(runner: Runner, archive: Archive) -> None:
    runner.configure(archive, {"id": "validate-seeds"}, {"id": "repair-seeds"})
    archive.write("news/letter.txt", MENDABLE)
    archive.git("add", "news", "validator.toml")
    archive.git("commit", "--quiet", "--no-verify", "--message", "before there was a hook")
    archive.write("news/untracked.txt", MENDABLE)
    archive.write("news/seeds.meta.yaml", "source: plain-text\nfiles: ['*.txt']\n")
    archive.write("empty/seeds.meta.yaml", "source: plain-text\nfiles: ['*.txt']\n")
    archive.git("add", "news/seeds.meta.yaml", "empty")
    said = commit(archive, code=1)
    assert "news/letter.txt:1:11: error quote-for-apostrophe" in said
    assert "untracked.txt" not in said
    assert archive.read("news/letter.txt") == MENDABLE, "a seed that is not committed is not written to"


def test_a_sidecar_that_is_not_in_git_is_told(runner: Runner, archive: Archive) -> None:
    runner.configure(archive, {"id": "validate-seeds"})
    archive.write(".gitignore", "*.yaml\n")
    archive.write("news/letter.txt", BAD)
    archive.validator(
        "accept", "news/letter.txt", "replacement-character", "--reason", "so printed", "--by", "A. Curator"
    )
    archive.git("add", "news/letter.txt")
    said = commit(archive, code=1)
    command = "git add -f -- news/letter.txt.meta.yaml"
    assert f"news/letter.txt.meta.yaml: it is about a seed of this commit and is not in git: {command}" in said
    run(shlex.split(command), archive.folder, archive.environment)
    commit(archive)


@pytest.mark.parametrize(
    ("staged", "present", "code"),
    [pytest.param(BAD, GOOD, 1, id="mended, and not staged"), pytest.param(GOOD, BAD, 0, id="spoilt, and not staged")],
)
def test_what_is_staged_is_judged(runner: Runner, archive: Archive, staged: str, present: str, code: int) -> None:
    runner.configure(archive, {"id": "validate-seeds"}, {"id": "repair-seeds"})
    archive.write("news/letter.txt", staged)
    archive.git("add", "news")
    archive.write("news/letter.txt", present)
    commit(archive, code)
    assert archive.read("news/letter.txt") == present
    assert archive.commits() == 1 - code


def test_args_files_and_exclude_are_as_the_archive_says(runner: Runner, archive: Archive) -> None:
    hook = {"id": "validate-seeds", "args": ["--fail-on=warning"], "files": r"^news/.*\.txt$", "exclude": "/drafts/"}
    runner.configure(archive, hook)
    archive.write("news/drafts/letter.txt", BAD)
    archive.write("notes.txt", BAD)
    archive.git("add", "--all")
    commit(archive)
    archive.write("news/letter.txt", "A line.  \n")
    archive.git("add", "--all")
    said = commit(archive, code=1)
    assert "news/letter.txt:1:8: warning trailing-whitespace" in said
    assert "drafts" not in said
    assert "notes.txt" not in said


def test_the_configuration_says_what_is_a_seed(runner: Runner, archive: Archive) -> None:
    """What a walk of the archive would not find is no seed because a runner names it."""
    runner.configure(archive, {"id": "validate-seeds"}, {"id": "repair-seeds"})
    archive.write("validator.toml", 'include = ["*.txt"]\nexclude = ["drafts/", "notes.txt"]\n' + PLAIN)
    for name in ("README.md", "notes.txt", "drafts/letter.txt", ".github/letter.txt", "bag/bag-info.txt"):
        archive.write(name, MENDABLE + BAD)
    archive.write("bag/bagit.txt", BAD)
    archive.git("add", "--all")
    commit(archive)
    assert archive.read("notes.txt") == MENDABLE + BAD
    archive.write("letter.txt", BAD)
    archive.git("add", "--all")
    assert "letter.txt:1:11: error" in commit(archive, code=1)


def test_in_ci_everything_is_judged_though_nothing_is_staged(runner: Runner, archive: Archive, tmp_path: Path) -> None:
    runner.configure(archive, {"id": "validate-seeds"}, {"id": "repair-seeds"})
    archive.write("news/letter.txt", GOOD)
    archive.git("add", "--all")
    commit(archive)
    runner.run(archive.clone(tmp_path / "sound"), "--all-files")
    archive.write("news/letter.txt", BAD)
    archive.git("commit", "--quiet", "--all", "--no-verify", "--message", "past the hook")
    assert "news/letter.txt:1:11: error" in runner.run(archive.clone(tmp_path / "unsound"), "--all-files", code=1)


# --- repair -----------------------------------------------------------------------------------------------------------

AWKWARD = ("news/letter.txt", "news/it's a “letter”; $(no).txt", "news/样本.md", "-news.txt", "--output=README.md")


def test_what_the_repair_hook_mends_can_be_committed_proved_and_undone(
    runner: Runner, archive: Archive, tmp_path: Path
) -> None:
    runner.configure(archive, {"id": "repair-seeds"}, {"id": "validate-seeds"})
    for name in AWKWARD:
        archive.write(name, MENDABLE)
    archive.write("news/good.txt", GOOD)
    archive.git("config", "core.excludesFile", str(archive.write(".git/somebodys-own", "*.gz\n")))
    archive.git("add", "--all")
    said = commit(archive, code=1)
    assert "news/letter.txt: repaired: 1 quote-for-apostrophe" in said
    assert all(archive.read(name) == MENDED for name in AWKWARD)

    commands = staging_commands(said)
    assert len(commands) == len(AWKWARD)
    assert sorted(shlex.split(command)[4] for command in commands) == sorted(AWKWARD)
    for command in commands:
        run(["bash", "-c", command], archive.folder, archive.environment)
    assert "Passed" in commit(archive)
    assert archive.git("status", "--porcelain") == "", "the commands staged all that the repair wrote"

    clone = archive.clone(tmp_path / "clone")
    assert f"{len(AWKWARD)} ok" in clone.validator("verify", ".")
    for name in AWKWARD:
        clone.validator("undo", "--", name)
        assert clone.read(name) == MENDABLE


def test_a_value_that_is_lifted_goes_with_its_sidecar(runner: Runner, archive: Archive, tmp_path: Path) -> None:
    runner.configure(archive, {"id": "repair-seeds", "args": ["--unsafe"]})
    archive.write("validator.toml", '[sources]\n"**" = "chinamil-text"\n')
    specimen = (CHECKOUT / "seeds" / "chinamil-text" / "as-captured.txt").read_bytes()
    archive.write("item.txt", specimen)
    archive.git("add", "--all")
    (command,) = staging_commands(commit(archive, code=1))
    names = shlex.split(command)[3:]
    assert names[:3] == ["item.txt", "item.txt.meta.yaml", ".validator/events/item.txt.jsonl"]
    run(shlex.split(command), archive.folder, archive.environment)
    archive.git("commit", "--quiet", "--no-verify", "--message", "what remains is for a person")
    assert archive.git("status", "--porcelain") == ""
    clone = archive.clone(tmp_path / "clone")
    clone.validator("verify", ".")
    clone.validator("undo", "item.txt")
    assert (clone.folder / "item.txt").read_bytes() == specimen
    assert not (clone.folder / "item.txt.meta.yaml").exists()


@pytest.mark.parametrize("hook", ["validate-seeds", "repair-seeds"])
def test_a_repair_is_not_committed_without_the_proof_of_it(runner: Runner, archive: Archive, hook: str) -> None:
    """`git commit --all` takes the seed along and leaves its event behind, which is a new file."""
    runner.configure(archive, {"id": hook})
    archive.write("news/letter.txt", MENDABLE)
    archive.git("add", "--all")
    archive.git("commit", "--quiet", "--no-verify", "--message", "before there was a hook")
    archive.validator("repair", "news/letter.txt")
    said = archive.git("commit", "--all", "--message", "repaired", code=1)
    assert "event" in said
    assert archive.commits() == 1
    archive.git("add", ".validator")
    commit(archive)


def test_a_baseline_is_heeded(runner: Runner, archive: Archive) -> None:
    runner.configure(archive, {"id": "repair-seeds"}, {"id": "validate-seeds"})
    archive.write("news/letter.txt", BAD)
    archive.write("validator.toml", f'baseline = "known.jsonl"\n{PLAIN}')
    archive.validator("baseline", "create", "--quiet")
    archive.git("add", "--all")
    commit(archive)
    archive.write("news/letter.txt", BAD + GOOD + BAD.replace("editor", "reader"))
    archive.git("add", "--all")
    said = commit(archive, code=1)
    assert "news/letter.txt:3:11: error replacement-character" in said
    assert "news/letter.txt:1:11" not in said


def test_a_repair_that_the_runner_takes_back_is_no_repair(runner: Runner, archive: Archive) -> None:
    """Where the mended line has changes that are not staged, runners put back what was there: the record must not disagree."""
    runner.configure(archive, {"id": "repair-seeds"})
    archive.write("news/letter.txt", MENDABLE)
    archive.git("add", "--all")
    edited = MENDABLE.replace("late", "very late")
    archive.write("news/letter.txt", edited)
    commit(archive, code=1)
    if archive.read("news/letter.txt") != edited:
        pytest.fail(f"the runner left {archive.read('news/letter.txt')!r}")
    archive.git("add", "news/letter.txt")
    (command,) = staging_commands(commit(archive, code=1))
    run(shlex.split(command), archive.folder, archive.environment)
    commit(archive)
    assert archive.read("news/letter.txt") == MENDED.replace("late", "very late")
    archive.validator("verify", ".")
    archive.validator("undo", "news/letter.txt")
    assert archive.read("news/letter.txt") == edited


# --- many at once -----------------------------------------------------------------------------------------------------

MANY = [60, pytest.param(2000, marks=pytest.mark.nightly)]


def many_seeds(archive: Archive, number: int) -> list[str]:
    """Seeds of which most can be mended; some are equal to one another, some have a sidecar of their own beside them."""
    names = []
    for at in range(number):
        name = f"news/{at % 7}/letter-{at:04}.txt"
        line = GOOD if at % 5 == 4 else MENDABLE * (1 + at % 3)
        archive.write(name, f"{at // 4 if at % 2 else 'Equal'}\n{line}")
        if at % 10 == 0:
            archive.write(f"{name}.meta.yaml", "source: plain-text\n")
        names.append(name)
    return names


def runs_on_record(archive: Archive) -> set[str]:
    """The runs of the program that have left events: one a process."""
    return {
        json.loads(line)["eventDetailInformation"]["eventDetailExtension"]["run"]
        for path in (archive.folder / ".validator" / "events").rglob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    }


@pytest.mark.parametrize("number", MANY)
def test_processes_that_repair_at_once_leave_what_one_leaves(
    runner: Runner, archive: Archive, tmp_path: Path, number: int
) -> None:
    runner.configure(archive, {"id": "repair-seeds"})
    names = many_seeds(archive, number)
    archive.git("add", "--all")
    serial = new_archive(tmp_path / "serial", runner.environment)
    many_seeds(serial, number)
    serial.validator("repair", "--quiet", ".")
    said = commit(archive, code=1)
    assert {name for name in names if archive.read(name) != serial.read(name)} == set()
    assert "left as it was" not in said
    if available_processors() > 1:
        assert len(runs_on_record(archive)) > 1, "the runner started one process only"

    mended = sum(archive.read(name) != archive.git("show", f":{name}") for name in names[:60])
    assert mended == 48
    commands = staging_commands(said)
    assert len(commands) == len([at for at in range(number) if at % 5 != 4])
    run(["bash", "-e"], archive.folder, archive.environment, given="\n".join(commands))
    commit(archive)
    assert archive.git("status", "--porcelain") == ""
    clone = archive.clone(tmp_path / "clone")
    assert f"{len(commands):,} ok" in clone.validator("verify", ".")
    assert list(clone.folder.rglob("*.validator-part")) == []


def test_a_bag_stays_valid_when_processes_repair_it_at_once(runner: Runner, archive: Archive) -> None:
    runner.configure(archive, {"id": "repair-seeds", "args": ["--update-manifest"]})
    for at in range(24):
        archive.write(f"bag/letter-{at}.txt", f"{at}\n{MENDABLE}")
    bagit.make_bag(str(archive.folder / "bag"), checksums=["sha256"])
    archive.git("add", "--all")
    commands = staging_commands(commit(archive, code=1))
    assert len(commands) == 24
    assert bagit.Bag(str(archive.folder / "bag")).is_valid()
    run(["bash", "-e"], archive.folder, archive.environment, given="\n".join(commands))
    commit(archive)
    assert archive.git("status", "--porcelain") == ""


# --- without a runner -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("letter.txt", "it's.txt", "a b", "$HOME", "`id`", "样本.txt", "a\nb", "\x1b[31m", "\u202etxt.exe", "\u3000"),
        *("a\udcff\udc80'\\", "\\n", "-n", "\x017"),
    ],
)
def test_a_name_in_a_command_is_read_back_by_the_shell(name: str, tmp_path: Path) -> None:
    word = shell_word(name)
    assert word.isprintable()
    (tmp_path / "out").write_text("")
    run(["bash", "-c", f"printf %s {word} > out"], tmp_path, curator(tmp_path))
    assert (tmp_path / "out").read_bytes().decode("utf-8", "surrogateescape") == name


def test_a_seed_and_its_sidecar_that_go_to_two_processes_are_mended_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Both processes read before either writes: the later one sees that the same was done already."""
    archive = new_archive(tmp_path / "archive", curator(tmp_path))
    letter = archive.write("letter.txt", MENDABLE)
    monkeypatch.chdir(archive.folder)

    def write_after_another(*arguments: Any, **said: Any) -> Written:
        write_repair(*arguments, **said)
        return write_repair(*arguments, **said)

    monkeypatch.setattr("validator.preservation.repairing.write_repair", write_after_another)
    assert program(["repair", "--hook", "letter.txt"], standalone_mode=False) == 0
    printed = "".join(capfd.readouterr())
    assert "left as it was" not in printed
    assert staging_commands(printed) == [], "the process that wrote it says so"
    assert letter.read_text() == MENDED
    assert len((archive.folder / ".validator" / "events" / "letter.txt.jsonl").read_text().splitlines()) == 1


def test_a_seed_that_somebody_edits_meanwhile_is_left_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    archive = new_archive(tmp_path / "archive", curator(tmp_path))
    letter = archive.write("letter.txt", MENDABLE)
    monkeypatch.chdir(archive.folder)

    def write_after_an_edit(*arguments: Any, **said: Any) -> Written:
        letter.write_text(BAD)
        return write_repair(*arguments, **said)

    monkeypatch.setattr("validator.preservation.repairing.write_repair", write_after_an_edit)
    assert program(["repair", "--hook", "letter.txt"], standalone_mode=False) == 1
    assert "letter.txt: left as it was: it was changed by somebody else" in "".join(capfd.readouterr())
    assert letter.read_text() == BAD


def with_program(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has the program of this checkout installed."""
    environment = curator(tmp_path)
    start = tmp_path / "programs" / "validator"
    start.parent.mkdir()
    start.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -m validator "$@"\n')
    start.chmod(0o755)
    return {**environment, "PATH": f"{start.parent}{os.pathsep}{environment['PATH']}"}


def test_the_hook_without_a_runner_that_the_pages_show(tmp_path: Path) -> None:
    archive = new_archive(tmp_path / "archive", with_program(tmp_path))
    archive.write(".git/hooks/pre-commit", shown_in_docs(".git/hooks/pre-commit")).chmod(0o755)
    archive.write("news/letter.txt", BAD)
    archive.git("add", "--all")
    archive.write("news/letter.txt", GOOD)
    assert "news/letter.txt:1:11: error" in commit(archive, code=1)
    archive.git("add", "--all")
    commit(archive)
    assert archive.commits() == 1


def test_what_the_pages_give_to_other_programs(tmp_path: Path) -> None:
    archive = new_archive(tmp_path / "archive", with_program(tmp_path))
    archive.write("news/old.txt", BAD)
    archive.git("add", "--all")
    archive.git("commit", "--quiet", "--message", "old")
    archive.git("update-ref", "refs/remotes/origin/main", "HEAD")
    archive.write("news/letter.txt", BAD)
    for first in ("validator validate --since origin/main", "validator validate --format junit"):
        script = shown_in_docs(first).replace("reviewdog ", "cat # ")
        run(["sh", "-c", script], archive.folder, archive.environment, code=0)
    diagnostics = [json.loads(line) for line in archive.read("seeds.rdjsonl").splitlines()]
    assert {each["location"]["path"] for each in diagnostics} == {"news/letter.txt"}
    assert 'name="news/old.txt"' in archive.read("seeds.xml")
    archive.write("validator.toml", "no configuration")
    run(["sh", "-c", shown_in_docs("validator validate --format junit")], archive.folder, archive.environment, code=1)


@pytest.mark.parametrize("command", ["validate", "repair"])
def test_what_is_excluded_is_told_in_one_line(tmp_path: Path, command: str) -> None:
    archive = new_archive(tmp_path / "archive", curator(tmp_path), f'exclude = ["drafts/"]\n{PLAIN}')
    names = [f"drafts/{number}.txt" for number in range(3)]
    for name in (*names, "letter.txt"):
        archive.write(name, GOOD)
    assert archive.validator(command, "--hook", *names) == "validator: 3 files excluded by the configuration\n"
    assert "3 files excluded by the configuration\n" in archive.validator(command, "--hook", *names, "letter.txt")


@pytest.mark.parametrize("command", ["validate", "repair"])
def test_a_hook_without_files_is_a_mistake(tmp_path: Path, command: str) -> None:
    """`pass_filenames: false` in a configuration must not let everything pass."""
    archive = new_archive(tmp_path / "archive", curator(tmp_path))
    assert "name the files" in archive.validator(command, "--hook", code=2)


def test_hook_goes_with_no_output_that_is_not_the_seed(tmp_path: Path) -> None:
    archive = new_archive(tmp_path / "archive", curator(tmp_path))
    archive.write("letter.txt", MENDABLE)
    for arguments in (["--diff", "letter.txt"], ["--to", "copies", "letter.txt"], ["-"]):
        assert "--hook repairs seeds where they are" in archive.validator("repair", "--hook", *arguments, code=2)
    assert archive.read("letter.txt") == MENDABLE
