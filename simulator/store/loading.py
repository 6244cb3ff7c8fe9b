"""Writing a whole database at once, which only seeding does.

Rows go in as tuples, many by one statement, twenty times as fast as through dictionaries, without journal or
sync: the file is a temporary one until it is finished, and then takes its name in one step.
"""

import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Self

from simulator.store.schema import AFTER_ROWS, Row, create_tables, insert_statement

MOMENT_SECONDS = 0.05
ROWS_TOGETHER = 50
"""How many rows one statement inserts: a third of what it costs to insert rows one by one is statements."""

Finishing = Callable[[int, int], None]
"""Told how many steps are done of those that follow the rows, and of how many."""


class Loading:
    """A database being made beside `path`; as a context manager, it becomes `path` or leaves nothing."""

    def __init__(self, path: Path, finishing: Finishing | None = None) -> None:
        """Begin beside `path`. Raises OSError or sqlite3.OperationalError where that cannot be written."""
        self.path = path
        self._finishing = finishing
        self.partial = path.with_name(f"{path.name}.part")
        retire(path)
        self._forget_partial()
        self.connection = sqlite3.connect(self.partial, isolation_level=None, check_same_thread=False)
        try:
            self.connection.execute("pragma journal_mode = off")
            self.connection.execute("pragma synchronous = off")
            # Nobody else knows of the file, and its indexes are made of pages that were just written.
            self.connection.execute("pragma locking_mode = exclusive")
            self.connection.execute("pragma cache_size = -32000")
            self.connection.execute("begin")
            create_tables(self.connection)
        except BaseException:
            self._abandon()
            raise

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows of a table, each with all its columns in the order of `schema.TABLES`."""
        left = iter(rows)
        together = insert_statement(table, ROWS_TOGETHER)
        while len(several := list(islice(left, ROWS_TOGETHER))) == ROWS_TOGETHER:
            self.connection.execute(together, list(chain.from_iterable(several)))
        self.connection.executemany(insert_statement(table), several)

    def count(self, table: str) -> int:
        """Return how many rows a table has so far."""
        (number,) = self.connection.execute(f"select count(*) from {table}").fetchone()
        return int(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for done, statement in enumerate(AFTER_ROWS, 1):
                    self._execute_stoppably(statement)
                    if self._finishing:
                        self._finishing(done, len(AFTER_ROWS))
                self.connection.execute("commit")
                # As it will be served: opening it later changes nothing in the file.
                self.connection.execute("pragma journal_mode = wal")
                self.connection.close()
                retire(self.path)
                self.partial.replace(self.path)
        finally:
            self._abandon()

    def _execute_stoppably(self, statement: str) -> None:
        """Execute a statement that may take long, in a thread: within one, Python does not heed a signal."""
        with ThreadPoolExecutor(1) as thread:
            work = thread.submit(self.connection.execute, statement)
            try:
                work.result()
            finally:
                while not work.done():
                    self.connection.interrupt()
                    wait([work], MOMENT_SECONDS)

    def _abandon(self) -> None:
        """Leave nothing beside `path`, whatever came of the loading."""
        self.connection.close()
        self._forget_partial()

    def _forget_partial(self) -> None:
        self.partial.unlink(missing_ok=True)


class InUse(OSError):
    """The database that was to be replaced is open in another process."""


def retire(path: Path) -> None:
    """Fold the log of a database that is to be replaced into its file; raise InUse where it is being served.

    Replaced under a running server, a file lives on unseen, and every booking made from then on is lost with
    it. A file that is no database is left as it is.
    """
    if path.exists():
        with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as old:
            _fold_log(old)
    # What still stands beside it would be taken for the new database's log.
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _fold_log(old: sqlite3.Connection) -> None:
    try:
        # Leaving write-ahead logging takes a lock that nobody else may share.
        old.execute("pragma journal_mode = delete")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise InUse("it is being served; stop the server first") from error
        raise
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
