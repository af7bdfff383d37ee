"""Schemas that were learned: they load as they are, read their seeds rightly, and claim no other."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import layouts
import pytest
import yaml
from expected import posts_folder, seeds_folder
from hypothesis import given
from hypothesis import strategies as st

import validator
from validator.archive.face import load_sources, own_sources
from validator.archive.opening import example_failures
from validator.archive.root import read_schemas, schemas_folder
from validator.learning.drafting import learn
from validator.learning.pointed import Pointed
from validator.learning.power import false_alarms, power
from validator.learning.trying import try_source
from validator.reports.trial import page_of
from validator.rules import RULES
from validator.sources.model import Place, Source
from validator.sources.schema_file import read_sources
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport

META_SCHEMA = (schemas_folder() / "source.schema.json").read_text("utf-8")
OPTIONS: dict[str, dict[str, Any]] = {rule.name: rule.options for rule in RULES.values()}


@cache
def shipped() -> tuple[tuple[str, str], ...]:
    return tuple(read_schemas(schemas_folder()))


def drafted(*seeds: str | bytes, identifier: str = "drafted") -> tuple[str, dict[str, Source]]:
    """A draft, and all sources with it, held against the meta-schema."""
    data = [seed.encode() if isinstance(seed, str) else seed for seed in seeds]
    text = learn(identifier, [(f"seed {number}", each) for number, each in enumerate(data, 1)], own_sources()).text
    return text, read_sources([*shipped(), (f"{identifier}.yaml", text)], META_SCHEMA, OPTIONS, known=dict(shipped()))


def judged(seed: str, sources: dict[str, Source], path: str = "somewhere/a.txt") -> SeedReport:
    report = validator.validate(seed, sources=sources, path=path)
    assert report.fault is None
    return report


PLAIN = [
    f"THE SAMPLE LETTER No. {number}\n{headline} of this example\nBy {names}\n{day}, 2021\n\nOne paragraph.\n\nAll of it\n"
    for number, headline, names, day in (
        (7, "First headline", "A. Specimen", "March 4"),
        (8, "Second headline", "B. Specimen and C. Specimen", "April 14"),
        (12, "Third headline", "D. Specimen", "May 24"),
    )
]
HEADED = [
    f"{name} headline of this example\nBy {name[0]}. Specimen\n2021-03-0{number}\n"
    f"URL: https://sample.example/{number}\nOne paragraph for {name}.\n"
    for number, name in enumerate(("First", "Second", "Third"), 1)
]
POSTS = [
    f'---\nlayout: post\ntitle: "Title {number}"\ndate: 2021-03-0{number}\nauthor: {name}\nfrom: https://sample.example/{number}\n'
    f"tags: [ one ]\n---\n<div><p>One paragraph.</p></div>\n"
    for number, name in enumerate(("A. Specimen", "B. Specimen"), 1)
]
CHINESE = [
    f"样本通讯第{number}期\n{number}号样本的标题在这里\n2021年{number}月4日\n\n这一段站在{number}号正文的位置上，它只说明自己是一份样本。\n\n样本到此为止\n"
    for number in (7, 8, 9)
]


def test_a_draft_from_plain_files() -> None:
    text, sources = drafted(*PLAIN)
    source = sources["drafted"]
    assert source.ancestors == ("base",)
    assert (source.policy.container, source.policy.language, source.policy.script) == ("plain-text", None, "latin")
    for seed in PLAIN:
        report = judged(seed, sources)
        assert report.source == "drafted"
        assert report.record["byline"][0].endswith("Specimen")
        assert report.record["date_published"].startswith("2021-")
        assert not {"source-unidentified", "source-ambiguous", "date-malformed"} & {
            each.rule for each in report.findings
        }
    assert text.startswith("# Drafted from 3 seeds")
    assert "FILL IN" in text


def test_a_first_line_that_all_share_is_one_sign_and_not_two() -> None:
    """By it alone a seed is never certain: another paper's may begin so."""
    seeds = [f"THE SAMPLE LETTER\n\nParagraph number {number} stands here.\n" for number in ("one", "two")]
    text, sources = drafted(*seeds)
    assert text.count("score:") == 1
    report = judged(seeds[0], sources)
    assert report.source == "drafted"
    assert any(each.rule == "source-uncertain" for each in report.findings)


