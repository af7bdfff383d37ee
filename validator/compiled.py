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
from functools import lru_cache
from sys import modules
from types import GenericAlias, NoneType, UnionType
from typing import Any

from validator import findings, sources
from validator.digests import sha256
from validator.findings import SeedReport
from validator.frozen import fields_of, is_data_class, made, values_of
from validator.sources import Source
from validator.text import Position

_WAY = 3  # to be raised when what `pack` writes for the same classes changes


@lru_cache(maxsize=1)
def _shape() -> str:
    """The fields of all classes that may be kept: what another version of them has packed is a miss."""
    kinds = [kind for module in (findings, sources) for kind in vars(module).values() if isinstance(kind, type)]
    fields = [(kind.__name__, kind.__annotations__) for kind in kinds if is_data_class(kind)]
    return f"{_WAY} {Position._fields} {fields}"


def key_of(kind: str, *parts: str) -> bytes:
    """The key of something: a digest of what it is, of all that it depends on, and of the classes that it may be made of."""
    digest = sha256(f"{kind} {_shape()}".encode())
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


def pack(read: Mapping[str, Source], key: bytes) -> bytes:
    """Sources as bytes."""
    return seal([_plain(source) for source in read.values()], key)


def unpack(data: bytes | None, key: bytes) -> dict[str, Source] | None:
    """The sources that were packed with this key, by id; None where these bytes are not that."""
    content = opened(data, key)
    try:
        unpacked = [_reader_of(Source)(values) for values in content or ()]
    except (ValueError, TypeError, AttributeError, LookupError):
        return None
    return {source.id: source for source in unpacked} or None


_GIVEN = ("path", "sha256")  # fields of a report that whoever keeps it knows already
_OF_RECORD = ("record", "values", "body")


def pack_report(report: SeedReport) -> tuple[bytes, bytes]:
    """A report as bytes but for its path and its digest: its record, with all that belongs to it, apart from the rest.

    Raises ValueError for one that holds what is no plain value.
    """
    values = dict(zip(fields_of(SeedReport), values_of(report), strict=True))
    record = [_plain(values[name]) for name in _OF_RECORD]
    rest = [_plain(value) for name, value in values.items() if name not in _GIVEN + _OF_RECORD]
    return marshal.dumps(rest), marshal.dumps(record)


def unpack_report(path: str, sha256: str, rest: bytes, record: bytes | None = None) -> SeedReport | None:
    """The report that was packed, without what belongs to its record where that is not given; None where there is none.

    Nothing here tells whether the bytes are those that were packed: whoever kept them has to know.
    """
    names = [name for name in fields_of(SeedReport) if name not in _GIVEN + _OF_RECORD]
    try:
        values = dict(zip(names, marshal.loads(rest), strict=True))  # noqa: S302 - see above
        known = ({}, (), None) if record is None else marshal.loads(record)  # noqa: S302
        values.update(zip(_OF_RECORD, known, strict=True), path=path, sha256=sha256)
        report: SeedReport = _reader_of(SeedReport)([values[name] for name in fields_of(SeedReport)])
    except (EOFError, ValueError, TypeError, AttributeError, LookupError):
        return None
    return report


def _plain(value: Any) -> Any:
    """A value with the objects of our classes as lists of the values of all their fields."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):  # a position among them
        return tuple([_plain(item) for item in value])
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    if not is_data_class(type(value)):
        raise ValueError(f"{type(value).__name__} is no plain value")
    return [_plain(item) for item in values_of(value)]


_Read = Callable[[Any], Any]


def _reader_of(kind: type) -> _Read:
    """What makes an object of a class from a list of its values: each field as the class declares it.

    The declaration is all that counts. A reader that names some of the fields would hand out the next one that somebody adds
    as a plain value, and the report would break on a warm cache only.
    """
    if kind not in _READERS:
        declared = [kind.__annotations__[name] for name in fields_of(kind)]
        readers = [(at, read) for at, each in enumerate(declared) if (read := _declared_reader(each, kind.__module__))]

        def read_one(values: Any) -> Any:
            for index, read in readers:
                values[index] = read(values[index])
            return made(kind, values)

        _READERS[kind] = read_one
    return _READERS[kind]


_READERS: dict[type, _Read] = {}  # made when first used: a run without a cache needs none


@lru_cache(maxsize=128)
def _declared_reader(annotation: str, module: str) -> _Read | None:
    """What reads a value of the type that an annotation of a module names."""
    if annotation.replace("None", "").replace("Any", "").islower():  # str, int, tuple[str, ...]: nothing to be read
        return None
    return _reader(eval(annotation, vars(modules[module])))  # noqa: S307 - an annotation of our own


def _reader(declared: Any) -> _Read | None:
    """What reads a value of a declared type; None for plain values, which come back as they are."""
    inside = getattr(declared, "__args__", ())
    if isinstance(declared, UnionType):
        return _reader_of_union([each for each in inside if each is not NoneType])
    if isinstance(declared, GenericAlias):
        readers = [_reader(each) for each in inside if each is not ...]
        if not any(readers):
            return None
        if declared.__origin__ is dict:
            return _by_key(readers[1] or _same)
        return _many(readers[0] or _same) if ... in inside else _each([read or _same for read in readers])
    if isinstance(declared, type):
        if issubclass(declared, StrEnum):
            return _word(declared)
        if issubclass(declared, tuple) and hasattr(declared, "_make"):
            return declared._make  # type: ignore[no-any-return]
        if is_data_class(declared):
            return _reader_of(declared)
    return None


def _reader_of_union(kinds: list[Any]) -> _Read | None:
    """What reads a value of one of several types, or None. Of a word or another text (`Severity | str`) known words are read."""
    readers = [read for read in map(_reader, kinds) if read is not None]
    if not readers:
        return None
    if len(kinds) == 1:
        return _perhaps(readers[0])
    (words,) = [each for each in kinds if each is not str]
    members: dict[Any, StrEnum] = {member.value: member for member in words}
    return lambda value: members.get(value, value)


def _same(value: Any) -> Any:
    return value


def _perhaps(read: _Read) -> _Read:
    return lambda value: None if value is None else read(value)


def _many(read: _Read) -> _Read:
    return lambda values: tuple(map(read, values))


def _each(reads: list[_Read]) -> _Read:
    return lambda values: tuple([read(value) for read, value in zip(reads, values, strict=True)])


def _by_key(read: _Read) -> _Read:
    return lambda values: {key: read(value) for key, value in values.items()}


def _word(kind: type[StrEnum]) -> _Read:
    """What finds the member of an enumeration, more quickly than the enumeration does. Raises LookupError."""
    members: dict[Any, StrEnum] = {member.value: member for member in kind}
    return members.__getitem__
