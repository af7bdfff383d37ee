"""Rules about the record: whether what an archive needs to know of an article is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from validator.parsing.markup import GONE, has_text
from validator.parsing.placeholders import markup_in, said_of_headline, said_of_name
from validator.parsing.zones import offset_of
from validator.record.model import count_visible
from validator.rules.registry import rule
from validator.rules.views import LOOKS_LIKE, Found, said_of
from validator.text.findings import Basis, Severity
from validator.text.patterns import late
from validator.text.places import Span

if TYPE_CHECKING:
    from validator.record.model import Record
    from validator.rules.views import Values


_SCRIPTS_SHOWN = 3


def _missing(values: Values, name: str, noun: str, detail: str = "") -> Iterator[Found]:
    record = values.record
    if name not in values.missing:
        return
    if name in record.empty:
        span, message = record.empty[name], f"the {noun} is empty"
    elif name in record.unread:
        span = record.unread[name]
        message = f"the {noun} is in a form that is not read, expected a text or a list of texts"
    else:
        alike = values.lookalikes.get(name, ())
        hint = values.misspelt.get(name, detail)
        if not hint and alike:
            _, line, text = alike[0]
            hint = f'; line {line} looks like one: "{text[:60]}"'
        span, message = record.opening or Span(0, 0), f"no {noun} found{hint}"
        looks = tuple((f'{LOOKS_LIKE}: "{text[:60]}"', place) for place, _, text in alike)
        yield Found(span, message, related=(*looks, *_scripts(record)), whole=True, severity=values.required[name])
        return
    yield Found(span, message, related=_scripts(record), whole=True, severity=values.required[name])


def _scripts(record: Record) -> tuple[tuple[str, Span], ...]:
    scripts = [("JSON-LD that cannot be read: it is no JSON, or too large", script) for script in record.unread_scripts]
    return tuple(scripts[:_SCRIPTS_SHOWN])


@rule(severity=Severity.ERROR, about="missing")
def headline_missing(values: Values) -> Iterator[Found]:
    r"""No headline where this source has it.

    Bad [path=chinanews-translated/a.txt]: China News Service, March 4. Text.\n
    Good [path=mod-gov-cn/a.txt]: A headline of this example\nText.\n

    Does not handle: a headline that is there and says nothing.

    Next: find it on the publisher's page or in print, and attest it: `validator attest FILE headline "…" --basis "…"`.
    """
    yield from _missing(values, "headline", "headline")


@rule(severity=Severity.ERROR, about="missing")
def byline_missing(values: Values) -> Iterator[Found]:
    r"""Nobody is named who wrote the article or is responsible for it.

    Bad [path=mod-gov-cn/a.txt]: A headline of this example\nText.\n
    Good [path=mod-gov-cn/a.txt]: A headline of this example\nBy A. Specimen\nText.\n

    Does not handle: a name in the text only, such as a photographer's.

    Next: find the name and attest it: `validator attest FILE byline "…" --basis "…"`. If the article is unsigned, say so:
    `validator attest FILE byline_kind unsigned --basis "…"`.
    """
    if values.record.byline_kind != "unsigned":
        yield from _missing(values, "byline", "byline")


@rule(severity=Severity.WARNING, about="record.byline_kind")
def byline_impersonal(values: Values) -> Iterator[Found]:
    r"""The byline names an agency or the publisher, not a person.

    Perhaps there was no more; perhaps the capture lost a name.

    Bad [path=chinanews-translated/a.txt]: China News Service, March 4. Text.\n
    Good [path=mod-gov-cn/a.txt]: A headline of this example\nBy A. Specimen\nText.\n

    Does not handle: names of agencies that the source does not list; an attested byline.

    Next: look whether the publisher's page names a person; if not, accept the finding.
    """
    record = values.record
    reading = record.reading("byline")
    is_impersonal = record.byline_kind in ("agency", "publisher")
    if reading is None or not is_impersonal or reading.basis is Basis.ATTESTED:
        return
    noun = "an agency" if record.byline_kind == "agency" else "the publisher"
    yield said_of(reading, f'the byline "{reading.value}" is {noun}, not a person')


@rule(severity=Severity.ERROR)
def placeholder_value(values: Values) -> Iterator[Found]:
    r"""A placeholder as headline or byline: what a program, a template or a form writes if the value is missing.

    `N/A`, `null`, `admin`, `{{ author }}`, `Untitled` count as present for every program, so nobody looks for the real value.
    An address, a date or a number in the place of a name is reported too. A role (`Staff Writer`) or a name with brackets or
    other words is a warning.

    Bad [source=front-matter]: ---\ntitle: Untitled\ndate: 2021-03-04\nauthor: A\nurl: https://example.org/\n---\nText.\n
    Bad [source=front-matter]: ---\ntitle: One\ndate: 2021-03-04\nauthor: "{{ author }}"\nurl: https://example.org/\n---\nText.\n
    Good [source=front-matter]: ---\ntitle: Null and void\ndate: 2021-03-04\nauthor: A\nurl: https://example.org/\n---\nText.\n

    Does not handle: dates and addresses (date-malformed, source-url-missing); agencies and publishers (byline-impersonal);
    an attested value.

    Next: find the value on the publisher's page or in print, and attest it: `validator attest FILE byline "…" --basis "…"`. If the
    article is unsigned, say so: `validator attest FILE byline_kind unsigned --basis "…"`.
    """
    record = values.record
    for name in ("headline", "byline"):
        if name == "byline" and record.byline_kind not in (None, "person"):
            continue
        for reading in record.readings.get(name, ()):
            if reading.basis is not Basis.STATED:
                continue
            said = said_of_name(reading.value) if name == "byline" else said_of_headline(reading.value)
            what, is_sure = said or (_said_of_notice(record, reading.value) if name == "headline" else "", False)
            if what:
                severity = Severity.ERROR if is_sure else Severity.WARNING
                yield said_of(reading, f'the {name} "{reading.value[:60]}" is {what}', severity)


def _said_of_notice(record: Record, headline: str) -> str:
    """What a headline is that has the words of a server's notice. In a brief text capture-failed reports it."""
    is_notice = _is_notice(headline) and not 0 < record.characters <= _BRIEF_CHARACTERS
    return "that of an error, consent or robot-check page" if is_notice else ""


