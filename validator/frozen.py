"""Data classes that cost next to nothing until they are used.

The standard library writes and compiles six methods of each data class when its module is imported, half a millisecond a
class, and imports `inspect` to do so: for sixty classes longer than it takes to check a seed. Here a class is made as it
stands, and its `__init__` is compiled when the first object of it is made. What is written at a class is the same, and type
checkers are told that it is the same.

Handled is what this package uses: classes without a base or with another such class for one, slots, `frozen`, `kw_only`,
defaults and factories. Equality, hash, `repr`, matching, pickling, `replace` and the functions of `dataclasses` do as they do
there.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace

_MISSING: Any = object()


class _Field:
    """What stands behind the name of a field: what it is where nothing is said."""

    __slots__ = ("default", "factory")

    def __init__(self, default: Any, factory: Callable[[], Any] | None) -> None:
        self.default = default
        self.factory = factory


def _field(*, default: Any = _MISSING, default_factory: Callable[[], Any] | None = None) -> Any:
    return _Field(default, default_factory)


def _dataclass(*, frozen: bool = False, slots: bool = False, kw_only: bool = False) -> Callable[[type], type]:
    """As `dataclasses.dataclass` does, make a data class of the annotations of a class. `slots` has to be asked for."""
    assert slots, "a data class here has slots"

    def decorate(plain: type) -> type:
        own = tuple(plain.__annotations__)
        content = {name: value for name, value in plain.__dict__.items() if name not in ("__dict__", "__weakref__")}
        inherited, their_defaults = _DECLARED.get(plain.__bases__[0], ((), {}))
        names = (*inherited, *own)
        defaults = {**their_defaults, **{name: content.pop(name) for name in own if name in content}}
        values = attrgetter(*names) if len(names) > 1 else lambda each: (getattr(each, names[0]),)
        content.update(
            __slots__=own,
            __init__=_late_init(names, defaults, kw_only),
            __match_args__=() if kw_only else names,
            __dataclass_fields__=_Fields(names, defaults),
            __getstate__=values_of,
            __setstate__=_restore,
            __eq__=_equal_by(values),
            __hash__=_hash_by(values) if frozen else None,
        )
        content.setdefault("__repr__", _represent)
        if frozen:
            content.update(__setattr__=_refuse_to_set, __delattr__=_refuse_to_delete)
        kind = type(plain)(plain.__name__, plain.__bases__, content)
        kind.__qualname__ = plain.__qualname__
        _DECLARED[kind] = names, defaults
        _VALUES[kind] = values
        _SETTERS[kind] = [getattr(kind, name).__set__ for name in names]
        return kind

    return decorate


_DECLARED: dict[
    type, tuple[tuple[str, ...], dict[str, Any]]
] = {}  # of each class its fields, and what they are by default

# Of each class what takes the values from an object of it, and what sets each of them, in their order.
_VALUES: dict[type, Callable[[Any], tuple[Any, ...]]] = {}
_SETTERS: dict[type, list[Callable[[Any, Any], None]]] = {}


def _late_init(names: tuple[str, ...], defaults: dict[str, Any], kw_only: bool) -> Callable[..., None]:
    """An `__init__` for the first objects of a class: many classes are never asked for more.

    It sets the values one by one. Called a second time, or in a way that is not plain, it puts in its place the one that
    is compiled for the class, which is ten times as fast and says what is wrong with a call.
    """
    calls = 0

    def __init__(self: Any, /, *values: Any, **named: Any) -> None:  # noqa: N807
        nonlocal calls
        calls += 1
        given = dict(zip(names, values, strict=False)) | named
        missing = [name for name in names if name not in given]
        is_plain = len(given) == len(values) + len(named) == len(names) - len(missing) and not (values and kw_only)
        if calls > 1 or not is_plain or not all(_has_default(defaults, name) for name in missing):
            kind = type(self)
            type.__setattr__(kind, "__init__", _compiled_init(kind, names, defaults, kw_only))
            kind.__init__(self, *values, **named)
            return
        for name in missing:
            given[name] = default = defaults[name]
            if isinstance(default, _Field):
                given[name] = default.default if default.factory is None else default.factory()
        _restore(self, [given[name] for name in names])

    return __init__


def _has_default(defaults: dict[str, Any], name: str) -> bool:
    default = defaults.get(name, _MISSING)
    if isinstance(default, _Field):
        return default.factory is not None or default.default is not _MISSING
    return default is not _MISSING


def _compiled_init(kind: type, names: tuple[str, ...], defaults: dict[str, Any], kw_only: bool) -> Callable[..., None]:
    known: dict[str, Any] = {"_missing": _MISSING}
    parameters, lines = [], []
    for name in names:
        known[f"_set_{name}"] = getattr(kind, name).__set__
        value, parameter = name, name
        if name in defaults:
            parameter = f"{name}=_default_{name}"
            known[f"_default_{name}"] = default = defaults[name]
            if isinstance(default, _Field):
                known[f"_default_{name}"] = default.default
                if default.factory is not None:
                    known[f"_make_{name}"] = default.factory
                    value = f"_make_{name}() if {name} is _missing else {name}"
                elif default.default is _MISSING:
                    parameter = name
        parameters.append(parameter)
        lines.append(f" _set_{name}(self, {value})\n")
    star = "*, " if kw_only else ""
    exec(f"def __init__(self, {star}{', '.join(parameters)}):\n{''.join(lines)}", known)  # noqa: S102 - names of fields only
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{kind.__qualname__}.__init__"
    return made


class _Fields:
    """`__dataclass_fields__`: made when the standard library's functions ask for it, by the standard library."""

    def __init__(self, names: tuple[str, ...], defaults: dict[str, Any]) -> None:
        self.names = names
        self.defaults = defaults

    def __get__(self, _object: object, kind: type) -> dict[str, Any]:
        import dataclasses

        classes = [each for each in reversed(kind.__mro__) if each in _DECLARED]
        annotations = {name: each.__annotations__[name] for each in classes for name in each.__slots__}  # type: ignore[attr-defined]
        content: dict[str, Any] = {"__annotations__": annotations, "__module__": kind.__module__}
        for name, default in self.defaults.items():
            if not isinstance(default, _Field):
                content[name] = default
            elif default.factory is not None:
                content[name] = dataclasses.field(default_factory=default.factory)
            elif default.default is not _MISSING:
                content[name] = default.default
        made: dict[str, Any] = dataclasses.dataclass(type(kind.__name__, (), content)).__dataclass_fields__  # type: ignore[attr-defined]
        type.__setattr__(kind, "__dataclass_fields__", made)
        return made


