"""Records with something missing, or with something that is not a date in its place."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.defects.given import (
    COMMENT,
    FENCE,
    MONTHS,
    TODAY,
    attesting,
    entry_of,
    sidecar_of,
    with_value,
    without_attested,
)
from validator.defects.seeds import LINK, WHOLE, Base, Change, Injected, Span, injects, insert, matter_end, put


def _key_taken_out(base: Base, key: str) -> Injected | None:
    entry = entry_of(base, key)
    return put(base, Change(*entry[0], ""), marks=FENCE) if entry else None


def _key_emptied(rng: Random, base: Base, key: str) -> Injected | None:
    return with_value(base, key, rng.choice(('""', "''", '"  "', "~", "null")))


def _no_longer_attested(base: Base, field: str) -> Injected | None:
    given = without_attested(base, field)
    return put(base, marks=WHOLE, given=given) if given else None


@injects("headline-missing")
def headline_gone(rng: Random, base: Base) -> Injected | None:
    """The title, or the headline's line, or what a sidecar attests, taken out."""
    if base.source == "mod-gov-cn":
        end = base.text.index("\n") + 1
        return put(base, Change(0, end, ""), marks=WHOLE) if base.text.index("\n", end) - end > 170 else None
    if base.source == "peoples-daily-page":
        byline = re.search(r"^By ", base.text, re.MULTILINE)
        return put(base, Change(0, byline.start(), ""), marks=WHOLE) if byline else None
    return _key_taken_out(base, "title") or _no_longer_attested(base, "headline")


@injects("headline-missing")
def headline_empty(rng: Random, base: Base) -> Injected | None:
    """A title without a word."""
    return _key_emptied(rng, base, "title")


@injects("byline-missing")
def byline_gone(rng: Random, base: Base) -> Injected | None:
    """The author, or the byline's line, or what a sidecar attests, taken out."""
    if base.source == "peoples-daily-page":
        line = re.search(r"^By [^\n]*\n\n?", base.text, re.MULTILINE)
        # Which line is the headline is told by the byline below it.
        return put(base, Change(*line.span(), ""), marks=WHOLE, follows=("headline-missing",)) if line else None
    return _key_taken_out(base, "author") or _no_longer_attested(base, "byline")


@injects("byline-missing")
def byline_empty(rng: Random, base: Base) -> Injected | None:
    """An author without a name."""
    return _key_emptied(rng, base, "author")


AGENCIES = (
    "Reuters",
    "AFP",
    "Xinhua",
    "新华社",
    "中新社",
    "dpa",
    "ANSA",
    "Reuters Staff",
    "Agence France-Presse",
    "reuters",
    "Kyodo News",
    "中国新闻社",
)


@injects("byline-impersonal")
def agency_for_author(rng: Random, base: Base) -> Injected | None:
    """An agency, or the publisher, where a name stood."""
    if base.source == "peoples-daily-page":
        name = re.search(r"^By ([^(\n]*[^(\n ])(?= *\()", base.text, re.MULTILINE)
        return put(base, Change(*name.span(1), rng.choice(AGENCIES[:6]))) if name else None
    names = (*AGENCIES, "联合早报", "Lianhe Zaobao") if base.source == "zaobao-jekyll" else AGENCIES
    name_written = rng.choice(names)
    quote = rng.choice(("", '"', "'"))
    entry = entry_of(base, "author")
    if entry is None or base.text[slice(*entry[1])].strip("\"'").casefold() in {each.casefold() for each in names}:
        return None
    return with_value(base, "author", f"{quote}{name_written}{quote}")


PLACEHOLDERS = (
    "N/A", "None", "undefined", "Unknown", "admin", "Site Administrator", "user27", "Your Name", '"{{ author }}"', '"{author}"',
    '"%author%"', "<%= author %>", "${author}", "https://example.org/a", "a@example.org", "'0127'", "2021-03-04", "'-'", "佚名",
    "Staff Writer", "Newsroom", "本报记者", "By admin", "Name | March 4, 2021", "Name <a@example.org>", '"(Name)"',
)  # fmt: skip
NO_HEADLINES = (
    "Untitled", '"null"', "N/A", '"{{ page.title }}"', "Untitled | Specimen", '"<%= title %> - Specimen"', "无标题", "Auto Draft",
    "'…'", "'404'",
)  # fmt: skip


