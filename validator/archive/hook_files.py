"""Configuration files of other programs: adding to them as text, and the hooks in those of pre-commit and prek.

An item is added to a list so that comments, order and spelling are kept. The result is parsed once more: if it does not hold
exactly what was there and the new item, the file is left alone.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validator.archive.root import read_text
from validator.text.errors import ConfigError


class UnmergeableError(Exception):
    """A file that nothing can be added to; the text says why, in one line."""


def toml_text(text: str) -> str:
    """A text as a string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_value(value: Any) -> str:
    """A text, a truth value or a list of texts in TOML."""
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(value) if isinstance(value, bool) else toml_text(str(value))


def parsed_toml(text: str) -> dict[str, Any]:
    """What a TOML file holds. Raises UnmergeableError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnmergeableError(f"it is not TOML: {error}") from None


def yaml_text(text: str) -> str:
    """A text as a scalar of YAML: without quotes if that means the same."""
    import yaml

    try:
        plain = (
            text.isascii() and not any(character in text for character in "#{}[],&*!|>'\"%@` ") and yaml.safe_load(text)
        )
    except yaml.YAMLError:
        plain = None
    return text if plain == text else json.dumps(text, ensure_ascii=False)


def composed(text: str) -> Any:
    """The tree of a YAML file, no tag resolved. Raises UnmergeableError."""
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark is not None else ""
        raise UnmergeableError(f"it is not YAML{place}") from None
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise UnmergeableError("it is not a mapping")
    return root


def value_of(node: Any, key: str) -> Any:
    """The node of a key, `None` without one."""
    if node is None or node.id != "mapping":
        return None
    return next((value for name, value in node.value if name.value == key), None)


def items_of(node: Any) -> list[Any]:
    """The nodes of a list; none if the node is not a list."""
    return list(node.value) if node is not None and node.id == "sequence" else []


def _plain(node: Any) -> Any:
    """The content of a tree, without places."""
    if isinstance(node.value, str):
        return (node.tag, node.value)
    return (node.tag, [tuple(map(_plain, each)) if isinstance(each, tuple) else _plain(each) for each in node.value])


def with_item(text: str, key: str, entry: Sequence[str]) -> str:
    """The text of a mapping with one more item in the list of a key. Raises UnmergeableError."""
    refusal = UnmergeableError(f"its {key} is written in a way that nothing can be added to")
    wanted, addition = composed(text), composed("\n".join([f"{key}:", *entry, ""]))
    items = value_of(wanted, key)
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    if items is None:
        at, indent, head = len(lines), "  ", [f"{key}:{end}"]
        if lines and lines[-1].strip() == "...":
            raise refusal
        if wanted is None:
            wanted = addition
        else:
            wanted.value.extend(addition.value)
    elif items.id != "sequence" or items.flow_style or not items.value or items in items.value:
        raise refusal
    else:
        at, indent, head = _last_line(items) + 1, " " * items.start_mark.column, []
        items.value.extend(value_of(addition, key).value)
    out = "".join([*lines[:at], *head, *(f"{indent}{line}{end}" for line in entry), *lines[at:]])
    try:
        is_added = _plain(composed(out)) == _plain(wanted)
    except (RecursionError, UnmergeableError):  # an anchor inside its own value, or no YAML any more
        is_added = False
    if not is_added or [name.value for name, _ in wanted.value].count(key) > 1:
        raise refusal
    return out


def _last_line(node: Any) -> int:
    """The last line of a node, from 0, without comments after it."""
    if node.id == "scalar" or node.flow_style or not node.value:
        mark = node.end_mark
        return int(mark.line) - (1 if mark.column == 0 and mark.line > node.start_mark.line else 0)
    last = node.value[-1]
    return _last_line(last[1] if node.id == "mapping" else last)


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
