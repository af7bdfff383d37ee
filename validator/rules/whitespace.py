"""Rules about blanks, line ends and blank lines. Style is nobody's business: what is meant by a writer is left alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from validator.rules.registry import rule
from validator.rules.views import Found, trailing_blanks
from validator.text.findings import Applicability, Edit, Fix, Severity
from validator.text.places import BLANKS, BYTE_ORDER_MARK, NO_BREAK, Span, describe, inside, plural, remembered

if TYPE_CHECKING:
    from validator.rules.views import Text

_LINE_END = re.compile("\r\n?|\n")


# One line end: an LF with the CRs on either side of it, or a lone CR. Of CRs after the LF only a single one that no other line
# end follows; a run of CRs is entered at its first one only, so that the search stays linear.
_ONE_LINE_END = re.compile("(?<!\r)\r*+\n(?:\r(?![\r\n]))?|\r")
_LF_CR = re.compile("\n\r|\n")
_PLAIN_LF_CR = re.compile("\n\r(?![\r\n])")
_KINDS_OF_LINE_END = {"\r\n": "CR LF", "\r": "CR", "\n": "LF"}
_ORDER = ("CR CR LF", "CR LF", "LF CR", "CR", "LF")


@rule(severity=Severity.WARNING, applicability=Applicability.SAFE, replaces="\r")
def line_endings(text: Text) -> Iterator[Found]:
    r"""Lines that end in CR LF, or in a lone CR, and not in LF.

    The same article saved on two systems differs in every line, a pattern that ends in a line end misses, and a file of
    lone CRs is one line to most programs. One finding a seed, at the first such line end, with all of them in its fix.
    CR CR LF is one line end that was converted twice, and LF CR is one line end: each becomes one LF, so a repair never adds
    a line. Where a seed has lone CRs beside CR CR LF, or LF CR beside other line ends, it is not certain which of them end a
    line, and the repair is proposed only.

    Bad: The first line.\r\nThe second line.\r\n
    Bad: The first line.\rThe second line.\r
    Bad: The first line.\r\r\nThe second line.\r\r\n
    Good: The first line.\nThe second line.\n

    Does not handle: the line and paragraph separators U+2028 and U+2029 (invisible-character), NEL, VT and FF
    (control-character).

    Next: let it be repaired; no character but the line ends changes.
    """
    found = text.text
    if "\r" not in found:
        return
    is_lf_cr = _ends_in_lf_cr(found)
    ends = [(*match.span(), match.group()) for match in (_LF_CR if is_lf_cr else _ONE_LINE_END).finditer(found)]
    carried = [end for end in ends if end[2] != "\n"]
    counts: Counter[str] = Counter()
    for end, count in Counter([end for _, _, end in ends]).items():
        counts[_kind_of_line_end(end)] += count
    told = ", ".join(
        f"{counts[kind]} {'line' if counts[kind] == 1 else 'lines'} in {kind}" for kind in _ORDER if counts[kind]
    )
    yield Found(
        Span(*carried[0][:2]),
        f"line ends are not all LF ({told}), expected LF",
        Fix(
            Applicability.SAFE if is_lf_cr or _are_certain(counts) else Applicability.UNSAFE,
            f"end {plural(len(carried), 'line')} in LF",
            _to_lf(carried),
        ),
        whole=True,
    )


def _kind_of_line_end(end: str) -> str:
    return _KINDS_OF_LINE_END.get(end) or ("LF CR" if end[-1] == "\r" else "CR CR LF")


def _to_lf(ends: Sequence[tuple[int, int, str]]) -> tuple[Edit, ...]:
    """What makes one LF of each line end: its CRs go, or a lone one becomes an LF, so that nothing more is touched."""
    parts = {end: _parts_to_lf(end) for end in {end for _, _, end in ends}}
    return tuple([Edit(start + first, start + last, new) for start, _, end in ends for first, last, new in parts[end]])


def _parts_to_lf(end: str) -> list[tuple[int, int, str]]:
    """From where to where in a line end what is written instead."""
    if end == "\r":
        return [(0, 1, "\n")]
    before, _, after = end.partition("\n")
    return [(0, len(before), "")] * bool(before) + [(len(end) - 1, len(end), "")] * bool(after)


def _ends_in_lf_cr(found: str) -> bool:
    """Whether every line ends in LF CR, with at most a lone LF at the very end; two such ends must be beyond doubt."""
    pairs = found.count("\n\r")
    rest = found.count("\n") - pairs
    if pairs < 2 or found.count("\r") != pairs or rest > found.endswith("\n"):
        return False
    return len(_PLAIN_LF_CR.findall(found)) > 1


def _are_certain(counts: Counter[str]) -> bool:
    """Whether it is certain where the lines of a seed end whose line ends are not all LF CR."""
    return not counts["LF CR"] and not (counts["CR CR LF"] and counts["CR"])


# Control characters that files are padded with, or cut within; among them the end-of-file mark of DOS, U+001A.
_PADDING = "".join(map(chr, (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F)))


@rule(severity=Severity.WARNING, applicability=Applicability.SAFE)
def final_newline(text: Text) -> Iterator[Found]:
    r"""A last line without a line end.

    Programs that count or join lines lose it or glue the next file to it, and a diff marks it for ever.

    Bad: The first line.\nThe last line.
    Good: The first line.\nThe last line.\n

    A seed that ends in NULs or other control characters was padded or cut: there nothing is added, since the line end would
    come after the padding.

    Does not handle: more than one line end at the end, see blank-lines; a seed without any character, see empty-file.

    Next: let it be repaired; a line end is added, of the kind that the seed has most of.
    """
    found = text.text
    if not found or found == BYTE_ORDER_MARK or found.endswith(("\n", "\r")):
        return
    ending = found[len(found.rstrip(_PADDING + BLANKS)) :].strip(BLANKS)
    if ending:
        message = f"the seed ends in {plural(len(ending), 'control character')}, expected a line end"
        yield Found(Span(len(found), len(found)), message)
        return
    yield Found(
        Span(len(found), len(found)),
        "the last line has no line end, expected one",
        Fix(Applicability.SAFE, "end the last line", (Edit(len(found), len(found), _common_line_end(found)),)),
    )


def _common_line_end(text: str) -> str:
    pairs = text.count("\r\n")
    ends = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(ends, key=lambda end: ends[end])


@rule(severity=Severity.WARNING, applicability=Applicability.SAFE, replaces=BLANKS)
def trailing_whitespace(text: Text) -> Iterator[Found]:
    r"""Blanks at the end of a line, or on a line of their own.

    Nobody sees them, every comparison of two captures does. In plain text their repair is safe; in Markdown and in front
    matter it is proposed only. Of plain text with more than 10,000 such lines all are one finding, so that they are repaired at once.

    Bad: The first line.\x20\nThe second line.\n
    Bad [markup=markdown]: The first line.\x20\nThe second line.\n
    Good: The first line.\nThe second line.\n
    Good [markup=markdown]: A line break follows.\x20\x20\nThe second line.\n
    Good [markup=html]: <p>The first line.</p>\x20\n

    Does not handle: two or more spaces before a line of Markdown, which are a line break; blanks in code, `<pre>` and
    block scalars, which are content; the body of an HTML source, where blanks at a line's end mean nothing to anybody.

    Next: let it be repaired.
    """
    plain = text.policy.markup == "text"
    matter = text.front_matter
    spans = list(trailing_blanks(text))
    body = [span for span in spans if not (matter and matter.holds(span))] if plain and len(spans) > _MOST_ENDS else []
    if body:  # no article; all of them are one finding, so that they are repaired at once
        edits = tuple([Edit(start, end, "") for start, end in body])
        message = f"blanks at the ends of {len(body):,} lines, expected none"
        yield Found(body[0], message, Fix(Applicability.SAFE, "delete the blanks", edits), whole=True)
        spans = spans[: len(spans) - len(body)]
    for span in spans:
        run = text.text[span.start : span.end]
        unusual = sorted(set(run) - {" ", "\t"})
        named = f" ({', '.join(describe(character) for character in unusual)})" if unusual else ""
        alone = span.start == 0 or text.text[span.start - 1] in "\r\n"
        where = "on a line of their own" if alone else "at the end of the line"
        is_safe = plain and not (matter and matter.holds(span))
        yield Found(
            span,
            f"{plural(len(run), 'blank')}{named} {where}, expected none",
            Fix(
                Applicability.SAFE if is_safe else Applicability.UNSAFE,
                f"delete {plural(len(run), 'blank')}",
                (Edit(*span, ""),),
            ),
        )


_MOST_ENDS = 10_000  # lines; a file with blanks at the ends of more is no article


# Every part that repeats is possessive: a line of blanks is walked once and never tried again in pieces.
_BLANK_LINES = re.compile(f"(?>\\A\ufeff?|\r\n|\r|\n)((?:[{BLANKS}]*+(?:\r\n|\r|\n))++(?:[{BLANKS}]++\\Z)?+)")


@remembered
def _may_begin_with_blank(found: str) -> bool:
    """Whether a line, a blank one too, begins with a blank, or with what may be none."""
    if "\r" in found or found[:1] == BYTE_ORDER_MARK or found[:1] in _A_BLANK:
        return True
    if found.isascii():
        return "\n " in found or "\n\t" in found
    return any([line[:1] in _A_BLANK for line in found.split("\n")])  # noqa: C419 - a list is faster


_A_BLANK = frozenset(BLANKS)


def _may_hold_blank_lines(found: str) -> bool:
    """Whether two blank lines may stand in a row, or one at the end; without blanks at the beginning of lines that is plain."""
    return "\n\n\n" in found or found.startswith("\n\n") or found.endswith("\n\n") or _may_begin_with_blank(found)


@rule(severity=Severity.INFO, applicability=Applicability.UNSAFE)
def blank_lines(text: Text, *, at_most: int = 1) -> Iterator[Found]:
    r"""More blank lines in a row than separate two paragraphs, or a blank line at the very end.

    They are what a page's layout leaves behind, often where something was cut out. `at_most` is how many may stand
    between two lines (1 by default); at the end of the text none may.

    Bad: The first paragraph.\n\n\nThe second paragraph.\n
    Bad: The only paragraph.\n\n
    Good: The first paragraph.\n\nThe second paragraph.\n

    Does not handle: HTML, where blank lines mean nothing; code, `<pre>` and front matter, where they are content; a text
    of nothing but blank lines.

    Next: look whether something is missing there; the lines may go.
    """
    if text.policy.markup == "html":
        return
    found = text.text
    if (at_most and not _may_hold_blank_lines(found)) or not found.strip(BYTE_ORDER_MARK + BLANKS + "\r\n"):
        return
    for match in _BLANK_LINES.finditer(found):
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
        yield Found(
            surplus,
            f"{plural(len(ends), 'blank line')} {where}, expected {expected}",
            Fix(Applicability.UNSAFE, f"delete {plural(len(ends) - allowed, 'blank line')}", (Edit(*surplus, ""),)),
        )


_LINE_START = re.compile(f"(?>\\A\ufeff?|\r\n|\r|\n)([{BLANKS}]*+)(?![\r\n]|\\Z)")
_CHINESE_INDENT = "\u3000\u3000"


@cache
def _east_asian() -> re.Pattern[str]:
    return re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")


@rule(severity=Severity.INFO, applicability=Applicability.DISPLAY)
def indentation(text: Text) -> Iterator[Found]:
    r"""A line of plain text that begins with blanks, where others do not.

    Nothing is wrong with an indent; one that only some paragraphs have tells that the text was put together from parts,
    or that a list or a quotation lost its form. The repair is only shown.

    Bad: The first paragraph.\n\n\x20\x20The second paragraph.\n
    Good: The first paragraph.\n\nThe second paragraph.\n
    Good: \x20\x20The first paragraph.\n\n\x20\x20The second paragraph.\n
    Good [script=cjk]: 标题\n\u3000\u3000第一段。\n

    Does not handle: Markdown and HTML, where indents have a meaning or none; what the page left around the article; an
    indent that every line of the seed has, and the two wide blanks with which a Chinese paragraph begins; no-break
    blanks, see no-break-space.

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
        blanks = found[line.start : line.end]
        if not blanks or any(character in NO_BREAK for character in blanks):
            continue
        if blanks == _CHINESE_INDENT and (
            text.policy.script == "cjk" or _east_asian().search(found, line.end, line.end + 8)
        ):
            continue
        yield Found(
            line,
            f"the line begins with {plural(len(blanks), 'blank')}, expected none",
            Fix(Applicability.DISPLAY, f"delete {plural(len(blanks), 'blank')}", (Edit(*line, ""),)),
        )
