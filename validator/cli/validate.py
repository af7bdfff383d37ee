"""`validator validate`."""

from __future__ import annotations

import heapq
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from validator.archive import (
    Archive,
    fails_on,
    judge_in_worker,
    open_archive,
    open_in_worker,
    rules_for,
    use_in_process,
)
from validator.cli.common import UNJUDGED, archive_options, has_color, judged, make_request, names, width_for
from validator.config import FAIL_ON
from validator.engine import orphan_sidecar, shown
from validator.errors import ConfigError
from validator.files import Discovery, Seed, discover, orphan_sidecars, read_stream, seed_at, system_reason
from validator.findings import SEVERITY_RANK, SeedReport, Severity, Status, Used, Verdict
from validator.frozen import replace
from validator.reports import FORMATS, Profile, Tally, open_report, printable, statistics
from validator.rules import RULES
from validator.runner import lookup_pays, run

if TYPE_CHECKING:
    import click
else:
    from validator.cli import declared as click

_PROGRESS_AFTER_SECONDS = 2.0
_PROGRESS_EVERY_SECONDS = 0.2


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options()
@click.option("--select", multiple=True, metavar="NAMES", help="Show only these rules or families (a,b). Repeatable.")
@click.option("--ignore", multiple=True, metavar="NAMES", help="Do not show these rules or families (a,b). Repeatable.")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), show_default="error", help="The least severity that makes the exit code 1."
)
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="The form of the report."
)
@click.option("--output", metavar="FILE", help="Write the report to this file; with --engine ray, a folder.")
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
@click.option("--no-cache", is_flag=True, help="Neither use nor keep what earlier runs found out.")
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
    format_: str,
    output: str | None,
    engine: str,
    with_statistics: bool,
    jobs: int | None,
    no_cache: bool,
    stdin_filename: str | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Check seeds and say exactly what is wrong where.

    PATHS are files and folders; `-` reads one seed from standard input. In a folder, text, Markdown and HTML files are seeds
    unless the configuration says otherwise; hidden and git-ignored files and sidecars are not.
    """
    request = make_request(
        config, no_config, schemas, source=source, select=names(select), ignore=names(ignore), fail_on=fail_on,
        cached=not no_cache,
    )  # fmt: skip
    if not paths:
        raise click.UsageError("name the files or folders to check (`.` is this folder)", click.get_current_context())
    if stdin_filename is not None and "-" not in paths:
        raise ConfigError("--stdin-filename goes with `-`, which reads standard input")
    archive = open_archive(request)
    if engine == "ray":
        from validator.cli.cluster import validate_on_ray

        return validate_on_ray(archive, paths, output, format_, jobs, quiet, with_statistics)
    found = discovered(archive, paths)
    if found is None:
        return 0
    use_in_process(archive)
    with _opened(Path(output) if output is not None else None) as out, _Progress(len(found.seeds), quiet) as progress:
        reports = _reports(archive, found.seeds, jobs or archive.settings.jobs, _used(format_, verbose))
        others = _others(archive, found, stdin_filename, "-" in paths)
        reports = heapq.merge(reports, others, key=_key) if others else reports
        page = StringIO()  # what is said of one seed
        reporter = open_report(
            format_, page, profile=_profile(archive), color=has_color(out), width=width_for(out), verbose=verbose,
            notes=None if quiet else sys.stderr,
        )  # fmt: skip
        tally, code = Tally(), 0
        for report in reports:
            tally.add(report)
            code = max(code, exit_code(archive, report))
            reporter.seed(report)
            _pass_on(page, out, progress)
            progress.step()
        progress.clear()
        totals = tally.totals()
        if not (quiet and format_ in ("text", "concise")):
            reporter.finish(totals)
        _pass_on(page, out, progress)
    if with_statistics:
        in_report = format_ == "text" and output is None
        click.echo(("\n" if in_report else "") + statistics(totals), nl=False, err=not in_report)
    return code


def _pass_on(page: StringIO, out: TextIO, progress: _Progress) -> None:
    """Write what stands on a page to the report, and empty the page."""
    if page.tell():
        if out.isatty():
            progress.clear()
        out.write(page.getvalue())
        page.seek(0)
        page.truncate()


def discovered(archive: Archive, paths: tuple[str, ...]) -> Discovery | None:
    """What there is to check; None where the configuration excludes all of it. Raises ConfigError for a missing path."""
    named = [path for path in paths if path != "-"]
    found = discover(named, archive.settings, archive.root)
    if found.missing:
        listed = ", ".join(printable(str(path)) for path in found.missing[:5])
        more = f" and {len(found.missing) - 5} more" if len(found.missing) > 5 else ""
        raise ConfigError(f"not found: {listed}{more}; nothing was checked")
    for path in found.excluded:
        click.echo(f"validator: {printable(str(path))} is excluded by the configuration", err=True)
    if found.seeds or "-" in paths or orphan_sidecars(found):
        return found
    if found.excluded and len(found.excluded) == len(set(named)):
        return None
    raise ConfigError(
        f"no seeds in {', '.join(printable(path) for path in named[:5])} "
        f"(looked for {', '.join(archive.settings.include)})"
    )


def orphans(archive: Archive, found: Discovery) -> list[SeedReport]:
    """The reports of sidecars without a seed."""
    return [
        shown(orphan_sidecar(each.name, each.name.removesuffix(".meta.yaml")), rules_for(archive, each.name))
        for each in orphan_sidecars(found)
    ]


def _reports(archive: Archive, seeds: Sequence[Seed], jobs: int | None, used: Used) -> Iterator[SeedReport]:
    """The reports of seeds, by way of the cache where that is wanted and pays."""
    if not (archive.request.cached and lookup_pays(seeds)):
        return run(seeds, judge_in_worker, jobs, open_in_worker, (archive.request,))
    from validator.results import reports_of

    return reports_of(archive, seeds, jobs, used)


def _used(format_: str, verbose: bool) -> Used:
    """What a format looks at in reports."""
    if format_ not in ("text", "concise"):
        return Used.ALL
    return Used.FINDINGS if verbose else Used.DIRT


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
        return 1
    if not report.findings:
        return 0
    threshold = fails_on(archive, report.path)
    if threshold == "never":
        return 0
    rank = SEVERITY_RANK[Severity(threshold)]
    return int(any(each.status is Status.OPEN and SEVERITY_RANK[each.severity] <= rank for each in report.findings))


def _profile(archive: Archive) -> Profile:
    everywhere = rules_for(archive, "")
    return Profile(archive.schemas_sha256, archive.config_sha256, tuple(sorted(set(RULES) - everywhere)))


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that takes its name only when it is complete. A device or a pipe is written to as it is."""
    if output is None:
        yield sys.stdout
        return
    is_special = output.exists() and not output.is_file()
    target = Path(os.path.realpath(output))
    part = output if is_special else target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            yield out
        if not is_special:
            part.replace(target)
    except OSError as error:
        raise ConfigError(f"the report cannot be written: {system_reason(error)}", str(output)) from None
    finally:
        if not is_special:
            part.unlink(missing_ok=True)