def test_a_draft_does_not_know_other_seeds() -> None:
    _, sources = drafted(*PLAIN)
    for seed in (*HEADED, *CHINESE, "A text that nobody knows.\n"):
        assert judged(seed, sources).source != "drafted"


def test_a_draft_knows_the_folder_of_its_name() -> None:
    _, sources = drafted("One paragraph.\n", identifier="sample-2021")
    report = judged("Something else.\n", sources, "archive/sample-2021/a.txt")
    assert report.source == "sample-2021"
    assert not any(each.rule == "source-uncertain" for each in report.findings)


def test_a_draft_reads_headline_names_date_and_address() -> None:
    _, sources = drafted(*HEADED)
    for number, seed in enumerate(HEADED, 1):
        report = judged(seed, sources)
        assert report.source == "drafted"
        assert report.record["headline"].endswith("headline of this example")
        assert report.record["date_published"] == f"2021-03-0{number}"
        assert report.record["source_url"] == f"https://sample.example/{number}"
        assert not any(each.rule == "source-uncertain" for each in report.findings)


def test_a_draft_from_posts() -> None:
    _, sources = drafted(*POSTS)
    source = sources["drafted"]
    assert source.ancestors == ("jekyll-post", "article", "base")
    assert (source.policy.container, source.policy.markup) == ("front-matter", "html")
    assert source.identify is not None
    assert source.identify.hosts == ("sample.example",)
    for seed in POSTS:
        report = judged(seed, sources)
        assert (report.source, report.verdict) == ("drafted", "valid")
        assert report.record.keys() >= {"headline", "byline", "date_published", "source_url"}
    unknown_key = judged(POSTS[0].replace("author:", "auther:"), sources, "drafted/a.md")
    assert {each.rule for each in unknown_key.findings} == {"byline-missing"}


def test_a_draft_from_posts_of_several_hosts_goes_by_their_folder() -> None:
    """Posts of other sites have the same keys, so keys alone claim none."""
    seeds = [POSTS[0], POSTS[1].replace("sample.example", "other.example")]
    _, sources = drafted(*seeds)
    assert sources["drafted"].identify is not None
    assert sources["drafted"].identify.hosts == ()
    for seed in seeds:
        assert judged(seed, sources).source != "drafted"
        report = judged(seed, sources, "drafted/a.md")
        assert (report.source, report.findings) == ("drafted", ())


def test_a_draft_from_chinese_files() -> None:
    _, sources = drafted(*CHINESE)
    assert (sources["drafted"].policy.language, sources["drafted"].policy.script) == ("zh-Hans", "cjk")
    for seed in CHINESE:
        report = judged(seed, sources)
        assert report.source == "drafted"
        assert report.record["date_published"].startswith("2021-0")


def test_a_draft_from_files_in_an_encoding_of_their_own() -> None:
    _, sources = drafted(
        *(seed.encode("gbk") for seed in CHINESE), "\ufeff".encode("utf-16") + CHINESE[0].encode("utf-16-le")
    )
    assert sources["drafted"].policy.script == "cjk"
    assert judged(CHINESE[0], sources).source == "drafted"


def test_text_in_neither_script_has_the_script_found_out() -> None:
    _, sources = drafted("Образец, который говорит только о себе.\n")
    assert sources["drafted"].policy.script == "auto"


def test_values_that_every_post_has_are_demanded() -> None:
    few, _ = drafted(*POSTS)
    assert "layout: {type: string}    # in 2 of 2 seeds" in few
    assert "tags: {type: array, items: {type: string}}" in few
    assert "from: {type: string, format: uri}" in few
    many, sources = drafted(*(POSTS[0].replace("sample.example/1", f"sample.example/{number}") for number in range(21)))
    assert "layout: {const: post}    # in 21 of 21 seeds" in many
    assert "additionalProperties: false" in many
    report = judged(POSTS[0].replace("layout: post", "layout: pots"), sources)
    assert "front-matter-schema" in {each.rule for each in report.findings}


