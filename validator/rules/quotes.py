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
    OBJECT,
    OPEN,
    OPENING,
    STRAIGHT,
    STRAY,
    SURE,
    YEARS,
    is_negated,
    may_be_name,
)
from validator.rules.quotation_marks import has_too_many, is_misread, label, paragraphs
from validator.rules.registry import rule
from validator.rules.views import Found
from validator.text.findings import Applicability, Edit, Fix, Severity
from validator.text.places import Span, remembered, utf8

if TYPE_CHECKING:
    from validator.rules.views import Body

_LETTER_MARKS = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])")
_LETTERS = 20_000
# What bytes.translate takes out so that there are left: letters of ASCII; what is not ASCII; what U+5000 to U+8FFF begin with.
_ALL_BUT_LETTERS = bytes(byte for byte in range(256) if not chr(byte & 0xDF).isupper() or byte >= 0x80)
_ASCII = bytes(range(0x80))
_ALL_BUT_HAN = bytes(byte for byte in range(256) if not 0xE5 <= byte <= 0xE8)


@remembered
def is_latin(masked: str) -> bool:
    """Whether nearly all letters of a text are Latin ones; judged by its first 20,000 letters.

    Where that is clear from bytes that are quick to count, letters are not gone through one by one.
    """
    encoded = utf8(masked)
    if not masked.isascii():
        head = encoded if len(masked) <= _LETTERS else masked[:_LETTERS].encode("utf-8", "surrogatepass")
        others = 10 * (len(head.translate(None, _ALL_BUT_HAN)) - 1)
        if others >= min(len(masked), _LETTERS) or (
            others > 0 and others >= min(len(masked) - masked.count("\n") - masked.count(GONE), _LETTERS)
        ):
            return False  # even if all other characters are Latin letters
    letters = len(encoded.translate(None, _ALL_BUT_LETTERS))
    signs = len(masked) - len(encoded) + len(encoded.translate(None, _ASCII))
    if 10 * (signs + 1) <= min(letters, _LETTERS) or not signs:
        return letters > 0  # even if every sign that is not ASCII is a letter of another script
    return is_latin_by_count(masked)


def is_latin_by_count(masked: str) -> bool:
    """What `is_latin` is, letter by letter."""
    letters = latin = 0
    for character in masked:
        if character.isalpha():
            letters += 1
            latin += character < "\u0250" or "\u1e00" <= character < "\u1f00"
            if letters == _LETTERS:
                break
    return letters > 0 and latin >= 0.9 * letters


_BLOTTED = re.compile(r"\n++")
_TAG_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)|<")
_WITHIN_LINES = frozenset(
    """
    audio button canvas embed img input math meter object picture progress script select source style svg template textarea
    track video http https ftp mailto
    """.split()  # noqa: SIM905
)
_LAST_PROSE: list[tuple[str, str]] = []


def _prose(body: Body) -> str:
    """The mask of a body, in which what was blotted out within a line does not end the paragraph.

    So a quotation mark beside an address or beside code is not cut off from its other half. As long as the mask: of what was
    blotted out, the first character is an object, and the others are markup.
    """
    for known, prose in _LAST_PROSE:
        if known is body.masked:
            return prose
    prose = body.masked if body.masked == body.text else _with_objects(body.text, body.masked)
    _LAST_PROSE[:] = [(body.masked, prose)]
    return prose


def _with_objects(text: str, masked: str) -> str:
    pieces: list[str] = []
    at = 0
    first, last = len(masked) - len(masked.lstrip("\n")), len(masked.rstrip("\n"))
    for match in _BLOTTED.finditer(masked, first, last):
        start, end = match.span()
        if end - start == 1 and text[start] == "\n":
            continue
        lines = text[start:end].replace("\r", "\n").split("\n")
        for begin, line in ((start, lines[0]), (end - len(lines[-1]), lines[-1]))[: len(lines)]:
            if line and _is_within_line(line):
                pieces += masked[at:begin], OBJECT, GONE * (len(line) - 1)
                at = begin + len(line)
    return "".join((*pieces, masked[at:])) if pieces else masked


