"""Data classes as `validator.frozen` makes them do what those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator import frozen
from validator.findings import Edit, Finding, SeedReport, Severity
from validator.sources import Place, Policy
from validator.text import ORIGIN


@frozen.dataclass(frozen=True, slots=True)
class Ours:
    """With all that a field may have."""

    first: int
    second: str = "two"
    third: list[int] = frozen.field(default_factory=list)
    fourth: tuple[int, ...] = frozen.field(default=())

    @property
    def both(self) -> str:
        return f"{self.first} {self.second}"


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same."""

    first: int
    second: str = "two"
    third: list[int] = dataclasses.field(default_factory=list)
    fourth: tuple[int, ...] = dataclasses.field(default=())

    @property
    def both(self) -> str:
        return f"{self.first} {self.second}"


@frozen.dataclass(frozen=True, slots=True, kw_only=True)
class OursByName:
    """Which may only be given by name."""

    one: int
    two: int = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TheirsByName:
    """The same."""

    one: int
    two: int = 2


@frozen.dataclass(slots=True)
class Open:
    """One that can be changed, with a single field."""

    only: int = 1


def called(kind: Any, *values: Any, **named: Any) -> str:
    """What comes of a call: the object, or the error, in words that do not say which of the two kinds it was."""
    try:
        said = repr(kind(*values, **named))
    except TypeError as error:
        said = str(error)
    return re.sub("Theirs", "Ours", said)


CALLS: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    ((1,), {}),
    ((1, "b"), {}),
    ((1,), {"third": [3]}),
    ((), {"first": 1, "fourth": (4,)}),
    ((1, "b", [1], (2,)), {}),
    ((), {}),
    ((1, 2, 3, 4, 5), {}),
    ((1,), {"first": 1}),
    ((1,), {"fifth": 5}),
    ((), {"second": "b"}),
)


@pytest.mark.parametrize(("values", "named"), CALLS)
@pytest.mark.parametrize("times", [1, 3])
def test_the_first_objects_and_all_later_ones_are_made_alike(
    values: tuple[Any, ...], named: dict[str, Any], times: int
) -> None:
    ours: Any = frozen.dataclass(frozen=True, slots=True)(type("Ours", (), dict(BODY)))
    for _ in range(times):
        assert called(ours, *values, **named).rpartition(".")[2] == called(Theirs, *values, **named).rpartition(".")[2]


BODY = {
    "__annotations__": {"first": "int", "second": "str", "third": "list[int]", "fourth": "tuple[int, ...]"},
    "__module__": __name__,
    "second": "two",
    "third": frozen.field(default_factory=list),
    "fourth": frozen.field(default=()),
}


@pytest.mark.parametrize("named", [{"one": 1}, {"one": 1, "two": 3}, {"two": 3}, {}, {"three": 3}])
def test_by_name_only(named: dict[str, int]) -> None:
    for _ in range(3):
        assert called(OursByName, **named) == called(TheirsByName, **named)
    assert "positional" in called(OursByName, 1)


@given(st.integers(0, 2), st.text(max_size=2), st.integers(0, 2), st.text(max_size=2))
def test_equality_and_hash(first: int, second: str, other_first: int, other_second: str) -> None:
    one, other = Ours(first, second, fourth=(1,)), Ours(other_first, other_second, fourth=(1,))
    assert (one == other) is (Theirs(first, second) == Theirs(other_first, other_second))
    assert one != Theirs(first, second, fourth=(1,))  # type: ignore[comparison-overlap]
    by_name = OursByName(one=first), OursByName(one=other_first)
    assert (hash(by_name[0]) == hash(by_name[1])) is (first == other_first)


