"""`validator repair`: mend what can be mended, with proof, and say what is left."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from validator.archive import Archive, claim_for, open_archive, read_sidecars, rules_for
from validator.cli.common import archive_options, judged, make_request, names
from validator.cli.validate import discovered, exit_code
from validator.decoding import decode
from validator.edits import diff
from validator.engine import shown
from validator.errors import ConfigError
from validator.files import Seed, git_identity, read_seed, read_stream, seed_at, write_atomically
from validator.findings import Finding, SeedReport
from validator.mending import Repaired, repair_seed
from validator.preservation import (
    Agent,
    PreservationError,
    clear_litter,
    new_run,
    sidecar_of,
    sidecar_with_lifts,
    write_repair,
)
from validator.reports import Tally, printable, tool_version
from validator.reports.concise import ConciseReporter
from validator.reports.words import counted, findings_in_words
from validator.sidecars import SUFFIX, SidecarError
from validator.views import Unread


@dataclass(slots=True)
class _Course:
    """What a run has come to so far."""

    changed: int = 0
    fixes: int = 0
    held: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    code: int = 0
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class _Job:
    """What a run was asked to do with what it mends."""

    archive: Archive
    unsafe: bool
    by: str | None
    run: str
    update_manifest: bool = False
    target: Path | None = None
    as_diff: bool = False


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options()
@click.option("--select", multiple=True, metavar="NAMES", help="Mend only what these find (a,b). Repeatable.")
@click.option("--ignore", multiple=True, metavar="NAMES", help="Leave alone what these find (a,b). Repeatable.")
@click.option("--unsafe", is_flag=True, help="Carry out proposals too; `validate` shows them, read them first.")
@click.option("--diff", "as_diff", is_flag=True, help="Show what would change, and write nothing.")
@click.option(
    "--to",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write mended copies here.",
)
@click.option("--by", metavar="NAME", show_default="your name in git's configuration", help="Who repairs.")
@click.option("--update-manifest", is_flag=True, help="In a BagIt bag: bring its manifests up to date.")
@click.option("--stdin-filename", metavar="PATH", help="The name of the seed that `-` reads from standard input.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what remains.")
def repair(
    paths: tuple[str, ...],
    config: Path | None,
    no_config: bool,
    schemas: tuple[Path, ...],
    source: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    unsafe: bool,
    as_diff: bool,
    target: Path | None,
    by: str | None,
    update_manifest: bool,
    stdin_filename: str | None,
    quiet: bool,
) -> int:
    """Mend what can be mended, keep proof of it, and say what is left.

    Safe fixes change nothing but blanks, line ends, a byte-order mark, quotation marks and apostrophes, and that is checked
    each time. Every repair is an event in .validator/events and can be undone: `validator undo`.
    """
    if not paths:
        raise click.UsageError("name the files or folders to repair (`.` is this folder)", click.get_current_context())
    if as_diff and target is not None:
        raise ConfigError("--diff writes nothing, --to does: give one of them")
    request = make_request(config, no_config, schemas, source=source, select=names(select), ignore=names(ignore))
    archive = open_archive(request)
    job = _Job(archive, unsafe, by or git_identity(), new_run(datetime.now(UTC)), update_manifest, target, as_diff)
    if "-" in paths:
        if paths != ("-",) or target is not None:
            raise ConfigError("`-` stands alone: one seed from standard input, mended, to standard output")
        return _from_standard_input(job, stdin_filename)
    found = discovered(archive, paths)
    if found is None:
        return 0
    if target is None and not as_diff:
        _settle(archive, found.seeds)
    course = _Course()
    reporter = ConciseReporter(sys.stdout)
    for seed in found.seeds:
        report = _one(job, seed, course, quiet)
        course.tally.add(report)
        course.code = max(course.code, exit_code(archive, report))
        if not as_diff:
            reporter.seed(report)
    if not quiet:
        _say(course, as_diff)
    return max(course.code, int(course.failed > 0), int(as_diff and course.changed > 0))


def _settle(archive: Archive, seeds: tuple[Seed, ...]) -> None:
    """Put right what a run that was cut short has left."""
    try:
        for note in clear_litter(archive.root, seeds):
            click.echo(f"validator: {printable(note)}", err=True)
    except PreservationError as error:
        raise ConfigError(str(error)) from None


def _mended(job: _Job, seed: Seed, content: bytes, allowed: Callable[[Finding], bool]) -> Repaired:
    archive = job.archive
    rules = rules_for(archive, seed.name)
    return repair_seed(
        content, archive.sources, path=seed.name, claim=claim_for(archive, seed.name),
        sidecars=read_sidecars(archive, seed), today=archive.request.today, unsafe=job.unsafe,
        allowed=lambda finding: finding.rule in rules and allowed(finding),
    )  # fmt: skip


def _one(job: _Job, seed: Seed, course: _Course, quiet: bool) -> SeedReport:
    """Repair one seed; the report of what is in it now."""
    archive = job.archive
    content = read_seed(seed, archive.settings.limit_bytes)
    if isinstance(content, Unread):
        return judged(archive, seed, content)
    try:
        repaired = _mended(job, seed, content, lambda finding: True)
    except Exception:  # a fault of ours: this seed is not touched, and judging it says so
        course.failed += 1
        return judged(archive, seed, content)
    report = shown(repaired.report, rules_for(archive, seed.name))
    try:
        _put(job, seed, content, repaired)
    except (PreservationError, SidecarError, OSError) as error:
        course.failed += 1
        click.echo(f"validator: {printable(seed.name)} was left as it was: {printable(str(error))}", err=True)
        return shown(repaired.before, rules_for(archive, seed.name))
    for held in repaired.held:
        course.held[held.reason] += 1
    if repaired.is_changed:
        course.changed += 1
        course.fixes += len(repaired.changes)
        if not quiet and not job.as_diff:
            made = Counter(change.rule for change in repaired.changes)
            listed = ", ".join(f"{number} {rule}" for rule, number in sorted(made.items()))
            click.echo(f"mended {printable(seed.name)}: {listed}")
    return report


def _put(job: _Job, seed: Seed, content: bytes, repaired: Repaired) -> None:
    """Do with what was mended what the run was asked to."""
    if job.as_diff:
        _show_diff(seed.name, content, repaired)
    elif job.target is not None:
        _copy(job, seed, repaired)
    elif repaired.is_changed:
        before = sidecar_of(seed)
        agent = Agent(tool_version(), job.archive.schemas_sha256, job.by)
        write_repair(
            job.archive.root, seed, content, repaired, before, _sidecar(job, before, repaired),
            run=job.run, agent=agent, now=datetime.now(UTC), update_manifest=job.update_manifest,
        )  # fmt: skip
        job.archive.folders.clear()


def _sidecar(job: _Job, before: bytes | None, repaired: Repaired) -> bytes | None:
    """The sidecar as it will be, with the values that the repair moves there."""
    if not repaired.lifts:
        return before
    text = before.decode("utf-8") if before is not None else ""
    by = job.by or f"validator {tool_version()}"
    return sidecar_with_lifts(text, repaired.lifts, by, datetime.now(UTC).date()).encode("utf-8")


def _copy(job: _Job, seed: Seed, repaired: Repaired) -> None:
    """Write a seed, mended or not, and its sidecar into the folder of copies, under its name."""
    copy = Path(job.target or ".", *(part for part in Path(seed.name).parts if part not in ("/", "..")))
    copy.parent.mkdir(parents=True, exist_ok=True)
    if copy.exists() and copy.samefile(seed.path):
        raise OSError("the folder of copies is the archive itself")
    write_atomically(copy, repaired.data)
    before = sidecar_of(seed)
    after = _sidecar(job, before, repaired)
    if after is not None:
        write_atomically(copy.with_name(copy.name + SUFFIX), after)


def _show_diff(name: str, content: bytes, repaired: Repaired) -> None:
    for change in repaired.changes:
        if change.recode is not None:
            click.echo(f"# {printable(name)}: from {change.recode[0]} to {change.recode[1]}")
    for line in diff(decode(content).text, decode(repaired.data).text, name):
        for part in line.rstrip("\n").split("\n"):
            click.echo(printable(part))
    for lift in repaired.lifts:
        click.echo(f"# {printable(name)}{SUFFIX}: {lift.field} {printable(lift.value)}")


def _from_standard_input(job: _Job, name: str | None) -> int:
    archive = job.archive
    seed = seed_at(name or "-", archive.root)
    content = read_stream(sys.stdin.buffer, archive.settings.limit_bytes)
    if isinstance(content, Unread):
        raise ConfigError(content.message)
    # What would move a value into a sidecar needs one to move it to.
    repaired = _mended(job, seed, content, lambda finding: finding.fix is None or finding.fix.lift is None)
    if job.as_diff:
        _show_diff(seed.name, content, repaired)
    else:
        sys.stdout.buffer.write(repaired.data)
        sys.stdout.buffer.flush()
    report = shown(repaired.report, rules_for(archive, seed.name))
    ConciseReporter(sys.stderr).seed(report)
    return max(exit_code(archive, report), int(job.as_diff and repaired.is_changed))


def _say(course: _Course, as_diff: bool) -> None:
    """Sum up a run: what changed, what remains, what was held back and why."""
    totals = course.tally.totals()
    did = "would be mended" if as_diff else "mended"
    click.echo(
        f"{counted(totals.seeds, 'seed')}: {course.changed:,} {did}, with {counted(course.fixes, 'fix', 'fixes')}; "
        f"remaining findings: {findings_in_words(totals.findings)}",
        err=True,
    )
    for reason, number in sorted(course.held.items()):
        click.echo(f"  {counted(number, 'fix', 'fixes')} held back: {reason}", err=True)
    if course.failed:
        click.echo(f"  {counted(course.failed, 'seed')} could not be written", err=True)
