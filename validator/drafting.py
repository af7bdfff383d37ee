"""A first draft of a source schema, from what a few seeds of the source share. A person reads and corrects it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from validator.dates import read_date
from validator.decoding import decode
from validator.errors import ConfigError
from validator.front_matter import read_front_matter
from validator.sources import host_of
from validator.text import Normal

_ROLES = {
    "headline": ("title", "headline"),
    "byline": ("author", "authors", "byline"),
    "date_published": ("date", "date_published", "published"),
    "source_url": ("source_url", "original_url", "from", "url", "link", "source"),
}
_HEAD_LINES = 12
_FINGERPRINTS = 5
_ADDRESS_LINE = re.compile(r"(?P<word>URL|Source URL|Link|Address):[ \t]*(?P<url>https?://\S+)[ \t]*")


def draft(identifier: str, seeds: Sequence[bytes]) -> str:
    """The text of a schema for a source called `identifier`, of which `seeds` are the bytes of some seeds.

    Raises ConfigError for an id that is none, or a seed that is no text.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", identifier):
        raise ConfigError(f'"{identifier}" is no id: small letters, digits and single hyphens')
    texts = []
    for number, data in enumerate(seeds, 1):
        decoded = decode(data)
        if decoded.encoding is None or not decoded.text.strip():
            raise ConfigError(f"seed {number} is no text: {decoded.problem or 'it is empty'}")
        texts.append(Normal(decoded.text).text)
    matters = [read_front_matter(text) for text in texts]
    lines = [
        f"# Drafted from {len(texts)} seeds: read it, correct it, give it examples, and run `validator sources check`."
    ]
    lines += [
        f"id: {identifier}",
        "title: FILL IN what the source is",
    ]
    if all(matter is not None and matter.values for matter in matters):
        lines += _with_front_matter(
            identifier, texts, [dict(matter.values) for matter in matters if matter is not None]
        )
    else:
        lines += _plain(identifier, texts)
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identify(identifier: str, hosts: set[str], fingerprints: Sequence[tuple[str, int]]) -> list[str]:
    lines = ["identify:", f"  paths: [{_quoted(f'**/{identifier}/**')}]"]
    if len(hosts) == 1 and "" not in hosts:
        lines.append(f"  hosts: [{hosts.copy().pop()}]")
    if fingerprints:
        lines.append("  text:                        # what the seeds share; take out what other sources have too")
        lines += [f"    - {{pattern: {_quoted(pattern)}, score: {score}}}" for pattern, score in fingerprints]
        total = sum(score for _, score in fingerprints)
        lines += [f"  at_least: {min(7, total)}", "  certain_from: 10"]
    return lines


def _with_front_matter(identifier: str, texts: Sequence[str], values: Sequence[dict[str, object]]) -> list[str]:
    shared = [key for key in values[0] if all(key in each for each in values)]
    every = list(dict.fromkeys(key for each in values for key in each))
    roles = {
        role: next(
            (key for key in keys if key in shared and all(isinstance(each[key], str | list) for each in values)), None
        )
        for role, keys in _ROLES.items()
    }
    url = roles["source_url"]
    hosts = {host_of(str(each[url])) for each in values} if url else set()
    lines = ["extends: front-matter", *_identify(identifier, hosts, [])]
    if len(hosts) != 1 or "" in hosts:
        lines += [f"  keys: {{all: [{', '.join(shared)}], score: 6}}", "  at_least: 6", "  certain_from: 10"]
    markup = "html" if all(re.search(r"<(?:p|div|article)[\s>]", text) for text in texts) else "markdown"
    lines += ["container: front-matter", f"body: {markup}", "front_matter:", "  type: object"]
    lines += [f"  required: [{', '.join(shared)}]", "  properties:"]
    for key in every:
        examples = [each[key] for each in values if key in each]
        if all(isinstance(each, list) for each in examples):
            kind = "{type: array, items: {type: string}}"
        elif all(isinstance(each, dict) for each in examples):
            kind = "{type: object}"
        elif key == url:
            kind = "{type: string, format: uri}"
        elif len(examples) > 1 and len({str(each) for each in examples}) == 1 and key not in (*roles.values(),):
            kind = "{type: string}    # always " + _quoted(str(examples[0]))
        else:
            kind = "{type: string, minLength: 1}"
        lines.append(f"    {key if re.fullmatch(r'[A-Za-z_][A-Za-z0-9_-]*', key) else _quoted(key)}: {kind}")
    lines += ["  additionalProperties: false", "record:"]
    lines += [f"  {role}: [{{front_matter: {key}}}]" for role, key in roles.items() if key]
    missing = [role for role, key in roles.items() if not key]
    if missing:
        lines.append(f"  # no key in common for: {', '.join(missing)}")
    return lines


