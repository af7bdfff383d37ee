"""The search for seeds that need a decision, in processes of its own, so that the page answers while it goes on."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from types import FrameType

from validator.archive.opening import Archive
from validator.archive.runner import describe_fault
from validator.archive.seeds import Seed
from validator.review.beside import Beside, Met, met_in
from validator.review.matters import Entry, survey
from validator.review.queue import Queue
from validator.text.errors import ConfigError

_PORTION = 200
_PORTION_SECONDS = 0.1


class Search:
    """A running search, which fills a queue and finds out which seeds belong beside each other.

    It forks, which is quick, if no other thread runs at its start.
    """

    def __init__(self, archive: Archive, seeds: Sequence[Seed], queue: Queue, beside: Beside | None = None) -> None:
        is_alone = threading.active_count() == 1
        context = multiprocessing.get_context("fork" if sys.platform == "linux" and is_alone else "spawn")
        ours, theirs = context.Pipe(duplex=False)
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_search, args=(theirs, ours, archive, seeds)
        )
        self._process.start()
        theirs.close()
        self._thread = threading.Thread(target=_fill, args=(ours, queue, beside or Beside()), daemon=True)

    def begin(self) -> None:
        """Start to fill the queue, in a thread."""
        self._thread.start()

    def end(self) -> None:
        """Stop the search, finished or not."""
        self._process.terminate()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _fill(found: Connection, queue: Queue, beside: Beside) -> None:
    while True:
        try:
            portion = found.recv()
        except (EOFError, OSError):
            queue.end("the search ended too early; what was found so far is shown")
            return
        if isinstance(portion, str):
            queue.end(portion)
            return
        if portion and isinstance(portion[0], Met):
            beside.learn(portion)
            queue.meet(portion)
        else:
            queue.add(portion)


def _search(out: Connection, other: Connection, archive: Archive, seeds: Sequence[Seed]) -> None:
    """The search itself, in its process: entries in portions, and in the end a line of why it was cut short, or ''."""
    other.close()  # the end of whoever listens: only so is it noticed that nobody does
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    try:
        portion: list[Entry] = []
        sent = time.monotonic()
        for entry in survey(archive, seeds):
            portion.append(entry)
            if len(portion) == _PORTION or time.monotonic() - sent > _PORTION_SECONDS:
                out.send(portion)
                portion, sent = [], time.monotonic()
        out.send(portion)
        for met in met_in(archive, seeds):
            out.send(met)
        out.send("")
    except (BrokenPipeError, ConnectionResetError):
        return  # the listener has gone
    except ConfigError as error:
        _say(out, str(error))
    except Exception as fault:
        _say(out, f"the program failed: {describe_fault(fault)}")


def _say(out: Connection, problem: str) -> None:
    with suppress(OSError):
        out.send(problem)


def _leave(signal_number: int, frame: FrameType | None) -> None:
    """End through an exception, so that the workers end too."""
    raise SystemExit(0)
