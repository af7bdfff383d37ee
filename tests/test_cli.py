"""The command line: every command and option, in archives made of the specimens; exit codes, streams and files."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from running import CHECKOUT, COMMAND, Done, Program, content, environment, in_a_process, pieces_of, put, refused

import validator
import validator.cli.terminal
from validator.archive.face import own_sources
from validator.archive.runner import run as run_in_order
from validator.record.sidecar_writing import attest as write_attested
from validator.reports.display import width_of
from validator.rules import RULES
from validator.rules.views import Found
from validator.text.findings import SeedReport

SPECIMENS = sorted(path.name for path in (CHECKOUT / "seeds").iterdir() if path.is_dir())

MOD = "mod-gov-cn/as-captured.txt"
MOD_CURATED = "mod-gov-cn/curated.txt"
AGENCY = "chinanews-translated/as-captured.txt"
DISPUTED = "zaobao-jekyll/as-captured.md"
CLEAN = "zaobao-jekyll/curated.md"

SCHEMA = """\
id: gazette
title: The gazette of this test
extends: base
identify: {paths: ['**/gazette/**']}
container: plain-text
language: en
record:
  headline: [{pattern: '\\A(?P<value>[^\\n]{3,160})\\n'}]
  required: {headline: error, byline: optional, date_published: optional, source_url: optional}
examples:
  - name: one that is sound
    path: gazette/one.txt
    text: "A headline stands here\\n\\nAnd a text stands below it.\\n"
    verdict: valid
    record: {headline: A headline stands here}
    findings: []
