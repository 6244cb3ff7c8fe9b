"""Opening the database, and the two ways in."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from simulator.store.database import DatabaseUnusable, Store, check_writable, checkpoint, connect, read_about
from simulator.store.schema import SCHEMA_VERSION


def count(store: Store) -> int:
    with store.reading() as transaction:
        return transaction.practices.count()


def rename(store: Store, name: str) -> None:
    store.connection.execute("update organizations set name = ? where id = 1", (name,))


def name_of(store: Store) -> str:
    with store.reading() as transaction:
        return transaction.practices.all()[0].name


def test_what_is_written_is_there_for_others(store: Store, database: Path) -> None:
    with store.writing():
        rename(store, "Renamed")
    with closing(Store(database)) as other:
        assert name_of(other) == "Renamed"


def test_a_writing_that_raises_changes_nothing(store: Store) -> None:
    before = name_of(store)
    with pytest.raises(ZeroDivisionError), store.writing():
        rename(store, "Half done")
        raise ZeroDivisionError
    assert name_of(store) == before


def test_a_reading_changes_nothing_even_where_it_writes(store: Store) -> None:
    before = name_of(store)
    with store.reading():
        rename(store, "By mistake")
    assert name_of(store) == before


def test_a_reading_that_raises_leaves_the_store_usable(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.reading():
        raise ZeroDivisionError
    assert count(store) == 3


def test_everything_read_in_one_reading_is_of_one_moment(store: Store, database: Path) -> None:
    with closing(Store(database)) as other, store.reading() as transaction:
        before = transaction.practices.all()[0].name
        with other.writing():
            rename(other, "Meanwhile")
        assert transaction.practices.all()[0].name == before
    assert name_of(store) == "Meanwhile"


def test_only_one_writes_at_a_time(store: Store, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.store.database.BUSY_TIMEOUT_MS", 20)
    with closing(Store(database)) as other:
        with (
            store.writing(),
            pytest.raises(sqlite3.OperationalError, match="locked for over 20 ms"),
            other.writing(),
        ):
            pass
        with other.writing():
            rename(other, "Afterwards")
    assert name_of(store) == "Afterwards"


def test_readers_are_not_kept_waiting_by_a_writer(store: Store, database: Path) -> None:
    with closing(Store(database)) as other, store.writing():
        assert count(other) == 3


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
        rename(store, "In the log")
    store.close()
    checkpoint(database)
    log = database.with_name(database.name + "-wal")
    assert not log.exists() or log.stat().st_size == 0
    with closing(Store(database)) as again:
        assert name_of(again) == "In the log"


def test_a_database_that_can_be_written_is_left_as_it_is(database: Path) -> None:
    check_writable(database)
    with closing(Store(database)) as again:
        assert count(again) == 3


def test_a_database_that_cannot_be_written_says_so(
    store: Store, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.store.database.BUSY_TIMEOUT_MS", 0)
    with store.writing(), pytest.raises(DatabaseUnusable, match=f"{database.name}: cannot be written"):
        check_writable(database)


class FailingCommits:
    """A connection whose commits fail, as they do on a full disk."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.failing = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def execute(self, statement: str, values: tuple[str, ...] = ()) -> sqlite3.Cursor:
        if statement == "commit" and self.failing:
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(statement, values)


def test_after_a_commit_that_failed_nothing_is_changed_and_the_store_goes_on(store: Store) -> None:
    before = name_of(store)
    connection = FailingCommits(store.connection)
    store.connection = connection  # type: ignore[assignment]  # stands in for one
    with pytest.raises(sqlite3.OperationalError, match="disk"), store.writing():
        rename(store, "Never seen")
    assert name_of(store) == before
    connection.failing = False
    with store.writing():
        rename(store, "Seen")
    assert name_of(store) == "Seen"
