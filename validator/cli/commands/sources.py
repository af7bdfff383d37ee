"""`validator sources`: list, show, check, learn and try source schemas."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.archive.discovery import discover
from validator.archive.face import Files, load_sources, sources_of
from validator.archive.opening import Archive, example_failures
from validator.archive.reading import read_seed, system_errors_as
from validator.archive.root import read_schemas, read_text, schemas_folder
from validator.archive.writing import write_new
from validator.cli.options import (
    ArchiveOptions,
    JobsOptions,
    argument,
    command,
    complete_sources,
    format_option,
    option,
    paths_argument,
)
from validator.cli.program import Commands
from validator.cli.terminal import next_step, paragraph, width_for
from validator.reports.display import width_of, wrap
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.rules.views import Unread
from validator.sources.model import Source
from validator.sources.schema_editing import left_open
from validator.text.errors import ConfigError, nearest

if TYPE_CHECKING:
    from validator.learning.pointed import Pointed

PLACE = ("set up", 2)
sources = Commands("sources", help="List, show, check, learn and try source schemas.")


@command(ArchiveOptions, sources)
def list_(options: ArchiveOptions) -> int:
    """List the sources that are known here."""
    archive = options.opened()
    width = max(len(identifier) for identifier in archive.sources)
    for identifier, source in archive.sources.items():
        note = "" if source.identify else " (only when named)"
        paragraph(source.title + note, f"{identifier:{width}}  ", " " * (width + 2))
    return 0


@command(ArchiveOptions, sources)
def show(options: ArchiveOptions, identifier: str = argument(metavar="ID", shell_complete=complete_sources)) -> int:
    """Print a source's schema, and those that it extends."""
    archive = options.opened()
    if identifier not in archive.sources:
        raise ConfigError(f'no source is called "{identifier}"', suggestion=nearest(identifier, archive.sources))
    folders = [
        schemas_folder(), *(archive.root / folder for folder in archive.settings.schemas), *archive.request.schemas,
    ]  # fmt: skip
    texts = {Path(name).stem: text for folder in folders for name, text in read_schemas(folder)}
    source = archive.sources[identifier]
    for number, each in enumerate((identifier, *source.ancestors)):
        if number:
            click.echo(f"\n# --- which extends {each} " + "-" * max(0, 60 - len(each)))
        for line in texts[each].rstrip().split("\n"):
            click.echo(printable(line))
    return 0


@command(JobsOptions, sources)
def drift(
    options: JobsOptions,
    identifier: str = argument(metavar="ID", shell_complete=complete_sources),
    paths: tuple[str, ...] = paths_argument(required=True),
    format_: str = format_option("text", "json"),
) -> int:
    """Show how often each field was found over the dates of an archive.

    It names the seed at which the layout of the source seems to have changed: a field was found in nearly all seeds, and then
    in nearly none, or at another place. Exit 1 if there is such a change.
    """
    from validator.cli.drift import show_drift

    return show_drift(options.opened(), identifier, paths, options.jobs, format_)


@command(into=sources)
def check(
    place: Path | None = argument(required=False, type=click.Path(path_type=Path), metavar="[FILE_OR_FOLDER]"),
) -> int:
    """Check schemas and run their examples.

    FILE is one schema of your own, FOLDER holds several, which may extend those of the program; without it, the program's are
    checked. Exit 1 if an example does not come out as its schema says, if a schema that recognizes seeds has no example, or if
    something is still to be filled in; 2 if a schema is not valid.
    """
    if place is not None and not place.exists():
        raise ConfigError("there is no such file or folder", str(place))
    if place is None or place.is_dir():
        schemas = read_schemas(place or schemas_folder())
        known = load_sources((place or schemas_folder(),), strict=True)
    else:
        schemas = [(str(place), read_text(place))]
        known = _with_schema(place, ())
    if not schemas:
        raise ConfigError("it has no schema (*.yaml)", str(place))
    names = {Path(name).stem for name, _ in schemas}
    failures = [line for identifier in sorted(names) for line in example_failures(known, identifier)]
    for name, text in schemas:
        failures += [f"{name}:{line}: still to fill in: {said}" for line, said in left_open(text)]
        source = known[Path(name).stem]
        if source.identify is not None and not source.examples:
            failures.append(
                f"{name}: it has no examples, so nothing shows that it works; `validator sources learn` and each correction on "
                "the page of `validator review --source` write some, once a seed comes out valid"
            )
    for line in failures:
        click.echo(printable(line))
    examples = sum(len(known[identifier].examples) for identifier in names)
    said = "all as said" if not failures else f"{len(failures)} not as said"
    click.echo(f"{counted(len(names), 'schema')}, {counted(examples, 'example')}: {said}")
    if place is not None and place.is_file() and not failures:
        next_step("Use it:", ["validator", "validate", "--schemas", str(place.parent), "SEEDS"])
        next_step("Or have the configuration name its folder, once:", ["validator", "init"])
    return int(bool(failures))


