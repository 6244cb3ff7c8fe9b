"""Opening the database, and the two ways in: `reading()` and `writing()`.

`writing()` is one short BEGIN IMMEDIATE: whoever holds it is the only writer of all processes, so what it
read is still true when it writes. sqlite-utils' own transactions issue a plain BEGIN, under which two writers
can both read and then collide; they are for schema and inspection, not for bookings.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from simulator.store.checkpointing import LONGEST_PAGES
from simulator.store.schema import APPLICATION_ID, SCHEMA_VERSION
from simulator.store.transaction import Transaction as Transaction  # the ways in are asked for both
from simulator.store.transaction import transaction_on

BUSY_TIMEOUT_MS = 10_000
LOOK_AGAIN_SECONDS = 0.0005
"""How soon is looked again whether another writer is done."""

SQLITE_MAGIC = b"SQLite format 3\0"
APPLICATION_ID_AT = 68
"""How an SQLite file begins, and where its application id is. Source: SQLite, "Database File Format"."""

PRIMARY_CODE = 0xFF
"""The part of an SQLite result code that says what kind it is."""


class DatabaseUnusable(Exception):
    """The file cannot serve as the database; the message is one line for a person."""


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
        self.moment = 0
        """Counts the moments that were looked at: it stays as it is while a glance lasts."""
        self._is_glancing = False
        self._each_is_undone = True
        self._is_spoilt = False

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


def connect(path: Path, durability: str = "normal") -> sqlite3.Connection:
    """Open a connection with the pragmas of the house; transactions are begun by hand."""
    if not path.exists():
        raise DatabaseUnusable(f"{path}: no such database; `gpsim seed --database {path}` makes one")
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000
        )
    except sqlite3.Error as error:
        raise DatabaseUnusable(f"{path}: cannot be opened: {error}") from error
    try:
        _refuse_foreign_file(connection, path)
        connection.execute("pragma journal_mode = wal")
        connection.execute(f"pragma synchronous = {'full' if durability == 'full' else 'normal'}")
        connection.execute("pragma cache_size = -16000")
        connection.execute("pragma mmap_size = 67108864")
    except sqlite3.Error as error:
        connection.close()
        raise DatabaseUnusable(f"{path}: cannot be used as a database: {error}") from error
    except DatabaseUnusable:
        connection.close()
        raise
    return connection


def check_writable(path: Path) -> None:
    """Raise DatabaseUnusable where the database at `path` can be read and not written."""
    with closing(connect(path)) as connection:
        try:
            connection.execute("begin immediate")
            # On a file that may only be read, SQLite begins all the same; it refuses the first write.
            connection.execute("update about set value = value where false")
        except sqlite3.Error as error:
            raise DatabaseUnusable(f"{path}: cannot be written: {error}") from error
        connection.execute("rollback")


def _refuse_foreign_file(connection: sqlite3.Connection, path: Path) -> None:
    """Raise where the file is another program's, or of another schema version."""
    (application,) = connection.execute("pragma application_id").fetchone()
    (version,) = connection.execute("pragma user_version").fetchone()
    if application != APPLICATION_ID:
        raise DatabaseUnusable(f"{path}: is not a simulator database; choose another file or seed a new one")
    if version != SCHEMA_VERSION:
        raise DatabaseUnusable(
            f"{path}: has schema version {version}, this release needs {SCHEMA_VERSION};"
            f" seed it again with `gpsim seed --database {path} --force`"
        )


def may_be_replaced(path: Path) -> bool:
    """Tell whether a file may make way for a new database: one of ours, of whatever version, or an empty one.

    It is read as bytes, so that one that is damaged, or served, counts as ours too. Raises OSError.
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        header = file.read(APPLICATION_ID_AT + 4)
    ours = header[:16] == SQLITE_MAGIC and header[APPLICATION_ID_AT:] == APPLICATION_ID.to_bytes(4)
    return ours or not header


@dataclass(frozen=True, slots=True)
class About:
    """What the seeding noted of itself, by key: profile, seed, today, first_day, last_day."""

    notes: dict[str, str]


def read_about(connection: sqlite3.Connection) -> About:
    """Return the seeding's notes of itself; those of named cases, many of each practice, are apart."""
    rows = connection.execute(
        "select key, value from about where key in ('profile', 'seed', 'today', 'first_day', 'last_day')"
    )
    return About(dict(rows.fetchall()))


def checkpoint(path: Path) -> None:
    """Fold the write-ahead log into the file, so that the file alone is the database; if there is one."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