COMPLETE = "title: One\ndate: 2021-03-04\nauthor: A. Specimen\nurl: https://sample.example/\n"


@pytest.mark.parametrize(
    ("matter", "rules"),
    [
        (COMPLETE, set()),
        ("title: One\ndate: 2021-03-04\nauthor: A\nsource: A Paper\n", set()),
        (COMPLETE + "empty:\nmixed: [one, {two: three}]\nnested: {a: b}\n", set()),
        (COMPLETE + "'a, b': c\n'no': d\n'null': e\n'7': f\n'[x]': g\n'#h': i\n\"j\\u200bk\": l\n", set()),
        (COMPLETE + 'long: |\n  One: "two\n  # three\n', set()),
        (COMPLETE.replace("One", "[One]").replace("A. Specimen", "[A, B]"), set()),
    ],
)
def test_seeds_keep_to_the_schema_that_was_drafted_from_them(matter: str, rules: set[str]) -> None:
    seed = f"---\n{matter}---\nOne paragraph.\n"
    _, sources = drafted(seed, seed)
    report = judged(seed, sources, "drafted/a.md")
    assert report.source == "drafted"
    assert {each.rule for each in report.findings} == rules


@pytest.mark.parametrize(
    "identifier", ["", "Sample", "two words", "-a", "a-", "a--b", "a_b", "../a", "a.yaml", "完", "a\n"]
)
def test_an_id_that_is_none(identifier: str) -> None:
    with pytest.raises(ConfigError, match="is not an id"):
        learn(identifier, [("a", b"Text.\n")], own_sources())


@pytest.mark.parametrize("identifier", ["2021", "no", "null", "true", "1e5", "0x1f", "1-2", "a-1"])
def test_an_id_that_yaml_takes_for_something_else(identifier: str) -> None:
    _, sources = drafted("Text.\n", identifier=identifier)
    assert sources[identifier].id == identifier


@pytest.mark.parametrize("data", [b"", b" \n", b"\xef\xbb\xbf\n", b"\xff\xfe\xff\x00\xd8"])
def test_a_seed_that_is_no_text(data: bytes) -> None:
    with pytest.raises(ConfigError, match="seed 1 is not text"):
        learn("drafted", [("seed 1", data)], own_sources())
    text = learn("drafted", [("seed 1", b"Text.\n"), ("seed 2", data)], own_sources()).text
    assert "# Drafted from 1 seed by" in text
    assert "# Left out: seed 2 is not text" in text


def test_no_seed() -> None:
    with pytest.raises(ConfigError, match="no seed"):
        learn("drafted", [], own_sources())


SIGNS = [*"'\"[{}\\%@`\t\n\n\u2028\x85\u200b\x07\x00\ufeff\u00a0😀完", ": ", "# ", "\r\n", "(?P<", "&a", "*a", "!b"]
LINES = ["A line", "By A", "2021-03-04", "URL: https://a/"]
ODD = st.lists(st.sampled_from([*SIGNS, *LINES]) | st.text(max_size=3), min_size=1, max_size=12).map("".join)


@given(st.lists(ODD, min_size=1, max_size=3), st.booleans())
def test_a_draft_from_any_texts_loads_and_knows_them(texts: list[str], alike: bool) -> None:
    seeds = [f"One first line of all\n{text}\nThe last line\n" for text in texts] if alike else texts
    data = [seed.encode("utf-8", "replace") for seed in seeds]
    if not all(each.decode().strip(" \n\r\t\ufeff") for each in data):
        return
    try:
        text, sources = drafted(*data)
    except ConfigError as error:
        if "is not text" in str(error):
            return
        raise
    assert yaml.safe_load(text)["id"] == "drafted"
    if alike and len(seeds) > 1:
        for seed in seeds:
            assert any(each.source == "drafted" and each.score for each in _scores(seed, sources))


