"""What `validator init` proposes to write: configuration, hook entry, job for CI, attributes for git."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from validator.archive.config import BASELINE_NAME
from validator.archive.git import git_answer
from validator.archive.hook_files import FILES as HOOK_FILES
from validator.archive.hook_files import (
    REPAIR,
    VALIDATE,
    UnmergeableError,
    composed,
    hooks_in,
    items_of,
    parsed_hooks,
    parsed_toml,
    toml_text,
    toml_value,
    value_of,
    with_item,
    yaml_text,
)
from validator.archive.opening import Archive
from validator.archive.root import find_config, project_addresses, read_text, templates_folder, whole_path
from validator.archive.writing import write_atomically
from validator.record.sidecar import SIDECAR_SUFFIX
from validator.text.errors import ConfigError

_DISTRIBUTION = "seed-validator"


@dataclass(frozen=True, slots=True)
class Program:
    """A git repository with the program, and a tag or commit; `None` if not known."""

    url: str | None
    rev: str | None

    @property
    def is_known(self) -> bool:
        """Whether others can fetch it: that needs both."""
        return self.url is not None and self.rev is not None

    @property
    def github(self) -> str | None:
        """`owner/name` if GitHub has it, so that its action can be named."""
        address = (self.url or "").removesuffix("/").removesuffix(".git")
        for start in ("https://github.com/", "ssh://git@github.com/", "git@github.com:"):
            if address.startswith(start) and address.removeprefix(start).count("/") == 1:
                return address.removeprefix(start)
        return None


def installed_from() -> Program:
    """Where the installation comes from: a repository, or the remote of a checkout."""
    try:
        installed: Distribution | None = distribution(_DISTRIBUTION)
    except PackageNotFoundError:
        installed = None
    direct = json.loads((installed.read_text("direct_url.json") if installed is not None else None) or "{}")
    url = str(direct.get("url", ""))
    vcs = direct.get("vcs_info")
    if vcs and vcs.get("vcs") == "git":
        wanted = str(vcs.get("requested_revision") or "")
        rev = wanted if re.fullmatch(r"v?\d+(\.\d+)*", wanted) else str(vcs.get("commit_id") or wanted)
        return Program(without_secret(url), rev or None)
    checkout = Path(unquote(urlsplit(url).path)) if url.startswith("file://") else Path(__file__).resolve().parents[2]
    if (checkout / ".git").exists():
        remote = git_answer(checkout, "remote", "get-url", "origin").decode("utf-8", "replace").strip()
        if remote:
            tag = git_answer(checkout, "describe", "--tags", "--exact-match").decode("utf-8", "replace").strip()
            commit = git_answer(checkout, "rev-parse", "HEAD").decode("utf-8", "replace").strip()
            return Program(without_secret(remote), tag or commit or None)
    addresses = project_addresses()
    named = (addresses[label] for label in ("repository", "source", "source code") if label in addresses)
    return Program(next(map(without_secret, named), None), None)


def without_secret(url: str) -> str:
    """An address without a name and password."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and "@" in parts.netloc:
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return url


HOOKS = (VALIDATE, REPAIR)
# The hook of .pre-commit-hooks.yaml, for archives that call the installed program; a test compares them.
_LOCAL_HOOK = """\
- repo: local  # the validator that is installed on this machine; it must be on the PATH
  hooks:
    - id: validate-seeds
      name: validate seeds
      entry: validator validate --hook
      language: system
      files: (?i:\\.(txt|md|markdown|html?)|\\.meta\\.yaml)$
      types: []
      always_run: true
      require_serial: true
      verbose: true"""
WORKFLOW = ".github/workflows/seeds.yml"
JOB = ".gitlab/seeds.yml"

