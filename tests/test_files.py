"""Finding, reading and writing files, on real folders and real repositories."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.archive.config import Settings
from validator.archive.discovery import discover, is_passed_over, is_seed_name, orphan_sidecars
from validator.archive.reading import read_seed, read_stream, sidecars_for, sized, today
from validator.archive.root import find_config, find_root, read_schemas, read_text
from validator.archive.seeds import Discovery, Files, Seed, SidecarFile
from validator.archive.writing import write_atomically
from validator.rules.views import Unread
from validator.text.errors import ConfigError

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture(autouse=True)
def own_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git as nobody has configured it."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = Path(os.path.realpath(tmp_path)) / "root"
    folder.mkdir()
    return folder


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"text\n")


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def found(root: Path, *paths: str | Path, settings: Settings | None = None) -> Discovery:
    return discover(paths or (root,), settings or Settings(), root)


def names(discovery: Discovery) -> list[str]:
    return [seed.name for seed in discovery.seeds]


# Discovery


def test_of_a_folder_what_is_a_seed_is_taken_in_the_order_of_its_bytes(root: Path) -> None:
    fill(
        root, "b.txt", "a/z.md", "a.txt", "a-b/x.html", "a/c.markdown", "é.htm", "Z.txt", "a.py", "README", "x.txt.bak"
    )
    assert names(found(root)) == ["Z.txt", "a-b/x.html", "a.txt", "a/c.markdown", "a/z.md", "b.txt", "é.htm"]
    assert found(root).seeds[0] == Seed(str(root), "Z.txt")
    assert names(found(root, settings=Settings(include=("*.py", "a/*.md")))) == ["a.py", "a/z.md"]


def test_sizes_are_looked_up_where_somebody_asks(root: Path) -> None:
    fill(root, "a.txt", "b.txt")
    seeds = found(root).seeds
    (root / "b.txt").unlink()
    known, unread = Seed(str(root), "a.txt", 3), Seed(str(root), "a.txt", unread=Unread("unreadable-file", "no"))
    assert list(sized([*seeds, known, unread])) == [Seed(str(root), "a.txt", 5), seeds[1], known, unread]


def test_hidden_files_and_folders_are_left_out_unless_named(root: Path) -> None:
    fill(root, ".a.txt", ".hidden/b.txt", "c.txt")
    assert names(found(root)) == ["c.txt"]
    assert names(found(root, root / ".a.txt", root / ".hidden")) == [".a.txt", ".hidden/b.txt"]


def test_a_file_is_taken_whatever_it_is_called_and_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(root, "a.bin", "b/c.txt", "-x")
    monkeypatch.chdir(root / "b")
    assert names(found(root, "../a.bin", root / "a.bin", "c.txt", "./c.txt", ".", "../b", "../-x")) == [
        "-x",
        "a.bin",
        "b/c.txt",
    ]


def test_what_lies_outside_of_the_root_has_an_absolute_name(root: Path) -> None:
    fill(root.parent, "outside/a.txt", "rooted/b.txt")
    assert names(found(root, root.parent / "outside", root / ".." / "rooted" / "b.txt")) == [
        f"{root.parent}/outside/a.txt",
        f"{root.parent}/rooted/b.txt",
    ]


def test_a_walk_comes_in_the_order_of_names(root: Path) -> None:
    made = ["a/b.md", "a-b/c.md", "a.md", "a/b/d.md", "a/b-c.md", "é.md", "z/\U0001f600.md", "z/\ufb01.md"]
    fill(root, *made)
    assert names(found(root)) == sorted(made, key=os.fsencode)
    assert names(found(root, root / "z", root / "a", root / "a.md", root)) == sorted(made, key=os.fsencode)


_NAME = st.text(st.sampled_from("ab/-.é\udcff"), min_size=1).filter(lambda name: name.strip("/"))


@given(st.lists(st.builds(Seed, st.sampled_from(["/one", "/two"]), _NAME, st.integers(0, 2), is_plain=st.booleans())))
def test_many_files_are_held_as_they_are(seeds: list[Seed]) -> None:
    files: Files[Seed] = Files()
    for seed in seeds:
        files.append(seed)
    assert list(files) == seeds == list(pickle.loads(pickle.dumps(files)))
    assert [seed.is_plain for seed in files] == [seed.is_plain for seed in seeds]
    assert (files[1:], files[-1:]) == (seeds[1:], seeds[-1:])
    first = {seed.name: seed for seed in reversed(seeds)}
    assert list(files.in_order()) == [first[name] for name in sorted(first, key=os.fsencode)]


def test_awkward_names(root: Path) -> None:
    awkward = [
        "line\nbreak.txt",
        "\x1b[31mred.txt",
        "--select=x.txt",
        ":(top).txt",
        " .txt",
        os.fsdecode(b"\xff\xfe.txt"),
    ]
    fill(root, *awkward)
    git_is_there = shutil.which("git") is not None
    if git_is_there:
        git(root, "init", "-q")
        (root / ".gitignore").write_text("*red.txt\n")
    left = {name for name in awkward if not (git_is_there and "red" in name)}
    assert set(names(found(root))) == left
    assert all(read_seed(seed) == b"text\n" for seed in found(root).seeds)
    assert names(found(root, *(root / name for name in awkward))) == sorted(awkward, key=os.fsencode)


def test_what_is_missing(root: Path) -> None:
    fill(root, "a.txt")
    arguments = [str(root / "none.txt"), str(root / "a.txt" / "b"), "", "with\0nul", str(root / ("x" * 300))]
    discovery = found(root, *arguments, root / "a.txt")
    assert discovery.missing == tuple(arguments)
    assert names(discovery) == ["a.txt"]


def test_what_the_configuration_excludes(root: Path) -> None:
    fill(root, "a.txt", "drafts/b.txt", "drafts/deep/c.txt", "x/d.txt", "x/e.md")
    settings = Settings(exclude=("drafts", "x/*.txt", "*.md"))
    everything = found(root, settings=settings)
    assert (names(everything), everything.excluded) == (["a.txt"], ())
    arguments = [str(root / part) for part in ("drafts", "drafts/deep/c.txt", "x", "x/e.md")]
    discovery = found(root, *arguments, settings=settings)
    assert (names(discovery), discovery.excluded, discovery.missing) == ([], tuple(arguments), ())


def test_a_folder_without_seeds_is_neither_excluded_nor_missing(root: Path) -> None:
    fill(root, "a.py")
    discovery = found(root, settings=Settings(exclude=("*.md",)))
    assert (names(discovery), discovery.others, discovery.excluded, discovery.missing) == ([], ("a.py",), (), ())


def test_extensions_count_in_any_case(root: Path) -> None:
    fill(root, "A.MD", "B.TXT", "c.Html", "d.htm", "e.MARKDOWN", "f.txt.BAK", "TXT", "drafts/G.TXT", "h.mD.MeTa.yaml")
    assert names(found(root)) == ["A.MD", "B.TXT", "c.Html", "d.htm", "drafts/G.TXT", "e.MARKDOWN"]
    settings = Settings(include=("*.TXT", "*.md"), exclude=("drafts/*.txt", "A.md"))
    assert names(found(root, settings=settings)) == ["B.TXT"]
    for name in ("A.MD", "B.TXT", "drafts/G.TXT"):
        assert is_seed_name(name, Settings(), lambda name: False)
        assert not is_seed_name(name, Settings(include=("*.html",)), lambda name: False)


@pytest.mark.parametrize("has_git", [False, pytest.param(True, marks=needs_git)])
def test_what_is_passed_over_for_its_name_alone_is_told(root: Path, has_git: bool) -> None:
    fill(root, "a.txt", "b.story", "news/c.PDF", "news/d", "news/é.docx")
    # What is no seed for another reason: hidden, excluded, ignored, a sidecar, what a bag is described by, settings.
    fill(root, ".e.story", ".f/g.story", "drafts/h.story", "a.txt.meta.yaml", "bag/bagit.txt", "bag/manifest-md5.txt")
    fill(root, "validator.toml", "pyproject.toml", "own/i.yaml", "own/j.txt", "known.jsonl", "deep/pyproject.toml")
    settings = Settings(exclude=("drafts/",), schemas=("own/",), baseline="known.jsonl")
    expected = ["b.story", "news/c.PDF", "news/d", "news/é.docx"]
    if has_git:
        git(root, "init", "-q")
        fill(root, "build/k.story")
        (root / ".gitignore").write_text("build/\n")
    discovery = found(root, settings=settings)
    assert discovery.others == tuple(expected)
    assert names(discovery) == ["a.txt", "own/j.txt"]
    assert [name for name in expected if is_passed_over(name, settings)] == expected
    assert found(root, root / "news", root / "b.story", settings=settings).others == tuple(expected[1:])


def test_a_folder_that_cannot_be_listed_is_no_clean_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(root, "a.txt", "locked/b.txt")
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    locked = found(root).seeds[1]
    assert locked.name == "locked"
    assert read_seed(locked) == Unread("unreadable-file", "the folder cannot be listed: permission denied")


# Links and special files


def test_links(root: Path) -> None:
    fill(root, "real/a.txt")
    fill(root.parent, "outside/secret.txt")
    (root / "inside.txt").symlink_to("real/a.txt")
    (root / "nowhere.txt").symlink_to("not-there")
    (root / "circle.txt").symlink_to("circle.txt")
    (root / "astray.txt").symlink_to(root.parent / "outside" / "secret.txt")
    (root / "folder").symlink_to("real")
    (root / "folder.txt").symlink_to("real")
    (root / "real" / "up").symlink_to("..")
    (root / "astray.py").symlink_to(root.parent / "outside" / "secret.txt")
    said = {seed.name: read_seed(seed) for seed in found(root).seeds}
    assert said == {
        "astray.txt": Unread("unreadable-file", "it is a symbolic link to a file outside of the root"),
        "circle.txt": Unread("unreadable-file", "its symbolic links lead in a circle"),
        "inside.txt": b"text\n",
        "nowhere.txt": Unread("unreadable-file", "it is a symbolic link that leads nowhere"),
        "real/a.txt": b"text\n",
    }


def test_links_that_are_named(root: Path) -> None:
    fill(root, "real/a.txt")
    fill(root.parent, "outside/b.txt")
    (root / "link").symlink_to("real")
    (root / "b.txt").symlink_to(root.parent / "outside" / "b.txt")
    (root / "circle.txt").symlink_to("circle.txt")
    discovery = found(root, root / "link", root / "link" / "a.txt", root / "b.txt", root / "circle.txt")
    assert {seed.name: read_seed(seed) for seed in discovery.seeds} == {
        "b.txt": b"text\n",
        "circle.txt": Unread("unreadable-file", "its symbolic links lead in a circle"),
        "real/a.txt": b"text\n",
    }
    assert discovery.missing == ()


def test_in_a_folder_outside_of_the_root_links_within_it_are_followed(root: Path) -> None:
    fill(root.parent, "outside/a.txt")
    (root.parent / "outside" / "b.txt").symlink_to("a.txt")
    assert [read_seed(seed) for seed in found(root, root.parent / "outside").seeds] == [b"text\n", b"text\n"]


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize(("make", "kind"), [(make_pipe, "named pipe"), (make_socket, "socket"), (Path.mkdir, "folder")])
def test_what_is_no_file_is_not_opened(
    root: Path, make: Callable[[Path], None], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "x.txt"
    make(path)
    monkeypatch.setattr(os, "open", None)
    expected = Unread("unreadable-file", f"it is a {kind}, expected a file")
    assert read_seed(path) == expected
    if kind != "folder":
        for argument in (root, path):
            assert [read_seed(seed) for seed in found(root, argument).seeds] == [expected]


def test_a_device_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "open", None)
    assert read_seed(Path(os.devnull)) == Unread("unreadable-file", "it is a device, expected a file")


# Reading


def test_reading_is_bounded(root: Path) -> None:
    path = root / "a.txt"
    path.write_bytes(b"x" * 1000)
    assert read_seed(path, 1000) == b"x" * 1000
    assert read_seed(path, 999) == Unread("file-too-large", "it has 1,000 bytes, more than the limit of 999 bytes")
    path.write_bytes(b"")
    assert read_seed(path, 1) == b""


def test_a_file_that_grows_while_it_is_read_is_bounded_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = root / "a.txt"
    path.write_bytes(b"x" * 300_000)
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((stat.S_IFREG, 0, 0, 1, 0, 0, 0, 0, 0, 0)))
    assert read_seed(path, 300_000) == b"x" * 300_000
    assert read_seed(path, 299_999) == Unread("file-too-large", "it has more than the limit of 299,999 bytes")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "Permission denied"), "there is no permission to read it"),
        (FileNotFoundError(2, "No such file or directory"), "it is not there"),
        (OSError(5, "Input/output error"), "it cannot be read: input/output error"),
    ],
)
def test_trouble_with_reading_is_told(
    root: Path, error: OSError, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(root, "a.txt")

    def fail(*_: object, **__: object) -> int:
        raise error

    for name in ("open", "read"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fail)
            assert read_seed(root / "a.txt") == Unread("unreadable-file", message)
    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", fail)
        discovery = found(root, root / "a.txt")
    if isinstance(error, FileNotFoundError):
        assert discovery.missing == (str(root / "a.txt"),)
    else:
        assert discovery.seeds[0].unread == Unread("unreadable-file", message)


def test_no_descriptor_stays_open(root: Path) -> None:
    fill(root, "a.txt")
    (root / "b.txt").write_bytes(b"x" * 100)
    first = os.dup(0)
    os.close(first)
    for _ in range(3):
        read_seed(root / "a.txt")
        read_seed(root / "b.txt", 10)
        read_seed(root)
    second = os.dup(0)
    os.close(second)
    assert first == second


def test_a_stream_is_bounded() -> None:
    assert read_stream(io.BytesIO(b"x" * 10), 10) == b"x" * 10
    assert read_stream(io.BytesIO(b"x" * 11), 10) == Unread("file-too-large", "it has more than the limit of 10 bytes")


def test_text_that_is_not_utf_8_is_refused_with_its_line(root: Path) -> None:
    path = root / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_text(path) == "a: 1\n"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(ConfigError) as caught:
        read_text(path, shown="schemas/x.yaml")
    assert str(caught.value) == "schemas/x.yaml:2: byte 0xff is not UTF-8"
    with pytest.raises(ConfigError, match=r"it is not there$"):
        read_text(root / "none.yaml")


def test_the_schemas_of_a_folder(root: Path) -> None:
    fill(root, "own/b.yaml", "own/a.yaml", "own/.c.yaml", "own/d.json")
    assert read_schemas(root / "own", root) == [("own/a.yaml", "text\n"), ("own/b.yaml", "text\n")]
    with pytest.raises(ConfigError) as caught:
        read_schemas(root / "none", root)
    assert str(caught.value) == "none: the folder of schemas cannot be listed: no such file or directory"


# Git


@needs_git
def test_what_git_ignores_is_left_out_unless_named(root: Path) -> None:
    fill(root, "a.txt", "b.txt", "out/c.txt", "deep/out/d.txt", "kept.txt", "deep/e.txt")
    (root / ".gitignore").write_text("b.txt\nout/\nkept.txt\n")
    (root / "deep" / ".gitignore").write_text("e.txt\n")
    git(root, "init", "-q")
    git(root, "add", "-f", "kept.txt")
    assert names(found(root)) == ["a.txt", "kept.txt"]
    assert names(found(root, root / "b.txt", root / "out")) == ["b.txt", "out/c.txt"]
    assert names(found(root / "deep", root / "deep")) == []


@needs_git
def test_repositories_inside_repositories(root: Path) -> None:
    fill(root, "a.txt", "inner/b.txt", "inner/c.txt", "ignored/repository/d.txt", "inner/innermost/e.txt")
    (root / ".gitignore").write_text("ignored/\nb.txt\ne.txt\n")
    (root / "inner" / ".gitignore").write_text("c.txt\n")
    for folder in (root, root / "inner", root / "ignored" / "repository", root / "inner" / "innermost"):
        git(folder, "init", "-q")
    assert names(found(root)) == ["a.txt"]
    assert found(root).nested == ("inner",)  # one that git ignores is not told
    assert names(found(root, root / "inner")) == ["inner/b.txt"]
    assert found(root, root / "inner").nested == ("inner/innermost",)
    assert names(found(root, root / "inner/innermost", root / "a.txt")) == ["a.txt", "inner/innermost/e.txt"]
    assert names(found(root, root / "inner/innermost/e.txt")) == ["inner/innermost/e.txt"]


@needs_git
def test_a_folder_of_repositories_that_lies_in_none_is_walked(root: Path) -> None:
    fill(root, "one/a.txt", "two/b.txt", "two/three/c.txt")
    for folder in ("one", "two", "two/three"):
        git(root / folder, "init", "-q")
    assert names(found(root)) == ["one/a.txt", "two/b.txt", "two/three/c.txt"]


@needs_git
def test_submodules(root: Path) -> None:
    origin = root.parent / "origin"
    fill(origin, "a.txt", "b.txt")
    (origin / ".gitignore").write_text("b.txt\n")
    git(origin, "init", "-q")
    git(origin, "add", "a.txt", ".gitignore")
    git(origin, "commit", "-q", "-m", "first")
    git(root, "init", "-q")
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(origin), "module")
    fill(root, "module/b.txt", "c.txt")
    assert names(found(root)) == ["c.txt"]
    assert found(root).nested == ("module",)
    assert names(found(root, root / "module")) == ["module/a.txt"]


@needs_git
def test_the_environment_of_a_hook_does_not_mislead(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(root, "a.txt", "b.txt")
    (root / ".gitignore").write_text("b.txt\n")
    git(root, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(root.parent / "elsewhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(root.parent))
    assert names(found(root)) == ["a.txt"]


@pytest.mark.parametrize("has_git", [True, False])
def test_without_git_or_a_repository_nothing_is_ignored(
    root: Path, has_git: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(root, "a.txt", "b.txt")
    (root / ".gitignore").write_text("b.txt\n")
    if not has_git:
        (root / ".git").mkdir()
        monkeypatch.setenv("PATH", str(root / "nothing"))
    assert names(found(root)) == ["a.txt", "b.txt"]


# Sidecars


def test_a_sidecar_is_never_a_seed(root: Path) -> None:
    fill(
        root,
        "a.txt",
        "a.txt.meta.yaml",
        "gone.txt.meta.yaml",
        "sub/seeds.meta.yaml",
        "sub/b.md",
        "c.meta.yaml",
        "d.yaml",
    )
    settings = Settings(include=("*.txt", "*.md", "*.yaml"))
    discovery = found(root, settings=settings)
    assert names(discovery) == ["a.txt", "d.yaml", "sub/b.md"]
    sidecars = ["a.txt.meta.yaml", "c.meta.yaml", "gone.txt.meta.yaml", "sub/seeds.meta.yaml"]
    assert [sidecar.name for sidecar in discovery.sidecars] == sidecars
    assert orphan_sidecars(discovery) == (
        SidecarFile.at(root / "c.meta.yaml", "c.meta.yaml"),
        SidecarFile.at(root / "gone.txt.meta.yaml", "gone.txt.meta.yaml"),
    )


def test_a_sidecar_that_is_named_stands_for_its_seed(root: Path) -> None:
    fill(root, "a.bin", "a.bin.meta.yaml", "gone.txt.meta.yaml", "sub/seeds.meta.yaml", "sub/b.md", "sub/deep/c.md")
    assert names(found(root, root / "a.bin.meta.yaml")) == ["a.bin"]
    assert names(found(root, root / "sub" / "seeds.meta.yaml")) == ["sub/b.md", "sub/deep/c.md"]
    orphan = found(root, root / "gone.txt.meta.yaml")
    assert (names(orphan), orphan.missing) == ([], ())
    assert [sidecar.name for sidecar in orphan_sidecars(orphan)] == ["gone.txt.meta.yaml"]
    excluded = found(root, root / "a.bin.meta.yaml", settings=Settings(exclude=("a.bin",)))
    assert (names(excluded), excluded.excluded) == ([], (str(root / "a.bin.meta.yaml"),))


def test_the_sidecars_of_a_seed_come_nearest_first(root: Path) -> None:
    fill(root.parent, "seeds.meta.yaml")
    fill(root, "seeds.meta.yaml", "a/b/seeds.meta.yaml", "a/b/x.txt", "a/b/x.txt.meta.yaml", "a/b/y.txt")
    (root / "a" / "b" / "x.txt.meta.yaml").write_bytes(b"own")
    assert sidecars_for(root / "a" / "b" / "x.txt", root) == [
        ("a/b/x.txt.meta.yaml", b"own"),
        ("a/b/seeds.meta.yaml", b"text\n"),
        ("seeds.meta.yaml", b"text\n"),
    ]
    assert [name for name, _ in sidecars_for(root / "a" / "b" / "y.txt", root)] == [
        "a/b/seeds.meta.yaml",
        "seeds.meta.yaml",
    ]


def test_a_sidecar_that_cannot_be_read_is_not_taken_for_absent(root: Path) -> None:
    fill(root, "a.txt")
    (root / "a.txt.meta.yaml").mkdir()
    (root / "seeds.meta.yaml").symlink_to("nowhere")
    assert sidecars_for(root / "a.txt", root) == [
        ("a.txt.meta.yaml", Unread("unreadable-file", "it is a folder, expected a file")),
        ("seeds.meta.yaml", Unread("unreadable-file", "it is a symbolic link that leads nowhere")),
    ]
    assert sidecars_for(root / ("x" * 250), root / "sub") == [
        (str(root / "seeds.meta.yaml"), Unread("unreadable-file", "it is a symbolic link that leads nowhere"))
    ]


def test_outside_of_the_root_only_the_seeds_own_folder_speaks(root: Path) -> None:
    fill(root.parent, "seeds.meta.yaml", "out/seeds.meta.yaml", "out/a.txt")
    assert [name for name, _ in sidecars_for(root.parent / "out" / "a.txt", root)] == [
        f"{root.parent}/out/seeds.meta.yaml"
    ]


# The configuration and the root


def test_the_nearest_configuration_is_found(root: Path) -> None:
    deep = root / "a" / "b"
    deep.mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.validator]\n")
    (root / "a" / "pyproject.toml").write_text("[tool.other]\n")
    assert find_config(deep) == root / "pyproject.toml"
    assert find_root(deep, find_config(deep)) == root
    (root / "a" / "validator.toml").write_text("")
    assert find_config(deep) == root / "a" / "validator.toml"
    (deep / "pyproject.toml").write_text("[tool.validator\n")
    assert find_config(deep) == deep / "pyproject.toml"
    (deep / "pyproject.toml").write_text("[tool.other\n")
    assert find_config(deep) == root / "a" / "validator.toml"


def test_without_a_configuration_the_repository_is_the_root(root: Path) -> None:
    deep = root / "a" / "b"
    deep.mkdir(parents=True)
    assert find_root(deep, None) == deep
    (root / ".git").mkdir()
    assert find_root(deep, None) == root


def test_today_is_a_day() -> None:
    assert date(2024, 1, 1) < today() < date(2200, 1, 1)


# Writing


def test_a_file_is_replaced_whole_and_keeps_its_mode(root: Path) -> None:
    path = root / "a.txt"
    path.write_bytes(b"old")
    path.chmod(0o640)
    before = path.stat().st_ino
    write_atomically(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)
    assert path.stat().st_ino != before
    assert list(root.iterdir()) == [path]


def test_a_new_file_has_the_mode_that_the_user_wants(root: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(root / "a.txt", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((root / "a.txt").stat().st_mode) == 0o640


def test_a_link_stays_a_link(root: Path) -> None:
    fill(root, "real.txt")
    (root / "link.txt").symlink_to("real.txt")
    write_atomically(root / "link.txt", b"new")
    assert (root / "link.txt").is_symlink()
    assert (root / "real.txt").read_bytes() == b"new"


def test_a_pipe_stays_a_pipe(root: Path) -> None:
    path = root / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(path, b"new")
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    assert path.is_fifo()


def test_when_writing_fails_the_old_file_stands_and_nothing_is_left(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "a.txt"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(root.iterdir()) == [path]
    with pytest.raises(FileNotFoundError):
        write_atomically(root / "none" / "a.txt", b"new")


def test_what_describes_a_bag_is_no_seed(tmp_path: Path) -> None:
    for name in (
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-md5.txt",
        "notes.txt",
        "data/bagit.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a: b\n")
    (tmp_path / "data" / "manifest-of-a-ship.txt").write_text("an article\n")
    found = discover([tmp_path], Settings(), tmp_path)
    assert [seed.name for seed in found.seeds] == ["data/manifest-of-a-ship.txt", "notes.txt"]
