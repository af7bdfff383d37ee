"""The record of repairs beside git: what is put back, renamed, merged, damaged or nested loses nothing, and is told as it is.

Real repositories and real processes. The last test does all of it at random.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from gates import GOOD, MENDABLE, MENDED, PLAIN, Archive, curator, new_archive

LEAKED = " date 2021-06-14 SPECIMEN TOWN, June 14 -- One paragraph of an article.\n"  # a repair moves the date to the sidecar
LIFTING = ("--unsafe", "--source", "chinamil-text")
JOINED = "/.validator/events/** -text merge=union\n/.validator/originals/** binary\n* -text\n"


@pytest.fixture(scope="module")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive in which four seeds are repaired and committed; the repair of `leaked.txt` made a sidecar."""
    folder = tmp_path_factory.mktemp("repaired")
    archive = new_archive(folder / "archive", curator(folder))
    archive.write(".gitattributes", JOINED)
    for name in ("one.txt", "two.txt", "sub/three.txt"):
        archive.write(name, MENDABLE.replace("note", f"note of {name}"))
    archive.write("leaked.txt", LEAKED)
    archive.write("clean.txt", GOOD)
    archive.git("add", "-A")
    archive.git("commit", "-qm", "captured")
    archive.validator("repair", "--quiet", ".", code=None)
    archive.validator("repair", "--quiet", *LIFTING, "leaked.txt", code=None)
    archive.git("add", "-A")
    archive.git("commit", "-qm", "repaired")
    return archive


@pytest.fixture
def archive(repaired: Archive, tmp_path: Path) -> Archive:
    """A copy of it for one test."""
    shutil.copytree(repaired.folder, tmp_path / "archive")
    return Archive(tmp_path / "archive", repaired.environment)


