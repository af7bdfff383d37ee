"""The `html` format: one file to read in a browser, on paper or on a phone. It fetches nothing.

The page holds the counts as HTML and the seeds as JSON. A script of the page shows the seeds, a few at a time as they come
into sight: thousands at once would take a browser many seconds. It inserts text of a seed as text, never as markup. A policy
in the page lets nothing run except that script.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter, defaultdict
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from validator.repairs.deciding import Line, passage
from validator.reports.display import EXCERPT_LIMIT, span_in_excerpt, visible
from validator.reports.escaping import printable
from validator.reports.model import Format, Reporter, Setting, Spool, tool_version
from validator.reports.words import (
    FIXES,
    MEANINGS,
    advice,
    by_place,
    counted,
    open_findings,
    paragraphs,
    summary_in_words,
)
from validator.text.findings import Applicability, Edit, Finding, Severity, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from validator.text.findings import SeedReport, Totals

RULES_CHARTED = 15
CONTEXT = 30  # code points beside a change that are shown with it
_CJK = ("\u3400", "\u9fff")
_MARKUP = re.compile("[<>&\u2028\u2029]")
_LANGUAGE_TAG = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


class HtmlReporter(Reporter):
    """Writes the page. Seeds are kept in a temporary file until the counts are known, which come first."""

    def __init__(self, out: TextIO, setting: Setting) -> None:
        super().__init__(out, setting)
        self._seeds = Spool()
        self._separator = ""
        self._by_source: dict[str, Counter[str]] = defaultdict(Counter)
        self._by_rule = Counter[tuple[str, str]]()
        self._with_rule = Counter[str]()
        self._rules: set[str] = set()

    def seed(self, report: SeedReport) -> None:
        """Keep one seed with its findings, and count it."""
        self._seeds.write(self._separator + _json(_seed_entry(report)))
        self._separator = ",\n"
        found = open_findings(report)
        self._by_rule.update((printable(finding.rule), finding.severity) for finding in found)
        if report.verdict is not None:
            self._by_source[_source(report) or "-"][report.verdict] += 1
            self._with_rule.update({printable(finding.rule) for finding in found})
        self._rules.update(printable(finding.rule) for finding in report.findings)

    def finish(self, totals: Totals) -> None:
        """Write the page."""
        style, script = (files("validator.reports").joinpath("page", name).read_text("utf-8") for name in _ASSETS)
        words = {each.value: text for table in (MEANINGS, FIXES) for each, text in table.items()}
        documented = {rule: _documented(rule) for rule in sorted(self._rules)}
        self.out.write(_head(counted(totals.seeds, "seed"), style, script))
        self.out.write(self._summary(totals))
        self.out.write(self._filters())
        self.out.write(f'<script type="application/json" id="words">{_json(words)}</script>\n')
        self.out.write(f'<script type="application/json" id="rules">{_json(documented)}</script>\n')
        self.out.write('<script type="application/json" id="data">[\n')
        self._seeds.pass_on(self.out)
        self.out.write(f"]</script>\n<script>{script}</script>\n</body>\n</html>\n")

    def _summary(self, totals: Totals) -> str:
        lines = summary_in_words(totals, self.setting.profile.rules_not_shown, {})
        told = "".join(f"<p>{_with_code(escape(printable(line)))}.</p>\n" for line in lines)
        charts = _verdicts_chart(self._by_source) + _rules_chart(self._by_rule, self._with_rule)
        return (
            f'<section aria-labelledby="summary">\n<h2 id="summary">Summary</h2>\n{told}'
            f'<div class="charts">{charts}</div>\n</section>\n'
        )

    def _filters(self) -> str:
        verdicts = [verdict for verdict in Verdict if any(row[verdict] for row in self._by_source.values())]
        selects = "".join(
            (
                _select("source", sorted(self._by_source)),
                _select("verdict", verdicts),
                _select("rule", sorted(self._rules)),
                _select("severity", Severity),
            )
        )
        return f"""<section aria-labelledby="seeds-heading">