def _equal_by(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, object], bool]:
    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    return __eq__


def _hash_by(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    return __hash__


def _represent(self: Any) -> str:
    kind = type(self)
    shown = ", ".join(f"{name}={value!r}" for name, value in zip(fields_of(kind), _VALUES[kind](self), strict=True))
    return f"{kind.__qualname__}({shown})"


def is_data_class(kind: type) -> bool:
    """Whether a class was made a data class here."""
    return kind in _DECLARED


def fields_of(kind: type) -> tuple[str, ...]:
    """The names of a data class's fields, in their order."""
    return _DECLARED[kind][0]


def values_of(each: Any) -> tuple[Any, ...]:
    """The values of an object of a data class, in the order of its fields."""
    return _VALUES[type(each)](each)


def made(kind: type[Any], values: Sequence[Any]) -> Any:
    """An object of a data class that has these values, one for each field. Raises ValueError unless there are so many."""
    each = object.__new__(kind)
    _restore(each, values)
    return each


def _restore(self: Any, values: Sequence[Any]) -> None:
    for set_value, value in zip(_SETTERS[type(self)], values, strict=True):
        set_value(self, value)


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _replace(given: Any, /, **changes: Any) -> Any:
    """As `dataclasses.replace` does, an object like the one given but for some values."""
    kind = type(given)
    values = dict(zip(fields_of(kind), _VALUES[kind](given), strict=True))
    return kind(**(values | changes))


if not TYPE_CHECKING:
    dataclass, field, replace = _dataclass, _field, _replace
