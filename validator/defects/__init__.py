"""Defects of a schema's seeds that it should see, and how they are put into clean seeds."""

from validator.defects import characters, encoding, quotes, whitespace
from validator.defects.seeds import INJECTORS, Base, Change, Given, Injected

__all__ = [
    "INJECTORS",
    "Base",
    "Change",
    "Given",
    "Injected",
    "characters",
    "encoding",
    "quotes",
    "whitespace",
]