_BLOCK_MARKER = re.compile(r"(?:[^\w`]|_)*+(?:\d++[.)])?+(?:[^\w`]|_)*+")  # of Markdown: # > - 1.


def _is_within_line(blotted: str) -> bool:
    """Whether something that was blotted out is part of a line of text: no tag that ends a paragraph, no marker of a block."""
    if _BLOCK_MARKER.fullmatch(blotted):
        return False
    return "<" not in blotted or all(name and name.lower() in _WITHIN_LINES for name in _TAG_NAME.findall(blotted))


def _speaks(body: Body) -> bool:
    script = body.policy.script
    return script == "latin" or (script == "auto" and is_latin(body.masked))


def _no_prose(body: Body, marks: int, kinds: str) -> Found:
    """What is said of a text with too many marks, at the first of them."""
    prose = _prose(body)
    start = next(at for at, character in enumerate(prose) if character in kinds)
    share = max(1, len(prose.strip()) // marks)
    message = f"{marks:,} quotation marks, one in {share} characters, are more than prose has; none was looked at"
    return Found(_mark_span(body, start), message, severity=Severity.WARNING)


def _mark_span(body: Body, offset: int) -> Span:
    """The span of a mark in the text: longer than one where it is a character reference, or an escape in front matter."""
    end = offset + 1
    if body.text[offset] in "&\\":  # the mask has a mark there, and NUL under the rest of the reference or escape
        while body.masked[end : end + 1] == GONE and body.text[end - 1] != ";":
            end += 1
    return Span(offset, end)


def _apostrophe_style(body: Body) -> str:
    if body.policy.quotes == "curly":
        return "’"
    if body.policy.quotes == "straight":
        return "'"
    marks = _LETTER_MARKS.findall(body.masked)
    return "’" if 2 * marks.count("’") > len(marks) else "'"


def _signs(marks: str) -> str:
    """A pattern (RE2) for some marks as they are, as character references, and as escapes of a headline in front matter."""
    return rf"[{marks}]|&(?:#|{_NAMED})|\\[uUx]"


_NAMED = "(?i:apos|quot|[lrb][sd]?quo|(?:open|close)curly|prime|grave|acute|backprime|diacritical)"
_DOUBLE = _signs(STRAIGHT + OPENING + CLOSING + LOW)


@rule(severity=Severity.ERROR, applicability=Applicability.SAFE, replaces='"”', triggers=(_DOUBLE,))
def quote_for_apostrophe(body: Body) -> Iterator[Found]:
    r"""A double quotation mark that stands where an apostrophe belongs, as in `the editor"s note`.

    Names and words are cut in two by it: a search for the person does not find the article, and whoever counts quotations
    counts wrongly. A mark is reported only where everything beside it speaks for an apostrophe and the quotation marks
    around it still come out in pairs.

    Bad [source=plain-text]: The editor"s note came late.
    Bad [source=plain-text]: "It wasn"t the editor"s note," said the note.
    Good [source=plain-text]: The "editor" is a program, and says "yes".
    Good [source=plain-text]: They counted four "um"s and a 6" nail.

    Does not handle: other scripts than Latin; single quotation marks; a mark at the end of a word (`the states" joint note`)
    or at its beginning, where it may as well be a quotation mark, unless the text has sure ones; a word in quotation marks that has the mark before its
    last letter (`the "editor"s note`), unless the marks around it leave no other reading; a text with more marks than prose has
    (more than 5,000, and more than one in 50 characters), which is said of it.

    Next: let the sure ones be repaired; read the proposed ones in their sentence. A repair never leaves half a quotation.
    """
    if not _speaks(body):
        return
    prose = _prose(body)
    marks = has_too_many(prose)
    if marks:
        yield _no_prose(body, marks, STRAIGHT + OPENING + CLOSING + LOW)
        return
    style = None
    for labelled in label(_prose(body)):
        if labelled.label != APOSTROPHE or labelled.margin < LIKELY:
            continue
        style = style or _apostrophe_style(body)
        span = _mark_span(body, labelled.offset)
        scalar = body.quoted_scalar if body.headline is not None and body.headline.holds(span) else None
        sure = labelled.margin >= SURE and span.end - span.start == 1 and scalar in (None, "plain")
        word = _word_around(body.masked, labelled.offset, labelled.offset + 1)
        yield Found(
            span,
            f"in {word} a quotation mark stands where an apostrophe belongs",
            Fix(
                Applicability.SAFE if sure else Applicability.UNSAFE,
                f"put an apostrophe ({style})",
                (Edit(span.start, span.end, _written(body, span, style)),),
            ),
        )


def _written(body: Body, span: Span, style: str) -> str:
    """An apostrophe as it is written at a place: twice in a headline in single quotation marks."""
    in_headline = body.headline is not None and body.headline.holds(span)
    return "''" if in_headline and body.quoted_scalar == "single" and style == "'" else style


def _word_around(masked: str, offset: int, end: int) -> str:
    start = offset
    while start > 0 and offset - start < 30 and (masked[start - 1].isalnum() or masked[start - 1] == GONE):
        start -= 1
    while end < len(masked) and end - offset < 30 and (masked[end].isalnum() or masked[end] == GONE):
        end += 1
    return masked[start:end].replace(GONE, "")


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
_LAST_WORD = re.compile(r"[^\W_]+\Z")
_FAR = 400  # characters within which a quotation in single marks begins and ends
_NAME_PREFIX = re.compile(r"(?<![^\W_])(?:[odl]|mc|qu)\Z", re.IGNORECASE)
_SINGLE_OPENS = re.compile(r"(?<![^\W_])(?<!['`‘‛´])['`‘‛´]{1,2}(?=[^\W_])")
_SINGLE_CLOSES = re.compile(r"(?<!\s)['’`´](?![^\W_'’])")


_MARKUP = r"(?:<[^>]*>|[^\s\pL\pN’'])*"  # between two marks that stand together for one


@rule(
    severity=Severity.WARNING,
    applicability=Applicability.UNSAFE,
    triggers=(f"{_signs('´`‘‛′＇')}|’{_MARKUP}’|'{_MARKUP}'",),
)
def malformed_apostrophe(body: Body) -> Iterator[Found]:
    r"""Another character, or two, in place of an apostrophe, as in `the editor´s note`.

    An accent, a prime or an opening quotation mark looks like an apostrophe in print. A search for the word does not find
    it, and programs cut the word in two.

    Bad [source=plain-text]: The editor´s note and the reader`s letter.
    Bad [source=plain-text]: The writer‘s page, the printer′s ink, the binder’’s glue.
    Bad [source=plain-text]: They were famous in the ‘90s.
    Good [source=plain-text]: The editor’s note, 5′ long, was read in Hawai‘i.
    Good [source=plain-text]: The ‘editor’ is a program, and says ‘yes’.

    Does not handle: other scripts than Latin; a mark at the end of a word (`the states´ joint note`), which may close a
    quotation; a mark within a quotation that opens with a single mark; words with such a mark that are no contraction, no
    possessive and no name (`ma´am`); a double quotation mark, see quote-for-apostrophe.

    Next: read each in its sentence, then repair with --unsafe.
    """
    if not _speaks(body):
        return
    prose = _prose(body)
    marks = has_too_many(prose, _NAMES)
    if marks:
        yield _no_prose(body, marks, "".join(_NAMES))
        return
    style = None
    for text, offsets, _ in paragraphs(prose):
        for match in _MALFORMED.finditer(text):
            if not _is_malformed(text, match):
                continue
            style = style or _apostrophe_style(body)
            first, last = (
                offsets + at if isinstance(offsets, int) else offsets[at] for at in (match.start(), match.end() - 1)
            )
            span = Span(first, _mark_span(body, last).end)
            yield Found(
                span,
                f"in {_word_around(body.masked, span.start, span.end)} {_NAMES[match[0]]} is used as an apostrophe",
                Fix(
                    Applicability.UNSAFE,
                    f"put an apostrophe ({style})",
                    (Edit(span.start, span.end, _written(body, span, style)),),
                ),
            )


def _is_malformed(text: str, match: re.Match[str]) -> bool:
    """Whether a mark that `_MALFORMED` finds can be nothing but an apostrophe."""
    at, end, mark = match.start(), match.end(), match[0]
    word = _LAST_WORD.search(text, max(0, at - 40), at)
    if word is None:
        return _is_elision(text, at)
    if word[0].endswith("Â"):
        return False  # a piece of UTF-8 that was read as cp1252, of which mojibake speaks
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


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE, triggers=(_DOUBLE,))
def stray_quote(body: Body) -> Iterator[Found]:
    r"""A double quotation mark that neither opens nor closes anything.

    A quotation has lost its beginning or its end, so nobody can say what was quoted.

    Bad [source=plain-text]: They said “one thing” -2021" and left.
    Good [source=plain-text]: They said “one thing” and left.

    Does not handle: single quotation marks; a quotation that stays open at the end of a paragraph, which speech that goes on
    in the next one does; ditto marks.

    Next: find the mark's other half in the printed article; take the mark out if there is none.
    """
    if not _speaks(body):
        return
    for labelled in label(_prose(body)):
        if labelled.label == STRAY:
            span = _mark_span(body, labelled.offset)
            yield Found(
                span,
                "this quotation mark has no other half",
                Fix(Applicability.UNSAFE, "take the mark out", (Edit(span.start, span.end, ""),)),
            )


