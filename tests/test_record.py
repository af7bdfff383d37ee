"""The record: where values are read from, in which order, and that each stands where it is said to stand."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import table

import validator
import validator.record.residue
from validator.archive.face import own_sources
from validator.engine.seen import Seen, look
from validator.parsing.dates import DateValue
from validator.parsing.front_matter import read_front_matter
from validator.parsing.markup import GONE, mask
from validator.record.model import WHITESPACE_OR_UNSEEN, Reading, Record, extent
from validator.record.reader import masked_headline
from validator.record.sidecar import Sidecar
from validator.record.sidecar_reading import read_sidecar
from validator.sources.identify import Claim
from validator.sources.model import Source
from validator.sources.schema_file import read_sources
from validator.text.findings import Basis
from validator.text.places import BYTE_ORDER_MARK, Span, fold_whitespace


def source(body: str) -> Source:
    return read_sources([("new.yaml", f"id: new\ntitle: One of this test\n{body}\n")])["new"]


def seen(body: str, seed: str, path: str | None = None, sidecar: str | None = None) -> Seen:
    """What is seen of a seed of the source whose schema is `body`."""
    read = read_sidecar(sidecar, "seed.txt.meta.yaml") if sidecar is not None else Sidecar("")
    assert read.problems == ()
    return look(seed.encode(), {"new": source(body)}, path, Claim("new", "the test"), read)


def record(body: str, seed: str, path: str | None = None, sidecar: str | None = None) -> Record:
    found = seen(body, seed, path, sidecar).record
    assert found is not None
    return found


def readings(body: str, seed: str, field: str = "headline", path: str | None = None) -> list[Reading]:
    return list(record(body, seed, path).readings.get(field, ()))


def told(body: str, seed: str, field: str = "headline", path: str | None = None) -> list[tuple[str, str | None]]:
    """The values of a field, each with the text at its span."""
    return [(each.value, seed[slice(*each.span)] if each.span else None) for each in readings(body, seed, field, path)]


# --- places -------------------------------------------------------------------------------------------------------------

MATTER = """---
title: One  headline
nested: {deep: {er: 'It''s'}}
list: [one, '', "t\\u0077o"]
empty:
blank: '  '
---
Text.
"""
TEXT = "\nA headline\n\n  A line  of text \nBy A. Specimen\n2021-03-04\nText.\n"

PLACES = [
    ("a key", "headline: [{front_matter: title}]", MATTER, [("One headline", "One  headline")]),
    ("a key inside others", "headline: [{front_matter: nested.deep.er}]", MATTER, [("It's", "'It''s'")]),
    ("a key that is not there", "headline: [{front_matter: nested.deep.est}]", MATTER, []),
    ("a key that is a mapping", "headline: [{front_matter: nested}]", MATTER, []),
    ("a key inside a text", "headline: [{front_matter: title.one}]", MATTER, []),
    ("a list", "headline: [{front_matter: list}]", MATTER, [("one", "one"), ("two", '"t\\u0077o"')]),
    ("an empty value", "headline: [{front_matter: empty}, {front_matter: blank}]", MATTER, []),
    ("no front matter", "headline: [{front_matter: title}]", TEXT, []),
    ("a pattern", r"headline: [{pattern: '^(?P<value>A h\w+)$'}]", TEXT, [("A headline", "A headline")]),
    ("a pattern's group alone", r"headline: [{pattern: '^By (?P<value>.*)$'}]", TEXT, [("A. Specimen", "A. Specimen")]),
    ("the first match", r"headline: [{pattern: '(?P<value>\w+)\n'}]", TEXT, [("headline", "headline")]),
    ("blanks are folded", r"headline: [{pattern: '^(?P<value> .*)$'}]", TEXT, [("A line of text", "  A line  of text ")]),
    ("a pattern within lines", r"headline: [{pattern: '^(?P<value>By.*)$', within_lines: 5}]", TEXT, [("By A. Specimen",) * 2]),
    ("… beyond them", r"headline: [{pattern: '^(?P<value>By.*)$', within_lines: 4}]", TEXT, []),
    ("a group that took no part", r"headline: [{pattern: 'A (?P<value>x)?'}]", TEXT, []),
    ("a group that holds nothing", r"headline: [{pattern: 'A(?P<value>\s*)h'}]", TEXT, []),
    ("a pattern in front matter", r"headline: [{pattern: '^title: (?P<value>\w+)'}]", MATTER, [("One", "One")]),
    ("the line before", "byline: [{pattern: '^By (?P<value>.*)$'}]\n  headline: [{line_before: byline}]", TEXT,
     [("A line of text", "A line  of text")]),
    ("… over empty lines", "byline: [{pattern: '(?P<value>A line)'}]\n  headline: [{line_before: byline}]", TEXT,
     [("A headline", "A headline")]),
    ("… of a field that is not there", "byline: [{pattern: '(?P<value>B line)'}]\n  headline: [{line_before: byline}]", TEXT, []),
    ("… where none is", "byline: [{pattern: '(?P<value>A headline)'}]\n  headline: [{line_before: byline}]", TEXT, []),
    ("another field", "byline: [{pattern: '^By (?P<value>.*)$'}]\n  headline: [{from: byline}]", TEXT, [("A. Specimen",) * 2]),
    ("a value", "headline: [{value: Always so}]", TEXT, [("Always so", None)]),
    ("several values", "headline: [{value: [one, two]}]", TEXT, [("one", None), ("two", None)]),
    ("fields that ask for each other", "byline: [{from: headline}]\n  headline: [{from: byline}]", TEXT, []),
    ("a field that asks for itself", "headline: [{from: headline}]", TEXT, []),
    ("the first place that answers", "headline: [{front_matter: a}, {pattern: '(?P<value>Q)'}, {value: b}, {value: c}]",
     TEXT, [("b", None)]),
    ("an empty value does not answer", "headline: [{front_matter: empty}, {front_matter: title}]", MATTER,
     [("One headline", "One  headline")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "seed", "expected"), [case[1:] for case in PLACES], ids=[case[0] for case in PLACES])
def test_where_a_value_is_read_from(body: str, seed: str, expected: list[tuple[str, str | None]]) -> None:
    assert told(f"container: plain-text\nrecord:\n  {body}", seed) == expected


@pytest.mark.parametrize("case", table("shorthands", "cases"), ids=lambda case: str(case["place"]))
def test_a_place_without_a_pattern(case: dict[str, Any]) -> None:
    body = f"container: plain-text\nrecord:\n  headline: [{case['place']}]\n  byline: [{{label: By}}]"
    found = told(body, case.get("text", table("shorthands", "text")))
    assert found == ([(case["value"], case.get("found", case["value"]))] if "value" in case else [])


SHORT = ["{label: By}", "{label: ['B:', 作者：]}", "{line: 2}", "{line: -1}", "{below: byline}", "{above: byline}"]


@given(st.text("aB: \n\r\t\u3000：作者By|*\ufeff。", max_size=40), st.sampled_from(SHORT))
def test_a_place_without_a_pattern_reads_any_text_and_its_span_is_inside(text: str, place: str) -> None:
    body = f"container: plain-text\nrecord:\n  headline: [{place}]\n  byline: [{{label: By}}]"
    for value, found in told(body, text):
        assert value.strip()
        assert found is not None
        assert fold_whitespace(found) == value
        assert found in text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/2021-03-04-one.md", [("one", None)]),
        ("2021-03-04-two  words.md", [("two words", None)]),
        ("a/one.md", []),
        (None, []),
    ],
)
def test_a_value_in_the_path(path: str | None, expected: list[tuple[str, None]]) -> None:
    body = r"record: {headline: [{path: '(?:^|/)\d{4}-\d\d-\d\d-(?P<value>[^/]*)\.md$'}]}"
    assert told(body, TEXT, path=path) == expected
    for each in readings(body, TEXT, path=path):
        assert (each.basis, each.note) == (Basis.DERIVED, "read from the path")


def test_a_value_in_the_address() -> None:
    body = r"""record:
  source_url: [{pattern: '^(?P<value>\S+://\S+)$'}]
  headline: [{url: '/(?P<value>[a-z]+)-\d+$'}]"""
    seed = "https://example.org/story-7\nText.\n"
    (reading,) = readings(body, seed)
    assert (reading.value, reading.basis, reading.note) == ("story", Basis.DERIVED, "read from the address")
    assert reading.span == Span(0, 27)  # that of the address
    assert readings(body, "https://example.org/7\nText.\n") == []
    assert readings(body, "mailto://example.org/story-7\nText.\n") == []  # no address of a page


def test_a_basis_says_what_a_value_is() -> None:
    body = "record: {headline: [{pattern: '(?P<value>A h.*)'}], publisher: [{value: A Paper}]}"
    found = record(body, TEXT)
    (headline,), (publisher,) = found.readings["headline"], found.readings["publisher"]
    assert (headline.basis, headline.note, headline.pointer) == (Basis.STATED, "", None)
    assert (publisher.basis, publisher.note, publisher.span) == (Basis.ASSIGNED, "assigned by new", None)
    (title,) = readings("record: {headline: [{front_matter: nested.deep.er}]}", MATTER)
    assert title.pointer == "/nested/deep/er"


def test_an_empty_key_is_remembered_with_its_place() -> None:
    found = record("record: {headline: [{front_matter: blank}, {front_matter: other}]}", MATTER)
    assert found.reading("headline") is None
    assert MATTER[slice(*found.empty["headline"])] == "'  '"


def test_a_field_without_places_comes_from_the_policy() -> None:
    found = record("language: zh-Hans\npublisher: [A Paper, The Paper]", TEXT)
    assert [(each.value, each.basis, each.note) for each in found.readings["publisher"]] == [
        ("A Paper", Basis.ASSIGNED, "assigned by new")
    ]
    assert found.as_mapping() == {"publisher": "A Paper", "language": "zh-Hans"}
    stated = record("container: front-matter\nlanguage: zh\nrecord: {language: [{front_matter: title}]}", MATTER)
    assert stated.as_mapping()["language"] == "One headline"


# --- spans --------------------------------------------------------------------------------------------------------------

WIDE = r"""
record:
  headline: [{pattern: '\A(?P<value>[^\n]+)\n'}]
  byline: [{pattern: '^作者：(?P<value>[^\n（]+)（(?P<agency>[^）\n]+)）$', split: '、|和'}]
  date_published: [{pattern: '^(?P<value>\d{4}年\d+月\d+日)'}]
  dateline: [{pattern: '^(?P<value>(?P<place>\pL+)(?P<month>\d+)月(?P<day>\d+)日)电'}]
