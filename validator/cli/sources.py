"""`validator sources`: list, show, check and draft source schemas."""

from __future__ import annotations

from pathlib import Path

import click

from validator.archive.face import load_sources
from validator.archive.opening import example_failures
from validator.archive.reading import read_seed, system_reason
from validator.archive.root import read_schemas, schemas_folder
from validator.cli.commands import Commands
from validator.cli.common import archive_options, completed_by, opened, paragraph
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.rules.views import Unread
from validator.sources.drafting import draft
from validator.text.errors import ConfigError, nearest


@click.group(cls=Commands)
def sources() -> None:
    """List, show, check and draft source schemas."""


@sources.command("list")
@archive_options(source=False)
def list_(config: Path | None, no_config: bool, schemas: tuple[Path, ...]) -> int:
    """List the sources that are known here."""
    archive = opened(config, no_config, schemas)
    width = max(len(identifier) for identifier in archive.sources)
    for identifier, source in archive.sources.items():
        note = "" if source.identify else " (only when named)"
        paragraph(source.title + note, f"{identifier:{width}}  ", " " * (width + 2))
    return 0


@sources.command()
@click.argument("identifier", metavar="ID", shell_complete=completed_by("sources"))
@archive_options(source=False)
def show(identifier: str, config: Path | None, no_config: bool, schemas: tuple[Path, ...]) -> int:
    """Print a source's schema, and those that it extends."""
    archive = opened(config, no_config, schemas)
    if identifier not in archive.sources:
        raise ConfigError(f'no source is called "{identifier}"', suggestion=nearest(identifier, archive.sources))
    folders = [
        schemas_folder(),
        *(archive.root / folder for folder in archive.settings.schemas),
        *archive.request.schemas,
    ]
    texts = {Path(name).stem: text for folder in folders for name, text in read_schemas(folder)}
    source = archive.sources[identifier]
    for number, each in enumerate((identifier, *source.ancestors)):
        if number:
            click.echo(f"\n# --- which extends {each} " + "-" * max(0, 60 - len(each)))
        for line in texts[each].rstrip().split("\n"):
            click.echo(printable(line))
    return 0


@sources.command(short_help="Check schemas and run their examples.")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def check(folder: Path | None) -> int:
    """Check the schemas in FOLDER, or those of the program, and run their examples.

    FOLDER is one with schemas of your own; they may extend those of the program. Exit 1 where an example does not come out
    as its schema says, 2 where a schema is none.
    """
    if folder is not None and not folder.is_dir():
        raise ConfigError("there is no such folder", str(folder))
    place = folder or schemas_folder()
    if folder is not None and not read_schemas(folder):
        raise ConfigError("no schema (*.yaml) stands in it", str(folder))
    known = load_sources((place,), strict=True)
    names = {Path(name).stem for name, _ in read_schemas(place)}
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


@sources.command(short_help="Draft a schema from a few seeds.")
@click.argument("identifier", metavar="ID")
@click.option(
    "--from",
    "files",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE...",
    help="Seeds of the source.",
)
@click.argument("more", nargs=-1, type=click.Path(path_type=Path), metavar="")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it to this file, which must not exist yet.",
)
def new(identifier: str, files: tuple[Path, ...], more: tuple[Path, ...], output: Path | None) -> int:
    """Draft a schema for a new source from a few of its seeds: `--from FILE FILE FILE`.

    What the files share is filled in; read it, correct it, give it examples, and run `validator sources check`.
    """
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
