"""A curator's desk: decisions, what they write, and that each is taken back and done again to the byte."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import program_in

from validator.archive.discovery import discover
from validator.archive.opening import Request, open_archive
from validator.archive.reading import today
from validator.archive.seeds import Seed
from validator.preservation.disk import UnwritableError
from validator.preservation.writing import history
from validator.review import desk
from validator.review.desk import (
    Choice,
    Desk,
    DeskError,
    NamelessError,
    NewValue,
    Sheet,
    StaleError,
    accept_findings,
    attest_values,
    carry_out,
    checked_values,
    do_again,
    name_sources,
    preview,
    repair_safely,
    settle,
    sheet,
    take_back,
)
from validator.review.matters import Matter, entry_of, identity_of, look_at, needs_decision, refusal, survey, title_of
from validator.text.findings import Finding, Severity, Verdict

BY = "A. Curator"
SETTINGS = """[[overrides]]
paths = ["plain/**"]
source = "plain-text"
[[overrides]]
paths = ["mod/**"]
source = "mod-gov-cn"
"""
TWICE = 'The same mark" stands here.\n'  # a mark without its other half, in two lines that are equal
PLAIN = {
    "plain/one.txt": TWICE + TWICE + "An end.\n",
    "plain/two.txt": 'Another mark" stands there.\n',
    "plain/safe.txt": 'The keeper"s line  \nends here',
    "plain/clean.txt": "Nothing is wrong with this line.\n",
}
RECORDED = {"mod/item.txt": 'A specimen of a headline\nOne paragraph with a wrong mark" stands for the article.\n'}
LEAKED = " date 2021-06-14 SPECIMEN TOWN, June 14 -- One paragraph stands for the article.\n"


def make_archive(folder: Path, files: dict[str, str], configuration: str = SETTINGS) -> Desk:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "validator.toml").write_text(configuration)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return Desk(open_archive(Request(folder, today=today())), BY, "0")


@pytest.fixture
def at(tmp_path: Path) -> Desk:
    return make_archive(tmp_path / "archive", PLAIN | RECORDED)


def seed_of(at: Desk, name: str) -> Seed:
    return Seed.at(at.archive.root / name, name)


def shown(at: Desk, name: str) -> Sheet:
    return sheet(at, seed_of(at, name))


def findings_of(found: Sheet, rule: str) -> list[Finding]:
    return [finding for finding in found.report.findings if finding.rule == rule]


def ids(*findings: Finding) -> frozenset[tuple[str, str]]:
    return frozenset(map(identity_of, findings))


def choice_of(found: Sheet, *findings: Finding) -> list[Choice]:
    """A decision about some findings of a seed."""
    return [Choice(found.seed, found.version, frozenset(map(identity_of, findings)))]


def files_of(at: Desk) -> dict[str, bytes]:
    """Every file of the archive but the record of repairs."""
    root = at.archive.root
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and ".validator" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def text_of(at: Desk, name: str) -> str:
    return (at.archive.root / name).read_bytes().decode()


# --- looking ----------------------------------------------------------------------------------------------------------


def test_a_sheet_is_the_seed_as_it_lies_on_disk(at: Desk) -> None:
    found = shown(at, "plain/one.txt")
    assert (found.text, found.sidecar, found.report.verdict) == (PLAIN["plain/one.txt"], None, Verdict.VALID)
    assert shown(at, "plain/one.txt") is found
    (at.archive.root / "plain/one.txt.meta.yaml").write_text("accept: []\n")
    assert shown(at, "plain/one.txt").version != found.version
    (at.archive.root / "plain/one.txt.meta.yaml").unlink()
    (at.archive.root / "seeds.meta.yaml").write_text("seeds: []\n")
    assert shown(at, "plain/one.txt").version != found.version


def test_a_sheet_that_cannot_be_had(at: Desk) -> None:
    with pytest.raises(DeskError, match="not there"):
        shown(at, "plain/none.txt")
    (at.archive.root / "plain/bytes.txt").write_bytes(bytes(range(0x80, 0xA0)))
    assert shown(at, "plain/bytes.txt").report.encoding is None
    assert shown(at, "plain/bytes.txt").text == ""


def test_a_sidecar_that_changes_while_it_is_read_is_read_again(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []

    def judge_slowly(*arguments: Any) -> Any:
        look = look_at(*arguments)
        times.append(1)
        if len(times) <= limit:
            (at.archive.root / "plain/one.txt.meta.yaml").write_text("accept: []\n" + "#" * len(times))
        return look

    monkeypatch.setattr("validator.review.desk.look_at", judge_slowly)
    limit = 1
    assert shown(at, "plain/one.txt").sidecar == b"accept: []\n#"
    limit = 99
    with pytest.raises(StaleError, match="being changed"):
        shown(replace(at, sheets={}), "plain/one.txt")


def test_the_survey_says_of_each_seed_what_is_to_be_decided(at: Desk) -> None:
    root = at.archive.root
    (root / "plain/link.txt").symlink_to("two.txt")
    (root / "plain/clean.txt.meta.yaml").write_text("record: {}\n")
    entries = {
        entry.name: entry for entry in survey(at.archive, discover([str(root)], at.archive.settings, root).seeds)
    }
    stray = Matter(Severity.WARNING, "stray-quote", "take the mark out", 2)
    assert entries["plain/one.txt"].matters == (stray,)
    assert entries["plain/two.txt"].matters == (stray._replace(number=1),)
    assert (entries["plain/safe.txt"].matters, entries["plain/safe.txt"].safe) == ((), 3)
    assert [entry.name for entry in entries.values() if entry.is_open] == [
        "mod/item.txt", "plain/one.txt", "plain/two.txt",
    ]  # fmt: skip
    assert "symbolic link" in entries["plain/link.txt"].refused
    assert not entries["plain/link.txt"].is_open
    assert [entry.name for entry in entries.values() if entry.is_touched] == ["plain/clean.txt"]
    matters = entries["mod/item.txt"].matters
    assert [each.rule for each in matters] == [
        "byline-missing", "date-missing", "source-url-missing", "stray-quote",
    ]  # fmt: skip


def test_what_was_decided_before_is_known_by_its_sidecar_or_its_events(at: Desk) -> None:
    found = shown(at, "plain/two.txt")
    carry_out(at, choice_of(found, *findings_of(found, "stray-quote")))
    entries = {entry.name: entry for entry in survey(at.archive, [seed_of(at, name) for name in PLAIN])}
    assert [name for name, entry in entries.items() if entry.is_touched] == ["plain/two.txt"]


def test_a_seed_that_the_program_failed_on_is_refused(at: Desk) -> None:
    report = replace(shown(at, "plain/one.txt").report, verdict=Verdict.UNCHECKED, fault="a fault")
    assert entry_of(report).refused == "the program failed on it: a fault"


def test_what_needs_a_decision(at: Desk) -> None:
    safe, item = shown(at, "plain/safe.txt"), shown(at, "mod/item.txt")
    assert not any(map(needs_decision, safe.report.findings))
    assert {title_of(each) for each in findings_of(item, "stray-quote")} == {"take the mark out"}
    assert {title_of(each) for each in findings_of(item, "byline-missing")} == {""}


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_only_what_was_decided_on_is_carried_out(at: Desk) -> None:
    """Of two findings that are equal, the second takes over the fingerprint of the first once that is mended."""
    found = shown(at, "plain/one.txt")
    first, second = findings_of(found, "stray-quote")
    step, _ = carry_out(at, choice_of(found, first))
    assert text_of(at, "plain/one.txt") == TWICE.replace('"', "") + TWICE + "An end.\n"
    assert step.title == "stray-quote: take the mark out"
    take_back(at)
    carry_out(at, choice_of(found, second))
    assert text_of(at, "plain/one.txt") == TWICE + TWICE.replace('"', "") + "An end.\n"
    take_back(at)
    carry_out(at, choice_of(found, first, second))
    assert '"' not in text_of(at, "plain/one.txt")


def test_what_takes_the_place_of_something_that_was_taken_out_is_left(tmp_path: Path) -> None:
    """Of many equal boxes in a row each is, once the one before it is gone, in every respect the finding that was decided on."""
    box = '<section id="imu"></section>'
    page = (
        "---\ntitle: A specimen\ndate: 2021-01-01T03:20:15.482Z\nauthor: A. Specimen\n"
        f"from: https://www.zaobao.com/a\n---\n<!--1609471215482-->\n<p>One paragraph.</p>{box * 30}\n"
    )
    at = make_archive(tmp_path / "archive", {"zaobao-jekyll/boxes.md": page}, "")
    found = shown(at, "zaobao-jekyll/boxes.md")
    boxes = findings_of(found, "advertisement")
    assert len(boxes) == 30
    carry_out(at, choice_of(found, boxes[0]))
    assert text_of(at, "zaobao-jekyll/boxes.md").count(box) == 29
    take_back(at)
    carry_out(at, choice_of(found, *boxes[:7]))
    assert text_of(at, "zaobao-jekyll/boxes.md").count(box) == 23


def test_fixes_that_have_to_wait_for_another_are_carried_out_after_it(at: Desk) -> None:
    found = shown(at, "plain/safe.txt")
    carry_out(at, choice_of(found, *found.report.findings))
    assert text_of(at, "plain/safe.txt") == "The keeper's line\nends here\n"


def test_a_value_is_moved_to_the_sidecar_and_back(tmp_path: Path) -> None:
    at = make_archive(tmp_path / "archive", {"chinamil-text/leaked.txt": LEAKED}, "")
    found = shown(at, "chinamil-text/leaked.txt")
    carry_out(at, choice_of(found, *findings_of(found, "leaked-field")))
    assert not text_of(at, "chinamil-text/leaked.txt").startswith(" date")
    assert "date_published: {value: 2021-06-14" in text_of(at, "chinamil-text/leaked.txt.meta.yaml")
    take_back(at)
    assert files_of(at) == {"chinamil-text/leaked.txt": LEAKED.encode(), "validator.toml": b""}


def test_what_is_accepted_stays_accepted(at: Desk) -> None:
    found = shown(at, "plain/two.txt")
    step, _ = accept_findings(at, choice_of(found, *findings_of(found, "stray-quote")), "so in print", today())
    assert step.title == "accepted stray-quote"
    assert text_of(at, "plain/two.txt") == PLAIN["plain/two.txt"]
    after = shown(at, "plain/two.txt")
    assert [each.status for each in findings_of(after, "stray-quote")] == ["accepted"]
    with pytest.raises(DeskError, match="no such open finding"):
        accept_findings(at, choice_of(after, *findings_of(after, "stray-quote")), "again")


def test_what_cannot_be_accepted(at: Desk) -> None:
    (at.archive.root / "plain/one.txt.meta.yaml").write_text("record: {headline: x}\n")
    found = shown(at, "plain/one.txt")
    with pytest.raises(DeskError, match="cannot be accepted: it is about the sidecar itself"):
        accept_findings(at, choice_of(found, *findings_of(found, "sidecar-invalid")), "right")
    two = shown(at, "plain/two.txt")
    with pytest.raises(DeskError, match="in the past"):
        accept_findings(at, choice_of(two, *two.report.findings), "right", today() - timedelta(days=1))
    with pytest.raises(DeskError, match="reason"):
        accept_findings(at, choice_of(two, *two.report.findings), "")
    assert not (at.archive.root / "plain/two.txt.meta.yaml").exists()


def test_values_and_a_source_are_vouched_for(at: Desk) -> None:
    found = shown(at, "mod/item.txt")
    values = [NewValue("byline", ("One Name", "Another Name")), NewValue("byline_kind", "person")]
    outlook = checked_values(at, found, values)
    assert outlook.record["byline"] == ["One Name", "Another Name"]
    assert not (at.archive.root / "mod/item.txt.meta.yaml").exists()
    attest_values(at, choice_of(found)[0], values, "the printed page")
    report = shown(at, "mod/item.txt").report
    assert (report.verdict, report.record, report.findings) == (outlook.verdict, outlook.record, outlook.findings)
    found = shown(at, "mod/item.txt")
    assert name_sources(at, choice_of(found), "mod-gov-cn")[0].title == "source: mod-gov-cn"
    assert len(at.done) == 2
    found = shown(at, "mod/item.txt")
    attest_values(
        at, choice_of(found)[0], [NewValue("headline", "Another headline", "A specimen of a headline")], "print"
    )
    assert shown(at, "mod/item.txt").report.record["headline"] == "Another headline"


@pytest.mark.parametrize(
    ("values", "source", "said"),
    [
        ([NewValue("date_published", "14 June")], None, "date"),
        ([NewValue("headline", "")], None, "value"),
        ([NewValue("byline_kind", "nobody")], None, "byline_kind"),
        ([NewValue("colour", "red")], None, "unknown field"),
        ([], "no-such-source", "no-such-source"),
    ],
)
def test_a_value_that_is_none(at: Desk, values: list[NewValue], source: str | None, said: str) -> None:
    found = shown(at, "mod/item.txt")
    before = files_of(at)
    with pytest.raises(DeskError, match=said):
        checked_values(at, found, values, source)
    choice = choice_of(found)[0]
    with pytest.raises(DeskError, match=said):
        name_sources(at, [choice], source) if source else attest_values(at, choice, values, "a basis")
    assert (files_of(at), at.done) == (before, [])


def test_an_outlook_counts_the_sidecar_once(at: Desk) -> None:
    accepted = "accept:\n  - {rule: stray-quote, finding: abc, reason: x, by: y, on: 2021-06-14}\n"
    (at.archive.root / "mod/item.txt.meta.yaml").write_text(accepted)
    outlook = checked_values(at, shown(at, "mod/item.txt"), [NewValue("publisher", "A paper")])
    assert [each.rule for each in outlook.findings].count("acceptance-lapsed") == 1


def test_an_outlook_tells_where_the_text_disagrees(at: Desk) -> None:
    outlook = checked_values(at, shown(at, "mod/item.txt"), [NewValue("headline", "Another headline")])
    assert "sidecar-disagrees" in [finding.rule for finding in outlook.findings]
    outlook = checked_values(at, shown(at, "plain/one.txt"), [], "mod-gov-cn")
    assert outlook.source == "plain-text"  # the configuration comes first


def test_many_seeds_at_once_and_those_that_were_left_out(at: Desk) -> None:
    one, two = shown(at, "plain/one.txt"), shown(at, "plain/two.txt")
    (at.archive.root / "plain/two.txt").write_text("Changed meanwhile.\n")
    choices = [Choice(each.seed, each.version, ids(*findings_of(each, "stray-quote"))) for each in (one, two)]
    step, left = carry_out(at, choices, "stray-quote")
    assert (step.names, list(left)) == (("plain/one.txt",), ["plain/two.txt"])
    assert "changed on disk" in left["plain/two.txt"]
    with pytest.raises(DeskError, match="changed on disk"):
        accept_findings(at, choices, "right", title="stray-quote")
    assert len(at.done) == 1
    take_back(at)
    one = shown(at, "plain/one.txt")
    step, left = accept_findings(at, choice_of(one, *one.report.findings), "right", title="stray-quote")
    assert (step.title, left) == ("accepted stray-quote", {})


def test_a_decision_carries_a_name(at: Desk) -> None:
    at.by = ""
    found = shown(at, "plain/one.txt")
    decisions: list[Callable[[], object]] = [
        lambda: carry_out(at, choice_of(found, *found.report.findings)),
        lambda: accept_findings(at, choice_of(found, *found.report.findings), "right"),
        lambda: repair_safely(at, choice_of(found)),
    ]
    for decide in decisions:
        with pytest.raises(NamelessError):
            decide()
    assert checked_values(at, found, [NewValue("publisher", "A paper")]).record["publisher"] == "A paper"


# --- what is not written to -------------------------------------------------------------------------------------------


def test_links_and_what_lies_outside_are_refused(at: Desk, tmp_path: Path) -> None:
    root = at.archive.root
    outside = tmp_path / "outside.txt"
    outside.write_text(PLAIN["plain/two.txt"])
    (root / "plain/link.txt").symlink_to(outside)
    (root / "folder").symlink_to(tmp_path)
    (root / "plain/two.txt.meta.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    (tmp_path / "elsewhere.yaml").write_text("record: {}\n")
    before = files_of(at), outside.read_bytes(), (tmp_path / "elsewhere.yaml").read_bytes()
    named = [
        seed_of(at, "plain/link.txt"), seed_of(at, "folder/outside.txt"), Seed.at(outside, str(outside)),
        Seed.at(root / ".." / "outside.txt", "../outside.txt"), seed_of(at, "plain/two.txt"),
    ]  # fmt: skip
    for seed in named:
        assert refusal(at.archive, seed), seed
        with pytest.raises(DeskError, match=r"link|outside"):
            carry_out(at, [Choice(seed, "any version")])
        with pytest.raises(DeskError, match=r"link|outside"):
            attest_values(at, Choice(seed, "any version"), [NewValue("publisher", "x")], "y")
    assert (files_of(at), outside.read_bytes(), (tmp_path / "elsewhere.yaml").read_bytes()) == before
    assert refusal(at.archive, seed_of(at, "plain/one.txt")) == ""


def test_a_sidecar_that_becomes_a_link_between_looking_and_writing(at: Desk, tmp_path: Path) -> None:
    found = shown(at, "plain/two.txt")
    (tmp_path / "target").write_text("")
    (at.archive.root / "plain/two.txt.meta.yaml").symlink_to(tmp_path / "target")
    with pytest.raises(DeskError, match="symbolic link"):
        desk._exchange(found.seed.sidecar, b"", b"record: {}\n")
    assert (found.sidecar, (tmp_path / "target").read_bytes()) == (None, b"")


Change = Callable[[Path], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "plain/two.txt").write_text("Changed.\n"),
        lambda root: (root / "plain/two.txt").unlink(),
        lambda root: (root / "plain/two.txt.meta.yaml").write_text("record: {}\n"),
        lambda root: (root / "plain/seeds.meta.yaml").write_text("seeds: []\n"),
    ],
)
def test_what_was_decided_on_another_version_is_not_written(at: Desk, change: Change) -> None:
    found = shown(at, "plain/two.txt")
    change(at.archive.root)
    before = files_of(at)
    wanted = ids(*found.report.findings)
    with pytest.raises(DeskError):
        carry_out(at, [Choice(found.seed, found.version, wanted)])
    with pytest.raises(DeskError):
        accept_findings(at, [Choice(found.seed, found.version, wanted)], "right")
    with pytest.raises(DeskError):
        attest_values(at, choice_of(found)[0], [NewValue("publisher", "x")], "y")
    with pytest.raises(DeskError):
        repair_safely(at, choice_of(found))
    assert (files_of(at), at.done) == (before, [])
    assert not (at.archive.root / ".validator/events").exists()


@pytest.mark.parametrize("where", ["seed", "sidecar"])
def test_a_change_between_the_last_look_and_the_write(at: Desk, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes the file after the version was compared is noticed by the write itself."""
    found = shown(at, "plain/two.txt")
    compare = desk._as_shown

    def compare_and_change(*arguments: Any) -> Sheet:
        seen = compare(*arguments)
        name = "plain/two.txt" if where == "seed" else "plain/two.txt.meta.yaml"
        (at.archive.root / name).write_text("theirs: 1\n")
        return seen

    monkeypatch.setattr(desk, "_as_shown", compare_and_change)
    choices = choice_of(found, *found.report.findings)
    with pytest.raises(StaleError):
        carry_out(at, choices) if where == "seed" else accept_findings(at, choices, "right")
    name = "plain/two.txt" if where == "seed" else "plain/two.txt.meta.yaml"
    assert text_of(at, name) == "theirs: 1\n"
    assert at.done == []


