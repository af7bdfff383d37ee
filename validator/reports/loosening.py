"""What seeds are checked against: the configuration, the source schemas and the baseline; and what a change of them loosens.

*Loosened* means that a seed passes, or a finding is silent, that was not so before:

- settings: a weaker `fail-on`, a shorter `include`, a longer `exclude`, rules that `select` and `ignore` no longer show,
  `strict-baseline` taken back; for some paths too (`overrides`);
- a source schema: it is gone; a severity is lower, or a rule is off; a field is no longer required; the JSON Schema of the front
  matter demands less; an agreement or a residue is gone or tolerates more;
- a baseline: entries were added.

Some changes can go either way, and are reported too: another source for a path, a new source, another pattern, other options
of a rule, another applicability of its fixes. A change that only asks for more is not reported.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from validator.archive.config import FAIL_ON, PathSettings, Settings
from validator.engine.selecting import rules_shown
from validator.reports.baseline import Baseline, Known
from validator.rules import RULES
from validator.sources.model import Agreement, Residue, RuleSetting, Source, Sources
from validator.text.findings import Severity

_LISTED = 5  # names that a sentence lists
_LONGEST = 80  # characters of a value that is shown
# In both lists a later word is weaker: `info` as `fail-on` fails on everything.
_FAIL_ON = (*reversed(Severity), "never")
_SEVERITIES = (*Severity, "off")
assert set(_FAIL_ON) == set(FAIL_ON)
_COMPARED = ("rules", "required", "front_matter", "agreements", "residues")  # fields of a source that are looked into
_OF_NO_WEIGHT = ("id", "title", "file", "examples")


@dataclass(frozen=True, slots=True)
class Standard:
    """What seeds are checked against at one time. `config` is the name of the configuration, "" without one."""

    config: str = ""
    settings: Settings = field(default_factory=Settings)
    sources: Sources = field(default_factory=dict)
    baseline: Baseline = field(default_factory=dict)
    baseline_name: str = ""


def loosened(before: Standard, after: Standard) -> list[str]:
    """What the later standard loosens, a sentence each; it names the file or the source, the setting, its old and new value."""
    config = after.config or before.config
    return [
        *(f"{config}: {said}" for said in _settings(before.settings, after.settings)),
        *_sources(before.sources, after.sources),
        *_baseline(before.baseline, after.baseline, after.baseline_name),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Words


def _shown(value: Any) -> str:
    text = "none" if value in (None, "none") else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _from_to(name: str, before: Any, after: Any) -> str:
    return f"{name}: from {_shown(before)} to {_shown(after)}"


def _changed(name: str, before: Any, after: Any) -> Iterator[str]:
    if before != after:
        yield _from_to(name, _plain(before), _plain(after))


def _weaker(name: str, before: str, after: str, order: Sequence[str]) -> Iterator[str]:
    if order.index(after) > order.index(before):
        yield _from_to(name, before, after)


def _listed(names: Collection[str]) -> str:
    """Names, sorted, and how many more there are."""
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(sorted(names)[:_LISTED]) + more


def _plain(value: Any) -> Any:
    """A value of a source without its defaults, so that a sentence shows what was written."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if is_dataclass(value):
        names = [each.name for each in fields(value)]
    elif hasattr(value, "_fields"):  # a tuple whose entries have names
        names = list(value._fields)
    else:
        return [_plain(each) for each in value] if isinstance(value, tuple) else value
    values = {name: getattr(value, name) for name in names}
    return {name: _plain(each) for name, each in values.items() if each not in (None, "", (), False, 0)}


