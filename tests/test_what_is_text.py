"""What is text is looked at and repaired, and nothing else is: files of other formats, pages, Markdown, code and markup.

The pages of publishers in ../shared/pages and the examples of the CommonMark specification are used where they can be had.
"""

from __future__ import annotations

import gzip
import os
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import accumulate
from pathlib import Path

import pytest
import turbohtml
from click.testing import CliRunner
from expected import BESIDE
from foreign_files import made_files
from hypothesis import given
from hypothesis import strategies as st

import validator
from validator.cli.program import program
from validator.parsing.markup import mask
from validator.text.findings import Applicability

NAMES = ("a.txt", "a.md", "a.html", "A.MD", "a.htm", "a.markdown")
POINTERS = ("git-lfs", "git-annex", "dvc")


# --- files of other formats ---------------------------------------------------------------------------------------------


def test_no_repair_changes_a_file_of_another_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the names of seeds, without a source and with one that is named, safe fixes and unsafe ones."""
    before = {}
    for number, (kind, data) in enumerate(made_files()):
        name = f"{kind}/{number}-{NAMES[number % len(NAMES)]}"
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
        before[name] = data
    assert len(before) >= 2_000
    assert len({name.partition("/")[0] for name in before}) >= 100
    monkeypatch.chdir(tmp_path)
    for options in ((), ("--unsafe", "--source", "plain-text")):
        done = CliRunner().invoke(
            program, ["repair", "--no-config", "--by", "A. Specimen", "--quiet", *options, "."], standalone_mode=False
        )
        assert done.return_value == 1, done.output[-500:]
        assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_of_a_file_in_another_format_only_that_is_said() -> None:
    for number, (kind, data) in enumerate(made_files()):
        if number % 3:
            continue
        report = validator.validate(data, path=NAMES[number % len(NAMES)], source=(None, "plain-text")[number % 2])
        rule = "lfs-pointer" if kind in POINTERS else "foreign-format"
        assert [each.rule for each in report.findings] == [rule], kind
        assert (report.verdict, report.source, report.record) == ("unreadable", None, {}), kind


# --- where no source is known -------------------------------------------------------------------------------------------

TEXTS = (
    ("a.txt", 'The editor"s note. \r\n'),
    ("a.md", 'The editor"s note. \r\n'),
    ("a.html", '<p>The editor"s note. </p>\r\n'),
    (None, '---\nkey: value\n---\nThe editor"s note.'),
    ("a.md", '+++\ncolour = "The editor\\"s note"\n+++\nThe editor"s note.'),
    ("a.md", '{\n"colour": "A"\n}\n\nThe editor"s note.'),
)


@pytest.mark.parametrize(("path", "text"), TEXTS)
@pytest.mark.parametrize("unsafe", [False, True])
def test_a_seed_without_a_source_is_never_changed(path: str | None, text: str, unsafe: bool) -> None:
    repaired = validator.repair(text.encode(), path=path, unsafe=unsafe)
    assert repaired.data == text.encode()
    fixes = [finding.fix for finding in repaired.report.findings if finding.fix is not None]
    assert fixes
    assert {fix.applicability for fix in fixes} == {Applicability.DISPLAY}
    assert {held.reason.partition(";")[0] for held in repaired.held} == {"no source is known for the seed"}


def test_the_summary_says_why_nothing_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text('The editor"s note, \n', "utf-8")
    monkeypatch.chdir(tmp_path)
    said = " ".join(CliRunner().invoke(program, ["validate", "--no-config", "."]).output.split())
    assert "2 findings with a fix that is only shown, because no source is known: name it with `--source ID`" in said
    named = CliRunner().invoke(program, ["validate", "--no-config", "--source", "plain-text", "."]).output
    assert "only shown" not in named


def test_a_source_that_is_not_certain_lets_nothing_be_repaired_that_rests_on_it() -> None:
    """The first text is what a source in French might have, the second what a page in English has."""
    text = 'SPECIMEN TOWN, June 14 -- The\u00a0editor"s note came.\nAnd the reader"s letter.'
    doubted = validator.validate(text, path="a.txt")
    assert doubted.source == "chinamil-text"
    assert "source-uncertain" in {each.rule for each in doubted.findings}
    told = {each.rule: each.fix.applicability for each in doubted.findings if each.fix is not None}
    assert told["no-break-space"] is Applicability.UNSAFE
    assert told["quote-for-apostrophe"] is told["final-newline"] is Applicability.SAFE
    certain = validator.validate(text, path="a.txt", source="chinamil-text")
    assert {e.rule: e.fix.applicability for e in certain.findings if e.fix}["no-break-space"] is Applicability.SAFE


# --- pages --------------------------------------------------------------------------------------------------------------

PAGES = sorted((BESIDE / "pages").glob("*.html.gz"))
ABOUT_TEXT = {"characters", "encoding", "quotes", "whitespace"}
NO_TEXT = {"script", "style", "textarea", "title", "noscript", "template", "iframe", "code", "kbd", "samp", "var", "tt"}


class Parts(HTMLParser):
    """Where the text of a page is, by another parser than the program's: the one of the standard library."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self.marks: list[tuple[int, bool]] = []  # an offset, and whether text begins there
        self.skipping: list[str] = []
        self.feed(text)
        self.close()
        self.text = text

    def mark(self, is_text: bool) -> None:
        line, column = self.getpos()
        self.marks.append((self.starts[line - 1] + column, is_text and not self.skipping))

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.mark(False)
        if tag in NO_TEXT:
            self.skipping.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.mark(False)
        if tag in self.skipping:
            del self.skipping[self.skipping.index(tag) :]

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.mark(False)

    def handle_data(self, data: str) -> None:
        self.mark(True)

    def handle_entityref(self, name: str) -> None:
        self.mark(True)

    def handle_charref(self, name: str) -> None:
        self.mark(True)

    def handle_comment(self, data: str) -> None:
        self.mark(False)

    def handle_decl(self, decl: str) -> None:
        self.mark(False)

    def handle_pi(self, data: str) -> None:
        self.mark(False)

    def unknown_decl(self, data: str) -> None:
        self.mark(False)

    def is_text(self, offset: int) -> bool:
        return next((is_text for start, is_text in reversed(self.marks) if start <= offset), False)


