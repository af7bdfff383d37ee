"""What a repair leaves on disk: events, originals, undo, the fixity check and bags."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from running import content as files_of
from running import git, put

from validator.archive.seeds import Seed
from validator.preservation.bags import bag_of
from validator.preservation.disk import ConflictError, RefusedError, UnsoundError, UnwritableError
from validator.preservation.events import Agent, Event, State
from validator.preservation.fixity import Fixity, verify
from validator.preservation.settling import clear_litter
from validator.preservation.writing import (
    Action,
    Written,
    history,
    last_run,
    new_run,
    seeds_of_run,
    sidecar_of,
    sidecar_with_lifts,
    undo,
    write_repair,
)
from validator.record.sidecar import SidecarError
from validator.record.sidecar_reading import read_sidecar
from validator.record.sidecar_writing import name_source
from validator.repairs.repairing import Change, Repaired
from validator.text.findings import Applicability, Edit, Lift, SeedReport

NAME = "folder/seed.txt"
LOG = f".validator/events/{NAME}.jsonl"
OLD, NEW = b'The editor"s note.\r\n', b"The editor's note.\n"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=8)))
AGENT = Agent("1.2.3", "ab" * 32, "A Curator <curator@example.org>")
REPORT = SeedReport(NAME, None, None)
CHANGE = Change(
    1, "quote-for-apostrophe", Applicability.SAFE, "write an apostrophe", "a quotation mark inside of a word",
    (Edit(10, 11, "'"),), ('"',), lift=Lift("byline", "A\u2028 B"),
)  # fmt: skip


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def seed_at(root: Path, name: str = NAME, text: bytes = OLD) -> Seed:
    return Seed.at(put(root / name, text), name)


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    return seed_at(tmp_path)


def write(
    root: Path,
    seed: Seed,
    new: bytes = NEW,
    sidecar: bytes | None = None,
    run: str = "run-1",
    now: datetime = NOW,
    update_manifest: bool = False,
) -> Written:
    """A repair of what stands there; `sidecar` is the new one."""
    before = sidecar_of(seed)
    after = before if sidecar is None else sidecar
    repaired = Repaired(new, REPORT, REPORT, (CHANGE,))
    read = seed.path.read_bytes()
    return write_repair(root, seed, read, repaired, before, after, Action(run, AGENT, now, update_manifest))


def take_back(root: Path, name: str = NAME, of_run: str | None = None, update_manifest: bool = False) -> Written:
    later = NOW + timedelta(hours=1)
    return undo(root, name, Action("run-u", AGENT, later, update_manifest), of_run)


def states(root: Path, name: str = NAME) -> list[State]:
    return [event.state for event in history(root, name)]


def files_in(root: Path) -> set[str]:
    return set(files_of(root))


# --- writing ----------------------------------------------------------------------------------------------------------


def test_event_in_the_terms_of_premis(tmp_path: Path, seed: Seed) -> None:
    written = write(tmp_path, seed, sidecar=b"record: {}\n")
    assert seed.path.read_bytes() == NEW
    assert sidecar_of(seed) == b"record: {}\n"
    (line,) = (tmp_path / ".validator/events/folder/seed.txt.jsonl").read_bytes().splitlines()
    assert b"\\u2028" in line
    event = json.loads(line)
    assert event["eventIdentifier"] == {"eventIdentifierType": "UUID", "eventIdentifierValue": written.event}
    assert event["eventType"] == "modification"
    assert event["eventDateTime"] == "2026-01-01T19:04:05.000Z"
    assert event["eventOutcomeInformation"] == {"eventOutcome": "success"}
    assert event["eventDetailInformation"] == {
        "eventDetail": "quote-for-apostrophe 1 (safe)",
        "eventDetailExtension": {
            "run": "run-1",
            "changes": [
                {
                    "pass": 1,
                    "rule": "quote-for-apostrophe",
                    "applicability": "safe",
                    "title": "write an apostrophe",
                    "ground": "a quotation mark inside of a word",
                    "recode": None,
                    "lift": {"field": "byline", "value": "A\u2028 B"},
                    "edits": [{"start": 10, "end": 11, "old": '"', "new": "'"}],
                }
            ],
            "undoes": None,
        },
    }
    agents = [
        (agent["linkingAgentIdentifierValue"], agent["linkingAgentRole"]) for agent in event["linkingAgentIdentifier"]
    ]
    assert agents == [("validator 1.2.3", "executing program"), ("A Curator <curator@example.org>", "implementer")]
    assert event["linkingAgentIdentifier"][0]["schemas"]["messageDigest"] == "ab" * 32
    linked = [
        (o["linkingObjectIdentifierValue"], o["linkingObjectRole"], o["messageDigest"])
        for o in event["linkingObjectIdentifier"]
    ]
    assert linked == [
        (NAME, "source", sha256(OLD)),
        (NAME, "outcome", sha256(NEW)),
        (f"{NAME}.meta.yaml", "source", None),
        (f"{NAME}.meta.yaml", "outcome", sha256(b"record: {}\n")),
    ]


def test_original_is_kept_once_and_is_the_same_every_time(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for root in (one, two):
        write(root, seed_at(root))
        write(root, seed_at(root, "copy.txt"))
    name = f".validator/originals/{sha256(OLD)[:2]}/{sha256(OLD)}.gz"
    assert [each for each in files_in(one) if "originals" in each] == [name]
    assert (one / name).read_bytes() == (two / name).read_bytes()
    assert gzip.decompress((one / name).read_bytes()) == OLD


def test_an_unsound_original_is_written_anew(tmp_path: Path, seed: Seed) -> None:
    original = tmp_path / f".validator/originals/{sha256(OLD)[:2]}/{sha256(OLD)}.gz"
    original.parent.mkdir(parents=True)
    original.write_bytes(b"nonsense")
    write(tmp_path, seed)
    assert gzip.decompress(original.read_bytes()) == OLD


def test_mode_is_kept(tmp_path: Path, seed: Seed) -> None:
    seed.path.chmod(0o640)
    write(tmp_path, seed)
    assert seed.path.stat().st_mode & 0o7777 == 0o640


def test_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing was repaired"):
        write(tmp_path, seed_at(tmp_path), OLD)


def test_who_comes_second_is_told(tmp_path: Path, seed: Seed) -> None:
    repaired = Repaired(b"first\n", REPORT, REPORT)
    write_repair(tmp_path, seed, OLD, repaired, None, None, Action("1", AGENT, NOW))
    with pytest.raises(ConflictError, match=r"^it was changed by somebody else since it was read$"):
        write_repair(tmp_path, seed, OLD, Repaired(b"other\n", REPORT, REPORT), None, None, Action("2", AGENT, NOW))
    assert seed.path.read_bytes() == b"first\n"
    assert len(history(tmp_path, NAME)) == 1


@pytest.mark.parametrize("before", [None, b"source: a\n"])
def test_a_sidecar_that_changed_meanwhile(tmp_path: Path, seed: Seed, before: bytes | None) -> None:
    Path(f"{seed.path}.meta.yaml").write_bytes(b"source: b\n")
    repaired = Repaired(NEW, REPORT, REPORT)
    with pytest.raises(ConflictError, match="its sidecar was "):
        write_repair(tmp_path, seed, OLD, repaired, before, b"source: c\n", Action("1", AGENT, NOW))
    assert seed.path.read_bytes() == OLD
    assert files_in(tmp_path) == {NAME, f"{NAME}.meta.yaml"}


def test_links_are_refused(tmp_path: Path) -> None:
    real = seed_at(tmp_path, "real.txt")
    (tmp_path / "link.txt").symlink_to("real.txt")
    with pytest.raises(RefusedError, match="symbolic link"):
        write(tmp_path, Seed.at(tmp_path / "link.txt", "link.txt"))
    os.link(real.path, tmp_path / "twin.txt")
    with pytest.raises(RefusedError, match="2 names"):
        write(tmp_path, real)
    assert real.path.read_bytes() == OLD
    assert not (tmp_path / ".validator/originals").exists()


def test_places_that_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    outside = seed_at(tmp_path, "outside.txt")
    root.mkdir()
    with pytest.raises(RefusedError, match="outside of the archive"):
        write(root, outside)
    (root / "folder").symlink_to(tmp_path)
    with pytest.raises(RefusedError, match="outside of the archive"):
        write(root, Seed.at(root / "folder/outside.txt", "folder/outside.txt"))
    with pytest.raises(RefusedError, match="record of repairs"):
        write(root, seed_at(root, ".validator/seed.txt"))
    (tmp_path / "elsewhere").mkdir()
    shutil.rmtree(root / ".validator")
    (root / ".validator").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError, match="symbolic link"):
        write(root, seed_at(root, "seed.txt"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    "name", [b"caf\xe9.txt", "新闻 “稿”.txt".encode(), b"a\nb.txt", b"-.jsonl", b"x" * 240 + b".txt"]
)
def test_names_of_every_kind(tmp_path: Path, name: bytes) -> None:
    seed = seed_at(tmp_path, os.fsdecode(name))
    write(tmp_path, seed)
    assert seed.path.read_bytes() == NEW
    (event,) = history(tmp_path, seed.name)
    assert event.seed.name == seed.name
    assert seeds_of_run(tmp_path, "run-1") == [seed.name]
    take_back(tmp_path, seed.name)
    assert seed.path.read_bytes() == OLD
    assert next(verify(tmp_path, [seed])).is_sound


def test_a_name_that_leaves_no_room_for_its_events(tmp_path: Path) -> None:
    seed = seed_at(tmp_path, "x" * 251 + ".txt")
    with pytest.raises(UnwritableError, match="its name is too long"):
        write(tmp_path, seed)
    assert files_in(tmp_path) == {seed.name}


# --- undo -------------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.binary(max_size=300), min_size=2, max_size=5),
    st.lists(st.none() | st.binary(min_size=1, max_size=50), min_size=5, max_size=5),
)
@example([b"a", b"b", b"c", b"a", b"b"], [None] * 5)
@example([b"a", b"b", b"a", b"b", b"a"], [None, b"c", b"d", None, None])
@settings(max_examples=60, deadline=None)
def test_undo_is_exact(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], sidecars: list[bytes | None]
) -> None:
    root = tmp_path_factory.mktemp("archive")
    seed = seed_at(root, text=contents[0])
    stood: list[tuple[bytes, bytes | None]] = [(contents[0], None)]
    for content, sidecar in zip(contents[1:], sidecars, strict=False):
        if content != seed.path.read_bytes():
            write(root, seed, content, sidecar)
            stood.append((content, sidecar_of(seed)))
    for content, sidecar in reversed(stood[:-1]):
        take_back(root)
        assert (seed.path.read_bytes(), sidecar_of(seed)) == (content, sidecar)
        assert next(verify(root, [seed])).fixity is Fixity.OK
    with pytest.raises(RefusedError, match="no repair of it is on record"):
        take_back(root)
    shutil.rmtree(root)


def test_undo_is_an_event(tmp_path: Path, seed: Seed) -> None:
    first = write(tmp_path, seed, sidecar=b"record: {}\n")
    take_back(tmp_path)
    assert not Path(f"{seed.path}.meta.yaml").exists()
    repair, undoing = history(tmp_path, NAME)
    assert (repair.state, undoing.state) == (State.UNDONE, State.CARRIED_OUT)
    assert (undoing.type, undoing.undoes, undoing.run) == ("recovery", first.event, "run-u")
    assert undoing.sidecar is not None
    assert undoing.sidecar.after.sha256 is None


@pytest.mark.parametrize("what", ["seed", "sidecar", "sidecar gone", "seed gone"])
def test_undo_is_refused_when_something_changed_since(tmp_path: Path, seed: Seed, what: str) -> None:
    write(tmp_path, seed, sidecar=b"record: {}\n")
    changed = Path(f"{seed.path}.meta.yaml") if "sidecar" in what else seed.path
    if "gone" in what:
        changed.unlink()
    else:
        changed.write_bytes(b"changed\n")
    before = files_of(tmp_path)
    whose = "its sidecar is" if "sidecar" in what else "it is"
    with pytest.raises(ConflictError, match=f"^{whose} no longer what the repair of 2026-01-01T19:04:05.000Z left"):
        take_back(tmp_path)
    assert before == files_of(tmp_path)


def test_undo_is_refused_without_a_sound_original(tmp_path: Path, seed: Seed) -> None:
    write(tmp_path, seed)
    original = tmp_path / f".validator/originals/{sha256(OLD)[:2]}/{sha256(OLD)}.gz"
    original.write_bytes(gzip.compress(b"another"))
    with pytest.raises(UnsoundError, match="is not what it was"):
        take_back(tmp_path)
    original.unlink()
    with pytest.raises(UnsoundError, match="is missing"):
        take_back(tmp_path)
    assert seed.path.read_bytes() == NEW


def test_runs(tmp_path: Path) -> None:
    assert last_run(tmp_path) is None
    one, two, three = (seed_at(tmp_path, name) for name in ("z.txt", "b/two.txt", "b.txt"))
    write(tmp_path, one, run="first")
    write(tmp_path, two, run="second", now=NOW + timedelta(minutes=1))
    write(tmp_path, three, run="second", now=NOW + timedelta(minutes=1))
    assert last_run(tmp_path) == "second"
    assert seeds_of_run(tmp_path, "second") == ["b.txt", "b/two.txt"]
    with pytest.raises(RefusedError, match="of another run, second"):
        take_back(tmp_path, two.name, of_run="first")
    for name in seeds_of_run(tmp_path, "second"):
        take_back(tmp_path, name, of_run="second")
    assert last_run(tmp_path) == "first"
    assert new_run(NOW).startswith("20260101T190405Z-")


def test_a_fresh_clone_can_prove_and_undo(tmp_path: Path) -> None:
    root = tmp_path / "root"
    seed = seed_at(root)
    git(root, "init", "-q")
    write(root, seed, sidecar=b"record: {}\n")
    git(root, "add", "-A")
    git(root, "-c", "commit.gpgsign=false", "commit", "-qm", "repaired")
    clone = tmp_path / "clone"
    git(root, "clone", "-q", ".", str(clone))
    cloned = Seed.at(clone / NAME, NAME)
    (verified,) = verify(clone, [cloned])
    assert (verified.fixity, verified.problems) == (Fixity.OK, ())
    take_back(clone)
    assert cloned.path.read_bytes() == OLD
    assert sidecar_of(cloned) is None


# --- what was cut short -----------------------------------------------------------------------------------------------


def part_of(path: Path, event: str) -> Path:
    return path.with_name(f".{path.name}.{event}.validator-part")


def test_a_write_that_was_killed_is_taken_back(tmp_path: Path, seed: Seed) -> None:
    written = write(tmp_path, seed, sidecar=b"record: {}\n")
    seed.path.write_bytes(OLD)  # as after a kill before the seed was replaced
    part_of(seed.path, written.event).write_bytes(NEW)
    assert states(tmp_path) == [State.NOT_CARRIED_OUT]
    (verified,) = verify(tmp_path, [seed])
    assert verified.fixity is Fixity.NO_EVENT
    assert "was not carried out" in verified.problems[0]
    (note,) = clear_litter(tmp_path, [seed])
    assert note.startswith(f"{NAME}: ")
    assert history(tmp_path, NAME) == []
    assert files_in(tmp_path) == {NAME}


@pytest.mark.parametrize("action", ["clear", "repair", "undo", "verify"])
@pytest.mark.parametrize("sidecar", [None, b"record: {}\n"])
def test_a_seed_that_was_put_back_loses_nothing(tmp_path: Path, seed: Seed, sidecar: bytes | None, action: str) -> None:
    write(tmp_path, seed, sidecar=sidecar)
    seed.path.write_bytes(OLD)  # as git does that checks out an older version of the seed alone
    before = files_of(tmp_path)
    assert states(tmp_path) == [State.PUT_BACK]
    if action == "clear":
        assert clear_litter(tmp_path, [seed]) == []
    elif action == "repair":
        write(tmp_path, seed, b"another\n")
        assert states(tmp_path) == [State.SET_ASIDE, State.CARRIED_OUT]
    elif action == "undo":
        with pytest.raises(ConflictError, match="already as it was before the repair of 2026-01-01T19"):
            take_back(tmp_path)
    else:
        (verified,) = verify(tmp_path, [seed])
        assert verified.fixity is Fixity.PUT_BACK
        assert not verified.is_sound
    for name, content in before.items():
        if name != NAME:
            assert (tmp_path / name).read_bytes().startswith(content)


def test_a_sidecar_that_was_edited_after_a_kill_is_left(tmp_path: Path, seed: Seed) -> None:
    written = write(tmp_path, seed, sidecar=b"record: {}\n")
    seed.path.write_bytes(OLD)
    part_of(seed.path, written.event).write_bytes(NEW)
    Path(f"{seed.path}.meta.yaml").write_bytes(b"source: mine\n")
    notes = clear_litter(tmp_path, [seed])
    assert notes[1] == f"{NAME}.meta.yaml: changed since by somebody else; left as it is"
    assert sidecar_of(seed) == b"source: mine\n"
    assert history(tmp_path, NAME) == []


def test_an_unfinished_write_before_other_events_blocks_its_seed_and_loses_nothing(tmp_path: Path, seed: Seed) -> None:
    first = write(tmp_path, seed)
    write(tmp_path, seed, b"third\n")
    seed.path.write_bytes(OLD)
    part_of(seed.path, first.event).write_bytes(NEW)
    before = files_of(tmp_path)
    with pytest.raises(UnsoundError, match="other events follow it"):
        write(tmp_path, seed)
    clear_litter(tmp_path, [seed])
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("how_much", [0, 1, 40, 130, 300, -1])
@pytest.mark.parametrize("filled", [b"", b"\0" * 77])
@pytest.mark.parametrize("is_first", [True, False])
def test_an_unfinished_append_is_cut_off_if_its_part_is_there(
    tmp_path: Path, seed: Seed, how_much: int, filled: bytes, is_first: bool
) -> None:
    log = tmp_path / LOG
    whole = b""
    if not is_first:
        write(tmp_path, seed, b"between\n")
        whole = log.read_bytes()
    read = seed.path.read_bytes()
    written = write(tmp_path, seed)
    line = log.read_bytes()[len(whole) :]
    seed.path.write_bytes(read)
    log.write_bytes(whole + line[:how_much] + filled)
    is_event = how_much == -1 and not filled  # whole but for the line's end
    part = part_of(seed.path, written.event)
    if not is_event and (how_much or filled or is_first):
        with pytest.raises(UnsoundError, match=rf"^line {1 if is_first else 2} of "):
            history(tmp_path, NAME)
        before = log.read_bytes()
        clear_litter(tmp_path, [seed])
        assert log.read_bytes() == before
        part_of(seed.path, "01234567-89ab-cdef-0123-456789abcdef").write_bytes(NEW)  # of another write
        if how_much > 130:
            clear_litter(tmp_path, [seed])
            assert log.read_bytes() == before
        part_of(seed.path, "01234567-89ab-cdef-0123-456789abcdef").unlink(missing_ok=True)
    part.write_bytes(NEW)
    clear_litter(tmp_path, [seed])
    assert (log.read_bytes() if log.exists() else b"") == whole
    assert not part.exists()
    assert seed.path.read_bytes() == read


def test_a_line_whose_end_an_editor_took_away(tmp_path: Path, seed: Seed) -> None:
    write(tmp_path, seed)
    log = tmp_path / LOG
    log.write_bytes(log.read_bytes().rstrip(b"\n"))
    write(tmp_path, seed, b"third\n")
    assert states(tmp_path) == [State.CARRIED_OUT] * 2


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "an object": (
        lambda log: b"{}\n" + log,
        'line 1 of {} is not an event: the event has no "eventIdentifier"',
    ),
    "nothing": (lambda _: b"", "line 1 of {} is not an event: the file is empty"),
    "NULs": (lambda log: b"\0" * len(log), "line 1 of {} is not an event: it holds NUL bytes"),
    "a NUL": (lambda log: log[:50] + b"\0" + log[50:], "line 1 of {} is not an event: it holds NUL bytes"),
    "cut": (lambda log: log[: len(log) // 2], "line 1 of {} is not an event: it is not JSON"),
    "cut, and a line": (lambda log: log[: len(log) // 2] + b"\n" + log, "line 1 of {} is not an event: it is not JSON"),
    "half a line more": (lambda log: log + log[: len(log) // 2], "line 2 of {} is not an event: it is not JSON"),
    "a conflict": (
        lambda log: b"<<<<<<< HEAD\n" + log + b"=======\n>>>>>>> other\n",
        "line 1 of {} is not an event: it is a conflict marker of git",
    ),
    "another's conflict": (lambda log: log + b">>>>>>> other\n", "line 2 of {} is not an event: it is a conflict"),
    "a list": (lambda log: log + b"[]\n", "line 2 of {} is not an event: the event [] is not a mapping"),
    "a type": (
        lambda log: log.replace(b'"undoes": null', b'"undoes": 3'),
        "line 1 of {} is not an event: eventDetailInformation.eventDetailExtension.undoes 3 is neither nothing nor",
    ),
    "a digest that is none": (
        lambda log: log.replace(sha256(OLD).encode(), b"x"),
        'line 1 of {} is not an event: linkingObjectIdentifier.0.messageDigest "x" is neither nothing nor a SHA-256',
    ),
    "a size": (lambda log: log.replace(b'"size": 20', b'"size": "20"'), "line 1 of {} is not an event: linkingObject"),
    "changes that are no list": (
        lambda log: log.replace(b'"changes": [', b'"changes": {"a": [').replace(b'], "undoes"', b']}, "undoes"'),
        "line 1 of {} is not an event: eventDetailInformation.eventDetailExtension.changes ",
    ),
    "edited": (lambda log: log.replace(b"A Curator", b"B Curator"), "line 1 of {} is not an event: it was edited"),
    "another digest": (
        lambda log: log.replace(sha256(OLD).encode(), sha256(b"").encode()),
        "line 1 of {} is not an event: it was edited",
    ),
    "bytes": (lambda log: b"\xff" + log, "line 1 of {} is not an event: it is not UTF-8"),
    "deep": (lambda log: log + b"[" * 100_000 + b"\n", "line 2 of {} is not an event: it is not JSON"),
    "blank": (lambda _: b"\n\n", "line 1 of {} is not an event: the file is empty"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_log_is_told_blocks_its_seed_and_is_left_as_it_is(tmp_path: Path, damage: str) -> None:
    seed, other = seed_at(tmp_path), seed_at(tmp_path, "other.txt")
    write(tmp_path, seed)
    log = tmp_path / LOG
    how, expected = DAMAGE[damage]
    content = how(log.read_bytes())
    assert content != log.read_bytes()
    log.write_bytes(content)
    expected = expected.format(LOG)
    for action in (lambda: history(tmp_path, NAME), lambda: write(tmp_path, seed, b"x"), lambda: take_back(tmp_path)):
        with pytest.raises(UnsoundError) as raised:
            action()
        assert str(raised.value).startswith(expected)
    (verified,) = verify(tmp_path, [seed])
    assert verified.fixity is Fixity.DAMAGED
    assert expected in verified.problems[0]
    assert clear_litter(tmp_path, [seed, other]) == []
    part_of(seed.path, "01234567-89ab-cdef-0123-456789abcdef").write_bytes(b"x")
    write(tmp_path, other)
    take_back(tmp_path, other.name)
    assert last_run(tmp_path) is None
    assert log.read_bytes() == content
    assert len([name for name in files_in(tmp_path) if "originals" in name]) == 2


def test_the_log_of_another_seed(tmp_path: Path) -> None:
    one, two = seed_at(tmp_path, "one.txt"), seed_at(tmp_path, "two.txt")
    write(tmp_path, one)
    events = tmp_path / ".validator/events"
    shutil.copy(events / "one.txt.jsonl", events / "two.txt.jsonl")
    with pytest.raises(UnsoundError, match=r"^line 1 of .*two\.txt\.jsonl is an event of another seed, one\.txt$"):
        write(tmp_path, two)
    assert states(tmp_path, "one.txt") == [State.CARRIED_OUT]


def test_parts_go_and_other_files_stay(tmp_path: Path, seed: Seed) -> None:
    write(tmp_path, seed)
    uuid = "01234567-89ab-cdef-0123-456789abcdef"
    others = (".hidden", ".seed.txt.swp", "seed.txt.validator-part", ".seed.txt.1.validator-part")
    for name in (f".seed.txt.{uuid}.validator-part", *others):
        (seed.path.parent / name).write_bytes(b"x")
    before = files_in(tmp_path)
    assert clear_litter(tmp_path, [seed]) == []
    assert before - files_in(tmp_path) == {f"folder/.seed.txt.{uuid}.validator-part"}


def test_nothing_is_made_where_there_is_nothing_to_clear(tmp_path: Path) -> None:
    assert clear_litter(tmp_path, [seed_at(tmp_path)]) == []
    assert not (tmp_path / ".validator").exists()


# --- fixity -----------------------------------------------------------------------------------------------------------


def test_verify(tmp_path: Path) -> None:
    seeds = [seed_at(tmp_path, name) for name in ("changed.txt", "gone.txt", "new.txt", "ok.txt", "unkept.txt")]
    changed, gone, _, ok, unkept = seeds
    for seed in (changed, gone, ok):
        write(tmp_path, seed)
    unkept.path.write_bytes(b"unlike the others\n")
    write(tmp_path, unkept)
    changed.path.write_bytes(b"damaged")
    gone.path.unlink()
    digest = sha256(b"unlike the others\n")
    (tmp_path / f".validator/originals/{digest[:2]}/{digest}.gz").unlink()
    found = {each.name: each for each in verify(tmp_path, seeds)}
    assert {name: each.fixity for name, each in found.items()} == {
        "changed.txt": Fixity.DIFFERS, "gone.txt": Fixity.UNREADABLE, "new.txt": Fixity.NO_EVENT, "ok.txt": Fixity.OK,
        "unkept.txt": Fixity.OK,
    }  # fmt: skip
    assert [name for name, each in found.items() if each.is_sound] == ["new.txt", "ok.txt"]
    assert found["changed.txt"].problems == (
        f"its sha256 is {sha256(b'damaged')}, the event of 2026-01-01T19:04:05.000Z left {sha256(NEW)}",
    )
    assert "is missing" in found["unkept.txt"].problems[0]


# --- bags -------------------------------------------------------------------------------------------------------------


def bagged(folder: Path, inside: str = "") -> tuple[Path, Path]:
    """A bag with seeds, made by bagit.py, and the archive's root: the bag, or a folder in it."""
    seed_at(folder, NAME)
    seed_at(folder, "folder/other 100%.txt", b"another\n")
    options = ["--quiet", "--sha512", "--md5", "--contact-name", "A Curator"]
    subprocess.run([sys.executable, "-m", "bagit", *options, str(folder)], check=True)
    return folder, folder / inside


