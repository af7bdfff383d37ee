"""Text in the cells of a terminal: its width, where it wraps, and the line of a finding with carets under its span.

Widths come from `unicodedata`, imported in 0.3 ms where wcwidth takes 26. They differ from those of wcwidth 0.9
only for spacing combining marks of Indic scripts, flags and a few number forms, on which terminals differ too.
Not handled: text that a terminal lays out from right to left, whose carets are at the logical place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category, east_asian_width

from validator.reports.escaping import HOSTILE, escaped, guarded
from validator.text.patterns import late
from validator.text.places import fold_whitespace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.text.findings import Finding

ELLIPSIS = "…"
EXCERPT_LIMIT = 160  # code points; an excerpt of this length was cut where it was made
CONTEXT_CELLS = 10  # what is kept before a span that is itself too wide for the line

_SIGNS = {"\t": "⇥", "\u00a0": "⍽", " ": "␣"}
_JOINERS = "\u200c\u200d"
_EMOJI_PRESENTATION = "\ufe0f"
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u3164\uffa0"
_VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"

_OPENERS = "（「『《〈【〔［｛"
_CLOSERS = "，。、；：？！）」』》〉】〕］｝…”’"
_WIDE = "\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0003fffd"
_FIRST_WIDE = "\u2e80"  # a word without anything from here on is one piece
_PIECE = late(f"[{_OPENERS}]*+(?![{_OPENERS}])[{_WIDE}][{_CLOSERS}]*|[{_OPENERS}]+|[^{_WIDE}]+")
_WORD = late(r"(?:`[^`]*`|\S)+")
_BEGINS, _INSIDE = "begins", "inside"  # places in a command that has several lines
_ARGUMENT = late(r"""(?:'[^']*'|"[^"]*"|\S)+""")


def cells(character: str) -> int:
    """How many cells of a terminal one printable character takes: 0 for a mark on the one before it, else 1 or 2."""
    if character < "\u0300":
        return 1
    if category(character) in ("Mn", "Me") or character in _JOINERS:
        return 0
    if "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7ff":
        return 0  # vowels and finals of decomposed Korean join the initial
    return 2 if east_asian_width(character) in "WF" else 1


def width_of(text: str) -> int:
    """How many cells a printable text takes."""
    return len(text) if text.isascii() else sum(map(cells, text))


def wrap(
    text: str, width: int, indent: str = "", hanging: str | None = None, *, for_paste: bool = False
) -> Iterator[str]:
    """The lines of a printable text, none wider than `width` cells.

    It is broken at spaces, between wide characters, and inside a word that is wider than a line; not at the spaces of a
    command in backquotes that has room on a line. `hanging` indents all lines but the first; without it `indent` does.
    With `for_paste`, each broken line of a command ends with a backslash, as a shell wants it.
    """
    rest = indent if hanging is None else hanging
    start = line = indent
    used = width_of(indent)
    for space, part, place in _parts(text, max(1, width - max(used, width_of(rest))), for_paste):
        wide = width_of(part)
        mark = 2 if place == _INSIDE else 0  # room for the backslash
        if line != start and (place == _BEGINS or used + space + wide + mark > width):
            yield guarded(line.rstrip()) + (" \\" if place == _INSIDE and space else "")
            start = line = rest
            used = width_of(rest)
        if line == start:
            space = 0
        line += " " * space + part
        used += space + wide
    if line != start:
        yield guarded(line.rstrip())


def _parts(text: str, room: int, for_paste: bool) -> Iterator[tuple[int, str, str]]:
    """The parts between which a text may be broken, none wider than `room`, each with the number of spaces before it, and
    whether it begins a command that has several lines, or is inside one.
    """
    for found in _WORD.findall(text):
        command = fold_whitespace(found)
        is_whole = width_of(command) == len(command) <= room
        is_command = for_paste and not is_whole and found.startswith("`") and " " in command
        for number, word in enumerate(
            [command] if is_whole else _ARGUMENT.findall(found) if is_command else found.split()
        ):
            space = 1
            for piece in [word] if max(word) < _FIRST_WIDE else _PIECE.findall(word):
                for part in _broken(guarded(piece), room):
                    yield space, part, "" if not is_command else _INSIDE if number or not space else _BEGINS
                    space = 0


