"""How fast the program is, beside others and beside the least that anybody could do.

    python -m benchmarks.speed [--quick] [--scale [N ...]] [--only PART ...] [--resume] [--posts DIR] [--folder DIR] [--peers DIR]
        [--page FILE]

Measured is the `validator` of the environment that runs this. With --posts, small and large are copies of real posts, each
under many names; without, posts that were made up with the same shares of findings. All programs run as whole processes on
the same archives, in turn: each round has a run of each, and begins with another one; the first round does not count. Ratios
are taken within rounds. What others print is thrown away. Before anything is measured, each of them has to find fault with a
file that is wrong; and an archive must be the same after each round as before it.

| part | what runs |
|---|---|
| small, large | the program with one and two workers, the floor, the peers |
| captures | the program and the floor on plain text, with all, a fifth and none of the seeds broken |
| mixed | the program and the floor, a fifth of the seeds broken |
| cache | a first run, and another after which nothing has changed, on small, large and captures |
| one-file | the program on one file, the four hooks on it in sequence, and a Python that does nothing |
| growth | two workers on 1,000, 10,000 and 100,000 seeds (with --scale 300,000 or N more): cost a seed, peaks of memory |

The floor is a Python program that opens, reads and decodes every seed, one after the other. Its time is what it takes by its
own clock for that alone: neither start nor walking the folders is in it.

The four hooks (end-of-file-fixer, trailing-whitespace-fixer, mixed-line-ending, fix-byte-order-marker) are run one after the
other, with lists of files cut and shuffled as pre-commit does: a process takes at most its share of the files (all of them
divided by the processors) and 131,072 bytes of names, and as many processes work at once as there are processors. They are
run a second time with one process at once. pre-commit's own work, which is to ask git for the files and to see what changed, is
left out. Where they change something in an archive, they run on a copy that they have changed before, so that they write nothing.

Before the rounds, the program says of each archive how many of its seeds have findings; in each round it must end as it did then.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import yaml

from benchmarks import archive, posts
from benchmarks.speed_page import (
    FLOOR,
    OURS,
    OURS_ALONE,
    Comparison,
    Growth,
    Results,
    Round,
    Sample,
    from_json,
    measured_part,
    plot,
    put_into,
    rows,
    shown,
    table,
    to_json,
)
from validator.archive.face import own_sources
from validator.archive.reading import available_processors

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = CHECKOUT / "docs" / "performance.md"
HOOKS = ("end-of-file-fixer", "trailing-whitespace-fixer", "mixed-line-ending", "fix-byte-order-marker")
PACKAGES = ("pre-commit-hooks", "rumdl", "typos", "codespell", "check-jsonschema", "yamllint")
PARTS = ("small", "large", "captures", "mixed", "cache", "one-file", "growth")

_FLOOR = """
import json, os, sys, time
started = time.perf_counter()
paths = [f"{folder}/{name}" for folder, _, names in os.walk(sys.argv[1]) for name in names if name.endswith((".md", ".txt"))]
walked = time.perf_counter()
for path in paths:
    with open(path, "rb") as file:
        file.read().decode("utf-8", "replace")
print(json.dumps([len(paths), walked - started, time.perf_counter() - walked]))
"""


class MeasureError(Exception):
    """Something did not run as it must for the figures to mean anything."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. A part goes on for about `seconds`, for `least` to `most` rounds after the warm-up."""

    small: int = 15_000
    large: int = 5_000
    captures: int = 2_000
    mixed: int = 2_000
    growth: tuple[int, ...] = (1_000, 10_000, 100_000)
    seconds: float = 200
    least: int = 3
    most: int = 7
    most_of_one_file: int = 30


QUICK = Plan(2_000, 600, 500, 500, (500, 2_000, 5_000), seconds=25, least=3, most=3, most_of_one_file=10)
MORE_SEEDS = 300_000


# --- running ----------------------------------------------------------------------------------------------------------


def environment(folder: Path) -> dict[str, str]:
    """The environment of every program, without colors, hooks and caches from outside the measurement."""
    dropped = ("PRE_COMMIT", "PYTHON", "VALIDATOR", "RUMDL", "FORCE_COLOR", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"NO_COLOR": "1", "LC_ALL": "C.UTF-8", "XDG_CACHE_HOME": str(folder / "caches")}


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str], accepted: frozenset[int]) -> Sample:
    """One run, its output thrown away. Raises MeasureError, with the end of its complaints, if it ends otherwise."""
    with tempfile.TemporaryFile() as complaints:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaints
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accepted:
            complaints.seek(0)
            told = complaints.read().decode("utf-8", "replace")[-500:].strip()
            raise MeasureError(f"{' '.join(command)[:200]} ended with {process.returncode}: {told}")
    return Sample(wall, usage.ru_utime + usage.ru_stime)