# --- taking back, and doing again -------------------------------------------------------------------------------------


def test_nothing_to_undo_or_redo(at: Desk) -> None:
    with pytest.raises(DeskError, match="no decision to undo"):
        take_back(at)
    with pytest.raises(DeskError, match="no decision to do again"):
        do_again(at)


def test_a_new_decision_ends_what_could_be_done_again(at: Desk) -> None:
    found = shown(at, "plain/two.txt")
    accept_findings(at, choice_of(found, *found.report.findings), "right")
    take_back(at)
    repair_safely(at, [Choice(*(getattr(shown(at, "plain/safe.txt"), name) for name in ("seed", "version")))])
    assert at.undone == []


def test_a_file_that_was_changed_since_stays_and_stands_in_nobodys_way(at: Desk) -> None:
    safe = shown(at, "plain/safe.txt")
    repair_safely(at, [Choice(safe.seed, safe.version)])
    one, two = shown(at, "plain/one.txt"), shown(at, "plain/two.txt")
    choices = [Choice(each.seed, each.version, ids(*findings_of(each, "stray-quote"))) for each in (one, two)]
    carry_out(at, choices, "stray-quote")
    (at.archive.root / "plain/two.txt").write_text("Theirs.\n")
    with pytest.raises(StaleError, match=re.escape("plain/two.txt stays as it is")):
        take_back(at)
    assert (text_of(at, "plain/one.txt"), text_of(at, "plain/two.txt")) == (PLAIN["plain/one.txt"], "Theirs.\n")
    assert [step.names for step in at.undone] == [("plain/one.txt",)]
    assert take_back(at).title == "safe repairs"
    assert text_of(at, "plain/safe.txt") == PLAIN["plain/safe.txt"]


