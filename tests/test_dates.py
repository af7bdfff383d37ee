"""Dates: every spelling with the precision it states, what is not read at all, zones, formats."""

from __future__ import annotations

import ast
import locale
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import table

from validator.parsing import dates
from validator.parsing.dates import (
    MONTHS,
    WEEKDAYS,
    DateValue,
    assign_zone,
    check_format,
    month_number,
    read_date,
    weekday_number,
)

# What stands there, and what it says: no more than that.
READ: list[Any] = table("dates", "read")


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_spelling_is_read_as_precisely_as_it_states(text: str, expected: str) -> None:
    assert str(read_date(text)) == expected


NOT_READ: list[Any] = table("dates", "not-read")


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_no_date_or_has_two_readings_is_not_read(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("3/4/2021", "day-first", "2021-04-03"),
        ("3/4/2021", "month-first", "2021-03-04"),
        ("03.04.2021 05:06", "day-first", "2021-04-03T05:06"),
        ("28/7/2021", "day-first", "2021-07-28"),
        ("28/7/2021", "month-first", "None"),  # the source says that it is no such date
        ("7/28/2021", "day-first", "None"),
        ("2021-03-04", "day-first", "2021-03-04"),  # nothing to decide
    ],
)
def test_the_source_says_which_number_is_the_day(text: str, order: str, expected: str) -> None:
    assert str(read_date(text, order=order)) == expected


@pytest.mark.parametrize(
    ("text", "weekday"),
    [
        ("Thursday, March 4, 2021", 3),
        ("Sun March 7, 2021", 6),
        ("Tues. 2 Mar 2021", 1),
        ("2021年3月4日 星期四", 3),
        ("2021年3月7日星期天", 6),
        ("2021年3月7日（周日）", 6),
        ("Monday, March 4, 2021", 0),  # it was a Thursday: kept as it is stated
        ("March 4, 2021", None),
    ],
)
def test_the_weekday_is_kept_as_stated(text: str, weekday: int | None) -> None:
    read = read_date(text)
    assert read is not None
    assert read.weekday == weekday


# --- any date -----------------------------------------------------------------------------------------------------------

DAYS = st.dates()
_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def _name(number: int, names: tuple[str, ...], short: bool) -> str:
    name = names[number][: 3 if short else None]
    return name.title()


def _english(value: date, short: bool) -> tuple[str, str]:
    return _name(value.month - 1, MONTHS, short), _name(value.weekday(), WEEKDAYS, short)


