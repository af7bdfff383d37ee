"""The reasons and bases that a curator has written before, to be offered again. The program knows none of its own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from validator.archive.opening import Archive, read_sidecars
from validator.archive.seeds import Seed
from validator.reports.escaping import printable

SECONDS = 1.0  # spent on looking, in all
_MOST = 100


def earlier_words(archive: Archive, seeds: Sequence[Seed], by: str) -> dict[str, Any]:
    """What a curator wrote in the sidecars of these seeds, the most frequent first: reasons by rule, bases by field.

    Nobody's words are offered to somebody else, and without a name there are none. After SECONDS the rest is left out.
    """
    reasons, bases = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    seen: set[tuple[str, str]] = set()  # places in a folder's sidecar, which are of many seeds
    began = time.monotonic()
    for seed in seeds if by else ():
        if time.monotonic() - began > SECONDS:
            break
        for sidecar in read_sidecars(archive, seed):
            own = [(each.place, each.rule, each.reason, reasons) for each in sidecar.accept if each.by == by]
            own += [(each.place, each.field, each.basis, bases) for each in sidecar.record if each.by == by]
            if sidecar.wrong is not None and sidecar.wrong.by == by:
                own.append((sidecar.wrong.place, "marked-wrong", sidecar.wrong.reason, reasons))
            for place, what, said, counter in own:
                if (place, what) not in seen:
                    seen.add((place, what))
                    counter[what, said] += 1
    return {"reasons": _listed(reasons), "bases": _listed(bases)}


def _listed(counter: Counter[tuple[str, str]]) -> list[dict[str, str]]:
    most: Iterable[tuple[tuple[str, str], int]] = counter.most_common(_MOST)
    return [{"about": about, "text": printable(text)} for (about, text), _ in most]
