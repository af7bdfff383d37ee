"""Bad input through the real command line: the right exit code, a plain message, no traceback, no end of waiting."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from running import COMMAND, Done, environment, in_a_process
from running import refused as assert_refused

TIMEOUT_SECONDS = 60
LINE_END = "\n"


def run(
    folder: Path,
    *arguments: str | bytes,
    given: bytes = b"",
    program: tuple[str, ...] = ("-m", "validator"),
    changes: Mapping[str, str] | None = None,
) -> Done:
    """Run `validator` with these arguments in a folder; none may show a traceback, or control a terminal."""
    command = (sys.executable, *program)
    done = in_a_process(*arguments, stdin=given, cwd=folder, changes=changes, command=command)
    assert "\x1b" not in done.out + done.err
    return done


def validate(
    folder: Path, *arguments: str | bytes, given: bytes = b"", changes: Mapping[str, str] | None = None
) -> Done:
    return run(folder, "validate", "--no-config", *arguments, given=given, changes=changes)


def rules_of(seed: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in seed["findings"]}


def refused(done: Done, *parts: str) -> None:
    """Assert that nothing was checked, and that one plain line says why."""
    assert_refused(done, *parts)
    assert done.err.startswith("validator: ")
    assert done.err.count(LINE_END) == 1


# --- what is not there, or is no file ---------------------------------------------------------------------------------


def test_a_folder_without_seeds(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "empty" / "folder.txt").mkdir()
    done = validate(tmp_path, "empty")
    assert (done.code, done.out) == (2, "")
    told, refusal = done.err.splitlines()
    assert told.startswith("validator: 1 other file not checked")
    assert told.endswith("empty/a.pdf")
    assert refusal.startswith("validator: no seeds in empty (looked for *.txt")
    refused(validate(tmp_path, "empty/folder.txt"), "no seeds")


def make_socket(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # the name of a socket may have a hundred characters
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a named pipe": (os.mkfifo, "named pipe"),
    "a socket": (make_socket, "socket"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "circle"),
    "a link to nothing": (lambda path: path.symlink_to("gone"), "nowhere"),
    "a link to a device without end": (lambda path: path.symlink_to("/dev/zero"), "device"),
}


@pytest.mark.parametrize("what", list(UNREADABLE))
def test_what_cannot_be_read_is_unreadable(tmp_path: Path, what: str) -> None:
    make, message = UNREADABLE[what]
    make(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_text("A text.\n")
    named = validate(tmp_path, "a.txt", "--source", "plain-text", "--format", "json")
    found = validate(tmp_path, ".", "--source", "plain-text", "--format", "json")
    for done in (named, found):
        seed = done.seeds()["a.txt"]
        assert (done.code, seed["verdict"], rules_of(seed)) == (1, "unreadable", {"unreadable-file"})
        assert seed["encoding"] is seed["sha256"] is None
    assert message in named.only()["findings"][0]["message"]
    assert found.seeds()["b.txt"]["verdict"] == "valid"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    (tmp_path / "a.txt").chmod(0)
    done = validate(tmp_path, "a.txt", "--source", "plain-text", "--format", "json")
    assert (done.code, done.only()["verdict"], rules_of(done.only())) == (1, "unreadable", {"unreadable-file"})


def test_folders_that_link_to_each_other(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "again").symlink_to("../one")
    (tmp_path / "one" / "a.txt").write_text("A text.\n")
    done = validate(tmp_path, ".", "--source", "plain-text", "--format", "json")
    assert (done.code, list(done.seeds())) == (0, ["one/a.txt"])


def test_a_file_over_the_limit(tmp_path: Path) -> None:
    (tmp_path / "validator.toml").write_text("limit-bytes = 20\n")
    (tmp_path / "a.txt").write_text("A text of twenty-one.\n")
    (tmp_path / "b.txt").write_text("A shorter text.\n")
    for given, arguments in ((b"", ("a.txt", "b.txt")), ((tmp_path / "a.txt").read_bytes(), ("-", "b.txt"))):
        done = run(tmp_path, "validate", *arguments, "--source", "plain-text", "--format", "json", given=given)
        long, short = done.seeds()[arguments[0]], done.seeds()["b.txt"]
        assert (done.code, long["verdict"], rules_of(long)) == (1, "unreadable", {"file-too-large"})
        assert short["verdict"] == "valid"


# --- what stands in a file --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bad:
    """A seed, and what must be said of it. `rules` must be among the findings."""

    data: bytes
    verdict: str
    rules: tuple[str, ...]
    source: str | None = "plain-text"
    code: int = 1


def fenced(text: str) -> bytes:
    return f"---\nlayout: post\ntitle: One\ndate: 2021-03-04\n{text}---\n<p>Text.</p>\n".encode()


BOMB = "".join(f"k{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 9)}]\n" for n in range(12))
BAD = {
    "nothing": Bad(b"", "unidentified", ("empty-file",), None),
    "nothing, of a source": Bad(b"", "invalid", ("empty-file",)),
    "only blanks": Bad(b" \n\t\r\n  \n", "unidentified", ("empty-file",), None),
    "only blanks, of a source": Bad(b" \n\t\r\n  \n", "invalid", ("empty-file",)),
    "only a byte-order mark": Bad(b"\xef\xbb\xbf", "invalid", ("empty-file",)),
    "only NUL": Bad(b"\0" * 999, "invalid", ("empty-file", "control-character")),
    "NUL in the text": Bad(b"A text\0 with one.\n", "invalid", ("control-character",)),
    "UTF-16 with a mark": Bad("A text stands here.\n".encode("utf-16"), "invalid", ("not-utf8",)),
    "UTF-16 without": Bad("A text stands here.\n".encode("utf-16-le"), "invalid", ("not-utf8",)),
    "UTF-16 cut in a character": Bad(b"\xff\xfeA\0 \0t", "unreadable", ("undecodable",)),
    "UTF-8 cut in a character": Bad("A text ends in 中".encode()[:-1], "unreadable", ("undecodable",)),
    "bytes of nothing": Bad(bytes(range(256)) * 4, "unreadable", ("undecodable",)),
    "CR alone": Bad(b"A line.\rAnother.\r", "valid", ("line-endings",), code=0),
    "CR alone, with front matter": Bad(
        fenced("author: A. Specimen\nfrom: https://example.org/a\n").replace(b"\n", b"\r"), "valid", ("line-endings",),
        "jekyll-post", code=0,
    ),
    "a line of 10 MB": Bad(b"word " * 2_000_000 + b"end.\n", "valid", (), code=0),
    "front matter of one line of 10 MB": Bad(fenced(f"a: {'b' * 10_000_000}\n"), "malformed", ("front-matter-syntax",), None),
    "200,000 brackets": Bad(fenced(f"a: {'[' * 200_000}\n"), "malformed", ("front-matter-syntax",), "jekyll-post"),
    "200,000 braces": Bad(fenced(f"a: {'{' * 200_000}\n"), "malformed", ("front-matter-syntax",), "jekyll-post"),
    "200,000 dashes": Bad(fenced(f"a:\n{'- ' * 200_000}b\n"), "malformed", ("front-matter-syntax",), "jekyll-post"),
    "an alias bomb": Bad(fenced(BOMB), "malformed", ("front-matter-syntax",), "jekyll-post"),
    "a tag of Python": Bad(fenced("a: !!python/object/apply:os.system [ls]\n"), "malformed", ("front-matter-syntax",), None),
    "a key twice": Bad(fenced("title: Two\n"), "invalid", ("front-matter-duplicate-key",), "jekyll-post"),
    "a fence that never closes": Bad(b"---\ntitle: One\n\nText.\n", "malformed", ("front-matter-syntax",), "jekyll-post"),
    "no front matter where there must be": Bad(b"Text.\n", "malformed", ("front-matter-syntax",), "jekyll-post"),
    "what is no YAML": Bad(fenced("a: 'never closed\n"), "malformed", ("front-matter-syntax",), None),
    "tags that never close": Bad(fenced("") + b"<h1 " * 200_000, "invalid", ("byline-missing",), "zaobao-jekyll"),
}  # fmt: skip


@pytest.mark.parametrize("what", list(BAD))
def test_bad_seeds(tmp_path: Path, what: str) -> None:
    bad = BAD[what]
    (tmp_path / "a.txt").write_bytes(bad.data)
    claim = ("--source", bad.source) if bad.source else ()
    done = validate(tmp_path, "a.txt", *claim, "--format", "json")
    seed = done.only()
    assert (done.code, seed["verdict"]) == (bad.code, bad.verdict), seed["findings"][:5]
    assert set(bad.rules) <= rules_of(seed)
    assert done.err == ""
    if bad.verdict not in ("valid", "invalid"):
        assert seed["record"] == {}


def test_the_text_report_of_bad_seeds_is_for_people(tmp_path: Path) -> None:
    for number, bad in enumerate(BAD.values()):
        if len(bad.data) < 1_000_000:
            (tmp_path / f"{number:02}.txt").write_bytes(bad.data)
    names = [path.name for path in tmp_path.iterdir()]
    for form in ("text", "concise"):
        done = validate(tmp_path, ".", "--full", "--format", form)
        assert done.code == 1
        assert all(name in done.out for name in names)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufeff]", done.out)
        assert max(map(len, done.out.splitlines())) < 500


# --- names of files ---------------------------------------------------------------------------------------------------

NAMES = {
    "a newline": b"a\n0 seeds.txt",
    "an escape": b"\x1b[31mred\x07.txt",
    "bytes that are no UTF-8": b"\xff\xe4.txt",
    "a leading dash": b"-q.txt",
    "the name of an option": b"--help.txt",
    "a blank": b" .txt",
    "a colon": b"a.txt:1:1: error forged.txt",
    "right to left": "\u202etxt.a.txt".encode(),
}


def test_names_of_files(tmp_path: Path) -> None:
    for what, name in NAMES.items():
        try:
            (tmp_path / os.fsdecode(name)).write_text("A text.")
        except OSError:
            pytest.skip(f"this system takes no name with {what}")
    claim = ("--source", "plain-text", "--no-config")
    ways: list[tuple[str | bytes, ...]] = [
        (".",),
        tuple(b"./" + name for name in NAMES.values()),
        ("--", *NAMES.values()),
    ]
    for paths in ways:
        done = run(tmp_path, "validate", *claim, "--format", "json", *paths)
        assert done.code == 0
        assert {os.fsencode(path) for path in done.seeds()} == set(NAMES.values())
        assert all(rules_of(seed) == {"final-newline"} for seed in done.seeds().values())
    for form in ("text", "concise"):
        done = run(tmp_path, "validate", *claim, "--format", form, ".")
        assert done.code == 0
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", done.out)
    assert done.out.count(LINE_END) == len(NAMES)  # a name makes no line of its own


# --- schemas ----------------------------------------------------------------------------------------------------------

HEAD = "id: mine\ntitle: Mine\nextends: base\ncontainer: plain-text\n"
# One of each kind; all that can be wrong with a schema is in schemas/wrong.txt.
SCHEMAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "an unknown key": (HEAD + "langauge: en\n", ("mine.yaml:5:", '"langauge"', '"language"')),
    "a word that is none of several": (HEAD + "text: {quotes: curley}\n", ("mine.yaml:5:", '"curley"', '"curly"')),
    "a bad pattern": (HEAD + "record:\n  headline:\n    - pattern: '(?P<value>x'\n", ("mine.yaml:7:", "missing )")),
    "a cycle of one": (HEAD.replace("base", "mine"), ("mine.yaml:3:", "extends itself", "mine -> mine")),
    "an unknown rule": (HEAD + "rules:\n  final-newlin: off\n", ("mine.yaml:6:", "'final-newlin'", '"final-newline"')),
    "another id": (HEAD.replace("id: mine", "id: yours"), ("mine.yaml:1:", "'yours'", "'mine'")),
    "200,000 brackets": (HEAD + f"x: {'[' * 200_000}\n", ("mine.yaml:5:", "nested")),
    "no YAML": (HEAD + "x: 'never closed\n", ("mine.yaml:5:", "never closed")),
    "nothing": ("", ("mine.yaml:1:", "mapping")),
    "no UTF-8": (HEAD + "x: \udcff\n", ("mine.yaml:5:", "UTF-8")),
}


@pytest.mark.parametrize("what", list(SCHEMAS))
def test_bad_schemas(tmp_path: Path, what: str) -> None:
    text, parts = SCHEMAS[what]
    (tmp_path / "a.txt").write_text("A text.\n")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "mine.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    refused(validate(tmp_path, "a.txt", "--schemas", "schemas"), "schemas/", *parts)


def test_patterns_of_the_front_matter_are_re2(tmp_path: Path) -> None:
    """What Python's own patterns lack is taken here too."""
    pattern = "^[\\p{Han}\\x{a0}]+$"
    (tmp_path / "mine.yaml").write_text(
        f"id: mine\ntitle: Mine\nextends: front-matter\nfront_matter: {{properties: {{title: {{pattern: '{pattern}'}}}}}}\n"
    )
    for title, rules in (("标题", set()), ("One", {"front-matter-schema"})):
        page = f"---\ntitle: {title}\ndate: 2021-03-04\nauthor: A\nurl: https://example.org/a\n---\nA text.\n"
        arguments = ("-", "--schemas", ".", "--source", "mine", "--format", "json")
        done = validate(tmp_path, *arguments, given=page.encode())
        assert {rule for rule in rules_of(done.only()) if rule.startswith("front")} == rules


