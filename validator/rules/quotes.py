"""Rules about quotation marks in Latin script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from validator.parsing.markup import GONE
from validator.rules.quotation_costs import (
    APOSTROPHE,
    CLOSE,
    CLOSING,
    CONTRACTION,
    CONTRACTS,
    ELISION,
    LIKELY,
    LOW,
    OPEN,
    OPENING,
    STRAIGHT,
    STRAY,
    SURE,
    YEARS,
    is_negated,
    may_be_name,
)
from validator.rules.quotation_marks import DOUBLE_MARKS, UNSEEN, is_misread, paragraphs, too_many_marks
from validator.rules.registry import rule
from validator.rules.views import Found, replaced
from validator.text.findings import Applicability, Severity
from validator.text.languages import LOOKED_AT, language_of_text, primary
from validator.text.patterns import late
from validator.text.places import Span

if TYPE_CHECKING:
    from validator.rules.quotation_marks import Quotations
    from validator.rules.views import Body

_LETTER_MARKS = late(r"(?<=[^\W\d_])['’](?=[^\W\d_])")
_WORD_BEFORE = late(rf"(?:[^\W_]|{UNSEEN})*\Z")
_WORD_AFTER = late(rf"(?:[^\W_]|{UNSEEN})*")


def _not_prose(quotations: Quotations, marks: int, kinds: str) -> Found:
    """The finding about a text with too many marks, at the first of them."""
    prose = quotations.prose
    start = next(at for at, character in enumerate(prose) if character in kinds)
    share = max(1, len(prose.strip()) // marks)
    message = f"{marks:,} quotation marks, one in {share} characters, are more than prose has; none was looked at"
    return Found(_mark_span(quotations.body, start), message, severity=Severity.WARNING)


def _mark_span(body: Body, offset: int) -> Span:
    """The span of a mark in the text: longer than one if it is a character reference, or an escape in front matter."""
    end = offset + 1
    if body.text[offset] in "&\\":  # the mask has a mark there, and NUL under the rest of the reference or escape
        while body.masked[end : end + 1] == GONE and body.text[end - 1] != ";":
            end += 1
    return Span(offset, end)


def _apostrophe_style(body: Body) -> str:
    """The apostrophe that the source writes, or most of the article."""
    if body.policy.quotes != "auto":
        return "’" if body.policy.quotes == "curly" else "'"
    marks = _LETTER_MARKS.findall(body.masked)
    return "’" if 2 * marks.count("’") > len(marks) else "'"


_IN_TEX = late(r'[A-Za-z]"(?:[aou][a-z]|s[a-z])')  # M"anner, hei"st


def _may_be_letters(body: Body) -> bool:
    """Whether marks may be letters: in German, where programs without umlauts wrote `"a` for ä and `wei"s` for weiß."""
    named = tuple(map(primary, body.languages or (body.policy.language or "",)))
    language = "de" if "de" in named else language_of_text(body.masked[:LOOKED_AT])
    return language == "de" or (language is None and _IN_TEX.search(body.masked) is not None)


def _as_apostrophe(body: Body, span: Span, style: str, message: str, applicability: Applicability) -> Found:
    """A mark that is to be an apostrophe, which is written twice in a headline in single quotation marks."""
    is_twice = style == "'" and body.quoted_scalar == "single" and body.in_headline(span)
    start, end = span
    before = _WORD_BEFORE.search(body.masked, max(0, start - 30), start)
    after = _WORD_AFTER.match(body.masked, end, start + 30)
    word = f"{before[0] if before else ''}{body.masked[start:end]}{after[0] if after else ''}".replace(GONE, "")
    fix = replaced(span, "''" if is_twice else style, f"put an apostrophe ({style})", applicability)
    return Found(span, f"in {word} {message}", fix)


def _signs(marks: str) -> str:
    """A pattern (RE2) for some marks as they are, as character references, and as escapes of a headline in front matter."""
    return rf"[{marks}]|&(?:#|{_NAMED})|\\[uUx]"


_NAMED = "(?i:apos|quot|[lrb][sd]?quo|(?:open|close)curly|prime|grave|acute|backprime|diacritical)"
_DOUBLE = _signs(STRAIGHT + OPENING + CLOSING + LOW)


@rule(severity=Severity.ERROR, applicability=Applicability.SAFE, replaces='"”', triggers=(_DOUBLE,), about="prose")
def quote_for_apostrophe(quotations: Quotations) -> Iterator[Found]:
    r"""A double quotation mark in the place of an apostrophe, as in `the editor"s note`.

    It cuts names and words in two: a search for the person does not find the article, and whoever counts quotations counts
    wrongly. A mark is reported only if everything beside it suggests an apostrophe and the quotation marks around it still
    come in pairs.

    Bad [source=plain-text]: The editor"s note came late.
    Bad [source=plain-text]: "It wasn"t the editor"s note," said the note.
    Good [source=plain-text]: The "editor" is a program, and says "yes".
    Good [source=plain-text]: They counted four "um"s and a 6" nail.

    Does not handle: other scripts than Latin; single quotation marks; a mark at the end of a word (`the states" joint note`)
    or at its beginning, unless the text has sure cases; a quoted word with the mark before its last letter
    (`the "editor"s note`), unless the marks around it leave no other reading; a text with more than 5,000 marks and more
    than one in 50 characters, which gets one warning.

    Only proposed: in a German text, where the mark may be a letter (`wei"s` for weiß); before ll, re, ve, m or d after a word
    that English does not contract, as in the Hebrew acronym `Chaba"d`.

    Next: let the sure ones be repaired; read the proposed ones in their sentence. A repair never leaves half a quotation.
    """
    body = quotations.body
    marks = too_many_marks(quotations.prose, DOUBLE_MARKS)
    if marks:
        yield _not_prose(quotations, marks, DOUBLE_MARKS)
        return
    style, may_be_letter = "", False
    for mark in quotations.marks:
        if mark.label != APOSTROPHE or mark.margin < LIKELY:
            continue
        if not style:
            style, may_be_letter = _apostrophe_style(body), _may_be_letters(body)
        span = _mark_span(body, mark.offset)
        scalar = body.quoted_scalar if body.in_headline(span) else None
        is_sure = mark.margin >= SURE and span.end - span.start == 1 and scalar in (None, "plain") and not may_be_letter
        applicability = Applicability.SAFE if is_sure else Applicability.UNSAFE
        yield _as_apostrophe(body, span, style, "a quotation mark is used as an apostrophe", applicability)


_MALFORMED = re.compile(r"(?<=[^\W_])(?:[´`‘‛′＇]|’’|'')(?=[^\W\d_])|(?<![^\W_])[‘‛](?=\d0s|[^\W\d_])")
_NAMES = {
    "´": "an acute accent",
    "`": "a grave accent",
    "‘": "an opening quotation mark",
    "‛": "a reversed quotation mark",
    "′": "a prime",
    "＇": "a fullwidth apostrophe",
    "’’": "a pair of closing quotation marks",
    "''": "a pair of apostrophes",
}
_LAST_WORD = late(r"[^\W_]+\Z")
_FAR = 400  # characters within which a quotation in single marks begins and ends
_NAME_PREFIX = late(r"(?<![^\W_])(?:[odl]|mc|qu)\Z", re.IGNORECASE)
_SINGLE_OPENS = late(r"(?<![^\W_])(?<!['`‘‛´])['`‘‛´]{1,2}(?=[^\W_])")
_SINGLE_CLOSES = late(r"(?<!\s)['’`´](?![^\W_'’])")


# Two marks that stand together for one may have markup between them, an address or a comment too.
_TWICE = "|".join(rf"{mark}(?:[^\s\pL\pN](?s:.*))?{mark}" for mark in "’'")


@rule(
    severity=Severity.WARNING,
    applicability=Applicability.UNSAFE,
    triggers=(f"{_signs('´`‘‛′＇')}|{_TWICE}",),
    about="prose",
)
def malformed_apostrophe(quotations: Quotations) -> Iterator[Found]:
    r"""Another character, or two, in place of an apostrophe, as in `the editor´s note`.

    An accent, a prime or an opening quotation mark looks like an apostrophe in print. A search for the word does not find
    it, and programs cut the word in two.

    Bad [source=plain-text]: The editor´s note and the reader`s letter.
    Bad [source=plain-text]: The writer‘s page, the printer′s ink, the binder’’s glue.
    Bad [source=plain-text]: They were famous in the ‘90s.
    Good [source=plain-text]: The editor’s note, 5′ long, was read in Hawai‘i.
    Good [source=plain-text]: The ‘editor’ is a program, and says ‘yes’.

    Does not handle: other scripts than Latin; a mark at the end of a word (`the states´ joint note`), which may close a
    quotation; a mark within a quotation that opens with a single mark; a word that is not a contraction, a possessive or a
    name (`ma´am`); a double quotation mark (quote-for-apostrophe).

    Next: read each in its sentence, then repair with --unsafe.
    """
    body, prose = quotations.body, quotations.prose
    marks = too_many_marks(prose, _NAMES)
    if marks:
        yield _not_prose(quotations, marks, "".join(_NAMES))
        return
    style = ""
    for paragraph in paragraphs(prose):
        for match in _MALFORMED.finditer(paragraph.text):
            if _is_malformed(paragraph.text, match):
                style = style or _apostrophe_style(body)
                span = Span(paragraph.place(match.start()), _mark_span(body, paragraph.place(match.end() - 1)).end)
                message = f"{_NAMES[match[0]]} is used as an apostrophe"
                yield _as_apostrophe(body, span, style, message, Applicability.UNSAFE)


def _is_malformed(text: str, match: re.Match[str]) -> bool:
    """Whether a mark that `_MALFORMED` finds can only be an apostrophe."""
    at, end, mark = match.start(), match.end(), match[0]
    word = _LAST_WORD.search(text, max(0, at - 40), at)
    if word is None:
        return _is_elision(text, at)
    if word[0].endswith("Â"):
        return False  # a piece of UTF-8 that was read as cp1252, which mojibake reports
    suffix = CONTRACTION.match(text, end)
    if suffix is None:
        # Hawaiian and Uzbek have this mark for a letter: O‘ahu.
        is_name = _NAME_PREFIX.search(text, max(0, at - 3), at) is not None
        return is_name and (mark not in "‘‛" or text[end].isupper()) and not _is_quoted(text, at)
    ending = suffix[0].lower()
    if text[at - 1].isdigit():
        fits = ending == "s" and YEARS.search(text, max(0, at - 7), at) is not None
    elif ending == "t":
        fits = is_negated(text, at, suffix)
    elif ending == "s":
        fits = len(word[0]) > 1 or mark != "′"
    else:
        fits = CONTRACTS.search(text, max(0, at - 6), at) is not None
    return fits and not may_be_name(text, at, suffix.end()) and not _is_quoted(text, at)


def _is_elision(text: str, at: int) -> bool:
    """Whether letters are left out at the beginning of a word (‘90s, ‘em), and no quotation begins there."""
    match = ELISION.match(text, at + 1)
    if match is None or text[match.end() : match.end() + 1] in ("'", "’", "-"):
        return False
    opens = text.find(text[at], at + 1, at + _FAR)
    return _SINGLE_CLOSES.search(text, at + 1, opens if opens >= 0 else at + _FAR) is None


def _is_quoted(text: str, at: int) -> bool:
    """Whether a quotation in single marks, or code between them, is open at a place."""
    opened = -1
    for match in _SINGLE_OPENS.finditer(text, max(0, at - _FAR), at):
        if not ELISION.match(text, match.end()):
            opened = match.end()
    return opened >= 0 and _SINGLE_CLOSES.search(text, opened, at) is None


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE, triggers=(_DOUBLE,), about="marks")
def stray_quote(quotations: Quotations) -> Iterator[Found]:
    r"""A double quotation mark that neither opens nor closes anything.

    A quotation has lost its beginning or its end, so nobody can say what was quoted.

    Bad [source=plain-text]: They said “one thing” -2021" and left.
    Good [source=plain-text]: They said “one thing” and left.

    Does not handle: single quotation marks; a quotation that is still open at the end of a paragraph, as in speech that goes
    on in the next one; ditto marks.

    Next: find the mark's other half in the printed article; take the mark out if there is none.
    """
    for mark in quotations.marks:
        if mark.label == STRAY:
            span = _mark_span(quotations.body, mark.offset)
            yield Found(span, "this quotation mark has no other half", replaced(span, "", "take the mark out"))


_DOUBLES = late('["“”]')
_SINGLES = re.compile(r"(?<=\w)['’](?=\w)|(?<=s)['’](?=\s)|(?<!\w)‘(?=\w)")


@rule(
    severity=Severity.INFO, applicability=Applicability.UNSAFE, triggers=(_signs("\"'"), _signs("‘’“”")), about="prose"
)
def mixed_quotes(quotations: Quotations) -> Iterator[Found]:
    r"""Curly and straight marks of one kind in the same article.

    Neither is wrong. Both in one text usually mean that two texts were joined or one was edited by hand. Reported are the
    marks that are not the source's own, or the rarer ones if the source names none.

    Bad [source=plain-text]: The editor's note, the reader's letter and the archive’s answer.
    Good [source=plain-text]: The editor’s note and the archive’s “answer”.

    Does not handle: a whole text in the other style.

    Next: nothing has to be done; see whether a passage was put in from elsewhere.
    """
    body = quotations.body
    labels = {mark.offset: mark.label for mark in quotations.marks}
    kinds = [(_SINGLES, "'")] if quotations.prose else []
    kinds += [(_DOUBLES, STRAIGHT)] if labels else []
    found: list[tuple[int, str]] = []
    for pattern, straight in kinds:
        marks = [
            (match.start(), match[0])
            for match in pattern.finditer(body.masked)
            # An inch mark is not a quotation mark, and a stray mark may be either half.
            if (match[0] != STRAIGHT or labels.get(match.start()) in (OPEN, CLOSE))
            and not is_misread(body.masked, match.start())
        ]
        curly = [mark for mark in marks if mark[1] != straight]
        if not curly or len(curly) == len(marks):
            continue
        expected = body.policy.quotes
        if expected == "auto":
            expected = "curly" if 2 * len(curly) > len(marks) else "straight"
        found += [mark for mark in marks if (mark[1] == straight) == (expected == "curly")]
    for offset, mark in sorted(found):
        span = _mark_span(body, offset)
        if mark in "\"'":
            double = OPENING if labels.get(offset) == OPEN else CLOSING
            replacement = "’" if mark == "'" else double
            message = f"a straight {mark} among curly marks"
        else:
            replacement = "'" if mark in "‘’" else '"'
            message = f"a curly {mark} among straight marks"
        yield Found(span, message, replaced(span, replacement, f"make it {replacement}"))
