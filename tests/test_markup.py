"""Markup: what is text and what is not, held against a full tokenizer and parser; code, addresses, elements and their places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
import turbohtml
from hypothesis import example, given
from hypothesis import strategies as st
from linearity import assert_linear
from running import table

from validator.parsing import markup as markup_module
from validator.parsing.markup import GONE, MARKDOWN_AROUND_HTML, has_text, layout, mask
from validator.parsing.pages import Element, find_elements
from validator.text.places import Normal, Span

# Pieces of markup, of raw text, of broken markup, and blanks that are none in HTML.
PIECES = """
    < </ > /> <! <!- <!-- -- - --! --> --!> <? ?> <![CDATA[ ]]> <!DOCTYPE script style title textarea xmp iframe noembed noframes
    noscript plaintext template svg SCRIPT ſcript a B div = " ' ` / &amp; &#20320; & 完 😀 =" "> x=y x=' ? <script> </script>
    <title> </title>
""".split()  # noqa: SIM905
SOUP = st.sampled_from([*PIECES, " ", "\n", "\t", "\f", "\v", "\u00a0", "\u3000"])


NAMES = st.sampled_from(["p", "div", "B", "a", "title", "style", "script", "textarea", "xmp", "o:p", "x-y", "h1"])
VALUES = st.text(st.sampled_from("ab>< =/&;完\n"), max_size=6)
ATTRIBUTES = st.builds(
    lambda name, equals, quote, value: f"{name}{equals}{quote}{value}{quote}" if equals else name,
    st.sampled_from(["id", "href", "完", "@click", "data-a", "<", "a"]),
    st.sampled_from(["", "=", " = ", "=\n"]),
    st.sampled_from(['"', "'"]),
    VALUES,
)
TAGS = st.builds(
    lambda close, name, attributes, gap, end: f"<{close}{name}{gap}{gap.join(attributes)}{end}",
    st.sampled_from(["", "/"]),
    NAMES,
    st.lists(ATTRIBUTES, max_size=3),
    st.sampled_from([" ", "\n", "\t/ "]),
    st.sampled_from([">", " >", "/>", " /"]),
)
COMMENTS = st.builds(
    lambda opening, text, closing: opening + text + closing,
    st.sampled_from(["<!--", "<!-", "<!", "<?", "</ ", "<!doctype html", "<![CDATA["]),
    st.text(st.sampled_from("a-!<> ?]"), max_size=8),
    st.sampled_from(["-->", "--!>", ">", "->", "", "]]>"]),
)


# --- what a parser says is text ------------------------------------------------------------------------------------------


def letters(text: str) -> Counter[str]:
    return Counter(character for character in text if character.isalnum())


def assert_holds_no_more_text_than_a_parser_finds(text: str) -> None:
    """A tokenizer builds no tree, so where tags are in disorder it may hold less to be text than a parser; never more."""
    assert letters(mask(text, 0, len(text), "html")) <= letters(parsed_text(text))


@given(st.lists(SOUP, max_size=12).map("".join))
@example("<!-->a")
@example("<!--->a")
@example("<!--a--!>b")
@example("<!--a--b->c--!d-->e")
@example("<!---->a<!-- <!-- --> -->")
@example("<!-")
@example("<!>a<!a>b<?a>c</ a>d</>e<>f< a>g")
@example('<a title="a>b" b=\'c>d\' e=f"g>h')
@example('<a ="b>c')
@example('<a b ="c>d">e')
@example('<a b= >c">')
@example('<a/="b>c">d')
@example('<a b="c"="d>e')
@example("<a\u00a0b>c</a\u3000>d")
@example("<title\u00a0><b></title\u00a0></title>a")
@example("<script></ſcript></script\v></script >a")
@example("<script><!--<script></script>--></script>a")
@example("<script><!--<script></script><script>--></script>a")
@example("<script><!--></script>a--></script>b")
@example("<script><!-- --!></script>a")
@example("<script><!--<script/</script/</script>a")
@example("<style><!--</style>-->a")
@example("<style></ſtyle><b></style>a")
@example("<textarea><b></TEXTAREA\n>a")
@example("<noscript><b></noscript>a")
@example("<plaintext>a<b></plaintext><!--")
@example("<xmp/>a<b></xmp>c")
@example("<title /><p")
@example("<svg><title/>a</svg>b")
@example("<select/><option>a</select>b")
@example("</title><b>a")
@example("a<b c='")
@example("a</")
@example("a<b/")
@example("a<script>b</script")
@example("<![CDATA[a>b]]>c")
@example("a<!-- b </>c")
@example("</>a</></>b</a></>")
@example("one <b class='</>two")
def test_no_markup_is_taken_for_text(text: str) -> None:
    assert_holds_no_more_text_than_a_parser_finds(text)


@given(st.lists(TAGS | COMMENTS | VALUES, max_size=6).map("".join), st.integers(0, 60))
def test_no_tag_attribute_or_comment_is_taken_for_text_wherever_the_text_ends(text: str, end: int) -> None:
    assert_holds_no_more_text_than_a_parser_finds(text[:end])


# --- the mask -----------------------------------------------------------------------------------------------------------


def kept(text: str, markup: str, start: int = 0, end: int | None = None) -> list[str]:
    """The pieces of text that a mask leaves, inline markup taken out."""
    masked = mask(text, start, len(text) if end is None else end, markup)
    assert len(masked) == len(text)
    return [piece for piece in (part.replace(GONE, "").strip() for part in masked.split("\n")) if piece]


HTML: list[Any] = table("markup", "html")


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in HTML], ids=[case[0] for case in HTML])
def test_what_html_leaves(text: str, expected: list[str]) -> None:
    assert kept(text, "html") == expected


MARKDOWN: list[Any] = table("markup", "markdown")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in MARKDOWN], ids=[case[0] for case in MARKDOWN])
def test_what_markdown_leaves(text: str, expected: list[str], line_end: str) -> None:
    text = re.sub("\r?\n", line_end, text)
    assert kept(text, "markdown") == expected


def test_plain_text_stays_but_for_addresses() -> None:
    assert kept("<b>one</b> `two` &amp; https://example.org/three", "text") == ["<b>one</b> `two` &amp;"]


def test_a_mask_has_each_character_at_its_place() -> None:
    text = "out<p>a &amp; b</p>完<code>x</code>😀out"
    masked = mask(text, 3, len(text) - 3, "html")
    assert masked == f"\n\n\n\n\n\na &{GONE * 4} b\n\n\n\n完{GONE * 6}\n{GONE * 7}😀\n\n\n"


MORE = """
    ` ``` ~~~ ]( ) [a]: {: } {{ }} --- www.a. https://a.b/ &lt; &#10; &#0; one <code> </code> <pre> </pre>
