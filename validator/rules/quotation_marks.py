"""Labels for the double quotation marks of an article: the cheapest labelling of all marks in all paragraphs.

Opening and closing marks must alternate. A quotation that is still open at the end of a paragraph, or goes on in the next one,
costs extra. Dynamic programming finds the cheapest labelling and the margin of each mark: how much more the best labelling
costs in which the mark is not an apostrophe. A wide margin is sure, a narrow one is left alone. Sure apostrophes make doubtful
ones likelier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from validator.parsing.markup import GONE
from validator.parsing.misread import is_in_misread_utf8
from validator.rules.quotation_costs import (
    APOSTROPHE,
    BREAK,
    CLOSE,
    CONTRACTION,
    CONTRACTS,
    FEW_WORDS,
    INCH,
    LEFT_OPEN,
    LIKELY,
    NESTED,
    NEVER,
    OBJECT,
    OPEN,
    OWNS_NOTHING,
    QUOTED_NAME,
    STRAIGHT,
    STRAIN,
    STRAY,
    SURE,
    Prices,
    cost_of_inch,
    costs_of_break,
    costs_of_mark,
    is_doubtful,
    is_negated,
    may_be_name,
    may_close,
    never_ends,
)
from validator.text.patterns import late

if TYPE_CHECKING:
    from validator.rules.views import Body

DOUBLE_MARKS = '"“”„'
_ANY_MARK = re.compile("[\"“”„´`‘‛′＇’']")
_ROW = late('["“”„]["“”„]*+')
_LONGEST_ROW = 3  # marks side by side; a longer row is an ornament or a table
# A text may have so many marks, or one in so many characters. One with more is a table, a list or code.
_MANY_MARKS, _CHARACTERS_A_MARK, _MOST_MARKS = 5_000, 50, 100_000


class Mark(NamedTuple):
    """A labelled mark: its offset, its label, how far it is from being (or not being) an apostrophe, and the label's price.

    `state` is the state after it, `text` its paragraph and `at` its place there. A break between two paragraphs counts as a
    mark with the label BREAK.
    """

    offset: int
    label: int
    margin: float
    price: float
    state: int
    text: str
    at: int


class Quotations(NamedTuple):
    """An article and its double quotation marks. `prose` and `marks` are empty where the article is not in Latin script.

    `marks` is also empty where all marks are surely halves of pairs: then no rule has anything to say of them.
    `prose` is the article's mask, except that an address or code within a line does not end the paragraph: its first
    character is OBJECT, the others are GONE. So the mark beside it is not cut off from its other half.
    """

    body: Body
    prose: str
    marks: tuple[Mark, ...]


def quotations_of(body: Body) -> Quotations:
    """The view that the rules about quotation marks look at."""
    script = body.policy.script
    is_of_concern = script in ("latin", "auto") and _ANY_MARK.search(body.masked) is not None
    if not is_of_concern or (script == "auto" and not _is_latin(body.masked)):
        return Quotations(body, "", ())
    prose = body.masked if body.masked == body.text else _with_objects(body.text, body.masked)
    return Quotations(body, prose, () if _ONLY_PAIRS.match(prose) else label(prose))


# A text in which every straight mark can only open or only close a quotation, and each quotation is closed in its paragraph.
# Any other label would cost more, so labelling it could find nothing; in English news that took a third of a check. A mark
# after a sentence may open speech again that is still open, as where paragraphs were joined.
_NO_MARK = '[^"“”„\n]*+'
_SURELY_OPENS = r'(?<!\S)"(?=[^\W_])'
_OPENS_AGAIN = r'(?<=[.!?…:,;][ \xa0])"(?=[A-Z0-9])'
_SURELY_CLOSES = r'(?<=[^\W\d_]|[.,!?%)])"(?![^\s.,;:!?)\'–—-])'
_PAIR = rf"{_SURELY_OPENS}(?:{_NO_MARK}{_OPENS_AGAIN})*+{_NO_MARK}{_SURELY_CLOSES}"
_ONLY_PAIRS = late(rf"(?:{_NO_MARK}(?:{_PAIR}{_NO_MARK})*+\n*+)*+\Z")


# --- the prose --------------------------------------------------------------------------------------------------------

# A class in front is looked for faster than a run of it.
_NOT_LATIN = late("[^\x00-\u024f\u1e00-\u1eff][^\x00-\u024f\u1e00-\u1eff]*+")
_HAN = late("[\u4e00-\u9fff][\u4e00-\u9fff]*+")
_WORD = late(r"[^\W\d_][^\W\d_]*+")
_LETTERS = 20_000


def _is_latin(masked: str) -> bool:
    """Whether at least 90 percent of the first 20,000 letters are Latin."""
    if masked.isascii():
        return next(_letters(masked), "") != ""
    most = min(len(masked) - sum(map(masked.count, "\n\0 ")), _LETTERS)
    han = 0
    for run in _HAN.finditer(masked, 0, _LETTERS):
        han += run.end() - run.start()
        if 10 * han > most:
            return False
    if not any(map(str.isalpha, "".join(_NOT_LATIN.findall(masked)))):
        return next(_letters(masked), "") != ""
    letters = "".join(islice(_letters(masked), _LETTERS))[:_LETTERS]
    others = sum(map(len, _NOT_LATIN.findall(letters)))
    return letters != "" and len(letters) - others >= 0.9 * len(letters)


def _letters(text: str) -> Iterator[str]:
    """The letters of a text, in pieces: looking at one character after the other would take ten times as long."""
    for word in _WORD.finditer(text):  # a number such as ½ is no letter
        letters = word[0] if word[0].isalpha() else "".join(filter(str.isalpha, word[0]))
        if letters:
            yield letters


_MASKED = late(r"\n\n*+")
_TAG_NAME = late(r"</?([A-Za-z][A-Za-z0-9]*)|<")
_WITHIN_LINES = frozenset(
    """
    audio button canvas embed img input math meter object picture progress script select source style svg template textarea
    track video http https ftp mailto
    """.split()  # noqa: SIM905
)
_BLOCK_MARKER = late(r"(?:[^\w`]|_)*+(?:\d++[.)])?+(?:[^\w`]|_)*+")  # of Markdown: # > - 1.


def _with_objects(text: str, masked: str) -> str:
    def with_object(match: re.Match[str]) -> str:
        start, end = match.span()
        if start == 0 or end == len(masked) or text.startswith(match[0], start):
            return match[0]
        first, *others = text[start:end].replace("\r", "\n").split("\n")
        last = others[-1] if others else ""
        return _object(first) + "\n" * (end - start - len(first) - len(last)) + _object(last)

    return _MASKED.sub(with_object, masked)


def _object(line: str) -> str:
    """What takes the place of a masked part of a line: an object if no paragraph ends there, otherwise line ends."""
    if not line or _BLOCK_MARKER.fullmatch(line):
        return "\n" * len(line)
    is_within_line = "<" not in line or all(name.lower() in _WITHIN_LINES for name in _TAG_NAME.findall(line))
    return OBJECT + GONE * (len(line) - 1) if is_within_line else "\n" * len(line)


# What no reader sees between two letters: inline markup, an accent that is a character of its own, an invisible character.
UNSEEN = f"[{GONE}\u0300-\u036f\u00ad\u200b\u2060\ufeff]"
_UNSEEN = late(UNSEEN)


class Paragraph:
    """A line of prose that is not blank. `text` is the line without inline markup, and without accents of their own."""

    def __init__(self, line: str, start: int) -> None:
        self.text = line.replace(GONE, "") if line.isascii() else _UNSEEN.sub("", line)
        self.start = start
        self.end = start + len(line)
        self._line = line

    @cached_property
    def _places(self) -> list[int]:
        return [at for at, character in enumerate(self._line, self.start) if not _UNSEEN.match(character)]

    def place(self, at: int) -> int:
        """The offset in the prose of a character of `text`."""
        if len(self.text) == len(self._line):
            return self.start + at
        if at:
            return self._places[at]
        return next(place for place, character in enumerate(self._line, self.start) if not _UNSEEN.match(character))


_LINE = re.compile(r"[^\n][^\n]*+")


def paragraphs(prose: str) -> Iterator[Paragraph]:
    """The paragraphs of a prose."""
    for line in _LINE.finditer(prose):
        paragraph = Paragraph(line[0], line.start())
        if paragraph.text and not paragraph.text.isspace():
            yield paragraph


def is_misread(text: str, at: int) -> bool:
    """Whether a curly mark is a piece of UTF-8 that was read as cp1252, which the rule mojibake reports."""
    return text[at] != STRAIGHT and (text[max(0, at - 2) : at] == "â€" or is_in_misread_utf8(text, at))


def too_many_marks(prose: str, kinds: Iterable[str]) -> int:
    """How many marks of some kinds a text has, if it has more than prose does; otherwise 0."""
    marks = sum(map(prose.count, kinds))
    return marks if marks > min(_MOST_MARKS, max(_MANY_MARKS, len(prose) // _CHARACTERS_A_MARK)) else 0


# --- the cheapest labelling -------------------------------------------------------------------------------------------


def label(prose: str) -> tuple[Mark, ...]:
    """Every double quotation mark of a text, labelled. Empty for a text with too many marks.

    Sure apostrophes make doubtful ones likelier, so a text that has some is labelled again.
    """
    if not any(mark in prose for mark in DOUBLE_MARKS) or too_many_marks(prose, DOUBLE_MARKS):
        return ()
    marks = tuple(_labels(prose, 0))
    sure = sum(each.label == APOSTROPHE and each.margin >= SURE for each in marks)
    if sure:
        return tuple(_labels(prose, min(sure, 2)))
    if all(each.price < STRAIN for each in marks):
        return marks
    return _supposed(prose) or marks


def _supposed(prose: str) -> tuple[Mark, ...]:
    """The marks of a text without a sure apostrophe whose quotations are pairs only if several plurals have one.

    None of these apostrophes is sure. Empty if the quotations are not pairs even then.
    """
    marks = tuple(_labels(prose, 1))
    labels = {each.label for each in marks}
    plurals = sum(
        each.label == APOSTROPHE and each.margin >= SURE and not prose[each.offset + 1 : each.offset + 2].isalnum()
        for each in marks
    )
    if plurals < 2 or STRAY in labels or CLOSE not in labels:
        return ()
    return tuple(each._replace(margin=min(each.margin, _DOUBTED)) for each in marks)


# A mark before it is labelled: its offset, its prices, its paragraph and its place there. A break has line ends for a paragraph.
_Event = tuple[int, Prices, str, int]


def _labels(prose: str, evidence: int) -> Iterator[Mark]:
    events: list[_Event] = []
    previous: Paragraph | None = None
    for paragraph in paragraphs(prose):
        if previous is not None and events:
            lines = paragraph.place(0) - previous.end
            events.append((-1, costs_of_break(previous.text, paragraph.text, lines), "\n" * min(2, lines), 0))
        last = -1
        for at in _marks_in(paragraph.text):
            events.append((paragraph.place(at), costs_of_mark(paragraph.text, at, last, evidence), paragraph.text, at))
            last = at
        previous = paragraph
    events.append((-1, Prices(apart=0.0, left_open=LEFT_OPEN, carried=LEFT_OPEN), "", 0))
    return _guarded(tuple(_cheapest(events)), evidence)


def _marks_in(paragraph: str) -> list[int]:
    """The places of a paragraph's marks that may be quotation marks: no long rows, no pieces of misread text."""
    if STRAIGHT not in paragraph and paragraph.isascii():
        return []
    rows = [row.span() for row in _ROW.finditer(paragraph)]
    places = [at for start, end in rows if end - start <= _LONGEST_ROW for at in range(start, end)]
    return [at for at in places if paragraph[at] == STRAIGHT or not is_misread(paragraph, at)]


