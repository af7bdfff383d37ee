"""Rules about encodings: what could not be decoded, and what was decoded wrongly before it was saved."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from heapq import merge
from itertools import islice, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from validator.parsing.decoding import encodes_back, is_same_encoding, is_undisputed
from validator.rules.mojibake import signs_of_misreading, wrongly_decoded
from validator.rules.registry import rule
from validator.rules.views import Found, replaced, said_of_seed
from validator.text.findings import Applicability, Fix, Severity
from validator.text.letters import MULTI_BYTE, readings_of, rivals
from validator.text.patterns import late
from validator.text.places import BYTE_ORDER_MARK, Span, plural, shown

if TYPE_CHECKING:
    from validator.rules.views import Body, Raw, Text
    from validator.sources.model import Policy


def _is_declared(encoding: str | None, policy: Policy) -> bool:
    return encoding is not None and any(is_same_encoding(encoding, name) for name in policy.legacy)


_NAMED_ENCODING = late(
    r"(?i)<meta\s[^>]*?charset\s*=\s*[\"']?\s*(?P<meta>[a-z0-9_:.-]+)|<\?xml\s[^>]*?encoding\s*=\s*[\"'](?P<xml>[a-z0-9_:.-]+)"
)
_WHERE_NAMED = 4_096  # code points; browsers look at 1,024 bytes


def _names_another(text: str) -> bool:
    """Whether a page says itself that it is in another encoding than UTF-8."""
    named = (match["meta"] or match["xml"] for match in _NAMED_ENCODING.finditer(text[:_WHERE_NAMED]))
    return any(not is_same_encoding("utf-8", name) for name in named)


@rule(severity=Severity.ERROR, about="is_other")
def undecodable(raw: Raw) -> Iterator[Found]:
    r"""Bytes that could not be decoded.

    Nothing else of the seed can be checked. The file may not be text at all (an image, an archive), be cut in the middle, or
    hold two encodings at once.

    Bad: b"\x00\xff\x00\xff\x00\x01\x02\x03\xfe\xfd\xfc\x00\x00\x81\x00"
    Good: b"A line of text.\n"

    Does not handle: bytes that decode and mean something else (not-utf8, encoding-unexpected, mojibake).

    Next: look at the file with the program that wrote it, or fetch the page again, and save it as UTF-8.
    """
    if raw.decoded.encoding is None:
        why = raw.decoded.problem or "the bytes are not UTF-8 and no other encoding was detected"
        yield said_of_seed(f"the seed could not be decoded: {why}; expected UTF-8")


# UTF-16 of 15 Chinese characters was read in the wrong byte order, of 30 never; English of 200 characters with two dashes as
# cp437, with six such signs never.
_SIGNS = late("[^\x00-\x7f]")
_FEW_SIGNS = 6
_SHORT = 400
_SHORT_WIDE = 40
_FEW_CHARACTERS = 16
_RIVALS_SHOWN = 3


def _has_evidence(raw: Raw, languages: Sequence[str]) -> bool:
    """Whether the bytes show enough for an encoding that the source declares to be taken without asking.

    If a language is named, its letters decide. Otherwise the detection must have named the same encoding.
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


