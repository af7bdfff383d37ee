"""The record of an HTML page: values from JSON-LD, `meta` and elements, each with its place, and the body."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import table

import validator
from validator.archive.face import own_sources
from validator.archive.root import read_schemas, schemas_folder
from validator.rules import RULES
from validator.sources.model import Source
from validator.sources.schema_file import read_sources
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport

META_SCHEMA = (schemas_folder() / "source.schema.json").read_text("utf-8")
OPTIONS: dict[str, dict[str, Any]] = {rule.name: rule.options for rule in RULES.values()}
ARTICLE = "<article><h1>A headline</h1><p>One paragraph.</p></article>"


def with_schema(schema: str) -> dict[str, Source]:
    shipped = tuple(read_schemas(schemas_folder()))
    identifier = schema.split("\n")[0].removeprefix("id: ")
    return read_sources([*shipped, (f"{identifier}.yaml", schema)], META_SCHEMA, OPTIONS, known=dict(shipped))


def read(page: str, **options: Any) -> SeedReport:
    report = validator.validate(page, path="a.html", **options)
    assert report.fault is None
    return report


def ld(*documents: object, body: str = ARTICLE) -> str:
    """A page with these documents of JSON-LD; a text is written as it is."""
    scripts = "".join(
        f'<script type="application/ld+json">{each if isinstance(each, str) else json.dumps(each)}</script>'
        for each in documents
    )
    return f"<!DOCTYPE html><html><head>{scripts}</head><body>{body}</body></html>\n"


def body_of(page: str, report: SeedReport) -> str:
    assert report.body is not None
    return page[report.body.start.offset : report.body.end.offset]


NEWS = {"@type": "NewsArticle", "headline": "From JSON-LD", "datePublished": "2021-03-04T10:00:00Z"}
PERSON = {"@type": "Person", "name": "A. Specimen"}


# --- JSON-LD ------------------------------------------------------------------------------------------------------------

AUTHORS: list[Any] = table("html_record", "authors")


@pytest.mark.parametrize(("said", "byline"), AUTHORS)
def test_authors_in_every_form(said: dict[str, Any], byline: list[str] | None) -> None:
    assert read(ld({**NEWS, **said})).record.get("byline") == byline


FORMS: list[tuple[tuple[object, ...], str]] = table("html_record", "forms")


@pytest.mark.parametrize(("documents", "headline"), FORMS)
def test_which_article_of_a_page_is_the_page(documents: tuple[object, ...], headline: str) -> None:
    assert read(ld(*documents)).record["headline"] == headline


def test_articles_of_one_headline_complete_each_other_and_others_do_not() -> None:
    other = {"@type": "Article", "headline": "Another", "author": PERSON}
    assert "byline" not in read(ld(NEWS, other)).record
    assert read(ld(NEWS, {**other, "headline": "From JSON-LD"})).record["byline"] == ["A. Specimen"]


def test_of_several_articles_the_one_with_the_headline_of_the_page_is_read() -> None:
    other = {**NEWS, "headline": "Another", "datePublished": "2020-01-01"}
    same = {**NEWS, "headline": "A  headline", "datePublished": "2021-03-05"}
    assert read(ld(other, same)).record["date_published"] == "2021-03-05"
    assert read(ld(other, {**same, "headline": "A third"})).record["date_published"] == "2020-01-01"


def test_an_author_that_is_named_elsewhere_in_the_page() -> None:
    graph = [{**NEWS, "author": {"@id": "#a"}}, {**PERSON, "@id": "#a"}]
    assert read(ld({"@graph": graph})).record["byline"] == ["A. Specimen"]


def test_a_person_goes_before_the_publisher_that_is_given_as_the_author() -> None:
    house = {"author": {"name": "The Example Gazette"}, "publisher": {"name": "The Example Gazette"}}
    report = read(ld({**NEWS, **house}))
    assert (report.record["byline"], report.record["byline_kind"]) == (["The Example Gazette"], "publisher")
    assert "byline-impersonal" in {each.rule for each in report.findings}
    signed = ld({**NEWS, **house}).replace("<head>", '<head><meta name="author" content="A. Specimen">')
    assert read(signed).record["byline"] == ["A. Specimen"]


BAD = [
    "", "{", "no JSON", '{"headline": ', "[" * 10_000, "[" * 10_000 + "]" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000,
    "null", "7", '"text"', "[[[[]]]]", "[null, 7, {}]", '{"@type": 7, "@graph": 7}', '{"@graph": {"@graph": {"@graph": []}}}',
    '{"@type": "NewsArticle", "headline": 7, "author": 7, "datePublished": {}}', '{"@type":{"a":1}}', "\0", "{'a': 1}",
    '{"@type": "NewsArticle", "headline": "\\ud800"', '{"@id": "#a", "@type": "NewsArticle", "author": {"@id": "#a"}}',
    '{"@type": "NewsArticle", "headline": "' + "x" * 1_100_000 + '"}', "<!-- -->", "//<![CDATA[", "1" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_bad_json_ld_gives_no_value(bad: str) -> None:
    assert read(ld(bad)).record["headline"] == "A headline"
    assert read(ld(bad, NEWS)).record["headline"] == "From JSON-LD"


def test_json_ld_as_it_is_written_by_hand() -> None:
    """Line ends inside a text, and a semicolon after it: no JSON, and plain to read."""
    page = ld('\n{"@type": "NewsArticle", "headline": "Two\nlines"};\n')
    assert read(page).record["headline"] == "Two lines"
    assert read(ld(NEWS).replace("application/ld+json", "Application/LD+JSON")).record["headline"] == "From JSON-LD"
    assert read(ld(NEWS).replace("application/ld+json", "application/json")).record["headline"] == "A headline"


# --- places -------------------------------------------------------------------------------------------------------------

PLACES = """id: places
title: places of pages
extends: base
container: html
record:
  headline: [{%s}]
