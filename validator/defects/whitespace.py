"""Line ends, blanks at a line's end or beginning, blank lines."""

from __future__ import annotations

import re
from random import Random

from validator.defects.seeds import (
    Base,
    Change,
    Injected,
    Span,
    injects,
    insert,
    lines_of,
    matter_end,
    put,
)


@injects("line-endings")
def other_line_ends(rng: Random, base: Base) -> Injected | None:
    """All lines, or some, in CR LF or in CR."""
    ends = [match.start() for match in re.finditer("\n", base.text)]
    if not ends:
        return None
    kind = rng.choice(("CR LF", "CR LF", "CR"))
    if rng.random() < 0.4:
        ends = sorted(rng.sample(ends, rng.randrange(1, len(ends) + 1)))
    first = ends[0]
    if kind == "CR":
        # Before a line end that stays, it would become one of CR LF.
        ends = [at for at in ends if base.text[at + 1 : at + 2] != "\n" or at + 1 in ends]
        first = ends[0] if ends else 0
        return (
            None if not ends else put(base, *(Change(at, at + 1, "\r") for at in ends), marks=(Span(first, first + 1),))
        )
    return put(base, *(Change(at, at, "\r") for at in ends), marks=(Span(first, first + 2),))


@injects("trailing-whitespace")
def blanks_at_the_end(rng: Random, base: Base) -> Injected | None:
    """Blanks at the end of a line of text, or on a line of their own."""
    if base.markup == "html" or "<pre" in base.text or "<textarea" in base.text or "<script" in base.text:
        return None
    start = matter_end(base.text)
    lines = [
        line for line in lines_of(base, start) if not base.text[slice(*line)].endswith((" ", "\t", "\u00a0", "\u3000"))
    ]
    if not lines:
        return None
    line = rng.choice(lines)
    run = "".join(rng.choices((" ", " ", "\t", "\u3000", "\u2003"), k=rng.randrange(1, 6)))
    if base.markup == "markdown" and not run.strip(" "):
        run = " "  # two would be a line break
    if base.markup == "markdown" and base.text[slice(*line)] and "\u3000" in run + "\u2003":
        run = run.replace("\u3000", "\t").replace("\u2003", " \t")
    return insert(base, line.end, run)


@injects("trailing-whitespace")
def blanks_in_front_matter(rng: Random, base: Base) -> Injected | None:
    """Blanks at the end of a line of front matter."""
    end = matter_end(base.text)
    if not end:
        return None
    lines = [line for line in lines_of(base) if line.end < end]
    return insert(base, rng.choice(lines).end, rng.choice((" ", "  ", "\t", " \t ")))
