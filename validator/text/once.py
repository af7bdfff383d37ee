"""A value of an object that is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class MadeOnce(Generic[Value]):
    """As `functools.cached_property` is from Python 3.12 on: the one of 3.11 takes a lock, which costs more than many values."""

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, made_for: None, owner: type) -> MadeOnce[Value]: ...

    @overload
    def __get__(self, made_for: object, owner: type) -> Value: ...

    def __get__(self, made_for: object | None, owner: type) -> MadeOnce[Value] | Value:
        if made_for is None:
            return self
        value = made_for.__dict__[self._name] = self._make(made_for)
        return value
