"""What a seed costs from a thousand to a million of them, on one processor, on all, in columns and on a cluster.

   python -m benchmarks.scale [--sizes 1000,10000,100000,300000] [--folder FOLDER] [--page docs/scale.md]

Each size is an archive of `benchmarks.archive`, kind mixed with a fifth broken, made once in FOLDER, and the same as one
Parquet file. Every way judges all of it once, in processes of its own, and writes all that it found. Memory is what the
processes of a way hold together at the worst moment, shared pages counted once; where there is no /proc it is not told. Then
each stage of a task is timed by itself, on one processor. What larger archives cost is worked out from the runs on the
cluster, what its start takes being left out, with the prices and the sizes of machines that the options name.

What it does not measure: the network, object stores, more than one machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.archive import read_marker, write_archive
from benchmarks.speed import children_of
from benchmarks.speed_page import BEGIN, END, put_into
from validator import __version__

WAYS = {
    "one": "one process",
    "all": "all processors",
    "arrow": "`validate_batch`, one process",
    "folder": "Ray, from the files",
    "parquet": "Ray, from Parquet",
}
_SAMPLED_EVERY_SECONDS = 0.25
_STAGE_ROWS = 2_000
_BATCH_ROWS = 1_000


class Run(NamedTuple):
    """One way on one archive. `memory` is in bytes, None where it could not be seen."""

    way: str
    seeds: int
    seconds: float
    memory: int | None


@dataclass(frozen=True, slots=True)
class Assumed:
    """What cannot be measured here. Prices are in the same currency, whichever; sizes in bytes."""

    price_core_hour: float = 0.05
    price_thousand_reads: float = 0.0004
    price_gigabyte_month: float = 0.02
    cores: int = 256
    read_seconds: float = 0.03
    file_bytes: int = 128_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured. `stages` are microseconds a seed; `bytes` are of all seeds of the largest archive."""

    version: str
    processors: int
    runs: tuple[Run, ...]
    stages: tuple[tuple[str, float], ...]
    bytes: int
    parquet_bytes: int
    result_bytes: int


# ---------------------------------------------------------------------------------------------------------------------
# Measuring


def archive_of(folder: Path, seeds: int) -> Path:
    """An archive of so many seeds, made unless it is there."""
    archive = folder / f"mixed-{seeds}"
    if read_marker(archive) is None:
        tell(f"making {archive}")
        write_archive("mixed", archive, seeds, 0.2, 1)
    return archive


def parquet_of(archive: Path) -> Path:
    """The same seeds and sidecars as one Parquet file, made unless it is there."""
    import pyarrow as pa
    from pyarrow import parquet

    from validator.archive.discovery import discover
    from validator.archive.opening import Request, open_archive
    from validator.archive.reading import sidecars_for

    file = archive.with_suffix(".parquet")
    if file.exists():
        return file
    tell(f"making {file}")
    opened = open_archive(Request(archive, no_config=True))
    beside = pa.list_(pa.struct([("name", pa.string()), ("content", pa.binary())]))
    schema = pa.schema(
        [("path", pa.string()), ("content", pa.binary()), ("sidecar", pa.binary()), ("folder_sidecars", beside)]
    )

    def row(path: Path, name: str) -> dict[str, Any]:
        sidecars = {name: each for name, each in sidecars_for(path, opened.root) if isinstance(each, bytes)}
        own = sidecars.pop(f"{name}.meta.yaml", None)
        above = [{"name": name, "content": content} for name, content in sidecars.items()]
        return {"path": name, "content": path.read_bytes(), "sidecar": own, "folder_sidecars": above}

    part = file.with_suffix(".part")
    with parquet.ParquetWriter(part, schema, compression="zstd") as writer:
        seeds = discover([archive], opened.settings, archive).seeds
        for start in range(0, len(seeds), 5_000):
            rows = [row(seed.path, seed.name) for seed in seeds[start : start + 5_000]]
            writer.write_table(pa.Table.from_pylist(rows, schema))
    part.rename(file)
    return file