"""

IDENTIFIED = ("article", "html-page", "jekyll-copy", "jekyll-post", "text-article")  # besides the five


@pytest.fixture
def archive(specimens: Path) -> Path:
    return specimens


def loaded(text: str) -> Any:
    """What YAML holds, every scalar as text."""
    return yaml.load(text, yaml.BaseLoader)


def configure(archive: Path, text: str) -> None:
    (archive / "validator.toml").write_text(text, "utf-8")


# --- the program ------------------------------------------------------------------------------------------------------


def test_version(program: Program) -> None:
    done = program("--version")
    assert (done.code, done.out, done.err) == (0, f"validator {validator.__version__}\n", "")


COMMANDS = {
    *("validate", "repair", "undo", "history", "verify"),
    *("review", "record", "identify", "attest", "accept", "reject", "rules", "explain", "compare"),
    *("init", "completion", "help", "version", "schema"),
    *("baseline", "baseline create", "baseline update", "baseline prune"),
    *("sources", "sources list", "sources show", "sources check", "sources learn", "sources new", "sources try"),
    "sources drift",
}


@pytest.mark.parametrize("command", ["", *sorted(COMMANDS)])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_of_each_command(program: Program, command: str, option: str) -> None:
    done = program(f"{command} {option}")
    assert done.code == 0
    assert done.out.startswith(f"Usage: validator {command}".rstrip())
    assert max(map(len, done.lines())) <= 80
    assert "..." not in done.out.partition("Commands:")[2]  # no summary is cut


def test_help_names_every_command(program: Program) -> None:
    listed = re.findall(r"^  (\w+)", program("-h").out.partition("Commands:")[2], re.MULTILINE)
    for group in ("sources", "baseline"):
        below = re.findall(r"^  (\w+)", program(f"{group} -h").out.partition("Commands:")[2], re.MULTILINE)
        listed.extend(f"{group} {name}" for name in below)
    assert {*listed} == COMMANDS


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("valdate", 'no command is called "valdate"; did you mean "validate"?'),
        (
            "zzz",
            'no command is called "zzz"; commands are validate, identify, rules, explain, baseline, compare, repair, review',
        ),
        ("sources shw", 'no command is called "shw"; did you mean "show"?'),
        ("validate --selct quotes .", "--selct"),
        ("validate --format xml .", "xml"),
        ("validate --fail-on fatal .", "fatal"),
        ("validate --jobs 0 .", "0"),
        ("validate --output . .", "directory"),
        ("record", "PATHS"),
        ("attest a.txt headline x", "--basis"),
        ("accept a.txt final-newline", "--reason"),
        ("explain", "RULE"),
    ],
)
def test_wrong_usage(program: Program, line: str, said: str) -> None:
    done = program(line)
    assert done.code == 2
    assert done.out == ""
    assert said in " ".join(done.err.split())


def test_module_and_script_are_one(archive: Path) -> None:
    start = "import sys; from validator.cli import main; sys.argv[0] = 'validator'; main()"
    for arguments in (["validate", MOD, "--format", "json"], ["explain", "no-such-rule"]):
        script = subprocess.run(
            [sys.executable, "-c", start, *arguments], capture_output=True, check=False, env=environment()
        )
        module = in_a_process(*arguments)
        assert (script.returncode, script.stdout.decode(), script.stderr.decode()) == (
            module.code, module.out, module.err,
        )  # fmt: skip


def test_fault_of_the_program_is_said_in_a_line(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall_over(*_: object, **__: object) -> None:
        raise RuntimeError("it fell\nover")

    monkeypatch.setattr("validator.cli.commands.record.judged", fall_over)
    done = program(f"record {MOD}")
    assert done.code == 3
    assert done.out == ""
    assert re.fullmatch(r"validator: a fault of the program: RuntimeError: it fell over \(.*\)\n", done.err)


def test_output_that_nobody_reads(archive: Path) -> None:
    for arguments in (["rules"], ["validate", CLEAN]):  # the second writes at the very end
        reading, writing = os.pipe()
        os.close(reading)
        try:
            done = subprocess.run(
                [*COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, check=False, env=environment()
            )
        finally:
            os.close(writing)
        assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("form", ["text", "junit"])
def test_output_that_cannot_be_written(archive: Path, form: str) -> None:
    command = [*COMMAND, "validate", ".", "--format", form]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, env=environment())
    assert done.returncode == 2
    assert done.stderr == b"validator: no space left on device\n"


@pytest.mark.parametrize(
    ("closed", "line", "code"), [("<&-", "validate -", 2), (">&-", "rules", 0), ("2>&-", "rules", 0)]
)
def test_closed_streams(archive: Path, closed: str, line: str, code: int) -> None:
    command = f"{shlex.join(COMMAND)} {line} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, env=environment())
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


# --- validate: exit codes ---------------------------------------------------------------------------------------------

ERROR = 'The editor"s note came late.\n'
WARNING = "The note came late.  \n"
INFO = "The note came.\n\n\n\nIt came late.\n"


def test_curated_specimens_are_valid(program: Program) -> None:
    curated = sorted(
        str(path.relative_to(Path.cwd())) for path in Path.cwd().glob("*/curated.*") if path.suffix != ".yaml"
    )
    assert len(curated) == len(SPECIMENS)
    done = program("validate", *curated)
    assert (done.code, done.err) == (0, "")
    assert f"{len(SPECIMENS)} seeds: {len(SPECIMENS)} valid" in done.out


def test_each_captured_specimen_has_its_source_and_errors(program: Program) -> None:
    done = program("validate . --format json")
    assert done.code == 1
    captured = {path: seed for path, seed in done.seeds().items() if "as-captured" in path}
    assert {seed["source"] for seed in captured.values()} == set(SPECIMENS)
    assert {seed["verdict"] for seed in captured.values()} == {"invalid"}


@pytest.mark.parametrize(
    ("text", "fail_on", "code"),
    [
        *((ERROR, severity, 1) for severity in ("error", "warning", "info")),
        *((WARNING, severity, code) for severity, code in (("error", 0), ("warning", 1), ("info", 1))),
        *((INFO, severity, code) for severity, code in (("error", 0), ("warning", 0), ("info", 1))),
        *((text, "never", 0) for text in (ERROR, WARNING, INFO)),
        *((text, "", code) for text, code in ((ERROR, 1), (WARNING, 0), (INFO, 0))),
    ],
)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_fail_on(program: Program, archive: Path, text: str, fail_on: str, code: int, format_: str) -> None:
    (archive / "seed.txt").write_text(text)
    option = f"--fail-on {fail_on}" if fail_on else ""
    done = program(f"validate seed.txt --source plain-text --format {format_} {option}")
    assert done.code == code
    configure(archive, f'fail-on = "{fail_on}"' if fail_on else "")
    assert program(f"validate seed.txt --source plain-text --format {format_}").code == code


@pytest.mark.parametrize(
    ("name", "seed", "verdict"),
    [
        ("somewhere/unknown.txt", b"A text that no schema knows anything about.\n", "unidentified"),
        ("somewhere/broken.md", b'---\ntitle: "never closed\n---\nText.\n', "malformed"),
        ("somewhere/large.txt", b"A text of more bytes than ten.\n", "unreadable"),
    ],
)
def test_what_was_not_judged_is_never_a_success(
    program: Program, archive: Path, name: str, seed: bytes, verdict: str
) -> None:
    if verdict == "unreadable":
        configure(archive, "limit-bytes = 10")
    (archive / "somewhere").mkdir()
    (archive / name).write_bytes(seed)
    source = "--source front-matter" if verdict == "malformed" else ""
    done = program(f"validate {name} {source} --select quotes --fail-on never --format json")
    assert done.seeds()[name]["verdict"] == verdict
    assert done.seeds()[name]["findings"] == []
    assert done.code == 1


def break_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object) -> Iterator[Found]:
        raise ZeroDivisionError("the rule of this test")

    name = "empty-file"  # it is asked about every seed
    monkeypatch.setitem(RULES, name, replace(RULES[name], check=check))


def test_fault_in_a_rule(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    break_a_rule(monkeypatch)
    done = program(f"validate {MOD} {CLEAN} --format json --jobs 1")
    assert done.code == 3
    assert {seed["verdict"] for seed in done.seeds().values()} == {"unchecked"}
    assert "the rule of this test" in done.seeds()[MOD]["fault"]
    assert program("validate --format json -", stdin=ERROR.encode()).code == 3
    recorded = program(f"record {MOD}")
    assert (recorded.code, "the program failed on the seed" in recorded.out) == (3, True)
    monkeypatch.undo()


@pytest.mark.parametrize("arguments", [["nowhere.txt"], [MOD, "nowhere.txt"], ["nowhere"], ["-", "nowhere.txt"]])
def test_missing_path(program: Program, arguments: list[str]) -> None:
    done = program("validate", *arguments, "--format", "text")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("validator: not found: nowhere")
    assert "nothing was checked" in done.err


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        (["drafts/"], []),
        (["drafts/a.txt"], []),
        (["drafts/a.txt", "drafts"], []),
        (["drafts/a.txt", CLEAN], [CLEAN]),
        (["."], None),
    ],
)
def test_excluded_arguments(program: Program, archive: Path, arguments: list[str], listed: list[str] | None) -> None:
    configure(archive, 'exclude = ["drafts/"]')
    put(archive / "drafts" / "a.txt", ERROR)
    done = program("validate", *arguments, "--format", "json", "--fail-on", "never")
    assert done.code == 0
    if listed is None:
        assert len(done.seeds()) == 10
        return
    excluded = [each for each in arguments if each.startswith("drafts")]
    assert done.err.splitlines() == [f"validator: {each} is excluded by the configuration" for each in excluded]
    assert (list(done.seeds()) if listed else done.out) == (listed or "")


def test_a_seed_is_judged_once(program: Program, archive: Path) -> None:
    arguments = [
        MOD,
        f"./{MOD}",
        MOD,
        "mod-gov-cn",
        f"{archive}/{MOD}",
        "mod-gov-cn/../mod-gov-cn/",
        f"{MOD_CURATED}.meta.yaml",
    ]
    done = program("validate", *arguments, "--format", "json")
    assert list(done.seeds()) == [MOD, MOD_CURATED]
    assert json.loads(done.out)["summary"]["seeds"] == 2


def test_orphaned_sidecar(program: Program, archive: Path) -> None:
    (archive / MOD_CURATED).unlink()
    done = program("validate mod-gov-cn --format json --ignore record,quotes")
    orphan = done.seeds()[f"{MOD_CURATED}.meta.yaml"]
    assert orphan["verdict"] is None
    assert [finding["rule"] for finding in orphan["findings"]] == ["sidecar-orphan"]
    assert json.loads(done.out)["summary"]["seeds"] == 1
    assert done.code == 0
    assert program("validate mod-gov-cn --fail-on warning --select sidecar-orphan").code == 1
    assert program("validate mod-gov-cn --fail-on warning --select final-newline").code == 0


def test_seeds_outside_of_the_root_have_absolute_names(program: Program, archive: Path) -> None:
    outside = archive.parent / "outside.txt"
    outside.write_text(ERROR)
    done = program("validate ../outside.txt --source plain-text --format concise")
    assert done.code == 1
    assert done.out.startswith(f"{outside}:1:11: error quote-for-apostrophe ")


# --- validate: what is shown ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ("--select quote-for-apostrophe", {"quote-for-apostrophe"}),
        ("--select quotes", {"quote-for-apostrophe"}),
        ("--select record", {"byline-missing", "date-missing", "source-url-missing"}),
        ("--select byline-missing,date-missing", {"byline-missing", "date-missing"}),
        ("--select byline-missing --select quotes", {"byline-missing", "quote-for-apostrophe"}),
        ("--select record, --ignore date-missing,source-url-missing", {"byline-missing"}),
        ("--ignore record --ignore quotes", set()),
        ("--ignore record", {"quote-for-apostrophe"}),
        ("", {"byline-missing", "date-missing", "source-url-missing", "quote-for-apostrophe"}),
    ],
)
def test_select_and_ignore(program: Program, options: str, shown: set[str]) -> None:
    done = program(f"validate {MOD} --format concise {options}")
    assert set(done.rules()) == shown
    assert done.code == int(bool(shown))
    assert program(f"validate {MOD} --format json {options}").seeds()[MOD]["verdict"] == "invalid"


def test_what_was_not_shown_is_said(program: Program) -> None:
    done = program(f"validate {MOD} --select quotes")
    hidden = re.sub(r"\s+", " ", done.out.partition("Not shown")[2])
    assert "byline-missing" in hidden
    assert "quote-for-apostrophe" not in hidden
    profile = json.loads(program(f"validate {MOD} --select quotes --format json").out)["profile"]
    assert sorted(profile["rules_not_shown"]) == sorted(name for name, rule in RULES.items() if rule.family != "quotes")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--select quote", 'no rule or family is called "quote" (did you mean "quotes"?)'),
        ("--select quotes,final-newlin", 'called "final-newlin" (did you mean "final-newline"?)'),
        ("--ignore by-line-missing", '(did you mean "byline-missing"?)'),
        ("--ignore zzz", 'no rule or family is called "zzz"; `validator rules` lists them'),
        ("--source mod-gov", '--source: no source is called "mod-gov" (did you mean "mod-gov-cn"?)'),
        ("--schemas nowhere", "nowhere: there is no such folder of schemas"),
        ("--config nowhere.toml", "nowhere.toml: there is no such configuration file"),
        ("--config validator.toml --no-config", "--config and --no-config were both given"),
        ("--stdin-filename a.txt", "--stdin-filename goes with `-`"),
    ],
)
def test_wrong_options(program: Program, options: str, said: str) -> None:
    done = program(f"validate {MOD} {options}")
    refused(done, said)
    assert done.err.count("\n") == 1


def test_formats_say_the_same(program: Program) -> None:
    document = json.loads(program("validate . --format json").out)
    lines = [json.loads(line) for line in program("validate . --format jsonl").lines()]
    concise = program("validate . --format concise")
    text = program("validate . --verbose")
    found = [
        (seed["path"], each["rule"])
        for seed in document["seeds"]
        for each in seed["findings"]
        if each["status"] == "open"
    ]
    assert len(document["seeds"]) == 10
    assert {line["path"] for line in lines if "path" in line} == {seed["path"] for seed in document["seeds"]}
    assert sorted(concise.rules()) == sorted(rule for _, rule in found)
    assert all(re.match(r"[^:]+:\d+:\d+: (error|warning|info) [a-z-]+ \S", line) for line in concise.lines())
    assert {path for path, _ in found} <= set(text.lines())
    assert max(map(width_of, text.lines())) <= 80
    assert concise.err.startswith("10 seeds (5 valid, 5 invalid)")


def test_quiet_and_verbose(program: Program) -> None:
    plain = program(f"validate {CLEAN}")
    assert "Summary" in plain.out
    assert CLEAN not in plain.out
    assert program(f"validate {CLEAN} --quiet").out == "1 seed (1 valid); open findings: none\n"
    assert program(f"validate {CLEAN} -v").out.startswith(f"{CLEAN}\n  Source: zaobao-jekyll\n  Verdict: valid")
    quiet = program(f"validate {MOD} -q")
    assert "byline-missing" in quiet.out
    assert "Summary" not in quiet.out
    assert quiet.lines()[-1] == "1 seed (1 invalid); open findings: 8 errors, 1 warning"
    concise = program(f"validate {MOD} -q --format concise")
    assert (len(concise.rules()) > 1, concise.err) == (True, "")
    assert json.loads(program(f"validate {MOD} -q --format json").out)["summary"]["seeds"] == 1


@pytest.mark.parametrize("form", ["text", "concise", "json", "jsonl"])
def test_statistics(program: Program, form: str) -> None:
    done = program(f"validate {MOD} --format {form} --statistics")
    without = program(f"validate {MOD} --format {form}")
    table = done.out if form == "text" else done.err.removeprefix(without.err)
    assert [line.split() for line in table.split("\n") if line] == [
        ["6", "quote-for-apostrophe", "6", "safe"],
        ["1", "byline-missing"],
        ["1", "date-missing"],
        ["1", "source-url-missing"],
    ]
    assert form == "text" or done.out == without.out


def test_jobs(program: Program) -> None:
    assert program("validate . --format json --jobs 2") == program("validate . --format json --jobs 1")


# --- validate: --output -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "concise", "json", "jsonl"])
def test_output(program: Program, archive: Path, form: str) -> None:
    report = archive.parent / "report"
    report.write_text("an older and longer report\n" * 10_000)
    printed = program(f"validate . --format {form}")
    written = program(f"validate . --format {form} --output ../report")
    assert (written.code, written.out, written.err) == (printed.code, "", printed.err)
    assert report.read_text("utf-8") == printed.out


@pytest.mark.parametrize("line", ["validate nowhere.txt", "validate . --select zzz", "validate . --config zzz"])
def test_nothing_checked_leaves_the_report_as_it_was(program: Program, archive: Path, line: str) -> None:
    report = archive.parent / "report"
    report.write_text("the one before\n")
    assert program(f"{line} --output ../report").code == 2
    assert program(f"{line} --output ../other").code == 2
    assert {path.name for path in archive.parent.iterdir() if path.is_file()} == {"report"}
    assert report.read_text() == "the one before\n"


def test_output_keeps_links_and_devices(program: Program, archive: Path) -> None:
    target, link = archive.parent / "target", archive.parent / "link"
    target.write_text("old")
    link.symlink_to(target)
    program(f"validate {CLEAN} --format jsonl --output ../link")
    assert link.is_symlink()
    assert target.read_text("utf-8") == program(f"validate {CLEAN} --format jsonl").out

    if Path("/dev/stdout").exists():
        done = in_a_process("validate", CLEAN, "--format", "jsonl", "--output", "/dev/stdout")
        assert done.out.encode() == target.read_bytes()


# --- validate: the configuration --------------------------------------------------------------------------------------


def test_configuration_is_found_upwards(program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(archive, 'select = ["quotes"]\n[[overrides]]\npaths = ["mod-gov-cn/as-*"]\nselect = ["byline-missing"]')
    monkeypatch.chdir(archive / "mod-gov-cn")
    done = program("validate as-captured.txt --format concise")
    assert done.rules() == ["byline-missing"]
    assert done.out.startswith(f"{MOD}:1:1:")
    bare = program("validate as-captured.txt --format concise --no-config")
    assert {"byline-missing", "quote-for-apostrophe"} < set(bare.rules())
    assert bare.out.startswith("as-captured.txt:1:1:")
    (archive / "other.toml").write_text('ignore = ["record"]')
    assert set(program("validate as-captured.txt --format concise --config ../other.toml").rules()) == {
        "quote-for-apostrophe"
    }


def test_overrides(program: Program, archive: Path) -> None:
    configure(
        archive,
        """
        ignore = ["source-url-missing"]
        [[overrides]]
        paths = ["mod-gov-cn/"]
        fail-on = "never"
        ignore = ["record"]
        [[overrides]]
        paths = ["mixed/**"]
        source = "plain-text"
        """,
    )
    done = program(f"validate {MOD} --format concise")
    assert (done.code, set(done.rules())) == (0, {"quote-for-apostrophe"})
    assert program(f"validate {MOD} --fail-on error").code == 1  # the command line wins
    assert program("validate mod-gov-cn chinamil-text").code == 1
    put(archive / "mixed" / "a.txt", "A text that no schema knows anything about.\n")
    mixed = program("validate mixed --format json")
    assert (mixed.code, mixed.seeds()["mixed/a.txt"]["source"]) == (0, "plain-text")
    assert mixed.seeds()["mixed/a.txt"]["evidence"] == ["named by the configuration"]


def test_the_command_line_selects_and_the_configuration_ignores(program: Program, archive: Path) -> None:
    configure(archive, 'select = ["quotes"]\nignore = ["date-missing"]')
    done = program(f"validate {MOD} --format concise --select record --ignore byline-missing")
    assert done.rules() == ["source-url-missing"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\nselct = ["quotes"]', 'validator.toml:2: unknown key "selct" (did you mean "select"?)'),
        (
            'select = [\n"quote"]',
            'validator.toml:2: select: no rule or family is called "quote" (did you mean "quotes"?)',
        ),
        (
            '[sources]\n"a/**" = "mod-gov"',
            'validator.toml:2: no source is called "mod-gov" (did you mean "mod-gov-cn"?)',
        ),
        ("jobs = 0", "validator.toml:1: jobs is 0"),
        ("jobs = ", "validator.toml:1: not TOML"),
        ('schemas = ["nowhere"]', "nowhere: the folder of schemas cannot be listed"),
    ],
)
@pytest.mark.parametrize("command", ["validate", "record", "identify"])
def test_wrong_configuration(program: Program, archive: Path, text: str, said: str, command: str) -> None:
    configure(archive, text)
    done = program(f"{command} {MOD}")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"validator: {said}")


def test_source_option(program: Program) -> None:
    seed = program(f"validate {MOD} --source plain-text --format json").seeds()[MOD]
    assert (seed["source"], seed["evidence"]) == ("plain-text", ["named by --source"])


def test_a_new_source_is_one_file(program: Program, archive: Path) -> None:
    put(archive / "gazette" / "a.txt", "A headline stands here\n\nAnd a text stands below it.\n")
    schemas = archive.parent / "schemas"
    schemas.mkdir()
    (schemas / "gazette.yaml").write_text(SCHEMA)
    assert program("validate gazette --format json").seeds()["gazette/a.txt"]["source"] is None
    for options in ("--schemas ../schemas", ""):
        done = program(f"validate gazette --format json {options}")
        seed = done.seeds()["gazette/a.txt"]
        assert (done.code, seed["source"], seed["record"]["headline"]) == (0, "gazette", "A headline stands here")
        assert "gazette" in program(f"sources list {options}").out
        configure(archive, 'schemas = ["../schemas"]')
    (schemas / "gazette.yaml").write_text(SCHEMA.replace("container:", "contaner:"))
    done = program("validate gazette --schemas ../schemas")
    assert (done.code, done.out) == (2, "")
    assert re.match(r'validator: .*gazette\.yaml:5: .*contaner.*did you mean "container"\?', done.err)


# --- validate: standard input and names -------------------------------------------------------------------------------


def test_standard_input(program: Program) -> None:
    done = program("validate - --source plain-text --format concise", stdin=ERROR.encode())
    assert (done.code, done.out.partition(" ")[0]) == (1, "-:1:11:")
    again = program("validate - - --source plain-text --format concise", stdin=ERROR.encode())
    assert again == done


@pytest.mark.parametrize(
    "given", [MOD_CURATED, f"./x/../{MOD_CURATED}", "{archive}/" + MOD_CURATED, "../link/" + MOD_CURATED]
)
def test_standard_input_has_the_sidecar_of_its_name(program: Program, archive: Path, given: str) -> None:
    (archive.parent / "link").symlink_to(archive)
    (archive / "x").mkdir()
    text = (archive / MOD_CURATED).read_bytes()
    (archive / MOD_CURATED).unlink()  # there need not be such a file
    done = program("validate", "-", "--stdin-filename", given.format(archive=archive), "--format", "json", stdin=text)
    assert (done.code, list(done.seeds())) == (0, [MOD_CURATED])
    assert done.seeds()[MOD_CURATED]["record"]["byline"] == ["A. Specimen"]
    nameless = program("validate - --source mod-gov-cn --format concise --select record", stdin=text)
    assert "byline-missing" in nameless.rules()


def test_standard_input_among_files(program: Program, archive: Path) -> None:
    arguments = ("validate", "zaobao-jekyll", "-", CLEAN, "chinamil-text", "--stdin-filename", "mod-gov-cn/new.txt")
    done = program(*arguments, "--format", "json", stdin=ERROR.encode())
    paths = list(done.seeds())
    assert "mod-gov-cn/new.txt" in paths
    assert paths == sorted(paths)
    assert len(paths) == len(set(paths)) == 5


def test_standard_input_outside_of_the_root(program: Program, archive: Path) -> None:
    options = "--source plain-text --format json"
    for name in ("../elsewhere.txt", f"{archive.parent}/elsewhere.txt"):
        done = program(f"validate - --stdin-filename {name} {options}", stdin=b"A text.\n")
        assert list(done.seeds()) == [f"{archive.parent}/elsewhere.txt"]
    inside = program(f"validate - --stdin-filename ..dots.txt {options}", stdin=b"A text.\n")
    assert list(inside.seeds()) == ["..dots.txt"]


def test_standard_input_over_the_limit(program: Program, archive: Path) -> None:
    configure(archive, "limit-bytes = 10")
    done = program("validate - --format concise", stdin=b"A text of more than ten bytes.\n")
    assert (done.code, done.rules()) == (1, ["file-too-large"])


def test_names_that_forge_nothing(program: Program) -> None:
    names = [os.fsdecode(name) for name in (b"a\xff.txt", b"b\nc.txt", b"d\x1b[31m.txt")]
    for name in names:
        Path(name).write_text(ERROR)
    done = program("validate", *names, "--source", "plain-text", "--select", "quotes", "--format", "concise")
    assert done.code == 1
    assert [line.partition(":")[0] for line in done.lines()] == ["a\\u{DCFF}.txt", "b\\u{A}c.txt", "d\\u{1B}[31m.txt"]
    for command in (["record"], ["identify"]):
        shown = program(*command, *names)
        assert "d\\u{1B}[31m.txt" in shown.lines()
        assert "\x1b" not in shown.out
    attested = attest(program, names[2], "headline", "A \x1b[31m red headline")
    assert attested.lines()[0] == "d\\u{1B}[31m.txt.meta.yaml: headline A \\u{1B}[31m red headline"


def test_names_that_are_not_utf8(archive: Path) -> None:
    missing = in_a_process("validate", b"\x1b[31m\xff\n")
    assert (missing.code, missing.err) == (2, "validator: not found: \\u{1B}[31m\\u{DCFF}\\u{A}; nothing was checked\n")


# --- a terminal -------------------------------------------------------------------------------------------------------


def on_a_terminal(arguments: Sequence[str], columns: int, **variables: str) -> str:
    """What the program writes to a terminal that is so many columns wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    base = {name: value for name, value in environment().items() if name not in ("NO_COLOR", "COLUMNS")}
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=theirs, stderr=theirs, env={**base, "TERM": "xterm", **variables}
    ):
        os.close(theirs)
        shown = b"".join(pieces_of(ours))
    os.close(ours)
    return shown.decode("utf-8").replace("\r\n", "\n")


