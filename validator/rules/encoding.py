"""Rules about how the bytes became characters: what could not be decoded, what was decoded wrongly once before."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from heapq import merge
from itertools import islice, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from validator.parsing.decoding import encodes_back, is_same_encoding, is_undisputed
from validator.parsing.misread import (
    Misread,
    misread,
    read_c1,
    read_look_alike,
    stands_in_look_alike,
    utf8_look_alike,
)
from validator.rules.registry import rule
from validator.rules.views import Found
from validator.text.findings import Applicability, Edit, Fix, Severity
from validator.text.letters import MULTI_BYTE, readings_of, rivals
from validator.text.places import BYTE_ORDER_MARK, Span, inside, shown

if TYPE_CHECKING:
    from validator.rules.views import Body, Raw, Text
    from validator.sources.model import Policy


def _is_declared(encoding: str, policy: Policy) -> bool:
    return any(is_same_encoding(encoding, name) for name in policy.legacy)


@rule(severity=Severity.ERROR)
def undecodable(raw: Raw) -> Iterator[Found]:
    r"""Bytes that are text in no encoding that could be told.

    Nothing else of the seed can be checked: whatever was read from it would be invented. The file may be no text at all
    (an image, an archive), be cut in the middle, or hold two encodings at once.

    Bad: b"\x00\xff\x00\xff\x00\x01\x02\x03\xfe\xfd\xfc\x00\x00\x81\x00"
    Good: b"A line of text.\n"

    Does not handle: bytes that decode and yet mean something else; see not-utf8, encoding-unexpected and mojibake.

    Next: look at the file with the program that wrote it, or fetch the page again, and save it as UTF-8.
    """
    if raw.decoded.encoding is None:
        why = raw.decoded.problem or "the bytes are not UTF-8 and no other encoding could be told"
        yield Found(Span(0, 0), f"the seed could not be decoded: {why}; expected UTF-8", whole=True)


# UTF-16 of 15 Chinese characters was read in the wrong byte order, of 30 never; English of 200 characters with two dashes as
# cp437, with six such signs never.
_SIGNS = re.compile("[^\x00-\x7f]")
_FEW_SIGNS = 6
_SHORT = 400
_SHORT_WIDE = 40
_FEW_CHARACTERS = 16
_RIVALS_SHOWN = 3


def _has_evidence(raw: Raw, languages: Sequence[str]) -> bool:
    """Whether the bytes tell enough for the encoding to be taken without asking where the source declares it.

    Where a language is named, its letters tell. Otherwise the detection must have named the same encoding.
    """
    decoded, text, encoding = raw.decoded, raw.decoded.text, raw.decoded.encoding or ""
    if decoded.basis == "bom":
        return True
    if encoding.startswith("utf-"):
        return len(text) >= _SHORT_WIDE
    is_wide = any(is_same_encoding(encoding, name) for name in MULTI_BYTE)
    if is_wide:
        if len(set(islice(_SIGNS.findall(text), _SHORT))) < _FEW_CHARACTERS:
            return False
    elif not languages:
        if decoded.basis != "detected":
            return False
        if len(text) < _SHORT and sum(1 for _ in islice(_SIGNS.finditer(text), _FEW_SIGNS)) < _FEW_SIGNS:
            return False
    own = readings_of(raw.data).read(encoding)
    return own is not None and own.fits(languages) and (own.is_plausible if is_wide else own.odd == 0)


@rule(severity=Severity.ERROR, applicability=Applicability.SAFE, rests_on_source=True)
def not_utf8(raw: Raw) -> Iterator[Found]:
    r"""A seed that is written in another encoding than UTF-8.

    Every program that reads the archive would have to guess, and each would guess differently. Shown at the first byte
    that is not UTF-8. Recoding keeps every character. It is safe only where the source declares this encoding as one its
    seeds are known to come in, and the letters bear it out: every letter outside ASCII is one that the seed's language uses
    (as CLDR lists them), each is where writers put it, and no other encoding reads the bytes as such a text too. Where
    no language is named, the detection must say the same, and the letters of every language count. Otherwise the encoding
    is a guess that a person has to look at: the message shows the likely ones, best first, with what each would read.

    Where the letters are of foreign words, as in English all are, another encoding in which they are letters of any language
    makes it a proposal ("Kovaèiæ" may be Kovačić), unless a known word tells which it is ("naïve", "São").

    A proposal remains, too: text with less than 16 different Chinese, Japanese or Korean characters, less than 40
    characters of UTF-16 without its mark, a few signs in a short text of no named language. So it is with the few
    characters that Windows reads otherwise than the standard (in Shift_JIS the wave dash, in Big5 the dot within names),
    unless the source declares Windows' own encoding (cp932, cp950).

    Bad: b"\xcf\xee\xf1\xeb\xe5\xe4\xed\xe8\xe9 \xe0\xe1\xe7\xe0\xf6 \xe2\xfb\xef\xf3\xf1\xea\xe0.\n"
    Good: b"The caf\xc3\xa9 is open.\n"

    Does not handle: a file that is UTF-8 by accident.

    Next: read the line shown; if its words are right, recode the seed, else find out in what encoding the page was served.
    """
    decoded = raw.decoded
    if decoded.encoding is None or decoded.encoding == "utf-8":
        return
    at = 0
    if decoded.invalid_at:
        reader = codecs.getincrementaldecoder(decoded.encoding)(errors="ignore")
        at = len(reader.decode(raw.data[: decoded.invalid_at]))
    at = min(at, len(decoded.text))
    declared = _is_declared(decoded.encoding, raw.policy)
    languages = raw.languages or tuple(filter(None, [raw.policy.language]))
    others = [] if decoded.encoding.startswith("utf") else _others(raw, languages)
    safe = (
        declared
        and not others
        and _has_evidence(raw, languages)
        and is_undisputed(decoded, raw.policy.legacy)
        and encodes_back(decoded, raw.data)
    )
    fix = Fix(
        Applicability.SAFE if safe else Applicability.UNSAFE, f"recode from {decoded.encoding} to utf-8", recode="utf-8"
    )
    grounds = {"bom": "its byte-order mark says so", "detected": "detected"}
    ground = ", and ".join(filter(None, (grounds.get(decoded.basis), "the source declares it" if declared else None)))
    message = f"the seed is written in {decoded.encoding} ({ground}), expected utf-8"
    if others:
        read = [f'{name}, which reads "{_sample(raw.data, name)}"' for name in (decoded.encoding, *others)]
        message = f"the seed is not in utf-8, as expected; most likely it is in {'; else in '.join(read)}"
    yield Found(
        Span(at, min(at + 1, len(decoded.text))),
        message,
        fix,
        whole=True,
    )


def _others(raw: Raw, languages: Sequence[str]) -> list[str]:
    """The other encodings in which the bytes are a text too, best first."""
    decoded = raw.decoded
    found = rivals(readings_of(raw.data), decoded.encoding or "", raw.policy.legacy, languages)
    return [each.encoding for each in found[:_RIVALS_SHOWN]]


def _sample(data: bytes, encoding: str) -> str:
    """What the first signs outside ASCII, with a few words around them, are in an encoding."""
    text = data.decode(encoding, "replace")
    first = _SIGNS.search(text)
    at = first.start() if first is not None else 0
    return shown(" ".join(text[max(0, at - 20) : at + 20].split()))


@rule(severity=Severity.WARNING)
def encoding_unexpected(raw: Raw) -> Iterator[Found]:
    r"""An encoding that is neither UTF-8 nor one that the source declares for its old seeds.

    A source that has always written GB18030 does not suddenly write KOI8-R: the seed belongs to another source, or the
    detection is wrong and the text that was read is not the text that was written.

    Bad [legacy=gb18030]: b"\xcf\xee\xf1\xeb\xe5\xe4\xed\xe8\xe9 \xe0\xe1\xe7\xe0\xf6 \xe2\xfb\xef\xf3\xf1\xea\xe0.\n"
    Good [legacy=gb18030]: b"A line of text.\n"

    Does not handle: sources that declare no legacy encoding; not-utf8 speaks there.

    Next: compare the seed with others of its source; correct the source, its schema, or the encoding.
    """
    decoded = raw.decoded
    if not raw.policy.legacy or decoded.encoding in (None, "utf-8"):
        return
    if _is_declared(decoded.encoding, raw.policy):
        return
    declared = " or ".join(raw.policy.legacy)
    yield Found(
        Span(0, min(1, len(decoded.text))),
        f"the seed reads as {decoded.encoding}, expected utf-8 or what its source declares: {declared}",
        whole=True,
    )


@rule(severity=Severity.WARNING, applicability=Applicability.SAFE, replaces=BYTE_ORDER_MARK)
def byte_order_mark(raw: Raw) -> Iterator[Found]:
    r"""A byte-order mark before the first character of a UTF-8 seed.

    UTF-8 has one byte order, so the mark says nothing, and it sticks to the first word: a front-matter fence with a mark
    before it is no fence to most programs, and two equal headlines are no longer equal.

    Bad: b"\xef\xbb\xbfA line of text.\n"
    Good: b"A line of text.\n"

    Does not handle: the mark of UTF-16 and UTF-32, which belongs to the encoding that not-utf8 reports; U+FEFF further
    on in the text, see invisible-character.

    Next: let it be repaired; no character of the text changes.
    """
    decoded = raw.decoded
    if decoded.mark and decoded.encoding == "utf-8":
        yield Found(
            Span(0, 1),
            "a byte-order mark U+FEFF stands before the text, expected none in utf-8",
            Fix(Applicability.SAFE, "delete the byte-order mark", (Edit(0, 1, ""),)),
        )


@cache
def _look_alike() -> re.Pattern[str]:
    # The second alternative is a quotation mark or dash of which cp1252 lost the last byte (9D is undefined in it).
    # A run is told in pieces, so that no piece takes long.
    return re.compile(f"{utf8_look_alike().pattern[:-1]}{{1,500}}|\u00e2\u20ac")


_LOST = "\u00e2\u20ac"
_SIGNS_IN_A_ROW = re.compile("[\u00a1-\u00ff][\u00a1-\u00ff]*+")  # three times as fast as `+`
_LEGACY_LEAST = 6  # signs in a row that may be another encoding
_GBK_PUNCTUATION = re.compile("[\u9225\u951b\u9286][\u3400-\u9fff]")  # what E2 80, EF BC and E3 80 look like in GBK
_GBK_SIGNS = "\u951f\u9225\u951b\u9286"
_GBK_LOST = re.compile("(?:\u951f\u65a4\u62f7)+")
_C0_OR_LOST = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_CYRILLIC_LANGUAGES = {"be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tt", "uk"}
_HARMED_ENCODINGS = ("gb18030", "big5", "cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic")
_CONTEXT = 24  # code points on either side that ftfy sees of one candidate
_WINDOW = 2000  # code points of one call


_C1 = re.compile("[\x80-\x9f]")


@rule(severity=Severity.ERROR, applicability=Applicability.UNSAFE)
def mojibake(body: Body) -> Iterator[Found]:
    r"""Text that was decoded with the wrong encoding before it was saved.

    The words are not those that were printed: a search misses them, a quotation of them is wrong, and each further
    conversion makes it harder to get them back. Found are: UTF-8 read as latin-1, cp1252, windows-1250, -1251, -1253 and
    -1257, KOI8-R, Mac Roman, GBK, and the code pages 437, 850 and 866 of DOS; Chinese and Cyrillic encodings read as latin-1
    (six characters in a row, at the least); the control characters U+0080 to U+009F, which are windows-1252 read as
    ISO 8859-1 (U+0092 is an apostrophe). What can be restored without loss is proposed, since letters change. Where the
    source's language or legacy encodings are Chinese or Cyrillic, or characters were lost already, UTF-8 read as latin-1 is
    not proposed; nor are signs of windows-1252 beside such as were none.

    Bad: The editor\u00e2\u20ac\u2122s note came late.
    Bad: \u00d6\u00d0\u00b9\u00fa\u00b9\u00fa\u00b7\u00c0\u00b2\u00bf
    Bad: \u951f\u65a4\u62f7\u951f\u65a4\u62f7
    Bad: The editor\u0092s note came late.
    Bad: \u0420\u045f\u0421\u0402\u0420\u0451\u0420\u0406\u0420\u00b5\u0421\u201a
    Good: The editor\u2019s note came late; the caf\u00e9 was \u00abLIBERT\u00c9\u00bb.

    Does not handle: a lost no-break space in UTF-8 read as latin-1 (`\u00c3` and a space), a single wrong letter that could
    be meant, encodings other than UTF-8 that were read as one of DOS or the Macintosh. But for control characters, what is
    in markup, code or addresses is not the article's and is not looked at.

    Next: compare the passage with the page; decode the capture again if its bytes were kept, else accept the proposal.
    """
    text = body.masked
    signs = [match.span() for match in _SIGNS_IN_A_ROW.finditer(text)]
    found = [*islice(_legacy_as_latin(text, body.policy, signs), _MOST), *islice(_utf8_as_gbk(text), _MOST)]
    for kind in (_utf8_as_latin_with(body, signs), _utf8_as_other, _cp1252_as_latin):
        found += islice(kind(body, sorted(item.span for item in found)), _MOST)
    found.sort(key=lambda item: item.span)
    if len(found) >= _MOST:  # the file was read wrongly as a whole, and is to be decoded again as a whole
        found = [replace(item, fix=None) for item in found]
    yield from found


_MOST = 10_001  # places, of which a report lists all but the last
_Kind = Callable[["Body", list[Span]], Iterator[Found]]


def _utf8_as_latin_with(body: Body, signs: list[tuple[int, int]]) -> _Kind:
    return lambda body, taken: _utf8_as_latin(body.masked, body, taken, signs)


def _utf8_as_other(body: Body, taken: list[Span]) -> Iterator[Found]:
    """UTF-8 read in an encoding that is neither latin-1 nor cp1252."""
    text = body.masked
    for each in _apart(misread(text), taken):
        run = text[slice(*each.span)]
        what = f'"{shown(run)}" is UTF-8 read as {each.encoding}'
        if not each.restored:
            yield Found(each.span, f"{what}, and part of what it stood for is lost")
            continue
        title = f'restore "{shown(each.restored)}"'
        fix = Fix(Applicability.UNSAFE, title, (Edit(*each.span, each.restored),))
        yield Found(each.span, f'{what}, expected "{shown(each.restored)}"', fix)


def _apart(found: Iterable[Misread], taken: list[Span]) -> Iterator[Misread]:
    """Those that overlap none of the ordered spans `taken`."""
    at = 0
    for each in found:
        while at < len(taken) and taken[at].end <= each.span.start:
            at += 1
        if at == len(taken) or each.span.end <= taken[at].start:
            yield each


# What writers put into windows-1252 and latin-1 lacks. Other signs tell that it was another encoding; so does a capital with
# a caron after a small letter.
_RESTORED = frozenset("€‚„…†‡‰Š‹ŒŽ‘’“”•–—™š›œžŸ")


def _cp1252_as_latin(body: Body, taken: list[Span]) -> Iterator[Found]:
    """Control characters that are windows-1252 read as ISO 8859-1, anywhere in the seed."""
    text = body.text
    found: list[tuple[int, str]] = []
    for match in _C1.finditer(text):
        at = match.start()
        if len(found) > _MOST:
            break
        if not inside(taken, at) and not stands_in_look_alike(text, at):
            found.append((at, read_c1(text[at])))
    is_sure = all(meant in _RESTORED and not _is_misplaced(text, at, meant) for at, meant in found)
    for at, meant in found:
        if not meant:
            continue  # control-character speaks
        code = f"U+{ord(text[at]):04X}"
        fix = Fix(Applicability.UNSAFE, f'restore "{meant}"', (Edit(at, at + 1, meant),)) if is_sure else None
        expected = f', expected "{meant}"' if is_sure else ""
        yield Found(Span(at, at + 1), f"{code} is windows-1252 read as ISO 8859-1{expected}", fix)


def _is_misplaced(text: str, at: int, meant: str) -> bool:
    """Whether a restored sign would be where no writer puts it: bytes of DOS, or of two to a character, were there."""
    before, after = text[max(0, at - 1) : at], text[at + 1 : at + 2]
    if meant in "ŠŒŽŸ‚„":
        return before.isalpha() and before.islower()
    return meant in "†‡‰•" and before.isalpha() and after.isalpha()


def _look_alikes(text: str, signs: list[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """What `_look_alike().finditer` gives: it is tried only on signs of latin-1, with which each of its matches begins."""
    end = 0
    for start, stop in signs:
        at = max(start, end)
        while at < stop:
            match = _look_alike().match(text, at)
            if match is not None:
                yield match
                at = end = match.end()
            else:
                at += 1


def _utf8_as_latin(text: str, body: Body, taken: list[Span], signs: list[tuple[int, int]]) -> Iterator[Found]:
    matches = _outside(list(islice(_look_alikes(text, signs), 2 * _MOST)), taken)
    if not matches:
        return
    # Where one passage came from another encoding, what else looks like UTF-8 may be a piece of it.
    may_fix = not taken and not _has_foreign_legacy(body.policy) and not _C0_OR_LOST.search(body.text)
    for match, restored in _confirmed(text, matches):
        span = Span(*match.span())
        if restored is None or "\ufffd" in restored:
            yield Found(
                span, f'"{shown(match.group())}" is UTF-8 read as latin-1, and the character it stood for is lost'
            )
            continue
        message = f'"{shown(match.group())}" is UTF-8 read as latin-1, expected "{shown(restored)}"'
        title = f'restore "{shown(restored)}"'
        fix = Fix(Applicability.UNSAFE, title, (Edit(*span, restored),)) if may_fix else None
        yield Found(span, message, fix)


def _outside(matches: list[re.Match[str]], taken: list[Span]) -> list[re.Match[str]]:
    """The matches that overlap none of the ordered spans `taken`."""
    kept = []
    at = 0
    for match in matches:
        while at < len(taken) and taken[at][1] <= match.start():
            at += 1
        if at == len(taken) or match.end() <= taken[at][0]:
            kept.append(match)
    return kept


def _has_foreign_legacy(policy: Policy) -> bool:
    """Whether the source's texts come in encodings that ftfy is known to harm when they were read as latin-1."""
    language = (policy.language or "").lower().partition("-")[0]
    harmed = any(_is_declared(encoding, policy) for encoding in _HARMED_ENCODINGS)
    return harmed or language == "zh" or language in _CYRILLIC_LANGUAGES