SPELLINGS: dict[str, Callable[[date, bool], str]] = {
    "iso": lambda value, short: value.isoformat(),
    "iso with a time": lambda value, short: f"{value.isoformat()}{' ' if short else 'T'}05:06",
    "slashes": lambda value, short: f"{value.year:04}/{value.month}/{value.day}",
    "dots": lambda value, short: f"{value.year:04}.{value.month:02}.{value.day:02}",
    "month first": lambda value, short: f"{_english(value, short)[0]} {value.day}, {value.year:04}",
    "with a weekday": lambda value, short: (
        f"{_english(value, short)[1]}, {_english(value, short)[0]} {value.day} {value:%Y}"
        if value.year > 999
        else value.isoformat()
    ),
    "day first": lambda value, short: (
        f"{value.day}{_ORDINALS.get(value.day, 'th')} {_english(value, short)[0]} {value.year:04}"
    ),
    "as in letters": lambda value, short: (
        f"{_english(value, True)[1]}, {value.day:02} {_english(value, True)[0]} {value.year:04} 05:06:07 +0000"
    ),
    "time first": lambda value, short: f"05:06, {_english(value, short)[0]} {value.day}, {value.year:04}",
    "Chinese": lambda value, short: f"{value.year:04}年{value.month}月{value.day}日",
    "Chinese with a weekday": lambda value, short: (
        f"{value.year:04}年{value.month:02}月{value.day:02}日 {'周' if short else '星期'}{'一二三四五六日'[value.weekday()]}"
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
@given(value=DAYS, short=st.booleans())
def test_any_day_in_any_spelling_reads_back_as_that_day(name: str, value: date, short: bool) -> None:
    read = read_date(SPELLINGS[name](value, short))
    assert read is not None
    assert read.calendar_day() == value
    assert read.weekday in (None, value.weekday())


@given(value=DAYS, day_first=st.booleans(), sign=st.sampled_from("/.-"))
def test_any_day_in_numbers_reads_back_where_the_order_is_known(value: date, day_first: bool, sign: str) -> None:
    numbers = (value.day, value.month) if day_first else (value.month, value.day)
    text = f"{numbers[0]}{sign}{numbers[1]}{sign}{value.year:04}"
    ordered = read_date(text, order="day-first" if day_first else "month-first")
    assert ordered is not None
    assert ordered.calendar_day() == value
    unordered = read_date(text)
    # Without an order: that day, or none; never the other one.
    assert unordered is None or unordered.calendar_day() == value
    assert (unordered is None) == (value.day <= 12 and value.day != value.month)


@given(
    st.datetimes(timezones=st.builds(timezone, st.integers(-840, 840).map(lambda n: timedelta(minutes=n)))),
    st.sampled_from(["minutes", "seconds", "milliseconds"]),
)
def test_any_moment_reads_back_and_is_written_as_it_stood(moment: datetime, precision: str) -> None:
    text = moment.isoformat(timespec=precision)
    read = read_date(text)
    assert read is not None
    assert str(read) == text
    try:
        expected = datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        assert read.instant() is None
    else:
        assert read.instant() == expected


@given(st.sampled_from([text for text, _ in READ]))
def test_what_was_read_is_written_in_a_form_that_reads_the_same(text: str) -> None:
    read = read_date(text)
    assert read is not None
    if read.year is not None:
        again = read_date(str(read))
        assert again is not None
        assert str(again) == str(read)


HOSTILE = st.text() | st.text("0123456789-/.:, TZ+年月日()MarchSun\u00a0²٣", max_size=60)


@given(
    HOSTILE,
    st.sampled_from(["any", "epoch-ms", "epoch-s", "%Y-%m-%d", "%H:%M, %B %d, %Y", "%A %d %b %Y %H:%M:%S.%f %z"]),
    st.sampled_from([None, "day-first", "month-first"]),
)
def test_no_text_raises(text: str, date_format: str, order: str | None) -> None:
    read = read_date(text, date_format, order)
    if read is not None:
        assert str(read)
        read.instant()
        day = read.calendar_day()
        assert (day is None) == (read.year is None)
        assign_zone(read, "Asia/Shanghai")


# --- formats ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "date_format", "expected"), table("dates", "formats"))
def test_a_format_is_read_as_written(text: str, date_format: str, expected: str) -> None:
    check_format(date_format)
    assert str(read_date(text, date_format)) == expected


@pytest.mark.parametrize(
    ("date_format", "message"),
    [
        ("%Y-%m-%q", '"%q" is not one of %Y %m %d'),
        ("%y-%m-%d", '"%y" is not one of'),
        ("%Y-%m-%d %", '"%" is not one of'),
        ("%d %m %d", "is there twice"),
        ("%d %B %m", "is there twice"),
        ("%b %B %d", "is there twice"),
        ("%A %a %d %m", "is there twice"),
        ("%Y-%m", "has no day or no month"),
        ("%Y %d", "has no day or no month"),
        ("epoch", "has no day or no month"),
        ("", "has no day or no month"),
    ],
)
def test_a_format_that_is_none_says_why(date_format: str, message: str) -> None:
    with pytest.raises(ValueError, match="date format") as caught:
        check_format(date_format)
    assert message in str(caught.value)
    assert f'"{date_format}"' in str(caught.value)


@given(st.text("%YmdHMSfzBbAa -/.q()\\[", max_size=20))
def test_any_format_is_taken_or_refused_with_a_value_error(date_format: str) -> None:
    try:
        check_format(date_format)
    except ValueError:
        return
    read_date("2021-03-04", date_format)


@pytest.mark.parametrize(
    ("text", "date_format", "expected"),
    [
        ("0", "epoch-s", "1970-01-01T00:00:00Z"),
        ("1614834367", "epoch-s", "2021-03-04T05:06:07Z"),
        ("1614834367000", "epoch-ms", "2021-03-04T05:06:07Z"),
        ("1614834367012", "epoch-ms", "2021-03-04T05:06:07.012Z"),
        (" 1614834367 ", "epoch-s", "2021-03-04T05:06:07Z"),
        ("-1", "epoch-s", "None"),
        ("1614834367.5", "epoch-s", "None"),
        ("999999999999999", "epoch-s", "None"),  # no year that a calendar has
        ("9" * 5000, "epoch-ms", "None"),
        ("１", "epoch-s", "None"),
        ("2021-03-04", "epoch-s", "None"),
        ("", "epoch-ms", "None"),
    ],
)
def test_counts_from_the_epoch(text: str, date_format: str, expected: str) -> None:
    assert str(read_date(text, date_format)) == expected


@given(st.integers(0, 253_402_300_799_999))
def test_any_count_of_milliseconds_is_that_moment(count: int) -> None:
    read = read_date(str(count), "epoch-ms")
    assert read is not None
    assert read.instant() == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=count)


# --- zones --------------------------------------------------------------------------------------------------------------


def dated(text: str) -> DateValue:
    read = read_date(text)
    assert read is not None
    return read


@pytest.mark.parametrize(("text", "zone", "expected"), table("dates", "zones"))
def test_a_zone_is_assigned_with_the_offset_of_that_day(text: str, zone: str, expected: str) -> None:
    before = dated(text)
    after = assign_zone(before, zone)
    assert str(after) == expected
    assert after.zone_assigned == (str(after) != str(before))


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2037, 12, 31)),
    st.sampled_from(["Asia/Shanghai", "Asia/Singapore", "America/New_York", "Europe/London", "Australia/Lord_Howe"]),
)
def test_an_assigned_zone_is_the_moment_that_the_zone_had(moment: datetime, zone: str) -> None:
    moment = moment.replace(second=0, microsecond=0, tzinfo=ZoneInfo(zone))
    value = assign_zone(dated(moment.strftime("%Y-%m-%d %H:%M")), zone)
    if value.zone_assigned:
        assert value.instant() == moment.astimezone(UTC)
    else:
        assert moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


