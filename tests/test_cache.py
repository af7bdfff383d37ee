"""What a run keeps for the next one: it spares work, and changes nothing, whatever stands in the user's cache."""

from __future__ import annotations

import marshal
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import validator.rules
from validator import cache, digests, expressions, face
from validator.archive import Request, keep_expressions, open_archive, use_in_process
from validator.cache import cache_folder, keep, read_cached
from validator.compiled import key_of, opened, pack, seal, unpack
from validator.config import read_toml
from validator.errors import ConfigError
from validator.face import load_sources

KEY = key_of("test", "a", "b")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.text("\ud800\udfff"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=10,
)  # fmt: skip
SCHEMA = """\
id: gazette
title: The Gazette
extends: plain-text
identify: {paths: ["**/gazette/**"]}
rules: {final-newline: warning}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache, empty, for one test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "seed-validator"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with a configuration and a schema of its own."""
    root = tmp_path / "archive"
    (root / "schemas").mkdir(parents=True)
    (root / "gazette").mkdir()
    (root / "schemas" / "gazette.yaml").write_text(SCHEMA, "utf-8")
    (root / "validator.toml").write_text('schemas = ["schemas"]\n', "utf-8")
    (root / "gazette" / "one.txt").write_text("The first line.\n\nFrom the ﬁrst to the second: 一二三，“a”.", "utf-8")
    return root


def validated(root: Path) -> str:
    """What a process of its own says of an archive."""
    command = [sys.executable, "-m", "validator", "validate", "--format", "json", "--config", "validator.toml", "."]
    environment = {**os.environ, "PYTHONPATH": str(Path(face.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment, check=False)
    assert done.stderr == ""
    assert done.returncode in (0, 1)
    return done.stdout


# Plain values and sources as bytes


@given(PLAIN)
def test_what_is_sealed_is_opened(content: object) -> None:
    assert opened(seal(content, KEY), KEY) == content
    assert opened(seal(content, KEY), key_of("test", "a", "c")) is None
    assert opened(None, KEY) is None


@given(st.data(), PLAIN)
def test_what_was_changed_is_not(data: st.DataObject, content: object) -> None:
    sealed = seal(content, KEY)
    at = data.draw(st.integers(0, len(sealed) - 1))
    assert opened(sealed[:at], KEY) is None
    assert opened(sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :], KEY) is None


def test_parts_of_a_key_are_not_run_together() -> None:
    keys = [
        key_of("a", "b", "c"),
        key_of("a", "bc"),
        key_of("a", "b", "", "c"),
        key_of("a"),
        key_of("b"),
        key_of("a", "\ud800"),
    ]
    assert len(set(keys)) == len(keys)


def test_sources_come_back_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "gazette.yaml").write_text(SCHEMA, "utf-8")
    sources = load_sources([tmp_path], strict=True)
    again = unpack(pack(sources, KEY), KEY)
    assert again == sources
    assert [repr(source) for source in (again or {}).values()] == [repr(source) for source in sources.values()]


WRONG: tuple[Any, ...] = ([[1]], [1], {}, [{"a": [1]}], [["x"] * 18], [{}], compile("1", "", "eval"))
MISSHAPEN = (b"", b"\xff", *(marshal.dumps(each) for each in WRONG))


@pytest.mark.parametrize("content", MISSHAPEN, ids=range(len(MISSHAPEN)))
def test_bytes_of_another_shape_are_no_sources(content: bytes) -> None:
    assert unpack(KEY + sha256(KEY + content).digest() + content, KEY) is None


# The folder


def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for said, base in (("", "home/.cache"), ("relative", "home/.cache"), (str(tmp_path / "other"), "other")):
        monkeypatch.setenv("XDG_CACHE_HOME", said)
        assert cache_folder() == str(tmp_path.resolve() / base / "seed-validator")
    assert cache_folder(str(tmp_path / "archive")) is not None
    assert cache_folder(str(tmp_path / "oth")) is not None
    for around in (tmp_path, tmp_path / "other"):
        assert cache_folder(str(around)) is None


def test_a_file_is_kept_for_its_user_alone(folder: Path) -> None:
    assert read_cached(str(folder), "a") is None
    keep(str(folder), "a", b"one")
    keep(str(folder), "a", b"two")
    assert read_cached(str(folder), "a") == b"two"
    assert [path.name for path in folder.iterdir()] == ["a"]
    assert (folder.stat().st_mode & 0o777, (folder / "a").stat().st_mode & 0o777) == (0o700, 0o600)


