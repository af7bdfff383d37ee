"""Markup: which characters of a seed are text, which are markup or code, and where its HTML elements are.

What is markup is not decided here. Markdown is read by pyromark (CommonMark, with tables and footnotes), HTML by the tokenizer
of turbohtml (WHATWG); both say where each piece is. Template tags (Liquid, Hugo, Jinja, ERB, PHP) are known by their delimiters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from validator.text.places import Span

GONE = "\x00"  # replaces inline markup in a mask: it does not separate words
MARKDOWN_AROUND_HTML = "markdown-around-html"
"""The markup of a post whose body is HTML inside a Markdown file: HTML, but Markdown's code is code."""

_RAW_TEXT = frozenset(
    """
    script style textarea title xmp iframe noembed noframes noscript template svg math select button
    """.split()  # noqa: SIM905
)
_CODE = frozenset(["code", "kbd", "samp", "var", "tt"])
_NO_TEXT = _RAW_TEXT | _CODE  # elements whose text is not the article's
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
_END_OFTEN_LEFT_OUT = frozenset("p li dt dd tr td th thead tbody tfoot option optgroup colgroup body html head".split())  # noqa: SIM905
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LONE_CR = re.compile(r"\r(?!\n)")
_ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s\0<>\"'“”‘’「」『』（）【】，。、；]+|www\.[A-Za-z0-9-]+\.[^\s\0<>\"'“”‘’「」『』（）【】，。、；]+"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the text from `start` to its end is laid out. Spans are offsets of the text, in order and apart.

    `masked` is that text at equal length: inline markup is NUL, all other markup LF. `apart` is where markup and code are,
    which no rule about text looks at; `verbatim` where whitespace is content; `headings` the `<h1>` elements.
    `is_open`: the text ends inside a tag, a comment or an element in which whitespace is content.
    """

    start: int
    masked: str
    apart: tuple[Span, ...] = ()
    verbatim: tuple[Span, ...] = ()
    headings: tuple[Span, ...] = ()
    is_open: bool = False


@lru_cache(maxsize=1)
def layout(text: str, start: int, markup: str) -> Layout:
    """The layout of a text from `start` on. `markup` is text, markdown, html or MARKDOWN_AROUND_HTML.

    Several rules and the record ask for the layout of one text, so the last one is kept.
    """
    return _layout(text[start:], start, markup)


def _layout(text: str, start: int, markup: str) -> Layout:
    if markup == "text" or not text:
        return Layout(start, text)
    templates = tuple(template_tags(text))
    plain = filled(text, templates, "x")
    if markup == "html":
        read = _read_html(text, plain)
    elif markup == "markdown":
        read = _read_markdown(text, plain)
    else:
        read = _read_html_in_markdown(text, plain)
    masked = filled(_resolve_references(read.masked), templates, "\n")
    apart = joined((*read.apart, *templates))

    def moved(spans: Iterable[Span]) -> tuple[Span, ...]:
        return tuple(Span(first + start, last + start) for first, last in spans)

    return Layout(start, masked, moved(apart), moved(joined(read.verbatim)), moved(read.headings), read.is_open)


def mask(text: str, start: int, end: int, markup: str, content: int | None = None) -> str:
    """The text at equal length with only the article's own characters between `start` and `end`.

    Inline markup becomes NUL, everything else that is not the article's (block markup, code, addresses, all outside) LF.
    A character reference becomes its character and NULs. `content` is where the markup begins: below the front matter.
    """
    found = layout(text, start if content is None else content, markup)
    inner = _blot_addresses(found.masked[start - found.start : end - found.start])
    if "\r" in inner:  # a line that ends in a lone CR ends all the same
        inner = _LONE_CR.sub("\n", inner)
    return "\n" * start + inner + "\n" * (len(text) - end)


def _blot_addresses(text: str) -> str:
    if "://" not in text and "www." not in text:
        return text
    return _ADDRESS.sub(lambda match: "\n" * len(match[0]), text)


def _resolve_references(masked: str) -> str:
    if "&" not in masked:
        return masked

    def resolve(match: re.Match[str]) -> str:
        character = _unescaped(match[0])
        if len(character) != 1 or character == match[0]:
            return match[0]
        return character + GONE * (len(match[0]) - 1)

    return _REFERENCE.sub(resolve, masked)


@lru_cache(maxsize=1024)
def _unescaped(reference: str) -> str:
    import html

    return html.unescape(reference)


def filled(text: str, spans: Iterable[Span], filler: str) -> str:
    """The text at equal length, with every character in the spans replaced; line ends stay where the filler is no line end."""
    pieces: list[str] = []
    at = 0
    for span in spans:
        inner = text[span.start : span.end]
        pieces += text[at : span.start], filler * len(inner) if filler == "\n" else _NOT_LINE_END.sub(filler, inner)
        at = span.end
    return "".join((*pieces, text[at:])) if pieces else text


_NOT_LINE_END = re.compile(r"[^\r\n]")


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order, those that overlap made one; empty ones left out."""
    last: Span | None = None
    for span in sorted(spans):
        if span.start == span.end:
            continue
        if last is not None and span.start < last.end:
            last = Span(last.start, max(last.end, span.end))
        else:
            if last is not None:
                yield last
            last = span
    if last is not None:
        yield last


