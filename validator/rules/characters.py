"""Rules about single characters that are invisible, or not what they look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from validator.parsing.misread import (
    UTF8_LEAD,
    is_in_misread_gb2312,
    is_in_misread_utf8,
    misread_spans,
    read_c1,
)
from validator.rules.registry import rule
from validator.rules.views import Found, replaced, whitespace_before_line_ends
from validator.text.findings import Applicability, Edit, Fix, Severity
from validator.text.languages import uses_no_break_spaces
from validator.text.patterns import late
from validator.text.places import BYTE_ORDER_MARK, NO_BREAK, WHITESPACE, Span, describe, inside, plural

if TYPE_CHECKING:
    from validator.rules.views import Body, Text

# A run of C0, or one of C1. A class in front is looked for faster than a run of it.
_CONTROLS = re.compile("[\x80-\x9f][\x80-\x9f]*+|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f][\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*+")
# Unicode gives control characters no names; these are the abbreviations of ISO 6429 and, where it has none, of RFC 1345.
_C0 = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
)
_C1 = (
    "DEL PAD HOP BPH NBH IND NEL SSA ESA HTS HTJ VTS PLD PLU RI SS2 SS3 "
    "DCS PU1 PU2 STS CCH MW SPA EPA SOS SGC SCI CSI ST OSC PM APC"
)
_CONTROL_NAMES = dict(enumerate(_C0.split())) | dict(enumerate(_C1.split(), start=0x7F))


@rule(
    severity=Severity.ERROR,
    applicability=Applicability.UNSAFE,
    triggers=(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}]",),
)
def control_character(text: Text) -> Iterator[Found]:
    r"""A control character: one of C0 other than tab and line ends, DEL, or one of C1.

    They control devices and mean nothing in a text. Most formats refuse them, terminals obey them, and many come from a wrong
    decoding or a damaged file. Vertical tab, form feed and NEL count, since programs disagree whether a line ends there.

    Bad: A stray\x00 zero byte.
    Bad: A page break\x0cstands here.
    Good: A\ttab and a line end.\n

    Those of C1 come from a wrong decoding, so their deletion is never proposed: mojibake says what they were. Reported here
    are the five that mean nothing in windows-1252.

    Does not handle: control characters of UTF-8 that was read as latin-1. They are mojibake in the article, and reported here
    without a repair in front matter and in what the page left around the article. In tags and addresses of the article they
    are not reported.

    Next: see what the page has there; if nothing, accept the deletion.
    """
    found = text.text
    matter = text.front_matter
    for match in _CONTROLS.finditer(found):
        span = Span(*match.span())
        if match.group() < "\x80":
            yield _control(found, span, is_rubbish=True)
        elif not is_in_misread_utf8(found, span.start):
            yield from (_control(found, Span(at, at + 1)) for at in range(*span) if not read_c1(found[at]))
        elif inside(text.residue, span.start) or (matter and matter.holds(span)):
            yield _control(found, span)


def _control(found: str, span: Span, *, is_rubbish: bool = False) -> Found:
    run = found[slice(*span)]
    codes = [f"U+{ord(c):04X} {_CONTROL_NAMES[ord(c)]}" for c in run[:4]]
    if len(run) > 4:
        codes.append(f"and {len(run) - 4} more")
    told = ", ".join(codes)
    fix = replaced(span, "", f"delete {told}") if is_rubbish else None
    word = "control character" if len(run) == 1 else "control characters"
    return Found(span, f"{word} {told} in the text, expected none", fix)


# Where printers put a no-break space: before high punctuation and guillemets, after an opening one, between the digits of a
# number, after a preposition of one letter.
_TYPOGRAPHIC = late(
    f"[{NO_BREAK}](?:(?<=[^\\s].)[;:!?»›%‰€]|(?<=[«‹].)|(?<=[0-9].)[0-9]{{3}}(?![0-9])"
    "|(?<=[vkszouwвксуояи].)(?<![^\\s(«„“]..)(?=[^\\W\\d_]))"
)
_NO_BREAK_STRETCH = late(f"[{NO_BREAK}][{WHITESPACE}]*+")


@rule(
    severity=Severity.WARNING,
    applicability=Applicability.SAFE,
    replaces=NO_BREAK,
    rests_on_source=True,
    triggers=(f"[{NO_BREAK}]",),
)
def no_break_space(text: Text) -> Iterator[Found]:
    r"""A no-break space (U+00A0, U+2007, U+202F) where the language does not use one.

    It looks like a space: a search for `Jane Roe` does not find a name with one in it, and two equal bylines disagree. Most
    were an `&nbsp;` that kept a page's columns apart. One finding for each run of whitespace.

    Bad: Words with a\u00a0 no-break space.
    Bad [language=en]: Ten\u202fkilometres.
    Good [language=fr]: Vraiment\u00a0?
    Good: Words with a space.

    What counts is the language that the seed itself names (`lang`, `language` or `locale` in front matter, `<html lang>`,
    a sidecar), else that of its source. The repair is safe only in plain text whose source has a language that is known not
    to use them, and if the seed names no other. If nobody named a language and one is where printers put it (before a
    question mark, between thousands), the repair is only shown.

    Does not handle: languages that use no-break spaces (French and many others); code and block scalars; whitespace at the
    end of a line (trailing-whitespace); passages in another language than the seed's.

    Next: let it be repaired; in a text of several languages, look at each.
    """
    found = text.text
    if not any(character in found for character in NO_BREAK):
        return
    of_source = (text.policy.language,) if text.policy.language else ()
    if uses_no_break_spaces(text.languages or of_source):
        return
    known = uses_no_break_spaces(of_source) is False and uses_no_break_spaces((*of_source, *text.languages)) is False
    applicability = Applicability.SAFE if known and text.policy.markup == "text" else Applicability.UNSAFE
    if uses_no_break_spaces(text.languages or of_source) is None and _TYPOGRAPHIC.search(found):
        applicability = Applicability.DISPLAY
    stretches = list(_stray_no_break(text))
    if len(stretches) > _MOST_STRETCHES:  # not an article; one finding, so that all are repaired at once
        edits = tuple([Edit(at, at + 1, " ") for places in stretches for at in range(*places) if found[at] in NO_BREAK])
        message = f"no-break spaces in {len(stretches):,} places, expected spaces"
        yield Found(stretches[0], message, Fix(applicability, "write ordinary spaces", edits), whole=True)
        return
    for stretch in stretches:
        places = [at for at in range(*stretch) if found[at] in NO_BREAK]
        named = ", ".join(sorted({describe(found[at]) for at in places}))
        times = f" {len(places)} times" if len(places) > 1 else ""
        title = f"write {plural(len(places), 'ordinary space')}"
        fix = Fix(applicability, title, tuple(Edit(at, at + 1, " ") for at in places))
        yield Found(stretch, f"{named} is here{times}, expected a space", fix)


_MOST_STRETCHES = 10_000
_OTHER_BLANKS = "".join(character for character in WHITESPACE if character not in NO_BREAK)


def _stray_no_break(text: Text) -> Iterator[Span]:
    """From the first to the last no-break space of each run: not at a line's end, not in code, not in misread UTF-8."""
    found, trailing = text.text, list(whitespace_before_line_ends(text))
    has_leads = UTF8_LEAD.search(found) is not None
    misread = misread_spans(found)
    for match in _NO_BREAK_STRETCH.finditer(found):
        start = match.start()
        if (trailing and inside(trailing, start)) or (text.verbatim and inside(text.verbatim, start)):
            continue
        if has_leads and (found[start - 1 : start] in ("\u00c2", "\u00c3") or is_in_misread_utf8(found, start)):
            continue  # a lost letter that mojibake reports; a space would hide it
        if not (misread and inside(misread, start)):
            yield Span(start, start + len(match[0].rstrip(_OTHER_BLANKS)))


