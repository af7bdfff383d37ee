"""Rules about quotation marks in Latin script: a least-cost labelling says of each double quote what it is.

Every `"` of a paragraph is an opening mark, a closing mark, an apostrophe, an inch mark, or stray. Each label has a cost from
the characters and words beside the mark; opening and closing must alternate, and a quotation that is still open where a
paragraph ends, or is carried over into the next, costs something too. Dynamic programming finds the cheapest labelling and,
for each mark, how much dearer the cheapest one is in which it is something else: a wide margin is sure, a narrow one is left
alone. Sure apostrophes make the doubtful ones of a text likelier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from validator.parsing.markup import GONE
from validator.parsing.misread import stands_in_look_alike
from validator.rules.registry import rule
from validator.rules.views import Found
from validator.text.findings import Applicability, Edit, Fix, Severity
from validator.text.places import Span, remembered, utf8

if TYPE_CHECKING:
    from validator.rules.views import Body

STRAIGHT, OPENING, CLOSING, LOW = '"', "“", "”", "„"
_MARKS = re.compile('["“”„]')
_ROW = re.compile('["“”„]+')
_LETTER_MARKS = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])")
# Labels of a mark.
OPEN, CLOSE, APOSTROPHE, INCH, STRAY = range(5)
# States between marks: outside of quotations; in speech, which is whole sentences; in words that are quoted within a
# sentence; in a quotation within another.
OUTSIDE, SPEECH, WORDS, INNER = range(4)

# What a label costs. The costs are weights against each other; only their differences count.
NEVER = 1000.0
SURE = 6.0  # margin from which a mark is an apostrophe without asking
LIKELY = 2.0  # … and from which it is proposed
LOST = 9.0  # a mark is stray
LOST_CURLY = 12.0  # … and was set by a program that knew which half it is
NESTED = 6.0  # a quotation in a quotation has other marks, as a rule
GOES_ON = 1.6  # speech opens again at a new sentence, which it does where paragraphs were joined
LEFT_OPEN = 7.0  # a paragraph ends and its quotation has no end
CONTINUED = 1.6  # … which speech over several paragraphs has not, each of which begins with a mark
CARRIED = 5.0  # a quotation goes on in the next paragraph, which does not begin with a mark
WRAPPED = 0.5  # … or on the next line of a paragraph that was wrapped by hand
UNEXPECTED = 1.5  # speech that begins within a sentence, or ends in one
TITLE = 0.5  # words in quotation marks that begin where speech would
DRAGS_ON = 0.5  # quoted words that are long, for every 60 characters up to four times
OVERFLOWS = 2.0  # … or in which a sentence ends
STRAIN = 6.0  # what a mark may cost before plurals are looked for in a text without a sure apostrophe
GLUED = 4.0  # a quotation opens after a space that was lost, where the suffix may be a name: the"T-14" tank
UNLIKELY = 5.0  # an apostrophe before a capital in a word of small letters, or after a word that owns nothing
HARD = 14.0  # nothing opens or ends here: before 're, inside don"t

# What an apostrophe costs by what stands beside it, in a text without a sure case, with one, with several.
Cost = tuple[float, float, float]
CONTRACTED: Cost = (0.5, 0.0, 0.0)  # don"t, we"re; the editor"s, where no quoted words end
NAMED: Cost = (1.5, 1.0, 0.5)  # O"Specimen
YEARLY: Cost = (1.0, 0.5, 0.0)  # 1990"s, ABC1"s
NUMBERED: Cost = (7.0, 1.0, 0.5)  # Channel 4"s
PRONOUNCED: Cost = (1.0, 0.5, 0.0)  # "It"s late
SUFFIXED: Cost = (3.5, 2.0, 1.0)  # four "um"s, but also "Specimen"s answer is late
LOOSE: Cost = (6.0, 3.0, 2.0)  # a t that follows no n
INNER_WORD: Cost = (8.0, 6.0, 5.0)  # between any other letters
PLURAL: Cost = (NEVER, 2.5, 1.5)  # the states" joint note: without a sure case it may be half a quotation
PLURAL_ENDS: Cost = (NEVER, 8.0, 7.0)  # … before a comma, or a word that follows no possessive
PLURAL_DOES = 2.0  # more, before what may be a verb: the states" planned note, but also what "the states" planned
PLURAL_QUOTED = 1.5  # more, where a quotation has just begun: "The states" note is late," but also "Joint states" note
ELIDED: Cost = (NEVER, 2.0, 1.5)  # "tis

# Words that no possessive plural is, and that follow none.
_FUNCTION_WORD = (
    "(?:a|about|added|after|again|against|alongside|also|although|am|among|an|and|any|are|around|as|asked|at|be|because|been|"
    "before|behind|between|beyond|but|by|can|could|despite|did|do|does|during|each|even|every|for|from|had|has|have|he|her|here|"
    "hers|him|his|how|i|if|in|include|includes|including|instead|into|is|it|its|just|made|makes|may|me|mean|means|might|must|my|"
    "nor|not|now|of|on|or|our|out|over|said|say|says|set|shall|she|should|since|so|some|than|that|the|their|them|then|there|"
    "these|they|this|those|though|through|to|today|told|too|towards|under|until|up|upon|us|via|was|we|were|what|when|where|"
    r"whereby|whether|which|while|who|whose|why|will|with|within|without|would|yes|yet|you|your)(?![^\W_])"
)
_CONTRACTION = re.compile(r"(?:s|re|ve|ll|d|m|t)(?![^\W_])", re.IGNORECASE)
_NEGATED = re.compile(
    r"(?<![^\W_])(?:ai|are|ca|could|dare|did|do|does|had|has|have|is|might|must|need|ought|sha|should|was|were|wo|would)n\Z",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"(?<![^\W_])(?:o|d|l|ma|mc|y|ne|qu)\Z", re.IGNORECASE)
_LITERAL = re.compile(r"(?<!\w)(?:[bfru]|[bf]r|r[bf])\Z", re.IGNORECASE)  # before a text in many programming languages
_PRONOUN = re.compile(r"(?<!\w)(?:It|That|He|She|What|There|Here|Who|Let|How|Where|This|Today|One)\Z")
_BEGUN_BY_PRONOUN = re.compile(rf"[\"“”„]{_PRONOUN.pattern}")
# Nothing is possessed by these words, so what follows one without a space is the beginning of a quotation: the"s class" cars
_NO_OWNER = (
    "the|and|of|or|but|to|in|on|for|with|from|by|at|as|is|was|are|were|be|been|my|your|its|his|their|our|these|those|called|"
    "named|said|says"
)
_OWNS_NOTHING = re.compile(rf"(?<![^\W_])(?:a|an|The|{_NO_OWNER}|{_NO_OWNER.upper()})\Z")
_GOES_ON_AFTER = re.compile(r"[-‐‑–.&/+][^\W_]")  # a suffix that is the beginning of a name: T-14, S.A., s-curve
_SUBJECT = re.compile(
    r"(?<![^\W_])(?:it|that|he|she|what|there|here|who|let|how|where|i|everyone|everybody|nobody)\Z", re.IGNORECASE
)
_CONTRACTS = re.compile(r"(?<![^\W_])(?:i|you|we|they|he|she|it|that|there|who|what|where|let)\Z", re.IGNORECASE)
_PLURAL_VERB = re.compile(r"[sd] (?:are|were|have|and|or|of)(?![^\W_])")
_PLURAL_WORD = re.compile(
    rf"(?<![^\W_])(?!(?:{_FUNCTION_WORD}|always|perhaps|themselves|ourselves)\Z)[^\W\d_]{{2,}}\Z", re.IGNORECASE
)
_SINGULAR = re.compile(r"[a-z](?:ou|s)s\Z")  # courageous, mess
_POSSESSED = re.compile(rf"[ \xa0](?!{_FUNCTION_WORD})(?:[^\W_]|[£$€\"“]\w)", re.IGNORECASE)
_PARTICIPLE = re.compile(r"[ \xa0][^\W\d_]+ed(?![^\W_])")
_ELISION = re.compile(r"(?:\d0s|em|til|n|cause|tis|twas|twere|cos|bout|round)(?![^\W_])", re.IGNORECASE)
_FEW_WORDS = r"[^\s\"“”„.,;:!?]{0,30}(?: [^\s\"“”„.,;:!?]{1,30}){0,3}\Z"
_FEW = re.compile(_FEW_WORDS)
_QUOTED_WORD = re.compile(r"(?<!\w)[\"“”„][^\s\"“”„]{1,40}\Z")
_QUOTED_PHRASE = re.compile(rf"(?<!\w)[\"“”„][^\W_]{_FEW_WORDS}")
_QUOTED_PART = re.compile(rf"[^\W\d_] [\"“”„][a-z]{_FEW_WORDS}")  # within a sentence, so nothing but a quotation
_QUOTED_NAME = re.compile(rf"[^\W\d_] [\"“”„][^\W_]{_FEW_WORDS}")  # … or one that begins with a capital
_SPEECH_BEGINS = re.compile(r"(?:\A|[.!?…:,;\"”“—–-])\s*\Z")
_SENTENCE_ENDS = re.compile(r"[.!?…][\"”'’)]?\s+[\"“'‘(]?[A-Z0-9]")
_NUMBER = re.compile(r"(?<![\d.,A-Z])(?<![A-Za-z]-)(?P<whole>\d{1,4})(?:[.,]\d{1,3})?\Z")
_YEARS = re.compile(r"(?<![^\W_])(?:(?:1[0-9]|20)\d\d|[A-Z]{2,5}\d)\Z")
_NUMBERED_NAME = re.compile(rf"(?<![^\W_])(?:[2-9]0|(?!(?i:{_FUNCTION_WORD}))[A-Z][^\W\d_]+ \d{{1,3}})\Z")


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


OBJECT = "\ufffc"  # takes the place of what is no prose but part of a line: an address, inline code, a template tag
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


# What a mark's labels cost, by the column in which it stands; the last is added to every label within quoted words.
SPEECH_OPENS, WORDS_OPEN, OPENS_AGAIN, SPEECH_ENDS, WORDS_END, IS_APOSTROPHE, IS_INCH, IS_STRAY, WITHIN_WORDS = range(9)
Prices = tuple[float, float, float, float, float, float, float, float, float]
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


def _costs(text: str, at: int, last: int, evidence: int) -> Prices:
    """What each label of the mark at `at` costs, after a mark at `last`. `text` is a paragraph, inline markup taken out.

    `evidence` is 0 in a text without a sure apostrophe, 1 with one, 2 with several.
    """
    mark = text[at]
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    blank_after, word_before, word_after = after.isspace(), before.isalnum(), after.isalnum()
    begins = not after.islower() and not blank_after and _SPEECH_BEGINS.search(text, max(0, at - 4), at) is not None
    if mark in (OPENING, LOW):
        # German closes with the mark that English opens with.
        ends = mark == OPENING and not before.isspace() and before not in "([{" and not word_after
        closes = 3.0 if ends else NEVER
        speech, words = (0.0, TITLE) if begins else (UNEXPECTED, 0.0)
        return speech, words, GOES_ON if begins else NEVER, closes, closes, NEVER, NEVER, LOST_CURLY, 0.0

    opens, closes = _ends(text, at, before, after)
    apostrophe = inch = NEVER
    breaks_off = 0.0 if before in ".,!?…-—–" or after in ".,;" or word_after else UNEXPECTED
    if before.isalpha() and after.isalpha():
        opens, closes, apostrophe = _between_letters(text, at, opens, closes, evidence)
    elif before.isdigit() and after in "sS" and not text[at + 2 : at + 3].isalnum():
        apostrophe = (YEARLY if _YEARS.search(text, max(0, at - 7), at) else NUMBERED)[evidence]
        closes += 3.0 if evidence else 0.0
    elif evidence and before in "sS" and not word_after:
        apostrophe = _plural(text, at, evidence)
        breaks_off += 2.0 if apostrophe < PLURAL_ENDS[evidence] else 0.0  # speech ends less often where a plural would
    elif evidence and not word_before and _ELISION.match(text, at + 1):
        apostrophe = ELIDED[evidence]
    if before.isdigit() or before in "½¼¾":
        inch = _inch(text, at, evidence)
        if inch < 1.0 and after not in ".,;:!?)]}":
            closes += 3.0 if blank_after else 2.0
    stray = LOST
    if mark == CLOSING:
        # Swedish and Finnish open with the mark that closes; a curly mark is an apostrophe less often than a straight one.
        opens = opens + 2.0 if not blank_after and (not word_before or opens <= GLUED) else NEVER
        apostrophe, inch, stray = apostrophe + 2.0, inch + 1.0, LOST_CURLY
    return (
        opens if begins else opens + UNEXPECTED,
        opens + TITLE if begins else opens,
        opens + GOES_ON if begins else NEVER,
        closes + breaks_off,
        closes,
        apostrophe,
        inch,
        stray,
        _length(text, at, last),
    )


def _ends(text: str, at: int, before: str, after: str) -> tuple[float, float]:
    """What a mark between two characters costs as an opening one and as a closing one."""
    blank_before, blank_after = before.isspace(), after.isspace()
    if blank_before:
        opens = 7.0 if blank_after else 0.0
    elif before in f"([{{<-—–/‘'“„=>*_…{OBJECT}":
        opens = 8.0 if blank_after else 0.5
    elif before.isalnum() and blank_after:
        opens = HARD
    elif before.isalnum():
        opens = 3.0 if _LITERAL.search(text, max(0, at - 3), at) else 9.0
    else:
        opens = 3.0 if before in ",:;.!?" and after.isalnum() else 6.0
    if blank_before or before in "([{":
        closes = 9.0 if after.isalnum() else 7.0
    elif blank_after or after in f".,;:!?)]}}-—–/'’”…<*_{OBJECT}":
        closes = 0.0
    elif after.isalnum():
        closes = 7.0 if before in "-—–/=>*_" else 4.0
    else:
        closes = 2.0
    return opens, closes


def _length(text: str, at: int, last: int) -> float:
    """What it costs that quoted words go on from a mark at `last` to the one at `at`: they are short, and no sentences."""
    drags = DRAGS_ON * min(4, (at - last) // 60)
    overflows = last >= 0 and _SENTENCE_ENDS.search(text, last + 1, min(at - 1, last + 600))
    return drags + (OVERFLOWS if overflows else 0.0)


def _between_letters(text: str, at: int, opens: float, closes: float, evidence: int) -> tuple[float, float, float]:
    """What a mark between two letters costs as an opening one, a closing one, and an apostrophe."""
    contraction = _CONTRACTION.match(text, at + 1)
    if contraction is None:
        if not _PREFIX.search(text, max(0, at - 3), at):
            return opens, closes, INNER_WORD[evidence]
        return HARD if evidence else opens, closes + 3.0 * evidence, NAMED[evidence]
    ending = contraction[0].lower()
    owns_nothing = _OWNS_NOTHING.search(text, max(0, at - 7), at)
    if owns_nothing or _may_be_name(text, at, contraction.end()):
        # The bird"s-eye view, but also a"re-entry" visa, the"T-14" tank, the"s class" cars.
        unlikely = owns_nothing or text[at + 1].isupper() > text[at - 1].isupper()
        return min(opens, GLUED), closes, UNLIKELY if unlikely else CONTRACTED[evidence]
    if ending == "t" and text[at - 1] not in "nN":
        return opens, closes, LOOSE[evidence]
    if opens == 9.0 and not _MARKS.match(text, contraction.end()):
        opens = HARD  # no quotation begins inside a word, and with 's
    if ending not in ("s", "d") and (ending != "t" or _is_negated(text, at, contraction)):
        return opens, HARD, CONTRACTED[evidence]  # nothing that is quoted goes on with 're or 'll
    if _QUOTED_WORD.search(text, max(0, at - 42), at):
        if _BEGUN_BY_PRONOUN.search(text, max(0, at - 6), at):
            return opens, HARD if evidence else 6.0, PRONOUNCED[evidence]
        return opens, 1.0 + evidence, SUFFIXED[evidence]
    if _QUOTED_PART.search(text, max(0, at - 60), at):
        return opens, 1.0 + evidence, SUFFIXED[evidence]
    subject = _SUBJECT.search(text, max(0, at - 8), at)
    if subject and subject[0] != "I" and subject[0][0].isupper() and _QUOTED_NAME.search(text, max(0, at - 60), at):
        return opens, 1.0 + evidence, SUFFIXED[evidence]  # fans of "The Who"s song
    if subject:
        return opens, HARD, CONTRACTED[evidence]  # "But I think it"s late," she said
    if not _QUOTED_PHRASE.search(text, max(0, at - 60), at):
        return opens, closes + 6.0, CONTRACTED[evidence]
    if _PLURAL_VERB.match(text, at + 1):
        return opens, 1.0 + evidence, SUFFIXED[evidence]  # "Young man"s are rare
    return opens, closes + evidence, CONTRACTED[evidence]


def _plural(text: str, at: int, evidence: int) -> float:
    """What it costs that a mark after an s and before no letter is the apostrophe of a plural possessive."""
    if not _PLURAL_WORD.search(text, max(0, at - 20), at):
        return NEVER
    possessed = _POSSESSED.match(text, at + 1) and not _SINGULAR.search(text, max(0, at - 4), at)
    does = PLURAL_DOES if _PARTICIPLE.match(text, at + 1) else 0.0
    if not possessed or _QUOTED_PART.search(text, max(0, at - 60), at):
        return PLURAL_ENDS[evidence] + does
    quoted = PLURAL_QUOTED if not does and _QUOTED_PHRASE.search(text, max(0, at - 60), at) else 0.0
    return PLURAL[evidence] + does + quoted


def _inch(text: str, at: int, evidence: int) -> float:
    """What it costs that a mark after a digit stands for inches or arc seconds."""
    if text[at - 1] in "½¼¾":
        return 0.5
    number = _NUMBER.search(text, max(0, at - 9), at)
    if number is None or len(number["whole"]) == 4:
        return HARD
    if evidence and text[at + 1 : at + 2] == "s" and _NUMBERED_NAME.search(text, max(0, at - 20), at):
        return 9.0  # the 80"s, Channel 4"s
    return 4.0 if len(number["whole"]) == 3 else 0.5


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
    suffix = _CONTRACTION.match(text, at + 1)
    owns_nothing = _OWNS_NOTHING.search(text, max(0, at - 7), at)
    return suffix is None or owns_nothing is not None or _may_be_name(text, at, suffix.end())


def _may_be_inch(each: Weighed) -> bool:
    text, at = each.text, each.at
    return text[at - 1].isdigit() and text[at + 1 : at + 2] not in ".,;:!?)]}" and _inch(text, at, 0) < 1.0


def _after_opening(each: Weighed, opening: Weighed, resumed: bool, evidence: int) -> float:
    """The widest margin of an apostrophe after an opening mark whose other half it may be."""
    text, at = each.text, each.at
    if not _may_end(each) or not _may_begin(opening) or _never_ends(text, at):
        return NEVER
    if _may_close(text, at, evidence) or (not resumed and _QUOTED_NAME.search(text, max(0, at - 60), at)):
        return _NOT_ONE
    contracts = _CONTRACTS.search(text, max(0, at - 6), at)
    if contracts and contracts[0].islower():
        return NEVER  # … because there"s no point
    return NEVER if resumed and text[at + 1 : at + 2].isalnum() else _DOUBTED


def _before_closing(each: Weighed, closing: Weighed) -> float:
    """The widest margin of an apostrophe before a closing mark whose other half it may be."""
    text, at = each.text, each.at
    if not text[at + 1 : at + 2].isalnum():
        return NEVER
    contraction = _CONTRACTION.match(text, at + 1)
    if contraction is not None and _may_be_name(text, at, contraction.end()):
        return _NOT_ONE
    if contraction is not None and (_CONTRACTS.search(text, max(0, at - 6), at) or _is_negated(text, at, contraction)):
        return NEVER  # it"s, don"t
    few = closing.text is text and _FEW.fullmatch(text, at + 1, closing.at)
    return _DOUBTED if few or contraction is None else NEVER


def _may_be_name(text: str, at: int, end: int) -> bool:
    """Whether what looks like a suffix may begin a name that is quoted: it goes on, or is a capital after a small letter."""
    return bool(_GOES_ON_AFTER.match(text, end)) or (text[at + 1].isupper() and text[at - 1 : at].islower())


def _never_ends(text: str, at: int) -> bool:
    """Whether a mark is followed by what follows no quotation: we"re, don"t."""
    contraction = _CONTRACTION.match(text, at + 1)
    if contraction is None:
        return False
    return contraction[0].lower() in ("re", "ve", "ll", "m") or _is_negated(text, at, contraction)


def _is_negated(text: str, at: int, contraction: re.Match[str]) -> bool:
    return contraction[0] in ("t", "T") and _NEGATED.search(text, max(0, at - 8), at) is not None


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


def _holds_mark(masked: str) -> bool:
    return STRAIGHT in masked or OPENING in masked or CLOSING in masked or LOW in masked


def _has_too_many(masked: str, kinds: Iterable[str] = (STRAIGHT, OPENING, CLOSING, LOW)) -> int:
    """How many marks of some kinds a text has, if those are more than prose has; otherwise 0."""
    marks = sum(masked.count(mark) for mark in kinds)
    return marks if marks > min(MOST_MARKS, max(MANY_MARKS, len(masked) // CHARACTERS_A_MARK)) else 0


def _no_prose(body: Body, marks: int, kinds: str) -> Found:
    """What is said of a text with too many marks, at the first of them."""
    prose = _prose(body)
    start = next(at for at, character in enumerate(prose) if character in kinds)
    share = max(1, len(prose.strip()) // marks)
    message = f"{marks:,} quotation marks, one in {share} characters, are more than prose has; none was looked at"
    return Found(_mark_span(body, start), message, severity=Severity.WARNING)


@remembered
def label(masked: str) -> tuple[Labelled, ...]:
    """Label every double quotation mark of a mask.

    Sure apostrophes make doubtful ones likelier, so a text that has some is labelled once more. Empty for a text with too many
    marks, which would take long.
    """
    if not _holds_mark(masked) or _has_too_many(masked):
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
    match = next(islice(_MARKS.finditer(masked), 1_000, None), None)
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
    for text, offsets, end in _paragraphs(masked):
        if previous is not None and events:
            start = offsets if isinstance(offsets, int) else offsets[0]
            lines = start - previous[1]
            events.append((-1, _break_steps(*_break(previous[0], text, lines)), "\n" * min(2, lines), 0))
        last = -1
        for at in _places(text):
            offset = offsets + at if isinstance(offsets, int) else offsets[at]
            events.append((offset, _mark_steps(_costs(text, at, last, evidence)), text, at))
            last = at
        previous = text, end
    marks = tuple(_labelled([*events, (-1, _break_steps(LEFT_OPEN, LEFT_OPEN), "", 0)]))
    return _guarded(marks, evidence)


def _may_close(text: str, at: int, evidence: int) -> bool:
    """Whether a mark before a suffix may close a quotation of a few words, none of them such as in `"It"s late`."""
    quoted = _QUOTED_PART if evidence else _QUOTED_PHRASE
    return bool(quoted.search(text, max(0, at - 60), at)) and not _BEGUN_BY_PRONOUN.search(text, max(0, at - 6), at)


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
            places += [at for at in range(start, end) if not _is_misread(paragraph, at)]
    return places


_LONG_ROW = STRAIGHT * (LONGEST_ROW + 1)


def _straight(paragraph: str) -> list[int]:
    places: list[int] = []
    at = paragraph.find(STRAIGHT)
    while at >= 0:
        places.append(at)
        at = paragraph.find(STRAIGHT, at + 1)
    return places


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
    or at its beginning, where it may as well be a quotation mark, unless the text has sure ones; a word in quotation marks that has the mark before its
    last letter (`the "editor"s note`), unless the marks around it leave no other reading; a text with more marks than prose has
    (more than 5,000, and more than one in 50 characters), which is said of it.

    Next: let the sure ones be repaired; read the proposed ones in their sentence. A repair never leaves half a quotation.
    """
    if not _speaks(body):
        return
    prose = _prose(body)
    marks = _has_too_many(prose)
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


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE)
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
    marks = _has_too_many(prose, _NAMES)
    if marks:
        yield _no_prose(body, marks, "".join(_NAMES))
        return
    style = None
    for text, offsets, _ in _paragraphs(prose):
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
    suffix = _CONTRACTION.match(text, end)
    if suffix is None:
        # Hawaiian and Uzbek have this mark for a letter: O‘ahu.
        is_name = _NAME_PREFIX.search(text, max(0, at - 3), at) is not None
        return is_name and (mark not in "‘‛" or text[end].isupper()) and not _is_quoted(text, at)
    ending = suffix[0].lower()
    if text[at - 1].isdigit():
        fits = ending == "s" and _YEARS.search(text, max(0, at - 7), at) is not None
    elif ending == "t":
        fits = _is_negated(text, at, suffix)
    elif ending == "s":
        fits = len(word[0]) > 1 or mark != "′"
    else:
        fits = _CONTRACTS.search(text, max(0, at - 6), at) is not None
    return fits and not _may_be_name(text, at, suffix.end()) and not _is_quoted(text, at)


def _is_elision(text: str, at: int) -> bool:
    """Whether letters are left out at the beginning of a word (‘90s, ‘em), and no quotation begins there."""
    match = _ELISION.match(text, at + 1)
    if match is None or text[match.end() : match.end() + 1] in ("'", "’", "-"):
        return False
    opens = text.find(text[at], at + 1, at + _FAR)
    return _SINGLE_CLOSES.search(text, at + 1, opens if opens >= 0 else at + _FAR) is None


def _is_quoted(text: str, at: int) -> bool:
    """Whether a quotation in single marks, or code between them, is open at a place."""
    opened = -1
    for match in _SINGLE_OPENS.finditer(text, max(0, at - _FAR), at):
        if not _ELISION.match(text, match.end()):
            opened = match.end()
    return opened >= 0 and _SINGLE_CLOSES.search(text, opened, at) is None


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