# --- template tags ------------------------------------------------------------------------------------------------------

# Each ends at its own delimiter or, where another begins first, is no tag; so each character is looked at once.
_TEMPLATE = re.compile(
    r"\{%(?:(?!%\}|\{%)[\s\S]){0,2000}%\}|\{\{(?:(?!\}\}|\{\{)[\s\S]){0,2000}\}\}+"
    r"|\{:[^{}\n]{0,300}\}|<%(?:(?!%>|<%)[\s\S]){0,2000}%>|<\?(?:php\b|=)(?:(?!\?>|<\?)[\s\S])*+(?:\?>|\Z)"
)
_TEMPLATE_NAME = re.compile(r"\{(?:%-?|\{[<%])[ \t]*(/?[A-Za-z]++)")
_TEMPLATES_OF_CODE = frozenset(["highlight", "raw", "comment", "code", "codeblock", "prettify", "mermaid", "math"])


def template_tags(text: str) -> Iterator[Span]:
    """Template tags, in order; from one that begins code (`{% highlight %}`, `{{< highlight >}}`) to the one that ends it."""
    if "{" not in text and "<%" not in text and "<?" not in text:
        return
    begun: tuple[str, Span] | None = None  # the name and place of a tag that begins code
    within: list[Span] = []
    for match in _TEMPLATE.finditer(text):
        span = Span(*match.span())
        named = _TEMPLATE_NAME.match(match[0])
        name = named[1] if named else ""
        if begun is None:
            if name in _TEMPLATES_OF_CODE:
                begun, within = (name, span), []
            else:
                yield span
        elif name in (f"end{begun[0]}", f"/{begun[0]}"):
            yield Span(begun[1].start, span.end)
            begun = None
        else:
            within.append(span)
    if begun is not None:
        yield begun[1]
        yield from within


# --- HTML ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """What reading a text gave, before character references and template tags are looked at."""

    masked: str
    apart: list[Span]
    verbatim: list[Span]
    headings: list[Span]
    is_open: bool = False


_Piece = tuple[int, int, str | None, bool, bool]
"""One piece of HTML: where it begins and ends; None for text, else the name of the tag in lower case ('' for other markup);
whether it is an end tag; whether it closes itself. A plain tuple, since a page has thousands."""

_LF = re.compile("\n")
_NOTHING_CLOSED = "</>"  # which the standard drops without a token


