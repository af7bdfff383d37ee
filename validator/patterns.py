"""Patterns of source schemas: RE2 syntax, MULTILINE, each search linear in the length of the text whatever they and it are.

RE2 has no lookaround and no backreference. Matching runs on the UTF-8 bytes of a text that is encoded once, and its
offsets come back in code points; so `\\C`, a single byte, has no place in a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from validator.text import Span


class PatternError(ValueError):
    """A pattern that RE2 does not take; the text says why."""


_NOT_IN_RE2 = (
    ("(?=", "; lookaround is not part of RE2"),
    ("(?!", "; lookaround is not part of RE2"),
    ("(?<", "; lookaround is not part of RE2"),
    ("(?P", "; a backreference is not part of RE2, a group with a name is (?P<name>…)"),
)
_ONE_BYTE = re.compile(r"(?s)(?:[^\\]|\\[^C])*\\C")
_NAMED = re.compile(r"(?<!\\)\(\?P?<(\w+)>")


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """Compile a pattern of a schema. Raises PatternError."""
    import re2  # type: ignore[import-untyped, unused-ignore]

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(b"(?m)" + pattern.encode("utf-8"), options)
    except UnicodeEncodeError as error:
        raise PatternError(f"half of a surrogate pair at {error.start}, which no text has") from None
    except re2.error as error:
        reason = error.args[0] if error.args else error
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        reason = reason.replace("(?m)", "", 1)  # ours
        if "invalid perl operator" in reason:
            reason += next((said for sign, said in _NOT_IN_RE2 if sign in reason), "; RE2 does not know it")
        elif "invalid escape sequence" in reason:
            reason += "; a backreference or an escape that RE2 does not know"
        raise PatternError(reason) from None
    if _ONE_BYTE.match(pattern):
        raise PatternError(r"\C, a single byte, may be a part of a character")
    names = _NAMED.findall(pattern)
    for name in names:
        if names.count(name) > 1:
            raise PatternError(f"two groups are called {name}")
    return compiled


def group_names(pattern: str) -> tuple[str, ...]:
    """The names of a pattern's groups, sorted. Raises PatternError."""
    return tuple(sorted(name.decode() for name in compile_pattern(pattern).groupindex))


class Match:
    """One match: spans in code points of the subject."""

    __slots__ = ("_names", "_spans", "_subject")

    def __init__(self, subject: Subject, match: Any, names: dict[bytes, int]) -> None:
        self._subject = subject
        self._names = names
        self._spans = [match.span(i) for i in range(len(match.groups()) + 1)]

    def span(self, group: str | int = 0) -> Span | None:
        """The span of a group, None where the pattern has none of that name or it took no part."""
        index = group if isinstance(group, int) else self._names.get(group.encode(), -1)
        if index < 0 or self._spans[index][0] < 0:
            return None
        start, end = self._spans[index]
        return self._subject.span(start, end)

    def text(self, group: str | int = 0) -> str | None:
        """The text of a group, None where `span` is."""
        index = group if isinstance(group, int) else self._names.get(group.encode(), -1)
        if index < 0 or self._spans[index][0] < 0:
            return None
        start, end = self._spans[index]
        return self._subject.encoded[start:end].decode("utf-8", "surrogatepass")


class Subject:
    """A text to match patterns on, encoded once."""

    __slots__ = ("_ascii", "_known", "encoded", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._ascii = text.isascii()
        self.encoded = text.encode("utf-8", "surrogatepass")
        self._known = (0, 0)  # a byte offset and its code point, to walk on from

    def span(self, start: int, end: int) -> Span:
        """Code points of two byte offsets."""
        return Span(self._offset(start), self._offset(end))

    def _offset(self, byte: int) -> int:
        if self._ascii:
            return byte
        known, offset = self._known
        if byte < known:
            known, offset = 0, 0
        offset += len(self.encoded[known:byte].decode("utf-8", "surrogatepass"))
        self._known = (byte, offset)
        return offset

    def search(self, pattern: str, within_lines: int | None = None, start: int = 0) -> Match | None:
        """The first match, within the first `within_lines` lines if given, from the code point `start` on."""
        compiled = compile_pattern(pattern)
        found = compiled.search(self.encoded, self._byte(start), self._end(within_lines))
        return Match(self, found, compiled.groupindex) if found else None

    def matches(self, pattern: str, within_lines: int | None = None) -> Iterator[Match]:
        """All matches from left to right, none overlapping, none empty.

        Each takes linear time. A pattern that looks far ahead for each short match, as `a*b|a` does, is quadratic in all.
        """
        compiled = compile_pattern(pattern)
        for found in compiled.finditer(self.encoded, 0, self._end(within_lines)):
            if found.end() > found.start():
                yield Match(self, found, compiled.groupindex)

    def _byte(self, offset: int) -> int:
        return offset if self._ascii or not offset else len(self.text[:offset].encode("utf-8", "surrogatepass"))

    def _end(self, within_lines: int | None) -> int:
        end = len(self.encoded)
        if within_lines is None:
            return end
        at = -1
        for _ in range(within_lines):
            at = self.encoded.find(b"\n", at + 1)
            if at < 0:
                return end
        return at
