"""The report to be read in a browser: nothing of a seed is markup in it, nothing is missing, and it works by eye, ear and key."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import DISPLAYS, accessibility_problems, opened_page, violations, wait_until
from expected import seeds_folder
from hypothesis import given
from hypothesis import strategies as st
from test_reports import at, finding, made_up, written

from validator.archive.discovery import discover
from validator.archive.opening import Request, judge, open_archive
from validator.archive.reading import today
from validator.repairs.edits import apply
from validator.reports.display import visible
from validator.reports.escaping import printable
from validator.reports.model import Setting, Tally, open_report
from validator.text.findings import Applicability, Edit, Finding, Fix, Related, SeedReport, Severity, Status, Verdict
from validator.text.places import ORIGIN

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).resolve().parent.parent
SPECIMENS = REPOSITORY / "seeds"
REAL = seeds_folder()


# --- what is read back of a page --------------------------------------------------------------------------------------


class Parts(HTMLParser):
    """The elements of a page in order, the text of its styles and scripts, and its policy."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.style = ""
        self.script = ""
        self.data: dict[str, Any] = {}
        self.policy = ""
        self.words = ""
        self._inside: tuple[str, str | None] = ("", None)
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep its name; a handler or a style in an attribute would be one that the policy forbids."""
        named = dict(attrs)
        assert not [name for name in named if name.startswith("on") or name in ("style", "src")]
        self.tags.append(tag)
        self._inside = (tag, named.get("id"))
        if named.get("http-equiv") == "Content-Security-Policy":
            self.policy = named["content"] or ""

    def handle_endtag(self, tag: str) -> None:
        """Text that follows is no longer inside of it."""
        self._inside = ("", None)

    def handle_data(self, data: str) -> None:
        """Keep the text of what the browser would run or read as data."""
        match self._inside:
            case ("style", _):
                self.style += data
            case ("script", None):
                self.script += data
            case ("script", str(name)):
                self.data[name] = json.loads(data)
            case _:
                self.words += data


def parts(seeds: Sequence[SeedReport]) -> Parts:
    return Parts(written("html", list(seeds)))


def entries(seeds: Sequence[SeedReport]) -> list[dict[str, Any]]:
    """The seeds as they stand in the page."""
    told: list[dict[str, Any]] = parts(seeds).data["data"]
    return told


def joined(pieces: Iterable[tuple[str, int]], flag: int | None = None) -> str:
    return "".join(text for text, is_marked in pieces if flag is None or is_marked == flag)


@cache
def judged(folder: Path) -> list[SeedReport]:
    """What the program says of the seeds of a folder."""
    archive = open_archive(Request(folder, today=today()))
    return [judge(archive, seed) for seed in discover([str(folder)], archive.settings, archive.root).seeds]


def mended(text: str, edits: tuple[Edit, ...], **changes: Any) -> Finding:
    """A finding on all of a line, with a fix of these edits."""
    fix = Fix(Applicability.SAFE, "mend it", edits)
    return finding(text, 0, len(text), "made-up", "something is wrong", fix=fix, **changes)


# --- nothing of a seed is markup --------------------------------------------------------------------------------------

HOSTILE = [
    "</script><script>window.ran = 1</script>",
    "<!--<script>",
    "</script ",
    "</script\tx",
    "<!-- <script ",
    "--><svg onload=window.ran=1>",
    "<img src=x onerror='window.ran=1'>",
    '"><b onmouseover=alert(1)>',
    "&lt;script&gt;&#60;b&#62;",
    "]]></style><style>*{display:none}",
    "one\u2028two\u2029three",
    "\u202etxt.exe\u2066\u200f",
    "\ud800 and \udfff",
    os.fsdecode(b"not-utf-8-\xe9\xff.txt"),
    "\x00\x1b[2J\x7f\x9b",
    "${window.ran = 1} `code` \\u003c \\",
    "__proto__",
]


def made_of(words: str) -> SeedReport:
    """A seed of which everything is the same words: its name, its source, its language, and all that a finding says."""
    found = finding(
        words, 0, len(words), words, words, fix=Fix(Applicability.SAFE, words, (Edit(0, 1, words),)),
        related=(Related(words, ORIGIN, ORIGIN),), excerpt=words,
    )  # fmt: skip
    return SeedReport(
        words, words, Verdict.INVALID, (words,), fault=words, record={"language": words}, findings=(found,)
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_what_a_seed_says_adds_no_element(words: str) -> None:
    page = written("html", [made_of(words)])
    page.encode("utf-8")
    read = Parts(page)
    assert read.tags == parts([made_of("harmless")]).tags
    assert "<" not in page.partition('id="data">')[2].partition("]</script>")[0]
    (seed,) = read.data["data"]
    (said,) = seed["findings"]
    assert [seed["path"], seed["source"], seed["fault"], said["rule"], said["message"]] == [printable(words)] * 5
    assert seed["lang"] is None
    assert joined(said["excerpt"]) == visible(words, True)
    assert set(read.data["rules"]) == {printable(words)}


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_no_text_at_all_adds_an_element(words: str) -> None:
    words = words or "-"
    read = parts([made_of(words)])
    assert read.tags == TAGS_OF_ONE
    assert read.data["data"][0]["path"] == printable(words)


TAGS_OF_ONE = parts([made_of("harmless")]).tags


@pytest.mark.parametrize(
    ("stated", "text", "told"),
    [
        ("en", "words", "en"),
        ("zh-Hans", "words", "zh-Hans"),
        ("", "words", None),
        ("", "一行字", "zh"),
        ("English, mostly", "words", None),
        ('en" onclick="', "words", None),
        (7, "words", None),
    ],
)
def test_the_language_of_excerpts_is_a_tag_or_not_told(stated: object, text: str, told: str | None) -> None:
    seed = SeedReport(
        "a.txt", None, Verdict.UNIDENTIFIED, record={"language": stated},
        findings=(finding(text, 0, len(text), "made-up", "wrong"),),
    )  # fmt: skip
    assert entries([seed])[0]["lang"] == told


def test_the_policy_names_the_style_and_the_script_and_nothing_else() -> None:
    read = parts(made_up())

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    policy = dict(each.strip().split(" ", 1) for each in read.policy.split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": digest(read.style),
        "script-src": digest(read.script),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert read.tags.count("style") == 1
    assert read.tags.count("script") == 1 + len(read.data)
    assert not {"link", "img", "iframe", "object", "base"} & set(read.tags)


# --- nothing is missing -----------------------------------------------------------------------------------------------


def key(found: Finding) -> tuple[Any, ...]:
    status = None if found.status is Status.OPEN else str(found.status)
    message = printable(found.message)
    return f"{found.start.line}:{found.start.column}", str(found.severity), found.rule, message, status


def check_whole(seeds: Sequence[SeedReport]) -> None:
    """Every seed and every finding stands in the page, and the numbers above them are the tally's."""
    read = parts(seeds)
    told = read.data["data"]
    assert [each["path"] for each in told] == [printable(each.path) for each in seeds]
    for entry, seed in zip(told, seeds, strict=True):
        said = [
            (each["at"], each["severity"], each["rule"], each["message"], each.get("status"))
            for each in entry["findings"]
        ]
        assert Counter(said) == Counter(map(key, seed.findings))
        places = [tuple(map(int, each["at"].split(":"))) for each in entry["findings"]]
        assert places == sorted(places)
    totals = Tally(seeds).totals()
    found = [each for entry in told for each in entry["findings"] if "status" not in each]
    verdicts = Counter(each["verdict"] for each in told if each["verdict"])
    severities = Counter(each["severity"] for each in found)
    assert {name: verdicts[name] for name in totals.verdicts} == totals.verdicts
    assert {name: severities[name] for name in totals.findings} == totals.findings
    assert Counter(each["rule"] for each in found) == totals.by_rule
    numbers = read.words.replace(",", "")
    for name, number in totals.verdicts.items():
        assert (f"{number} {name}" in numbers) == (number > 0)
    assert set(read.data["rules"]) == {each.rule for seed in seeds for each in seed.findings}


