"""How good a schema is, in figures: which defects it sees when they are put into its seeds, and its false alarms.

Defects are put into copies in memory, one at a time. A kind counts as seen if a finding of one of its rules is new in most of
the seeds that can carry it. A false alarm is an error that a seed gets from a schema that was learned without it, and not from
the one that was learned with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from validator.defects.planting import KINDS, Clean, Plant
from validator.engine.checking import check_seed
from validator.learning.drafting import learn
from validator.sources.identify import Claim
from validator.sources.model import Source, Sources
from validator.text.findings import SeedReport, Severity

_SEEDS_A_KIND, _PAGES_A_KIND, _LARGE = 5, 3, 60_000  # bytes from which on a seed is large
_PLACES_OF_A_PAGE = 8  # in which a page may say one thing
_OF_VALUES = ("headline", "byline", "date", "body", "value", "placeholder", "capture")  # first words of rules
KINDS_THAT_COUNT, _FOLDS = 20, 10
_MOST_HELD_OUT = 40

Seed = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Planted:
    """A kind of defect: into how many seeds it was put, in how many it was seen, and if it is not seen, why."""

    kind: str
    seeds: int
    seen: int
    why: str = ""

    @property
    def is_seen(self) -> bool:
        """Whether most of its defects were seen."""
        return 2 * self.seen > self.seeds


@dataclass(frozen=True, slots=True)
class Alarm:
    """A false alarm: the seed, the rule and what it says."""

    seed: str
    rule: str
    message: str


def power(source: Source, seeds: Sequence[Seed], sources: Sources, today: date | None = None) -> list[Planted]:
    """Which of the first twenty kinds of defects that its seeds can carry a source sees."""
    known = {**sources, source.id: source}
    claim = Claim(source.id, "its schema")

    def judged(name: str, data: bytes) -> SeedReport:
        return check_seed(data, known, path=name, claim=claim, today=today)

    number = _PAGES_A_KIND if sum(len(data) for _, data in seeds) > _LARGE * len(seeds) else _SEEDS_A_KIND
    clean = []
    for name, data in seeds:
        report = judged(name, data)
        if report.encoding == "utf-8" and report.body is not None and report.body.characters:
            clean.append(Clean(name, data.decode("utf-8-sig"), report, source))
    clean.sort(key=lambda one: (-len({each.field for each in one.report.values}), len(one.text) // _LARGE, one.name))
    out: list[Planted] = []
    for kind, (plant, rules) in KINDS.items():
        if len(out) == KINDS_THAT_COUNT:
            break
        rng, tried, seen = Random(kind), 0, 0  # noqa: S311 - chance, not secrecy
        for each in clean:
            is_told = number == _PAGES_A_KIND and max(seen, tried - seen) > number / 2
            made = plant(rng, each) if tried < number and not is_told else None
            if made is None:
                continue
            tried += 1
            seen += _is_seen(each, plant, made, rules, judged)
        if tried:
            out.append(Planted(kind, tried, seen, "" if 2 * seen > tried else _why(source, tried, seen, rules)))
    return out


def _is_seen(
    clean: Clean, plant: Plant, made: str | bytes, rules: Sequence[str], judge: Callable[[str, bytes], SeedReport]
) -> bool:
    """Whether a defect is seen.

    A page says a value in several places, in other words in each: what is read from the next place gets the defect too.
    """
    rng = Random(0)  # noqa: S311 - chance, not secrecy
    for _ in range(_PLACES_OF_A_PAGE if clean.is_page else 1):
        report = judge(clean.name, made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass"))
        if _is_new(clean.report, report, rules):
            return True
        if isinstance(made, bytes) or rules[0].partition("-")[0] not in _OF_VALUES:
            return False
        again = plant(rng, replace(clean, text=made, report=report))
        if again is None or again == made:
            return False
        made = again
    return False


def _is_new(before: SeedReport, after: SeedReport, rules: Sequence[str]) -> bool:
    old, new = (Counter(each.rule for each in report.findings if each.rule in rules) for report in (before, after))
    return bool(new - old)


def _why(source: Source, tried: int, seen: int, rules: Sequence[str]) -> str:
    """Why a kind is not seen."""
    off = [rule for rule in rules if (setting := source.rules.get(rule)) is not None and setting.severity == "off"]
    if off:
        return f"the rule {off[0]} is off in this source"
    field = {"headline-missing": "headline", "byline-missing": "byline", "date-missing": "date_published"}.get(rules[0])
    if field is not None and field not in source.required:
        return f"{field} is not required"
    if field is not None:
        return f"in {tried - seen} of {tried} seeds something else is read as the {field}"
    return f"seen in {seen} of {tried} seeds"


def false_alarms(
    identifier: str, seeds: Sequence[Seed], sources: Sources, today: date | None = None
) -> tuple[list[Alarm], int]:
    """The false alarms in seeds that are left out in turn, and how many seeds were left out."""
    if len(seeds) < 3:
        return [], 0
    whole = learn(identifier, seeds, sources).source
    held, alarms = list(seeds)[:_MOST_HELD_OUT], []
    folds = min(len(held), _FOLDS)
    for fold in range(folds):
        out = held[fold::folds]
        without = learn(identifier, [seed for seed in seeds if seed not in out], sources).source
        for name, data in out:
            with_it, without_it = (_errors(name, data, source, sources, today) for source in (whole, without))
            alarms += [Alarm(name, rule, said) for rule, said in without_it.items() if rule not in with_it]
    return alarms, len(held)


def _errors(name: str, data: bytes, source: Source, sources: Sources, today: date | None) -> dict[str, str]:
    known = {**sources, source.id: source}
    report = check_seed(data, known, path=name, claim=Claim(source.id, "its schema"), today=today)
    return {each.rule: each.message for each in report.findings if each.severity is Severity.ERROR}
