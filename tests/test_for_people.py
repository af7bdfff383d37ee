"""What a person sees in a terminal: a report that fits the run, commands that can be pasted, and the usual options."""

from __future__ import annotations

import io
import json
import re
import shlex
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import CHECKOUT, Program, put

import validator.cli.terminal
from validator.cli.calling import in_repository
from validator.record.lookalikes import lookalikes
from validator.reports.after import edits_in_excerpt, line_after
from validator.reports.display import width_of, wrap
from validator.reports.formats.text import SHARED
from validator.reports.model import Run, Setting, Tally, open_report
from validator.reports.overview import FEWEST
from validator.rules import RULES
from validator.text.errors import nearest
from validator.text.findings import Applicability, Edit, Finding, Fix, Severity
from validator.text.places import LineIndex

MOD = "mod-gov-cn/as-captured.txt"
SEED = "The bridge of the town\u00a0opened in May.\nNobody came.  \n"


@pytest.fixture
def archive(specimens: Path) -> Path:
    return specimens


@pytest.fixture
def many(specimens: Path) -> Path:
    """300 seeds with the same two findings, and one more in every tenth."""
    for number in range(300):
        more = 'The editor"s note.\n' if number % 10 == 0 else ""
        put(f"many/{number:03}.txt", SEED + more)
    (specimens / "validator.toml").write_text('[sources]\n"many/**" = "plain-text"\n', "utf-8")
    return specimens


# --- a report that fits the run ---------------------------------------------------------------------------------------


def test_a_handful_is_shown_in_full(program: Program, archive: Path) -> None:
    shown = program(f"validate {MOD} zaobao-jekyll/as-captured.md").out
    assert re.findall(r"^\S.*\.(?:txt|md)$", shown, re.MULTILINE) == [MOD, "zaobao-jekyll/as-captured.md"]
    assert "Findings by rule" not in shown


@pytest.mark.parametrize("seed", ["all-rules", "one-rule", "one-line"])
def test_one_seed_takes_one_screen(program: Program, archive: Path, seed: str) -> None:
    texts = {
        "one-rule": "One line.  \n\nAnother.\n" * 200,
        "one-line": "word\u00a0" * 200 + "\n",
        "all-rules": 'a\u200bb  \n\n\n\nThe editor"s “note" informa-\ntion.\u00a0\t\x0b\n café Ã©tÃ© ����\n' * 30,
    }
    put("one/a.txt", texts[seed])
    done = program("validate one/a.txt --source plain-text")
    assert len(done.lines()) <= 60
    assert max(map(width_of, done.lines())) <= 80
    assert re.search(r"^  \d+:\d+  ", done.out, re.MULTILINE)
    full = program("validate one/a.txt --source plain-text --full").out
    assert "on this line)" not in full


def test_a_handful_with_many_findings_is_shortened(program: Program, archive: Path) -> None:
    for number in range(3):
        lines = f'The editor"s note {number}.  \n\n\n\nA\u00a0line.\n' * 10
        put(f"few/{number}.txt", f"Text {number} and no more “of it.\n{lines}")
    done = program("validate few --source text-article")
    assert len(done.lines()) <= SHARED + 10
    assert re.findall(r"^few/\d\.txt$", done.out, re.MULTILINE) == [f"few/{number}.txt" for number in range(3)]
    said = " ".join(done.out.split())
    rest = "… and 10 warnings (trailing-whitespace): `validator validate --full few/0.txt`"
    assert rest in said, "how many are not shown, their rules, and how to see them"
    full = program("validate few --source text-article --full").out
    rules = set(re.findall(r"^  \d+:\d+  \w+  ([a-z-]+)", full, re.MULTILINE))
    assert all(rule in done.out for rule in rules)
    for advice, times in (("find the name and attest it", 1), ("let it be repaired.", 0)):
        assert [done.out.count(advice), full.count(advice)] == [times, 3], "said once; of safe repairs by the summary"


def test_findings_of_one_rule_on_a_line_are_one_entry(program: Program, archive: Path) -> None:
    put("one/a.txt", "A\u00a0line\u00a0with three\u00a0of them.\nAnd one\u00a0more.\n")
    shown = program("validate one/a.txt --source plain-text --select no-break-space").lines()
    at = shown.index("  1:2  warning  no-break-space  (3 on this line)")
    assert shown[at + 2 : at + 4] == ["    | A⍽line⍽with three⍽of them.", "    |  ^    ^          ^"]
    assert shown[at + 4] == "    also at columns 7, 18"
    assert "    + A line with three of them." in shown
    assert "  2:8  warning  no-break-space" in shown


