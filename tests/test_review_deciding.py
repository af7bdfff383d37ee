"""Deciding on the page, in a browser: values that are taken, and what the page shows of repairs and of others' decisions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import DISPLAYS, accessibility_problems, opened_page, violations, wait_until
from test_desk import BY, PLAIN, make_archive
from test_review_candidates import FILES, POST, SETTINGS
from test_review_page import CONFIGURATION as PLAIN_SETTINGS
from test_review_page import STRAY, fill_in, filled_in, open_seed, opened, served, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_one_side_of_a_dispute_is_taken_and_the_basis_is_the_curators(browser: Browser, tmp_path: Path) -> None:
    root = make_archive(tmp_path / "archive", FILES, SETTINGS).archive.root
    with served(root, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        open_seed(page, POST)
        assert filled_in(page) == []
        assert accessibility_problems(page) == []
        page.get_by_role("button", name="Take this one: 2021-03-04").click()
        page.wait_for_selector("#attest-dialog[open]")
        assert page.evaluate("[document.activeElement.name, document.activeElement.value]") == ["basis", ""]
        assert page.input_value("#attest-dialog [name=value]") == "2021-03-04"
        assert page.input_value("#attest-dialog [name=replaces]") == "2021-03-09"
        wait_until(page, "document.getElementById('outlook').textContent.includes('dates-disagree')")
        assert accessibility_problems(page) == []
        page.keyboard.press("Enter")  # without a basis nothing is written
        assert not (root / f"{POST}.meta.yaml").exists()
        page.keyboard.type("the printed page")
        page.keyboard.press("Enter")
        page.wait_for_selector("#attest-dialog:not([open])", state="attached")
        assert violations(page) == []
    said = (root / f"{POST}.meta.yaml").read_text()
    assert 'value: 2021-03-04, basis: "the printed page"' in said
    with (
        served(root, "--by", BY) as address,
        opened_page(browser) as page,
    ):  # the basis is offered again, and not filled in
        opened(page, address)
        open_seed(page, "mod/bare.txt")
        page.get_by_role("button", name="Confirm a date", exact=True).click()
        assert filled_in(page) == []
        page.get_by_role("button", name="the printed page", exact=True).click()
        assert page.evaluate("[document.activeElement.name, document.activeElement.value]") == [
            "basis",
            "the printed page",
        ]


def test_any_finding_is_opened_by_pressing_its_row(browser: Browser, tmp_path: Path) -> None:
    root = make_archive(tmp_path / "archive", PLAIN | FILES, SETTINGS + PLAIN_SETTINGS).archive.root
    with served(root, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        row = page.locator("ol.seeds > li", has_text="mod/bare.txt")
        row.get_by_role("button", name="byline-missing").click()
        page.wait_for_selector(".card.current")
        assert page.inner_text(".card.current h3 button") == "byline-missing"
        other = page.locator(".card:not(.current)").first
        rule = other.locator("h3 button").inner_text()
        other.locator("p").first.click()
        assert page.inner_text(".card.current h3 button") == rule
        page.keyboard.press("q")
        page.wait_for_selector("ol.seeds")
        page.locator("ol.seeds > li", has_text="plain/two.txt").locator(".faint").click()
        page.wait_for_selector(".seed h1")
        assert page.inner_text(".seed h1") == "plain/two.txt"
        page.keyboard.press("q")
        page.wait_for_selector("table.groups")
        page.locator("table.groups tbody tr", has_text="stray-quote").locator("td").last.click()
        page.wait_for_selector("#alike-no")
        assert accessibility_problems(page) == []
        page.get_by_role("link", name="Open plain/two.txt").click()
        page.wait_for_selector(".card.current")
        assert page.inner_text(".seed h1") == "plain/two.txt"


def test_filters_count_and_a_search_narrows(browser: Browser, tmp_path: Path) -> None:
    root = make_archive(tmp_path / "archive", PLAIN | FILES, SETTINGS + PLAIN_SETTINGS).archive.root
    with served(root, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        kinds = page.locator("[name=kind] option").all_text_contents()
        assert any(re.fullmatch(r"a value to confirm \(\d+\)", each) for each in kinds), kinds
        page.select_option("[name=source]", "plain-text")
        wait_until(
            page, "document.querySelector('.count').textContent === '2 seeds to decide on that match the filter'"
        )
        page.select_option("[name=kind]", "proposal")
        page.fill("[name=text]", "no such words")
        wait_until(page, "document.querySelector('main').textContent.includes('No decision matches the filter')")
        assert page.input_value("[name=source]") == "plain-text"
        assert accessibility_problems(page) == []
        page.get_by_role("button", name="Show all").click()
        wait_until(page, "!document.querySelector('.count').textContent.includes('filter')")
        page.fill("[name=text]", "TWO.txt")
        wait_until(page, "document.querySelectorAll('ol.seeds a').length === 1")


@pytest.mark.parametrize(("scheme", "width"), DISPLAYS)
def test_a_repaired_text_is_shown_as_it_was_too(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    root = make_archive(tmp_path / "archive", PLAIN, PLAIN_SETTINGS).archive.root
    with served(root, "--by", BY) as address, opened_page(browser, scheme=scheme, width=width) as page:
        opened(page, address)
        open_seed(page, "plain/two.txt")
        assert "The text as archived" in page.inner_text(".text h2")
        assert page.locator(".repaired").count() == 0
        assert page.locator(".card.current .diff").count() == 1
        assert page.locator(".card.current .diff .before del").all_inner_texts() == ['"']
        assert accessibility_problems(page) == []
        settled(page, "y")
        page.wait_for_selector(".repaired")
        assert page.inner_text(".text h2").startswith("The repaired text")
        assert '"' not in page.inner_text(".text .row")
        page.get_by_role("button", name="Original").click()
        wait_until(page, "document.querySelector('.text h2').textContent.startsWith('The original')")
        assert page.locator(".text .row del").all_inner_texts() == ['"']
        assert accessibility_problems(page) == []
        page.get_by_role("button", name="Both").click()
        page.wait_for_selector(".both .pair:not(.heads)")
        assert page.locator(".both del").all_inner_texts() == ['"']
        was, now = page.locator(".pair:not(.same, .heads) .line").all()
        assert '"' in was.inner_text()
        assert '"' not in now.inner_text()
        tops = [each.evaluate("each => each.getBoundingClientRect().top") for each in (was, now)]
        assert (tops[0] == tops[1]) == (width == 1280), "beside each other, or below each other"
        assert accessibility_problems(page) == []
        page.get_by_role("button", name="Repaired").click()
        wait_until(page, "!document.querySelector('.text :is(.row, .pair) del')")
        settled(page, "u")
        assert page.locator(".repaired").count() == 0
        assert violations(page) == []


def test_what_a_second_curator_decided_is_shown_and_not_overwritten(browser: Browser, tmp_path: Path) -> None:
    root = make_archive(tmp_path / "archive", FILES, SETTINGS).archive.root
    sidecar = root / "mod/bare.txt.meta.yaml"
    with (
        served(root, "--by", BY) as address,
        served(root, "--by", "B. Other") as other,
        opened_page(browser) as page,
        opened_page(browser) as second,
    ):
        opened(page, address)
        opened(second, other)
        for each in (page, second):
            open_seed(each, "mod/bare.txt")
        second.get_by_role("button", name="Confirm a date", exact=True).click()
        fill_in(second, {"value": "2019-03-03", "basis": "the printed page"})
        page.get_by_role("button", name="Confirm a date", exact=True).click()
        page.fill("#attest-dialog [name=value]", "2019-03-04")
        page.fill("#attest-dialog [name=basis]", "a letter")
        page.click("#attest-dialog button.main")
        wait_until(page, "document.getElementById('alert').textContent.includes('B. Other confirmed')")
        assert 'by: "B. Other"' in sidecar.read_text()
        assert BY not in sidecar.read_text()
        page.keyboard.press("Escape")
        assert "B. Other confirmed date “2019-03-03”" in page.inner_text("#decided")
        assert accessibility_problems(page) == []
        page.get_by_role("button", name="Confirm another date").click()
        for name, said in (("value", "2019-03-04"), ("basis", "a letter")):
            page.fill(f"#attest-dialog [name={name}]", said)
        page.click("#attest-dialog button.main")  # without the tick nothing is sent
        assert BY not in sidecar.read_text()
        page.check("#attest-dialog [name=over]")
        assert accessibility_problems(page) == []
        page.click("#attest-dialog button.main")
        page.wait_for_selector("#attest-dialog:not([open])", state="attached")
        assert f'value: 2019-03-04, basis: "a letter", by: "{BY}"' in sidecar.read_text()


def test_an_error_is_a_page(browser: Browser, tmp_path: Path) -> None:
    root = make_archive(tmp_path / "archive", PLAIN, PLAIN_SETTINGS).archive.root
    with served(root, "--by", BY) as address, opened_page(browser) as page:
        base = address.partition("/open")[0]
        for path in ("/", "/open?token=wrong"):
            page.goto(base + path)
            assert page.inner_text("h1") == "This page cannot be shown"
            assert "validator review" in page.inner_text("main")
            assert accessibility_problems(page) == []
        opened(page, address)
        page.goto(f"{base}/nowhere")
        assert page.inner_text("h1") == "This page cannot be shown"
        opened(page, address)
        page.evaluate("location.hash = '#/seed/none'")
        wait_until(page, "document.querySelector('main h1').textContent === 'This seed cannot be decided on here'")
        assert accessibility_problems(page) == []
        assert violations(page) == []


def test_a_rule_is_accepted_for_a_folder_on_the_page(browser: Browser, tmp_path: Path) -> None:
    long = f"plain/b/2019-11-7_{'a_name_of_one_word' * 3}.txt"
    files = {f"plain/a/{number}.txt": STRAY for number in range(3)} | {long: STRAY}
    root = make_archive(tmp_path / "archive", files, PLAIN_SETTINGS).archive.root
    with served(root, "--by", BY) as address, opened_page(browser, width=390) as page:
        opened(page, address)
        page.click("table.groups a")
        page.wait_for_selector("#alike-reason")
        page.click("#alike-folders summary")
        assert accessibility_problems(page) == []
        assert page.locator("#alike-folder option").all_text_contents() == [
            "choose …", "the whole archive (4 seeds)", "plain (4 seeds)", "plain/a (3 seeds)", "plain/b (1 seed)",
        ]  # fmt: skip
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.click("#alike-folder-no")
        wait_until(page, "document.getElementById('status').textContent === 'Choose a folder.'")
        page.select_option("#alike-folder", label="plain/a (3 seeds)")
        page.click("#alike-folder-no")
        wait_until(page, "document.getElementById('status').textContent.startsWith('Write why')")
        page.fill("#alike-reason", "so in print")
        page.click("#alike-folder-no")
        wait_until(page, "document.querySelectorAll('ol.seeds a').length === 1")
        assert [path.relative_to(root).as_posix() for path in root.rglob("*.meta.yaml")] == ["plain/a/seeds.meta.yaml"]
        settled(page, "u")
        wait_until(page, "document.querySelectorAll('ol.seeds a').length === 4")
        assert not list(root.rglob("*.meta.yaml"))
        assert violations(page) == []
