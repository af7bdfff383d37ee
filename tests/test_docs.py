"""The pages say what is so: their commands run as written and print what is shown, their links, names and examples hold.

In a `console` block a line that begins with `$ ` is a command, and the lines below it are what it prints: all of it, but that a
line `…` stands for any lines and a `…` inside one for any characters. A command ends with 0 unless the next one is `echo $?`.
The first line of a block may name a file (```` ```yaml newsroom/one.yaml ````), which is written when its turn comes.
Everything happens in a copy of the specimens and schemas; the day of a sidecar's entry is that of the pages.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

import validator
from validator.archive.config import Override, Settings, read_config
from validator.archive.face import own_sources
from validator.archive.opening import FAMILIES
from validator.cli.program import OTHER_NAMES, program
from validator.parsing.dates import NAMED_FORMATS
from validator.record.sidecar_reading import read_sidecar
from validator.rules import RULES
from validator.sources.json_schema import FORMATS
from validator.text.findings import Verdict

CHECKOUT = Path(validator.__file__).parents[1]
META_SCHEMA = CHECKOUT / "schemas" / "source.schema.json"

pytestmark = pytest.mark.skipif(not (CHECKOUT / "README.md").is_file(), reason="these tests run from a checkout")

PAGES = [*(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md")), *sorted((CHECKOUT / "docs").glob("*.md"))]
ANY = "…"


class Block(NamedTuple):
    """A fenced block of a page; `file` is the name beside its language, `line` where its first line stands."""

    language: str
    file: str
    text: str
    line: int


class Command(NamedTuple):
    """A command of a `console` block, and the lines that it is said to print."""

    command: str
    printed: list[str]
    line: int


def blocks(page: Path, language: str | None = None) -> Iterator[Block]:
    opened: Block | None = None
    inside: list[str] = []
    for number, line in enumerate(page.read_text("utf-8").split("\n"), 1):
        if not line.startswith("```"):
            inside.append(line)
        elif opened is None:
            opened = Block(*(line[3:].partition(" ")[::2]), "", number + 1)
            inside = []
        else:
            if language in (None, opened.language):
                yield opened._replace(text="".join(f"{each}\n" for each in inside))
            opened = None
    assert opened is None, f"{page.name}: a block is not closed"


def prose(page: Path) -> str:
    """A page without its blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", page.read_text("utf-8"))


def code_words(page: Path) -> Iterator[str]:
    """What stands between backticks on a page."""
    return (match[1] for match in re.finditer(r"`([^`\n]+)`", prose(page)))


def commands(block: Block) -> list[Command]:
    out: list[Command] = []
    for number, line in enumerate(block.text.removesuffix("\n").split("\n"), block.line):
        if line.startswith("$ "):
            out.append(Command(line[2:], [], number))
        else:
            out[-1].printed.append(line)
    return out


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the specimens and the schemas, in which commands may write."""
    for name in ("seeds", "schemas"):
        shutil.copytree(CHECKOUT / name, tmp_path / name)
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    """That of a curator: `validator` and `bagit.py` are commands, and git knows a name."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    # Later versions of Python warn about bagit's own code.
    for name, module in (("validator", "-m validator"), ("bagit.py", "-W ignore -m bagit")):
        start = programs / name
        start.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        start.chmod(0o755)
    (programs / "gitconfig").write_text("[user]\n\tname = A. Curator\n")
    return os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUTF8": "1",
        "GIT_CONFIG_GLOBAL": str(programs / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def is_line(printed: str, shown: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, shown.split(ANY))), printed) is not None


def is_shown(printed: Sequence[str], shown: Sequence[str]) -> bool:
    """Whether lines are those that a page shows."""
    runs: list[list[str]] = [[]]
    for line in shown:
        if line == ANY:
            runs.append([])
        else:
            runs[-1].append(line)

    def stands(run: Sequence[str], at: int) -> bool:
        return at + len(run) <= len(printed) and all(map(is_line, printed[at : at + len(run)], run))

    first, *others = runs
    if not stands(first, 0):
        return False
    at = len(first)
    if not others:
        return at == len(printed)
    for run in others[:-1]:
        found = next((place for place in range(at, len(printed) + 1) if stands(run, place)), None)
        if found is None:
            return False
        at = found + len(run)
    return stands(others[-1], max(at, len(printed) - len(others[-1]))) and bool(others[-1] or at <= len(printed))


