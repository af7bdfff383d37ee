"""What is kept of reports and sources comes back as it was: every field of every class, and nothing of another version."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import GenericAlias, NoneType, UnionType
from typing import Any, get_args, get_type_hints

import pytest

from validator.compiled import key_of, pack, pack_report, unpack, unpack_report
from validator.findings import SeedReport
from validator.sources import Source

CHECKOUT = Path(__file__).resolve().parent.parent


def filled(declared: Any, name: str, number: int) -> Any:
    """A value of a declared type that differs from every default; for a class an object, each field of it filled likewise."""
    inside = get_args(declared)
    if declared is Any:
        return {"text": name, "list": [number, None, True], "inner": {"number": 1.5}}
    if isinstance(declared, UnionType):
        kinds = [each for each in inside if each is not NoneType]
        return filled(kinds[number % len(kinds)], name, number)
    if isinstance(declared, GenericAlias):
        if declared.__origin__ is dict:
            return {f"{name}-{at}": filled(inside[1], name, number + at) for at in range(2)}
        assert declared.__origin__ is tuple, f"no way to fill {declared}"
        each = inside[:1] * 2 if ... in inside else inside
        return tuple(filled(kind, name, number + at) for at, kind in enumerate(each))
    if issubclass(declared, StrEnum):
        return list(declared)[-1 - number % 2]
    if hasattr(declared, "_fields"):
        return declared(*range(number + 2, number + 2 + len(declared._fields)))
    if dataclasses.is_dataclass(declared):
        hints = get_type_hints(declared)
        fields = [each.name for each in dataclasses.fields(declared)]
        values = {each: filled(hints[each], each, number + at) for at, each in enumerate(fields)}
        return declared(**values)  # type: ignore[operator]
    return {str: f"{name} {number}", int: 1000 + number, float: number + 0.25, bool: bool(number % 2)}[declared]


def parts(value: Any, place: str) -> Iterator[tuple[str, type, object]]:
    """Everything in a value, with its place and its exact type."""
    if dataclasses.is_dataclass(value):
        yield place, type(value), None
        for each in dataclasses.fields(value):
            yield from parts(getattr(value, each.name), f"{place}.{each.name}")
    elif isinstance(value, tuple | list):
        yield place, type(value), len(value)
        for at, each in enumerate(value):
            yield from parts(each, f"{place}[{at}]")
    elif isinstance(value, dict):
        yield place, dict, tuple(value)
        for key, each in value.items():
            yield from parts(each, f"{place}[{key}]")
    else:
        yield place, type(value), value


# Numbers choose what is filled in: both of two kinds, both values of a flag, several words of an enumeration.
@pytest.mark.parametrize("number", range(6))
def test_every_field_of_a_report_comes_back(number: int) -> None:
    report = filled(SeedReport, "report", number)
    again = unpack_report(report.path, report.sha256, *pack_report(report))
    assert list(parts(again, "report")) == list(parts(report, "report"))


@pytest.mark.parametrize("number", range(6))
def test_every_field_of_a_source_comes_back(number: int) -> None:
    source = filled(Source, "source", number)
    key = key_of("test")
    again = (unpack(pack({source.id: source}, key), key) or {})[source.id]
    assert list(parts(again, "source")) == list(parts(source, "source"))


@pytest.mark.parametrize("kind", [SeedReport, Source])
def test_what_is_filled_in_is_no_default(kind: type[Any]) -> None:
    """Else a field that is not kept might come back as its default and be taken for kept."""
    defaults: set[str] = set()
    always: set[str] | None = None
    for number in range(6):
        same = set()
        for place, value in objects(filled(kind, "it", number), kind.__name__):
            for each in dataclasses.fields(value):
                has = each.default if each.default_factory is dataclasses.MISSING else each.default_factory()
                if getattr(value, each.name) == has:
                    same.add(f"{place}.{each.name}")
        defaults |= same
        always = same if always is None else always & same
    assert always == set()


def objects(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """The objects of data classes in a value, each with its place."""
    if dataclasses.is_dataclass(value):
        yield place, value
        for each in dataclasses.fields(value):
            yield from objects(getattr(value, each.name), f"{place}.{each.name}")
    elif isinstance(value, tuple | list | dict):
        for at, each in enumerate(value.values() if isinstance(value, dict) else value):
            yield from objects(each, f"{place}[{at}]")


@pytest.mark.parametrize("value", [{"a": b"bytes"}, {"a": {1, 2}}, {"a": Path("a")}])
def test_what_is_no_plain_value_is_not_kept(value: dict[str, Any]) -> None:
    report = dataclasses.replace(filled(SeedReport, "report", 0), record=value)
    with pytest.raises(ValueError, match="plain"):
        pack_report(report)


# --- other versions of the program ------------------------------------------------------------------------------------

RENAMED = [
    # What changes in a class while file, size and time stay: the cache must not tell versions by these alone.
    ("sources.py", "    paths: tuple[str, ...] = ()\n    hosts: tuple[str, ...] = ()",
     "    hosts: tuple[str, ...] = ()\n    paths: tuple[str, ...] = ()"),
    ("findings.py", "    excerpt: str = \"\"\n    excerpt_column: int = 1\n    reason: str = \"\"",
     "    reason: str = \"\"\n    excerpt_column: int = 1\n    excerpt: str = \"\""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after"), RENAMED, ids=[each[0] for each in RENAMED])
def test_what_another_version_has_kept_is_a_miss(tmp_path: Path, name: str, before: str, after: str) -> None:
    program, archive = tmp_path / "program", tmp_path / "archive"
    for folder in ("validator", "schemas"):
        shutil.copytree(CHECKOUT / folder, program / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CHECKOUT / "seeds", archive)
    for number in range(40):
        shutil.copy(archive / "mod-gov-cn" / "as-captured.txt", archive / "mod-gov-cn" / f"{number}.txt")
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(program),
                   "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip

    def told() -> bytes:
        command = [sys.executable, "-m", "validator", "validate", "--format", "sarif", "."]
        done = subprocess.run(command, cwd=archive, env=environment, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (1, b"")
        return done.stdout

    said = told()
    module = program / "validator" / name
    status, source = module.stat(), module.read_text("utf-8")
    assert source.count(before) == 1
    module.write_text(source.replace(before, after), "utf-8")
    os.utime(module, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert told() == said
    assert told() == said