def link(path: Path) -> None:
    path.rename(path.with_name("there"))
    path.symlink_to(path.with_name("there"))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def instead_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


FOREIGN: tuple[Callable[[Path], object], ...] = (
    link, pipe, instead_a_folder, lambda path: path.chmod(0o620), lambda path: path.chmod(0o602), lambda path: path.unlink(),
)  # fmt: skip


@pytest.mark.parametrize("change", FOREIGN, ids=range(len(FOREIGN)))
def test_what_others_may_have_written_is_not_read(folder: Path, change: Callable[[Path], object]) -> None:
    keep(str(folder), "a", b"one")
    change(folder / "a")
    assert read_cached(str(folder), "a") is None


def test_what_another_user_owns_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(str(folder), "a", b"one")
    me = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: me + 1)
    assert read_cached(str(folder), "a") is None


def test_what_is_too_large_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(str(folder), "a", b"one")
    monkeypatch.setattr(cache, "_LIMIT_BYTES", 2)
    assert read_cached(str(folder), "a") is None


def test_the_oldest_make_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_KEPT", 3)
    for number in range(6):
        keep(str(folder), str(number), b"")
        os.utime(folder / str(number), (number, number))
    assert sorted(path.name for path in folder.iterdir()) == ["3", "4", "5"]


