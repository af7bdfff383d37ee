"""The `html` format: one file to read in a browser, on paper or on a phone. It loads nothing from elsewhere.

The page holds the counts as HTML and the seeds as JSON. A script of the page shows the seeds, a few at a time as they come
into sight: thousands at once would take a browser many seconds. It inserts text of a seed as text, never as markup. A policy
in the page lets nothing run except that script. The folder `page` has the page, its style and its script.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template

from validator.repairs.deciding import Line, passage
from validator.reports import words
from validator.reports.after import edits_in_excerpt
from validator.reports.display import EXCERPT_LIMIT, span_in_excerpt, visible
from validator.reports.entries import Entry, given
from validator.reports.escaping import printable
from validator.reports.listing import last_line
from validator.reports.model import Format, Reporter, Run, Setting, Spool, tool_version
from validator.reports.pairs import pair_entry
from validator.reports.trend import CHANGES, MOVED, NEW, Trend, trend_in_words
from validator.reports.words import (
    about,
    by_place,
    counted,
    line_and_column,
    open_findings,
    summary_in_words,
)
from validator.text.findings import Applicability, Finding, SeedReport, Severity, Status, Totals, Verdict

RULES_CHARTED = 15
CONTEXT = 30  # code points beside a change that are shown with it
_CHINESE = re.compile("[\u3400-\u9fff]")
_MARKUP = re.compile("[<>&\u2028\u2029]")
_LANGUAGE_TAG = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_NO_SOURCE = "-"
_ONLY_NEW = '<label class="tick"><input type="checkbox" name="new"> new findings only</label>\n'
LINES_SHOWN = 12  # of a finding over several lines; of a longer one, the first and the last six
CHARACTERS_SHOWN = 400  # of one of these lines
CHANGED_SHOWN = 20  # lines before and after a fix over several lines

Pieces = list[list[str | int]]  # of a line: each text, and 1 if it is marked


class HtmlReporter(Reporter):
    """Writes the page. Seeds are kept in a temporary file until the counts are known, which come first."""

    def begin(self) -> None:
        """Prepare the counts."""
        self._seeds = Spool()
        self._separator = ""
        self._by_source: dict[str, Counter[str]] = defaultdict(Counter)
        self._by_rule = Counter[tuple[str, str]]()
        self._with_rule = Counter[tuple[str, str]]()
        self._rules: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        self._trend = None if self.setting.since is None else Trend(self.setting.since.seeds)

    def seed(self, report: SeedReport) -> None:
        """Keep one seed with its findings, and count it."""
        found = open_findings(report)
        new = {id(found[at]) for at in self._trend.add(report, found)} if self._trend is not None else set()
        entry = _seed_entry(report, self.setting, new) | given(pairs=self._pair_entries(report))
        self._seeds.write(self._separator + _json(entry))
        self._separator = ",\n"
        self._by_rule.update((printable(finding.rule), finding.severity) for finding in found)
        if report.verdict is not None:
            self._by_source[_source(report) or _NO_SOURCE][report.verdict] += 1
            self._with_rule.update({(printable(finding.rule), str(finding.severity)) for finding in found})
        self._rules.update(printable(finding.rule) for finding in report.findings)

    def _pair_entries(self, report: SeedReport) -> list[Entry]:
        """The seeds beside a seed, each pair whole where it comes first; later only the name of the other seed."""
        out = []
        for pair in report.pairs:
            is_shown = (pair.there, pair.here) in self._pairs
            self._pairs.add((pair.here, pair.there))
            out.append({"there": printable(pair.there)} if is_shown else pair_entry(pair))
        return out

    def finish(self, totals: Totals) -> None:
        """Write the page."""
        page, style, script, pair_style, pair_script = (
            files("validator.reports").joinpath("page", name).read_text("utf-8")
            for name in ("report.html", "report.css", "report.js", "pair.css", "pair.js")
        )
        style, script = style + pair_style, pair_script + script
        run, since = self.setting.run, self.setting.since
        lines = summary_in_words(totals, self.setting.profile.rules_not_shown, {}, run.paths)
        verdicts = [verdict for verdict in Verdict if any(row[verdict] for row in self._by_source.values())]
        parts = {
            "seeds": counted(totals.seeds, "seed"),
            "version": escape(tool_version()),
            "style": style,
            "style_hash": _hash(style),
            "script": script,
            "script_hash": _hash(script),
            "run": _run(run),
            "trend": _trend(self._trend, since.name) if self._trend is not None and since is not None else "",
            "only_new": _ONLY_NEW if since is not None else "",
            "summary": "".join(f"<p>{_with_code(escape(printable(line)))}</p>\n" for line in map(_ended, lines)),
            "charts": _verdicts_chart(self._by_source, verdicts) + _rules_chart(self._by_rule, self._with_rule),
            "selects": _selects(
                source=sorted(self._by_source), verdict=verdicts, rule=sorted(self._rules), severity=Severity
            ),
            "words": _json(words.MEANINGS | words.FIXES),
            "rules": _json({rule: _documented(rule, run.url_of(rule)) for rule in sorted(self._rules)}),
        }
        before, after = page.split("$entries")
        self.out.write(Template(before).substitute(parts))
        self._seeds.pass_on(self.out)
        self.out.write(Template(after).substitute(parts))


def _ended(line: str) -> str:
    """A sentence with its full stop; none behind a command, which would look like a part of it."""
    return line if line.endswith("`") else f"{line}."


def _run(run: Run) -> str:
    """When and how the program was called, as far as it is known."""
    rows = {"Date": run.began, "Command": run.command, "Root": run.root, "Commit": run.commit[:12]}
    cells = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in rows.items() if value)
    return f'<dl class="run">{cells}</dl>' if cells else ""


def _trend(trend: Trend, name: str) -> str:
    """What has changed since an earlier report: a sentence, and a table by rule and one by source."""
    totals = trend.finish()
    tables = ""
    for title, kind, rows in (("By rule", "rule", trend.by_rule), ("By source", "source", trend.by_source)):
        listed = [
            (_filter_button(kind, printable(row)) if counts[NEW] + counts[MOVED] else escape(_named(printable(row))),
             [("number", f"{counts[change]:,}" if counts[change] else "") for change in CHANGES])
            for row, counts in sorted(rows.items(), key=lambda item: (-item[1][NEW], -item[1].total(), item[0]))
        ]  # fmt: skip
        tables += _chart(
            title, [("", title[3:].title()), *(("number", change.title()) for change in CHANGES)], listed, ""
        )
    sentence = f"<p>{escape(printable(trend_in_words(totals, name)))}.</p>"
    return f'<section aria-labelledby="trend"><h2 id="trend">Trend</h2>{sentence}<div class="charts">{tables}</div></section>'


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _json(value: object) -> str:
    """JSON that is safe inside an element: nothing in it closes the element or begins another."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _MARKUP.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


