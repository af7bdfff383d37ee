"""Dates as seeds give them: explicit spellings, read exactly or not at all.

Nothing is guessed. A date without a year stays without one (`XXXX-11-25`, as in EDTF, ISO 8601-2), and `3/4/2021` is read only
where the source says which number is the day. On 1,203 dates of news pages explicit patterns made no mistake, and parsers
that guess made hundreds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from validator.parsing.zones import NAMES as ZONE_NAMES
from validator.parsing.zones import offset_of
from validator.text.patterns import expression, late

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH_NUMBERS = {word: number for number, name in enumerate(MONTHS, 1) for word in (name, name[:3])} | {"sept": 9}
_WEEKDAY_NUMBERS = {word: number for number, name in enumerate(WEEKDAYS) for word in (name, name[:3])} | {
    "tues": 1, "thur": 3, "thurs": 3,
    **{character: min(number, 6) for number, character in enumerate("一二三四五六日天")},
}  # fmt: skip


def _any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


MONTH_WORDS = _any_of(_MONTH_NUMBERS)
WEEKDAY_WORDS = _any_of(filter(str.isascii, _WEEKDAY_NUMBERS))


class DateValue(NamedTuple):
    """A date as precise as it was written. `zone` is '', 'Z' or '+HH:MM'; `zone_assigned` where the schema gave it.

    `year` is None in a date without its year, `day` in a month of a year; one of them is always known.
    """

    year: int | None
    month: int
    day: int | None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    fraction: str = ""
    zone: str = ""
    zone_assigned: bool = False
    weekday: int | None = None  # as written; Monday is 0

    def __str__(self) -> str:
        text = f"{self.year:04}" if self.year is not None else "XXXX"
        text += f"-{self.month:02}"
        if self.day is not None:
            text += f"-{self.day:02}"
        if self.hour is not None and self.minute is not None:
            text += f"T{self.hour:02}:{self.minute:02}"
            if self.second is not None:
                text += f":{self.second:02}" + (f".{self.fraction}" if self.fraction else "")
            text += self.zone
        return text

    def calendar_day(self) -> date | None:
        """The day it names, in its own zone; None without a year or a day."""
        return date(self.year, self.month, self.day) if self.year is not None and self.day is not None else None

    def instant(self) -> datetime | None:
        """The moment it names, None unless a year, a time and a zone are known."""
        year, month, day, hour, minute, second, fraction, zone, _, _ = self
        if year is None or day is None or hour is None or minute is None or not zone:
            return None
        micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
        try:
            return datetime(year, month, day, hour, minute, min(second or 0, 59), micro, _offset(zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


@lru_cache(maxsize=64)
def _offset(zone: str) -> tzinfo | None:
    return datetime.fromisoformat(f"2000-01-01T00:00{zone}").tzinfo


def assign_zone(value: DateValue, zone_name: str) -> DateValue:
    """The date with the offset that `zone_name` (a name of the tz database) had then; unchanged where it has one or no time.

    Unchanged too where clocks were set back or forward, so that the time occurred twice or not at all. Offsets of seconds,
    before zones were introduced, are rounded to the minute. Raises KeyError if this machine does not know the zone.
    """
    if value.zone or value.hour is None or value.minute is None or value.year is None or value.day is None:
        return value
    from zoneinfo import ZoneInfo

    try:
        zone_info = ZoneInfo(zone_name)
    except (ValueError, OSError):  # a name that is no relative path, or a folder of zones
        raise KeyError(zone_name) from None
    moment = datetime(value.year, value.month, value.day, value.hour, value.minute, tzinfo=zone_info)
    offset = moment.utcoffset()
    if offset is None or offset != moment.replace(fold=1).utcoffset():
        return value
    minutes = round(offset.total_seconds() / 60)
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return value._replace(zone=zone, zone_assigned=True)


def month_number(word: str) -> int | None:
    """1 to 12 of an English month name or its usual abbreviation (`Sept.` too), None for anything else."""
    return _MONTH_NUMBERS.get(word.lower().rstrip("."))


def weekday_number(word: str) -> int | None:
    """0 (Monday) to 6 of an English weekday or its abbreviation, or of a Chinese one's last character."""
    return _WEEKDAY_NUMBERS.get(word.lower().rstrip("."))


