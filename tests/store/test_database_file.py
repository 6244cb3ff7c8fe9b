"""The file that holds the database: opening it, and telling one of ours from others."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from simulator.store.database import Store
from simulator.store.database_file import DatabaseUnusable, check_writable, checkpoint, connect, read_about
from simulator.store.schema import SCHEMA_VERSION


@pytest.mark.parametrize(("durability", "synchronous"), [("normal", 1), ("full", 2)])
def test_durability_decides_when_the_disk_is_waited_for(
    database: Path, durability: str, synchronous: int
) -> None:
    with closing(connect(database, durability)) as connection:
        assert connection.execute("pragma synchronous").fetchone() == (synchronous,)
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def no_file(path: Path) -> None:
    """Leave nothing at the path."""


def another_program_s(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table t (a)")


def of_another_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")


def not_a_database(path: Path) -> None:
    path.write_bytes(b"This is a letter, not a database. " * 100)


def a_directory(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (no_file, ("no such database", "gpsim seed")),
        (another_program_s, ("not a simulator database",)),
        (not_a_database, ("cannot be used as a database",)),
        (a_directory, ("cannot be opened",)),
        (Path.touch, ("not a simulator database",)),
    ],
)
def test_a_file_that_cannot_serve_says_why(
    tmp_path: Path, make: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    path = tmp_path / "other.db"
    make(path)
    with pytest.raises(DatabaseUnusable) as refusal:
        Store(path)
    message = str(refusal.value)
    assert str(path) in message and "\n" not in message
    assert all(word in message for word in words), message


def test_a_database_of_another_schema_version_says_how_to_renew_it(database: Path) -> None:
    of_another_version(database)
    with pytest.raises(
        DatabaseUnusable, match=rf"version {SCHEMA_VERSION + 1}.*needs {SCHEMA_VERSION}.*--force"
    ):
        Store(database)


def test_the_notes_of_the_seeding_can_be_read(store: Store) -> None:
    notes = read_about(store.connection).notes
    assert (notes["profile"], notes["today"], notes["seed"]) == ("demo", "2026-03-16", "1")


def test_after_a_checkpoint_the_file_alone_is_the_database(store: Store, database: Path) -> None:
    with store.writing():
        store.connection.execute("update organizations set name = 'In the log' where id = 1")
    store.close()
    checkpoint(database)
    log = database.with_name(database.name + "-wal")
    assert not log.exists() or log.stat().st_size == 0
    with closing(Store(database)) as again, again.reading() as transaction:
        assert transaction.practices.all()[0].name == "In the log"


def test_a_database_that_can_be_written_is_left_as_it_is(database: Path) -> None:
    check_writable(database)
    with closing(Store(database)) as again, again.reading() as transaction:
        assert transaction.practices.count() == 3


def test_a_database_that_cannot_be_written_says_so(
    store: Store, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.store.database_file.BUSY_TIMEOUT_MS", 0)
    with store.writing(), pytest.raises(DatabaseUnusable, match=f"{database.name}: cannot be written"):
        check_writable(database)
