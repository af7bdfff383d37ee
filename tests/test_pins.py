r"""What archives keep, by literal value: fingerprints, lines of a baseline, an event of a repair.

Acceptances and baselines hold fingerprints, records of repairs are read for decades: if one of these tests fails, what is on
disk in every archive no longer fits. So no value here may be computed by the program. Each fingerprint is the SHA-256 of the
rule's name, the text before, the finding, the text after (40 code points at most on each side, inside the line) and the
number of the occurrence, between them U+0000; of a finding about the whole seed it is that of the rule's name. To check one:

    printf 'replacement-character\0A letter\0\357\277\275\0was lost.\0001' | sha256sum
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import validator

LOST = "\ufffd"
BEFORE = "The archive keeps a long line of made-up text before the"
AFTER = "that was lost, and goes on for longer than anybody looks."

# A text, and the fingerprint of each finding of replacement-character in it.
FINGERPRINTS = {
    "in a short line": (
        f"The first line.\nA letter {LOST} was lost.\n",
        ["2191af7489f355d8fca43cf1be64d680b08c1ef71b5ebda7735f9f779a7b7870"],
    ),
    "in a line that is longer than what is looked at on both sides": (
        f"{BEFORE} letter {LOST} {AFTER}\n",
        ["eb44d22c588bdf8efa5e79c0fd1b5712b905f7f4eef54874fb52fdd783c04d53"],
    ),
    "with 40 code points before it in its line, and 40 after it": (
        f"{'b' * 40}{LOST}{'a' * 40}\n",
        ["155d51fb1cf435dbbe5c094bf8df0caddc41cd7a63640e5d398957ae95259c45"],
    ),
    "of 160 code points, whole": (
        f"From {LOST * 160} to here.\n",
        ["bec683aba3a56d6c7d9cb7f60c067f3d24bfc4d3d69caabcb390fb0aa2569673"],
    ),
    "of 161 code points, by its ends and its digest": (
        f"From {LOST * 161} to here.\n",
        ["5b20f330ced228c463ee38e258aed1168470656e5b59299b183f837481049fe2"],
    ),
    "twice and three times in equal lines": (
        f"A letter {LOST} was lost.\nAnother line.\nA letter {LOST} was lost.\nA letter {LOST} was lost.\n",
        [
            "2191af7489f355d8fca43cf1be64d680b08c1ef71b5ebda7735f9f779a7b7870",
            "17f5dea6eed28cf8e1204ebb1212265dcd340c97919c66f8d240b1515e85fb38",
            "aff518f2259daf3579cf417c3ef243a50f2714e5cf262365f5315087a4cbbf97",
        ],
    ),
    "runs of spaces count as one": (
        f"A  letter   {LOST}   was lost.\n",
        ["2191af7489f355d8fca43cf1be64d680b08c1ef71b5ebda7735f9f779a7b7870"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", list(FINGERPRINTS))
def test_the_fingerprint_of_a_finding(where: str) -> None:
    text, expected = FINGERPRINTS[where]
    findings = validator.validate(text, source="plain-text").findings
    found = [each for each in findings if each.rule == "replacement-character"]
    assert [each.fingerprint for each in found] == expected
    assert [each.key for each in found] == expected


def test_the_fingerprint_and_the_key_of_a_finding_about_the_whole_seed() -> None:
    (found,) = [
        each for each in validator.validate("A line, of 1 seed.\n", source="mod-gov-cn").findings
        if each.rule == "byline-missing"
    ]  # fmt: skip
    assert found.whole
    assert found.fingerprint == "850285b95688d87771178c1fa817dff5471d8d838f37aec465c7d612818ad562"  # of byline-missing
    assert found.key == "43ede92174dc156632ab154764a602a45ee94ce1e12b4bc01b0bd4092f9eadfc"  # of Alineof1seed


# --- on disk ----------------------------------------------------------------------------------------------------------

SEED = 'The editor"s note came late to the archive.'


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "validator.toml").write_text("")
    (tmp_path / "note.txt").write_bytes(SEED.encode())
    (tmp_path / "note.txt.meta.yaml").write_text("source: plain-text\n")
    return tmp_path


def run(archive: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "validator", *arguments]
    done = subprocess.run(command, cwd=archive, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


BASELINE = """\
{"format": "validator-baseline", "version": 1}

{"path": "note.txt"}
{"path": "note.txt", "sha256": "SHA256"}
{"path": "note.txt", "rule": "final-newline", "fingerprint": "NEWLINE"}
{"path": "note.txt", "rule": "quote-for-apostrophe", "fingerprint": "QUOTE"}

