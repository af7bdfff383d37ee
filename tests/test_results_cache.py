"""What is kept of each seed for the next run: it spares checks, and no report shows whether it was there.

Tests that are about one thing run in this process, with the checks counted; what several processes do is done by several.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from validator import archive, cache, reports, results, runner, store
from validator.archive import Request, open_archive, use_in_process
from validator.cli import _call
from validator.compiled import pack_report, unpack_report
from validator.engine import check_seed
from validator.files import FolderSidecars, Seed, discover
from validator.findings import (
    Applicability,
    Basis,
    Candidate,
    Edit,
    Extent,
    Finding,
    Fix,
    Lift,
    Related,
    SeedReport,
    Severity,
    Status,
    Used,
    Value,
    Verdict,
)
from validator.frozen import replace
from validator.results import reports_of
from validator.text import Position

CHECKOUT = Path(__file__).resolve().parent.parent
DAY = date(2026, 5, 1)
SCHEMA = """\
id: gazette
title: The Gazette
extends: plain-text
identify: {paths: ["**/gazette/**"]}
"""
CLEAN = "The first line of an article.\n\nThe second one, which ends it.\n"
DIRTY = 'A line that ends in a blank. \n\nThe dog"s tail, and no newline at the end.'
ACCEPTED = """\
accept:
  - {rule: trailing-whitespace, reason: "as it was printed", by: "A. Curator", on: 2026-04-01, until: 2026-05-02}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache, empty, for one test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "seed-validator" / "results"


@pytest.fixture
def pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few seeds be enough."""
    monkeypatch.setattr(runner, "_SEEDS_WORTH_A_LOOK", 1)


@pytest.fixture
def root(tmp_path: Path, folder: Path, pays: None) -> Path:
    """An archive of a few seeds, clean and dirty, in two folders."""
    assert folder is not None
    return made(tmp_path / "archive")


def made(root: Path) -> Path:
    for name in ("schemas", "gazette/old"):
        (root / name).mkdir(parents=True)
    (root / "schemas" / "gazette.yaml").write_text(SCHEMA, "utf-8")
    (root / "validator.toml").write_text('schemas = ["schemas"]\n', "utf-8")
    for number in range(3):
        (root / "gazette" / f"clean-{number}.txt").write_text(CLEAN, "utf-8")
    for number in range(2):
        (root / "gazette" / "old" / f"dirty-{number}.txt").write_text(DIRTY, "utf-8")
    (root / "gazette" / "old" / "noise.txt").write_bytes(b"\xff\xfe\xfd" * 9)
    return root


def found(
    root: Path, *, cached: bool = True, used: Used = Used.ALL, today: date = DAY, jobs: int = 1, **request: Any
) -> list[SeedReport]:
    """What a run of this process finds out."""
    opened = open_archive(Request(root, today=today, cached=cached, **request))
    use_in_process(opened)
    seeds = discover([root], opened.settings, opened.root).seeds
    return list(reports_of(opened, seeds, jobs, used))


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the seeds that were checked."""
    names: list[str] = []
    check = check_seed

    def counted(data: bytes, sources: Any, *, path: str, **more: Any) -> SeedReport:
        names.append(Path(path).name)
        return check(data, sources, path=path, **more)

    monkeypatch.setattr("validator.archive.check_seed", counted)
    return names


def checked(names: list[str], run: Callable[[], object]) -> list[str]:
    """The seeds that a run checks."""
    names.clear()
    run()
    return sorted(names)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all that happens to files have happened an hour ago."""
    monkeypatch.setattr(time, "time_ns", lambda: time.clock_gettime_ns(time.CLOCK_REALTIME) + 3600 * 10**9)


def changed(path: Path, change: Callable[[], object]) -> None:
    """Change a file until the system's clock, which goes by ticks, has gone on."""
    before = path.stat().st_ctime_ns if path.exists() else 0
    change()
    while path.exists() and path.stat().st_ctime_ns == before:
        change()


ALL = ["clean-0.txt", "clean-1.txt", "clean-2.txt", "dirty-0.txt", "dirty-1.txt", "noise.txt"]
OLD = ALL[3:]


# When it holds and when not


def same_size(root: Path) -> None:
    path = root / "gazette" / "clean-1.txt"
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)

    def change() -> None:
        path.write_text(CLEAN.replace("second one,", "second one "), "utf-8")
        os.utime(path, ns=times)

    changed(path, change)


def touched(root: Path) -> None:
    path = root / "gazette" / "clean-1.txt"
    changed(path, lambda: os.utime(path, (5, 5)))


