"""Dates in words of many languages: read where every language that could have written them means the same day.

A date is matched against a few orders of its parts. Each word narrows the languages: `4 de marzo de 2021` is Spanish or
Galician. If two readings are left, and the seed's language is not known, the date is not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from validator.parsing.date_words import Token, folded, language_bit, meanings_at, tokens_of
from validator.parsing.zones import MORE_NAMES, NAMES

Parts = dict[str, str | None]


class _State(NamedTuple):
    """How far a date is read: the next token, the languages that are left as bits, and the parts found."""

    at: int
    languages: int
    parts: tuple[tuple[str, str], ...]

    def then(self, at: int, languages: int | None = None, **parts: str) -> _State:
        left = self.languages if languages is None else self.languages & languages
        return _State(at, left, (*self.parts, *parts.items()))

    def has(self, name: str) -> bool:
        return any(name == each for each, _ in self.parts)


_Step = Callable[[list[Token], _State], Iterator[_State]]
_ALL = -1
_BUDDHIST_AHEAD, _BUDDHIST_FROM, _BUDDHIST_TO = 543, 2484, 2640  # until 2483 the year began in April
_COMMON_TO = 2440


def _is(tokens: list[Token], at: int, *texts: str) -> bool:
    return at < len(tokens) and tokens[at].text in texts


def _number(tokens: list[Token], at: int, *widths: int) -> bool:
    return at < len(tokens) and tokens[at].is_number and len(tokens[at].text) in widths


def _words(tokens: list[Token], state: _State, role: str) -> Iterator[tuple[int, int, int]]:
    """The value of each word with this role, the languages left, and the place after it and its dot."""
    for meaning, at in meanings_at(tokens, state.at):
        left = state.languages & meaning.languages
        if meaning.role == role and left:
            yield meaning.value, left, at + _is(tokens, at, ".")


def _of_role(role: str) -> _Step:
    def step(tokens: list[Token], state: _State) -> Iterator[_State]:
        for _, left, at in _words(tokens, state, role):
            yield state.then(at, left)

    return step


def _sign(*signs: str) -> _Step:
    def step(tokens: list[Token], state: _State) -> Iterator[_State]:
        if _is(tokens, state.at, *signs):
            yield state.then(state.at + 1)

    return step


def _weekday(tokens: list[Token], state: _State) -> Iterator[_State]:
    if state.has("weekday"):
        return
    bracket = _is(tokens, state.at, "(")
    inside = state.then(state.at + bracket)
    found = [(value, left, at) for value, left, at in _words(tokens, inside, "weekday")]
    if _is(tokens, inside.at, "thu") and _number(tokens, inside.at + 1, 1) and "2" <= tokens[inside.at + 1].text <= "7":
        found.append((int(tokens[inside.at + 1].text) - 2, inside.languages & language_bit("vi"), inside.at + 2))
    for value, left, at in found:
        if left and (not bracket or _is(tokens, at, ")")):
            yield state.then(at + bracket, left, weekday=str(value))


def _day(tokens: list[Token], state: _State) -> Iterator[_State]:
    if not _number(tokens, state.at, 1, 2):
        return
    day, at = tokens[state.at].text, state.at + 1
    yield state.then(at + _is(tokens, at, "."), day=day)
    # 1er, 1.º, 4-го, 4:e
    start = at + (_is(tokens, at, ".", "-", ":") and at + 1 < len(tokens) and tokens[at + 1].is_word)
    after = state.then(start)
    for _, left, end in _words(tokens, after, "ordinal"):
        said = tokens[start].text
        ordinal = {"ordinal": said} if said in ("st", "nd", "rd", "th") else {}
        yield state.then(end, left, day=day, **ordinal)


def _month(tokens: list[Token], state: _State) -> Iterator[_State]:
    for value, left, at in _words(tokens, state, "month"):
        yield state.then(at, left, month=str(value))
        if _is(tokens, at, "/"):  # 4 آذار/مارس 2021
            other = state.then(at + 1, left)
            for second, both, end in _words(tokens, other, "month"):
                if second == value:
                    yield state.then(end, both, month=str(value))
    if _is(tokens, state.at, "thang", "thg") and _number(tokens, state.at + 1, 1, 2):
        yield state.then(state.at + 2, language_bit("vi"), month=tokens[state.at + 1].text)


def _year(tokens: list[Token], state: _State) -> Iterator[_State]:
    starts = [(state, "")]
    starts += [
        (state.then(at, left), " ".join(token.text for token in tokens[state.at : at]))
        for _, left, at in _words(tokens, state, "before_year")
    ]
    for start, before in starts:
        if not _number(tokens, start.at, 4):
            continue
        year = _common_year(tokens[start.at].text, start.languages, before.replace(".", "").replace(" ", ""))
        if year is None:
            continue
        at = start.at + 1
        known = start.then(at, year=year)
        yield known
        if _is(tokens, at, "."):
            yield known.then(at + 1)
        if _is(tokens, at, "-", ".") and at + 1 < len(tokens) and tokens[at + 1].is_word:
            at += 1
        for _, left, end in _words(tokens, known.then(at), "after_year"):
            yield known.then(end, left)


def _common_year(text: str, left: int, before: str) -> str | None:
    """A year of the common era. Thai gives years of the Buddhist era, which is 543 years ahead."""
    year = int(text)
    is_thai = left == language_bit("th")
    if before == "พศ" or (is_thai and year > _COMMON_TO and before != "คศ"):
        return f"{year - _BUDDHIST_AHEAD:04}" if _BUDDHIST_FROM <= year <= _BUDDHIST_TO else None
    return text


def _in_numbers(tokens: list[Token], state: _State) -> Iterator[_State]:
    """A date in numbers: the year first, or last after two numbers; the source says which of them is the day."""
    texts = [token.text for token in tokens[state.at : state.at + 5]]
    if len(texts) < 5 or texts[1] != texts[3] or texts[1] not in ("-", "/", "."):
        return
    at = state.at
    if not all(_number(tokens, at + each, 1, 2, 4) for each in (0, 2, 4)):
        return
    widths = [len(texts[each]) for each in (0, 2, 4)]
    if widths[0] == 4 and 4 not in widths[1:]:
        known = state.then(at + 5, year=texts[0], month=texts[2], day=texts[4])
    elif widths[2] == 4 and 4 not in widths[:2]:
        known = state.then(at + 5, first=texts[0], second_=texts[2], year=texts[4])
    else:
        return
    yield known
    if _is(tokens, at + 5, "."):
        yield known.then(at + 6)
    for _, left, end in _words(tokens, known, "after_year"):
        yield known.then(end, left)


# --- times and zones ----------------------------------------------------------------------------------------------------

_CLOCK_HALVES = ("am", "pm")


def _time(tokens: list[Token], state: _State) -> Iterator[_State]:
    starts = [(state, "")]
    starts += [(each, half) for half in _CLOCK_HALVES for each in _of_role(half)(tokens, state)]
    for start, half in starts:
        for clock, is_sure in _clock(tokens, start):
            yield from _ended(tokens, clock, half, is_sure or bool(half))


def _clock(tokens: list[Token], state: _State) -> Iterator[tuple[_State, bool]]:
    """Hour, minute and second, and whether it is sure to be a time without a word for it: an hour alone is not."""
    at = state.at
    if not _number(tokens, at, 1, 2):
        return
    hour = state.then(at + 1, hour=tokens[at].text)
    whole = hour.then(at + 1, minute="00")
    yield whole, False
    signs = [at + 1] if _is(tokens, at + 1, ":", ".") else []
    for _, _, end in _words(tokens, hour, "clock"):
        signs.append(end - 1)
    for sign in signs:
        if not _number(tokens, sign + 1, 2):
            continue
        minute = hour.then(sign + 2, minute=tokens[sign + 1].text)
        yield minute, True
        if _is(tokens, sign + 2, ":", ".") and _number(tokens, sign + 3, 2):
            yield minute.then(sign + 4, second=tokens[sign + 3].text), True


def _ended(tokens: list[Token], state: _State, half: str, is_sure: bool) -> Iterator[_State]:
    """After the numbers of a time: its word, its half of the day, its zone."""
    for after in (state, *_of_role("clock")(tokens, state)):
        said = is_sure or after.at > state.at
        halves = [(after, half)]
        if not half:
            halves += [(each, name) for name in _CLOCK_HALVES for each in _of_role(name)(tokens, after)]
        for each, name in halves:
            if not (said or name):
                continue
            known = _in_24(each, name)
            if known is not None:
                yield known
                yield from _zone(tokens, known)


def _in_24(state: _State, half: str) -> _State | None:
    if not half:
        return state
    parts = dict(state.parts)
    hour = int(parts.pop("hour"))
    if not 1 <= hour <= 12:
        return None
    return _State(state.at, state.languages, (*parts.items(), ("hour", str(hour % 12 + 12 * (half == "pm")))))


def _zone(tokens: list[Token], state: _State) -> Iterator[_State]:
    bracket = _is(tokens, state.at, "(")
    at = state.at + bracket
    word = tokens[at].text.upper() if at < len(tokens) and tokens[at].is_word else ""
    is_known = word in NAMES or word in MORE_NAMES or (word == "Z" and tokens[at].glued)
    ends = [(at + 1, word)] if is_known else []
    start = at + (word in ("UTC", "GMT"))
    if _is(tokens, start, "+", "-") and start + 1 < len(tokens) and tokens[start + 1].glued:
        text = tokens[start].text
        # 10:00-12:00 is rather a time until another; -0500 is an offset.
        digits = tokens[start + 1].text
        has_minutes = _is(tokens, start + 2, ":") and _number(tokens, start + 3, 2)
        if start > at or text == "+" or len(digits) == 4 or state.has("second"):
            zero = word if start > at else ""
            if tokens[start + 1].is_number:
                ends.append((start + 2, f"{zero}{text}{digits}"))
                if has_minutes:
                    ends.append((start + 4, f"{zero}{text}{digits}:{tokens[start + 3].text}"))
    for end, zone in ends:
        if bracket and not _is(tokens, end, ")"):
            continue
        known = state.then(end + bracket, zone=zone)
        yield known
        if not bracket and zone[-1].isdigit() and _is(tokens, end, "("):  # +0800 (China Standard Time)
            close = next((each for each in range(end + 1, len(tokens)) if not tokens[each].is_word), end)
            if close > end + 1 and _is(tokens, close, ")"):
                yield known.then(close + 1)


# --- whole dates --------------------------------------------------------------------------------------------------------


def _maybe(step: _Step) -> _Step:
    def either(tokens: list[Token], state: _State) -> Iterator[_State]:
        yield state
        yield from step(tokens, state)

    return either


def _some_of(*languages: str) -> _Step:
    def step(tokens: list[Token], state: _State) -> Iterator[_State]:
        left = state.languages & sum(map(language_bit, languages))
        if left:
            yield state.then(state.at, left)

    return step


def _end(tokens: list[Token], state: _State) -> Iterator[_State]:
    if state.at == len(tokens):
        yield state


_COMMA = _maybe(_sign(","))
_NAMED = (_maybe(_weekday), _COMMA, _maybe(_of_role("the")))
_OF = _maybe(_of_role("of"))
_BETWEEN = _maybe(_sign("-", "/", ","))
_LATER = (_COMMA, _maybe(_weekday))
_DATES: tuple[tuple[_Step, ...], ...] = (
    (*_NAMED, _day, _OF, _BETWEEN, _month, _OF, _BETWEEN, _year, *_LATER),
    (_maybe(_weekday), _COMMA, _month, _day, _COMMA, _year),
    (_year, _COMMA, _BETWEEN, _month, _BETWEEN, _day, *_LATER),
    (_maybe(_weekday), _COMMA, _year, _day, _month, _some_of("lv", "kk", "ky"), *_LATER),
    (*_NAMED, _in_numbers, *_LATER),
)
_SHORT: tuple[tuple[_Step, ...], ...] = (
    (_month, _OF, _BETWEEN, _year),
    (_year, _COMMA, _month),
    (*_NAMED, _day, _OF, _month),
    (_maybe(_weekday), _COMMA, _month, _day, _some_of("en", "hu", "lt", "fil")),
)
_AT = (_maybe(_sign(",", "-", "–", "|", ";", "·", "/")), _maybe(_of_role("at")), _maybe(_of_role("at")))


_THEN = _maybe(_sign(",", "-", "–", "|", ";", "·"))
_ORDERS = (
    *((*order, _end) for order in (*_DATES, *_SHORT)),
    *((*order, *_AT, _time, _end) for order in _DATES),
    *((_maybe(_of_role("at")), _time, _THEN, *order, _end) for order in _DATES),
)


def _readings(tokens: list[Token]) -> list[tuple[Parts, int]]:
    found: dict[tuple[tuple[str, str], ...], int] = {}
    for order in _ORDERS:
        states = {_State(0, _ALL, ())}
        for step in order:
            states = {after for state in states for after in step(tokens, state) if after.languages}
            if not states:
                break
        for state in states:
            parts = tuple(sorted(state.parts))
            found[parts] = found.get(parts, 0) | state.languages
    return [(dict(parts), left) for parts, left in found.items()]


def read_written(text: str, known: Sequence[str] = ()) -> Parts | None:
    """The parts of a date that is the whole of a text, as all languages read it, or the first of the known ones that can.

    `first` and `second_` are day and month in an order that is not known here. None if there is no such date, or several.
    """
    tokens = tokens_of(folded(text))
    if not any(token.is_number for token in tokens):
        return None
    readings = _readings(tokens)
    for bit in filter(None, map(language_bit, known)) if readings else ():
        own = [parts for parts, left in readings if left & bit]
        if own:
            return _agreed(own)
    return _agreed([parts for parts, _ in readings])


def _agreed(readings: list[Parts]) -> Parts | None:
    """The one date of all readings, None if they differ. A weekday on which they differ is left out."""
    told = ("weekday", "ordinal")
    dates = {tuple(sorted((name, said) for name, said in each.items() if name not in told)) for each in readings}
    if len(dates) != 1:
        return None
    weekdays = {each.get("weekday") for each in readings}
    agreed: Parts = dict(dates.pop())
    agreed["weekday"] = weekdays.pop() if len(weekdays) == 1 else None
    agreed["ordinal"] = readings[0].get("ordinal")
    return agreed
