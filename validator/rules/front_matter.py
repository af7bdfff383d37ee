"""Rules about YAML front matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.findings import Applicability, Edit, Fix, Severity
from validator.rules.registry import rule
from validator.views import Found

if TYPE_CHECKING:
    from validator.views import Fields


@rule(severity=Severity.ERROR, about="problem")
def front_matter_syntax(fields: Fields) -> Iterator[Found]:
    r"""Front matter that is missing or cannot be read.

    Without it nothing is known of the article: no date, no byline, no address. Anchors, aliases and tags are refused too,
    since no archive needs them and a few lines of them can fill a machine's memory.

    Bad [source=front-matter]: ---\ntitle: "never closed\ndate: 2021-03-04\n---\nText.\n
    Bad [source=front-matter]: Text without front matter.\n
    Good [source=front-matter]: ---\ntitle: closed\ndate: 2021-03-04\n---\nText.\n

    Does not handle: front matter in TOML or JSON, which counts as none.

    Next: mend the line that is named; often a quotation mark, a colon in an unquoted value or the second `---` is missing.
    """
    if fields.problem is not None:
        message, span = fields.problem
        yield Found(span, message, whole=fields.front_matter is None)


@rule(severity=Severity.ERROR, about="duplicates")
def front_matter_duplicate_key(fields: Fields) -> Iterator[Found]:
    r"""A key that stands in the front matter twice.

    Programs take the one or the other, silently; nobody can say which value was meant.

    Bad [source=front-matter]: ---\ntitle: one\ntitle: other\ndate: 2021-03-04\n---\nText.\n
    Good [source=front-matter]: ---\ntitle: one\ndate: 2021-03-04\n---\nText.\n

    Does not handle: two keys of one meaning (`author` and `byline`).

    Next: find out which value is right, and keep that one.
    """
    for key, first, second in fields.duplicates:
        yield Found(second, f'key "{key}" stands here a second time', related=((f'"{key}" first stands here', first),))


@rule(severity=Severity.ERROR, applicability=Applicability.UNSAFE, about="problems")
def front_matter_schema(fields: Fields) -> Iterator[Found]:
    r"""A front-matter value that is not what the source's schema asks for: an unknown key, a wrong kind, a missing key.

    Misspelt keys are the usual reason that a byline or an address is "missing" though it was typed in.

    Bad [source=jekyll-post]: ---\nlayout: page\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/\n---\n<p>Text.</p>\n
    Good [source=jekyll-post]: ---\nlayout: post\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/\n---\n<p>Text.</p>\n

    A date in a spelling that the schema does not take and that can be read in one way only may be written as ISO 8601.

    Does not handle: a headline, byline, date or address that is missing or a date that is none; the rules of the record
    speak of these.

    Next: mend the value that is marked; a missing key is reported at the opening `---`.
    """
    for problem, span in fields.problems:
        fix = None
        if fields.respelt is not None and fields.respelt[0] == problem.pointer:
            spelling = fields.respelt[1]
            fix = Fix(Applicability.UNSAFE, f"write the date as {spelling}", (Edit(span.start, span.end, spelling),))
        yield Found(
            span,
            problem.message,
            fix,
            pointer=problem.pointer or None,
            whole=problem.missing is not None and not problem.pointer,
        )