def _broken(piece: str, room: int) -> Iterator[str]:
    """The piece, or its parts if it is wider than `room`."""
    begin, used = 0, 0
    for at, character in enumerate(piece if width_of(piece) > room else ""):
        wide = cells(character)
        if used + wide > room and at > begin:
            yield piece[begin:at]
            begin, used = at, 0
        used += wide
    yield piece[begin:]


def span_in_excerpt(finding: Finding) -> tuple[int, int]:
    """Which part of a finding's excerpt the finding is about. Of a span over several lines it is the first line."""
    length = len(finding.excerpt)
    first = min(max(finding.start.column - finding.excerpt_column, 0), length)
    if finding.end.line != finding.start.line:
        return first, length
    return first, min(max(finding.end.column - finding.excerpt_column, first), length)


def marked(finding: Finding, width: int, others: Sequence[Finding] = ()) -> tuple[str, str]:
    """The line on which a finding starts and a line of carets under its span, neither wider than `width` cells.

    The spans of `others`, which are on the same line, get carets too where they are in sight.

    The line is cut around the span, with an ellipsis at each cut end. What cannot be seen is shown, at its true place:
    a tab (⇥), a no-break space (⍽), a character of no width, a space that is not the usual one, and the spaces (␣) of a span
    that holds nothing else.
    An empty span has one caret, where something is missing. Of a span over several lines the first line is marked.
    """
    excerpt = finding.excerpt
    first, last = span_in_excerpt(finding)
    if excerpt.endswith("\r") and last < len(excerpt):
        excerpt = excerpt[:-1]  # the line end of a CR LF file is shown only where it is what the finding is about
    row = _row(excerpt, first, last, width, finding.excerpt_column > 1, len(finding.excerpt) >= EXCERPT_LIMIT)
    starts = row.starts
    origin = starts[row.left] - len(row.before)
    base = first
    while row.left < base < len(excerpt) and starts[base + 1] == starts[base]:
        base -= 1
    start = starts[base] - origin
    end = max(starts[min(last, row.right)] - origin, start + 1)
    carets = " " * start + "^" * (end - start)
    for other in others:
        at, until = (place.column - finding.excerpt_column for place in (other.start, other.end))
        if last <= at < until <= row.right:
            carets = carets.ljust(starts[at] - origin) + "^" * (starts[until] - starts[at])
    return row.before + "".join(row.shown[row.left : row.right]) + row.after, carets


def fitted(
    pieces: Sequence[tuple[str, bool]], width: int, around: int = 0, cut: tuple[bool, bool] = (False, False)
) -> list[tuple[str, bool]]:
    """A line of pieces, each with whether it is marked, as it is shown in at most `width` cells.

    The line is cut around what is marked, with an ellipsis at each cut end; what cannot be seen is shown as in `marked`, and
    the line end inside a marked piece as ⏎. A line in which nothing is marked is cut around the character `around`. `cut` says
    whether the line was cut before, at its beginning and at its end.
    """
    text = "".join(piece for piece, _ in pieces).replace("\n", "⏎")
    flags = [flag for piece, flag in pieces for _ in piece]
    first = flags.index(True) if True in flags else min(around, len(flags))
    last = len(flags) - flags[::-1].index(True) if True in flags else first
    near = max(0, first - 4 * width)  # a line may have millions of characters
    text, flags = text[near : last + 4 * width], flags[near : last + 4 * width]
    row = _row(text, first - near, last - near, width, near > 0 or cut[0], cut[1])
    kept = zip(row.shown[row.left : row.right], flags[row.left : row.right], strict=True)
    parts = [("".join(part for part, _ in run), flag) for flag, run in groupby(kept, key=lambda each: each[1])]
    return [part for part in ((row.before, False), *parts, (row.after, False)) if part[0]]


