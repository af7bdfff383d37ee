"""Rules about quotation marks in Latin script: a least-cost labelling says of each double quote what it is.

Every `"` of a paragraph is an opening mark, a closing mark, an apostrophe, an inch mark, or stray. Each label has a cost from
the characters and words beside the mark; opening and closing must alternate, and a quotation that is still open where a
paragraph ends, or is carried over into the next, costs something too. Dynamic programming finds the cheapest labelling and,
for each mark, how much dearer the cheapest one is in which it is something else: a wide margin is sure, a narrow one is left
alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from validator.findings import Applicability, Edit, Fix, Severity
from validator.markup import GONE
from validator.rules.registry import rule
from validator.text import Span, stands_in_look_alike
from validator.views import Found

if TYPE_CHECKING:
    from validator.views import Body

STRAIGHT, OPENING, CLOSING, LOW = '"', "“", "”", "„"
_MARKS = re.compile('["“”„]')
_ROW = re.compile('["“”„]+')
_LETTER_MARKS = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])")
NEVER = 1000.0
SURE = 6.0  # margin from which a mark is an apostrophe without asking
LIKELY = 2.0  # … and from which it is proposed

# Labels of a mark.
OPEN, CLOSE, APOSTROPHE, INCH, STRAY = range(5)

_CONTRACTION = re.compile(r"(?:s|re|ve|ll|d|m|t)(?![^\W_])", re.IGNORECASE)
_PREFIX = re.compile(r"(?<![^\W_])(?:o|d|l|ma|mc|y|ne|qu)\Z", re.IGNORECASE)
_LITERAL = re.compile(r"(?<!\w)(?:[bfru]|[bf]r|r[bf])\Z", re.IGNORECASE)  # before a text in many programming languages
_PRONOUN = re.compile(r"(?<!\w)(?:It|That|He|She|What|There|Here|Who|Let|How|Where|This|Today|I|One)\Z")
_QUOTED_WORD = re.compile(r"(?<!\w)[\"“”„][^\s\"“”„]{1,40}\Z")
_QUOTED_PHRASE = re.compile(r"(?<!\w)[\"“”„][^\W_][^\s\"“”„.,;:!?]{0,30}(?: [^\s\"“”„.,;:!?]{1,30}){0,3}\Z")
_NUMBER = re.compile(r"(?<![\d.,])(?P<whole>\d{1,4})(?:[.,]\d{1,3})?\Z")
_YEARS = re.compile(r"(?<!\d)(?:1[0-9]|20)\d0\Z")


@lru_cache(maxsize=2)  # the rules of this module ask one after the other
def is_latin(masked: str) -> bool:
    """Whether nearly all letters of a text are Latin ones; judged by its first 20,000 letters."""
    letters = latin = 0
    for character in masked:
        if character.isalpha():
            letters += 1
            latin += character < "\u0250" or "\u1e00" <= character < "\u1f00"
            if letters == 20_000:
                break
    return letters > 0 and latin >= 0.9 * letters


def _speaks(body: Body) -> bool:
    script = body.policy.script
    return script == "latin" or (script == "auto" and is_latin(body.masked))


@dataclass(frozen=True, slots=True)
class Labelled:
    """One mark: where it stands, its label in the cheapest labelling, how far it is from being (or not) an apostrophe.

    `price` is what the label costs. At the end of a paragraph stands one with the label -1.
    """

    offset: int
    label: int
    margin: float
    price: float


def _costs(text: str, at: int) -> tuple[float, float, float, float, float]:
    """What each label of the mark at `at` costs. `text` is a paragraph, inline markup taken out."""
    mark = text[at]
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    blank_before, blank_after = before.isspace(), after.isspace()
    word_before, word_after = before.isalnum(), after.isalnum()
    if mark in (OPENING, LOW):
        # German closes with the mark that English opens with.
        ends = mark == OPENING and not blank_before and before not in "([{" and not word_after
        return 0.0, 3.0 if ends else NEVER, NEVER, NEVER, 12.0

    if blank_before:
        opens = 0.0 if not blank_after else 7.0
    elif before in "([{<-—–/‘'“„=>*_…":
        opens = 0.5 if not blank_after else 8.0
    elif word_before:
        opens = 3.0 if _LITERAL.search(text, max(0, at - 3), at) and not blank_after else 9.0
    else:
        opens = 3.0 if before in ",:;" and word_after else 6.0
    if blank_before or before in "([{":
        closes = 9.0 if word_after else 7.0
    elif blank_after or after in ".,;:!?)]}-—–/'’”…<*_":
        closes = 0.0
    elif word_after:
        closes = 7.0 if before in "-—–/=>*_" else 4.0
    else:
        closes = 2.0
    apostrophe = NEVER
    if before.isalpha() and after.isalpha():
        opens, closes, apostrophe = _between_letters(text, at, opens, closes)
    elif before.isdigit() and after in "sS" and not text[at + 2 : at + 3].isalnum():
        apostrophe = 1.0 if _YEARS.search(text, max(0, at - 5), at) else 7.0
    inch = NEVER
    if before.isdigit() or before in "½¼¾":
        inch = _inch(text, at)
        if inch < 1.0 and not blank_after:
            closes += 0.0 if after in ".,;:!?)]}" else 2.0
        elif inch < 1.0:
            closes += 3.0
    if mark == CLOSING:
        # Swedish and Finnish open with the mark that closes; a curly mark is an apostrophe less often than a straight one.
        opens = opens + 2.0 if not word_before and not blank_after else NEVER
        return opens, closes, apostrophe + 2.0, inch + 1.0, 12.0
    return opens, closes, apostrophe, inch, 9.0


def _between_letters(text: str, at: int, opens: float, closes: float) -> tuple[float, float, float]:
    """What a mark between two letters costs as an opening one, a closing one, and an apostrophe."""
    contraction = _CONTRACTION.match(text, at + 1)
    if contraction is None:
        return opens, closes, 1.5 if _PREFIX.search(text, max(0, at - 3), at) else 8.0
    ending = contraction[0].lower()
    if ending == "t" and text[at - 1] not in "nN":
        return opens, closes, 6.0
    if opens == 9.0 and not _MARKS.match(text, contraction.end()):
        opens = 14.0  # no quotation begins inside a word, and with 's
    if ending not in ("s", "d"):
        return opens, 2 * closes, 0.5  # nothing that is quoted goes on with 're or 'll
    if not _QUOTED_WORD.search(text, max(0, at - 42), at):
        return opens, closes, 0.5
    if _PRONOUN.search(text, max(0, at - 6), at):
        return opens, 3.0, 1.0  # "It"s late," she said
    return opens, 1.0, 3.5  # four "um"s


def _inch(text: str, at: int) -> float:
    """What it costs that a mark after a digit stands for inches or arc seconds."""
    if text[at - 1] in "½¼¾":
        return 0.5
    number = _NUMBER.search(text, max(0, at - 9), at)
    if number is None or len(number["whole"]) == 4:
        return 14.0
    if len(number["whole"]) == 3:
        return 4.0
    return 0.5


# From what depth of quotation a label leads to what depth.
_STEPS = (
    (OPEN, 0, 1), (OPEN, 1, 2), (CLOSE, 1, 0), (CLOSE, 2, 1), (APOSTROPHE, 0, 0), (APOSTROPHE, 1, 1), (APOSTROPHE, 2, 2),
    (INCH, 0, 0), (INCH, 1, 1), (INCH, 2, 2), (STRAY, 0, 0), (STRAY, 1, 1), (STRAY, 2, 2),
)  # fmt: skip
NESTED = 6.0  # a quotation in a quotation has other marks, as a rule
LEFT_OPEN = 7.0  # a paragraph ends and its quotation has no end
CONTINUED = 1.6  # … which speech over several paragraphs has not, each of which begins with a mark
CARRIED = 5.0  # a quotation goes on in the next paragraph, which does not begin with a mark
STRAIN = 6.0  # what the quotation marks of a paragraph may cost before its apostrophes are doubted
WRAPPED = 0.5  # … or on the next line of a paragraph that was wrapped by hand

LONGEST_ROW = 3  # of marks side by side; a longer one is an ornament or a table, and quotes nothing
AT_ONCE = 50_000  # events, so that the memory a hostile text takes is bounded; no article has so many

Step = tuple[int, int, int, float]  # label, depth before, depth after, price
Event = tuple[int, tuple[Step, ...]]  # a mark's offset, or -1 for the end of a paragraph, and where it may lead


@lru_cache(maxsize=1024)  # there are few different ones, and a hostile text has millions of marks
def _mark_steps(cost: tuple[float, float, float, float, float]) -> tuple[Step, ...]:
    return tuple(
        (label, start, stop, cost[label] + (NESTED if start == 1 and stop == 2 else 0.0))
        for label, start, stop in _STEPS
        if cost[label] < NEVER
    )


@lru_cache(maxsize=16)
def _break_steps(left_open: float, carried: float) -> tuple[Step, ...]:
    """Steps from one paragraph into the next; their label is -1."""
    return (
        (-1, 0, 0, 0.0), (-1, 1, 0, left_open), (-1, 2, 0, left_open + NESTED), (-1, 1, 1, carried), (-1, 2, 2, carried),
    )  # fmt: skip


def _labelled(events: list[Event]) -> Iterator[Labelled]:
    """The cheapest labelling of a text's events: marks with their offsets, and breaks between paragraphs.

    Of two that cost the same, the one that ends a quotation early: what is stray comes later.
    """
    # The least is taken off all prices as they add up, so that the last of a million marks is weighed as finely as the first.
    ahead = [[0.0, NEVER, NEVER]]
    for _, steps in reversed(events):
        reached = [NEVER * 9] * 3
        for _, start, stop, price in steps:
            reached[start] = min(reached[start], price + ahead[-1][stop])
        least = min(reached)
        ahead.append([price - least for price in reached])
    behind, depth = [0.0, NEVER, NEVER], 0
    for offset, steps in events:
        ahead.pop()
        reached, best = [NEVER * 9] * 3, [NEVER * 9] * 5
        cheapest, taken = NEVER * 9, steps[0]
        for step in steps:
            label, start, stop, price = step
            reached[stop] = min(reached[stop], behind[start] + price)
            price += ahead[-1][stop]
            if start == depth and price < cheapest - 1e-6:
                cheapest, taken = price, step
            if label >= 0:
                best[label] = min(best[label], behind[start] + price)
        depth = taken[2]
        least = min(reached)
        behind = [price - least for price in reached]
        label, price = taken[0], taken[3]
        if label == STRAY and best[OPEN] < best[STRAY] + 1e-6:
            label = OPEN  # what may as well open a quotation that then lost its end is not stray
        others = min(price for other, price in enumerate(best) if other != APOSTROPHE)
        yield Labelled(offset, label, others - best[APOSTROPHE], price)


def _doubted(paragraph: list[Labelled], closing: set[int]) -> Iterator[Labelled]:
    """The marks of a paragraph. Where its quotations do not come out in pairs, an apostrophe that may close one is doubted.

    `closing` are the offsets of those: `"Over recent months "it has"s become clear," the note says.`
    """
    strained = sum(each.price for each in paragraph if each.label != APOSTROPHE) >= STRAIN
    for each in paragraph:
        if strained and each.label == APOSTROPHE and each.offset in closing:
            yield Labelled(each.offset, each.label, min(each.margin, LIKELY / 2), each.price)
        elif each.label >= 0:
            yield each


def _paragraphs(masked: str) -> Iterator[tuple[str, list[int] | int, int]]:
    """The paragraphs of a mask that are not blank: their text without inline markup, and the offset of each character.

    The offsets are one number, of the first character, where no markup was taken out. Last comes where the line ends.
    """
    at = 0
    while at < len(masked):
        end = masked.find("\n", at)
        end = len(masked) if end < 0 else end
        paragraph = masked[at:end]
        if GONE in paragraph:
            offsets = [at + index for index, character in enumerate(paragraph) if character != GONE]
            paragraph = paragraph.replace(GONE, "")
            if paragraph.strip():
                yield paragraph, offsets, end
        elif paragraph.strip():
            yield paragraph, at, end
        at = end + 1


def _break(before: str, after: str, lines: int) -> tuple[float, float]:
    """What it costs to leave a quotation open between two paragraphs `lines` lines apart, and to carry it over."""
    before, after = before.strip(), after.lstrip()
    if after[0] in '"“”„':
        continued = before[0] in '"“”„'
        return CONTINUED if continued else (CONTINUED + LEFT_OPEN) / 2, CARRIED
    in_sentence = before[-1] not in '.!?:…"”)'
    if in_sentence and (after[0].islower() or (lines == 1 and len(before) >= 40)):
        return LEFT_OPEN, WRAPPED
    return LEFT_OPEN, CARRIED


def _is_misread(text: str, at: int) -> bool:
    """Whether a curly mark is a piece of UTF-8 that was read as cp1252, of which mojibake speaks: a dash has one there."""
    return text[at] != STRAIGHT and (text[max(0, at - 2) : at] == "â€" or stands_in_look_alike(text, at))


@lru_cache(maxsize=2)
def label(masked: str) -> tuple[Labelled, ...]:
    """Label every double quotation mark of a mask."""
    if not _MARKS.search(masked):
        return ()
    marks: list[Labelled] = []
    events: list[Event] = []
    closing: set[int] = set()
    previous: tuple[str, int] | None = None
    for text, offsets, end in _paragraphs(masked):
        if previous is not None and events:
            start = offsets if isinstance(offsets, int) else offsets[0]
            events.append((-1, _break_steps(*_break(previous[0], text, start - previous[1]))))
        for at in _places(text):
            offset = offsets + at if isinstance(offsets, int) else offsets[at]
            events.append((offset, _mark_steps(_costs(text, at))))
            if text[at + 1 : at + 2] in ("s", "S", "d", "D") and _QUOTED_PHRASE.search(text, max(0, at - 60), at):
                closing.add(offset)
            if len(events) >= AT_ONCE:
                marks.extend(_marks_of(events, closing))
                events, closing = [], set()
        previous = text, end
    marks.extend(_marks_of(events, closing))
    return tuple(marks)


def _places(paragraph: str) -> Iterator[int]:
    """Where the marks of a paragraph stand that may be quotation marks: not rows of them, nor pieces of misread text."""
    for match in _ROW.finditer(paragraph):
        if match.end() - match.start() <= LONGEST_ROW:
            yield from (at for at in range(*match.span()) if not _is_misread(paragraph, at))


def _marks_of(events: list[Event], closing: set[int]) -> Iterator[Labelled]:
    """The marks among the events of a text, labelled."""
    paragraph: list[Labelled] = []
    for each in _labelled([*events, (-1, _break_steps(LEFT_OPEN, LEFT_OPEN))]):
        paragraph.append(each)
        if each.label < 0:
            yield from _doubted(paragraph, closing)
            paragraph = []


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


@rule(severity=Severity.ERROR, applicability=Applicability.SAFE, replaces='"”')
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
    or at its beginning, where it may as well be a quotation mark; a word in quotation marks that has the mark before its
    last letter (`the "editor"s note`), unless the marks around it leave no other reading.

    Next: let the sure ones be repaired; read the proposed ones in their sentence.
    """
    if not _speaks(body):
        return
    style = None
    for labelled in label(body.masked):
        if labelled.label != APOSTROPHE or labelled.margin < LIKELY:
            continue
        style = style or _apostrophe_style(body)
        span = _mark_span(body, labelled.offset)
        in_headline = body.headline is not None and body.headline.holds(span)
        plain = span.end - span.start == 1 and not (in_headline and body.quoted_scalar not in (None, "plain"))
        sure = labelled.margin >= SURE and plain
        replacement = style
        if in_headline and body.quoted_scalar == "single" and style == "'":
            replacement = "''"
        word = _word_around(body.masked, labelled.offset)
        yield Found(
            span,
            f"in {word} a quotation mark stands where an apostrophe belongs",
            Fix(
                Applicability.SAFE if sure else Applicability.UNSAFE,
                f"put an apostrophe ({style})",
                (Edit(span.start, span.end, replacement),),
            ),
        )


