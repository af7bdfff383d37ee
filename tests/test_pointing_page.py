"""The page that corrects a schema, in a browser: by mouse, by keyboard alone, on a phone, and with seeds that mean harm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import DISPLAYS, accessibility_problems, opened_page, violations, wait_until
from test_learning import pointed_seeds
from test_review_page import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SOURCE = ("--source", "schemas/gazette.yaml", "captures")


def archive_of(folder: Path, kind: str = "text") -> Path:
    (folder / "validator.toml").write_text("")
    (folder / "captures").mkdir()
    for name, data in pointed_seeds(kind):
        (folder / "captures" / name).write_bytes(data)
    return folder


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#rows .row")


def select(page: Page, text: str) -> None:
    """Select a text with the mouse, from its first character to its last."""
    box = page.evaluate(
        """(text) => {
          for (const row of document.querySelectorAll("#rows .row")) {
            const pieces = [...row.querySelectorAll(".piece")];
            const at = pieces.map((piece) => piece.textContent).join("").indexOf(text);
            if (at < 0) continue;
            row.scrollIntoView({ block: "center" });
            const range = document.createRange();
            let before = 0;
            for (const piece of pieces) {
              const node = piece.firstChild, length = piece.textContent.length;
              if (before <= at && at < before + length) range.setStart(node, at - before);
              if (before < at + text.length && at + text.length <= before + length) range.setEnd(node, at + text.length - before);
              before += length;
            }
            const boxes = [...range.getClientRects()];
            const first = boxes[0], last = boxes[boxes.length - 1];
            return [first.left, last.right, first.top + first.height / 2];
          }
        }""",
        text,
    )
    page.mouse.move(box[0] + 0.5, box[2])
    page.mouse.down()
    page.mouse.move(box[1] - 0.5, box[2], steps=4)
    page.mouse.up()
    wait_until(page, "document.getElementById('text').value !== ''")


def told(page: Page, text: str) -> None:
    wait_until(page, f"document.getElementById('status').textContent.includes({text!r})")


def listed(page: Page) -> list[str]:
    return page.locator("ol.values bdi").all_inner_texts()


def test_a_byline_is_selected_and_read_in_all_seeds(browser: Browser, tmp_path: Path) -> None:
    archive = archive_of(tmp_path)
    with served(archive, *SOURCE) as address, opened_page(browser) as page:
        opened(page, address)
        select(page, "Ann Sample, Northford")
        assert page.input_value("#text") == "Ann Sample, Northford"
        page.click("#is-byline")
        told(page, "Done: byline")
        assert listed(page) == [f"{name} Sample, Northford" for name in ("Ann", "Ben", "Cleo")]
        assert "was: Ann Sample" in page.inner_text("ol.values")
        page.keyboard.press("u")
        told(page, "Undone: byline")
        assert listed(page) == [f"{name} Sample" for name in ("Ann", "Ben", "Cleo")]
        page.fill("#source-title", "The Example Gazette")
        page.keyboard.press("Enter")
        told(page, "Done: the title")
        page.click("#save")
        told(page, "Saved in")
        assert violations(page) == []
    assert "title: 'The Example Gazette'" in (archive / "schemas/gazette.yaml").read_text("utf-8")


def test_by_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    archive = archive_of(tmp_path)
    with served(archive, *SOURCE) as address, opened_page(browser) as page:
        opened(page, address)
        page.keyboard.press("Shift+J")
        wait_until(page, "document.title.startsWith('captures/2.md')")
        page.keyboard.press("j")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Take line 2"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "text"
        assert page.input_value("#text") == "On duty: Ben Sample, Northford"
        page.keyboard.type("Ben Sample, Northford")
        page.keyboard.press("Escape")
        page.keyboard.press("b")
        told(page, "Done: byline")
        assert listed(page) == [f"{name} Sample, Northford" for name in ("Ann", "Ben", "Cleo")]
        page.keyboard.press("s")
        told(page, "Saved in")
    assert "pointed at" in (archive / "schemas/gazette.yaml").read_text("utf-8")


def test_what_no_place_gives_is_told(browser: Browser, tmp_path: Path) -> None:
    with served(archive_of(tmp_path), *SOURCE) as address, opened_page(browser) as page:
        opened(page, address)
        page.click("#is-byline")
        told(page, "Select a value")
        page.fill("#text", "Nobody at all")
        page.click("#is-byline")
        wait_until(page, "document.getElementById('alert').textContent.includes('no place gives')")
        assert listed(page) == []


def test_seeds_that_mean_harm_do_none(browser: Browser, tmp_path: Path) -> None:
    archive = archive_of(tmp_path)
    hostile = "<img src=x onerror=alert(1)> \u202ereversed\u200b <script>alert(2)</script>"
    for file in (archive / "captures").iterdir():
        file.write_text(file.read_text("utf-8").replace("is in the news", hostile), "utf-8")
    (archive / "captures" / "<b onmouseover=alert(3)>.md").write_text((archive / "captures/1.md").read_text("utf-8"))
    with served(archive, *SOURCE) as address, opened_page(browser) as page:
        opened(page, address)
        page.locator("#rows .take").first.click()
        assert hostile in page.input_value("#text")
        page.click("#is-headline")
        told(page, "Done: headline")
        assert page.locator("main img, main script, main b").count() == 0
        assert violations(page) == []


@pytest.mark.parametrize(("scheme", "width"), DISPLAYS)
@pytest.mark.parametrize("kind", ["text", "page"])
def test_the_page_is_accessible(browser: Browser, tmp_path: Path, scheme: str, width: int, kind: str) -> None:
    found: dict[str, list[str]] = {}
    with (
        served(archive_of(tmp_path, kind), *SOURCE) as address,
        opened_page(browser, scheme=scheme, width=width) as page,
    ):
        opened(page, address)
        found["opened"] = accessibility_problems(page)
        page.fill("#text", "Ann Sample")
        page.click("#is-byline")
        told(page, "Done: byline")
        found["corrected"] = accessibility_problems(page)
        page.fill("#text", "Desk" if kind == "page" else "1 March 2021")
        page.click("#is-furniture")
        told(page, "Done: not part")
        page.click("#ask-power")
        wait_until(page, "document.getElementById('power').textContent.includes('kinds of defects')")
        found["furniture and power"] = accessibility_problems(page)
        page.click("#help-button")
        found["help"] = accessibility_problems(page)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert found == {view: [] for view in found}
