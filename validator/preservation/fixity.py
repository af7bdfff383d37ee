"""The fixity check: seeds against their last events, originals against their names, and what no event names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from validator.archive.discovery import discover
from validator.archive.opening import Archive
from validator.archive.root import whole_path
from validator.archive.seeds import Seed
from validator.preservation.bags import bag_of, digests_listed
from validator.preservation.disk import (
    PreservationError,
    RefusedError,
    UnsoundError,
    digest_of,
    digests_of,
    placed,
    plainly,
    read_file,
    reason_of,
)
from validator.preservation.events import Event, State
from validator.preservation.histories import Orphans, continued_elsewhere, last_of, read_history, read_lineage
from validator.preservation.logs import log_path, recorded_names
from validator.preservation.originals import check_original, kept_originals
from validator.preservation.writing import name_in_records, recorded, records_root


class Fixity(StrEnum):
    """How the bytes of a seed compare with its last event."""

    OK = "ok"
    DIFFERS = "differs"
    LINE_ENDS = "with other line ends"
    PUT_BACK = "put back to before"
    NO_EVENT = "no event"
    UNREADABLE = "unreadable"
    DAMAGED = "with a damaged record"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Verified:
    """A fixity check of one seed. `problems`: what is wrong with the seed, its bag entry and its originals, a line each."""

    name: str
    sha256: str | None
    fixity: Fixity
    problems: tuple[str, ...] = ()
    bag: Path | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong. A seed without events is compared only with the manifests of its bag."""
        return not self.problems


def verify(root: Path, seeds: Iterable[Seed], limit_bytes: int | None = None) -> Iterator[Verified]:
    """The fixity check: seeds against their last events and, in a bag, against all manifests; originals against their names.

    A seed of more than `limit_bytes` is not read.
    """
    manifests: dict[str, dict[str, dict[str, str]]] = {}
    bags: dict[str, Path | None] = {}
    orphans = Orphans(os.path.realpath(root))
    for seed in seeds:
        folder = os.path.dirname(seed.path)
        if folder not in bags:
            bags[folder] = bag_of(Path(folder))
        yield _verified(root, seed, bags[folder], manifests, orphans, limit_bytes)


def _verified(
    root: Path,
    seed: Seed,
    bag: Path | None,
    manifests: dict[str, dict[str, dict[str, str]]],
    orphans: Orphans,
    limit_bytes: int | None,
) -> Verified:
    problems: list[str] = []
    listed: dict[str, str] = {}
    if bag is not None:
        try:
            listed, problems = digests_listed(bag, str(seed.path), manifests)
        except (RefusedError, OSError) as error:
            problems = [f"the bag {bag} cannot be read: {reason_of(error)}"]
    try:
        top, name, path = placed(root, seed.path)
    except RefusedError as refused:
        return Verified(seed.name, None, Fixity.UNREADABLE, (str(refused),), bag)
    try:
        size = os.lstat(path).st_size
        if limit_bytes is not None and size > limit_bytes:
            too_large = f"it has {size:,} bytes, more than the limit of {limit_bytes:,} bytes"
            return Verified(seed.name, None, Fixity.UNREADABLE, (too_large,), bag)
        digests = digests_of(path, ["sha256", *listed])
    except OSError as error:
        return Verified(seed.name, None, Fixity.UNREADABLE, (f"it cannot be read: {reason_of(error)}",), bag)
    for algorithm, digest in listed.items():
        if digests[algorithm] != digest:
            problems.append(f"its {algorithm} is {digests[algorithm]}, the bag's manifest has {digest}")
    sha256 = digests["sha256"]
    try:
        events = read_history(top, name, sha256, orphans).events
    except (PreservationError, OSError) as error:
        unread = f"its record is damaged: {reason_of(error)}"
        return Verified(seed.name, sha256, Fixity.DAMAGED, (*problems, unread), bag)
    fixity, differences = _compared(events, sha256)
    originals = [problem for event in events for problem in _problems_of_originals(top, event)]
    return Verified(seed.name, sha256, fixity, (*differences, *problems, *originals), bag)


_PUT_BACK = (
    "it is as it was before the event of {when}: put back without `validator undo`, for example by git; the record of the"
    " event is kept"
)
_LINE_ENDS = (
    "only its line ends differ from what the event of {when} left: git does that where no .gitattributes forbids it"
)
_DIFFERENCES = {State.PUT_BACK: (Fixity.PUT_BACK, _PUT_BACK), State.LINE_ENDS: (Fixity.LINE_ENDS, _LINE_ENDS)}


def _compared(events: Sequence[Event], sha256: str) -> tuple[Fixity, list[str]]:
    """How a digest compares with the events of its seed, and the differences in words."""
    said = [
        f"the event of {event.when} was not carried out: the program was cut short; the next repair settles it"
        for event in events
        if event.state is State.NOT_CARRIED_OUT
    ]
    last = last_of(events)
    if last is None:
        return Fixity.NO_EVENT, said
    if last.state in (State.CARRIED_OUT, State.UNDONE) and sha256 == last.seed.after.sha256:
        return Fixity.OK, said
    fixity, what = _DIFFERENCES.get(
        last.state, (Fixity.DIFFERS, "its sha256 is {sha256}, the event of {when} left {left}")
    )
    return fixity, [what.format(sha256=sha256, when=last.when, left=last.seed.after.sha256), *said]


