"""The language of seeds, from what they name and from their words; none if it is not sure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from validator.learning.samples import Sample
from validator.text.languages import language_of_text

_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_SAMPLE = 20_000  # characters
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
    text = (_TAGS.sub(" ", text) if is_page else text)[:_SAMPLE]
    language = language_of_text(text) or ""
    if language != "zh":
        return language
    simple, full = (
        sum(map(signs.__contains__, text)) for signs in (_SIMPLIFIED - _TRADITIONAL, _TRADITIONAL - _SIMPLIFIED)
    )
    is_sure = max(simple, full) >= 3 and min(simple, full) * 5 <= max(simple, full)
    return ("zh-Hans" if simple > full else "zh-Hant") if is_sure else "zh"
