"""What each double quotation mark costs as an opening mark, a closing mark, an apostrophe, an inch mark or a stray one.

The costs come from the characters and words beside the mark. Only their differences count.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from validator.text.patterns import late

STRAIGHT, OPENING, CLOSING, LOW = '"', "“", "”", "„"
OBJECT = "\ufffc"  # takes the place of what is part of a line but not prose: an address, inline code, a template tag
_MARK = late('["“”„]')
# Labels of a mark, and of the break between two paragraphs.
OPEN, CLOSE, APOSTROPHE, INCH, STRAY, BREAK = 0, 1, 2, 3, 4, -1

NEVER = 1000.0
SURE = 6.0  # margin from which a mark is surely an apostrophe
LIKELY = 2.0  # … and from which it is proposed
LOST = 9.0  # a mark is stray
LOST_CURLY = 12.0  # … and is curly, so a program knew which half it is
NESTED = 6.0  # a quotation in a quotation usually has other marks
GOES_ON = 1.6  # speech opens again at a new sentence, as where paragraphs were joined
LEFT_OPEN = 7.0  # a quotation is still open at the end of its paragraph
CONTINUED = 1.6  # … and the next one begins with a mark, as in speech over several paragraphs
CARRIED = 5.0  # a quotation goes on in the next paragraph without a new mark
WRAPPED = 0.5  # … or on the next line of a paragraph that was wrapped by hand
UNEXPECTED = 1.5  # speech that begins within a sentence, or ends in one
TITLE = 0.5  # words in quotation marks that begin where speech would
DRAGS_ON = 0.5  # quoted words that are long, for every 60 characters up to four times
OVERFLOWS = 2.0  # … or in which a sentence ends
STRAIN = 6.0  # what a mark may cost before plurals are looked for in a text without a sure apostrophe
GLUED = 4.0  # a quotation opens after a space that was lost, where the suffix may be a name: the"T-14" tank
UNLIKELY = 5.0  # an apostrophe before a capital in a word of small letters, or after a word that owns nothing
HARD = 14.0  # nothing opens or ends here: before 're, inside don"t

# What an apostrophe costs in a text without a sure case, with one, and with several.
Cost = tuple[float, float, float]
CONTRACTED: Cost = (0.5, 0.0, 0.0)  # don"t, we"re; the editor"s, where no quoted words end
NAMED: Cost = (1.5, 1.0, 0.5)  # O"Specimen
YEARLY: Cost = (1.0, 0.5, 0.0)  # 1990"s, ABC1"s
NUMBERED: Cost = (7.0, 1.0, 0.5)  # Channel 4"s
PRONOUNCED: Cost = (1.0, 0.5, 0.0)  # "It"s late
SUFFIXED: Cost = (3.5, 2.0, 1.0)  # four "um"s, but also "Specimen"s answer is late
LOOSE: Cost = (6.0, 3.0, 2.0)  # a t that follows no n
INNER_WORD: Cost = (8.0, 6.0, 5.0)  # between any other letters
PLURAL: Cost = (NEVER, 2.5, 1.5)  # the states" joint note; without a sure case it may be half a quotation
PLURAL_ENDS: Cost = (NEVER, 8.0, 7.0)  # … before a comma, or a word that follows no possessive
PLURAL_DOES = 2.0  # more, before what may be a verb: the states" planned note, but also what "the states" planned
PLURAL_QUOTED = 1.5  # more, where a quotation has just begun: "The states" note is late," but also "Joint states" note
ELIDED: Cost = (NEVER, 2.0, 1.5)  # "tis

# Words that are never a possessive plural, and never follow one.
_FUNCTION_WORD = (
    "(?:a|about|added|after|again|against|alongside|also|although|am|among|an|and|any|are|around|as|asked|at|be|because|been|"
    "before|behind|between|beyond|but|by|can|could|despite|did|do|does|during|each|even|every|for|from|had|has|have|he|her|here|"
    "hers|him|his|how|i|if|in|include|includes|including|instead|into|is|it|its|just|made|makes|may|me|mean|means|might|must|my|"
    "nor|not|now|of|on|or|our|out|over|said|say|says|set|shall|she|should|since|so|some|than|that|the|their|them|then|there|"
    "these|they|this|those|though|through|to|today|told|too|towards|under|until|up|upon|us|via|was|we|were|what|when|where|"
    r"whereby|whether|which|while|who|whose|why|will|with|within|without|would|yes|yet|you|your)(?![^\W_])"
)
CONTRACTION = late(r"(?:s|re|ve|ll|d|m|t)(?![^\W_])", re.IGNORECASE)
_NEGATED = late(
    r"(?<![^\W_])(?:ai|are|ca|could|dare|did|do|does|had|has|have|is|might|must|need|ought|sha|should|was|were|wo|would)n\Z",
    re.IGNORECASE,
)
_PREFIX = late(r"(?<![^\W_])(?:o|d|l|ma|mc|y|ne|qu)\Z", re.IGNORECASE)
# O"Brien, d"Artagnan. Before a small letter only if the mark and the letter cannot stand for an umlaut: l"été, but not D"urer.
# Not the acronyms of Hebrew and the letters of other alphabets: O"Ch, D"rzhaven.
_ELIDED = late(
    r'(?<![^\W_])(?:(?:[oOdDlL]|[mM][ac])["“”](?=[A-ZÀ-Þ](?:[a-zß-ÿ]{2}|[A-ZÀ-Þ]{2}))|(?:[dl]|qu)["“”](?=[eéèêëiîïyh][^\W\d_]))'
)
_LITERAL = late(r"(?<!\w)(?:[bfru]|[bf]r|r[bf])\Z", re.IGNORECASE)  # before a text in many programming languages
_A_PRONOUN = r"(?<!\w)(?:It|That|He|She|What|There|Here|Who|Let|How|Where|This|Today|One)\Z"
_PRONOUN = late(_A_PRONOUN)
_BEGUN_BY_PRONOUN = late(rf"[\"“”„]{_A_PRONOUN}")
# These words own nothing, so a mark right after one opens a quotation: the"s class" cars.
_NO_OWNER = (
    "the|and|of|or|but|to|in|on|for|with|from|by|at|as|is|was|are|were|be|been|my|your|its|his|their|our|these|those|called|"
    "named|said|says"
)
OWNS_NOTHING = late(rf"(?<![^\W_])(?:a|an|The|{_NO_OWNER}|{_NO_OWNER.upper()})\Z")
_GOES_ON_AFTER = late(r"[-‐‑–.&/+][^\W_]")  # a suffix that is the beginning of a name: T-14, S.A., s-curve
_SUBJECT = late(
    r"(?<![^\W_])(?:it|that|he|she|what|there|here|who|let|how|where|i|everyone|everybody|nobody)\Z", re.IGNORECASE
)
CONTRACTS = late(r"(?<![^\W_])(?:i|you|we|they|he|she|it|that|there|who|what|where|let)\Z", re.IGNORECASE)
_TAKES = late(  # what English puts before 're, 've, 'll and 'd; before 'm there is only I
    r"(?<![^\W_])(?:(?:i|you|we|they|he|she|it|that|there|here|who|what|where|when|why|how|this|these|those|every(?:one|body)|"
    r"some(?:one|body)|any(?:one|body)|nobody)|(?P<modal>would|could|should|might|must|may))\Z",
    re.IGNORECASE,
)
_PLURAL_VERB = late(r"[sd] (?:are|were|have|and|or|of)(?![^\W_])")
_PLURAL_WORD = late(rf"(?i)(?<![^\W_])(?!(?:{_FUNCTION_WORD}|always|perhaps|themselves|ourselves)\Z)[^\W\d_]{{2,}}\Z")
_SINGULAR = late(r"[a-z](?:ou|s)s\Z")  # courageous, mess
_POSSESSED = late(rf"(?i)[ \xa0](?!{_FUNCTION_WORD})(?:[^\W_]|[£$€\"“]\w)")
_PARTICIPLE = late(r"[ \xa0][^\W\d_]+ed(?![^\W_])")
ELISION = late(r"(?:\d0s|em|til|n|cause|tis|twas|twere|cos|bout|round)(?![^\W_])", re.IGNORECASE)
_FEW_WORDS = r"[^\s\"“”„.,;:!?]{0,30}(?: [^\s\"“”„.,;:!?]{1,30}){0,3}\Z"
FEW_WORDS = late(_FEW_WORDS)
_QUOTED_WORD = late(r"(?<!\w)[\"“”„][^\s\"“”„]{1,40}\Z")
_QUOTED_PHRASE = late(rf"(?<!\w)[\"“”„][^\W_]{_FEW_WORDS}")
_QUOTED_PART = late(rf"[^\W\d_] [\"“”„][a-z]{_FEW_WORDS}")  # within a sentence, so nothing but a quotation
QUOTED_NAME = late(rf"[^\W\d_] [\"“”„][^\W_]{_FEW_WORDS}")  # … or one that begins with a capital
_SPEECH_BEGINS = late(r"(?:\A|[.!?…:,;\"”“—–-])\s*\Z")
_SENTENCE_ENDS = late(r"[.!?…][\"”'’)]?\s+[\"“'‘(]?[A-Z0-9]")
_NUMBER = late(r"(?<![\d.,A-Z])(?<![A-Za-z]-)(?P<whole>\d{1,4})(?:[.,]\d{1,3})?\Z")
YEARS = late(r"(?<![^\W_])(?:(?:1[0-9]|20)\d\d|[A-Z]{2,5}\d)\Z")
_NUMBERED_NAME = late(rf"(?<![^\W_])(?:[2-9]0|(?!(?i:{_FUNCTION_WORD}))[A-Z][^\W\d_]+ \d{{1,3}})\Z")


class Prices(NamedTuple):
    """What the labels of a mark cost, and the ways over a break. `within_words` is added to each label within quoted words.

    Speech is whole sentences, words are quoted within a sentence. Over a break, a quotation is left open or carried on.
    """

    speech_opens: float = NEVER
    words_open: float = NEVER
    opens_again: float = NEVER
    speech_ends: float = NEVER
    words_end: float = NEVER
    apostrophe: float = NEVER
    inch: float = NEVER
    stray: float = NEVER
    within_words: float = 0.0
    apart: float = NEVER  # over a break outside of quotations
    left_open: float = NEVER
    carried: float = NEVER


def costs_of_mark(text: str, at: int, last: int, evidence: int) -> Prices:
    """What each label of the mark at `at` costs, after a mark at `last`. `text` is a paragraph without inline markup.

    `evidence` is 0 in a text without a sure apostrophe, 1 with one, 2 with several.
    """
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    blank_after = after.isspace()
    begins = not after.islower() and not blank_after and _SPEECH_BEGINS.search(text, max(0, at - 4), at) is not None
    within_words = _length(text, at, last)
    # Without evidence, all else is in the two characters beside it, but for digits, letters on both sides, and `f"`.
    is_plain = not after.isalpha() and before not in "bfruBFRU" if before.isalpha() else not before.isalnum()
    if is_plain and not evidence:
        return _costs_beside(before + text[at] + after, begins, within_words)
    return _costs(text, at, evidence, begins, within_words)


@lru_cache(4096)
def _costs_beside(text: str, begins: bool, within_words: float) -> Prices:
    """What each label of a mark costs, by the two characters beside it."""
    return _costs(text, 1, 0, begins, within_words)


def _costs(text: str, at: int, evidence: int, begins: bool, within_words: float) -> Prices:
    """What each label of a mark costs, if it is known whether speech begins there and what the words before it cost."""
    mark = text[at]
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    blank_after, word_before, word_after = after.isspace(), before.isalnum(), after.isalnum()
    if mark in (OPENING, LOW):
        # German closes with the mark that English opens with.
        ends = mark == OPENING and not before.isspace() and before not in "([{" and not word_after
        closes = 3.0 if ends else NEVER
        speech, words = (0.0, TITLE) if begins else (UNEXPECTED, 0.0)
        return Prices(speech, words, GOES_ON if begins else NEVER, closes, closes, stray=LOST_CURLY)

    opens, closes = _ends(text, at, before, after)
    apostrophe = inch = NEVER
    breaks_off = 0.0 if before in ".,!?…-—–" or after in ".,;" or word_after else UNEXPECTED
    if before.isalpha() and after.isalpha():
        opens, closes, apostrophe = _between_letters(text, at, opens, closes, evidence)
    elif before.isdigit() and after in "sS" and not text[at + 2 : at + 3].isalnum():
        apostrophe = (YEARLY if YEARS.search(text, max(0, at - 7), at) else NUMBERED)[evidence]
        closes += 3.0 if evidence else 0.0
    elif evidence and before in "sS" and not word_after:
        apostrophe = _plural(text, at, evidence)
        breaks_off += 2.0 if apostrophe < PLURAL_ENDS[evidence] else 0.0  # speech ends less often where a plural would
    elif evidence and not word_before and ELISION.match(text, at + 1):
        apostrophe = ELIDED[evidence]
    if before.isdigit() or before in "½¼¾":
        inch = cost_of_inch(text, at, evidence)
        if inch < 1.0 and after not in ".,;:!?)]}":
            closes += 3.0 if blank_after else 2.0
    stray = LOST
    if mark == CLOSING:
        # Swedish and Finnish open with the mark that closes; a curly mark is an apostrophe less often than a straight one.
        opens = opens + 2.0 if not blank_after and (not word_before or opens <= GLUED) else NEVER
        apostrophe, inch, stray = apostrophe + 2.0, inch + 1.0, LOST_CURLY
    return Prices(
        opens if begins else opens + UNEXPECTED,
        opens + TITLE if begins else opens,
        opens + GOES_ON if begins else NEVER,
        closes + breaks_off,
        closes,
        apostrophe,
        inch,
        stray,
        within_words,
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
    """What it costs that quoted words go on from a mark at `last` to the one at `at`: most are short, and not sentences."""
    drags = DRAGS_ON * min(4, (at - last) // 60)
    overflows = last >= 0 and _SENTENCE_ENDS.search(text, last + 1, min(at - 1, last + 600))
    return drags + (OVERFLOWS if overflows else 0.0)


def _between_letters(text: str, at: int, opens: float, closes: float, evidence: int) -> tuple[float, float, float]:
    """What a mark between two letters costs as an opening one, a closing one, and an apostrophe."""
    contraction = CONTRACTION.match(text, at + 1)
    if contraction is None:
        if not _PREFIX.search(text, max(0, at - 3), at):
            return opens, closes, INNER_WORD[evidence]
        return HARD if evidence else opens, closes + 3.0 * evidence, NAMED[evidence]
    ending = contraction[0].lower()
    owns_nothing = OWNS_NOTHING.search(text, max(0, at - 7), at)
    if owns_nothing or may_be_name(text, at, contraction.end()):
        # The bird"s-eye view, but also a"re-entry" visa, the"T-14" tank, the"s class" cars.
        unlikely = owns_nothing or text[at + 1].isupper() > text[at - 1].isupper()
        return min(opens, GLUED), closes, UNLIKELY if unlikely else CONTRACTED[evidence]
    if ending == "t" and text[at - 1] not in "nN":
        return opens, closes, LOOSE[evidence]
    if opens == 9.0 and not _MARK.match(text, contraction.end()):
        opens = HARD  # no quotation begins inside a word, and with 's
    if never_ends(text, at):
        return opens, HARD, CONTRACTED[evidence]
    if _QUOTED_WORD.search(text, max(0, at - 42), at):
        if _BEGUN_BY_PRONOUN.search(text, max(0, at - 6), at):
            return opens, HARD if evidence else 6.0, PRONOUNCED[evidence]
        return opens, 1.0 + evidence, SUFFIXED[evidence]
    if _QUOTED_PART.search(text, max(0, at - 60), at):
        return opens, 1.0 + evidence, SUFFIXED[evidence]
    subject = _SUBJECT.search(text, max(0, at - 8), at)
    if subject and subject[0] != "I" and subject[0][0].isupper() and QUOTED_NAME.search(text, max(0, at - 60), at):
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


def cost_of_inch(text: str, at: int, evidence: int) -> float:
    """What it costs that a mark after a digit stands for inches or arc seconds."""
    if text[at - 1] in "½¼¾":
        return 0.5
    number = _NUMBER.search(text, max(0, at - 9), at)
    if number is None or len(number["whole"]) == 4:
        return HARD
    if evidence and text[at + 1 : at + 2] == "s" and _NUMBERED_NAME.search(text, max(0, at - 20), at):
        return 9.0  # the 80"s, Channel 4"s
    return 4.0 if len(number["whole"]) == 3 else 0.5


def may_be_name(text: str, at: int, end: int) -> bool:
    """Whether what looks like a suffix may begin a quoted name: it goes on, or is a capital after a small letter."""
    return bool(_GOES_ON_AFTER.match(text, end)) or (text[at + 1].isupper() and text[at - 1 : at].islower())


def never_ends(text: str, at: int) -> bool:
    """Whether the letters after a mark never follow a quotation: we"re, don"t."""
    contraction = CONTRACTION.match(text, at + 1)
    if contraction is None:
        return False
    if contraction[0].lower() in ("re", "ve", "ll", "m"):
        return is_taken(text, at, contraction)
    return is_negated(text, at, contraction)


def is_taken(text: str, at: int, contraction: re.Match[str]) -> bool:
    """Whether the word before a mark is one that English contracts with 're, 've, 'll, 'm or 'd.

    Elsewhere these letters are a suffix, as in Hungarian and Turkish, or the end of a Hebrew acronym.
    """
    ending = contraction[0].lower()
    word = _TAKES.search(text, max(0, at - 12), at)
    if word is None or (ending == "m" and word[0].lower() != "i"):
        return False
    return word["modal"] is None or ending == "ve"


def is_doubtful(text: str, at: int) -> bool:
    """Whether a mark between letters may be a letter or a sign itself: Chaba"d, D"urer, D"rzhaven."""
    contraction = CONTRACTION.match(text, at + 1)
    if contraction is not None:
        return contraction[0].lower() not in ("s", "t") and not is_taken(text, at, contraction)
    if not (text[at - 1 : at].isalpha() and text[at + 1 : at + 2].isalpha()):
        return False
    return not any(_ELIDED.match(text, at - length) for length in (1, 2) if length <= at)


