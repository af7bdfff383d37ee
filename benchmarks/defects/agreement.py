"""Places of a seed that no longer say the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from benchmarks.defects.given import COMMENT, MONTHS, attesting, entry_of, without_attested
from validator.defects.seeds import GAP, LINK, WHOLE, Base, Change, Injected, Span, draw, injects, insert, put


@injects("dates-disagree")
def comment_of_another_moment(rng: Random, base: Base) -> Injected | None:
    """The milliseconds above the article, seconds to years away from the date."""
    entry, comment = entry_of(base, "date"), COMMENT.search(base.text)
    if entry is None or comment is None or base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    shift = rng.choice((6, 30, 3600, 28800, 86400, 31_536_000)) if "T" in base.text[slice(*entry[1])] else 4 * 86400
    moved = int(comment[1]) + rng.choice((1, -1)) * shift * 1000
    return put(base, Change(*comment.span(1), str(moved)), marks=(entry[1],))


@injects("dates-disagree")
def name_of_another_day(rng: Random, base: Base) -> Injected | None:
    """A file whose name begins with another day."""
    entry = entry_of(base, "date")
    if entry is None or base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    stated = date.fromisoformat(base.text[entry[1].start : entry[1].start + 10])
    day = stated + timedelta(days=rng.choice((3, -3, 7, 31, -365)))
    folder = "zaobao-jekyll" if base.source == "zaobao-jekyll" else "_posts"
    given = replace(base.given, path=f"{folder}/{day.isoformat()}-specimen.md")
    right = replace(base.given, path=f"{folder}/{stated.isoformat()}-specimen.md")
    return put(base, marks=(entry[1],), given=given, reference=(base.text, right))


@injects("dates-disagree")
def address_of_another_day(rng: Random, base: Base) -> Injected | None:
    """An address with another day in it."""
    entry = entry_of(base, "date")
    if entry is None or base.source != "zaobao-jekyll":
        return None
    days = list(re.finditer(r"(?<=/story)\d{8}(?=-)", base.text))
    if not days:
        return None
    stated = date.fromisoformat(base.text[entry[1].start : entry[1].start + 10])
    day = stated + timedelta(days=rng.randrange(3, 900) * rng.choice((1, -1)))
    return put(base, *(Change(*each.span(), f"{day:%Y%m%d}") for each in days), marks=(entry[1],))


@injects("dates-disagree")
def another_date(rng: Random, base: Base) -> Injected | None:
    """Another date in the front matter, against the comment; and against the address, where that has one."""
    entry, comment = entry_of(base, "date"), COMMENT.search(base.text)
    if entry is None or comment is None or base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    stated = date.fromisoformat(base.text[entry[1].start : entry[1].start + 10])
    day = stated + timedelta(days=rng.randrange(3, 300) * rng.choice((1, -1)))
    addresses = 1 if base.source == "zaobao-jekyll" and re.search(r"/story\d{8}-", base.text) else 0
    named = 1 if re.search(r"\d{4}-\d\d-\d\d-[^/]*$", base.given.path) else 0
    change = Change(entry[1].start, entry[1].start + 10, day.isoformat())
    return put(base, change, marks=(entry[1],) * (1 + addresses + named))


def _another_word(rng: Random, text: str) -> str:
    """The text with a letter gone, a letter or a word more."""
    letters = [at for at, character in enumerate(text) if character.isalnum()]
    at = rng.choice(letters)
    return rng.choice(
        (text[:at] + text[at + 1 :], text[:at] + rng.choice("x新") + text[at:], text + rng.choice((" x", "（一）")))
    )


@injects("dates-disagree")
def field_of_another_day(rng: Random, base: Base) -> Injected | None:
    """A leaked field with another day than the dateline that follows it."""
    given = without_attested(base, "date_published") if base.source == "chinamil-text" else None
    dateline = re.match(rf"[A-Z][A-Z .'-]+, ({'|'.join(MONTHS)}) (\d+) -- ", base.text)
    if given is None or dateline is None:
        return None
    year = rng.randrange(1995, 2029)
    stated = date(year, MONTHS.index(dateline[1]) + 1, int(dateline[2]))
    day = stated + timedelta(days=rng.randrange(2, 100) * rng.choice((1, -1)))
    field = f"{rng.choice((' ', ''))}date {day.isoformat()} "
    at = field.index(day.isoformat())
    mark = Span(at, at + 10)
    return insert(base, 0, field, marks=(mark,), given=given, follows=("leaked-field",))


@injects("headlines-disagree")
def another_headline(rng: Random, base: Base) -> Injected | None:
    """Another headline in the link above the article, or in the front matter."""
    entry, link = entry_of(base, "title"), LINK.search(base.text)
    if (
        entry is None
        or link is None
        or base.source not in ("jekyll-copy", "zaobao-jekyll")
        or not re.search(r"\w", link[1])
    ):
        return None
    if rng.random() < 0.5:
        return put(base, Change(*link.span(1), _another_word(rng, link[1])), marks=(entry[1],))
    inner = base.text[entry[1].start + 1 : entry[1].end - 1]
    if base.text[entry[1].start] != '"' or "\\" in inner:
        return None
    return put(base, Change(*entry[1], f'"{_another_word(rng, inner)}"'))


@injects("urls-disagree")
def another_address(rng: Random, base: Base) -> Injected | None:
    """Another address in the link above the article: of another page, query or host."""
    entry, link = entry_of(base, "from"), LINK.search(base.text)
    if entry is None or link is None or base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    url = link[2]
    other = rng.choice(
        (
            url + "x",
            url + "/2" if "?" not in url else url + "&page=2",
            re.sub(r"(?<=://)[^/]+", "other.example.org", url),
        )
    )
    return put(base, Change(*link.span(2), other), marks=(entry[1],))


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@injects("language-disagrees")
def another_language_attested(rng: Random, base: Base) -> Injected | None:
    """A curator's word that the text is in a language that shares nothing with its own."""
    if len(base.text) < 1000:
        return None
    return put(base, marks=WHOLE, given=attesting(base, language=rng.choice(("fi", "tr", "ja", "ar"))))


