"""Whether the record of a repair is staged together with the seed that the repair changed."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from validator.archive.git import (
    LINK,
    SUBMODULE,
    Entry,
    Objects,
    find_repository,
    objects,
    staged_changes,
    staged_files,
)
from validator.parsing.decoding import decode
from validator.preservation.disk import FOLDER, PreservationError
from validator.preservation.events import Event
from validator.preservation.logs import log_path
from validator.preservation.originals import kept_originals, original_path
from validator.preservation.writing import history
from validator.record.sidecar import SIDECAR_SUFFIX
from validator.repairs.edits import folded


def unstaged_events(root: Path, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Seeds that are staged as a repair left them, with the files of that repair's record that are not staged.

    Names are relative to the archive's root. Such files are the events, the originals that they name, and the sidecar that
    the repair changed. Events are read from the disk, all else from the index. Raises ConfigError.

    A program that runs hooks may have put away unstaged changes, such as the event of a seed that already had events. The
    original is a new file and stays. So a seed also counts if it differs from the commit only as a safe repair may change it,
    and the original of the committed bytes is not staged. Not handled then: a repair that changed letters, and one whose
    original was kept before.
    """
    names = list(names)
    top = os.path.realpath(root)
    if not names or not os.path.isdir(os.path.join(top, FOLDER)):
        return {}
    repository = find_repository(Path(top))
    files = staged_files(repository)
    inside = os.path.relpath(top, repository.top)
    if inside.startswith(".."):
        return {}
    prefix = "" if inside == "." else f"{inside}/"
    with objects(repository) as contents:
        staged = _Staged(top, prefix, files, contents)
        found = {name: staged.missing(name) for name in names if os.path.isfile(f"{top}/{log_path('', name)}")}
        new = staged.new_originals()
        if new:
            before = {change.name: change.before for change in staged_changes(repository) if change.name is not None}
            for name in names:
                if found.get(name) == () and (was := before.get(prefix + name)) is not None:
                    found[name] = staged.put_away(name, was, new)
    return {name: missing for name, missing in found.items() if missing}


class _Staged:
    """What is staged of an archive. Names are relative to its root, which lies at `prefix` in the repository."""

    def __init__(self, top: str, prefix: str, files: Mapping[str, Entry], contents: Objects) -> None:
        self._top = top
        self._prefix = prefix
        self._files = files
        self._contents = contents

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._files

    def _bytes(self, name: str) -> bytes | None:
        entry = self._files.get(self._prefix + name)
        return None if entry is None or entry.mode in (LINK, SUBMODULE) else self._contents.read(entry.oid)

    def _digest(self, name: str) -> str | None:
        content = self._bytes(name)
        return None if content is None else sha256(content).hexdigest()

    def missing(self, name: str) -> tuple[str, ...]:
        """The files to stage for a seed: of the repair that left it as it is staged, and of its staged events."""
        digest = self._digest(name)
        try:
            events = history(Path(self._top), name, renamed=False)
        except PreservationError:
            return ()  # `verify` reports what is wrong with them
        log = self._bytes(log_path("", name)) or b""
        wanted = [event for event in events if event.identifier.encode() in log]
        left = [number for number, event in enumerate(events) if event.seed.after.sha256 == digest]
        known = [number for number in left if events[number] in wanted]
        out = []
        if digest is not None and left and not known:
            out.append(log_path("", name))
            wanted += events[: left[-1] + 1]
        originals = {original_path("", digest) for event in wanted for digest in event.originals}
        out += [path for path in sorted(originals) if path not in self and os.path.isfile(f"{self._top}/{path}")]
        if digest is not None and left and self._lacks_sidecar(name, events[(known or left)[-1]]):
            out.append(name + SIDECAR_SUFFIX)
        return tuple(out)

    def _lacks_sidecar(self, name: str, event: Event) -> bool:
        """Whether the sidecar is staged as it was before a repair that changed it. An edit made since then is respected."""
        if event.sidecar is None:
            return False
        staged = self._digest(name + SIDECAR_SUFFIX)
        return staged != event.sidecar.after.sha256 and staged == event.sidecar.before.sha256

    def new_originals(self) -> frozenset[str]:
        """The digests of the originals that are on the disk and not staged."""
        return frozenset(digest for path, digest in kept_originals(self._top) if path not in self)

    def put_away(self, name: str, was: Entry, new: Collection[str]) -> tuple[str, ...]:
        """The files to be staged for the record of a seed whose last event was put away."""
        if was.mode in (LINK, SUBMODULE):
            return ()
        before, after = self._contents.read(was.oid), self._bytes(name)
        digest = sha256(before).hexdigest()
        if after is None or digest not in new or log_path("", name) not in self:
            return ()
        texts = decode(before), decode(after)
        if any(text.encoding is None for text in texts) or folded(texts[0].text) != folded(texts[1].text):
            return ()
        return (log_path("", name), original_path("", digest))
