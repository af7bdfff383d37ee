"""The Python face: `validate`, over the engine, with the source schemas that ship with the program."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from validator.config import Settings, settings_for
from validator.engine import check_seed, unread_seed
from validator.errors import ConfigError, nearest
from validator.files import read_schemas, read_text, schemas_folder
from validator.rules import RULES
from validator.sidecars import SUFFIX, Sidecar, read_sidecar
from validator.source_schema import read_sources
from validator.sources import Claim, Source, Sources
from validator.views import Unread

if TYPE_CHECKING:
    from pathlib import Path

    from validator.findings import SeedReport


def load_sources(folders: Sequence[Path] = (), root: Path | None = None, *, strict: bool = False) -> dict[str, Source]:
    """The sources that ship with the program, and those of other folders of schemas; a later one of the same id wins.

    The program's own files are held against the meta-schema by its tests, and here only if `strict`.

    Raises ConfigError, with file and line, for a schema that is not one.
    """
    own = read_schemas(schemas_folder())
    others = [entry for folder in folders for entry in read_schemas(folder, root)]
    if not others:
        return dict(_own_sources(tuple(own)))
    meta_schema = read_text(schemas_folder() / "source.schema.json")
    options = {rule.name: rule.options for rule in RULES.values()}
    return read_sources([*own, *others], meta_schema, options, known={} if strict else dict(own))


@lru_cache(maxsize=2)
def _own_sources(files: tuple[tuple[str, str], ...]) -> dict[str, Source]:
    return read_sources(files)


@lru_cache(maxsize=1)
def own_sources() -> dict[str, Source]:
    """The sources that ship with the program, read once."""
    return load_sources()


def named_source(identifier: str, by: str, sources: Sources) -> Claim:
    """The claim that a seed is of a source. Raises ConfigError, with the nearest name, where there is no such source."""
    if identifier not in sources:
        raise ConfigError(f'{by}: no source is called "{identifier}"', suggestion=nearest(identifier, sources))
    return Claim(identifier, by)


def validate(
    data: bytes | str,
    *,
    source: str | None = None,
    path: str | None = None,
    sidecar: str | bytes | Sidecar | Sequence[Sidecar] | None = None,
    sources: Sources | None = None,
    settings: Settings | None = None,
    today: date | None = None,
) -> SeedReport:
    """Check one seed and say what is wrong where.

    `data` are the seed's bytes; text counts as UTF-8. `source` names its source; else it is identified, for which `path`, the
    seed's name relative to the archive's root, is one sign. `sidecar` is the text of the sidecar beside it, or sidecars
    already read, nearest first. `sources` are those that `validator.face.load_sources` gives, by default the program's own.
    Of `settings` the size limit and the globs that name sources count; which findings are shown is the caller's matter.
    `today` is the day on which acceptances expire and dates lie in the future; without it neither is judged.

    Raises ConfigError for a source that does not exist, and where this machine does not know its time zone. No bytes make it
    raise.
    """
    sources = own_sources() if sources is None else sources
    settings = settings or Settings()
    found = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
    if len(found) > settings.limit_bytes:
        message = f"the seed has {len(found):,} bytes, more than the limit of {settings.limit_bytes:,}"
        return unread_seed(path or "-", Unread("file-too-large", message))
    claim = named_source(source, "the caller", sources) if source is not None else None
    if claim is None and path is not None:
        configured = settings_for(settings, path).source
        claim = named_source(configured, "the configuration", sources) if configured is not None else None
    return check_seed(found, sources, path=path, claim=claim, sidecars=_sidecars(sidecar, path), today=today)


def _sidecars(sidecar: str | bytes | Sidecar | Sequence[Sidecar] | None, path: str | None) -> Sequence[Sidecar]:
    if sidecar is None:
        return ()
    if isinstance(sidecar, str | bytes):
        name = (path or "seed") + SUFFIX
        return (read_sidecar(sidecar, name, known_rules=RULES),)
    return (sidecar,) if isinstance(sidecar, Sidecar) else sidecar