"""
WIDE_SEED = "标题😀在这里\n作者：甲、 乙\u3000和丙（某社）\n2021年3月4日 完\n样本3月4日电 正文。\n"


@given(st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", BYTE_ORDER_MARK]), st.booleans())
def test_places_are_exact_whatever_the_line_ends(line_end: str, mark: str, mixed: bool) -> None:
    seed = mark + (WIDE_SEED.replace("\n", line_end, 2) if mixed else WIDE_SEED.replace("\n", line_end))
    found = record(WIDE, seed)
    stated = {
        name: [seed[slice(*each.span)] for each in values if each.span is not None]
        for name, values in found.readings.items()
    }
    assert stated == {
        "headline": ["标题😀在这里"],
        "byline": ["甲", "乙", "丙"],
        "date_published": ["2021年3月4日"],
        "dateline": ["样本3月4日"],
        "agency": ["某社"],
    }
    assert [each.value for each in found.readings["byline"]] == ["甲", "乙", "丙"]
    (dateline,) = found.readings["dateline"]
    assert {name: seed[slice(*span)] for name, (_, span) in dateline.groups.items()} == {
        "value": "样本3月4日", "place": "样本", "month": "3", "day": "4",
    }  # fmt: skip
    assert found.dateline() == {"place": "样本", "month": 3, "day": 4}
    assert found.last is not None
    assert seed[: found.last].endswith(" 正文。")


WORDS = st.lists(
    st.sampled_from(
        [
            "A",
            "headline",
            "完",
            "😀",
            "  ",
            " ",
            "\u00a0",
            "\n",
            "\r\n",
            "\r",
            "By A",
            "By B and C",
            "2021-03-04",
            "March 4",
        ]
    )
    | st.text(max_size=4),
    max_size=15,
).map("".join)
ANY = r"""
date_order: day-first
time_zone: Asia/Shanghai
record:
  headline: [{line_before: byline}, {pattern: '\A(?P<value>[^\n]+)'}]
  byline: [{pattern: '^By (?P<value>[^\n]+)$', split: ' and '}]
  date_published: [{pattern: '(?P<value>\d{4}-\d\d-\d\d)'}, {from: dateline}]
  dateline: [{pattern: '(?P<value>(?P<month>[A-Z][a-z]+) (?P<day>\d+))'}]
  body: [{after: byline, before: residue.tail}]
