"""Plain values, sources and reports, as bytes and back, so that a run need not read, check and merge what an earlier one has.

The bytes are `marshal` of texts, numbers, lists, tuples and mappings: nothing in them can be carried out. Before them stand
the key, which says of what they were made, and the digest of what follows. `opened` gives back what was sealed or nothing:
bytes that are cut short, changed, or of another key are None. `marshal` itself is no match for bytes that somebody has made in
order to harm, digest and all; so they may come only from where nobody else can write.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from validator.digests import sha256
from validator.findings import (
    Applicability,
    Basis,
    Candidate,
    Edit,
    Extent,
    Finding,
    Fix,
    Lift,
    Related,
    SeedReport,
    Severity,
    Status,
    Value,
    Verdict,
)
from validator.frozen import fields_of, made, values_of
from validator.sources import Agreement, Identify, Place, Policy, Residue, RuleSetting, Selector, Source
from validator.text import Position

_SHAPE = 2  # to be raised when what `pack` writes for the same classes changes


def key_of(kind: str, *parts: str) -> bytes:
    """The key of something: a digest of what it is and of all that it depends on."""
    digest = sha256(f"{kind} {_SHAPE}".encode())
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d\0" % len(data) + data)
    key: bytes = digest.digest()
    return key


def seal(content: Any, key: bytes) -> bytes:
    """A plain value as bytes. Raises ValueError for what is none."""
    data = marshal.dumps(content)
    digest: bytes = sha256(key + data).digest()
    return key + digest + data


def opened(data: bytes | None, key: bytes) -> Any:
    """The value that was sealed with this key; None where these bytes are not that."""
    if data is None or not data.startswith(key):
        return None
    digest, content = data[len(key) : len(key) + 32], data[len(key) + 32 :]
    if digest != sha256(key + content).digest():
        return None
    try:
        return marshal.loads(content)  # noqa: S302 - see above
    except (EOFError, ValueError, TypeError):
        return None


def pack(sources: Mapping[str, Source], key: bytes) -> bytes:
    """Sources as bytes."""
    return seal([_plain(source) for source in sources.values()], key)


def unpack(data: bytes | None, key: bytes) -> dict[str, Source] | None:
    """The sources that were packed with this key, by id; None where these bytes are not that."""
    content = opened(data, key)
    try:
        sources = [_source(values) for values in content or ()]
    except (ValueError, TypeError, AttributeError, LookupError):
        return None
    return {source.id: source for source in sources} or None


def pack_report(report: SeedReport) -> tuple[bytes, bytes]:
    """A report as bytes but for its path and its digest: its record, with all that belongs to it, apart from the rest.

    Raises ValueError for one that holds what is no plain value. A fault is left out.
    """
    rest = (report.source, _plain(report.verdict), report.evidence, report.encoding, _plain(report.findings))
    record = (report.record, _plain(report.values), _plain(report.body))
    return marshal.dumps(rest), marshal.dumps(record)


def unpack_report(path: str, sha256: str, rest: bytes, record: bytes | None = None) -> SeedReport | None:
    """The report that was packed, without what belongs to its record where that is not given; None where there is none.

    Nothing here tells whether the bytes are those that were packed: whoever kept them has to know.
    """
    try:
        source, verdict, evidence, encoding, findings = marshal.loads(rest)  # noqa: S302 - see above
        known, values, body = ({}, (), None) if record is None else marshal.loads(record)  # noqa: S302
        return SeedReport(
            path=path, source=source, verdict=_perhaps(_verdict)(verdict), evidence=evidence, encoding=encoding, sha256=sha256,
            record=known, values=_many(_value)(values), body=_perhaps(_extent)(body), findings=_many(_finding)(findings),
        )  # fmt: skip
    except (EOFError, ValueError, TypeError, AttributeError, LookupError):
        return None


def _plain(value: Any) -> Any:
    """A value with the objects of our classes as lists of their values."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):  # a position among them
        return tuple([_plain(item) for item in value])
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return (
        value if value is None or isinstance(value, str | int | float) else [_plain(item) for item in values_of(value)]
    )


_Read = Callable[[Any], Any]


def _one(kind: type, **inside: _Read) -> _Read:
    """What makes an object of a class from a list of its values; `inside` reads those that are no plain values."""
    readers = [(fields_of(kind).index(name), read) for name, read in inside.items()]

    def read(values: Any) -> Any:
        for index, reader in readers:
            values[index] = reader(values[index])
        return made(kind, values)

    return read


def _perhaps(read: _Read) -> _Read:
    return lambda value: None if value is None else read(value)


def _many(read: _Read) -> _Read:
    return lambda values: tuple(map(read, values))


def _by_key(read: _Read) -> _Read:
    return lambda values: {key: read(value) for key, value in values.items()}


def _severity(value: str | None) -> Severity | str | None:
    return value if value is None or value == "off" else Severity(value)


_place = _one(Place)
_source = _one(
    Source,
    identify=_perhaps(_one(Identify)),
    policy=_one(Policy),
    places=_by_key(_many(_place)),
    required=_by_key(Severity),
    agreements=_many(_one(Agreement, left=_place, right=_place, severity=_severity)),
    residues=_many(_one(Residue, element=_perhaps(_one(Selector)), severity=_severity)),
    rules=_by_key(_one(RuleSetting, severity=_severity, applicability=_perhaps(Applicability))),
)


def _word(kind: type[StrEnum]) -> _Read:
    """What finds the member of an enumeration, more quickly than the enumeration does. Raises LookupError."""
    members: dict[Any, StrEnum] = {member.value: member for member in kind}
    return members.__getitem__


_position = Position._make
_span = {"start": _position, "end": _position}
_fix = _one(Fix, applicability=_word(Applicability), edits=_many(_one(Edit)), lift=_perhaps(_one(Lift)))
_finding = _one(
    Finding,
    severity=_word(Severity),
    **_span,
    fix=_perhaps(_fix),
    related=_many(_one(Related, **_span)),
    status=_word(Status),
)
_value = _one(
    Value,
    basis=_word(Basis),
    start=_perhaps(_position),
    end=_perhaps(_position),
    candidates=_many(_one(Candidate, **_span)),
)
_extent = _one(Extent, **_span)
_verdict = _word(Verdict)