_DOUBLES = re.compile('["“”]')
_SINGLES = re.compile(r"(?<=\w)['’](?=\w)|(?<=s)['’](?=\s)|(?<!\w)‘(?=\w)")


@rule(severity=Severity.INFO, applicability=Applicability.UNSAFE, triggers=(_signs("\"'"), _signs("‘’“”")))
def mixed_quotes(body: Body) -> Iterator[Found]:
    r"""Curly and straight marks of one kind in the same article.

    Nothing is wrong with either; both in one text usually mean that two texts were joined or one was edited by hand. The
    marks that are not the source's own are reported, or the rarer ones where it names none.

    Bad [source=plain-text]: The editor's note, the reader's letter and the archive’s answer.
    Good [source=plain-text]: The editor’s note and the archive’s “answer”.

    Does not handle: a whole text in the other style, which is nobody's business here.

    Next: nothing has to be done; see whether a passage was put in from elsewhere.
    """
    doubles = (
        STRAIGHT in body.masked and (OPENING in body.masked or CLOSING in body.masked) and bool(label(_prose(body)))
    )
    singles = "'" in body.masked and ("’" in body.masked or "‘" in body.masked)
    if not (doubles or singles) or not _speaks(body):
        return
    found: list[tuple[int, str]] = []
    labels: dict[int, int] = {}
    if doubles:
        labels = {each.offset: each.label for each in label(_prose(body))}
    for pattern, straight, both in ((_DOUBLES, STRAIGHT, doubles), (_SINGLES, "'", singles)):
        if not both:
            continue
        marks = [
            (match.start(), match[0])
            for match in pattern.finditer(body.masked)
            # An inch mark is no quotation mark, and of a stray one nobody knows which half it is.
            if (match[0] != STRAIGHT or labels.get(match.start()) in (OPEN, CLOSE))
            and not is_misread(body.masked, match.start())
        ]
        curly = [mark for mark in marks if mark[1] != straight]
        if not curly or len(curly) == len(marks):
            continue
        expected = body.policy.quotes
        if expected == "auto":
            expected = "curly" if 2 * len(curly) > len(marks) else "straight"
        found.extend(mark for mark in marks if (mark[1] == straight) == (expected == "curly"))
    for offset, mark in sorted(found):
        span = _mark_span(body, offset)
        if mark in "\"'":
            double = OPENING if labels.get(offset) == OPEN else CLOSING
            replacement = "’" if mark == "'" else double
            message = f"a straight {mark} among curly marks"
        else:
            replacement = "'" if mark in "‘’" else '"'
            message = f"a curly {mark} among straight marks"
        yield Found(
            span,
            message,
            Fix(Applicability.UNSAFE, f"make it {replacement}", (Edit(span.start, span.end, replacement),)),
        )
