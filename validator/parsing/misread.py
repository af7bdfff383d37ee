"""UTF-8 that was read in another encoding: where it is in a text, and what it was.

UTF-8 has a form that is rare by chance: a lead byte and one to three following bytes for each character. Read as latin-1 or
windows-1252, it is known by its form alone (`utf8_look_alike`); rules and ftfy judge it. Read in another encoding, these bytes
become characters that are rarely neighbours. A run of them counts as misread UTF-8 if it is long enough, or beside letters of
another script, or if it gives a mark of punctuation. Not handled: encodings that are not listed here, and runs that lost bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice, pairwise
from typing import NamedTuple

from validator.text.letters import is_common_chinese
from validator.text.patterns import expression, late, matches_from
from validator.text.places import Span, remembered


class Misread(NamedTuple):
    """A run of UTF-8 that was read in `encoding`; `restored` is what it was."""

    span: Span
    encoding: str
    restored: str


# One byte a character, the likeliest first, without latin-1 and windows-1252.
_ENCODINGS = ("cp1251", "koi8-r", "mac-roman", "cp437", "cp866", "cp850", "cp1250", "cp1253", "cp1257")
_NAMES = {"cp1251": "windows-1251", "cp1250": "windows-1250", "cp1253": "windows-1253", "cp1257": "windows-1257"}
# What a passage may have been: letters of the scripts that articles are written in, punctuation, pictures.
_USUAL = late(
    "[\u00a0-\u017f\u0370-\u03ff\u0400-\u045f\u0490\u0491\u05d0-\u05ea\u0600-\u06ff\u0900-\u097f\u0e01-\u0e5b\u1e00-\u1eff"
    "\u2010-\u203a\u20ac\u2116\u2122\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e\U0001f300-\U0001faff]+"
)
_PUNCTUATION = late("[\u2010-\u203a\u20ac\u2116\u2122]")
_LATIN = late("[\u00a0-\u017f]+")
_BOX = late("[\u2500-\u259f]")
_MOST = 20_000  # passages of one encoding that are reported
_LONGEST = 1000  # characters of one run; a longer one is reported in pieces
_HAN = "\u3400-\u9fff\ue000-\uf8ff"
# Bytes of UTF-8: the first of a character, the first of the letters of two bytes that are found in GBK, and all others.
_LEADS, _OF_TWO_BYTES, _FOLLOWING = range(0xC2, 0xF5), (0xC3, 0xC4, 0xC5, 0xCE, 0xCF, 0xD0, 0xD1), range(0x80, 0xC0)


class _Form(NamedTuple):
    """How UTF-8 looks in an encoding: the table back to its bytes, patterns of a run and its beginning, its first characters."""

    encoding: str
    to_bytes: dict[int, int]
    run: str
    begins: str
    leads: frozenset[str]


_ORDINARY = late("[\0-\x7f\u3000-\u9fff\uff00-\uffef]+")  # no such form has any of these


@cache
def _form(encoding: str) -> _Form:
    characters = _characters(encoding)
    to_bytes = {ord(each): byte for byte, each in enumerate(characters) if byte >= 0x80}
    sequence = _sequence(characters, "")
    leads, following = (frozenset(characters[each.start : each.stop]) for each in (_LEADS, _FOLLOWING))
    begins = f"{_class_of(leads)}(?={_class_of(following)})"
    return _Form(encoding, to_bytes, f"{sequence}{{1,{_LONGEST}}}+", begins, leads)


def _class_of(characters: Iterable[str], more: str = "") -> str:
    """A pattern of one character of some."""
    return "[" + "".join(map(re.escape, characters)) + more + "]"


def _characters(encoding: str) -> list[str]:
    """What each byte is read as in an encoding; one that it leaves undefined is read as latin-1 reads it."""
    read = [bytes((byte,)).decode(encoding, "replace") for byte in range(0x100)]
    return [chr(byte) if each == "\ufffd" else each for byte, each in enumerate(read)]


def _sequence(characters: list[str], last: str) -> str:
    """A pattern of one character of UTF-8 whose bytes are read as `characters`; `last` are more that may follow."""

    def among(low: int, high: int, more: str = "") -> str:
        return _class_of(characters[low : high + 1], more)

    following = among(0x80, 0xBF, last)
    return (
        f"(?:{among(0xC2, 0xDF)}{following}|{among(0xE0, 0xEF)}{following}{following}"
        f"|{among(0xF0, 0xF4)}{following}{following}{following})"
    )


def signs_of_utf8() -> Iterator[str]:
    """Patterns (RE2). Every text in which `misread` finds something matches one of them.

    The last character of a run may be written as a character reference.
    """
    yield from (_sequence(_characters(encoding), "&") for encoding in _ENCODINGS)
    yield from _signs_of_gbk()


def _signs_of_gbk() -> Iterator[str]:
    """The same for UTF-8 read as GBK: how the runs begin that `_in_gbk` finds."""

    def among(leads: Iterable[int], seconds: Iterable[int] = _FOLLOWING) -> str:
        return _class_of(sorted(_read_as_gbk(leads, seconds)))

    han, no_han = f"[{_HAN}€&]", f"(?:\\A|[^{_HAN}€])"
    yield f"[a-z](?:{among((0xC3, 0xC4, 0xC5))}(?:[^{_HAN}€]|\\z)|&#[1-6][0-9][0-9][0-9][0-9];|&#[xX][3-9a-fA-F])"
    cyrillic = among((0xD0, 0xD1))
    yield f"{no_han}{cyrillic}{cyrillic}[{cyrillic[1:-1]}&]"
    # A Chinese character of three bytes, the first byte of another, and what follows that.
    second, within = among(_FOLLOWING, _LEADS), among(_FOLLOWING, (*_FOLLOWING, *_LEADS))
    yield f"{no_han}{among(range(0xE3, 0xEE))}{second}[{within[1:-1]}&]"
    signs = (bytes((lead, following)) for lead in _OF_TWO_BYTES for following in _FOLLOWING)
    first = "".join(sign.decode("gb18030") for sign in signs if not sign.decode("utf-8").isalpha())
    # A sign of two bytes, and the first two bytes of another character.
    yield f"{no_han}[{first}](?:&|{among(_LEADS)}{han})"


@remembered
def misread(text: str) -> tuple[Misread, ...]:
    """The misread passages of a text in their order; of those that overlap the first, then the longest."""
    if text.isascii():  # none of the forms need be made
        return ()
    strange = _ORDINARY.sub(" ", text)
    present = frozenset(strange)
    forms = [form for form in map(_form, _ENCODINGS) if not form.leads.isdisjoint(present)]
    forms = [form for form in forms if expression(form.begins).search(strange)]
    found = [each for form in forms for each in islice(_in(text, form), _MOST)]
    found += islice(_in_gbk(text), _MOST)
    kept: list[Misread] = []
    for each in sorted(found, key=lambda each: (each.span.start, -each.span.end)):
        if not kept or kept[-1].span.end <= each.span.start:
            kept.append(each)
    return tuple(kept)


@remembered
def misread_spans(text: str) -> list[Span]:
    """Where those passages are; the rule mojibake reports them, and others leave them alone."""
    return [each.span for each in misread(text)]


def _in(text: str, form: _Form) -> Iterator[Misread]:
    doubtful: list[Misread] = []
    is_found = False
    for match in matches_from(expression(form.run), expression(form.begins), text):
        run = match.group()
        restored = _restored(run, form)
        if not restored:
            continue
        found = Misread(Span(*match.span()), _NAMES.get(form.encoding, form.encoding), restored)
        before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
        if _is_sure(run, restored, before, after):
            is_found = True
            yield found
        elif not before.isalpha() and not after.isalpha() and restored.isalpha() and len(doubtful) < _MOST:
            doubtful.append(found)
    if is_found:  # a word of one letter, in a text that was misread elsewhere
        yield from doubtful


def _restored(run: str, form: _Form) -> str:
    """What a run was; '' where that is not usual text."""
    try:
        restored = run.translate(form.to_bytes).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return ""
    return restored if _USUAL.fullmatch(restored) else ""


def _is_strange(run: str, before: str) -> bool:
    """Whether a run cannot be a word: a capital after a small letter, a sign, letters of two scripts."""
    if not run.isalpha() or any(a.islower() and b.isupper() for a, b in pairwise(before + run)):
        return True
    return run.startswith("ÔÇ") or len({each > "\u036f" for each in run}) > 1


def _is_sure(run: str, restored: str, before: str, after: str) -> bool:
    if not _is_strange(run, before):
        return False
    if _PUNCTUATION.search(restored):
        return not (len(restored) == 1 and run[0] in "‚" and not (before.isalpha() or after.isalpha() or run[1] in "Ä"))
    is_drawn = bool(_BOX.match(run[0])) and all(_BOX.match(each) for each in run)
    if _LATIN.fullmatch(restored):
        return _is_sure_latin(run, before, after, is_drawn)
    return (
        len(restored) > (2 if len(run) == 2 * len(restored) and "\u0370" <= run[0] <= "\u03ff" else 1) and not is_drawn
    )


_CLOSING = frozenset("»”’‘“…–—™®°\u00a0,;")


def _is_sure_latin(run: str, before: str, after: str, is_drawn: bool) -> bool:
    """Whether a run that was Latin letters or signs is beside letters of another script, or has no other sense."""
    beside = (before.isascii() and before.isalpha(), after.isascii() and after.isalpha())
    if not run[0].isascii() and not _LATIN.match(run[0]):
        if is_drawn:
            return beside[0] and (beside[1] or not after.strip())
        return any(beside) or run[0] == "√"
    # "MAMĂ»": a letter of Latin script before a sign that may close a word.
    small = (before.islower(), after.islower())
    return any(small) and not run[1].isalpha() and run[1] not in _CLOSING and not before.isupper()


# --- GBK, in which a character has two bytes ----------------------------------------------------------------------------

_HAN_RUN = late(f"[{_HAN}€][{_HAN}€]{{0,{_LONGEST - 1}}}+")  # a class in front is looked for faster than a run of it


@cache
def _gbk_leads() -> frozenset[str]:
    """What GBK reads the first two bytes of a letter or of a Chinese character in UTF-8 as."""
    return _read_as_gbk((*_OF_TWO_BYTES, *range(0xE3, 0xEE)), _FOLLOWING)


def _read_as_gbk(firsts: Iterable[int], seconds: Iterable[int]) -> frozenset[str]:
    """What GBK reads pairs of these bytes as."""
    pairs = (bytes((first, second)) for first in firsts for second in seconds)
    return frozenset(pair.decode("gb18030", "ignore") for pair in pairs) - {""}


def _in_gbk(text: str) -> Iterator[Misread]:
    leads = _gbk_leads()
    if leads.isdisjoint(text):
        return
    for match in _HAN_RUN.finditer(text):
        if text[match.start()] not in leads:
            continue
        run = match.group()
        try:
            data = run.encode("gb18030")
            restored = data.decode("utf-8")
        except UnicodeEncodeError:
            continue
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data" or len(run) < 4:
                continue
            restored = data[: error.start].decode("utf-8")
        if not _USUAL.fullmatch(restored):
            continue
        before = text[match.start() - 1 : match.start()] if match.start() else ""
        if _LATIN.fullmatch(restored):
            sure = before.isascii() and before.islower() and len(run) == 1
        elif all("\u0400" <= each <= "\u045f" for each in restored):
            sure = len(run) > 2
        else:
            sure = len(run) > 2 and 2 * sum(map(is_common_chinese, run)) < len(run)
            sure = sure and all(is_common_chinese(each) or not each.isalpha() or each > "\uac00" for each in restored)
        if sure:
            yield Misread(Span(*match.span()), "GBK", restored if restored.encode("utf-8") == data else "")


# --- latin-1 and windows-1252 -------------------------------------------------------------------------------------------

# The bytes 80 to 9F, read as the control characters of latin-1, and the characters that cp1252 reads for them.
_FROM_C1 = {
    chr(byte): character
    for byte in range(0x80, 0xA0)
    if (character := bytes((byte,)).decode("cp1252", "replace")) != "\ufffd"
}
_TO_BYTES = {ord(character): ord(control) for control, character in _FROM_C1.items()}


def read_c1(character: str) -> str:
    """What a control character of C1 is in windows-1252; '' for the five that it leaves undefined, and any other character."""
    return _FROM_C1.get(character, "")


def _looks_like(low: int, high: int) -> str:
    """A character class for what the bytes from `low` to `high` look like in latin-1 and in cp1252."""
    return (
        f"[{chr(low)}-{chr(high)}" + "".join(c for control, c in _FROM_C1.items() if low <= ord(control) <= high) + "]"
    )


_ANY = _looks_like(0x80, 0xBF)
# One character in UTF-8 as latin-1 or cp1252 show it: only what UTF-8 allows, no overlong form, no surrogate.
UTF8_SEQUENCE = (
    f"(?:[\u00c2-\u00df]{_ANY}"
    f"|\u00e0{_looks_like(0xA0, 0xBF)}{_ANY}"
    f"|[\u00e1-\u00ec\u00ee\u00ef]{_ANY}{_ANY}"
    f"|\u00ed{_looks_like(0x80, 0x9F)}{_ANY}"
    f"|\u00f0{_looks_like(0x90, 0xBF)}{_ANY}{_ANY}"
    f"|[\u00f1-\u00f3]{_ANY}{_ANY}{_ANY}"
    f"|\u00f4{_looks_like(0x80, 0x8F)}{_ANY}{_ANY})"
)
UTF8_LEAD = re.compile("[\u00c2-\u00f4]")  # what each of them begins with
_SURE = late(f"{UTF8_SEQUENCE}{{2}}|[\u00c2\u00c3]|.[^\u0080-\u009f]?[\u0080-\u009f]")


def utf8_look_alike() -> re.Pattern[str]:
    """A run of UTF-8 that was read as latin-1 or cp1252, by its form alone."""
    return expression(f"{UTF8_SEQUENCE}+")


def read_look_alike(run: str) -> str:
    """What a run that `utf8_look_alike` matches in full was before it was read as latin-1 or cp1252."""
    return run.translate(_TO_BYTES).encode("latin-1").decode("utf-8")


def is_in_misread_utf8(text: str, offset: int) -> bool:
    """Whether the character at `offset` surely belongs to UTF-8 that was read as latin-1, which the rule mojibake reports.

    Two sequences in a row are sure, and one that has a control character or begins with the byte C2 or C3.
    """
    if not UTF8_LEAD.search(text, max(0, offset - 3), offset):
        return False
    start = max(0, offset - 8)
    return any(
        match.start() <= offset < match.end() and _SURE.match(match.group())
        for match in utf8_look_alike().finditer(text, start, offset + 9)
    )


_LEGACY_LOOK_ALIKE = late("[\u00a1-\u00ff]{6,}")


def is_in_misread_gb2312(text: str, offset: int) -> bool:
    """Whether the character at `offset` belongs to what looks like GB 2312 that was read as latin-1: six bytes or more."""
    for match in _LEGACY_LOOK_ALIKE.finditer(text, max(0, offset - 24), offset + 24):
        if match.start() <= offset < match.end():
            data = match.group().encode("latin-1")
            return any(is_gb2312(data[skipped : len(data) - (len(data) - skipped) % 2]) for skipped in (0, 1))
    return False


def is_gb2312(data: bytes) -> bool:
    """Whether bytes are whole characters of GB 2312."""
    try:
        data.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True
