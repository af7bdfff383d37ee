"""Values that are not names or headlines: what programs, templates and forms write where a value is missing.

Each function looks at one value of a record and says what it is. Only the whole value counts, or a part between separators
(`Untitled | The Gazette`), since a headline may contain the word "null".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from validator.parsing.dates import MONTH_WORDS, read_date
from validator.text.patterns import late
from validator.text.tables import table

_LONGEST = 300  # characters; a longer value is not a placeholder
_LOOKED_AT = 2_000  # characters of a value that are searched for markup


class Said(NamedTuple):
    """What a value is instead of a name or a headline, and whether that is certain."""

    what: str
    is_sure: bool


_WORDS = table("validator.parsing", "words.json")["placeholders"]
_NOTHING, _NO_NAMES, _UNSIGNED, _NO_HEADLINES, _LABELS = (
    frozenset(_WORDS[key]) for key in ("nothing", "no names", "unsigned", "no headlines", "labels")
)
_ACCOUNTS, _ROLES = (late("|".join(_WORDS[key])) for key in ("accounts", "roles"))
_STATUS = late(r"(?:(?:http|error)[\s:]*)?(?:40[0-9]|410|429|50[0-4])(?:\s*error)?")

# What a template would have filled in: {{ author }}, {% title %}, <%= name %>, ${author}, %author%, __AUTHOR__, [author]
_NAME = r"[\s=:#/@-]*[A-Za-z_$][\w.$-]*(?:\[[^\]]{0,40}\])?(?:\(\))?\s*(?:\|[^{}%]{0,80})?"
_ASKED_FOR = r"(?:author|name|title|headline|byline|insert [a-z ]{1,30}|your [a-z ]{1,30})"
_TEMPLATE = late(
    rf"\{{\{{\{{?{_NAME}\}}?\}}\}}|\{{%{_NAME}(?:\s[^{{}}%]{{0,80}})?%\}}|<%{_NAME}%>|<\?(?:php|=)[^<>?]{{0,80}}\?>|[$#@]\{{{_NAME}\}}"
    rf"|\{{{_NAME}\}}|\{{\d\}}|%[A-Za-z_][\w.]*%|%[sd@]|__[A-Z_]+__|\$[A-Za-z_]\w*\$|\[\[\s*[\w.]+\s*\]\]|(?i:\[{_ASKED_FOR}\]|<{_ASKED_FOR}>)"
)
_TEMPLATE_BEGINS = ("{", "<", "[", "$", "#", "@", "%", "_")
_PIPE = late(r"\s*\|\s*")
_SEPARATOR = late(r"\s*\|\s*|\s+[·•»–—-]\s+")
_MAY_SEPARATE = late("[|·•»–—-]")
_AROUND = " \t\u00a0\u3000.,:;!?*_-–—…\"'“”‘’()[]{}<>"

_ADDRESS = late(r"(?:https?:/{1,2}|www\.)\S+")
_MAIL = late(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")
_A_DATE = late(
    rf"\b{MONTH_WORDS}\.? \d{{1,2}}\b|\b\d{{1,2}} {MONTH_WORDS}\b|\b{MONTH_WORDS} \d{{4}}\b"
    r"|\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\d年\d{1,2}月|\b\d{1,2}:\d\d\b"
)
_IN_BRACKETS = late(r"\[[^\[\]]*\]|\([^()]*\)|\{[^{}]*\}|（[^（）]*）|【[^【】]*】")


def is_template(value: str) -> bool:
    """Whether a value is what a template would have filled in: `{{ page.title }}`, `%author%`."""
    bare = value.strip() if len(value) <= _LONGEST else ""
    return bare.startswith(_TEMPLATE_BEGINS) and _TEMPLATE.fullmatch(bare) is not None


_NEVER_NAMES = _NOTHING | _NO_NAMES


def said_of_name(value: str) -> Said | None:
    """What is found in the place of a name, or together with one; None for what may be a name."""
    value = " ".join(value.split())
    return _said_of_name(value) if len(value) <= _LONGEST else None


@lru_cache(maxsize=1024)  # the same people write many articles of an archive
def _said_of_name(value: str) -> Said | None:
    folded = value.casefold()
    bare = folded.strip(_AROUND)
    if is_template(value):
        return Said("a template's place for a name, not a name", True)
    if folded in _NEVER_NAMES or bare in _NEVER_NAMES:
        return Said("a placeholder, not a name", True)
    if read_date(value) is not None:
        return Said("a date, not a name", True)
    if not any(map(str.isalpha, folded)):
        is_number = any(map(str.isdigit, folded))
        return Said("a number, not a name" if is_number else "a placeholder, not a name", True)
    if _ACCOUNTS.fullmatch(bare):
        return Said("an account, not a name", True)
    if bare in _UNSIGNED:
        return Said("no name: it says that nobody is named", False)
    if _ROLES.fullmatch(bare):
        return Said("a role, not a person's name", False)
    if _ADDRESS.fullmatch(folded) or _MAIL.fullmatch(folded):
        return Said("an address, not a name", True)
    if _IN_BRACKETS.fullmatch(folded):
        return Said("in brackets, where a name alone was expected", False)
    if _A_DATE.search(folded):
        return Said("more than a name: it has a date or a time", False)
    if _MAIL.search(folded) or "http://" in folded or "https://" in folded:
        return Said("more than a name: it has an address", False)
    return None


_NEVER_HEADLINES = _NOTHING | _NO_HEADLINES | _LABELS


def said_of_headline(value: str) -> Said | None:
    """What is found in the place of a headline, a site's name after it perhaps; None for what may be a headline."""
    folded = " ".join(value.split()).casefold()
    if len(folded) > _LONGEST:
        return None
    has_separator = _MAY_SEPARATE.search(folded) is not None
    if any(map(is_template, (value, *_SEPARATOR.split(value)) if has_separator else (value,))):
        return Said("a template's place for a headline, not a headline", True)
    first = _PIPE.split(folded, 1)[0] if "|" in folded else folded
    bare = first.strip(_AROUND)
    if not bare or first in _NEVER_HEADLINES or bare in _NEVER_HEADLINES:
        return Said("a placeholder, not a headline", True)
    if (
        has_separator and _SEPARATOR.split(folded, 1)[0] in _NO_HEADLINES
    ):  # a dash may be in a headline: `None – and then one`
        return Said("a placeholder, not a headline", True)
    return Said("a server's error number, not a headline", False) if _STATUS.fullmatch(bare) else None


