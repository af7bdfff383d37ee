"""Which rules may have something to say about a text: one pass over it finds the triggers of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property, lru_cache
from itertools import count
from typing import Any

from validator.rules import RULES, Rule
from validator.sources.model import Source
from validator.text.patterns import PatternSet

# The rules by the name of the view that they look at, in groups with the same `about`.
ByView = Mapping[str, tuple[tuple[Callable[[Any], object] | None, tuple[Rule, ...]], ...]]

# So many texts are asked by all rules first: for fewer, making the search would take longer than it saves.
_FIRST = 64
_texts = count()


def rules_for(utf8: bytes | None, source: Source) -> ByView:
    """The rules to be asked about a text; all if there is no text.

    Left out are those that would find nothing, except in the first texts.
    """
    known = _known(tuple(RULES.values()))
    if utf8 is None or next(_texts) < _FIRST:
        return known.by_view
    return _left(known, known.triggers_in(utf8), _optioned(source))


def triggered_rules(utf8: bytes, source: Source) -> tuple[Rule, ...]:
    """The rules whose triggers are all found in a text, in their order.

    Triggers hold for the default options of a rule, so a rule to which the source gives options is among them.
    """
    known = _known(tuple(RULES.values()))
    left = _left(known, known.triggers_in(utf8), _optioned(source))
    asked = {rule for groups in left.values() for _, rules in groups for rule in rules}
    return tuple(rule for rule in known.rules if rule in asked)


def rules_about(view: object) -> list[Rule]:
    """The rules that may find something in a view."""
    groups = _known(tuple(RULES.values())).by_view.get(type(view).__name__, ())
    return [rule for about, rules in groups if about is None or about(view) for rule in rules]


@cache
def triggers_of(rule: Rule) -> tuple[str, ...]:
    """The patterns that are all found in a text in which a rule finds something."""
    return rule.triggers if isinstance(rule.triggers, tuple) else rule.triggers()


class _Known:
    """Some rules, by their views, and the search for all their triggers."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self.by_view = by_view(rules)

    @cached_property
    def _triggers(self) -> tuple[str, ...]:
        return tuple(sorted({pattern for rule in self.rules for pattern in triggers_of(rule)}))

    def triggers_in(self, utf8: bytes) -> frozenset[str]:
        """The triggers that are found in a text; all of them if that cannot be told."""
        found = _set_of(self._triggers).found_in(utf8)
        return frozenset(self._triggers) if found is None else found


_known = lru_cache(maxsize=16)(_Known)


@lru_cache(maxsize=16)
def _set_of(patterns: tuple[str, ...]) -> PatternSet:
    return PatternSet(patterns)


@lru_cache(maxsize=1024)
def _left(known: _Known, found: frozenset[str], optioned: frozenset[str]) -> ByView:
    """The rules that are left when some triggers are found."""
    return by_view(rule for rule in known.rules if rule.name in optioned or found.issuperset(triggers_of(rule)))


@lru_cache(maxsize=256)
def _optioned(source: Source) -> frozenset[str]:
    """The rules to which a source gives options."""
    return frozenset([name for name, setting in source.rules.items() if setting.options])


def by_view(rules: Iterable[Rule]) -> ByView:
    """Rules by the name of the view that they look at."""
    found: dict[str, dict[Callable[[Any], object] | None, list[Rule]]] = {}
    for rule in rules:
        found.setdefault(rule.view, {}).setdefault(rule.about, []).append(rule)
    return {view: tuple((about, tuple(each)) for about, each in groups.items()) for view, groups in found.items()}
