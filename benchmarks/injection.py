"""Recall by injection: put defects into clean seeds, and see that each is found where it was put, and nothing else.

    python benchmarks/injection.py [--posts DIR] [--rule NAME]... [--number 200] [--seed 1] [--show N] [--jobs N]

For each rule the command injects defects one at a time, at places and into seeds drawn by chance from a seed that is named,
and validates as an archive would: with the seed's path and its sidecar, in process; what only a file can have (no permission,
too large, a sidecar without its seed) on disk, in an archive that is opened and searched. A defect counts as found if every
finding that is due stands at the exact span. Whatever else is found and was not found before the injection, places moved by
what was put in, is counted as new elsewhere, unless it legitimately follows from the defect, see `FOLLOWS`. Exits 1 if less
than 99 % of a rule's defects are found or anything new is found elsewhere.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from random import Random

import click

import validator
from benchmarks.bases import read_bases
from benchmarks.defects.given import TODAY, injectors
from benchmarks.passages import INJECTORS
from validator.archive.config import Settings
from validator.archive.discovery import discover, orphan_sidecars
from validator.archive.face import own_sources
from validator.archive.opening import Request, judge, open_archive
from validator.archive.runner import run
from validator.defects import Base, Change, Given, Injected
from validator.engine.checking import orphan_sidecar
from validator.engine.neighbours import Side, neighbours_of, said_of_neighbours
from validator.engine.seen import look
from validator.record.traits import Tie
from validator.rules import RULES
from validator.sources.identify import Claim
from validator.sources.model import Source
from validator.text.findings import Finding, SeedReport

ROOT = Path(__file__).resolve().parent.parent
SPECIMENS = ROOT / "seeds"
POSTS = ROOT.parent / "shared" / "posts"
NEEDED = 0.99
_TRIES = 400  # bases that are tried for one injection before an injector is passed over

# Findings of another rule that legitimately come with a defect, and why.
FOLLOWS: Mapping[tuple[str, str], str] = {
    ("dates-disagree", "leaked-field"): "the field that states another date than the dateline is put in: two defects",
    ("capture-failed", "source-uncertain"): "the headline of the failed capture is in English, and the source is not",
    ("encoding-unexpected", "not-utf8"): "the seed is not in UTF-8 either: one tells what to do, the other to doubt it",
    ("encoding-unexpected", "undecodable"): "as for not-utf8",
    (
        "not-utf8",
        "undecodable",
    ): "an encoding that is not told for sure is not guessed; counts as not found all the same",
    (
        "front-matter-schema",
        "byline-missing",
    ): "under a misspelt key no author is stated: the byline is missing, the key unknown",
    ("front-matter-schema", "date-missing"): "as for a misspelt author",
    ("front-matter-schema", "headline-missing"): "as for a misspelt author",
    ("front-matter-schema", "source-url-missing"): "as for a misspelt author",
    (
        "front-matter-schema",
        "urls-disagree",
    ): "what is no address is not that of the link either, which tells the right one",
    (
        "front-matter-syntax",
        "control-character",
    ): "YAML cannot be read for it, and it is a control character all the same",
    ("front-matter-syntax", "source-uncertain"): "without front matter its folder alone says what the seed is",
    (
        "blank-lines",
        "trailing-whitespace",
    ): "blank lines that are not empty were put in: two defects, at spans that differ",
    ("body-missing", "blank-lines"): "what is left of a Markdown file without its text may end in blank lines",
    ("byline-missing", "headline-missing"): "of a page, the headline is told by the byline that stands below it",
    (
        "source-unidentified",
        "trailing-whitespace",
    ): "whether blanks at a line's end mean anything, only a source's markup tells",
    ("source-unidentified", "blank-lines"): "as for trailing-whitespace",
    ("source-unidentified", "indentation"): "as for trailing-whitespace",
    ("source-unidentified", "mixed-quotes"): "which script an article is in, only its source says",
    (
        "source-unidentified",
        "acceptance-unused",
    ): "the finding that was accepted is one of the record, and no record was read",
    ("source-uncertain", "front-matter-syntax"): "the folder's source has front matter, which a plain text has not",
    ("undecodable", "acceptance-unused"): "the finding that was accepted is not made where nothing is read",
    ("empty-file", "acceptance-unused"): "as for undecodable",
    ("empty-file", "blank-lines"): "the blanks of which the file consists are what they are in any file",
    ("empty-file", "byte-order-mark"): "as for blank-lines",
    ("empty-file", "control-character"): "as for blank-lines",
    ("empty-file", "final-newline"): "as for blank-lines",
    ("empty-file", "invisible-character"): "as for blank-lines",
    ("empty-file", "line-endings"): "as for blank-lines",
    ("empty-file", "no-break-space"): "as for blank-lines",
    ("empty-file", "trailing-whitespace"): "as for blank-lines",
}


@dataclass(frozen=True, slots=True)
class Miss:
    """An injection of which something was not found or something else was; `told` are the lines that say what."""

    injector: str
    base: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one rule. `gone` counts findings of the bases that were no longer made, which is no failure."""

    rule: str
    injected: int
    found: int
    elsewhere: int
    gone: int
    misses: tuple[Miss, ...]
    by_injector: tuple[tuple[str, int], ...]

    @property
    def fails(self) -> bool:
        """Whether the rule is not what it must be."""
        return not self.injected or self.found < NEEDED * self.injected or self.elsewhere > 0


