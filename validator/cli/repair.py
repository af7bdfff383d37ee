"""`validator repair`: mend what can be mended, with proof, and say what is left."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from validator.archive.discovery import (
    Seed,
    git_identity,
    read_seed,
    read_stream,
    seed_at,
    system_reason,
    today,
    write_atomically,
)
from validator.archive.opening import Archive, claim_for, judge, open_archive, read_sidecars, rules_for
from validator.archive.runner import run, within
from validator.cli import hook as hooks
from validator.cli import known
from validator.cli.asking import Asking
from validator.cli.choice import Choice, discovered, files_from, orphans, say_passed_over, with_listed
from validator.cli.common import LIMIT_SECONDS, RULES_OR_FAMILIES, archive_options, make_request, names, width_for
from validator.cli.validate import exit_code
from validator.engine.selecting import shown
from validator.parsing.decoding import decoded_as
from validator.preservation import (
    Agent,
    ConflictError,
    PreservationError,
    Written,
    clear_litter,
    new_run,
    records_root,
    sidecar_of,
    sidecar_with_lifts,
    write_repair,
)
from validator.record.sidecar_reading import SUFFIX, SidecarError
from validator.repairs.edits import diff
from validator.repairs.repairing import Repaired, repair_seed
from validator.reports import Tally, printable, tool_version
from validator.reports.concise import ConciseReporter
from validator.reports.display import wrap
from validator.reports.words import counted, findings_in_words, verdicts_in_words
from validator.rules import RULES
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import Applicability, Finding, SeedReport


@dataclass(frozen=True, slots=True)
class _Job:
    """What a run was asked to do with what it mends. Without `target` and `as_diff` seeds are repaired where they are."""

    archive: Archive
    unsafe: bool
    by: str | None
    run: str
    update_manifest: bool = False
    replace_read_only: bool = False
    target: Path | None = None
    as_diff: bool = False
    for_hook: bool = False
    asking: Asking | None = None

    @property
    def is_in_place(self) -> bool:
        return self.target is None and not self.as_diff

    def rules(self, seed: Seed) -> frozenset[str]:
        """The rules whose findings count; that a repair failed is never kept back."""
        return rules_for(self.archive, seed.name) | _OF_ATTEMPTS


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one seed: what is found in it now; where there is any, what was read, and what it was mended to.

    `failure` says why it was left as it was although there was something to mend, `notes` what was settled of earlier runs,
    `files` which files belong to the repair's event.
    """

    report: SeedReport
    read: bytes = b""
    repaired: Repaired | None = None
    failure: str | None = None
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def is_changed(self) -> bool:
        return self.repaired is not None and self.repaired.is_changed and self.failure is None


