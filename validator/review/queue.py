"""The seeds that need a decision, in an order in which like decisions come together, while the search for them goes on.

The order is by what there was to decide when a seed was first looked at, and stays so: what has been decided leaves the queue,
and nothing else moves.
"""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

from validator.archive.seeds import Seed
from validator.reports.escaping import printable
from validator.review.matters import Entry, Matter
from validator.text.findings import SEVERITY_RANK, Severity

GROUPS_SHOWN = 200


class Group(NamedTuple):
    """Decisions that are alike: the same rule, the same change, the same source."""

    severity: Severity
    rule: str
    title: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A filter of seeds: by source, by rule, by a text in their name, rules or titles."""

    source: str = ""
    rule: str = ""
    text: str = ""

    @property
    def is_all(self) -> bool:
        """Whether it wants every seed."""
        return not (self.source or self.rule or self.text)


_Place = tuple[int, bytes]  # in the order: the rank of the weightiest group, and the name


@cache
def group_key(group: Group) -> str:
    """The page's name for a group."""
    return _digest("\0".join(map(str, group)).encode("utf-8", "surrogatepass"))


def key_of(name: str) -> str:
    """What the page calls a seed: names may hold bytes that no address can."""
    return _digest(os.fsencode(name))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:20]


def groups_of(entry: Entry) -> list[Group]:
    """The groups that a seed belongs to."""
    return [Group(matter.severity, matter.rule, matter.title, entry.source) for matter in entry.matters]