# States between marks: outside of quotations; in speech, which is whole sentences; in words quoted within a sentence; in a
# quotation within another.
OUTSIDE, SPEECH, WORDS, INNER = range(4)
# Label, state before, state after, the field of its price, and what is added to it.
_STEPS = (
    (OPEN, OUTSIDE, SPEECH, "speech_opens", 0.0),
    (OPEN, OUTSIDE, WORDS, "words_open", 0.0),
    (OPEN, SPEECH, SPEECH, "opens_again", 0.0),
    (OPEN, SPEECH, INNER, "words_open", NESTED),
    (OPEN, WORDS, INNER, "words_open", NESTED),
    (CLOSE, SPEECH, OUTSIDE, "speech_ends", 0.0),
    (CLOSE, WORDS, OUTSIDE, "words_end", 0.0),
    (CLOSE, INNER, SPEECH, "words_end", 0.0),
    *((APOSTROPHE, state, state, "apostrophe", 0.0) for state in range(4)),
    *((INCH, state, state, "inch", 0.0) for state in range(4)),
    *((STRAY, state, state, "stray", 0.0) for state in range(4)),
    (BREAK, OUTSIDE, OUTSIDE, "apart", 0.0),
    *((BREAK, state, OUTSIDE, "left_open", NESTED if state == INNER else 0.0) for state in (SPEECH, WORDS, INNER)),
    *((BREAK, state, state, "carried", 0.0) for state in (SPEECH, WORDS, INNER)),
)
_States = tuple[float, float, float, float]  # what it costs to be in each, the cheapest being 0
_BEGINNING: _States = (0.0, NEVER, NEVER, NEVER)
_ANSWERS = 4096  # remembered: in most texts, the same few marks follow the same few marks


