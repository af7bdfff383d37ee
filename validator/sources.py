"""Source schemas: a YAML file -> Source, plain frozen facts; and which source a seed is of, with the evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from validator.dates import check_format
from validator.errors import ConfigError, nearest
from validator.findings import Applicability, Severity
from validator.globs import glob_pattern
from validator.patterns import PatternError, Subject, compile_pattern, group_names

FIELDS = ("headline", "byline", "date_published", "dateline", "agency", "publisher", "source_url", "language", "body")
PLACE_SCORE = 10  # of a path or a host that fits
NEVER_INHERITED = ("identify", "title", "examples", "id", "extends")
APPENDED = ("agree", "residue")
MARKUP = {"plain-text": "text", "page-capture": "text", "front-matter": "markdown", "html": "html"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a source says of its texts, as far as rules may know it."""

    container: str = "plain-text"
    markup: str = "text"
    language: str | None = None
    script: str = "auto"
    quotes: str = "auto"
    encoding: str = "utf-8"
    legacy: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place a value may be read from; exactly one of the first seven is set, or `after`/`before` for the body."""

    front_matter: str | None = None
    pattern: str | None = None
    path: str | None = None
    url: str | None = None
    line_before: str | None = None
    from_field: str | None = None
    value: str | tuple[str, ...] | None = None
    after: str | None = None  # a field, "residue.NAME" or "pattern:…"
    before: str | None = None
    within_lines: int | None = None
    format: str = "any"
    kind: str | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two places that must agree. `left` and `right` are places; a record field is the place `from`."""

    name: str
    rule: str
    left: Place
    right: Place
    relation: str
    tolerance_seconds: int = 0
    severity: Severity | None = None
    describes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """HTML elements: each tuple of globs that is not empty must fit."""

    tag: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    class_: tuple[str, ...] = ()
    href: tuple[str, ...] = ()
    src: tuple[str, ...] = ()

    def fits(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Whether an element with these attributes is meant."""
        if self.tag and tag not in self.tag:
            return False
        for name, globs in (("id", self.id), ("href", self.href), ("src", self.src)):
            if globs and not any(fnmatchcase(attributes.get(name, ""), glob) for glob in globs):
                return False
        classes = attributes.get("class", "").split()
        return not self.class_ or any(fnmatchcase(word, glob) for word in classes for glob in self.class_)

    def literals(self) -> tuple[str, ...]:
        """For the most telling attribute, a literal of each glob: where none stands in a text, no element of it fits."""
        globs = self.id or self.href or self.src or self.class_
        return tuple(max(glob.replace("?", "*").replace("[", "*").split("*"), key=len) for glob in globs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """One kind of residue that pages of the source leave."""

    name: str
    rule: str
    pattern: str | None = None
    from_pattern: str | None = None
    before: str | None = None  # a field or "pattern:…"
    to_end: bool = False
    element: Selector | None = None
    only_if_no_text: bool = False
    means: str = ""
    lifts: str | None = None
    at_most: float = 1.0
    leaves_at_least: int = 0
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """What a source says of one rule. `severity` "off" silences it."""

    severity: Severity | str | None = None
    applicability: Applicability | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identify:
    """How a seed of the source is known."""

    paths: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    text: tuple[tuple[str, int], ...] = ()
    keys: tuple[str, ...] = ()
    keys_score: int = 0
    at_least: int = PLACE_SCORE
    certain_from: int = PLACE_SCORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source schema, its ancestors merged in. Plain facts; picklable. `ancestors` are nearest first."""

    id: str
    title: str
    file: str
    ancestors: tuple[str, ...] = ()
    identify: Identify | None = None
    policy: Policy = Policy()
    translated_from: str | None = None
    time_zone: str | None = None
    date_order: str | None = None
    publishers: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    front_matter: str | None = None  # JSON text, so that the value can be hashed and shared
    places: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    required: dict[str, Severity] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()
    residues: tuple[Residue, ...] = ()
    rules: dict[str, RuleSetting] = field(default_factory=dict)
    examples: tuple[dict[str, Any], ...] = ()


Sources = Mapping[str, Source]


# --- reading ----------------------------------------------------------------------------------------------------------


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


def _parse(text: str, name: str) -> _Document:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                raise ConfigError("an alias (*) has no place in a schema", file=name, line=event.start_mark.line + 1)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > 64:
                raise ConfigError("nested more than 64 deep", file=name, line=event.start_mark.line + 1)
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError(f"not YAML: {problem}", file=name, line=mark.line + 1 if mark else 1) from None
    except RecursionError:
        raise ConfigError("nested too deeply", file=name, line=1) from None
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
                    raise ConfigError(f"key {key!r} stands there twice", file=name, line=key_node.start_mark.line + 1)
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


@lru_cache(maxsize=8)
def _meta_validator(meta_schema: str) -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(meta_schema))


