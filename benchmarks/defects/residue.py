"""What a page leaves around an article."""

from __future__ import annotations

import re
from datetime import date
from random import Random

from benchmarks.defects.given import MONTHS, attesting, sidecar_of
from validator.defects.seeds import Base, Change, Injected, Span, body_start, injects, insert, put

HEADLINES = (
    "A headline of some other page",
    "Another page's headline",
    "List entry without a sense",
    "第三条别的标题",
    "Weather 21 / 9",
    "One more line 2011",
)


@injects("page-furniture")
def furniture_above(rng: Random, base: Base) -> Injected | None:
    """What stands above the headline of a page."""
    if base.source != "peoples-daily-page":
        return None
    lines = "\n".join(("Latest News:", *rng.choices(HEADLINES, k=rng.randrange(1, 4))))
    return insert(base, 0, lines + "\n\n", marks=(Span(0, len(lines)),))


@injects("page-furniture")
def furniture_below(rng: Random, base: Base) -> Injected | None:
    """What stands below the article of a page."""
    if base.source != "peoples-daily-page":
        return None
    lines = ["We Recommend:", *rng.choices(HEADLINES, k=rng.randrange(1, 6))]
    if rng.random() < 0.5:
        lines += [
            f"Leave your comment{rng.randrange(9)} comments",
            "Name",
            "Selections for you",
            *rng.choices(HEADLINES, k=3),
        ]
    text = rng.choice(("\n", "\n\n")).join(lines)
    at = len(base.text) + 1
    return insert(base, len(base.text), f"\n{text}\n", marks=(Span(at, at + len(text)),))


@injects("leaked-field")
def field_leaked(rng: Random, base: Base) -> Injected | None:
    """The name and the value of a field before the dateline."""
    if base.source != "chinamil-text":
        return None
    dateline = re.match(rf"([A-Z][A-Z .'-]+), ({'|'.join(MONTHS)}) (\d+) -- ", base.text)
    attested = sidecar_of(base).get("record", {}).get("date_published", {}).get("value")
    if dateline is None or attested is None:
        return None
    day = date(rng.randrange(1995, 2029), rng.randrange(1, 13), rng.randrange(1, 29))
    field = f"{rng.choice((' ', '', ' '))}date {day.isoformat()} "
    town = rng.choice(("SPECIMEN TOWN", "EXAMPLE", "NORTH EXAMPLE", "ST. EXAMPLE", "EXAMPLE-ON-SEA"))
    changes = (
        Change(0, 0, field),
        Change(*dateline.span(1), town),
        Change(*dateline.span(2), MONTHS[day.month - 1]),
        Change(*dateline.span(3), str(day.day)),
    )
    return put(base, *changes, marks=(Span(0, len(field)),), given=attesting(base, date_published=day.isoformat()))


def _between_elements(rng: Random, base: Base) -> int | None:
    """A place in the body between two elements, or at its beginning or end."""
    start = body_start(base)
    found = [
        match.end()
        for match in re.finditer(r"</p>|</figure>|^<div>\n|</h2>", base.text, re.MULTILINE)
        if match.start() >= start
    ]
    return rng.choice(found) if found and base.source == "zaobao-jekyll" else None


@injects("advertisement")
def place_for_an_advertisement(rng: Random, base: Base) -> Injected | None:
    """An element that a page keeps for advertisements, empty or with empty ones in it."""
    at = _between_elements(rng, base)
    if at is None:
        return None
    tag = rng.choice(("div", "section", "DIV"))
    name = rng.choice(("imu", "innity-in-post", "dfp-ad-imu1", f"dfp-ad-{rng.choice('abc')}{rng.randrange(99)}"))
    inner = rng.choice(
        (
            "",
            "        ",
            "\n",
            "&nbsp;",
            '<div id="dfp-ad-inner"> </div>',
            '<img src="https://example.org/a.gif">',
            "<script>var a = 1;</script>",
            "<!-- a place -->",
        )
    )
    quote = rng.choice(('"', "'"))
    more = rng.choice(("", ' class="ad"', ' style="width:100%"', " hidden"))
    return insert(base, at, f"<{tag}{more} id={quote}{name}{quote}>{inner}</{tag}>")


@injects("subscription-link")
def link_to_subscribe(rng: Random, base: Base) -> Injected | None:
    """A picture that leads to a subscription."""
    at = _between_elements(rng, base)
    if at is None:
        return None
    query = rng.choice(("", "?utm_source=zb", "?utm_campaign=a&utm_medium=b", "?a=1&amp;b=2#c"))
    inner = rng.choice(
        (
            '<img alt src="https://example.org/a.png">',
            '<img class="lazyload  " data-src="https://example.org/a.png" alt="subscribe">',
            "",
            " ",
        )
    )
    more = rng.choice(("", ' target="_blank"', ' rel="noopener" class="promotion"'))
    scheme = rng.choice(("https:", "http:", ""))
    return insert(base, at, f'<a{more} href="{scheme}//subscribe.sph.com.sg/promotions/{query}">{inner}</a>')


@injects("paywall")
def wall(rng: Random, base: Base) -> Injected | None:
    """The place of a paywall, whatever the element and whatever stands in it."""
    at = _between_elements(rng, base)
    if at is None:
        return None
    tag = rng.choice(("div", "section", "aside", "span"))
    names = rng.choice(("cx_paywall_placeholder", "a cx_paywall_placeholder", "cx_paywall_placeholder b  c"))
    more = rng.choice(("", ' id="sph_cdp_00"', ' data-level="2"'))
    inner = rng.choice(("", " ", "Subscribe to read on.", "<p>订阅后继续阅读。</p>" if tag != "span" else ""))
    return insert(base, at, f'<{tag}{more} class="{names}">{inner}</{tag}>')