@lru_cache(_ANSWERS)
def _steps(prices: Prices) -> tuple[tuple[int, int, int, float], ...]:
    """Where a mark may lead: label, state before, state after, price."""
    return tuple(
        (label, start, stop, price + more + (prices.within_words if start == WORDS else 0.0))
        for label, start, stop, field, more in _STEPS
        if (price := getattr(prices, field)) < NEVER
    )


def _cheapest(events: Sequence[_Event]) -> Iterator[Mark]:
    """The cheapest labelling. Of two that cost the same, the one that ends a quotation earlier."""
    ahead = [_BEGINNING]
    for _, prices, _, _ in reversed(events):
        ahead.append(_before(prices, ahead[-1]))
    behind, state = _BEGINNING, OUTSIDE
    for offset, prices, text, at in events:
        ahead.pop()
        behind, state, label, margin, price = _taken(prices, behind, ahead[-1], state)
        yield Mark(offset, label, margin, price, state, text, at)


def _from_least(costs: Sequence[float]) -> _States:
    """Costs with the least taken off, so that the last of a million marks is weighed as finely as the first."""
    least = min(costs)
    one, two, three, four = costs
    return one - least, two - least, three - least, four - least


@lru_cache(_ANSWERS)
def _before(prices: Prices, ahead: _States) -> _States:
    """What the cheapest way on costs from each state before a mark, by what it costs after it."""
    reached = [NEVER * 9] * 4
    for _, start, stop, price in _steps(prices):
        reached[start] = min(reached[start], price + ahead[stop])
    return _from_least(reached)


