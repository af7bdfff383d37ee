"""Seeds that have something in common with other seeds of the archive. Asked only if seeds are compared with each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found
from validator.text.findings import Severity
from validator.text.places import Span

if TYPE_CHECKING:
    from validator.rules.views import Neighbour, Neighbours

_SHOWN = 60  # characters of a value or a passage in a message


@rule(severity=Severity.WARNING, about="address")
def same_address(neighbours: Neighbours) -> Iterator[Found]:
    r"""Another seed of the archive has the same address. An error if the two differ in date or headline.

    One article was filed twice, or a seed was given the address of another. Whoever counts articles counts one of them too
    often. If date or headline differ, one of the two is wrong, or the page was changed between two captures.

    The scheme, a final slash, the case of the host, and keys such as `utm_source` make no difference.

    Bad [source=article, beside=opened>was opened]: ---\ntitle: A bridge opens\ndate: 2021-05-04\nurl: https://herald.example.org/bridge\n---\nThe bridge opened in May.\n
    Good [source=article, beside=/bridge>/mill]: ---\ntitle: A bridge opens\ndate: 2021-05-04\nurl: https://herald.example.org/bridge\n---\nThe bridge opened in May.\n

    Does not handle: an address that more than ten seeds share, such as that of a list; the first page of a site; a seed
    with the same body too (same-body); a check of one seed alone.

    Next: open both (`validator compare A B` shows what differs). Delete the one that is too many, correct the address, or
    accept the finding if both belong in the archive.
    """
    for each in neighbours.address:
        severity = Severity.ERROR if {"date", "headline"} & _fields(each) else None
        yield _said(each, f"the same address as {_place(each)}{_differences(each)}", severity)


@rule(severity=Severity.WARNING, about="body")
def same_body(neighbours: Neighbours) -> Iterator[Found]:
    r"""Another seed of the archive has the same text. An error if the two differ in headline, byline or date.

    One article was filed twice; or, if headline, byline or date differ, one of the two has the text of another article.
    That cannot be seen in either of them alone.

    Only letters and digits are compared: markup, spaces, quotation marks, capitals and the encoding make no difference, nor
    does it whether Chinese is in traditional or simplified characters.

    Bad [source=article, beside=05-04>11-12]: ---\ntitle: A bridge opens\ndate: 2021-05-04\nurl: https://herald.example.org/bridge\n---\nThe bridge over the river opened in May, two years after the old one had been closed. Nobody had thought that it would take so long. The first to cross it were children of the school on the other bank, who had gone a long way round every morning.\n
    Good [source=article, beside=opened in May>closed at last]: ---\ntitle: A bridge opens\ndate: 2021-05-04\nurl: https://herald.example.org/bridge\n---\nThe bridge over the river opened in May, two years after the old one had been closed. Nobody had thought that it would take so long. The first to cross it were children of the school on the other bank, who had gone a long way round every morning.\n

    Does not handle: a text of less than some 30 words (150 bytes of letters); a text that more than ten seeds share, or
    three and more under different headlines and addresses: it is taken for a standing notice; a check of one seed alone.

    Next: open both. If headline or date differ, compare each with its page: one of the two must be captured again. Else delete
    one, or accept the finding if both belong in the archive.
    """
    for each in neighbours.body:
        severity = Severity.ERROR if {"date", "headline", "byline"} & _fields(each) else None
        yield _said(each, f"the same text as {_place(each)}{_differences(each)}", severity)


@rule(severity=Severity.INFO, about="near_body")
def near_same_body(neighbours: Neighbours) -> Iterator[Found]:
    r"""Another seed of the archive has nearly the same text. A warning if the two differ in date or byline.

    It may be a correction, a second capture, an agency's story under two names, or one text that was damaged. The message
    says how many words are the same, and how the first passage that differs reads in both.

    Bad [source=article, beside=children>pupils]: ---\ntitle: A bridge opens\ndate: 2021-05-04\nurl: https://herald.example.org/bridge\n---\nThe bridge over the river opened in May, two years after the old one had been closed. Nobody had thought that it would take so long. The first to cross it were children of the school on the other bank, who had gone a long way round every morning.\n
    Good [source=article, beside=herald>gazette]: ---\ntitle: A bridge opens\ndate: 2021-05-04\nurl: https://herald.example.org/bridge\n---\nThe bridge over the river opened in May, two years after the old one had been closed. Nobody had thought that it would take so long. The first to cross it were children of the school on the other bank, who had gone a long way round every morning.\n

    Does not handle: texts of less than some 30 words (150 bytes of letters); texts in which more than 20 words in 100
    differ, or whose first 2,000 words have little in common; under different headlines and addresses, texts that
    differ in one place only, as two fillings of one form do; a check of one seed alone.

    Next: `validator compare A B` shows every difference. Keep both and accept the finding, or keep the better one.
    """
    for each in neighbours.near_body:
        severity = Severity.WARNING if {"date", "byline"} & _fields(each) else None
        here, there = (_shown(text) for text in each.passages)
        reads = f"{here} here is {there} there" if each.passages[0] else f"here {there} is missing"
        reads = reads if each.passages[1] else f"there {here} is missing"
        share = min(int(each.similarity * 100), 99)
        message = f"nearly the same text as {_place(each)}, {share}% of the words: {reads}{_differences(each)}"
        yield _said(each, message, severity)


@rule(severity=Severity.INFO, about="headline")
def same_headline_and_day(neighbours: Neighbours) -> Iterator[Found]:
    r"""Another seed of the archive has the same headline and the same day, and another text.

    It may be a second version of one article, or one seed has only a part of the article.

    Bad [source=article, beside=herald>gazette]: ---\ntitle: A bridge opens\ndate: 2021-05-04\nurl: https://herald.example.org/bridge\n---\nThe bridge opened in May.\n
    Good [source=article, beside=05-04>05-05]: ---\ntitle: A bridge opens\ndate: 2021-05-04\nurl: https://herald.example.org/bridge\n---\nThe bridge opened in May.\n

    Does not handle: headlines of a word or two; headlines that more than ten seeds of a day share; seeds in different
    languages; seeds with the same address or text (the other rules).

    Next: `validator compare A B` shows what differs. Accept the finding if these are two articles.
    """
    for each in neighbours.headline:
        yield _said(each, f"the same headline and day as {_place(each)}{_differences(each)}")


def _said(neighbour: Neighbour, message: str, severity: Severity | None = None) -> Found:
    """A finding where this seed has what it shares."""
    span = neighbour.span
    related = (("the first passage that differs", neighbour.passage),) if neighbour.passage is not None else ()
    return Found(
        span or Span(0, 0), message, related=related, whole=span is None, severity=severity, other=neighbour.path
    )


def _fields(neighbour: Neighbour) -> set[str]:
    return {field for field, _, _ in neighbour.disputed}


def _place(neighbour: Neighbour) -> str:
    others = "" if not neighbour.more else f" and {neighbour.more} more seed{'s' * (neighbour.more > 1)}"
    return f"{_one_line(neighbour.path)}:{neighbour.line}{others}"


def _differences(neighbour: Neighbour) -> str:
    """In which fields two seeds differ, and how."""
    said = [f"{field} {_shown(here)} here, {_shown(there)} there" for field, here, there in neighbour.disputed]
    return f"; {'; '.join(said)}" if said else ""


def _shown(text: str) -> str:
    text = " ".join(_one_line(text).split())
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[: _SHOWN - 1]}…"'


def _one_line(text: str) -> str:
    """A text without characters that nobody can see or that end a line."""
    return "".join(character if character.isprintable() else " " for character in text)
