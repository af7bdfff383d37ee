"""Rules about what a page left around the article. Which residue there is, the source schema says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found
from validator.text.findings import Applicability, Edit, Fix, Lift, Severity
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
            removal = (Edit(left.removal.start, left.removal.end, ""),)
            fix = Fix(Applicability.UNSAFE, title, removal, lift=lift)
        message = f"{says} ({entry.name})" + (f": {entry.means}" if entry.means else "")
        yield Found(Span(*left.span), message, fix, severity=entry.severity)


@rule(severity=Severity.ERROR, applicability=Applicability.UNSAFE)
def page_furniture(residues: Residues) -> Iterator[Found]:
    r"""Navigation, recommendations, comment forms: what stood on the page around the article.

    Whoever counts words or searches names in the archive finds words there that the article never had.

    Bad [path=peoples-daily-page/a.txt]: Latest News:\n\nA headline of this example\n\nBy A. Specimen (An Agency)\n\n10:20, March 4, 2021\n\nText.\n
    Good [path=peoples-daily-page/a.txt]: A headline of this example\n\nBy A. Specimen (An Agency)\n\n10:20, March 4, 2021\n\nText.\n

    Does not handle: furniture in the middle of an article, and what the source schema does not describe.

    Next: see that nothing of the article stands in the part that is marked, then let it be taken out.
    """
    yield from _of(
        residues,
        "page-furniture",
        "what stood around the article is kept as if it were text",
        "take the page furniture out",
    )


@rule(severity=Severity.ERROR, applicability=Applicability.UNSAFE)
def leaked_field(residues: Residues) -> Iterator[Found]:
    r"""A field's name and value that the capture wrote into the text.

    The value is worth keeping, and the text is no place for it: it is moved to the sidecar when it is taken out.

    Bad [path=chinamil-text/a.txt]:  date 2021-03-04 BEIJING, March 4 -- Text.\n
    Good [path=chinamil-text/a.txt]: BEIJING, March 4 -- Text.\n

    Does not handle: fields in the middle of an article, and what the source schema does not describe.

    Next: see that the value is right, then let it be moved.
    """
    yield from _of(
        residues, "leaked-field", "a field of the capture stands in the text", "move the value to the sidecar"
    )


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE)
def advertisement(residues: Residues) -> Iterator[Found]:
    r"""A place for an advertisement inside the article.

    Bad [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><div id="innity-in-post"></div>\n
    Good [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><div id="article"></div>\n

    Does not handle: elements that hold text; they are never taken out.

    Next: let it be taken out.
    """
    yield from _of(
        residues, "advertisement", "a place for an advertisement stands in the article", "take the element out"
    )


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE)
def subscription_link(residues: Residues) -> Iterator[Found]:
    r"""A link that asks the reader to subscribe.

    Bad [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><a href="https://subscribe.sph.com.sg/x"><img alt></a>\n
    Good [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><a href="https://example.org/x"><img alt></a>\n

    Does not handle: links with text of their own; they are never taken out.

    Next: let it be taken out; look whether the article ends early.
    """
    yield from _of(residues, "subscription-link", "a link to a subscription stands in the article", "take the link out")


@rule(severity=Severity.WARNING)
def paywall(residues: Residues) -> Iterator[Found]:
    r"""The place where a page holds back the rest of an article from those who have not paid.

    Bad [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><div class="cx_paywall_placeholder"></div>\n
    Good [path=zaobao-jekyll/a.md]: ---\nlayout: post\n---\n<p>Text.</p><div class="article"></div>\n

    Does not handle: pages that hold the rest back without a trace.

    Next: compare with the publisher's page; if the text is whole, accept the finding and say how you know.
    """
    yield from _of(residues, "paywall", "a paywall stood here", "")