def test_lines_fit_the_terminal(archive: Path) -> None:
    colored = on_a_terminal(["validate", "."], 50)
    assert "\x1b[31m" in colored
    plain = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    assert "\x1b" not in plain
    assert max(map(width_of, plain.splitlines())) in range(47, 51)
    assert on_a_terminal(["validate", "."], 50, NO_COLOR="1") == plain
    assert on_a_terminal(["validate", "."], 50, TERM="dumb") == plain


class Terminal(io.StringIO):
    """A terminal in memory."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return -1

    def screen(self) -> str:
        """What is left to be seen of the last line."""
        return self.getvalue().rpartition("\n")[2].rpartition("\r")[2].removeprefix("\x1b[K")


@pytest.mark.parametrize("columns", [50, 80, 300])
@pytest.mark.parametrize(
    "line",
    [
        f"record {MOD} {DISPUTED} {AGENCY} peoples-daily-page/as-captured.txt",
        "rules",
        "explain line-endings",
        "explain dates-disagree",
        "explain encoding",
        "sources list",
    ],
)
def test_lines_of_other_commands_fit_the_terminal(
    program: Program, monkeypatch: pytest.MonkeyPatch, columns: int, line: str
) -> None:
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((columns, 40)))
    monkeypatch.setenv("TERM", "xterm")
    for variable, value in (("", ""), ("NO_COLOR", "1"), ("TERM", "dumb")):
        if variable:
            monkeypatch.setenv(variable, value)
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdout", terminal)
        program(line)
        shown = terminal.getvalue()
        assert variable == "" or "\x1b" not in shown
        shown = re.sub(r"\x1b\[[0-9;]*m", "", shown)
        assert max(map(width_of, shown.splitlines())) <= min(columns, 120)
        monkeypatch.delenv("NO_COLOR", raising=False)


def test_carets_stand_under_wide_characters(program: Program) -> None:
    lines = program(f"validate {DISPUTED} --select byline-impersonal").lines()
    at = next(index for index, line in enumerate(lines) if "author: 联合早报" in line)
    assert lines[at + 1] == "    |         ^^^^^^^^"


@pytest.fixture
def progress(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, for standard error, on which every step of a run is drawn at once."""
    monkeypatch.setattr(validator.cli.terminal, "_AFTER_SECONDS", -1.0)
    monkeypatch.setattr(validator.cli.terminal, "_EVERY_SECONDS", -1.0)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_progress_is_drawn_and_leaves_no_trace(
    program: Program, progress: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", progress)
    done = program("validate .")
    drawn = progress.getvalue().split("\r")
    assert [line for line in drawn if "5 of 10 seeds" in line] == ["█" * 15 + "·" * 15 + " 5 of 10 seeds"]
    assert "█" * 30 + " 10 of 10 seeds" in drawn
    assert progress.screen() == ""
    assert "of 10 seeds" not in done.out


def test_progress_is_gone_before_anything_is_said(
    program: Program, progress: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", progress)
    program("validate . --format concise")
    assert re.search(r"10 of 10 seeds\r\x1b\[K10 seeds \(5 valid", progress.getvalue())

    def run(*arguments: Any, **named: Any) -> Iterator[SeedReport]:
        yield next(run_in_order(*arguments, **named))
        raise validator.ConfigError("it ended")

    monkeypatch.setattr("validator.archive.opening.run", run)
    program("validate .")
    assert re.search(r"1 of 10 seeds\r\x1b\[Kvalidator: it ended", progress.getvalue())


def test_progress_is_gone_before_the_terminal_shows_a_seed(
    program: Program, progress: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", progress)
    monkeypatch.setattr(sys, "stdout", progress)
    program("validate . --format concise")
    last = [line.rpartition("\r")[2] for line in progress.getvalue().split("\n")]  # what stays of each line
    assert any("10 seeds (5 valid, 5 invalid)" in line for line in last)
    assert not any("of 10 seeds" in line for line in last)


@pytest.mark.parametrize(("columns", "bar"), [(80, 30), (50, 30), (30, 12), (10, 2)])
def test_progress_is_narrower_than_the_terminal(
    monkeypatch: pytest.MonkeyPatch, progress: Terminal, columns: int, bar: int
) -> None:
    monkeypatch.setattr(sys, "stderr", progress)
    monkeypatch.setattr(validator.cli.terminal, "width_for", lambda _: max(columns, 20))
    shown = validator.cli.terminal.Progress(1000, off=False)
    shown.step()
    assert len(shown._line()) == bar + len(" 1 of 1,000 seeds")
    monkeypatch.setattr(Terminal, "encoding", "ascii")
    assert shown._line().isascii()


@pytest.mark.parametrize("told", ["--quiet", "TERM=dumb", "no terminal"])
def test_no_progress(program: Program, progress: Terminal, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setattr(sys, "stderr", progress)
    if told == "TERM=dumb":
        monkeypatch.setenv("TERM", "dumb")
    if told == "no terminal":
        monkeypatch.setattr(Terminal, "isatty", lambda _: False)
    program(f"validate . {told if told.startswith('--') else ''}")
    assert progress.getvalue() == ""


# --- record and identify ----------------------------------------------------------------------------------------------


def test_record_says_where_each_value_comes_from(program: Program, archive: Path) -> None:
    done = program(f"record {AGENCY}")
    assert (done.code, done.err) == (0, "")
    assert (
        done.out
        == (
            f"{AGENCY}\n"
            "  source          chinanews-translated\n"
            "                  path fits **/chinanews-translated/** (+10)\n"
            "                  text fits \\AChina News Service, (?:[A-Z][a-z]+, )?[A-Z][a-z]+\n"
            "                  \\d{1,2}\\. (+7)\n"
            "                  text fits \\AChina News Service, [^\\n]*(?:\\n[^\\n]*)*\\n [A-Z]\n"
            "                  (+2)\n"
            "  byline          China News Service\n"
            "                  stated at 1:1\n"
            "  byline_kind     agency\n"
            "  date_published  XXXX-03-14\n"
            "                  stated at 1:21\n"
            "  dateline        month 3, day 14\n"
            "                  stated at 1:1\n"
            "  language        en\n"
            "                  assigned by chinanews-translated\n"
        )
        + done.lines()[-1]
        + "\n"
    )
    assert re.fullmatch(
        r"  body            lines 1 to 33, [\d,]+ characters without whitespace and markup", done.lines()[-1]
    )


def test_record_of_attested_values(program: Program) -> None:
    lines = program(f"record {MOD_CURATED}").lines()
    at = lines.index("  byline          A. Specimen")
    assert lines[at + 1 : at + 4] == [
        "                  attested, made up for this specimen; the text names no writer",
        f"                  ({MOD_CURATED}.meta.yaml line 3)",
        "  byline_kind     person",
    ]


def test_record_of_disputed_values(program: Program) -> None:
    done = program(f"record {DISPUTED}")
    assert done.code == 0
    assert [line.strip() for line in done.lines() if "disputed" in line] == [
        "disputed: 4:7 says 2021-01-01T03:20:15.482Z",
        "disputed: 10:5 says 2021-01-01T08:45:00Z",
    ]


def test_record_in_json(program: Program) -> None:
    done = program(f"record {DISPUTED} {AGENCY} --format json")
    disputed, agency = map(json.loads, done.lines())
    assert (done.code, disputed["path"], agency["path"]) == (0, DISPUTED, AGENCY)
    assert "findings" not in disputed
    values = {value["field"]: value for value in disputed["values"]}
    assert values["date_published"]["disputed"] is True
    assert [candidate["value"] for candidate in values["date_published"]["candidates"]] == [
        "2021-01-01T03:20:15.482Z",
        "2021-01-01T08:45:00Z",
    ]
    assert (values["publisher"]["basis"], values["publisher"]["start"]) == ("assigned", None)
    assert (values["headline"]["basis"], values["headline"]["start"]["line"]) == ("stated", 3)
    assert agency["record"]["dateline"] == {"place": None, "month": 3, "day": 14}
    assert (agency["body"]["start"]["line"], agency["body"]["end"]["line"]) == (1, 33)


@pytest.mark.parametrize("command", ["record", "identify"])
def test_seeds_of_which_there_is_no_record(program: Program, archive: Path, command: str) -> None:
    (archive / "unknown.txt").write_text("A text that no schema knows anything about.\n")
    (archive / "bytes.txt").write_bytes(bytes(range(1, 256)) * 40)
    (archive / "loop.txt").symlink_to("loop.txt")
    for name, said in (
        ("unknown.txt", {"record": "no record       the seed is unidentified", "identify": "no source fits: "}),
        ("bytes.txt", {"record": "no record       the seed is unreadable", "identify": "not decoded: "}),
        ("loop.txt", {"record": "no record       the seed is unreadable", "identify": "not read: "}),
    ):
        done = program(f"{command} {name}")
        assert (done.code, done.lines()[0]) == (1, name)
        assert said[command] in done.out
        assert program(f"{command} {CLEAN} {name}").code == 1


@pytest.mark.parametrize(
    "line",
    ["record", "identify", "attest {} headline x --basis y --by z", "accept {} byline-missing --reason y --by z"],
)
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere.txt", 'there is no file "nowhere.txt"'),
        ("mod-gov-cn", "is a folder"),
        ("drafts/a.txt", '"drafts/a.txt" is excluded by the configuration'),
        ("lone.txt.meta.yaml", "is a sidecar without a seed beside it"),
        ("mod-gov-cn/seeds.meta.yaml", "is a folder or the sidecar of one"),
    ],
)
def test_paths_that_are_not_one_seed(program: Program, archive: Path, line: str, path: str, said: str) -> None:
    configure(archive, 'exclude = ["drafts/"]')
    put(archive / "drafts" / "a.txt", ERROR)
    (archive / "lone.txt.meta.yaml").write_text("source: mod-gov-cn\n")
    (archive / "mod-gov-cn" / "seeds.meta.yaml").write_text("seeds:\n  - {files: ['*'], source: mod-gov-cn}\n")
    before = content(archive)
    refused(program(line.format(path) if "{}" in line else f"{line} {path}"), said)
    assert content(archive) == before


def test_a_sidecar_stands_for_its_seed(program: Program) -> None:
    assert program(f"record {MOD_CURATED}.meta.yaml") == program(f"record {MOD_CURATED}")


def test_identify_shows_every_score(program: Program, archive: Path) -> None:
    shutil.copy(archive / MOD, archive / "a.txt")
    done = program(f"identify {MOD}")
    assert done.code == 0
    assert done.lines()[:4] == [
        MOD,
        "  mod-gov-cn, for certain",
        "",
        "  points  source                fits from  certain from",
    ]
    assert done.lines()[4] == "      16  mod-gov-cn                    6            10"
    assert done.lines()[5] == "          path fits **/mod-gov-cn/** (+10)"
    listed = [(-int(points), name) for points, name in re.findall(r"(?m)^ +(\d+)  ([a-z][a-z-]+)", done.out)]
    assert listed == sorted(listed), "the most points first, then by name"
    assert {name for _, name in listed} == {name for name, each in own_sources().items() if each.identify}
    guess = program("identify a.txt")
    assert guess.code == 0
    assert guess.lines()[1] == "  mod-gov-cn, not for certain: 6 points, certain from 10 on"


def test_identify_says_who_named_the_source(program: Program, archive: Path) -> None:
    (archive / "a.txt").write_text("A text that no schema knows anything about.\n")
    (archive / "a.txt.meta.yaml").write_text("source: plain-text\n")
    done = program(f"identify a.txt {MOD}")
    assert done.code == 0
    assert done.lines()[1:3] == ["  plain-text, for certain", "  named by the sidecar a.txt.meta.yaml"]
    configure(archive, '[sources]\n"*.txt" = "base"')
    assert program("identify a.txt").lines()[2] == "  named by the configuration"


# --- attest -----------------------------------------------------------------------------------------------------------

ON = r"on: \d{4}-\d\d-\d\d"


def attest(program: Program, path: str, field: str, *values: str, options: Sequence[str] = ()) -> Done:
    return program("attest", path, field, *values, "--basis", "the page", "--by", "A. Curator", *options)


@pytest.mark.parametrize(
    ("field", "values", "recorded"),
    [
        ("headline", ["A headline of this test"], "A headline of this test"),
        ("byline", ["A. Specimen"], ["A. Specimen"]),
        ("byline", ["A. Specimen", "B. 样本"], ["A. Specimen", "B. 样本"]),
        ("byline_kind", ["unsigned"], "unsigned"),
        ("date_published", ["2021-06-14"], "2021-06-14"),
        ("dateline", ["A TOWN, June 14"], None),
        ("agency", ["An agency"], "An agency"),
        ("publisher", ["A \"paper\": of # this 'test'"], "A \"paper\": of # this 'test'"),
        ("source_url", ["https://example.org/1"], "https://example.org/1"),
        ("language", ["en-GB"], "en-GB"),
    ],
)
def test_attest(program: Program, archive: Path, field: str, values: list[str], recorded: object) -> None:
    seed = "chinamil-text/as-captured.txt"
    before = (archive / seed).read_bytes()
    done = attest(program, seed, field, *values)
    assert (done.code, done.err) == (0, "")
    assert done.lines()[0] == f"{seed}.meta.yaml: {field} {', '.join(values)}"
    written = loaded((archive / f"{seed}.meta.yaml").read_text("utf-8"))["record"][field]
    assert str(written["value"]) == values[0] if len(values) == 1 else written["value"] == values
    assert (written["basis"], written["by"]) == ("the page", "A. Curator")
    assert (archive / seed).read_bytes() == before
    entry = json.loads(program(f"record {seed} --format json").out)
    if recorded is not None:
        assert f"the record now has: {field}" in done.out
        assert "the seed is invalid" in " ".join(done.out.split())
        assert entry["record"][field] == recorded
        if field not in (
            "byline_kind",
            "date_published",
        ):  # a kind has no place of its own; the date stands in the text
            assert next(value["basis"] for value in entry["values"] if value["field"] == field) == "attested"


def test_attesting_makes_a_seed_valid(program: Program) -> None:
    attest(program, MOD, "byline_kind", "unsigned")
    done = attest(program, MOD, "date_published", "2023-04-19")
    assert "the seed is invalid" in done.out  # its quotation marks are still wrong
    assert set(program(f"validate {MOD} --format concise --fail-on never").rules()) == {
        "quote-for-apostrophe",
        "source-url-missing",
    }


def test_attest_the_source(program: Program, archive: Path) -> None:
    (archive / "loose").mkdir()
    shutil.copy(archive / MOD, archive / "loose" / "a.txt")
    for source, verdict in (
        ("plain-text", "invalid"),
        ("mod-gov-cn", "invalid"),
    ):  # the second replaces the first
        done = program(f"attest loose/a.txt source {source}")
        assert (done.code, done.err) == (0, "")
        assert done.lines() == [
            f"loose/a.txt.meta.yaml: source {source}", f"  the seed is of {source}; the seed is {verdict}",
        ]  # fmt: skip
        assert loaded((archive / "loose/a.txt.meta.yaml").read_text("utf-8")) == {"source": source}
    assert not {"source-uncertain", "source-unidentified"} & set(
        program("validate loose --format concise --fail-on never").rules()
    )
    configure(archive, '[[overrides]]\npaths = ["loose/**"]\nsource = "plain-text"\n')
    assert (
        "  but something else comes before the sidecar: the seed is of plain-text;"
        in program("attest loose/a.txt source mod-gov-cn").out
    )


def test_attest_the_source_keeps_what_stands(program: Program, archive: Path) -> None:
    sidecar = archive / f"{MOD}.meta.yaml"
    sidecar.write_text(KEPT, "utf-8")
    assert program(f"attest {MOD} source plain-text").code == 0
    assert sidecar.read_text("utf-8") == KEPT.replace('"mod-gov-cn"', "plain-text")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (f"{MOD} source mod-gov", 'no source is called "mod-gov" (did you mean "mod-gov-cn"?)'),
        (f"{MOD} source mod-gov-cn --basis so", "goes without --basis"),
        (f"{MOD} source mod-gov-cn --by me", "goes without --basis"),
        ("mod-gov-cn source mod-gov-cn --files *", "goes without --basis"),
        (f"{MOD} source one two", "source has one value, 2 were given"),
        (f"{MOD} sorce mod-gov-cn", 'did you mean "source"?'),
        ("mod-gov-cn source mod-gov-cn", "is a folder"),
    ],
)
def test_attest_refuses_a_source(program: Program, archive: Path, arguments: str, said: str) -> None:
    before = content(archive)
    done = program(f"attest {arguments}")
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
    assert content(archive) == before


