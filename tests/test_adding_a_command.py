"""A new command touches one module: a copy of the program gets one, which is then listed, completed and run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import validator

PACKAGE = Path(validator.__file__).parent

TOY = '''
"""`validator toy`."""

from __future__ import annotations

from dataclasses import dataclass

import click

from validator.cli.options import argument, command, option

PLACE = ("know", 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyOptions:
    """What `toy` was asked to do."""

    name: str = argument()
    is_loud: bool = option("--loud", is_flag=True, help="Shout.")


@command(ToyOptions)
def toy(options: ToyOptions) -> int:
    """Greet somebody. Not a part of the program."""
    click.echo(f"hello {options.name}{'!' if options.is_loud else ''}")
    return 1
'''


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with one file more."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, folder / "validator", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PACKAGE.parent / "schemas", folder / "schemas")
    (folder / "validator" / "cli" / "commands" / "toy.py").write_text(TOY.lstrip())
    return folder


def call(copy: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(copy), **variables}
    command = [sys.executable, "-m", "validator", *arguments]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def test_it_runs(copy: Path) -> None:
    done = call(copy, "toy", "you", "--loud")
    assert (done.returncode, done.stdout, done.stderr) == (1, "hello you!\n", "")


def test_it_is_listed_in_its_place(copy: Path) -> None:
    lines = call(copy, "--help").stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.split() == ["toy", "Greet", "somebody."])
    assert lines[at - 1].split()[0] == "sources"
    assert lines[at + 1].split()[0] == "init"
    assert "Shout." in call(copy, "toy", "--help").stdout


def test_a_misspelling_of_it_is_understood(copy: Path) -> None:
    assert 'did you mean "toy"?' in call(copy, "tooy").stderr


@pytest.mark.parametrize(("words", "offered"), [("validator to", "toy"), ("validator toy --lo", "--loud")])
def test_a_shell_completes_it(copy: Path, words: str, offered: str) -> None:
    asked = {"_VALIDATOR_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert call(copy, **asked).stdout == f"plain,{offered}\n"


def test_other_commands_do_not_import_it(copy: Path) -> None:
    ask = "import sys; from validator.cli.program import program as p; p(['rules'], standalone_mode=False); "
    ask += "print('validator.cli.commands.toy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "False"
