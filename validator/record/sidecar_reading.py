"""Reading sidecars: YAML, every scalar as the text that is there (`2012`, `no` and `12:30` included).

A sidecar with any problem contributes nothing at all, so that a misread one never confirms anything: `problems` says what is
wrong and where, and the seed is judged as if it had no sidecar. `schemas/sidecar.schema.json` says what a sidecar may hold.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from validator.record.sidecar import (
    FOLDER_SIDECAR,
    LIMIT_BYTES,
    SIDECAR_SUFFIX,
    Acceptance,
    Attested,
    Sidecar,
    SidecarError,
    Wrong,
    combine,
)
from validator.sources.json_schema import check
from validator.sources.schema_errors import Path
from validator.sources.yaml_files import YamlError, compose, find
from validator.text.errors import nearest
from validator.text.globs import glob_pattern
from validator.text.places import LineIndex, Normal, shown
from validator.text.tables import own_schema

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
    return Sidecar(name, combined.source, combined.record, combined.accept, wrong=combined.wrong)


class _Entry(NamedTuple):
    """What a sidecar says about some seeds. `patterns` is `None` for the one seed beside it."""

    patterns: tuple[re.Pattern[str], ...] | None
    sidecar: Sidecar


# A folder's sidecar is read for each seed below it, and these may be thousands.
@lru_cache(maxsize=16)
def _read(data: bytes | str, name: str, known_rules: frozenset[str]) -> tuple[tuple[_Entry, ...], tuple[str, ...]]:
    """The entries of a sidecar, or else its problems."""
    try:
        text = decoded(data).text
    except SidecarError as error:
        return (), (f"{name}: {error}",)
    lines = LineIndex(text)
    root, problems = composed(text, name, known_rules)
    if root is None:
        problems = problems or [
            (0, "the sidecar is empty, expected a mapping with source, record, accept and wrong, or with seeds")
        ]
    if root is None or problems:
        return (), tuple(f"{name} {place_of(lines, offset)}: {message}" for offset, message in problems)
    content = root.value
    if "seeds" not in content:
        return (_Entry(None, _said_in(root, content, name, lines)),), ()
    _, seeds = find(root, ("seeds",))
    entries = zip(seeds.children, content["seeds"], strict=True)
    return tuple(
        _Entry(tuple(map(glob_pattern, said["files"])), _said_in(node, said, name, lines)) for node, said in entries
    ), ()


def place_of(lines: LineIndex, offset: int) -> str:
    position = lines.position(offset)
    return f"line {position.line}, column {position.column}"


def _said_in(entry: Node, said: dict[str, Any], name: str, lines: LineIndex) -> Sidecar:
    """What one valid entry (or the sidecar of one seed) says."""

    def place(*path: str | int) -> str:
        return f"{name} line {lines.line(find(entry, path)[0].start)}"

    def day(mapping: dict[str, str], key: str) -> datetime.date | None:
        return datetime.date.fromisoformat(mapping[key]) if key in mapping else None

    record = tuple(
        Attested(
            field,
            tuple(each["value"]) if isinstance(each["value"], list) else each["value"],
            each["basis"],
            each.get("by", ""),
            day(each, "on"),
            each.get("replaces"),
            place("record", field),
        )
        for field, each in said.get("record", {}).items()
    )
    accept = tuple(
        Acceptance(
            each["rule"],
            each.get("finding"),
            each["reason"],
            each.get("by", ""),
            day(each, "on"),
            day(each, "until"),
            place("accept", number),
        )
        for number, each in enumerate(said.get("accept", ()))
    )
    mark = said.get("wrong")
    wrong = mark and Wrong(mark["reason"], mark.get("by", ""), day(mark, "on"), mark["text"], place("wrong"))
    return Sidecar(name, said.get("source"), record, accept, wrong=wrong)


def decoded(data: bytes | str) -> Normal:
    """The text of a sidecar, in UTF-8 if given as bytes. Raises SidecarError."""
    if is_too_large(data):
        raise SidecarError(f"larger than {LIMIT_BYTES} bytes, more than a sidecar may be")
    if isinstance(data, str):
        return Normal(data)
    try:
        return Normal(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SidecarError(f"not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}") from None


def is_too_large(data: bytes | str) -> bool:
    return len(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")) > LIMIT_BYTES


def composed(text: str, name: str, known_rules: Collection[str] = ()) -> tuple[Node | None, list[tuple[int, str]]]:
    """The mapping in the normal text of a sidecar, `None` if there are only comments; and its problems, by their offset."""
    try:
        root = compose(text, "a sidecar")
    except YamlError as error:
        return None, [(error.offset, str(error))]
    if root is None:
        return None, []
    content = root.value
    found = sorted(chain(_form_problems(root, content, name), _schema_problems(root, content)))
    return root, found[:PROBLEMS_SHOWN] or sorted(_rule_problems(root, content, known_rules))[:PROBLEMS_SHOWN]


def _schema_problems(root: Node, content: dict[str, Any]) -> Iterator[tuple[int, str]]:
    for problem in check(own_schema("sidecar.schema.json"), content, "the sidecar", at_most=5 * PROBLEMS_SHOWN):
        place, node = find(root, problem.path)
        yield (place if problem.unknown is not None else node.span).start, shown(problem.message, 1000)


def _form_problems(root: Node, content: dict[str, Any], name: str) -> Iterator[tuple[int, str]]:
    """A sidecar of one seed that has `seeds`, or a folder's that has none."""
    base = name.rpartition("/")[2]
    if base == FOLDER_SIDECAR and content and "seeds" not in content:
        yield root.span.start, f"no seeds; {FOLDER_SIDECAR} holds seeds, a list of entries, each with files"
    if base != FOLDER_SIDECAR and base.endswith(SIDECAR_SUFFIX) and "seeds" in content:
        place, _ = find(root, ("seeds",))
        yield place.start, f"seeds belongs in {FOLDER_SIDECAR} only; this is the sidecar of one seed"


def _rule_problems(root: Node, content: dict[str, Any], known_rules: Collection[str]) -> Iterator[tuple[int, str]]:
    """Acceptances of unknown rules, in a sidecar that has no other problem. Not checked without known rules."""
    entries: list[tuple[Path, Any]] = [
        (("seeds", number), entry) for number, entry in enumerate(content.get("seeds", ()))
    ]
    for path, entry in entries or [((), content)]:
        for number, acceptance in enumerate(entry.get("accept", ())):
            rule = acceptance["rule"]
            if known_rules and rule not in known_rules:
                near = nearest(rule, known_rules)
                known = f'did you mean "{near}"?' if near is not None else "`validator rules` lists them"
                _, node = find(root, (*path, "accept", number, "rule"))
                yield node.span.start, f'no rule is called "{shown(rule, 60)}"; {known}'