# Written as "not a visible character": with characters beyond U+FFFF, Python searches for such a class four times as fast.
_UNSEEN = (
    "[^\0-\u00ac\u00ae-\u061b\u061d-\u115e\u1161-\u180a\u1810-\u200a\u2010-\u2027\u202f-\u205f\u2070-\u3163\u3165-\ufdff"
    "\ufe10-\ufefe\uff00-\uff9f\uffa1-\ufff8\ufffc-\U0001bc9f\U0001bca4-\U0001d172\U0001d17b-\U000dffff\U000e0080-\U000e00ff"
    "\U000e01f0-\U0010ffff]"
)
_INVISIBLE = late(f"{_UNSEEN}{_UNSEEN}*+")
_RIGHT_TO_LEFT = late(
    "[\u0590-\u05ff\u0600-\u0605\u0608\u060b\u060d\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff"
    "\U0001e800-\U0001efff]"
)
# Classes for `re.match`, which compiles one when it is first needed.
# Scripts that join their letters, so that a joiner or non-joiner between two of them is spelling.
_CURSIVE = (
    "[\u0600-\u061b\u061d-\u07ff\u0840-\u08ff\u1800-\u180a\u1810-\u18af\ua840-\ua877\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010ac0-\U00010aff\U0001e900-\U0001e95f]"
)
# Scripts of Brahmi's kin, where a joiner after a virama chooses the form of a conjunct.
_INDIC = (
    "[\u0900-\u0dff\u0f00-\u109f\u1700-\u17ff\u1900-\u1cff\ua8e0-\ua8ff\ua980-\uaadf\uabc0-\uabff\U00011000-\U00011fff]"
)
# Scripts that write no spaces between words, where U+200B marks a place to break the line.
_UNSPACED = "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf]"
# What has both a plain and a pictured form, or takes part in a sequence of them (Unicode's emoji and pictographs).
_PICTURES = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001fbff"
)
_PICTURE = f"[{_PICTURES}]"
_PICTURE_END = f"[{_PICTURES}\ufe0f\u20e3\U000e007f]"
_HAN = "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_MONGOLIAN = "[\u1800-\u18af]"
# Besides Han: what Unicode's StandardizedVariants names as bases of U+FE00 and the like.
_VARYING = f"{_HAN}|[0\u2018-\u201d\u1000-\u109f\u2200-\u22ff\u2a00-\u2aff\u3001\u3002\ua840-\ua877\uff01\uff0c\uff0e\uff1a\uff1b\uff1f]"
_FLAG = late("\U0001f3f4[\U000e0020-\U000e007e]++\U000e007f")
_OPENERS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
_MARKS = {"\u200e", "\u200f", "\u061c"}


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE, triggers=(_UNSEEN,))
def invisible_character(text: Text) -> Iterator[Found]:
    r"""A character that is not seen: zero-width, soft hyphen, bidirectional control, filler, stray variation selector.

    A search does not find a word with one inside; a bidirectional control can show a sentence in another order than it is
    written. What a script needs is left alone: joiners between letters of Arabic, Persian, Syriac, Mongolian and Indic
    scripts, the zero-width space of Thai, Lao, Khmer, Burmese and Tibetan, joiners and selectors in emoji, selectors after
    characters that have variants, and in a line with right-to-left letters also directional marks and balanced embeddings
    and isolates.

    Bad: A zero-width\u200b space inside.
    Bad: A soft hy\u00adphen.
    Good: \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645
    Good: A family \U0001f468\u200d\U0001f469\u200d\U0001f467 and a heart \u2764\ufe0f.

    Does not handle: a byte-order mark at the very beginning (byte-order-mark); control characters (control-character);
    spaces of other widths; letters that look like others; a joiner in the wrong place of a word.

    A soft hyphen is deleted between small letters only. Elsewhere, and in a text with one elsewhere, it meant a dash or a
    hyphen, and without it two words would become one.

    Next: delete it if the word reads the same without; an override (U+202D, U+202E) deserves a look at what it hides.
    """
    found = text.text
    line_end = -1
    pairs: frozenset[int] = frozenset()
    right_to_left = False
    flags_end = -1
    has_dash = "\u00ad" in found and _SOFT_HYPHEN_AS_DASH.search(found) is not None
    for match in _INVISIBLE.finditer(found):
        if match.start() >= line_end:
            line_start, line_end = _line_around(found, max(line_end, 0), match.start())
            right_to_left = _RIGHT_TO_LEFT.search(found, line_start, line_end) is not None
            pairs = _balanced(found, line_start, line_end) if right_to_left else frozenset()
        flag = _FLAG.match(found, match.start() - 1) if match.start() else None
        if flag:
            flags_end = flag.end()
        start = -1
        for at in range(*match.span()):
            character = found[at]
            legitimate = (
                at < flags_end
                or at in pairs
                or (character in _MARKS and right_to_left)
                or (character == BYTE_ORDER_MARK and at == 0)
                or _is_needed(found, at)
            )
            if legitimate and start >= 0:
                yield _invisible(found, Span(start, at), has_dash)
                start = -1
            elif not legitimate and start < 0:
                start = at
        if start >= 0:
            yield _invisible(found, Span(start, match.end()), has_dash)


