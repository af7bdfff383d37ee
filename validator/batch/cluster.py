"""Many seeds on many machines: Ray spreads the work and restarts what dies. Seeds are checked as everywhere else.

The input is cut into portions. A task checks one portion and writes one file of the result, a folder of Parquet. It returns
only its part of the summary, so that no reports pass through the driver. Ray repeats a task whose worker dies. If workers keep
dying, the portion goes to a task that checks its seeds in separate processes, as `runner` does: a seed that kills its process is
`unchecked`, and no other seed is lost. A result that lacks a row has no `_summary.json`.

Ray Data is not used, although `arrow.validate_batch` runs under it: it repeats a dying task without end, or drops whole blocks
without saying what was in them.
"""

from __future__ import annotations

import json
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from validator import __version__
from validator.across.comparing import compares
from validator.archive.opening import Archive, judge, judge_wholly, selected
from validator.archive.reading import read_seed, sidecars_for, sized
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.batch.arrow import SCHEMA_VERSION, Carried, carried_with, pyarrow, schema, table_of
from validator.batch.datasets import (
    Portion,
    files_of,
    located,
    lots,
    placed,
    portions_of_files,
    portions_of_seeds,
    reason_of,
    seeds_of,
)
from validator.reports.entries import encoded, header_entry, summary_entry
from validator.reports.model import Profile, Tally
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Totals

if TYPE_CHECKING:
    from pyarrow import fs

SUMMARY = "_summary.json"
STARTED = "_started.json"  # present until the result is complete

Judge = Callable[[Archive, Seed], SeedReport]
Code = Callable[[Archive, SeedReport], int]

_RETRIES = 1  # of a task whose worker dies, or that cannot read or write
_LOOK_AHEAD = 2  # times as many tasks as there are processors are under way or wait
_MOST_PROBLEMS = 20  # then the run is given up
_SEEDS_AT_A_TIME = 64
_BYTES_AT_A_TIME = 8_000_000
_ISOLATED_AT_A_TIME = 1_000  # processes are started for each such lot
_ROWS_A_GROUP = 8_192
_BYTES_A_GROUP = 32_000_000


class Job(NamedTuple):
    """What all tasks of a run share; picklable. `key` tells a run from others; `code` gives a report's exit code."""

    key: str
    version: str
    archive: Archive
    output: str
    judge: Judge
    code: Code


