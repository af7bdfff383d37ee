"""Baselines: their text, what they set aside and what not, seeds that were renamed, merges by git, and the commands."""

from __future__ import annotations

import json
import os
import random
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from running import Done, Program, git, in_a_process, put
from test_formats import READERS

import validator
import validator.archive.runner
from validator.archive.writing import held
from validator.engine.checking import check_seed
from validator.reports.baseline import (
    FOOTER,
    HEADER,
    Baseline,
    Comparison,
    Entry,
    Formers,
    Known,
    found_in,
    is_set_aside,
    marked,
    read_baseline,
    revised,
    size,
    write_baseline,
)
from validator.reports.model import FORMATS, Tally
from validator.text.errors import ConfigError
from validator.text.findings import Finding, SeedReport, Severity, Status, Verdict
from validator.text.places import Position

SCHEMAS = Path(__file__).parents[1] / "schemas"
SCHEMA = json.loads((SCHEMAS / "baseline.schema.json").read_text("utf-8"))
DIGEST = "0123456789abcdef" * 4

# --- the text ---------------------------------------------------------------------------------------------------------

FINGERPRINTS = st.integers(0, 3).map(lambda number: bytes([number]) * 32)
ENTRIES = st.builds(
    Entry, st.sampled_from(["mixed-quotes", "paywall", "byline-missing"]), FINGERPRINTS, st.sampled_from([1, 1, 2, 30])
)
NAMES = st.sampled_from(
    [
        "a",
        "a.txt",
        "a/b.txt",
        "/outside/c.txt",
        "中文/文章.txt",
        "\udcff\udc80.txt",
        "a\nb",
        'q"\\',
        "\u202e\x1b[31m",
        "-",
        "{",
        "😀",
    ]
)