class _Progress:
    """A line on standard error that says how far a run has come, once it has taken two seconds; only on a terminal.

    A `total` of 0 is one that is not known.
    """

    def __init__(self, total: int, off: bool) -> None:
        self.total = total
        self.done = 0
        self.is_on = not off and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self.started = self.drawn = time.monotonic()
        self.is_drawn = False

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def step(self, seeds: int = 1) -> None:
        """Count one seed, or several."""
        self.done += seeds
        if not self.is_on:
            return
        now = time.monotonic()
        if now - self.started > _PROGRESS_AFTER_SECONDS and now - self.drawn > _PROGRESS_EVERY_SECONDS:
            sys.stdout.flush()  # it may go to the same terminal
            click.echo("\r" + self._line(), err=True, nl=False)
            self.drawn, self.is_drawn = now, True

    def _line(self) -> str:
        """The line, which must not be as wide as the terminal: it could not be taken away again."""
        if not self.total:
            return f"{self.done:,} seeds"
        words = f" {self.done:,} of {self.total:,} seeds"
        room = min(30, width_for(sys.stderr) - len(words) - 1)
        full, empty = "█·" if (sys.stderr.encoding or "").lower().startswith("utf") else "#."
        filled = room * self.done // max(self.total, 1)
        return full * filled + empty * (room - filled) + words

    def clear(self) -> None:
        """Take the line away."""
        if self.is_drawn:
            click.echo("\r\x1b[K", err=True, nl=False)
            self.is_drawn = False
