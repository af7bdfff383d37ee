"""`validator identify`."""

from __future__ import annotations

import click

from validator.archive.opening import Archive, see
from validator.archive.seeds import Seed
from validator.cli.chosen import one_seed
from validator.cli.options import ArchiveOptions, command, paths_argument
from validator.cli.terminal import headed, paragraph
from validator.reports.escaping import printable
from validator.rules.views import Unread

PLACE = ("check", 2)


@command(ArchiveOptions)
def identify(options: ArchiveOptions, paths: tuple[str, ...] = paths_argument(required=True)) -> int:
    """Show which source a seed is from, with the points of each source.

    Exit 1 if no source fits or the seed could not be read.
    """
    archive = options.opened()
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