def command_of(way: str, archive: Path, output: Path) -> tuple[list[str], Path]:
    """The command of a way, and the folder in which it runs."""
    validate = [sys.executable, "-m", "validator", "validate", "--quiet", "--no-config", "--output", str(output)]
    ways: dict[str, list[str]] = {
        "one": [*validate, *without_cache(), "--jobs", "1", "--format", "jsonl", "."],
        "all": [*validate, *without_cache(), "--jobs", str(os.cpu_count() or 1), "--format", "jsonl", "."],
        "arrow": [sys.executable, "-m", "benchmarks.scale", "--batches", str(parquet_of(archive)), str(output)],
        "folder": [*validate, "--engine", "ray", "."],
        "parquet": [*validate, "--engine", "ray", str(parquet_of(archive))],
    }
    return ways[way], archive


def without_cache() -> list[str]:
    """The option that keeps what an earlier run found out of it, where the program has one."""
    import click

    from validator.cli.program import program

    option = "--no-cache"
    command = program.get_command(click.Context(program), "validate")
    return [option] * any(option in each.opts for each in (command.params if command is not None else ()))


def in_batches(file: str, output: str) -> None:
    """What a pipeline of one process does: read a batch, judge it, write it."""
    import pyarrow as pa
    from pyarrow import parquet

    from validator.batch.arrow import schema, validate_batch

    with parquet.ParquetFile(file) as opened, parquet.ParquetWriter(output, schema(), compression="zstd") as writer:
        for batch in opened.iter_batches(_BATCH_ROWS):
            writer.write_table(validate_batch(pa.Table.from_batches([batch])))


