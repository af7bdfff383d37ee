"""What `EXPECTED.yaml` asks of reports: one seed of a JSON report held against what the file says of it.

For each seed the file names `source`, `verdict`, `record` (the values that must be read), `body` (the article's first and last
line), `disputed` (fields whose candidates the report must carry), `required` findings (`rule`, and where given `severity`,
`at: [line, column]` and the applicability of its `fix`) and `forbidden` ones (anywhere, or `at` a place). What it says
besides is not about checking.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
BESIDE = REPOSITORY.parent / "shared"
NAME = "EXPECTED.yaml"

Entry = Mapping[str, Any]

_TOLD_OF_A_SEED = {"source", "verdict", "record", "body", "disputed", "required", "forbidden", "after_safe_repair"}
_TOLD_OF_A_FINDING = {"rule", "severity", "at", "fix"}


def seeds_folder() -> Path | None:
    """The folder of the real seeds: the one that SEEDS_DIR names, else the one beside the checkout, None if there is none.

    A folder that was named counts even if it is not there, so that a slip of the pen is no reason to skip.
    """
    named = os.environ.get("SEEDS_DIR")
    if named:
        return Path(named)
    folder = BESIDE / "seeds"
    return folder if (folder / NAME).is_file() else None


def posts_folder() -> Path | None:
    """The folder of the real posts beside that of the seeds, None if there is none."""
    seeds = seeds_folder()
    folder = seeds.parent / "posts" if seeds is not None else BESIDE / "posts"
    return folder if folder.is_dir() else None


def read_expected(folder: Path) -> dict[str, Entry]:
    """What the file says of each seed, by the seed's file name."""
    expected: dict[str, Entry] = yaml.safe_load((folder / NAME).read_text("utf-8"))
    for name, entry in expected.items():
        assert not entry.keys() - _TOLD_OF_A_SEED, f"{name}: {sorted(entry.keys() - _TOLD_OF_A_SEED)} is not understood"
        for asked in (*entry.get("required", ()), *entry.get("forbidden", ())):
            assert not asked.keys() - _TOLD_OF_A_FINDING, f"{name}: {asked} is not understood"
    return expected


def differences(expected: Entry, seed: Entry) -> Iterator[str]:
    """Where one seed of a report is not what is expected of it, a line each."""
    for key in ("source", "verdict"):
        if key in expected and seed[key] != expected[key]:
            yield f"{key} is {seed[key]}, expected {expected[key]}"
    for field, value in expected.get("record", {}).items():
        if seed["record"].get(field) != value:
            yield f"{field} is {seed['record'].get(field)!r}, expected {value!r}"
    if "body" in expected:
        lines = [seed["body"]["start"]["line"], seed["body"]["end"]["line"]] if seed["body"] else None
        if lines != expected["body"]:
            yield f"the body's first and last line are {lines}, expected {expected['body']}"
    for field in expected.get("disputed", ()):
        yield from _undisputed(field, seed)
    for asked in expected.get("required", ()):
        if not any(_is_meant(asked, finding) for finding in seed["findings"]):
            yield f"there is no {asked}"
    for asked in expected.get("forbidden", ()):
        yield from (f"there is {asked}" for finding in seed["findings"] if _is_meant(asked, finding))


def _undisputed(field: str, seed: Entry) -> Iterator[str]:
    values = [value for value in seed["values"] if value["field"] == field]
    if len(values) != 1 or not values[0]["disputed"]:
        yield f"{field} is not disputed"
        return
    candidates = values[0]["candidates"]
    places = {(candidate["start"]["offset"], candidate["end"]["offset"]) for candidate in candidates}
    if len({candidate["value"] for candidate in candidates}) < 2 or len(places) < 2:
        yield f"{field} has the candidates {candidates}, expected two values at two places"


def _is_meant(asked: Entry, finding: Entry) -> bool:
    return (
        finding["rule"] == asked["rule"]
        and asked.get("severity") in (None, finding["severity"])
        and ("at" not in asked or [finding["start"]["line"], finding["start"]["column"]] == asked["at"])
        and ("fix" not in asked or (finding["fix"] or {}).get("applicability") == asked["fix"])
    )
