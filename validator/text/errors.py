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
    """The valid name most like `name`, None where none is near. Case and `_` for `-` do not count as differences."""
    from difflib import get_close_matches

    folded = {each.lower().replace("_", "-"): each for each in sorted(valid, reverse=True)}
    found = get_close_matches(name[:200].lower().replace("_", "-"), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