@injects("weekday-disagrees")
def wrong_weekday(rng: Random, base: Base) -> Injected | None:
    """A date with a weekday that it did not fall on, in English or Chinese, put between two sentences or words."""
    day = date(1990, 1, 1) + timedelta(days=rng.randrange(14_000))
    wrong = (day.weekday() + rng.randrange(1, 7)) % 7
    name, month = WEEKDAYS[wrong], MONTHS[day.month - 1]
    gap = draw(rng, base, GAP)
    if gap is not None and base.markup == "text":
        short = rng.random() < 0.3
        # "Sun" without a point is a newspaper as well.
        name, month = (name[:3] + ("." if wrong == 6 else rng.choice(("", "."))), month[:3]) if short else (name, month)
        written = rng.choice(
            (
                f"{name}, {month} {day.day}, {day.year}",
                f"{name}, {day.day} {month} {day.year}",
                f"{name} {month} {day.day}, {day.year}",
                f"{name}, {month} {day.day}th, {day.year}",
                f"{name} {day.day} {month} {day.year}",
                f"{name}, {month} {day.day:02}, {day.year}",
            )
        )
        return insert(base, gap.end, f"on {written} ", marks=(Span(gap.end + 3, gap.end + 3 + len(written)),))
    place = draw(rng, base, "[。，]")
    if place is None:
        return None
    numeral = "一二三四五六日"[wrong]
    if wrong == 6 and rng.random() < 0.5:
        numeral = "天"
    opening = rng.choice(("", "（", "("))
    closing = {"": "", "（": "）", "(": ")"}[opening]
    said = f"{day.year}年{day.month}月{day.day}日{opening}{rng.choice(('星期', '周', '礼拜', '週', '禮拜'))}{numeral}"
    return insert(base, place.end, f"{said}{closing}，", marks=(Span(place.end, place.end + len(said)),))
