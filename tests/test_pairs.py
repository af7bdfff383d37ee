"""Two seeds side by side: what is shown of them, in the report and on the page, and what is decided about both."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import accessibility_problems, opened_page, violations, wait_until
from hypothesis import given, settings
from hypothesis import strategies as st
from running import Program
from test_across import BODY, OTHER, archive, found, post, put
from test_desk import BY, files_of, make_archive
from test_html_report import Parts
from test_review_page import opened, served

from validator.across.captures import compared
from validator.across.pairs import IN_REPORT, Limits, Pair, Piece, pair_of
from validator.archive.discovery import discover
from validator.archive.face import own_sources
from validator.engine.neighbours import Side
from validator.engine.seen import look
from validator.review.beside import met_in
from validator.review.desk import Choice, Desk, DeskError, Sheet, StaleError, do_again, sheet, take_back
from validator.review.matters import Matter
from validator.review.pairs import keep_both, mark_as_wrong, pair_shown
from validator.review.past import decisions_about
from validator.sources.identify import Claim
from validator.text.findings import Severity, Status

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["archive"]  # the fixture

PUPILS = BODY.replace("children", "pupils")
MILL = post("A mill burns down", "2020-11-12", "mill")
FILES = {"one.md": post(), "two.md": MILL, "rain.md": post("Rain", address="rain", body=OTHER)}


WIDE = Limits(100, 1_000)


def side(text: str, path: str) -> Side:
    return Side(path, look(text.encode(), own_sources(), path, Claim("article", "the test")))


def pair(one: str, other: str, limits: Limits = WIDE) -> Pair:
    return pair_of(side(one, "one.md"), side(other, "other.md"), limits)


def said(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{each.text}]" if each.differs else each.text or f"<{each.left_out}>" for each in pieces)


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_fields_and_passages_are_beside_each_other() -> None:
    shown = pair(post(), post("A mill burns down", body=PUPILS))
    assert [(each.name, each.here, each.there, each.differs) for each in shown.fields][:3] == [
        ("headline", "A bridge opens", "A mill burns down", True),
        ("byline", "B. Sample", "B. Sample", False),
        ("date_published", "2021-05-04", "2021-05-04", False),
    ]
    (row,) = shown.rows
    before, after = (
        "would take so long. The first to cross it were ",
        " of the school on the other bank, who had gone a",
    )
    assert said(row.here) == f"{before}[children]{after}"
    assert said(row.there) == said(row.here).replace("[children]", "[pupils]")
    assert (row.here_line, row.there_line) == (9, 9)
    assert row.equal + shown.equal + len(re.findall(r"\w+", said(row.here))) == len(re.findall(r"\w+", BODY))
    assert (shown.passages, shown.left_out, shown.in_characters, shown.is_identical) == (1, 0, False, False)


WORDS = [f"word{number}" for number in range(60)]
LONG = " ".join(WORDS)


@pytest.mark.parametrize(
    ("other", "rows", "equal"),
    [
        (LONG, [], 60),
        (LONG.replace("word30 ", ""), [(23, "[word30]", "[]")], 22),
        (f"new {LONG}", [(0, "[]", "[new]")], 52),
        (f"{LONG} new", [(53, "[]", "[new]")], 0),
        (LONG.replace("word20", "a").replace("word22", "b"), [(13, "[word20] word21 [word22]", "[a] word21 [b]")], 30),
        (LONG.replace("word10", "a").replace("word50", "b"), [(2, "[word10]", "[a]"), (25, "[word50]", "[b]")], 2),
        (LONG.replace("word7 ", "'word7' "), [(0, "[]word7 []", "[']word7[']")], 45),
    ],
)
def test_equal_text_is_left_out_and_counted(other: str, rows: list[tuple[int, str, str]], equal: int) -> None:
    shown = pair(post(body=f"{LONG}\n"), post(body=f"{other}\n"))
    assert [(row.equal, *(_middle(pieces) for pieces in (row.here, row.there))) for row in shown.rows] == rows
    assert shown.equal == equal


def _middle(pieces: tuple[Piece, ...]) -> str:
    """What differs, and what is between."""
    text = said(pieces)
    return text[text.index("[") : text.rindex("]") + 1]


def test_what_is_too_much_is_left_out_and_said() -> None:
    other = " ".join(f"other{number}" for number in range(2_000))
    shown = pair(post(body=f"{LONG}\n"), post(body=f"{other}\n"), IN_REPORT)
    (row,) = shown.rows
    assert sum(each.left_out for each in row.there) == len(other) - IN_REPORT.characters
    assert len(said(row.there)) < 2 * IN_REPORT.characters
    many = [f"word{number}" for number in range(1_000)]
    changed = " ".join(f"{word} new" if at % 20 == 0 else word for at, word in enumerate(many))
    shown = pair(post(body=" ".join(many) + "\n"), post(body=changed + "\n"), IN_REPORT)
    assert shown.left_out == shown.passages - IN_REPORT.passages > 0
    assert len(json.dumps(shown)) < 8_000
    long = pair(post("A " * 400), post("B " * 400))
    assert [(each.here[-1], len(each.here), each.differs) for each in long.fields[:1]] == [("…", 300, True)]


def test_chinese_is_counted_in_characters() -> None:
    body = (
        "河上的新桥五月通车，旧桥关闭已经两年。没有人想到会这么久。最先过桥的是对岸学校的学生，他们每天早上都要绕很远的路。"
        * 2
    )
    shown = pair(post("新桥通车", body=body + "\n"), post("新桥通车", body=body.replace("两年", "三年", 1) + "\n"))
    assert shown.in_characters
    assert [said(row.here)[:30] for row in shown.rows] == ["河上的新桥五月通车，旧桥关闭已经[两]年。没有人想到会这么久"]


TEXTS = st.lists(
    st.sampled_from(["river", "bridge,", "*opens*", "in", "May.", "\n\n", "桥", "“now”"]), max_size=40
).map(" ".join)


@given(TEXTS, TEXTS, st.integers(1, 4), st.integers(8, 60))
@settings(max_examples=60)
def test_all_that_differs_is_shown_or_counted_and_nothing_else_is_marked(
    one: str, other: str, passages: int, characters: int
) -> None:
    sides = side(post(body=f"{one}\n"), "one.md"), side(post(body=f"{other}\n"), "other.md")
    whole, cut = pair_of(*sides, Limits(1_000, 10_000)), pair_of(*sides, Limits(passages, characters))
    said_by_compare = compared(*sides, is_same_bytes=False)
    for name in ("here", "there"):
        marked = ["".join(each.text.split()) for row in whole.rows for each in getattr(row, name) if each.differs]
        assert marked == ["".join(getattr(each, name).text.split()) for each in said_by_compare.text]
    assert [each.name for each in whole.fields if each.differs] == [each.field for each in said_by_compare.record]
    assert cut.left_out == max(0, whole.passages - passages)
    for row in cut.rows:
        equal = ["".join(each.text for each in pieces if not each.differs).split() for pieces in (row.here, row.there)]
        assert len(equal[0]) == len(equal[1]) or cut.in_characters or "*" in one + other


# --- a seed that is wrong ---------------------------------------------------------------------------------------------


def rules_of(program: Program, *options: str) -> dict[str, list[str]]:
    return found(program, "--select", "marked-wrong", "--select", "acceptance-unused", *options)[1]


def test_a_seed_that_is_wrong_settles_the_other(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=MILL, three=post("Rain", address="rain", body=OTHER))
    for number in range(40):  # so many that reports are kept between runs
        put(archive, **{f"s{number}": post(f"Headline {number}", address=f"a{number}", body=f"A text {number}.\n")})
    both = {"one.md": ["same-body"], "two.md": ["same-body"]}
    assert rules_of(program) == both
    done = program("reject", "two.md", "--reason", "the text of another article", "--by", BY, "--no-config")
    assert (done.code, done.lines()) == (0, ["two.md.meta.yaml: marked as wrong", "  the seed is invalid"])
    for options in ((), (), ("--no-cache",), ("--jobs", "2")):
        assert rules_of(program, *options) == {"two.md": ["marked-wrong"]}
    put(archive, two=MILL.replace("May", "“May” "))  # the letters are the same
    assert rules_of(program) == {"two.md": ["marked-wrong"]}
    put(archive, two=MILL.replace("mill", "mile"))
    assert rules_of(program) == {"one.md": ["same-body"], "two.md": ["marked-wrong", "same-body"]}
    put(archive, two=MILL)
    assert rules_of(program) == {"two.md": ["marked-wrong"]}
    (archive / "two.md.meta.yaml").unlink()
    assert rules_of(program) == both


def test_two_of_three_are_left(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post(), three=post())
    assert program("reject", "two.md", "--reason", "too many", "--by", BY, "--no-config").code == 0
    assert rules_of(program) == {"one.md": ["same-body"], "three.md": ["same-body"], "two.md": ["marked-wrong"]}
    done = program("validate", ".", "--no-config", "--select", "same-body", "--format", "concise")
    assert [line.partition(" the ")[2] for line in done.lines()[:2]] == [
        "same text as three.md:7",
        "same text as one.md:7",
    ]


def test_acceptances_of_a_pair_that_is_settled(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=MILL)
    for name in ("one.md", "two.md"):
        assert program("accept", name, "same-body", "--reason", "why", "--by", BY, "--no-config").code == 0
    assert rules_of(program) == {"one.md": ["same-body"], "two.md": ["same-body"]}
    assert program("reject", "two.md", "--reason", "why", "--by", BY, "--no-config").code == 0
    assert rules_of(program) == {"one.md": ["acceptance-unused"], "two.md": ["marked-wrong"]}


@pytest.mark.parametrize(("name", "content"), [("gone.md", None), ("page.pdf", b"%PDF-1.4\n")])
def test_what_cannot_be_read_cannot_be_marked(
    archive: Path, program: Program, name: str, content: bytes | None
) -> None:
    if content is not None:
        (archive / name).write_bytes(content)
    assert program("reject", name, "--reason", "why", "--by", BY, "--no-config").code == 2
    assert not list(archive.glob("*.meta.yaml"))


# --- in the report ----------------------------------------------------------------------------------------------------


def test_a_pair_is_in_the_report_once(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post("A mill burns down", body=PUPILS), three=post("Rain", address="rain", body=OTHER))
    done = program("validate", ".", "--no-config", "--select", "archive", "--format", "html")
    entries = {each["path"]: each for each in Parts(done.out).data["data"]}
    assert {each["other"] for each in entries["one.md"]["findings"]} == {"two.md"}
    (shown,), (named,) = entries["one.md"]["pairs"], entries["two.md"]["pairs"]
    assert named == {"there": "one.md"}
    assert (shown["there"], shown["passages"], shown["share"]) == ("two.md", 1, 98)
    assert ["headline", "A bridge opens", "A mill burns down", 1] in shown["fields"]
    assert "pairs" not in entries["three.md"]
    assert len(json.dumps(shown)) < 1_500
    for name in ("same-address", "near-same-body"):
        assert program("accept", "one.md", name, "--reason", "why", "--by", BY, "--no-config").code == 0
    done = program("validate", ".", "--no-config", "--select", "archive", "--format", "html")
    entries = {each["path"]: each for each in Parts(done.out).data["data"]}
    assert "pairs" not in entries["one.md"]
    assert entries["two.md"]["pairs"] == [shown | {"there": "one.md"} | _turned(shown)]


def _turned(shown: dict[str, Any]) -> dict[str, Any]:
    fields = [[name, there, here, differs] for name, here, there, differs in shown["fields"]]
    rows = [row | {"here": row["there"], "there": row["here"], "at": row["at"][::-1]} for row in shown["rows"]]
    return {"fields": fields, "rows": rows}


def test_other_formats_have_no_pairs(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=MILL)
    for form in ("json", "jsonl", "sarif"):
        assert '"pairs"' not in program("validate", ".", "--no-config", "--format", form).out


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_report_shows_both(archive: Path, program: Program, browser: Browser, scheme: str, width: int) -> None:
    hostile = "<img src=x onerror=alert(1)> \u202e children"
    put(archive, one=post(), two=post("A mill </script> burns", body=BODY.replace("children", hostile)))
    program("validate", ".", "--no-config", "--select", "archive", "--format", "html", "--output", "../report.html")
    with opened_page(browser, scheme=scheme, width=width) as page:
        page.goto((archive.parent / "report.html").as_uri())
        wait_until(page, "document.documentElement.dataset.ready === 'yes'")
        first = page.locator("#seeds > li").first
        assert first.locator("table.pair").count() == 0
        first.locator("details.beside summary").first.click()
        first.locator("table.pair").wait_for()
        table = first.locator("table.pair").first
        assert "≠ headline" in table.inner_text()
        assert "u{202E}" in table.locator("ins").last.inner_text()
        assert table.locator("img").count() == 0
        assert accessibility_problems(page) == []
        check_columns(page, width)
        table.get_by_role("link", name="two.md").click()
        wait_until(page, "document.querySelector('#seeds > li > h3').textContent === 'two.md'")
        page.get_by_role("link", name="one.md").first.click()
        wait_until(page, "document.querySelector('#seeds > li > h3').textContent === 'one.md'")
        assert violations(page) == []


def check_columns(page: Page, width: int) -> None:
    """Both sides are beside each other where there is room for them, and below each other on a telephone."""
    one, other = (each.bounding_box() for each in page.locator("table.pair tr.differs").first.locator("td.half").all())
    assert one is not None
    assert other is not None
    assert (one["y"] < other["y"]) == (width < 600)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# --- on the page ------------------------------------------------------------------------------------------------------


@pytest.fixture
def at(tmp_path: Path) -> Desk:
    return make_archive(tmp_path / "desk", FILES, "")


def learned(at: Desk) -> dict[str, tuple[Matter, ...]]:
    """What the search finds between the seeds; the desk knows it then."""
    root = at.archive.root
    met = [each for lot in met_in(at.archive, discover([str(root)], at.archive.settings, root).seeds) for each in lot]
    at.beside.learn(met)
    return {each.name: each.matters for each in met}


def shown(at: Desk, name: str) -> Sheet:
    root = at.archive.root
    return sheet(at, next(each for each in discover([str(root)], at.archive.settings, root).seeds if each.name == name))


def choices(at: Desk, *names: str) -> list[Choice]:
    return [Choice(each.seed, each.version) for each in (shown(at, name) for name in names)]


def between(at: Desk, name: str) -> list[tuple[str, str]]:
    return [(each.rule, each.status) for each in shown(at, name).report.findings if each.other]


OPEN, ACCEPTED = [("same-body", Status.OPEN)], [("same-body", Status.ACCEPTED)]


def test_the_search_finds_pairs(at: Desk) -> None:
    matter = (Matter(Severity.ERROR, "same-body", ""),)
    assert between(at, "one.md") == []
    assert learned(at) == {"one.md": matter, "two.md": matter}
    assert between(at, "one.md") == between(at, "two.md") == OPEN
    assert between(at, "rain.md") == []


def test_both_are_kept_in_one_step(at: Desk) -> None:
    learned(at)
    before = files_of(at)
    step, left = keep_both(at, choices(at, "one.md", "two.md"), "two editions")
    assert (set(step.names), left) == ({"one.md", "two.md"}, {})
    assert between(at, "one.md") == between(at, "two.md") == ACCEPTED
    for name in ("one.md", "two.md"):
        assert 'reason: "two editions", by: "A. Curator"' in (at.archive.root / f"{name}.meta.yaml").read_text()
    with pytest.raises(DeskError, match="nothing is left"):
        keep_both(at, choices(at, "one.md", "two.md"), "again")
    after = files_of(at)
    take_back(at)
    assert files_of(at) == before
    assert between(at, "one.md") == OPEN
    do_again(at)
    assert files_of(at) == after


def test_one_is_wrong(at: Desk) -> None:
    learned(at)
    before = files_of(at)
    step, _ = mark_as_wrong(at, choices(at, "two.md")[0], "the text of another article")
    assert step.names == ("two.md",)
    assert between(at, "one.md") == between(at, "two.md") == []
    assert [each.rule for each in shown(at, "two.md").report.findings if each.severity is Severity.ERROR] == [
        "marked-wrong"
    ]
    (decision,) = decisions_about(at.archive, shown(at, "two.md").seed)
    assert [decision[name] for name in ("did", "about", "by", "why")] == [
        "marked",
        "as wrong",
        BY,
        "the text of another article",
    ]
    told = pair_shown(at, shown(at, "one.md"), shown(at, "two.md"))
    assert [bool(each["wrong"]) for each in told["seeds"]] == [False, True]
    take_back(at)
    assert files_of(at) == before
    assert between(at, "one.md") == OPEN


def test_what_has_changed_is_looked_at_again(at: Desk) -> None:
    learned(at)
    made = choices(at, "one.md", "two.md")
    (at.archive.root / "two.md").write_text(post("Another headline", address="mill"))
    before = files_of(at)
    with pytest.raises(StaleError):
        keep_both(at, made, "why")
    with pytest.raises(StaleError):
        mark_as_wrong(at, made[1], "why")
    assert files_of(at) == before
    (at.archive.root / "two.md").write_text(post("Another headline", address="mill", body=OTHER))
    assert between(at, "one.md") == []


def test_the_page_writes_what_the_command_line_writes(
    at: Desk, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned(at)
    mark_as_wrong(at, choices(at, "two.md")[0], "why")
    by_page = files_of(at)
    take_back(at)
    monkeypatch.chdir(at.archive.root)
    assert program("reject", "two.md", "--reason", "why", "--by", BY).code == 0
    assert files_of(at) == by_page


def open_pair(page: Page, address: str) -> None:
    opened(page, address)
    page.locator("ol.seeds > li", has_text="one.md").get_by_role("button", name="same-body").click()
    page.wait_for_selector(".card.current .yes")
    page.keyboard.press("y")
    page.wait_for_selector("table.pair")


def decide(page: Page, label: str) -> None:
    page.evaluate("document.getElementById('status').textContent = ''")
    page.get_by_role("button", name=label).click()
    wait_until(page, "document.getElementById('status').textContent.startsWith('Done:')")


def test_both_decisions_on_the_page(browser: Browser, at: Desk) -> None:
    root = at.archive.root
    with served(root, "--by", BY) as address, opened_page(browser) as page:
        open_pair(page, address)
        assert page.locator("table.pair thead a").all_text_contents() == ["one.md", "two.md"]
        assert "≠ headline" in page.inner_text("table.pair")
        page.get_by_role("button", name="keep both").click()  # without a reason nothing is written
        wait_until(page, "document.getElementById('status').textContent.startsWith('Write why')")
        assert not list(root.glob("*.meta.yaml"))
        page.fill("#pair-reason", "two editions")
        decide(page, "keep both")
        page.wait_for_selector("#next")
        assert len(list(root.glob("*.meta.yaml"))) == 2
        wait_until(page, "document.getElementById('progress-said').textContent === '2 of 2 decided'")
        page.evaluate("document.getElementById('status').textContent = ''")
        page.keyboard.press("u")
        wait_until(page, "document.getElementById('status').textContent.startsWith('Undone:')")
        assert not list(root.glob("*.meta.yaml"))
        page.go_back()
        page.wait_for_selector("#pair-reason")
        page.get_by_role("button", name="two editions", exact=True).click()
        decide(page, "The second is wrong")
        page.wait_for_selector("#next")
        assert [each.name for each in root.glob("*.meta.yaml")] == ["two.md.meta.yaml"]
        assert 'wrong: {reason: "two editions", by: "A. Curator"' in (root / "two.md.meta.yaml").read_text()
        wait_until(page, "document.getElementById('progress-said').textContent === '2 of 2 decided'")
        assert violations(page) == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_a_pair_on_the_page_is_accessible(browser: Browser, at: Desk, scheme: str, width: int) -> None:
    (at.archive.root / "two.md").write_text(MILL.replace("children", "pupils").replace("B. Sample", "C. Sample"))
    (at.archive.root / "one.md").write_text(post(address="mill"))
    with served(at.archive.root, "--by", BY) as address, opened_page(browser, scheme=scheme, width=width) as page:
        opened(page, address)
        page.locator("ol.seeds > li", has_text="one.md").get_by_role("button", name="near-same-body").click()
        page.wait_for_selector(".card.current .yes")
        assert accessibility_problems(page) == []
        page.keyboard.press("y")
        page.wait_for_selector("table.pair")
        assert page.locator("table.pair del").last.inner_text() == "children"
        assert page.locator("table.pair ins").last.inner_text() == "pupils"
        assert accessibility_problems(page) == []
        check_columns(page, width)
        page.locator("table.pair thead a").last.click()
        page.wait_for_selector(".seed h1")
        assert page.inner_text(".seed h1") == "two.md"
        assert violations(page) == []