_ID = argument(metavar="ID")
_OUTPUT = option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it to this file, which must not exist yet.",
)


@command(ArchiveOptions, sources)
def learn(
    options: ArchiveOptions,
    identifier: str = _ID,
    paths: tuple[str, ...] = paths_argument(required=True),
    output: Path | None = _OUTPUT,
    example: tuple[tuple[str, str, str], ...] = option(
        "--example",
        multiple=True,
        nargs=3,
        metavar="FILE FIELD TEXT",
        help="In this seed, this text is the headline, the byline, another field, or furniture: learn its place from it.",
    ),
    since: datetime | None = option(
        "--since",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="The source is known and its layout has changed: draft the layout of its seeds since this day.",
    ),
) -> int:
    """Draft a schema from seeds of a new source.

    PATHS are files or folders with seeds of one source, from a few to a few hundred. What they share is written down, each
    guess with the number of seeds on which it rests. Read it, fill in what is open, and run `validator sources try`.
    """
    if since is not None:
        from validator.cli.layouts import learn_layout

        archive = options.opened()
        pointed = [_pointed(archive, *each) for each in example]
        return learn_layout(archive, identifier, paths, since.date(), output, pointed)
    return _learn(options, identifier, paths, output, example)


def _pointed(archive: Archive, file: str, field: str, text: str) -> Pointed:
    """What `--example` points at. Raises ConfigError."""
    from validator.learning.pointed import POINTED, Pointed

    if field not in POINTED:
        raise ConfigError(f'"{field}" is no field to point at', None, None, nearest(field, POINTED))
    return Pointed(seeds_at(archive, (file,))[0][0], field, text)


@command(ArchiveOptions, sources)
def new(
    options: ArchiveOptions,
    identifier: str = _ID,
    files: tuple[str, ...] = option(
        "--from", multiple=True, required=True, type=click.Path(), metavar="FILE...", help="Seeds of the source."
    ),
    more: tuple[str, ...] = argument(nargs=-1, type=click.Path(), metavar=""),
    output: Path | None = _OUTPUT,
) -> int:
    """Draft a schema from seeds: the older name of `learn`."""
    return _learn(options, identifier, (*files, *more), output)


def _learn(
    options: ArchiveOptions,
    identifier: str,
    paths: tuple[str, ...],
    output: Path | None,
    examples: tuple[tuple[str, str, str], ...] = (),
) -> int:
    from validator.learning.drafting import learn as learned
    from validator.learning.power import false_alarms, power
    from validator.reports.trial import power_lines

    if output is not None and output.stem != identifier:
        raise ConfigError(f"a schema's file is called after its id: {identifier}.yaml", str(output))
    archive = options.opened()
    seeds = seeds_at(archive, paths)
    known = archive.sources if output is None else {**_beside(output), **archive.sources}
    draft = learned(identifier, seeds, known, [_pointed(archive, *example) for example in examples])
    if output is None:
        click.echo(draft.text, nl=False)
        return 0
    write_new(output, draft.text)
    click.echo(f"{printable(str(output))} is drafted from {counted(len(seeds), 'seed')}")
    planted = power(draft.source, seeds, known, archive.request.today)
    alarms, held_out = false_alarms(identifier, seeds, known, archive.request.today)
    lines = list(power_lines(planted, alarms, held_out))
    lines += [f"Still to fill in: line {number}: {line}" for number, line in left_open(draft.text)]
    for line in lines:
        click.echo("\n".join(_wrapped(line)))
    given = seeds_given(paths)
    next_step("Read it, or correct it in the browser by pointing at values:", [*CORRECTING, str(output), *given])
    next_step("Then try it, best on other seeds:", ["validator", "sources", "try", str(output), *given])
    return 0


