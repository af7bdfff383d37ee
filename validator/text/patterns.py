"""Patterns: of source schemas, in RE2, and large ones of the program, in Python's `re`.

A schema's pattern is MULTILINE, and each search takes time linear in the length of the text, whatever they and it are. RE2 has
no lookaround and no backreference. Matching runs on the UTF-8 bytes of a text that is encoded once, and offsets come back in
code points; so `\\C`, a single byte, has no place in a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, AnyStr, cast

from validator.text.places import Span, span_of


class _Late:
    """A pattern of Python's `re` that is compiled when one of its methods is first asked for."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(*self._given), name)
        setattr(self, name, method)  # so that this is not called for it again
        return method


def late(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A pattern of Python's `re` that many runs do not need: compiling them all would take a fifth of a commit hook's time."""
    return cast("re.Pattern[AnyStr]", _Late(pattern, flags))


@cache
def expression(pattern: str) -> re.Pattern[str]:
    """A pattern of Python's `re` that is put together when it is needed; `late` is for those that are known before."""
    return re.compile(pattern)


def matches_from(pattern: re.Pattern[str], beginnings: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern, which is tried only where `beginnings` matches: much faster if these are rare."""
    end = 0
    for beginning in beginnings.finditer(text):
        match = pattern.match(text, beginning.start()) if beginning.start() >= end else None
        if match is not None:
            yield match
            end = match.end()


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
    return tuple(sorted(_names(pattern)))


@lru_cache(maxsize=4096)
def _names(pattern: str) -> dict[str, int]:
    return {name.decode(): index for name, index in compile_pattern(pattern).groupindex.items()}


def matches_in(pattern: str, text: str) -> bool:
    """Whether a pattern matches somewhere in a text. Raises PatternError."""
    return compile_pattern(pattern).search(text.encode("utf-8", "surrogatepass")) is not None


def group_in(pattern: str, text: str, group: str) -> str | None:
    """What a group of a pattern is in its first match in a text, None without one. Raises PatternError."""
    encoded = text.encode("utf-8", "surrogatepass")
    found, index = compile_pattern(pattern).search(encoded), _names(pattern).get(group)
    start, end = (-1, -1) if found is None or index is None else found.span(index)
    return encoded[start:end].decode("utf-8", "surrogatepass") if start >= 0 else None


def escaped(text: str) -> str:
    """A pattern that matches only this text, in characters that YAML keeps."""
    signs = re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text).replace("\t", r"\t")
    return "".join(each if each.isprintable() else f"\\x{{{ord(each):x}}}" for each in signs)


class Match:
    """One match: spans in code points of the subject. `names` gives the numbers of the named groups."""

    __slots__ = ("_found", "_subject", "names")

    def __init__(self, subject: Subject, found: Any, names: dict[str, int]) -> None:
        self._subject = subject
        self._found = found
        self.names = names

    def span(self, group: str | int = 0) -> Span | None:
        """The span of a group, None where the pattern has no such group or it took no part."""
        start, end = self._bytes(group)
        return self._subject.span(start, end) if start >= 0 else None

    def text(self, group: str | int = 0) -> str | None:
        """The text of a group, None where `span` is."""
        start, end = self._bytes(group)
        return self._subject.encoded[start:end].decode("utf-8", "surrogatepass") if start >= 0 else None

    def _bytes(self, group: str | int) -> tuple[int, int]:
        """Where a group is in bytes; -1 where the pattern has no such group or it took no part."""
        index = self.names.get(group) if isinstance(group, str) else group
        place: tuple[int, int] = (-1, -1) if index is None else self._found.span(index)
        return place


class Subject:
    """A text to match patterns on, encoded once. `encoded` is the text in UTF-8, if it is known already."""

    __slots__ = ("_ascii", "_found", "_known", "encoded", "text")

    def __init__(self, text: str, encoded: bytes | None = None) -> None:
        self.text = text
        self._ascii = text.isascii()
        self.encoded = text.encode("utf-8", "surrogatepass") if encoded is None else encoded
        # What RE2 found, not a Match: that one has its subject, and objects in a circle are freed late.
        self._found: dict[tuple[str, int | None], Any] = {}
        self._known = (0, 0)  # a byte offset and its code point, to walk on from

    def span(self, start: int, end: int) -> Span:
        """Code points of two byte offsets."""
        if self._ascii:
            return span_of((start, end))
        known, first = self._known
        if 2 * start < known:
            known = first = 0
        first += self._count(known, start) if start >= known else -self._count(start, known)
        last = first + self._count(start, end)
        self._known = end, last
        return span_of((first, last))

    def _count(self, start: int, end: int) -> int:
        """How many code points are between two byte offsets."""
        return len(self.encoded[start:end].decode("utf-8", "surrogatepass"))

    def search(self, pattern: str, within_lines: int | None = None, start: int = 0) -> Match | None:
        """The first match, within the first `within_lines` lines if given, from the code point `start` on.

        Several places of a source may share a pattern, so the first match in the whole text is remembered.
        """
        key = (pattern, within_lines)
        if not start and key in self._found:
            found = self._found[key]
        else:
            if not start and within_lines is None:
                found = compile_pattern(pattern).search(self.encoded)
            else:
                at = start if self._ascii else len(self.text[:start].encode("utf-8", "surrogatepass"))
                end = self._end(within_lines)
                found = compile_pattern(pattern).search(self.encoded, at, end) if at <= end else None
            if not start:
                self._found[key] = found
        return Match(self, found, _names(pattern)) if found is not None else None

    def fits(self, pattern: str) -> bool:
        """Whether a pattern matches somewhere."""
        return compile_pattern(pattern).search(self.encoded) is not None

    def matches(self, pattern: str, within_lines: int | None = None) -> Iterator[Match]:
        """All matches from left to right, without overlaps and empty ones.

        Each takes linear time. A pattern that looks far ahead for each short match, as `a*b|a` does, is quadratic in all.
        """
        for found in compile_pattern(pattern).finditer(self.encoded, 0, self._end(within_lines)):
            if found.end() > found.start():
                yield Match(self, found, _names(pattern))

    def _end(self, within_lines: int | None) -> int:
        if within_lines is None:
            return len(self.encoded)
        at = -1
        for _ in range(within_lines):
            at = self.encoded.find(b"\n", at + 1)
            if at < 0:
                return len(self.encoded)
        return at


class PatternSet:
    """Several patterns that are looked for in one pass. Raises PatternError for one that RE2 does not take."""

    _MEMORY = 64 << 20  # bytes for the states of RE2's automaton; they are made as texts need them

    def __init__(self, patterns: Sequence[str]) -> None:
        import re2

        options = re2.Options()
        options.log_errors = False
        options.max_mem = self._MEMORY
        self._patterns = patterns
        self._set = re2.Set.SearchSet(options)
        for pattern in ("", *patterns):  # the first matches everywhere: if it is not found, RE2 ran out of memory
            try:
                self._set.Add(b"(?m)" + pattern.encode())
            except (re2.error, UnicodeEncodeError):
                compile_pattern(pattern)  # says what is wrong
                raise
        self._set.Compile()

    def found_in(self, utf8: bytes) -> frozenset[str] | None:
        """The patterns that match somewhere in these bytes; None if RE2 cannot tell."""
        found = self._set.Match(utf8) or ()
        if 0 not in found:
            return None
        return frozenset([self._patterns[number - 1] for number in found if number])
