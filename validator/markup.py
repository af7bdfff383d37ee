"""Markup: which characters of a seed are the article's, and where its HTML elements stand.

`mask` is the fast path: one linear pass over a text, measured at about 6 µs a kB. Its reading of tags, comments and raw text
follows the tokenization of the WHATWG HTML standard as far as it decides what is text; a test holds it against a full
parser. `find_elements` uses that parser (turbohtml) and is called only where a residue that is an element may be there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from validator.expressions import expression
from validator.frozen import dataclass
from validator.text import Span

GONE = "\x00"  # stands in a mask for inline markup, which does not part words

# An attribute value may hold ">" only in quotes that follow "=" and a name, which itself may begin with "=". What never
# closes runs to the end, as in a browser; so every "<" is read once and the whole stays linear. Possessive, so that nothing
# is tried twice. Blanks are those of the standard, not those of Unicode.
_BLANK = r" \t\n\f\r"
_VALUE = rf"(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^{_BLANK}>\"'][^{_BLANK}>]*+)"
_NAME = rf"[A-Za-z][^{_BLANK}/>]*+"
_ATTRIBUTES = rf"(?:[{_BLANK}/]++|[^{_BLANK}/>][^{_BLANK}/>=]*+(?:[{_BLANK}]*+=[{_BLANK}]*+{_VALUE}?+)?+)*+"
_COMMENT = r"<!--(?:-?>|(?s:.*?)(?:--!?>|\Z))"
_BOGUS = r"[!?][^>]*+(?:>|\Z)|/[^>]++(?:>|\Z)|/>"
_TAG = expression(rf"{_COMMENT}|<(?:(?P<close>/)?(?P<name>{_NAME}){_ATTRIBUTES}(?:>|\Z)|{_BOGUS})")
_RAW_TEXT = frozenset(
    """
    script style textarea title xmp iframe noembed noframes noscript template svg math select button
    """.split()  # noqa: SIM905
)
_TOKENIZED_RAW = frozenset(["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"])
_CODE = frozenset(["code", "kbd", "samp", "var", "tt"])
_NESTING = (_RAW_TEXT | _CODE) - _TOKENIZED_RAW  # elements with markup in them, and no text of the article
_ENDS_ELSEWHERE = frozenset(["script", "plaintext"])  # elements of which _PIECE does not tell where they end
_PREFORMATTED = frozenset(["pre", "textarea", "script", "style", "listing", "xmp"])
_INLINE = frozenset(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark q ruby rb rp rt s samp
    small span strike strong sub sup time tt u var wbr
    """.split()  # noqa: SIM905
)
_VOID = frozenset(
    """
    area base br col embed hr img input link meta param source track wbr
    """.split()  # noqa: SIM905
)
_REFERENCE = expression(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LONE_CR = expression(r"\r(?!\n)")
_ADDRESS = expression(
    r"(?:https?|ftp)://[^\s\0<>\"'“”‘’「」『』（）【】，。、；]+|www\.[A-Za-z0-9-]+\.[^\s\0<>\"'“”‘’「」『』（）【】，。、；]+"
)


@dataclass(frozen=True, slots=True)
class Tag:
    """One piece of HTML markup: a tag, comment, declaration; `name` is empty for all but tags, in lower case."""

    span: Span
    name: str
    closes: bool


def tags(text: str, start: int = 0, end: int | None = None) -> Iterator[Tag]:
    """All markup of an HTML text from left to right. The text inside raw-text elements (script, style, …) holds none.

    As the standard's tokenizer has it in a browser that runs scripts, but that it never knows SVG and MathML, where CDATA is
    text and `<title>` and `<style>` are elements like any other: text inside them is not the article's anyway.
    """
    end = len(text) if end is None else end
    at = start
    while True:
        at = text.find("<", at, end)
        if at < 0:
            return
        match = _TAG.match(text, at, end)
        if match is None:
            at += 1
            continue
        name = (match["name"] or "").lower()
        yield Tag(Span(match.start(), match.end()), name, bool(match["close"]))
        at = match.end()
        if match["close"]:
            continue
        if name == "plaintext":
            return
        if name == "script":
            at = _script_end(text, at, end)
        elif name in _TOKENIZED_RAW:
            close = _closing(name).search(text, at, end)
            at = close.start() if close else end


_CLOSING: dict[str, re.Pattern[str]] = {}


def _closing(name: str) -> re.Pattern[str]:
    if name not in _CLOSING:
        _CLOSING[name] = re.compile(rf"</{name}(?=[{_BLANK}/>])", re.IGNORECASE | re.ASCII)
    return _CLOSING[name]


_SCRIPT_PART = expression(rf"<!(?=--)|-->|<(?P<close>/)?script(?=[{_BLANK}/>])", re.IGNORECASE | re.ASCII)


def _script_end(text: str, start: int, end: int) -> int:
    """Where a script ends: at its end tag, unless that stands in a comment that also holds the start tag of a script."""
    in_comment = in_inner = False
    for match in _SCRIPT_PART.finditer(text, start, end):
        if match[0] == "<!":
            in_comment = True
        elif match[0] == "-->":
            in_comment = in_inner = False
        elif not match["close"]:
            in_inner = in_comment
        elif in_inner:
            in_inner = False
        else:
            return match.start()
    return end


# Any piece of markup, as one group. Of an element whose content is raw text, but a script, the start tag and all that stands
# before the end tag are one piece. The other groups, of which at most one takes part, are the name, an end tag's with its
# slash. The first alternative takes most tags, so that nothing else is tried on them: an end tag, or plain attributes.
_PIECE = expression(
    r'(<(/[A-Za-z][A-Za-z0-9]*+|[a-hj-mo-ru-wyzA-HJ-MO-RU-WYZ][A-Za-z0-9]*+)(?: [A-Za-z][A-Za-z-]*+="[^"]*+")*+ ?+/?+>'
    rf"|<((?i:iframe|noembed|noframes|noscript|style|textarea|title|xmp))(?=[{_BLANK}/>]){_ATTRIBUTES}>"
    rf"(?:[^<]++|<(?!/(?i:\3)[{_BLANK}/>]))*+|{_COMMENT}|<(?:(/?{_NAME}){_ATTRIBUTES}(?:>|\Z)|{_BOGUS}))",
    re.ASCII,
)


class _Pieces(NamedTuple):
    """Text and markup of an HTML text in turn: the texts, of which there is one more; the markup; the name of each of it.

    A piece of markup is what `tags` gives as a tag, with the content after it where that is raw text. A name is as it is written,
    that of an end tag with its slash, and empty for all but tags; `lower` has each in lower case.
    """

    texts: list[str]
    pieces: list[str]
    names: list[str]
    lower: dict[str, str]


def _pieces(text: str, start: int, end: int) -> _Pieces:
    """The pieces of a text between two offsets. Headings, preformatted text and a mask of the same text ask for them in turn."""
    pieces = _remembered(text, start, end)
    if pieces is not None:
        return pieces
    pieces = _split(text[start:end])
    if not _ENDS_ELSEWHERE.isdisjoint(pieces.lower.values()):
        pieces = _walked(text, start, end)
    _LAST_PIECES[:] = [((text, start, end), pieces)]
    return pieces


def _remembered(text: str, start: int, end: int) -> _Pieces | None:
    for (known, *place), pieces in _LAST_PIECES:
        if known is text and place == [start, end]:
            return pieces
    return None


_LAST_PIECES: list[tuple[tuple[str, int, int], _Pieces]] = []


def _split(text: str) -> _Pieces:
    split = _PIECE.split(text)
    names = [
        plain or raw or other or "" for plain, raw, other in zip(split[2::5], split[3::5], split[4::5], strict=True)
    ]
    return _Pieces(split[0::5], split[1::5], names, {name: name.lower() for name in set(names)})


def _walked(text: str, start: int, end: int) -> _Pieces:
    """What `tags` says of a text in which elements end where only that can tell."""
    texts, pieces, names = [], [], []
    at = start
    for tag, following in pairwise((*tags(text, start, end), Tag(Span(end, end), "", False))):
        texts.append(text[at : tag.span.start])
        at = following.span.start if tag.name in _TOKENIZED_RAW and not tag.closes else tag.span.end
        pieces.append(text[tag.span.start : at])
        names.append(f"/{tag.name}" if tag.closes else tag.name)
    return _Pieces([*texts, text[at:end]], pieces, names, {name: name for name in names})


# Tags of which nothing can be said but what they are, without the "<" of each: a name, attributes in double quotes; or a short
# comment.
_PLAIN_TAGS = expression(
    r'(?:(?:/?[A-Za-z][A-Za-z0-9]*+(?: [A-Za-z][A-Za-z-]*+="[^">]*+")*+ ?+/?+|!--[0-9A-Za-z ]*+--)>)*+', re.ASCII
)
_UNPLAIN = (
    _RAW_TEXT | _CODE | _ENDS_ELSEWHERE | _PREFORMATTED
)  # elements after which a text is no text, or no article's


class _Plain(NamedTuple):
    """An HTML text in which all markup is plain: what `_mask_html` makes of it but for references; its elements; its tags."""

    masked: str
    names: frozenset[str]
    tags: frozenset[str]


def _plain(text: str, start: int, end: int) -> _Plain | None:
    """The markup between two offsets, if all of it is plain; a test holds it to what `_pieces` says. None where it is not."""
    for (known, *place), plain in _LAST_PLAIN:
        if known is text and place == [start, end]:
            return plain
    plain = _read_plain(text[start:end])
    _LAST_PLAIN[:] = [((text, start, end), plain)]
    return plain


_LAST_PLAIN: list[tuple[tuple[str, int, int], _Plain | None]] = []


def _read_plain(text: str) -> _Plain | None:
    if text.find("<", text.rfind(">") + 1) >= 0:  # which never closes; to look for its end from each would take long
        return None
    parts = _BETWEEN.split(text)
    written = parts[1::2]
    tags = frozenset(written)
    told = _told(tags)
    if told is None:
        return None
    names = frozenset([name for _, name in told.values()])
    if not names.isdisjoint(_UNPLAIN):
        return None
    parts[1::2] = [told[tag][0] for tag in written]
    return _Plain("".join(parts), names, tags)


_BETWEEN = expression("<([^>]*+)>")
_TAGS_KNOWN: dict[str, tuple[str, str]] = {}
_SHAPES_KNOWN: dict[str, tuple[str, str]] = {}
_KEPT = 2048
_LONG_TAG = 100  # characters from which on a tag is hardly one of many


def _told(tags: frozenset[str]) -> dict[str, tuple[str, str]] | None:
    """Of plain tags what stands for each in a mask, and the name of its element; None where one may not be plain."""
    told = {}
    for tag in tags:
        known = _TAGS_KNOWN.get(tag)
        if known is None:
            kind = _kind(tag)
            if kind is None:
                return None
            filler, name = kind
            known = filler * (len(tag) + 2), name
            if len(tag) < _LONG_TAG:
                if len(_TAGS_KNOWN) >= _KEPT:
                    _TAGS_KNOWN.clear()
                _TAGS_KNOWN[tag] = known
        told[tag] = known
    return told


def _kind(tag: str) -> tuple[str, str] | None:
    """What stands in a mask for each character of a plain tag, and the name of its element; None where it may not be plain.

    That hangs on what stands outside of its double quotation marks, which many tags have in common.
    """
    parts = tag.split('"')
    shape = '"'.join(parts[::2])
    known = _SHAPES_KNOWN.get(shape) if len(parts) % 2 else None
    if known is None and _PLAIN_TAGS.fullmatch(f"{tag}>"):
        begins = tag.partition(" ")[0]
        name = "" if begins[0] == "!" else begins.strip("/").lower()
        known = (GONE if not name or name in _INLINE else "\n"), name
        if len(_SHAPES_KNOWN) >= _KEPT:
            _SHAPES_KNOWN.clear()
        _SHAPES_KNOWN[shape] = known
    return known


def plain_tags(text: str, start: int, body: Span) -> frozenset[str] | None:
    """All tags of an HTML text from `start` on, without brackets; None unless all are plain and stand in its `body`."""
    plain = _plain(text, *body)
    return plain.tags if plain is not None and _PLAIN_BEFORE.fullmatch(text, start, body.start) else None


class _Mask:
    """Builds a text of the same length in which only some characters of the original stay."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[str] = []
        self.at = 0

    def keep(self, to: int) -> None:
        if to > self.at:
            self.pieces.append(self.text[self.at : to])
            self.at = to

    def drop(self, to: int, filler: str) -> None:
        if to > self.at:
            self.pieces.append(filler * (to - self.at))
            self.at = to

    def result(self) -> str:
        return "".join(self.pieces)


def mask(text: str, start: int, end: int, markup: str) -> str:
    """The text with everything but the article's own characters between `start` and `end` blotted out, at equal length.

    Inline markup becomes NUL, everything else that is not the article's (block markup, code, addresses, what lies outside)
    LF. A character reference becomes its character and NULs. `markup` is text, markdown or html.
    """
    if markup == "text":
        inner = text[start:end]
    elif markup == "html":
        inner = _mask_html(text, start, end)
    else:
        inner = _mask_markdown(text, start, end)
    inner = _blot_addresses(inner)
    if "\r" in inner:  # a line that ends in a lone CR ends all the same
        inner = _LONE_CR.sub("\n", inner)
    return "\n" * start + inner + "\n" * (len(text) - end)


def _blot(text: str, pattern: re.Pattern[str], filler: str = "\n") -> str:
    return pattern.sub(lambda match: filler * (match.end() - match.start()), text)


def _blot_addresses(text: str) -> str:
    places = [(match.start(), match.end()) for match in _addresses(text)]
    if not places:
        return text
    pieces: list[str] = []
    at = 0
    for start, end in places:
        pieces += text[at:start], "\n" * (end - start)
        at = end
    return "".join((*pieces, text[at:]))


def _addresses(text: str) -> Iterator[re.Match[str]]:
    """What `_ADDRESS.finditer` gives: it is tried only where an address may begin, which is faster to look for."""
    starts: list[int] = []
    at = text.find("://") if ":" in text else -1  # one character is faster to look for
    while at >= 0:
        starts += (at - len(scheme) for scheme in ("https", "http", "ftp") if text.endswith(scheme, 0, at))
        at = text.find("://", at + 1)
    at = text.find("www.") if "w" in text else -1
    while at >= 0:
        starts.append(at)
        at = text.find("www.", at + 1)
    end = 0
    for start in sorted(starts):
        match = _ADDRESS.match(text, start) if start >= end else None
        if match is not None:
            yield match
            end = match.end()


def _mask_html(text: str, start: int, end: int) -> str:
    plain = _plain(text, start, end)
    if plain is not None:
        return _resolve_references(plain.masked)
    found = _pieces(text, start, end)
    inline = {name: not kind or kind.removeprefix("/") in _INLINE for name, kind in found.lower.items()}
    masked: list[str] = [""] * (2 * len(found.pieces) + 1)
    masked[0::2] = found.texts if _NESTING.isdisjoint(found.lower.values()) else _unskipped(found)
    masked[1::2] = [
        (GONE if inline[name] else "\n") * len(piece) for name, piece in zip(found.names, found.pieces, strict=True)
    ]
    return _resolve_references("".join(masked))


def _unskipped(found: _Pieces) -> Iterator[str]:
    """The texts between pieces of markup; blotted out where they stand in elements whose text is not the article's."""
    skipping: list[str] = []  # such elements that are open, and how many of each
    counts: Counter[str] = Counter()
    for text, piece, written in zip(found.texts, (*found.pieces, ""), (*found.names, ""), strict=True):
        yield "\n" * len(text) if skipping else text
        name = found.lower.get(written, "")
        if name in _NESTING:
            if piece[-2:] != "/>":
                skipping.append(name)
                counts[name] += 1
        elif name[1:] in _NESTING:
            while counts[name[1:]]:  # what is open inside it ends too
                closed = skipping.pop()
                counts[closed] -= 1
                if closed == name[1:]:
                    break


def _resolve_references(masked: str) -> str:
    if "&" not in masked:
        return masked

    def resolve(match: re.Match[str]) -> str:
        character = _unescaped(match[0])
        if len(character) != 1 or character == match[0]:
            return match[0]
        return character + GONE * (len(match[0]) - 1)

    return _REFERENCE.sub(resolve, masked)


def referred_to(text: str) -> str:
    """The characters for which character references stand in a text, each once."""
    return "".join([_unescaped(reference) for reference in set(_REFERENCE.findall(text))])


@lru_cache(maxsize=1024)
def _unescaped(reference: str) -> str:
    import html

    return html.unescape(reference)


_FENCE = expression(r"^[ ]{0,3}(`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_CODE_SPAN = expression(r"(?<!`)(`{1,8})(?!`)[^\n]{1,400}?(?<!`)\1(?!`)")
_DESTINATION = expression(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:[ \t]+\"[^\"\n]*\")?\)")
_DEFINITION = expression(r"^[ ]{0,3}\[[^\]\n]+\]:[^\n]*$", re.MULTILINE)
_RULE_LINE = expression(r"^[ ]{0,3}(?:-{2,}|={2,}|\*{3,}|_{3,})[ \t]*\r?$", re.MULTILINE)
_KRAMDOWN = expression(r"\{:[^{}\n]{0,300}\}|\{%[^%{\n]{0,300}%\}|\{\{[^{}\n]{0,300}\}\}")


def _mask_markdown(text: str, start: int, end: int) -> str:
    inner = _blot_code(text[start:end])
    if "](" in inner:
        inner = _blot(inner, _DESTINATION, GONE)
    if "]:" in inner:
        inner = _blot(inner, _DEFINITION)
    if "{" in inner:
        inner = _blot(inner, _KRAMDOWN)
    inner = _blot(inner, _RULE_LINE)
    return _mask_html(inner, 0, len(inner)) if "<" in inner or "&" in inner else inner


def _blot_code(text: str) -> str:
    if "```" in text or "~~~" in text:
        building = _Mask(text)
        for span in fences(text):
            building.keep(span.start)
            building.drop(span.end, "\n")
        building.keep(len(text))
        text = building.result()
    return _blot(text, _CODE_SPAN) if "`" in text else text


def fences(text: str) -> Iterator[Span]:
    """Fenced code blocks of a Markdown text, with their fences. One that never closes runs to the end."""
    opening: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opening is None:
            if match[1][0] != "`" or "`" not in text[match.end(1) : match.end()]:
                opening = match
        elif match[1].startswith(opening[1]) and not text[match.end(1) : match.end()].strip():
            yield Span(opening.start(), match.end())
            opening = None
    if opening is not None:
        yield Span(opening.start(), len(text))


_MAY_BE_PREFORMATTED = expression(rf"<(?:{'|'.join(sorted(_PREFORMATTED))})", re.IGNORECASE)


def verbatim(text: str, start: int, end: int, markup: str) -> tuple[Span, ...]:
    """Where blanks are content: fenced code and `<pre>`. Elements that nest in themselves end at the first end tag."""
    if markup == "html" and _surely_holds_none(text, start, end, _PREFORMATTED):
        return ()
    spans: list[Span] = []
    inner = text[start:end] if markup in ("markdown", "html") else ""
    if markup == "markdown" and ("```" in inner or "~~~" in inner):
        spans.extend(Span(start + span.start, start + span.end) for span in fences(inner))
    if _MAY_BE_PREFORMATTED.search(inner):
        opening: Tag | None = None
        for tag in tags(_blot_code(inner) if markup == "markdown" else inner):
            if opening is None and tag.name in _PREFORMATTED and not tag.closes:
                opening = tag
            elif opening is not None and tag.closes and tag.name == opening.name:
                spans.append(Span(start + opening.span.start, start + tag.span.end))
                opening = None
        if opening is not None:
            spans.append(Span(start + opening.span.start, end))
    return tuple(_joined(spans))


_PLAIN_BEFORE = expression(r"(?:[^<]++|<!--[0-9]*+-->)*+")


def _surely_holds_none(text: str, start: int, end: int, names: frozenset[str]) -> bool:
    """Whether it is known of an HTML text, by what its mask was made of, that none of these elements is there.

    The mask may have begun later, after lines in which no markup stands but comments.
    """
    for (known, first, last), plain in _LAST_PLAIN:
        if known is text and start <= first and last == end and plain is not None:
            return names.isdisjoint(plain.names) and _PLAIN_BEFORE.fullmatch(text, start, first) is not None
    pieces = _remembered(text, start, end)
    return pieces is not None and names.isdisjoint(pieces.lower.values())


def _joined(spans: list[Span]) -> Iterator[Span]:
    """The spans in order, those that overlap made one."""
    last: Span | None = None
    for span in sorted(spans):
        if last is not None and span.start < last.end:
            last = Span(last.start, max(last.end, span.end))
        else:
            if last is not None:
                yield last
            last = span
    if last is not None:
        yield last


_LETTER_OR_DIGIT = expression(r"[^\W_]")


def has_text(masked: str) -> bool:
    """Whether a mask holds a letter or a digit of the article."""
    return _LETTER_OR_DIGIT.search(masked) is not None


_HEADING = frozenset(["h1"])


def top_headings(text: str, start: int, end: int) -> Iterator[Span]:
    """The `<h1>` elements of an HTML text: the headline said again, not the article's text."""
    if _surely_holds_none(text, start, end, _HEADING) or (
        text.find("<h1", start, end) < 0 and text.find("<H1", start, end) < 0
    ):
        return
    found = _pieces(text, start, end)
    opening: int | None = None
    at = start
    for before, piece, name in zip(found.texts, found.pieces, found.names, strict=False):
        at += len(before)
        if name in ("h1", "H1"):
            opening = at if opening is None else opening
        elif name in ("/h1", "/H1") and opening is not None:
            yield Span(opening, at + len(piece))
            opening = None
        at += len(piece)


@dataclass(frozen=True, slots=True)
class Element:
    """An HTML element: its span with both tags, None for the span where the source never closes it."""

    tag: str
    attributes: Mapping[str, str]
    opening: Span
    span: Span | None


def find_elements(text: str, fits: Callable[[str, Mapping[str, str]], bool]) -> list[Element]:
    """The elements of an HTML text (LF line ends) that `fits` takes, outermost only, in the order they stand there."""
    import turbohtml

    document = turbohtml.parse(text, source_locations=True)
    found: list[Element] = []
    for element in document.iter_elements():
        location: Any = element.source_location
        if location is None or location.start_tag is None:
            continue
        attributes = {
            name: " ".join(value) if isinstance(value, list) else (value or "") for name, value in element.attrs.items()
        }
        if not fits(element.tag, attributes):
            continue
        opening = Span(location.start_tag.start_offset, location.start_tag.end_offset)
        span = None
        if location.end_tag is not None:
            span = Span(opening.start, location.end_tag.end_offset)
        elif element.tag in _VOID:
            span = opening
        found.append(Element(element.tag, attributes, opening, span))
    # In the order of the source: a parser moves what stands wrongly in a table in front of it.
    found.sort(key=lambda element: (element.opening.start, -(element.span or element.opening).end))
    outermost: list[Element] = []
    for each in found:
        if not outermost or not (outermost[-1].span or outermost[-1].opening).holds(each.opening):
            outermost.append(each)
    return outermost