residue: [{name: tail, rule: page-furniture, from: '^完', to_end: true}, {name: odd, rule: paywall, pattern: '😀+'}]
"""


@given(st.sampled_from(["", BYTE_ORDER_MARK]), WORDS)
def test_any_text_has_a_record_and_every_value_stands_where_it_is_said_to(mark: str, words: str) -> None:
    seed = mark + words.encode("utf-8", "replace").decode()
    result = seen(ANY, seed)
    found = result.record
    assert found is not None
    text = result.decoded.text
    for name, values in found.readings.items():
        for each in values:
            assert each.span is not None
            at = fold_whitespace(text[slice(*each.span)])
            assert at == each.value or name == "date_published"
            for group, span in each.groups.values():
                assert fold_whitespace(text[slice(*span)]) == group
            if each.lines is not None:
                assert each.lines.holds(each.span)
    assert 0 <= found.body.start <= found.body.end <= len(text)
    assert len(found.masked) == len(text)
    assert (found.first is None) == (found.last is None) == (found.characters == 0)
    if found.first is not None and found.last is not None:
        assert found.body.start <= found.first < found.last <= found.body.end
        assert not found.masked[found.first].isspace()
        assert not found.masked[found.last - 1].isspace()
    for left in found.residue:
        assert 0 <= left.span.start < left.span.end <= len(text)
        assert left.removal is None or left.removal.holds(left.span)


# --- bylines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        ("By A. One", [("A. One", "A. One")]),
        ("By A. One, B. Two and C. Three", [("A. One", "A. One"), ("B. Two", "B. Two"), ("C. Three", "C. Three")]),
        ("By A.\u00a0One,  B.  Two", [("A. One", "A.\u00a0One"), ("B. Two", "B.  Two")]),
        ("By A. One and ", [("A. One", "A. One")]),
        ("By A, ,  and B", [("A", "A"), ("B", "B")]),
        ("By Andy and Sandy", [("Andy", "Andy"), ("Sandy", "Sandy")]),
    ],
)
def test_several_names_each_with_its_place(seed: str, expected: list[tuple[str, str]]) -> None:
    assert told("record: {byline: [{pattern: '^By (?P<value>.*)$', split: ', | and '}]}", seed, "byline") == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("A and B", [("A", "A"), ("B", "B")]),
        ("'A''s and  B'", [("A's", "A''s"), ("B", "B")]),
        (r'"A\u0042 and \"C\""', [("AB", r"A\u0042"), ('"C"', r"\"C\"")]),
        ("[A and B, C]", [("A", "A"), ("B", "B"), ("C", "C")]),
        ("A\n  and B", [("A", "A\n  and B"), ("B", "A\n  and B")]),  # over lines: where no character has a place
    ],
)
def test_several_names_in_front_matter(written: str, expected: list[tuple[str, str]]) -> None:
    body = "container: front-matter\nrecord: {byline: [{front_matter: author, split: '[ \\n]+and[ \\n]+'}]}"
    assert told(body, f"---\nauthor: {written}\n---\nText.\n", "byline") == expected


KINDS = """
publisher: [A Paper, 某报]
agencies: [An Agency, Another Agency]
record: {byline: [{pattern: '^By (?P<value>.*)$', split: ' and ', kind: person}, {pattern: '^From (?P<value>.*)$'}]}
"""


@pytest.mark.parametrize(
    ("seed", "kind"),
    [
        ("By A. Specimen", "person"),
        ("By A. Specimen and B. Specimen", "person"),
        ("By AN AGENCY", "agency"),
        ("By An Agency and Another Agency", "agency"),
        ("By A paper", "publisher"),
        ("By 某报", "publisher"),
        ("By A. Specimen and An Agency", "person"),
        ("From A. Specimen", None),
        ("From An Agency", "agency"),
        ("Nobody", None),
    ],
)
def test_who_signs(seed: str, kind: str | None) -> None:
    found = record(KINDS, seed)
    assert found.byline_kind == kind
    assert found.as_mapping().get("byline_kind") == kind


def test_a_curator_says_who_signs() -> None:
    found = record(KINDS, "Text.\n", sidecar="record:\n  byline_kind: {value: unsigned, basis: the print}\n")
    assert found.as_mapping() == {"byline_kind": "unsigned", "publisher": "A Paper"}
    found = record(KINDS, "Text.\n", sidecar="record:\n  byline: {value: [A. One, B. Two], basis: the print}\n")
    assert found.as_mapping()["byline"] == ["A. One", "B. Two"]
    assert found.byline_kind == "person"
    found = record(KINDS, "Text.\n", sidecar="record:\n  byline: {value: An Agency, basis: the print}\n")
    assert found.byline_kind == "agency"


@pytest.mark.parametrize(
    ("said", "dateline"),
    [
        ("样本13月4日电", {"place": "样本", "month": None, "day": 4}),
        ("样本3月99日电", {"place": "样本", "month": 3, "day": None}),
        ("样本0月0日电", {"place": "样本", "month": None, "day": None}),
        ("样本12月31日电", {"place": "样本", "month": 12, "day": 31}),
    ],
)
def test_a_dateline_has_numbers_of_the_calendar(said: str, dateline: dict[str, object]) -> None:
    schema = r"record: {dateline: [{pattern: '^(?P<value>(?P<place>\pL+)(?P<month>\d+)月(?P<day>\d+)日)电'}]}"
    assert record(schema, said).dateline() == dateline


# --- dates --------------------------------------------------------------------------------------------------------------

DATED = r"""
time_zone: Asia/Shanghai
record:
  dateline: [{pattern: '^(?P<value>(?P<place>[A-Z]+), (?P<month>\S+) (?P<day>\S+?)(?:, (?P<year>\d+))?) -- '}]
  date_published: [{pattern: '^On (?P<value>.*)$'}, {from: dateline}]
