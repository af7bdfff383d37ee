"""A repair written to disk, and undone.

The order of a write, under a lock on `.validator/events`: the new files are written beside the old ones under names that end
in `.validator-part`; the originals are kept; the event is appended; the sidecar and then the seed change places with their new
files; the manifests of a bag are replaced. Each step is on the disk before the next begins, and a file is compared with what
was read before it is replaced. The repair counts from the moment that the seed is replaced.

After a kill the part files show how far the write came, and `settling` finishes it or takes it back.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from validator.archive.seeds import Seed
from validator.archive.writing import sync_folder
from validator.preservation import disk
from validator.preservation.bags import admit, bag_of, updated_tags
from validator.preservation.disk import (
    FOLDER,
    ConflictError,
    File,
    Files,
    NothingToUndoError,
    PreservationError,
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
    reason_of,
)
from validator.preservation.events import (
    MODIFICATION,
    RECOVERY,
    Agent,
    Event,
    Linked,
    State,
    changes_of,
    detail_of,
    event_content,
    line_of,
    version_of,
)
from validator.preservation.histories import History, Orphans, last_repair, orphans_of_run, read_history
from validator.preservation.logs import append, log_path, read_log, recorded_names
from validator.preservation.originals import keep, original_bytes, original_path
from validator.preservation.settling import drop_parts, finish, settle, sweep
from validator.record.sidecar import SIDECAR_SUFFIX, SidecarError
from validator.record.sidecar_reading import read_sidecar
from validator.record.sidecar_writing import attest, name_source
from validator.repairs.repairing import LIFTED, SOURCE, Repaired
from validator.text.findings import Lift


@dataclass(frozen=True, slots=True)
class Action:
    """Who writes, when (with a zone), in which run; whether a bag's manifests may be updated, and read-only files replaced."""

    run: str
    agent: Agent
    now: datetime
    update_manifest: bool = False
    replace_read_only: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. `notes`: what was settled of earlier runs. `files`: all that prove and undo the event."""

    event: str
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def new_run(now: datetime) -> str:
    """An identifier for a run; sorts by time."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"


def write_repair(
    root: Path,
    seed: Seed,
    read: bytes,
    repaired: Repaired,
    sidecar_before: bytes | None,
    sidecar_after: bytes | None,
    action: Action,
) -> Written:
    """Replace a seed, and its own sidecar, by the outcome of a repair.

    `read` are the bytes that were repaired; a sidecar of None means no file. Raises PreservationError if nothing was written:
    RefusedError for links, places outside of the root, and, unless allowed, bags and read-only files; ConflictError if seed or
    sidecar changed since they were read; UnwritableError; UnsoundError. Raises ValueError if there is nothing to change.
    """
    if repaired.data == read:
        raise ValueError("nothing was repaired")
    top, name, path = placed(root, seed.path)
    files = Files(
        File(path, read, repaired.data),
        File(path + SIDECAR_SUFFIX, sidecar_before, sidecar_after) if sidecar_before != sidecar_after else None,
    )
    with plainly(), locked(top):
        notes = settle(top, name)
        history = read_history(top, name, version_of(read).sha256, orphans_of_run(top, action.run))
        extension = _extension(action.run, None, history, changes_of(repaired.changes))
        detail = detail_of(repaired.changes)
        content = event_content(MODIFICATION, detail, extension, name, files, action.agent, action.now)
        return _write(_Write(top, name, files, action, content, history), notes)


