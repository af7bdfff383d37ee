"""A source schema file -> Source: YAML, the meta-schema, `extends`. Every error names file, line and nearest valid name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from validator.sources.json_schema import schema_validator
from validator.sources.model import (
    FIELDS,
    PLACE_SCORE,
    Agreement,
    Identify,
    Layout,
    Place,
    Policy,
    Residue,
    RuleSetting,
    Selector,
    Source,
)
from validator.sources.schema_errors import Path, explain
from validator.sources.yaml_files import YamlError, compose, find
from validator.text.errors import ConfigError, nearest
from validator.text.findings import Applicability, Severity
from validator.text.patterns import group_names
from validator.text.places import LineIndex, Normal, shown

if TYPE_CHECKING:
    from validator.parsing.yaml_spans import Node

NEVER_INHERITED = ("identify", "title", "examples", "id", "extends")
APPENDED = ("agree", "residue")
WITH_PATTERNS = {"identify", "record", "agree", "residue", "layouts"}
OF_LAYOUT = ("front_matter", "record", "agree", "residue")  # what a layout may say in place of its source
_REFERENCE = re.compile(r"%\{(\w+)\}")
MARKUP = {"plain-text": "text", "page-capture": "text", "front-matter": "markdown", "html": "html"}

LIMIT_DEPTH = 64
"""How deep mappings and sequences of a schema may be nested: JSON Schema needs more than front matter."""


class _Document(NamedTuple):
    """A schema file that has been read: its content, and the places of its values."""

    name: str
    content: dict[str, Any]
    root: Node
    lines: LineIndex

    def fail(self, path: Path, message: str, suggestion: str | None = None) -> ConfigError:
        return ConfigError(message, self.name, self.lines.line(find(self.root, path)[0].start), suggestion)


def _parse(text: str, name: str) -> _Document:
    normal = Normal(text).text
    lines = LineIndex(normal)
    try:
        root = compose(normal, "a source schema", LIMIT_DEPTH)
    except YamlError as error:
        raise ConfigError(str(error), name, lines.line(error.offset)) from None
    if root is None:
        raise ConfigError("the source schema is empty, expected a mapping with id and title", name, 1)
    return _Document(name, root.typed(), root, lines)


def _check(document: _Document, meta_schema: str, known_rules: Mapping[str, Mapping[str, Any]]) -> None:
    """Check a schema file against the meta-schema and what JSON Schema cannot express. Raises ConfigError."""
    errors = schema_validator(meta_schema).iter_errors(document.content)
    # A wrong key explains the other errors best: something is missing because its key is misspelt.
    of_keys = ("additionalProperties", "not")
    error = min(errors, key=lambda each: (each.validator not in of_keys, len(each.absolute_path)), default=None)
    if error is not None:
        problem = explain(error, "the schema")
        path = problem.path if problem.required_by is None else (*problem.path, problem.required_by)
        raise document.fail(path, shown(problem.said, 1000), problem.suggestion)
    for name, pattern in _patterns(document).items():
        if group_names(pattern):
            raise document.fail(("patterns", name), "a named pattern has no named group: those stand where it is used")
    _check_layouts(document)
    if known_rules:
        _check_rules(document, known_rules)


def _check_layouts(document: _Document) -> None:
    """Check that each layout has a name of its own, and ends after it begins."""
    names: set[str] = set()
    for index, layout in enumerate(document.content.get("layouts", [])):
        if layout["name"] in names:
            raise document.fail(("layouts", index, "name"), f"another layout is called {layout['name']!r} too")
        names.add(layout["name"])
        first, last = layout.get("valid_from", ""), layout.get("valid_until", "9")
        if first > last:
            raise document.fail(("layouts", index, "valid_until"), f"valid_until {last} is before valid_from {first}")


def _check_patterns(document: _Document) -> None:
    """Check the patterns in which named ones are inserted now: each compiles, and has the group of its value."""
    for path, place in _places(document.content):
        for key in place.keys() & {"pattern", "path", "url", "part", "below_headline"}:
            group = place.get("group", "value") if key == "pattern" else "value"
            if group not in group_names(place[key]):
                raise document.fail((*path, key), f"pattern {place[key]!r} has no group (?P<{group}>…)")


def _places(content: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The places from which values are read, with their paths; those of layouts too."""
    for index, layout in enumerate(content.get("layouts", [])):
        yield from ((("layouts", index, *path), place) for path, place in _places(layout))
    for field, places in content.get("record", {}).items():
        if field not in ("required", "body"):
            for index, place in enumerate(places):
                yield ("record", field, index), place
                within = place.get("shared", ())
                yield from ((("record", field, index, "shared", at), each) for at, each in enumerate(within))
    for index, entry in enumerate(content.get("agree", [])):
        sides = ((("agree", index, side), entry[side]) for side in ("left", "right"))
        yield from ((path, place) for path, place in sides if isinstance(place, dict))


