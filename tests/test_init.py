"""`validator init`: what it sees, what it writes, and that nothing which is there is lost."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from gates import BAD, CHECKOUT, GOOD, Archive, curator, needs_checkout, run, shown_in_docs
from hypothesis import example, given
from hypothesis import strategies as st
from running import pieces_of

from validator.archive.adoption import (
    Program,
    Seen,
    attributes,
    configuration,
    exclusions,
    folder_sources,
    job,
    looks_like_no_seed,
    program_of,
    with_hook,
    with_hook_in_toml,
    with_job,
    without_secret,
    workflow,
)
from validator.archive.config import read_config, settings_for
from validator.archive.face import own_sources
from validator.archive.hook_files import UnmergeableError
from validator.archive.opening import FAMILIES
from validator.rules import RULES
from validator.text.globs import excludes

URL, REV = "https://git.example.org/archive/validator.git", "v1.2.0"
HERE = Program(URL, REV)
SAID = ("--url", URL, "--rev", REV)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive in git: two folders of sources that are known, one of which nobody knows, a read-me, no configuration."""
    folder = tmp_path / "archive"
    folder.mkdir()
    archive = Archive(folder, curator(tmp_path))
    archive.git("init", "--quiet")
    for source in ("mod-gov-cn", "zaobao-jekyll"):
        shutil.copytree(CHECKOUT / "seeds" / source, folder / "captures" / source)
    archive.write("letters/one.txt", GOOD)
    archive.write("README.md", "This archive holds what its folders are called after.\n")
    archive.write("captures/README.md", "Two folders.\n")
    return archive


