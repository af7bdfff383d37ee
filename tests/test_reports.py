"""The report formats: the same findings in each, for people and for programs, and no text that forges a line."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from running import table

from validator.reports.display import EXCERPT_LIMIT, cells, marked, width_of, wrap
from validator.reports.escaping import printable
from validator.reports.model import FORMATS, Profile, Setting, Tally, open_report
from validator.reports.words import statistics
from validator.rules import registry
from validator.text.findings import (
    Applicability,
    Basis,
    Candidate,
    Edit,
    Extent,
    Finding,
    Fix,
    Lift,
    Related,
    SeedReport,
    Severity,
    Status,
    Totals,
    Value,
    Verdict,
)
from validator.text.places import ORIGIN, LineIndex

SNAPSHOTS = Path(__file__).parent / "snapshots"
SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "report.schema.json").read_text("utf-8"))
PROFILE = Profile("5" * 64, None, ("indentation",))

ENGLISH = (
    "Made-Up News Service, November 25 -- This opening sentence only marks the place where the lead would stand.\n"
    "\n"
    "This line is as long as the lines of paragraphs are, so that what stands left of the mark is cut away; here "
    'the editor"s note stands near its middle, and what stands right of it is cut away too, as one would expect.\n'
)
CHINESE = (
    "---\ntitle: \u00a0这是一个编造的标题\ndate: 2021-07-28\n---\n\n[这是另一个标题](https://example.com/)\n"
    + "\n\n正文。\n" * 5
)
NO_YEAR = 'the date "November 25" states no year; a full date was expected'
NO_PERSON = "an agency, not a person"
A_MARK = "a double quotation mark stands where an apostrophe belongs"
TWO_HEADLINES = 'the front matter says "这是一个编造的标题"，the link "这是另一个标题"：the same text was expected'


def finding(text: str, start: int, end: int, rule: str, message: str, **changes: Any) -> Finding:
    """A finding at the code points from `start` up to `end`, with the excerpt that the engine would cut."""
    index = LineIndex(text)
    line = index.line_span_at(start, len(text))
    left = max(line.start, min(start - EXCERPT_LIMIT // 2, line.end - EXCERPT_LIMIT))
    excerpt = text[left : min(line.end, left + EXCERPT_LIMIT)]
    settled: dict[str, Any] = {
        "family": "made-up",
        "severity": Severity.ERROR,
        "excerpt": excerpt,
        "excerpt_column": left - line.start + 1,
        "fingerprint": "f" * 64,
    }
    return Finding(
        rule=rule, message=message, start=index.position(start), end=index.position(end), **(settled | changes)
    )


def at(text: str, part: str, rule: str, message: str, **changes: Any) -> Finding:
    """A finding at the first place where `part` stands in the text."""
    start = text.index(part)
    return finding(text, start, start + len(part), rule, message, **changes)


def english() -> SeedReport:
    """A seed whose date has no year, and in which a quotation mark stands for an apostrophe."""
    index = LineIndex(ENGLISH)
    date = ENGLISH.index("November 25")
    quote = ENGLISH.index('"')
    fix = Fix(Applicability.SAFE, "replace \" with '", (Edit(quote, quote + 1, "'"),))
    return SeedReport(
        path="archive/en/missing-year.txt",
        source="chinanews-translated",
        verdict=Verdict.INVALID,
        evidence=("uncertain", "text fits the opening line (+5)"),
        encoding="utf-8",
        sha256="1" * 64,
        record={
            "byline": ["Made-Up News Service"],
            "byline_kind": "agency",
            "date_published": "XXXX-11-25",
            "dateline": {"month": 11, "day": 25},
            "language": "en",
        },
        values=(
            Value("date_published", "XXXX-11-25", Basis.STATED, index.position(date), index.position(date + 11)),
            Value("language", "en", Basis.ASSIGNED, note="the source schema"),
        ),
        body=Extent(index.position(0), index.position(len(ENGLISH)), 249),
        findings=(
            finding(ENGLISH, 0, 0, "headline-missing", "no headline was found", whole=True),
            at(ENGLISH, "November 25", "date-incomplete", NO_YEAR),
            at(ENGLISH, '"', "quote-for-apostrophe", A_MARK, fix=fix),
            finding(ENGLISH, 0, 20, "byline-impersonal", NO_PERSON, severity=Severity.WARNING, status=Status.ACCEPTED),
        ),
    )  # fmt: skip


def chinese() -> SeedReport:
    """A valid seed in Chinese with a headline that two places dispute, and many findings of one rule."""
    index = LineIndex(CHINESE)
    start, link = CHINESE.index("这是一个"), CHINESE.index("这是另一个")
    stated = Candidate("这是一个编造的标题", index.position(start), index.position(start + 9))
    linked = Candidate("这是另一个标题", index.position(link), index.position(link + 7))
    fix = Fix(
        Applicability.UNSAFE, "move the headline into the sidecar", (Edit(start, start + 9, ""),),
        lift=Lift("headline", stated.value),
    )  # fmt: skip
    return SeedReport(
        path="存档/2021-07-28-示例.md",
        source="zaobao-jekyll",
        verdict=Verdict.VALID,
        evidence=("path fits *.md (+10)",),
        encoding="utf-8",
        sha256="2" * 64,
        record={"headline": stated.value, "language": "zh"},
        values=(
            Value(
                "headline", stated.value, Basis.STATED, stated.start, stated.end, disputed=True, candidates=(stated, linked)
            ),
        ),
        findings=(
            at(CHINESE, "\u00a0", "no-break-space", "a no-break space stands where a space belongs", severity=Severity.WARNING),
            at(
                CHINESE, stated.value, "headlines-disagree", TWO_HEADLINES, severity=Severity.WARNING, pointer="/title",
                related=(Related("the text of the link", linked.start, linked.end),), fix=fix,
            ),
            *(
                finding(CHINESE, place, place + 1, "blank-lines", "two blank lines in a row", severity=Severity.INFO)
                for place in (match.start() + 1 for match in re.finditer("\n\n\n", CHINESE))
            ),
        ),
    )  # fmt: skip


def made_up() -> list[SeedReport]:
    """One seed of each kind, in the order of their paths."""
    gone = "there is no seed orphan.txt"
    orphan = finding("", 0, 0, "sidecar-orphan", gone, severity=Severity.WARNING, whole=True)
    return [
        english(),
        SeedReport(path="archive/en/nothing-wrong.txt", source="plain-text", verdict=Verdict.VALID, sha256="3" * 64),
        SeedReport(path="archive/en/orphan.txt.meta.yaml", source=None, verdict=None, findings=(orphan,)),
        SeedReport("archive/en/program-fault.txt", None, Verdict.UNCHECKED, fault="rule made-up: it fell over"),
        chinese(),
    ]


def written(form: str, seeds: list[SeedReport], **options: Any) -> str:
    """What a format writes of the seeds."""
    out = io.StringIO()
    counting = Tally()
    reporter = open_report(form, out, Setting(PROFILE, **options))
    for seed in seeds:
        counting.add(seed)
        reporter.seed(seed)
    reporter.finish(counting.totals())
    return out.getvalue()


def open_findings(seeds: list[SeedReport]) -> list[tuple[str, Finding]]:
    return [(seed.path, found) for seed in seeds for found in seed.findings if found.status is Status.OPEN]


@pytest.fixture(autouse=True)
def fixed_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("validator.__version__", "0.0.0")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)  # these tests may themselves run in a step


@pytest.fixture
def advice(monkeypatch: pytest.MonkeyPatch) -> None:
    """One rule, documented as rules are."""

    def check(text: str) -> Any:
        yield from ()

    check.__doc__ = (
        "A date without a year.\n\nWhy it matters.\n\nNext: look the year up in the publisher's own archive\nand attest it."
        " It is never guessed.\n\nBad: one\nGood: another"
    )
    rule = registry.Rule("date-incomplete", "record", check, "Record", Severity.ERROR, None, "", {})
    monkeypatch.setattr(registry, "RULES", {"date-incomplete": rule})


# Snapshots; UPDATE_SNAPSHOTS=1 writes them anew, to be read before they are committed.


@pytest.mark.usefixtures("advice")
@pytest.mark.parametrize("form", FORMATS)
def test_snapshot(form: str) -> None:
    stored = SNAPSHOTS / f"report.{form}"
    fresh = written(form, made_up())
    if form == "html":  # its style and its script are read where they are written, and tried in a browser
        fresh = re.sub(r"(?s)(<style>|<script>).*?(?=</)|(?<='sha256-)[^']+", r"\1", fresh)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        stored.write_text(fresh, "utf-8", newline="\n")
    assert fresh == stored.read_text("utf-8")


@pytest.mark.usefixtures("advice")
def test_color_changes_nothing_but_color() -> None:
    colored = written("text", made_up(), color=True)
    assert "\x1b[31m" in colored
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == written("text", made_up())


# Programs read them.


def checked(schema: dict[str, Any], instance: object) -> None:
    Draft202012Validator(schema).validate(instance)


LINE_SCHEMA = {"$schema": SCHEMA["$schema"], "$defs": SCHEMA["$defs"], "$ref": "#/$defs/line"}


def test_schema_is_a_schema_and_closed() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    document = json.loads(written("json", made_up()))
    checked(SCHEMA, document)
    document["seeds"][0]["findings"][0]["surprise"] = 1
    assert not Draft202012Validator(SCHEMA).is_valid(document)
    line = json.loads(written("jsonl", made_up()).splitlines()[0])
    assert not Draft202012Validator(LINE_SCHEMA).is_valid(line | {"surprise": 1})


def test_json_is_flat_in_memory_and_whole() -> None:
    out = io.StringIO()
    reporter = open_report("json", out, Setting(PROFILE))
    lengths = []
    for seed in made_up():
        reporter.seed(seed)
        lengths.append(len(out.getvalue()))
    assert lengths == sorted(set(lengths)), "each seed is written when it comes"
    reporter.finish(Tally(made_up()).totals())
    document = json.loads(out.getvalue())
    assert list(document) == ["schema_version", "tool", "profile", "seeds", "summary"]
    assert [seed["path"] for seed in document["seeds"]] == [seed.path for seed in made_up()]
    assert [seed["path"] for seed in document["seeds"] if "fault" in seed] == ["archive/en/program-fault.txt"]


def test_no_seeds() -> None:
    document = json.loads(written("json", []))
    checked(SCHEMA, document)
    assert document["seeds"] == []
    (line,) = written("jsonl", []).splitlines()
    checked(LINE_SCHEMA, json.loads(line))
    assert written("concise", []) == ""
    assert "0 seeds" in written("text", [])
    assert "0 seeds" in written("html", [])


def test_jsonl_says_what_json_says() -> None:
    document = json.loads(written("json", made_up()))
    lines = [json.loads(line) for line in written("jsonl", made_up()).splitlines()]
    for line in lines:
        checked(LINE_SCHEMA, line)
    seeds: list[dict[str, Any]] = []
    for line in lines[:-1]:
        kind = line.pop("type")
        if kind == "seed":
            seeds.append(line | {"findings": []})
        else:
            assert kind == "finding"
            assert (line.pop("path"), line.pop("source")) == (seeds[-1]["path"], seeds[-1]["source"])
            seeds[-1]["findings"].append(line)
    assert seeds == document["seeds"]
    summary = lines[-1]
    assert summary.pop("type") == "summary"
    assert {key: summary.pop(key) for key in ("schema_version", "tool", "profile")} | {"summary": summary} == {
        key: value for key, value in document.items() if key != "seeds"
    }


def test_json_carries_every_field() -> None:
    seed = json.loads(written("json", [chinese()]))["seeds"][0]
    start = CHINESE.index("这是一个")
    assert seed["values"] == [
        {
            "field": "headline",
            "basis": "stated",
            "value": "这是一个编造的标题",
            "start": {"line": 2, "column": 9, "offset": start, "byte": start + 1},
            "end": {"line": 2, "column": 18, "offset": start + 9, "byte": start + 1 + 27},
            "disputed": True,
            "candidates": [
                {
                    "value": "这是一个编造的标题",
                    "start": {"line": 2, "column": 9, "offset": start, "byte": start + 1},
                    "end": {"line": 2, "column": 18, "offset": start + 9, "byte": start + 28},
                },
                {
                    "value": "这是另一个标题",
                    "start": {"line": 6, "column": 2, "offset": 45, "byte": 64},
                    "end": {"line": 6, "column": 9, "offset": 52, "byte": 85},
                },
            ],
            "note": None,
        }
    ]
    assert seed["body"] is None
    disagree = seed["findings"][1]
    assert disagree["pointer"] == "/title"
    assert disagree["related"][0]["start"]["line"] == 6
    assert disagree["fix"] == {
        "applicability": "unsafe",
        "title": "move the headline into the sidecar",
        "edits": [{"start": start, "end": start + 9, "replacement": ""}],
        "recode": None,
        "lift": {"field": "headline", "value": "这是一个编造的标题"},
    }


# Every format carries the same findings.


def test_same_findings_in_every_format() -> None:
    seeds = made_up()
    expected = sorted(
        (path, found.start.line, found.start.column, str(found.severity), found.rule)
        for path, found in open_findings(seeds)
    )
    concise = [
        (path, int(line), int(column), severity, rule)
        for path, line, column, severity, rule in re.findall(
            r"^(.+?):(\d+):(\d+): (\S+) (\S+) .*$", written("concise", seeds), re.MULTILINE
        )
    ]
    assert sorted(concise) == expected
    document = json.loads(written("json", seeds))
    assert (
        sorted(
            (seed["path"], found["start"]["line"], found["start"]["column"], found["severity"], found["rule"])
            for seed in document["seeds"]
            for found in seed["findings"]
            if found["status"] == "open"
        )
        == expected
    )
    text: list[tuple[str, int, int, str, str]] = []
    path = ""
    for line in written("text", seeds).splitlines():
        if line and not line.startswith(" "):
            path = line
        elif found := re.match(r"  (\d+):(\d+)  (\w+)  (\S+)", line):
            text.append((path, int(found[1]), int(found[2]), found[3], found[4]))
        elif more := re.match(r"  … and (\d+) more of (\S+), on lines ([\d, -]+)$", line):
            lines = [int(number) for number in more[3].split(", ")]
            assert len(lines) == int(more[1])
            text.extend((path, number, 1, "info", more[2]) for number in lines)
    assert sorted(text) == expected


def test_concise_lines_are_sorted_and_say_who_may_mend() -> None:
    seed = english()
    backwards = SeedReport(seed.path, seed.source, seed.verdict, findings=seed.findings[::-1])
    notes = io.StringIO()
    lines = written("concise", [backwards], notes=notes).splitlines()
    assert [line.split()[2] for line in lines] == ["headline-missing", "date-incomplete", "quote-for-apostrophe"]
    assert lines[2] == (
        "archive/en/missing-year.txt:3:119: error quote-for-apostrophe "
        "a double quotation mark stands where an apostrophe belongs [safe]"
    )
    assert "[unsafe]" in written("concise", [chinese()])
    assert notes.getvalue() == "1 seed (1 invalid); open findings: 3 errors\n"


def test_totals() -> None:
    assert Tally(made_up()).totals() == Totals(
        seeds=4,
        verdicts={"valid": 2, "invalid": 1, "malformed": 0, "unidentified": 0, "unreadable": 0, "unchecked": 1},
        findings={"error": 3, "warning": 3, "info": 5},
        accepted=1,
        baselined=0,
        fixable={"safe": 1, "unsafe": 1},
        by_rule={
            "headline-missing": 1,
            "date-incomplete": 1,
            "quote-for-apostrophe": 1,
            "sidecar-orphan": 1,
            "no-break-space": 1,
            "headlines-disagree": 1,
            "blank-lines": 5,
        },
        safe_by_rule={"quote-for-apostrophe": 1},
        proposed_by_rule={"headlines-disagree": 1},
    )


def test_statistics() -> None:
    totals = Totals(0, {}, {}, 0, 0, {}, {"mojibake": 2, "blank-lines": 1200, "byte-order-mark": 2})
    assert statistics(totals) == "1,200  blank-lines\n    2  byte-order-mark\n    2  mojibake\n"
    totals = replace(totals, safe_by_rule={"byte-order-mark": 2}, proposed_by_rule={"blank-lines": 1100, "mojibake": 1})
    assert statistics(totals).split("\n") == [
        "1,200  blank-lines      1,100 proposed", "    2  byte-order-mark  2 safe", "    2  mojibake         1 proposed", ""
    ]  # fmt: skip
    assert statistics(Tally([]).totals()) == ""


def test_unknown_format() -> None:
    with pytest.raises(ValueError, match=f'"yaml" is not one of {", ".join(FORMATS)}'):
        open_report("yaml", io.StringIO(), Setting())


@pytest.mark.parametrize("form", FORMATS)
def test_only_its_own_module_is_imported(form: str) -> None:
    code = (
        "import io, sys\nfrom validator.reports.model import Setting, open_report\n"
        f"open_report({form!r}, io.StringIO(), Setting())\n"
        "print(*(name for name in sys.modules if name in ('json', 'click', 'jsonschema') or "
        "name.startswith('validator.reports.formats.')))"
    )
    root = Path(__file__).parent.parent
    unmeasured = {
        name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")
    }  # it imports json
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=unmeasured, capture_output=True, text=True, check=True
    ).stdout
    is_json = '{"' in (SNAPSHOTS / f"report.{form}").read_text("utf-8")
    assert set(loaded.split()) == {f"validator.reports.formats.{form}", *["json"] * is_json}


# Nothing forges a line.

HOSTILE_TEXTS = [
    "one\n::error file=a::forged",
    "one\r::error::forged",
    "::error file=a,line=1::forged",
    "  ::warning::forged",
    "one ##[error]forged",
    "one ###[error]forged",
    "]]><forged/>",
    "\x1b[2J\x1b]0;forged\x07",
    "\u009b31mforged",
    "one\u2028forged\u2029forged\x85forged\x0bforged\x0cforged",
    "\u202etxt.exe\u2066\u200f\u061c",
    os.fsdecode(b"not-utf-8-\xe9\xff.txt"),
    "\x00\x7f",
]


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_text_forges_nothing(form: str, text: str, color: bool) -> None:
    def seed(words: str) -> SeedReport:
        found = finding(
            words, 0, len(words), "made-up", words, fix=Fix(Applicability.SAFE, words, (Edit(0, 1, words),)),
            related=(Related(words, ORIGIN, ORIGIN),), excerpt=words,
        )  # fmt: skip
        return SeedReport(
            words, words, Verdict.UNCHECKED, (words,), fault=words, record={"headline": words}, findings=(found,)
        )

    hostile = written(form, [seed(text)], color=color, width=2000)
    plain = written(form, [seed("harmless")], color=color, width=2000)
    assert hostile.count("\n") == plain.count("\n")
    allowed = "\n\x1b" if color and form == "text" else "\n"
    escapes = re.compile("\x1b\\[[0-9;]*m")
    if color:
        assert escapes.findall(hostile) == escapes.findall(plain)
        hostile = escapes.sub("", hostile)
    unseen = [c for c in hostile if c not in allowed and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert unseen == [], (
        f"`{form}` has characters that cannot be seen: write texts of a seed with `printable` or `path_text`"
    )
    assert "\x1b" not in hostile
    assert len(hostile.splitlines()) == hostile.count("\n")
    for line in hostile.splitlines():
        is_command = form != "github" and line.lstrip().startswith("::")
        assert not is_command, f"a CI system takes this line of `{form}` for a command: write it with `guarded`"
        assert form != "github" or line.startswith("::error file=")
        assert "##[" not in line
    hostile.encode("utf-8")
    if form == "json":
        assert json.loads(hostile)["seeds"][0]["path"] == text
    if form == "jsonl":
        assert [json.loads(line).get("path") for line in hostile.splitlines()] == [text, text, None]


def test_printable_leaves_what_people_write() -> None:
    for text in ("报道，第一段。", "caf\u0065\u0301", "می\u200cخواهم", "## a heading", "a::b", "#tag ##two"):
        assert printable(text) == text
    assert printable("a\nb\u202e\udce9") == "a\\u{A}b\\u{202E}\\u{DCE9}"


# Carets stand under the span.


def caret_cells(line: str, carets: str) -> str:
    """What stands above the carets, by measuring cells."""
    above, at = "", 0
    for character in line:
        wide = cells(character)
        begin = at if wide else max(at - 1, 0)
        above += character if carets[begin : begin + 1] == "^" else ""
        at += wide
    return above


@pytest.mark.parametrize(("text", "part", "shown"), table("reports", "carets"))
def test_carets_under_the_span(text: str, part: str, shown: str) -> None:
    line, carets = marked(at(text, part, "made-up", "made up"), 76)
    assert caret_cells(line, carets) == shown


def test_carets_where_something_is_missing() -> None:
    assert marked(finding("第一行", 3, 3, "made-up", "made up"), 76) == ("第一行", "      ^")
    assert marked(finding("", 0, 0, "made-up", "made up"), 76) == ("", "^")
    assert marked(finding("word\r\n", 4, 4, "made-up", "made up"), 76) == ("word", "    ^")
    assert marked(finding("\u0301mark", 0, 1, "made-up", "made up"), 76) == ("◌\u0301mark", "^")


def test_cut_ends_are_shown() -> None:
    text = "word " * 100
    middle = finding(text, 250, 254, "made-up", "made up")
    for width in (40, 300):  # cut here, and cut where the excerpt was made
        line, carets = marked(middle, width)
        assert line.startswith("…")
        assert line.endswith("…")
        assert caret_cells(line, carets) == "word"
    first, _ = marked(finding(text, 0, 4, "made-up", "made up"), 40)
    assert first.startswith("word")
    assert first.endswith("…")
    assert marked(finding("one whole line", 4, 9, "made-up", "made up"), 40)[0] == "one whole line"


def test_a_cut_line_fills_the_width() -> None:
    text = "word " * 100
    line, carets = marked(finding(text, 495, 499, "made-up", "made up"), 80)
    assert width_of(line) >= 78
    assert caret_cells(line, carets) == "word"
    missing = finding("x" * 40, 40, 40, "made-up", "made up")
    line, carets = marked(missing, 40)
    assert line.startswith("…")
    assert len(carets) <= 40
    borne = finding("one \u200b\u0301" + "x" * 100, 5, 100, "made-up", "made up")
    assert marked(borne, 20)[0].startswith("…\\u{200B}\u0301")


@pytest.mark.parametrize("start", range(200, 206))
def test_no_mark_is_cut_off_what_bears_it(start: int) -> None:
    text = "e\u0301\u0323 " * 100
    for width in range(20, 40):
        line, _ = marked(finding(text, start, start + 2, "made-up", "made up"), width)
        assert line.lstrip("…")[0] in "e \u25cc"


TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("ab 中文。\u0301\t\u00a0\u200d\u200b\u202e\ufe0f\r")), max_size=400
).map(lambda text: text.replace("\n", " "))


@given(text=TEXTS, ends=st.tuples(st.integers(0, 400), st.integers(0, 400)), width=st.integers(20, 200))
def test_marked_lines_fit_and_mark_something(text: str, ends: tuple[int, int], width: int) -> None:
    start, end = sorted(min(end, len(text)) for end in ends)
    line, carets = marked(finding(text, start, end, "made-up", "made up"), width)
    assert printable(line) == line
    assert width_of(line) <= width
    assert width_of(carets) <= width
    assert re.fullmatch(" *\\^+", carets)
    if start < end:
        first = text[start]
        if first.isalnum() and cells(first):
            assert caret_cells(line, carets).startswith(first)


@given(text=TEXTS, width=st.integers(20, 200), left=st.integers(0, 6), hanging=st.integers(0, 8))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int, left: int, hanging: int) -> None:
    text = printable(text)
    lines = list(wrap(text, width, " " * left, " " * hanging))
    assert all(width_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()).replace("\\u{3A}", ":") == "".join(text.split())


def test_wrapping_keeps_words_and_wide_punctuation_together() -> None:
    assert list(wrap("one two three", 9)) == ["one two", "three"]
    assert list(wrap("这里是第一句话，这里是第二句。", 14)) == ["这里是第一句", "话，这里是第二", "句。"]
    assert list(wrap("x" * 25, 10, "  ", "    ")) == ["  xxxxxx", "    xxxxxx", "    xxxxxx", "    xxxxxx", "    x"]


# The report for people.


@pytest.mark.usefixtures("advice")
@pytest.mark.parametrize("width", [20, 40, 80, 132])
def test_text_keeps_to_its_width(width: int) -> None:
    seed = chinese()
    long = at(CHINESE, "这是", "made-up", "字" * 3000 + " " + "w" * 3000, fix=Fix(Applicability.SAFE, "w" * 300))
    wide = at(CHINESE, "这是", "made-up", "made up", excerpt="字" * 100_000, excerpt_column=1)
    report = SeedReport("p", seed.source, seed.verdict, findings=(*seed.findings, long, wide))
    for line in written("text", [report], width=width).splitlines():
        assert width_of(line) <= width or re.match(r"  \d+:\d+  ", line), line


@pytest.mark.parametrize(("severity", "shown"), [(Severity.INFO, 3), (Severity.WARNING, 10), (Severity.ERROR, 10)])
@pytest.mark.parametrize("extra", [0, 1, 30])
def test_repeated_findings_are_folded(severity: Severity, shown: int, extra: int) -> None:
    text = "x\n" * (shown + extra)
    findings = tuple(
        finding(text, 2 * line, 2 * line + 1, "made-up", "made up", severity=severity) for line in range(shown + extra)
    )
    report = written("text", [SeedReport("p", "s", Verdict.VALID, findings=findings)])
    assert len(re.findall(r"^  \d+:\d+  ", report, re.MULTILINE)) == shown
    lines = f"{shown + 1}-{shown + extra}" if extra > 1 else f"{shown + 1}"
    more = f"  … and {extra} more of made-up, on {'lines' if extra > 1 else 'line'} {lines}\n"
    assert (more in report) == (extra > 0)
    assert ("more of" in report) == (extra > 0)


def test_lines_of_folded_findings_are_not_listed_without_end() -> None:
    text = "x\n" * 2000
    findings = tuple(
        finding(text, 4 * line, 4 * line + 1, "made-up", "made up", severity=Severity.INFO) for line in range(1000)
    )
    report = written("text", [SeedReport("p", "s", Verdict.VALID, findings=findings)])
    assert len(report) < 2000
    assert "up to line 1999" in report


@pytest.mark.usefixtures("advice")
def test_advice_stands_once_a_seed() -> None:
    seed = english()
    twice = SeedReport(seed.path, seed.source, seed.verdict, findings=(seed.findings[1], seed.findings[1]))
    assert written("text", [twice]).count("Next: look the year up") == 1
    assert written("text", [twice, twice]).count("Next: look the year up") == 2


def test_span_over_lines_says_where_it_ends() -> None:
    text = "We recommend:\nanother story\nand one more\n"
    report = SeedReport("p", "s", Verdict.VALID, findings=(finding(text, 0, len(text), "page-furniture", "made up"),))
    assert "    | ^^^^^^^^^^^^^ on to line 3\n" in written("text", [report])
    first = SeedReport("p", "s", Verdict.VALID, findings=(finding(text, 0, 14, "page-furniture", "made up"),))
    assert "    | ^^^^^^^^^^^^^\n" in written("text", [first])


def test_quiet_and_verbose() -> None:
    clean = SeedReport("clean.txt", "plain-text", Verdict.VALID)
    assert "clean.txt" not in written("text", [clean])
    assert "1 valid seed not listed (use --verbose)" in written("text", [clean])
    assert "clean.txt" in written("text", [clean], verbose=True)
    skipped = SeedReport("skipped.txt", None, Verdict.UNIDENTIFIED)
    assert "skipped.txt" in written("text", [skipped]), "what was not checked is never left out"


def test_what_was_not_shown_is_said() -> None:
    assert "Not shown, but counted in the verdicts: findings of indentation" in written("text", [])
