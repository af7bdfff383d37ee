"""Rules about YAML front matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.parsing.front_matter import blocks_below
from validator.rules.registry import rule
from validator.rules.views import Found, replaced
from validator.text.findings import Applicability, Severity
from validator.text.patterns import late
from validator.text.places import inside, words_of

if TYPE_CHECKING:
    from validator.rules.views import Fields, Text


@rule(severity=Severity.ERROR, about="problem")
def front_matter_syntax(fields: Fields) -> Iterator[Found]:
    r"""Front matter that is missing or cannot be read.

    Without it there is no date, no byline, no address. Anchors, aliases and tags are refused too: no archive needs them, and a
    few lines of them can fill a machine's memory.

    Bad [source=front-matter]: ---\ntitle: "never closed\ndate: 2021-03-04\n---\nText.\n
    Bad [source=front-matter]: Text without front matter.\n
    Good [source=front-matter]: ---\ntitle: closed\ndate: 2021-03-04\n---\nText.\n

    If a line looks right and is not, the message names what cannot be seen: a no-break space or a full-width colon after the key.

    Does not handle: front matter in TOML or JSON, which counts as missing.

    Next: correct the line in the message; often a quotation mark or the second `---` is missing, or a value has a colon and no
    quotation marks.
    """
    if fields.problem is not None:
        message, span = fields.problem
        yield Found(span, message, whole=fields.front_matter is None)


# Keys of texts in the front matter of most site generators; such a text may have a `#` that is not a comment.
_TEXT_KEYS = words_of(
    "abstract author authors by byline caption categories category dek description excerpt headline heading kicker keywords lead name "
    "place publisher standfirst subheading subheadline subtitle summary tags title writer"
)
_MEANT = late(  # what begins a comment that somebody meant
    r"(?i)#\s*(?:todo|fixme|xxx|note|nb|hack|required|optional|deprecated|remove|removed|change|changed|edit|edited|was|old|see|default|draft)\b"
)
_CUT = late(r"#(?:\w|\s*\d)")


@rule(severity=Severity.WARNING, triggers=(r"\s#",), about="comments")
def front_matter_comment(fields: Fields) -> Iterator[Found]:
    r"""A text without quotation marks that a ` #` cuts short: to YAML, the rest of the line is a comment.

    Of `Report #2 of the committee` every program reads "Report", and nobody notices.

    Bad [source=front-matter]: ---\ntitle: Report #2 of the committee\ndate: 2021-03-04\n---\nText.\n
    Good [source=front-matter]: ---\ntitle: "Report #2 of the committee"\ndate: 2021-03-04\ndraft: true #remove this later\n---\nText.\n

    Only at keys of texts (`title`, `author`, `description`, `tags` …, and those that the source reads as such), and only if a
    letter or a digit follows the `#`.

    Does not handle: a number sign with a space after it (`Suite # B`); a comment without a space after its `#`.

    Next: put the whole value in quotation marks; if it is a comment, write a space after the `#`.
    """
    for comment in fields.comments:
        key = [step for step in comment.pointer.split("/") if not step.isdecimal()][-1]
        if (
            not (comment.is_text or key.lower() in _TEXT_KEYS)
            or not _CUT.match(comment.text)
            or _MEANT.match(comment.text)
        ):
            continue
        read = f'only "{comment.value[:60]}" is read' if comment.value else "no value is read"
        said = comment.text.rstrip()[:60]
        yield Found(
            comment.span, f'"{said}" is a comment to YAML, so {read} at "{key}": put the value in quotation marks',
            pointer=comment.pointer,
        )  # fmt: skip


_LINE_ENDS = r"[\n-\r\x1c-\x1e\x{85}\x{2028}\x{2029}]"  # of `str.splitlines`
_KEY_BELOW_FENCE = rf"[\n\r](?:---|\+\+\+)[ \t]*[\n\r](?:(?s:.*){_LINE_ENDS})?(?:title|layout)[ \t]*[:=]"


@rule(severity=Severity.ERROR, looks_everywhere=True, triggers=(_KEY_BELOW_FENCE,))
def second_front_matter(text: Text) -> Iterator[Found]:
    r"""A second front matter in the text below the first: two articles in one file, or one that was imported twice.

    Only the first is read. If the second is the article's own, its date and byline are the right ones; if it is another
    article's, two texts are taken for one.

    Bad [source=front-matter]: ---\ntitle: One\ndate: 2021-03-04\n---\n\n---\ntitle: Other\ndate: 2012-11-25\n---\nText.\n
    Good [source=front-matter]: ---\ntitle: One\ndate: 2021-03-04\n---\n\n---\n\nText.\n\n---\n

    All lines between two fences must be front matter, with `title` or `layout` and one more key of its kind.

    Does not handle: front matter that is shown as code; front matter without its second fence.

    Next: find out which front matter is the article's, and give each article a file of its own.
    """
    if text.front_matter is None:
        return
    first = text.normal.normal(text.front_matter.end)
    for block in blocks_below(text.normal.text, first):  # a line may end in CR alone
        span = text.normal.span(*block)
        if not inside(text.verbatim, span.start):
            yield Found(span, "a second front matter is here, below the first: only the first is read")


@rule(severity=Severity.ERROR, about="duplicates")
def front_matter_duplicate_key(fields: Fields) -> Iterator[Found]:
    r"""A key that is in the front matter twice.

    Programs silently take the one or the other.

    Bad [source=front-matter]: ---\ntitle: one\ntitle: other\ndate: 2021-03-04\n---\nText.\n
    Good [source=front-matter]: ---\ntitle: one\ndate: 2021-03-04\n---\nText.\n

    Does not handle: two keys of one meaning (`author` and `byline`).

    Next: find out which value is right, and keep that one.
    """
    for key, first, second in fields.duplicates:
        yield Found(second, f'key "{key}" is here a second time', related=((f'"{key}" is first here', first),))


@rule(severity=Severity.ERROR, applicability=Applicability.UNSAFE, about="problems")
def front_matter_schema(fields: Fields) -> Iterator[Found]:
    r"""Front matter that does not fit the source's schema: an unknown key, a missing key, a value of the wrong kind.

    A misspelt key is often why a byline or an address is missing.

    Bad [source=jekyll-copy]: ---\nlayout: page\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/\n---\n<p>Text.</p>\n
    Good [source=jekyll-copy]: ---\nlayout: post\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\nfrom: https://example.org/\n---\n<p>Text.</p>\n

    For a date in another spelling that can be read in one way only, ISO 8601 is proposed.

    Does not handle: a missing headline, byline, date or address, and a date that cannot be read (the rules of the record).

    Next: correct the marked value; a missing key is reported at the opening `---`.
    """
    for problem, span in fields.problems:
        fix = None
        if fields.respelt is not None and fields.respelt[0] == problem.pointer:
            spelling = fields.respelt[1]
            fix = replaced(span, spelling, f"write the date as {spelling}")
        is_whole = problem.missing is not None and not problem.pointer
        yield Found(span, problem.message, fix, pointer=problem.pointer or None, whole=is_whole)