def _pieces(text: str) -> Iterator[_Piece]:
    """The pieces of an HTML text from left to right, which together are the whole text."""
    import turbohtml

    kinds = turbohtml.TokenType
    # The tokenizer counts lines as browsers do; line ends of one character keep its places the same.
    text = text.replace("\r\n", " \n").replace("\r", "\n")
    starts = [0, *(match.end() for match in _LF.finditer(text))]
    at, token = 0, None
    for following in turbohtml.tokenize(text, resolve_references=False, capture_source=True, capture_attributes=False):
        place = starts[following.line - 1] + following.col
        if token is not None:
            yield from _token_pieces(text, at, place, token, kinds)
        elif place:
            yield 0, place, "", False, False
        at, token = place, following
    if token is not None:
        yield from _token_pieces(text, at, len(text), token, kinds)
    elif text:
        yield 0, len(text), "", False, False


def _token_pieces(text: str, start: int, end: int, token: Any, kinds: Any) -> tuple[_Piece, ...] | list[_Piece]:
    """The pieces that a token is; what the tokenizer drops (`</>`, a tag that the text's end cuts off) is markup."""
    kind = token.type
    if kind is kinds.TEXT:
        length = len(token.data)
        return ((start, end, None, False, False),) if length == end - start else _with_gaps(text, start, end, length)
    if kind is kinds.CHARACTER_REFERENCE:
        last = start + len(token.source)
        reference = (start, last, None, False, False)
        return (reference,) if last == end else (reference, (last, end, "", False, False))
    return ((start, end, token.tag or "", kind is kinds.END_TAG, bool(token.self_closing)),)


def _with_gaps(text: str, at: int, end: int, left: int) -> list[_Piece]:
    """Text of which the tokenizer kept only `left` characters."""
    found: list[_Piece] = []
    while left:
        dropped = text.find(_NOTHING_CLOSED, at, min(end, at + left + len(_NOTHING_CLOSED) - 1))
        stop = at + left if dropped < 0 else dropped
        if stop > at:
            found.append((at, stop, None, False, False))
        left -= stop - at
        at = stop
        if dropped >= 0:
            at += len(_NOTHING_CLOSED)
            found.append((stop, at, "", False, False))
    if at < end:
        found.append((at, end, "", False, False))
    return found


def _read_html(text: str, plain: str) -> _Read:
    """Reads an HTML text. `plain` is the text with what is known to be no HTML taken out, at equal length."""
    masked: list[str] = []
    apart: list[Span] = []
    begun = -1  # where the stretch without text began
    skipping: list[str] = []  # open elements whose text is not the article's
    counts: Counter[str] = Counter()
    blocks = _Blocks()
    name: str | None = None
    for start, end, name, closes, closes_itself in _pieces(plain):
        if name is None and not skipping:
            if begun >= 0:
                apart.append(Span(begun, start))
                begun = -1
            masked.append(text[start:end])
            continue
        begun = start if begun < 0 else begun
        inline = name is not None and (not name or name in _INLINE)
        masked.append((GONE if inline else "\n") * (end - start))
        if name in _NO_TEXT and not (closes_itself and (name in _CLOSES_ITSELF or counts["svg"] or counts["math"])):
            _count(name, closes, skipping, counts)
        if name in _BLOCKS_KEPT:
            blocks.tag(start, end, name, closes)
    if begun >= 0:
        apart.append(Span(begun, len(text)))
    is_open = blocks.end(len(text)) or bool(skipping) or (name is not None and not plain.endswith(">"))
    return _Read("".join(masked), apart, blocks.verbatim, blocks.headings, is_open)


class _Blocks:
    """Collects preformatted elements, each up to the first end tag of its name, and first headings."""

    def __init__(self) -> None:
        self.verbatim: list[Span] = []
        self.headings: list[Span] = []
        self._preformatted: tuple[int, str] | None = None
        self._heading: int | None = None

    def tag(self, start: int, end: int, name: str, closes: bool) -> None:
        if name == "h1":
            if not closes:
                self._heading = start if self._heading is None else self._heading
            elif self._heading is not None:
                self.headings.append(Span(self._heading, end))
                self._heading = None
        elif self._preformatted is None:
            self._preformatted = None if closes else (start, name)
        elif closes and name == self._preformatted[1]:
            self.verbatim.append(Span(self._preformatted[0], end))
            self._preformatted = None

    def end(self, length: int) -> bool:
        """The text ends at `length`; whether it does so inside a preformatted element."""
        if self._preformatted is not None:
            self.verbatim.append(Span(self._preformatted[0], length))
        return self._preformatted is not None