@rule(severity=Severity.WARNING)
def value_markup(values: Values) -> Iterator[Found]:
    r"""A headline or a byline with a tag, a character reference, an escape sequence or a lost mark in it.

    A template may show `<b>` and `&#8217;` as what they mean, but they are in the way of whoever searches or cites the value.
    A question mark inside a word (`headline?s`) was an apostrophe, until the text passed through a character set without it.

    Bad [source=front-matter]: ---\ntitle: A&#8217;s headline\ndate: 2021-03-04\nauthor: A\nurl: https://example.org/\n---\nText.\n
    Good [source=front-matter]: ---\ntitle: A's headline\ndate: 2021-03-04\nauthor: A\nurl: https://example.org/\n---\nText.\n

    Does not handle: tags and references in a value from the article's own text (of a page, what is shown as one); what is
    between backticks.

    Next: write the value as a reader sees it on the publisher's page.
    """
    for name in ("headline", "byline"):
        for reading in values.record.readings.get(name, ()):
            found = markup_in(reading.value) if reading.basis is Basis.STATED else None
            if found is None or (found[1] and reading.pointer is None and not values.is_page):
                continue
            piece, what = found
            message = f'the {name} has {what} "{piece[:40]}", expected text alone'
            if not what:
                message = f'the {name} has "{piece[:40]}": an apostrophe or a quotation mark was lost, and became "?"'
            yield said_of(reading, message)