def test_schemas_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    (tmp_path / "schemas").mkdir()
    os.mkfifo(tmp_path / "schemas" / "mine.yaml")
    refused(validate(tmp_path, "a.txt", "--schemas", "schemas"), "mine.yaml", "named pipe")


# --- sidecars ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sidecar", "part"),
    [
        ("source: [\n", "line 2"),
        ("recrod: {}\n", "record"),
        ("source: plain-txt\n", "plain-text"),
        ("accept: [{rule: final-newlin, reason: an example}]\n", "final-newline"),
        ("record: {headline: {value: One}}\n", "basis"),
        ("", "mapping"),
        ("\udcff\n", "UTF-8"),
        (f"a: {'[' * 200_000}\n", "more than"),
    ],
)
def test_a_broken_sidecar_is_a_finding(tmp_path: Path, sidecar: str, part: str) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    (tmp_path / "a.txt.meta.yaml").write_bytes(sidecar.encode("utf-8", "surrogateescape"))
    done = validate(tmp_path, "a.txt", "--source", "plain-text", "--format", "json")
    seed = done.only()
    found = [finding for finding in seed["findings"] if finding["rule"] == "sidecar-invalid"]
    assert (done.code, seed["verdict"]) == (1, "invalid")
    assert found
    assert "a.txt.meta.yaml" in found[0]["message"]
    assert part in found[0]["message"]


