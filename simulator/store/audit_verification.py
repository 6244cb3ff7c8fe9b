"""Walking the audit chain from its first row, to prove that every row is as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.store.audit_chain import BEGINNING, link
from simulator.store.database_file import connect
from simulator.store.schema import Row

ROWS_AT_A_TIME = 10_000
"""How many rows are read in one transaction: a longer one would keep a server's log from being folded in."""

_FIRST = -(2**63)


class BrokenChain(Exception):
    """The first row that does not fit, and how; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain goes: how many rows it has, and the hash of the last."""

    count: int = 0
    hash: bytes = BEGINNING


class ChainReader:
    """The audit rows of a database, which may be served and may grow meanwhile."""

    def __init__(self, path: Path) -> None:
        """Open a database. Raises DatabaseUnusable."""
        self._connection = connect(path)
        # Bytes that are no text are no reason to stop reading: the row that has them is one that was changed.
        self._connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")

    def count(self) -> int:
        """Return how many rows there are now, if none is missing."""
        (number,) = self._connection.execute("select coalesce(max(sequence), 0) from audit").fetchone()
        return int(number)

    def verified(self) -> Iterator[Head]:
        """Yield how far the chain holds after every so many rows, and at its end.

        Raises BrokenChain at the first row that does not fit: one that is missing, that was changed, or that
        follows another row than the one before it.
        """
        head = Head()
        while True:
            first = head.count + 1 if head.count else _FIRST
            rows = self._connection.execute(
                "select * from audit where sequence >= ? order by sequence limit ?", (first, ROWS_AT_A_TIME)
            ).fetchall()
            for row in rows:
                head = self._following(row, head)
            yield head
            if len(rows) < ROWS_AT_A_TIME:
                return

    def _following(self, row: Row, head: Head) -> Head:
        """Return the chain's head after one more row."""
        expected = head.count + 1
        if row[0] > expected:
            missing = (
                f"row {expected} is" if row[0] == expected + 1 else f"rows {expected} to {row[0] - 1} are"
            )
            raise BrokenChain(f"{missing} missing")
        if row[0] < expected:
            raise BrokenChain(f"row {row[0]} is out of order: the first row is number 1")
        if row[-2] == head.hash and _own_hash(row) == row[-1]:
            return Head(expected, row[-1])
        raise BrokenChain(self._fault(row, expected))

    def _fault(self, row: Row, sequence: int) -> str:
        """Say how a row that stands in the right place does not fit there."""
        previous = row[-2] if isinstance(row[-2], bytes) else None
        found = self._connection.execute("select sequence from audit where hash = ?", (previous,)).fetchone()
        if found is not None and found[0] not in (sequence - 1, sequence):
            place = f"not row {sequence - 1}" if sequence > 1 else "and stands first"
            return f"row {sequence} is out of order: it follows row {found[0]}, {place}"
        if _own_hash(row) != row[-1]:
            return f"row {sequence} was changed: it does not have the hash that it was written with"
        if sequence == 1:
            return "row 1 is out of order: it follows a row, and nothing goes before the first"
        return f"row {sequence - 1} was changed, and hashed anew: row {sequence} follows it as it was before"

    def hash_of(self, sequence: int) -> bytes | None:
        """Return the hash that a row carries."""
        row = self._connection.execute("select hash from audit where sequence = ?", (sequence,)).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def check_noted(reader: ChainReader, reached: Head, noted: Head) -> None:
    """Raise BrokenChain unless a chain that was verified still holds the head noted of it earlier."""
    if noted.count > reached.count:
        raise BrokenChain(
            f"rows {reached.count + 1} to {noted.count} are missing: the trail ends with row {reached.count}"
        )
    found = reader.hash_of(noted.count) if noted.count else BEGINNING
    if found != noted.hash:
        raise BrokenChain(
            f"row {noted.count} was changed: it does not have the hash that was noted, though every row fits"
        )


def _own_hash(row: Row) -> bytes | None:
    """Return the hash of what a row holds; None where no row was ever written with such values."""
    try:
        return link(row[-2], row[:-2])
    except TypeError:
        return None
