"""What the page shows of a seed: its text in pieces, its findings with before and after, its record. Pure.

No piece of a seed is ever markup: the page inserts each as text. Invisible characters are pieces of their own, so that no text
can look like one. A long text is shown only near findings and values, and the characters left out are counted.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from validator.record.sidecar import FIELDS
from validator.repairs.deciding import Line, Passage, passage
from validator.repairs.edits import apply
from validator.repairs.repairing import Repaired
from validator.reports.display import span_in_excerpt, visible
from validator.reports.escaping import printable
from validator.reports.words import FIXES, MEANINGS, about, in_words, line_and_column
from validator.review.candidates import Candidate, candidates_for, field_of
from validator.review.desk import NewValue, Sheet
from validator.review.matters import NOT_ACCEPTED, identity_of, is_acceptable, is_safe, needs_decision, title_of
from validator.review.queue import key_of
from validator.rules import RULES
from validator.rules.views import LOOKS_LIKE
from validator.sources.model import Source
from validator.text.findings import (
    SEVERITY_RANK,
    Applicability,
    Basis,
    Edit,
    Finding,
    SeedReport,
    Severity,
    Status,
    Value,
)
from validator.text.places import Position

WHOLE_CHARACTERS = 40_000  # a text up to here is shown whole
HEAD_CHARACTERS = 2_000  # of a longer one: its beginning, and
NEAR_CHARACTERS = 300  # the text this near to a mark, in all at most
MOST_CHARACTERS = 120_000
FINDINGS_SHOWN = 300
NEAR_CHANGE = 160  # characters of a line around what a fix changes
MOST_CHANGED = 600  # characters of a change itself
LINES_SHOWN = 8  # of before, and of after
CONTEXT_LINES = 2  # above and below
CONTEXT_CHARACTERS = 80  # of such a line
VALUE_CHARACTERS = 2_000

Entry = dict[str, Any]
Piece = list[Any]  # text; the numbers of its marks; and the name of a character that cannot be seen


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked place in the text; `start` is `end` if something is missing there."""

    start: int
    end: int


# --- the text ---------------------------------------------------------------------------------------------------------


def pieces(text: str, marked: bool) -> Iterator[tuple[str, str]]:
    """A text in pieces: each as it can be shown, with the name of a character that cannot be seen, else ''."""
    bare = marked and all(not each.isprintable() or each == " " for each in text)

    def shown(character: str) -> str:
        is_seen = character.isprintable() and not (bare and character == " ")
        return character if is_seen else visible(character, bare)

    is_plain = text.isprintable() and not bare
    odd = "" if is_plain else "".join(sorted(each for each in set(text) if shown(each) != each))
    for at, piece in enumerate(re.split(f"([{re.escape(odd)}])", text) if odd else [text]):
        if at % 2:
            yield shown(piece), named(piece)
        elif piece:
            yield piece, ""


def named(character: str) -> str:
    """What a character is called."""
    name = unicodedata.name(character, "control character").lower()
    return f"U+{ord(character):04X} {name}"


def lines_of(text: str, marks: Sequence[Mark]) -> list[Entry]:
    """The lines of a text as the page shows them, in order.

    A line is `{"n": number, "s": pieces}`. A piece is `[text, [numbers of marks]]`, with a name if it is a character that cannot
    be seen. Text left out between lines is `{"gap": characters, "lines": line ends in it}`, and within a line a piece
    `{"gap": characters}`, with `lines` if it goes on to the end of the text.
    """
    out: list[Entry] = [{"n": 1, "s": []}]
    number, at = 1, 0
    edges = sorted({edge for mark in marks for edge in (mark.start, mark.end)})
    near = _marks_near(marks)
    for start, end in _windows(text, marks):
        if start > at:
            breaks = text.count("\n", at, start)
            number += breaks
            if not breaks and text[at - 1] != "\n":
                out[-1]["s"].append({"gap": start - at})
            else:
                begins = text.rfind("\n", 0, start) + 1
                if begins > at:
                    out.append({"gap": begins - at, "lines": breaks})
                out.append({"n": number, "s": [{"gap": start - begins}] if start > begins else []})
        at = start
        for line in text[start:end].split("\n")[:-1]:
            stop = at + len(line)
            those = near(at, stop)
            out[-1]["s"].extend(_cut(text, at, stop, those, edges, is_end=True))
            inside = [index for index, mark in those if mark.start <= stop < mark.end]
            if any(marks[index].start == stop for index in inside):
                out[-1]["s"].append(["⏎", inside, "U+000A line feed"])
            at, number = stop + 1, number + 1
            if at < end or at == len(text):
                out.append({"n": number, "s": []})
        if at < end or at == len(text):
            out[-1]["s"].extend(_cut(text, at, end, near(at, end), edges, is_end=end == len(text)))
        at = end
    if at < len(text):
        gap = {"gap": len(text) - at, "lines": text.count("\n", at)}
        (out if text[at - 1] == "\n" else out[-1]["s"]).append(gap)
    return out