""".split()  # noqa: SIM905
ANYTHING = st.lists(SOUP | st.sampled_from([*MORE, "\n```\n", "\r\n", "\r", "\0", "\ud83d"]), max_size=14).map("".join)


@given(ANYTHING, st.sampled_from(["text", "markdown", "html"]), st.integers(0, 10), st.integers(0, 60))
def test_a_mask_is_as_long_as_the_text_and_invents_nothing(text: str, markup: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    masked = mask(text, start, end, markup)
    assert len(masked) == len(text)
    assert masked[:start] == "\n" * start
    assert masked[end:] == "\n" * (len(text) - end)
    for at, (was, now) in enumerate(zip(text, masked, strict=True)):
        assert now in (was, GONE, "\n") or (was == "&" and markup != "text"), at


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        ("", False),
        ("\n\0 .,—「」\u3000", False),
        ("\n\0a", True),
        ("\n完", True),
        ("1", True),
        ("é", True),
        ("😀", False),
    ],
)
def test_a_text_has_letters_or_digits(masked: str, expected: bool) -> None:
    assert has_text(masked) == expected


# Trees that a parser takes as they are written, so that what it says is text is beyond doubt.
WORDS = st.text(st.sampled_from("abc完😀 \n'\"=>/&;"), max_size=8)
_SKIPPED = (
    "script",
    "style",
    "textarea",
    "title",
    "noscript",
    "template",
    "svg",
    "button",
    "code",
    "kbd",
    "samp",
    "var",
    "tt",
)
_RAW = ("script", "style", "textarea", "title", "noscript")


def _element(name: str, attributes: list[str], inner: list[str]) -> str:
    # An element of HTML inside an SVG drawing ends the drawing, for a parser that knows such.
    content = re.sub("[<&]", "", "".join(inner)) if name in (*_RAW, "svg") else "".join(inner)
    return f"<{name} {' '.join(attributes)}>{content}</{name}>"


TREES = st.recursive(
    WORDS,
    lambda inner: st.builds(
        _element,
        st.sampled_from(["div", "section", "span", "b", "font", "strike", "o:p", *_SKIPPED]),
        st.lists(ATTRIBUTES, max_size=2),
        st.lists(inner | st.sampled_from(["<!-- a -->", "<br>", "<img alt='a'>", "&lt;", "&amp;"]), max_size=4),
    ),
    max_leaves=10,
)


def parsed_text(text: str) -> str:
    """The letters that a full parser finds in text nodes outside elements whose text is not the article's."""
    pieces = []
    pending: list[turbohtml.Node] = [turbohtml.parse_fragment(f"<div>{text}</div>")]
    while pending:
        node = pending.pop()
        if isinstance(node, turbohtml.Text):
            pieces.append(node.data)
        elif not (isinstance(node, turbohtml.Element) and node.tag in _SKIPPED):
            pending.extend(reversed(list(node.children)))
    return "".join(character for piece in pieces for character in piece if character.isalnum() or character in "<&'\"")


