"""The file that holds the database: opening it, and telling one of ours from others."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from simulator.store.schema import APPLICATION_ID, SCHEMA_VERSION

BUSY_TIMEOUT_MS = 10_000
"""How long somebody else's lock on the database is waited for."""

SQLITE_MAGIC = b"SQLite format 3\0"
APPLICATION_ID_AT = 68
"""How an SQLite file begins, and where its application id is. Source: SQLite, "Database File Format"."""


_WHY_WRITABLE = "SQLite keeps two files beside a database that is in use"


class DatabaseUnusable(Exception):
    """The file cannot serve as the database; the message is one line for a person."""


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
        beside = (
            "" if os.access(path.parent, os.W_OK) else f"; {path.parent} must be writable: {_WHY_WRITABLE}"
        )
        raise DatabaseUnusable(f"{path}: cannot be used as a database: {error}{beside}") from error
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
