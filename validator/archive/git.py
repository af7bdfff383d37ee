"""What git knows of an archive: what is staged, what has changed since a commit, and the bytes of both.

Git is asked in such a way that no setting of a user changes the answer: names end in NUL, paths are from the top, renames are
looked for, no program of the user's runs but the filters that say what is in a file. The variables that git sets for its hooks
are heeded: `git commit -a` and `git commit FILE` commit an index of their own.

Names are relative to the top of the repository, with `/`; bytes that are not UTF-8 stand as lone surrogates in them. Whatever
git fails at is a ConfigError, so that nothing passes for checked.

Not handled: what lies in submodules, which have an index of their own.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

from validator.archive.config import DEFAULT_LIMIT_BYTES
from validator.archive.discovery import SIDECAR_SUFFIX, Mirror, is_schema, system_reason
from validator.text.errors import ConfigError

if TYPE_CHECKING:
    from validator.preservation import Event

FOLDER = ".validator"  # as in `preservation`, which takes long to import and is seldom needed
LINK, SUBMODULE = "120000", "160000"  # modes of git
_NEVER = "0" * 6  # the mode of what is not there
LINKS_FOLLOWED = 40  # as Linux does
_CHUNK_BYTES = 1 << 20

# What a user may have set that would change an answer, or run a program. To the rest, options see, and asking from the top.
_SETTINGS = ("core.fsmonitor=false", "diff.autoRefreshIndex=true")
_RAW = ("--raw", "-z", "--no-abbrev", "-M", "-l2000", "--no-ext-diff", "--no-textconv", "-O/dev/null")
_OF_THE_PLACE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a work tree. `top` is the top of that; `variables` is what git is to be told of the place."""

    top: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as git has it: its mode, and the identifier of its bytes (of a link: of its target)."""

    mode: str
    oid: str


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is not as it was. `name` is what it is called now, None where it is gone; `old` what it was called, None
    where it is new; they differ where it was renamed. `before` is what it was; None too where it is new.
    """

    name: str | None
    old: str | None
    before: Entry | None


# ---------------------------------------------------------------------------------------------------------------------
# Asking


def find_repository(folder: Path) -> Repository:
    """The repository that a folder lies in, or that the environment names. Raises ConfigError where there is none."""
    given = os.environ.get("GIT_DIR")
    if given is not None and "GIT_WORK_TREE" not in os.environ:
        # A hook of a linked work tree has GIT_DIR and stands at the top; below the top git would take that for the top.
        plain = {name: value for name, value in os.environ.items() if name not in _OF_THE_PLACE}
        with suppress(ConfigError):
            top, own = (_line(_ask(folder, [*_REV_PARSE, what], plain)) for what in ("--show-toplevel", _GIT_DIR))
            if os.path.realpath(own) in (os.path.realpath(os.path.join(at, given)) for at in (folder, top)):
                return Repository(os.path.realpath(top), {"GIT_DIR": own, "GIT_WORK_TREE": top})
    environment = dict(os.environ)
    top = _line(_ask(folder, [*_REV_PARSE, "--show-toplevel"], environment))
    if given is None:
        return Repository(os.path.realpath(top))
    own = _line(_ask(folder, [*_REV_PARSE, _GIT_DIR], environment))
    return Repository(os.path.realpath(top), {"GIT_DIR": own, "GIT_WORK_TREE": top})


_REV_PARSE, _GIT_DIR = ("rev-parse",), "--absolute-git-dir"


def _line(answer: bytes) -> str:
    return os.fsdecode(answer.removesuffix(b"\n"))


