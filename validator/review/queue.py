"""The seeds that need a decision, ordered so that like decisions come together. The search may still add seeds.

A seed's place comes from what there was to decide when it first needed a decision. It keeps that place: a decided seed leaves
the queue, and the others stay where they are.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from threading import RLock
from typing import Any, NamedTuple

from validator.archive.seeds import Seed
from validator.reports.escaping import printable
from validator.review.beside import Met, with_matters
from validator.review.matters import Entry, Matter, kind_of
from validator.text.findings import SEVERITY_RANK, Severity

GROUPS_SHOWN = 200


class Group(NamedTuple):
    """Like decisions: the same rule, the same change, the same source."""

    severity: Severity
    rule: str
    title: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A filter of seeds: by source (`-` if not identified), by rule, by kind of decision, by a text.

    The text is looked for in a seed's name, its source, its rules and the titles of its fixes.
    """

    source: str = ""
    rule: str = ""
    kind: str = ""
    text: str = ""

    def fits(self, entry: Entry, said: str) -> bool:
        """Whether a seed passes the filter; `said` is its searched text in small form."""
        return (
            self.source in ("", entry.source or "-")
            and (not self.text or self.text.casefold() in said)
            and (not (self.rule or self.kind) or any(map(self.means, entry.matters)))
        )

    def means(self, matter: Matter) -> bool:
        """Whether a decision is of the rule and the kind."""
        return self.rule in ("", matter.rule) and self.kind in ("", kind_of(matter))


def _folders_above(name: str) -> list[str]:
    """The folders that a seed lies in, from the top of the archive, which is ''."""
    parts = name.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(len(parts) + 1)]


def _said(entry: Entry) -> str:
    """The text of a seed that is searched."""
    told = chain((entry.name, entry.source or ""), *((each.rule, each.title) for each in entry.matters))
    return "\n".join(told).casefold()


@cache
def group_key(group: Group) -> str:
    """The page's name for a group."""
    return _digest("\0".join(map(str, group)).encode("utf-8", "surrogatepass"))


def key_of(name: str) -> str:
    """The page's name for a seed: the seed's own name may hold bytes that no address can."""
    return _digest(os.fsencode(name))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:20]


def groups_of(entry: Entry) -> list[Group]:
    """The groups that a seed belongs to."""
    return [Group(matter.severity, matter.rule, matter.title, entry.source) for matter in entry.matters]


def _ranked(seeds: Mapping[Group, int]) -> list[Group]:
    """Groups in the order of what one decision settles: those of most seeds first, and of as many seeds errors first."""

    def rank(group: Group) -> tuple[int, int, str, str, str]:
        return -seeds[group], SEVERITY_RANK[group.severity], group.rule, group.source or "", group.title

    return sorted(seeds, key=rank)