_OF_ATTEMPTS = frozenset(rule.name for rule in RULES.values() if rule.view == "Attempt")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options()
@click.option(
    "--select",
    multiple=True,
    metavar="NAMES",
    shell_complete=RULES_OR_FAMILIES,
    help="Mend only what these find (a,b). Repeatable.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="NAMES",
    shell_complete=RULES_OR_FAMILIES,
    help="Leave alone what these find (a,b). Repeatable.",
)
@click.option("--unsafe", is_flag=True, help="Carry out proposals too; `validate` shows them, read them first.")
@click.option("--interactive", "-i", is_flag=True, help="Ask fix by fix, proposals too.")
@click.option("--diff", "as_diff", is_flag=True, help="Show what would change, and write nothing.")
@click.option(
    "--to",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write mended copies here, and leave the seeds alone.",
)
@LIMIT_SECONDS
@click.option("--by", metavar="NAME", show_default="your name in git's configuration", help="Who repairs.")
@click.option("--update-manifest", is_flag=True, help="In a BagIt bag: bring its manifests up to date.")
@click.option("--replace-read-only", is_flag=True, help="Mend files that are read-only, too; they stay read-only.")
@click.option("--stdin-filename", metavar="PATH", help="The name of the seed that `-` reads from standard input.")
@files_from
@click.option("-q", "--quiet", is_flag=True, help="Say only what remains.")
@hooks.option
def repair(
    paths: tuple[str, ...],
    config: Path | None,
    no_config: bool,
    schemas: tuple[Path, ...],
    source: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    unsafe: bool,
    interactive: bool,
    as_diff: bool,
    target: Path | None,
    limit_seconds: int | None,
    by: str | None,
    update_manifest: bool,
    replace_read_only: bool,
    stdin_filename: str | None,
    list_file: str | None,
    null: bool,
    quiet: bool,
    hook: bool,
) -> int:
    """Mend what can be mended, keep proof of it, and say what is left.

    Safe fixes change nothing but blanks, line ends, a byte-order mark, quotation marks and apostrophes, and that is checked
    each time. With --interactive you are asked about each fix, proposals too. Every repair is an event in .validator/events
    and can be undone: `validator undo`.

    PATHS are files and folders; `-` mends one seed from standard input to standard output.
    """
    named = with_listed(paths, list_file, null, "repair")
    if named is None:
        return 0
    paths = named
    _check_usage(paths, as_diff, target, interactive, unsafe, stdin_filename, hook)
    request = make_request(
        config,
        no_config,
        schemas,
        source=source,
        select=names(select),
        ignore=names(ignore),
        limit_seconds=limit_seconds,
    )
    archive = open_archive(request)
    if target is not None and target.resolve() == archive.root.resolve():
        raise ConfigError("--to names the archive itself; without it, seeds are repaired where they are")
    job = _Job(
        archive, unsafe, by or git_identity(), new_run(datetime.now(UTC)), update_manifest, replace_read_only,
        target, as_diff, hook,
    )  # fmt: skip
    if "-" in paths:
        if paths != ("-",) or target is not None:
            raise ConfigError("`-` stands alone: one seed from standard input, mended, to standard output")
        return _from_standard_input(job, stdin_filename, quiet)
    return _repair_files(job, paths, quiet, interactive)


def _repair_files(job: _Job, paths: tuple[str, ...], quiet: bool, interactive: bool) -> int:
    """Repair what the arguments lead to; the exit code."""
    archive = job.archive
    if job.for_hook:
        # The sidecar of a folder is a reason to judge its seeds, not to write to those that are not being committed.
        paths = hooks.named_by_runner(archive, paths, with_folders=False)
    found = discovered(archive, paths) if paths else None
    if found is None:
        return 0
    if not quiet:
        say_passed_over(found.others)
    if interactive:
        rules = {seed.name: job.rules(seed) for seed in found.seeds}
        asking = Asking(len(found.seeds), lambda name, finding: finding.rule in rules[name])
        job = replace(job, asking=asking)
    if job.is_in_place:
        _settle(archive, found.seeds)
    choice = Choice(archive, found, lambda name: os.path.lexists(archive.root / name))
    course = _Course(job, quiet, sys.stdout, known.SetAside(choice, None, off=False, is_strict=False).marked)
    try:
        for number, seed in enumerate(found.seeds, 1):
            course.add(seed, _outcome(job, seed))
            if job.asking is not None and job.asking.has_quit:
                course.leave(len(found.seeds) - number)
                break
        else:
            for report in orphans(archive, found):
                course.count(report)
    except KeyboardInterrupt:
        click.echo("validator: interrupted; what is listed above was done, the other seeds are as they were", err=True)
        course.sum_up()
        raise
    course.sum_up()
    return (
        max(course.code, hooks.without_record(archive, found.seeds, course.repaired)) if job.for_hook else course.code
    )


def _check_usage(
    paths: tuple[str, ...],
    as_diff: bool,
    target: Path | None,
    interactive: bool,
    unsafe: bool,
    stdin_name: str | None,
    hook: bool,
) -> None:
    """Raise ConfigError where options do not go together."""
    if as_diff and target is not None:
        raise ConfigError("--diff writes nothing, --to does: give one of them")
    if interactive and (as_diff or target is not None or unsafe or "-" in paths):
        raise ConfigError(
            "--interactive asks about each fix and writes it: it goes without --diff, --to, --unsafe and `-`"
        )
    if hook and (as_diff or interactive or target is not None or "-" in paths):
        raise ConfigError("--hook repairs seeds where they are: it goes with no `-`, --diff, --interactive or --to")
    if stdin_name is not None and "-" not in paths:
        raise ConfigError("--stdin-filename goes with `-`, which reads standard input")