# --- judging ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _sources(legacy: tuple[str, ...], rival: bool) -> Mapping[str, Source]:
    """The program's sources, each with legacy encodings, or with a second source beside it that has the same signs."""
    sources = dict(own_sources())
    if legacy:
        sources = {name: replace(each, policy=replace(each.policy, legacy=legacy)) for name, each in sources.items()}
    if rival:
        sources |= {f"zz-{name}": replace(each, id=f"zz-{name}") for name, each in sources.items() if each.identify}
    return sources


def judged(content: bytes, given: Given) -> SeedReport:
    """The report of a seed under the circumstances given."""
    sources = _sources(given.legacy, given.rival)
    report = validator.validate(
        content, source=given.source, path=given.path, sidecar=given.sidecar, sources=sources,
        settings=None if given.limit_bytes is None else Settings(limit_bytes=given.limit_bytes), today=TODAY,
    )  # fmt: skip
    if given.beside is None:
        return report
    claim = Claim(given.source, "the injection") if given.source else None
    here, there = (
        Side(name, look(data, sources, given.path, claim))
        for name, data in ((given.path, content), ("another.md", given.beside.encode()))
    )
    found = neighbours_of(here, [(there, frozenset(Tie) - {Tie.CROWD})])
    return said_of_neighbours(report, here, found, TODAY)


@lru_cache(maxsize=8192)
def _judged_before(text: str, given: Given) -> SeedReport:
    return judged(text.encode("utf-8", "surrogatepass"), given)


# --- comparing --------------------------------------------------------------------------------------------------------


def moved(start: int, end: int, changes: Sequence[Change]) -> tuple[int, int]:
    """Where a span of the base stands after the changes. What is put in at its start goes before it, at its end after it."""
    first = last = 0
    for change in changes:
        longer = len(change.replacement) - (change.end - change.start)
        first += longer if change.end <= start else 0
        last += longer if change.start < end or change.end <= start else 0
    return start + first, end + last


def compare(
    rule: str, before: Iterable[Finding], after: Iterable[Finding], injected: Injected
) -> tuple[list[str], list[Finding], list[Finding]]:
    """What is due and was not found, in words; findings that are new elsewhere; findings that are gone."""
    due = Counter((mark.start, mark.end) for mark in injected.marks)
    left: list[Finding] = []
    for finding in after:
        span = (finding.start.offset, finding.end.offset)
        if finding.rule == rule and due[span] > 0:
            due[span] -= 1
        else:
            left.append(finding)
    gone: list[Finding] = []
    for finding in before:
        span = moved(finding.start.offset, finding.end.offset, injected.changes)
        same = next(
            (
                each
                for each in left
                if each.rule == finding.rule
                and ((each.whole and finding.whole) or (each.start.offset, each.end.offset) == span)
            ),
            None,
        ) or next((each for each in left if each.fingerprint == finding.fingerprint), None)
        if same is None:
            gone.append(finding)
        else:
            left.remove(same)
    for other in injected.follows:
        if (rule, other) not in FOLLOWS:
            raise LookupError(f"FOLLOWS in benchmarks/injection.py gives no reason why {other} follows from {rule}")
    missing = [f"not found at {start}:{end}" for (start, end), count in due.items() for _ in range(count)]
    return missing, [finding for finding in left if finding.rule not in injected.follows], gone


