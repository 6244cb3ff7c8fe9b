"""The database notes what changes at a practice, whoever changes it: a number, and the slot concerned."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from simulator.store.database import Store
from simulator.store.practice_changes import PracticeChanges
from simulator.store.schema import insert_statement
from tests.diary import Diary

Change = tuple[int, int | None]


def changes(store: Store, organization_id: int = 1, number: int = 0) -> list[Change]:
    """Return what changed at a practice after a change: numbers, and the slots concerned."""
    found = PracticeChanges(store.connection).since(number)
    return [(number, slot_id) for number, practice, slot_id in found if practice == organization_id]


def slots_of(store: Store, organization_id: int, number: int) -> list[int]:
    """Return ids of free slots of a practice."""
    rows = store.connection.execute(
        "select slots.id from slots join schedules on schedules.id = schedule_id"
        " where organization_id = ? and status = 'free' order by slots.id limit ?",
        (organization_id, number),
    )
    return [row[0] for row in rows]


def test_a_seeded_database_begins_with_nothing_noted(store: Store) -> None:
    assert changes(store) == changes(store, 2) == []
    assert PracticeChanges(store.connection).last() == 0


def test_each_slot_that_is_taken_or_let_go_is_noted_in_order(store: Store) -> None:
    one, other = slots_of(store, 1, 2)
    with store.writing() as transaction:
        assert transaction.slots.take([one, other])
        transaction.slots.release([other])
    assert changes(store) == [(1, one), (2, other), (3, other)]
    assert changes(store, number=2) == [(3, other)]
    assert PracticeChanges(store.connection).last() == 3


def test_all_practices_are_numbered_together(store: Store) -> None:
    ((ours,), (theirs,)) = slots_of(store, 1, 1), slots_of(store, 2, 1)
    with store.writing() as transaction:
        assert transaction.slots.take([theirs]) and transaction.slots.take([ours])
    assert (changes(store), changes(store, 2)) == ([(2, ours)], [(1, theirs)])


def test_what_was_not_free_is_not_taken_and_not_noted(store: Store) -> None:
    (slot_id,) = slots_of(store, 1, 1)
    with store.writing() as transaction:
        assert transaction.slots.take([slot_id])
        assert not transaction.slots.take([slot_id])
    assert changes(store) == [(1, slot_id)]


def a_row(diary: Diary, table: str) -> int:
    """Add a row like the practice's first one."""
    connection = diary.connection
    (last,) = connection.execute(f"select max(id) from {table}").fetchone()
    first = connection.execute(
        f"select * from {table} where organization_id = ? order by id limit 1", (diary.organization_id,)
    ).fetchone()
    connection.execute(insert_statement(table), (last + 1, *first[1:]))
    return int(last) + 1


@pytest.mark.parametrize("organization_id", [1, 2])
@pytest.mark.parametrize("table", ["schedules", "locations", "practitioners", "access_profiles"])
def test_whatever_else_a_search_shows_is_noted_when_it_comes_changes_and_goes(
    store: Store, diary: Diary, table: str, organization_id: int
) -> None:
    diary.organization_id = organization_id
    row_id = a_row(diary, table)
    assert changes(store, organization_id) == [(1, None)]
    store.connection.execute(f"update {table} set organization_id = organization_id where id = ?", (row_id,))
    assert changes(store, organization_id) == [(1, None), (2, None)]
    store.connection.execute(f"delete from {table} where id = ?", (row_id,))
    assert changes(store, organization_id) == [(1, None), (2, None), (3, None)]
    assert changes(store, 3 - organization_id) == []


@pytest.mark.parametrize("capability", [None, "appointments"])
def test_a_switch_is_noted(store: Store, capability: str | None) -> None:
    with store.writing() as transaction:
        transaction.practices.switch(2, capability, on=False)
    assert (changes(store), changes(store, 2)) == ([], [(1, None)])


def failing(store: Store, work: Callable[[], None]) -> None:
    with pytest.raises(ZeroDivisionError), store.writing():
        work()
        raise ZeroDivisionError


def test_what_is_undone_was_never_noted(store: Store) -> None:
    one, other = slots_of(store, 1, 2)
    with store.writing() as transaction:
        assert transaction.slots.take([one])
        failing(store, lambda: transaction.slots.release([one]))
        assert changes(store) == [(1, one)]
        assert transaction.slots.take([other])
    failing(store, lambda: transaction.slots.release([other]))
    assert changes(store) == [(1, one), (2, other)]


def test_every_process_sees_what_the_others_changed_and_numbers_on(store: Store, database: Path) -> None:
    one, other = slots_of(store, 1, 2)
    with closing(Store(database)) as elsewhere:
        with elsewhere.writing() as transaction:
            assert transaction.slots.take([one])
            assert changes(store) == []
        assert changes(store) == [(1, one)]
        with store.writing() as transaction:
            assert transaction.slots.take([other])
        assert changes(elsewhere) == [(1, one), (2, other)]
