"""The end of the last line, blank lines, blanks at the beginning of a line."""

from __future__ import annotations

import re
from random import Random

from validator.defects.seeds import Base, Change, Injected, Span, body_start, injects, insert, lines_of, put


@injects("final-newline")
def open_last_line(rng: Random, base: Base) -> Injected | None:
    """The last line end taken away."""
    kept = len(base.text.rstrip("\n"))
    return put(base, Change(kept, len(base.text), ""), marks=(Span(kept, kept),))


@injects("final-newline")
def another_last_line(rng: Random, base: Base) -> Injected | None:
    """One more line, without its end."""
    line = (
        rng.choice(("One line is added.", "这里又多了一行。", "-", "</div>"))
        if base.markup != "text"
        else "One line is added."
    )
    end = len(base.text) + len(line)
    return insert(base, len(base.text), line, marks=(Span(end, end),)) if base.text.endswith("\n") else None


@injects("blank-lines")
def too_many_blank_lines(rng: Random, base: Base) -> Injected | None:
    """Blank lines beyond the one that parts two paragraphs."""
    if base.markup == "html" or "<pre" in base.text:
        return None
    start = body_start(base)
    ends = [match for match in re.finditer(r"(?<=[^\s>])\n(\n?)(?=[^\s<])", base.text) if match.start() >= start]
    if not ends:
        return None
    match = rng.choice(ends)
    more = rng.randrange(1, 4)
    missing = 0 if match[1] else 1  # the one that may stand there
    surplus = Span(match.end() + missing, match.end() + missing + more)
    return insert(base, match.end(), "\n" * (missing + more), marks=(surplus,))


@injects("blank-lines")
def blank_lines_of_blanks(rng: Random, base: Base) -> Injected | None:
    """Blank lines that are not empty."""
    injected = too_many_blank_lines(rng, base)
    if injected is None:
        return None
    (change,), (mark,) = injected.changes, injected.marks
    kept = mark.start - change.start
    lines = "\n" * kept + "".join("".join(rng.choices(" \t", k=rng.randrange(3))) + "\n" for _ in range(*mark))
    return insert(
        base,
        change.start,
        lines,
        marks=(Span(mark.start, change.start + len(lines)),),
        follows=("trailing-whitespace",),
    )


@injects("blank-lines")
def blank_lines_at_the_end(rng: Random, base: Base) -> Injected | None:
    """Blank lines after the last one."""
    if base.markup == "html" or not base.text.endswith("\n") or base.text.endswith("\n\n"):
        return None
    return insert(base, len(base.text), "\n" * rng.randrange(1, 5))


@injects("indentation")
def indented(rng: Random, base: Base) -> Injected | None:
    """Blanks at the beginning of a line of text, where others have none."""
    if base.markup != "text":
        return None
    lines = [
        line
        for line in lines_of(base)
        if line.start > 0 and line.start >= body_start(base) - 90 and line.end > line.start
    ]
    if len(lines) < 3:
        return None
    line = rng.choice(lines)
    return insert(base, line.start, rng.choice((" ", "  ", "    ", "\t", "\u3000", " \t", "\u2003")))
