"""The report in a browser, looked at in other ways: by rule, folded, from an address, and beside an earlier report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import DISPLAYS, accessibility_problems, opened_page, violations, wait_until
from running import Program, put
from test_reports import made_up, written

from validator.reports.formats.html import LINES_SHOWN
from validator.reports.model import Run, Since
from validator.reports.trend import Trend, read_earlier
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def archive(specimens: Path) -> Path:
    return specimens


@contextmanager
def shown(
    browser: Browser,
    folder: Path,
    address: str = "",
    seeds: list[SeedReport] | None = None,
    *,
    options: Any = None,
    **look: Any,
) -> Iterator[Page]:
    """The page, opened at an address."""
    place = folder / "report.html"
    place.write_text(written("html", made_up() if seeds is None else seeds, **(options or {})), "utf-8", newline="\n")
    with opened_page(browser, **look) as page:
        page.goto(place.as_uri() + address)
        wait_until(page, "document.documentElement.dataset.ready === 'yes'")
        yield page
        assert violations(page) == []


def said(page: Page, words: str) -> None:
    wait_until(page, f"document.getElementById('count').textContent === {json.dumps(words)}")


def headings(page: Page) -> list[str]:
    return page.locator("#seeds > li > h3").all_text_contents()


# --- by rule, and folded ----------------------------------------------------------------------------------------------


def test_findings_by_rule(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path) as page:
        page.select_option("[name=group]", "rule")
        said(page, "7 rules in 3 seeds and 1 sidecar without a seed, 11 findings")
        assert headings(page)[:3] == ["headline-missing", "date-incomplete", "quote-for-apostrophe"]
        assert headings(page)[-1] == "blank-lines"
        item = page.locator("#seeds > li", has_text="quote-for-apostrophe").first
        assert "archive/en/missing-year.txt" in item.inner_text()
        assert item.locator("del").inner_text() == '"'
        page.click("button[type=reset]")
        wait_until(page, "document.querySelector('[name=group]').value === 'rule'")
        page.select_option("[name=group]", "")
        said(page, "3 seeds and 1 sidecar without a seed, 11 findings")


def test_seeds_are_folded_and_unfolded(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path) as page:
        first = page.locator("#seeds > li").first
        button = first.locator("button.fold")
        assert button.get_attribute("aria-expanded") == "true"
        button.focus()
        page.keyboard.press("Enter")
        assert button.get_attribute("aria-expanded") == "false"
        assert first.locator(".findings").is_hidden()
        assert first.locator("h3").is_visible()
        page.click("#fold")
        assert page.locator(".findings:visible").count() == 0
        page.select_option("[name=group]", "rule")
        wait_until(page, "document.querySelector('#seeds > li > h3').textContent === 'headline-missing'")
        assert page.locator(".findings:visible").count() == 0
        page.click("#fold")
        assert page.locator(".findings:visible").count() == page.locator(".findings").count() > 0


# --- addresses --------------------------------------------------------------------------------------------------------


def test_filters_are_in_the_address(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path) as page:
        assert page.evaluate("location.hash") == ""
        page.select_option("[name=severity]", "warning")
        page.fill("[name=text]", "编造的标题")
        said(page, "1 seed, 2 findings")
        page.check("[name=all]")
        page.select_option("[name=group]", "rule")
        said(page, "2 rules in 1 seed, 2 findings")
        address = page.evaluate("location.hash")
        page.click("button[type=reset]")
        said(page, "7 rules in 3 seeds and 1 sidecar without a seed, 11 findings")
        assert page.evaluate("location.hash") == "#group=rule"
    with shown(browser, tmp_path, address) as page:
        said(page, "2 rules in 1 seed, 2 findings")
        assert page.input_value("[name=text]") == "编造的标题"
        assert page.is_checked("[name=all]")
        page.evaluate("location.hash = '#severity=info'")
        said(page, "1 seed, 5 findings")


@pytest.mark.parametrize("address", ["#source=nowhere&rule=nothing", "#=&=", "#seeds-heading", "#%E0%A4", "#group=x"])
def test_an_address_that_names_nothing_hides_nothing(browser: Browser, tmp_path: Path, address: str) -> None:
    with shown(browser, tmp_path, address) as page:
        said(page, "3 seeds and 1 sidecar without a seed, 11 findings")


def test_a_seed_has_an_address(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path) as page:
        page.click("a.link[aria-label$='示例.md']")
        said(page, "1 seed, 7 findings")
        address = page.evaluate("location.hash")
    with shown(browser, tmp_path, address) as page:
        assert headings(page) == ["存档/2021-07-28-示例.md"]
        assert "Only one seed is shown" in page.inner_text("#one")
        page.click("#one button")
        said(page, "3 seeds and 1 sidecar without a seed, 11 findings")
        assert page.is_hidden("#one")
    with shown(browser, tmp_path, "#seed=archive/en/nothing-wrong.txt") as page:
        said(page, "1 seed, 0 findings")


def test_a_finding_has_an_address(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path) as page:
        page.locator("#seeds li li", has_text="headlines-disagree").get_by_text("Link to this finding").click()
        said(page, "1 seed, 7 findings")
        address = page.evaluate("location.hash")
    with shown(browser, tmp_path, address) as page:
        assert page.locator("li.target h4").inner_text().split() == ["2:9", "warning", "headlines-disagree"]
        assert page.evaluate("document.activeElement.className") == "target"
        assert page.locator("li.target").is_visible()


# --- what the page says of the run, and of findings over several lines ------------------------------------------------


def test_the_head_says_when_and_how(program: Program, archive: Path, browser: Browser) -> None:
    program("check mod-gov-cn --format html --output report.html --jobs=1 -q --ignore quotes")
    with opened_page(browser) as page:
        page.goto((archive / "report.html").as_uri())
        head = page.inner_text("dl.run")
        assert re.search(r"validator check mod-gov-cn --ignore quotes$", head, re.MULTILINE)
        assert str(archive) in head
        assert re.search(r"Date\s+\d{4}-\d\d-\d\d\b", head)
        assert "validator attest mod-gov-cn/as-captured.txt byline" in page.inner_text("#seeds")
    assert "<dl" not in written("html", made_up())


@pytest.mark.parametrize("lines", [3, 40])
def test_a_finding_over_lines_is_shown_whole(program: Program, archive: Path, browser: Browser, lines: int) -> None:
    furniture = "We Recommend:\n" + "".join(f"Another story {number}\n" for number in range(lines))
    text = (archive / "peoples-daily-page" / "as-captured.txt").read_text("utf-8")
    put("peoples-daily-page/b.txt", text.partition("We Recommend:")[0] + furniture)
    program("check peoples-daily-page/b.txt --select page-furniture --format html --output report.html")
    with opened_page(browser) as page:
        page.goto((archive / "report.html").as_uri())
        item = page.locator("#seeds li li", has_text="tail").first
        marked = item.locator(".excerpt mark").all_inner_texts()
        assert marked[0] == "We Recommend:"
        assert marked[-1] == f"Another story {lines - 1}"
        assert len(marked) == min(lines + 1, LINES_SHOWN)
        assert "to line" in item.locator("h4").inner_text()


def test_a_text_that_has_changed_is_not_shown(program: Program, archive: Path) -> None:
    """Only what was checked is shown: the digest of the bytes decides."""
    (seed,) = (each for each in made_up() if each.path.endswith("missing-year.txt"))
    assert seed.sha256 is not None
    page = written("html", [seed], text_of=lambda report: None, run=Run(paths="."))
    assert '"extent"' not in page


# --- beside an earlier report -----------------------------------------------------------------------------------------

BEFORE = "The bridge\u00a0opened.\n\nNobody came.  \n"


def test_what_has_changed(program: Program, archive: Path, browser: Browser) -> None:
    (archive / "validator.toml").write_text('[sources]\n"trend/**" = "plain-text"\n', "utf-8")
    for name in ("same", "line", "mended", "gone", "renamed"):
        put(f"trend/{name}.txt", f"This one is {name}.\n{BEFORE}")
    for form in ("json", "jsonl"):
        program(f"check trend --format {form} --output before.{form}")
    put("trend/line.txt", f"This one is line.\n\nOne more.\n{BEFORE.partition(chr(10))[2]}The bridge\u00a0opened.\n")
    put("trend/mended.txt", "This one is mended.\nNobody came.\n")
    (archive / "trend/gone.txt").unlink()
    (archive / "trend/renamed.txt").rename(archive / "trend/other.txt")
    put("trend/new.txt", "This one\u00a0is new.\n")
    shown_in = {form: program(f"check trend --compare-with before.{form}").lines()[-1] for form in ("json", "jsonl")}
    assert shown_in["json"].replace("json", "") == shown_in["jsonl"].replace("jsonl", "")
    program("check trend --compare-with before.json --format html --output report.html")
    with opened_page(browser) as page:
        page.goto((archive / "report.html").as_uri())
        wait_until(page, "document.documentElement.dataset.ready === 'yes'")
        rows = page.locator("section[aria-labelledby=trend] figure").first.locator("tbody tr").all()
        told = {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows}
        assert told["trailing-whitespace"] == ["", "2", "2"]
        assert int(told["no-break-space"][0]) >= 1
        assert shown_in["json"].strip() in page.inner_text("main")
        page.check("[name=new]")
        wait_until(page, "location.hash === '#new=yes'")
        assert headings(page) == ["trend/new.txt"]  # the finding in line.txt has only moved
        assert page.locator("#seeds .new").count() == page.locator("#seeds li li").count() > 0
        assert accessibility_problems(page) == []


def test_nothing_has_changed(program: Program, archive: Path) -> None:
    program("check . --format json --output before.json")
    assert program("check . --compare-with before.json").lines()[-1] == "  Since before.json: 0 new, 0 gone, 0 moved"


@pytest.mark.parametrize(
    "text", ["", "nothing", "{}", "[]", '{"seeds": 1}', '{"type": "seed"}', '{"seeds": [{}]}', "{" * 9999]
)
def test_what_is_no_report_is_refused(program: Program, archive: Path, text: str) -> None:
    put("before.json", text)
    done = program("check . --compare-with before.json")
    assert (done.code, "before.json: this is no report in json or jsonl" in done.err) == (2, True)
    with pytest.raises(ConfigError):
        read_earlier(StringIO(text), "before.json")


def test_a_report_that_was_cut_short_is_refused(program: Program, archive: Path) -> None:
    program("check . --format jsonl --output whole.jsonl")
    lines = (archive / "whole.jsonl").read_text("utf-8").splitlines(keepends=True)
    put("cut.jsonl", "".join(lines[:-1]))
    assert program("check . --compare-with cut.jsonl").code == 2
    assert program("check . --compare-with whole.jsonl --format sarif").code == 2


def test_a_seed_that_was_renamed_has_moved() -> None:
    seed = made_up()[0]
    earlier = read_earlier(StringIO(written("json", [seed])), "a")
    trend = Trend(earlier)
    moved = replace(seed, path="elsewhere.txt")
    assert trend.add(moved, moved.findings[:3]) == set()
    assert trend.finish() == {"moved": 3}
    assert Since("a", earlier).name == "a"


# --- for everybody ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), DISPLAYS)
def test_every_view_is_accessible(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    run = Run(
        "validator check .", ".", "", "/an/archive", "0" * 40, "2026-11-29", "https://docs.example.org/r.html#{rule}"
    )
    for address in ("#group=rule", "#seed=archive/en/missing-year.txt&at=1%3A23&of=date-incomplete"):
        with shown(browser, tmp_path, address, options={"run": run}, scheme=scheme, width=width) as page:
            page.locator("summary").first.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert accessibility_problems(page) == []
            page.click("#fold")
            assert accessibility_problems(page) == []


def test_controls_are_not_printed(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path) as page:
        page.emulate_media(media="print")
        for control in ("#fold", "[name=group]", "button.fold", "a.link"):
            assert page.locator(control).first.is_hidden()
        assert page.locator("#count").is_visible()
