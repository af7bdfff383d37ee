"""A headless Chromium for the tests of pages, and what a page must bear in it. `conftest` makes the fixture of it.

Where there is no Chromium (Debian's package `chromium`), tests that need one are skipped, with the reason; with
VALIDATOR_NEEDS_BROWSER set, as in CI, they fail instead. VALIDATOR_CHROMIUM names another program.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
)
# Colours and width. Each colour and each width is tried by day, and the other pairs at night.
DISPLAYS = (
    ("dark", 1280),
    ("light", 390),
    pytest.param("light", 1280, marks=pytest.mark.nightly),
    pytest.param("dark", 390, marks=pytest.mark.nightly),
)

# What a script of a seed would do if it ran, and what the policy of a page had to stop, are both noticed here.
_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
"""
_ASK_AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def why_no_browser() -> str | None:
    """Why there is no browser to test with; None where there is one."""
    if find_spec("playwright") is None:
        return "playwright is not installed"
    if chromium() is None:
        return "there is no Chromium; on Debian and Ubuntu: apt-get install chromium"
    return None


def chromium() -> str | None:
    """The program."""
    named = os.environ.get("VALIDATOR_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """A browser with a new profile, which ends with the block. Skips the test where there is none, or fails it."""
    reason = why_no_browser()
    if reason is not None:
        if os.environ.get("VALIDATOR_NEEDS_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened_page(browser: Browser, *, scheme: Any = "light", width: int = 1280, height: int = 800) -> Iterator[Page]:
    """A page in a context of its own. No dialog may open, no script may fail, and nothing be fetched from elsewhere."""
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    context.add_init_script(_WATCH)
    page = context.new_page()
    page.set_default_timeout(30_000)
    faults: list[str] = []

    def dismiss(dialog: Any) -> None:
        faults.append(f"a dialog opened: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("pageerror", lambda error: faults.append(f"a script failed: {error}"))
    try:
        yield page
        assert faults == [], faults
    finally:
        context.close()


def wait_until(page: Page, expression: str) -> None:
    """Wait until an expression of the page is true. Playwright's own way of waiting needs a policy that allows `eval`."""
    for _ in range(1500):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"it never came to be: {expression}")


def accessibility_problems(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now, a line each."""
    package = find_spec("axe_playwright_python")
    assert package is not None, "axe-playwright-python, which carries axe-core, is not installed"
    assert package.origin is not None
    page.evaluate((Path(package.origin).parent / "axe.min.js").read_text("utf-8"))
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for found in page.evaluate(_ASK_AXE)
        for node in found["nodes"]
    ]


def violations(page: Page) -> list[str]:
    """What the policy of the page had to stop."""
    found: list[str] = page.evaluate("window.violations")
    return found
