"""Settling a write that was cut short. Its part file is the only proof that there was one.

If the seed had not changed places with its part file, sidecar and events are put back: all old bytes are among the originals,
proved by their digests. If it had, the bag's manifests are completed.

Without a part file nothing is taken back, whatever the seed's bytes are: somebody put the seed back, with git for example, and
event, original and sidecar stay. A damaged log is left as it is, and stops only its own seed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from validator.archive.seeds import Seed
from validator.archive.writing import sync_folder
from validator.preservation import disk
from validator.preservation.bags import bag_of, bag_parts
from validator.preservation.disk import (
    FOLDER,
    PART,
    RefusedError,
    UnsoundError,
    digest_of,
    locked,
    part_of,
    parts_in,
    placed,
    plainly,
    prepare,
    prune,
    read_file,
)
from validator.preservation.events import Event, Linked
from validator.preservation.histories import was_carried_out
from validator.preservation.logs import Log, cut, log_path, read_log, recorded_names
from validator.preservation.originals import original_bytes, original_path
from validator.record.sidecar import SIDECAR_SUFFIX


def clear_litter(root: Path, seeds: Iterable[Seed]) -> list[str]:
    """Settle the seeds of a run and their folders after earlier runs that were cut short; what was done, a line each.

    Unfinished writes are taken back. Parts that no event names are removed, with the originals kept for them. A seed with a
    damaged record is passed over. Raises PreservationError if nothing can be settled at all.
    """
    top = os.path.realpath(root)
    if not os.path.isdir(os.path.join(top, FOLDER, "events")):
        return []
    notes: list[str] = []
    with plainly(), locked(top):
        folders: dict[str, None] = {os.path.join(top, FOLDER, "originals"): None}
        for seed in seeds:
            try:
                _, name, path = placed(root, seed.path)
            except RefusedError:
                continue
            folders[os.path.dirname(path)] = None
            if os.path.lexists(log_path(top, name)):
                notes += _settled_if_sound(top, name)
        for bag in dict.fromkeys(bag_of(Path(folder)) for folder in folders):
            if bag is not None:
                folders[str(bag)] = None
        for folder in folders:
            with suppress(FileNotFoundError):
                notes += sweep(top, folder)
    return notes


def _settled_if_sound(top: str, name: str) -> list[str]:
    """Settle one seed; a damaged record is left as it is: its own repair, `history` and `verify` say what is wrong."""
    try:
        return settle(top, name)
    except UnsoundError:
        return []


def settle(top: str, name: str, drops_unused: bool = True) -> list[str]:
    """Bring seed, sidecar, events and bag of one seed into agreement, under the lock; what was done, a line each.

    Raises UnsoundError where its events are damaged, and then nothing is changed.
    """
    log = read_log(top, name)
    if log.is_cut_short:
        cut(top, log.path, log.size)
    path = os.path.join(top, name)
    notes = []
    for event in log.events:
        if event is log.events[-1] or any(map(os.path.lexists, _parts(path, event.identifier))):
            notes += _settle_event(top, name, log, event, drops_unused)
    return notes


def _settle_event(top: str, name: str, log: Log, event: Event, drops_unused: bool) -> list[str]:
    path = os.path.join(top, name)
    part = part_of(path, event.identifier)
    of_part = digest_of(part)
    is_caught = of_part not in (None, event.seed.before.sha256, event.seed.after.sha256)
    if was_carried_out(event, path):
        if not is_caught:  # else the seed was edited once more: both stay
            finish(path, event.identifier)
        return []
    if event.end < len(log.content[: log.size].rstrip()):
        raise UnsoundError(
            f"the write of {event.when} was cut short, and other events follow it in {os.path.relpath(log.path, top)};"
            f" delete {os.path.relpath(part, top)} to keep its event, or the event's line to drop it"
        )
    notes = [f"{name}: the write of {event.when} had not come to its end and was taken back"]
    if is_caught:  # an edit of the last instant, which had just changed places with the new seed
        if not disk.rename(part, path, disk.EXCHANGE):
            os.replace(part, path)
        notes = [f"{name}: what somebody else wrote during the write of {event.when} was put back"]
    if event.sidecar is not None:
        notes += _sidecar_back(top, path + SIDECAR_SUFFIX, event.sidecar, event.identifier)
    cut(top, log.path, event.offset)
    if drops_unused:
        _drop_unused(top, set(event.originals))
    bag = bag_of(Path(path).parent)
    if bag is not None:
        for tag_part in parts_in(str(bag), event.identifier):
            os.unlink(tag_part)
    drop_parts(path, event.identifier)
    return notes


def _sidecar_back(top: str, path: str, linked: Linked, identifier: str) -> list[str]:
    """Put a sidecar back that was written while its seed was not."""
    digest = digest_of(path)
    if digest == linked.before.sha256:
        return []
    if digest != linked.after.sha256:
        return [f"{linked.name}: changed since by somebody else; left as it is"]
    old = part_of(path, identifier, ".old")
    if linked.before.sha256 is None:
        os.unlink(path)
    else:
        if digest_of(old) != linked.before.sha256:
            with suppress(FileNotFoundError):
                os.unlink(old)
            prepare(old, original_bytes(top, linked.before) or b"", path)
        os.replace(old, path)
    sync_folder(os.path.dirname(path))
    return []


def _parts(path: str, identifier: str) -> tuple[str, str, str]:
    """The parts of one write to a seed and its sidecar. The seed's comes last: it tells how far the write came."""
    sidecar = path + SIDECAR_SUFFIX
    return part_of(sidecar, identifier), part_of(sidecar, identifier, ".old"), part_of(path, identifier)


