"""Settings of a run, read from `[tool.validator]` of a pyproject.toml or from a validator.toml. Text in, settings out.

schemas = ["newsroom/schemas"]    # folders of source schemas, beside the ones that come with the program
include = ["*.txt", "*.md"]       # what counts as a seed in a folder
exclude = ["drafts/"]             # what is never checked
select = ["encoding", "quotes"]   # rules or families that are shown; none given: all
ignore = ["blank-lines"]          # rules or families that are not
fail-on = "warning"               # the least severity that makes the run fail: error, warning, info or never
limit-bytes = 16777216            # larger seeds are not read
limit-seconds = 60                # a seed that takes more processor time is unchecked; 0 means no limit
jobs = 2                          # worker processes; not given: as it pays
baseline = "known.jsonl"          # a file of findings that are set aside; without it none
strict-baseline = true            # a run fails too where the baseline holds what is not found any more

[sources]                         # what the seeds at a place are
"gov/**" = "mod-gov-cn"

[[overrides]]                     # the same for some paths: later ones win, `ignore` adds up
paths = ["old/**"]
ignore = ["whitespace"]
fail-on = "never"
source = "plain-text"
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from validator.text.errors import ConfigError, nearest
from validator.text.globs import glob_pattern, matches_any

FAIL_ON = ("error", "warning", "info", "never")
BASELINE_NAME = "validator-baseline.jsonl"  # of a baseline that nothing names otherwise
DEFAULT_INCLUDE = ("*.txt", "*.md", "*.markdown", "*.html", "*.htm")
DEFAULT_LIMIT_BYTES = 16 * 1024 * 1024
DEFAULT_LIMIT_SECONDS = 60

_Path = tuple[str | int, ...]


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
    sources: tuple[tuple[str, str], ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class PathSettings:
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

    reader = _Reader(text, name, frozenset({*known_rules, *families}), frozenset(known_sources))
    path: _Path = ()
    if name == "pyproject.toml":
        for key in ("tool", "validator"):
            path = (*path, key)
            if key not in document:
                return Settings()
            document = reader.table(document[key], path)
    return reader.settings(document, path)


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


def _shown(value: object) -> str:
    """A value as messages show it."""
    import json

    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, (str, bool)) else str(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"


class _Reader:
    """Checks the values of one configuration, and knows the line of each."""

    def __init__(self, text: str, name: str, rules: frozenset[str], sources: frozenset[str]) -> None:
        self._text = text
        self._name = name
        self._rules = rules
        self._sources = sources

    def fail(self, path: _Path, message: str, suggestion: str | None = None) -> ConfigError:
        return ConfigError(message, self._name, _line_of(path, self._text), suggestion)

    def settings(self, table: dict[str, Any], path: _Path) -> Settings:
        self.keys(
            table,
            path,
            (
                *("schemas", "include", "exclude", "select", "ignore", "fail-on"),
                *("limit-bytes", "limit-seconds", "jobs", "baseline", "strict-baseline", "sources", "overrides"),
            ),
        )
        if table.get("include") == []:
            raise self.fail((*path, "include"), "include is empty, so that nothing in a folder would count as a seed")
        default = Settings()
        limit_seconds = self.count(table, path, "limit-seconds", least=0)
        return Settings(
            schemas=self.texts(table, path, "schemas"),
            include=self.globs(table, path, "include") or default.include,
            exclude=self.globs(table, path, "exclude"),
            select=self.rules(table, path, "select"),
            ignore=self.rules(table, path, "ignore"),
            fail_on=self.fail_on(table, path) or default.fail_on,
            limit_bytes=self.count(table, path, "limit-bytes") or default.limit_bytes,
            limit_seconds=default.limit_seconds if limit_seconds is None else limit_seconds,
            jobs=self.count(table, path, "jobs"),
            baseline=self.file(table, path, "baseline"),
            strict_baseline=self.flag(table, path, "strict-baseline"),
            sources=self.sources(table, path),
            overrides=self.overrides(table, path),
        )

    def overrides(self, table: dict[str, Any], path: _Path) -> tuple[Override, ...]:
        path = (*path, "overrides")
        entries = table.get("overrides", [])
        if not isinstance(entries, list):
            raise self.fail(path, "overrides is one table, expected a list of them: [[overrides]]")
        overrides = []
        for number, entry in enumerate(entries):
            place = (*path, number)
            self.table(entry, place)
            self.keys(entry, place, ("paths", "select", "ignore", "fail-on", "source"))
            if not entry.get("paths"):
                raise self.fail((*place, "paths"), "an override names no paths")
            overrides.append(
                Override(
                    paths=self.globs(entry, place, "paths"),
                    select=self.rules(entry, place, "select"),
                    ignore=self.rules(entry, place, "ignore"),
                    fail_on=self.fail_on(entry, place),
                    source=self.source(entry["source"], (*place, "source")) if "source" in entry else None,
                )
            )
        return tuple(overrides)

    def sources(self, table: dict[str, Any], path: _Path) -> tuple[tuple[str, str], ...]:
        path = (*path, "sources")
        entries = self.table(table.get("sources", {}), path)
        return tuple(
            (self.glob(glob, (*path, glob)), self.source(entry, (*path, glob))) for glob, entry in entries.items()
        )

    def source(self, value: object, path: _Path) -> str:
        if not isinstance(value, str):
            raise self.fail(path, f"a source is {_shown(value)}, expected the id of one")
        if self._sources and value not in self._sources:
            raise self.fail(path, f"no source is called {_shown(value)}", nearest(value, self._sources))
        return value

    def table(self, value: object, path: _Path) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.fail(path, f"{_key_name(path)} is {_shown(value)}, expected a table")
        return value

    def keys(self, table: dict[str, Any], path: _Path, known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                raise self.fail((*path, key), f"unknown key {_shown(key)}", nearest(key, known))

    def texts(self, table: dict[str, Any], path: _Path, key: str) -> tuple[str, ...]:
        values = table.get(key, [])
        if not isinstance(values, list):
            raise self.fail((*path, key), f"{key} is {_shown(values)}, expected a list")
        for number, value in enumerate(values):
            if not isinstance(value, str) or not value or "\0" in value:
                raise self.fail((*path, key, number), f"{key} holds {_shown(value)}, expected text")
        return tuple(values)

    def globs(self, table: dict[str, Any], path: _Path, key: str) -> tuple[str, ...]:
        values = self.texts(table, path, key)
        return tuple(self.glob(value, (*path, key, number)) for number, value in enumerate(values))

    def glob(self, value: str, path: _Path) -> str:
        if not value or value.startswith("!"):
            raise self.fail(path, f"{_shown(value)} is no glob (there is no negation)")
        return value

    def rules(self, table: dict[str, Any], path: _Path, key: str) -> tuple[str, ...]:
        values = self.texts(table, path, key)
        for number, value in enumerate(values):
            if self._rules and value not in self._rules:
                message = f"{key}: no rule or family is called {_shown(value)}"
                raise self.fail((*path, key, number), message, nearest(value, self._rules))
        return values

    def fail_on(self, table: dict[str, Any], path: _Path) -> str | None:
        value = table.get("fail-on")
        if value is None:
            return None
        if value not in FAIL_ON:
            message = f"fail-on is {_shown(value)}, expected one of {', '.join(FAIL_ON)}"
            raise self.fail((*path, "fail-on"), message, nearest(value, FAIL_ON) if isinstance(value, str) else None)
        return str(value)

    def count(self, table: dict[str, Any], path: _Path, key: str, least: int = 1) -> int | None:
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.fail((*path, key), f"{key} is {_shown(value)}, expected a whole number from {least} on")
        return value

    def file(self, table: dict[str, Any], path: _Path, key: str) -> str | None:
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value or "\0" in value:
            raise self.fail((*path, key), f"{key} is {_shown(value)}, expected the name of a file")
        return value

    def flag(self, table: dict[str, Any], path: _Path, key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self.fail((*path, key), f"{key} is {_shown(value)}, expected true or false")
        return value


def _key_name(path: _Path) -> str:
    return ".".join(str(part) for part in path if isinstance(part, str))


# What may complete a text that was cut at the end of a line within a list, an inline table or a text of several lines.
_ENDS = ("", "]", "]]", "]}", "]}]", '"""', "'''", '"""]', "''']")


def _line_of(path: _Path, text: str) -> int:
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


def _has(document: Any, path: _Path) -> bool:
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
