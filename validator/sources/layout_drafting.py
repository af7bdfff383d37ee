"""Writes a layout into a source schema: what a schema drafted from newer seeds says differently, as an entry of `layouts`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from validator.sources.schema_file import OF_LAYOUT

_LAYOUTS = re.compile(r"^layouts:[ \t]*(?P<rest>[^\s#][^\n]*)?(?:#[^\n]*)?(?:\n|\Z)", re.MULTILINE)
_ENTRY = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?P<indent> *)- ")  # after lines that are empty or a comment


def layout_entry(name: str, since: date | None, own: Mapping[str, Any], drafted: Mapping[str, Any]) -> str:
    """The lines below `layouts:` for the layout of a schema drafted from the seeds since a day.

    `own` and `drafted` are the contents of the two schemas, ancestors merged in. Only what differs is written, and not what is
    required: a missing field is still missed. A field that the newer seeds do not have keeps the place of the older ones,
    where nothing will be found.
    """
    lines = [f"  - name: {_value(name)}\n"]
    if since is not None:
        lines.append(f"    valid_from: {since}\n")
    for key in OF_LAYOUT:
        lines += _differing(key, own.get(key), drafted.get(key))
    return "".join(lines)


def _differing(key: str, own: Any, drafted: Any) -> Iterator[str]:
    if drafted is None or drafted == own:
        return
    if isinstance(drafted, list):
        new = [entry for entry in drafted if entry not in (own or ())]
        if new:
            yield f"    {key}:\n"
            yield from (f"      - {_value(entry)}\n" for entry in new)
        return
    new_members = {
        name: value for name, value in drafted.items() if name != "required" and value != (own or {}).get(name)
    }
    if new_members:
        yield f"    {key}:\n"
        yield from (f"      {name}: {_value(value)}\n" for name, value in new_members.items())


def _value(value: Any) -> str:
    """A value in the form of YAML that is nearly JSON: characters that nobody sees are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in text)


def with_layout(schema: str, entry: str) -> str:
    """The text of a schema with one more entry of `layouts`, before the others: of two that fit, the newer one counts.

    Raises ValueError if `layouts` is there in another form than entries in lines of their own.
    """
    found = _LAYOUTS.search(schema)
    if found is None:
        return f"{schema.rstrip()}\n\nlayouts:\n{entry}"
    if found["rest"]:
        raise ValueError("`layouts` is written in one line: write each entry below it, beginning with `- `")
    end = found.end()
    first = _ENTRY.match(schema, end)
    indent = first["indent"] if first is not None else "  "
    lines = entry.splitlines(keepends=True)
    moved = "".join(indent + line.removeprefix("  ") for line in lines)
    newline = "" if schema[:end].endswith("\n") else "\n"
    return f"{schema[:end]}{newline}{moved}{schema[end:]}"