def _confirmed(text: str, matches: list[re.Match[str]]) -> Iterator[tuple[re.Match[str], str | None]]:
    """The candidates that ftfy calls broken in their surroundings, each with what it was (None where that is lost)."""
    import ftfy
    from ftfy.badness import is_bad

    def restore(run: str) -> str:
        restored = read_look_alike(run)
        while utf8_look_alike().fullmatch(restored) and is_bad(restored):  # converted twice
            restored = read_look_alike(restored)
        return restored

    answers = {match.start(): None if match.group() == _LOST else restore(match.group()) for match in matches}
    group: list[re.Match[str]] = []
    for position, match in enumerate(matches):
        group.append(match)
        following = matches[position + 1] if position + 1 < len(matches) else None
        if following is not None and following.start() - group[0].start() < _WINDOW:
            continue
        if all(_is_certain(text, item, answers[item.start()]) for item in group):
            yield from ((item, answers[item.start()]) for item in group)
            group = []
            continue
        start = max(0, group[0].start() - _CONTEXT)
        end = group[-1].end() + _CONTEXT
        pieces, expected, at = [], [], start
        for item in group:
            between = _hushed(text[at : item.start()])
            answer = answers[item.start()]
            pieces += [between, item.group()]
            expected += [between, item.group() if answer is None else answer]
            at = item.end()
        tail = _hushed(text[at:end])
        agreed = ftfy.fix_encoding("".join([*pieces, tail])) == "".join([*expected, tail])
        for number, item in enumerate(group):
            answer = answers[item.start()]
            if agreed or answer is None or _is_certain(text, item, answer):
                yield item, answer
                continue
            before = pieces[2 * number][-_CONTEXT:]
            after = (pieces[2 * number + 2] if number + 1 < len(group) else tail)[:_CONTEXT]
            fixed = ftfy.fix_encoding(before + item.group() + after)
            if answer in fixed and item.group() not in fixed:
                yield item, answer
        group = []


