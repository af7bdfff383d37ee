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

REPOSITORY = Path(__file__).resolve().parent.parent
TIMEOUT_SECONDS = 60
LINE_END = "\n"


@dataclass(frozen=True, slots=True)
class Done:
    """What a run came to."""

    code: int
    output: str
    errors: str

    def seeds(self) -> dict[str, dict[str, Any]]:
        """The seeds of a JSON report by their paths."""
        return {seed["path"]: seed for seed in json.loads(self.output)["seeds"]}

    def only(self) -> dict[str, Any]:
        """The one seed of a JSON report."""
        (seed,) = self.seeds().values()
        return seed


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment, but that this checkout is used, and output is buffered as it mostly is."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**inherited, "PYTHONPATH": str(REPOSITORY), **(changes or {})}


def run(
    folder: Path,
    *arguments: str | bytes,
    given: bytes = b"",
    program: tuple[str, ...] = ("-m", "validator"),
    changes: Mapping[str, str] | None = None,
) -> Done:
    """Run `validator` with these arguments in a folder, `changes` being those of the environment.

    Nearly every run that is tested here passes through this: none may show a traceback, or control a terminal.
    """
    done = subprocess.run(
        [sys.executable, *program, *arguments], check=False, capture_output=True, input=given, cwd=folder,
        timeout=TIMEOUT_SECONDS, env=environment(changes),
    )  # fmt: skip
    output, errors = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    for text in (output, errors):
        assert "Traceback" not in text
        assert "\x1b" not in text
    return Done(done.returncode, output, errors)


def validate(
    folder: Path, *arguments: str | bytes, given: bytes = b"", changes: Mapping[str, str] | None = None
) -> Done:
    return run(folder, "validate", "--no-config", *arguments, given=given, changes=changes)


def rules_of(seed: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in seed["findings"]}


def refused(done: Done, *parts: str) -> None:
    """Assert that nothing was checked, and that one plain line says why."""
    assert done.code == 2, done
    assert done.output == ""
    assert done.errors.startswith("validator: ")
    assert done.errors.count(LINE_END) == 1
    for part in parts:
        assert part in done.errors, done.errors


# --- what is not there, or is no file ---------------------------------------------------------------------------------


def test_a_missing_path(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    refused(validate(tmp_path, "a.txt", "gone.txt"), "gone.txt", "not found")


def test_a_folder_without_seeds(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "empty" / "folder.txt").mkdir()
    done = validate(tmp_path, "empty")
    assert (done.code, done.output) == (2, "")
    told, refusal = done.errors.splitlines()
    assert told.startswith("validator: 1 other file not checked")
    assert told.endswith("empty/a.pdf")
    assert refusal.startswith("validator: no seeds in empty (looked for *.txt")
    refused(validate(tmp_path, "empty/folder.txt"), "no seeds")


def test_what_the_configuration_excludes_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "validator.toml").write_text('exclude = ["drafts/"]\n')
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "a.txt").write_text("A text.\n")
    done = run(tmp_path, "validate", "drafts")
    assert (done.code, done.output) == (0, "")
    assert "drafts is excluded by the configuration" in done.errors


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
    assert done.errors == ""
    if bad.verdict not in ("valid", "invalid"):
        assert seed["record"] == {}


def test_the_text_report_of_bad_seeds_is_for_people(tmp_path: Path) -> None:
    for number, bad in enumerate(BAD.values()):
        if len(bad.data) < 1_000_000:
            (tmp_path / f"{number:02}.txt").write_bytes(bad.data)
    names = [path.name for path in tmp_path.iterdir()]
    for form in ("text", "concise"):
        done = validate(tmp_path, ".", "--format", form)
        assert done.code == 1
        assert all(name in done.output for name in names)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufeff]", done.output)
        assert max(map(len, done.output.splitlines())) < 500


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
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", done.output)
    assert done.output.count(LINE_END) == len(NAMES)  # a name makes no line of its own


def test_a_missing_path_forges_nothing(tmp_path: Path) -> None:
    refused(validate(tmp_path, b"gone\n0 seeds: all valid\x1b[2K\xff.txt"), "not found: gone", "all valid")


# --- schemas ----------------------------------------------------------------------------------------------------------

