"""Recoding by the letters of a language: texts in many languages, each in its old encodings, under right and wrong declarations.

    python -m benchmarks.languages [--number 3] [--show N] [--jobs N]

The texts are lists of names of countries and languages, which CLDR has in each language (`names.txt`, Unicode-3.0): real words
and no article. Every third English text has prices in pounds. Each is written in every encoding of its language and repaired
with the safe fixes only, as a seed of a source that names the text's language, English or none, and declares the right
encoding, the right one and another, or a wrong one. Exits 1 if any text was converted wrongly, or if less than 95 % of the
whole texts (600 characters and more) with language and encoding declared rightly were converted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import click

from benchmarks.encoding import is_recoded, repaired_as, told_of
from validator.repairs.edits import folded
from validator.text.letters import letters_of

NAMES = Path(__file__).with_name("names.txt")
NEEDED = 0.95
LENGTHS = {"whole": 600, "100": 100}
DECLARATIONS = ("right", "right and another", "wrong")
# These are the names on the web; the bytes are what Windows writes under them.
ENCODINGS = {
    "cp1252": "en de fr es pt it nl sv da nb fi is sq ca eu gl af ga wo",
    "iso-8859-15": "fr fi et de es",
    "mac-roman": "fr en es",
    "cp1250": "pl cs sk hu sl hr ro sq",
    "iso-8859-2": "pl cs hu sl",
    "cp1257": "lt lv et",
    "cp1254": "tr",
    "cp1251": "ru uk bg sr mk be",
    "koi8-r": "ru",
    "koi8-u": "uk",
    "cp1253": "el",
    "cp1255": "he",
    "cp1256": "ar",
    "cp874": "th",
    "gb18030": "zh",
    "big5": "zh-Hant",
    "cp932": "ja",
    "euc-jp": "ja",
    "cp949": "ko",
}
_PRICES = ("costs £5", "for £2.1bn", "£10.60 a day", "about £300,000", "’s price of £7m")
_WRITTEN = str.maketrans("șțȘȚ", "şţŞŢ")  # as Romanian was written before its own letters were in any encoding


@dataclass(frozen=True, slots=True)
class Case:
    """One text, the encoding that it is written in, and what its source says of it."""

    tongue: str
    encoding: str
    length: str
    declaration: str
    legacy: tuple[str, ...]
    named: str
    language: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: right, wrong or left; and in words what was found."""

    case: Case
    result: str
    told: str = ""


@cache
def names() -> dict[str, tuple[str, ...]]:
    """The names in each language."""
    lines = (line.partition("\t") for line in NAMES.read_text(encoding="utf-8").splitlines())
    return {tag: tuple(rest.split("|")) for tag, _, rest in lines}


def text_in(tongue: str, encoding: str, least: int, chance: Random) -> str:
    """A list of names in a language, as far as the encoding has their letters; at least one is not ASCII."""
    written = [name.translate(_WRITTEN) if encoding in ("cp1250", "iso-8859-2") else name for name in names()[tongue]]
    known = frozenset().union(*(letters.all for letters in letters_of([tongue])))
    able = [name for name in written if _can_write(encoding, name) and _is_own(name, known)]
    text = chance.choice([name for name in able if not name.isascii()])
    is_priced = tongue == "en" and chance.random() < 0.34
    while len(text) < least:
        text += chance.choice((", ", ", ", ". ", " (", "; ")) + chance.choice(able)
        if text.count("(") > text.count(")"):
            text += ")"
        if is_priced:
            text += " " + chance.choice(_PRICES).removeprefix("’s " if " " in text[-2:] else "")
    return text + ".\n"


def _is_own(name: str, letters: frozenset[str]) -> bool:
    """Whether a name has no letter of another language, as "Côte d’Ivoire" has in an Albanian list."""
    return all(each.isascii() or not each.isalpha() or each.lower() in letters or each in "İ々ー" for each in name)