def _command(arguments: Iterable[str]) -> list[str]:
    return ["git", "--no-pager", *(word for setting in _SETTINGS for word in ("-c", setting)), *arguments]


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """What git is told beside its arguments: nothing is asked of a person, messages are in English."""
    return {**variables, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _of(repository: Repository) -> dict[str, str]:
    return {**os.environ, **repository.variables}


def _ask(
    folder: str | Path, arguments: Sequence[str], variables: Mapping[str, str], allowed: Collection[int] = (0,)
) -> bytes:
    """What git prints. Raises ConfigError, with what git says, where it ends in another way than `allowed`."""
    done = _started(
        lambda: subprocess.run(
            _command(arguments), cwd=folder, env=_environment(variables), stdin=subprocess.DEVNULL,
            capture_output=True, check=False,
        )
    )  # fmt: skip
    if done.returncode not in allowed:
        raise ConfigError(_failure(done.stderr, f"git {arguments[0]} ended with {done.returncode}"))
    return done.stdout


_Started = TypeVar("_Started")


def _started(start: Callable[[], _Started]) -> _Started:
    try:
        return start()
    except FileNotFoundError:
        raise ConfigError("git is not installed, or not where programs are looked for") from None
    except OSError as error:
        raise ConfigError(f"git cannot be started: {system_reason(error)}") from None


def _failure(said: bytes, otherwise: str) -> str:
    """What git said of its failure, in one line."""
    text = said.decode("utf-8", "surrogateescape").strip()
    lines = [line for line in text.split("\n") if line.startswith(("fatal: ", "error: "))] or text.split("\n")[-1:]
    reason = lines[0].removeprefix("fatal: ").removeprefix("error: ") if lines and lines[0] else otherwise
    return f"git: {reason[:300]}"


# ---------------------------------------------------------------------------------------------------------------------
# What is staged, what has changed


def staged_files(repository: Repository) -> dict[str, Entry]:
    """Every file of the index, by name: what a commit would hold. Raises ConfigError where a merge is not settled."""
    files: dict[str, Entry] = {}
    for _, mode, _, oid, status, name, _ in _raw(repository, _staged_against(_empty_tree(repository), "--no-renames")):
        if status == "U":
            raise ConfigError(f'"{name}" is unmerged: settle the conflict and stage it (git add); nothing was checked')
        parts = name.split("/")
        if "" in parts or "." in parts or ".." in parts:  # git makes no such names; a file made by hand may hold them
            raise ConfigError(f'the index is damaged: it has a file called "{name}"')
        files[name] = Entry(mode, oid)
    return files


def staged_changes(repository: Repository) -> list[Change]:
    """What is staged: the index against the commit that is checked out, against nothing before the first commit."""
    head = commit_of(repository, "HEAD") or _empty_tree(repository)
    return [_change(*each) for each in _raw(repository, _staged_against(head))]


def changes_since(repository: Repository, ref: str) -> list[Change]:
    """What has changed from where a ref and HEAD part to the work tree, with new files that git neither has nor ignores.

    Raises ConfigError for what is no commit, and where the two have no common ancestor here.
    """
    import tempfile

    base = merge_base(repository, ref)
    # `git diff` looks into files that only seem changed; plumbing would list every file that was touched. But it notes in the
    # index what it has seen, and may not stand in the way of whoever works there: it is given a copy.
    arguments = ["diff", *_RAW, "--ignore-submodules=dirty", base, "--"]
    with tempfile.TemporaryDirectory(prefix="validator-") as folder:
        changes = [_change(*each) for each in _raw(_with_own_index(repository, folder), arguments)]
    new = _ask(repository.top, ["ls-files", "-z", "--others", "--exclude-standard", "--full-name"], _of(repository))
    names = (os.fsdecode(name) for name in new.split(b"\0") if name)
    return [*changes, *(Change(name, None, None) for name in names if not name.endswith("/"))]


def merge_base(repository: Repository, ref: str) -> str:
    """The commit at which a ref and HEAD part. Raises ConfigError as `changes_since` does."""
    commit, head = commit_of(repository, ref), commit_of(repository, "HEAD")
    if commit is None:
        raise ConfigError(f'--since: "{ref}" is no commit here; fetch it first, or see `git branch -a` for names')
    if head is None:
        raise ConfigError("--since: there is no commit yet; --staged checks what is staged for the first one")
    base = _line(_ask(repository.top, ["merge-base", commit, head], _of(repository), allowed=(0, 1)))
    if not base:
        is_cut = _line(_ask(repository.top, [*_REV_PARSE, "--is-shallow-repository"], _of(repository))) == "true"
        hint = (
            "; the history here is cut off: `git fetch --unshallow` gets it (in CI: check out with fetch-depth: 0)"
            if is_cut
            else ""
        )
        raise ConfigError(f'--since: "{ref}" and HEAD have no common ancestor here{hint}')
    return base


def _with_own_index(repository: Repository, folder: str) -> Repository:
    """The repository with a copy of its index, which git may write to."""
    import shutil

    index = _line(_ask(repository.top, [*_REV_PARSE, "--git-path", "index"], _of(repository)))
    copy = os.path.join(os.path.realpath(folder), "index")
    try:
        shutil.copyfile(os.path.join(repository.top, index), copy)
    except FileNotFoundError:  # nothing was ever staged
        return repository
    except OSError as error:
        raise ConfigError(f"git's index cannot be read: {system_reason(error)}") from None
    return replace(repository, variables={**repository.variables, "GIT_INDEX_FILE": copy})


def links_of(repository: Repository) -> list[str]:
    """The symbolic links of the index, by name."""
    answer = _ask(repository.top, ["ls-files", "-z", "--stage", "--full-name"], _of(repository))
    start = LINK.encode()
    return [os.fsdecode(line.partition(b"\t")[2]) for line in answer.split(b"\0") if line.startswith(start)]


def renamed_since(repository: Repository, file: str) -> Iterator[tuple[str, str]]:
    """What git takes for renamed, as pairs of a new name and an old one: first in what is staged, then since a file, of which
    the path is given, was last committed.
    """
    name = os.path.relpath(file, repository.top)
    last = _ask(
        repository.top, ["rev-list", "-1", "HEAD", "--", f":(top,literal){name}"], _of(repository), allowed=(0, 128)
    )
    for commit in dict.fromkeys((commit_of(repository, "HEAD"), _line(last))):
        for each in _raw(repository, _staged_against(commit)) if commit else ():
            change = _change(*each)
            if change.name is not None and change.old is not None and change.name != change.old:
                yield change.name, change.old


def _staged_against(tree: str, *options: str) -> list[str]:
    # What is only intended to be added (`git add -N`) would not be in the commit.
    return ["diff-index", "--cached", *_RAW, "--ita-invisible-in-index", *options, tree, "--"]


def commit_of(repository: Repository, ref: str) -> str | None:
    """The identifier of a commit, None where there is none of that name; a ref may begin with a dash."""
    arguments = [*_REV_PARSE, "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"]
    if not ref or "\0" in ref:
        return None
    return _line(_ask(repository.top, arguments, _of(repository), allowed=(0, 1, 128))) or None


def _empty_tree(repository: Repository) -> str:
    return _line(_ask(repository.top, ["hash-object", "-t", "tree", "--stdin"], _of(repository)))


_Raw = tuple[str, str, str, str, str, str, str]


def _raw(repository: Repository, arguments: Sequence[str]) -> Iterator[_Raw]:
    """Of each file that differs: mode, mode now, identifier, identifier now, status, old name, name."""
    words = iter(os.fsdecode(_ask(repository.top, arguments, _of(repository))).split("\0"))
    for word in words:
        if word:
            before, after, old_oid, oid, status = word.removeprefix(":").split(" ")
            old = next(words)
            yield before, after, old_oid, oid, status[0], old, next(words) if status[0] in "RC" else old


def _change(before: str, _after: str, oid: str, _oid: str, status: str, old: str, name: str) -> Change:
    was = Entry(before, oid) if before != _NEVER and status not in "AC" else None
    if status == "U":
        return Change(name, name, was)
    return Change(None if status == "D" else name, old if was is not None else None, was)


# ---------------------------------------------------------------------------------------------------------------------
# Bytes


class Objects:
    """The bytes that git has, from one process: as they are kept, no filter and no line end changed."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        self._process = process
        self._said = said

    def read(self, oid: str) -> bytes:
        """The bytes of an object."""
        return b"".join(self._chunks(self._ask(oid)))

    def copy(self, oid: str, path: str, limit_bytes: int) -> None:
        """Write an object's bytes to a new file; of one that is too large to be read nothing but its size."""
        size = self._ask(oid)
        with open(path, "xb") as out:
            for chunk in self._chunks(size):
                if size <= limit_bytes:
                    out.write(chunk)
            out.truncate(size)

    def _ask(self, oid: str) -> int:
        """Ask for an object; its size."""
        answer = b""
        with suppress(BrokenPipeError):
            assert self._process.stdin is not None
            self._process.stdin.write(oid.encode() + b"\n")
            self._process.stdin.flush()
            answer = self._output().readline()
        words = answer.split()
        if len(words) == 3:
            return int(words[2])
        raise self._failed(f"there is no object {oid}: the repository is damaged, or only a part of another one")

    def _chunks(self, size: int) -> Iterator[bytes]:
        left = size
        while left:
            chunk = self._output().read(min(left, _CHUNK_BYTES))
            if not chunk:
                raise self._failed("git cat-file ended early")
            left -= len(chunk)
            yield chunk
        self._output().read(1)  # the line end that closes each

    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _failed(self, otherwise: str) -> ConfigError:
        self._said.seek(0)
        return ConfigError(_failure(self._said.read(100_000), otherwise))


@contextmanager
def objects(repository: Repository) -> Iterator[Objects]:
    """The bytes of a repository's objects, for as long as the process that gives them runs."""
    import tempfile

    with tempfile.TemporaryFile() as said:
        process = _started(
            lambda: subprocess.Popen(
                _command(["cat-file", "--batch"]), cwd=repository.top, env=_environment(_of(repository)),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            )
        )  # fmt: skip
        try:
            yield Objects(process, said)
        finally:
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    assert stream is not None
                    stream.close()
            process.wait()


# ---------------------------------------------------------------------------------------------------------------------
# The index as files


class Snapshot:
    """The files of the index or of a commit, put into a mirror as they are asked for. Paths are absolute, those of the work tree.

    What lies at the paths `absent` is not read from the disk either.
    """

    def __init__(
        self,
        repository: Repository,
        files: Mapping[str, Entry],
        contents: Objects,
        folder: str,
        absent: Collection[str] = (),
    ) -> None:
        self.mirror = Mirror(repository.top, folder)
        self.files = files
        self.contents = contents
        self._top = repository.top
        self._absent = absent
        self._put: set[str] = set()
        self._made: set[str] = set()
        self._children: dict[str, list[str]] | None = None

    def name(self, path: str) -> str | None:
        """What git calls a path; None outside of the repository."""
        start = self._top.rstrip("/") + "/"
        return path[len(start) :] if path.startswith(start) else None

    def has(self, path: str) -> bool:
        """Whether a file is staged."""
        name = self.name(path)
        return name is not None and name in self.files and self.files[name].mode != SUBMODULE

    def place(self, path: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> Path:
        """The copy of a configuration, a baseline or a folder of schemas, made now: what is staged of it, and where nothing is
        staged what is on the disk. What lies outside of the repository stands where it is.
        """
        copy = self.mirror.of(path)
        if copy == path:
            return path
        whole = str(copy).removeprefix(self.mirror.folder)
        self.put(whole, limit_bytes)
        if not self.has(whole):
            if os.path.isfile(whole):
                if whole not in self._absent:
                    self.link(whole, whole)
            else:
                self._put_schemas(whole)
        elif (where := self._led_to(self.name(whole) or "")).kind == "folder":
            self._put_schemas(where.path)
        return copy

    def _put_schemas(self, folder: str) -> None:
        if self.has_folder(folder):
            self._make(self.mirror.copy_of(folder))
        for child in self._folders().get(self.name(folder) or "", ()):
            if is_schema(child):
                self.put(f"{folder}/{child}")
        with suppress(OSError):
            for child in os.listdir(folder):
                self._make(self.mirror.copy_of(folder))
                path = f"{folder}/{child}"
                if is_schema(child) and not self.has(path) and path not in self._absent:
                    self.link(path, path)

    def put(self, path: str, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> str:
        """Put a file that is staged into the mirror, if it is; the path of its copy. A link leads to a copy, or to what lies
        outside of the repository; where it leads nowhere it does so here.
        """
        copy = self.mirror.copy_of(path)
        if path in self._put or not self.has(path):
            return copy
        self._put.add(path)
        self._make(os.path.dirname(copy))
        name = self.name(path) or ""
        entry = self.files[name]
        if entry.mode != LINK:
            self.contents.copy(entry.oid, copy, max(limit_bytes, DEFAULT_LIMIT_BYTES))
            return copy
        where = self._led_to(name)
        if where.kind == "circle":
            os.symlink(os.path.basename(copy), copy)
        elif where.kind == "outside":
            os.symlink(where.path, copy)
        else:
            self.put(where.path, limit_bytes)
            if where.kind == "folder":
                self._make(self.mirror.copy_of(where.path))
            os.symlink(self.mirror.copy_of(where.path) + where.rest, copy)
        return copy

    def link(self, path: str, target: str) -> None:
        """Let the copy of a path be what lies on the disk."""
        copy = self.mirror.copy_of(path)
        self._make(os.path.dirname(copy))
        with suppress(FileExistsError):
            os.symlink(target, copy)

    def _make(self, folder: str) -> None:
        if folder not in self._made:
            self._made.add(folder)
            os.makedirs(folder, exist_ok=True)

    def path(self, name: str) -> str:
        """The path of a file in the work tree."""
        return f"{self._top.rstrip('/')}/{name}"

    def links(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The path of each link that is staged, with those that it leads to, link by link."""
        for name, entry in self.files.items():
            if entry.mode == LINK:
                where = self._led_to(name)
                yield self.path(name), (*where.through, where.path)

    def _folders(self) -> dict[str, list[str]]:
        """The folders of the index, each with the files that lie in it."""
        if self._children is None:
            children: dict[str, list[str]] = {"": []}
            for name in self.files:
                folder, _, last = name.rpartition("/")
                if folder not in children:
                    above = folder
                    while above and above not in children:
                        children[above] = []
                        above = above.rpartition("/")[0]
                children[folder].append(last)
            self._children = children
        return self._children

    def has_folder(self, path: str) -> bool:
        """Whether a folder has something staged in it."""
        name = self.name(path)
        return path == self._top or (name is not None and name in self._folders())

    def _led_to(self, name: str) -> _Where:
        """Where a link that is staged leads, link by link, in the index as far as that reaches."""
        waiting = name.split("/")[::-1]
        at = self._top
        through: list[str] = []
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                at = os.path.dirname(at)
                continue
            path = f"{at.rstrip('/')}/{part}"
            inside = self.name(path)
            if inside is None:
                if path != self._top and not self._top.startswith(path + "/"):
                    return _Where("outside", os.path.join(path, *waiting[::-1]), through=tuple(through))
                at = path
                continue
            entry = self.files.get(inside)
            if entry is None:
                if inside not in self._folders():
                    return _Where("nowhere", path, "".join(f"/{each}" for each in waiting[::-1]), tuple(through))
                at = path
            elif entry.mode != LINK:
                rest = "".join(f"/{each}" for each in waiting[::-1])
                return _Where("nowhere" if rest or entry.mode == SUBMODULE else "file", path, rest, tuple(through))
            else:
                through.append(path)
                if len(through) > LINKS_FOLLOWED:
                    return _Where("circle", path)
                target = os.fsdecode(self.contents.read(entry.oid))
                if target.startswith("/"):
                    at = ""
                waiting += target.split("/")[::-1]
        is_inside = self.name(at) is not None or at == self._top
        return _Where("folder" if is_inside else "outside", at or "/", through=tuple(through))


@dataclass(frozen=True, slots=True)
class _Where:
    """What a link leads to: a `file` or a `folder` of the index, what lies `outside` of the repository, `nowhere`, or round in
    a `circle`. `rest` is what of the way there is no place for, `through` are the links on the way.
    """

    kind: str
    path: str
    rest: str = ""
    through: tuple[str, ...] = ()


@contextmanager
def snapshot(repository: Repository) -> Iterator[Snapshot]:
    """The index as files, for as long as this lasts. Raises ConfigError."""
    files = staged_files(repository)
    with _snapshot(repository, files) as made:
        yield made


@contextmanager
def snapshot_of(repository: Repository, commit: str, changed: Collection[str]) -> Iterator[Snapshot]:
    """The files of a commit, for as long as this lasts. Of what git does not have that is read from the disk which is not among
    the `changed` paths: they were not there then. Raises ConfigError.
    """
    with _snapshot(repository, _files_of(repository, commit), changed) as made:
        yield made


@contextmanager
def _snapshot(repository: Repository, files: Mapping[str, Entry], absent: Collection[str] = ()) -> Iterator[Snapshot]:
    import tempfile

    with objects(repository) as contents, tempfile.TemporaryDirectory(prefix="validator-") as folder:
        yield Snapshot(repository, files, contents, os.path.realpath(folder), absent)


def _files_of(repository: Repository, commit: str) -> dict[str, Entry]:
    """Every file of a commit, by name."""
    files = {}
    for line in _ask(repository.top, ["ls-tree", "-r", "-z", "--full-tree", commit], _of(repository)).split(b"\0"):
        about, _, name = line.partition(b"\t")
        if name:
            mode, _, oid = about.decode().split(" ")
            files[os.fsdecode(name)] = Entry(mode, oid)
    return files


# ---------------------------------------------------------------------------------------------------------------------
# Repairs and their events


def unstaged_events(root: Path, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The seeds that are staged as a repair left them while what proves the repair is not staged with them.

    Names are relative to the archive's root; of each such seed the files that are still to be staged: its events, the
    originals that they name, the sidecar that the repair changed. The events are those on the disk, all else is as staged.

    A program that runs hooks may have put away what is not staged, the event among it, where the seed had events before. The
    original that a repair has kept is new then, and still there: where a seed differs from the commit only as a safe repair
    may change it, and the original of just the committed bytes lies there unstaged, that tells it. Does not handle: there, a
    repair that changed letters, and one whose original was kept before. Raises ConfigError.
    """
    names = list(names)
    top = os.path.realpath(root)
    record = os.path.join(top, FOLDER)
    if not names or not os.path.isdir(record):
        return {}
    repository = find_repository(Path(top))
    files = staged_files(repository)
    inside = os.path.relpath(top, repository.top)
    if inside.startswith(".."):
        return {}
    prefix = "" if inside == "." else f"{inside}/"
    with objects(repository) as contents:
        staged = _Staged(top, prefix, files, contents)
        found = {name: staged.missing(name) for name in names if os.path.isfile(f"{top}/{_log(name)}")}
        new = staged.new_originals()
        if new:
            before = {change.name: change.before for change in staged_changes(repository) if change.name is not None}
            for name in names:
                if found.get(name) == () and (was := before.get(prefix + name)) is not None:
                    found[name] = staged.put_away(name, was, new)
    return {name: missing for name, missing in found.items() if missing}


def _log(name: str) -> str:
    return f"{FOLDER}/events/{name}.jsonl"


def _original(digest: str) -> str:
    return f"{FOLDER}/originals/{digest[:2]}/{digest}.gz"


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
        """What is to be staged for the record of a seed: of the repair that left it as it is staged, and of what its events that
        are staged already name.
        """
        from validator.preservation import PreservationError, history

        digest = self._digest(name)
        try:
            events = history(Path(self._top), name, renamed=False)
        except PreservationError:
            return ()  # `verify` says what is wrong with them
        log = self._bytes(_log(name)) or b""
        wanted = [event for event in events if event.identifier.encode() in log]
        left = [number for number, event in enumerate(events) if event.seed.after.sha256 == digest]
        known = [number for number in left if events[number] in wanted]
        out = []
        if digest is not None and left and not known:
            out.append(_log(name))
            wanted += events[: left[-1] + 1]
        linked = [each for event in wanted for each in (event.seed, event.sidecar) if each is not None]
        originals = {_original(each.before.sha256) for each in linked if each.before.sha256 is not None}
        out += [path for path in sorted(originals) if self._is_new(path)]
        if digest is not None and left and self._lacks_sidecar(name, events[(known or left)[-1]]):
            out.append(name + SIDECAR_SUFFIX)
        return tuple(out)

    def _is_new(self, name: str) -> bool:
        """Whether a file is on the disk and not staged."""
        return name not in self and os.path.isfile(f"{self._top}/{name}")

    def _lacks_sidecar(self, name: str, event: Event) -> bool:
        """Whether the sidecar is staged as it was before a repair that changed it; who has edited it since knows better."""
        if event.sidecar is None:
            return False
        staged = self._digest(name + SIDECAR_SUFFIX)
        return staged != event.sidecar.after.sha256 and staged == event.sidecar.before.sha256

    def new_originals(self) -> frozenset[str]:
        """The digests of the originals that are on the disk and not staged."""
        folder = f"{self._top}/{FOLDER}/originals"
        found: set[str] = set()
        with suppress(OSError):
            for part in os.listdir(folder):
                with suppress(OSError):
                    found.update(
                        name.removesuffix(".gz")
                        for name in os.listdir(f"{folder}/{part}")
                        if name.endswith(".gz") and f"{FOLDER}/originals/{part}/{name}" not in self
                    )
        return frozenset(found)

    def put_away(self, name: str, was: Entry, new: Collection[str]) -> tuple[str, ...]:
        """What is to be staged for the record of a seed whose last event was put away."""
        from validator.parsing.decoding import decode
        from validator.repairs.edits import folded

        if was.mode in (LINK, SUBMODULE):
            return ()
        before, after = self._contents.read(was.oid), self._bytes(name)
        digest = sha256(before).hexdigest()
        if after is None or digest not in new or _log(name) not in self:
            return ()
        texts = decode(before), decode(after)
        if any(text.encoding is None for text in texts) or folded(texts[0].text) != folded(texts[1].text):
            return ()
        return (_log(name), _original(digest))
