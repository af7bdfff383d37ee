"""Globs over names with `/` between folders: which seeds a configuration, a source schema or a sidecar means.

`*` and `?` stay within one folder, `**/` is any number of folders, a trailing `/**` or `/` everything inside, `[a-z]`
and `[!a-z]` one character. A glob without `/` (but for a trailing one) matches a name in any folder; a leading `/` or
any other `/` ties it to the root. `\\` takes the meaning from the next character. Upper and lower case differ, but not in
a file's extension: `*.md` matches `A.MD` and `*.MD` matches `a.md`, as old systems and cameras write capitals. Such an
extension is what follows the last dot of the glob, and only ASCII letters and digits. There is no negation: a leading `!` is
itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_FOLDERS = "(?:[^/]*/)"
_EXTENSION = re.compile(r"\.[A-Za-z0-9]+")


@lru_cache(maxsize=4096)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """The pattern of a glob, anchored at both ends; matching takes time linear in the name. Never raises.

    Every star but the last of a folder's name, and every `**/` but the last, takes the nearest match and never goes
    back (an atomic group): what follows it can only gain room by that, so nothing is missed.
    """
    parts = [part for part in glob.split("/") if part]
    if len(parts) == 1 and not glob.startswith("/"):
        parts.insert(0, "**")
    if glob.endswith("/"):
        parts.append("**")
    blocks: list[list[str]] = [[]]  # the parts between two `**/`
    for part, before in zip(parts, [None, *parts], strict=False):
        if part != "**":
            blocks[-1].append(f"(?>{_name(part)})")
        elif before != "**":
            blocks.append([])
    if blocks == [[]]:
        return re.compile(r"(?!)")
    if parts[-1] != "**":
        blocks[-1][-1] = f"(?>{_name(parts[-1], _extension_at(parts[-1]))})"

    pattern = "/".join(blocks[0])
    for block in blocks[1:-1]:
        pattern += f"{'/' if pattern else ''}(?>{_FOLDERS}*?{'/'.join(block)})"
    if blocks[1:]:
        pattern += "/" if pattern else ""
        pattern += f"{_FOLDERS}*?{'/'.join(blocks[-1])}" if blocks[-1] else r"(?s:.+)"
    return re.compile(rf"\A{pattern}\Z")


def matches_any(globs: Iterable[str], name: str) -> bool:
    """Whether one of the globs matches the name."""
    return any(glob_pattern(glob).match(name) for glob in globs)


def excludes(globs: Iterable[str], name: str) -> bool:
    """Whether one of the globs matches the name or one of the folders that it lies in."""
    globs = tuple(globs)
    if not globs:
        return False
    at = name.find("/", 1)
    while at > 0:
        if matches_any(globs, name[:at]):
            return True
        at = name.find("/", at + 1)
    return matches_any(globs, name)


def _extension_at(part: str) -> int:
    """Where in the glob of a file's name the letters of its extension begin; its end where it has none."""
    at = part.rfind(".")
    has_one = at > 0 and part[at - 1] != "\\" and _EXTENSION.fullmatch(part, at) is not None
    return at + 1 if has_one else len(part)


def _name(part: str, extension_at: int | None = None) -> str:
    """The pattern of one folder's or file's name; it takes the whole name up to the next `/` or the end.

    From `extension_at` on upper and lower case are the same.
    """
    if extension_at is None:
        extension_at = len(part)
    runs = [""]  # the text between two stars
    at = 0
    while at < len(part):
        character = part[at]
        at += 1
        if character == "*":
            if len(runs) == 1 or runs[-1]:
                runs.append("")
        elif character == "?":
            runs[-1] += "[^/]"
        elif character == "[":
            pattern, at = _choice(part, at)
            runs[-1] += pattern
        else:
            if character == "\\" and at < len(part):
                character = part[at]
                at += 1
            is_either = at > extension_at and character.isalpha()
            runs[-1] += f"[{character.lower()}{character.upper()}]" if is_either else re.escape(character)
    first, *others = runs
    pattern = first
    for run in others[:-1]:
        pattern += f"(?>[^/]*?{run})"
    if others:
        pattern += f"[^/]*{others[-1]}"
    return rf"{pattern}(?=/|\Z)"


def _choice(part: str, at: int) -> tuple[str, int]:
    """The pattern of a `[…]`, and where it ends; the part after `[` begins at `at`. A bracket that never closes is itself."""
    start = at
    negated = part[at : at + 1] in ("!", "^")
    at += negated
    ranges = []
    first = True
    while at < len(part) and (first or part[at] != "]"):
        first = False
        low, at = _literal(part, at)
        high = low
        if part[at : at + 1] == "-" and part[at + 1 : at + 2] not in ("", "]"):
            high, at = _literal(part, at + 1)
        if low <= high:
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
    if at >= len(part):
        return r"\[", start
    inside = "".join(ranges)
    if negated:
        return f"[^/{inside}]", at + 1
    return f"(?!/)[{inside}]" if ranges else "(?!)", at + 1


def _literal(part: str, at: int) -> tuple[str, int]:
    if part[at] == "\\" and at + 1 < len(part):
        at += 1
    return part[at], at + 1
