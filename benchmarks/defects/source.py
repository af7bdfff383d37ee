"""Seeds that no source fits, or more than one."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from benchmarks.defects.given import sidecar_of, with_sidecar
from validator.defects.seeds import WHOLE, Base, Change, Given, Injected, body_start, entries, injects, matter_end, put


def _unsigned(base: Base) -> Given:
    """The base's circumstances without what names its source: path, sidecar's source, address of the publisher."""
    said = sidecar_of(base)
    record = dict(said.get("record", {}))
    if "source_url" in record:
        record["source_url"] = {"value": "https://example.org/a", "basis": "put in by a benchmark"}
    return with_sidecar(
        replace(base.given, path=f"inbox/{base.given.path.rpartition('/')[2]}"),
        {**said, "source": None, "record": record},
    )


@injects("source-unidentified")
def signs_taken_away(rng: Random, base: Base) -> Injected | None:
    """A seed in a folder that says nothing, without what its text is known by."""
    if base.given.source is not None:
        return None
    given = replace(_unsigned(base), path=rng.choice(("inbox/a.txt", "2021/03/seed.txt", "x.md", "unsorted/页.txt")))
    if matter_end(base.text):
        # Front matter with none of the keys of an article, and no head of a copied post below it.
        places = [whole for whole, _ in entries(base.text).values()]
        gone = [Change(*whole, "" if index else "colour: red\n") for index, whole in enumerate(places)]
        gone.append(Change(matter_end(base.text), body_start(base), ""))
        return put(
            base,
            *gone,
            marks=WHOLE,
            given=given,
            follows=("trailing-whitespace", "blank-lines", "indentation", "mixed-quotes"),
        )
    signs = {
        "chinanews-translated": r"China News Service, [^.]*\. ",
        "chinamil-text": r"[A-Z][A-Z .'-]+, [A-Z][a-z]+ \d+ -- ",
        "mod-gov-cn": r"(?:[^\n]{0,160}\n)+",  # its head, up to the first paragraph
    }
    if base.source == "peoples-daily-page":
        return None  # With its headline, byline and date it is a text-article.
    sign = re.match(signs.get(base.source, "(?!)"), base.text)
    said = re.search("spokesman for the Ministry", base.text)
    changes = [Change(*sign.span(), "")] if sign else []
    if said and base.source == "mod-gov-cn":
        changes.append(Change(*said.span(), "speaker for the Ministry"))
    return put(base, *changes, marks=WHOLE, given=given, follows=("acceptance-unused",))


@injects("source-uncertain")
def signs_weakened(rng: Random, base: Base) -> Injected | None:
    """A seed that only its text tells, where a text of that kind is not enough."""
    if base.given.source is not None or base.source not in ("mod-gov-cn", "chinamil-text"):
        return None
    given = replace(
        _unsigned(base),
        path=rng.choice(("inbox/a.txt", "2021/03/seed.txt", "unsorted/页.txt", f"n/{rng.randrange(999)}.txt")),
    )
    return put(base, marks=WHOLE, given=given)


@injects("source-uncertain")
def wrong_folder(rng: Random, base: Base) -> Injected | None:
    """A plain text in the folder of a source whose seeds have front matter."""
    if base.given.source is not None or base.source not in ("peoples-daily-page",):
        return None
    given = replace(_unsigned(base), path=f"zaobao-jekyll/{rng.randrange(999)}.md")
    return put(base, marks=WHOLE, given=given, follows=("front-matter-syntax",))


@injects("source-ambiguous")
def equal_rival(rng: Random, base: Base) -> Injected | None:
    """A second source with the very same signs."""
    if base.given.source is not None or "source" in sidecar_of(base):
        said = sidecar_of(base)
        if base.given.source is not None:
            return None
        given = with_sidecar(base.given, {**said, "source": None})
    else:
        given = base.given
    return put(base, marks=WHOLE, given=replace(given, rival=True), reference=(base.text, base.given))


@injects("source-ambiguous")
def two_folders(rng: Random, base: Base) -> Injected | None:
    """A path through the folders of two sources, and a text that tells neither."""
    if base.given.source is not None or base.source != "chinamil-text":
        return None
    dateline = re.match(r"[A-Z][A-Z .'-]+, [A-Z][a-z]+ \d+ -- ", base.text)
    folders = ["chinamil-text", rng.choice(("mod-gov-cn", "peoples-daily-page"))]
    rng.shuffle(folders)
    given = replace(_unsigned(base), path=f"{'/'.join(folders)}/{rng.randrange(999)}.txt")
    return put(base, Change(*dateline.span(), ""), marks=WHOLE, given=given) if dateline else None
