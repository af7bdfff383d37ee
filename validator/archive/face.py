"""The Python interface: `validate` and `repair` on bytes, with the source schemas that ship with the program."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from validator.archive.config import Settings, settings_for
from validator.archive.reading import bounded
from validator.archive.root import Place, as_it_stands, read_schemas, schemas_folder
from validator.engine.checking import check_seed, unread_seed
from validator.record.sidecar import SIDECAR_SUFFIX, Sidecar
from validator.record.sidecar_reading import read_sidecar
from validator.rules import RULES
from validator.rules.views import Unread
from validator.sources.identify import Claim
from validator.sources.model import Source, Sources
from validator.sources.schema_file import read_sources
from validator.text.errors import ConfigError, nearest
from validator.text.tables import own_schema

if TYPE_CHECKING:
    from pathlib import Path

    from validator.repairs.repairing import Repaired
    from validator.text.findings import SeedReport


Files = Sequence[tuple[str, str]]  # the name of each and its text


def load_sources(folders: Sequence[Path] = (), root: Path | None = None, *, strict: bool = False) -> dict[str, Source]:
    """The sources that ship with the program, and those of other folders of schemas; a later one of the same id wins.

    The program's own schemas are checked against the meta-schema by its tests, and here only if `strict`.
    Raises ConfigError, with file and line, for an invalid schema.
    """
    own, others = schema_files(folders, root)
    return sources_of(own, others, strict=strict)


def schema_files(
    folders: Sequence[Path] = (), root: Path | None = None, place: Place = as_it_stands
) -> tuple[Files, Files]:
    """The schemas that ship with the program, and those of other folders; `place` says where to read a folder.

    Raises ConfigError.
    """
    others = [entry for folder in folders for entry in read_schemas(folder, root, place)]
    return read_schemas(schemas_folder()), others


def sources_of(own: Files, others: Files, *, strict: bool = False) -> dict[str, Source]:
    """The sources that schemas describe, the program's own and others. Raises ConfigError."""
    try:
        if not others and not strict:
            return dict(_unchecked(tuple(own)))
        options = {rule.name: rule.options for rule in RULES.values()}
        known = {} if strict else dict(own)
        return read_sources([*own, *others], own_schema("source.schema.json"), options, known)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        if strict or isinstance(error, ConfigError):
            raise
        return sources_of(own, others, strict=True)  # says what is wrong with a schema of the program's own


@lru_cache(maxsize=1)
def _unchecked(own: Files) -> dict[str, Source]:
    """The sources of schemas that were checked before; read once, however many archives a process opens."""
    return read_sources(own)


@lru_cache(maxsize=1)
def own_sources() -> dict[str, Source]:
    """The sources that ship with the program, read once."""
    return load_sources()


def named_source(identifier: str, by: str, sources: Sources) -> Claim:
    """The claim that a seed belongs to a source. Raises ConfigError, with the nearest name, if there is no such source."""
    if identifier not in sources:
        near = nearest(identifier, sources)
        hint = "" if near else "; `validator sources list` lists them"
        raise ConfigError(f'{by}: no source is called "{identifier}"{hint}', suggestion=near)
    return Claim(identifier, by)


def claim_of(source: str | None, by: str, path: str | None, sources: Sources, settings: Settings) -> Claim | None:
    """The source that somebody names for a seed, else the one that the configuration gives its path. Raises ConfigError."""
    if source is not None:
        return named_source(source, by, sources)
    configured = settings_for(settings, path).source if path is not None else None
    return named_source(configured, "the configuration", sources) if configured is not None else None


def validate(
    data: bytes | str,
    *,
    source: str | None = None,
    path: str | None = None,
    sidecar: str | bytes | Sidecar | Sequence[Sidecar] | None = None,
    sources: Sources | None = None,
    settings: Settings | None = None,
    today: date | None = None,
    with_traits: bool = False,
) -> SeedReport:
    """Check one seed and say what is wrong where.

    `data` are the seed's bytes; text counts as UTF-8. `source` names its source; else it is identified, for which `path`, the
    seed's name relative to the archive's root, is one sign. `sidecar` is the text of the sidecar beside it, or sidecars
    already read, nearest first. `sources` are those that `load_sources` gives, by default the program's own.
    Of `settings` the size limit and the globs that name sources count; which findings are shown is the caller's matter.
    `today` is the day on which acceptances expire and dates lie in the future; without it neither is judged.
    With `with_traits` the report has what the seed is recognised by among others.

    Raises ConfigError for a source that does not exist, and where this machine does not know its time zone. No bytes make it
    raise.
    """
    settings = settings or Settings()
    found = bounded(_bytes(data), settings.limit_bytes)
    if isinstance(found, Unread):
        return unread_seed(path or "-", found)
    sources = own_sources() if sources is None else sources
    claim = claim_of(source, "the caller", path, sources, settings)
    return check_seed(
        found,
        sources,
        path=path,
        claim=claim,
        sidecars=_sidecars(sidecar, path),
        today=today,
        with_traits=with_traits,
    )


def repair(
    data: bytes | str,
    *,
    source: str | None = None,
    unsafe: bool = False,
    path: str | None = None,
    sidecar: str | bytes | Sidecar | Sequence[Sidecar] | None = None,
    sources: Sources | None = None,
    settings: Settings | None = None,
    today: date | None = None,
) -> Repaired:
    """Repair one seed: apply its safe fixes, and with `unsafe` the proposals too.

    Parameters and errors are those of `validate`. In the result, `data` are the repaired bytes (the original ones if there is
    nothing to fix or a guard refused the repair), `report` says what is still found in them, and `changes` what was done.
    `lifts` are values that `unsafe` took out of the text: write them to the sidecar before you write the bytes.

    Nothing is read or written, so this cannot be undone; the command `validator repair` keeps what that needs.
    """
    from validator.repairs.repairing import Repaired, Wanted, repair_seed

    settings = settings or Settings()
    found = bounded(_bytes(data), settings.limit_bytes)
    if isinstance(found, Unread):
        report = unread_seed(path or "-", found)
        return Repaired(_bytes(data), report, report)
    sources = own_sources() if sources is None else sources
    claim = claim_of(source, "the caller", path, sources, settings)
    wanted, sidecars = Wanted(unsafe=unsafe), _sidecars(sidecar, path)
    return repair_seed(found, sources, path=path, claim=claim, sidecars=sidecars, today=today, wanted=wanted)


def _bytes(data: bytes | str) -> bytes:
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)


def _sidecars(sidecar: str | bytes | Sidecar | Sequence[Sidecar] | None, path: str | None) -> Sequence[Sidecar]:
    if sidecar is None:
        return ()
    if isinstance(sidecar, str | bytes):
        name = (path or "seed") + SIDECAR_SUFFIX
        return (read_sidecar(sidecar, name, known_rules=RULES),)
    return (sidecar,) if isinstance(sidecar, Sidecar) else sidecar
