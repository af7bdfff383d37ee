"""Data sets cut into portions and read: each row once, whatever the cuts, and none passed over."""

from __future__ import annotations

import base64
import bz2
import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from validator.archive.seeds import Seed
from validator.batch import datasets
from validator.batch.arrow import Carried
from validator.batch.datasets import Portion, files_of, is_data_set, portions_of_files, portions_of_seeds, seeds_of
from validator.rules.views import Unread
from validator.text.errors import ConfigError

LIMIT = 1_000


def read(portions: Iterable[Portion]) -> list[Carried]:
    found = []
    for portion in portions:
        seeds = list(seeds_of(portion, LIMIT))
        assert portion.rows in (None, len(seeds))
        for seed in seeds:
            assert isinstance(seed, Carried)
            found.append(seed)
    return found


def rows_in(place: str) -> list[Carried]:
    return read(portions_of_files(files_of(place)))


@pytest.mark.parametrize(
    ("place", "is_one"),
    [
        ("seeds.parquet", True),
        ("a/b.JSONL", True),
        ("a.ndjson.gz", True),
        ("a.jsonl.zst", True),
        ("s3://bucket/folder", True),
        ("file:///folder", True),
        ("seeds", False),
        ("a.txt", False),
        ("a.json", False),
        ("a.txt.gz", False),
        ("parquet", False),
        ("-", False),
    ],
)
def test_what_is_a_data_set(place: str, is_one: bool) -> None:
    assert is_data_set(place) is is_one


# --- seeds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "workers", "sizes"),
    [(0, 2, []), (1, 2, [1]), (64, 2, [64]), (65, 2, [64, 1]), (2_000, 2, [125] * 16), (100_000, 1, [2_000] * 50)],
)
def test_seeds_in_portions(count: int, workers: int, sizes: list[int]) -> None:
    seeds = [Seed("", str(number)) for number in range(count)]
    portions = list(portions_of_seeds(seeds, workers))
    assert [portion.rows for portion in portions] == sizes
    assert [seed for portion in portions for seed in seeds_of(portion, LIMIT)] == seeds


def test_large_seeds_in_small_portions() -> None:
    seeds = [Seed("", str(number), 9_000_000) for number in range(5)]
    assert [portion.rows for portion in portions_of_seeds(seeds, 2)] == [2, 2, 1]


# --- JSON lines -------------------------------------------------------------------------------------------------------


def line(**row: object) -> bytes:
    return json.dumps(row).encode()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 30), max_size=12),
    st.booleans(),
    st.integers(1, 90),
    st.integers(1, 40),
    st.sampled_from([b"\n", b"\r\n", b"\n\n"]),
)
def test_each_line_is_read_once(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], ends: bool, cut: int, chunk: int, newline: bytes
) -> None:
    rows = [line(path=str(number), content="x" * length) for number, length in enumerate(lengths)]
    file = tmp_path_factory.mktemp("lines") / "a.jsonl"
    file.write_bytes(newline.join(rows) + newline * ends)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "_BYTES_A_PORTION", cut)
        patch.setattr(datasets, "_CHUNK_BYTES", chunk)
        found = rows_in(str(file))
    assert [(seed.name, seed.content) for seed in found] == [
        (str(number), b"x" * length) for number, length in enumerate(lengths)
    ]