@pytest.mark.parametrize("name", ["a\0b", "a/b", "x" * 300])
def test_what_cannot_be_kept_is_no_trouble(folder: Path, name: str) -> None:
    keep(str(folder), name, b"one")
    assert read_cached(str(folder), name) is None
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_cache_that_cannot_be_there_is_no_trouble(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way", "utf-8")
    keep(str(folder), "a", b"one")
    assert read_cached(str(folder), "a") is None
    assert load_sources() == load_sources(cached=False)


# Sources and configurations by way of the cache


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes how often schemas are read in earnest."""
    times: list[str] = []
    read = face._read_sources

    def noted(*values: object) -> object:
        times.append("read")
        return read(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(face, "_read_sources", noted)
    return times


def test_schemas_are_read_once(folder: Path, archive: Path, parsed: list[str]) -> None:
    place = archive / "schemas"
    first = load_sources([place], archive)
    assert (load_sources([place], archive), len(parsed)) == (first, 1)
    assert (load_sources([place], archive, cached=False), len(parsed)) == (first, 2)
    assert (load_sources([place], archive, strict=True), len(parsed)) == (first, 3)
    (place / "gazette.yaml").write_text(SCHEMA.replace("The Gazette", "The Other"), "utf-8")
    assert (load_sources([place], archive)["gazette"].title, len(parsed)) == ("The Other", 4)
    assert load_sources() == load_sources()
    assert len(parsed) == 5
    assert {path.suffix for path in folder.iterdir()} == {".sources"}


def test_another_state_of_the_program_reads_them_anew(
    folder: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load_sources()
    monkeypatch.setattr(face, "program_state", lambda: "of another day")
    load_sources()
    monkeypatch.setattr(face, "__version__", "9.9")
    load_sources()
    monkeypatch.setattr(face, "version", "4.0")
    load_sources()
    assert len(parsed) == 4
    assert len(list(folder.iterdir())) == 4


def test_a_schema_that_is_none_is_told_each_time(folder: Path, archive: Path) -> None:
    (archive / "schemas" / "gazette.yaml").write_text(SCHEMA.replace("final-newline", "final-newlines"), "utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError, match="no rule is called 'final-newlines'"):
            load_sources([archive / "schemas"], archive)
    assert not folder.exists()


def test_nothing_is_kept_where_that_is_not_wanted(folder: Path, archive: Path) -> None:
    use_in_process(open_archive(Request(archive, cached=False)))
    re_compiled = expressions.expression("never asked for before").search("never asked for before")
    assert re_compiled is not None
    keep_expressions()
    assert not folder.exists()


def test_nothing_is_kept_in_the_repository_of_the_archive(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    load_sources([archive / "schemas"], archive)
    open_archive(Request(archive))
    assert not (tmp_path / "cache").exists()


def test_a_configuration_with_a_date_is_read_each_time(folder: Path, archive: Path) -> None:
    (archive / "validator.toml").unlink()
    (archive / "pyproject.toml").write_text("[project]\non = 2026-11-22\n[tool.validator]\njobs = 3\n", "utf-8")
    for _ in range(2):
        assert open_archive(Request(archive)).settings.jobs == 3
    assert [path.suffix for path in folder.iterdir()] == [".sources"]


def test_a_configuration_that_is_none_is_told_each_time(folder: Path, archive: Path) -> None:
    (archive / "validator.toml").write_text("jobs = \n", "utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError, match="not TOML"):
            open_archive(Request(archive))
    assert not folder.exists()
    with pytest.raises(ValueError, match="Invalid value"):
        read_toml("jobs = ")


def garbled(path: Path, way: str) -> None:
    data = path.read_bytes()
    changed = {
        "cut short": data[: len(data) // 2],
        "empty": b"",
        "a bit": data[:-1] + bytes((data[-1] ^ 1,)),
        "noise": os.urandom(len(data)),
        "of another shape": data[:32]
        + sha256(data[:32] + marshal.dumps([{"a": [1]}])).digest()
        + marshal.dumps([{"a": [1]}]),
        "another mapping": data[:32]
        + sha256(data[:32] + marshal.dumps({("a", 0): 1})).digest()
        + marshal.dumps({("a", 0): 1}),
    }
    path.write_bytes(changed[way])


@pytest.mark.parametrize("way", ["cut short", "empty", "a bit", "noise", "of another shape", "another mapping"])
def test_no_report_hangs_on_what_stands_in_the_cache(folder: Path, archive: Path, way: str) -> None:
    fresh = validated(archive)
    kept = sorted(folder.iterdir())
    assert {path.suffix for path in kept} == {".sources", "", ".toml"}
    good = {path: path.read_bytes() for path in kept}
    assert validated(archive) == fresh
    for path in kept:
        if path.suffix != ".toml" or way not in ("of another shape", "another mapping"):  # which is TOML as good as any
            garbled(path, way)
    assert validated(archive) == fresh
    assert {path: path.read_bytes() for path in folder.glob("*.*")} == {
        path: data for path, data in good.items() if path.suffix
    }


# Expressions


def every_expression() -> Iterator[expressions._Late]:
    """All that the modules of the program hold."""
    assert validator.rules.RULES
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] == "validator":
            yield from (value for value in vars(module).values() if isinstance(value, expressions._Late))


def test_what_is_recalled_is_what_would_be_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "_recalled", {})
    monkeypatch.setattr(expressions, "_made", {})
    found = list(every_expression())
    assert len(found) > 60
    for each in found:
        plain = re.compile(each.pattern, each._flags)
        assert expressions.compiled(each.pattern, each._flags) == plain, each.pattern  # their code is compared too
        expressions.recall(marshal.loads(marshal.dumps(expressions.compiled_here())))
        assert (each.pattern, int(each._flags)) in expressions._recalled
        assert expressions.compiled(each.pattern, each._flags) == plain, each.pattern


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        ("a(?P<x>b)|[一-龥]+", re.IGNORECASE),
        ("(?i)a", 0),
        (rb"\xff+", 0),
        ("x y # z", re.VERBOSE),
        ("(a)(?P<n>b)(c)", 0),
    ],
)
def test_an_expression_is_the_one_of_re(pattern: str | bytes, flags: int) -> None:
    plain = re.compile(pattern, flags)
    for _ in range(2):
        ours = expressions.compiled(pattern, flags)
        assert (ours, ours.flags, ours.groups, ours.groupindex) == (plain, plain.flags, plain.groups, plain.groupindex)


def test_a_mistake_is_raised_when_it_is_used() -> None:
    broken = expressions.expression("(")
    with pytest.raises(re.error, match="unterminated"):
        broken.search("a")


def test_without_the_parts_of_re_expressions_are_compiled_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(re, "_parser")
    assert expressions.expression("not (yet) asked for").fullmatch("not yet asked for") is not None


@pytest.mark.parametrize(
    "lists",
    [None, [], {}, {("abc", 0): 1}, {("abc", 0): (0, b"abcd", 0, {}, (None,))}, {("abc", 0): (0, b"abc", 0, {}, ())}],
)
def test_lists_that_are_none_are_not_used(lists: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "_recalled", {})
    expressions.recall(lists)
    assert expressions.compiled("abc").search("xabcx") is not None


def test_the_digest_is_that_of_hashlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_left", 3)
    monkeypatch.setattr(digests, "_start", digests._without_openssl())
    for number in range(6):
        data = bytes(range(number * 40))
        assert digests.sha256(data).digest() == sha256(data).digest()
        streamed = digests.sha256()
        streamed.update(data)
        assert streamed.hexdigest() == sha256(data).hexdigest()
    assert digests.digest_of("ä\ud800") == sha256(b"\xc3\xa4\xed\xa0\x80").hexdigest()