def test_the_made_up_seeds_are_told_whole() -> None:
    check_whole(made_up())


def test_the_specimens_are_told_whole() -> None:
    check_whole(judged(SPECIMENS))


@pytest.mark.skipif(REAL is None, reason="the real seeds are not here")
def test_the_real_seeds_are_told_whole() -> None:
    assert REAL is not None
    check_whole(judged(REAL))


def test_no_seeds() -> None:
    read = parts([])
    assert read.data["data"] == []
    assert "0 seeds" in read.words
    assert "figure" not in read.tags


def test_the_charts_count_what_is_there() -> None:
    page = written("html", made_up())
    rows = re.findall(r'data-filter="(\w+)" data-value="([^"]+)".*?<td class="number">([\d,]+)</td>', page)
    assert [(name, value, int(number)) for name, value, number in rows] == [
        ("source", "-", 1),
        ("source", "chinanews-translated", 1),
        ("source", "plain-text", 1),
        ("source", "zaobao-jekyll", 1),
        ("rule", "date-incomplete", 1),
        ("rule", "headline-missing", 1),
        ("rule", "quote-for-apostrophe", 1),
        ("rule", "headlines-disagree", 1),
        ("rule", "no-break-space", 1),
        ("rule", "sidecar-orphan", 1),
        ("rule", "blank-lines", 5),
    ]
    drawn = [
        re.findall('width="([0-9.]+)".*? class="(.+?)"', bar) for bar in re.findall("<svg class=.bar.*?</svg>", page)
    ]
    assert drawn[1] == [("100.00", "v-invalid")]
    assert drawn[-2:] == [[("20.00", "s-warning")], [("100.00", "s-info")]]
    orphan = re.search(r'data-value="sidecar-orphan".*?<td class="number">1</td><td class="number">(\d+)</td>', page)
    assert orphan is not None
    assert orphan[1] == "0", "a sidecar to which no seed belongs is no seed"