@injects("placeholder-value")
def no_name(rng: Random, base: Base) -> Injected | None:
    """What programs, templates and forms leave in the place of a name."""
    written = rng.choice(PLACEHOLDERS)
    mark = None
    entry = entry_of(base, "author")
    if entry is not None and written.startswith("By "):
        mark = (Span(entry[1].start + 3, entry[1].start + len(written)),)
    return with_value(base, "author", written, **({"marks": mark} if mark else {})) if entry else None


@injects("placeholder-value")
def no_headline(rng: Random, base: Base) -> Injected | None:
    """… and in the place of a headline."""
    if entry_of(base, "title") is None or LINK.search(base.text):
        return None  # the link above the article would say another headline
    return with_value(base, "title", rng.choice(NO_HEADLINES))


@injects("value-markup")
def markup_in_a_value(rng: Random, base: Base) -> Injected | None:
    """A tag, a reference, an escape or a lost mark within a name."""
    written = rng.choice(
        (
            '"O&#39;Name"', "<b>Name Sample</b>", "Name &amp; Sample",
            "'Name\\u2019s desk'", '"[Name](https://example.org/a)"',
            "O?Name Sample", "The archive?s Name", "Name%20Sample", "作者&nbsp;样本", '"<a href=\'/a\'>样本</a>"',
            "Name=E2=80=99s desk",
        )
    )  # fmt: skip
    return with_value(base, "author", written)


@injects("date-implausible")
def zero_of_a_program(rng: Random, base: Base) -> Injected | None:
    """A program's day zero, or a year of another calendar."""
    if entry_of(base, "date") is None or COMMENT.search(base.text) or base.source == "zaobao-jekyll":
        return None  # the comment or the address would say another day
    days = (
        "1970-01-01",
        "1970-01-01T00:00:00Z",
        "1900-01-01",
        "1899-12-30",
        "0001-01-01",
        "1601-01-01",
        "1400-01-14",
        "1442-08-20",
    )
    emptied = with_value(base, "date", rng.choice(days))
    return _without_date_in_name(base, emptied) if emptied else None


@injects("date-implausible")
def zero_in_a_line(rng: Random, base: Base) -> Injected | None:
    """… in the line of a text."""
    given = without_attested(base, "date_published") if base.source == "mod-gov-cn" else None
    at = base.text.index("\n") + 1
    day = rng.choice(("1970-01-01", "1900-01-01", "1899-12-31", "0001-01-01"))
    return insert(base, at, day + "\n", marks=(Span(at, at + 10),), given=given) if given else None


@injects("date-missing")
def date_gone(rng: Random, base: Base) -> Injected | None:
    """The date, or its line, or what a sidecar attests, taken out."""
    if base.source == "peoples-daily-page":
        line = re.search(r"^\d\d:\d\d, [^\n]*\n\n?", base.text, re.MULTILINE)
        return put(base, Change(*line.span(), ""), marks=WHOLE) if line else None
    if base.source in ("chinamil-text", "chinanews-translated"):
        return None  # a month and a day stay in the dateline
    taken_out = _key_taken_out(base, "date")
    return _without_date_in_name(base, taken_out) if taken_out else _no_longer_attested(base, "date_published")


@injects("date-missing")
def dateline_gone_too(rng: Random, base: Base) -> Injected | None:
    """Neither a dateline nor an attested date."""
    given = without_attested(base, "date_published") if base.source == "chinamil-text" else None
    dateline = re.match(r"[A-Z .'-]+, [A-Z][a-z]+ \d+ -- ", base.text)
    return put(base, Change(*dateline.span(), ""), marks=WHOLE, given=given) if given and dateline else None


@injects("date-missing")
def date_empty(rng: Random, base: Base) -> Injected | None:
    """A date without a digit."""
    emptied = _key_emptied(rng, base, "date")
    return _without_date_in_name(base, emptied) if emptied else None


def _without_date_in_name(base: Base, injected: Injected) -> Injected:
    """The same in a file whose name tells no date, as it does of a post that states none."""
    given = replace(injected.given, path=re.sub(r"\d{4}-\d\d-\d\d-(?=[^/]*$)", "", injected.given.path))
    return replace(injected, given=given, reference=(base.text, given))


