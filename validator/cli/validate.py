"""`validator validate`."""

from __future__ import annotations

import heapq
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from validator.archive import (
    Archive,
    fails_on,
    judge_in_worker,
    open_in_worker,
    rules_for,
    use_in_process,
)
from validator.cli.choice import chosen, orphans
from validator.cli.common import UNJUDGED, archive_options, judged, make_request, names
from validator.cli.outputs import STANDARD_OUTPUT, opened, paired
from validator.cli.progress import Progress
from validator.config import FAIL_ON
from validator.errors import ConfigError
from validator.files import Discovery, read_stream, seed_at
from validator.findings import SEVERITY_RANK, SeedReport, Severity, Status, Verdict
from validator.reports import FORMATS, Profile, Tally, statistics
from validator.rules import RULES
from validator.runner import run


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options()
@click.option("--select", multiple=True, metavar="NAMES", help="Show only these rules or families (a,b). Repeatable.")
@click.option("--ignore", multiple=True, metavar="NAMES", help="Do not show these rules or families (a,b). Repeatable.")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), show_default="error", help="The least severity that makes the exit code 1."
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    default=("text",),
    show_default="text",
    multiple=True,
    help="The form of the report. Repeatable, each with its --output.",
)
@click.option(
    "--output",
    "outputs",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    multiple=True,
    help="Write the report to this file; `-` is standard output.",
)
@click.option("--statistics", "with_statistics", is_flag=True, help="Add how often each rule speaks.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", show_default="as many as pay", help="How many processes work."
)
@click.option("--stdin-filename", metavar="PATH", help="The name of the seed that `-` reads from standard input.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but the findings.")
@click.option("-v", "--verbose", is_flag=True, help="List seeds without findings too.")
def validate(
    paths: tuple[str, ...],
    config: Path | None,
    no_config: bool,
    schemas: tuple[Path, ...],
    source: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str | None,
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    with_statistics: bool,
    jobs: int | None,
    stdin_filename: str | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Check seeds and say exactly what is wrong where.

    PATHS are files and folders; `-` reads one seed from standard input. In a folder, text, Markdown and HTML files are seeds
    unless the configuration says otherwise; hidden and git-ignored files and sidecars are not.
    """
    request = make_request(
        config, no_config, schemas, source=source, select=names(select), ignore=names(ignore), fail_on=fail_on
    )
    if not paths:
        raise click.UsageError("name the files or folders to check (`.` is this folder)", click.get_current_context())
    if stdin_filename is not None and "-" not in paths:
        raise ConfigError("--stdin-filename goes with `-`, which reads standard input")
    pairs = paired(formats, outputs)
    with chosen(request, paths) as choice:
        if choice is None:
            return 0
        archive, found = choice.archive, choice.found
        use_in_process(archive)
        tally, code = Tally(), 0
        with (
            Progress(len(found.seeds), quiet) as progress,
            opened(pairs, _profile(archive), progress, quiet=quiet, verbose=verbose) as reporters,
        ):
            reports = run(found.seeds, judge_in_worker, jobs or archive.settings.jobs, open_in_worker, (request,))
            for report in heapq.merge(reports, _others(archive, found, stdin_filename, "-" in paths), key=_key):
                tally.add(report)
                code = max(code, exit_code(archive, report))
                reporters.seed(report)
                progress.step()
            progress.clear()
            totals = tally.totals()
            reporters.finish(totals)
    if with_statistics:
        in_report = ("text", STANDARD_OUTPUT) in pairs
        click.echo(("\n" if in_report else "") + statistics(totals), nl=False, err=not in_report)
    return code


def _others(archive: Archive, found: Discovery, name: str | None, from_stdin: bool) -> Iterator[SeedReport]:
    """The reports of what is no file of the list: standard input, and sidecars without a seed."""
    out = orphans(archive, found)
    if from_stdin:
        if sys.stdin is None:
            raise ConfigError("`-` reads standard input, which is closed")
        seed = seed_at(name or "-", archive.root)
        if name is None:
            seed = replace(seed, name="-")
        out.append(judged(archive, seed, read_stream(sys.stdin.buffer, archive.settings.limit_bytes)))
    yield from sorted(out, key=_key)


def _key(report: SeedReport) -> bytes:
    return os.fsencode(report.path)


def exit_code(archive: Archive, report: SeedReport) -> int:
    """The exit code that one report asks for; the highest of a run wins."""
    if report.verdict is Verdict.UNCHECKED:
        return 3
    if report.verdict in UNJUDGED:
        return 1
    threshold = fails_on(archive, report.path)
    if threshold == "never":
        return 0
    rank = SEVERITY_RANK[Severity(threshold)]
    return int(any(each.status is Status.OPEN and SEVERITY_RANK[each.severity] <= rank for each in report.findings))


def _profile(archive: Archive) -> Profile:
    everywhere = rules_for(archive, "")
    return Profile(archive.schemas_sha256, archive.config_sha256, tuple(sorted(set(RULES) - everywhere)))
