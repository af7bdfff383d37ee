"""`validator record` and `validator identify`: what was read of a seed, and why."""

from __future__ import annotations

from pathlib import Path

import click

from validator.archive.opening import Archive, see
from validator.archive.seeds import Seed
from validator.cli.common import UNJUDGED, archive_options, headed, in_words, judged, one_seed, opened, paragraph
from validator.reports.entries import encoded, seed_entry
from validator.reports.escaping import printable
from validator.rules.views import Unread
from validator.sources.model import FIELDS
from validator.text.findings import SeedReport, Value, Verdict

_NAMES_WIDTH = max(map(len, FIELDS))


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@archive_options()
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="In json, one object a line.",
)
def record(
    paths: tuple[str, ...],
    config: Path | None,
    no_config: bool,
    schemas: tuple[Path, ...],
    source: str | None,
    format_: str,
) -> int:
    """Print what a seed says of itself, and where each value stands.

    Exit 1 where a seed could not be read or no source fits.
    """
    archive = opened(config, no_config, schemas, source=source)
    code = 0
    for number, seed in enumerate([one_seed(archive, path) for path in paths]):
        report = judged(archive, seed)
        if format_ == "json":
            click.echo(encoded({key: value for key, value in seed_entry(report).items() if key != "findings"}))
        else:
            click.echo("\n" if number else "", nl=False)
            _show(report)
        code = max(code, 3 if report.verdict is Verdict.UNCHECKED else int(report.verdict in UNJUDGED))
    return code


def _show(report: SeedReport) -> None:
    click.echo(headed(printable(report.path)))
    _line("source", report.source or "not identified")
    for line in report.evidence:
        _line("", line)
    if report.fault is not None:
        _line("no record", f"the program failed on the seed: {report.fault}")
        return
    if report.verdict in UNJUDGED:
        _line("no record", f"the seed is {report.verdict}")
        for finding in report.findings:
            if finding.severity == "error":
                _line("", f"{finding.start.line}:{finding.start.column} {finding.rule}: {finding.message}")
        return
    last_byline = max((index for index, value in enumerate(report.values) if value.field == "byline"), default=-1)
    for index, value in enumerate(report.values):
        _line(value.field, in_words(value.value))
        _line("", _origin(value))
        for candidate in value.candidates if value.disputed else ():
            _line("", f"disputed: {candidate.start.line}:{candidate.start.column} says {candidate.value}")
        if index == last_byline and report.record.get("byline_kind"):
            _line("byline_kind", report.record["byline_kind"])
    if report.body is None:
        _line("body", "none")
    else:
        first, last = report.body.start.line, report.body.end.line
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        _line("body", f"{lines}, {report.body.characters:,} characters without blanks and markup")


def _line(name: str, value: str) -> None:
    """Print a value beside its name."""
    paragraph(value, f"  {name:{_NAMES_WIDTH}}  ", " " * (_NAMES_WIDTH + 4))


def _origin(value: Value) -> str:
    place = f" at {value.start.line}:{value.start.column}" if value.start is not None else ""
    if value.note.startswith(value.basis.value):
        return value.note
    note = f", {value.note}" if value.note else ""
    return f"{value.basis.value}{place}{note}"


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@archive_options(source=False)
def identify(paths: tuple[str, ...], config: Path | None, no_config: bool, schemas: tuple[Path, ...]) -> int:
    """Show which source a seed is of, what each source scored and why.

    Exit 1 where no source fits or the seed could not be read.
    """
    archive = opened(config, no_config, schemas)
    code = 0
    for number, seed in enumerate([one_seed(archive, path) for path in paths]):
        click.echo("\n" if number else "", nl=False)
        code = max(code, _identify(archive, seed))
    return code


def _identify(archive: Archive, seed: Seed) -> int:
    seen = see(archive, seed)
    click.echo(headed(printable(seed.name)))
    if isinstance(seen, Unread):
        paragraph(f"not read: {seen.message}", "  ", "    ")
        return 1
    if seen.decoded.encoding is None:
        paragraph(f"not decoded: {seen.decoded.problem}", "  ", "    ")
        return 1
    match = seen.match
    if match.source is None:
        paragraph(f"no source fits: {match.problem}", "  ", "    ")
    else:
        certainty = "for certain" if match.certain else f"not for certain: {match.problem}"
        paragraph(f"{match.source}, {certainty}", "  ", "    ")
        if match.certain and match.evidence[0].startswith("named by"):
            paragraph(match.evidence[0], "  ", "    ")
    width = max((len(each.source) for each in match.scores), default=0)
    click.echo(f"\n  points  {'source':{width}}  fits from  certain from")
    for each in match.scores:
        click.echo(f"  {each.score:6}  {each.source:{width}}  {each.at_least:9}  {each.certain_from:12}")
        for line in each.evidence:
            paragraph(line, " " * 10, " " * 12)
    return int(match.source is None)
