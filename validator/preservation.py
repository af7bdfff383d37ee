"""What a repair leaves on disk: the seed replaced, its original kept, and an event that proves what was done and undoes it.

Everything lies in `.validator/` at the archive's root and is versioned with the archive, so that a clone can prove and undo:

    .validator/originals/<first two hexadecimal digits>/<SHA-256>.gz    files as they were before an event, each kept once
    .validator/events/<name of the seed>.jsonl                          events in the terms of PREMIS 3, one a line

The order of a write, under a lock on `.validator/events`: the new files are written beside the old ones under names that end
in `.validator-part`; the originals are kept; the event is appended; the sidecar and then the seed change places with their new
files; the manifests of a bag are replaced. Each step is on the disk before the next begins, and what was read is compared once
more before anything takes its place. The seed's change of places is the moment from which the repair counts.

What a kill at any moment leaves is therefore known, and the next run settles it (`clear_litter` for the seeds and folders of a
run, each write for its own seed): before that moment, sidecar and events are put back as they were; after it, the bag's
manifests are completed. Going back is right because every byte of the old state is among the originals, proved by its digest;
going on would trust new files of which only the event speaks that is itself in doubt.

The lock is advisory: it keeps apart the processes of this program (flock; refused on file systems that have none). Against all
others there is the comparison. On Linux a file and its new one change places in one step (renameat2), and what comes out is
compared as well, so that an edit of the last instant is put back; elsewhere there are some microseconds in which it is lost.

Not handled: seeds that are renamed (events go by name), extended attributes; hard and symbolic links are refused.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import re
import stat
import sys
import unicodedata
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from validator.expressions import expression
from validator.files import SIDECAR_SUFFIX, Seed
from validator.findings import Lift
from validator.frozen import dataclass, replace
from validator.mending import LIFTED, SOURCE, Change, Repaired
from validator.sidecars import SidecarError, attest, name_source, read_sidecar

FOLDER = ".validator"
MODIFICATION, RECOVERY = "modification", "recovery"  # https://id.loc.gov/vocabulary/preservation/eventType
PROGRAM_ROLE, PERSON_ROLE = "executing program", "implementer"  # …/eventRelatedAgentRole
SOURCE_ROLE, OUTCOME_ROLE = "source", "outcome"  # …/eventRelatedObjectRole
PART_SUFFIX = ".validator-part"

_PART = expression(r"\.(.*)\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.validator-part", re.DOTALL)
_STEM_BYTES = 190  # of a name in the name of its part, so that this is no longer than names may be
_CHUNK_BYTES = 1 << 20
_NOT_FOLLOWED = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


class PreservationError(Exception):
    """A seed that was not written, undone or verified; the text says why, in one line, without the seed's name."""


class RefusedError(PreservationError):
    """A seed that is not to be written to, whatever is in it."""


class ConflictError(PreservationError):
    """A file that is no longer what was read: somebody else has changed it. Theirs stands."""


class UnwritableError(PreservationError):
    """The system did not let it be written: no permission, a full disk."""


class UnsoundError(PreservationError):
    """Events that cannot be read, or an original that is missing or not what it was."""


class State(StrEnum):
    """Whether what an event says holds."""

    CARRIED_OUT = "carried out"
    UNDONE = "undone"
    NOT_CARRIED_OUT = "not carried out"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who writes: the program's version, the SHA-256 of all source schemas, and the person, None where nobody is named."""

    version: str
    schemas_sha256: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A file as it was at one time: SHA-256 and size in bytes; both None where it was not there."""

    sha256: str | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Linked:
    """A file that an event is about, by its name, before and after."""

    name: str
    before: Version
    after: Version


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a seed. `content` is the whole of it as it stands in the file, `offset` where, in bytes.

    `undoes` names the event that it takes back; `changes` are those of the repair, as written by `changes_of`.
    """

    identifier: str
    type: str
    when: str
    run: str
    undoes: str | None
    by: str | None
    detail: str
    changes: tuple[Mapping[str, Any], ...]
    seed: Linked
    sidecar: Linked | None
    content: Mapping[str, Any]
    offset: int
    state: State = State.CARRIED_OUT


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the event's identifier, what had to be settled of earlier runs, a line each, and the files that prove
    and undo it: seed, sidecar, events, the originals of all of these, the tag files of a bag.
    """

    event: str
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def new_run(now: datetime) -> str:
    """An identifier for a run; sorts by time."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"


# ---------------------------------------------------------------------------------------------------------------------
# A repair, and undoing it


def write_repair(
    root: Path,
    seed: Seed,
    read: bytes,
    repaired: Repaired,
    sidecar_before: bytes | None,
    sidecar_after: bytes | None,
    *,
    run: str,
    agent: Agent,
    now: datetime,
    update_manifest: bool = False,
) -> Written:
    """Put what a repair came to in the place of a seed, and its own sidecar with it.

    `read` are the bytes that were repaired; the sidecars are those of the file beside the seed, None where there is none.
    `now` has a zone. Raises PreservationError, and then nothing is changed: RefusedError for links, for what lies outside of
    the root and, without `update_manifest`, inside a bag; ConflictError where seed or sidecar are no longer what was read;
    UnwritableError; UnsoundError. Raises ValueError where nothing is to be changed.
    """
    if repaired.data == read:
        raise ValueError("nothing was repaired")
    top, name, path = _place(root, seed.path)
    files = _Files(
        _File(path, read, repaired.data),
        _File(path + SIDECAR_SUFFIX, sidecar_before, sidecar_after) if sidecar_before != sidecar_after else None,
    )
    detail = _detail(repaired.changes)
    extension = {"run": run, "changes": changes_of(repaired.changes), "undoes": None}
    with _plainly(), _locked(top):
        notes = _settle(top, name)
        content = _content(MODIFICATION, detail, extension, name, files, agent, now)
        return _write(top, name, content, files, update_manifest, notes)


def undo(
    root: Path,
    name: str,
    *,
    run: str,
    agent: Agent,
    now: datetime,
    of_run: str | None = None,
    update_manifest: bool = False,
) -> Written:
    """Take back the last repair of a seed that is not taken back yet: exactly the bytes that were there, the sidecar's too.

    Only while both are what the repair left. It is an event of the run `run`; with `of_run` the repair must be of that run.
    What is taken back is kept among the originals as well. Raises PreservationError as `write_repair` does, and then nothing
    is changed.
    """
    top, name, path = _place(root, Path(root, name))
    with _plainly(), _locked(top):
        notes = _settle(top, name)
        event = _last_repair(_read_log(top, name).events)
        if event is None:
            raise RefusedError("no repair of it is on record that could be undone")
        if of_run is not None and event.run != of_run:
            raise RefusedError(f"its last repair is of another run, {event.run}")
        files = _Files(
            _File(path, _as_left(path, event.seed, event), _original(top, event.seed.before)),
            None
            if event.sidecar is None
            else _File(
                path + SIDECAR_SUFFIX,
                _as_left(path + SIDECAR_SUFFIX, event.sidecar, event),
                _original(top, event.sidecar.before),
            ),
        )
        detail = f"undid the repair of {event.when} ({event.detail})"
        extension = {"run": run, "changes": [], "undoes": event.identifier}
        content = _content(RECOVERY, detail, extension, name, files, agent, now)
        return _write(top, name, content, files, update_manifest, notes)


