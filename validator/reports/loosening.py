"""What seeds are held against: the configuration, the source schemas and the baseline; and what a change of them loosens.

*Loosened* is what lets a seed pass, or a finding be silent, that was not so before:

- settings: a weaker `fail-on`, a shorter `include`, a longer `exclude`, rules that `select` and `ignore` no longer show,
  `strict-baseline` taken back; for some paths too (`overrides`);
- a source schema: it is gone; a severity is lower, or a rule is off; a field is no longer required; the JSON Schema of the front
  matter demands less; an agreement or a residue is gone or tolerates more;
- a baseline: entries were added.

Where nobody can tell which way a change goes, it is said as well: another source for a path, a new source, another pattern,
other options of a rule, another applicability of its fixes. A change that only asks for more is not said.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from validator.archive.config import FAIL_ON, PathSettings, Settings
from validator.engine.selecting import rules_shown
from validator.reports.baseline import Baseline
from validator.rules import RULES
from validator.sources.model import Agreement, Residue, RuleSetting, Source, Sources
from validator.text.findings import SEVERITY_RANK, Severity

_LISTED = 5  # names that a sentence lists
_LONGEST = 80  # characters of a value that is shown
# `info` fails on everything, so a later one in this list is weaker.
_STRICTNESS = {word: rank for rank, word in enumerate(("info", "warning", "error", "never"))}
assert _STRICTNESS.keys() == set(FAIL_ON)
_OFF = len(SEVERITY_RANK)
_COMPARED = ("rules", "required", "front_matter", "agreements", "residues")  # fields of a source that are looked into
_OF_NO_WEIGHT = ("id", "title", "file", "examples")


@dataclass(frozen=True, slots=True)
class Standard:
    """What seeds are held against at one time. `config` is the name of the configuration, "" without one."""

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
    text = value if isinstance(value, str) and value == "none" else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _from_to(name: str, before: Any, after: Any) -> str:
    return f"{name}: from {_shown(before)} to {_shown(after)}"


def _listed(names: Collection[str]) -> str:
    """Names, sorted, and how many more there are."""
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(sorted(names)[:_LISTED]) + more


def _plain(value: Any) -> Any:
    """A value of a source without what is as it is by default, so that a sentence shows what was written."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    try:
        names = [each.name for each in fields(value)]
    except TypeError:
        return value
    values = {name: getattr(value, name) for name in names}
    return {name: _plain(each) for name, each in values.items() if each not in (None, "", (), False, 0)}


# ---------------------------------------------------------------------------------------------------------------------
# The configuration


def _settings(before: Settings, after: Settings) -> Iterator[str]:
    everywhere = _everywhere(before), _everywhere(after)
    yield from _for_paths("", *everywhere)
    for name, lost in (
        ("include", [glob for glob in before.include if glob not in after.include]),
        ("exclude", [glob for glob in after.exclude if glob not in before.exclude]),
    ):
        if lost:
            what = "no longer" if name == "include" else "now also"
            yield f"{_from_to(name, getattr(before, name), getattr(after, name))}: {what} {_listed(lost)}"
    if before.strict_baseline and not after.strict_baseline:
        yield _from_to("strict-baseline", True, False)
    if before.sources != after.sources:
        was, now = dict(before.sources), dict(after.sources)
        changed = [glob for glob in dict.fromkeys((*was, *now)) if was.get(glob) != now.get(glob)]
        yield from (_from_to(f"source of {glob}", was.get(glob, "none"), now.get(glob, "none")) for glob in changed)
        if not changed:
            yield _from_to("order of sources", list(was), list(now))
    was_there, is_there = _by_paths(before), _by_paths(after)
    for paths in dict.fromkeys((*was_there, *is_there)):
        pair = was_there.get(paths, everywhere[0]), is_there.get(paths, everywhere[1])
        if pair != everywhere:
            yield from _for_paths(f"for {', '.join(paths)}: ", *pair)
    if before.overrides != after.overrides and set(before.overrides) == set(after.overrides):
        yield _from_to(
            "order of overrides", [each.paths for each in before.overrides], [each.paths for each in after.overrides]
        )


