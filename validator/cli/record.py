"""`validator record` and `validator identify`: what was read of a seed, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from validator.archive import Archive, judge, see
from validator.cli.common import archive_options, one_seed, opened
from validator.files import Seed, Unread
from validator.findings import SeedReport, Value, Verdict
from validator.reports import printable
from validator.reports.entries import encoded, seed_entry


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@archive_options()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="[text]")
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
    for number, path in enumerate(paths):
        report = judge(archive, one_seed(archive, path))
        if format_ == "json":
            entry = {key: value for key, value in seed_entry(report).items() if key != "findings"}
            click.echo(encoded(entry))
        else:
            click.echo("" if number == 0 else "\n", nl=False)
            _show(report)
        code = max(code, int(report.verdict in (Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED)))
    return code


def _show(report: SeedReport) -> None:
    click.echo(printable(report.path))
    click.echo(f"  source        {report.source or 'not identified'}")
    for line in report.evidence:
        click.echo(f"                {printable(line)}")
    if report.verdict in (Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED):
        click.echo(f"  no record: the seed is {report.verdict}")
        for finding in report.findings:
            if finding.severity == "error":
                click.echo(
                    f"  {finding.start.line}:{finding.start.column} {finding.rule}: {printable(finding.message)}"
                )
        return
    for value in report.values:
        click.echo(f"  {value.field:13} {printable(_text(value.value))}")
        click.echo(f"                {printable(_origin(value))}")
        if value.disputed:
            for candidate in value.candidates:
                place = f"{candidate.start.line}:{candidate.start.column}"
                click.echo(f"                disputed: {place} says {printable(candidate.value)}")
        if value.field == "byline" and report.record.get("byline_kind") and value is _last(report, "byline"):
            click.echo(f"  {'byline_kind':13} {report.record['byline_kind']}")
    if report.body is None:
        click.echo("  body          none")
    else:
        body = report.body
        lines = (
            f"line {body.start.line}"
            if body.start.line == body.end.line
            else f"lines {body.start.line} to {body.end.line}"
        )
        click.echo(f"  body          {lines}, {body.characters:,} characters without blanks and markup")


def _last(report: SeedReport, field: str) -> Value:
    return [value for value in report.values if value.field == field][-1]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return ", ".join(f"{name} {item}" for name, item in value.items() if item is not None)
    return json.dumps(value, ensure_ascii=False)


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
    for number, path in enumerate(paths):
        click.echo("" if number == 0 else "\n", nl=False)
        code = max(code, _identify(archive, one_seed(archive, path)))
    return code


def _identify(archive: Archive, seed: Seed) -> int:
    seen = see(archive, seed)
    click.echo(printable(seed.name))
    if isinstance(seen, Unread):
        click.echo(f"  not read: {printable(seen.message)}")
        return 1
    if seen.decoded.encoding is None:
        click.echo(f"  not decoded: {printable(seen.decoded.problem)}")
        return 1
    match = seen.match
    if match.source is None:
        click.echo(f"  no source fits: {match.problem}")
    else:
        click.echo(f"  {match.source}, {'for certain' if match.certain else f'not for certain: {match.problem}'}")
        if match.certain and match.evidence[0].startswith("named by"):
            click.echo(f"  {printable(match.evidence[0])}")
    click.echo("")
    width = max((len(each.source) for each in match.scores), default=0)
    for each in match.scores:
        bar = f"fits from {each.at_least}, certain from {each.certain_from}"
        click.echo(f"  {each.score:3}  {each.source:{width}}  {bar}")
        for line in each.evidence:
            click.echo(f"       {printable(line)}")
    return int(match.source is None)
