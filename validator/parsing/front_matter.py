"""Front matter: its values as the texts they are, each with its span; duplicate keys; limits.

Works on the normal text (`places.Normal.text`: no byte-order mark, LF line ends), and all spans are offsets in that text.
Lines break at LF only. `yaml_spans`, `toml_spans` and `json_spans` read one dialect each: all give a `Located`,
or raise RefusedError.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from validator.parsing.located import Duplicate, Located, RefusedError, value_at
from validator.text.patterns import late
from validator.text.places import Span, describe, words_of

LIMIT_CHARACTERS = 1_048_576
"""The most characters between the fences."""

_CLOSINGS = {
    "---": late(r"\n(?:---|\.\.\.)[ \t]*+(?:\n|\Z)"),
    "+++": late(r"\n\+\+\+[ \t]*+(?:\n|\Z)"),
    ";;;": late(r"\n;;;[ \t]*+(?:\n|\Z)"),
}


class FrontMatterProblem(NamedTuple):
    """Why a front matter could not be read, in words for a curator, and where."""

    message: str
    span: Span


class FrontMatter(NamedTuple):
    """The front matter of one text, all spans in the normal text.

    `span` runs from the opening fence to the end of the closing fence's line, its LF included. `opening` is the opening fence.
    `block` is the text between the fences. The fields from `values` to `verbatim` are as in `Located`; with a `problem`
    there are no values, and the whole block is verbatim.
    """

    span: Span
    opening: Span
    block: Span
    values: dict[str, Any]
    spans: dict[str, Span]
    key_spans: dict[str, Span]
    styles: dict[str, str]
    duplicates: tuple[Duplicate, ...] = ()
    verbatim: tuple[Span, ...] = ()
    problem: FrontMatterProblem | None = None
    dialect: str = "YAML"


def never_closes(read: FrontMatter, normal_text: str) -> bool:
    """Whether front matter opens, with a key below, and nothing says where it ends: all of the text may be in it."""
    is_open = read.problem is not None and read.span == read.opening
    return is_open and _KEY_IN_OPEN.match(normal_text, read.opening.end) is not None


def read_front_matter(normal_text: str) -> FrontMatter | None:
    """The front matter at the start of a normal text, None if there is none.

    YAML is between lines of `---`, TOML between lines of `+++`, JSON between lines of `;;;` or in its own braces. A word after
    the opening `---` (toml, json, yaml) names another dialect; a dialect in a programming language is named as the `problem`.
    Never raises; what cannot be read is the result's `problem`. Not read, by design: YAML's anchors, aliases, tags, merge keys
    (`<<` is a key like any other), keys that are lists or mappings, a second document; values that are not JSON in JSON.
    """
    if normal_text[:1] == "{":
        return _json_in_braces(normal_text)
    opened = _OPENING.match(normal_text)
    if opened is None or (opened["named"] and opened["fence"] != "---"):
        return None
    fence, dialect = opened["fence"], _DIALECTS[(opened["named"] or opened["fence"]).lower()]
    opening = Span(0, len(fence))
    closed = _CLOSINGS[fence].search(normal_text, opened.end())
    if closed is None:
        if not opened["named"] and fence != "---" and not _KEY_BELOW.match(normal_text, opened.end()):
            return None  # a line of plus signs or semicolons is no fence by itself
        of = "" if dialect == "YAML" else f" ({dialect})"
        what = "three hyphens" if fence == "---" else fence
        message = f"the front matter{of} that opens here never closes: no line of {what} follows"
        return _not_read(dialect, message, opening, opening, Span(opening.end, opening.end))
    start = normal_text.index("\n", opening.end) + 1
    block = Span(start, max(start, closed.start() + 1))
    return _read(normal_text, dialect, Span(0, closed.end()), opening, block)


def _read(text: str, dialect: str, span: Span, opening: Span, block: Span) -> FrontMatter:
    """The front matter in a block of a text."""
    if block.end - block.start > LIMIT_CHARACTERS:
        message = f"the front matter has {block.end - block.start:,} characters; {LIMIT_CHARACTERS:,} are read at most"
        return _not_read(dialect, message, span, opening, block)
    if dialect not in ("YAML", "TOML", "JSON"):
        message = f"the front matter is in {dialect}, which is not read: only YAML, TOML and JSON are"
        return _not_read(dialect, message, span, opening, block)
    try:
        return FrontMatter(span, opening, block, *_located(text, dialect, block), dialect=dialect)
    except RefusedError as refused:
        message, place = refused.message, refused.span
        if dialect == "YAML":
            message, place = _unseen(text, block, place.start) or (message, place)
        line = text.count("\n", 0, place.start) + 1
        return _not_read(dialect, f"front matter line {line}: {message}", span, opening, block, place)


def _located(text: str, dialect: str, block: Span) -> Located:
    if dialect == "TOML":
        from validator.parsing.toml_spans import read_toml

        return read_toml(text, block)
    if dialect == "JSON":
        from validator.parsing.json_spans import read_json

        return read_json(text, block, has_braces=text[slice(*block)].lstrip()[:1] != '"')
    from validator.parsing.yaml_spans import read_yaml

    return read_yaml(text, block)


def _not_read(
    dialect: str, message: str, span: Span, opening: Span, block: Span, place: Span | None = None
) -> FrontMatter:
    problem = FrontMatterProblem(message, place or opening)
    verbatim = (block,) if block.start < block.end else ()
    return FrontMatter(span, opening, block, {}, {}, {}, {}, verbatim=verbatim, problem=problem, dialect=dialect)


_DIALECTS = {
    "---": "YAML", "yaml": "YAML", "yml": "YAML", "+++": "TOML", "toml": "TOML", ";;;": "JSON", "json": "JSON",
    "js": "JavaScript", "javascript": "JavaScript", "coffee": "CoffeeScript",
}  # fmt: skip
_OPENING = re.compile(
    r"(?P<fence>---|\+\+\+|;;;)[ \t]*+(?P<named>(?i:json|toml|js|javascript|coffee|ya?ml))?+[ \t]*+(?=\n|\Z)"
)
_KEY_BELOW = late(r"(?:\s*+#[^\n]*+)*+\s*+(?:\[|\"?[\w.-]++\"?[ \t]*+[=:])")
_KEY_IN_OPEN = late(  # below blank lines and comments
    r"[^\n]*+(?:\n[ \t]*+(?:#[^\n]*+)?+(?=\n))*+\n[ \t]*+(?:\[|- |[\"']?+[^\s:=#][^\n:=]{0,60}[ \t]*+(?:=|:(?=\s|\Z)))"
)
_OPENS_JSON = late(r"\{\s*+(?:\"(?:[^\"\\\n]|\\.)*+\"\s*+:|\}[ \t]*+\n)")
_CLOSES_JSON = late(r"\n(?P<brace>\})[ \t]*+(?:\n|\Z)")
_ENDS_JSON = late(r"(?P<brace>\})[ \t]*+\n")


def _json_in_braces(text: str) -> FrontMatter | None:
    """An object of JSON at the start of a text, with more text on the lines below it."""
    if _OPENS_JSON.match(text) is None:
        return None
    import json

    opening = Span(0, 1)
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):  # broken: what looks like its last line ends it
        closed = _CLOSES_JSON.search(text) or _ENDS_JSON.search(text)
        if closed is None:
            message = "the front matter (JSON) that opens here never closes: no line with its closing brace follows"
            return _not_read("JSON", message, opening, opening, Span(1, 1))
        end = closed.end("brace")
    line_end = text.find("\n", end)
    if line_end < 0 or text[end:line_end].strip(" \t"):
        return None
    return _read(text, "JSON", Span(0, line_end + 1), opening, Span(0, end))


# A line that looks like `key: value` and is not: the space before the key or after the colon, or the colon itself, is a
# similar character, or no space follows the colon (other than in an address).
_SPACES = "\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_KEY = r"(?:- ++)?[\"']?[^\W\d][\w .-]{0,63}?[\"']?"
_ODD_LINE = late(
    rf"[ \t]*+(?:(?P<indent>[{_SPACES}]+)\S|{_KEY}(?::(?P<space>[{_SPACES}])|(?P<colon>[：﹕︰])|(?P<none>:)(?=[^\s:/])))"
)


def _unseen(text: str, block: Span, at: int) -> tuple[str, Span] | None:
    """An invisible mistake in the line of an error or in the lines just above it, and where it is."""
    start = text.rfind("\n", 0, at) + 1
    found = None
    while start >= block.start and (match := _ODD_LINE.match(text, start, block.end)) is not None:
        found = match
        if start == block.start:
            break
        start = text.rfind("\n", 0, start - 1) + 1
    if found is None and start > block.start:  # an error shows where the line above goes on
        found = _ODD_LINE.match(text, text.rfind("\n", 0, start - 1) + 1, block.end)
    if found is None:
        return None
    kind = found.lastgroup or ""
    place = Span(*found.span(kind))
    if kind == "none":
        return "no space follows the colon, and YAML needs one", place
    named = describe(found[kind][0])
    if kind == "colon":
        return f"{named} follows the key, where YAML needs `: `", place
    where = "follows the colon" if kind == "space" else "begins the line"
    return f"{named} {where}, where YAML needs an ordinary space", place


def comments_after_values(text: str, front_matter: FrontMatter) -> list[tuple[str, Span]]:
    """The pointers of unquoted values that a comment follows on their line, and the comments' spans.

    Of YAML alone: in TOML and JSON a text without quotation marks is not read.
    """
    found: list[tuple[str, Span]] = []
    if front_matter.dialect != "YAML":
        return found
    for pointer, style in front_matter.styles.items():
        match = _COMMENT.match(text, front_matter.spans[pointer].end) if style == "plain" else None
        if match is not None:
            found.append((pointer, Span(*match.span(1))))
    return found


_COMMENT = late(r"[ \t]++(#[^\n]*+)")


def value_offsets(text: str, front_matter: FrontMatter, pointer: str) -> Sequence[int] | None:
    """The offset in the normal text of each code point of a scalar's value, and of its end as the last entry.

    For plain, single-quoted and double-quoted scalars on one line; an escape sequence counts as its first character. None
    for any other value: a code point of it need not be in the text.
    """
    style = front_matter.styles.get(pointer)
    if style not in ("plain", "single", "double"):
        return None
    value, (start, end) = value_at(front_matter.values, pointer), front_matter.spans[pointer]
    if not isinstance(value, str) or "\n" in text[start:end]:
        return None
    if style == "plain":
        return range(start, end + 1) if text[start:end] == value else None
    at, last = start + 1, end - 1
    if text[at:last] == value and ("\\" if style == "double" else "'") not in value:
        return range(at, end)
    offsets: list[int] = []
    read: list[str] = []
    while at < last:
        offsets.append(at)
        character, at = _unquoted(text, at, style)
        read.append(character)
    return [*offsets, last] if "".join(read) == value else None


def _unquoted(text: str, at: int, style: str) -> tuple[str, int]:
    """The character that a quoted scalar has at an offset, and the offset of what follows."""
    from yaml.scanner import Scanner

    character = text[at]
    if style == "single":
        return character, at + (2 if character == "'" else 1)
    if character != "\\":
        return character, at + 1
    digits = Scanner.ESCAPE_CODES.get(text[at + 1])
    if digits is None:
        return Scanner.ESCAPE_REPLACEMENTS[text[at + 1]], at + 2
    return chr(int(text[at + 2 : at + 2 + digits], 16)), at + 2 + digits


# --- front matter further down ------------------------------------------------------------------------------------------

_FENCE = late(r"^(?:---|\+\+\+)[ \t]*$", re.MULTILINE)
_LINE_OF = {
    "---": late(r"[A-Za-z_][\w-]*[ \t]*:(?:\s.*)?|[ \t]+.*|-(?:\s.*)?|#.*|"),
    "+++": late(r"[\w.\"-]+[ \t]*=.*|\[.*|[ \t]+.*|[\]}],?|#.*|"),
}
_KEY_OF = {
    "---": late(r"([a-z_][\w-]*)[ \t]*:", re.IGNORECASE),
    "+++": late(r"([a-z_][\w-]*)[ \t]*=", re.IGNORECASE),
}
_OF_ARTICLES = frozenset(("title", "layout"))
_OF_FRONT_MATTER = _OF_ARTICLES | words_of(
    "author authors byline categories category created date description draft excerpt from image keywords lang language lastmod"
    " link original_url permalink publishdate published slug source source_url subtitle summary tags updated url"
)


def blocks_below(text: str, first: int) -> Iterator[Span]:
    """The blocks of a normal text, from an offset on, that can only be front matter: with fences, `title` or `layout`, and a key
    more of its kind. They follow the front matter or an empty line. Each span ends with the sign of its second fence.
    """
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text, first):
        is_closing = opened is not None and fence[0].rstrip() == opened[0].rstrip()
        if opened is not None and is_closing and _is_front_matter(text[opened.end() : fence.start()], fence[0][:3]):
            yield Span(opened.start(), fence.start() + 3)
            opened = None
        else:
            opened = fence if _is_alone(text, first, fence.start()) else None


def _is_alone(text: str, first: int, at: int) -> bool:
    """Whether a fence follows the front matter or an empty line: else it underlines a heading."""
    return at <= first or not text[text.rfind("\n", 0, at - 1) + 1 : at - 1].strip()


def _is_front_matter(lines: str, fence: str) -> bool:
    keys = set()
    for line in lines.splitlines():
        if _LINE_OF[fence].fullmatch(line.rstrip()) is None:
            return False
        key = _KEY_OF[fence].match(line)
        if key is not None and key[1].islower():
            keys.add(key[1])
    return len(keys & _OF_FRONT_MATTER) > 1 and not keys.isdisjoint(_OF_ARTICLES)