def _problems_of_originals(top: str, event: Event) -> Iterator[str]:
    for linked in event.linked:
        try:
            if linked.before.sha256 is not None:
                check_original(top, linked.before)
        except (UnsoundError, OSError) as error:
            yield f"event of {event.when}: {reason_of(error)}"


# --- the record itself ------------------------------------------------------------------------------------------------


def verify_logs(
    root: Path, folder: Path, seen: Collection[str], elsewhere: Callable[[], Iterable[Seed]]
) -> Iterator[Verified]:
    """The damaged logs, and the logs of seeds that are gone, below a folder; seeds that were `seen` are left out.

    `elsewhere` gives the seeds of the whole archive, to find renamed ones.
    """
    top = os.path.realpath(root)
    inside = os.path.relpath(os.path.realpath(folder), top)
    gone: list[str] = []
    with plainly():
        continued = continued_elsewhere(top)
        for name in recorded_names(top):
            if name in seen or name in continued or not (inside == "." or name.startswith(f"{inside}/")):
                continue
            if not os.path.lexists(os.path.join(top, name)):
                gone.append(name)
                continue
            try:
                read_lineage(top, name)
            except UnsoundError as error:
                yield Verified(name, None, Fixity.DAMAGED, (f"its record is damaged: {error}",))
        renamed = _renamed(top, gone, elsewhere) if gone else frozenset()
        for name in gone:
            if name in renamed:
                continue
            problem = "it is gone; its events are on record"
            try:
                read_lineage(top, name)
            except UnsoundError as error:
                problem = f"it is gone, and its record is damaged: {error}"
            yield Verified(name, None, Fixity.GONE, (problem,))


def _renamed(top: str, gone: Sequence[str], elsewhere: Callable[[], Iterable[Seed]]) -> frozenset[str]:
    """The seeds that seem to be gone but have another name now."""
    sizes = set()
    for name in gone:
        try:
            events, _ = read_lineage(top, name)
        except UnsoundError:
            continue
        sizes |= {event.seed.after.size for event in events}
    orphans = Orphans(top)
    found = set()
    for seed in elsewhere():
        try:
            if os.lstat(seed.place).st_size not in sizes:
                continue
            digest = digest_of(seed.place)
        except OSError:
            continue
        if digest:
            found.add(orphans.named(os.path.relpath(seed.place, top), digest))
    return frozenset(name for name in found if name is not None)


def unnamed_originals(root: Path) -> list[str]:
    """The files among the originals that no event names, relative to the root."""
    top = os.path.realpath(root)
    with plainly():
        kept = list(kept_originals(top))
        named: set[str] = set()
        for name in recorded_names(top) if kept else ():
            content = read_file(log_path(top, name)) or b""
            named.update(match[0].decode() for match in re.finditer(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", content))
        return [path for path, digest in kept if digest not in named]


# --- all records that paths lead to ------------------------------------------------------------------------------------


def by_record(root: Path, seeds: Iterable[Seed]) -> dict[Path, list[Seed]]:
    """The seeds by the folder that has their record."""
    out: dict[Path, list[Seed]] = {}
    for seed in seeds:
        out.setdefault(records_root(root, seed.path), []).append(seed)
    return out


def has_record(archive: Archive, folder: str) -> bool:
    """Whether some seed is on record where a seed of this folder would be."""
    return any(recorded(records_root(archive.root, Path(folder, "-"))))


def verified(archive: Archive, paths: Sequence[str], seeds: Sequence[Seed]) -> Iterator[tuple[str, Verified]]:
    """The result for each seed, and for each seed on record below the folders among the paths; its shown name first."""
    groups = by_record(archive.root, seeds)
    for root, members in groups.items():
        for result in verify(root, members, archive.settings.limit_bytes):
            yield result.name, result

    def elsewhere() -> Sequence[Seed]:
        return discover([archive.root], archive.settings, archive.root).seeds

    told: set[tuple[Path, str]] = set()
    for folder in filter(os.path.isdir, paths):
        root = records_root(archive.root, Path(folder, "-"))
        seen = {name_in_records(root, seed.path) for seed in groups.get(root, ())}
        for result in verify_logs(root, Path(folder), seen, elsewhere):
            if (root, result.name) not in told:
                told.add((root, result.name))
                yield _shown(archive, root, result.name), result


def stray_originals(archive: Archive, paths: Sequence[str], seeds: Sequence[Seed]) -> Iterator[str]:
    """The originals that no event names, in every record that the paths lead to."""
    places = [seed.path for seed in seeds] + [Path(folder, "-") for folder in filter(os.path.isdir, paths)]
    for root in dict.fromkeys(records_root(archive.root, place) for place in places):
        for name in unnamed_originals(root):
            yield _shown(archive, root, name)


def _shown(archive: Archive, root: Path, name: str) -> str:
    """The name of a record's file in messages: relative to the archive's root if it lies inside."""
    path, top = whole_path(root / name), os.path.realpath(archive.root)
    return os.path.relpath(path, top) if path.startswith(top.rstrip("/") + "/") else path
