"""Writing into sidecars.

Edits are made in the text itself, at places that the parser gave, rather than by loading and dumping: every other byte stays
as it was, whatever the layout. The result is read again and compared before it is returned.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from validator.record.sidecar import FIELDS, FOLDER_SIDECAR, SIDECAR_SUFFIX, SidecarError
from validator.record.sidecar_reading import composed, decoded, is_too_large, place_of
from validator.sources.yaml_files import children
from validator.text.errors import nearest
from validator.text.places import LineIndex, Normal, shown

if TYPE_CHECKING:
    from validator.parsing.yaml_spans import Node

_HEADER = "# Sidecar of the seed beside this file: attested values and accepted findings.\n"
_FOLDER_HEADER = (
    "# Sidecar of the seeds that the globs name, in this folder and below: attested values and accepted findings.\n"
)
# Days and names of rules are written without quotes; a name's hyphen keeps it from being a word or number that YAML knows.
_PLAIN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[a-z]+(?:-[a-z0-9]+)+")
_PLAIN_KEYS = ("rule", "on", "until")
_COMMENT = re.compile(r"(?:(?<=\s)|(?<![^\n]))#[^\n]*")
_ESCAPED = re.compile(r'["\\]|[^\x20-\x7e]')

Day = datetime.date | str
_Edit = tuple[int, int, str]  # start and end in the normal text, and the replacement


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
    sidecar of that form, or if a sidecar may not hold the value.
    """
    if field not in FIELDS:
        near = nearest(field, FIELDS)
        known = f'did you mean "{near}"?' if near is not None else "fields are " + ", ".join(FIELDS)
        raise SidecarError(f'unknown field "{shown(field, 60)}"; {known}')
    values = value if isinstance(value, str) else list(value)
    content = {"value": values, "basis": basis, "by": by, "on": _iso(on), "replaces": replaces}
    return _written(text, _Piece(field, _given(content)), [*files])


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
    last = _iso(until) if until is not None else None
    content = {"rule": rule, "finding": finding, "reason": reason, "by": by, "on": _iso(on), "until": last}
    return _written(text, _Piece(None, _given(content)), [*files])


def name_source(text: str, source: str) -> str:
    """The text of a seed's own sidecar with the source named; '' begins a new one.

    An old source is replaced in its place; nothing else changes. Whether there is such a source is for the
    caller to check. Raises SidecarError as `attest` does.
    """
    _demand(f"files: ['*'], source: {_quoted(source)}")
    normal, root = _valid(text, is_folder=False)
    value = source if _PLAIN.fullmatch(source) else _quoted(source)
    edits: list[_Edit] = []
    if root is None:
        edits = [_begun(normal.text, _HEADER, f"source: {value}")]
    elif (old := children(root).get("source")) is None:
        is_flow = _is_flow(normal.text, root)
        at = root.span.start + is_flow
        edits = [(at, at, f"source: {value}" + (", " if is_flow else "\n" + _indent(normal.text, root)))]
    elif old.value != source:
        edits = [(*old.span, value + _line_end(normal.text, old))]
    expected = {**(root.value if root else {}), "source": source}
    return _changed(text, normal, edits, expected, f"source: {value}", False)


def mark_wrong(text: str, *, reason: str, by: str, on: Day, key: str) -> str:
    """The text of a seed's own sidecar with the seed marked as wrong; '' begins a new one.

    `key` is the `text_key` of the seed's text. An old mark is replaced in its place; nothing else changes. Raises SidecarError
    as `attest` does.
    """
    content = {"reason": reason, "by": by, "on": _iso(on), "text": key}
    written = "wrong: {" + ", ".join(_lines(content, _PLAIN_KEYS)) + "}"
    for _, message in composed(written, "seed" + SIDECAR_SUFFIX)[1]:
        raise SidecarError(message.removeprefix("wrong."))
    normal, root = _valid(text, is_folder=False)
    old = children(root).get("wrong") if root is not None else None
    if root is None:
        edits = [_begun(normal.text, _HEADER, written)]
    elif old is None:
        edits = _added(normal.text, root, written)
    else:
        edits = [(*old.span, written.removeprefix("wrong: ") + _line_end(normal.text, old))]
    expected = {**(root.value if root else {}), "wrong": content}
    return _changed(text, normal, edits, expected, written, False)


def _iso(day: Day) -> str:
    return day if isinstance(day, str) else day.isoformat()[:10]


def _given(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value is not None}