def test_attest_against_the_text(program: Program) -> None:
    done = attest(program, MOD, "headline", "Another headline")
    assert done.code == 0
    assert "name the text's value with --replaces to override it" in " ".join(done.out.split())
    assert "the record now has: headline Specimen item" in " ".join(done.out.split())
    stated = json.loads(program(f"record {MOD} --format json").out)["record"]["headline"]
    done = attest(program, MOD, "headline", "Another headline", options=("--replaces", stated))
    assert done.lines()[1:] == ["  the record now has: headline Another headline; the seed is invalid"]


KEPT = """\
# A sidecar that somebody laid out by hand.

source: "mod-gov-cn"   # known for long
record:
    headline:
        value: 'An attested headline'
        basis: print   # the morning paper
    # nothing is known of the byline yet
accept:
- rule: final-newline
  reason: >-
      it ends
      so
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_attest_keeps_what_stands(program: Program, archive: Path, line_end: str, mark: str) -> None:
    sidecar = archive / f"{MOD}.meta.yaml"
    before = (mark + KEPT).replace("\n", line_end).encode()
    sidecar.write_bytes(before)
    sidecar.chmod(0o640)
    done = attest(program, MOD, "agency", "An agency")
    if done.code == 2:
        assert mark, done.err  # a mark before the text is refused, or kept
        assert sidecar.read_bytes() == before
        return
    after = sidecar.read_bytes()
    added = re.sub(
        rf'    agency: {{value: "An agency", basis: "the page", by: "A. Curator", {ON}}}{line_end}'.encode(), b"", after
    )
    assert added == before
    assert after != before
    assert sidecar.stat().st_mode & 0o777 == 0o640
    assert program(f"accept {MOD} byline-missing --reason so --by me").code == 0
    assert sidecar.read_bytes().startswith(after)


def test_attest_replaces_its_own_value(program: Program, archive: Path) -> None:
    attest(program, MOD, "agency", "One")
    attest(program, MOD, "publisher", "A paper")
    attest(program, MOD, "agency", "Other")
    text = (archive / f"{MOD}.meta.yaml").read_text()
    assert "One" not in text
    assert list(loaded(text)["record"]) == ["agency", "publisher"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["date_published", "28/7/2021"], 'date_published.value "28/7/2021" is not a date YYYY-MM-DD'),
        (["date_published", "2021-02-30"], "2021-02-30"),
        (["source_url", "example.org"], "is not an address that begins with http"),
        (["byline_kind", "persn"], 'did you mean "person"?'),
        (["language", "English, British"], "is not a language tag"),
        (["headline", " "], "headline.value is empty"),
        (["headline", "two", "words"], "headline has one value, 2 were given; put the value in quotation marks"),
        (["headlin", "x"], 'did you mean "headline"?'),
        (["body", "x"], '"body" is no field of the record'),
    ],
)
@pytest.mark.parametrize("sidecar", ["", "# mine\nrecord: {agency: {value: One, basis: print}}\n"])
def test_attest_refuses(program: Program, archive: Path, arguments: list[str], said: str, sidecar: str) -> None:
    if sidecar:
        (archive / f"{MOD}.meta.yaml").write_text(sidecar)
    before = content(archive)
    refused(attest(program, MOD, *arguments), said)
    assert content(archive) == before


@pytest.mark.parametrize(
    ("broken", "said"),
    [(b"record: [", "is not valid"), (b"record: {}\nrecord: {}\n", "occurs twice"), (b"a: \xff\n", "not UTF-8")],
)
def test_a_broken_sidecar_is_not_written_to(program: Program, archive: Path, broken: bytes, said: str) -> None:
    sidecar = archive / f"{MOD}.meta.yaml"
    sidecar.write_bytes(broken)
    for done in (attest(program, MOD, "agency", "One"), program(f"accept {MOD} byline-missing --reason so --by me")):
        assert done.code == 2
        assert said in done.err
        assert sidecar.read_bytes() == broken


def test_attest_where_nothing_can_be_written(program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(path: Path, _: bytes) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("validator.cli.sidecars.write_atomically", write)
    refused(attest(program, MOD, "agency", "One"), "it cannot be written: permission denied")


def test_by_whom(program: Program, archive: Path) -> None:
    line = f'attest {MOD} agency "An agency" --basis "the page"'
    before = content(archive)
    nobody = program(line)
    assert (nobody.code, nobody.out) == (2, "")
    assert "say who you are: --by NAME" in nobody.err
    assert program(f"accept {MOD} byline-missing --reason so").code == 2
    assert content(archive) == before
    subprocess.run(["git", "config", "--global", "user.name", "An Archivist"], check=True)
    subprocess.run(["git", "config", "--global", "user.email", "archivist@example.org"], check=True)
    assert program(line).code == 0
    assert program(f"accept {MOD} byline-missing --reason so --by Another").code == 0
    written = loaded((archive / f"{MOD}.meta.yaml").read_text())
    assert written["record"]["agency"]["by"] == "An Archivist <archivist@example.org>"
    assert written["accept"][0]["by"] == "Another"


def test_attest_for_a_folder(program: Program, archive: Path) -> None:
    done = attest(program, "chinamil-text", "byline", "A. Specimen", "B. Specimen", options=("--files", "as-*.txt"))
    assert done.lines() == [
        "chinamil-text/seeds.meta.yaml: byline A. Specimen, B. Specimen",
        "  1 seed of this folder has such a name",
    ]
    record = json.loads(program("record chinamil-text/as-captured.txt --format json").out)["record"]
    assert record["byline"] == ["A. Specimen", "B. Specimen"]
    none = attest(program, ".", "agency", "x", options=("--files", "*.text", "--files", "as-*.html"))
    assert none.lines()[1] == "  0 seeds of this folder have such a name"
    assert loaded((archive / "seeds.meta.yaml").read_text())["seeds"][-1]["files"] == ["*.text", "as-*.html"]
    assert "say with --files" in attest(program, "chinamil-text", "agency", "x").err
    assert "--files goes with a folder" in attest(program, MOD, "agency", "x", options=("--files", "*")).err


def test_two_who_write_at_once(archive: Path) -> None:
    fields = ("headline", "byline", "agency", "date_published")
    running = [
        subprocess.Popen(
            [*COMMAND, "attest", MOD, field, "2021-03-04", "--basis", "x", "--by", "y"],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for field in fields
    ]  # fmt: skip
    for process in running:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
    assert set(loaded((archive / f"{MOD}.meta.yaml").read_text())["record"]) == set(fields)


def test_what_another_program_writes_meanwhile_is_kept(
    program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar = archive / f"{MOD}.meta.yaml"

    def write(*arguments: Any, **named: Any) -> str:
        sidecar.write_text("# written by an editor meanwhile\n")
        return write_attested(*arguments, **named)

    monkeypatch.setattr("validator.cli.commands.attest.write_attested", write)
    refused(attest(program, MOD, "agency", "One"), "changed by somebody else")
    assert sidecar.read_text() == "# written by an editor meanwhile\n"


# --- accept -----------------------------------------------------------------------------------------------------------


def accept(program: Program, path: str, rule: str, *options: str) -> Done:
    return program("accept", path, rule, "--reason", "so in print", "--by", "A. Curator", *options)


def open_findings(program: Program, path: str, rule: str) -> list[int]:
    """The lines on which a rule has open findings."""
    done = program(f"validate {path} --format json")
    found = done.seeds()[path]["findings"]
    return [each["start"]["line"] for each in found if each["rule"] == rule and each["status"] == "open"]


def acceptances(archive: Path, path: str = MOD) -> list[dict[str, Any]]:
    accepted: list[dict[str, Any]] = loaded((archive / f"{path}.meta.yaml").read_text())["accept"]
    return accepted


def test_accept_pins_what_is_there(program: Program, archive: Path) -> None:
    done = accept(program, MOD, "quote-for-apostrophe")
    assert (done.code, done.err) == (0, "")
    assert done.lines() == [
        f"{MOD}.meta.yaml: 6 findings of quote-for-apostrophe accepted",
        "  the seed is invalid",
    ]
    assert len({each["finding"] for each in acceptances(archive)}) == 6
    assert open_findings(program, MOD, "quote-for-apostrophe") == []
    assert json.loads(program(f"validate {MOD} --format json").out)["summary"]["accepted"] == 6

    text = (archive / MOD).read_text()
    (archive / MOD).write_text(text + 'A new line"s mark is another.\n')
    assert len(open_findings(program, MOD, "quote-for-apostrophe")) == 1
    (archive / MOD).write_text(text.replace("Specimen item", "Some item", 1))
    assert open_findings(program, MOD, "quote-for-apostrophe") == []
    (archive / MOD).write_text(text.replace('wrong mark"s being', 'wrongest mark"s being', 1))
    assert open_findings(program, MOD, "quote-for-apostrophe") == [5]
    assert "acceptance-lapsed" in program(f"validate {MOD} --format concise").rules()


@pytest.mark.parametrize(("place", "lines"), [("5", [8, 8, 10, 12]), ("8:127", [5, 5, 8, 10, 12])])
def test_accept_at_a_place(program: Program, place: str, lines: list[int]) -> None:
    assert accept(program, MOD, "quote-for-apostrophe", "--at", place).code == 0
    assert open_findings(program, MOD, "quote-for-apostrophe") == lines


def test_accept_of_the_whole_seed(program: Program, archive: Path) -> None:
    assert accept(program, MOD, "byline-missing").lines()[0].endswith(": 1 finding of byline-missing accepted")
    (archive / MOD).write_bytes((archive / MOD).read_bytes().replace(b"\n", b"  \n", 2))
    assert open_findings(program, MOD, "byline-missing") == []
    (archive / MOD).write_bytes((archive / MOD).read_bytes() + b"One more line.\n")
    assert open_findings(program, MOD, "byline-missing") == [1]


def test_accept_always(program: Program, archive: Path) -> None:
    done = accept(program, MOD, "quote-for-apostrophe", "--always")
    assert "every finding of quote-for-apostrophe accepted" in done.out
    assert [sorted(each) for each in acceptances(archive)] == [["by", "on", "reason", "rule"]]
    (archive / MOD).write_text((archive / MOD).read_text() + 'A new line"s mark is another.\n')
    assert open_findings(program, MOD, "quote-for-apostrophe") == []
    assert accept(program, MOD, "not-nfc", "--always").code == 0  # of what is not there yet


def test_accept_until(program: Program, archive: Path) -> None:
    assert accept(program, MOD, "byline-missing", "--until", "2999-12-31").code == 0
    assert str(acceptances(archive)[0]["until"]) == "2999-12-31"
    sidecar = archive / f"{MOD}.meta.yaml"
    sidecar.write_text(sidecar.read_text().replace("2999-12-31", "2001-01-01"))
    assert open_findings(program, MOD, "byline-missing") == [1]
    assert "acceptance-lapsed" in program(f"validate {MOD} --format concise").rules()


def test_accept_for_a_folder(program: Program, archive: Path) -> None:
    done = accept(program, "chinanews-translated", "headline-missing", "--files", "*.txt")
    assert done.lines() == [
        "chinanews-translated/seeds.meta.yaml: every finding of headline-missing accepted",
        "  2 seeds of this folder have such a name",
    ]
    assert open_findings(program, AGENCY, "headline-missing") == []


def test_accept_what_the_configuration_does_not_show(program: Program, archive: Path) -> None:
    configure(archive, 'ignore = ["byline-missing"]\n[[overrides]]\npaths = ["**"]\nselect = ["quotes"]\n')
    assert accept(program, MOD, "byline-missing").code == 0
    assert len(acceptances(archive)) == 1


@pytest.mark.parametrize(
    ("rule", "options", "said"),
    [
        ("byline-mising", [], 'no rule or family is called "byline-mising" (did you mean "byline-missing"?)'),
        ("quotes", [], "quotes is a family; name one rule of it"),
        ("not-nfc", [], f"there is no open finding of not-nfc in {MOD}"),
        ("quote-for-apostrophe", ["--at", "1"], "there is no open finding of quote-for-apostrophe at 1 in"),
        ("quote-for-apostrophe", ["--at", "5:44"], "at 5:44"),
        ("quote-for-apostrophe", ["--at", "x"], '--at is "x", expected LINE or LINE:COLUMN'),
        ("not-nfc", ["--at", "²"], "expected LINE or LINE:COLUMN"),
        ("quote-for-apostrophe", ["--at", "5", "--always"], "--at means one finding"),
        ("byline-missing", ["--until", "2001-01-01"], "--until 2001-01-01 is in the past"),
        ("byline-missing", ["--until", "soon"], "soon"),
        ("sidecar-disagrees", ["--always"], "sidecar-disagrees cannot be accepted: it is about the sidecar itself"),
        ("file-too-large", ["--always"], "file-too-large cannot be accepted: nothing is known of a seed"),
    ],
)
def test_accept_refuses(program: Program, archive: Path, rule: str, options: list[str], said: str) -> None:
    before = content(archive)
    refused(accept(program, MOD, rule, *options), said)
    assert content(archive) == before


def test_nothing_is_accepted_twice(program: Program) -> None:
    assert accept(program, MOD, "byline-missing").code == 0
    assert "there is no open finding of byline-missing" in accept(program, MOD, "byline-missing").err


# --- rules and explain ------------------------------------------------------------------------------------------------


def test_rules(program: Program) -> None:
    entries = json.loads(program("rules --format json").out)
    assert {entry["name"]: entry["severity"] for entry in entries} == {
        name: rule.severity.value for name, rule in RULES.items()
    }
    assert entries == sorted(entries, key=lambda entry: (entry["family"], entry["name"]))
    done = program("rules")
    assert done.code == 0
    listed = re.findall(r"^  ([a-z0-9-]+) +(error|warning|info)(?: +(safe|unsafe))?$", done.out, re.MULTILINE)
    shown = {entry["name"]: entry["applicability"] for entry in entries}
    assert {name for name, _, _ in listed} == set(RULES)
    assert all(fix == (shown[name] if shown[name] in ("safe", "unsafe") else "") for name, _, fix in listed)
    assert all(" ".join(rule.summary.split()) in " ".join(done.out.split()) for rule in RULES.values())
    assert max(map(width_of, done.lines())) <= 80


@pytest.mark.parametrize("name", sorted(RULES))
def test_explain(program: Program, name: str) -> None:
    done = program(f"explain {name}")
    rule = RULES[name]
    assert (done.code, done.err) == (0, "")
    assert done.lines()[0] == name
    assert done.lines()[1].startswith(f"  {rule.severity.value}, family {rule.family}; ")
    assert max(map(width_of, done.lines())) <= 80
    assert "\\u{" not in done.out
    words = " ".join(done.out.split())
    for paragraph in rule.document.split("\n\n"):
        if not paragraph.startswith(("Bad", "Good")):
            assert " ".join(paragraph.split()) in words
    kinds = re.findall(r"^(Bad|Good)", rule.document, re.MULTILINE)
    assert re.findall(r"^  (Bad|Good)(?: \(|$)", done.out, re.MULTILINE) == kinds
    assert all(f"\n  {option}: " in done.out for option in rule.options)


def test_examples_are_readable(program: Program) -> None:
    shown = program("explain trailing-whitespace").out
    assert "  Bad\n    | The first line.\\x20↵\n    | The second line.↵\n  Bad (markup=markdown)\n" in shown
    assert "    | The editorâ€™s note came late.\n" in program("explain mojibake").out


def test_explain_a_family(program: Program) -> None:
    done = program("explain quotes")
    assert (done.code, done.lines()[0]) == (0, "quotes, a family of rules")
    listed = re.findall(r"^  ([a-z0-9-]+) ", done.out, re.MULTILINE)
    assert listed == sorted(name for name, rule in RULES.items() if rule.family == "quotes")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("byline_missing", '(did you mean "byline-missing"?)'),
        ("quote-for-apostrophy", '(did you mean "quote-for-apostrophe"?)'),
        ("zzz", "`validator rules` lists them"),
    ],
)
def test_explain_what_there_is_not(program: Program, name: str, said: str) -> None:
    refused(program(f"explain {name}"), f'no rule or family is called "{name}"', said)


# --- sources ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def schemas(archive: Path) -> Path:
    folder = archive.parent / "schemas"
    folder.mkdir()
    (folder / "gazette.yaml").write_text(SCHEMA)
    return folder


def test_sources_list(program: Program, schemas: Path) -> None:
    done = program("sources list")
    assert done.code == 0
    listed = re.findall(r"^([a-z-]+)  ", done.out, re.MULTILINE)
    assert listed == sorted(path.stem for path in (CHECKOUT / "schemas").glob("*.yaml"))
    assert "(only when named)" in next(line for line in done.lines() if line.startswith("base "))
    assert "The gazette of this test" in program("sources list --schemas ../schemas").out


def test_sources_show(program: Program, schemas: Path) -> None:
    done = program("sources show zaobao-jekyll")
    assert done.code == 0
    own = (CHECKOUT / "schemas" / "zaobao-jekyll.yaml").read_text("utf-8")
    assert done.out.startswith(own.rstrip())
    assert "# --- which extends jekyll-post -" in done.out
    shown = program("sources show gazette --schemas ../schemas")
    assert shown.out.startswith(SCHEMA.rstrip() + "\n\n# --- which extends base -")
    unknown = program("sources show zaobao")
    assert (unknown.code, unknown.out) == (2, "")
    assert 'no source is called "zaobao" (did you mean "zaobao-jekyll"?)' in unknown.err


def test_sources_check(program: Program, schemas: Path) -> None:
    own = program("sources check")
    number = len(list((CHECKOUT / "schemas").glob("*.yaml")))
    assert own.code == 0, own.out
    assert re.fullmatch(rf"{number} schemas, \d+ examples: all as said\n", own.out)
    done = program("sources check ../schemas")
    assert (done.code, done.out) == (0, "1 schema, 1 example: all as said\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("verdict: valid", "verdict: invalid", "the verdict is valid, expected invalid"),
        (
            "headline: A headline stands here}",
            "headline: Another}",
            "headline is 'A headline stands here', expected 'Another'",
        ),
        ("findings: []", "findings: [final-newline]", "the findings are none, expected final-newline"),
        ("path: gazette/one.txt", "path: elsewhere/one.txt", "identified as nothing, expected gazette"),
    ],
)
def test_sources_check_runs_the_examples(program: Program, schemas: Path, old: str, new: str, said: str) -> None:
    assert old in SCHEMA
    (schemas / "gazette.yaml").write_text(SCHEMA.replace(old, new))
    done = program("sources check ../schemas")
    assert done.code == 1
    assert f'gazette.yaml: example "one that is sound": {said}' in done.out
    assert done.lines()[-1] == "1 schema, 1 example: 1 not as said"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SCHEMA.replace("title:", "titel:"), r'gazette\.yaml:2: .*did you mean "title"'),
        (SCHEMA.replace("extends: base", "extends: bas"), r'gazette\.yaml:3: .*did you mean "base"'),
        (SCHEMA.replace("(?P<value>", "(?=P<value>"), r"gazette\.yaml:8: "),
        ("id: [", r"gazette\.yaml:\d+: "),
        (None, "no schema"),
    ],
)
def test_sources_check_of_what_is_no_schema(program: Program, schemas: Path, text: str | None, said: str) -> None:
    if text is None:
        (schemas / "gazette.yaml").unlink()
    else:
        (schemas / "gazette.yaml").write_text(text)
    done = program("sources check ../schemas")
    assert (done.code, done.out) == (2, "")
    assert re.search(said, done.err)
    assert program("sources check ../nowhere").code == 2


BUILT_IN = "mod-gov-cn.yaml"
WRONG = {
    "a text for a mapping": ("record:\n", "record: text\nother:\n", "other"),
    "a number for a list": ("paths: ['**/mod-gov-cn/**']", "paths: 3", "identify.paths 3 is not a list"),
    "no title": ("title: ", "titel: ", 'did you mean "title"?'),
    "another severity": ("record:\n", "record:\n  required: {headline: eror}\n", 'did you mean "error"?'),
    "an unknown key of a place": ("within_lines", "within_line", 'did you mean "within_lines"?'),
}


@pytest.mark.parametrize(
    "command", [f"validate {MOD}", f"repair {MOD}", f"record {MOD}", "sources list", "sources check"]
)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_schema_of_the_program_s_own_is_said_by_every_command(
    program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch, command: str, wrong: str
) -> None:
    folder = archive.parent / "built-in"
    shutil.copytree(CHECKOUT / "schemas", folder)
    old, new, said = WRONG[wrong]
    text = (folder / BUILT_IN).read_text("utf-8")
    assert old in text
    (folder / BUILT_IN).write_text(text.replace(old, new, 1), "utf-8")
    for module in ("validator.archive.face", "validator.cli.commands.sources"):
        monkeypatch.setattr(f"{module}.schemas_folder", lambda: folder)
    refused(program(command), f"{folder}/{BUILT_IN}:", said)


def test_sources_new(program: Program, archive: Path) -> None:
    seeds = f"{MOD} {MOD_CURATED}"
    printed = program(f"sources new my-source --from {seeds}")
    assert printed.code == 0
    assert loaded(printed.out)["id"] == "my-source"
    done = program(f"sources new my-source --from {MOD} --from {MOD_CURATED} --output my-source.yaml")
    assert done.code == 0
    assert done.out.startswith("my-source.yaml is drafted from 2 seeds\nsees ")
    assert max(map(len, done.out.split("\n"))) <= 80
    assert (archive / "my-source.yaml").read_text("utf-8") == printed.out
    again = program(f"sources learn my-source {seeds} --output my-source.yaml")
    assert (again.code, "file exists" in again.err) == (2, True)
    assert (archive / "my-source.yaml").read_text("utf-8") == printed.out


def test_sources_try_and_check(program: Program, archive: Path) -> None:
    (archive / "gazette").mkdir()
    for number in range(1, 6):
        head = f"Headline of number {number}\nPublished: {number} March 2021\nBy Ann Sample{'abcde'[number - 1]}\n"
        text = f"{head}\nOne paragraph of {number} is here.\n"
        (archive / "gazette" / f"{number}.txt").write_text(text, "utf-8")
    learned = program("sources learn gazette gazette --output gazette.yaml")
    assert learned.code == 0
    assert "\n  validator review --source gazette.yaml gazette\n" in learned.out
    assert learned.out.endswith("\n  validator sources try gazette.yaml gazette\n")
    tried = program("sources try gazette.yaml gazette")
    assert tried.code == 1
    assert "\n  validator review --source gazette.yaml gazette\n" in tried.out
    assert tried.out.endswith("\n  validator sources check gazette.yaml\n")
    assert "Still to fill in: line 4: title: FILL IN what the source is" in tried.out
    assert "  byline                5        0     0\n" in tried.out
    assert max(map(len, tried.out.split("\n"))) <= 80
    checked = program("sources check gazette.yaml")
    assert (checked.code, "still to fill in: title" in checked.out) == (1, True)
    file = archive / "gazette.yaml"
    file.write_text(file.read_text("utf-8").replace("FILL IN what the source is", "The Gazette"), "utf-8")
    again = program("sources try gazette.yaml gazette")
    assert (again.code, "review --source" in again.out) == (0, False)
    lines = program("sources check gazette.yaml").out.split("\n")
    assert lines[0] == "1 schema, 2 examples: all as said"
    assert "  validator validate --schemas . SEEDS" in lines
    pointed = "sources learn gazette gazette --output learned/gazette.yaml --example gazette/2.txt"
    assert program(*pointed.split(), "byline", "Ann Sampleb").code == 0
    assert "  byline:    # 5 of 5 seeds\n    - {label: 'By'}\n" in (archive / "learned" / "gazette.yaml").read_text(
        "utf-8"
    )
    refused(program(*pointed.split(), "headlin", "x"), '"headlin" is no field to point at (did you mean "headline"?)')
    refused(program(*pointed.split(), "byline", "Nobody"), 'gazette/2.txt: no place gives "Nobody" as its byline')
    page = program("sources try gazette.yaml gazette --format html --output trial.html")
    assert (page.code, page.out) == (0, "")
    assert "<mark>Headline of number 1<small> headline</small></mark>" in (archive / "trial.html").read_text("utf-8")
    file.write_text(file.read_text("utf-8").partition("examples:")[0], "utf-8")
    assert "it has no examples" in program("sources check gazette.yaml").out
    refused(program("sources try nowhere.yaml gazette"), "nowhere.yaml: there is no such schema")
    refused(program("sources check nowhere.yaml"), "nowhere.yaml: there is no such file or folder")


def test_what_many_seeds_lack_is_told_once(program: Program, archive: Path) -> None:
    (archive / "gazette").mkdir()
    for number in range(1, 7):
        head = f"Headline of number {number}\nPublished: {number} March 2021\nBy Ann Sample{'abcdef'[number - 1]}\n"
        (archive / "gazette" / f"{number}.txt").write_text(f"{head}\nOne paragraph of {number} is here.\n", "utf-8")
    assert program("sources learn gazette gazette --output gazette.yaml").code == 0
    file = archive / "gazette.yaml"
    file.write_text(file.read_text("utf-8").replace("label: 'By'", "label: 'Written by'"), "utf-8")
    out = " ".join(program("sources try gazette.yaml gazette").out.split())
    assert "byline 6 seeds: missing: gazette/1.txt, gazette/2.txt, gazette/3.txt and 3 more" in out
    assert "gazette/4.txt" not in out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("my-source", "--from"),
        (f"My_Source --from {MOD}", '"My_Source" is not an id'),
        ("my-source --from nowhere.txt", "nowhere.txt: there is no such file or folder"),
        ("my-source --from empty.txt", "is not text: it is empty"),
        (f"my-source --from {MOD} --output other.yaml", "a schema's file is called after its id: my-source.yaml"),
        (f"my-source --from {MOD} --output empty.txt/my-source.yaml", "it cannot be written: "),
    ],
)
def test_sources_new_refuses(program: Program, archive: Path, line: str, said: str) -> None:
    (archive / "empty.txt").write_text("")
    before = content(archive)
    refused(program(f"sources new {line}"), said)
    assert content(archive) == before
