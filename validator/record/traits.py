"""What a seed is recognised by among others: its address, its body, its headline and day."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from hashlib import blake2b
from typing import NamedTuple

from validator.record.agreement import canonical_url
from validator.record.likeness import bands_of, letters_of, likeness_of
from validator.record.model import Record

_LEAST_HEADLINE_BYTES = 12  # of letters, in UTF-8; a shorter headline is one of a kind, such as "Letters"


class Tie(IntEnum):
    """What two seeds have in common. CROWD is not a trait: it says that other seeds too have the text of one of the two."""

    BODY = 0
    ADDRESS = 1
    NEAR_BODY = 2
    HEADLINE = 3
    CROWD = 4


OF_TEXT = frozenset({Tie.BODY, Tie.NEAR_BODY})


class Traits(NamedTuple):
    """What a seed is recognised by; '' and b"" where it has no such trait, or one that says too little.

    `body` is the digest of the body's letters and `sketch` is as `likeness` makes it. `headline` has the letters of the headline.
    `day` is the calendar day of the date as an ordinal, 0 if it is unknown. `accepts` says that a sidecar accepts a finding
    about other seeds.
    """

    address: str = ""
    body: bytes = b""
    sketch: bytes = b""
    headline: str = ""
    day: int = 0
    accepts: bool = False

    def keys(self) -> Iterator[int]:
        """Numbers that it shares with seeds to which it has a tie. The lowest two bits say which tie.

        They are numbers of 64 bits with a sign, and do not depend on the machine.
        """
        if self.body:
            yield _key(self.body, Tie.BODY)
        if self.address:
            yield _key(_digest(self.address), Tie.ADDRESS)
        if self.headline and self.day:
            yield _key(_digest(f"{self.day} {self.headline}"), Tie.HEADLINE)
        for band in bands_of(self.sketch):
            yield (band & ~3 | Tie.NEAR_BODY) - (1 << 63)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _key(digest: bytes, tie: Tie) -> int:
    return (int.from_bytes(digest[:8], "little") & ~3 | tie) - (1 << 63)


def tie_of(key: int) -> Tie:
    """The tie that a key is about."""
    return Tie(key + (1 << 63) & 3)


def traits_of(record: Record, accepts: bool = False) -> Traits:
    """What a seed is recognised by."""
    address, headline = record.reading("source_url"), record.reading("headline")
    day = record.date.calendar_day() if record.date is not None else None
    letters = letters_of(headline.value) if headline is not None else ""
    body = likeness_of(record.masked[record.first : record.last]) if record.first is not None else None
    return Traits(
        canonical_url(address.value) if address is not None else "",
        body.digest if body is not None else b"",
        body.sketch if body is not None else b"",
        letters if len(letters.encode("utf-8", "surrogatepass")) >= _LEAST_HEADLINE_BYTES else "",
        day.toordinal() if day is not None else 0,
        accepts,
    )