@rule(severity=Severity.ERROR, about="missing")
def date_missing(values: Values) -> Iterator[Found]:
    r"""No publication date where this source has it.

    Bad [path=mod-gov-cn/a.txt]: A headline of this example\nText.\n
    Good [path=mod-gov-cn/a.txt]: A headline of this example\n2021-03-04\nText.\n

    Does not handle: a date that cannot be read (date-malformed) or has no year (date-incomplete).

    Next: find it on the publisher's page or in print, and attest it: `validator attest FILE date_published DATE --basis "…"`.
    """
    if values.record.malformed is None:
        yield from _missing(values, "date_published", "publication date")


@rule(severity=Severity.ERROR, about="record.date")
def date_incomplete(values: Values) -> Iterator[Found]:
    r"""A publication date without its year, or without its day.

    What is missing is never guessed: a curator attests it, on a basis that can be checked.

    Bad [path=chinanews-translated/a.txt]: China News Service, March 4. Text.\n
    Good [path=mod-gov-cn/a.txt]: A headline of this example\n2021-03-04\nText.\n

    Does not handle: a year alone, which is date-malformed.

    Next: attest the whole date: `validator attest FILE date_published YYYY-MM-DD --basis "…"`.
    """
    reading, day = values.record.reading("date_published"), values.record.date
    severity = values.required.get("date_published")
    if reading is not None and severity is not None and day is not None and None in (day.year, day.day):
        message = f"the date {reading.value} has no {'year' if day.year is None else 'day'}"
        yield said_of(reading, message, severity)


@rule(severity=Severity.ERROR, about="record.malformed")
def date_malformed(values: Values) -> Iterator[Found]:
    r"""A publication date that cannot be read: a day that no month has, a spelling with two meanings, not a date at all.

    Bad [source=front-matter]: ---\ntitle: One\ndate: 2021-02-30\nauthor: A\nurl: https://example.org/\n---\nText.\n
    Good [source=front-matter]: ---\ntitle: One\ndate: 2021-02-28\nauthor: A\nurl: https://example.org/\n---\nText.\n

    So is one in a language other than English or Chinese whose weekday is another day's: one of the two is wrong.

    Does not handle: a date that is well written and false.

    Next: find the date on the publisher's page or in print, attest it: `validator attest FILE date_published DATE --basis "…"`, and
    accept the finding. If the source writes dates such as `3/4/2021`, set `date_order` in its schema instead.
    """
    reading = values.record.malformed
    if reading is not None:
        where = f"front matter {reading.pointer.lstrip('/')}" if reading.pointer else "the date"
        time = _TIME_WITH_OFFSET.search(reading.value)
        is_far = time is not None and offset_of(time["offset"]) is None
        forms = " or ".join(filter(None, [", ".join(values.date_forms[:-1]), *values.date_forms[-1:]])) or "YYYY-MM-DD"
        why = f": no place has the offset {time['offset']}" if time and is_far else f", expected {forms}"
        yield said_of(reading, f'{where} "{reading.value[:60]}" is not a date{why}')


_TIME_WITH_OFFSET = late(r"\d:\d\d(?::\d\d(?:\.\d{1,9})?)? ?(?P<offset>[+-]\d\d:?\d\d)$")

_FIRST_NEWSPAPER = 1605
# Earlier ones are before the first newspaper.
_ZEROS = {
    date(1753, 1, 1): "a database", date(1858, 11, 17): "astronomers' day numbers", date(1899, 12, 30): "spreadsheets",
    date(1899, 12, 31): "spreadsheets", date(1900, 1, 1): "spreadsheets and databases", date(1904, 1, 1): "spreadsheets",
    date(1969, 12, 31): "computers' clocks, in the west", date(1970, 1, 1): "computers' clocks", date(1980, 1, 1): "file systems",
}  # fmt: skip
_PERSIAN_YEARS, _PERSIAN_BEFORE = range(1300, 1450), 621
_BUDDHIST_YEARS, _BUDDHIST_AHEAD = range(2440, 2640), 543