# A soft hyphen that is not within a word, so that they all are dashes in this text.
_SOFT_HYPHEN_AS_DASH = late("\u00ad(?:(?<![^\\W\\d_]\u00ad)|(?![^\\W\\d_])|(?<=[A-Z]\u00ad)|(?=[A-Z]))")


def _invisible(found: str, span: Span, has_dash: bool) -> Found:
    start, end = span
    run = found[start:end]
    names = list(dict.fromkeys(describe(character) for character in run[:200]))
    told = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
    times = f" ({len(run)} characters)" if len(run) > 1 else ""
    is_within_word = found[start - 1 : start].islower() and found[end : end + 1].islower() and not has_dash
    if "\u00ad" in run and not is_within_word:
        return Found(span, f"{told} is here unseen{times}; it may mean a hyphen or a dash")
    return Found(span, f"{told} is here unseen{times}, expected nothing", replaced(span, "", f"delete {told}"))


def _balanced(found: str, start: int, end: int) -> frozenset[int]:
    """The offsets, within one line, of embeddings and isolates that are closed, and of what closes them."""
    pairs: set[int] = set()
    openers: list[int] = []
    for match in re.compile("[\u202a-\u202c\u2066-\u2069]").finditer(found, start, end):
        character = found[match.start()]
        if character in _OPENERS:
            openers.append(match.start())
        elif openers and _OPENERS[found[openers[-1]]] == character:
            pairs |= {openers.pop(), match.start()}
    return frozenset(pairs)


