"""Text that was decoded with the wrong encoding: where it is, and what it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from validator.parsing.decoding import is_same_encoding
from validator.parsing.misread import (
    UTF8_LEAD,
    UTF8_SEQUENCE,
    Misread,
    is_gb2312,
    is_in_misread_utf8,
    misread,
    read_c1,
    read_look_alike,
    signs_of_utf8,
    utf8_look_alike,
)
from validator.rules.views import Found, replaced
from validator.text.patterns import late, matches_from
from validator.text.places import Span, inside, shown

if TYPE_CHECKING:
    from validator.rules.views import Body
    from validator.sources.model import Policy

_MOST = 10_001  # places; a report lists all but the last


def wrongly_decoded(body: Body) -> list[Found]:
    """What the rule mojibake finds. Each kind of damage is looked for outside of what was found before it."""
    found: list[Found] = []
    for kind in (_legacy_as_latin, _utf8_as_gbk):
        found += islice(kind(body), _MOST)
    for rest in (_utf8_as_latin, _utf8_as_other, _cp1252_as_latin):
        found += islice(rest(body, sorted(each.span for each in found)), _MOST)
    found.sort(key=lambda each: each.span)
    if len(found) >= _MOST:  # the whole file was read wrongly, and must be decoded again as a whole
        found = [each._replace(fix=None) for each in found]
    return found


def signs_of_misreading() -> tuple[str]:
    """A pattern (RE2) that every text matches in which `wrongly_decoded` finds something.

    The last character of a run may be written as a character reference, and a headline in front matter as escapes.
    """
    latin = "[\u00c2-\u00f4][\\x{80}-\\x{BF}\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122&]"
    legacy = "[\u00a1-\u00ff]{5}[\u00a1-\u00ff&]"
    return (
        "|".join(
            (
                latin,
                legacy,
                "[\\x{80}-\\x{9F}]",
                "[\u951f\u9225\u951b\u9286]",
                r"\\(?:[uUx][0-9a-fA-F]|[N_])",
                *signs_of_utf8(),
            )
        ),
    )


def _said(text: str, each: Misread, *, may_fix: bool = True) -> Found:
    """The finding about a run of UTF-8 that was read in another encoding."""
    what = f'"{shown(text[slice(*each.span)])}" is UTF-8 read as {each.encoding}'
    if not each.restored or "\ufffd" in each.restored:
        return Found(each.span, f"{what}, and part of what it was is lost")
    meant = shown(each.restored)
    fix = replaced(each.span, each.restored, f'restore "{meant}"') if may_fix else None
    return Found(each.span, f'{what}, expected "{meant}"', fix)


def _apart(found: Iterable[Misread], taken: Sequence[Span]) -> Iterator[Misread]:
    """Those that overlap none of the ordered spans `taken`."""
    at = 0
    for each in found:
        while at < len(taken) and taken[at].end <= each.span.start:
            at += 1
        if at == len(taken) or each.span.end <= taken[at].start:
            yield each


def _utf8_as_other(body: Body, taken: Sequence[Span]) -> Iterator[Found]:
    """UTF-8 read in an encoding that is neither latin-1 nor cp1252."""
    return (_said(body.masked, each) for each in _apart(misread(body.masked), taken))


# --- windows-1252 read as latin-1 ---------------------------------------------------------------------------------------

_C1 = re.compile("[\x80-\x9f]")
# What writers put into windows-1252 and latin-1 lacks. Other signs show that it was another encoding; so does a capital with a
# caron after a small letter.
_USUAL = frozenset("€‚„…†‡‰Š‹ŒŽ‘’“”•–—™š›œžŸ")


def _cp1252_as_latin(body: Body, taken: Sequence[Span]) -> Iterator[Found]:
    """Control characters that are windows-1252 read as ISO 8859-1, anywhere in the seed."""
    text = body.text
    places = (match.start() for match in _C1.finditer(text))
    places = (at for at in places if not inside(taken, at) and not is_in_misread_utf8(text, at))
    found = [(at, read_c1(text[at])) for at in islice(places, _MOST)]
    is_sure = all(meant in _USUAL and not _is_misplaced(text, at, meant) for at, meant in found)
    for at, meant in found:
        if not meant:
            continue  # the rule control-character reports it
        span, what = Span(at, at + 1), f"U+{ord(text[at]):04X} is windows-1252 read as ISO 8859-1"
        if is_sure:
            yield Found(span, f'{what}, expected "{meant}"', replaced(span, meant, f'restore "{meant}"'))
        else:
            yield Found(span, what)


def _is_misplaced(text: str, at: int, meant: str) -> bool:
    """Whether a restored sign would be where no writer puts it: the bytes were of DOS, or of two to a character."""
    before, after = text[max(0, at - 1) : at], text[at + 1 : at + 2]
    if meant in "ŠŒŽŸ‚„":
        return before.isalpha() and before.islower()
    return meant in "†‡‰•" and before.isalpha() and after.isalpha()


# --- UTF-8 read as latin-1 ----------------------------------------------------------------------------------------------

_LOST = "\u00e2\u20ac"  # a quotation mark or dash without its last byte, 9D, which cp1252 does not define
_C0_OR_LOST = late("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_CYRILLIC_LANGUAGES = {"be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tt", "uk"}
_HARMED_ENCODINGS = ("gb18030", "big5", "cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic")
_CONTEXT = 24  # code points on either side that ftfy sees of one candidate
_WINDOW = 2000  # code points of one call


@cache
def _look_alike() -> re.Pattern[str]:
    """A run of UTF-8 as latin-1 or cp1252 show it, in pieces, so that no piece takes long."""
    return re.compile(f"{UTF8_SEQUENCE}{{1,500}}|{_LOST}")


def _utf8_as_latin(body: Body, taken: Sequence[Span]) -> Iterator[Found]:
    text = body.masked
    if not UTF8_LEAD.search(text):
        return
    runs = islice(matches_from(_look_alike(), UTF8_LEAD, text), 2 * _MOST)
    candidates = list(_apart((Misread(Span(*run.span()), "latin-1", _restored(run[0])) for run in runs), taken))
    # If one passage came from another encoding, what else looks like UTF-8 may be a piece of it.
    may_fix = not taken and not _has_foreign_legacy(body.policy) and not _C0_OR_LOST.search(body.text)
    for group in _groups(candidates):
        is_certain = all(_is_certain(text, each) for each in group)
        yield from (_said(text, each, may_fix=may_fix) for each in (group if is_certain else _confirmed(text, group)))


def _restored(run: str) -> str:
    """What a run was, also if it was converted twice; '' if that is lost."""
    if run == _LOST:
        return ""
    restored = read_look_alike(run)
    if utf8_look_alike().fullmatch(restored):
        from ftfy.badness import is_bad

        while utf8_look_alike().fullmatch(restored) and is_bad(restored):
            restored = read_look_alike(restored)
    return restored


def _has_foreign_legacy(policy: Policy) -> bool:
    """Whether the source's texts come in encodings that ftfy is known to harm when they were read as latin-1."""
    language = (policy.language or "").lower().partition("-")[0]
    is_harmed = any(is_same_encoding(each, name) for each in _HARMED_ENCODINGS for name in policy.legacy)
    return is_harmed or language == "zh" or language in _CYRILLIC_LANGUAGES


