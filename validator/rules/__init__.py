"""The rules, one module a family. Importing this package finds and registers them all."""

from importlib import import_module
from pkgutil import iter_modules

from validator.rules.registry import RULES, Rule

__all__ = ["RULES", "Rule"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
