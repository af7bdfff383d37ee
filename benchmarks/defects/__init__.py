"""Defects that only the benchmarks and the tests put into seeds, one module a family of rules.

Importing this adds them to `validator.defects.INJECTORS`, which has those that `validator sources learn` puts in too.
"""

from benchmarks.defects import (
    agreement,
    archive,
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

__all__ = [
    "agreement",
    "archive",
    "encoding",
    "file",
    "front_matter",
    "quotes",
    "record",
    "residue",
    "sidecar",
    "source",
    "whitespace",
]
