"""Seeds in columns: an Arrow table of seeds in, an Arrow table of reports out, a row a seed.

`validate_batch` is what a cluster calls: Ray Data's `map_batches(..., batch_format="pyarrow")`, Spark's `mapInArrow` (through
`validate_batches`), or a notebook. It is pure and picklable, reads no file but the schemas, and asks no clock.

A row holds what an entry of the JSON report holds (`schemas/report.schema.json`), in typed columns, and `entries_of` makes that
entry of it again, to the byte. Five columns are added: `counts`, so that a query need not unfold the findings; `fault`, null
but where the program failed; `layout`, null for a source without layouts; `traits`, what a seed is recognised by among others,
null but in a run that compares seeds or where `validate_batch` was asked for them; and `exact`, null but where the other
columns cannot hold an entry as it is (a file name whose bytes are not UTF-8 has lone surrogates, which Arrow's text does not
allow): then it is the entry as JSON.

pyarrow is imported when it is first needed. Not handled: columns of the input other than `COLUMNS`, which are left out.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from validator.archive.config import Settings, settings_for
from validator.archive.face import named_source, own_sources, validate
from validator.archive.opening import Archive, parsed_sidecar
from validator.archive.reading import bounded
from validator.archive.runner import run
from validator.archive.seeds import UNREADABLE, Seed
from validator.engine.checking import unread_seed
from validator.engine.selecting import rules_shown, shown
from validator.record.likeness import bands_of, marks_of
from validator.record.sidecar import SIDECAR_SUFFIX, Sidecar
from validator.record.traits import Traits
from validator.reports.entries import Entry, encoded, finding_entry, seed_entry
from validator.rules.views import Unread
from validator.sources.identify import Claim
from validator.sources.model import Sources
from validator.text.errors import ConfigError, nearest
from validator.text.findings import Applicability, Finding, SeedReport, Severity, Status

if TYPE_CHECKING:
    import pyarrow as pa

    SCHEMA: pa.Schema

COLUMNS = ("path", "content", "source", "sidecar", "folder_sidecars")  # of the input; the last three need not be there
SCHEMA_VERSION = 2

_ROWS_AT_A_TIME = 1024  # keeps each text or list column below the 2 GB that Arrow's offsets can count
_RECORD = (
    *("headline", "byline", "byline_kind", "date_published", "dateline"),
    *("agency", "publisher", "source_url", "language"),
)
_NOT_MEMBERS = (
    "counts",
    "exact",
    "fault",
    "findings",
    "layout",
    "traits",
)  # columns that each entry has not, or not there
_DATELINE = ("place", "year", "month", "day")


def pyarrow() -> Any:
    """The library. Raises ConfigError, which says what to install, where it is missing."""
    try:
        import pyarrow
    except ImportError:
        raise ConfigError("this needs pyarrow: pip install 'seed-validator[ray]'") from None
    return pyarrow


def __getattr__(name: str) -> object:
    if name == "SCHEMA":
        return schema()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@lru_cache(maxsize=1)
def schema() -> pa.Schema:
    """The columns of the output. Within a SCHEMA_VERSION, columns and fields are only ever added, at the end."""
    pa = pyarrow()
    text, number = pa.string(), pa.int64()

    def struct(**fields: Any) -> Any:
        return pa.struct(list(fields.items()))

    position = struct(line=number, column=number, offset=number, byte=number)
    record = dict.fromkeys(_RECORD, text) | {
        "byline": pa.list_(text),
        "dateline": struct(**dict.fromkeys(_DATELINE, number) | {"place": text}),
    }
    candidate = struct(value=text, start=position, end=position)
    value = struct(
        field=text, basis=text, value=text, start=position, end=position, disputed=pa.bool_(),
        candidates=pa.list_(candidate), note=text,
    )  # fmt: skip
    fix = struct(
        applicability=text, title=text, edits=pa.list_(struct(start=number, end=number, replacement=text)),
        recode=text, lift=struct(field=text, value=text),
    )  # fmt: skip
    finding = struct(
        rule=text, family=text, severity=text, message=text, status=text, start=position, end=position, pointer=text,
        related=pa.list_(struct(message=text, start=position, end=position)), fingerprint=text, fix=fix,
    )  # fmt: skip
    traits = pa.struct(
        [
            ("address", text), ("body", text), ("bands", pa.list_(number)), ("marks", text), ("headline", text),
            ("day", pa.date32()), ("accepts", pa.bool_()),
        ]
    )  # fmt: skip
    counts = dict.fromkeys(("error", "warning", "info", "accepted", "baselined", "safe", "unsafe"), number)
    return pa.schema(
        [
            ("path", text), ("source", text), ("evidence", pa.list_(text)), ("verdict", text), ("encoding", text),
            ("sha256", text), ("record", struct(**record)), ("values", pa.list_(value)),
            ("body", struct(start=position, end=position, characters=number)), ("fault", text),
            ("counts", struct(**counts)), ("findings", pa.list_(finding)), ("exact", text), ("layout", text),
            ("traits", traits),
        ],
        metadata={"validator.schema_version": str(SCHEMA_VERSION)},
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# Judging


def validate_batch(
    table: pa.Table,
    *,
    sources: Sources | None = None,
    settings: Settings | None = None,
    today: date | None = None,
    with_traits: bool = False,
) -> pa.Table:
    """Check the seeds of a table: a row of `SCHEMA` for each row, in the same order.

    Columns of `table`: `path`, the seed's name relative to the archive's root (`-` where it is null); `content`, its bytes, or
    text, which counts as UTF-8; and if there, `source`, which names its source, `sidecar`, the one beside it, and
    `folder_sidecars`, a list of the `name` (relative to the root) and the `content` of each in its folder and in those above,
    nearest first.

    `sources` are those that `load_sources` gives, by default the program's own. All of `settings` counts that is
    not about finding files: the limits of size and time, globs that name sources, and what is shown. `today` is the day on which
    acceptances expire and dates lie in the future; without it neither is judged. With `with_traits` the column `traits` says by
    what each seed is recognised, for grouping them.

    A null content makes a row `unreadable`, a fault of the program in one seed that row `unchecked`; in the main thread, so does
    a seed that takes too long. Raises ConfigError for missing columns, columns of another type, and a source that does not
    exist; where this machine does not know its time zone.
    """
    pa = pyarrow()
    check_columns(table)
    sources = own_sources() if sources is None else sources
    settings = Settings() if settings is None else settings
    _check_named(table, sources)
    check = partial(_judged, sources=sources, settings=settings, today=today, with_traits=with_traits)
    parts = []
    for start in range(0, table.num_rows, _ROWS_AT_A_TIME):
        rows = list(rows_of(table.slice(start, _ROWS_AT_A_TIME)))
        parts.append(table_of(run(rows, check, 1, limit_seconds=settings.limit_seconds, may_fork=False)))
    return pa.concat_tables(parts) if parts else schema().empty_table()


def validate_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    sources: Sources | None = None,
    settings: Settings | None = None,
    today: date | None = None,
) -> Iterator[pa.RecordBatch]:
    """`validate_batch` for record batches one by one, as Spark's `mapInArrow` needs it."""
    pa = pyarrow()
    for batch in batches:
        table = pa.Table.from_batches([batch])
        yield from validate_batch(table, sources=sources, settings=settings, today=today).to_batches()


