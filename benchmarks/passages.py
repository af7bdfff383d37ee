"""Defects that the case files of rules describe: a passage of the article, put between two of its paragraphs.

A case file may hold a list `inject`. Each entry has the `text` of a passage and, as a dirty case does, the `spans` or the `marks`
of what must be found in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import yaml

from validator.defects import INJECTORS
from validator.defects.seeds import Base, Injected, Injector, Span, draw, injects, insert

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
    """An injector that puts a passage between two paragraphs."""
    text, spans = case["text"].rstrip("\n"), spans_in(case)

    def inject(rng: Random, base: Base) -> Injected | None:
        gap = draw(rng, base, r"(?<=\S)\n\n(?=\S)")
        if gap is None:
            return None
        marks = [Span(gap.end + span.start, gap.end + span.end) for span in spans]
        return insert(base, gap.end, f"{text}\n\n", marks=marks)

    return inject


for _file in sorted(CASES.glob("*.yaml")):
    _text = _file.read_text("utf-8")
    if "\ninject:" in _text:
        for _case in yaml.safe_load(_text)["inject"]:
            injects(_file.stem)(passage(_case))