@dataclass(frozen=True, slots=True)
class Part:
    """The result of a portion: how many seeds were read, and the totals of the rows of its file."""

    name: str
    read: int
    rows: int
    totals: Totals
    code: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The totals of a run. If there are `problems`, some seed has no row, and the result has no summary."""

    totals: Totals
    code: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """What a run is about: files, data sets (whose rows are seeds), and reports that are there already and are written too."""

    seeds: Sequence[Seed] = ()
    data_sets: Sequence[str] = ()
    others: Sequence[SeedReport] = ()


def run_on_ray(
    archive: Archive,
    given: Input,
    output: str,
    *,
    code: Code,
    profile: Profile,
    jobs: int | None = None,
    judge: Judge | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Outcome:
    """Check what is given on a cluster, and write the reports into the folder `output`.

    The cluster is the one to which this process is connected, or the one that `RAY_ADDRESS` names, or one on this machine with
    `jobs` processors, which ends with the run. If all of it is this machine, workers read files by their paths. Otherwise this
    process reads them and sends them along with their sidecars. `progress` gets the number of rows as they are written. `judge`
    replaces the program's own judgement; it and `code` must be importable by name in the workers.

    Raises ConfigError for an output that is not empty, a missing data set, a missing library or a cluster that does not answer.
    """
    ray = _ray()
    files = [file for place in given.data_sets for file in files_of(place)]
    job = Job(uuid4().hex, __version__, archive, output, judge or judge_seed, code)
    system, folder = _prepared(job)
    is_compared = compares(archive)
    if is_compared:
        job = job._replace(archive=replace(archive, request=replace(archive.request, with_traits=True)))
    parts: list[Part] = []
    problems: list[str] = []
    portions: dict[int, Portion] = {}
    with _connected(ray, jobs):
        processors = _processors(ray)
        of_seeds: Iterable[Portion] = portions_of_seeds(tuple(sized(given.seeds)), processors)
        if not _is_one_machine(ray):
            of_seeds = (_with_content(archive, portion) for portion in of_seeds)
        numbered = _noted(chain(of_seeds, portions_of_files(files)), portions)
        for part in _judged(ray, job, numbered, problems):
            parts.append(part)
            progress(part.rows)
        if is_compared and not problems:
            parts = _compared(ray, job, system, parts, portions)
    if given.others:
        parts.append(_written(job, "part-others.parquet", iter(given.others)))
        progress(len(given.others))
    problems += _missing(system, folder, parts)
    totals = _sum([part.totals for part in parts])
    if not problems:
        _put(system, folder, SUMMARY, _summary(parts, totals, profile))
        system.delete_file(f"{folder}/{STARTED}")
    return Outcome(totals, 3 if problems else max((part.code for part in parts), default=0), tuple(problems))


def _noted(portions: Iterable[Portion], numbered: dict[int, Portion]) -> Iterator[Portion]:
    """The portions, each kept under its number, for the comparison of seeds."""
    for number, portion in enumerate(portions):
        numbered[number] = portion
        yield portion


def _compared(
    ray: Any, job: Job, system: fs.FileSystem, parts: Sequence[Part], portions: Mapping[int, Portion]
) -> list[Part]:
    """The parts, after what is found between seeds was added to them."""
    from validator.batch.beside import Written, compare_on_ray

    folder = located(job.output)[1]
    written = [
        Written(number, system, f"{folder}/{name}", portions[number])
        for number, name in ((int(part.name[len("part-") : -len(".parquet")]), part.name) for part in parts)
    ]
    out = {part.name: part for part in parts}
    for more in compare_on_ray(ray, job.archive, written, _processors(ray)):
        name = _name_of(more.number)
        codes = (job.code(job.archive, report) for report in more.reports)
        totals = _sum([out[name].totals, more.totals])
        out[name] = replace(out[name], totals=totals, code=max(out[name].code, *codes))
    return list(out.values())


def _name_of(number: int) -> str:
    return f"part-{number:06}.parquet"


def _with_content(archive: Archive, portion: Portion) -> Portion:
    """The portion with the bytes of its files and their sidecars."""
    return replace(portion, seeds=tuple(_carried(archive, seed) for seed in portion.seeds))


def _carried(archive: Archive, seed: Seed) -> Carried:
    content = read_seed(seed, archive.settings.limit_bytes)
    beside = tuple(sidecars_for(seed.path, archive.root))
    if isinstance(content, Unread):
        return Carried(seed.folder, seed.name, seed.size, content, sidecars=beside)
    return Carried(seed.folder, seed.name, seed.size, content=content, sidecars=beside)


def _sum(of_parts: Sequence[Totals]) -> Totals:
    """The sum of the totals of parts."""
    out = asdict(Tally().totals())
    for totals in of_parts:
        for name, more in asdict(totals).items():
            if isinstance(more, dict):
                out[name] |= {key: out[name].get(key, 0) + number for key, number in more.items()}
            else:
                out[name] += more
    return Totals(**out)


# ---------------------------------------------------------------------------------------------------------------------
# The result


def _prepared(job: Job) -> tuple[fs.FileSystem, str]:
    """The folder of the result, with a file that says that it is being filled. Raises ConfigError unless it was empty."""
    pyarrow()
    from pyarrow import fs

    system, folder = located(job.output)
    try:
        if system.get_file_info(folder).type == fs.FileType.File:
            raise ConfigError("it is a file, expected a folder for the result", job.output)
        system.create_dir(folder, recursive=True)
        names = {entry.base_name for entry in system.get_file_info(fs.FileSelector(folder))}
        if names:
            holds = "something else"
            if SUMMARY in names:
                holds = "a result already"
            elif STARTED in names:
                holds = "the result of a run that has not ended, or was cut short"
            raise ConfigError(f"it holds {holds}; name a folder that is empty or not there yet", job.output)
        _put(system, folder, STARTED, json.dumps({"run": job.key}).encode())
    except OSError as error:
        raise ConfigError(f"it cannot be written: {reason_of(error)}", job.output) from None
    return system, folder


def _put(system: fs.FileSystem, folder: str, name: str, content: bytes) -> None:
    with placed(system, folder, name) as place, system.open_output_stream(place, compression=None) as out:
        out.write(content)


def _missing(system: fs.FileSystem, folder: str, parts: Sequence[Part]) -> Iterator[str]:
    """Which parts are missing; files left by workers that died are deleted."""
    from pyarrow import fs

    names = {entry.base_name for entry in system.get_file_info(fs.FileSelector(folder))}
    for name in names:
        if name.startswith((".part-", f".{SUMMARY}")):
            system.delete_file(f"{folder}/{name}")
    yield from (f"{part.name} was written and is not there" for part in parts if part.name not in names)


def _summary(parts: Sequence[Part], totals: Totals, profile: Profile) -> bytes:
    entry = header_entry(profile) | {
        "columns_version": SCHEMA_VERSION,
        "summary": summary_entry(totals),
        "rows": sum(part.rows for part in parts),
        "parts": {part.name: part.rows for part in sorted(parts, key=lambda part: part.name)},
    }
    return (encoded(entry) + "\n").encode()


# ---------------------------------------------------------------------------------------------------------------------
# The cluster


def _ray() -> Any:
    """Ray, told to be quiet and to report nothing to anybody, unless this process has set it up already."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".*")  # what it prints to standard output of workers that died
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # what it would warn of
    os.environ.setdefault("RAY_task_oom_retries", str(_RETRIES))  # else without end
    try:
        import ray
    except ImportError:
        raise ConfigError("--engine ray needs Ray: pip install 'seed-validator[ray]'") from None
    return ray


