"""Reading sidecars: YAML, every scalar as the text that is there (`2012`, `no` and `12:30` included).

A sidecar with any problem contributes nothing at all, so that a misread one never confirms anything: `problems` says what is
wrong and where, and the seed is judged as if it had no sidecar.

The rules are those of `schemas/sidecar.schema.json`, which editors use; a test holds that both accept and reject the same.
They are checked by hand here: that gives line, column and nearest valid name, and needs neither a file nor jsonschema.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from validator.parsing.dates import read_date
from validator.record.sidecar import (
    BYLINE_KINDS,
    FIELDS,
    FOLDER_SIDECAR,
    LIMIT_BYTES,
    SIDECAR_SUFFIX,
    Acceptance,
    Attested,
    Sidecar,
    combine,
)
from validator.sources.front_matter_schema import is_date
from validator.text.errors import nearest
from validator.text.globs import glob_pattern
from validator.text.places import LineIndex, Normal, Span

if TYPE_CHECKING:
    from validator.parsing.yaml_spans import Node

PROBLEMS_SHOWN = 20


def read_sidecar(
    data: bytes | str, name: str, seed_name: str | None = None, known_rules: Collection[str] = ()
) -> Sidecar:
    """Read a sidecar. Never raises on bad content: `problems` says what is wrong, one line each.

    `name` is shown in places and problems. If it ends in `seeds.meta.yaml` the sidecar must hold `seeds`; if it ends in
    `.meta.yaml` otherwise, it must not. `seed_name` is the seed's path, with `/`, relative to the sidecar's folder: in a folder's
    sidecar only entries whose globs fit it count. Rule names are checked if `known_rules` names any. Whether the source exists
    is not checked here.
    """
    entries, problems = _read(data, name, frozenset(known_rules))
    if problems:
        return Sidecar(name, problems=problems)
    fitting = (
        entry.sidecar
        for entry in entries
        if entry.patterns is None or (seed_name and any(p.fullmatch(seed_name) for p in entry.patterns))
    )
    combined = combine(tuple(fitting))
    return Sidecar(name, combined.source, combined.record, combined.accept)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a sidecar says of some seeds. `patterns` is `None` for the one seed beside it."""

    patterns: tuple[re.Pattern[str], ...] | None
    sidecar: Sidecar


# A folder's sidecar is read for each seed below it, and these may be thousands.
@lru_cache(maxsize=16)
def _read(data: bytes | str, name: str, known_rules: frozenset[str]) -> tuple[tuple[_Entry, ...], tuple[str, ...]]:
    """The entries of a sidecar, or else its problems."""
    try:
        text = decoded(data).text
    except NotYamlError as error:
        return (), (f"{name}: {error}",)
    lines = LineIndex(text)
    try:
        root = compose(text)
    except NotYamlError as error:
        return (), (f"{name} {place_of(lines, error.offset)}: {error}",)
    if root is None:
        return (), (f"{name} line 1, column 1: the sidecar is empty; expected {SIDECAR.expected}",)
    found = chain(form_problems(root, name), shape_problems(SIDECAR, root, ""), _rule_problems(root, known_rules))
    problems = sorted(islice(found, PROBLEMS_SHOWN))
    if problems:
        return (), tuple(f"{name} {place_of(lines, offset)}: {message}" for offset, message in problems)
    if "seeds" not in root.keys:
        return (_Entry(None, _said_in(root, name, lines)),), ()
    return tuple(
        _Entry(tuple(glob_pattern(glob.text) for glob in entry.keys["files"].items), _said_in(entry, name, lines))
        for entry in root.keys["seeds"].items
    ), ()


def place_of(lines: LineIndex, offset: int) -> str:
    position = lines.position(offset)
    return f"line {position.line}, column {position.column}"


def _said_in(entry: SidecarNode, name: str, lines: LineIndex) -> Sidecar:
    """What one valid entry (or the sidecar of one seed) says."""
    keys = entry.keys
    record = tuple(
        Attested(
            field,
            _value(node.keys["value"]),
            node.keys["basis"].text,
            text_at(node, "by") or "",
            _day(node, "on"),
            text_at(node, "replaces"),
            f"{name} line {lines.line(keys['record'].key_starts[field])}",
        )
        for field, node in (keys["record"].keys.items() if "record" in keys else ())
    )
    accept = tuple(
        Acceptance(
            node.keys["rule"].text,
            text_at(node, "finding"),
            node.keys["reason"].text,
            text_at(node, "by") or "",
            _day(node, "on"),
            _day(node, "until"),
            f"{name} line {lines.line(node.start)}",
        )
        for node in (keys["accept"].items if "accept" in keys else ())
    )
    return Sidecar(name, text_at(entry, "source"), record, accept)


def _value(node: SidecarNode) -> str | tuple[str, ...]:
    return tuple(item.text for item in node.items) if node.kind == "list" else node.text


