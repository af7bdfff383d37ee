"""The rules, one module a family. Importing this package registers them all."""

from validator.rules import (
    agreement,
    characters,
    encoding,
    file,
    front_matter,
    quotes,
    record,
    repair,
    residue,
    sidecar,
    source,
    whitespace,
)
from validator.rules.registry import RULES, Rule

__all__ = [
    "RULES",
    "Rule",
    "agreement",
    "characters",
    "encoding",
    "file",
    "front_matter",
    "quotes",
    "record",
    "repair",
    "residue",
    "sidecar",
    "source",
    "whitespace",
]
