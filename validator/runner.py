"""Many seeds: in this process or in several, reports in the order of the seeds.

A worker is handed a few seeds at a time and sends each report as it is made, so that of one that dies it is known at which
seed. That seed is tried once more, alone; if its worker dies again the seed is `unchecked` and the run goes on.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import PurePath
from typing import Any

from validator.errors import ConfigError
from validator.files import Seed, available_processors
from validator.findings import SeedReport, Verdict

Check = Callable[[Seed], SeedReport]

# From where on workers pay: starting them costs as much as checking about a hundred ordinary seeds.
_SEEDS_THAT_PAY = 200
_BYTES_THAT_PAY = 2_000_000

_SEEDS_AT_A_TIME = 16
_BYTES_AT_A_TIME = 1_000_000
_LOOK_AHEAD = 4  # times as many portions as there are workers may be under way or wait for their turn in the order


def run(
    seeds: Sequence[Seed],
    check: Check,
    jobs: int | None = None,
    initializer: Callable[..., object] | None = None,
    initargs: tuple[Any, ...] = (),
) -> Iterator[SeedReport]:
    """The report of each seed, in the order of `seeds`.

    `initializer(*initargs)` is called once in each process before the first seed; it, its arguments and `check` must be
    importable by name. With `jobs` 1 everything happens in this process, with more in as many workers, with None in
    workers where they pay. An exception of `check` makes its seed `unchecked`; a ConfigError, whatever `initializer`
    raises, and a machine on which no worker can be started (ConfigError) end the run. However the iterator is left, no
    worker outlives it; little more than the reports of a few dozen seeds is ever held.
    """
    if jobs is None:
        pays = len(seeds) > _SEEDS_THAT_PAY or sum(seed.size for seed in seeds) > _BYTES_THAT_PAY
        jobs = min(available_processors(), len(seeds)) if pays else 1
    if jobs > 1:
        yield from _Pool(seeds, check, jobs, initializer, initargs).reports()
        return
    if initializer is not None and seeds:
        initializer(*initargs)
    for seed in seeds:
        yield _checked(check, seed)


def _checked(check: Check, seed: Seed) -> SeedReport:
    """The report of one seed. This is the one place where a fault of ours is caught."""
    try:
        return check(seed)
    except ConfigError:
        raise
    except Exception as fault:
        return unchecked(seed, describe_fault(fault))


def unchecked(seed: Seed, fault: str) -> SeedReport:
    """The report of a seed whose check failed in the program, not in the seed."""
    return SeedReport(path=seed.name, source=None, verdict=Verdict.UNCHECKED, fault=fault)


def describe_fault(fault: BaseException) -> str:
    """What went wrong and where in the program, in one line."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace is not None else ""
    return " ".join(f"{type(fault).__name__}: {fault}".split())[:500] + place


# ---------------------------------------------------------------------------------------------------------------------
# The parent


class _Worker:
    """A process, the connection to it, and the numbers of the seeds that it has still to report."""

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process = process
        self.connection = connection
        self.seeds: deque[int] = deque()


