"""`validator repair`."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from validator.archive.git import git_identity
from validator.archive.opening import Archive, open_archive
from validator.archive.seeds import Seed
from validator.cli import hook as hooks
from validator.cli import known
from validator.cli.asking import Asking
from validator.cli.chosen import (
    discovered,
    exit_code,
    from_standard_input,
    on_disk,
    orphans,
    say_passed_over,
    with_listed,
)
from validator.cli.options import RunOptions, by_option, command, names_option, option
from validator.cli.terminal import complain, paragraph, paragraphs
from validator.parsing.decoding import decoded_as
from validator.preservation.events import Agent
from validator.preservation.fixity import by_record
from validator.preservation.repairing import Job, Outcome, outcome
from validator.preservation.settling import clear_litter
from validator.preservation.writing import Action, new_run, records_root
from validator.record.sidecar import SIDECAR_SUFFIX
from validator.repairs.edits import diff
from validator.repairs.repairing import Repaired
from validator.reports.escaping import printable
from validator.reports.model import Setting, Tally, open_report, tool_version
from validator.reports.words import counted, findings_in_words, verdicts_in_words
from validator.text.errors import ConfigError
from validator.text.findings import Applicability, SeedReport

PLACE = ("fix", 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairOptions(RunOptions):
    """What `repair` was asked to do. Without `target` and `as_diff` seeds are repaired where they are."""

    select: tuple[str, ...] = names_option("--select", "Repair only what these find (a,b). Repeatable.")
    ignore: tuple[str, ...] = names_option("--ignore", "Leave alone what these find (a,b). Repeatable.")
    unsafe: bool = option(
        "--unsafe", is_flag=True, help="Carry out proposals too; `validate` shows them, read them first."
    )
    interactive: bool = option("--interactive", "-i", is_flag=True, help="Ask fix by fix, proposals too.")
    as_diff: bool = option("--diff", is_flag=True, help="Show what would change, and write nothing.")
    target: Path | None = option(
        "--to", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
        help="Write repaired copies here, and leave the seeds alone.",
    )  # fmt: skip
    by: str | None = by_option("Who repairs.")
    update_manifest: bool = option(
        "--update-manifest", is_flag=True, help="In a BagIt bag: bring its manifests up to date."
    )
    replace_read_only: bool = option(
        "--replace-read-only", is_flag=True, help="Repair files that are read-only, too; they stay read-only."
    )
    quiet: bool = option("-q", "--quiet", is_flag=True, help="Print only what remains.")

    @property
    def is_in_place(self) -> bool:
        """Whether seeds are repaired where they are."""
        return self.target is None and not self.as_diff


@command(RepairOptions)
def repair(options: RepairOptions) -> int:
    """Repair what can be repaired, record it, and say what is left.

    Safe fixes change nothing but whitespace, line ends, a byte-order mark, quotation marks and apostrophes, and that is checked
    each time. With --interactive you are asked about each fix, proposals too. Every repair is an event in .validator/events
    and can be undone: `validator undo`.

    PATHS are files and folders; `-` repairs one seed from standard input to standard output.
    """
    paths = with_listed(options, "repair")
    if paths is None:
        return 0
    _check_usage(options, paths)
    archive = open_archive(options.request())
    if options.target is not None and options.target.resolve() == archive.root.resolve():
        raise ConfigError("--to names the archive itself; without it, seeds are repaired where they are")
    job = _job(archive, options)
    if "-" in paths:
        if paths != ("-",) or options.target is not None:
            raise ConfigError("`-` goes alone: one seed from standard input, repaired, to standard output")
        return _repair_standard_input(job, options)
    return _repair_files(job, options, paths)


def _job(archive: Archive, options: RepairOptions) -> Job:
    now, agent = datetime.now(UTC), Agent(tool_version(), archive.schemas_sha256, options.by or git_identity())
    action = Action(new_run(now), agent, now, options.update_manifest, options.replace_read_only)
    return Job(archive, action, options.unsafe, options.target, not options.as_diff)


def fix_before(options: RunOptions, paths: Sequence[str]) -> None:
    """Carry out the safe fixes of these seeds, and say what was done; what remains is for the caller to report."""
    shared = {each.name: getattr(options, each.name) for each in fields(RunOptions)}
    wanted = RepairOptions(**shared)
    archive = open_archive(wanted.request())
    found = discovered(archive, paths)
    if found is None:
        return
    job = _job(archive, wanted)
    _settle(archive, found.seeds)
    course = Course(archive, wanted, sys.stderr, is_last=False)
    for seed in found.seeds:
        course.add(seed, outcome(job, seed))
    course.sum_up()


def _check_usage(options: RepairOptions, paths: Sequence[str]) -> None:
    """Raise ConfigError for options that contradict each other."""
    other_form = "-" in paths or options.as_diff or options.target is not None
    if options.as_diff and options.target is not None:
        raise ConfigError("--diff writes nothing, --to does: give one of them")
    if options.interactive and (other_form or options.unsafe):
        raise ConfigError(
            "--interactive asks about each fix and writes it: it goes without --diff, --to, --unsafe and `-`"
        )
    if options.hook and (other_form or options.interactive):
        raise ConfigError("--hook repairs seeds where they are: it goes with no `-`, --diff, --interactive or --to")
    if options.stdin_filename is not None and "-" not in paths:
        raise ConfigError("--stdin-filename goes with `-`, which reads standard input")


def _repair_files(job: Job, options: RepairOptions, paths: tuple[str, ...]) -> int:
    """Repair the seeds that the arguments lead to; the exit code."""
    archive = job.archive
    if options.hook:
        # The sidecar of a folder is a reason to judge its seeds, not to write to those that are not being committed.
        paths = hooks.named_by_runner(archive, paths, with_folders=False)
    found = discovered(archive, paths) if paths else None
    if found is None:
        return 0
    if not options.quiet:
        say_passed_over(found.others)
    asking = None
    if options.interactive:
        rules = {seed.name: job.rules(seed.name) for seed in found.seeds}
        asking = Asking(len(found.seeds), lambda name, finding: finding.rule in rules[name])
        job = replace(job, decide=asking.decide)
    if options.is_in_place:
        _settle(archive, found.seeds)
    aside = known.SetAside(on_disk(archive, found), None, off=False, is_strict=False)
    course = Course(archive, options, sys.stdout, aside.marked)
    try:
        for number, seed in enumerate(found.seeds, 1):
            course.add(seed, outcome(job, seed))
            if asking is not None and asking.has_quit:
                course.leave(len(found.seeds) - number)
                break
        else:
            for report in orphans(archive, found):
                course.count(report)
    except KeyboardInterrupt:
        complain("interrupted; what is listed above was done, the other seeds are as they were")
        course.sum_up()
        raise
    course.sum_up()
    return (
        max(course.code, hooks.without_record(archive, found.seeds, course.repaired)) if options.hook else course.code
    )


def _settle(archive: Archive, seeds: Sequence[Seed]) -> None:
    """Clean up after a run that was cut short."""
    for root, members in by_record(archive.root, seeds).items():
        for note in clear_litter(root, members):
            complain(note)


def _repair_standard_input(job: Job, options: RepairOptions) -> int:
    seed, content = from_standard_input(job.archive, options.stdin_filename)
    done = outcome(job, seed, content)
    if done.repaired is not None and not options.as_diff:
        sys.stdout.buffer.write(done.repaired.data)
        sys.stdout.buffer.flush()
    course = Course(job.archive, options, sys.stderr)
    course.add(seed, done)
    course.sum_up()
    return course.code


class Course:
    """Prints the result of each seed during the run, and the summary at the end. Findings go to `out`, a line each."""

    def __init__(
        self, archive: Archive, options: RepairOptions, out: TextIO,
        marked: Callable[[SeedReport], SeedReport] = lambda report: report, *, is_last: bool = True,
    ) -> None:  # fmt: skip
        """`marked` marks findings that a baseline sets aside. Unless `is_last`, what remains is for another report."""
        self._is_last = is_last
        self._lists = is_last and not options.as_diff and not options.interactive
        self._archive = archive
        self._options = options
        self._marked = marked
        self._out = out
        self._reporter = open_report("concise", out, Setting())
        self._tally = Tally()
        self._held = Counter[str]()
        self._fixes = self._failed = self._left = 0
        self._written: list[tuple[Path, ...]] = []
        self.repaired: set[Path] = set()  # the seeds that were changed
        self.code = 0

    def count(self, report: SeedReport) -> None:
        """Count what remains, and list it, unless the output is a diff or a person has seen it already."""
        report = self._marked(report)
        self._tally.add(report)
        self.code = max(self.code, exit_code(self._archive, report))
        if self._lists:
            self._reporter.seed(report)

    def leave(self, seeds: int) -> None:
        """Count seeds that were not looked at."""
        self._left = seeds
        self.code = max(self.code, int(seeds > 0))

    def add(self, seed: Seed, outcome: Outcome) -> None:
        """Print the result of one seed."""
        is_hook, repaired = self._options.hook, outcome.repaired
        for note in outcome.notes:
            complain(note)
        if outcome.failure is not None:
            self._failed += 1
            self.code = max(self.code, 1)
            if is_hook:
                click.echo(f"{printable(seed.name)}: left as it was: {printable(outcome.failure)}", err=True)
            else:
                complain(f"{seed.name} was left as it was: {outcome.failure}")
        elif repaired is not None:
            if not self._options.interactive:  # the person who was asked knows why
                self._held.update(held.reason for held in repaired.held)
            if outcome.is_changed:
                self._fixes += len(repaired.changes)
                self.repaired.add(seed.path)
                if is_hook or self._options.as_diff:
                    self.code = max(self.code, 1)
                if is_hook:
                    self._written.append(outcome.files)
                self._say_change(seed, outcome.read, repaired)
        self.count(outcome.report)

    def _say_change(self, seed: Seed, read: bytes, repaired: Repaired) -> None:
        if self._options.as_diff:
            _show_diff(seed.name, read, repaired)
        elif not self._options.quiet:
            made = Counter((change.rule, change.applicability) for change in repaired.changes)
            listed = ", ".join(
                f"{number:,} {rule}{' [unsafe]' if tier is Applicability.UNSAFE else ''}"
                for (rule, tier), number in sorted(made.items())
            )
            self._say(f"{seed.name}: repaired: {listed}" if self._options.hook else f"repaired {seed.name}: {listed}")
            for lift in repaired.lifts:
                self._say(f"the sidecar now says: {lift.field} {lift.value}", "  ")

    def sum_up(self) -> None:
        """Print what to stage; on standard error what changed, what remains, and what was held back and why."""
        if self._written:
            click.echo("commit the repair together with its record:", file=self._out)
            from validator.archive.git import staging

            for line in staging(self._archive.root, self._written):  # not wrapped: it is there to be copied
                click.echo(f"  {line}", file=self._out)
        if self._options.quiet:
            return
        totals, changed = self._tally.totals(), len(self.repaired)
        did = "would be repaired" if self._options.as_diff else "repaired"
        fixes = counted(self._fixes, "fix", "fixes")
        paragraph(f"{counted(totals.seeds, 'seed')}: {changed:,} {did}, with {fixes}", "", "    ", sys.stderr)
        remains = f"{findings_in_words(totals.findings)}; verdicts: {verdicts_in_words(totals)}"
        lines = [f"what remains: {remains}"] if self._is_last else []
        lines += [
            f"{counted(number, 'fix', 'fixes')} held back: {reason}" for reason, number in sorted(self._held.items())
        ]
        if self._left:
            lines.append(f"{counted(self._left, 'seed')} not looked at")
        if self._failed:
            lines.append(f"{counted(self._failed, 'seed')} left as found, for the reason given above")
        if changed and self._options.is_in_place and (self._out is sys.stdout or not self._is_last):
            lines.append(f"`validator undo {'--last' if self._is_recorded_here() else 'SEED'}` takes it back")
        paragraphs(lines, "  ", "    ", sys.stderr)

    def _is_recorded_here(self) -> bool:
        """Whether all repairs are recorded in the archive's own record, where `undo --last` looks."""
        root = Path(os.path.realpath(self._archive.root))
        return all(records_root(root, path) == root for path in self.repaired)

    def _say(self, text: str, indent: str = "") -> None:
        paragraph(text, indent, "    ", self._out)


def _show_diff(name: str, content: bytes, repaired: Repaired) -> None:
    for change in repaired.changes:
        if change.recode is not None:
            click.echo(f"# {printable(name)}: from {change.recode[0]} to {change.recode[1]}")
    before, after = decoded_as(content, repaired.before.encoding), decoded_as(repaired.data, repaired.report.encoding)
    for line in diff(before.text, after.text, name):
        for part in line.rstrip("\n").split("\n"):
            click.echo(printable(part))
    for lift in repaired.lifts:
        click.echo(f"# {printable(name)}{SIDECAR_SUFFIX}: {lift.field} {printable(lift.value)}")