def _plain(identifier: str, texts: Sequence[str]) -> list[str]:
    heads = [text.split("\n", _HEAD_LINES)[:_HEAD_LINES] for text in texts]
    fingerprints = _fingerprints(texts)
    urls = [next((match for line in head if (match := _ADDRESS_LINE.fullmatch(line))), None) for head in heads]
    hosts = {host_of(match["url"]) if match else "" for match in urls}
    lines = ["extends: base", *_identify(identifier, hosts, fingerprints), "container: plain-text"]
    lines += [f"language: {'zh' if all(_is_chinese(text) for text in texts) else 'en'}    # BCP 47; correct it"]
    lines += ["# time_zone: Asia/Shanghai    # of dates that state none", "record:"]
    record = []
    firsts = [head[0].strip() for head in heads]
    if len(set(firsts)) == len(firsts) and all(
        3 < len(first) <= 160 and first[-1] not in '.!?。！？:"' for first in firsts
    ):
        record.append("  headline: [{pattern: '\\A(?P<value>[^\\n]{3,160})\\n'}]")
    if all(any(re.match(r"By \S", line) for line in head) for head in heads):
        record.append(
            "  byline: [{pattern: '^By (?P<value>[^\\n]{2,80})$', within_lines: 12, kind: person, split: ', | and '}]"
        )
    shapes = [{_shape(line.strip()) for line in head if read_date(line) is not None} for head in heads]
    shared_shapes = set.intersection(*shapes)
    if shared_shapes:
        pattern = f"^(?P<value>{sorted(shared_shapes)[0]})$"
        record.append(f"  date_published: [{{pattern: {_quoted(pattern)}, within_lines: 12}}]")
    words = {match["word"] for match in urls if match}
    if all(urls) and len(words) == 1:
        pattern = f"^{words.pop()}:[ \\t]*(?P<value>https?://\\S+)$"
        record.append(f"  source_url: [{{pattern: {_quoted(pattern)}, within_lines: 12}}]")
    lines += record or [
        "  # nothing at the top of the seeds looks alike: give each field a pattern with (?P<value>…)",
        "  required: {}",
    ]
    script = "cjk" if all(_is_chinese(text) for text in texts) else "latin"
    lines.append(f"text: {{script: {script}}}")
    return lines


def _fingerprints(texts: Sequence[str]) -> list[tuple[str, int]]:
    out = []
    prefix, newline, _ = _common_beginning([text[:200] for text in texts]).partition("\n")
    if not newline:  # no whole line is shared: only whole words are
        prefix = prefix[: prefix.rfind(" ") + 1]
    if len(prefix.strip()) >= 6 and len(texts) > 1:
        out.append((rf"\A{_escaped(prefix)}{'$' if newline else ''}", 7))
    shared = set.intersection(*(set(text.split("\n")) for text in texts)) if len(texts) > 1 else set()
    if out:
        shared.discard(texts[0].split("\n")[0])  # its beginning counts already
    for line in texts[0].split("\n"):
        if line in shared and len(line.strip()) >= 4 and len(out) < _FINGERPRINTS:
            pattern = f"^{_escaped(line)}$"
            if all(pattern != each for each, _ in out):
                out.append((pattern, 3))
    return out


def _common_beginning(texts: Sequence[str]) -> str:
    length = 0
    while all(text[: length + 1] == texts[0][: length + 1] for text in texts) and length < len(texts[0]):
        length += 1
    return texts[0][:length]


def _escaped(text: str) -> str:
    """The text as an RE2 pattern that matches just it."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text).replace("\t", r"\t").replace("\u00a0", r"\x{a0}")


def _shape(line: str) -> str:
    """A pattern of lines that are built like this one: digits by their number, words as words."""
    shape = re.sub(r"\d+", lambda match: rf"\d{{{len(match[0])}}}" if len(match[0]) > 2 else r"\d{1,2}", _escaped(line))
    return re.sub(r"(?<![\\A-Za-z])[A-Z][a-z]{2,}", "[A-Z][a-z]+", shape)


def _is_chinese(text: str) -> bool:
    letters = [character for character in text[:4000] if character.isalpha()]
    return sum("\u4e00" <= character <= "\u9fff" for character in letters) * 2 > len(letters)