def _last_repair(events: Sequence[Event]) -> Event | None:
    undone = {event.undoes for event in events}
    repairs = (event for event in reversed(events) if event.undoes is None and event.identifier not in undone)
    return next(repairs, None)


def _as_left(path: str, linked: Linked, event: Event) -> bytes | None:
    """The bytes of a file, which must be what an event left. Raises ConflictError otherwise."""
    found = _read(path)
    if _version(found) != linked.after:
        what = "it" if linked is event.seed else "its sidecar"
        raise ConflictError(
            f"{what} is no longer what the repair of {event.when} left: changed since, by somebody else"
        )
    return found


def last_run(root: Path) -> str | None:
    """The run of the latest repair that is not undone; None where there is none."""
    top = os.path.realpath(root)
    latest = ("", "")
    with _plainly():
        for name in _names(top):
            event = _last_repair(_read_log(top, name).events)
            if event is not None:
                latest = max(latest, (event.when, event.run))
    return latest[1] or None


def seeds_of_run(root: Path, run: str) -> list[str]:
    """The names of the seeds that a run repaired and whose repair is not undone, sorted."""
    top = os.path.realpath(root)
    found = []
    with _plainly():
        for name in _names(top):
            events = _read_log(top, name).events
            undone = {event.undoes for event in events}
            if any(event.run == run and event.undoes is None and event.identifier not in undone for event in events):
                found.append(name)
    return sorted(found)


def records_root(root: Path, path: Path) -> Path:
    """The folder whose `.validator` keeps the record of a seed: the archive's root for what lies in it.

    For what lies outside it is the nearest folder upwards that has a `.validator` or is the top of a git repository, else the
    seed's own folder, so that what is repaired anywhere can be proved and undone from anywhere.
    """
    top, folder = os.path.realpath(root), os.path.realpath(os.path.dirname(os.path.abspath(path)))
    if folder == top or folder.startswith(top.rstrip("/") + "/"):
        return Path(top)
    at = folder
    while at != os.path.dirname(at):
        if any(os.path.lexists(os.path.join(at, name)) for name in (FOLDER, ".git")):
            return Path(at)
        at = os.path.dirname(at)
    return Path(folder)


def name_in_records(root: Path, path: Path) -> str:
    """What a seed is called in the record kept below `root`. Raises RefusedError where it lies outside of it."""
    return _place(root, path)[1]


def recorded(root: Path) -> list[str]:
    """The names of all seeds that have events, sorted; the seeds need not be there."""
    with _plainly():
        return sorted(_names(os.path.realpath(root)))


def sidecar_of(seed: Seed) -> bytes | None:
    """The bytes of the sidecar beside a seed, None where there is none. Raises UnwritableError where it is not to be had."""
    with _plainly():
        return _read(f"{seed.path}{SIDECAR_SUFFIX}")


def history(root: Path, name: str) -> list[Event]:
    """The events of a seed, oldest first, each with the state that it is in. Raises UnsoundError where they cannot be read."""
    top, name, path = _place(root, Path(root, name))
    with _plainly():
        return _with_states(_read_log(top, name).events, path)


def _with_states(events: Sequence[Event], path: str) -> list[Event]:
    if not events:
        return []
    carried_out = list(events)
    out = []
    if not _was_carried_out(events[-1], path):
        out = [replace(carried_out.pop(), state=State.NOT_CARRIED_OUT)]
    undone = {event.undoes for event in carried_out}
    states = [State.UNDONE if event.identifier in undone else State.CARRIED_OUT for event in carried_out]
    return [replace(event, state=state) for event, state in zip(carried_out, states, strict=True)] + out


def sidecar_with_lifts(text: str, lifts: Sequence[Lift], by: str, on: date | str) -> str:
    """The text of a seed's own sidecar with values that a repair takes out of the seed; '' begins a new one.

    Raises SidecarError where the text is not a sound sidecar, where a value has no place in one, and where the sidecar vouches
    for another value of the field already: which of the two holds is for a person to say.
    """
    for lift in lifts:
        if lift.field == SOURCE:
            text = name_source(text, lift.value)
            continue
        standing = {attested.field: attested.value for attested in read_sidecar(text, "").record} if text else {}
        if lift.field not in standing:
            text = attest(text, lift.field, lift.value, basis=LIFTED, by=by, on=on)
        elif standing[lift.field] not in (lift.value, (lift.value,)):
            raise SidecarError(
                f"the sidecar vouches for {lift.field} already, {standing[lift.field]!r}; the text has {lift.value!r}"
            )
    return text


# ---------------------------------------------------------------------------------------------------------------------
# Events


