"""One seed cannot hold a process for long: whatever code it keeps busy, it is `unchecked` and the run goes on."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from validator.archive import bounds, runner
from validator.archive.bounds import Bound, TimeLimitError
from validator.archive.config import read_config
from validator.archive.opening import Request, open_archive
from validator.archive.seeds import Seed
from validator.engine.checking import check_seed
from validator.review.matters import survey
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Verdict

SHORT = 0.2
REASON = (
    "it took longer than 1 s of processor time, the limit for one seed; "
    "to give it more, use --limit-seconds or `limit-seconds` in the configuration (0 means no limit)"
)


def valid(seed: Seed) -> SeedReport:
    return SeedReport(seed.name, None, Verdict.VALID)


def busy_in_python(seed: Seed) -> SeedReport:
    while seed.name == "3":
        pass
    return valid(seed)


def busy_behind_a_handler(seed: Seed) -> SeedReport:
    while seed.name == "3":
        try:
            while True:
                pass
        except Exception:  # as a rule might have it
            continue
    return valid(seed)


def busy_in_c(seed: Seed) -> SeedReport:
    if seed.name == "3":
        sum(range(10**13))
    return valid(seed)


def waiting(seed: Seed) -> SeedReport:
    if seed.name == "3":
        time.sleep(600)
    return valid(seed)


def counted(seed: Seed) -> SeedReport:
    """Each seed takes a part of the limit, all together more."""
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    return valid(seed)


def seeds_of(count: int) -> list[Seed]:
    return [Seed("/nowhere", str(number)) for number in range(count)]


def check_that_only_one_is_lost(reports: list[SeedReport], count: int) -> None:
    assert [report.path for report in reports] == [str(number) for number in range(count)]
    lost = {report.path: report.fault for report in reports if report.verdict is not Verdict.VALID}
    assert lost == {"3": REASON.replace("1 s", "0.2 s")}
    assert reports[3].verdict is Verdict.UNCHECKED
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("check", [busy_in_python, busy_behind_a_handler])
def test_python_code_that_takes_too_long_is_stopped(check: runner.Check[SeedReport], jobs: int) -> None:
    check_that_only_one_is_lost(list(runner.run(seeds_of(30), check, jobs, limit_seconds=SHORT)), 30)


def test_code_in_c_that_never_returns_is_stopped_in_a_worker() -> None:
    check_that_only_one_is_lost(list(runner.run(seeds_of(6), busy_in_c, 2, limit_seconds=SHORT)), 6)


def test_the_other_seeds_of_a_portion_are_checked_again() -> None:
    check_that_only_one_is_lost(list(runner.run(seeds_of(40), busy_in_c, 2, limit_seconds=SHORT)), 40)


def test_a_worker_that_waits_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "linux" or sys.version_info >= (3, 12):
        pytest.skip("the changed constant reaches a worker only by forking, which is unsound beside other threads")
    monkeypatch.setattr(bounds, "_WAITS_AS_LONG", 1)
    monkeypatch.setattr(runner, "_context", lambda may_fork: multiprocessing.get_context("fork"))
    check_that_only_one_is_lost(list(runner.run(seeds_of(6), waiting, 2, limit_seconds=SHORT)), 6)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_limit_is_for_each_seed(jobs: int) -> None:
    assert {report.verdict for report in runner.run(seeds_of(6), counted, jobs, limit_seconds=0.25)} == {Verdict.VALID}


def test_waiting_between_seeds_does_not_count() -> None:
    for report in runner.run(seeds_of(3), valid, 1, limit_seconds=SHORT):
        end = time.process_time() + 0.15
        while time.process_time() < end:  # as a reporter might
            pass
        assert report.verdict is Verdict.VALID


def test_no_limit() -> None:
    before = signal.getsignal(signal.SIGPROF)
    reports = runner.run(seeds_of(2), counted, 1, limit_seconds=0)
    next(reports)
    assert signal.getsignal(signal.SIGPROF) is before
    assert next(reports).verdict is Verdict.VALID


def test_signal_handlers_of_a_caller_come_back() -> None:
    def own(number: int, frame: object) -> None:
        raise AssertionError

    before = signal.signal(signal.SIGPROF, own)
    try:
        assert len(list(runner.run(seeds_of(3), valid, 1, limit_seconds=1))) == 3
        with pytest.raises(TimeLimitError), Bound(SHORT) as bound:
            bound.run(lambda: busy_in_python(Seed("", "3")))
        assert signal.getsignal(signal.SIGPROF) is own
        assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGPROF, before)


def test_another_thread_has_no_limit_and_works() -> None:
    found: list[SeedReport] = []
    thread = threading.Thread(target=lambda: found.extend(runner.run(seeds_of(3), valid, 1, limit_seconds=1)))
    thread.start()
    thread.join()
    assert len(found) == 3


# --- the program ------------------------------------------------------------------------------------------------------

BUSY = """
import sys
import validator.archive.opening, validator.preservation.repairing
from validator import cli

def busy(data):
    if b"SLOW" in data:
        HOW

check, mend = validator.archive.opening.check_seed, validator.preservation.repairing.repair_seed

def slow_check(data, *others, **named):
    busy(data)
    return check(data, *others, **named)

def slow_repair(data, *others, **named):
    busy(data)
    return mend(data, *others, **named)

