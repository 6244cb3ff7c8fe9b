"""The two ways into the database: `reading()` and `writing()`.

`writing()` is one short BEGIN IMMEDIATE: whoever holds it is the only writer of all processes, so what it
read is still true when it writes. sqlite-utils' own transactions issue a plain BEGIN, under which two writers
can both read and then collide; they are for schema and inspection, not for bookings.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from simulator.store.checkpointing import LONGEST_PAGES
from simulator.store.database_file import BUSY_TIMEOUT_MS, connect
from simulator.store.transaction import Transaction as Transaction  # the ways in are asked for both
from simulator.store.transaction import transaction_on

LOOK_AGAIN_SECONDS = 0.0005
"""How soon is looked again whether another writer is done."""

PRIMARY_CODE = 0xFF
"""The part of an SQLite result code that says what kind it is."""


class Spoilt(Exception):
    """One of several writings failed when it had written, and cannot be undone alone: nothing is written."""


class Store:
    """One process's way into the database: one connection, used by one thread at a time."""

    one_at_a_time = True

    def __init__(self, path: Path, durability: str = "normal") -> None:
        """Open the database at `path`; raise DatabaseUnusable where it is not one of ours.

        `durability` is "normal" (a killed process loses nothing that was acknowledged) or "full" (nor does a
        power cut).
        """
        self.path = path
        self.connection = connect(path, durability)
        # What is waited for is the one writer's lock alone, and that by `_begin`.
        self.connection.execute("pragma busy_timeout = 0")
        self._transaction = transaction_on(self.connection)
        self._file = _file_at(path)
        self.moment = 0
        """Counts the moments that were looked at: it stays as it is while a glance lasts."""
        self._is_glancing = False
        self._each_is_undone = True
        self._is_spoilt = False

    def is_in_place(self) -> bool:
        """Tell whether the path still leads to the file that was opened: SQLite goes on without it."""
        return self._file == _file_at(self.path)

    def leave_folding(self) -> None:
        """Leave the write-ahead log to `checkpointing`, which runs beside."""
        self.connection.execute(f"pragma wal_autocheckpoint = {LONGEST_PAGES}")

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Read: everything seen inside is of one moment."""
        if self.connection.in_transaction:
            yield self._transaction
            return
        self.moment += 1
        self.connection.execute("begin")
        try:
            yield self._transaction
        finally:
            self._end()

    def glance(self) -> Transaction:
        """Return the tables as they are at this turn of the event loop, for whoever is answered within it.

        To begin to read costs as much as to read: it is done once for the requests that are answered one
        after the other, in tasks that were all there when the turn began. What a loop calls when something
        has been received must leave the answering to a later turn. A writing ends a glance; the next sees
        what was written. Outside an event loop each statement sees a moment of its own.
        """
        if not self.connection.in_transaction:
            self.moment += 1
            with suppress(RuntimeError):
                asyncio.get_running_loop().call_soon(self._end_glance)
                self.connection.execute("begin")
                self._is_glancing = True
        return self._transaction

    def _end_glance(self) -> None:
        if self._is_glancing:
            self._is_glancing = False
            self.moment += 1
            try:
                # There is nothing to undo, and to roll back takes longer.
                self.connection.execute("commit")
            finally:
                self._end()

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Check and write as the only writer; commits at the end, or changes nothing where one raises.

        After `begin_several` it is part of what is committed together.
        """
        self._end_glance()
        if self.connection.in_transaction:
            if self._each_is_undone:
                with self._part():
                    yield self._transaction
                return
            before = self._written()
            try:
                yield self._transaction
            except BaseException:
                self._is_spoilt |= self._written() != before
                raise
            return
        self._begin()
        try:
            yield self._transaction
            self.connection.execute("commit")
        finally:
            self._end()

    def begin_several(self, each_is_undone: bool = True) -> bool:
        """Become the only writer for several writings that are committed together, unless somebody else is.

        What it costs to commit is paid once for all; and that each is undone by itself, which costs as much
        as a part of its work, only where `each_is_undone`. `committing_several` must follow at once.
        """
        self._end_glance()
        try:
            self.connection.execute("begin immediate")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                raise
            return False
        self._each_is_undone, self._is_spoilt = each_is_undone, False
        if not each_is_undone:
            self._transaction.audit.hold()
        return True

    @contextmanager
    def committing_several(self) -> Iterator[None]:
        """Commit what was written since `begin_several`; where that fails, nothing of it is written.

        Raises Spoilt where one that cannot be undone alone has failed.
        """
        try:
            yield
            self._finish_parts()
            self.connection.execute("commit")
        finally:
            self._end()

    @property
    def has_begun(self) -> bool:
        """Tell whether a transaction is open; after some failures SQLite ends it itself."""
        return self.connection.in_transaction

    def _begin(self) -> None:
        """Wait to be the only writer.

        Writers are done within a few milliseconds. SQLite's own waiting looks again ever more seldom, up to a
        tenth of a second: four writers had to wait half a second at times.
        """
        give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
        while not self.begin_several():
            if time.monotonic() > give_up:
                raise sqlite3.OperationalError(f"database is locked for over {BUSY_TIMEOUT_MS} ms")
            time.sleep(LOOK_AGAIN_SECONDS)

    def _written(self) -> tuple[int, int]:
        """Return what differs as soon as something more is written."""
        return self.connection.total_changes, self._transaction.audit.number_held

    def _finish_parts(self) -> None:
        if self._is_spoilt:
            raise Spoilt
        try:
            self._transaction.audit.add_held()
        except Exception as error:
            raise Spoilt from error

    @contextmanager
    def _part(self) -> Iterator[None]:
        self.connection.execute("savepoint part")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("rollback to part")
            raise
        finally:
            if self.connection.in_transaction:
                self.connection.execute("release part")

    def _end(self) -> None:
        """Leave no transaction open, whatever came of it; after some failures SQLite has ended it itself."""
        self._transaction.audit.drop_held()
        if self.connection.in_transaction:
            self.connection.execute("rollback")

    def close(self) -> None:
        """Close the connection."""
        self._is_glancing = False
        self.connection.close()


def _file_at(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from others of another or the same name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