def visible(text: str, is_marked: bool) -> str:
    """A part of a line on which whatever cannot be seen is shown, as in `marked`; a line end as ⏎."""
    if text.isascii() and text.isprintable() and "#" not in text and not (is_marked and text.isspace()):
        return text  # nothing in it needs a sign, which is so of most excerpts
    return "".join(shown for shown, _ in _shown(text.replace("\n", "⏎"), 0, len(text) if is_marked else 0))


class _Row(NamedTuple):
    """A line in a width: how each character is shown, the cell in which each begins, which of them are shown, and the
    ellipsis at each end.
    """

    shown: list[str]
    starts: list[int]
    left: int
    right: int
    before: str
    after: str


def _row(text: str, first: int, last: int, width: int, cut_left: bool, cut_right: bool) -> _Row:
    """The line, cut around `first` up to `last`. `cut_left` and `cut_right` say whether more of it comes before and after."""
    pairs = _shown(text, first, last)
    starts = list(accumulate((wide for _, wide in pairs), initial=0))
    left, right = _window(starts, first, last, width, cut_left, cut_right)
    while left < first and starts[left + 1] == starts[left]:
        left += 1
    before = ELLIPSIS if left > 0 or cut_left else ""
    after = ELLIPSIS if right < len(pairs) or cut_right else ""
    return _Row([shown for shown, _ in pairs], starts, left, right, before, after)


def _window(starts: list[int], first: int, last: int, width: int, cut_left: bool, cut_right: bool) -> tuple[int, int]:
    """Which part of a line is shown, as indices of its characters; `starts` says in which cell each of them begins."""
    length, total = len(starts) - 1, starts[-1]
    beyond = first == length  # the caret is behind the line
    if total + cut_left + max(cut_right, beyond) <= width:
        return 0, length
    budget = max(1, width - 2)
    spare = budget - max(1, starts[last] - starts[first])
    context = min(CONTEXT_CELLS, budget // 4)
    if spare >= CONTEXT_CELLS:
        context = max(spare // 2, spare - (total - starts[last]))
    left = bisect_left(starts, starts[first] - context, 0, first)
    while left == first and 0 < left < length and starts[left + 1] == starts[left]:
        left = first = left - 1  # a mark is shown on what bears it
    return left, max(left, bisect_right(starts, starts[left] + budget) - 1)


def _shown(text: str, first: int, last: int) -> list[tuple[str, int]]:
    """How each character of a line is shown, and in how many cells; `first` up to `last` is the span."""
    hostile = {match.start() for match in HOSTILE.finditer(text)}
    bare = all(category(c) in ("Cf", "Zs", "Cc") or c == _EMOJI_PRESENTATION for c in text[first:last])
    out: list[tuple[str, int]] = []
    is_borne = False  # whether there is something that a mark can be on
    for at, character in enumerate(text):
        sought = bare and first <= at < last  # what cannot be seen is what the finding is about
        shown, wide = character, cells(character)
        if character in _SIGNS and (sought or character != " "):
            shown = _SIGNS[character]
        elif at in hostile or _is_unseen(character, sought):
            shown = escaped(character)
            wide = len(shown)
        elif character == _EMOJI_PRESENTATION or (character == _JOINERS[1] and out and out[-1][1] == 2):
            shown = ""  # it joins emoji into one or widens one, in some terminals only; without it all agree
        elif wide == 0 and not is_borne:
            shown, wide = "◌" + character, 1
        is_borne = is_borne or shown != ""
        out.append((shown, wide))
    return out


def _is_unseen(character: str, sought: bool) -> bool:
    """Whether a character that is not hostile cannot be seen, or not be told from a space."""
    if character < "\u00a0":
        return False
    if character in _JOINERS or character == _EMOJI_PRESENTATION:
        return sought  # scripts and emoji need them
    if character == "\u3000":
        return sought  # the space of Chinese text
    kind = category(character)
    return (kind == "Cf" and character not in _VISIBLE_FORMATS) or kind == "Zs" or character in _FILLERS
