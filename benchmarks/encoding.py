"""Encodings end to end: write texts in old encodings, repair them without asking, and see that nothing comes out wrong.

    python benchmarks/encoding.py [--posts DIR] [--number 100] [--seed 1] [--show N] [--jobs N]

Texts in the languages of each encoding, whole (600 characters and more), 200 and 60 characters long, are written in it and
repaired through `validator.repairs.repairing.repair_seed` with the safe fixes only, as seeds of a source that declares the right
encoding, the right one and another, a wrong one (each of the others in turn), or none. Converted right means that the bytes
were recoded and are those which the repair makes of the same text in UTF-8. Exits 1 if any text was converted wrong, or if
less than 95 % of the whole texts that are declared rightly were converted.
"""

from __future__ import annotations

import argparse
import codecs
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

import click

from benchmarks.prose import PROSE, text_of
from validator.archive.face import own_sources
from validator.parsing.decoding import decode, is_same_encoding
from validator.repairs.edits import folded
from validator.repairs.repairing import Repaired, repair_seed
from validator.sources.identify import Claim
from validator.sources.model import Sources
from validator.text.findings import SeedReport

ROOT = Path(__file__).resolve().parent.parent
POSTS = ROOT.parent / "shared" / "posts"
NEEDED = 0.95
WHOLE = 600  # characters, at the least
LENGTHS = {"whole": None, "200": 200, "60": 60}
DECLARATIONS = ("right", "right and another", "wrong", "as read", "none")
OUTCOMES = ("right", "wrong", "left", "unseen")
_SOURCE = "plain-text"
_HAN_LINE = re.compile("[\u4e00-\u9fff]")
_TAG = re.compile("<[^<>\n]*>")


@dataclass(frozen=True, slots=True)
class Writing:
    """An encoding as seeds come in it: the name that sources declare, the codec that writes it, what languages."""

    title: str
    declared: str
    codec: str
    languages: tuple[str, ...]
    mark: bytes = b""

    def write(self, text: str) -> bytes:
        """The bytes of the text. Raises UnicodeEncodeError where the encoding lacks a character."""
        return self.mark + text.encode(self.codec)