_MANY = 4  # sequences in a row that are no chance
_CHINESE_WORD = re.compile(
    "[\u3001\u3002\u4e00-\u9fff\uff01-\uff1f]{2,}"
)  # ftfy has doubts about \u56e0\u6b64 and the like
_EAST_ASIAN = re.compile("[\u3001-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]+")
_CLOSING = frozenset("\u00a0\u00ab\u00bb\u2018\u2019\u201c\u201d\u2026\u2013\u2014")  # after a letter that is right
# What a lost letter of UTF-8 ends in that closes no word of its own; NÃO» has a letter and a guillemet.
_NO_CLOSING = frozenset(
    "\u00a1\u00a2\u00a3\u00a4\u00a5\u00a6\u00a7\u00a8\u00a9\u00aa\u00ac\u00ad\u00af\u00b1\u00b2\u00b3\u00b4\u00b5\u00b6\u00b8\u00b9\u00ba\u00bc\u00bd\u00be\u00bf"
)


_PUNCTUATION_RESTORED = frozenset("\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u20ac\u2122")


def _is_certain(text: str, match: re.Match[str], restored: str | None) -> bool:
    """Whether a candidate is broken text beyond doubt, whatever is around it: it spares ftfy, which sees Latin letters only."""
    if restored is None:
        return True
    if len(restored) >= _MANY or _CHINESE_WORD.fullmatch(restored):
        return True
    start, end = match.span()
    if _EAST_ASIAN.fullmatch(restored) and (len(restored) > 1 or _CLOSING.isdisjoint(match.group())):
        around = text[max(0, start - _CONTEXT) : start] + text[end : end + _CONTEXT]
        return _EAST_ASIAN.search(around) is not None
    run = match.group()
    if restored in _PUNCTUATION_RESTORED and len(run) == 3:
        return True
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if run == "\u00c2\u00a0":
        return not before.isalpha()
    if len(run) != 2 or run[1] not in _NO_CLOSING or before.isupper() or after.isupper():
        return False
    return run[0] == "\u00c3" or (run[0] == "\u00c2" and not before.isalpha())


