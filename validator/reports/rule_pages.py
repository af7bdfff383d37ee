"""The documentation of rules in Markdown: of one rule for a report, and of all on the page `docs/rules.md`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from validator.rules.registry import Rule
from validator.text.findings import Applicability
from validator.text.places import fold_whitespace

FIXES = {
    None: "only you can fix it",
    Applicability.SAFE: "can be repaired safely when it is certain",
    Applicability.UNSAFE: "there is a proposal, which needs your decision",
    Applicability.DISPLAY: "a suggestion is shown, and never carried out",
}
_EXAMPLE = re.compile(r"^(?:Bad|Good)\b.*:")
_HEAD = """\
# Rules

What each rule finds, why that matters, and what to do. `validator explain RULE` prints the same.
`validator rules --format markdown` writes this page.
"""


def parts_of(rule: Rule) -> tuple[list[str], list[str]]:
    """The documentation of a rule by paragraphs: its prose, and all of it in Markdown, where examples are verbatim."""
    prose: list[str] = []
    parts: list[str] = []
    for paragraph in rule.document.split("\n\n"):
        if _EXAMPLE.match(paragraph):
            parts.append("\n".join(f"    {line}" for line in paragraph.split("\n")))
        else:
            parts.append(fold_whitespace(paragraph))
            prose.append(parts[-1])
    return prose, parts


def page_of(rules: Iterable[Rule]) -> str:
    """The page about all rules, by family. The heading of each rule is its name, so that it can be linked to."""
    blocks = [_HEAD.rstrip()]
    ordered = sorted(rules, key=lambda rule: (rule.family, rule.name))
    for family, members in groupby(ordered, key=lambda rule: rule.family):
        blocks.append(f"## {family}")
        for rule in members:
            head = f"*{rule.severity}; {FIXES[rule.applicability]}*"
            blocks += [f"### {rule.name}", head, *(_escaped(part) for part in parts_of(rule)[1])]
    return "\n\n".join(blocks) + "\n"


def _escaped(part: str) -> str:
    """A paragraph in which nothing outside of code is markup."""
    if part.startswith("    "):
        return part
    pieces = part.split("`")
    return "`".join(
        re.sub(r"([<>*_\[\]$])", r"\\\1", piece) if at % 2 == 0 else piece for at, piece in enumerate(pieces)
    )