def check_columns(table: pa.Table) -> None:
    """Raise ConfigError unless the columns are there and hold what they should."""
    pa = pyarrow()
    names = table.column_names
    for name in COLUMNS:
        if names.count(name) > 1:
            raise ConfigError(f'the table has {names.count(name)} columns that are called "{name}"')
        if name not in names:
            if name in ("path", "content"):
                there = ", ".join(names[:20]) or "none"
                raise ConfigError(
                    f'the table has no column "{name}" (its columns: {there})', suggestion=nearest(name, names)
                )
            continue
        kind = table.schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if name == "folder_sidecars":
            fits, wanted = _is_sidecars(kind), "lists of structs of name and content"
        elif name in ("path", "source"):
            fits, wanted = _is_text(kind), "text"
        else:
            fits, wanted = _is_text(kind) or _is_bytes(kind), "bytes or text"
        if not fits and not pa.types.is_null(kind):
            raise ConfigError(f'the column "{name}" holds {kind}, expected {wanted}')


def _is_text(kind: pa.DataType) -> bool:
    return str(kind) in ("string", "large_string", "string_view")


def _is_bytes(kind: pa.DataType) -> bool:
    return str(kind).partition("[")[0] in ("binary", "large_binary", "binary_view", "fixed_size_binary")


def _is_sidecars(kind: pa.DataType) -> bool:
    types = pyarrow().types
    if not (types.is_list(kind) or types.is_large_list(kind)) or not types.is_struct(kind.value_type):
        return False
    fields = {field.name: field.type for field in kind.value_type}
    return fields.keys() == {"name", "content"} and _is_text(fields["name"])


def _check_named(table: pa.Table, sources: Sources) -> None:
    """Raise ConfigError unless every source that is named exists."""
    if "source" not in table.column_names:
        return
    for name in {row.source for row in rows_of(table.select(["source"]))}:
        if name is not None:
            named_source(name, 'column "source"', sources)


