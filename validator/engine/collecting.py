"""Findings: what rules find, with positions, excerpts and fingerprints."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from operator import itemgetter
from typing import Any

from validator.record.sidecar import text_key
from validator.rules import Rule, views
from validator.sources.identify import Match
from validator.sources.model import RuleSetting, Source
from validator.text.findings import APPLICABILITY_RANK, Applicability, Finding, Related, Severity
from validator.text.places import LineIndex, Span

CONTEXT = 40  # code points on each side of a finding that its fingerprint covers
MOST_OF_A_RULE = 10_000  # findings in one seed; a file with more is not an article, and memory is limited
MOST_WITHOUT_SOURCE = 3  # the same if no source is known: which part is the article is then unknown
MOST_PLACES = (
    400  # edits of a fix; nobody makes more by hand, and finding their places would take longer than the check
)
EXCERPT = 160  # code points of a line that a report shows
_AS_DECLARED = RuleSetting()


class Findings:
    """Collects what rules find, as findings with positions, excerpts and fingerprints."""

    def __init__(
        self,
        text: str,
        encoding: str | None,
        match: Match | None = None,
        matter: Callable[[], Sequence[Span]] = tuple,
    ) -> None:
        self.text = text
        self.match = match
        self.matter = matter  # where front matter is; a byte-order mark is before it
        self.index = LineIndex(text, encoding or "utf-8")
        self.found: list[tuple[Rule, views.Found, RuleSetting]] = []
        self._seed_key: str | None = None

    def run(self, rule: Rule, view: Any, source: Source) -> None:
        """Run one rule, which may find something in its view, as the source sets it.

        A rule with too many findings lists only the first ones. Those are not repaired: a text must not be half repaired.
        """
        setting = source.rules.get(rule.name, _AS_DECLARED)
        if setting.severity == "off":
            return
        finds = rule.check(view, **setting.options)
        if isinstance(view, views.Text) and view.apart and not rule.looks_everywhere:
            finds = _in_text(finds, view.apart)
        first = next(finds, None)
        if first is None:  # as of nearly all
            return
        is_unknown = self.match is not None and self.match.source is None
        at_most = MOST_WITHOUT_SOURCE if is_unknown else MOST_OF_A_RULE
        listed = [first, *islice(finds, at_most)]
        if len(listed) > at_most:
            message = f"{rule.name} finds more than {at_most:,} places in this seed; the rest is not listed"
            message += " until its source is known" if is_unknown else ", and none of them is repaired"
            last = listed.pop()._replace(message=message, fix=None, related=())
            self.found.append((rule, last, setting))
            setting = replace(setting, applicability=Applicability.DISPLAY)
        self.found += [(rule, found, setting) for found in listed]

    def _highest(self, rule: Rule, found: views.Found) -> Applicability:
        """How far fixes may go: what is not known is not touched.

        Nothing is repaired where no source is known. Where the source is not certain, a fix that rests on what the source
        says (its language, its encodings) needs a person; so does one inside the front matter, which programs read.
        """
        if self.match is not None and self.match.source is None:
            return Applicability.DISPLAY
        if not found.whole and any(each.start <= found.span[0] < each.end for each in self.matter()):
            return Applicability.UNSAFE
        is_certain = self.match is None or self.match.certain
        return Applicability.UNSAFE if rule.rests_on_source and not is_certain else Applicability.SAFE

    def seed_key(self) -> str:
        """The digest of the seed's letters and digits: what an acceptance of a finding about the whole seed holds to."""
        if self._seed_key is None:
            self._seed_key = text_key(self.text)
        return self._seed_key

    def findings(self) -> list[Finding]:
        """All findings, in the order of their places."""
        self.found.sort(key=lambda item: (item[1].span, item[0].name, item[1].message))
        seen: dict[str, int] = {}
        return [self._finding(rule, found, setting, seen) for rule, found, setting in self.found]

    def _finding(self, rule: Rule, found: views.Found, setting: RuleSetting, seen: dict[str, int]) -> Finding:
        start, end = found.span
        if found.whole:
            fingerprint = _digest(rule.name)
        else:
            around = self._around(start, end)
            named = rule.name + around
            seen[named] = number = seen.get(named, 0) + 1
            fingerprint = _digest(f"{rule.name}\0{around}\0{number}")
        severity = setting.severity if isinstance(setting.severity, Severity) else found.severity or rule.severity
        fix = found.fix
        if fix is not None:
            highest = (fix.applicability, setting.applicability or fix.applicability, self._highest(rule, found))
            lower = max(highest, key=APPLICABILITY_RANK.__getitem__)
            fix = fix if lower is fix.applicability else replace(fix, applicability=lower)
        edits = fix.edits if fix is not None and len(fix.edits) <= MOST_PLACES else ()
        places = tuple(self.index.positions(Span(edit.start, edit.end)) for edit in edits)
        excerpt, column = self._excerpt(start)
        position = self.index.position
        first, last = self.index.positions(found.span)
        return Finding(
            rule=rule.name, family=rule.family, severity=severity, message=found.message,
            start=first, end=last, fix=fix, pointer=found.pointer,
            related=tuple(Related(message, position(span[0]), position(span[1])) for message, span in found.related),
            fingerprint=fingerprint, key=self.seed_key() if found.whole else fingerprint, whole=found.whole,
            excerpt=excerpt, excerpt_column=column,
            places=places, other=found.other,
        )  # fmt: skip

    def _around(self, start: int, end: int) -> str:
        """The finding's text with its surroundings inside its line, whitespace folded."""
        text = self.text
        first = max(text.rfind("\n", max(0, start - CONTEXT), start) + 1, start - CONTEXT, 0)
        last = text.find("\n", end, end + CONTEXT)
        last = min(end + CONTEXT, len(text)) if last < 0 else last
        middle = text[start:end]
        if len(middle) > 4 * CONTEXT:  # a long finding is told from others by its ends and its digest
            middle = middle[:CONTEXT] + _digest(" ".join(middle.split())) + middle[-CONTEXT:]
        before, after = text[first:start], text[end:last]
        return f"{' '.join(before.split())}\0{' '.join(middle.split())}\0{' '.join(after.split())}"

    def _excerpt(self, start: int) -> tuple[str, int]:
        line = self.index.line_span_at(start, EXCERPT)
        # One short of the limit where the line ends with the excerpt: a full one tells that the line goes on.
        first = max(line.start, min(start - EXCERPT // 2, line.end - EXCERPT + 1))
        return self.text[first : min(line.end, first + EXCERPT)].rstrip("\r"), first - line.start + 1


def _in_text(finds: Iterable[views.Found], apart: Sequence[tuple[int, int]]) -> Iterator[views.Found]:
    """What was found in text; left out is what was found in markup and code."""
    for found in finds:
        start, end = found.span
        at = bisect_right(apart, start, key=itemgetter(0))  # the first that begins later
        if not found.whole and ((at and start < apart[at - 1][1]) or (at < len(apart) and apart[at][0] < end)):
            continue
        yield found


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order in which a report has them."""
    return tuple(sorted(findings, key=lambda each: (each.start.offset, each.end.offset, each.rule, each.message)))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
