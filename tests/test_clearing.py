"""A seed that is cleared is one of which a check says nothing, whatever stands in it; most that are as they should be are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from harness import examples, rules, seed_of
from hypothesis import given
from hypothesis import strategies as st
from test_fast_paths import CHANGES, specimens

from benchmarks.archive import documents, write_archive
from validator import archive as archives
from validator.archive import Archive, Request, judge, open_archive
from validator.clearing import cleared
from validator.cli import validate
from validator.engine import check_seed
from validator.face import own_sources
from validator.files import Seed, discover
from validator.findings import Used, Verdict
from validator.frozen import replace
from validator.patterns import Subject, _alike, compile_pattern, group_in, matches_in
from validator.reports import FORMATS
from validator.rules.registry import Rule
from validator.sources import Claim, Match, Source

DAY = date(2026, 11, 20)
SOURCES = own_sources()


def agreed(
    data: bytes,
    path: str | None,
    claim: Claim | None = None,
    sources: Mapping[str, Source] = SOURCES,
    today: date | None = DAY,
) -> bool:
    """Whether the seed is cleared; fails where a check has something to say of it, or knows another source."""
    match = cleared(data, sources, path, claim, today)
    if match is None:
        return False
    report = check_seed(data, sources, path=path, claim=claim, today=today)
    assert (report.verdict, report.findings) == (Verdict.VALID, ())
    assert (report.source, report.evidence, report.encoding) == (match.source, match.evidence, "utf-8")
    return True


# --- what is cleared ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["small", "large"])
def test_posts_that_are_as_they_should_be_are_cleared(kind: str) -> None:
    made = list(documents(kind, 60, 0, 7))
    assert all(agreed(each.content, each.path) for each in made)


def test_posts_with_a_defect_are_not() -> None:
    told = Counter(
        (each.defect, agreed(each.content, each.path))
        for each in documents("small", 1500, 1, 8)
        if each.sidecar is None
    )
    assert len({defect for defect, _ in told}) > 25
    assert not [defect for defect, is_cleared in told if is_cleared]


POST = """---
layout: post
title: {title}
date: {date}
author: {author}
from: {url}
---
<!--1614834367000-->
[{link}]({url})
------

