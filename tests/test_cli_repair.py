"""Repair, undo, history and verify from the command line, and `validator.repair`: what lands on disk, what is said."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from expected import read_expected, seeds_folder
from running import Program, content, git, in_a_process, put

import validator.engine.checking
import validator.preservation.writing
from validator.archive.face import own_sources
from validator.preservation.disk import PART_SUFFIX
from validator.repairs.edits import folded
from validator.repairs.repairing import repair_seed
from validator.rules import RULES
from validator.text.findings import Applicability, Edit, Finding, Fix, SeedReport, Severity, Verdict
from validator.text.places import Position

PLAIN = '[[overrides]]\npaths = ["**"]\nsource = "plain-text"\n'
MARKED = 'The keeper"s first line  \r\nends on a second'
MENDED = "The keeper's first line\nends on a second\n"
CLEAN = "A line with nothing to mend.\n"
FIELD = (
    " date 2021-06-14 SPECIMEN TOWN, June 14 -- One paragraph stands for the article.\n"  # a date leaked into the text
)
FIELDLESS = FIELD.removeprefix(" date 2021-06-14 ")
RECORD = ".validator/"


@pytest.fixture
def archive(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive of plain texts."""
    put("validator.toml", PLAIN)
    monkeypatch.setenv("COLUMNS", "80")
    return workplace


def text_of(path: str) -> str:
    return Path(path).read_bytes().decode()


def outside_of_the_record(folder: Path) -> dict[str, bytes]:
    """Every file of an archive but those in which its repairs are kept."""
    return {name: found for name, found in content(folder).items() if not name.startswith((RECORD, ".git/"))}


# --- the real seeds ---------------------------------------------------------------------------------------------------

SEEDS = seeds_folder()


@pytest.mark.skipif(SEEDS is None, reason="the real seeds are not beside this checkout")
def test_the_real_seeds(program: Program, archive: Path, tmp_path: Path) -> None:
    assert SEEDS is not None
    (archive / "validator.toml").write_text("")
    expected = read_expected(SEEDS)
    for name in expected:
        shutil.copyfile(SEEDS / name, archive / name)  # without its mode: it may be read-only
    before = outside_of_the_record(archive)
    git(archive, "init", "-q")

    assert program("repair .").code == 1  # what is wrong besides remains
    after = outside_of_the_record(archive)
    assert after != before
    for name, entry in expected.items():
        if "after_safe_repair" in entry:
            assert hashlib.sha256(after[name]).hexdigest() == entry["after_safe_repair"], name
        assert folded(after[name].decode()) == folded(before[name].decode())

    everything = content(archive)
    assert "0 repaired" in program("repair .").err
    assert content(archive) == everything

    git(archive, "add", "-A")
    git(archive, "commit", "-q", "-m", "Seeds, mended")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(archive), str(clone))
    for place in (archive, clone):
        undone = in_a_process("undo", "--last", cwd=place)
        assert (undone.code, undone.err) == (0, "")
        assert outside_of_the_record(place) == before
        assert in_a_process("verify", ".", cwd=place).code == 0


# --- what a repair does -----------------------------------------------------------------------------------------------