def changes_of(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The changes of a repair, ready for JSON; offsets are code points in the text of their pass."""
    return [
        {
            "pass": change.number,
            "rule": change.rule,
            "applicability": str(change.applicability),
            "title": change.title,
            "ground": change.ground,
            "recode": list(change.recode) if change.recode is not None else None,
            "lift": {"field": change.lift.field, "value": change.lift.value} if change.lift is not None else None,
            "edits": [
                {"start": edit.start, "end": edit.end, "old": old, "new": edit.replacement}
                for edit, old in zip(change.edits, change.old, strict=True)
            ],
        }
        for change in changes
    ]


def _detail(changes: Sequence[Change]) -> str:
    counts = Counter((change.rule, str(change.applicability)) for change in changes)
    return ", ".join(f"{rule} {number} ({kind})" for (rule, kind), number in sorted(counts.items())) or "repaired"


def _content(
    kind: str, detail: str, extension: Mapping[str, Any], name: str, files: _Files, agent: Agent, now: datetime
) -> dict[str, Any]:
    """An event in the terms of the PREMIS Data Dictionary 3.0, section Event Entity."""
    objects = [
        _linked_object(named, role, content)
        for named, file in ((name, files.seed), (name + SIDECAR_SUFFIX, files.sidecar))
        if file is not None
        for role, content in ((SOURCE_ROLE, file.before), (OUTCOME_ROLE, file.after))
    ]
    program = {
        "linkingAgentIdentifierType": "name and version",
        "linkingAgentIdentifierValue": f"validator {agent.version}",
        "linkingAgentRole": PROGRAM_ROLE,
        "schemas": {"messageDigestAlgorithm": "SHA-256", "messageDigest": agent.schemas_sha256},
    }
    person = {
        "linkingAgentIdentifierType": "name",
        "linkingAgentIdentifierValue": agent.by,
        "linkingAgentRole": PERSON_ROLE,
    }
    return {
        "eventIdentifier": {"eventIdentifierType": "UUID", "eventIdentifierValue": str(uuid4())},
        "eventType": kind,
        "eventDateTime": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventDetailInformation": {"eventDetail": detail, "eventDetailExtension": extension},
        "eventOutcomeInformation": {"eventOutcome": "success"},
        "linkingAgentIdentifier": [program, person] if agent.by else [program],
        "linkingObjectIdentifier": objects,
    }


def _linked_object(name: str, role: str, content: bytes | None) -> dict[str, Any]:
    version = _version(content)
    return {
        "linkingObjectIdentifierType": "path",
        "linkingObjectIdentifierValue": name,
        "linkingObjectRole": role,
        "messageDigestAlgorithm": "SHA-256",
        "messageDigest": version.sha256,
        "size": version.size,
    }


def _version(content: bytes | None) -> Version:
    if content is None:
        return Version(None, None)
    return Version(hashlib.sha256(content).hexdigest(), len(content))


_NOT_ASCII = expression(r"[^\x00-\x7e]")


def _line(content: Mapping[str, Any]) -> bytes:
    """An event as a line of JSON in UTF-8; what cannot be seen, or is no character (bytes of names), is escaped."""

    def shown(match: re.Match[str]) -> str:
        character = match[0]
        if character.isprintable():
            return character
        return json.dumps(character)[1:-1]

    return _NOT_ASCII.sub(shown, json.dumps(content, ensure_ascii=False)).replace("\x7f", "\\u007f").encode() + b"\n"


@dataclass(frozen=True, slots=True)
class _Log:
    """The events of a seed; `size` is how much of their file is whole: a write that was cut short leaves more."""

    path: str
    content: bytes
    events: tuple[Event, ...]
    size: int


def _log_path(top: str, name: str) -> str:
    return os.path.join(top, FOLDER, "events", name + ".jsonl")


def _read_log(top: str, name: str) -> _Log:
    """The events of a seed. Raises UnsoundError for a line that is none; OSError."""
    path = _log_path(top, name)
    content = _read(path) or b""
    events = []
    offset = 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        if line.strip():
            try:
                events.append(_event(json.loads(line), name, offset))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                if line.endswith(b"\n"):
                    shown = os.path.relpath(path, top)
                    raise UnsoundError(f"line {number} of {shown} is not an event") from None
                break  # the beginning of one
        offset += len(line)
    return _Log(path, content, tuple(events), offset)


def _event(content: Any, name: str, offset: int) -> Event:
    """Raises ValueError, KeyError, TypeError or AttributeError where it is none."""
    information = content["eventDetailInformation"]
    extension = information["eventDetailExtension"]
    versions: dict[tuple[str, str], Version] = {}
    for linked in content["linkingObjectIdentifier"]:
        digest, size = linked["messageDigest"], linked["size"]
        if digest is not None and not re.fullmatch("[0-9a-f]{64}", digest):
            raise ValueError(digest)
        at = (linked["linkingObjectIdentifierValue"], linked["linkingObjectRole"])
        versions[at] = Version(digest, None if size is None else int(size))
    linked = [
        Linked(named, versions[named, SOURCE_ROLE], versions[named, OUTCOME_ROLE])
        for named in (name, name + SIDECAR_SUFFIX)
        if named == name or (named, SOURCE_ROLE) in versions
    ]
    people = [
        agent["linkingAgentIdentifierValue"]
        for agent in content["linkingAgentIdentifier"]
        if agent["linkingAgentRole"] == PERSON_ROLE
    ]
    identifier = content["eventIdentifier"]["eventIdentifierValue"]
    if not _PART.fullmatch(f".x.{identifier}{PART_SUFFIX}"):
        raise ValueError(identifier)
    return Event(
        identifier,
        str(content["eventType"]),
        str(content["eventDateTime"]),
        str(extension["run"]),
        extension["undoes"],
        people[0] if people else None,
        str(information["eventDetail"]),
        tuple(extension["changes"]),
        linked[0],
        linked[1] if len(linked) > 1 else None,
        content,
        offset,
    )


def _names(top: str) -> Iterator[str]:
    """The names of the seeds that have events, sorted."""
    folder = os.path.join(top, FOLDER, "events")
    for current, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".jsonl"):
                yield os.path.relpath(os.path.join(current, name), folder).removesuffix(".jsonl")


def _append(log: _Log, line: bytes) -> None:
    _make_folders(os.path.dirname(log.path))
    descriptor = os.open(log.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NOT_FOLLOWED, 0o666)
    try:
        _write_all(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if not log.content:
        _sync_folder(os.path.dirname(log.path))


def _cut(top: str, path: str, size: int) -> None:
    """Keep only the first `size` bytes of a file of events; without any it goes, and its folder if it was the only one."""
    if size == 0:
        os.unlink(path)
        _sync_folder(os.path.dirname(path))
        _prune(os.path.dirname(path), os.path.join(top, FOLDER, "events"))
        return
    descriptor = os.open(path, os.O_WRONLY | _NOT_FOLLOWED)
    try:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# ---------------------------------------------------------------------------------------------------------------------
# Originals


def _original_path(top: str, sha256: str) -> str:
    return os.path.join(top, FOLDER, "originals", sha256[:2], sha256 + ".gz")


def _keep(top: str, content: bytes, identifier: str) -> bytes:
    """Keep an original; its compressed bytes. One that is kept already and sound stays as it is."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _original_path(top, sha256)
    if _is_sound(path, sha256):
        return _read(path) or b""
    # Byte 9 of the header names the system, and differs between versions of Python.
    packed = gzip.compress(content, 9, mtime=0)
    packed = packed[:9] + b"\xff" + packed[10:]
    _make_folders(os.path.dirname(path))
    # Parts stand one folder above, where they are found without listing all originals.
    part = _part(os.path.join(os.path.dirname(os.path.dirname(path)), os.path.basename(path)), identifier)
    _prepare(part, packed, None)
    os.replace(part, path)
    _sync_folder(os.path.dirname(path))
    return packed


def _original(top: str, version: Version) -> bytes | None:
    """The bytes of an original, None of a file that was not there. Raises UnsoundError where they are not to be had."""
    if version.sha256 is None:
        return None
    content = bytearray()
    try:
        for chunk in _unpacked(_original_path(top, version.sha256)):
            content += chunk
            if len(content) > (version.size or 0):
                break  # it cannot be the one, and might never end
    except FileNotFoundError:
        raise UnsoundError(f"the original {version.sha256} is missing") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        content.clear()
    if _version(bytes(content)) != version:
        raise UnsoundError(f"the original {version.sha256} is not what it was")
    return bytes(content)


def _is_sound(path: str, sha256: str) -> bool:
    """Whether an original is there and what it should be."""
    digest = hashlib.sha256()
    try:
        for chunk in _unpacked(path):
            digest.update(chunk)
    except (FileNotFoundError, EOFError, zlib.error, gzip.BadGzipFile):
        return False
    return digest.hexdigest() == sha256


def _unpacked(path: str) -> Iterator[bytes]:
    descriptor = os.open(path, os.O_RDONLY | _NOT_FOLLOWED)
    with open(descriptor, "rb") as packed, gzip.GzipFile(fileobj=packed) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def _drop_unused(top: str, digests: Collection[str]) -> None:
    """Take away originals that no event speaks of: those of a write that came to nothing."""
    there = {digest for digest in digests if os.path.lexists(_original_path(top, digest))}
    for name in _names(top) if there else ():
        content = _read(_log_path(top, name)) or b""
        if any(digest.encode() in content for digest in there):
            events = _read_log(top, name).events
            there -= {
                each.before.sha256 for event in events for each in (event.seed, event.sidecar) if each is not None
            }
    for digest in there:
        path = _original_path(top, digest)
        with suppress(FileNotFoundError):
            os.unlink(path)
        _prune(os.path.dirname(path), os.path.join(top, FOLDER, "originals"))


# ---------------------------------------------------------------------------------------------------------------------
# The write itself


@dataclass(frozen=True, slots=True)
class _File:
    """A file to be replaced: its bytes before and after, None where it is not there."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class _Files:
    """What is replaced together: a seed and, where it changes, the sidecar beside it."""

    seed: _File
    sidecar: _File | None = None

    def all(self) -> list[_File]:
        return [self.seed] if self.sidecar is None else [self.seed, self.sidecar]


def _write(
    top: str, name: str, content: Mapping[str, Any], files: _Files, update_manifest: bool, notes: list[str]
) -> Written:
    """Carry out an event, under the lock. What fails on the way is put back as after a kill."""
    identifier = content["eventIdentifier"]["eventIdentifierValue"]
    for file in files.all():
        _look(file)
    bag = bag_of(Path(files.seed.path).parent)
    if bag is not None:
        if not update_manifest:
            raise RefusedError(f"it lies in a bag, {bag}; --update-manifest repairs it and the bag's manifests with it")
        notes += _sweep(top, str(bag))
        _admit(bag, files.seed)
    kept: list[str] = []
    written: list[str] = []
    try:
        _carry_out(top, name, identifier, _line(content), files, bag, kept, written)
    except BaseException as error:
        is_written = _withdraw(top, name, files.seed.path, identifier, kept, error)
        if not (is_written and isinstance(error, OSError)):
            raise
    return Written(identifier, tuple(notes), tuple(map(Path, written)))


def _carry_out(
    top: str,
    name: str,
    identifier: str,
    line: bytes,
    files: _Files,
    bag: Path | None,
    kept: list[str],
    written: list[str],
) -> None:
    """The steps of a write. `kept` receives the originals that are new, `written` all files that belong to the event."""
    log = _read_log(top, name)
    if log.content and not log.content.endswith(b"\n"):  # an editor took it away
        line = b"\n" + line
    changed: dict[str, bytes | None] = {log.path: log.content + line}
    for file in files.all():
        changed[file.path] = file.after
        if file.after is not None:
            _prepare(_part(file.path, identifier), file.after, file.path)
    if files.sidecar is not None and files.sidecar.before is not None:
        # The way back, taken on a full disk too.
        _prepare(_part(files.sidecar.path, identifier, ".old"), files.sidecar.before, files.sidecar.path)
    for file in files.all():
        if file.before is None:
            continue
        path = _original_path(top, _version(file.before).sha256 or "")
        if not os.path.lexists(path):
            kept.append(path)
        changed[path] = _keep(top, file.before, identifier)
    tags = _updated_tags(str(bag), changed) if bag is not None else {}
    for path, tag in tags.items():
        _prepare(_part(path, identifier), tag, path)
    past = {_original_path(top, each.before.sha256) for event in log.events for each in (event.seed, event.sidecar)
            if each is not None and each.before.sha256 is not None}  # fmt: skip
    record = sorted(
        path for path in {*changed, *past}.difference(file.path for file in files.all()) if path not in tags
    )
    written += [*(file.path for file in files.all()), *record, *tags]
    if bag is not None:
        _sync_folder(str(bag))
    _sync_folder(os.path.dirname(files.seed.path))

    _append(log, line)
    if files.sidecar is not None:
        _swap(_part(files.sidecar.path, identifier), files.sidecar)
        _sync_folder(os.path.dirname(files.sidecar.path))
    _swap(_part(files.seed.path, identifier), files.seed)
    _sync_folder(os.path.dirname(files.seed.path))
    _finish(files.seed.path, identifier)


def _swap(part: str, file: _File) -> None:
    """Let the new file take the place of the old one, if that still is what was read; where it can, the part becomes the old."""
    what = _look(file)
    conflict = ConflictError(f"{what} was changed by somebody else in the very moment of writing")
    if file.before is None:
        try:
            if not _rename(part, file.path, _NO_REPLACE):
                os.replace(part, file.path)
        except FileExistsError:
            raise conflict from None
        return
    if file.after is None:
        os.replace(file.path, part)
    elif not _rename(part, file.path, _EXCHANGE):
        os.replace(part, file.path)
        return
    if _digest(part) != _version(file.before).sha256:
        if file.after is None:
            _rename(part, file.path, _NO_REPLACE)
        else:
            _rename(part, file.path, _EXCHANGE)
        raise conflict


def _finish(path: str, identifier: str) -> None:
    """What remains once a seed is replaced: the bag's manifests, and the parts that have had their day."""
    bag = bag_of(Path(path).parent)
    if bag is not None:
        for part, target in _bag_parts(str(bag), identifier):
            os.replace(part, target)
        _sync_folder(str(bag))
    _drop_parts(path, identifier)


def _withdraw(top: str, name: str, path: str, identifier: str, kept: Sequence[str], error: BaseException) -> bool:
    """Settle a write that failed, and say so where that fails as well: the next run does it then. Whether it was carried out."""
    try:
        _settle(top, name, drop_unused=False)
        _drop_parts(path, identifier)
        for folder in (os.path.join(top, FOLDER, "originals"), bag_of(Path(path).parent)):
            for part in _parts_in(str(folder), identifier) if folder is not None else ():
                os.unlink(part)
        if any(event.identifier == identifier for event in _read_log(top, name).events):
            return True
        for original in kept:
            with suppress(FileNotFoundError):
                os.unlink(original)
            _prune(os.path.dirname(original), os.path.join(top, FOLDER, "originals"))
    except (OSError, PreservationError) as another:
        error.add_note(f"what was begun could not be settled either ({_reason(another)}); the next run does that")
    return False


def _look(file: _File) -> str:
    """Raise unless a file is one that may be replaced and still what was read; what to call it in messages."""
    what = "its sidecar" if file.path.endswith(SIDECAR_SUFFIX) else "it"
    try:
        status = os.lstat(file.path)
    except FileNotFoundError:
        if file.before is None:
            return what
        raise ConflictError(f"{what} is no longer there") from None
    if stat.S_ISLNK(status.st_mode):
        raise RefusedError(f"{what} is a symbolic link, which a repair would replace by a file")
    if not stat.S_ISREG(status.st_mode):
        raise RefusedError(f"{what} is not a regular file")
    if status.st_nlink > 1:
        raise RefusedError(
            f"{what} has {status.st_nlink} names (hard links), which a repair would part from one another"
        )
    if file.before is None:
        raise ConflictError(f"{what} was written by somebody else since it was looked for")
    if status.st_size != len(file.before) or _read(file.path) != file.before:
        raise ConflictError(f"{what} was changed by somebody else since it was read")
    return what


def _part(path: str, identifier: str, suffix: str = "") -> str:
    """The name under which a file is written before it takes its place."""
    folder, name = os.path.split(path)
    stem = os.fsdecode(os.fsencode(name)[:_STEM_BYTES])
    return os.path.join(folder, f".{stem}{suffix}.{identifier}{PART_SUFFIX}")


def _prepare(part: str, content: bytes, like: str | None) -> None:
    """Write a part, with mode and, where allowed, owner of the file that it is to replace."""
    try:
        old = os.lstat(like) if like is not None else None
    except FileNotFoundError:
        old = None
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOT_FOLLOWED
    descriptor = os.open(part, flags, 0o666 if old is None else 0o600)
    try:
        _write_all(descriptor, content)
        if old is not None:
            new = os.fstat(descriptor)
            if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
                with suppress(PermissionError):
                    os.fchown(descriptor, old.st_uid, old.st_gid)
            if stat.S_IMODE(new.st_mode) != stat.S_IMODE(old.st_mode):
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


_NO_REPLACE, _EXCHANGE = 1, 2  # RENAME_NOREPLACE, RENAME_EXCHANGE
_HERE = -100  # AT_FDCWD


@cache
def _renameat2() -> Any:
    """The system call that renames without replacing and lets files change places, None where there is none."""
    import ctypes

    if sys.platform != "linux":
        return None
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return function


def _rename(one: str, other: str, how: int) -> bool:
    """Rename in one step. False where the system or the file system cannot do it like that, and nothing has happened."""
    import ctypes

    function = _renameat2()
    if function is None:
        return False
    if function(_HERE, os.fsencode(one), _HERE, os.fsencode(other), how) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), other)


