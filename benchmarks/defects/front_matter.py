"""Front matter that cannot be read or is not what its source asks for."""

from __future__ import annotations

import re
from random import Random

from benchmarks.defects.given import FENCE, entry_of, with_value
from validator.defects.seeds import WHOLE, Base, Change, Injected, Span, entries, injects, insert, matter_end, put


@injects("front-matter-syntax")
def never_closed(rng: Random, base: Base) -> Injected | None:
    """Front matter whose second fence is gone."""
    end = matter_end(base.text)
    if not end or re.search(r"^(?:---|\.\.\.)[ \t]*$", base.text[end:], re.MULTILINE):
        return None
    fence = base.text.rindex("---", 0, end)
    return put(base, Change(fence, end, ""), marks=FENCE)


@injects("front-matter-syntax")
def no_front_matter(rng: Random, base: Base) -> Injected | None:
    """Front matter that is not there, or that something stands before."""
    if not matter_end(base.text) or (base.given.source is None and base.source != "zaobao-jekyll"):
        return None
    if rng.random() < 0.5:
        return insert(base, 0, rng.choice(("\n", "x\n", "<!-- -->\n")), marks=WHOLE, follows=("source-uncertain",))
    return put(base, Change(0, matter_end(base.text), ""), marks=WHOLE, follows=("source-uncertain",))


@injects("front-matter-syntax")
def mark_never_closed(rng: Random, base: Base) -> Injected | None:
    """A quoted value that has lost its closing mark."""
    entry = entry_of(base, "title")
    if entry is None or base.text[entry[1].start] != '"' or base.text.count('"', 0, matter_end(base.text)) != 2:
        return None
    start, end = entry[1]
    return put(base, Change(end - 1, end, ""), marks=(Span(start, start + 1),))


@injects("front-matter-syntax")
def wrong_sign(rng: Random, base: Base) -> Injected | None:
    """A value that begins with a sign that no value can begin with, or that YAML takes for something else."""
    key = rng.choice(("author", "from", "date"))
    sign, word = rng.choice(("@", "`", "&", "*", "!")), rng.choice(("name", "one", "a-word"))
    entry = entry_of(base, key)
    if entry is None:
        return None
    start = entry[1].start
    mark = Span(start, start + 1) if sign in "@`" else Span(start, start + 1 + len(word))
    return put(base, Change(*entry[1], f"{sign}{word} and more"), marks=(mark,))


@injects("front-matter-syntax")
def second_colon(rng: Random, base: Base) -> Injected | None:
    """A value with a colon and a blank in it, and no marks around it."""
    entry = entry_of(base, "author")
    if entry is None:
        return None
    word = rng.choice(("Name", "Specimen", "作者"))
    at = entry[1].start + len(word)
    return put(base, Change(*entry[1], f"{word}: {rng.choice(('other', '某人'))}"), marks=(Span(at, at + 1),))


@injects("front-matter-syntax")
def no_colon(rng: Random, base: Base) -> Injected | None:
    """A line without a colon."""
    entry = entry_of(base, rng.choice(("author", "date", "title")))
    if entry is None:
        return None
    line = rng.choice(("this line has no colon", "这一行没有冒号", "word"))
    return insert(base, entry[0].start, line + "\n", marks=(Span(entry[0].start, entry[0].start + len(line)),))


@injects("front-matter-syntax")
def open_bracket(rng: Random, base: Base) -> Injected | None:
    """A list that is not closed."""
    entry = entry_of(base, "categories")
    if entry is None or not base.text[slice(*entry[1])].endswith("]"):
        return None
    end = base.text.rindex("]", *entry[1])
    return put(base, Change(end, end + 1, ""), marks=(Span(entry[1].start, entry[1].start + 1),))


@injects("front-matter-syntax")
def bad_escape(rng: Random, base: Base) -> Injected | None:
    """A backslash between double quotation marks that escapes nothing."""
    entry = entry_of(base, "title")
    if entry is None or base.text[entry[1].start] != '"' or "\\" in base.text[slice(*entry[1])]:
        return None
    at = rng.randrange(entry[1].start + 1, entry[1].end)
    written = "\\" + rng.choice("qwkj。新")
    return insert(base, at, written)


@injects("front-matter-syntax")
def too_deep(rng: Random, base: Base) -> Injected | None:
    """Brackets within brackets, more than anybody means."""
    entry = entry_of(base, "tags")
    if entry is None:
        return None
    depth = rng.choice((33, 40, 500))
    at = entry[1].start + 31  # the outermost mapping is the first of 32 levels
    return put(base, Change(*entry[1], "[" * depth + "]" * depth), marks=(Span(at, at + 1),))


@injects("front-matter-syntax")
def refused_control(rng: Random, base: Base) -> Injected | None:
    """A control character that YAML may not have."""
    entry = entry_of(base, rng.choice(("title", "author")))
    if entry is None or entry[1].end - entry[1].start < 3:
        return None
    at = rng.randrange(entry[1].start + 1, entry[1].end)
    return insert(base, at, rng.choice("\x00\x01\x0b\x1b"), follows=("control-character",))


@injects("front-matter-syntax")
def unseen_space(rng: Random, base: Base) -> Injected | None:
    """Another space than YAML's after the colon of a key, or another colon."""
    entry = entry_of(base, rng.choice(("author", "date", "title")))
    if entry is None or not base.text[entry[0].start : entry[1].start].endswith(": "):
        return None
    at = entry[1].start - 1
    if rng.random() < 0.2:
        return put(base, Change(at - 1, at + 1, "："))
    character = rng.choice("\u00a0\u00a0\u3000\u2009\u202f")
    return put(base, Change(at, at + 1, character), follows=("no-break-space",) if character in "\u00a0\u202f" else ())


