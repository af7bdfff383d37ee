"""Sidecars: what a curator vouches for beside a seed's text, read from YAML and written into it without moving the rest.

A sidecar is `<seed file name>.meta.yaml` beside one seed, or `seeds.meta.yaml`, whose `seeds` is a list of entries for the
files of its folder and below that the globs of an entry name. Text wins: an attested value completes the record, and
overrides only where it names the value it `replaces`; deciding that is the record's part, not this module's.

A sidecar with any problem contributes nothing at all, so that one that was misread never silently vouches: `problems` says
what is wrong and where, and the seed is judged as if the sidecar were not there.

The rules are those of `schemas/sidecar.schema.json`, which editors complete from. They are checked by hand here: that names
line, column and nearest valid name without a translation, needs no file, and spares each run the import of jsonschema; a test
holds that the two accept and reject the same. Every scalar is the text that stands there: `2012`, `no` and `12:30` included.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from validator.parsing.dates import read_date
from validator.text.errors import nearest
from validator.text.globs import glob_pattern
from validator.text.places import LineIndex, Normal, Span

if TYPE_CHECKING:
    from validator.parsing.yaml_spans import Node

FOLDER_SIDECAR = "seeds.meta.yaml"
SUFFIX = ".meta.yaml"
LIMIT_BYTES = 1 << 20
PROBLEMS_SHOWN = 20
FIELDS = (
    "headline", "byline", "byline_kind", "date_published", "dateline", "agency", "publisher", "source_url", "language",
)  # fmt: skip
BYLINE_KINDS = ("person", "agency", "publisher", "unsigned")


class SidecarError(ValueError):
    """A sidecar that cannot be written to, or a value that has no place in one; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Attested:
    """A value of the record that a curator vouches for. `by` is '' and `on` None where the sidecar does not say."""

    field: str
    value: str | tuple[str, ...]
    basis: str
    by: str
    on: datetime.date | None
    replaces: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A finding (by its key), or all findings of a rule, that a curator accepts, through the day `until` if there is one."""

    rule: str
    finding: str | None
    reason: str
    by: str
    on: datetime.date | None
    until: datetime.date | None
    place: str


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What the sidecars of one seed say. Where there are `problems`, the sidecar that has them contributes nothing else."""

    name: str
    source: str | None = None
    record: tuple[Attested, ...] = ()
    accept: tuple[Acceptance, ...] = ()
    problems: tuple[str, ...] = ()


def combine(sidecars: Sequence[Sidecar]) -> Sidecar:
    """One sidecar out of several, nearest first: for the source and each field the first that names it speaks.

    Acceptances and problems add up; the name is the nearest one's.
    """
    record: dict[str, Attested] = {}
    for sidecar in sidecars:
        for attested in sidecar.record:
            record.setdefault(attested.field, attested)
    return Sidecar(
        sidecars[0].name if sidecars else "",
        next((sidecar.source for sidecar in sidecars if sidecar.source is not None), None),
        tuple(record.values()),
        tuple(acceptance for sidecar in sidecars for acceptance in sidecar.accept),
        tuple(problem for sidecar in sidecars for problem in sidecar.problems),
    )


# --- reading ----------------------------------------------------------------------------------------------------------


