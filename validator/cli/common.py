"""What several commands share: options, and finding the one seed that a command is about."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from validator.archive import Archive, Request, open_archive
from validator.errors import ConfigError
from validator.files import Seed, discover, today

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path), help="The configuration file. [default: the nearest]"
)
_NO_CONFIG = click.option("--no-config", is_flag=True, help="Use no configuration file.")
_SCHEMAS = click.option(
    "--schemas", type=click.Path(path_type=Path), multiple=True, help="A folder with more source schemas. Repeatable."
)
_SOURCE = click.option("--source", metavar="ID", help="The source that the seeds are of.")


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
        raise ConfigError(f"there is no file {path!r}")
    if Path(path).is_dir():
        raise ConfigError(f"{path!r} is a folder, expected a seed")
    found = discover([path], archive.settings, archive.root)
    if len(found.seeds) != 1:
        raise ConfigError(f"{path!r} is excluded by the configuration")
    return found.seeds[0]


def opened(config: Path | None, no_config: bool, schemas: tuple[Path, ...], **more: Any) -> Archive:
    """The archive that a command works on."""
    return open_archive(make_request(config, no_config, schemas, **more))