_HUSH = dict.fromkeys((*range(0x80, 0xA1), 0, 0xFFFD), " ")


def _hushed(text: str) -> str:
    """The text between candidates, without what makes ftfy repair something else."""
    return text.translate(_HUSH)


def _legacy_as_latin(text: str, policy: Policy, signs: list[tuple[int, int]]) -> Iterator[Found]:
    for start, end in signs:
        run = text[start:end]
        if end - start < _LEGACY_LEAST or _is_within_look_alike(text, start, end) or not _is_various(run):
            continue
        encoding = _legacy_encoding(run, policy)
        if encoding:
            yield Found(
                Span(start, end),
                f'"{shown(run)}" is {encoding} read as latin-1, expected the characters that its bytes stand for',
            )


def _is_within_look_alike(text: str, start: int, end: int) -> bool:
    """Whether a run belongs to UTF-8 that was read as latin-1, whose control characters may cut it at either end."""
    return any(
        match.start() <= start and end <= match.end()
        for match in utf8_look_alike().finditer(text, max(0, start - 3), end + 3)
    )


def _is_various(run: str) -> bool:
    """Whether a run has the variety of words: not a rule of signs, and not the alphabet in its order."""
    if len(set(run)) < 4:
        return False
    rising = sum(a < b for a, b in pairwise(run))
    return rising < len(run) - 1


