"""Checks archived news documents (seeds) against per-source schemas and says exactly what is wrong where.

`validate` and `repair` are the Python face; what they return and raise can be imported from here too. Importing this package
imports nothing else: each name is fetched when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.config import Settings
    from validator.errors import ConfigError
    from validator.face import repair, validate
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
        Totals,
        Value,
        Verdict,
    )
    from validator.mending import Change, Held, Repaired
    from validator.text import Position, Span

__version__ = "0.1.0"

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
    "Change": "validator.mending",
    "ConfigError": "validator.errors",
    "Held": "validator.mending",
    "Position": "validator.text",
    "Repaired": "validator.mending",
    "Settings": "validator.config",
    "Span": "validator.text",
    "repair": "validator.face",
    "validate": "validator.face",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "validator.findings")), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