def is_negated(text: str, at: int, contraction: re.Match[str]) -> bool:
    return contraction[0] in ("t", "T") and _NEGATED.search(text, max(0, at - 8), at) is not None


def costs_of_break(before: str, after: str, lines: int) -> Prices:
    """What the ways over the break between two paragraphs cost that are `lines` lines apart."""
    before, after = before.strip(), after.lstrip()
    left_open, carried = LEFT_OPEN, CARRIED
    if _MARK.match(after):
        left_open = CONTINUED if _MARK.match(before) else (CONTINUED + LEFT_OPEN) / 2
    elif before[-1] not in '.!?:…"”)' and (after[0].islower() or (lines == 1 and len(before) >= 40)):
        carried = WRAPPED
    return _price_of_break(left_open, carried)


@lru_cache(16)
def _price_of_break(left_open: float, carried: float) -> Prices:
    return Prices(apart=0.0, left_open=left_open, carried=carried)


def may_close(text: str, at: int, evidence: int) -> bool:
    """Whether a mark before a suffix may close a quotation of a few words; not in `"It"s late`."""
    quoted = _QUOTED_PART if evidence else _QUOTED_PHRASE
    return bool(quoted.search(text, max(0, at - 60), at)) and not _BEGUN_BY_PRONOUN.search(text, max(0, at - 6), at)
