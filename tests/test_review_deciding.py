"""Deciding on the page, in a browser: values that are taken, and what the page shows of repairs and of others' decisions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from browser import accessibility_problems, opened_page, violations, wait_until
from test_desk import BY, make_archive
from test_review_candidates import FILES, POST, SETTINGS
from test_review_page import filled_in, open_seed, opened, served

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