class _Pool:
    """The workers of one run."""

    def __init__(
        self,
        seeds: Sequence[Seed],
        check: Check,
        jobs: int,
        initializer: Callable[..., object] | None,
        initargs: tuple[Any, ...],
    ) -> None:
        self._seeds = seeds
        self._jobs = jobs
        self._task = (check, initializer, initargs)
        self._context = _context()
        self._workers: list[_Worker] = []
        self._portions = _portions(seeds)
        self._again: deque[list[int]] = deque()  # what workers left that died
        self._suspects: set[int] = set()  # seeds that a worker has died of
        self._done: dict[int, SeedReport] = {}  # reports that wait for their turn
        self._next = 0  # the number of the seed whose turn it is

    def reports(self) -> Iterator[SeedReport]:
        try:
            while self._next < len(self._seeds):
                while self._next in self._done:
                    report = self._done.pop(self._next)
                    self._next += 1
                    yield report
                self._hand_out()
                self._collect()
        finally:
            self._end()

    def _hand_out(self) -> None:
        """Give every worker that has nothing to do a portion. Only those: a worker that waits to send does not receive."""
        idle = [worker for worker in self._workers if not worker.seeds]
        while idle or len(self._workers) < self._jobs:
            portion = self._portion()
            if portion is None:
                return
            worker = idle.pop() if idle else self._start()
            worker.seeds.extend(portion)
            with suppress(OSError):  # it has died: that shows when it is listened to
                worker.connection.send([(number, self._seeds[number]) for number in portion])

    def _portion(self) -> list[int] | None:
        if self._again:
            return self._again.popleft()
        under_way = len(self._done) + sum(len(worker.seeds) for worker in self._workers)
        if under_way >= self._jobs * _LOOK_AHEAD * _SEEDS_AT_A_TIME:
            return None
        return next(self._portions, None)

    def _collect(self) -> None:
        """Wait until a worker has something to say, and hear it."""
        busy = {worker.connection: worker for worker in self._workers if worker.seeds}
        for ready in wait(list(busy)) if busy else ():
            worker = busy[ready]  # type: ignore[index]
            try:
                answer = worker.connection.recv()
            except (EOFError, OSError):
                self._bury(worker)
                continue
            if isinstance(answer, BaseException):
                raise answer
            number, report = answer
            worker.seeds.popleft()
            self._done[number] = report

    def _bury(self, worker: _Worker) -> None:
        """A worker has died: the seed it had in hand is tried alone, or is `unchecked` if it was; the rest goes to others."""
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join(5)
        first, *rest = worker.seeds
        if first in self._suspects:
            self._done[first] = unchecked(
                self._seeds[first], f"the worker process ended with {_ending(worker.process)}"
            )
        else:
            self._suspects.add(first)
            self._again.append([first])
        if rest:
            self._again.append(rest)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, *self._task), daemon=True)  # type: ignore[attr-defined]
        try:
            with _interrupts_held():
                process.start()
        except OSError as error:
            raise ConfigError(f"no worker process can be started: {error.strerror or error}; try --jobs 1") from None
        theirs.close()  # so that the connection ends when the worker does
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _end(self) -> None:
        """End all workers at once."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.connection.close()
        self._workers.clear()


def _portions(seeds: Iterable[Seed]) -> Iterator[list[int]]:
    """The numbers of the seeds, a few at a time."""
    portion: list[int] = []
    size = 0
    for number, seed in enumerate(seeds):
        portion.append(number)
        size += seed.size
        if len(portion) == _SEEDS_AT_A_TIME or size >= _BYTES_AT_A_TIME:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _context() -> BaseContext:
    """Forking is quick and shares what is loaded, but sound only on Linux, and only as long as nothing runs beside it."""
    is_alone = threading.active_count() == 1
    return multiprocessing.get_context("fork" if sys.platform == "linux" and is_alone else "spawn")


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits, here and for good in a process started meanwhile: the parent alone hears it, and ends the workers."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ending(process: BaseProcess) -> str:
    code = process.exitcode
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


# ---------------------------------------------------------------------------------------------------------------------
# A worker


def _work(
    connection: Connection, check: Check, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]
) -> None:
    """Check what comes until nothing more does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        if initializer is not None:
            initializer(*initargs)
        while True:
            for number, seed in connection.recv():
                report = _checked(check, seed)
                try:
                    connection.send((number, report))
                except (TypeError, AttributeError, ValueError) as fault:  # a value that cannot be sent
                    connection.send((number, unchecked(seed, describe_fault(fault))))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent has gone
    except Exception as fault:
        _send_fault(connection, fault)


def _send_fault(connection: Connection, fault: Exception) -> None:
    """Tell the parent what ends the run."""
    with suppress(OSError):
        try:
            connection.send(fault)
        except Exception:  # an exception that cannot be sent as it is
            connection.send(RuntimeError(describe_fault(fault)))
