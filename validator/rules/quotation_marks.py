"""Labels for the double quotation marks of a text: the cheapest labelling of all marks of all paragraphs.

Opening and closing marks must alternate, and a quotation that is still open where a paragraph ends, or is carried over into
the next, costs something too. Dynamic programming finds the cheapest labelling and, for each mark, how much dearer the cheapest
one is in which it is something else: a wide margin is sure, a narrow one is left alone. Sure apostrophes make the doubtful
ones of a text likelier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from validator.parsing.markup import GONE
from validator.parsing.misread import stands_in_look_alike
from validator.rules.quotation_costs import (
    APOSTROPHE,
    CLOSE,
    CLOSING,
    CONTRACTION,
    CONTRACTS,
    FEW_WORDS,
    INCH,
    INNER,
    IS_APOSTROPHE,
    IS_INCH,
    IS_STRAY,
    LEFT_OPEN,
    LIKELY,
    LOW,
    NESTED,
    NEVER,
    OPEN,
    OPENING,
    OPENS_AGAIN,
    OUTSIDE,
    OWNS_NOTHING,
    QUOTATION_MARKS,
    QUOTED_NAME,
    SPEECH,
    SPEECH_ENDS,
    SPEECH_OPENS,
    STRAIGHT,
    STRAIN,
    STRAY,
    SURE,
    WITHIN_WORDS,
    WORDS,
    WORDS_END,
    WORDS_OPEN,
    Prices,
    cost_of_inch,
    costs_of_break,
    costs_of_mark,
    is_negated,
    may_be_name,
    may_close,
    never_ends,
)
from validator.text.places import remembered

_ROW = re.compile('["“”„]+')


@dataclass(frozen=True, slots=True)
class Labelled:
    """One mark: where it stands, its label in the cheapest labelling, how far it is from being (or not) an apostrophe.

    `price` is what the label costs. At the end of a paragraph stands one with the label -1.
    """

    offset: int
    label: int
    margin: float
    price: float


class Weighed(NamedTuple):
    """A labelled mark with the state after it, the text of its paragraph and its place there."""

    mark: Labelled
    state: int
    text: str
    at: int


# Label, state before, state after, column of its price, and what is added.
_STEPS = (
    (OPEN, OUTSIDE, SPEECH, SPEECH_OPENS, 0.0),
    (OPEN, OUTSIDE, WORDS, WORDS_OPEN, 0.0),
    (OPEN, SPEECH, SPEECH, OPENS_AGAIN, 0.0),
    (OPEN, SPEECH, INNER, WORDS_OPEN, NESTED),
    (OPEN, WORDS, INNER, WORDS_OPEN, NESTED),
    (CLOSE, SPEECH, OUTSIDE, SPEECH_ENDS, 0.0),
    (CLOSE, WORDS, OUTSIDE, WORDS_END, 0.0),
    (CLOSE, INNER, SPEECH, WORDS_END, 0.0),
    *((APOSTROPHE, state, state, IS_APOSTROPHE, 0.0) for state in (OUTSIDE, SPEECH, WORDS, INNER)),
    *((INCH, state, state, IS_INCH, 0.0) for state in (OUTSIDE, SPEECH, WORDS, INNER)),
    *((STRAY, state, state, IS_STRAY, 0.0) for state in (OUTSIDE, SPEECH, WORDS, INNER)),
)

# A text may have so many marks, or one in so many characters. One that has more is a table, a list or code, and no prose.
MANY_MARKS, CHARACTERS_A_MARK, MOST_MARKS = 5_000, 50, 100_000
LONGEST_ROW = 3  # of marks side by side; a longer one is an ornament or a table, and quotes nothing


Step = tuple[int, int, int, float]  # label, state before, state after, price


class Steps:
    """Where a mark may lead. Equal to itself only, so that a look-up in what is remembered costs little."""

    __slots__ = ("all",)

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.all = steps


# A mark's offset, or -1 for the end of a paragraph; where it may lead; its paragraph (or the line ends) and its place there.
Event = tuple[int, Steps, str, int]


@lru_cache(maxsize=4096)  # there are few different ones, and a hostile text has millions of marks
def _mark_steps(prices: Prices) -> Steps:
    return Steps(
        tuple(
            (label, start, stop, prices[column] + more + (prices[WITHIN_WORDS] if start == WORDS else 0.0))
            for label, start, stop, column, more in _STEPS
            if prices[column] < NEVER
        )
    )


@lru_cache(maxsize=16)
def _break_steps(left_open: float, carried: float) -> Steps:
    """Steps from one paragraph into the next; their label is -1."""
    paths = (
        (-1, OUTSIDE, OUTSIDE, 0.0),
        (-1, SPEECH, OUTSIDE, left_open),
        (-1, WORDS, OUTSIDE, left_open),
        (-1, INNER, OUTSIDE, left_open + NESTED),
        (-1, SPEECH, SPEECH, carried),
        (-1, WORDS, WORDS, carried),
        (-1, INNER, INNER, carried),
    )
    return Steps(paths)


def _labelled(events: list[Event]) -> Iterator[Weighed]:
    """The cheapest labelling of a text's events: marks with their offsets, and breaks between paragraphs.

    Of two that cost the same, the one that ends a quotation early: what is stray comes later.
    """
    # The least is taken off all prices as they add up, so that the last of a million marks is weighed as finely as the first.
    ahead: list[States] = [(0.0, NEVER, NEVER, NEVER)]
    for event in reversed(events):
        ahead.append(_before(event[1], ahead[-1]))
    behind, state = (0.0, NEVER, NEVER, NEVER), OUTSIDE
    for offset, steps, text, at in events:
        ahead.pop()
        behind, state, label, margin, price = _taken(steps, behind, ahead[-1], state)
        yield Weighed(Labelled(offset, label, margin, price), state, text, at)


States = tuple[float, float, float, float]  # what it costs to be in each, the cheapest being 0
_ANSWERS = 4096  # that are remembered: in most texts, the same few marks come after the same few marks


@lru_cache(maxsize=_ANSWERS)
def _before(steps: Steps, ahead: States) -> States:
    """What the cheapest way on costs from each state before a mark, by what it costs after it."""
    reached = [NEVER * 9] * 4
    for _, start, stop, price in steps.all:
        cost = price + ahead[stop]
        if cost < reached[start]:
            reached[start] = cost
    least = min(reached)
    one, two, three, four = reached
    return one - least, two - least, three - least, four - least


@lru_cache(maxsize=_ANSWERS)
def _taken(steps: Steps, behind: States, ahead: States, state: int) -> tuple[States, int, int, float, float]:
    """The cheapest step of a mark from a state: the costs behind it, the state, the label, its margin and its price."""
    reached, best = [NEVER * 9] * 4, [NEVER * 9] * 5
    cheapest, taken = NEVER * 9, steps.all[0]
    for step in steps.all:
        label, start, stop, price = step
        cost = behind[start] + price
        if cost < reached[stop]:
            reached[stop] = cost
        price += ahead[stop]
        if start == state and price < cheapest - 1e-6:
            cheapest, taken = price, step
        cost = behind[start] + price
        if label >= 0 and cost < best[label]:
            best[label] = cost
    least = min(reached)
    one, two, three, four = reached
    label, _, state, price = taken
    if label == STRAY and best[OPEN] < best[STRAY] + 1e-6:
        label = OPEN  # what may as well open a quotation that then lost its end is not stray
    others = min(best[OPEN], best[CLOSE], best[INCH], best[STRAY])
    return (one - least, two - least, three - least, four - least), state, label, others - best[APOSTROPHE], price


def _halves(marks: Sequence[Weighed]) -> tuple[set[int], set[int]]:
    """The marks, by index, that lost their other half; and those whose quotation begins once more after them.

    The latter is speech over several paragraphs, each of which opens it again. A mark whose label contradicts the space
    beside it, and one that may as well stand for inches, is no half of anything.
    """
    lost: set[int] = set()
    resumed: set[int] = set()
    opened: list[int] = []
    state = OUTSIDE
    glued = -1  # the last apostrophe, by index, that may as well open a quotation
    for index, each in enumerate(marks):
        mark, after = each.mark, each.state
        if mark.label == APOSTROPHE and _may_be_glued(each):
            glued = index
        if mark.label == OPEN and state == after == SPEECH and opened:
            resumed.add(opened.pop())
        if mark.label == OPEN and _may_begin(each):
            opened.append(index)
        elif mark.label in (OPEN, STRAY):
            lost.add(index)
        elif mark.label == CLOSE:
            if not opened or glued > opened[-1] or not _may_end(each) or _may_be_inch(each) or _may_be_glued(each):
                lost.add(index)
                lost.update(opened[-1:])
            opened[-1:] = []
        elif mark.label < 0 and after == OUTSIDE:
            (resumed if mark.price < LEFT_OPEN else lost).update(opened)
            opened.clear()
        state = after
    lost.update(opened)
    return lost, resumed


_DOUBTED = (LIKELY + SURE) / 2  # the margin of an apostrophe that is proposed
_NOT_ONE = LIKELY / 2  # … and of one that is left alone


def _guarded(marks: Sequence[Weighed], evidence: int) -> Iterator[Labelled]:
    """The marks, none of them a sure apostrophe that may as well be the other half of a quotation mark without one.

    So no repair leaves half a quotation: nine "I"s, the"T-14" tank.
    """
    lost, resumed = _halves(marks)
    following = -1  # the next mark that is no apostrophe, by index, seen from the end
    closers: dict[int, Weighed] = {}  # of apostrophes that a lost mark follows: that mark
    for index in range(len(marks) - 1, -1, -1):
        label = marks[index].mark.label
        if label == APOSTROPHE and following in lost and _may_end(marks[following]):
            closers[index] = marks[following]
        elif label >= 0 and label not in (APOSTROPHE, INCH):
            following = index
    before = -1
    for index, each in enumerate(marks):
        mark = each.mark
        if mark.label == APOSTROPHE:
            most = NEVER
            if before in lost or before in resumed:
                most = _after_opening(each, marks[before], before in resumed, evidence)
                before = -1 if most == _NOT_ONE else before  # which has found its other half
            if index in closers:
                most = min(most, _before_closing(each, closers[index]))
            mark = mark if most >= mark.margin else Labelled(mark.offset, mark.label, most, mark.price)
        elif mark.label != INCH:
            before = index if mark.label >= 0 else before if each.state != OUTSIDE or each.text == "\n" else -1
        if mark.label >= 0:
            yield mark


def _may_end(each: Weighed) -> bool:
    return each.at > 0 and not each.text[each.at - 1].isspace()


def _may_begin(each: Weighed) -> bool:
    after = each.text[each.at + 1 : each.at + 2]
    return not after.isspace() and after not in ".,;:!?)]}"  # an empty text is in it too


def _may_be_glued(each: Weighed) -> bool:
    """Whether a mark between letters or digits may open a quotation after a space that was lost."""
    text, at = each.text, each.at
    if not text[at - 1].isalnum() or not text[at + 1 : at + 2].isalnum():
        return False
    suffix = CONTRACTION.match(text, at + 1)
    owns_nothing = OWNS_NOTHING.search(text, max(0, at - 7), at)
    return suffix is None or owns_nothing is not None or may_be_name(text, at, suffix.end())


def _may_be_inch(each: Weighed) -> bool:
    text, at = each.text, each.at
    return text[at - 1].isdigit() and text[at + 1 : at + 2] not in ".,;:!?)]}" and cost_of_inch(text, at, 0) < 1.0


def _after_opening(each: Weighed, opening: Weighed, resumed: bool, evidence: int) -> float:
    """The widest margin of an apostrophe after an opening mark whose other half it may be."""
    text, at = each.text, each.at
    if not _may_end(each) or not _may_begin(opening) or never_ends(text, at):
        return NEVER
    if may_close(text, at, evidence) or (not resumed and QUOTED_NAME.search(text, max(0, at - 60), at)):
        return _NOT_ONE
    contracts = CONTRACTS.search(text, max(0, at - 6), at)
    if contracts and contracts[0].islower():
        return NEVER  # … because there"s no point
    return NEVER if resumed and text[at + 1 : at + 2].isalnum() else _DOUBTED


def _before_closing(each: Weighed, closing: Weighed) -> float:
    """The widest margin of an apostrophe before a closing mark whose other half it may be."""
    text, at = each.text, each.at
    if not text[at + 1 : at + 2].isalnum():
        return NEVER
    contraction = CONTRACTION.match(text, at + 1)
    if contraction is not None and may_be_name(text, at, contraction.end()):
        return _NOT_ONE
    if contraction is not None and (CONTRACTS.search(text, max(0, at - 6), at) or is_negated(text, at, contraction)):
        return NEVER  # it"s, don"t
    few = closing.text is text and FEW_WORDS.fullmatch(text, at + 1, closing.at)
    return _DOUBTED if few or contraction is None else NEVER


def paragraphs(masked: str) -> Iterator[tuple[str, list[int] | int, int]]:
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


def is_misread(text: str, at: int) -> bool:
    """Whether a curly mark is a piece of UTF-8 that was read as cp1252, of which mojibake speaks: a dash has one there."""
    return text[at] != STRAIGHT and (text[max(0, at - 2) : at] == "â€" or stands_in_look_alike(text, at))


def _holds_mark(masked: str) -> bool:
    return STRAIGHT in masked or OPENING in masked or CLOSING in masked or LOW in masked


def has_too_many(masked: str, kinds: Iterable[str] = (STRAIGHT, OPENING, CLOSING, LOW)) -> int:
    """How many marks of some kinds a text has, if those are more than prose has; otherwise 0."""
    marks = sum(masked.count(mark) for mark in kinds)
    return marks if marks > min(MOST_MARKS, max(MANY_MARKS, len(masked) // CHARACTERS_A_MARK)) else 0


@remembered
def label(masked: str) -> tuple[Labelled, ...]:
    """Label every double quotation mark of a mask.

    Sure apostrophes make doubtful ones likelier, so a text that has some is labelled once more. Empty for a text with too many
    marks, which would take long.
    """
    if not _holds_mark(masked) or has_too_many(masked):
        return ()
    head = _head(masked)
    if len(head) < len(masked) and _sure(_labels(head, 0)) > 1:
        return tuple(_labels(masked, 2))
    marks = tuple(_labels(masked, 0))
    sure = _sure(marks)
    if sure:
        return tuple(_labels(masked, 1 if sure == 1 else 2))
    if all(each.price < STRAIN for each in marks):
        return marks
    return _supposed(masked) or marks


def _sure(marks: Iterable[Labelled]) -> int:
    return sum(each.label == APOSTROPHE and each.margin >= SURE for each in marks)


def _head(masked: str) -> str:
    """The paragraphs with the first thousand marks of a text: they tell whether it has sure apostrophes, as a rule."""
    match = next(islice(QUOTATION_MARKS.finditer(masked), 1_000, None), None)
    end = masked.find("\n", match.start()) if match else -1
    return masked if end < 0 else masked[:end]


def _supposed(masked: str) -> tuple[Labelled, ...]:
    """The marks of a text without a sure apostrophe whose quotations come out in pairs only if several plurals have one.

    Empty if they do not. None of them is sure.
    """
    marks = tuple(_labels(masked, 1))
    labels = {each.label for each in marks}
    plurals = sum(
        each.label == APOSTROPHE and each.margin >= SURE and not masked[each.offset + 1 : each.offset + 2].isalnum()
        for each in marks
    )
    if plurals < 2 or STRAY in labels or CLOSE not in labels:
        return ()
    return tuple(replace(each, margin=min(each.margin, (LIKELY + SURE) / 2)) for each in marks)


def _labels(masked: str, evidence: int) -> Iterator[Labelled]:
    events: list[Event] = []
    previous: tuple[str, int] | None = None
    for text, offsets, end in paragraphs(masked):
        if previous is not None and events:
            start = offsets if isinstance(offsets, int) else offsets[0]
            lines = start - previous[1]
            events.append((-1, _break_steps(*costs_of_break(previous[0], text, lines)), "\n" * min(2, lines), 0))
        last = -1
        for at in _places(text):
            offset = offsets + at if isinstance(offsets, int) else offsets[at]
            events.append((offset, _mark_steps(costs_of_mark(text, at, last, evidence)), text, at))
            last = at
        previous = text, end
    marks = tuple(_labelled([*events, (-1, _break_steps(LEFT_OPEN, LEFT_OPEN), "", 0)]))
    return _guarded(marks, evidence)


def _places(paragraph: str) -> list[int]:
    """Where the marks of a paragraph stand that may be quotation marks: not rows of them, nor pieces of misread text."""
    if not _holds_mark(paragraph):
        return []
    if paragraph.isascii() and _LONG_ROW not in paragraph:  # straight marks, none of which is misread text
        return _straight(paragraph)
    places: list[int] = []
    for match in _ROW.finditer(paragraph):
        start, end = match.span()
        if end - start <= LONGEST_ROW:
            places += [at for at in range(start, end) if not is_misread(paragraph, at)]
    return places


_LONG_ROW = STRAIGHT * (LONGEST_ROW + 1)


def _straight(paragraph: str) -> list[int]:
    places: list[int] = []
    at = paragraph.find(STRAIGHT)
    while at >= 0:
        places.append(at)
        at = paragraph.find(STRAIGHT, at + 1)
    return places
