"""`validator validate --engine ray`: the same run on a cluster; its report is a folder of Parquet files."""

from __future__ import annotations

import sys

import click

from validator.archive.opening import Archive
from validator.archive.seeds import Discovery
from validator.batch.cluster import Input
from validator.cli.calling import run_of
from validator.cli.chosen import discovered, exit_code, orphans, profile_of, say_passed_over
from validator.cli.options import ValidateOptions
from validator.cli.terminal import Progress, complain, has_color, width_for
from validator.reports.model import Setting, open_report
from validator.reports.words import statistics
from validator.text.errors import ConfigError


def validate_on_ray(archive: Archive, options: ValidateOptions, paths: tuple[str, ...]) -> int:
    """Check folders, files and data sets on a cluster; print the summary; the exit code."""
    from validator.batch.cluster import run_on_ray
    from validator.batch.datasets import is_data_set

    if not options.outputs:
        raise ConfigError("--engine ray writes a folder of Parquet files: name it with --output")
    if "-" in paths:
        raise ConfigError("`-` reads standard input, which --engine ray does not")
    (output,) = options.outputs
    data_sets = [path for path in paths if is_data_set(path)]
    named = tuple(path for path in paths if not is_data_set(path))
    found = (discovered(archive, named) if named else None) or Discovery()
    if not data_sets and not found.seeds and not found.sidecars:
        return 0  # the configuration excludes all of it
    profile = profile_of(archive)
    total = 0 if data_sets else len(found.seeds)  # the number of rows is not known before the end
    with Progress(total, options.quiet) as progress:
        outcome = run_on_ray(
            archive, Input(found.seeds, data_sets, orphans(archive, found)), output, code=exit_code, profile=profile,
            jobs=options.jobs or archive.settings.jobs, progress=progress.step,
        )  # fmt: skip
    if options.with_statistics:
        click.echo(statistics(outcome.totals), nl=False)
    elif not options.quiet:
        out = sys.stdout
        open_report(
            "text",
            out,
            Setting(profile, has_color(out), width_for(out), run=run_of(archive, options, paths, ("text",))),
        ).finish(outcome.totals)
    if not options.quiet:
        say_passed_over(found.others)
    for problem in outcome.problems:
        complain(problem)
    if outcome.problems:
        complain(f"the result in {output} is not complete")
    return outcome.code
