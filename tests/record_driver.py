"""Drives two clones of an archive at random: `python record_driver.py FOLDER SEED STEPS`. For tests/test_record_at_random.py.

Repairs, undos, kills at any system call, hand edits, older versions checked out, renames and merges, in any order. Whatever is
committed of the record must stay, and whatever was merged must be there from both sides; a step after which that is not so ends
the driver with a traceback that names the seed and the steps so far. The counts are printed as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from fault_driver import AGENT, KILLS, REPORT, forked, interfering

from validator.archive.seeds import Seed
from validator.preservation import disk, events
from validator.preservation.events import State
from validator.preservation.fixity import Fixity, verify
from validator.preservation.logs import read_log, recorded_names
from validator.preservation.settling import clear_litter
from validator.preservation.writing import Action, history, new_run, undo, write_repair
from validator.repairs.repairing import Repaired
from validator.sources.json_schema import check
from validator.text.tables import own_schema

NAMES = ("a.txt", "b.txt", "folder/c.txt", "folder/d.txt")
ATTRIBUTES = "* -text\n/.validator/events/** merge=union\n/.validator/originals/** binary\n"
SUFFIX = ".meta.yaml"


class Clone:
    """One clone, and what of the record was in it when it was last committed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events: set[str] = set()
        self.originals: dict[str, bytes] = {}

    def git(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def seeds(self) -> list[Seed]:
        found = (
            path
            for path in sorted(self.root.rglob("*.txt"))
            if ".validator" not in path.parts and ".git" not in path.parts
        )
        return [Seed.at(path, str(path.relative_to(self.root))) for path in found if not path.name.startswith(".")]

    def identifiers(self) -> set[str]:
        """Of all events on the disk, read as they are: the driver does not rely on the reader that it tests."""
        logs = (self.root / ".validator/events").rglob("*.jsonl")
        start = re.compile(r'^\{"eventIdentifier".*?Value": "([0-9a-f-]{36})"', re.MULTILINE)
        return {identifier for log in logs for identifier in start.findall(log.read_text())}

    def kept(self) -> dict[str, bytes]:
        folder = self.root / ".validator/originals"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.gz")}

    def originals_of(self, identifiers: set[str]) -> dict[str, bytes]:
        """The originals that one of these events names; those of an unfinished write may go with it."""
        named = set()
        for log in (self.root / ".validator/events").rglob("*.jsonl"):
            for line in log.read_text().splitlines():
                if any(identifier in line[:200] for identifier in identifiers):
                    linked = json.loads(line)["linkingObjectIdentifier"]
                    named |= {each.get("messageDigest") for each in linked if each["linkingObjectRole"] == "source"}
        return {name: content for name, content in self.kept().items() if Path(name).stem in named}

    def sidecars(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.root)): path.read_bytes() for path in self.root.rglob(f"*{SUFFIX}")}

    def parts(self) -> set[str]:
        """The identifiers of unfinished writes."""
        return {path.name.split(".")[-2] for path in self.root.rglob(".*.validator-part")}