def test_of_many_findings_there_is_an_overview(program: Program, many: Path) -> None:
    shown = program("validate many")
    lines = shown.lines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 80
    rows = [line.split() for line in lines[2 : lines.index("")]]
    assert rows[:2] == [
        ["quote-for-apostrophe", "error", "30", "30", "30"],
        ["no-break-space", "warning", "300", "300", "300"],
    ]
    assert "many/000.txt:1, many/001.txt:1, many/002.txt:1 and 297 more" in shown.out
    assert re.search(r"Seeds to begin with\n  many/000\.txt: 1 error, 2 warnings\n  many/010\.txt: ", shown.out)
    for command in re.findall(r"`(validator validate [^`]+)`", shown.out):
        assert program(*shlex.split(command)[1:]).code in (0, 1)
    assert program("validate many --full").out.count("Source: plain-text") == 300
    assert program("validate many -v").out.count("Source: plain-text") == 300


def test_what_was_not_judged_is_in_the_overview(program: Program, many: Path) -> None:
    put("other/a.txt", "nothing that a source knows\n")
    shown = program("validate many other").out
    assert re.search(r"^  [\w-]+ +error +1 +1$", shown, re.MULTILINE)
    assert "1 unidentified" in shown


def test_equal_findings_of_several_seeds_are_told_once(program: Program, archive: Path) -> None:
    for number in range(FEWEST + 3):
        put(f"same/{number}.txt", "A line.  \n" + ("A\u00a0line.\n" if number == 1 else ""))
    shown = program("validate same --source plain-text").out
    assert shown.count("trailing-whitespace") == 1
    assert "same/0.txt:1, same/1.txt:1, same/2.txt:1 and 4 more" in shown
    assert re.findall(r"^same/.*\.txt$", shown, re.MULTILINE) == ["same/1.txt"]
    assert program("validate same --source plain-text --full").out.count("trailing-whitespace") == FEWEST + 3


def test_statistics_alone(program: Program, many: Path) -> None:
    done = program("validate many --statistics")
    assert (done.code, {len(line.split()) for line in done.lines()}) == (1, {4})


# --- what the next command is -----------------------------------------------------------------------------------------


