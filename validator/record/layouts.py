"""Which layout of its source a seed has."""

from __future__ import annotations

from validator.parsing.dates import DateValue, read_date
from validator.parsing.front_matter import FrontMatter
from validator.record.places import PlaceReader
from validator.record.sidecar import Sidecar
from validator.sources.model import Layout, Source
from validator.text.patterns import Subject
from validator.text.places import Normal


def layout_for(
    source: Source,
    found: str,
    normal: Normal,
    subject: Subject,
    front_matter: FrontMatter | None,
    path: str | None,
    sidecar: Sidecar,
    languages: tuple[str, ...],
) -> Source:
    """The source with the seed's layout merged in: the first whose pattern is in the text and whose days hold the seed's date.

    The date is the one that this layout reads; where it reads none, a curator's in the sidecar. A date without year or day
    is in no range. If no layout fits, the source is used as written.
    """

    def is_in_range(layout: Layout) -> bool:
        laid_out = layout.source
        is_page = laid_out.policy.container == "html" and front_matter is None
        reader = PlaceReader(laid_out, found, normal, subject, front_matter, path, is_page, languages)
        reading = reader.first("date_published")
        value = reading.date if reading is not None else _attested(sidecar, languages)
        day = value.calendar_day() if value is not None else None
        return day is not None and (layout.valid_from or day) <= day <= (layout.valid_until or day)

    for layout in source.layouts:
        if layout.pattern is not None and subject.search(layout.pattern) is None:
            continue
        if (layout.valid_from is None and layout.valid_until is None) or is_in_range(layout):
            return layout.source
    return source


def _attested(sidecar: Sidecar, languages: tuple[str, ...]) -> DateValue | None:
    """The date that a curator gives."""
    values = [each.value for each in sidecar.record if each.field == "date_published"]
    value = next((each for each in values if isinstance(each, str)), None)
    return read_date(value, languages=languages) if value is not None else None