@injects("date-incomplete")
def no_year(rng: Random, base: Base) -> Injected | None:
    """The year taken out of a date, or out of the sidecar that attests it."""
    if base.source in ("chinanews-translated", "chinamil-text"):
        given = without_attested(base, "date_published")
        day = re.search(rf"(?:{'|'.join(MONTHS)}) \d\d?(?=\.| -- )", base.text)
        return put(base, marks=(Span(*day.span()),), given=given) if day and given else None
    entry = entry_of(base, "date")
    if entry is None:
        return None
    stated = re.match(r"\d{4}-(\d\d)-(\d\d)", base.text[slice(*entry[1])])
    if stated is None:
        return None
    month, number = MONTHS[int(stated[1]) - 1], int(stated[2])
    spelt = rng.choice((f"{month} {number}", f"{number} {month}", f"{month[:3]} {number}", f"{month[:3]}. {number}"))
    return with_value(base, "date", spelt)


@injects("date-incomplete")
def no_day(rng: Random, base: Base) -> Injected | None:
    """A month for a date."""
    entry = entry_of(base, "date")
    stated = re.match(r"(\d{4})-(\d\d)", base.text[slice(*entry[1])]) if entry else None
    if stated is None:
        return None
    month = MONTHS[int(stated[2]) - 1]
    return with_value(base, "date", rng.choice((stated[0], f"{month} {stated[1]}", f"{stated[1]}年{int(stated[2])}月")))


NO_DATES = (
    "2021-02-30", "2021-13-01", "2021-00-10", "3/4/2021", "yesterday", "2022-02-07T25:00:00Z", "2022-02-07 10:61", "n/a",
    "二〇二一年三月", "2021年13月1日", "20210304T", "March 32, 2021", "Moon 3, 2021", "1st quarter", "31 April 2021", '"2021-3-"',
)  # fmt: skip


@injects("date-malformed")
def no_date(rng: Random, base: Base) -> Injected | None:
    """A value that is no date, or one with two readings."""
    if base.source == "peoples-daily-page":
        line = re.search(r"^(\d\d:\d\d), ([A-Z][a-z]+) (\d+), (\d{4})$", base.text, re.MULTILINE)
        if line is None:
            return None
        wrong = rng.choice(
            (
                f"{line[1]}, {line[2]} 3{rng.randrange(2, 10)}, {line[4]}",
                f"2{rng.randrange(4, 10)}:10, {line[2]} {line[3]}, {line[4]}",
                f"{line[1]}, Mois {line[3]}, {line[4]}",
                f"{line[1]}, February 30, {line[4]}",
            )
        )
        return put(base, Change(*line.span(), wrong))
    if base.source == "mod-gov-cn":
        given = without_attested(base, "date_published")
        wrong = rng.choice(("2023-02-30", "2023-13-01", "2023-00-19", "2023-04-31", "2023-06-00"))
        at = base.text.index("\n") + 1
        return insert(base, at, wrong + "\n", marks=(Span(at, at + 10),), given=given) if given else None
    return with_value(base, "date", rng.choice(NO_DATES))


@injects("date-malformed")
def no_date_in_dateline(rng: Random, base: Base) -> Injected | None:
    """A dateline with a day that no month has."""
    given = (
        without_attested(base, "date_published") if base.source in ("chinanews-translated", "chinamil-text") else None
    )
    day = re.search(rf"(?:{'|'.join(MONTHS)}) \d\d?(?=\.| -- )", base.text)
    wrong = (
        f"{rng.choice(MONTHS)} {rng.randrange(32, 99)}"
        if rng.random() < 0.5
        else f"{rng.choice(('Mois', 'Monat', 'Maius'))} {rng.randrange(1, 29)}"
    )
    return put(base, Change(*day.span(), wrong), given=given) if given and day else None