# Other files that a folder of documents often has, in capitals. Whole names only: a document may well be called after a
# notice, a change or a security council.
_NO_SEED = re.compile(
    r"README(?:[._-].*)?|(?:LICEN[CS]E|COPYING|NOTICE|CHANGELOG|CHANGES|HISTORY|CONTRIBUTING|CODE_OF_CONDUCT|CODE-OF-CONDUCT"
    r"|SECURITY|AUTHORS|MAINTAINERS|TODO)\..*|LICENSE-.*|(?:REQUIREMENTS(?:-DEV)?|CMAKELISTS|ROBOTS)\.TXT",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One seed of the archive. `source` is `None` if no schema fits; `certain` says whether the match is."""

    path: str
    source: str | None
    certain: bool


# ---------------------------------------------------------------------------------------------------------------------
# The configuration


def looks_like_no_seed(path: str) -> bool:
    """Whether a file has a name like README.md or LICENSE.txt."""
    return _NO_SEED.fullmatch(path.rpartition("/")[2].upper()) is not None


def exclusions(seen: Sequence[Seen]) -> list[str]:
    """Globs of files that are not seeds: names like README.md, if no schema fits any file with that name."""
    fits = {each.path.rpartition("/")[2] for each in seen if each.source is not None}
    names = {each.path.rpartition("/")[2] for each in seen if each.source is None and looks_like_no_seed(each.path)}
    return sorted(_glob_of(name) for name in names - fits if _can_be_written(name))


def folder_sources(seen: Sequence[Seen]) -> dict[str, tuple[str, int]]:
    """The topmost folders whose seeds all certainly have one source: glob, source, number of seeds.

    The root is left out, and so is a folder with a single seed: nobody knows what comes there next. Where all seeds of a folder
    are in a folder below it that has the name of the source, it is that one: another source may come beside it.
    """
    inside: dict[str, list[Seen]] = {}
    for each in seen:
        folder = each.path.rpartition("/")[0]
        while folder:
            inside.setdefault(folder, []).append(each)
            folder = folder.rpartition("/")[0]
    found: dict[str, tuple[str, int]] = {}
    taken: list[str] = []
    for folder in sorted(inside, key=lambda name: (name.count("/"), name)):
        members = inside[folder]
        sources = {each.source if each.certain else None for each in members}
        source = members[0].source
        if any(folder.startswith(f"{above}/") for above in taken) or not _can_be_written(folder):
            continue
        if len(sources) == 1 and None not in sources and source is not None and len(members) > 1:
            taken.append(folder)
            below = [name for name in inside if name.startswith(f"{folder}/") and name.rpartition("/")[2] == source]
            named = next((name for name in below if len(inside[name]) == len(members)), folder)
            found[f"{_glob_of(named)}/**"] = (source, len(members))
    return dict(sorted(found.items()))


def _glob_of(name: str) -> str:
    """The glob that matches only this name."""
    return "".join(f"\\{character}" if character in "\\*?[!" else character for character in name)


def _can_be_written(name: str) -> bool:
    """Whether a name is UTF-8: no other can be in a configuration."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def configuration(
    excluded: Sequence[str], sources: Mapping[str, tuple[str, int]], baseline: str | None, schemas: Sequence[str] = ()
) -> str:
    """A validator.toml."""
    text = read_text(templates_folder() / "validator.toml")
    if excluded:
        globs = "".join(f"    {toml_text(glob)},\n" for glob in excluded)
        text = text.replace('# exclude = ["README.md"]\n', f"exclude = [\n{globs}]\n")
    if schemas:
        text = text.replace('# schemas = ["schemas"]\n', f"schemas = [{', '.join(map(toml_text, schemas))}]\n")
    if baseline is not None:
        text += "\n# Findings from the time when the archive began to be checked. They are set aside; only new ones count.\n"
        text += f"baseline = {toml_text(baseline)}\n"
    if sources:
        text += (
            "\n# The source of the seeds in a folder. Every seed that was there when this was written certainly has that\n"
            "# source; new ones are checked against it too, whatever they look like.\n[sources]\n"
        )
        text += "".join(f"{toml_text(glob)} = {toml_text(source)}\n" for glob, (source, _) in sources.items())
    tomllib.loads(text)
    return text


# ---------------------------------------------------------------------------------------------------------------------
# The hook


def hook_entry(program: Program, config: str | None) -> list[str]:
    """The lines of an entry for pre-commit and prek, without indentation. `config` is the configuration's path, if not found."""
    args = [] if config is None else [f"      args: [--config, {json.dumps(config, ensure_ascii=False)}]"]
    if not program.is_known:
        return [*_LOCAL_HOOK.split("\n"), *args]
    lines = [
        f"- repo: {yaml_text(program.url or '')}",
        f"  rev: {yaml_text(program.rev or '')}",
        "  hooks:",
        "    - id: validate-seeds",
    ]
    # Only shown: the archive decides whether a commit may change seeds.
    return [*lines, *args, "    # - id: repair-seeds  # repairs what is safe, before the check; put it first"]


def with_hook(text: str | None, program: Program, config: str | None) -> str:
    """A .pre-commit-config.yaml with the hook; unchanged if it has one of ours. Raises UnmergeableError."""
    entry = hook_entry(program, config)
    if text is None or not text.strip():
        return "repos:\n" + "".join(f"  {line}\n" for line in entry)
    return text if _has_hook(text, is_toml=False) else with_item(text, "repos", entry)


def with_hook_in_toml(text: str, program: Program, config: str | None) -> str:
    """A prek.toml with the hook; unchanged if it has one of ours. Raises UnmergeableError."""
    if _has_hook(text, is_toml=True):
        return text
    before, entry = parsed_toml(text), _in_toml(hook_entry(program, config))
    out = text + ("" if text.endswith("\n") or not text else "\n") + "\n" + "\n".join(entry) + "\n"
    new = tomllib.loads("\n".join(entry))["repos"]
    with suppress(UnmergeableError):
        if parsed_toml(out) == {**before, "repos": [*before.get("repos", []), *new]}:
            return out
    raise UnmergeableError("its list of repos is written in a way that nothing can be added to")


