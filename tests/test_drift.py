"""Drift: a layout that changes is found within twenty seeds, and one that does not gives no alarm."""

from __future__ import annotations

import json
import random
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import click
import pytest
from drifting import KINDS, Archive, distance, drift_in, sources_of
from hypothesis import given
from hypothesis import strategies as st
from running import Program, program_in, put, refused, table

from validator.reports.drift import drift_in_words
from validator.sources.drift import Sightings, drift_of
from validator.sources.model import DAY_BYTES, FIELDS
from validator.sources.shifts import FEWEST, LEAST, shifts

CHANGES = [(kind, after) for kind in KINDS for after in table("drift", kind)["after"]]


def changing(number: int, seeds: int) -> Archive:
    """One archive whose layout changes, out of fifty."""
    kind, after = CHANGES[number]
    chance = random.Random(number)
    at = chance.randrange(FEWEST, seeds - FEWEST)
    names = chance.choice(("dated", "numbered"))  # a date that is lost leaves its order to the paths
    return Archive(kind, after, at, seeds, chance.uniform(0, 0.3), chance.choice((1, 1, 4, 8)), names, number)


def unchanging(number: int, seeds: int) -> Archive:
    """One archive whose layout does not change."""
    chance = random.Random(1_000 + number)
    names = chance.choice(("dated", "numbered", "random"))
    run = chance.choice((1, 1, 4, 8, 12))
    return Archive(KINDS[number % 3], None, 0, seeds, chance.uniform(0, 0.3), run, names, number)


def found(numbers: range, seeds: int) -> tuple[int, list[str]]:
    """In how many archives the change is found within twenty seeds, and what is said of the others."""
    right, others = 0, []
    for number in numbers:
        archive = changing(number, seeds)
        away = distance(archive, drift_in(archive))
        if away is not None and away <= 20:
            right += 1
        else:
            others.append(f"{archive.kind}, {archive.after}, at {archive.at}: {away}")
    return right, others


def alarms(numbers: range, seeds: int) -> list[str]:
    """What is said of archives that do not change."""
    said = []
    for archive in (unchanging(number, seeds) for number in numbers):
        said += [f"{archive}: {change}" for change in drift_in(archive).changes]
    return said


def test_changes_are_found_in_small_archives() -> None:
    assert len(CHANGES) == 50
    right, others = found(range(0, 50, 6), 240)
    assert (right, others) == (9, [])


def test_small_archives_that_do_not_change_give_no_alarm() -> None:
    assert alarms(range(9), 240) == []


@pytest.mark.nightly
def test_fifty_changes_in_a_thousand_seeds_each() -> None:
    """Prints the figures: `pytest -m nightly -s tests/test_drift.py`."""
    right, others = found(range(50), 1_000)
    click.echo(f"\nchanges found within 20 seeds: {right} of 50 {others}")
    assert right >= 48


@pytest.mark.nightly
def test_fifty_archives_of_a_thousand_seeds_that_do_not_change() -> None:
    """Prints the figures: `pytest -m nightly -s tests/test_drift.py`."""
    said = alarms(range(50), 1_000)
    click.echo(f"\nalarms in 50 archives that do not change: {len(said)}")
    assert said == []


# --- shifts -------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 3000), st.sampled_from([b"\0", b"\1"]))
def test_what_never_changes_has_no_shift(number: int, state: bytes) -> None:
    assert shifts(state * number) == []


@given(st.integers(0, 200), st.integers(0, 200), st.booleans())
def test_a_clean_change_is_found_exactly_if_enough_is_on_both_sides(before: int, after: int, is_up: bool) -> None:
    one, other = (b"\0", b"\1") if is_up else (b"\1", b"\0")
    said = [each.at for each in shifts(one * before + other * after)]
    if min(before, after) < 25:
        assert said == []
    elif min(before, after) < LEAST:
        assert all(LEAST <= at <= before + after - LEAST for at in said)
    else:
        assert said == [before]