<div>
{body}
</div>
"""
GIVEN = {
    "title": "A headline of this example",
    "link": "A headline of this example",
    "date": "2021-03-04T05:06:07.000Z",
    "author": "A. Specimen",
    "url": "https://example.org/articles/complete",
    "body": "<p>One paragraph stands for the article.</p>",
}
ZAOBAO = "https://www.zaobao.com/story20210304-1"
CLEAR = {
    "an address that looks like residue": {
        "body": '<p>One <a href="https://example.org/imu">link</a>.</p>',
        "url": ZAOBAO,
    },
    "nothing special": {},
    "a headline in double quotation marks": {"title": '"A headline of this example"'},
    "a headline of Chinese": {"title": "示例的标题", "link": "示例的标题"},
    "markup": {"body": '<p class="a b">One <b>paragraph</b> &amp; a <a href="https://example.org/">link</a>.</p><br/>'},
    "curly marks": {"body": "<p>“One paragraph,” it says, ‘stands’ for the editor’s article.</p>"},
    "letters with accents": {"body": "<p>Le café est fermé à cause de la fête.</p>"},
    "a right weekday": {"body": "<p>It was on Thursday, March 4, 2021 that it was said.</p>"},
    "much text": {"body": "<p>One paragraph stands for the article.</p>\n" * 400},
}
DIRTY = {
    "an empty headline": {"title": '""'},
    "no date": {"date": "soon"},
    "a day that no month has": {"date": "2021-02-30"},
    "a date in the future": {"date": "2027-03-04T05:06:07.000Z"},
    "the date of another day": {"date": "2021-03-06T05:06:07.000Z"},
    "an agency": {"author": "Reuters"},
    "an agency among authors": {"author": "[ Reuters, AFP ]"},
    "no address": {"url": "example.org"},
    "no text": {"body": "<p></p>"},
    "a heading only": {"body": "<h1>A headline of this example</h1>"},
    "a headline of an error page": {"title": "404 Not Found"},
    "an error page": {"body": "<p>\n404 Not Found\n</p>"},
    "a malformed apostrophe": {"body": '<p>Xi Jinping"s article.</p>'},
    "one in the headline": {"title": 'The editor"s note'},
    "one that is a reference": {"body": "<p>Xi Jinping&quot;s article.</p>"},
    "mojibake": {"body": "<p>The editorâ€™s note.</p>"},
    "an invisible character": {"body": "<p>One para\u200bgraph.</p>"},
    "a lost character": {"body": "<p>One para\ufffdgraph.</p>"},
    "a wrong weekday": {"body": "<p>It was on Friday, March 4, 2021 that it was said.</p>"},
    "a wrong weekday in Chinese": {"body": "<p>2021年3月4日星期五</p>"},
    "a place for an advertisement": {"body": '<p>One paragraph.</p><div id="dfp-ad-1"></div>', "url": ZAOBAO},
    "two kinds of marks": {"body": "<p>“One” paragraph \"stands\" for “the” article. \"It\" is “one”.</p>"},
    "a carriage return": {"body": "<p>One paragraph.</p>\r"},
    "a blank at the end of a line of front matter": {"author": "A. Specimen "},
}  # fmt: skip


def post(changes: dict[str, str]) -> bytes:
    return POST.format_map(GIVEN | changes).encode()


@pytest.mark.parametrize("name", CLEAR)
def test_a_clear_one(name: str) -> None:
    assert agreed(post(CLEAR[name]), "_posts/2021-03-04-one.md")
    assert agreed(post(CLEAR[name]), None)


@pytest.mark.parametrize("name", DIRTY)
def test_one_that_is_not(name: str) -> None:
    data = post(DIRTY[name])
    report = check_seed(data, SOURCES, path="_posts/2021-03-04-one.md", today=DAY)
    assert report.findings, "it should have one"
    assert cleared(data, SOURCES, "_posts/2021-03-04-one.md", None, DAY) is None


@pytest.mark.parametrize(
    "data",
    [
        b"", b"---\n", b"---\n---\n", b"\xef\xbb\xbf" + post({}), post({})[:-1], post({}).replace(b"\n", b"\r\n"), b"Text.\n",
        post({}) + b"\xff", post({}) + b"\0", post({}).replace(b"title:", b"headline:"),
        post({}).replace(b"author: A. Specimen\n", b""), post({}).replace(b"author:", b"author: B\nauthor:"),
        post({}).replace(b"from:", b"note: &a b\nfrom:"),
    ],
)  # fmt: skip
def test_what_takes_a_second_thought_is_not_cleared(data: bytes) -> None:
    assert not agreed(data, "_posts/2021-03-04-one.md")


def test_several_authors() -> None:
    claim = Claim("front-matter", "the caller")
    assert agreed(post({"author": "[ A. Specimen, B. Specimen ]"}), None, claim)
    assert not agreed(post({"author": "[ Reuters, AFP ]"}), None, claim)


def test_the_file_name_speaks() -> None:
    assert not agreed(post({}), "_posts/2021-03-14-one.md")
    assert agreed(post({}), "_posts/2021-03-05-one.md")  # a zone may move it by a day


def test_a_claim_speaks() -> None:
    claim = Claim("zaobao-jekyll", "the caller")
    assert agreed(post({}), None, claim)
    assert not agreed(post({"author": "联合早报"}), None, claim)
    assert agreed(post({"author": "联合早报"}), None)
    assert not agreed(post({"body": '<p>Text.</p><div id="imu"></div>'}), None, claim)
    assert not agreed(post({"url": "https://example.org/story20210301-1"}), None, claim)


# --- that it is never wrong -----------------------------------------------------------------------------------------------


@given(st.data(), CHANGES, st.sampled_from([None, None, "front-matter", "zaobao-jekyll", "jekyll-post"]))
def test_of_what_is_cleared_a_check_says_nothing(
    data: st.DataObject, changes: list[tuple[float, int, str]], source: str | None
) -> None:
    path, content = data.draw(st.sampled_from([each for each in specimens() if each[1].startswith("---")]))
    for place, taken, put in changes:
        at = int(place * len(content))
        content = content[:at] + put + content[at + taken :]
    agreed(content.encode("utf-8", "replace"), path, Claim(source, "the caller") if source else None)


LINES = st.sampled_from(
    [
        *("404 Not Found", "Access denied", "Just a moment...", "<p>Text.</p>", "<h1>One</h1>", "<pre>a  </pre>", "&quot;"),
        *("&eacute;", "&#226;&#8364;&#8482;", "A", "B &amp; C", "----", "<p class='a'>b</p>", '<p title="a > b">c</p>', "</p"),
        *("“", "”", '"', "’", "'", "It's", 'It"s'),
        *("年", "2021年3月4日星期五", "Friday, March 4, 2021", "<br>", "<!-- a -->", "<", "中文，"),
        *("é", "Ã©", "\u00a0", "\u3000", " ", ""),
        *("https://example.org/a", "`a`", "<script>", "<div id='imu'></div>", "a < b", "<>"),
        *('<div id="imu"></div>', '<a class="cx_paywall_placeholder">a</a>', "<b>b</b>"),
        *("</b>", "[a](b)\n------", "<style>", "&#0;"),
    ]
)  # fmt: skip
VALUES = st.sampled_from(
    [
        *("A", "Reuters", '""', '" "', '"A B"', "[ A, B ]"),
        *("[]", "null", "~", "404 Not Found", "2021-03-04", "March 4, 2021", "Fri"),
        *("2021-03-04T05:06:07.000Z", "2021-03-04 05:06", "https://example.org/1", "中文", 'It"s'),
        *("a: b", "x #y", "'a'", "“a", "é"),
    ]
)  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(["title", "date", "author", "url", "body"]), VALUES), max_size=2),
    st.lists(LINES, max_size=6),
    st.sampled_from([None, "front-matter", "zaobao-jekyll"]),
    st.sampled_from(["_posts/2021-03-04-one.md", "2021-03-08-one.md", None]),
)
def test_of_what_is_put_together_too(
    values: list[tuple[str, str]], lines: list[str], source: str | None, path: str | None
) -> None:
    changes = dict(values) | ({"body": "\n".join(lines)} if lines else {})
    agreed(post(changes), path, Claim(source, "the caller") if source else None)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in rules()])
def test_examples_of_rules(rule: Rule) -> None:
    for _, case in examples(rule):
        seed = seed_of(case)
        data = seed.encode("utf-8", "surrogatepass") if isinstance(seed, str) else seed
        if "sidecar" not in case:
            claim = Claim(case["source"], "the caller") if "source" in case else None
            agreed(data, case.get("path"), claim, today=date.fromisoformat(case["today"]) if "today" in case else None)


def test_the_views_that_are_left_out_are_those_of_what_is_not_there() -> None:
    left_out = {"Fields": {"problem", "problems", "duplicates"}, "Residues": {"residue"}}
    for rule in rules():
        if rule.view in left_out:
            assert rule.about in left_out[rule.view], f"{rule.name} may have something to say where nothing is wrong"
    asked = {"Raw", "Text", "Body", "Identity", "Agreements", "Values"}
    of_sidecars_and_files = {"Attestation", "Attempt", "Staging", "Unread"}
    assert {rule.view for rule in rules()} == left_out.keys() | asked | of_sidecars_and_files


# --- sources --------------------------------------------------------------------------------------------------------------


def changed(**changes: Any) -> Mapping[str, Source]:
    return {**SOURCES, "jekyll-post": replace(SOURCES["jekyll-post"], **changes)}


def test_a_source_may_silence_a_rule_and_set_its_options() -> None:
    data = post({"author": "Reuters"})
    settings = SOURCES["jekyll-post"].rules
    silent = {**settings, "byline-impersonal": replace(_setting(), severity="off")}
    assert agreed(data, None, sources=changed(rules=silent))
    assert not agreed(data, None)
    loose = {**settings, "capture-failed": replace(_setting(), options={"at_most_characters": 3})}
    page = post({"body": "<p>\n404 Not Found\n</p>"})
    assert agreed(page, None, sources=changed(rules=loose))


def _setting() -> Any:
    from validator.sources import RuleSetting

    return RuleSetting()


def test_a_source_that_reads_elsewhere_is_left_to_a_check() -> None:
    for places in (
        {"byline": SOURCES["mod-gov-cn"].places["byline"]},
        {"headline": tuple(replace(place, front_matter="a.b") for place in SOURCES["jekyll-post"].places["headline"])},
        {"byline": tuple(replace(place, split=", ") for place in SOURCES["jekyll-post"].places["byline"])},
    ):
        sources = changed(places={**SOURCES["jekyll-post"].places, **places})
        assert cleared(post({}), sources, None) is None
    assert cleared(post({}), changed(required={}), None) is not None


# --- in an archive --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mixed")
    write_archive("mixed", folder, 400, 0.2, 12)
    return folder


def seeds_of(archive: Archive) -> tuple[Seed, ...]:
    return discover([archive.root], archive.settings, archive.root).seeds


def test_what_is_used_is_the_same(mixed: Path) -> None:
    archive = open_archive(Request(mixed, no_config=True, today=DAY))
    for seed in seeds_of(archive):
        whole = judge(archive, seed)
        told = replace(whole, record={}, values=(), body=None)
        assert replace(judge(archive, seed, used=Used.FINDINGS), record={}, values=(), body=None) == told
        dirt = judge(archive, seed, used=Used.DIRT)
        if whole.findings or whole.verdict is not Verdict.VALID:
            assert dirt == whole
        else:
            assert (dirt.path, dirt.verdict, dirt.findings) == (whole.path, Verdict.VALID, ())


def test_a_seed_with_a_sidecar_is_checked(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_bytes(post({}))
    archive = open_archive(Request(tmp_path, no_config=True, today=DAY))
    seed = Seed(str(tmp_path), "one.md")
    assert judge(archive, seed, used=Used.DIRT).findings == ()
    (tmp_path / "one.md.meta.yaml").write_text("accept: [{rule: final-newline, reason: none, by: A, on: 2026-01-01}]\n")
    assert [each.rule for each in judge(archive, seed, used=Used.DIRT).findings] == ["acceptance-unused"]


@pytest.mark.parametrize(
    "arguments",
    [
        *([["--format", each] for each in FORMATS if each != "html"]),
        ["--jobs", "2"],
        ["--verbose"],
        ["--format", "sarif", "--jobs", "2"],
    ],
    ids=" ".join,
)
def test_reports_are_the_same(
    mixed: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In every format, as if each seed had been checked and all of its report were used."""
    monkeypatch.chdir(mixed)
    declared: Any = validate.validate
    jobs = [] if "--jobs" in arguments else ["--jobs", "1"]
    values = declared.plain(["--no-cache", "--no-config", *jobs, *arguments, "."])
    cleared_here: list[bool] = []

    def noting(*given: Any) -> Match | None:
        match = cleared(*given)
        cleared_here.append(match is not None)
        return match

    monkeypatch.setattr(archives, "cleared", noting)
    code = declared.function(**values)
    report = capsys.readouterr().out
    monkeypatch.setattr(validate, "_used", lambda *_: Used.ALL)
    assert (declared.function(**values), capsys.readouterr().out) == (code, report)
    is_wanted = not {"json", "jsonl"} & set(arguments)
    assert any(cleared_here) == (is_wanted and "2" not in arguments)


