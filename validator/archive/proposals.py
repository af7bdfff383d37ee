"""The files that `validator init` proposes to write, from what it saw in the archive."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from validator.archive.adoption import (
    JOB,
    WORKFLOW,
    Seen,
    attributes,
    configuration,
    exclusions,
    folder_sources,
    job,
    looks_like_no_seed,
    program_of,
    record_attributes,
    with_hook,
    with_hook_in_toml,
    with_job,
    workflow,
)
from validator.archive.config import BASELINE_NAME
from validator.archive.git import git_answer
from validator.archive.hook_files import FILES as HOOK_FILES
from validator.archive.merging import UnmergeableError
from validator.archive.opening import Archive
from validator.archive.program_source import Program
from validator.archive.root import find_config, read_text, templates_folder, whole_path
from validator.archive.writing import write_atomically
from validator.text.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Look:
    """What `init` saw: the archive, the top of its repository (`None` without one), its seeds, and how many fail a check."""

    archive: Archive
    top: Path | None
    seen: tuple[Seen, ...]
    failing: int

    @property
    def unidentified(self) -> list[str]:
        """The seeds that no schema fits, without files like README.md."""
        return [each.path for each in self.seen if each.source is None and not looks_like_no_seed(each.path)]

    @property
    def baseline(self) -> Path:
        """The file of the baseline."""
        return self.archive.root / (self.archive.settings.baseline or BASELINE_NAME)

    def name(self, path: Path) -> str:
        """The name of a file as it is shown."""
        return _under(path, self.top or self.archive.root) or str(path)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file to write: its purpose, its text now (`None` if it is missing), and its new text.

    `trouble` says why the program must not write it, and after a line break what to add by hand.
    """

    path: Path
    purpose: str
    before: str | None
    after: str
    trouble: str = ""
    replaces: bool = False

    @property
    def is_to_write(self) -> bool:
        """Whether the file would be written."""
        return not self.trouble and self.before != self.after

    def write(self) -> None:
        """Write the file. Raises ConfigError if somebody else has changed it meanwhile."""
        if _text_of(self.path) != self.before:
            raise ConfigError("it was changed by somebody else just now; it was not written", str(self.path))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, self.after.encode("utf-8"))


def proposals(look: Look, program: Program, ci: str | None, baseline: bool, may_replace: bool) -> list[Proposal]:
    """The files to write, but for CI only the configuration if there is no git repository."""
    out = [_config_proposal(look, baseline)]
    if look.top is None:
        return out
    config = None
    if look.top != Path(os.path.realpath(look.archive.root)):
        config = os.path.relpath(out[0].path, look.top)
    out += [*_attributes_proposal(look, look.top), _hook_proposal(look.top, program, config)]
    if program.is_known and ci == "github":
        text = workflow(program, config, _branch(look.top))
        out.append(_whole(look.top / WORKFLOW, text, may_replace))
    elif program.is_known and ci == "gitlab":
        text = job(read_text(templates_folder() / "gitlab.yml"), program, config)
        out.append(_whole(look.top / JOB, text, may_replace))
        out.append(_merged(look.top / ".gitlab-ci.yml", "lets GitLab run that job", with_job))
    return out


def _config_proposal(look: Look, baseline: bool) -> Proposal:
    text = configuration(exclusions(look.seen), folder_sources(look.seen), BASELINE_NAME if baseline else None)
    purpose = "the configuration: what is a seed, and the sources of folders"
    if look.archive.config_sha256 is None:
        return Proposal(look.archive.root / "validator.toml", purpose, None, text)
    path = find_config(look.archive.request.folder) or look.archive.root / "validator.toml"
    before = read_text(path)
    trouble = ""
    if baseline and look.archive.settings.baseline is None:
        trouble = f'it is yours: add baseline = "{BASELINE_NAME}" to it'
    return Proposal(path, purpose, before, before, trouble)


