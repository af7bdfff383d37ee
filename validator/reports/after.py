"""The line of a finding as its fixes would leave it."""

from __future__ import annotations

from collections.abc import Iterable

from validator.reports.display import EXCERPT_LIMIT, fitted
from validator.text.findings import Applicability, Edit, Finding


def edits_in_excerpt(finding: Finding) -> list[Edit]:
    """The edits of a finding's fix, counted from the beginning of its excerpt. Empty if one is not wholly inside it, and for a
    fix that is only shown.
    """
    fix = finding.fix
    if fix is None or not fix.edits or fix.applicability is Applicability.DISPLAY:
        return []
    origin = finding.start.offset - (finding.start.column - finding.excerpt_column)
    edits = [Edit(edit.start - origin, edit.end - origin, edit.replacement) for edit in fix.edits]
    return edits if all(0 <= edit.start <= edit.end <= len(finding.excerpt) for edit in edits) else []


def line_after(finding: Finding, others: Iterable[Finding], width: int) -> list[tuple[str, bool]]:
    """The line of a finding in at most `width` cells after its fix and those of `others` on the same line, in pieces, each with
    whether it is new. Empty if it cannot be shown, or nothing is left of the line.
    """
    first = edits_in_excerpt(finding)
    if not first:
        return []
    shift = finding.excerpt_column - finding.start.column + finding.start.offset
    edits = list(first)
    for other in others:
        moved = other.start.offset - other.start.column + other.excerpt_column - shift
        edits += [Edit(each.start + moved, each.end + moved, each.replacement) for each in edits_in_excerpt(other)]
    text, pieces, at = finding.excerpt, list[tuple[str, bool]](), 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        if edit.start < at or edit.end > len(text):
            continue  # two fixes that overlap: only one of them can be carried out
        pieces += [(text[at : edit.start], False), (edit.replacement, True)]
        at = edit.end
    pieces = [piece for piece in (*pieces, (text[at:], False)) if piece[0]]
    if not "".join(piece for piece, _ in pieces).strip("\r"):
        return []
    cut = finding.excerpt_column > 1, len(text) >= EXCERPT_LIMIT
    return fitted(pieces, width, first[0].start, cut)