def written(archive: Archive) -> dict[str, bytes]:
    """Every file of an archive, but those of git."""
    return {
        str(path.relative_to(archive.folder)): path.read_bytes()
        for path in sorted(archive.folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(archive.folder).parts
    }


# --- in an archive ----------------------------------------------------------------------------------------------------


def test_it_tells_what_is_there_and_what_to_do(archive: Archive) -> None:
    said = archive.validator("init", code=2)
    assert re.search(r"(?m)^ +mod-gov-cn +2 +2$", said)
    assert re.search(r"(?m)^ +none fits +3$", said)
    assert "1 file of no known source:\n    letters/one.txt\n" in said
    assert "validator sources learn" in said
    assert (
        max(map(len, (line for line in said.splitlines() if "|" not in line and str(archive.folder) not in line))) <= 80
    )


def test_without_anybody_to_ask_nothing_is_written(archive: Archive) -> None:
    before = written(archive)
    said = archive.validator("init", "--baseline", "--ci", "github", *SAID, code=2)
    assert "nothing was written: there is nobody to ask" in said
    assert written(archive) == before


def test_yes_writes_what_is_shown_and_twice_is_once(archive: Archive) -> None:
    before = written(archive)
    said = archive.validator("init", "--yes", "--ci", "github", *SAID)
    after = written(archive)
    assert after.keys() - before.keys() == {
        "validator.toml", ".pre-commit-config.yaml", ".github/workflows/seeds.yml", ".gitattributes"
    }  # fmt: skip
    assert {name: after[name] for name in before} == before
    for name in after.keys() - before.keys():
        for line in after[name].decode().splitlines():
            assert f"  | {line}".rstrip() in said
    again = archive.validator("init", "--yes", "--ci", "github")
    assert written(archive) == after
    assert again.count("there already, nothing to change") == 3
    assert "nothing is to be written" in archive.validator("init", "--ci", "github")


def test_the_configuration_is_sound_and_holds_what_was_found(archive: Archive) -> None:
    archive.validator("init", "--yes", "--ci", "none", *SAID)
    text = archive.read("validator.toml")
    settings = read_config(text, "validator.toml", known_rules=RULES, families=FAMILIES, known_sources=own_sources())
    assert settings.exclude == ("README.md",)
    assert dict(settings.sources) == {
        "captures/mod-gov-cn/**": "mod-gov-cn", "captures/zaobao-jekyll/**": "zaobao-jekyll"
    }  # fmt: skip
    said = archive.validator("validate", ".", "--format", "json", code=1)
    assert {seed["path"] for seed in json.loads(said[said.index("{") :])["seeds"] if seed["source"] is None} == {
        "letters/one.txt"
    }


def test_a_source_alone_in_a_folder_leaves_room_for_others(archive: Archive) -> None:
    for name in ("captures/zaobao-jekyll", "letters"):
        shutil.rmtree(archive.folder / name)
    archive.validator("init", "--yes", "--ci", "none", *SAID)
    assert '[sources]\n"captures/mod-gov-cn/**" = "mod-gov-cn"\n' in archive.read("validator.toml")


def test_the_folder_of_unknown_texts_is_named_ready_to_learn_from(archive: Archive) -> None:
    archive.write("letters/two.txt", GOOD)
    said = archive.validator("init", code=2)
    assert "validator sources learn letters letters --output schemas/letters.yaml" in said


def test_a_baseline_lets_the_archive_pass_as_it_is(archive: Archive) -> None:
    archive.validator("validate", ".", code=1)
    archive.validator("init", "--yes", "--baseline", "--ci", "none", *SAID)
    archive.validator("validate", ".")
    archive.write("captures/mod-gov-cn/new.txt", BAD)
    archive.validator("validate", ".", code=1)


def test_git_keeps_seeds_to_the_byte(archive: Archive, tmp_path: Path) -> None:
    """With a user's own setting to convert line ends, a clone still has the bytes."""
    archive.write("captures/mod-gov-cn/two words/dos.txt", GOOD.replace("\n", "\r\n"))
    archive.write(".gitattributes", "*.txt text=auto\n* text=auto")
    archive.validator("init", "--yes", "--ci", "none", *SAID)
    assert archive.read(".gitattributes").startswith("*.txt text=auto\n* text=auto\n\n# Seeds are kept")
    archive.git("config", "--global", "core.autocrlf", "true")
    archive.git("add", "--all")
    archive.git("commit", "--quiet", "--message", "adopted")
    clone = archive.clone(tmp_path / "clone")
    mine, theirs = written(archive), written(clone)
    assert {name: theirs[name] for name in mine if name.startswith("captures/")} == {
        name: mine[name] for name in mine if name.startswith("captures/")
    }


def test_outside_of_git_there_is_a_configuration_only(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    archive = Archive(folder, curator(tmp_path))
    archive.write("letters/one.txt", GOOD)
    said = archive.validator("init", "--yes", *SAID)
    assert "no git repository: no hook" in said
    assert sorted(written(archive)) == ["letters/one.txt", "validator.toml"]


def test_an_archive_in_a_folder_of_a_repository(archive: Archive) -> None:
    archive.write("captures/validator.toml", "")
    inner = Archive(archive.folder / "captures", archive.environment)
    inner.validator("init", "--yes", "--ci", "github", *SAID)
    entry = yaml.safe_load(archive.read(".pre-commit-config.yaml"))["repos"][0]
    assert entry["hooks"] == [{"id": "validate-seeds", "args": ["--config", "captures/validator.toml"]}]
    assert "config: captures/validator.toml" in archive.read(".github/workflows/seeds.yml")
    assert archive.read("captures/validator.toml") == "", "a configuration that is there is left alone"


def test_an_empty_archive(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    archive = Archive(folder, curator(tmp_path))
    archive.git("init", "--quiet")
    assert "nothing here has the name of a seed" in archive.validator("init", "--yes", "--ci", "gitlab", *SAID)
    assert sorted(written(archive)) == [
        ".gitlab-ci.yml", ".gitlab/seeds.yml", ".pre-commit-config.yaml", "validator.toml"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("there", "written_to"),
    [
        ({".github/dependabot.yml": "version: 2\n"}, ".github/workflows/seeds.yml"),
        ({".gitlab-ci.yml": "stages: [build, test]\n"}, ".gitlab/seeds.yml"),
        ({"remote": "git@gitlab.example.org:archive/seeds.git"}, ".gitlab/seeds.yml"),
        ({"remote": "https://github.com/example/seeds"}, ".github/workflows/seeds.yml"),
        ({"remote": "https://git.example.org/github-mirror/seeds"}, None),
    ],
)
def test_ci_is_what_the_repository_uses(archive: Archive, there: dict[str, str], written_to: str | None) -> None:
    for name, content in there.items():
        if name == "remote":
            archive.git("remote", "add", "origin", content)
        else:
            archive.write(name, content)
    archive.validator("init", "--yes", *SAID)
    jobs = {".github/workflows/seeds.yml", ".gitlab/seeds.yml"} & written(archive).keys()
    assert jobs == ({written_to} if written_to else set())


def test_a_job_that_is_there_and_differs_is_replaced_only_when_asked(archive: Archive) -> None:
    archive.write(".github/workflows/seeds.yml", "name: ours\n")
    said = archive.validator("init", "--yes", *SAID)
    assert "--overwrite replaces it" in " ".join(said.split())
    assert archive.read(".github/workflows/seeds.yml") == "name: ours\n"
    archive.validator("init", "--yes", "--overwrite", *SAID)
    assert archive.read(".github/workflows/seeds.yml") == workflow(HERE, None, "main")


@pytest.mark.parametrize("known", [[], ["--url", URL]], ids=["nothing", "no revision"])
@pytest.mark.parametrize("ci", ["none", "github", "gitlab"])
def test_what_cannot_be_fetched_is_called_where_it_is_installed(archive: Archive, known: list[str], ci: str) -> None:
    """A remote of the checkout that the tests run from would be known; so only half of it is."""
    if not known:
        archive.write(".pre-commit-config.yaml", "repos: []\n")  # which nothing can be added to
    said = archive.validator("init", "--yes", "--ci", ci, "--url", URL)
    assert not {".github/workflows/seeds.yml", ".gitlab/seeds.yml"} & written(archive).keys()
    assert ("where CI gets the validator from is not known" in " ".join(said.split())) == (ci != "none")
    if known:
        (entry,) = yaml.safe_load(archive.read(".pre-commit-config.yaml"))["repos"]
        manifest = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]
        assert entry["repo"] == "local"
        (hook,) = entry["hooks"]
        assert hook == {**{key: manifest[key] for key in hook}, "language": "system"}
        assert {"id", "name", "entry", "files", "types", "always_run", "require_serial", "verbose"} <= hook.keys()
        toml = tomllib.loads(with_hook_in_toml("", Program(URL, None), None))
        assert toml == {"repos": [entry]}


@needs_checkout
@pytest.mark.parametrize("runner", ["pre-commit", "prek"])
@pytest.mark.parametrize(
    "remote", [None, "https://github.com/example/archive.git", "git@gitlab.com:example/archive.git"]
)
def test_the_next_command_works(archive: Archive, tmp_path: Path, runner: str, remote: str | None) -> None:
    """`init --yes` in a fresh repository, with a remote and without: the hook runs as it was written."""
    if shutil.which(runner, path=archive.environment["PATH"]) is None:
        pytest.skip(f"{runner} is not installed")
    start = tmp_path / "programs" / "validator"
    start.parent.mkdir()
    start.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -m validator "$@"\n')
    start.chmod(0o755)
    homes = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PREK_HOME": str(tmp_path / "home")}
    environment = {**archive.environment, **homes, "PATH": f"{start.parent}{os.pathsep}{archive.environment['PATH']}"}
    if remote is not None:
        archive.git("remote", "add", "origin", remote)
    shutil.rmtree(archive.folder / "captures")
    archive.write("letters/two.txt", GOOD)
    archive.write("validator.toml", '[sources]\n"letters/**" = "plain-text"\n')
    archive.validator("init", "--yes", "--url", URL)  # whose revision nobody knows
    archive.git("add", "--all", ":!README.md")
    assert "Passed" in run([runner, "run", "--all-files"], archive.folder, environment)
    archive.write("letters/three.txt", BAD)
    archive.git("add", "--all", ":!README.md")
    assert "letters/three.txt:1:11: error" in run([runner, "run"], archive.folder, environment, code=1)
    archive.git("rm", "--quiet", "--cached", "letters/three.txt")
    run([runner, "run"], archive.folder, environment)
    archive.git("commit", "--quiet", "--message", "so far")
    archive.git("rm", "--quiet", "validator.toml")
    said = run([runner, "run"], archive.folder, environment, code=1)
    assert 'source of letters/**: from "plain-text" to none' in said
    assert "letters/one.txt:1:1: error source-unidentified" in said


@needs_checkout
def test_the_hook_that_is_written_runs(archive: Archive, tmp_path: Path) -> None:
    """The entry leads to a repository that has the hook: all but fetching and installing it, which test_hooks.py does."""
    archive.validator("init", "--yes", "--ci", "none", "--url", CHECKOUT.as_uri(), "--rev", "HEAD")
    run(["pre-commit", "validate-config"], archive.folder, archive.environment)
    run(
        ["pre-commit", "validate-manifest", str(CHECKOUT / ".pre-commit-hooks.yaml")],
        archive.folder,
        archive.environment,
    )
    listed = {hook["id"] for hook in yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    entry = yaml.safe_load(archive.read(".pre-commit-config.yaml"))["repos"][0]
    assert {hook["id"] for hook in entry["hooks"]} <= listed


# --- a person at a terminal -------------------------------------------------------------------------------------------


def at_terminal(archive: Archive, answers: dict[str, str], *arguments: str) -> str:
    """Run it as at a terminal, giving each answer where its question is asked; what is shown."""
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "validator", "init", *arguments], cwd=archive.folder,
        env={**archive.environment, "PYTHONPATH": str(CHECKOUT)},
        stdin=end, stdout=end, stderr=end, start_new_session=True,
    )  # fmt: skip
    os.close(end)
    shown, answered = "", 0
    for piece in pieces_of(terminal):
        shown += piece.decode("utf-8", "replace")
        for question, answer in answers.items():
            at = shown.find(question, answered)
            if at >= 0 and shown[at:].rstrip(" ").endswith(":"):
                answered = len(shown)
                os.write(terminal, f"{answer}\n".encode())
    os.close(terminal)
    assert process.wait(60) == 0, shown
    return shown


def test_each_file_is_asked_for(archive: Archive) -> None:
    before = written(archive)
    answers = {"Set aside what is found now?": "n", "Write .gitattributes?": "n", "Write .pre-commit-config.yaml?": "y",
               "Write validator.toml?": ""}  # fmt: skip
    shown = at_terminal(archive, answers, "--ci", "none", *SAID)
    assert written(archive).keys() - before.keys() == {".pre-commit-config.yaml", "validator.toml"}, shown


def test_a_job_that_differs_is_kept_unless_somebody_says_yes(archive: Archive) -> None:
    archive.write(".github/workflows/seeds.yml", "name: ours\n")
    answers = {"Set aside what is found now?": "n", "Write .gitattributes?": "n", "Write .pre-commit-config.yaml?": "n",
               "Write validator.toml?": "n", "Write .github/workflows/seeds.yml?": ""}  # fmt: skip
    shown = at_terminal(archive, answers, *SAID)
    assert "-name: ours" in shown
    assert archive.read(".github/workflows/seeds.yml") == "name: ours\n"


# --- texts ------------------------------------------------------------------------------------------------------------

HOOKS_THERE = {
    "comments, and two blanks": (
        "# what we check\nrepos:\n  - repo: https://example.org/one  # the first\n    rev: v1\n    hooks:\n"
        "      - id: one\n        args: [--a,\n               --b]\n# the end\n"
    ),
    "no indentation, other keys after": (
        "default_stages: [pre-commit]\nrepos:\n- repo: local\n  hooks:\n  - id: x\n    name: x\n    entry: |\n      a\n      b\n"
        "    language: system\nexclude: ^old/\n"
    ),
    "no line end": "repos:\n    -   repo: https://example.org/one\n        rev: v1\n        hooks:\n        -   id: one",
    "line ends of DOS": "repos:\r\n  - repo: https://example.org/one\r\n    rev: v1\r\n    hooks:\r\n      - id: one\r\n",
    "no repos": "# nothing yet\nfail_fast: true\n",
}


@pytest.mark.parametrize("text", HOOKS_THERE.values(), ids=HOOKS_THERE.keys())
def test_a_hook_is_added_to_what_is_there(text: str) -> None:
    out = with_hook(text, HERE, "sub folder/validator.toml")
    before, after = yaml.safe_load(text), yaml.safe_load(out)
    entry = {
        "repo": URL, "rev": REV, "hooks": [{"id": "validate-seeds", "args": ["--config", "sub folder/validator.toml"]}]
    }  # fmt: skip
    assert after == {**before, "repos": [*before.get("repos", []), entry]}
    kept = iter(out.splitlines())
    assert all(line in kept for line in text.splitlines()), "every line is still there, in order"
    assert ("\r\n" in out) == ("\r\n" in text)
    assert out.count("\n") == out.count("\r\n") or "\r\n" not in out
    assert with_hook(out, HERE, None) == out
    assert program_of(out, is_toml=False) == HERE


@pytest.mark.parametrize(
    "text",
    [
        "repos: [{repo: https://example.org/one, rev: v1, hooks: [{id: one}]}]\n",
        "repos: []\n",
        "repos: {}\n",
        "- repos\n",
        "repos: [\n",
        "a: 1\n---\nb: 2\n",
        "just words\n",
        "repos:\n  - repo: a\n    hooks: []\nrepos:\n  - repo: b\n    hooks: []\n",
        "repos: &r\n  - *r\n",
        "repos:\n  - &r\n    hooks: [*r]\n",
    ],
)
def test_what_cannot_be_added_to_is_left_alone(text: str) -> None:
    with pytest.raises(UnmergeableError):
        with_hook(text, HERE, None)


def test_a_hook_that_is_there_is_enough() -> None:
    text = "repos:\n- repo: https://example.org/fork\n  rev: v9\n  hooks: [{id: repair-seeds}]\n"
    assert with_hook(text, HERE, None) == text
    assert program_of(text, is_toml=False) == Program("https://example.org/fork", "v9")


def test_a_file_of_hooks_that_cannot_be_added_to_is_told(archive: Archive) -> None:
    archive.write(".pre-commit-config.yaml", "repos: []\n")
    said = archive.validator("init", "--yes", "--ci", "none", *SAID)
    assert archive.read(".pre-commit-config.yaml") == "repos: []\n"
    assert "left as it is: its repos is written in a way that nothing can be added to" in " ".join(said.split())
    assert "  |   - repo: https://git.example.org/archive/validator.git" in said


def test_prek_has_a_file_of_its_own(archive: Archive) -> None:
    text = '# ours\n[[repos]]\nrepo = "https://example.org/one"\nrev = "v1"\nhooks = [{ id = "one" }]\n'
    archive.write("prek.toml", text)
    archive.validator("init", "--yes", "--ci", "none", *SAID)
    assert not (archive.folder / ".pre-commit-config.yaml").exists()
    out = archive.read("prek.toml")
    assert out.startswith(text)
    assert tomllib.loads(out)["repos"][1] == {"repo": URL, "rev": REV, "hooks": [{"id": "validate-seeds"}]}
    run(["prek", "validate-config", "prek.toml"], archive.folder, archive.environment)
    assert with_hook_in_toml(out, HERE, None) == out
    with pytest.raises(UnmergeableError):
        with_hook_in_toml('repos = [{repo = "local", hooks = []}]\n', HERE, None)


@pytest.mark.parametrize(
    ("text", "included"),
    [
        (None, [{"local": ".gitlab/seeds.yml"}]),
        ("stages: [build, test]\nbuild:\n  script: make\n", [{"local": ".gitlab/seeds.yml"}]),
        ("include:\n  - local: /other.yml\nx:\n  script: !reference [.a, script]\n",
         [{"local": "/other.yml"}, {"local": ".gitlab/seeds.yml"}]),
    ],
)  # fmt: skip
def test_gitlab_includes_the_job(text: str | None, included: list[Any]) -> None:
    out = with_job(text)
    assert yaml.safe_load(out.replace("!reference", ""))["include"] == included
    assert with_job(out) == out


@pytest.mark.parametrize("text", ["include: other.yml\n", "stages: [build]\n"])
def test_a_pipeline_that_cannot_be_added_to_is_left_alone(text: str) -> None:
    with pytest.raises(UnmergeableError):
        with_job(text)


@needs_checkout
def test_the_pages_show_what_is_written() -> None:
    assert shown_in_docs(".pre-commit-config.yaml") == with_hook(None, HERE, None)
    assert shown_in_docs(".gitlab-ci.yml") == with_job(None)
    shown = yaml.safe_load(shown_in_docs(".github/workflows/seeds.yml"))["jobs"]["validate"]
    made = yaml.safe_load(workflow(Program("https://github.com/OWNER/REPOSITORY", REV), None, "main"))
    assert shown == {**made["jobs"]["validate"], "permissions": made["permissions"]}
    action = yaml.safe_load((CHECKOUT / "action.yml").read_text("utf-8"))
    page = (CHECKOUT / "docs" / "gates.md").read_text("utf-8")
    rows = "".join(re.findall(r"(?m)^\| (.*?) \|", page.partition("\n## GitHub\n")[2].partition("\n## ")[0]))
    assert set(re.findall(r"`([a-z-]+)`", rows)) == set(action["inputs"])
    assert all(f"`{name}`" in page for name in action["outputs"])


def test_the_job_for_gitlab_has_the_program() -> None:
    text = (CHECKOUT / "templates" / "gitlab.yml").read_text("utf-8")
    made = yaml.safe_load(job(text, HERE, "sub/validator.toml"))["seeds"]["variables"]
    assert made["SEEDS_PROGRAM"] == f"seed-validator @ git+{URL}@{REV}"
    assert made["SEEDS_CONFIG"] == "sub/validator.toml"


def test_the_workflow_uses_the_action_where_github_has_it() -> None:
    for url in ("https://github.com/example/validator", "git@github.com:example/validator.git"):
        steps = yaml.safe_load(workflow(Program(url, REV), None, "main"))["jobs"]["validate"]["steps"]
        assert steps[-1] == {"uses": f"example/validator@{REV}"}
    steps = yaml.safe_load(workflow(HERE, None, "main"))["jobs"]["validate"]["steps"]
    assert steps[-1] == {"uses": "./.seed-validator"}
    assert steps[-2]["env"] == {"PROGRAM": URL, "REVISION": REV}
    assert all("${{" not in step.get("run", "") and URL not in step.get("run", "") for step in steps)


@pytest.mark.parametrize(
    ("name", "is_none"),
    [("README.md", True), ("docs/readme.txt", True), ("LICENSE.txt", True), ("requirements-dev.txt", True),
     ("news/letter.txt", False), ("reader.txt", False), ("licensed-to-print.txt", False),
     ("security-council-meets.txt", False), ("notice-to-readers.md", False), ("README_zh.md", True), ("news/2021.md", False)],
)  # fmt: skip
def test_what_looks_like_no_seed(name: str, is_none: bool) -> None:
    assert looks_like_no_seed(name) is is_none


def test_a_name_of_which_one_is_a_seed_is_not_excluded() -> None:
    seen = [Seen("README.md", None, False), Seen("news/README.md", "jekyll-post", True)]
    assert exclusions(seen) == []
    assert exclusions(seen[:1]) == ["README.md"]


def test_a_folder_is_of_a_source_only_where_every_seed_certainly_is() -> None:
    seen = [
        Seen("a/one/1.txt", "x", True), Seen("a/one/2.txt", "x", True), Seen("a/two/1.txt", "x", True),
        Seen("b/1.txt", "x", True), Seen("b/2.txt", "x", False), Seen("c/1.txt", "x", True),
        Seen("d/1.txt", "x", True), Seen("d/e/1.txt", "y", True), Seen("d/e/2.txt", "y", True),
        Seen("f/1.txt", "x", True), Seen("f/2.txt", None, False), Seen("1.txt", "x", True),
    ]  # fmt: skip
    assert folder_sources(seen) == {"a/**": ("x", 3), "d/e/**": ("y", 2)}


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=8)