@pytest.mark.parametrize("zone", ["Asia/Shangai", "Asia", "", "../UTC", "/etc/localtime", "Asia/Shanghai\0"])
def test_an_unknown_zone_is_a_key_error(zone: str) -> None:
    with pytest.raises(KeyError):
        assign_zone(dated("2012-11-27 10:10"), zone)
    assert assign_zone(dated("2012-11-27"), zone) == dated("2012-11-27")  # no time: nobody asks for the zone


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2021-03-04T05:06:07.25Z", datetime(2021, 3, 4, 5, 6, 7, 250_000, UTC)),
        ("2021-03-04T05:06+08:00", datetime(2021, 3, 3, 21, 6, tzinfo=UTC)),
        ("2021-03-04T05:06:07.123456789Z", datetime(2021, 3, 4, 5, 6, 7, 123_456, UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),  # a leap second
        ("0001-01-01T00:00+08:00", None),  # before the first day
        ("9999-12-31T23:59-08:00", None),
        ("2021-03-04T05:06", None),
        ("2021-03-04", None),
        ("March 4", None),
    ],
)
def test_an_instant_needs_a_day_a_time_and_a_zone(text: str, instant: datetime | None) -> None:
    assert dated(text).instant() == instant


# --- names --------------------------------------------------------------------------------------------------------------


def test_months_and_weekdays_by_name_and_abbreviation() -> None:
    for number, name in enumerate(MONTHS, 1):
        for word in (name, name.title(), name.upper(), name[:3], f"{name[:3]}."):
            assert month_number(word) == number
    for number, name in enumerate(WEEKDAYS):
        for word in (name, name.title(), name.upper(), name[:3], f"{name[:3]}."):
            assert weekday_number(word) == number
    assert month_number("Sept.") == 9
    assert [weekday_number(word) for word in ("Tues", "Thur.", "Thurs")] == [1, 3, 3]
    assert [weekday_number(word) for word in "一二三四五六日天"] == [0, 1, 2, 3, 4, 5, 6, 6]


@pytest.mark.parametrize("word", ["", ".", "m", "ma", "marching", "mart", "octo", "januar", "märz", "3", "三月"])
def test_no_other_word_is_a_month(word: str) -> None:
    assert month_number(word) is None


@pytest.mark.parametrize("word", ["", ".", "m", "mo", "monkey", "sunny", "thursdays", "七", "一二", "0"])
def test_no_other_word_is_a_weekday(word: str) -> None:
    assert weekday_number(word) is None


def _locales() -> list[str]:
    """Locales with other names of months that this machine has."""
    before = locale.setlocale(locale.LC_ALL)
    found = []
    try:
        for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "zh_CN.UTF-8", "ru_RU.UTF-8", "tr_TR.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_ALL, name)
            except locale.Error:
                continue
            found.append(name)
    finally:
        locale.setlocale(locale.LC_ALL, before)
    return found


@pytest.mark.parametrize("name", _locales())
def test_names_are_english_in_every_locale(name: str) -> None:
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
        for text, expected in READ:
            assert str(read_date(text)) == expected
        assert str(read_date("10:20, May 4, 2021", "%H:%M, %B %d, %Y")) == "2021-05-04T10:20"
    finally:
        locale.setlocale(locale.LC_ALL, before)


def test_nothing_that_goes_by_the_locale_is_used() -> None:
    """A machine may have no locale but C; so what would ask for it must not be there at all."""
    tree = ast.parse(Path(dates.__file__).read_text("utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    }
    assert not used & {"strptime", "strftime", "calendar", "locale", "LOCALE", "month_name", "day_name"}
