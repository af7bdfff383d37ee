"""`validator attest` and `validator accept`: what a curator says, written into a sidecar."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from validator.archive import Archive, check_rules, judge
from validator.cli.common import archive_options, one_seed, opened
from validator.errors import ConfigError
from validator.files import Unread, git_identity, read_seed, today, write_atomically
from validator.findings import Finding, SeedReport, Status
from validator.reports import printable
from validator.rules import RULES
from validator.sidecars import FIELDS, FOLDER_SIDECAR, LIMIT_BYTES, SUFFIX, SidecarError
from validator.sidecars import accept as write_acceptance
from validator.sidecars import attest as write_attested

_BY = click.option("--by", metavar="NAME", help="Who says so. [default: your name in git's configuration]")
_FILES = click.option("--files", multiple=True, metavar="GLOB", help="For a folder: the seeds it is about. Repeatable.")


@click.command()
@click.argument("path", type=click.Path())
@click.argument("field", type=click.Choice(FIELDS))
@click.argument("values", nargs=-1, required=True, metavar="VALUE...")
@click.option("--basis", required=True, help="Where the value comes from, so that another can look.")
@click.option("--replaces", metavar="VALUE", help="The value in the text that this one stands in for.")
@_BY
@_FILES
@archive_options(source=False)
def attest(
    path: str, field: str, values: tuple[str, ...], basis: str, replaces: str | None, by: str | None,
    files: tuple[str, ...], config: Path | None, no_config: bool, schemas: tuple[Path, ...],
) -> int:  # fmt: skip
    """Vouch for a value of a seed's record, in the sidecar beside it.

    PATH is a seed, or a folder with --files. A byline may have several VALUEs, one a person. What stands in the sidecar stays.
    """
    if len(values) > 1 and field != "byline":
        raise ConfigError(f"{field} has one value, {len(values)} were given; put the value in quotation marks")
    archive = opened(config, no_config, schemas)
    sidecar, text = _sidecar(archive, path, files)
    value = values[0] if len(values) == 1 else values
    try:
        new = write_attested(text, field, value, basis=basis, by=_name(by), on=today(), replaces=replaces, files=files)
    except SidecarError as error:
        raise ConfigError(str(error), str(sidecar)) from None
    write_atomically(sidecar, new.encode("utf-8"))
    click.echo(f"{printable(str(sidecar))}: {field} {printable(', '.join(values))}")
    if not files:
        _say_effect(judge(_fresh(archive), one_seed(archive, path)), field)
    return 0


@click.command()
@click.argument("path", type=click.Path())
@click.argument("rule")
@click.option("--reason", required=True, help="Why the finding is right to stay.")
@click.option("--at", metavar="LINE[:COLUMN]", help="Only the finding at this place.")
@click.option("--always", is_flag=True, help="All findings of the rule in this seed, those to come too.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The last day on which it holds."
)
@_BY
@_FILES
@archive_options(source=False)
def accept(
    path: str, rule: str, reason: str, at: str | None, always: bool, until: datetime | None, by: str | None,
    files: tuple[str, ...], config: Path | None, no_config: bool, schemas: tuple[Path, ...],
) -> int:  # fmt: skip
    """Accept what a rule finds in a seed, in the sidecar beside it.

    The findings that are there now are accepted, each for as long as its passage stays as it is; with --at only one of them,
    with --always whatever the rule will ever find in the seed. PATH is a seed, or a folder with --files: then always.
    """
    if rule not in RULES:
        check_rules([rule])
        raise ConfigError(f"{rule} is a family; name one rule of it")
    archive = opened(config, no_config, schemas)
    sidecar, text = _sidecar(archive, path, files)
    last_day = until.date() if until is not None else None
    if last_day is not None and last_day < today():
        raise ConfigError(f"--until {last_day} is in the past")
    keys: list[str | None] = [None]
    if not files and not always:
        keys = list(_keys(judge(archive, one_seed(archive, path)), rule, at))
    try:
        for key in keys:
            text = write_acceptance(
                text, rule, reason=reason, by=_name(by), on=today(), finding=key, until=last_day, files=files
            )
    except SidecarError as error:
        raise ConfigError(str(error), str(sidecar)) from None
    write_atomically(sidecar, text.encode("utf-8"))
    number = f"{len(keys)} findings" if len(keys) > 1 else "1 finding" if keys != [None] else "every finding"
    click.echo(f"{printable(str(sidecar))}: {number} of {rule} accepted")
    return 0


def _keys(report: SeedReport, rule: str, at: str | None) -> dict[str, None]:
    """What to name the findings by that are to be accepted."""
    found = [finding for finding in report.findings if finding.rule == rule and finding.status is Status.OPEN]
    if at is not None:
        found = [finding for finding in found if _stands_at(finding, at)]
    if not found:
        place = f" at {at}" if at is not None else ""
        raise ConfigError(f"there is no open finding of {rule}{place} in {report.path}")
    return {finding.key: None for finding in found}


def _stands_at(finding: Finding, at: str) -> bool:
    line, _, column = at.partition(":")
    if not line.isdecimal() or (column and not column.isdecimal()):
        raise ConfigError(f'--at is "{at}", expected LINE or LINE:COLUMN')
    return finding.start.line == int(line) and (not column or finding.start.column == int(column))


def _sidecar(archive: Archive, path: str, files: tuple[str, ...]) -> tuple[Path, str]:
    """The sidecar to write, and what stands in it."""
    place = Path(path)
    if place.is_dir():
        if not files:
            raise ConfigError(f'{path!r} is a folder: say with --files which of its seeds are meant (--files "*.txt")')
        sidecar = place / FOLDER_SIDECAR
    else:
        if files:
            raise ConfigError("--files goes with a folder")
        seed = one_seed(archive, path)
        sidecar = seed.path.with_name(seed.path.name + SUFFIX)
    if not sidecar.exists():
        return sidecar, ""
    content = read_seed(sidecar, LIMIT_BYTES)
    if isinstance(content, Unread):
        raise ConfigError(content.message, str(sidecar))
    try:
        return sidecar, content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("the sidecar is not UTF-8", str(sidecar)) from None


def _name(by: str | None) -> str:
    name = by or git_identity()
    if not name:
        raise ConfigError("say who you are: --by NAME, or `git config user.name NAME` once")
    return name


def _fresh(archive: Archive) -> Archive:
    """The archive without what it remembers of sidecars."""
    archive.folders.clear()
    return archive


def _say_effect(report: SeedReport, field: str) -> None:
    """Say what the record now holds; warn where the text has a word against it."""
    for finding in report.findings:
        if finding.rule in ("sidecar-disagrees", "sidecar-invalid"):
            click.echo(f"  but {printable(finding.message)}; name the text's value with --replaces to override it")
    value = report.record.get(field)
    if value is not None:
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        click.echo(f"  the record now has: {field} {printable(shown)}; the seed is {report.verdict}")
