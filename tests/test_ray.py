"""The same run on a cluster: a real one on this machine, with worker processes that are killed. Reports are equal to the byte."""

from __future__ import annotations

import base64
import gc
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

import validator
from benchmarks.archive import write_archive
from benchmarks.pairs import plant
from validator.across.comparing import reports_of
from validator.archive.discovery import discover
from validator.archive.opening import Archive, Request, judge, open_archive
from validator.archive.reading import sidecars_for, today
from validator.archive.seeds import Seed
from validator.batch import cluster
from validator.batch.arrow import SCHEMA, entries_of, validate_batch
from validator.batch.cluster import STARTED, SUMMARY, Input, Outcome, run_on_ray
from validator.batch.datasets import located, portions_of_seeds
from validator.cli.chosen import exit_code
from validator.engine.listening import by_view
from validator.reports.entries import encoded, finding_entry, seed_entry
from validator.reports.model import Profile, Tally
from validator.rules import RULES
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Verdict

CHECKOUT = Path(validator.__file__).parents[1]
PROFILE = Profile("0" * 64)


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """A cluster of two processors on this machine, one a process of the test runner; its workers can import this module."""
    quiet = cluster._ray()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join((str(Path(__file__).parent), str(CHECKOUT))))
        start(quiet)
    yield quiet
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of processes that Ray does not wait for
        quiet.shutdown()
        gc.collect()


