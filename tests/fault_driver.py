"""Runs writes of a repair in processes of their own and makes them fail: `python fault_driver.py EXPERIMENT FOLDER [SCENE]`.

For tests/test_faults.py. Every process is forked from this one, in which everything is imported already; system calls are counted
and interfered with in the forked process only, by putting other functions in the place of those of `os`. The results are counts,
printed as JSON; whatever is not as it should be ends the driver with a traceback.
"""

from __future__ import annotations

import errno
import fcntl  # noqa: F401 - who may not read Python's own files any more cannot import it
import json
import os
import resource
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

from validator.archive.seeds import Seed
from validator.preservation import disk, events
from validator.preservation.disk import ConflictError, PreservationError, UnwritableError
from validator.preservation.events import Agent, State
from validator.preservation.fixity import verify
from validator.preservation.settling import clear_litter
from validator.preservation.writing import Action, history, new_run, undo, write_repair
from validator.repairs.repairing import Repaired
from validator.sources.json_schema import check
from validator.text.findings import SeedReport
from validator.text.tables import own_schema

OLD, NEW = b"what stood there\r\n" * 700, b"what stands there\n" * 900
SIDECAR_OLD, SIDECAR_NEW = b"# by hand\nsource: plain-text\n", b"# by hand\nsource: plain-text\nrecord: {}\n" * 60
AGENT = Agent("0", "0" * 64, "A Curator <curator@example.org>")
NAME = "folder/seed.txt"
REPORT = SeedReport(NAME, None, None)

# What changes something on the disk, and what makes sure of it. The last is a function of the module's own: a system call that
# Python does not have.
CALLS = ("open", "write", "fsync", "replace", "unlink", "mkdir", "rmdir", "ftruncate", "fchmod", "fchown", "close")
OWN_CALLS = ("rename",)