def test_mends_in_place_and_says_so(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    put("b.txt", CLEAN)
    done = program("repair .")
    assert done.code == 0
    assert outside_of_the_record(archive)["a.txt"] == MENDED.encode()
    assert done.lines() == [
        "repaired a.txt: 1 final-newline, 1 line-endings, 1 quote-for-apostrophe, 1",
        "    trailing-whitespace",
    ]
    assert done.err.splitlines() == [
        "2 seeds: 1 repaired, with 4 fixes",
        "  what remains: none; verdicts: 2 valid",
        "  `validator undo --last` takes it back",
    ]


def test_what_is_said_fits_a_terminal(program: Program, archive: Path) -> None:
    put("a.txt", MARKED + '\n\n\n\n\nAnd \u201ca line" more.\n  An indented line\n' + 'a "stray mark.\n')
    done = program("repair . --unsafe --source plain-text")
    said = [line for line in done.lines() if not re.match(r"a\.txt:\d", line)]
    assert max(map(len, [*said, *done.err.splitlines()])) <= 80
    assert "[unsafe]" in " ".join(said)


def test_remaining_findings_stand_below_the_seed(program: Program, archive: Path) -> None:
    put("a.txt", MARKED + "\n\n\n\nA third line")
    put("b.txt", "One line.\n\n\n\nAnother.\n")
    done = program("repair .")
    assert [line.split(" ")[0] for line in done.lines() if not line.startswith(" ")] == [
        "repaired", "a.txt:4:1:", "b.txt:3:1:",
    ]  # fmt: skip
    assert "  2 fixes held back: for you to decide on (--unsafe)" in done.err.splitlines()
    assert program("repair . --quiet").err == ""
    assert "repaired" not in program("repair . -q --unsafe").out


def test_nothing_is_written_where_nothing_is_to_be_mended(program: Program, archive: Path) -> None:
    seed = put("a.txt", CLEAN)
    os.utime(seed, ns=(1, 1))
    done = program("repair a.txt")
    assert (done.code, done.out) == (0, "")
    assert "undo" not in done.err
    assert seed.stat().st_mtime_ns == 1
    assert not Path(".validator").exists()


def test_select_and_ignore(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    done = program("repair a.txt --select quotes,final-newline")
    assert Path("a.txt").read_bytes() == b"The keeper's first line  \r\nends on a second\r\n"
    assert "2 fixes held back: not selected" in done.err
    put("a.txt", MARKED)
    program("repair a.txt --ignore quotes")
    assert text_of("a.txt") == MENDED.replace("'", '"')


def test_unsafe_moves_values_to_the_sidecar_which_is_written_first(
    program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a.txt", FIELD)
    order: list[str] = []
    swap: Any = validator.preservation.writing._swap

    def recorded(part: str, file: Any) -> None:
        order.append(Path(file.path).name)
        swap(part, file)

    monkeypatch.setattr("validator.preservation.writing._swap", recorded)
    (archive / "validator.toml").write_text("")
    assert program("repair a.txt").out == program("validate a.txt --format concise").out  # it is a proposal
    done = program("repair a.txt --unsafe --by Tester")
    assert order == ["a.txt.meta.yaml", "a.txt"]
    assert text_of("a.txt") == FIELDLESS
    sidecar = yaml.load(text_of("a.txt.meta.yaml"), yaml.BaseLoader)
    assert sidecar["record"]["date_published"]["value"] == "2021-06-14"
    assert sidecar["record"]["date_published"]["by"] == "Tester"
    assert "  the sidecar now says: date_published 2021-06-14" in done.lines()
    assert program("undo a.txt").code == 0
    assert outside_of_the_record(archive) == {"a.txt": FIELD.encode(), "validator.toml": b""}


def test_the_source_is_named_where_its_fingerprints_go_away(program: Program, archive: Path) -> None:
    (archive / "validator.toml").write_text("")
    specimen = Path(__file__).parent.parent / "seeds" / "peoples-daily-page" / "as-captured.txt"
    put("a.txt", specimen.read_bytes())
    assert program("validate a.txt --format json").seeds()["a.txt"]["source"] == "peoples-daily-page"
    program("repair a.txt --unsafe")
    assert yaml.safe_load(text_of("a.txt.meta.yaml"))["source"] == "peoples-daily-page"
    assert program("validate a.txt --format json").seeds()["a.txt"]["source"] == "peoples-daily-page"
    assert "0 repaired" in program("repair a.txt --unsafe").err


def test_a_sidecar_that_says_otherwise_stops_the_repair(program: Program, archive: Path) -> None:
    (archive / "validator.toml").write_text("")
    put("a.txt", FIELD)
    sidecar = "source: chinamil-text\nrecord:\n  date_published: {value: 2020-01-01, basis: b, by: c, on: 2026-01-01}\n"
    put("a.txt.meta.yaml", sidecar)
    done = program("repair a.txt --unsafe")
    assert (done.code, text_of("a.txt")) == (1, FIELD)
    assert text_of("a.txt.meta.yaml") == sidecar
    assert "a.txt was left as it was: the sidecar already gives date_published" in done.err
    assert "leaked-field" in done.out


def test_an_acceptance_survives_the_repair_of_another_finding(program: Program, archive: Path) -> None:
    put("a.txt", MARKED + "\n\n\n\nA third line\n")
    assert program("accept a.txt blank-lines --reason so").code == 0
    for command in ("repair a.txt", "repair a.txt --unsafe"):
        program(command)
        seed = program("validate a.txt --format json").seeds()["a.txt"]
        assert [(each["rule"], each["status"]) for each in seed["findings"]] == [("blank-lines", "accepted")]
    assert text_of("a.txt") == MENDED + "\n\n\nA third line\n"


# --- --diff, --to and standard input ----------------------------------------------------------------------------------


def test_diff_writes_nothing(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    put("b.txt", CLEAN)
    before = content(archive)
    done = program("repair --diff .")
    assert content(archive) == before
    assert done.code == 1
    assert done.lines()[:3] == ["--- a/a.txt", "+++ b/a.txt", "@@ -1,2 +1,2 @@"]
    assert [line for line in done.lines() if line.startswith("+")][1:] == [f"+{line}" for line in MENDED.splitlines()]
    assert "1 would be repaired, with 4 fixes" in done.err
    assert "undo" not in done.err


@pytest.mark.parametrize(("text", "code"), [(CLEAN, 0), ("A line.\n\n\n\nOne.\n", 0), ("It is \ufffd here.\n", 1)])
def test_diff_of_what_cannot_be_mended(program: Program, archive: Path, text: str, code: int) -> None:
    put("a.txt", text)
    done = program("repair --diff a.txt")
    assert (done.code, done.out) == (code, "")


def test_copies_are_what_the_repair_in_place_gives(program: Program, archive: Path, tmp_path: Path) -> None:
    (archive / "validator.toml").write_text("")
    put("one/a.txt", FIELD)
    put("one/b.txt", CLEAN)
    put("one/b.txt.meta.yaml", "source: plain-text\n")
    put("two/c.txt", 'The keeper"s mark\r\n')
    put("two/c.txt.meta.yaml", "source: plain-text\n")
    before = content(archive)
    copied = program(f"repair . --unsafe --by Tester --to {tmp_path / 'copies'}")
    assert content(archive) == before
    in_place = program("repair . --unsafe --by Tester")
    copies = content(tmp_path / "copies")
    mended = outside_of_the_record(archive)
    del mended["validator.toml"]
    assert copies == mended
    assert copies["one/a.txt"] == FIELDLESS.encode()
    assert (copied.code, copied.out) == (in_place.code, in_place.out)


def test_copies_do_not_go_over_the_seeds(program: Program, archive: Path, tmp_path: Path) -> None:
    put("a.txt", MARKED)
    put("folder/b.txt", MARKED)
    assert program("repair . --to .").code == 2
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies/folder").symlink_to(archive / "folder")
    done = program(f"repair folder --to {tmp_path / 'copies'}")
    assert done.code == 1
    assert "left as it was" in done.err
    assert text_of("folder/b.txt") == MARKED
    put("file", "")
    done = program("repair a.txt --to file/below")
    assert done.code in (1, 2)
    assert text_of("a.txt") == MARKED


def test_standard_input(program: Program, archive: Path) -> None:
    done = program("repair -", stdin=MARKED.encode())
    assert (done.code, done.out) == (0, MENDED)
    assert done.err.startswith("repaired -: ")
    done = program("repair - -q", stdin=(MARKED + "\n\n\n\nEnd\n").encode())
    assert done.err == "-:4:1: info blank-lines 3 blank lines in a row, expected at most 1 [unsafe]\n"
    assert program("repair - --diff", stdin=MARKED.encode()).lines()[0] == "--- a/-"
    assert outside_of_the_record(archive) == {"validator.toml": PLAIN.encode()}
    assert not Path(".validator").exists()


def test_a_copy_overwrites_nothing(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    put("d/a.txt", MARKED)
    put("d/d/a.txt", "Another seed \n")
    put("out/a.txt", "A seed of somebody else \r\n")
    for command, name in (("repair --to out a.txt", "out/a.txt"), ("repair --to d d/a.txt", "d/d/a.txt")):
        before = content(archive)
        done = program(command)
        assert done.code == 1
        assert "a file of this name has another content" in done.err
        assert content(archive)[name] == before[name]
    assert program("repair --to new a.txt").code == program("repair --to new a.txt").code  # the same copy again
    assert text_of("new/a.txt") == MENDED


def test_standard_input_to_the_byte(archive: Path) -> None:
    for given in (b"\xff\x00\xc0\xc1\xfe", b"", b"plain\n", "\ufeffone\n".encode("utf-16-le")):
        done = subprocess.run(
            [sys.executable, "-m", "validator", "repair", "-"], input=given, capture_output=True, check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )  # fmt: skip
        assert done.stdout == given
        assert done.returncode == int(given != b"plain\n")
        assert b"Traceback" not in done.stderr


def test_standard_input_moves_nothing_to_a_sidecar(program: Program, archive: Path) -> None:
    done = program("repair - --unsafe --source chinamil-text", stdin=FIELD.encode())
    assert done.out == FIELD
    assert "leaked-field" in done.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("repair - a.txt", "`-` goes alone"),
        ("repair - --to b", "`-` goes alone"),
        ("repair a.txt --to b --diff", "give one of them"),
        ("repair a.txt --stdin-filename b", "--stdin-filename goes with `-`"),
        ("repair a.txt --select no-such", 'no rule or family is called "no-such"'),
        ("repair nowhere.txt", "not found: nowhere.txt"),
        ("undo", "name the seeds, or say --last"),
        ("undo a.txt --last", "name the seeds, or say --last"),
        ("undo --last", "no repair is on record that could be undone"),
        ("history", "PATH"),
    ],
)
def test_wrong_usage(program: Program, archive: Path, line: str, said: str) -> None:
    put("a.txt", MARKED)
    done = program(line)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
    assert text_of("a.txt") == MARKED


# --- exit codes, and what is left alone -------------------------------------------------------------------------------

ERRORS = "It is \ufffd here  \r\n"  # two safe fixes, and an error that remains


@pytest.mark.parametrize(
    ("text", "fail_on", "code"),
    [
        (MARKED, "info", 0), (ERRORS, "error", 1), (ERRORS, "never", 0), ("One.\n\n\n\nTwo", "info", 1),
        ("One.\n\n\n\nTwo", "warning", 0),
    ],
)  # fmt: skip
def test_exit_codes_are_those_of_validate_on_what_remains(
    program: Program, archive: Path, text: str, fail_on: str, code: int
) -> None:
    (archive / "validator.toml").write_text(f'fail-on = "{fail_on}"\n{PLAIN}')
    put("a.txt", text)
    assert program("repair a.txt").code == code
    assert program("validate a.txt").code == code


def test_what_was_not_judged_is_never_a_success(program: Program, archive: Path) -> None:
    (archive / "validator.toml").write_text('limit-bytes = 40\nfail-on = "never"\n')
    put("large.txt", MARKED)
    put("unknown.txt", "No schema knows it  \n")
    done = program("repair large.txt")
    assert done.code == 1
    assert "file-too-large" in done.out
    assert "1 unreadable" in done.err
    assert text_of("large.txt") == MARKED
    assert program("repair unknown.txt").code == 1
    assert program("repair -", stdin=MARKED.encode()).code == 1
    assert program("repair -", stdin=MARKED.encode()).out == ""


def test_orphaned_sidecars_are_told_as_validate_tells_them(program: Program, archive: Path) -> None:
    (archive / "validator.toml").write_text(f'fail-on = "warning"\n{PLAIN}')
    put("gone.txt.meta.yaml", "source: plain-text\n")
    for _ in range(2):  # alone, and beside a seed
        done = program("repair .")
        assert done.code == program("validate .").code == 1
        assert "gone.txt.meta.yaml:1:1: warning sidecar-orphan" in done.out
        put("a.txt", MARKED)
    assert text_of("a.txt") == MENDED or program("repair a.txt").code == 0


def test_a_fault_of_the_program_leaves_the_seed_alone(
    program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_on_b(data: bytes, *arguments: Any, **named: Any) -> Any:
        if b"keeper" in data:
            raise ZeroDivisionError("in the middle of it")
        return repair_seed(data, *arguments, **named)

    monkeypatch.setattr("validator.preservation.repairing.repair_seed", fails_on_b)
    put("a.txt", MARKED)
    put("b.txt", "Another line  \n")
    done = program("repair .")
    assert done.code == 3
    assert text_of("a.txt") == MARKED
    assert text_of("b.txt") == "Another line\n"
    assert "a.txt was left as it was: the program failed on it: ZeroDivisionError: in the middle of it" in done.err
    assert "verdicts: 1 valid, 1 unchecked" in done.err
    done = program("repair -", stdin=MARKED.encode())
    assert (done.code, done.out) == (3, "")


def test_an_interrupt_says_how_far_it_came(program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted_on_b(data: bytes, *arguments: Any, **named: Any) -> Any:
        if b"Another" in data:
            raise KeyboardInterrupt
        return repair_seed(data, *arguments, **named)

    monkeypatch.setattr("validator.preservation.repairing.repair_seed", interrupted_on_b)
    put("a.txt", MARKED)
    put("b.txt", "Another line  \n")
    done = program("repair .")
    assert done.code == 130
    assert text_of("a.txt") == MENDED
    assert text_of("b.txt") == "Another line  \n"
    assert "interrupted; what is listed above was done" in done.err
    assert "1 seed: 1 repaired" in done.err


def test_a_file_that_is_edited_meanwhile_is_left_alone(
    program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited(data: bytes, *arguments: Any, **named: Any) -> Any:
        put("a.txt", "An editor was here.\n")
        return repair_seed(data, *arguments, **named)

    monkeypatch.setattr("validator.preservation.repairing.repair_seed", edited)
    put("a.txt", MARKED)
    done = program("repair a.txt")
    assert done.code == 1
    assert "a.txt was left as it was: " in done.err
    assert outside_of_the_record(archive)["a.txt"] == b"An editor was here.\n"
    assert not [name for name in content(archive) if PART_SUFFIX in name or name.endswith(".jsonl")]


def test_links_are_refused(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    Path("link.txt").symlink_to("a.txt")
    done = program("repair link.txt")
    assert done.code == 1
    assert "link.txt was left as it was: " in done.err
    assert "link" in done.err
    assert Path("link.txt").is_symlink()
    assert text_of("a.txt") == MARKED


def test_what_lies_outside_of_the_archive_keeps_its_record_beside_it(
    program: Program, archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / ".validator").mkdir()  # so that it is found here, whatever lies in the folders above
    (outside / "a.txt").write_bytes(MARKED.encode())
    assert program(f"repair --source plain-text {outside}").code == 0
    assert (outside / ".validator" / "events" / "a.txt.jsonl").is_file()
    assert not (archive / ".validator" / "events").exists()
    assert "carried out" in program(f"history {outside / 'a.txt'}").out
    assert program(f"verify {outside}").code == 0
    assert program(f"undo {outside / 'a.txt'}").code == 0
    assert (outside / "a.txt").read_bytes() == MARKED.encode()


def test_a_folder_that_cannot_be_written_to(program: Program, archive: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to the superuser")
    put("folder/a.txt", MARKED)
    Path("folder").chmod(0o500)
    done = program("repair folder")
    Path("folder").chmod(0o700)
    assert done.code == 1
    assert "a.txt was left as it was: there is no permission" in done.err
    assert text_of("folder/a.txt") == MARKED


def test_a_rejected_repair_is_told_whatever_was_selected(
    program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_rogue(data: bytes, *arguments: Any, **named: Any) -> Any:
        return repair_seed(data, *arguments, check=rogue, **named)

    def rogue(data: bytes, *arguments: Any, **named: Any) -> SeedReport:
        report = validator.engine.checking.check_seed(data, *arguments, **named)
        place = Position(1, 1, 0, 0)
        fix = Fix(Applicability.SAFE, "a rogue's", (Edit(0, 3, "A"),))
        found = Finding("final-newline", RULES["final-newline"].family, Severity.WARNING, "a rogue", place, place, fix)
        return replace(report, findings=(*report.findings, found))

    monkeypatch.setattr("validator.preservation.repairing.repair_seed", with_rogue)
    put("a.txt", MARKED)
    done = program("repair a.txt --select final-newline")
    assert done.code == 1
    assert "a.txt:1:1: error repair-rejected the repair by final-newline was not carried out" in done.out
    assert text_of("a.txt") == MARKED


# --- undo -------------------------------------------------------------------------------------------------------------


def test_undo_gives_back_the_bytes(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    put("b.txt", "Another line  \n")
    before = outside_of_the_record(archive)
    program("repair .")
    done = program("undo a.txt")
    assert (done.code, done.out, done.err) == (0, "undone a.txt\n", "")
    assert Path("a.txt").read_bytes() == MARKED.encode()
    assert text_of("b.txt") == "Another line\n"
    assert program("undo --last").out == "undone b.txt\n"
    assert outside_of_the_record(archive) == before
    done = program("undo a.txt")
    assert (done.code, done.out) == (0, "")  # that a seed has no repair is said, and is no failure
    assert done.err == "validator: a.txt: no repair of it is on record that could be undone\n"


def test_undo_is_refused_where_the_seed_was_edited_since(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    put("b.txt", MARKED)
    program("repair .")
    put("a.txt", MENDED + "A line that a curator wrote.\n")
    done = program("undo --last")
    assert (done.code, done.out) == (1, "undone b.txt\n")
    assert re.fullmatch(r"validator: a\.txt: it is no longer what the repair of \S+ left: .*\n", done.err)
    assert text_of("a.txt") == MENDED + "A line that a curator wrote.\n"


def test_last_is_the_last_run_and_the_one_before_it_next(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    program("repair .")
    put("b.txt", MARKED)
    program("repair .")
    assert program("undo --last").out == "undone b.txt\n"
    assert program("undo --last").out == "undone a.txt\n"
    assert program("undo --last").code == 2


# --- history and verify -----------------------------------------------------------------------------------------------


def test_history(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    assert program("history a.txt").lines() == ["a.txt", "  no event is on record"]
    program("repair . --by Tester")
    program("undo a.txt")
    done = program("history a.txt")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.lines())) <= 80
    said = " ".join(done.out.split())
    assert re.search(r"modification: undone, by Tester .* recovery: carried out, by A\. Curator", said)
    assert "quote-for-apostrophe at 10: '\"' became \"'\"" in said
    assert hashlib.sha256(MARKED.encode()).hexdigest() in said
    assert hashlib.sha256(MENDED.encode()).hexdigest() in said


def test_history_of_a_recoding(program: Program, archive: Path) -> None:
    text = "這一段文字站在報導的位置上，說明它自己，並且沒有別的內容，只為了檢查編碼。" * 4 + "\n"
    put("a.txt", ("\ufeff" + text).encode("utf-16-le"))
    done = program("repair a.txt --unsafe --diff")
    assert "# a.txt: from utf-16" in done.out
    program("repair a.txt --unsafe")
    assert Path("a.txt").read_text("utf-8") == text
    assert "not-utf8: from utf-16" in program("history a.txt").out


def test_verify(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    put("b.txt", CLEAN)
    program("repair .")
    done = program("verify .")
    assert (done.code, done.out, done.err) == (0, "", "2 seeds: 1 ok, 1 no event\n")
    put("a.txt", MENDED.replace("first", "worst"))
    done = program("verify .")
    assert done.code == 1
    assert re.match(r"a\.txt: its sha256 is [0-9a-f]{64}, the event of \S+ left [0-9a-f]{64}\n", done.out)
    assert done.err == "2 seeds: 1 differs, 1 no event\n"


def test_verify_without_a_path_means_this_folder(
    program: Program, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("folder/a.txt", MARKED)
    program("repair .")
    for place, said in (("folder", "1 seed: 1 ok\n"), (".", "1 seed: 1 ok\n")):
        monkeypatch.chdir(archive / place)
        assert (program("verify").code, program("verify").err) == (0, said)
    (archive / "folder/a.txt").unlink()
    done = program("verify")
    assert (done.code, done.err.endswith("1 seed: 1 gone\n")) == (1, True), "what was repaired here is meant too"
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    done = program("verify")
    assert done.code == 2
    assert "name the files or folders to verify" in " ".join(done.err.split())


def test_verify_notices_a_seed_that_is_gone(program: Program, archive: Path) -> None:
    put("folder/a.txt", MARKED)
    put("folder/b.txt", CLEAN)
    program("repair .")
    Path("folder/a.txt").unlink()
    for where in (".", "folder"):
        done = program(f"verify {where}")
        assert done.code == 1
        assert "folder/a.txt: it is gone; its events are on record\n" in done.out
    put("other/c.txt", CLEAN)
    assert program("verify other").code == 0


def test_a_bag(program: Program, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bag = tmp_path / "bag"
    put(str(bag / "a.txt"), MARKED)
    put(str(bag / "b.txt"), CLEAN)
    bagit = [sys.executable, "-m", "bagit", "--quiet"]
    subprocess.run([*bagit, str(bag)], check=True)
    put(str(bag / "validator.toml"), PLAIN)
    monkeypatch.chdir(bag)
    refused = program("repair data")
    assert refused.code == 1
    assert "--update-manifest" in refused.err
    assert (bag / "data/a.txt").read_bytes() == MARKED.encode()
    for command in ("repair", "undo"):
        done = program(command, "data/a.txt", "--update-manifest")
        assert done.code == 0, done.err
        subprocess.run([*bagit, "--validate", str(bag)], check=True)
        assert program("verify data").code == 0
    tags = {path: path.read_bytes() for path in bag.glob("*.txt")}
    put(str(bag / "bag-info.txt"), "Keeper: nobody  \n")
    described = program("repair bag-info.txt --update-manifest")
    assert described.code == 1
    assert "it is not payload of the bag" in described.err
    for path, found in tags.items():
        path.write_bytes(found)
    (bag / "data/b.txt").write_text("Not what was bagged.\n")
    damaged = program("verify data")
    assert damaged.code == 1
    assert "the bag's manifest has" in damaged.out


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [b"two\nlines.txt", b"-q.txt", "國防部 說.txt".encode(), b"\xff\xfe.txt", b"\x1b[31m.txt", b"a'b\"c.txt"]
)
def test_names_of_every_kind(program: Program, archive: Path, name: bytes) -> None:
    seed = Path(os.fsdecode(name))
    try:
        seed.write_bytes(MARKED.encode())
    except OSError:
        pytest.skip("this file system has no such names")
    path = b"./" + name
    mended = in_a_process("repair", path)
    assert mended.code == 0, mended.err
    assert seed.read_text() == MENDED
    assert mended.out.startswith("repaired ")
    assert "\x1b" not in mended.out
    named = os.fsdecode(path)
    assert program("history", named).out.count("carried out") == 1
    assert program("verify", named).err == "1 seed: 1 ok\n"
    undone = program("undo", named)
    assert (undone.code, len(undone.out.splitlines())) == (0, 1)
    assert seed.read_bytes() == MARKED.encode()
    assert program("undo --last").code == 2
    assert program("repair", named).code == 0
    assert program("undo --last").code == 0
    assert seed.read_bytes() == MARKED.encode()


# --- from Python ------------------------------------------------------------------------------------------------------


def test_from_python() -> None:
    repaired = validator.repair(MARKED, source="plain-text")
    assert isinstance(repaired, validator.Repaired)
    assert repaired.data == MENDED.encode()
    assert repaired.is_changed
    assert {change.rule for change in repaired.changes} == {
        "final-newline", "line-endings", "quote-for-apostrophe", "trailing-whitespace",
    }  # fmt: skip
    assert repaired.report == validator.validate(MENDED, source="plain-text")
    assert repaired.before == validator.validate(MARKED, source="plain-text")
    assert not validator.repair(MENDED, source="plain-text").is_changed


def test_from_python_unsafe_asks_for_the_sidecar() -> None:
    held = validator.repair(FIELD, path="a.txt")
    assert (held.data, held.lifts) == (FIELD.encode(), ())
    assert [each.finding.rule for each in held.held] == ["leaked-field"]
    repaired = validator.repair(FIELD, path="a.txt", unsafe=True)
    assert repaired.data == FIELDLESS.encode()
    assert [(lift.field, lift.value) for lift in repaired.lifts] == [("date_published", "2021-06-14")]


def test_from_python_with_what_validate_takes() -> None:
    large = validator.repair(MARKED, settings=validator.Settings(limit_bytes=10))
    assert (large.data, large.report.verdict) == (MARKED.encode(), Verdict.UNREADABLE)
    with pytest.raises(validator.ConfigError, match="no source is called"):
        validator.repair(MARKED, source="plain-txt")
    sidecar = (
        "source: plain-text\naccept:\n  - {rule: final-newline, reason: so, by: b, on: 2026-01-01, until: 2026-02-01}\n"
    )
    ended = {
        day: validator.repair("One.", sidecar=sidecar, today=day).data for day in (date(2026, 1, 1), date(2026, 3, 1))
    }
    assert list(ended.values()) == [b"One.", b"One.\n"]  # what is accepted stays
    assert validator.repair("One.", sources=own_sources(), source="plain-text").data == b"One.\n"


def test_from_python_gives_what_the_command_writes(program: Program, archive: Path) -> None:
    put("a.txt", MARKED)
    program("repair a.txt")
    assert Path("a.txt").read_bytes() == validator.repair(MARKED, source="plain-text").data
    event = json.loads(text_of(".validator/events/a.txt.jsonl"))
    assert hashlib.sha256(MARKED.encode()).hexdigest() in json.dumps(event)
