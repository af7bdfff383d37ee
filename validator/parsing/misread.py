"""UTF-8 that was read in another encoding than latin-1 or windows-1252: where it is in a text, and what it was.

UTF-8 has a form that is rare by chance: a lead byte and one to three following bytes for each character. Read in another
encoding, these bytes become characters that hardly stand beside each other. A run of them is taken for misread UTF-8 if it is
long enough, or beside letters of another script, or if it gives a mark of punctuation. Not handled: encodings that are not
listed here, and runs of which bytes were lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

from validator.text.places import Span, remembered


class Misread(NamedTuple):
    """A run of UTF-8 that was read in `encoding`; `restored` is what it was."""

    span: Span
    encoding: str
    restored: str


# One byte a character, the likeliest first; latin-1 and windows-1252 are not among them, see `text.UTF8_LOOK_ALIKE`.
_ENCODINGS = ("cp1251", "koi8-r", "mac-roman", "cp437", "cp866", "cp850", "cp1250", "cp1253", "cp1257")
_NAMES = {"cp1251": "windows-1251", "cp1250": "windows-1250", "cp1253": "windows-1253", "cp1257": "windows-1257"}
# What a passage may have been: letters of the scripts that articles are written in, punctuation, pictures.
_USUAL = re.compile(
    "[\u00a0-\u017f\u0370-\u03ff\u0400-\u045f\u0490\u0491\u05d0-\u05ea\u0600-\u06ff\u0900-\u097f\u0e01-\u0e5b\u1e00-\u1eff"
    "\u2010-\u203a\u20ac\u2116\u2122\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e\U0001f300-\U0001faff]+"
)
_PUNCTUATION = re.compile("[\u2010-\u203a\u20ac\u2116\u2122]")
_LATIN = re.compile("[\u00a0-\u017f]+")
_BOX = re.compile("[\u2500-\u259f]")
_MOST = 20_000  # passages of one encoding that are told
_LONGEST = 1000  # characters of one run; a longer one is told in pieces
_HAN = "\u3400-\u9fff\ue000-\uf8ff"


class _Form(NamedTuple):
    """What UTF-8 looks like in an encoding: the table to its bytes, a run of it, a pair that each run holds."""

    encoding: str
    to_bytes: dict[int, int]
    run: str
    pair: str
    leads: frozenset[str]


@lru_cache(maxsize=16)
def _form(encoding: str) -> _Form:
    characters = [bytes((byte,)).decode(encoding, "replace") for byte in range(0x100)]
    characters = [chr(byte) if each == "\ufffd" else each for byte, each in enumerate(characters)]

    def among(low: int, high: int) -> str:
        return "[" + "".join(re.escape(each) for each in characters[low : high + 1]) + "]"

    following = among(0x80, 0xBF)
    sequence = (
        f"(?:{among(0xC2, 0xDF)}{following}|{among(0xE0, 0xEF)}{following}{following}"
        f"|{among(0xF0, 0xF4)}{following}{following}{following})"
    )
    to_bytes = {ord(each): byte for byte, each in enumerate(characters) if byte >= 0x80}
    run, pair = f"{sequence}{{1,{_LONGEST}}}+", f"{among(0xC2, 0xF4)}{following}"
    return _Form(encoding, to_bytes, run, pair, frozenset(characters[0xC2:0xF5]))


def may_be_misread(text: str) -> bool:
    """Whether there may be such a passage in a text: a quick look that never misses one."""
    if text.isascii():
        return False
    present = frozenset(text)
    if not _gbk_leads().isdisjoint(present):
        return True
    forms = (_form(encoding) for encoding in _ENCODINGS)
    return any(not form.leads.isdisjoint(present) and re.compile(form.pair).search(text) for form in forms)


@remembered
def misread(text: str) -> tuple[Misread, ...]:
    """The misread passages of a text in their order; of those that overlap the first, then the longest."""
    if not may_be_misread(text):
        return ()
    found = [each for encoding in _ENCODINGS for each in islice(_in(text, _form(encoding)), _MOST)]
    found += islice(_in_gbk(text), _MOST)
    kept: list[Misread] = []
    for each in sorted(found, key=lambda each: (each.span.start, -each.span.end)):
        if not kept or kept[-1].span.end <= each.span.start:
            kept.append(each)
    return tuple(kept)


@remembered
def misread_spans(text: str) -> list[Span]:
    """Where those passages are: what is in one is mojibake's to speak of."""
    return [each.span for each in misread(text)]


def _in(text: str, form: _Form) -> Iterator[Misread]:
    doubtful: list[Misread] = []
    is_found = False
    known: dict[str, str] = {}  # of each run what it was: where there are thousands, they are the same over and over
    for match in re.compile(form.run).finditer(text):
        run = match.group()
        if run not in known:
            known[run] = _restored(run, form)
        restored = known[run]
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
    """What a run was; '' where that is no usual text."""
    try:
        restored = run.translate(form.to_bytes).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return ""
    return restored if _USUAL.fullmatch(restored) else ""


def _is_strange(run: str, before: str) -> bool:
    """Whether a run is no word: a capital after a small letter, a sign that is no letter, letters of two scripts."""
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
    return len(restored) > (2 if len(run) == 2 * len(restored) and _is_greek(run) else 1) and not is_drawn


def _is_greek(run: str) -> bool:
    return "\u0370" <= run[0] <= "\u03ff"


_CLOSING = frozenset("»”’‘“…–—™®°\u00a0,;")


def _is_sure_latin(run: str, before: str, after: str, is_drawn: bool) -> bool:
    """Whether a run that was Latin letters or signs is beside letters of another script than its own, or has no other sense."""
    beside = (before.isascii() and before.isalpha(), after.isascii() and after.isalpha())
    if not run[0].isascii() and not _LATIN.match(run[0]):
        if is_drawn:
            return beside[0] and (beside[1] or not after.strip())
        return any(beside) or run[0] == "√"
    # "MAMĂ»": a letter of Latin script before a sign that may close a word.
    small = (before.islower(), after.islower())
    return any(small) and not run[1].isalpha() and run[1] not in _CLOSING and not before.isupper()


# --- GBK, in which a character has two bytes ----------------------------------------------------------------------------

_HAN_RUN = f"[{_HAN}€]{{1,{_LONGEST}}}+"


@lru_cache(maxsize=1)
def _gbk_leads() -> frozenset[str]:
    """The characters that GBK reads the first two bytes of a letter or of a Chinese character in UTF-8 as."""
    found = set()
    for lead in (0xC3, 0xC4, 0xC5, 0xCE, 0xCF, 0xD0, 0xD1, *range(0xE3, 0xEA), *range(0xEA, 0xEE)):
        for following in range(0x80, 0xC0):
            found.add(bytes((lead, following)).decode("gb18030", "ignore"))
    return frozenset(found - {""})


def _in_gbk(text: str) -> Iterator[Misread]:
    leads = _gbk_leads()
    if leads.isdisjoint(text):
        return
    from validator.text.letters import is_common_chinese

    for match in re.compile(_HAN_RUN).finditer(text):
        run = match.group()
        if run[0] not in leads:
            continue
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