def _can_write(encoding: str, text: str) -> bool:
    try:
        return text.encode(encoding).decode(encoding) == text
    except UnicodeError:
        return False


def cases(number: int, seed: int = 1, others: int = 6) -> Iterator[Case]:
    """Every case: `number` texts of each encoding, language and length; `others` wrong encodings are declared for each."""
    chance = Random(seed)  # noqa: S311 (reproducible, not secret)
    for encoding, tongues in ENCODINGS.items():
        for tongue in tongues.split():
            wrong = [name for name in ENCODINGS if name != encoding]
            for length, least in LENGTHS.items():
                for _ in range(number):
                    text = text_in(tongue, encoding, least, chance)
                    declared = [("right", (encoding,)), ("right and another", (chance.choice(wrong), encoding))]
                    declared += [("wrong", (name,)) for name in chance.sample(wrong, others)]
                    for named, language in (("right", tongue), ("en", "en"), ("none", None)):
                        for declaration, legacy in declared:
                            yield Case(tongue, encoding, length, declaration, legacy, named, language, text)


def run_case(case: Case) -> Outcome:
    """Repair one text, safe fixes only, and compare."""
    repaired = repaired_as(case.text.encode(case.encoding), case.legacy, case.language)
    said = told_of(repaired.before)
    if not is_recoded(repaired):
        return Outcome(case, "left", said)
    is_right = folded(repaired.data.decode()) == folded(case.text)
    return Outcome(case, "right" if is_right else "wrong", f"{said}: {repaired.data.decode()[:80]!r}")


def problems(outcomes: Sequence[Outcome]) -> list[str]:
    """What the table must not say, in words."""
    told = [
        f"{o.case.tongue} in {o.case.encoding}, declared {'/'.join(o.case.legacy)}, {o.case.language}: {o.told}"
        for o in outcomes
        if o.result == "wrong"
    ]
    for tongue in (None, "en"):
        due = [
            o
            for o in outcomes
            if (o.case.length, o.case.declaration, o.case.named) == ("whole", "right", "right")
            and tongue in (None, o.case.tongue)
        ]
        right = sum(o.result == "right" for o in due)
        if right < NEEDED * len(due):
            told.append(f"{tongue or 'all'}: {right} of {len(due)} whole texts converted, expected {NEEDED:.0%}")
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement and print the table; 1 if something is required and not so."""
    parser = argparse.ArgumentParser(description="Recoding by the letters of a language, over many languages.")
    parser.add_argument("--number", type=int, default=3, help="texts of each language, encoding and length (3)")
    parser.add_argument("--show", type=int, default=0, help="so many of the texts left alone though declared rightly")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    given = parser.parse_args(arguments)
    with ProcessPoolExecutor(given.jobs) as pool:
        outcomes = list(pool.map(run_case, cases(given.number), chunksize=50))
    click.echo(f"{len(outcomes):,} repairs in {len(names())} languages")
    click.echo(
        f"{'length':<7} {'encoding declared':<18} {'language':<9}{'texts':>7}{'right':>7}{'wrong':>7}{'left':>7}"
    )
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for outcome in outcomes:
        case = outcome.case
        counts.setdefault((case.length, case.declaration, case.named), Counter())[outcome.result] += 1
    for (length, declaration, named), count in counts.items():
        numbers = "".join(f"{number:>7}" for number in (count.total(), count["right"], count["wrong"], count["left"]))
        click.echo(f"{length:<7} {declaration:<18} {named:<9}{numbers}")
    left = [o for o in outcomes if (o.result, o.case.declaration, o.case.named) == ("left", "right", "right")]
    for outcome in [o for o in left if o.case.length == "whole"][: given.show]:
        click.echo(f"{outcome.case.tongue} in {outcome.case.encoding}: {outcome.told}")
    bad = problems(outcomes)
    for line in bad:
        click.echo(line, err=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