def _attributes_proposal(look: Look, top: Path) -> list[Proposal]:
    """The file that keeps git from converting line ends in seeds, and lets it join the events of two clones."""
    inside = [_under(look.archive.root / each.path, top) for each in look.seen]
    names = [each for each in inside if each is not None]
    root = _under(look.archive.root / ".validator", top)
    if not names or root is None:
        return []
    root = root.removesuffix(".validator").rstrip("/")
    lines = "" if _is_kept(top, names) else attributes(names)
    lines += "" if _is_joined(top, root) else record_attributes(root)
    if not lines:
        return []
    path = top / ".gitattributes"
    before = read_text(path) if path.exists() else None
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    purpose = "keeps git from changing line ends in seeds, and joins the events of clones"
    return [Proposal(path, purpose, before, f"{before or ''}{gap}{lines}")]


def _is_joined(top: Path, root: str) -> bool:
    """Whether git keeps the events of both sides of a merge, to the byte."""
    log = str(Path(root, ".validator", "events", "seed.jsonl"))
    answer = git_answer(top, "check-attr", "-z", "text", "merge", "--", log).split(b"\0")[2::3]
    return answer == [b"unset", b"union"]


def _is_kept(top: Path, names: Sequence[str]) -> bool:
    """Whether git keeps the bytes of all these files."""
    given = b"".join(os.fsencode(name) + b"\0" for name in names)
    values = git_answer(top, "check-attr", "-z", "--stdin", "text", given=given).split(b"\0")[2::3]
    return bool(values) and all(value == b"unset" for value in values)


def _hook_proposal(top: Path, program: Program, config: str | None) -> Proposal:
    path = _hook_file(top) or top / HOOK_FILES[1]

    def merged(text: str | None) -> str:
        is_toml = path.suffix == ".toml"
        return with_hook_in_toml(text or "", program, config) if is_toml else with_hook(text, program, config)

    return _merged(path, "a hook that checks each commit", merged)


def _hook_file(top: Path) -> Path | None:
    return next((top / name for name in HOOK_FILES if (top / name).exists()), None)


def _merged(path: Path, purpose: str, merge: Callable[[str | None], str]) -> Proposal:
    """A file that is added to if it exists."""
    before = _text_of(path)
    try:
        return Proposal(path, purpose, before, merge(before))
    except UnmergeableError as error:
        return Proposal(path, purpose, before, before or "", f"{error}; add this to it:\n{merge(None)}")


def _whole(path: Path, text: str, may_replace: bool) -> Proposal:
    """The job for CI, a file of our own. One that exists and differs is replaced only on request; --yes is not enough."""
    before = _text_of(path)
    differs = before is not None and before != text
    trouble = "it exists and differs; --overwrite replaces it" if differs and not may_replace else ""
    return Proposal(path, "a job that checks what is pushed and proposed", before, text, trouble, replaces=differs)


def _text_of(path: Path) -> str | None:
    """The text of a file, with its own line ends; `None` if it is missing. Raises ConfigError."""
    return read_text(path, shown=path.name) if path.exists() else None


def ci_in_use(top: Path) -> str | None:
    """The CI that a repository uses, as far as its files and remotes tell."""
    if (top / ".github").is_dir():
        return "github"
    if (top / ".gitlab-ci.yml").exists():
        return "gitlab"
    hosts = git_answer(top, "config", "--get-regexp", r"^remote\..*\.url$").decode("utf-8", "replace").lower()
    return next((name for name in ("github", "gitlab") if re.search(rf"[/@.]{name}\.", hosts)), None)


def _branch(top: Path) -> str:
    """The branch that is pushed to: the remote's, else the one that is checked out, else main."""
    for ref in ("refs/remotes/origin/HEAD", "HEAD"):
        name = git_answer(top, "symbolic-ref", "--quiet", "--short", ref).decode("utf-8", "replace").strip()
        if name:
            return name.removeprefix("origin/") if ref != "HEAD" else name
    return "main"


def _under(path: Path, top: Path) -> str | None:
    whole = whole_path(path)
    start = str(top).rstrip("/") + "/"
    return whole.removeprefix(start) if whole.startswith(start) else None


def program_in_hook(top: Path | None) -> Program | None:
    """Where an existing hook fetches the program."""
    path = _hook_file(top) if top is not None else None
    if path is None:
        return None
    try:
        return program_of(_text_of(path) or "", is_toml=path.suffix == ".toml")
    except UnmergeableError:
        return None
