"""What holds of every report, whatever the bytes: nothing is raised, every place lies in the text, nothing hangs on chance."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import validator
from validator.archive.discovery import discover
from validator.archive.face import own_sources
from validator.archive.opening import Request, judge, judged, open_archive
from validator.archive.reading import today
from validator.archive.seeds import Seed
from validator.parsing.decoding import decode
from validator.reports.entries import encoded, finding_entry, seed_entry
from validator.rules import RULES
from validator.rules.registry import Rule
from validator.rules.views import Found
from validator.text.findings import Finding, SeedReport, Severity, Status, Verdict
from validator.text.places import ORIGIN, Position

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCES = (None, *sorted(own_sources()))
EACH_SOURCE = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source or "none-claimed")
DAY = date(2026, 3, 4)

# --- texts ------------------------------------------------------------------------------------------------------------

WORDS = ["A", "headline", "stands here", "The editor", "note", "1990", "6", "中文", "一段文字", "ещё", "e\u0301"]
QUOTES = ['"', '"s ', "it's", "”", "“", "’", "‘", "„", "「", "」", "''", '\\"', "&quot;", "&#34;"]
WHITESPACE = [" ", "  ", "\t", "\u00a0", "\u3000", "\u2003", "\u2028", "\x85", "\x0b", "\x0c"]
LINE_ENDS = ["\n", "\n\n", "\r\n", "\r", "\r\r\n", "\n\n\n\n"]
ODD = ["\x00", "\x07", "\x1b[31m", "\u200b", "\u00ad", "\u202e", "\u200d", "\ufeff", "\ufffd"]
ODD += ["\ufffe", "\U0010ffff", "\ud800", "\U0001f600"]
MOJIBAKE = ["Ã©", "â€™", "é”Ÿæ–¤æ‹·", "锟斤拷", "ä¸­æ–‡", "Â\u00a0", "&amp;nbsp;"]
MARKUP = [
    "<p>", "</p>", "<div>", "</div>", "<h1>", "</h1>", "<br/>", "<a href=\"https://subscribe.sph.com.sg/x\">", "</a>",
    '<div id="imu">', '<div class="cx_paywall_placeholder"></div>', '<img alt="x>y"', "<!--", "-->", "<pre>", "</pre>",
    "<script>", "</script>", "<", "&amp;", "&#x4e2d;", "&", "```\n", "~~~\n", "`", "[a](https://example.org/b(c))", "[a]: b",
    "{: .x}", "{{ x }}", "# ", "- ", "> ", "https://example.org/", "www.example.org",
]  # fmt: skip
HEADS = [
    "Latest News:\n", "By A. Specimen (An Agency)\n", "By A. Specimen and\u00a0B. Specimen\n", "10:20, March 4, 2021\n",
    "10:20, February 30, 2021\n", "We Recommend:\n", "Leave your comment0 comments\n", " date 2021-07-28 ", "date 9999-12-31 ",
    " date 0001-01-01 ", "BEIJING, July 28 -- ", "BEIJING, Febr. 31 -- ", "China News Service, Beijing, November 25. ",
    "China News Service, November 99. ", "spokesman for the Ministry of National Defense", "2021-03-04\n",
    "<!--1614834367000-->\n", "<!--9999999999999-->\n", "[A headline](https://example.org/a)\n------\n", "URL: https://eng.mod.gov.cn/x\n",
    "Thursday, March 5, 2021", "2021年3月4日（星期一）", "Access Denied\n", "Enable JavaScript and cookies to continue\n",
]  # fmt: skip
FIELDS = [
    "---\n", "---\r\n", "...\n", "layout: post\n", "layout: page\n", "title: One\n", 'title: "Two \\"s\\u0022 words"\n',
    "title: 'The editor\"s ''note'''\n", "title: >\n  The editor\"s\n  note\n", "title: \"The one\n  other\\\n  \\\"s note\"\n",
    "title:\n", "title: []\n", "title: {a: b}\n", "date: 2021-03-04T05:06:07.000Z\n", "date: 9999-12-31\n", "date: November 25\n",
    "date: 0000-00-00\n", "date: 2021-03-04 24:61 +99:99\n", "date: []\n", "author: A. Specimen\n", "author: [AFP, B]\n",
    "author: ''\n", "from: https://www.zaobao.com/story20210301-1\n", "from: https://[::1\n", "from: x\n", "tags: [ a, a ]\n",
    "tags: &a [*a]\n", "? [a]\n: b\n", "a: !!python/object:x y\n", "a: 'never closed\n", "a: |\n  b  \n   c\n", "%YAML 9.9\n",
    "date: 10:10\n", "- a\n", "\ta: b\n", "a/b~c: d\n", "auther: A\n",
]  # fmt: skip
PIECES = [*WORDS, *QUOTES, *WHITESPACE, *LINE_ENDS, *ODD, *MOJIBAKE, *MARKUP, *HEADS, *FIELDS]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "big5hkscs", "windows-1252"]
ENCODINGS += ["koi8-r", "euc-kr"]


def joined(pieces: list[str], opens: bool, mark: bool) -> str:
    return "\ufeff" * mark + "---\n" * opens + "".join(pieces)


def front_matter_of(fields: list[str], pieces: list[str]) -> str:
    return "".join(["---\nlayout: post\n", *fields, "---\n", *pieces])


TEXTS = st.one_of(
    st.builds(joined, st.lists(st.sampled_from(PIECES), max_size=24), st.booleans(), st.booleans()),
    st.builds(
        front_matter_of, st.lists(st.sampled_from(FIELDS), max_size=8), st.lists(st.sampled_from(PIECES), max_size=12)
    ),
    st.text(max_size=40),
)


def written(text: str, encoding: str, cut: int) -> bytes:
    """The text in an encoding, as far as that has its characters, with bytes cut off its end."""
    data = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")
    return data[: len(data) - cut]


SEEDS = st.one_of(
    st.builds(written, TEXTS, st.sampled_from(["utf-8"]), st.sampled_from([0])),
    st.builds(written, TEXTS, st.sampled_from(ENCODINGS), st.integers(0, 3)),
    st.binary(max_size=80),
)
PATHS = st.sampled_from(
    [None, "a.txt", "_posts/2021-03-09-a.md", "zaobao-jekyll/9999-12-31-a.md", "peoples-daily-page/a\n\udcff.txt"]
)
SIDECARS = st.sampled_from(
    [
        None,
        "source: zaobao-jekyll\n",
        "source: zaobao-jekyl\n",
        "recrod: {}\n",
        "record: {date_published: {value: 2021-11-25, basis: a print}}\n",
        "record: {date_published: {value: 2021-03-04, basis: a print, replaces: 2021-03-04T05:06:07.000Z}}\n",
        "record: {headline: {value: One, basis: a print}, byline: {value: [A, B], basis: a print}}\n",
        "accept: [{rule: final-newline, reason: an example}, {rule: headline-missing, reason: an example, until: 2020-01-01}]\n",
        b"\xff\xfe\x00",
    ]
)


@cache
def report_schema() -> Any:
    schema = json.loads((REPOSITORY / "schemas" / "report.schema.json").read_text("utf-8"))
    return jsonschema.Draft202012Validator(schema["$defs"]["seed"] | {"$defs": schema["$defs"]})


def entry_of(report: SeedReport) -> dict[str, Any]:
    """A report in the form that formats write and read back."""
    entry = seed_entry(report) | {"findings": [finding_entry(finding) for finding in report.findings]}
    read: dict[str, Any] = json.loads(encoded(entry))
    return read


def edits_of(finding: Finding) -> list[tuple[int, int]]:
    return [(edit.start, edit.end) for edit in finding.fix.edits] if finding.fix else []


def positions_of(report: SeedReport) -> Iterator[tuple[str, Position, Position]]:
    """Every pair of places that a report names, and what names it."""
    for finding in report.findings:
        yield finding.rule, finding.start, finding.end
        for related in finding.related:
            yield f"{finding.rule}, related", related.start, related.end
    for value in report.values:
        if value.start is not None and value.end is not None:
            yield value.field, value.start, value.end
        for candidate in value.candidates:
            yield f"{value.field}, candidate", candidate.start, candidate.end
    if report.body is not None:
        yield "body", report.body.start, report.body.end


# --- any bytes --------------------------------------------------------------------------------------------------------


@EACH_SOURCE
@settings(max_examples=60)
@given(data=st.one_of(st.binary(max_size=200), SEEDS), path=PATHS)
def test_nothing_is_raised(source: str | None, data: bytes, path: str | None) -> None:
    report = validator.validate(data, source=source, path=path, today=DAY)
    assert report.fault is None
    assert report.verdict is not None


@EACH_SOURCE
@settings(max_examples=60)
@given(text=TEXTS, path=PATHS)
@example(text=" date 9999-07-28 BEIJING, July 28 -- Text.\n", path=None)
@example(text="---\nlayout: post\ntitle: One\ndate: November 25\n---\nText.\n", path="_posts/9999-12-31-a.md")
def test_nothing_is_raised_on_text(source: str | None, text: str, path: str | None) -> None:
    report = validator.validate(text, source=source, path=path, today=DAY)
    assert report == validator.validate(text.encode("utf-8", "surrogatepass"), source=source, path=path, today=DAY)


@settings(max_examples=300)
@given(data=SEEDS, source=st.sampled_from(SOURCES), path=PATHS, sidecar=SIDECARS)
def test_every_place_lies_in_the_text(
    data: bytes, source: str | None, path: str | None, sidecar: str | bytes | None
) -> None:
    report = validator.validate(data, source=source, path=path, sidecar=sidecar, today=DAY)
    decoded = decode(data)
    text = decoded.text
    for what, start, end in positions_of(report):
        assert 0 <= start.offset <= end.offset <= len(text), what
        for place in (start, end):
            before = text[: place.offset]
            assert place.line == before.count("\n") + 1, what
            assert place.column == len(before) - (before.rfind("\n") + 1) + 1, what
            if decoded.encoding is None:
                assert place == ORIGIN, what
            else:
                assert data[: place.byte].decode(decoded.encoding) == before, what
    for finding in report.findings:
        edits = sorted(edits_of(finding))
        assert all(0 <= start <= end <= len(text) for start, end in edits), finding.rule
        assert all(one[1] <= other[0] for one, other in pairwise(edits)), finding.rule
        line = text.split("\n")[finding.start.line - 1]
        shown = line[finding.excerpt_column - 1 :][: len(finding.excerpt)]
        assert finding.excerpt == shown, finding.rule
        assert len(finding.excerpt) <= 160, finding.rule


CHINESE = "这一段文字放在文章的位置上，说明它自己是什么，没有别的内容。"
LONG = {
    "utf-8": CHINESE,
    "utf-8-sig": CHINESE,
    "utf-16": CHINESE,
    "utf-16-le": CHINESE,
    "utf-32": CHINESE + "\U0001f600",
    "gb18030": CHINESE,
    "big5": "這一段文字放在文章的位置上，說明它自己是什麼，沒有別的內容。",
    "windows-1252": "Cette phrase est écrite à la place où l’article commence ; elle dit déjà ce qu’elle est.",
    "koi8-r": "Это предложение стоит на месте статьи и говорит только о том, что оно такое.",
}


@pytest.mark.parametrize("encoding", list(LONG))
def test_places_are_right_in_long_seeds_too(encoding: str) -> None:
    chance = random.Random(6)
    ends = ["", "", "  \n", "\r\n", "\t\r\n", " \n\n\n\n", "\n   "]
    text = "".join(f"{LONG[encoding]}{chance.choice(ends)}" for _ in range(400))
    data = written(text, encoding, 0)
    decoded = decode(data)
    assert decoded.encoding is not None, decoded.problem
    report = validator.validate(data, source="plain-text")
    places = [place for _, *pair in positions_of(report) for place in pair]
    assert len(places) > 200
    assert max(place.offset for place in places) > 9_000
    for place in chance.sample(places, 200):
        before = decoded.text[: place.offset]
        assert data[: place.byte].decode(decoded.encoding) == before
        assert (place.line, place.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))


@settings(max_examples=200)
@given(data=SEEDS, source=st.sampled_from(SOURCES), path=PATHS, sidecar=SIDECARS)
def test_reports_are_sorted_repeatable_picklable_and_as_their_schema_says(
    data: bytes, source: str | None, path: str | None, sidecar: str | bytes | None
) -> None:
    report = validator.validate(data, source=source, path=path, sidecar=sidecar, today=DAY)
    assert report == validator.validate(data, source=source, path=path, sidecar=sidecar, today=DAY)
    assert pickle.loads(pickle.dumps(report)) == report
    order = [(each.start.offset, each.end.offset, each.rule, each.message) for each in report.findings]
    assert order == sorted(order)
    assert [error.message for error in report_schema().iter_errors(entry_of(report))] == []


@settings(max_examples=200)
@given(data=SEEDS, source=st.sampled_from(SOURCES), path=PATHS)
def test_the_verdict_is_what_the_findings_say(data: bytes, source: str | None, path: str | None) -> None:
    report = validator.validate(data, source=source, path=path, today=DAY)
    errors = {finding.rule for finding in report.findings if finding.severity is Severity.ERROR}
    if errors & {"foreign-format", "lfs-pointer"}:
        assert (report.verdict, len(report.findings)) == (Verdict.UNREADABLE, 1)  # nothing else is said of it
        return
    if "undecodable" in errors or not data:
        assert report.verdict in (Verdict.UNREADABLE, Verdict.INVALID, Verdict.UNIDENTIFIED)
    elif report.verdict is Verdict.MALFORMED:
        assert "front-matter-syntax" in errors
    elif report.source is None:
        assert report.verdict is Verdict.UNIDENTIFIED
    else:
        assert report.verdict is (Verdict.INVALID if errors else Verdict.VALID)
    if report.verdict not in (Verdict.INVALID, Verdict.VALID):
        assert errors, "nothing says why it was not judged"
        assert not report.record


# --- the order of rules -----------------------------------------------------------------------------------------------


@contextmanager
def rules_in_order(names: list[str]) -> Iterator[None]:
    """The engine runs its rules in another order, for a while."""
    before = dict(RULES)
    try:
        RULES.clear()
        RULES.update({name: before[name] for name in names})
        yield
    finally:
        RULES.clear()
        RULES.update(before)


@settings(max_examples=100)
@given(data=SEEDS, source=st.sampled_from(SOURCES), path=PATHS, order=st.permutations(sorted(RULES)))
def test_the_order_of_rules_does_not_matter(
    data: bytes, source: str | None, path: str | None, order: list[str]
) -> None:
    expected = validator.validate(data, source=source, path=path, today=DAY)
    with rules_in_order(order):
        assert validator.validate(data, source=source, path=path, today=DAY) == expected


def test_another_order_is_really_another(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noted(rule: Rule) -> Rule:
        def check(*arguments: Any, **options: Any) -> Iterator[Found]:
            asked.append(rule.name)
            return rule.check(*arguments, **options)

        return replace(rule, check=check)

    for name, rule in list(RULES.items()):
        monkeypatch.setitem(RULES, name, noted(rule))
    runs = []
    for names in (sorted(RULES), sorted(RULES, reverse=True)):
        asked.clear()
        with rules_in_order(names):
            validator.validate("A\u00a0text,\u200b \nand \x00more", source="plain-text")
        runs.append([name for name in asked if RULES[name].view == "Text"])
    assert len(runs[0]) > 1
    assert runs[1] == runs[0][::-1]


# --- one, a worker, many ----------------------------------------------------------------------------------------------


def fill(folder: Path) -> None:
    """An archive of some fifty seeds of all kinds, with sidecars: the specimens, and texts put together by chance."""
    chance = random.Random(4)
    for source in sorted(own_sources()):
        specimens = REPOSITORY / "seeds" / source
        for path in sorted(specimens.glob("*")) if specimens.is_dir() else ():
            target = folder / source / path.name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    for number in range(40):
        pieces = [chance.choice(PIECES) for _ in range(chance.randrange(30))]
        text = joined(pieces, chance.random() < 0.4, chance.random() < 0.1)
        (folder / f"{number:02}.txt").write_bytes(written(text, chance.choice(["utf-8", *ENCODINGS]), 0))
    (folder / "00.txt.meta.yaml").write_text(
        "source: plain-text\naccept: [{rule: final-newline, reason: an example}]\n"
    )
    (folder / "seeds.meta.yaml").write_text("seeds:\n- files: ['1*.txt']\n  source: peoples-daily-page\n")
    (folder / "gone.txt.meta.yaml").write_text("source: plain-text\n")


def run_command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from validator.cli import main; main()",
         "validate", ".", "--no-config", *arguments],
        check=False, capture_output=True, text=True, encoding="utf-8", cwd=folder,
    )  # fmt: skip


def test_the_face_a_worker_and_a_batch_give_equal_reports(tmp_path: Path) -> None:
    fill(tmp_path)
    request = Request(tmp_path, no_config=True, today=today())
    archive = open_archive(request)
    seeds = discover([tmp_path], archive.settings, archive.root).seeds
    assert len(seeds) >= 50
    expected = [judge(archive, seed) for seed in seeds]
    assert not [report.fault for report in expected if report.fault is not None]

    assert list(judged(archive, seeds, 2)) == expected

    for seed, report in zip(seeds, expected, strict=True):
        beside = Path(f"{seed.path}.meta.yaml")
        sidecar = beside.read_bytes() if beside.exists() else None
        claim = "peoples-daily-page" if seed.name.startswith("1") else None
        face = validator.validate(
            Path(seed.path).read_bytes(), path=seed.name, source=claim, sidecar=sidecar, today=request.today
        )
        # Who names the source is told apart, as it should be: here the caller does, there the sidecar of the folder.
        assert entry_of(face) | {"evidence": []} == entry_of(report) | {"evidence": []}

    entries = [entry_of(report) for report in expected]
    for jobs in ("1", "2"):
        done = run_command(tmp_path, "--format", "json", "--jobs", jobs, "--ignore", "archive")
        assert done.returncode == 1
        seeds_of_batch = [seed for seed in json.loads(done.stdout)["seeds"] if seed["verdict"] is not None]
        assert seeds_of_batch == entries


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_the_verdict_hangs_on_nothing_that_is_shown(tmp_path: Path) -> None:
    fill(tmp_path)
    archive = open_archive(Request(tmp_path, no_config=True, today=DAY))
    seeds = discover([tmp_path], archive.settings, archive.root).seeds
    verdicts = [judge(archive, seed).verdict for seed in seeds]
    assert {Verdict.VALID, Verdict.INVALID, Verdict.MALFORMED, Verdict.UNIDENTIFIED} <= set(verdicts)
    families = sorted({rule.family for rule in RULES.values()})
    plain = Request(tmp_path, no_config=True, today=DAY)
    for request in (
        *(replace(plain, select=(family,)) for family in families),
        *(replace(plain, ignore=(family,)) for family in families),
        replace(plain, ignore=tuple(families)),
        replace(plain, fail_on="never"),
        replace(plain, select=("final-newline",), fail_on="info"),
    ):
        changed = open_archive(request)
        reports = [judge(changed, seed) for seed in seeds]
        assert [report.verdict for report in reports] == verdicts, request
        shown = {RULES[finding.rule].family for report in reports for finding in report.findings}
        assert not shown & set(request.ignore), request


@pytest.mark.parametrize(
    "arguments", [["--select", "final-newline"], ["--ignore", "front-matter,record,quotes"], ["--fail-on", "never"]]
)
def test_the_command_line_gives_the_same_verdicts(tmp_path: Path, arguments: list[str]) -> None:
    fill(tmp_path)
    plain, changed = (run_command(tmp_path, "--format", "json", *more) for more in ([], arguments))
    # Something here is malformed and something unidentified: that is told by the exit code, whatever is shown.
    assert (plain.returncode, changed.returncode) == (1, 1)
    read = [json.loads(done.stdout) for done in (plain, changed)]
    assert read[0]["summary"]["verdicts"] == read[1]["summary"]["verdicts"]
    assert [(seed["path"], seed["verdict"], seed["record"]) for seed in read[0]["seeds"] if seed["verdict"]] == [
        (seed["path"], seed["verdict"], seed["record"]) for seed in read[1]["seeds"] if seed["verdict"]
    ]


# --- fingerprints -----------------------------------------------------------------------------------------------------

# Each a paragraph with defects of its own, in a text of which nothing else is wrong.
DEFECTS = {
    "quote-for-apostrophe": 'This editor"s note stands in the middle of a line.',
    "no-break-space": "A blank that breaks no\u00a0line stands here.",
    "trailing-whitespace": "The line ends late.  ",
    "control-character": "A bell \x07 rings.",
    "invisible-character": "A soft\u00adhyphen hides.",
    "replacement-character": "A letter \ufffd was lost.",
    "mojibake": "A cafÃ© is open, a rÃ©sumÃ© lies there.",
    "weekday-disagrees": "The notice is of Friday, March 4, 2021, in full.",
    "stray-quote": 'They said “one thing” -2021" and left.',
}
ABOVE = "".join(f"Line {number} of what was put above, with nothing wrong in it.\n" for number in range(50))


def of(report: SeedReport, rule: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule]


@pytest.mark.parametrize("rule", list(DEFECTS))
def test_fifty_lines_above_do_not_change_a_fingerprint(rule: str) -> None:
    text = f"The first line.\n{DEFECTS[rule]}\nThe last line.\n"
    before, after = (of(validator.validate(each, source="plain-text"), rule) for each in (text, ABOVE + text))
    assert before
    assert [each.fingerprint for each in after] == [each.fingerprint for each in before]
    assert [each.start.line for each in after] == [each.start.line + 50 for each in before]


@settings(max_examples=50)
@given(st.lists(st.sampled_from(sorted(DEFECTS.values())), min_size=1, max_size=8))
def test_fifty_lines_above_change_no_fingerprint_of_several(paragraphs: list[str]) -> None:
    text = "\n".join(paragraphs) + "\n"
    before, after = (
        [each.fingerprint for each in validator.validate(text, source="plain-text").findings]
        for text in (text, ABOVE + text)
    )
    assert before == after
    assert len(set(before)) == len(before), "two findings with one fingerprint"


@pytest.mark.parametrize("rule", list(DEFECTS))
def test_equal_passages_have_fingerprints_of_their_own(rule: str) -> None:
    passage = f"{DEFECTS[rule]}\n"
    once, twice = (of(validator.validate(passage * times, source="plain-text"), rule) for times in (1, 2))
    assert len(twice) == 2 * len(once)
    prints = [each.fingerprint for each in twice]
    assert len(set(prints)) == len(prints)
    assert {each.fingerprint for each in once} <= set(prints)


def test_a_fingerprint_holds_the_passage_and_no_path() -> None:
    one = 'The editor"s note came late to the archive.\n'
    other = 'The reader"s note came late to the archive.\n'
    prints = [
        of(validator.validate(text, source="plain-text", path=path), "quote-for-apostrophe")[0].fingerprint
        for text, path in ((one, "a.txt"), (one, "b/c.txt"), (one.replace(" note", "  note"), None), (other, "a.txt"))
    ]
    assert prints[0] == prints[1] == prints[2] != prints[3]


# --- acceptances ------------------------------------------------------------------------------------------------------

NOTE = 'The editor"s note stands in this paragraph.'
LETTER = 'The reader"s letter stands in another one.'


def accepted(text: str, rule: str, key: str, source: str = "plain-text") -> tuple[SeedReport, list[Status]]:
    """The report of a text of which a sidecar accepts one finding, and what has become of the findings of the rule."""
    sidecar = f"accept: [{{rule: {rule}, finding: {key}, reason: an example}}]\n"
    report = validator.validate(text, source=source, sidecar=sidecar, today=DAY)
    assert not of(report, "sidecar-invalid")
    return report, [finding.status for finding in of(report, rule)]


def key_of(text: str, rule: str, at: int = 0, source: str = "plain-text") -> str:
    return of(validator.validate(text, source=source), rule)[at].key


@pytest.mark.parametrize("changed", [
    pytest.param(f"{NOTE}\n\n{LETTER}\n", id="nothing"),
    pytest.param(f"{ABOVE}{NOTE}\n\n{LETTER}\n", id="lines above"),
    pytest.param(f"{NOTE}\n\nThe reader's letter stands in another one.\n", id="the other one mended"),
    pytest.param(f"{NOTE}\n\n{LETTER}", id="no line end at the end"),
    pytest.param(f"{NOTE.replace(' note', '  note')}\n\nQuite another paragraph.\n", id="blanks"),
])  # fmt: skip
def test_an_acceptance_holds_while_something_else_changes(changed: str) -> None:
    rule = "quote-for-apostrophe"
    report, statuses = accepted(changed, rule, key_of(f"{NOTE}\n\n{LETTER}\n", rule))
    assert statuses[0] is Status.ACCEPTED
    assert statuses[1:] in ([Status.OPEN], [])
    assert not of(report, "acceptance-lapsed")
    assert not of(report, "acceptance-unused")
    assert report.verdict is (Verdict.INVALID if len(statuses) > 1 else Verdict.VALID)


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from(sorted({*WORDS, *WHITESPACE[:3], "\n", *DEFECTS.values()} - {DEFECTS["stray-quote"]})),
        max_size=10,
    )
)
def test_an_acceptance_holds_whatever_stands_around(pieces: list[str]) -> None:
    rule = "quote-for-apostrophe"
    text = f"{''.join(pieces)}\n\n{NOTE}\n\n{''.join(reversed(pieces))}\n"
    report = validator.validate(text, source="mod-gov-cn")  # whose texts are Latin, whatever stands in them
    own = [each for each in of(report, rule) if text[: each.start.offset].endswith("The editor")]
    assert own
    key = key_of(f"{NOTE}\n", rule)
    _, statuses = accepted(text, rule, key, source="mod-gov-cn")
    assert statuses.count(Status.ACCEPTED) == 1
    assert statuses[of(report, rule).index(own[0])] is Status.ACCEPTED


def test_an_acceptance_lapses_when_the_passage_is_rewritten() -> None:
    rule = "quote-for-apostrophe"
    key = key_of(f"{NOTE}\n", rule)
    report, statuses = accepted('The editor"s remark stands in this paragraph.\n', rule, key)
    assert statuses == [Status.OPEN]
    assert of(report, "acceptance-lapsed")
    assert report.verdict is Verdict.INVALID
    report, statuses = accepted("The editor's note stands in this paragraph.\n", rule, key)
    assert statuses == []
    assert of(report, "acceptance-unused")


WHOLE = 'A headline of this example stands here\nOne paragraph  stands for "the article".\n'


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        (WHOLE, True),
        (WHOLE.replace("  ", " "), True),
        (WHOLE.replace('"', "”"), True),
        (WHOLE.rstrip("\n"), True),
        (WHOLE.replace("\n", "\r\n"), True),
        ("\ufeff" + WHOLE, True),
        (WHOLE.replace("paragraph", "Paragraph"), False),
        (WHOLE + "2\n", False),
        (WHOLE.replace("the", "an"), False),
    ],
)
def test_an_acceptance_about_the_whole_seed_holds_while_letters_and_digits_stay(changed: str, holds: bool) -> None:
    rule = "byline-missing"
    key = key_of(WHOLE, rule, source="mod-gov-cn")
    assert key != of(validator.validate(WHOLE, source="mod-gov-cn"), rule)[0].fingerprint
    report, statuses = accepted(changed, rule, key, source="mod-gov-cn")
    assert statuses == [Status.ACCEPTED if holds else Status.OPEN]
    assert bool(of(report, "acceptance-lapsed")) is not holds


def test_an_acceptance_ends_with_its_last_day() -> None:
    sidecar = "accept: [{rule: final-newline, reason: an example, until: 2026-03-04}]\n"
    for day, status, lapsed in ((date(2026, 3, 4), Status.ACCEPTED, 0), (date(2026, 3, 5), Status.OPEN, 1)):
        report = validator.validate("A text.", source="plain-text", sidecar=sidecar, today=day)
        assert [finding.status for finding in of(report, "final-newline")] == [status]
        assert len(of(report, "acceptance-lapsed")) == lapsed


def test_of_what_a_folder_accepts_nothing_is_said_to_be_unused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.\n")
    (tmp_path / "b.txt").write_text("A text.")
    accept = "[{rule: final-newline, reason: an example}]"
    (tmp_path / "seeds.meta.yaml").write_text(f"seeds:\n- files: ['*.txt']\n  source: plain-text\n  accept: {accept}\n")
    archive = open_archive(Request(tmp_path, no_config=True, today=DAY))
    reports = [judge(archive, Seed.at(tmp_path / name, name)) for name in ("a.txt", "b.txt")]
    assert [[(each.rule, each.status) for each in report.findings] for report in reports] == [
        [],
        [("final-newline", Status.ACCEPTED)],
    ]
