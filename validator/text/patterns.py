"""Patterns of source schemas: RE2 syntax, MULTILINE, each search linear in the length of the text whatever they and it are.

RE2 has no lookaround and no backreference. Matching runs on the UTF-8 bytes of a text that is encoded once, and its
offsets come back in code points; so `\\C`, a single byte, has no place in a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from validator.text.places import Span


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


@lru_cache(maxsize=4096)
def _names(pattern: str) -> dict[str, int]:
    return {name.decode(): index for name, index in compile_pattern(pattern).groupindex.items()}


_ENDS_A_LITERAL = frozenset("dDsSwWbBAznrtfva")  # after a backslash: what stands for other characters, or for none
_REPEAT = re.compile(r"\{\d+(?:,\d*)?\}")
_PIECE = re.compile(r"(?s)\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*+\]|.")
_FLAGS = re.compile(r"\(\?(?![:P<])|\\[^\W_dDsSwWbBAznrtfva]")


def required_literals(pattern: str) -> tuple[bytes, ...]:
    """Texts, in UTF-8, that stand in whatever a pattern matches: where one does not stand, nothing has to be matched.

    Those that need no thought, outside of groups and classes and without a quantifier; none where the pattern has flags,
    alternatives or an escape that is not known here.
    """
    if _FLAGS.search(pattern):
        return ()
    runs = [""]
    depth = at = 0
    while at < len(pattern):
        repeat = _REPEAT.match(pattern, at)
        piece = repeat[0] if repeat else _PIECE.match(pattern, at)[0]  # type: ignore[index]
        at += len(piece)
        if piece in ("(", ")"):
            depth += 1 if piece == "(" else -1
        elif piece == "|" and not depth:
            return ()
        if repeat or piece in ("?", "*"):
            runs[-1] = runs[-1][
                :-1
            ]  # what it repeats need not be there; where that is a group, nothing of it is in the run
        is_literal = len(piece) == 1 and piece not in "()[]{}|?*+.^$" and not repeat
        if len(piece) == 2 and piece[0] == "\\" and piece[1] not in _ENDS_A_LITERAL:
            piece, is_literal = piece[1], True
        if is_literal and not depth:
            runs[-1] += piece
        elif runs[-1]:
            runs.append("")
    literals = {run for run in runs if run and run not in " \n"}  # which stand in any text
    return tuple(run.encode("utf-8", "surrogatepass") for run in sorted(literals, key=lambda run: (-len(run), run)))


Spans = Sequence[tuple[int, int]]  # of a match and of its groups, in bytes; (-1, -1) of a group that took no part


@lru_cache(maxsize=4096)
def _searching(pattern: str) -> Callable[[bytes, int, int], Spans | None]:
    """The search for a pattern in bytes, from one offset up to another. Raises PatternError.

    Without the objects that re2's own `search` makes of each match, which take longer than most searches do; with them, where
    a version of re2 has its insides elsewhere.
    """
    import re2

    compiled = compile_pattern(pattern)
    inner, anchors = getattr(compiled, "_regexp", None), getattr(re2, "_Anchor", None)
    if inner is None or anchors is None:
        return lambda data, start, end: _spans(compiled.search(data, start, end))
    match, anywhere = inner.Match, anchors.UNANCHORED

    def search(data: bytes, start: int, end: int) -> Spans | None:
        spans: Spans = match(anywhere, data, start, end) if start <= end else ((-1, -1),)
        return spans if spans[0][0] >= 0 else None

    return search


def _spans(found: Any) -> Spans | None:
    return [found.span(group) for group in range(found.re.groups + 1)] if found else None


# In a short text the way to RE2 and back takes four times as long as the search. Patterns of which Python's `re` and RE2 say the
# same, and which cannot keep `re` long: what repeats is one character or class, and one thing at most does so without end.
# Not `\s`, which has one more character in Python.
_ALIKE_ONE = r"[\w /:;,=&#%@!~'\"<>-]|\\[dDwW./?+*()-]|\.|\[\^?(?:[\w /:;,=.%@]|\\[dw])+\]"
_ALIKE = re.compile(
    r"(?:\((?:\?:|\?P<[a-z]+>)?|\)(?![?*+{])|[|^$]"
    rf"|(?:{_ALIKE_ONE})(?:[?*+](?![?*+])|\{{\d{{1,2}}(?:,\d{{1,2}})?\}}(?![?*+]))?)+",
    re.ASCII,
)
_WITHOUT_END = re.compile(r"(?<!\\)[*+]")
_SHORT = 256


@lru_cache(maxsize=1024)
def _alike(pattern: str) -> re.Pattern[str] | None:
    """The pattern as Python's, where that finds the same in short ASCII texts, and quickly. Raises PatternError for none."""
    compile_pattern(pattern)
    if _ALIKE.fullmatch(pattern) is None or len(_WITHOUT_END.findall(pattern)) > 1:
        return None
    return re.compile(pattern, re.MULTILINE | re.ASCII)


