"""Defects for every rule, one module a family of rules, and the clean seeds that they are put into."""

from benchmarks.defects import (
    agreement,
    characters,
    encoding,
    file,
    front_matter,
    quotes,
    record,
    residue,
    sidecar,
    source,
    whitespace,
)
from benchmarks.defects.seeds import (
    INJECTORS,
    NOT_INJECTED,
    TODAY,
    Base,
    Change,
    Given,
    Injected,
    injectors,
    read_bases,
)

__all__ = [
    "INJECTORS",
    "NOT_INJECTED",
    "TODAY",
    "Base",
    "Change",
    "Given",
    "Injected",
    "agreement",
    "characters",
    "encoding",
    "file",
    "front_matter",
    "injectors",
    "quotes",
    "read_bases",
    "record",
    "residue",
    "sidecar",
    "source",
    "whitespace",
]