def record(archive: Archive) -> dict[str, bytes]:
    """Every event and original."""
    top = archive.folder / ".validator"
    return {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


def log_of(archive: Archive, name: str) -> Path:
    return archive.folder / ".validator" / "events" / f"{name}.jsonl"


# --- put back with git ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["history", "verify", "undo", "repair", "repair ."])
@pytest.mark.parametrize(
    ("name", "how"),
    [("leaked.txt", "checkout"), ("leaked.txt", "revert"), ("one.txt", "restore"), ("sub/three.txt", "checkout")],
)
def test_what_git_put_back_stays_on_record(archive: Archive, name: str, command: str, how: str) -> None:
    if how == "revert":  # the whole commit, and then all but the seed is taken from it again
        archive.git("revert", "--no-edit", "HEAD")
        archive.git("checkout", "-q", "HEAD~1", "--", ".validator", "leaked.txt.meta.yaml")
    elif how == "restore":
        archive.git("restore", "--source", "HEAD~1", "--", name)
    else:
        archive.git("checkout", "-q", "HEAD~1", "--", name)
    before = record(archive)
    sidecar = (archive.folder / "leaked.txt.meta.yaml").read_bytes()
    target = command.split()[1:] or [name]
    said = " ".join(archive.validator(command.split()[0], "--no-config", *target, code=None).split())
    assert "not carried out" not in said
    after = record(archive)
    assert all(after[each].startswith(content) for each, content in before.items())
    assert (archive.folder / "leaked.txt.meta.yaml").read_bytes() == sidecar
    if command == "history":
        assert "modification: carried out, but the seed is as it was before (put back" in said
    if command == "verify":
        assert f"{name}: it is as it was before the event of" in said
        assert "1 seed: 1 put back to before" in said
    if command == "undo":
        assert "already as it was before the repair" in said
    assert "D" not in {line[0:2].strip() for line in archive.git("status", "--short").splitlines()}


def test_states_are_told_apart(archive: Archive) -> None:
    def told(name: str) -> tuple[str, str]:
        history = " ".join(archive.validator("history", name).split())
        verified = archive.validator("verify", name, code=None)
        return history, verified

    history, verified = told("one.txt")
    assert "modification: carried out, by" in history
    assert "1 seed: 1 ok" in verified
    archive.write("one.txt", archive.read("one.txt").replace("\n", "\r\n"))
    history, verified = told("one.txt")
    assert "carried out; since then only line ends changed (git does that, see .gitattributes)" in history
    assert "only its line ends differ" in verified
    assert "1 seed: 1 with other line ends" in verified
    assert "only its line ends differ" in archive.validator("undo", "one.txt", code=1)
    archive.write("one.txt", "Another text.\n")
    history, verified = told("one.txt")
    assert "modification: carried out; the seed changed since, by" in history
    assert "1 seed: 1 differs" in verified
    archive.git("checkout", "-q", "one.txt")
    archive.validator("undo", "one.txt")
    history, verified = told("one.txt")
    assert "modification: undone" in history
    assert "recovery: carried out" in history
    assert "1 seed: 1 ok" in verified
    archive.git("checkout", "-q", "one.txt")  # back to what the undo had taken back
    history, verified = told("one.txt")
    assert "modification: carried out, by" in history
    assert "recovery: carried out, but the seed is as it was before" in history
    archive.validator("undo", "one.txt")
    assert "1 seed: 1 ok" in told("one.txt")[1]


def test_a_seed_that_was_put_back_is_repaired_again_and_undone(archive: Archive) -> None:
    captured = archive.git("show", "HEAD~1:one.txt")
    archive.git("checkout", "-q", "HEAD~1", "--", "one.txt")
    archive.validator("repair", "--quiet", "one.txt", code=None)
    assert "1 seed: 1 ok" in archive.validator("verify", "one.txt")
    assert archive.validator("history", "one.txt").count("modification: carried out, by") == 2
    archive.validator("undo", "one.txt")
    assert archive.read("one.txt") == captured
    assert archive.validator("history", "one.txt").count("modification: undone") == 2
    assert "no repair of it is on record" in archive.validator("undo", "one.txt")


# --- undo of several --------------------------------------------------------------------------------------------------


def test_undo_does_what_it_can(archive: Archive) -> None:
    said = archive.validator("undo", "one.txt", "clean.txt", "two.txt", code=0)
    assert "undone one.txt" in said
    assert "undone two.txt" in said
    assert "clean.txt: no repair of it is on record that could be undone" in said
    archive.write("leaked.txt", "Changed.\n")
    said = archive.validator("undo", "leaked.txt", "clean.txt", "sub/three.txt", code=1)
    assert "undone sub/three.txt" in said
    assert "leaked.txt: it is no longer what the repair" in said


def test_a_damaged_record_stops_its_own_seed_only(archive: Archive) -> None:
    log = log_of(archive, "one.txt")
    log.write_bytes(b"\0" * 100)
    archive.write("one.txt", MENDABLE)
    archive.write("two.txt", archive.read("two.txt") + 'The keeper"s last line.\n')
    said = archive.validator("repair", ".", code=1)
    assert "repaired two.txt" in said
    assert "one.txt was left as it was: line 1 of .validator/events/one.txt.jsonl is not an event: it holds NUL" in said
    said = archive.validator("history", "one.txt", code=1)
    assert "one.txt: line 1 of .validator/events/one.txt.jsonl is not an event: it holds NUL bytes" in said
    said = archive.validator("verify", ".", code=1)
    assert "one.txt: its record is damaged: line 1 of .validator/events/one.txt.jsonl is not an event" in said
    assert "1 with a damaged record" in said
    said = archive.validator("undo", "one.txt", "sub/three.txt", code=1)
    assert "undone sub/three.txt" in said
    archive.validator("undo", "--last", code=0)
    assert log.read_bytes() == b"\0" * 100


def test_a_damaged_record_of_a_seed_that_is_gone_is_told(archive: Archive) -> None:
    log_of(archive, "two.txt").write_bytes(b"{}\n")
    (archive.folder / "two.txt").unlink()
    assert "two.txt: it is gone, and its record is damaged: line 1" in archive.validator("verify", ".", code=1)


def test_an_original_that_no_event_names_is_told(archive: Archive) -> None:
    assert "original" not in archive.validator("verify", ".")
    log_of(archive, "one.txt").unlink()
    for where in (".", "one.txt", "sub"):
        said = archive.validator("verify", where, code=1)
        assert "no event names this original; its event was lost, or never committed" in said
        assert "1 original that no event names" in said


# --- renamed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moved", ["seed", "seed and log"])
@pytest.mark.parametrize("new", ["first.txt", "sub/one.txt", "deep/er/first.txt"])
def test_a_renamed_seed_keeps_its_history(archive: Archive, new: str, moved: str) -> None:
    captured = archive.git("show", "HEAD~1:one.txt")
    (archive.folder / new).parent.mkdir(parents=True, exist_ok=True)
    archive.git("mv", "one.txt", new)
    if moved != "seed":
        log_of(archive, new).parent.mkdir(parents=True, exist_ok=True)
        archive.git("mv", str(log_of(archive, "one.txt")), str(log_of(archive, new)))
    before = record(archive)
    said = archive.validator("history", new)
    assert "modification: carried out" in said
    assert "the seed was called one.txt" in said
    assert "4 ok" in archive.validator("verify", ".")
    assert "1 seed: 1 ok" in archive.validator("verify", new)
    archive.write(new, archive.read(new).replace("\n", " \n"))  # edited, and so unknown
    archive.write(new, archive.read(new).replace(" \n", "\n"))
    archive.validator("undo", new)
    assert archive.read(new) == captured
    archive.validator("repair", "--quiet", new, code=None)
    assert archive.read(new) == captured.replace('"s', "'s")
    said = archive.validator("history", new)
    assert said.count("modification") == 2
    assert "recovery" in said
    assert "4 ok" in archive.validator("verify", ".")
    assert all(record(archive)[name].startswith(content) for name, content in before.items())
    # A new seed under the old name has nothing to do with it.
    archive.write("one.txt", GOOD)
    assert "1 seed: 1 ok" in archive.validator("verify", new)


def test_a_seed_renamed_to_and_fro(archive: Archive) -> None:
    captured = archive.git("show", "HEAD~1:one.txt")
    archive.git("mv", "one.txt", "other.txt")
    archive.write("other.txt", archive.read("other.txt"))
    archive.validator("undo", "other.txt")
    archive.validator("repair", "--quiet", "other.txt", code=None)
    archive.git("mv", "other.txt", "one.txt")
    assert archive.validator("history", "one.txt").count("modification") == 2
    assert "1 seed: 1 ok" in archive.validator("verify", "one.txt")
    archive.validator("undo", "one.txt")
    assert archive.read("one.txt") == captured
    assert archive.validator("history", "one.txt").count("recovery") == 2
    assert "4 ok" in archive.validator("verify", ".")


def test_what_was_renamed_and_changed_is_not_known_unless_its_log_is_moved_along(archive: Archive) -> None:
    archive.git("mv", "one.txt", "new.txt")
    archive.write("new.txt", "Another text.\n")
    assert "no event is on record" in archive.validator("history", "new.txt")
    assert "one.txt: it is gone; its events are on record" in archive.validator("verify", ".", code=1)
    log_of(archive, "one.txt").rename(log_of(archive, "new.txt"))
    assert "carried out; the seed changed since" in " ".join(archive.validator("history", "new.txt").split())
    said = archive.validator("verify", ".", code=1)
    assert "gone" not in said
    assert "1 differs" in said


def test_a_copy_is_no_rename(archive: Archive) -> None:
    shutil.copy(archive.folder / "one.txt", archive.folder / "copy.txt")
    assert "no event is on record" in archive.validator("history", "copy.txt")
    captured = archive.git("show", "HEAD~1:one.txt")
    archive.write("twin.txt", captured)  # the same page, captured twice
    (archive.folder / "copy.txt").unlink()
    (archive.folder / "one.txt").unlink()
    assert "no event is on record" in archive.validator("history", "twin.txt")


# --- two clones -------------------------------------------------------------------------------------------------------


@pytest.fixture
def clones(tmp_path: Path) -> tuple[Archive, Archive]:
    """An archive with a seed that needs two repairs, and its clone."""
    archive = new_archive(tmp_path / "here", curator(tmp_path))
    archive.write("a.txt", 'The editor"s first note. \n\nThe second paragraph.\n')
    archive.validator("init", "--yes", "--ci", "none", "--url", "https://example.org/x", "--rev", "v1")
    archive.git("add", "-A")
    archive.git("commit", "-qm", "captured")
    return archive, archive.clone(tmp_path / "there")


def merged(here: Archive, there: Archive, code: int | None = 0) -> str:
    for archive in (here, there):
        archive.git("add", "-A")
        archive.git("commit", "-qm", "repaired")
    return here.git("pull", "-q", "--no-rebase", "--no-edit", str(there.folder), "HEAD", code=code)


def test_two_clones_with_the_same_repair(clones: tuple[Archive, Archive]) -> None:
    here, there = clones
    captured = here.read("a.txt")
    for archive in clones:
        archive.validator("repair", "--quiet", "a.txt", code=None)
    merged(here, there)
    said = here.validator("history", "a.txt")
    assert said.count("modification: carried out, by") == 2
    assert "1 ok" in here.validator("verify", ".")
    here.validator("undo", "a.txt")
    assert here.read("a.txt") == captured
    assert here.validator("history", "a.txt").count("modification: undone") == 2


@pytest.mark.parametrize("keep", ["ours", "theirs", "neither"])
def test_two_clones_with_different_repairs(clones: tuple[Archive, Archive], keep: str) -> None:
    here, there = clones
    captured = here.read("a.txt")
    here.validator("repair", "--quiet", "--select", "quotes", "a.txt", code=None)
    there.validator("repair", "--quiet", "--select", "trailing-whitespace", "a.txt", code=None)
    merged(here, there, code=1)
    if keep == "neither":
        here.write("a.txt", "The editor's first note.\n\nThe second paragraph.\n")
    else:
        here.git("checkout", "-q", f"--{keep}", "a.txt")
    assert here.git("diff", "--name-only", "--diff-filter=U").split() == ["a.txt"]  # nothing of the record
    here.git("add", "-A")
    here.git("commit", "-qm", "merged")
    said = " ".join(here.validator("history", "a.txt").split())
    assert said.count("modification: carried out") == 2
    assert "not carried out" not in said
    assert ("the seed has another repair of the same text" in said) == (keep != "neither")
    assert ("1 ok" if keep != "neither" else "1 differs") in here.validator("verify", ".", code=None)
    if keep != "neither":
        here.validator("undo", "a.txt")
        assert here.read("a.txt") == captured
        assert "1 ok" in here.validator("verify", ".")


def test_events_before_and_after_a_fork(clones: tuple[Archive, Archive]) -> None:
    here, there = clones
    captured = here.read("a.txt")
    here.validator("repair", "--quiet", "--select", "quotes", "a.txt", code=None)
    here.git("add", "-A")
    here.git("commit", "-qm", "repaired")
    there.git("pull", "-q", str(here.folder), "HEAD")
    there.validator("undo", "a.txt")
    there.validator("repair", "--quiet", "a.txt", code=None)
    here.validator("repair", "--quiet", "a.txt", code=None)
    merged(here, there)
    said = here.validator("history", "a.txt")
    assert said.count("modification") == 3
    assert said.count("recovery: carried out") == 1
    assert "1 ok" in here.validator("verify", ".")
    while "undone a.txt" in here.validator("undo", "a.txt", code=None):
        assert "1 ok" in here.validator("verify", ".")
    assert here.read("a.txt") == captured


def test_the_attributes_of_init_join_logs_and_leave_originals_alone(clones: tuple[Archive, Archive]) -> None:
    here, _ = clones
    log, original = ".validator/events/a.txt.jsonl", ".validator/originals/ab/abc.gz"
    said = here.git("check-attr", "text", "merge", "diff", "--", log, original, "a.txt")
    assert f"{log}: text: unset" in said
    assert f"{log}: merge: union" in said
    assert f"{original}: merge: unset" in said
    assert f"{original}: text: unset" in said
    assert "a.txt: text: unset" in said
    assert "a.txt: merge: unspecified" in said


@pytest.mark.parametrize("folder", ["", "archive", "two words"])
def test_init_adds_what_is_missing(tmp_path: Path, folder: str) -> None:
    """Of attributes that an earlier version has written; and where the archive is a folder of the repository."""
    archive = new_archive(tmp_path / "here", curator(tmp_path))
    place = Archive(archive.folder / folder, archive.environment)
    place.folder.mkdir(exist_ok=True)
    place.write("validator.toml", PLAIN)
    place.write("a/b.txt", GOOD)
    archive.write(".gitattributes", "* -text\n")
    arguments = ("init", "--yes", "--ci", "none", "--url", "https://example.org/x", "--rev", "v1")
    place.validator(*arguments)
    written = archive.read(".gitattributes")
    assert written.startswith("* -text\n\n# The record of repairs")
    log = f"{folder}/.validator/events/a/b.txt.jsonl".lstrip("/")
    assert archive.git("check-attr", "merge", "--", log).rstrip().endswith("merge: union")
    place.validator(*arguments)
    assert archive.read(".gitattributes") == written


# --- other repositories -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["repair", "validate", "verify"])
def test_another_repository_is_passed_over_unless_it_is_named(archive: Archive, command: str) -> None:
    inner = new_archive(archive.folder / "inner", archive.environment)
    inner.write("a.txt", MENDABLE)
    arguments = ("--no-cache",) if command == "validate" else ()
    said = archive.validator(command, *arguments, ".", code=None)
    assert "inner/a.txt" not in said
    assert "inner is another git repository, passed over: name it, or exclude it" in said
    said = archive.validator(command, *arguments, "inner", ".", code=None)
    assert "inner is another" in said  # as a part of `.`
    assert "passed over" not in archive.validator(command, *arguments, "inner", code=None)


@pytest.mark.parametrize("named", ["inner", "inner/a.txt", "inner/deep"])
def test_the_record_of_another_repository_is_in_there(archive: Archive, named: str) -> None:
    inner = new_archive(archive.folder / "inner", archive.environment)
    for name in ("a.txt", "deep/a.txt"):
        inner.write(name, MENDABLE)
    before = record(archive)
    said = archive.validator("repair", named)
    assert "`validator undo SEED` takes it back" in said
    name = "deep/a.txt" if named == "inner/deep" else "a.txt"
    assert inner.read(name) == MENDED
    assert record(archive) == before
    assert log_of(inner, name).is_file()
    assert "modification: carried out" in archive.validator("history", f"inner/{name}")
    assert "modification: carried out" in inner.validator("history", name)
    assert "1 ok" in archive.validator("verify", f"inner/{name}")
    assert f"undone inner/{name}" in archive.validator("undo", f"inner/{name}")
    assert inner.read(name) == MENDABLE


# --- what is not to be written, or read -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555, 0o464])
def test_a_read_only_seed_stays_unless_it_is_asked_for(archive: Archive, mode: int) -> None:
    path = archive.write("ro.txt", MENDABLE)
    path.chmod(mode)
    said = archive.validator("repair", "ro.txt", "two.txt", code=1)
    assert f"ro.txt was left as it was: it is read-only (mode {mode:04o}); --replace-read-only replaces it" in said
    assert archive.read("ro.txt") == MENDABLE
    archive.validator("repair", "--replace-read-only", "ro.txt")
    assert archive.read("ro.txt") == MENDED
    assert path.stat().st_mode & 0o777 == mode
    assert "it is read-only" in archive.validator("undo", "ro.txt", code=1)
    archive.validator("undo", "--replace-read-only", "ro.txt")
    assert archive.read("ro.txt") == MENDABLE


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o640, 0o200 | 0o444])
def test_a_seed_that_may_be_written_is_mended(archive: Archive, mode: int) -> None:
    archive.write("rw.txt", MENDABLE).chmod(mode)
    archive.validator("repair", "rw.txt")
    assert archive.read("rw.txt") == MENDED