@contextmanager
def _connected(ray: Any, jobs: int | None) -> Iterator[None]:
    """As long as this lasts there is a cluster."""
    if ray.is_initialized():
        yield
        return
    address = os.environ.get("RAY_ADDRESS")
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address:
        options["address"] = address
    else:
        options |= {
            "address": "local",
            "num_cpus": jobs,
            "include_dashboard": False,
            "object_store_memory": 100_000_000,
        }
    try:
        ray.init(**options)
    except Exception as error:  # where a part of it does not start, Ray raises a bare one
        where = f"no Ray cluster answers at {address}" if address else "no Ray cluster can be started here"
        raise ConfigError(f"{where}: {reason_of(error)}") from None
    try:
        yield
    finally:
        ray.shutdown()


def _processors(ray: Any) -> int:
    return max(int(ray.cluster_resources().get("CPU", 1)), 1)


def _is_one_machine(ray: Any) -> bool:
    here = ray.get_runtime_context().get_node_id()
    return all(node["NodeID"] == here for node in ray.nodes() if node["Alive"])


def _judged(ray: Any, job: Job, portions: Iterator[Portion], problems: list[str]) -> Iterator[Part]:
    """The part made of each portion, as they are done; `problems` says why a portion has none."""
    task = ray.remote(num_cpus=1, max_retries=_RETRIES, retry_exceptions=[OSError])(_work)
    shared = ray.put(job)
    numbered = enumerate(portions)
    again: deque[tuple[int, Portion]] = deque()
    under_way: dict[Any, tuple[int, Portion, bool]] = {}
    try:
        while len(problems) < _MOST_PROBLEMS:
            most = _processors(ray) * _LOOK_AHEAD  # a cluster may grow
            while len(under_way) < most:
                isolated = bool(again)
                entry = again.popleft() if isolated else next(numbered, None)
                if entry is None:
                    break
                under_way[task.remote(shared, *entry, isolated)] = *entry, isolated
            if not under_way:
                return
            for done in ray.wait(list(under_way), num_returns=1)[0]:
                number, portion, isolated = under_way.pop(done)
                try:
                    part = ray.get(done)
                except ray.exceptions.RayTaskError as error:
                    if isinstance(error.cause, ConfigError):
                        raise error.cause from None
                    problems.append(f"{portion}: {reason_of(error.cause)}")
                except ray.exceptions.RayError as error:  # the worker has died
                    if isolated:
                        problems.append(f"{portion}: the worker died again and again: {reason_of(error)}")
                    else:
                        again.append((number, portion))
                else:
                    if part.read != part.rows or portion.rows not in (None, part.read):
                        expected = "" if portion.rows is None else f" of {portion.rows:,}"
                        problems.append(f"{portion}: {part.read:,}{expected} seeds were read, {part.rows:,} written")
                    yield part
        problems.append("too much goes wrong: the run was given up, and other seeds have no report either")
    finally:
        for reference in under_way:
            with suppress(Exception):  # the cluster may be gone
                ray.cancel(reference, force=True)