_BLOCKS_KEPT = _PREFORMATTED | {"h1"}


_CLOSES_ITSELF = _CODE | {"svg", "math"}  # and what is inside the last two; `<title/>` in HTML is open
_CLOSED_BY_ITS_LIKE = frozenset(["button", "select"])


def _count(name: str, closes: bool, open_names: list[str], counts: Counter[str]) -> None:
    """Open or close an element; what is open inside one that closes ends too."""
    if not closes and name in _CLOSED_BY_ITS_LIKE and counts[name]:
        closes = name == "select"  # the standard takes a second `<select>` for `</select>`
        if not closes:
            _count(name, True, open_names, counts)
    if not closes:
        open_names.append(name)
        counts[name] += 1
        return
    while counts[name]:
        closed = open_names.pop()
        counts[closed] -= 1
        if closed == name:
            return


# --- Markdown -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Marked:
    """What pyromark says of a text: where its text, its HTML, its code and its addresses are; indented code by itself."""

    texts: list[Span]
    html: list[Span]
    code: list[Span]
    indented: list[Span]
    addresses: list[Span]


_SURROGATE = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=1)
def _markdown() -> Any:
    import pyromark

    options = pyromark.Options
    return pyromark.Markdown(options=options.ENABLE_TABLES | options.ENABLE_FOOTNOTES | options.ENABLE_STRIKETHROUGH)


def _marked(text: str) -> _Marked:
    """Reads Markdown. Places come in bytes of UTF-8 and are turned into offsets of the text."""
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)  # as many bytes; no text has them
    texts: list[tuple[int, int]] = []
    html: list[tuple[int, int]] = []
    code: list[tuple[int, int]] = []
    indented: list[tuple[int, int]] = []
    addresses: list[tuple[int, int]] = []
    in_code = in_address = False
    for event, place in _markdown().events_with_range(text):
        if "Text" in event:
            if not in_code and not in_address:
                texts.append((place["start"], place["end"]))
            continue
        if isinstance(event, str):
            continue
        ((kind, value),) = event.items()
        span = place["start"], place["end"]
        if kind in ("Html", "InlineHtml"):
            html.append(span)
        elif kind == "Code":
            code.append(span)
        elif kind == "Start" and isinstance(value, dict):
            if "CodeBlock" in value:
                in_code = True
                (indented if value["CodeBlock"] == "Indented" else code).append(span)
            elif "Link" in value:
                in_address = value["Link"]["link_type"] in ("Autolink", "Email")
                if in_address:
                    addresses.append(span)
        elif kind == "End":
            in_code = in_code and value != "CodeBlock"
            in_address = in_address and value != "Link"
    found = texts, html, code, indented, addresses
    if text.isascii():
        return _Marked(*([Span(*span) for span in spans] for spans in found))
    offsets = _offsets(text, sorted({byte for spans in found for span in spans for byte in span}))
    return _Marked(*([Span(offsets[start], offsets[end]) for start, end in spans] for spans in found))


def _offsets(text: str, places: list[int]) -> dict[int, int]:
    """Of bytes of the text in UTF-8, given in order, the code points before each."""
    encoded = text.encode("utf-8")
    out = {}
    at = offset = 0
    for place in places:
        offset += len(encoded[at:place].decode("utf-8"))
        out[place] = offset
        at = place
    return out


