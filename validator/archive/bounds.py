"""A limit on the processor time of one seed: the last resort against a seed that would take minutes.

The system counts the time that this process computes. When a seed has used up its limit, a signal makes Python raise
TimeLimitError at whatever line the check has reached. Code in C that never returns to Python does not notice that signal. Where
the process may be ended (`ends_process`: a worker, whose parent goes on with the other seeds), the system ends it a little
later; it does so too when the process has waited, without computing, for ten times the limit.

Not handled: threads other than the main one, and systems without interval timers (Windows). There is no limit there.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, TypeVar

Result = TypeVar("Result")

_WAITS_AS_LONG = 10  # times the limit


class TimeLimitError(BaseException):
    """A seed took longer than it may. Not an Exception: code that handles its own faults must not catch it."""


def too_long(limit_seconds: float) -> str:
    """Why a seed that took too long is `unchecked`, and what to do."""
    return (
        f"it took longer than {limit_seconds:g} s of processor time, the limit for one seed; "
        "to give it more, use --limit-seconds or `limit-seconds` in the configuration (0 means no limit)"
    )


def is_time_limit(exit_code: int | None) -> bool:
    """Whether a process with this exit code (as multiprocessing has it) was ended because a seed took too long."""
    if not hasattr(signal, "setitimer"):
        return False
    return exit_code in (-signal.SIGVTALRM, -signal.SIGALRM, -signal.SIGPROF)


class Bound:
    """The limit for each of some seeds, from `with` on; `limit_seconds` 0 means no limit."""

    def __init__(self, limit_seconds: float, *, ends_process: bool = False) -> None:
        self._limit_seconds = limit_seconds
        self._ends_process = ends_process
        self._before: Any = None
        self._is_on = False

    def __enter__(self) -> Bound:
        if self._limit_seconds and hasattr(signal, "setitimer"):
            try:
                self._before = signal.signal(signal.SIGPROF, self._raise)
            except ValueError:  # not the main thread
                return self
            self._is_on = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_on:
            self._is_on = False
            signal.signal(signal.SIGPROF, signal.SIG_DFL if self._before is None else self._before)

    def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns for one seed. Raises TimeLimitError when it takes too long, and whatever it raises."""
        if not self._is_on:
            return work()
        try:
            self._set(self._limit_seconds)
            return work()
        finally:
            self._set(0)

    def _set(self, seconds: float) -> None:
        # Repeated, because an exception that is raised inside a finalizer is dropped.
        signal.setitimer(signal.ITIMER_PROF, seconds, seconds / 10)
        if self._ends_process:
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds and seconds + max(1.0, seconds / 10))
            signal.setitimer(signal.ITIMER_REAL, _WAITS_AS_LONG * seconds)

    def _raise(self, number: int, frame: FrameType | None) -> None:
        raise TimeLimitError(too_long(self._limit_seconds))
