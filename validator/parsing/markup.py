"""Markup: which characters of a seed are text, and which are markup or code.

Pyromark reads Markdown (CommonMark with tables and footnotes), and turbohtml's tokenizer reads HTML; both say where each piece
is. Template tags (Liquid, Hugo, Jinja, ERB, PHP) are known by their delimiters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from validator.text.places import Span, span_of, words_of

GONE = "\x00"  # replaces inline markup in a mask: it does not separate words
MARKDOWN_AROUND_HTML = "markdown-around-html"
"""The markup of a post whose body is HTML inside a Markdown file: HTML, but Markdown's code is code."""

_CODE = words_of("code kbd samp var tt")
_NO_TEXT = _CODE | words_of(  # elements whose text is not the article's
    "script style textarea title xmp iframe noembed noframes noscript template svg math select button"
)
_PREFORMATTED = words_of("pre textarea script style listing xmp")
_INLINE = words_of(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark q ruby rb rp rt s samp small span strike strong"
    " sub sup time tt u var wbr"
)
VOID = words_of("area base br col embed hr img input link meta param source track wbr")
_END_OFTEN_LEFT_OUT = words_of("p li dt dd tr td th thead tbody tfoot option optgroup colgroup body html head")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LONE_CR = re.compile(r"\r(?!\n)")
_ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s\0<>\"'“”‘’「」『』（）【】，。、；]+|www\.[A-Za-z0-9-]+\.[^\s\0<>\"'“”‘’「」『』（）【】，。、；]+"
)


class Layout(NamedTuple):
    """How the text from `start` to its end is laid out. Spans are offsets of the text, in order and apart.

    `masked` is that text at equal length: inline markup is NUL, all other markup LF. `apart` is where markup and code are,
    which no rule about text looks at. `verbatim` is where whitespace is content. `headings` are the `<h1>` elements.
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

    The last layout is kept: several rules and the record ask for the same one.
    """
    text = text[start:]
    if markup == "text" or not text:
        return Layout(start, text)
    templates = tuple(template_tags(text))
    read = _READERS[markup](text, filled(text, templates, "x"))
    masked = filled(_resolve_references(read.masked), templates, "\n")

    return Layout(
        start,
        masked,
        tuple(joined((*read.apart, *templates), start)),
        tuple(joined(read.verbatim, start)),
        tuple([span_of((first + start, last + start)) for first, last in read.headings]),
        read.is_open,
    )


def mask(text: str, start: int, end: int, markup: str, content: int | None = None) -> str:
    """The text at equal length with only the article's own characters between `start` and `end`.

    Inline markup becomes NUL; block markup, code, addresses and everything outside become LF. A character reference becomes
    its character and NULs. `content` is where the markup begins: below the front matter.
    """
    found = layout(text, start if content is None else content, markup)
    inner = found.masked[start - found.start : end - found.start]
    if "://" in inner or "www." in inner:
        inner = _ADDRESS.sub(lambda match: "\n" * len(match[0]), inner)
    if "\r" in inner:  # a line that ends in a lone CR ends all the same
        inner = _LONE_CR.sub("\n", inner)
    return "\n" * start + inner + "\n" * (len(text) - end)


def _resolve_references(masked: str) -> str:
    """The mask with each reference to one character replaced by it and NULs."""
    if "&" not in masked:
        return masked
    import html

    def resolve(match: re.Match[str]) -> str:
        character = html.unescape(match[0])
        return character + GONE * (len(match[0]) - 1) if len(character) == 1 else match[0]

    return _REFERENCE.sub(resolve, masked)


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


def joined(spans: Iterable[Span], after: int = 0) -> list[Span]:
    """The spans in order, those that overlap made one; empty ones left out. All are moved `after` characters on."""
    out: list[Span] = []
    first = last = -1
    for start, end in sorted(spans):
        if start < last:
            last = max(last, end)
        elif start < end:
            if first >= 0:
                out.append(span_of((first + after, last + after)))
            first, last = start, end
    if first >= 0:
        out.append(span_of((first + after, last + after)))
    return out


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


_Piece = tuple[int, int, str | None, bool, bool]
"""One piece of HTML: where it begins and ends; None for text, else the name of the tag in lower case ('' for other markup);
whether it is an end tag; whether it closes itself. A plain tuple, since a page has thousands."""

_LF = re.compile("\n")


