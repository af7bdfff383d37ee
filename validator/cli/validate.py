"""`validator validate`."""

from __future__ import annotations

import heapq
import os
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import click

from validator.archive.config import FAIL_ON
from validator.archive.discovery import Discovery, read_stream, seed_at
from validator.archive.opening import (
    Archive,
    Request,
    fails_on,
    judge_in_worker,
    open_archive,
    open_in_worker,
    rules_for,
    use_in_process,
)
from validator.archive.runner import run
from validator.cli import hook as hooks
from validator.cli import known
from validator.cli.choice import Choice, Wanted, chosen, files_from, orphans, say_passed_over, with_listed
from validator.cli.common import (
    LIMIT_SECONDS,
    RULES_OR_FAMILIES,
    UNJUDGED,
    archive_options,
    judged,
    make_request,
    names,
)
from validator.cli.outputs import STANDARD_OUTPUT, opened, paired
from validator.cli.progress import Progress
from validator.engine.checking import said_of_staging
from validator.engine.selecting import shown
from validator.reports import FORMATS, Profile, Tally, statistics
from validator.rules import RULES
from validator.rules.views import Staging
from validator.text.errors import ConfigError
from validator.text.findings import SEVERITY_RANK, SeedReport, Severity, Status, Verdict


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options()
@click.option(
    "--select",
    multiple=True,
    metavar="NAMES",
    shell_complete=RULES_OR_FAMILIES,
    help="Show only these rules or families (a,b). Repeatable.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="NAMES",
    shell_complete=RULES_OR_FAMILIES,
    help="Do not show these rules or families (a,b). Repeatable.",
)
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), show_default="error", help="The least severity that makes the exit code 1."
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    show_default="text",
    multiple=True,
    help="The form of the report. Repeatable, each with its --output.",
)
@click.option(
    "--output",
    "outputs",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    multiple=True,
    help="Write the report to this file; `-` is standard output. With --engine ray, a folder.",
)
@click.option(
    "--engine",
    type=click.Choice(("local", "ray")),
    default="local",
    show_default=True,
    help="Who does the work: this program, or a Ray cluster, which also reads Parquet and JSON Lines and writes Parquet.",
)
@click.option("--statistics", "with_statistics", is_flag=True, help="Add how often each rule speaks.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", show_default="as many as pay", help="How many processes work."
)
@LIMIT_SECONDS
@click.option("--no-cache", is_flag=True, help="Neither use nor keep what earlier runs found out.")
@click.option("--stdin-filename", metavar="PATH", help="The name of the seed that `-` reads from standard input.")
@click.option("--staged", is_flag=True, help="Check what is staged, as it is staged: what a commit would hold.")
@click.option("--since", metavar="REF", help="Check what has changed since HEAD parted from this commit or branch.")
@files_from
@known.options
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but the findings.")
@click.option("-v", "--verbose", is_flag=True, help="List seeds without findings too.")
@hooks.option
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
    engine: str,
    with_statistics: bool,
    jobs: int | None,
    limit_seconds: int | None,
    no_cache: bool,
    stdin_filename: str | None,
    staged: bool,
    since: str | None,
    list_file: str | None,
    null: bool,
    baseline: Path | None,
    no_baseline: bool,
    strict_baseline: bool,
    quiet: bool,
    verbose: bool,
    hook: bool,
) -> int:
    """Check seeds and say exactly what is wrong where.

    PATHS are files and folders; `-` reads one seed from standard input. In a folder, text, Markdown and HTML files are seeds
    unless the configuration says otherwise; hidden and git-ignored files and sidecars are not.
    """
    request = make_request(
        config, no_config, schemas, source=source, select=names(select), ignore=names(ignore), fail_on=fail_on,
        cached=not no_cache, limit_seconds=limit_seconds,
    )  # fmt: skip
    is_by_git = staged or since is not None
    needs_paths = not is_by_git and not (hook and not paths and list_file is None and hooks.is_called_by_runner())
    listed = with_listed(paths, list_file, null, "check" if needs_paths else "")
    wanted = _wanted(listed, staged, since, stdin_filename, hook)
    if wanted is None:
        return 0
    paths = wanted.paths
    if engine == "ray":
        return _on_ray(request, wanted, formats, outputs, jobs, quiet, with_statistics)
    if hook:
        formats = hooks.settings(formats)
        paths = hooks.to_judge(open_archive(request), paths, None if no_baseline else baseline)
    pairs = paired(formats or ("text",), outputs)
    wanted = replace(wanted, paths=paths, baseline=None if no_baseline else baseline)
    with chosen(request, wanted) if paths or not hook else nullcontext() as choice:
        if choice is None:
            return 0
        if hook:
            choice = hooks.committed(choice, paths)
        archive, found = choice.archive, choice.found
        use_in_process(archive)
        aside = known.SetAside(choice, baseline, no_baseline, strict_baseline)
        tally, code = Tally(), 0
        with (
            Progress(len(found.seeds), quiet) as progress,
            opened(pairs, profile_of(archive, aside.has_baseline), progress, quiet=quiet, verbose=verbose) as reporters,
        ):
            reports = run(
                found.seeds, judge_in_worker, jobs or archive.settings.jobs, open_in_worker, (archive.request,),
                limit_seconds=archive.limit_seconds,
            )  # fmt: skip
            others = _others(archive, found, stdin_filename, "-" in paths)
            for report in heapq.merge(reports, others, key=_key) if others else reports:
                marked = aside.marked(_with_staging(choice, report))
                tally.add(marked)
                code = max(code, exit_code(archive, marked))
                reporters.seed(marked)
                progress.step()
            progress.clear()
            totals = tally.totals()
            reporters.finish(totals)
        code = max(code, aside.code(known.folders_of(archive, () if is_by_git else paths), quiet))
        if not quiet:
            say_passed_over(found.others)
    if with_statistics:
        in_report = ("text", STANDARD_OUTPUT) in pairs
        click.echo(("\n" if in_report else "") + statistics(totals), nl=False, err=not in_report)
    return max(code, hooks.unlike_a_clone(archive, found.seeds)) if hook else code