# --- before and after -------------------------------------------------------------------------------------------------

LONG = "x" * 100


def seen(text: str) -> str:
    """A text of which blanks that change are shown by signs, as it is."""
    return text.replace("␣", " ").replace("⇥", "\t")


SIDES = {
    "a mark": ('the editor"s note', (Edit(10, 11, "'"),), [['"']], [["'"]]),
    "two marks": ('a"s b"s', (Edit(1, 2, "'"), Edit(5, 6, "'")), [['"', '"']], [["'", "'"]]),
    "taken away": ("one  two", (Edit(4, 5, ""),), [["␣"]], [[]]),
    "put in": ("onetwo", (Edit(3, 3, "-"),), [[]], [["-"]]),
    "a tab": ("one\ttwo", (Edit(3, 4, " "),), [["⇥"]], [["␣"]]),
}


@pytest.mark.parametrize("case", SIDES)
def test_a_fix_is_shown_before_and_after(case: str) -> None:
    text, edits, gone, come = SIDES[case]
    fix = entries([SeedReport("a.txt", None, Verdict.VALID, findings=(mended(text, edits),))])[0]["findings"][0]["fix"]
    assert [[joined([each]) for each in line if each[1]] for line in fix["before"]] == gone
    assert [[joined([each]) for each in line if each[1]] for line in fix["after"]] == come
    assert [seen(joined(line)) for line in fix["before"]] == [text]
    assert [seen(joined(line)) for line in fix["after"]] == [apply(text, edits)]


