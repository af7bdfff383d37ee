"""Two seeds side by side, as pages show them: the data for the table that `page/pair.js` makes."""

from __future__ import annotations

from collections.abc import Sequence

from validator.across.pairs import Pair, Piece
from validator.reports.display import visible
from validator.reports.entries import Entry
from validator.reports.escaping import printable


def pair_entry(pair: Pair) -> Entry:
    """A pair; `share` is how much of the text is the same, in percent."""
    return {
        "there": printable(pair.there),
        "fields": [[each.name, printable(each.here), printable(each.there), int(each.differs)] for each in pair.fields],
        "rows": [
            {
                "equal": row.equal,
                "at": [row.here_line, row.there_line],
                "here": _shown(row.here),
                "there": _shown(row.there),
            }
            for row in pair.rows
        ],
        "equal": pair.equal,
        "share": min(int(pair.similarity * 100), 99) if pair.passages else 100,
        "passages": pair.passages,
        "left": pair.left_out,
        "characters": pair.in_characters,
        "identical": pair.is_identical,
    }


def _shown(pieces: Sequence[Piece]) -> list[list[str | int]]:
    """Pieces as lists: the text, 1 if it differs, and how many characters are left out, if any."""
    return [
        [visible(each.text, each.differs), int(each.differs), *([each.left_out] if each.left_out else [])]
        for each in pieces
    ]
