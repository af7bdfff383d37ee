"""Whether a seed is plain text, Markdown or HTML: by its content first, then by its name in any case.

This decides which characters rules look at, in every source: the tags of a page are not text, even in a source that calls
its seeds plain text. `foreign` recognizes files of other formats.
"""

from __future__ import annotations

import re
from dataclasses import replace

from validator.parsing.markup import MARKDOWN_AROUND_HTML
from validator.sources.model import Policy
from validator.text.patterns import late

_MARKDOWN_NAMES = (".md", ".markdown", ".mdown", ".mkdn", ".mkd", ".mdx", ".qmd", ".rmd")
_HTML_NAMES = (".html", ".htm", ".xhtml", ".xht", ".shtml")

# The start of a page: nothing but an XML declaration, comments and whitespace before it.
_PAGE = re.compile(
    r"(?i:\s*+(?:<\?xml[^>]*+>\s*+|<!--(?s:.*?)-->\s*+)*+<(?:!doctype\s++html|html|head|body)(?=[\s/>]))"
)
_ELEMENT = (
    "a|abbr|article|aside|b|blockquote|body|br|center|cite|code|dd|div|dl|dt|em|figcaption|figure|font|footer|form|h[1-6]|head|"
    "header|hr|html|i|iframe|img|li|link|main|meta|nav|ol|p|pre|q|s|script|section|small|span|strong|style|sub|sup|table|tbody|"
    "td|textarea|th|thead|title|tr|u|ul|video"
)
# A tag that nobody writes in prose: it closes an element, has an attribute, or belongs to an element without content.
_SURE_TAG = late(
    rf"(?i:</(?:{_ELEMENT})\s*+>|<(?:br|hr|img)\s*+/?+>|<(?:{_ELEMENT})\s++[a-z-]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'<>]++)"
    rf"|\A\s*+<(?:{_ELEMENT})\s*+>)"
)
# A fence of backticks counts in a list, in a quotation, and if nothing closes it; a row of tildes only if another one closes it.
_FENCED = late(
    r"(?m:^[ \t>*+-]*+(?:\d{1,9}[.)][ \t]++)?+`{3,}+[^`\n]*+$|^ {0,3}(~{3,}+)[^\n]*+\n(?:(?s:.*?)^ {0,3}\1))"
)


def is_page(text: str, content: int = 0) -> bool:
    """Whether a text (LF line ends) begins as a whole HTML page does, from `content` on."""
    return _PAGE.match(text, content) is not None


def markup_of(text: str, content: int, path: str | None) -> str:
    """The markup of a text (LF line ends) whose front matter, if any, ends at `content`: text, markdown or html."""
    name = (path or "").lower()
    if name.endswith(_HTML_NAMES) or is_page(text, content):
        return "html"
    if content or name.endswith(_MARKDOWN_NAMES):
        return "markdown"
    if "<" in text and _SURE_TAG.search(text, content):
        return "html"
    return "markdown" if ("```" in text or "~~~" in text) and _FENCED.search(text, content) else "text"


def layout_markup(said: str, found: str, path: str | None) -> str:
    """How a seed is laid out. If its source and its format disagree, the choice that leaves most of it alone."""
    if said == "html":
        return "html" if (path or "").lower().endswith(_HTML_NAMES) or found != "markdown" else MARKDOWN_AROUND_HTML
    return "markdown" if said == "markdown" and found == "text" else found


def policy_for(policy: Policy, laid_out: str) -> Policy:
    """The source's policy with the seed's own markup."""
    markup = "html" if laid_out == MARKDOWN_AROUND_HTML else laid_out
    return policy if policy.markup == markup else replace(policy, markup=markup)
