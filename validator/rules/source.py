"""Rules about the source of a seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found, said_of_seed
from validator.text.findings import Severity

if TYPE_CHECKING:
    from validator.rules.views import Identity


@rule(severity=Severity.ERROR, about="match.problem")
def source_unidentified(identity: Identity) -> Iterator[Found]:
    r"""A seed that no source schema fits, so its record could not be read.

    Only the rules that need no source ran.

    Bad [path=somewhere/else.txt]: A text that no schema knows anything about.\n
    Good [source=plain-text]: A text whose source is named.\n

    Does not handle: a seed of another kind that a schema happens to fit (source-uncertain, if the signs are weak); front matter
    that cannot be read, which tells no source (front-matter-syntax).

    Next: name the source (`--source`, a glob in the configuration, the sidecar), or write a schema for it:
    `validator sources learn ID FOLDER` drafts its schema.
    """
    match = identity.match
    if match.source is None and not identity.is_unread:
        yield said_of_seed(f"no source schema fits: {match.problem}")


@rule(severity=Severity.WARNING, about="match.problem")
def source_uncertain(identity: Identity) -> Iterator[Found]:
    r"""A seed whose source was found by weak signs only.

    If the source is wrong, the date, the byline and the headline may have been read from the wrong places.

    Bad: A headline of this example stands here\nThe words spokesman for the Ministry of National Defense stand here.\n
    Good [source=mod-gov-cn]: A headline of this example stands here\nOne paragraph stands here.\n

    Does not handle: two sources that fit equally well (source-ambiguous).

    Next: see whether the source is right (`validator identify FILE` shows what each scored and why), and say so once:
    `source:` in the sidecar or a glob in the configuration. A folder named after the source helps if its text fits too.
    """
    match = identity.match
    if match.source is not None and not match.certain and not match.rivals:
        yield said_of_seed(f"taken for {match.source}, but not for certain: {match.problem}")


@rule(severity=Severity.WARNING, about="match.problem")
def source_ambiguous(identity: Identity) -> Iterator[Found]:
    r"""A seed that two sources fit equally well. It was judged by the first of them.

    Bad [path=mod-gov-cn/chinamil-text/example.txt]: One paragraph stands here.\n
    Good [path=mod-gov-cn/example.txt]: One paragraph stands here.\n

    Does not handle: a source and the one it extends; the more exact one is taken.

    Next: say which it is: `source:` in the sidecar, or a glob in the configuration.
    """
    match = identity.match
    if match.source is not None and match.rivals:
        yield said_of_seed(f"taken for {match.source}, but {match.problem}")