def _legacy_encoding(run: str, policy: Policy) -> str | None:
    """Which encoding the bytes of a run are likely to be: words of one case in Cyrillic, common characters in Chinese."""
    data = run.encode("latin-1")
    for name in policy.legacy:
        if _reads_as(data, name):
            return name
    signs = data.count(0xD7) + data.count(0xF7)  # letters in Cyrillic, a multiplication and a division sign in latin-1
    if all(byte >= 0xC0 for byte in data) and 3 * signs <= len(data):
        low = sum(byte < 0xE0 for byte in data)
        if low <= 1:
            return "cp1251"
        if low >= len(data) - 1:
            return "koi8-r" if _reads_as_chinese(data) is None or len(data) % 2 else "koi8-r or gb18030"
    return _reads_as_chinese(data)


def _reads_as(data: bytes, name: str) -> bool:
    try:
        letters = [c for c in data.decode(name) if c.isalpha()]
    except (UnicodeDecodeError, LookupError):
        return False
    return len(letters) * 2 >= len(data) // 2 and any(ord(letter) > 0xFF for letter in letters)


def _reads_as_chinese(data: bytes) -> str | None:
    for skipped in (0, 1):
        pairs = data[skipped : len(data) - (len(data) - skipped) % 2]
        leads = pairs[::2]
        common = sum(0xB0 <= lead <= 0xD7 for lead in leads)
        if common * 2 < len(leads) or not all(lead <= 0xA3 or 0xB0 <= lead <= 0xF7 for lead in leads):
            continue
        try:
            pairs.decode("gb2312")
        except UnicodeDecodeError:
            continue
        return "gb18030"
    return None


