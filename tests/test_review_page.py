"""The page itself, in a browser: a whole job from seeds as captured to seeds that are valid, and seeds that mean harm."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import DISPLAYS, accessibility_problems, opened_page, violations, wait_until
from expected import seeds_folder

from validator.archive.discovery import discover
from validator.archive.opening import Request, judge, open_archive
from validator.archive.reading import today
from validator.review.serving import opening_file
from validator.text.findings import SeedReport, Status

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).resolve().parent.parent
REAL = seeds_folder()
BY = "A. Curator"
CONFIGURATION = '[[overrides]]\npaths = ["plain/**"]\nsource = "plain-text"\n'
STRAY = 'The same mark" stands here.\n'


def git(folder: Path, *arguments: str) -> str:
    named = ["-c", "user.name=A. Curator", "-c", "user.email=curator@example.org"]
    done = subprocess.run(
        ["git", "-C", str(folder), *named, *arguments], check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[str]:
    """The address of the page of an archive."""
    process = subprocess.Popen(
        [sys.executable, "-m", "validator", "review", "--no-browser", *arguments],
        cwd=folder, stdout=subprocess.PIPE, encoding="utf-8",
        env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        try:
            yield process.stdout.readline().partition(" ")[0]
        finally:
            process.terminate()
            process.wait(30)


def reports(folder: Path) -> dict[str, SeedReport]:
    archive = open_archive(Request(folder, today=today()))
    return {seed.name: judge(archive, seed) for seed in discover([str(folder)], archive.settings, archive.root).seeds}


def opened(page: Page, address: str) -> None:
    """Open the page, and wait until the search is over."""
    page.goto(address)
    wait_until(page, "document.getElementById('progress-said').textContent.endsWith('decided')")
    page.wait_for_selector("main h1")


def open_seed(page: Page, name: str) -> None:
    page.evaluate("location.hash = '#/'")
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_selector(".seed h1")
    assert page.inner_text(".seed h1") == name


def settled(page: Page, action: str) -> None:
    """Press a key that decides, and wait until it is done."""
    page.evaluate("document.getElementById('status').textContent = ''")
    page.keyboard.press(action)
    wait_until(page, "/^(Done|Undone|Done again):/.test(document.getElementById('status').textContent)")


def accept(page: Page, reason: str = "as it was printed") -> None:
    """Accept the finding that is shown. Nothing is filled in: who accepts says why."""
    page.keyboard.press("n")
    assert page.evaluate("[document.activeElement.name, document.activeElement.value]") == ["reason", ""]
    page.keyboard.type(reason)
    settled(page, "Enter")


def fill_in(page: Page, values: dict[str, str]) -> None:
    """Fill in the form that is open, and write it."""
    for name, value in values.items():
        field = page.locator(f"#attest-dialog [name={name}]")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    wait_until(page, "document.getElementById('outlook').textContent.includes('would be')")
    page.keyboard.press("Enter") if page.evaluate("document.activeElement.tagName") == "INPUT" else page.click(
        "#attest-dialog button.main"
    )
    page.wait_for_selector("#attest-dialog:not([open])", state="attached")


# What a curator knows of seeds besides, by the field that is asked for.
KNOWN = {
    "headline": {"value": "A headline that a curator found"},
    "byline": {"name1": "One Person"},
    "date": {"value": "2021-06-14"},
    "address": {"value": "https://example.org/a/1"},
}
ON = {"basis": "the printed page"}


def decide_all(page: Page) -> list[str]:
    """Decide on whatever is asked of the seed that is shown, by keyboard; what was done, in order."""
    done: list[str] = []
    for _ in range(60):
        card = page.locator(".card.current")
        if page.locator("#next").count():
            return done
        rule = card.locator("h3 button").inner_text()
        label = card.locator(".yes").inner_text() if card.locator(".yes").count() else ""
        if label.startswith("Confirm"):
            asked = re.sub(r"^Confirm: | ….*", "", label, flags=re.DOTALL)
            known = dict(KNOWN[asked])
            page.keyboard.press("y")
            page.wait_for_selector("#attest-dialog[open]")
            options = page.locator("#attest-dialog [name=replaces] option").all_text_contents()
            if rule == "date-incomplete":
                known["value"] = re.sub("^XXXX", "2021", options[1])
            elif rule == "dates-disagree":
                known["value"] = known["replaces"] = options[1]
            elif rule == "byline-impersonal":
                page.keyboard.press("Escape")
                accept(page)
                done.append(f"{rule}: accepted")
                continue
            fill_in(page, known | ON)
            done.append(f"{rule}: confirmed")
        elif label.startswith("Name the source"):
            page.keyboard.press("y")
            page.wait_for_selector("#attest-dialog[open]")
            source = page.inner_text(".about").partition("source: ")[2].strip()
            fill_in(page, {"source": source})
            done.append(f"{rule}: named")
        elif label.startswith("Carry it out"):
            settled(page, "y")
            done.append(f"{rule}: carried out")
        else:
            accept(page)
            done.append(f"{rule}: accepted")
    raise AssertionError(done)


def whole_job(browser: Browser, archive: Path) -> list[str]:
    """From seeds as captured to seeds that are valid: every decision, one of them undone and done again."""
    git(archive, "init", "-q")
    git(archive, "add", "-A")
    git(archive, "commit", "-q", "-m", "As captured")
    names = [name for name, report in reports(archive).items() if report.findings]
    done: list[str] = []
    with served(archive) as address, opened_page(browser) as page:
        opened(page, address)
        assert "token" not in page.url
        open_seed(page, names[0])
        page.keyboard.press("n")
        page.keyboard.type("as it was printed")
        page.keyboard.press("Enter")  # the first decision asks who decides
        page.wait_for_selector("#name-dialog[open]")
        page.keyboard.type(BY)
        page.keyboard.press("Enter")
        wait_until(page, "document.getElementById('status').textContent.startsWith('Done:')")
        first = git(archive, "status", "--porcelain")
        settled(page, "u")
        assert git(archive, "status", "--porcelain") == ""
        settled(page, "r")
        assert git(archive, "status", "--porcelain") == first != ""
        settled(page, "u")
        for name in names:
            open_seed(page, name)
            if page.locator("#safe").count():
                page.keyboard.press("s")
                page.wait_for_selector("#safe-preview .change")
                page.focus("#safe-go")
                settled(page, "Enter")
            done += [f"{name}: {each}" for each in decide_all(page)]
        page.evaluate("location.hash = '#/'")
        wait_until(page, "document.querySelector('main').textContent.includes('Nothing is left to decide')")
        assert page.inner_text("#progress-said").split(" of ")[0] == page.inner_text("#progress-said").split()[2]
        assert violations(page) == []
    return done


def check_job(archive: Path) -> None:
    """All seeds are valid, and git shows what was decided and nothing else."""
    after = reports(archive)
    assert {name: str(report.verdict) for name, report in after.items()} == dict.fromkeys(after, "valid")
    for report in after.values():
        assert [each.rule for each in report.findings if each.status is Status.OPEN and each.severity != "info"] == []
    changed = {line[3:]: line[:2] for line in git(archive, "status", "--porcelain", "-uall").splitlines()}
    for name, state in changed.items():
        known = name in after or name.startswith(".validator/") or name.removesuffix(".meta.yaml") in after
        assert known, name
        assert state in (" M", "??"), (name, state)
        if name.endswith(".meta.yaml"):
            assert f'by: "{BY}"' in (archive / name).read_text("utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "validator", "verify", "."],
        cwd=archive,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_whole_job_on_the_specimens(browser: Browser, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(REPOSITORY / "seeds", archive, ignore=shutil.ignore_patterns("README.md", "curated*"))
    done = whole_job(browser, archive)
    assert "chinamil-text/as-captured.txt: leaked-field: carried out" in done
    assert "mod-gov-cn/as-captured.txt: byline-missing: confirmed" in done
    check_job(archive)
    sidecar = (archive / "chinamil-text/as-captured.txt.meta.yaml").read_text("utf-8")
    assert "date_published: {value: 2021-06-14" in sidecar
    assert not (archive / "chinamil-text/as-captured.txt").read_text("utf-8").startswith(" date")


@pytest.mark.skipif(REAL is None, reason="the real seeds are not beside this checkout")
def test_the_whole_job_on_the_real_seeds(browser: Browser, tmp_path: Path) -> None:
    assert REAL is not None
    archive = tmp_path / "archive"
    archive.mkdir()
    for path in sorted(REAL.glob("00*.txt")):
        shutil.copyfile(path, archive / path.name)
    done = whole_job(browser, archive)
    assert len({each.partition(":")[0] for each in done}) == 5
    check_job(archive)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """An archive of plain texts in which one mark is without its other half."""
    archive = tmp_path / "archive"
    (archive / "plain").mkdir(parents=True)
    (archive / "validator.toml").write_text(CONFIGURATION)
    for name in ("one", "three", "two"):
        (archive / f"plain/{name}.txt").write_text(STRAY * 2)
    return archive


def filled_in(page: Page) -> list[str]:
    """What stands in the fields of the page, hidden and shown, and which choices are made in its lists."""
    found: list[str] = page.evaluate("""
        [...document.querySelectorAll("input:not([type=checkbox]), textarea, select")]
            .filter((each) => each.value || (each.list && each.dataset.value)).map((each) => `${each.name}: ${each.value}`)
    """)
    return found


def test_nothing_is_filled_in_for_the_curator(browser: Browser, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(REPOSITORY / "seeds", archive, ignore=shutil.ignore_patterns("README.md", "curated*"))
    (archive / "validator.toml").write_text(CONFIGURATION)
    (archive / "plain").mkdir()
    (archive / "plain/one.txt").write_text(STRAY * 3)
    with served(archive, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        assert filled_in(page) == []
        for link in page.locator("table.groups a").all()[:6]:
            page.evaluate(f"location.hash = '{link.get_attribute('href')}'")
            page.wait_for_selector("#alike-reason")
            assert filled_in(page) == []
            page.click("#alike-no")  # without a reason
            wait_until(page, "document.getElementById('status').textContent.startsWith('Write why')")
            page.go_back()
            page.wait_for_selector("table.groups")
        open_seed(page, "plain/one.txt")
        for _ in range(2):  # what was written before is offered, and not filled in
            assert filled_in(page) == []
            page.keyboard.press("n")
            assert filled_in(page) == []
            page.keyboard.press("Escape")
            accept(page, "the printer's own")
        assert page.locator("#reasons option").evaluate_all("all => all.map((each) => each.value)") == [
            "the printer's own"
        ]
        for field in ("Headline", "Byline", "Kind of byline", "Date", "Address", "Language", "Headline"):
            row = page.locator("dl.record > div", has=page.locator(f"dt:text-is('{field}')"))
            if not row.get_by_role("button").count():
                continue
            row.get_by_role("button").last.click()
            page.wait_for_selector("#attest-dialog[open]")
            assert filled_in(page) == []
            if field == "Headline":
                fill_in(page, {"value": f"A headline {page.locator('#bases option').count()}"} | ON)
            else:
                page.keyboard.press("Escape")
        assert violations(page) == []
    assert not list(archive.glob("*/as-captured*.meta.yaml"))


def test_safe_repairs_come_first_and_are_one_step(browser: Browser, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    (archive / "plain").mkdir(parents=True)
    (archive / "validator.toml").write_text(CONFIGURATION)
    texts = {
        "plain/apart.txt": 'The printer"s line.  \nA mark" without its half.\n',
        "plain/late.txt": 'We don"t know that it"s so, for "tis late in the 80"s.\n',
        "plain/twice.txt": "\ufeff\ufeffTwo marks of byte order.\n",
        "plain/asked.txt": STRAY,
    }
    for name, text in texts.items():
        (archive / name).write_bytes(text.encode())
    with served(archive, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        assert re.match(r"First: \d+ safe repairs in 3 seeds", page.inner_text("main h2"))
        assert page.locator("ol.seeds a").all_inner_texts() == ["plain/apart.txt", "plain/asked.txt"]
        page.evaluate("location.hash = document.querySelector('ol.seeds a').hash")
        page.wait_for_selector("#safe")
        assert page.inner_text(".side h2") == "To decide: 1"
        assert page.evaluate("""
            Boolean(document.querySelector("#safe").compareDocumentPosition(document.querySelector(".card"))
                & Node.DOCUMENT_POSITION_FOLLOWING)""")
        page.keyboard.press("q")
        page.wait_for_selector("#repair-all")
        page.click("#repair-all")
        wait_until(page, "!document.getElementById('repair-all')")
        wait_until(page, "document.getElementById('status').textContent === 'Done: safe repairs, in 3 seeds.'")
        assert (archive / "plain/late.txt").read_text().startswith("We don't know that it's so, ")
        assert (archive / "plain/twice.txt").read_text() == "Two marks of byte order.\n"
        assert page.locator("ol.seeds a").all_inner_texts() == ["plain/apart.txt", "plain/asked.txt"]
        settled(page, "u")
        assert {name: (archive / name).read_bytes().decode() for name in texts} == texts
        page.wait_for_selector("#repair-all")
        assert page.get_attribute("#undo", "disabled") is not None
        assert violations(page) == []


def test_from_a_file_and_two_archives_in_one_browser(browser: Browser, plain: Path, tmp_path: Path) -> None:
    """The browser keeps the cookies of one machine together, whatever the port; each page has one of its own."""
    other = tmp_path / "other"
    shutil.copytree(plain, other)
    with served(plain) as one, served(other) as two, opened_page(browser) as page:
        for address in (one, two):
            with opening_file(address) as path:
                page.goto(path.as_uri())
                page.wait_for_selector("main h1")
                assert "token" not in page.url
        assert len({each["name"] for each in page.context.cookies()}) == 2
        for address, name in ((one, "archive"), (two, "other"), (one, "archive")):
            page.goto(address.partition("/open")[0])
            page.wait_for_selector("main h1")
            assert page.inner_text("#root") == name
            open_seed(page, "plain/two.txt")
        assert violations(page) == []


def test_all_alike_are_shown_ticked_off_decided_and_undone(browser: Browser, plain: Path) -> None:
    with served(plain, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        open_seed(page, "plain/two.txt")
        page.keyboard.press("a")
        page.wait_for_selector("ol.alike li")
        assert page.inner_text(".count") == "6 of 6 ticked"
        assert page.locator("ol.alike del").count() == 6
        page.locator("ol.alike input").nth(0).uncheck()
        assert page.inner_text(".count") == "5 of 6 ticked"
        page.click("#alike-yes")
        page.wait_for_selector("#next")
        texts = [(plain / f"plain/{name}.txt").read_text().count('"') for name in ("one", "two", "three")]
        assert texts == [1, 0, 0]
        assert page.inner_text("#progress-said") == "2 of 3 decided"
        settled(page, "u")
        assert {path.read_text() for path in (plain / "plain").glob("*.txt")} == {STRAY * 2}


def test_what_was_decided_is_found_again_at_the_next_start(browser: Browser, plain: Path) -> None:
    with served(plain, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        open_seed(page, "plain/one.txt")
        accept(page)
        settled(page, "y")
        place = page.url.partition("#")[2]
        page.keyboard.press("Shift+J")
        wait_until(page, "document.querySelector('.seed h1').textContent === 'plain/three.txt'")
    with served(plain, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        assert page.inner_text("#progress-said") == "1 of 3 decided"
        page.evaluate(f"location.hash = '#{place}'")
        page.wait_for_selector("#next")
        page.keyboard.press("Shift+J")
        wait_until(page, "document.querySelector('.seed h1').textContent === 'plain/three.txt'")
        assert page.locator(".card.current").count() == 1


def test_a_file_that_changes_meanwhile_is_shown_and_not_overwritten(browser: Browser, plain: Path) -> None:
    with served(plain, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        open_seed(page, "plain/two.txt")
        (plain / "plain/two.txt").write_text('Theirs" now.\n')
        page.keyboard.press("y")
        wait_until(page, "document.getElementById('alert').textContent.includes('changed on disk')")
        assert "Theirs" in page.inner_text(".text")
        assert (plain / "plain/two.txt").read_text() == 'Theirs" now.\n'
        settled(page, "y")
        assert (plain / "plain/two.txt").read_text() == "Theirs now.\n"
        assert page.inner_text("#alert") == ""


def test_a_value_lights_up_where_it_was_read(browser: Browser, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(REPOSITORY / "seeds/zaobao-jekyll", archive / "zaobao-jekyll")
    with served(archive, "--by", BY) as address, opened_page(browser, height=300) as page:
        opened(page, address)
        open_seed(page, "zaobao-jekyll/as-captured.md")
        value = page.locator("dl.record button.plain").first
        value.focus()
        page.keyboard.press("Enter")
        assert value.get_attribute("aria-pressed") == "true"
        lit = page.locator("mark.value")
        assert lit.first.inner_text().strip('"') == value.inner_text()
        box, pane = lit.first.bounding_box(), page.locator(".text").bounding_box()
        assert box is not None
        assert pane is not None
        assert pane["y"] <= box["y"] <= pane["y"] + pane["height"]
        assert "disputed" in page.inner_text("dl.record")
        assert page.locator("dl.record li button").count() == 2


def test_the_keys_and_the_focus(browser: Browser, plain: Path) -> None:
    with served(plain, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.textContent") == "plain/one.txt"
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_selector(".seed h1")
        assert page.inner_text(".seed h1") == "plain/three.txt"
        page.keyboard.press("j")
        assert page.get_attribute(".card.current", "aria-label") == "warning, stray-quote, 2 of 2"
        assert page.evaluate("document.activeElement === document.querySelector('.card.current')")
        page.keyboard.press("k")
        page.focus(".card.current [name=reason]")
        page.keyboard.type("yn")  # what is written decides nothing
        assert page.locator(".card").count() == 2
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        page.wait_for_selector("#help[open]")
        page.keyboard.press("y")
        page.uncheck("#keys-on")
        page.keyboard.press("Escape")
        page.keyboard.press("y")
        page.keyboard.press("?")
        page.check("#keys-on")
        page.keyboard.press("Escape")
        assert (plain / "plain/three.txt").read_text() == STRAY * 2
        page.fill(".card.current [name=reason]", "  ")
        page.keyboard.press("Enter")  # without a reason
        wait_until(page, "document.getElementById('status').textContent.startsWith('Write why')")
        assert not (plain / "plain/three.txt.meta.yaml").exists()
        page.fill(".card.current [name=reason]", "")
        page.keyboard.press("Escape")
        accept(page, "the printer's own mark")
        assert "the printer's own mark" in (plain / "plain/three.txt.meta.yaml").read_text()
        assert page.evaluate("document.activeElement.className") == "card current"
        page.keyboard.press("Shift+K")
        wait_until(page, "document.querySelector('.seed h1').textContent === 'plain/one.txt'")


HARM = (
    "<script>window.harmed = 1</script>\n<img src=x onerror='window.harmed = 1'>\n"
    '[a link](javascript:window.harmed=1) <a href="javascript:window.harmed=1">here</a>\n'
    "</textarea></script><svg onload=window.harmed=1><iframe srcdoc='<script>parent.harmed=1</script>'>\n"
    "A \u202edrawkcab\u202c word, {{constructor.constructor('window.harmed=1')()}} and ${window.harmed=1}\n"
)
NAMES = (
    "<img src=x onerror=window.harmed=1>",
    "</script><script>window.harmed=1<",
    "\u202etxt.drawkcab",
    "'\"&amp;#x3c;b",
)


def test_seeds_that_mean_harm_do_none(browser: Browser, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    (archive / "plain").mkdir(parents=True)
    (archive / "validator.toml").write_text(CONFIGURATION)
    for name in NAMES:
        (archive / "plain" / f"{name.replace('/', '∕')}.txt").write_text(STRAY + HARM)
    (archive / "plain/html.html").write_text(STRAY + HARM)
    with served(archive, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        for _ in range(len(NAMES) + 1):
            page.keyboard.press("Shift+J")
            page.wait_for_selector(".seed .card.current")
            shown = page.inner_text(".text")
            assert "<script>window.harmed = 1</script>" in shown
            assert "\\u{202E}" in shown
            assert "\u202e" not in page.inner_text("body")
            heading = page.inner_text(".seed h1")
            assert page.locator("main script, main img, main a[href^=javascript], main iframe, main svg").count() == 0
            page.keyboard.press("a")
            page.wait_for_selector("ol.alike li")
            page.go_back()
            page.wait_for_selector(".seed h1")
            assert page.inner_text(".seed h1") == heading
            while not page.locator("#next").count():
                accept(page)
        assert page.evaluate("window.harmed") is None
        assert violations(page) == []
    assert len(list((archive / "plain").glob("*.meta.yaml"))) == len(NAMES) + 1


def test_a_line_of_millions_of_characters_is_shown_in_parts(browser: Browser, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    (archive / "plain").mkdir(parents=True)
    (archive / "validator.toml").write_text(CONFIGURATION)
    half = "<b>words</b> in a line " * 110_000
    (archive / "plain/long.txt").write_text(f'{half}and a mark" here {half}\n')
    with served(archive, "--by", BY) as address, opened_page(browser) as page:
        opened(page, address)
        open_seed(page, "plain/long.txt")
        assert page.locator(".text .gap").count() >= 2
        assert "characters not shown" in page.locator(".text .gap").first.inner_text()
        assert len(page.inner_text("body")) < 50_000
        assert page.inner_text("mark.chosen").endswith('"')
        settled(page, "y")
        assert '"' not in (archive / "plain/long.txt").read_text()


@pytest.mark.parametrize(("scheme", "width"), DISPLAYS)
def test_every_view_is_accessible(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(REPOSITORY / "seeds", archive, ignore=shutil.ignore_patterns("README.md"))
    (archive / "link.txt").symlink_to(tmp_path / "nowhere")
    found: dict[str, list[str]] = {}
    with served(archive) as address, opened_page(browser, scheme=scheme, width=width) as page:
        opened(page, address)
        found["queue"] = accessibility_problems(page)
        page.locator("table a").first.click()
        page.wait_for_selector("ol.alike li")
        found["alike"] = accessibility_problems(page)
        page.evaluate("location.hash = '#/safe'")
        page.wait_for_selector("#safe-all")
        page.locator("summary").first.click()
        found["safe repairs"] = accessibility_problems(page)
        for name in ("zaobao-jekyll/as-captured.md", "peoples-daily-page/as-captured.txt"):
            open_seed(page, name)
            page.locator("#others summary").click() if page.locator("#others").count() else None
            found[name] = accessibility_problems(page)
            page.keyboard.press("j")
            page.locator("dl.record button.plain").first.click()
            found[f"{name}, lit"] = accessibility_problems(page)
        page.keyboard.press("s")
        page.wait_for_selector("#safe-dialog[open]")
        found["safe dialog"] = accessibility_problems(page)
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        found["help"] = accessibility_problems(page)
        page.keyboard.press("Escape")
        for field in ("Byline", "Address"):
            page.locator("dl.record > div", has=page.locator(f"dt:text-is('{field}')")).get_by_role(
                "button"
            ).last.click()
            page.wait_for_selector("#attest-dialog[open]")
            page.locator("#attest-dialog input").first.fill("14 June")
            wait_until(page, "!document.getElementById('outlook').textContent.includes('shown here')")
            found[f"form of {field}"] = accessibility_problems(page)
            page.keyboard.press("Escape")
        page.locator(".card h3 button").first.click()
        page.keyboard.press("n")
        page.keyboard.type("as it was printed")
        page.keyboard.press("Enter")
        page.wait_for_selector("#name-dialog[open]")
        found["name"] = accessibility_problems(page)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert found == {view: [] for view in found}


def test_a_program_that_has_ended_is_told(browser: Browser, plain: Path) -> None:
    with opened_page(browser) as page:
        with served(plain, "--by", BY) as address:
            opened(page, address)
            open_seed(page, "plain/one.txt")
        page.keyboard.press("y")
        wait_until(page, "document.getElementById('alert').textContent.includes('does not answer')")
    assert (plain / "plain/one.txt").read_text() == STRAY * 2
