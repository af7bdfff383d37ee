"""Make `validator/parsing/date_names.json`, the names of months and weekdays of many languages, from CLDR.

    python -m benchmarks.date_names [--output FILE]

Babel carries CLDR's names: wide and abbreviated ones, alone and in a date. It is needed only here, and is no dependency of the
program; Sphinx brings it along for development. What newspapers write and CLDR does not have is in EXTRAS, read by hand:
other forms of names, and the small words of a date (`de`, `Uhr`, `г.`). All words are folded as the program folds a date.

More languages are in the table than the tests have dates of: a name that means another month elsewhere must be known.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from validator.parsing.date_words import key_of

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "validator" / "parsing" / "date_names.json"
EXTRAS = Path(__file__).with_name("date_names.yaml")
_WITH_ONE_SET_OF_NAMES = (
    "af az be bg bn bs ca cs cy da el et eu fa fi fil ga gl gu he hi hr hu hy id is it ka kk km kn ky lo lt lv mk ml mn mr ms"
    " my nb ne nl pa pl pt ro ru si sk sl so sq sv sw ta te th tr uk ur uz vi zu"
)
# A language, and the locales of it with names of their own.
LOCALES = {
    **{tag: [tag] for tag in _WITH_ONE_SET_OF_NAMES.split()},
    "ar": ["ar", "ar_DZ", "ar_MA", "ar_SY", "ar_IQ", "ar_MR"],
    "de": ["de", "de_AT"],
    "en": ["en", "en_GB", "en_AU"],
    "es": ["es", "es_MX", "es_AR"],
    "fr": ["fr", "fr_CA"],
    "sr": ["sr", "sr_Latn", "sr_Latn_BA", "sr_Cyrl_BA"],
}
_COMMENT = (
    "Names of months and weekdays, and small words of dates, in many languages, folded: from the Unicode CLDR, and more that "
    "were added by hand. Forms of one name are divided by |. Made by benchmarks/date_names.py."
)


def _forms(names: list[str]) -> str:
    """The forms of one name as they are compared, each once. Numbers and single letters are left out."""
    folded = {key_of(name) for name in names}
    return "|".join(sorted(form for form in folded if form and not any(map(str.isdecimal, form))))


def _names(locales: list[str], kind: str, numbers: Sequence[int], added: list[str]) -> list[str]:
    from babel import Locale

    names: list[list[str]] = [added[index].split("|") if added else [] for index in range(len(numbers))]
    for tag in locales:
        contexts = getattr(Locale.parse(tag), kind)
        for context in contexts.values():
            for width in ("wide", "abbreviated"):
                for index, number in enumerate(numbers):
                    names[index].append(context[width][number])
    return [_forms(each) for each in names]


def _halves(locales: list[str], half: str) -> list[str]:
    from babel import Locale

    said = []
    for tag in locales:
        widths = Locale.parse(tag).day_periods.get("format", {})
        said += [widths[width][half] for width in ("wide", "abbreviated") if half in widths.get(width, {})]
    return said


def made() -> dict[str, object]:
    """The table, as it is written."""
    extras = yaml.safe_load(EXTRAS.read_text(encoding="utf-8"))
    table: dict[str, object] = {"comment": _COMMENT}
    for tag, locales in sorted(LOCALES.items()):
        added = extras.get(tag, {})
        words = {role: _forms(text.split("|")) for role, text in added.items() if role not in ("months", "weekdays")}
        for half in ("am", "pm"):
            forms = _forms([*_halves(locales, half), *added.get(half, "").split("|")])
            if forms:
                words[half] = forms
        table[tag] = {
            "months": _names(locales, "months", range(1, 13), added.get("months", [])),
            "weekdays": _names(locales, "days", range(7), added.get("weekdays", [])),
            **dict(sorted(words.items())),
        }
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    text = json.dumps(made(), ensure_ascii=False, indent=1)
    options.output.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