@dataclass(frozen=True, slots=True)
class Carried(Seed):
    """A seed that travels with its bytes, because it is a row of a data set or workers cannot read its file.

    Its name is empty if its row has none. `source` is the source that its row names; `sidecars` are its sidecars, nearest first,
    with their names.
    """

    content: bytes | None = None
    source: str | None = None
    sidecars: tuple[tuple[str, bytes | str | Unread], ...] = ()


def rows_of(table: pa.Table) -> Iterator[Carried]:
    """The seeds of a table. Text that is not UTF-8 keeps its bytes as lone surrogates, like names of files."""
    nothing = [None] * table.num_rows
    columns: dict[str, list[Any]] = {}
    for name in COLUMNS:
        columns[name] = _values_of(name, table.column(name)) if name in table.column_names else nothing
    for path, content, source, sidecar, above in zip(*columns.values(), strict=True):
        own = [] if sidecar is None else [((path or "seed") + SIDECAR_SUFFIX, sidecar)]
        folders = [(each["name"], each["content"]) for each in above or ()]
        yield carried(path or "", content, source, (*own, *folders))


def carried(
    path: str, content: bytes | None, source: str | None, sidecars: tuple[tuple[str, bytes | str], ...]
) -> Carried:
    """A row as a seed, which cannot be read if it has no content."""
    unread = Unread(UNREADABLE, "it has no content") if content is None else None
    return Carried(
        path.rpartition("/")[0], path, len(content or b""), unread, content=content, source=source, sidecars=sidecars
    )


def carried_with(archive: Archive, seed: Carried) -> tuple[bytes | Unread, list[Sidecar], Claim | None]:
    """What a seed brings along: its content, its sidecars, and the source that its row names. Raises ConfigError for a source
    that does not exist.
    """
    content = seed.unread or bounded(seed.content or b"", archive.settings.limit_bytes)
    claim = None
    if seed.source is not None and archive.request.source is None and seed.unread is None:
        claim = named_source(seed.source, seed.name, archive.sources)._replace(by="the data set")
    return content, [parsed_sidecar(seed.name, *each) for each in seed.sidecars], claim


def _values_of(name: str, column: Any) -> list[Any]:
    if name == "folder_sidecars":
        return list(column.to_pylist())
    pa = pyarrow()
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values = list(column.cast(pa.large_binary()).to_pylist())
    if name in ("path", "source"):
        return [value if value is None else value.decode("utf-8", "surrogateescape") for value in values]
    return values


def _judged(
    seed: Carried, *, sources: Sources, settings: Settings, today: date | None, with_traits: bool
) -> SeedReport:
    """The report of one row, with the findings to be shown."""
    path, wanted = seed.name or None, settings_for(settings, seed.name or "-")
    if seed.content is None:
        report = unread_seed(path or "-", Unread(UNREADABLE, "it has no content"))
    else:
        sidecars = [parsed_sidecar(path or "seed", *each) for each in seed.sidecars]
        report = validate(
            seed.content,
            source=seed.source,
            path=path,
            sidecar=sidecars,
            sources=sources,
            settings=settings,
            today=today,
            with_traits=with_traits,
        )
    return shown(report, rules_shown(wanted.select, wanted.ignore))


# ---------------------------------------------------------------------------------------------------------------------
# Reports to rows


def table_of(reports: Iterable[SeedReport]) -> pa.Table:
    """A table of `SCHEMA` with a row for each report."""
    return table_of_rows([_row(report) for report in reports])


def table_of_rows(rows: Sequence[Entry]) -> pa.Table:
    """A table of `SCHEMA` of its rows."""
    pa = pyarrow()
    try:
        return pa.Table.from_pylist(rows, schema())
    except (UnicodeEncodeError, OverflowError, TypeError, pa.ArrowException):
        return pa.concat_tables([_alone(row) for row in rows]) if rows else schema().empty_table()


def _row(report: SeedReport) -> Entry:
    row = seed_entry(report) | {"findings": [finding_entry(finding) for finding in report.findings]}
    record = {name: report.record.get(name) for name in _RECORD}
    if isinstance(record["dateline"], dict):
        record["dateline"] = {name: record["dateline"].get(name) for name in _DATELINE}
    exact = None if encoded(_record_of(record)) == encoded(report.record) else encoded(row)
    values = [value | {"value": encoded(value["value"])} for value in row["values"]]
    return (
        row
        | {"record": record, "values": values, "counts": _counts(report.findings), "exact": exact}
        | {"traits": None if report.traits is None else _traits_entry(report.traits)}
    )