def drop_parts(path: str, identifier: str) -> None:
    """Remove the parts of one write to a seed and its sidecar."""
    for part in _parts(path, identifier):
        with suppress(FileNotFoundError):
            os.unlink(part)


def sweep(top: str, folder: str) -> list[str]:
    """Remove the parts in a folder, after settling the events that they belong to."""
    found = [match for match in map(PART.fullmatch, sorted(os.listdir(folder))) if match is not None]
    if not found:
        return []
    notes = []
    known, damaged = _speaking_of(top, folder, {match[2] for match in found})
    for name in known.values():
        notes += _settled_if_sound(top, name)
    for match in found:
        part = os.path.join(folder, match[0])
        if not os.path.lexists(part):
            continue
        if match[2] in known:
            notes.append(f"{part}: what somebody else wrote during a repair; left there")
            continue
        if any(part in _parts(os.path.join(top, name), match[2]) for name in damaged):
            notes.append(f"{part}: left there, since the events of its seed cannot be read")
            continue
        whole = os.path.join(folder, match[1])
        _drop_unused(top, {digest_of(whole) or "", digest_of(whole + SIDECAR_SUFFIX) or ""} - {""})
        os.unlink(part)
    return notes


def _speaking_of(top: str, folder: str, identifiers: Collection[str]) -> tuple[dict[str, str], Sequence[str]]:
    """The seed of each of these events, if one has it, and the seeds of a folder whose events cannot be read."""
    known: dict[str, str] = {}
    damaged = []
    for name in recorded_names(top):
        content = read_file(log_path(top, name)) or b""
        is_here = os.path.dirname(os.path.join(top, name)) == folder
        if is_here or any(identifier.encode() in content for identifier in identifiers):
            try:
                events = read_log(top, name).events
            except UnsoundError:
                damaged.append(name)
                continue
            known |= {event.identifier: name for event in events if event.identifier in identifiers}
    return known, damaged


def _drop_unused(top: str, digests: Collection[str]) -> None:
    """Remove originals that no event names: they belong to a write that was taken back."""
    there = {digest for digest in digests if os.path.lexists(original_path(top, digest))}
    for name in recorded_names(top) if there else ():
        content = read_file(log_path(top, name)) or b""
        named = {digest for digest in there if digest.encode() in content}
        if named:
            try:
                events = read_log(top, name).events
            except UnsoundError:
                there -= named
                continue
            there -= {digest for event in events for digest in event.originals}
    for digest in there:
        path = original_path(top, digest)
        with suppress(FileNotFoundError):
            os.unlink(path)
        prune(os.path.dirname(path), os.path.join(top, FOLDER, "originals"))


def finish(path: str, identifier: str) -> None:
    """The last steps after a seed is replaced: update the bag's manifests, remove the parts."""
    bag = bag_of(Path(path).parent)
    if bag is not None:
        for part, target in bag_parts(str(bag), identifier):
            os.replace(part, target)
        sync_folder(str(bag))
    drop_parts(path, identifier)
