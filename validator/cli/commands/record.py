"""`validator record`."""

from __future__ import annotations

import click

from validator.cli.chosen import UNJUDGED, judged, one_seed
from validator.cli.options import SourceOptions, command, format_option, paths_argument
from validator.cli.terminal import headed, paragraph
from validator.reports.entries import encoded, seed_entry
from validator.reports.escaping import printable
from validator.reports.words import in_words
from validator.sources.model import FIELDS
from validator.text.findings import SeedReport, Value, Verdict
from validator.text.places import shown

PLACE = ("record", 1)
_NAMES_WIDTH = max(map(len, FIELDS))
_LONG_PATTERN = 150  # characters of a sign of the source that are shown


@command(SourceOptions)
def record(
    options: SourceOptions,
    paths: tuple[str, ...] = paths_argument(required=True),
    format_: str = format_option("text", "json", text="In json, one object per line."),
) -> int:
    """Print what a seed says about itself, and where.

    Exit 1 if a seed could not be read or no source fits.
    """
    archive = options.opened()
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
    if report.layout is not None:
        _line("layout", report.layout or "the source as written")
    for line in report.evidence:
        _line("", _shortened(line))
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
        _line("body", f"{lines}, {report.body.characters:,} characters without whitespace and markup")


def _shortened(evidence: str) -> str:
    """A sign of the source, without the end of a very long pattern; `validator identify` prints all of it."""
    said, points, number = evidence.rpartition(" (+")
    return f"{shown(said, _LONG_PATTERN)}{points}{number}" if points else evidence


def _line(name: str, value: str) -> None:
    """Print a value beside its name."""
    paragraph(value, f"  {name:{_NAMES_WIDTH}}  ", " " * (_NAMES_WIDTH + 4))


def _origin(value: Value) -> str:
    place = f" at {value.start.line}:{value.start.column}" if value.start is not None else ""
    if value.note.startswith(value.basis.value):
        return value.note
    note = f", {value.note}" if value.note else ""
    return f"{value.basis.value}{place}{note}"