def _on_ray(
    request: Request,
    wanted: Wanted,
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    jobs: int | None,
    quiet: bool,
    with_statistics: bool,
) -> int:
    """The same on a cluster. Raises ConfigError for what goes without one."""
    from validator.cli.cluster import validate_on_ray

    if wanted.is_by_git:
        raise ConfigError("--engine ray goes with neither --staged nor --since")
    if formats not in ((), ("text",)) or len(outputs) > 1:
        raise ConfigError("--engine ray writes Parquet to one --output; docs/scale.md has how to get another format")
    output = outputs[0] if outputs else None
    return validate_on_ray(open_archive(request), wanted.paths, output, jobs, quiet, with_statistics)


def _wanted(
    paths: tuple[str, ...] | None, staged: bool, since: str | None, stdin_filename: str | None, hook: bool
) -> Wanted | None:
    """What the run is to be about; None where that is nothing. Raises UsageError and ConfigError."""
    if paths is None:
        return None
    if staged and since is not None:
        raise ConfigError("--staged and --since were both given")
    wanted = Wanted(paths, staged, since)
    if wanted.is_by_git and "-" in paths:
        raise ConfigError("`-` reads a seed of which git knows nothing: it goes with neither --staged nor --since")
    if wanted.is_by_git and hook:
        raise ConfigError("--hook is about the files that a runner names: it goes with neither --staged nor --since")
    if stdin_filename is not None and "-" not in paths:
        raise ConfigError("--stdin-filename goes with `-`, which reads standard input")
    return wanted


def _with_staging(choice: Choice, report: SeedReport) -> SeedReport:
    """The report with what is to be said of a repair's record that is not staged with the seed."""
    missing = choice.unstaged.get(report.path)
    if missing is None:
        return report
    archive = choice.archive
    files = [archive.root / name for name in missing]
    said = said_of_staging(report, Staging(hooks.git_add(files, hooks.ignored_by_git(files))))
    return shown(said, rules_for(archive, report.path))


def _others(archive: Archive, found: Discovery, name: str | None, from_stdin: bool) -> list[SeedReport]:
    """The reports of what is no file of the list: standard input, and sidecars without a seed."""
    out = orphans(archive, found)
    if from_stdin:
        if sys.stdin is None:
            raise ConfigError("`-` reads standard input, which is closed")
        seed = seed_at(name or "-", archive.root)
        if name is None:
            seed = replace(seed, name="-")
        out.append(judged(archive, seed, read_stream(sys.stdin.buffer, archive.settings.limit_bytes)))
    return sorted(out, key=_key)


def _key(report: SeedReport) -> bytes:
    return os.fsencode(report.path)


def exit_code(archive: Archive, report: SeedReport) -> int:
    """The exit code that one report asks for; the highest of a run wins."""
    if report.verdict is Verdict.UNCHECKED:
        return 3
    if report.verdict in UNJUDGED:
        if all(finding.status is not Status.BASELINED for finding in report.findings):
            return 1
        from validator.reports.baseline import is_set_aside

        return int(not is_set_aside(report))
    if not report.findings:
        return 0
    threshold = fails_on(archive, report.path)
    if threshold == "never":
        return 0
    rank = SEVERITY_RANK[Severity(threshold)]
    return int(any(each.status is Status.OPEN and SEVERITY_RANK[each.severity] <= rank for each in report.findings))


def profile_of(archive: Archive, has_baseline: bool = False) -> Profile:
    """What the run was told, as reports have it."""
    everywhere = rules_for(archive, "")
    not_shown = tuple(sorted(set(RULES) - everywhere))
    return Profile(archive.schemas_sha256, archive.config_sha256, not_shown, has_baseline)
