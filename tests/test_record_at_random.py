"""Repairs, kills, undos, old versions from git, renames and merges of two clones at random: nothing on record is lost.

Real git and real processes: see record_driver.py. Each test prints what it counted (`-rP`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from test_faults import folder as folder

import validator

DRIVER = Path(__file__).with_name("record_driver.py")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")


def run(folder: Path, seed: int, steps: int) -> dict[str, int]:
    """What the driver counted; it ends with a traceback and its last steps where anything was lost."""
    command: Sequence[str] = [sys.executable, str(DRIVER), str(folder / "clones"), str(seed), str(steps)]
    environment = {**os.environ, "PYTHONPATH": str(Path(validator.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    counts: dict[str, int] = json.loads(done.stdout)
    print(f"seed {seed}, {steps} steps: {counts}")  # noqa: T201
    return counts


@needs_git
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_is_lost(folder: Path, seed: int) -> None:
    counts = run(folder, seed, 50)
    assert counts["found ok"] > 10
    assert counts["events merged"] > 5


@needs_git
@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(100, 130))
def test_nothing_is_lost_in_longer_runs(folder: Path, seed: int) -> None:
    counts = run(folder, seed, 150)
    assert counts["killed"] > 3
    assert counts["merge"] > 3
    assert counts["put_back"] > 5
