"""Rules about places of a seed that must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from validator.parsing.dates import MONTH_WORDS, WEEKDAY_WORDS, WEEKDAYS, month_number, weekday_number
from validator.rules.registry import rule
from validator.rules.views import Found, said_of, said_of_seed
from validator.text.findings import Basis, Severity
from validator.text.languages import LOOKED_AT, language_name, other_language
from validator.text.patterns import late, matches_from
from validator.text.places import Span

if TYPE_CHECKING:
    from validator.rules.views import Agreements


def _of(agreements: Agreements, rule_name: str, noun: str) -> Iterator[Found]:
    for each in agreements.disagreements:
        agreement = each.agreement
        if agreement.rule != rule_name:
            continue
        other = agreement.describes or agreement.name
        message = f'{noun} disagree: here "{each.left.value}", {other} says "{each.right.value}"'
        if each.difference:
            message += f", {each.difference}"
        related = ((f"{other}: {each.right.value}", each.right.span),) if each.right.span else ()
        yield Found(
            each.left.span or Span(0, 0), message, pointer=each.left.pointer, related=related,
            whole=each.left.span is None, severity=agreement.severity,
        )  # fmt: skip


@rule(severity=Severity.ERROR, about="disagreements")
def dates_disagree(agreements: Agreements) -> Iterator[Found]:
    r"""Two places of a seed that give different dates.

    One of them is wrong, and the seed alone does not tell which. Until that is settled the date is disputed, and the report
    gives both. If one place has no time of day, only the days are compared.

    Bad [path=_posts/2021-03-09-a.md]: ---\nlayout: post\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/\n---\n<p>Text.</p>\n
    Good [path=_posts/2021-03-04-a.md]: ---\nlayout: post\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/\n---\n<p>Text.</p>\n

    Does not handle: dates of events in the article's text.

    Next: find the publisher's own date, and attest it: `validator attest FILE date_published DATE --basis "…"`, with
    `--replaces` and the value found here if that is the wrong one. That settles the dispute.
    """
    yield from _of(agreements, "dates-disagree", "dates")


@rule(severity=Severity.WARNING, about="disagreements")
def headlines_disagree(agreements: Agreements) -> Iterator[Found]:
    r"""Two places of a seed that give different headlines; whitespace and the form of quotation marks do not matter.

    Bad [path=a.md]: ---\nlayout: post\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/\n---\n[Other](https://example.org/)\n------\n<p>Text.</p>\n
    Good [path=a.md]: ---\nlayout: post\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/\n---\n[One](https://example.org/)\n------\n<p>Text.</p>\n

    Does not handle: headlines that differ only in case or in a subtitle; they count as different.

    Next: publishers change headlines after publication; find out which one the archive means to keep.
    """
    yield from _of(agreements, "headlines-disagree", "headlines")


@rule(severity=Severity.WARNING, about="disagreements")
def urls_disagree(agreements: Agreements) -> Iterator[Found]:
    r"""Two places of a seed that give different addresses.

    Bad [path=a.md]: ---\nlayout: post\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/1\n---\n[One](https://example.org/2)\n------\n<p>Text.</p>\n
    Good [path=a.md]: ---\nlayout: post\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/1\n---\n[One](http://example.org/1/)\n------\n<p>Text.</p>\n

    Does not handle: addresses that lead to the same page by another path or query.

    Next: see which address leads to this article.
    """
    yield from _of(agreements, "urls-disagree", "addresses")


@rule(severity=Severity.WARNING, about="languages")
def language_disagrees(agreements: Agreements) -> Iterator[Found]:
    r"""A text that is plainly in another language than the seed or its source says.

    The text may belong to another article, the language may be wrong, or the seed is of another source. Only the script and
    the most frequent words of 50 languages are looked at, in the first 2,000 characters of the article. Languages that share
    most of these words, such as Danish and Norwegian, are not told from each other.

    Bad [path=a.md]: ---\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nlang: fr\n---\nThe text of this example is in English, and it has to be long enough for anybody to be sure of that, as a headline or a name alone would not tell the language of an article. So it goes on with the words that every text in English has, and it is about nothing but that, for as long as there are fewer of them than the rule asks for before it says anything.\n
    Good [path=a.md]: ---\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nlang: en\n---\nThe text of this example is in English, and it has to be long enough for anybody to be sure of that, as a headline or a name alone would not tell the language of an article. So it goes on with the words that every text in English has, and it is about nothing but that, for as long as there are fewer of them than the rule asks for before it says anything.\n

    Does not handle: short texts, texts in several languages, and languages that are not in the table.

    Next: see whether this is the right article; then correct the language where it is given, or name the right source.
    """
    found = other_language(_beginning(agreements.masked), agreements.languages) if agreements.languages else None
    if found is not None:
        said = " or ".join(dict.fromkeys(map(language_name, agreements.languages)))
        reading = agreements.language
        who = "the source says" if reading is not None and reading.basis is Basis.ASSIGNED else "the seed says"
        message = f"the article is in {found}, {who} {said}"
        yield said_of(reading, message) if reading is not None else said_of_seed(message)


def _beginning(masked: str) -> str:
    """The first lines of the article, without the gaps of the mask."""
    lines, length = [], 0
    for line in re.finditer(r"[^\n\x00]+", masked):
        lines.append(line[0])
        length += len(line[0])
        if length >= LOOKED_AT:
            break
    return "\n".join(lines)


_ENGLISH = late(
    # "The couple wed March 4, 2021" and "The Sun, March 4, 2021" have no weekday.
    rf"(?i)\b(?-i:(?=[A-Z])(?!Sun\b(?!\.)))(?P<weekday>{WEEKDAY_WORDS})(?:(?<!day)\.)?\x00{{0,40}},?\x00{{0,40}}[ \u00a0]{{1,3}}"
    rf"(?:(?P<month>{MONTH_WORDS})\.?[ \u00a0](?P<day>\d\d?)(?:st|nd|rd|th)?"
    rf"|(?P<day2>\d\d?)(?:st|nd|rd|th)?[ \u00a0](?P<month2>{MONTH_WORDS})\.?),?[ \u00a0](?P<year>\d{{4}})\b"
)
_CHINESE = re.compile(
    r"(?P<year>\d\d\d\d)年(?P<month>\d\d?)月(?P<day>\d\d?)日[ \u3000]?[（(]?(?:星期|周|週|礼拜|禮拜)(?P<weekday>[一二三四五六日天])"
)


_WEEKDAY_BEGINS = re.compile("M(?i:on)|T(?i:hu|ue)|W(?i:ed)|F(?i:ri)|S(?i:at|un)")


# Between a weekday and a date may be a blank or markup; no markup begins with one of the characters that the last class excludes.
_WITH_DATE = (
    rf"(?:M(?i:on)|T(?i:hu|ue)|W(?i:ed)|F(?i:ri)|S(?i:at|un))(?i:[a-z]*)\.?,?"
    rf"(?:[ \x{{a0}}]+(?:\p{{Nd}}|(?i:{MONTH_WORDS}))|[^A-Za-z \x{{a0}}.,\r\n\"'’”;:?)-])|[A-Za-z]&#"
    "|日[ \u3000]?[（(]?(?:星期|周|週|礼拜|禮拜)"
)


@rule(severity=Severity.WARNING, triggers=(_WITH_DATE, r"(?:\p{Nd}|&#[xX]?[0-9a-fA-F]+;){4}"))
def weekday_disagrees(agreements: Agreements) -> Iterator[Found]:
    r"""A date with a weekday that it did not fall on.

    Either the weekday or the date is wrong. Only full dates are checked, in English and Chinese.

    Bad [source=plain-text]: The notice is of Friday, March 4, 2021.\n
    Good [source=plain-text]: The notice is of Thursday, March 4, 2021.\n

    Does not handle: dates without a year.

    Next: find the date in another source; the article itself may be wrong, then accept the finding.
    """
    masked = agreements.masked
    for match in chain(matches_from(_ENGLISH, _WEEKDAY_BEGINS, masked), _CHINESE.finditer(masked)):
        parts = match.groupdict()
        month_text = parts["month"] or parts.get("month2") or ""
        month = int(month_text) if month_text.isdecimal() else month_number(month_text)
        stated = weekday_number(parts["weekday"])
        try:
            day = date(int(parts["year"]), month or 0, int(parts["day"] or parts["day2"]))
        except ValueError:
            continue
        if stated is not None and day.weekday() != stated:
            name = WEEKDAYS[day.weekday()].capitalize()
            yield Found(Span(*match.span()), f'{day.isoformat()} was a {name}, here it is "{parts["weekday"]}"')