def measure(way: str, archive: Path, seeds: int) -> tuple[Run, int]:
    """One run of a way; and how many bytes it wrote."""
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        output = Path(folder) / "out"
        command, place = command_of(way, archive, output)
        variables = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=place, env=variables, stdout=subprocess.DEVNULL)
        memory = 0
        while process.poll() is None:
            memory = max(memory, memory_of(process.pid))
            try:
                process.wait(_SAMPLED_EVERY_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        seconds = time.perf_counter() - begun
        if process.returncode not in (0, 1):
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
        written = sum(path.stat().st_size for path in ([output] if output.is_file() else output.rglob("*")))
        return Run(way, seeds, seconds, memory or None), written


def memory_of(process: int) -> int:
    """Bytes that a process and all that descend from it hold, shared pages in equal shares; 0 where that is not to be seen."""
    total, waiting = 0, [process]
    while waiting:
        each = waiting.pop()
        waiting += children_of(each)
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
    return total


def stages_of(file: Path) -> tuple[tuple[str, float], ...]:
    """Microseconds a seed that each stage of a task takes."""
    import pyarrow as pa
    from pyarrow import parquet

    from validator.archive.opening import Request, open_archive
    from validator.batch.arrow import schema, table_of
    from validator.batch.cluster import judge_seed
    from validator.batch.datasets import files_of, portions_of_files, seeds_of

    archive = open_archive(Request(file.parent, no_config=True))
    portion = next(iter(portions_of_files(files_of(str(file)))))
    begun = time.perf_counter()
    seeds = list(seeds_of(portion, archive.settings.limit_bytes))[:_STAGE_ROWS]
    read = (time.perf_counter() - begun) * len(seeds) / (portion.rows or len(seeds))
    for seed in seeds[:50]:
        judge_seed(archive, seed)
    judged, reports = timed(lambda: [judge_seed(archive, seed) for seed in seeds])
    columns, tables = timed(lambda: [table_of(reports[at : at + 64]) for at in range(0, len(reports), 64)])

    def write() -> None:
        with parquet.ParquetWriter(BytesIO(), schema(), compression="zstd") as writer:
            writer.write_table(pa.concat_tables(tables))

    written, _ = timed(write)
    seconds = {"reading Parquet": read, "judging": judged, "into columns": columns, "writing Parquet": written}
    return tuple((stage, 1e6 * each / len(seeds)) for stage, each in seconds.items())


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    done = work()
    return time.perf_counter() - begun, done


def measure_all(sizes: Sequence[int], ways: Sequence[str], folder: Path) -> Measured:
    """Every way on every size, and the stages."""
    runs: list[Run] = []
    written = 0
    for seeds in sizes:
        archive = archive_of(folder, seeds)
        parquet_of(archive)
        for way in ways:
            run, output = measure(way, archive, seeds)
            written = output if way in ("arrow", "folder", "parquet") else written
            runs.append(run)
            tell(f"{seeds:>9,}  {WAYS[way]:<30} {run.seconds:8.1f} s  {run.seeds / run.seconds:8,.0f} seeds/s")
    file = parquet_of(archive)
    made = read_marker(archive)
    assert made is not None
    return Measured(
        __version__, os.cpu_count() or 1, tuple(runs), stages_of(file), made.bytes, file.stat().st_size, written
    )


# ---------------------------------------------------------------------------------------------------------------------
# The page


def page_of(measured: Measured, assumed: Assumed) -> str:
    """The measured part of the page, markers included."""
    parts = [
        f"Version {measured.version}, {measured.processors} processors, `python -m benchmarks.scale`.",
        "\n".join(_table_of_runs(measured)),
        "\n".join(_table_of_stages(measured)),
        "\n".join(_table_of_costs(measured, assumed)),
    ]
    return "\n\n".join((BEGIN, *parts, END))


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _table_of_runs(measured: Measured) -> Iterator[str]:
    yield _row("seeds", "way", "seconds", "seeds a second", "processor time a seed", "memory")
    yield "|--:|---|--:|--:|--:|--:|"
    for way, seeds, seconds, memory in measured.runs:
        used = 1 if way in ("one", "arrow") else measured.processors
        shown = "" if memory is None else f"{memory / 1e6:,.0f} MB"
        cost = f"{1e3 * seconds * used / seeds:,.2f} ms"
        yield _row(f"{seeds:,}", WAYS[way], f"{seconds:,.1f}", f"{seeds / seconds:,.0f}", cost, shown)


def _table_of_stages(measured: Measured) -> Iterator[str]:
    total = sum(each for _, each in measured.stages)
    yield _row("stage of a task", "a seed", "share")
    yield "|---|--:|--:|"
    for stage, each in measured.stages:
        yield _row(stage, f"{each:,.0f} µs", f"{each / total:.0%}")


def _seconds_a_seed(smallest: Run, largest: Run) -> float:
    """What one more seed takes: the start of a cluster, which is the same for a million, is left out where two sizes ran."""
    if smallest.seeds == largest.seeds:
        return largest.seconds / largest.seeds
    return (largest.seconds - smallest.seconds) / (largest.seeds - smallest.seeds)


def _table_of_costs(measured: Measured, assumed: Assumed) -> Iterator[str]:
    """What millions cost, from what one more seed costs on the cluster."""
    of_cluster = [run for run in measured.runs if run.way == "parquet"] or list(measured.runs)
    smallest, largest = (pick(of_cluster, key=lambda run: run.seeds) for pick in (min, max))
    used = 1 if largest.way in ("one", "arrow") else measured.processors
    core_seconds = _seconds_a_seed(smallest, largest) * used
    seeds_measured = max(run.seeds for run in measured.runs)
    counts = (10_000_000, 1_000_000_000)

    def line(name: str, value: Callable[[int], str]) -> str:
        return _row(name, *(value(count) for count in counts))

    def hours(count: int) -> float:
        return count * core_seconds / 3600

    def gigabytes(measured_bytes: int, count: int) -> float:
        return measured_bytes / seeds_measured * count / 1e9

    def files(count: int) -> float:
        return max(1.0, gigabytes(measured.parquet_bytes, count) * 1e9 / assumed.file_bytes)

    yield _row("", "10 million", "1 billion")
    yield "|---|--:|--:|"
    yield line(f"core hours, at {1e3 * core_seconds:.2f} ms a seed", lambda count: f"{hours(count):,.1f}")
    yield line(f"hours on {assumed.cores} cores", lambda count: f"{hours(count) / assumed.cores:,.1f}")
    if largest.memory is not None:
        each = largest.memory / used
        yield line(
            f"memory of {assumed.cores} workers, {each / 1e6:,.0f} MB each",
            lambda count: f"{each * assumed.cores / 1e9:,.0f} GB",
        )
    yield line("seeds as they are", lambda count: f"{gigabytes(measured.bytes, count):,.0f} GB")
    yield line("seeds in Parquet", lambda count: f"{gigabytes(measured.parquet_bytes, count):,.0f} GB")
    yield line("result in Parquet", lambda count: f"{gigabytes(measured.result_bytes, count):,.0f} GB")
    yield line(
        f"waiting for the store, a file a seed, {1e3 * assumed.read_seconds:.0f} ms each",
        lambda count: f"{count * assumed.read_seconds / 3600:,.0f} core hours",
    )
    yield line(
        f"the same in Parquet files of {assumed.file_bytes / 1e6:.0f} MB, ten reads each",
        lambda count: f"{10 * files(count) * assumed.read_seconds / 3600:,.2f} core hours",
    )
    yield line(
        f"money for computing, at {assumed.price_core_hour} a core hour",
        lambda count: f"{hours(count) * assumed.price_core_hour:,.2f}",
    )
    yield line(
        f"money for reads, a file a seed, at {assumed.price_thousand_reads} a thousand",
        lambda count: f"{count / 1000 * assumed.price_thousand_reads:,.2f}",
    )
    yield line(
        "the same in Parquet files", lambda count: f"{10 * files(count) / 1000 * assumed.price_thousand_reads:,.2f}"
    )
    yield line(
        f"money for the result, a month, at {assumed.price_gigabyte_month} a GB",
        lambda count: f"{gigabytes(measured.result_bytes, count) * assumed.price_gigabyte_month:,.2f}",
    )


# ---------------------------------------------------------------------------------------------------------------------
# The command


def tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _numbers(text: str) -> list[int]:
    return sorted(int(part) for part in text.split(","))


def _ways(text: str) -> list[str]:
    ways = text.split(",")
    if unknown := set(ways) - WAYS.keys():
        raise ValueError(", ".join(unknown))
    return ways


def arguments_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", type=_numbers, default=[1_000, 10_000, 100_000, 300_000], help="seeds, with commas")
    parser.add_argument("--ways", type=_ways, default=list(WAYS), help=f"some of {', '.join(WAYS)}")
    parser.add_argument("--folder", type=Path, help="where archives are made and kept; else they go when it ends")
    parser.add_argument("--page", type=Path, help="the page into which the tables go; else they are printed")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write what was measured to this file")
    parser.add_argument(
        "--again", type=Path, metavar="FILE", help="measure nothing; take what was measured from this file"
    )
    parser.add_argument("--batches", nargs=2, metavar=("FILE", "OUTPUT"), help=argparse.SUPPRESS)
    for name, value in asdict(Assumed()).items():
        option = "--" + name.replace("_", "-")
        parser.add_argument(option, type=type(value), default=value, help=f"assumed; {value} unless given")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the page or print its part."""
    told = arguments_of(arguments)
    if told.batches:
        in_batches(*told.batches)
        return 0
    if told.again:
        measured = _read(told.again.read_text("utf-8"))
    elif told.folder is not None:
        told.folder.mkdir(parents=True, exist_ok=True)
        measured = measure_all(told.sizes, told.ways, told.folder.absolute())
    else:
        with tempfile.TemporaryDirectory() as folder:
            measured = measure_all(told.sizes, told.ways, Path(folder))
    if told.keep:
        told.keep.write_text(json.dumps(asdict(measured), indent=1) + "\n", "utf-8")
    part = page_of(measured, Assumed(**{name: getattr(told, name) for name in asdict(Assumed())}))
    if told.page is None:
        sys.stdout.write(part + "\n")
    else:
        told.page.write_text(put_into(told.page.read_text("utf-8"), part), "utf-8")
    return 0


def _read(text: str) -> Measured:
    kept = json.loads(text)
    runs: Iterable[Sequence[Any]] = kept.pop("runs")
    stages: Iterable[Sequence[Any]] = kept.pop("stages")
    return Measured(
        runs=tuple(Run(*each) for each in runs), stages=tuple((each[0], each[1]) for each in stages), **kept
    )


if __name__ == "__main__":
    sys.exit(main())
