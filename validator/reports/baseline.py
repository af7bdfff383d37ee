"""Baselines: the findings that an archive had when it began to be checked, set aside until somebody fixes them.

A baseline is JSON Lines, so that git can merge it by the line. Every line is complete in itself, so that no merge can move an
entry to another seed. A seed is a paragraph: a line with its path alone, which never changes and so keeps changes of two
neighbours apart, a line with its digest, one for each finding, and an empty line. The last line says that nothing was cut
off. There is no date: equal findings make equal bytes.

The reader ignores the order of lines. A line that occurs twice, as after a union merge, counts once. Of two lines that differ
only in their `count` the smaller counts, so that no merge sets more aside than both sides did.

Entries match by fingerprint, seed by seed, each as often as it was found. A finding that is set aside is marked and stays in
the report. Verdicts do not change.

`schemas/baseline.schema.json` describes a line. The checks here say the same, as a test confirms: the library that is fast
enough for a million lines cannot take the lone surrogates of a path.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from io import BytesIO
from typing import Any, NamedTuple

from validator.reports.entries import encoded
from validator.text.errors import ConfigError
from validator.text.findings import Finding, SeedReport, Status, Verdict

FORMAT = "validator-baseline"
VERSION = 1
HEADER = f'{{"format": "{FORMAT}", "version": {VERSION}}}'
FOOTER = f'{{"end": "{FORMAT}"}}'

_JUDGED = (Verdict.INVALID, Verdict.VALID, None)  # all rules were asked; None is a sidecar without a seed

# The rules that say why a seed was not judged. If none of them is set aside or accepted, the baseline does not know the
# reason, whatever else it knows: perhaps the rule is only not shown.
_REASONS = {
    Verdict.UNREADABLE: frozenset({"unreadable-file", "file-too-large", "undecodable"}),
    Verdict.MALFORMED: frozenset({"front-matter-syntax"}),
    Verdict.UNIDENTIFIED: frozenset({"source-unidentified", "empty-file"}),
}


class Entry(NamedTuple):
    """A finding that is set aside, and how often. The fingerprint is bytes, which take half the memory."""

    rule: str
    fingerprint: bytes
    times: int = 1


class Known(NamedTuple):
    """What a baseline knows of one seed: its digest (several after a merge, none if it was not read) and its entries."""

    digests: tuple[bytes, ...] = ()
    entries: tuple[Entry, ...] = ()


Baseline = dict[str, Known]


# ---------------------------------------------------------------------------------------------------------------------
# Text


def read_baseline(data: bytes, name: str) -> Baseline:
    """The entries of a baseline's bytes, by the path of their seed. `name` is the name of the file in messages.

    Raises ConfigError, with the line, for anything except a complete baseline of this version.
    """
    baseline: Baseline = {}
    digests: dict[str, set[bytes]] = {}
    counts: dict[str, dict[tuple[str, bytes], int]] = {}
    has_header = has_footer = False
    number = 0
    for number, line in enumerate(BytesIO(data.removeprefix(b"\xef\xbb\xbf")), 1):
        line = line.strip(b" \t\r\n")
        if not line:
            continue
        try:
            value = json.loads(line.decode(), object_pairs_hook=_mapping)
            if not has_header or (isinstance(value, dict) and "format" in value):
                _check_header(value)
                has_header = True
            elif value == {"end": FORMAT}:
                has_footer = True
            else:
                _check_entry(value)
                path = value["path"]
                if "sha256" in value:
                    digests.setdefault(path, set()).add(bytes.fromhex(value["sha256"]))
                elif "rule" in value:
                    key = sys.intern(value["rule"]), bytes.fromhex(value["fingerprint"])
                    times = int(value.get("count", 1))
                    found = counts.setdefault(path, {})
                    found[key] = min(times, found.get(key, times))
        except (ValueError, RecursionError) as error:
            raise ConfigError(_explained(error, line, has_header), name, number) from None
    if not has_header:
        raise ConfigError(f"the file is empty, expected a baseline, whose first line is {HEADER}", name, 1)
    if not has_footer:
        raise ConfigError(f"the baseline is cut off here, expected its last line {FOOTER}", name, number)
    for path, found in counts.items():
        baseline[path] = Known(tuple(sorted(digests.get(path, ()))), _sorted(found))
    return baseline


class _EntryError(ValueError):
    """What is wrong with a line that is JSON."""


def _explained(error: Exception, line: bytes, has_header: bool) -> str:
    """What is wrong with a line, and what was expected there."""
    expected = "an entry of the baseline" if has_header else f"a baseline, whose first line is {HEADER}"
    if line.startswith((b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")):
        return "this is a conflict marker of git: finish the merge"
    if isinstance(error, _EntryError):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return f"byte 0x{line[error.start]:02x} is not UTF-8, expected {expected}"
    return f"this is not JSON, expected {expected}"


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise _EntryError("a key occurs twice")
    return mapping


def _check_header(value: object) -> None:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _EntryError(f"this is not a baseline, expected the line {HEADER}")
    version = value.get("version")
    if isinstance(version, int | float) and not isinstance(version, bool) and version > VERSION:
        raise _EntryError(f"the baseline has version {version}, but this program reads {VERSION}: use a newer program")
    if value.keys() != {"format", "version"} or isinstance(version, bool) or version != VERSION:
        raise _EntryError(f"the first line of the baseline is damaged, expected {HEADER}")


_KEYS = ({"path"}, {"path", "sha256"}, {"path", "rule", "fingerprint"}, {"path", "rule", "fingerprint", "count"})
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEXTS = {  # the pattern of each text, and what it is
    "path": (re.compile(r"(?s).+"), "the name of a seed"),
    "sha256": (_SHA256, "64 hexadecimal digits in lower case"),
    "rule": (re.compile(r"[a-z][a-z0-9-]*"), "the name of a rule"),
    "fingerprint": (_SHA256, "64 hexadecimal digits in lower case"),
}


def _check_entry(value: object) -> None:
    if not isinstance(value, dict) or value.keys() not in _KEYS:
        raise _EntryError(
            "expected an object with path, with path and sha256, or with path, rule, fingerprint and optionally count"
        )
    for key, (pattern, expected) in _TEXTS.items():
        if key in value and not (isinstance(value[key], str) and pattern.fullmatch(value[key])):
            raise _EntryError(f"the {key} is wrong, expected {expected}")
    count = value.get("count", 1)
    if not isinstance(count, int | float) or isinstance(count, bool) or count != count // 1 or count < 1:
        raise _EntryError("the count is wrong, expected a whole number from 1")


def _sorted(counts: Mapping[tuple[str, bytes], int]) -> tuple[Entry, ...]:
    return tuple(sorted(Entry(*key, times) for key, times in counts.items()))


def _counts(entries: Iterable[Entry]) -> Counter[tuple[str, bytes]]:
    return Counter({(rule, fingerprint): times for rule, fingerprint, times in entries})


def write_baseline(baseline: Mapping[str, Known]) -> bytes:
    """The bytes of a baseline, sorted by path, rule and fingerprint: equal baselines make equal bytes."""
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
    """What a baseline would hold of the seed of this report: all findings except the accepted ones."""
    counts = Counter(_key(finding) for finding in report.findings if finding.status is not Status.ACCEPTED)
    return Known((bytes.fromhex(report.sha256),) if report.sha256 else (), _sorted(counts))


def _key(finding: Finding) -> tuple[str, bytes]:
    return finding.rule, bytes.fromhex(finding.fingerprint)


def marked(report: SeedReport, entries: Iterable[Entry]) -> SeedReport:
    """The report with its open findings marked that the entries name, each as often as the entry says.

    Nothing is known about an unchecked seed, so nothing of it is set aside.
    """
    left = _counts(entries)
    if not left or report.verdict is Verdict.UNCHECKED:
        return report
    findings = []
    for finding in report.findings:
        if finding.status is Status.OPEN and left[key := _key(finding)]:
            left[key] -= 1
            finding = replace(finding, status=Status.BASELINED)
        findings.append(finding)
    return replace(report, findings=tuple(findings))


def is_set_aside(report: SeedReport) -> bool:
    """Whether the baseline knows that a seed cannot be judged: something is set aside, nothing is open, and the finding that
    says why is in the report.
    """
    statuses = {finding.status for finding in report.findings}
    return (
        Status.BASELINED in statuses
        and Status.OPEN not in statuses
        and report.verdict is not None
        and any(finding.rule in _REASONS.get(report.verdict, ()) for finding in report.findings)
    )


def stale(
    path: str, entries: Iterable[Entry], found: Known, verdict: Verdict | None, can_speak: Callable[[str, str], bool]
) -> list[Entry]:
    """The entries of a seed, with their counts, that match no finding any more, as far as the run could see.

    Entries of rules that are not shown are left out. So are all entries of a seed that was not judged: few rules were asked.
    """
    gone = _sorted(_counts(entries) - _counts(found.entries)) if verdict in _JUDGED else ()
    return [entry for entry in gone if can_speak(path, entry.rule)]


# ---------------------------------------------------------------------------------------------------------------------
# Renamed seeds


class Formers:
    """Finds the former name of a seed that was renamed. No name is the former name of two seeds.

    Only a name without a file can be a former name: a copy beside its original inherits nothing. The first that is found
    counts: the name that the run knows (`told`, new name to old), one with the digest of the seed, the one that `ask` gives.
    `ask` is called at most once, and gives pairs of a new name and an old one.
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
        self.new_names: dict[str, str] = {}  # found so far, by the old name

    def name_of(self, path: str, known: Known) -> str | None:
        """The name that the baseline has for a seed: its path, or a former one if it has findings. None without either."""
        if path in self._baseline:
            return path
        return self.former(path, known.digests) if known.entries else None

    def former(self, path: str, digests: Iterable[bytes]) -> str | None:
        """The name that the baseline has for a seed which it does not have under `path`."""
        for name in self._candidates(path, digests):
            if name in self.gone and name not in self.new_names:
                self.new_names[name] = path
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
        """The names in the baseline without a file."""
        return frozenset(name for name in self._baseline if not self._is_there(name))

    def gone_for_good(self, judged: Collection[str], is_about: Callable[[str], bool]) -> list[str]:
        """The names without a file, in a place that the run was about (`is_about`), that are not a former name, neither of a
        seed that was judged nor of another one.
        """
        names = sorted(name for name in self._baseline if name not in judged and is_about(name))
        left = [name for name in names if name in self.gone and name not in self.new_names]
        if not left:
            return []
        elsewhere = (olds for new, olds in self._asked.items() if new not in judged and self._is_there(new))
        moved = {old for olds in elsewhere for old in olds}
        return [name for name in left if name not in moved]

    @cached_property
    def _by_digest(self) -> dict[bytes, list[str]]:
        names: dict[bytes, list[str]] = {}  # in reverse order: `former` takes the last first
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
    """An entry that matches no finding any more, with its path in the baseline."""

    path: str
    entry: Entry