# ---------------------------------------------------------------------------------------------------------------------
# Settling what was cut short


def clear_litter(root: Path, seeds: Iterable[Seed]) -> list[str]:
    """Settle, for the seeds of a run and their folders, what earlier runs left that were cut short; what was done, a line each.

    Writes that did not come to their end are taken back, and so is an event whose digest before still is the file's; parts and
    originals that nothing speaks of go. Raises PreservationError.
    """
    top = os.path.realpath(root)
    if not os.path.isdir(os.path.join(top, FOLDER, "events")):
        return []
    notes: list[str] = []
    with _plainly(), _locked(top):
        folders: dict[str, None] = {os.path.join(top, FOLDER, "originals"): None}
        for seed in seeds:
            try:
                _, name, path = _place(root, seed.path)
            except RefusedError:
                continue
            folders[os.path.dirname(path)] = None
            if os.path.lexists(_log_path(top, name)):
                notes += _settle(top, name)
        for bag in dict.fromkeys(bag_of(Path(folder)) for folder in folders):
            if bag is not None:
                folders[str(bag)] = None
        for folder in folders:
            with suppress(FileNotFoundError):
                notes += _sweep(top, folder)
    return notes


def _was_carried_out(event: Event, path: str) -> bool:
    """Whether the last event of a seed was carried out: only of the last one that is ever in doubt."""
    part = _part(path, event.identifier)
    if os.path.lexists(part):
        # Before the seeds have changed places the part is the new one, afterwards the old one.
        return _digest(part) == event.seed.before.sha256
    return _digest(path) != event.seed.before.sha256


