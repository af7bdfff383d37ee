"""The texts that `validator init` writes: configuration, hook entry, jobs for CI. Text in, text out.

What is there already is added to as text, so that comments, order and spelling stay; what comes out is read once more, and
where it does not hold just what was there and what is new, it is not written.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from validator.cli.runners import REPAIR, VALIDATE
from validator.record.sidecar import SUFFIX
from validator.text.globs import matches_any

HOOKS = (VALIDATE, REPAIR)
CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # v5.0.0"
# What .pre-commit-hooks.yaml says of the hook, for archives in which the installed program is called; a test compares them.
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

# What a folder of documents has beside its documents; a name is compared in capitals. Whole names, since a document may well be
# called after a notice, a change or a security council.
_NO_SEEDS = (
    *("README", "README.*", "README_*", "README-*", "LICENCE.*", "LICENSE.*", "LICENSE-*", "COPYING.*", "NOTICE.*"),
    *(
        "CHANGELOG.*",
        "CHANGES.*",
        "HISTORY.*",
        "CONTRIBUTING.*",
        "CODE_OF_CONDUCT.*",
        "CODE-OF-CONDUCT.*",
        "SECURITY.*",
    ),
    *(
        "AUTHORS.*",
        "MAINTAINERS.*",
        "TODO.*",
        "REQUIREMENTS.TXT",
        "REQUIREMENTS-DEV.TXT",
        "CMAKELISTS.TXT",
        "ROBOTS.TXT",
    ),
)


class UnmergeableError(Exception):
    """A file that is there and cannot be added to; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at one seed found. `source` is None where no schema fits, `certain` whether the match is."""

    path: str
    source: str | None
    certain: bool


@dataclass(frozen=True, slots=True)
class Program:
    """Where the program is to be had: its git repository, and a tag or commit; None where that is not known here."""

    url: str | None
    rev: str | None

    @property
    def is_known(self) -> bool:
        """Whether others can fetch it: a hook or a job with half of that would fail."""
        return self.url is not None and self.rev is not None

    @property
    def github(self) -> str | None:
        """`owner/name` where GitHub has it, so that its action can be named."""
        address = (self.url or "").removesuffix("/").removesuffix(".git")
        for start in ("https://github.com/", "ssh://git@github.com/", "git@github.com:"):
            if address.startswith(start) and address.removeprefix(start).count("/") == 1:
                return address.removeprefix(start)
        return None


# ---------------------------------------------------------------------------------------------------------------------
# The configuration


def looks_like_no_seed(path: str) -> bool:
    """Whether a file is called like one that stands beside documents: a read-me, a licence."""
    return matches_any(_NO_SEEDS, path.rpartition("/")[2].upper())


def exclusions(seen: Sequence[Seen]) -> list[str]:
    """The globs of what is no seed: names like README.md of which no schema fits a single one, anywhere."""
    fits = {each.path.rpartition("/")[2] for each in seen if each.source is not None}
    names = {each.path.rpartition("/")[2] for each in seen if each.source is None and looks_like_no_seed(each.path)}
    return sorted(_glob_of(name) for name in names - fits if _can_be_written(name))


def folder_sources(seen: Sequence[Seen]) -> dict[str, tuple[str, int]]:
    """The topmost folders of which every seed is for certain of one source: glob, source, number of seeds.

    The root is none of them, nor is a folder with a single seed: what comes there next is anybody's guess.
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
    """The glob that matches just this name. A configuration takes none that begins with `!`."""
    return "".join(f"\\{character}" if character in "\\*?[!" else character for character in name)