def matches_in(pattern: str, text: str) -> bool:
    """Whether a pattern matches somewhere in a text. Raises PatternError."""
    if len(text) <= _SHORT and text.isascii() and (alike := _alike(pattern)) is not None:
        return alike.search(text) is not None
    data = text.encode("utf-8", "surrogatepass")
    return _searching(pattern)(data, 0, len(data)) is not None


def group_in(pattern: str, text: str, group: str) -> str | None:
    """What a group of a pattern is in its first match in a text, None without one. Raises PatternError."""
    if len(text) <= _SHORT and text.isascii() and (alike := _alike(pattern)) is not None:
        found = alike.search(text) if group in alike.groupindex else None
        return None if found is None else found[group]
    data = text.encode("utf-8", "surrogatepass")
    search, _, names = _prepared(pattern)
    index = names.get(group, -1)
    spans = search(data, 0, len(data)) if index >= 0 else None
    if spans is None or spans[index][0] < 0:
        return None
    start, end = spans[index]
    return data[start:end].decode("utf-8", "surrogatepass")


@lru_cache(maxsize=4096)
def _prepared(pattern: str) -> tuple[Callable[[bytes, int, int], Spans | None], tuple[bytes, ...], dict[str, int]]:
    """All that is to be known of a pattern for a search: the search, its literals, the numbers of its groups."""
    return _searching(pattern), required_literals(pattern), _names(pattern)


class Match:
    """One match: spans in code points of the subject."""

    __slots__ = ("_spans", "_subject", "names")

    def __init__(self, subject: Subject, spans: Spans, names: dict[str, int]) -> None:
        self._subject = subject
        self._spans = spans
        self.names = names  # of the groups, with their numbers

    def span(self, group: str | int = 0) -> Span | None:
        """The span of a group, None where the pattern has none of that name or it took no part."""
        index = group if isinstance(group, int) else self.names.get(group, -1)
        if index < 0 or self._spans[index][0] < 0:
            return None
        start, end = self._spans[index]
        return self._subject.span(start, end)

    def text(self, group: str | int = 0) -> str | None:
        """The text of a group, None where `span` is."""
        index = group if isinstance(group, int) else self.names.get(group, -1)
        if index < 0 or self._spans[index][0] < 0:
            return None
        start, end = self._spans[index]
        return self._subject.encoded[start:end].decode("utf-8", "surrogatepass")