def read_sidecar(
    data: bytes | str, name: str, seed_name: str | None = None, known_rules: Collection[str] = ()
) -> Sidecar:
    """Read a sidecar. Never raises on bad content: what is wrong is in `problems`, one line each.

    `name` is said in places and problems; where it ends in `seeds.meta.yaml` the sidecar must hold `seeds`, where it ends in
    `.meta.yaml` otherwise, it must not. `seed_name` is the seed's path, with `/`, relative to the sidecar's folder; of a folder's
    sidecar only entries whose globs fit it count, none without it. Rule names are checked where `known_rules` names any.
    Whether the source exists is not checked here.
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
    """What a sidecar says of some seeds; `patterns` is None where that is the one seed beside it."""

    patterns: tuple[re.Pattern[str], ...] | None
    sidecar: Sidecar


# A folder's sidecar is asked for once a seed, and an archive may have thousands of seeds below one.
@lru_cache(maxsize=16)
def _read(data: bytes | str, name: str, known_rules: frozenset[str]) -> tuple[tuple[_Entry, ...], tuple[str, ...]]:
    """The entries of a sidecar, or else its problems."""
    try:
        text = _decoded(data).text
    except _NotYamlError as error:
        return (), (f"{name}: {error}",)
    lines = LineIndex(text)
    try:
        root = _compose(text)
    except _NotYamlError as error:
        return (), (f"{name} {_place(lines, error.offset)}: {error}",)
    if root is None:
        return (), (f"{name} line 1, column 1: nothing stands here; expected {_SIDECAR.expected}",)
    found = chain(_form_problems(root, name), _problems(_SIDECAR, root, ""), _rule_problems(root, known_rules))
    problems = sorted(islice(found, PROBLEMS_SHOWN))
    if problems:
        return (), tuple(f"{name} {_place(lines, offset)}: {message}" for offset, message in problems)
    if "seeds" not in root.keys:
        return (_Entry(None, _vouched(root, name, lines)),), ()
    return tuple(
        _Entry(tuple(glob_pattern(glob.text) for glob in entry.keys["files"].items), _vouched(entry, name, lines))
        for entry in root.keys["seeds"].items
    ), ()


def _place(lines: LineIndex, offset: int) -> str:
    position = lines.position(offset)
    return f"line {position.line}, column {position.column}"


def _vouched(entry: _Node, name: str, lines: LineIndex) -> Sidecar:
    """What one sound entry (or the sidecar of one seed) says."""
    keys = entry.keys
    record = tuple(
        Attested(
            field,
            _value(node.keys["value"]),
            node.keys["basis"].text,
            _text(node, "by") or "",
            _day(node, "on"),
            _text(node, "replaces"),
            f"{name} line {lines.line(keys['record'].key_starts[field])}",
        )
        for field, node in (keys["record"].keys.items() if "record" in keys else ())
    )
    accept = tuple(
        Acceptance(
            node.keys["rule"].text,
            _text(node, "finding"),
            node.keys["reason"].text,
            _text(node, "by") or "",
            _day(node, "on"),
            _day(node, "until"),
            f"{name} line {lines.line(node.start)}",
        )
        for node in (keys["accept"].items if "accept" in keys else ())
    )
    return Sidecar(name, _text(entry, "source"), record, accept)


def _value(node: _Node) -> str | tuple[str, ...]:
    return tuple(item.text for item in node.items) if node.kind == "list" else node.text


def _text(node: _Node, key: str) -> str | None:
    return node.keys[key].text if key in node.keys else None


def _day(node: _Node, key: str) -> datetime.date | None:
    return datetime.date.fromisoformat(node.keys[key].text) if key in node.keys else None


# --- YAML -------------------------------------------------------------------------------------------------------------


class _NotYamlError(ValueError):
    """Bytes or text that are not the YAML that a sidecar is written in; `offset` is where."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(slots=True)
class _Node:
    """A value in a sidecar's text: `kind` is text, list or mapping. What stands between `start` and `end` is the value alone:
    a block collection ends with its last value. `is_flow` tells `[a]` and `{a: b}` from block style.
    """

    kind: str
    start: int
    end: int
    is_flow: bool = False
    text: str = ""
    items: list[_Node] = field(default_factory=list)  # of a list its items, of a mapping its values, as they stand
    keys: dict[str, _Node] = field(default_factory=dict)
    key_starts: dict[str, int] = field(default_factory=dict)

    def content(self) -> Any:
        """The value as plain text, lists and mappings."""
        if self.kind == "text":
            return self.text
        if self.kind == "list":
            return [item.content() for item in self.items]
        return {key: node.content() for key, node in self.keys.items()}


# The line that begins a document; other programs that write YAML put one first, and front matter may not have it inside.
_DOCUMENT_START = re.compile(r"\A(?:[ \t]*+(?:#[^\n]*+)?\n)*+---(?=[ \t\n]|\Z)")