def entries_of(found: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries as a baseline holds them: sorted, none twice."""
    return tuple(sorted({(each.rule, each.fingerprint): each for each in found}.values()))


KNOWN = st.builds(
    Known, st.sets(FINGERPRINTS, max_size=2).map(lambda found: tuple(sorted(found))),
    st.lists(ENTRIES, min_size=1, max_size=5).map(entries_of),
)  # fmt: skip
BASELINES = st.dictionaries(NAMES, KNOWN, max_size=6)


def read(data: bytes | str) -> Baseline:
    return read_baseline(data.encode() if isinstance(data, str) else data, "b.jsonl")


@given(BASELINES)
def test_what_is_written_is_read(baseline: Baseline) -> None:
    data = write_baseline(baseline)
    assert read(data) == baseline
    assert write_baseline(read(data)) == data
    assert all(line.isprintable() for line in data.decode().split("\n"))


@given(BASELINES, st.randoms(use_true_random=False))
def test_neither_order_nor_spelling_nor_a_line_that_stands_twice_matters(
    baseline: Baseline, chance: random.Random
) -> None:
    first, *lines = write_baseline(baseline).decode().splitlines()
    lines += chance.choices(lines, k=3) if lines else []
    chance.shuffle(lines)
    respelt = [
        json.dumps(json.loads(line), separators=(",", ":")) if line and chance.random() < 0.5 else line
        for line in lines
    ]
    end = chance.choice(["\n", "\r\n"])
    assert read("\ufeff" * chance.randrange(2) + end.join([first, *respelt])) == baseline


@given(BASELINES, NAMES)
def test_a_digest_without_a_finding_is_no_seed(baseline: Baseline, name: str) -> None:
    assume(name not in baseline)
    line = json.dumps({"path": name, "sha256": DIGEST})
    assert read(write_baseline(baseline).decode() + f"{line}\n") == baseline


@given(BASELINES)
def test_every_line_is_what_the_schema_describes(baseline: Baseline) -> None:
    for line in write_baseline(baseline).splitlines():
        if line:
            jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(line))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def _loose(required: dict[str, st.SearchStrategy[Any]], optional: dict[str, st.SearchStrategy[Any]]) -> Any:
    """Mostly such an object; now and then with a key too few or too many, or a value of another kind."""
    odd: st.SearchStrategy[Any] = st.sampled_from(
        [None, True, 0, 1, 2.0, 2.5, -1, 1e400, "", "x", "X", "a\n", DIGEST, DIGEST + "\n", DIGEST.upper(), [], {}]
    )
    whole = st.fixed_dictionaries(required, optional=optional)
    parts = {**required, **optional, "more": odd}
    few = st.fixed_dictionaries({}, optional=parts)
    strange = st.tuples(whole, st.sampled_from(sorted(parts)), odd).map(lambda each: {**each[0], each[1]: each[2]})
    return st.one_of(whole, strange, strange, few, odd)


LINES = st.one_of(
    _loose({"format": st.just("validator-baseline"), "version": st.sampled_from([1, 1.0])}, {}),
    _loose({"end": st.just("validator-baseline")}, {}),
    _loose({"path": NAMES}, {}),
    _loose({"path": NAMES, "sha256": st.just(DIGEST)}, {}),
    _loose(
        {"path": NAMES, "rule": st.sampled_from(["paywall", "no-such-rule", "a1"]), "fingerprint": st.just(DIGEST)},
        {"count": st.integers(1, 3)},
    ),
)


@settings(max_examples=500)
@given(LINES)
def test_the_schema_and_the_reader_accept_and_reject_the_same(value: object) -> None:
    is_sound = jsonschema.Draft202012Validator(SCHEMA).is_valid(value)
    if (
        isinstance(value, dict) and "format" not in value
    ):  # once as it comes, once as the reader knows it by its beginning
        begin = json.dumps({"path": value.get("path")}) if isinstance(value.get("path"), str) and value["path"] else ""
        assert _is_read(f"{HEADER}\n{begin}\n{json.dumps(value)}\n{FOOTER}\n") is is_sound
    assert _is_read(f"{HEADER}\n{json.dumps(value)}\n{FOOTER}\n") is is_sound


def _is_read(text: str) -> bool:
    try:
        read(text)
    except ConfigError:
        return False
    return True


SEED = f'{{"path": "a.txt", "rule": "paywall", "fingerprint": "{DIGEST}"}}'
DAMAGED = {
    "": f"b.jsonl:1: the file is empty, expected a baseline, whose first line is {HEADER}",
    "\n \n": "b.jsonl:1: the file is empty",
    "{}": f"b.jsonl:1: this is not a baseline, expected the line {HEADER}",
    "[]\n": "b.jsonl:1: this is not a baseline",
    '{\n  "schema_version": 1\n}\n': "b.jsonl:1: this is not JSON, expected a baseline, whose first line is",
    '{"format": "validator-baseline", "version": 2}\n': (
        "b.jsonl:1: the baseline has version 2, but this program reads 1: use a newer program"
    ),
    '{"format": "validator-baseline", "version": 0}\n': "b.jsonl:1: the first line of the baseline is damaged",
    '{"format": "validator-baseline", "version": true}\n': "b.jsonl:1: the first line of the baseline is damaged",
    '{"format": "validator-baseline"}\n': "b.jsonl:1: the first line of the baseline is damaged",
    f"{SEED}\n": "b.jsonl:1: this is not a baseline",
    "\n\nrule,path\n": "b.jsonl:3: this is not JSON, expected a baseline",
    f"{HEADER}\n\n{SEED[:40]}": "b.jsonl:3: this is not JSON, expected an entry of the baseline",
    f"{HEADER}\n<<<<<<< HEAD\n{SEED}\n=======\n>>>>>>> other\n": (
        "b.jsonl:2: this is a conflict marker of git: finish the merge"
    ),
    f"<<<<<<< HEAD\n{HEADER}\n": "b.jsonl:1: this is a conflict marker of git",
    f"{HEADER}\n{SEED}\n||||||| base\n": "b.jsonl:3: this is a conflict marker of git",
    f"{HEADER}\n{SEED}\n=======\n": "b.jsonl:3: this is a conflict marker of git",
    f"{HEADER}\n{SEED}\n>>>>>>> other": "b.jsonl:3: this is a conflict marker of git",
    f"{HEADER}\n": f"b.jsonl:1: the baseline is cut off here, expected its last line {FOOTER}",
    f"{HEADER}\n{SEED}\n{SEED}": "b.jsonl:3: the baseline is cut off here",
    f'{HEADER}\n{FOOTER[:-1]}, "path": "a"}}\n': "b.jsonl:2: expected an object",
    f"{HEADER}\n[1]\n": "b.jsonl:2: expected an object with path",
    f'{HEADER}\n{{"path": "a", "path": "b"}}\n': "b.jsonl:2: a key occurs twice",
    f'{HEADER}\n{{"path": ""}}\n': "b.jsonl:2: the path is wrong, expected the name of a seed",
    f'{HEADER}\n{{"path": "a", "sha256": "0"}}\n': "b.jsonl:2: the sha256 is wrong, expected 64 hexadecimal digits",
    f"{HEADER}\n{SEED.replace('paywall', 'Pay')}": "b.jsonl:2: the rule is wrong, expected the name of a rule",
    f"{HEADER}\n{SEED.replace(DIGEST, DIGEST[1:])}": "b.jsonl:2: the fingerprint is wrong, expected 64 hex",
    f'{HEADER}\n{SEED[:-1]}, "count": 0}}': "b.jsonl:2: the count is wrong, expected a whole number from 1",
    f'{HEADER}\n{{"path": "a.txt"}}\n{SEED[:-1]}, "count": 0}}': "b.jsonl:3: the count is wrong",
    f'{HEADER}\n{{"path": "a.txt"}}\n{SEED[:-1]}, "more": 0}}': "b.jsonl:3: expected an object",
    f'{HEADER}\n{SEED[:-1]}, "count": {"9" * 5000}}}': "b.jsonl:2: this is not JSON",
    f"{HEADER}\n{'[' * 100_000}\n": "b.jsonl:2: this is not JSON",
}


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_what_is_no_baseline_is_told_with_its_line(text: str) -> None:
    with pytest.raises(ConfigError) as told:
        read(text)
    assert str(told.value).startswith(DAMAGED[text])


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(ConfigError, match=r"^b\.jsonl:2: byte 0xff is not UTF-8, expected an entry of the baseline$"):
        read(HEADER.encode() + b'\n{"path": "\xff"}\n')
    with pytest.raises(ConfigError, match=r"^b\.jsonl:3: byte 0xff is not UTF-8"):
        read(HEADER.encode() + b'\n{"path": "a"}\n{"path": "a", "rule": "\xff"}\n')


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.binary().map(lambda data: b"%b\n%b\n%b" % (HEADER.encode(), data, FOOTER.encode()))
)
def test_any_bytes_are_a_baseline_or_a_config_error(data: bytes) -> None:
    with pytest.raises(ConfigError) if not _is_readable(data) else _nothing():
        read(data)


def _is_readable(data: bytes) -> bool:
    lines = [line.strip(b" \t\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    return [line for line in lines if line] == [HEADER.encode(), FOOTER.encode()]


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@pytest.mark.parametrize(("counts", "kept"), [((2, 3), 2), ((3, 2), 2), ((1, 5), 1), ((4, 4), 4)])
def test_of_two_counts_the_smaller_counts(counts: tuple[int, int], kept: int) -> None:
    lines = [f'{SEED[:-1]}, "count": {number}}}' for number in counts]
    assert size(read("\n".join([HEADER, lines[0], '{"path": "z"}', lines[1], FOOTER]))) == kept
    assert size(read("\n".join([HEADER, *lines, FOOTER]))) == kept


# --- setting aside ----------------------------------------------------------------------------------------------------

PLACE = Position(1, 1, 0, 0)


def finding(fingerprint: int, rule: str = "paywall", status: Status = Status.OPEN, **more: Any) -> Finding:
    return Finding(
        rule, "family", more.pop("severity", Severity.ERROR), "message", PLACE, PLACE,
        fingerprint=bytes([fingerprint]).hex() * 32, status=status, **more,
    )  # fmt: skip


def report(
    *findings: Finding, path: str = "a.txt", verdict: Verdict | None = Verdict.INVALID, digest: int = 0
) -> SeedReport:
    return SeedReport(path, "plain-text", verdict, sha256=bytes([digest]).hex() * 32, findings=findings)


def entry(fingerprint: int, rule: str = "paywall", times: int = 1) -> Entry:
    return Entry(rule, bytes([fingerprint]) * 32, times)


OPEN, ASIDE, ACCEPTED = Status.OPEN, Status.BASELINED, Status.ACCEPTED


@pytest.mark.parametrize(
    ("findings", "entries", "statuses"),
    [
        ([], [entry(1)], []),
        ([finding(1)], [], [OPEN]),
        ([finding(1)], [entry(1)], [ASIDE]),
        ([finding(1)], [entry(2)], [OPEN]),
        ([finding(1, "mixed-quotes")], [entry(1)], [OPEN]),
        ([finding(1), finding(2)], [entry(1)], [ASIDE, OPEN]),
        ([finding(1), finding(1)], [entry(1)], [ASIDE, OPEN]),
        ([finding(1), finding(1)], [entry(1, times=2)], [ASIDE, ASIDE]),
        ([finding(1), finding(1), finding(1)], [entry(1, times=2)], [ASIDE, ASIDE, OPEN]),
        ([finding(1, status=ACCEPTED)], [entry(1)], [ACCEPTED]),
        ([finding(1, status=ACCEPTED), finding(1)], [entry(1)], [ACCEPTED, ASIDE]),
    ],
)
def test_findings_are_set_aside_as_often_as_there_are_entries(
    findings: list[Finding], entries: list[Entry], statuses: list[Status]
) -> None:
    for verdict in Verdict:
        found = marked(report(*findings, verdict=verdict), entries)
        expected = statuses if verdict is not Verdict.UNCHECKED else [each.status for each in findings]
        assert [each.status for each in found.findings] == expected
        assert found.verdict is verdict


FINDINGS = st.lists(
    st.builds(finding, st.integers(0, 3), st.sampled_from(["paywall", "mixed-quotes"]), st.sampled_from([OPEN, ACCEPTED])),
    max_size=6,
)  # fmt: skip


@given(FINDINGS, FINDINGS, st.sampled_from(Verdict))
def test_marking_changes_nothing_but_what_is_open(
    findings: list[Finding], others: list[Finding], verdict: Verdict
) -> None:
    before = report(*findings, verdict=verdict)
    after = marked(before, found_in(report(*others)).entries)
    assert replace(after, findings=before.findings) == before
    for old, new in zip(before.findings, after.findings, strict=True):
        assert new == old or (old.status is OPEN and new == replace(old, status=ASIDE))


@given(FINDINGS)
def test_what_was_found_is_set_aside_whole(findings: list[Finding]) -> None:
    after = marked(report(*findings), found_in(report(*findings)).entries)
    assert OPEN not in [each.status for each in after.findings]
    assert Tally([after]).totals().baselined == sum(each.status is OPEN for each in findings)


UNIDENTIFIED = finding(1, "source-unidentified", whole=True)


@pytest.mark.parametrize(
    ("verdict", "findings", "known", "is_aside"),
    [
        (Verdict.UNIDENTIFIED, [UNIDENTIFIED], [entry(1, "source-unidentified")], True),
        (Verdict.UNIDENTIFIED, [UNIDENTIFIED, finding(2)], [entry(1, "source-unidentified")], False),
        (Verdict.UNIDENTIFIED, [UNIDENTIFIED, finding(2)], [entry(1, "source-unidentified"), entry(2)], True),
        (Verdict.UNIDENTIFIED, [UNIDENTIFIED, finding(2)], [entry(2)], False),
        (Verdict.UNIDENTIFIED, [finding(2)], [entry(2)], False),  # why it is unidentified is not shown
        (Verdict.UNIDENTIFIED, [], [entry(1, "source-unidentified")], False),
        (Verdict.UNIDENTIFIED, [replace(UNIDENTIFIED, status=ACCEPTED)], [], False),
        (Verdict.UNIDENTIFIED, [replace(UNIDENTIFIED, status=ACCEPTED), finding(2)], [entry(2)], True),
        (Verdict.MALFORMED, [UNIDENTIFIED], [entry(1, "source-unidentified")], False),
        (Verdict.MALFORMED, [finding(1, "front-matter-syntax")], [entry(1, "front-matter-syntax")], True),
        (Verdict.UNREADABLE, [finding(1, "unreadable-file")], [entry(1, "unreadable-file")], True),
        (Verdict.UNREADABLE, [finding(1, "undecodable")], [entry(1, "undecodable")], True),
        (Verdict.UNCHECKED, [finding(1, "unreadable-file")], [entry(1, "unreadable-file")], False),
    ],
)
def test_a_seed_that_was_not_judged_is_set_aside_only_with_the_reason(
    verdict: Verdict, findings: list[Finding], known: list[Entry], is_aside: bool
) -> None:
    assert is_set_aside(marked(report(*findings, verdict=verdict), known)) is is_aside


UNJUDGED = {
    "empty.txt": b"",
    "blank.txt": b"\n\n",
    "unknown.txt": b"A text that no schema knows anything about.\n",
    "broken.md": b'---\ntitle: "never closed\n---\nText.\n',
    "zeros.txt": b"\x00\xff\x00\xfe" * 40,
}


@pytest.mark.parametrize("name", UNJUDGED)
def test_the_reason_of_every_verdict_that_is_none_is_known(name: str) -> None:
    found = validator.validate(UNJUDGED[name], path=name)
    assert found.verdict not in (Verdict.VALID, Verdict.INVALID)
    assert is_set_aside(marked(found, found_in(found).entries))


# --- what the engine's fingerprints give -------------------------------------------------------------------------------

DIRTY = [
    'The keeper"s line came late.',
    "Trailing blanks stand here.  ",
    'She wrote “one" and left.',
    "A no-break\u00a0space.",
]
NEW = [f"The line number {number} says nothing that is wrong." for number in range(5)]


def judged(lines: Iterable[str]) -> SeedReport:
    return validator.validate("".join(f"{line}\n" for line in lines), source="plain-text", path="a.txt")


@given(st.lists(st.sampled_from([*DIRTY, *NEW]), min_size=1, max_size=8), st.data())
def test_lines_that_are_inserted_change_nothing(lines: list[str], data: st.DataObject) -> None:
    entries = found_in(judged(lines)).entries
    for line in data.draw(st.lists(st.sampled_from(NEW), max_size=20)):
        lines.insert(data.draw(st.integers(0, len(lines))), line)
    after = marked(judged(lines), entries)
    assert [each for each in after.findings if each.status is OPEN] == []
    assert Tally([after]).totals().baselined == sum(each.times for each in entries)


@given(st.integers(1, 6), st.data())
def test_one_mended_and_another_of_its_kind_is_seen(number: int, data: st.DataObject) -> None:
    lines = [f'Line {each} of the keeper"s came late.' for each in range(number)]
    comparison = _comparison({"a.txt": found_in(judged(lines))})
    at = data.draw(st.integers(0, number - 1))
    lines[at] = lines[at].replace('"', "'")
    lines.insert(data.draw(st.integers(0, number)), 'And one more of the writer"s.')
    after = comparison.marked(judged(lines))
    assert [each.rule for each in after.findings] == ["quote-for-apostrophe"] * number
    assert [each.status for each in after.findings].count(OPEN) == 1
    (missed,) = comparison.stale(lambda _: False)
    assert missed.entry in found_in(judged([f'Line {at} of the keeper"s came late.'])).entries


def test_fixing_one_and_adding_one_of_the_same_kind_in_the_same_seed() -> None:
    before = judged(['The keeper"s line came late.', "And more."])
    after = judged(["The keeper's line came late.", 'And the writer"s more.'])
    assert [each.rule for each in before.findings] == [each.rule for each in after.findings] == ["quote-for-apostrophe"]
    comparison = _comparison({"a.txt": found_in(before)})
    assert [each.status for each in comparison.marked(after).findings] == [OPEN]
    assert [each.entry.rule for each in comparison.stale(lambda _: False)] == ["quote-for-apostrophe"]


def test_fifty_lines_above_and_one_more_of_the_same() -> None:
    line = 'The keeper"s line came late.'
    comparison = _comparison({"a.txt": found_in(judged([line]))})
    after = comparison.marked(judged([*NEW * 10, line, line]))
    assert [each.status for each in after.findings] == [ASIDE, OPEN]
    assert comparison.stale(lambda _: False) == []


# --- renamed seeds ----------------------------------------------------------------------------------------------------


def formers(
    baseline: Baseline, there: Iterable[str] = (), told: Mapping[str, str] | None = None, git: Iterable[tuple[str, str]] = ()
) -> Formers:  # fmt: skip
    names = {*there}
    return Formers(baseline, lambda name: name in names, told or {}, lambda: git)


def _comparison(baseline: Baseline, there: Iterable[str] = (), **more: Any) -> Comparison:
    return Comparison(baseline, formers(baseline, there, **more), lambda path, rule: rule != "not-shown")


def known(*entries: Entry, digest: int = 0) -> Known:
    return Known((bytes([digest]) * 32,), tuple(sorted(entries)))


BEFORE = {"a": known(entry(1), digest=1), "b": known(entry(1), digest=1), "c": known(entry(1), digest=2)}


@pytest.mark.parametrize(
    ("there", "told", "git", "seeds", "expected"),
    [
        ("abc", {}, [], [("n", 1)], [None]),  # a copy
        ("bc", {}, [], [("n", 1)], ["a"]),
        ("bc", {}, [], [("n", 1), ("o", 1)], ["a", None]),  # renamed, and copied
        ("c", {}, [], [("n", 1), ("o", 1), ("p", 1)], ["a", "b", None]),
        ("bc", {}, [], [("n", 2)], [None]),
        ("bc", {}, [("n", "a")], [("n", 9)], ["a"]),
        ("abc", {}, [("n", "a")], [("n", 9)], [None]),
        ("bc", {"n": "a"}, [], [("n", 9)], ["a"]),
        ("abc", {"n": "a"}, [], [("n", 1)], [None]),
        ("bc", {"n": "x"}, [("n", "y"), ("n", "a")], [("n", 9)], ["a"]),
        ("b", {"n": "c"}, [("n", "a")], [("n", 1), ("o", 1)], ["c", "a"]),  # what the run knows comes first
        ("bc", {}, [("o", "a")], [("n", 1), ("o", 9)], ["a", None]),
        ("", {}, [("n", "c")], [("n", 9), ("o", 1), ("p", 2)], ["c", "a", None]),
    ],
)
def test_what_a_seed_was_called_before(
    there: str, told: dict[str, str], git: list[tuple[str, str]], seeds: list[tuple[str, int]], expected: list[str | None]
) -> None:  # fmt: skip
    asked = formers(BEFORE, there, told, git)
    assert [asked.former(name, [bytes([digest]) * 32]) for name, digest in seeds] == expected


def test_git_is_asked_once_and_only_where_it_can_know_something() -> None:
    calls = []

    def ask() -> list[tuple[str, str]]:
        calls.append(1)
        return []

    there = Formers(BEFORE, lambda name: True, {}, ask)
    assert there.former("n", [b"x"]) is None
    assert there.gone_for_good([], lambda _: True) == []
    by_content = Formers(BEFORE, lambda name: False, {}, ask)
    assert by_content.former("n", [bytes([2]) * 32]) == "c"
    assert calls == []
    assert by_content.former("o", [b"x"]) is None
    assert by_content.gone_for_good([], lambda _: True) == ["a", "b"]
    assert calls == [1]


# --- what matches nothing any more -------------------------------------------------------------------------------------

UNSHOWN = entry(7, "not-shown")


def test_what_matches_nothing_any_more() -> None:
    baseline = {
        "changed": known(entry(1), entry(2, times=3), UNSHOWN), "gone": known(entry(1)), "elsewhere": known(entry(1)),
        "folder/gone": known(entry(1)), "moved": known(entry(4), entry(5)), "broken": known(entry(1), entry(2)),
        "unread": known(entry(1)), "not judged": known(entry(1)), "accepted": known(entry(1)), "left": known(entry(6)),
    }  # fmt: skip
    comparison = _comparison(
        baseline, ["changed", "broken", "unread", "not judged", "accepted", "new/left"], told={"new": "moved"},
        git=[("new/left", "left")],
    )  # fmt: skip
    for each in (
        report(finding(2), path="changed"), report(finding(5), path="new"), report(path="fresh"),
        report(finding(1), path="broken", verdict=Verdict.MALFORMED), report(path="unread", verdict=Verdict.UNCHECKED),
        report(finding(1, status=ACCEPTED), path="accepted"),
    ):  # fmt: skip
        comparison.marked(each)
    always = [("accepted", 1), ("changed", 1), ("changed", 2), ("moved", 4)]
    stale = comparison.stale(lambda _: False)
    assert [(each.path, each.entry.fingerprint[0]) for each in stale] == always
    assert stale[2].entry.times == 2
    gone = [each.path for each in comparison.stale(lambda name: "/" not in name and name != "elsewhere")]
    assert gone == ["accepted", "changed", "changed", "gone", "moved"]


def test_an_empty_baseline_looks_at_nothing() -> None:
    def fail(*_: object) -> Any:
        raise AssertionError

    comparison = Comparison({}, Formers({}, fail, {}, fail), fail)
    seed = report(finding(1))
    assert comparison.marked(seed) is seed
    assert comparison.stale(lambda _: True) == []


# --- updates ----------------------------------------------------------------------------------------------------------


def revise(baseline: Baseline, *reports: SeedReport, adds: bool, there: Iterable[str] = (), git: Any = ()) -> Baseline:
    found = {each.path: (found_in(each), each.verdict) for each in reports}
    names = [*there, *found]
    return revised(
        baseline, found, formers(baseline, names, git=git), lambda _, rule: rule != "not-shown",
        lambda name: not name.startswith("other/"), adds=adds,
    )  # fmt: skip


OLD = {
    "a": known(entry(1), entry(2, times=2), UNSHOWN, digest=1),
    "gone": known(entry(1), UNSHOWN, digest=9),
    "other/gone": known(entry(1), digest=8),
    "there": known(entry(1), digest=7),
}


@pytest.mark.parametrize(
    ("reports", "updated", "pruned"),
    [
        (
            [report(finding(2), finding(3), path="a", digest=5)],
            {"a": known(entry(2), entry(3), UNSHOWN, digest=5)},
            {"a": known(entry(2), UNSHOWN, digest=1)},
        ),
        ([report(path="a", digest=5)], {"a": known(UNSHOWN, digest=5)}, {"a": known(UNSHOWN, digest=1)}),
        ([report(finding(3), path="n")], {"a": OLD["a"], "n": known(entry(3))}, {"a": OLD["a"]}),
        (
            [report(finding(1), finding(3), path="n", digest=9)],
            {"a": OLD["a"], "n": known(entry(1), entry(3), UNSHOWN, digest=9)},
            {"a": OLD["a"], "gone": OLD["gone"]},
        ),
        (
            [report(finding(1), path="a", digest=5, verdict=Verdict.MALFORMED)],
            {"a": known(entry(1), UNSHOWN, digest=5)},
            {"a": OLD["a"]},
        ),
        ([report(finding(1, status=ACCEPTED), path="a")], {"a": known(UNSHOWN)}, {"a": known(UNSHOWN, digest=1)}),
    ],
)
def test_an_update_writes_what_is_found_and_pruning_takes_out_only(
    reports: list[SeedReport], updated: Baseline, pruned: Baseline
) -> None:
    always = {name: OLD[name] for name in ("other/gone", "there")}
    assert revise(OLD, *reports, adds=True, there=["a", "there"]) == {**updated, **always}
    assert revise(OLD, *reports, adds=False, there=["a", "there"]) == {**pruned, **always}


def unlike(baseline: Baseline, found: dict[str, list[Finding]]) -> tuple[Baseline, list[SeedReport]]:
    """A baseline and reports in which a seed has the bytes of another only where it may be that other, renamed: equal bytes have
    equal findings, which these have not.
    """
    reports = [
        report(*findings, path=path, digest=number if path not in baseline else 100 + number)
        for number, (path, findings) in enumerate(found.items())
    ]
    digests = (bytes([number]) * 32 for number in range(len(baseline)))
    return {
        path: Known((digest,), baseline[path].entries) for path, digest in zip(baseline, digests, strict=True)
    }, reports


@given(BASELINES, st.dictionaries(NAMES, FINDINGS, max_size=5), st.booleans())
def test_a_second_revision_changes_nothing(baseline: Baseline, found: dict[str, list[Finding]], adds: bool) -> None:
    baseline, reports = unlike(baseline, found)
    once = revise(baseline, *reports, adds=adds)
    assert write_baseline(revise(once, *reports, adds=adds)) == write_baseline(once)
    assert read(write_baseline(once)) == once
    if adds:
        for each in reports:
            after = marked(each, once[each.path].entries if each.path in once else ())
            assert OPEN not in [finding.status for finding in after.findings]
    else:
        assert size(once) <= size(baseline)


@given(BASELINES, st.dictionaries(NAMES, FINDINGS, max_size=5))
def test_after_pruning_nothing_is_stale(baseline: Baseline, found: dict[str, list[Finding]]) -> None:
    baseline, reports = unlike(baseline, found)
    comparison = _comparison(revise(baseline, *reports, adds=False), found)
    for each in reports:
        comparison.marked(each)
    assert comparison.stale(lambda name: not name.startswith("other/")) == []


# --- merges -----------------------------------------------------------------------------------------------------------

GONE, FRESH, EDITED, KEPT = "gone", "fresh", "edited", "kept"


@st.composite
def branches(draw: st.DrawFn) -> tuple[Baseline, Baseline, Baseline, Baseline]:
    """A baseline, what two branches make of it, and both together. They touch different seeds; where one adds or takes out a
    whole seed, some seed that stays lies between that and another that is added or taken out by the other.
    """
    base: Baseline = {}
    both: Baseline = {}
    sides: tuple[Baseline, Baseline] = ({}, {})
    last: int | None = None
    for number in range(draw(st.integers(1, 10))):
        path = f"seeds/{number:02}.txt"
        side, what = draw(st.integers(0, 1)), draw(st.sampled_from([GONE, FRESH, EDITED, KEPT, EDITED]))
        if what in (GONE, FRESH):
            what = KEPT if last == 1 - side else what
        last = side if what in (GONE, FRESH) else None
        old = draw(KNOWN)
        new = draw(KNOWN) if what in (EDITED, FRESH) else old
        if what != FRESH:
            base[path] = sides[1 - side][path] = old
        else:
            sides[1 - side].pop(path, None)
        if what != GONE:
            sides[side][path] = both[path] = new
    return base, *sides, both


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(branches())
def test_git_merges_what_two_branches_make_of_different_seeds(
    branches: tuple[Baseline, Baseline, Baseline, Baseline],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("base", "ours", "theirs")]
        for path, baseline in zip(paths, branches[:3], strict=True):
            path.write_bytes(write_baseline(baseline))
        done = subprocess.run(
            ["git", "merge-file", "-p", paths[1], paths[0], paths[2]], capture_output=True, check=False, cwd=folder
        )
    assert done.returncode == 0, done.stdout.decode()
    assert done.stdout == write_baseline(branches[3])


# --- the command line -------------------------------------------------------------------------------------------------

PLAIN = '[[overrides]]\npaths = ["plain/**"]\nsource = "plain-text"\n'
BAD = 'The keeper"s line came late.\n'
MENDED = "The keeper's line came late.\n"
WORSE = "She came late.  \n" + BAD
NAME = "validator-baseline.jsonl"
FILE = f"--baseline {NAME}"
CHECK = f"validate {FILE} ."


@pytest.fixture
def archive(workplace: Path) -> Path:
    """An archive of plain texts."""
    put("validator.toml", PLAIN)
    return workplace


def baseline() -> Baseline:
    return read(Path(NAME).read_bytes())


def rules_of(path: str) -> list[str]:
    return [each.rule for each in baseline()[path].entries] if path in baseline() else []


def test_an_old_archive_is_adopted(program: Program, archive: Path) -> None:
    put("plain/a.txt", WORSE)
    put("plain/b.txt", MENDED)
    for name, seed in UNJUDGED.items():
        put(f"mixed/{name}", seed)
    assert program("validate .").code == 1
    done = program("baseline create")
    assert (done.code, done.err) == (0, "")
    assert done.lines()[0] == "validator-baseline.jsonl: 9 findings of 6 seeds set aside"
    assert done.lines()[1] == "  7 errors, 2 warnings"
    assert "source-unidentified" in done.out
    assert "Nothing was repaired." in done.out
    assert max(map(len, done.lines())) <= 80
    done = program(CHECK)
    assert (done.code, done.err) == (0, "")
    assert "9 findings known from the baseline, not listed" in done.out
    assert "Findings: none" in done.out
    first = Path(NAME).read_bytes()
    assert program("baseline create --force -q") == Done(0, "", "")
    assert Path(NAME).read_bytes() == first
    assert program("baseline update -q") == Done(0, "", "")
    assert program("baseline prune -q") == Done(0, "", "")
    assert Path(NAME).read_bytes() == first


def test_verdicts_stay_what_they_are(program: Program) -> None:
    put("plain/a.txt", WORSE)
    for name, seed in UNJUDGED.items():
        put(f"mixed/{name}", seed)
    verdicts = {path: seed["verdict"] for path, seed in program("validate . --format json").seeds().items()}
    assert program("baseline create -q").code == 0
    assert {path: seed["verdict"] for path, seed in program(f"{CHECK} --format json").seeds().items()} == verdicts


@pytest.mark.parametrize(
    ("seed", "code", "said"),
    [
        (MENDED, 0, "1 finding known from the baseline is not there any more:\n  plain/a.txt: quote-for-apostrophe\n"),
        ("One line above.\n" * 50 + BAD, 0, ""),
        (BAD + BAD, 1, ""),
        (WORSE, 0, ""),  # a warning more
        (MENDED + 'The writer"s came late too.\n', 1, "1 finding known from the baseline is not there"),
    ],
)
def test_only_what_is_new_counts(program: Program, seed: str, code: int, said: str) -> None:
    put("plain/a.txt", BAD)
    assert program("baseline create -q").code == 0
    put("plain/a.txt", seed)
    done = program(CHECK)
    assert done.code == code
    assert (said in done.err) if said else done.err == ""
    assert program(f"{CHECK} --strict-baseline").code == max(code, bool(said))
    assert program(f"{CHECK} --quiet").err == ""
    assert (said in program(f"{CHECK} --quiet --strict-baseline").err) is True
    assert program(f"validate . {FILE} --fail-on warning").code == (1 if seed == WORSE else code)
    assert program("validate . --no-baseline").code == (seed != MENDED)


STALE = {
    1: (
        "1 finding known from the baseline is not there any more:\n  plain/gone.txt: quote-for-apostrophe\n"
        "`validator baseline prune` takes it out of validator-baseline.jsonl\n"
    ),
    2: (
        "2 findings known from the baseline are not there any more:\n  plain/a.txt: quote-for-apostrophe\n"
        "  plain/gone.txt: quote-for-apostrophe\n`validator baseline prune` takes them out of validator-baseline.jsonl\n"
    ),
}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (".", 2), ("plain", 2), ("plain/sub", 0), ("plain/sub/a.txt", 0), ("plain/b.txt", 0), ("plain/seeds.meta.yaml", 2),
        ("..", 2), ("../archive/plain/", 2), ("--ignore quotes .", 1), ("--select whitespace .", 1), ("--select quotes .", 2),
    ],
)  # fmt: skip
def test_only_what_a_run_could_see_is_missed(program: Program, arguments: str, said: int) -> None:
    for name in ("a", "b", "gone", "sub/a"):
        put(f"plain/{name}.txt", BAD)
    put("plain/seeds.meta.yaml", "seeds:\n- files: [none.txt]\n")
    assert program("baseline create -q").code == 0
    put("plain/a.txt", MENDED)
    Path("plain/gone.txt").unlink()
    done = program(f"validate {FILE} --strict-baseline {arguments}")
    # The folder above holds the test's git configuration as well, which is told.
    told = [line for line in done.err.splitlines(keepends=True) if "gitconfig" not in line]
    assert "".join(told) == STALE.get(said, "")
    assert done.code == bool(said)


def test_many_that_are_missed_are_counted(program: Program) -> None:
    put("plain/0.txt", "".join(f"Blanks at line {number}.  \n" for number in range(1200)))
    for number in range(1, 9):
        put(f"plain/{number}.txt", BAD)
    assert program("baseline create -q").code == 0
    for path in Path("plain").iterdir():
        path.write_text(MENDED)
    lines = program(CHECK).err.splitlines()
    assert lines[0] == "1,208 findings known from the baseline are not there any more:"
    assert lines[1:3] == ["  plain/0.txt: trailing-whitespace (1,200)", "  plain/1.txt: quote-for-apostrophe"]
    assert lines[6:] == ["  and 4 more", "`validator baseline prune` takes them out of validator-baseline.jsonl"]


def test_what_the_configuration_says(program: Program, archive: Path) -> None:
    put("plain/a.txt", BAD)
    settings = f'baseline = "known/of.jsonl"\nstrict-baseline = true\n{PLAIN}'
    (archive / "validator.toml").write_text(settings)
    missing = "validator: known/of.jsonl: there is no such baseline; `validator baseline create` makes one\n"
    assert program("validate .") == Done(2, "", missing)
    assert program("baseline update") == Done(2, "", missing)
    assert (
        program("baseline create").err == "validator: known/of.jsonl: it cannot be written: no such file or directory\n"
    )
    (archive / "known").mkdir()
    assert "known/of.jsonl: 1 finding of 1 seed set aside" in program("baseline create").out
    assert program("validate .").code == 0
    assert program("validate . --no-baseline").code == program("validate . --no-config --source plain-text").code == 1
    (archive / "plain" / "sub").mkdir()
    os.chdir(archive / "plain" / "sub")  # it is relative to the root
    assert program("validate ..").code == 0
    put("../a.txt", MENDED)
    assert program("validate ..").code == 1
    assert program("baseline prune").out.startswith(
        "known/of.jsonl: 0 findings added, 1 removed; 0 findings of 0 seeds set"
    )
    assert program("validate ..") == Done(0, program("validate ..").out, "")


USAGE = {
    "validate . --baseline none.jsonl": "none.jsonl: there is no such baseline; `validator baseline create` makes one",
    "validate . --baseline other.jsonl": "other.jsonl:1: this is not a baseline, expected the line",
    "validate . --baseline conflict.jsonl": "conflict.jsonl:3: this is a conflict marker of git: finish the merge",
    "validate . --baseline newer.jsonl": "newer.jsonl:1: the baseline has version 9, but this program reads 1",
    "validate . --baseline plain/../pipe": "pipe: the baseline cannot be read: it is a named pipe, expected a file",
    "validate . --strict-baseline": "--strict-baseline goes with a baseline: name it with --baseline FILE",
    "validate . --baseline a --no-baseline": "--baseline and --no-baseline were both given",
    "validate . --no-baseline --strict-baseline": "--strict-baseline goes with a baseline",
    "baseline update": "validator-baseline.jsonl: there is no such baseline",
    "baseline prune --baseline conflict.jsonl": "conflict.jsonl:3: this is a conflict marker",
    "baseline create --output other.jsonl": "other.jsonl: there is a baseline already: `validator baseline update` brings",
    "baseline create -": "a baseline is about files: standard input has none",
    "baseline create no-such-folder": "not found: no-such-folder; nothing was checked",
    "baseline create --output no/where.jsonl": "no/where.jsonl: it cannot be written: no such file or directory",
    "baseline create --select no-such-rule": 'no rule or family is called "no-such-rule"',
}


@pytest.mark.parametrize("line", USAGE)
def test_what_is_no_baseline_stops_the_run(program: Program, archive: Path, line: str) -> None:
    put("plain/a.txt", BAD)
    put("other.jsonl", '{"type": "summary"}\n')
    put("conflict.jsonl", f"{HEADER}\n\n<<<<<<< HEAD\n=======\n>>>>>>> other\n{FOOTER}\n")
    put("newer.jsonl", HEADER.replace("1", "9"))
    os.mkfifo("pipe")
    before = {path: path.read_bytes() for path in archive.rglob("*.*") if path.is_file()}
    done = program(line)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"validator: {USAGE[line]}")
    assert {path: path.read_bytes() for path in archive.rglob("*.*") if path.is_file()} == before


@pytest.mark.parametrize("command", ["create --force", "update", "prune"])
def test_nothing_is_written_where_the_program_failed(
    program: Program, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    put("plain/a.txt", BAD)
    assert program("baseline create -q").code == 0
    before = Path(NAME).read_bytes()
    put("plain/a.txt", MENDED)
    put("plain/b.txt", BAD)

    def check(data: bytes, sources: Any, *, path: str, **named: Any) -> SeedReport:
        if path == "plain/b.txt":
            raise RuntimeError("it fell over")
        return check_seed(data, sources, path=path, **named)

    monkeypatch.setattr("validator.archive.opening.check_seed", check)
    done = program(f"baseline {command}")
    assert (done.code, done.out) == (3, "")
    assert "plain/b.txt: unchecked: RuntimeError: it fell over" in done.err
    assert "nothing was written" in done.err
    assert Path(NAME).read_bytes() == before
    assert program(CHECK).code == 3


def test_an_update_of_some_seeds_leaves_the_others(program: Program) -> None:
    for name in "abc":
        put(f"plain/{name}.txt", BAD)
    assert program("baseline create -q").code == 0
    put("plain/a.txt", WORSE)
    put("plain/b.txt", MENDED)
    put("plain/c.txt", MENDED)
    put("plain/d.txt", BAD)
    done = program("baseline update plain/a.txt plain/b.txt")
    assert (done.code, done.err) == (0, "")
    assert done.out == ("validator-baseline.jsonl: 1 finding added, 1 removed; 3 findings of 2 seeds set\naside\n")
    assert rules_of("plain/a.txt") == ["quote-for-apostrophe", "trailing-whitespace"]
    assert list(baseline()) == ["plain/a.txt", "plain/c.txt"]
    done = program("baseline prune")
    assert done.out.startswith("validator-baseline.jsonl: 0 findings added, 1 removed; 2 findings of 1 seed")
    assert list(baseline()) == ["plain/a.txt"]
    done = program("baseline update")
    assert list(baseline()) == ["plain/a.txt", "plain/d.txt"]
    once = Path(NAME).read_bytes()
    assert program("baseline create --force -q").code == 0
    assert Path(NAME).read_bytes() == once


def test_rules_that_are_not_shown_keep_their_entries(program: Program) -> None:
    put("plain/a.txt", WORSE)
    assert program("baseline create -q").code == 0
    put("plain/a.txt", MENDED)
    for command in ("prune", "update"):
        assert program(f"baseline {command} --select whitespace -q").code == 0
        assert rules_of("plain/a.txt") == ["quote-for-apostrophe"]
    assert program("baseline create --force -q --ignore quotes").code == 0
    assert baseline() == {}


def test_a_rule_that_is_no_more_is_not_waited_for(program: Program) -> None:
    put("plain/a.txt", BAD)
    assert program("baseline create -q").code == 0
    put(NAME, Path(NAME).read_text().replace("quote-for-apostrophe", "no-such-rule"))
    done = program(CHECK)
    assert done.code == 1
    assert "plain/a.txt: no-such-rule" in done.err
    assert program("baseline prune -q").code == 0
    assert baseline() == {}


def test_create_says_what_it_cannot_set_aside(program: Program) -> None:
    put("unknown.txt", UNJUDGED["unknown.txt"].rstrip())
    done = program("baseline create --select whitespace")
    assert done.code == 0
    assert "1 seed that could not be judged still makes a run fail" in " ".join(done.out.split())
    assert program(f"{CHECK} --select whitespace").code == program(CHECK).code == 1
    assert program("baseline update -q").code == 0
    assert program(f"{CHECK} --select whitespace").code == 1  # the reason is known, and not shown
    assert program(CHECK).code == 0


def test_two_at_once_lose_nothing(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        put(f"plain/{name}.txt", BAD)
    assert program("baseline create -q").code == 0
    for name in "ab":
        put(f"plain/{name}.txt", WORSE)

    @contextmanager
    def late(folder: Path) -> Iterator[None]:
        """Let another run have done all its work when the lock is free at last."""
        assert folder == Path.cwd()
        assert in_a_process("baseline", "update", "plain/b.txt").code == 0
        with held(folder):
            yield

    monkeypatch.setattr("validator.cli.commands.baseline.held", late)
    assert program("baseline update plain/a.txt -q").code == 0
    assert rules_of("plain/a.txt") == rules_of("plain/b.txt") == ["quote-for-apostrophe", "trailing-whitespace"]


HOSTILE = [
    b"a\xff\xfe.txt",
    "中文 文章.txt".encode(),
    b"new\nline.txt",
    b"-.txt",
    "\u202e\x1b[31m.txt".encode(),
    b'"{.txt',
    b":(top).txt",
]


def test_names_of_every_kind(program: Program, archive: Path) -> None:
    git(".", "init", "-q")
    for name in HOSTILE:
        put(os.fsdecode(b"plain/" + name), BAD)
    assert program("baseline create -q").code == 0
    assert sorted(baseline()) == sorted(os.fsdecode(b"plain/" + name) for name in HOSTILE)
    assert all(line.isprintable() for line in Path(NAME).read_text("utf-8").split("\n"))
    assert program(CHECK).code == 0
    for name in HOSTILE:  # each is renamed, with git, and edited
        seed = os.fsdecode(b"plain/" + name)
        put(seed, BAD + "".join(f"The line of {number} stands in {name!r}.\n" for number in range(9)))
    assert program("baseline update -q").code == 0
    git(".", "add", ".")
    git(".", "commit", "-qm", "one")
    for name in HOSTILE:
        git(".", "mv", os.fsdecode(b"plain/" + name), os.fsdecode(b"plain/un-" + name))
        put(os.fsdecode(b"plain/un-" + name), Path(os.fsdecode(b"plain/un-" + name)).read_bytes() + b"And more.\n")
    done = program(f"{CHECK} --strict-baseline")
    assert (done.code, done.err) == (0, "")
    assert program("baseline update").out.startswith(
        "validator-baseline.jsonl: 0 findings added, 0 removed, 7 seeds renamed"
    )
    assert sorted(baseline()) == sorted(os.fsdecode(b"plain/un-" + name) for name in HOSTILE)


LONG = BAD + "".join(f"The line of number {number} stands here and says nothing.\n" for number in range(9))
CHANGES = {
    "moved": (["mv plain/a.txt plain/new.txt"], 0),
    "moved elsewhere": (["mkdir -p plain/x", "mv plain/a.txt plain/x/new.txt"], 0),
    "copied": (["cp plain/a.txt plain/new.txt"], 1),
    "moved and edited": (["mv plain/a.txt plain/new.txt", "echo More. >> plain/new.txt"], 1),  # nobody can know
    "moved by git, edited": (["git mv plain/a.txt plain/new.txt", "echo More. >> plain/new.txt"], 0),
    "moved by git, edited, staged": (
        ["git mv plain/a.txt plain/new.txt", "echo More. >> plain/new.txt", "git add ."], 0,
    ),
    "moved, edited, committed": (
        ["git mv plain/a.txt plain/new.txt", "echo More. >> plain/new.txt", "git commit -qam two"], 0,
    ),
    "moved and edited twice, committed between": (
        [
            "git mv plain/a.txt plain/b.txt", "echo More. >> plain/b.txt", "git commit -qam two",
            "git mv plain/b.txt plain/c.txt", "echo More. >> plain/c.txt",
        ], 0,
    ),
    "moved and made worse": (["git mv plain/a.txt plain/new.txt", "echo 'The writer\"s.' >> plain/new.txt"], 1),
    "copied by git, edited": (["cp plain/a.txt plain/new.txt", "echo More. >> plain/new.txt", "git add ."], 1),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_renamed_seed_keeps_what_it_had(program: Program, archive: Path, change: str) -> None:
    commands, code = CHANGES[change]
    git(".", "init", "-q")
    put("plain/a.txt", LONG)
    put("plain/other.txt", MENDED)
    assert program("baseline create -q").code == 0
    git(".", "add", ".")
    git(".", "commit", "-qm", "one")
    put("other.txt", "Another commit.\n")
    git(".", "commit", "-qm", "one and a half", "--allow-empty")
    Path("other.txt").unlink()
    for command in commands:
        subprocess.run(["sh", "-c", command], check=True)
    done = program(CHECK)
    assert done.code == code
    if code == 0:
        assert done.err == ""
        assert program(f"validate {FILE} plain --strict-baseline").code == 0
        before = Path(NAME).read_bytes()
        assert program("baseline prune -q").code == 0
        assert Path(NAME).read_bytes() == before  # it follows, and stays where it was
        assert "0 findings added, 0 removed, 1 seed renamed; 1 finding of" in " ".join(
            program("baseline update").out.split()
        )
        assert list(baseline()) != ["plain/a.txt"]
        assert program(f"{CHECK} --strict-baseline").code == 0


def test_what_was_renamed_out_of_the_folder_is_not_missed(program: Program, archive: Path) -> None:
    git(".", "init", "-q")
    for name in ("one/a", "one/b", "two/c"):
        put(f"plain/{name}.txt", f"{LONG}{name}\n")
    assert program("baseline create -q").code == 0
    git(".", "add", ".")
    git(".", "commit", "-qm", "one")
    git(".", "mv", "plain/one/a.txt", "plain/two/a.txt")
    put("plain/two/a.txt", LONG + "one/a, edited\n")
    assert program(f"validate {FILE} plain/one --strict-baseline").code == 0
    assert program("baseline prune plain/one -q").code == 0
    assert "plain/one/a.txt" in baseline()
    assert program(f"validate {FILE} plain --strict-baseline").code == 0
    git(".", "rm", "-qf", "plain/two/a.txt")
    assert program(f"validate {FILE} plain/one --strict-baseline").code == 1


def test_what_is_staged_is_held_against_the_baseline_that_is_staged(program: Program, archive: Path) -> None:
    git(".", "init", "-q")
    (archive / "validator.toml").write_text(f'baseline = "{NAME}"\n{PLAIN}')
    for name in "abcd":
        put(f"plain/{name}.txt", LONG + f"{name}\n" * 9)
    assert program("baseline create -q").code == 0
    git(".", "add", ".")
    git(".", "commit", "-qm", "one")
    git(".", "mv", "plain/a.txt", "plain/new.txt")
    git(".", "rm", "-q", "plain/d.txt")  # what is gone is missed when the folder is checked
    put("plain/new.txt", LONG + "a\n" * 9 + "More.\n")
    put("plain/b.txt", LONG.replace('"', "'"))
    git(".", "add", ".")
    Path("plain/c.txt").unlink()  # that is not staged
    done = program("validate --staged --format json")
    assert (done.code, sorted(done.seeds())) == (0, ["plain/b.txt", "plain/new.txt"])
    assert done.err.startswith("1 finding known from the baseline is not there any more:\n  plain/b.txt: quote")
    assert program("validate --staged plain").err == done.err
    put(NAME, f"{HEADER}\n{FOOTER}\n")
    assert program("validate --staged").code == 0  # it is empty on the disk only
    git(".", "add", NAME)
    assert program("validate --staged").code == 1
    git(".", "checkout", "-q", "HEAD", NAME)
    git(".", "commit", "-qm", "two")
    put(NAME, f"{HEADER}\n")
    assert program("validate --since HEAD~1").code == 2
    git(".", "checkout", "-q", NAME, "plain/c.txt")
    done = program("validate --since HEAD~1 --strict-baseline")
    assert (done.code, done.err.splitlines()[1:2]) == (1, ["  plain/b.txt: quote-for-apostrophe"])


@pytest.mark.parametrize("union", [False, True])
def test_git_merges_two_branches(program: Program, archive: Path, union: bool) -> None:
    git(".", "init", "-q", "-b", "main")
    if union:
        put(".gitattributes", f"{NAME} merge=union\n")
    names = [f"plain/{name}.txt" for name in "abcdef"]
    for name in names:
        put(name, WORSE)
    assert program("baseline create -q").code == 0
    git(".", "add", ".")
    git(".", "commit", "-qm", "one")
    for branch, changed in (("ours", names[0::2]), ("theirs", names[1::2])):
        git(".", "checkout", "-qb", branch, "main")
        for name in changed:
            put(name, BAD if name != "plain/c.txt" else WORSE + "More blanks.  \n")
        if union:  # in one place both: only so can they meet
            put(f"plain/new-{branch}.txt", WORSE if branch == "ours" else BAD)
        assert program("baseline update -q").code == 0
        git(".", "add", ".")
        git(".", "commit", "-qm", branch)
    git(".", "merge", "-q", "ours", "-m", "both")
    merged = Path(NAME).read_bytes()
    assert program(f"{CHECK} --strict-baseline").code == 0
    assert program("baseline create --force -q").code == 0
    assert read(merged) == baseline()
    assert union or Path(NAME).read_bytes() == merged


# --- formats ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_counts_what_is_set_aside(program: Program, format_: str) -> None:
    put("plain/a.txt", WORSE)
    assert program("baseline create -q").code == 0
    put("plain/a.txt", WORSE + 'The writer"s came late.\n')
    done = program(f"{CHECK} --format {format_}")
    assert done.code == 1
    in_text = done.out.count("error  quote-for-apostrophe") + done.out.count("trailing-whitespace")
    assert (in_text if format_ == "text" else len(READERS[format_](done.out))) == 1
    assert set_aside(format_, done.out) in (2, None)


def set_aside(format_: str, report: str) -> int | None:
    """How many findings are marked as known; None where a format shows open ones only."""
    if format_ == "text":
        assert "2 findings known from the baseline, not listed" in report
        return 2
    if format_ == "sarif":
        states = [each["baselineState"] for each in json.loads(report)["runs"][0]["results"]]
        assert states.count("new") == 1
        return states.count("unchanged")
    if format_ == "html":
        report = report.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
        return [each.get("status") for seed in json.loads(report) for each in seed["findings"]].count("baselined")
    if format_ == "json":
        document = json.loads(report)
        statuses = [each["status"] for seed in document["seeds"] for each in seed["findings"]]
        assert document["summary"]["baselined"] == statuses.count("baselined")
        assert sum(document["summary"]["findings"].values()) == statuses.count("open")
        return statuses.count("baselined")
    if format_ == "jsonl":
        entries = [json.loads(line) for line in report.splitlines()]
        statuses = [each["status"] for each in entries if each["type"] == "finding"]
        assert entries[-1]["baselined"] == statuses.count("baselined")
        return statuses.count("baselined")
    return None