def _groups(candidates: Sequence[Misread]) -> Iterator[list[Misread]]:
    """The candidates, in groups that ftfy sees at once."""
    group: list[Misread] = []
    for each in candidates:
        if group and each.span.start - group[0].span.start >= _WINDOW:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _confirmed(text: str, group: Sequence[Misread]) -> Iterator[Misread]:
    """The candidates that are certain, or that ftfy calls broken in their surroundings."""
    import ftfy

    pieces, expected, at = [], [], max(0, group[0].span.start - _CONTEXT)
    for each in group:
        between, run = _hushed(text[at : each.span.start]), text[slice(*each.span)]
        pieces += [between, run]
        expected += [between, each.restored or run]
        at = each.span.end
    tail = _hushed(text[at : at + _CONTEXT])
    pieces.append(tail)
    is_agreed = ftfy.fix_encoding("".join(pieces)) == "".join([*expected, tail])
    for number, each in enumerate(group):
        if not is_agreed and not _is_certain(text, each):
            before, run, after = pieces[2 * number : 2 * number + 3]
            fixed = ftfy.fix_encoding(before[-_CONTEXT:] + run + after[:_CONTEXT])
            if each.restored not in fixed or run in fixed:
                continue
        yield each


_HUSH = dict.fromkeys((*range(0x80, 0xA1), 0, 0xFFFD), " ")


def _hushed(text: str) -> str:
    """The text between candidates, without what makes ftfy repair something else."""
    return text.translate(_HUSH)


_MANY = 4  # sequences in a row that are no chance
_CHINESE_WORD = late("[\u3001\u3002\u4e00-\u9fff\uff01-\uff1f]{2,}")  # ftfy has doubts about 因此 and the like
_EAST_ASIAN = late("[\u3001-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]+")
_CLOSING = frozenset("\u00a0«»‘’“”…–—")  # after a letter that is right
# The second half of a lost letter that never closes a word; NÃO» has a letter and a guillemet.
_NO_CLOSING = frozenset("¡¢£¤¥¦§¨©ª¬\u00ad¯±²³´µ¶¸¹º¼½¾¿")
_PUNCTUATION = frozenset("‘’“”–—…•€™")