def test_nothing_can_be_changed() -> None:
    each = Ours(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'first'"):
        each.first = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'first'"):
        del each.first
    with pytest.raises(AttributeError):
        object.__setattr__(each, "fifth", 5)
    assert not hasattr(each, "__dict__")
    each.third.append(1)
    assert Ours(1).third == []  # each has a list of its own
    with pytest.raises(TypeError, match="unhashable"):
        hash(each)


def test_what_is_not_frozen_can_be_changed_and_has_no_hash() -> None:
    each = Open()
    each.only = 2
    assert each == Open(2)
    assert repr(each) == "Open(only=2)"
    with pytest.raises(TypeError, match="unhashable"):
        hash(each)
    with pytest.raises(AttributeError):
        each.other = 1  # type: ignore[attr-defined]


FINDING = Finding("a", "b", Severity.ERROR, "c", ORIGIN, ORIGIN)
OBJECTS = (
    Ours(1, third=[3]),
    OursByName(one=1),
    Open(3),
    FINDING,
    SeedReport("a", None, None, findings=(FINDING,), record={"a": ["b"]}),
    Place(pattern="x"),
    Policy(),
)


@pytest.mark.parametrize("each", OBJECTS, ids=lambda each: type(each).__name__)
def test_copies_are_equal(each: Any) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(each, protocol)) == each
    assert copy.copy(each) == each
    assert copy.deepcopy(each) == each
    assert frozen.made(type(each), frozen.values_of(each)) == each
    assert frozen.replace(each) == each
    assert dataclasses.replace(each) == each


def test_replacing() -> None:
    for replace in (frozen.replace, dataclasses.replace):
        assert replace(FINDING, message="d") == Finding("a", "b", Severity.ERROR, "d", ORIGIN, ORIGIN)
        with pytest.raises(TypeError):
            replace(FINDING, nothing=1)


def test_the_standard_library_knows_the_fields() -> None:
    assert dataclasses.is_dataclass(Ours)
    ours, theirs = dataclasses.fields(Ours), dataclasses.fields(Theirs)
    said = [(each.name, each.type, each.default, each.default_factory) for each in theirs]
    assert [(each.name, each.type, each.default, each.default_factory) for each in ours] == said
    assert dataclasses.asdict(Ours(1)) == dataclasses.asdict(Theirs(1))
    assert frozen.fields_of(Ours) == ("first", "second", "third", "fourth")


def test_a_class_keeps_what_it_is() -> None:
    assert Ours.__doc__ == "With all that a field may have."
    assert (Ours.__name__, Ours.__module__) == ("Ours", __name__)
    assert Ours(1).both == "1 two"
    match Edit(1, 2, "x"):
        case Edit(start, end, replacement):
            assert (start, end, replacement) == (1, 2, "x")
    assert Place.__match_args__ == ()


def test_there_is_a_value_for_each_field() -> None:
    with pytest.raises(ValueError, match="shorter"):
        frozen.made(Edit, (1, 2))
    with pytest.raises(ValueError, match="longer"):
        frozen.made(Edit, (1, 2, "x", "y"))


@frozen.dataclass(frozen=True, slots=True)
class OursMore(Ours):
    """With fields of its own behind those of its base."""

    fifth: str = "five"


@dataclasses.dataclass(frozen=True, slots=True)
class TheirsMore(Theirs):
    """The same."""

    fifth: str = "five"


def test_a_class_with_a_base_has_the_fields_of_both() -> None:
    for values in ((1,), (1, "b", [3], (4,), "e")):
        ours, theirs = OursMore(*values), TheirsMore(*values)
        assert repr(ours).partition("(")[2] == repr(theirs).partition("(")[2]
        assert dataclasses.astuple(ours) == dataclasses.astuple(theirs)
        assert frozen.fields_of(OursMore) == tuple(field.name for field in dataclasses.fields(theirs))
        assert pickle.loads(pickle.dumps(ours)) == ours == copy.copy(ours)
        assert frozen.replace(ours, fifth="x").fifth == "x"
        assert isinstance(ours, Ours)
        assert ours != Ours(*dataclasses.astuple(ours)[:4])
