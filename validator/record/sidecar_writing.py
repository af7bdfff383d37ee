"""Writing into sidecars.

Edits are made in the text itself, at places that the parser gave, rather than by loading and dumping: every other byte stays
as it was, whatever the layout. The result is read again and compared before it is returned.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from validator.record.sidecar import FIELDS, FOLDER_SIDECAR, SIDECAR_SUFFIX, SidecarError
from validator.record.sidecar_reading import (
    ENTRY,
    SIDECAR,
    NotYamlError,
    SidecarNode,
    compose,
    decoded,
    did_you_mean,
    form_problems,
    is_too_large,
    place_of,
    quoted,
    shape_problems,
    shown,
    text_at,
)
from validator.text.places import LineIndex, Normal

_HEADER = "# Sidecar of the seed beside this file: attested values and accepted findings.\n"
_FOLDER_HEADER = (
    "# Sidecar of the seeds that the globs name, in this folder and below: attested values and accepted findings.\n"
)
# Days and names of rules stand without quotes; a name's hyphen keeps it from being a word or number that YAML knows.
_PLAIN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[a-z]+(?:-[a-z0-9]+)+")
_COMMENT = re.compile(r"(?:(?<=\s)|(?<![^\n]))#[^\n]*")

Day = datetime.date | str


def attest(
    text: str,
    field: str,
    value: str | Sequence[str],
    *,
    basis: str,
    by: str,
    on: Day,
    replaces: str | None = None,
    files: Sequence[str] = (),
) -> str:
    """The text of a sidecar with one more attested value; '' begins a new one.

    An old value of the field is replaced in its place, with its `replaces`; nothing else changes. With
    `files` the sidecar is a folder's: the entry with exactly these globs gets the value, or a new last one does (an earlier
    entry that fits the same seeds and names the field still comes first). Raises SidecarError if the text is not a valid
    sidecar of that form, or the value is not one that may stand there.
    """
    values = value if isinstance(value, str) else list(value)
    is_date = field == "date_published"
    items = [("value", values, is_date), ("basis", basis, False), ("by", by, False), ("on", _iso(on), True)]
    if replaces is not None:
        items.append(("replaces", replaces, False))
    if field not in FIELDS:
        near = did_you_mean(field, FIELDS, "fields are " + ", ".join(FIELDS))
        raise SidecarError(f"unknown field {shown(field)}; {near}")
    return _written(text, "record", _Piece(field, items), files)


def accept(
    text: str,
    rule: str,
    *,
    reason: str,
    by: str,
    on: Day,
    finding: str | None = None,
    until: Day | None = None,
    files: Sequence[str] = (),
) -> str:
    """The text of a sidecar with one more acceptance; '' begins a new one.

    An acceptance of the same rule and finding is replaced in its place. `files` as in `attest`. Whether there is such a
    rule is for the caller to check. Raises SidecarError as `attest` does.
    """
    items: list[_Item] = [("rule", rule, True)]
    if finding is not None:
        items.append(("finding", finding, False))
    items += [("reason", reason, False), ("by", by, False), ("on", _iso(on), True)]
    if until is not None:
        items.append(("until", _iso(until), True))
    return _written(text, "accept", _Piece(None, items), files)


def name_source(text: str, source: str) -> str:
    """The text of a seed's own sidecar with the source named; '' begins a new one.

    An old source is replaced in its place; nothing else changes. Whether there is such a source is for the
    caller to check. Raises SidecarError as `attest` does.
    """
    _demand(f"{{source: {quoted(source)}, files: ['*']}}")
    normal, root = _valid(text, is_folder=False)
    value = source if _PLAIN.fullmatch(source) else quoted(source)
    old = root.keys.get("source") if root is not None else None
    edits = []
    if root is None:
        gap = "" if not text or normal.text.endswith("\n") else "\n"
        header = "" if text.strip() else _HEADER
        edits = [(len(normal.text), len(normal.text), f"{gap}{header}source: {value}\n")]
    elif old is None:
        between = ", " if root.is_flow else "\n" + _indent(normal.text, root)
        at = root.start + 1 if root.is_flow else root.start
        edits = [(at, at, f"source: {value}{between}")]
    elif old.text != source:
        edits = [(old.start, old.end, value + ("\n" if normal.text[old.end - 1] == "\n" else ""))]
    return _changed(
        text, normal, edits, {**(root.content() if root else {}), "source": source}, f"source: {value}", False
    )


_Item = tuple[str, str | list[str], bool]  # a key, its value, and whether the value may stand without quotes


def _iso(day: Day) -> str:
    return day if isinstance(day, str) else day.isoformat()[:10]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is to be written: the attested value of `field`, or, without one, an acceptance."""

    field: str | None
    items: list[_Item]

    def content(self) -> dict[str, Any]:
        return {key: value for key, value, _ in self.items}

    def lines(self) -> list[str]:
        return [
            f"{key}: "
            + (value if may_be_plain and isinstance(value, str) and _PLAIN.fullmatch(value) else _flow(value))
            for key, value, may_be_plain in self.items
        ]

    def flow(self) -> str:
        return "{" + ", ".join(self.lines()) + "}"

    def named(self, is_block: bool) -> str:
        """As `record` or `accept` holds it."""
        return f"{self.field}: {self.flow()}" if self.field else ("- " if is_block else "") + self.flow()

    def held(self, key: str, indent: str, is_block: bool) -> str:
        """With `record` or `accept` around it, at an indentation."""
        if is_block:
            return f"{key}:\n{indent}  {self.named(True)}"
        return f"{key}: {{{self.named(False)}}}" if self.field else f"{key}: [{self.named(False)}]"

    def finds(self, holder: SidecarNode) -> SidecarNode | None:
        """What it replaces."""
        if self.field:
            return holder.keys.get(self.field)
        content = self.content()
        same = (n for n in holder.items if all(text_at(n, key) == content.get(key) for key in ("rule", "finding")))
        return next(same, None)