@pytest.mark.skipif(not PAGES, reason="no folder ../shared/pages beside the checkout")
def test_pages_without_a_source_are_not_changed_and_not_flooded_with_findings() -> None:
    for page in PAGES:
        data = gzip.decompress(page.read_bytes())
        repaired = validator.repair(data, path=page.name.removesuffix(".gz"))
        assert repaired.data == data, page.name
        assert len(repaired.report.findings) <= 20, page.name


@pytest.mark.skipif(not PAGES, reason="no folder ../shared/pages beside the checkout")
def test_no_rule_about_text_speaks_of_anything_else_in_a_page() -> None:
    spoken = 0
    for page in PAGES[::4]:
        text = gzip.decompress(page.read_bytes()).decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        parts = Parts(text)
        # Named, so that every place is told; the names of the rules' own words are no matter here.
        report = validator.validate(text, path="a.html", source="plain-text")
        for finding in report.findings:
            if finding.family in ABOUT_TEXT and not finding.whole and finding.rule != "final-newline":
                spoken += 1
                assert parts.is_text(finding.start.offset), (page.name, finding.rule, finding.start, finding.excerpt)
    assert spoken > 20


# --- Markdown -----------------------------------------------------------------------------------------------------------

SPECIFICATION = os.environ.get("COMMONMARK_SPEC", "")
ADDRESSES = re.compile(r"(?:https?|ftp)://\S+")
# Of three examples the mask keeps other letters than the page shows, by intent: an escaped character reference, one that is
# two characters, and addresses in angle brackets.
BY_INTENT = {14, 25, 596, 597, 598, 599, 601, 604, 605}


def shown_text(html: str) -> str:
    """The letters of a page outside of code; the words in place of an image are text."""
    pieces: list[str] = []

    def walk(node: turbohtml.Node) -> None:
        for child in node.children:
            if isinstance(child, turbohtml.Text):
                pieces.append(child.data)
            elif isinstance(child, turbohtml.Element) and child.tag not in NO_TEXT:
                pieces.append(str(child.attrs.get("alt") or "") if child.tag == "img" else "")
                walk(child)

    walk(turbohtml.parse_fragment(f"<div>{html}</div>"))
    return "".join(filter(str.isalnum, ADDRESSES.sub("", "".join(pieces))))