def _settle(top: str, name: str, drop_unused: bool = True) -> list[str]:
    """Bring seed, sidecar, events and bag of one seed into agreement, under the lock; what was done, a line each."""
    log = _read_log(top, name)
    if log.size < len(log.content) or (not log.content and os.path.lexists(log.path)):
        _cut(top, log.path, log.size)
    if not log.events:
        return []
    event = log.events[-1]
    path = os.path.join(top, name)
    part = _part(path, event.identifier)
    digest, of_part = _digest(path), _digest(part)
    is_caught = of_part not in (None, event.seed.before.sha256, event.seed.after.sha256)
    if is_caught and digest != event.seed.after.sha256:
        return []  # the seed was edited once more: both stay
    if _was_carried_out(event, path):
        _finish(path, event.identifier)
        return []
    notes = [f"{name}: the write of {event.when} had not come to its end and was taken back"]
    if is_caught:
        os.replace(part, path)  # an edit of the last instant, which had just changed places with the new seed
        notes = [f"{name}: what somebody else wrote during the write of {event.when} was put back"]
    if event.sidecar is not None:
        notes += _sidecar_back(top, path + SIDECAR_SUFFIX, event.sidecar, event.identifier)
    _cut(top, log.path, event.offset)
    if drop_unused:
        linked = [event.seed, event.sidecar] if event.sidecar is not None else [event.seed]
        _drop_unused(top, {each.before.sha256 for each in linked if each.before.sha256 is not None})
    bag = bag_of(Path(path).parent)
    if bag is not None:
        for tag_part in _parts_in(str(bag), event.identifier):
            os.unlink(tag_part)
    _drop_parts(path, event.identifier)
    return notes