def test_hints_can_be_pasted(program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "a folder's/" + "a-long-name-" * 8 + ".txt"
    put(name, "A line.  \n")
    for place, here in ((archive, ""), (archive / "mod-gov-cn", "../")):
        monkeypatch.chdir(place)
        shown = program("validate", f"{here}{name}", "--source", "text-article").out
        (attest,) = re.findall(r"`(validator attest [^`]+ byline [^`]+)`", shown)
        words = shlex.split(attest.replace("\\\n", " "))
        assert (
            words[:4] == ["validator", "attest", f"{here}{name}", "byline"] or width_of(shlex.quote(here + name)) > 70
        )
        (repair,) = re.findall(r"`(validator repair --source [^`]+)`", shown)
        again = shlex.split(repair.replace("\\\n", " "))
        assert again[:4] == ["validator", "repair", "--source", "text-article"]


def test_a_command_that_is_too_long_goes_on_as_a_shell_wants_it() -> None:
    text = 'Next: do it: `validator attest a/long/name.txt byline "A B" --basis "…"`, and more'
    lines = list(wrap(text, 40, "", "  ", for_paste=True))
    command = re.search(r"`([^`]+)`", "\n".join(lines))
    assert command is not None
    words = ["validator", "attest", "a/long/name.txt", "byline", "A B", "--basis", "…"]
    assert shlex.split(command[1].replace("\\\n", "")) == words
    assert max(map(width_of, lines)) <= 40


def test_a_finding_to_accept_names_the_command(program: Program, archive: Path) -> None:
    shown = program("validate zaobao-jekyll/as-captured.md --select byline-impersonal").out
    said = " ".join(shown.replace("\\\n", " ").split())
    assert '`validator accept zaobao-jekyll/as-captured.md byline-impersonal --reason "…"`' in said


def test_a_report_without_a_run_names_no_file() -> None:
    out, tally = io.StringIO(), Tally()
    open_report("text", out, Setting()).finish(tally.totals())
    assert Run().argument("a b.txt") == "'a b.txt'"
    assert Run(here="../").argument("a.txt") == "../a.txt"
    assert Run(here="../").argument("/a.txt") == "/a.txt"
    assert Run().argument("a\x1b.txt") == "FILE"


# --- before and after -------------------------------------------------------------------------------------------------


def fixed(text: str, *edits: Edit, applicability: Applicability = Applicability.SAFE) -> Finding:
    place = LineIndex(text)
    start, end = place.position(edits[0].start), place.position(edits[0].end)
    fix = Fix(applicability, "a fix", edits)
    return Finding("made-up", "text", Severity.WARNING, "made up", start, end, fix, excerpt=text)


@given(text=st.text("abc 报\u00a0", min_size=1, max_size=30), data=st.data())
def test_the_line_after_is_what_the_fix_makes_of_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    new = data.draw(st.text("xy", max_size=3))
    found = fixed(text, Edit(start, end, new))
    shown = "".join(piece for piece, _ in line_after(found, (), 200))
    after = text[:start] + new + text[end:]
    assert shown.replace("⍽", "\u00a0").rstrip("…") == after
    assert edits_in_excerpt(found) == [Edit(start, end, new)]


@pytest.mark.parametrize(
    "found",
    [
        fixed("text", Edit(0, 9, "")),
        fixed("text", Edit(0, 1, "x"), applicability=Applicability.DISPLAY),
        fixed("text", Edit(0, 4, "")),
    ],
)
def test_a_change_that_cannot_be_shown_on_the_line_is_not(found: Finding) -> None:
    assert line_after(found, (), 80) == []


# --- habits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "real"), [("check", "validate"), ("fix", "repair")])
def test_other_names_of_commands(program: Program, archive: Path, name: str, real: str) -> None:
    line = f"{MOD} --select quotes" + (" --diff" if name == "fix" else "")
    assert program(f"{name} {line}") == program(f"{real} {line}")
    assert program(f"{name} --help").out.startswith(f"Usage: validator {name} ")


def test_help_and_version(program: Program) -> None:
    assert program("version") == program("--version")
    assert program("help") == program("--help")
    assert program("help sources learn").out == program("sources learn --help").out
    wrong = program("help chck")
    assert (wrong.code, 'did you mean "check"?' in wrong.err) == (2, True)


def test_help_has_groups(program: Program) -> None:
    shown = program("--help").out
    assert re.findall(r"^To (.*):$", shown, re.MULTILINE) == ["check", "fix", "record", "set up"]
    assert "  validate, check  " in shown


def test_exclude(program: Program, many: Path) -> None:
    assert program("check many --exclude many/1* --exclude many/2* --format json").out.count('"path"') == 100


def test_exit_zero(program: Program, archive: Path) -> None:
    assert program(f"check {MOD}").code == 1
    assert program(f"check {MOD} --exit-zero").code == 0
    assert program("check nowhere --exit-zero").code == 2


def test_output_format(program: Program, archive: Path) -> None:
    assert program(f"check {MOD} --output-format json") == program(f"validate {MOD} --format json")


def test_fix_before_the_check(program: Program, archive: Path) -> None:
    done = program(f"check {MOD} --fix --format concise")
    assert "quote-for-apostrophe" not in done.out
    assert "byline-missing" in done.out
    assert re.search(r"repaired .*6 quote-for-apostrophe", done.err)
    assert "validator undo" in done.err
    assert program("undo --last").code == 0
    assert "quote-for-apostrophe" in program(f"check {MOD}").out
    for refused in ("-", "--staged", "--since HEAD", ". --hook"):
        assert program(f"check --fix {refused}").code == 2


def test_no_path_means_this_folder(program: Program, many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program("check --format json") == program("check . --format json")
    monkeypatch.chdir(many / "many")
    assert program("check --format json").out.count('"path"') == 300
    assert program("fix --diff").out.count("+++ ") == program("fix --diff .").out.count("+++ ") > 0


def test_no_path_where_nothing_is(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    for command, verb in (
        ("check", "check"), ("validate", "check"), ("fix", "repair"), ("repair", "repair"), ("verify", "verify")
    ):  # fmt: skip
        done = program(command)
        said = " ".join(done.err.split())
        assert (done.code, done.out) == (2, "")
        assert f"name the files or folders to {verb}: this folder has neither a configuration nor a seed" in said
    put("a.txt", "A line.\n")
    assert program("check").code == 1
    (tmp_path / "top" / ".git").mkdir(parents=True)
    put(tmp_path / "top" / "seeds" / "a.txt", "A line.\n")
    monkeypatch.chdir(tmp_path / "top")
    assert "seeds/a.txt" in program("check --no-config").out
    assert "1 no event" in program("verify").err


@pytest.mark.parametrize(
    ("options", "variables", "colored"),
    [
        ("", {}, False),
        ("--color always", {}, True),
        ("--color always", {"NO_COLOR": "1"}, True),
        ("--color never", {"FORCE_COLOR": "1"}, False),
        ("", {"FORCE_COLOR": "1"}, True),
        ("", {"FORCE_COLOR": "0"}, False),
        ("", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_color(
    program: Program,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: str,
    variables: dict[str, str],
    colored: bool,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in program(f"check {MOD} {options}").out) == colored
    assert ("\x1b[" in program(f"{options} check {MOD}").out) == colored
    program(f"check {MOD} {options} --output report.txt")
    assert "\x1b" not in (archive / "report.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--exclud", "--exclude"),
        ("--selct", "--select"),
        ("--formt", "--format"),
        ("--quite", "--quiet"),
        ("--zzz", None),
    ],
)
def test_options_that_are_near(program: Program, typed: str, meant: str | None) -> None:
    said = program(f"check {typed} .").err
    assert (re.findall(r"'?(--[a-z-]+)'?\?", said) or [None])[0] == meant
    assert "Possible options" not in said


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("check --format jsn .", "json"),
        ("check --output-format SARFI .", "sarif"),
        ("check --fail-on eror .", "error"),
        ("schema confg", "config"),
        ("completion bsh", "bash"),
        ("rules --format markdwon", "markdown"),
        ("check --format postscript .", None),
        ("schema zzz", None),
    ],
)
def test_values_that_are_near(program: Program, line: str, meant: str | None) -> None:
    done = program(line)
    assert done.code == 2
    assert (re.findall(r"Did you mean '(\w+)'\?", done.err) or [None])[0] == meant


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("chekc", ("check", "fix", "record"), "check"),
        ("fx", ("check", "fix", "record"), "fix"),
        ("byline-missng", ("byline-missing", "date-missing", "headline-missing"), "byline-missing"),
        ("datemissing", ("byline-missing", "date-missing"), "date-missing"),
        ("mod-gov", ("mod-gov-cn", "moderately"), "mod-gov-cn"),
        ("headlnie", ("byline", "headline"), "headline"),
        ("export", ("explain", "review", "record"), None),
        ("lint", ("init", "undo", "fix"), None),
        ("publisher-name", ("publisher", "byline"), None),
        ("c", ("check", "fix"), None),
    ],
)
def test_the_nearest_is_right_or_none(typed: str, known: tuple[str, ...], meant: str | None) -> None:
    assert nearest(typed, known) == meant