def _utf8_as_gbk(text: str) -> Iterator[Found]:
    if not any(sign in text for sign in _GBK_SIGNS):
        return
    if "\u951f" in text:
        for match in _GBK_LOST.finditer(text):
            yield Found(
                Span(*match.span()),
                f'"{shown(match.group())}" is GBK for replacement characters, and what they stood for is lost',
            )
    for match in _GBK_PUNCTUATION.finditer(text):
        # A carpenter's 锛 (adze) is a word: only what stands for a mark of punctuation counts.
        try:
            data = match.group().encode("gbk")
        except UnicodeEncodeError:
            continue
        if match.group()[0] == "\u9225" or 0x80 <= data[2] <= 0x9F:
            meant, whole = data[:3].decode("utf-8", "ignore"), data.decode("utf-8", "ignore")
            span, fix = Span(*match.span()), None
            expected = f'"{meant}" and what follows it' if meant else "the characters that its bytes stand for"
            if meant and whole.encode() == data and whole[1:].isascii():
                expected = f'"{shown(whole)}"'
                fix = Fix(Applicability.UNSAFE, f'restore "{shown(whole)}"', (Edit(*span, whole),))
            yield Found(span, f'"{match.group()}" is UTF-8 read as GBK, expected {expected}', fix)


# A reference, after any number of "amp;" with which it was escaped again; an escape of JSON or JavaScript.
_REFERENCE = re.compile(r"&(?:amp;)*(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ESCAPED_TWICE = re.compile(r"&(?:amp;)+(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ESCAPE = re.compile(r"(?<![\\\w])(?:\\u[0-9a-fA-F]{4})+|(?<=[^\\\W])(?:\\u[0-9a-fA-F]{4})+")


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE)
def character_reference(body: Body) -> Iterator[Found]:
    r"""A character reference that readers see as it is written, such as `&#8217;` in plain text; or an escape, `\u2019`.

    It was left when the text was taken out of a page or out of JSON. The word is not found by a search, and a quotation has
    signs that were never printed. In plain text any reference counts, in Markdown and HTML only one that was escaped
    twice (`&amp;#8217;`), since the others are markup there.

    Bad: The editor&#8217;s note came late.
    Bad: Tom &amp;amp; Jerry.
    Bad: The editor\\u2019s note came late.
    Bad [markup=html]: <p>The editor&amp;#8217;s note came late.</p>
    Good: Tom & Jerry; AT&T; a & b;
    Good [markup=html]: <p>The editor&#8217;s note came late.</p>

    Does not handle: references without a semicolon; code and addresses, which are not looked at; values of front matter
    other than the headline.

    Next: accept the proposal, unless the text is about references.
    """
    yield from merge(_references(body), _escapes(body), key=attrgetter("span"))  # as they are asked for


def _references(body: Body) -> Iterator[Found]:
    is_plain = body.policy.markup == "text"
    for match in (_REFERENCE if is_plain else _ESCAPED_TWICE).finditer(body.masked if is_plain else body.text):
        written = match.group()
        if body.masked[match.start()] != "&":
            continue
        last = f"&{match[1]};"
        meant = _referred_to(last)
        if not meant:
            continue
        restored = meant if is_plain or meant not in "<>&\u00a0" else last
        yield _left(Span(*match.span()), "a character reference", written, meant, restored)


def _referred_to(reference: str) -> str:
    """The character that a reference stands for; '' where it is none."""
    from html import unescape
    from html.entities import html5

    if reference[1] != "#" and reference[1:] not in html5:
        return ""
    return unescape(reference)


def _escapes(body: Body) -> Iterator[Found]:
    for match in _ESCAPE.finditer(body.masked):
        if body.headline is not None and body.quoted_scalar == "double" and body.headline.holds(Span(*match.span())):
            continue  # there YAML reads it
        units = [int(unit, 16) for unit in match.group().split("\\u")[1:]]
        meant = b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "replace")
        if all(each > "\x9f" for each in meant):
            yield _left(Span(*match.span()), "an escape", match.group(), meant, meant)


