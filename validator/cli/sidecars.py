"""`validator attest` and `validator accept`: what a curator says, written into a sidecar."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from validator.archive.discovery import discover, seed_at
from validator.archive.face import named_source
from validator.archive.git import git_identity
from validator.archive.opening import Archive, check_rules
from validator.archive.reading import read_seed, system_reason, today
from validator.archive.writing import held, write_atomically
from validator.cli.common import (
    RULES_OR_FAMILIES,
    archive_options,
    completed_by,
    in_words,
    judged,
    one_seed,
    opened,
    paragraph,
)
from validator.record.sidecar import FIELDS, FOLDER_SIDECAR, LIMIT_BYTES, SUFFIX, SidecarError
from validator.record.sidecar_writing import accept as write_acceptance
from validator.record.sidecar_writing import attest as write_attested
from validator.record.sidecar_writing import name_source
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.review.matters import NOT_ACCEPTED
from validator.rules import RULES
from validator.rules.views import Unread
from validator.text.errors import ConfigError, nearest
from validator.text.findings import Basis, Finding, SeedReport, Status
from validator.text.globs import matches_any

_BY = click.option("--by", metavar="NAME", show_default="your name in git's configuration", help="Who says so.")
_FILES = click.option("--files", multiple=True, metavar="GLOB", help="For a folder: the seeds it is about. Repeatable.")


SOURCE = "source"  # what `attest` calls that which is no value of the record


@click.command()
@click.argument("path", type=click.Path())
@click.argument("field", shell_complete=completed_by("fields"))
@click.argument("values", nargs=-1, required=True, metavar="VALUE...")
@click.option("--basis", help="Where the value comes from, so that another can look.")
@click.option("--replaces", metavar="VALUE", help="The value in the text that this one stands in for.")
@_BY
@_FILES
@archive_options(source=False)
def attest(
    path: str, field: str, values: tuple[str, ...], basis: str | None, replaces: str | None, by: str | None,
    files: tuple[str, ...], config: Path | None, no_config: bool, schemas: tuple[Path, ...],
) -> int:  # fmt: skip
    """Vouch for a value of a seed's record, in the sidecar beside it.

    PATH is a seed, or a folder with --files. A byline may have several VALUEs, one a person. What stands in the sidecar stays.

    FIELD is headline, byline, byline_kind (person, agency, publisher or unsigned), date_published (YYYY-MM-DD, or with
    THH:MM behind it), dateline, agency, publisher, source_url or language; each needs a --basis. Or it is source, and VALUE
    the source that the seed is of: that stands in the sidecar without a name, a day or a basis.
    """
    known = (*FIELDS, SOURCE)
    if field not in known:
        raise ConfigError(f'"{field}" is no field of the record ({", ".join(known)})', suggestion=nearest(field, known))
    if len(values) > 1 and field != "byline":
        raise ConfigError(f"{field} has one value, {len(values)} were given; put the value in quotation marks")
    if field == SOURCE:
        if basis is not None or replaces is not None or files or by is not None:
            raise ConfigError("the source of a seed goes without --basis, --replaces, --by and --files")
        return _attest_source(opened(config, no_config, schemas), path, values[0])
    if basis is None:
        raise click.UsageError("say with --basis where the value comes from", click.get_current_context())
    archive = opened(config, no_config, schemas)
    sidecar = _sidecar(archive, path, files)
    value = values[0] if len(values) == 1 else values
    name, day = _name(by), today()

    def write(text: str) -> str:
        return write_attested(text, field, value, basis=basis, by=name, on=day, replaces=replaces, files=files)

    _change(sidecar, write)
    click.echo(printable(f"{_name_of(sidecar, archive)}: {field} {', '.join(values)}"))
    if files:
        _say_number(archive, path, files)
    else:
        _say_effect(judged(archive, one_seed(archive, path)), field)
    return 0


def _attest_source(archive: Archive, path: str, source: str) -> int:
    named_source(source, "attest", archive.sources)
    sidecar = _sidecar(archive, path, ())
    _change(sidecar, lambda text: name_source(text, source))
    click.echo(printable(f"{_name_of(sidecar, archive)}: source {source}"))
    report = judged(archive, one_seed(archive, path))
    but = "" if report.source == source else "but something else comes before the sidecar: "
    paragraph(f"{but}the seed is of {report.source or 'no source'}; the seed is {report.verdict}", "  ", "    ")
    return 0


@click.command()
@click.argument("path", type=click.Path())
@click.argument("rule", shell_complete=RULES_OR_FAMILIES)
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
    if RULES[rule].view in NOT_ACCEPTED:
        raise ConfigError(f"{rule} cannot be accepted: {NOT_ACCEPTED[RULES[rule].view]}")
    if at is not None and (always or files):
        raise ConfigError("--at means one finding, --always and --files mean all of them")
    last_day = until.date() if until is not None else None
    if last_day is not None and last_day < today():
        raise ConfigError(f"--until {last_day} is in the past")
    archive = opened(config, no_config, schemas)
    sidecar = _sidecar(archive, path, files)
    keys: list[str | None] = [None]
    if not files and not always:
        keys = list(_keys(judged(_unfiltered(archive), one_seed(archive, path)), rule, at))
    name, day = _name(by), today()

    def write(text: str) -> str:
        for key in keys:
            text = write_acceptance(
                text, rule, reason=reason, by=name, on=day, finding=key, until=last_day, files=files
            )
        return text

    _change(sidecar, write)
    number = "every finding" if keys == [None] else counted(len(keys), "finding")
    click.echo(printable(f"{_name_of(sidecar, archive)}: {number} of {rule} accepted"))
    if files:
        _say_number(archive, path, files)
    else:
        _say_effect(judged(archive, one_seed(archive, path)))
    return 0


def _keys(report: SeedReport, rule: str, at: str | None) -> dict[str, None]:
    """What to name the findings by that are to be accepted."""
    found = [finding for finding in report.findings if finding.rule == rule and finding.status is Status.OPEN]
    if at is not None and not re.fullmatch(r"[0-9]{1,9}(:[0-9]{1,9})?", at):
        raise ConfigError(f'--at is "{at}", expected LINE or LINE:COLUMN')
    if at is not None:
        found = [finding for finding in found if _stands_at(finding, at)]
    if not found:
        place = f" at {at}" if at is not None else ""
        raise ConfigError(f"there is no open finding of {rule}{place} in {report.path}")
    return {finding.key: None for finding in found}


def _stands_at(finding: Finding, at: str) -> bool:
    line, _, column = at.partition(":")
    return finding.start.line == int(line) and (not column or finding.start.column == int(column))


def _sidecar(archive: Archive, path: str, files: tuple[str, ...]) -> Path:
    """The sidecar to write. Raises ConfigError unless the path is a seed, or a folder of which globs name the seeds."""
    if Path(path).is_dir():
        if not files:
            raise ConfigError(f'"{path}" is a folder: say with --files which of its seeds are meant (--files "*.txt")')
        return Path(path) / FOLDER_SIDECAR
    if files:
        raise ConfigError("--files goes with a folder")
    seed = one_seed(archive, path)
    return seed.path.with_name(seed.path.name + SUFFIX)


def _name_of(sidecar: Path, archive: Archive) -> str:
    """The sidecar's name as reports have it."""
    return seed_at(str(sidecar), archive.root).name


