"""Languages: how seeds name them, and which of them put no-break spaces into their typography."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

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
