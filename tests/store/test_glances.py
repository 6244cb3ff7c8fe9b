"""What is looked at within one turn of the event loop is of one moment, and no older than the turn."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from simulator.store.database import Store

Turn = Callable[[], None]


def seen(store: Store) -> str:
    """Return what a glance shows."""
    (organization,) = [each for each in store.glance().practices.all() if each.id == 1]
    return organization.name


def rename(store: Store, name: str) -> None:
    with store.writing():
        store.connection.execute("update organizations set name = ? where id = 1", (name,))


def in_a_loop(*turns: Turn) -> None:
    """Take turns of an event loop, as requests are answered that came one after the other."""

    failed: list[dict[str, object]] = []

    async def all_turns() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: failed.append(context))
        for turn in turns:
            turn()
            await asyncio.sleep(0)

    asyncio.run(all_turns())
    assert not failed


def test_within_a_turn_others_writings_are_not_seen_and_in_the_next_they_are(
    store: Store, other: Store
) -> None:
    names: list[str] = []

    def looks() -> None:
        names.append(seen(store))

    def looks_writes_looks() -> None:
        looks()
        rename(other, "Renamed")
        looks()

    in_a_loop(looks_writes_looks, looks)
    assert names[0] == names[1] != names[2] == "Renamed"


def test_what_is_written_within_a_turn_is_seen_in_it_and_stays(store: Store, other: Store) -> None:
    names: list[str] = []

    def turn() -> None:
        names.append(seen(store))
        rename(store, "Renamed")
        names.append(seen(store))

    in_a_loop(turn, lambda: None)
    assert names[1] == "Renamed" != names[0]
    assert seen(other) == "Renamed"


def test_several_writings_may_begin_in_a_turn_that_has_looked(store: Store, other: Store) -> None:
    def turn() -> None:
        seen(store)
        assert store.begin_several()
        with store.committing_several():
            rename(store, "One")
            assert seen(store) == "One"
            rename(store, "Two")

    in_a_loop(turn)
    assert seen(other) == "Two"


def test_a_glance_ends_with_its_turn_and_keeps_nobody_from_folding_the_log(
    store: Store, other: Store
) -> None:
    def looks() -> None:
        seen(store)
        assert store.has_begun

    def finds_it_ended() -> None:
        assert not store.has_begun
        busy, *_ = other.connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        assert not busy

    in_a_loop(looks, finds_it_ended)


def test_what_is_read_together_in_a_turn_that_has_looked_leaves_the_glance_open(store: Store) -> None:
    def turn() -> None:
        seen(store)
        with store.reading():
            pass
        assert store.has_begun

    in_a_loop(turn, lambda: None)
    assert not store.has_begun


def test_outside_an_event_loop_each_glance_is_of_its_own_moment(store: Store, other: Store) -> None:
    before = seen(store)
    rename(other, "Renamed")
    assert seen(store) == "Renamed" != before
    assert not store.has_begun


def test_a_store_that_is_closed_within_a_turn_is_left_alone_after_it(database: Path) -> None:
    store = Store(database)

    def turn() -> None:
        seen(store)
        store.close()

    in_a_loop(turn, lambda: None)


def test_moments_are_counted_a_turn_is_one_and_what_is_written_in_it_ends_it(store: Store) -> None:
    counted: list[int] = []

    def looks() -> None:
        seen(store)
        counted.append(store.moment)

    def looks_twice_writes_and_looks() -> None:
        looks()
        looks()
        rename(store, "Renamed")
        looks()

    in_a_loop(looks_twice_writes_and_looks, looks)
    first, again, after_writing, next_turn = counted
    assert first == again < after_writing < next_turn
    looks()
    looks()
    assert next_turn < counted[-2] < counted[-1]