def text_at(node: SidecarNode, key: str) -> str | None:
    return node.keys[key].text if key in node.keys else None


def _day(node: SidecarNode, key: str) -> datetime.date | None:
    return datetime.date.fromisoformat(node.keys[key].text) if key in node.keys else None


# --- YAML -------------------------------------------------------------------------------------------------------------


class NotYamlError(ValueError):
    """Bytes or text that are not the YAML of a sidecar; `offset` is the place."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(slots=True)
class SidecarNode:
    """A value in a sidecar's text; `kind` is text, list or mapping. A block collection ends with its last value.
    `is_flow` tells `[a]` and `{a: b}` from block style.
    """

    kind: str
    start: int
    end: int
    is_flow: bool = False
    text: str = ""
    items: list[SidecarNode] = field(default_factory=list)  # the items of a list, or the values of a mapping, in order
    keys: dict[str, SidecarNode] = field(default_factory=dict)
    key_starts: dict[str, int] = field(default_factory=dict)

    def content(self) -> Any:
        """The value as plain text, lists and mappings."""
        if self.kind == "text":
            return self.text
        if self.kind == "list":
            return [item.content() for item in self.items]
        return {key: node.content() for key, node in self.keys.items()}


# The line that begins a document: other programs write it first. Inside front matter it is not allowed.
_DOCUMENT_START = re.compile(r"\A(?:[ \t]*+(?:#[^\n]*+)?\n)*+---(?=[ \t\n]|\Z)")


def decoded(data: bytes | str) -> Normal:
    """The text of a sidecar, in UTF-8 if given as bytes. Raises NotYamlError."""
    if is_too_large(data):
        raise NotYamlError(f"larger than {LIMIT_BYTES} bytes, more than a sidecar may be")
    if isinstance(data, str):
        return Normal(data)
    try:
        return Normal(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotYamlError(f"not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}") from None


def is_too_large(data: bytes | str) -> bool:
    return len(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")) > LIMIT_BYTES


def compose(text: str) -> SidecarNode | None:
    """The mapping in a YAML text, every scalar as text; `None` if there are only comments.

    Raises NotYamlError for aliases, anchors, tags, a second document, too many levels, or a key that occurs twice.
    """
    started = _DOCUMENT_START.match(text)
    from validator.parsing.yaml_spans import Composer, RefusedError

    composer = Composer(
        text[: started.end() - 3] + "   " + text[started.end() :] if started else text, Span(0, len(text))
    )
    try:
        root = composer.compose()
    except RefusedError as refused:
        message = refused.message.replace("in front matter", "in a sidecar").replace("front matter", "sidecar")
        raise NotYamlError(message, refused.span.start) from None
    for duplicate in composer.duplicates:
        key = text[duplicate.second.start : duplicate.second.end]
        raise NotYamlError(f"key {shown(key)} occurs twice", duplicate.second.start)
    return None if root is None else _located(root, text)


def _located(composed: Node, text: str) -> SidecarNode:
    start, end = composed.span
    if composed.style not in ("mapping", "sequence"):
        return SidecarNode("text", start, end, text=composed.value)
    node = SidecarNode("mapping" if composed.style == "mapping" else "list", start, end, is_flow=text[start] in "[{")
    node.items = [_located(child, text) for child in composed.children]
    if composed.keys is not None:
        node.keys = dict(zip(composed.keys, node.items, strict=True))
        node.key_starts = {key: span.start for key, span in composed.keys.items()}
    return node


# --- what each place may hold -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """What one place may hold: text that `fits`, a list of `item`, a mapping with `keys`; `None` if it may not."""

    expected: str
    fits: Callable[[str], bool] | None = None
    choices: tuple[str, ...] = ()
    item: _Shape | None = None
    at_least: int = 0
    keys: dict[str, _Shape] | None = None
    required: tuple[str, ...] = ()


_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:T[0-9]{2}:[0-9]{2}(?::[0-5][0-9](?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_ADDRESS = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def _is_published(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and text[11:13] != "24" and read_date(text) is not None


def _is_said(text: str) -> bool:
    return bool(text.strip())


_TEXT = _Shape("text", _is_said)
_DAY_SHAPE = _Shape("a day YYYY-MM-DD", is_date)
_NAMES = _Shape("a name or a list of names", _is_said, item=_TEXT, at_least=1)
_KIND = _Shape("one of person, agency, publisher, unsigned", BYLINE_KINDS.__contains__, BYLINE_KINDS)
_PUBLISHED = _Shape(
    "a date YYYY-MM-DD or YYYY-MM-DDTHH:MM, with seconds and zone (Z or +HH:MM) where known", _is_published
)
_WEB_ADDRESS = _Shape("an address that begins with http:// or https://", lambda text: bool(_ADDRESS.fullmatch(text)))
_LANGUAGE_TAG = _Shape("a language tag like en or zh-Hans", lambda text: bool(_LANGUAGE.fullmatch(text)))
_VALUES = {"byline": _NAMES, "byline_kind": _KIND, "date_published": _PUBLISHED, "source_url": _WEB_ADDRESS,
           "language": _LANGUAGE_TAG}  # fmt: skip


def _attested(value: _Shape) -> _Shape:
    keys = {"value": value, "basis": _TEXT, "by": _TEXT, "on": _DAY_SHAPE, "replaces": _TEXT}
    return _Shape("a mapping with value and basis", keys=keys, required=("value", "basis"))


_RECORD = _Shape("a mapping of fields", keys={name: _attested(_VALUES.get(name, _TEXT)) for name in FIELDS})
_ACCEPTANCE = _Shape(
    "a mapping with rule and reason",
    keys={"rule": _TEXT, "finding": _TEXT, "reason": _TEXT, "by": _TEXT, "on": _DAY_SHAPE, "until": _DAY_SHAPE},
    required=("rule", "reason"),
)
_SAID = {"source": _TEXT, "record": _RECORD, "accept": _Shape("a list of acceptances", item=_ACCEPTANCE)}
_FILES = _Shape("a list of globs", item=_TEXT, at_least=1)
ENTRY = _Shape(
    "a mapping with files and source, record or accept", keys={"files": _FILES, **_SAID}, required=("files",)
)
SIDECAR = _Shape(
    "a mapping with source, record and accept, or with seeds",
    keys={**_SAID, "seeds": _Shape("a list of entries, each with files", item=ENTRY, at_least=1)},
    at_least=1,
)


def shape_problems(shape: _Shape, node: SidecarNode, path: str) -> Iterator[tuple[int, str]]:
    """What is wrong with a node, with its offset: what is there, and what was expected."""
    where = path or "the sidecar"
    if node.kind == "text" and shape.fits and shape.fits(node.text):
        return
    if node.kind == "mapping" and shape.keys is not None and len(node.keys) >= shape.at_least:
        for key, child in node.keys.items():
            if key in shape.keys:
                yield from shape_problems(shape.keys[key], child, f"{path}.{key}" if path else key)
            else:
                noun = "field" if shape is _RECORD else "key"
                known = did_you_mean(key, shape.keys, "known here are " + ", ".join(shape.keys))
                yield node.key_starts[key], f"unknown {noun} {shown(key)} in {where}; {known}"
        for key in shape.required:
            if key not in node.keys:
                yield node.start, f"{where} has no {key}; expected {shape.expected}"
    elif node.kind == "list" and shape.item is not None and len(node.items) >= shape.at_least:
        for number, item in enumerate(node.items, 1):
            yield from shape_problems(shape.item, item, f"{path} {number}")
    else:
        is_there = shown(node.text) if _is_said(node.text) else f"a {node.kind}" if node.items else "empty"
        near = nearest(node.text, shape.choices)
        yield (
            node.start,
            f"{where} is {is_there}; expected {shape.expected}" + (f"; did you mean {near}?" if near else ""),
        )


def form_problems(root: SidecarNode, name: str) -> Iterator[tuple[int, str]]:
    """A sidecar of one seed that has `seeds`, a folder's that has none, or one that is both."""
    base = name.rpartition("/")[2]
    if root.kind != "mapping" or not root.keys:
        return
    if "seeds" not in root.keys:
        if base == FOLDER_SIDECAR:
            yield root.start, f"no seeds; {FOLDER_SIDECAR} holds seeds, a list of entries, each with files"
    elif base.endswith(SIDECAR_SUFFIX) and base != FOLDER_SIDECAR:
        yield root.key_starts["seeds"], f"seeds belongs in {FOLDER_SIDECAR} only; this is the sidecar of one seed"
    else:
        for key in ("source", "record", "accept"):
            if key in root.keys:
                yield root.key_starts[key], f"{key} is beside seeds; it belongs inside one of the entries"


def _rule_problems(root: SidecarNode, known_rules: Collection[str]) -> Iterator[tuple[int, str]]:
    """Acceptances of unknown rules. Not checked without known rules, or if lists and mappings are not as they should be."""
    entries = [root]
    if "seeds" in root.keys:
        entries = root.keys["seeds"].items
    for entry in entries if known_rules else ():
        for acceptance in entry.keys["accept"].items if "accept" in entry.keys else ():
            rule = acceptance.keys.get("rule")
            if rule is not None and _is_said(rule.text) and rule.text not in known_rules:
                known = did_you_mean(rule.text, known_rules, "`validator rules` lists them")
                yield rule.start, f"no rule is called {shown(rule.text)}; {known}"


def did_you_mean(name: str, valid: Collection[str], otherwise: str) -> str:
    near = nearest(name, valid) if valid else None
    return f"did you mean {shown(near)}?" if near is not None else otherwise


_ESCAPED = re.compile(r'["\\]|[^\x20-\x7e]')


def quoted(text: str) -> str:
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


def shown(text: str) -> str:
    return quoted(text if len(text) <= 60 else text[:59] + "…")
