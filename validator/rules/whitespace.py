"""Rules about whitespace and line ends. What a writer means is left alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found, replaced, whitespace_before_line_ends
from validator.text.findings import Applicability, Edit, Fix, Severity
from validator.text.patterns import late
from validator.text.places import BYTE_ORDER_MARK, NO_BREAK, WHITESPACE, Span, describe, inside, plural

if TYPE_CHECKING:
    from validator.rules.views import Text

_LINE_END = re.compile("\r\n?|\n")


# One line end: an LF with the CRs on either side of it, or a lone CR. Of CRs after the LF only a single one that no other line
# end follows. A run of CRs is entered only at its first one, so that the search stays linear.
_ONE_LINE_END = late("(?<!\r)\r*+\n(?:\r(?![\r\n]))?|\r")
_LF_CR = late("\n\r|\n")
_PLAIN_LF_CR = late("\n\r(?![\r\n])")
_KINDS_OF_LINE_END = {"\r\n": "CR LF", "\r": "CR", "\n": "LF"}
_ORDER = ("CR CR LF", "CR LF", "LF CR", "CR", "LF")


@rule(severity=Severity.WARNING, applicability=Applicability.SAFE, replaces="\r", triggers=(r"\r",))
def line_endings(text: Text) -> Iterator[Found]:
    r"""Lines that end in CR LF, or in a lone CR, and not in LF.

    The same article saved on two systems differs in every line, and a file of lone CRs is one line to most programs. One
    finding a seed, at the first such line end; its fix changes all of them. CR CR LF is a line end that was converted twice,
    and LF CR is one line end: each becomes one LF, so a repair never adds a line. If a seed has lone CRs beside CR CR LF, or
    LF CR beside other line ends, or few CR CR LF among others, it is not certain which of them end a line, and the repair is
    only proposed.

    Bad: The first line.\r\nThe second line.\r\n
    Bad: The first line.\rThe second line.\r
    Bad: The first line.\r\r\nThe second line.\r\r\n
    Good: The first line.\nThe second line.\n

    Does not handle: the separators U+2028 and U+2029 (invisible-character), NEL, VT and FF (control-character).

    Next: let it be repaired; no character but the line ends changes.
    """
    found = text.text
    if "\r" not in found:
        return
    is_lf_cr = _ends_in_lf_cr(found)
    ends = [(match.start(), match[0]) for match in (_LF_CR if is_lf_cr else _ONE_LINE_END).finditer(found)]
    changed = [each for each in ends if each[1] != "\n"]
    counts = Counter(_kind_of_line_end(end) for _, end in ends)
    told = ", ".join(f"{plural(counts[kind], 'line')} in {kind}" for kind in _ORDER if counts[kind])
    applicability = Applicability.SAFE if is_lf_cr or _are_certain(counts) else Applicability.UNSAFE
    edits = tuple([edit for start, end in changed for edit in _to_lf(start, end)])
    first, end = changed[0]
    yield Found(
        Span(first, first + len(end)),
        f"line ends are not all LF ({told}), expected LF",
        Fix(applicability, f"end {plural(len(changed), 'line')} in LF", edits),
        whole=True,
    )


def _kind_of_line_end(end: str) -> str:
    return _KINDS_OF_LINE_END.get(end) or ("LF CR" if end[-1] == "\r" else "CR CR LF")


def _to_lf(start: int, end: str) -> Iterator[Edit]:
    """What makes one LF of a line end: its CRs go, or a lone one becomes an LF. Nothing else is touched."""
    if end == "\r":
        yield Edit(start, start + 1, "\n")
        return
    before, _, after = end.partition("\n")
    if before:
        yield Edit(start, start + len(before), "")
    if after:
        yield Edit(start + len(end) - 1, start + len(end), "")


def _ends_in_lf_cr(found: str) -> bool:
    """Whether every line ends in LF CR, with at most a lone LF at the very end; two such ends must be beyond doubt."""
    pairs = found.count("\n\r")
    rest = found.count("\n") - pairs
    if pairs < 2 or found.count("\r") != pairs or rest > found.endswith("\n"):
        return False
    return len(_PLAIN_LF_CR.findall(found)) > 1


def _are_certain(counts: Counter[str]) -> bool:
    """Whether it is certain where the lines of a seed end, if its line ends are not all LF CR."""
    twice, others = counts["CR CR LF"], counts.total() - counts["CR CR LF"]
    return not counts["LF CR"] and (not twice or (twice >= others and not counts["CR"]))


# Control characters that files are padded with, or cut within; among them the end-of-file mark of DOS, U+001A.
_PADDING = "".join(map(chr, (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F)))


@rule(severity=Severity.WARNING, applicability=Applicability.SAFE, triggers=(r"[^\r\n]\z",))
def final_newline(text: Text) -> Iterator[Found]:
    r"""A last line without a line end.

    Programs that count or join lines lose it or glue the next file to it, and every diff marks it.

    Bad: The first line.\nThe last line.
    Good: The first line.\nThe last line.\n

    Nothing is added to a seed that ends in NULs or other control characters: it was padded or cut.

    Does not handle: more than one line end at the end (blank-lines); a seed without any character (empty-file).

    Next: let it be repaired; the line end is of the kind that the seed has most of.
    """
    found = text.text
    if not found or found == BYTE_ORDER_MARK or found.endswith(("\n", "\r")):
        return
    span = Span(len(found), len(found))
    ending = found[len(found.rstrip(_PADDING + WHITESPACE)) :].strip(WHITESPACE)
    if ending:
        yield Found(span, f"the seed ends in {plural(len(ending), 'control character')}, expected a line end")
        return
    fix = replaced(span, _common_line_end(found), "end the last line", Applicability.SAFE)
    yield Found(span, "the last line has no line end, expected one", fix)


def _common_line_end(text: str) -> str:
    pairs = text.count("\r\n")
    ends = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(ends, key=lambda end: ends[end])


@rule(
    severity=Severity.WARNING,
    applicability=Applicability.SAFE,
    replaces=WHITESPACE,
    triggers=(rf"[{WHITESPACE}](?:[\r\n]|\z)",),
)
def trailing_whitespace(text: Text) -> Iterator[Found]:
    r"""Whitespace at the end of a line, or on a line of its own.

    Nobody sees it, but every comparison of two captures does. In plain text the repair is safe; in Markdown and in front
    matter it is only proposed. If more than 10,000 lines of a plain text have such whitespace, all are one finding.

    Bad: The first line.\x20\nThe second line.\n
    Bad [markup=markdown]: The first line.\x20\nThe second line.\n
    Good: The first line.\nThe second line.\n
    Good [markup=markdown]: A line break follows.\x20\x20\nThe second line.\n
    Good [markup=html]: <p>The first line.</p>\x20\n

    Does not handle: two or more spaces before a line of Markdown, which are a line break; whitespace in code, `<pre>` and
    block scalars, which is content; the body of an HTML source, where it means nothing.

    Next: let it be repaired.
    """
    plain = text.policy.markup == "text"
    matter = text.front_matter
    spans = list(whitespace_before_line_ends(text))
    body = [span for span in spans if not (matter and matter.holds(span))] if plain and len(spans) > _MOST_ENDS else []
    if body:  # not an article; one finding, so that all are repaired at once
        edits = tuple([Edit(start, end, "") for start, end in body])
        message = f"whitespace at the ends of {len(body):,} lines, expected none"
        yield Found(body[0], message, Fix(Applicability.SAFE, "delete the whitespace", edits), whole=True)
        spans = spans[: len(spans) - len(body)]
    for span in spans:
        run = text.text[slice(*span)]
        unusual = sorted(set(run) - {" ", "\t"})
        named = f" ({', '.join(describe(character) for character in unusual)})" if unusual else ""
        is_alone = span.start == 0 or text.text[span.start - 1] in "\r\n"
        where = "on a line of their own" if is_alone else "at the end of the line"
        is_safe = plain and not (matter and matter.holds(span)) and not _is_of_table(text.text, span)
        applicability = Applicability.SAFE if is_safe else Applicability.UNSAFE
        fix = replaced(span, "", f"delete {_spaces(run)}", applicability)
        yield Found(span, f"{_spaces(run)}{named} {where}, expected none", fix)


def _is_of_table(text: str, span: Span) -> bool:
    """Whether tabs at the end of a line are empty cells: other columns of the line are divided by tabs too."""
    start = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    return "\t" in text[slice(*span)] and "\t" in text[start : span.start].strip()


_MOST_ENDS = 10_000  # lines; a file with whitespace at the ends of more is not an article


def _spaces(run: str) -> str:
    """How many characters of whitespace a run has."""
    return plural(len(run), "whitespace character" if run.strip(" ") else "space")


# Blank lines after a line end, or at the beginning. Every part that repeats is possessive: a line of whitespace is walked once.
_BLANK_LINES = f"((?:[{WHITESPACE}]*+(?:\r\n|\r|\n))++(?:[{WHITESPACE}]++\\Z)?+)"
_FIRST_BLANK_LINES = re.compile(f"{BYTE_ORDER_MARK}?{_BLANK_LINES}")
_MORE_BLANK_LINES = re.compile(f"[\r\n](?:(?<=\r)\n)?+{_BLANK_LINES}")


_TWO_BLANK_LINES = rf"(?:[\r\n]|\A\x{{FEFF}}?)[{WHITESPACE}]*(?:\r\n?|\n)[{WHITESPACE}]*(?:[\r\n]|\z)"


@rule(severity=Severity.INFO, applicability=Applicability.UNSAFE, triggers=(_TWO_BLANK_LINES,))
def blank_lines(text: Text, *, at_most: int = 1) -> Iterator[Found]:
    r"""More blank lines in a row than separate two paragraphs, or a blank line at the very end.

    A page's layout leaves them behind, often where something was cut out. `at_most` is how many are allowed between two
    lines (1 by default); at the end of the text none are.

    Bad: The first paragraph.\n\n\nThe second paragraph.\n
    Bad: The only paragraph.\n\n
    Good: The first paragraph.\n\nThe second paragraph.\n

    Does not handle: HTML, where blank lines mean nothing; code, `<pre>` and front matter, where they are content; a text
    of only blank lines.

    Next: look whether something is missing there; the lines may go.
    """
    if text.policy.markup == "html":
        return
    found = text.text
    if not found.strip(BYTE_ORDER_MARK + WHITESPACE + "\r\n"):
        return
    first = _FIRST_BLANK_LINES.match(found)
    others = _MORE_BLANK_LINES.finditer(found, first.end() if first else 0)
    for match in chain([first] if first else [], others):
        start, end = match.span(1)
        closes = end == len(found)
        if inside(text.verbatim, start) or (text.front_matter and text.front_matter.holds(Span(start, end))):
            continue
        ends = [line.end() for line in _LINE_END.finditer(found, start, end)]
        if not ends or ends[-1] < end:
            ends.append(end)
        allowed = 0 if closes else at_most
        if len(ends) <= allowed:
            continue
        surplus = Span(ends[allowed - 1] if allowed else start, end)
        expected = "none" if not allowed else f"at most {allowed}"
        where = "at the end of the text" if closes else "in a row"
        fix = replaced(surplus, "", f"delete {plural(len(ends) - allowed, 'blank line')}")
        yield Found(surplus, f"{plural(len(ends), 'blank line')} {where}, expected {expected}", fix)


_LINE_START = re.compile(f"(?>\\A\ufeff?|\r\n|\r|\n)([{WHITESPACE}]*+)(?![\r\n]|\\Z)")
_CHINESE_INDENT = "\u3000\u3000"


@cache
def _east_asian() -> re.Pattern[str]:
    return re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")


_INDENTED = rf"(?:[\r\n]|\A\x{{FEFF}}?)[{WHITESPACE}]"


@rule(severity=Severity.INFO, applicability=Applicability.DISPLAY, triggers=(_INDENTED,))
def indentation(text: Text) -> Iterator[Found]:
    r"""A line of plain text that is indented, where others are not.

    An indent of only some paragraphs shows that the text was put together from parts, or that a list or a quotation lost its
    form. The repair is only shown.

    Bad: The first paragraph.\n\n\x20\x20The second paragraph.\n
    Good: The first paragraph.\n\nThe second paragraph.\n
    Good: \x20\x20The first paragraph.\n\n\x20\x20The second paragraph.\n
    Good [script=cjk]: 标题\n\u3000\u3000第一段。\n

    Does not handle: Markdown and HTML; what the page left around the article; an indent that every line of the seed has; the
    two wide spaces with which a Chinese paragraph begins; no-break spaces (no-break-space).

    Next: look at the page, whether the line was a list item, a quotation or a heading.
    """
    if text.policy.markup != "text":
        return
    found = text.text
    matter = (text.front_matter,) if text.front_matter else ()
    apart = [spans for spans in (text.residue, text.verbatim, matter) if spans]
    lines = [
        Span(*match.span(1))
        for match in _LINE_START.finditer(found)
        if not (apart and any(inside(spans, match.start(1)) for spans in apart))
    ]
    if len(lines) > 1 and len({found[line.start : line.end] for line in lines}) == 1:
        return
    for line in lines:
        run = found[line.start : line.end]
        if not run or any(character in NO_BREAK for character in run):
            continue
        is_chinese = run == _CHINESE_INDENT and (
            text.policy.script == "cjk" or _east_asian().search(found, line.end, line.end + 8)
        )
        if is_chinese:
            continue
        fix = replaced(line, "", f"delete {_spaces(run)}", Applicability.DISPLAY)
        yield Found(line, f"the line begins with {_spaces(run)}, expected none", fix)