@given(st.integers(60, 400), st.integers(60, 400), st.floats(0, 0.3), st.integers(0, 1_000))
def test_a_change_is_found_near_and_the_same_backwards_and_upside_down(
    before: int, after: int, missing: float, number: int
) -> None:
    chance = random.Random(number)
    bits = bytes(chance.random() >= missing for _ in range(before)) + bytes(after)
    (shift,) = shifts(bits)
    assert abs(shift.at - before) <= 20
    (backwards,) = shifts(bits[::-1])
    assert (backwards.at, backwards.before) == (len(bits) - shift.at, shift.after)
    mirrored = shifts(bytes(1 - bit for bit in bits), most=0.45, least=0.85)
    assert [each.at for each in mirrored] == [shift.at]


@given(st.binary(max_size=600).map(lambda noise: bytes(each & 1 for each in noise)))
def test_any_sequence_has_shifts_in_order_and_with_enough_on_both_sides(bits: bytes) -> None:
    edges = [0, *(each.at for each in shifts(bits)), len(bits)]
    assert all(other - one >= LEAST for one, other in pairwise(edges)) or len(edges) == 2


@pytest.mark.parametrize("missing", [0.05, 0.1, 0.2, 0.3, 0.5])
@pytest.mark.parametrize("run", [1, 3, 8])
def test_shares_and_runs_are_no_shifts(missing: float, run: int) -> None:
    said = 0
    for number in range(40):
        chance, bits, state = random.Random(number), bytearray(), 1
        for _ in range(1_000):
            state = (chance.random() < 1 / run) if not state else (chance.random() >= missing / (1 - missing) / run)
            bits.append(state)
        said += bool(shifts(bytes(bits)))
    assert said == 0


def test_a_series_of_other_pages_is_no_change_of_the_layout_but_a_layout_of_some_years_is() -> None:
    assert shifts(bytes([1] * 300 + [0] * 60 + [1] * 300)) == []
    assert [each.at for each in shifts(bytes([1] * 300 + [0] * 100 + [1] * 300))] == [300, 400]


def test_a_share_that_grows_slowly_is_no_change() -> None:
    chance = random.Random(1)
    assert shifts(bytes(chance.random() < 0.4 + 0.5 * number / 1_000 for number in range(1_000))) == []


# --- order ----------------------------------------------------------------------------------------------------------------


def sighted(names: str, layout: str | None = None) -> tuple[str | None, bytes]:
    """What is told of a seed in which these fields are found, each at its first place."""
    return layout, bytes(each for name in FIELDS for each in ((1 if name in names.split() else 0), 0))


def add(
    sightings: Sightings, number: int, day: date | None, layout: str | None, sighting: bytes, path: str = "a"
) -> None:
    """Tell of a seed of this day."""
    ordinal = day.toordinal() if day is not None else 0
    sightings.add(number, path, layout, ordinal.to_bytes(DAY_BYTES, "big") + sighting)


BOTH, ONE = sighted("headline byline body"), sighted("headline body")


def test_seeds_are_in_the_order_of_their_dates_and_not_of_their_paths() -> None:
    sightings, start = Sightings(), date(2019, 1, 1)
    shuffled = random.Random(3).sample(range(200), 200)
    for number, at in enumerate(shuffled):
        add(sightings, number, start + timedelta(at), *(BOTH if at < 120 else ONE))
    (change,) = drift_of(sightings).changes
    assert (change.at, change.day) == (120, start + timedelta(120))
    assert (change.seed, change.seed_before) == (shuffled.index(120), shuffled.index(119))
    assert [each.field for each in change.fields] == ["byline"]


def test_seeds_without_a_date_are_put_after_the_seed_before_them_by_path() -> None:
    sightings, start = Sightings(), date(2019, 1, 1)
    for number in range(200):
        add(sightings, number, start + timedelta(number) if number < 120 else None, *(BOTH if number < 120 else ONE))
    drift = drift_of(sightings)
    assert [each.at for each in drift.changes] == [120]
    assert (drift.without_day, drift.left_out) == (80, 0)