class Driver:
    """The two clones and the steps that can be taken."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.unfinished: set[str] = set()
        self.taken: list[str] = []
        here = Clone(folder / "here")
        here.root.mkdir(parents=True)
        here.git("init", "-q")
        (here.root / ".gitattributes").write_text(ATTRIBUTES)
        for number, name in enumerate(NAMES):
            path = here.root / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"The text of number {number}.\n" * 5)
        here.git("add", "-A")
        here.git("commit", "-qm", "captured")
        subprocess.run(["git", "clone", "-q", str(here.root), str(folder / "there")], check=True)
        self.clones = (here, Clone(folder / "there"))

    # --- steps that are this program's ---

    def write(self, clone: Clone, seed: Seed) -> Callable[[], None]:
        read = seed.path.read_bytes()
        sidecar = Path(f"{seed.path}{SUFFIX}")
        before = sidecar.read_bytes() if sidecar.exists() else None
        word = self.random.choice(("one", "two", "three"))
        after = before if self.random.random() < 0.6 else (before or b"") + f"# {word}\n".encode()
        new = read + f"A line: {word}.\n".encode() if len(read) < 300 else read[: len(read) // 2]
        now = datetime.now(UTC)

        def action() -> None:
            write_repair(
                clone.root,
                seed,
                read,
                Repaired(new, REPORT, REPORT),
                before,
                after,
                Action(new_run(now), AGENT, now),
            )

        return action

    def repair(self, clone: Clone, seed: Seed) -> None:
        assert forked(self.write(clone, seed)) == 0

    def take_back(self, clone: Clone, seed: Seed) -> None:
        now = datetime.now(UTC)
        code = forked(lambda: undo(clone.root, seed.name, Action(new_run(now), AGENT, now)))
        self.counts["undone" if code == 0 else "not undone"] += 1

    def kill(self, clone: Clone, seed: Seed) -> None:
        now = datetime.now(UTC)
        actions = (self.write(clone, seed), lambda: undo(clone.root, seed.name, Action(new_run(now), AGENT, now)))
        action = interfering(self.random.choice(actions), self.random.randrange(80), self.random.choice(KILLS))
        self.counts["killed" if forked(action) < 0 else "not killed"] += 1

    def settle(self, clone: Clone, _: Seed) -> None:
        is_finished = not clone.parts()
        before = clone.sidecars(), clone.identifiers(), clone.kept()
        assert forked(lambda: clear_litter(clone.root, clone.seeds())) == 0
        assert not clone.parts(), clone.parts()
        if is_finished:  # then there is nothing to settle, whatever the seeds hold
            assert (clone.sidecars(), clone.identifiers(), clone.kept()) == before

    # --- steps of a person ---

    def edit(self, clone: Clone, seed: Seed) -> None:
        with seed.path.open("ab") as stream:
            stream.write(b"By hand.\n")

    def line_ends(self, clone: Clone, seed: Seed) -> None:
        content = seed.path.read_bytes()
        seed.path.write_bytes(content.replace(b"\r\n", b"\n") if b"\r" in content else content.replace(b"\n", b"\r\n"))

    def put_back(self, clone: Clone, seed: Seed) -> None:
        back = self.random.randrange(1, 4)
        clone.git("checkout", "-q", f"HEAD~{back}", "--", seed.name, check=False)  # it may not be so old

    def rename(self, clone: Clone, seed: Seed) -> None:
        self.commit(clone, seed)
        known = {event.identifier for event in history(clone.root, seed.name)}
        is_left = verify_one(clone, seed) in (Fixity.OK, Fixity.NO_EVENT)
        # Found again by its bytes: a record that never left these (a merge took the other side) stays with the old name.
        log = clone.root / f".validator/events/{seed.name}.jsonl"
        digest = hashlib.sha256(seed.path.read_bytes()).hexdigest()
        is_left = is_left and (not log.exists() or digest in log.read_text())
        new = self.random.choice(("", "folder/", "new/")) + self.random.choice("xyz") + ".txt"
        place = clone.root / new
        taken = (place, Path(f"{place}{SUFFIX}"), clone.root / f".validator/events/{new}.jsonl")
        if any(path.exists() for path in taken):
            return
        place.parent.mkdir(exist_ok=True)
        clone.git("mv", seed.name, new)
        if Path(f"{seed.path}{SUFFIX}").exists():
            clone.git("mv", f"{seed.name}{SUFFIX}", f"{new}{SUFFIX}")
        if is_left and known:
            found = {event.identifier for event in history(clone.root, new)}
            assert known <= found, (seed.name, new, known, found)
            self.counts["renamed with events"] += 1

    def commit(self, clone: Clone, seed: Seed) -> None:
        self.unfinished |= clone.parts()
        logs = (clone.root / ".validator/events").rglob("*.jsonl")
        if clone.parts() and (self.random.random() < 0.7 or not all(log.read_bytes().endswith(b"\n") for log in logs)):
            self.settle(clone, seed)
        clone.git("add", "-A")
        clone.git("commit", "-qm", "step", "--allow-empty")
        clone.events = clone.identifiers() - self.unfinished
        clone.originals = clone.originals_of(clone.events)

    def merge(self, clone: Clone, seed: Seed) -> None:
        for each in self.clones:
            self.settle(each, seed)
            self.commit(each, seed)
        other = self.clones[clone is self.clones[0]]
        clone.git("fetch", "-q", str(other.root), "HEAD")
        clone.git("merge", "-q", "--no-edit", "FETCH_HEAD", check=False)
        for line in clone.git("-c", "core.quotePath=false", "diff", "--name-only", "--diff-filter=U", "-z").split("\0"):
            if line:
                assert not line.startswith(".validator/"), line
                self.counts["conflicts"] += 1
                side = self.random.choice(("--ours", "--theirs"))
                clone.git("checkout", "-q", side, "--", line, check=False)
        clone.git("add", "-A")
        clone.git("commit", "-qm", "merged", "--allow-empty")
        both = (clone.events | other.events) - self.unfinished
        assert both <= clone.identifiers(), both - clone.identifiers()
        assert ({**other.originals, **clone.originals}).items() <= clone.kept().items()
        clone.events = clone.identifiers() - self.unfinished
        clone.originals = clone.originals_of(clone.events)
        self.counts["events merged"] += len(both)

    # --- the run ---

    def run(self, steps: int) -> None:
        kinds = (
            (self.repair, 6), (self.take_back, 3), (self.kill, 4), (self.settle, 2), (self.edit, 1), (self.line_ends, 1),
            (self.put_back, 4), (self.rename, 2), (self.commit, 4), (self.merge, 2),
        )  # fmt: skip
        for _ in range(steps):
            clone = self.random.choice(self.clones)
            (kind,) = self.random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])
            seed = self.random.choice(clone.seeds())
            self.taken.append(f"{kind.__name__} {clone.root.name}/{seed.name}")
            self.counts[kind.__name__] += 1
            if kind in (self.repair, self.take_back, self.kill, self.rename):
                self.settle(clone, seed)
            kind(clone, seed)
            self.check(clone)
        self.merge(self.clones[0], self.clones[0].seeds()[0])
        self.check(self.clones[0])

    def check(self, clone: Clone) -> None:
        self.unfinished |= clone.parts()
        lost = clone.events - clone.identifiers() - self.unfinished
        assert not lost, lost
        kept = clone.kept()
        assert not {name for name, content in clone.originals.items() if kept.get(name) != content}
        if clone.parts():
            return
        for name in recorded_names(str(clone.root)):
            read_log(str(clone.root), name)
        for seed in clone.seeds():
            told = history(clone.root, seed.name)
            assert all(event.state is not State.NOT_CARRIED_OUT for event in told), seed.name
            self.counts[f"found {verify_one(clone, seed)}"] += 1


def verify_one(clone: Clone, seed: Seed) -> Fixity:
    """How a seed is found; no original of its events may be missing."""
    (verified,) = verify(clone.root, [seed])
    assert not any("original" in problem for problem in verified.problems), verified.problems
    assert verified.fixity is not Fixity.DAMAGED, verified.problems
    return verified.fixity


def main() -> None:
    folder, seed, steps = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    os.environ |= {
        f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    os.environ |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    disk.renameat2()
    for name in (events.SCHEMA, "sidecar.schema.json"):
        check(own_schema(name), {}, at_most=1)
    events.libraries()
    driver = Driver(folder, seed)
    try:
        driver.run(steps)
    except BaseException:
        print(f"seed {seed}:", *driver.taken[-12:], sep="\n  ", file=sys.stderr)  # noqa: T201
        raise
    shutil.rmtree(folder)
    print(json.dumps(driver.counts))  # noqa: T201


if __name__ == "__main__":
    main()