def test_a_read_only_sidecar_stays(archive: Archive) -> None:
    archive.write("s.txt", LEAKED)
    sidecar = archive.write("s.txt.meta.yaml", "source: plain-text\n")
    sidecar.chmod(0o444)
    assert "its sidecar is read-only (mode 0444)" in archive.validator("repair", *LIFTING, "s.txt", code=1)
    assert archive.read("s.txt") == LEAKED
    archive.validator("repair", *LIFTING, "--replace-read-only", "s.txt", code=None)
    assert "date_published" in archive.read("s.txt.meta.yaml")


def test_verify_has_the_limit_of_validate(archive: Archive) -> None:
    archive.write("validator.toml", "limit-bytes = 100\n" + PLAIN)
    archive.write("large.txt", "x" * 101)
    said = archive.validator("verify", ".", code=1)
    assert "large.txt: it has 101 bytes, more than the limit of 100 bytes" in said
    assert "1 unreadable" in said
    archive.write("large.txt", "x" * 100)
    assert "unreadable" not in archive.validator("verify", ".")


def test_an_event_names_the_libraries_that_decide(archive: Archive) -> None:
    import json
    from importlib.metadata import version

    event = json.loads(log_of(archive, "one.txt").read_text())
    libraries = event["linkingAgentIdentifier"][0]["libraries"]
    wanted = {name: version(name) for name in ("chardet", "ftfy", "google-re2", "PyYAML", "turbohtml")}
    assert wanted.items() <= libraries.items()
    assert libraries.keys() - wanted <= {"pyromark"}