HEAD = "id: mine\ntitle: Mine\nextends: base\ncontainer: plain-text\n"
SCHEMAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "an unknown key": (HEAD + "langauge: en\n", ("mine.yaml:5:", '"langauge"', '"language"')),
    "an unknown key deep down": (
        HEAD + "record:\n  headline:\n    - {patern: 'x'}\n", ("mine.yaml:7:", '"patern"', '"pattern"'),
    ),
    "an unknown field": (HEAD + "record:\n  headlin: []\n", ("mine.yaml:6:", '"headline"')),
    "a word that is none of several": (HEAD + "text: {quotes: curley}\n", ("mine.yaml:5:", '"curley"', '"curly"')),
    "a field that is none": (
        HEAD + "agree: [{name: a, rule: dates-disagree, relation: same-day, left: date_publishd, right: dateline}]\n",
        ("mine.yaml:5:", '"date_published"'),
    ),
    "a bad pattern": (HEAD + "record:\n  headline:\n    - pattern: '(?P<value>x'\n", ("mine.yaml:7:", "missing )")),
    "a pattern that RE2 lacks": (
        HEAD + "record:\n  headline:\n    - pattern: '(?P<value>x(?=y))'\n", ("mine.yaml:7:", "lookaround"),
    ),
    "a pattern without a value": (
        HEAD + "record:\n  headline:\n    - pattern: 'x'\n", ("mine.yaml:7:", "(?P<value>"),
    ),
    "a pattern without a value, to agree with": (
        HEAD + "agree: [{name: a, rule: dates-disagree, relation: same-day, left: dateline, right: {path: 'x'}}]\n",
        ("mine.yaml:5:", "(?P<value>"),
    ),
    "a bad pattern in the schema of the front matter": (
        HEAD + "front_matter: {properties: {title: {pattern: '('}}}\n", ("mine.yaml:5:", "missing )"),
    ),
    "a bad pattern of keys": (
        HEAD + "front_matter: {patternProperties: {'(': {}}}\n", ("mine.yaml:5:", '"("', "missing )"),
    ),
    "a cycle of one": (HEAD.replace("base", "mine"), ("mine.yaml:3:", "extends itself", "mine -> mine")),
    "an unknown parent": (HEAD.replace("base", "bases"), ("mine.yaml:3:", "'bases'", '"base"')),
    "an unknown rule": (HEAD + "rules:\n  final-newlin: off\n", ("mine.yaml:6:", "'final-newlin'", '"final-newline"')),
    "an unknown option": (
        HEAD + "rules:\n  blank-lines: {at_mos: 2}\n", ("mine.yaml:6:", "'at_mos'", '"at_most"'),
    ),
    "an option of another kind": (HEAD + "rules:\n  blank-lines: {at_most: two}\n", ("mine.yaml:6:", "'two'", "int")),
    "an unknown severity": (HEAD + "rules: {final-newline: eror}\n", ("mine.yaml:5:", '"eror"', '"error"')),
    "an unknown residue": (HEAD + "record:\n  body: [{before: residue.tail}]\n", ("mine.yaml:6:", "'tail'")),
    "an unknown time zone": (HEAD + "time_zone: Asia/Shangai\n", ("mine.yaml:5:", '"Asia/Shanghai"')),
    "an unknown encoding": (HEAD + "encoding: {legacy: [gbk2]}\n", ("mine.yaml:5:", '"gbk2"', '"gbk"')),
    "an unknown directive": (
        HEAD + "record:\n  date_published: [{pattern: '(?P<value>x)', format: '%Q'}]\n", ("mine.yaml:6:", "%Q"),
    ),
    "a format that is not checked": (
        HEAD + "front_matter: {properties: {a: {format: dat}}}\n", ("mine.yaml:5:", '"dat"', '"date"'),
    ),
    "another id": (HEAD.replace("id: mine", "id: yours"), ("mine.yaml:1:", "'yours'", "'mine'")),
    "a key twice": (HEAD + "title: Mine\n", ("mine.yaml:5:", '"title"', "twice")),
    "an alias": ("id: mine\ntitle: Mine\nextends: *a\n", ("mine.yaml:3:", "alias")),
    "200,000 brackets": (HEAD + f"x: {'[' * 200_000}\n", ("mine.yaml:5:", "nested")),
    "no YAML": (HEAD + "x: 'never closed\n", ("mine.yaml:5:", "never closed")),
    "no mapping": ("- id: mine\n", ("mine.yaml:1:", "key: value")),
    "nothing": ("", ("mine.yaml:1:", "mapping")),
    "no UTF-8": (HEAD + "x: \udcff\n", ("mine.yaml:5:", "UTF-8")),
}  # fmt: skip


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


