"""Made-up prose in nine languages, for measurements of encodings: each sentence is combined from parts.

A sentence is drawn part by part, so that each language has thousands; none was taken from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import yaml

# Of each language the parts of a sentence, in their order; a part is one of several.
PROSE: Mapping[str, Sequence[Sequence[str]]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
_UNSPACED = ("zh-Hans", "zh-Hant", "ja")


def sentence(language: str, chance: Random) -> str:
    """One sentence. The last two parts follow without a space; in Chinese and Japanese, all do, in Korean the last."""
    parts = [chance.choice(part) for part in PROSE[language]]
    if language in _UNSPACED:
        return "".join(parts)
    tail = 1 if language == "ko" else 2
    return " ".join(parts[:-tail]) + "".join(parts[-tail:])


def text_of(language: str, length: int, chance: Random) -> str:
    """A text of paragraphs, of so many characters at the least and a half more at the most, or nearly."""
    least = chance.randint(length, length * 3 // 2)
    between = "" if language in _UNSPACED else " "
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < least:
        paragraphs.append(between.join(sentence(language, chance) for _ in range(chance.randint(1, 5))))
    return "\n\n".join(paragraphs) + "\n"
