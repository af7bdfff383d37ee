"""Clean seeds from files, to put defects into: the curated specimens, and posts of a folder."""

from __future__ import annotations

import re
from pathlib import Path

from validator.defects import Base, Given

_MARKUP = {"front-matter": "markdown", "jekyll-copy": "html", "zaobao-jekyll": "html"}


def read_bases(specimens: Path, posts: Path | None = None) -> list[Base]:
    """The curated specimens, and posts of a folder, each also as what else it may be taken for.

    A text specimen is also plain text that asks for no record, once as it stands and once with curly marks; a post is also
    Markdown of an unknown site, and a post of the one source whose pages leave advertisements.
    """
    bases = []
    for file in sorted(specimens.glob("*/curated.*")):
        if file.name.endswith(".meta.yaml"):
            continue
        source = file.parent.name
        beside = file.with_name(file.name + ".meta.yaml")
        sidecar = beside.read_text("utf-8") if beside.is_file() else None
        text = file.read_bytes().decode("utf-8")
        path = f"seeds/{source}/{file.name}"
        markup = _MARKUP.get(source, "text")
        bases.append(Base(path, f"specimen {source}", text, Given(path, sidecar=sidecar), source, markup))
        if markup == "text":
            plain = Given(f"texts/{source}.txt", source="plain-text")
            bases.append(Base(f"{path} (plain)", "plain", text, plain, "plain-text", "text"))
            bases.append(Base(f"{path} (curly)", "curly", curled(text), plain, "plain-text", "text"))
        else:
            as_post = Given(f"_posts/2021-01-01-{source}.md", source="jekyll-copy")
            bases.append(Base(f"{path} (post)", "posts", text, as_post, "jekyll-copy", "html"))
    for file in sorted(posts.glob("*.md")) if posts is not None else ():
        text = file.read_bytes().decode("utf-8")
        if not text.startswith("---\n"):
            continue
        path = f"posts/{file.name}"
        bases.append(Base(path, "posts", text, Given(path), "jekyll-copy", "html"))
        for source in ("front-matter", "zaobao-jekyll"):
            given = Given(path, source=source)
            bases.append(Base(f"{path} ({source})", f"posts as {source}", text, given, source, _MARKUP[source]))
    return bases


def curled(text: str) -> str:
    """The text with curly marks: quotations in pairs within each line, apostrophes in words and after a plural's s."""
    lines = []
    for line in text.split("\n"):
        pieces = line.split('"')
        marked = "".join(piece + ("“" if at % 2 == 0 else "”") for at, piece in enumerate(pieces[:-1])) + pieces[-1]
        lines.append(re.sub(r"(?<=\w)'(?=\w)|(?<=s)'(?=\s)", "’", marked))
    return "\n".join(lines)