def _in_toml(entry: Sequence[str]) -> list[str]:
    """The lines of an entry in TOML."""
    import yaml

    (repo,) = yaml.safe_load("\n".join(entry))
    (hook,) = repo.pop("hooks")
    said = ", ".join(f"{key} = {toml_value(value)}" for key, value in hook.items())
    return ["[[repos]]", *(f"{key} = {toml_value(value)}" for key, value in repo.items()), f"hooks = [{{ {said} }}]"]


def program_of(text: str, is_toml: bool) -> Program | None:
    """Where a configuration of hooks fetches the program; `None` without a hook of ours. Raises UnmergeableError."""
    for repo, hook in hooks_in(parsed_hooks(text, is_toml)):
        url, rev = str(repo.get("repo", "")), str(repo.get("rev", ""))
        if hook.get("id") in HOOKS and url not in ("local", "meta", "builtin"):
            return Program(url or None, rev or None)
    return None


def _has_hook(text: str, is_toml: bool) -> bool:
    return any(hook.get("id") in HOOKS for _, hook in hooks_in(parsed_hooks(text, is_toml)))


# ---------------------------------------------------------------------------------------------------------------------
# CI


def workflow(program: Program, config: str | None, branch: str) -> str:
    """A workflow for GitHub. If GitHub has the program, its action is named; else the program is fetched first."""
    text = read_text(templates_folder() / "github.yml").replace("[main]", f"[{yaml_text(branch)}]")
    if program.github is not None:
        text = text[: text.index("      - name: Fetch the validator\n")]
        text += f"      - uses: {yaml_text(f'{program.github}@{program.rev}')}\n"
    else:
        for key, value in (("PROGRAM", program.url), ("REVISION", program.rev)):
            text = text.replace(f'{key}: ""\n', f"{key}: {yaml_text(value or '')}\n")
    return text if config is None else f"{text}        with:\n          config: {yaml_text(config)}\n"


def job(template: str, program: Program, config: str | None) -> str:
    """A job for GitLab, from a template."""
    place = f"seed-validator @ git+{program.url}@{program.rev}"
    out = template.replace('SEEDS_PROGRAM: ""\n', f"SEEDS_PROGRAM: {yaml_text(place)}\n")
    return out.replace('SEEDS_CONFIG: ""\n', f"SEEDS_CONFIG: {yaml_text(config)}\n") if config is not None else out


def with_job(text: str | None) -> str:
    """A .gitlab-ci.yml that includes the job; unchanged if it does already. Raises UnmergeableError."""
    entry = [f"- local: {JOB}"]
    if text is None or not text.strip():
        return "include:\n" + "".join(f"  {line}\n" for line in entry)
    root = composed(text)
    if JOB in text:
        return text
    stages = value_of(root, "stages")
    if stages is not None and "test" not in [str(each.value) for each in items_of(stages)]:
        raise UnmergeableError(f"its stages have no `test`, in which the job runs: include {JOB} and set its stage")
    return with_item(text, "include", entry)


# ---------------------------------------------------------------------------------------------------------------------
# Git


def attributes(paths: Sequence[str]) -> str:
    """Lines of a .gitattributes that keep git from converting seeds and their sidecars."""
    tops = sorted({f"/{_glob_of(path.split('/')[0])}/**" for path in paths if "/" in path})
    files = sorted({f"/*.{_glob_of(path.rpartition('.')[2])}" for path in paths if "/" not in path and "." in path})
    patterns = [*files, *tops, f"*{SIDECAR_SUFFIX}"]
    return "".join(
        [
            "# Seeds are kept to the byte: git converts no line ends in them, whatever its settings.\n",
            *(f"{_quoted(pattern)} -text\n" for pattern in patterns),
        ]
    )


def record_attributes(root: str) -> str:
    """Lines of a .gitattributes for the record of repairs in the archive's root, a folder of the repository ('' is its top).

    Where two clones repaired the same seed, git keeps the events of both. An original is never merged: its name is its digest.
    """
    folder = f"/{_glob_of(root)}/.validator" if root else "/.validator"
    return (
        "# The record of repairs: after a merge it has the events of both sides.\n"
        f"{_quoted(f'{folder}/events/**')} -text merge=union\n"
        f"{_quoted(f'{folder}/originals/**')} binary\n"
    )


def _quoted(pattern: str) -> str:
    if any(character in ' \t"' for character in pattern):
        return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'
    return pattern


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
    given = [name for each in look.archive.request.schemas if (name := _under(each, look.archive.root))]
    text = configuration(exclusions(look.seen), folder_sources(look.seen), BASELINE_NAME if baseline else None, given)
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
