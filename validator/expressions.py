"""Regular expressions that are compiled when they are first used, and need not be compiled in each run anew.

Compiling takes longer than matching: an expression with a few ranges of Chinese letters takes up to 5 ms, a clean seed is
checked in less, and most expressions of the rules are only asked where something has been found.

What the `re` module compiles an expression to is a list of numbers. `compiled_here` gives the lists that were made in this
process, each as bytes; `recall` takes those of an earlier one. Both rest on parts of `re` that Python may change: where these
are not what they were in 3.11 to 3.14, every expression is compiled in the ordinary way.
"""

from __future__ import annotations

import re
from sys import byteorder
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from typing import AnyStr

_Key = tuple[str | bytes, int]
_MOST = 1_000  # lists that are kept: more than there are expressions in the program, and in the globs of an archive
_recalled: dict[_Key, tuple[Any, ...]] = {}
_made: dict[_Key, tuple[Any, ...]] = {}


class _Late:
    """What stands for an expression. Each of its methods is that of the compiled one from its first use on."""

    def __init__(self, pattern: str | bytes, flags: int | re.RegexFlag) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "_compiled":
            self._compiled = compiled(self.pattern, self._flags)
            return self._compiled
        found = getattr(self._compiled, name)
        setattr(self, name, found)
        return found


def expression(pattern: AnyStr, flags: int | re.RegexFlag = 0) -> re.Pattern[AnyStr]:
    """As `re.compile` does, but later; so a mistake in the pattern is raised at its first use."""
    return cast("re.Pattern[AnyStr]", _Late(pattern, flags))


def compiled(pattern: Any, flags: int | re.RegexFlag = 0) -> re.Pattern[Any]:
    """As `re.compile` does, but from what is recalled."""
    key = (pattern, int(flags))
    try:
        import _sre  # type: ignore[import-not-found, unused-ignore]

        if key in _recalled:
            all_flags, code, *groups = _recalled.pop(key)  # which stays out where it turns out to be no list
            numbers = memoryview(code).cast("I").tolist()
            found = _sre.compile(pattern, all_flags, numbers, *groups)
            _recalled[key] = (all_flags, code, *groups)
            return cast("re.Pattern[Any]", found)
        if key in _made or len(_made) >= _MOST:
            return re.compile(pattern, flags)
        all_flags, numbers, *groups = _numbers(pattern, int(flags))
        _made[key] = (all_flags, b"".join(number.to_bytes(4, byteorder) for number in numbers), *groups)
        return cast("re.Pattern[Any]", _sre.compile(pattern, all_flags, numbers, *groups))
    except (ImportError, AttributeError, TypeError, ValueError, OverflowError, RuntimeError):
        return re.compile(pattern, flags)


def _numbers(pattern: Any, flags: int) -> tuple[Any, ...]:
    """What `re` compiles a pattern to, as arguments of `_sre.compile` after the pattern. Raises re.error for none."""
    parser, compiler = re._parser, re._compiler  # type: ignore[attr-defined]
    parsed = parser.parse(pattern, flags)
    groups: dict[str, int] = parsed.state.groupdict
    names = {index: name for name, index in groups.items()}
    code = [int(number) for number in compiler._code(parsed, flags)]
    every = tuple(names.get(index) for index in range(parsed.state.groups))
    return (flags | int(parsed.state.flags), code, parsed.state.groups - 1, dict(groups), every)


def circumstances() -> str:
    """What the lists depend on besides pattern and flags."""
    import _sre
    from sys import version

    return f"{_sre.MAGIC} {_sre.CODESIZE} {version}"


def recall(lists: object) -> None:
    """Use lists that `compiled_here` gave in the same circumstances; what is something else is left alone."""
    if isinstance(lists, dict):
        _recalled.update(lists)


def compiled_here() -> dict[_Key, tuple[Any, ...]]:
    """The lists of the expressions that had to be compiled in this process, and those recalled; empty where none had to."""
    return {**_recalled, **_made} if _made and len(_recalled) < _MOST else {}