def _sidecar_back(top: str, path: str, linked: Linked, identifier: str) -> list[str]:
    """Put a sidecar back that was written while its seed was not."""
    digest = _digest(path)
    if digest == linked.before.sha256:
        return []
    if digest != linked.after.sha256:
        return [f"{linked.name}: changed since by somebody else; left as it is"]
    old = _part(path, identifier, ".old")
    if linked.before.sha256 is None:
        os.unlink(path)
    else:
        if _digest(old) != linked.before.sha256:
            with suppress(FileNotFoundError):
                os.unlink(old)
            _prepare(old, _original(top, linked.before) or b"", path)
        os.replace(old, path)
    _sync_folder(os.path.dirname(path))
    return []


def _drop_parts(path: str, identifier: str) -> None:
    """Take away the parts of one write to a seed and its sidecar; that of the seed last, for it tells how far things came."""
    sidecar = path + SIDECAR_SUFFIX
    for part in (_part(sidecar, identifier), _part(sidecar, identifier, ".old"), _part(path, identifier)):
        with suppress(FileNotFoundError):
            os.unlink(part)


def _sweep(top: str, folder: str) -> list[str]:
    """Take away the parts in a folder, settling first the events that they belong to."""
    found = [match for match in map(_PART.fullmatch, sorted(os.listdir(folder))) if match is not None]
    if not found:
        return []
    notes = []
    known = {identifier: _names_with(top, identifier) for identifier in sorted({match[2] for match in found})}
    for names in known.values():
        for name in names:
            notes += _settle(top, name)
    digests: set[str] = set()
    for match in found:
        part = os.path.join(folder, match[0])
        if not os.path.lexists(part):
            continue
        if known[match[2]]:
            notes.append(f"{part}: what somebody else wrote during a repair; left there")
            continue
        whole = os.path.join(folder, match[1])
        digests |= {_digest(whole) or "", _digest(whole + SIDECAR_SUFFIX) or ""}
        _drop_unused(top, digests - {""})
        os.unlink(part)
    return notes


def _names_with(top: str, identifier: str) -> list[str]:
    """The seeds that have this event."""
    return [
        name
        for name in _names(top)
        if identifier.encode() in (_read(_log_path(top, name)) or b"")
        and any(event.identifier == identifier for event in _read_log(top, name).events)
    ]


def _parts_in(folder: str, identifier: str) -> list[str]:
    """The parts of one write in a folder."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    ending = f".{identifier}{PART_SUFFIX}"
    return [os.path.join(folder, name) for name in sorted(names) if name.startswith(".") and name.endswith(ending)]


# ---------------------------------------------------------------------------------------------------------------------
# Fixity


class Fixity(StrEnum):
    """How the bytes of a seed stand to its last event."""

    OK = "ok"
    DIFFERS = "differs"
    NO_EVENT = "no event"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Verified:
    """A fixity check of one seed. `problems` say what is wrong, a line each; the bag's and the originals' too.

    `bag` is the bag that it lies in, if any.
    """

    name: str
    sha256: str | None
    fixity: Fixity
    problems: tuple[str, ...] = ()
    bag: Path | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong; a seed without events has nothing to be held against but a bag."""
        return not self.problems


def verify(root: Path, seeds: Iterable[Seed]) -> Iterator[Verified]:
    """The fixity check: seeds against their last events and, in a bag, against all manifests; originals against their names."""
    manifests: dict[str, dict[str, dict[str, str]]] = {}
    bags: dict[str, Path | None] = {}
    for seed in seeds:
        folder = os.path.dirname(seed.path)
        if folder not in bags:
            bags[folder] = bag_of(Path(folder))
        yield _verified(root, seed, bags[folder], manifests)


def _verified(root: Path, seed: Seed, bag: Path | None, manifests: dict[str, dict[str, dict[str, str]]]) -> Verified:
    problems: list[str] = []
    listed: dict[str, str] = {}
    if bag is not None:
        try:
            listed, problems = _listed(bag, str(seed.path), manifests)
        except (RefusedError, OSError) as error:
            problems = [f"the bag {bag} cannot be read: {_reason(error)}"]
    try:
        top, name, path = _place(root, seed.path)
    except RefusedError as refused:
        return Verified(seed.name, None, Fixity.UNREADABLE, (str(refused),), bag)
    try:
        digests = _digests(path, ["sha256", *listed])
    except OSError as error:
        return Verified(name, None, Fixity.UNREADABLE, (f"it cannot be read: {_reason(error)}",), bag)
    for algorithm, digest in listed.items():
        if digests[algorithm] != digest:
            problems.append(f"its {algorithm} is {digests[algorithm]}, the bag's manifest has {digest}")
    sha256 = digests["sha256"]
    try:
        events = _with_states(_read_log(top, name).events, path)
    except (PreservationError, OSError) as error:
        unread = str(error) if isinstance(error, PreservationError) else _reason(error)
        return Verified(name, sha256, Fixity.DIFFERS, (*problems, f"its events cannot be read: {unread}"), bag)
    if events and events[-1].state is State.NOT_CARRIED_OUT:
        problems.append(f"the event of {events[-1].when} was not carried out; the next repair clears it")
    for event in events:
        problems += _problems_of_originals(top, event)
    carried_out = [event for event in events if event.state is not State.NOT_CARRIED_OUT]
    if not carried_out:
        return Verified(name, sha256, Fixity.NO_EVENT, tuple(problems), bag)
    last = carried_out[-1]
    if sha256 == last.seed.after.sha256:
        return Verified(name, sha256, Fixity.OK, tuple(problems), bag)
    problems.insert(0, f"its sha256 is {sha256}, the event of {last.when} left {last.seed.after.sha256}")
    return Verified(name, sha256, Fixity.DIFFERS, tuple(problems), bag)


def _problems_of_originals(top: str, event: Event) -> Iterator[str]:
    for linked in (event.seed, event.sidecar):
        if linked is None or linked.before.sha256 is None:
            continue
        try:
            _original(top, linked.before)
        except (UnsoundError, OSError) as error:
            yield f"event of {event.when}: {error if isinstance(error, UnsoundError) else _reason(error)}"


# ---------------------------------------------------------------------------------------------------------------------
# Bags (RFC 8493)

_MANIFEST = expression(r"manifest-([a-z0-9-]+)\.txt")
_TAG_MANIFEST = expression(r"tagmanifest-([a-z0-9-]+)\.txt")
_ENTRY = expression(r"(?m)^([0-9A-Fa-f]+)[ \t]+\*?([^\r\n]+)(?:\r\n|\r|\n|\Z)")
_OXUM = expression(r"(?im)^(Payload-Oxum[ \t]*:[ \t]*)[0-9]+\.[0-9]+")
_INFO = ("bag-info.txt", "package-info.txt")  # the second in bags of versions up to 0.95


