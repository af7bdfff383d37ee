"""Which rules of a view are asked of a seed, and as what: each source sets them once for all its seeds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from validator.rules import RULES, Rule
from validator.sources.model import RuleSetting, Source

Calls = tuple[tuple[Rule, RuleSetting, Callable[[Any], object] | None, str], ...]
"""Rules with their settings; what gives what each is about in a view, None where it is always asked; the characters it names."""


def calls_of(name: str, source: Source) -> Calls:
    """The rules of a view that a source does not silence. `asked` leaves out more, seed by seed."""
    return _plan(name, source).calls


def asked(name: str, view: Any, source: Source, present: str | None = None) -> list[tuple[Rule, RuleSetting]]:
    """The rules of a view that may find something; those that name characters only if one of them is `present`, None unknown.

    A rule that is not among them finds nothing: it is not about anything there, or the source silences it.
    """
    return [
        (rule, setting)
        for rule, setting, about, characters in _plan(name, source).calls
        if (about is None or about(view)) and (present is None or not characters or _holds_one(characters, present))
    ]


def named_characters(name: str, source: Source) -> str:
    """The characters that rules of a view name, as the inside of one character class."""
    return _plan(name, source).characters


@dataclass(frozen=True, slots=True)
class _Plan:
    """The rules of one view as one source sets them, without those that it silences. Made once, for all its seeds.

    `characters` are those of all rules that name some, as the inside of one character class.
    """

    rules: tuple[Rule, ...]
    calls: Calls
    characters: str


_Plans = tuple[Source, dict[str, _Plan]]
_PLANS: dict[int, _Plans] = {}
_PLANS_KEPT = 512
_AS_IT_IS = RuleSetting()


def _plan(view: str, source: Source) -> _Plan:
    known = _PLANS.get(id(source))
    if known is None or known[0] is not source:
        if len(_PLANS) >= _PLANS_KEPT:
            _PLANS.clear()
        known = _PLANS[id(source)] = source, {}
    plan = known[1].get(view)
    if plan is None or plan.rules is not _BY_VIEW.get(view):
        plan = known[1][view] = _new_plan(_rules_of(view), source)
    return plan


def _new_plan(rules: tuple[Rule, ...], source: Source) -> _Plan:
    settings = [(rule, source.rules.get(rule.name, _AS_IT_IS)) for rule in rules]
    calls = tuple(
        (rule, setting, _asking(rule.about), rule.characters) for rule, setting in settings if setting.severity != "off"
    )
    return _Plan(rules, calls, "".join(rule.characters for rule, *_ in calls))


def _asking(about: str | Callable[[Any], object]) -> Callable[[Any], object] | None:
    if isinstance(about, str):
        return attrgetter(about) if about else None
    return about


_BY_VIEW: dict[str, tuple[Rule, ...]] = {}


def _rules_of(view: str) -> tuple[Rule, ...]:
    if not _BY_VIEW:
        for rule in sorted(RULES.values(), key=lambda each: each.name):
            _BY_VIEW[rule.view] = (*_BY_VIEW.get(rule.view, ()), rule)
    return _BY_VIEW.get(view, ())


def _holds_one(characters: str, present: str) -> bool:
    return bool(present) and _class_of(characters).search(present) is not None


@lru_cache(maxsize=64)
def _class_of(characters: str) -> re.Pattern[str]:
    return re.compile(f"[{characters}]")