# --- on disk ----------------------------------------------------------------------------------------------------------


def _placed(base: Base, folder: Path) -> Path:
    """The base as a file in an archive, its sidecar beside it."""
    path = folder / base.given.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base.text.encode())
    if isinstance(base.given.sidecar, str):
        path.with_name(path.name + ".meta.yaml").write_text(base.given.sidecar, "utf-8")
    return path


def _spoil(kind: str, seed: Path, folder: Path, outside: Path) -> tuple[str, Given | None]:
    """Put the defect into the archive: the name of what must be reported, and how the base is to be judged if not as ever."""
    bad = seed.with_name(f"defect{seed.suffix}")
    given: Given | None = None
    if kind == "no permission" and os.geteuid() == 0:
        kind = "dangling link"  # nobody can deny the superuser
    if kind == "dangling link":
        bad.symlink_to("nowhere.txt")
    elif kind == "circle of links":
        bad.symlink_to(bad.name)
    elif kind == "link out of the archive":
        target = outside / "target.txt"
        target.write_text("One line.\n", "utf-8")
        bad.symlink_to(target)
    elif kind == "named pipe":
        os.mkfifo(bad)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(bad))
    elif kind == "no permission":
        bad.write_text("One line.\n", "utf-8")
        bad.chmod(0)
    elif kind == "larger than 16 MiB":
        with bad.open("wb") as file:
            file.truncate(16 * 1024 * 1024 + 1)
    elif kind == "larger than configured":
        limit = seed.stat().st_size
        (folder / "validator.toml").write_text(f"limit-bytes = {limit}\n", "utf-8")
        bad.write_bytes(b"x" * (limit + 1))
    else:
        return _orphan(kind, seed, folder)
    return bad.relative_to(folder).as_posix(), given


def _orphan(kind: str, seed: Path, folder: Path) -> tuple[str, Given | None]:
    sidecar = seed.with_name(seed.name + ".meta.yaml")
    if kind == "orphan after renaming":
        renamed = seed.rename(seed.with_name(f"renamed{seed.suffix}"))
        if not sidecar.exists():
            sidecar.write_text("source: plain-text\n", "utf-8")
        given = Given(renamed.relative_to(folder).as_posix())
    else:
        sidecar = seed.with_name("gone.txt.meta.yaml")
        if kind == "orphan in a folder of its own":
            sidecar = folder / "elsewhere" / "gone.md.meta.yaml"
            sidecar.parent.mkdir()
        sidecar.write_text("source: plain-text\n", "utf-8")
        given = None
    return sidecar.relative_to(folder).as_posix(), given


def on_disk(rule: str, base: Base, injected: Injected) -> tuple[list[str], list[Finding], list[Finding]]:
    """As `compare`, of an archive that holds the base and the defect."""
    with (
        tempfile.TemporaryDirectory(prefix="injection-") as made,
        tempfile.TemporaryDirectory(prefix="injection-") as out,
    ):
        folder = Path(made).resolve()
        name, given = _spoil(injected.on_disk, _placed(base, folder), folder, Path(out).resolve())
        archive = open_archive(Request(folder=folder, source=base.given.source, today=TODAY))
        there = discover([folder], archive.settings, archive.root)
        reports = list(run(there.seeds, partial(judge, archive), jobs=1))
        reports += [orphan_sidecar(each.name, each.name.removesuffix(".meta.yaml")) for each in orphan_sidecars(there)]
    told = [finding for report in reports if report.path == name for finding in report.findings]
    others = [finding for report in reports if report.path != name for finding in report.findings]
    missing, elsewhere, _ = compare(rule, (), told, injected)
    given = base.given if given is None else replace(given, source=base.given.source)
    before = _judged_before(base.text, given).findings
    _, more, gone = compare(rule, before, others, replace(injected, marks=()))
    return missing, [*elsewhere, *more], gone


# --- measuring --------------------------------------------------------------------------------------------------------


def measured(rule: str, base: Base, injected: Injected) -> tuple[list[str], list[Finding], list[Finding]]:
    """What is due and was not found, what is new elsewhere and what is gone, of one injection."""
    if injected.on_disk:
        return on_disk(rule, base, injected)
    text, given = injected.reference or (base.text, base.given)
    return compare(
        rule, _judged_before(text, given).findings, judged(injected.content, injected.given).findings, injected
    )


