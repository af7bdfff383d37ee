"""Writes single values into the text of a source schema. All other lines stay as they are, with their comments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from validator.sources.yaml_files import children, compose

if TYPE_CHECKING:
    from validator.parsing.yaml_spans import Node

FILL_IN = "FILL IN"  # in a line of a draft that a person has to complete
_WORDS_OF_YAML = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
_AFTER = ("text", "residue", "rules", "examples", "layouts")  # what is below a new key at the top


def quoted(text: str) -> str:
    """A text in YAML, between quotation marks."""
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escaped = (each if each.isprintable() and each not in '"\\' else f"\\U{ord(each):08x}" for each in text)
    return f'"{"".join(escaped)}"'


def key_of(key: str) -> str:
    """A key in YAML."""
    is_plain = re.fullmatch("[A-Za-z_][A-Za-z0-9_-]*", key) and key.lower() not in _WORDS_OF_YAML
    return key if is_plain else quoted(key)


def flow(value: Any) -> str:
    """A value in YAML, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key_of(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    is_plain = re.fullmatch(r"[a-z][a-z_-]+", str(value)) and value not in _WORDS_OF_YAML
    return str(value) if is_plain else quoted(str(value))


def left_open(schema: str) -> list[tuple[int, str]]:
    """What is still to be filled in: the numbers of the lines, and what they ask for."""
    return [(at, line.strip().lstrip("# ")) for at, line in enumerate(schema.split("\n"), 1) if FILL_IN in line]


def with_value(schema: str, path: tuple[str, ...], lines: str | None) -> str:
    """The schema with other lines for a key, at the top or in a mapping at the top; without the key if there are no lines.

    `lines` begin with the key, with the indent of their depth, and end with a line break. Raises ValueError if the mapping is
    written on one line, between braces.
    """
    root = compose(schema, "this schema")
    *above, name = path
    whole = root
    for step in above:
        whole = children(whole).get(step) if whole is not None else None
    if above and whole is None:
        key = f"{key_of(above[0])}:\n"
        return _new(schema, root, key + lines) if lines is not None else schema
    if above and whole is not None and whole.keys and schema[whole.span.start] == "{":
        raise ValueError(f"`{above[0]}` is written on one line: write each of its keys on a line of its own")
    if whole is not None and whole.keys is not None and name in whole.keys:
        if lines is None and above and len(whole.keys) == 1:
            return with_value(schema, tuple(above), None)
        start, end = _lines(schema, whole.keys[name].start, _end(schema, children(whole)[name]))
        return schema[:start] + (lines or "") + schema[end:]
    if lines is None:
        return schema
    if not above:
        return _new(schema, root, lines)
    start = schema.index("\n", root.keys[above[0]].start) + 1 if root is not None and root.keys else 0
    return schema[:start] + lines + schema[start:]


def with_entry(schema: str, name: str, entry: Mapping[str, Any], comment: str) -> str:
    """The schema with one more entry in a list at the top. Raises ValueError if the list is written on one line."""
    root = compose(schema, "this schema")
    whole = children(root).get(name) if root is not None else None
    line = f"- {flow(entry)}    # {comment}\n"
    if whole is None or not whole.children:
        return with_value(schema, (name,), f"{name}:\n  {line}")
    _check_lines(schema, name, whole)
    start, end = _lines(schema, whole.children[-1].span.start, _end(schema, whole.children[-1]))
    first = schema[start : whole.children[-1].span.start]
    indent = " " * (len(first) - len(first.lstrip()))
    return schema[:end] + ("" if schema[:end].endswith("\n") else "\n") + indent + line + schema[end:]


def without_entry(schema: str, name: str, number: int) -> str:
    """The schema without an entry of a list at the top, and without the list if it was the only one."""
    root = compose(schema, "this schema")
    whole = children(root)[name] if root is not None else None
    if whole is None or len(whole.children) == 1:
        return with_value(schema, (name,), None)
    _check_lines(schema, name, whole)
    start, end = _lines(schema, whole.children[number].span.start, _end(schema, whole.children[number]))
    return schema[:start] + schema[end:]


def without_comment(schema: str, key: str) -> str:
    """The schema without the comment that stands for a key, and the lines that go on below it."""
    return re.sub(rf"^  # {re.escape(key)}:[^\n]*\n(?:  #   [^\n]*\n)*", "", schema, flags=re.MULTILINE)


def _check_lines(schema: str, name: str, whole: Node) -> None:
    if schema[whole.span.start] == "[":
        raise ValueError(f"`{name}` is written on one line: write each of its entries on a line of its own")


def _end(schema: str, node: Node) -> int:
    """Where a value ends; that of a block is the end of its last value."""
    is_block = node.children and schema[node.span.start] not in "[{"
    return _end(schema, node.children[-1]) if is_block else node.span.end


def _lines(schema: str, start: int, end: int) -> tuple[int, int]:
    """The whole lines of a key or an entry, with the comment behind it."""
    end = start + len(schema[start:end].rstrip("\n"))
    stop = schema.find("\n", end)
    return schema.rfind("\n", 0, start) + 1, stop + 1 if stop >= 0 else len(schema)


def _new(schema: str, root: Node | None, lines: str) -> str:
    """The schema with lines for a new key at the top, before those that are usually below it."""
    keys = root.keys if root is not None and root.keys else {}
    places = [span.start for name, span in keys.items() if name in _AFTER]
    at = min(places, default=len(schema))
    before = schema[:at]
    return before + ("" if not before or before.endswith("\n") else "\n") + lines + schema[at:]
