"""Events in the terms of the PREMIS Data Dictionary 3.0: how an event is made, and how a line is read as one.

Every line is checked against `schemas/event.schema.json`. Each event has a digest of itself, so that a search-and-replace over
the whole archive, or an editor's slip, is noticed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import uuid4

from validator.preservation.disk import Files
from validator.record.sidecar import SIDECAR_SUFFIX
from validator.repairs.repairing import Change
from validator.sources.json_schema import check
from validator.text.places import shown
from validator.text.tables import own_schema

MODIFICATION, RECOVERY = "modification", "recovery"  # https://id.loc.gov/vocabulary/preservation/eventType
PROGRAM_ROLE, PERSON_ROLE = "executing program", "implementer"  # …/eventRelatedAgentRole
SOURCE_ROLE, OUTCOME_ROLE = "source", "outcome"  # …/eventRelatedObjectRole
SCHEMA = "event.schema.json"

# The libraries whose answers decide what a repair does; the last is not installed everywhere.
_LIBRARIES = ("chardet", "ftfy", "google-re2", "PyYAML", "turbohtml", "pyromark")


class State(StrEnum):
    """What became of an event, judged by the seed's bytes."""

    CARRIED_OUT = "carried out"
    UNDONE = "undone"
    PUT_BACK = "carried out, but the seed is as it was before (put back without `validator undo`, for example by git)"
    SET_ASIDE = (
        "carried out, but the seed has another repair of the same text (after a merge, or after git put the text back)"
    )
    LINE_ENDS = "carried out; since then only line ends changed (git does that, see .gitattributes)"
    CHANGED = "carried out; the seed changed since"
    NOT_CARRIED_OUT = "not carried out: the program was cut short, and its part file is still there"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who writes: the program's version, the SHA-256 of all source schemas, and the person, if one is named."""

    version: str
    schemas_sha256: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A file as it was at one time: SHA-256 and size in bytes; both None if there was no file."""

    sha256: str | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Linked:
    """A file that an event is about, by its name, before and after."""

    name: str
    before: Version
    after: Version


@dataclass(frozen=True, slots=True)
class Origin:
    """What a seed was called before it was renamed, and the last event that it had under that name."""

    name: str
    event: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a seed. `content` is all of it as found in the file, from byte `offset` to byte `end`.

    `undoes` is the event that it takes back, `changes` are as written by `changes_of`. `origin` is set if the seed was renamed
    since its last event.
    """

    identifier: str
    type: str
    when: str
    run: str
    undoes: str | None
    by: str | None
    detail: str
    changes: tuple[Mapping[str, Any], ...]
    seed: Linked
    sidecar: Linked | None
    content: Mapping[str, Any]
    offset: int
    end: int
    origin: Origin | None = None
    state: State = State.CARRIED_OUT

    @property
    def linked(self) -> tuple[Linked, ...]:
        """The seed, and its sidecar if that changed too."""
        return (self.seed,) if self.sidecar is None else (self.seed, self.sidecar)

    @property
    def originals(self) -> list[str]:
        """The digests of the files as they were before it."""
        return [each.before.sha256 for each in self.linked if each.before.sha256 is not None]


# --- making one -------------------------------------------------------------------------------------------------------


