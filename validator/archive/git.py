"""What git knows of an archive: what is staged, what has changed since a commit, the bytes of both, and what is ignored.

Git is called so that no setting of the user changes the answer: names end in NUL, paths are relative to the top, renames are
detected, and no program of the user runs except the filters that say what a file holds. The variables that git sets for hooks
are respected, since `git commit -a` and `git commit FILE` commit from an index of their own.

Names are relative to the top of the repository, with `/`; bytes that are not UTF-8 are lone surrogates. A failure of git is a
ConfigError, so that nothing counts as checked by mistake.

Not handled: the contents of submodules, which have their own index.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from validator.archive.reading import system_reason
from validator.archive.root import repository_of
from validator.text.errors import ConfigError

if TYPE_CHECKING:  # it takes a while to import, and a single file needs no git
    from subprocess import Popen

LINK, SUBMODULE = "120000", "160000"  # modes of git
_ABSENT_MODE = "0" * 6
_CHUNK_BYTES = 1 << 20

# The user's own settings could change an answer or run a program. Other settings are dealt with by options.
_SETTINGS = ("core.fsmonitor=false", "diff.autoRefreshIndex=true")
_RAW = ("--raw", "-z", "--no-abbrev", "-M", "-l2000", "--no-ext-diff", "--no-textconv", "-O/dev/null")
# Variables that tell git which repository to use. A hook's are wrong for any other repository.
_OF_THE_PLACE = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a work tree. `top` is the work tree's path; `variables` tell git which repository it is."""

    top: str
    variables: Mapping[str, str] = field(default_factory=dict)


class Entry(NamedTuple):
    """A file as git has it: its mode, and the identifier of its bytes (for a link, of its target)."""

    mode: str
    oid: str


class Change(NamedTuple):
    """A file that has changed. `name` is its current name, None if it is gone; `old` the former name, None if it is new; the two
    differ if it was renamed. `before` is what it was, None if it is new.
    """

    name: str | None
    old: str | None
    before: Entry | None


# ---------------------------------------------------------------------------------------------------------------------
# Asking


def find_repository(folder: Path) -> Repository:
    """The repository that a folder lies in, or that the environment names. Raises ConfigError without one."""
    given = os.environ.get("GIT_DIR")
    if given is not None and "GIT_WORK_TREE" not in os.environ:
        # A hook of a linked work tree has GIT_DIR and runs at the top; in a folder below, git would take that one for the top.
        plain = _without_place()
        with suppress(ConfigError):
            top, own = (_line(_run(folder, plain, "rev-parse", what)) for what in ("--show-toplevel", _GIT_DIR))
            if os.path.realpath(own) in (os.path.realpath(os.path.join(at, given)) for at in (folder, top)):
                return Repository(os.path.realpath(top), {"GIT_DIR": own, "GIT_WORK_TREE": top})
    top = _line(_run(folder, os.environ, "rev-parse", "--show-toplevel"))
    if given is None:
        return Repository(os.path.realpath(top))
    own = _line(_run(folder, os.environ, "rev-parse", _GIT_DIR))
    return Repository(os.path.realpath(top), {"GIT_DIR": own, "GIT_WORK_TREE": top})


_GIT_DIR = "--absolute-git-dir"


def _without_place() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OF_THE_PLACE}


def _line(answer: bytes) -> str:
    return os.fsdecode(answer.removesuffix(b"\n"))


def _command(arguments: Iterable[str]) -> list[str]:
    return ["git", "--no-pager", *(word for setting in _SETTINGS for word in ("-c", setting)), *arguments]


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables for git: it asks nobody, and answers in English."""
    return {**variables, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _of(repository: Repository) -> dict[str, str]:
    return {**os.environ, **repository.variables}


def _ask(repository: Repository, *arguments: str, allowed: Collection[int] = (0,)) -> bytes:
    """What git prints for a repository. Raises ConfigError as `_run` does."""
    return _run(repository.top, _of(repository), *arguments, allowed=allowed)


def _run(
    folder: str | Path,
    variables: Mapping[str, str],
    *arguments: str,
    allowed: Collection[int] = (0,),
    given: bytes = b"",
) -> bytes:
    """What git prints. Raises ConfigError with git's message, unless its exit code is `allowed`."""
    import subprocess

    with _failing_to_start():
        done = subprocess.run(
            _command(arguments), cwd=folder, env=_environment(variables), input=given, capture_output=True, check=False
        )
    if done.returncode not in allowed:
        raise ConfigError(_failure(done.stderr, f"git {arguments[0]} ended with {done.returncode}"))
    return done.stdout


