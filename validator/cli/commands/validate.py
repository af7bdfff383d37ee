"""`validator validate`."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from validator.across.comparing import reports_of
from validator.archive.opening import Archive, Request, open_archive, rules_for
from validator.archive.seeds import Discovery
from validator.cli import hook as hooks
from validator.cli import known
from validator.cli.calling import setting_of
from validator.cli.chosen import (
    Choice,
    discovered,
    exit_code,
    from_standard_input,
    judged,
    on_disk,
    orphans,
    profile_of,
    say_passed_over,
    with_listed,
)
from validator.cli.options import ValidateOptions, command
from validator.cli.outputs import STANDARD_OUTPUT, opened, paired
from validator.cli.terminal import Progress
from validator.engine.checking import said_of_staging
from validator.engine.selecting import shown
from validator.reports.model import Tally, declared
from validator.reports.words import statistics
from validator.rules.views import Staging
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Totals

if TYPE_CHECKING:
    from validator.cli.drift import Watch

PLACE = ("check", 1)


@command(ValidateOptions)
def validate(options: ValidateOptions) -> int:
    """Check seeds and say what is wrong, and where.

    PATHS are files and folders; `-` reads one seed from standard input. In a folder, text, Markdown and HTML files are seeds
    unless the configuration says otherwise; hidden and git-ignored files and sidecars are not.
    """
    if options.exit_zero:
        code = _validate(replace(options, exit_zero=False))
        return 0 if code == 1 else code
    return _validate(options)


def _validate(options: ValidateOptions) -> int:
    request = options.request()
    is_named_by_runner = options.hook and not options.paths and options.list_file is None
    needs_paths = not options.is_by_git and not (is_named_by_runner and hooks.is_called_by_runner())
    paths = with_listed(options, "check" if needs_paths else "")
    if paths is None:
        return 0
    _check_usage(options, paths)
    if options.fix:
        from validator.cli.commands.repair import fix_before

        fix_before(options, paths)
    if options.engine == "ray":
        from validator.cli.cluster import validate_on_ray

        return validate_on_ray(open_archive(request), options, paths)
    archive, made = open_archive(request) if options.hook else None, None
    if archive is not None:
        made = hooks.made_for(archive)
        paths = hooks.to_judge(archive, paths, made, options.baseline)
    # A hook's report begins each line with the place.
    pairs = paired(options.formats or ("concise" if options.hook else "text",), options.outputs)
    with chosen(request, options, paths, archive) if paths or not options.hook else nullcontext() as choice:
        if choice is None:
            return 0
        if options.hook:
            choice = hooks.committed(choice, paths)
        if made is not None:
            from validator.cli.changes import among_committed

            choice = among_committed(choice, made)
        totals, code = _check(choice, options, paths, pairs)
        if not options.quiet:
            say_passed_over(choice.found.others)
    if options.with_statistics:
        click.echo(statistics(totals), nl=False, err=("text", STANDARD_OUTPUT) not in pairs)
    return max(code, hooks.unlike_a_clone(choice.archive, choice.found.seeds)) if options.hook else code


@contextmanager
def chosen(
    request: Request, options: ValidateOptions, paths: Sequence[str], archive: Archive | None = None
) -> Iterator[Choice | None]:
    """The seeds to check; `None` if the configuration excludes all of them. `archive` is the request's, if it is open."""
    if options.staged:
        from validator.cli.changes import chosen_staged

        with chosen_staged(request, paths, options.baseline) as choice:
            yield choice
    elif options.since is not None:
        from validator.cli.changes import chosen_since

        yield chosen_since(request, options.since, paths, options.baseline)
    else:
        archive = archive or open_archive(request)
        found = discovered(archive, paths)
        if found is None or options.hook:
            yield None if found is None else on_disk(archive, found)
            return
        from validator.cli.changes import among_the_rest

        yield among_the_rest(on_disk(archive, found), paths)


