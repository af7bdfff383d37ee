"""BagIt bags (RFC 8493): whether a bag's manifests confirm a file, and how the manifests are updated."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from validator.preservation.disk import PART, File, RefusedError, parts_in, read_file

_MANIFEST = re.compile(r"manifest-([a-z0-9-]+)\.txt")
_TAG_MANIFEST = re.compile(r"tagmanifest-([a-z0-9-]+)\.txt")
_ENTRY = re.compile(r"(?m)^([0-9A-Fa-f]+)[ \t]+\*?([^\r\n]+)(?:\r\n|\r|\n|\Z)")
_OXUM = re.compile(r"(?im)^(Payload-Oxum[ \t]*:[ \t]*)[0-9]+\.[0-9]+")
_INFO = ("bag-info.txt", "package-info.txt")  # the second in bags of versions up to 0.95


def bag_of(folder: Path) -> Path | None:
    """The bag that a folder is or lies in: the nearest folder upwards with bagit.txt and a manifest, within the repository."""
    for parent in (folder, *folder.parents):
        if os.path.isfile(parent / "bagit.txt") and any(parent.glob("manifest-*.txt")):
            return parent
        if os.path.lexists(parent / ".git"):
            return None
    return None


def admit(bag: Path, seed: File) -> None:
    """Raise unless a seed is payload and matches the manifests: new manifests would confirm the damage."""
    if not _inside(str(bag), seed.path).startswith("data/"):
        raise RefusedError(f"it is not payload of the bag {bag}, but describes it")
    listed, problems = digests_listed(bag, seed.path, {})
    for problem in problems:
        raise RefusedError(problem)
    for algorithm, digest in listed.items():
        if hashlib.new(algorithm, seed.before or b"").hexdigest() != digest:
            raise RefusedError(f"its {algorithm} is not the one in the bag's manifest: find out why first")


def digests_listed(
    bag: Path, path: str, manifests: dict[str, dict[str, dict[str, str]]]
) -> tuple[dict[str, str], list[str]]:
    """A file's digests in a bag, by algorithm, and problems found; `manifests` keeps the manifests that were read."""
    if str(bag) not in manifests:
        manifests[str(bag)] = _read_manifests(str(bag))
    inside = _inside(str(bag), path)
    kind = _MANIFEST if inside.startswith("data/") else _TAG_MANIFEST
    found: dict[str, str] = {}
    problems = []
    for file, entries in manifests[str(bag)].items():
        match = kind.fullmatch(file)
        if match is None:
            continue
        digest = entries.get(inside)
        algorithm = match[1].replace("-", "_") if match[1].startswith("sha3") else match[1]
        if digest is None:
            problems.append(f"the bag's {file} does not list it")
        elif algorithm not in hashlib.algorithms_available:
            problems.append(f"the bag's {file} has an algorithm that is not known here")
        else:
            found[algorithm] = digest
    if not found and not problems:
        problems.append(f"it lies in the bag {bag}, but no manifest lists it")
    return found, problems


def _inside(bag: str, path: str) -> str:
    """A file's name in a bag, for comparison: file systems and manifests may differ in Unicode normalization."""
    return unicodedata.normalize("NFC", os.path.relpath(path, bag).replace(os.sep, "/"))


def _read_manifests(bag: str) -> dict[str, dict[str, str]]:
    """All manifests and tag manifests of a bag, by name: the digest of each file."""
    out = {}
    for name in sorted(os.listdir(bag)):
        if _MANIFEST.fullmatch(name) or _TAG_MANIFEST.fullmatch(name):
            text = _read_tag(bag, name)
            out[name] = {
                spelling: match[1].lower() for match in _ENTRY.finditer(text) for spelling in _spellings(match[2])
            }
    return out


def _spellings(name: str) -> tuple[str, str]:
    """The possible readings of a name in a manifest: bags before 1.0 escape only line ends, and some programs nothing."""
    name = unicodedata.normalize("NFC", name.rstrip(" \t").removeprefix("./"))
    plain = re.sub("%0A", "\n", re.sub("%0D", "\r", name, flags=re.IGNORECASE), flags=re.IGNORECASE)
    return name, plain.replace("%25", "%")


def _tag_encoding(bag: str) -> str:
    content = (read_file(os.path.join(bag, "bagit.txt")) or b"").decode("utf-8-sig", "replace")
    match = re.search(r"(?im)^Tag-File-Character-Encoding[ \t]*:[ \t]*(\S+)", content)
    encoding = match[1] if match is not None else "utf-8"
    try:
        "".encode(encoding)
    except LookupError:
        raise RefusedError(f"the bag's tag files are in an encoding that is not known here, {encoding}") from None
    return encoding