def _check(document: _Document, meta_schema: str, known_rules: Mapping[str, Mapping[str, Any]]) -> None:
    """Hold a schema file against the meta-schema and what JSON Schema can't say. Raises ConfigError."""
    from jsonschema.exceptions import SchemaError, best_match

    error = best_match(_meta_validator(meta_schema).iter_errors(document.content))
    if error is not None:
        raise _explained(document, error)
    content = document.content
    for path, key, value in _walk(content):
        if path[:1] in (("front_matter",), ("examples",)):
            continue
        if key in ("pattern", "split", "from", "path", "url") and isinstance(value, str) and _is_pattern(path, key):
            try:
                groups = group_names(value)
            except PatternError as problem:
                raise document.fail((*path, key), f"pattern {value!r}: {problem}") from None
            if path[:1] == ("record",) and key in ("pattern", "path", "url") and "value" not in groups:
                if path[-1] not in ("after", "before"):
                    raise document.fail((*path, key), f"pattern {value!r} has no group (?P<value>…)")
        if key == "format" and isinstance(value, str):
            try:
                check_format(value)
            except ValueError as problem:
                raise document.fail((*path, key), str(problem)) from None
    if "front_matter" in content:
        import jsonschema

        try:
            jsonschema.Draft202012Validator.check_schema(content["front_matter"])
        except SchemaError as problem:
            raise document.fail(("front_matter", *problem.absolute_path), f"not JSON Schema: {problem.message}") from None
        for path, key, value in _walk(content["front_matter"], ("front_matter",)):
            if key == "pattern" and isinstance(value, str):
                try:
                    compile_pattern(value)
                except PatternError as problem:
                    raise document.fail((*path, key), f"pattern {value!r}: {problem}") from None
            if key == "format" and value not in KNOWN_FORMATS:
                raise document.fail(
                    (*path, key), f"format {value!r} is not checked by this program", nearest(str(value), KNOWN_FORMATS)
                )
    for name, setting in content.get("rules", {}).items():
        if known_rules and name not in known_rules:
            raise document.fail(("rules", name), f"no rule is called {name!r}", nearest(name, known_rules))
        if isinstance(setting, dict):
            options = known_rules.get(name, {})
            for option, value in setting.items():
                if option in ("severity", "applicability"):
                    continue
                if known_rules and option not in options:
                    known = (*options, "severity", "applicability")
                    raise document.fail(
                        ("rules", name, option), f"rule {name} has no option {option!r}", nearest(option, known)
                    )
                if known_rules and type(value) is not type(options[option]):
                    raise document.fail(
                        ("rules", name, option),
                        f"option {option} of {name} is {value!r}, expected {type(options[option]).__name__}",
                    )
    names = [entry["name"] for entry in content.get("residue", [])]
    for index, place in enumerate(content.get("record", {}).get("body", [])):
        for side in ("after", "before"):
            target = place.get(side)
            if isinstance(target, str) and target not in FIELDS and not target.startswith("residue."):
                raise document.fail(
                    ("record", "body", index, side), f"{target!r} is no field", nearest(target, (*FIELDS, *names))
                )
    if "time_zone" in content:
        check_time_zone(content["time_zone"], document)