def _is_certain(text: str, each: Misread) -> bool:
    """Whether a candidate is certainly broken text. It need not be shown to ftfy, which knows Latin letters only."""
    restored, (start, end) = each.restored, each.span
    if not restored or len(restored) >= _MANY or _CHINESE_WORD.fullmatch(restored):
        return True
    run = text[start:end]
    if _EAST_ASIAN.fullmatch(restored) and (len(restored) > 1 or _CLOSING.isdisjoint(run)):
        around = text[max(0, start - _CONTEXT) : start] + text[end : end + _CONTEXT]
        return _EAST_ASIAN.search(around) is not None
    if restored in _PUNCTUATION and len(run) == 3:
        return True
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if run == "\u00c2\u00a0":
        return not before.isalpha()
    if len(run) != 2 or run[1] not in _NO_CLOSING or before.isupper() or after.isupper():
        return False
    return run[0] == "\u00c3" or (run[0] == "\u00c2" and not before.isalpha())


# --- Chinese and Cyrillic encodings read as latin-1 ---------------------------------------------------------------------

_SIGNS_IN_A_ROW = re.compile("[\u00a1-\u00ff][\u00a1-\u00ff]{5,}")  # fewer may be words


def _legacy_as_latin(body: Body) -> Iterator[Found]:
    for match in _SIGNS_IN_A_ROW.finditer(body.masked):
        run = match[0]
        if _is_within_look_alike(body.masked, *match.span()) or not _is_various(run):
            continue
        encoding = _legacy_encoding(run.encode("latin-1"), body.policy)
        if encoding:
            what = f'"{shown(run)}" is {encoding} read as latin-1'
            yield Found(Span(*match.span()), f"{what}, expected the characters that its bytes stand for")


def _is_within_look_alike(text: str, start: int, end: int) -> bool:
    """Whether a run belongs to UTF-8 that was read as latin-1, whose control characters may cut it at either end."""
    return any(
        match.start() <= start and end <= match.end()
        for match in utf8_look_alike().finditer(text, max(0, start - 3), end + 3)
    )


def _is_various(run: str) -> bool:
    """Whether a run has the variety of words: not a row of the same signs, not the alphabet in its order."""
    return len(set(run)) >= 4 and any(a >= b for a, b in pairwise(run))


def _legacy_encoding(data: bytes, policy: Policy) -> str:
    """The likely encoding of some bytes: words of one case in Cyrillic, common characters in Chinese. '' if there is none."""
    for name in policy.legacy:
        if _reads_as(data, name):
            return name
    is_chinese = _reads_as_chinese(data, 0) or _reads_as_chinese(data, 1)
    signs = data.count(0xD7) + data.count(0xF7)  # letters in Cyrillic, a multiplication and a division sign in latin-1
    if all(byte >= 0xC0 for byte in data) and 3 * signs <= len(data):
        low = sum(byte < 0xE0 for byte in data)
        if low <= 1:
            return "cp1251"
        if low >= len(data) - 1:
            return "koi8-r or gb18030" if is_chinese and len(data) % 2 == 0 else "koi8-r"
    return "gb18030" if is_chinese else ""


def _reads_as(data: bytes, name: str) -> bool:
    try:
        letters = [c for c in data.decode(name) if c.isalpha()]
    except (UnicodeDecodeError, LookupError):
        return False
    return len(letters) * 2 >= len(data) // 2 and any(ord(letter) > 0xFF for letter in letters)


def _reads_as_chinese(data: bytes, skipped: int) -> bool:
    """Whether bytes after those skipped are GB 2312, at least half of them common characters."""
    pairs = data[skipped : len(data) - (len(data) - skipped) % 2]
    leads = pairs[::2]
    common = sum(0xB0 <= lead <= 0xD7 for lead in leads)
    return common * 2 >= len(leads) and all(lead <= 0xA3 or 0xB0 <= lead <= 0xF7 for lead in leads) and is_gb2312(pairs)


# --- UTF-8 read as GBK --------------------------------------------------------------------------------------------------

_GBK = late(
    "(?P<lost>(?:锟斤拷)+)|[鈥锛銆](?!锟斤拷)[\u3400-\u9fff]"
)  # what U+FFFD, E2 80, EF BC and E3 80 look like in GBK
_GBK_BEGINS = re.compile("[锟鈥锛銆]")


def _utf8_as_gbk(body: Body) -> Iterator[Found]:
    for match in matches_from(_GBK, _GBK_BEGINS, body.masked):
        run, span = match[0], Span(*match.span())
        if match["lost"]:
            yield Found(span, f'"{shown(run)}" is GBK for replacement characters, and what they stood for is lost')
            continue
        try:
            data = run.encode("gbk")
        except UnicodeEncodeError:
            continue
        # A carpenter's 锛 (adze) is a word: only misread punctuation counts.
        if run[0] == "鈥" or 0x80 <= data[2] <= 0x9F:
            meant, whole = data[:3].decode("utf-8", "ignore"), data.decode("utf-8", "ignore")
            fix, expected = (
                None,
                f'"{meant}" and what follows it' if meant else "the characters that its bytes stand for",
            )
            if meant and whole.encode() == data and whole[1:].isascii():
                fix, expected = replaced(span, whole, f'restore "{shown(whole)}"'), f'"{shown(whole)}"'
            yield Found(span, f'"{run}" is UTF-8 read as GBK, expected {expected}', fix)