# --- short texts ----------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *("a", "b", "/", "-", "_", " ", ".", "^", "$", "|"),
        *(r"\d", r"\w", r"\W", r"\D", r"\.", r"\/", "[a-b]", "[^/]", r"[\d_]", "[^a]"),
        *("a?", "b*", r"\d+", r"\d{2}", "a{1,2}", "[^/]*", ".*", "(", ")"),
        *("(?:", "(?P<value>", "+", "*", "?", "\\", "[", "é", r"\s", "{"),
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=9).map("".join), st.text("ab12/-_. \n\té", max_size=12))
def test_python_reads_a_pattern_in_a_short_text_as_re2_does(pattern: str, found: str) -> None:
    try:
        compile_pattern(pattern)
    except ValueError:
        return
    subject = Subject(found)
    assert matches_in(pattern, found) == subject.fits(pattern)
    assert group_in(pattern, found, "value") == subject.group(pattern, "value")


PATTERNS = [
    (r"(?:^|/)(?P<value>\d{4}-\d\d-\d\d)-[^/]*$", True),
    (r"/story(?P<value>\d{8})-", True),
    ("^https?://", True),
    (r"^<!--(?P<value>\d{13})-->$", True),
    ("(a*)*b", False),
    ("(?:ab)+", False),
    ("a*b*", False),
    (r"\s", False),
    ("(?i)a", False),
    (r"\pZ", False),
    ("[[:alpha:]]", False),
    ("a*?", False),
    (r"\Aa", False),
    ("a++", None),
]


@pytest.mark.parametrize(("pattern", "is_alike"), PATTERNS)
def test_what_python_is_asked(pattern: str, is_alike: bool | None) -> None:
    if is_alike is None:
        with pytest.raises(ValueError, match="repetition"):
            _alike(pattern)
    else:
        assert (_alike(pattern) is not None) == is_alike
