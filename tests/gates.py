"""For tests of what stands before a commit or a merge: archives in real git repositories, and the program as a git URL."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import validator
from validator.archive.writing import held

CHECKOUT = Path(validator.__file__).parents[1]
PLAIN = '[sources]\n"**" = "plain-text"\n'

needs_checkout = pytest.mark.skipif(
    not (CHECKOUT / ".git").exists() or shutil.which("git") is None, reason="these tests run from a clone, with git"
)

GOOD = "This line stands where an article would stand.\n"
MENDABLE = 'The editor"s note came late.\n'
MENDED = "The editor's note came late.\n"
BAD = "The editor\ufffds note came late.\n"


def shared_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that all processes of a test session have in common."""
    base = factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def curator(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a curator who works in a terminal that is none: nothing of this process's git, a name for commits."""
    settings = folder / "gitconfig"
    if not settings.exists():
        settings.write_text(
            "[user]\n\tname = A. Curator\n\temail = curator@example.org\n[init]\n\tdefaultBranch = main\n"
            "[commit]\n\tgpgSign = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
        )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "CI", "GITHUB_"))}
    kept.pop("PYTHONPATH", None)
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # else each start of a program that was installed compiles it anew
    programs = str(Path(sys.executable).parent)
    return {
        **kept,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUTF8": "1",
        "GIT_CONFIG_GLOBAL": str(settings),
        "GIT_CONFIG_NOSYSTEM": "1",
        **more,
    }


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], code: int | None = 0, given: str | None = None
) -> str:
    """What a command prints, both streams together; it must end with `code`, whatever it is with None."""
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, input=given,
        stdin=subprocess.DEVNULL if given is None else None, encoding="utf-8", errors="replace", check=False, timeout=600,
    )  # fmt: skip
    if code is not None:
        assert done.returncode == code, f"{' '.join(command)} ends with {done.returncode}:\n{done.stdout}"
    return done.stdout


class Archive:
    """A git repository with seeds, and the environment that commands in it have."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(environment)

    def git(self, *arguments: str, code: int | None = 0) -> str:
        """What git prints."""
        return run(["git", *arguments], self.folder, self.environment, code)

    def validator(self, *arguments: str, code: int | None = 0) -> str:
        """What the program of this checkout prints."""
        environment = {**self.environment, "PYTHONPATH": str(CHECKOUT)}
        return run([sys.executable, "-m", "validator", *arguments], self.folder, environment, code)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the archive."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def read(self, name: str) -> str:
        """A file of the archive."""
        return (self.folder / name).read_bytes().decode("utf-8")

    def commits(self) -> int:
        """How many commits lie behind the present state."""
        said = self.git("rev-list", "--count", "HEAD", code=None)
        return int(said) if said.strip().isdigit() else 0

    def clone(self, folder: Path) -> Archive:
        """A fresh clone, as somebody else has it."""
        self.git("clone", "--quiet", str(self.folder), str(folder))
        return Archive(folder, self.environment)


def new_archive(folder: Path, environment: Mapping[str, str], config: str = PLAIN) -> Archive:
    """An archive without seeds: a git repository, and a configuration that is not committed yet."""
    folder.mkdir(parents=True)
    archive = Archive(folder, environment)
    archive.git("init", "--quiet")
    archive.write("validator.toml", config)
    return archive


def program_as_repository(folder: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """The program as it stands in the checkout, committed or not, as a git repository: its address and its commit.

    Made once for a folder, however many processes ask for it.
    """
    with held(folder):
        place = folder / "program"
        if not (place / ".git" / "made").exists():
            listed = run(["git", "ls-files", "-co", "--exclude-standard", "-z"], CHECKOUT, environment).split("\0")
            for name in filter(None, listed):
                source = CHECKOUT / name
                if source.is_file():
                    (place / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(source, place / name)
            run(["git", "init", "--quiet"], place, environment)
            run(["git", "add", "--all", "--force"], place, environment)
            run(["git", "commit", "--quiet", "--message", "the checkout as it stands"], place, environment)
            (place / ".git" / "made").touch()
        return place.as_uri(), run(["git", "rev-parse", "HEAD"], place, environment).strip()


def shown_in_docs(file: str) -> str:
    """The block of docs/gates.md that is headed by the name of a file, or that begins with a line."""
    page = (CHECKOUT / "docs" / "gates.md").read_text("utf-8")
    blocks = re.findall(r"(?ms)^```(\S+)(?: ([^\n]+))?\n(.*?)^```$", page)
    (found,) = [text for _, name, text in blocks if name == file or text.startswith(file)]
    return str(found)
