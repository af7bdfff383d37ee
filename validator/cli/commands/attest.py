"""`validator attest`."""

from __future__ import annotations

import click

from validator.archive.face import named_source
from validator.archive.reading import today
from validator.cli.chosen import judged, one_seed
from validator.cli.options import argument, command, complete_fields, option
from validator.cli.sidecars import SidecarOptions, say_effect, write_entry
from validator.cli.terminal import paragraph
from validator.record.sidecar import FIELDS
from validator.record.sidecar_writing import attest as write_attested
from validator.record.sidecar_writing import name_source
from validator.text.errors import ConfigError, nearest

PLACE = ("record", 2)
SOURCE = "source"  # the one FIELD that is no field of the record


@command(SidecarOptions)
def attest(
    options: SidecarOptions,
    field: str = argument(shell_complete=complete_fields),
    values: tuple[str, ...] = argument(nargs=-1, required=True, metavar="VALUE..."),
    basis: str | None = option("--basis", help="Where the value comes from, so that others can check it."),
    replaces: str | None = option("--replaces", metavar="VALUE", help="The value in the text that this one replaces."),
) -> int:
    """Confirm a value of the record, in the sidecar.

    PATH is a seed, or a folder with --files. A byline may have several VALUEs, one a person. Other entries of the sidecar are
    kept.

    FIELD is headline, byline, byline_kind (person, agency, publisher or unsigned), date_published (YYYY-MM-DD, or with
    THH:MM behind it), dateline, agency, publisher, source_url or language; each needs a --basis. Or it is source, and VALUE
    is the seed's source: that entry has no name, day or basis.
    """
    known = (*FIELDS, SOURCE)
    if field not in known:
        raise ConfigError(f'"{field}" is no field of the record ({", ".join(known)})', suggestion=nearest(field, known))
    if len(values) > 1 and field != "byline":
        raise ConfigError(f"{field} has one value, {len(values)} were given; put the value in quotation marks")
    if field == SOURCE:
        if basis is not None or replaces is not None or options.files or options.by is not None:
            raise ConfigError("the source of a seed goes without --basis, --replaces, --by and --files")
        return _attest_source(options, values[0])
    if basis is None:
        raise click.UsageError("say with --basis where the value comes from", click.get_current_context())
    archive = options.opened()
    sidecar = options.sidecar(archive)
    value = values[0] if len(values) == 1 else values
    name, day = options.curator, today()

    def write(text: str) -> str:
        return write_attested(text, field, value, basis=basis, by=name, on=day, replaces=replaces, files=options.files)

    write_entry(sidecar, archive, write, f"{field} {', '.join(values)}")
    say_effect(options, archive, field)
    return 0


def _attest_source(options: SidecarOptions, source: str) -> int:
    archive = options.opened()
    named_source(source, "attest", archive.sources)
    write_entry(options.sidecar(archive), archive, lambda text: name_source(text, source), f"source {source}")
    report = judged(archive, one_seed(archive, options.path))
    but = "" if report.source == source else "but something else comes before the sidecar: "
    paragraph(f"{but}the seed is of {report.source or 'no source'}; the seed is {report.verdict}", "  ", "    ")
    return 0
