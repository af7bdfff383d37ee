"""What measures speed: the archives are what they are said to be, the arithmetic is right, the page says what was measured.

Nothing here depends on how long anything takes.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml

import validator
from benchmarks import archive, posts, speed, speed_page
from benchmarks.archive import KINDS, Document, documents, read_marker, words_of, write_archive
from benchmarks.passages import INJECTORS
from benchmarks.speed import Bench, MeasureError, Plan
from benchmarks.speed_page import BEGIN, END, Comparison, Growth, Results, Row, Sample, Spread
from validator.defects import Base, Given
from validator.rules import RULES
from validator.text.findings import SeedReport, Severity

TODAY = date(2026, 11, 22)
PAGE = speed.PAGE


def judged(document: Document) -> SeedReport:
    return validator.validate(document.content, path=document.path, sidecar=document.sidecar, today=TODAY)


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- archives ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_number_gives_the_same_bytes_and_another_gives_others(kind: str) -> None:
    first = list(documents(kind, 120, 0.2, 7))
    words_of.cache_clear()
    assert list(documents(kind, 120, 0.2, 7)) == first
    assert not {each.content for each in documents(kind, 120, 0.0, 8)} & {each.content for each in first}


@pytest.mark.parametrize("kind", KINDS)
def test_valid_seeds_are_valid_and_have_no_finding_but_those_that_are_said(kind: str) -> None:
    for document in documents(kind, 60, 0.0, 3):
        report = judged(document)
        # A copied post without the link above its text has nothing that a Jekyll post of any site lacks.
        is_bare = document.source == "jekyll-copy" and not re.search(rb"\]\(\S+\)\n-{3,}\n", document.content)
        source = "jekyll-post" if is_bare else document.source
        assert (report.verdict, report.source) == (validator.Verdict.VALID, source), document.path
        # The agency that signs is accepted by the sidecar of a folder, which is not handed in here.
        allowed = {"byline-impersonal"} if document.source == "chinanews-translated" else {"source-url-missing"}
        assert {finding.rule for finding in report.findings} <= allowed, document.path


@pytest.fixture(scope="module")
def broken() -> list[Document]:
    return list(documents("mixed", 500, 1.0, 3))


def test_each_broken_seed_has_the_finding_of_its_defect(broken: Sequence[Document]) -> None:
    for document in broken:
        assert document.defect in {finding.rule for finding in judged(document).findings}, document.path


def test_no_acceptance_is_called_unused_that_may_accept_what_the_seed_lacks() -> None:
    path = "mod-gov-cn/2001/01/2001-01-01-0000000.txt"
    text = "A headline of this example\nBy A. Specimen\n2001-01-01\nOne paragraph stands for the article.\n"
    put_in = INJECTORS["acceptance-unused"][0]
    for sidecar, carried in (
        (None, False),
        ('record: {source_url: {value: "https://example.org/a", basis: a}}\n', True),
    ):
        base = Base(path, "", text, Given(path, sidecar=sidecar), "mod-gov-cn", "text")
        injected = put_in(Random(1), base)
        assert injected is not None
        assert (archive._carrying("acceptance-unused", base, injected, 0) is not None) is carried


def test_defects_are_of_many_rules_and_of_every_severity_and_source(broken: Sequence[Document]) -> None:
    rules = Counter(document.defect for document in broken)
    assert len(rules) > 30
    assert max(rules.values()) < 50
    assert {RULES[rule].severity for rule in rules if rule is not None} == set(Severity)
    assert {document.source for document in broken} == set(KINDS["mixed"].sources)
    assert archive.NOT_PUT_IN.keys() <= INJECTORS.keys()
    assert all(archive.NOT_PUT_IN.values())


@pytest.mark.parametrize("kind", posts.FAMILIES)
def test_made_up_posts_are_as_dear_to_check_as_real_ones(kind: str) -> None:
    made = documents(kind, 400, KINDS[kind].broken, 2)
    found, real = asdict(posts.shares_of((each.path, each.content) for each in made)), asdict(posts.REAL[kind])
    assert found["with_findings"] == real["with_findings"]
    for name, value in real.items():
        assert found[name] == pytest.approx(value, rel=0.25, abs=0.02 if value < 0.1 or kind == "large" else 0.04), name
    # What finds fault with everything would pass for fast and would not be: the findings are those of real posts.
    clean = posts.shares_of((each.path, each.content) for each in documents(kind, 100, 0.0, 2))
    assert (clean.with_findings, clean.findings_each, clean.empty_body) == (0, 0, 0)


@pytest.mark.parametrize("kind", posts.FAMILIES)
def test_broken_posts_have_the_findings_that_were_put_in_and_no_others(kind: str) -> None:
    rules = {"small": {"body-missing", "headlines-disagree"}, "large": {"no-break-space", "invisible-character"}}[kind]
    for document in documents(kind, 60, 1.0, 4):
        found = {finding.rule for finding in judged(document).findings}
        assert document.defect in found <= rules, document.path


def a_post(title: str, date: str = "2021-03-04T05:06:07.000Z", body: str = "山水风云。") -> bytes:
    matter = f'---\nlayout: post\ntitle: "{title}"\ndate: {date}\nauthor: A\nfrom: https://example.org/a\n---\n'
    return f"{matter}<div>\n{body}\n</div>\n".encode()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {}),
        ({"date": "2021-03-04T05:06:07+00:00"}, {"zoned_date": 1}),
        ({"date": "2021-03-04"}, {}),
        ({"body": ""}, {"with_findings": 1, "findings_each": 1, "empty_body": 1}),
        ({"body": '他说"好"，<b title="x">又说“好”</b>。'}, {"straight_quotes": 2}),
        ({"body": "山<!-- more -->水"}, {"not_plain": 1}),
        ({"body": "<!--1614834367000-->山水"}, {}),
        ({"body": "<p class='a'>山水</p>"}, {"not_plain": 1}),
        ({"body": '<img alt="a > b">山水'}, {"not_plain": 1}),
        ({"body": '<img alt="a" src="b"/>山水<br>'}, {}),
        ({"body": "山\u00a0水\u00a0风云。"}, {"with_findings": 1, "findings_each": 2}),
        ({"body": "Word after word goes by here " * 4}, {"with_english": 1}),
        ({"body": "Word after word 山水 goes by here 山水 " * 4}, {}),
    ],
)
def test_shares_are_told_from_the_posts(changed: dict[str, str], expected: dict[str, float]) -> None:
    found = asdict(posts.shares_of([("a.md", a_post("A title", **changed))]))
    assert {name: value for name, value in found.items() if value} == expected


def some_posts(folder: Path) -> Path:
    folder.mkdir()
    for name, body in (("society-1", "山水。"), ("society-2", ""), ("opinion-1", "风云。" * 300), ("other", "x")):
        (folder / f"{name}.md").write_bytes(a_post(name, body=body) + b"\n" * (name == "society-1"))
    return folder


def test_real_posts_are_copied_under_many_names(tmp_path: Path) -> None:
    real = some_posts(tmp_path / "posts")
    bench = replace(a_bench(tmp_path), posts=real)
    folder = speed.made_archive(bench, "small", 5)
    copies = speed.seeds_in(folder)
    assert len(copies) == 5
    assert {(folder / name).read_bytes() for name in copies} == {each.read_bytes() for each in real.glob("society-*")}
    assert speed.size_of(folder) == sum((folder / name).stat().st_size for name in copies)
    (folder / "kept.txt").write_text("x")
    assert speed.made_archive(bench, "small", 5) == folder
    assert (folder / "kept.txt").exists()
    (real / "society-2.md").write_bytes(a_post("changed"))
    speed.made_archive(bench, "small", 5)
    assert not (folder / "kept.txt").exists()
    # Only small and large are copies, and made-up ones lie elsewhere.
    marker = read_marker(speed.made_archive(bench, "captures", 4, 1.0))
    assert marker is not None
    assert (marker.kind, marker.broken, marker.posts, sum(marker.defects.values())) == ("captures", 1.0, "", 4)
    assert speed.made_archive(a_bench(tmp_path), "small", 5) != folder


def test_a_folder_without_posts_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ["--quick", "--folder", str(tmp_path / "bench"), "--peers", str(tmp_path), "--posts", str(tmp_path)]
    assert speed.main(said) == 2
    assert "has no file society-*.md" in capsys.readouterr().err


def test_the_program_says_which_seeds_have_findings(tmp_path: Path) -> None:
    bench = replace(
        a_bench(tmp_path, (sys.executable, "-m", "validator")),
        posts=some_posts(tmp_path / "posts"),
        no_cache=("--no-cache",),
    )
    folder = speed.made_archive(bench, "small", 5)
    told = speed.judge(bench, folder)
    assert (told.code, told.with_findings) == (1, 2)
    assert told.findings >= 2
    assert told.clean.endswith("society-1.md")
    clean = speed.judge(bench, speed.made_archive(bench, "captures", 4, 0.0))
    assert clean.code == 0


def test_hooks_run_where_they_have_nothing_to_change(tmp_path: Path) -> None:
    bench = replace(a_bench(tmp_path, peers="peers"), posts=some_posts(tmp_path / "posts"))
    folder = speed.made_archive(bench, "small", 4)
    assert speed.settled(bench, folder) == folder  # none is installed
    for hook in speed.HOOKS:
        stub(tmp_path / "peers", hook, "exit 0")
    assert speed.settled(bench, folder) == folder
    stub(tmp_path / "peers", speed.HOOKS[0], 'for file in "$@"; do echo changed > "$file"; done; exit 1')
    before = tree(folder)
    settled = speed.settled(bench, folder)
    assert settled != folder
    assert {(settled / name).read_text() for name in speed.seeds_in(folder)} == {"changed\n"}
    assert tree(folder) == before


@pytest.mark.parametrize(
    ("seeds", "share", "count"),
    [(1000, 0.2, 200), (150, 0.33, 49), (99, 0.5, 49), (30, 0.0, 0), (30, 1.0, 30), (5, 0.1, 0)],
)
def test_the_share_of_broken_seeds_is_as_stated(seeds: int, share: float, count: int) -> None:
    made = list(documents("small", seeds, share, 1))
    assert (len(made), sum(document.defect is not None for document in made)) == (seeds, count)


def test_the_broken_lie_among_all_seeds_and_all_sources() -> None:
    made = list(documents("mixed", 1000, 0.2, 1))
    assert {sum(each.defect is not None for each in made[at : at + 100]) for at in range(0, 1000, 100)} == {20}
    sources = Counter(document.source for document in made)
    assert sources == dict.fromkeys(KINDS["mixed"].sources, 200)
    of_source = Counter(document.source for document in made if document.defect is not None)
    assert all(20 < count < 60 for count in of_source.values())


@pytest.mark.parametrize(
    ("kind", "least", "most"), [("small", 950, 1_150), ("large", 26_000, 30_000), ("mixed", 5_000, 7_000)]
)
def test_sizes_are_distributed_as_stated(kind: str, least: int, most: int) -> None:
    sizes = sorted(len(document.content) for document in documents(kind, 1500, 0.0, 2))
    stated = KINDS[kind].sizes
    assert least < sum(sizes) / len(sizes) < most
    assert sizes[0] > 0.9 * stated.least
    assert sizes[-1] < 1.1 * stated.most
    # Lognormal: two thirds lie within one sigma of the median.
    low, high = stated.median * math.exp(-stated.sigma), stated.median * math.exp(stated.sigma)
    assert 0.6 < sum(low <= size <= high for size in sizes) / len(sizes) < 0.8
    assert abs(sizes[len(sizes) // 2] / stated.median - 1) < 0.2


def test_no_two_seeds_lie_in_one_place_and_folders_are_months(broken: Sequence[Document]) -> None:
    paths = [document.path for document in broken]
    assert len(set(paths)) == len(paths)
    pattern = re.compile(rf"(?:inbox|{'|'.join(KINDS['mixed'].sources)})/\d{{4}}/\d\d/[^/]+\.(?:md|txt)")
    assert [path for path in paths if not pattern.fullmatch(path)] == []
    folders = Counter(document.path.rpartition("/")[0] for document in documents("small", 3000, 0.0, 1))
    assert len(folders) == 312
    assert max(folders.values()) < 30


def test_memory_does_not_grow_with_the_number_of_seeds() -> None:
    def peak(seeds: int) -> int:
        tracemalloc.start()
        for _ in documents("small", seeds, 0.5, 1):  # all of a size: one that is large takes more, but once
            pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(200)  # what is remembered for good: words, patterns
    few, many = peak(100), peak(1_000)
    assert many < few + 800_000


def test_the_program_finds_in_an_archive_what_was_put_in(tmp_path: Path) -> None:
    made = write_archive("mixed", tmp_path / "a", 150, 0.2, 5)
    assert sum(made.defects.values()) == 30
    assert read_marker(tmp_path / "a") == made
    command = [sys.executable, "-m", "validator", "validate", "--no-config", "--format", "jsonl", "--jobs", "1", "."]
    done = subprocess.run(command, cwd=tmp_path / "a", capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1, done.stderr
    verdicts: dict[str, str] = {}
    found: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        said = json.loads(line)
        if said["type"] == "seed":
            verdicts[said["path"]] = said["verdict"]
        elif said["type"] == "finding" and said["status"] == "open":
            found.setdefault(said["path"], set()).add(said["rule"])
    listed = list(documents("mixed", 150, 0.2, 5))
    assert verdicts.keys() == {document.path for document in listed}
    for document in listed:
        rules = found.get(document.path, set())
        if document.defect is None:
            assert verdicts[document.path] == "valid"
            assert rules <= {"source-url-missing"}
        else:
            assert document.defect in rules
    files = tree(tmp_path / "a")
    assert made.sidecars == sum(name.endswith(".meta.yaml") for name in files) > 50
    assert made.bytes == sum(len(document.content) for document in listed)


def test_an_archive_is_written_the_same_twice_and_never_over_another(tmp_path: Path) -> None:
    for name in "ab":
        assert archive.main(["mixed", str(tmp_path / name), "--seeds", "40", "--broken", "20%", "--seed", "9"]) == 0
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "something.txt").write_text("x")
    with pytest.raises(FileExistsError):
        write_archive("small", tmp_path / "c", 1, 0.0, 1)
    (tmp_path / "a" / archive.MARKER).unlink()
    assert read_marker(tmp_path / "a") is None


def test_an_archive_tells_what_is_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert archive.main(["small", str(tmp_path / "a"), "--seeds", "10", "--broken", "0.5"]) == 0
    assert re.search(r"^10 seeds of [\d,]+ bytes .*\nwith a defect: 5, of \d rules\n", capsys.readouterr().out)
    with pytest.raises(SystemExit):
        archive.main(["small", str(tmp_path / "b"), "--broken", "120%"])
    assert not (tmp_path / "b").exists()


# --- the arithmetic ---------------------------------------------------------------------------------------------------


def compared(name: str, **walls: Sequence[float | None]) -> Comparison:
    """A comparison with these seconds in its rounds; None where a program did not run."""
    length = max(map(len, walls.values()))
    rounds = tuple(
        {
            program.replace("_", "-"): Sample(wall, wall / 2)
            for program, each in walls.items()
            if (wall := each[at]) is not None
        }
        for at in range(length)
    )
    return Comparison(name, 1000, 1_000_000, rounds)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([3.0], (3, 3, 3)), ([4.0, 1.0], (2.5, 1, 4)), ([9.0, 1.0, 2.0], (2, 1, 9)), ([4.0, 1.0, 2.0, 8.0], (3, 1, 8))],
)
def test_a_spread_is_median_least_and_most(values: list[float], expected: tuple[float, float, float]) -> None:
    assert speed_page.spread(values) == expected


def test_ratios_are_taken_within_rounds() -> None:
    # The machine was slow in two rounds; the ratio of the medians would be 6 / 2.
    comparison = compared("small", rumdl=[2.0, 20.0, 6.0], ours_2=[1.0, 10.0, 2.0])
    assert speed_page.paired(comparison, "rumdl", "ours-2") == (2, 2, 3)
    assert speed_page.paired(comparison, "ours-2", "rumdl") == Spread(0.5, 2 / 6, 0.5)


def test_rounds_without_one_of_the_two_do_not_count() -> None:
    comparison = compared("small", rumdl=[2.0, None, 6.0], ours_2=[1.0, 10.0, None], floor=[None, None, 1.0])
    assert speed_page.paired(comparison, "rumdl", "ours-2") == (2, 2, 2)
    assert speed_page.paired(comparison, "ours-2", "floor") is None


@pytest.mark.parametrize(
    ("median", "bound", "at_least", "reached"),
    [
        (2.0, 2.0, True, True),
        (1.99, 2.0, True, False),
        (2.0, 2.0, False, True),
        (2.01, 2.0, False, False),
        (9.0, None, True, None),
    ],
)
def test_a_target_is_reached_on_its_side(
    median: float, bound: float | None, at_least: bool, reached: bool | None
) -> None:
    assert Row("a", Spread(median, 0.1, 99.0), "times", bound, at_least).reached is reached


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (0.5, "0.500"),
        (1, "1.00"),
        (9.876, "9.88"),
        (12.34, "12.3"),
        (123.4, "123"),
        (12345.6, "12,346"),
    ],
)
def test_numbers_are_shown_with_three_figures(value: float, said: str) -> None:
    assert speed_page.shown(value) == said


def some_results() -> Results:
    walls: dict[str, list[float | None]] = {
        "ours_2": [1.0, 1.1, 0.9], "ours_1": [1.7, 1.8, 1.6], "floor": [0.2, 0.21, 0.19], "hooks": [1.4, 1.5, 1.6],
        "rumdl": [2.2, 2.0, 2.4], "check_jsonschema": [12.0, 13.0, 11.0],
    }  # fmt: skip
    return Results(
        {"date": "2026-11-22", "Python": "CPython 3.11"},
        (
            replace(compared("small", **walls), is_real=True, with_findings=0.113, findings=0.12),
            compared("captures, a fifth broken", ours_2=[1.0, 0.9, 0.8]),
            compared("cache", first=[8.0, 8.0], second=[1.0, 1.0]),
        ),
        (
            Growth(1_000, 1_000_000, (1.0, 1.2, 0.8), 30_000_000, 61_000_000),
            Growth(10_000, 10_000_000, (9.0, 9.6, 9.6), 0, 0),
        ),
        ("something was not measured",),
    )


def test_figures_stand_beside_their_targets() -> None:
    told = {row.what: row for row in speed_page.rows(some_results())}
    assert {what: (round(row.figure.median, 3), row.bound, row.reached) for what, row in told.items()} == {
        "small: four hooks as pre-commit runs them / two workers": (1.4, 1.5, False),
        "small: rumdl / two workers": (2.2, 1.5, True),
        "small: check-jsonschema on the front matter / two workers": (12.0, 8, True),
        "small: one worker / the floor": (8.5, 10, True),
        "small: two workers / one worker": (0.588, 0.65, True),
        "cache: first run / second run, nothing changed": (8.0, 1, True),
        "captures, a fifth broken: processor time a seed, two workers": (450, 400, False),
        "cost a seed, 10,000 seeds / fewer": (0.9, 1.25, True),
        "peak memory of parent, 1,000 seeds": (30.0, 60, True),
        "peak memory of a worker, 1,000 seeds": (61.0, 60, False),
    }


def test_every_ratio_is_of_programs_that_have_a_label() -> None:
    assert {name for ratio in speed_page.RATIOS for name in (ratio.above, ratio.below)} <= speed_page.LABELS.keys()
    bench = a_bench(Path())
    names = {name for part in speed.PARTS for name in speed.comparisons_of(bench, part)}
    assert {ratio.comparison for ratio in speed_page.RATIOS} == names
    assert speed_page.MOST_PROCESSOR.keys() <= names


def test_results_are_kept_as_they_are() -> None:
    results = some_results()
    assert speed_page.from_json(json.loads(json.dumps(speed_page.to_json(results)))) == results


def test_the_share_with_findings_and_the_processor_time_are_beside_each_time() -> None:
    lines = speed_page.table(some_results().comparisons[0])
    assert lines[0] == "  1,000 seeds, real, 1,000 bytes on average, 0.120 findings a seed"
    assert lines[2].split() == ["validator,", "two", "workers", "1.00", "1,000", "500", "11.3%"]
    assert len(lines) == 8
    assert max(map(len, lines)) <= 80


# --- the page ---------------------------------------------------------------------------------------------------------

EMPTY_PAGE = f"# A page\n\nAbove.\n\n{BEGIN}\n{END}\n\nBelow.\n"


def test_what_the_page_says_is_what_was_measured() -> None:
    results = some_results()
    page = speed_page.put_into(EMPTY_PAGE, speed_page.measured_part(results))
    assert page.startswith("# A page\n\nAbove.\n")
    assert page.endswith("\n\nBelow.\n")
    read = speed_page.read_rows(page)
    assert [(row.what, row.unit, row.bound, row.at_least) for row in read] == [
        (row.what, row.unit, row.bound, row.at_least or row.bound is None) for row in speed_page.rows(results)
    ]
    for told, row in zip(read, speed_page.rows(results), strict=True):
        assert told.figure == pytest.approx(row.figure, rel=0.005)
    assert "7 of 10 targets are reached." in page
    assert "- something was not measured" in page
    assert "| 1,000 | 1.00 | 0.800 to 1.20 | 3 | 1,000 | 30.0 | 61.0 |" in page
    assert "| rumdl | 2.20 | 2.00 to 2.40 | 1.10 | 2,200 | 1,100 | 11.3% |" in page
    assert (
        "1,000 seeds, copies of real posts, 1,000,000 bytes, 1,000 each on average, 0.120 findings a seed; 3 rounds"
        in page
    )
    again = speed_page.put_into(page, speed_page.measured_part(results))
    assert again == page


def test_a_page_that_calls_a_missed_target_reached_is_not_read() -> None:
    page = speed_page.put_into(EMPTY_PAGE, speed_page.measured_part(some_results()))
    line = next(line for line in page.splitlines() if line.startswith("| small: four hooks"))
    with pytest.raises(ValueError, match="four hooks"):
        speed_page.read_rows(page.replace(line, line.replace("**no**", "yes")))
    with pytest.raises(ValueError, match="four hooks"):
        speed_page.read_rows(page.replace(line, line.replace("1.40", "fast")))


@pytest.mark.parametrize("page", ["nothing", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}"])
def test_a_page_without_its_markers_is_left_alone(page: str) -> None:
    with pytest.raises(ValueError, match="the page needs"):
        speed_page.put_into(page, "x")


@pytest.mark.skipif(not PAGE.is_file(), reason="these tests run from a checkout")
def test_the_page_in_docs_can_be_read_and_counts_its_targets() -> None:
    page = PAGE.read_text("utf-8")
    read = speed_page.read_rows(page)
    known = {f"{ratio.comparison}: {ratio.what}": (ratio.bound, ratio.at_least) for ratio in speed_page.RATIOS}
    assert len(read) > 10
    for row in read:
        if row.unit == "µs":
            assert (row.bound, row.at_least) == (speed_page.MOST_PROCESSOR[row.what.partition(":")[0]], False), row.what
        elif row.what.startswith("cost a seed"):
            assert (row.bound, row.at_least) == (speed_page.FLATTEST, False), row.what
        elif row.unit == "times":
            assert (row.bound, row.at_least or row.bound is None) == (known[row.what][0], known[row.what][1]), row.what
        else:
            assert (row.bound, row.at_least) == (speed_page.MOST_MEMORY, False), row.what
        assert row.figure.least <= row.figure.median <= row.figure.most, row.what
    counted = re.search(r"^(\d+) of (\d+) targets are reached\.$", page, re.MULTILINE)
    assert counted is not None
    assert int(counted[2]) == sum(row.bound is not None for row in read)
    marked = page.count("| yes |")
    assert int(counted[1]) == marked


def places(picture: ElementTree.Element) -> Iterator[float]:
    for element in picture.iter():
        for name in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy"):
            if name in element.attrib:
                yield float(element.attrib[name])


def test_the_plot_has_a_bar_for_each_program_and_longer_is_slower() -> None:
    picture = ElementTree.fromstring(speed_page.plot(some_results()))
    space = "{http://www.w3.org/2000/svg}"
    said = [element.text for element in picture.iter(f"{space}text")]
    labels = {speed_page.LABELS[name] for name in ("ours-2", "ours-1", "floor", "hooks", "rumdl", "check-jsonschema")}
    assert labels <= {*said}
    bars = [
        (float(each.attrib["y"]), float(each.attrib["width"]))
        for each in picture.iter(f"{space}rect")
        if "class" in each.attrib
    ]
    assert len(bars) == len(labels)
    assert [width for _, width in sorted(bars)] == sorted(width for _, width in bars)
    assert min(width for _, width in bars) > 0
    assert len(list(picture.iter(f"{space}circle"))) == 2
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    assert all(0 <= place <= max(width, height) for place in places(picture))


@pytest.mark.skipif(not PAGE.is_file(), reason="these tests run from a checkout")
def test_the_plot_in_docs_is_a_picture() -> None:
    assert ElementTree.parse(PAGE.with_suffix(".svg")).getroot().tag == "{http://www.w3.org/2000/svg}svg"


# --- running ----------------------------------------------------------------------------------------------------------


def test_rounds_begin_with_another_one_each_time_and_the_first_does_not_count() -> None:
    order: list[str] = []
    checks: list[int] = []

    def contender(name: str) -> Sample:
        order.append(name)
        return Sample(float(len(order)), 0.0)

    contenders = {name: (lambda name=name: contender(name)) for name in "abc"}
    plan = Plan(seconds=1e9)
    rounds = speed.compete(contenders, plan, 3, lambda: checks.append(1))
    assert "".join(order) == "abcbcacababc"
    assert len(checks) == 4
    assert [{name: sample.wall for name, sample in one.items()} for one in rounds] == [
        {"a": 6, "b": 4, "c": 5}, {"a": 8, "b": 9, "c": 7}, {"a": 10, "b": 11, "c": 12},
    ]  # fmt: skip


def test_there_are_no_fewer_rounds_than_the_least() -> None:
    assert len(speed.compete({"a": lambda: Sample(1, 1)}, Plan(seconds=0, least=2), 5, lambda: None)) == 2


@pytest.mark.parametrize(
    ("number", "concurrency", "room", "most", "lists"),
    [
        (10, 2, 10_000, 5, 2),
        (10, 4, 10_000, 4, 3),
        (3, 8, 10_000, 4, 1),
        (100, 2, 200, 25, 4),
        (7, 1, 10_000, 7, 1),
        (0, 2, 100, 4, 0),
    ],
)
def test_files_are_cut_into_lists_as_pre_commit_does(
    number: int, concurrency: int, room: int, most: int, lists: int
) -> None:
    files = [f"{at:07d}" for at in range(number)]
    cut = list(speed.portions(files, concurrency, room))
    assert len(cut) == lists
    assert sorted(file for each in cut for file in each) == files
    assert all(len(each) <= most and sum(len(file) + 1 for file in each) <= room for each in cut)


def test_programs_run_one_after_the_other_each_on_all_lists() -> None:
    ran: list[str] = []

    def runner(command: Sequence[str]) -> Sample:
        ran.append(" ".join(command))
        return Sample(1.0, 0.5)

    sample = speed.in_portions([["one"], ["two"]], [["a", "b"], ["c"]], 1, runner)
    assert ran == ["one a b", "one c", "two a b", "two c"]
    assert sample.cpu == 2.0


def test_a_program_that_ends_otherwise_than_it_should_stops_all(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('the reason')"]
    with pytest.raises(MeasureError, match=r"ended with 1: the reason"):
        speed.run(command, tmp_path, speed.environment(tmp_path), frozenset({0}))
    sample = speed.run(command, tmp_path, speed.environment(tmp_path), frozenset({1}))
    assert sample.wall > 0
    assert sample.cpu > 0


def test_what_changes_an_archive_is_noticed(tmp_path: Path) -> None:
    write_archive("small", tmp_path / "a", 5, 0.0, 1)
    check = speed.unchanged([tmp_path / "a"])
    check()
    (tmp_path / "a" / ".validator").mkdir()
    check()  # what is hidden is no part of the archive
    first, second = (tmp_path / "a" / name for name in speed.seeds_in(tmp_path / "a")[:2])
    content = first.read_bytes()
    first.write_bytes(content.replace(b"\n", b" "))  # as long as before
    with pytest.raises(MeasureError, match="was changed"):
        check()
    check = speed.unchanged([tmp_path / "a"])
    second.unlink()
    with pytest.raises(MeasureError, match="was changed"):
        check()


def test_an_archive_is_made_once_and_again_where_it_is_not_whole(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    folder = speed.made_archive(bench, "small", 5)
    (folder / "kept.txt").write_text("x")
    assert speed.made_archive(bench, "small", 5) == folder
    assert (folder / "kept.txt").exists()
    (folder / archive.MARKER).unlink()
    speed.made_archive(bench, "small", 5)
    assert not (folder / "kept.txt").exists()
    assert len(speed.seeds_in(folder)) == 5


def test_the_floor_reads_every_seed(tmp_path: Path) -> None:
    write_archive("mixed", tmp_path / "a", 20, 0.5, 1)
    sample = speed.floor(tmp_path / "a", 20, speed.environment(tmp_path))
    assert sample.wall > 0
    with pytest.raises(MeasureError, match="read 20 files of 21"):
        speed.floor(tmp_path / "a", 21, speed.environment(tmp_path))


def test_front_matter_taken_out_is_what_the_schema_asks_for(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    folder = speed.made_archive(bench, "small", 20)
    out = speed.front_matter_of(folder)
    check = jsonschema.Draft202012Validator(speed.json_schema(), format_checker=jsonschema.FormatChecker())
    values = [yaml.load(path.read_text("utf-8"), yaml.BaseLoader) for path in out.rglob("*.yaml")]  # scalars as text
    assert len(values) == 20
    assert [error for value in values for error in check.iter_errors(value)] == []
    assert list(check.iter_errors({**values[0], "layout": "page"}))
    assert speed.front_matter_of(folder) == out


def a_bench(folder: Path, program: tuple[str, ...] = ("none",), peers: str = "none") -> Bench:
    return Bench(
        folder, program, (), folder / peers, Plan(3, 3, 3, 3, (3,), seconds=0, least=1, most=1, most_of_one_file=1)
    )


def stub(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_peer_that_finds_no_fault_with_a_wrong_file_stops_all(tmp_path: Path) -> None:
    bench = a_bench(tmp_path, peers="peers")
    assert {*speed.probe(bench)} == {*speed.HOOKS, *speed.PACKAGES} - {"pre-commit-hooks"}
    stub(tmp_path / "peers", "typos", "exit 2")
    assert "typos" not in speed.probe(bench)
    stub(tmp_path / "peers", "typos", "exit 0")
    with pytest.raises(MeasureError, match="typos found no fault"):
        speed.probe(bench)
    stub(tmp_path / "peers", "typos", "echo Traceback >&2; exit 1")
    with pytest.raises(MeasureError, match="typos found no fault"):
        speed.probe(bench)


STUB = """
import json, os, sys
from pathlib import Path
if "jsonl" in sys.argv:
    for path in sorted(Path(".").rglob("*.md")):
        print(json.dumps({"type": "seed", "path": path.as_posix()}))
    sys.exit()
