"""What came of a schema that was tried on seeds: lines for a terminal, and a page with each value marked in its seed."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from validator.learning.power import Alarm, Planted
from validator.learning.trying import Odd, Tried, values_in
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.sources.model import Source
from validator.text.findings import SeedReport

_NAMED, _EACH = 12, 3  # lines for each kind of trouble, and seeds that are named one by one for the same
_SEEDS_ON_THE_PAGE, _CHARACTERS = 200, 100_000


def lines_of(tried: Tried, source: Source, to_fill_in: Sequence[tuple[int, str]]) -> Iterator[str]:
    """The report as lines, each for `paragraph`."""
    number = len(tried.reports)
    yield f"{source.id} tried on {counted(number, 'seed')}"
    yield f"  {'field':<16}{'found':>7}{'missing':>9}{'odd':>6}"
    for field, (found, missing, odd) in tried.counts.items():
        yield f"  {field:<16}{found:>7}{missing:>9}{odd:>6}"
    for title, entries in (("Missing or odd", tried.odd), ("Other errors", tried.errors)):
        if entries:
            yield f"{title}:"
            yield from _listed(entries)
    yield f"Without being named, it claims {tried.claimed} of these {counted(number, 'seed')}, {tried.certain} for certain."
    for rival, count in tried.rivals.items():
        yield f"  {rival} claims {count} of them: the signs in `identify` are not of one source only."
    for line, text in to_fill_in:
        yield f"Still to fill in: line {line}: {text}"
    for field in tried.is_missing_in_many(source):
        yield f"{field} is required and missing in many seeds: give it another place, or lower it under `required`."


def _listed(entries: Sequence[Odd]) -> Iterator[str]:
    """What is said of many seeds in the same words is said once, with three of them."""
    alike: dict[tuple[str, str], list[str]] = {}
    for each in entries:
        alike.setdefault((each.field, each.why), []).append(each.seed)
    lines = list[tuple[str, int]]()
    for (field, why), seeds in alike.items():
        if len(seeds) > _EACH:
            named = f"{', '.join(seeds[:_EACH])} and {len(seeds) - _EACH} more"
            lines.append((f"  {field}  {counted(len(seeds), 'seed')}: {why}: {named}", len(seeds)))
        else:
            lines += [(f"  {field}  {seed}: {why}", 1) for seed in seeds]
    yield from (line for line, _ in lines[:_NAMED])
    if len(lines) > _NAMED:
        yield f"  and {sum(count for _, count in lines[_NAMED:])} more"


def power_lines(planted: Sequence[Planted], alarms: Sequence[Alarm] = (), held_out: int = 0) -> Iterator[str]:
    """The power of a schema as lines."""
    if not planted:
        yield "No defects could be put into these seeds, to see whether they are found."
        return
    seen = sum(each.is_seen for each in planted)
    told = f"; false alarms {len(alarms)} of {held_out} held-out seeds" if held_out else ""
    yield f"sees {seen} of {len(planted)} kinds of defects that were put into copies of the seeds{told}"
    for each in planted:
        if not each.is_seen:
            yield f"  not seen: {each.kind}: {each.why}"
    for alarm in alarms[:_NAMED]:
        yield f"  false alarm: {alarm.seed}: {alarm.rule}: {alarm.message}"


_STYLE = """body { font: 16px/1.5 sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
pre { white-space: pre-wrap; background: #f6f6f6; padding: 1em; overflow-wrap: anywhere }
td, th { text-align: left; padding: 0 1em 0 0 } mark { background: #ffe08a } mark small { color: #555 }
"""


def page_of(tried: Tried, source: Source, texts: Sequence[str], to_fill_in: Sequence[tuple[int, str]]) -> str:
    """The report as an HTML page. Nothing of a seed is markup: all of it is escaped."""
    title = html.escape(f"{source.id} on {counted(len(tried.reports), 'seed')}")
    parts = [
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>",
    ]
    parts.append(f"<pre>{html.escape(chr(10).join(map(printable, lines_of(tried, source, to_fill_in))))}</pre>")
    why = {(each.seed, each.field): each.why for each in tried.odd}
    for report, text in list(zip(tried.reports, texts, strict=True))[:_SEEDS_ON_THE_PAGE]:
        parts.append(f"<h2>{html.escape(printable(report.path))}</h2><table>")
        for field in tried.counts:
            value = report.record.get(field, "") if field != "body" else ""
            said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            note = why.get((report.path, field), "")
            if said or note:
                cells = (html.escape(printable(each)) for each in (field, said, note))
                parts.append("<tr><th>{}</th><td>{}</td><td>{}</td></tr>".format(*cells))
        parts.append(f"</table><pre>{_marked(report, text)}</pre>")
    return "\n".join([*parts, "</body></html>", ""])


def _marked(report: SeedReport, text: str) -> str:
    pieces, at = [], 0
    for value in values_in(report):
        if value.start is None or value.end is None or value.end.offset > _CHARACTERS:
            continue
        pieces.append(_escaped(text[at : value.start.offset]))
        inside = _escaped(text[value.start.offset : value.end.offset])
        pieces.append(f"<mark>{inside}<small> {html.escape(value.field)}</small></mark>")
        at = value.end.offset
    rest = text[at : max(at, _CHARACTERS)]
    return "".join([*pieces, _escaped(rest), "…" if len(text) > at + len(rest) else ""])


def _escaped(text: str) -> str:
    return "\n".join(html.escape(printable(line)) for line in text.split("\n"))
