"""Real posts: archives that are made of copies of them, and the shares by which made-up archives are held to be like them.

A folder of real posts has files `society-*.md` (small ones) and `opinion-*.md` (large ones). Each is copied under as many
names as it takes to have an archive of the size that is wanted. Copies are hardly cheaper to check than as many different posts:
where the program forgot what it had remembered of one copy before it read the next, it took 1 to 2 in 100 longer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import validator
from benchmarks.archive import GENERATION, MARKER, Made

FAMILIES: Mapping[str, str] = {"small": "society-*.md", "large": "opinion-*.md"}

_MATTER = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
_ZONED_DATE = re.compile(r"^date: \d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d$", re.MULTILINE)
_TAG = re.compile(r"""<!--.*?-->|<[/A-Za-z!](?:[^<>"']|"[^"]*"|'[^']*')*>""", re.DOTALL)
_PLAIN_TAG = re.compile(r'</?[a-z][a-z0-9]*(?:\s+[a-zA-Z:_-]+="[^"<>]*")*\s*/?>|<!--\d+-->')
_NOT_ENGLISH = re.compile("[\n\u2e80-\u9fff\uff00-\uffef]+")
_WORD = re.compile("[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Shares:
    """What makes an archive of posts cheap or dear to check; all but two are shares of its seeds, from 0 to 1.

    `findings_each` is how many findings a seed with findings has, `straight_quotes` how many a seed has in its text, both on
    average. A plain tag has attributes in double quotes only, without angle brackets in them; a comment is none, unless it is
    a number of milliseconds. `with_english`: with sixteen English words in a row.
    """

    with_findings: float
    findings_each: float
    empty_body: float
    straight_quotes: float
    zoned_date: float
    not_plain: float
    with_english: float


# Measured on two public archives of 15,271 small and 5,685 large posts; `zoned_date` and `with_english` on 360 of them.
REAL: Mapping[str, Shares] = {
    "small": Shares(0.10, 1.0, 0.09, 0.0, 0.0, 0.0, 0.14),
    "large": Shares(0.29, 4.7, 0.0, 12.0, 0.83, 0.15, 0.25),
}


def shares_of(seeds: Iterable[tuple[str, bytes]]) -> Shares:
    """The shares of some posts, each a path and its content; there must be one at the least."""
    count = with_findings = findings = empty = quotes = zoned = not_plain = english = 0
    for path, content in seeds:
        found = validator.validate(content, path=path).findings
        text = content.decode("utf-8", "replace")
        matter = _MATTER.match(text)
        body = text[matter.end() :] if matter else text
        words = _TAG.sub("", body)
        count += 1
        with_findings += bool(found)
        findings += len(found)
        empty += any(finding.rule == "body-missing" for finding in found)
        quotes += words.count('"')
        zoned += matter is not None and _ZONED_DATE.search(matter[1]) is not None
        not_plain += "<" in _PLAIN_TAG.sub("", body)
        english += any(len(_WORD.findall(stretch)) > 15 for stretch in _NOT_ENGLISH.split(words))
    shares = (number / count for number in (empty, quotes, zoned, not_plain, english))
    return Shares(with_findings / count, findings / max(1, with_findings), *shares)


def read_posts(folder: Path, kind: str) -> dict[str, bytes]:
    """The posts of a folder by their names, for a kind of archive. Raises FileNotFoundError where there is none."""
    posts = {path.name: path.read_bytes() for path in sorted(folder.glob(FAMILIES[kind]))}
    if not posts:
        raise FileNotFoundError(f"{folder} has no file {FAMILIES[kind]}")
    return posts


def digest_of(posts: Mapping[str, bytes]) -> str:
    """A digest of posts and their names."""
    digest = hashlib.sha256()
    for name, content in posts.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def write_copies(kind: str, folder: Path, seeds: int, posts: Mapping[str, bytes]) -> Made:
    """Write an archive of so many seeds, in turn from each post, into a folder that is not there."""
    contents = list(posts.items())
    size = 0
    for at in range(seeds):
        name, content = contents[at % len(contents)]
        top = folder / "_posts" / f"{at // len(contents):05d}"
        if at % len(contents) == 0:
            top.mkdir(parents=True)
        (top / name).write_bytes(content)
        size += len(content)
    made = Made(GENERATION, kind, seeds, 0.0, 0, size, {}, 0, digest_of(posts))
    (folder / MARKER).write_text(json.dumps(asdict(made)) + "\n", "utf-8")
    return made
