"""Seeds beside each other: what a run over a folder finds between them, and what it does not change."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import cases
from running import Program

from benchmarks.archive import KINDS, write_archive
from benchmarks.pairs import PLANS, findings, judged, plant
from validator.across.comparing import reports_of
from validator.archive.discovery import discover
from validator.archive.opening import Request, open_archive
from validator.record.likeness import likeness_of, passages, similarity
from validator.text.findings import SeedReport

MATTER = "---\ntitle: {title}\ndate: {date}\nauthor: B. Sample\nurl: https://herald.example.org/{address}\n---\n"
BODY = cases("same-body")["dirty"][0]["marks"][0] + "\n"
OTHER = (
    "A fire in the empty mill was put out on Thursday night after four hours. Nobody was hurt, and nobody knows the cause.\n\n"
    "The mill had stood empty for ten years. It was to become a museum, for which the town has set money aside.\n"
)


def post(title: str = "A bridge opens", date: str = "2021-05-04", address: str = "bridge", body: str = BODY) -> str:
    return MATTER.format(title=title, date=date, address=address) + body


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "archive").mkdir()
    monkeypatch.chdir(tmp_path / "archive")
    return tmp_path / "archive"


def put(archive: Path, **seeds: str) -> None:
    for name, text in seeds.items():
        (archive / f"{name}.md").write_text(text, "utf-8")


def found(program: Program, *options: str, paths: tuple[str, ...] = (".",)) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and the rules of the family by seed."""
    done = program("validate", *paths, "--no-config", "--select", "archive", "--format", "jsonl", "-q", *options)
    rules: dict[str, list[str]] = {}
    for line in done.out.splitlines():
        entry = json.loads(line)
        if entry["type"] == "finding":
            rules.setdefault(entry["path"], []).append(entry["rule"])
    return done.code, rules


def test_both_seeds_of_a_pair_name_the_other_with_its_line(archive: Path, program: Program) -> None:
    put(
        archive,
        one=post(),
        two=post("A mill burns down", "2020-11-12", "mill"),
        three=post("Rain", body=OTHER, address="r"),
    )
    done = program("validate", ".", "--no-config", "--format", "concise")
    lines = [line for line in done.out.splitlines() if "same-body" in line]
    assert done.code == 1
    assert [line.partition(";")[0] for line in lines] == [
        "one.md:7:1: error same-body the same text as two.md:7",
        "two.md:7:1: error same-body the same text as one.md:7",
    ]
    assert 'headline "A bridge opens" here, "A mill burns down" there' in lines[0]


def test_the_verdict_stays(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post("A mill burns down", "2020-11-12", "mill"))
    done = program("validate", ".", "--no-config", "--format", "json")
    assert [seed["verdict"] for seed in json.loads(done.out)["seeds"]] == ["valid", "valid"]
    assert done.code == 1


def test_a_single_file_says_nothing(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post())
    assert found(program, paths=("one.md",)) == (0, {})
    assert found(program, paths=("one.md", "two.md")) == (0, {"one.md": ["same-body"], "two.md": ["same-body"]})


def test_select_ignore_and_fail_on_apply(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post("A mill burns down"))
    assert found(program, "--ignore", "same-body")[1] == {}
    assert found(program, "--ignore", "archive")[1] == {}
    assert found(program, "--fail-on", "never")[0] == 0
    assert found(program)[0] == 1


def test_an_acceptance_holds_until_the_text_is_changed(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post("A mill burns down"))
    sidecar = archive / "one.md.meta.yaml"
    sidecar.write_text('accept: [{rule: same-body, reason: "printed twice"}]\n', "utf-8")
    code, rules = found(program, "--select", "sidecar")
    assert (code, rules) == (1, {"one.md": ["same-body"], "two.md": ["same-body"]})
    done = program("validate", ".", "--no-config", "--format", "json")
    statuses = [finding["status"] for seed in json.loads(done.out)["seeds"] for finding in seed["findings"]]
    assert statuses == ["accepted", "open"]
    (archive / "two.md").unlink()
    put(archive, three=post("Rain", body=OTHER, address="rain"))
    assert found(program, "--select", "sidecar")[1] == {"one.md": ["acceptance-unused"]}
    assert found(program, "--select", "sidecar", paths=("one.md",))[1] == {}  # nobody has looked