# --- charts -----------------------------------------------------------------------------------------------------------


Cell = tuple[str, str]  # of a table: its class, and what is in it


def _verdicts_chart(by_source: dict[str, Counter[str]], verdicts: Sequence[Verdict]) -> str:
    used = verdicts[::-1]
    rows = []
    for source, counts in sorted(by_source.items(), key=lambda item: (-item[1].total(), item[0])):
        said = " ".join(f"<span>{counts[verdict]:,} {verdict}</span>" for verdict in used if counts[verdict])
        bar = _bar([(counts[verdict], f"v-{verdict}") for verdict in used], counts.total())
        cells = [("number", f"{counts.total():,}"), ("said", said), ("bar", bar)]
        rows.append((_filter_button("source", source), cells))
    keys = "".join(
        f'<li><svg viewBox="0 0 1 1" aria-hidden="true"><rect width="1" height="1" class="v-{verdict}"/></svg>{verdict}</li>'
        for verdict in used
    )
    heads = [("", "Source"), ("number", "Seeds"), ("", "Verdicts"), ("bar", "Share")]
    return _chart("Verdicts by source", heads, rows, f'<ul class="key">{keys}</ul>')


def _rules_chart(by_rule: Counter[tuple[str, str]], with_rule: Counter[tuple[str, str]]) -> str:
    rank = {severity.value: number for number, severity in enumerate(Severity)}
    ranked = sorted(by_rule.items(), key=lambda item: (rank[item[0][1]], -item[1], item[0][0]))
    rows = []
    for (rule, severity), number in ranked[:RULES_CHARTED]:
        bar = _bar([(number, f"s-{severity}")], max(by_rule.values()))
        numbers = [("number", f"{number:,}"), ("number", f"{with_rule[rule, severity]:,}")]
        rows.append((_filter_button("rule", rule), [(f"severity {severity}", severity), *numbers, ("bar", bar)]))
    more = len(ranked) - RULES_CHARTED
    note = f'<p class="faint">and {counted(more, "more rule")}; the filter below has them all</p>' if more > 0 else ""
    heads = [("", "Rule"), ("", "Severity"), ("number", "Findings"), ("number", "Seeds"), ("bar", "Number")]
    return _chart("Rules with the most findings, errors first", heads, rows, note)


def _chart(title: str, heads: Iterable[Cell], rows: Sequence[tuple[str, list[Cell]]], note: str) -> str:
    """A table of rows, each with its name and its other cells. Empty without rows."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col" class="{kind}">{text}</th>' for kind, text in heads)
    body = "".join(
        "".join(
            [f'<tr><th scope="row">{name}</th>', *(f'<td class="{kind}">{text}</td>' for kind, text in cells), "</tr>"]
        )
        for name, cells in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<figure><figcaption>{title}</figcaption>{table}{note}</figure>"


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


def _selects(**values: Iterable[str]) -> str:
    selects = ""
    for name, each in values.items():
        options = "".join(f'<option value="{escape(value)}">{escape(_named(value))}</option>' for value in each)
        selects += (
            f'<label>{name.title()}<select name="{name}"><option value="">all</option>{options}</select></label>\n'
        )
    return selects


def _with_code(text: str) -> str:
    """A text in HTML whose backquotes mark code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", text)