def check_time_zone(name: str, document: _Document) -> None:
    """Raise ConfigError unless this machine knows the time zone."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zones = available_timezones()
        message = f"time zone {name!r} is not known on this machine"
        if not zones:
            message += ", which has no time zone database: install the package tzdata"
        raise document.fail(("time_zone",), message, nearest(name, zones)) from None


KNOWN_FORMATS = ("date", "date-time", "uri")


def _is_pattern(path: tuple[str | int, ...], key: str) -> bool:
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


def _explained(document: _Document, error: Any) -> ConfigError:
    """A meta-schema error in plain words, at the deepest place that it names."""
    path = tuple(error.absolute_path)
    where = ".".join(str(step) for step in path) or "the schema"
    if error.validator == "additionalProperties":
        known = tuple(error.schema.get("properties", {}))
        unknown = next(key for key in error.instance if key not in known)
        return document.fail((*path, unknown), f"unknown key {unknown!r}", nearest(unknown, known))
    if error.validator == "enum":
        allowed = [str(item) for item in error.validator_value]
        return document.fail(
            path, f"{where} is {error.instance!r}, expected one of {', '.join(allowed)}", nearest(str(error.instance), allowed)
        )
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return document.fail(path, f"{where} has no {missing!r}")
    if error.validator in ("oneOf", "anyOf"):
        if isinstance(error.instance, dict) and isinstance(error.schema, dict) and "properties" in error.schema:
            unknown_keys = [key for key in error.instance if key not in error.schema["properties"]]
            if unknown_keys:
                return document.fail(
                    (*path, unknown_keys[0]),
                    f"unknown key {unknown_keys[0]!r}",
                    nearest(unknown_keys[0], tuple(error.schema["properties"])),
                )
            return document.fail(path, f"{where} names no place, or more than one")
        return document.fail(path, f"{where} is {error.instance!r}, which is not what may stand there")
    if error.validator == "type":
        return document.fail(path, f"{where} is {error.instance!r}, expected {error.validator_value}")
    return document.fail(path, f"{where}: {error.message}")


def read_sources(
    files: Iterable[tuple[str, str]],
    meta_schema: str | None = None,
    known_rules: Mapping[str, Mapping[str, Any]] | None = None,
    known: Mapping[str, str] | None = None,
) -> dict[str, Source]:
    """Schema files, as pairs of name and text -> sources by id.

    A later file of the same id replaces an earlier one. With `meta_schema` (its JSON text) each file whose name is not in
    `known` (files that ship with the program, which its tests check) is held against it; `known_rules` maps rule names
    to their options. Raises ConfigError with file, line and nearest valid name.
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
    container = merged.get("container", "plain-text")
    text = merged.get("text", {})
    encoding = merged.get("encoding", {})
    record = merged.get("record", {})
    residues = tuple(_residue(entry) for entry in merged.get("residue", []))
    for place in record.get("body", []):
        for side in ("after", "before"):
            target = place.get(side)
            if isinstance(target, str) and target.startswith("residue."):
                if target[8:] not in {residue.name for residue in residues}:
                    raise documents[identifier].fail(
                        ("record", "body"), f"no residue is called {target[8:]!r}",
                        nearest(target[8:], [residue.name for residue in residues]),
                    )  # fmt: skip
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
        translated_from=merged.get("translated_from"),
        time_zone=merged.get("time_zone"),
        date_order=merged.get("date_order"),
        publishers=_many(merged.get("publisher", ())),
        agencies=tuple(merged.get("agencies", ())),
        front_matter=json.dumps(merged["front_matter"], ensure_ascii=False) if "front_matter" in merged else None,
        places={name: tuple(_place(entry) for entry in record[name]) for name in FIELDS if name in record},
        required={
            name: Severity(severity)
            for name, severity in record.get("required", {}).items()
            if severity != "optional"
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
        hosts=tuple(entry.get("hosts", ())),
        text=tuple((item["pattern"], item["score"]) for item in entry.get("text", ())),
        keys=tuple(keys.get("all", ())),
        keys_score=keys.get("score", 0),
        at_least=at_least,
        certain_from=entry.get("certain_from", at_least),
    )


def _target(value: Any) -> str | None:
    return f"pattern:{value['pattern']}" if isinstance(value, dict) else value


def _place(entry: Any) -> Place:
    if isinstance(entry, str):
        if entry.startswith("front_matter."):
            return Place(front_matter=entry.removeprefix("front_matter."))
        return Place(from_field=entry)
    value = entry.get("value")
    return Place(
        front_matter=entry.get("front_matter"),
        pattern=entry.get("pattern"),
        path=entry.get("path"),
        url=entry.get("url"),
        line_before=entry.get("line_before"),
        from_field=entry.get("from"),
        value=tuple(value) if isinstance(value, list) else value,
        after=_target(entry.get("after")),
        before=_target(entry.get("before")),
        within_lines=entry.get("within_lines"),
        format=entry.get("format", "any"),
        kind=entry.get("kind"),
        split=entry.get("split"),
    )


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


