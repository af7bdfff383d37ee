"""The `html` format: one file to be read in a browser, on paper or on a phone, with nothing fetched from anywhere.

What is counted stands on the page; the seeds are shown by a script of the page, a few at a time as they come into sight, since
thousands of them at once would take a browser many seconds. No text of a seed is ever markup: it stands in the page as JSON, and
the script puts it there as text. A policy in the page lets nothing run but that script.
"""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64encode
from collections import Counter, defaultdict
from hashlib import sha256
from html import escape
from importlib.resources import files
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, TextIO

from validator.repairs.deciding import Line, passage
from validator.reports import tool_version
from validator.reports.display import EXCERPT_LIMIT, visible
from validator.reports.printable import printable
from validator.reports.words import FIXES, MEANINGS, advice, counted, findings_in_words, verdicts_in_words
from validator.text.findings import Applicability, Edit, Finding, Severity, Status, Verdict
from validator.text.places import fold_blanks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from validator.reports import Profile
    from validator.text.findings import SeedReport, Totals

RULES_CHARTED = 15
CONTEXT = 30  # code points beside a change that are shown with it
_CJK = ("\u3400", "\u9fff")
_LANGUAGE_TAG = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


class HtmlReporter:
    """Writes the page. Seeds are kept in a temporary file until the counts are known that stand above them."""

    def __init__(self, out: TextIO, profile: Profile) -> None:
        self._out = out
        self._profile = profile
        self._seeds = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - it lives as long as the report
        self._number = 0
        self._by_source: dict[str, Counter[str]] = defaultdict(Counter)
        self._by_rule = Counter[tuple[str, str]]()
        self._with_rule = Counter[str]()
        self._rules: set[str] = set()

    def seed(self, report: SeedReport) -> None:
        """Keep one seed with its findings, and count it."""
        self._seeds.write((",\n" if self._number else "") + _json(_seed_entry(report)))
        self._number += 1
        if report.verdict is not None:
            self._by_source[_source(report) or "-"][report.verdict] += 1
        found = [finding for finding in report.findings if finding.status is Status.OPEN]
        self._by_rule.update((printable(finding.rule), finding.severity) for finding in found)
        if report.verdict is not None:
            self._with_rule.update({printable(finding.rule) for finding in found})
        self._rules.update(printable(finding.rule) for finding in report.findings)

    def finish(self, totals: Totals) -> None:
        """Write the page."""
        style, script = (files("validator.reports").joinpath("page", name).read_text("utf-8") for name in _ASSETS)
        self._out.write(_head(counted(totals.seeds, "seed"), style, script))
        self._out.write(self._summary(totals))
        self._out.write(self._filters())
        self._out.write(f'<script type="application/json" id="words">{_json(_words())}</script>\n')
        documented = {rule: _documented(rule) for rule in sorted(self._rules)}
        self._out.write(f'<script type="application/json" id="rules">{_json(documented)}</script>\n')
        self._out.write('<script type="application/json" id="data">[\n')
        self._seeds.seek(0)
        shutil.copyfileobj(self._seeds, self._out)
        self._seeds.close()
        self._out.write(f"]</script>\n<script>{script}</script>\n</body>\n</html>\n")

    def _summary(self, totals: Totals) -> str:
        lines = [
            f"{counted(totals.seeds, 'seed')}: {verdicts_in_words(totals)}.",
            f"Open findings: {findings_in_words(totals.findings)}.",
        ]
        if totals.fixable.get("safe"):
            lines.append(
                f"{counted(totals.fixable['safe'], 'finding')} can be mended safely: <code>validator repair</code>."
            )
        if totals.fixable.get("unsafe"):
            lines.append(f"{counted(totals.fixable['unsafe'], 'finding')} with a proposal that needs your decision.")
        if totals.sourceless:
            shown = counted(totals.sourceless, "finding")
            lines.append(f"{shown} with a fix that is only shown, because no source is known for the seed.")
        if totals.accepted:
            lines.append(f"Beside them, {counted(totals.accepted, 'finding')} accepted.")
        if totals.baselined:
            lines.append(f"Beside them, {counted(totals.baselined, 'finding')} known from the baseline.")
        if self._profile.rules_not_shown:
            rules = escape(printable(", ".join(self._profile.rules_not_shown)))
            lines.append(f"Not shown, but counted in the verdicts: findings of {rules}.")
        charts = _verdicts_chart(self._by_source) + _rules_chart(self._by_rule, self._with_rule)
        paragraphs = "".join(f"<p>{line}</p>\n" for line in lines)
        return (
            f'<section aria-labelledby="summary">\n<h2 id="summary">Summary</h2>\n{paragraphs}'
            f'<div class="charts">{charts}</div>\n</section>\n'
        )

    def _filters(self) -> str:
        sources = [(name, "not identified" if name == "-" else name) for name in sorted(self._by_source)]
        verdicts = [
            (each.value, each.value) for each in Verdict if any(row[each.value] for row in self._by_source.values())
        ]
        rules = [(rule, rule) for rule in sorted(self._rules)]
        severities = [(each.value, each.value) for each in Severity]
        selects = "".join(
            _select(name, label, options)
            for name, label, options in (
                ("source", "Source", sources),
                ("verdict", "Verdict", verdicts),
                ("rule", "Rule", rules),
                ("severity", "Severity", severities),
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
    """JSON that can stand in an element of the page: nothing in it closes the element or begins another."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return (
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def _words() -> dict[str, str]:
    return {
        **{each.value: text for each, text in MEANINGS.items()},
        **{each.value: text for each, text in FIXES.items()},
    }


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
        name = "not identified" if source == "-" else source
        rows.append(
            f"<tr><th scope=row>{_filter_button('source', source, name)}</th><td class=number>{total:,}</td>"
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
        f"<tr><th scope=row>{_filter_button('rule', rule, rule)}</th>"
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


def _filter_button(name: str, value: str, label: str) -> str:
    return f'<button type="button" data-filter="{name}" data-value="{escape(value)}">{escape(label)}</button>'


def _select(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    listed = "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options)
    return f'<label>{label}<select name="{name}"><option value="">all</option>{listed}</select></label>\n'


# --- seeds ------------------------------------------------------------------------------------------------------------


def _seed_entry(report: SeedReport) -> dict[str, Any]:
    return {
        "path": printable(report.path),
        "source": _source(report),
        "verdict": report.verdict,
        "lang": _language(report),
        "fault": printable(report.fault) if report.fault else None,
        "findings": [
            _finding_entry(finding)
            for finding in sorted(report.findings, key=lambda each: (each.start.line, each.start.column, each.rule))
        ],
    }


def _source(report: SeedReport) -> str | None:
    return printable(report.source) if report.source else None


def _language(report: SeedReport) -> str | None:
    """The language that its excerpts are in: what the record says, else Chinese where they are written in its characters.

    What is no language tag by its form (a name in words, which a seed may well state) is none for a browser either.
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
    """The excerpt in three pieces, the middle one being what the finding is about."""
    excerpt = finding.excerpt
    first = min(max(finding.start.column - finding.excerpt_column, 0), len(excerpt))
    last = len(excerpt)
    if finding.end.line == finding.start.line:
        last = min(max(finding.end.column - finding.excerpt_column, first), last)
    parts: list[tuple[str, bool]] = [(excerpt[:first], False), (excerpt[first:last], True), (excerpt[last:], False)]
    return _cut(_visible(parts), finding)


def _sides(finding: Finding) -> tuple[list[Any], list[Any]] | None:
    """The excerpt before and after the fix; None where an edit reaches out of the excerpt."""
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
    """A line, of which what stays as it is is shown only close to what changes."""
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


def _cut(parts: list[list[str | int]], finding: Finding) -> list[list[str | int]]:
    left: list[list[str | int]] = [["…", 0]] if finding.excerpt_column > 1 else []
    right: list[list[str | int]] = [["…", 0]] if len(finding.excerpt) >= EXCERPT_LIMIT else []
    return [*left, *parts, *right]


def _documented(rule: str) -> dict[str, Any]:
    """What its documentation says of a rule: why it matters, what it does not handle, and what to do."""
    from validator.rules import registry

    if rule not in registry.RULES:
        return {"about": [], "next": ""}
    paragraphs = [fold_blanks(each) for each in registry.RULES[rule].document.split("\n\n")]
    told = [each for each in paragraphs if each and not each.startswith(("Next:", "Bad:", "Good:"))]
    return {"about": told, "next": advice(rule).removeprefix("Next: ")}
