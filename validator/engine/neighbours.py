"""A seed beside others of its archive: what it shares with them, in what they differ, and what the rules say of that. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

from validator.engine.accepting import accept
from validator.engine.collecting import Findings, in_order
from validator.engine.listening import rules_about
from validator.engine.seen import Seen
from validator.parsing.dates import month_number, weekday_number
from validator.record.agreement import dates_differ, same_text
from validator.record.likeness import Passage, Word, letters_of, passages, similarity, words_of
from validator.record.model import Record
from validator.record.traits import Tie, Traits, traits_of
from validator.rules import RULES
from validator.rules.views import Neighbour, Neighbours
from validator.sources.model import Agreement, Place
from validator.text.findings import Basis, SeedReport
from validator.text.places import Span

LEAST_SIMILAR = 0.8  # the share of words in common, from which on two bodies are nearly the same
_ALMOST_SAME = 0.98
_SCATTERED = 4  # places in which two texts differ
_NOWHERE = Place()
_SAME_DAY = Agreement(name="", rule="dates-disagree", left=_NOWHERE, right=_NOWHERE, relation="same-day")
_SAME_TIME = _SAME_DAY._replace(relation="same-instant", tolerance_seconds=43_200)


class Side:
    """One of two seeds that are compared: what is known of it is made when it is first asked for."""

    def __init__(self, path: str, seen: Seen) -> None:
        self.path = path
        self.seen = seen

    @property
    def record(self) -> Record:
        """Its record. Only a seed that was decoded is compared."""
        assert self.seen.record is not None
        return self.seen.record

    @cached_property
    def traits(self) -> Traits:
        return traits_of(self.record)

    @cached_property
    def words(self) -> list[Word]:
        """The words of its body."""
        first = self.record.first or 0
        return words_of(self.record.masked[first : self.record.last or 0], first)

    @cached_property
    def letters(self) -> list[str]:
        """The letters of each word of its body."""
        return [word.letters for word in self.words]

    @cached_property
    def language(self) -> str:
        """Its main language, '' if nothing says it."""
        named = self.seen.languages or tuple(filter(None, [self.seen.policy.language]))
        return named[0].replace("_", "-").partition("-")[0].lower() if named else ""

    def value(self, name: str) -> str:
        """A value of its record as people read it, '' if it has none."""
        if name == "date":
            return str(self.record.date) if self.record.date is not None else ""
        return ", ".join(reading.value for reading in self.record.readings.get(name, ()))

    @property
    def end(self) -> int:
        """Where its body ends."""
        return self.record.last or 0

    def place(self, tie: Tie) -> Span | None:
        """Where it has what it shares; None if that is not in its text."""
        if tie in (Tie.BODY, Tie.NEAR_BODY):
            return Span(self.record.first or 0, self.end)
        reading = self.record.reading("source_url" if tie is Tie.ADDRESS else "headline")
        return reading.span if reading is not None and reading.basis is not Basis.ATTESTED else None

    def line(self, tie: Tie) -> int:
        """The line of it."""
        return self.seen.decoded.text.count("\n", 0, (self.place(tie) or Span(0, 0)).start) + 1


class _Compared(NamedTuple):
    """Two seeds, the first of them the one that is judged."""

    here: Side
    there: Side
    differing: tuple[Passage, ...] = ()
    similarity: float = 1.0

    def disputed(self) -> tuple[tuple[str, str, str], ...]:
        """In which fields of the record the two differ, and how."""
        return tuple(disputed(self.here, self.there))


def disputed(here: Side, there: Side) -> list[tuple[str, str, str]]:
    """The fields in which two records differ, each with both values. A value that one of them lacks disputes nothing."""
    out = []
    for name in ("headline", "byline", "date"):
        values = here.value(name), there.value(name)
        if all(values) and not _is_same(name, here, there):
            out.append((name, *values))
    return out


def _is_same(name: str, here: Side, there: Side) -> bool:
    if name == "date":
        one, other = here.record.date, there.record.date
        assert one is not None
        assert other is not None
        if one.calendar_day() is not None and one.calendar_day() == other.calendar_day():
            return True
        has_time = one.instant() is not None or other.instant() is not None
        return dates_differ(_SAME_TIME if has_time else _SAME_DAY, one, other) is None
    if name == "headline":
        one_text, other_text = here.value(name), there.value(name)
        return same_text(one_text, other_text) or letters_of(one_text) == letters_of(other_text) != ""
    return {letters_of(each.value) for each in here.record.readings["byline"]} == {
        letters_of(each.value) for each in there.record.readings["byline"]
    }


def neighbours_of(here: Side, others: Iterable[tuple[Side, frozenset[Tie]]]) -> Neighbours:
    """What a seed may share with others, because something says so. One that is wrong is left out."""
    found: dict[Tie, list[_Compared]] = {tie: [] for tie in Tie}
    right = [each for each in others if not each[0].seen.is_wrong]
    for there, ties in sorted(right, key=lambda each: each[0].path):
        for tie, compared in _ties(here, there, ties):
            found[tie].append(compared)
    return Neighbours(
        _entry(Tie.ADDRESS, found), _entry(Tie.BODY, found), _entry(Tie.NEAR_BODY, found), _entry(Tie.HEADLINE, found)
    )


def _ties(here: Side, there: Side, ties: frozenset[Tie]) -> list[tuple[Tie, _Compared]]:
    """What two seeds have in common. The more exact tie speaks: the same text is not also nearly the same.

    A text that other seeds have too, under other headlines and addresses, is a standing notice or a template. It says nothing
    of these two unless they have their headline or their address in common.
    """
    mine, other = here.traits, there.traits
    plain = _Compared(here, there)
    same_address = mine.address and mine.address == other.address
    same_headline = bool(mine.headline) and mine.headline == other.headline
    is_one_article = same_address or same_headline
    is_template = Tie.CROWD in ties and not is_one_article
    if mine.body and mine.body == other.body and not is_template:
        return [(Tie.BODY, plain)]
    out = [(Tie.ADDRESS, plain)] if same_address else []
    if Tie.NEAR_BODY in ties and mine.sketch and other.sketch and not is_template and mine.body != other.body:
        near = _near(here, there)
        if near is not None and (same_address or not _is_series(near)) and (is_one_article or _is_copy(near)):
            out.append((Tie.NEAR_BODY, near))
    if not out and same_headline and mine.day and mine.day == other.day and here.language == there.language:
        out.append((Tie.HEADLINE, plain))
    return out


def _is_series(near: _Compared) -> bool:
    """Whether two texts of different days differ in numbers and dates alone, as a notice of each week does."""
    days = near.here.traits.day, near.there.traits.day
    if not all(days) or days[0] == days[1]:
        return False
    words = [word for each in near.differing for word in near.here.letters[each.left : each.left_end]]
    words += [word for each in near.differing for word in near.there.letters[each.right : each.right_end]]
    return all(word.isdecimal() or month_number(word) or weekday_number(word) is not None for word in words)


def _is_copy(near: _Compared) -> bool:
    """Whether two texts differ as a copy does, here and there, and not as two fillings of one form do, in one place."""
    sizes = [each.left_end - each.left + each.right_end - each.right for each in near.differing]
    return near.similarity >= _ALMOST_SAME or (len(sizes) >= _SCATTERED and max(sizes) * 2 <= sum(sizes))


def _near(here: Side, there: Side) -> _Compared | None:
    left, right = here.letters, there.letters
    if min(len(left), len(right)) < LEAST_SIMILAR**2 * max(len(left), len(right)):
        return None
    if here.path <= there.path:
        differing = passages(left, right)
    else:  # both seeds of a pair say the same of it
        differing = [Passage(*each[2:], *each[:2]) for each in passages(right, left)]
    share = similarity(left, right, differing)
    return _Compared(here, there, tuple(differing), share) if share >= LEAST_SIMILAR else None


def _entry(tie: Tie, found: Mapping[Tie, Sequence[_Compared]]) -> tuple[Neighbour, ...]:
    """One entry for all seeds with a tie: it names the one that differs in most, or is most alike."""
    compared = found[tie]
    if not compared:
        return ()
    best = max(compared, key=lambda each: (len(each.disputed()), each.similarity))
    here, there = best.here, best.there
    texts, place = ("", ""), None
    if tie is Tie.NEAR_BODY and best.differing:
        first = best.differing[0]
        place = span_of_words(here.words, first.left, first.left_end, here.end)
        other = span_of_words(there.words, first.right, first.right_end, there.end)
        texts = (here.record.masked[slice(*place)], there.record.masked[slice(*other)])
        texts = (texts[0].replace("\0", ""), texts[1].replace("\0", ""))
    entry = Neighbour(
        here.place(tie), there.path, there.line(tie), len(compared) - 1, best.disputed(), best.similarity, texts, place
    )
    return (entry,)


def span_of_words(words: Sequence[Word], first: int, end: int, last: int) -> Span:
    """The span of words from one to another; if there are none between, the place where they would be."""
    if first < end:
        return Span(words[first].start, words[end - 1].end)
    place = words[first].start if first < len(words) else last
    return Span(place, place)


def said_of_neighbours(report: SeedReport, here: Side, found: Neighbours, today: date | None) -> SeedReport:
    """The report of a seed, with the findings about others of its archive. They never change its verdict."""
    decoded, source = here.seen.decoded, here.seen.source
    collected = Findings(decoded.text, decoded.encoding, here.seen.match)
    for rule in rules_about(found):
        collected.run(rule, found, source)
    acceptances = [each for each in here.seen.sidecar.accept if RULES[each.rule].is_of_archive]
    findings, lapsed, unused = accept(collected.findings(), acceptances, today)
    if lapsed or unused:
        from validator.engine.checking import said_of_acceptances

        findings += said_of_acceptances(here.seen, lapsed, unused)
    return replace(report, findings=in_order((*report.findings, *findings)))
