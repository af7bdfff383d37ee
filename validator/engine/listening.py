"""Which rules may have something to say about a text: one pass over it finds the triggers of all of them."""

from __future__ import annotations

from functools import cache, lru_cache

from validator.rules import RULES, Rule
from validator.sources.model import Source
from validator.text.patterns import PatternSet


def rules_for(utf8: bytes | None, source: Source) -> tuple[Rule, ...]:
    """The rules to be asked about a text, in their order; all of them if there is no text.

    Left out are those with a trigger that is missing in the text: they would find nothing. Triggers hold for the default
    options of a rule, so a rule to which the source gives options is always asked.
    """
    rules = tuple(RULES.values())
    if utf8 is None:
        return rules
    optioned = frozenset([name for name, setting in source.rules.items() if setting.options])
    return _triggered(rules, _triggers(rules).found_in(utf8), optioned)


@cache
def _triggers(rules: tuple[Rule, ...]) -> PatternSet:
    return PatternSet(sorted({pattern for rule in rules for pattern in rule.triggers}))


@lru_cache(maxsize=1024)
def _triggered(rules: tuple[Rule, ...], found: frozenset[str], optioned: frozenset[str]) -> tuple[Rule, ...]:
    return tuple([rule for rule in rules if rule.name in optioned or found.issuperset(rule.triggers)])