def bag_of(folder: Path) -> Path | None:
    """The bag that a folder is or lies in: the nearest folder upwards with bagit.txt and a manifest, within the repository."""
    for parent in (folder, *folder.parents):
        if os.path.isfile(parent / "bagit.txt") and any(parent.glob("manifest-*.txt")):
            return parent
        if os.path.lexists(parent / ".git"):
            return None
    return None


def update_bag(bag: Path, changed: Iterable[Path]) -> None:
    """Bring a bag's manifests, Payload-Oxum and tag manifests up to date with files of it that were written or removed.

    Other files are not looked at: what else differs goes on to differ. Raises RefusedError, UnwritableError.
    """
    paths = [os.path.join(os.path.realpath(path.parent), path.name) for path in changed]
    with _plainly():
        _update_tags(os.path.realpath(bag), {path: _read(path) for path in paths})


def _update_tags(bag: str, changed: Mapping[str, bytes | None]) -> None:
    identifier = str(uuid4())
    try:
        for path, content in _updated_tags(bag, changed).items():
            _prepare(_part(path, identifier), content, path)
        for part, path in _bag_parts(bag, identifier):
            os.replace(part, path)
    finally:
        for part in _parts_in(bag, identifier):
            os.unlink(part)
    _sync_folder(bag)


def _admit(bag: Path, seed: _File) -> None:
    """Raise unless a seed is of the bag's payload and the manifests vouch for it as it is: new ones would vouch for damage."""
    if not _inside(str(bag), seed.path).startswith("data/"):
        raise RefusedError(f"it is no payload of the bag {bag}, but describes it")
    listed, problems = _listed(bag, seed.path, {})
    for problem in problems:
        raise RefusedError(problem)
    for algorithm, digest in listed.items():
        if hashlib.new(algorithm, seed.before or b"").hexdigest() != digest:
            raise RefusedError(f"its {algorithm} is not the one in the bag's manifest: find out why first")


def _listed(bag: Path, path: str, manifests: dict[str, dict[str, dict[str, str]]]) -> tuple[dict[str, str], list[str]]:
    """The digests that a bag has of a file, by algorithm, and what is wrong with them; `manifests` keeps what was read."""
    if str(bag) not in manifests:
        manifests[str(bag)] = _read_manifests(str(bag))
    inside = _inside(str(bag), path)
    kind = _MANIFEST if inside.startswith("data/") else _TAG_MANIFEST
    found: dict[str, str] = {}
    problems = []
    for file, entries in manifests[str(bag)].items():
        match = kind.fullmatch(file)
        if match is None:
            continue
        digest = entries.get(inside)
        algorithm = match[1].replace("-", "_") if match[1].startswith("sha3") else match[1]
        if digest is None:
            problems.append(f"the bag's {file} does not list it")
        elif algorithm not in hashlib.algorithms_available:
            problems.append(f"the bag's {file} is of an algorithm that is not known here")
        else:
            found[algorithm] = digest
    if not found and not problems:
        problems.append(f"it lies in the bag {bag}, but no manifest lists it")
    return found, problems


def _inside(bag: str, path: str) -> str:
    """How a bag names a file, for comparison: file systems and manifests may differ in Unicode normalization."""
    return unicodedata.normalize("NFC", os.path.relpath(path, bag).replace(os.sep, "/"))


def _read_manifests(bag: str) -> dict[str, dict[str, str]]:
    """All manifests of a bag, tag manifests too: by their names, the digest of each file."""
    out = {}
    for name in sorted(os.listdir(bag)):
        if _MANIFEST.fullmatch(name) or _TAG_MANIFEST.fullmatch(name):
            text = _read_tag(bag, name)
            out[name] = {
                spelling: match[1].lower() for match in _ENTRY.finditer(text) for spelling in _spellings(match[2])
            }
    return out


def _spellings(name: str) -> tuple[str, str]:
    """What a name in a manifest may mean: bags before version 1.0 escape line ends only, and some programs nothing."""
    name = unicodedata.normalize("NFC", name.rstrip(" \t").removeprefix("./"))
    plain = re.sub("%0A", "\n", re.sub("%0D", "\r", name, flags=re.IGNORECASE), flags=re.IGNORECASE)
    return name, plain.replace("%25", "%")


def _tag_encoding(bag: str) -> str:
    content = (_read(os.path.join(bag, "bagit.txt")) or b"").decode("utf-8-sig", "replace")
    match = re.search(r"(?im)^Tag-File-Character-Encoding[ \t]*:[ \t]*(\S+)", content)
    encoding = match[1] if match is not None else "utf-8"
    try:
        "".encode(encoding)
    except LookupError:
        raise RefusedError(f"the bag's tag files are in an encoding that is not known here, {encoding}") from None
    return encoding


def _read_tag(bag: str, name: str) -> str:
    content = _read(os.path.join(bag, name)) or b""
    try:
        return content.decode(_tag_encoding(bag), "surrogateescape").removeprefix("\ufeff")
    except UnicodeError:
        raise RefusedError(f"the bag's {name} is not in the encoding that bagit.txt says") from None


