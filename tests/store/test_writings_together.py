"""Several writings of which none is undone alone: where one should have been, nothing is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulator.store.audit_verification import Head
from simulator.store.database import Spoilt, Store
from tests.store.chains import an_event, verdict
from tests.store.test_audit import record
from tests.store.test_several_writings import names, rename


@contextmanager
def together(store: Store) -> Iterator[None]:
    assert store.begin_several(each_is_undone=False)
    with store.committing_several():
        yield


def audited(store: Store) -> list[tuple[int, object]]:
    with store.reading() as transaction:
        return list(transaction.audit.all())


def test_writings_together_are_seen_by_nobody_before_all_are_committed(store: Store, other: Store) -> None:
    before = names(other)
    with together(store):
        for organization_id in (1, 2):
            with store.writing():
                rename(store, organization_id, "Renamed")
            assert names(other) == before
    assert names(other) == ["Renamed", "Renamed", before[2]]


def test_one_that_fails_before_it_has_written_spoils_nothing(store: Store, other: Store) -> None:
    before = names(other)
    with together(store):
        with store.writing():
            rename(store, 1, "First")
        with pytest.raises(ZeroDivisionError), store.writing() as transaction:
            assert transaction.practices.count() == 3
            raise ZeroDivisionError
        with store.writing():
            rename(store, 3, "Third")
    assert names(other) == ["First", before[1], "Third"]


def test_of_one_that_fails_when_it_has_written_nothing_remains_and_nothing_of_the_others(
    store: Store, other: Store
) -> None:
    before = names(other)
    with pytest.raises(Spoilt), together(store):
        with store.writing():
            rename(store, 1, "First")
        with pytest.raises(ZeroDivisionError), store.writing():
            rename(store, 2, "Never seen")
            raise ZeroDivisionError
        with store.writing():
            rename(store, 3, "Third")
    assert not store.has_begun
    assert names(store) == names(other) == before


def test_of_one_that_fails_when_it_has_recorded_nothing_remains(store: Store) -> None:
    with pytest.raises(Spoilt), together(store):
        record(store, an_event(1))
        with pytest.raises(ZeroDivisionError), store.writing() as transaction:
            transaction.audit.record([an_event(2)])
            raise ZeroDivisionError
    assert audited(store) == []


def test_one_that_fails_within_another_spoils_it_even_where_that_goes_on(store: Store) -> None:
    before = names(store)
    with pytest.raises(Spoilt), together(store), store.writing():
        with pytest.raises(ZeroDivisionError), store.writing():
            rename(store, 2, "Never seen")
            raise ZeroDivisionError
        rename(store, 1, "Never seen")
    assert names(store) == before


def test_what_is_spoilt_spoils_nothing_that_comes_after(store: Store) -> None:
    with pytest.raises(Spoilt), together(store), pytest.raises(ZeroDivisionError), store.writing():
        rename(store, 2, "Never seen")
        store.glance().audit.record([an_event(1)])
        raise ZeroDivisionError
    for begin in (Store.writing, together):
        with begin(store):
            rename(store, 2, "Seen")
            record(store, an_event(2))
    assert names(store)[1] == "Seen"
    assert [event for _, event in audited(store)] == [an_event(2), an_event(2)]


def test_what_is_recorded_together_follows_in_the_order_of_the_writings(
    store: Store, other: Store, database: Path
) -> None:
    record(other, an_event(0))
    with together(store):
        record(store, an_event(1))
        record(store, an_event(2), an_event(3))
        record(store)
        assert audited(other) == [(1, an_event(0))]
    record(store, an_event(4))
    assert audited(other) == [(number + 1, an_event(number)) for number in range(5)]
    assert isinstance(verdict(database), Head)


def test_an_event_that_cannot_be_recorded_is_found_out_before_anything_is_written(
    store: Store, other: Store
) -> None:
    before = names(other)
    with pytest.raises(Spoilt), together(store):
        with store.writing():
            rename(store, 1, "Never seen")
        record(store, an_event(1)._replace(at=2**70))
    assert not store.has_begun
    assert names(other) == before
    assert audited(other) == []


def test_no_writing_together_is_undone_alone(store: Store) -> None:
    noted: list[str] = []
    store.connection.set_trace_callback(noted.append)
    with together(store), store.writing():
        rename(store, 1, "Renamed")
    assert not any("part" in each for each in noted)