@given(st.text("abc ", min_size=1, max_size=30), st.data())
def test_before_is_the_excerpt_and_after_is_what_the_fix_makes_of_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    edits = (Edit(start, end, data.draw(st.text("xyz", min_size=1, max_size=5))),)
    fix = entries([SeedReport("a.txt", None, Verdict.VALID, findings=(mended(text, edits),))])[0]["findings"][0]["fix"]
    assert seen("".join(map(joined, fix["before"]))) == text
    assert seen("".join(map(joined, fix["after"]))) == apply(text, edits)


def test_what_stays_is_shown_close_to_the_change_only() -> None:
    text = f'{LONG}"{LONG}'
    found = mended(text, (Edit(100, 101, "'"),), excerpt=text)
    fix = entries([SeedReport("a.txt", None, Verdict.VALID, findings=(found,))])[0]["findings"][0]["fix"]
    assert fix["before"] == [[["…" + "x" * 30, 0], ['"', 1], ["x" * 30 + "…", 0]]]
    assert fix["after"] == [[["…" + "x" * 30, 0], ["'", 1], ["x" * 30 + "…", 0]]]


@pytest.mark.parametrize(
    "found",
    [
        mended("one line", (Edit(4, 40, ""),)),
        mended("one line", ()),
        finding("one", 0, 3, "made-up", "wrong", fix=Fix(Applicability.DISPLAY, "look", (Edit(0, 1, "x"),))),
    ],
    ids=["reaches out of the excerpt", "no edits", "only a suggestion"],
)
def test_a_fix_that_cannot_be_shown_is_named_only(found: Finding) -> None:
    fix = entries([SeedReport("a.txt", None, Verdict.VALID, findings=(found,))])[0]["findings"][0]["fix"]
    assert set(fix) == {"applicability", "title"}


def test_the_excerpt_is_marked_where_the_finding_is() -> None:
    text = 'The editor"s note.\nA line\u00a0more.\n'
    found = (
        at(text, '"', "made-up", "a mark"),
        at(text, "\u00a0", "made-up", "a blank"),
        finding(text, 18, 18, "made-up", "the end of a line"),
        finding(text, 11, 25, "made-up", "on two lines"),
    )
    said = entries([SeedReport("a.txt", None, Verdict.VALID, findings=found)])[0]["findings"]
    assert [(joined(each["excerpt"]), joined(each["excerpt"], 1)) for each in said] == [
        ('The editor"s note.', '"'),
        ('The editor"s note.', "s note."),
        ('The editor"s note.', ""),
        ("A line⍽more.", "⍽"),
    ]


@given(st.text("ab #\x1b\t\n\u00a0é", max_size=8), st.booleans())
def test_plain_text_is_shown_as_any_other(text: str, is_marked: bool) -> None:
    letter = "é"  # with a letter that is not ASCII beside it the text takes the long way
    assert visible(text, False) == visible(letter + text, False).removeprefix(letter)
    if text.strip(" "):
        assert visible(text + "a", is_marked) == visible(text + "a" + letter, is_marked).removesuffix(letter)
    else:
        assert visible(text, is_marked) == ("␣" if is_marked else " ") * len(text)


# --- many seeds -------------------------------------------------------------------------------------------------------


def many(number: int, findings: int = 4) -> Iterator[SeedReport]:
    """Seeds with up to four findings each, of three sources and three verdicts."""
    text = 'The editor"s note stands here, and the sun"s light.'
    for each in range(number):
        found = [
            at(text, '"', "quote-for-apostrophe", f"mark {each}", fix=Fix(Applicability.SAFE, "mend", (Edit(10, 11, "'"),))),
            finding(text, 0, 0, "headline-missing", "no headline was found", whole=True),
            at(text, "sun", "made-up", "the sun", severity=Severity.WARNING),
            at(text, "light", "made-up-too", "the light", severity=Severity.INFO),
        ]  # fmt: skip
        verdict = (Verdict.INVALID, Verdict.MALFORMED, Verdict.UNIDENTIFIED)[each % 3]
        yield SeedReport(
            f"archive/{each:06}.txt", ("one", "two", None)[each % 3], verdict, findings=tuple(found[:findings])
        )