def _settle(archive: Archive, seeds: tuple[Seed, ...]) -> None:
    """Put right what a run that was cut short has left."""
    by_root: dict[Path, list[Seed]] = {}
    for seed in seeds:
        by_root.setdefault(records_root(archive.root, seed.path), []).append(seed)
    try:
        for root, members in by_root.items():
            for note in clear_litter(root, members):
                click.echo(f"validator: {printable(note)}", err=True)
    except PreservationError as error:
        raise ConfigError(str(error)) from None


def _from_standard_input(job: _Job, name: str | None, quiet: bool) -> int:
    if sys.stdin is None:
        raise ConfigError("`-` reads standard input, which is closed")
    seed = seed_at(name or "-", job.archive.root)
    if name is None:
        seed = replace(seed, name="-")
    outcome = _outcome(job, seed, read_stream(sys.stdin.buffer, job.archive.settings.limit_bytes))
    if outcome.repaired is not None and not job.as_diff:
        sys.stdout.buffer.write(outcome.repaired.data)
        sys.stdout.buffer.flush()
    course = _Course(job, quiet, sys.stderr)
    course.add(seed, outcome)
    course.sum_up()
    return course.code


# ---------------------------------------------------------------------------------------------------------------------
# One seed


def _outcome(job: _Job, seed: Seed, content: bytes | Unread | None = None) -> _Outcome:
    """Repair one seed, or what was read of it. A fault of the program makes it `unchecked`; then it is not written."""
    outcomes: list[_Outcome] = []

    def work(seed: Seed) -> SeedReport:
        outcomes.append(_repaired(job, seed, content))
        return outcomes[0].report

    report = next(
        run([seed], work, jobs=1, limit_seconds=0)
    )  # the time of writing, and of who is asked, does not count
    return outcomes[0] if outcomes else _Outcome(report, failure=f"the program failed on it: {report.fault}")


def _repaired(job: _Job, seed: Seed, given: bytes | Unread | None) -> _Outcome:
    archive, rules = job.archive, job.rules(seed)
    content = read_seed(seed, archive.settings.limit_bytes) if given is None else given
    if isinstance(content, Unread):
        return _Outcome(judge(archive, seed, content))

    def is_wanted(finding: Finding) -> bool:
        # What would move a value into a sidecar needs one: standard input has none.
        is_lift = finding.fix is not None and finding.fix.lift is not None
        return finding.rule in rules and not (is_lift and given is not None)

    one = partial(
        repair_seed, sources=archive.sources, path=seed.name, claim=claim_for(archive, seed.name),
        sidecars=read_sidecars(archive, seed), today=archive.request.today,
    )  # fmt: skip

    def repair(data: bytes, **asked: Any) -> Repaired:
        size = len(data) if job.asking is None else 0  # what answers leave behind must stay in this process
        return within(archive.limit_seconds, size, partial(one, data, **asked))

    if job.asking is None:
        repaired = repair(content, unsafe=job.unsafe, allowed=is_wanted)
    else:
        before = repair(content, allowed=lambda _: False).report
        repaired = job.asking.decide(
            seed.name, content, before,
            lambda data, lifted, allowed: repair(data, lifted=lifted, allowed=allowed, unsafe=True, once=True),
        )  # fmt: skip
    written = None
    if given is None and not job.as_diff:
        try:
            written = _put(job, seed, content, repaired)
        except ConflictError as conflict:
            if read_seed(seed, archive.settings.limit_bytes) != repaired.data:
                return _Outcome(shown(repaired.before, rules), content, repaired, str(conflict))
            # Another run has just mended it: a runner of hooks gives a seed to one process and its sidecar to another.
            archive.folders.clear()
            return _repaired(job, seed, given)
        except (PreservationError, SidecarError) as error:
            return _Outcome(shown(repaired.before, rules), content, repaired, str(error))
        except OSError as error:
            return _Outcome(shown(repaired.before, rules), content, repaired, system_reason(error))
    if written is None:
        return _Outcome(shown(repaired.report, rules), content, repaired)
    return _Outcome(shown(repaired.report, rules), content, repaired, notes=written.notes, files=written.files)