# --- markup -----------------------------------------------------------------------------------------------------------

_TAG = late(
    r"(?i)</?(?:a|abbr|b|big|blockquote|br|cite|code|div|em|figure|font|h[1-6]|hr|i|iframe|img|ins|li|mark|ol|p|pre|q|s|script|small|span"
    r"|strike|strong|style|sub|sup|table|td|tr|u|ul|wbr)(?:\s[^<>]{0,300})?/?>|<!--|-->"
)
_REFERENCE = late(r"&(?:amp;)*(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = late(
    r"\\u\{?[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\x[0-9a-fA-F]{2}|\\[\"'’]|(?<=[A-Za-z])u20[12][0-9a-f](?=[a-z])"
    r"|(?<=[A-Za-z])%(?:2[0-9A-F]|3[ADF])(?=[A-Za-z])|(?:%[89A-F][0-9A-F]){2,}|(?:=[89A-F][0-9A-F]){2,}"
)
_LINK = late(r"\[[^\[\]\n]{1,200}\]\([^()\s]{1,300}\)")
_LOST = late(
    r"[^\W\d_]\?(?:s|t|re|ve|ll|d|m)\b(?![=/])|(?<![\w?&])\?[^\W\d_][^?]{0,80}[^\W\d_]\?(?![\w=])|\b[OD]\?[A-Z][a-z]"
)
_SIGNS = re.compile(r"[<&\\%=?\[]|u20|-->")


def markup_in(value: str) -> tuple[str, str] | None:
    """The first piece of a value that is not text, and what it is; '' for a lost character. None if all of it is text.

    What is between backticks is left out: Markdown shows it as it is written.
    """
    value = value[:_LOOKED_AT]
    if not _SIGNS.search(value):
        return None
    kinds = (
        (_TAG, "the tag"), (_REFERENCE, "the character reference"), (_ESCAPE, "the escape sequence"), (_LINK, "the link"),
        (_LOST, ""),
    )  # fmt: skip
    for pattern, what in kinds:
        for match in pattern.finditer(value):
            is_code = "`" in value[match.end() :] and value.count("`", 0, match.start()) % 2 == 1
            if not is_code and (pattern is not _REFERENCE or is_reference(match[0])):
                return match[0], what
    return None


def is_reference(text: str) -> bool:
    """Whether a text of the form `&name;` names a character, after `&amp;` perhaps, which an escape written twice has."""
    from html.entities import html5  # 1 ms, of a start that takes 40

    name = text[1:]
    while name.startswith("amp;") and name != "amp;":
        name = name.removeprefix("amp;")
    return name.startswith("#") or name in html5
