"""What stops a run before anything is checked: trouble with configuration, a schema or the command line."""

from __future__ import annotations

from collections.abc import Iterable


class ConfigError(Exception):
    """Trouble with configuration, a schema or the command line: nothing is checked.

    `file` is the file's name as shown to people, None for the command line; `line` counts from 1, None where no line is
    to blame; `suggestion` is the valid name that was perhaps meant. `str()` gives `file:line: message (did you mean
    "x"?)`.
    """

    def __init__(
        self, message: str, file: str | None = None, line: int | None = None, suggestion: str | None = None
    ) -> None:
        super().__init__(message, file, line, suggestion)  # all of them, so that a pickled copy is whole
        self.message = message
        self.file = file
        self.line = line
        self.suggestion = suggestion

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        hint = f' (did you mean "{self.suggestion}"?)' if self.suggestion is not None else ""
        return f"{place}: {self.message}{hint}" if place else f"{self.message}{hint}"


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name most like `name`, None where none is near. Case and `_` for `-` do not count as differences.

    Near is what a third of its characters, mistyped, make of `name`, or two of them after the first letter; and a longer name
    that has it in it.
    """
    typed = _folded(name[:200])
    ranked = [(_distance(typed, _folded(each)), each) for each in sorted(valid)]
    if not typed or not ranked:
        return None
    distance, found = min(ranked)
    if distance <= max(1, len(typed) // 3):
        return found
    if len(typed) < _LEAST:
        return None
    alike = [(mistakes, each) for mistakes, each in ranked if mistakes <= 2 and _folded(each)[:1] == typed[0]]
    longer = [(len(each), each) for _, each in ranked if typed in _folded(each)]
    return min(alike or longer, default=(0, None))[1]


_LEAST = 4  # characters that two mistakes, or being a part of a name, say something about


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


def _distance(one: str, other: str) -> int:
    """How many characters must be put in, left out, changed or exchanged with the next one to make one name of the other."""
    above: list[int] = []
    row = list(range(len(other) + 1))
    for at, character in enumerate(one):
        before, above, row = above, row, [at + 1]
        for column, wanted in enumerate(other):
            cost = min(above[column + 1] + 1, row[column] + 1, above[column] + (character != wanted))
            if at and column and character == other[column - 1] and one[at - 1] == wanted:
                cost = min(cost, before[column - 1] + 1)
            row.append(cost)
    return row[-1]
