"""What a run keeps for the next one: it saves checks, and no report shows whether it was there."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validator.archive import kept
from validator.archive.discovery import discover
from validator.archive.kept import reports_of
from validator.archive.opening import Request, open_archive
from validator.cli.program import program
from validator.engine.checking import check_seed
from validator.reports import model
from validator.text.findings import SeedReport

CHECKOUT = Path(__file__).resolve().parent.parent
DAY = date(2026, 5, 1)
SCHEMA = "id: gazette\ntitle: The Gazette\nextends: plain-text\nidentify: {paths: ['**/gazette/**']}\n"
CLEAN = "The first line of an article.\n\nThe second one, which ends it.\n"
DIRTY = 'A line that ends in a space. \n\nThe dog"s tail, and no newline at the end.'
ACCEPTED = (
    'accept: [{rule: trailing-whitespace, reason: "as printed", by: "A. Curator", on: 2026-04-01, until: 2026-05-02}]\n'
)
ALL, OLD = 37, 4  # seeds of the archive, and those in its folder `old`


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a cache that only this test uses."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "seed-validator" / "reports.sqlite"


@pytest.fixture
def root(tmp_path: Path, file: Path) -> Path:
    """An archive with enough seeds, clean and dirty ones, in two folders."""
    return made(tmp_path / "archive") if not file.exists() else tmp_path / "archive"


def made(root: Path) -> Path:
    for name in ("schemas", "gazette/old"):
        (root / name).mkdir(parents=True)
    (root / "schemas" / "gazette.yaml").write_text(SCHEMA, "utf-8")
    (root / "validator.toml").write_text('schemas = ["schemas"]\n', "utf-8")
    for number in range(33):
        (root / "gazette" / f"clean-{number}.txt").write_text(f"{CLEAN}\nIt has number {number}.\n", "utf-8")
    for number in range(3):
        (root / "gazette" / "old" / f"dirty-{number}.txt").write_text(DIRTY, "utf-8")
    (root / "gazette" / "old" / "noise.txt").write_bytes(b"\xff\xfe\xfd" * 9)
    return root


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the seeds that were checked in this process."""
    names: list[str] = []

    def counted(data: bytes, sources: Any, *, path: str, **more: Any) -> SeedReport:
        names.append(path)
        return check_seed(data, sources, path=path, **more)

    monkeypatch.setattr("validator.archive.opening.check_seed", counted)
    return names


def found(root: Path, *, today: date = DAY, jobs: int = 1, **request: Any) -> list[SeedReport]:
    """The reports of a run in this process."""
    opened = open_archive(Request(root, today=today, **request))
    return list(reports_of(opened, discover([root], opened.settings, opened.root).seeds, jobs))


def checked(names: list[str], run: Callable[[], object]) -> list[str]:
    """The seeds that a run checks."""
    names.clear()
    run()
    return sorted(names)


# When a report holds and when not


