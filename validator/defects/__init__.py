"""Defects for every rule, one module a family of rules, and the clean seeds that they are put into."""

from validator.defects import (
    agreement,
    archive,
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
from validator.defects.seeds import (
    INJECTORS,
    NOT_INJECTED,
    TODAY,
    Base,
    Change,
    Given,
    Injected,
    injectors,
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
    "archive",
    "characters",
    "encoding",
    "file",
    "front_matter",
    "injectors",
    "quotes",
    "record",
    "residue",
    "sidecar",
    "source",
    "whitespace",
]