class Scene:
    """An archive with one seed, as it is before each attempt."""

    def __init__(self, folder: Path, sidecar: tuple[bytes | None, bytes | None] = (None, None), in_bag: bool = False):
        self.folder = folder
        self.sidecar_before, self.sidecar_after = sidecar
        self.in_bag = in_bag
        self.root = folder / "data" if in_bag else folder
        self.seed = Seed.at(self.root / NAME, NAME)
        self.sidecar = self.root / (NAME + ".meta.yaml")

    def prepare(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.seed.path.parent.mkdir(parents=True)
        self.seed.path.write_bytes(OLD)
        (self.root / "other.txt").write_bytes(b"another\n")
        if self.sidecar_before is not None:
            self.sidecar.write_bytes(self.sidecar_before)
        if self.in_bag:
            make_bag(self.folder)

    def write(self, new: bytes = NEW) -> None:
        now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        write_repair(
            self.root, self.seed, OLD, Repaired(new, REPORT, REPORT), self.sidecar_before, self.sidecar_after,
            Action(new_run(now), AGENT, now, update_manifest=True),
        )  # fmt: skip

    def undo(self) -> None:
        now = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
        undo(self.root, NAME, Action(new_run(now), AGENT, now, update_manifest=True))

    def settle(self) -> None:
        clear_litter(self.root, [self.seed])

    def found(self) -> tuple[bytes, bytes | None]:
        return self.seed.path.read_bytes(), self.sidecar.read_bytes() if self.sidecar.exists() else None

    def is_new(self) -> bool:
        """Whether seed and sidecar are the new ones; both must be of one time."""
        found = self.found()
        assert found in ((OLD, self.sidecar_before), (NEW, self.sidecar_after)), [len(each or b"") for each in found]
        return found[0] == NEW

    def litter(self) -> list[str]:
        """Everything that is neither part of the scene nor spoken of by an event."""
        events = history(self.root, NAME)
        digests = {linked.before.sha256 for event in events for linked in (event.seed, event.sidecar) if linked}
        known = {f".validator/originals/{digest[:2]}/{digest}.gz" for digest in digests if digest}
        known |= {NAME, NAME + ".meta.yaml", "other.txt"} | ({f".validator/events/{NAME}.jsonl"} if events else set())
        files = {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}
        tags = [path.name for path in self.folder.iterdir() if path.name.startswith(".") and path.is_file()]
        return sorted(files - known) + tags

    def check(self, events: int | None = None) -> bool:
        """That all is whole and no event claims what did not happen, after a later run has cleared up. Whether it is new."""
        is_new = self.is_new()
        told = history(self.root, NAME)
        assert all(event.state is not State.NOT_CARRIED_OUT for event in told), told
        if events is None:
            events = 1 if is_new else 0
        assert len(told) == events, (is_new, len(told))
        assert self.litter() == [], self.litter()
        (verified,) = verify(self.root, [self.seed])
        assert verified.is_sound, verified.problems
        if self.in_bag:
            check_bag(self.folder)
        return is_new


def make_bag(folder: Path) -> None:
    import hashlib

    payload = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
    (folder / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    size = sum(path.stat().st_size for path in payload)
    (folder / "bag-info.txt").write_text(f"Contact-Name: A Curator\nPayload-Oxum: {size}.{len(payload)}\n")
    for algorithm in ("sha256", "md5"):

        def lines(paths: list[Path], algorithm: str = algorithm) -> str:
            digests = ((hashlib.new(algorithm, path.read_bytes()).hexdigest(), path) for path in paths)
            return "".join(f"{digest}  {path.relative_to(folder)}\n" for digest, path in digests)

        (folder / f"manifest-{algorithm}.txt").write_text(lines(payload))
    tags = [folder / name for name in ("bagit.txt", "bag-info.txt", "manifest-md5.txt", "manifest-sha256.txt")]
    (folder / "tagmanifest-sha256.txt").write_text(
        "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in tags)
    )


def check_bag(folder: Path) -> None:
    """By the program that made the format what it is; here in this process, for speed."""
    import bagit  # type: ignore[import-untyped]

    bagit.LOGGER.setLevel("CRITICAL")
    bagit.Bag(str(folder)).validate()


# --- processes --------------------------------------------------------------------------------------------------------


def forked(action: Callable[[], object]) -> int:
    """The exit code of an action in a process of its own: 0 done, 1 refused in plain words, -9 killed."""
    child = os.fork()
    if child == 0:
        _run(action)
    return exit_code(child)


def exit_code(child: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 1, -signal.SIGKILL), f"the process ended with {code}"
    return code


def _run(action: Callable[[], object]) -> NoReturn:
    try:
        action()
    except PreservationError as error:
        message = str(error)
        plain = message and "\n" not in message and "Errno" not in message
        os._exit(1 if plain else 2)
    except BaseException:
        traceback.print_exc()
        os._exit(3)
    os._exit(0)


Interference = Callable[["partial[Any]"], Any]  # what becomes of a call, which has not been made yet


def around_calls(each: Interference) -> None:
    """Put `each` around every call of this process."""

    def around(call: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments, **named: each(partial(call, *arguments, **named))

    for module, names in ((os, CALLS), (disk, OWN_CALLS)):
        for name in names:
            setattr(module, name, around(getattr(module, name)))


def interfering(action: Callable[[], object], number: int, interfere: Interference) -> Callable[[], None]:
    """The action with its call of that number, from 0, interfered with. Exit code 0 without the call having come: see `steps`."""

    def interfered() -> None:
        numbers = count()
        around_calls(lambda call: interfere(call) if next(numbers) == number else call())
        action()

    return interfered


def steps(action: Callable[[], object]) -> int:
    """How many calls an action makes, counted in a process of its own."""
    receive, send = os.pipe()

    def counting() -> None:
        write, numbers = os.write, count()

        def counted(call: partial[Any]) -> Any:
            next(numbers)
            return call()

        around_calls(counted)
        action()
        write(send, str(next(numbers)).encode())

    assert forked(counting) == 0
    os.close(send)
    number = int(os.read(receive, 20))
    os.close(receive)
    return number


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def killed_before(call: partial[Any]) -> Any:
    die()


def killed_after(call: partial[Any]) -> Any:
    try:
        call()
    finally:
        die()


def killed_amid(call: partial[Any]) -> Any:
    """A write of which only the beginning arrives."""
    if len(call.args) == 2 and isinstance(call.args[1], bytes | memoryview):
        call.func(call.args[0], call.args[1][: len(call.args[1]) // 2])
    die()


def interrupted_before(call: partial[Any]) -> Any:
    raise KeyboardInterrupt


def interrupted_after(call: partial[Any]) -> Any:
    try:
        call()
    finally:
        raise KeyboardInterrupt


def failing(call: partial[Any]) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


KILLS = (killed_before, killed_amid, killed_after)


def scenes(folder: Path) -> Iterator[tuple[str, Scene]]:
    """Those that the command line names, or all."""
    all_of_them = {
        "seed": Scene(folder),
        "new sidecar": Scene(folder, (None, SIDECAR_NEW)),
        "old sidecar": Scene(folder, (SIDECAR_OLD, SIDECAR_NEW)),
        "bag": Scene(folder, (SIDECAR_OLD, SIDECAR_NEW), in_bag=True),
    }
    for title in sys.argv[3:] or all_of_them:
        if title == "plain renames":  # of a system without renameat2
            setattr(disk, "renameat2", lambda: None)  # noqa: B010
            yield title, all_of_them["old sidecar"]
        else:
            yield title, all_of_them[title]


def each_step(folder: Path, counts: Counter[str]) -> Iterator[tuple[str, Scene, int]]:
    """Every step of a write in every scene, which is prepared; `counts` tells how many there were."""
    for title, scene in scenes(folder):
        scene.prepare()
        counts[f"steps, {title}"] = number = steps(scene.write)
        for step in range(number):
            scene.prepare()
            yield title, scene, step


# --- experiments ------------------------------------------------------------------------------------------------------


def kill(folder: Path) -> Counter[str]:
    """SIGKILL before, amid and after each call of a write; then a later run, then the write again, then its undoing."""
    counts: Counter[str] = Counter()
    for _, scene, step in each_step(folder, counts):
        for interfere in KILLS:
            scene.prepare()
            assert forked(interfering(scene.write, step, interfere)) == -signal.SIGKILL
            assert scene.seed.path.read_bytes() in (OLD, NEW)
            assert scene.found()[1] in (scene.sidecar_before, scene.sidecar_after)
            assert forked(scene.settle) == 0
            counts["new" if scene.check() else "old"] += 1
            if scene.is_new():
                assert forked(scene.undo) == 0
                assert not scene.check(events=2)
            else:
                assert forked(scene.write) == 0
                assert scene.check()
    return counts


def kill_without_settling(folder: Path) -> Counter[str]:
    """SIGKILL likewise; the next run goes straight on to write, or says that the seed is another one now."""
    counts: Counter[str] = Counter()
    for _, scene, step in each_step(folder, counts):
        assert forked(interfering(scene.write, step, killed_before)) == -signal.SIGKILL
        was_new = scene.seed.path.read_bytes() == NEW
        assert forked(scene.write) == (1 if was_new else 0)
        assert scene.is_new()
        assert [event.state for event in history(scene.root, NAME)] == [State.CARRIED_OUT]
        assert forked(scene.settle) == 0
        assert scene.check()
        counts["won before" if was_new else "written again"] += 1
    return counts


def kill_undo(folder: Path) -> Counter[str]:
    """SIGKILL before, amid and after each call of an undo."""
    counts: Counter[str] = Counter()
    for title, scene in scenes(folder):
        scene.prepare()
        assert forked(scene.write) == 0
        kept = folder.with_name("kept")
        shutil.copytree(folder, kept)
        number = steps(scene.undo)
        for step in range(number):
            for interfere in KILLS:
                shutil.rmtree(folder)
                shutil.copytree(kept, folder)
                assert forked(interfering(scene.undo, step, interfere)) == -signal.SIGKILL
                assert forked(scene.settle) == 0
                is_new = scene.is_new()
                scene.check(events=1 if is_new else 2)
                counts["new" if is_new else "old"] += 1
        counts[f"steps, {title}"] = number
        shutil.rmtree(kept)
    return counts


def kill_twice(folder: Path) -> Counter[str]:
    """SIGKILL in a write, SIGKILL in the run that clears up after it, at every pair of calls; then one that is left alone."""
    counts: Counter[str] = Counter()
    kept = folder.with_name("kept")
    for title, scene, step in each_step(folder, counts):
        assert forked(interfering(scene.write, step, killed_before)) == -signal.SIGKILL
        shutil.copytree(folder, kept)
        number = steps(scene.settle)
        for second in range(number):
            shutil.rmtree(folder)
            shutil.copytree(kept, folder)
            assert forked(interfering(scene.settle, second, killed_before)) == -signal.SIGKILL
            assert forked(scene.settle) == 0
            scene.check()
            counts[f"pairs, {title}"] += 1
        shutil.rmtree(kept)
    return counts


def interrupt(folder: Path) -> Counter[str]:
    """Ctrl-C, and a failing system call, before and after each call of a write: settled at once, without a later run."""
    counts: Counter[str] = Counter()

    def caught(action: Callable[[], object]) -> Callable[[], None]:
        def catching() -> None:
            try:
                action()
            except KeyboardInterrupt:
                raise UnwritableError("interrupted") from None

        return catching

    for _, scene, step in each_step(folder, counts):
        for interfere in (interrupted_before, interrupted_after, failing):
            scene.prepare()
            forked(interfering(caught(scene.write), step, interfere))
            assert scene.seed.path.read_bytes() in (OLD, NEW)
            at_once = scene.litter() == []
            counts["settled at once" if at_once else "settled by the next run"] += 1
            assert forked(scene.settle) == 0
            counts["new" if scene.check() else "old"] += 1
    return counts


def limit(folder: Path) -> Counter[str]:
    """A limit to the size of files, from nothing up to enough: a disk that is full at every point."""
    counts: Counter[str] = Counter()
    for _, scene in scenes(folder):
        for size in [*range(0, 3000, 50), *range(3000, len(NEW) + 2000, 500)]:
            scene.prepare()

            def limited(size: int = size, scene: Scene = scene) -> None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
                scene.write()

            code = forked(limited)
            assert scene.check() == (code == 0)  # no later run: it has settled itself
            counts["written" if code == 0 else "refused"] += 1
    return counts


def full(folder: Path) -> Counter[str]:
    """A small disk, filled up to less and less. The folder must be one of a file system of its own."""
    counts: Counter[str] = Counter()
    filler = folder / "filler"
    scene = Scene(folder / "archive", (SIDECAR_OLD, SIDECAR_NEW))
    for pages in range(40):
        filler.unlink(missing_ok=True)
        scene.prepare()
        with filler.open("wb") as stream:
            try:
                while True:
                    os.write(stream.fileno(), b"x" * 4096)
            except OSError:
                pass
            stream.truncate(max(0, stream.tell() - 4096 * pages))
        code = forked(scene.write)
        assert scene.check() == (code == 0)
        counts["written" if code == 0 else "refused"] += 1
    return counts


def read_only(folder: Path) -> Counter[str]:
    """A folder in which the user may not write: that of the seed, that of the record, the whole archive."""
    counts: Counter[str] = Counter()
    scene = Scene(folder, (SIDECAR_OLD, SIDECAR_NEW))

    def as_nobody() -> None:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        scene.write()

    for closed in ("folder", ".validator/events", ".validator/originals", "."):
        scene.prepare()
        (folder / ".validator/events").mkdir(parents=True)
        (folder / ".validator/originals").mkdir()
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        paths = [folder, *folder.rglob("*")] if closed == "." else [folder / closed]
        for path in paths:
            path.chmod(0o555 if path.is_dir() else 0o444)
        assert forked(as_nobody) == 1
        assert not scene.check()
        for path in paths:
            path.chmod(0o777 if path.is_dir() else 0o666)
        counts["refused"] += 1
    assert forked(as_nobody) == 0
    counts["written"] += scene.check()
    return counts


def race(folder: Path, rounds: int = 200) -> Counter[str]:
    """Several repairs of one seed at once: one wins, the others say so."""
    counts: Counter[str] = Counter()
    scene = Scene(folder)
    for _ in range(rounds):
        scene.prepare()
        receive, send = os.pipe()
        children = []
        for runner in range(4):
            child = os.fork()
            if child == 0:
                os.close(send)
                os.read(receive, 1)  # returns when all are there
                _run(lambda runner=runner: scene.write(b"written by %d\n" % runner * 500))  # type: ignore[misc]
            children.append(child)
        os.close(receive)
        os.close(send)
        codes = [exit_code(child) for child in children]
        assert sorted(codes) == [0, 1, 1, 1], codes
        assert scene.seed.path.read_bytes() == b"written by %d\n" % codes.index(0) * 500
        (event,) = history(scene.root, NAME)
        assert event.state is State.CARRIED_OUT
        assert scene.litter() == []
        counts["rounds"] += 1
        counts[f"won by {codes.index(0)}"] += 1
    return counts


def edit(folder: Path) -> Counter[str]:
    """Somebody else writes the seed, in place or by a new file, before each call of a write: theirs is never lost."""
    counts: Counter[str] = Counter()
    mine = b"what somebody else wrote\n"
    real_open, real_write, real_close, real_replace = os.open, os.write, os.close, os.replace

    def put(path: Path, in_place: bool) -> None:
        place = path if in_place else path.with_name("theirs")
        descriptor = real_open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        real_write(descriptor, mine)
        real_close(descriptor)
        if not in_place:
            real_replace(place, path)

    for title, scene, step in each_step(folder, counts):
        for in_place in (True, False):
            scene.prepare()

            def edited(call: partial[Any], in_place: bool = in_place, scene: Scene = scene) -> Any:
                put(scene.seed.path, in_place)
                return call()

            code = forked(interfering(scene.write, step, edited))
            assert scene.seed.path.read_bytes() == mine, (title, step)
            told = history(scene.root, NAME)
            assert len(told) == (1 if code == 0 else 0), (title, step, code)
            assert scene.found()[1] == (scene.sidecar_after if code == 0 else scene.sidecar_before)
            assert scene.litter() == []
            counts["edited afterwards" if code == 0 else "refused"] += 1
    return counts


def edit_sidecar(folder: Path) -> Counter[str]:
    """Somebody else writes the sidecar before each call of a write: theirs is never lost."""
    counts: Counter[str] = Counter()
    mine = b"source: plain-text\n# what somebody else wrote\n"
    for title, scene, step in each_step(folder, counts):

        def edited(call: partial[Any], scene: Scene = scene) -> Any:
            scene.sidecar.write_bytes(mine)
            return call()

        code = forked(interfering(scene.write, step, edited))
        assert scene.found() == (OLD if code == 1 else NEW, mine), (title, step)
        if code == 1:
            assert history(scene.root, NAME) == []
        counts["refused" if code == 1 else "edited afterwards"] += 1
    return counts


EXPERIMENTS = {
    "kill": kill, "kill-without-settling": kill_without_settling, "kill-undo": kill_undo, "kill-twice": kill_twice,
    "interrupt": interrupt, "limit": limit, "full": full, "read-only": read_only, "race": race, "edit": edit,
    "edit-sidecar": edit_sidecar,
}  # fmt: skip


def main() -> None:
    os.umask(0o022)
    disk.renameat2()  # imports what another user's process could not, and what is read once
    for name in (events.SCHEMA, "sidecar.schema.json"):
        check(own_schema(name), {}, at_most=1)
    events.libraries()
    counts = EXPERIMENTS[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps(counts))  # noqa: T201


if __name__ == "__main__":
    assert issubclass(ConflictError, PreservationError)
    main()