class Queue:
    """What is known of the seeds so far. For several threads at once."""

    def __init__(self, seeds: Sequence[Seed]) -> None:
        self.seeds = {key_of(seed.name): seed for seed in seeds}
        self.problem = ""  # why the search ended before its end
        self.is_complete = False
        self._lock = Lock()
        self._entries: dict[str, Entry] = {}
        self._first: dict[
            str, tuple[bytes, list[int]]
        ] = {}  # each seed that needed a decision: name, and groups as then
        self._numbers: dict[Group, int] = {}  # of groups: cheaper to compare than what they are
        self._first_counts = Counter[int]()
        self._order: list[tuple[_Place, str]] | None = None
        self._places: dict[str, _Place] = {}
        self._seeds = Counter[Group]()  # open ones, and below the findings in them
        self._findings = Counter[Group]()
        self._safe = Counter[str]()
        self._renewed: set[str] = set()  # looked at since the search began: what that finds may be older
        self._open: set[str] = set()
        self._decided: set[str] = set()

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in what the search has found."""
        with self._lock:
            for entry in entries:
                key = key_of(entry.name)
                if key not in self._renewed:
                    self._put(key, entry)

    def end(self, problem: str = "") -> None:
        """The search is over; `problem` says why it was cut short."""
        with self._lock:
            self.is_complete, self.problem = not problem, problem

    def renew(self, entry: Entry) -> None:
        """Take in what was found of a seed just now."""
        with self._lock:
            key = key_of(entry.name)
            before = self._entries.get(key)
            touched = entry.is_touched or key in self._first or (before is not None and before.is_touched)
            self._renewed.add(key)
            self._put(key, replace(entry, is_touched=touched))

    def _put(self, key: str, entry: Entry) -> None:
        if self._entries.get(key) == entry:
            return
        if key in self._open:
            self._count(self._entries[key], -1)
        self._entries[key] = entry
        self._safe[key] = 0 if entry.refused else entry.safe
        if not self._safe[key]:
            del self._safe[key]
        self._open.discard(key)
        self._decided.discard(key)
        if entry.is_open:
            self._open.add(key)
            self._count(entry, 1)
            if key not in self._first:
                numbers = [self._numbers.setdefault(group, len(self._numbers)) for group in groups_of(entry)]
                self._first[key] = os.fsencode(entry.name), numbers
                self._first_counts.update(numbers)
                self._order = None
        elif entry.is_touched and not entry.refused:
            self._decided.add(key)

    def _count(self, entry: Entry, times: int) -> None:
        for matter, group in zip(entry.matters, groups_of(entry), strict=True):
            self._seeds[group] += times
            self._findings[group] += times * matter.number
            if not self._seeds[group]:
                del self._seeds[group], self._findings[group]

    def progress(self) -> dict[str, Any]:
        """How far the search is, and the decisions."""
        with self._lock:
            return {
                "seeds": len(self.seeds),
                "looked": len(self._entries),
                "complete": self.is_complete,
                "problem": self.problem,
                "decided": len(self._decided),
                "open": len(self._open),
            }

    def view(self, wish: Wish, offset: int, limit: int) -> dict[str, Any]:
        """A part of the queue, as the page shows it."""
        with self._lock:
            order = self._ordered()
            wanted = [key for _, key in order if key in self._open and self._fits(key, wish)]
            counts = self._counted()
            refused = [(key, entry) for key, entry in self._entries.items() if entry.refused] if not offset else []
            return {
                "total": len(wanted),
                "offset": offset,
                "items": [self._item(key) for key in wanted[offset : offset + limit]],
                "groups": [
                    {
                        "key": group_key(group),
                        "severity": group.severity,
                        "rule": group.rule,
                        "title": printable(group.title),
                        "source": group.source,
                        "seeds": seeds,
                        "findings": findings,
                    }
                    for group, seeds, findings in counts[:GROUPS_SHOWN]
                ],
                "more_groups": max(len(counts) - GROUPS_SHOWN, 0),
                "sources": sorted({group.source or "" for group, _, _ in counts}),
                "rules": sorted({group.rule for group, _, _ in counts}),
                "safe": {"seeds": len(self._safe), "fixes": self._safe.total()},
                "refused": [
                    {"name": printable(entry.name), "reason": printable(entry.refused)} for _, entry in refused[:limit]
                ],
                "refused_total": sum(bool(entry.refused) for entry in self._entries.values()),
            }

    def neighbour(self, key: str, step: int, wish: Wish) -> str | None:
        """The next seed in the order (`step` 1) or the one before (-1) that is open and wanted; None at the end.

        From a seed that is not in the order, or from '', the first one.
        """
        with self._lock:
            order = self._ordered()
            place = self._places.get(key)
            at = bisect_right(order, (place, key)) if place is not None else 0
            if step > 0 or place is None:
                others: Iterable[tuple[_Place, str]] = order[at:]
            else:
                others = reversed(order[: at - 1])
            return next((each for _, each in others if each in self._open and self._fits(each, wish)), None)

    def members(self, group: str, after: str = "") -> list[str]:
        """The open seeds of a group, in the order; those after one of them where it is named."""
        with self._lock:
            order = self._ordered()
            place = self._places.get(after)
            at = bisect_right(order, (place, after)) if place is not None else 0
            return [key for _, key in order[at:] if key in self._open and self._is_of(key, group)]

    def with_safe(self, after: str = "") -> list[str]:
        """The seeds that safe repairs would change, by name; those after one of them where it is named."""
        with self._lock:
            keys = sorted(self._safe, key=lambda key: os.fsencode(self._entries[key].name))
            names = [os.fsencode(self._entries[key].name) for key in keys]
            at = bisect_right(names, os.fsencode(self.seeds[after].name)) if after in self.seeds else 0
            return keys[at:]

    def group(self, key: str) -> Group | None:
        """The group of a key, None where there is no such decision."""
        with self._lock:
            return next((group for group, _, _ in self._counted() if group_key(group) == key), None)

    def alike(self, source: str | None) -> dict[tuple[str, str, str], tuple[str, int]]:
        """For each severity, rule and title of a source: the key of its group, and the number of open seeds."""
        with self._lock:
            return {
                (group.severity, group.rule, group.title): (group_key(group), seeds)
                for group, seeds, _ in self._counted()
                if group.source == source
            }

    def _ordered(self) -> list[tuple[_Place, str]]:
        if self._order is None:
            counts = self._first_counts
            ranked = sorted(
                self._numbers.items(),
                key=lambda each: (SEVERITY_RANK[each[0].severity], -counts[each[1]], _names(each[0])),
            )
            ranks = {number: rank for rank, (_, number) in enumerate(ranked)}
            self._places = {
                key: (min(ranks[number] for number in numbers), name) for key, (name, numbers) in self._first.items()
            }
            self._order = sorted((place, key) for key, place in self._places.items())
        return self._order

    def _counted(self) -> list[tuple[Group, int, int]]:
        """Each group with its numbers of open seeds and findings, gravest first."""
        ranked = sorted(self._seeds, key=lambda each: (SEVERITY_RANK[each.severity], -self._seeds[each], _names(each)))
        return [(group, self._seeds[group], self._findings[group]) for group in ranked]

    def _is_of(self, key: str, group: str) -> bool:
        return any(group_key(each) == group for each in groups_of(self._entries[key]))

    def _fits(self, key: str, wish: Wish) -> bool:
        if wish.is_all:
            return True
        entry = self._entries[key]
        if wish.source and (entry.source or "-") != wish.source:
            return False
        if wish.rule and all(matter.rule != wish.rule for matter in entry.matters):
            return False
        text = wish.text.casefold()
        return not text or any(text in each.casefold() for each in (entry.name, *_said(entry.matters)))

    def _item(self, key: str) -> dict[str, Any]:
        entry = self._entries[key]
        return {
            "key": key,
            "name": printable(entry.name),
            "source": entry.source,
            "verdict": entry.verdict,
            "matters": [
                {"severity": each.severity, "rule": each.rule, "title": printable(each.title), "number": each.number}
                for each in entry.matters
            ],
        }


def _names(group: Group) -> tuple[str, str, str]:
    return group.rule, group.source or "", group.title


def _said(matters: Iterable[Matter]) -> Iterable[str]:
    for matter in matters:
        yield matter.rule
        yield matter.title
