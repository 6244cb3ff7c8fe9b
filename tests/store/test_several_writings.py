"""Several writings in one transaction: each undone by itself, all committed or none; and waiting to begin."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from simulator.store import database as opening
from simulator.store.database import Store
from tests.store.test_database import FailingCommits, name_of


def rename(store: Store, organization_id: int, name: str) -> None:
    store.connection.execute("update organizations set name = ? where id = ?", (name, organization_id))


def names(store: Store) -> list[str]:
    with store.reading() as transaction:
        return [each.name for each in transaction.practices.all()]


@contextmanager
def several(store: Store) -> Iterator[None]:
    assert store.begin_several()
    with store.committing_several():
        yield


def test_nobody_sees_any_of_several_writings_before_all_are_committed(store: Store, other: Store) -> None:
    before = names(other)
    with several(store):
        for organization_id in (1, 2):
            with store.writing():
                rename(store, organization_id, "Renamed")
            assert names(other) == before
    assert names(other) == ["Renamed", "Renamed", before[2]]


def test_one_of_several_writings_is_undone_alone(store: Store, other: Store) -> None:
    before = names(other)
    with several(store):
        with store.writing():
            rename(store, 1, "First")
        with pytest.raises(ZeroDivisionError), store.writing():
            rename(store, 1, "Never seen")
            rename(store, 2, "Never seen")
            raise ZeroDivisionError
        with store.writing():
            rename(store, 3, "Third")
    assert names(other) == ["First", before[1], "Third"]


def test_a_writing_within_another_is_undone_alone(store: Store, other: Store) -> None:
    before = names(other)
    with store.writing():
        rename(store, 1, "First")
        with pytest.raises(ZeroDivisionError), store.writing():
            rename(store, 2, "Never seen")
            raise ZeroDivisionError
    assert names(other) == ["First", *before[1:]]


def test_what_is_read_among_several_writings_is_what_was_written(store: Store) -> None:
    with several(store):
        with store.writing():
            rename(store, 1, "Renamed")
        assert name_of(store) == "Renamed"
    assert name_of(store) == "Renamed"


def test_where_several_fail_together_none_is_written(store: Store, other: Store) -> None:
    before = names(other)
    with pytest.raises(ZeroDivisionError), several(store):
        with store.writing():
            rename(store, 1, "Never seen")
        raise ZeroDivisionError
    assert not store.has_begun
    assert names(store) == names(other) == before


def test_where_the_commit_of_several_fails_none_is_written_and_the_store_goes_on(
    store: Store, other: Store
) -> None:
    before = names(other)
    connection = FailingCommits(store.connection)
    store.connection = connection  # type: ignore[assignment]  # stands in for one
    with pytest.raises(sqlite3.OperationalError, match="disk"), several(store), store.writing():
        rename(store, 1, "Never seen")
    assert not store.has_begun
    assert names(store) == names(other) == before
    connection.failing = False
    with several(store), store.writing():
        rename(store, 1, "Seen")
    assert names(other)[0] == "Seen"


def test_what_sqlite_has_undone_itself_is_not_undone_twice(store: Store) -> None:
    before = names(store)
    with pytest.raises(ZeroDivisionError), several(store), store.writing():
        rename(store, 1, "Never seen")
        store.connection.execute("rollback")
        raise ZeroDivisionError
    assert not store.has_begun
    assert names(store) == before


def never(seconds: float) -> None:
    raise AssertionError(f"slept for {seconds} s")


def test_several_do_not_begin_while_another_writes_and_leave_nothing_behind(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", never)
    with other.writing():
        assert not store.begin_several()
        assert not store.has_begun
        assert len(names(store)) == 3
    with several(store), store.writing():
        rename(store, 1, "Afterwards")
    assert names(other)[0] == "Afterwards"


def test_several_that_cannot_begin_for_another_reason_say_so(store: Store) -> None:
    store.connection.execute("begin")
    with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
        store.begin_several()
    store.connection.execute("rollback")


def test_a_writing_waits_until_the_other_writer_is_done(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[float] = []

    def sleep(seconds: float) -> None:
        looked.append(seconds)
        if len(looked) == 3:
            other.connection.execute("commit")

    monkeypatch.setattr(time, "sleep", sleep)
    other.connection.execute("begin immediate")
    rename(other, 1, "First")
    with store.writing():
        assert name_of(store) == "First"
        rename(store, 1, "Second")
    assert name_of(other) == "Second"
    assert looked == [opening.LOOK_AGAIN_SECONDS] * 3


def test_a_writing_that_waited_too_long_says_so_and_the_store_goes_on(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_MS", 5)
    locked = pytest.raises(sqlite3.OperationalError, match="database is locked for over 5 ms")
    with other.writing(), locked, store.writing():
        raise AssertionError("two write at once")
    assert not store.has_begun
    with store.writing():
        rename(store, 1, "Afterwards")
    assert name_of(other) == "Afterwards"