def test_seeds_without_a_date_are_left_out_where_paths_do_not_follow_the_dates() -> None:
    sightings, start = Sightings(), date(2019, 1, 1)
    for number, at in enumerate(random.Random(3).sample(range(200), 200)):
        add(sightings, number, start + timedelta(at) if at < 120 else None, *(BOTH if at < 120 else ONE))
    drift = drift_of(sightings)
    assert (drift.changes, drift.left_out) == ((), 80)
    lines = list(drift_in_words(sources_of("text")["new"], drift, str, 80))
    assert lines[1] == "  without a date and left out, as paths do not follow the dates: 80 seeds"
    assert lines[-1] == "No change of the layout was found among the seeds that could be placed."


def test_a_layout_that_is_described_is_no_change_and_one_that_is_not_is_one() -> None:
    sightings = Sightings()
    elsewhere = bytes(each for name in FIELDS for each in ((3 if name in ("headline", "byline", "body") else 0), 7))
    kinds = [("", BOTH[1])] * 80 + [("later", elsewhere)] * 80 + [("", ONE[1])] * 80
    for number, kind in enumerate(kinds):
        add(sightings, number, date(2019, 1, 1) + timedelta(number), *kind)
    drift = drift_of(sightings)
    assert [(each.at, [one.field for one in each.fields]) for each in drift.changes] == [(160, ["byline"])]
    assert drift.layouts == {"": 160, "later": 80}


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (("", ONE), ("later", BOTH), 0),
        (("", BOTH), ("later", ONE), 0),
        (("old", ONE), ("", BOTH), 0),
        (("old", BOTH), ("", ONE), 1),  # a layout that nobody has described is read as the source is written
        (("", BOTH), ("", ONE), 1),
        (("later", BOTH), ("later", ONE), 1),
    ],
)
def test_a_field_that_comes_with_a_layout_is_no_change(
    before: tuple[str, tuple[None, bytes]], after: tuple[str, tuple[None, bytes]], changes: int
) -> None:
    sightings = Sightings()
    for number, (layout, (_, sighting)) in enumerate([before] * 80 + [after] * 80):
        add(sightings, number, date(2019, 1, 1) + timedelta(number), layout, sighting)
    assert len(drift_of(sightings).changes) == changes


def test_few_seeds_say_nothing() -> None:
    sightings = Sightings()
    for number in range(FEWEST - 1):
        add(sightings, number, None, *(BOTH if number < 30 else ONE))
    assert drift_of(sightings).changes == ()
    assert drift_of(Sightings()).periods == ()


@given(st.lists(st.tuples(st.none() | st.dates(), st.sampled_from([BOTH, ONE, (None, b"")])), max_size=150))
def test_every_seed_is_in_one_row_of_the_table_or_left_out(told: list[tuple[date | None, tuple[None, bytes]]]) -> None:
    sightings = Sightings()
    for number, (day, kind) in enumerate(told):
        add(sightings, number, day, *kind)
    drift = drift_of(sightings)
    assert drift.seeds == len(told) == sum(period.seeds for period in drift.periods) + drift.left_out
    assert all(0 <= period.found[name] <= period.seeds for period in drift.periods for name in drift.fields)
    assert all(0 <= change.seed < len(told) and change.seed != change.seed_before for change in drift.changes)


@pytest.mark.parametrize(
    ("day", "path", "expected"),
    [
        ("2021-03-04", "a/2019-01-01.txt", "2021-03-04"),
        (None, "a/2019-01-31-b.txt", "2019-01-31"),
        (None, "a/2019/01/31/b.txt", "2019-01-31"),
        (None, "a/20190131.txt", "2019-01-31"),
        (None, "a/2019_01_31.txt", "2019-01-31"),
        (None, "a/b.txt", None),
        (None, "a/2019-13-31-b.txt", None),
        (None, "a/2019-02-30/2019-03-01.txt", "2019-03-01"),
        (None, "a/1201901315.txt", None),
        (None, "a/2019-0131.txt", None),
    ],
)
def test_the_day_of_a_seed(day: str | None, path: str, expected: str | None) -> None:
    sightings = Sightings()
    add(sightings, 0, date.fromisoformat(day) if day else None, *BOTH, path=path)
    found = drift_of(sightings).first
    assert (found.isoformat() if found else None) == expected


# --- on the command line ------------------------------------------------------------------------------------------------


