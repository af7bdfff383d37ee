"""What is on record about a seed beside its text: what others and the curator decided, and the text before it was repaired."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, zip_longest
from typing import Any, NamedTuple

from validator.archive.opening import Archive, read_sidecars
from validator.archive.seeds import Seed
from validator.parsing.decoding import decoded_as
from validator.preservation.disk import PreservationError
from validator.preservation.events import MODIFICATION, Event, State
from validator.preservation.logs import log_path
from validator.preservation.originals import original_bytes
from validator.preservation.writing import history, name_in_records, records_root
from validator.reports.escaping import printable
from validator.review.showing import Mark, lines_of
from validator.text.findings import Edit

_COMPARED_LINES = 3000
_Piece = tuple[int, str]  # a piece of a text, and where it is in the original; -1 if a repair has put it in
_IN_EFFECT = (State.CARRIED_OUT, State.LINE_ENDS, State.CHANGED)


def decisions_about(archive: Archive, seed: Seed) -> list[dict[str, Any]]:
    """The entries of a seed's sidecars: what was decided, by whom, when and why."""
    out: list[dict[str, Any]] = []
    for sidecar in read_sidecars(archive, seed):
        for value in sidecar.record:
            said = value.value if isinstance(value.value, str) else ", ".join(value.value)
            out.append(_decision("confirmed", value.field, said, value.basis, value))
        for accepted in sidecar.accept:
            until = f" until {accepted.until}" if accepted.until is not None else ""
            out.append(_decision(f"accepted{until}", accepted.rule, "", accepted.reason, accepted))
        if sidecar.wrong is not None:
            out.append(_decision("marked", "as wrong", "", sidecar.wrong.reason, sidecar.wrong))
        if sidecar.source is not None:
            out.append({"did": "named the source", "about": "source", "value": sidecar.source, "why": "", "by": "",
                        "on": "", "place": printable(sidecar.name)})  # fmt: skip
    return out


def _decision(did: str, about: str, value: str, why: str, entry: Any) -> dict[str, Any]:
    day = entry.on.isoformat() if entry.on is not None else ""
    told = {"did": did, "about": about, "value": value, "why": why, "by": entry.by, "on": day, "place": entry.place}
    return {name: printable(text) for name, text in told.items()}


def repairs_of(archive: Archive, seed: Seed) -> list[Event]:
    """The repairs on record that the seed's text has now, oldest first. None if its record cannot be read."""
    try:
        root = records_root(archive.root, seed.path)
        name = name_in_records(root, seed.path)
        if not os.path.lexists(log_path(os.path.realpath(root), name)):
            return []
        events = history(root, name, renamed=False)
    except PreservationError:
        return []
    return [each for each in events if each.type == MODIFICATION and each.state in _IN_EFFECT]


def repairs_entry(events: Sequence[Event]) -> list[dict[str, str]]:
    """Repairs as the page shows them."""
    return [
        {"when": each.when[:10], "by": printable(each.by or ""), "what": printable(each.detail), "state": each.state}
        for each in events
    ]


def original_entry(archive: Archive, seed: Seed, text: str) -> dict[str, Any]:
    """The text before the first repair that it has now, and both texts side by side; what differs is marked.

    Each of the `pairs` is a line of the original (`was`) and one of the text (`is`), either of which may be missing, or `gap`, a
    number of lines that are not shown. Raises PreservationError if the original is missing or damaged.
    """
    events = repairs_of(archive, seed)
    if not events:
        return {"lines": [], "pairs": [], "encoding": None, "repairs": []}
    top = os.path.realpath(records_root(archive.root, seed.path))
    content = original_bytes(top, events[0].seed.before) or b""
    decoded = decoded_as(content, next((str(each["recode"][0]) for each in events[0].changes if each["recode"]), None))
    hunks = _hunks(decoded.text, text, events)
    return {
        "lines": lines_of(decoded.text, [Mark(each.start, each.end) for each in hunks]),
        "pairs": paired(decoded.text, text, hunks),
        "encoding": decoded.encoding,
        "characters": len(decoded.text),
        "repairs": repairs_entry(events),
    }


# --- both texts -------------------------------------------------------------------------------------------------------


class _Pair(NamedTuple):
    """The numbers of two lines, from 1, that belong together; None where one is missing."""

    number: int | None
    number_now: int | None
    is_same: bool


class Hunk(NamedTuple):
    """A passage of the original, and what is in its place now."""

    start: int
    end: int
    start_now: int
    end_now: int


def _hunks(original: str, text: str, events: Sequence[Event]) -> list[Hunk]:
    """In what two texts differ: exactly what the repairs did, or, if others have changed the text too, line by line."""
    passes: list[list[Edit]] = []
    for event in events:
        for number in sorted({change["pass"] for change in event.changes}):
            changes = [change for change in event.changes if change["pass"] == number]
            edits = [edit for change in changes for edit in change["edits"]]
            passes.append([Edit(each["start"], each["end"], each["new"]) for each in edits])
    made, found = replayed(original, passes)
    return made if found == text else list(by_line(original, text))