def undo(root: Path, name: str, action: Action, of_run: str | None = None) -> Written:
    """Undo the last repair of a seed: seed and sidecar get back exactly the bytes that they had. Repairs undone before are
    passed over.

    Both must still be what the repair left, and with `of_run` the repair must be of that run. The bytes that are replaced are
    kept among the originals too. Raises PreservationError as `write_repair` does; NothingToUndoError if no repair is left.
    """
    top, name, path = placed(root, Path(root, name))
    with plainly(), locked(top):
        notes = settle(top, name)
        history = read_history(top, name, digest_of(path), orphans_of_run(top, action.run))
        event = last_repair(history.events)
        if event is None:
            raise NothingToUndoError("no repair of it is on record that could be undone")
        if of_run is not None and event.run != of_run:
            raise RefusedError(f"its last repair is of another run, {event.run}")
        beside = path + SIDECAR_SUFFIX
        files = Files(*(
            File(at, _as_left(at, linked, event), original_bytes(top, linked.before))
            for at, linked in zip((path, beside), event.linked, strict=False)
        ))  # fmt: skip
        detail = f"undid the repair of {event.when} ({event.detail})"
        extension = _extension(action.run, event.identifier, history, [])
        content = event_content(RECOVERY, detail, extension, name, files, action.agent, action.now)
        return _write(_Write(top, name, files, action, content, history), notes)


