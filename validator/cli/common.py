"""What several commands share: options, the terminal, and the one seed that a command is about."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from validator.archive.discovery import discover
from validator.archive.opening import Archive, Request, judge, open_archive
from validator.archive.reading import today
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.record.sidecar import FOLDER_SIDECAR
from validator.reports.display import wrap
from validator.reports.escaping import printable
from validator.rules.views import Unread
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Verdict

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

UNJUDGED = (Verdict.UNREADABLE, Verdict.MALFORMED, Verdict.UNIDENTIFIED)  # exit code 1, whatever is selected

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

Completer = Callable[["click.Context", "click.Parameter", str], "list[CompletionItem]"]


def completed_by(kind: str) -> Completer:
    """What completes names of a kind in a shell; nothing of it is imported before a shell asks."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from validator.cli import completion

        found: list[CompletionItem] = getattr(completion, f"names_of_{kind}")(context, parameter, incomplete)
        return found

    return complete


RULES_OR_FAMILIES = completed_by("rules")

_CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    show_default="the nearest upwards",
    help="The configuration file.",
)
_NO_CONFIG = click.option("--no-config", is_flag=True, help="Use no configuration file.")
_SCHEMAS = click.option(
    "--schemas",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    multiple=True,
    help="A folder with more source schemas. Repeatable.",
)
_SOURCE = click.option(
    "--source", metavar="ID", shell_complete=completed_by("sources"), help="The source that the seeds are of."
)

LIMIT_SECONDS = click.option(
    "--limit-seconds",
    type=click.IntRange(min=0),
    metavar="N",
    show_default="60, or what the configuration says",
    help="The processor time that one seed may take; 0 means no limit.",
)


def archive_options(source: bool = True) -> Decorator:
    """--config, --no-config, --schemas and, if asked for, --source."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (_SOURCE,) * source + (_SCHEMAS, _NO_CONFIG, _CONFIG):
            command = option(command)
        return command

    return decorate


def names(values: tuple[str, ...]) -> tuple[str, ...]:
    """The names in values that may each hold several, with commas between them."""
    return tuple(name for value in values for part in value.split(",") if (name := part.strip()))


def make_request(config: Path | None, no_config: bool, schemas: tuple[Path, ...], **more: Any) -> Request:
    """The request of a run that starts in the working directory, today."""
    if config is not None and no_config:
        raise ConfigError("--config and --no-config were both given")
    if config is not None and not config.is_file():
        raise ConfigError("there is no such configuration file", str(config))
    for folder in schemas:
        if not folder.is_dir():
            raise ConfigError("there is no such folder of schemas", str(folder))
    return Request(
        Path.cwd(), config.absolute() if config else None, no_config,
        tuple(folder.absolute() for folder in schemas), today=today(), **more,
    )  # fmt: skip


def one_seed(archive: Archive, path: str) -> Seed:
    """The seed at a path given to a command. Raises ConfigError unless there is just that one."""
    if not os.path.lexists(path):
        raise ConfigError(f'there is no file "{path}"')
    if Path(path).is_dir() or Path(path).name == FOLDER_SIDECAR:
        raise ConfigError(f'"{path}" is a folder or stands for one, expected a seed')
    found = discover([path], archive.settings, archive.root)
    if found.excluded:
        raise ConfigError(f'"{path}" is excluded by the configuration')
    if not found.seeds:
        raise ConfigError(f'"{path}" is a sidecar beside which no seed stands')
    return found.seeds[0]


def judged(archive: Archive, seed: Seed, content: bytes | Unread | None = None) -> SeedReport:
    """The report of one seed; where the program fails on it, one that says so."""
    if isinstance(content, bytes):
        seed = replace(seed, size=len(content))
    return next(run([seed], lambda seed: judge(archive, seed, content), 1, limit_seconds=archive.limit_seconds))


def opened(config: Path | None, no_config: bool, schemas: tuple[Path, ...], **more: Any) -> Archive:
    """The archive that a command works on."""
    return open_archive(make_request(config, no_config, schemas, **more))


def has_color(out: TextIO) -> bool:
    """Whether a stream is a terminal that shows colors to somebody who wants them."""
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width_for(out: TextIO) -> int:
    """How many cells a line of text may take: as the terminal is wide, 120 at most; 80 where there is none."""
    try:
        columns = os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return max(20, min(columns, 120)) if columns else 80


def paragraph(text: str, indent: str = "", hanging: str | None = None) -> None:
    """Print a text, wrapped at the width of the terminal."""
    for line in wrap(printable(text), width_for(sys.stdout), indent, hanging):
        click.echo(line)


def in_words(value: Any) -> str:
    """A value of the record as it is shown: several names with commas, the parts of a dateline by name."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items() if part is not None)
    return str(value)


def headed(text: str) -> str:
    """A text in bold, where colors are."""
    return click.style(text, bold=True) if has_color(sys.stdout) else text