@given(TREES)
def test_what_is_kept_is_what_a_parser_finds(text: str) -> None:
    masked = mask(text, 0, len(text), "html")
    assert "".join(c for c in masked if c.isalnum() or c in "<&'\"") == parsed_text(text)


CODE_AND_HTML = """
    ` `` `a` ~~~ ``` > - 1. [^1]: [^1] ![`x`](y) <code> </code> <pre> <div> </div> <!-- --> # a | |---|
""".split()  # noqa: SIM905
CODE_AND_HTML += ["    x", "\tx", "\n", "\n\n", "\r\n", " ", "~~~\n", "```\n", "<pre>\n", "<div>\n", "\ud800"]


@given(st.lists(st.sampled_from(CODE_AND_HTML), max_size=14).map("".join))
@example("![`x`](y)")
@example("- a\n\n      b")
@example("[^1]: a\n\n        b")
def test_no_code_of_markdown_is_overlooked(text: str) -> None:
    found = markup_module._marked(text, only_code=True)
    assert markup_module._may_have_code(text) or not (found.code or found.indented)


# --- where blanks are content -------------------------------------------------------------------------------------------


def verbatim_pieces(text: str, markup: str) -> list[str]:
    return [text[slice(*span)] for span in layout(text, 0, markup).verbatim]


@pytest.mark.parametrize(("text", "markup", "expected"), table("markup", "content"))
def test_where_blanks_are_content(text: str, markup: str, expected: list[str]) -> None:
    assert verbatim_pieces(text, markup) == expected


@given(ANYTHING, st.sampled_from(["markdown", "html"]), st.integers(0, 10))
def test_verbatim_places_are_in_order_and_apart(text: str, markup: str, start: int) -> None:
    start = min(start, len(text))
    spans = layout(text, start, markup).verbatim
    assert all(start <= span.start < span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert [Span(span.start - start, span.end - start) for span in spans] == list(
        layout(text[start:], 0, markup).verbatim
    )


# --- headings and elements ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<h1>One</h1><p>two</p>", ["<h1>One</h1>"]),
        ('a<H1 class="b>c">One <b>two</b></H1 >', ['<H1 class="b>c">One <b>two</b></H1 >']),
        ("<h1>One<h1>two</h1>three</h1>", ["<h1>One<h1>two</h1>"]),
        ("<h1>One</h1><h1>two</h1>", ["<h1>One</h1>", "<h1>two</h1>"]),
        ("<h1>never closed", []),
        ("</h1>one", []),
        ("<h10>one</h10><h2>two</h2>", []),
        ("<!-- <h1>one</h1> -->", []),
        ("one", []),
    ],
)
def test_the_first_headings(text: str, expected: list[str]) -> None:
    assert [text[slice(*span)] for span in layout(text, 0, "html").headings] == expected


def has_id(_tag: str, attributes: Mapping[str, str]) -> bool:
    return "id" in attributes


def pieces(text: str, elements: list[Element]) -> list[tuple[str, str | None]]:
    return [(text[slice(*each.opening)], text[slice(*each.span)] if each.span else None) for each in elements]