@pytest.mark.skipif(not SPECIFICATION, reason="COMMONMARK_SPEC names no copy of the specification's spec.txt")
def test_what_is_code_in_markdown_is_what_commonmark_says() -> None:
    source = Path(SPECIFICATION).read_text("utf-8").replace("→", "\t")
    examples = re.findall(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", source, re.MULTILINE | re.DOTALL)
    assert len(examples) > 600
    differing = set()
    for number, (text, page) in enumerate(examples, 1):
        masked = mask(text, 0, len(text), "markdown")
        if "".join(filter(str.isalnum, masked)) != shown_text(page):
            differing.add(number)
    assert differing <= BY_INTENT


# --- a safe repair leaves alone what is no text -------------------------------------------------------------------------

WRONG = ('the editor"s', 'it isn"t', 'a writer"s  ', "two\u00a0words")
PROSE = st.lists(st.sampled_from((*WRONG, "Words.", "“So”", "a <b>word</b>", "1 < 2")), min_size=1, max_size=4).map(
    " ".join
)
INNER = st.lists(st.sampled_from((*WRONG, "x = {}", "  y", "\u00a0", "it's")), min_size=1, max_size=3)


def _lines(pieces: list[str], prefix: str = "") -> str:
    return "\n".join(prefix + piece for piece in pieces)


MARKDOWN_ASIDE = st.one_of(
    INNER.map(lambda pieces: f"```text\n{_lines(pieces)}\n```"),
    INNER.map(lambda pieces: f"~~~~\n{_lines(pieces)}\n~~~\n~~~~"),
    INNER.map(lambda pieces: f"\n{_lines(pieces, '    code: ')}"),
    INNER.map(lambda pieces: f"> ```\n{_lines(pieces, '> ')}\n> ```"),
    INNER.map(lambda pieces: f"`code {' '.join(pieces)} code`"),
    INNER.map(lambda pieces: f"`` a`{' '.join(pieces)}` ``"),
    INNER.map(lambda pieces: f"{{% highlight text %}}\n{_lines(pieces)}\n{{% endhighlight %}}"),
    INNER.map(lambda pieces: f"{{{{ '{' '.join(pieces)}' | upcase }}}}"),
    INNER.map(lambda pieces: f"{{% include x.html say=`{pieces[0]}` %}}"),
)
HTML_ASIDE = st.one_of(
    INNER.map(lambda pieces: f"<script>\nvar a = '{_lines(pieces)}';\n</script>"),
    INNER.map(lambda pieces: f"<style>\n{_lines(pieces)}\n</style>"),
    INNER.map(lambda pieces: f"<pre>\n{_lines(pieces)}\n</pre>"),
    INNER.map(lambda pieces: f"<textarea>\n{_lines(pieces)}\n</textarea>"),
    INNER.map(lambda pieces: f"<!-- {_lines(pieces)} -->"),
    INNER.map(lambda pieces: f"<code>{' '.join(pieces)}</code>"),
    INNER.map(lambda pieces: f"<img alt='{' '.join(pieces).replace(chr(39), '')}' src=x>"),
)
FRONT_MATTER = st.sampled_from(
    (
        "",
        '---\nlayout: post\ntitle: The editor"s note \ndate: 2021-03-04\nauthor: A. Specimen\n---\n',
        '---\ntitle: "One"\ndate: 2021-03-04\nsummary: |\n  the editor"s  \n\n---\n',
        '+++\ntitle = "The editor\\"s"  \n+++\n',
        '{\n"title": "The editor\\"s" \n}\n',
    )
)
NAMED = st.sampled_from([("plain-text", "a.md"), ("front-matter", "a.md"), ("jekyll-post", "_posts/2021-03-04-a.md")])


def assert_only_text_is_repaired(text: str, asides: list[str], matter: str, source: str, path: str) -> None:
    repaired = validator.repair(text.encode(), source=source, path=path)
    after = repaired.data.decode()
    assert after.startswith(matter)
    at = 0
    for aside in asides:
        found = after.find(aside, at)
        assert found >= 0, f"{aside!r} was changed: {[change.title for change in repaired.changes]}"
        at = found + len(aside)


@given(st.lists(st.tuples(PROSE, MARKDOWN_ASIDE | HTML_ASIDE), min_size=1, max_size=4), FRONT_MATTER, NAMED)
def test_a_safe_repair_changes_no_code_script_attribute_or_front_matter_in_markdown(
    blocks: list[tuple[str, str]], matter: str, named: tuple[str, str]
) -> None:
    text = matter + "".join(f"{prose}\n\n{aside}\n\n" for prose, aside in blocks)
    assert_only_text_is_repaired(text, [aside for _, aside in blocks], matter, *named)


@given(st.lists(st.tuples(PROSE, HTML_ASIDE), min_size=1, max_size=4), st.sampled_from(["plain-text", "zaobao-jekyll"]))
def test_a_safe_repair_changes_no_code_script_or_attribute_in_html(blocks: list[tuple[str, str]], source: str) -> None:
    text = "<html><body>" + "".join(f"<p>{prose}</p>\n{aside}\n" for prose, aside in blocks) + "</body></html>\n"
    assert_only_text_is_repaired(text, [aside for _, aside in blocks], "", source, "a.html")


def test_text_beside_code_is_repaired() -> None:
    """So that the properties above are about something."""
    text = 'The editor"s note.\n\n```\nthe editor"s\n```\n\nThe reader"s `code"s` letter.\n'
    repaired = validator.repair(text.encode(), source="plain-text", path="a.md")
    assert repaired.data.decode() == text.replace('The editor"s', "The editor's").replace('reader"s', "reader's")
    counted = Counter(change.rule for change in repaired.changes)
    assert counted == {"quote-for-apostrophe": 2}


def _cases() -> Iterator[tuple[str, str, str]]:
    """Names, texts, and what `plain-text` named as the source sees of them."""
    yield "a.txt", "one `two`\n", "one `two`"
    yield "a.txt", "one <b two\n", "one <b two"
    yield "a.txt", "one <b>two</b>\n", "one two"
    yield "a.txt", "<!DOCTYPE html><title>one</title>two\n", "two"
    yield "a.txt", "one\n```\ntwo\n```\n", "one"
    yield "a.md", "one `two`\n", "one"
    yield "A.MARKDOWN", "one `two`\n", "one"
    yield "A.HTM", "one<style>two</style>\n", "one"
    yield "a.md", "<div>\n\n    two\n\n</div>\n", ""


@pytest.mark.parametrize(("path", "text", "expected"), list(_cases()))
def test_what_a_seed_is_comes_from_its_content_then_from_its_name(path: str, text: str, expected: str) -> None:
    report = validator.validate(text, path=path, source="plain-text")
    seen = report.body.characters if report.body is not None else 0
    assert seen == len(expected.replace(" ", ""))