def written(folder: Path, archive: Archive) -> None:
    """Write an archive of the source `herald`, with its schema, into a folder."""
    identify = "identify: {paths: ['seeds/**'], text: [{pattern: 'Sample', score: 5}], at_least: 10}\n"
    schema = f"id: herald\ntitle: The Sample Herald\n{identify}{table('drift', archive.kind)['schema']}"
    put(folder / "schemas" / "herald.yaml", schema)
    put(folder / "validator.toml", 'schemas = ["schemas"]\n')
    for path, text in archive.written():
        put(folder / "seeds" / path, text)


@pytest.fixture(name="herald")
def _herald(workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    written(workplace, Archive("text", "the label of the byline", 70, 140, 0.1, 1, "numbered", 5))
    return program_in(capsys, monkeypatch)


def test_the_command_shows_a_table_and_names_the_seed_at_which_the_layout_changes(herald: Program) -> None:
    done = herald("sources drift herald seeds")
    said = " ".join(done.out.split())
    assert done.code == 1
    assert max(map(len, done.lines())) <= 80
    assert "herald: 140 seeds, 2015-01-10 to 2015-08-29 " in said
    assert "The layout seems to change at seed 71 of 140, seeds/00070-seed.txt (2015-" in said
    assert re.search(r"byline: found in \d\d% before, in 0% after", said)
    assert "Compare it with the seed before it, seeds/00069-seed.txt." in said
    assert re.search(r"beside the old one: `validator sources learn herald PATHS --since 2015-\S+`", said)
    assert re.search(r"(?m)^  2015-01 +\d+  ##### 100  \S{5} +\d+  ", done.out)


def test_the_json_form_has_the_same(herald: Program) -> None:
    done = herald("sources drift herald seeds --format json")
    entry = json.loads(done.out)
    (change,) = entry["changes"]
    assert (done.code, entry["source"], entry["seeds"], entry["unrecognized"]) == (1, "herald", 140, 0)
    assert (change["at"], change["seed"], change["seed_before"]) == (71, "seeds/00070-seed.txt", "seeds/00069-seed.txt")
    (field,) = change["fields"]
    assert (field["field"], field["after"], field["place_before"]) == ("byline", 0, None)
    assert sum(period["seeds"] for period in entry["periods"]) == 140


def test_a_folder_that_is_checked_says_so_at_its_end_and_a_gate_does_not(herald: Program) -> None:
    said = " ".join(herald("validate seeds").out.partition("Summary")[2].split())
    assert "herald: the layout seems to change at seeds/00070-seed.txt (2015-" in said
    assert said.endswith("See `validator sources drift herald PATHS`.")
    again = " ".join(herald("validate seeds").out.partition("Summary")[2].split())  # from what was kept
    assert again == said
    for line in ("validate seeds --quiet", "validate seeds --format concise", "validate seeds/00070-seed.txt"):
        done = herald(line)
        assert "layout" not in done.out + done.err


def test_a_layout_that_is_described_is_told_by_its_name(herald: Program, workplace: Path) -> None:
    schema = workplace / "schemas" / "herald.yaml"
    layout = "layouts: [{name: labels, pattern: '^Author: ', record: {byline: [{pattern: '^Author: (?P<value>[^\\n]+)$'}]}}]\n"
    put(schema, schema.read_text("utf-8") + layout)
    done = herald("sources drift herald seeds")
    assert (done.code, done.lines()[-1]) == (0, "No change of the layout was found.")
    assert re.search(r"(?m)^  \d+ of layout labels\n  \d+ as the source is written$", done.out)


def test_seeds_that_are_no_longer_recognized_are_read_all_the_same(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(workplace, Archive("text", "no masthead", 70, 140, 0.1, 1, "dated", 5))
    schema = workplace / "schemas" / "herald.yaml"
    fingerprint = schema.read_text("utf-8").replace("pattern: 'Sample'", "pattern: '\\AThe Sample Herald$'")
    put(schema, fingerprint.replace("paths: ['seeds/**'], ", "").replace("score: 5", "score: 10"))
    done = program_in(capsys, monkeypatch)("sources drift herald seeds")
    assert done.code == 1
    assert re.search(r"source: found in 100% before, in 0% after", done.out)
    assert "70 seeds not recognized as herald, but read as its own" in done.out
    said = " ".join(program_in(capsys, monkeypatch)("validate seeds").out.partition("Summary")[2].split())
    assert re.search(r"herald: 100% of the seeds are recognized before seeds/\S+-00070.txt \(2015-\S+\), 0% from", said)


def test_seeds_of_another_folder_say_nothing_about_a_source(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(workplace, Archive("text", None, 0, 70, 0.1, 1, "dated", 5))
    for folder, change in (("others", None), ("some", "no author")):  # two sites of one generic source
        for path, text in Archive("front matter", change, 0, 70, chance=6).written():
            put(workplace / folder / path.replace("2015", "2035"), text.replace("2015", "2025" if change else "2005"))
    said = program_in(capsys, monkeypatch)("validate .").out
    assert "210 seeds" in said
    assert "seems to change" not in said
    assert "recognized before" not in said


def test_a_generic_source_may_only_have_come_to_another_site(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, text in Archive("front matter", "no author", 70, 140, 0.1, 1, "dated", 5).written():
        put(workplace / path, text)
    said = " ".join(program_in(capsys, monkeypatch)("validate .").out.partition("Summary")[2].split())
    assert "article: the layout seems to change, or seeds of another site begin, at 2015-" in said


@pytest.mark.parametrize(
    ("kind", "after"),
    [("text", "all labels"), ("text", "the label of the byline"), ("front matter", "every key in capitals"),
     ("front matter", "the byline as a list"), ("html", "no JSON-LD")],
)  # fmt: skip
def test_the_new_layout_is_drafted_beside_the_old_and_then_nothing_has_changed(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kind: str, after: str
) -> None:
    written(workplace, Archive(kind, after, 70, 140, 0.1, 1, "dated", 5))
    program = program_in(capsys, monkeypatch)
    (change,) = json.loads(program("sources drift herald seeds --format json").out)["changes"]
    line = f"sources learn herald seeds --since {change['date']}"
    done = program(f"{line} --output new/herald.yaml")
    assert done.code == 0
    assert re.search(r"it reads (\d+) of \1 seeds", done.out)
    old, new = (workplace / folder / "herald.yaml" for folder in ("schemas", "new"))
    assert new.read_text("utf-8").startswith(old.read_text("utf-8").rstrip())
    assert program(line).out in new.read_text("utf-8")
    put(old, new.read_text("utf-8"))
    done = program("sources drift herald seeds")
    assert (done.code, done.lines()[-1]) == (0, "No change of the layout was found.")
    assert re.search(rf"(?m)^  \d+ of layout since {change['date']}$", done.out)
    refused(program(line), "0 seeds since", "expected at least 3")  # all are read by a layout now


def test_wrong_use_of_learn_since(herald: Program) -> None:
    refused(herald("sources learn hrald seeds --since 2015-05-01"), "learn it first, without --since", '"herald"?')
    refused(herald("sources learn herald seeds --since 2030-01-01"), "0 seeds since 2030-01-01, expected at least 3")
    refused(herald("sources learn herald seeds --since 2015-05-01 --output other.yaml"), "is called after its id")
    refused(herald("sources learn herald seeds --since 2015-05-01 --output schemas/herald.yaml"), "cannot be written")
    assert herald("sources learn herald seeds --since May").code == 2


def test_wrong_use_of_the_command(herald: Program) -> None:
    refused(herald("sources drift hrald seeds"), 'no source is called "hrald"', 'did you mean "herald"?')
    refused(herald("sources drift herald nowhere"), "not found: nowhere")
    assert herald("sources drift mod-gov-cn seeds").code == 0


def test_a_page_says_from_which_place_a_field_is_read() -> None:
    kind = "html"
    drift = drift_in(Archive(kind, "no headline in JSON-LD", 80, 160))
    said = " ".join("\n".join(drift_in_words(sources_of(kind)["new"], drift, str, 80)).split())
    assert "headline: found at another place: json_ld headline before, meta og:title after" in said
