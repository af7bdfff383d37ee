"""The events of a seed in their order, under all names that it had, and what became of each.

Two clones may each repair a seed. Git then joins their logs (`merge=union`): first the lines of one clone, then those of the
other. So a log has the order within each clone, and the times give the order between them. A clock that was set back does no
harm: an event stays behind the earlier one whose result it begins with, and an undo behind what it undoes. If both clones
repaired the same text in the same way, both repairs are kept.

A renamed seed is found by its bytes, among the logs whose seed is gone: one of their events left just these bytes. What an event
*began* with proves nothing, since an archive may hold the same page twice. The next event records the old name (`renamedFrom`).
A seed that was renamed *and* changed before that cannot be found, unless its log was moved with it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from validator.preservation.disk import PreservationError, digest_of, part_of, read_file
from validator.preservation.events import MODIFICATION, Event, Origin, State
from validator.preservation.logs import Log, log_path, orphaned_names, read_log, recorded_names


@dataclass(frozen=True, slots=True)
class History:
    """All events of a seed, in order, each with its state. `log` is the file of its present name, `logs` all files read.

    `origin` is a rename that no event has recorded yet; the next event does.
    """

    log: Log
    events: tuple[Event, ...]
    origin: Origin | None = None
    logs: tuple[str, ...] = ()


class Orphans:
    """The logs whose own seed is gone, by the digests that their events left. Read at the first question."""

    def __init__(self, top: str) -> None:
        self._top = top
        self._by_digest: dict[str, list[str]] | None = None
        self._continued: frozenset[str] | None = None  # asked only where a log has the digest: it reads all logs

    def named(self, name: str, digest: str) -> str | None:
        """The log that may belong to a seed with these bytes: best one that ended with them, then one of the same name."""
        if self._by_digest is None:
            self._by_digest = self._look()
        found = self._by_digest.get(digest, ())
        if found and self._continued is None:
            self._continued = continued_elsewhere(self._top)
        found = [each for each in found if each not in (self._continued or ())]

        def likeness(other: str) -> tuple[bool, bool, str]:
            last = read_lineage(self._top, other)[0][-1]
            return last.seed.after.sha256 == digest, os.path.basename(other) == os.path.basename(name), last.when

        return max(found, key=likeness, default=None)

    def _look(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in orphaned_names(self._top):
            try:
                events, _ = read_lineage(self._top, name)
            except (PreservationError, OSError):
                continue  # `verify` says what is wrong with it
            for digest in {event.seed.after.sha256 for event in events}:
                if digest is not None:
                    found.setdefault(digest, []).append(name)
        return found


@lru_cache(maxsize=4)
def orphans_of_run(top: str, run: str) -> Orphans:
    """The orphans as they were when a run first asked: a run writes thousands of seeds and renames none."""
    return Orphans(top)


def continued_elsewhere(top: str) -> frozenset[str]:
    """The names of logs that go on under another name: an event of a seed that is there gives them as its old name."""
    found: set[str] = set()
    for name in recorded_names(top):
        if not os.path.lexists(os.path.join(top, name)):
            continue
        content = read_file(log_path(top, name)) or b""
        if b'"renamedFrom"' in content:
            try:
                found.update(event.origin.name for event in read_log(top, name).events if event.origin is not None)
            except (PreservationError, OSError):
                continue
    return frozenset(found)


def read_lineage(top: str, name: str, until: str | None = None) -> tuple[list[Event], list[str]]:
    """The events of a seed in order, with those under its earlier names, and the files they are from.

    With `until` only those up to this event. Raises UnsoundError if one of the files is damaged; OSError.
    """
    found: list[list[Event]] = []
    logs: dict[str, None] = {}
    waiting: list[tuple[str, str | None]] = [(name, until)]
    seen = set(waiting)
    while waiting:
        at, last = waiting.pop()
        log = read_log(top, at)
        if not log.exists:
            continue
        logs[log.path] = None
        own = in_order(log.events)
        known = [event.identifier for event in own]
        own = own[: known.index(last) + 1] if last in known else own if last is None else []
        found.append(own)
        for event in own:
            step = None if event.origin is None else (event.origin.name, event.origin.event)
            if step is not None and step not in seen:
                seen.add(step)
                waiting.append(step)
    events = {event.identifier: event for own in reversed(found) for event in own}  # the oldest names first
    return in_order(list(events.values())), list(logs)


def read_history(top: str, name: str, digest: str | None, orphans: Orphans | None = None) -> History:
    """The events of a seed that has these bytes now. Raises UnsoundError if one of its logs is damaged; OSError."""
    log = read_log(top, name)
    events, logs = read_lineage(top, name)
    origin = None
    if events and events[-1].seed.name != name:  # the log was moved along with the seed
        origin = Origin(events[-1].seed.name, events[-1].identifier)
    other = orphans.named(name, digest) if digest is not None and orphans is not None else None
    if other is not None:
        older, more = read_lineage(top, other)
        known = {each.sha256 for event in events for each in (event.seed.before, event.seed.after)}
        # What its own events know is its own, unless it was called otherwise for a while and the record went on there.
        if digest not in known or events[-1].identifier in {event.identifier for event in older}:
            origin = Origin(other, in_order(read_log(top, other).events)[-1].identifier)
            events = in_order(list({event.identifier: event for event in (*older, *events)}.values()))
            logs += [path for path in more if path not in logs]
    return History(log, tuple(with_states(events, os.path.join(top, name), digest)), origin, tuple(logs))


# --- order ------------------------------------------------------------------------------------------------------------


def in_order(events: Sequence[Event]) -> list[Event]:
    """Events by time, except those that must come after an earlier one of the sequence."""
    waiting = dict(enumerate(events))
    after = {at: {other for other in range(at) if _builds_on(events[at], events[other])} for at in waiting}
    out = []
    while waiting:
        free = (at for at in waiting if not after[at] & waiting.keys())
        out.append(waiting.pop(min(free, key=lambda at: (events[at].when, at))))
    return out


def _builds_on(one: Event, other: Event) -> bool:
    """Whether an event begins with the result of another one, undoes it, or is the first one after a rename of its seed."""
    is_next = one.seed.before == other.seed.after or one.undoes == other.identifier
    return is_next or (one.origin is not None and one.origin.event == other.identifier)


# --- states -----------------------------------------------------------------------------------------------------------


def with_states(events: Sequence[Event], path: str, digest: str | None) -> list[Event]:
    """Events with their states, of a seed with these bytes.

    Goes back from the bytes of the seed: the event that left them was carried out, so was the event that left what that one
    began with, and so on.
    """
    states: dict[str, State] = {}
    undone: set[str | None] = set()
    undone_steps: set[tuple[str | None, str | None]] = set()
    steps: set[tuple[str | None, str | None]] = set()
    at = digest
    last_seen = False
    for number in range(len(events) - 1, -1, -1):
        event = events[number]
        step = (event.seed.before.sha256, event.seed.after.sha256)
        if not was_carried_out(event, path):
            states[event.identifier] = State.NOT_CARRIED_OUT
            continue
        # Where two branches were merged, one step may be recorded twice and undone once. One that leads to where the later
        # ones begin is another: it is the same step taken again.
        if event.identifier in undone or (step[1] != at and step in undone_steps and step not in steps):
            state = State.UNDONE
            undone_steps.add(step)
        elif step[1] == at or step in steps:
            state = State.CARRIED_OUT
        elif any(step[0] == begun for begun, _ in steps) or _is_left_by(events[:number], at, event):
            state = State.SET_ASIDE
        elif at is not None and at in _versions_before(event, events[:number]):
            state = State.PUT_BACK
        else:
            state = State.CARRIED_OUT if last_seen else _changed(path, digest, event)
        if state is State.CARRIED_OUT:
            steps.add(step)
        if state not in (State.PUT_BACK, State.SET_ASIDE):
            at = step[0]
            last_seen = True
            undone.add(event.undoes)
        states[event.identifier] = state
    return [replace(event, state=states[event.identifier]) for event in events]


def _is_left_by(earlier: Sequence[Event], digest: str | None, event: Event) -> bool:
    """Whether an earlier event left these bytes, and the event did not begin with them or a later result of them."""
    is_left = digest is not None and any(digest == other.seed.after.sha256 for other in earlier)
    return is_left and digest not in _versions_before(event, earlier)


def _versions_before(event: Event, earlier: Sequence[Event]) -> set[str | None]:
    """The digests of the version that an event began with, and of all versions that led to it."""
    found = {event.seed.before.sha256}
    for other in reversed(earlier):
        if other.seed.after.sha256 in found:
            found.add(other.seed.before.sha256)
    return found


def _changed(path: str, digest: str | None, event: Event) -> State:
    """How a seed differs from its last event's result if it is no earlier version either."""
    content = (read_file(path) or b"") if digest is not None else b""
    unix = re.sub(rb"\r\n?", b"\n", content)
    variants = (unix, unix.replace(b"\n", b"\r\n"), content.replace(b"\r\n", b"\n"))
    is_same = any(hashlib.sha256(variant).hexdigest() == event.seed.after.sha256 for variant in variants)
    return State.LINE_ENDS if is_same and digest is not None else State.CHANGED


def was_carried_out(event: Event, path: str) -> bool:
    """Whether the write of an event came as far as the seed. Only the part file of a write that was cut short proves otherwise.

    The part is the new file until the seed changes places with it. Then it is the old file, or a file that somebody else put
    there at the last moment.
    """
    part = digest_of(part_of(path, event.identifier))
    if part in (None, event.seed.before.sha256):
        return True
    return (digest_of(path) == event.seed.after.sha256) == (part == event.seed.after.sha256)


def last_repair(events: Sequence[Event]) -> Event | None:
    """The repair to undo next: the last one that the seed has, else the last one not undone. None if there is none."""
    left = [event for event in events if event.type == MODIFICATION and event.state is not State.UNDONE]
    here = [event for event in left if event.state not in (State.PUT_BACK, State.SET_ASIDE)]
    return here[-1] if here else left[-1] if left else None


def last_of(events: Sequence[Event]) -> Event | None:
    """The event to compare a seed's bytes with: the last one, unless a merge kept the result of another."""
    passed_over = (State.NOT_CARRIED_OUT, State.SET_ASIDE)
    return next((event for event in reversed(events) if event.state not in passed_over), None)