def replayed(original: str, passes: Iterable[Sequence[Edit]]) -> tuple[list[Hunk], str]:
    """What passes of edits, each in the text that the one before left, make of a text: in what it differs, and the text."""
    pieces = [(0, original)]
    for edits in passes:
        waiting, done, at = deque(pieces), list[_Piece](), 0
        for edit in sorted(edits, key=lambda each: (each.start, each.end)):
            _move(waiting, edit.start - at, done)
            _move(waiting, edit.end - edit.start, [])
            done.append((-1, edit.replacement))
            at = edit.end
        pieces = [*done, *waiting]
    return _differing(original, pieces), "".join(piece for _, piece in pieces)


def _move(waiting: deque[_Piece], length: int, to: list[_Piece]) -> None:
    """Move so many characters from the beginning of the pieces."""
    while length > 0 and waiting:
        start, piece = waiting.popleft()
        to.append((start, piece[:length]))
        if len(piece) > length:
            waiting.appendleft((start + length if start >= 0 else -1, piece[length:]))
        length -= len(piece)


def _differing(original: str, pieces: Sequence[tuple[int, str]]) -> list[Hunk]:
    """Where a text differs from its original. `pieces` make up the text, each with its place in the original, or -1."""
    hunks: list[Hunk] = []
    at = now = begun = 0
    for start, piece in (*pieces, (len(original), "")):
        if start >= 0 and (start > at or now > begun):
            hunks.append(Hunk(at, start, begun, now))
        now += len(piece)
        if start >= 0:
            at, begun = start + len(piece), now
    return hunks


def by_line(original: str, text: str) -> Iterator[Hunk]:
    """The lines in which two texts differ, each without what both have at its beginning and at its end."""
    ours, theirs = original.splitlines(keepends=True), text.splitlines(keepends=True)
    starts, starts_now = (list(accumulate(map(len, lines), initial=0)) for lines in (ours, theirs))
    opcodes = [("replace", 0, len(ours), 0, len(theirs))]
    if max(len(ours), len(theirs)) <= _COMPARED_LINES:
        opcodes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()  # type: ignore[assignment]
    for kind, first, last, first_now, last_now in opcodes:
        if kind == "equal":
            continue
        start, end, start_now, end_now = starts[first], starts[last], starts_now[first_now], starts_now[last_now]
        shared = _shared(original[start:end], text[start_now:end_now])
        start, start_now = start + shared, start_now + shared
        shared = _shared(original[start:end][::-1], text[start_now:end_now][::-1])
        yield Hunk(start, end - shared, start_now, end_now - shared)


def _shared(one: str, other: str) -> int:
    """With how many characters both texts begin."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)


def _aligned(original: str, text: str, hunks: Sequence[Hunk]) -> Iterator[_Pair]:
    """The lines that belong together. A line end that both texts have ends them."""
    first = first_now = number = number_now = 1
    at, is_same = 0, True
    for hunk in (*hunks, None):
        for _ in range(original.count("\n", at, hunk.start if hunk is not None else len(original))):
            yield from _together(range(first, number + 1), range(first_now, number_now + 1), is_same)
            first, first_now, is_same = number + 1, number_now + 1, True
            number, number_now = first, first_now
        if hunk is not None:
            number += original.count("\n", hunk.start, hunk.end)
            number_now += text.count("\n", hunk.start_now, hunk.end_now)
            at, is_same = hunk.end, False
    yield from _together(range(first, number + 1), range(first_now, number_now + 1), is_same)


def _together(numbers: Iterable[int], numbers_now: Iterable[int], is_same: bool) -> Iterator[_Pair]:
    yield from (_Pair(*each, is_same) for each in zip_longest(numbers, numbers_now))


def paired(original: str, text: str, hunks: Sequence[Hunk]) -> list[dict[str, Any]]:
    """The lines of both texts beside each other, as the page shows them, with what differs marked."""
    was = lines_of(original, [Mark(each.start, each.end) for each in hunks])
    now = lines_of(text, [Mark(each.start_now, each.end_now) for each in hunks])
    known, known_now = ({each["n"]: each for each in lines if "n" in each} for lines in (was, now))
    out: list[dict[str, Any]] = []
    for number, number_now, is_same in _aligned(original, text, hunks):
        one, other = known.get(number or 0), known_now.get(number_now or 0)
        if one is not None or other is not None:
            out.append({"was": one, "is": other, "same": is_same})
        elif out and "gap" in out[-1]:
            out[-1]["gap"] += 1
        else:
            out.append({"gap": 1})
    return out
