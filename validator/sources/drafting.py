"""A first draft of a source schema, from what a few seeds of the source share. A person reads and corrects it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from validator.parsing.dates import read_date
from validator.parsing.decoding import decode
from validator.parsing.front_matter import read_front_matter
from validator.parsing.pages import Page
from validator.sources.formats import is_page
from validator.sources.identify import host_of, script_of
from validator.sources.json_schema import is_uri
from validator.text.errors import ConfigError
from validator.text.patterns import Subject
from validator.text.places import Normal, fold_whitespace, shown

_ROLES = {
    "headline": ("title", "headline"),
    "byline": ("author", "authors", "byline"),
    "date_published": ("date", "date_published", "published"),
    "source_url": ("source_url", "original_url", "from", "url", "link", "source"),
}
_HEAD_LINES = 12
_TIME_ZONE = "# time_zone: Asia/Shanghai    # of dates that have none"
_FINGERPRINTS = 5
_ADDRESS_LINE = re.compile(r"(?P<word>URL|Source URL|Link|Address):[ \t]*(?P<url>https?://\S+)[ \t]*")


def draft(identifier: str, seeds: Sequence[bytes]) -> str:
    """The text of a schema for a source called `identifier`, drafted from the bytes of some of its seeds.

    Raises ConfigError for a bad id, for no seed, or for a seed that is not text.
    """
    if not seeds:
        raise ConfigError("no seed to draft a schema from")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", identifier):
        raise ConfigError(f'"{identifier}" is not an id: small letters, digits and single hyphens')
    texts = []
    for number, data in enumerate(seeds, 1):
        decoded = decode(data)
        text = Normal(decoded.text).text
        if decoded.encoding is None or not text.strip():
            raise ConfigError(f"seed {number} is not text: {decoded.problem or 'it is empty'}")
        texts.append(text)
    matters = [read_front_matter(text) for text in texts]
    values = [matter.values for matter in matters if matter is not None and matter.values]
    if len(values) == len(texts):
        lines = _with_front_matter(identifier, texts, values)
    else:
        lines = (_pages if all(map(is_page, texts)) else _plain)(identifier, texts)
    head = [
        f"# Drafted from {len(texts)} seeds: read it, correct it, give it examples, and run `validator sources check`.",
        f"id: {_plainly(identifier)}",
        "title: FILL IN what the source is",
    ]
    return "\n".join([*head, *lines, ""])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plainly(key: str) -> str:
    """A key in YAML, between quotation marks where it could be read as something else than this text."""
    if re.fullmatch("[A-Za-z_][A-Za-z0-9_-]*", key) and key.lower() not in ("null", "true", "false", "y", "n"):
        return key
    if key.isprintable():
        return _quoted(key)
    escaped = (each if each.isprintable() and each not in '"\\' else f"\\U{ord(each):08x}" for each in key)
    return f'"{"".join(escaped)}"'


def _identify(identifier: str, hosts: set[str], fingerprints: Sequence[tuple[str, int]]) -> list[str]:
    lines = ["identify:", f"  paths: [{_quoted(f'**/{identifier}/**')}]"]
    if _are_one(hosts):
        lines.append(f"  hosts: [{_quoted(min(hosts))}]")
    if fingerprints:
        lines.append("  text:                        # what the seeds share; take out what other sources have too")
        lines += [f"    - {{pattern: {_quoted(pattern)}, score: {score}}}" for pattern, score in fingerprints]
        total = sum(score for _, score in fingerprints)
        lines += [f"  at_least: {min(7, total)}", "  certain_from: 10"]
    return lines


def _are_one(hosts: set[str]) -> bool:
    return len(hosts) == 1 and re.fullmatch(r"[\w.-]+", min(hosts)) is not None


def _kind(examples: Sequence[object], is_url: bool, is_role: bool) -> str:
    """A JSON Schema, in YAML, that all these front-matter values satisfy."""
    if all(isinstance(each, list) and all(isinstance(item, str) for item in each) for each in examples):
        return "{type: array, items: {type: string}}"
    if all(isinstance(each, dict) for each in examples):
        return "{type: object}"
    if not all(isinstance(each, str) for each in examples):
        return "{}"
    if is_url:
        return "{type: string, format: uri}" if all(is_uri(str(each)) for each in examples) else "{type: string}"
    if len(examples) > 1 and len(set(map(str, examples))) == 1 and not is_role:
        return f"{{type: string}}    # always {_quoted(shown(str(examples[0])))}"
    return "{type: string, minLength: 1}" if all(examples) else "{type: string}"


def _with_front_matter(identifier: str, texts: Sequence[str], values: Sequence[dict[str, object]]) -> list[str]:
    shared = [key for key in values[0] if all(key in each for each in values)]
    every = list(dict.fromkeys(key for each in values for key in each))
    roles = {
        role: next((key for key in keys if key in shared and all(_may_be(role, each[key]) for each in values)), None)
        for role, keys in _ROLES.items()
    }
    url = roles["source_url"]
    hosts = {host_of(str(each[url])) for each in values} if url else set()
    parent = "front-matter"
    if all(each.get("layout") == "post" for each in values):
        parent = "jekyll-copy" if {"title", "author", "from"} <= set(shared) else "jekyll-post"
    lines = [f"extends: {parent}", *_identify(identifier, hosts, [])]
    keys = ", ".join(map(_plainly, shared))
    if not _are_one(hosts) and shared:
        lines += [f"  keys: {{all: [{keys}], score: 6}}", "  at_least: 6", "  certain_from: 10"]
    markup = "html" if all(re.search(r"<(?:p|div|article)[\s>]", text) for text in texts) else "markdown"
    lines += ["container: front-matter", f"body: {markup}", "front_matter:", "  type: object"]
    lines += [f"  required: [{keys}]", "  properties:"]
    for key in every:
        examples = [each[key] for each in values if key in each]
        lines.append(f"    {_plainly(key)}: {_kind(examples, key == url, key in roles.values())}")
    lines += ["  additionalProperties: false", "record:" if any(roles.values()) else "# record:"]
    lines += [f"  {role}: [{{front_matter: {key}}}]" for role, key in roles.items() if key]
    missing = [role for role, key in roles.items() if not key]
    if missing:
        lines.append(f"  # no key in common for: {', '.join(missing)}")
    return lines


def _may_be(role: str, value: object) -> bool:
    if role == "source_url":
        return isinstance(value, str) and value.startswith(("http://", "https://"))
    return isinstance(value, str | list)


def _plain(identifier: str, texts: Sequence[str]) -> list[str]:
    heads = [text.split("\n", _HEAD_LINES)[:_HEAD_LINES] for text in texts]
    fingerprints = _fingerprints(texts)
    urls = [next((match for line in head if (match := _ADDRESS_LINE.fullmatch(line))), None) for head in heads]
    hosts = {host_of(match["url"]) if match else "" for match in urls}
    lines = ["extends: base", *_identify(identifier, hosts, fingerprints), "container: plain-text"]
    lines += ["# language: en    # BCP 47: name it if you know it; repairs need it"]
    lines += [_TIME_ZONE, "record:"]
    record = []
    firsts = [head[0].strip() for head in heads]
    if len(set(firsts)) == len(firsts) and all(
        3 < len(first) <= 160 and first[-1] not in '.!?。！？:"' for first in firsts
    ):
        record.append("  headline: [{pattern: '\\A(?P<value>[^\\n]{3,160})\\n'}]")
    bylines = [next((line.strip() for line in head if re.match(r"By \S", line)), "") for head in heads]
    if all(bylines):
        pattern = f"^By (?P<value>[^\\n]{{2,80}}{_after_names(bylines)}"
        record.append(f"  byline: [{{pattern: {_quoted(pattern)}, within_lines: 12, kind: person}}]")
    date = _date_line(heads)
    if date is not None:
        record.append(f"  date_published: [{{pattern: {_quoted(date)}, within_lines: 12}}]")
    words = {match["word"] for match in urls if match}
    if all(urls) and len(words) == 1:
        pattern = f"^{words.pop()}:[ \\t]*(?P<value>https?://\\S+)$"
        record.append(f"  source_url: [{{pattern: {_quoted(pattern)}, within_lines: 12}}]")
    lines += record or [
        "  # nothing at the top of the seeds looks alike: give each field a pattern with (?P<value>…)",
        "  required: {}",
    ]
    tail = _tail(texts)
    if tail is not None:
        ends = f"from: {_quoted(tail)}, to_end: true, at_most: 0.5, severity: warning"
        lines += ["residue:    # what follows the article in every seed"]
        lines += [f"  - {{name: tail, rule: page-furniture, {ends}}}"]
    scripts = set(map(script_of, texts))
    script = {"han": "cjk", "latin": "latin"}.get(min(scripts)) if len(scripts) == 1 else None
    lines.append(f"text: {{script: {script or 'auto'}}}")
    return lines


def _after_names(bylines: Sequence[str]) -> str:
    """The end of a pattern for byline lines. It allows a place after the names if some line has one.

    A place is one word after the last comma, or several words that follow different names.
    """
    parts = [line.removeprefix("By ").rpartition(", ") for line in bylines]
    heads: dict[str, set[str]] = {}
    for head, comma, tail in parts:
        if comma:
            heads.setdefault(tail, set()).add(head)
    recurring = sorted(
        tail for tail, before in heads.items() if " " in tail and len(before) > 1 and not _NAMES.search(tail)
    )
    if not recurring and all(" " in tail for tail in heads):
        return ")$"
    tails = "|".join((*map(_escaped, recurring), r"[^,\s]+"))
    return f"?)(?:, (?:{tails}))?$"


_NAMES = re.compile(r"[.&]|\band\b")  # never part of a place name


def _date_line(heads: Sequence[Sequence[str]]) -> str | None:
    """A pattern for the line at the top of each seed that is a date, alone or after words that all seeds share."""
    found = [
        {label: _shape(value) for line in head for label, value in [_dated(line.strip())] if value} for head in heads
    ]
    for label, shape in found[0].items():
        if all(label in each for each in found):
            if all(each[label] == shape for each in found):
                return f"^{_escaped(label)}(?P<value>{shape})$"
            if label:
                return rf"^{_escaped(label)}(?P<value>[^\n]{{4,60}})$"
    return None


def _dated(line: str) -> tuple[str, str]:
    """A line's date and the text before it; two empty texts if the line does not end in a date."""
    for match in re.finditer(r"(?:^|(?<=[\s:：]))\S", line[:_LABEL]):
        label, value = line[: match.start()], line[match.start() :]
        if any(map(str.isdigit, label)):
            break
        if read_date(value) is not None:
            return label, value
    return "", ""