def _put(job: _Job, seed: Seed, content: bytes, repaired: Repaired) -> Written | None:
    """Write what was mended, sidecar included; None where that has no event: a copy, or nothing to write."""
    before = sidecar_of(seed)
    after = _sidecar(job, before, repaired)
    if job.target is not None:
        _copy(job.target, seed, repaired.data, after)
        return None
    if not repaired.is_changed:
        return None
    agent = Agent(tool_version(), job.archive.schemas_sha256, job.by)
    written = write_repair(
        records_root(job.archive.root, seed.path), seed, content, repaired, before, after,
        run=job.run, agent=agent, now=datetime.now(UTC), update_manifest=job.update_manifest,
        replace_read_only=job.replace_read_only,
    )  # fmt: skip
    job.archive.folders.clear()
    return written


def _sidecar(job: _Job, before: bytes | None, repaired: Repaired) -> bytes | None:
    """The sidecar as it will be, with the values that the repair moves there. Raises SidecarError."""
    if not repaired.lifts:
        return before
    by = job.by or f"validator {tool_version()}"
    try:
        text = (before or b"").decode("utf-8")
        return sidecar_with_lifts(text, repaired.lifts, by, job.archive.request.today or today()).encode("utf-8")
    except UnicodeError:
        raise SidecarError("the sidecar, to which a value would be moved, is not UTF-8") from None


def _copy(target: Path, seed: Seed, content: bytes, sidecar: bytes | None) -> None:
    """Write a seed, mended or not, and its sidecar into the folder of copies, under its name. Raises OSError."""
    copy = target.joinpath(*(part for part in Path(seed.name).parts if part not in ("/", "..")))
    copy.parent.mkdir(parents=True, exist_ok=True)
    if copy.exists() and copy.samefile(seed.path):
        raise SidecarError("its place in the folder of copies is its own")
    if sidecar is not None:
        write_atomically(copy.with_name(copy.name + SUFFIX), sidecar)
    write_atomically(copy, content)


# ---------------------------------------------------------------------------------------------------------------------
# What is said


