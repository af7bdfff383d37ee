"""Checks many seeds, in this process or in several; reports come in the order of the seeds.

A worker gets a portion of seeds and sends several reports at once: for small seeds, sending each alone would take as long as
checking it. When a worker dies, other workers try its unreported seeds one by one, to find the one that killed it. A seed that
has killed two workers alone is `unchecked`; the run goes on.

Each seed may take `limit_seconds` of processor time (`bounds`). A worker that takes more is ended, whatever it is running.
In this process only Python code can be stopped, so large seeds, for which code in C might take long, go to a worker.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from validator.archive.bounds import Bound, Result, TimeLimitError, is_time_limit, too_long
from validator.archive.config import DEFAULT_LIMIT_SECONDS
from validator.archive.reading import available_processors, sized
from validator.archive.seeds import Seed
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Verdict

if TYPE_CHECKING:  # workers are for many seeds, and a single one need not wait for these imports
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

Check = Callable[[Seed], Result]

# Workers pay above these sizes: starting two takes about 25 ms, as long as checking 60 small seeds or 250 kB of large ones.
_SEEDS_THAT_PAY = 200
_BYTES_THAT_PAY = 1_000_000

# From this size on a seed is checked in a worker, which can be ended. Below it even code that is quadratic in the size ends soon.
_LARGE_BYTES = 65_536

_SEEDS_AT_A_TIME = 64
_PORTIONS_HELD = 4  # for each worker: how many portions may be under way or wait for their turn in the order


def run(
    seeds: Sequence[Seed],
    check: Check[Result],
    jobs: int | None = None,
    *,
    limit_seconds: float = DEFAULT_LIMIT_SECONDS,
    ends_process: bool = False,
    may_fork: bool = True,
) -> Iterator[Result | SeedReport]:
    """The report of each seed, or whatever else `check` returns for it, in the order of `seeds`.

    With `jobs` 1 everything happens in this process, unless a seed is large; with more in as many workers; with None in workers
    where they pay. `check` must be picklable, for workers that cannot be forked. An exception of `check` makes its seed
    `unchecked`, and so does a check that takes longer than `limit_seconds` of processor time (0 means no limit). A ConfigError
    ends the run; there is one too if no worker can be started. No worker outlives the iterator; at most a few hundred reports
    are held. With `ends_process` this process itself may be ended as a worker is; its parent must handle that. Without
    `may_fork` workers are started anew: for a process with threads that are not Python's.
    """
    if jobs is None:
        pays = len(seeds) > _SEEDS_THAT_PAY or sum(seed.size for seed in sized(seeds)) > _BYTES_THAT_PAY
        jobs = min(available_processors(), len(seeds)) if pays else 1
    if jobs > 1 or (may_fork and not ends_process and _needs_worker(limit_seconds, seeds)):
        yield from _Pool(seeds, check, jobs, limit_seconds, may_fork).reports()
        return
    with Bound(limit_seconds, ends_process=ends_process) as bound:
        for seed in seeds:
            yield _checked(check, seed, bound)


class UncheckedError(Exception):
    """Why a seed is `unchecked`, as its report says it."""


def within(limit_seconds: float, size: int, work: Callable[[], Result]) -> Result:
    """What `work` returns for one seed of this size, with the time limit of `run`. Raises UncheckedError.

    For a large seed it runs in a process of its own, so other changes made by `work` are lost.
    """
    (result,) = run([Seed("", "-", size)], lambda _: work(), 1, limit_seconds=limit_seconds)
    if isinstance(result, SeedReport) and result.verdict is Verdict.UNCHECKED:
        raise UncheckedError(result.fault)
    return result  # type: ignore[return-value]


def _needs_worker(limit_seconds: float, seeds: Sequence[Seed]) -> bool:
    """Whether checking a seed may have to be stopped by ending its process, and such a process can be forked."""
    if not limit_seconds or all(seed.size < _LARGE_BYTES for seed in sized(seeds)):
        return False
    return _can_fork()


def _checked(check: Check[Result], seed: Seed, bound: Bound) -> Result | SeedReport:
    """The report of one seed. This is the one place where a fault of the program is caught."""
    try:
        return bound.run(lambda: check(seed))
    except ConfigError:
        raise
    except (TimeLimitError, UncheckedError) as told:
        return _unchecked(seed.name, str(told))
    except Exception as fault:
        return _unchecked(seed.name, describe_fault(fault))


def _unchecked(name: str, fault: str) -> SeedReport:
    """The report of a seed whose check failed in the program, not in the seed."""
    return SeedReport(path=name or "-", source=None, verdict=Verdict.UNCHECKED, fault=fault)


def describe_fault(fault: BaseException) -> str:
    """What went wrong and where in the program, in one line."""
    from pathlib import PurePath

    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace is not None else ""
    return " ".join(f"{type(fault).__name__}: {fault}".split())[:500] + place


# ---------------------------------------------------------------------------------------------------------------------
# The parent


class _Worker:
    """A process, the connection to it, and the numbers of the seeds that it has yet to report."""

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process = process
        self.connection = connection
        self.left: deque[int] = deque()


class _Pool:
    """The workers of one run."""

    def __init__(
        self, seeds: Sequence[Seed], check: Check[Any], jobs: int, limit_seconds: float = 0, may_fork: bool = True
    ) -> None:
        self._seeds = seeds
        self._jobs = jobs
        self._limit_seconds = limit_seconds
        self._check = check
        self._context = _context(may_fork)
        self._workers: list[_Worker] = []
        self._portions = _portions(len(seeds), jobs)
        self._again: deque[int] = deque()  # seeds left by workers that died
        self._suspects: set[int] = set()  # seeds that have killed a worker
        self._done: dict[int, Any] = {}  # reports that wait for their turn
        self._next = 0  # the number of the seed whose turn it is

    def reports(self) -> Iterator[Any]:
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
        """Give a portion to every worker that has none, and start workers as long as there are portions for them."""
        while True:
            idle = next((worker for worker in self._workers if not worker.left), None)
            if idle is None and len(self._workers) == self._jobs:
                return
            portion = self._portion()
            if portion is None:
                return
            worker = idle or self._start()
            worker.left.extend(portion)
            with suppress(OSError):  # it has died: that shows when it is listened to
                worker.connection.send([(number, self._seeds[number]) for number in portion])

    def _portion(self) -> Sequence[int] | None:
        if self._again:
            return [self._again.popleft()]
        under_way = sum(len(worker.left) for worker in self._workers)
        if len(self._done) + under_way >= self._jobs * _PORTIONS_HELD * _SEEDS_AT_A_TIME:
            return None
        return next(self._portions, None)

    def _collect(self) -> None:
        """Wait for reports of any worker, and take them."""
        from multiprocessing.connection import wait

        busy = {worker.connection: worker for worker in self._workers if worker.left}
        for ready in wait(list(busy)) if busy else ():
            worker = busy[ready]  # type: ignore[index]
            try:
                answer = worker.connection.recv()
            except (EOFError, OSError):
                self._bury(worker)
                continue
            if isinstance(answer, BaseException):
                raise answer
            for number, report in answer:
                worker.left.popleft()
                self._done[number] = report

    def _bury(self, worker: _Worker) -> None:
        """A worker has died: its unreported seeds are tried again one by one, except one that has killed two workers."""
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join(5)
        left = worker.left
        if len(left) == 1:  # then this seed killed it
            number = left[0]
            took_too_long = is_time_limit(worker.process.exitcode)
            if number in self._suspects or took_too_long:
                fault = f"the worker process ended with {_ending(worker.process)}"
                fault = too_long(self._limit_seconds) if took_too_long else fault
                self._done[number] = _unchecked(self._seeds[number].name, fault)
                left.clear()
            self._suspects.add(number)
        self._again.extend(left)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        is_forked = self._context.get_start_method() == "fork"
        inherited = [ours, *(worker.connection for worker in self._workers)] if is_forked else []
        process = self._context.Process(  # type: ignore[attr-defined]
            target=_work, args=(theirs, inherited, self._check, self._limit_seconds), daemon=True
        )
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


def _portions(number: int, jobs: int) -> Iterator[range]:
    """The numbers of so many seeds, some at a time: towards the end fewer, so that all workers finish together."""
    start = 0
    while start < number:
        end = start + min(_SEEDS_AT_A_TIME, max(1, (number - start) // (4 * jobs)))
        yield range(start, end)
        start = end


def _context(may_fork: bool) -> BaseContext:
    import multiprocessing

    return multiprocessing.get_context("fork" if may_fork and _can_fork() else "spawn")


def _can_fork() -> bool:
    """Forking is quick and shares what is loaded, but is safe only on Linux and without other threads."""
    import threading

    return sys.platform == "linux" and threading.active_count() == 1


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold back Ctrl-C, here and for good in processes started meanwhile: only the parent reacts, and ends the workers."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ending(process: BaseProcess) -> str:
    import signal

    code = process.exitcode
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


# ---------------------------------------------------------------------------------------------------------------------
# A worker


def _work(connection: Connection, inherited: Sequence[Connection], check: Check[Any], limit_seconds: float) -> None:
    """Check portions until no more come. `inherited` are the parent's ends, which must not outlive the parent here."""
    import signal

    for each in inherited:
        each.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with Bound(limit_seconds, ends_process=True) as bound:
            _check_portion(connection, check, bound, 1)  # the first report at once, for those who wait
            while True:
                _check_portion(connection, check, bound, _SEEDS_AT_A_TIME)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent has gone
    except Exception as fault:
        _send_fault(connection, fault)


def _check_portion(connection: Connection, check: Check[Any], bound: Bound, enough: int) -> None:
    """Receive a portion and send its reports, `enough` at first, then twice as many and so on."""
    unsent: list[tuple[int, Any]] = []
    for number, seed in connection.recv():
        unsent.append((number, _checked(check, seed, bound)))
        if len(unsent) == enough:
            _send(connection, unsent)
            unsent, enough = [], 2 * enough
    if unsent:
        _send(connection, unsent)


def _send(connection: Connection, reports: list[tuple[int, Any]]) -> None:
    from pickle import PicklingError

    try:
        connection.send(reports)
    except (TypeError, AttributeError, ValueError, PicklingError) as fault:  # a value that cannot be sent
        if len(reports) > 1:
            for each in reports:
                _send(connection, [each])
            return
        ((number, report),) = reports
        path = report.path if isinstance(report, SeedReport) else "-"
        connection.send([(number, _unchecked(path, describe_fault(fault)))])


def _send_fault(connection: Connection, fault: Exception) -> None:
    """Send the parent the exception that ends the run."""
    with suppress(OSError):
        try:
            connection.send(fault)
        except Exception:  # an exception that cannot be sent as it is
            connection.send(RuntimeError(describe_fault(fault)))
