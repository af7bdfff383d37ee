"""`validator compare`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validator.archive.discovery import discover
from validator.archive.opening import Archive, see
from validator.archive.reading import read_seed
from validator.archive.seeds import Seed
from validator.cli.chosen import one_seed, refuse_missing
from validator.cli.options import SourceOptions, argument, command, format_option
from validator.cli.terminal import complain, headed, paragraph, some
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.rules.views import Unread
from validator.text.errors import ConfigError

if TYPE_CHECKING:
    from validator.across.captures import Comparison, Difference, Stretch

PLACE = ("check", 6)
_SHOWN = 200  # characters of a value or a passage


@command(SourceOptions)
def compare(
    options: SourceOptions,
    here: str = argument(metavar="A"),
    there: str = argument(metavar="B"),
    format_: str = format_option("text", "json", text="The form of the output."),
) -> int:
    """Show in what two seeds differ, or the seeds of two folders that have the same names.

    The values of the record and the words and signs of the text are compared, not the markup. Exit 1 if something differs, or
    if a seed could not be read.
    """
    refuse_missing([path for path in (here, there) if not os.path.lexists(path)])
    if Path(here).is_dir() != Path(there).is_dir():
        raise ConfigError("A and B are a folder and a file, expected two of a kind")
    archive = options.opened()
    alone: tuple[Sequence[str], Sequence[str]] = ((), ())
    if Path(here).is_dir():
        pairs, alone = _of_folders(archive, here, there)
    else:
        pairs = [(one_seed(archive, here), one_seed(archive, there))]
    code, entries = int(any(alone)), []
    for comparison in _compared(archive, pairs):
        code = max(code, int(comparison is None or not comparison.is_same))
        if comparison is not None and format_ == "json":
            entries.append(_entry(comparison))
        elif comparison is not None and (not comparison.is_same or len(pairs) == 1):
            _print(comparison)
    if format_ == "json":
        from validator.reports.entries import encoded

        click.echo(encoded({"pairs": entries, "only_in_a": alone[0], "only_in_b": alone[1]}))
        return code
    for folder, names in ((here, alone[0]), (there, alone[1])):
        listed, more = some(names)
        if names:
            paragraph(f"only in {printable(folder)}: {', '.join(listed)}{f' and {more:,} more' if more else ''}")
    if len(pairs) != 1:
        click.echo(f"{counted(len(pairs), 'pair')} compared")
    return code


def _of_folders(
    archive: Archive, here: str, there: str
) -> tuple[list[tuple[Seed, Seed]], tuple[Sequence[str], Sequence[str]]]:
    """The seeds of two folders that have the same names, and the names that only one of them has."""
    one, other = ({_name_in(folder, seed): seed for seed in _seeds(archive, folder)} for folder in (here, there))
    pairs = [(seed, other[name]) for name, seed in one.items() if name in other]
    return pairs, (sorted(one.keys() - other.keys()), sorted(other.keys() - one.keys()))


def _seeds(archive: Archive, folder: str) -> Sequence[Seed]:
    return discover([folder], archive.settings, archive.root).seeds


def _name_in(folder: str, seed: Seed) -> str:
    return os.path.relpath(seed.place, os.path.realpath(folder))


def _compared(archive: Archive, pairs: Sequence[tuple[Seed, Seed]]) -> Iterator[Comparison | None]:
    """What differs in each pair, None, after a message, if one of the two could not be read."""
    from validator.across.captures import compared
    from validator.engine.neighbours import Side

    for pair in pairs:
        contents = [read_seed(seed, archive.settings.limit_bytes) for seed in pair]
        sides = []
        for seed, content in zip(pair, contents, strict=True):
            seen = content if isinstance(content, Unread) else see(archive, seed, content)
            if isinstance(seen, Unread) or seen.record is None:
                why = seen.message if isinstance(seen, Unread) else "it could not be decoded"
                complain(f"{printable(seed.name)}: not compared: {why}")
            else:
                sides.append(Side(seed.name, seen))
        yield compared(sides[0], sides[1], contents[0] == contents[1]) if len(sides) == len(pair) else None


def _print(comparison: Comparison) -> None:
    """Print one pair."""
    click.echo(headed(f"{printable(comparison.here)} and {printable(comparison.there)}"))
    if comparison.is_same:
        same = (
            "they have the same bytes"
            if comparison.is_same_bytes
            else "record and text are the same; markup or spaces differ"
        )
        paragraph(same, "  ", "    ")
        return
    if not comparison.record:
        paragraph("the records are the same", "  ", "    ")
    for each in comparison.record:
        _print_both(each.field.replace("_", " "), each)
    if not comparison.text:
        paragraph("the texts are the same", "  ", "    ")
        return
    share = min(int(comparison.similarity * 100), 99)
    differ = "passage differs" if len(comparison.text) == 1 else "passages differ"
    paragraph(f"{len(comparison.text):,} {differ}; {share}% of the text is the same", "  ", "    ")
    for each in comparison.text:
        _print_both("", each)


def _print_both(name: str, difference: Difference) -> None:
    """Print what stands in A, and what in B."""
    if name:
        click.echo(f"  {name}")
    for sign, stretch in (("-", difference.here), ("+", difference.there)):
        paragraph(f"{sign} {_told(stretch)}", "    ", "      ")


def _told(stretch: Stretch) -> str:
    text = printable(stretch.text)
    text = f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}…"'
    place = "" if stretch.start is None else f"{stretch.start.line}:{stretch.start.column} "
    return place + (text if stretch.text else "nothing")


def _entry(comparison: Comparison) -> dict[str, Any]:
    """One pair for programs."""
    return {
        "a": comparison.here,
        "b": comparison.there,
        "same_bytes": comparison.is_same_bytes,
        "similarity": round(comparison.similarity, 4),
        "record": [{"field": each.field, **_both(each)} for each in comparison.record],
        "passages": [_both(each) for each in comparison.text],
    }


def _both(difference: Difference) -> dict[str, Any]:
    from validator.reports.entries import position_entry

    return {
        name: {"text": each.text, "start": position_entry(each.start), "end": position_entry(each.end)}
        for name, each in (("a", difference.here), ("b", difference.there))
    }