"""


@pytest.mark.parametrize(
    ("seed", "expected", "at"),
    [
        ("On 2012-11-27", "2012-11-27", "2012-11-27"),
        ("On November 27, 2012 10:10", "2012-11-27T10:10+08:00", "November 27, 2012 10:10"),
        ("On 2012-11-27 10:10:11Z", "2012-11-27T10:10:11Z", "2012-11-27 10:10:11Z"),
        ("HERE, November 27 -- Text.", "XXXX-11-27", "November 27"),
        ("HERE, Nov. 27 -- Text.", "XXXX-11-27", "Nov. 27"),
        ("HERE, 11 27 -- Text.", "XXXX-11-27", "11 27"),
        ("HERE, November 27, 2012 -- Text.", "2012-11-27", "November 27, 2012"),
        ("HERE, February 29 -- Text.", "XXXX-02-29", "February 29"),
        ("On 2011-01-02\nHERE, November 27 -- Text.", "2011-01-02", "2011-01-02"),
    ],
)
def test_dates_as_they_are_stated(seed: str, expected: str, at: str) -> None:
    found = record(DATED, seed)
    assert str(found.date) == expected
    assert found.as_mapping()["date_published"] == expected
    reading = found.reading("date_published")
    assert reading is not None
    assert reading.span is not None
    assert seed[slice(*reading.span)] == at
    assert reading.basis is Basis.STATED
    assert found.malformed is None


def test_a_zone_of_the_schema_is_marked_as_such() -> None:
    assert isinstance(date := record(DATED, "On 2012-11-27 10:10").date, DateValue)
    assert date.zone_assigned
    assert isinstance(date := record(DATED, "On 2012-11-27 10:10Z").date, DateValue)
    assert not date.zone_assigned
    report = validator.validate("On 2012-11-27 10:10\nText.\n", source="new", sources={"new": source(DATED)})
    (value,) = (each for each in report.values if each.field == "date_published")
    assert (value.basis, value.note) == (Basis.STATED, "the time zone is the source's")


@pytest.mark.parametrize(
    ("seed", "unread"),
    [
        ("On some day", "some day"),
        ("On 2012-02-30", "2012-02-30"),
        ("HERE, Sometember 27 -- Text.", "Sometember 27"),
        ("HERE, February 30 -- Text.", "February 30"),
        ("HERE, February 29, 2011 -- Text.", "February 29, 2011"),
        ("HERE, March ² -- Text.", "March ²"),
        ("HERE, ² 4 -- Text.", "² 4"),
        ("HERE, 13 4 -- Text.", "13 4"),
        ("HERE, March 4, 21 -- Text.", "March 4, 21"),
        (f"HERE, March {'1' * 5000} -- Text.", f"March {'1' * 5000}"),
    ],
)
def test_what_is_no_date_is_malformed_and_stands_where_it_is_said_to(seed: str, unread: str) -> None:
    found = record(DATED, seed)
    assert found.date is None
    assert found.malformed is not None
    assert found.malformed.span is not None
    assert (found.malformed.value, seed[slice(*found.malformed.span)]) == (unread, unread)
    assert validator.validate(seed, source="new", sources={"new": source(DATED)}).fault is None


def test_a_later_place_may_say_what_an_earlier_one_does_not() -> None:
    found = record(DATED, "On some day\nHERE, November 27 -- Text.")
    assert str(found.date) == "XXXX-11-27"
    assert found.malformed is None


def test_a_date_in_the_path_is_derived() -> None:
    body = "record: {date_published: [{path: '(?P<value>[0-9-]{10})'}]}"
    found = record(body, TEXT, "posts/2021-03-04-one.md")
    reading = found.reading("date_published")
    assert reading is not None
    assert (str(found.date), reading.basis, reading.span) == ("2021-03-04", Basis.DERIVED, None)
    assert record(body, TEXT, "posts/2021-13-04-one.md").malformed is not None
    assert validator.validate(TEXT, source="new", path="2021-13-04.md", sources={"new": source(body)}).fault is None


def test_the_order_of_numbers_is_the_sources() -> None:
    body = "date_order: {}\nrecord: {{date_published: [{{pattern: '(?P<value>3/4/2021)'}}]}}"
    assert str(record(body.format("day-first"), "3/4/2021").date) == "2021-04-03"
    assert str(record(body.format("month-first"), "3/4/2021").date) == "2021-03-04"
    assert record(body.partition("\n")[2].format(), "3/4/2021").malformed is not None


# --- addresses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["https://example.org/", "http://example.org/a?b#c", "HTTPS://EXAMPLE.ORG/"])
def test_an_address_is_one_of_a_page(address: str) -> None:
    found = record(r"record: {source_url: [{pattern: '^(?P<value>\S+)$'}]}", address)
    assert found.as_mapping() == {"source_url": address}
    assert found.bad_url is None


@pytest.mark.parametrize(
    "address", ["example.org", "ftp://example.org/", "https://", "https://example.org/标题", "mailto:a@b"]
)
def test_what_is_no_address_is_kept_apart(address: str) -> None:
    found = record(r"record: {source_url: [{pattern: '^(?P<value>\S+)$'}]}", address)
    assert found.as_mapping() == {}
    assert found.bad_url is not None
    assert found.bad_url.value == address


def test_of_several_addresses_the_good_ones_count() -> None:
    body = "container: front-matter\nrecord: {source_url: [{front_matter: a}, {front_matter: b}]}"
    found = record(body, "---\na: [none, https://example.org/]\n---\n")
    assert (found.as_mapping(), found.bad_url) == ({"source_url": "https://example.org/"}, None)
    found = record(body, "---\na: none\nb: https://example.org/\n---\n")
    assert (found.as_mapping(), found.bad_url) == ({"source_url": "https://example.org/"}, None)


# --- disputes -----------------------------------------------------------------------------------------------------------


def disagreements(relation: str, left: str, right: str, more: str = "") -> list[str]:
    """How far the values of two front-matter keys are apart, in words, empty where they agree."""
    rule = {"same-text": "headlines-disagree", "same-url": "urls-disagree"}.get(relation, "dates-disagree")
    body = f"""