@rule(severity=Severity.ERROR, applicability=Applicability.SAFE, rests_on_source=True, about="is_other")
def not_utf8(raw: Raw) -> Iterator[Found]:
    r"""A seed that is written in another encoding than UTF-8.

    Every program that reads the archive would have to guess. Reported at the first byte that is not UTF-8. Recoding keeps
    every character. It is safe only if the source declares this encoding and the letters confirm it: every letter outside
    ASCII is one of the seed's language (as CLDR lists them) in a place where writers put it, and no other encoding gives such
    a text. If no language is named, the detection must agree. Otherwise a person decides: the message gives the likely
    encodings, best first, with what each reads.

    The letters of foreign words are doubtful, as all are in English ("Kovaèiæ" may be Kovačić), unless a known word decides
    ("naïve", "São"). Also doubtful: fewer than 16 different Chinese, Japanese or Korean characters, fewer than 40 characters
    of UTF-16 without its mark, a few signs in a short text of unknown language, and the few characters that Windows reads
    otherwise than the standard (the wave dash in Shift_JIS), unless the source declares Windows' own encoding (cp932, cp950).
    A page that names its encoding itself is doubtful too: what it says would be wrong afterwards.

    Bad: b"\xcf\xee\xf1\xeb\xe5\xe4\xed\xe8\xe9 \xe0\xe1\xe7\xe0\xf6 \xe2\xfb\xef\xf3\xf1\xea\xe0.\n"
    Good: b"The caf\xc3\xa9 is open.\n"

    Does not handle: a file that is UTF-8 by accident.

    Next: read the line shown; if its words are right, recode the seed, else find out in what encoding the page was served.
    """
    decoded = raw.decoded
    if decoded.encoding is None or decoded.encoding == "utf-8":
        return
    reader = codecs.getincrementaldecoder(decoded.encoding)(errors="ignore")
    at = min(len(reader.decode(raw.data[: decoded.invalid_at or 0])), len(decoded.text))
    declared = _is_declared(decoded.encoding, raw.policy)
    languages = raw.languages or tuple(filter(None, [raw.policy.language]))
    others = [] if decoded.encoding.startswith("utf") else _others(raw, languages)
    safe = (
        declared
        and not others
        and _has_evidence(raw, languages)
        and is_undisputed(decoded, raw.policy.legacy)
        and not _names_another(decoded.text)
        and encodes_back(decoded, raw.data)
    )
    applicability = Applicability.SAFE if safe else Applicability.UNSAFE
    fix = Fix(applicability, f"recode from {decoded.encoding} to utf-8", recode="utf-8")
    grounds = {"bom": "its byte-order mark says so", "detected": "detected"}
    ground = ", and ".join(filter(None, (grounds.get(decoded.basis), "the source declares it" if declared else None)))
    message = f"the seed is written in {decoded.encoding} ({ground}), expected utf-8"
    if others:
        read = [f'{name}, which reads "{_sample(raw.data, name)}"' for name in (decoded.encoding, *others)]
        message = f"the seed is not in utf-8, as expected; most likely it is in {'; else in '.join(read)}"
    yield Found(Span(at, min(at + 1, len(decoded.text))), message, fix, whole=True)


def _others(raw: Raw, languages: Sequence[str]) -> list[str]:
    """The other encodings in which the bytes are a text too, best first."""
    decoded = raw.decoded
    found = rivals(readings_of(raw.data), decoded.encoding or "", raw.policy.legacy, languages)
    return [each.encoding for each in found[:_RIVALS_SHOWN]]


def _sample(data: bytes, encoding: str) -> str:
    """How an encoding reads the first signs outside ASCII and a few words around them."""
    text = data.decode(encoding, "replace")
    first = _SIGNS.search(text)
    at = first.start() if first is not None else 0
    return shown(" ".join(text[max(0, at - 20) : at + 20].split()))


@rule(severity=Severity.WARNING, about="is_other")
def encoding_unexpected(raw: Raw) -> Iterator[Found]:
    r"""An encoding that is neither UTF-8 nor one that the source declares for its old seeds.

    The seed belongs to another source, or the detection is wrong and the text that was read is not the one that was written.

    Bad [legacy=gb18030]: b"\xcf\xee\xf1\xeb\xe5\xe4\xed\xe8\xe9 \xe0\xe1\xe7\xe0\xf6 \xe2\xfb\xef\xf3\xf1\xea\xe0.\n"
    Good [legacy=gb18030]: b"A line of text.\n"

    Does not handle: sources that declare no legacy encoding (not-utf8).

    Next: compare the seed with others of its source; correct the source, its schema, or the encoding.
    """
    decoded = raw.decoded
    if raw.policy.legacy and decoded.encoding not in (None, "utf-8") and not _is_declared(decoded.encoding, raw.policy):
        declared = " or ".join(raw.policy.legacy)
        message = f"the seed reads as {decoded.encoding}, expected utf-8 or what its source declares: {declared}"
        yield Found(Span(0, min(1, len(decoded.text))), message, whole=True)


@rule(severity=Severity.WARNING, applicability=Applicability.SAFE, replaces=BYTE_ORDER_MARK, about="decoded.mark")
def byte_order_mark(raw: Raw) -> Iterator[Found]:
    r"""A byte-order mark before the first character of a UTF-8 seed.

    UTF-8 has one byte order, so the mark says nothing, and it sticks to the first word: most programs do not see a
    front-matter fence after it, and two equal headlines are no longer equal.

    Bad: b"\xef\xbb\xbfA line of text.\n"
    Good: b"A line of text.\n"

    Does not handle: the mark of UTF-16 and UTF-32 (not-utf8); U+FEFF further on in the text (invisible-character).

    Next: let it be repaired; no character of the text changes. It is only proposed for a page that names another encoding, which
    browsers would then believe.
    """
    decoded = raw.decoded
    if decoded.mark and decoded.encoding == "utf-8":
        applicability = Applicability.UNSAFE if _names_another(decoded.text) else Applicability.SAFE
        fix = replaced(Span(0, 1), "", "delete the byte-order mark", applicability)
        yield Found(Span(0, 1), "a byte-order mark U+FEFF is before the text, expected none in utf-8", fix)