def changes_of(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The changes of a repair, ready for JSON; offsets are code points in the text of their pass."""
    return [
        {
            "pass": change.number,
            "rule": change.rule,
            "applicability": str(change.applicability),
            "title": change.title,
            "ground": change.ground,
            "recode": list(change.recode) if change.recode is not None else None,
            "lift": {"field": change.lift.field, "value": change.lift.value} if change.lift is not None else None,
            "edits": [
                {"start": edit.start, "end": edit.end, "old": old, "new": edit.replacement}
                for edit, old in zip(change.edits, change.old, strict=True)
            ],
        }
        for change in changes
    ]


def detail_of(changes: Sequence[Change]) -> str:
    counts = Counter((change.rule, str(change.applicability)) for change in changes)
    return ", ".join(f"{rule} {number} ({kind})" for (rule, kind), number in sorted(counts.items())) or "repaired"


def event_content(
    kind: str, detail: str, extension: Mapping[str, Any], name: str, files: Files, agent: Agent, now: datetime
) -> dict[str, Any]:
    """An event in the terms of the PREMIS Data Dictionary 3.0, section Event Entity."""
    objects = [
        _linked_object(named, role, content)
        for named, file in ((name, files.seed), (name + SIDECAR_SUFFIX, files.sidecar))
        if file is not None
        for role, content in ((SOURCE_ROLE, file.before), (OUTCOME_ROLE, file.after))
    ]
    program = _linked_agent("name and version", f"validator {agent.version}", PROGRAM_ROLE) | {
        "schemas": {"messageDigestAlgorithm": "SHA-256", "messageDigest": agent.schemas_sha256},
        "libraries": dict(libraries()),
    }
    people = [_linked_agent("name", agent.by, PERSON_ROLE)] if agent.by else []
    content = {
        "eventIdentifier": {"eventIdentifierType": "UUID", "eventIdentifierValue": str(uuid4())},
        "eventType": kind,
        "eventDateTime": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventDetailInformation": {"eventDetail": detail, "eventDetailExtension": extension},
        "eventOutcomeInformation": {"eventOutcome": "success"},
        "linkingAgentIdentifier": [program, *people],
        "linkingObjectIdentifier": objects,
    }
    digest = {"messageDigestAlgorithm": "SHA-256", "messageDigest": _digest(content)}
    return {**content, "eventDigest": digest}


def _digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of an event without its digest, whatever the order of its keys and the spaces between them."""
    bare = {key: value for key, value in content.items() if key != "eventDigest"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


@cache
def libraries() -> Mapping[str, str]:
    """The versions of the libraries that decide what a repair does. Read only when an event is written."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _linked_agent(kind: str, value: str, role: str) -> dict[str, Any]:
    return {"linkingAgentIdentifierType": kind, "linkingAgentIdentifierValue": value, "linkingAgentRole": role}


def _linked_object(name: str, role: str, content: bytes | None) -> dict[str, Any]:
    version = version_of(content)
    return {
        "linkingObjectIdentifierType": "path",
        "linkingObjectIdentifierValue": name,
        "linkingObjectRole": role,
        "messageDigestAlgorithm": "SHA-256",
        "messageDigest": version.sha256,
        "size": version.size,
    }


def version_of(content: bytes | None) -> Version:
    if content is None:
        return Version(None, None)
    return Version(hashlib.sha256(content).hexdigest(), len(content))


_NOT_ASCII = re.compile(r"[^\x00-\x7e]")


def start_of_line(identifier: str) -> bytes:
    """How the line of an event begins: enough to know the event if the rest was not written."""
    whole = line_of({"eventIdentifier": {"eventIdentifierType": "UUID", "eventIdentifierValue": identifier}})
    return whole.rstrip(b"}\n")


def line_of(content: Mapping[str, Any]) -> bytes:
    """An event as a line of JSON in UTF-8. Invisible characters, and bytes of names that are not UTF-8, are escaped."""

    def shown(match: re.Match[str]) -> str:
        return match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1]

    return _NOT_ASCII.sub(shown, json.dumps(content, ensure_ascii=False)).replace("\x7f", "\\u007f").encode() + b"\n"


# --- reading one ------------------------------------------------------------------------------------------------------


def read_event(line: bytes, offset: int) -> Event:
    """The event of a line that begins at a byte of its file. Raises ValueError, which says in a few words what is wrong."""
    try:
        content = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise ValueError(_not_json(line)) from None
    problem = _problem(content)
    if problem is not None:
        raise ValueError(problem)
    if content.get("eventDigest", {}).get("messageDigest", digest := _digest(content)) != digest:
        raise ValueError("it was edited: its digest is not the one that it carries")
    return _event(content, offset, offset + len(line))


def _not_json(line: bytes) -> str:
    if line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        return "it is a conflict marker of git; keep the events of both sides and delete the markers"
    if b"\0" in line:
        return "it holds NUL bytes"
    return "it is not JSON"


def _problem(content: Any) -> str | None:
    """Why a value is not an event, None if it is one."""
    try:
        problems = check(own_schema(SCHEMA), content, "the event", at_most=1)
    except RecursionError:
        return "it is nested too deeply"
    if problems:
        return shown(problems[0].message, _MESSAGE)
    names = [(each["linkingObjectIdentifierValue"], each["linkingObjectRole"]) for each in _objects(content)]
    seed = names[0][0]
    pairs = [(name, role) for name in (seed, seed + SIDECAR_SUFFIX) for role in (SOURCE_ROLE, OUTCOME_ROLE)]
    if names not in (pairs[:2], pairs):
        return "linkingObjectIdentifier: expected the seed before and after, then its sidecar before and after"
    return None


_MESSAGE = 160  # characters that are shown of what is wrong


def _objects(content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    objects: Sequence[Mapping[str, Any]] = content["linkingObjectIdentifier"]
    return objects


def _event(content: Mapping[str, Any], offset: int, end: int) -> Event:
    information = content["eventDetailInformation"]
    extension = information["eventDetailExtension"]
    names = [each["linkingObjectIdentifierValue"] for each in _objects(content)]
    versions = [Version(each["messageDigest"], each["size"]) for each in _objects(content)]
    linked = [*map(Linked, names[::2], versions[::2], versions[1::2])]
    agents = content["linkingAgentIdentifier"]
    people = (each["linkingAgentIdentifierValue"] for each in agents if each["linkingAgentRole"] == PERSON_ROLE)
    origin = extension.get("renamedFrom")
    return Event(
        identifier=content["eventIdentifier"]["eventIdentifierValue"],
        type=content["eventType"],
        when=content["eventDateTime"],
        run=extension["run"],
        undoes=extension["undoes"],
        by=next(people, None),
        detail=information["eventDetail"],
        changes=tuple(extension["changes"]),
        seed=linked[0],
        sidecar=linked[1] if len(linked) > 1 else None,
        content=content,
        offset=offset,
        end=end,
        origin=Origin(origin["name"], origin["event"]) if origin is not None else None,
    )