def _change(sidecar: Path, write: Callable[[str], str]) -> None:
    """Put what `write` makes of a sidecar's text in its place. Raises ConfigError where that cannot be done; then it is as
    it was.
    """
    try:
        with held(sidecar.parent):  # or of two at once the later would take away what the earlier one wrote
            old = _content(sidecar)
            new = write(old.decode("utf-8")).encode("utf-8")
            if _content(sidecar) != old:
                raise ConfigError("it was changed by somebody else just now; nothing was written", str(sidecar))
            write_atomically(sidecar, new)
    except SidecarError as error:
        raise ConfigError(str(error), str(sidecar)) from None
    except UnicodeDecodeError:
        raise ConfigError("the sidecar is not UTF-8", str(sidecar)) from None
    except UnicodeEncodeError:
        raise ConfigError("what is to be written is not UTF-8", str(sidecar)) from None
    except OSError as error:
        raise ConfigError(f"it cannot be written: {system_reason(error)}", str(sidecar)) from None


def _content(sidecar: Path) -> bytes:
    if not os.path.lexists(sidecar):
        return b""
    content = read_seed(sidecar, LIMIT_BYTES)
    if isinstance(content, Unread):
        raise ConfigError(content.message, str(sidecar))
    return content


def _name(by: str | None) -> str:
    name = by or git_identity()
    if not name:
        raise ConfigError("say who you are: --by NAME, or `git config user.name NAME` once")
    return name


def _unfiltered(archive: Archive) -> Archive:
    """The archive with no finding kept back: what the configuration does not show can be accepted too."""
    overrides = tuple(replace(override, select=(), ignore=()) for override in archive.settings.overrides)
    return replace(archive, settings=replace(archive.settings, select=(), ignore=(), overrides=overrides))


def _say_number(archive: Archive, folder: str, files: tuple[str, ...]) -> None:
    """Say how many seeds the globs of a folder's sidecar name today."""
    place = os.path.realpath(folder)
    inside = [os.path.relpath(seed.path, place) for seed in discover([place], archive.settings, archive.root).seeds]
    number = sum(matches_any(files, name.replace(os.sep, "/")) for name in inside)
    paragraph(f"{counted(number, 'seed')} of this folder {'has' if number == 1 else 'have'} such a name", "  ")


def _say_effect(report: SeedReport, field: str | None = None) -> None:
    """Say what the record now holds, and what is wrong with it; warn where the text has a word against it."""
    for finding in report.findings:
        if finding.rule == "sidecar-disagrees":
            paragraph(f"but {finding.message}; name the text's value with --replaces to override it", "  ", "    ")
        elif finding.rule == "sidecar-invalid":
            paragraph(f"but {finding.message}", "  ", "    ")
    verdict = f"the seed is {report.verdict}"
    values = [value for value in report.values if value.field == field]
    disagrees = any(finding.rule == "sidecar-disagrees" for finding in report.findings)
    if values and not disagrees and all(value.basis is Basis.STATED for value in values):
        paragraph(
            "but the text states it already, and the text wins; --replaces puts your value in its place", "  ", "    "
        )
    if field is None:
        paragraph(verdict, "  ", "    ")
    elif field in report.record:
        paragraph(f"the record now has: {field} {in_words(report.record[field])}; {verdict}", "  ", "    ")
    else:
        paragraph(f"the record has no {field}; {verdict}", "  ", "    ")
