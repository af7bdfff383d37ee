"""Which rules may have something to say about a text: one pass over it finds the triggers of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import count

from validator.rules import RULES, Rule
from validator.sources.model import Source
from validator.text.patterns import PatternSet

# So many texts are asked by all rules first: for fewer, making the search would take longer than it saves.
_FIRST = 64
_texts = count()


def rules_for(utf8: bytes | None, source: Source) -> tuple[Rule, ...]:
    """The rules to be asked about a text, in their order; all of them if there is no text.

    Left out are those that would find nothing, except in the first texts.
    """
    if utf8 is None or next(_texts) < _FIRST:
        return tuple(RULES.values())
    return triggered_rules(utf8, source)


def triggered_rules(utf8: bytes, source: Source) -> tuple[Rule, ...]:
    """The rules whose triggers are all found in a text, in their order.

    Triggers hold for the default options of a rule, so a rule to which the source gives options is among them.
    """
    rules = tuple(RULES.values())
    optioned = frozenset([name for name, setting in source.rules.items() if setting.options])
    return _triggered(rules, _search(rules).found_in(utf8), optioned)


@lru_cache(maxsize=1024)
def by_view(rules: tuple[Rule, ...]) -> Mapping[str, tuple[Rule, ...]]:
    """Rules by the name of the view that they look at."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.view, []).append(rule)
    return {view: tuple(each) for view, each in found.items()}


def rules_about(view: object) -> list[Rule]:
    """The rules that may find something in a view."""
    rules = by_view(tuple(RULES.values())).get(type(view).__name__, ())
    return [rule for rule in rules if rule.about is None or rule.about(view)]


@cache
def triggers_of(rule: Rule) -> tuple[str, ...]:
    """The patterns that are all found in a text in which a rule finds something."""
    return rule.triggers if isinstance(rule.triggers, tuple) else rule.triggers()


@lru_cache(maxsize=16)
def _search(rules: tuple[Rule, ...]) -> PatternSet:
    return _set_of(tuple(sorted({pattern for rule in rules for pattern in triggers_of(rule)})))


@lru_cache(maxsize=16)
def _set_of(patterns: tuple[str, ...]) -> PatternSet:
    return PatternSet(patterns)


@lru_cache(maxsize=1024)
def _triggered(rules: tuple[Rule, ...], found: frozenset[str], optioned: frozenset[str]) -> tuple[Rule, ...]:
    return tuple([rule for rule in rules if rule.name in optioned or found.issuperset(triggers_of(rule))])
