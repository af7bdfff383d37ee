"""`validator validate --engine ray`: the same run on a cluster, its report a folder of Parquet."""

from __future__ import annotations

import sys

import click

from validator.archive.opening import Archive
from validator.archive.seeds import Discovery
from validator.cli.choice import discovered, orphans, say_passed_over
from validator.cli.common import has_color, width_for
from validator.cli.progress import Progress
from validator.cli.validate import exit_code, profile_of
from validator.reports.escaping import printable
from validator.reports.model import Setting, statistics
from validator.reports.registry import open_report
from validator.text.errors import ConfigError


def validate_on_ray(
    archive: Archive,
    paths: tuple[str, ...],
    output: str | None,
    jobs: int | None,
    quiet: bool,
    with_statistics: bool,
) -> int:
    """Check what `paths` name, folders, files and data sets, on a cluster; print the summary; the exit code."""
    from validator.batch.cluster import run_on_ray
    from validator.batch.datasets import is_data_set

    if output is None:
        raise ConfigError("--engine ray writes a folder of Parquet files: name it with --output")
    if "-" in paths:
        raise ConfigError("`-` reads standard input, which --engine ray does not")
    data_sets = [path for path in paths if is_data_set(path)]
    named = tuple(path for path in paths if not is_data_set(path))
    found = (discovered(archive, named) if named else None) or Discovery()
    if not data_sets and not found.seeds and not found.sidecars:
        return 0  # the configuration excludes all of it
    profile = profile_of(archive)
    with Progress(
        0 if data_sets else len(found.seeds), quiet
    ) as progress:  # how many rows there are shows only in the end
        outcome = run_on_ray(
            archive, found.seeds, data_sets, output, code=exit_code, profile=profile, others=orphans(archive, found),
            jobs=jobs or archive.settings.jobs, progress=progress.step,
        )  # fmt: skip
    if not quiet:
        out = sys.stdout
        open_report("text", out, Setting(profile, has_color(out), width_for(out))).finish(outcome.totals)
    if with_statistics:
        click.echo("\n" + statistics(outcome.totals), nl=False)
    if not quiet:
        say_passed_over(found.others)
    for problem in outcome.problems:
        click.echo(f"validator: {printable(problem)}", err=True)
    if outcome.problems:
        click.echo(f"validator: the result in {printable(output)} is not whole", err=True)
    return outcome.code