def _check_references(document: _Document, value: Any, definitions: Mapping[str, Any], path: Path) -> None:
    """Check that every `$ref` names a schema of `$defs` and does not come back to itself. Ancestors are merged in."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            _check_references(document, item, definitions, (*path, index))
    for key, item in value.items() if isinstance(value, dict) else ():
        _check_references(document, item, definitions, (*path, key))
        reference, seen = item if key == "$ref" and isinstance(item, str) else None, []
        while reference is not None:
            if reference not in definitions:
                message = f"$ref is {reference!r}, expected #/$defs/NAME of one that is there"
                raise document.fail((*path, key), message, nearest(reference, definitions))
            if reference in seen:
                raise document.fail((*path, key), f"$ref comes back to {reference}")
            seen.append(reference)
            part = definitions[reference]
            reference = part.get("$ref") if isinstance(part, dict) else None


def _check_rules(document: _Document, known_rules: Mapping[str, Mapping[str, Any]]) -> None:
    for name, setting in document.content.get("rules", {}).items():
        if name not in known_rules:
            raise document.fail(("rules", name), f"no rule is called {name!r}", nearest(name, known_rules))
        if not isinstance(setting, dict):
            continue
        options = known_rules[name]
        for option, value in setting.items():
            if option in ("severity", "applicability"):
                continue
            place = ("rules", name, option)
            if option not in options:
                near = nearest(option, (*options, "severity", "applicability"))
                raise document.fail(place, f"rule {name} has no option {option!r}", near)
            if type(value) is not type(options[option]):
                kind = type(options[option]).__name__
                raise document.fail(place, f"option {option} of {name} is {value!r}, expected {kind}")


def read_sources(
    files: Iterable[tuple[str, str]],
    meta_schema: str | None = None,
    known_rules: Mapping[str, Mapping[str, Any]] | None = None,
    known: Mapping[str, str] | None = None,
) -> dict[str, Source]:
    """Schema files, as pairs of name and text -> sources by id.

    A later file of the same id replaces an earlier one. With `meta_schema` (its JSON text) each file is checked against it,
    except those named in `known` (the program's own, which its tests check). `known_rules` maps rule names to their options.
    Raises ConfigError with file, line and nearest valid name.
    """
    documents: dict[str, _Document] = {}
    for name, text in files:
        document = _parse(text, name)
        if meta_schema is not None and name not in (known or ()):
            _check(document, meta_schema, known_rules or {})
        identifier = document.content.get("id")
        stem = _stem(name)
        if identifier != stem:
            raise document.fail(("id",), f"id is {identifier!r}, but the file is called {stem!r}")
        documents[stem] = document
    chains = {identifier: _ancestry(identifier, documents) for identifier in sorted(documents)}
    for identifier, chain in chains.items():
        patterns = {name: each for parent in reversed(chain) for name, each in _patterns(documents[parent]).items()}
        _insert_patterns(documents[identifier], patterns)
    for document in documents.values():
        if meta_schema is not None and document.name not in (known or ()):
            _check_patterns(document)
    return {identifier: _build(chain, documents) for identifier, chain in chains.items()}


def _patterns(document: _Document) -> dict[str, str]:
    """The parts of patterns that a schema names for itself and for those that extend it."""
    return dict(document.content.get("patterns", {}))


def _insert_patterns(document: _Document, patterns: Mapping[str, str]) -> None:
    """Replace each `%{NAME}` in the schema's patterns by the pattern of that name. Raises ConfigError for a wrong name."""

    def inserted(value: Any, path: Path, inside: tuple[str, ...] = ()) -> Any:
        def pattern(match: re.Match[str]) -> str:
            name = match[1]
            if name not in patterns:
                raise document.fail(path, f"no pattern is called {name!r}", nearest(name, patterns))
            if name in inside:
                raise document.fail(path, f"the pattern {name} contains itself: {' -> '.join([*inside, name])}")
            return f"(?:{inserted(patterns[name], path, (*inside, name))})"

        if isinstance(value, dict) and path[2:] != ("front_matter",):  # JSON Schema has patterns of its own
            return {key: inserted(each, (*path, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [inserted(each, (*path, index)) for index, each in enumerate(value)]
        return _REFERENCE.sub(pattern, value) if isinstance(value, str) else value

    for key in document.content.keys() & WITH_PATTERNS:
        document.content[key] = inserted(document.content[key], (key,))


def _ancestry(identifier: str, documents: Mapping[str, _Document]) -> list[str]:
    """The source and its ancestors, nearest first. Raises ConfigError for an unknown one or a cycle."""
    chain = [identifier]
    while True:
        document = documents[chain[-1]]
        parent = document.content.get("extends")
        if parent is None:
            return chain
        if parent not in documents:
            raise document.fail(("extends",), f"extends {parent!r}, which is no source", nearest(parent, documents))
        if parent in chain:
            raise document.fail(("extends",), f"extends itself: {' -> '.join([*chain, parent])}")
        chain.append(parent)


def _merge(parent: dict[str, Any], child: dict[str, Any], appending: bool = True) -> dict[str, Any]:
    merged = dict(parent)
    for key, value in child.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value, appending=False)
        elif appending and key in APPENDED and key in merged:
            names = {entry["name"] for entry in value}
            merged[key] = [entry for entry in merged[key] if entry["name"] not in names] + value
        else:
            merged[key] = value
    return merged


def _merged(chain: list[str], documents: Mapping[str, _Document]) -> dict[str, Any]:
    """The content of a schema with its ancestors merged in, but for what is never inherited."""
    merged: dict[str, Any] = {}
    for ancestor in reversed(chain):
        content = documents[ancestor].content
        merged = _merge(merged, {k: v for k, v in content.items() if k not in NEVER_INHERITED})
    return merged


def merged_content(identifier: str, files: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The content of a schema among others, with its ancestors merged in and named patterns inserted. Raises ConfigError."""
    documents = {_stem(name): _parse(text, name) for name, text in files}
    chain = _ancestry(identifier, documents)
    for number, name in enumerate(chain):
        patterns = {
            each: text for parent in reversed(chain[number:]) for each, text in _patterns(documents[parent]).items()
        }
        _insert_patterns(documents[name], patterns)
    return _merged(chain, documents)


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")


def _build(chain: list[str], documents: Mapping[str, _Document]) -> Source:
    document, merged = documents[chain[0]], _merged(chain, documents)
    as_written = _source(chain, document, merged)
    if not merged.get("layouts"):
        return as_written
    as_written = replace(as_written, layout="")
    layouts = (_layout(chain, document, merged, index) for index in range(len(merged["layouts"])))
    return replace(as_written, layouts=tuple(layouts))


def _layout(chain: list[str], document: _Document, merged: dict[str, Any], index: int) -> Layout:
    """The layout of this number, with a source in which what it says is merged as a child's schema would be."""
    entry = merged["layouts"][index]
    own = {key: value for key, value in entry.items() if key in OF_LAYOUT}
    source = _source(chain, document, _merge(merged, own), ("layouts", index))
    return Layout(
        name=entry["name"],
        source=replace(source, title=entry.get("title", source.title), layout=entry["name"]),
        valid_from=date.fromisoformat(entry["valid_from"]) if "valid_from" in entry else None,
        valid_until=date.fromisoformat(entry["valid_until"]) if "valid_until" in entry else None,
        pattern=entry.get("pattern"),
    )


def _source(chain: list[str], document: _Document, merged: dict[str, Any], path: Path = ()) -> Source:
    """The source of a schema in which everything is merged. `path` leads to its layout, if it is that of one."""
    own, identifier = document.content, chain[0]
    front_matter = merged.get("front_matter")
    if front_matter is not None:
        definitions = {f"#/$defs/{name}": part for name, part in front_matter.get("$defs", {}).items()}
        _check_references(document, front_matter, definitions, (*path, "front_matter"))
    container = merged.get("container", "plain-text")
    text, encoding, record = (merged.get(key, {}) for key in ("text", "encoding", "record"))
    residues = tuple(_residue(entry) for entry in merged.get("residue", []))
    _check_body(document, record.get("body", []), [residue.name for residue in residues], path)
    return Source(
        id=identifier,
        title=own["title"],
        file=document.name,
        ancestors=tuple(chain[1:]),
        identify=_identify(own["identify"]) if "identify" in own else None,
        policy=Policy(
            container=container,
            markup=merged.get("body", MARKUP[container]),
            language=merged.get("language"),
            script=text.get("script", "auto"),
            quotes=text.get("quotes", "auto"),
            encoding=encoding.get("require", "utf-8"),
            legacy=tuple(encoding.get("legacy", ())),
        ),
        time_zone=merged.get("time_zone"),
        date_order=merged.get("date_order"),
        publishers=_many(merged.get("publisher", ())),
        agencies=tuple(merged.get("agencies", ())),
        front_matter=json.dumps(front_matter, ensure_ascii=False) if front_matter is not None else None,
        places={name: tuple(place_of(entry) for entry in record[name]) for name in FIELDS if name in record},
        required={
            name: Severity(severity) for name, severity in record.get("required", {}).items() if severity != "optional"
        },
        agreements=tuple(_agreement(entry) for entry in merged.get("agree", [])),
        residues=residues,
        rules={name: _rule_setting(entry) for name, entry in merged.get("rules", {}).items()},
        examples=tuple(own.get("examples", ())),
    )


def _check_body(document: _Document, places: Iterable[Mapping[str, Any]], residues: list[str], path: Path) -> None:
    """Check that a body begins after, and ends before, a field or residue of the source. Ancestors are merged in."""
    known = (*FIELDS, *(f"residue.{name}" for name in residues))
    for target in (target for place in places for target in place.values() if isinstance(target, str)):
        name = target.removeprefix("residue.")
        if name != target and name not in residues:
            raise document.fail((*path, "record", "body"), f"no residue is called {name!r}", nearest(name, residues))
        if target not in known:
            raise document.fail((*path, "record", "body"), f"{target!r} is no field", nearest(target, known))


def _many(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _identify(entry: dict[str, Any]) -> Identify:
    at_least = entry.get("at_least", PLACE_SCORE)
    keys = entry.get("keys", {})
    return Identify(
        paths=tuple(entry.get("paths", ())),
        hosts=tuple(host.lower() for host in entry.get("hosts", ())),
        text=tuple((item["pattern"], item["score"]) for item in entry.get("text", ())),
        keys=tuple(keys.get("all", ())),
        any_key=frozenset(keys.get("any", ())),
        keys_score=keys.get("score", 0),
        at_least=at_least,
        certain_from=entry.get("certain_from", at_least),
        generic=entry.get("generic", False),
    )


def _renamed(entry: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """An entry of a schema as fields of its class: some have another name there, and a severity is one of the program's."""
    fields = {names.get(key, key): value for key, value in entry.items()}
    for side in fields.keys() & {"after", "before"}:
        if isinstance(fields[side], dict):
            fields[side] = f"pattern:{fields[side]['pattern']}"
    if "severity" in fields:
        fields["severity"] = Severity(fields["severity"])
    return fields


@lru_cache(maxsize=1024)
def _at_key(key: str) -> Place:
    """The place of a front-matter key, which many sources read: the same object for all of them."""
    return Place(front_matter=key)


def place_of(entry: Any) -> Place:
    if isinstance(entry, str):
        key = entry.removeprefix("front_matter.")
        return Place(from_field=entry) if key == entry else _at_key(key)
    if entry.keys() == {"front_matter"}:
        return _at_key(entry["front_matter"])
    fields = _renamed(entry, **{"from": "from_field", "line_before": "above"})
    if "label" in fields:
        fields["label"] = _many(fields["label"])
    if isinstance(fields.get("value"), list):
        fields["value"] = tuple(fields["value"])
    if "shared" in fields:
        fields["shared"] = tuple(place_of(each) for each in fields["shared"])
    if "strip_suffix" in fields:
        fields["strip_suffix"] = _many(fields["strip_suffix"])
    return Place(**fields)


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}  # by the first letter of a unit


def _agreement(entry: dict[str, Any]) -> Agreement:
    fields = _renamed(entry) | {"left": place_of(entry["left"]), "right": place_of(entry["right"])}
    tolerance = re.fullmatch(r"(\d+) ?(.).*", fields.pop("tolerance", "0 s"))
    assert tolerance is not None
    return Agreement(**fields, tolerance_seconds=int(tolerance[1]) * _SECONDS[tolerance[2]])


def _residue(entry: dict[str, Any]) -> Residue:
    fields = _renamed(entry, **{"from": "from_pattern"})
    if "element" in fields:
        globs = {("class_" if key == "class" else key): _many(value) for key, value in fields["element"].items()}
        fields["element"] = Selector(**globs)
    fields["only_if_no_text"] = fields.pop("only_if", None) is not None
    return Residue(**fields)


def _rule_setting(entry: Any) -> RuleSetting:
    options = {"severity": entry} if isinstance(entry, str) else dict(entry)
    severity, applicability = options.pop("severity", None), options.pop("applicability", None)
    return RuleSetting(
        severity if severity in (None, "off") else Severity(severity),
        Applicability(applicability) if applicability else None,
        options,
    )
