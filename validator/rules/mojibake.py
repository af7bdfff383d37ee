"""Text that was decoded with the wrong encoding: where it is, and what it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from validator.parsing.decoding import is_same_encoding
from validator.parsing.misread import (
    UTF8_SEQUENCE,
    Misread,
    misread,
    read_c1,
    read_look_alike,
    signs_of_utf8,
    stands_in_look_alike,
    utf8_look_alike,
)
from validator.rules.views import Found
from validator.text.findings import Applicability, Edit, Fix
from validator.text.places import Span, inside, shown

if TYPE_CHECKING:
    from validator.rules.views import Body
    from validator.sources.model import Policy


def is_declared(encoding: str, policy: Policy) -> bool:
    return any(is_same_encoding(encoding, name) for name in policy.legacy)


# The second alternative is a quotation mark or dash of which cp1252 lost the last byte (9D is undefined in it).
# A run is told in pieces, so that no piece takes long.
_LOOK_ALIKE = re.compile(f"{UTF8_SEQUENCE}{{1,500}}|\u00e2\u20ac")
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


def signs_of_misreading() -> tuple[str]:
    """A pattern (RE2) of which something is found in every text in which `wrongly_decoded` finds something.

    The last character of a run may be written as a character reference, and a headline in front matter as escapes.
    """
    latin = "[\u00c2-\u00f4][\\x{80}-\\x{BF}\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122&]"
    legacy = "[\u00a1-\u00ff]{5}[\u00a1-\u00ff&]"
    return ("|".join((latin, legacy, "[\\x{80}-\\x{9F}]", f"[{_GBK_SIGNS}]", r"\\[uUx][0-9a-fA-F]", *signs_of_utf8())),)


def wrongly_decoded(body: Body) -> Iterator[Found]:
    """What the rule mojibake finds."""
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
    """What `_LOOK_ALIKE.finditer` gives: it is tried only on signs of latin-1, with which each of its matches begins."""
    end = 0
    for start, stop in signs:
        at = max(start, end)
        while at < stop:
            match = _LOOK_ALIKE.match(text, at)
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
    harmed = any(is_declared(encoding, policy) for encoding in _HARMED_ENCODINGS)
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
