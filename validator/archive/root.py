"""The root of an archive, its configuration file, and the folders of schemas."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from validator.archive.config import DEFAULT_LIMIT_BYTES, read_toml
from validator.archive.reading import read_seed, system_errors_as
from validator.archive.seeds import name_under
from validator.rules.views import Unread
from validator.text.errors import ConfigError

CONFIG_NAMES = ("validator.toml", "pyproject.toml")

Place = Callable[[Path], Path]  # where to read the file or folder of a path: there, or a copy of it


def as_it_stands(path: Path) -> Path:
    """The place of a file that is read at its own path."""
    return path


def whole_path(path: str | Path) -> str:
    """The absolute path of a file, with links in its folder's path resolved; the file itself may be a link."""
    head, tail = os.path.split(os.path.abspath(path) if os.path.basename(path) in ("", ".", "..") else path)
    return os.path.join(os.path.realpath(head), tail)


def find_config(start: Path, place: Place = as_it_stands) -> Path | None:
    """The nearest configuration from `start` upwards: a validator.toml, or a pyproject.toml with settings of this program.

    A pyproject.toml that is not TOML counts if it contains `tool.validator`, so that reading it reports the error.
    Raises ConfigError for one that cannot be read.
    """
    for path in config_candidates(start):
        at = place(path)
        if not os.path.isfile(at):
            continue
        if path.name == CONFIG_NAMES[0] or speaks_of_us(read_text(at, shown=str(path))):
            return path
    return None


def config_candidates(start: Path) -> Iterator[Path]:
    """The files to look for, from `start` upwards; the first that is a configuration is used."""
    start = Path(os.path.realpath(start))
    for folder in (start, *start.parents):
        for name in CONFIG_NAMES:
            yield folder / name


def speaks_of_us(text: str) -> bool:
    """Whether the text of a pyproject.toml has settings of this program, or may have them if it is not TOML."""
    if "validator" not in text and "\\" not in text:  # nor written with escapes
        return False
    try:
        tool = read_toml(text).get("tool")
    except (ValueError, RecursionError):
        return "tool.validator" in text
    return isinstance(tool, dict) and "validator" in tool


def find_root(start: Path, config: Path | None) -> Path:
    """The folder that names are relative to: the configuration's, else the top of the repository, else `start`."""
    if config is not None:
        return Path(os.path.realpath(config)).parent
    start = Path(os.path.realpath(start))
    return Path(repository_of(str(start)) or start)


def repository_of(folder: str) -> str | None:
    """The top of the repository that a folder lies in. Does not need git."""
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def schemas_folder() -> Path:
    """The folder of the program's own schemas. Raises ConfigError if it is missing."""
    return _own_folder("schemas")


def templates_folder() -> Path:
    """The folder of the program's own files for CI. Raises ConfigError if it is missing."""
    return _own_folder("templates")


def _own_folder(name: str) -> Path:
    """A folder that comes with the program: inside the package if installed, else beside it."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / f"_{name}", package.parent / name):
        if folder.is_dir():
            return folder
    raise ConfigError(f"the {name} that come with the program are missing: install it again")


def project_addresses() -> dict[str, str]:
    """The addresses that the installed package names, by their labels in small letters; none if it is not installed."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        entries = metadata("seed-validator").get_all("Project-URL") or []
    except PackageNotFoundError:
        return {}
    return {label.lower(): address.strip() for label, _, address in (entry.partition(",") for entry in entries)}


def read_text(path: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES, shown: str | None = None) -> str:
    """The text of a configuration, a schema or a case. Raises ConfigError, which names it `shown`, unless it is UTF-8."""
    name = str(path) if shown is None else shown
    content = read_seed(path, limit_bytes)
    if isinstance(content, Unread):
        raise ConfigError(content.message, name)
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"byte 0x{content[error.start]:02x} is not UTF-8", name, line) from None


def read_schemas(folder: Path, root: Path | None = None, place: Place = as_it_stands) -> list[tuple[str, str]]:
    """The source schemas (`*.yaml`) of a folder, sorted: name as shown in messages, and text. Raises ConfigError."""
    shown = name_under(str(folder), str(root)) if root is not None else str(folder)
    at = place(folder)
    with system_errors_as("the folder of schemas cannot be listed", shown):
        names = sorted(filter(is_schema, os.listdir(at)))
    return [(f"{shown}/{name}", read_text(at / name, shown=f"{shown}/{name}")) for name in names]


def is_schema(name: str) -> bool:
    """Whether a file of this name in a folder of schemas is a schema."""
    return name.endswith((".yaml", ".yml")) and not name.startswith(".")
