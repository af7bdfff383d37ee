"""Baselines: the findings that an archive had when it began to be checked, set aside until somebody mends them.

A baseline is text that git merges by the line: JSON Lines, one entry a line, each whole in itself, so that no merge can hand an
entry to another seed. A seed is a paragraph: a line with its path alone, which never changes and so keeps the changes of two
neighbours apart, one with its digest, one for each finding, and an empty line. The last line says that nothing was cut off.
There is no date in it: what is found decides every byte.

To the reader the order of lines does not matter, nor that one stands twice, as after a union merge: it counts once. Of two lines
that differ only in their `count` the smaller counts, so that no merge sets more aside than both sides did.

Entries match by fingerprint, seed by seed, each as often as it was found. What is set aside is marked, and stays in the report;
verdicts stay what they are.

The rules are those of `schemas/baseline.schema.json`, checked by hand here as a sidecar's are; a test holds the two together.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, NamedTuple

from validator.reports.entries import encoded
from validator.text.errors import ConfigError
from validator.text.findings import Finding, SeedReport, Status, Verdict

FORMAT = "validator-baseline"
VERSION = 1
HEADER = f'{{"format": "{FORMAT}", "version": {VERSION}}}'
FOOTER = f'{{"end": "{FORMAT}"}}'

_JUDGED = (Verdict.INVALID, Verdict.VALID, None)  # every rule had its say; None is a sidecar without a seed

# The rules that say why a seed was not judged. While none of them is set aside or accepted, the reason is not known to the
# baseline, whatever else is: it may only be that its rule is not shown.
_REASONS = {
    Verdict.UNREADABLE: frozenset({"unreadable-file", "file-too-large", "undecodable"}),
    Verdict.MALFORMED: frozenset({"front-matter-syntax"}),
    Verdict.UNIDENTIFIED: frozenset({"source-unidentified", "empty-file"}),
}


class Entry(NamedTuple):
    """A finding that is set aside, as often as it was found; the fingerprint as bytes, which take half the room."""

    rule: str
    fingerprint: bytes
    times: int = 1


class Known(NamedTuple):
    """What a baseline holds of one seed: its digest at the time (several after a merge, none if it was not read) and entries."""

    digests: tuple[bytes, ...] = ()
    entries: tuple[Entry, ...] = ()


Baseline = dict[str, Known]


# ---------------------------------------------------------------------------------------------------------------------
# Text


def read_baseline(data: bytes, name: str) -> Baseline:
    """The entries of a baseline's bytes, by the path of their seed. `name` is the file's name in messages.

    Raises ConfigError, with the line, for anything but a whole baseline of this version.
    """
    reader = _Reader()
    for number, line in _lines(data):
        try:
            reader.line(line)
        except (ValueError, RecursionError) as error:
            raise ConfigError(_explained(error, line, reader.has_header), name, number) from None
    if not reader.has_header:
        raise ConfigError(f"the file is empty, expected a baseline, whose first line is {HEADER}", name, 1)
    if not reader.has_footer:
        last = data.count(b"\n") + (not data.endswith(b"\n"))
        raise ConfigError(f"the baseline is cut off here, expected its last line {FOOTER}", name, last)
    return reader.baseline()


class _Reader:
    """A baseline being read. Its lines come one seed after another, unless somebody moved them."""

    def __init__(self) -> None:
        self.has_header = self.has_footer = False
        self._baseline: Baseline = {}
        self._rules: dict[str, str] = {}  # one text for each rule and not one for each entry
        self._path = ""
        self._digests: list[bytes] = []
        self._entries: list[Entry] = []
        self._begin = b""  # of the lines of the seed at hand

    def line(self, line: bytes) -> None:
        """Read a line. Raises ValueError or RecursionError for one that has no place in a baseline."""
        # What goes on as the line of the path began, in the program's own spelling, need not be parsed: five times as fast.
        rest = _REST.fullmatch(line, len(self._begin)) if self._begin and line.startswith(self._begin) else None
        if rest is not None:
            digest, rule, fingerprint, times = rest.groups()
            if digest is not None:
                self._digests.append(bytes.fromhex(digest.decode()))
            else:
                self._add(rule.decode(), bytes.fromhex(fingerprint.decode()), int(times or 1))
            return
        value = json.loads(line.decode(), object_pairs_hook=_mapping)
        if not self.has_header or (isinstance(value, dict) and "format" in value):
            _check_header(value)
            self.has_header = True
            return
        if value == {"end": FORMAT}:
            self.has_footer = True
            return
        path, sha256, entry = _entry(value)
        if path != self._path:
            self._close()
            self._path = path
        if sha256 is not None:
            self._digests.append(sha256)
        elif entry is not None:
            self._add(*entry)
        else:
            self._begin = line[:-1]  # but for the brace

    def _add(self, rule: str, fingerprint: bytes, times: int) -> None:
        self._entries.append(Entry(self._rules.setdefault(rule, rule), fingerprint, times))

    def _close(self) -> None:
        """Keep the lines of the seed at hand."""
        if self._digests or self._entries:
            _add(self._baseline, self._path, self._digests, self._entries)
        self._digests, self._entries, self._begin = [], [], b""

    def baseline(self) -> Baseline:
        """What was read. A seed of which nothing is set aside is none."""
        self._close()
        for path in [path for path, known in self._baseline.items() if not known.entries]:
            del self._baseline[path]
        return self._baseline


# How the lines that `_paragraphs` writes go on after the path.
_REST = re.compile(
    rb', (?:"sha256": "([0-9a-f]{64})"|'
    rb'"rule": "([a-z][a-z0-9-]*)", "fingerprint": "([0-9a-f]{64})"(?:, "count": ([1-9][0-9]{0,8}))?)\}'
)


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers from 1, one at a time: the file may have a hundred million bytes."""
    at, number = 3 * data.startswith(b"\xef\xbb\xbf"), 0
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        number += 1
        line = data[at:end].strip(b" \t\r")
        if line:
            yield number, line
        at = end + 1


