"""Dates in Chinese, Japanese and Korean: eras, halves of the day, hours and minutes with their own signs.

A date is given back as its parts, in texts of ASCII digits. Nothing is read where an hour has two meanings, as 上午12:30 has.
"""

from __future__ import annotations

import re
from datetime import date

from validator.parsing.zones import MORE_NAMES, NAMES
from validator.text.patterns import expression

_HAN = {character: number for number, character in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0}
_HAN_DATE = re.compile(
    "([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})日)?"
)
# The first day of each era, the last, and the year before its first.
_ERAS = {
    "令和": (date(2019, 5, 1), date.max, 2018),
    "平成": (date(1989, 1, 8), date(2019, 4, 30), 1988),
    "昭和": (date(1926, 12, 25), date(1989, 1, 7), 1925),
    "大正": (date(1912, 7, 30), date(1926, 12, 25), 1911),
    "明治": (date(1873, 1, 1), date(1912, 7, 30), 1867),  # before, Japan's months were other ones
    "民國": (date(1912, 1, 1), date.max, 1911),
}
_ERA = "(?P<era>令和|平成|昭和|大正|明治|(?:中華|中华)?民[國国]) ?(?P<era_year>[0-9]{1,3}|元)"
_ZH_DAY = r"(?P<month>\d\d?) ?月 ?(?P<day>\d\d?) ?[日号號]"
_WEEKDAY = (
    r"(?:,? ?(?:\((?:(?:星期|周|週|礼拜|禮拜)?(?P<weekday>[一二三四五六天])"
    r"|(?:星期|周|週)?(?P<weekday2>[日月火水木金土])(?:曜日?)?"
    r"|(?P<weekday3>[월화수목금토일])(?:요일)?)\)|(?:星期|周|週|礼拜|禮拜)(?P<weekday4>[一二三四五六日天])"
    r"|(?P<weekday5>[日月火水木金土])曜日?|(?P<weekday6>[월화수목금토일])요일))?"
)
_HALF = "(?P<half>上午|下午|午前|午後|오전|오후|早上|凌晨|晚上|晚间|晚間|AM|PM)"
_CLOCK = (
    r"(?P<hour>\d\d?)(?:(?P<colon>:)(?P<minute>\d\d)(?::(?P<second>\d\d))?"
    r"| ?[时時点點시](?: ?(?P<minute2>\d\d?) ?[分분](?: ?(?P<second2>\d\d?) ?[秒초])?)?)"
)
_OFFSET = r"(?:GMT|UTC) ?[+-]\d\d?(?::?\d\d)?|\+\d\d(?::?\d\d)?|-\d{4}"
_ZONE = rf"(?: ?\(?(?P<zone>Z|{'|'.join((*NAMES, *MORE_NAMES))}|{_OFFSET})\)?)?"
_TIME = rf"(?:(?:,? ?|T){_HALF}? ?{_CLOCK}{_ZONE})?"
_DATES = (
    rf"(?:(?:{_ERA}|(?:西元|公元|西暦)? ?(?P<year>\d{{4}})) ?年 ?)?{_ZH_DAY}{_WEEKDAY}{_TIME}",
    rf"(?:(?P<year>\d{{4}}) ?년,? ?)?(?P<month>\d\d?) ?월 ?(?P<day>\d\d?) ?일{_WEEKDAY}{_TIME}",
    rf"(?P<year>\d{{4}})(?P<sign>[-/]|\. ?)(?P<month>\d\d?)(?P=sign)(?P<day>\d\d?)\.?{_WEEKDAY}{_TIME}",
    rf"(?:{_ERA}|(?P<year>\d{{4}})) ?年 ?(?P<month>\d\d?) ?月",
    r"(?P<year>\d{4}) ?년 ?(?P<month>\d\d?) ?월",
)
_WEEKDAYS = {
    character: number
    for days in ("一二三四五六日", "一二三四五六天", "月火水木金土日", "월화수목금토일")
    for number, character in enumerate(days)
}


def _number(han: str) -> str:
    tens, ten, ones = han.rpartition("十")
    if not ten:
        return str(_HAN[han]) if len(han) == 1 else "0"
    if tens == "十" or len(tens) > 1 or len(ones) > 1:
        return "0"  # no day and no month
    return str((_HAN[tens] if tens else 1) * 10 + (_HAN[ones] if ones else 0))


def _in_digits(match: re.Match[str]) -> str:
    year = "".join(str(_HAN[character]) for character in match[1])
    return f"{year}年{_number(match[2])}月" + (f"{_number(match[3])}日" if match[3] else "")


def hour_of(half: str, hour: int) -> int | None:
    """The hour of 24 that an hour of a half of the day is; None if it has two meanings or none."""
    if half in ("下午", "오후", "PM"):
        if half == "PM" and not 1 <= hour <= 12:
            return None
        return hour % 12 + 12 if 1 <= hour <= 12 else (hour if 13 <= hour <= 23 else None)
    if half == "午後":
        return hour + 12 if hour < 12 else None  # 午後0時 is noon, 午後12時 may be midnight
    if half in ("晚上", "晚间", "晚間"):
        return hour + 12 if 6 <= hour <= 11 else (hour if 18 <= hour <= 23 else None)
    if half in ("오전", "AM"):
        return hour % 12 if 1 <= hour <= 12 else (hour if hour == 0 and half == "오전" else None)
    return hour if hour < 12 else None


def _year(parts: dict[str, str | None]) -> str | None:
    """The year of the common era; '0' for a day that the era did not have."""
    era = parts.get("era")
    if not era:
        return parts.get("year")
    first, last, before = _ERAS[era[-2:].replace("国", "國")]
    count = 1 if parts["era_year"] == "元" else int(parts["era_year"] or 0)
    year, month = before + count, int(parts["month"] or 0)
    try:
        day = parts.get("day")
        days = [date(year, month, int(day))] if day else [date(year, month, 1), date(year, month, 28)]
    except ValueError:
        return "0"
    return str(year) if count and days[-1] >= first and days[0] <= last else "0"


def read_eastern(text: str) -> dict[str, str | None] | None:
    """The parts of a date in Chinese, Japanese or Korean that is the whole of a text; None if it is no such date."""
    text = _HAN_DATE.sub(_in_digits, text, count=1)
    for pattern in _DATES:
        match = expression(f"(?a){pattern}").fullmatch(text)
        if match:
            break
    else:
        return None
    parts = match.groupdict()
    parts["year"] = _year(parts)
    for name in ("minute", "second"):
        parts[name] = parts.get(name) or parts.get(f"{name}2")
    if parts.get("hour") and not parts["minute"]:
        parts["minute"] = "00"
    if parts.get("half"):
        hour = hour_of(parts["half"] or "", int(parts["hour"] or 0))
        parts["hour"] = "99" if hour is None else str(hour)
    weekday = next((parts[name] for name in parts if name.startswith("weekday") and parts[name]), None)
    parts["weekday"] = str(_WEEKDAYS[weekday]) if weekday else None
    return parts
