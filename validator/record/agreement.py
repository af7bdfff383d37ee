"""Whether the places that a source compares agree."""

from __future__ import annotations

from validator.record.comparing import dates_differ, same_text, same_url
from validator.record.model import Disagreement
from validator.record.places import PlaceReader

DISPUTED_FIELD = {"dates-disagree": "date_published", "headlines-disagree": "headline", "urls-disagree": "source_url"}


def disagreements_in(reader: PlaceReader) -> list[Disagreement]:
    """The agreements of the source that the seed breaks. An agreement with a missing side is not checked."""
    out = []
    for agreement in reader.source.agreements:
        left, right = reader.side(agreement.left), reader.side(agreement.right)
        if left is None or right is None:
            continue
        if agreement.rule == "dates-disagree":
            left, right = reader.dated(left, agreement.left), reader.dated(right, agreement.right)
            if left.date is None or right.date is None:
                continue
            difference = dates_differ(agreement, left.date, right.date)
        else:
            is_same = same_url if agreement.relation == "same-url" else same_text
            difference = None if is_same(left.value, right.value) else ""
        if difference is not None:
            out.append(Disagreement(agreement, DISPUTED_FIELD[agreement.rule], left, right, difference))
    return out
