"""`validator validate`."""

from __future__ import annotations

import heapq
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from validator.archive import (
    Archive,
    fails_on,
    judge,
    judge_in_worker,
    open_archive,
    open_in_worker,
    rules_for,
    use_in_process,
)
from validator.cli.common import archive_options, make_request, names
from validator.engine import orphan_sidecar, shown
from validator.errors import ConfigError
from validator.files import Discovery, Seed, discover, orphan_sidecars, read_stream
from validator.findings import SEVERITY_RANK, SeedReport, Severity, Status, Verdict
from validator.reports import FORMATS, Profile, Tally, open_report, printable, statistics
from validator.rules import RULES
from validator.runner import run

UNJUDGED = (Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED)
_PROGRESS_AFTER_SECONDS = 2.0


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@archive_options()
@click.option("--select", multiple=True, metavar="NAMES", help="Show only these rules or families (a,b). Repeatable.")
@click.option("--ignore", multiple=True, metavar="NAMES", help="Do not show these rules or families (a,b). Repeatable.")
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "info", "never"]), help="Exit 1 from this severity on. [error]"
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="The form of the report. [text]")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to this file.")
@click.option("--statistics", "with_statistics", is_flag=True, help="Add how often each rule speaks.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes. [as many as pay]")
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
    output: Path | None,
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
    archive = open_archive(request)
    found = _discover(archive, paths)
    if found is None:
        return 0
    use_in_process(archive)
    with (
        _opened(output) as out,
        _Progress(len(found.seeds), quiet or (output is None and sys.stdout.isatty())) as progress,
    ):
        judged = run(found.seeds, judge_in_worker, jobs or archive.settings.jobs, open_in_worker, (request,))
        reports = heapq.merge(judged, _others(archive, found, stdin_filename, "-" in paths), key=_key)
        notes = None if quiet else sys.stderr
        reporter = open_report(
            format_, out, profile=_profile(archive), color=_color(out), width=_width(out), verbose=verbose, notes=notes
        )
        tally, code = Tally(), 0
        for report in reports:
            tally.add(report)
            code = max(code, _code(archive, report))
            progress.clear()
            reporter.seed(report)
            progress.step()
        progress.clear()
        totals = tally.totals()
        if not (quiet and format_ in ("text", "concise")):
            reporter.finish(totals)
        if with_statistics:
            click.echo(
                statistics(totals), nl=False, file=sys.stdout if format_ == "text" and output is None else sys.stderr
            )
    return code


def _discover(archive: Archive, paths: tuple[str, ...]) -> Discovery | None:
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


def _others(archive: Archive, found: Discovery, name: str | None, from_stdin: bool) -> Iterator[SeedReport]:
    """The reports of what is no file of the list: standard input, and sidecars without a seed."""
    out = [
        shown(orphan_sidecar(each.name, each.name.removesuffix(".meta.yaml")), rules_for(archive, each.name))
        for each in orphan_sidecars(found)
    ]
    if from_stdin:
        path = Path(name) if name else Path("-")
        given = os.path.relpath(path.absolute(), archive.root) if name else "-"
        shown_name = given if not given.startswith("..") else str(path.absolute())
        seed = Seed(path.absolute(), shown_name.replace(os.sep, "/"))
        out.append(judge(archive, seed, read_stream(sys.stdin.buffer, archive.settings.limit_bytes)))
    yield from sorted(out, key=_key)


def _key(report: SeedReport) -> bytes:
    return os.fsencode(report.path)


def _code(archive: Archive, report: SeedReport) -> int:
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


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that takes its name only when it is complete."""
    if output is None:
        yield sys.stdout
        return
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            yield out
        part.replace(output)
    except OSError as error:
        raise ConfigError(f"cannot write the report: {error.strerror}", str(output)) from None
    finally:
        part.unlink(missing_ok=True)


def _color(out: TextIO) -> bool:
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _width(out: TextIO) -> int:
    if not out.isatty():
        return 80
    import shutil

    return max(40, min(shutil.get_terminal_size().columns, 120))


class _Progress:
    """A line on standard error that says how far a run has come, once it has taken two seconds; only on a terminal."""

    def __init__(self, total: int, off: bool) -> None:
        self.total = total
        self.done = 0
        self.is_on = not off and sys.stderr.isatty()
        self.started = self.drawn = time.monotonic()
        self.is_drawn = False

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def step(self) -> None:
        """Count one seed."""
        self.done += 1
        now = time.monotonic()
        if self.is_on and now - self.started > _PROGRESS_AFTER_SECONDS and now - self.drawn > 0.2:
            filled = 30 * self.done // max(self.total, 1)
            bar = "█" * filled + "·" * (30 - filled)
            click.echo(f"\r{bar} {self.done:,} of {self.total:,} seeds", err=True, nl=False)
            self.drawn, self.is_drawn = now, True

    def clear(self) -> None:
        """Take the line away."""
        if self.is_drawn:
            click.echo("\r\x1b[K", err=True, nl=False)
            self.is_drawn = False