@given(name=st.text("abcdef-", min_size=4, max_size=12), data=st.data())
def test_one_mistake_is_always_seen(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    typed = data.draw(
        st.sampled_from([name[:at] + name[at + 1 :], name[:at] + "x" + name[at:], name[:at] + "y" + name[at + 1 :]])
    )
    assert nearest(typed, (name, "zzzzzzzzzzzzzzzzzzzzzzz")) == name


def test_progress_tells_the_rate_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", terminal)
    progress = validator.cli.terminal.Progress(10_000, off=False)
    progress.started = progress.drawn = time.monotonic() - 10
    progress.step(2500)
    assert re.search(r" 2,500 of 10,000 seeds, 2\d\d a second, (29|30) s left$", terminal.getvalue())
    assert max(map(len, terminal.getvalue().split("\r"))) < 80
    assert [validator.cli.terminal.duration(each) for each in (8.2, 200, 3900)] == ["8 s", "3 min 20 s", "1 h 5 min"]


# --- addresses of rules and names of schemas --------------------------------------------------------------------------


def test_the_page_on_rules_is_up_to_date(program: Program, archive: Path) -> None:
    page = (CHECKOUT / "docs" / "rules.md").read_text("utf-8")
    assert program("rules --format markdown").out == page, (
        "write it anew: validator rules --format markdown > docs/rules.md"
    )
    assert re.findall(r"^### (.*)$", page, re.MULTILINE) == [
        rule.name for rule in sorted(RULES.values(), key=lambda rule: (rule.family, rule.name))
    ]


@pytest.mark.parametrize("given", ["", 'rule-url = "https://docs.example.org/r.html#{rule}"\n'])
def test_reports_link_to_the_page_of_a_rule(
    program: Program, archive: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setattr("validator.cli.calling._installed_rule_url", lambda: "")
    (archive / "validator.toml").write_text(given, "utf-8")
    url = "https://docs.example.org/r.html#byline-missing" if given else None
    sarif = json.loads(program(f"check {MOD} --format sarif").out)
    (rule,) = (each for each in sarif["runs"][0]["tool"]["driver"]["rules"] if each["id"] == "byline-missing")
    assert rule.get("helpUri") == url
    diagnostics = [json.loads(line) for line in program(f"check {MOD} --format rdjsonl").lines()]
    assert diagnostics[0]["code"] == {"value": "byline-missing"} | ({"url": url} if url else {})
    issues = json.loads(program(f"check {MOD} --format gitlab").out)
    assert issues[0].get("content") == (url and {"body": f"[byline-missing](<{url}>)"})
    suites = ElementTree.fromstring(program(f"check {MOD} --format junit").out)
    said = next(suites.iter("failure")).text or ""
    assert said.endswith(f"\nAbout byline-missing: {url}") == bool(url)
    tool = json.loads(program(f"check {MOD} --format json").out)["tool"]
    assert tool.get("rule_url") == (url and url.replace("byline-missing", "{rule}"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(archive / "summary.md"))
    program(f"check {MOD} --format github")
    assert (f"]({url})" in (archive / "summary.md").read_text("utf-8")) == bool(url)


@pytest.mark.parametrize("form", ["gitlab", "rdjsonl", "junit"])
def test_a_verdict_has_no_page(program: Program, archive: Path, form: str) -> None:
    (archive / "validator.toml").write_text('rule-url = "https://docs.example.org/r.html#{rule}"\n', "utf-8")
    put("other/a.txt", "nothing that a source knows\n")
    written = program(f"check other --format {form} --ignore source").out
    assert "unidentified" in written
    assert "r.html#unidentified" not in written


@pytest.mark.parametrize("wrong", ["https://example.org/rules", "file:///rules#{rule}", "https://a b/{rule}"])
def test_a_wrong_address_is_refused(program: Program, archive: Path, wrong: str) -> None:
    (archive / "validator.toml").write_text(f'rule-url = "{wrong}"\n', "utf-8")
    assert program(f"check {MOD}").code == 2


@pytest.mark.parametrize(
    ("url", "page"),
    [
        (
            "https://git.example.org/us/validator.git",
            "https://git.example.org/us/validator/blob/v1/docs/rules.md#{rule}",
        ),
        ("git@git.example.org:us/validator", "https://git.example.org/us/validator/blob/v1/docs/rules.md#{rule}"),
        ("/srv/validator", ""),
        ("file:///srv/validator", ""),
        ("", ""),
    ],
)
def test_the_address_in_a_repository(url: str, page: str) -> None:
    assert in_repository(url, "v1") == page


def test_schemas_have_stable_names(program: Program, archive: Path) -> None:
    names = sorted(path.name.removesuffix(".schema.json") for path in (CHECKOUT / "schemas").glob("*.schema.json"))
    assert names == ["baseline", "config", "event", "report", "sidecar", "source"]
    for name in names:
        printed = program(f"schema {name}").out
        assert printed == (CHECKOUT / "schemas" / f"{name}.schema.json").read_text("utf-8")
        assert json.loads(printed)["$id"] == f"{name}.schema.json"


# --- what looks like a missing value ----------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        "By Ann Specimen",
        "Date: 3 March 2019",
        "https://example.org/a",
        "# A heading",
        "作者：某人",
        "2019年3月3日",
        "",
        "Text.",
        "<p>",
    ]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=30).map(lambda text: text.replace("\n", " "))), max_size=30))
def test_what_looks_like_a_value_is_in_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    fields = ("headline", "byline", "date_published", "source_url")
    for found in lookalikes(text, 0, fields, None, ("en",)).values():
        assert 0 < len(found) <= 3
        for each in found:
            assert text[each.span.start : each.span.end] == each.text
            assert text.count("\n", 0, each.span.start) == each.line - 1
