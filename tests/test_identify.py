"""Which source a seed is of: points and their evidence, what is certain, and that a certain match is never wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import validator
from validator.archive.face import own_sources
from validator.engine.seen import look
from validator.record.sidecar_reading import read_sidecar
from validator.sources.identify import Claim, Match, Score, Traits, host_of, identify, score, script_of
from validator.sources.model import Identify, Place, Policy, Source
from validator.text.findings import Verdict
from validator.text.patterns import Subject


def source(name: str, *ancestors: str, container: str = "plain-text", **how: Any) -> Source:
    """A source known as `how` says, certain from its threshold on unless told; only named where that is nothing."""
    known = Identify(**{"certain_from": how.get("at_least", 10), **how}) if how else None
    return Source(
        id=name,
        title=name,
        file=f"{name}.yaml",
        ancestors=ancestors,
        identify=known,
        policy=Policy(container=container),
    )


def traits(
    text: str = "", path: str | None = None, *urls: str, keys: tuple[str, ...] = (), fence: bool = False
) -> Traits:
    return Traits(path=path, subject=Subject(text), urls=urls, keys=frozenset(keys), has_fence=fence)


def match(seed: Traits, *sources: Source, claim: Claim | None = None) -> Match:
    return identify({each.id: each for each in sources}, seed, claim)


# --- points -------------------------------------------------------------------------------------------------------------

EVERYTHING = source(
    "all",
    paths=("one/**", "*.text"),
    hosts=("one.example", "two.example"),
    text=(("^A", 3), ("完", 4), ("B", 5)),
    at_least=7,
    certain_from=12,
)


@pytest.mark.parametrize(
    ("seed", "points", "evidence"),
    [
        (traits(), 0, []),
        (traits("b\nA 完"), 7, ["text fits ^A (+3)", "text fits 完 (+4)"]),
        (traits("AAA"), 3, ["text fits ^A (+3)"]),  # once, however often
        (traits("", "one/a.txt"), 10, ["path fits one/** (+10)"]),
        (traits("", "one/a.text"), 10, ["path fits one/** (+10)"]),  # one path is enough
        (traits("", "two/a.text"), 10, ["path fits *.text (+10)"]),
        (traits("", "two/one/a.txt"), 0, []),
        (traits("", None, "https://ONE.example:8080/a"), 10, ["address at one.example (+10)"]),
        (traits("", None, "https://one.example/", "https://two.example/"), 10, ["address at one.example (+10)"]),
        (traits("", None, "https://www.one.example/"), 0, []),
        (traits("", None, "https://one.example.org/"), 0, []),
        (traits("", None, "https://one.example@three.example/"), 0, []),
        (traits("", None, "https://three.example/?u=https://one.example/"), 0, []),
        (traits("", None, "https://[one.example/", "one.example", ""), 0, []),
        (
            traits("A", "one/a.txt", "https://one.example/"),
            23,
            ["path fits one/** (+10)", "address at one.example (+10)", "text fits ^A (+3)"],
        ),
    ],
)
def test_points_and_what_they_are_for(seed: Traits, points: int, evidence: list[str]) -> None:
    assert score(EVERYTHING, seed) == Score("all", points, 7, 12, tuple(evidence))


def test_keys_of_front_matter_must_all_be_there() -> None:
    known = source("keys", container="front-matter", keys=("title", "date"), keys_score=4, at_least=4)
    found = score(known, traits(keys=("date", "layout", "title"), fence=True))
    assert found is not None
    assert (found.score, found.evidence) == (4, ("front matter has title, date (+4)",))
    found = score(known, traits(keys=("title",), fence=True))
    assert found is not None
    assert found.score == 0


def test_text_gives_no_points_where_the_container_is_another() -> None:
    found = score(EVERYTHING, traits("A 完 B", "one/a.txt", fence=True))
    assert found is not None
    assert (found.score, found.container_fits) == (10, False)
    assert found.evidence == ("path fits one/** (+10)", "but the seed has front matter")
    fenced = source("fenced", container="front-matter", paths=("one/**",), keys=("title",), keys_score=4)
    found = score(fenced, traits("", "one/a.txt", keys=("title",)))
    assert found is not None
    assert found.evidence == ("path fits one/** (+10)", "but the seed has no front matter")


def test_a_source_that_says_nothing_of_identification_is_only_named() -> None:
    only = source("named")
    assert score(only, traits("A", "named/a.txt")) is None
    assert match(traits("A", "named/a.txt"), only).source is None
    named = match(traits("A"), only, claim=Claim("named", "--source"))
    assert (named.source, named.certain, named.evidence) == ("named", True, ("named by --source",))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.ORG/a", "example.org"),
        ("http://user:word@example.org:8080/", "example.org"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("https://[broken/", ""),
        ("example.org/a", ""),
        ("mailto:a@example.org", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host


@given(st.text(), st.lists(st.text(), max_size=3), st.none() | st.text())
def test_any_text_path_and_address_give_points(text: str, urls: list[str], path: str | None) -> None:
    found = score(EVERYTHING, traits(text, path, *urls))
    assert found is not None
    assert 0 <= found.score <= 32
    assert (found.score > 0) == bool(found.evidence)


# --- which one ----------------------------------------------------------------------------------------------------------

WEAK = source("weak", text=(("a", 3),), at_least=3, certain_from=10)
SURE = source("sure", text=(("a", 10),), at_least=10)
OTHER = source("other", text=(("b", 10),), at_least=10)
PARENT = source("parent", container="front-matter", text=(("a", 5),), at_least=5)
CHILD = source("child", "parent", container="front-matter", text=(("b", 5),), at_least=5)
GRANDCHILD = source("grandchild", "child", "parent", container="front-matter", text=(("c", 5),), at_least=5)


FAMILY = (PARENT, CHILD, GRANDCHILD)
TWIN = source("twin", "parent", container="front-matter", text=(("b", 5),), at_least=5)
MANY = source("parent", container="front-matter", text=(("a", 50),), at_least=5)
SEVERAL = source("several", text=(("a", 3), ("b", 3), ("c", 4)), at_least=6, certain_from=10)
MORE = source("more", text=(("a", 12),), at_least=10)
BY_PATH = source("by-path", container="front-matter", paths=("**",), text=(("a", 10),))


@pytest.mark.parametrize(
    ("seed", "sources", "taken", "certain", "rivals", "problem"),
    [
        # from its threshold on a source fits, and from another on it is certain
        (traits("a"), [SEVERAL], None, False, (), "nearest is several with 3 of 6"),
        (traits("ab"), [SEVERAL], "several", False, (), "6 points, certain from 10 on"),
        (traits("abc"), [SEVERAL], "several", True, (), ""),
        (traits("x"), [SURE, OTHER], None, False, (), "nothing fits"),
        (traits("x"), [], None, False, (), "nothing fits"),
        (traits("ab"), [WEAK, OTHER], "other", True, (), ""),  # the most points win
        (traits("ab"), [SURE, OTHER], "other", False, ("sure",), "other and sure score 10 each"),  # the first by name
        (traits("ab"), [MORE, OTHER], "more", False, (), "other would fit as well"),  # which is certain too
        (traits("a"), [SURE, WEAK], "sure", True, (), ""),  # the other fits, and is not certain
        # a child that fits beats its ancestors, whatever their points, even where its parent does not fit
        (traits("ab", fence=True), [MANY, CHILD], "child", True, (), ""),
        (traits("abc", fence=True), FAMILY, "grandchild", True, (), ""),
        (traits("ab", fence=True), FAMILY, "child", True, (), ""),
        (traits("a", fence=True), FAMILY, "parent", True, (), ""),
        (traits("ac", fence=True), FAMILY, "grandchild", True, (), ""),
        (traits("ab", fence=True), [PARENT, CHILD, TWIN], "child", False, ("twin",), "child and twin score 5 each"),
        # one whose container fits comes first
        (traits("a", "a.txt"), [BY_PATH, WEAK], "weak", False, (), "3 points, certain from 10 on"),
        (traits("a", "a.txt"), [BY_PATH], "by-path", False, (), "its container is not that source's"),
    ],
)
def test_which_source_is_taken(
    seed: Traits, sources: Sequence[Source], taken: str | None, certain: bool, rivals: tuple[str, ...], problem: str
) -> None:
    found = match(seed, *sources)
    assert (found.source, found.certain, found.rivals, found.problem) == (taken, certain, rivals, problem)


def test_all_points_and_what_they_are_for_are_told() -> None:
    assert match(traits("abc"), SEVERAL).evidence == ("text fits a (+3)", "text fits b (+3)", "text fits c (+4)")
    assert match(traits("x"), SURE, OTHER).evidence == ()
    assert [(each.source, each.score) for each in match(traits("ab"), WEAK, OTHER).scores] == [
        ("other", 10),
        ("weak", 3),
    ]


def test_a_claim_settles_it_against_all_points() -> None:
    found = match(traits("b"), SURE, OTHER, claim=Claim("sure", "the configuration"))
    assert (found.source, found.certain, found.problem) == ("sure", True, "")
    assert found.evidence == ("named by the configuration",)
    assert [each.source for each in found.scores] == ["other", "sure"]


@given(st.text("abcx"), st.permutations([WEAK, SURE, OTHER, PARENT, CHILD, GRANDCHILD]), st.booleans())
def test_the_order_of_sources_does_not_matter(text: str, sources: list[Source], fence: bool) -> None:
    everyone = sorted(sources, key=lambda each: each.id)
    assert match(traits(text, fence=fence), *sources) == match(traits(text, fence=fence), *everyone)


# --- the sources that ship ----------------------------------------------------------------------------------------------


def found(seed: str, path: str | None = None, sidecar: str | None = None) -> Match:
    read = read_sidecar(sidecar, "seed.meta.yaml") if sidecar is not None else None
    return look(seed.encode("utf-8", "surrogatepass"), own_sources(), path, sidecar=read).match


def answer(seed: str, path: str | None = None) -> tuple[str | None, bool]:
    """The source that a seed is taken for, and whether that is certain."""
    told = found(seed, path)
    return told.source, told.certain


PARAGRAPH = "One paragraph stands for the article.\n"
PAGE = (
    "Latest News:\n\nA headline of this example\n\nBy A. Specimen (An Agency)\n\n10:20, March 4, 2021\n\n" + PARAGRAPH
)
POST = "---\nlayout: post\ntitle: One\ndate: 2021-03-04\nauthor: A. Specimen\n{}\n---\n" + PARAGRAPH

STRIP = "Latest News:\u00a0\nSampleton \u00a0 Dry \u00a0 21 / 9 ℃ \u00a0City\u00a0Forecast\n"
PAGE_AND_STRIP = PAGE.replace("Latest News:\n", STRIP)
CHINESE = POST.replace(PARAGRAPH, "<p>这一段放在正文的位置上，它提到 NATO 和 IMF。</p>\n")
ENGLISH = POST.format("from: https://www.zaobao.com/a")
DATELINE = "China News Service, March 4. "
FURNITURE = "\nWe Recommend:\n\nAnother page\n\nLeave your comment12 comments\n"
OTHER_STRIP = PAGE.replace("News:", "News:\nSampleton 21 ℃")
SPOKESMAN = "A spokesman for the Ministry of National Defense of this example spoke.\n"

CERTAIN = [
    ("chinanews-translated", f"China News Service, March 4. The office said on the 4th that it is so. {PARAGRAPH}"),
    ("chinanews-translated", f"\ufeffChina News Service, Beijing, March 4. {PARAGRAPH}\nThe office met on the 3rd. It sat.\n"),
    ("peoples-daily-page", f"{PAGE_AND_STRIP}\nWe Recommend: \n\nAnother page\n\nLeave your comment12 comments\n"),
    ("peoples-daily-page", f"{PAGE_AND_STRIP}\nWe Recommend:\n\nAnother page\n".replace("\n", "\r\n")),
    ("peoples-daily-page", f"{PAGE_AND_STRIP}\nWe Recommend:\n".replace("\u00a0", " ")),
    ("peoples-daily-page", f"URL: https://en.people.cn/a.html\n10:20, March 4, 2021\n{PARAGRAPH}"),
    ("mod-gov-cn", f"URL: http://eng.mod.gov.cn/a.html\nA headline of this example\n2021-03-04\n{PARAGRAPH}"),
    ("mod-gov-cn", f"URL: http://eng.mod.gov.cn/a.html\n{SPOKESMAN}"),
    ("chinamil-text", f"Source URL: http://eng.chinamil.com.cn/a.html\nSAMPLETON, March 4 -- {PARAGRAPH}"),
    ("jekyll-post", POST.format("from: https://example.org/a")),
    ("jekyll-post", POST.format("x: y").replace("layout: post", 'layout: "post"')),
    ("jekyll-post", POST.format("link: https://www.zaobao.com/a")),
    ("jekyll-post", CHINESE.format("source: https://www.zaobao.com/a\nfrom: https://example.org/a")),
    ("zaobao-jekyll", CHINESE.format("from: https://www.zaobao.com/realtime/china/story20210304-1")),
    ("zaobao-jekyll", CHINESE.format("from: http://www.zaobao.com.sg/news/a\nlang: zh_CN")),
    ("zaobao-jekyll", CHINESE.format("from: http://www.zaobao.com/a\nlink: https://example.org/a")),
    ("article", f"---\ntitle: One\ndate: 2021-03-04\n---\n{PARAGRAPH}"),
    ("article", f"---\ntitle: One\ndate: 2021-03-04\nsource: https://www.zaobao.com/a\n---\n{PARAGRAPH}"),
]  # fmt: skip


@pytest.mark.parametrize(("identifier", "seed"), CERTAIN)
def test_what_is_certain(identifier: str, seed: str) -> None:
    told = found(seed, "folder/seed.txt")
    assert (told.source, told.certain, told.problem) == (identifier, True, "")


# A seed in the form of a source that is another's, or may be: the source it is taken for, none or the only one it surely is.
LOOK_ALIKES: list[tuple[str, str | None, bool, str]] = [
    # of chinanews-translated
    ("another agency", None, False, f"An Agency of This Example, Beijing, March 4. {PARAGRAPH}"),
    ("an agency with a longer name", None, False, f"The China News Service, Beijing, March 4. {PARAGRAPH}"),
    ("… or one that begins so", None, False, f"China News Service Weekly, Beijing, March 4. {PARAGRAPH}"),
    ("not at the beginning", None, False, f"One line.\nChina News Service, Beijing, March 4. {PARAGRAPH}"),
    ("named in a sentence", None, False, f"China News Service, founded on March 4, said so. {PARAGRAPH}"),
    ("in front matter", "article", True, "---\ntitle: One\ndate: 2021-03-04\n---\nChina News Service, March 4. One.\n"),
    ("the agency's own English item", "chinanews-translated", False, f"China News Service, March 4. {PARAGRAPH}"),
    ("… with a place", "chinanews-translated", False, f"China News Service, Beijing, March 4. {PARAGRAPH}"),
    ("… with a number that is no day", "chinanews-translated", False, f"{DATELINE}Lamps on the 4th floor are lit."),
    ("… with its paragraphs indented", "chinanews-translated", False, f"{DATELINE}{PARAGRAPH}\n  {PARAGRAPH}"),
    # of peoples-daily-page
    ("another page with all its furniture", "peoples-daily-page", False, PAGE + FURNITURE),
    ("… with a line of another kind below the first", "peoples-daily-page", False, OTHER_STRIP + FURNITURE),
    ("the address alone", "peoples-daily-page", False, f"URL: https://en.people.cn/a.html\n{PARAGRAPH}"),
    ("another site with latest news", None, False, f"Latest News: one, two, three\n\n{PARAGRAPH}"),
    ("… and a line with the time", "peoples-daily-page", False, PAGE),
    ("… and recommendations", "peoples-daily-page", False, f"{PAGE}\nWe Recommend:\n\nAnother page\n"),
    ("… or with comments instead", "peoples-daily-page", False, f"{PAGE}\nLeave your comment3 comments\n"),
    ("recommendations and comments alone", None, False, f"{PARAGRAPH}\nWe Recommend:\n\nLeave your comment3 comments\n"),
    ("its words in a paragraph", None, False, "It said: Latest News: one. We Recommend: two. Leave your comment3 comments.\n"),
    # of mod-gov-cn
    (
        "any paper that quotes the spokesman",
        "mod-gov-cn",
        False,
        f"A headline of this example\nA spokesman for the Ministry of National Defense of this example spoke. {PARAGRAPH}",
    ),
    ("a headline and a text", None, False, f"A headline of this example\n{PARAGRAPH}"),
    ("the spokesman without a headline", None, False, "A spokesman for the Ministry of National Defense spoke.\n"),
    ("a note on its address", "mod-gov-cn", False, f"URL: http://eng.mod.gov.cn/a.html\n{PARAGRAPH}"),
    ("a link above a note", "mod-gov-cn", False, f"My notes on a story\nLink: http://eng.mod.gov.cn/a.html\n{PARAGRAPH}"),
    # of chinamil-text
    ("its address above another text", "chinamil-text", False, f"Source URL: http://eng.chinamil.com.cn/a.html\n{PARAGRAPH}"),
    ("any paper with a dateline", "chinamil-text", False, f"SAMPLETON, March 4 -- {PARAGRAPH}"),
    ("any paper with a leaked date", "chinamil-text", False, f" date 2021-03-04 SAMPLETON, March 4 -- {PARAGRAPH}"),
    ("an agency's dateline", None, False, f"SAMPLETON, March 4 (An Agency) -- {PARAGRAPH}"),
    ("a dateline of another form", None, False, f"SAMPLETON, 4 March - {PARAGRAPH}"),
    # of zaobao-jekyll
    (
        "another paper's post that links to it",
        "jekyll-post",
        True,
        POST.format("from: https://example.org/a") + "[see](https://www.zaobao.com/story20210304-1)\n",
    ),
    (
        "a post that names it in other keys",
        "jekyll-post",
        True,
        POST.format("from: https://example.org/a\nvia: https://www.zaobao.com/a\nimage: https://www.zaobao.com/a.jpg"),
    ),
    ("its address, and a text in English", "zaobao-jekyll", False, ENGLISH),
    ("… with a headline in Chinese", "zaobao-jekyll", False, ENGLISH + "《示例的标题》\n"),
    ("… with no text but the title", "zaobao-jekyll", False, ENGLISH.replace(PARAGRAPH, "<div></div>\n")),
    ("its address, and a text in Japanese", "zaobao-jekyll", False, ENGLISH.replace(PARAGRAPH, "この段落。\n")),
    ("its address, and another language", "zaobao-jekyll", False, CHINESE.format("from: https://www.zaobao.com/a\nlang: en")),
    ("its address, and another layout", "zaobao-jekyll", False, "---\nlayout: page\nfrom: https://www.zaobao.com/a\n---\n<p>正文放在这里。</p>\n"),
    ("a host that ends so", "jekyll-post", True, POST.format("from: https://www.zaobao.com.example/a")),
    ("a host that begins otherwise", "jekyll-post", True, POST.format("from: https://not-www.zaobao.com/a")),
    ("a host in a path", "jekyll-post", True, POST.format("from: https://example.org/https://www.zaobao.com/a")),
    ("a host before an at sign", "jekyll-post", True, POST.format("from: https://www.zaobao.com@example.org/a")),
    ("a post without an address", "jekyll-post", True, POST.format("tags: [ 联合早报 ]")),
    ("a link at the top of a text", None, False, f"See https://www.zaobao.com/a and\nhttps://eng.mod.gov.cn/a\n{PARAGRAPH}"),
    ("an address further down", None, False, PARAGRAPH * 12 + "URL: https://eng.mod.gov.cn/a\n"),
    # of jekyll-post and article
    ("another layout", "article", True, POST.format("x: y").replace("layout: post", "layout: page")),
    ("a layout in the text", "article", True, "---\ntitle: One\ndate: 2021-03-04\n---\nlayout: post\n"),
    ("a layout that begins so", "article", True, POST.format("x: y").replace("layout: post", "layout: postcard")),
    ("front matter without a date", "article", True, f"---\ntitle: One\n---\n{PARAGRAPH}"),
    ("a rule line, no front matter", None, False, f"One\n---\nlayout: post\ntitle: One\ndate: 2021-03-04\n---\n{PARAGRAPH}"),
    # of two at once
    ("an address of one in the form of another", "mod-gov-cn", False, "China News Service, March 4. One.\nURL: https://eng.mod.gov.cn/a\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("identifier", "certain", "seed"), [case[1:] for case in LOOK_ALIKES], ids=[case[0] for case in LOOK_ALIKES]
)
def test_a_look_alike_is_never_taken_for_certain(identifier: str | None, certain: bool, seed: str) -> None:
    told = found(seed, "folder/seed.txt")
    assert told.certain == certain
    if told.problem.endswith("each"):
        assert identifier in (told.source, *told.rivals)
    else:
        assert told.source == identifier
    report = validator.validate(seed, path="folder/seed.txt")
    rules = {finding.rule for finding in report.findings}
    assert len(rules & {"source-unidentified", "source-uncertain", "source-ambiguous"}) == (not certain)
    assert (report.verdict is Verdict.UNIDENTIFIED) == (identifier is None)


def test_the_sidecar_says_what_the_text_does_not() -> None:
    seed = f"SAMPLETON, March 4 -- {PARAGRAPH}"
    told = found(seed, sidecar="source: mod-gov-cn\n")
    assert (told.source, told.certain, told.evidence) == ("mod-gov-cn", True, ("named by the sidecar seed.meta.yaml",))
    told = found(seed, sidecar="record:\n  source_url: {value: 'http://eng.chinamil.com.cn/a', basis: the page}\n")
    assert (told.source, told.certain) == ("chinamil-text", True)
    assert told.evidence[0] == "address at eng.chinamil.com.cn (+10)"


# Seeds that have only a little of their source in the text.
LITTLE = {
    "chinamil-text": f"SAMPLETON, March 4 -- {PARAGRAPH}",
    "chinanews-translated": f"China News Service, March 4. {PARAGRAPH}",
    "mod-gov-cn": f"A headline of this example\nBy A. Specimen\n2021-03-04\n{PARAGRAPH}",
    "peoples-daily-page": f"A headline of this example\n\n10:20, March 4, 2021\n\n{PARAGRAPH}",
    "zaobao-jekyll": CHINESE.format("x: y"),
}
WITH_FOLDERS = sorted(
    name for name, each in own_sources().items() if each.identify and each.identify.paths and not each.identify.generic
)


def seeds_of(identifier: str) -> list[str]:
    """The examples in the schema of a source that are seeds of it."""
    examples = own_sources()[identifier].examples
    return [example["text"] for example in examples if example.get("source", identifier) == identifier]


@pytest.mark.parametrize("identifier", WITH_FOLDERS)
def test_a_folder_of_its_name_says_it_where_the_text_bears_it_out(identifier: str) -> None:
    seeds = [*seeds_of(identifier), *filter(None, [LITTLE.get(identifier)])]
    for path in (f"{identifier}/a.txt", f"archive/{identifier}/2021/a.txt", f"{identifier}/notes-on-a-lamp.txt"):
        assert any(answer(seed, path) == (identifier, True) for seed in seeds), (
            f"none of the examples in schemas/{identifier}.yaml is certainly of {identifier} at the path {path}: its `paths` "
            f"must have a folder of that name ('**/{identifier}/**'), and its `text` or `keys` must fit one of the examples"
        )
    for path in (
        f"{identifier}.txt",
        f"not-{identifier}/a.txt",
        f"{identifier}-2/a.txt",
        identifier.upper() + "/a.txt",
    ):
        for seed in seeds:
            assert found(seed, path) == found(seed), f"the path {path} counts for {identifier}, and should not"


@pytest.mark.parametrize(("identifier", "seed"), LITTLE.items())
def test_a_little_in_the_text_bears_out_the_folder(identifier: str, seed: str) -> None:
    assert answer(seed, f"{identifier}/a.txt") == (identifier, True)
    assert answer(seed, f"not-{identifier}/a.txt") != (identifier, True)


NOTES = [
    "This folder holds captures.\nREAD ME FIRST\n",
    "Notes on this folder\nThe captures in it were made in March and have not been looked at since.\n",
    PARAGRAPH,
    "这个文件夹里放着样本。\n",
    POST.format("x: y"),
]


@pytest.mark.parametrize("seed", NOTES)
@pytest.mark.parametrize("identifier", WITH_FOLDERS)
def test_a_folder_alone_is_no_proof(identifier: str, seed: str) -> None:
    told = found(seed, f"about/{identifier}/a.txt")
    assert (told.source, told.certain) != (identifier, True)


@pytest.mark.parametrize(
    "name", ["README", "README.md", "Readme.txt", "NOTES.txt", "note.md", "LICENSE", "changelog.md"]
)
@pytest.mark.parametrize("identifier", WITH_FOLDERS)
def test_notes_among_seeds_are_not_known_by_their_folder(identifier: str, name: str) -> None:
    for seed in seeds_of(identifier):
        is_certain = answer(seed, f"{identifier}/{name}") == (identifier, True)
        assert not is_certain or answer(seed) == (identifier, True)
    if identifier in LITTLE:
        told = found(LITTLE[identifier], f"{identifier}/{name}")
        assert (told.source, told.certain) == (identifier, False)


def test_a_note_s_name_does_not_outweigh_a_text_that_is_certain_by_itself() -> None:
    told = found(CERTAIN[0][1], "chinanews-translated/notes.txt")
    assert (told.source, told.certain) == ("chinanews-translated", True)


def test_a_folder_and_an_address_at_another_site() -> None:
    for address, certain in (("https://example.org/a", False), ("https://news.zaobao.com/a", True), ("none", True)):
        told = found(CHINESE.format(f"from: {address}"), "zaobao-jekyll/a.md")
        assert (told.source, told.certain) == ("zaobao-jekyll", certain), address


def test_an_address_counts_at_the_keys_from_which_the_source_reads_it() -> None:
    def reading(*keys: str) -> Source:
        places = {"source_url": tuple(Place(front_matter=key) for key in keys)}
        known = Identify(hosts=("one.example",), at_least=10, certain_from=10)
        return Source(
            id="reading", title="", file="", identify=known, policy=Policy(container="front-matter"), places=places
        )  # fmt: skip

    def told(key: str, *keys: str) -> tuple[str | None, bool]:
        seed = traits(fence=True)._replace(keyed=((key, "https://one.example/a"),))
        result = match(seed, reading(*keys))
        return result.source, result.certain

    assert told("from", "from") == ("reading", True)
    assert told("from", "from", "link") == ("reading", True)
    assert told("link", "from") == (None, False)
    assert told("link", "from", "link") == ("reading", False)  # may be the page that a post talks about
    assert told("link", "link") == ("reading", True)  # the source has no other key for it
    assert told("source", "source", "link") == ("reading", True)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", ""),
        ("1234 --\n", ""),
        ("<div class='one two'></div>", ""),
        ("One paragraph.", "latin"),
        ("Une leçon d’été.", "latin"),
        ("正文", "han"),
        ("<p class='one two three'>正文。</p> https://example.org/one/two/three", "han"),
        ("正文提到 NATO 和 IMF。", "han"),
        ("A post of several words that quotes 示例 once.", "latin"),
        ("この段落", "kana"),
        ("이 문단", "hangul"),
        ("Этот абзац", "other"),
        ("Этот абзац NATO", "other"),
    ],
)
def test_the_script_of_a_text(text: str, script: str) -> None:
    assert script_of(text) == script
    assert script_of("Title\n" + text, len("Title\n")) == script