places = [Path(".validator/cache"), Path(os.environ["XDG_CACHE_HOME"], "cache")]
with open(LOG, "a") as log:
    log.write(" ".join(str(place.exists()) for place in places) + "\\n")
for place in places if "--no-cache" not in sys.argv else ():
    place.mkdir(parents=True, exist_ok=True)
"""


def test_the_first_run_finds_nothing_remembered_and_the_second_does(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = tmp_path / "program.py"
    program.write_text(f"LOG = {str(log)!r}\n{STUB}")
    bench = replace(a_bench(tmp_path, (sys.executable, str(program))), no_cache=("--no-cache",))
    comparison = speed.measure_cache(bench, "cache", "small", 3)
    assert log.read_text().splitlines() == ["False False", "False False", "True True"] * 2
    assert [sorted(one) for one in comparison.rounds] == [["first", "second", "uncached"]]
    assert (comparison.with_findings, comparison.findings, comparison.is_real) == (0, 0, False)
    assert not (tmp_path / "small-3" / ".validator").exists()


def test_the_hook_is_called_as_its_manifest_says(tmp_path: Path) -> None:
    assert speed.hook_arguments(tmp_path) == ["validate", "--quiet"]
    (tmp_path / ".pre-commit-hooks.yaml").write_text(
        "- id: a\n  entry: validator validate --format concise\n  args: [--quiet]\n"
    )
    assert speed.hook_arguments(tmp_path) == ["validate", "--format", "concise", "--quiet"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks of memory are read from /proc")
def test_peaks_of_memory_are_of_the_process_and_of_those_that_it_starts(tmp_path: Path) -> None:
    child = "import sys; held = b'x' * 90_000_000; print('there', flush=True); sys.stdin.read()"
    # The parent ends its child only when somebody who looks has had the time to look.
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); time.sleep(0.5); child.communicate()\n"
    )
    _, of_parent, of_child = speed.watch([sys.executable, "-c", parent], tmp_path, speed.environment(tmp_path))
    assert 90e6 < of_child < 150e6
    assert 4e6 < of_parent < 60e6


TINY = Plan(5, 5, 5, 10, (4, 8), seconds=0, least=1, most=1, most_of_one_file=1)


def test_a_program_that_changes_while_it_is_measured_stops_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    states = iter("aab")
    monkeypatch.setattr(speed, "QUICK", TINY)
    monkeypatch.setattr(speed, "state_of_program", lambda bench: next(states))
    page = tmp_path / "page.md"
    page.write_text(EMPTY_PAGE)
    command = [
        "--quick",
        "--folder",
        str(tmp_path / "bench"),
        "--peers",
        str(tmp_path),
        "--only",
        "one-file",
        "--page",
        str(page),
    ]
    assert speed.main(command) == 2
    assert "was changed while it was measured" in capsys.readouterr().err
    assert page.read_text() == EMPTY_PAGE


def test_a_run_measures_writes_the_page_and_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(speed, "QUICK", TINY)
    monkeypatch.setattr(speed, "state_of_program", lambda bench: "0" * 64)  # somebody may be at work on it just now
    page = tmp_path / "page.md"
    page.write_text(EMPTY_PAGE)
    common = ["--quick", "--folder", str(tmp_path / "bench"), "--peers", str(tmp_path / "none")]
    assert speed.main([*common, "--only", "small", "--only", "mixed"]) == 0
    first = capsys.readouterr().out
    assert "not installed, so not measured: end-of-file-fixer" in first
    assert "small: one worker / the floor" in first
    assert speed.main([*common, "--only", "small", "--only", "growth", "--resume", "--page", str(page)]) == 0
    second = capsys.readouterr().out
    assert "small: measured before" in second
    read = {row.what for row in speed_page.read_rows(page.read_text("utf-8"))}
    assert read >= {"small: one worker / the floor", "mixed: one worker / the floor", "peak memory of parent, 8 seeds"}
    ElementTree.parse(page.with_suffix(".svg"))


def test_archives_do_not_lie_in_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".git").mkdir()
    assert speed.main(["--quick", "--folder", str(tmp_path / "bench"), "--peers", str(tmp_path)]) == 2
    assert "lies in a repository" in capsys.readouterr().err


def test_nothing_is_kept_of_an_environment_that_would_change_what_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "PRE_COMMIT_HOME", "VALIDATOR_ANYTHING", "RUMDL_CONFIG"):
        monkeypatch.setenv(name, "x")
    variables: Mapping[str, str] = speed.environment(tmp_path)
    assert not {"PYTHONPATH", "PRE_COMMIT_HOME", "VALIDATOR_ANYTHING", "RUMDL_CONFIG"} & variables.keys()
    assert {"PATH", "NO_COLOR", "XDG_CACHE_HOME"} <= variables.keys()
