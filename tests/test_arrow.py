"""Seeds in columns: a row says exactly what the JSON report says, whatever the seed, and what was not checked says so."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import validator
from validator.archive.config import Override, Settings
from validator.archive.face import own_sources
from validator.batch import arrow
from validator.batch.arrow import SCHEMA, entries_of, lines_of, table_of, validate_batch, validate_batches
from validator.engine import checking as engine
from validator.reports.entries import encoded, finding_entry, seed_entry
from validator.reports.model import Setting, Tally, open_report
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Status, Verdict

CHECKOUT = Path(validator.__file__).parents[1]
TODAY = date(2026, 11, 22)
SPECIMENS = sorted(
    path for path in (CHECKOUT / "seeds").rglob("*") if path.suffix in (".txt", ".md") and path.name != "README.md"
)


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def sidecar_of(path: Path) -> str | None:
    beside = Path(f"{path}.meta.yaml")
    return beside.read_text("utf-8") if beside.exists() else None


def specimens() -> pa.Table:
    return pa.table(
        {
            "path": [name_of(path) for path in SPECIMENS],
            "content": [path.read_bytes() for path in SPECIMENS],
            "sidecar": [sidecar_of(path) for path in SPECIMENS],
        }
    )


def line_of(report: SeedReport) -> str:
    """What the JSON report says of a seed."""
    return encoded(seed_entry(report) | {"findings": [finding_entry(each) for each in report.findings]})


def lines(table: pa.Table) -> list[str]:
    return [encoded(entry) for entry in entries_of(table)]


# --- the columns ------------------------------------------------------------------------------------------------------

POSITION = "struct<line: int64, column: int64, offset: int64, byte: int64>"


def test_the_columns_are_these() -> None:
    """Within a SCHEMA_VERSION columns and fields are only added, at the end: else raise it."""
    assert arrow.SCHEMA_VERSION == 2
    assert SCHEMA.metadata == {b"validator.schema_version": b"2"}
    assert {
        field.name: str(field.type).replace(POSITION, "POSITION").replace("item: ", "").replace("element: ", "")
        for field in SCHEMA
    } == {
        "path": "string",
        "source": "string",
        "evidence": "list<string>",
        "verdict": "string",
        "encoding": "string",
        "sha256": "string",
        "record": (
            "struct<headline: string, byline: list<string>, byline_kind: string, date_published: string, dateline: "
            "struct<place: string, year: int64, month: int64, day: int64>, agency: string, publisher: string, "
            "source_url: string, language: string>"
        ),
        "values": (
            "list<struct<field: string, basis: string, value: string, start: POSITION, end: POSITION, disputed: bool, "
            "candidates: list<struct<value: string, start: POSITION, end: POSITION>>, note: string>>"
        ),
        "body": "struct<start: POSITION, end: POSITION, characters: int64>",
        "fault": "string",
        "counts": (
            "struct<error: int64, warning: int64, info: int64, accepted: int64, baselined: int64, safe: int64, unsafe: int64>"
        ),
        "findings": (
            "list<struct<rule: string, family: string, severity: string, message: string, status: string, "
            "start: POSITION, end: POSITION, pointer: string, "
            "related: list<struct<message: string, start: POSITION, end: POSITION>>, fingerprint: string, "
            "fix: struct<applicability: string, title: string, "
            "edits: list<struct<start: int64, end: int64, replacement: string>>, recode: string, "
            "lift: struct<field: string, value: string>>>>"
        ),
        "exact": "string",
        "layout": "string",
        "traits": (
            "struct<address: string, body: string, bands: list<int64>, marks: string, headline: string, day: date32[day], "
            "accepts: bool>"
        ),
    }


def names_in(schema: Any, definitions: Any) -> Any:
    """The fields that a JSON Schema describes, as nested dictionaries; None for a single value."""
    if "oneOf" in schema:
        (schema,) = (each for each in schema["oneOf"] if each.get("type") != "null")
    if "$ref" in schema:
        named = names_in(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        more = {name: names_in(each, definitions) for name, each in schema.get("properties", {}).items()}
        return {**named, **more} if isinstance(named, dict) else named
    if "items" in schema:
        return names_in(schema["items"], definitions)
    if "properties" in schema:
        return {name: names_in(each, definitions) for name, each in schema["properties"].items()}
    return None


def names_of(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind):
        return names_of(kind.value_type)
    return {field.name: names_of(field.type) for field in kind} if pa.types.is_struct(kind) else None


def test_the_columns_are_the_fields_of_the_report() -> None:
    definitions = json.loads((CHECKOUT / "schemas" / "report.schema.json").read_text("utf-8"))["$defs"]
    columns = {field.name: names_of(field.type) for field in SCHEMA if field.name not in ("counts", "exact", "traits")}
    assert columns == names_in(definitions["seed"], definitions)


# --- the same as everywhere -------------------------------------------------------------------------------------------


def test_a_batch_says_what_the_function_says() -> None:
    table = specimens()
    table = table.append_column("source", pa.array([None, "plain-text", *[None] * (table.num_rows - 2)]))
    for today in (None, TODAY):
        out = validate_batch(table, today=today)
        assert out.schema.equals(SCHEMA, check_metadata=True)
        reports = [
            validator.validate(
                row["content"], path=row["path"], sidecar=row["sidecar"], source=row["source"], today=today
            )
            for row in table.to_pylist()
        ]
        assert lines(out) == [line_of(report) for report in reports]
        assert out.column("exact").null_count == out.num_rows
        assert out.column("source").to_pylist()[1] == "plain-text"


HEADS = st.sampled_from(
    [
        b"",
        b"\xef\xbb\xbf",
        b"---\n",
        b"---\ntitle: a\nauthor: b\ndate: 2020-01-02\n---\n",
        b"By A. Writer\n\n",
        b"\xff\xfe",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(HEADS, st.binary(max_size=80) | st.text(max_size=60).map(str.encode)), max_size=4), st.data())
def test_any_bytes_come_out_as_the_function_has_them(seeds: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    contents = [b"".join(parts) for parts in seeds]
    characters = st.characters(exclude_characters="\0", exclude_categories=())
    paths = [data.draw(st.text(characters, min_size=1, max_size=9)) for _ in contents]
    reports = [
        validator.validate(content, path=path, today=TODAY) for content, path in zip(contents, paths, strict=True)
    ]
    table = table_of(reports)
    assert lines(table) == [line_of(report) for report in reports]
    assert all(
        (row["exact"] is not None) == is_odd(row_path) for row, row_path in zip(table.to_pylist(), paths, strict=True)
    )


def is_odd(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def test_what_was_written_and_read_again_is_the_same(tmp_path: Path) -> None:
    out = validate_batch(specimens(), today=TODAY)
    stream = BytesIO()
    parquet.write_table(out, stream, compression="zstd")
    again = parquet.read_table(BytesIO(stream.getvalue()))
    assert again.schema.equals(SCHEMA)
    assert lines(again) == lines(out)


def test_lines_are_those_of_the_jsonl_format() -> None:
    reports = [validator.validate(path.read_bytes(), path=name_of(path)) for path in SPECIMENS]
    page = StringIO()
    reporter = open_report("jsonl", page, Setting())
    for report in reports:
        reporter.seed(report)
    assert "".join(f"{line}\n" for line in lines_of(table_of(reports))) == page.getvalue()


def test_counts_are_what_a_run_adds_up() -> None:
    reports = [
        validator.validate(path.read_bytes(), path=name_of(path), sidecar=sidecar_of(path)) for path in SPECIMENS
    ]
    first = reports[0]
    reports.append(replace(first, findings=tuple(replace(each, status=Status.BASELINED) for each in first.findings)))
    assert any(each.fix for each in first.findings)
    totals = Tally(reports).totals()
    counts = table_of(reports).column("counts").to_pylist()
    added = {name: sum(each[name] for each in counts) for name in counts[0]}
    assert added == totals.findings | totals.fixable | {"accepted": totals.accepted, "baselined": totals.baselined}
    assert min(added["error"], added["accepted"], added["baselined"], added["safe"], added["unsafe"]) > 0


def test_order_and_chunks_do_not_matter() -> None:
    few = specimens()
    many = pa.concat_tables([few] * 120)
    assert many.column("path").num_chunks > 100
    once = lines(validate_batch(few))
    assert lines(validate_batch(many)) == once * 120
    assert validate_batch(many.slice(5, 7)).column("path").to_pylist() == many.column("path").to_pylist()[5:12]


def test_nothing_in_nothing_out() -> None:
    out = validate_batch(specimens().slice(0, 0))
    assert out.num_rows == 0
    assert out.schema.equals(SCHEMA)
    assert list(entries_of(out)) == []
    assert table_of([]).schema.equals(SCHEMA)


def test_batch_by_batch() -> None:
    table = specimens()
    given_batches = iter(table.to_batches(max_chunksize=3))
    out = validate_batches(given_batches, today=TODAY)
    assert isinstance(out, Iterator)
    first = next(out)
    assert isinstance(first, pa.RecordBatch)
    assert len(list(given_batches)) == 3, "no more was taken than was given back"
    whole = pa.Table.from_batches(validate_batches(table.to_batches(max_chunksize=3), today=TODAY))
    assert lines(whole) == lines(validate_batch(table, today=TODAY))


# --- what a seed's content may come as --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [pa.binary(), pa.large_binary(), pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())],
    ids=str,
)
def test_content_may_be_bytes_or_text(kind: pa.DataType) -> None:
    text = "Zhongguo 中国\n\nBy A. Writer\n"
    is_text = kind not in (pa.binary(), pa.large_binary())
    value = text if is_text else text.encode()
    table = pa.table(
        {"path": ["a.txt"], "content": pa.array([value]).cast(kind), "sidecar": pa.array([value]).cast(kind)}
    )
    assert lines(validate_batch(table)) == [line_of(validator.validate(text, path="a.txt", sidecar=text))]


def test_text_that_is_no_text() -> None:
    """What some writers call text need not be UTF-8: its bytes count, in a name as in names of files."""
    odd = b"caf\xe9.txt"
    column = pa.Array.from_buffers(pa.string(), 1, pa.array([odd], pa.binary()).buffers())
    out = validate_batch(pa.table({"path": column, "content": column}))
    path = odd.decode("utf-8", "surrogateescape")
    assert lines(out) == [line_of(validator.validate(odd, path=path))]
    assert out.column("path").to_pylist() == ["caf\ufffd.txt"]


def test_a_null_is_unreadable() -> None:
    table = pa.table({"path": ["a.txt", None], "content": pa.array([None, b"text"], pa.binary())})
    gone, unnamed = validate_batch(table).to_pylist()
    assert (gone["verdict"], gone["sha256"], gone["encoding"]) == ("unreadable", None, None)
    assert [each["rule"] for each in gone["findings"]] == ["unreadable-file"]
    assert gone["findings"][0]["message"].startswith("it has no content")
    assert (unnamed["path"], unnamed["verdict"]) == ("-", "unidentified")
    assert validate_batch(pa.table({"path": ["a.txt"], "content": pa.nulls(1)})).to_pylist() == [gone]


def test_too_large_is_unreadable_as_of_a_file(tmp_path: Path) -> None:
    from validator.archive.discovery import seed_at
    from validator.archive.opening import Request, judge, open_archive

    (tmp_path / "validator.toml").write_text("limit-bytes = 5\n")
    (tmp_path / "a.txt").write_text("123456")
    (tmp_path / "b.txt").write_text("12345")
    archive = open_archive(Request(tmp_path))
    reports = [judge(archive, seed_at(str(tmp_path / name), tmp_path)) for name in ("a.txt", "b.txt")]
    table = pa.table({"path": ["a.txt", "b.txt"], "content": ["123456", "12345"]})
    assert lines(validate_batch(table, settings=archive.settings)) == [line_of(report) for report in reports]
    assert [report.verdict for report in reports] == [Verdict.UNREADABLE, Verdict.UNIDENTIFIED]


def test_a_fault_costs_its_seed_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(data: bytes, *arguments: Any, **named: Any) -> SeedReport:
        if data == b"two":
            raise RuntimeError("a fault\nin two lines")
        return engine.check_seed(data, *arguments, **named)

    monkeypatch.setattr("validator.archive.face.check_seed", faulty)
    out = validate_batch(pa.table({"path": ["1", "2", "3"], "content": ["one", "two", "three"]}))
    rows = out.to_pylist()
    assert [row["verdict"] for row in rows] == ["unidentified", "unchecked", "unidentified"]
    assert rows[1]["fault"].startswith("RuntimeError: a fault in two lines")
    (entry,) = entries_of(out.slice(1, 1))
    assert list(entry)[-2:] == ["fault", "findings"]
    assert "fault" not in next(entries_of(out))


# --- what a run is told -----------------------------------------------------------------------------------------------


def test_settings_count() -> None:
    table = specimens().select(["path", "content"])
    told = Settings(
        select=("whitespace", "quotes"),
        ignore=("final-newline",),
        sources=(("seeds/mod-gov-cn/**", "plain-text"),),
        overrides=(Override(paths=("seeds/zaobao-jekyll/**",), select=("record",)),),
    )
    plain, out = validate_batch(table).to_pylist(), validate_batch(table, settings=told).to_pylist()
    assert len(plain) == len(out)
    for before, row in zip(plain, out, strict=True):
        families = {each["family"] for each in row["findings"]}
        if "zaobao" in row["path"]:
            assert families <= {"record"}
        else:
            assert families <= {"whitespace", "quotes"}
            assert "final-newline" not in {each["rule"] for each in row["findings"]}
        if "mod-gov" in row["path"]:
            assert row["source"] == "plain-text"
            assert row["evidence"] == ["named by the configuration"]
        else:
            assert (row["source"], row["verdict"]) == (before["source"], before["verdict"])
    assert any(row["findings"] for row in out)


def test_sources_of_ones_own() -> None:
    of_base = own_sources()["plain-text"]
    table = pa.table({"path": ["a"], "content": ["text"], "source": ["mine"]})
    out = validate_batch(table, sources={**own_sources(), "mine": replace(of_base, id="mine")})
    assert out.column("source").to_pylist() == ["mine"]


MISTAKES = {
    "no path": ({"content": ["a"], "paths": ["b"]}, 'the table has no column "path"', "paths"),
    "no content": ({"path": ["a"], "contents": ["b"]}, 'the table has no column "content"', "contents"),
    "nothing": ({}, 'the table has no column "path" (its columns: none)', None),
    "numbers": ({"path": ["a"], "content": [1]}, 'the column "content" holds int64, expected bytes or text', None),
    "lists": ({"path": [["a"]], "content": ["b"]}, 'the column "path" holds list', None),
    "a path in bytes": ({"path": [b"a"], "content": ["b"]}, 'the column "path" holds binary, expected text', None),
    "a text for sidecars": (
        {"path": ["a"], "content": ["b"], "folder_sidecars": ["c"]},
        'the column "folder_sidecars" holds string, expected lists of structs of name and content', None,
    ),
    "sidecars without names": (
        {"path": ["a"], "content": ["b"], "folder_sidecars": [[{"content": "c"}]]},
        'the column "folder_sidecars" holds list', None,
    ),
    "a source in bytes": (
        {"path": ["a"], "content": ["b"], "source": [b"plain-text"]}, 'the column "source" holds binary, expected text', None,
    ),
    "a source that is none": (
        {"path": ["a", "b"], "content": ["b", "c"], "source": ["plain-text", "mod_gov"]},
        'column "source": no source is called "mod_gov"', "mod-gov-cn",
    ),
    "no source": (
        {"path": ["a"], "content": ["b"], "source": [""]}, 'column "source": no source is called ""', None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "message", "suggestion"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(columns: dict[str, list[Any]], message: str, suggestion: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        validate_batch(pa.table(columns))
    assert caught.value.message.startswith(message)
    assert caught.value.suggestion == suggestion


def test_two_columns_of_one_name() -> None:
    table = pa.table([pa.array(["a"])] * 3, names=["path", "content", "path"])
    with pytest.raises(ConfigError, match='2 columns that are called "path"'):
        validate_batch(table)


def test_a_configuration_that_names_no_source() -> None:
    told = Settings(sources=(("**", "mod-gov"),))
    with pytest.raises(ConfigError, match='the configuration: no source is called "mod-gov"'):
        validate_batch(pa.table({"path": ["a"], "content": ["b"]}), settings=told)


def test_other_columns_are_left_out() -> None:
    table = pa.table({"id": [1], "path": ["a"], "content": ["b"], "source_url": ["c"]})
    assert validate_batch(table).column_names == SCHEMA.names


# --- what columns cannot hold -----------------------------------------------------------------------------------------

ODD_RECORDS: dict[str, dict[str, Any]] = {
    "a field of a schema's own": {"headline": "A", "section": "home"},
    "another order": {"byline": ["A"], "headline": "B"},
    "a number for text": {"headline": 5},
    "a number too large": {"dateline": {"place": None, "month": 1 << 80, "day": 1}},
    "a dateline of more parts": {"dateline": {"place": "A", "month": 1, "day": 2, "hour": 3}},
    "a null": {"headline": None},
    "no text": {"headline": "\ud800"},
}
HELD_RECORDS: dict[str, dict[str, Any]] = {
    "none": {},
    "who it is by, without a name": {"headline": "A", "language": "en", "byline_kind": "unsigned"},
    "who it is by": {"headline": "A", "byline": ["B", "C"], "byline_kind": "person", "dateline": {
        "place": "D", "month": None, "day": 3}, "language": "en"},
    "a year": {"dateline": {"place": "A", "year": 2020, "month": 1, "day": 2}},
    "empty": {"headline": "", "byline": []},
}  # fmt: skip


@pytest.mark.parametrize("record", [*ODD_RECORDS.values(), *HELD_RECORDS.values()], ids=[*ODD_RECORDS, *HELD_RECORDS])
def test_a_record_comes_back_as_it_is(record: dict[str, Any]) -> None:
    plain = SeedReport("plain", None, Verdict.VALID)
    report = SeedReport("odd", None, Verdict.VALID, record=record)
    table = table_of([plain, report, plain])
    assert lines(table) == [line_of(each) for each in (plain, report, plain)]
    assert [each is not None for each in table.column("exact").to_pylist()] == [
        False,
        record in ODD_RECORDS.values(),
        False,
    ]


def test_an_entry_that_is_no_seed() -> None:
    report = SeedReport("a.txt.meta.yaml", None, None)
    table = table_of([report])
    assert table.column("verdict").to_pylist() == [None]
    assert lines(table) == [line_of(report)]


# --- what it is for a cluster -----------------------------------------------------------------------------------------


def test_it_travels() -> None:
    table = specimens()
    told = partial(validate_batch, sources=own_sources(), settings=Settings(), today=TODAY)
    assert lines(pickle.loads(pickle.dumps(told))(table)) == lines(told(table))
    assert pickle.loads(pickle.dumps(validate_batches)) is validate_batches


PURE = """
import sys
import pyarrow
from validator.batch.arrow import validate_batch
table = pyarrow.table({"path": ["a.md"], "content": [sys.argv[1]], "sidecar": ["source: zaobao-jekyll"]})
validate_batch(table)
opened = []
sys.addaudithook(lambda event, arguments: opened.append(arguments[0]) if event in ("open", "socket.connect") else None)
validate_batch(table)
print(opened)
"""


def test_it_opens_nothing() -> None:
    text = "---\ntitle: A\nauthor: B\ndate: 2020-01-02T03:04:05Z\n---\n<p>C &amp; D</p>\n"
    done = subprocess.run([sys.executable, "-c", PURE, text], check=True, capture_output=True, text=True, cwd=CHECKOUT)
    assert done.stdout == "[]\n"


def test_the_library_is_loaded_when_it_is_needed() -> None:
    command = "import validator.batch.cluster, sys; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True, cwd=CHECKOUT)
    assert done.stdout == "False\n"
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = arrow.no_such_name


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    table = specimens()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=r"pip install 'seed-validator\[ray\]'"):
        validate_batch(table)
