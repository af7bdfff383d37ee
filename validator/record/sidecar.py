"""Sidecars as frozen values: what a curator confirms beside a seed's text.

A sidecar is `<seed file name>.meta.yaml` beside one seed, or `seeds.meta.yaml`, whose `seeds` is a list of entries for the
files of its folder and below. The text wins: an attested value completes the record, and overrides only where it names the
value it `replaces`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

FOLDER_SIDECAR = "seeds.meta.yaml"
SIDECAR_SUFFIX = ".meta.yaml"
LIMIT_BYTES = 1 << 20
FIELDS = (
    "headline", "byline", "byline_kind", "date_published", "dateline", "agency", "publisher", "source_url", "language",
)  # fmt: skip
BYLINE_KINDS = ("person", "agency", "publisher", "unsigned")
_OTHERS = re.compile(r"[\W_]+")  # than letters and digits
_OTHERS_OF_ASCII = dict.fromkeys(code for code in range(128) if _OTHERS.match(chr(code)))


class SidecarError(ValueError):
    """A sidecar that cannot be written to, or a value that it may not hold; the text says why, in one line."""


class Attested(NamedTuple):
    """A value of the record that a curator confirms. `by` is '' and `on` is `None` if the sidecar does not say."""

    field: str
    value: str | tuple[str, ...]
    basis: str
    by: str
    on: datetime.date | None
    replaces: str | None
    place: str


class Acceptance(NamedTuple):
    """One finding (by its key), or all findings of a rule, that a curator accepts, up to and including the day `until`."""

    rule: str
    finding: str | None
    reason: str
    by: str
    on: datetime.date | None
    until: datetime.date | None
    place: str


class Wrong(NamedTuple):
    """A curator's word that a seed is not what it should be. `text` is the `text_key` of the seed that was marked."""

    reason: str
    by: str
    on: datetime.date | None
    text: str
    place: str


class Sidecar(NamedTuple):
    """What the sidecars of one seed say. A sidecar with `problems` contributes nothing else."""

    name: str
    source: str | None = None
    record: tuple[Attested, ...] = ()
    accept: tuple[Acceptance, ...] = ()
    problems: tuple[str, ...] = ()
    wrong: Wrong | None = None


def text_key(text: str) -> str:
    """The digest of a text's letters and digits: what an acceptance of a finding about the whole seed holds to."""
    is_ascii = text.isascii()  # of such a text Python takes the characters away 200 times as fast
    letters = text.translate(_OTHERS_OF_ASCII) if is_ascii else _OTHERS.sub("", text)
    return sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()


_NOTHING = Sidecar("")


def combine(sidecars: Sequence[Sidecar]) -> Sidecar:
    """One sidecar out of several, nearest first: the first that names the source, or a field, wins.

    Acceptances and problems add up; the name is the nearest one's.
    """
    if not sidecars:
        return _NOTHING
    record: dict[str, Attested] = {}
    for sidecar in sidecars:
        for attested in sidecar.record:
            record.setdefault(attested.field, attested)
    return Sidecar(
        sidecars[0].name,
        next((sidecar.source for sidecar in sidecars if sidecar.source is not None), None),
        tuple(record.values()),
        tuple(acceptance for sidecar in sidecars for acceptance in sidecar.accept),
        tuple(problem for sidecar in sidecars for problem in sidecar.problems),
        next((sidecar.wrong for sidecar in sidecars if sidecar.wrong is not None), None),
    )
