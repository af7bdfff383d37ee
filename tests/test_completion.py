"""Completion, asked for as shells ask: bash runs the script that the program prints, and so do zsh and fish where they are."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from gates import CHECKOUT, curator, run

from validator.archive.face import own_sources
from validator.archive.opening import FAMILIES
from validator.cli.commands.completion import SHELLS
from validator.cli.program import OTHER_NAMES, program
from validator.reports.model import FORMATS
from validator.rules import RULES
from validator.sources.model import FIELDS

HOMES = [*program.list_commands(click.Context(program)), *OTHER_NAMES]
BASH = shutil.which("bash")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program as a command, and the scripts of all shells."""
    folder = tmp_path_factory.mktemp("completion")
    start = folder / "validator"
    start.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -m validator "$@"\n')
    start.chmod(0o755)
    for shell in SHELLS:
        (folder / f"script.{shell}").write_text(run([str(start), "completion", shell], folder, curator(folder)))
    return folder


def environment(place: Path) -> dict[str, str]:
    variables = curator(place)
    return variables | {"PATH": f"{place}:{variables['PATH']}"}


def completed(place: Path, *words: str, folder: Path | None = None) -> list[str]:
    """What bash offers for the last of the words."""
    script = (
        f'. "{place}/script.bash"; COMP_WORDS=(validator "$@"); COMP_CWORD=$#; compopt() {{ COMPREPLY=("<$2>"); }}\n'
        '_validator_completion validator; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script, "bash", *words], cwd=folder or place, env=environment(place), capture_output=True,
        encoding="utf-8", check=True,
    )  # fmt: skip
    assert done.stderr == "", "what is printed there stands in the middle of the line that is being written"
    return done.stdout.split()


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ((""), [*HOMES]),
        (("va",), ["validate"]),
        (("validate", "--sel"), ["--select"]),
        (("validate", "--format", ""), [*FORMATS]),
        (("validate", "--format="), [*FORMATS]),
        (("validate", "--fail-on", "w"), ["warning"]),
        (("validate", "--select", ""), [*sorted(FAMILIES), *sorted(RULES)]),
        (("validate", "--ignore", "quot"), ["quotes", "quote-for-apostrophe"]),
        (("validate", "--ignore", "quotes,whitesp"), ["quotes,whitespace"]),
        (("validate", "--select", "quotes,quot"), ["quotes,quote-for-apostrophe"]),
        (("validate", "--source", "mod"), ["mod-gov-cn"]),
        (("validate", "--source", ""), [*own_sources()]),
        (("validate", "REA"), ["<default>"]),
        (("validate", "--output", ""), ["<default>"]),
        (("repair", "--to", ""), ["<dirnames>"]),
        (("explain", "byline-m"), ["byline-missing"]),
        (("explain", "quotes,b"), []),
        (("accept", "seed.txt", "byline-m"), ["byline-missing"]),
        (("attest", "seed.txt", ""), [*FIELDS]),
        (("sources", "sh"), ["show"]),
        (("sources", "show", "chinamil"), ["chinamil-text"]),
        (("baseline", "create", "--ignore", "byline-m"), ["byline-missing"]),
        (("completion", ""), [*SHELLS]),
        (("no-such-command", ""), [*HOMES]),  # and nothing of it in the middle of the line
        (("validate", "--source", "mod", "--no-such-option", ""), ["<default>"]),
    ],
)  # fmt: skip
def test_bash_is_offered(place: Path, words: tuple[str, ...], offered: list[str]) -> None:
    assert completed(place, *(words or ("",))) == offered


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_the_sources_of_the_archive_are_offered_too(place: Path, tmp_path: Path) -> None:
    (tmp_path / "newsroom").mkdir()
    (tmp_path / "newsroom" / "our-letters.yaml").write_text("id: our-letters\ntitle: Letters\nextends: plain-text\n")
    (tmp_path / "validator.toml").write_text('schemas = ["newsroom"]\n')
    assert completed(place, "validate", "--source", "our", folder=tmp_path) == ["our-letters"]
    (tmp_path / "validator.toml").write_text("no configuration")
    assert completed(place, "validate", "--source", "mod", folder=tmp_path) == ["mod-gov-cn"]


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_every_option_of_every_command_is_offered(place: Path) -> None:
    offered = set(completed(place, "validate", "--"))
    help_ = run([str(place / "validator"), "validate", "--help"], place, environment(place))
    assert set(re.findall(r"(?m)^ {2}(?:-\w, )?(--[a-z-]+)", help_)) <= offered | {"--help"}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_sound(place: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    run([shell, "-n", f"script.{shell}"], place, environment(place))


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_is_offered(place: Path) -> None:
    said = run(
        ["fish", "--no-config", "-c", "source script.fish; complete --do-complete 'validator explain byline-m'"],
        place, environment(place) | {"HOME": str(place)},
    )  # fmt: skip
    assert said.split("\t")[0] == "byline-missing"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_answered(place: Path, shell: str) -> None:
    """What the scripts of these shells ask, and the answer that they expect: with a summary of each rule."""
    word = "2" if shell == "zsh" else "byline-m"
    asked = {"_VALIDATOR_COMPLETE": f"{shell}_complete", "COMP_WORDS": "validator explain byline-m", "COMP_CWORD": word}
    said = run([str(place / "validator")], place, environment(place) | asked)
    summary = RULES["byline-missing"].summary
    assert said.rstrip("\n") == {
        "zsh": f"plain\nbyline-missing\n{summary}", "fish": f"plain,byline-missing\t{summary}"
    }[shell]  # fmt: skip


def test_no_command_pays_for_it() -> None:
    """The modules of completion are not imported where no shell asks."""
    unwanted = "{'click.shell_completion', 'validator.cli.commands.completion'}"
    ask = f"import sys, validator.cli.commands.validate; print(sorted({unwanted} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
