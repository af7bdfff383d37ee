"""A command line that is read without click is read as click reads it, or left to click."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

import validator
from validator.cli import declared
from validator.cli.validate import validate

DECLARED: Any = validate
COMMAND: click.Command = DECLARED.build()
WORDS = (
    *(
        "a.txt",
        "b/c.md",
        "-",
        "--",
        ".",
        "",
        "ü",
        "--source",
        "--source=plain-text",
        "plain-text",
        "--select",
        "quotes,record",
    ),
    *(
        "--select=a",
        "--ignore=b",
        "--fail-on",
        "--fail-on=never",
        "warning",
        "Error",
        "--format",
        "json",
        "--format=text",
    ),
    *("--jobs", "--jobs=2", "--jobs=0", "--jobs=x", "3", "٣", "-q", "-v", "-qv", "--quiet", "--verbose", "--quiet=1"),
    *(
        "--config",
        "--config=x.toml",
        "--no-config",
        "--schemas",
        "--schemas=s",
        "--output",
        "--output=o",
        "--statistics",
    ),
    *("--stdin-filename=x", "--form", "--form=json", "--help", "-h", "-x", "--nothing", "-q=1", "--source="),
)


def by_click(arguments: list[str]) -> dict[str, Any] | None:
    """What click makes of arguments; None where it refuses them, or does something else."""
    try:
        return COMMAND.make_context("validate", list(arguments), help_option_names=["-h", "--help"]).params
    except (click.ClickException, click.exceptions.Exit):
        return None


@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_what_is_read_plainly_is_what_click_reads(arguments: list[str]) -> None:
    plain = DECLARED.plain(arguments)
    if plain is not None:
        assert plain == by_click(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["a.txt"],
        ["a.txt", "-", "b/c.md"],
        ["-q", "a.txt", "--format=concise"],
        ["--source", "plain-text", "--no-config", "a.txt"],
        ["a.txt", "--select", "quotes", "--select=record", "--fail-on", "warning"],
        ["--jobs", "2", "--config", "x.toml", "--schemas=a", "--schemas=b", "a.txt"],
        ["a.txt", "--format", "json", "--output", "report.json"],
        ["--verbose", "--statistics", "--stdin-filename=x", "-"],
    ],
)
def test_what_a_hook_says_is_read_plainly(arguments: list[str]) -> None:
    plain = DECLARED.plain(arguments)
    assert plain is not None
    assert plain == by_click(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        [], [""], ["-q"], ["--help"], ["a.txt", "--nothing"], ["a.txt", "--form", "json"], ["-qv", "a.txt"], ["--", "a.txt"],
        ["a.txt", "--format", "yaml"], ["a.txt", "--format"], ["a.txt", "--jobs", "0"], ["a.txt", "--source", "--quiet"],
        ["a.txt", "--source=a", "--source=b"], ["a.txt", "--quiet=1"], ["a.txt", "--output", "-"],
    ],
)  # fmt: skip
def test_all_else_is_left_to_click(arguments: list[str]) -> None:
    assert DECLARED.plain(arguments) is None


def test_a_command_has_what_it_was_declared_with() -> None:
    names = [each.name for each in COMMAND.params]
    assert [each.name for each in DECLARED.parameters] == names
    said = DECLARED.build().get_help(click.Context(COMMAND))
    assert DECLARED.build().get_help(click.Context(COMMAND)) == said  # it can be built again
    assert all(name in said for each in DECLARED.parameters if each.is_option for name in each.names if name[0] == "-")
    assert names[:3] == ["paths", "config", "no_config"]


def test_a_module_with_click_itself_gets_options_of_click() -> None:
    content: dict[str, Any] = {"click": click, "declared": declared}
    exec("@click.command()\n@declared.option('--one', type=declared.IntRange(min=1))\ndef of(one): return one", content)
    command = content["of"]
    assert isinstance(command, click.Command)
    assert command.make_context("of", ["--one=3"]).params == {"one": 3}


def test_other_names_are_those_of_click() -> None:
    assert declared.UsageError is click.UsageError
    assert declared.echo is click.echo
    with pytest.raises(AttributeError):
        _ = declared.no_such_name


@pytest.mark.parametrize(
    "arguments",
    [["a.txt"], ["-q", "a.txt", "b.txt"], ["gone.txt"], ["--source", "x", "a.txt"]],
)
def test_both_ways_say_the_same(tmp_path: Path, arguments: list[str]) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("One line.  \n", "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(validator.__file__).parents[1])}
    start = "import sys; sys.argv[0] = 'validator'; from validator.cli import main, validate; {}main()"
    said = []
    for way in ("", "validate.validate.plain = lambda arguments: None; "):
        command = [sys.executable, "-c", start.format(way), "validate", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
        said.append((done.stdout, done.stderr, done.returncode))
    assert said[0] == said[1]
    assert "Traceback" not in said[0][1]
