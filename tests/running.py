"""For tests: the program, run in this process or in one of its own, and the folders that it runs in."""

from __future__ import annotations

import io
import json
import os
import re
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from validator.cli import main

CHECKOUT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "validator")


@dataclass(frozen=True, slots=True)
class Done:
    """What a run of the program did."""

    code: int
    out: str
    err: str

    def lines(self) -> list[str]:
        return self.out.splitlines()

    def rules(self) -> list[str]:
        """The rule of each line of a report in the concise format."""
        return [re.split(r":\d+:\d+: \w+ ", line)[1].split(" ")[0] for line in self.lines()]

    def seeds(self) -> dict[str, dict[str, Any]]:
        """The seeds of a report in JSON, by path."""
        return {seed["path"]: seed for seed in json.loads(self.out)["seeds"]}

    def only(self) -> dict[str, Any]:
        """The one seed of a report in JSON."""
        (seed,) = self.seeds().values()
        return seed

    def found(self) -> dict[str, list[str]]:
        """The rules of the findings of each seed of a report in JSON."""
        return {path: [finding["rule"] for finding in seed["findings"]] for path, seed in self.seeds().items()}


Program = Callable[..., Done]


def program_in(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program, called in this process with one line of arguments or several arguments."""

    def call(*arguments: str, stdin: bytes = b"") -> Done:
        given = shlex.split(arguments[0]) if len(arguments) == 1 else list(arguments)
        monkeypatch.setattr(sys, "argv", ["validator", *given])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        assert "Traceback" not in out + err
        return Done(ended.value.code, out, err)

    return call


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment, but this checkout is used, and output is buffered as it mostly is."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**kept, "PYTHONPATH": str(CHECKOUT), "PYTHONUTF8": "1", **(changes or {})}


def in_a_process(
    *arguments: str | bytes,
    stdin: bytes = b"",
    cwd: Path | None = None,
    changes: Mapping[str, str] | None = None,
    command: tuple[str, ...] = COMMAND,
) -> Done:
    """The program as a process of its own, `changes` being those of the environment."""
    done = subprocess.run(
        [*command, *arguments], input=stdin, capture_output=True, check=False, env=environment(changes), timeout=60, cwd=cwd
    )  # fmt: skip
    assert b"Traceback" not in done.stdout + done.stderr
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def pieces_of(terminal: int, seconds: float = 300) -> Iterator[bytes]:
    """What is written to a terminal until nobody holds its other end; nothing, where nothing came for a while."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 0.2)[0]:
            yield b""
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody writes any more
            return
        if not piece:
            return
        yield piece


def refused(done: Done, *parts: str) -> None:
    """Assert that nothing was done, and that standard error says why."""
    assert (done.code, done.out) == (2, ""), done
    for part in parts:
        assert part in done.err, done.err


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def put(path: str | Path, text: str | bytes) -> Path:
    """Write a file; its folder is made."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def git(folder: str | Path, *arguments: str) -> str:
    """What git prints, without the last line end."""
    named = ("-c", "user.name=A. Curator", "-c", "user.email=curator@example.org")
    done = subprocess.run(["git", "-C", str(folder), *named, *arguments], check=False, capture_output=True)
    assert done.returncode == 0, done
    return os.fsdecode(done.stdout).removesuffix("\n")


def own_git(monkeypatch: pytest.MonkeyPatch, folder: Path, settings: str = "") -> None:
    """Let git know no settings but these, and the person that they name."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(put(folder / "home" / "gitconfig", settings)))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@cache
def _tables(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "tables" / f"{name}.yaml").read_text("utf-8"))
    return loaded


def table(name: str, key: str) -> Any:
    """A table of cases from `tables/<name>.yaml`; the rows of a list of lists are tuples."""
    found = _tables(name)[key]
    return [tuple(row) if isinstance(row, list) else row for row in found] if isinstance(found, list) else found
