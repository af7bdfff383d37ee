"""Source schemas: what stands in them comes to be a source; what is wrong with one is said with file, line and nearest name."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import validator
from validator.archive.face import load_sources, own_sources
from validator.archive.opening import example_failures
from validator.archive.root import read_schemas, schemas_folder
from validator.parsing import yaml_spans
from validator.parsing.dates import check_format
from validator.parsing.pages import find_elements
from validator.record.agreement import DISPUTED_FIELD
from validator.rules import RULES
from validator.sources.json_schema import FORMATS
from validator.sources.model import FIELDS, Place, RuleSetting, Selector, Source
from validator.sources.schema_file import read_sources
from validator.text.errors import ConfigError
from validator.text.findings import Applicability, Severity
from validator.text.patterns import compile_pattern

OPTIONS: dict[str, dict[str, Any]] = {rule.name: rule.options for rule in RULES.values()}
META_SCHEMA = (schemas_folder() / "source.schema.json").read_text("utf-8")
SHIPPED = tuple(sorted(Path(name).stem for name, _ in read_schemas(schemas_folder())))
PERMANENT = {
    "base", "chinamil-text", "chinanews-translated", "front-matter", "html-page", "jekyll-post", "mod-gov-cn",
    "peoples-daily-page", "plain-text", "zaobao-jekyll",
}  # fmt: skip


def written(sources: Mapping[str, Source]) -> dict[str, dict[str, Any]]:
    """All that sources hold, to compare them with others: a source is equal to itself alone."""
    return {name: asdict(source) for name, source in sources.items()}


def read(*files: tuple[str, str]) -> dict[str, Source]:
    return read_sources(files, META_SCHEMA, OPTIONS)


def source(body: str, **others: str) -> Source:
    """The source `new`, whose schema is its id, its title and this; `others` are schemas by id, `_` for `-`."""
    files = [(f"{name.replace('_', '-')}.yaml", _named(name.replace("_", "-"), text)) for name, text in others.items()]
    return read(*files, ("folder/new.yaml", _named("new", body)))["new"]


def _named(name: str, body: str) -> str:
    return f"id: {name}\ntitle: What {name} is\n{body}\n"


def failure(text: str, *others: tuple[str, str], name: str = "folder/new.yaml") -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(*others, (name, text))
    return caught.value


PURE: Any = yaml_spans.parser_class(pure=True)
TOO_DEEP = "more than 64 mappings or sequences are nested"

# --- what is wrong ------------------------------------------------------------------------------------------------------

SCHEMAS = Path(__file__).parent / "schemas"
WRONG = (SCHEMAS / "wrong.txt").read_text("utf-8").replace(r"\x07", "\x07").replace(r"\t", "\t")


def wrong() -> Iterator[Any]:
    for case in WRONG.strip().split("\n\n")[1:]:
        name, _, rest = case.partition("\n")
        body, _, said = rest.partition("\n= ")
        message, _, near = said.partition("\n? ")
        yield pytest.param(body, message, near.strip() or None, id=name.removeprefix("# "))
    yield pytest.param(f">text: {'[' * 200_000}", TOO_DEEP, None, id="200,000 brackets")
    yield pytest.param(f">text: {'{a: ' * 200_000}", TOO_DEEP, None, id="200,000 mappings")


@pytest.mark.parametrize(("body", "message", "near"), tuple(wrong()))
def test_what_is_wrong_is_said_with_its_line_and_the_nearest_name(body: str, message: str, near: str | None) -> None:
    text = _named("new", body)
    (line,) = (number for number, line in enumerate(text.split("\n"), 1) if line.startswith(">"))
    error = failure(text.replace("\n>", "\n"), ("base.yaml", _named("base", "")))
    assert message in error.message
    assert "\n" not in error.message
    assert (error.file, error.line) == ("folder/new.yaml", line)
    assert near == "*" or error.suggestion == near


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("title: a", 'the schema has no "id"', 1),
        ("id: new", 'the schema has no "title"', 1),
        ("id: other\ntitle: a", "id is 'other', but the file is called 'new'", 1),
        ("title: a\nid: New One", 'id "New One" does not look as expected (the source\'s name', 2),
        ("title: a\nid: -new", 'id "-new" does not look as expected (the source\'s name', 2),
        ("", "the source schema is empty", 1),
        ("# nothing", "the source schema is empty", 1),
        ("- id: new", "a list is here, and lines of the form `key: value` were expected", 1),
        ("new", "a text is here, and lines of the form `key: value` were expected", 1),
        ("[" * 200_000, TOO_DEEP, 1),
        ("\ufeffid: new\ntitle: a\nx: 1", 'unknown key "x"', 3),
    ],
)
def test_what_is_wrong_with_a_file_as_a_whole(text: str, message: str, line: int) -> None:
    error = failure(text)
    assert message in error.message
    assert (error.file, error.line) == ("folder/new.yaml", line)


@pytest.mark.parametrize("limit", [65, 200, 1_000])
@pytest.mark.parametrize("words", ["exceeded maximum nesting depth", "no room for one more", ""])
@pytest.mark.parametrize("body", ["{}", "x: {}", "x: {{y: {}}}", "- {}", "x: ['a', {}]"])
def test_our_limit_speaks_first_whatever_the_limit_of_the_library(
    monkeypatch: pytest.MonkeyPatch, limit: int, words: str, body: str
) -> None:
    class Limited(PURE):  # type: ignore[misc]
        def fetch_flow_collection_start(self, *arguments: Any) -> None:
            if self.flow_level >= limit:
                raise yaml.scanner.ScannerError("while reading ahead", None, words, self.get_mark())
            super().fetch_flow_collection_start(*arguments)

    monkeypatch.setattr(yaml_spans, "parser_class", lambda: Limited)
    error = failure("# a comment\n" + body.format("[" * 1_100))
    assert (error.message, error.line) == (TOO_DEEP, 2)


def test_a_limit_of_the_library_that_is_lower_than_ours_is_told_in_our_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(PURE):  # type: ignore[misc]
        def get_event(self) -> Any:
            raise yaml.YAMLError("nested too deeply for this library")

    monkeypatch.setattr(yaml_spans, "parser_class", lambda: Refusing)
    assert failure(_named("new", "")).message == TOO_DEEP


def test_ancestors_that_come_back_are_told_in_their_order() -> None:
    error = failure(
        _named("new", "extends: second"),
        ("second.yaml", _named("second", "extends: third")),
        ("third.yaml", _named("third", "extends: second")),
    )
    assert "extends itself: " in error.message
    assert "second -> third -> second" in error.message or "third -> second -> third" in error.message


def test_what_an_ancestor_lacks_is_missed_in_the_file_that_asks() -> None:
    error = failure(
        _named("new", "extends: base\nfront_matter: {properties: {a: {$ref: '#/$defs/longer'}}}"),
        ("base.yaml", _named("base", "front_matter: {$defs: {long: {}}}")),
    )
    assert (error.file, error.line, error.suggestion) == ("folder/new.yaml", 4, "#/$defs/long")
    child = source(
        "extends: base\nfront_matter: {properties: {a: {$ref: '#/$defs/long'}}}",
        base="front_matter: {$defs: {long: {}}}",
    )
    assert "$defs" in json.loads(child.front_matter or "")


def test_without_a_time_zone_database_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import zoneinfo

    def unknown(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", unknown)
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    error = failure(_named("new", "time_zone: Asia/Shanghai"))
    assert "no time zone database: install the package tzdata" in error.message


TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(FIELDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "pattern",
                    "name",
                    "rule",
                    "from",
                    "before",
                    "after",
                    "record",
                    "required",
                    "body",
                    "type",
                    "properties",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            sorted({"identify", "record", "agree", "residue", "rules", "front_matter", "text", "encoding", "examples"})
        ),
        TREES,
        max_size=3,
    )
)
def test_any_content_is_a_source_or_is_refused(content: dict[str, Any]) -> None:
    text = yaml.safe_dump({"id": "new", "title": "a", **content}, allow_unicode=True)
    error = None
    try:
        read(("new.yaml", text))
    except ConfigError as caught:
        error = caught
    if error is not None:
        assert error.file == "new.yaml"
        assert error.line is not None
        assert 1 <= error.line <= text.count("\n") + 1


@given(st.text(st.sampled_from("ab:-[]{},'\"#&*!|>%@ \n\t\x07完😀")))
def test_any_text_is_a_source_or_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        read(("new.yaml", text))


# --- what comes of it ---------------------------------------------------------------------------------------------------


def test_a_source_holds_what_stands_in_its_schema() -> None:
    found = source((SCHEMAS / "whole.yaml").read_text("utf-8"), base="agencies: [Another]")
    assert (found.id, found.title, found.file, found.ancestors) == ("new", "What new is", "folder/new.yaml", ("base",))
    identify = found.identify
    assert identify is not None
    assert (identify.paths, identify.hosts) == (("**/a/**",), ("example.org",))
    assert (identify.text, identify.keys, identify.keys_score) == ((("a", 3), ("b", 4)), ("title", "date"), 2)
    assert (identify.at_least, identify.certain_from) == (5, 5)  # certain from the threshold on unless told
    policy = found.policy
    assert (policy.container, policy.markup, policy.language) == ("html", "html", "zh-Hans")
    assert (policy.script, policy.quotes, policy.encoding, policy.legacy) == ("cjk", "curly", "utf-8", ("gbk", "big5"))
    assert (found.time_zone, found.date_order) == ("Asia/Shanghai", "day-first")
    assert (found.publishers, found.agencies) == (("One Paper",), ("An Agency",))
    assert json.loads(found.front_matter or "") == {"properties": {"标题": {"const": "完"}}}
    assert found.required == {"headline": Severity.WARNING, "body": Severity.ERROR}
    assert found.places["headline"] == (
        Place(front_matter="a.b"),
        Place(pattern="(?P<value>a)", within_lines=3),
        Place(above="byline"),
        Place(value="same"),
    )
    assert found.places["byline"] == (Place(pattern="(?P<value>a)", kind="person", split=","),)
    assert found.places["date_published"] == (
        Place(path="(?P<value>a)", format="%d.%m.%Y"),
        Place(url="(?P<value>b)"),
        Place(from_field="dateline"),
    )
    assert found.places["publisher"] == (Place(value=("one", "two")),)
    assert found.places["body"] == (Place(after="headline", before="residue.tail"), Place(after="pattern:a"))
    first, second = found.agreements
    assert (first.left, first.right) == (Place(front_matter="date"), Place(url="(?P<value>a)", format="epoch-s"))
    assert (first.tolerance_seconds, first.severity, first.describes) == (7200, Severity.INFO, "the address")
    assert (second.left, second.right) == (Place(from_field="source_url"), Place(from_field="headline"))
    assert (second.tolerance_seconds, second.severity, second.relation) == (0, None, "same-url")
    tail, advertisement, leaked, paywall = found.residues
    assert (tail.from_pattern, tail.to_end, tail.at_most, tail.leaves_at_least) == ("a", True, 0.6, 400)
    assert advertisement.element == Selector(tag=("div", "p"), id=("b",), class_=("c*",), href=("d",), src=("e",))
    assert (advertisement.only_if_no_text, leaked.only_if_no_text) == (True, False)
    assert (leaked.pattern, leaked.lifts, leaked.means, leaked.severity) == (
        "a",
        "date_published",
        "much",
        Severity.WARNING,
    )
    assert (paywall.before, paywall.at_most, paywall.leaves_at_least) == ("pattern:b", 1.0, 0)
    assert found.rules == {
        "mixed-quotes": RuleSetting(severity="off"),
        "stray-quote": RuleSetting(severity=Severity.ERROR),
        "blank-lines": RuleSetting(Severity.WARNING, Applicability.DISPLAY, {"at_most": 3}),
    }
    assert [example["name"] for example in found.examples] == ["a"]
    assert asdict(pickle.loads(pickle.dumps(found))) == asdict(found)


def test_a_source_of_two_lines_has_defaults() -> None:
    found = source("")
    assert found.identify is None
    assert (found.policy.container, found.policy.markup, found.policy.script) == ("plain-text", "text", "auto")
    assert (found.places, found.required, found.agreements, found.residues, found.rules) == ({}, {}, (), (), {})
    assert found.front_matter is None


@pytest.mark.parametrize(
    ("container", "markup"),
    [("plain-text", "text"), ("page-capture", "text"), ("front-matter", "markdown"), ("html", "html")],
)
def test_what_the_body_is_written_in_follows_from_the_container(container: str, markup: str) -> None:
    assert source(f"container: {container}").policy.markup == markup
    assert source(f"container: {container}\nbody: text").policy.markup == "text"


@pytest.mark.parametrize(
    ("tolerance", "seconds"),
    [
        ("5 s", 5),
        ("5s", 5),
        ("1 second", 1),
        ("2 seconds", 2),
        ("3 minutes", 180),
        ("1 hour", 3600),
        ("2 days", 172_800),
    ],
)
def test_tolerances(tolerance: str, seconds: int) -> None:
    found = source(
        "agree: [{name: a, rule: dates-disagree, left: headline, right: byline, relation: same-day, "
        f"tolerance: {tolerance}}}]"
    )
    assert found.agreements[0].tolerance_seconds == seconds


def test_words_that_yaml_takes_for_something_else_are_words() -> None:
    found = source(
        "publisher: [no, Yes, on, OFF]\nlanguage: no\nrules: {mixed-quotes: off}\ntitle2: x".replace("\ntitle2: x", "")
    )
    assert found.publishers == ("no", "Yes", "on", "OFF")
    assert found.policy.language == "no"
    found = source("record: {date_published: [{value: 2021-03-04}]}")
    assert found.places["date_published"] == (Place(value="2021-03-04"),)


# --- extends ------------------------------------------------------------------------------------------------------------

PARENT = (SCHEMAS / "parent.yaml").read_text("utf-8")


def test_without_more_a_child_is_its_parent_but_for_what_is_never_inherited() -> None:
    child, parent = source("extends: parent", parent=PARENT), source(PARENT)
    own = {"id", "title", "file", "ancestors", "identify", "examples"}
    for each in fields(Source):
        same = getattr(child, each.name) == getattr(parent, each.name)
        assert same or each.name in own, each.name
    assert (child.identify, child.examples, child.title) == (None, (), "What new is")
    assert child.ancestors == ("parent",)


def test_mappings_merge_at_every_depth() -> None:
    child = source(
        "extends: parent\n"
        "front_matter: {properties: {a: {minLength: 5}, c: {}}}\n"
        "record: {required: {byline: optional, body: info}}\n"
        "rules: {mixed-quotes: error, blank-lines: {severity: error}}\n"
        "text: {quotes: straight}\n",
        parent=PARENT,
    )
    assert json.loads(child.front_matter or "")["properties"] == {
        "a": {"type": "string", "minLength": 5},
        "b": {},
        "c": {},
    }
    assert child.required == {"headline": Severity.ERROR, "body": Severity.INFO}
    assert child.rules["mixed-quotes"].severity is Severity.ERROR
    assert child.rules["blank-lines"] == RuleSetting(Severity.ERROR, None, {"at_most": 3})
    assert (child.policy.script, child.policy.quotes) == ("cjk", "straight")


def test_lists_replace() -> None:
    child = source(
        "extends: parent\nfront_matter: {required: [c]}\nrecord: {headline: [{front_matter: c}]}\npublisher: Three\n"
        "encoding: {legacy: []}\n",
        parent=PARENT,
    )
    assert json.loads(child.front_matter or "")["required"] == ["c"]
    assert child.places["headline"] == (Place(front_matter="c"),)
    assert child.places["byline"] == (Place(front_matter="author"),)
    assert child.publishers == ("Three",)
    assert child.policy.legacy == ()


def test_agreements_and_residue_append_and_the_same_name_replaces() -> None:
    child = source(
        "extends: parent\n"
        "agree: [{name: three, rule: urls-disagree, left: headline, right: byline, relation: same-url},"
        " {name: one, rule: dates-disagree, left: byline, right: dateline, relation: same-instant}]\n"
        "residue: [{name: two, rule: advertisement, pattern: other}, {name: three, rule: paywall, pattern: three}]\n",
        parent=PARENT,
    )
    assert [(each.name, each.relation) for each in child.agreements] == [
        ("two", "same-day"), ("three", "same-url"), ("one", "same-instant"),
    ]  # fmt: skip
    assert [(each.name, each.rule, each.pattern) for each in child.residues] == [
        ("one", "paywall", "one"), ("two", "advertisement", "other"), ("three", "paywall", "three"),
    ]  # fmt: skip


def test_lists_called_agree_or_residue_deeper_down_replace_as_others_do() -> None:
    child = source(
        "extends: parent\nfront_matter: {dependentRequired: {agree: [c], residue: [d]}}",
        parent="front_matter: {dependentRequired: {agree: [a, b], residue: [a]}}",
    )
    assert json.loads(child.front_matter or "")["dependentRequired"] == {"agree": ["c"], "residue": ["d"]}


def test_ancestors_are_nearest_first_and_the_nearest_wins() -> None:
    child = source(
        "extends: one", one="extends: two\nlanguage: en", two="extends: three\nlanguage: zh", three="time_zone: UTC"
    )
    assert child.ancestors == ("one", "two", "three")
    assert (child.policy.language, child.time_zone) == ("en", "UTC")


def test_ancestors_stay_what_they_are() -> None:
    found = read(
        ("parent.yaml", _named("parent", PARENT)), ("new.yaml", _named("new", "extends: parent\ntext: {script: latin}"))
    )
    assert found["parent"].policy.script == "cjk"
    assert [each.name for each in found["parent"].residues] == ["one", "two"]


def test_a_later_file_of_the_same_id_replaces_the_earlier() -> None:
    found = read(
        ("one/new.yaml", _named("new", "language: en\ntime_zone: UTC")),
        ("two/new.yaml", _named("new", "language: zh")),
        ("one/child.yml", _named("child", "extends: new")),
    )
    assert (found["child"].policy.language, found["child"].time_zone) == ("zh", None)
    assert found["new"].file == "two/new.yaml"


# --- elements -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "tag", "attributes", "expected"),
    [
        (Selector(tag=("div",)), "div", {}, True),
        (Selector(tag=("div", "p")), "p", {}, True),
        (Selector(tag=("div",)), "p", {}, False),
        (Selector(id=("ad-*", "top")), "p", {"id": "ad-7"}, True),
        (Selector(id=("ad-*",)), "p", {"id": "bad-7"}, False),
        (Selector(id=("ad-*",)), "p", {"id": "AD-7"}, False),
        (Selector(id=("*",)), "p", {}, True),
        (Selector(class_=("b*",)), "p", {"class": "a bc d"}, True),
        (Selector(class_=("b",)), "p", {"class": "abc"}, False),
        (Selector(class_=("b",)), "p", {}, False),
        (Selector(tag=("a",), href=("*shop*",)), "a", {"href": "https://shop.example/"}, True),
        (Selector(tag=("a",), href=("*shop*",)), "b", {"href": "https://shop.example/"}, False),
        (Selector(src=("*.gif",), class_=("x",)), "img", {"src": "a.gif", "class": "y"}, False),
    ],
)
def test_which_elements_a_selector_means(
    selector: Selector, tag: str, attributes: Mapping[str, str], expected: bool
) -> None:
    assert selector.fits(tag, attributes) == expected


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (Selector(tag=("hr",)), "a<hr>b"),
        (Selector(id=("*[0-9]b",)), "<p id=x7b></p>"),
        (Selector(href=("*?a=1&b=2*",)), "<a href='/?a=1&amp;b=2'></a>"),
        (Selector(id=("ad-*", "top")), "<p id=top></p>"),
        (Selector(class_=("*",)), "<p class=a></p>"),
    ],
)
def test_elements_of_a_text_that_a_selector_means(selector: Selector, text: str) -> None:
    assert find_elements(text, selector.fits)


# --- from one file to findings ------------------------------------------------------------------------------------------

GAZETTE = (SCHEMAS / "gazette.yaml").read_text("utf-8")


@pytest.fixture(name="gazette")
def _gazette(tmp_path: Path) -> dict[str, Source]:
    (tmp_path / "gazette.yaml").write_text(GAZETTE, "utf-8")
    return load_sources([tmp_path], tmp_path)


def test_a_new_source_is_one_file(gazette: dict[str, Source]) -> None:
    assert set(gazette) == {*SHIPPED, "gazette"}
    assert example_failures(gazette, "gazette") == []
    seed = "\ufeffGAZETTE No. 8\r\nOne\r\nWritten by A. Specimen\r\n5.3.2021 05:06\r\nText. \r\nEnd"
    report = validator.validate(seed, sources=gazette)
    assert (report.source, report.verdict) == ("gazette", "invalid")
    assert report.record["date_published"] == "2021-03-05T05:06+08:00"
    found = {finding.rule: finding for finding in report.findings}
    assert "trailing-whitespace" not in found  # off
    assert found["final-newline"].severity is Severity.ERROR
    fix = found["byte-order-mark"].fix
    assert fix is not None
    assert fix.applicability is Applicability.DISPLAY  # lowered
    assert "gazette" not in own_sources()


def test_examples_that_do_not_come_out_are_told(tmp_path: Path) -> None:
    text = GAZETTE.replace("verdict: valid", "verdict: invalid").replace("certain: true", "certain: false")
    text = text.replace("headline: A headline of this example,", "headline: Another,").replace(
        "[byline-impersonal, ", "["
    )
    (tmp_path / "gazette.yaml").write_text(text, "utf-8")
    said = example_failures(load_sources([tmp_path], tmp_path), "gazette")
    assert [line.partition(": example ")[2] for line in said] == [
        '"complete": the verdict is valid, expected invalid',
        '"complete": the match is certain',
        "\"complete\": headline is 'A headline of this example', expected 'Another'",
        '"with an end": the findings are byline-impersonal, page-furniture, expected page-furniture',
    ]
    assert all(line.startswith("gazette.yaml") or "/gazette.yaml" in line for line in said)


@pytest.mark.parametrize(("applicability", "expected"), [("", "safe"), ("unsafe", "unsafe"), ("display", "display")])
def test_a_source_may_lower_what_a_rule_may_do(tmp_path: Path, applicability: str, expected: str) -> None:
    body = f"rules: {{byte-order-mark: {{applicability: {applicability}}}}}" if applicability else ""
    (tmp_path / "new.yaml").write_text(_named("new", body), "utf-8")
    report = validator.validate("\ufeffOne.\n", source="new", sources=load_sources([tmp_path], tmp_path))
    (fix,) = (finding.fix for finding in report.findings if finding.rule == "byte-order-mark")
    assert fix is not None
    assert fix.applicability == expected


def test_what_is_only_shown_is_not_raised_where_a_source_says_unsafe() -> None:
    sources = {"new": source("rules: {indentation: {applicability: unsafe}}")}
    report = validator.validate("One paragraph.\n\n  Another one.\n", source="new", sources=sources)
    assert [each.fix and each.fix.applicability for each in report.findings] == [Applicability.DISPLAY]


@pytest.mark.parametrize("severity", ["error", "warning", "info", "off"])
def test_severities_of_rules(severity: str) -> None:
    sources = {"new": source(f"rules: {{final-newline: {severity}}}")}
    found = [each.severity.value for each in validator.validate("One.", source="new", sources=sources).findings]
    assert found == ([] if severity == "off" else [severity])


# --- what ships ---------------------------------------------------------------------------------------------------------


def test_the_shipped_schemas_are_what_they_should_be() -> None:
    files = read_schemas(schemas_folder())
    found = read(*files)
    assert tuple(sorted(found)) == SHIPPED
    assert set(SHIPPED) >= PERMANENT
    assert written(found) == written(own_sources())  # which are read without the meta-schema
    assert {name for name, each in found.items() if each.identify is None} == {"base", "front-matter", "plain-text"}
    assert written(load_sources(strict=True)) == written(own_sources())


@pytest.mark.parametrize("identifier", SHIPPED)
def test_the_examples_of_the_shipped_schemas_come_out(identifier: str) -> None:
    sources = own_sources()
    assert example_failures(sources, identifier) == []
    if identifier != "base":
        assert sources[identifier].examples


def test_the_shipped_schemas_have_valid_examples_and_others() -> None:
    verdicts = {example["verdict"] for each in own_sources().values() for example in each.examples}
    assert {"valid", "invalid", "unidentified"} <= verdicts


@cache
def meta_schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(META_SCHEMA)
    return loaded


def test_the_meta_schema_is_a_schema() -> None:
    assert meta_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(meta_schema())


def _properties(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        for key, value in schema.get("properties", {}).items():
            yield f"{path}/{key}", value
        for key, value in schema.items():
            for name, item in value.items() if key == "properties" else (("", value),):
                yield from _properties(item, f"{path}/{key}/{name}".rstrip("/"))
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from _properties(value, f"{path}/{index}")


def test_every_property_says_what_it_is() -> None:
    """An editor shows the descriptions; the severities of `required` have one together."""
    bare = [path for path, value in _properties(meta_schema()) if not value.get("description")]
    required = "/properties/record/properties/required"
    assert [path for path in bare if not path.startswith(f"{required}/")] == []
    assert meta_schema()["properties"]["record"]["properties"]["required"]["description"]


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from _objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _objects(value)


def test_no_mapping_of_the_meta_schema_takes_unknown_keys() -> None:
    """But those of `rules`, whose options the rules name, and of examples' records."""
    open_ones = [each for each in _objects(meta_schema()) if each.get("additionalProperties") is not False]
    assert [sorted(each["properties"]) for each in open_ones] == [["applicability", "severity"]]


