"""Make `validator/text/exemplars.json`, the letters of each language, from CLDR.

    python -m benchmarks.exemplars FOLDER [--output FILE]

FOLDER is the folder `main` of the npm package `cldr-misc-full`, unpacked: a folder for each locale, and in it
`characters.json`. Of each language, and of each of its scripts, the main and the auxiliary exemplars are taken, without ASCII
and in small letters. Nothing is fetched, here or when the program runs.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "validator" / "text" / "exemplars.json"
_LANGUAGE = re.compile("[a-z]{2,3}(?:-[A-Z][a-z]{3})?")
_COMMENT = (
    "Letters outside ASCII of each language, in small form: main and auxiliary, from the exemplar sets of the Unicode CLDR; "
    "first-last is a range. Made by benchmarks/exemplars.py."
)
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\(.)")


def letters_of(pattern: str) -> set[str]:
    """The letters and marks outside ASCII of a set in CLDR's notation: `[a b é {dz}]`, ranges among them."""
    inner = pattern.strip()[1:-1].replace("{", " ").replace("}", " ")
    inner = _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if match[1] else " ", inner)
    found: set[str] = set()
    for first, last in re.findall(r"(\S)-(\S)", inner):
        found |= {chr(code) for code in range(ord(first), ord(last) + 1)}
    found |= set(inner)
    folded = {part for character in found for part in character.lower()} | found
    kept = {each for each in folded if not each.isascii() and unicodedata.category(each)[0] in "LM"}
    return {each for each in kept if each == each.lower() or each.lower() not in kept}


def ranges(letters: set[str]) -> str:
    """Letters in their order, three and more that follow each other as `first-last`."""
    pieces = []
    for _, group in groupby(enumerate(sorted(letters)), key=lambda item: ord(item[1]) - item[0]):
        run = [letter for _, letter in group]
        pieces.append(f"{run[0]}-{run[-1]}" if len(run) > 2 else "".join(run))
    return "".join(pieces)


def read(folder: Path) -> dict[str, tuple[str, str]]:
    """The main and the auxiliary letters of each language under the folder; left out are those with none outside ASCII."""
    table = {}
    for path in sorted(folder.glob("*/characters.json")):
        tag = path.parent.name
        if not _LANGUAGE.fullmatch(tag) or tag.startswith("en-"):  # Deseret and Shavian are no news
            continue
        told = json.loads(path.read_text(encoding="utf-8"))["main"][tag]["characters"]
        main = letters_of(told.get("exemplarCharacters", "[]"))
        auxiliary = letters_of(told.get("auxiliary", "[]")) - main
        if main or auxiliary:
            table[tag] = ranges(main), ranges(auxiliary)
    return table


def written(table: dict[str, tuple[str, str]]) -> str:
    """The JSON file that holds the table, a language a line. Languages with the same letters share one."""
    shared: dict[tuple[str, str], list[str]] = {}
    for tag, letters in table.items():
        shared.setdefault(letters, []).append(tag)
    rows = [f"  {json.dumps(' '.join(tags))}: {json.dumps(key, ensure_ascii=False)}" for key, tags in shared.items()]
    head = f' "comment": {json.dumps(_COMMENT)},\n "license": "Unicode-3.0",\n "languages": {{\n'
    return "{\n" + head + ",\n".join(rows) + "\n }\n}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Make the table of the letters of each language from CLDR.")
    parser.add_argument("folder", type=Path, help="the folder `main` of cldr-misc-full")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the file to write")
    given = parser.parse_args(arguments)
    table = read(given.folder)
    if not table:
        parser.error(f"no characters.json found in the folders of {given.folder}")
    given.output.write_text(written(table), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