class Measured(io.StringIO):
    """Keeps how much is written, and the most at once; not what."""

    length = 0
    most = 0

    def write(self, text: str, /) -> int:
        self.length += len(text)
        self.most = max(self.most, len(text))
        return len(text)


def test_seeds_wait_on_disk_until_the_counts_are_known() -> None:
    out = Measured()
    reporter = open_report("html", out, Setting())
    peaks = []
    for seed in many(200):
        reporter.seed(seed)
    for _ in range(2):
        tracemalloc.start()
        for seed in many(600):
            reporter.seed(seed)
        peaks.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert out.length == 0
    assert max(peaks) < 120_000, "what stays of a seed is less than a fifth of its text"
    reporter.finish(Tally(many(1400)).totals())
    assert out.length > 1_000_000
    assert out.most < 200_000


def test_the_same_seeds_give_the_same_page_each_time(tmp_path: Path) -> None:
    pages = []
    for number in ("1", "2"):
        page = tmp_path / f"{number}.html"
        done = subprocess.run(
            [sys.executable, "-m", "validator", "validate", "seeds", "--format", "html", "--output", str(page)],
            cwd=REPOSITORY, env=os.environ | {"PYTHONHASHSEED": number}, capture_output=True, encoding="utf-8",
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")
        pages.append(page.read_bytes())
    assert pages[0] == pages[1]
    assert Parts(pages[0].decode()).data["data"]


# --- in a browser -----------------------------------------------------------------------------------------------------


@contextmanager
def shown(browser: Browser, folder: Path, seeds: Iterable[SeedReport], **options: Any) -> Iterator[Page]:
    """The page of these seeds, as a file that was opened; nothing may have been fetched, and nothing forbidden tried."""
    place = folder / "report.html"
    place.write_text(written("html", list(seeds)), "utf-8", newline="\n")
    with opened_page(browser, **options) as page:
        page.goto(place.as_uri())
        wait_until(page, "document.documentElement.dataset.ready === 'yes'")
        yield page
        assert violations(page) == []
        assert page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)") == []


def listed(page: Page) -> list[str]:
    """The names of the seeds that are listed."""
    return page.locator("#seeds > li > h3").all_text_contents()


def filtered(page: Page, said: str) -> list[str]:
    """The names that are listed once the list says this of itself."""
    wait_until(page, f"document.getElementById('count').textContent === {json.dumps(said)}")
    return listed(page)


def names(*told: str) -> list[str]:
    return [name for name in (seed.path for seed in made_up()) if any(part in name for part in told)]


def test_filters(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, made_up()) as page:
        assert filtered(page, "3 seeds and 1 sidecar without a seed, 11 findings") == names(
            "missing", "orphan", "fault", "示例"
        )

        page.select_option("[name=source]", "zaobao-jekyll")
        assert filtered(page, "1 seed, 7 findings") == names("示例")
        page.select_option("[name=severity]", "warning")
        assert filtered(page, "1 seed, 2 findings") == names("示例")
        page.select_option("[name=rule]", "date-incomplete")
        assert filtered(page, "Nothing to show here.") == []
        page.click("button[type=reset]")
        assert len(filtered(page, "3 seeds and 1 sidecar without a seed, 11 findings")) == 4

        page.select_option("[name=source]", "-")
        assert filtered(page, "1 seed, 0 findings") == names("fault")
        page.click("button[type=reset]")
        page.select_option("[name=verdict]", "invalid")
        assert filtered(page, "1 seed, 3 findings") == names("missing")
        page.check("[name=all]")
        assert filtered(page, "1 seed, 4 findings") == names("missing")
        assert "byline-impersonal accepted" in page.inner_text("#seeds")
        page.click("button[type=reset]")
        page.select_option("[name=severity]", "info")
        assert filtered(page, "1 seed, 5 findings") == names("示例")
        page.click("button[type=reset]")
        page.check("[name=quiet]")
        assert len(filtered(page, "4 seeds and 1 sidecar without a seed, 11 findings")) == 5


