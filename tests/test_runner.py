"""Many seeds in one process and in several: the same reports in the same order, whatever becomes of a worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from validator.archive import runner
from validator.archive.seeds import Seed
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Verdict


def seeds_of(count: int, size: int = 0) -> list[Seed]:
    return [Seed("/nowhere", str(number), size) for number in range(count)]


def valid(seed: Seed, said: str = "") -> SeedReport:
    return SeedReport(seed.name, None, Verdict.VALID, evidence=(said,))


def deadly(seed: Seed) -> SeedReport:
    if seed.name in ("3", "40"):
        os._exit(9)
    if seed.name == "41":
        os.kill(os.getpid(), signal.SIGKILL)
    return valid(seed)


def deadly_once(seed: Seed) -> SeedReport:
    mark = Path(str(seed.path))
    if not mark.exists():
        mark.touch()
        os._exit(9)
    return valid(seed)


def faulty(seed: Seed) -> SeedReport:
    if seed.name == "5":
        raise ValueError("a fault\nin two lines")
    return valid(seed)


def unsendable(seed: Seed) -> SeedReport:
    return SeedReport(seed.name, None, Verdict.VALID, record={"value": (lambda: 0) if seed.name == "2" else 0})


def misconfigured(seed: Seed) -> SeedReport:
    raise ConfigError("no such thing", "validator.toml", 3, "this thing")


def process_of(seed: Seed) -> SeedReport:
    return SeedReport(seed.name, None, Verdict.VALID, evidence=(str(os.getpid()),))


def slow_first(seed: Seed) -> SeedReport:
    if seed.name == "0":
        time.sleep(0.5)
    return valid(seed)


@pytest.fixture(params=["fork", "spawn"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the two ways in which workers start."""
    method: str = request.param
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")
    if method == "fork" and sys.version_info >= (3, 12):
        pytest.skip("the test runner's own threads make forking unsound")
    monkeypatch.setattr(runner, "_context", lambda may_fork: multiprocessing.get_context(method))
    return method


@pytest.mark.usefixtures("start")
@pytest.mark.parametrize("count", [0, 1, 2, 17, 100])
def test_workers_give_the_same_reports_in_the_same_order(count: int) -> None:
    seeds = seeds_of(count)
    check = partial(valid, said="said at the start")
    alone = list(runner.run(seeds, check, 1))
    assert list(runner.run(seeds, check, 2)) == alone
    assert [report.path for report in alone] == [seed.name for seed in seeds]
    assert all(report.evidence == ("said at the start",) for report in alone)


@pytest.mark.usefixtures("start")
def test_a_worker_that_dies_costs_only_its_seed() -> None:
    reports = list(runner.run(seeds_of(60), deadly, 2))
    assert [report.path for report in reports] == [str(number) for number in range(60)]
    lost = {report.path: report.fault for report in reports if report.verdict is not Verdict.VALID}
    assert lost == {
        "3": "the worker process ended with exit code 9",
        "40": "the worker process ended with exit code 9",
        "41": "the worker process ended with signal SIGKILL",
    }
    assert {report.verdict for report in reports} == {Verdict.VALID, Verdict.UNCHECKED}


def test_a_seed_gets_a_second_worker(tmp_path: Path) -> None:
    seeds = [Seed(str(tmp_path), str(number)) for number in range(4)]
    assert [report.verdict for report in runner.run(seeds, deadly_once, 2)] == [Verdict.VALID] * 4


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_makes_its_seed_unchecked(jobs: int) -> None:
    reports = list(runner.run(seeds_of(20), faulty, jobs))
    assert [report.path for report in reports if report.verdict is Verdict.UNCHECKED] == ["5"]
    assert reports[5].fault is not None
    assert reports[5].fault.startswith("ValueError: a fault in two lines (test_runner.py:")


def test_a_report_that_cannot_be_sent_is_unchecked() -> None:
    reports = list(runner.run(seeds_of(5), unsendable, 2))
    assert [report.verdict is Verdict.UNCHECKED for report in reports] == [False, False, True, False, False]


@pytest.mark.parametrize("jobs", [1, 2])
def test_trouble_with_the_configuration_ends_the_run(jobs: int) -> None:
    with pytest.raises(ConfigError) as caught:
        list(runner.run(seeds_of(40), misconfigured, jobs))
    assert str(caught.value) == 'validator.toml:3: no such thing (did you mean "this thing"?)'
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    ("seeds", "jobs", "has_workers"),
    [
        (seeds_of(10), None, False),
        (seeds_of(10), 2, True),
        (seeds_of(10, size=1_000_000), None, True),
        (seeds_of(300), None, True),
        (seeds_of(300), 1, False),
    ],
)
def test_workers_start_where_they_pay_or_are_asked_for(
    seeds: list[Seed], jobs: int | None, has_workers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "available_processors", lambda: 2)
    processes = {report.evidence for report in runner.run(seeds, process_of, jobs)}
    assert ((str(os.getpid()),) not in processes) is has_workers


def test_few_reports_wait_for_a_slow_seed() -> None:
    pool = runner._Pool(seeds_of(2000), slow_first, 2)
    most = 0
    for _ in pool.reports():
        most = max(most, len(pool._done))
    assert 0 < most <= 2 * 4 * 64 + 64


def test_leaving_early_leaves_no_worker_behind() -> None:
    reports = runner.run(seeds_of(500), valid, 2)
    next(reports)
    assert multiprocessing.active_children()
    reports.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


INTERRUPTED = """
import multiprocessing, signal, sys, time
from pathlib import Path
from validator.archive import runner
from validator.archive.discovery import Seed
from validator.text.findings import SeedReport, Verdict

def check(seed):
    if seed.name != "0":
        time.sleep(600)
    return SeedReport(seed.name, None, Verdict.VALID)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it runs in the background ignore it
    seeds = [Seed("/nowhere", str(number)) for number in range(100)]
    try:
        for report in runner.run(seeds, check, 2):
            print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def started(script: Path, content: str) -> tuple[subprocess.Popen[str], list[int]]:
    """A run in a process of its own that has given a report, and its workers."""
    script.write_text(content)
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(runner.__file__).parents[1])},
    )
    assert process.stdout is not None
    workers = [int(number) for number in process.stdout.readline().split()]
    assert workers
    return process, workers


def test_an_interrupt_ends_all_workers_at_once(tmp_path: Path) -> None:
    process, workers = started(tmp_path / "script.py", INTERRUPTED)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    said, complaints = process.communicate(timeout=60)
    assert (said, complaints, process.returncode) == ("interrupted\n", "", 0)
    assert [worker for worker in workers if is_running(worker)] == []


def test_workers_end_soon_after_their_parent_was_killed(tmp_path: Path) -> None:
    process, _ = started(tmp_path / "script.py", INTERRUPTED.replace("600", "0.05"))
    process.kill()
    try:
        process.communicate(timeout=60)  # until no worker has the output open any more
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def fault_of(function: Callable[[], object]) -> BaseException:
    try:
        function()
    except Exception as fault:
        return fault
    raise AssertionError("no fault")


def test_a_fault_is_told_in_one_line_with_its_place() -> None:
    fault = fault_of(lambda: [].pop())
    assert runner.describe_fault(fault).startswith("IndexError: pop from empty list (test_runner.py:")
    assert len(runner.describe_fault(ValueError("x" * 10_000))) < 600