def _read_tag(bag: str, name: str) -> str:
    content = read_file(os.path.join(bag, name)) or b""
    try:
        return content.decode(_tag_encoding(bag), "surrogateescape").removeprefix("\ufeff")
    except UnicodeError:
        raise RefusedError(f"the bag's {name} is not in the encoding that bagit.txt says") from None


def updated_tags(bag: str, changed: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """The new tag files of a bag after files changed (None: removed); tag manifests last."""
    encoding = _tag_encoding(bag)
    inside = {
        os.path.relpath(path, bag).replace(os.sep, "/"): content
        for path, content in changed.items()
        if path.startswith(bag.rstrip("/") + "/")
    }
    payload = {name: content for name, content in inside.items() if name.startswith("data/")}
    tags = {name: content for name, content in inside.items() if name not in payload}
    names = sorted(os.listdir(bag))
    new: dict[str, str] = {}
    for name in names:
        match = _MANIFEST.fullmatch(name)
        if match is not None:
            new[name] = _with_entries(_read_tag(bag, name), match[1], payload, adds=True)
        elif name in _INFO:
            new[name] = _with_oxum(_read_tag(bag, name), bag, payload)
    new = {name: text for name, text in new.items() if text != _read_tag(bag, name)}
    out = {name: text.encode(encoding, "surrogateescape") for name, text in new.items()}
    for name in names:
        match = _TAG_MANIFEST.fullmatch(name)
        if match is not None:
            old = _read_tag(bag, name)
            text = _with_entries(old, match[1], {**tags, **out}, adds=False)
            if text != old:
                out[name] = text.encode(encoding, "surrogateescape")
    return {os.path.join(bag, name): content for name, content in out.items()}


def _with_entries(text: str, algorithm: str, files: Mapping[str, bytes | None], adds: bool) -> str:
    """A manifest with new digests of files; with `adds`, also for files that it did not list."""
    algorithm = algorithm.replace("-", "_") if algorithm.startswith("sha3") else algorithm
    waiting = {unicodedata.normalize("NFC", name): (name, content) for name, content in files.items()}
    pieces = []
    at = 0
    for match in _ENTRY.finditer(text):
        name = next((spelling for spelling in _spellings(match[2]) if spelling in waiting), None)
        if name is None:
            continue
        _, content = waiting.pop(name)
        pieces.append(text[at : match.start()])
        if content is not None:
            pieces.append(hashlib.new(algorithm, content).hexdigest() + text[match.end(1) : match.end()])
        at = match.end()
    pieces.append(text[at:])
    out = "".join(pieces)
    for name, content in sorted(waiting.values()) if adds else ():
        if content is not None:
            escaped = name.replace("%", "%25") if "%0" in name or "%25" in name else name
            escaped = escaped.replace("\n", "%0A").replace("\r", "%0D")
            gap = "" if not out or out.endswith(("\n", "\r")) else "\n"
            out += f"{gap}{hashlib.new(algorithm, content).hexdigest()}  {escaped}\n"
    return out


def _with_oxum(text: str, bag: str, payload: Mapping[str, bytes | None]) -> str:
    if _OXUM.search(text) is None:
        return text
    sizes = {name: len(content) for name, content in payload.items() if content is not None}
    for folder, _, names in os.walk(os.path.join(bag, "data")):
        for name in names:
            path = os.path.join(folder, name)
            inside = os.path.relpath(path, bag).replace(os.sep, "/")
            if inside not in payload and PART.fullmatch(name) is None:
                sizes[inside] = os.stat(path).st_size
    return _OXUM.sub(lambda match: f"{match[1]}{sum(sizes.values())}.{len(sizes)}", text)


def bag_parts(bag: str, identifier: str) -> list[tuple[str, str]]:
    """The parts of one write to a bag's tag files, each with the file that it replaces; tag manifests last."""
    targets = []
    for part in parts_in(bag, identifier):
        match = PART.fullmatch(os.path.basename(part))
        if match is not None and (
            match[1] in _INFO or _MANIFEST.fullmatch(match[1]) or _TAG_MANIFEST.fullmatch(match[1])
        ):
            targets.append((part, os.path.join(bag, match[1])))
    return sorted(targets, key=lambda target: (os.path.basename(target[1]).startswith("tagmanifest-"), target))