container: front-matter
time_zone: Asia/Shanghai
agree: [{{name: a, rule: {rule}, left: front_matter.a, right: front_matter.b, relation: {relation}{more}}}]
"""
    values = "".join(f"{key}: {value}\n" for key, value in (("a", left), ("b", right)) if value)
    return [each.difference for each in record(body, f"---\n{values}---\n").disagreements]


@pytest.mark.parametrize(("relation", "left", "right", "more", "expected"), table("record", "agreements"))
def test_places_that_must_agree(relation: str, left: str, right: str, more: str, expected: list[str]) -> None:
    assert disagreements(relation, left, right, more) == expected


DISPUTED = """
container: front-matter
record: {headline: [{front_matter: title}], date_published: [{front_matter: date}]}
agree:
  - {name: a, rule: dates-disagree, left: date_published, right: {path: '(?P<value>[0-9-]{10})'}, relation: same-day}
  - {name: b, rule: headlines-disagree, left: headline, right: {pattern: '^# (?P<value>.*)$'}, relation: same-text}
"""
DISPUTED_SEED = "---\ntitle: One\ndate: 2021-03-04\n---\n# Two\n\nText.\n"


def test_a_dispute_is_of_a_field_and_has_both_sides() -> None:
    found = record(DISPUTED, DISPUTED_SEED, "2021-03-07.md")
    dates, headlines = found.disagreements
    assert (dates.field, dates.left.value, dates.right.value, dates.right.span) == (
        "date_published",
        "2021-03-04",
        "2021-03-07",
        None,
    )
    assert (headlines.field, headlines.left.value, headlines.right.value) == ("headline", "One", "Two")
    assert headlines.right.span is not None
    assert DISPUTED_SEED[slice(*headlines.right.span)] == "Two"
    assert found.as_mapping() == {"headline": "One", "date_published": "2021-03-04"}  # what the first place says


def test_a_disputed_value_has_its_candidates() -> None:
    report = validator.validate(DISPUTED_SEED, source="new", path="2021-03-07.md", sources={"new": source(DISPUTED)})
    values = {each.field: each for each in report.values}
    assert [each.value for each in values["headline"].candidates] == ["One", "Two"]
    assert [each.value for each in values["date_published"].candidates] == ["2021-03-04", "2021-03-07"]
    assert all(each.disputed for each in values.values())
    agreeing = validator.validate(
        DISPUTED_SEED.replace("Two", "One"), source="new", path="2021-03-04.md", sources={"new": source(DISPUTED)}
    )
    assert not any(each.disputed or each.candidates for each in agreeing.values)


# --- the sidecar --------------------------------------------------------------------------------------------------------

ATTESTED = r"""
time_zone: Asia/Shanghai
publisher: A Paper
record:
  headline: [{pattern: '\A(?P<value>A [^\n]*)\n'}]
  date_published: [{pattern: '^On (?P<value>.*)$'}]
  agency: [{value: An Agency}]