def _extension(run: str, undoes: str | None, history: History, changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The part of an event that PREMIS leaves to the program."""
    extension: dict[str, Any] = {"run": run, "changes": changes, "undoes": undoes}
    if history.origin is not None:
        extension["renamedFrom"] = {"name": history.origin.name, "event": history.origin.event}
    return extension


def _as_left(path: str, linked: Linked, event: Event) -> bytes | None:
    """The bytes of a file, which must be what an event left. Raises ConflictError otherwise."""
    found = read_file(path)
    if version_of(found) == linked.after:
        return found
    if linked is not event.seed:
        raise ConflictError(f"its sidecar is no longer what the repair of {event.when} left: changed since")
    if event.state is State.PUT_BACK:
        raise ConflictError(
            f"it is already as it was before the repair of {event.when}: put back without `validator undo`, for example"
            " by git; the record of the repair is kept"
        )
    if event.state is State.LINE_ENDS:
        raise ConflictError(
            f"only its line ends differ from what the repair of {event.when} left: git does that; `validator init`"
            " writes a .gitattributes against it, then check the file out again"
        )
    raise ConflictError(f"it is no longer what the repair of {event.when} left: changed since, by somebody else")


# --- what is on record ------------------------------------------------------------------------------------------------


def last_run(root: Path) -> str | None:
    """The run of the latest repair that is not undone, None if there is no such repair. Damaged logs are left out."""
    top = os.path.realpath(root)
    latest = ("", "")
    with plainly():
        for name in recorded_names(top):
            with suppress(UnsoundError):
                event = last_repair(_history(top, name).events)
                if event is not None:
                    latest = max(latest, (event.when, event.run))
    return latest[1] or None


def seeds_of_run(root: Path, run: str) -> list[str]:
    """The names of the seeds with a repair of a run that is not undone, sorted.

    Seeds with a damaged log that names the run are included: undoing them says what is wrong.
    """
    top = os.path.realpath(root)
    found = set()
    with plainly():
        for name in recorded_names(top):
            try:
                events = _history(top, name).events
            except UnsoundError:
                if run.encode() in (read_file(log_path(top, name)) or b""):
                    found.add(name)
                continue
            of_run = (event for event in events if event.run == run and event.type == MODIFICATION)
            if any(event.state is not State.UNDONE for event in of_run):
                found.add(name)
    return sorted(found)


def _history(top: str, name: str, orphans: Orphans | None = None) -> History:
    return read_history(top, name, digest_of(os.path.join(top, name)), orphans)


def history(root: Path, name: str, *, renamed: bool = True) -> list[Event]:
    """The events of a seed, oldest first, each with its state; with `renamed` also those from before an unrecorded rename.

    Raises UnsoundError if they cannot be read.
    """
    top, name, _ = placed(root, Path(root, name))
    with plainly():
        return list(_history(top, name, Orphans(top) if renamed else None).events)


def records_root(root: Path, path: Path) -> Path:
    """The folder whose `.validator` keeps the record of a seed: normally the archive's root.

    A seed in another repository below the root (a submodule, a nested clone) has its record there, to be committed with it. A
    seed outside of the root has its record in the nearest folder upwards that has a `.validator` or a `.git`, else in its own
    folder: so every repair can be proved and undone from anywhere.
    """
    top, folder = os.path.realpath(root), os.path.realpath(os.path.dirname(os.path.abspath(path)))
    if folder == top or folder.startswith(top.rstrip("/") + "/"):
        inner = folder
        while inner != top and not os.path.lexists(os.path.join(inner, ".git")):
            inner = os.path.dirname(inner)
        is_known = inner != top and os.path.lexists(log_path(top, os.path.relpath(os.path.abspath(path), top)))
        return Path(top if is_known else inner)
    at = folder
    while at != os.path.dirname(at):
        if any(os.path.lexists(os.path.join(at, name)) for name in (FOLDER, ".git")):
            return Path(at)
        at = os.path.dirname(at)
    return Path(folder)


def name_in_records(root: Path, path: Path) -> str:
    """A seed's name in the record kept below `root`. Raises RefusedError if the seed is outside of it."""
    return placed(root, path)[1]


def recorded(root: Path) -> list[str]:
    """The names of all seeds that have events, sorted; the seeds need not be there."""
    with plainly():
        return sorted(recorded_names(os.path.realpath(root)))


def sidecar_of(seed: Seed) -> bytes | None:
    """The bytes of the sidecar beside a seed, None if it has none. Raises UnwritableError if it cannot be read."""
    with plainly():
        return read_file(str(seed.sidecar))


def sidecar_with_lifts(text: str, lifts: Sequence[Lift], by: str, on: date | str) -> str:
    """A seed's own sidecar with values that a repair takes out of the seed; '' begins a new one.

    Raises SidecarError if the text is not a valid sidecar, if a sidecar cannot hold a value, and if the sidecar already gives
    the field another value: a person must decide which one is right.
    """
    for lift in lifts:
        if lift.field == SOURCE:
            text = name_source(text, lift.value)
            continue
        present = {attested.field: attested.value for attested in read_sidecar(text, "").record} if text else {}
        if lift.field not in present:
            text = attest(text, lift.field, lift.value, basis=LIFTED, by=by, on=on)
        elif present[lift.field] not in (lift.value, (lift.value,)):
            raise SidecarError(
                f"the sidecar already gives {lift.field}, {present[lift.field]!r}; the text has {lift.value!r}"
            )
    return text


# --- the write itself -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Write:
    """One write under the lock. `kept`: the originals that are new. `written`: all files that belong to the event."""

    top: str
    name: str
    files: Files
    action: Action
    content: Mapping[str, Any]
    history: History
    bag: Path | None = None
    kept: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @property
    def identifier(self) -> str:
        """The identifier of the event."""
        return str(self.content["eventIdentifier"]["eventIdentifierValue"])


def _write(write: _Write, notes: list[str]) -> Written:
    """Carry out an event. If a step fails, everything is put back as after a kill."""
    files, action = write.files, write.action
    for file in files.all():
        _look(file, action.replace_read_only)
    bag = write.bag = bag_of(Path(files.seed.path).parent)
    if bag is not None:
        if not action.update_manifest:
            raise RefusedError(f"it lies in a bag, {bag}; --update-manifest repairs it and the bag's manifests with it")
        notes += sweep(write.top, str(bag))
        admit(bag, files.seed)
    try:
        _carry_out(write)
    except BaseException as error:
        is_written = _withdraw(write, error)
        if not (is_written and isinstance(error, OSError)):
            raise
    return Written(write.identifier, tuple(notes), tuple(map(Path, write.written)))


def _carry_out(write: _Write) -> None:
    """The steps of a write, in their order."""
    files, identifier, log = write.files, write.identifier, write.history.log
    seed, sidecar = files.seed, files.sidecar
    line = line_of(write.content)
    if log.content and not log.content.endswith(b"\n"):  # an editor took the line end away
        line = b"\n" + line
    changed: dict[str, bytes | None] = {log.path: log.content + line}
    for file in files.all():
        changed[file.path] = file.after
        if file.after is not None:
            prepare(part_of(file.path, identifier), file.after, file.path)
    if sidecar is not None and sidecar.before is not None:
        # To put it back even if the disk is full by then.
        prepare(part_of(sidecar.path, identifier, ".old"), sidecar.before, sidecar.path)
    for file in files.all():
        if file.before is None:
            continue
        path = original_path(write.top, version_of(file.before).sha256 or "")
        if not os.path.lexists(path):
            write.kept.append(path)
        changed[path] = keep(write.top, file.before, identifier)
    tags = updated_tags(str(write.bag), changed) if write.bag is not None else {}
    for path, tag in tags.items():
        prepare(part_of(path, identifier), tag, path)
    replaced = [file.path for file in files.all()]
    past = {original_path(write.top, digest) for event in write.history.events for digest in event.originals}
    record = {*changed, *past, *write.history.logs}.difference(replaced, tags)
    write.written += [*replaced, *sorted(record), *tags]
    if write.bag is not None:
        sync_folder(str(write.bag))
    sync_folder(os.path.dirname(seed.path))

    append(log, line)
    if sidecar is not None:
        _swap(part_of(sidecar.path, identifier), sidecar)
        sync_folder(os.path.dirname(sidecar.path))
    _swap(part_of(seed.path, identifier), seed)
    sync_folder(os.path.dirname(seed.path))
    finish(seed.path, identifier)


def _swap(part: str, file: File) -> None:
    """Put the new file in the place of the old one, if that is still what was read. The part becomes the old file if it can."""
    what = _look(file, True)
    conflict = ConflictError(f"{what} was changed by somebody else in the very moment of writing")
    if file.before is None:
        try:
            if not disk.rename(part, file.path, disk.NO_REPLACE):
                os.replace(part, file.path)
        except FileExistsError:
            raise conflict from None
        return
    if file.after is None:
        os.replace(file.path, part)
    elif not disk.rename(part, file.path, disk.EXCHANGE):
        os.replace(part, file.path)
        return
    if digest_of(part) != version_of(file.before).sha256:
        if file.after is None:
            disk.rename(part, file.path, disk.NO_REPLACE)
        else:
            disk.rename(part, file.path, disk.EXCHANGE)
        raise conflict


def _withdraw(write: _Write, error: BaseException) -> bool:
    """Settle a write that failed, and note on its error if that fails too. Returns whether the event was carried out."""
    top, path, identifier = write.top, write.files.seed.path, write.identifier
    originals = os.path.join(top, FOLDER, "originals")
    try:
        settle(top, write.name, drops_unused=False)
        is_written = any(event.identifier == identifier for event in read_log(top, write.name).events)
        if not is_written:
            drop_parts(path, identifier)
        for folder in (originals, bag_of(Path(path).parent)):
            for part in parts_in(str(folder), identifier) if folder is not None else ():
                os.unlink(part)
        if is_written:
            return True
        for original in write.kept:
            with suppress(FileNotFoundError):
                os.unlink(original)
            prune(os.path.dirname(original), originals)
    except (OSError, PreservationError) as another:
        error.add_note(f"what was begun could not be settled either ({reason_of(another)}); the next run does that")
    return False


def _look(file: File, may_be_read_only: bool) -> str:
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
    if not (may_be_read_only or status.st_mode & stat.S_IWUSR):
        raise RefusedError(
            f"{what} is read-only (mode {stat.S_IMODE(status.st_mode):04o}); --replace-read-only replaces it all the same"
        )
    if file.before is None:
        raise ConflictError(f"{what} was written by somebody else since it was looked for")
    if status.st_size != len(file.before) or read_file(file.path) != file.before:
        raise ConflictError(f"{what} was changed by somebody else since it was read")
    return what