def _pairs(before: Mapping[Any, Any], after: Mapping[Any, Any], default: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Each key of two mappings with both of its values."""
    for key in dict.fromkeys((*before, *after)):
        yield key, before.get(key, default), after.get(key, default)


def _parts(name: str, before: Any, after: Any) -> Iterator[str]:
    """What differs in two values; of mappings each entry, so that the sentence shows little else."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield from _changed(name, before, after)
        return
    for key, was, now in _pairs(before, after, None):
        yield from _changed(f"{name} {key}", was, now)


# ---------------------------------------------------------------------------------------------------------------------
# The configuration


def _settings(before: Settings, after: Settings) -> Iterator[str]:
    everywhere = _everywhere(before), _everywhere(after)
    yield from _for_paths("", *everywhere)
    if dropped := set(before.include) - set(after.include):
        yield f"{_from_to('include', before.include, after.include)}: no longer {_listed(dropped)}"
    if added := set(after.exclude) - set(before.exclude):
        yield f"{_from_to('exclude', before.exclude, after.exclude)}: now also {_listed(added)}"
    if before.strict_baseline and not after.strict_baseline:
        yield _from_to("strict-baseline", True, False)
    was, now = dict(before.sources), dict(after.sources)
    yield from _parts("source of", was, now)
    if was == now:
        yield from _changed("order of sources", tuple(was), tuple(now))
    for paths in dict.fromkeys(each.paths for each in (*before.overrides, *after.overrides)):
        pair = _at(paths, before), _at(paths, after)
        if pair != everywhere:
            yield from _for_paths(f"for {', '.join(paths)}: ", *pair)
    if set(before.overrides) == set(after.overrides):
        order = ([each.paths for each in settings.overrides] for settings in (before, after))
        yield from _changed("order of overrides", *order)


def _everywhere(settings: Settings) -> PathSettings:
    return PathSettings(settings.select, settings.ignore, settings.fail_on)


def _at(paths: tuple[str, ...], settings: Settings) -> PathSettings:
    """What holds for the paths of an override if no other one is about them."""
    found = _everywhere(settings)
    for each in settings.overrides:
        if each.paths == paths:
            found = PathSettings(
                each.select or found.select,
                (*found.ignore, *each.ignore),
                each.fail_on or found.fail_on,
                each.source or found.source,
            )
    return found


def _for_paths(where: str, before: PathSettings, after: PathSettings) -> Iterator[str]:
    yield from _weaker(f"{where}fail-on", before.fail_on, after.fail_on, _FAIL_ON)
    if lost := rules_shown(before.select, before.ignore) - rules_shown(after.select, after.ignore):
        changed = [
            said
            for name in ("select", "ignore")
            for said in _changed(name, getattr(before, name), getattr(after, name))
        ]
        yield f"{where}{'; '.join(changed)}: no longer shown are {_listed(lost)}"
    yield from _changed(f"{where}source", before.source, after.source)


# ---------------------------------------------------------------------------------------------------------------------
# Source schemas


def _sources(before: Sources, after: Sources) -> Iterator[str]:
    for name, was, now in _pairs(before, after, None):
        if now is None:
            yield f"{was.file}: the source {name} is gone"
        elif was is None:
            yield f"{now.file}: the source {name} is new: seeds may be checked against it instead of another one"
        elif was != now:
            yield from (f"{now.file}: {said}" for said in _source(was, now))


def _source(before: Source, after: Source) -> Iterator[str]:
    for name, *settings in _pairs(before.rules, after.rules, RuleSetting()):
        yield from _rule(name, *settings)
    for name, was, now in _pairs(before.required, after.required, "off"):
        yield from _weaker(f"required {name}", was, now, _SEVERITIES)
    schemas = [json.loads(each.front_matter or "null") for each in (before, after)]
    if schemas[0] is not None:
        yield from _json_schema(schemas[0], {} if schemas[1] is None else schemas[1], "front matter")
    yield from _named("agreement", before.agreements, after.agreements)
    yield from _named("residue", before.residues, after.residues)
    for name in (each.name for each in fields(Source)):
        if name not in (*_COMPARED, *_OF_NO_WEIGHT):
            yield from _parts(name, *(_plain(getattr(each, name)) for each in (before, after)))


def _rule(name: str, before: RuleSetting, after: RuleSetting) -> Iterator[str]:
    rule = RULES[name]
    yield from _weaker(
        f"severity of {name}", before.severity or rule.severity, after.severity or rule.severity, _SEVERITIES
    )
    was, now = (each.applicability or rule.applicability for each in (before, after))
    yield from _changed(f"applicability of {name}", was, now)
    yield from _changed(f"options of {name}", before.options, after.options)


def _named(kind: str, before: Sequence[Agreement | Residue], after: Sequence[Agreement | Residue]) -> Iterator[str]:
    """What is looser in agreements or residues, which go by their names."""
    now = {each.name: each for each in after}
    for was in before:
        name = f"{kind} {was.name}"
        if was.name not in now:
            yield f"{name} is gone"
            continue
        for key in was._fields:
            old, new = getattr(was, key), getattr(now[was.name], key)
            if key == "severity":
                usual = RULES[was.rule].severity
                yield from _weaker(f"severity of {name}", old or usual, new or usual, _SEVERITIES)
            elif key not in ("means", "describes") and not (key == "tolerance_seconds" and new < old):
                yield from _changed(f"{key} of {name}", old, new)


_SUBSCHEMAS = ("properties", "patternProperties", "$defs", "definitions")
_SAID_ONLY = ("title", "description", "$comment", "examples", "$schema", "$id", "default", "deprecated")


def _json_schema(before: Any, after: Any, where: str) -> Iterator[str]:
    """What a JSON Schema no longer demands: required keys, keywords that are gone, and those with another value."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield from _changed(where, before, after) if after is not False else ()
        return
    for keyword, was in before.items():
        now = after.get(keyword, "none")
        are_both = {type(was), type(now)}
        if keyword in _SAID_ONLY or was == now:
            continue
        if keyword in _SUBSCHEMAS and are_both == {dict}:
            yield from _subschemas(was, now, where, before.get("additionalProperties") is False)
        elif keyword in ("items", "additionalProperties") and are_both == {dict}:
            yield from _json_schema(was, now, f"{where} {keyword}")
        elif keyword == "required" and are_both == {list}:
            if dropped := [name for name in was if name not in now]:
                yield f"{_from_to(f'{where} required', was, now)}: no longer {_listed(dropped)}"
        elif not (keyword in ("enum", "type") and _values(now) <= _values(was)):  # fewer values ask for more
            yield _from_to(f"{where} {keyword}", was, now)


def _values(value: Any) -> set[str]:
    return set(map(repr, value if isinstance(value, list) else [value]))


def _subschemas(before: Mapping[str, Any], after: Mapping[str, Any], where: str, is_closed: bool) -> Iterator[str]:
    for name, was, now in _pairs(before, after, None):
        if was is not None and now is not None:
            yield from _json_schema(was, now, f"{where} {name}")
        elif now is None and was not in ({}, True):
            yield _from_to(f"{where} {name}", was, "none")
        elif was is None and is_closed:
            yield _from_to(f"{where} {name}", "not allowed", now)


# ---------------------------------------------------------------------------------------------------------------------
# The baseline


def _baseline(before: Baseline, after: Baseline, name: str) -> Iterator[str]:
    """The entries that a baseline did not have. Those of a seed that was renamed are the same ones."""
    moved = {known.entries for path, known in before.items() if path not in after}
    added = Counter[str]()
    for path, known in after.items():
        if path in before or known.entries not in moved:
            had = {entry[:2]: entry.times for entry in before.get(path, Known()).entries}
            for entry in known.entries:
                added[f"{path}: {entry.rule}"] += max(0, entry.times - had.get(entry[:2], 0))
    if number := added.total():
        kinds = [f"{kind} ({times:,})" if times > 1 else kind for kind, times in added.items() if times]
        yield f"{name}: {number:,} more {'finding is' if number == 1 else 'findings are'} set aside: {_listed(kinds)}"
