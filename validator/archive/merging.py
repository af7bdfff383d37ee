"""Adding an item to a list in a YAML or TOML file that exists, as text: comments, order and spelling are kept.

The result is parsed once more. If it does not hold exactly what was there and the new item, the file is left alone.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from typing import Any


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


def with_item(text: str, key: str, entry: Sequence[str]) -> str:
    """The text of a mapping with one more item in the list of a key. Raises UnmergeableError."""
    import yaml

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
        is_added = yaml.serialize(composed(out)) == yaml.serialize(wanted)
    except (yaml.YAMLError, RecursionError, UnmergeableError):
        is_added = False
    if not is_added:
        raise refusal
    return out


def _last_line(node: Any) -> int:
    """The last line of a node, from 0, without comments after it."""
    if node.id == "scalar" or node.flow_style or not node.value:
        mark = node.end_mark
        return int(mark.line) - (1 if mark.column == 0 and mark.line > node.start_mark.line else 0)
    last = node.value[-1]
    return _last_line(last[1] if node.id == "mapping" else last)