class Comparison:
    """Sets aside what a baseline knows, report by report, and collects its entries that match no finding any more.

    `can_speak(path, rule)` says whether findings of the rule are shown there.
    """

    def __init__(self, baseline: Baseline, formers: Formers, can_speak: Callable[[str, str], bool]) -> None:
        self._baseline = baseline
        self._formers = formers
        self._can_speak = can_speak
        self._judged: set[str] = set()
        self._stale: list[Stale] = []

    def marked(self, report: SeedReport) -> SeedReport:
        """The report with the findings marked that are set aside."""
        if not self._baseline:
            return report
        found = found_in(report)
        self._judged.add(report.path)
        name = self._formers.name_of(report.path, found)
        if name is None:
            return report
        entries = self._baseline[name].entries
        left = stale(report.path, entries, found, report.verdict, self._can_speak)
        self._stale += (Stale(name, entry) for entry in left)
        return marked(report, entries)

    def stale(self, is_about: Callable[[str], bool]) -> list[Stale]:
        """The entries that match no finding any more, by path and rule: those of the seeds judged, and those of seeds that are
        gone from a place that the run was about.
        """
        gone = self._formers.gone_for_good(self._judged, is_about)
        return sorted([*self._stale, *(Stale(name, entry) for name in gone for entry in self._baseline[name].entries)])