def _is_needed(found: str, at: int) -> bool:
    """Whether the character at `at` does something for the ones beside it."""
    before = found[at - 1] if at else ""
    after = found[at + 1 : at + 2]
    check = _NEEDS.get(found[at])
    if check is not None:
        return check(before, after)
    if "\ufe00" <= found[at] <= "\ufe0d":
        return bool(re.match(_VARYING, before))
    if "\U000e0100" <= found[at] <= "\U000e01ef":
        return bool(re.match(_HAN, before))
    if found[at] != "\u00ad":
        return False
    return is_in_misread_utf8(found, at) or is_in_misread_gb2312(found, at) or inside(misread_spans(found), at)


def _joins(before: str, after: str) -> bool:
    if re.match(_PICTURE_END, before):
        return bool(re.match(_PICTURE, after))
    return any(re.match(letter, side) for letter in (_CURSIVE, _INDIC) for side in (before, after))


def _separates(before: str, after: str) -> bool:
    return bool(re.match(_INDIC, before) or (re.match(_CURSIVE, before) and re.match(_CURSIVE, after)))


def _breaks(before: str, after: str) -> bool:
    return bool(re.match(_UNSPACED, before) and re.match(_UNSPACED, after))


def _pictures(before: str, after: str) -> bool:
    return bool(re.match(_PICTURE, before)) or (before in tuple("0123456789#*") and after == "\u20e3")


def _follows_mongolian(before: str, after: str) -> bool:
    return bool(re.match(_MONGOLIAN, before))


_NEEDS: dict[str, Callable[[str, str], bool]] = {
    "\u200b": _breaks,
    "\u200c": _separates,
    "\u200d": _joins,
    "\ufe0e": _pictures,
    "\ufe0f": _pictures,
    "\u115f": lambda before, after: "\u1160" <= after <= "\u11a7",
    "\u1160": lambda before, after: "\u1100" <= before <= "\u115f" or "\ua960" <= before <= "\ua97c",
} | dict.fromkeys("\u180b\u180c\u180d\u180e\u180f", _follows_mongolian)


_LINE_END = late(r"[\r\n]|\Z")


def _line_around(text: str, first: int, at: int) -> tuple[int, int]:
    """Where the line around a place begins, from `first` on, and where it ends; in CR alone too."""
    start = max(text.rfind("\n", first, at), text.rfind("\r", first, at)) + 1
    end = _LINE_END.search(text, at)
    return max(start, first), end.start() if end is not None else len(text)


_GAP = re.compile(r"(?P<gap>[-\u00ad](?: |[ \t]*(?:\r\n?|\n)[ \t]*))(?P<last>[^\W\d_]{2,40})(?![\w-])")
_BEFORE_GAP = late(r"(?<![\w-])[^\W\d_]{2,40}\Z")
_WORD = late(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@rule(
    severity=Severity.WARNING,
    applicability=Applicability.UNSAFE,
    triggers=(r"[\p{L}\p{Nl}\p{No}][-\x{ad}](?: |[ \t]*[\r\n])",),  # what `re` takes for letters
)
def split_word(body: Body) -> Iterator[Found]:
    r"""A word that was divided at the end of a printed line or column, with its hyphen still in the text.

    It comes from PDF and from scans, and is in the way of whoever searches or quotes. Only a word that the text also has in one
    piece is reported, and none that it has with a hyphen in the same place.

    Bad [source=plain-text]: The informa-\ntion is in the first line, and more information is in the second.\n
    Good [source=plain-text]: A two- and three-year term, and a well-\nknown hyphen.\n

    Does not handle: a divided word that the text has nowhere else, and words in scripts without hyphens.

    Next: read the word in its sentence, then repair with --unsafe; it joins the two parts.
    """
    words: set[str] | None = None
    for match in _GAP.finditer(body.masked):
        gap, last = Span(*match.span("gap")), match["last"]
        before = _BEFORE_GAP.search(body.masked, max(0, gap.start - 41), gap.start)
        written = body.text[gap.start : gap.end].replace("\r", "\n")  # as the mask has a line end of CR alone
        if before is None or not last.islower() or written != match["gap"].replace("\r", "\n"):
            continue
        first = before[0]
        if words is None:
            words = {word.lower() for word in _WORD.findall(body.masked)}
        joined = first + last
        if joined.lower() in words and f"{first}-{last}".lower() not in words:
            message = f'"{joined}" is divided by a hyphen, as at the end of a printed line'
            yield Found(Span(before.start(), match.end()), message, replaced(gap, "", "join the word"))