def _is_clean(rule: str, base: Base, injected: Injected) -> bool:
    """Whether the base does not have, as a whole, what the injection would give it."""
    text, given = injected.reference or (base.text, base.given)
    return not any(finding.rule == rule and finding.whole for finding in _judged_before(text, given).findings)


def _drawn(rng: Random, bases: Mapping[str, Sequence[Base]]) -> Iterator[Base]:
    groups = list(bases)
    for _ in range(_TRIES):
        yield rng.choice(bases[rng.choice(groups)])


def measure(rule: str, bases: Sequence[Base], number: int, seed: int) -> Row:
    """Inject `number` defects of a rule, its injectors taking turns, and count what came of it."""
    rng = Random(f"{seed} {rule}")  # noqa: S311 - chance, not secrecy
    groups: dict[str, list[Base]] = {}
    for base in bases:
        groups.setdefault(base.group, []).append(base)
    done = found = elsewhere = gone = idle = 0
    misses: list[Miss] = []
    by_injector: Counter[str] = Counter()
    for injector in injectors(rule):
        if done == number or idle > 20:
            break
        drawn = (
            (base, injected)
            for base in _drawn(rng, groups)
            if (injected := injector(rng, base)) is not None and _is_clean(rule, base, injected)
        )
        pair = next(drawn, None)
        if pair is None:
            idle += 1  # no seed at hand can carry it
            continue
        base, injected = pair
        idle, done = 0, done + 1
        by_injector[injector.__name__] += 1
        missing, new, lost = measured(rule, base, injected)
        found += not missing
        elsewhere += len(new)
        gone += len(lost)
        if missing or new:
            misses.append(Miss(injector.__name__, base.name, (*missing, *(_told(finding) for finding in new))))
    return Row(rule, done, found, elsewhere, gone, tuple(misses), tuple(sorted(by_injector.items())))


def _told(finding: Finding) -> str:
    place = f"{finding.start.offset}:{finding.end.offset}"
    return ascii(f"new at {place}: {finding.rule}: {finding.message} | {finding.excerpt[:60]}")


# --- the command ------------------------------------------------------------------------------------------------------

_WORKER: list[Sequence[Base]] = []


def _start(posts: Path | None) -> None:
    _WORKER[:] = [read_bases(SPECIMENS, posts)]


def _measure_in_worker(rule: str, number: int, seed: int) -> Row:
    return measure(rule, _WORKER[0], number, seed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and tell by the exit code whether every rule is what it must be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--posts", type=Path, default=POSTS if POSTS.is_dir() else None, help="a folder of real posts")
    parser.add_argument(
        "--rule", action="append", choices=sorted(INJECTORS), metavar="NAME", help="only this rule; repeatable"
    )
    parser.add_argument("--number", type=int, default=200, help="how many defects of each rule (200)")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from (1)")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="tell of the first N misses of each rule")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many processes")
    said = parser.parse_args(arguments)
    if said.posts is not None and not said.posts.is_dir():
        parser.error(f"--posts {said.posts}: no such folder")
    rules = sorted(said.rule or INJECTORS, key=lambda name: list(RULES).index(name))
    click.echo(f"{'rule':<28}{'injected':>9}{'found':>7}{'elsewhere':>11}{'gone':>6}")
    fails = 0
    with ProcessPoolExecutor(said.jobs, initializer=_start, initargs=(said.posts,)) as pool:
        for row in pool.map(partial(_measure_in_worker, number=said.number, seed=said.seed), rules):
            mark = "  <-" if row.fails else ""
            click.echo(f"{row.rule:<28}{row.injected:>9}{row.found:>7}{row.elsewhere:>11}{row.gone:>6}{mark}")
            for miss in row.misses[: said.show]:
                click.echo("\n        ".join((f"    {miss.injector}: {miss.base}", *miss.told)))
            if said.show:
                click.echo("    by " + ", ".join(f"{name} {count}" for name, count in row.by_injector))
            fails += row.fails
    click.echo(f"{len(rules)} rules, {fails} below {NEEDED:.0%} or with findings elsewhere")
    return int(fails > 0)


if __name__ == "__main__":
    sys.exit(main())