def _left(span: Span, what: str, written: str, meant: str, restored: str) -> Found:
    is_lost = any(each == "\ufffd" or each < " " or "\x7f" <= each <= "\x9f" for each in meant)
    fix = None if is_lost else Fix(Applicability.UNSAFE, f'write "{shown(restored)}"', (Edit(*span, restored),))
    return Found(span, f'{what} "{shown(written)}" was left in the text, expected "{shown(meant)}"', fix)


_REPLACEMENTS = re.compile("\ufffd+")


@rule(severity=Severity.ERROR)
def replacement_character(text: Text) -> Iterator[Found]:
    r"""U+FFFD, which a program wrote in place of what it could not decode.

    The characters are gone from the seed; only the page or an earlier capture still has them.

    Bad: The caf\ufffd was open.
    Good: The caf\u00e9 was open.

    Does not handle: a question mark written in place of a lost character.

    Next: fetch the page again and decode it with the encoding it declares.
    """
    if "\ufffd" not in text.text:
        return
    for match in _REPLACEMENTS.finditer(text.text):
        count = len(match.group())
        stands = (
            "a replacement character U+FFFD stands" if count == 1 else f"{count} replacement characters U+FFFD stand"
        )
        yield Found(Span(*match.span()), f"{stands} here: the text was lost in decoding, expected its characters")


