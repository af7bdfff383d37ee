"""The language of seeds, from what they name and from their words; none if it is not sure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

from validator.learning.samples import Sample
from validator.sources.identify import script_of
from validator.text.languages import primary
from validator.text.tables import table

_WORDS = re.compile(r"[^\W\d_]+")
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_SAMPLE = 20_000  # characters
_LEAST, _AHEAD = 0.08, 1.5  # the share of words that are frequent in a language, and how far it must be ahead
_SIMPLIFIED = frozenset("这个说为会来对们国时过学样还没发经现后开问长头关东车马门见贝风飞乐书从众龙龟")
_TRADITIONAL = frozenset("這個說為會來對們國時過學樣還沒發經現後開問長頭關東車馬門見貝風飛樂書從眾龍龜")


def language_of(samples: Sequence[Sample]) -> tuple[str | None, int, str]:
    """The language of nearly all seeds as a BCP 47 tag, in how many it is told, and by what. `None` if it is not sure."""
    named = Counter(sample.languages[0] for sample in samples if sample.languages)
    if named:
        tag, count = named.most_common(1)[0]
        return (tag, count, "named by the seeds") if count == len(samples) else (None, count, "")
    told = Counter(_by_words(sample.text[_start(sample) :], sample.is_page) for sample in samples)
    tag, count = told.most_common(1)[0]
    return (tag, count, "by its words") if tag and count >= 0.8 * len(samples) else (None, 0, "")


def _start(sample: Sample) -> int:
    return sample.matter.span.end if sample.matter is not None else 0


@lru_cache(maxsize=1024)
def _by_words(text: str, is_page: bool) -> str:
    text = _TAGS.sub(" ", text) if is_page else text
    text = text[:_SAMPLE]
    script = script_of(text)
    if script in ("kana", "hangul"):
        return "ja" if script == "kana" else "ko"
    if script == "han":
        simple, full = (
            sum(each in signs for each in text) for signs in (_SIMPLIFIED - _TRADITIONAL, _TRADITIONAL - _SIMPLIFIED)
        )
        if max(simple, full) < 3 or min(simple, full) * 5 > max(simple, full):
            return "zh"
        return "zh-Hans" if simple > full else "zh-Hant"
    words = Counter(_WORDS.findall(text.casefold()))
    total = sum(words.values())
    if total < 20:
        return ""
    shares = sorted(
        ((sum(words[word] for word in known) / total, tag) for tag, known in _frequent().items()), reverse=True
    )
    (best, tag), (second, other) = shares[:2]
    return tag if best >= _LEAST and best >= _AHEAD * second and primary(other) != primary(tag) else ""


@cache
def _frequent() -> dict[str, frozenset[str]]:
    """The frequent words of each language."""
    return {
        tag: frozenset(words.split()) for tag, words in table("validator.learning", "words.json")["languages"].items()
    }