def _scores(seed: str, sources: dict[str, Source]) -> Any:
    from validator.engine.seen import look

    return look(seed.encode("utf-8", "replace"), sources).match.scores


# But title and date, of which the parent says that they are texts.
NAMES = ["author", "url", "source", "no", "null", "true", "~", "1", "0x1f", "2021-03-04", "<<", "=", "required", "$ref"]
KEYS = st.text(st.sampled_from("abz-_.:,#'\"[]{}&*!|>% \t完\u200b😀17"), min_size=1, max_size=5) | st.sampled_from(
    NAMES
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.text(max_size=5) | st.sampled_from(["https://a.example/", "2021-03-04"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5), min_size=1, max_size=3))
def test_a_draft_from_any_front_matter_loads_and_its_seeds_keep_to_it(matters: list[dict[str, Any]]) -> None:
    seeds = [f"---\n{yaml.safe_dump(matter, allow_unicode=True)}---\nOne paragraph.\n" for matter in matters]
    _, sources = drafted(*seeds)
    for seed in seeds:
        report = validator.validate(seed, source="drafted", sources=sources)
        assert report.fault is None
        assert not {"front-matter-schema"} & {each.rule for each in report.findings}


# --- dates behind labels, places after names, tails ---------------------------------------------------------------------

HEADLINES = ("Doors are counted", "A lamp is moved", "Rain is wet")
TEXT = "This paragraph of the seed is about number {0}, and ends here.\n\nAnother one says the same of {0}."


def seeds_of(head: str, tail: str = "", names: tuple[str, ...] = ("A. Specimen", "B. Sample", "C. Third")) -> list[str]:
    """Three seeds; `{0}` is the number, `{1}` the name."""
    return [
        f"{headline}\n\n{head.format(number, name)}\n\n{TEXT.format(number)}\n{tail.format(number, name)}"
        for number, (headline, name) in enumerate(zip(HEADLINES, names, strict=True), 1)
    ]


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Published: {0} March 2019", "2019-03-01"),
        ("Published {0} March 2019", "2019-03-01"),
        ("First published on March {0}, 2019", "2019-03-01"),
        ("Date:\t2019-03-0{0}", "2019-03-01"),
        ("发布时间：2019年3月{0}日", "2019-03-01"),
        ("{0} March 2019", "2019-03-01"),
        ("Fraa Specimen: 2019-03-0{0} 10:20", "2019-03-01T10:20"),
        ("Number {0} of March", None),
        ("Published: soon", None),
        ("Published {0} times since 1 March 2019", None),
    ],
)
def test_a_draft_finds_a_date_behind_what_all_seeds_say_before_it(line: str, date: str | None) -> None:
    seeds = seeds_of(line)
    text, sources = drafted(*seeds)
    assert ("  date_published:" in text) == (date is not None)
    assert judged(seeds[0], sources, "drafted/a.txt").record.get("date_published") == date


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("By {1}, Northford", ["A. Specimen"]),
        ("By {1}, Sample Town", ["A. Specimen"]),
        ("By {1}", ["A. Specimen"]),
        ("By {1} and D. Fourth", ["A. Specimen", "D. Fourth"]),
        ("By {1}, D. Fourth and E. Fifth", ["A. Specimen", "D. Fourth", "E. Fifth"]),
        ("By {1} and D. Fourth, Northford", ["A. Specimen", "D. Fourth"]),
    ],
)
def test_a_place_after_the_names_is_nobody(line: str, byline: list[str]) -> None:
    seeds = seeds_of(line)
    _, sources = drafted(*seeds)
    assert judged(seeds[0], sources, "drafted/a.txt").record["byline"] == byline


TAILS = [
    ("\nShare this article\nRelated stories\n", True),
    ("\nRead next:\nA headline of number {0}\nAnother of {0}\n", True),
    ("\n  分享到\n微信\n", True),
    ("\nThe end of it, as of all seeds.\n", True),
    ("\nThe verdict\n" + "A paragraph below a heading is the article's, however often that recurs. " * 2 + "\n", False),
    ("", False),
]  # fmt: skip


