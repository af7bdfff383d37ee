"""Checks archived news documents (seeds) against per-source schemas and says exactly what is wrong where.

`validate` and `repair` are the Python face; what they return and raise can be imported from here too. Importing this package
imports nothing else: each name is fetched when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.archive.config import Settings
    from validator.archive.face import repair, validate
    from validator.repairs.repairing import Change, Held, Repaired
    from validator.text.errors import ConfigError
    from validator.text.findings import (
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
        Totals,
        Value,
        Verdict,
    )
    from validator.text.places import Position, Span

__version__ = "0.2.0"

__all__ = [
    "Applicability",
    "Basis",
    "Candidate",
    "Change",
    "ConfigError",
    "Edit",
    "Extent",
    "Finding",
    "Fix",
    "Held",
    "Lift",
    "Position",
    "Related",
    "Repaired",
    "SeedReport",
    "Settings",
    "Severity",
    "Span",
    "Status",
    "Totals",
    "Value",
    "Verdict",
    "__version__",
    "repair",
    "validate",
]

_HOMES = {
    "Change": "validator.repairs.repairing",
    "ConfigError": "validator.text.errors",
    "Held": "validator.repairs.repairing",
    "Position": "validator.text.places",
    "Repaired": "validator.repairs.repairing",
    "Settings": "validator.archive.config",
    "Span": "validator.text.places",
    "repair": "validator.archive.face",
    "validate": "validator.archive.face",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "validator.text.findings")), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