def _can_be_written(name: str) -> bool:
    """Whether a name is text; one whose bytes are not UTF-8 cannot stand in a configuration."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def configuration(excluded: Sequence[str], sources: Mapping[str, tuple[str, int]], baseline: str | None) -> str:
    """A validator.toml."""
    lines = [
        "# What is checked in this archive, and how. The folder of this file is the root of the archive: all globs and",
        "# folders are relative to it. Every key is optional; docs/configuration.md of the program has them all.",
        "",
        "# What counts as a seed in a folder. This is what holds without the key.",
        '# include = ["*.txt", "*.md", "*.markdown", "*.html", "*.htm"]',
        "",
        "# What has the name of a seed and is none. `drafts/` is a folder with all that is in it.",
    ]
    if excluded:
        lines += ["exclude = [", *(f"    {_toml(glob)}," for glob in excluded), "]"]
    else:
        lines += ['# exclude = ["README.md"]']
    lines += [
        "",
        "# The least severity that fails a check, a commit, a merge: error, warning, info or never.",
        '# fail-on = "error"',
        "",
        "# Folders with source schemas of your own: `validator sources new` drafts one from a few seeds.",
        '# schemas = ["sources"]',
    ]
    if baseline is not None:
        lines += [
            "",
            "# What was found when the archive began to be checked. It is set aside; only what is new counts.",
        ]
        lines += [f"baseline = {_toml(baseline)}"]
    if sources:
        lines += [
            "",
            "# The source of the seeds in a folder. Every seed that was there when this was written is of that source for",
            "# certain; what comes later is held against it too, whatever it looks like.",
            "[sources]",
            *(f"{_toml(glob)} = {_toml(source)}" for glob, (source, _) in sources.items()),
        ]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    return text


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# ---------------------------------------------------------------------------------------------------------------------
# The hook


def hook_entry(program: Program, config: str | None) -> list[str]:
    """The lines of an entry for pre-commit and prek, without indentation. `config` is the configuration's path, if not found."""
    args = [] if config is None else [f"      args: [--config, {json.dumps(config, ensure_ascii=False)}]"]
    if not program.is_known:
        return [*_LOCAL_HOOK.split("\n"), *args]
    lines = [
        f"- repo: {_yaml(program.url or '')}",
        f"  rev: {_yaml(program.rev or '')}",
        "  hooks:",
        "    - id: validate-seeds",
    ]
    # Only shown: whether seeds are changed on the way into a commit is for the archive to decide.
    return [*lines, *args, "    # - id: repair-seeds  # mends what is safe, before it is validated; put it first"]


def with_hook(text: str | None, program: Program, config: str | None) -> str:
    """A .pre-commit-config.yaml with the hook; as it is where it has one of ours. Raises UnmergeableError."""
    entry = hook_entry(program, config)
    if text is None or not text.strip():
        return "repos:\n" + "".join(f"  {line}\n" for line in entry)
    root = _composed(text)
    if any(hook in HOOKS for hook in _hook_ids(root)):
        return text
    return _with_item(text, "repos", entry)


def with_hook_in_toml(text: str, program: Program, config: str | None) -> str:
    """A prek.toml with the hook; as it is where it has one of ours. Raises UnmergeableError."""
    before = _toml_of(text)
    listed = before.get("repos", [])
    if any(hook.get("id") in HOOKS for repo in listed for hook in repo.get("hooks", [])):
        return text
    entry = _in_toml(hook_entry(program, config))
    out = text + ("" if text.endswith("\n") or not text else "\n") + "\n" + "\n".join(entry) + "\n"
    try:
        after = tomllib.loads(out)
    except tomllib.TOMLDecodeError:
        after = {}
    new = tomllib.loads("\n".join(entry))["repos"]
    if after != {**before, "repos": [*listed, *new]}:
        raise UnmergeableError("its list of repos is written in a way that nothing can be added to")
    return out


def _in_toml(entry: Sequence[str]) -> list[str]:
    """The lines of an entry in TOML."""
    import yaml

    (repo,) = yaml.safe_load("\n".join(entry))
    (hook,) = repo.pop("hooks")
    said = ", ".join(f"{key} = {_toml_value(value)}" for key, value in hook.items())
    return ["[[repos]]", *(f"{key} = {_toml_value(value)}" for key, value in repo.items()), f"hooks = [{{ {said} }}]"]


def _toml_value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml_value, value))}]"
    return json.dumps(value) if isinstance(value, bool) else _toml(str(value))