# ---------------------------------------------------------------------------------------------------------------------
# A worker


def _work(job: Job, number: int, portion: Portion, isolated: bool) -> Part:
    """Check a portion and write its part. Raises ConfigError, OSError and ArrowException for failures not due to a seed."""
    _check_place(job)
    return _written(job, _name_of(number), _reports(job, portion, isolated))


def _check_place(job: Job) -> None:
    """Raise ConfigError where this worker is not of the driver's version, or the folder of the result is not the driver's."""
    import socket

    if job.version != __version__:
        raise ConfigError(f"{socket.gethostname()} has validator {__version__}, expected {job.version} as here")
    system, folder = located(job.output)
    try:
        with system.open_input_stream(f"{folder}/{STARTED}", compression=None) as stream:
            is_same = json.loads(stream.read())["run"] == job.key
    except FileNotFoundError:
        is_same = False
    if not is_same:
        raise ConfigError(
            f"{socket.gethostname()} does not see this folder; name one that all machines see", job.output
        )


def _reports(job: Job, portion: Portion, isolated: bool) -> Iterator[SeedReport]:
    """The reports of a portion's seeds."""
    most = _ISOLATED_AT_A_TIME if isolated else _SEEDS_AT_A_TIME
    for seeds in lots(seeds_of(portion, job.archive.settings.limit_bytes), most, _BYTES_AT_A_TIME):
        yield from run(
            seeds, partial(job.judge, job.archive), 2 if isolated else 1,
            limit_seconds=job.archive.limit_seconds, ends_process=True, may_fork=False,
        )  # fmt: skip


def judge_seed(archive: Archive, seed: Seed) -> SeedReport:
    """The report of a seed, of a file as of a row of a data set, with the findings to be shown."""
    if not isinstance(seed, Carried):
        return judge(archive, seed)
    return selected(archive, judge_wholly(archive, seed, *carried_with(archive, seed)))


def _written(job: Job, name: str, reports: Iterator[SeedReport]) -> Part:
    """Write reports as one file of the result, and count its rows."""
    pa = pyarrow()
    from pyarrow import parquet

    system, folder = located(job.output)
    tally, code, read = Tally(), 0, 0
    held: list[Any] = []
    with placed(system, folder, name) as place:
        with (
            system.open_output_stream(place, compression=None) as stream,
            parquet.ParquetWriter(stream, schema(), compression="zstd") as writer,
        ):
            while lot := list(islice(reports, _SEEDS_AT_A_TIME)):
                read += len(lot)
                for report in lot:
                    tally.add(report)
                    code = max(code, job.code(job.archive, report))
                held.append(table_of(lot))
                if sum(map(len, held)) >= _ROWS_A_GROUP or sum(table.nbytes for table in held) >= _BYTES_A_GROUP:
                    writer.write_table(pa.concat_tables(held))
                    held = []
            if held:
                writer.write_table(pa.concat_tables(held))
        with system.open_input_file(place) as stream:
            rows = parquet.ParquetFile(stream).metadata.num_rows
    return Part(name, read, rows, tally.totals(), code)