def test_all_that_a_line_may_say(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    rows = [
        line(
            path="a.txt",
            content="中",
            source="plain-text",
            sidecar="source: x",
            folder_sidecars=[{"name": "seeds.meta.yaml", "content": "seeds: []"}],
        ),
        line(path="b.txt", content_base64=base64.b64encode(b"\xff\x00").decode()),
        line(path="c.txt", content="\ud800", more=1),
        line(content="unnamed", path=None),
    ]
    file.write_bytes(b"\xef\xbb\xbf" + b"\n".join(rows))
    one, two, three, four = rows_in(str(file))
    assert (one.name, one.content, one.source, one.size) == ("a.txt", "中".encode(), "plain-text", 3)
    assert one.sidecars == (("a.txt.meta.yaml", "source: x"), ("seeds.meta.yaml", "seeds: []"))
    assert (two.content, two.source, two.sidecars, two.unread) == (b"\xff\x00", None, (), None)
    assert three.content == b"\xed\xa0\x80"
    assert four.name == f"{file}#byte={file.read_bytes().index(rows[3])}"


NO_SEEDS: dict[str, tuple[bytes, str, str]] = {
    "not JSON": (b'{"path": ', "file", "its line is not JSON"),
    "no UTF-8": (b'{"path": "\xff"}', "file", "its line is not JSON"),
    "a list": (b"[1]", "file", "its line is no JSON object"),
    "nested": (b"[" * 100_000, "file", "its line"),
    "a number for text": (b'{"path": "a", "content": 5}', "a", 'its "content" is no text'),
    "a number for a path": (b'{"path": 5, "content": ""}', "file", 'its "path" is no text'),
    "a list for a sidecar": (b'{"path": "a", "content": "", "sidecar": []}', "a", 'its "sidecar" is no text'),
    "no list of sidecars": (b'{"path": "a", "content": "", "folder_sidecars": "x"}', "a", 'its "folder_sidecars" is no list'),
    "no sidecars in a list": (
        b'{"path": "a", "content": "", "folder_sidecars": [{"name": "x"}]}', "a", 'its "folder_sidecars" is no list',
    ),
    "no base64": (b'{"path": "a", "content_base64": "?"}', "a", 'its "content_base64" is not base64'),
    "no content": (b'{"path": "a"}', "a", "it has no content"),
    "null": (b'{"path": "a", "content": null}', "a", "it has no content"),
    "too long": (b'{"content": "' + b"x" * 2_000_000 + b'"}', "file", "its line has more than"),
}  # fmt: skip


@pytest.mark.parametrize(("bad", "name", "message"), NO_SEEDS.values(), ids=NO_SEEDS)
def test_a_line_that_is_no_seed_cannot_be_read(tmp_path: Path, bad: bytes, name: str, message: str) -> None:
    file = tmp_path / "a.jsonl"
    good = line(path="good", content="text")
    file.write_bytes(b"\n".join([good, bad, good]) + b"\n")
    before, seed, after = rows_in(str(file))
    assert before.content == after.content == b"text"
    assert seed.name == (name if name != "file" else f"{file}#byte={len(good) + 1}")
    assert isinstance(seed.unread, Unread)
    assert seed.unread.message.startswith(message)


@pytest.mark.parametrize("ending", ["gz", "bz2", "zst"])
def test_compressed_lines(tmp_path: Path, ending: str) -> None:
    content = b"".join(line(path=str(number), content="x" * 50) + b"\n" for number in range(1_000))
    packed = {
        "gz": gzip.compress(content),
        "bz2": bz2.compress(content),
        "zst": pa.Codec("zstd").compress(content, asbytes=True),
    }[ending]
    file = tmp_path / f"a.ndjson.{ending}"
    file.write_bytes(packed)
    (portion,) = portions_of_files(files_of(str(file)))
    assert portion.end is None
    assert [seed.name for seed in read([portion])] == [str(number) for number in range(1_000)]


def test_a_compressed_file_that_is_cut_short(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(line(path="a", content="b" * 5_000) * 500)[:-200])
    with pytest.raises((OSError, pa.ArrowException)):
        rows_in(str(file))


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    assert rows_in(str(tmp_path / "a.jsonl")) == []


# --- Parquet ----------------------------------------------------------------------------------------------------------


def table_of(count: int, **columns: Any) -> pa.Table:
    plain = {"path": [str(number) for number in range(count)], "content": [b"%d" % number for number in range(count)]}
    return pa.table({**plain, **columns})


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(1, 40), st.integers(1, 25), st.integers(1, 5), st.integers(1, 9))
def test_each_row_is_read_once(
    tmp_path_factory: pytest.TempPathFactory, count: int, group: int, portion: int, slices: int, batch: int
) -> None:
    file = tmp_path_factory.mktemp("rows") / "a.parquet"
    parquet.write_table(table_of(count), file, row_group_size=group)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "_ROWS_A_PORTION", portion)
        patch.setattr(datasets, "_MOST_SLICES", slices)
        patch.setattr(datasets, "_ROWS_AT_A_TIME", batch)
        portions = list(portions_of_files(files_of(str(file))))
        found = read(portions)
    assert [(seed.name, seed.content) for seed in found] == [(str(n), b"%d" % n) for n in range(count)]


