"""Which seeds may have something in common: tables on disk, so that a million seeds take no more memory than a thousand.

A seed is a number here. It has a row for each key of its traits; seeds with an equal key are candidates. A key that more than
`MOST_ALIKE` seeds have says nothing: it is a standing notice, a template, the address of a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter

from validator.record.likeness import marks_of, may_be_near
from validator.record.traits import OF_TEXT, Tie, Traits, tie_of

MOST_ALIKE = 10  # seeds with one key
_MOST_PARTNERS = 40  # of one seed, for near copies; of a template that is changed a little each day there are more
_ROWS_AT_A_TIME = 10_000
LAYOUT = (
    "CREATE TABLE keys (key INTEGER NOT NULL, seed INTEGER NOT NULL)",
    "CREATE TABLE marks (seed INTEGER PRIMARY KEY, marks BLOB NOT NULL)",
)

# The lowest two bits of a key are its tie; ties 0 and 2 are about the text.
_PAIRING = (
    "CREATE INDEX by_key ON keys (key, seed)",
    "CREATE TABLE pairs (seed INTEGER, other INTEGER, tie INTEGER)",
    "CREATE TABLE counted AS SELECT key, count(*) AS seeds FROM keys GROUP BY key HAVING count(*) > 1",
)
_SHARED = """CREATE TABLE shared AS SELECT keys.key, keys.seed FROM counted JOIN keys ON keys.key = counted.key
    WHERE counted.seeds <= ?"""
_CROWD = """CREATE TABLE crowd AS SELECT keys.seed FROM counted JOIN keys ON keys.key = counted.key
    WHERE counted.seeds > ? AND keys.key & 3 IN (0, 2) GROUP BY keys.seed HAVING count(*) > 1"""
# Seeds whose text, or nearly, two others or more have: they share two keys at the least, as one may be chance.
_CROWDING = (
    """INSERT INTO crowd SELECT seed FROM
        (SELECT seed, other FROM pairs WHERE tie IN (0, 2) GROUP BY seed, other HAVING count(*) > 1)
        GROUP BY seed HAVING count(*) > 1""",
    "CREATE INDEX by_seed ON crowd (seed)",
)

Partners = dict[int, frozenset[Tie]]  # by the other's number


class Tables:
    """The keys of the seeds of one run."""

    def __init__(self) -> None:
        import sqlite3

        self._connection = sqlite3.connect("", isolation_level=None)  # a file of its own that nobody else sees
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "BEGIN", *LAYOUT):
            self._connection.execute(statement)
        self._rows: list[tuple[int, int]] = []
        self._marks: list[tuple[int, bytes]] = []

    def add(self, number: int, traits: Traits) -> None:
        """Take note of a seed."""
        self._rows += [(key, number) for key in traits.keys()]  # noqa: SIM118 - it is no mapping
        self.add_marks(number, marks_of(traits.sketch))
        if len(self._rows) >= _ROWS_AT_A_TIME:
            self._write()

    def add_marks(self, number: int, marks: bytes) -> None:
        """Take note of the bytes of a seed's sketch that tell how like another one it is."""
        if marks:
            self._marks.append((number, marks))

    def _write(self) -> None:
        self._connection.executemany("INSERT INTO keys VALUES (?, ?)", self._rows)
        self._connection.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?)", self._marks)
        self._rows, self._marks = [], []

    def add_rows(self, rows: Iterable[tuple[int, int]]) -> None:
        """Take note of keys and the numbers of their seeds."""
        self._rows += rows

    def partners(self) -> Iterator[tuple[int, Partners]]:
        """Each seed that may have something in common with others, in order, with their numbers and the ties."""
        self._write()
        connection = self._connection
        for statement in _PAIRING:
            connection.execute(statement)
        for statement in (_SHARED, _CROWD):
            connection.execute(statement, (MOST_ALIKE,))
        with closing(connection.cursor()) as cursor:
            rows = cursor.execute("SELECT key, seed FROM shared ORDER BY key, seed")
            connection.executemany("INSERT INTO pairs VALUES (?, ?, ?)", self._pairs_in(rows))
            for statement in _CROWDING:
                connection.execute(statement)
            rows = cursor.execute("SELECT DISTINCT seed, other, tie FROM pairs ORDER BY seed, tie, other")
            for number, group in groupby(rows, key=itemgetter(0)):
                yield number, self._ties(number, group)

    def _ties(self, number: int, rows: Iterable[tuple[int, int, int]]) -> Partners:
        """The partners of a seed."""
        ties: dict[int, set[Tie]] = {}
        for _, other, tie in rows:
            if other in ties or len(ties) < _MOST_PARTNERS:
                ties.setdefault(other, set()).add(Tie(tie))
        is_crowded = self._is_crowded(number)
        for other, found in ties.items():
            if found & OF_TEXT and (is_crowded or self._is_crowded(other)):
                found.add(Tie.CROWD)
        return {other: frozenset(found) for other, found in ties.items()}

    def _is_crowded(self, number: int) -> bool:
        return self._connection.execute("SELECT 1 FROM crowd WHERE seed = ?", (number,)).fetchone() is not None

    def _pairs_in(self, rows: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
        """The pairs of seeds with equal keys, both ways."""
        for key, group in groupby(rows, key=itemgetter(0)):
            tie = tie_of(key)
            seeds = [seed for _, seed in group]
            marks = [self._marks_of(seed) for seed in seeds] if tie is Tie.NEAR_BODY else []
            for at, one in enumerate(seeds):
                for second, other in enumerate(seeds[:at]):
                    if not marks or may_be_near(marks[at], marks[second]):
                        yield one, other, tie.value
                        yield other, one, tie.value

    def _marks_of(self, number: int) -> bytes:
        row = self._connection.execute("SELECT marks FROM marks WHERE seed = ?", (number,)).fetchone()
        return bytes(row[0]) if row else b""

    def close(self) -> None:
        """Give the file up."""
        self._connection.close()