@rule(severity=Severity.ERROR, applicability=Applicability.UNSAFE, triggers=signs_of_misreading)
def mojibake(body: Body) -> Iterator[Found]:
    r"""Text that was decoded with the wrong encoding before it was saved.

    The words are not those that were printed: a search misses them, a quotation of them is wrong, and each further
    conversion makes them harder to restore. Found are UTF-8 read as latin-1, cp1252, windows-1250, -1251, -1253 and -1257,
    KOI8-R, Mac Roman, GBK, and the code pages 437, 850 and 866 of DOS; Chinese and Cyrillic encodings read as latin-1 (at
    least six characters in a row); the control characters U+0080 to U+009F, which are windows-1252 read as ISO 8859-1
    (U+0092 is an apostrophe).

    What can be restored without loss is proposed. Nothing is proposed for UTF-8 read as latin-1 if the source's language or
    legacy encodings are Chinese or Cyrillic, or if characters are lost; nor for windows-1252 beside signs it does not have.

    Bad: The editor\u00e2\u20ac\u2122s note came late.
    Bad: \u00d6\u00d0\u00b9\u00fa\u00b9\u00fa\u00b7\u00c0\u00b2\u00bf
    Bad: \u951f\u65a4\u62f7\u951f\u65a4\u62f7
    Bad: The editor\u0092s note came late.
    Bad: \u0420\u045f\u0421\u0402\u0420\u0451\u0420\u0406\u0420\u00b5\u0421\u201a
    Good: The editor\u2019s note came late; the caf\u00e9 was \u00abLIBERT\u00c9\u00bb.

    Does not handle: a lost no-break space in UTF-8 read as latin-1 (`\u00c3` and a space); a single wrong letter that could
    be meant; encodings other than UTF-8 that were read as one of DOS or the Macintosh; markup, code and addresses, except for
    control characters.

    Next: compare the passage with the page; decode the capture again if its bytes were kept, else accept the proposal.
    """
    yield from wrongly_decoded(body)


# A reference, after any number of "amp;" with which it was escaped again; an escape of JSON or JavaScript.
_REFERRED = "(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
_REFERENCE = re.compile(rf"&(?:amp;)*{_REFERRED}")
_ESCAPED_TWICE = late(rf"&(?:amp;)+{_REFERRED}")
_ESCAPE = re.compile(
    r"\\u(?<!\\\\u)[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*+"
)  # it begins with a letter: that is found fast


@rule(
    severity=Severity.WARNING,
    applicability=Applicability.UNSAFE,
    triggers=(r"&(?:amp;)*(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);|\\u[0-9a-fA-F]",),
)
def character_reference(body: Body) -> Iterator[Found]:
    r"""A character reference that readers see as it is written, such as `&#8217;` in plain text; or an escape, `\u2019`.

    It was left when the text was taken out of a page or out of JSON. A search does not find the word, and a quotation has
    signs that were never printed. In plain text any reference counts, in Markdown and HTML only one that was escaped twice
    (`&amp;#8217;`).

    Bad: The editor&#8217;s note came late.
    Bad: Tom &amp;amp; Jerry.
    Bad: The editor\\u2019s note came late.
    Bad [markup=html]: <p>The editor&amp;#8217;s note came late.</p>
    Good: Tom & Jerry; AT&T; a & b;
    Good [markup=html]: <p>The editor&#8217;s note came late.</p>

    Does not handle: references without a semicolon; code and addresses; values of front matter other than the headline.

    Next: accept the proposal, unless the text is about references.
    """
    yield from merge(_references(body), _escapes(body), key=attrgetter("span"))


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
    """The character that a reference stands for; '' if it is not a reference."""
    from html import unescape
    from html.entities import html5

    if reference[1] != "#" and reference[1:] not in html5:
        return ""
    return unescape(reference)


def _escapes(body: Body) -> Iterator[Found]:
    for match in _ESCAPE.finditer(body.masked):
        if body.headline is not None and body.quoted_scalar == "double" and body.headline.holds(Span(*match.span())):
            continue  # there YAML reads it
        meant = bytes.fromhex(match.group().replace("\\u", "")).decode("utf-16-be", "replace")
        if all(each > "\x9f" for each in meant):
            yield _left(Span(*match.span()), "an escape", match.group(), meant, meant)