"""
PAGE = (
    "\ufeff<!DOCTYPE html>\r\n<html lang=en>\r\n<head>\r\n"
    '<META Content=\'é &amp;\r\n  "so"\' Property="OG:title">'
    "<meta name=a content=bare>"
    '<meta itemprop="b c" content="">\r\n<link rel="x canonical" href="/a?b&amp;c">'
    '<script type="application/ld+json">{"headline":"not this","@type":"Article",'
    '"name":"\\u00e9 \\"so\\"","headline":"it\\u2019s"}'
    "</script></head>\r\n<body><h1>A &lt;b&gt;\r\n <em>head</em>line<script>no</script><br>here</h1><h1>second</h1>"
    "</body></html>\r\n"
)
AT: list[Any] = table("html_record", "at")


@pytest.mark.parametrize(("place", "value", "written"), AT)
def test_a_value_and_its_place_in_the_page_as_archived(place: str, value: str | None, written: str | None) -> None:
    report = validator.validate(PAGE.encode(), path="a.html", source="places", sources=with_schema(PLACES % place))
    assert report.fault is None
    assert report.record.get("headline") == value
    places = [
        PAGE[each.start.offset : each.end.offset]
        for each in report.values
        if each.field == "headline" and each.start is not None and each.end is not None
    ]
    assert places == ([written] if written is not None else [])


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("element: 'h1['", "invalid CSS selector"),
        ("element: ''", "is empty"),
        ("json_ld: 'a..b'", "does not look as expected .in a page"),
        ("json_ld: '*.name'", "does not look as expected .in a page"),
        ("meta: a, attribute: content", 'which "attribute" requires'),
        ("meta: a, json_ld: b", "has none, or more than one, of front_matter"),
    ],
)
def test_a_place_that_is_none(place: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        with_schema(PLACES % place)


def test_such_places_say_nothing_of_a_seed_that_is_no_page() -> None:
    sources = with_schema((PLACES % "element: h1").replace("container: html", "container: front-matter"))
    report = validator.validate("---\na: b\n---\n<h1>A</h1>\n", path="a.md", source="places", sources=sources)
    assert "headline" not in report.record


# --- the body -----------------------------------------------------------------------------------------------------------

LONG = "<p>One paragraph of the article, which has some words.</p><p>And a second one.</p>"
AROUND = (
    "<header>Head</header><nav><p>Menu of the site, with words and words and more words</p></nav>%s"
    "<footer><p>All rights</p></footer>"
)
BODIES = [
    (AROUND % f"<article>{LONG}</article>", LONG),
    (AROUND % f"<div itemprop='articleBody'>{LONG}</div><article><p>Teaser</p></article>", LONG),
    (AROUND % f"<article><p>Teaser</p></article><article>{LONG}</article><article><p>Another</p></article>", LONG),
    (AROUND % f"<main>{LONG}</main>", LONG),
    (AROUND % f"<div role=main>{LONG}</div>", LONG),
    (AROUND % f"<article><header>H</header><div class=text>{LONG}</div><div>Share</div></article>", LONG),
    (AROUND % f"<article><p>Teaser</p></article><div>{LONG}</div>", LONG),
    (f"<div>{LONG}</div>", LONG),
    (AROUND % f"<article>{LONG}<div class=box><p>A teaser.</p></div></article>", LONG),
    (AROUND % f"<article><figure><p>A caption that is long enough to be prose.</p></figure>{LONG}</article>", LONG),
    (AROUND % f"<article><div><a href=a>Share this article with all of your friends</a></div>{LONG}</article>", LONG),
    (AROUND % f"<article>{LONG}<ul><li><a href=a>Read another, about something else</a></ul></article>", LONG),
    (f"<aside>{LONG}</aside>", LONG),
    (AROUND % "<article>No paragraph, but text.<br>More.</article>", "No paragraph, but text.<br>More."),
    ("<article>" + LONG, LONG),
    ("<article>" + LONG.replace("</p>", ""), LONG.replace("</p>", "")),
]


@pytest.mark.parametrize(("inner", "body"), BODIES)
def test_the_body_is_the_article(inner: str, body: str) -> None:
    page = f"<!DOCTYPE html><html><body><h1>A headline</h1>{inner}</body></html>"
    report = read(page)
    assert body_of(page, report) == body.removeprefix("<p>").removesuffix("</p>")
    assert report.body is not None
    assert report.body.characters == len(_letters(body))


def _letters(markup: str) -> str:
    import turbohtml

    return "".join(turbohtml.parse(markup).root.text.split())  # type: ignore[union-attr]


def test_what_is_around_an_article_is_no_part_of_a_body_that_holds_it() -> None:
    inner = "<nav>Menu</nav>Text of it.<aside>Read <p>more</p></aside><footer>Foot</footer>"
    page = f"<!DOCTYPE html><html><body>{inner}</body></html>"
    report = read(page)
    assert report.body is not None
    assert report.body.characters == len("Textofit.")


@pytest.mark.parametrize(
    "named", ["id=comments", 'class="comments"', 'class="post comment-list wide"', "id=disqus_thread"]
)
def test_comments_of_readers_are_no_part_of_the_body(named: str) -> None:
    page = f"<!DOCTYPE html><html><body><h1>A headline</h1>{LONG}<div {named}>{LONG}</div></body></html>"
    report = read(page)
    assert report.body is not None
    assert page[report.body.start.offset :].startswith("One paragraph")
    assert report.body.end.offset <= page.index(f"<div {named}>")


def test_a_class_that_only_speaks_of_comments_is_part_of_it() -> None:
    inner = f'<div class="commentary">{LONG}</div>'
    page = f'<!DOCTYPE html><html><body class="has-comments detail"><h1>A headline</h1>{inner}</body></html>'
    report = read(page)
    assert report.body is not None
    assert report.body.characters == len("".join(re.sub("<[^>]+>", "", LONG).split()))


def test_signature_and_date_inside_the_article_are_no_part_of_the_body() -> None:
    page = ld(body='<article><h1>A</h1><p rel="author">A. Specimen</p><p>One paragraph.</p></article>')
    report = read(page)
    assert report.record["byline"] == ["A. Specimen"]
    assert report.body is not None
    assert report.body.characters == len("Oneparagraph.")


def test_a_place_in_the_schema_goes_before_the_choice() -> None:
    schema = (PLACES % "element: h1") + "  body: [{after: {pattern: '<i>'}, before: {pattern: '</i>'}}]\n"
    page = f"<!DOCTYPE html><html><body>{ARTICLE}<i>This.</i></body></html>"
    report = read(page, source="places", sources=with_schema(schema))
    assert body_of(page, report) == "This."


LEAD = "A lead that says in one sentence what the whole of this article is about, as leads do."


def with_lead(description: str, between: str) -> str:
    head = f'<head><meta name="description" content="{description}"></head>'
    return f"<!DOCTYPE html><html>{head}<body><h1>A</h1><p>{LEAD}</p>{between}<article>{LONG}</article></body></html>"


@pytest.mark.parametrize(
    ("description", "between", "has_lead"),
    [
        (LEAD, "", True),
        (LEAD[:60], "<div>Share</div>", True),
        ("", "", False),
        ("Something else is said of this page, which is no lead of it.", "", False),
        (LEAD, "<p><a href=a>" + "Many words of links. " * 10 + "</a></p>", False),
    ],
)
def test_a_lead_that_the_page_describes_itself_by_is_part_of_the_body(
    description: str, between: str, has_lead: bool
) -> None:
    page = with_lead(description, between)
    report = read(page)
    assert body_of(page, report).startswith(LEAD) == has_lead
    assert report.body is not None
    assert report.body.characters == len(_letters(LEAD * has_lead + LONG))


def test_what_could_be_a_long_suffix_is_read_in_linear_time() -> None:
    title = "a | " * 50_000 + "The Example Gazette"
    page = ld({**NEWS, "headline": "", "publisher": {"name": "The Example Gazette"}})
    assert read(page.replace("<head>", f'<head><meta property="og:title" content="{title}">')).source == "html-page"


HEADLINES: list[Any] = table("html_record", "headlines")


@pytest.mark.parametrize(("og", "in_json_ld", "heading", "headline"), HEADLINES)
def test_the_headline_that_two_places_share(og: str, in_json_ld: str, heading: str, headline: str) -> None:
    article = {"@type": "NewsArticle", "headline": in_json_ld, "publisher": {"name": "The Example Gazette"}}
    page = ld(article, body=f"<article><h1>{heading}</h1>{LONG}</article>")
    head = f'<meta property="og:title" content="{og}"><meta property="og:url" content="https://www.gazette.example/a">'
    assert read(page.replace("<head>", "<head>" + head)).record["headline"] == headline


SIGNED: list[Any] = table("html_record", "signed")


@pytest.mark.parametrize(("line", "byline"), SIGNED)
def test_a_byline_below_the_headline(line: str, byline: list[str] | None) -> None:
    page = f"<!DOCTYPE html><html><body><h1>A headline</h1>{line}<article>{LONG}</article></body></html>"
    assert read(page).record.get("byline") == byline


DATED: list[Any] = table("html_record", "dated")


@pytest.mark.parametrize(("line", "date"), DATED)
def test_a_date_below_the_headline(line: str, date: str | None) -> None:
    page = f"<!DOCTYPE html><html><body><h1>A headline</h1>{line}<article>{LONG}</article></body></html>"
    report = read(page)
    assert report.record.get("date_published") == date
    assert ("date-missing" in {each.rule for each in report.findings}) == (date is None)


SIMPLE: list[Any] = table("html_record", "simple")


@pytest.mark.parametrize(("above", "byline", "date", "beginning"), SIMPLE)
def test_lines_in_one_element_with_the_paragraphs(
    above: str, byline: list[str] | None, date: str | None, beginning: str
) -> None:
    page = f"<!DOCTYPE html><html><body>{above}{3 * LONG}</body></html>"
    report = read(page)
    assert (report.record.get("byline"), report.record.get("date_published")) == (byline, date)
    assert report.body is not None
    assert page[report.body.start.offset :].startswith(beginning)


# --- the generic source -------------------------------------------------------------------------------------------------

SPECIFIC = """id: specific
title: one paper
extends: %s
identify:
  text: [{pattern: 'The Example Gazette', score: 1}]
  at_least: 1