def _quoted(text: str) -> str:
    """A text as YAML writes it between double quotes, on one line, with what cannot be seen escaped."""

    def escape(match: re.Match[str]) -> str:
        character = match[0]
        if character in '"\\':
            return "\\" + character
        if character.isprintable():
            return character
        number = ord(character)
        return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

    return f'"{_ESCAPED.sub(escape, text)}"'


def _flow(value: str | Sequence[str]) -> str:
    return _quoted(value) if isinstance(value, str) else "[" + ", ".join(map(_quoted, value)) + "]"


def _lines(content: dict[str, Any], plain: Sequence[str]) -> list[str]:
    """The lines of a mapping; the values of `plain` keys go without quotation marks if they can."""
    return [
        f"{key}: {value if key in plain and isinstance(value, str) and _PLAIN.fullmatch(value) else _flow(value)}"
        for key, value in content.items()
    ]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is to be written: the attested value of `field`, or, without one, an acceptance."""

    field: str | None
    content: dict[str, Any]

    @property
    def key(self) -> str:
        return "record" if self.field else "accept"

    def lines(self) -> list[str]:
        return _lines(self.content, (*_PLAIN_KEYS, "value") if self.field == "date_published" else _PLAIN_KEYS)

    def flow(self) -> str:
        return "{" + ", ".join(self.lines()) + "}"

    def named(self, is_block: bool) -> str:
        """As `record` or `accept` holds it."""
        return f"{self.field}: {self.flow()}" if self.field else ("- " if is_block else "") + self.flow()

    def held(self, indent: str, is_block: bool) -> str:
        """With `record` or `accept` around it, at an indentation."""
        if is_block:
            return f"{self.key}:\n{indent}  {self.named(True)}"
        return f"{self.key}: {{{self.named(False)}}}" if self.field else f"{self.key}: [{self.named(False)}]"

    def entry(self, files: list[str], indent: str) -> str:
        """With the entry of a folder's sidecar around it."""
        return f"files: {_flow(files)}\n{indent}{self.held(indent, is_block=True)}"

    def is_same(self, old: dict[str, Any]) -> bool:
        """Whether this acceptance replaces an old one."""
        return all(old.get(key) == self.content.get(key) for key in ("rule", "finding"))

    def replaced(self, holder: Node) -> Node | None:
        """The node in `record` or `accept` that this replaces."""
        if self.field:
            return children(holder).get(self.field)
        return next((node for node in holder.children if self.is_same(node.value)), None)


def _written(text: str, piece: _Piece, files: list[str]) -> str:
    """The sidecar with the piece in it. Raises SidecarError."""
    _demand(f"{piece.held('', is_block=False)}, files: {_flow(files or ['*'])}")
    normal, root = _valid(text, bool(files))
    edits = _edits(normal.text, root, piece, files)
    expected = _expected(deepcopy(root.value) if root else {}, piece, files)
    return _changed(text, normal, edits, expected, piece.named(False), bool(files))