@injects("front-matter-comment")
def comment_for_text(rng: Random, base: Base) -> Injected | None:
    """A number sign after a space, in a name without quotation marks."""
    entry = entry_of(base, "author")
    if entry is None:
        return None
    name, comment = rng.choice(("Name Sample", "样本作者")), rng.choice(("#2 of all", "#sample", "# 2", "#第二"))
    at = entry[1].start + len(name) + 1
    return put(base, Change(*entry[1], f"{name} {comment}"), marks=(Span(at, at + len(comment)),))


@injects("second-front-matter")
def front_matter_again(rng: Random, base: Base) -> Injected | None:
    """A front matter below the first."""
    end = matter_end(base.text)
    if not end:
        return None
    again = rng.choice(
        (
            "---\ntitle: Other\ndate: 2012-11-25\n---",
            "---\nlayout: post\ntags:\n- one\n---",
            '+++\ntitle = "Other"\ndraft = false\n+++',
        )
    )
    before = rng.choice(("", "\n"))
    at = end + len(before)
    return insert(base, end, f"{before}{again}\n", marks=(Span(at, at + len(again)),))


@injects("front-matter-duplicate-key")
def key_twice(rng: Random, base: Base) -> Injected | None:
    """A key a second time, with the same value below or with any value above."""
    found = entries(base.text)
    if not found:
        return None
    key = rng.choice([key for key in found if key != "layout"])
    line, value = found[key]
    lines = [entry[0] for entry in found.values()]
    quote = rng.choice(("", "", '"', "'"))
    if rng.random() < 0.5:
        written = f"{quote}{key}{quote}: {base.text[slice(*value)]}\n"
        at = rng.choice([other.end for other in lines if other.end >= line.end])
        return insert(base, at, written, marks=(Span(at, at + len(key) + 2 * len(quote)),))
    written = f"{key}: {rng.choice(('another', '2001-01-01', '[ a, b ]'))}\n"
    at = rng.choice([other.start for other in lines if other.start <= line.start])
    second = line.start + len(written)
    return insert(base, at, written, marks=(Span(second, second + len(key)),))


@injects("front-matter-schema")
def unknown_key(rng: Random, base: Base) -> Injected | None:
    """A key that the source does not know, most often one that is misspelt."""
    if base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    found = entries(base.text)
    key = rng.choice(("catgories", "tag", "form", "autor", "Title", "summary", "source", "layuot"))
    at = rng.choice([entry[0].end for entry in found.values()])
    return insert(base, at, f"{key}: something\n", marks=(Span(at, at + len(key)),))


@injects("front-matter-schema")
def misspelt_key(rng: Random, base: Base) -> Injected | None:
    """A key that the source needs or knows, misspelt."""
    if base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    key, wrong = rng.choice(
        (
            ("author", "auther"),
            ("from", "form"),
            ("title", "titel"),
            ("date", "data"),
            ("tags", "tag"),
            ("categories", "categroies"),
        )
    )
    entry = entry_of(base, key)
    if entry is None:
        return None
    missing = {
        "author": "byline-missing",
        "from": "source-url-missing",
        "title": "headline-missing",
        "date": "date-missing",
    }
    start = entry[0].start
    return put(
        base, Change(start, start + len(key), wrong), marks=(Span(start, start + len(wrong)),),
        follows=(missing[key],) if key in missing else (),
    )  # fmt: skip


@injects("front-matter-schema")
def wrong_kind(rng: Random, base: Base) -> Injected | None:
    """A text where a list is due, a list where a text is."""
    if base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    key, written = rng.choice(
        (
            ("tags", "{a: b}"),
            ("author", "[ 样本甲, 样本乙 ]"),
            ("comments", "[ yes ]"),
            ("categories", "{}"),
        )
    )
    return with_value(base, key, written)


@injects("front-matter-schema")
def value_twice(rng: Random, base: Base) -> Injected | None:
    """The same entry twice in a list of different ones."""
    if base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    key = rng.choice(("tags", "categories"))
    entry = entry_of(base, key)
    if entry is None:
        return None
    others = rng.sample(("one", "two", "three"), rng.randrange(1, 4))
    twice = rng.choice(others)
    written = f"[ {', '.join(others)}, {twice} ]"
    at = entry[1].start + len(written) - 2 - len(twice)
    return with_value(base, key, written, marks=(Span(at, at + len(twice)),))


@injects("front-matter-schema")
def another_layout(rng: Random, base: Base) -> Injected | None:
    """A layout that is not a post's, or none."""
    entry = entry_of(base, "layout")
    if entry is None or base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    if base.given.source is None and base.source == "jekyll-copy":
        return None  # it is known by its layout
    if rng.random() < 0.3:
        return put(base, Change(*entry[0], ""), marks=FENCE)
    return with_value(base, "layout", rng.choice(("page", "posts", "Post", "[ post ]")))


@injects("front-matter-schema")
def no_address(rng: Random, base: Base) -> Injected | None:
    """Something that is not an address in its place."""
    if base.source not in ("jekyll-copy", "zaobao-jekyll"):
        return None
    written = rng.choice(("unknown", "www.example.org/a", "ftp://example.org/a", "https://example.org/a b"))
    return with_value(base, "from", written, follows=("urls-disagree",))