def _everywhere(settings: Settings) -> PathSettings:
    return PathSettings(settings.select, settings.ignore, settings.fail_on)


def _by_paths(settings: Settings) -> dict[tuple[str, ...], PathSettings]:
    """What holds for the paths of each override where no other one speaks of them."""
    found: dict[tuple[str, ...], PathSettings] = {}
    for each in settings.overrides:
        was = found.get(each.paths, _everywhere(settings))
        found[each.paths] = PathSettings(
            each.select or was.select,
            (*was.ignore, *each.ignore),
            each.fail_on or was.fail_on,
            each.source or was.source,
        )
    return found


def _for_paths(where: str, before: PathSettings, after: PathSettings) -> Iterator[str]:
    if _STRICTNESS[after.fail_on] > _STRICTNESS[before.fail_on]:
        yield where + _from_to("fail-on", before.fail_on, after.fail_on)
    lost = rules_shown(before.select, before.ignore) - rules_shown(after.select, after.ignore)
    if lost:
        changed = [name for name in ("select", "ignore") if getattr(before, name) != getattr(after, name)]
        said = "; ".join(_from_to(name, getattr(before, name), getattr(after, name)) for name in changed)
        yield f"{where}{said}: no longer shown are {_listed(lost)}"
    if before.source != after.source:
        yield where + _from_to("source", before.source or "none", after.source or "none")


# ---------------------------------------------------------------------------------------------------------------------
# Source schemas


def _sources(before: Sources, after: Sources) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if now is None:
            assert was is not None
            yield f"{was.file}: the source {name} is gone"
        elif was is None:
            yield f"{now.file}: the source {name} is new: seeds may be held against it and no longer against another one"
        else:
            yield from (f"{now.file}: {said}" for said in _source(was, now))


def _source(before: Source, after: Source) -> Iterator[str]:
    for rule in sorted(before.rules.keys() | after.rules.keys()):
        yield from _rule(rule, before.rules.get(rule, RuleSetting()), after.rules.get(rule, RuleSetting()))
    for name in sorted(before.required.keys() | after.required.keys()):
        yield from _severity(f"required {name}", before.required.get(name, "off"), after.required.get(name, "off"))
    was, now = (json.loads(each.front_matter or "null") for each in (before, after))
    if was is not None and was != now:
        yield from _json_schema(was, {} if now is None else now, "front matter")
    yield from _named("agreement", before.agreements, after.agreements)
    yield from _named("residue", before.residues, after.residues)
    for name in (each.name for each in fields(Source)):
        if name not in (*_COMPARED, *_OF_NO_WEIGHT) and getattr(before, name) != getattr(after, name):
            yield from _parts(name, _plain(getattr(before, name)), _plain(getattr(after, name)))


