"""The fixity check: seeds against their last events, originals against their names, and what no event names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

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


def _compared(events: Sequence[Event], sha256: str) -> tuple[Fixity, list[str]]:
    """How a digest compares with the events of its seed, and what is to be said of that."""
    said = [
        f"the event of {event.when} was not carried out: the program was cut short; the next repair settles it"
        for event in events
        if event.state is State.NOT_CARRIED_OUT
    ]
    last = last_of(events)
    if last is None:
        return Fixity.NO_EVENT, said
    match last.state:
        case State.CARRIED_OUT | State.UNDONE if sha256 == last.seed.after.sha256:
            return Fixity.OK, said
        case State.PUT_BACK:
            fixity = Fixity.PUT_BACK
            said.insert(
                0,
                f"it is as it was before the event of {last.when}: put back without `validator undo`, for example by git;"
                " the record of the event is kept",
            )
        case State.LINE_ENDS:
            fixity = Fixity.LINE_ENDS
            said.insert(
                0,
                f"only its line ends differ from what the event of {last.when} left: git does that where no"
                " .gitattributes forbids it",
            )
        case _:
            fixity = Fixity.DIFFERS
            said.insert(0, f"its sha256 is {sha256}, the event of {last.when} left {last.seed.after.sha256}")
    return fixity, said


def _problems_of_originals(top: str, event: Event) -> Iterator[str]:
    for linked in (event.seed, event.sidecar):
        if linked is None or linked.before.sha256 is None:
            continue
        try:
            check_original(top, linked.before)
        except (UnsoundError, OSError) as error:
            yield f"event of {event.when}: {reason_of(error)}"


# --- the record itself ------------------------------------------------------------------------------------------------


def verify_logs(
    root: Path, folder: Path, seen: Collection[str], elsewhere: Callable[[], Iterable[Seed]]
) -> Iterator[Verified]:
    """The logs of the seeds below a folder that are not among those `seen`: those that are damaged, and those of seeds that
    are gone. `elsewhere` gives the seeds of the whole archive, among which a renamed one may be.
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
    """Those of the seeds that are gone which have another name now."""
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