def _decoded(data: bytes | str) -> Normal:
    """The text of a sidecar, in UTF-8 if given as bytes. Raises _NotYamlError."""
    if _is_too_large(data):
        raise _NotYamlError(f"larger than {LIMIT_BYTES} bytes, more than a sidecar may be")
    if isinstance(data, str):
        return Normal(data)
    try:
        return Normal(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _NotYamlError(f"not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}") from None


def _is_too_large(data: bytes | str) -> bool:
    return len(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")) > LIMIT_BYTES


def _compose(text: str) -> _Node | None:
    """The mapping that a text in YAML holds, every scalar as text; None where nothing but comments stands there.

    What front matter may not have is refused here too: aliases, anchors, tags, a second document, too many levels. Raises
    _NotYamlError for it, and for a key that stands twice.
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
        raise _NotYamlError(message, refused.span.start) from None
    for duplicate in composer.duplicates:
        key = text[duplicate.second.start : duplicate.second.end]
        raise _NotYamlError(f"key {_shown(key)} stands there twice", duplicate.second.start)
    return None if root is None else _located(root, text)


def _located(composed: Node, text: str) -> _Node:
    start, end = composed.span
    if composed.style not in ("mapping", "sequence"):
        return _Node("text", start, end, text=composed.value)
    node = _Node("mapping" if composed.style == "mapping" else "list", start, end, is_flow=text[start] in "[{")
    node.items = [_located(child, text) for child in composed.children]
    if composed.keys is not None:
        node.keys = dict(zip(composed.keys, node.items, strict=True))
        node.key_starts = {key: span.start for key, span in composed.keys.items()}
    return node


# --- what may stand where ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """What may stand in one place: text that `fits`, a list of `item`, a mapping with `keys`; None where it may not."""

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
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ADDRESS = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and text[11:13] != "24" and read_date(text) is not None


def _is_day(text: str) -> bool:
    return _DAY.fullmatch(text) is not None and read_date(text) is not None


def _is_said(text: str) -> bool:
    return bool(text.strip())


_TEXT = _Shape("text", _is_said)
_DAY_SHAPE = _Shape("a day YYYY-MM-DD", _is_day)
_NAMES = _Shape("a name or a list of names", _is_said, item=_TEXT, at_least=1)
_KIND = _Shape("one of person, agency, publisher, unsigned", BYLINE_KINDS.__contains__, BYLINE_KINDS)
_PUBLISHED = _Shape("a date YYYY-MM-DD or YYYY-MM-DDTHH:MM, with seconds and zone (Z or +HH:MM) where known", _is_date)
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
_ENTRY = _Shape(
    "a mapping with files and source, record or accept", keys={"files": _FILES, **_SAID}, required=("files",)
)
_SIDECAR = _Shape(
    "a mapping with source, record and accept, or with seeds",
    keys={**_SAID, "seeds": _Shape("a list of entries, each with files", item=_ENTRY, at_least=1)},
    at_least=1,
)


def _problems(shape: _Shape, node: _Node, path: str) -> Iterator[tuple[int, str]]:
    """What is wrong with a node: its offset, and what stands there and what was expected."""
    where = path or "the sidecar"
    if node.kind == "text" and shape.fits and shape.fits(node.text):
        return
    if node.kind == "mapping" and shape.keys is not None and len(node.keys) >= shape.at_least:
        for key, child in node.keys.items():
            if key in shape.keys:
                yield from _problems(shape.keys[key], child, f"{path}.{key}" if path else key)
            else:
                noun = "field" if shape is _RECORD else "key"
                hint = _hint(key, shape.keys, "known here are " + ", ".join(shape.keys))
                yield node.key_starts[key], f"unknown {noun} {_shown(key)} in {where}; {hint}"
        for key in shape.required:
            if key not in node.keys:
                yield node.start, f"{where} has no {key}; expected {shape.expected}"
    elif node.kind == "list" and shape.item is not None and len(node.items) >= shape.at_least:
        for number, item in enumerate(node.items, 1):
            yield from _problems(shape.item, item, f"{path} {number}")
    else:
        stands = f"a {node.kind}" if node.items else "empty"
        if _is_said(node.text):
            stands = _shown(node.text)
        near = nearest(node.text, shape.choices)
        yield (
            node.start,
            f"{where} is {stands}; expected {shape.expected}" + (f"; did you mean {near}?" if near else ""),
        )


def _form_problems(root: _Node, name: str) -> Iterator[tuple[int, str]]:
    """A sidecar of one seed that has `seeds`, a folder's that has none, or one that is both."""
    base = name.rpartition("/")[2]
    if root.kind != "mapping" or not root.keys:
        return
    if "seeds" not in root.keys:
        if base == FOLDER_SIDECAR:
            yield root.start, f"no seeds; {FOLDER_SIDECAR} holds seeds, a list of entries, each with files"
    elif base.endswith(SUFFIX) and base != FOLDER_SIDECAR:
        yield root.key_starts["seeds"], f"seeds has its place in {FOLDER_SIDECAR} only; this is the sidecar of one seed"
    else:
        for key in ("source", "record", "accept"):
            if key in root.keys:
                yield root.key_starts[key], f"{key} stands beside seeds; it has its place inside one of the entries"


def _rule_problems(root: _Node, known_rules: Collection[str]) -> Iterator[tuple[int, str]]:
    """Acceptances of rules that there are not; nothing where no rule is known, or where lists and mappings are amiss."""
    entries = [root]
    if "seeds" in root.keys:
        entries = root.keys["seeds"].items
    for entry in entries if known_rules else ():
        for acceptance in entry.keys["accept"].items if "accept" in entry.keys else ():
            rule = acceptance.keys.get("rule")
            if rule is not None and _is_said(rule.text) and rule.text not in known_rules:
                hint = _hint(rule.text, known_rules, "`validator rules` lists them")
                yield rule.start, f"no rule is called {_shown(rule.text)}; {hint}"


def _hint(name: str, valid: Collection[str], otherwise: str) -> str:
    near = nearest(name, valid) if valid else None
    return f"did you mean {_shown(near)}?" if near is not None else otherwise


_ESCAPED = re.compile(r'["\\]|[^\x20-\x7e]')


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


def _shown(text: str) -> str:
    return _quoted(text if len(text) <= 60 else text[:59] + "…")


# --- writing ----------------------------------------------------------------------------------------------------------

# Edits are made in the text itself, at places that the parser gave, rather than by loading and dumping it: that leaves every
# other byte as it was, whatever its layout, and what comes out is read again and compared before it is returned.

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

    A value that already stands for the field is replaced where it stands, with its `replaces`; nothing else changes. With
    `files` the sidecar is a folder's: the entry with exactly these globs gets the value, or a new last one does (an earlier
    entry that fits the same seeds and names the field still comes first). Raises SidecarError where the text is not a sound
    sidecar of that form, or the value is not one that may stand there.
    """
    values = value if isinstance(value, str) else list(value)
    is_date = field == "date_published"
    items = [("value", values, is_date), ("basis", basis, False), ("by", by, False), ("on", _iso(on), True)]
    if replaces is not None:
        items.append(("replaces", replaces, False))
    if field not in FIELDS:
        hint = _hint(field, FIELDS, "fields are " + ", ".join(FIELDS))
        raise SidecarError(f"unknown field {_shown(field)}; {hint}")
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

    An acceptance of the same rule and finding is replaced where it stands. `files` as in `attest`. Whether there is such a
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

    A source that stands there is replaced where it stands; nothing else changes. Whether there is such a source is for the
    caller to check. Raises SidecarError as `attest` does.
    """
    _demand(f"{{source: {_quoted(source)}, files: ['*']}}")
    normal, root = _sound(text, is_folder=False)
    value = source if _PLAIN.fullmatch(source) else _quoted(source)
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
        """As it stands in `record` or `accept`."""
        return f"{self.field}: {self.flow()}" if self.field else ("- " if is_block else "") + self.flow()

    def held(self, key: str, indent: str, is_block: bool) -> str:
        """With `record` or `accept` around it, at an indentation."""
        if is_block:
            return f"{key}:\n{indent}  {self.named(True)}"
        return f"{key}: {{{self.named(False)}}}" if self.field else f"{key}: [{self.named(False)}]"

    def finds(self, holder: _Node) -> _Node | None:
        """What it replaces."""
        if self.field:
            return holder.keys.get(self.field)
        content = self.content()
        same = (n for n in holder.items if all(_text(n, key) == content.get(key) for key in ("rule", "finding")))
        return next(same, None)


def _flow(value: str | Sequence[str]) -> str:
    return _quoted(value) if isinstance(value, str) else "[" + ", ".join(map(_quoted, value)) + "]"


def _written(text: str, key: str, piece: _Piece, files: Sequence[str]) -> str:
    """The sidecar with the piece in it. Raises SidecarError."""
    files = [*files]
    _demand(f"{{{piece.held(key, '', is_block=False)}, files: {_flow(files or ['*'])}}}")
    normal, root = _sound(text, bool(files))
    edits = _edits(normal.text, root, key, piece, files)
    expected = _expected(root.content() if root else {}, key, piece, files)
    return _changed(text, normal, edits, expected, piece.named(False), bool(files))


def _changed(
    text: str,
    normal: Normal,
    edits: Sequence[tuple[int, int, str]],
    expected: dict[str, Any],
    shown: str,
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
        _, after = _sound(changed, is_folder)
    except SidecarError:
        if _is_too_large(changed):
            raise
        after = None
    if after is None or after.content() != expected:
        line = LineIndex(normal.text).line(edits[0][0] if edits else 0)
        raise SidecarError(
            f"the sidecar is laid out around line {line} in a way that cannot be changed without touching the rest; "
            f"write it there by hand: {shown}"
        )
    return changed


def _demand(entry: str) -> None:
    """Raise SidecarError, naming no place, unless the text is a sound entry of a folder's sidecar."""
    try:
        root = _compose(entry)
    except _NotYamlError as error:
        raise SidecarError(str(error)) from None
    assert root is not None
    for _, message in _problems(_ENTRY, root, ""):
        raise SidecarError(message.removeprefix("record.").removeprefix("accept 1."))


def _sound(text: str, is_folder: bool) -> tuple[Normal, _Node | None]:
    """A sidecar that may be written to, None where nothing but comments stands in it. Raises SidecarError."""
    try:
        normal = _decoded(text)
    except _NotYamlError as error:
        raise SidecarError(f"the sidecar is not sound: {error}") from None
    lines = LineIndex(normal.text)
    try:
        root = _compose(normal.text)
    except _NotYamlError as error:
        raise SidecarError(f"the sidecar {_place(lines, error.offset)} is not sound: {error}") from None
    if root is not None:
        name = FOLDER_SIDECAR if is_folder else "seed" + SUFFIX
        for offset, message in chain(_form_problems(root, name), _problems(_SIDECAR, root, "")):
            raise SidecarError(f"the sidecar {_place(lines, offset)} is not sound: {message}")
    return normal, root


def _edits(text: str, root: _Node | None, key: str, piece: _Piece, files: list[str]) -> list[tuple[int, int, str]]:
    """What to replace in the text (start, end, replacement), from left to right."""
    if root is None:
        header = "" if text.strip() else _FOLDER_HEADER if files else _HEADER
        gap = "" if not text or text.endswith("\n") else "\n"
        body = f"seeds:\n  - {_entry(piece, key, files, '    ')}" if files else piece.held(key, "", is_block=True)
        return [(len(text), len(text), f"{gap}{header}{body}\n")]
    entry: _Node | None = root
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


def _indent(text: str, node: _Node) -> str:
    """The blanks that put a line at the column of a block collection."""
    return " " * (node.start - text.rfind("\n", 0, node.start) - 1)


def _added(text: str, node: _Node, addition: str) -> list[tuple[int, int, str]]:
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


def _replaced(text: str, old: _Node, piece: _Piece) -> list[tuple[int, int, str]]:
    """Puts the piece where an old one stands, in the same style; comments inside the old one move to lines above it."""
    replacement = piece.flow() if old.is_flow else ("\n" + _indent(text, old)).join(piece.lines())
    line_start = text.rfind("\n", 0, old.start) + 1
    line = text[line_start : old.start]
    margin = line[: len(line) - len(line.lstrip(" "))]
    above = "".join(f"{margin}{comment}\n" for comment in _comments(text, old))
    edits = [(line_start, line_start, above)] if above else []
    return [*edits, (old.start, old.end, replacement + ("\n" if text[old.end - 1] == "\n" else ""))]


def _comments(text: str, node: _Node) -> Iterator[str]:
    """The comments inside a node: what begins with a # between its scalars."""
    at = node.start
    for leaf in _leaves(node):
        yield from _COMMENT.findall(text, at, leaf.start)
        at = leaf.end
    yield from _COMMENT.findall(text, at, node.end)


def _leaves(node: _Node) -> Iterator[_Node]:
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