def _parts(name: str, before: Any, after: Any) -> Iterator[str]:
    """What differs in two values of a source; of mappings each entry, so that the sentence shows little else."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield _from_to(name, "none" if before is None else before, "none" if after is None else after)
        return
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield _from_to(f"{name} {key}", before.get(key, "none"), after.get(key, "none"))


def _rule(name: str, before: RuleSetting, after: RuleSetting) -> Iterator[str]:
    rule = RULES.get(name)
    usual = rule.severity if rule is not None else Severity.ERROR
    yield from _severity(f"severity of {name}", before.severity or usual, after.severity or usual)
    if before.applicability != after.applicability:
        highest = rule.applicability if rule is not None else None
        yield _from_to(f"applicability of {name}", before.applicability or highest, after.applicability or highest)
    if before.options != after.options:
        yield _from_to(f"options of {name}", before.options, after.options)


def _severity(what: str, before: str, after: str) -> Iterator[str]:
    if _rank(after) > _rank(before):
        yield _from_to(what, str(before), str(after))


def _rank(severity: str) -> int:
    return _OFF if severity == "off" else SEVERITY_RANK[Severity(severity)]


def _named(
    kind: str, before: Sequence[Agreement] | Sequence[Residue], after: Sequence[Agreement] | Sequence[Residue]
) -> Iterator[str]:
    """What is looser in agreements or residues, which go by their names."""
    now = {each.name: each for each in after}
    for was in before:
        name = f"{kind} {was.name}"
        if was.name not in now:
            yield f"{name} is gone"
            continue
        for key in (each.name for each in fields(was)):
            old, new = getattr(was, key), getattr(now[was.name], key)
            if key == "severity":
                usual = RULES[was.rule].severity if was.rule in RULES else Severity.ERROR
                yield from _severity(f"severity of {name}", old or usual, new or usual)
            elif old != new and not (key == "tolerance_seconds" and new < old) and key not in ("means", "describes"):
                yield _from_to(f"{key} of {name}", _plain(old), _plain(new))


_SUBSCHEMAS = ("properties", "patternProperties", "$defs", "definitions")
_SAID_ONLY = ("title", "description", "$comment", "examples", "$schema", "$id", "default", "deprecated")


def _json_schema(before: Any, after: Any, where: str) -> Iterator[str]:
    """What a JSON Schema no longer demands: required keys, keywords that are gone, and those with another value."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if before != after and after is not False:
            yield _from_to(where, before, after)
        return
    for keyword, was in before.items():
        now = after.get(keyword, "none")
        if keyword in _SAID_ONLY or was == now:
            continue
        if keyword in _SUBSCHEMAS and isinstance(was, dict) and isinstance(now, dict):
            yield from _subschemas(was, now, where, before.get("additionalProperties") is False)
        elif keyword in ("items", "additionalProperties") and isinstance(was, dict) and isinstance(now, dict):
            yield from _json_schema(was, now, f"{where} {keyword}")
        elif keyword == "required" and isinstance(was, list) and isinstance(now, list):
            if dropped := [name for name in was if name not in now]:
                yield f"{_from_to(f'{where} required', was, now)}: no longer {_listed(dropped)}"
        elif keyword in ("enum", "type") and set(map(repr, _many(now))) <= set(map(repr, _many(was))):
            continue  # fewer values
        else:
            yield _from_to(f"{where} {keyword}", was, now)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _subschemas(before: Mapping[str, Any], after: Mapping[str, Any], where: str, is_closed: bool) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            if before[name] not in ({}, True):
                yield _from_to(f"{where} {name}", before[name], "none")
        elif name in before:
            yield from _json_schema(before[name], after[name], f"{where} {name}")
        elif is_closed:
            yield _from_to(f"{where} {name}", "not allowed", after[name])


# ---------------------------------------------------------------------------------------------------------------------
# The baseline


def _baseline(before: Baseline, after: Baseline, name: str) -> Iterator[str]:
    """The entries that a baseline did not have. Those of a seed that was renamed are the same ones."""
    moved = [known.entries for path, known in before.items() if path not in after]
    added: dict[str, int] = {}
    for path, known in after.items():
        if path not in before and known.entries in moved:
            continue
        had = (
            {(rule, fingerprint): times for rule, fingerprint, times in before[path].entries} if path in before else {}
        )
        for rule, fingerprint, times in known.entries:
            more = times - had.get((rule, fingerprint), 0)
            if more > 0:
                added[f"{path}: {rule}"] = added.get(f"{path}: {rule}", 0) + more
    if added:
        number = sum(added.values())
        kinds = [f"{kind} ({times:,})" if times > 1 else kind for kind, times in added.items()]
        yield f"{name}: {number:,} more {'finding is' if number == 1 else 'findings are'} set aside: {_listed(kinds)}"