def _check(
    choice: Choice, options: ValidateOptions, paths: tuple[str, ...], pairs: list[tuple[str, str]]
) -> tuple[Totals, int]:
    """Check the seeds and write the reports; the totals and the exit code."""
    archive, found, quiet = choice.archive, choice.found, options.quiet
    formats = [declared(format_) for format_, _ in pairs]
    with_record, with_pairs = any(each.shows_record for each in formats), any(each.shows_pairs for each in formats)
    archive = replace(archive, request=replace(archive.request, with_record=with_record, with_pairs=with_pairs))
    aside = known.SetAside(choice, options.given_baseline, options.no_baseline, options.strict_baseline)
    tally, code = Tally(), 0
    profile = profile_of(archive, aside.has_baseline)
    given = setting_of(archive, options, paths, [format_ for format_, _ in pairs], profile)
    if options.with_statistics:
        pairs = [pair for pair in pairs if pair != ("text", STANDARD_OUTPUT)]  # the table is printed instead
    watch = _watch(choice, options, pairs)
    with Progress(len(found.seeds), quiet) as progress, opened(pairs, progress, given) as reporters:
        jobs = options.jobs or archive.settings.jobs
        reports = reports_of(archive, found.seeds, jobs, choice.known, progress.step)
        reports = watch.over(reports) if watch else reports
        others = _others(archive, found, options.stdin_filename, "-" in paths)
        for report in heapq.merge(reports, others, key=_key) if others else reports:
            marked = aside.marked(_with_staging(choice, report))
            tally.add(marked)
            code = max(code, exit_code(archive, marked))
            reporters.seed(marked)
        progress.clear()
        totals = tally.totals()
        reporters.finish(totals)
    if watch is not None:
        watch.say()
    return totals, max(code, aside.code(known.folders_of(archive, () if options.is_by_git else paths), quiet))


def _watch(choice: Choice, options: ValidateOptions, pairs: list[tuple[str, str]]) -> Watch | None:
    """What looks for changed layouts: only for people, in as many seeds as show one, and not at a gate."""
    is_gate = options.is_by_git or options.hook or options.quiet
    if is_gate or ("text", STANDARD_OUTPUT) not in pairs:
        return None
    from validator.sources.shifts import FEWEST

    if len(choice.found.seeds) < FEWEST:
        return None
    from validator.cli.drift import Watch

    return Watch(choice.found.seeds, choice.archive.sources)


def _check_usage(options: ValidateOptions, paths: tuple[str, ...]) -> None:
    """Raise ConfigError for options that contradict each other."""
    if options.staged and options.since is not None:
        raise ConfigError("--staged and --since were both given")
    if options.is_by_git and "-" in paths:
        raise ConfigError("`-` reads a seed that git does not know: it goes with neither --staged nor --since")
    if options.fix and (options.is_by_git or options.hook or "-" in paths or options.engine == "ray"):
        raise ConfigError(
            "--fix repairs seeds where they are: it goes with no `-`, --staged, --since, --hook or --engine ray"
        )
    if options.is_by_git and options.hook:
        raise ConfigError("--hook is about the files that a runner names: it goes with neither --staged nor --since")
    if options.stdin_filename is not None and "-" not in paths:
        raise ConfigError("--stdin-filename goes with `-`, which reads standard input")
    if options.engine == "ray":
        if options.is_by_git:
            raise ConfigError("--engine ray goes with neither --staged nor --since")
        if options.formats not in ((), ("text",)) or len(options.outputs) > 1:
            raise ConfigError(
                "--engine ray writes Parquet to one --output; docs/scale.md has how to get another format"
            )


def _with_staging(choice: Choice, report: SeedReport) -> SeedReport:
    """The report, with a finding if a repair's record is not staged with the seed."""
    missing = choice.unstaged.get(report.path)
    if missing is None:
        return report
    from validator.archive.git import git_add, ignored_by_git

    archive = choice.archive
    files = [archive.root / name for name in missing]
    said = said_of_staging(report, Staging(git_add(files, ignored_by_git(files))))
    return shown(said, rules_for(archive, report.path))


def _others(archive: Archive, found: Discovery, name: str | None, from_stdin: bool) -> list[SeedReport]:
    """The reports of standard input, and of sidecars without a seed."""
    out = orphans(archive, found)
    if from_stdin:
        out.append(judged(archive, *from_standard_input(archive, name)))
    return sorted(out, key=_key)


def _key(report: SeedReport) -> bytes:
    return os.fsencode(report.path)