# --- identifying ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """What one source scored on one seed, and why."""

    source: str
    score: int
    at_least: int
    certain_from: int
    evidence: tuple[str, ...]
    container_fits: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that somebody names: who (`by`), and which."""

    source: str
    by: str


@dataclass(frozen=True, slots=True)
class Match:
    """Which source a seed is of. `rivals` are others that fit as well; `problem` says why a match is not certain."""

    source: str | None
    certain: bool
    evidence: tuple[str, ...]
    scores: tuple[Score, ...] = ()
    rivals: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Traits:
    """What identification looks at: the seed's path, its text for patterns, its own address, its front-matter keys."""

    path: str | None
    subject: Subject
    urls: tuple[str, ...]
    keys: frozenset[str]
    has_fence: bool


def score(source: Source, traits: Traits) -> Score | None:
    """What a source scores; None for one that is only ever named."""
    identify = source.identify
    if identify is None:
        return None
    points, evidence = 0, []
    if traits.path is not None:
        for glob in identify.paths:
            if glob_pattern(glob).match(traits.path):
                points += PLACE_SCORE
                evidence.append(f"path fits {glob} (+{PLACE_SCORE})")
                break
    hosts = {urlsplit_host(url) for url in traits.urls}
    for host in identify.hosts:
        if host in hosts:
            points += PLACE_SCORE
            evidence.append(f"address at {host} (+{PLACE_SCORE})")
            break
    container_fits = (source.policy.container == "front-matter") == traits.has_fence
    if container_fits:
        for pattern, value in identify.text:
            if traits.subject.search(pattern):
                points += value
                evidence.append(f"text fits {pattern} (+{value})")
        if identify.keys and traits.keys.issuperset(identify.keys):
            points += identify.keys_score
            evidence.append(f"front matter has {', '.join(identify.keys)} (+{identify.keys_score})")
    elif points:
        evidence.append(
            "but the seed has no front matter" if source.policy.container == "front-matter" else "but the seed has front matter"
        )
    return Score(source.id, points, identify.at_least, identify.certain_from, tuple(evidence), container_fits)


def urlsplit_host(url: str) -> str:
    """The host of an address in lower case, '' if it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def identify(sources: Sources, traits: Traits, claim: Claim | None = None) -> Match:
    """Which source the seed is of.

    A claim (`--source`, a glob of the configuration, the sidecar) settles it. Else the highest score among those that reach
    their `at_least` wins, a source before its ancestors. It is certain from `certain_from` on, where the container fits and no
    unrelated source is as sure of itself.
    """
    scores = tuple(
        sorted(
            (result for source in sources.values() if (result := score(source, traits)) is not None),
            key=lambda result: (-result.score, result.source),
        )
    )
    if claim is not None:
        return Match(claim.source, True, (f"named by {claim.by}",), scores)
    fitting = [result for result in scores if result.score >= result.at_least]
    # A child that fits beats its ancestors, and an ancestor is never its child's rival.
    covered = {ancestor for result in fitting for ancestor in sources[result.source].ancestors}
    fitting = [result for result in fitting if result.source not in covered]
    if not fitting:
        near = next((result for result in scores if result.score), None)
        problem = f"nearest is {near.source} with {near.score} of {near.at_least}" if near else "nothing fits"
        return Match(None, False, (), scores, problem=problem)
    fitting.sort(key=lambda result: (not result.container_fits, -result.score, result.source))
    best, others = fitting[0], fitting[1:]
    equal = tuple(
        other.source for other in others if other.score == best.score and other.container_fits == best.container_fits
    )
    if equal:
        return Match(
            best.source, False, best.evidence, scores, equal,
            f"{' and '.join((best.source, *equal))} score {best.score} each",
        )  # fmt: skip
    rivals = tuple(other.source for other in others if other.score >= other.certain_from and other.container_fits)
    problem = ""
    if not best.container_fits:
        problem = "its container is not that source's"
    elif best.score < best.certain_from:
        problem = f"{best.score} points, certain from {best.certain_from} on"
    elif rivals:
        problem = f"{' and '.join(rivals)} would fit as well"
    return Match(best.source, not problem, best.evidence, scores, (), problem)