LOOKED_FOR = {
    "MISSING-YEAR": ("1 seed, 3 findings", "missing"),
    "no year": ("1 seed, 1 finding", "missing"),
    "编造的标题": ("1 seed, 2 findings", "示例"),
    "headline": ("2 seeds, 2 findings", "missing 示例"),
    "fell over": ("1 seed, 0 findings", "fault"),
    "<b>": ("Nothing to show here.", "nowhere"),
}


def test_a_text_is_looked_for_in_names_messages_and_excerpts(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, made_up()) as page:
        for words, (said, found) in LOOKED_FOR.items():
            page.fill("[name=text]", words)
            assert filtered(page, said) == names(*found.split())


def test_the_charts_filter(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, made_up()) as page:
        page.select_option("[name=severity]", "info")
        filtered(page, "1 seed, 5 findings")
        page.click("button[data-value=chinanews-translated]")
        assert filtered(page, "1 seed, 3 findings") == names("missing")
        assert page.evaluate("document.activeElement.id") == "seeds-heading"
        page.click("button[data-value=blank-lines]")
        assert filtered(page, "1 seed, 5 findings") == names("示例")
        assert page.input_value("[name=source]") == ""


def test_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, made_up()) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "source"
        page.keyboard.press("End")
        assert filtered(page, "1 seed, 7 findings") == names("示例")
        for name in ("verdict", "rule", "severity", "text", "all", "quiet"):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.name") == name
        page.keyboard.press("Space")
        assert page.is_checked("[name=quiet]")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        filtered(page, "3 seeds and 1 sidecar without a seed, 11 findings")
        for name in (
            "Group by",
            "Fold all",
            "Findings of archive/en/missing-year.txt",
            "Link to archive/en/missing-year.txt",
        ):
            page.keyboard.press("Tab")
            said = "document.activeElement.ariaLabel || (document.activeElement.labels[0] || document.activeElement).innerText"
            assert page.evaluate(said).startswith(name)
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.localName") == "a":  # of the finding above the first that is explained
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") == "summary"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.parentElement.open") is True
        assert page.evaluate("document.activeElement.nextElementSibling.getBoundingClientRect().height > 0") is True


def test_a_finding_is_explained_where_it_stands(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, made_up()) as page:
        about = page.locator("details", has_text="About date-incomplete")
        page.click("text=About date-incomplete")
        assert len(about.locator("p").first.inner_text()) > 20
        item = page.locator("#seeds li li", has_text="quote-for-apostrophe").first
        assert item.locator("mark").inner_text() == '"'
        assert item.locator("del").inner_text() == '"'
        assert item.locator("ins").inner_text() == "'"
        assert item.locator(".excerpt").get_attribute("lang") == "en"
        assert page.locator(".excerpt[lang=zh]").count() > 0


def test_more_of_a_seed_is_shown_when_asked(browser: Browser, tmp_path: Path) -> None:
    text = "x" * 40
    found = tuple(finding(text, each, each + 1, "made-up", f"letter {each}") for each in range(15))
    with shown(browser, tmp_path, [SeedReport("a.txt", None, Verdict.INVALID, findings=found)]) as page:
        assert page.locator("#seeds li li").count() == 10
        page.focus("#seeds > li > button")
        assert page.inner_text("#seeds > li > button") == "Show 5 more findings of this seed"
        page.keyboard.press("Enter")
        assert page.locator("#seeds li li").count() == 15
        focused = "[...document.querySelectorAll('#seeds li li')].indexOf(document.activeElement)"
        assert page.evaluate(focused) == 10
        assert page.locator("#seeds > li > button").count() == 0