container: html
"""


@pytest.mark.parametrize("parent", ["base", "html-page"])
def test_any_other_source_that_fits_goes_before_the_generic_one(parent: str) -> None:
    sources = with_schema(SPECIFIC % parent)
    ours = read(ld(NEWS) + "<!-- The Example Gazette -->", sources=sources)
    assert ours.source == "specific"
    assert "source-uncertain" not in {each.rule for each in ours.findings}
    assert read(ld(NEWS), sources=sources).source == "html-page"


@pytest.mark.parametrize(
    "text",
    [
        "One paragraph.\n",
        "<p>One paragraph.</p>\n",
        "---\ntitle: A\n---\n<html></html>\n",
        "Of <html> and\n<!DOCTYPE html>\n",
        "",
    ],
)
def test_what_is_no_page_is_not_of_it(text: str) -> None:
    assert validator.validate(text, path="a.md").source != "html-page"


def test_it_names_no_publisher() -> None:
    source = own_sources()["html-page"]
    assert source.identify is not None
    assert source.identify.hosts == source.identify.paths == ()
    assert source.policy.language is None


WRONG = (
    *('The editor"s note  ', "two\u00a0words", "\u200b", " \t", "\r\n", '“So” "so"', "<p>", "</p>", "<pre>", "é"),
    "\n\n\n\n",
)


@given(st.lists(st.sampled_from(WRONG), max_size=12), st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_nothing_in_a_page_is_repaired_safely(pieces: list[str], ends: bool, encoding: str) -> None:
    page = f"<!DOCTYPE html><html lang=en><body><article>{''.join(pieces)}</article></body></html>" + "\n" * ends
    data = page.encode(encoding)
    repaired = validator.repair(data, path="a.html")
    assert repaired.report.source == "html-page"
    assert repaired.data == data


# --- nasty pages --------------------------------------------------------------------------------------------------------

NASTY = [
    "<!DOCTYPE html>", "<html>", "<html><head><title>", "<html><body><h1>", "<html><meta content",
    '<html><meta name="author" content="', "<html>" + "<div>" * 20_000, "<html>" + "<article><p>x" * 2_000,
    "<html><article>" + "<p>word " * 20_000, "<html>" + "<h1>x" * 5_000, "<html><h1>" + "<b>" * 3_000 + "x",
    "<html><frameset><frame src=a></frameset></html>", "<html><table><p>x<tr><article>y</table>z",
    "<html>" + "<aside>" * 5_000, "<html>" + "<meta name=author content=x>" * 5_000, "<html><plaintext><h1>no",
    "<html><svg><title>no</title></svg><template><h1>no</h1></template>", "<html><!--", "<html>\0<h1>\0</h1>",
    "<html><body>" + "".join(f'<p class="a{number}">x' for number in range(5_000)),
]  # fmt: skip


@pytest.mark.parametrize("page", NASTY, ids=range(len(NASTY)))
def test_a_nasty_page_is_read_all_the_same(page: str) -> None:
    report = read(page)
    assert report.source == "html-page"
    assert len(report.record.get("headline", "")) <= 1_000
    assert validator.repair(page.encode(), path="a.html").data == page.encode()


PIECES = (
    "<html>", "<head>", "<body>", "<article>", "</article>", "<p>", "</p>", "<h1>", "</h1>", "&amp;", "<nav>", "</nav>",
    "<meta name=author content=", '"A. Specimen">', "<script type='application/ld+json'>", "</script>", "words", '"',
    '{"@type":"NewsArticle","headline":"x"}', "\r\n", "\r", "<!--", "-->", "<time datetime=2021-03-04>", "\ufeff", "\0",
    "<main>", "</body>", "<p itemprop=author>", "é",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_every_place_of_any_page_is_within_it(inner: str) -> None:
    page = f"<!DOCTYPE html>{inner}"
    report = read(page)
    for each in report.values:
        if each.start is not None and each.end is not None:
            assert 0 <= each.start.offset <= each.end.offset <= len(page)
    if report.body is not None:
        assert 0 <= report.body.start.offset <= report.body.end.offset <= len(page)
