"""What is installed for tests and tools is locked: every version, by hash, for every Python that is allowed."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from floors import contract, floor, needed, project
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parent.parent
LOCKS = REPOSITORY / "locks"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

pytestmark = pytest.mark.skipif(not LOCKS.is_dir(), reason="these tests run from a checkout")


def entries(name: str) -> list[str]:
    """The entries of a lock file, each on one line: requirement, marker and hashes; comments left out."""
    lines = (LOCKS / f"{name}.txt").read_text("utf-8").replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip() and not line.lstrip().startswith("#")]


def pinned(name: str, python: str) -> dict[str, str]:
    """The version of each package that a lock file gives to a Python on Linux."""
    out: dict[str, str] = {}
    environment = {
        "python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux",
        "platform_system": "Linux", "platform_python_implementation": "CPython", "implementation_name": "cpython",
    }  # fmt: skip
    for entry in entries(name):
        requirement = Requirement(entry.partition(" --hash")[0])
        if requirement.marker is None or requirement.marker.evaluate(environment):
            key = canonicalize_name(requirement.name)
            assert key not in out, f"{key} is locked twice for Python {python}"
            out[key] = str(requirement.specifier).removeprefix("==")
    return out


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("extra", ["dev", "bench"])
def test_every_requirement_is_locked_within_its_range(extra: str, python: str) -> None:
    versions = pinned(extra, python)
    for requirement in needed(project(), extra):
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name} is in no lock: run `make lock`"
        assert requirement.specifier.contains(versions[name], prereleases=True), f"{requirement}: run `make lock`"


def test_the_build_backend_and_what_locks_are_locked() -> None:
    read = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    groups = read["dependency-groups"]
    wanted = {"dev": read["build-system"]["requires"], "lock": groups["lock"], "release": groups["release"]}
    for name, lines in wanted.items():
        versions = pinned(name, PYTHONS[0])
        for requirement in map(Requirement, lines):
            assert requirement.specifier.contains(versions[requirement.name])


@pytest.mark.parametrize("name", ["dev", "bench", "lock", "release", "program"])
def test_a_lock_pins_by_hash_and_names_no_index(name: str) -> None:
    assert entries(name)
    for entry in entries(name):
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.+!]+( ; [^-]+)?( --hash=sha256:[0-9a-f]{64})+", entry), entry
    text = (LOCKS / f"{name}.txt").read_text("utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|file:|git\+", text)


def test_make_installs_from_the_locks_alone() -> None:
    """Outside of the contract, which is about the ranges, each call of pip has hashes or asks no index."""
    command = ["make", "--dry-run", "--always-make", ".venv/.installed", ".venv-bench/.installed", "lock", "release"]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    calls = [line for line in done.stdout.replace("\\\n", " ").splitlines() if "pip install" in line]
    assert len(calls) >= 4
    for line in calls:
        assert "--require-hashes" in line or "--no-index" in line, line


# --- the lowest versions ----------------------------------------------------------------------------------------------


def test_every_requirement_of_the_program_has_a_floor() -> None:
    for requirement in needed(project(), "ray", "review", "dev", "bench"):
        assert floor(requirement), requirement


def test_the_lowest_versions_are_those_of_the_ranges() -> None:
    table = {
        "name": "some-program",
        "dependencies": ["one>=1.2", "two>=3,<4", "three==5.6"],
        "optional-dependencies": {
            "review": ["some-program[more]", "four>=7"], "more": ["five>=8"], "ray": ["ray[data]>=2.49", "six>=9"],
            "dev": ["pytest>=8", "hypothesis>=6.100", "ruff>=0.6"],
        },
    }  # fmt: skip
    lowest = list(contract(table, "lowest"))
    assert lowest == [
        "one==1.2", "two==3", "three==5.6", "six==9", "four==7", "five==8", "pytest==8", "hypothesis==6.100",
    ]  # fmt: skip
    newest = list(contract(table, "newest"))
    assert newest == [
        "one>=1.2", "two<4,>=3", "three==5.6", "six>=9", "four>=7", "five>=8", "pytest>=8", "hypothesis>=6.100",
    ]  # fmt: skip


def test_a_requirement_without_a_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        floor(Requirement("one<2"))
