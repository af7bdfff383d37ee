"""Ways to the program beside pip: the container, and what publishes a release."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import validator

CHECKOUT = Path(validator.__file__).parents[1]

pytestmark = pytest.mark.skipif(not (CHECKOUT / "Containerfile").is_file(), reason="these tests run from a checkout")


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile, continued lines joined."""
    text = (CHECKOUT / "Containerfile").read_text("utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", text)).splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line.strip())]


def copied() -> list[str]:
    """What the image takes from the checkout."""
    return [rest.split()[0] for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")]


def builder() -> str | None:
    """A program that builds images here, None if there is none or its engine does not run."""
    for name in ("docker", "podman"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    return None


def test_what_the_image_takes_is_there_and_reaches_the_builder() -> None:
    ignored = (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    for source in copied():
        assert (CHECKOUT / source).exists(), source
        assert f"!{source}" in ignored, source


def test_the_image_works_as_a_user_without_rights() -> None:
    last = [name for name, _ in instructions()].index("USER")
    (user,) = (rest for name, rest in instructions() if name == "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert not any(name == "RUN" for name, _ in instructions()[last:])


def test_the_image_installs_by_hash_alone() -> None:
    calls = [rest for name, rest in instructions() if name == "RUN" and "pip install" in rest]
    assert len(calls) == 1
    assert "--require-hashes" in calls[0]


def test_the_folders_that_the_image_takes_are_enough(tmp_path: Path) -> None:
    for source in copied():
        if (CHECKOUT / source).is_dir():
            shutil.copytree(CHECKOUT / source, tmp_path / "program" / source)
    archive = tmp_path / "archive"
    shutil.copytree(CHECKOUT / "seeds", archive / "seeds")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "program"), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-m", "validator", "validate", "seeds", "--format", "concise"]
    done = subprocess.run(command, cwd=archive, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "seeds/mod-gov-cn/as-captured.txt:" in done.stdout
    code = "import validator; print(validator.__file__)"
    found = subprocess.run([sys.executable, "-c", code], cwd=archive, env=environment, capture_output=True, check=True)
    assert str(tmp_path / "program").encode() in found.stdout


def test_the_image_is_built_and_judges_an_archive(tmp_path: Path) -> None:
    name = builder()
    if name is None:
        pytest.skip("nothing here builds images")
    tag = "seed-validator-under-test"
    build = [name, "build", "--quiet", "--tag", tag, "--file", "Containerfile", "."]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, timeout=600)
    shutil.copytree(CHECKOUT / "seeds", tmp_path / "seeds")
    run = [name, "run", "--rm", "--network", "none", "--user", f"{os.getuid() or 10001}:{os.getgid() or 10001}"]
    command = [*run, "--volume", f"{tmp_path}:/archive:ro", tag, "validate", "seeds", "--format", "concise"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1, done.stderr
    assert "seeds/mod-gov-cn/as-captured.txt:" in done.stdout


# --- the release --------------------------------------------------------------------------------------------------------


def workflow() -> dict[Any, Any]:
    read: dict[Any, Any] = yaml.safe_load((CHECKOUT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    return read


def test_a_release_waits_until_it_is_switched_on() -> None:
    jobs = workflow()["jobs"]
    assert jobs["build"]["if"] == "vars.RELEASES == 'on'"
    assert all("needs" in job for name, job in jobs.items() if name != "build")
    assert workflow()[True] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}  # YAML 1.1 reads `on` as true


def test_the_workflow_has_no_password_and_few_rights() -> None:
    text = (CHECKOUT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert "secrets." not in text
    assert workflow()["permissions"] == {}
    rights = {right for job in workflow()["jobs"].values() for right in job["permissions"].items()}
    assert rights == {("contents", "read"), ("id-token", "write"), ("attestations", "write")}


@pytest.mark.parametrize("name", [".github/workflows/release.yml", "action.yml", "templates/github.yml"])
def test_every_action_is_pinned_by_its_commit(name: str) -> None:
    text = (CHECKOUT / name).read_text("utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert used
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}", action), action
            assert re.match(r"  # v\d+\.\d+", comment), action


def test_what_the_release_uses_of_make_is_there() -> None:
    runs = [step["run"] for job in workflow()["jobs"].values() for step in job["steps"] if "run" in step]
    targets = [word for run in runs for word in re.findall(r"^make (\S+)$", run, re.MULTILINE)]
    assert targets == ["test", "release"]
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=CHECKOUT, check=True, capture_output=True)


def test_the_program_has_a_lock_without_what_only_developers_need() -> None:
    def pinned(name: str) -> dict[str, str]:
        lines = (CHECKOUT / "locks" / f"{name}.txt").read_text("utf-8").splitlines()
        found = (re.match(r"([a-z0-9.-]+)==(\S+)", line) for line in lines)
        return {match[1]: match[2] for match in found if match}

    program, developers = pinned("program"), pinned("dev")
    assert program.items() <= developers.items()  # the versions that the tests run on
    assert {"click", "starlette"} <= program.keys()
    assert not {"pytest", "ray", "mypy"} & program.keys()


def test_the_container_and_the_page_name_the_same_image() -> None:
    page = (CHECKOUT / "docs" / "installing.md").read_text("utf-8")
    comment = (CHECKOUT / "Containerfile").read_text("utf-8").partition("FROM")[0]
    commands = re.findall(r"^#?\s*(docker .*)$", comment, re.MULTILINE)
    assert len(commands) == 2
    assert all(command in page for command in commands)