"""


def attested(field: str, value: str, more: str = "") -> str:
    return f"record:\n  {field}: {{value: {value}, basis: the print{more}}}\n"


@pytest.mark.parametrize(
    ("seed", "sidecar", "value", "contradictions"),
    [
        # completes what is missing
        ("Text.\n", attested("headline", "One"), "One", 0),
        ("Text.\n", attested("date_published", "2021-03-04T10:10"), "2021-03-04T10:10+08:00", 0),
        # completes a year, or a time
        ("On March 4\n", attested("date_published", "2021-03-04"), "2021-03-04", 0),
        ("On 2021-03-04\n", attested("date_published", "2021-03-04T10:10"), "2021-03-04T10:10+08:00", 0),
        # says the same
        ("A headline\n", attested("headline", "A headline"), "A headline", 0),
        ("On 4 March 2021\n", attested("date_published", "2021-03-04"), "2021-03-04", 0),
        ("On 2021-03-04 10:10\n", attested("date_published", "2021-03-04T02:10Z"), "2021-03-04T10:10+08:00", 0),
        # disagrees: the text wins
        ("A headline\n", attested("headline", "Another"), "A headline", 1),
        ("On March 4\n", attested("date_published", "2021-03-05"), "XXXX-03-04", 1),
        ("On 2021-03-04\n", attested("date_published", "2021-03-05"), "2021-03-04", 1),
        ("On 2021-03-04 10:10\n", attested("date_published", "2021-03-04T10:11"), "2021-03-04T10:10+08:00", 1),
        # replaces what it names, and only that
        ("A headline\n", attested("headline", "Another", ", replaces: A headline"), "Another", 0),
        ("A  headline\n", attested("headline", "Another", ", replaces: A headline"), "Another", 0),
        ("A headline\n", attested("headline", "Another", ", replaces: A heading"), "A headline", 1),
        ("On 4 March 2021\n", attested("date_published", "2021-03-05", ", replaces: 2021-03-04"), "2021-03-05", 0),
        ("On 4 March 2021\n", attested("date_published", "2021-03-05", ", replaces: 4 March 2021"), "2021-03-05", 0),
        ("On 4 March 2021\n", attested("date_published", "2021-03-05", ", replaces: 2021-03-03"), "2021-03-04", 1),
        # what cannot be read is replaced by naming it
        ("On some day\n", attested("date_published", "2021-03-05"), None, 1),
        ("On some day\n", attested("date_published", "2021-03-05", ", replaces: some day"), "2021-03-05", 0),
        # what nobody stated gives way
        ("Text.\n", attested("agency", "Another Agency"), "Another Agency", 0),
        ("Text.\n", attested("publisher", "Another Paper"), "Another Paper", 0),
    ],
)
def test_text_wins_over_a_sidecar_which_completes(
    seed: str, sidecar: str, value: str | None, contradictions: int
) -> None:
    found = record(ATTESTED, seed, sidecar=sidecar)
    field = sidecar.split()[1].rstrip(":")
    assert found.as_mapping().get(field) == value
    assert len(found.contradictions) == contradictions
    reading = found.reading(field)
    if reading is not None and reading.basis is Basis.ATTESTED:
        assert "the print" in reading.note
        assert "seed.txt.meta.yaml" in reading.note
        assert found.malformed is None


def test_a_contradiction_has_both_sides() -> None:
    (found,) = record(ATTESTED, "A headline\n", sidecar=attested("headline", "Another")).contradictions
    assert (found.attested.value, found.stated.value, found.stated.span) == ("Another", "A headline", Span(0, 10))


def test_a_completed_date_keeps_the_place_of_the_incomplete_one() -> None:
    reading = record(ATTESTED, "On March 4\n", sidecar=attested("date_published", "2021-03-04")).reading(
        "date_published"
    )
    assert reading is not None
    assert (reading.basis, reading.span) == (Basis.ATTESTED, Span(3, 10))


def test_a_sidecar_settles_a_dispute() -> None:
    body = attested("headline", "One")
    found = record(DISPUTED, DISPUTED_SEED, "2021-03-07.md", sidecar=body)
    assert [each.field for each in found.disagreements] == ["date_published"]


# --- residue and the body -----------------------------------------------------------------------------------------------


def body_of(schema: str, seed: str) -> list[str]:
    """The lines of the body that hold text, as the mask has them."""
    found = record(schema, seed)
    assert found.masked[: found.body.start].strip("\n") == ""
    assert found.masked[found.body.end :].strip("\n") == ""
    return [line for line in (each.replace(GONE, "").strip() for each in found.masked.split("\n")) if line]


HEAD = "A headline\nBy A. Specimen\n2021-03-04\n\nOne.\n\nTwo.\n"
HEADED = r"""
record:
  headline: [{pattern: '\A(?P<value>A [^\n]*)\n'}]
  byline: [{pattern: '^By (?P<value>.*)$'}]
  date_published: [{pattern: '^(?P<value>\d{4}-\d\d-\d\d)$'}]
