"""What `sources learn --since` does: it drafts a layout of a source from its newer seeds, beside what its schema says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validator.archive.face import schema_files, sources_of
from validator.archive.opening import Archive
from validator.archive.reading import read_seed
from validator.archive.seeds import Seed
from validator.archive.writing import write_new
from validator.cli.chosen import discovered
from validator.cli.drift import sightings_in
from validator.cli.terminal import complain, paragraph
from validator.engine.seen import look
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.rules.views import Unread
from validator.sources.drift import unread_since
from validator.sources.identify import Claim
from validator.sources.layout_drafting import layout_entry, with_layout
from validator.sources.model import Source, Sources
from validator.sources.schema_file import merged_content
from validator.text.errors import ConfigError, nearest

if TYPE_CHECKING:
    from validator.learning.pointed import Pointed

_FEWEST = 3
_OF_A_SOURCE = ("publisher", "language")  # these do not change with a layout
_MOST = 200  # seeds from which a layout is learned, spread evenly over those that there are


def learn_layout(
    archive: Archive,
    identifier: str,
    paths: Sequence[str],
    since: date,
    output: Path | None,
    pointed: Sequence[Pointed] = (),
) -> int:
    """Draft the layout that a source has since a day, and print it, or write the whole schema with it to a new file.

    It is learned from the seeds since that day that no layout of the source reads yet. Raises ConfigError.
    """
    from validator.learning.drafting import learn

    if identifier not in archive.sources:
        near = nearest(identifier, archive.sources)
        raise ConfigError(f'no source is called "{identifier}": learn it first, without --since', suggestion=near)
    found = discovered(archive, paths)
    chosen = list(_seeds(archive, found.seeds if found is not None else (), identifier, since))
    if len(chosen) < _FEWEST:
        raise ConfigError(f"{counted(len(chosen), 'seed')} since {since}, expected at least {_FEWEST}")
    others = {name: source for name, source in archive.sources.items() if identifier not in (name, *source.ancestors)}
    draft = learn(identifier, chosen, others, pointed)
    own, more = schema_files(
        [archive.root / folder for folder in archive.settings.schemas] + list(archive.request.schemas), archive.root
    )
    files = (*own, *more)
    name, text = next(each for each in reversed(files) if Path(each[0]).stem == identifier)
    layout = f"since {since}"
    drafted = _used(merged_content(identifier, [*files, (name, draft.text)]), draft.source, others, chosen)
    entry = layout_entry(layout, since, merged_content(identifier, files), drafted)
    try:
        schema = with_layout(text, entry)
    except ValueError as error:
        raise ConfigError(str(error), name) from None
    sources = sources_of(own, [*more, (name, schema)])
    _written(output, identifier, schema, entry, name)
    for line in (
        f"{layout}: drafted from {counted(len(chosen), 'seed')}",
        *_tried(sources[identifier], layout, chosen),
    ):
        complain(line) if output is None else paragraph(line, "", "  ")
    return 0


def _used(
    content: Mapping[str, Any], source: Source, others: Sources, seeds: Sequence[tuple[str, bytes]]
) -> Mapping[str, Any]:
    """The content of a drafted schema with only those places from which some of the seeds are read: it may inherit many."""
    used: dict[str, set[int]] = {}
    for name, data in seeds:
        seen = look(data, {**others, source.id: source}, name, Claim(source.id, "the command"))
        for field, number in seen.record.numbers.items() if seen.record is not None else ():
            used.setdefault(field, set()).add(number)
    record = {field: places for field, places in content.get("record", {}).items() if field not in _OF_A_SOURCE}
    kept = {
        field: [places[number - 1] for number in sorted(used[field])]
        for field, places in record.items()
        if field in used
    }
    return {**content, "record": {**({"body": record["body"]} if "body" in record else {}), **kept}}


def _seeds(archive: Archive, seeds: Sequence[Seed], identifier: str, since: date) -> Iterator[tuple[str, bytes]]:
    """The seeds to learn from, as pairs of name and bytes."""
    sightings, _, _ = sightings_in(archive, seeds, identifier, archive.settings.jobs)
    numbers = unread_since(sightings, since)
    for number in numbers[:: max(1, -(-len(numbers) // _MOST))]:
        content = read_seed(seeds[number], archive.settings.limit_bytes)
        if not isinstance(content, Unread):
            yield seeds[number].name, content


def _written(output: Path | None, identifier: str, schema: str, entry: str, name: str) -> None:
    """Print the entry, or write the whole schema to a new file. Raises ConfigError."""
    if output is None:
        complain(f"put this below `layouts:` in {name}, or write the whole schema to a new file with --output")
        click.echo(entry, nl=False)
        return
    if output.stem != identifier:
        raise ConfigError(f"a schema's file is called after its id: {identifier}.yaml", str(output))
    write_new(output, schema)
    click.echo(f"{printable(str(output))} is {printable(name)} with one more layout; compare the two")


def _tried(source: Source, layout: str, seeds: Sequence[tuple[str, bytes]]) -> Iterator[str]:
    """How many of the seeds the layout reads, and in how many it finds each field."""
    claim, found, read = Claim(source.id, "the command"), Counter[str](), 0
    for name, data in seeds:
        seen = look(data, {source.id: source}, name, claim)
        if seen.source.layout == layout and seen.record is not None:
            read += 1
            found.update(seen.record.numbers.keys())
    yield f"it reads {read:,} of {counted(len(seeds), 'seed')}"
    if not read:
        yield "its days do not choose it, as it finds no date in these seeds: give it a `pattern` that only they have instead"
    for field, number in found.items():
        yield f"  {field}: found in {number:,}"
