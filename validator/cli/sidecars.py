"""What `validator attest`, `validator accept` and `validator reject` share: the sidecar, its change, and what comes of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from validator.archive.discovery import discover, seed_at
from validator.archive.git import git_identity
from validator.archive.opening import Archive
from validator.archive.reading import read_seed, system_errors_as
from validator.archive.writing import held, write_atomically
from validator.cli.chosen import judged, one_seed
from validator.cli.options import ArchiveOptions, argument, by_option, option
from validator.cli.terminal import paragraph, paragraphs
from validator.record.sidecar import FOLDER_SIDECAR, LIMIT_BYTES, SidecarError
from validator.reports.escaping import printable
from validator.reports.words import counted, in_words
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import Basis
from validator.text.globs import matches_any


@dataclass(frozen=True, slots=True, kw_only=True)
class CuratorOptions(ArchiveOptions):
    """The options of what a curator says about a seed."""

    path: str = argument(type=click.Path())
    by: str | None = by_option("Who says so.")

    @property
    def curator(self) -> str:
        """The name that the entry gets. Raises ConfigError."""
        name = self.by or git_identity()
        if not name:
            raise ConfigError("say who you are: --by NAME, or `git config user.name NAME` once")
        return name


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarOptions(CuratorOptions):
    """The options of what may be said about the seeds of a folder too."""

    files: tuple[str, ...] = option(
        "--files", multiple=True, metavar="GLOB", help="For a folder: the seeds it is about. Repeatable."
    )

    def sidecar(self, archive: Archive) -> Path:
        """The sidecar to write. Raises ConfigError unless the path is a seed, or a folder with --files."""
        if Path(self.path).is_dir():
            if not self.files:
                raise ConfigError(
                    f'"{self.path}" is a folder: say with --files which of its seeds are meant (--files "*.txt")'
                )
            return Path(self.path) / FOLDER_SIDECAR
        if self.files:
            raise ConfigError("--files goes with a folder")
        return one_seed(archive, self.path).sidecar


def write_entry(sidecar: Path, archive: Archive, write: Callable[[str], str], what: str) -> None:
    """Change a sidecar, and print what was written."""
    change(sidecar, write)
    click.echo(printable(f"{seed_at(str(sidecar), archive.root).name}: {what}"))


def change(sidecar: Path, write: Callable[[str], str]) -> None:
    """Replace a sidecar's text by the result of `write`. Raises ConfigError; then the sidecar is unchanged."""
    try:
        # Two at once would lose what one of them wrote.
        with system_errors_as("it cannot be written", str(sidecar)), held(sidecar.parent):
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


def _content(sidecar: Path) -> bytes:
    if not os.path.lexists(sidecar):
        return b""
    content = read_seed(sidecar, LIMIT_BYTES)
    if isinstance(content, Unread):
        raise ConfigError(content.message, str(sidecar))
    return content


def say_effect(options: SidecarOptions, archive: Archive, field: str | None = None) -> None:
    """Print the value that the record now has, the verdict, and any contradiction with the text.

    For a folder, print how many of its seeds the globs match today.
    """
    if options.files:
        place = os.path.realpath(options.path)
        inside = [os.path.relpath(seed.path, place) for seed in discover([place], archive.settings, archive.root).seeds]
        number = sum(matches_any(options.files, name.replace(os.sep, "/")) for name in inside)
        paragraph(f"{counted(number, 'seed')} of this folder {'has' if number == 1 else 'have'} such a name", "  ")
        return
    report = judged(archive, one_seed(archive, options.path))
    disagrees = any(finding.rule == "sidecar-disagrees" for finding in report.findings)
    values = [value for value in report.values if value.field == field]
    lines = []
    for finding in report.findings:
        if finding.rule == "sidecar-disagrees":
            lines.append(f"but {finding.message}; name the text's value with --replaces to override it")
        elif finding.rule == "sidecar-invalid":
            lines.append(f"but {finding.message}")
    if values and not disagrees and all(value.basis is Basis.STATED for value in values):
        lines.append(
            "the text says it too: it is confirmed now, which settles any dispute about it; the text's value stays"
        )
    verdict = f"the seed is {report.verdict}"
    if field is None:
        lines.append(verdict)
    elif field in report.record:
        lines.append(f"the record now has: {field} {in_words(report.record[field])}; {verdict}")
    else:
        lines.append(f"the record has no {field}; {verdict}")
    paragraphs(lines, "  ", "    ")