<h2 id="seeds-heading" tabindex="-1">Seeds</h2>
<form id="filters" role="search" aria-label="Filter the seeds">
{selects}<label>Text<input type="search" name="text" placeholder="name, message, excerpt"></label>
<label class="tick"><input type="checkbox" name="all"> accepted and baselined too</label>
<label class="tick"><input type="checkbox" name="quiet"> valid seeds without findings too</label>
<button type="reset">Show all</button>
</form>
<p id="count" role="status"></p>
<noscript><p>The list of seeds needs a browser that runs the script of this page; the text report does not.</p></noscript>
<ol id="seeds" class="seeds"></ol>
<button type="button" id="more" hidden>Show more</button>
<p id="left" class="printed"></p>
</section>
</main>
"""


_ASSETS = ("report.css", "report.js")


def _head(title: str, style: str, script: str) -> str:
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Report on {escape(title)}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#seeds-heading">To the seeds</a>
<header>
<h1>Report on {escape(title)}</h1>
<p class="faint">validator {escape(tool_version())}</p>
</header>
<main>
"""


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _json(value: object) -> str:
    """JSON that is safe inside an element: nothing in it closes the element or begins another."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _MARKUP.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


# --- charts -----------------------------------------------------------------------------------------------------------


def _verdicts_chart(by_source: dict[str, Counter[str]]) -> str:
    if not by_source:
        return ""
    used = [verdict.value for verdict in reversed(Verdict) if any(row[verdict.value] for row in by_source.values())]
    rows = []
    for source, counts in sorted(by_source.items(), key=lambda item: (-sum(item[1].values()), item[0])):
        total = sum(counts.values())
        parts = [(counts[verdict], f"v-{verdict}") for verdict in used]
        said = " ".join(f"<span>{counts[verdict]:,} {verdict}</span>" for verdict in used if counts[verdict])
        rows.append(
            f"<tr><th scope=row>{_filter_button('source', source)}</th><td class=number>{total:,}</td>"
            f"<td class=said>{said}</td><td class=bar>{_bar(parts, total)}</td></tr>"
        )
    keys = "".join(
        f'<li><svg viewBox="0 0 1 1" aria-hidden="true"><rect width="1" height="1" class="v-{verdict}"/></svg>{verdict}</li>'
        for verdict in used
    )
    return (
        "<figure><figcaption>Verdicts by source</figcaption><table><thead><tr><th scope=col>Source</th>"
        "<th scope=col class=number>Seeds</th><th scope=col>Verdicts</th><th scope=col class=bar>Share</th></tr></thead>"
        f'<tbody>{"".join(rows)}</tbody></table><ul class="key">{keys}</ul></figure>'
    )


def _rules_chart(by_rule: Counter[tuple[str, str]], with_rule: Counter[str]) -> str:
    if not by_rule:
        return ""
    rank = {severity.value: number for number, severity in enumerate(Severity)}
    ranked = sorted(by_rule.items(), key=lambda item: (rank[item[0][1]], -item[1], item[0][0]))
    most = max(by_rule.values())
    rows = "".join(
        f"<tr><th scope=row>{_filter_button('rule', rule)}</th>"
        f'<td class="severity {severity}">{severity}</td><td class=number>{number:,}</td>'
        f"<td class=number>{with_rule[rule]:,}</td><td class=bar>{_bar([(number, f's-{severity}')], most)}</td></tr>"
        for (rule, severity), number in ranked[:RULES_CHARTED]
    )
    more = len(ranked) - RULES_CHARTED
    note = f"<p class=faint>and {counted(more, 'more rule')}; the filter below has them all</p>" if more > 0 else ""
    return (
        "<figure><figcaption>Rules that weigh most: errors first, then by number</figcaption><table><thead><tr>"
        "<th scope=col>Rule</th><th scope=col>Severity</th><th scope=col class=number>Findings</th>"
        "<th scope=col class=number>Seeds</th><th scope=col class=bar>Number</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>{note}</figure>"
    )


def _bar(parts: Sequence[tuple[int, str]], total: int) -> str:
    at = 0.0
    rects = []
    for number, name in parts:
        width = 100 * number / max(total, 1)
        if number:
            rects.append(f'<rect x="{at:.2f}" width="{max(width, 0.5):.2f}" height="8" class="{name}"/>')
        at += width
    return f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{"".join(rects)}</svg>'


def _filter_button(name: str, value: str) -> str:
    return f'<button type="button" data-filter="{name}" data-value="{escape(value)}">{escape(_named(value))}</button>'


def _select(name: str, values: Iterable[str]) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(_named(value))}</option>' for value in values)
    return f'<label>{name.title()}<select name="{name}"><option value="">all</option>{options}</select></label>\n'


def _with_code(text: str) -> str:
    """A text in HTML whose backquotes mark code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", text)


