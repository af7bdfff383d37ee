"""Where reports go: several formats in one run, each to its own output, and one exit code whatever the format."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from running import Program, content, put, refused
from test_cli import break_a_rule

import validator
from validator.archive.runner import run as run_in_order
from validator.cli.outputs import Outputs, paired
from validator.cli.terminal import Progress
from validator.reports.model import FORMATS, Setting, Tally
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Totals, Verdict

REPOSITORY = Path(__file__).parent.parent
CLEAN = "zaobao-jekyll/curated.md"
FAULTY = "mod-gov-cn/as-captured.txt"
ALL = " ".join(f"--format {form} --output ../report.{form}" for form in FORMATS)


@pytest.fixture
def archive(specimens: Path) -> Path:
    return specimens


def files_beside(archive: Path) -> set[str]:
    """The files in the folder that holds the archive; none may be left there that is not complete."""
    return {path.name for path in archive.parent.iterdir() if path.is_file()}


# --- which goes where -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formats", "outputs", "pairs"),
    [
        (["text"], [], [("text", "-")]),
        (["json"], ["-"], [("json", "-")]),
        (["json"], ["a"], [("json", "a")]),
        (["json", "sarif"], ["a", "b"], [("json", "a"), ("sarif", "b")]),
        (["json", "json"], ["a", "-"], [("json", "a"), ("json", "-")]),
        (["json", "text"], ["/dev/null", "/dev/null"], [("json", "/dev/null"), ("text", "/dev/null")]),
    ],
)
def test_each_format_has_its_output(formats: list[str], outputs: list[str], pairs: list[tuple[str, str]]) -> None:
    assert paired(formats, outputs) == pairs


@pytest.mark.parametrize(
    ("formats", "outputs", "said"),
    [
        (["json", "text"], [], "2 --format and 0 --output were given"),
        (["json", "text"], ["a"], "2 --format and 1 --output were given"),
        (["json"], ["a", "b"], "1 --format and 2 --output were given"),
        (["json", "text"], ["-", "-"], "two reports would be written to standard output"),
        (["json", "text"], ["a", "a"], "two reports would be written to .*/a"),
        (["json", "text"], ["a", "./b/../a"], "two reports would be written to .*/a"),
        (["json", "text"], ["a", "link"], "two reports would be written to .*/a"),
        (["json", "text", "sarif"], ["a", "b", "b"], "two reports would be written to .*/b"),
    ],
)
def test_what_is_not_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, formats: list[str], outputs: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("a")
    with pytest.raises(ConfigError, match=said):
        paired(formats, outputs)


@pytest.mark.parametrize(
    "options", ["--format json --format text", "--output a --output b", "--format sarif --format text --output -"]
)
def test_wrong_numbers_check_nothing(program: Program, options: str) -> None:
    refused(program(f"validate . {options}"), "give each format its own output, `-` for standard output")


# --- several in one run -----------------------------------------------------------------------------------------------


def test_several_formats_say_what_each_says_alone(program: Program, archive: Path) -> None:
    together = program(f"validate . {ALL}")
    assert (together.code, together.out) == (1, "")
    assert files_beside(archive) == {f"report.{form}" for form in FORMATS}
    for form in FORMATS:
        alone = program(f"validate . --format {form}")
        assert alone.code == 1
        assert (archive.parent / f"report.{form}").read_text("utf-8") == alone.out, form


def test_one_goes_to_standard_output(program: Program, archive: Path) -> None:
    done = program("validate . --format text --output - --format sarif --output ../report")
    assert done.out == program("validate .").out
    assert json.loads((archive.parent / "report").read_text("utf-8"))["version"] == "2.1.0"


def test_workers_change_no_report(program: Program, archive: Path) -> None:
    program(f"validate . {ALL} --jobs 1")
    alone = {form: (archive.parent / f"report.{form}").read_bytes() for form in FORMATS}
    program(f"validate . {ALL} --jobs 2")
    assert {form: (archive.parent / f"report.{form}").read_bytes() for form in FORMATS} == alone


def test_quiet_keeps_reports_whole(program: Program) -> None:
    for form in FORMATS:
        if form not in ("text", "concise"):
            assert (
                program(f"validate {FAULTY} -q --format {form}").out
                == program(f"validate {FAULTY} --format {form}").out
            )


# --- outputs that are no files, or cannot be written ------------------------------------------------------------------


def test_a_pipe_and_a_device(program: Program, archive: Path) -> None:
    pipe = archive.parent / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    done = program(
        "validate . --format junit --output ../pipe --format json --output /dev/null --format sarif --output ../report"
    )
    reader.join(30)
    assert done.code == 1
    assert b"".join(read).decode() == program("validate . --format junit").out
    assert pipe.is_fifo()
    assert Path("/dev/null").is_char_device()
    assert files_beside(archive) == {"report"}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("nowhere/report", "nowhere/report: the report cannot be written: no such file or directory"),
        ("validator.toml/report", "validator.toml/report: the report cannot be written: not a directory"),
        ("/dev/full", "/dev/full: the report cannot be written: no space left on device"),
    ],
)
def test_a_report_that_cannot_be_written(program: Program, archive: Path, output: str, said: str, first: bool) -> None:
    (archive.parent / "good").write_text("the one before\n")
    pairs = [f"--format junit --output {output}", "--format json --output ../good"]
    done = program(f"validate . {' '.join(pairs if first else pairs[::-1])}")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"validator: {said}\n"
    assert files_beside(archive) == {"good"}
    assert (archive.parent / "good").read_text() == "the one before\n"


def test_a_folder_is_no_output(program: Program, archive: Path) -> None:
    assert program("validate . --format json --output ..").code == 2
    assert files_beside(archive) == set()


@pytest.mark.parametrize("trouble", [ConfigError("it ended"), KeyboardInterrupt(), ZeroDivisionError()])
def test_a_run_that_is_cut_short_leaves_no_report(
    program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    def run(*arguments: Any, **named: Any) -> Iterator[SeedReport]:
        for number, report in enumerate(run_in_order(*arguments, **named)):
            if number == 3:
                raise trouble
            yield report

    monkeypatch.setattr("validator.archive.opening.run", run)
    put("../report.text", "the one before\n")
    before = content(archive.parent)
    codes = {ConfigError: 2, KeyboardInterrupt: 130, ZeroDivisionError: 3}
    assert program(f"validate . {ALL}").code == codes[type(trouble)]
    assert content(archive.parent) == before
    assert program("validate . --output ../report.text").code == codes[type(trouble)]
    assert content(archive.parent) == before


# --- memory -----------------------------------------------------------------------------------------------------------


class Watched(io.StringIO):
    """A stream that remembers the longest text that was written at once."""

    longest = 0

    def write(self, text: str) -> int:
        self.longest = max(self.longest, len(text))
        return super().write(text)


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_is_held_back_as_a_whole(form: str) -> None:
    """Also a format that writes at the end reaches its stream in parts."""
    text = "One\u00a0line.\n" * 50
    report = validator.validate(text, source="plain-text", path="a.txt")
    out = Watched()
    outputs = Outputs(Progress(300, off=True))
    outputs.add(form, "-", out, Setting(quiet=True))
    tally = Tally()
    for number in range(300):
        seed = replace(report, path=f"{number}.txt")
        tally.add(seed)
        outputs.seed(seed)
    outputs.finish(tally.totals())
    written = len(out.getvalue())
    assert written > 300_000 or form == "text"
    assert out.longest < 250_000


def test_what_is_said_of_a_seed_is_written_as_a_whole() -> None:
    out = Watched()
    outputs = Outputs(Progress(1, off=True))
    outputs.add("concise", "-", out, Setting(quiet=True))
    outputs.seed(validator.validate("One\u00a0line.\nAnother\u00a0line.", source="plain-text", path="a.txt"))
    assert out.longest == len(out.getvalue())
    assert out.getvalue().count("\n") > 2
    outputs.finish(Totals(1, {}, {}, 0, 0, {}, {}))


# --- one exit code ----------------------------------------------------------------------------------------------------


OUTCOMES: list[tuple[str, int]] = [
    (f"validate {CLEAN}", 0),
    (f"validate {FAULTY} --fail-on never", 0),
    (f"validate {FAULTY} --select whitespace", 0),
    (f"validate {FAULTY}", 1),
    (f"validate {CLEAN} {FAULTY} --fail-on warning", 1),
    ("validate unknown.txt --select quotes --fail-on never", 1),
    ("validate large.txt --select quotes --config small.toml", 1),
    ("validate nowhere.txt", 2),
    ("validate . --select zzz", 2),
    ("validate . --config broken.toml", 2),
    (f"validate broken-rule {CLEAN}", 3),
    (f"validate broken-rule {FAULTY} unknown.txt --fail-on never", 3),
]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("line", "code"), OUTCOMES)
def test_the_exit_code_is_the_same_for_every_format(
    program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch, form: str, line: str, code: int
) -> None:
    (archive / "unknown.txt").write_text("A text that no schema knows anything about.\n")
    (archive / "large.txt").write_text("A text of more bytes than ten.\n")
    (archive / "small.toml").write_text("limit-bytes = 10\n")
    (archive / "broken.toml").write_text("limit-bytes = ten\n")
    if "broken-rule " in line:
        break_a_rule(monkeypatch)
        line = line.replace("broken-rule ", "")
    done = program(f"{line} --format {form} --jobs 1")
    assert done.code == code
    if code == 2:
        assert done.out == ""
        assert done.err.startswith("validator: ")
    elif code == 3:
        said = done.out + done.err
        assert Verdict.UNCHECKED in said
        assert "the rule of this test" in said
    elif "unknown.txt" in line:
        assert Verdict.UNIDENTIFIED in done.out + done.err
    elif "large.txt" in line:
        assert Verdict.UNREADABLE in done.out + done.err
    written = program(f"{line} --format {form} --output ../report --jobs 1")
    assert written.code == code
    if code == 2:
        assert not (archive.parent / "report").exists()
    else:
        assert (archive.parent / "report").read_text("utf-8") == done.out
