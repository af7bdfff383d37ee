"""Pickling of frozen classes: reports and seeds go from process to process by the thousand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any


class Pickled:
    """A base of frozen dataclasses with slots and at least two fields: what pickles them by a call with their values.

    The methods that `dataclass` gives such a class ask for its fields each time, which takes longer than all the rest.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        """The class, and the values of its fields."""
        kind: Any = type(self)
        return kind, _values_of(kind)(self)


@cache
def _values_of(kind: Any) -> Callable[[object], tuple[Any, ...]]:
    return attrgetter(*(each.name for each in fields(kind)))