@rule(severity=Severity.ERROR, about="record.date")
def date_implausible(values: Values) -> Iterator[Found]:
    r"""A publication date that is the day zero of some program, or from before there were newspapers.

    Programs write their day zero if a date is missing (1970-01-01, 1900-01-01, 1899-12-30, 0001-01-01). Other calendars count
    their years differently: 1400-01-14 is 2021-04-03 in Iran.

    Bad [source=front-matter]: ---\ntitle: One\ndate: 1970-01-01\nauthor: A\nurl: https://example.org/\n---\nText.\n
    Good [source=front-matter]: ---\ntitle: One\ndate: 1970-01-02\nauthor: A\nurl: https://example.org/\n---\nText.\n

    Does not handle: a year of another calendar that is after today (date-in-future); an attested date; an article that did
    appear on such a day.

    Next: find the date on the publisher's page or in print, and attest it: `validator attest FILE date_published DATE --basis "…"`.
    """
    reading = values.record.reading("date_published")
    day = values.record.date.calendar_day() if values.record.date else None
    year = values.record.date.year if values.record.date else None
    if reading is None or reading.basis is Basis.ATTESTED or year is None:
        return
    if year < _FIRST_NEWSPAPER:
        why = f"is from before the first newspaper, {_FIRST_NEWSPAPER}"
        if year in _PERSIAN_YEARS:
            why += f"; in the Persian calendar {year} is {year + _PERSIAN_BEFORE}"
    elif day in _ZEROS:
        why = f"is the day zero of {_ZEROS[day]}, which is written if a date is missing"
    else:
        return
    yield said_of(reading, f"the date {reading.value} {why}")


@rule(severity=Severity.WARNING, about="record.date")
def date_in_future(values: Values) -> Iterator[Found]:
    r"""A publication date after today, with one day of grace for time zones.

    Bad [path=mod-gov-cn/a.txt, today=2021-03-04]: A headline of this example\n2021-03-09\nText.\n
    Good [path=mod-gov-cn/a.txt, today=2021-03-04]: A headline of this example\n2021-03-04\nText.\n

    Does not handle: dates of events; a check that is not told what day it is.

    Next: see whether day and month changed places, or the year is mistyped.
    """
    reading = values.record.reading("date_published")
    day = values.record.date.calendar_day() if values.record.date else None
    if reading is not None and day is not None and values.today is not None and day > values.today + timedelta(days=1):
        is_buddhist = day.year in _BUDDHIST_YEARS
        hint = f"; in the Buddhist calendar {day.year} is {day.year - _BUDDHIST_AHEAD}" if is_buddhist else ""
        yield said_of(reading, f"the date {reading.value} is after today, {values.today.isoformat()}{hint}")


@rule(severity=Severity.WARNING, about="missing")
def source_url_missing(values: Values) -> Iterator[Found]:
    r"""No address of the page that the seed was captured from.

    Without it nobody can go back and compare.

    Bad [path=mod-gov-cn/a.txt]: A headline of this example\nText.\n
    Good [source=front-matter]: ---\ntitle: One\ndate: 2021-02-28\nauthor: A\nurl: https://example.org/\n---\nText.\n

    Does not handle: whether anything answers at the address.

    Next: attest it: `validator attest FILE source_url https://… --basis "…"`.
    """
    bad = values.record.bad_url
    detail = f': "{bad.value[:60]}" is no address (https://…)' if bad else ""
    yield from _missing(values, "source_url", "address", detail)


@rule(severity=Severity.ERROR)
def body_missing(values: Values) -> Iterator[Found]:
    r"""No text of an article: only markup, the headline again, navigation, or nothing.

    Tags and comments of a template (`{% include ad.html %}`) are not text. A source whose seeds are often pictures or films
    may set `body: optional` under `record: required`.

    Bad [source=front-matter]: ---\ntitle: One\ndate: 2021-03-04\nauthor: A\nurl: https://example.org/\n---\n<div>\n</div>\n
    Good [source=front-matter]: ---\ntitle: One\ndate: 2021-03-04\nauthor: A\nurl: https://example.org/\n---\n<div>\nText.</div>\n

    Does not handle: a text that is not the article (capture-failed).

    Next: capture the page again; if there never was a text, accept the finding.
    """
    record = values.record
    severity = values.required.get("body")
    if severity is not None and (record.first is None or not has_text(record.masked[record.first : record.last])):
        yield Found(
            Span(record.body.start, record.body.start), "there is no text of an article", whole=True, severity=severity
        )