ELEMENTS = [
    ("a pair", 'a<p id="b">c</p>d', [('<p id="b">', '<p id="b">c</p>')]),
    ("the outermost", "<div id=a><p id=b>c</p></div>", [("<div id=a>", "<div id=a><p id=b>c</p></div>")]),
    ("one in its like", "<div id=a><div>b</div>c</div>d", [("<div id=a>", "<div id=a><div>b</div>c</div>")]),
    ("the inner one of two alike", "<div><div id=a>b</div>c</div>", [("<div id=a>", "<div id=a>b</div>")]),
    ("never closed", "a<div id=b>c", [("<div id=b>", None)]),
    ("closed by what follows", "<p id=a>b<p id=c>d</p>", [("<p id=a>", None), ("<p id=c>", "<p id=c>d</p>")]),
    ("void", "a<img id=b>c<br id=d />", [("<img id=b>", "<img id=b>"), ("<br id=d />", "<br id=d />")]),
    ("in a comment", "<!-- <p id=a></p> -->", []),
    ("in a script", "<script>'<p id=a></p>'</script>", []),
    ("after characters of every width", "é完😀<p id=b>完</p>", [("<p id=b>", "<p id=b>完</p>")]),
    ("on a later line", "a\n完\n<p\nid=b>\nc</p\n>", [("<p\nid=b>", "<p\nid=b>\nc</p\n>")]),
    ("in upper case", "<DIV ID=a>b</Div>", [("<DIV ID=a>", "<DIV ID=a>b</Div>")]),
    (
        "moved out of a table",
        "<table id=a><tr><p id=b>c</p></tr></table>",
        [("<table id=a>", "<table id=a><tr><p id=b>c</p></tr></table>")],
    ),
    ("crossing", "<b id=a>c<p id=d>e</b>f</p>", [("<b id=a>", None), ("<p id=d>", "<p id=d>e</b>f</p>")]),
    ("made up by the parser", "<td>a</td>", []),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in ELEMENTS], ids=[case[0] for case in ELEMENTS])
def test_elements_and_where_they_stand(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert pieces(text, find_elements(text, has_id)) == expected


def test_what_an_element_is_asked_by() -> None:
    asked: list[tuple[str, dict[str, str]]] = []
    text = """<A HREF="b?c&amp;d" class=" e  f " hidden data-g='"'>h</a>"""
    find_elements(text, lambda tag, attributes: bool(asked.append((tag, dict(attributes)))))  # type: ignore[func-returns-value]
    assert ("a", {"href": "b?c&d", "class": "e f", "hidden": "", "data-g": '"'}) in asked


def test_places_map_back_where_lines_end_in_cr_lf() -> None:
    found = "\ufeff完\r\n<div id=a>\r\n\r\n</div>\r\n"
    normal = Normal(found)
    (element,) = find_elements(normal.text, has_id)
    assert element.span is not None
    assert found[slice(*normal.span(*element.span))] == "<div id=a>\r\n\r\n</div>"


@given(TREES, WORDS)
def test_elements_are_where_they_are_said_to_be(tree: str, before: str) -> None:
    text = f"{before}<div id='outer'>{tree}</div>{before}"
    elements = find_elements(text, has_id)
    assert ("<div id='outer'>", f"<div id='outer'>{tree}</div>") in pieces(text, elements)
    assert all(
        one.span is None or not one.span.holds(other.opening)
        for one in elements
        for other in elements
        if one is not other
    )


@given(ANYTHING.map(lambda text: Normal(text).text))
def test_on_any_text_elements_lie_inside_it_and_in_order(text: str) -> None:
    elements = find_elements(text, lambda _tag, _attributes: True)
    for element in elements:
        assert text[element.opening.start] == "<"
        assert 0 <= element.opening.start < element.opening.end <= len(text)
        if element.span is not None:
            assert element.opening.start == element.span.start
            assert element.opening.end <= element.span.end <= len(text)
    assert [element.opening for element in elements] == sorted(element.opening for element in elements)


# --- time ---------------------------------------------------------------------------------------------------------------

UNITS = [
    "<",
    "<!--",
    "<a ",
    "<a b='",
    "<script>",
    "<!--<script>",
    "</",
    "=",
    "<a =",
    "&",
    "&#",
    "`",
    "``` ",
    "` `` ",
    "\n```",
]
UNITS += [
    "](",
    "](a",
    "](a(b)",
    "[a",
    "\n[a]:",
    "{:",
    "{{",
    "{%a",
    "---",
    "\n-- ",
    "https://",
    "www.",
    "www.a",
    "<code>",
    "</code>",
]
UNITS += ["<pre>", "<h1>", "<div id=a>", "a" * 50, " ", "\n", "<b><i>", "<table><td>"]


@pytest.mark.parametrize("unit", UNITS)
def test_any_text_takes_linear_time(unit: str) -> None:
    def work(text: str) -> None:
        for markup in ("markdown", "html", MARKDOWN_AROUND_HTML):
            mask(text, 0, len(text), markup)

    assert_linear(lambda size: unit * (size // len(unit)), work, 2_000)