def _word_around(masked: str, offset: int) -> str:
    start = offset
    while start > 0 and offset - start < 30 and (masked[start - 1].isalnum() or masked[start - 1] == GONE):
        start -= 1
    end = offset + 1
    while end < len(masked) and end - offset < 30 and (masked[end].isalnum() or masked[end] == GONE):
        end += 1
    return masked[start:end].replace(GONE, "")


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE)
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
    for labelled in label(body.masked):
        if labelled.label == STRAY:
            span = _mark_span(body, labelled.offset)
            yield Found(
                span,
                "this quotation mark has no other half",
                Fix(Applicability.UNSAFE, "take the mark out", (Edit(span.start, span.end, ""),)),
            )


_DOUBLES = re.compile('["“”]')
_SINGLES = re.compile(r"(?<=\w)['’](?=\w)|(?<=s)['’](?=\s)|(?<!\w)‘(?=\w)")


@rule(severity=Severity.INFO, applicability=Applicability.UNSAFE)
def mixed_quotes(body: Body) -> Iterator[Found]:
    r"""Curly and straight marks of one kind in the same article.

    Nothing is wrong with either; both in one text usually mean that two texts were joined or one was edited by hand. The
    marks that are not the source's own are reported, or the rarer ones where it names none.

    Bad [source=plain-text]: The editor's note, the reader's letter and the archive’s answer.
    Good [source=plain-text]: The editor’s note and the archive’s “answer”.

    Does not handle: a whole text in the other style, which is nobody's business here.

    Next: nothing has to be done; see whether a passage was put in from elsewhere.
    """
    if not _speaks(body):
        return
    found: list[tuple[int, str]] = []
    labels: dict[int, int] = {}
    if STRAIGHT in body.masked and ("“" in body.masked or "”" in body.masked):
        labels = {each.offset: each.label for each in label(body.masked)}
    for pattern, straight in ((_DOUBLES, STRAIGHT), (_SINGLES, "'")):
        marks = [
            (match.start(), match[0])
            for match in pattern.finditer(body.masked)
            # An inch mark is no quotation mark, and of a stray one nobody knows which half it is.
            if (match[0] != STRAIGHT or labels.get(match.start()) in (OPEN, CLOSE))
            and not _is_misread(body.masked, match.start())
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
