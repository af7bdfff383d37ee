"""Whether the places that a source compares agree: two dates, two texts or two addresses."""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import lru_cache

from validator.parsing.dates import DateValue
from validator.record.model import Disagreement, Reading
from validator.record.places import PlaceReader, Side, side_of
from validator.sources.model import Agreement, Source
from validator.text.patterns import late
from validator.text.places import Span

DISPUTED_FIELD = {"dates-disagree": "date_published", "headlines-disagree": "headline", "urls-disagree": "source_url"}


def disagreements_in(reader: PlaceReader) -> list[Disagreement]:
    """The agreements of the source that the seed breaks. An agreement with a missing side is not checked."""
    out = []
    for agreement, one, other in _compared(reader.source):
        left = reader.side(one)
        right = reader.unplaced(other) if left is not None else None
        if left is None or right is None:
            continue
        difference = _difference(reader, agreement, left, right)
        if difference is not None:
            right = reader.side(other) or right
            if agreement.rule == "dates-disagree":
                left = _dated(left, *reader.date_of(left, one.place))
                right = _dated(right, *reader.date_of(right, other.place))
            out.append(Disagreement(agreement, DISPUTED_FIELD[agreement.rule], left, right, difference))
    return out


def _difference(reader: PlaceReader, agreement: Agreement, left: Reading, right: Reading) -> str | None:
    """How far two sides are apart, in words if they are dates; `None` if they agree or cannot be compared."""
    if agreement.rule != "dates-disagree":
        is_same = same_url if agreement.relation == "same-url" else same_text
        return None if is_same(left.value, right.value) else ""
    first, _ = reader.date_of(left, agreement.left)
    second, _ = reader.date_of(right, agreement.right)
    return dates_differ(agreement, first, second) if first is not None and second is not None else None


@lru_cache(maxsize=256)
def _compared(source: Source) -> tuple[tuple[Agreement, Side, Side], ...]:
    """The agreements of a source with their sides."""
    return tuple((each, side_of(source, each.left), side_of(source, each.right)) for each in source.agreements)


def _dated(reading: Reading, day: DateValue | None, span: Span | None) -> Reading:
    """The side of an agreement with its date, as no field has read it."""
    return reading if reading.date is not None else reading._replace(date=day, span=span, value=str(day))


def dates_differ(agreement: Agreement, left: DateValue, right: DateValue) -> str | None:
    """How far two dates are apart, in words; `None` if they agree or cannot be compared."""
    days = max(agreement.tolerance_seconds // 86400, 0)
    if agreement.relation == "same-instant":
        first, second = left.instant(), right.instant()
        if first is not None and second is not None:
            apart = abs(first - second)
            return _in_words(apart) if apart > timedelta(seconds=agreement.tolerance_seconds) else None
        days = max(days, 1)  # one side has only a day, which a zone may move
    first_day, second_day = left.calendar_day(), right.calendar_day()
    if agreement.relation == "same-month-and-day" or first_day is None or second_day is None:
        year = left.year or right.year or 2000
        is_known = agreement.relation != "same-month-and-day" and left.year is not None and right.year is not None
        others = (right.year or year,) if is_known else (year - 1, year, year + 1)
        years = (other for other in others if MINYEAR <= other <= MAXYEAR)
        nearest = min(_days_apart(_in_year(left, year), _in_year(right, other)) for other in years)
        return _in_words(timedelta(days=nearest)) if nearest > days else None
    apart = abs(first_day - second_day)
    return _in_words(apart) if apart.days > days else None


def _in_year(value: DateValue, year: int) -> tuple[date, date]:
    """The first and the last day that a date can be in a year."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 30 if value.month in (4, 6, 9, 11) else 31 if value.month != 2 else 29 if is_leap else 28
    if value.day is None:
        return date(year, value.month, 1), date(year, value.month, last)
    day = date(year, value.month, min(value.day, last))  # 29 February
    return day, day


def _days_apart(one: tuple[date, date], other: tuple[date, date]) -> int:
    return max((one[0] - other[1]).days, (other[0] - one[1]).days, 0)


def _in_words(apart: timedelta) -> str:
    if apart.days:
        return f"{apart.days} day{'s' if apart.days > 1 else ''} apart"
    minutes, seconds = divmod(int(apart.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes else "",
        f"{seconds} s" if seconds and not hours else "",
    ]
    return " ".join(part for part in parts if part) + " apart"


_MARKS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "´": "'", "`": "'"})
_ESCAPED = late(r"\\([!-/:-@\[-`{-~])")


def same_text(left: str, right: str) -> bool:
    """Whether two texts are equal but for whitespace, quotation marks, character references and Markdown's escapes."""

    def folded(text: str) -> str:
        import html

        return "".join(_ESCAPED.sub(r"\1", html.unescape(text)).translate(_MARKS).split())

    return left == right or folded(left) == folded(right)


def same_url(left: str, right: str) -> bool:
    """Whether two addresses name the same page. Scheme, a final slash, case of the host and encoding do not matter."""
    try:
        return left == right or _parts_of(left) == _parts_of(right)
    except ValueError:
        return left == right


def _parts_of(url: str) -> tuple[str, str, str]:
    """The host, the path and the query of an address, as `same_url` compares them."""
    import html
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(html.unescape(url) if "&" in url else url)
    host, path, query = parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/"), parts.query
    return host, unquote(path) if "%" in path else path, unquote(query) if "%" in query else query


_FOLLOWS_READERS = late(r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid|spm)(?:=|\Z)", re.IGNORECASE)
_HOME = re.compile(r"(?:/(?:index|default|home)\.\w{3,5})?")


def canonical_url(url: str) -> str:
    """An address as every spelling of it becomes that `same_url` takes for the same, for comparing many of them.

    Keys that only say where a reader came from are left out. '' for a site's first page, which is no article's address.
    """
    try:
        host, path, query = _parts_of(url.strip())
    except ValueError:
        return ""
    kept = "&".join(part for part in query.split("&") if part and not _FOLLOWS_READERS.match(part)) if query else ""
    if not host or (not kept and _HOME.fullmatch(path)):
        return ""
    host = host.removesuffix(":80").removesuffix(":443")
    return f"{host}{path}?{kept}" if kept else f"{host}{path}"