@lru_cache(_ANSWERS)
def _taken(prices: Prices, behind: _States, ahead: _States, state: int) -> tuple[_States, int, int, float, float]:
    """The cheapest step of a mark from a state: the costs behind it, the state, the label, its margin and its price."""
    steps = _steps(prices)
    reached, best = [NEVER * 9] * 4, [NEVER * 9] * 5
    cheapest, taken = NEVER * 9, steps[0]
    for step in steps:
        label, start, stop, price = step
        reached[stop] = min(reached[stop], behind[start] + price)
        onward = price + ahead[stop]
        if start == state and onward < cheapest - 1e-6:
            cheapest, taken = onward, step
        if label != BREAK:
            best[label] = min(best[label], behind[start] + onward)
    label, _, state, price = taken
    if label == STRAY and best[OPEN] < best[STRAY] + 1e-6:
        label = OPEN  # what may as well open a quotation that then lost its end is not stray
    others = min(best[OPEN], best[CLOSE], best[INCH], best[STRAY])
    return _from_least(reached), state, label, others - best[APOSTROPHE], price


# --- no repair leaves half a quotation --------------------------------------------------------------------------------

_DOUBTED = (LIKELY + SURE) / 2  # the margin of an apostrophe that is proposed
_NOT_ONE = LIKELY / 2  # … and of one that is left alone


def _halves(marks: Sequence[Mark]) -> tuple[set[int], set[int]]:
    """The marks, by index, that lost their other half; and those whose quotation opens again after them.

    The latter is speech over several paragraphs. A mark whose label contradicts the space beside it, and one that may as well
    stand for inches, is half of nothing.
    """
    lost: set[int] = set()
    resumed: set[int] = set()
    opened: list[int] = []
    state = OUTSIDE
    glued = -1  # the last apostrophe, by index, that may as well open a quotation
    for index, mark in enumerate(marks):
        if mark.label == APOSTROPHE and _may_be_glued(mark):
            glued = index
        if mark.label == OPEN and state == mark.state == SPEECH and opened:
            resumed.add(opened.pop())
        if mark.label == OPEN and _may_begin(mark):
            opened.append(index)
        elif mark.label in (OPEN, STRAY):
            lost.add(index)
        elif mark.label == CLOSE:
            if not opened or glued > opened[-1] or not _may_end(mark) or _may_be_inch(mark) or _may_be_glued(mark):
                lost.update((index, *opened[-1:]))
            opened[-1:] = []
        elif mark.label == BREAK and mark.state == OUTSIDE:
            (resumed if mark.price < LEFT_OPEN else lost).update(opened)
            opened.clear()
        state = mark.state
    lost.update(opened)
    return lost, resumed