def test_thousands_of_seeds_come_into_the_page_as_they_come_into_sight(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, many(5000)) as page:
        assert page.inner_text("#count") == "5,000 seeds, 20,000 findings"
        before = page.locator("#seeds > li").count()
        assert 20 <= before <= 160
        assert page.evaluate("document.querySelectorAll('*').length") < 10_000
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        wait_until(page, f"document.querySelectorAll('#seeds > li').length > {before}")
        page.focus("#more")
        at_click = page.locator("#seeds > li").count()
        page.keyboard.press("Enter")
        assert listed(page)[: at_click + 1] == [f"archive/{each:06}.txt" for each in range(at_click + 1)]
        assert (
            page.evaluate("[...document.getElementById('seeds').children].indexOf(document.activeElement)") >= at_click
        )
        page.fill("[name=text]", "mark 4999")
        assert filtered(page, "1 seed, 1 finding") == ["archive/004999.txt"]
        assert page.is_hidden("#more")


def test_seeds_that_mean_harm_do_none(browser: Browser, tmp_path: Path) -> None:
    seeds = [made_of(words) for words in HOSTILE]
    with shown(browser, tmp_path, seeds) as page:
        assert filtered(page, f"{len(HOSTILE)} seeds, {len(HOSTILE)} findings") == [printable(each) for each in HOSTILE]
        assert page.evaluate("typeof window.ran") == "undefined"
        assert page.locator("#seeds").locator("script, img, svg, style, b, [onload], [onerror]").count() == 0
        for words in HOSTILE:
            page.select_option("[name=rule]", printable(words))
            filtered(page, "1 seed, 1 finding")
        page.click("button[type=reset]")
        for button in page.locator("button[data-filter]").all():
            button.click()
            filtered(page, "1 seed, 1 finding")
        assert page.evaluate("typeof window.ran") == "undefined"


def test_the_policy_of_the_page_holds(browser: Browser, tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    place.write_text(written("html", made_up()), "utf-8")
    with opened_page(browser) as page:
        page.goto(place.as_uri())
        page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = 1";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = 1'>");
        }""")
        wait_until(page, "window.violations.length >= 2")
        assert page.evaluate("typeof window.ran") == "undefined"


def test_on_paper(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, many(120), scheme="dark") as page:
        assert page.locator("#seeds > li").count() < 120
        assert page.pdf().startswith(b"%PDF")
        assert page.locator("#seeds > li").count() == 120, "all of them are printed, not only those in sight"
        page.emulate_media(media="print")
        assert page.is_hidden("form")
        assert page.is_hidden("#more")
        assert page.is_visible("#seeds")
        colors = page.evaluate("[document.documentElement, document.querySelector('.error'), document.querySelector('ins')]"
            ".map((each) => { const style = getComputedStyle(each); return [style.color, style.backgroundColor]; })")  # fmt: skip
        assert colors[0] == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert colors[1][0] == "rgb(163, 22, 15)", "the dark colors are for screens"


def test_what_is_not_printed_is_told(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, many(1100, findings=1)) as page:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.locator("#seeds > li").count() == 1000
        assert page.inner_text("#left") == "100 seeds are not printed. Filter the list to print the others."


@pytest.mark.parametrize(("scheme", "width"), DISPLAYS)
def test_it_is_accessible(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    seeds = [*made_up(), *judged(SPECIMENS), made_of("a" * 120)]
    with shown(browser, tmp_path, seeds, scheme=scheme, width=width) as page:
        for each in page.locator("summary").all()[:3]:
            each.click()
        page.check("[name=all]")
        page.check("[name=quiet]")
        wait_until(page, "document.querySelectorAll('#seeds > li').length === 21 - 5")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert accessibility_problems(page) == []
        broken = """[...document.querySelectorAll('thead th, td:not(.said)')].filter((cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            return cell.innerText && range.getClientRects().length > 1;
        }).length"""
        assert page.evaluate(broken) == 0, "a word of a table is broken"
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