def _named(source: str) -> str:
    return "not identified" if source == _NO_SOURCE else source


# --- seeds ------------------------------------------------------------------------------------------------------------


def _seed_entry(report: SeedReport, setting: Setting, new: Collection[int]) -> Entry:
    text = None
    if setting.text_of is not None and any(_is_over_lines(each) for each in report.findings):
        text = setting.text_of(report)
    file = setting.run.argument(report.path) if setting.run.paths and report.findings else ""
    return {
        "path": printable(report.path),
        "source": _source(report),
        **({"layout": printable(report.layout)} if report.layout else {}),
        "verdict": report.verdict,
        "lang": _language(report),
        "fault": printable(report.fault) if report.fault else None,
        "findings": [_finding_entry(finding, text, id(finding) in new) for finding in by_place(report.findings)],
    } | given(file=file or None)


def _source(report: SeedReport) -> str | None:
    return printable(report.source) if report.source else None


def _language(report: SeedReport) -> str | None:
    """The language of the excerpts: the one of the record, else Chinese if they are in its characters.

    A language that a seed names in words is of no use to a browser: only a language tag counts.
    """
    named = report.record.get("language")
    if isinstance(named, str) and _LANGUAGE_TAG.fullmatch(named):
        return named
    text = "".join(finding.excerpt for finding in report.findings)
    return "zh" if len(_CHINESE.findall(text)) * 4 > len(text) else None


def _is_over_lines(finding: Finding) -> bool:
    """Whether a finding has characters on more than one line, or changes such."""
    return not finding.whole and last_line(finding) > finding.start.line


def _finding_entry(finding: Finding, text: str | None, is_new: bool) -> Entry:
    fix = finding.fix
    return given(
        rule=printable(finding.rule),
        severity=finding.severity,
        message=printable(finding.message),
        at=line_and_column(finding.start),
        until=last_line(finding) if _is_over_lines(finding) else None,
        new=is_new,
        extent=_extent(finding, text) if text is not None and _is_over_lines(finding) else None,
        status=None if finding.status is Status.OPEN else finding.status,
        whole=finding.whole,
        other=printable(finding.other) or None,
        related=[f"{line_and_column(each.start)}: {printable(each.message)}" for each in finding.related],
        excerpt=None if finding.whole else _marked(finding),
        fix=fix and {"applicability": fix.applicability, "title": printable(fix.title)} | _sides(finding, text),
    )


def _marked(finding: Finding) -> Pieces:
    """The excerpt in three pieces, the middle one being what the finding is about; an ellipsis where it was cut."""
    excerpt = finding.excerpt
    if not excerpt:
        return []
    first, last = span_in_excerpt(finding)
    pieces = _visible([(excerpt[:first], False), (excerpt[first:last], True), (excerpt[last:], False)])
    before: Pieces = [["…", 0]] if finding.excerpt_column > 1 else []
    after: Pieces = [["…", 0]] if len(excerpt) >= EXCERPT_LIMIT else []
    return [*before, *pieces, *after]


def _extent(finding: Finding, text: str) -> list[Pieces]:
    """The lines that a finding over several lines is about, whole, with its characters marked; an ellipsis for lines left out."""
    start, end = finding.start.offset, finding.end.offset
    at = text.rfind("\n", 0, start) + 1
    lines: list[Pieces] = []
    while at < end:
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        first, last = max(start, at), min(end, stop)
        parts = [(text[at:first], False), (text[first:last], True), (text[last:stop], False)]
        lines.append(_visible([(part[:CHARACTERS_SHOWN], flag) for part, flag in parts if part]))
        at = stop + 1
    half = LINES_SHOWN // 2
    return lines if len(lines) <= LINES_SHOWN else [*lines[:half], [["…", 0]], *lines[-half:]]


def _sides(finding: Finding, text: str | None) -> dict[str, list[Pieces]]:
    """The excerpt before and after the fix, or the lines of the text if it has more; nothing if that is not known."""
    edits = edits_in_excerpt(finding)
    if edits:
        before, after = passage(finding.excerpt, edits)
    elif text is not None and finding.fix is not None and finding.fix.applicability is not Applicability.DISPLAY:
        before, after = passage(text, finding.fix.edits) if finding.fix.edits else ((), ())
    else:
        return {}
    if (not before and not after) or max(len(before), len(after)) > CHANGED_SHOWN:
        return {}
    return {"before": [_near(line) for line in before], "after": [_near(line) for line in after]}


def _near(line: Line) -> Pieces:
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


def _visible(parts: Sequence[tuple[str, bool]]) -> Pieces:
    return [[visible(text, flag), int(flag)] for text, flag in parts if text or flag]


def _documented(rule: str, url: str) -> Entry:
    """The documentation of a rule, and the address of its page."""
    said, advised = about(rule)
    return {"about": said, "next": advised} | given(url=url or None)


FORMAT = Format(
    "one file to read, filter and print; it loads nothing from elsewhere",
    HtmlReporter,
    shows_record=True,
    shows_pairs=True,
)