def revised(
    baseline: Baseline,
    found: Mapping[str, tuple[Known, Verdict | None]],
    formers: Formers,
    can_speak: Callable[[str, str], bool],
    is_about: Callable[[str], bool],
    *,
    adds: bool,
) -> Baseline:
    """The baseline after a run: entries that match no finding any more are taken out; with `adds`, new findings come in, and a
    renamed seed gets its new name.

    Entries of rules that are not shown stay. So do those of other seeds, except seeds that are gone from a place that the
    run was about (`is_about`).
    """
    out = dict(baseline)
    for path, (now, verdict) in found.items():
        name = formers.name_of(path, now)
        old = Known() if name is None else out.pop(name) if adds else baseline[name]
        if adds:
            kept = [entry for entry in old.entries if not can_speak(path, entry.rule)]
            out[path] = Known(now.digests, _sorted(_counts(now.entries) | _counts(kept)))
        elif name is not None:
            gone = stale(path, old.entries, now, verdict, can_speak)
            out[name] = Known(old.digests, _sorted(_counts(old.entries) - _counts(gone)))
    for name in formers.gone_for_good(found, is_about):
        del out[name]
    return {path: known for path, known in out.items() if known.entries}


def size(baseline: Mapping[str, Known]) -> int:
    """How many findings a baseline sets aside."""
    return sum(entry.times for known in baseline.values() for entry in known.entries)
