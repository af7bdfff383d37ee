"""The files of events, one per seed: reading a log, appending to it, cutting off an unfinished line.

Nothing else is done to a log. An unfinished line is the last one, with a part file beside the seed that proves that its write
was cut short. Any other line that is not an event is damage: reported with file and line, and left as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from validator.archive.writing import sync_folder
from validator.preservation.disk import (
    FOLDER,
    PART,
    UnsoundError,
    make_folders,
    opened,
    part_of,
    prune,
    read_file,
    reason_of,
    write_all,
)
from validator.preservation.events import Event, read_event, start_of_line


@dataclass(frozen=True, slots=True)
class Log:
    """The events in the file of a seed, in its order, each once. The bytes after the first `size` are an unfinished line."""

    path: str
    content: bytes
    events: tuple[Event, ...]
    size: int
    exists: bool = True

    @property
    def is_cut_short(self) -> bool:
        """Whether the file ends in the beginning of an event, or has nothing in it yet."""
        return self.exists and (self.size == 0 or self.size < len(self.content))


def log_path(top: str, name: str) -> str:
    """Where the events of a seed are kept."""
    return os.path.join(top, FOLDER, "events", name + ".jsonl")


def read_log(top: str, name: str) -> Log:
    """The events in the file of a seed. Raises UnsoundError, with file and line, where the file is damaged."""
    path = log_path(top, name)
    shown = os.path.relpath(path, top)
    try:
        content = read_file(path)
    except OSError as error:
        raise UnsoundError(f"{shown} cannot be read: {reason_of(error)}") from None
    if content is None:
        return Log(path, b"", (), 0, exists=False)
    events: dict[str, Event] = {}  # the same one twice, as a merge may leave it, is one
    lines: dict[str, int] = {}
    at = 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        if line.strip():
            try:
                event = read_event(line, at)
            except ValueError as error:
                is_last = at + len(line) == len(content) and not line.endswith(b"\n")
                if is_last and _is_unfinished(top, name, line, events):
                    break
                raise UnsoundError(f"line {number} of {shown} is not an event: {error}") from None
            if events.setdefault(event.identifier, event).content != event.content:
                other = f"line {number} of {shown} is another event under the identifier of an earlier line"
                raise UnsoundError(f"{other}, {event.identifier}")
            lines.setdefault(event.identifier, number)
        at += len(line)
    stranger = _stranger(top, name, events.values())
    if stranger is not None:
        place = f"line {lines[stranger.identifier]} of {shown}"
        raise UnsoundError(f"{place} is an event of another seed, {stranger.seed.name}")
    if not events and not _is_unfinished(top, name, b"", events):
        raise UnsoundError(f"line 1 of {shown} is not an event: the file is empty")
    return Log(path, content, tuple(events.values()), at if events else 0)  # a file of empty lines has no events


def _stranger(top: str, name: str, events: Iterable[Event]) -> Event | None:
    """An event of another seed, if there is one. Events under an old name of this seed do not count: its own events tell
    that name, or the log was moved with the seed and nothing has that name any more.
    """
    events = tuple(events)
    old = {event.origin.name for event in events if event.origin is not None and event.seed.name == name}
    for event in events:
        other = event.seed.name
        if other not in (name, *old) and any(map(os.path.lexists, (log_path(top, other), os.path.join(top, other)))):
            return event
    return None


def _is_unfinished(top: str, name: str, tail: bytes, events: Iterable[str]) -> bool:
    """Whether the end of a log is the beginning of an event whose part file is beside the seed.

    After a power failure NULs may follow it, or take its place.
    """
    path = os.path.join(top, name)
    folder = os.path.dirname(path)
    try:
        files = os.listdir(folder)
    except OSError:
        return False
    written = tail.rstrip(b"\0")
    for match in filter(None, map(PART.fullmatch, files)):
        identifier = match[2]
        if identifier not in events and os.path.join(folder, match[0]) == part_of(path, identifier):
            start = start_of_line(identifier)
            if start.startswith(written) or written.startswith(start):
                return True
    return False


def recorded_names(top: str) -> Iterator[str]:
    """The names of the seeds that have events, sorted."""
    for inside, names in _recorded_by_folder(top):
        yield from (inside + name for name in names)


def orphaned_names(top: str) -> Iterator[str]:
    """The names of the seeds that have events and are gone, sorted."""
    for inside, names in _recorded_by_folder(top):
        try:
            there = set(os.listdir(os.path.join(top, inside)))
        except OSError:
            there = set()
        for name in names:
            # Asked again: some file systems have one file under several spellings.
            if name not in there and not os.path.lexists(os.path.join(top, inside, name)):
                yield inside + name


def _recorded_by_folder(top: str) -> Iterator[tuple[str, list[str]]]:
    """The folders of seeds that have events, each as the beginning of a name, with the rest of their names."""
    events = os.path.join(top, FOLDER, "events")
    for current, folders, names in os.walk(events):
        folders.sort()
        inside = current[len(events) :].lstrip(os.sep)
        yield (
            f"{inside}{os.sep}" if inside else "",
            [name.removesuffix(".jsonl") for name in sorted(names) if name.endswith(".jsonl")],
        )


def append(log: Log, line: bytes) -> None:
    """Append to a log. An unfinished line must have been cut off before."""
    make_folders(os.path.dirname(log.path))
    with opened(log.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND) as descriptor:
        write_all(descriptor, line)
        os.fsync(descriptor)
    if not log.content:
        sync_folder(os.path.dirname(log.path))


def cut(top: str, path: str, size: int) -> None:
    """Keep only the first `size` bytes of a log. With 0 the log is removed, and its folder if that is empty then."""
    if size == 0:
        os.unlink(path)
        sync_folder(os.path.dirname(path))
        prune(os.path.dirname(path), os.path.join(top, FOLDER, "events"))
        return
    with opened(path, os.O_WRONLY) as descriptor:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
