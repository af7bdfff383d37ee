"""Markup: which characters of a seed are text, and which are markup or code.

Pyromark reads Markdown (CommonMark with tables and footnotes), and turbohtml's tokenizer reads HTML; both say where each piece
is. Template tags (Liquid, Hugo, Jinja, ERB, PHP) are known by their delimiters.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from validator.text.patterns import late
from validator.text.places import Span, words_of

if TYPE_CHECKING:
    from turbohtml import Token

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
_OPENS_NO_BLOCK = (  # or its end tag is often left out
    VOID | _INLINE | words_of("p li dt dd tr td th thead tbody tfoot option optgroup colgroup body html head")
)
_REFERENCE = late(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LONE_CR = late(r"\r(?!\n)")
_ADDRESS = late(r"(?:https?://|ftp://|www\.[A-Za-z0-9-]+\.)[^\s\0<>\"'“”‘’「」『』（）【】，。、；]+")


class Layout(NamedTuple):
    """How a text is laid out from some offset to its end. Spans are in order and do not overlap.

    `masked` is the text at equal length: inline markup is NUL; all other markup, and all before the offset, is LF. `apart` is
    where markup and code are, which no rule about text looks at; plain pairs, since a page has hundreds. `verbatim` is where
    whitespace is content. `headings` are the `<h1>` elements. `is_open`: the text ends inside a tag, a comment or an element
    in which whitespace is content.
    """

    masked: str
    apart: tuple[tuple[int, int], ...] = ()
    verbatim: tuple[Span, ...] = ()
    headings: tuple[Span, ...] = ()
    is_open: bool = False


@lru_cache(maxsize=1)
def layout(text: str, start: int, markup: str) -> Layout:
    """The layout of a text from `start` on. `markup` is text, markdown, html or MARKDOWN_AROUND_HTML.

    The last layout is kept: several rules and the record ask for the same one.
    """
    text = "\n" * start + text[start:]
    if "\r" in text:  # a line that ends in a lone CR ends all the same, and Markdown's reader does not know
        text = _LONE_CR.sub("\n", text)
    if markup == "text" or start == len(text):
        return Layout(text)
    templates = tuple(template_tags(text))
    read = _READERS[markup](text, filled(text, templates, "x"))
    masked = filled(_resolve_references(read.masked), templates, "\n")
    apart = tuple(joined((*read.apart, *templates))) if templates else read.apart
    if apart and apart[0][0] < start:  # as the first gap between texts of Markdown
        apart = ((start, apart[0][1]), *apart[1:])
    return read._replace(masked=masked, apart=apart)


def mask(text: str, start: int, end: int, markup: str, content: int | None = None) -> str:
    """The text at equal length with only the article's own characters between `start` and `end`.

    Inline markup becomes NUL; block markup, code, addresses and everything outside become LF. A character reference becomes
    its character and NULs. `content` is where the markup begins: below the front matter.
    """
    inner = layout(text, start if content is None else content, markup).masked[start:end]
    if "://" in inner or "www." in inner:
        inner = _ADDRESS.sub(lambda match: "\n" * len(match[0]), inner)
    return "\n" * start + inner + "\n" * (len(text) - end)


def _resolve_references(masked: str) -> str:
    """The mask with each reference to one character replaced by it and NULs."""
    return _REFERENCE.sub(lambda match: _resolved(match[0]), masked) if "&" in masked else masked


@lru_cache(maxsize=256)
def _resolved(reference: str) -> str:
    import html

    character = html.unescape(reference)
    return character + GONE * (len(reference) - 1) if len(character) == 1 else reference


def filled(text: str, spans: Iterable[tuple[int, int]], filler: str) -> str:
    """The text at equal length, with every character in the spans replaced; line ends stay where the filler is no line end."""
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        inner = text[start:end]
        pieces += text[at:start], filler * len(inner) if filler == "\n" else _NOT_LINE_END.sub(filler, inner)
        at = end
    return "".join((*pieces, text[at:])) if pieces else text


_NOT_LINE_END = late(r"[^\r\n]")


def joined(spans: Iterable[tuple[int, int]]) -> list[Span]:
    """The spans in order, those that overlap made one; empty ones left out."""
    out: list[Span] = []
    first = last = -1
    for start, end in sorted(spans):
        if start < last:
            last = max(last, end)
        elif start < end:
            if first >= 0:
                out.append(Span(first, last))
            first, last = start, end
    if first >= 0:
        out.append(Span(first, last))
    return out


# --- template tags ------------------------------------------------------------------------------------------------------

# Each ends at its own delimiter or, where another begins first, is no tag; so each character is looked at once.
_TEMPLATE = late(
    r"\{%(?:(?!%\}|\{%)[\s\S]){0,2000}%\}|\{\{(?:(?!\}\}|\{\{)[\s\S]){0,2000}\}\}+"
    r"|\{:[^{}\n]{0,300}\}|<%(?:(?!%>|<%)[\s\S]){0,2000}%>|<\?(?:php\b|=)(?:(?!\?>|<\?)[\s\S])*+(?:\?>|\Z)"
)
_TEMPLATE_NAME = late(r"\{(?:%-?|\{[<%])[ \t]*(/?[A-Za-z]++)")
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


def _tokens(text: str) -> Iterator[Token]:
    """The tokens of an HTML text, each with its offset as its column. Each ends where the next one begins.

    A text has no `source`, unlike markup and character references.
    """
    if "<" not in text:  # nor a library to import
        return iter(())
    import turbohtml

    # In tags, a line end means the same as a space. The tokenizer drops `</>`, and gives a token for the comment `<!>`.
    text = text.replace("\n", " ").replace("\r", " ").replace("</>", "<!>")
    return turbohtml.tokenize(text, resolve_references=False, capture_source=True, capture_attributes=False)


def _read_html(text: str, plain: str) -> Layout:
    """Reads an HTML text. `plain` is the text with what is known to be no HTML taken out, at equal length."""
    masked: list[str] = []
    apart: list[tuple[int, int]] = []
    begun = -1  # where the stretch without text began
    start, filler = 0, ""  # where the last token began, and what masks it; nothing masks text
    elements = _Elements(Counter(), [], [], [])
    token = None
    for token in _tokens(plain):
        at, name = token.col, token.tag
        masked.append(filler * (at - start) if filler else text[start:at])
        start = at
        if name is None and (plain[at] != "<" or token.source is None):
            if elements.skipped:
                filler = "\n"
            else:
                filler = ""
                if begun >= 0:
                    apart.append((begun, at))
                    begun = -1
            continue
        if begun < 0:
            begun = at
        filler = GONE if name is None else _FILLERS.get(name, "\n")
        if name in _OF_INTEREST:
            elements.tag(name, token)
    end = 0 if "<" in plain else len(plain)
    if token is not None:
        end = start + len(token.source or token.data or "")
    masked.append(filler * (end - start) if filler else text[start:end])
    if end < len(text):  # a tag that the end of the text cuts off
        masked.append(GONE * (len(text) - end))
        filler = GONE
        begun = end if begun < 0 else begun
    if begun >= 0:
        apart.append((begun, len(text)))
    is_open = bool(elements.preformatted or elements.skipped) or (filler != "" and not plain.endswith(">"))
    if elements.preformatted:
        elements.verbatim.append(Span(elements.preformatted[0], len(text)))
    return Layout("".join(masked), tuple(apart), tuple(elements.verbatim), tuple(elements.headings), is_open)


@dataclass(slots=True)
class _Elements:
    """Collects preformatted elements, each up to the first end tag of its name, and first headings.

    Keeps account of the open elements whose text is not the article's.
    """

    counts: Counter[str]
    skipped: list[str]
    verbatim: list[Span]
    headings: list[Span]
    preformatted: tuple[int, str] | None = None  # where the open one begins, and its name
    heading: int | None = None

    def tag(self, name: str, token: Token) -> None:
        start, source = token.col, token.source or ""
        closes, end = source.startswith("</"), start + len(source)
        if name in _NO_TEXT:
            is_whole = token.self_closing and (name in _CLOSES_ITSELF or self.counts["svg"] or self.counts["math"])
            if not is_whole:
                _count(name, closes, self.skipped, self.counts)
        if name == "h1":
            if not closes:
                self.heading = start if self.heading is None else self.heading
            elif self.heading is not None:
                self.headings.append(Span(self.heading, end))
                self.heading = None
        elif name not in _PREFORMATTED:
            return
        elif self.preformatted is None:
            self.preformatted = None if closes else (start, name)
        elif closes and name == self.preformatted[1]:
            self.verbatim.append(Span(self.preformatted[0], end))
            self.preformatted = None


_FILLERS = dict.fromkeys(_INLINE, GONE)
_OF_INTEREST = _PREFORMATTED | _NO_TEXT | {"h1"}
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
    """What pyromark says of a text: where its text, HTML, code, indented code, addresses and cells of tables are."""

    texts: list[Span]
    html: list[Span]
    code: list[Span]
    indented: list[Span]
    addresses: list[Span]
    cells: list[Span]


_SURROGATE = late("[\ud800-\udfff]")


@cache
def _markdown() -> Any:
    import pyromark

    options = pyromark.Options
    return pyromark.Markdown(options=options.ENABLE_TABLES | options.ENABLE_FOOTNOTES | options.ENABLE_STRIKETHROUGH)


def _marked(text: str, *, only_code: bool = False) -> _Marked:
    """Reads Markdown, or only where its code is. Places come in bytes of UTF-8 and are turned into offsets of the text."""
    found = _Marked([], [], [], [], [], [])
    try:
        events = _markdown().events_with_range(text)
    except UnicodeEncodeError:
        return _marked(_SURROGATE.sub("\ufffd", text), only_code=only_code)  # as many bytes; no text has them
    if only_code:  # few events, and each is looked at longer
        events = [each for each in events if "Code" in each[0] or "Start" in each[0]]
    as_it_is = {"Html": found.html, "InlineHtml": found.html, "Code": found.code}
    in_code = in_address = False
    for event, place in events:
        if isinstance(event, str):
            continue
        ((kind, value),) = event.items()
        span = Span(place["start"], place["end"])
        if kind == "Text":
            if not in_code and not in_address:
                found.texts.append(span)
        elif kind in as_it_is:
            as_it_is[kind].append(span)
        elif kind == "Start":
            if value == "TableCell":
                found.cells.append(span)
            elif "CodeBlock" in value:
                in_code = True
                (found.indented if value["CodeBlock"] == "Indented" else found.code).append(span)
            elif "Link" in value:
                in_address = value["Link"]["link_type"] in ("Autolink", "Email")
                if in_address:
                    found.addresses.append(span)
        elif kind == "End":
            in_code = in_code and value != "CodeBlock"
            in_address = in_address and value != "Link"
    return found if text.isascii() or not any(found) else _Marked(*_in_code_points(text, found))


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
    kept = joined((*marked.texts, *marked.html))
    masked, apart = _kept(filled(text, joined(not_text), "\n"), kept, [cell.start for cell in marked.cells])
    if not marked.html:
        return Layout(masked, tuple(joined((*apart, *not_text))), tuple(joined(code)))
    # The tokenizer sees all text, but no less-than sign except where Markdown says that HTML is.
    at = 0
    pieces: list[str] = []
    for span in joined(marked.html):
        pieces += plain[at : span.start].replace("<", "."), plain[span.start : span.end]
        at = span.end
    read = _read_html(masked, "".join((*pieces, plain[at:].replace("<", "."))))
    apart = joined((*apart, *not_text, *read.apart))
    return read._replace(apart=tuple(apart), verbatim=tuple(joined((*code, *read.verbatim))))


def _kept(text: str, texts: list[Span], cells: list[int]) -> tuple[str, list[Span]]:
    """The text with only these spans and whitespace kept, and where the rest is. A word ends where a cell begins."""
    pieces: list[str] = []
    apart: list[Span] = []
    at, last = 0, len(text)
    for start, end in (*texts, (last, last)):
        gap = text[at:start]
        if gap and not gap.isspace():
            inline = at > 0 and start < last and "\n" not in gap and "\r" not in gap
            inline = inline and bisect_left(cells, at) == bisect_right(cells, start)
            pieces.append(GONE * len(gap) if inline else _NOT_SPACE.sub("\n", gap))
            apart.append(Span(at, start))
        else:
            pieces.append(gap)
        pieces.append(text[start:end])
        at = max(at, end)
    return "".join(pieces), apart


_NOT_SPACE = late(r"\S")


def _read_html_in_markdown(text: str, plain: str) -> Layout:
    """HTML in which what Markdown calls code is code; indented lines only where no HTML element is open around them.

    Converters such as kramdown read no Markdown inside a block of HTML, and such blocks are indented for their own sake.
    """
    if not _may_have_code(plain):
        return _read_html(text, plain)
    marked = _marked(plain, only_code=True)
    code = joined(marked.code)
    plain = filled(plain, code, "\n")
    if marked.indented:
        depths = _depths(plain)
        code = joined((*code, *(span for span in marked.indented if not depths(span.start))))
        plain = filled(plain, code, "\n")
    read = _read_html(filled(text, code, "\n"), plain)
    if not code:
        return read
    return read._replace(apart=tuple(joined((*code, *read.apart))), verbatim=tuple(joined((*code, *read.verbatim))))


def _may_have_code(text: str) -> bool:
    """Whether a text of Markdown may have code. Every block of code shows in the HTML, which is made four times as fast."""
    if "`" in text:
        return True
    try:
        return any(sign in text for sign in _SIGNS_OF_BLOCKS) and "<code" in _markdown().html(text)
    except UnicodeEncodeError:  # of half a surrogate pair
        return True


_READERS = {"html": _read_html, "markdown": _read_markdown, MARKDOWN_AROUND_HTML: _read_html_in_markdown}
_SIGNS_OF_BLOCKS = ("~~~", "    ", "\t")


def _depths(text: str) -> Callable[[int], int]:
    """How many HTML blocks are open at an offset; those whose end tags are often left out do not count."""
    places, depths = [0], [0]
    open_names: list[str] = []
    counts: Counter[str] = Counter()
    for token in _tokens(text):
        name = token.tag
        if name is None or name in _OPENS_NO_BLOCK or token.self_closing:
            continue
        source = token.source or ""
        _count(name, source.startswith("</"), open_names, counts)
        places.append(token.col + len(source))
        depths.append(len(open_names))
    return lambda offset: depths[bisect_right(places, offset) - 1]


_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def has_text(masked: str) -> bool:
    """Whether a mask holds a letter or a digit of the article."""
    return _LETTER_OR_DIGIT.search(masked) is not None
