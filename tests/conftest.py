"""For all tests: one browser; and no example of Hypothesis has a deadline, since a machine that is busy is no defect.

The user's cache is one of the tests' own: no test reads what another state of the program has kept, or leaves anything there.
Where CI is set the same examples are tried each time, so that a change is judged by what it changes; by hand they are new ones.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from browser import opened_browser
from hypothesis import settings
from running import CHECKOUT, Program, own_git, program_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("unhurried", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("unhurried")

_cache = TemporaryDirectory(prefix="validator-tests-")
os.environ["XDG_CACHE_HOME"] = _cache.name


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless browser for all tests that need one; each opens a page of its own in it."""
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def program(archive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program, called in the archive of the module."""
    return program_in(capsys, monkeypatch)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the working directory, on a machine where git knows a name."""
    folder = tmp_path / "archive"
    folder.mkdir()
    monkeypatch.chdir(folder)
    own_git(monkeypatch, tmp_path, "[user]\n\tname = A. Curator\n\temail = curator@example.org\n")
    return folder


@pytest.fixture
def specimens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive of the specimens, which is the working directory, on a machine where nobody is known to git."""
    folder = tmp_path / "archive"
    shutil.copytree(CHECKOUT / "seeds", folder, ignore=shutil.ignore_patterns("README.md"))
    (folder / "validator.toml").write_text("")
    monkeypatch.chdir(folder)
    for name in ("NO_COLOR", "EMAIL", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    own_git(monkeypatch, tmp_path)
    return folder