@cache
def _cut() -> re.Pattern[str]:
    # No character of these ranges ever composes with the one before it, so a text may be cut in front of one.
    return re.compile("[\x00-\x7f\u2000-\u206f\u3000-\u3020\u3400-\u9fff\uac00-\ud7a3\uff00-\uff9d]")


_PIECE = 512


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE)
def not_nfc(text: Text) -> Iterator[Found]:
    r"""A character that is not written in Unicode's composed form (NFC).

    It looks the same and compares as different: a search for `caf\u00e9` misses it, and two equal headlines disagree.
    Composing exchanges characters (some signs and rare Chinese characters become others), so it is proposed only.

    Bad: The cafe\u0301 was open.
    Good: The caf\u00e9 was open.

    Does not handle: characters that only look alike, and the compatibility forms of NFKC, which are kept.

    Next: accept the proposal unless the character itself is the matter of the text.
    """
    found = text.text
    if found.isascii():
        return
    # Piece by piece: Python's normalization is quadratic in the length of a run of combining marks.
    start = 0
    while start < len(found):
        end = start + _PIECE
        cut = _cut().search(found, end, end + _PIECE)
        end = cut.start() if cut else end + _PIECE
        piece = found[start:end]
        if not unicodedata.is_normalized("NFC", piece):
            yield from _decomposed(piece, start)
        start = end


def _decomposed(piece: str, offset: int) -> Iterator[Found]:
    """One finding for each character, with the marks after it, that NFC writes differently."""
    starts = [at for at, character in enumerate(piece) if at == 0 or not _continues(character)]
    for start, end in zip(starts, [*starts[1:], len(piece)], strict=True):
        cluster = piece[start:end]
        if cluster.isascii():
            continue
        composed = unicodedata.normalize("NFC", cluster)
        if composed != cluster:
            yield Found(
                Span(offset + start, offset + end),
                f'"{shown(cluster)}" is written as {_codes(cluster)}, expected {_codes(composed)} (NFC)',
                Fix(
                    Applicability.UNSAFE,
                    f"write {_codes(composed)}",
                    (Edit(offset + start, offset + end, composed),),
                ),
            )


def _continues(character: str) -> bool:
    """Whether a character may compose with the one before it: a mark, or a vowel or final of a Hangul syllable."""
    return unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff"


def _codes(text: str) -> str:
    codes = " ".join(f"U+{ord(character):04X}" for character in text[:6])
    return codes + " …" if len(text) > 6 else codes
