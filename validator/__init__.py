"""Checks archived news documents (seeds) against per-source schemas and says exactly what is wrong where.

`validate` is the Python face; what it returns and raises can be imported from here too. Importing this package imports
nothing else: each name is fetched when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.config import Settings
    from validator.errors import ConfigError
    from validator.face import validate
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
    from validator.text import Position, Span

__version__ = "0.1.0"

__all__ = [
    "Applicability",
    "Basis",
    "Candidate",
    "ConfigError",
    "Edit",
    "Extent",
    "Finding",
    "Fix",
    "Lift",
    "Position",
    "Related",
    "SeedReport",
    "Settings",
    "Severity",
    "Span",
    "Status",
    "Totals",
    "Value",
    "Verdict",
    "__version__",
    "validate",
]

_HOMES = {
    "ConfigError": "validator.errors",
    "Position": "validator.text",
    "Settings": "validator.config",
    "Span": "validator.text",
    "validate": "validator.face",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "validator.findings")), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