def _read_markdown(text: str, plain: str) -> _Read:
    marked = _marked(plain)
    code = sorted([*marked.code, *marked.indented])
    text = filled(text, joined((*code, *marked.addresses)), "\n")
    if not marked.html:
        masked, apart = _kept(text, marked.texts)
        return _Read(masked, [*apart, *code, *marked.addresses], code, [])
    kept = list(joined((*marked.texts, *marked.html)))
    masked, apart = _kept(text, kept)
    # The tokenizer sees all text, but no less-than sign except where Markdown says that HTML is.
    at = 0
    pieces: list[str] = []
    for span in joined(marked.html):
        pieces += plain[at : span.start].replace("<", "."), plain[span.start : span.end]
        at = span.end
    read = _read_html(masked, "".join((*pieces, plain[at:].replace("<", "."))))
    return _Read(
        read.masked,
        [*apart, *code, *marked.addresses, *read.apart],
        [*code, *read.verbatim],
        read.headings,
        read.is_open,
    )


def _kept(text: str, texts: list[Span]) -> tuple[str, list[Span]]:
    """The text with only these spans and whitespace kept, and where the rest is."""
    pieces: list[str] = []
    apart: list[Span] = []
    at, last = 0, len(text)
    for start, end in (*texts, (last, last)):
        gap = text[at:start]
        if gap and not gap.isspace():
            inline = at > 0 and start < last and "\n" not in gap and "\r" not in gap
            pieces.append(GONE * len(gap) if inline else _NOT_SPACE.sub("\n", gap))
            apart.append(Span(at, start))
        else:
            pieces.append(gap)
        pieces.append(text[start:end])
        at = max(at, end)
    return "".join(pieces), apart


_NOT_SPACE = re.compile(r"\S")


def _read_html_in_markdown(text: str, plain: str) -> _Read:
    """HTML in which what Markdown calls code is code; indented lines only where no HTML element is open around them.

    Converters such as kramdown read no Markdown inside a block of HTML, and such blocks are indented for their own sake.
    """
    if not any(sign in plain for sign in _SIGNS_OF_CODE):
        return _read_html(text, plain)
    marked = _marked(plain)
    code = list(joined(marked.code))
    plain = filled(plain, code, "\n")
    if marked.indented:
        depths = _depths(plain)
        code = list(joined((*code, *(span for span in marked.indented if not depths(span.start)))))
        plain = filled(plain, code, "\n")
    read = _read_html(filled(text, code, "\n"), plain)
    return _Read(read.masked, [*code, *read.apart], [*code, *read.verbatim], read.headings, read.is_open)


_SIGNS_OF_CODE = ("`", "~~~", "    ", "\t")


def _depths(text: str) -> Callable[[int], int]:
    """How many HTML blocks are open at an offset; those whose end tags are often left out do not count."""
    places, depths = [0], [0]
    open_names: list[str] = []
    counts: Counter[str] = Counter()
    for _, end, name, closes, closes_itself in _pieces(text):
        if not name or closes_itself or name in _VOID or name in _INLINE or name in _END_OFTEN_LEFT_OUT:
            continue
        _count(name, closes, open_names, counts)
        places.append(end)
        depths.append(len(open_names))
    return lambda offset: depths[bisect_right(places, offset) - 1]


# --- elements -------------------------------------------------------------------------------------------------------------

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def has_text(masked: str) -> bool:
    """Whether a mask holds a letter or a digit of the article."""
    return _LETTER_OR_DIGIT.search(masked) is not None


@dataclass(frozen=True, slots=True)
class Element:
    """An HTML element: its span with both tags, None for the span where the source never closes it."""

    tag: str
    attributes: Mapping[str, str]
    opening: Span
    span: Span | None


def find_elements(text: str, fits: Callable[[str, Mapping[str, str]], bool]) -> list[Element]:
    """The elements of an HTML text (LF line ends) that `fits` takes, outermost only, in the order of the text."""
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
    # In the order of the source: a parser moves misplaced elements out of a table, before it.
    found.sort(key=lambda element: (element.opening.start, -(element.span or element.opening).end))
    outermost: list[Element] = []
    for each in found:
        if not outermost or not (outermost[-1].span or outermost[-1].opening).holds(each.opening):
            outermost.append(each)
    return outermost
