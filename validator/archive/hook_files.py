"""The configuration of pre-commit or prek: its hooks, and the files that ours takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validator.archive.merging import UnmergeableError, composed, parsed_toml
from validator.archive.root import read_text
from validator.text.errors import ConfigError

FILES = ("prek.toml", ".pre-commit-config.yaml", ".pre-commit-config.yml")  # in the order in which prek looks
VALIDATE, REPAIR = "validate-seeds", "repair-seeds"
_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class OwnHook:
    """One entry of ours: regular expressions that must, and must not, match a file's path."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]

    def takes(self, name: str) -> bool:
        """Whether the runner would name this file, given its path from the top of the repository."""
        return all(_finds(each, name) for each in self.wanted) and not any(_finds(each, name) for each in self.unwanted)


def _finds(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def own_hooks(top: Path) -> list[OwnHook]:
    """The entries for `validate-seeds` in the configuration of hooks; none if it cannot be read."""
    found = next((top / name for name in FILES if (top / name).is_file()), None)
    if found is None:
        return []
    try:
        content = parsed_hooks(read_text(found, _LIMIT_BYTES), found.suffix == ".toml")
    except (ConfigError, UnmergeableError):
        return []
    return [
        OwnHook(_texts(content, hook, "files"), _texts(content, hook, "exclude"))
        for _, hook in hooks_in(content)
        if hook.get("id") == VALIDATE or "validator validate --hook" in str(hook.get("entry"))
    ]


def parsed_hooks(text: str, is_toml: bool) -> Mapping[str, Any]:
    """The content of a configuration of hooks; each value of YAML is text. Raises UnmergeableError."""
    if is_toml:
        return parsed_toml(text)
    import yaml

    class AllText(yaml.SafeLoader):
        """Reads `rev: 1.10` as text, and knows `<<`."""

    AllText.yaml_implicit_resolvers = {"<": [("tag:yaml.org,2002:merge", re.compile("<<"))]}
    try:
        content = yaml.load(text, AllText)  # noqa: S506 - it is a safe one
    except (yaml.YAMLError, RecursionError):
        content = composed(text)  # says what is wrong
    return content if isinstance(content, Mapping) else {}


def hooks_in(content: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each hook of a configuration, with the entry of its repository."""
    for repo in _mappings(content.get("repos")):
        for hook in _mappings(repo.get("hooks")):
            yield repo, hook


def _mappings(value: Any) -> Iterable[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _texts(content: Mapping[str, Any], hook: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The expressions under a key, of the whole configuration and of the hook; the globs of prek are passed over."""
    return tuple(value for each in (content, hook) if isinstance(value := each.get(key), str) and value)
