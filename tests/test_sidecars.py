"""Sidecars: what is read, what is refused and where, and that writing moves nothing that stands in the file."""

from __future__ import annotations

import datetime
import json
import re
from itertools import takewhile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import table

from validator.record.sidecar import (
    BYLINE_KINDS,
    FIELDS,
    LIMIT_BYTES,
    Acceptance,
    Attested,
    Sidecar,
    SidecarError,
    combine,
)
from validator.record.sidecar_reading import PROBLEMS_SHOWN, read_sidecar
from validator.record.sidecar_writing import accept, attest, mark_wrong

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "sidecar.schema.json").read_text("utf-8"))
RULES = ("byline-missing", "headline-missing", "mixed-quotes")
DAY = datetime.date(2026, 11, 22)
WHO: dict[str, Any] = {"by": "A. Curator", "on": DAY}
ATTESTED = ', by: "A. Curator", on: 2026-11-22'


# --- reading ----------------------------------------------------------------------------------------------------------

ONE_SEED = """\
source: mod-gov-cn
record:
  date_published: {value: 2023-04-19, basis: "press release of that day, print", by: "A. Curator", on: 2026-11-22}
  byline:
    value: [A. Writer, no]
    basis: 12:30
    replaces: "某某日报"
accept:
  - {rule: byline-missing, finding: 0123, reason: unsigned agency copy, by: B, on: 2026-11-22, until: 2027-12-31}
  - rule: mixed-quotes
    reason: as printed
"""

FOLDER = """\
seeds:
  - files: [2019/*.txt, "special.txt"]
    source: mod-gov-cn
    record:
      agency: {value: First, basis: x}
    accept: [{rule: byline-missing, reason: unsigned}]
  - files: ["**"]
    source: chinamil-text
    record:
      agency: {value: Second, basis: x}
      publisher: {value: Third, basis: x}
    accept: [{rule: mixed-quotes, reason: as printed}]
"""


def test_every_part_of_a_sidecar_is_read_as_the_text_it_is() -> None:
    assert read_sidecar(ONE_SEED, "x.txt.meta.yaml", known_rules=RULES) == Sidecar(
        "x.txt.meta.yaml",
        "mod-gov-cn",
        (
            Attested(
                "date_published", "2023-04-19", "press release of that day, print", "A. Curator", DAY, None,
                "x.txt.meta.yaml line 3",
            ),
            Attested("byline", ("A. Writer", "no"), "12:30", "", None, "某某日报", "x.txt.meta.yaml line 4"),
        ),
        (
            Acceptance(
                "byline-missing", "0123", "unsigned agency copy", "B", DAY, datetime.date(2027, 12, 31),
                "x.txt.meta.yaml line 9",
            ),
            Acceptance("mixed-quotes", None, "as printed", "", None, None, "x.txt.meta.yaml line 10"),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        ONE_SEED.encode(),
        b"\xef\xbb\xbf" + ONE_SEED.encode(),
        ONE_SEED.replace("\n", "\r\n"),
        ONE_SEED.rstrip("\n"),
        "# first\n\n--- # begins\n" + ONE_SEED + "...\n",
    ],
    ids=["bytes", "byte-order mark", "CR LF", "no final newline", "document marks"],
)
def test_encoding_line_ends_and_document_marks_change_nothing(data: bytes | str) -> None:
    read, plain = read_sidecar(data, "x.txt.meta.yaml"), read_sidecar(ONE_SEED, "x.txt.meta.yaml")
    assert not read.problems
    assert [(a.field, a.value) for a in read.record] == [(a.field, a.value) for a in plain.record]
    assert read.accept[0].until == plain.accept[0].until


@pytest.mark.parametrize(
    ("seed_name", "source", "record", "rules"),
    [
        ("2019/a.txt", "mod-gov-cn", {"agency": "First", "publisher": "Third"}, ["byline-missing", "mixed-quotes"]),
        ("2019/deep/special.txt", "mod-gov-cn", {"agency": "First", "publisher": "Third"}, ["byline-missing", "mixed-quotes"]),
        ("2019/deep/a.txt", "chinamil-text", {"agency": "Second", "publisher": "Third"}, ["mixed-quotes"]),
        ("a.txt", "chinamil-text", {"agency": "Second", "publisher": "Third"}, ["mixed-quotes"]),
        (None, None, {}, []),
    ],
)  # fmt: skip
def test_of_a_folder_the_first_entry_that_fits_speaks_for_each_field(
    seed_name: str | None, source: str | None, record: dict[str, str], rules: list[str]
) -> None:
    read = read_sidecar(FOLDER, "a/seeds.meta.yaml", seed_name, RULES)
    assert read.problems == ()
    assert read.source == source
    assert {attested.field: attested.value for attested in read.record} == record
    assert [acceptance.rule for acceptance in read.accept] == rules