@example("!")
@given(NAMES.filter(lambda name: name not in (".", "..")))
def test_a_configuration_means_the_folders_and_files_that_were_seen(name: str) -> None:
    """Whatever their names hold: globs, quotes, what TOML escapes."""
    seen = [Seen(f"{name}/{number}.txt", "plain-text", True) for number in range(2)]
    text = configuration([], folder_sources(seen), None)
    settings = read_config(text, "validator.toml")
    assert settings_for(settings, f"{name}/new.txt").source == "plain-text"
    assert settings_for(settings, f"{name}x/new.txt").source is None


@given(NAMES)
def test_an_exclusion_means_just_that_name(name: str) -> None:
    readme = f"README.{name}"
    text = configuration(exclusions([Seen(f"x/{readme}", None, False)]), {}, "known.jsonl")
    settings = read_config(text, "validator.toml")
    assert excludes(settings.exclude, f"y/{readme}")
    assert not excludes(settings.exclude, f"y/{readme}x")
    assert settings.baseline == "known.jsonl"


@pytest.mark.parametrize(
    "name", ["plain", "two words", 'it\'s "quoted"', "st*r", "样本", "#x", "!x", "back\\slash", "[a]"]
)
def test_attributes_mean_the_folders_that_were_seen(tmp_path: Path, name: str) -> None:
    archive = Archive(tmp_path / "archive", curator(tmp_path))
    archive.folder.mkdir()
    archive.git("init", "--quiet")
    archive.write(".gitattributes", "* text=auto\n" + attributes([f"{name}/sub/letter.txt", "top.md"]))
    for path, value in (
        (f"{name}/sub/letter.txt", "unset"),
        ("top.md", "unset"),
        ("sub/other.md", "auto"),
        ("x.txt", "auto"),
    ):
        answer = archive.git("check-attr", "-z", "text", "--", path).split("\0")
        assert answer[2] == value, path


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@example.org/x.git", "https://example.org/x.git"),
        ("https://token@example.org:8443/x.git", "https://example.org:8443/x.git"),
        ("git@example.org:x.git", "git@example.org:x.git"),
        ("ssh://git@example.org/x.git", "ssh://git@example.org/x.git"),
        (URL, URL),
    ],
)
def test_no_secret_is_written(url: str, shown: str) -> None:
    assert without_secret(url) == shown


def test_a_folder_of_schemas_is_found(archive: Archive) -> None:
    """The folder `schemas` is used and written down; one without a source schema is not."""
    notes = archive.write("schemas/notes.yaml", "a: list of notes\n")
    assert "schemas found" not in archive.validator("init", "--yes", "--ci", "none", code=None)
    (archive.folder / "validator.toml").unlink()
    notes.unlink()
    letters = "id: letters\ntitle: Letters\nextends: plain-text\nidentify: {paths: ['letters/**']}\n"
    archive.write("schemas/letters.yaml", letters)
    assert "source schemas found in" in archive.validator("init", "--yes", "--ci", "none", code=None)
    assert tomllib.loads(archive.read("validator.toml"))["schemas"] == ["schemas"]