def portions(files: Sequence[str], concurrency: int, room: int) -> Iterator[list[str]]:
    """File lists for processes as pre-commit cuts them: evenly for the processes at once, and no longer than a command may be."""
    shuffled = list(files)
    random.Random(1_542_676_187).shuffle(shuffled)  # noqa: S311 - some order in which large files are not neighbours
    most = max(4, math.ceil(len(files) / concurrency))
    portion: list[str] = []
    length = 0
    for file in shuffled:
        cost = len(os.fsencode(file)) + 1
        if portion and (len(portion) == most or length + cost > room):
            yield portion
            portion, length = [], 0
        portion.append(file)
        length += cost
    if portion:
        yield portion


def in_portions(
    programs: Sequence[Sequence[str]],
    lists: Sequence[Sequence[str]],
    at_once: int,
    runner: Callable[[Sequence[str]], Sample],
) -> Sample:
    """Programs one after the other, each on all lists, so many processes at once."""
    started = time.perf_counter()
    cpu = 0.0
    with ThreadPoolExecutor(at_once) as pool:
        for program in programs:
            cpu += sum(sample.cpu for sample in pool.map(runner, [[*program, *files] for files in lists]))
    return Sample(time.perf_counter() - started, cpu)


def _tell_round(label: str, samples: Round) -> None:
    told = ", ".join(f"{name} {shown(sample.wall)}" for name, sample in samples.items())
    click.echo(click.wrap_text(told, 80, label, " " * 17))


Contenders = Mapping[str, Callable[[], Sample]]


def compete(contenders: Contenders, plan: Plan, most: int, after_round: Callable[[], None]) -> tuple[Round, ...]:
    """Rounds in which each contender runs once, beginning with another one each time; the first is thrown away."""
    names = list(contenders)
    measured: list[Round] = []
    wanted = most
    number = 0
    while len(measured) < wanted:
        started = time.monotonic()
        samples: dict[str, Sample] = {}
        turned = names[number % len(names) :] + names[: number % len(names)]
        for name in turned:
            samples[name] = contenders[name]()
        after_round()
        took = time.monotonic() - started
        if number == 0:
            wanted = min(most, max(plan.least, int(plan.seconds / took)))
        else:
            measured.append({name: samples[name] for name in names})
        label = "warm-up" if number == 0 else f"round {number} of {wanted}"
        _tell_round(f"  {label:<13}{took:6.1f} s   ", samples)
        number += 1
    return tuple(measured)


# --- archives ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bench:
    """Where things are: a folder for archives, the program, the peers' commands, and how much is measured."""

    folder: Path
    program: tuple[str, ...]
    no_cache: tuple[str, ...]
    peers: Path
    plan: Plan
    posts: Path | None = None  # real ones

    @property
    def variables(self) -> dict[str, str]:
        """The environment of every program."""
        return environment(self.folder)

    def peer(self, name: str) -> str:
        """The command of a peer."""
        return str(self.peers / name)

    def ours(self, jobs: int, *more: str) -> list[str]:
        """The program on the archive that it is run in. Copies of one post are no archive to compare seeds in."""
        return [*self.program, "validate", "--no-config", "--ignore", "archive", "--jobs", str(jobs), *more, "."]


def made_archive(bench: Bench, kind: str, seeds: int, broken: float | None = None) -> Path:
    """An archive, made unless it is there already: of copies of real posts where there are some, else made up."""
    share = archive.KINDS[kind].broken if broken is None else broken
    real = posts.read_posts(bench.posts, kind) if bench.posts is not None and kind in posts.FAMILIES else None
    folder = bench.folder / "-".join(
        (kind, *(["real"] if real else []), *([] if broken is None else [f"{broken:.0%}".rstrip("%")]), str(seeds))
    )
    wanted = (seeds, 0.0, 0, posts.digest_of(real)) if real else (seeds, share, 1, "")
    found = archive.read_marker(folder)
    if found is not None and (found.generation, found.kind, found.seeds, found.broken, found.number, found.posts) == (
        archive.GENERATION, kind, *wanted,
    ):  # fmt: skip
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    started = time.monotonic()
    if real:
        posts.write_copies(kind, folder, seeds, real)
    else:
        archive.write_archive(kind, folder, seeds, share, 1)
    os.sync()  # what is still to be written does not slow down what is measured next
    click.echo(f"  made {folder.name} in {time.monotonic() - started:.1f} s")
    return folder