def _windows(text: str, marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """The parts of a text that are shown, in order and apart from each other."""
    if len(text) <= WHOLE_CHARACTERS:
        return [(0, len(text))]
    wanted = [(0, HEAD_CHARACTERS)]
    left = MOST_CHARACTERS
    for mark in marks:
        spans = [(mark.start - NEAR_CHARACTERS, mark.end + NEAR_CHARACTERS)]
        if mark.end - mark.start > 4 * NEAR_CHARACTERS:
            spans = [(each - NEAR_CHARACTERS, each + NEAR_CHARACTERS) for each in (mark.start, mark.end)]
        for start, end in spans:
            left -= end - start
            if left > 0:
                wanted.append((max(start, 0), min(end, len(text))))
    out: list[tuple[int, int]] = []
    for start, end in sorted(wanted):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _marks_near(marks: Sequence[Mark]) -> Callable[[int, int], list[tuple[int, Mark]]]:
    """A function that gives the marks that touch a stretch of the text, with their numbers; its stretches come in order."""
    waiting = deque(sorted(enumerate(marks), key=lambda each: each[1].start))
    touched: list[tuple[int, Mark]] = []

    def near(start: int, end: int) -> list[tuple[int, Mark]]:
        while waiting and waiting[0][1].start <= end:
            touched.append(waiting.popleft())
        touched[:] = [each for each in touched if each[1].end >= start]
        return sorted(touched, key=itemgetter(0))

    return near


def _cut(
    text: str, start: int, end: int, marks: Sequence[tuple[int, Mark]], edges: Sequence[int], *, is_end: bool
) -> Iterator[Piece]:
    """A part of a line, cut where marks begin and end. An empty mark is an empty piece; at `end` only where the line ends."""
    places = [start, *edges[bisect_right(edges, start) : bisect_left(edges, end)], end]
    for one, other in zip(places, [*places[1:], end], strict=True):
        if one < end or is_end:
            empty = [index for index, mark in marks if mark.start == mark.end == one]
            if empty and (one != other or one == end):
                yield ["", empty]
        if one == other:
            return
        inside = [index for index, mark in marks if mark.start < other and one < mark.end]
        part = text[one:other]
        if not inside and is_end and other == end and part.endswith("\r"):
            part = part[:-1]  # the CR of a line end is shown only if a finding marks it
        for shown, what in pieces(part, bool(inside)):
            yield [shown, inside, what] if what else [shown, inside]


# --- before and after -------------------------------------------------------------------------------------------------


def passage_entry(text: str, edits: Sequence[Edit]) -> Entry:
    """What edits do to a text, as rows: `-` before, `+` after, and lines around and between that stay as they are."""
    found = passage(text, edits)
    rows: list[Entry] = []
    for sign, lines in _runs(found):
        rows.extend({"sign": sign, **each} for each in _side(lines))
    start = text.rfind("\n", 0, min(each.start for each in edits)) + 1
    end = text.find("\n", max(each.end for each in edits))
    number = text.count("\n", 0, start) + 1
    above = text[:start].split("\n")[-CONTEXT_LINES - 1 : -1] if start else []
    below = text[end + 1 :].split("\n", CONTEXT_LINES)[:CONTEXT_LINES] if end >= 0 else []
    last = max((line.number for line in found.after), default=number - 1)
    return {
        "rows": [
            *(_context(number - len(above) + at, line) for at, line in enumerate(above)),
            *rows,
            *(_context(last + 1 + at, line) for at, line in enumerate(below) if line or at + 1 < len(below)),
        ]
    }


def _runs(found: Passage) -> Iterator[tuple[str, Sequence[Line]]]:
    """The lines of a passage in runs: those before, those after, and between them lines that stay."""
    befores, afters = _parted(found.before), _parted(found.after)
    if [line.pieces for line in befores[1]] != [line.pieces for line in afters[1]]:
        yield from (("-", found.before), ("+", found.after))
        return
    for at, (before, after) in enumerate(zip(befores[0], afters[0], strict=True)):
        yield from (("-", before), ("+", after))
        if at < len(befores[1]):
            yield " ", (afters[1][at],)


def _parted(lines: Sequence[Line]) -> tuple[list[list[Line]], list[Line]]:
    """Runs of changed lines, and the unchanged ones between them."""
    runs: list[list[Line]] = [[]]
    between = []
    for line in lines:
        if line.is_changed:
            runs[-1].append(line)
        else:
            between.append(line)
            runs.append([])
    return runs, between


def _context(number: int, text: str) -> Entry:
    """A line that stays; of a long one its beginning."""
    text = text.removesuffix("\r")
    cut: list[Any] = [{"gap": len(text) - CONTEXT_CHARACTERS}] if len(text) > CONTEXT_CHARACTERS + 20 else []
    shown = text[:CONTEXT_CHARACTERS] if cut else text
    return {"sign": " ", "n": number, "s": [*_shown(shown, False), *cut]}


def _side(lines: Sequence[Line]) -> list[Entry]:
    if len(lines) <= LINES_SHOWN:
        return [*map(_line, lines)]
    half = LINES_SHOWN // 2
    gap = sum(len(piece.text) + 1 for line in lines[half:-half] for piece in line.pieces)
    return [*map(_line, lines[:half]), {"gap": gap, "lines": len(lines) - 2 * half}, *map(_line, lines[-half:])]


def _line(line: Line) -> Entry:
    out: list[Any] = []
    for index, piece in enumerate(line.pieces):
        keep = MOST_CHANGED if piece.is_changed else NEAR_CHANGE
        head = 0 if index == 0 and not piece.is_changed else keep
        tail = 0 if index == len(line.pieces) - 1 and not piece.is_changed else keep
        if not line.is_changed:
            head, tail = MOST_CHANGED, 0
        text = piece.text
        if len(text) <= head + tail + 20:
            out.extend(_shown(text, piece.is_changed))
            continue
        out.extend(_shown(text[:head], piece.is_changed))
        out.append({"gap": len(text) - head - tail})
        out.extend(_shown(text[len(text) - tail :], piece.is_changed))
    return {"n": line.number, "s": out}


def _shown(text: str, changed: bool) -> Iterator[Piece]:
    flags = [0] if changed else []
    if changed and not text:
        yield ["", flags]
    for shown, what in pieces(text.replace("\n", "⏎") if changed else text, changed):
        yield [shown, flags, what] if what else [shown, flags]


def change_entry(text: str, edits: Sequence[Edit]) -> Entry | None:
    """Before and after of a fix, None if it has no edits."""
    return passage_entry(text, edits) if edits else None


def repaired_entry(found: Sheet, repaired: Repaired) -> Entry:
    """The changes of a repair: how many by each rule, and before and after, pass by pass."""
    counts = Counter(f"{change.rule}: {change.title}" for change in repaired.changes)
    text = found.text
    passages = []
    recoded = [change.recode for change in repaired.changes if change.recode is not None]
    for number in sorted({change.number for change in repaired.changes}):
        edits = [edit for change in repaired.changes if change.number == number for edit in change.edits]
        if edits:
            passages.append(passage_entry(text, edits))
            text = apply(text, edits)
    return {
        "changes": [{"what": printable(what), "number": number} for what, number in counts.items()],
        "passages": passages,
        "recode": [f"{before} to {after}" for before, after in recoded],
        "lifts": [{"field": lift.field, "value": printable(lift.value)} for lift in repaired.lifts],
    }


# --- findings ---------------------------------------------------------------------------------------------------------


def excerpt_entry(finding: Finding) -> list[Piece]:
    """The line on which a finding starts, cut around it, with its span marked."""
    excerpt, (first, last) = finding.excerpt, span_in_excerpt(finding)
    return [
        *_shown(excerpt[:first], False),
        *([] if finding.whole else _shown(excerpt[first:last], True)),
        *_shown(excerpt[first if finding.whole else last :], False),
    ]


def finding_entry(found: Sheet, finding: Finding) -> Entry:
    """A finding as the page shows it, without its marks in the text."""
    entry: Entry = {
        "id": list(identity_of(finding)),
        "rule": finding.rule,
        "severity": finding.severity,
        "message": printable(finding.message),
        "at": line_and_column(finding.start),
        "whole": finding.whole,
        "status": finding.status,
        "accepted": printable(finding.reason),
        "needs": needs_decision(finding, found.settled),
        "safe": is_safe(finding),
        "settled": identity_of(finding) in found.settled,
        "acceptable": is_acceptable(finding),
        "title": printable(title_of(finding)),
        "field": field_of(finding),
        "related": [
            {"at": line_and_column(each.start), "message": printable(each.message)}
            for each in finding.related
            if not each.message.startswith(LOOKS_LIKE)  # those are candidates
        ],
        "other": {"key": key_of(finding.other), "name": printable(finding.other)} if finding.other else None,
        "fix": None,
    }
    if not entry["acceptable"] and finding.rule in RULES:
        entry["why"] = NOT_ACCEPTED.get(RULES[finding.rule].view, "")
    fix = finding.fix
    if fix is not None:
        entry["fix"] = {
            "applicability": fix.applicability,
            "means": FIXES[fix.applicability],
            "title": printable(fix.title),
            "recode": fix.recode,
            "lift": {"field": fix.lift.field, "value": printable(fix.lift.value)} if fix.lift else None,
            "change": change_entry(found.text, fix.edits) if fix.applicability is not Applicability.DISPLAY else None,
        }
    return entry


@cache
def about_rule(name: str) -> Entry:
    """A rule's documentation, in a curator's words."""
    said, advised = about(name)
    return {"about": said, "next": without_commands(advised)}


_COMMAND = re.compile(r"[:,;]? ?(?:\([^()`]*)?`validator [^`]*`[^.;]*")


def without_commands(advised: str) -> str:
    """An advice without commands of the program: the page has buttons."""
    return _COMMAND.sub("", advised).strip()


# --- the whole --------------------------------------------------------------------------------------------------------


def sheet_entry(
    found: Sheet, alike: Mapping[tuple[str, str, str], tuple[str, int]], sources: Mapping[str, Source]
) -> Entry:
    """A seed as the page shows it. `alike` are the groups of its source: key and number of seeds."""
    report = found.report
    findings = sorted(
        report.findings,
        key=lambda each: (not needs_decision(each, found.settled), each.start.offset, each.end.offset, each.rule),
    )
    shown = sorted(findings[:FINDINGS_SHOWN], key=_weight)  # errors first, then in the order of the text
    marks: list[Mark] = []
    entries = []
    for finding in shown:
        entry = finding_entry(found, finding)
        entry["mark"] = None if finding.whole else _mark(marks, finding.start, finding.end)
        offered = candidates_for(report, found.text, finding, sources) if finding.status is Status.OPEN else ()
        entry["candidates"] = [_candidate_entry(each, marks) for each in offered]
        entry["also"] = [_mark(marks, each.start, each.end) for each in finding.related]
        group = alike.get((finding.severity, finding.rule, title_of(finding)))
        entry["alike"] = {"key": group[0], "seeds": group[1]} if group and entry["needs"] else None
        entries.append(entry)
    values = [_value_entry(value, marks) for value in report.values]
    stated = {value.field for value in report.values}
    return {
        "key": key_of(report.path),
        "name": printable(report.path),
        "version": found.version,
        "source": report.source,
        "layout": printable(report.layout) if report.layout else "",
        "verdict": report.verdict,
        "meaning": MEANINGS[report.verdict] if report.verdict else "",
        "evidence": [printable(each) for each in report.evidence],
        "encoding": report.encoding,
        "language": language_of(report),
        "characters": len(found.text),
        "lines": lines_of(found.text, marks),
        "findings": entries,
        "left_out": len(findings) - len(shown),
        "values": values,
        "missing": [name for name in FIELDS if name not in stated and name != "byline_kind"],
        "byline_kind": report.record.get("byline_kind"),
        "safe": sum(is_safe(each) and each.status is Status.OPEN for each in report.findings),
        "settled": len(found.settled),
        "rules": {each.rule: about_rule(each.rule) for each in shown},
        "fault": printable(report.fault) if report.fault else None,
    }


def _weight(finding: Finding) -> tuple[int, bool, int, int, str]:
    return (
        SEVERITY_RANK[finding.severity], not finding.whole, finding.start.offset, finding.end.offset, finding.rule
    )  # fmt: skip


def _mark(marks: list[Mark], start: Position, end: Position) -> int:
    marks.append(Mark(start.offset, max(start.offset, end.offset)))
    return len(marks) - 1


def _candidate_entry(each: Candidate, marks: list[Mark]) -> Entry:
    is_there = each.start is not None and each.end is not None
    return {
        "value": each.value if isinstance(each.value, str) else list(each.value),
        "said": _clipped(each.said),
        "at": line_and_column(each.start) if each.start is not None else None,
        "mark": _mark(marks, each.start, each.end) if is_there else None,  # type: ignore[arg-type]
        "replaces": each.replaces,
    }


def _value_entry(value: Value, marks: list[Mark]) -> Entry:
    mark = None
    if value.start is not None and value.end is not None:
        mark = _mark(marks, value.start, value.end)
    return {
        "field": value.field,
        "value": value_in_words(value.value),
        "replaceable": value_in_words(value.value)
        if value.basis is Basis.STATED or value.basis is Basis.DERIVED
        else None,
        "basis": value.basis,
        "note": printable(value.note),
        "at": line_and_column(value.start) if value.start is not None else None,
        "mark": mark,
        "disputed": value.disputed,
        "can_attest": value.field in FIELDS,
        "candidates": [
            {
                "value": _clipped(each.value),
                "at": line_and_column(each.start),
                "mark": _mark(marks, each.start, each.end),
            }
            for each in value.candidates
        ],
    }


def value_in_words(value: Any) -> str:
    """A value of the record in words, and not more than can be read."""
    return _clipped(in_words(value))


def _clipped(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= VALUE_CHARACTERS else shown[: VALUE_CHARACTERS - 1] + "…"


def language_of(report: SeedReport) -> str | None:
    stated = report.record.get("language")
    return stated if isinstance(stated, str) and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", stated) else None


def outlook_entry(found: Sheet, after: SeedReport, values: Sequence[NewValue]) -> Entry:
    """The outcome of values that are not written yet: the verdict, the findings gone and new, the record's values."""
    before = _open_ones(found.report)
    now = _open_ones(after)
    return {
        "verdict": after.verdict,
        "source": after.source,
        "gone": [f"{each.rule}: {printable(each.message)}" for key, each in before.items() if key not in now],
        "new": [f"{each.rule}: {printable(each.message)}" for key, each in now.items() if key not in before],
        "left": sum(needs_decision(each, found.settled) for each in after.findings),
        "record": {
            each.field: value_in_words(after.record[each.field]) for each in values if each.field in after.record
        },
    }


def _open_ones(report: SeedReport) -> dict[tuple[str, str, str], Finding]:
    return {
        (each.rule, each.fingerprint, each.message): each
        for each in report.findings
        if each.status is Status.OPEN and each.severity is not Severity.INFO
    }


def alike_entries(found: Sheet, wanted: Iterable[Finding]) -> Entry:
    """A seed in a list of similar decisions."""
    items = []
    for finding in wanted:
        entry = finding_entry(found, finding)
        told = {name: entry[name] for name in ("id", "at", "message", "whole", "acceptable", "fix")}
        items.append({**told, "excerpt": None if finding.whole else excerpt_entry(finding)})
    return {
        "key": key_of(found.report.path),
        "name": printable(found.report.path),
        "version": found.version,
        "language": language_of(found.report),
        "source": found.report.source,
        "items": items,
    }