def same_size(root: Path) -> None:
    path = root / ONE
    status = path.stat()
    path.write_text(path.read_text("utf-8").replace("second one,", "second one "), "utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def written(name: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text(text, "utf-8")


ONE = "gazette/clean-1.txt"
CHANGES: dict[str, tuple[Callable[[Path], object], int]] = {
    "nothing": (lambda _: None, 0),
    "other text, of the same size, with its old time": (same_size, 1),
    "only its time": (lambda root: os.utime(root / ONE, (5, 5)), 0),
    "a copy in its place": (lambda root: Path(shutil.copy(root / ONE, root / "x")).replace(root / ONE), 0),
    "longer": (written(ONE, CLEAN + "\nA third.\n"), 1),
    "empty": (written(ONE, ""), 1),
    "another name": (lambda root: (root / ONE).rename(root / "gazette/clean-99.txt"), 1),
    "gone": (lambda root: (root / ONE).unlink(), 0),
    "one more": (written("gazette/one.txt", DIRTY), 1),
    "a sidecar": (written(f"{ONE}.meta.yaml", "source: plain-text\n"), 1),
    "a sidecar with errors": (written(f"{ONE}.meta.yaml", "sauce: [\n"), 1),
    "a sidecar that leads nowhere": (lambda root: (root / f"{ONE}.meta.yaml").symlink_to("nowhere"), 1),
    "a sidecar of its folder": (written("gazette/old/seeds.meta.yaml", "seeds: []\n"), OLD),
    "a sidecar above": (written("seeds.meta.yaml", "seeds: [{files: ['**/clean-*'], source: plain-text}]\n"), ALL),
    "the schema": (written("schemas/gazette.yaml", SCHEMA + "rules: {final-newline: error}\n"), ALL),
    "one more schema": (written("schemas/other.yaml", "id: other\ntitle: Other\nextends: plain-text\n"), ALL),
    "the configuration": (written("validator.toml", 'schemas = ["schemas"]\nlimit-bytes = 999\n'), ALL),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_changed_is_checked_and_nothing_else(
    change: Callable[[Path], object], expected: int, root: Path, checks: list[str]
) -> None:
    assert len(checked(checks, lambda: found(root))) == ALL
    change(root)
    assert len(checked(checks, lambda: found(root))) == expected
    warm = found(root)
    assert warm == found(root, cached=False)
    assert repr(warm) == repr(found(root, cached=False))


def test_what_is_part_of_the_question(root: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "gazette/old/dirty-0.txt.meta.yaml").write_text(ACCEPTED, "utf-8")
    found(root)
    for day in (DAY + timedelta(1), DAY + timedelta(2)):
        assert found(root, today=day) == found(root, today=day, cached=False)
    assert found(root, today=DAY + timedelta(2)) != found(root)
    assert len(checked(checks, lambda: found(root, source="plain-text"))) == ALL
    choices: list[dict[str, Any]] = [{"select": ("whitespace",)}, {"ignore": ("quotes",)}, {"fail_on": "never"}]
    for shown in (*choices, {"limit_seconds": 9}):
        checks.clear()
        found(root, **shown)
        assert checks == []
        assert found(root, **shown) == found(root, cached=False, **shown)
    state = [*kept.program_state()]
    monkeypatch.setattr(kept, "program_state", lambda: [*state[:-1], "another"])
    assert len(checked(checks, lambda: found(root))) == ALL


def test_each_module_and_library_is_part_of_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {str(part) for part in kept.program_state()}
    assert {"archive/kept.py", "rules/quotes.py"} <= state
    (tmp_path / "turbohtml-99.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert {str(part) for part in kept.program_state()} - state == {"turbohtml-99.dist-info"}


def test_what_could_not_be_checked_is_not_kept(
    root: Path, file: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "gazette/clean-2.txt.meta.yaml").symlink_to("nowhere")
    (root / "gazette/nowhere.txt").symlink_to("nowhere")
    with monkeypatch.context() as patch:

        def broken(data: bytes, sources: Any, *, path: str, **more: Any) -> SeedReport:
            if path == ONE:
                raise RuntimeError("a fault")
            return check_seed(data, sources, path=path, **more)

        patch.setattr("validator.archive.opening.check_seed", broken)
        assert [report.path for report in found(root) if report.fault] == [ONE]
    assert checked(checks, lambda: found(root)) == [ONE, "gazette/clean-2.txt"]
    assert len(rows(file)) == ALL - 1


def test_very_large_reports_are_not_kept(root: Path, checks: list[str]) -> None:
    (root / ONE).write_text("A line. \n" * 9_000 + 'The dog"s tail.\n' * 9_000, "utf-8")
    found(root)
    again = checked(checks, lambda: found(root))
    assert again in ([], [ONE])
    assert found(root) == found(root, cached=False)


EDITS = st.lists(
    st.tuples(st.sampled_from([ONE, "gazette/old/dirty-1.txt"]), st.text("Ab \n\"'\u201c\ud800", max_size=9))
)


@settings(max_examples=20)
@given(EDITS)
def test_random_edits(edits: list[tuple[str, str]]) -> None:
    edit_at_random(edits)


@pytest.mark.nightly
@settings(max_examples=150)
@given(EDITS)
def test_many_random_edits(edits: list[tuple[str, str]]) -> None:
    edit_at_random(edits)


def edit_at_random(edits: list[tuple[str, str]]) -> None:
    """After each edit, a run with the results of earlier ones reports what a run without them does."""
    root = Path(os.environ["XDG_CACHE_HOME"]) / "random"
    if not root.exists():
        made(root)
    for name, text in edits:
        path = root / random.Random(ascii(text)).choice(
            [name, f"{name}.meta.yaml", "seeds.meta.yaml", "schemas/gazette.yaml"]
        )
        if path.suffix == ".yaml" and path.parent.name == "schemas":
            text = f"{SCHEMA}rules: {{final-newline: {'error' if len(text) % 2 else 'info'}}}\n# {text!a}\n"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        # The cache is shared by all examples, so that a report may come from any earlier one.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(root.parent / "cache-of-random"))
            assert found(root) == found(root, cached=False)


def test_a_seed_that_changes_while_it_is_checked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was checked is kept, not what is there afterwards."""
    with monkeypatch.context() as patch:

        def changing(data: bytes, sources: Any, *, path: str, **more: Any) -> SeedReport:
            (root / path).write_text(DIRTY, "utf-8")
            Path(f"{root / path}.meta.yaml").write_text("source: plain-text\n", "utf-8")
            return check_seed(data, sources, path=path, **more)

        patch.setattr("validator.archive.opening.check_seed", changing)
        found(root)
    assert found(root) == found(root, cached=False)


# No report shows where it comes from


def enter_with_every_kind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive with findings and fixes of every kind, with the specimens of this project among its seeds."""
    shutil.copytree(CHECKOUT / "seeds", root / "seeds")
    french = "L'été dernier, la rivière a débordé près du vieux moulin. Les élèves n'ont pas été blessés.\n" * 4
    (root / "seeds" / "declared.txt").write_bytes(french.encode("windows-1252"))
    (root / "gazette/old/dirty-0.txt.meta.yaml").write_text(ACCEPTED.replace("2026-05-02", "2999-01-01"), "utf-8")
    (root / "gazette" / "orphan.txt.meta.yaml").write_text(ACCEPTED, "utf-8")
    (root / "schemas" / "declared.yaml").write_text(
        "id: declared\ntitle: Old files\nextends: plain-text\nidentify: {paths: ['**/declared.txt']}\n"
        "encoding: {legacy: [windows-1252]}\n", "utf-8",
    )  # fmt: skip
    monkeypatch.chdir(root)
    assert (
        program(
            ["baseline", "create", "--quiet", "--output", "known.jsonl", "gazette/old"],
            standalone_mode=False,
            prog_name="validator",
        )
        == 0
    )
    (root / "validator.toml").write_text('schemas = ["schemas"]\nbaseline = "known.jsonl"\n', "utf-8")


def kinds_in(seeds: list[dict[str, Any]]) -> set[str]:
    """The kinds of things that the entries of a JSON report hold."""
    kinds: set[str] = set()
    for report in seeds:
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
    *(["--format", name] for name in model.FORMATS),
    *(["-v"], ["--statistics", "--quiet"], ["--select", "whitespace"], ["--format", "json", "--ignore", "record"]),
    ["--format", "rdjsonl", "--no-baseline"],
]


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
        code = program(["validate", *options, "--jobs", "1", *more, "."], standalone_mode=False, prog_name="validator")
        return (code, *capsys.readouterr())

    off = told("--no-cache")
    assert told() == off
    assert len(checks) > 20
    assert checked(checks, lambda: told()) == []
    assert told() == off
    assert told("--jobs", "2") == off
    if options == ["--format", "json"]:
        assert EVERY_KIND - kinds_in(json.loads(off[1])["seeds"]) == set()


# The file


def rows(file: Path) -> list[tuple[bytes, int, bytes]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT * FROM reports").fetchall()


def changed(file: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement, values)


def test_nothing_is_kept_unless_it_is_wanted(root: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(root, cached=False)
    for number in range(6):
        (root / "gazette" / f"clean-{number}.txt").unlink()
    found(root)
    assert not file.parent.exists()
    made(root / "more")
    for place in (root / "cache", root.parent / "repository" / "cache"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        (root.parent / ".git").mkdir(exist_ok=True)
        found(root)
        assert not place.exists()


def test_only_this_user_may_read_it(root: Path, file: Path, checks: list[str]) -> None:
    found(root)
    assert [oct(path.stat().st_mode & 0o777) for path in (file.parent, file)] == ["0o700", "0o600"]
    for path in (file.parent, file):
        path.chmod(0o777)
        assert len(checked(checks, lambda: found(root))) == ALL
        path.chmod(0o700)
    assert checked(checks, lambda: found(root)) == []


@pytest.mark.parametrize("place", ["link", "folder", "pipe", "no folder", "read only"])
def test_what_is_in_its_place_does_not_matter(place: str, root: Path, file: Path) -> None:
    file.parent.mkdir(parents=True)
    if place == "link":
        (file.parent / "other").write_bytes(b"kept")
        file.symlink_to("other")
    elif place == "folder":
        file.mkdir()
    elif place == "pipe":
        os.mkfifo(file)
    elif place == "no folder":
        file.parent.rmdir()
        file.parent.write_text("")
    else:
        file.parent.chmod(0o500)
    for _ in range(2):
        assert found(root) == found(root, cached=False)
    assert place != "link" or (file.parent / "other").read_bytes() == b"kept"
    file.parent.chmod(0o700)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut": lambda file: file.write_bytes(cut(file.read_bytes())),
    "empty": lambda file: file.write_bytes(b""),
    "no database": lambda file: file.write_bytes(b"no database" * 999),
    "zeros in the middle": lambda file: file.write_bytes(
        cut(file.read_bytes()) + bytes(8192) + file.read_bytes()[-9000:]
    ),
    "another program's": lambda file: changed(file, "CREATE TABLE other (id)"),
    "no table": lambda file: changed(file, "DROP TABLE reports"),
    "another table": lambda file: changed(file, "ALTER TABLE reports RENAME COLUMN report TO other"),
    "empty rows": lambda file: changed(file, "UPDATE reports SET report = ''"),
    "numbers for rows": lambda file: changed(file, "UPDATE reports SET report = 5, day = 'x'"),
    "one report everywhere": lambda file: changed(
        file, "UPDATE reports SET report = ?", next(row[2] for row in rows(file) if b"trailing-whitespace" in row[2])
    ),
    "a changed byte": lambda file: changed(file, "UPDATE reports SET report = CAST(report || '.' AS BLOB)"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage_shows_in_no_report(damage: Callable[[Path], object], root: Path, file: Path, checks: list[str]) -> None:
    plain = found(root, cached=False)
    found(root)
    damage(file)
    assert found(root) == plain
    assert found(root) == plain
    assert checked(checks, lambda: found(root)) == []
    assert file.stat().st_mode & 0o777 == 0o600


def test_random_damage(root: Path, file: Path) -> None:
    plain = found(root, cached=False)
    found(root)
    whole = file.read_bytes()
    for number in range(60):
        chance = random.Random(number)
        content = bytearray(whole)
        for _ in range(chance.choice([1, 5, 500])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        file.write_bytes(content)
        assert found(root) == plain
        assert found(root) == plain


def test_a_file_that_is_locked_is_not_waited_for(
    root: Path, file: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found(root)
    monkeypatch.setattr(kept, "_WAIT_SECONDS", 0)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert len(checked(checks, lambda: found(root))) == ALL
        connection.execute("ROLLBACK")
    assert checked(checks, lambda: found(root)) == []


def test_the_oldest_reports_go(root: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(root)
    found(root, today=DAY + timedelta(1))
    size = file.stat().st_size
    old = {row[0] for row in rows(file)[: ALL + 3]}
    for key in old:
        changed(file, "UPDATE reports SET day = 5 WHERE id = ?", key)
    monkeypatch.setattr(kept, "_LIMIT_BYTES", size)
    for number in range(2, 7):
        found(root, today=DAY + timedelta(number))
    assert file.stat().st_size < 2.5 * size
    assert old.isdisjoint({row[0] for row in rows(file)})


def test_a_report_in_use_does_not_grow_old(root: Path, file: Path, checks: list[str]) -> None:
    found(root)
    today = {row[1] for row in rows(file)}
    changed(file, "UPDATE reports SET day = 5")
    assert checked(checks, lambda: found(root)) == []
    assert {row[1] for row in rows(file)} == today


def test_two_runs_at_once(root: Path, file: Path) -> None:
    """One of them may find the file locked or half full; both tell the truth, and so does the next."""
    command = [sys.executable, "-m", "validator", "validate", "--format", "jsonl", "--jobs", "2", "."]
    plain = subprocess.run([*command, "--no-cache"], cwd=root, capture_output=True, check=False).stdout
    for number in range(3):
        runs = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) for _ in range(3)]
        assert [run.communicate()[0] for run in runs] == [plain] * 3
        if number == 1:
            file.write_bytes(cut(file.read_bytes()))
    assert len(rows(file)) == ALL