def test_what_the_system_did_not_let_be_undone_can_be_tried_again(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(at, "plain/two.txt")
    carry_out(at, choice_of(found, *findings_of(found, "stray-quote")))

    def fail(*arguments: object, **named: object) -> None:
        raise UnwritableError("no space left on the device")

    with monkeypatch.context() as patched:
        patched.setattr(desk, "undo", fail)
        with pytest.raises(DeskError, match="no space left"):
            take_back(at)
    assert len(at.done) == 1
    take_back(at)
    assert text_of(at, "plain/two.txt") == PLAIN["plain/two.txt"]


def test_a_repair_that_somebody_else_undid(at: Desk) -> None:
    found = shown(at, "plain/two.txt")
    carry_out(at, choice_of(found, *findings_of(found, "stray-quote")))
    other = replace(at, done=list(at.done), undone=[], sheets={})
    take_back(other)
    with pytest.raises(StaleError, match="no repair of it is on record"):
        take_back(at)
    assert at.done == []


Decision = tuple[str, int]
DECISIONS = st.lists(
    st.tuples(
        st.sampled_from(["carry out", "accept", "attest", "repair", "source", "undo", "redo"]), st.integers(0, 9)
    ),
    max_size=12,
)


def take(at: Desk, what: str, number: int) -> None:
    names = sorted(PLAIN | RECORDED)
    found = shown(at, names[number % len(names)])
    choice = choice_of(found)[0]
    some = ids(*found.report.findings[number % 2 :: 2])
    if what == "carry out":
        carry_out(at, [Choice(found.seed, found.version, some)])
    elif what == "accept":
        accept_findings(at, [Choice(found.seed, found.version, some)], f"reason {number}")
    elif what == "attest":
        attest_values(at, choice_of(found)[0], [NewValue("publisher", f"Paper {number}")], "print")
    elif what == "repair":
        repair_safely(at, [choice])
    elif what == "source":
        name_sources(at, [choice], "mod-gov-cn")
    elif what == "undo":
        take_back(at)
    else:
        do_again(at)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(decisions=DECISIONS)
def test_undoing_all_gives_the_same_bytes_and_redoing_all_those_that_were(
    decisions: list[Decision], tmp_path_factory: pytest.TempPathFactory
) -> None:
    at = make_archive(tmp_path_factory.mktemp("sitting") / "archive", PLAIN | RECORDED)
    before = files_of(at)
    for what, number in decisions:
        files, piles = files_of(at), (len(at.done), len(at.undone))
        try:
            take(at, what, number)
        except DeskError:
            assert (files_of(at), (len(at.done), len(at.undone))) == (files, piles)  # all of it, or nothing
    after, number = files_of(at), len(at.done)
    for _ in range(number):
        take_back(at)
    assert files_of(at) == before
    for _ in range(number):
        do_again(at)
    assert files_of(at) == after
    for _ in range(number):
        take_back(at)
    assert files_of(at) == before


# --- the same as the command line -------------------------------------------------------------------------------------


def program(folder: Path, command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.chdir(folder)
        assert program_in(capsys, patched)(command).code in (0, 1)


SAME: list[tuple[str, str, Callable[[Desk, Sheet], object]]] = [
    (
        "plain/safe.txt", f'repair plain/safe.txt --by "{BY}"',
        lambda at, found: repair_safely(at, choice_of(found)),
    ),
    (
        "plain/one.txt", f'repair --unsafe --select stray-quote plain/one.txt --by "{BY}"',
        lambda at, found: carry_out(at, choice_of(found, *findings_of(found, "stray-quote"))),
    ),
    (
        "plain/one.txt", f'accept plain/one.txt stray-quote --reason "so in print" --by "{BY}" --until 2099-12-31',
        lambda at, found: accept_findings(
            at, choice_of(found, *findings_of(found, "stray-quote")), "so in print", date(2099, 12, 31)
        ),
    ),
    (
        "mod/item.txt", f'attest mod/item.txt byline "One Name" "Another Name" --basis print --by "{BY}"',
        lambda at, found: attest_values(
            at, choice_of(found)[0], [NewValue("byline", ("One Name", "Another Name"))], "print"
        ),
    ),
    (
        "mod/item.txt",
        f'attest mod/item.txt headline Another --replaces "A specimen of a headline" --basis print --by "{BY}"',
        lambda at, found: attest_values(
            at, choice_of(found)[0], [NewValue("headline", "Another", "A specimen of a headline")], "print"
        ),
    ),
    (
        "mod/item.txt", "attest mod/item.txt source mod-gov-cn",
        lambda at, found: name_sources(at, choice_of(found), "mod-gov-cn"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "command", "decide"), SAME, ids=[command.split(" --")[0] for _, command, _ in SAME])
def test_what_is_written_is_what_the_command_line_writes(
    name: str,
    command: str,
    decide: Callable[[Desk, Sheet], object],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_hand = make_archive(tmp_path / "by-hand", PLAIN | RECORDED)
    by_command = make_archive(tmp_path / "by-command", PLAIN | RECORDED)
    before = files_of(by_hand)
    decide(by_hand, shown(by_hand, name))
    program(by_command.archive.root, command, capsys, monkeypatch)
    assert files_of(by_hand) == files_of(by_command) != before
    events = [
        [(e.type, e.by, e.changes, e.seed, e.sidecar) for e in history(a.archive.root, name)]
        for a in (by_hand, by_command)
    ]
    assert events[0] == events[1]


def test_a_preview_is_what_is_carried_out(at: Desk) -> None:
    found = shown(at, "plain/safe.txt")
    expected = preview(at, found).data
    assert text_of(at, "plain/safe.txt") == PLAIN["plain/safe.txt"]
    repair_safely(at, choice_of(found))
    assert text_of(at, "plain/safe.txt").encode() == expected
    with pytest.raises(DeskError, match="nothing to fix"):
        preview(at, shown(at, "plain/safe.txt"))


def test_what_a_run_left_that_was_cut_short_is_settled(at: Desk) -> None:
    found = shown(at, "plain/two.txt")
    carry_out(at, choice_of(found, *findings_of(found, "stray-quote")))
    assert settle(at, [seed_of(at, name) for name in PLAIN]) == []
    part = at.archive.root / "plain" / ".two.txt.00000000-0000-0000-0000-000000000000.validator-part"
    part.write_text("half of")
    settle(at, [seed_of(at, name) for name in PLAIN])
    assert not part.exists()