def _named(source: str) -> str:
    return "not identified" if source == "-" else source


# --- seeds ------------------------------------------------------------------------------------------------------------


def _seed_entry(report: SeedReport) -> dict[str, Any]:
    return {
        "path": printable(report.path),
        "source": _source(report),
        "verdict": report.verdict,
        "lang": _language(report),
        "fault": printable(report.fault) if report.fault else None,
        "findings": [_finding_entry(finding) for finding in by_place(report.findings)],
    }


def _source(report: SeedReport) -> str | None:
    return printable(report.source) if report.source else None


def _language(report: SeedReport) -> str | None:
    """The language of the excerpts: the one of the record, else Chinese if they are in its characters.

    A language that a seed names in words is of no use to a browser: only a language tag counts.
    """
    stated = report.record.get("language")
    if isinstance(stated, str) and _LANGUAGE_TAG.fullmatch(stated):
        return stated
    text = "".join(finding.excerpt for finding in report.findings)
    chinese = sum(_CJK[0] <= character <= _CJK[1] for character in text)
    return "zh" if chinese * 4 > len(text) else None


def _finding_entry(finding: Finding) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "rule": printable(finding.rule),
        "severity": finding.severity,
        "message": printable(finding.message),
        "at": f"{finding.start.line}:{finding.start.column}",
    }
    if finding.status is not Status.OPEN:
        entry["status"] = finding.status
    if finding.whole:
        entry["whole"] = 1
    if finding.related:
        places = (f"{each.start.line}:{each.start.column}: {printable(each.message)}" for each in finding.related)
        entry["related"] = list(places)
    if finding.excerpt and not finding.whole:
        entry["excerpt"] = _marked(finding)
    if finding.fix is not None:
        fix: dict[str, Any] = {"applicability": finding.fix.applicability, "title": printable(finding.fix.title)}
        if sides := _sides(finding):
            fix |= {"before": sides[0], "after": sides[1]}
        entry["fix"] = fix
    return entry


def _marked(finding: Finding) -> list[list[str | int]]:
    """The excerpt in three pieces, the middle one being what the finding is about; an ellipsis where it was cut."""
    excerpt = finding.excerpt
    first, last = span_in_excerpt(finding)
    pieces = _visible([(excerpt[:first], False), (excerpt[first:last], True), (excerpt[last:], False)])
    before: list[list[str | int]] = [["…", 0]] if finding.excerpt_column > 1 else []
    after: list[list[str | int]] = [["…", 0]] if len(excerpt) >= EXCERPT_LIMIT else []
    return [*before, *pieces, *after]


def _sides(finding: Finding) -> tuple[list[Any], list[Any]] | None:
    """The excerpt before and after the fix; None if an edit is not wholly inside the excerpt."""
    fix = finding.fix
    if fix is None or not fix.edits or fix.applicability is Applicability.DISPLAY:
        return None
    origin = finding.start.offset - (finding.start.column - finding.excerpt_column)
    edits = [Edit(edit.start - origin, edit.end - origin, edit.replacement) for edit in fix.edits]
    if any(not 0 <= edit.start <= edit.end <= len(finding.excerpt) for edit in edits):
        return None
    before, after = passage(finding.excerpt, edits)
    return [_near(line) for line in before], [_near(line) for line in after]


def _near(line: Line) -> list[list[str | int]]:
    """A line. What does not change is shown only close to what changes."""
    parts: list[tuple[str, bool]] = []
    for at, (text, is_changed) in enumerate(line.pieces):
        if is_changed or len(text) <= 2 * CONTEXT:
            parts.append((text, is_changed))
            continue
        left = text[:CONTEXT] if at else ""
        right = text[-CONTEXT:] if at + 1 < len(line.pieces) else ""
        parts += [(f"{left}…{right}", False)]
    return _visible([part for part in parts if part[0]])


def _visible(parts: Sequence[tuple[str, bool]]) -> list[list[str | int]]:
    return [[visible(text, flag), int(flag)] for text, flag in parts if text or flag]


def _documented(rule: str) -> dict[str, Any]:
    """The documentation of a rule: why it matters, what it does not handle, and what to do."""
    about = [each for each in paragraphs(rule) if each and not each.startswith(("Next:", "Bad:", "Good:"))]
    return {"about": about, "next": advice(rule).removeprefix("Next: ")}


FORMAT = Format("one file to read, filter and print; it fetches nothing", HtmlReporter)
