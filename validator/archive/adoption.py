"""The texts that `validator init` writes: configuration, hook entry, jobs for CI, attributes for git. Text in, text out."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from validator.archive.hook_files import REPAIR, VALIDATE, hooks_in, parsed_hooks
from validator.archive.merging import (
    UnmergeableError,
    composed,
    items_of,
    parsed_toml,
    toml_text,
    toml_value,
    value_of,
    with_item,
    yaml_text,
)
from validator.archive.program_source import Program
from validator.archive.root import read_text, templates_folder
from validator.record.sidecar import SIDECAR_SUFFIX

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

# Files that a folder of documents often has besides, in capitals. Whole names only: a document may well be called after a
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
    """Globs of files that are no seeds: names like README.md, if no schema fits any file of that name."""
    fits = {each.path.rpartition("/")[2] for each in seen if each.source is not None}
    names = {each.path.rpartition("/")[2] for each in seen if each.source is None and looks_like_no_seed(each.path)}
    return sorted(_glob_of(name) for name in names - fits if _can_be_written(name))


def folder_sources(seen: Sequence[Seen]) -> dict[str, tuple[str, int]]:
    """The topmost folders whose seeds all certainly have one source: glob, source, number of seeds.

    The root is left out, and so is a folder with a single seed: nobody knows what comes there next.
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
            found[f"{_glob_of(folder)}/**"] = (source, len(members))
    return dict(sorted(found.items()))


def _glob_of(name: str) -> str:
    """The glob that matches only this name."""
    return "".join(f"\\{character}" if character in "\\*?[!" else character for character in name)


def _can_be_written(name: str) -> bool:
    """Whether a name is UTF-8: no other can be in a configuration."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def configuration(excluded: Sequence[str], sources: Mapping[str, tuple[str, int]], baseline: str | None) -> str:
    """A validator.toml."""
    text = read_text(templates_folder() / "validator.toml")
    if excluded:
        globs = "".join(f"    {toml_text(glob)},\n" for glob in excluded)
        text = text.replace('# exclude = ["README.md"]\n', f"exclude = [\n{globs}]\n")
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
