"""Rules about what a page left around the article, as the source schema describes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found, replaced
from validator.text.findings import Applicability, Lift, Severity
from validator.text.places import Span

if TYPE_CHECKING:
    from validator.rules.views import Residues


def _of(residues: Residues, rule_name: str, says: str, title: str) -> Iterator[Found]:
    for left in residues.residue:
        entry = left.residue
        if entry.rule != rule_name:
            continue
        fix = None
        if left.removal is not None:
            lift = Lift(entry.lifts, left.lifted) if entry.lifts and left.lifted else None
            fix = replace(replaced(Span(*left.removal), "", title), lift=lift)
        message = f"{says} ({entry.name})" + (f": {entry.means}" if entry.means else "")
        yield Found(Span(*left.span), message, fix, severity=entry.severity)


@rule(severity=Severity.ERROR, applicability=Applicability.UNSAFE, about="residue")
def page_furniture(residues: Residues) -> Iterator[Found]:
    r"""Navigation, recommendations, comment forms: what the page had around the article.

    Whoever counts words or searches for names finds words that the article never had.

    Bad [path=peoples-daily-page/a.txt]: Latest News:\n\nA headline of this example\n\nBy A. Specimen (An Agency)\n\n10:20, March 4, 2021\n\nText.\n
    Good [path=peoples-daily-page/a.txt]: A headline of this example\n\nBy A. Specimen (An Agency)\n\n10:20, March 4, 2021\n\nText.\n

    Does not handle: furniture in the middle of an article, and what the source schema does not describe.

    Next: make sure that nothing of the article is in the marked part, then let it be taken out.
    """
    yield from _of(residues, "page-furniture", "page furniture is kept as text", "take the page furniture out")


@rule(severity=Severity.ERROR, applicability=Applicability.UNSAFE, about="residue")
def leaked_field(residues: Residues) -> Iterator[Found]:
    r"""A field's name and value that the capture wrote into the text.

    The value is worth keeping, but not in the text: it is moved to the sidecar.

    Bad [path=chinamil-text/a.txt]:  date 2021-03-04 BEIJING, March 4 -- Text.\n
    Good [path=chinamil-text/a.txt]: BEIJING, March 4 -- Text.\n

    Does not handle: fields in the middle of an article, and what the source schema does not describe.

    Next: make sure that the value is right, then let it be moved.
    """
    yield from _of(residues, "leaked-field", "a field of the capture is in the text", "move the value to the sidecar")


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE, about="residue")
def advertisement(residues: Residues) -> Iterator[Found]:
    r"""A place for an advertisement inside the article.

    Bad [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><div id="innity-in-post"></div>\n
    Good [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><div id="article"></div>\n

    Does not handle: elements with text, which are never taken out.

    Next: let it be taken out.
    """
    yield from _of(residues, "advertisement", "a place for an advertisement is in the article", "take the element out")


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE, about="residue")
def subscription_link(residues: Residues) -> Iterator[Found]:
    r"""A link that asks the reader to subscribe.

    Bad [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><a href="https://subscribe.sph.com.sg/x"><img alt></a>\n
    Good [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><a href="https://example.org/x"><img alt></a>\n

    Does not handle: links with text of their own, which are never taken out.

    Next: let it be taken out; see whether the article ends early.
    """
    yield from _of(residues, "subscription-link", "a link to a subscription is in the article", "take the link out")


@rule(severity=Severity.WARNING, about="residue")
def paywall(residues: Residues) -> Iterator[Found]:
    r"""The place where a page shows the rest of an article only to those who pay.

    Bad [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><div class="cx_paywall_placeholder"></div>\n
    Good [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><div class="article"></div>\n

    Does not handle: pages that hide the rest without a trace.

    Next: compare with the publisher's page; if the text is whole, accept the finding and say how you know.
    """
    yield from _of(residues, "paywall", "a paywall was here", "")