def put_in_place(text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path, other = root / "gazette" / "clean-1.txt", root / "other"
        other.write_text(text, "utf-8")
        os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        other.replace(path)

    return change


def written(name: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        changed(root / name, lambda: (root / name).write_text(text, "utf-8"))

    return change


def linked(root: Path) -> None:
    (root / "gazette/clean-1.txt.meta.yaml").symlink_to("nowhere")


def nothing(_: Path) -> None:
    pass


def renamed(root: Path) -> None:
    (root / "gazette/clean-1.txt").rename(root / "gazette/clean-9.txt")


def removed(root: Path) -> None:
    (root / "gazette/clean-1.txt").unlink()


def emptied(root: Path) -> None:
    (root / "gazette/clean-1.txt").write_text("", "utf-8")


ONE = "gazette/clean-1.txt"
CHANGES: list[tuple[str, Callable[[Path], None], list[str]]] = [
    ("nothing", nothing, []),
    ("other text, of the same size, with its old time", same_size, ["clean-1.txt"]),
    ("only its time", touched, []),
    ("put in its place, the same", put_in_place(CLEAN), []),
    ("put in its place, another", put_in_place(CLEAN.replace("first", "FIRST")), ["clean-1.txt"]),
    ("longer", written(ONE, CLEAN + "\nA third.\n"), ["clean-1.txt"]),
    ("empty", emptied, ["clean-1.txt"]),
    ("another name", renamed, ["clean-9.txt"]),
    ("gone", removed, []),
    ("a seed more", written("gazette/one.txt", DIRTY), ["one.txt"]),
    ("a sidecar", written(f"{ONE}.meta.yaml", "source: plain-text\n"), ["clean-1.txt"]),
    ("a sidecar that is none", written(f"{ONE}.meta.yaml", "sauce: [\n"), ["clean-1.txt"]),
    ("a sidecar that leads nowhere", linked, ["clean-1.txt"]),
    ("a sidecar of its folder", written("gazette/old/seeds.meta.yaml", "seeds: []\n"), OLD),
    ("a sidecar above", written("seeds.meta.yaml", 'seeds: [{files: ["**/clean-*"], source: plain-text}]\n'), ALL),
    ("the schema", written("schemas/gazette.yaml", SCHEMA + "rules: {final-newline: error}\n"), ALL),
    ("a schema more", written("schemas/other.yaml", "id: other\ntitle: Other\nextends: plain-text\n"), ALL),
    ("the configuration", written("validator.toml", 'schemas = ["schemas"]\nlimit-bytes = 99\n'), ALL),
]


@pytest.mark.parametrize("case", CHANGES, ids=[each[0] for each in CHANGES])
@pytest.mark.parametrize("is_later", [False, True], ids=["at once", "later"])
def test_what_changed_is_checked_and_nothing_else(
    case: tuple[str, Callable[[Path], None], list[str]],
    is_later: bool,
    root: Path,
    checks: list[str],
    request: pytest.FixtureRequest,
) -> None:
    if is_later:
        request.getfixturevalue("later")
    _, change, expected = case
    assert checked(checks, lambda: found(root)) == ALL
    assert checked(checks, lambda: found(root)) == []
    change(root)
    warm: list[SeedReport] = []
    assert checked(checks, lambda: warm.extend(found(root))) == expected
    assert warm == found(root, cached=False)
    again = ["clean-1.txt"] if change is linked else []  # a sidecar that cannot be read
    assert checked(checks, lambda: found(root)) == again


def test_a_sidecar_that_changes_or_goes(root: Path, checks: list[str], later: None) -> None:
    path = root / "gazette/old/dirty-0.txt.meta.yaml"
    for text in (ACCEPTED, ACCEPTED.replace("printed", "written"), ACCEPTED + "source: plain-text\n", None):
        path.unlink() if text is None else path.write_text(text, "utf-8")
        warm = found(root)
        assert warm == found(root, cached=False)
        assert checked(checks, lambda: found(root)) == []


def test_a_sidecar_above_counts_beside_one_of_its_own(root: Path, checks: list[str]) -> None:
    (root / "gazette/old/dirty-0.txt.meta.yaml").write_text(ACCEPTED, "utf-8")
    found(root)
    (root / "gazette/old/seeds.meta.yaml").write_text('seeds: [{files: ["*.txt"], source: plain-text}]\n', "utf-8")
    warm: list[SeedReport] = []
    assert checked(checks, lambda: warm.extend(found(root))) == OLD
    assert warm == found(root, cached=False)


def test_the_day_that_an_acceptance_ends(root: Path, checks: list[str]) -> None:
    (root / "gazette/old/dirty-0.txt.meta.yaml").write_text(ACCEPTED, "utf-8")
    statuses = []
    for days in range(4):
        today = DAY + timedelta(days)
        warm = found(root, today=today)
        assert warm == found(root, today=today, cached=False)
        statuses.append({each.rule: each.status for each in warm[3].findings}["trailing-whitespace"])
        assert checked(checks, lambda today=today: found(root, today=today)) == []  # type: ignore[misc]
    assert statuses == [Status.ACCEPTED, Status.ACCEPTED, Status.OPEN, Status.OPEN]


@pytest.mark.parametrize("what", ["program", "library"])
def test_another_program_forgets_all(
    what: str, root: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found(root)
    if what == "library":
        (tmp_path / "chardet-99.0.dist-info").mkdir()
        monkeypatch.syspath_prepend(tmp_path)
    else:
        package = tmp_path / "validator"
        shutil.copytree(Path(cache.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(cache, "__file__", str(package / "cache.py"))
        assert checked(checks, lambda: found(root)) == ALL
        (package / "rules" / "quotes.py").write_text("# changed\n", "utf-8")
    assert checked(checks, lambda: found(root)) == ALL
    assert checked(checks, lambda: found(root)) == []


def test_what_is_asked_for_is_part_of_the_question(root: Path, checks: list[str], tmp_path: Path) -> None:
    found(root)
    assert checked(checks, lambda: found(root, source="plain-text")) == ALL
    assert checked(checks, lambda: found(root, no_config=True)) == ALL
    assert checked(checks, lambda: found(root, schemas=(tmp_path / "archive" / "schemas",))) == ALL
    assert checked(checks, lambda: found(root)) == []  # each of them has a store of its own
    assert checked(checks, lambda: found(root, source="plain-text")) == []


@pytest.mark.parametrize(
    "asked", [{"select": ("whitespace",)}, {"ignore": ("quotes", "encoding")}, {"fail_on": "never"}]
)
def test_what_is_shown_is_chosen_afterwards(asked: dict[str, Any], root: Path, checks: list[str]) -> None:
    found(root, **asked)
    warm: list[SeedReport] = []
    assert checked(checks, lambda: warm.extend(found(root))) == []
    assert warm == found(root, cached=False)
    chosen = found(root, **asked)
    assert chosen == found(root, cached=False, **asked)
    assert (chosen == warm) == ("fail_on" in asked)


@pytest.mark.parametrize("used", Used)
def test_what_is_used_is_there(used: Used, root: Path) -> None:
    whole = found(root, cached=False)
    for turn in range(2):
        some = found(root, used=used)
        for one, each in zip(whole, some, strict=True):
            assert (one.path, one.verdict, one.findings) == (each.path, each.verdict, each.findings)
            if used is not Used.DIRT or one.findings or one.verdict is not Verdict.VALID:
                assert (one.source, one.evidence, one.encoding, one.sha256) == (
                    each.source,
                    each.evidence,
                    each.encoding,
                    each.sha256,
                )
            assert one == each or (turn and used is not Used.ALL)


# What is never kept


def test_what_could_not_be_judged_is_not_kept(root: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    check = check_seed

    def failing(data: bytes, sources: Any, *, path: str, **more: Any) -> SeedReport:
        if path.endswith("clean-2.txt"):
            raise RuntimeError("a fault")
        return check(data, sources, path=path, **more)

    with monkeypatch.context() as patched:
        patched.setattr("validator.archive.check_seed", failing)
        assert [each.verdict for each in found(root)][2] is Verdict.UNCHECKED
    assert checked(checks, lambda: found(root)) == ["clean-2.txt"]
    (root / "gazette" / "nowhere.txt").symlink_to("nothing-there")
    assert [each.verdict for each in found(root)].count(Verdict.UNREADABLE) == 2
    (root / "gazette" / "nothing-there").write_text(CLEAN, "utf-8")
    assert found(root) == found(root, cached=False)


def test_a_seed_that_changes_while_it_is_checked_is_not_kept(
    root: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch, later: None
) -> None:
    check = check_seed

    def changing(data: bytes, sources: Any, *, path: str, **more: Any) -> SeedReport:
        if path == ONE:
            written(path, CLEAN.replace("first", "FIRST"))(root)
        elif path.endswith("dirty-0.txt"):
            written(path + ".meta.yaml", "source: plain-text\n")(root)
        elif path.endswith("clean-2.txt"):
            (root / path).unlink()
        return check(data, sources, path=path, **more)

    with monkeypatch.context() as patched:
        patched.setattr("validator.archive.check_seed", changing)
        found(root)
    warm: list[SeedReport] = []
    assert checked(checks, lambda: warm.extend(found(root))) == ["clean-1.txt", "dirty-0.txt"]
    assert warm == found(root, cached=False)


def test_a_folders_sidecar_that_changes_while_its_seeds_are_checked(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "gazette" / "old" / "seeds.meta.yaml"

    def reading_anew(seed: Seed, used: Used) -> SeedReport:
        path.write_text('seeds: [{files: ["*.txt"], source: plain-text}]\n', "utf-8")
        return archive.judge_wholly(
            replace(archive._OPENED[0], folders=FolderSidecars()), seed, used=used
        )  # a worker reads it for itself

    path.write_text("seeds: []\n", "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(results, "judge_wholly_in_worker", reading_anew)
        assert {each.source for each in found(root)[3:]} == {"plain-text"}
    path.write_text("seeds: []\n", "utf-8")
    assert found(root) == found(root, cached=False)


def test_a_clock_that_goes_by_two_seconds(root: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    plain, now = os.stat, time.time_ns()

    def coarse(path: Any, **more: Any) -> Any:
        status = plain(path, **more)
        names = ("st_mode", "st_size", "st_ino", "st_uid", "st_mtime")
        return SimpleNamespace(
            **{name: getattr(status, name) for name in names}, st_mtime_ns=now - now % (2 * 10**9), st_ctime_ns=now
        )

    monkeypatch.setattr(os, "stat", coarse)
    monkeypatch.setattr(time, "time_ns", lambda: now + 10**9)
    for text in (CLEAN, CLEAN.replace("first", "FIRST"), CLEAN.replace("first", "fifth")):
        (root / ONE).write_text(text, "utf-8")
        warm: list[SeedReport] = []
        assert "clean-1.txt" in checked(checks, lambda warm=warm: warm.extend(found(root)))  # type: ignore[misc]
        assert warm == found(root, cached=False)
        assert checked(checks, lambda: found(root)) == []


def test_a_seed_of_the_future_is_read_each_time(root: Path, checks: list[str], later: None) -> None:
    path = root / ONE
    future = time.time() + 10**6
    for text in (CLEAN, CLEAN.replace("first", "FIRST"), CLEAN.replace("first", "fifth")):
        path.write_text(text, "utf-8")
        os.utime(path, (future, future))
        assert found(root) == found(root, cached=False)
        assert checked(checks, lambda: found(root)) == []


def test_outside_of_the_root_nothing_is_kept(root: Path, checks: list[str], tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "gazette"
    outside.mkdir(parents=True)
    (outside / "one.txt").write_text(DIRTY, "utf-8")
    opened = open_archive(Request(root, today=DAY))
    use_in_process(opened)
    seeds = discover([outside, root], opened.settings, opened.root).seeds
    for expected in (sorted([*ALL, "one.txt"]), ["one.txt"]):
        assert checked(checks, lambda: list(reports_of(opened, seeds, 1))) == expected


def test_names_may_be_any(root: Path, checks: list[str]) -> None:
    strange = ["gazette/一.txt", "gazette/a b?%23#.txt", "gazette/'; DROP TABLE seeds.txt"]
    try:
        (root / os.fsdecode(b"gazette/\xff\xfe.txt")).write_text(DIRTY, "utf-8")
        strange.append(os.fsdecode(b"gazette/\xff\xfe.txt"))
    except OSError:  # a file system that takes UTF-8 only
        pass
    for name in strange:
        (root / name).write_text(DIRTY, "utf-8")
    cold = found(root)
    warm: list[SeedReport] = []
    assert checked(checks, lambda: warm.extend(found(root))) == []
    assert warm == cold == found(root, cached=False)
    assert {each.path for each in warm} >= set(strange)


def test_few_seeds_do_without(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_SEEDS_WORTH_A_LOOK", 32)
    found(root)
    assert not folder.exists()
    (root / "gazette" / "long.txt").write_text(CLEAN * 5000, "utf-8")
    found(root)
    assert stores(folder)


def test_without_a_cache_nothing_is_read_or_written(root: Path, folder: Path, checks: list[str]) -> None:
    found(root, cached=False)
    assert not folder.exists()
    found(root)
    before = state_of(folder)
    assert checked(checks, lambda: found(root, cached=False)) == ALL
    assert state_of(folder) == before


def test_a_cache_inside_of_the_archive_is_not_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(root / "cache"))
    found(root)
    assert not (root / "cache").exists()


def stores(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.sqlite"))


def state_of(folder: Path) -> list[tuple[str, bytes, int]]:
    return [(path.name, path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.iterdir())]


# Reports to the byte


def enter_with_every_kind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in the archive, with findings and fixes of every kind: accepted ones, those of a baseline, of an orphaned sidecar."""
    shutil.copytree(CHECKOUT / "seeds", root / "seeds")
    french = "L’été dernier, la rivière a débordé près du vieux moulin. Les élèves n’ont pas été blessés.\n" * 4
    (root / "seeds" / "declared.txt").write_bytes(french.replace("’", "'").encode("windows-1252"))
    (root / "gazette/old/dirty-0.txt.meta.yaml").write_text(ACCEPTED.replace("2026-05-02", "2999-01-01"), "utf-8")
    (root / "gazette" / "orphan.txt.meta.yaml").write_text(ACCEPTED, "utf-8")
    (root / "schemas" / "declared.yaml").write_text(
        "id: declared\ntitle: Old files\nextends: plain-text\nidentify: {paths: ['**/declared.txt']}\n"
        "encoding: {legacy: [windows-1252]}\n", "utf-8",
    )  # fmt: skip
    monkeypatch.chdir(root)
    assert _call(["baseline", "create", "--quiet", "--output", "known.jsonl", "gazette/old"]) == 0
    (root / "validator.toml").write_text('schemas = ["schemas"]\nbaseline = "known.jsonl"\n', "utf-8")


def kinds_in(reports: list[dict[str, Any]]) -> set[str]:
    """What kinds of things the entries of a JSON report hold."""
    kinds: set[str] = set()
    for report in reports:
        kinds |= {"candidates" for each in report["values"] if each.get("candidates")}
        for finding in report["findings"]:
            fix = finding.get("fix") or {}
            kinds |= {name for name in ("edits", "recode", "lift") if fix.get(name)}
            kinds |= {str(finding["status"]), str(fix.get("applicability", ""))}
            kinds |= {name for name in ("related", "pointer") if finding.get(name)}
    return kinds


EVERY_KIND = {
    *("edits", "recode", "lift", "related", "pointer", "candidates", "safe", "unsafe", "display"),
    *("open", "accepted", "baselined"),
}
FORMATS = [
    *(["--format", name] for name in reports.FORMATS),
    ["-v"],
    ["--statistics", "--quiet"],
    ["--select", "whitespace"],
    ["--format", "json", "--ignore", "record"],
    ["--format", "rdjsonl", "--no-baseline"],
]


def test_the_archive_of_the_next_test_has_every_kind(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enter_with_every_kind(root, monkeypatch)
    capsys.readouterr()
    _call(["validate", "--format", "json", "--no-cache", "."])
    assert EVERY_KIND - kinds_in(json.loads(capsys.readouterr().out)["seeds"]) == set()


@pytest.mark.parametrize("options", FORMATS, ids=" ".join)
def test_no_report_shows_where_it_comes_from(
    options: list[str],
    root: Path,
    checks: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_with_every_kind(root, monkeypatch)
    checks.clear()
    capsys.readouterr()

    def told(*more: str) -> tuple[object, str, str]:
        code = _call(["validate", *options, "--jobs", "1", *more, "."])
        return (code, *capsys.readouterr())

    off = told("--no-cache")
    assert told() == off
    assert len(checks) > 20
    assert checked(checks, lambda: told()) == []
    assert told() == off
    assert told("--jobs", "2") == off if "--jobs" not in options else True


@given(st.data())
def test_a_report_comes_back_as_it_was(data: st.DataObject) -> None:
    report = data.draw(REPORTS)
    rest, record = pack_report(report)
    again = unpack_report(report.path, report.sha256 or "", rest, record)
    assert again == report
    assert repr(again) == repr(report)
    light = unpack_report(report.path, report.sha256 or "", rest)
    assert light is not None
    assert (light.findings, light.evidence, light.source) == (report.findings, report.evidence, report.source)
    assert (light.record, light.values, light.body) == ({}, (), None)


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"N", b"[\x01\x00\x00\x00N", b")\x05NNNNN", b")\x05N" + b"z\x01a" * 4]
)
def test_bytes_of_another_shape_are_no_report(content: bytes) -> None:
    assert unpack_report("a.txt", "", content) is None
    rest, _ = pack_report(SeedReport("a.txt", None, Verdict.VALID))
    assert unpack_report("a.txt", "", rest) is not None
    assert unpack_report("a.txt", "", rest, content) is None


TEXTS = st.text(max_size=5) | st.text("\ud800一a", max_size=3)
POSITIONS = st.builds(Position, *[st.integers(0, 10**6)] * 4)
FINDINGS = st.builds(
    Finding, rule=TEXTS, family=TEXTS, severity=st.sampled_from(Severity), message=TEXTS, start=POSITIONS, end=POSITIONS,
    fix=st.none() | st.builds(
        Fix, st.sampled_from(Applicability), TEXTS,
        st.lists(st.builds(Edit, st.integers(0), st.integers(0), TEXTS), max_size=2).map(tuple),
        st.none() | TEXTS, st.none() | st.builds(Lift, TEXTS, TEXTS),
    ),
    pointer=st.none() | TEXTS, related=st.lists(st.builds(Related, TEXTS, POSITIONS, POSITIONS), max_size=2).map(tuple),
    fingerprint=TEXTS, key=TEXTS, status=st.sampled_from(Status), whole=st.booleans(), excerpt=TEXTS,
    excerpt_column=st.integers(1),
)  # fmt: skip
VALUES = st.builds(
    Value, field=TEXTS, value=TEXTS | st.lists(TEXTS) | st.dictionaries(TEXTS, TEXTS | st.none() | st.integers()),
    basis=st.sampled_from(Basis), start=st.none() | POSITIONS, end=st.none() | POSITIONS, note=TEXTS,
    disputed=st.booleans(), candidates=st.lists(st.builds(Candidate, TEXTS, POSITIONS, POSITIONS), max_size=2).map(tuple),
)  # fmt: skip
REPORTS = st.builds(
    SeedReport, path=TEXTS, source=st.none() | TEXTS, verdict=st.sampled_from(Verdict),
    evidence=st.lists(TEXTS, max_size=2).map(tuple), encoding=st.none() | TEXTS, sha256=st.just("ab" * 32),
    record=st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS) | st.dictionaries(TEXTS, st.integers())),
    values=st.lists(VALUES, max_size=2).map(tuple), body=st.none() | st.builds(Extent, POSITIONS, POSITIONS, st.integers()),
    findings=st.lists(FINDINGS, max_size=2).map(tuple),
)  # fmt: skip


# Whatever happens to files, sidecars, settings and the clock


class Edits(RuleBasedStateMachine):
    """An archive that is edited at random; after each edit a run with what earlier ones kept says what one without says."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(os.environ["XDG_CACHE_HOME"]) / "edited"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.root = made(self.folder / "archive")
        self.patched = pytest.MonkeyPatch()
        self.patched.setenv("XDG_CACHE_HOME", str(self.folder / "cache"))
        self.patched.setattr(runner, "_SEEDS_WORTH_A_LOOK", 1)
        self.patched.setattr(results, "AT_A_TIME", 3)
        self.today = DAY
        self.hours = 0
        self.patched.setattr(time, "time_ns", self.now)

    def now(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_REALTIME) + self.hours * 3600 * 10**9

    names = st.sampled_from([f"gazette/{name}.txt" for name in ("clean-0", "clean-1", "old/dirty-0", "old/one", "two")])
    texts = st.sampled_from([CLEAN, DIRTY, CLEAN.replace("first", "FIRST"), DIRTY.replace("dog", "cat"), ""])
    sidecars = st.sampled_from([ACCEPTED, ACCEPTED.replace("blank", "BLANK"), "source: plain-text\n", "sauce: [\n"])

    @rule(name=names, text=texts, keeps_time=st.booleans())
    def write(self, name: str, text: str, keeps_time: bool) -> None:
        path = self.root / name
        times = path.stat() if path.exists() and keeps_time else None

        def change() -> None:
            path.write_text(text, "utf-8")
            if times is not None:
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

        changed(path, change)

    @rule(name=names, other=names)
    def move(self, name: str, other: str) -> None:
        if (self.root / name).exists():
            (self.root / name).replace(self.root / other)

    @rule(name=names)
    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    @rule(name=names, text=sidecars | st.none())
    def attest(self, name: str, text: str | None) -> None:
        path = self.root / f"{name}.meta.yaml"
        path.unlink(missing_ok=True) if text is None else path.write_text(text, "utf-8")

    @rule(place=st.sampled_from(["", "gazette/", "gazette/old/"]), text=sidecars | st.none())
    def attest_above(self, place: str, text: str | None) -> None:
        path = self.root / f"{place}seeds.meta.yaml"
        if text is None:
            path.unlink(missing_ok=True)
        else:
            entry = "".join(f"    {line}\n" for line in text.splitlines())
            path.write_text(f'seeds:\n  - files: ["**/*.txt", "*.txt"]\n{entry}', "utf-8")

    @rule(text=st.sampled_from(["", 'ignore = ["record"]\n', "limit-bytes = 40\n", '[sources]\n"**" = "plain-text"\n']))
    def configure(self, text: str) -> None:
        (self.root / "validator.toml").write_text(f'schemas = ["schemas"]\n{text}', "utf-8")

    @rule(text=st.sampled_from([SCHEMA, SCHEMA + "rules: {trailing-whitespace: error}\n"]))
    def describe(self, text: str) -> None:
        (self.root / "schemas" / "gazette.yaml").write_text(text, "utf-8")

    @rule(days=st.integers(-2, 2), hours=st.sampled_from([0, 1]))
    def wait(self, days: int, hours: int) -> None:
        self.today, self.hours = self.today + timedelta(days), hours

    @rule(select=st.sampled_from([(), ("whitespace",), ("record", "file")]), used=st.sampled_from(Used))
    def show(self, select: tuple[str, ...], used: Used) -> None:
        for one, each in zip(
            found(self.root, today=self.today, select=select, used=used),
            found(self.root, today=self.today, select=select, cached=False),
            strict=True,
        ):
            assert (one.path, one.verdict, one.findings) == (each.path, each.verdict, each.findings)

    @invariant()
    def agree(self) -> None:
        if hasattr(self, "root"):
            assert found(self.root, today=self.today) == found(self.root, today=self.today, cached=False)

    def teardown(self) -> None:
        if hasattr(self, "patched"):
            self.patched.undo()


TestEdits = Edits.TestCase
TestEdits.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)


# Damage


def flipped(data: bytes, number: int) -> bytes:
    random.seed(number)
    at = random.randrange(len(data))
    return data[:at] + bytes((data[at] ^ (1 << number % 8),)) + data[at + 1 :]


def noisy(data: bytes, number: int) -> bytes:
    random.seed(number)
    at = random.randrange(len(data))
    return data[:at] + random.randbytes(random.choice((10, 300, 5000))) + data[at + 300 :]


def cut(data: bytes, number: int) -> bytes:
    return data[: len(data) * number // 12]


@pytest.mark.parametrize("way", [flipped, noisy, cut])
def test_damage_shows_in_no_report(
    way: Callable[[bytes, int], bytes], root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, later: None
) -> None:
    expected = found(root)
    (path,) = stores(folder)
    whole = path.read_bytes()
    for number in range(60 if way is not cut else 12):
        path.write_bytes(way(whole, number))
        assert found(root) == expected
        assert found(root) == expected
    monkeypatch.setattr("validator.archive.check_seed", None)
    assert found(root) == expected  # from a store that is whole again


@pytest.mark.parametrize("column", ["row", "name"])
def test_a_row_under_another_name_is_none(column: str, root: Path, folder: Path, checks: list[str]) -> None:
    expected = found(root)
    (path,) = stores(folder)
    with sqlite3.connect(path) as connection:
        for table in ("seeds", "records"):
            rows = connection.execute(f"SELECT name, row FROM {table} ORDER BY name").fetchall()
            connection.execute(f"DELETE FROM {table}")
            turned = [(name, row) for (name, _), (_, row) in zip(rows, rows[1:] + rows[:1], strict=True)]
            if column == "name":
                turned = [(name.decode(), row) for name, row in rows]
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", turned)
    connection.close()
    warm: list[SeedReport] = []
    assert checked(checks, lambda: warm.extend(found(root))) == ALL
    assert warm == expected
    assert checked(checks, lambda: found(root)) == []


def with_tables(*statements: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.unlink()
        with sqlite3.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return make


def linked_to_another(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


def in_place(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.unlink()
        make(path)

    return change


INSTEAD: dict[str, Callable[[Path], object]] = {
    "no file": Path.unlink,
    "an empty file": lambda path: path.write_bytes(b""),
    "a folder": in_place(Path.mkdir),
    "a link to nothing": in_place(lambda path: path.symlink_to("nowhere")),
    "a link to a store": linked_to_another,
    "a pipe": in_place(os.mkfifo),
    "what others may write": lambda path: path.chmod(0o666),
    "a database of another program": with_tables("CREATE TABLE notes (text)"),
    "tables of another shape": with_tables(
        f"PRAGMA application_id = {store._MARK}", "CREATE TABLE about (state)", "CREATE TABLE seeds (a)"
    ),
    "no tables": with_tables(f"PRAGMA application_id = {store._MARK}"),
    "another state": with_tables(
        f"PRAGMA application_id = {store._MARK}", *store._TABLES, "INSERT INTO about VALUES (x'00', x'')"
    ),
    "a journal of another": lambda path: path.with_name(path.name + "-journal").write_bytes(os.urandom(5000)),
}


@pytest.mark.parametrize("what", INSTEAD)
def test_what_stands_in_its_place_is_replaced(what: str, root: Path, folder: Path, checks: list[str]) -> None:
    expected = found(root)
    (path,) = stores(folder)
    INSTEAD[what](path)
    for _ in range(2):
        assert found(root) == expected
    assert checked(checks, lambda: found(root)) == []
    assert path.is_file()
    assert not path.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_empty_is_left_alone(root: Path, folder: Path) -> None:
    expected = found(root)
    (path,) = stores(folder)
    path.unlink()
    (path / "kept").mkdir(parents=True)
    assert found(root) == expected
    assert (path / "kept").is_dir()
    assert [each for each in folder.iterdir() if each != path] == []


@pytest.mark.parametrize("place", ["results", "seed-validator", "cache"])
def test_a_file_in_the_place_of_the_folder(place: str, root: Path, folder: Path) -> None:
    expected = found(root)
    blocked = next(each for each in (folder, *folder.parents) if each.name == place)
    shutil.rmtree(blocked)
    blocked.write_text("not a folder", "utf-8")
    assert found(root) == expected
    assert blocked.read_text("utf-8") == "not a folder"


def test_a_folder_that_others_may_write_is_not_used(root: Path, folder: Path, checks: list[str]) -> None:
    expected = found(root)
    folder.chmod(0o777)
    before = state_of(folder)
    warm: list[SeedReport] = []
    assert checked(checks, lambda: warm.extend(found(root))) == ALL
    assert warm == expected
    assert state_of(folder) == before


def test_a_disk_that_is_full(root: Path, folder: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = found(root)
    for number in range(60):
        (root / "gazette" / f"more-{number}.txt").write_text(DIRTY * 9, "utf-8")
    cold = found(root, cached=False)
    with monkeypatch.context() as patched:
        patched.setattr(store, "_LIMIT_BYTES", 16 * 4096)
        assert found(root) == cold
    warm: list[SeedReport] = []
    assert len(checked(checks, lambda: warm.extend(found(root)))) == 60  # what was there is still there
    assert warm == cold
    assert [each for each in warm if "more" not in each.path] == expected
    assert checked(checks, lambda: found(root)) == []


@pytest.mark.parametrize("call", ["open", "replace", "makedirs"])
def test_where_nothing_may_be_written(call: str, root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, call, refuse) if call != "open" else None
    expected = found(root, cached=False)
    if call == "open":
        monkeypatch.setattr(store, "_with_connection", refuse)
    assert found(root) == expected
    assert not folder.exists() or not stores(folder)


def test_a_store_that_can_only_be_read(
    root: Path, folder: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found(root)
    (root / "gazette" / "one.txt").write_text(DIRTY, "utf-8")
    address = store._address
    monkeypatch.setattr(store, "_address", lambda path: address(path).replace("mode=rw", "mode=ro"))
    for _ in range(2):
        assert checked(checks, lambda: found(root)) == ["one.txt"]


def test_a_store_that_is_held_is_not_waited_for(root: Path, folder: Path, checks: list[str]) -> None:
    expected = found(root)
    (path,) = stores(folder)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    warm: list[SeedReport] = []
    assert checked(checks, lambda: warm.extend(found(root))) == ALL
    assert warm == expected
    holder.execute("COMMIT")
    holder.close()
    assert checked(checks, lambda: found(root)) == []


def test_rows_that_go_while_a_run_reads_them(
    root: Path, folder: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = found(root)
    rows = store.Store.seeds
    calls = []

    def going(self: store.Store, names: Sequence[bytes]) -> dict[bytes, bytes]:
        calls.append(names)
        return rows(self, names) if len(calls) == 1 else {}

    monkeypatch.setattr(store.Store, "seeds", going)
    warm: list[SeedReport] = []
    assert checked(checks, lambda: warm.extend(found(root))) == ALL
    assert warm == expected


def test_a_row_that_is_written_while_a_run_reads_is_not_taken(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = store.Store.seeds
    held: list[dict[bytes, bytes]] = []

    def listened(self: store.Store, names: Sequence[bytes]) -> dict[bytes, bytes]:
        held.append(rows(self, names))
        return held[-1]

    for text in (CLEAN.replace("line", "lime"), CLEAN):
        (root / ONE).write_text(text, "utf-8")
        found(root)
        with monkeypatch.context() as patched:
            patched.setattr(store.Store, "seeds", listened)
            found(root)
    before, now = held[0], held[-1]
    assert before[ONE.encode()] != now[ONE.encode()]
    turns = [now, before]
    monkeypatch.setattr(store.Store, "seeds", lambda *_: turns.pop(0))
    digests = [each.sha256 for each in found(root, used=Used.FINDINGS)]
    assert digests == [each.sha256 for each in found(root, cached=False)]
    assert not turns


def test_a_run_with_another_state_takes_the_store(root: Path, folder: Path, checks: list[str]) -> None:
    opened = open_archive(Request(root, today=DAY))
    use_in_process(opened)
    seeds = discover([root], opened.settings, opened.root).seeds
    first = reports_of(opened, seeds, 1)
    begun = [next(first)]
    tomorrow = DAY + timedelta(1)
    expected = found(root, today=tomorrow)
    use_in_process(opened)
    begun.extend(first)
    assert begun == found(root, cached=False)
    assert checked(checks, lambda: found(root, today=tomorrow)) == []
    assert found(root, today=tomorrow) == expected


# Room


def test_what_is_gone_is_forgotten(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_SWEPT", 4)
    for number in range(10):
        (root / "gazette" / "old" / f"more-{number}.txt").write_text(DIRTY, "utf-8")
    found(root)
    (path,) = stores(folder)
    assert {len(names) for names in kept(path)} == {16}
    shutil.rmtree(root / "gazette" / "old")
    for _ in range(5):
        found(root)
    assert kept(path) == [sorted(f"gazette/{name}".encode() for name in ALL[:3])] * 2


def kept(path: Path) -> list[list[bytes]]:
    connection = sqlite3.connect(path)
    rows = [
        sorted(name for (name,) in connection.execute(f"SELECT name FROM {table}")) for table in ("seeds", "records")
    ]
    connection.close()
    return rows


def test_the_oldest_stores_go(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(root)
    (own,) = stores(folder)
    for number in range(40):
        path = folder / f"{number:032x}.sqlite"
        path.write_bytes(b"x" * 1000)
        os.utime(path, (number, number))
        path.with_name(path.name + "-journal").write_bytes(b"y")
    found(root)
    assert {path.stem for path in stores(folder)} == {own.stem, *(f"{number:032x}" for number in range(9, 40))}
    assert len(list(folder.iterdir())) == 32 + 31
    monkeypatch.setattr(store, "_LIMIT_BYTES", own.stat().st_size + 5500)
    found(root)
    assert {path.stem for path in stores(folder)} == {own.stem, *(f"{number:032x}" for number in range(35, 40))}


def test_the_folder_of_stores_is_no_file_too_many(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(root)
    monkeypatch.setattr(cache, "_KEPT", 3)
    for number in range(5):
        cache.keep(str(folder.parent), f"{number}.test", b"kept")
        assert (folder.parent / f"{number}.test").exists()
    assert stores(folder)


def test_memory_does_not_grow_with_what_is_kept(
    tmp_path: Path, folder: Path, pays: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "many"
    (root / "a").mkdir(parents=True)
    seeds = []
    for number in range(4000):
        (root / "a" / f"{number:05}.txt").write_text("x", "utf-8")
        seeds.append(Seed(str(root / "a"), f"a/{number:05}.txt"))
    monkeypatch.setattr(results, "judge_wholly_in_worker", as_said)
    opened = open_archive(Request(root, today=DAY))
    use_in_process(opened)

    def peak(number: int) -> int:
        tracemalloc.start()
        for report in reports_of(opened, seeds[:number], 1):
            assert report.findings
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peaks: dict[str, list[int]] = {"first": [], "second": []}
    for number in (1000, 4000):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"cache of {number}"))
        for turn in ("first", "second"):
            peaks[turn].append(peak(number))
    for less, more in peaks.values():
        assert more - less < 3000 * 64, peaks


SAID = sha256(b"x").hexdigest()


def as_said(seed: Seed, used: Used) -> SeedReport:
    """A report with much in it."""
    finding = Finding(
        "final-newline", "whitespace", Severity.INFO, "a message " * 20, Position(1, 1, 0, 0), Position(1, 1, 0, 0)
    )
    return SeedReport(
        seed.name, "a-source", Verdict.VALID, sha256=SAID, record={"headline": "x" * 500}, findings=(finding,)
    )


# Several processes

ONE_RUN = """\
import sys
from validator.cli import main
sys.argv[1:] = ["validate", "--format", "json", *sys.argv[1:], "."]
main()
"""


def started(root: Path, program: str = ONE_RUN, *options: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.Popen(
        [sys.executable, "-c", program, *options],
        cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def many(tmp_path: Path, folder: Path) -> Path:
    """An archive that is worth several portions of rows."""
    root = made(tmp_path / "archive")
    for number in range(1200):
        (root / "gazette" / f"more-{number:04}.txt").write_text(DIRTY if number % 10 == 0 else CLEAN, "utf-8")
    return root


def test_two_runs_at_once(many: Path, folder: Path) -> None:
    runs = [started(many), started(many), started(many, ONE_RUN, "--jobs", "2")]
    told = [run.communicate() for run in runs]
    assert {run.returncode for run in runs} == {1}
    assert {errors for _, errors in told} == {""}
    expected = started(many, ONE_RUN, "--no-cache").communicate()[0]
    assert {report for report, _ in told} == {expected}
    assert started(many).communicate()[0] == expected
    (path,) = stores(folder)
    assert {len(names) for names in kept(path)} == {1206}


KILLED = """\
import os, signal, sqlite3, sys
from validator import store
plain = store._with_connection
last = int(sys.argv[1])
calls = 0
def until(path, use, *, to_write=False):
    global calls
    calls += to_write
    def fatal(connection):
        result = use(connection)
        if calls == last:
            connection.execute("PRAGMA cache_spill = 1")
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return plain(path, fatal, to_write=to_write)
store._with_connection = until
sys.argv[1:] = ['validate', '--format', 'json', '--jobs', '1', '.']
from validator.cli import main
main()
"""


@pytest.mark.parametrize("write", [1, 2, 3])
def test_a_run_that_is_killed_while_it_writes(write: int, many: Path, folder: Path) -> None:
    killed = started(many, KILLED, str(write))
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    expected = started(many, ONE_RUN, "--no-cache").communicate()[0]
    for _ in range(2):
        again = started(many)
        assert again.communicate() == (expected, "")
    left = [path for path in folder.iterdir() if path.name.startswith(".")]
    assert bool(left) == (write == 1)  # it was killed before its store had its name
    for path in left:
        os.utime(path, (5, 5))
    assert started(many).communicate() == (expected, "")
    (path,) = folder.iterdir()
    assert {len(names) for names in kept(path)} == {1206}