_LABEL = 40  # the longest one, in code points
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "…", '"', "”")


def _tail(texts: Sequence[str]) -> str | None:
    """A pattern for the line where page furniture starts in every seed: short, no sentence, once in each, no article after it."""
    if len(texts) < 2:
        return None
    seeds = [[line.strip() for line in text.split("\n")] for text in texts]
    for line in seeds[0]:
        if not 3 <= len(line) <= 60 or line.endswith(_SENTENCE_ENDS) or any(each.count(line) != 1 for each in seeds):
            continue
        if all(_is_furniture(each[: each.index(line)], each[each.index(line) :]) for each in seeds):
            return rf"^[ \t]*{_escaped(line)}[ \t]*$"
    return None


def _is_furniture(before: Sequence[str], rest: Sequence[str]) -> bool:
    """Whether all of the article can be before: there is a sentence, and the rest is shorter and has no paragraph."""
    is_after_text = any(line.endswith(_SENTENCE_ENDS) for line in before)
    has_paragraph = any(len(line) > 120 and line.endswith(_SENTENCE_ENDS) for line in rest)
    return is_after_text and not has_paragraph and sum(map(len, rest)) <= sum(map(len, before))


_TITLE_PARTS = re.compile(r"\s[-–—|·:»]{1,2}\s")
_TAGS = re.compile(r"<[^>]*>")


