"""Languages: how seeds name them, which of them use no-break spaces, and whether a text is plainly in another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from validator.text.tables import table


@cache
def _known() -> dict[str, tuple[str, bool]]:
    """Each name of a language, with its tag, and whether its printers use no-break spaces."""
    words = table("validator.text", "words.json")
    return {
        name: (names.split()[0], uses)
        for uses, key in ((True, "no-break spaces"), (False, "no no-break spaces"))
        for names in words[key]
        for name in names.split()
    }


@lru_cache(maxsize=256)
def primary(name: str | None) -> str:
    """The language alone, in small letters, of a tag, a locale or a name: "fr" of "fr-CA", "fr_FR.UTF-8", "fra", "Français".

    Any other name is returned in small letters; "" for None and for no text.
    """
    if not name:
        return ""
    import unicodedata  # only where a language is asked for, which few seeds need

    plain = unicodedata.normalize("NFD", name.strip().lower())
    begin = re.split(r"[-_.@\s(]", "".join(c for c in plain if not unicodedata.combining(c)), maxsplit=1)[0]
    return _known().get(begin, (begin, False))[0]


def uses_no_break_spaces(languages: Iterable[str]) -> bool | None:
    """Whether printers use no-break spaces in one of these languages; None if that is unknown for some of them."""
    asked = [_known().get(primary(language), (None, None))[1] for language in languages]
    if True in asked:
        return True
    return False if asked and None not in asked else None


LOOKED_AT = 2000  # code points at the beginning of a text
_LOOKED_AT_FIRST = 300  # mostly enough to see that all is well

_FEWEST_LETTERS, _FEWEST_SIGNS = 200, 60  # a text of Chinese, Japanese or Korean has fewer for the same length
_FEWEST_WORDS = 60
_SCRIPT = 0.8  # the least share of the letters of a text that are of its script
_JAPANESE, _NOT_JAPANESE = 0.15, 0.02  # the share of kana: mostly a third or more
_OTHER = 0.14  # the least share of function words of a text's language; mostly over a quarter
_FEWEST_KNOWN, _LEAST, _AHEAD = (
    20,
    0.08,
    1.4,
)  # to name one: words or signs, share, and times the next
_OWN = 0.3  # the most that another language may have of that share: Danish has nearly all in Norwegian, Dutch a third in German


def _table(name: str) -> dict[str, str]:
    found: dict[str, str] = table("validator.text", "languages.json")[name]
    return found


@cache
def _written_in(script: str) -> tuple[str, ...]:
    return tuple(_table("written in")[script].split())


@cache
def _scripts_of(languages: frozenset[str]) -> tuple[str, ...]:
    """The scripts in which languages are written; () if there is none, or one of them is not in the table."""
    known = {language for script in _table("scripts") for language in _written_in(script)}
    if not languages <= known:
        return ()
    return tuple(script for script in _table("scripts") if languages.intersection(_written_in(script)))


@cache
def _function_words(language: str) -> frozenset[str]:
    return frozenset(_table("words").get(language, "").split())


@cache
def _letters(script: str) -> re.Pattern[str]:
    return re.compile(f"[{_table('scripts')[script]}]+")


class _Sample:
    """The beginning of a text, with its words and its script; of Chinese and Japanese, which share one, `Han` or `Kana`."""

    def __init__(self, text: str, expected: Sequence[str], fewest: int = _FEWEST_SIGNS) -> None:
        self.text = text.lower()
        self.words = re.findall(r"[^\W\d_]+", self.text)
        self.letters = sum(map(len, self.words))
        self.script = self._script(expected) if self.letters >= fewest else None

    def _script(self, expected: Sequence[str]) -> str | None:
        kana = self._letters("Kana") if _letters("Kana").search(self.text) else 0.0
        if kana >= _NOT_JAPANESE:
            return "Kana" if kana >= _JAPANESE and kana + self._letters("Han") >= _SCRIPT else None
        scripts = dict.fromkeys((*expected, *_table("scripts")))
        return next((script for script in scripts if self._letters(script) >= _SCRIPT), None)

    def _letters(self, script: str) -> float:
        return sum(map(len, _letters(script).findall(self.text))) / self.letters

    def share(self, language: str) -> float:
        """The share of words that are function words of a language."""
        return sum(map(_function_words(language).__contains__, self.words)) / len(self.words)


def language_of_text(text: str) -> str | None:
    """The language that a text is written in, by its script and its most frequent words; `None` if it is not sure."""
    sample = _Sample(text, (), _FEWEST_KNOWN)
    written = _written_in(sample.script) if sample.script is not None else ()
    if len(written) < 2 or len(sample.words) < _FEWEST_KNOWN:
        return written[0] if len(written) == 1 else None
    (best, language), (second, _) = sorted(((sample.share(each), each) for each in written), reverse=True)[:2]
    return language if best >= _LEAST and best >= _AHEAD * second else None


def other_language(text: str, languages: Iterable[str]) -> str | None:
    """The name of the language or script that a text is plainly written in, if that is not among these.

    Only the beginning is looked at: first its script, then how many of its words are among the most frequent ones of a
    language. None where the text is short or mixed, or a language is not in the table.
    """
    asked = frozenset("nb" if primary(each) == "no" else primary(each) for each in languages)
    scripts = _scripts_of(asked)
    with_words = [language for language in asked if _function_words(language)]
    for looked_at in (_LOOKED_AT_FIRST, LOOKED_AT) if scripts else ():
        sample = _Sample(text[:looked_at], scripts)
        is_own = sample.script in scripts
        own = max(map(sample.share, with_words), default=1.0) if is_own else 0.0
        if own > _OTHER:
            return None
    return _told(sample, own, is_own) if scripts and sample.script is not None else None


def _told(sample: _Sample, own: float, is_own: bool) -> str | None:
    """The language of a sample that does not look like its own one."""
    script = sample.script or ""
    if sample.letters < _FEWEST_LETTERS and script not in ("Han", "Kana", "Hangul"):
        return None
    best = max(_written_in(script), key=sample.share)
    share = sample.share(best)
    is_told = len(sample.words) >= _FEWEST_WORDS and share >= _OTHER and own <= _OWN * share
    if is_told or (not is_own and len(_written_in(script)) == 1):
        return _table("names")[best]
    return None if is_own else f"{script} script"


def language_name(language: str) -> str:
    """What a language is called in English, "Spanish" for "es"; the tag itself where no name is known."""
    return _table("names").get(primary(language), language)