def _left(span: Span, what: str, written: str, meant: str, restored: str) -> Found:
    is_lost = any(each == "\ufffd" or each < " " or "\x7f" <= each <= "\x9f" for each in meant)
    fix = None if is_lost else replaced(span, restored, f'write "{shown(restored)}"')
    return Found(span, f'{what} "{shown(written)}" was left in the text, expected "{shown(meant)}"', fix)


_REPLACEMENTS = re.compile("\ufffd+")


@rule(severity=Severity.ERROR, triggers=("\ufffd",))
def replacement_character(text: Text) -> Iterator[Found]:
    r"""U+FFFD, which a program wrote in place of what it could not decode.

    The characters are gone from the seed; only the page or an earlier capture still has them.

    Bad: The caf\ufffd was open.
    Good: The caf\u00e9 was open.

    Does not handle: a question mark written in place of a lost character.

    Next: fetch the page again and decode it with the encoding it declares.
    """
    for match in _REPLACEMENTS.finditer(text.text):
        count = plural(len(match[0]), "replacement character")
        yield Found(Span(*match.span()), f"{count} U+FFFD: the text was lost in decoding, expected its characters")


_PIECE = 512


@cache
def _cut() -> re.Pattern[str]:
    """A character that never composes with the one before it, so that a text may be cut in front of it."""
    return re.compile("[\x00-\x7f\u2000-\u206f\u3000-\u3020\u3400-\u9fff\uac00-\ud7a3\uff00-\uff9d]")


# Combining marks, and the other characters that NFC replaces or that compose with the one before them (Unicode's property
# NFC_Quick_Check). A text without them is in NFC.
_MAY_COMPOSE = (
    r"[\pM\x{374}\x{37E}\x{387}\x{958}-\x{95F}\x{9DC}-\x{9DF}\x{A33}-\x{A5E}\x{B5C}\x{B5D}\x{F43}-\x{F69}\x{1161}-\x{11C2}"
    r"\x{1F71}-\x{1FFD}\x{2000}\x{2001}\x{2126}\x{212A}\x{212B}\x{2329}\x{232A}\x{2ADC}\x{F900}-\x{FAD9}\x{FB1D}-\x{FB4E}"
    r"\x{1D15E}-\x{1D1C0}\x{2F800}-\x{2FA1D}]"
)


@rule(severity=Severity.WARNING, applicability=Applicability.UNSAFE, triggers=(_MAY_COMPOSE,))
def not_nfc(text: Text) -> Iterator[Found]:
    r"""A character that is not written in Unicode's composed form (NFC).

    It looks the same and compares as different: a search for `caf\u00e9` misses it. Composing exchanges characters (some
    signs and rare Chinese characters become others), so it is only proposed.

    Bad: The cafe\u0301 was open.
    Good: The caf\u00e9 was open.

    Does not handle: characters that only look alike, and the compatibility forms of NFKC.

    Next: accept the proposal unless the text is about the character itself.
    """
    found = text.text
    if found.isascii():
        return
    # Piece by piece: Python's normalization is quadratic in the length of a run of combining marks.
    start = 0
    while start < len(found):
        end = start + _PIECE
        cut = _cut().search(found, end, end + _PIECE) if end < len(found) else None
        end = cut.start() if cut else end + _PIECE
        piece = found[start:end]
        if not unicodedata.is_normalized("NFC", piece):
            yield from _decomposed(piece, start)
        start = end


def _decomposed(piece: str, offset: int) -> Iterator[Found]:
    """One finding for each character, with the marks after it, that NFC writes differently."""
    starts = [at for at, character in enumerate(piece) if at == 0 or not _continues(character)]
    for start, end in pairwise((*starts, len(piece))):
        cluster = piece[start:end]
        composed = unicodedata.normalize("NFC", cluster)
        if composed != cluster:
            span, codes = Span(offset + start, offset + end), _codes(composed)
            message = f'"{shown(cluster)}" is written as {_codes(cluster)}, expected {codes} (NFC)'
            yield Found(span, message, replaced(span, composed, f"write {codes}"))


def _continues(character: str) -> bool:
    """Whether a character may compose with the one before it: a mark, or a vowel or final of a Hangul syllable."""
    return unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff"


def _codes(text: str) -> str:
    codes = " ".join(f"U+{ord(character):04X}" for character in text[:6])
    return codes + " …" if len(text) > 6 else codes