# (the sidecar, its name, each problem as "line:column beginning of the message")
BROKEN: dict[str, tuple[bytes | str, str, list[str]]] = {
    "empty": ("", "x.meta.yaml", ["1:1 the sidecar is empty"]),
    "only a comment": ("# nothing yet\n", "x.meta.yaml", ["1:1 the sidecar is empty"]),
    "empty mapping": ("{}", "x.meta.yaml", ["1:1 the sidecar is empty"]),
    "a list": ("- a\n", "x.meta.yaml", ["1:1 a list is here"]),
    "not YAML": ("source: [a\nrecord: b", "x.meta.yaml", ["1:9 the bracket that opens here is not closed"]),
    "not UTF-8": (b"source: \xff", "x.meta.yaml", ["- not UTF-8: byte 0xff at offset 8"]),
    "too large": ("#" * (LIMIT_BYTES + 1), "x.meta.yaml", ["- larger than"]),
    "too large in bytes": ("# " + "字" * (LIMIT_BYTES // 2), "x.meta.yaml", ["- larger than"]),
    "too deep": ("[" * 200_000, "x.meta.yaml", ["1:33 more than 32"]),
    "a control character": ("source: \x07", "x.meta.yaml", ["1:9 the control character U+0007"]),
    "half a character": ("source: \ud800", "x.meta.yaml", ["1:9 the control character U+D800"]),
    "an anchor": ("source: &a b", "x.meta.yaml", ["1:9 YAML takes a `&`"]),
    "an alias": ("source: *a", "x.meta.yaml", ["1:9 YAML takes a `*`"]),
    "a tag": ("source: !!str b", "x.meta.yaml", ["1:9 YAML takes a `!`"]),
    "a second document": ("source: a\n---\nsource: b\n", "x.meta.yaml", ["2:1 a document begins here"]),
    "a key twice": ("record:\n  byline: {value: a, basis: b}\n  byline: {value: c, basis: d}\n", "x.meta.yaml",
                    ['3:3 key "byline" occurs twice']),
    "a key that is a list": ("[a]: b", "x.meta.yaml", ["1:1 a key is a text"]),
    "unknown key": ("sorce: a", "x.meta.yaml", ['1:1 unknown key "sorce"; did you mean "source"?']),
    "unknown field": ("record:\n  headlin: {value: a, basis: b}\n", "x.meta.yaml",
                      ['2:3 unknown key "headlin"; did you mean "headline"?']),
    "a field like none": ("record: {zzz: {value: a, basis: b}}", "x.meta.yaml",
                          ['1:10 unknown key "zzz"; known are headline, byline,']),
    "unknown key of a value": ("record: {byline: {value: a, basis: b, replace: c}}", "x.meta.yaml",
                               ['1:39 unknown key "replace"; did you mean "replaces"?']),
    "unknown rule": ("accept:\n- {rule: byline-mising, reason: x}\n", "x.meta.yaml",
                     ['2:10 no rule is called "byline-mising"; did you mean "byline-missing"?']),
    "rule like none": ("accept: [{rule: zzz, reason: x}]", "x.meta.yaml", ['1:17 no rule is called "zzz"; `validator rules`']),
    "unknown rule of a folder": ("seeds: [{files: [a], accept: [{rule: zzz, reason: x}]}]", "seeds.meta.yaml",
                                 ['1:38 no rule is called "zzz"']),
    "no basis": ("record: {byline: {value: a}}", "x.meta.yaml", ["1:18 record.byline has no \"basis\""]),
    "no value": ("record: {byline: {basis: a}}", "x.meta.yaml", ["1:18 record.byline has no \"value\""]),
    "bare value": ("record: {byline: a}", "x.meta.yaml", ['1:18 record.byline "a" is not a mapping with "value" and "basis"']),
    "empty basis": ("record: {byline: {value: a, basis: ' '}}", "x.meta.yaml", ["1:36 record.byline.basis is empty"]),
    "null": ("record: {byline: {value: null, basis: ~}}", "x.meta.yaml",
             ["1:26 record.byline.value is empty", "1:39 record.byline.basis is empty"]),
    "no name": ("record: {byline: {value: [], basis: a}}", "x.meta.yaml", ["1:26 record.byline.value is empty"]),
    "a name in a name": ("record: {byline: {value: [a, [b]], basis: a}}", "x.meta.yaml",
                         ["1:30 record.byline.value.1 [\"b\"] is not a text"]),
    "a list of headlines": ("record: {headline: {value: [a], basis: a}}", "x.meta.yaml",
                            ["1:28 record.headline.value [\"a\"] is not a text"]),
    "byline kind": ("record: {byline_kind: {value: persons, basis: a}}", "x.meta.yaml",
                    ['1:31 record.byline_kind.value is "persons", expected one of "person", "agency", "publisher", "unsigned"']),
    "date without a year": ("record: {date_published: {value: XXXX-11-25, basis: a}}", "x.meta.yaml",
                            ['1:34 record.date_published.value "XXXX-11-25" is not a date YYYY-MM-DD']),
    "date that is none": ("record: {date_published: {value: 2023-02-29, basis: a}}", "x.meta.yaml",
                          ["1:34 record.date_published.value"]),
    "date in words": ("record: {date_published: {value: April 19 2023, basis: a}}", "x.meta.yaml",
                      ["1:34 record.date_published.value"]),
    "on": ("record: {byline: {value: a, basis: b, on: yesterday}}", "x.meta.yaml",
           ['1:43 record.byline.on "yesterday" is not a date (YYYY-MM-DD)']),
    "until": ("accept: [{rule: mixed-quotes, reason: b, until: 2027-13-01}]", "x.meta.yaml",
              ['1:49 accept.0.until "2027-13-01" is not a date']),
    "no reason": ("accept:\n  - rule: mixed-quotes\n", "x.meta.yaml", ["2:5 accept.0 has no \"reason\""]),
    "no rule": ("accept:\n  - reason: mixed\n", "x.meta.yaml", ["2:5 accept.0 has no \"rule\""]),
    "one acceptance": ("accept: {rule: mixed-quotes, reason: b}", "x.meta.yaml",
                       ['1:9 accept {"rule": "mixed-quotes", "reason": "b"} is not a list']),
    "address": ("record: {source_url: {value: ftp://example.org/a, basis: a}}", "x.meta.yaml",
                ['1:30 record.source_url.value "ftp://example.org/a" is not an address that begins with http://']),
    "address with a blank": ("record: {source_url: {value: http://example.org/a b, basis: a}}", "x.meta.yaml",
                             ["1:30 record.source_url.value"]),
    "language": ("record: {language: {value: 中文, basis: a}}", "x.meta.yaml",
                 ['1:28 record.language.value "中文" is not a language']),
    "seeds beside one": ("seeds: [{files: [a]}]", "x.txt.meta.yaml", ["1:1 seeds belongs in seeds.meta.yaml only"]),
    "a folder without seeds": ("source: a", "b/seeds.meta.yaml", ["1:1 no seeds"]),
    "seeds and source": ("seeds: [{files: [a]}]\nsource: b\n", "seeds.meta.yaml",
                         ['2:1 key "source" is not allowed in the sidecar: source']),
    "no entries": ("seeds: []", "seeds.meta.yaml", ["1:8 seeds is empty"]),
    "no files": ("seeds: [{source: a}]", "seeds.meta.yaml", ["1:9 seeds.0 has no \"files\""]),
    "no globs": ("seeds: [{files: []}]", "seeds.meta.yaml", ["1:17 seeds.0.files is empty"]),
    "one glob": ("seeds: [{files: '*.txt'}]", "seeds.meta.yaml", ['1:17 seeds.0.files "*.txt" is not a list']),
    "two problems, in their order": ("record: {byline: {value: a}}\nsource: []\n", "x.meta.yaml",
                                     ['1:18 record.byline has no "basis"', "2:9 source [] is not a text"]),
    "a column after a wide character": ("{record: {headline: {value: 字字字, bais: 字, basis: b}}}", "x.meta.yaml",
                                        ['1:34 unknown key "bais"']),
    "an escape in a message": ('source: a\n"\\e[2J": b\n', "x.meta.yaml", ['2:1 unknown key "\\u001b[2J"; known are']),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_said_with_its_place_and_nothing_is_vouched_for(case: str) -> None:
    data, name, expected = BROKEN[case]
    read = read_sidecar(data, name, "a", RULES)
    assert len(read.problems) == len(expected), read.problems
    for problem, beginning in zip(read.problems, expected, strict=True):
        place, _, message = beginning.partition(" ")
        where = "" if place == "-" else " line {}, column {}".format(*place.split(":"))
        assert problem.startswith(f"{name}{where}: {message}"), problem
        assert problem.isprintable()
    assert read == Sidecar(name, problems=read.problems)


def test_one_unsound_entry_of_a_folder_silences_all_of_it() -> None:
    read = read_sidecar(FOLDER + "  - files: [other.txt]\n    sorce: a\n", "seeds.meta.yaml", "a.txt")
    assert read.problems
    assert not read.record
    assert not read.accept
    assert read.source is None


def test_no_more_problems_are_told_than_a_reader_would_read() -> None:
    assert len(read_sidecar("".join(f"k{n}: a\n" for n in range(1000)), "x.meta.yaml").problems) == PROBLEMS_SHOWN


def test_rules_are_checked_only_where_they_are_known() -> None:
    text = "accept: [{rule: no-such-rule, reason: x}]"
    assert read_sidecar(text, "x.meta.yaml").accept[0].rule == "no-such-rule"
    assert read_sidecar(text, "x.meta.yaml", known_rules=RULES).problems


SOUND_VALUES = [
    ("date_published", "2023-04-19"),
    ("date_published", "2024-02-29"),
    ("date_published", "2023-04-19T10:10"),
    ("date_published", "2023-04-19T10:10+08:00"),
    ("date_published", "2023-04-19T10:10:59Z"),
    ("date_published", "2023-04-19T10:10:59.123456789-03:30"),
    ("source_url", "https://example.org"),
    ("source_url", "HTTP://example.org/a?b=c#d"),
    ("source_url", "http://例子.example/文"),
    ("language", "zh-Hans-CN"),
    ("language", "no"),
    ("headline", "2012"),
    ("headline", "12:30"),
    ("dateline", "a: b # c"),
    *(("byline_kind", kind) for kind in BYLINE_KINDS),
]
UNSOUND_VALUES = [
    ("date_published", "2023-4-19"),
    ("date_published", "20230419"),
    ("date_published", "2023-W16-3"),
    ("date_published", "0000-01-01"),
    ("date_published", "2023-04-19 10:10"),
    ("date_published", "2023-04-19T10"),
    ("date_published", "2023-04-19T24:00"),
    ("date_published", "2023-04-19T10:60"),
    ("date_published", "2023-04-19T10:10:60"),
    ("date_published", "2023-04-19T10:10+0800"),
    ("date_published", "2023-04-19T10:10+24:00"),
    ("date_published", "2023-04-19T10:10 +08:00"),
    ("date_published", "２０２３-04-19"),
    ("source_url", "//example.org"),
    ("source_url", "http://"),
    ("source_url", "https:///a"),
    ("source_url", "example.org"),
    ("language", "chinesisch"),
    ("language", "en_GB"),
    ("byline_kind", "Person"),
    ("headline", " \t"),
]


def _schema_accepts(content: object) -> bool:
    """What schemas/sidecar.schema.json says, with its one format of our own checked by the standard library."""
    checker = jsonschema.FormatChecker(formats=["date"])

    @checker.checks("date-published", raises=ValueError)
    def is_date(value: object) -> bool:
        return not isinstance(value, str) or bool(datetime.datetime.fromisoformat(value))

    return jsonschema.Draft202012Validator(SCHEMA, format_checker=checker).is_valid(content)


@pytest.mark.parametrize(("field", "value", "is_sound"), [
    *((field, value, True) for field, value in SOUND_VALUES),
    *((field, value, False) for field, value in UNSOUND_VALUES),
])  # fmt: skip
def test_a_value_is_judged_alike_when_read_by_schema_and_when_written(field: str, value: str, is_sound: bool) -> None:
    content = {"record": {field: {"value": value, "basis": "print"}}}
    assert _schema_accepts(content) is is_sound
    read = read_sidecar(json.dumps(content, ensure_ascii=False), "x.meta.yaml")
    assert (not read.problems) is is_sound, read.problems
    if is_sound:
        assert read.record[0].value == value
        assert read_sidecar(attest("", field, value, basis="print", **WHO), "x.meta.yaml").record[0].value == value
    else:
        with pytest.raises(
            SidecarError, match=rf"^{field}\.value (\".*\" is not an? |is \".*\", expected one of |is empty$)"
        ):
            attest("", field, value, basis="print", **WHO)


TEXTS = st.sampled_from(["a", "no", "2012", "字", "", " ", "\n", "a\nb", "mixed-quotes", "# a", "'", "null"])
DAYS = st.sampled_from(["2026-11-22", "2024-02-29", "2023-02-29", "2026-11-31", "soon", "2026-11-22T10:10", ""])
VALUES = {
    "byline": TEXTS | st.lists(TEXTS, max_size=2),
    "byline_kind": st.sampled_from([*BYLINE_KINDS, "nobody"]),
    "date_published": DAYS
    | st.sampled_from([value for field, value in [*SOUND_VALUES, *UNSOUND_VALUES] if "date" in field]),
    "source_url": st.sampled_from(["http://a", "https://a/b", "ftp://a", "http://", "a", "http://a b"]),
    "language": st.sampled_from(["en", "zh-Hans", "e", "中文"]),
}


def _mapping(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Mostly such a mapping; now and then with a key too few, a key too many, or not one at all."""
    whole = st.fixed_dictionaries(required, optional=optional)
    loose = st.fixed_dictionaries({}, optional={**required, **optional, "other": TEXTS})
    odd: st.SearchStrategy[Any] = TEXTS | st.just([]) | st.lists(TEXTS, max_size=1)
    return st.integers(0, 19).flatmap(lambda n: odd if n == 0 else loose if n == 1 else whole)


def _attested(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _mapping({"value": value, "basis": TEXTS}, {"by": TEXTS, "on": DAYS, "replaces": TEXTS})


SAID = {
    "source": TEXTS,
    "record": _mapping({}, {name: _attested(VALUES.get(name, TEXTS)) for name in FIELDS}),
    "accept": st.lists(
        _mapping({"rule": TEXTS, "reason": TEXTS}, {"finding": TEXTS, "by": TEXTS, "on": DAYS, "until": DAYS}),
        max_size=2,
    ),
}
OWN = {
    "wrong": _mapping(
        {"reason": TEXTS, "text": st.sampled_from(["0" * 64, "0" * 63, "A" * 64])}, {"by": TEXTS, "on": DAYS}
    )
}
ENTRIES = st.lists(_mapping({"files": st.lists(TEXTS, max_size=2)}, SAID), max_size=2)
CONTENTS = _mapping({}, SAID | OWN) | _mapping({"seeds": ENTRIES}, {}) | _mapping({"seeds": ENTRIES}, SAID | OWN)


@given(CONTENTS)
def test_the_schema_and_the_reader_accept_and_reject_the_same(content: object) -> None:
    text = json.dumps(content, ensure_ascii=False)  # JSON is YAML, and here every scalar of it is quoted
    assert (not read_sidecar(text, "sidecar").problems) == _schema_accepts(content)


def test_the_schema_is_one_and_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    fields = SCHEMA["$defs"]["record"]["properties"]
    assert tuple(fields) == FIELDS
    assert all(field["description"] for field in fields.values())


@given(st.binary() | st.text(st.characters()))
def test_reading_never_raises(data: bytes | str) -> None:
    read = read_sidecar(data, "x.meta.yaml", "a", RULES)
    assert all(problem.isprintable() for problem in read.problems)


@given(
    st.lists(st.sampled_from([*"[]{},:-?#&*!|>'\"% \n\t~é", "record", "value: ", "- ", "seeds:\n", "\r\n", "\ufeff"]))
)
def test_reading_never_raises_on_what_looks_like_yaml(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert read_sidecar(text, "x.meta.yaml").problems or text.strip()


def test_combined_the_nearest_speaks_and_acceptances_and_problems_add_up() -> None:
    near = read_sidecar("record: {agency: {value: near, basis: x}}\naccept: [{rule: a, reason: x}]", "near")
    broken = read_sidecar("x: y", "broken")
    far = read_sidecar(
        "source: s\nrecord: {agency: {value: far, basis: x}, publisher: {value: far, basis: x}}\n"
        "accept: [{rule: a, reason: x}]", "far",
    )  # fmt: skip
    combined = combine([near, broken, far])
    assert combined.name == "near"
    assert combined.source == "s"
    assert [(a.field, a.value, a.place) for a in combined.record] == [
        ("agency", "near", "near line 1"), ("publisher", "far", "far line 2"),
    ]  # fmt: skip
    assert [acceptance.place for acceptance in combined.accept] == ["near line 2", "far line 3"]
    assert combined.problems == broken.problems
    assert combine([]) == Sidecar("")


# --- writing ----------------------------------------------------------------------------------------------------------

HEADLINE = '{value: "New", basis: "print", by: "A. Curator", on: 2026-11-22}'
ACCEPTED = '{rule: mixed-quotes, reason: "as printed", by: "A. Curator", on: 2026-11-22}'

# What stands there: with ⟦what attesting the headline New adds⟧ and ⟪what accepting mixed-quotes adds⟫; H and A stand for the
# two in flow style.
LAYOUTS: dict[str, str] = table("sidecars", "layouts")

# What stands there, with what it replaces; the same with New attested, and with mixed-quotes accepted.
REPLACED: dict[str, tuple[str, str, str]] = table("sidecars", "replaced")


def _in_full(text: str) -> str:
    return re.sub(r"(?<=headline: )H", HEADLINE, re.sub(r"(?<=[\[ ])A(?=[\],\r\n])", ACCEPTED, text))


def _layout(layout: str, *, attested: bool = False, accepted: bool = False) -> str:
    text = re.sub("⟦(.*?)⟧", r"\1" if attested else "", LAYOUTS[layout], flags=re.DOTALL)
    return _in_full(re.sub("⟪(.*?)⟫", r"\1" if accepted else "", text, flags=re.DOTALL))


def _attested_headline(text: str, files: tuple[str, ...] = ()) -> str:
    return attest(text, "headline", "New", basis="print", files=files, **WHO)


def _accepted_quotes(text: str, files: tuple[str, ...] = ()) -> str:
    return accept(text, "mixed-quotes", reason="as printed", files=files, **WHO)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_added_touches_nothing_else(layout: str) -> None:
    text = _layout(layout)
    attested, accepted = _layout(layout, attested=True), _layout(layout, accepted=True)
    assert len({text, attested, accepted}) == 3
    assert _attested_headline(text) == attested
    assert _accepted_quotes(text) == accepted
    assert _attested_headline(attested) == attested
    assert _accepted_quotes(accepted) == accepted
    read = read_sidecar(_accepted_quotes(attested), "x.meta.yaml")
    assert not read.problems
    assert {a.field: a.value for a in read.record}["headline"] == "New"
    assert "mixed-quotes" in {a.rule for a in read.accept}


@pytest.mark.parametrize("case", REPLACED)
def test_what_is_replaced_keeps_its_style_and_the_comments_in_it(case: str) -> None:
    text, attested, accepted = REPLACED[case]
    assert _attested_headline(text) == _in_full(attested)
    assert _accepted_quotes(text) == _in_full(accepted)
    assert _attested_headline(_in_full(attested)) == _in_full(attested)


def test_a_new_sidecar_begins_by_saying_what_it_is() -> None:
    assert _attested_headline("") == (
        f"# Sidecar of the seed beside this file: attested values and accepted findings.\nrecord:\n  headline: {HEADLINE}\n"
    )
    assert _accepted_quotes("", ("*.txt", "b/**")) == (
        "# Sidecar of the seeds that the globs name, in this folder and below: attested values and accepted findings.\n"
        f'seeds:\n  - files: ["*.txt", "b/**"]\n    accept:\n      - {ACCEPTED}\n'
    )


# What stands there, and the same once New is attested for the files *.txt and b.
FOLDERS: dict[str, tuple[str, str]] = table("sidecars", "folders")


@pytest.mark.parametrize("case", FOLDERS)
def test_a_folder_s_sidecar_is_written_entry_by_entry(case: str) -> None:
    text, expected = FOLDERS[case]
    assert _attested_headline(text, ("*.txt", "b")) == _in_full(expected)
    assert _attested_headline(_in_full(expected), ("*.txt", "b")) == _in_full(expected)


def test_one_finding_and_all_of_a_rule_are_accepted_apart() -> None:
    text = accept("", "mixed-quotes", reason="one", finding="0123", until=DAY, **WHO)
    text = accept(text, "mixed-quotes", reason="all", **WHO)
    text = accept(text, "mixed-quotes", reason="one, again", finding="0123", **WHO)
    read = read_sidecar(text, "x.meta.yaml").accept
    assert [(a.finding, a.reason, a.until) for a in read] == [("0123", "one, again", None), (None, "all", None)]


def test_what_is_attested_again_leaves_nothing_of_the_old() -> None:
    text = attest("", "byline", ["A. Writer", "B. Writer"], basis="old", replaces="x", **WHO)
    text = attest(text, "byline", "C. Writer", basis="new", by="B", on="2026-11-23")
    (attested,) = read_sidecar(text, "x.meta.yaml").record
    assert attested == Attested(
        "byline", "C. Writer", "new", "B", datetime.date(2026, 11, 23), None, "x.meta.yaml line 3"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("record: [", "the sidecar line 1, column "),
        ("record: {headlin: {value: a, basis: b}}", 'line 1, column 10 is not valid: unknown key "headlin"'),
        ("seeds: [{files: [a]}]", "seeds belongs in seeds.meta.yaml only"),
        ("#" * (LIMIT_BYTES + 1), "larger than"),
        ("#" * (LIMIT_BYTES - 9), "larger than"),
        (
            'record: {agency: {value: "x\n  y", basis: b}, headline: {value: a, # c\n  basis: b}}',
            "laid out around line 2 in a way that cannot be changed .* by hand: headline: ",
        ),
    ],
)
def test_what_is_not_understood_is_never_written_over(text: str, message: str) -> None:
    with pytest.raises(SidecarError, match=message) as raised:
        _attested_headline(text)
    assert "\n" not in str(raised.value)


def test_a_sidecar_of_one_seed_takes_no_globs() -> None:
    with pytest.raises(SidecarError, match="no seeds"):
        _attested_headline("source: a\n", ("*.txt",))


@pytest.mark.parametrize(
    ("field", "value", "changes", "message"),
    [
        ("headlin", "a", {}, '^unknown field "headlin"; did you mean "headline"\\?$'),
        ("zzz", "a", {}, '^unknown field "zzz"; fields are headline, '),
        ("headline", ["a"], {}, r'^headline.value \["a"\] is not a text$'),
        ("byline", [], {}, "^byline.value is empty$"),
        ("byline", ["a", ""], {}, "^byline.value.1 is empty$"),
        ("headline", "a", {"basis": ""}, "^headline.basis is empty$"),
        ("headline", "a", {"by": " "}, "^headline.by is empty$"),
        ("headline", "a", {"on": "today"}, r'^headline.on "today" is not a date \(YYYY-MM-DD\)$'),
        ("headline", "a", {"replaces": ""}, "^headline.replaces is empty$"),
        ("headline", "\ud800", {}, "names no character"),
        ("headline", "a", {"files": [""]}, "^files.0 is empty$"),
    ],
)
def test_what_may_not_stand_in_a_sidecar_is_not_written(
    field: str, value: str | list[str], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(SidecarError, match=message):
        attest("", field, value, **{"basis": "print", **WHO, **changes})


@pytest.mark.parametrize(
    ("rule", "changes", "message"),
    [
        ("", {}, "^rule is empty$"),
        ("mixed-quotes", {"reason": ""}, "^reason is empty$"),
        ("mixed-quotes", {"until": "2027-02-30"}, r'^until "2027-02-30" is not a date \(YYYY-MM-DD\)$'),
        ("mixed-quotes", {"finding": ""}, "^finding is empty$"),
    ],
)
def test_what_may_not_stand_in_an_acceptance_is_not_written(rule: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SidecarError, match=message):
        accept("", rule, **{"reason": "as printed", **WHO, **changes})


WRITABLE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip) | st.sampled_from(
    ["2012", "no", "~", "null", "12:30", "0127", "1e3", "2023-04-19", "- a", "{a: b}", "a: b # c", "*a", "!a", "%a", "@", "`",
     " a ", "a\n", '"', "'", "\\", "\\n", "…", "a\x85b", "a\u2028", "\ufeff", "😀", "字" * 2000]
)  # fmt: skip
TEXTS_THAT_STAND = st.sampled_from([_layout(layout) for layout in LAYOUTS])


@given(TEXTS_THAT_STAND, WRITABLE, WRITABLE, st.none() | WRITABLE)
def test_what_is_attested_is_read_back(text: str, value: str, basis: str, replaces: str | None) -> None:
    written = attest(text, "dateline", value, basis=basis, by=basis, on=DAY, replaces=replaces)
    read = {attested.field: attested for attested in read_sidecar(written, "x.meta.yaml").record}["dateline"]
    assert (read.value, read.basis, read.by, read.on, read.replaces) == (value, basis, basis, DAY, replaces)
    assert read_sidecar(written.encode(), "x.meta.yaml").record[-1].value is not None
    assert attest(written, "dateline", value, basis=basis, by=basis, on=DAY, replaces=replaces) == written


@given(TEXTS_THAT_STAND, st.lists(WRITABLE, min_size=1, max_size=3), WRITABLE, st.none() | WRITABLE)
def test_names_and_acceptances_are_read_back(text: str, names: list[str], rule: str, finding: str | None) -> None:
    written = accept(attest(text, "byline", names, basis="x", **WHO), rule, reason="y", finding=finding, **WHO)
    read = read_sidecar(written, "x.meta.yaml")
    assert {attested.field: attested.value for attested in read.record}["byline"] == tuple(names)
    assert (rule, finding) in {(acceptance.rule, acceptance.finding) for acceptance in read.accept}
    assert accept(written, rule, reason="y", finding=finding, **WHO) == written


@given(st.lists(st.tuples(st.sampled_from([*FIELDS[:2], *FIELDS[4:7], "accept"]), WRITABLE), max_size=6), st.booleans())
def test_whatever_is_added_later_the_earlier_lines_stay(steps: list[tuple[str, str]], is_folder: bool) -> None:
    files = ("*.txt",) if is_folder else ()
    text = "# kept\r\nsource: a   # kept\r\n" if not is_folder else "seeds:\n   - {files: [c], source: a}   # kept\n"
    added: set[str] = set()
    for what, value in steps:
        before = text.split("\n")
        if what == "accept":
            text, is_new = accept(text, value, reason="x", files=files, **WHO), value not in added
            added.add(value)
        else:
            text, is_new = attest(text, what, value, basis="x", files=files, **WHO), what not in added
            added.add(what)
        after = text.split("\n")
        above = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
        below = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before[::-1], after[::-1], strict=False)))
        assert above + below >= len(before) - (0 if is_new else 1), text


@given(st.sampled_from([layout for layout in map(_layout, LAYOUTS) if "seeds:" not in layout]), WRITABLE, WRITABLE)
def test_a_mark_is_read_back_and_touches_nothing_else(text: str, reason: str, other: str) -> None:
    written = mark_wrong(text, reason=reason, key="0" * 64, **WHO)
    read, before = read_sidecar(written, "x.meta.yaml"), read_sidecar(text, "x.meta.yaml")
    assert read.wrong is not None
    assert (read.wrong.reason, read.wrong.by, read.wrong.on, read.wrong.text) == (reason, *WHO.values(), "0" * 64)
    assert [each[:-1] for each in (*read.record, *read.accept)] == [
        each[:-1] for each in (*before.record, *before.accept)
    ]
    assert mark_wrong(written, reason=reason, key="0" * 64, **WHO) == written
    again = mark_wrong(written, reason=other, key="1" * 64, **WHO)
    assert mark_wrong(again, reason=reason, key="0" * 64, **WHO) == written
    assert _attested_headline(written)


def test_a_hostile_sidecar_takes_no_longer_than_it_is_long() -> None:
    """Depth, width and comments up to the limit: what would not be linear would not end here."""
    for piece in ("[", "- ", "#\n", " \n", "? ", "{a: ", "a", "a: b\n", "? a\n", "[a, ", "'", "\\", "|\n "):
        text = piece * (LIMIT_BYTES // len(piece))
        assert len(read_sidecar(text, "x.meta.yaml").problems) == 1