def test_a_sidecar_that_cannot_be_read_is_not_taken_for_absent(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    os.mkfifo(tmp_path / "a.txt.meta.yaml")
    done = validate(tmp_path, "a.txt", "--source", "plain-text", "--format", "json")
    assert (done.code, rules_of(done.only())) == (1, {"sidecar-invalid"})


def test_an_orphaned_sidecar(tmp_path: Path) -> None:
    (tmp_path / "gone.txt.meta.yaml").write_text("source: plain-text\n")
    for arguments in ((".",), ("gone.txt.meta.yaml",)):
        done = validate(tmp_path, *arguments, "--format", "json")
        assert (done.code, done.only()["verdict"], rules_of(done.only())) == (0, None, {"sidecar-orphan"})
        assert json.loads(done.out)["summary"]["seeds"] == 0
    assert validate(tmp_path, ".", "--fail-on", "warning").code == 1


# --- the command line and the configuration ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("selct = []\n", ("validator.toml:1:", '"selct"', '"select"')),
        ("fail-on = 'eror'\n", ("validator.toml:1:", '"error"')),
        ("schemas = ['gone']\n", ("gone", "no such file or directory")),
        ("# \udcff\n", ("validator.toml:1:", "UTF-8")),
    ],
)
def test_a_broken_configuration(tmp_path: Path, text: str, parts: tuple[str, ...]) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    (tmp_path / "validator.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    refused(run(tmp_path, "validate", "a.txt"), *parts)
    assert run(tmp_path, "validate", "a.txt", "--no-config", "--source", "plain-text").code == 0


# --- standard input and output ----------------------------------------------------------------------------------------


def test_standard_input(tmp_path: Path) -> None:
    page = b"A headline of this example\nBy A. Specimen\n2021-03-04\nA text.\n"
    done = validate(tmp_path, "-", "--format", "json", given=page)
    assert (done.code, done.only()["path"], done.only()["verdict"]) == (0, "-", "valid")
    done = validate(tmp_path, "-", "--stdin-filename", "mod-gov-cn/a.txt", "--format", "json", given=page)
    assert (done.code, done.only()["path"], done.only()["source"]) == (0, "mod-gov-cn/a.txt", "mod-gov-cn")
    done = validate(tmp_path, "-", "--format", "json", given=b"")
    assert (done.code, rules_of(done.only())) == (1, {"empty-file"})


@pytest.mark.parametrize("lines", [1, 8_000])
def test_nobody_reads_to_the_end(tmp_path: Path, lines: int) -> None:
    """Neither a report that is longer than what a pipe holds, nor one that is written when the program ends."""
    (tmp_path / "a.txt").write_text(
        'The editor"s note came late, after all other pages were printed and bound.\n' * lines
    )
    options = ("--source", "plain-text", "--no-config", "--quiet", "--format", "concise")
    command = [*COMMAND, "validate", "a.txt", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        if lines > 1:
            assert running.stdout.readline().startswith(b"a.txt:1:11: error quote-for-apostrophe ")
        running.stdout.close()
        errors = running.stderr.read()
        assert running.wait(TIMEOUT_SECONDS) == 1
    assert errors == b""


def test_any_text_can_be_shown_where_the_terminal_knows_ascii_only(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一段文字\u00a0放在这里。", "utf-8")
    for form in ("text", "concise", "json", "jsonl"):
        options = ("--source", "zaobao-jekyll", "--format", form)
        done = validate(tmp_path, "a.txt", *options, changes={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
        assert done.code == 1
        assert done.out.isascii()


# --- the machine ------------------------------------------------------------------------------------------------------

NO_ZONES = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tzdata":
            raise ModuleNotFoundError("no tzdata here", name="tzdata")
sys.meta_path.insert(0, Nothing())
from validator.cli import main
main()
"""


def test_a_machine_without_time_zones(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A headline stands here\n\nBy A. Specimen (B)\n\n10:20, March 4, 2021\n\nA text.\n")
    arguments = ("validate", "--no-config", "a.txt", "--format", "json")

    def without(*more: str) -> Done:
        return run(tmp_path, *arguments, *more, program=("-c", NO_ZONES), changes={"PYTHONTZPATH": ""})

    # What needs no zone works; what does needs a package, and the message names it. No offset is made up.
    assert without("--source", "plain-text").code == 0
    for jobs in ("1", "2"):
        done = without("--source", "peoples-daily-page", "--jobs", jobs)
        assert done.code == 2
        assert "time zone 'Asia/Shanghai' is not known on this machine: install the package tzdata" in done.err
    (tmp_path / "mine.yaml").write_text(HEAD + "time_zone: Asia/Shanghai\n")
    refused(without("--schemas", "."), "mine.yaml:5:", "tzdata")
    done = run(tmp_path, *arguments, "--source", "peoples-daily-page")
    assert done.only()["record"]["date_published"] == "2021-03-04T10:20+08:00"


# --- exit codes -------------------------------------------------------------------------------------------------------

# A rule of which one text is the death, so that there is something wrong with the program.
FAULTY = """
from dataclasses import replace
from validator.rules import RULES
rule = RULES["final-newline"]
def check(view):
    if "faulty" in view.text:
        raise RuntimeError("made up for a test")
    yield from rule.check(view)
RULES["final-newline"] = replace(rule, check=check)
from validator.cli import main
main()
"""


def test_exit_codes(tmp_path: Path) -> None:
    (tmp_path / "valid.txt").write_text("A text.\n")
    (tmp_path / "warned.txt").write_text("A text.")
    (tmp_path / "wrong.txt").write_text("A text\x07.\n")
    claim = ("--source", "plain-text")
    assert validate(tmp_path, "valid.txt", "warned.txt", *claim).code == 0
    assert validate(tmp_path, "valid.txt", "warned.txt", *claim, "--fail-on", "warning").code == 1
    assert validate(tmp_path, "valid.txt", "wrong.txt", *claim).code == 1
    assert validate(tmp_path, "valid.txt", "wrong.txt", *claim, "--fail-on", "never").code == 0
    assert validate(tmp_path, "valid.txt", "wrong.txt", *claim, "--ignore", "control-character").code == 0
    assert validate(tmp_path, "valid.txt", "gone.txt", *claim).code == 2
    # Not judged is not clean, whatever is shown.
    assert validate(tmp_path, "valid.txt", "--fail-on", "never", "--select", "quotes").code == 1


@pytest.mark.parametrize(
    ("form", "jobs"), [("json", "1"), ("json", "2"), ("jsonl", "1"), ("concise", "1"), ("text", "1")]
)
def test_a_fault_of_the_program_is_told_and_costs_one_seed(tmp_path: Path, form: str, jobs: str) -> None:
    if jobs == "2" and sys.platform != "linux":
        pytest.skip("elsewhere workers start afresh, with sound rules")
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text("A faulty text." if name == "b" else "A text.")
    (tmp_path / "d.txt").write_bytes(b"\xff")
    arguments = ("validate", ".", "--no-config", "--source", "plain-text", "--format", form, "--jobs", jobs)
    done = run(tmp_path, *arguments, program=("-c", FAULTY))
    assert done.code == 3
    if form == "json":
        seeds = done.seeds()
        assert {path: seed["verdict"] for path, seed in seeds.items()} == {
            "a.txt": "valid",
            "b.txt": "unchecked",
            "c.txt": "valid",
            "d.txt": "unreadable",
        }
        assert "RuntimeError: made up for a test" in seeds["b.txt"]["fault"]
        assert seeds["b.txt"]["findings"] == []
        assert run(tmp_path, *arguments).code == 1
    else:
        assert "unchecked" in done.out + done.err


# --- time -------------------------------------------------------------------------------------------------------------


def test_the_clock_would_notice_a_hang(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", "import time; time.sleep(9)"], check=False, cwd=tmp_path, timeout=0.2)
    assert time.monotonic() - begun < TIMEOUT_SECONDS