_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
_NAMED_ZONE = rf"Z|{'|'.join(ZONE_NAMES)}|(?:GMT|UTC)[+-]\d\d(?::?\d\d)?|(?:GMT|UTC)[+-]\d(?::\d\d)?"
_A_ZONE = rf"(?P<zone>{_NAMED_ZONE}|[+-]\d\d:?\d\d|\+\d\d|(?<=:\d\d:\d\d)-\d\d)"
_ZONE = rf"(?:\ ?{_A_ZONE})?"
# In words 10:00-12:00 is a time until another, and 10:00:00-12:00 an offset.
_WORDS_ZONE = (
    rf"(?:\ ?(?P<zone>{_NAMED_ZONE}|\+\d\d(?::?\d\d)?|-\d{{4}}|(?:(?<=:\d\d:\d\d)|(?<=:\d\d:\d\d\ ))-\d\d:\d\d))?"
)
_WEEKDAY = rf"(?:(?P<weekday>{WEEKDAY_WORDS})\.?,?\ )?"
_MONTH = rf"(?P<month>{MONTH_WORDS})\.?"
_DAY = r"(?P<day>\d\d?)(?P<ordinal>st|nd|rd|th)?"
_SPELLINGS = (
    rf"(?P<year>\d{{4}})-(?P<month>\d\d?)-(?P<day>\d\d?)(?:[T ]{_TIME}{_ZONE})?",
    (
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        rf"(?:T(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?{_ZONE})?"
    ),
    rf"(?P<year>\d{{4}})(?P<sign>[/.])(?P<month>\d\d?)(?P=sign)(?P<day>\d\d?)(?:\ {_TIME}{_ZONE})?",
    rf"{_WEEKDAY}{_MONTH}\ {_DAY}(?:,?\ (?P<year>\d{{4}})(?:,?\ {_TIME}{_WORDS_ZONE})?)?",
    rf"{_WEEKDAY}{_DAY}\ {_MONTH}(?:,?\ (?P<year>\d{{4}})(?:,?\ {_TIME}{_WORDS_ZONE})?)?",
    rf"{_TIME}{_WORDS_ZONE},?\ {_WEEKDAY}{_MONTH}\ (?P<day>\d\d?),?\ (?P<year>\d{{4}})",
    rf"{_TIME}{_WORDS_ZONE},?\ {_WEEKDAY}(?P<day>\d\d?)\ {_MONTH},?\ (?P<year>\d{{4}})",
    (
        rf"(?:(?P<year>\d{{4}})年)?(?P<month>\d\d?)月(?P<day>\d\d?)日"
        rf"(?:\ ?[（(]?(?:星期|周|週)(?P<weekday>[一二三四五六日天])[）)]?)?(?:\ ?{_TIME}{_WORDS_ZONE})?"
    ),
    # a month of a year
    r"(?P<year>\d{4})[-/](?P<month>\d\d?)",
    rf"{_MONTH},?\ (?P<year>\d{{4}})",
    r"(?P<year>\d{4})年(?P<month>\d\d?)月",
)
_NUMERIC = rf"(?P<first>\d\d?)(?P<sign>[/.-])(?P<second_>\d\d?)(?P=sign)(?P<year>\d{{4}})(?:\ {_TIME}{_ZONE})?"


# strptime's directives as far as dates of news pages need them; names of months and days are English in every locale.
_DIRECTIVES = {
    "Y": r"(?P<year>\d{4})", "m": r"(?P<month>\d\d?)", "d": r"(?P<day>\d\d?)", "H": r"(?P<hour>\d\d?)",
    "M": r"(?P<minute>\d\d)", "S": r"(?P<second>\d\d)", "f": r"(?P<fraction>\d{1,9})",
    "z": _A_ZONE, "B": _MONTH, "b": _MONTH,
    "A": rf"(?P<weekday>{WEEKDAY_WORDS})\.?", "a": rf"(?P<weekday>{WEEKDAY_WORDS})\.?", "%": "%",
}  # fmt: skip
_SAME_AS = {"B": "m", "b": "m", "a": "A"}  # directives with the same meaning
_DIGITS = "YmdHMSf"  # directives that are numbers
NAMED_FORMATS = ("any", "epoch-ms", "epoch-s")


def check_format(date_format: str) -> None:
    """Raise ValueError, saying why, unless `date_format` is a name in NAMED_FORMATS or made of known directives."""
    if date_format not in NAMED_FORMATS:
        _format_pattern(date_format)