class Subject:
    """A text to match patterns on, encoded once. `encoded` is the text in UTF-8, where that is at hand."""

    __slots__ = ("_ascii", "_found", "_held", "_known", "encoded", "text")

    def __init__(self, text: str, encoded: bytes | None = None) -> None:
        self.text = text
        self._ascii = text.isascii()
        self.encoded = text.encode("utf-8", "surrogatepass") if encoded is None else encoded
        self._held: dict[bytes, bool] = {}
        self._found: dict[tuple[str, int | None], tuple[Spans | None, dict[str, int]]] = {}
        self._known = (0, 0)  # a byte offset and its code point, to walk on from

    def span(self, start: int, end: int) -> Span:
        """Code points of two byte offsets."""
        first = self._offset(start)
        if self._ascii:
            return Span(first, end)
        last = first + len(self.encoded[start:end].decode("utf-8", "surrogatepass"))
        self._known = (end, last)
        return Span(first, last)

    def _offset(self, byte: int) -> int:
        if self._ascii:
            return byte
        known, offset = self._known
        if byte >= known:
            offset += len(self.encoded[known:byte].decode("utf-8", "surrogatepass"))
        elif 2 * byte > known:
            offset -= len(self.encoded[byte:known].decode("utf-8", "surrogatepass"))
        else:
            offset = len(self.encoded[:byte].decode("utf-8", "surrogatepass"))
        self._known = (byte, offset)
        return offset

    def search(self, pattern: str, within_lines: int | None = None, start: int = 0) -> Match | None:
        """The first match, within the first `within_lines` lines if given, from the code point `start` on."""
        if start:
            search, literals, names = _prepared(pattern)
            last = len(self.encoded) if within_lines is None else self._end(within_lines)
            found = search(self.encoded, self._byte(start), last) if self._holds(literals) else None
        else:
            found, names = self._first(pattern, within_lines)
        return Match(self, found, names) if found else None

    def group(self, pattern: str, name: str, within_lines: int | None = None) -> str | None:
        """What a group is in the first match, None without one: as `search` gives it, but for its place."""
        found, names = self._first(pattern, within_lines)
        index = names.get(name, -1)
        if found is None or index < 0 or found[index][0] < 0:
            return None
        start, end = found[index]
        return self.encoded[start:end].decode("utf-8", "surrogatepass")

    def _first(self, pattern: str, within_lines: int | None) -> tuple[Spans | None, dict[str, int]]:
        """The spans of the first match, and the numbers of the pattern's groups. Several places may share a pattern."""
        known = self._found.get((pattern, within_lines))
        if known is None:
            search, literals, names = _prepared(pattern)
            last = len(self.encoded) if within_lines is None else self._end(within_lines)
            known = search(self.encoded, 0, last) if not literals or self._holds(literals) else None, names
            self._found[pattern, within_lines] = known
        return known

    def fits(self, pattern: str) -> bool:
        """Whether a pattern matches somewhere."""
        search, literals, _ = _prepared(pattern)
        return not (literals and not self._holds(literals)) and search(self.encoded, 0, len(self.encoded)) is not None

    def _holds(self, literals: tuple[bytes, ...]) -> bool:
        """Whether all of them stand in the text; each is looked for once."""
        held = self._held
        for literal in literals:
            found = held.get(literal)
            if found is None:
                found = held[literal] = literal in self.encoded
            if not found:
                return False
        return True

    def matches(self, pattern: str, within_lines: int | None = None) -> Iterator[Match]:
        """All matches from left to right, none overlapping, none empty.

        Each takes linear time. A pattern that looks far ahead for each short match, as `a*b|a` does, is quadratic in all.
        """
        compiled = compile_pattern(pattern)
        if not self._holds(_prepared(pattern)[1]):
            return
        for found in compiled.finditer(self.encoded, 0, self._end(within_lines)):
            if found.end() > found.start():
                yield Match(self, _spans(found) or (), _names(pattern))

    def characters(self, inside: str, at_most: int = 64) -> str | None:
        """Characters of the class `[inside]` that stand in the text, each once at least; None after `at_most` runs of them."""
        found: list[bytes] = []
        for match in compile_pattern(f"[{inside}]+").finditer(self.encoded):
            if len(found) == at_most:
                return None
            found.append(match.group())
        return b"".join(found).decode("utf-8", "surrogatepass")

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