def start(quiet: Any) -> None:
    quiet.init(
        address="local", num_cpus=2, include_dashboard=False, object_store_memory=80_000_000, log_to_driver=False,
        logging_level="ERROR",
    )  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the five sources, a fifth of its seeds broken, and what no generator makes: what is no file at all."""
    folder = tmp_path_factory.mktemp("mixed")
    write_archive("mixed", folder, 260, 0.2, 7)
    (folder / "validator.toml").write_text(
        'limit-bytes = 60000\nignore = ["final-newline"]\n'
        '[[overrides]]\npaths = ["zaobao*/**"]\nselect = ["record", "front-matter"]\nfail-on = "never"\n'
    )
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    (folder / "large.txt").write_bytes(b"x" * 60_001)
    (folder / "empty.txt").touch()
    (folder / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"caf\xe9")
    (folder / "lone.txt.meta.yaml").write_text("source: mod-gov-cn\n")
    (folder / "below").mkdir()
    (folder / "below" / "a.txt").write_text("A line.\n")
    (folder / "below" / "seeds.meta.yaml").write_text("seeds:\n  - {files: ['*.txt'], source: plain-text}\n")
    return folder


def opened(folder: Path, ignore: tuple[str, ...] = ()) -> Archive:
    return open_archive(Request(folder, today=today(), ignore=ignore))


def seeds_in(archive: Archive) -> Sequence[Seed]:
    return discover([archive.root], archive.settings, archive.root).seeds


def line_of(report: SeedReport) -> str:
    return encoded(seed_entry(report) | {"findings": [finding_entry(each) for each in report.findings]})


def locally(archive: Archive, jobs: int = 1) -> list[SeedReport]:
    return list(reports_of(archive, seeds_in(archive), jobs))


def written(folder: Path | str) -> list[str]:
    """The lines of a result, by path."""
    system, place = located(str(folder))
    table = parquet.read_table(place, filesystem=system)
    assert table.schema.equals(SCHEMA)
    entries = sorted(entries_of(table), key=lambda entry: os.fsencode(entry["path"]))
    return [encoded(entry) for entry in entries]


def on_ray(archive: Archive, output: Path | str, *data_sets: Path | str, **options: Any) -> Outcome:
    seeds = options.pop("seeds", () if data_sets else seeds_in(archive))
    given = Input(seeds, [str(place) for place in data_sets], options.pop("others", ()))
    return run_on_ray(archive, given, str(output), code=exit_code, profile=PROFILE, **options)


# --- the same everywhere ----------------------------------------------------------------------------------------------


def rows_of(archive: Archive) -> pa.Table:
    """The seeds of an archive that can be read, with their sidecars, as a table."""
    rows = []
    for seed in seeds_in(archive):
        if seed.path.is_file() and seed.name.isascii():
            own = f"{seed.name}.meta.yaml"
            beside: dict[str, Any] = dict(sidecars_for(seed.path, archive.root))
            rows.append(
                {
                    "path": seed.name,
                    "content": seed.path.read_bytes(),
                    "sidecar": beside.pop(own, None),
                    "folder_sidecars": [{"name": name, "content": content} for name, content in beside.items()],
                }
            )
    return pa.Table.from_pylist(rows)


def compare(ray: Any, folder: Path, output: Path) -> None:
    """Hold reports on an archive against each other.

    Of one worker, of two, of seeds alone in any order with all rules asked, of a batch, of a cluster, of Ray Data. A seed alone
    is not compared with others.
    """
    archive = opened(folder, ignore=("archive",))
    reports = locally(archive)
    lines = [line_of(report) for report in reports]
    assert [line_of(report) for report in locally(archive, 2)] == lines
    assert alone_in_any_order(archive) == lines

    outcome = on_ray(archive, output)
    assert written(output) == lines
    assert outcome == Outcome(Tally(reports).totals(), max(exit_code(archive, report) for report in reports))

    table = rows_of(archive)
    expected = [
        line for line, report in zip(lines, reports, strict=True) if report.path in set(table["path"].to_pylist())
    ]
    assert len(expected) == table.num_rows > 200
    told = {"settings": archive.settings, "today": archive.request.today}
    assert [encoded(entry) for entry in entries_of(validate_batch(table, **told))] == expected  # type: ignore[arg-type]
    assert through_ray_data(ray, table, told) == expected


def alone_in_any_order(archive: Archive) -> list[str]:
    """The lines of seeds that are judged one after the other in a random order, each by all rules."""
    seeds = list(seeds_in(archive))
    Random(len(seeds)).shuffle(seeds)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("validator.engine.checking.rules_for", lambda utf8, source: by_view(RULES.values()))
        found = {seed.name: line_of(judge(archive, seed)) for seed in seeds}
    return [found[seed.name] for seed in seeds_in(archive)]


def through_ray_data(ray: Any, table: pa.Table, told: dict[str, Any]) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray Data warns of its own settings
        from ray import data

        data.DataContext.get_current().enable_progress_bars = False
        rows = data.from_arrow(table).map_batches(
            validate_batch, batch_format="pyarrow", batch_size=100, fn_kwargs=told
        )
        batches = list(rows.iter_batches(batch_format="pyarrow"))
    lines = [encoded(each) for batch in batches for each in entries_of(batch)]
    return sorted(lines, key=lambda line: os.fsencode(json.loads(line)["path"]))


def test_reports_are_the_same_byte_for_byte(ray: Any, mixed: Path, tmp_path: Path) -> None:
    compare(ray, mixed, tmp_path / "out")


@pytest.mark.nightly
def test_reports_on_many_seeds_are_the_same_byte_for_byte(ray: Any, tmp_path: Path) -> None:
    write_archive("mixed", tmp_path / "in", 5_000, 0.2, 11)
    compare(ray, tmp_path / "in", tmp_path / "out")


def test_seeds_beside_each_other_are_found_as_on_one_machine(ray: Any, tmp_path: Path) -> None:
    """As files, and as rows of a data set."""
    folder = tmp_path / "in"
    write_archive("small", folder, 300, 0.0, 3)
    planted = plant(folder, 33)
    (folder / planted[0].copy).with_name(f"{Path(planted[0].copy).name}.meta.yaml").write_text(
        "accept: [{rule: same-body, reason: example}, {rule: same-address, reason: example}]\n"
    )
    archive = opened(folder)
    reports = locally(archive)
    found = [each.rule for report in reports for each in report.findings if each.family == "archive"]
    assert len(found) > 50
    code = max(exit_code(archive, report) for report in reports)
    outcome = on_ray(archive, tmp_path / "of-files")
    assert written(tmp_path / "of-files") == [line_of(report) for report in reports]
    assert outcome == Outcome(Tally(reports).totals(), code)
    parquet.write_table(rows_of(archive).drop_columns("folder_sidecars"), tmp_path / "in.parquet", row_group_size=100)
    outcome = on_ray(archive, tmp_path / "of-rows", tmp_path / "in.parquet")
    assert written(tmp_path / "of-rows") == [line_of(report) for report in reports]
    assert outcome == Outcome(Tally(reports).totals(), code)


def test_rows_are_judged_as_files_are(ray: Any, mixed: Path, tmp_path: Path) -> None:
    archive = opened(mixed)
    table = rows_of(archive)
    (tmp_path / "in").mkdir()
    half = table.num_rows // 2
    parquet.write_table(table.slice(0, half), tmp_path / "in" / "a.parquet", row_group_size=50)
    with (tmp_path / "in" / "b.jsonl").open("w") as out:
        for row in table.slice(half).to_pylist():
            content, sidecar = row.pop("content"), row.pop("sidecar")
            row["folder_sidecars"] = [each | {"content": each["content"].decode()} for each in row["folder_sidecars"]]
            row["sidecar"] = None if sidecar is None else sidecar.decode()
            try:
                row["content"] = content.decode()
            except UnicodeDecodeError:
                row["content_base64"] = base64.b64encode(content).decode()
            out.write(json.dumps(row) + "\n")
    outcome = on_ray(archive, (tmp_path / "out").as_uri(), (tmp_path / "in").as_uri())
    expected = [report for report in locally(archive) if report.path in set(table["path"].to_pylist())]
    assert written(tmp_path / "out") == [line_of(report) for report in expected]
    assert outcome == Outcome(Tally(expected).totals(), max(exit_code(archive, report) for report in expected))


def test_seeds_travel_where_workers_cannot_read(
    ray: Any, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_is_one_machine", lambda ray: False)
    archive = opened(mixed)
    reports = locally(archive)
    assert on_ray(archive, tmp_path / "out").totals == Tally(reports).totals()
    assert written(tmp_path / "out") == [line_of(report) for report in reports]


def test_a_system_of_fsspec(ray: Any, mixed: Path, tmp_path: Path) -> None:
    """Another file system than those of pyarrow: that of fsspec for local files."""
    archive = opened(mixed)
    parquet.write_table(rows_of(archive), tmp_path / "in.parquet")
    outcome = on_ray(archive, f"local://{tmp_path}/out", f"local://{tmp_path}/in.parquet")
    assert outcome.problems == ()
    assert len(written(tmp_path / "out")) == outcome.totals.seeds == rows_of(archive).num_rows
    assert not [path for path in (tmp_path / "out").iterdir() if path.suffix not in (".parquet", ".json")]


def test_the_source_of_a_row(ray: Any, tmp_path: Path) -> None:
    (tmp_path / "validator.toml").write_text('[sources]\n"b*" = "mod-gov-cn"\n')
    rows = {
        "path": ["a", "b", "c", "bb"],
        "content": ["text"] * 4,
        "source": ["plain-text", "zaobao-jekyll", None, None],
    }
    parquet.write_table(pa.table(rows), tmp_path / "in.parquet")
    for number, (named, expected) in enumerate(
        [(None, ["plain-text", "zaobao-jekyll", "mod-gov-cn", None]), ("chinamil-text", ["chinamil-text"] * 4)]
    ):
        archive = open_archive(Request(tmp_path, source=named))
        output = tmp_path / str(number)
        on_ray(archive, output, tmp_path / "in.parquet")
        found = [json.loads(line) for line in written(output)]
        assert [each["path"] for each in found] == ["a", "b", "bb", "c"]
        assert [each["source"] for each in found] == expected
        by = "the data set" if named is None else "--source"
        assert found[0]["evidence"] == [f"named by {by}"]


# --- what dies --------------------------------------------------------------------------------------------------------


def note(archive: Archive) -> None:
    """Leave the number of this process where the test finds it."""
    (archive.root / "pids" / str(os.getpid())).touch()


def slowly(archive: Archive, seed: Seed) -> SeedReport:
    note(archive)
    time.sleep(0.01)
    return judge(archive, seed)


def deadly(archive: Archive, seed: Seed) -> SeedReport:
    if seed.name == "empty.txt":
        os.kill(os.getpid(), signal.SIGKILL)
    return judge(archive, seed)


def faulty(archive: Archive, seed: Seed) -> SeedReport:
    if seed.name == "empty.txt":
        raise ValueError("a fault")
    return judge(archive, seed)


def lethal(archive: Archive, seed: Seed) -> SeedReport:
    """Kills whoever works for the cluster, be it itself or the process that started it."""
    if seed.name == "empty.txt":
        parent = multiprocessing.parent_process()
        os.kill(os.getpid() if parent is None else int(parent.pid or 0), signal.SIGKILL)
        time.sleep(60)
    return judge(archive, seed)


def blocking(archive: Archive, seed: Seed) -> SeedReport:
    """Stands in the way of the part that is being written."""
    for number in range(9):
        (archive.root / "out" / f"part-{number:06}.parquet" / "in the way").mkdir(parents=True, exist_ok=True)
    return judge(archive, seed)


def test_a_worker_that_is_killed_loses_nothing(ray: Any, mixed: Path, tmp_path: Path) -> None:
    archive = opened(mixed)
    pids = mixed / "pids"
    pids.mkdir(exist_ok=True)
    for old in pids.iterdir():
        old.unlink()
    killed: list[int] = []

    def kill(rows: int) -> None:
        """As soon as the first part is there, kill a process that works on another."""
        if not killed:
            for path in sorted(pids.iterdir(), key=lambda path: path.stat().st_mtime):
                killed.append(int(path.name))
                os.kill(killed[-1], signal.SIGKILL)

    outcome = on_ray(archive, tmp_path / "out", judge=slowly, progress=kill)
    again = {int(path.name) for path in pids.iterdir()} - set(killed)
    assert killed
    assert again, "others went on"
    reports = locally(archive)
    assert outcome == Outcome(Tally(reports).totals(), max(exit_code(archive, report) for report in reports))
    assert written(tmp_path / "out") == [line_of(report) for report in reports]
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []


@pytest.mark.nightly
def test_a_seed_that_kills_its_worker_is_unchecked(ray: Any, mixed: Path, tmp_path: Path) -> None:
    archive = opened(mixed)
    outcome = on_ray(archive, tmp_path / "out", judge=deadly)
    assert (outcome.code, outcome.problems, outcome.totals.verdicts["unchecked"]) == (3, (), 1)
    expected = [
        report if report.path != "empty.txt" else SeedReport(
            "empty.txt", None, Verdict.UNCHECKED, fault="the worker process ended with signal SIGKILL"
        )
        for report in locally(archive)
    ]  # fmt: skip
    assert written(tmp_path / "out") == [line_of(report) for report in expected]
    assert (tmp_path / "out" / SUMMARY).exists()


def test_a_fault_makes_its_seed_unchecked(ray: Any, mixed: Path, tmp_path: Path) -> None:
    archive = opened(mixed)
    outcome = on_ray(archive, tmp_path / "out", judge=faulty)
    assert (outcome.code, outcome.problems, outcome.totals.verdicts["unchecked"]) == (3, (), 1)
    (line,) = [line for line in written(tmp_path / "out") if '"unchecked"' in line]
    assert json.loads(line)["path"] == "empty.txt"
    assert json.loads(line)["fault"].startswith("ValueError: a fault")


def test_what_is_lost_is_said(ray: Any, mixed: Path, tmp_path: Path) -> None:
    archive = opened(mixed)
    outcome = on_ray(archive, tmp_path / "out", judge=lethal)
    assert outcome.code == 3
    (problem,) = outcome.problems
    assert "empty.txt" in problem or " to " in problem
    assert "the worker died again and again" in problem
    assert not (tmp_path / "out" / SUMMARY).exists()
    assert (tmp_path / "out" / STARTED).exists()
    assert 0 < len(written(tmp_path / "out")) == outcome.totals.seeds < len(seeds_in(archive))


def test_a_part_that_cannot_be_written(ray: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A line.\n")
    archive = opened(tmp_path)
    outcome = on_ray(archive, tmp_path / "out", judge=blocking)
    assert outcome.code == 3
    assert [problem.partition(":")[0] for problem in outcome.problems] == ["a.txt to a.txt"]
    assert not (tmp_path / "out" / SUMMARY).exists()


def test_a_data_set_that_cannot_be_read_on(ray: Any, tmp_path: Path) -> None:
    table = pa.table({"path": ["a"] * 3_000, "content": [os.urandom(50) for _ in range(3_000)]})
    file = tmp_path / "in.parquet"
    parquet.write_table(table, file, row_group_size=1_000, compression="zstd")
    content = bytearray(file.read_bytes())
    offset = parquet.ParquetFile(file).metadata.row_group(1).column(1).data_page_offset
    content[offset : offset + 400] = b"\xff" * 400
    file.write_bytes(content)
    outcome = on_ray(opened(tmp_path), tmp_path / "out", file)
    assert outcome.code == 3
    assert [problem.partition(":")[0] for problem in outcome.problems] == [f"{file}, rows 1,001 to 2,000"]
    assert outcome.totals.seeds == 2_000
    assert not (tmp_path / "out" / SUMMARY).exists()


def test_rows_are_counted(ray: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("A line.\n")
    (tmp_path / "b.txt").write_text("A line.\n")

    def one_more(*arguments: Any) -> Iterator[Any]:
        yield from (replace(each, rows=(each.rows or 0) + 1) for each in portions_of_seeds(*arguments))

    monkeypatch.setattr(cluster, "portions_of_seeds", one_more)
    outcome = on_ray(opened(tmp_path), tmp_path / "out")
    assert outcome.code == 3
    assert outcome.problems == ("a.txt to b.txt: 2 of 3 seeds were read, 2 written",)
    assert not (tmp_path / "out" / SUMMARY).exists()


# --- the result -------------------------------------------------------------------------------------------------------


def test_the_summary_comes_last(ray: Any, mixed: Path, tmp_path: Path) -> None:
    archive = opened(mixed)
    orphan = SeedReport("lone.txt.meta.yaml", None, None)
    seen: list[set[str]] = []

    def look(rows: int) -> None:
        seen.append({path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")})

    outcome = on_ray(archive, tmp_path / "out", others=[orphan], progress=look)
    assert all(STARTED in names and SUMMARY not in names for names in seen)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    summary = json.loads((tmp_path / "out" / SUMMARY).read_text("utf-8"))
    assert names == {SUMMARY, *summary["parts"]}
    assert summary["rows"] == sum(summary["parts"].values()) == len(seeds_in(archive)) + 1
    assert summary["summary"]["seeds"] == outcome.totals.seeds == len(seeds_in(archive))
    assert summary["summary"]["verdicts"] == outcome.totals.verdicts
    assert (summary["schema_version"], summary["columns_version"]) == (2, 2)
    assert summary["profile"]["schemas_sha256"] == "0" * 64
    assert line_of(orphan) in written(tmp_path / "out")
    with pytest.raises(ConfigError, match="it holds a result already"):
        on_ray(archive, tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("notes.txt", "it holds something else"),
        (STARTED, "it holds the result of a run that has not ended, or was cut short"),
        (SUMMARY, "it holds a result already"),
    ],
)
def test_nothing_is_written_into_a_folder_that_holds_something(
    mixed: Path, tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(ConfigError, match=message):
        on_ray(opened(mixed), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(ConfigError, match="it is a file, expected a folder"):
        on_ray(opened(mixed), tmp_path / name)


def test_a_row_that_names_no_source(ray: Any, tmp_path: Path) -> None:
    rows = {"path": ["a", "b"], "content": ["text"] * 2, "source": ["plain-text", "mod_gov"]}
    parquet.write_table(pa.table(rows), tmp_path / "in.parquet")
    with pytest.raises(ConfigError) as caught:
        on_ray(opened(tmp_path), tmp_path / "out", tmp_path / "in.parquet")
    assert (caught.value.message, caught.value.suggestion) == ('b: no source is called "mod_gov"', "mod-gov-cn")


def test_workers_that_do_not_see_the_folder(
    ray: Any, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = cluster._put
    monkeypatch.setattr(cluster, "_put", lambda system, folder, name, content: None)
    with pytest.raises(ConfigError, match="does not see this folder; name one that all machines see"):
        on_ray(opened(mixed), tmp_path / "out")
    assert put is not cluster._put


def test_workers_of_another_version(ray: Any, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "__version__", "0.0.0")
    with pytest.raises(ConfigError, match=rf"has validator {validator.__version__}, expected 0.0.0 as here"):
        on_ray(opened(mixed), tmp_path / "out")


def test_nothing_to_judge(ray: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    outcome = on_ray(opened(tmp_path), tmp_path / "out", tmp_path / "a.jsonl")
    assert outcome == Outcome(Tally([]).totals(), 0)
    assert written(tmp_path / "out") == []


# --- the command ------------------------------------------------------------------------------------------------------


def command(arguments: Sequence[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "validator", "validate", *arguments], cwd=folder, capture_output=True, encoding="utf-8",
        check=False, timeout=300, env=os.environ | {"PYTHONPATH": str(CHECKOUT)} | environment,
    )  # fmt: skip


def summary_of(page: str) -> list[str]:
    """The summary of a report, but for the line on what the report lists."""
    lines = page[page.index("Summary\n") :].splitlines()
    return [line for line in lines if "not listed (use --verbose)" not in line]


def test_the_command_on_a_cluster_of_its_own(mixed: Path, tmp_path: Path) -> None:
    local = command([".", "--jobs", "2"], mixed)
    done = command([".", "--engine", "ray", "--jobs", "2", "--output", str(tmp_path / "out")], mixed)
    assert done.stderr == local.stderr
    assert done.returncode == local.returncode == 1
    assert done.stdout.splitlines() == summary_of(local.stdout)
    counted = command([".", "--statistics", "--jobs", "2"], mixed)
    done = command([".", "--statistics", "--engine", "ray", "--jobs", "2", "--output", str(tmp_path / "out2")], mixed)
    assert (done.returncode, done.stdout) == (1, counted.stdout)
    of_format = command([".", "--format", "json"], mixed)
    assert [json.loads(line) for line in written(tmp_path / "out")] == json.loads(of_format.stdout)["seeds"]


def test_the_command_on_a_cluster_that_is_named(ray: Any, mixed: Path, tmp_path: Path) -> None:
    address = ray.get_runtime_context().gcs_address
    table = rows_of(opened(mixed))
    parquet.write_table(table, tmp_path / "in.parquet")
    arguments = [str(tmp_path / "in.parquet"), "below", "--engine", "ray", "--output", str(tmp_path / "out")]
    done = command(arguments, mixed, RAY_ADDRESS=address)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{table.num_rows + 1} seeds: " in done.stdout
    assert len(written(tmp_path / "out")) == table.num_rows + 1
    assert ray.is_initialized()
    assert ray.get(ray.remote(lambda: 5).remote()) == 5, "the cluster goes on"


USAGE: dict[str, tuple[list[str], str]] = {
    "no output": (["."], "--engine ray writes a folder of Parquet files: name it with --output"),
    "a format": (
        [".", "--output", "x", "--format", "json"],
        "--engine ray writes Parquet to one --output",
    ),
    "standard input": (["-", "--output", "x"], "`-` reads standard input, which --engine ray does not"),
    "no such folder": (["nowhere", "--output", "x"], "not found: nowhere; nothing was checked"),
    "no such data set": (["a.parquet", "--output", "x"], "a.parquet: there is no such data set"),
    "an output that is full": ([".", "--output", "below"], "below: it holds something else"),
}


@pytest.mark.parametrize(("arguments", "message"), USAGE.values(), ids=USAGE)
def test_mistakes(
    mixed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(mixed)
    assert in_process(monkeypatch, "validate", "--engine", "ray", *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"validator: {message}")
    assert not (mixed / "x").exists()


def in_process(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    from validator import cli

    monkeypatch.setattr(sys, "argv", ["validator", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return int(str(caught.value.code))


def test_the_command_says_what_is_lost(
    mixed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lossy(*arguments: Any, **named: Any) -> Outcome:
        assert named["jobs"] == 3
        assert [report.path for report in arguments[1].others] == ["lone.txt.meta.yaml"]
        named["progress"](5)
        return Outcome(Tally([]).totals(), 3, ("a to b: the disk\n is full",))

    monkeypatch.chdir(mixed)
    monkeypatch.setattr(cluster, "run_on_ray", lossy)
    assert in_process(monkeypatch, "validate", "--engine", "ray", ".", "--output", "x", "--jobs", "3") == 3
    captured = capsys.readouterr()
    assert captured.out.startswith("Summary\n")
    assert captured.err.splitlines()[-2:] == [
        "validator: a to b: the disk\\u{A} is full",
        "validator: the result in x is not complete",
    ]
    assert in_process(monkeypatch, "validate", "--engine", "ray", ".", "--output", "x", "--jobs", "3", "--quiet") == 3
    assert capsys.readouterr().out == ""


def test_the_command_where_all_is_excluded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "validator.toml").write_text('exclude = ["a.txt"]\n')
    (tmp_path / "a.txt").touch()
    monkeypatch.chdir(tmp_path)
    assert in_process(monkeypatch, "validate", "--engine", "ray", "a.txt", "--output", "x") == 0
    assert capsys.readouterr().err == "validator: a.txt is excluded by the configuration\n"
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("module", "message"), [("ray", "--engine ray needs Ray"), ("pyarrow", "this needs pyarrow")])
def test_without_the_libraries(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, message: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match=message) as caught:
        on_ray(opened(mixed), tmp_path / "out")
    assert caught.value.message.endswith("pip install 'seed-validator[ray]'")


@pytest.mark.parametrize("kind", [ConnectionError, Exception])
def test_a_cluster_that_does_not_answer(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    class Deaf:
        @staticmethod
        def is_initialized() -> bool:
            return False

        @staticmethod
        def init(**options: object) -> None:
            assert options["address"] == "127.0.0.1:1"
            raise kind("nobody there")

    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    monkeypatch.setattr(cluster, "_ray", lambda: Deaf)
    with pytest.raises(ConfigError, match=r"no Ray cluster answers at 127\.0\.0\.1:1: nobody there"):
        on_ray(opened(mixed), tmp_path / "out")