def test_a_source_may_switch_a_rule_off(archive: Path, program: Program) -> None:
    (archive / "schemas").mkdir()
    schema = "id: gazette\ntitle: The Gazette\nextends: article\nrules: {same-body: off}\n"
    (archive / "schemas" / "gazette.yaml").write_text(schema, "utf-8")
    put(archive, one=post(), two=post())
    assert found(program, "--schemas", "schemas", "--source", "gazette")[1] == {}


def test_a_baseline_sets_findings_aside(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post("A mill burns down"))
    assert program("baseline create --output known.json . --no-config").code == 0
    assert found(program, "--baseline", "known.json")[0] == 0
    put(archive, three=post("Rain"))
    assert found(program, "--baseline", "known.json")[0] == 1


@pytest.mark.parametrize("copies", [3, 10])
def test_a_standing_notice_is_no_copy(archive: Path, program: Program, copies: int) -> None:
    put(
        archive,
        **{f"p{number}": post(f"Issue {number} of ours", "2021-05-04", f"i{number}") for number in range(copies)},
    )
    assert found(program) == (0, {})


def test_one_article_filed_three_times_speaks_once_on_each(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post(), three=post())
    done = program("validate", ".", "--no-config", "--select", "archive", "--format", "concise")
    assert [line for line in done.out.splitlines() if "same-body" in line] == [
        f"{name}.md:7:1: warning same-body the same text as {other}.md:7 and 1 more seed"
        for name, other in (("one", "three"), ("three", "one"), ("two", "one"))
    ]


def test_an_address_that_many_share_is_that_of_a_list(archive: Path, program: Program) -> None:
    texts = [f"{number} {OTHER[:40]} {number * 7} {'word ' * number} of its own {number}.\n" for number in range(11)]
    put(archive, **{f"p{number}": post(f"Headline {number}", body=text) for number, text in enumerate(texts)})
    assert found(program) == (0, {})
    (archive / "p10.md").unlink()
    assert found(program)[1] == {f"p{number}.md": ["same-address"] for number in range(10)}


def _reports(
    archive: Path, jobs: int, order: Callable[[list[object]], object] = lambda seeds: None
) -> list[SeedReport]:
    opened = open_archive(Request(archive, no_config=True, cached=False))
    seeds = list(discover([archive], opened.settings, opened.root).seeds)
    order(seeds)  # type: ignore[arg-type]
    return sorted(reports_of(opened, seeds, jobs), key=lambda report: report.path)


def test_workers_and_order_make_no_difference(archive: Path) -> None:
    for number in range(40):
        text = " ".join(f"word{number}x{at}" for at in range(60))
        put(archive, **{f"s{number}": post(f"Headline number {number}", address=f"a{number}", body=f"{text}\n")})
        if number % 4 == 0:
            changed = text.replace(f"word{number}x30", "another")
            put(archive, **{f"c{number}": post(f"Headline number {number}", address=f"b{number}", body=f"{changed}\n")})
    first = _reports(archive, 1)
    assert sum(bool(report.findings) for report in first) == 20
    assert _reports(archive, 2) == first
    assert _reports(archive, 1, lambda seeds: random.Random(4).shuffle(seeds)) == first
    assert _reports(archive, 1, lambda seeds: seeds.reverse()) == first


def test_sketches_are_the_same_on_every_machine() -> None:
    """They may be kept and sent: another number here needs another version of what is kept."""
    assert likeness_of(BODY).digest.hex() == DIGEST
    assert likeness_of(BODY).sketch[:16].hex() == SKETCH


DIGEST = "5583e3801c6ab16f40ae142a0b2283c3"
SKETCH = "2799b11761ef2a12e4caaa4407558692"


def test_passages_hold_what_differs_and_nothing_else() -> None:
    left = "the bridge over the river opened in may two years after the old one closed".split()  # noqa: SIM905
    right = "the new bridge over the river was opened in june two years after the old one".split()  # noqa: SIM905
    found_ = passages(left, right)
    assert [(left[a:b], right[c:d]) for a, b, c, d in found_] == [
        ([], ["new"]), ([], ["was"]), (["may"], ["june"]), (["closed"], []),
    ]  # fmt: skip
    assert round(similarity(left, right, found_), 2) == 0.84