def _flow(value: str | Sequence[str]) -> str:
    return quoted(value) if isinstance(value, str) else "[" + ", ".join(map(quoted, value)) + "]"


def _written(text: str, key: str, piece: _Piece, files: Sequence[str]) -> str:
    """The sidecar with the piece in it. Raises SidecarError."""
    files = [*files]
    _demand(f"{{{piece.held(key, '', is_block=False)}, files: {_flow(files or ['*'])}}}")
    normal, root = _valid(text, bool(files))
    edits = _edits(normal.text, root, key, piece, files)
    expected = _expected(root.content() if root else {}, key, piece, files)
    return _changed(text, normal, edits, expected, piece.named(False), bool(files))


def _changed(
    text: str,
    normal: Normal,
    edits: Sequence[tuple[int, int, str]],
    expected: dict[str, Any],
    by_hand: str,
    is_folder: bool,
) -> str:
    """The sidecar with edits, which must then hold what is expected. Raises SidecarError, naming what to write by hand."""
    line_end = next(iter(re.findall(r"\r\n|\r|\n", text)), "\n")
    pieces, at = [], 0
    for start, end, replacement in edits:
        found_start, found_end = normal.span(start, end)
        pieces += [text[at:found_start], replacement.replace("\n", line_end)]
        at = found_end
    changed = "".join([*pieces, text[at:]])

    try:
        _, after = _valid(changed, is_folder)
    except SidecarError:
        if is_too_large(changed):
            raise
        after = None
    if after is None or after.content() != expected:
        line = LineIndex(normal.text).line(edits[0][0] if edits else 0)
        raise SidecarError(
            f"the sidecar is laid out around line {line} in a way that cannot be changed without touching the rest; "
            f"write it there by hand: {by_hand}"
        )
    return changed


def _demand(entry: str) -> None:
    """Raise SidecarError, naming no place, unless the text is a valid entry of a folder's sidecar."""
    try:
        root = compose(entry)
    except NotYamlError as error:
        raise SidecarError(str(error)) from None
    assert root is not None
    for _, message in shape_problems(ENTRY, root, ""):
        raise SidecarError(message.removeprefix("record.").removeprefix("accept 1."))


def _valid(text: str, is_folder: bool) -> tuple[Normal, SidecarNode | None]:
    """A sidecar that may be written to, `None` if it holds only comments. Raises SidecarError."""
    try:
        normal = decoded(text)
    except NotYamlError as error:
        raise SidecarError(f"the sidecar is not valid: {error}") from None
    lines = LineIndex(normal.text)
    try:
        root = compose(normal.text)
    except NotYamlError as error:
        raise SidecarError(f"the sidecar {place_of(lines, error.offset)} is not valid: {error}") from None
    if root is not None:
        name = FOLDER_SIDECAR if is_folder else "seed" + SIDECAR_SUFFIX
        for offset, message in chain(form_problems(root, name), shape_problems(SIDECAR, root, "")):
            raise SidecarError(f"the sidecar {place_of(lines, offset)} is not valid: {message}")
    return normal, root


