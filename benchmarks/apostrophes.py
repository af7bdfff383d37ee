"""How well apostrophes are told from quotation marks: put a double quote for apostrophes, and see what becomes of each mark.

    python benchmarks/apostrophes.py [TEXTS] [--rate RATE]... [--clean] [--seed 1] [--show N]

TEXTS are lines of JSON, gzipped or not, each with a `text` in which quotation marks and apostrophes are right. Of every text,
a share of the apostrophes (`--rate`, repeatable; by default none, all, three in ten) is replaced by a double quote; then it is
validated as plain text, in process. An apostrophe is restored if its fix is safe, which is what a repair goes by, or only
proposed, or missed; a quotation mark that was right is left alone, or proposed, or damaged. With `--clean` nothing is
replaced, and whatever is found is a false alarm. Exits 1 if a quotation mark was damaged or a clean text gave an alarm.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import click

import validator
from validator.text.findings import Applicability

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT.parent / "shared" / "bench" / "news-dev.jsonl.gz"
RULE = "quote-for-apostrophe"

_INSIDE = re.compile(r"(?<=[^\W_])['’](?=[^\W_])(?!(?<=\d.)\d)")
_ELISION = re.compile(r"(?<![^\W_])['’](?=(?:\d0s|em|til|n|tis|twas|cause|cos|bout)\b)", re.IGNORECASE)
_PLURAL = re.compile(r"(?<=[^\W\d_][sS])['’](?![^\W_'’‘])")
_OPENING = re.compile(r"(?<![^\W_])['’‘](?=[^\W_])")


def apostrophes(text: str) -> dict[int, str]:
    """The apostrophes of a text by offset, each with its kind; a mark that may be a single quotation mark is left out.

    A mark after a plural's s counts only in a paragraph in which no single quotation mark opens.
    """
    found: dict[int, str] = {}
    start = 0
    for paragraph in text.split("\n"):
        elisions = {match.start() for match in _ELISION.finditer(paragraph)}
        found.update((start + match.start(), "inside a word") for match in _INSIDE.finditer(paragraph))
        found.update((start + at, "leading") for at in elisions)
        if all(match.start() in elisions for match in _OPENING.finditer(paragraph)):
            found.update((start + match.start(), "plural possessive") for match in _PLURAL.finditer(paragraph))
        start += len(paragraph) + 1
    return found


def read_texts(path: Path) -> Iterator[str]:
    """The texts of a file of JSON lines."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def measure(texts: Sequence[str], rate: float, seed: int) -> tuple[dict[str, Counter[str]], list[str]]:
    """What became of the marks, by kind; and the marks that went wrong, in their sentences."""
    chance = Random(seed)  # noqa: S311 - chance, not secrecy
    counts: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    for text in texts:
        replaced = {at: kind for at, kind in apostrophes(text).items() if chance.random() < rate}
        corrupt = "".join('"' if at in replaced else character for at, character in enumerate(text))
        for at, outcome in outcomes(corrupt).items():
            kind = replaced.get(at, "quotation mark")
            if kind == "quotation mark":
                outcome = {"restored": "damaged", "missed": "left alone"}.get(outcome, outcome)
            counts.setdefault(kind, Counter())[outcome] += 1
            if outcome not in ("restored", "left alone"):
                wrong.append(
                    f"{kind}, {outcome}: {corrupt[max(0, at - 40) : at]}>>{corrupt[at]}<<{corrupt[at + 1 : at + 40]}"
                )
    return counts, wrong


def outcomes(text: str) -> dict[int, str]:
    """Of each double quotation mark of a text by its offset: whether it is restored, proposed or missed as an apostrophe."""
    proposed = {
        finding.start.offset: finding.fix.applicability
        for finding in validator.validate(text, source="plain-text").findings
        if finding.rule == RULE and finding.fix is not None
    }
    safe = {at for at, applicability in proposed.items() if applicability is Applicability.SAFE}
    return {
        at: "restored" if at in safe else "proposed" if at in proposed else "missed"
        for at, character in enumerate(text)
        if character in '"“”'
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a line a kind of mark, and tell by the exit code whether a quotation mark came to harm."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "texts", type=Path, nargs="?", default=TEXTS, help="JSON lines with a text each, gzipped or not"
    )
    parser.add_argument(
        "--rate", type=float, action="append", help="share of the apostrophes to replace (0, 1.0 and 0.3)"
    )
    parser.add_argument("--clean", action="store_true", help="replace none: what is found is a false alarm")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from (1)")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="tell of the first N marks that went wrong")
    said = parser.parse_args(arguments)
    if not said.texts.is_file():
        parser.error(f"{said.texts}: no such file")
    texts = list(read_texts(said.texts))
    harmed = 0
    for rate in [0.0] if said.clean else said.rate or [0.0, 1.0, 0.3]:
        counts, wrong = measure(texts, rate, said.seed)
        click.echo(f"{len(texts)} texts, {rate:.0%} of the apostrophes replaced")
        _print(counts)
        for each in wrong[: said.show]:
            click.echo(f"    {each!r}")
        marks = counts.get("quotation mark", Counter())
        harmed += marks["damaged"] + (marks["proposed"] if rate == 0.0 else 0)
    return int(harmed > 0)


def _print(counts: dict[str, Counter[str]]) -> None:
    marks = counts.pop("quotation mark", Counter())
    total: Counter[str] = sum(counts.values(), Counter())
    for kind, each in (*sorted(counts.items()), ("all", total)):
        if each:
            share, sure = each["restored"] + each["proposed"], each["restored"]
            click.echo(
                f"  {kind:<20}{each.total():>7}  restored {sure / each.total():.2%}  or proposed {share / each.total():.2%}"
            )
    told = f"damaged {marks['damaged']}  proposed {marks['proposed']}"
    click.echo(f"  {'quotation marks':<20}{marks.total():>7}  {told}")


if __name__ == "__main__":
    sys.exit(main())
