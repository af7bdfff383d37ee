"""What is added declares itself: the worked examples of CONTRIBUTING.md, each added to a copy of the tree and tested there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from expected import REPOSITORY
from gates import needs_checkout

pytestmark = needs_checkout
_COPIED = (
    "validator", "tests", "benchmarks", "docs", "schemas", "templates", "seeds", "pyproject.toml", "README.md",
    "CONTRIBUTING.md", ".pre-commit-hooks.yaml", "action.yml",
)  # fmt: skip
_MADE_BY_RUNNING = {"__pycache__", ".pytest_cache", ".hypothesis"}
# What is compiled is copied, and kept in the copy: else most of the time goes into compiling the same modules again. A file
# that is being written has a number behind its name.
_NOT_COPIED = shutil.ignore_patterns(".pytest_cache", ".hypothesis", "*.pyc.*")


class Tree:
    """A copy of the tree, and the files in it that are no longer as they were."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in _COPIED:
            source = REPOSITORY / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=_NOT_COPIED)
            else:
                shutil.copy(source, root / name)
        self._before = self._content()

    def _content(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and not _MADE_BY_RUNNING & set(path.parts)
        }

    def touched(self) -> list[str]:
        """The files that are new or changed."""
        after = self._content()
        return sorted(name for name in after if after[name] != self._before.get(name))

    def add(self, heading: str) -> None:
        """Write the files of one section of CONTRIBUTING.md. A block of the language `diff` changes lines of a file."""
        page = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
        (section,) = re.findall(rf"(?ms)^## {heading}\n(.*?)(?=^## )", page)
        for language, name, text in re.findall(r"(?ms)^```(\w+) (\S+)\n(.*?)^```$", section):
            if language == "diff":
                self._change_lines(self.root / name, text)
            else:
                (self.root / name).write_text(text, "utf-8")

    def _change_lines(self, file: Path, difference: str) -> None:
        lines = difference.splitlines(keepends=True)
        before, after = ("".join(line[1:] for line in lines if line[0] != sign) for sign in "+-")
        text = file.read_text("utf-8")
        assert text.count(before) == 1, f"{file.name} does not have these lines once:\n{before}"
        file.write_text(text.replace(before, after), "utf-8")

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a module of Python in the copy."""
        given = {"PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "", **variables}
        return subprocess.run(
            [sys.executable, "-m", *command], cwd=self.root, env={**os.environ, **given}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    def fails(self, *arguments: str, **variables: str) -> list[str]:
        """The tests that fail in the copy; some must have run."""
        done = self.run("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments, **variables)
        assert re.search(r"\d+ (passed|failed)", done.stdout), done.stdout + done.stderr
        failed = re.findall(r"(?m)^(?:FAILED|ERROR) tests/(\S+)", done.stdout)
        assert bool(failed) == bool(done.returncode), done.stdout
        return failed


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Tree]:
    """A copy of the tree with what one section adds."""

    def copy(heading: str) -> Tree:
        tree = Tree(tmp_path_factory.mktemp("copy") / "tree")
        tree.add(heading)
        return tree

    return copy


def test_a_rule_is_added_in_two_files(copied: Callable[[str], Tree]) -> None:
    tree = copied("Add a rule")
    assert tree.touched() == ["tests/cases/repeated-line.yaml", "validator/rules/repetition.py"]
    tests = ("tests/test_rules.py", "tests/test_cases.py", "tests/test_injection.py")
    assert tree.fails("-k", "repeated-line or every", *tests) == []
    assert (
        tree.fails(
            "tests/test_injection.py::test_each_defect_is_found_where_it_was_put_and_nothing_elsewhere[repeated-line]"
        )
        == []
    )
    assert "repeats the line above it" in tree.run("validator", "explain", "repeated-line").stdout
    (tree.root / "docs/rules.md").write_text(tree.run("validator", "rules", "--format", "markdown").stdout, "utf-8")
    assert tree.fails("tests/test_for_people.py", "-k", "page_on_rules") == []
    cases = tree.root / "tests/cases/repeated-line.yaml"
    cases.write_text(cases.read_text("utf-8").partition("inject:")[0], "utf-8")
    assert tree.fails("tests/test_injection.py", "-k", "every_rule") == [
        "test_injection.py::test_every_rule_has_injectors_or_a_reason_to_have_none"
    ]


def test_a_rule_offers_a_fix(copied: Callable[[str], Tree]) -> None:
    tree = copied("Add a rule")
    tree.add("Offer a fix")
    assert tree.touched() == ["docs/repair.md", "tests/cases/repeated-line.yaml", "validator/rules/repetition.py"]
    tests = ("tests/test_rules.py", "tests/test_cases.py", "tests/test_triggers.py", "tests/test_injection.py")
    assert tree.fails("-k", "repeated-line or every", *tests) == []
    assert tree.fails("tests/test_docs.py", "-k", "repair_lists") == []
    seed = tree.root / "one.txt"
    seed.write_text("The bridge opened in May.\nThe bridge opened in May.\n", "utf-8")
    shown = tree.run(
        "validator", "repair", "--no-config", "--source", "plain-text", "--unsafe", "--diff", str(seed)
    ).stdout
    assert "-The bridge opened in May." in shown


def test_a_source_is_added_in_one_file(copied: Callable[[str], Tree]) -> None:
    tree = copied("Add a source")
    assert tree.touched() == ["schemas/example-herald.yaml"]
    assert tree.fails("tests/test_source_schema.py", "-k", "shipped") == []
    assert tree.fails("tests/test_identify.py", "-k", "example-herald or certain") == []
    assert (
        tree.fails("tests/test_cli.py", "-k", "sources_list or sources_check or identify or specimens or wrong_schema")
        == []
    )
    checked = tree.run("validator", "sources", "check", "schemas")
    assert (checked.returncode, checked.stdout.endswith("all as said\n")) == (0, True), checked.stdout
    seed = tree.root / "example-herald" / "one.txt"
    seed.parent.mkdir()
    byline = "By B. Sample\nURL: https://herald.example.org/bridge\n4 March 2021"
    seed.write_text(f"The Example Herald\nA bridge opens\n{byline}\n\nThe bridge opened in May.\n", "utf-8")
    assert "example-herald" in tree.run("validator", "identify", str(seed)).stdout
    assert tree.run("validator", "validate", "--no-config", "--quiet", str(seed)).returncode == 0


def test_a_format_is_added_in_its_module_its_snapshot_and_two_lines_of_the_pages(copied: Callable[[str], Tree]) -> None:
    tree = copied("Add a format of reports")
    tests = ("tests/test_reports.py", "tests/test_formats.py")
    assert tree.fails(*tests, "-k", "test_snapshot and brief", UPDATE_SNAPSHOTS="1") == []
    assert tree.fails(*tests, "-k", "brief or every_format") == []
    assert tree.touched() == [
        "README.md", "docs/formats.md", "tests/snapshots/report.brief", "validator/reports/formats/brief.py",
    ]  # fmt: skip
    for page in ("README.md", "docs/formats.md"):
        shutil.copy(REPOSITORY / page, tree.root / page)
    assert sorted(tree.fails("tests/test_formats.py", "-k", "page")) == [
        "test_formats.py::test_the_page_on_formats_has_a_row_for_it[brief]",
        "test_formats.py::test_the_pages_name_every_format[README.md]",
        "test_formats.py::test_the_pages_name_every_format[docs/formats.md]",
    ]


@pytest.mark.parametrize("heading", ["Add a rule", "Add a format of reports", "Add a command"])
def test_what_is_added_passes_the_linter(copied: Callable[[str], Tree], heading: str) -> None:
    pytest.importorskip("ruff")
    tree = copied(heading)
    modules = [name for name in tree.touched() if name.endswith(".py")]
    assert modules
    for command in (("check",), ("format", "--check")):
        done = tree.run("ruff", *command, *modules)
        assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def with_command(copied: Callable[[str], Tree]) -> Tree:
    """A copy with a command more."""
    return copied("Add a command")


def test_a_command_is_added_in_one_file(with_command: Tree) -> None:
    assert with_command.touched() == ["validator/cli/commands/greet.py"]


def test_a_command_runs(with_command: Tree) -> None:
    done = with_command.run("validator", "greet", "you", "--loud")
    assert (done.returncode, done.stdout, done.stderr) == (1, "hello you!\n", "")


def test_a_command_is_listed_in_its_place(with_command: Tree) -> None:
    lines = with_command.run("validator", "--help").stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.split() == ["greet", "Greet", "somebody."])
    assert lines[at - 1].split()[0] == "version"
    assert lines[at + 1 :] == []
    assert "Shout." in with_command.run("validator", "greet", "--help").stdout


def test_a_misspelling_of_a_command_is_understood(with_command: Tree) -> None:
    assert 'did you mean "greet"?' in with_command.run("validator", "gret").stderr


@pytest.mark.parametrize(("words", "offered"), [("validator gre", "greet"), ("validator greet --lo", "--loud")])
def test_a_shell_completes_a_command(with_command: Tree, words: str, offered: str) -> None:
    asked = {"_VALIDATOR_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert with_command.run("validator", **asked).stdout == f"plain,{offered}\n"


def test_other_commands_do_not_import_a_command(with_command: Tree) -> None:
    ask = "import sys; from validator.cli.program import program as p; p(['rules'], standalone_mode=False); "
    ask += "print(sorted(name for name in sys.modules if name.startswith('validator.cli.commands.')))"
    (with_command.root / "ask.py").write_text(ask, "utf-8")
    assert with_command.run("ask").stdout.splitlines()[-1] == "['validator.cli.commands.rules']"