@contextmanager
def _failing_to_start() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise ConfigError("git is not installed, or not where programs are looked for") from None
    except OSError as error:
        raise ConfigError(f"git cannot be started: {system_reason(error)}") from None


def _failure(said: bytes, otherwise: str) -> str:
    """Git's message about its failure, on one line."""
    text = said.decode("utf-8", "surrogateescape").strip()
    lines = [line for line in text.split("\n") if line.startswith(("fatal: ", "error: "))] or text.split("\n")[-1:]
    reason = lines[0].removeprefix("fatal: ").removeprefix("error: ") if lines and lines[0] else otherwise
    return f"git: {reason[:300]}"


def git_answer(folder: str | Path, *arguments: str, given: bytes = b"") -> bytes:
    """What git prints in a folder, whatever repository a hook is for; empty if git fails or is missing."""
    try:
        return _run(folder, _without_place(), *arguments, given=given)
    except ConfigError:
        return b""


def git_identity() -> str | None:
    """Who works here, by git's configuration: `Name <address>`; None if it does not say."""
    answers = (git_answer(Path.cwd(), "config", "--get", key) for key in ("user.name", "user.email"))
    name, address = (answer.decode("utf-8", "replace").strip() for answer in answers)
    return f"{name} <{address}>" if name and address else name or None


def ignored_paths(repository: str, paths: Sequence[str]) -> set[str]:
    """Which of the paths, all inside the repository, git ignores: none if git is missing or fails."""
    prefix = repository.rstrip("/") + "/"
    # `./`, because a name may begin with a colon, which has a meaning for git.
    names = b"".join(b"./" + os.fsencode(path.removeprefix(prefix)) + b"\0" for path in paths)
    # Without --no-index git searches the whole index for each path, which takes minutes for a hundred thousand.
    answer = git_answer(repository, "check-ignore", "--no-index", "-z", "--stdin", given=names)
    ignored = {os.fsdecode(name[2:]) for name in answer.split(b"\0") if name}
    if not ignored:
        return set()
    tracked = git_answer(repository, "ls-files", "-z", "--full-name")
    for name in map(os.fsdecode, tracked.split(b"\0")):  # tracked files, and folders that hold one, are not ignored
        while name:
            ignored.discard(name)
            name = name.rpartition("/")[0]
    return {prefix + name for name in ignored}


# ---------------------------------------------------------------------------------------------------------------------
# What is staged, what has changed


def staged_files(repository: Repository) -> dict[str, Entry]:
    """Every file of the index, by name: what a commit would hold. Raises ConfigError during an unfinished merge."""
    files: dict[str, Entry] = {}
    for _, mode, _, oid, status, name, _ in _raw(repository, *_staged_against(_empty_tree(repository), "--no-renames")):
        if status == "U":
            raise ConfigError(f'"{name}" is unmerged: settle the conflict and stage it (git add); nothing was checked')
        parts = name.split("/")
        if "" in parts or "." in parts or ".." in parts:  # git makes no such names, but a tampered index may hold them
            raise ConfigError(f'the index is damaged: it has a file called "{name}"')
        files[name] = Entry(mode, oid)
    return files


