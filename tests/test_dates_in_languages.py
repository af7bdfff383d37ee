"""Dates in many languages: what newspapers write, read as they mean it or not at all."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linearity import assert_linear
from running import table

from benchmarks import date_names
from validator.parsing.date_words import folded, key_of, languages, tokens_of
from validator.parsing.dates import _explicit, _spelt, _spelt_otherwise, read_date
from validator.text.tables import table as table_of

BY_LANGUAGE: dict[str, dict[str, list[str]]] = table("dates_in_languages", "languages")
ROWS = [
    (language, text, "None" if expected == "refused" else str(expected))
    for language, said in BY_LANGUAGE.items()
    for expected, texts in said.items()
    for text in texts
]
EVERY = sorted(languages())


@pytest.mark.parametrize(("language", "text", "expected"), ROWS)
def test_a_date_is_read_as_its_newspapers_mean_it(language: str, text: str, expected: str) -> None:
    assert str(read_date(text)) == expected


HINTED = [row for row in ROWS if row[2] != "None"]


@pytest.mark.parametrize(("language", "text", "expected"), HINTED)
def test_the_language_changes_nothing_where_all_agree(language: str, text: str, expected: str) -> None:
    assert str(read_date(text, languages=[language])) == expected
    assert str(read_date(text, languages=["en"])) == expected


@pytest.mark.parametrize(("text", "known", "expected"), table("dates_in_languages", "hinted"))
def test_a_name_with_two_meanings_is_read_where_the_language_is_known(
    text: str, known: list[str], expected: str
) -> None:
    assert str(read_date(text, languages=known)) == expected


@pytest.mark.parametrize(("text", *("any_order", "day_first", "month_first")), table("dates_in_languages", "ordered"))
def test_numbers_in_a_date_with_words_need_an_order(
    text: str, any_order: str, day_first: str, month_first: str
) -> None:
    assert str(read_date(text)) == any_order
    assert str(read_date(text, order="day-first")) == day_first
    assert str(read_date(text, order="month-first")) == month_first


def test_there_are_many_forms_in_many_languages() -> None:
    assert len(ROWS) >= 400
    assert len(BY_LANGUAGE) >= 30
    assert len({text for _, text, _ in ROWS}) >= 400


# --- any date -----------------------------------------------------------------------------------------------------------

# As Babel writes a date of each language, by CLDR's own patterns; Babel is no part of the program.
LOCALES = [tag for tags in date_names.LOCALES.values() for tag in tags]
LOCALES += [
    "ja",
    "ko",
    "zh",
    "zh_Hant",
    "zh_Hant_HK",
    "pt_PT",
    "en_CA",
    "en_IN",
    "de_CH",
    "fr_CH",
    "ar_EG",
    "es_CL",
    "nn",
]
DAYS = st.dates(date(1605, 1, 1), date(2400, 1, 1))


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=25)  # of each language
@given(value=DAYS, form=st.sampled_from(["full", "long", "medium", "d MMMM y", "EEE d MMM y", "MMMM d, y", "LLLL y"]))
def test_any_day_reads_back_as_that_day_or_not_at_all(locale: str, value: date, form: str) -> None:
    babel = pytest.importorskip("babel.dates")
    text = babel.format_date(value, form, locale=locale)
    for known in ((), (locale,)):
        read = read_date(text, languages=known)
        assert read is None or (read.year, read.month, read.day or value.day) == (value.year, value.month, value.day)


# Those whose long dates CLDR writes as newspapers do: every day must be read.
READ = [
    *("en", "en_GB", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "bg", "ru"),
    *("uk", "el", "tr", "ar", "he", "hi", "bn", "id", "vi", "ja", "ko", "zh", "zh_Hant", "ca", "sr"),
    *("sr_Latn", "sl", "et", "lt", "lv", "is", "mk", "az", "kk", "af", "sq", "gl", "ms", "sw"),
]  # fmt: skip


@pytest.mark.parametrize("locale", READ)
@settings(max_examples=25)  # of each language
@given(value=DAYS, form=st.sampled_from(["full", "long"]))
def test_any_long_date_is_read_in_its_language(locale: str, value: date, form: str) -> None:
    babel = pytest.importorskip("babel.dates")
    text = babel.format_date(value, form, locale=locale)
    read = read_date(text, languages=[locale])
    assert read is not None, text
    assert read.calendar_day() == value
    assert read.weekday in (None, value.weekday())
    assert read_date(text) in (read, None)


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es", "ru", "pl", "id", "ja", "ko", "zh"])
@given(moment=st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_any_time_reads_back_as_that_time_or_not_at_all(locale: str, moment: datetime) -> None:
    babel = pytest.importorskip("babel.dates")
    moment = moment.replace(second=0, microsecond=0)
    clock = babel.format_time(moment, "short", locale=locale)
    for between in (" ", ", "):
        read = read_date(f"{babel.format_date(moment, 'long', locale=locale)}{between}{clock}", languages=[locale])
        assert read is None or str(read) == f"{moment:%Y-%m-%dT%H:%M}"


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_days_counted_in_weeks_and_years(value: date) -> None:
    year, week, day = value.isocalendar()
    of_year = (value - date(value.year, 1, 1)).days + 1
    texts = [f"{value.year:04}-{of_year:03}"]
    if 1 <= year <= 9999:
        texts += [f"{year:04}-W{week:02}-{day}", f"{year:04}W{week:02}{day}", f"{year:04}-W{week:02}-{day}T05:06"]
    for text in texts:
        read = read_date(text)
        assert read is not None
        assert read.calendar_day() == value


@pytest.mark.parametrize(
    "text",
    [
        "2021-W54-1",
        "2021-W53-1",
        "2021-W00-1",
        "2021-W09-8",
        "2021-W09-0",
        "2021-W09",
        "2021-000",
        "2021-366",
        "2021-400",
    ],
)
def test_a_week_or_a_day_that_a_year_has_not(text: str) -> None:
    assert read_date(text) is None
    assert str(read_date("2020-366")) == "2020-12-31"


# --- eras, halves of the day --------------------------------------------------------------------------------------------

ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民國": 1911, "中華民國": 1911}


@given(st.dates(date(1850, 1, 1), date(2100, 1, 1)), st.sampled_from(sorted(ERAS)))
def test_a_day_of_an_era_is_that_day_or_none(value: date, era: str) -> None:
    count = value.year - ERAS[era]
    read = read_date(f"{era}{'元' if count == 1 else count}年{value.month}月{value.day}日") if count > 0 else None
    assert read is None or read.calendar_day() == value


# --- hostile texts ------------------------------------------------------------------------------------------------------

WORDS = [
    *("4", "2021", "12:30", "March", "mar", "mai", "Mai", "de", "le", "г.", "в", "a", "h", "p.m.", "PM", "lis", "(UTC+8)", "GMT"),
    *("+08", "-05:00", ",", ".", "-", "/", "年", "月", "日", "3月", "下午", "令和", "元", "오후", "년", "٤", "४", "Thứ", "tháng"),
    *("th", "er", "º", "พ.ศ.", "2564", "Do", "to", "(木)", "’", "\u0301", "\u200c", "'", "ß", "İ", "²"),
]  # fmt: skip


@given(
    st.lists(st.sampled_from(WORDS), max_size=14),
    st.sampled_from(["", " "]),
    st.lists(st.sampled_from([*EVERY, "", "xx", "no"]), max_size=2),
    st.sampled_from([None, "day-first", "month-first"]),
)
@example(["'", "4"], "", [], None)
def test_no_words_raise_and_what_is_read_reads_back(
    words: list[str], between: str, known: list[str], order: str | None
) -> None:
    read = read_date(between.join(words), order=order, languages=known)
    if read is not None and read.year is not None:
        again = read_date(str(read))
        assert again is not None
        assert str(again) == str(read)


@given(st.text(max_size=60))
def test_folding_is_done_once(text: str) -> None:
    once = folded(text)
    assert "".join(token.text for token in tokens_of(once)) == "".join(once.split())
    assert key_of(key_of(text)) == key_of(text)


@pytest.mark.parametrize(
    "piece", ["4 ", "4. ", "mar ", "a ", "de ", "4 mars 2021 ", "(", "12:30 ", "年", "thứ 5 ", "日("]
)
def test_time_grows_as_the_text_does(piece: str) -> None:
    def read(text: str) -> None:
        _explicit.cache_clear()
        _spelt_otherwise.cache_clear()
        _spelt(text, None, ())

    assert_linear(lambda length: piece * (length // len(piece)), read, size=400)


# --- the table ----------------------------------------------------------------------------------------------------------


def test_the_table_is_read_only_for_a_date_in_words() -> None:
    script = (
        "import sys; from validator.parsing.dates import read_date\n"
        "for text in ('2021-03-04', '2021-03-04T05:06:07.000Z', '20210304', 'March 4, 2021', 'Thu, 04 Mar 2021 05:06:07 GMT',"
        " '2021年3月4日', '3/4/2021', '28/7/2021', 'A. Specimen', '2021-02-30', '2021-W09-4'):\n"
        "    read_date(text)\n"
        "assert not [name for name in sys.modules if 'date_words' in name or 'written' in name], 'read'\n"
        "assert str(read_date('4 mars 2021')) == '2021-03-04'\n"
        "assert 'validator.parsing.date_words' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_table_is_as_the_program_compares_words() -> None:
    names: dict[str, Any] = table_of("validator.parsing", "date_names.json")
    for tag in EVERY:
        assert len(names[tag]["months"]) == 12
        assert len(names[tag]["weekdays"]) == 7
        assert all(names[tag]["months"]) or tag == "vi"
        for forms in (
            form for words in names[tag].values() for form in (words if isinstance(words, list) else [words])
        ):
            for form in filter(None, forms.split("|")):
                assert key_of(form) == form, (tag, form)


def test_the_table_is_what_the_script_makes() -> None:
    babel = pytest.importorskip("babel")
    if not babel.__version__.startswith("2.19"):
        pytest.skip("another version of CLDR")
    assert date_names.made() == table_of("validator.parsing", "date_names.json")