validator.archive.opening.check_seed = slow_check
validator.preservation.repairing.repair_seed = slow_repair
sys.argv = ["validator", *sys.argv[1:]]
cli.main()
"""
IN_PYTHON, IN_C = "while True: pass", "sum(range(10**13))"
WRONG = 'The keeper"s line is here.\n'
SMALL, LARGE = WRONG + "SLOW\n", WRONG * 4000 + "SLOW\n"


def run_busy(folder: Path, how: str, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program with a check and a repair that never end on a seed that says SLOW."""
    return subprocess.run(
        [sys.executable, "-c", BUSY.replace("HOW", how), *arguments],
        cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=120, input=given,
        env=os.environ | {"XDG_CACHE_HOME": str(folder.parent / "cache")},
    )  # fmt: skip


def make_archive(folder: Path, slow: str) -> Path:
    folder.mkdir()
    (folder / "validator.toml").write_text('limit-seconds = 1\n[sources]\n"**" = "plain-text"\n')
    for name, text in {"a.txt": WRONG, "b.txt": slow, "c.txt": WRONG}.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(("how", "slow"), [(IN_PYTHON, SMALL), (IN_C, LARGE)])
def test_validate_says_why_and_goes_on(tmp_path: Path, how: str, slow: str) -> None:
    archive = make_archive(tmp_path / "archive", slow)
    done = run_busy(archive, how, "validate", "--format", "json", ".")
    assert done.returncode == 3, done.stderr
    seeds = {seed["path"]: seed for seed in json.loads(done.stdout)["seeds"]}
    assert {name: seed["verdict"] for name, seed in seeds.items()} == {
        "a.txt": "invalid", "b.txt": "unchecked", "c.txt": "invalid",
    }  # fmt: skip
    assert seeds["b.txt"]["fault"] == REASON


def test_the_option_wins_over_the_configuration(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", SMALL)
    (archive / "validator.toml").write_text('limit-seconds = 0\n[sources]\n"**" = "plain-text"\n')
    done = run_busy(archive, IN_PYTHON, "validate", "--limit-seconds", "1", "b.txt")
    assert done.returncode == 3
    assert "took longer than 1 s of processor time" in " ".join(done.stdout.split())


def test_standard_input_is_held_to_the_limit(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", SMALL)
    done = run_busy(archive, IN_C, "validate", "--stdin-filename", "b.txt", "-", given=LARGE)
    assert done.returncode == 3, done.stderr


@pytest.mark.parametrize(("how", "slow"), [(IN_PYTHON, SMALL), (IN_C, LARGE)])
def test_repair_leaves_it_as_it_was_and_goes_on(tmp_path: Path, how: str, slow: str) -> None:
    archive = make_archive(tmp_path / "archive", slow)
    done = run_busy(archive, how, "repair", ".")
    assert done.returncode == 3, done.stderr
    assert (archive / "b.txt").read_text() == slow
    assert [(archive / name).read_text() for name in ("a.txt", "c.txt")] == ["The keeper's line is here.\n"] * 2
    assert f"b.txt was left as it was: the program failed on it: {REASON}" in done.stderr
    events = archive / ".validator/events"
    assert sorted(path.name for path in events.iterdir()) == ["a.txt.jsonl", "c.txt.jsonl"]


def test_large_seeds_are_repaired_as_small_ones(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", LARGE.replace("SLOW", "An end."))
    done = run_busy(archive, IN_C, "repair", "--limit-seconds", "60", ".")
    assert done.returncode == 0, done.stderr
    assert (archive / "b.txt").read_text() == LARGE.replace("SLOW", "An end.").replace('"', "'")


def test_a_result_of_a_slow_seed_is_not_kept(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", SMALL)
    for number in range(40):
        (archive / f"d{number}.txt").write_text("Nothing is wrong here.\n")
    for how, code in ((IN_PYTHON, 3), ("pass", 1)):
        assert run_busy(archive, how, "validate", "--quiet", ".").returncode == code


def test_the_review_lists_it_among_what_cannot_be_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = open_archive(Request(make_archive(tmp_path / "archive", SMALL)))
    monkeypatch.setattr("validator.review.matters.judge_wholly", lambda *_: busy_in_python(Seed("", "3")))
    seeds = [Seed.at(archive.root / "b.txt", "b.txt")]
    (entry,) = survey(archive, seeds, jobs=1)
    assert (entry.verdict, entry.is_open, entry.refused) == (
        Verdict.UNCHECKED, False, f"the program failed on it: {REASON}",
    )  # fmt: skip


def test_arrow_says_why_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pa = pytest.importorskip("pyarrow")
    from validator.archive.config import Settings
    from validator.batch import arrow

    def slow(content: bytes, *others: Any, **named: Any) -> SeedReport:
        while content == b"SLOW":
            pass
        return check_seed(content, *others, **named)

    monkeypatch.setattr("validator.archive.face.check_seed", slow)
    table = pa.table({"path": ["a.txt", "b.txt"], "content": [b"SLOW", b"Good.\n"], "source": ["plain-text"] * 2})
    rows = arrow.validate_batch(table, settings=Settings(limit_seconds=1)).to_pylist()
    assert [(row["path"], row["verdict"], row["fault"]) for row in rows] == [
        ("a.txt", "unchecked", REASON),
        ("b.txt", "valid", None),
    ]


@pytest.mark.parametrize("value", ["-1", "1.5", "true", '"60"', "none"])
def test_a_limit_that_is_none(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^validator\.toml:1: "):
        read_config(f"limit-seconds = {value}\n", "validator.toml")


@pytest.mark.parametrize(("text", "expected"), [("", 60), ("limit-seconds = 0\n", 0), ("limit-seconds = 90\n", 90)])
def test_the_limit_of_a_configuration(text: str, expected: int) -> None:
    assert read_config(text, "validator.toml").limit_seconds == expected
