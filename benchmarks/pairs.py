"""Pairs of seeds that belong together, planted into a made-up archive: what is found of them, and what is found beside them.

    python -m benchmarks.pairs FOLDER [--seeds N] [--pairs N] [--kind mixed] [--jobs N]

Copies of seeds drawn by chance get another name and something of what tells a copy from its original: another headline, date,
address or byline, 1, 5 or 10 words in 100 changed, another encoding, other markup, traditional characters, wide letters.
FOLDER is made, and the archive in it is left there.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.archive import KINDS, write_archive

_NEAR = ("near-same-body",)
_EXACT = ("same-body",)
_HAN = re.compile("[\u4e00-\u9fff]{2}")
_WORD = re.compile(r"(?<![\w&#/<=\"'])[A-Za-z]{3,}(?![\w=/>:;\"'])")


class Plan(NamedTuple):
    """A way to copy: what is done to the bytes of a seed, None if it cannot be done; and which rules may find the pair."""

    change: Callable[[Random, bytes], bytes | None]
    found_by: tuple[str, ...]


def _as_it_is(_: Random, content: bytes) -> bytes:
    return content


def _in_matter(pattern: str, put: str) -> Callable[[Random, bytes], bytes | None]:
    """Another value in the front matter."""

    def change(chance: Random, content: bytes) -> bytes | None:
        text = content.decode()
        if not text.startswith("---\n"):
            return None
        value = put.format(day=chance.randint(10, 28), number=chance.randrange(10**6))
        changed = re.sub(pattern, value, text, count=1, flags=re.MULTILINE)
        return changed.encode() if changed != text else None

    return change


def _everything_else(chance: Random, content: bytes) -> bytes | None:
    """The body under another headline, date and address, as if it were the body of another article."""
    changed: bytes | None = content
    for pattern, put in (
        ("^title: .*$", 'title: "远山的桥与灯又一年第{number}号"'),
        (r"^date: \d{4}-\d\d-\d\d", "date: 1999-03-{day}"),
        ("^from: .*$", "from: https://elsewhere.example.org/story/{number}"),
    ):
        changed = _in_matter(pattern, put)(chance, changed) if changed is not None else None
    if changed is None:
        return None
    # The lines about the first article that stand before the body.
    text = re.sub(r"\n<!--\d+-->\n\[.*\n------\n", "\n", changed.decode(), count=1)
    return text.encode()


def _words_changed(share: float) -> Callable[[Random, bytes], bytes | None]:
    """So many of the words of the body are others."""

    def change(chance: Random, content: bytes) -> bytes | None:
        text = content.decode()
        start = text.find("\n---\n", 4) + 5 if text.startswith("---\n") else len(text) // 4
        start = text.find("------\n", start) + 7 if "------\n" in text[start:] else start
        head, body = text[:start], text[start:]

        def other(match: re.Match[str]) -> str:
            if chance.random() >= share:
                return match[0]
            return "风雷" if ord(match[0][0]) > 0x3000 else chance.choice(("zephyr", "quarrel", "vivid", "jovial"))

        changed = _WORD.sub(other, _HAN.sub(other, body))
        return (head + changed).encode() if changed != body else None

    return change


def _recoded(_: Random, content: bytes) -> bytes | None:
    return content.decode().encode("utf-16") if b"\n" in content else None


def _other_markup(_: Random, content: bytes) -> bytes | None:
    text = content.decode()
    if "<div>\n" not in text:
        return None
    return text.replace("<div>\n", "<section>\n<p><b>").replace("</div>\n", "</b></p>\n</section>\n").encode()


def _traditional(_: Random, content: bytes) -> bytes | None:
    from validator.text.tables import table

    traditional, simplified = table("validator.record", "simplified.json")["pairs"]
    pairs = {ord(one): other for one, other in zip(simplified, traditional, strict=True)}
    text = content.decode()
    start = text.find("------\n") + 7
    changed = text[:start] + text[start:].translate(pairs)
    return changed.encode() if changed != text else None


def _wide(_: Random, content: bytes) -> bytes | None:
    text = content.decode()
    start = text.find("------\n") + 7
    wide = {code: code + 0xFEE0 for code in (*range(48, 58), *range(65, 91), *range(97, 123))}
    body = re.sub(
        r"<[^>]*>|[^<]+", lambda match: match[0] if match[0][0] == "<" else match[0].translate(wide), text[start:]
    )
    changed = text[:start] + body
    return changed.encode() if start > 6 and changed != text else None


PLANS: Mapping[str, Plan] = {
    "same bytes": Plan(_as_it_is, _EXACT),
    "same body, another headline": Plan(_in_matter("^title: .*$", 'title: "远山的桥与灯又一年第{number}号"'), _EXACT),
    "body of another": Plan(_everything_else, _EXACT),
    "address twice": Plan(_words_changed(0.9), ("same-address",)),
    "1% of words": Plan(_words_changed(0.01), _NEAR),
    "5% of words": Plan(_words_changed(0.05), _NEAR),
    "10% of words": Plan(_words_changed(0.10), _NEAR),
    "another encoding": Plan(_recoded, _EXACT),
    "other markup": Plan(_other_markup, _EXACT),
    "traditional characters": Plan(_traditional, _EXACT),
    "wide letters": Plan(_wide, _EXACT),
}


class Planted(NamedTuple):
    """A pair: the names of the original and the copy, and how the copy was made."""

    original: str
    copy: str
    plan: str


def _has_text(content: bytes) -> bool:
    """Whether a seed has a text that is long enough to be compared."""
    return len(content.decode().rpartition("------\n")[2].encode()) > 300


def plant(folder: Path, pairs: int, number: int = 1) -> list[Planted]:
    """Copy seeds of an archive, in turn in each way, each seed once."""
    chance = Random(f"pairs {number}")  # noqa: S311 - chance, not secrecy
    names = sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix in (".md", ".txt")
    )
    chance.shuffle(names)
    out: list[Planted] = []
    ways = list(PLANS)
    waiting = iter(names)
    while len(out) < pairs and (name := next(waiting, None)) is not None:
        way = ways[len(out) % len(ways)]
        path = folder / name
        try:
            content = path.read_bytes()
            changed = PLANS[way].change(chance, content) if _has_text(content) else None
        except UnicodeDecodeError:
            continue
        if changed is None:
            continue
        copy = path.with_name(f"{path.stem}-copy-{len(out)}{path.suffix}")
        copy.write_bytes(changed)
        out.append(Planted(name, str(copy.relative_to(folder)), way))
    return out


def findings(folder: Path, *options: str) -> Iterator[tuple[str, str, str]]:
    """The path, the rule and the message of each finding of the family `archive`."""
    command = [sys.executable, "-m", "validator", "validate", ".", "--no-config", "--select", "archive"]
    found = subprocess.run([*command, "--format", "jsonl", "-q", *options], cwd=folder, capture_output=True, text=True)
    for line in found.stdout.splitlines():
        entry = json.loads(line)
        if entry.get("type") == "finding":
            yield entry["path"], entry["rule"], entry["message"]


def judged(folder: Path, planted: list[Planted], *options: str) -> tuple[Counter[str], Counter[str], list[str]]:
    """How many pairs of each way there are, how many are found on both seeds, and findings on seeds that are in no pair."""
    by_path: dict[str, list[tuple[str, str]]] = {}
    for path, rule, message in findings(folder, *options):
        by_path.setdefault(path, []).append((rule, message))
    there, found = Counter(each.plan for each in planted), Counter[str]()
    partners: dict[str, str] = {}
    for each in planted:
        partners |= {each.original: each.copy, each.copy: each.original}
        rules = PLANS[each.plan].found_by
        sides = ((each.original, each.copy), (each.copy, each.original))
        found[each.plan] += all(
            any(rule in rules and f" {other}:" in message for rule, message in by_path.get(one, ()))
            for one, other in sides
        )
    false = [
        f"{path}: {rule} {message}"
        for path, said in by_path.items()
        for rule, message in said
        if f" {partners.get(path, chr(0))}:" not in message
    ]
    return there, found, false


def main() -> None:
    """Make an archive with pairs, and tell what is found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=1_000)
    parser.add_argument("--kind", default="small")
    parser.add_argument("--jobs", default="2")
    given = parser.parse_args()
    write_archive(given.kind, given.folder, given.seeds, KINDS[given.kind].broken, 1)
    without = list(findings(given.folder, "--jobs", given.jobs, "--no-cache"))
    print(f"without pairs: {len(without)} findings", *without[:5], sep="\n  ")  # noqa: T201
    there, found, false = judged(given.folder, plant(given.folder, given.pairs), "--jobs", given.jobs, "--no-cache")
    for way in PLANS:
        print(f"{way:30} {found[way]:5} of {there[way]:5}")  # noqa: T201
    print(f"false: {len(false)}", *false[:10], sep="\n  ")  # noqa: T201


if __name__ == "__main__":
    main()