def _edits(
    text: str, root: SidecarNode | None, key: str, piece: _Piece, files: list[str]
) -> list[tuple[int, int, str]]:
    """What to replace in the text (start, end, replacement), from left to right."""
    if root is None:
        header = "" if text.strip() else _FOLDER_HEADER if files else _HEADER
        gap = "" if not text or text.endswith("\n") else "\n"
        body = f"seeds:\n  - {_entry(piece, key, files, '    ')}" if files else piece.held(key, "", is_block=True)
        return [(len(text), len(text), f"{gap}{header}{body}\n")]
    entry: SidecarNode | None = root
    if files:
        seeds = root.keys["seeds"]
        same = (n for n in seeds.items if sorted(g.text for g in n.keys["files"].items) == sorted(files))
        entry = next(same, None)
        if entry is None:
            if seeds.is_flow:
                return _added(text, seeds, f"{{files: {_flow(files)}, {piece.held(key, '', is_block=False)}}}")
            return _added(text, seeds, "- " + _entry(piece, key, files, _indent(text, seeds) + "  "))
    assert entry is not None
    holder = entry.keys.get(key)
    if holder is None:
        return _added(text, entry, piece.held(key, _indent(text, entry), not entry.is_flow))
    old = piece.finds(holder)
    if old is None:
        return _added(text, holder, piece.named(not holder.is_flow))
    return [] if old.content() == piece.content() else _replaced(text, old, piece)


def _entry(piece: _Piece, key: str, files: list[str], indent: str) -> str:
    return f"files: {_flow(files)}\n{indent}{piece.held(key, indent, is_block=True)}"


def _indent(text: str, node: SidecarNode) -> str:
    """The spaces that put a line at the column of a block collection."""
    return " " * (node.start - text.rfind("\n", 0, node.start) - 1)


def _added(text: str, node: SidecarNode, addition: str) -> list[tuple[int, int, str]]:
    """Puts an addition after the last value of a collection: on a line of its own in block style."""
    if node.is_flow:
        at = node.items[-1].end if node.items else node.start + 1
        return [(at, at, (", " if node.items else "") + addition)]
    at = node.end
    if text[at - 1 : at] != "\n":  # a block scalar ends with its line
        line_end = text.find("\n", at)
        at = line_end + 1 if line_end >= 0 else len(text)
    gap = "" if text[at - 1 : at] == "\n" else "\n"
    return [(at, at, f"{gap}{_indent(text, node)}{addition}\n")]


def _replaced(text: str, old: SidecarNode, piece: _Piece) -> list[tuple[int, int, str]]:
    """Puts the piece in the place of an old one, in the same style. Comments inside the old one move to lines above it."""
    replacement = piece.flow() if old.is_flow else ("\n" + _indent(text, old)).join(piece.lines())
    line_start = text.rfind("\n", 0, old.start) + 1
    line = text[line_start : old.start]
    margin = line[: len(line) - len(line.lstrip(" "))]
    above = "".join(f"{margin}{comment}\n" for comment in _comments(text, old))
    edits = [(line_start, line_start, above)] if above else []
    return [*edits, (old.start, old.end, replacement + ("\n" if text[old.end - 1] == "\n" else ""))]


def _comments(text: str, node: SidecarNode) -> Iterator[str]:
    """The comments inside a node: what begins with a # between its scalars."""
    at = node.start
    for leaf in _leaves(node):
        yield from _COMMENT.findall(text, at, leaf.start)
        at = leaf.end
    yield from _COMMENT.findall(text, at, node.end)


def _leaves(node: SidecarNode) -> Iterator[SidecarNode]:
    if node.kind == "text":
        yield node
    for item in node.items:
        yield from _leaves(item)


def _expected(content: dict[str, Any], key: str, piece: _Piece, files: list[str]) -> dict[str, Any]:
    """What a sidecar of that content is to hold once the piece is in it; `content` is used up."""
    entry = content
    if files:
        entries = content.setdefault("seeds", [])
        found = next((e for e in entries if sorted(e["files"]) == sorted(files)), None)
        if found is None:
            found = {"files": files}
            entries.append(found)
        entry = found
    new = piece.content()
    if piece.field:
        entry.setdefault(key, {})[piece.field] = new
        return content
    accepted = entry.setdefault(key, [])
    same = (n for n, old in enumerate(accepted) if all(old.get(k) == new.get(k) for k in ("rule", "finding")))
    number = next(same, len(accepted))
    accepted[number : number + 1] = [new]
    return content