def _changed(
    text: str, normal: Normal, edits: Sequence[_Edit], expected: dict[str, Any], by_hand: str, is_folder: bool
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
    if after is None or after.value != expected:
        line = LineIndex(normal.text).line(edits[0][0] if edits else 0)
        raise SidecarError(
            f"the sidecar is laid out around line {line} in a way that cannot be changed without touching the rest; "
            f"write it there by hand: {by_hand}"
        )
    return changed


def _demand(entry: str) -> None:
    """Raise SidecarError, naming no place, unless the text is a valid entry of a folder's sidecar."""
    for _, message in composed(f"{{seeds: [{{{entry}}}]}}", FOLDER_SIDECAR)[1]:
        raise SidecarError(re.sub(r"^seeds\.0\.(?:record\.|accept\.0\.)?", "", message))


def _valid(text: str, is_folder: bool) -> tuple[Normal, Node | None]:
    """A sidecar that may be written to, `None` if it holds only comments. Raises SidecarError."""
    try:
        normal = decoded(text)
    except SidecarError as error:
        raise SidecarError(f"the sidecar is not valid: {error}") from None
    root, problems = composed(normal.text, FOLDER_SIDECAR if is_folder else "seed" + SIDECAR_SUFFIX)
    for offset, message in problems:
        raise SidecarError(f"the sidecar {place_of(LineIndex(normal.text), offset)} is not valid: {message}")
    return normal, root


def _edits(text: str, root: Node | None, piece: _Piece, files: list[str]) -> list[_Edit]:
    """What to replace in the text, from left to right."""
    if root is None:
        body = f"seeds:\n  - {piece.entry(files, '    ')}" if files else piece.held("", is_block=True)
        return [_begun(text, _FOLDER_HEADER if files else _HEADER, body)]
    entry: Node | None = root
    if files:
        seeds = children(root)["seeds"]
        entry = next((node for node in seeds.children if sorted(node.value["files"]) == sorted(files)), None)
        if entry is None and _is_flow(text, seeds):
            return _added(text, seeds, f"{{files: {_flow(files)}, {piece.held('', is_block=False)}}}")
        if entry is None:
            return _added(text, seeds, "- " + piece.entry(files, _indent(text, seeds) + "  "))
    assert entry is not None
    holder = children(entry).get(piece.key)
    if holder is None:
        return _added(text, entry, piece.held(_indent(text, entry), not _is_flow(text, entry)))
    old = piece.replaced(holder)
    if old is None:
        return _added(text, holder, piece.named(not _is_flow(text, holder)))
    return [] if old.value == piece.content else _replaced(text, old, piece)


def _is_flow(text: str, node: Node) -> bool:
    """Whether a collection is written as `[a]` or `{a: b}`."""
    return text[node.span.start] in "[{"


def _indent(text: str, node: Node) -> str:
    """The spaces that put a line at the column of a block collection."""
    return " " * (node.span.start - text.rfind("\n", 0, node.span.start) - 1)


def _line_end(text: str, node: Node) -> str:
    """The line end with which a block scalar ends, '' after any other value."""
    return "\n" if text[node.span.end - 1] == "\n" else ""


def _begun(text: str, header: str, body: str) -> _Edit:
    """Puts the first content into a sidecar that has none; it may have comments."""
    gap = "" if not text or text.endswith("\n") else "\n"
    return len(text), len(text), f"{gap}{'' if text.strip() else header}{body}\n"


def _added(text: str, node: Node, addition: str) -> list[_Edit]:
    """Puts an addition after the last value of a collection: on a line of its own in block style."""
    if _is_flow(text, node):
        at = node.children[-1].span.end if node.children else node.span.start + 1
        return [(at, at, (", " if node.children else "") + addition)]
    at = node.span.end
    if text[at - 1 : at] != "\n":  # a block scalar ends with its line
        line_end = text.find("\n", at)
        at = line_end + 1 if line_end >= 0 else len(text)
    gap = "" if text[at - 1 : at] == "\n" else "\n"
    return [(at, at, f"{gap}{_indent(text, node)}{addition}\n")]


def _replaced(text: str, old: Node, piece: _Piece) -> list[_Edit]:
    """Puts the piece in the place of an old one, in the same style. Comments inside the old one move to lines above it."""
    replacement = piece.flow() if _is_flow(text, old) else ("\n" + _indent(text, old)).join(piece.lines())
    line_start = text.rfind("\n", 0, old.span.start) + 1
    line = text[line_start : old.span.start]
    margin = line[: len(line) - len(line.lstrip(" "))]
    above = "".join(f"{margin}{comment}\n" for comment in _comments(text, old))
    edits = [(line_start, line_start, above)] if above else []
    return [*edits, (*old.span, replacement + _line_end(text, old))]


def _comments(text: str, node: Node) -> Iterator[str]:
    """The comments inside a node: what begins with a # between its scalars."""
    at = node.span.start
    for leaf in _leaves(node):
        yield from _COMMENT.findall(text, at, leaf.span.start)
        at = leaf.span.end
    yield from _COMMENT.findall(text, at, node.span.end)


def _leaves(node: Node) -> Iterator[Node]:
    if node.style not in ("mapping", "sequence"):
        yield node
    for child in node.children:
        yield from _leaves(child)


def _expected(content: dict[str, Any], piece: _Piece, files: list[str]) -> dict[str, Any]:
    """The content that a sidecar must have once the piece is in it; `content` is changed."""
    entry = content
    if files:
        entries = content.setdefault("seeds", [])
        found = next((e for e in entries if sorted(e["files"]) == sorted(files)), None)
        if found is None:
            found = {"files": files}
            entries.append(found)
        entry = found
    if piece.field:
        entry.setdefault(piece.key, {})[piece.field] = piece.content
        return content
    accepted = entry.setdefault(piece.key, [])
    number = next((n for n, old in enumerate(accepted) if piece.is_same(old)), len(accepted))
    accepted[number : number + 1] = [piece.content]
    return content