def test_all_that_a_row_may_say(tmp_path: Path) -> None:
    table = table_of(
        4,
        path=["a", None, "", "d"],
        content=pa.array(["text", None, "x", "y"], pa.large_string()),
        source=pa.array(["plain-text", None, None, None]).dictionary_encode(),
        sidecar=[b"source: x", None, None, None],
        other=[1, 2, 3, 4],
    )
    file = tmp_path / "a.parquet"
    parquet.write_table(table, file, row_group_size=2)
    one, two, three, four = rows_in(str(file))
    assert (one.name, one.content, one.source) == ("a", b"text", "plain-text")
    assert one.sidecars == (("a.meta.yaml", b"source: x"),)
    assert (two.name, two.content) == (f"{file}#row=2", None)
    assert two.unread is not None
    assert (three.name, three.content, four.name) == (f"{file}#row=3", b"x", "d")


def test_a_message_says_which_rows_are_meant(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    parquet.write_table(table_of(5), file, row_group_size=3)
    assert [str(portion) for portion in portions_of_files(files_of(str(file)))] == [
        f"{file}, rows 1 to 3",
        f"{file}, rows 4 to 5",
    ]
    assert str(Portion(file="a.jsonl", start=5, end=9)) == "a.jsonl, from byte 5 to 9"
    assert str(Portion(file="a.jsonl.gz")) == "a.jsonl.gz, from byte 0"
    assert str(Portion((Seed("", "a"), Seed("", "b")))) == "a to b"


# --- places -----------------------------------------------------------------------------------------------------------


def test_a_folder_by_its_address(tmp_path: Path) -> None:
    parquet.write_table(table_of(3), tmp_path / "b.parquet")
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "a.jsonl").write_bytes(line(path="x", content="y"))
    for hidden in ("_summary.json", "_old.parquet", ".b.parquet", "notes.txt", "_/c.parquet", ".git/d.jsonl"):
        (tmp_path / hidden).parent.mkdir(exist_ok=True)
        (tmp_path / hidden).write_text("no data set")
    place = tmp_path.as_uri()
    assert [file for file, _ in files_of(place)] == [f"{place}/b.parquet", f"{place}/part/a.jsonl"]
    assert [file for file, _ in files_of(place + "/")] == [f"{place}/b.parquet", f"{place}/part/a.jsonl"]
    assert [seed.name for seed in rows_in(place)] == ["0", "1", "2", "x"]


def test_a_file_system_of_fsspec() -> None:
    memory = fsspec.filesystem("memory")
    with memory.open("/datasets/in/a.jsonl", "wb") as out:
        out.write(b"\n".join(line(path=str(number), content="x" * 100) for number in range(10)))
    with memory.open("/datasets/in/b.parquet", "wb") as out:
        parquet.write_table(table_of(3), out)
    found = rows_in("memory://datasets/in")
    assert [seed.name for seed in found] == [*map(str, range(10)), "0", "1", "2"]


MISTAKES = {
    "not there": ("nowhere.parquet", "there is no such data set"),
    "no such folder": ("file:///no/such/folder", "there is no such data set"),
    "an empty folder": ("{}/empty", "no data set found in it"),
    "a file of another kind": ("{}/a.txt", "its name says no form of data set"),
    "an unknown scheme": ("nowhere://a/b.parquet", "it is no place to read or write"),
}


@pytest.mark.parametrize(("place", "message"), MISTAKES.values(), ids=MISTAKES)
def test_places_that_are_none(tmp_path: Path, place: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").touch()
    place = place.format(tmp_path.as_uri())
    with pytest.raises(ConfigError) as caught:
        files_of(place)
    assert caught.value.message.startswith(message)
    assert caught.value.file == place


FILES = {
    "no Parquet": (b"PAR1 is how it begins", "it is no Parquet that can be read", None),
    "empty": (b"", "it is no Parquet that can be read", None),
    "without the columns": (
        pa.table({"path": ["a"], "contents": ["b"]}),
        'the table has no column "content"',
        "contents",
    ),
    "of another type": (pa.table({"path": ["a"], "content": [5]}), 'the column "content" holds int64', None),
}


@pytest.mark.parametrize(("content", "message", "suggestion"), FILES.values(), ids=FILES)
def test_files_that_are_none(tmp_path: Path, content: Any, message: str, suggestion: str | None) -> None:
    file = tmp_path / "b.parquet"
    parquet.write_table(table_of(3), tmp_path / "a.parquet")
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        parquet.write_table(content, file)
    with pytest.raises(ConfigError) as caught:
        rows_in(tmp_path.as_uri())
    assert caught.value.message.startswith(message)
    assert caught.value.suggestion == suggestion
    assert caught.value.file == f"{tmp_path.as_uri()}/b.parquet"