def committed_files(repository: Repository, commit: str) -> dict[str, Entry]:
    """Every file of a commit, by name."""
    files = {}
    for line in _ask(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
        about, _, name = line.partition(b"\t")
        if name:
            mode, _, oid = about.decode().split(" ")
            files[os.fsdecode(name)] = Entry(mode, oid)
    return files


def changed_between(repository: Repository, old: str, new: str) -> list[str]:
    """The names of the files that differ in two commits. Raises ConfigError if one of them is not there."""
    answer = _ask(repository, "diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
    return [os.fsdecode(name) for name in answer.split(b"\0") if name]


def staged_changes(repository: Repository, head: str | None = None) -> list[Change]:
    """What is staged: the index compared with HEAD, or with nothing before the first commit. `head` is HEAD, if it is known."""
    head = head or commit_of(repository, "HEAD") or _empty_tree(repository)
    return [_change(*each) for each in _raw(repository, *_staged_against(head))]


def changes_since(repository: Repository, ref: str) -> list[Change]:
    """What has changed in the work tree since a ref and HEAD parted, including new files that git neither has nor ignores.

    Raises ConfigError if the ref is not a commit, or has no common ancestor with HEAD here.
    """
    import tempfile

    base = merge_base(repository, ref)
    # Unlike plumbing, `git diff` does not list files that were only touched. But it writes what it sees to the index, which
    # may block somebody at work there, so it gets a copy.
    arguments = ("diff", *_RAW, "--ignore-submodules=dirty", base, "--")
    with tempfile.TemporaryDirectory(prefix="validator-") as folder:
        changes = [_change(*each) for each in _raw(_with_own_index(repository, folder), *arguments)]
    new = _ask(repository, "ls-files", "-z", "--others", "--exclude-standard", "--full-name")
    names = (os.fsdecode(name) for name in new.split(b"\0") if name)
    return [*changes, *(Change(name, None, None) for name in names if not name.endswith("/"))]


def merge_base(repository: Repository, ref: str) -> str:
    """The commit at which a ref and HEAD part. Raises ConfigError as `changes_since` does."""
    commit, head = commit_of(repository, ref), commit_of(repository, "HEAD")
    if commit is None:
        raise ConfigError(f'--since: "{ref}" is no commit here; fetch it first, or see `git branch -a` for names')
    if head is None:
        raise ConfigError("--since: there is no commit yet; --staged checks what is staged for the first one")
    base = _line(_ask(repository, "merge-base", commit, head, allowed=(0, 1)))
    if not base:
        hint = ""
        if _line(_ask(repository, "rev-parse", "--is-shallow-repository")) == "true":
            hint = (
                "; the history here is cut off: `git fetch --unshallow` gets it (in CI: check out with fetch-depth: 0)"
            )
        raise ConfigError(f'--since: "{ref}" and HEAD have no common ancestor here{hint}')
    return base


def _with_own_index(repository: Repository, folder: str) -> Repository:
    """The repository with a copy of its index, which git may write to."""
    import shutil

    index = _line(_ask(repository, "rev-parse", "--git-path", "index"))
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
    answer = _ask(repository, "ls-files", "-z", "--stage", "--full-name")
    return [os.fsdecode(line.partition(b"\t")[2]) for line in answer.split(b"\0") if line.startswith(LINK.encode())]


def renamed_since(repository: Repository, file: str) -> Iterator[tuple[str, str]]:
    """What git takes for renamed, as pairs of new name and old name: first in what is staged, then since the file at this path
    was last committed.
    """
    name = os.path.relpath(file, repository.top)
    last = _ask(repository, "rev-list", "-1", "HEAD", "--", f":(top,literal){name}", allowed=(0, 128))
    for commit in dict.fromkeys((commit_of(repository, "HEAD"), _line(last))):
        for each in _raw(repository, *_staged_against(commit)) if commit else ():
            change = _change(*each)
            if change.name is not None and change.old is not None and change.name != change.old:
                yield change.name, change.old


def _staged_against(tree: str, *options: str) -> tuple[str, ...]:
    # A commit would not contain a file that is only intended to be added (`git add -N`).
    return ("diff-index", "--cached", *_RAW, "--ita-invisible-in-index", *options, tree, "--")


def commit_of(repository: Repository, ref: str) -> str | None:
    """The identifier of a commit, None if it does not exist; a ref may begin with a dash."""
    if not ref or "\0" in ref:
        return None
    arguments = ("--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    return _line(_ask(repository, "rev-parse", *arguments, allowed=(0, 1, 128))) or None


def _empty_tree(repository: Repository) -> str:
    return _line(_ask(repository, "hash-object", "-t", "tree", "--stdin"))


_Raw = tuple[str, str, str, str, str, str, str]


def _raw(repository: Repository, *arguments: str) -> Iterator[_Raw]:
    """For each file that differs: old mode, new mode, old identifier, new identifier, status, old name, new name."""
    words = iter(os.fsdecode(_ask(repository, *arguments)).split("\0"))
    for word in words:
        if word:
            before, after, old_oid, oid, status = word.removeprefix(":").split(" ")
            old = next(words)
            yield before, after, old_oid, oid, status[0], old, next(words) if status[0] in "RC" else old


def _change(before: str, _after: str, oid: str, _oid: str, status: str, old: str, name: str) -> Change:
    was = Entry(before, oid) if before != _ABSENT_MODE and status not in "AC" else None
    if status == "U":
        return Change(name, name, was)
    return Change(None if status == "D" else name, old if was is not None else None, was)


# ---------------------------------------------------------------------------------------------------------------------
# Bytes


class Objects:
    """The bytes that git has: as stored, without filters or changed line ends. One process reads them, from the first on."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._process: Popen[bytes] | None = None
        self._said: IO[bytes] | None = None  # what it complains of

    def _started(self) -> tuple[IO[bytes], IO[bytes]]:
        """The process's input and output."""
        if self._process is None:
            import subprocess
            import tempfile

            self._said = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
            with _failing_to_start():
                self._process = subprocess.Popen(
                    _command(["cat-file", "--batch"]), cwd=self._repository.top, env=_environment(_of(self._repository)),
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said,
                )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            for stream in self._started():
                with suppress(OSError):
                    stream.close()
            self._process.wait()
        if self._said is not None:
            self._said.close()

    def read(self, oid: str) -> bytes:
        """The bytes of an object."""
        return b"".join(self._chunks(self._ask(oid)))

    def copy(self, oid: str, path: str, limit_bytes: int) -> None:
        """Write an object's bytes to a new file; for one above the limit the file only has the right size."""
        size = self._ask(oid)
        with open(path, "xb") as out:
            for chunk in self._chunks(size):
                if size <= limit_bytes:
                    out.write(chunk)
            out.truncate(size)

    def _ask(self, oid: str) -> int:
        """Ask for an object; its size."""
        answer = b""
        questions, answers = self._started()
        with suppress(BrokenPipeError):
            questions.write(oid.encode() + b"\n")
            questions.flush()
            answer = answers.readline()
        words = answer.split()
        if len(words) == 3:
            return int(words[2])
        raise self._failed(f"there is no object {oid}: the repository is damaged, or only a part of another one")

    def _chunks(self, size: int) -> Iterator[bytes]:
        left = size
        _, answers = self._started()
        while left:
            chunk = answers.read(min(left, _CHUNK_BYTES))
            if not chunk:
                raise self._failed("git cat-file ended early")
            left -= len(chunk)
            yield chunk
        answers.read(1)  # the line end after each object

    def _failed(self, otherwise: str) -> ConfigError:
        assert self._said is not None
        self._said.seek(0)
        return ConfigError(_failure(self._said.read(100_000), otherwise))


@contextmanager
def objects(repository: Repository) -> Iterator[Objects]:
    """The bytes of a repository's objects, as long as this is open."""
    with closing(Objects(repository)) as contents:
        yield contents


# ---------------------------------------------------------------------------------------------------------------------
# Commands that stage files, for a person to copy


def in_git(root: Path) -> frozenset[Path] | None:
    """The files in git's index; `None` if the root is in no repository."""
    try:
        repository = find_repository(root)
    except ConfigError:
        return None
    return frozenset(Path(repository.top, name) for name in staged_files(repository))


def git_add(files: Sequence[Path], ignored: Collection[Path] = ()) -> str:
    """The command that stages these files, as seen from the working directory; with `-f` if git ignores one of them."""
    force = ["-f"] * any(path in ignored for path in files)
    return " ".join(["git", "add", *force, "--", *(shell_word(relative(path)) for path in files)])


def staging(root: Path, written: Iterable[Sequence[Path]]) -> Iterator[str]:
    """The commands that stage what was written, one for each seed, without originals that git has: they never change."""
    written = list(written)
    kept = in_git(root) or frozenset()
    ignored = ignored_by_git(path for files in written for path in files)
    for files in written:
        yield git_add([path for path in files if path not in kept or path.suffix != ".gz"], ignored)


def ignored_by_git(files: Iterable[Path]) -> frozenset[Path]:
    """The files that git would ignore: a user's own `*.gz` makes it ignore all originals."""
    paths = [str(path) for path in files]
    repository = repository_of(os.path.dirname(paths[0])) if paths else None
    return frozenset(map(Path, ignored_paths(repository, paths))) if repository is not None else frozenset()


def relative(path: Path) -> str:
    """A path relative to the working directory, absolute if it lies outside."""
    here = os.path.realpath(Path.cwd())
    return os.path.relpath(path, here) if str(path).startswith(here.rstrip("/") + "/") else str(path)


def shell_word(name: str) -> str:
    """A name as bash, zsh and other shells with `$'…'` read it; always printable."""
    import shlex

    if name.isprintable():
        return shlex.quote(name)
    # Bytes that are not UTF-8, and invisible characters, are written as escapes.
    shown = "".join(
        character if character.isprintable() and character not in "'\\" else _escaped(character) for character in name
    )
    return f"$'{shown}'"


def _escaped(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in os.fsencode(character))