def test_a_cycle_of_several_schemas(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    (tmp_path / "mine.yaml").write_text(HEAD.replace("base", "yours"))
    (tmp_path / "yours.yaml").write_text(HEAD.replace("mine", "yours").replace("base", "mine"))
    refused(validate(tmp_path, "a.txt", "--schemas", "."), "yaml:3:", "extends itself", "mine -> yours -> mine")


def test_schemas_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    refused(validate(tmp_path, "a.txt", "--schemas", "gone"), "gone", "no such folder")
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
        assert json.loads(done.output)["summary"]["seeds"] == 0
    assert validate(tmp_path, ".", "--fail-on", "warning").code == 1


# --- the command line and the configuration ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--source", "plain-txt"), ("--source", '"plain-txt"', '"plain-text"')),
        (("--select", "final-newlin"), ('"final-newlin"', '"final-newline"')),
        (("--select", "final-newline,qoutes"), ('"qoutes"', '"quotes"')),
        (("--ignore", "whitspace"), ('"whitspace"', '"whitespace"')),
        (("--stdin-filename", "a.txt"), ("--stdin-filename", "`-`")),
        (("--config", "gone.toml"), ("gone.toml",)),
        (("--output", "gone/report.json"), ("gone/report.json", "no such file or directory")),
    ],
)
def test_bad_options(tmp_path: Path, arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    refused(run(tmp_path, "validate", "a.txt", *arguments), *parts)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("validat", "a.txt"), '"validate"'),
        (("validate",), "files or folders"),
        (("validate", "a.txt", "--format", "jsn"), "json"),
        (("validate", "a.txt", "--fail-on", "eror"), "error"),
        (("validate", "a.txt", "--jobs", "0"), "jobs"),
        (("validate", "a.txt", "--selct", "quotes"), "--select"),
        (("validate", "a.txt", "--output", "."), "directory"),
    ],
)
def test_bad_usage(tmp_path: Path, arguments: tuple[str, ...], part: str) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    done = run(tmp_path, *arguments)
    assert (done.code, done.output) == (2, "")
    assert part in done.errors


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("selct = []\n", ("validator.toml:1:", '"selct"', '"select"')),
        ("\nignore = ['quots']\n", ("validator.toml:2:", '"quots"', '"quotes"')),
        ("[sources]\n'*.txt' = 'plain-txt'\n", ("validator.toml:2:", '"plain-txt"', '"plain-text"')),
        ("fail-on = 'eror'\n", ("validator.toml:1:", '"error"')),
        ("select = [\n", ("validator.toml:", "TOML")),
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
    assert (done.code, done.only()["path"], done.only()["verdict"]) == (1, "-", "unidentified")
    done = validate(tmp_path, "-", "--stdin-filename", "mod-gov-cn/a.txt", "--format", "json", given=page)
    assert (done.code, done.only()["path"], done.only()["source"]) == (0, "mod-gov-cn/a.txt", "mod-gov-cn")
    done = validate(tmp_path, "-", "--format", "json", given=b"")
    assert (done.code, rules_of(done.only())) == (1, {"empty-file"})


def test_the_sidecar_of_what_stands_on_standard_input_counts(tmp_path: Path) -> None:
    (tmp_path / "a.txt.meta.yaml").write_text("source: plain-text\n")
    done = validate(tmp_path, "-", "--stdin-filename", "a.txt", "--format", "json", given=b"A text.\n")
    assert (done.code, done.only()["source"]) == (0, "plain-text")


@pytest.mark.parametrize("lines", [1, 8_000])
def test_nobody_reads_to_the_end(tmp_path: Path, lines: int) -> None:
    """Neither a report that is longer than what a pipe holds, nor one that is written when the program ends."""
    (tmp_path / "a.txt").write_text(
        'The editor"s note came late, after all other pages were printed and bound.\n' * lines
    )
    command = [
        sys.executable,
        "-m",
        "validator",
        "validate",
        "a.txt",
        "--source",
        "plain-text",
        "--no-config",
        "--quiet",
    ]
    with subprocess.Popen(
        [*command, "--format", "concise"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(),
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        if lines > 1:
            assert running.stdout.readline().startswith(b"a.txt:1:11: error quote-for-apostrophe ")
        running.stdout.close()
        errors = running.stderr.read()
        assert running.wait(TIMEOUT_SECONDS) == 1
    assert errors == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_report_that_cannot_be_written_is_not_a_clean_run(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    command = [sys.executable, "-m", "validator", "validate", "a.txt", "--source", "plain-text", "--no-config"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, check=False, stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()
        )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"validator: ")


def test_any_text_can_be_shown_where_the_terminal_knows_ascii_only(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一段文字\u00a0放在这里。", "utf-8")
    for form in ("text", "concise", "json", "jsonl"):
        done = validate(
            tmp_path,
            "a.txt",
            "--source",
            "zaobao-jekyll",
            "--format",
            form,
            changes={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        )
        assert done.code == 1
        assert done.output.isascii()


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
        assert "time zone 'Asia/Shanghai' is not known on this machine: install the package tzdata" in done.errors
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
        assert "unchecked" in done.output + done.errors


# --- time -------------------------------------------------------------------------------------------------------------


def test_the_clock_would_notice_a_hang(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", "import time; time.sleep(9)"], check=False, cwd=tmp_path, timeout=0.2)
    assert time.monotonic() - begun < TIMEOUT_SECONDS