def _pieces(text: str) -> Iterator[_Piece]:
    """The pieces of an HTML text from left to right, which together are the whole text."""
    if "<" not in text:  # nor a library to import
        if text:
            yield 0, len(text), None, False, False
        return
    import turbohtml

    kinds = turbohtml.TokenType
    # An attribute of an enumeration takes as long to get as several of a token.
    is_text, is_reference, is_end = kinds.TEXT, kinds.CHARACTER_REFERENCE, kinds.END_TAG
    # The tokenizer counts lines as browsers do; line ends of one character keep its places the same. It drops `</>`, and gives
    # a token for the comment `<!>`.
    text = text.replace("\r\n", " \n").replace("\r", "\n").replace("</>", "<!>")
    starts = [0, 0, *[match.end() for match in _LF.finditer(text)]]  # of the lines, which count from 1
    end = 0
    for token in turbohtml.tokenize(text, resolve_references=False, capture_source=True, capture_attributes=False):
        start = starts[token.line] + token.col
        kind = token.type
        if kind is is_text:
            end = start + len(token.data or "")
            yield start, end, None, False, False
        elif kind is is_reference:
            end = start + len(token.source or "")
            yield start, end, None, False, False
        else:
            end = start + len(token.source or "")
            yield start, end, token.tag or "", kind is is_end, bool(token.self_closing)
    if end < len(text):  # a tag that the end of the text cuts off
        yield end, len(text), "", False, False


def _read_html(text: str, plain: str) -> Layout:
    """Reads an HTML text. `plain` is the text with what is known to be no HTML taken out, at equal length."""
    masked: list[str] = []
    apart: list[Span] = []
    begun = -1  # where the stretch without text began
    skipping: list[str] = []  # open elements whose text is not the article's
    counts: Counter[str] = Counter()
    blocks = _Blocks([], [])
    name: str | None = None
    for start, end, name, closes, closes_itself in _pieces(plain):
        if name is None and not skipping:
            if begun >= 0:
                apart.append(span_of((begun, start)))
                begun = -1
            masked.append(text[start:end])
            continue
        begun = start if begun < 0 else begun
        inline = name is not None and (not name or name in _INLINE)
        masked.append((GONE if inline else "\n") * (end - start))
        if name not in _OF_INTEREST:
            continue
        if name in _NO_TEXT and not (closes_itself and (name in _CLOSES_ITSELF or counts["svg"] or counts["math"])):
            _count(name, closes, skipping, counts)
        if name in _BLOCKS_KEPT:
            blocks.tag(start, end, name, closes)
    if begun >= 0:
        apart.append(Span(begun, len(text)))
    is_open = bool(blocks.preformatted or skipping) or (name is not None and not plain.endswith(">"))
    if blocks.preformatted:
        blocks.verbatim.append(Span(blocks.preformatted[0], len(text)))
    return Layout(0, "".join(masked), tuple(apart), tuple(blocks.verbatim), tuple(blocks.headings), is_open)


@dataclass(slots=True)
class _Blocks:
    """Collects preformatted elements, each up to the first end tag of its name, and first headings."""

    verbatim: list[Span]
    headings: list[Span]
    preformatted: tuple[int, str] | None = None  # where the open one begins, and its name
    heading: int | None = None

    def tag(self, start: int, end: int, name: str, closes: bool) -> None:
        if name == "h1":
            if not closes:
                self.heading = start if self.heading is None else self.heading
            elif self.heading is not None:
                self.headings.append(Span(self.heading, end))
                self.heading = None
        elif self.preformatted is None:
            self.preformatted = None if closes else (start, name)
        elif closes and name == self.preformatted[1]:
            self.verbatim.append(Span(self.preformatted[0], end))
            self.preformatted = None


_BLOCKS_KEPT = _PREFORMATTED | {"h1"}
_OF_INTEREST = _BLOCKS_KEPT | _NO_TEXT
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


class _Marked(NamedTuple):
    """What pyromark says of a text: where its text, HTML, code, indented code and addresses are."""

    texts: list[Span]
    html: list[Span]
    code: list[Span]
    indented: list[Span]
    addresses: list[Span]


_SURROGATE = re.compile("[\ud800-\udfff]")


_NO_CODE = frozenset(["Text", "Html", "InlineHtml"])


@cache
def _markdown() -> Any:
    import pyromark

    options = pyromark.Options
    return pyromark.Markdown(options=options.ENABLE_TABLES | options.ENABLE_FOOTNOTES | options.ENABLE_STRIKETHROUGH)