@command(ArchiveOptions, sources)
def try_(
    options: ArchiveOptions,
    schema: Path = argument(type=click.Path(path_type=Path), metavar="SCHEMA"),
    paths: tuple[str, ...] = paths_argument(required=True),
    format_: str = format_option("text", "html", text="In html, a page with each value marked in its seed."),
    output: Path | None = option(
        "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report to this file."
    ),
) -> int:
    """Try a schema on seeds.

    SCHEMA is the file of a schema, PATHS are seeds of its source, best such as it was not learned from. The report says which
    fields are found and which values look odd, who else claims the seeds, and which defects it would see. Exit 1 if something
    is still to be filled in, or if a required field is missing in many seeds.
    """
    from validator.learning.power import power
    from validator.learning.trying import try_source
    from validator.parsing.decoding import decode
    from validator.reports.trial import lines_of, page_of, power_lines

    if not schema.is_file():
        raise ConfigError("there is no such schema", str(schema))
    archive = options.opened()
    known = {**_beside(schema), **archive.sources, **_with_schema(schema, ())}
    source, seeds = known[schema.stem], seeds_at(archive, paths)
    tried, to_fill_in = try_source(source, seeds, known, archive.request.today), left_open(read_text(schema))
    if format_ == "html":
        report = page_of(tried, source, [decode(data).text for _, data in seeds], to_fill_in)
    else:
        lines = [*lines_of(tried, source, to_fill_in), *power_lines(power(source, seeds, known, archive.request.today))]
        report = "".join(f"{wrapped}\n" for line in lines for wrapped in _wrapped(line))
    if output is None:
        click.echo(report, nl=False)
        if format_ == "text":
            if to_fill_in or tried.odd or tried.errors:
                next_step(
                    "Where a value is wrong, point at the right one:", [*CORRECTING, str(schema), *seeds_given(paths)]
                )
            next_step("When all is right:", ["validator", "sources", "check", str(schema)])
    else:
        with system_errors_as("it cannot be written", str(output)):
            output.write_text(report, "utf-8", newline="\n")
    return int(bool(to_fill_in or tried.is_missing_in_many(source)))


def _with_schema(file: Path, others: Files) -> dict[str, Source]:
    """The sources that one schema describes or extends; the folder is read only if it extends one that is there."""
    try:
        return sources_of(read_schemas(schemas_folder()), [*others, (str(file), read_text(file))], strict=False)
    except ConfigError as error:
        if others or "which is no source" not in error.message:
            raise
        beside = [each for each in read_schemas(file.parent) if Path(each[0]).name != file.name]
        return _with_schema(file, beside)


def _beside(file: Path) -> dict[str, Source]:
    """The sources of the schemas in the same folder, which may claim the same seeds; none if one of them is not valid."""
    try:
        return load_sources((file.parent,))
    except ConfigError:
        return {}


def _wrapped(line: str) -> Iterator[str]:
    """A line of a report in the width of the terminal, with what goes on below it indented further."""
    columns, text = width_for(sys.stdout), printable(line)
    if width_of(text) <= columns:
        yield text
        return
    indent = " " * (len(text) - len(text.lstrip()))
    yield from wrap(text.strip(), columns, indent, f"{indent}    ")


CORRECTING = ("validator", "review", "--source")


def seeds_given(paths: Sequence[str]) -> list[str]:
    """The seeds of a command as the next command names them."""
    return [*paths] if len(paths) < 4 else ["SEEDS"]


def seeds_at(archive: Archive, paths: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """The seeds at paths, as pairs of name and bytes. Raises ConfigError."""
    found = discover(paths, archive.settings, archive.root)
    if found.missing:
        raise ConfigError("there is no such file or folder", found.missing[0])
    seeds = []
    for seed in found.seeds:
        content = read_seed(seed, archive.settings.limit_bytes)
        if isinstance(content, Unread):
            raise ConfigError(content.message, seed.name)
        seeds.append((seed.name, content))
    if not seeds:
        raise ConfigError("no seeds found there", ", ".join(paths))
    return seeds