"""


@pytest.mark.parametrize(
    ("more", "seed", "expected"),
    [
        ("", HEAD, ["One.", "Two."]),  # what follows the lines that hold nothing but a value
        ("", "One.\n", ["One."]),
        ("", "A headline\nOne. 2021-03-04\n", ["One. 2021-03-04"]),
        ("", f"One.\n{'More.' + chr(10)}{HEAD}", ["One.", "Two."]),
        (
            "",
            "One.\n" * 14 + "By A. Specimen\nTwo.\n",
            [*["One."] * 14, "By A. Specimen", "Two."],
        ),  # far down: a line of the text
        ("  body: [{after: byline}]", HEAD, ["2021-03-04", "One.", "Two."]),
        ("  body: [{before: byline}]", HEAD, ["A headline"]),
        ("  body: [{after: headline, before: date_published}]", HEAD, ["By A. Specimen"]),
        ("  body: [{after: agency}, {after: byline}]", HEAD, ["2021-03-04", "One.", "Two."]),
        ("  body: [{after: {pattern: '^One'}}]", HEAD, [".", "Two."]),
        ("  body: [{after: headline, before: {pattern: 'T'}}]", HEAD, ["By A. Specimen", "2021-03-04", "One."]),
        ("  body: [{after: date_published, before: {pattern: '-0'}}]", HEAD, ["One.", "Two."]),  # it only stands above
        ("  body: [{after: date_published, before: {pattern: 'e'}}]", HEAD, ["On"]),  # the first below, not the first
        ("  body: [{after: {pattern: nowhere}}]", HEAD, ["One.", "Two."]),
        ("  body: [{after: date_published, before: headline}]", HEAD, ["One.", "Two."]),  # the wrong way round
    ],
)
def test_where_the_body_begins_and_ends(more: str, seed: str, expected: list[str]) -> None:
    assert body_of(HEADED + more, seed) == expected


RESIDUE = """
record: {headline: [{pattern: '^(?P<value>A [^\\n]*)$'}], body: [{after: headline, before: residue.tail}]}
residue:
  - {name: head, rule: page-furniture, from: '^Menu', before: headline}
  - {name: line, rule: leaked-field, pattern: '^Share(?P<residue> this)?$'}
  - {name: tail, rule: page-furniture, from: '^More$', to_end: true, at_most: 0.5, leaves_at_least: 10}
"""


def left(schema: str, seed: str) -> list[tuple[str, str, str | None]]:
    """The residue of a seed: its name, its text, and what a fix would take."""
    return [
        (each.residue.name, seed[slice(*each.span)], seed[slice(*each.removal)] if each.removal else None)
        for each in record(schema, seed).residue
    ]


def test_residue_has_its_extent_and_what_may_be_taken() -> None:
    seed = "Menu\none\n\nA headline\nOne paragraph of the article.\nShare this\nTwo.\nShare\n\nMore\na\nb\n"
    assert left(RESIDUE, seed) == [
        ("head", "Menu\none", "Menu\none\n\n"),
        ("line", " this", " this"),
        ("line", "Share", "Share"),
        ("tail", "More\na\nb", "\nMore\na\nb\n"),  # with the empty lines before it
    ]
    assert body_of(RESIDUE, seed) == ["One paragraph of the article.", "Share", "Two."]


def test_a_tail_that_is_too_large_or_leaves_too_little_is_not_taken() -> None:
    assert left(RESIDUE, "A headline\nOne.\nMore\n" + "x" * 40) == [("tail", "More\n" + "x" * 40, None)]
    assert left(RESIDUE, "A one\nOne\n\nMore\nx") == [("tail", "More\nx", None)]
    assert left(RESIDUE, "A headline\nOne, two, three.\n\nMore\nx")[0][2] is not None


def test_without_a_tail_the_body_runs_to_the_end() -> None:
    assert body_of(RESIDUE, "A headline\nOne.\nTwo.\n") == ["One.", "Two."]


def test_a_head_without_what_ends_it_is_none() -> None:
    assert left(RESIDUE, "Menu\none\n") == []
    assert left(RESIDUE, "A headline\nMenu\n") == []  # it stands above


ELEMENTS = """
container: html
residue:
  - {name: advertisement, rule: advertisement, element: {tag: div, id: 'ad-*'}, only_if: no-text}
  - {name: paywall, rule: paywall, element: {class: wall}}
"""


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        ('<p>1</p><div id="ad-1"> <b></b></div>', [("advertisement", '<div id="ad-1"> <b></b></div>', True)]),
        ('<div id="ad-1">&nbsp;<img alt="x"><script>x</script></div>1', [("advertisement", None, True)]),
        ('<div id="ad-1">text</div>', []),
        ('<div id="ad-1"><p>text</p></div>', []),
        ('<p id="ad-1"></p>', []),
        (
            '<div id="ad-1"><div id="ad-2"></div></div>',
            [("advertisement", '<div id="ad-1"><div id="ad-2"></div></div>', True)],
        ),
        ('<div class="wall" id="ad-1"></div>', [("advertisement", None, True)]),
        ('<p class="a wall">text</p>', [("paywall", '<p class="a wall">text</p>', False)]),
        ('<div id="ad-1">', [("advertisement", '<div id="ad-1">', False)]),  # it never ends: nobody may take it
        ('<!-- <div id="ad-1"></div> -->', []),
        ('---\nx: <div id="ad-1"></div>\n---\n1', []),  # in front matter it is a value
    ],
)
def test_elements_that_are_residue(seed: str, expected: list[tuple[str, str | None, bool]]) -> None:
    found = left(ELEMENTS, seed)
    assert [(name, taken is not None) for name, _, taken in found] == [(name, taken) for name, _, taken in expected]
    for (_, text, _), (_, wanted, _) in zip(found, expected, strict=True):
        assert wanted is None or text == wanted


def test_residue_and_headings_are_no_text_of_the_body() -> None:
    seed = '<h1>A headline</h1><p>One.</p><div id="ad-1"></div><p class="wall">Pay.</p><h2>Two</h2>'
    assert body_of(ELEMENTS, seed) == ["One.", "Two"]
    assert body_of(ELEMENTS.replace("html", "plain-text"), "1 <h1 2") == ["1 <h1 2"]


def test_elements_are_found_behind_a_mark_and_cr_lf() -> None:
    seed = '\ufeff---\r\ntitle: 完\r\n---\r\n完\r\n<div\r\nid="ad-1">\r\n</div>\r\n'
    assert left(ELEMENTS, seed)[0][1] == '<div\r\nid="ad-1">\r\n</div>'


def test_of_each_element_no_more_is_masked_than_the_element(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may have a hundred thousand of them, and each mask is as long as its text."""
    masked: list[int] = []

    def counting(text: str, start: int, end: int, markup: str, content: int | None = None) -> str:
        masked.append(len(text))
        return mask(text, start, end, markup, content)

    monkeypatch.setattr(validator.record.residue, "mask", counting)
    seed = '<div id="ad-1"></div>' * 100
    assert len(left(ELEMENTS, seed)) == 100
    assert sum(masked) == 2 * len(seed)  # once by parts, once for the body