def _pages(identifier: str, texts: Sequence[str]) -> list[str]:
    """The schema of HTML pages: it extends `html-page` with what only these pages have."""
    pages = [Page(text) for text in texts]
    lines = ["extends: html-page", *_identify(identifier, set(), _fingerprints_of_pages(pages))]
    lines += ["container: html", "# language: en    # BCP 47: only if the pages do not name it themselves", _TIME_ZONE]
    record = []
    byline = _element(pages, lambda text: re.match(r"By \S", text) is not None)
    if byline is not None:
        record.append(f"  byline: [{{json_ld: author.*.name}}, {{element: {_quoted(byline)}}}, {{meta: author}}]")
    date = _element(pages, lambda text: read_date(text) is not None)
    if date is not None:
        places = f"{{json_ld: datePublished}}, {{meta: 'article:published_time'}}, {{element: {_quoted(date)}}}"
        record.append(f"  date_published: [{places}]")
    head = "record:" if record else "# record: what html-page reads from any page, unless you name places"
    return [*lines, head, *record]


def _fingerprints_of_pages(pages: Sequence[Page]) -> list[tuple[str, int]]:
    """Patterns for what the pages share: the site's name or its host and, with one of these, lines of words.

    Such lines alone prove nothing: a link that skips to the content is on half the pages of the web.
    """
    names = [_first(page, 'meta[property="og:site_name"]', "content") for page in pages]
    hosts = [host_of(_first(page, "link[rel~=canonical]", "href")) for page in pages]
    titles = [_first(page, "title") for page in pages]
    tails = [_TITLE_PARTS.split(title)[-1] if _TITLE_PARTS.search(title) else "" for title in titles]
    out = []
    for values, ways in (
        (names, (r"<meta\b[^>]*og:site_name[^>]*{}", r"<meta\b[^>]*{}[^>]*og:site_name")),
        (hosts, (r"<link\b[^>]*canonical[^>]*//{}\b", r"<link\b[^>]*//{}\b[^>]*canonical")),
        (tails if len(set(titles)) > 1 else [], (r"{}\s*</title>",)),
    ):
        if len(set(values)) == 1 and values[0]:
            patterns = [way.format(_escaped(values[0])) for way in ways]
            out += [(each, 7) for each in patterns if all(Subject(page.text).search(each) for page in pages)][:1]
    if not out or len(pages) < 2:
        return out
    said = {*titles, *(value for page in pages for value, _ in page.elements("h1"))}
    lines = [[line.strip() for line in page.text.split("\n")] for page in pages]
    for line in dict.fromkeys(lines[0]):
        words = fold_whitespace(_TAGS.sub(" ", line))
        if len(words) < 8 or len(line) > 300 or words in said or re.match(r"By \S", words):
            continue
        if len(out) < _FINGERPRINTS and all(line in each for each in lines[1:]):
            out.append((_escaped(line), 1))
    return out