def _guarded(marks: Sequence[Mark], evidence: int) -> Iterator[Mark]:
    """The marks without the breaks. No sure apostrophe among them may as well be the other half of a lost mark.

    Such are nine "I"s and the"T-14" tank.
    """
    if not any(mark.label == APOSTROPHE for mark in marks):
        yield from (mark for mark in marks if mark.label != BREAK)
        return
    lost, resumed = _halves(marks)
    following = -1  # the next mark that is not an apostrophe, by index, seen from the end
    closers: dict[int, Mark] = {}  # the lost mark that follows an apostrophe
    for index in range(len(marks) - 1, -1, -1):
        label = marks[index].label
        if label == APOSTROPHE and following in lost and _may_end(marks[following]):
            closers[index] = marks[following]
        elif label not in (BREAK, APOSTROPHE, INCH):
            following = index
    before = -1
    for index, mark in enumerate(marks):
        if mark.label == BREAK:
            before = before if mark.state != OUTSIDE or mark.text == "\n" else -1
            continue
        if mark.label == APOSTROPHE:
            most = _DOUBTED if is_doubtful(mark.text, mark.at) else NEVER
            if before in lost or before in resumed:
                most = min(most, _after_opening(mark, marks[before], before in resumed, evidence))
                before = -1 if most == _NOT_ONE else before  # which has found its other half
            if index in closers:
                most = min(most, _before_closing(mark, closers[index]))
            yield mark._replace(margin=min(most, mark.margin))
            continue
        before = before if mark.label == INCH else index
        yield mark


def _may_end(mark: Mark) -> bool:
    return mark.at > 0 and not mark.text[mark.at - 1].isspace()


def _may_begin(mark: Mark) -> bool:
    after = mark.text[mark.at + 1 : mark.at + 2]
    return not after.isspace() and after not in ".,;:!?)]}"  # "" is in it too


def _may_be_glued(mark: Mark) -> bool:
    """Whether a mark between letters or digits may open a quotation after a space that was lost."""
    text, at = mark.text, mark.at
    if not text[at - 1].isalnum() or not text[at + 1 : at + 2].isalnum():
        return False
    suffix = CONTRACTION.match(text, at + 1)
    owns_nothing = OWNS_NOTHING.search(text, max(0, at - 7), at)
    return suffix is None or owns_nothing is not None or may_be_name(text, at, suffix.end())


def _may_be_inch(mark: Mark) -> bool:
    text, at = mark.text, mark.at
    return text[at - 1].isdigit() and text[at + 1 : at + 2] not in ".,;:!?)]}" and cost_of_inch(text, at, 0) < 1.0


def _after_opening(mark: Mark, opening: Mark, is_resumed: bool, evidence: int) -> float:
    """The widest margin of an apostrophe after an opening mark whose other half it may be."""
    text, at = mark.text, mark.at
    if not _may_end(mark) or not _may_begin(opening) or never_ends(text, at):
        return NEVER
    if may_close(text, at, evidence) or (not is_resumed and QUOTED_NAME.search(text, max(0, at - 60), at)):
        return _NOT_ONE
    contracts = CONTRACTS.search(text, max(0, at - 6), at)
    if contracts and contracts[0].islower():
        return NEVER  # … because there"s no point
    return NEVER if is_resumed and text[at + 1 : at + 2].isalnum() else _DOUBTED


def _before_closing(mark: Mark, closing: Mark) -> float:
    """The widest margin of an apostrophe before a closing mark whose other half it may be."""
    text, at = mark.text, mark.at
    if not text[at + 1 : at + 2].isalnum():
        return NEVER
    contraction = CONTRACTION.match(text, at + 1)
    if contraction is None:
        return _DOUBTED
    if may_be_name(text, at, contraction.end()):
        return _NOT_ONE
    if CONTRACTS.search(text, max(0, at - 6), at) or is_negated(text, at, contraction):
        return NEVER  # it"s, don"t
    return _DOUBTED if closing.text is text and FEW_WORDS.fullmatch(text, at + 1, closing.at) else NEVER
