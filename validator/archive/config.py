"""Settings of a run, read from `[tool.validator]` of a pyproject.toml or from a validator.toml. Text in, settings out.

`schemas/config.schema.json` describes every key, and `docs/configuration.md` has an example.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from validator.sources.json_schema import check
from validator.sources.schema_errors import Path
from validator.text.errors import ConfigError, nearest
from validator.text.globs import glob_pattern, matches_any
from validator.text.places import shown
from validator.text.tables import own_schema

FAIL_ON = ("error", "warning", "info", "never")
BASELINE_NAME = "validator-baseline.jsonl"  # of a baseline that nothing names otherwise
DEFAULT_INCLUDE = ("*.txt", "*.md", "*.markdown", "*.html", "*.htm")
DEFAULT_LIMIT_BYTES = 16 * 1024 * 1024
DEFAULT_LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Override:
    """Settings of the seeds that one of the globs `paths` matches. None or empty means no change."""

    paths: tuple[str, ...]
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a run. Folders and globs are relative to the root; `sources` pairs a glob with the id of a source.

    `select` empty means every rule; `jobs` None means as many workers as pay. `baseline` is a file, relative to the root too.
    `rule_url` is the address of the page of a rule, with `{rule}` for its name.
    """

    schemas: tuple[str, ...] = ()
    include: tuple[str, ...] = DEFAULT_INCLUDE
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "error"
    limit_bytes: int = DEFAULT_LIMIT_BYTES
    limit_seconds: int = DEFAULT_LIMIT_SECONDS
    jobs: int | None = None
    baseline: str | None = None
    strict_baseline: bool = False
    rule_url: str | None = None
    sources: tuple[tuple[str, str], ...] = ()
    overrides: tuple[Override, ...] = ()


class PathSettings(NamedTuple):
    """The settings for the seed at one path. `source` is the id that a glob of the configuration gives it, if any."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "error"
    source: str | None = None


def settings_for(settings: Settings, path: str) -> PathSettings:
    """The settings for the seed at `path`, its name relative to the root. The last match wins."""
    select, ignore, fail_on = settings.select, settings.ignore, settings.fail_on
    source = None
    for glob, identifier in settings.sources:
        if glob_pattern(glob).match(path):
            source = identifier
    for override in settings.overrides:
        if matches_any(override.paths, path):
            select = override.select or select
            ignore += tuple(name for name in override.ignore if name not in ignore)
            fail_on = override.fail_on or fail_on
            source = override.source or source
    return PathSettings(select, ignore, fail_on, source)


def read_config(
    text: str,
    name: str,
    *,
    known_rules: Collection[str] = (),
    families: Collection[str] = (),
    known_sources: Collection[str] = (),
) -> Settings:
    """The settings in a configuration's text; the defaults if it has none for this program.

    `name` is the file's name; a pyproject.toml has them in a table of their own. Names of rules, families and sources are checked
    if any known ones are given.
    Sources are known only after the folders named here were read, so a caller may read the text twice.
    Raises ConfigError with the line.
    """
    try:
        document: Any = read_toml(text)
    except ValueError as error:
        raise ConfigError(*_syntax(str(error), text, name)) from None
    except RecursionError:
        raise ConfigError("nested too deeply", name, 1) from None

    path: Path = ()
    for key in ("tool", "validator") if name == "pyproject.toml" else ():
        path = (*path, key)
        if key not in document:
            return Settings()
        document = document[key]
        if not isinstance(document, dict):
            raise ConfigError(f"{'.'.join(map(str, path))} is not a table", name, _line_of(path, text))

    def fail(at: Path, message: str, suggestion: str | None) -> ConfigError:
        return ConfigError(message, name, _line_of((*path, *at), text), suggestion)

    problems = check(own_schema("config.schema.json"), document, "the configuration", at_most=100)
    for problem in sorted(problems, key=lambda each: each.unknown is None):
        raise fail(problem.path, shown(problem.said, 1000), problem.suggestion)
    rules, sources = frozenset({*known_rules, *families}), frozenset(known_sources)
    for at, value, is_source in _names(document):
        known = sources if is_source else rules
        if known and value not in known:
            what = "no source" if is_source else f"{at[-2]}: no rule or family"
            raise fail(at, f'{what} is called "{shown(value, 80)}"', nearest(value, known))
    return _settings(document)


def _names(document: dict[str, Any]) -> Iterator[tuple[Path, str, bool]]:
    """The names of rules, families and sources in a valid configuration, their paths, and whether they are sources."""
    overrides = [(("overrides", number), entry) for number, entry in enumerate(document.get("overrides", ()))]
    for path, table in [((), document), *overrides]:
        for key in ("select", "ignore"):
            yield from (((*path, key, number), value, False) for number, value in enumerate(table.get(key, ())))
        if "source" in table:
            yield (*path, "source"), table["source"], True
    yield from ((("sources", glob), identifier, True) for glob, identifier in document.get("sources", {}).items())


def _settings(document: dict[str, Any]) -> Settings:
    """The settings in a valid configuration."""

    def plain(value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else int(value) if isinstance(value, float) else value  # 2.0

    def fields(table: dict[str, Any]) -> dict[str, Any]:
        return {key.replace("-", "_"): plain(value) for key, value in table.items()}

    overrides = tuple(Override(**fields(entry)) for entry in document.get("overrides", ()))
    sources = tuple(document.get("sources", {}).items())
    return Settings(**{**fields(document), "sources": sources, "overrides": overrides})


@lru_cache(maxsize=2)
def read_toml(text: str) -> dict[str, Any]:
    """The content of a text in TOML; it must not be changed. Raises ValueError and RecursionError.

    Cached, since a configuration is searched, read, and read again when its sources are known.
    """
    from tomllib import loads

    return loads(text)


def _syntax(message: str, text: str, name: str) -> tuple[str, str, int]:
    """Message, file and line of a TOML error; the line is taken from its message."""
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    last = text.count("\n") + 1
    if place is None:
        return f"not TOML: {message}", name, 1
    line = int(place[1]) if place[1] else last
    return f"not TOML: {message[: place.start()][:1].lower()}{message[1 : place.start()]}", name, line


# What may complete a text that was cut at the end of a line within a list, an inline table or a text of several lines.
_ENDS = ("", "]", "]]", "]}", "]}]", '"""', "'''", '"""]', "''']")


def _line_of(path: Path, text: str) -> int:
    """The line, from 1, of a key or list entry, or of the nearest one above it, in a text that is TOML.

    tomllib does not tell. The line is the first up to which the text, cut there and completed, has the key.
    """
    lines = text.split("\n")
    while path and not _has(read_toml(text), path):
        path = path[:-1]

    def has_until(number: int) -> bool:
        """Whether the key is there up to a line, or up to the next one at which the text can be cut."""
        for last in range(number, len(lines) + 1):
            for end in _ENDS:
                with suppress(ValueError):
                    return _has(read_toml("\n".join((*lines[:last], end))), path)
        return True

    return bisect_left(range(1, len(lines) + 1), True, key=has_until) + 1


def _has(document: Any, path: Path) -> bool:
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