class _Course:
    """Says what comes of a run as it goes, and in the end what it came to. Findings go to `out`, a line each."""

    def __init__(
        self, job: _Job, quiet: bool, out: TextIO, marked: Callable[[SeedReport], SeedReport] = lambda report: report
    ) -> None:
        """`marked` gives a report with what a baseline sets aside marked so."""
        self._job = job
        self._marked = marked
        self._quiet = quiet
        self._out = out
        self._reporter = ConciseReporter(out)
        self._tally = Tally()
        self._held = Counter[str]()
        self._changed = self._fixes = self._failed = self._left = 0
        self._written: list[tuple[Path, ...]] = []
        self.repaired: set[Path] = set()  # the seeds that were changed
        self.code = 0

    def count(self, report: SeedReport) -> None:
        """Count what remains, and list it unless the output is a diff."""
        report = self._marked(report)
        self._tally.add(report)
        self.code = max(self.code, exit_code(self._job.archive, report))
        if not self._job.as_diff and self._job.asking is None:  # who was asked has seen it
            self._reporter.seed(report)

    def leave(self, seeds: int) -> None:
        """Count seeds that nobody looked at any more: nothing is known of them."""
        self._left = seeds
        self.code = max(self.code, int(seeds > 0))

    def add(self, seed: Seed, outcome: _Outcome) -> None:
        """Say what came of one seed."""
        name = printable(seed.name)
        for note in outcome.notes:
            click.echo(f"validator: {printable(note)}", err=True)
        if outcome.failure is not None:
            self._failed += 1
            self.code = max(self.code, 1)
            left = f"{name}: left as it was" if self._job.for_hook else f"validator: {name} was left as it was"
            click.echo(f"{left}: {printable(outcome.failure)}", err=True)
        elif outcome.repaired is not None:
            if self._job.asking is None:  # who was asked knows why
                self._held.update(held.reason for held in outcome.repaired.held)
            if outcome.is_changed:
                self._changed += 1
                self._fixes += len(outcome.repaired.changes)
                self.repaired.add(seed.path)
                if self._job.for_hook:
                    self.code = max(self.code, 1)
                    self._written.append(outcome.files)
                self._say_change(seed, outcome.read, outcome.repaired)
        self.count(outcome.report)

    def _say_change(self, seed: Seed, read: bytes, repaired: Repaired) -> None:
        if self._job.as_diff:
            self.code = max(self.code, 1)
            _show_diff(seed.name, read, repaired)
        elif not self._quiet:
            made = Counter((change.rule, change.applicability) for change in repaired.changes)
            listed = ", ".join(
                f"{number:,} {rule}{' [unsafe]' if tier is Applicability.UNSAFE else ''}"
                for (rule, tier), number in sorted(made.items())
            )
            self._say(f"{seed.name}: mended: {listed}" if self._job.for_hook else f"mended {seed.name}: {listed}")
            for lift in repaired.lifts:
                self._say(f"the sidecar now says: {lift.field} {lift.value}", "  ")

    def sum_up(self) -> None:
        """Say what changed, what remains, and what was held back and why, on standard error; what is to be staged."""
        self._say_what_to_stage()
        if self._quiet:
            return
        totals = self._tally.totals()
        did = "would be mended" if self._job.as_diff else "mended"
        lines = [
            f"{counted(totals.seeds, 'seed')}: {self._changed:,} {did}, with {counted(self._fixes, 'fix', 'fixes')}",
            f"what remains: {findings_in_words(totals.findings)}; verdicts: {verdicts_in_words(totals)}",
        ]
        lines += [
            f"{counted(number, 'fix', 'fixes')} held back: {reason}" for reason, number in sorted(self._held.items())
        ]
        if self._left:
            lines.append(f"{counted(self._left, 'seed')} not looked at")
        if self._failed:
            lines.append(f"{counted(self._failed, 'seed')} left as found, for the reason given above")
        if self._changed and self._job.is_in_place and self._out is sys.stdout:
            lines.append(f"`validator undo {'--last' if self._is_recorded_here() else 'SEED'}` takes it back")
        for line, indent in zip(lines, ["", *["  "] * len(lines)], strict=False):
            for part in wrap(line, width_for(sys.stderr), indent, "    "):
                click.echo(part, err=True)

    def _is_recorded_here(self) -> bool:
        """Whether the record of all that was repaired is that of the archive, in which `undo --last` looks."""
        root = Path(os.path.realpath(self._job.archive.root))
        return all(records_root(root, path) == root for path in self.repaired)

    def _say_what_to_stage(self) -> None:
        """The command for each seed that was changed, on a line however long it is: it is there to be copied."""
        if self._written:
            click.echo("a repair and the proof of it belong into one commit:", file=self._out)
            for command in hooks.staging(self._job.archive, self._written):
                click.echo(f"  {command}", file=self._out)

    def _say(self, text: str, indent: str = "") -> None:
        for line in wrap(printable(text), width_for(self._out), indent, "    "):
            click.echo(line, file=self._out)


def _show_diff(name: str, content: bytes, repaired: Repaired) -> None:
    for change in repaired.changes:
        if change.recode is not None:
            click.echo(f"# {printable(name)}: from {change.recode[0]} to {change.recode[1]}")
    before, after = decoded_as(content, repaired.before.encoding), decoded_as(repaired.data, repaired.report.encoding)
    for line in diff(before.text, after.text, name):
        for part in line.rstrip("\n").split("\n"):
            click.echo(printable(part))
    for lift in repaired.lifts:
        click.echo(f"# {printable(name)}{SUFFIX}: {lift.field} {printable(lift.value)}")