def _epoch(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


@injects("date-in-future")
def later_than_today(rng: Random, base: Base) -> Injected | None:
    """A date of years or days from now, wherever the seed says it."""
    entry = entry_of(base, "date")
    if entry is None or (base.source == "zaobao-jekyll" and "/story" in base.text):
        return None
    ahead = TODAY + timedelta(days=rng.choice((2, 3, 10, 400, 36000)))
    spelt = f"{ahead.isoformat()}T08:09:10.000Z" if rng.random() < 0.6 else ahead.isoformat()
    changes = [Change(*entry[1], spelt)]
    comment = COMMENT.search(base.text)
    if comment is not None:
        if "T" not in spelt:
            return None
        moment = datetime(ahead.year, ahead.month, ahead.day, 8, 9, 10, tzinfo=UTC)
        changes.append(Change(*comment.span(1), _epoch(moment)))
    start = entry[1].start
    given = replace(base.given, path=re.sub(r"\d{4}-\d\d-\d\d(?=-[^/]*$)", ahead.isoformat(), base.given.path))
    return put(base, *changes, marks=(Span(start, start + len(spelt)),), given=given)


@injects("date-in-future")
def year_mistyped(rng: Random, base: Base) -> Injected | None:
    """A year in the next century in a page's line, or in what a sidecar attests."""
    if base.source == "peoples-daily-page":
        line = re.search(r"^\d\d:\d\d, [A-Z][a-z]+ \d+, (\d{4})$", base.text, re.MULTILINE)
        if line is None:
            return None
        return put(base, Change(*line.span(1), str(rng.randrange(2040, 2999))), marks=(Span(*line.span()),))
    attested = sidecar_of(base).get("record", {}).get("date_published", {}).get("value")
    if attested is None:
        return None
    given = attesting(base, date_published=f"{rng.randrange(2040, 2999)}{str(attested)[4:10]}")
    day = re.search(rf"(?:{'|'.join(MONTHS)}) \d\d?(?=\.| -- )", base.text)
    stated = base.source in ("chinanews-translated", "chinamil-text") and day is not None
    return put(base, marks=(Span(*day.span()),) if stated and day else WHOLE, given=given)


@injects("source-url-missing")
def address_gone(rng: Random, base: Base) -> Injected | None:
    """The address, or what a sidecar attests, taken out."""
    return _key_taken_out(base, "from") or _no_longer_attested(base, "source_url")


@injects("source-url-missing")
def address_empty(rng: Random, base: Base) -> Injected | None:
    """An address without a character."""
    return _key_emptied(rng, base, "from")


def _body_from(base: Base) -> int | None:
    """Where the sources of the base let the body begin; None where its header is part of the first line."""
    if matter_end(base.text):
        link = LINK.search(base.text, matter_end(base.text)) if base.source != "front-matter" else None
        return link.end() if link else matter_end(base.text)
    if base.source == "mod-gov-cn":
        return base.text.index("\n")
    if base.source == "peoples-daily-page":
        line = re.search(r"^\d\d:\d\d, [^\n]*$", base.text, re.MULTILINE)
        return line.end() if line else None
    return None


NO_TEXTS = (
    "\n<div>\n</div>\n",
    "\n",
    "\n<div>\n<br>\n</div>\n",
    '\n<div>\n<img src="https://example.org/a.jpg" alt="a picture">\n</div>\n',
    "\n<div>\n<p></p><p>&nbsp;</p>\n</div>\n",
    "\n<div>\n<script>var specimen = 1;</script>\n</div>\n",
    "\n<div>\n……\n</div>\n",
    '\n<div>\n<iframe src="https://example.org/embed"></iframe>\n</div>\n',
    "\n<div>\nhttps://example.org/watch?v=1\n</div>\n",
    "\n<!-- nothing was kept -->\n",
    "\n<article><h1>标题</h1></article>\n",
    "\n{% include specimen.html %}\n",
    "\n<div>\n{{ page.specimen }}\n</div>\n",
)


@injects("body-missing")
def no_text(rng: Random, base: Base) -> Injected | None:
    """Nothing below the header, or nothing but markup, a picture, an address or a program."""
    start = _body_from(base)
    if start is None:
        return None
    if base.source == "front-matter" and LINK.search(base.text):
        return None  # there the link is text like any other
    written = (
        rng.choice(NO_TEXTS) if base.markup != "text" else rng.choice(("\n", "\n\nhttps://example.org/\n", "\n...\n"))
    )
    return put(
        base, Change(start, len(base.text), written), marks=(Span(start, start),),
        follows=("blank-lines",) if "\n\n" in base.text[start - 1 : start] + written and base.markup == "markdown" else (),
    )  # fmt: skip


# The page, and which of its lines tells what it is; what follows that line varies from server to server.
FAILED_PAGES: tuple[tuple[tuple[str, ...], int], ...] = (
    (("404 Not Found", "nginx/1.18.0"), 0),
    (("403 Forbidden", "nginx"), 0),
    (("Forbidden", "You don't have permission to access this resource.", "Apache Server at example.org Port 443"), 0),
    (("Access Denied", "You don't have permission to access this page on this server.", "Reference #18.0"), 0),
    (("502 Bad Gateway", "nginx"), 0),
    (("503 Service Temporarily Unavailable", "nginx"), 0),
    (("504 Gateway Time-out", "The server didn't respond in time."), 0),
    (("Error 404", "Page not found", "Back to the front page"), 0),
    (("Internal Server Error", "The server encountered an internal error and was unable to complete the request."), 0),
    (("example.org", "Just a moment...", "Checking your browser before accessing example.org."), 1),
    (("example.org", "Checking if the site connection is secure", "Enable JavaScript and cookies to continue"), 2),
    (("Attention Required!", "Please complete the security check to access example.org"), 0),
    (("Please verify you are a human", "Access to this page has been denied because a robot is suspected."), 0),
    (
        (
            "Verify you are human by completing the action below.",
            "example.org needs to review the security of the connection.",
        ),
        0,
    ),
    (("We value your privacy", "We and our partners store and access information on a device.", "Accept all"), 0),
    (("This website uses cookies", "Cookies are used to remember a choice.", "Accept"), 0),
    (("Before you continue to the page", "Sign in", "Accept all", "Reject all"), 0),
    (("Please enable JavaScript to view this page.",), 0),
    (("JavaScript is disabled", "This page needs it in order to work."), 0),
    (("The page you are looking for could not be found.", "Search", "Home"), 0),
    (("The requested URL was not found on this server.",), 0),
    (("Sign in to confirm that you are no robot", "Learn more"), 0),
    (("Log in to continue", "Password"), 0),
    (("Service Unavailable", "The server is temporarily unable to service the request."), 0),
    (("抱歉，您访问的页面不存在", "返回首页"), 0),
    (("您访问的页面不存在或已被删除", "五秒后返回首页"), 0),
    (("对不起，您要查看的文章已被删除", "返回上一页"), 0),
    (("该内容已被发布者删除",), 0),
    (("此内容因违规无法查看", "此内容违反了相关规定"), 0),
    (("请完成下列验证后继续访问", "拖动滑块"), 0),
    (("访问过于频繁，请稍后再试", "返回"), 0),
    (("页面不存在", "返回首页"), 0),
    (("安全验证", "请输入图中的文字"), 0),
    (("服务器错误", "请稍后再试"), 0),
)


@injects("capture-failed")
def failed_page(rng: Random, base: Base) -> Injected | None:
    """A page of a server, a consent layer or a robot check in the place of the article. The telling line is expected."""
    start = _body_from(base)
    if start is None:
        return None
    lines, telling = rng.choice(FAILED_PAGES)
    before, between, after = "\n", "\n", "\n"
    if base.markup != "text":
        before, between, after = rng.choice(
            (
                ("<div>\n<p>", "</p><p>", "</p>\n</div>\n"),
                ("<div>\n<h2>", "</h2>\n<p>", "</p>\n</div>\n"),
                ("<div>\n", "<br>\n", "\n</div>\n"),
            )
        )
        before = ("\n" if base.text[start - 1] == "\n" else "\n\n") + before
    at = start + len(before) + sum(len(line) + len(between) for line in lines[:telling])
    written = before + between.join(lines) + after
    return put(base, Change(start, len(base.text), written), marks=(Span(at, at + len(lines[telling])),))


@injects("capture-failed")
def failed_headline(rng: Random, base: Base) -> Injected | None:
    """A headline that a server wrote, over a short text that does not tell."""
    title = entry_of(base, "title")
    start = _body_from(base)
    if title is None or start is None:
        return None
    said = rng.choice(
        ("404 Not Found", "Access Denied", "Just a moment...", "Page not found", "403 Forbidden", "Service Unavailable")
    )
    link = LINK.search(base.text)
    changes = [Change(*title[1], f'"{said}"'), Change(start, len(base.text), "\n<div>\n<p>Home</p>\n</div>\n")]
    if link is not None:
        changes.append(Change(*link.span(1), said))
    return (
        put(
            base, *changes, marks=(Span(title[1].start, title[1].start + len(said) + 2),), follows=("source-uncertain",)
        )
        if base.source != "front-matter" or link is None
        else None
    )