def _first(page: Page, selector: str, attribute: str | None = None) -> str:
    """The value of the first element that a selector takes, '' without one."""
    return next((value for value, _ in page.elements(selector, attribute)), "")


def _element(pages: Sequence[Page], fits: Callable[[str], bool]) -> str | None:
    """A selector, by tag and class, whose first element on each page has a text that fits."""
    for selector in pages[0].classes():
        firsts = [_first(page, selector) for page in pages]
        if all(len(text) <= 80 and fits(text) for text in firsts):
            return selector
    return None


def _fingerprints(texts: Sequence[str]) -> list[tuple[str, int]]:
    out = []
    first, last = min(texts), max(texts)  # what these two share at the start, all share
    length = next((at for at in range(200) if first[at : at + 1] != last[at : at + 1] or not first[at:]), 200)
    prefix, newline, _ = first[:length].partition("\n")
    if not newline:  # no whole line is shared: only whole words are
        prefix = prefix[: prefix.rfind(" ") + 1]
    if len(prefix.strip()) >= 6 and len(texts) > 1:
        out.append((rf"\A{_escaped(prefix)}{'$' if newline else ''}", 7))
    shared = set.intersection(*(set(text.split("\n")) for text in texts)) if len(texts) > 1 else set()
    if out:
        shared.discard(texts[0].split("\n")[0])  # its beginning counts already
    for line in texts[0].split("\n"):
        if line in shared and len(line.strip()) >= 4 and len(out) < _FINGERPRINTS:
            if re.match(r"By \S", line) or _dated(line.strip())[1]:
                continue  # a value of these seeds, which the next one has otherwise
            pattern = f"^{_escaped(line)}$"
            if all(pattern != each for each, _ in out):
                out.append((pattern, 3))
    return out


def _escaped(text: str) -> str:
    """An RE2 pattern that matches only this text, in characters that YAML keeps."""
    escaped = re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text).replace("\t", r"\t")
    return "".join(each if each.isprintable() else f"\\x{{{ord(each):x}}}" for each in escaped)


def _shape(line: str) -> str:
    """A pattern for lines built like this one: as many digits, the same words."""
    shape = re.sub(r"\d+", lambda match: rf"\d{{{len(match[0])}}}" if len(match[0]) > 2 else r"\d{1,2}", _escaped(line))
    return re.sub(r"(?<![\\A-Za-z])[A-Z][a-z]{2,}", "[A-Z][a-z]+", shape)