def test_accept_looks_at_the_whole_archive(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post("A mill burns down"))
    (archive / "validator.toml").write_text("", "utf-8")
    done = program("accept one.md same-body --reason 'printed twice' --by 'A. Curator'")
    assert done.code == 0, done
    assert found(program)[0] == 1
    assert program("accept two.md same-body --reason 'printed twice' --by 'A. Curator'").code == 0
    assert found(program)[0] == 0
    assert program("accept two.md same-address --reason 'printed twice' --by 'A. Curator'").code == 2
    put(archive, two=post("A mill burns down", body=BODY.replace("children", "pupils")))
    put(archive, one=post(body=BODY.replace("children", "pupils")))
    assert found(program)[0] == 1


# --- compare


def test_compare_shows_fields_and_passages_with_their_places(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post("A mill burns down", body=BODY.replace("children of", "pupils from")))
    done = program("compare one.md two.md --no-config")
    assert done.code == 1
    assert done.lines() == [
        "one.md and two.md",
        "  headline",
        '    - 2:8 "A bridge opens"',
        '    + 2:8 "A mill burns down"',
        "  1 passage differs; 97% of the text is the same",
        '    - 9:28 "children of"',
        '    + 9:28 "pupils from"',
    ]


def test_compare_in_json_has_what_differs(archive: Path, program: Program) -> None:
    put(archive, one=post(), two=post(body=BODY.replace("two years", "years")).replace("author: B. Sample\n", ""))
    (pair,) = json.loads(program("compare one.md two.md --no-config --format json").out)["pairs"]
    assert [(each["field"], each["a"]["text"], each["b"]["text"]) for each in pair["record"]] == [
        ("byline", "B. Sample", "")
    ]
    (passage,) = pair["passages"]
    start, end = (passage["a"][name]["offset"] for name in ("start", "end"))
    assert post()[start:end] == passage["a"]["text"] == "two"
    assert (passage["b"]["text"], passage["b"]["start"]) == ("", passage["b"]["end"])
    assert 0.97 < pair["similarity"] < 1


def test_compare_says_when_nothing_differs(archive: Path, program: Program) -> None:
    put(
        archive,
        one=post(),
        two=post(),
        three=post(body=BODY.replace("\n\n", "\n\n\n").replace("children", "*children*")),
    )
    assert program("compare one.md two.md --no-config").out == "one.md and two.md\n  they have the same bytes\n"
    done = program("compare one.md three.md --no-config")
    assert (done.code, done.lines()[1:]) == (0, ["  record and text are the same; markup or spaces differ"])


def test_compare_takes_two_folders(archive: Path, program: Program) -> None:
    for folder in ("a", "b"):
        (archive / folder).mkdir()
        put(archive / folder, same=post(), other=post(title=f"Headline in {folder}"))
    put(archive / "a", lost=post())
    done = program("compare a b --no-config")
    assert (done.code, done.lines()[0], done.lines()[-2:]) == (
        1, "a/other.md and b/other.md", ["only in a: lost.md", "2 pairs compared"],
    )  # fmt: skip
    assert program("compare a b/same.md --no-config").code == 2
    assert program("compare a nowhere --no-config").code == 2
    (archive / "a" / "same.md").write_bytes(b"%PDF-1.4\n")
    done = program("compare a/same.md b/same.md --no-config")
    assert (done.code, "not compared" in done.err) == (1, True)


# --- planted pairs


def hold_planted(folder: Path, seeds: int, pairs: int) -> None:
    """Exact pairs are found on both seeds, nearly all near ones, and nothing else; without pairs nothing is."""
    write_archive("small", folder, seeds, KINDS["small"].broken, 1)
    assert list(findings(folder, "--jobs", "2", "--no-cache")) == []
    there, found_, false = judged(folder, plant(folder, pairs), "--jobs", "2", "--no-cache")
    assert false == []
    assert sum(there.values()) == pairs
    # Under another headline and address, a text that is nearly that of a third seed may be a template, and is silent.
    shares = {"10% of words": 0.9, "body of another": 0.9}
    for way, plan in PLANS.items():
        least = shares.get(way, {"near-same-body": 0.98}.get(plan.found_by[0], 1.0))
        assert found_[way] >= least * there[way], (way, found_[way], there[way])


def test_planted_pairs_are_found_and_nothing_else(tmp_path: Path) -> None:
    hold_planted(tmp_path / "archive", 400, 110)


@pytest.mark.nightly
def test_many_planted_pairs_in_thousands_of_seeds(tmp_path: Path) -> None:
    """`python -m benchmarks.pairs` plants a thousand in 20,000."""
    hold_planted(tmp_path / "archive", 3_000, 150)
