"""`validator sources`: list, show, check and draft source schemas."""

from __future__ import annotations

from pathlib import Path

import click

from validator.archive.face import load_sources
from validator.archive.opening import example_failures
from validator.archive.reading import read_seed, system_reason
from validator.archive.root import read_schemas, schemas_folder
from validator.cli.options import (
    ArchiveOptions,
    JobsOptions,
    argument,
    command,
    complete_sources,
    option,
    paths_argument,
)
from validator.cli.program import Commands
from validator.cli.terminal import paragraph
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.rules.views import Unread
from validator.text.errors import ConfigError, nearest

PLACE = ("know", 3)
sources = Commands("sources", help="List, show, check and draft source schemas.")


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
    format_: str = option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True),
) -> int:
    """Show how often each field was found over the dates of an archive.

    It names the seed at which the layout of the source seems to have changed: a field was found in nearly all seeds, and then
    in nearly none, or at another place. Exit 1 if there is such a change.
    """
    from validator.cli.drift import show_drift

    return show_drift(options.opened(), identifier, paths, options.jobs, format_)


@command(into=sources)
def check(folder: Path | None = argument(required=False, type=click.Path(path_type=Path))) -> int:
    """Check schemas and run their examples.

    FOLDER holds schemas of your own, which may extend those of the program; without it, the program's are checked. Exit 1 if
    an example does not come out as its schema says, 2 if a schema is not valid.
    """
    if folder is not None and not folder.is_dir():
        raise ConfigError("there is no such folder", str(folder))
    place = folder or schemas_folder()
    schemas = read_schemas(place)
    if folder is not None and not schemas:
        raise ConfigError("it has no schema (*.yaml)", str(folder))
    known = load_sources((place,), strict=True)
    names = {Path(name).stem for name, _ in schemas}
    failures = [line for identifier in sorted(names) for line in example_failures(known, identifier)]
    for line in failures:
        click.echo(printable(line))
    examples = sum(len(known[identifier].examples) for identifier in names)
    bare = sorted(identifier for identifier in names if not known[identifier].examples and known[identifier].identify)
    if bare:
        click.echo(f"without examples: {', '.join(bare)}", err=True)
    said = "all as said" if not failures else f"{len(failures)} not as said"
    click.echo(f"{counted(len(names), 'schema')}, {counted(examples, 'example')}: {said}")
    return int(bool(failures))


@command(into=sources)
def new(
    identifier: str = argument(metavar="ID"),
    files: tuple[Path, ...] = option(
        "--from",
        multiple=True,
        required=True,
        type=click.Path(path_type=Path),
        metavar="FILE...",
        help="Seeds of the source.",
    ),
    more: tuple[Path, ...] = argument(nargs=-1, type=click.Path(path_type=Path), metavar=""),
    output: Path | None = option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write it to this file, which must not exist yet.",
    ),
) -> int:
    """Draft a schema from a few seeds.

    Name a few seeds of the new source: `--from FILE FILE FILE`. What they share is filled in; read it, correct it, give it
    examples, and run `validator sources check`.
    """
    from validator.sources.drafting import draft

    texts = []
    for path in (*files, *more):
        content = read_seed(path)
        if isinstance(content, Unread):
            raise ConfigError(content.message, str(path))
        texts.append(content)
    text = draft(identifier, texts)
    if output is None:
        click.echo(text, nl=False)
        return 0
    if output.stem != identifier:
        raise ConfigError(f"a schema's file is called after its id: {identifier}.yaml", str(output))
    try:
        with output.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except OSError as error:
        raise ConfigError(f"it cannot be written: {system_reason(error)}", str(output)) from None
    click.echo(f"{printable(str(output))} is drafted; read it before you use it")
    return 0
