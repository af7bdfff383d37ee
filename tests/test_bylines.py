"""Bylines: which values hold several names, which hold one and an agency, and which are not touched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import table

import validator
from validator.parsing.bylines import is_organization, may_hold_several, names_in

AGENCIES = frozenset(["reuters", "afp", "ap", "dpa", "associated press", "新华社", "中新社"])
PUBLISHERS = frozenset(["the example gazette"])

SEVERAL: list[Any] = table("bylines", "several")
ONE: list[Any] = table("bylines", "one")
WHOLE = [
    "A. Specimen", "Specimen, Ann", "Specimen, J. A.", "van der Muster, Jan A.", "García Muestra, Ana", "John Specimen, Jr.",
    "Marks & Spencer",
    "Johnson & Johnson", "Department of Peace and Security", "Texas Health and Human Services",
    "Rust Core Team and Jane Sample",
    "Peter, Paul and Mary", "A. Specimen, London", "A. Specimen, New York", "Ann Specimen, Bob Sample, Nairobi",
    "A. Specimen with B. Sample",
    "A. Specimen | March 4, 2021", "A. Specimen, University of Examples", "ann specimen and bob sample",
    "李和平", "张和平", "山田 太郎",
    "约翰·史密斯", "张三记者", "https://example.org/author/a", "A&#39;s Specimen; B", "[A. Specimen]", "And", "By",
    ",", "and", "",
    "A. Specimen, and", "Reuters Staff", "The Sand and the Sea", "Opinion by A. Specimen", "Bonnie and Clyde",
]  # fmt: skip


def told(value: str) -> tuple[list[str], str | None]:
    names = names_in(value, AGENCIES, PUBLISHERS)
    agency = names.agency
    return [value[slice(*span)] for span in names.people], value[slice(*agency)] if agency else None


@pytest.mark.parametrize(("value", "expected"), SEVERAL)
def test_several_names(value: str, expected: list[str]) -> None:
    assert told(value)[0] == expected


@pytest.mark.parametrize(("value", "name", "agency"), ONE)
def test_the_person_without_the_agency_or_what_introduces_the_name(value: str, name: str, agency: str | None) -> None:
    assert told(value) == ([name], agency)


@pytest.mark.parametrize("value", WHOLE)
def test_what_may_be_one_name_stays_whole(value: str) -> None:
    assert told(value) == ([value], None)


def test_several_names_beside_an_agency() -> None:
    assert told("A. Specimen (Reuters) and B. Sample (AFP)") == (["A. Specimen", "B. Sample"], "AFP")
    assert told("AFP correspondents A. Specimen and B. Sample") == (["A. Specimen", "B. Sample"], "AFP")
    assert told("中新社记者 张三 李四 王五") == (["张三", "李四", "王五"], "中新社")
    assert told("AP and Reuters") == (["AP", "Reuters"], None)


@given(
    st.lists(
        st.sampled_from(
            [*"ABc.,;&|/()[]", " ", " and ", "By ", " of ", "Reuters", "Ann", "Sample", "记者", "和", "、", "张三"]
        ),
        max_size=14,
    )
)
def test_names_are_pieces_of_the_value_in_order(pieces: list[str]) -> None:
    value = "".join(pieces)
    names = names_in(value, AGENCIES, PUBLISHERS)
    assert names.people
    at = 0
    for start, end in names.people:
        assert at <= start <= end <= len(value)
        at = end
    if not may_hold_several(value):
        assert [value[slice(*span)] for span in names.people] == [value.strip() or value]


def test_a_long_value_is_no_byline_and_takes_no_time() -> None:
    value = "A. Specimen and " * 50_000
    assert told(value)[0] == [value.strip()]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Reuters", True),
        ("REUTERS", True),
        ("Reuters Staff", True),
        ("dpa  news agency", True),
        ("A. Reuters", False),
        ("Staff", False),
        ("", False),
    ],
)
def test_an_agency_is_known_in_any_case_and_with_its_staff(name: str, expected: bool) -> None:
    assert is_organization(name, AGENCIES) is expected


def _post(author: str) -> bytes:
    return f"---\ntitle: One\ndate: 2021-03-04\n{author}\nurl: https://example.org/\n---\nText.\n".encode()


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("author: By Ann Specimen and Bob Sample", [("Ann Specimen", "Ann Specimen"), ("Bob Sample", "Bob Sample")]),
        ("author: 'Ann O''Specimen and Bob Sample'", [("Ann O'Specimen", "Ann O''Specimen"), ("Bob Sample", "Bob Sample")]),
        ("authors:\n  - name: A. Specimen\n  - name: B. Sample", [("A. Specimen", "A. Specimen"), ("B. Sample", "B. Sample")]),
        ("author: {name: A. Specimen, mail: a@example.org}", [("A. Specimen", "A. Specimen")]),
        ("author:\n- name: \"A. Specimen\"", [("A. Specimen", '"A. Specimen"')]),
        ("authors: [Ann Specimen and Bob Sample, C. Third]", [("Ann Specimen",) * 2, ("Bob Sample",) * 2, ("C. Third",) * 2]),
        ("authors:\n  - A. Specimen\n  - {name: B. Sample}", []),
        ("authors:\n  - name: A. Specimen\n  - mail: b@example.org", []),
        ("authors: {}", []),
    ],
)  # fmt: skip
def test_each_name_has_its_own_place(author: str, expected: list[tuple[str, str]]) -> None:
    data = _post(author)
    report = validator.validate(data, source="front-matter")
    text = data.decode()
    values = [value for value in report.values if value.field == "byline"]
    assert [
        (value.value, text[value.start.offset : value.end.offset]) for value in values if value.start and value.end
    ] == expected
    assert [finding.rule for finding in report.findings] == ([] if expected else ["byline-missing"])


def test_the_agency_beside_a_name_is_the_records_agency() -> None:
    report = validator.validate(_post("author: A. Specimen, Reuters"), source="front-matter")
    assert report.record is not None
    assert (report.record["byline"], report.record["agency"]) == (["A. Specimen"], "Reuters")
    assert report.findings == ()


@pytest.mark.parametrize(
    ("attested", "rules"),
    [
        ("value: Ann Specimen and Bob Sample", []),
        ("value: [Ann Specimen, Bob Sample]", []),
        ("value: C. Third", ["sidecar-disagrees"]),
        ("value: C. Third, replaces: Ann Specimen and Bob Sample", []),
        ("value: C. Third, replaces: 'Ann Specimen, Bob Sample'", []),
    ],
)
def test_a_curator_may_write_several_names_as_the_byline_does(attested: str, rules: list[str]) -> None:
    sidecar = f"record:\n  byline: {{{attested}, basis: the print edition}}\n"
    report = validator.validate(_post("author: Ann Specimen and Bob Sample"), source="front-matter", sidecar=sidecar)
    assert [finding.rule for finding in report.findings] == rules
