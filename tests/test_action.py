"""What CI runs: the shell of the GitHub action and of the GitLab job, in real clones, with the variables that CI sets."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from gates import BAD, CHECKOUT, GOOD, PLAIN, Archive, curator, needs_checkout, new_archive, run

pytestmark = needs_checkout

ZEROS = "0" * 40
ACTION: dict[str, Any] = yaml.safe_load((CHECKOUT / "action.yml").read_text("utf-8"))
STEPS = {step.get("id") or step.get("name") or step["uses"]: step for step in ACTION["runs"]["steps"]}
GITLAB: dict[str, Any] = yaml.safe_load((CHECKOUT / "templates" / "gitlab.yml").read_text("utf-8"))
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


def program(place: Path) -> None:
    """The program of this checkout, where CI would have installed it."""
    start = place / "bin" / "validator"
    start.parent.mkdir(parents=True)
    start.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m validator "$@"\n')
    start.chmod(0o755)


class Pushed(NamedTuple):
    """A repository with two commits on `main`, and one more on a branch; `clone` is how CI has the branch."""

    archive: Archive
    first: str
    main: str
    head: str

    def clone(self, folder: Path, *options: str) -> Archive:
        self.archive.git("clone", "--quiet", *options, self.archive.folder.as_uri(), str(folder))
        return Archive(folder, self.archive.environment)


@pytest.fixture
def pushed(tmp_path: Path) -> Pushed:
    """`main` has a bad seed of old; the branch adds another, and one that is good."""
    archive = new_archive(tmp_path / "archive", curator(tmp_path))

    def commit() -> str:
        archive.git("add", "--all")
        archive.git("commit", "--quiet", "--message", "seeds")
        return archive.git("rev-parse", "HEAD").strip()

    archive.write("news/old.txt", BAD)
    first = commit()
    archive.write("news/older.txt", GOOD)
    main = commit()
    archive.git("checkout", "--quiet", "-b", "branch")
    archive.write("news/new.txt", GOOD + BAD)
    archive.write("news/good.txt", GOOD)
    return Pushed(archive, first, main, commit())


class Ran(NamedTuple):
    """What a run of the action came to."""

    code: int
    printed: str
    outputs: dict[str, str]
    summary: str
    uploaded: list[str]

    def annotated(self) -> list[str]:
        """The files that have an annotation, in order, each once."""
        return list(dict.fromkeys(re.findall(r"(?m)^::(?:error|warning|notice) file=([^,]+),", self.printed)))


def act(clone: Archive, event: Mapping[str, Any], folder: Path, **inputs: str) -> Ran:
    """Run the shell steps of the action as GitHub does; the program is where the step before would have put it."""
    temporary = folder / "runner"
    if not temporary.exists():
        program(temporary / "seed-validator")
    output, summary = temporary / "output", temporary / "summary"
    output.write_text("")
    summary.write_text("")
    contexts: dict[str, Any] = {
        "inputs": {name: each["default"] for name, each in ACTION["inputs"].items()} | inputs,
        "github": {"event": event},
        "steps": {"validate": {"outputs": {}}},
    }

    def value(match: re.Match[str]) -> str:
        found: Any = contexts
        for part in match[1].split("."):
            found = found.get(part, {}) if isinstance(found, dict) else {}
        return found if isinstance(found, str) else ""

    printed = ""
    for name in ("validate", "Conclude"):
        step = STEPS[name]
        assert EXPRESSION.search(step["run"]) is None, "an expression in the text of a script is run by the shell"
        environment = {
            **clone.environment,
            **{key: EXPRESSION.sub(value, said) for key, said in step["env"].items()},
            "GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(temporary), "PYTHONPATH": str(CHECKOUT),
        }  # fmt: skip
        script = temporary / "step.sh"
        script.write_text(step["run"], "utf-8")
        printed += run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", f'. {script}; echo "step: 0"'],
            clone.folder, environment, code=None,
        )  # fmt: skip
        contexts["steps"]["validate"]["outputs"] = dict(
            line.partition("=")[::2] for line in output.read_text("utf-8").splitlines()
        )
    outputs = contexts["steps"]["validate"]["outputs"]
    uploaded = []
    if contexts["inputs"]["upload-sarif"] == "true" and outputs.get("sarif-file"):
        found = json.loads(Path(outputs["sarif-file"]).read_text("utf-8"))["runs"][0]["results"]
        uploaded = sorted({each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in found})
    done = run(
        ["bash", "-c", STEPS["Conclude"]["run"] + "; :"], clone.folder,
        {**clone.environment, "SEEDS_EXIT_CODE": outputs["exit-code"]}, code=int(outputs["exit-code"]),
    )  # fmt: skip
    return Ran(int(outputs["exit-code"]), printed + done, outputs, summary.read_text("utf-8"), uploaded)


def test_a_pull_request_is_asked_for_what_it_changes(pushed: Pushed, tmp_path: Path) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    ran = act(clone, {"pull_request": {"base": {"sha": pushed.main}}}, tmp_path)
    assert ran.code == 1
    assert ran.annotated() == ["news/new.txt"]
    assert "::error file=news/new.txt,line=2,col=11," in ran.printed
    assert ran.uploaded == ["news/new.txt"]
    assert "replacement-character" in ran.summary


def test_a_pull_request_without_seeds_passes(pushed: Pushed, tmp_path: Path) -> None:
    pushed.archive.git("checkout", "--quiet", "-b", "another", "main")
    pushed.archive.write("Makefile", "all:\n")
    pushed.archive.git("add", "--all")
    pushed.archive.git("commit", "--quiet", "--message", "no seed")
    clone = pushed.clone(tmp_path / "clone", "--branch", "another")
    ran = act(clone, {"pull_request": {"base": {"sha": pushed.main}}}, tmp_path)
    assert ran.code == 0
    assert ran.annotated() == []


@pytest.mark.parametrize(("upload", "uploaded"), [("true", ["news/new.txt", "news/old.txt"]), ("false", [])])
def test_a_push_is_asked_for_what_it_brings_and_code_scanning_hears_of_all(
    pushed: Pushed, tmp_path: Path, upload: str, uploaded: list[str]
) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    ran = act(clone, {"before": pushed.main}, tmp_path, **{"upload-sarif": upload})
    assert ran.code == 1
    assert ran.annotated() == ["news/new.txt"]
    assert ran.uploaded == uploaded


def test_a_merge_queue_is_asked_for_what_it_merges(pushed: Pushed, tmp_path: Path) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    assert act(clone, {"merge_group": {"base_sha": pushed.main}}, tmp_path).annotated() == ["news/new.txt"]


@pytest.mark.parametrize(
    ("event", "inputs"),
    [
        pytest.param({"before": ZEROS}, {}, id="a new branch"),
        pytest.param({"schedule": "0 4 * * *"}, {}, id="by the clock"),
        pytest.param({"before": "1" * 40}, {}, id="what was there before is gone"),
        pytest.param({"pull_request": {"base": {"sha": "HEAD"}}}, {"since": "all"}, id="asked for"),
    ],
)
def test_all_seeds_are_checked(pushed: Pushed, tmp_path: Path, event: dict[str, Any], inputs: dict[str, str]) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    ran = act(clone, event, tmp_path, **inputs)
    assert ran.code == 1
    assert ran.annotated() == ["news/new.txt", "news/old.txt"]


@pytest.mark.parametrize("event", [{"pull_request": {"base": {"sha": "main"}}}, {"before": "main"}])
def test_a_history_that_is_cut_off_is_told(pushed: Pushed, tmp_path: Path, event: dict[str, Any]) -> None:
    said = json.loads(json.dumps(event).replace('"main"', json.dumps(pushed.main)))
    clone = pushed.clone(tmp_path / "clone", "--depth", "1", "--branch", "branch")
    ran = act(clone, said, tmp_path)
    assert ran.code == 2
    assert "fetch-depth: 0" in ran.printed
    assert ran.annotated() == []


def test_the_archive_says_what_is_checked_and_how(pushed: Pushed, tmp_path: Path) -> None:
    pushed.archive.write("letters/more of them/letter.txt", BAD + "A line.  \n")
    pushed.archive.write("settings.toml", '[[overrides]]\npaths = ["**"]\nsource = "plain-text"\n')
    pushed.archive.git("add", "--all")
    pushed.archive.git("commit", "--quiet", "--message", "letters")
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    inputs = {"paths": "letters/more of them\n", "config": "settings.toml"}
    event = {"pull_request": {"base": {"sha": pushed.main}}}
    ran = act(clone, event, tmp_path, **inputs)
    assert ran.annotated() == ["letters/more of them/letter.txt"], ran.printed
    ran = act(clone, event, tmp_path, **inputs, args="--ignore\nreplacement-character")
    assert (ran.code, "trailing-whitespace" in ran.printed) == (0, True)
    ran = act(clone, event, tmp_path, **inputs, args="--ignore\nreplacement-character", **{"fail-on": "warning"})
    assert ran.code == 1


def test_a_baseline_sets_aside(pushed: Pushed, tmp_path: Path) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    clone.validator("baseline", "create", "--quiet", "--output", "known.jsonl")
    assert act(clone, {"before": ZEROS}, tmp_path).code == 1
    assert act(clone, {"before": ZEROS}, tmp_path, baseline="known.jsonl").code == 0


def test_what_comes_from_outside_is_never_run(pushed: Pushed, tmp_path: Path) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    hostile = f'$(touch {tmp_path}/owned) "; touch {tmp_path}/owned; `touch {tmp_path}/owned`'
    for name in ("paths", "since", "config", "baseline", "fail-on", "args"):
        assert act(clone, {"before": pushed.main}, tmp_path, **{name: hostile}).code == 2, name
    assert act(clone, {"pull_request": {"base": {"sha": hostile}}}, tmp_path).code == 1
    assert not (tmp_path / "owned").exists()


def test_a_mistake_is_told_and_nothing_uploaded(pushed: Pushed, tmp_path: Path) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    clone.write("validator.toml", PLAIN + "[[mistake]]\n")
    ran = act(clone, {"before": ZEROS}, tmp_path)
    assert ran.code == 2
    assert 'unknown key "mistake"' in ran.printed
    assert ran.uploaded == []


def test_a_report_that_is_not_written_fails(pushed: Pushed, tmp_path: Path) -> None:
    """The program says that all is well, and leaves no report: what is uploaded would be nothing, or the last one."""
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    start = tmp_path / "runner" / "seed-validator" / "bin" / "validator"
    start.parent.mkdir(parents=True)
    for script in ("exit 0", 'case "$*" in *--since*) echo "{}" > "$RUNNER_TEMP/seeds.sarif";; esac'):
        start.write_text(f"#!/bin/sh\n{script}\n")
        start.chmod(0o755)
        ran = act(clone, {"before": pushed.main}, tmp_path)
        assert ran.code == 2, script
        assert "the report could not be written" in ran.printed
        assert ran.uploaded == []


def test_what_a_pull_request_loosens_is_an_annotation(pushed: Pushed, tmp_path: Path) -> None:
    pushed.archive.write("validator.toml", PLAIN.replace("[sources]", 'fail-on = "never"\n[sources]'))
    pushed.archive.git("commit", "--quiet", "--all", "--message", "less")
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    ran = act(clone, {"pull_request": {"base": {"sha": pushed.main}}}, tmp_path)
    assert ran.code == 0
    assert "::warning title=Validate seeds::" in ran.printed
    assert 'fail-on: from "error" to "never"' in ran.printed
    assert ran.annotated() == ["news/new.txt", "news/old.txt"], "all that it governs is checked anew"


def test_no_expression_stands_in_the_text_of_a_script_and_actions_of_others_are_pinned() -> None:
    action = (CHECKOUT / "action.yml").read_text("utf-8")
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        if "run" in step:
            assert step["shell"] == "bash"
        else:
            assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", step["uses"]), "a tag can be moved to other code"
            assert re.search(rf"{re.escape(step['uses'])}  # v\d+(\.\d+)*$", action, re.MULTILINE), (
                "and which version is it?"
            )
    used = set(EXPRESSION.findall(action))
    named = {each.removeprefix("inputs.") for each in used if each.startswith("inputs.")}
    assert named == set(ACTION["inputs"]), "each input is used, and no other"
    assert STEPS["Upload to code scanning"]["continue-on-error"] is True


def test_shellcheck_has_nothing_to_say(tmp_path: Path) -> None:
    if shutil.which("shellcheck", path=curator(tmp_path)["PATH"]) is None:
        pytest.skip("shellcheck is not installed")
    for shell, script in (("bash", STEPS["validate"]["run"]), ("sh", "\n".join(GITLAB["seeds"]["script"]))):
        (tmp_path / "script").write_text(script, "utf-8")
        run(["shellcheck", f"--shell={shell}", "--exclude=SC2154", "script"], tmp_path, curator(tmp_path))


def test_the_action_installs_itself(tmp_path: Path) -> None:
    """The step before: a program that runs from where the others look for it, and that has its schemas."""
    environment = {
        **curator(tmp_path), "RUNNER_TEMP": str(tmp_path / "runner with blanks"), "GITHUB_ACTION_PATH": str(CHECKOUT)
    }  # fmt: skip
    Path(environment["RUNNER_TEMP"]).mkdir()
    run(["bash", "-e", "-o", "pipefail", "-c", STEPS["Install the validator"]["run"]], tmp_path, environment)
    installed = Path(environment["RUNNER_TEMP"], "seed-validator", "bin", "validator")
    assert "plain-text" in run([str(installed), "sources", "list"], tmp_path, environment)


# --- GitLab -----------------------------------------------------------------------------------------------------------


def pipeline(clone: Archive, shell: str, code: int, **variables: str) -> str:
    """Run the script of the job as a runner does; what it prints."""
    if not (clone.folder / ".seed-validator").exists():
        program(clone.folder / ".seed-validator")
    script = "\n".join(GITLAB["seeds"]["script"])
    environment = {**clone.environment, "PYTHONPATH": str(CHECKOUT)}
    environment |= {name: str(value) for name, value in GITLAB["seeds"]["variables"].items()} | variables
    options = ["-eo", "pipefail"] if shell == "bash" else ["-e"]
    return run([shell, *options, "-c", script], clone.folder, environment, code)


def quality(clone: Archive) -> list[str]:
    """The files of the code quality report."""
    listed = json.loads((clone.folder / "gl-code-quality-report.json").read_text("utf-8"))
    return sorted({each["location"]["path"] for each in listed})


def judged(clone: Archive) -> list[str]:
    """The seeds of the JUnit report."""
    return sorted(re.findall(r'<testcase [^>]*\bname="([^"]+)"', (clone.folder / "seeds-junit.xml").read_text("utf-8")))


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_merge_request_is_asked_for_what_it_changes(pushed: Pushed, tmp_path: Path, shell: str) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    said = pipeline(clone, shell, 1, CI_MERGE_REQUEST_DIFF_BASE_SHA=pushed.main, CI_COMMIT_BEFORE_SHA=ZEROS)
    assert "2:11  error  replacement-character" in said
    assert "old.txt" not in said
    assert judged(clone) == ["news/good.txt", "news/new.txt"]
    assert quality(clone) == ["news/new.txt", "news/old.txt"]


def test_a_branch_in_gitlab_is_asked_for_what_is_pushed(pushed: Pushed, tmp_path: Path) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    pipeline(clone, "sh", 1, CI_COMMIT_BEFORE_SHA=pushed.main)
    assert judged(clone) == ["news/good.txt", "news/new.txt"]
    pipeline(clone, "sh", 1, CI_COMMIT_BEFORE_SHA=ZEROS)
    assert judged(clone) == ["news/good.txt", "news/new.txt", "news/old.txt", "news/older.txt"]
    assert "every seed is checked" in pipeline(clone, "sh", 1, CI_COMMIT_BEFORE_SHA="1" * 40)
    pipeline(clone, "sh", 0, SEEDS_PATHS="news/good.txt\nnews/older.txt", CI_COMMIT_BEFORE_SHA=ZEROS)
    pipeline(clone, "sh", 0, SEEDS_ARGS="--ignore\nreplacement-character", CI_COMMIT_BEFORE_SHA=ZEROS)


def test_a_history_that_gitlab_has_cut_off_is_told(pushed: Pushed, tmp_path: Path) -> None:
    clone = pushed.clone(tmp_path / "clone", "--depth", "1", "--branch", "branch")
    assert "GIT_DEPTH" in pipeline(clone, "sh", 2, CI_MERGE_REQUEST_DIFF_BASE_SHA=pushed.main)


def test_gitlab_fails_where_a_report_is_not_written_and_where_the_program_is_not_named(
    pushed: Pushed, tmp_path: Path
) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    clone.write(".seed-validator/bin/validator", "#!/bin/sh\nexit 0\n").chmod(0o755)
    assert "the reports could not be written" in pipeline(clone, "sh", 2, CI_COMMIT_BEFORE_SHA=pushed.main)
    (first, *_) = GITLAB["seeds"]["before_script"]
    said = run(["sh", "-e", "-c", first], clone.folder, {**clone.environment, "SEEDS_PROGRAM": ""}, code=2)
    assert "set SEEDS_PROGRAM" in said
    run(
        ["sh", "-e", "-c", first],
        clone.folder,
        {**clone.environment, "SEEDS_PROGRAM": "a @ git+https://example.org/a@v1"},
    )


def test_nothing_is_installed_by_a_name_that_is_in_no_index() -> None:
    for path in (
        *(CHECKOUT / "templates").iterdir(),
        CHECKOUT / "action.yml",
        *CHECKOUT.glob("docs/*.md"),
        CHECKOUT / "README.md",
    ):
        assert (
            re.search(r"pip install[^\n]*[ '\"]seed-validator\b(?!(?:\[[a-z]+\])? @ git)", path.read_text("utf-8"))
            is None
        ), path.name


def test_what_gitlab_hands_over_is_never_run(pushed: Pushed, tmp_path: Path) -> None:
    clone = pushed.clone(tmp_path / "clone", "--branch", "branch")
    hostile = f'$(touch {tmp_path}/owned) "; touch {tmp_path}/owned; `touch {tmp_path}/owned`'
    for name in ("SEEDS_PATHS", "SEEDS_SINCE", "SEEDS_CONFIG", "SEEDS_BASELINE", "SEEDS_FAIL_ON", "SEEDS_ARGS"):
        pipeline(clone, "sh", 2, **{name: hostile})
    assert not (tmp_path / "owned").exists()