def _updated_tags(bag: str, changed: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """The tag files of a bag as they are to be once files hold other bytes (None: are gone); tag manifests last."""
    encoding = _tag_encoding(bag)
    inside = {
        os.path.relpath(path, bag).replace(os.sep, "/"): content
        for path, content in changed.items()
        if path.startswith(bag.rstrip("/") + "/")
    }
    payload = {name: content for name, content in inside.items() if name.startswith("data/")}
    tags = {name: content for name, content in inside.items() if name not in payload}
    names = sorted(os.listdir(bag))
    new: dict[str, str] = {}
    for name in names:
        match = _MANIFEST.fullmatch(name)
        if match is not None:
            new[name] = _with_entries(_read_tag(bag, name), match[1], payload, adds=True)
        elif name in _INFO:
            new[name] = _with_oxum(_read_tag(bag, name), bag, payload)
    new = {name: text for name, text in new.items() if text != _read_tag(bag, name)}
    out = {name: text.encode(encoding, "surrogateescape") for name, text in new.items()}
    for name in names:
        match = _TAG_MANIFEST.fullmatch(name)
        if match is not None:
            old = _read_tag(bag, name)
            text = _with_entries(old, match[1], {**tags, **out}, adds=False)
            if text != old:
                out[name] = text.encode(encoding, "surrogateescape")
    return {os.path.join(bag, name): content for name, content in out.items()}


def _with_entries(text: str, algorithm: str, files: Mapping[str, bytes | None], adds: bool) -> str:
    """A manifest with the digests of files; with `adds` it lists those too that it did not."""
    algorithm = algorithm.replace("-", "_") if algorithm.startswith("sha3") else algorithm
    waiting = {unicodedata.normalize("NFC", name): (name, content) for name, content in files.items()}
    pieces = []
    at = 0
    for match in _ENTRY.finditer(text):
        name = next((spelling for spelling in _spellings(match[2]) if spelling in waiting), None)
        if name is None:
            continue
        _, content = waiting.pop(name)
        pieces.append(text[at : match.start()])
        if content is not None:
            pieces.append(hashlib.new(algorithm, content).hexdigest() + text[match.end(1) : match.end()])
        at = match.end()
    pieces.append(text[at:])
    out = "".join(pieces)
    for name, content in sorted(waiting.values()) if adds else ():
        if content is not None:
            escaped = name.replace("%", "%25") if "%0" in name or "%25" in name else name
            escaped = escaped.replace("\n", "%0A").replace("\r", "%0D")
            gap = "" if not out or out.endswith(("\n", "\r")) else "\n"
            out += f"{gap}{hashlib.new(algorithm, content).hexdigest()}  {escaped}\n"
    return out


def _with_oxum(text: str, bag: str, payload: Mapping[str, bytes | None]) -> str:
    if _OXUM.search(text) is None:
        return text
    sizes = {name: len(content) for name, content in payload.items() if content is not None}
    for folder, _, names in os.walk(os.path.join(bag, "data")):
        for name in names:
            path = os.path.join(folder, name)
            inside = os.path.relpath(path, bag).replace(os.sep, "/")
            if inside not in payload and _PART.fullmatch(name) is None:
                sizes[inside] = os.stat(path).st_size
    return _OXUM.sub(lambda match: f"{match[1]}{sum(sizes.values())}.{len(sizes)}", text)


def _bag_parts(bag: str, identifier: str) -> list[tuple[str, str]]:
    """The parts of one write to a bag's tag files, each with the file whose place it is to take; tag manifests last."""
    targets = []
    for part in _parts_in(bag, identifier):
        match = _PART.fullmatch(os.path.basename(part))
        if match is not None and (
            match[1] in _INFO or _MANIFEST.fullmatch(match[1]) or _TAG_MANIFEST.fullmatch(match[1])
        ):
            targets.append((part, os.path.join(bag, match[1])))
    return sorted(targets, key=lambda target: (os.path.basename(target[1]).startswith("tagmanifest-"), target))


# ---------------------------------------------------------------------------------------------------------------------
# The file system


def _place(root: Path, path: Path) -> tuple[str, str, str]:
    """The root, the name of a seed and its path, all in their folders as they are. Raises RefusedError outside of the root."""
    top = os.path.realpath(root)
    head, tail = os.path.split(os.path.abspath(path))
    folder = os.path.realpath(head)
    name = os.path.relpath(os.path.join(folder, tail), top)
    if name.startswith("../") or name == "..":
        raise RefusedError(f"it lies outside of the archive, whose root is {top}")
    if name == FOLDER or name.startswith(FOLDER + "/"):
        raise RefusedError("it belongs to the record of repairs")
    return top, name, os.path.join(folder, tail)


@contextmanager
def _locked(top: str) -> Iterator[None]:
    """Keep other processes of this program from writing in the archive; waits for them. Raises RefusedError, OSError."""
    from fcntl import LOCK_EX, flock

    folder = os.path.join(top, FOLDER, "events")
    while True:
        _make_folders(folder)
        descriptor = os.open(folder, os.O_RDONLY | _NOT_FOLLOWED)
        try:
            flock(descriptor, LOCK_EX)
            if _is_at(descriptor, folder):
                yield
                return
        finally:
            os.close(descriptor)


def _is_at(descriptor: int, folder: str) -> bool:
    """Whether an opened folder still has its name: git takes empty ones away."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(folder))
    except FileNotFoundError:
        return False


@contextmanager
def _plainly() -> Iterator[None]:
    """Say what the system says in plain words."""
    try:
        yield
    except (OSError, PreservationError) as error:
        notes = getattr(error, "__notes__", ())
        if isinstance(error, PreservationError) and not notes:
            raise
        kind = type(error) if isinstance(error, PreservationError) else UnwritableError
        raise kind("; ".join([_reason(error), *notes])) from error


_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "it would be larger than files may be",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "there is no permission to write there",
    errno.EPERM: "there is no permission to write there",
    errno.ENAMETOOLONG: "its name is too long for the record of its repairs",
    errno.ELOOP: "a symbolic link stands in the way",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "a folder stands where a file is needed",
}


def _reason(error: Exception) -> str:
    if not isinstance(error, OSError):
        return str(error)
    reason = _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__
    place = f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, str | bytes) else ""
    return f"{reason[:1].lower()}{reason[1:]}{place}"


def _read(path: str) -> bytes | None:
    """The bytes of a file, None where it is not there. Links are not followed (ELOOP), and nothing is waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NOT_FOLLOWED)
    except FileNotFoundError:
        return None
    try:
        pieces = []
        while piece := os.read(descriptor, _CHUNK_BYTES):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def _digest(path: str) -> str | None:
    """The SHA-256 of a file; None where it is not there, '' of what is no file."""
    try:
        return _digests(path, ["sha256"])["sha256"]
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            return ""
        raise


def _digests(path: str, algorithms: Iterable[str]) -> dict[str, str]:
    hashes = {algorithm: hashlib.new(algorithm) for algorithm in algorithms}
    descriptor = os.open(path, os.O_RDONLY | _NOT_FOLLOWED)
    try:
        while piece := os.read(descriptor, _CHUNK_BYTES):
            for each in hashes.values():
                each.update(piece)
    finally:
        os.close(descriptor)
    return {algorithm: each.hexdigest() for algorithm, each in hashes.items()}


def _make_folders(path: str) -> None:
    """Make a folder of the record and those above it, each of them sure to be on the disk. Raises RefusedError for links."""
    if os.path.realpath(path) != path:
        raise RefusedError(f"{path} is a symbolic link, or one leads there")
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(folder)
        _sync_folder(os.path.dirname(folder))


def _prune(folder: str, stop: str) -> None:
    """Take away empty folders up to, and without, `stop`."""
    while folder != stop:
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = os.path.dirname(folder)


def _sync_folder(folder: str) -> None:
    """Make sure of the names in a folder. Where folders cannot be synchronized there is no such thing."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | _NOT_FOLLOWED)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