@lru_cache(maxsize=256)
def _format_pattern(date_format: str) -> re.Pattern[str]:
    pieces: list[str] = []
    seen: set[str] = set()
    before = " "
    # As dates are read: with every run of whitespace folded to one space.
    for directive, character in re.findall(r"%(.?)|(.)", " ".join(date_format.split())):
        if character:
            pieces.append(re.escape(character))
            before = " "
            continue
        states = _SAME_AS.get(directive, directive)
        if directive not in _DIRECTIVES or (states in seen and states != "%"):
            known = " ".join(f"%{name}" for name in _DIRECTIVES if name != "%")
            raise ValueError(f'date format "{date_format}": "%{directive}" is not one of {known}, or is there twice')
        seen.add(states)
        pieces.append(_DIRECTIVES[directive])
        if before in _DIGITS and directive in _DIGITS:  # 2021111 has two readings, 20211101 one
            pieces[-2:] = [piece.replace(r"\d\d?", r"\d\d") for piece in pieces[-2:]]
        before = directive
    if "d" not in seen or "m" not in seen:
        raise ValueError(f'date format "{date_format}" has no day or no month')
    return expression("(?ia)" + "".join(pieces))


def read_date(
    text: str, date_format: str = "any", order: str | None = None, languages: Iterable[str] = ()
) -> DateValue | None:
    """Read a date that is the whole of `text`, whatever whitespace is around and in it.

    `date_format` is made of strptime's directives, or `any` for the explicit spellings known here, or `epoch-ms`, `epoch-s`.
    `order` is `day-first` or `month-first` for dates like 3/4/2021. `languages` are those that the text may be in, as BCP 47
    tags, the likeliest first: they decide where a name means different months. None if there is no such date, or more than
    one reading.
    """
    text = " ".join(text.split())
    if date_format != "any":
        return _formatted(text, date_format)
    return _spelt(text, order, tuple(languages)) if len(text) <= _LONGEST else None


_LONGEST = 80


def _formatted(text: str, date_format: str) -> DateValue | None:
    if date_format in ("epoch-ms", "epoch-s"):
        return _from_epoch(text, 1000 if date_format == "epoch-ms" else 1)
    match = _format_pattern(date_format).fullmatch(text)
    return _valid(match.groupdict()) if match else None


def _spelt(text: str, order: str | None, languages: tuple[str, ...]) -> DateValue | None:
    is_explicit, value = _explicit(text)
    return value if is_explicit else _spelt_otherwise(text, order, languages)


# The schema of a front matter and the record read the same date, and many seeds of an archive are of the same day.
@lru_cache(maxsize=1024)
def _explicit(text: str) -> tuple[bool, DateValue | None]:
    """Whether a text needs nothing that its source says to be read, or cannot be read at all; and its date."""
    plain = _plain(text) if any(map(str.isdecimal, text)) or "年" in text else None
    if plain is None:
        return True, None
    for pattern in _SPELLINGS:
        match = expression(f"(?ia){pattern}").fullmatch(plain)
        if match:
            return True, _valid(match.groupdict())
    return False, None


@lru_cache(maxsize=1024)
def _spelt_otherwise(text: str, order: str | None, languages: tuple[str, ...]) -> DateValue | None:
    plain = _plain(text) or ""
    match = expression(f"(?ia){_NUMERIC}").fullmatch(plain)
    if match:
        return _from_numbers(match.groupdict(), order)
    for pattern in _COUNTED:
        match = expression(f"(?ia){pattern}").fullmatch(plain)
        if match:
            return _from_count(match.groupdict())
    return _in_words(plain, order, languages)


def _in_words(text: str, order: str | None, languages: tuple[str, ...]) -> DateValue | None:
    from validator.parsing.eastern_dates import read_eastern
    from validator.parsing.written_dates import read_written

    may_be_eastern = text[:4].isdecimal() or max(text) >= _FIRST_OF_THE_EAST
    parts = read_eastern(text) if may_be_eastern else None
    if parts is None:
        parts = read_written(text, languages)
    if parts is None:
        return None
    value = _from_numbers(parts, order) if "first" in parts else _valid(parts)
    day = value.calendar_day() if value is not None else None
    if value is None or (day is not None and value.weekday not in (None, day.weekday())):
        return None  # the weekday says another day
    return value


_UNSEEN = late("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+")  # directions of writing
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_THAI_ZERO = "๐"
_FIRST_OF_THE_EAST = "\u2e80"  # the letters of Chinese, Japanese and Korean are from here on


