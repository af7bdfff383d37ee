"""A write of a repair that is killed, interrupted, refused by the disk or met by another: no seed is lost or half-written.

Real processes, at every step that changes something on the disk: see fault_driver.py. Each test prints what it counted (`-rP`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import validator

DRIVER = Path(__file__).with_name("fault_driver.py")
SCENES = ("seed", "new sidecar", "old sidecar", "bag")
nightly = pytest.mark.nightly


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one (thousands of times the disk is waited for), open to every user."""
    memory = "/dev/shm"
    path = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def run(experiment: str, folder: Path, *scenes: str, before: Sequence[str] = ()) -> dict[str, int]:
    """What the driver counted; it ends with a traceback where anything was not as it should be."""
    command = [*before, sys.executable, str(DRIVER), experiment, str(folder / "archive"), *scenes]
    environment = {**os.environ, "PYTHONPATH": str(Path(validator.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    counts: dict[str, int] = json.loads(done.stdout)
    print(f"{experiment} {' '.join(scenes)}: {counts}")  # noqa: T201
    return counts


def mostly_nightly(scenes: Sequence[str] = SCENES) -> list[object]:
    """The scenes; those with more than two files run only in the nightly group."""
    return [scene if scene in ("seed", "new sidecar") else pytest.param(scene, marks=nightly) for scene in scenes]


@pytest.mark.parametrize("scene", mostly_nightly((*SCENES, "plain renames")))
def test_killed_at_every_step(folder: Path, scene: str) -> None:
    counts = run("kill", folder, scene)
    assert counts["old"] + counts["new"] == 3 * counts[f"steps, {scene}"] > 150
    assert min(counts["old"], counts["new"]) > 10


@pytest.mark.parametrize("scene", mostly_nightly())
def test_killed_at_every_step_and_written_again_at_once(folder: Path, scene: str) -> None:
    counts = run("kill-without-settling", folder, scene)
    assert counts["written again"] + counts["won before"] == counts[f"steps, {scene}"]
    assert min(counts["written again"], counts["won before"]) > 3


@pytest.mark.parametrize("scene", mostly_nightly((*SCENES, "plain renames")))
def test_undo_killed_at_every_step(folder: Path, scene: str) -> None:
    counts = run("kill-undo", folder, scene)
    assert counts["old"] + counts["new"] == 3 * counts[f"steps, {scene}"] > 150
    assert min(counts["old"], counts["new"]) > 10


@nightly
@pytest.mark.parametrize("scene", SCENES)
def test_killed_at_every_step_and_again_while_clearing_up(folder: Path, scene: str) -> None:
    assert run("kill-twice", folder, scene)[f"pairs, {scene}"] > 300


@pytest.mark.parametrize("scene", mostly_nightly())
def test_interrupted_and_failing_at_every_step(folder: Path, scene: str) -> None:
    counts = run("interrupt", folder, scene)
    assert counts["settled at once"] == 3 * counts[f"steps, {scene}"]
    assert min(counts["old"], counts["new"]) > 10


@pytest.mark.parametrize("scene", SCENES)
def test_files_limited_to_every_size(folder: Path, scene: str) -> None:
    counts = run("limit", folder, scene)
    assert counts["refused"] > 50
    assert counts["written"] > 3


def test_full_disk(folder: Path) -> None:
    mounting = f'mount -t tmpfs -o size=256k tmpfs {folder} && mkdir {folder}/archive && exec "$@"'
    flags = "-m" if os.geteuid() == 0 else "-rm"
    try:
        may = subprocess.run(
            ["unshare", flags, "sh", "-c", mounting, "sh", "true"], capture_output=True, check=False
        ).returncode
    except FileNotFoundError:
        may = 1
    if may != 0:
        pytest.skip("file systems may not be mounted here; the limit to the size of files stands in")
    counts = run("full", folder, before=["unshare", flags, "sh", "-c", mounting, "sh"])
    assert min(counts["refused"], counts["written"]) > 5


def test_folders_in_which_nothing_may_be_written(folder: Path) -> None:
    assert run("read-only", folder) == {"refused": 4, "written": 1}


def test_four_repairs_racing(folder: Path) -> None:
    counts = run("race", folder)
    assert counts["rounds"] == 200


@pytest.mark.parametrize("scene", mostly_nightly())
def test_seed_edited_at_every_step(folder: Path, scene: str) -> None:
    counts = run("edit", folder, scene)
    assert counts["refused"] + counts["edited afterwards"] == 2 * counts[f"steps, {scene}"]
    assert counts["refused"] > 50


@pytest.mark.parametrize("scene", ["new sidecar", "old sidecar"])
def test_sidecar_edited_at_every_step(folder: Path, scene: str) -> None:
    counts = run("edit-sidecar", folder, scene)
    assert counts["refused"] + counts["edited afterwards"] == counts[f"steps, {scene}"]
    assert counts["refused"] > 30