@pytest.mark.parametrize(("tail", "is_found"), TAILS)
def test_what_recurs_below_the_article_is_not_its_body(tail: str, is_found: bool) -> None:
    seeds = seeds_of("By {1}", tail)
    text, sources = drafted(*seeds)
    assert ("to_end: true" in text) == is_found
    report = judged(seeds[0], sources, "drafted/a.txt")
    assert report.body is not None
    body = seeds[0][report.body.start.offset : report.body.end.offset]
    assert body.startswith("This paragraph")
    assert body.endswith("the same of 1.") or not is_found
    assert not is_found or {each.rule: each.severity for each in report.findings}["page-furniture"] == "warning"


# --- pages --------------------------------------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
{head}</head>
<body>
<nav><a href="#content">Skip to the content</a></nav>
<h1>{headline}</h1>
<p class="signed by-line">By {name}</p>
<p>This paragraph of the page is about {headline}.</p>
</body>
</html>
"""


def pages_of(title: str = "{0} - The Example Gazette", head: str = "", names: str = "ABC") -> list[str]:
    return [
        PAGE.format(title=title.format(headline), head=head, headline=headline, name=f"{name}. Specimen")
        for headline, name in zip(HEADLINES, names, strict=True)
    ]


OTHER = PAGE.format(title="Another paper", head="", headline="Another headline", name="D. Sample")
SITE = '<meta property="og:site_name" content="The Archive&#39;s Gazette">\n'
KNOWN_BY = [
    (pages_of(), True),
    (pages_of("{0} | 样本日报"), True),
    (pages_of("{0}", '<meta property="og:site_name" content="Gazette">\n'), True),
    (pages_of("{0}", '<meta content="样本日报" property="og:site_name">\n'), True),
    (pages_of("{0}", '<link rel="canonical" href="https://gazette.example.org/a">\n'), True),
    (pages_of("{0}", '<link href="https://gazette.example.org/a" rel="canonical">\n'), True),
    (pages_of("{0} - {0}"), False),
    (pages_of("{0}"), False),
    (pages_of("A title"), False),
    (pages_of("{0}", SITE), False),  # written with a character reference, which the pattern would have to be as well
]


@pytest.mark.parametrize(("pages", "is_known"), KNOWN_BY)
def test_a_draft_of_pages_goes_by_what_not_all_pages_have(pages: list[str], is_known: bool) -> None:
    text, sources = drafted(*pages)
    assert sources["drafted"].policy.container == "html"
    assert "DOCTYPE" not in text.partition("examples:")[0]
    assert "viewport" not in text.partition("examples:")[0]
    for page in pages:
        report = judged(page, sources, "a.html")
        assert report.source == ("drafted" if is_known else "html-page")
    assert judged(OTHER, sources, "a.html").source == "html-page"


def test_a_draft_of_pages_reads_what_they_state_by_class() -> None:
    whens = (f"</h1><div class=when>{day} March 2021</div>" for day in (3, 4, 5))
    pages = [page.replace("</h1>", when) for page, when in zip(pages_of(), whens, strict=True)]
    # Without a `By` nothing but the class of the line tells that the name in it signs.
    pages = [page.replace(">By ", ">") for page in pages]
    text, sources = drafted(*pages)
    assert "p.signed" in text
    report = judged(pages[1], sources, "a.html")
    assert report.record["headline"] == "A lamp is moved"
    assert report.record["byline"] == ["B. Specimen"]
    assert report.record["date_published"] == "2021-03-04"
    assert report.body is not None
    assert report.body.characters == len("ThisparagraphofthepageisaboutAlampismoved.")


def test_a_draft_of_one_page_has_no_mark_but_what_names_the_site() -> None:
    _, sources = drafted(pages_of()[0])
    assert judged(OTHER, sources, "a.html").source == "html-page"


# --- real seeds, where they are -----------------------------------------------------------------------------------------

REAL = seeds_folder()
REAL_POSTS = posts_folder()


@pytest.mark.skipif(REAL_POSTS is None, reason="no folder ../shared/posts beside the checkout")
@pytest.mark.parametrize("name", ["society", "opinion"])
def test_a_draft_from_real_posts_knows_others_of_their_kind(name: str, tmp_path: Path) -> None:
    assert REAL_POSTS is not None
    posts = sorted(REAL_POSTS.glob(f"{name}-*.md"))
    (tmp_path / "drafted.yaml").write_text(
        learn("drafted", [(post.name, post.read_bytes()) for post in posts[:12]], own_sources()).text, "utf-8"
    )
    sources = load_sources([tmp_path], tmp_path)
    reports = [
        validator.validate(post.read_bytes(), sources=sources, path=f"drafted/{post.name}") for post in posts[12:40]
    ]
    assert {report.source for report in reports} <= {"drafted", *own_sources()}
    assert sum(report.source == "drafted" for report in reports) > len(reports) * 0.8


@pytest.mark.skipif(REAL is None, reason="no folder ../shared/seeds beside the checkout")
def test_a_draft_from_real_seeds_loads() -> None:
    assert REAL is not None
    for seed in sorted(REAL.glob("*.txt")):
        _, sources = drafted(seed.read_bytes())
        assert sources["drafted"].identify is not None
    drafted(*(seed.read_bytes() for seed in sorted(REAL.glob("*.txt"))))


# --- layouts in many languages, whose truth is known ----------------------------------------------------------------------

TABLES = layouts.tables()


@cache
def learned(name: str) -> tuple[dict[str, Any], list[layouts.Known], dict[str, Source]]:
    layout = next(each for each in TABLES["layouts"] if each["name"] == name)
    seeds = layouts.seeds_of(layout, TABLES["languages"][layout["language"]], TABLES["days"])
    identifier = re.sub("[^a-z]+", "-", name)
    draft = learn(identifier, [(seed.name, seed.text.encode()) for seed in seeds[:5]], own_sources())
    return layout, seeds, {**own_sources(), identifier: draft.source}


NAMES = [each["name"] for each in TABLES["layouts"]]


@pytest.mark.parametrize("name", NAMES)
def test_a_layout_is_read_rightly_in_seeds_that_were_not_learned_from(name: str) -> None:
    layout, seeds, sources = learned(name)
    identifier = re.sub("[^a-z]+", "-", name)
    for seed in seeds[5:]:
        report = validator.validate(seed.text, source=identifier, sources=sources, path=seed.name)
        byline = set(report.record.get("byline", ())) - {layout.get("agency")}
        assert report.record.get("headline") == seed.headline
        assert byline == seed.byline
        assert report.record["date_published"][:10] == seed.day
        assert report.body is not None
        body = " ".join(seed.text[report.body.start.offset : report.body.end.offset].split())
        furniture = [each.excerpt.strip() for each in report.findings if each.rule == "page-furniture"]
        assert not any(said in body for said in layout.get("outside", ()))
        for paragraph in seed.paragraphs:
            assert paragraph in body
            assert not any(line and line in paragraph for line in furniture)


@pytest.mark.parametrize("name", NAMES)
def test_no_draft_claims_a_seed_of_another_layout(name: str) -> None:
    _, seeds, _ = learned(name)
    sources = {key: source for each in NAMES for key, source in learned(each)[2].items()}
    identifier = re.sub("[^a-z]+", "-", name)
    for seed in seeds:
        for path in (f"elsewhere/a{Path(seed.name).suffix}", f"{identifier}/a{Path(seed.name).suffix}"):
            assert judged(seed.text, sources, path).source in (identifier, None, *own_sources())


def test_the_same_seeds_give_the_same_draft() -> None:
    seeds = [(f"a{number}", seed.encode()) for number, seed in enumerate(PLAIN)]
    assert learn("drafted", seeds, own_sources()) == learn("drafted", seeds, own_sources())


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_written_from_seeds_without_their_words(name: str) -> None:
    _, seeds, sources = learned(name)
    source = sources[re.sub("[^a-z]+", "-", name)]
    assert source.examples
    assert example_failures(sources, source.id) == []
    for example in source.examples:
        assert not any(seed.headline and seed.headline in example["text"] for seed in seeds)
        assert not any(paragraph[:40] in example["text"] for seed in seeds for paragraph in seed.paragraphs)


# --- the power of a schema, and trying one ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["russian labels in another order", "toml with keys of its own", "page with json-ld"])
def test_a_schema_sees_most_defects_and_gives_no_false_alarm(name: str) -> None:
    _, seeds, sources = learned(name)
    source = sources[re.sub("[^a-z]+", "-", name)]
    given = [(seed.name, seed.text.encode()) for seed in seeds]
    planted = power(source, given, sources, date(2026, 1, 1))
    assert len(planted) <= 20
    assert sum(each.is_seen for each in planted) >= len(planted) - 3
    assert all(each.why for each in planted if not each.is_seen)
    assert false_alarms(source.id, given, own_sources()) == ([], len(seeds))


def test_what_a_schema_finds_is_told_by_field_and_seed() -> None:
    _, seeds, sources = learned("russian labels in another order")
    given = [(seed.name, seed.text.encode()) for seed in seeds]
    given[4] = (seeds[4].name, seeds[4].text.replace("2021", "1921").encode())
    given[5] = (seeds[5].name, seeds[5].text.replace(str(seeds[5].headline), "Очень длинный заголовок " * 9).encode())
    source = sources["russian-labels-in-another-order"]
    tried = try_source(source, given, sources)
    assert tried.counts == {
        "headline": (9, 0, 1), "byline": (7, 2, 0), "date_published": (9, 0, 1), "body": (9, 0, 0),
    }  # fmt: skip
    assert {(each.seed, each.field) for each in tried.odd if each.field in ("headline", "date_published")} == {
        (given[5][0], "headline"),
        (given[4][0], "date_published"),
    }
    assert tried.is_missing_in_many(source) == []
    assert not tried.rivals
    broken = replace(source, places={**source.places, "headline": (Place(label=("Nothing:",)),)})
    assert try_source(broken, given, sources).is_missing_in_many(broken) == ["headline"]


def test_a_headline_that_many_seeds_share_is_odd() -> None:
    head = "The Gazette of Nowhere\n{0}\nLamp {1} is moved\n1 May 2021\n\n"
    text = head + "This paragraph is of lamp {1}, and it says so at length.\n"
    seeds = [(f"{at}.txt", text.format("Home > Town" if at % 2 else "Home > Land", at).encode()) for at in range(8)]
    draft = learn("drafted", seeds, dict(own_sources()))
    assert "  headline:    # 8 of 8 seeds\n    - {line: 3}\n" in draft.text
    source = read_sources([*shipped(), ("drafted.yaml", draft.text.replace("{line: 3}", "{line: 2}"))])["drafted"]
    tried = try_source(source, seeds, dict(own_sources()))
    assert tried.counts["headline"] == (8, 0, 8)
    assert {each.why for each in tried.odd if each.field == "headline"} == {"odd: the same as in 3 other seeds"}


def test_the_page_of_a_trial_holds_no_markup_of_a_seed() -> None:
    _, seeds, sources = learned("russian labels in another order")
    text = seeds[0].text.replace("Автор: ", "Автор: <script>alert(1)</script> & ")
    source = sources["russian-labels-in-another-order"]
    tried = try_source(source, [("<b>.txt", text.encode())], sources)
    page = page_of(tried, source, [text], [(3, "# title: FILL IN <i>")])
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page
    assert f"<mark>{seeds[0].headline}<small> headline</small></mark>" in page


# --- what a curator points at ---------------------------------------------------------------------------------------------

NEWS = (
    "{0} is in the news\nOn duty: {1} Sample, Northford\n{2} March 2021\n\n"
    "This paragraph says nothing of {0}, and it says so at length.\n"
)
WITH_TOWN = ["Ann Sample, Northford", "Ben Sample, Northford", "Cleo Sample, Northford"]
NAMES_ALONE = [["Ann Sample"], ["Ben Sample"], ["Cleo Sample"]]
POINTED_AT: list[Any] = [
    ("text", "byline", "Ben Sample", NAMES_ALONE),
    ("text", "byline", "Ben Sample, Northford", [[each] for each in WITH_TOWN]),
    ("text", "headline", "Lamp 2 is in the news", [f"Lamp {number} is in the news" for number in (1, 2, 3)]),
    ("text", "headline", "Lamp 2", ["Lamp 1", "Lamp 2", "Lamp 3"]),
    ("matter", "headline", "Short 2", ["Short 1", "Short 2", "Short 3"]),
    ("page", "byline", "Ben Sample", NAMES_ALONE),
    ("dated page", "date_published", "2 March 2021, 10:20", [f"2021-03-0{day}T10:20" for day in (1, 2, 3)]),
    ("dated page", "date_published", "9 March 2021, 9:10", ["2021-03-09T09:10"] * 3),
]


def pointed_seeds(kind: str) -> list[tuple[str, bytes]]:
    seeds = []
    for number, name in enumerate(("Ann", "Ben", "Cleo"), 1):
        text = NEWS.format(f"Lamp {number}", name, number)
        if kind == "matter":
            text = f"---\ntitle: Long title {number}\nshort: Short {number}\ndate: 2021-03-0{number}\n---\n{text}"
        if kind == "dated page":
            when = f"Added: {number} March 2021, 10:20<br>Changed: 9 March 2021, 9:10"
            text = (
                f"<!doctype html><html><body><h1>Lamp {number}</h1><i class=when>{when}</i><p>{text}</p></body></html>"
            )
        if kind == "page":
            text = (
                f"<!doctype html><html><body><h1>Lamp {number}</h1><p class=desk>Desk</p><p class=duty>{name} Sample, on duty</p>"
                f"<article><p>{text}</p></article></body></html>"
            )
        seeds.append((f"{number}.{'html' if kind.endswith('page') else 'md'}", text.encode()))
    return seeds


@pytest.mark.parametrize(("kind", "field", "text", "values"), POINTED_AT)
def test_a_value_that_is_pointed_at_decides_the_place_in_all_seeds(
    kind: str, field: str, text: str, values: list[Any]
) -> None:
    seeds = pointed_seeds(kind)
    draft = learn("drafted", seeds, dict(own_sources()), [Pointed(seeds[1][0], field, text)])
    known = {**own_sources(), "drafted": draft.source}
    reports = [validator.validate(data, sources=known, source="drafted", path=name) for name, data in seeds]
    assert [report.record.get(field) for report in reports] == values


@pytest.mark.parametrize(
    ("name", "text", "said"), [("2.md", "Nobody", 'no place gives "Nobody"'), ("4.md", "Ann", "is not among the seeds")]
)
def test_what_is_pointed_at_must_be_there(name: str, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        learn("drafted", pointed_seeds("text"), dict(own_sources()), [Pointed(name, "byline", text)])


@pytest.mark.parametrize("line", ["Reported for us: {0}", "{0}"])
def test_many_seeds_of_a_few_people_and_days(line: str) -> None:
    names = ("Ann Sample", "Ben Third", "Cleo Fourth", "Dora Fifth", "Ed Tryout")
    seeds = []
    for number in range(40):
        byline, day = line.format(names[number % 5]), 1 + number % 6
        head = f"Lamp {number} is moved again\n{byline}\n{day} March 2021\n\n"
        text = f"{head}This paragraph is of lamp {number}, and it says so at length.\n"
        seeds.append((f"{number}.txt", text.encode()))
    draft = learn("drafted", seeds, dict(own_sources()))
    known = {**own_sources(), "drafted": draft.source}
    report = validator.validate(seeds[7][1], sources=known, source="drafted", path="7.txt")
    assert (report.record["byline"], report.record["date_published"]) == (["Cleo Fourth"], "2021-03-02")
