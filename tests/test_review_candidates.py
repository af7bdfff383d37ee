"""Values that can be taken with one press, and the words that a curator wrote before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from running import table
from test_desk import BY, make_archive, shown
from test_review_server import Page

from validator.archive.face import own_sources
from validator.engine.checking import check_seed
from validator.record.sidecar_reading import read_sidecar
from validator.record.sidecar_writing import attest
from validator.review.candidates import Candidate, candidates_for
from validator.review.desk import Sheet
from validator.rules import RULES
from validator.rules.views import LOOKS_LIKE
from validator.sources.identify import Claim
from validator.text.findings import Finding, Related, SeedReport
from validator.text.places import LineIndex

POST = "posts/2021-03-04-one.md"
FILES = {
    POST: "---\ntitle: One of two\ndate: 2021-03-09\nauthor: Jane Roe\n---\nA paragraph stands for the article.\n",
    "mod/item.txt": "A headline of this example\nby Jane Roe and John Doe\n3 March 2019\nOne paragraph of text.\n",
    "mod/bare.txt": "One paragraph of text stands here alone, and nobody has signed it.\n",
}
SETTINGS = """[[overrides]]
paths = ["posts/**"]
source = "jekyll-post"
[[overrides]]
paths = ["mod/**"]
source = "mod-gov-cn"
"""


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(make_archive(tmp_path / "archive", FILES, SETTINGS))


def offered(found: Sheet, rule: str, page: Page, *places: str, message: str = f'{LOOKS_LIKE}: "…"') -> list[Candidate]:
    """The candidates for a finding that names these places of the text."""
    finding = next(each for each in found.report.findings if each.rule == rule)
    related = tuple(_related(found.text, each, message) for each in places)
    told: Finding = replace(finding, related=related) if places else finding
    return list(candidates_for(found.report, found.text, told, page.desk.archive.sources))


def _related(text: str, place: str, message: str) -> Related:
    at, lines = text.index(place), LineIndex(text)
    return Related(message, lines.position(at), lines.position(at + len(place)))


def test_the_sides_of_a_dispute_can_be_taken(page: Page) -> None:
    (disputed,) = [each for each in page.seed(POST)["findings"] if each["rule"] == "dates-disagree"]
    told = [(each["value"], each["at"], each["replaces"]) for each in disputed["candidates"]]
    assert told == [("2021-03-09", "3:7", "2021-03-09"), ("2021-03-04", None, "2021-03-09")]
    for value in ("2021-03-09", "2021-03-04"):
        found = page.seed(POST)
        choices = [{"key": found["key"], "version": found["version"]}]
        values = [{"field": "date_published", "value": value, "replaces": "2021-03-09"}]
        page.tell("attest", choices=choices, values=values, basis="the printed page")
        after = page.seed(POST)
        assert "dates-disagree" not in {each["rule"] for each in after["findings"] if each["status"] == "open"}
        assert [each["value"] for each in after["values"] if each["field"] == "date_published"] == [value]
        page.tell("undo")


def test_what_looks_like_a_missing_value_can_be_taken(page: Page) -> None:
    found = shown(page.desk, "mod/item.txt")
    dates = offered(found, "byline-missing", page, "by Jane Roe and John Doe"[3:])
    assert [(each.value, each.said) for each in dates] == [(("Jane Roe", "John Doe"), "Jane Roe and John Doe")]
    bare = shown(page.desk, "mod/bare.txt")
    bare = replace(bare, text=f"{bare.text}3 March 2019\nMarch 2019\nhttps://example.org/a\n")
    assert [each.value for each in offered(bare, "date-missing", page, "3 March 2019")] == ["2019-03-03"]
    assert offered(bare, "date-missing", page, "March 2019\nh") == []  # without a day
    urls = offered(bare, "source-url-missing", page, "https://example.org/a")
    assert [each.value for each in urls] == ["https://example.org/a"]


def test_nothing_is_invented(page: Page) -> None:
    found = shown(page.desk, "mod/bare.txt")
    rules = {each.rule for each in found.report.findings}
    assert {"date-missing", "byline-missing"} <= rules
    for rule in rules:
        assert offered(found, rule, page) == []
        assert offered(found, rule, page, "One paragraph", message="JSON-LD that cannot be read") == []


def _offered_for(case: dict[str, Any]) -> tuple[list[Candidate], SeedReport, str]:
    """What is offered for the finding of a case, in every seed whose text has the offered values."""
    text, sources = case["text"], own_sources()
    claim = Claim(case["source"], "the case") if "source" in case else None
    path = case.get("path", "a.md")
    beside = [read_sidecar(case["sidecar"], f"{path}.meta.yaml", path, RULES)] if "sidecar" in case else []
    report = check_seed(text.encode(), sources, path=path, claim=claim, sidecars=beside)
    (finding,) = (each for each in report.findings if each.rule == case["rule"])
    return list(candidates_for(report, text, finding, sources)), report, text


@pytest.mark.parametrize("case", table("candidates", "takes"), ids=lambda case: f"{case['rule']}: {case['why']}")
def test_what_completes_a_value_can_be_taken(case: dict[str, Any]) -> None:
    found, _, text = _offered_for(case)
    values = [tuple(each) if isinstance(each, list) else each for each in case["takes"]]
    assert [each.value for each in found] == values
    places = [each.start and f"{each.start.line}:{each.start.column}" for each in found]
    assert places == case.get("at", places)
    for each in found:
        if each.start is not None and each.end is not None:
            assert text[each.start.offset : each.end.offset] == each.said
    replaces = None if case["rule"] == "date-incomplete" else found[0].replaces
    assert {each.replaces for each in found} == {replaces}
    assert replaces == case.get("replaces", replaces)


@pytest.mark.parametrize("case", table("candidates", "takes"), ids=lambda case: f"{case['rule']}: {case['why']}")
def test_what_is_taken_settles_the_finding(case: dict[str, Any]) -> None:
    path = case.get("path", "a.md")
    claim = Claim(case["source"], "the case") if "source" in case else None
    found, _, text = _offered_for(case)
    for each in found:
        field = "byline" if case["rule"] == "byline-impersonal" else "date_published"
        written = attest("", field, each.value, basis="print", by=BY, on="2026-01-01", replaces=each.replaces)
        beside = read_sidecar(written, f"{path}.meta.yaml", path, RULES)
        after = check_seed(text.encode(), own_sources(), path=path, claim=claim, sidecars=[beside])
        assert {case["rule"], "sidecar-disagrees"}.isdisjoint(finding.rule for finding in after.findings)
        assert after.record[field] == ([each.value] if field == "byline" and isinstance(each.value, str) else
                                       list(each.value) if field == "byline" else each.value)  # fmt: skip


@pytest.mark.parametrize("case", table("candidates", "nothing"), ids=lambda case: f"{case['rule']}: {case['why']}")
def test_what_does_not_agree_is_not_offered(case: dict[str, Any]) -> None:
    assert _offered_for(case)[0] == []


def test_earlier_words_are_the_curators_own(page: Page, tmp_path: Path) -> None:
    root = page.desk.archive.root
    (root / "mod/item.txt.meta.yaml").write_text(
        f'accept:\n  - {{rule: byline-missing, reason: "unsigned copy", by: "{BY}", on: 2026-01-01}}\n'
        '  - {rule: date-missing, reason: "somebody else\'s", by: "B. Other", on: 2026-01-01}\n'
    )
    (root / "mod/seeds.meta.yaml").write_text(
        f'seeds:\n- files: ["*"]\n  record:\n    publisher: {{value: X, basis: "the masthead", by: "{BY}", on: 2026-01-01}}\n'
    )
    said = page.ask("earlier")
    assert said == {
        "reasons": [{"about": "byline-missing", "text": "unsigned copy"}],
        "bases": [{"about": "publisher", "text": "the masthead"}],
    }
    page.desk.by = ""
    assert page.ask("earlier") == {"reasons": [], "bases": []}
