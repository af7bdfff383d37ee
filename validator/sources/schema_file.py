"""A source schema file -> Source: YAML, the meta-schema, `extends`. Every error names file, line and nearest valid name."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from encodings import aliases
from typing import TYPE_CHECKING, Any

from validator.parsing.dates import check_format
from validator.sources.front_matter_schema import FORMATS, schema_validator
from validator.sources.model import (
    FIELDS,
    PLACE_SCORE,
    Agreement,
    Identify,
    Place,
    Policy,
    Residue,
    RuleSetting,
    Selector,
    Source,
)
from validator.sources.schema_errors import explain
from validator.text.errors import ConfigError, nearest
from validator.text.findings import Applicability, Severity
from validator.text.patterns import PatternError, group_names
from validator.text.places import shown

if TYPE_CHECKING:
    from yaml import YAMLError

NEVER_INHERITED = ("identify", "title", "examples", "id", "extends")
APPENDED = ("agree", "residue")
MARKUP = {"plain-text": "text", "page-capture": "text", "front-matter": "markdown", "html": "html"}
RELATIONS = {
    "dates-disagree": ("same-day", "same-instant", "same-month-and-day"),
    "headlines-disagree": ("same-text",),
    "urls-disagree": ("same-url",),
}
# Keywords of JSON Schema by what they hold: one schema, a list of them, schemas by key, or none.
_ONE_SCHEMA = ("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else")
_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SCHEMAS_BY_KEY = ("properties", "patternProperties", "$defs", "dependentSchemas")
_OTHER_KEYWORDS = (
    "$ref", "$comment", "title", "description", "default", "examples", "deprecated", "type", "const", "enum", "format",
    "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "required",
    "minProperties", "maxProperties", "dependentRequired", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf",
)  # fmt: skip
_KEYWORDS = (*_ONE_SCHEMA, *_SCHEMAS, *_SCHEMAS_BY_KEY, *_OTHER_KEYWORDS)


@dataclass(frozen=True, slots=True)
class _Document:
    """A parsed schema file and the line of each of its values, by path."""

    name: str
    content: dict[str, Any]
    lines: dict[tuple[str | int, ...], int]

    def fail(self, path: tuple[str | int, ...], message: str, suggestion: str | None = None) -> ConfigError:
        at = tuple(path)
        while at and at not in self.lines:
            at = at[:-1]
        return ConfigError(message, file=self.name, line=self.lines.get(at, 1), suggestion=suggestion)


LIMIT_DEPTH = 64
"""How deep mappings and sequences of a schema may be nested: JSON Schema needs more than front matter."""

_TOO_DEEP = f"nested more than {LIMIT_DEPTH} deep"


def _refuse_bombs(events: Iterable[Any], name: str) -> None:
    """Raise ConfigError, before any tree is built, for what could fill the memory or the stack."""
    from yaml import AliasEvent, CollectionEndEvent, CollectionStartEvent

    depth = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            raise ConfigError("an alias (*) is not allowed in a schema", file=name, line=line)
        if getattr(event, "tag", None) is not None:
            raise ConfigError(f"a tag ({event.tag}) is not allowed in a schema", file=name, line=line)
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > LIMIT_DEPTH:
            raise ConfigError(_TOO_DEEP, file=name, line=line)


def _not_yaml(error: YAMLError, text: str, name: str) -> ConfigError:
    """The error of a YAML library as a ConfigError with its line."""
    from validator.parsing.yaml_spans import is_limit

    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    so_far = text.encode("utf-8", "surrogatepass")[: getattr(error, "position", 0)]
    line = mark.line + 1 if mark else so_far.count(b"\n") + 1
    return ConfigError(_TOO_DEEP if is_limit(problem) else f"not YAML: {problem}", file=name, line=line)


def _compose(text: str, name: str) -> Any:
    """The tree of a schema's YAML, `None` for an empty one. Raises ConfigError, for our own limits first."""
    import yaml

    from validator.parsing.yaml_spans import before

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_bombs(yaml.parse(text, Loader=loader), name)
        return yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        with suppress(yaml.YAMLError):
            _refuse_bombs(yaml.parse(before(error, text), Loader=loader), name)
        raise _not_yaml(error, text, name) from None
    except RecursionError:
        raise ConfigError(_TOO_DEEP, file=name, line=1) from None