def _traits_entry(traits: Traits) -> Entry:
    """What a seed is recognised by; what it does not have is null."""
    bands = [band - (1 << 63) for band in bands_of(traits.sketch)]
    return {
        "address": traits.address or None, "body": traits.body.hex() or None, "bands": bands,
        "marks": marks_of(traits.sketch).hex() or None, "headline": traits.headline or None,
        "day": date.fromordinal(traits.day) if traits.day else None, "accepts": traits.accepts,
    }  # fmt: skip


def traits_of_entry(entry: Entry) -> Traits:
    """The traits in a row of the column `traits`."""
    bands = array("Q", [band + (1 << 63) for band in entry["bands"]]).tobytes()
    return Traits(
        entry["address"] or "", bytes.fromhex(entry["body"] or ""), bands + bytes.fromhex(entry["marks"] or ""),
        entry["headline"] or "", entry["day"].toordinal() if entry["day"] else 0, entry["accepts"],
    )  # fmt: skip


def with_findings(row: Entry, findings: Iterable[Finding]) -> Entry:
    """A row with more findings in it, in the order in which a report has them."""
    more = list(findings)
    listed = [*row["findings"], *(finding_entry(each) for each in more)]
    listed.sort(key=lambda each: (each["start"]["offset"], each["end"]["offset"], each["rule"], each["message"]))
    counts = {name: row["counts"][name] + number for name, number in _counts(more).items()}
    exact = None if row["exact"] is None else encoded(json.loads(row["exact"]) | {"findings": listed})
    return row | {"findings": listed, "counts": counts, "exact": exact}


def _counts(findings: Iterable[Finding]) -> dict[str, int]:
    """A report's part of the summary: open findings by severity, open ones with a fix, and accepted or baselined ones."""
    counted: Counter[str] = Counter()
    for finding in findings:
        counted[finding.severity if finding.status is Status.OPEN else finding.status] += 1
        if finding.fix is not None and finding.status is Status.OPEN:
            counted[finding.fix.applicability] += 1
    names = (*Severity, Status.ACCEPTED, Status.BASELINED, Applicability.SAFE, Applicability.UNSAFE)
    return {name.value: counted[name] for name in names}


def _alone(row: Entry) -> pa.Table:
    """The row as a table of its own. What columns cannot hold is in `exact`; they hold the nearest they can."""
    pa = pyarrow()
    exact = row["exact"] or encoded(_entry(row))
    attempts = (row, _storable(row) | {"exact": exact}, _storable(row) | {"exact": exact, "record": None})
    for attempt in attempts[:-1]:
        try:
            return pa.Table.from_pylist([attempt], schema())
        except (UnicodeEncodeError, OverflowError, TypeError, pa.ArrowException):
            continue
    return pa.Table.from_pylist([attempts[-1]], schema())


def _storable(value: Any) -> Any:
    """A value with U+FFFD for each lone surrogate of its texts."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {name: _storable(each) for name, each in value.items()}
    return [_storable(each) for each in value] if isinstance(value, list) else value


# ---------------------------------------------------------------------------------------------------------------------
# Rows to entries


def entries_of(table: pa.Table) -> Iterator[Entry]:
    """The entry of the JSON report for each row of a table of `SCHEMA`: `encoded` gives the very line that report has.

    Its `findings` are in it as `--format json` has them; `lines_of` gives the lines of `--format jsonl`.
    """
    for start in range(0, table.num_rows, _ROWS_AT_A_TIME):
        for row in table.slice(start, _ROWS_AT_A_TIME).to_pylist():
            yield _entry(row) if row["exact"] is None else json.loads(row["exact"])


def lines_of(table: pa.Table) -> Iterator[str]:
    """The lines of `--format jsonl` for a table of `SCHEMA`, without their newlines and without the summary's."""
    for entry in entries_of(table):
        findings = entry.pop("findings")
        yield encoded({"type": "seed"} | entry)
        place = {"type": "finding", "path": entry["path"], "source": entry["source"]}
        yield from (encoded(place | finding) for finding in findings)


def _entry(row: Entry) -> Entry:
    entry = {name: each for name, each in row.items() if name not in _NOT_MEMBERS}
    entry["record"] = _record_of(row["record"])
    entry["values"] = [value | {"value": json.loads(value["value"])} for value in row["values"]]
    entry |= {name: row[name] for name in ("fault", "layout") if row.get(name) is not None}
    return entry | {"findings": row["findings"]}


def _record_of(held: Entry) -> Entry:
    """The record in its own order: without absent fields, and with `byline_kind` last if there is no byline."""
    record = {name: held[name] for name in _RECORD if held[name] is not None}
    if "byline" not in record and "byline_kind" in record:
        record["byline_kind"] = record.pop("byline_kind")
    dateline = record.get("dateline")
    if isinstance(dateline, dict) and dateline.get("year") is None:
        record["dateline"] = {name: each for name, each in dateline.items() if name != "year"}
    return record