def test_what_the_meta_schema_names_is_what_the_program_knows() -> None:
    properties = meta_schema()["properties"]
    assert set(properties["record"]["properties"]) == {*FIELDS, "required"}
    definitions = meta_schema()["$defs"]
    place = {**definitions["place"]["properties"], **definitions["body_place"]["properties"]}
    names = {"from" if name == "from_field" else name for name in Place._fields}
    assert {*names, "line_before"} == set(place)
    entry = properties["agree"]["items"]["properties"]
    assert entry["rule"]["enum"] == list(DISPUTED_FIELD)
    relations = properties["agree"]["items"]["allOf"]
    assert [each["if"]["properties"]["rule"]["const"] for each in relations] == list(DISPUTED_FIELD)
    assert all(each["then"]["properties"]["relation"]["enum"] for each in relations)
    for rule in (*entry["rule"]["enum"], *properties["residue"]["items"]["properties"]["rule"]["enum"]):
        assert rule in RULES
    for name in ("above", "below", "line_before", "from"):
        assert place[name]["$ref"] == "#/$defs/field"
    assert definitions["field"]["enum"] == list(FIELDS)
    for directive in place["format"]["description"].partition("(")[2].partition(")")[0].split():
        if directive not in ("%d", "%m"):
            check_format("%d %m" if directive in ("%B", "%b") else f"%d %m {directive}")
    assert set(FORMATS) == {"date", "date-time", "uri"}


def test_reading_the_shipped_schemas_does_not_import_jsonschema() -> None:
    import subprocess

    code = "import sys, validator.archive.face; validator.archive.face.own_sources(); sys.exit('jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("identifier", sorted(own_sources()))
def test_the_patterns_of_the_shipped_schemas_are_made_quickly(identifier: str) -> None:
    """A counted repeat of a class of Unicode, such as `\\pL{2,12}`, makes a program of 60,000 instructions and takes 70 ms."""
    source = own_sources()[identifier]
    patterns = [pattern for pattern, _ in source.identify.text] if source.identify else []
    for place in (place for places in source.places.values() for place in places):
        patterns += filter(None, (place.pattern, place.part, place.path, place.url, place.below_headline))
    patterns += filter(None, (each for residue in source.residues for each in (residue.pattern, residue.from_pattern)))
    assert {pattern: size for pattern in patterns if (size := compile_pattern(pattern).programsize) > 6_000} == {}
