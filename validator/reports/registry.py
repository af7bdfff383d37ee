"""The report formats: every module in the folder `formats` is one, and declares it as `FORMAT`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, TextIO

from validator.reports import formats

if TYPE_CHECKING:
    from validator.reports.model import Format, Reporter, Setting

FORMATS = tuple(sorted(module.name for module in iter_modules(formats.__path__)))


def declared(name: str) -> Format:
    """What the module of a format declares. Only that module is imported. Raises ValueError for an unknown format."""
    if name not in FORMATS:
        raise ValueError(f'report format "{name}" is not one of {", ".join(FORMATS)}')
    declaration: Format = import_module(f"{formats.__name__}.{name}").FORMAT
    return declaration


def open_report(name: str, out: TextIO, setting: Setting) -> Reporter:
    """A reporter that writes the format `name` to `out`, which the caller closes. Raises ValueError for an unknown format.

    Does not handle characters that the encoding of `out` does not have: open it with an error handler.
    """
    return declared(name).reporter(out, setting)