# What servers, consent layers and robot checks write instead of the article. An article may begin with the same words
# ("404 seats …"), so a notice is a whole line, perhaps with the name of a site after it. Only `_opening` may go on: no article
# begins like that.
_STATUS = r"(?:40\d|410|429|451|50[0-4]|52\d)"
_REASON = (
    r"not found|forbidden|bad gateway|bad request|service (?:temporarily )?unavailable|internal server error|gateway time-?out"
    r"|page (?:(?:can|could) ?not be |can['’]t be )?(?:not )?found|too many requests|unauthori[sz]ed|access denied"
)
_PAGE = r"(?:页面|頁面|网页|網頁|文章|内容|內容|视频|視頻|链接|鏈接)"
_LOST = (
    r"(?:不存在|未找到|找不到|已?(?:经|經)?被?(?:发布者|發佈者|作者)?(?:自行)?(?:删除|刪除)|(?:因违规|因違規)?(?:已?被?屏蔽|(?:无法|無法)(?:访问|訪問|查看|显示|顯示|打开|打開))"
    r"|已下(?:线|線|架))"
)


@cache
def _notice() -> re.Pattern[str]:
    return re.compile(
        r"(?:(?:sorry|oops|抱歉|很抱歉|对不起|對不起)[,!.，！。…\s]*)?(?:"
        rf"(?:http(?:/[\d.]+)?\s*)?error(?:\s*code)?[\s:]*{_STATUS}(?:[\s:.—–|-]*(?:{_REASON}))?"
        rf"|(?:http(?:/[\d.]+)?\s*)?{_STATUS}(?:\s*error)?[\s:.—–|-]*(?:{_REASON}|error|gone|unavailable)"
        rf"|{_REASON}"
        r"|(?:the |this |that )?(?:requested )?(?:page|url|file|document|content|article|video|account)(?: /\S{0,200})?"
        r"(?: (?:that )?you (?:have )?(?:requested|(?:are|were) looking for|tried to reach))?"
        r" (?:(?:(?:was|is|could|can|does)(?: not|n['’]t)|cannot|can['’]t) (?:be )?(?:found|available|exist|displayed)"
        r"|(?:is )?(?:currently )?unavailable|(?:is )?no longer available|no longer exists)"
        r"(?: (?:right now|anymore|any ?more|in your (?:country|region|area|location)|on this server|here))?"
        r"|video unavailable|access (?:to this page )?(?:has been |is )?denied"
        r"|just a moment|checking your browser|attention required"
        r"|(?:please )?verify(?:ing)? (?:that )?you are (?:a )?(?:human|not a robot)|are you a (?:robot|human)|i['’]m not a robot"
        r"|(?:please )?enable (?:javascript|cookies|js)(?: and (?:javascript|cookies))?(?: to continue)?"
        r"|javascript (?:is|seems to be) (?:disabled|required|not enabled)(?: (?:in|on|by) your [a-z ]{1,30})?"
        r"|we (?:value|care about|respect) your privacy|(?:we use|this (?:web)?site uses) cookies"
        r"|before you continue(?: to (?:the )?[\w.]{1,30}(?: search)?)?|connection (?:timed out|refused)"
        r"|(?:please )?(?:log|sign) in to (?:continue|your account)(?: reading)?"
        rf"|(?:您|你)?所?(?:访问|訪問|请求|請求|要?查看|浏览|瀏覽|查找)?的?{_PAGE}{_LOST}(?:[，,]?或者?{_LOST})?了?"
        rf"|(?:此|该|該|本|这个){_PAGE}{_LOST}(?:[，,]?或者?{_LOST})?了?"
        r"|请(?:先)?(?:完成|输入|进行)[^，。]{0,8}验证码?[^，。]{0,12}|访问(?:被拒绝|受限|过于频繁)|安全验证|人机验证|服务器(?:内部)?错误"
        r"|(?:nginx|openresty|cloudflare|apache)(?:/[\d.]+)?(?: \([a-z]{1,20}\))?(?: server at \S{1,80} port \d{1,5})?"
        r")[\s.!?…。！]*(?:[|·]\s*[^\n]{1,60}|[–—-]\s*(?-i:[A-Z][\w.&]*(?: [A-Z][\w.&]*){0,3})|[，,]?请[^\n]{1,30})?",
        re.IGNORECASE,
    )


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(
        r"access to this page has been denied because|(?:sorry, )?you (?:do not|don['’]t) have permission to access"
        r"|checking your browser before|(?:our systems have detected )?unusual traffic from your computer network"
        r"|(?:please )?enable (?:javascript|cookies|js)(?: and (?:javascript|cookies))? (?:to (?:view|continue|use|run|access|proceed)|(?:in|on) your browser)"
        r"|you need to enable javascript to|verify(?:ing)? (?:that )?you are (?:a )?human(?: by completing|\. this may)"
        r"|please (?:complete|solve) the (?:security check|captcha)\b|sign in to confirm (?:that )?you"
        r"|(?:we|this (?:web)?site)(?: and our partners)? uses? cookies (?:to (?:improve|ensure|personali[sz]e|give|provide|make|analy[sz]e|enhance|offer|deliver)|and (?:similar|other))"
        r"|the requested url(?: \S{1,200})? was not found on this server|请(?:开启|启用|打开)(?:您?的?浏览器的?)?\s?javascript",
        re.IGNORECASE,
    )