def validates(bag: Path) -> bool:
    command = [sys.executable, "-m", "bagit", "--validate", "--quiet", str(bag)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("inside", ["", "data"])
def test_a_seed_in_a_bag(tmp_path: Path, inside: str) -> None:
    bag, root = bagged(tmp_path / "bag", inside)
    name = NAME if inside else f"data/{NAME}"
    seed = Seed.at(root / name, name)
    assert bag_of(seed.path.parent) == bag
    with pytest.raises(RefusedError, match="--update-manifest"):
        write(root, seed)
    assert seed.path.read_bytes() == OLD
    write(root, seed, b"of another length\n", b"record: {}\n", update_manifest=True)
    assert validates(bag)
    (verified,) = verify(root, [seed])
    assert (verified.fixity, verified.problems, verified.bag) == (Fixity.OK, (), bag)
    take_back(root, name, update_manifest=True)
    assert seed.path.read_bytes() == OLD
    assert validates(bag)
    assert "data/folder/seed.txt.meta.yaml" not in (bag / "manifest-md5.txt").read_text()


def test_a_bag_whose_tag_manifest_lists_the_record(tmp_path: Path) -> None:
    bag, root = bagged(tmp_path / "bag")
    seed = Seed.at(root / "data" / NAME, f"data/{NAME}")
    write(root, seed, update_manifest=True)
    manifest = bag / "tagmanifest-md5.txt"
    log = f".validator/events/{seed.name}.jsonl"
    digest = hashlib.md5((bag / log).read_bytes()).hexdigest()
    manifest.write_text(f"{manifest.read_text()}{digest} {log}\n")
    assert validates(bag)
    write(root, seed, b"once more\n", update_manifest=True)
    assert validates(bag)


def test_a_seed_that_its_bag_does_not_vouch_for_is_refused(tmp_path: Path) -> None:
    bag, root = bagged(tmp_path / "bag")
    seed = Seed.at(root / "data" / NAME, f"data/{NAME}")
    seed.path.write_bytes(b"damaged\n")
    (verified,) = verify(root, [seed])
    assert verified.fixity is Fixity.NO_EVENT
    assert [problem.split()[1] for problem in verified.problems] == ["md5", "sha512"]
    with pytest.raises(RefusedError, match="is not the one in the bag's manifest"):
        write(root, seed, update_manifest=True)
    stray = seed_at(root, "data/stray.txt")
    with pytest.raises(RefusedError, match=r"manifest-md5\.txt does not list it"):
        write(root, stray, update_manifest=True)
    beside = seed_at(root, "beside.txt")
    (verified,) = verify(root, [beside])
    assert "does not list it" in verified.problems[0]
    assert not validates(bag)


def test_the_rest_of_a_manifest_is_left_as_it_is(tmp_path: Path) -> None:
    bag, root = bagged(tmp_path / "bag", "data")
    seed = Seed.at(root / NAME, NAME)
    extra = seed_at(root, "extra\nfile.txt", OLD)
    manifests = [bag / f"manifest-{algorithm}.txt" for algorithm in ("md5", "sha512")]
    for manifest in manifests:
        manifest.write_bytes(b"\r\n".join(line.replace(b"  ", b" *") for line in manifest.read_bytes().splitlines()))
    before = manifests[0].read_bytes()
    write(root, seed, sidecar=b"record: {}\n", update_manifest=True)
    old, new = (hashlib.md5(content).hexdigest().encode() for content in (OLD, NEW))
    added = after(manifests[0], before.replace(old, new) + b"\n")
    assert hashlib.md5(b"record: {}\n").hexdigest().encode() + b"  data/folder/seed.txt.meta.yaml\n" in added
    assert added == new_lines(bag, before, extra.path)
    for manifest in manifests:
        digest = hashlib.new(manifest.stem.removeprefix("manifest-"), OLD).hexdigest()
        manifest.write_bytes(manifest.read_bytes() + f"{digest}  data/extra%0Afile.txt\n".encode())
    before = manifests[0].read_bytes()
    write(root, extra, update_manifest=True)
    assert after(manifests[0], before.replace(old, new)) == new_lines(bag, before, extra.path)
    assert validates(bag)
    take_back(root, update_manifest=True)
    assert b"data/folder/seed.txt.meta.yaml" not in manifests[0].read_bytes()
    assert validates(bag)


def after(manifest: Path, beginning: bytes) -> list[bytes]:
    """The lines of a manifest after what it must begin with, sorted."""
    content = manifest.read_bytes()
    assert content.startswith(beginning)
    return sorted(content.removeprefix(beginning).splitlines(keepends=True))


def new_lines(bag: Path, manifest: bytes, extra: Path) -> list[bytes]:
    """The lines of an MD5 manifest for the files of the payload that it does not list yet, sorted."""
    payload = (path for path in bag.glob("data/**/*") if path.is_file() and path != extra)
    files = {path.relative_to(bag).as_posix().replace("\n", "%0A"): path for path in payload}
    unlisted = [name for name in files if name.encode() not in manifest]
    return sorted(f"{hashlib.md5(files[name].read_bytes()).hexdigest()}  {name}\n".encode() for name in unlisted)


def test_a_repository_inside_of_a_bag_is_none(tmp_path: Path) -> None:
    bag, _ = bagged(tmp_path / "bag")
    (bag / "data/folder/.git").mkdir()
    assert bag_of(bag / "data/folder") is None
    assert bag_of(bag / "data") == bag
    assert bag_of(tmp_path) is None


# --- sidecars ---------------------------------------------------------------------------------------------------------


def test_lifts_go_to_the_sidecar() -> None:
    lifts = [Lift("source", "plain-text"), Lift("byline", "A. Writer"), Lift("headline", "On “sidecars”")]
    text = sidecar_with_lifts("", lifts, "A Curator", "2026-01-02")
    read = read_sidecar(text, "seed.txt.meta.yaml")
    assert read.problems == ()
    assert read.source == "plain-text"
    assert {a.field: (a.value, a.by, str(a.on)) for a in read.record} == {
        "byline": ("A. Writer", "A Curator", "2026-01-02"),
        "headline": ("On “sidecars”", "A Curator", "2026-01-02"),
    }
    assert sidecar_with_lifts(text, lifts, "Another", "2027-01-02") == text


def test_what_a_curator_vouches_for_is_not_replaced() -> None:
    text = sidecar_with_lifts("", [Lift("byline", "A. Writer")], "A Curator", "2026-01-02")
    with pytest.raises(SidecarError, match=r"already gives byline, 'A\. Writer'; the text has 'B\. Writer'"):
        sidecar_with_lifts(text, [Lift("byline", "B. Writer")], "A Curator", "2026-01-02")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# mine\n", "# mine\nsource: plain-text\n"),
        ("# mine\r\nrecord: {}  # none\r\n", "# mine\r\nsource: plain-text\r\nrecord: {}  # none\r\n"),
        ("---\naccept: []\n", "---\nsource: plain-text\naccept: []\n"),
        ("{accept: []}\n", "{source: plain-text, accept: []}\n"),
        ("record: {}\nsource: 'other'  # a guess\n", "record: {}\nsource: plain-text  # a guess\n"),
        ("source: |-\n  other\naccept: []\n", "source: plain-text\naccept: []\n"),
        ("source: plain-text\n", "source: plain-text\n"),
        ("source: 'plain-text'", "source: 'plain-text'"),
    ],
)
def test_naming_the_source_leaves_the_rest_as_it_is(text: str, expected: str) -> None:
    assert name_source(text, "plain-text") == expected


def test_a_source_that_cannot_be_named() -> None:
    assert read_sidecar(name_source("", 'odd: "name"'), "").source == 'odd: "name"'
    with pytest.raises(SidecarError, match="source is"):
        name_source("", " ")
    with pytest.raises(SidecarError, match="is not valid"):
        name_source("seeds: []\n", "plain-text")


def test_event_dates_are_in_utc(tmp_path: Path, seed: Seed) -> None:
    write(tmp_path, seed, now=datetime(2026, 7, 8, 9, 10, 11, 123456, tzinfo=UTC))
    events: list[Event] = history(tmp_path, NAME)
    assert events[0].when == "2026-07-08T09:10:11.123Z"
    assert events[0].by == "A Curator <curator@example.org>"
