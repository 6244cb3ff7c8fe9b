"""Folding the write-ahead log into the database file beside the serving of requests.

SQLite does it in the commit that makes the log long, and waits for the disk there: every few dozen bookings
one of them, and all who come after it, would take many times as long as the others. Here a thread folds what
is there, and the commit that finds the log long all the same has little left to do. It must still come to
that: only a log that is folded to its end, which under load no thread can do, is begun anew.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

LONGEST_PAGES = 8_000
"""How long the log gets, in pages, before a commit folds what is left of it."""

LOOK_EVERY_SECONDS = 0.5
LONG_ENOUGH = 4_000_000
"""How long the log must be, in bytes, to be folded."""


@contextmanager
def checkpointing(path: Path) -> Iterator[None]:
    """Fold the log of the database at `path` now and then, in a thread, until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=_fold_until, args=(stop, path), name="checkpointing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _fold_until(stop: threading.Event, path: Path) -> None:
    log = path.with_name(f"{path.name}-wal")
    while not stop.wait(LOOK_EVERY_SECONDS):
        # What cannot be done now is done the next time.
        with suppress(OSError, sqlite3.Error):
            if log.stat().st_size >= LONG_ENOUGH:
                fold(path)


def fold(path: Path) -> None:
    """Fold as much of the log as nobody is reading or writing; nobody is made to wait."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(passive)")