@pytest.mark.parametrize(
    ("printed", "shown", "same"),
    [
        ("", "", True),
        ("one", "", False),
        ("", "one", False),
        ("one two", "one two", True),
        ("one two", "one", False),
        ("one two", "one …", True),
        ("one two three", "one … three", True),
        ("one two three", "… two …", True),
        ("one two three", "… two", False),
        ("one two three", "… two … three", True),
        ("one", "one … one", False),
        ("one-and-two", "one…two", True),
        ("one-and-two", "one…three", False),
    ],
)
def test_lines_are_compared_with_what_a_page_shows(printed: str, shown: str, same: bool) -> None:
    assert is_shown(printed.split(), shown.split()) is same


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES if any(blocks(page, "console"))])
def test_commands_run_as_written_and_print_what_is_shown(page: Path, copy: Path) -> None:
    variables, code = environment(copy), 0
    for block in blocks(page):
        if block.file:
            (copy / block.file).parent.mkdir(parents=True, exist_ok=True)
            (copy / block.file).write_text(block.text, "utf-8")
        listed = commands(block) if block.language == "console" else []
        for command, following in zip_longest(listed, listed[1:]):
            done = subprocess.run(
                ["sh", "-c", f"(exit {code}); {command.command}"],
                check=False, cwd=copy, env=variables, capture_output=True, encoding="utf-8", timeout=120,
            )  # fmt: skip
            output = re.sub(r"\bon: \d{4}-\d\d-\d\d", "on: 2026-11-22", done.stdout + done.stderr)
            where = f"{page.name}, line {command.line}: {command.command}"
            assert is_shown(output.splitlines(), command.printed), f"{where}\nprints:\n{output}"
            code = done.returncode
            if following is None or following.command != "echo $?":
                assert code == 0, f"{where}\nends with {code}:\n{output}"


@pytest.mark.parametrize("kind", ["clone", "archive", "installation"])
def test_the_readme_is_true_in(kind: str, tmp_path: Path) -> None:
    """Its commands and examples, in a clone, in an unpacked archive without git, and with a program that was installed."""
    place = tmp_path / "here"
    python = sys.executable
    if kind == "clone":
        ask("git", "clone", "--quiet", str(CHECKOUT), str(place))
    else:
        place.mkdir()
        packed = subprocess.run(["git", "archive", "HEAD"], cwd=CHECKOUT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(place)], input=packed, check=True)
    for name in ("README.md", "docs", "seeds", "schemas", "validator"):  # as they are now, committed or not
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, place / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / name)
    variables = environment(place) | {"PYTHONPATH": str(place)}
    if kind == "installation":
        pytest.importorskip("hatchling")
        ask(python, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path), folder=CHECKOUT)
        (wheel,) = tmp_path.glob("*.whl")
        ask(python, "-m", "zipfile", "--extract", str(wheel), str(tmp_path / "installed"))
        for name in ("validator", "schemas", "templates"):
            shutil.rmtree(place / name)
        variables["PYTHONPATH"] = str(tmp_path / "installed")
    ran = 0
    for block in blocks(place / "README.md", "console"):
        for command in commands(block):
            done = subprocess.run(
                ["sh", "-c", command.command], check=False, cwd=place, env=variables, capture_output=True, encoding="utf-8",
            )  # fmt: skip
            if command.command != "echo $?":
                assert is_shown((done.stdout + done.stderr).splitlines(), command.printed), done.stdout + done.stderr
                ran += 1
    assert ran > 1
    for block in blocks(place / "README.md", "pycon"):
        (place / "example.txt").write_text(block.text)
        ask(python, "-m", "doctest", "example.txt", folder=place, variables=variables)
    for link in re.findall(r"\]\(([^)#:]+)\)", (place / "README.md").read_text("utf-8")):
        assert (place / link).exists(), link