def program_of(text: str, is_toml: bool) -> Program | None:
    """Where a configuration of hooks has the program from; None where it has none of our hooks. Raises UnmergeableError."""
    if is_toml:
        entries = [
            (
                str(repo.get("repo", "")),
                str(repo.get("rev", "")),
                [hook.get("id") for hook in repo.get("hooks", [])],
            )
            for repo in _toml_of(text).get("repos", [])
        ]
    else:
        entries = [
            (_said(repo, "repo"), _said(repo, "rev"), [_said(hook, "id") for hook in _items(_value(repo, "hooks"))])
            for repo in _items(_value(_composed(text), "repos"))
        ]
    for url, rev, hooks in entries:
        if any(hook in HOOKS for hook in hooks) and url not in ("local", "meta", "builtin"):
            return Program(url or None, rev or None)
    return None


def _said(node: Any, key: str) -> str:
    value = _value(node, key)
    return str(value.value) if value is not None and value.id == "scalar" else ""


def _toml_of(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnmergeableError(f"it is not TOML: {error}") from None


def _hook_ids(root: Any) -> list[str]:
    """The hooks that a configuration names, as far as it is one."""
    return [_said(hook, "id") for repo in _items(_value(root, "repos")) for hook in _items(_value(repo, "hooks"))]


# ---------------------------------------------------------------------------------------------------------------------
# CI


def workflow(program: Program, config: str | None, branch: str) -> str:
    """A workflow for GitHub, with a program that is known. Where GitHub does not have it, it is fetched first."""
    lines = [
        "# Holds the seeds that a pull request changes, and those that are pushed, against the schemas of their sources.",
        "name: seeds",
        "on:",
        "  pull_request:",
        "  push:",
        f"    branches: [{_yaml(branch)}]",
        "permissions:",
        "  contents: read",
        "  security-events: write  # for code scanning; without it set upload-sarif to false",
        "jobs:",
        "  validate:",
        "    runs-on: ubuntu-latest",
        "    steps:",
        f"      - uses: {CHECKOUT}",
        "        with:",
        "          fetch-depth: 0  # what has changed is told from the history",
    ]
    if program.github is not None:
        lines += [f"      - uses: {_yaml(f'{program.github}@{program.rev}')}"]
    else:
        lines += [
            "      - name: Fetch the validator",
            "        env:",
            f"          PROGRAM: {_yaml(program.url or '')}",
            f"          REVISION: {_yaml(program.rev or '')}",
            "        run: |",
            '          git clone --quiet -- "$PROGRAM" .seed-validator',
            '          git -C .seed-validator checkout --quiet --detach "$REVISION"',
            "      - uses: ./.seed-validator",
        ]
    if config is not None:
        lines += ["        with:", f"          config: {_yaml(config)}"]
    return "\n".join(lines) + "\n"


def job(template: str, program: Program, config: str | None) -> str:
    """A job for GitLab, from the template that comes with the program, which is known."""
    place = f"seed-validator @ git+{program.url}@{program.rev}"
    out = template.replace('SEEDS_PROGRAM: ""\n', f"SEEDS_PROGRAM: {_yaml(place)}\n")
    return out.replace('SEEDS_CONFIG: ""\n', f"SEEDS_CONFIG: {_yaml(config)}\n") if config is not None else out


def with_job(text: str | None) -> str:
    """A .gitlab-ci.yml that includes the job; as it is where it does. Raises UnmergeableError."""
    entry = [f"- local: {JOB}"]
    if text is None or not text.strip():
        return "include:\n" + "".join(f"  {line}\n" for line in entry)
    root = _composed(text)
    if JOB in text:
        return text
    stages = _value(root, "stages")
    if stages is not None and "test" not in [str(each.value) for each in _items(stages)]:
        raise UnmergeableError(f"its stages have no `test`, in which the job runs: include {JOB} and set its stage")
    return _with_item(text, "include", entry)


# ---------------------------------------------------------------------------------------------------------------------
# Git


def attributes(paths: Sequence[str]) -> str:
    """Lines of a .gitattributes that keep git from converting seeds and their sidecars."""
    tops = sorted({f"/{_attribute(path.split('/')[0])}/**" for path in paths if "/" in path})
    files = sorted({f"/*.{_attribute(path.rpartition('.')[2])}" for path in paths if "/" not in path and "." in path})
    patterns = [*files, *tops, f"*{SUFFIX}"]
    return "".join(
        [
            "# Seeds are kept to the byte: git converts no line ends in them, whatever it is set to.\n",
            *(f"{_quoted(pattern)} -text\n" for pattern in patterns),
        ]
    )


def record_attributes(root: str) -> str:
    """Lines of a .gitattributes for the record of repairs in the archive's root, a folder of the repository ('' is its top).

    Where two clones repaired the same seed, git keeps the events of both. An original is never merged: its name is its digest.
    """
    folder = f"/{_attribute(root)}/.validator" if root else "/.validator"
    return (
        "# The record of repairs: of two clones, the events of both.\n"
        f"{_quoted(f'{folder}/events/**')} -text merge=union\n"
        f"{_quoted(f'{folder}/originals/**')} binary\n"
    )


def _attribute(name: str) -> str:
    return _glob_of(name)


def _quoted(pattern: str) -> str:
    if any(character in ' \t"' for character in pattern):
        return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'
    return pattern


# ---------------------------------------------------------------------------------------------------------------------
# YAML that is there already


def _yaml(text: str) -> str:
    """A text as a scalar of YAML: plain where that reads back as itself."""
    import yaml

    try:
        plain = (
            text.isascii() and not any(character in text for character in "#{}[],&*!|>'\"%@` ") and yaml.safe_load(text)
        )
    except yaml.YAMLError:
        plain = None
    return text if plain == text else json.dumps(text, ensure_ascii=False)


def _composed(text: str) -> Any:
    """The tree of a YAML file, no tag resolved. Raises UnmergeableError."""
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark is not None else ""
        raise UnmergeableError(f"it is not YAML{place}") from None
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise UnmergeableError("it is no mapping")
    return root


def _value(node: Any, key: str) -> Any:
    """The node of a key, None where there is none."""
    if node is None or node.id != "mapping":
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _items(node: Any) -> list[Any]:
    return list(node.value) if node is not None and node.id == "sequence" else []


def _plain(node: Any) -> Any:
    """What a tree says, without places."""
    if node is None:
        return None
    if node.id == "mapping":
        return (node.tag, [(_plain(name), _plain(value)) for name, value in node.value])
    if node.id == "sequence":
        return (node.tag, [_plain(each) for each in node.value])
    return (node.tag, node.value)


def _with_item(text: str, key: str, entry: Sequence[str]) -> str:
    """The text of a mapping with one more item in the list of a key. Raises UnmergeableError."""
    root = _composed(text)
    items = _value(root, key)
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    refusal = UnmergeableError(f"its {key} is written in a way that nothing can be added to")
    if items is None:
        at, indent, head = len(lines), "  ", [f"{key}:{end}"]
        if lines and lines[-1].strip() == "...":
            raise refusal
    elif items.id != "sequence" or items.flow_style or not items.value or items in items.value:
        raise refusal
    else:
        at, indent, head = _last_line(items) + 1, " " * items.start_mark.column, []
    out = "".join([*lines[:at], *head, *(f"{indent}{line}{end}" for line in entry), *lines[at:]])
    new = _composed("x:\n" + "\n".join(entry) + "\n")
    try:
        is_added = _is_added(_composed(text), _composed(out), key, _plain(_items(_value(new, "x"))[0]))
    except RecursionError:  # an anchor inside of what it stands for
        raise refusal from None
    if not is_added:
        raise refusal
    return out


def _last_line(node: Any) -> int:
    """The line, from 0, on which what a node says ends; comments after it do not count."""
    if node.id == "scalar" or node.flow_style or not node.value:
        mark = node.end_mark
        return int(mark.line) - (1 if mark.column == 0 and mark.line > node.start_mark.line else 0)
    last = node.value[-1]
    return _last_line(last[1] if node.id == "mapping" else last)


def _is_added(before: Any, after: Any, key: str, item: Any) -> bool:
    """Whether one tree is another with an item more in the list of a key."""

    def keys(tree: Any) -> dict[str, Any]:
        return {str(name[1]): value for name, value in tree[1]} if tree is not None else {}

    was, now = keys(_plain(before)), keys(_plain(after))
    listed = was.pop(key, ("", []))[1]
    return bool(now.pop(key, ("", []))[1] == [*listed, item] and was == now)