def _parse(text: str, name: str) -> _Document:
    import yaml

    root = _compose(text, name)
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError("a source schema is a mapping", file=name, line=1)
    lines: dict[tuple[str | int, ...], int] = {}
    scalars = yaml.SafeLoader("")  # gives scalars their YAML 1.1 types; never sees a document

    def build(node: Any, path: tuple[str | int, ...]) -> Any:
        lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            mapping: dict[str, Any] = {}
            for key_node, value_node in node.value:
                if not isinstance(key_node, yaml.ScalarNode):
                    raise ConfigError("a key is text", file=name, line=key_node.start_mark.line + 1)
                key = key_node.value
                lines[(*path, key)] = key_node.start_mark.line + 1
                if key in mapping:
                    raise ConfigError(f"key {key!r} occurs twice", file=name, line=key_node.start_mark.line + 1)
                mapping[key] = build(value_node, (*path, key))
            return mapping
        if isinstance(node, yaml.SequenceNode):
            return [build(item, (*path, index)) for index, item in enumerate(node.value)]
        if node.tag in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"):
            return node.value
        if node.value.lower() in ("off", "on", "yes", "no"):
            return node.value  # YAML 1.1 takes these words for booleans; a schema means the words
        try:
            return scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise ConfigError(str(error), file=name, line=node.start_mark.line + 1) from None

    return _Document(name, build(root, ()), lines)


def _check(document: _Document, meta_schema: str, known_rules: Mapping[str, Mapping[str, Any]]) -> None:
    """Check a schema file against the meta-schema and what JSON Schema cannot express. Raises ConfigError."""
    _check_meta_schema(document, meta_schema)
    _check_places(document)
    _check_patterns(document)
    if "front_matter" in document.content:
        _check_front_matter(document)
    if known_rules:
        _check_rules(document, known_rules)
    if "time_zone" in document.content:
        _check_time_zone(document)
    for index, name in enumerate(document.content.get("encoding", {}).get("legacy", [])):
        try:
            codecs.lookup(name)
        except (LookupError, ValueError):
            near = nearest(name, {*aliases.aliases, *aliases.aliases.values()})
            raise document.fail(("encoding", "legacy", index), f"no encoding is called {name!r}", near) from None


def _check_meta_schema(document: _Document, meta_schema: str) -> None:
    from jsonschema.exceptions import best_match

    errors = list(schema_validator(meta_schema).iter_errors(document.content))
    # An unknown key explains the rest best: something is missing because its key is misspelt.
    unknown = [error for error in errors if error.validator == "additionalProperties"]
    error = best_match(unknown or errors)
    if error is None:
        return
    is_inner_choice = error.validator == "anyOf" or (error.validator == "oneOf" and isinstance(error.instance, str))
    if is_inner_choice and error.parent is not None:
        error = error.parent  # which names all choices
    problem = explain(error, "the schema")
    suggestion = problem.suggestion
    if suggestion is None and isinstance(error.instance, str):
        valid = {"const": [str(error.validator_value)], "oneOf": FIELDS}
        suggestion = nearest(error.instance, valid.get(problem.keyword, ()))
    path = problem.path if problem.required_by is None else (*problem.path, problem.required_by)
    raise document.fail(path, shown(problem.said, 1000), suggestion)


def _check_places(document: _Document) -> None:
    """Check that only a body lies between places, and that two places agree by a relation that their rule knows."""
    for field, places in document.content.get("record", {}).items():
        for index, place in enumerate(places if field != "required" else ()):
            if (field == "body") != ("after" in place or "before" in place):
                wanted = (
                    "a body begins after or ends before a place"
                    if field == "body"
                    else "only a body has after and before"
                )
                raise document.fail(("record", field, index), f"record.{field}.{index}: {wanted}")
    for index, entry in enumerate(document.content.get("agree", [])):
        relations = RELATIONS[entry["rule"]]
        if entry["relation"] not in relations:
            message = f"{entry['rule']} compares by {' or '.join(relations)}, not by {entry['relation']}"
            raise document.fail(("agree", index, "relation"), message, relations[0])


