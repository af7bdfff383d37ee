"""Defects that the case files of rules describe: a passage put between two paragraphs, or in the place of something.

A case file may hold a list `inject`. Each entry has a `text` and, as a dirty case does, the `spans` or the `marks` of what must
be found in it; a mark is the first place in the passage that has its text. The passage is put between two paragraphs of the
article. Other keys of an entry:

    replace: '^title: .*$'   instead, the passage replaces the first match of this pattern (of Python, MULTILINE) in the seed
    source: mod-gov-cn       only seeds of this source are used
    follows: [paywall]       other rules that find something for the same reason, which `injection.FOLLOWS` gives
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import yaml

import benchmarks.defects  # noqa: F401 - adds its injectors, before the passages
from validator.defects import INJECTORS
from validator.defects.seeds import Base, Change, Injected, Injector, Span, draw, injects, put

__all__ = ["CASES", "INJECTORS", "passage", "spans_in"]  # importing it adds the passages to the injectors

CASES = Path(__file__).parents[1] / "tests" / "cases"


def spans_in(case: Mapping[str, Any]) -> list[Span]:
    """The spans of a passage at which something must be found."""
    if "spans" in case:
        return [Span(*span) for span in case["spans"]]
    spans, at = [], 0
    for mark in case["marks"]:
        start = case["text"].index(mark, at)
        at = start + len(mark)
        spans.append(Span(start, at))
    return spans


def passage(case: Mapping[str, Any]) -> Injector:
    """An injector that puts the text of an entry into a seed."""
    text, spans, follows = case["text"].rstrip("\n"), spans_in(case), tuple(case.get("follows", ()))

    def inject(rng: Random, base: Base) -> Injected | None:
        if case.get("source", base.source) != base.source:
            return None
        if "replace" in case:
            found = re.search(case["replace"], base.text, re.MULTILINE)
            change = Change(*found.span(), text) if found else None
        else:
            gap = draw(rng, base, r"(?<=\S)\n\n(?=\S)")
            change = Change(gap.end, gap.end, f"{text}\n\n") if gap else None
        if change is None:
            return None
        marks = [Span(change.start + span.start, change.start + span.end) for span in spans]
        return put(base, change, marks=marks, follows=follows)

    return inject


for _file in sorted(CASES.glob("*.yaml")):
    _text = _file.read_text("utf-8")
    if "\ninject:" in _text:
        for _case in yaml.safe_load(_text)["inject"]:
            injects(_file.stem)(passage(_case))
