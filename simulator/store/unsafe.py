"""Booking that can go wrong, on purpose: check, pause, write, without transaction or unique index.

It exists to prove that the judge of a load run can fail. It only ever runs on a throw-away copy of the
database; the user's own file stays as it is.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from simulator.store.database import Store, Transaction
from simulator.store.database_file import connect
from simulator.store.schema import LIVE_SLOT_INDEX
from simulator.store.slots import Slots
from simulator.store.transaction import transaction_on

PAUSE_SECONDS = 0.02


class HeedlessSlots(Slots):
    """Slots that are taken without looking again whether they are free."""

    def __init__(self, connection: sqlite3.Connection, pause: float) -> None:
        super().__init__(connection)
        self._pause = pause

    def take(self, slot_ids: Sequence[int]) -> bool:
        """Pause, as a slow system would between its check and its write; then take whatever was asked for."""
        time.sleep(self._pause)
        for slot_id in slot_ids:
            self._execute("update slots set status = 'busy', version = version + 1 where id = ?", (slot_id,))
        return True


class UnsafeStore(Store):
    """A store for threads, one connection each, whose writing is no transaction."""

    one_at_a_time = False

    def __init__(self, path: Path, durability: str = "normal", pause: float = PAUSE_SECONDS) -> None:
        """Open a copy made by `unsafe_copy`."""
        super().__init__(path, durability)
        self._durability = durability
        self._pause = pause
        self._own = threading.local()
        self._opened: list[sqlite3.Connection] = []

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Read through the thread's own connection, each statement by itself."""
        yield self._of_this_thread()

    def glance(self) -> Transaction:
        """Return the tables through the thread's own connection."""
        self.moment += 1
        return self._of_this_thread()

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Check and write with nothing to hold the two together."""
        yield self._of_this_thread()

    def close(self) -> None:
        """Close every thread's connection."""
        for connection in self._opened:
            connection.close()
        super().close()

    def _of_this_thread(self) -> Transaction:
        transaction: Transaction | None = getattr(self._own, "transaction", None)
        if transaction is None:
            connection = connect(self.path, self._durability)
            self._opened.append(connection)
            safe = transaction_on(connection)
            transaction = replace(safe, slots=HeedlessSlots(connection, self._pause))
            self._own.transaction = transaction
        return transaction


def unsafe_copy(original: Path, directory: Path) -> Path:
    """Copy a database into a directory, without the index that makes double booking impossible."""
    copy = directory / "unsafe.db"
    with closing(connect(original)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute(f"drop index {LIVE_SLOT_INDEX}")
    return copy