class _EntryError(ValueError):
    """Why a line of a baseline is none."""


def _explained(error: Exception, line: bytes, has_header: bool) -> str:
    """What is wrong with a line, and what was expected there."""
    expected = "an entry of the baseline" if has_header else f"a baseline, whose first line is {HEADER}"
    if line.startswith((b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")):
        return "a conflict marker of git stands here: finish the merge"
    if isinstance(error, _EntryError):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return f"byte 0x{line[error.start]:02x} is not UTF-8, expected {expected}"
    return f"this is not JSON, expected {expected}"


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise _EntryError("a key stands here twice")
    return mapping


def _check_header(value: object) -> None:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _EntryError(f"this is no baseline, expected the line {HEADER}")
    version = value.get("version")
    if isinstance(version, int | float) and not isinstance(version, bool) and version > VERSION:
        raise _EntryError(
            f"the baseline is of version {version}, and this program reads {VERSION}: it needs a newer one"
        )
    if value.keys() != {"format", "version"} or isinstance(version, bool) or version != VERSION:
        raise _EntryError(f"the first line of the baseline is damaged, expected {HEADER}")


_SHA256 = re.compile(r"[0-9a-f]{64}")
_RULE = re.compile(r"[a-z][a-z0-9-]*")
_KEYS = ({"path"}, {"path", "sha256"}, {"path", "rule", "fingerprint"}, {"path", "rule", "fingerprint", "count"})


def _entry(value: object) -> tuple[str, bytes | None, Entry | None]:
    """The path, the digest and the finding of a line, of which the last two may be missing."""
    if not isinstance(value, dict) or value.keys() not in _KEYS:
        raise _EntryError(
            "expected an object of path, of path and sha256, or of path, rule, fingerprint and perhaps count"
        )
    path = value["path"]
    if not isinstance(path, str) or not path:
        raise _EntryError("the path is none, expected the name of a seed")
    if "sha256" in value:
        return path, _digest(value, "sha256"), None
    if "rule" not in value:
        return path, None, None
    rule, count = value["rule"], value.get("count", 1)
    if not isinstance(rule, str) or not _RULE.fullmatch(rule):
        raise _EntryError("the rule is none, expected the name of a rule")
    if not isinstance(count, int | float) or isinstance(count, bool) or count != count // 1 or count < 1:
        raise _EntryError("the count is none, expected a whole number from 1 on")
    return path, None, Entry(rule, _digest(value, "fingerprint"), int(count))


def _digest(value: dict[str, Any], key: str) -> bytes:
    digest = value[key]
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise _EntryError(f"the {key} is none, expected 64 hexadecimal digits in lower case")
    return bytes.fromhex(digest)


def _add(baseline: Baseline, path: str, digests: Iterable[bytes], entries: Iterable[Entry]) -> None:
    """Add lines of one seed to what is there; what stands there already does not count twice."""
    old = baseline.get(path, Known())
    counts: dict[tuple[str, bytes], int] = {}
    for rule, fingerprint, count in (*old.entries, *entries):
        key = (rule, fingerprint)
        counts[key] = min(count, counts.get(key, count))
    if counts:
        baseline[path] = Known(tuple(sorted({*old.digests, *digests})), _sorted(counts))
    elif digests:
        baseline[path] = Known(tuple(sorted({*old.digests, *digests})))


def _sorted(counts: Mapping[tuple[str, bytes], int]) -> tuple[Entry, ...]:
    return tuple(sorted(Entry(*key, count) for key, count in counts.items() if count > 0))


def write_baseline(baseline: Mapping[str, Known]) -> bytes:
    """A baseline's bytes: by path, rule and fingerprint, so that equal baselines are equal bytes."""
    return "".join(_paragraphs(baseline)).encode()


def _paragraphs(baseline: Mapping[str, Known]) -> Iterator[str]:
    yield f"{HEADER}\n\n"
    for path in sorted(baseline):
        known = baseline[path]
        if known.entries:
            begin = f'{{"path": {encoded(path)}'
            yield f"{begin}}}\n"
            yield from (f'{begin}, "sha256": "{digest.hex()}"}}\n' for digest in sorted(known.digests))
            for rule, fingerprint, count in sorted(known.entries):
                more = f', "count": {count}' if count != 1 else ""
                yield f'{begin}, "rule": "{rule}", "fingerprint": "{fingerprint.hex()}"{more}}}\n'
            yield "\n"
    yield f"{FOOTER}\n"


# ---------------------------------------------------------------------------------------------------------------------
# Seeds


def found_in(report: SeedReport) -> Known:
    """What a baseline holds of a seed that is as this report says: its findings but for the accepted ones."""
    counts = Counter(_key(finding) for finding in report.findings if finding.status is not Status.ACCEPTED)
    return Known((bytes.fromhex(report.sha256),) if report.sha256 else (), _sorted(counts))


def _key(finding: Finding) -> tuple[str, bytes]:
    return finding.rule, bytes.fromhex(finding.fingerprint)


def marked(report: SeedReport, entries: Iterable[Entry]) -> SeedReport:
    """The report with the open findings marked that entries stand for, each as often as it was found then; the verdict stays.

    Of an unchecked seed nothing is known, so nothing of it is set aside.
    """
    left = {(rule, fingerprint): count for rule, fingerprint, count in entries}
    if not left or report.verdict is Verdict.UNCHECKED:
        return report
    findings = []
    for finding in report.findings:
        if finding.status is Status.OPEN and left.get(key := _key(finding), 0):
            left[key] -= 1
            finding = replace(finding, status=Status.BASELINED)
        findings.append(finding)
    return replace(report, findings=tuple(findings))


def is_set_aside(report: SeedReport) -> bool:
    """Whether a seed that was not judged is known as such: something of it is set aside, nothing is open, and the finding that
    says why is among them, and not merely not shown.
    """
    statuses = {finding.status for finding in report.findings}
    return (
        Status.BASELINED in statuses
        and Status.OPEN not in statuses
        and report.verdict is not None
        and any(finding.rule in _REASONS.get(report.verdict, ()) for finding in report.findings)
    )


def stale(
    entries: Iterable[Entry], found: Known, verdict: Verdict | None, can_speak: Callable[[str], bool]
) -> list[Entry]:
    """The entries of a seed, with their counts, that match nothing that is found now, as far as the run could see.

    An entry whose rule is not shown is none of them; nor is one of a seed that was not judged, where few rules had their say.
    """
    if verdict not in _JUDGED:
        return []
    return [entry for entry in _unmatched(entries, found.entries) if can_speak(entry.rule)]


def _unmatched(entries: Iterable[Entry], others: Iterable[Entry]) -> tuple[Entry, ...]:
    """What of the entries is left when the others are taken away."""
    counts = Counter({(rule, fingerprint): count for rule, fingerprint, count in entries})
    counts.subtract({(rule, fingerprint): count for rule, fingerprint, count in others})
    return _sorted(counts)


# ---------------------------------------------------------------------------------------------------------------------
# Renamed seeds


class Formers:
    """Which seed of the baseline one that it does not know was before. Each is the former of one seed at most.

    A former is one whose name leads to nothing any more: a copy beside its original inherits nothing. It is the one that the run
    knows the seed by (`told`, new name to old); else one whose digest the seed has; else the one that `ask` says, which is
    called once and only when needed, and gives pairs of a new name and an old one.
    """

    def __init__(
        self,
        baseline: Mapping[str, Known],
        is_there: Callable[[str], bool],
        told: Mapping[str, str],
        ask: Callable[[], Iterable[tuple[str, str]]],
    ) -> None:
        self._baseline = baseline
        self._is_there = is_there
        self._told = told
        self._ask = ask
        self.renamed: dict[str, str] = {}  # what was found out so far: new name to old
        self._taken: set[str] = set()

    def former(self, path: str, digests: Iterable[bytes]) -> str | None:
        """The name that the baseline has a seed under which it does not know by its own."""
        for name in self._candidates(path, digests):
            if name in self.gone and name not in self._taken:
                self._taken.add(name)
                self.renamed[path] = name
                return name
        return None

    def _candidates(self, path: str, digests: Iterable[bytes]) -> Iterator[str]:
        if not self.gone:
            return
        if path in self._told:
            yield self._told[path]
        for digest in digests:
            alike = self._by_digest.get(digest, [])
            while alike:
                yield alike.pop()
        yield from self._asked.get(path, ())

    @cached_property
    def gone(self) -> frozenset[str]:
        """The names in the baseline that lead to nothing."""
        return frozenset(name for name in self._baseline if not self._is_there(name))

    def gone_for_good(self, judged: Collection[str]) -> list[str]:
        """The names that lead to nothing and are no former of a seed: neither of one that was judged nor of one elsewhere."""
        left = sorted(self.gone - self._taken)
        if not left:
            return []
        elsewhere = (olds for new, olds in self._asked.items() if new not in judged and self._is_there(new))
        moved = {old for olds in elsewhere for old in olds}
        return [name for name in left if name not in moved]

    @cached_property
    def _by_digest(self) -> dict[bytes, list[str]]:
        names: dict[bytes, list[str]] = {}  # the first one last: each is taken from there once
        for name in sorted(self.gone, reverse=True):
            for digest in self._baseline[name].digests:
                names.setdefault(digest, []).append(name)
        return names

    @cached_property
    def _asked(self) -> dict[str, list[str]]:
        olds: dict[str, list[str]] = {}
        for new, old in self._ask():
            if new not in self._baseline and old in self.gone:
                olds.setdefault(new, []).append(old)
        return olds


# ---------------------------------------------------------------------------------------------------------------------
# Runs


class Stale(NamedTuple):
    """An entry that matches nothing any more, with the path that the baseline has it under."""

    path: str
    entry: Entry


class Comparison:
    """Sets aside what a baseline knows, report by report, and remembers which of its entries match nothing any more.

    `can_speak` says of a path and a rule whether its findings would have been shown there.
    """

    def __init__(self, baseline: Baseline, formers: Formers, can_speak: Callable[[str, str], bool]) -> None:
        self._baseline = baseline
        self._formers = formers
        self._can_speak = can_speak
        self._judged: set[str] = set()
        self._stale: list[Stale] = []

    def marked(self, report: SeedReport) -> SeedReport:
        """The report with what is set aside marked so."""
        if not self._baseline:
            return report
        path = report.path
        found = found_in(report)
        name: str | None = path
        if path not in self._baseline:
            name = self._formers.former(path, found.digests) if found.entries else None
        self._judged.add(path)
        if name is None:
            return report
        entries = self._baseline[name].entries
        left = stale(entries, found, report.verdict, partial(self._can_speak, path))
        self._stale.extend(Stale(name, entry) for entry in left)
        return marked(report, entries)

    def stale(self, is_about: Callable[[str], bool] | None) -> list[Stale]:
        """What matches nothing any more of the seeds judged, and of those that are gone where `is_about` says that the run was
        about their place. By path and rule.
        """
        out = self._stale
        if is_about is not None and any(is_about(name) for name in self._baseline.keys() - self._judged):
            gone = filter(is_about, self._formers.gone_for_good(self._judged))
            out = out + [Stale(name, entry) for name in gone for entry in self._baseline[name].entries]
        return sorted(out)


class Found(NamedTuple):
    """What a run found of one seed."""

    known: Known
    verdict: Verdict | None


def revised(
    baseline: Baseline,
    found: Mapping[str, Found],
    formers: Formers,
    can_speak: Callable[[str, str], bool],
    is_about: Callable[[str], bool],
    *,
    adds: bool,
) -> Baseline:
    """The baseline without what is stale, of the seeds found and of those gone where `is_about` says; if `adds`, with what is
    found now in the place of what the seeds had, a renamed one under its new name.

    Entries of rules that are not shown stay, as do those of all other seeds.
    """
    out = dict(baseline)
    for path, (now, verdict) in found.items():
        name = path if path in baseline else formers.former(path, now.digests) if now.entries else None
        old = baseline[name] if name is not None else Known()
        if adds:
            kept = tuple(entry for entry in old.entries if not can_speak(path, entry.rule))
            if name is not None:
                del out[name]
            _add(out, path, now.digests, (*kept, *now.entries))
        elif name is not None:
            gone = stale(old.entries, now, verdict, partial(can_speak, path))
            out[name] = Known(old.digests, _unmatched(old.entries, gone))
    for name in formers.gone_for_good(found):
        if is_about(name):
            del out[name]
    return {path: known for path, known in out.items() if known.entries}


def size(baseline: Mapping[str, Known]) -> int:
    """How many findings a baseline sets aside."""
    return sum(entry.times for known in baseline.values() for entry in known.entries)