def ask(*command: str, folder: Path = CHECKOUT, variables: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=folder, env=variables, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_python_examples_do_what_they_show(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy)
    ran = 0
    for page in PAGES:
        for block in blocks(page, "pycon"):
            example = doctest.DocTestParser().get_doctest(block.text, {}, page.name, page.name, block.line)
            report: list[str] = []
            failed, attempted = doctest.DocTestRunner().run(example, out=report.append)
            assert not failed, "".join(report)
            ran += attempted
    assert ran


def test_schemas_in_the_pages_pass_sources_check(copy: Path) -> None:
    folder = copy / "newsroom"
    folder.mkdir()
    written = 0
    for block in blocks(CHECKOUT / "docs" / "source-reference.md", "yaml"):
        if block.file:
            (folder / Path(block.file).name).write_text(block.text, "utf-8")
        else:
            name = f"fragment-{block.line}"
            (folder / f"{name}.yaml").write_text(f"id: {name}\ntitle: A part of a schema\n{block.text}", "utf-8")
        written += 1
    assert written > 5
    done = subprocess.run(
        [sys.executable, "-m", "validator", "sources", "check", str(folder)],
        check=False, cwd=copy, env=environment(copy), capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    said = [line for line in done.stdout.split("\n") if "it has no examples" not in line]
    assert len(said) == 2, done.stdout + done.stderr  # a part of a schema has none
    assert "9 schemas, 2 examples" in said[0]


def test_configurations_and_sidecars_in_the_pages_are_sound() -> None:
    read = 0
    for page in PAGES:
        for block in blocks(page, "toml"):
            read_config(block.text, block.file, known_rules=RULES, families=FAMILIES, known_sources=own_sources())
            read += 1
        for block in blocks(page, "yaml"):
            if block.file.endswith(".meta.yaml"):
                assert read_sidecar(block.text, block.file, known_rules=RULES).problems == ()
                read += 1
    assert read >= 3


def test_the_comment_for_editors_leads_to_a_schema(copy: Path) -> None:
    found = 0
    for page in PAGES:
        for block in blocks(page, "yaml"):
            if comment := re.match(r"# yaml-language-server: \$schema=(\S+)\n", block.text):
                folder = copy / Path(block.file).parent
                folder.mkdir(exist_ok=True)
                assert (folder / comment[1]).is_file(), f"{page.name}: {comment[1]}"
                found += 1
    assert found


# --- what the pages name ----------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The places of a page that a link can lead to, one a heading."""
    headings = re.findall(r"(?m)^#+ (.+)$", prose(page))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{page.name}: {target}"
        assert place.is_relative_to(CHECKOUT), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(place), f"{page.name}: {target}"


def test_every_picture_is_shown_and_small() -> None:
    shown = {name for page in PAGES for name in re.findall(r"pictures/([\w-]+\.png)\)", page.read_text("utf-8"))}
    pictures = [*(CHECKOUT / "docs" / "pictures").iterdir()]
    assert {path.name for path in pictures} == shown
    sizes = [path.stat().st_size for path in pictures]
    assert max(sizes) < 120_000
    assert sum(sizes) < 1_000_000


def values_of(schema: Any) -> Iterator[str]:
    """The keys of a JSON Schema's properties, and the words that may stand as values."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
        if isinstance(schema.get("const"), str):
            yield schema["const"]
        for child in schema.values():
            yield from values_of(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from values_of(child)


def options_of(command: click.Command) -> set[str]:
    return {name for each in command.params for name in (*each.opts, *each.secondary_opts) if name.startswith("-")}


def all_commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in all_commands(command, context))
        else:
            yield name, command


COMMANDS = dict(all_commands(program, click.Context(program)))
CONFIG_KEYS = {each.name.replace("_", "-") for kind in (Settings, Override) for each in fields(kind)}
HOOK_WORDS = re.findall(r"(?m)^- id: (\S+)", (CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION_WORDS = re.findall(r"(?m)^  ([a-z]+(?:-[a-z]+)*):$", (CHECKOUT / "action.yml").read_text("utf-8"))
MAKEFILE = CHECKOUT / "Makefile"
MAKE_TARGETS = re.findall(r"(?m)^\.PHONY: (.*)$", MAKEFILE.read_text("utf-8"))[0].split() if MAKEFILE.is_file() else []
KNOWN_WORDS = {
    *HOOK_WORDS, *ACTION_WORDS, *MAKE_TARGETS, "pre-commit", "seed-validator", "externally-managed-environment",
    *RULES, *FAMILIES, *own_sources(), *CONFIG_KEYS, *(verdict.value for verdict in Verdict),
    *values_of(json.loads(META_SCHEMA.read_text("utf-8"))), *NAMED_FORMATS, *FORMATS, "as-captured",
}  # fmt: skip


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_every_rule_and_source_that_is_named_exists(page: Path) -> None:
    named = {word for code in code_words(page) for word in re.split(r"[,: ]+", code)}
    hyphened = {word for word in named if re.fullmatch(r"[a-z][a-z0-9_]*(-[a-z0-9_]+)+", word)}
    assert sorted(hyphened - KNOWN_WORDS) == []


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    known = {"--version", "--help", "-h"}.union(*map(options_of, COMMANDS.values()))
    for code in code_words(page):
        if code.startswith(("validator ", "-")):
            assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", code)) <= known, f"{page.name}: {code}"
        if called := re.match(r"validator ([a-z]+)(?: ([a-z]+))?", code):
            assert OTHER_NAMES.get(called[1], called[1]) in COMMANDS or f"{called[1]} {called[2]}" in COMMANDS, (
                f"{page.name}: {code}"
            )


def test_the_readme_is_short_has_a_picture_and_leads_to_the_pages() -> None:
    text = (CHECKOUT / "README.md").read_text("utf-8")
    assert text.count("\n") <= 150
    assert re.search(r"!\[[^\]]{20,}\]\(docs/pictures/\w+\.png\)", text)
    index = (CHECKOUT / "docs" / "index.md").read_text("utf-8")
    assert re.findall(r"(?m)^:caption: (.*)$", index) == ["Start", "Guide", "Reference", "Background"]
    listed = {path.name for path in (CHECKOUT / "docs").glob("*.md")} - {"index.md"}
    assert listed <= set(re.findall(r"(?m)^(\w[\w-]*\.md)$", index))


def test_the_page_on_commands_names_every_command_and_every_option_of_validate() -> None:
    text = (CHECKOUT / "docs" / "commands.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"$ validator {name}" not in text] == []
    named = {word for code in code_words(CHECKOUT / "docs" / "commands.md") for word in code.split()}
    assert sorted(options_of(COMMANDS["validate"]) - named) == []


def test_the_page_on_sources_names_every_key_and_value_of_the_language() -> None:
    schema = json.loads(META_SCHEMA.read_text("utf-8"))
    schema["properties"]["examples"]["items"]["properties"]["verdict"].pop("enum")  # the README has the verdicts
    del schema["$defs"]["json_schema"]  # the keywords of JSON Schema
    named = {
        word for code in code_words(CHECKOUT / "docs" / "source-reference.md") for word in re.findall(r"[\w-]+", code)
    }
    assert sorted({*values_of(schema)} - named) == []


@pytest.mark.parametrize(("heading", "applicability"), [("What is safe", "safe"), ("What is not safe", "unsafe")])
def test_the_page_on_repair_lists_every_rule_with_fixes(heading: str, applicability: str) -> None:
    page = (CHECKOUT / "docs" / "repair.md").read_text("utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rules = [rule.name for rule in RULES.values() if rule.applicability == applicability]
    missing = [name for name in rules if f"`{name}`" not in section]
    assert not missing, f"docs/repair.md, {heading}: a row for {', '.join(missing)} is missing"


def test_the_page_on_configuration_names_every_key() -> None:
    assert sorted(CONFIG_KEYS - {*code_words(CHECKOUT / "docs" / "configuration.md")}) == []


def test_the_crosswalk_is_the_same_on_both_pages() -> None:
    tables = []
    for name in ("fields.md", "source-reference.md"):
        text = (CHECKOUT / "docs" / name).read_text("utf-8").replace("see [fields.md](fields.md)", "see below")
        tables.append(re.search(r"(?m)^\| record \|.*\n(?:\|.*\n)+", text))
    assert tables[0] is not None
    assert tables[1] is not None
    assert tables[0][0] == tables[1][0]