@pytest.mark.parametrize(
    ("seed", "at", "characters"),
    [
        ("One.\n", "One.", 4),
        ("\n\n  One. \u3000\nTwo.\u2003\u2060\x85\n", "One. \u3000\nTwo.", 8),
        ("\ufeff\u200bOne.\u00ad", "One.", 4),
        ("\ufeff \n\u00a0\u200b\n", None, 0),
        ("", None, 0),
    ],
)
def test_the_extent_of_the_text(seed: str, at: str | None, characters: int) -> None:
    found = record("", seed)
    assert found.characters == characters
    assert (seed[found.first : found.last] if found.first is not None else None) == at


def test_the_extent_of_marked_up_text_leaves_out_what_is_no_text() -> None:
    seed = "<div>\n<p><b>One</b> &amp; two.</p><script>three</script></div>"
    found = record("container: html", seed)
    assert found.first is not None
    assert found.last is not None
    assert seed[found.first : found.last] == "One</b> &amp; two."
    assert found.characters == len("One&two.")


# --- the headline's own characters --------------------------------------------------------------------------------------


def headline_pieces(schema: str, seed: str) -> list[tuple[int, str]]:
    result = seen(schema, seed)
    assert result.record is not None
    return masked_headline(result.decoded.text, result.normal, result.front_matter, result.record)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", BYTE_ORDER_MARK])
@pytest.mark.parametrize(
    ("written", "read", "widths"),
    [
        ("One完", "One完", [4]),  # all of it stands there as it is: one piece
        ("'It''s 😀'", "It's 😀", [1, 1, 2, 1, 1, 1]),
        (r'"a\"b\u5b8c\x41"', 'a"b完A', [1, 2, 1, 6, 4]),
    ],
)
def test_each_character_of_a_headline_has_its_place(
    line_end: str, mark: str, written: str, read: str, widths: list[int]
) -> None:
    seed = mark + f"---\ntitle: {written}   # one\n---\nText.\n".replace("\n", line_end)
    pieces = headline_pieces("container: front-matter\nrecord: {headline: [{front_matter: title}]}", seed)
    assert "".join(piece for _, piece in pieces).replace(GONE, "") == read
    assert [len(piece) for _, piece in pieces] == widths
    start = seed.index(written) + (written[0] in "'\"")
    assert [at for at, _ in pieces] == [start + sum(widths[:number]) for number in range(len(widths))]


@pytest.mark.parametrize("written", ["|\n  One", ">-\n  One", "One\n  two", "'One\n  two'", "[One]", "~", ""])
def test_a_headline_over_lines_has_no_pieces(written: str) -> None:
    seed = f"---\ntitle: {written}\n---\nText.\n"
    pieces = headline_pieces("container: front-matter\nrecord: {headline: [{front_matter: title}]}", seed)
    assert "".join(piece for _, piece in pieces) == ("One" if written == "[One]" else "")


def test_a_headline_in_the_text_is_its_own_piece() -> None:
    assert headline_pieces(r"record: {headline: [{pattern: '\A(?P<value>[^\n]+)'}]}", "It's  one\nText.\n") == [
        (0, "It's  one")
    ]
    assert headline_pieces("record: {headline: [{value: One}]}", "Text.\n") == []
    assert headline_pieces("", "Text.\n") == []


@given(st.text(st.sampled_from("a'\"\\ 完😀:#é\u2028"), min_size=1, max_size=12))
def test_any_headline_in_front_matter_has_its_characters_in_their_places(text: str) -> None:
    for written in ("'" + text.replace("'", "''") + "'", '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'):
        seed = f"---\ntitle: {written}\n---\nText.\n"
        matter = read_front_matter(seed)
        assert matter is not None
        if matter.problem is not None or not fold_whitespace(text):
            continue
        pieces = headline_pieces("container: front-matter\nrecord: {headline: [{front_matter: title}]}", seed)
        assert "".join(piece for _, piece in pieces).replace(GONE, "") == text
        for at, piece in pieces:
            stands = seed[at : at + len(piece)]
            assert stands == piece or stands.endswith(piece[0])


# --- the sources that ship ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", sorted(own_sources()))
@given(text=WORDS)
def test_the_shipped_sources_read_any_text(identifier: str, text: str) -> None:
    seed = text.encode("utf-8", "replace")
    for fence in (b"", b"---\ntitle: One\ndate: 2021-03-04\nfrom: https://example.org/\n---\n"):
        found = look(fence + seed, own_sources(), "2021-03-04-a.md", Claim(identifier, "the test")).record
        assert found is not None
        mapping: dict[str, Any] = found.as_mapping()
        assert all(value for value in mapping.values())


def test_every_whitespace_character_is_passed_over_where_the_body_begins_and_ends() -> None:
    spaces = "".join(chr(number) for number in range(sys.maxunicode + 1) if chr(number).isspace())
    whole = Span(0, 2 * len(spaces) + 4)
    assert extent(f"{spaces}One.{spaces}", whole) == (len(spaces), len(spaces) + 4)
    assert set(WHITESPACE_OR_UNSEEN) - set(spaces) == {GONE, *"\u200b\u00ad\ufeff\u2060"}
