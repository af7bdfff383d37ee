"""Languages: how seeds name them, and which of them put no-break spaces into their typography."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Languages whose printers put no-break spaces. French and its neighbours: before ; : ! ? and inside guillemets. Slavic
# languages: after one-letter words and before dashes. The Baltic, Nordic and German ones, Hungarian and others: between
# thousands and inside abbreviations. Which of a seed's no-break spaces are right is house style there. After a language
# tag come the three-letter codes of ISO 639-2, and names of the language as front matter spells them.
_USING = """
    be bel; bg bul; br bre; bs bos; ca cat catalan catala; cs ces cze czech cestina; cy cym wel; da dan danish dansk;
    de deu ger german deutsch; eo epo; es spa spanish espanol castellano; et est; eu eus baq; fi fin finnish suomi; fo fao;
    fr fra fre french francais; fur; ga gle; gl glg; hr hrv; hu hun hungarian magyar; hy hye arm; is isl ice;
    it ita italian italiano; kk kaz; ky kir; la lat; lb ltz; lt lit lithuanian lietuviu; lv lav latvian; mk mkd mac; mn mon;
    nb nob; nl nld dut dutch nederlands; nn nno; no nor norwegian norsk; oc oci; pl pol polish polski;
    pt por portuguese portugues; rm roh; ro ron rum romanian; ru rus russian; sk slk slo slovak; sl slv slovenian;
    sq sqi alb albanian; sr srp serbian; sv swe swedish svenska; tg tgk; tt tat; uk ukr ukrainian; wa wln
"""
# Languages that do not use them: there a no-break space is a leftover `&nbsp;` of a page.
_NOT_USING = """
    en eng english; id ind; ja jpn japanese; ko kor korean; ms msa may; th tha thai; vi vie vietnamese;
    zh zho chi chinese cmn yue
"""


def _by_name(table: str) -> dict[str, str]:
    return {name: names.split()[0] for names in table.split(";") for name in names.split()}


_KNOWN = _by_name(f"{_USING};{_NOT_USING}")
_ARE_USING = frozenset(_by_name(_USING).values())
_ARE_NOT_USING = frozenset(_by_name(_NOT_USING).values())


def primary(name: str | None) -> str:
    """The language alone, in small letters, of a tag, a locale or a name: "fr" of "fr-CA", "fr_FR.UTF-8", "fra", "Français".

    Any other name is returned in small letters; "" for None and for no text.
    """
    if not name:
        return ""
    import unicodedata  # only where a language is asked for, which few seeds need

    plain = unicodedata.normalize("NFD", name.strip().lower())
    begin = re.split(r"[-_.@\s(]", "".join(c for c in plain if not unicodedata.combining(c)), maxsplit=1)[0]
    return _KNOWN.get(begin, begin)


def uses_no_break_spaces(languages: Iterable[str]) -> bool | None:
    """Whether printers use no-break spaces in one of these languages; None if that is unknown for some of them."""
    asked = [primary(language) for language in languages]
    if any(language in _ARE_USING for language in asked):
        return True
    return False if asked and all(language in _ARE_NOT_USING for language in asked) else None
