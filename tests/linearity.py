"""How time grows with the length of the input, in a way that a busy machine does not upset."""

from __future__ import annotations

import time
from collections.abc import Callable


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """The shortest of several runs, in processor time: what others do on the machine hardly counts."""
    best = float("inf")
    for _ in range(runs):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def assert_linear(make: Callable[[int], str], work: Callable[[str], object], size: int = 20_000) -> None:
    """Assert that eight times the input takes about eight times as long; quadratic work takes sixty-four times.

    What takes under 20 ms at eight times `size` passes: it is too fast to be quadratic.
    """
    short, long = make(size), make(8 * size)
    ratio = 0.0
    for runs in (1, 3, 3):  # one run of the long text is enough, unless it was a slow one
        taken = seconds(lambda: work(long), runs)
        if taken < 0.02:
            return
        ratio = taken / max(seconds(lambda: work(short)), 1e-4)
        if ratio < 24:
            return
    raise AssertionError(f"eight times the input took {ratio:.0f} times as long")