def _check_patterns(document: _Document) -> None:
    for path, key, value in _walk(document.content):
        if path[:1] in (("front_matter",), ("examples",)) or not isinstance(value, str):
            continue
        if key == "format":
            try:
                check_format(value)
            except ValueError as problem:
                raise document.fail((*path, key), str(problem)) from None
        if key == "element" and path[:1] in (("record",), ("agree",)):
            _check_selector(document, (*path, key), value)
        if not _is_pattern(path, key):
            continue
        groups = _groups(document, (*path, key), value)
        is_place = path[:1] in (("record",), ("agree",)) and key != "split" and path[-1] not in ("after", "before")
        wanted = _at(document.content, path).get("group", "value") if key == "pattern" else "value"
        if is_place and wanted not in groups:
            raise document.fail((*path, key), f"pattern {value!r} has no group (?P<{wanted}>…)")


def _check_selector(document: _Document, path: tuple[str | int, ...], selector: str) -> None:
    import turbohtml

    try:
        turbohtml.parse("").select(selector)
    except ValueError as problem:
        raise document.fail(path, f"{selector!r} is no CSS selector: {problem}") from None


def _at(content: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        content = content[step]
    return content


def _groups(document: _Document, path: tuple[str | int, ...], pattern: str) -> tuple[str, ...]:
    try:
        return group_names(pattern)
    except PatternError as problem:
        raise document.fail(path, f"pattern {pattern!r}: {problem}") from None


def _check_front_matter(document: _Document) -> None:
    for path, part in _subschemas(document.content["front_matter"], ("front_matter",)):
        for key, value in part.items():
            if key not in _KEYWORDS:
                raise document.fail((*path, key), f'unknown keyword "{key}"', nearest(key, _KEYWORDS))
            if key == "pattern":
                _groups(document, (*path, key), value)
            if key == "format" and value not in FORMATS:
                near = nearest(str(value), FORMATS)
                raise document.fail((*path, key), f"format {value!r} is not checked by this program", near)
        for pattern in part.get("patternProperties", {}):
            _groups(document, (*path, "patternProperties", pattern), pattern)


def _subschemas(schema: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """A JSON Schema and all schemas inside it, with their paths. `true` and `false` are left out."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for key, value in schema.items():
        if key in _ONE_SCHEMA:
            yield from _subschemas(value, (*path, key))
        elif key in _SCHEMAS:
            for index, item in enumerate(value):
                yield from _subschemas(item, (*path, key, index))
        elif key in _SCHEMAS_BY_KEY:
            for name, item in value.items():
                yield from _subschemas(item, (*path, key, name))


def _check_references(document: _Document, schema: dict[str, Any]) -> None:
    """Check that every `$ref` names a schema of `$defs` and does not come back to itself. Ancestors are merged in."""
    definitions = {f"#/$defs/{name}": part for name, part in schema.get("$defs", {}).items()}
    for path, part in _subschemas(schema, ("front_matter",)):
        reference, seen = part.get("$ref"), []
        while reference is not None:
            if reference not in definitions:
                message = f"$ref is {reference!r}, expected #/$defs/NAME of one that is there"
                raise document.fail((*path, "$ref"), message, nearest(str(reference), definitions))
            if reference in seen:
                raise document.fail((*path, "$ref"), f"$ref comes back to {reference}")
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


def _check_time_zone(document: _Document) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    name = document.content["time_zone"]
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zones = available_timezones()
        message = f"time zone {name!r} is not known on this machine"
        if not zones:
            message += ", which has no time zone database: install the package tzdata"
        raise document.fail(("time_zone",), message, nearest(name, zones)) from None


def _is_pattern(path: tuple[str | int, ...], key: str) -> bool:
    if key not in ("pattern", "split", "from", "path", "url"):
        return False
    if key == "from":
        return path[:1] == ("residue",)
    return path[:1] != ("identify",) or key == "pattern"


def _walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield path, key, item
            yield from _walk(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index))


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
        stem = name.rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")
        if identifier != stem:
            raise document.fail(("id",), f"id is {identifier!r}, but the file is called {stem!r}")
        documents[stem] = document
    return {identifier: _build(identifier, documents) for identifier in sorted(documents)}


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


def _build(identifier: str, documents: Mapping[str, _Document]) -> Source:
    chain = _ancestry(identifier, documents)
    merged: dict[str, Any] = {}
    for ancestor in reversed(chain):
        content = documents[ancestor].content
        merged = _merge(merged, {k: v for k, v in content.items() if k not in NEVER_INHERITED})
    own = documents[identifier].content
    if "front_matter" in merged:
        _check_references(documents[identifier], merged["front_matter"])
    container = merged.get("container", "plain-text")
    text = merged.get("text", {})
    encoding = merged.get("encoding", {})
    record = merged.get("record", {})
    residues = tuple(_residue(entry) for entry in merged.get("residue", []))
    for place in record.get("body", []):
        for side in ("after", "before"):
            target = place.get(side)
            name = target.removeprefix("residue.") if isinstance(target, str) else ""
            if isinstance(target, str) and name == target and target not in FIELDS:
                near = nearest(target, (*FIELDS, *(f"residue.{residue.name}" for residue in residues)))
                raise documents[identifier].fail(("record", "body"), f"{target!r} is no field", near)
            if name != target and name and name not in {residue.name for residue in residues}:
                near = nearest(name, [residue.name for residue in residues])
                raise documents[identifier].fail(("record", "body"), f"no residue is called {name!r}", near)
    return Source(
        id=identifier,
        title=own["title"],
        file=documents[identifier].name,
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
        front_matter=json.dumps(merged["front_matter"], ensure_ascii=False) if "front_matter" in merged else None,
        places={name: tuple(_place(entry) for entry in record[name]) for name in FIELDS if name in record},
        required={
            name: Severity(severity) for name, severity in record.get("required", {}).items() if severity != "optional"
        },
        agreements=tuple(_agreement(entry) for entry in merged.get("agree", [])),
        residues=residues,
        rules={name: _rule_setting(entry) for name, entry in merged.get("rules", {}).items()},
        examples=tuple(own.get("examples", ())),
    )


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
        keys_score=keys.get("score", 0),
        at_least=at_least,
        certain_from=entry.get("certain_from", at_least),
        generic=entry.get("generic", False),
    )


def _target(value: Any) -> str | None:
    return f"pattern:{value['pattern']}" if isinstance(value, dict) else value


def _place(entry: Any) -> Place:
    if isinstance(entry, str):
        if entry.startswith("front_matter."):
            return Place(front_matter=entry.removeprefix("front_matter."))
        return Place(from_field=entry)
    fields = {_NAMES_OF_FIELDS.get(key, key): value for key, value in entry.items()}
    for side in ("after", "before"):
        fields[side] = _target(fields.get(side))
    if isinstance(fields.get("value"), list):
        fields["value"] = tuple(fields["value"])
    return Place(**fields)


_NAMES_OF_FIELDS = {"from": "from_field"}
_SECONDS = {"s": 1, "second": 1, "minute": 60, "hour": 3600, "day": 86400}


def _agreement(entry: dict[str, Any]) -> Agreement:
    tolerance = 0
    if "tolerance" in entry:
        number = "".join(c for c in entry["tolerance"] if c.isdigit())
        unit = entry["tolerance"].removeprefix(number).strip()
        tolerance = int(number) * _SECONDS[unit if unit == "s" else unit.removesuffix("s")]
    return Agreement(
        name=entry["name"], rule=entry["rule"], left=_place(entry["left"]), right=_place(entry["right"]),
        relation=entry["relation"], tolerance_seconds=tolerance,
        severity=Severity(entry["severity"]) if "severity" in entry else None, describes=entry.get("describes", ""),
    )  # fmt: skip


def _residue(entry: dict[str, Any]) -> Residue:
    element = entry.get("element")
    return Residue(
        name=entry["name"], rule=entry["rule"], pattern=entry.get("pattern"), from_pattern=entry.get("from"),
        before=_target(entry.get("before")), to_end=entry.get("to_end", False),
        element=Selector(
            tag=_many(element.get("tag", ())), id=_many(element.get("id", ())), class_=_many(element.get("class", ())),
            href=_many(element.get("href", ())), src=_many(element.get("src", ())),
        ) if element else None,
        only_if_no_text="only_if" in entry, means=entry.get("means", ""), lifts=entry.get("lifts"),
        at_most=float(entry.get("at_most", 1.0)), leaves_at_least=entry.get("leaves_at_least", 0),
        severity=Severity(entry["severity"]) if "severity" in entry else None,
    )  # fmt: skip


def _rule_setting(entry: Any) -> RuleSetting:
    if isinstance(entry, str):
        return RuleSetting(severity="off" if entry == "off" else Severity(entry))
    severity = entry.get("severity")
    applicability = entry.get("applicability")
    return RuleSetting(
        severity=severity if severity in (None, "off") else Severity(severity),
        applicability=Applicability(applicability) if applicability else None,
        options={key: value for key, value in entry.items() if key not in ("severity", "applicability")},
    )