class Queue:
    """What is known of the seeds so far. For several threads at once."""

    def __init__(self, seeds: Sequence[Seed]) -> None:
        self.seeds = {key_of(seed.name): seed for seed in seeds}
        self.problem = ""  # why the search ended early
        self.is_complete = False
        self._lock = RLock()
        self._entries: dict[str, Entry] = {}
        self._first: dict[str, Entry] = {}  # each seed as it was when it first needed a decision
        self._renewed: set[str] = set()  # looked at since the search began: what the search finds may be older
        self._places: dict[str, int] | None = None  # in the order; None after a change, as the groups below
        self._leading: dict[str, Group] = {}  # of each seed: the group that gives it its place
        self._said: dict[str, str] = {}  # of each open seed: the text that is searched
        self._seeds, self._findings = Counter[Group](), Counter[Group]()  # of the open seeds
        self._groups: dict[Group, tuple[int, int]] | None = None
        self._open = self._decided = 0  # seeds

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in what the search has found."""
        with self._lock:
            for entry in entries:
                if key_of(entry.name) not in self._renewed:
                    self._put(entry)

    def meet(self, met: Iterable[Met]) -> None:
        """Take in what the search has found between seeds."""
        with self._lock:
            for each in met:
                entry = self._entries.get(key_of(each.name))
                if entry is not None:
                    self._put(with_matters(entry, each.matters))

    def end(self, problem: str = "") -> None:
        """The search is over; `problem` says why it ended early."""
        with self._lock:
            self.is_complete, self.problem = not problem, problem

    def renew(self, entry: Entry) -> None:
        """Take in what was found of a seed just now."""
        with self._lock:
            key = key_of(entry.name)
            before = self._entries.get(key)
            touched = entry.is_touched or key in self._first or (before is not None and before.is_touched)
            self._renewed.add(key)
            self._put(replace(entry, is_touched=touched))

    def _put(self, entry: Entry) -> None:
        key = key_of(entry.name)
        before = self._entries.get(key)
        if before == entry:
            return
        if before is not None:
            self._count(before, -1)
        self._count(entry, 1)
        self._entries[key], self._said[key] = entry, _said(entry)
        self._groups = None
        if entry.is_open and key not in self._first:
            self._first[key] = entry
            self._places = None

    def _count(self, entry: Entry, sign: int) -> None:
        """Add an entry to the groups and the numbers of seeds, or take it out of them."""
        self._open += sign * entry.is_open
        self._decided += sign * (entry.is_touched and not (entry.is_open or entry.refused))
        for group, matter in zip(groups_of(entry), entry.matters, strict=True) if entry.is_open else ():
            self._seeds[group] += sign
            self._findings[group] += sign * matter.number

    def progress(self) -> dict[str, Any]:
        """How far the search and the decisions are."""
        with self._lock:
            return {
                "seeds": len(self.seeds),
                "looked": len(self._entries),
                "complete": self.is_complete,
                "problem": self.problem,
                "decided": self._decided,
                "open": self._open,
            }

    def view(self, wish: Wish, offset: int, limit: int) -> dict[str, Any]:
        """A part of the queue, as the page shows it."""
        with self._lock:
            wanted = [key for key in self._order() if self._is_wanted(key, wish)]
            groups = self._counted() if wish == Wish() else self._counted_of(wanted, wish)
            refused = [entry for entry in self._entries.values() if entry.refused]
            safe = [entry.safe for entry in self._entries.values() if entry.safe and not entry.refused]
            return {
                "total": len(wanted),
                "offset": offset,
                "items": [self._item(key) for key in wanted[offset : offset + limit]],
                "groups": [
                    {**told_of(group), "key": group_key(group), "seeds": seeds, "findings": findings}
                    for group, (seeds, findings) in list(groups.items())[:GROUPS_SHOWN]
                ],
                "more_groups": max(len(groups) - GROUPS_SHOWN, 0),
                "facets": self._facets(wish),
                "safe": {"seeds": len(safe), "fixes": sum(safe)},
                "refused": [
                    {"name": printable(entry.name), "reason": printable(entry.refused)}
                    for entry in (refused[:limit] if not offset else ())
                ],
                "refused_total": len(refused),
            }

    def folders(self, group: str) -> dict[str, tuple[int, int]]:
        """Each folder that has seeds of a group: how many, and how many open seeds have findings of its rule. '' is the top."""
        with self._lock:
            known = self.group(group)
            members, others = Counter[str](), Counter[str]()
            for entry in self._entries.values():
                if known is not None and entry.is_open and any(each.rule == known.rule for each in entry.matters):
                    above = _folders_above(entry.name)
                    others.update(above)
                    members.update(above if known in groups_of(entry) else ())
            return {folder: (members[folder], others[folder]) for folder in members}

    def with_rule(self, rule: str, folder: str) -> dict[str, Entry]:
        """The open seeds of a folder that have findings of a rule to decide, by key."""
        with self._lock:
            start = f"{folder}/" if folder else ""
            return {
                key: entry for key, entry in self._entries.items()
                if entry.name.startswith(start) and any(each.rule == rule for each in entry.matters) and entry.is_open
            }  # fmt: skip

    def accepted(self, rule: str, folder: str) -> dict[str, Entry]:
        """Take the decisions about a rule out of the open seeds of a folder; those entries as they were, by key."""
        with self._lock:
            found = self.with_rule(rule, folder)
            for entry in found.values():
                left = tuple(each for each in entry.matters if each.rule != rule)
                self.renew(replace(entry, matters=left, is_touched=True))
            return found

    def neighbour(self, key: str, step: int, wish: Wish) -> str | None:
        """The next open seed that fits the wish (`step` 1), or the one before (-1); None at the end.

        From a seed that is not in the order, or from '', the first one.
        """
        with self._lock:
            order = self._order()
            place = self._places_of().get(key)
            others = order if place is None else order[place + 1 :] if step > 0 else order[:place][::-1]
            return next((each for each in others if self._is_wanted(each, wish)), None)

    def members(self, group: str, after: str = "", wish: Wish | None = None) -> list[str]:
        """The open seeds of a group that fit the wish, in order; with `after`, only those behind that seed."""
        with self._lock:
            order = self._order()[self._places_of().get(after, -1) + 1 :]
            open_ones = (key for key in order if self._is_wanted(key, wish or Wish()))
            return [key for key in open_ones if group in map(group_key, groups_of(self._entries[key]))]

    def with_safe(self, after: str = "") -> list[str]:
        """The seeds that safe repairs would change, by name; with `after`, only those behind that seed."""
        with self._lock:
            begin = os.fsencode(self.seeds[after].name) if after in self.seeds else b""
            safe = {key: os.fsencode(entry.name) for key, entry in self._entries.items() if entry.safe}
            found = [key for key, name in safe.items() if name > begin and not self._entries[key].refused]
            return sorted(found, key=safe.__getitem__)

    def group(self, key: str) -> Group | None:
        """The group of a key, None if there is no such decision."""
        with self._lock:
            return next((group for group in self._counted() if group_key(group) == key), None)

    def alike(self, source: str | None) -> dict[tuple[str, str, str], tuple[str, int]]:
        """For each severity, rule and title of a source: the key of its group, and the number of open seeds."""
        with self._lock:
            counted = self._counted().items()
            return {group[:3]: (group_key(group), seeds) for group, (seeds, _) in counted if group.source == source}

    def _order(self) -> list[str]:
        return list(self._places_of())

    def _places_of(self) -> dict[str, int]:
        """The place in the order of every seed that needed a decision at some time."""
        if self._places is None:
            groups = {key: groups_of(entry) for key, entry in self._first.items()}
            ranks = {group: rank for rank, group in enumerate(_ranked(Counter(chain(*groups.values()))))}
            self._leading = {key: min(those, key=ranks.__getitem__) for key, those in groups.items()}
            order = sorted(groups, key=lambda key: (ranks[self._leading[key]], os.fsencode(self._first[key].name)))
            self._places = {key: place for place, key in enumerate(order)}
        return self._places

    def _counted(self) -> dict[Group, tuple[int, int]]:
        """Each group with its numbers of open seeds and of findings in them, in order."""
        if self._groups is None:
            seeds = +self._seeds
            self._groups = {group: (seeds[group], self._findings[group]) for group in _ranked(seeds)}
        return self._groups

    def _counted_of(self, keys: Iterable[str], wish: Wish) -> dict[Group, tuple[int, int]]:
        """The same for some seeds, and only for the decisions that the wish means."""
        seeds, findings = Counter[Group](), Counter[Group]()
        for entry in map(self._entries.__getitem__, keys):
            for group, matter in zip(groups_of(entry), entry.matters, strict=True):
                if wish.means(matter):
                    seeds[group] += 1
                    findings[group] += matter.number
        return {group: (seeds[group], findings[group]) for group in _ranked(seeds)}

    def _facets(self, wish: Wish) -> dict[str, list[tuple[str, int]]]:
        """For each filter its values, each with the number of seeds that it would leave beside the other filters."""
        out: dict[str, list[tuple[str, int]]] = {}
        rest = {name: replace(wish, **{name: ""}) for name in ("source", "rule", "kind")}
        counts = {name: Counter[str]() for name in rest}
        for key, entry in self._entries.items():
            if not entry.is_open:
                continue
            said = self._said[key]
            if rest["source"].fits(entry, said):
                counts["source"][entry.source or "-"] += 1
            if rest["rule"].fits(entry, said):
                counts["rule"].update({each.rule for each in entry.matters if rest["rule"].means(each)})
            if rest["kind"].fits(entry, said):
                counts["kind"].update({kind_of(each) for each in entry.matters if rest["kind"].means(each)})
        for name, counter in counts.items():
            chosen: str = getattr(wish, name)
            if chosen:
                counter[chosen] += 0  # the value that is chosen stays in its list
            out[name] = sorted(counter.items(), key=lambda each: (-each[1], each[0]))
        return out

    def _is_wanted(self, key: str, wish: Wish) -> bool:
        entry = self._entries[key]
        return entry.is_open and wish.fits(entry, self._said[key])

    def _item(self, key: str) -> dict[str, Any]:
        """A seed in the list, with the group that it is listed under: its place, or the next if that is decided."""
        entry, groups = self._entries[key], groups_of(self._entries[key])
        leading = self._leading[key] if self._leading[key] in groups else groups[0]
        return {
            "key": key,
            "name": printable(entry.name),
            "source": entry.source,
            "verdict": entry.verdict,
            "under": groups.index(leading),
            "matters": [{**each._asdict(), "title": printable(each.title)} for each in entry.matters],
        }


def told_of(group: Group) -> dict[str, Any]:
    """A group as the page shows it."""
    return {**group._asdict(), "title": printable(group.title)}
