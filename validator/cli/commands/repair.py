"""`validator repair`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from validator.archive.git import git_identity
from validator.archive.opening import Archive, open_archive
from validator.archive.seeds import Seed
from validator.cli import hook as hooks
from validator.cli import known
from validator.cli.asking import Asking
from validator.cli.choice import with_listed
from validator.cli.chosen import discovered, from_standard_input, on_disk, orphans, say_passed_over
from validator.cli.course import Course
from validator.cli.options import RepairOptions, command
from validator.cli.terminal import complain
from validator.preservation.disk import PreservationError
from validator.preservation.fixity import by_record
from validator.preservation.repairing import Job, outcome
from validator.preservation.settling import clear_litter
from validator.preservation.writing import new_run
from validator.reports.model import tool_version
from validator.text.errors import ConfigError

PLACE = ("check", 2)


@command(RepairOptions)
def repair(options: RepairOptions) -> int:
    """Repair what can be repaired, keep proof, and say what is left.

    Safe fixes change nothing but spaces, line ends, a byte-order mark, quotation marks and apostrophes, and that is checked
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
    job = Job(
        archive, new_run(datetime.now(UTC)), options.by or git_identity(), tool_version(), options.unsafe,
        options.update_manifest, options.replace_read_only, options.target, not options.as_diff,
    )  # fmt: skip
    if "-" in paths:
        if paths != ("-",) or options.target is not None:
            raise ConfigError("`-` goes alone: one seed from standard input, repaired, to standard output")
        return _repair_standard_input(job, options)
    return _repair_files(job, options, paths)


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
    try:
        for root, members in by_record(archive.root, seeds).items():
            for note in clear_litter(root, members):
                complain(note)
    except PreservationError as error:
        raise ConfigError(str(error)) from None


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