{"end": "validator-baseline"}
"""
STANDS_FOR = {
    "SHA256": "c64f82eccbcc0f0bcb94a6ee816d5e93d73a74d6a14cfdb8f7985f667275fae6",
    "NEWLINE": "592d0153250a1372002d4ed45598a3134f80f06e4e0259728ff929e59d798bff",
    "QUOTE": "5cec410751aff4443a37e63da9d7a08d3768133b2cb2a7b21045d5fb93cfbc2c",
}


def test_the_lines_of_a_baseline(archive: Path) -> None:
    run(archive, "baseline", "create", ".")
    expected = BASELINE
    for name, value in STANDS_FOR.items():
        expected = expected.replace(name, value)
    assert (archive / "validator-baseline.jsonl").read_text("utf-8") == expected


SOURCE = {
    "linkingObjectIdentifierType": "path",
    "linkingObjectIdentifierValue": "note.txt",
    "linkingObjectRole": "source",
    "messageDigestAlgorithm": "SHA-256",
    "messageDigest": "c64f82eccbcc0f0bcb94a6ee816d5e93d73a74d6a14cfdb8f7985f667275fae6",
    "size": 43,
}
OUTCOME = SOURCE | {
    "linkingObjectRole": "outcome",
    "messageDigest": "68b196212ccceea5a242f709643422c60563ec39fb40f9ab78211721b89c7642",
    "size": 44,
}
QUOTE = {
    "pass": 1, "rule": "quote-for-apostrophe", "applicability": "safe", "recode": None, "lift": None,
    "edits": [{"start": 10, "end": 11, "old": '"', "new": "'"}],
}  # fmt: skip
NEWLINE = {
    "pass": 1, "rule": "final-newline", "applicability": "safe", "recode": None, "lift": None,
    "edits": [{"start": 43, "end": 43, "old": "", "new": "\n"}],
}  # fmt: skip
ORIGINAL = ".validator/originals/c6/c64f82eccbcc0f0bcb94a6ee816d5e93d73a74d6a14cfdb8f7985f667275fae6.gz"
KEPT_AT_UNDO = ".validator/originals/68/68b196212ccceea5a242f709643422c60563ec39fb40f9ab78211721b89c7642.gz"


def events(archive: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (archive / ".validator/events/note.txt.jsonl").read_bytes().splitlines()]


def originals(archive: Path) -> list[str]:
    return sorted(path.relative_to(archive).as_posix() for path in archive.glob(".validator/originals/*/*"))


def check_frame(event: dict[str, Any], kind: str) -> str:
    """What every event says, whatever it is about; its identifier. Keys may be added, and none may go away."""
    assert event["eventType"] == kind
    assert event["eventIdentifier"]["eventIdentifierType"] == "UUID"
    identifier: str = event["eventIdentifier"]["eventIdentifierValue"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identifier)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["eventDateTime"])
    assert event["eventOutcomeInformation"]["eventOutcome"] == "success"
    program, person = event["linkingAgentIdentifier"][:2]
    assert program["linkingAgentIdentifierType"] == "name and version"
    assert program["linkingAgentIdentifierValue"] == f"validator {validator.__version__}"
    assert program["linkingAgentRole"] == "executing program"
    assert program["schemas"]["messageDigestAlgorithm"] == "SHA-256"
    assert re.fullmatch("[0-9a-f]{64}", program["schemas"]["messageDigest"])
    assert person["linkingAgentIdentifierType"] == "name"
    assert person["linkingAgentIdentifierValue"] == "A. Curator"
    assert person["linkingAgentRole"] == "implementer"
    return identifier


def test_the_event_of_a_repair_and_of_its_undo(archive: Path) -> None:
    run(archive, "repair", "--by", "A. Curator", "note.txt")
    (repair,) = events(archive)
    identifier = check_frame(repair, "modification")
    detail = repair["eventDetailInformation"]
    assert detail["eventDetail"] == "final-newline 1 (safe), quote-for-apostrophe 1 (safe)"
    more = detail["eventDetailExtension"]
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", more["run"])
    assert more["undoes"] is None
    assert all(isinstance(each.pop("title"), str) and isinstance(each.pop("ground"), str) for each in more["changes"])
    assert more["changes"] == [QUOTE, NEWLINE]
    assert repair["linkingObjectIdentifier"] == [SOURCE, OUTCOME]
    assert originals(archive) == [ORIGINAL]

    run(archive, "undo", "--by", "A. Curator", "note.txt")
    first, undo = events(archive)
    assert first["eventIdentifier"] == repair["eventIdentifier"]
    check_frame(undo, "recovery")
    more = undo["eventDetailInformation"]["eventDetailExtension"]
    assert (more["undoes"], more["changes"]) == (identifier, [])
    assert undo["linkingObjectIdentifier"] == [
        OUTCOME | {"linkingObjectRole": "source"}, SOURCE | {"linkingObjectRole": "outcome"},
    ]  # fmt: skip
    assert originals(archive) == sorted((ORIGINAL, KEPT_AT_UNDO))
