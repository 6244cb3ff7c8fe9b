"""The two ways into the database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from simulator.store.database import Store


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
