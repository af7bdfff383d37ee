"""What has changed since an earlier report in JSON: findings that are new, gone or moved, by rule and by source.

A finding is the same if its rule and its fingerprint are, in the same seed or in one of the same bytes whose name changed. It has
moved if it is on another line, or in a seed of another name. Does not handle: seeds that were renamed and changed at once; their
findings are gone, and new.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from validator.text.errors import ConfigError
from validator.text.findings import Finding, SeedReport

NEW, GONE, MOVED = "new", "gone", "moved"
CHANGES = (NEW, GONE, MOVED)
NO_SOURCE = "-"

Key = tuple[str, str]  # of a finding: its rule and its fingerprint


@dataclass(slots=True)
class Before:
    """A seed of the earlier report: its source and digest, and the lines of its open findings."""

    source: str
    sha256: str | None
    lines: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))


Earlier = dict[str, Before]


def read_earlier(file: TextIO, name: str) -> Earlier:
    """The seeds of a report in `json` or `jsonl`. Raises ConfigError if it is not a report, or was cut short."""
    found: Earlier = {}
    is_whole = False
    try:
        for line in file:
            if not line.startswith("{"):
                raise ValueError
            entry = json.loads(line) if line.rstrip().endswith("}") else None
            if entry is None or "type" not in entry:
                document = entry or json.loads(line + file.read())
                for seed in document["seeds"]:
                    _add(found, seed, seed["findings"])
                is_whole = "summary" in document
            elif entry["type"] == "seed":
                _add(found, entry, ())
            elif entry["type"] == "finding":
                _note(found[entry["path"]], entry)
            is_whole = is_whole or (entry or {}).get("type") == "summary"
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfigError("this is no report in json or jsonl, or it was cut short", name) from None
    if not is_whole:
        raise ConfigError("this is no report in json or jsonl, or it was cut short", name)
    return found


def _add(found: Earlier, seed: dict[str, Any], findings: Iterable[dict[str, Any]]) -> None:
    before = found[seed["path"]] = Before(seed["source"] or NO_SOURCE, seed["sha256"])
    for finding in findings:
        _note(before, finding)


def _note(before: Before, finding: dict[str, Any]) -> None:
    if finding["status"] == "open":
        before.lines[finding["rule"], finding["fingerprint"]].append(finding["start"]["line"])


class Trend:
    """Compares the seeds of a run, one after the other, with an earlier report."""

    def __init__(self, earlier: Earlier) -> None:
        self._earlier = earlier
        self._digests = {each.sha256 for each in earlier.values() if each.sha256 is not None}
        self._seen: set[str] = set()
        self._unknown: list[
            tuple[str | None, str, list[Key]]
        ] = []  # seeds that the earlier report has not: perhaps renamed
        self.by_rule: dict[str, Counter[str]] = defaultdict(Counter)
        self.by_source: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, report: SeedReport, findings: Sequence[Finding]) -> set[int]:
        """Compare the open findings of one seed; which of them, by number, the earlier report does not have in it."""
        before = self._earlier.get(report.path)
        source = report.source or NO_SOURCE
        if before is None:
            self._unknown.append((report.sha256, source, [(each.rule, each.fingerprint) for each in findings]))
            return set() if report.sha256 in self._digests else set(range(len(findings)))
        self._seen.add(report.path)
        left = {key: list(lines) for key, lines in before.lines.items()}
        new: list[int] = []
        for number, finding in enumerate(findings):  # first those that are where they were
            lines = left.get((finding.rule, finding.fingerprint), [])
            if finding.start.line in lines:
                lines.remove(finding.start.line)
            else:
                new.append(number)
        out: set[int] = set()
        for number in new:
            finding = findings[number]
            lines = left.get((finding.rule, finding.fingerprint), [])
            if not lines:
                out.add(number)
            self._count(NEW if not lines else MOVED, finding.rule, source)
            del lines[:1]
        for (rule, _), lines in left.items():
            self._count(GONE, rule, before.source, len(lines))
        return out

    def _count(self, change: str, rule: str, source: str, times: int = 1) -> None:
        if times:
            self.by_rule[rule][change] += times
            self.by_source[source][change] += times

    def finish(self) -> Counter[str]:
        """Count the seeds that are only in one of the reports; the totals of all changes."""
        missing = {path: before for path, before in self._earlier.items() if path not in self._seen}
        by_digest = {before.sha256: path for path, before in missing.items() if before.sha256 is not None}
        for digest, source, keys in self._unknown:
            path = by_digest.pop(digest, None) if digest is not None else None
            before = Before(source, digest) if path is None else missing.pop(path)
            left = Counter({key: len(lines) for key, lines in before.lines.items()})
            for key in keys:
                self._count(MOVED if left[key] > 0 else NEW, key[0], source)
                left[key] -= 1
            for key, number in left.items():
                self._count(GONE, key[0], before.source, max(number, 0))
        for before in missing.values():
            for key, lines in before.lines.items():
                self._count(GONE, key[0], before.source, len(lines))
        return sum(self.by_rule.values(), Counter[str]())


def trend_in_words(totals: Counter[str], name: str) -> str:
    """The totals in a sentence."""
    return f"Since {name}: {', '.join(f'{totals[change]:,} {change}' for change in CHANGES)}"