def _plain(text: str) -> str | None:
    """A text with ASCII digits and without full-width signs; None if its digits are of several scripts.

    Full-width and ASCII digits together are usual in Japanese. Thai digits without a word are not read: the year's era is open.
    """
    if text.isascii():
        return text
    import unicodedata

    text = _UNSEEN.sub("", text).translate(_FULL_WIDTH)
    zeros = {chr(ord(each) - unicodedata.decimal(each)) for each in text if each.isdecimal()}
    if len(zeros) > 1 or (zeros == {_THAI_ZERO} and not any(map(str.isalpha, text))):
        return None
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)


# Days counted within a week or a year, as ISO 8601 does.
_COUNTED = tuple(
    rf"(?P<year>\d{{4}}){day}(?:[T ]{_TIME}{_ZONE})?"
    for day in (r"-W(?P<week>\d\d)-(?P<of_week>[1-7])", r"W(?P<week>\d\d)(?P<of_week>[1-7])", r"-(?P<of_year>\d{3})")
)


def _from_count(parts: dict[str, str | None]) -> DateValue | None:
    year = int(parts["year"] or 0)
    try:
        if parts.get("of_year"):
            day = date(year, 1, 1) + timedelta(days=int(parts["of_year"] or 0) - 1)
        else:
            day = date.fromisocalendar(year, int(parts["week"] or 0), int(parts["of_week"] or 0))
    except (ValueError, OverflowError):
        return None
    if parts.get("of_year") and day.year != year:
        return None
    return _valid(parts | {"year": str(day.year), "month": str(day.month), "day": str(day.day)})


def _from_epoch(text: str, per_second: int) -> DateValue | None:
    if len(text) > 15 or not (text.isascii() and text.isdecimal()):
        return None
    seconds, rest = divmod(int(text), per_second)
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    fraction = f"{rest:03}" if rest else ""
    return DateValue(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, fraction, "Z")


def _from_numbers(parts: dict[str, str | None], order: str | None) -> DateValue | None:
    first, second = int(parts["first"] or 0), int(parts["second_"] or 0)
    if order is None:
        if first > 12 >= second:
            order = "day-first"
        elif second > 12 >= first:
            order = "month-first"
        elif first != second:
            return None  # two readings
    day, month = (first, second) if order == "day-first" else (second, first)
    return _valid(parts | {"day": str(day), "month": str(month)})


def _valid(parts: dict[str, str | None]) -> DateValue | None:
    month_text, day_text, year_text = parts["month"] or "", parts.get("day"), parts.get("year")
    month = int(month_text) if month_text.isdigit() else month_number(month_text)
    year = int(year_text) if year_text else None
    day = int(day_text) if day_text else None
    hour, minute, second = (int(parts[key] or 0) if parts.get(key) else None for key in ("hour", "minute", "second"))
    weekday_text = parts.get("weekday") or ""
    weekday = int(weekday_text) if weekday_text.isdigit() else weekday_number(weekday_text)
    zone = offset_of(parts.get("zone") or "")
    is_midnight = hour == 24 and not (minute or second or weekday is not None or parts.get("fraction"))
    try:
        first = date(2000 if year is None else year, month or 0, 1 if day is None else day)
        if is_midnight:  # 24:00 is 00:00 of the next day
            first, hour = first + timedelta(days=1), 0
            year, month, day = first.year, first.month, first.day
        if hour is not None:
            time(hour, minute or 0, min(second or 0, 59))
    except (ValueError, OverflowError):
        return None
    if zone is None or not _is_ordinal(day, parts.get("ordinal")):
        return None
    value = DateValue(year, month or 0, day, hour, minute, second, parts.get("fraction") or "", zone, False, weekday)
    return value if (second or 0) < 60 or _is_leap_second(value) else None


# The years that ended, or had a first half that ended, with a leap second.
_LEAP_SECONDS = {
    (6, 30): {1972, 1981, 1982, 1983, 1985, 1992, 1993, 1994, 1997, 2012, 2015},
    (12, 31): {1972, 1973, 1974, 1975, 1976, 1977, 1978, 1979, 1987, 1989, 1990, 1995, 1998, 2005, 2008, 2016},
}


def _is_leap_second(value: DateValue) -> bool:
    """Whether second 60 of this minute has been. Without a zone that is not known."""
    moment = value.instant() if value.second == 60 else None
    if moment is None or (moment.hour, moment.minute) != (23, 59):
        return False
    return moment.year in _LEAP_SECONDS.get((moment.month, moment.day), ())


def _is_ordinal(day: int | None, ending: str | None) -> bool:
    """Whether an English ending fits its number; "13rd" may be the 13th or the 3rd."""
    if day is None or ending is None:
        return True
    fitting = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return ending.lower() == fitting
