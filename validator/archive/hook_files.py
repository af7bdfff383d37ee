"""Our hook in the configuration of pre-commit or prek: the files that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        return all(map(_finds(name), self.wanted)) and not any(map(_finds(name), self.unwanted))


def _finds(name: str) -> Any:
    def finds(pattern: str) -> bool:
        try:
            return re.search(pattern, name) is not None
        except re.error:
            return False

    return finds


def own_hooks(top: Path) -> list[OwnHook]:
    """The entries for `validate-seeds` in the configuration of hooks; none if it cannot be read."""
    found = next((top / name for name in FILES if (top / name).is_file()), None)
    return [] if found is None else list(_entries(_read(found)))


def _read(path: Path) -> Mapping[str, Any]:
    from validator.archive.root import read_text
    from validator.text.errors import ConfigError

    try:
        text = read_text(path, _LIMIT_BYTES)
        if path.suffix == ".toml":
            from validator.archive.config import read_toml

            return read_toml(text)
        import yaml

        content = yaml.safe_load(text)
    except (ConfigError, ValueError, RecursionError):
        return {}
    except yaml.YAMLError:
        return {}
    return content if isinstance(content, Mapping) else {}


def _entries(content: Mapping[str, Any]) -> Iterator[OwnHook]:
    for repo in _mappings(content.get("repos")):
        for hook in _mappings(repo.get("hooks")):
            if hook.get("id") == VALIDATE or "validator validate --hook" in str(hook.get("entry")):
                yield OwnHook(_texts(content, hook, "files"), _texts(content, hook, "exclude"))


def _mappings(value: Any) -> Iterable[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _texts(content: Mapping[str, Any], hook: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The expressions under a key, of the whole configuration and of the hook; the globs of prek are passed over."""
    return tuple(value for each in (content, hook) if isinstance(value := each.get(key), str) and value)