def _marked(text: str, *, only_code: bool = False) -> _Marked:
    """Reads Markdown, or only where its code is. Places come in bytes of UTF-8 and are turned into offsets of the text."""
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)  # as many bytes; no text has them
    found = _Marked([], [], [], [], [])
    in_code = in_address = False
    for event, place in _markdown().events_with_range(text):
        if isinstance(event, str):
            continue
        ((kind, value),) = event.items()
        if only_code and kind in _NO_CODE:
            continue
        span = Span(place["start"], place["end"])
        if kind == "Text":
            if not in_code and not in_address:
                found.texts.append(span)
        elif kind in ("Html", "InlineHtml"):
            found.html.append(span)
        elif kind == "Code":
            found.code.append(span)
        elif kind == "Start" and isinstance(value, dict):
            if "CodeBlock" in value:
                in_code = True
                (found.indented if value["CodeBlock"] == "Indented" else found.code).append(span)
            elif "Link" in value:
                in_address = value["Link"]["link_type"] in ("Autolink", "Email")
                if in_address:
                    found.addresses.append(span)
        elif kind == "End":
            in_code = in_code and value != "CodeBlock"
            in_address = in_address and value != "Link"
    return found if text.isascii() else _Marked(*_in_code_points(text, found))


def _in_code_points(text: str, found: _Marked) -> Iterator[list[Span]]:
    encoded = text.encode("utf-8")
    offsets = {}  # the code points before each byte that is a place
    at = offset = 0
    for byte in sorted({byte for spans in found for span in spans for byte in span}):
        offset += len(encoded[at:byte].decode("utf-8"))
        offsets[byte] = offset
        at = byte
    for spans in found:
        yield [Span(offsets[start], offsets[end]) for start, end in spans]


def _read_markdown(text: str, plain: str) -> Layout:
    marked = _marked(plain)
    code = sorted([*marked.code, *marked.indented])
    not_text = (*code, *marked.addresses)
    masked, apart = _kept(filled(text, joined(not_text), "\n"), joined((*marked.texts, *marked.html)))
    if not marked.html:
        return Layout(0, masked, (*apart, *not_text), tuple(code))
    # The tokenizer sees all text, but no less-than sign except where Markdown says that HTML is.
    at = 0
    pieces: list[str] = []
    for span in joined(marked.html):
        pieces += plain[at : span.start].replace("<", "."), plain[span.start : span.end]
        at = span.end
    read = _read_html(masked, "".join((*pieces, plain[at:].replace("<", "."))))
    return read._replace(apart=(*apart, *not_text, *read.apart), verbatim=(*code, *read.verbatim))


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


def _read_html_in_markdown(text: str, plain: str) -> Layout:
    """HTML in which what Markdown calls code is code; indented lines only where no HTML element is open around them.

    Converters such as kramdown read no Markdown inside a block of HTML, and such blocks are indented for their own sake.
    """
    if not any(sign in plain for sign in _SIGNS_OF_CODE):
        return _read_html(text, plain)
    marked = _marked(plain, only_code=True)
    code = joined(marked.code)
    plain = filled(plain, code, "\n")
    if marked.indented:
        depths = _depths(plain)
        code = joined((*code, *(span for span in marked.indented if not depths(span.start))))
        plain = filled(plain, code, "\n")
    read = _read_html(filled(text, code, "\n"), plain)
    return read._replace(apart=(*code, *read.apart), verbatim=(*code, *read.verbatim))


_READERS = {"html": _read_html, "markdown": _read_markdown, MARKDOWN_AROUND_HTML: _read_html_in_markdown}
_SIGNS_OF_CODE = ("`", "~~~", "    ", "\t")


def _depths(text: str) -> Callable[[int], int]:
    """How many HTML blocks are open at an offset; those whose end tags are often left out do not count."""
    places, depths = [0], [0]
    open_names: list[str] = []
    counts: Counter[str] = Counter()
    for _, end, name, closes, closes_itself in _pieces(text):
        if not name or closes_itself or name in VOID or name in _INLINE or name in _END_OFTEN_LEFT_OUT:
            continue
        _count(name, closes, open_names, counts)
        places.append(end)
        depths.append(len(open_names))
    return lambda offset: depths[bisect_right(places, offset) - 1]


_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def has_text(masked: str) -> bool:
    """Whether a mask holds a letter or a digit of the article."""
    return _LETTER_OR_DIGIT.search(masked) is not None