# These are the names on the web; the bytes are what Windows writes under them.
WRITINGS = (
    Writing("gb18030", "gb18030", "gb18030", ("zh-Hans",)),
    Writing("big5", "big5", "cp950", ("zh-Hant",)),
    Writing("big5 (standard)", "big5", "big5", ("zh-Hant",)),
    Writing("utf-16-le, mark", "utf-16", "utf-16-le", tuple(PROSE), codecs.BOM_UTF16_LE),
    Writing("utf-16-be, mark", "utf-16", "utf-16-be", tuple(PROSE), codecs.BOM_UTF16_BE),
    Writing("utf-16-le", "utf-16-le", "utf-16-le", tuple(PROSE)),
    Writing("utf-16-be", "utf-16-be", "utf-16-be", tuple(PROSE)),
    Writing("cp1252", "cp1252", "cp1252", ("fr", "de", "es", "en")),
    Writing("cp1251", "cp1251", "cp1251", ("ru",)),
    Writing("shift_jis", "shift_jis", "cp932", ("ja",)),
    Writing("shift_jis (std)", "shift_jis", "shift_jis", ("ja",)),
    Writing("euc-kr", "euc-kr", "cp949", ("ko",)),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One text in one encoding, and what its source declares."""

    writing: Writing
    length: str
    declaration: str
    legacy: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: one of OUTCOMES, and in words where it was not converted right."""

    case: Case
    result: str
    told: str = ""


def texts(writing: Writing, number: int, chance: Random, posts: Sequence[str] = ()) -> Iterator[str]:
    """Whole texts that the encoding can write, one after another in each of its languages, every third from the posts."""
    fitting = [post for post in posts if _is_written(writing, post)] if "zh-Hans" in writing.languages else []
    if "zh-Hant" in writing.languages and "zh-Hans" not in writing.languages:
        fitting = [post for post in posts if _is_written(writing, post)]
    for at in range(number):
        if fitting and at % 3 == 2:
            yield fitting[at // 3 % len(fitting)]
        else:
            yield text_of(writing.languages[at % len(writing.languages)], WHOLE, chance)


def _is_written(writing: Writing, text: str) -> bool:
    try:
        return writing.write(text).decode(writing.codec).lstrip("\ufeff") == text
    except UnicodeError:
        return False


def cut(text: str, length: int | None, chance: Random) -> str:
    """So many characters of the text from the start of a paragraph on, with at least one that is not ASCII."""
    if length is None:
        return text
    starts = [0, *(match.end() for match in re.finditer("\n\n", text))]
    chance.shuffle(starts)
    for start in starts:
        part = text[start : start + length].strip() + "\n"
        if len(part) > length * 0.9 and not part.isascii():
            return part
    first = next((at for at, character in enumerate(text) if not character.isascii()), 0)
    start = max(0, min(first - length // 2, len(text) - length))
    return text[start : start + length].strip() + "\n"


def read_posts(folder: Path) -> list[str]:
    """The Chinese paragraphs of each Markdown file, where they come to a whole text."""
    found = []
    for path in sorted(folder.glob("*.md")):
        lines = (_TAG.sub("", line).strip() for line in path.read_text(encoding="utf-8").splitlines())
        kept = [line for line in lines if 2 * len(_HAN_LINE.findall(line)) > len(line)]
        text = "\n\n".join(kept)
        if len(text) >= WHOLE:
            found.append(text[: 4 * WHOLE].rstrip() + "\n")
    return found


def cases(number: int, seed: int, posts: Sequence[str] = ()) -> Iterator[Case]:
    """Every case of the table: `number` texts of each encoding, in each length, under each declaration."""
    names = tuple(dict.fromkeys(writing.declared for writing in WRITINGS))
    for writing in WRITINGS:
        chance = Random(f"{seed} {writing.title}")  # noqa: S311 (reproducible, not secret)
        others = [name for name in names if name.partition("-le")[0].partition("-be")[0] != writing.codec[:6]]
        others = [name for name in others if name != writing.declared]
        if writing.codec.startswith("utf-16") and not writing.mark:
            others.append({"utf-16-le": "utf-16-be", "utf-16-be": "utf-16-le"}[writing.codec])
        for at, whole in enumerate(texts(writing, number, chance, posts)):
            for length, characters in LENGTHS.items():
                text = cut(whole, characters, chance)
                other = others[at % len(others)]
                yield Case(writing, length, "right", (writing.declared,), text)
                yield Case(writing, length, "right and another", (other, writing.declared), text)
                yield from (Case(writing, length, "wrong", (name,), text) for name in others)
                yield Case(writing, length, "none", (), text)
                read = decode(writing.write(text)).encoding
                if read is not None and not is_same_encoding(read, writing.declared):
                    yield Case(writing, length, "as read", (read,), text)


def run_case(case: Case) -> Outcome:
    """Repair one text, safe fixes only, and compare."""
    repaired = repaired_as(case.writing.write(case.text), case.legacy)
    said = told_of(repaired.report)
    if not is_recoded(repaired):
        return Outcome(case, "left" if said else "unseen", said)
    expected = repaired_as(case.text.encode(), case.legacy).data
    if repaired.data == expected and folded(expected.decode()) == folded(case.text):
        return Outcome(case, "right")
    return Outcome(case, "wrong", f"{repaired.before.findings[0].message}: {repaired.data[:60].decode()!r}")


def repaired_as(content: bytes, legacy: tuple[str, ...], language: str | None = None) -> Repaired:
    """The seed repaired, as plain text of a source that declares these old encodings and this language."""
    return repair_seed(content, _sources(legacy, language), claim=Claim(_SOURCE, "the benchmark"))


def is_recoded(repaired: Repaired) -> bool:
    """Whether the bytes were converted."""
    return any(change.recode for change in repaired.changes)


def told_of(report: SeedReport) -> str:
    """What was found about the encoding, in words."""
    return "; ".join(f.message for f in report.findings if f.rule in ("not-utf8", "undecodable"))


@cache
def _sources(legacy: tuple[str, ...], language: str | None) -> Sources:
    own = own_sources()
    source = own[_SOURCE]
    return {**own, _SOURCE: replace(source, policy=replace(source.policy, legacy=legacy, language=language))}


def rows(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str, str, Counter[str]]]:
    """The table: encoding, length, declaration, and how many texts came to each outcome."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for outcome in outcomes:
        case = outcome.case
        counts.setdefault((case.writing.title, case.length, case.declaration), Counter())[outcome.result] += 1
    for writing in WRITINGS:
        for length in LENGTHS:
            for declaration in DECLARATIONS:
                key = (writing.title, length, declaration)
                if key in counts:
                    yield (*key, counts[key])


def problems(outcomes: Sequence[Outcome]) -> list[str]:
    """What the table must not say, in words."""
    told = []
    for title, length, declaration, count in rows(outcomes):
        place = f"{title}, {length}, {declaration}"
        if count["wrong"]:
            told.append(f"{place}: {count['wrong']} converted wrong, expected 0")
        if (length, declaration) == ("whole", "right") and count["right"] < NEEDED * count.total():
            told.append(f"{place}: {count['right']} of {count.total()} converted, expected {NEEDED:.0%}")
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement and print the table; 1 if something is required and not so."""
    parser = argparse.ArgumentParser(description="Encodings end to end: convert what is sure, and nothing wrongly.")
    parser.add_argument("--posts", type=Path, default=POSTS, help="a folder of Markdown files; their Chinese is used")
    parser.add_argument("--number", type=int, default=100, help="texts of each encoding (100)")
    parser.add_argument("--seed", type=int, default=1, help="what the texts are drawn by (1)")
    parser.add_argument("--show", type=int, default=0, help="so many of the texts left alone or wrong in each cell")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    given = parser.parse_args(arguments)
    posts = read_posts(given.posts) if given.posts.is_dir() else []
    with ProcessPoolExecutor(given.jobs) as pool:
        outcomes = list(pool.map(run_case, cases(given.number, given.seed, posts), chunksize=200))
    click.echo(f"{len(outcomes):,} repairs; {len(posts)} texts of the posts are long enough")
    click.echo(
        f"{'encoding':<16} {'length':<6} {'declared':<18} {'texts':>6}{'right':>7}{'wrong':>7}{'left':>7}{'unseen':>8}"
    )
    for title, length, declaration, count in rows(outcomes):
        numbers = f"{count.total():>6}{count['right']:>7}{count['wrong']:>7}{count['left']:>7}{count['unseen']:>8}"
        click.echo(f"{title:<16} {length:<6} {declaration:<18} {numbers}")
    shown: Counter[tuple[str, str, str, str]] = Counter()
    for outcome in outcomes:
        case = outcome.case
        key = (case.writing.title, case.length, case.declaration, outcome.result)
        interesting = outcome.result in ("wrong", "unseen") or (
            outcome.result == "left" and case.declaration == "right"
        )
        if interesting and shown[key] < given.show:
            shown[key] += 1
            click.echo(f"{' / '.join(key)}: declared {', '.join(case.legacy) or 'nothing'}: {outcome.told}")
            click.echo(f"    {case.text[:60]!r}")
    bad = problems(outcomes)
    for line in bad:
        click.echo(line, err=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