@dataclass(frozen=True, slots=True)
class Judged:
    """What the program says of an archive: how it ends, and how many findings and seeds with findings there are.

    `clean` is the first seed without findings, or the first of all.
    """

    code: int
    with_findings: int
    findings: int
    clean: str


def judge(bench: Bench, folder: Path) -> Judged:
    """Let the program judge an archive. Raises MeasureError unless it tells of each of its seeds."""
    command = bench.ours(2, *bench.no_cache, "--format", "jsonl")
    findings = 0
    flawed: set[str] = set()
    with subprocess.Popen(
        command, cwd=folder, env=bench.variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = set()
        for line in process.stdout:
            said = json.loads(line)
            if said["type"] == "seed":
                told.add(said["path"])
            elif said["type"] == "finding" and said["status"] == "open":
                flawed.add(said["path"])
                findings += 1
    seeds = seeds_in(folder)
    if process.returncode not in (0, 1) or told != set(seeds):
        raise MeasureError(
            f"{' '.join(command)} ended with {process.returncode}; it told of {len(told)} of {len(seeds)} seeds"
        )
    clean = next((seed for seed in seeds if seed not in flawed), seeds[0])
    return Judged(process.returncode, len(flawed), findings, clean)


def fingerprint(folder: Path) -> str:
    """A digest of names, sizes and times of all that is in a folder and not hidden."""
    digest = hashlib.sha256()
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                status = os.stat(os.path.join(top, name))  # noqa: PTH116, PTH118 - a hundred thousand of them
                digest.update(f"{top}/{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def unchanged(folders: Sequence[Path]) -> Callable[[], None]:
    """A check, for after each round, that folders are what they are now. It raises MeasureError."""
    before = [fingerprint(folder) for folder in folders]

    def check() -> None:
        for folder, digest in zip(folders, before, strict=True):
            if fingerprint(folder) != digest:
                raise MeasureError(f"{folder} was changed by what was measured: nothing of this round holds")

    return check


def seeds_in(folder: Path) -> list[str]:
    """The seeds of an archive, relative to it."""
    return sorted(
        path.relative_to(folder).as_posix()
        for suffix in ("md", "txt")
        for path in folder.rglob(f"*.{suffix}")
        if path.is_file()
    )


def size_of(folder: Path) -> int:
    """The bytes of the seeds of an archive."""
    made = archive.read_marker(folder)
    if made is None:
        raise MeasureError(f"{folder} is no archive")
    return made.bytes


def front_matter_of(folder: Path) -> Path:
    """The front matter of an archive's posts, taken out beforehand: a folder with a YAML file for each."""
    out = folder.with_name(f"{folder.name}-front-matter")
    marker = out / archive.MARKER
    wanted = (folder / archive.MARKER).read_text("utf-8")
    if marker.is_file() and marker.read_text("utf-8") == wanted:
        return out
    shutil.rmtree(out, ignore_errors=True)
    for name in seeds_in(folder):
        text = (folder / name).read_text("utf-8")
        path = (out / name).with_suffix(".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.split("---\n", 2)[1], "utf-8")
    marker.write_text(wanted, "utf-8")
    return out


def json_schema() -> dict[str, object]:
    """The JSON Schema of the posts' front matter, as this program's schemas have it, for a checker of YAML files.

    This program reads every scalar as text, the other `True` and `8` as what YAML says they are; so these are allowed too.
    """
    front_matter = own_sources()["jekyll-copy"].front_matter
    if front_matter is None:
        raise MeasureError("the source jekyll-copy asks nothing of its front matter any more")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_with_scalars(json.loads(front_matter))}


def _with_scalars(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema that allows numbers and truth values wherever it allows text."""
    out: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "type" and value in ("string", ["string", "array"]):
            out[key] = [*([value] if isinstance(value, str) else value), "boolean", "number"]
        else:
            out[key] = _with_scalars(value) if isinstance(value, dict) else value
    return out


# --- the peers --------------------------------------------------------------------------------------------------------

ON_FRONT_MATTER = ("check-jsonschema", "yamllint")  # read what was taken out, not the seeds
_SETTLED = ("hooks", "hooks-single")  # read what the hooks have nothing to change in
_WELL = frozenset({0})
# What each ends with where all is well in its eyes, and where it found something in our archives: style, words.
_ACCEPTED: Mapping[str, frozenset[int]] = {
    "rumdl": frozenset({0, 1}),
    "rumdl-silent": frozenset({0, 1}),
    "typos": frozenset({0, 2}),
    "codespell": frozenset({0, 65}),
    "yamllint": frozenset({0, 1}),
}


def four_hooks(bench: Bench, folder: Path, lists: Sequence[Sequence[str]], at_once: int) -> Callable[[], Sample] | None:
    """The four hooks on lists of files, one after the other, so many processes `at_once`; None if one is not installed."""
    if not all((bench.peers / hook).is_file() for hook in HOOKS):
        return None
    one = partial(run, folder=folder, variables=bench.variables, accepted=_WELL)
    return partial(in_portions, [[bench.peer(hook)] for hook in HOOKS], lists, at_once, one)


def settled(bench: Bench, folder: Path) -> Path:
    """Where the four hooks find nothing to change: an archive, or a copy of it that they have changed already."""
    if not all((bench.peers / hook).is_file() for hook in HOOKS):
        return folder
    out = folder.with_name(f"{folder.name}-settled")
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(folder, out)
    accepted = frozenset({0, 1})  # 1 where it has changed something
    files = seeds_in(folder)
    run_hooks = partial(run, folder=out, variables=bench.variables, accepted=accepted)
    in_portions([[bench.peer(hook)] for hook in HOOKS], list(portions(files, 1, 2**17 - 2048)), 1, run_hooks)
    if any((out / name).read_bytes() != (folder / name).read_bytes() for name in files):
        return out
    shutil.rmtree(out)
    return folder


def peers_on(bench: Bench, folder: Path, for_hooks: Path) -> dict[str, Callable[[], Sample]]:
    """The peers that are there, each ready to run on an archive of posts."""
    variables = bench.variables
    matter = front_matter_of(folder)
    schema = bench.folder / "front-matter.schema.json"
    schema.write_text(json.dumps(json_schema()), "utf-8")
    whole = {
        "rumdl": ([bench.peer("rumdl"), "check", "--no-cache", "."], folder),
        "rumdl-silent": ([bench.peer("rumdl"), "check", "--no-cache", "--silent", "."], folder),
        "typos": ([bench.peer("typos"), "."], folder),
        "codespell": ([bench.peer("codespell"), "."], folder),
        "yamllint": ([bench.peer("yamllint"), "."], matter),
    }
    out: dict[str, Callable[[], Sample]] = {}
    at_once = available_processors()
    lists = list(portions(seeds_in(folder), at_once, 2**17 - 2048))
    for name, processes in (("hooks", at_once), ("hooks-single", 1)):
        if (hooks := four_hooks(bench, for_hooks, lists, processes)) is not None:
            out[name] = hooks
    for name, (command, place) in whole.items():
        if Path(command[0]).is_file():
            out[name] = partial(run, command, place, variables, _ACCEPTED[name])
    if (bench.peers / "check-jsonschema").is_file():
        # It takes files only. All fit on one command line, but for an archive much larger than these.
        files = [path.relative_to(matter).as_posix() for path in sorted(matter.rglob("*.yaml"))]
        room = os.sysconf("SC_ARG_MAX") - sum(len(f"{name}={value}") + 9 for name, value in variables.items()) - 2**16
        lists = list(portions(files, 1, (room * 3) // 4 - 9 * len(files)))
        command = [bench.peer("check-jsonschema"), "--schemafile", str(schema)]
        one = partial(run, folder=matter, variables=variables, accepted=_WELL)
        out["check-jsonschema"] = partial(in_portions, [command], lists, 1, one)
    return out


_WRONG: Mapping[str, tuple[str, bytes]] = {
    "end-of-file-fixer": ("a.md", b"no end"),
    "trailing-whitespace-fixer": ("a.md", b"blanks  \n"),
    "mixed-line-ending": ("a.md", b"one\r\ntwo\n"),
    "fix-byte-order-marker": ("a.md", b"\xef\xbb\xbfmarked\n"),
    "rumdl": ("a.md", b"# One\n### Three\n"),
    "typos": ("a.md", b"This is teh end.\n"),
    "codespell": ("a.md", b"This is teh end.\n"),
    "yamllint": ("a.yaml", b"a: [\n"),
    "check-jsonschema": ("a.yaml", b"layout: page\ntitle: a\n"),
}


def probe(bench: Bench) -> list[str]:
    """Let each peer find fault with a file that is wrong. Gives those that are not there.

    Raises MeasureError for one that finds none.
    """
    missing = []
    schema = bench.folder / "front-matter.schema.json"
    schema.write_text(json.dumps(json_schema()), "utf-8")
    for name, (file, content) in _WRONG.items():
        if not (bench.peers / name).is_file():
            missing.append(name)
            continue
        arguments = {"rumdl": ["check", "--no-cache"], "check-jsonschema": ["--schemafile", str(schema)]}.get(name, [])
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / file).write_bytes(content)
            command = [bench.peer(name), *arguments, file]
            done = subprocess.run(command, cwd=folder, env=bench.variables, capture_output=True, check=False)
        if done.returncode not in (1, 2, 65) or b"Traceback" in done.stderr:
            raise MeasureError(f"{name} found no fault with {content!r}: it ended with {done.returncode}")
    return missing


# --- the parts --------------------------------------------------------------------------------------------------------


def warmed(folder: Path, contender: Callable[[], Sample]) -> Callable[[], Sample]:
    """A contender that runs right after each file in its folder was read: whoever ran before it may have read others."""

    def ready() -> Sample:
        for path in folder.rglob("*"):
            if path.is_file():
                path.read_bytes()
        return contender()

    return ready


def floor(folder: Path, seeds: int, variables: Mapping[str, str]) -> Sample:
    """The floor's own seconds for reading and decoding; as processor time, the time of its whole process."""
    with subprocess.Popen(
        [sys.executable, "-c", _FLOOR, str(folder)], env=variables, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        answer = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise MeasureError(f"the floor ended with {process.returncode}")
    count, _, seconds = json.loads(answer)
    if count != seeds:
        raise MeasureError(f"the floor read {count} files of {seeds}")
    return Sample(seconds, usage.ru_utime + usage.ru_stime)


def measure_archive(bench: Bench, name: str, kind: str, seeds: int, broken: float | None = None) -> Comparison:
    """The program, the floor and, on archives of posts, the peers, on one archive."""
    folder = made_archive(bench, kind, seeds, broken)
    judged = judge(bench, folder)
    accepted = frozenset({judged.code})
    contenders: dict[str, Callable[[], Sample]] = {
        OURS: partial(run, bench.ours(2, *bench.no_cache), folder, bench.variables, accepted),
        OURS_ALONE: partial(run, bench.ours(1, *bench.no_cache), folder, bench.variables, accepted),
        FLOOR: partial(floor, folder, seeds, bench.variables),
    }
    places = {}
    if kind in posts.FAMILIES:
        for_hooks = settled(bench, folder)
        contenders |= peers_on(bench, folder, for_hooks)
        places = dict.fromkeys(ON_FRONT_MATTER, front_matter_of(folder)) | dict.fromkeys(_SETTLED, for_hooks)
    ready = {each: warmed(places.get(each, folder), contender) for each, contender in contenders.items()}
    rounds = compete(ready, bench.plan, bench.plan.most, unchanged([folder, *dict.fromkeys(places.values())]))
    return compared(bench, name, kind, folder, judged, rounds)


def compared(
    bench: Bench, name: str, kind: str, folder: Path, judged: Judged, rounds: tuple[Round, ...]
) -> Comparison:  # fmt: skip
    """The rounds on an archive, with what it is made of."""
    real = bench.posts is not None and kind in posts.FAMILIES
    seeds = len(seeds_in(folder))
    return Comparison(name, seeds, size_of(folder), rounds, real, judged.with_findings / seeds, judged.findings / seeds)


def measure_cache(bench: Bench, name: str, kind: str, seeds: int) -> Comparison:
    """Three runs with two workers: one that keeps nothing, one that finds nothing kept, and the same again."""
    folder = made_archive(bench, kind, seeds)
    judged = judge(bench, folder)
    ours = partial(run, folder=folder, variables=bench.variables, accepted=frozenset({judged.code}))
    check = unchanged([folder])
    rounds = []
    for number in range(bench.plan.most + 1):
        forget(bench, folder)
        # Not to be turned round: the second follows the first.
        samples = {
            "uncached": ours(bench.ours(2, *bench.no_cache)),
            "first": ours(bench.ours(2)),
            "second": ours(bench.ours(2)),
        }
        check()
        label = "warm-up" if number == 0 else f"round {number} of {bench.plan.most}"
        _tell_round(f"  {label:<15}", samples)
        rounds.append(samples)
    forget(bench, folder)
    return compared(bench, name, kind, folder, judged, tuple(rounds[1:]))


def forget(bench: Bench, folder: Path) -> None:
    """Take away all that the program may remember of earlier runs on an archive."""
    shutil.rmtree(folder / ".validator", ignore_errors=True)
    shutil.rmtree(bench.folder / "caches", ignore_errors=True)


def hook_arguments(checkout: Path) -> list[str]:
    """How the program's own hook for pre-commit calls it, as its manifest says; `validate --quiet` without one."""
    manifest = checkout / ".pre-commit-hooks.yaml"
    if not manifest.is_file():
        return ["validate", "--quiet"]
    hook = yaml.safe_load(manifest.read_text("utf-8"))[0]
    return [*hook["entry"].split()[1:], *hook.get("args", ())]


def measure_one_file(bench: Bench) -> Comparison:
    """The program on one post of a kilobyte, the four hooks on it in sequence, and a Python that starts and ends."""
    folder = made_archive(bench, "small", bench.plan.small)
    file = judge(bench, folder).clean
    variables = bench.variables
    contenders: dict[str, Callable[[], Sample]] = {
        "one-file": partial(run, [*bench.program, *hook_arguments(CHECKOUT), file], folder, variables, _WELL),
        "bare": partial(run, [sys.executable, "-c", "pass"], folder, variables, _WELL),
    }
    if (hooks := four_hooks(bench, settled(bench, folder), [[file]], 1)) is not None:
        contenders["hooks-single"] = hooks
    rounds = compete(contenders, replace(bench.plan, least=5), bench.plan.most_of_one_file, unchanged([folder]))
    forget(bench, folder)
    return Comparison("one file", 1, (folder / file).stat().st_size, rounds, bench.posts is not None)


def measure_growth(bench: Bench, sizes: Sequence[int]) -> tuple[Growth, ...]:
    """Cost and memory on archives of so many seeds, in rounds in which each has its turn."""
    folders = {seeds: made_archive(bench, "small", seeds) for seeds in sorted(sizes)}
    command = bench.ours(2, *bench.no_cache)
    measured = {seeds: Growth(seeds, size_of(folder), (), 0, 0) for seeds, folder in folders.items()}
    accepted = frozenset(judge(bench, folder).code for folder in folders.values())
    for number in range(1, bench.plan.least + 1):
        for seeds, folder in folders.items():
            wall, parent, worker = watch(command, folder, bench.variables, accepted)
            so_far = measured[seeds]
            measured[seeds] = replace(
                so_far,
                seconds=(*so_far.seconds, wall),
                parent_bytes=max(so_far.parent_bytes, parent),
                worker_bytes=max(so_far.worker_bytes, worker),
            )
            click.echo(
                f"  round {number}: {seeds:,} seeds {wall:6.1f} s  {1e6 * wall / seeds:,.0f} µs a seed"
                f"  parent {parent / 1e6:.1f} MB, a worker {worker / 1e6:.1f} MB"
            )
    return tuple(measured.values())


def watch(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], accepted: frozenset[int] = _WELL
) -> tuple[float, int, int]:
    """Seconds of a run, and the peaks of resident memory, in bytes, of its process and of the largest that it started.

    The kernel keeps the peak of each process (VmHWM), so that asking now and then misses only what the last moments added.
    What processes share counts in each. Both are 0 where there is no /proc.
    """
    parent = worker = 0
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            parent = max(parent, _peak(process.pid))
            worker = max([worker, *map(_peak, children_of(process.pid))])
            time.sleep(0.01)
        wall = time.perf_counter() - started
    if process.returncode not in accepted:
        raise MeasureError(f"{' '.join(command)} ended with {process.returncode}")
    return wall, parent, worker


def _peak(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
    except OSError:
        return 0  # it has ended
    found = status.partition("VmHWM:")[2].split(maxsplit=1)
    return int(found[0]) * 1024 if found else 0


def children_of(process: int) -> list[int]:
    """The processes that a process started, in any of its threads."""
    out: list[int] = []
    lists = list(Path(f"/proc/{process}/task").glob("*/children"))
    for each in lists:
        with suppress(OSError):  # it has ended
            out += map(int, each.read_text("ascii").split())
    for status in Path("/proc").glob("[0-9]*/stat") if not lists else ():  # kernels that do not list them
        with suppress(OSError):
            if int(status.read_text("ascii", "replace").rpartition(")")[2].split()[1]) == process:
                out.append(int(status.parent.name))
    return out


# --- facts ------------------------------------------------------------------------------------------------------------


def program_of_this_environment() -> tuple[str, ...]:
    """The command `validator` beside this Python, or its module if there is none."""
    beside = Path(sys.executable).with_name("validator")
    return (str(beside),) if beside.is_file() else (sys.executable, "-m", "validator")


def _answer(*command: str, folder: Path | None = None) -> str:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise MeasureError(f"{' '.join(command)[:120]}: {getattr(error, 'stderr', '') or error}") from None


def facts(bench: Bench) -> dict[str, str]:
    """What was measured on and what was measured."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in _lines_of(Path("/proc/cpuinfo"))
            if line.startswith(("model name", "Model"))
        ),
        platform.processor() or platform.machine(),
    )
    memory = next((int(line.split()[1]) for line in _lines_of(Path("/proc/meminfo")) if line.startswith("MemTotal")), 0)
    version = _answer(*bench.program, "--version", folder=bench.folder).split()[-1]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": f"{processor}; {available_processors()} of {os.cpu_count()} for this run",
        "memory": f"{memory / 1e6:,.1f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "load at the start": f"{os.getloadavg()[0]:.2f} (average of a minute; 0 is a quiet machine)",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "validator": f"{version}, SHA-256 of its modules and schemas {state_of_program(bench)[:12]}",
        "posts": _about_posts(bench),
        **_versions(bench.peers),
    }


def _about_posts(bench: Bench) -> str:
    if bench.posts is None:
        return "made up"
    families = {kind: posts.read_posts(bench.posts, kind) for kind in posts.FAMILIES}
    counts = ", ".join(f"{len(each)} {kind}" for kind, each in families.items())
    return f"copies of real ones ({counts}), SHA-256 {posts.digest_of(families['small'] | families['large'])[:12]}"


def state_of_program(bench: Bench) -> str:
    """A digest of the modules and schemas that are measured."""
    # Asked in the archives' folder, so that a checkout at hand is not taken for what is installed.
    asked = "import validator; from validator.archive.root import schemas_folder as f; print(validator.__file__); print(f())"
    module, schemas = _answer(sys.executable, "-c", asked, folder=bench.folder).splitlines()
    digest = hashlib.sha256()
    for path in (*sorted(Path(module).parent.rglob("*.py")), *sorted(Path(schemas).glob("*.yaml"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines() if path.is_file() else []


def _versions(peers: Path) -> dict[str, str]:
    """The versions of the peers that are installed."""
    python = peers / "python"
    if not python.is_file():
        return {}
    asked = "import json\nfrom importlib.metadata import distributions as all\n"
    asked += "print(json.dumps([(each.metadata['Name'], each.version) for each in all()]))"
    said = {name.replace("_", "-"): version for name, version in json.loads(_answer(str(python), "-c", asked))}
    return {name: said[name] for name in PACKAGES if name in said}


# --- the command ------------------------------------------------------------------------------------------------------


def comparisons_of(bench: Bench, part: str) -> dict[str, Callable[[], Comparison]]:
    """The comparisons of a part by their names, each ready to be measured; growth has none."""
    sizes = {kind: getattr(bench.plan, kind) for kind in archive.KINDS}
    if part == "captures":
        shares = {"all broken": 1.0, "a fifth broken": 0.2, "none broken": 0.0}
        return {
            f"{part}, {said}": partial(measure_archive, bench, f"{part}, {said}", part, sizes[part], share)
            for said, share in shares.items()
        }
    if part == "cache":
        names = {"cache": "small", "cache, large": "large", "cache, captures": "captures"}
        return {name: partial(measure_cache, bench, name, kind, sizes[kind]) for name, kind in names.items()}
    if part == "one-file":
        return {"one file": partial(measure_one_file, bench)}
    return {part: partial(measure_archive, bench, part, part, sizes[part])} if part in sizes else {}


def measure(
    bench: Bench, parts: Sequence[str], growth: Sequence[int], before: Results, keep: Callable[[Results], None]
) -> Results:
    """Measure what was asked for and is not among what was measured before; each part is kept as soon as it is there."""
    results = before
    done = {comparison.name for comparison in results.comparisons}
    for part in parts:
        if part == "cache" and not bench.no_cache:
            note = (
                "cache: not measured, as this program keeps none (its command validate has no option for going without)"
            )
            click.echo(note)
            results = replace(results, notes=(*results.notes, note))
            continue
        for name, measuring in comparisons_of(bench, part).items():
            if name in done:
                click.echo(f"{name}: measured before")
                continue
            click.echo(name)
            measured = measuring()
            click.echo("\n".join(table(measured)))
            results = replace(results, comparisons=(*results.comparisons, measured))
            keep(results)
    if "growth" in parts:
        click.echo("growth")
        if {each.seeds for each in results.growth} >= set(growth):
            click.echo("growth: measured before")
            return results
        results = replace(results, growth=measure_growth(bench, growth))
        keep(results)
    return results


def tell(results: Results) -> None:
    """The times of all that was measured; then a line for each figure that has a target, or that compares two programs."""
    for comparison in results.comparisons:
        click.echo("\n".join(["", comparison.name, *table(comparison)]))
    click.echo()
    for row in rows(results):
        aimed = "" if row.bound is None else f"  at {'least' if row.at_least else 'most'} {row.bound:g}"
        mark = {None: "", True: ", reached", False: ", MISSED"}[row.reached]
        if len(row.what) > 44:
            click.echo(row.what)
        what = "" if len(row.what) > 44 else row.what
        click.echo(f"{what:<44}{shown(row.figure.median):>8} {row.unit:<5}{aimed}{mark}")
    for note in results.notes:
        click.echo(note)


def arguments_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="small archives, three rounds: to try it out")
    parser.add_argument(
        "--scale", type=int, nargs="*", metavar="N", help=f"grow on to N seeds, {MORE_SEEDS:,} unless said; takes long"
    )
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help="only this part; repeatable")
    parser.add_argument("--resume", action="store_true", help="keep what an interrupted run has measured")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "validator-bench",
        help="where archives and results are kept; outside of any repository (a folder for what is temporary)",
    )  # fmt: skip
    parser.add_argument(
        "--peers", type=Path, default=CHECKOUT / ".venv-bench" / "bin", help="where the peers' commands are"
    )
    parser.add_argument(
        "--posts", type=Path, metavar="FOLDER",
        help="real posts to make small and large archives of: files society-*.md and opinion-*.md (made-up ones)",
    )  # fmt: skip
    parser.add_argument("--page", type=Path, help="the page to write the figures into, with the plot beside it")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, tell, and write the page where one is named."""
    said = arguments_of(arguments)
    plan = QUICK if said.quick else Plan()
    folder = said.folder.resolve() / ("quick" if said.quick else "full")
    folder.mkdir(parents=True, exist_ok=True)
    program = program_of_this_environment()
    growth = [*plan.growth, *((said.scale or [MORE_SEEDS]) if said.scale is not None else ())]
    kept = folder / "results.json"
    started = time.monotonic()
    try:
        # Inside a repository some of the programs would ask git about every file, and leave out what it ignores.
        if any((above / ".git").exists() for above in folder.parents):
            raise MeasureError(f"{folder} lies in a repository: name another with --folder")
        help_text = _answer(*program, "validate", "--help", folder=folder)
        no_cache = ("--no-cache",) if "--no-cache" in help_text else ()
        bench = Bench(folder, program, no_cache, said.peers.absolute(), plan, said.posts)
        before = Results(facts=facts(bench))
        if said.resume and kept.is_file():
            found = from_json(json.loads(kept.read_text("utf-8")))
            for fact in ("validator", "posts"):
                if found.facts.get(fact) != before.facts[fact]:
                    raise MeasureError(
                        f"{kept} is of another state of the program or the posts: begin anew, without --resume"
                    )
            before = replace(found, notes=())
        missing = probe(bench)
        notes = [f"not installed, so not measured: {', '.join(missing)}"] if missing else []
        if said.quick:
            notes.append("measured on small archives with few rounds, to try it out")
        if float(before.facts["load at the start"].split()[0]) > 0.5:
            notes.append("the machine was not quiet when this began")
        for note in notes:
            click.echo(note)
        before = replace(before, notes=tuple(notes))
        state = state_of_program(bench)
        results = measure(bench, said.only or PARTS, growth, before, lambda each: _keep(kept, each))
        if state_of_program(bench) != state:
            raise MeasureError("the program was changed while it was measured: begin anew, without --resume")
    except (MeasureError, FileNotFoundError) as failure:
        click.echo(f"stopped: {failure}", err=True)
        return 2
    tell(results)
    click.echo(f"measured in {(time.monotonic() - started) / 60:.1f} minutes; kept in {kept}")
    if said.page is not None:
        said.page.write_text(put_into(said.page.read_text("utf-8"), measured_part(results)), "utf-8")
        said.page.with_suffix(".svg").write_text(plot(results), "utf-8")
        click.echo(f"written into {said.page} and {said.page.with_suffix('.svg')}")
    return 0


def _keep(path: Path, results: Results) -> None:
    """Write results so that an interruption leaves the old ones or the new ones."""
    written = path.with_suffix(".new")
    written.write_text(json.dumps(to_json(results)), "utf-8")
    written.replace(path)


if __name__ == "__main__":
    sys.exit(main())