_LINE = late(r"[^\s\x00#*][^\n]*")
_BRIEF_CHARACTERS = 400  # in a text no longer than that, the notice may be anywhere, otherwise in its first lines
_FIRST_LINES = 3
_PIECE = 2000  # characters of a masked text that are counted at once


def _is_notice(line: str) -> bool:
    return len(line) <= 200 and _notice().fullmatch(line) is not None


@rule(severity=Severity.WARNING)
def capture_failed(values: Values, *, at_most_characters: int = 1200) -> Iterator[Found]:
    r"""An error page, a question about cookies or a robot check that was captured instead of the article.

    Bad [source=front-matter]: ---\ntitle: One\ndate: 2021-03-04\nauthor: A\nurl: https://example.org/\n---\n404 Not Found\n\nnginx\n
    Good [source=front-matter]: ---\ntitle: One\ndate: 2021-03-04\nauthor: A\nurl: https://example.org/\n---\nThe word "404 Not Found" is discussed here.\n

    A notice is a whole line: one of the first three, or any line in a text of at most 400 characters.

    Does not handle: pages whose text is longer than 1,200 characters; other languages than English and Chinese.

    Next: capture the page again, or take another archive's copy.
    """
    record = values.record
    start = record.first
    if start is None:
        return
    characters = 0
    for at in range(start, len(record.masked), _PIECE):
        characters += count_visible(record.masked[at : at + _PIECE])
        if characters > at_most_characters:  # most articles are that long
            return
    is_brief = characters <= _BRIEF_CHARACTERS
    headline = record.reading("headline")
    if is_brief and headline is not None and headline.span is not None and _is_notice(headline.value):
        yield said_of(headline, "the headline is that of an error, consent or robot-check page")
        return
    for number, line in enumerate(_LINE.finditer(record.masked, start, start + 8 * at_most_characters), 1):
        if number > _FIRST_LINES and not is_brief:
            return
        said = line[0].replace(GONE, "").strip()
        if _is_notice(said.rstrip("*")) or _opening().match(said):
            span = Span(line.start(), line.start() + len(line[0].rstrip(" \t\r\x00\u00a0")))
            yield Found(span, "this reads like an error, consent or robot-check page, not an article")
            return
