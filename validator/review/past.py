"""What is on record about a seed beside its text: what others and the curator decided, and the text before it was repaired."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from validator.archive.opening import Archive, read_sidecars
from validator.archive.seeds import Seed
from validator.parsing.decoding import decode
from validator.preservation.disk import PreservationError
from validator.preservation.events import MODIFICATION, Event, State
from validator.preservation.logs import log_path
from validator.preservation.originals import original_bytes
from validator.preservation.writing import history, name_in_records, records_root
from validator.reports.escaping import printable
from validator.review.showing import Mark, lines_of

_COMPARED_LINES = 3000
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
    """The text before the first repair that it has now, as the page shows it; the lines that differ are marked.

    Raises PreservationError if the original is missing or damaged.
    """
    events = repairs_of(archive, seed)
    if not events:
        return {"lines": [], "encoding": None, "repairs": []}
    top = os.path.realpath(records_root(archive.root, seed.path))
    decoded = decode(original_bytes(top, events[0].seed.before) or b"")
    lines = lines_of(decoded.text, _differing(decoded.text, text))
    return {
        "lines": lines,
        "encoding": decoded.encoding,
        "characters": len(decoded.text),
        "repairs": repairs_entry(events),
    }


def _differing(text: str, other: str) -> list[Mark]:
    """The lines of a text that another one does not have at their place; none where there are too many to compare."""
    ours, theirs = text.split("\n"), other.split("\n")
    if max(len(ours), len(theirs)) > _COMPARED_LINES:
        return []
    starts = [0]
    for line in ours:
        starts.append(starts[-1] + len(line) + 1)
    found = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return [
        Mark(starts[at], starts[at + 1] - 1)
        for kind, first, last, _, _ in found if kind != "equal" for at in range(first, last)
    ]  # fmt: skip
