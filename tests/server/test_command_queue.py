"""Commands that wait go in one transaction; each is refused alone, and none is answered before the commit."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import pytest

from simulator.interactions.interaction import InteractionResponse
from simulator.server import command_queue
from simulator.server.command_queue import CommandQueue
from simulator.store.database import Store
from simulator.store.database_file import BUSY_TIMEOUT_MS
from tests.store.test_database import FailingCommits

PATIENCE_SECONDS = 30.0


def phone_of(store: Store, organization_id: int) -> str:
    with store.reading() as transaction:
        return str(transaction.practices.all()[organization_id - 1].phone)


def ringing(store: Store, organization_id: int, phone: str) -> Callable[[], InteractionResponse]:
    """Return a command that gives a practice another telephone number."""

    def work() -> InteractionResponse:
        with store.writing():
            store.connection.execute(
                "update organizations set phone = ? where id = ?", (phone, organization_id)
            )
        return InteractionResponse({}, location=phone)

    return work


def refused(store: Store, organization_id: int) -> Callable[[], InteractionResponse]:
    """Return a command that is refused when it has written."""

    def work() -> InteractionResponse:
        with store.writing():
            ringing(store, organization_id, "never")()
            raise KeyError("refused")

    return work


async def outcomes(*runs: Awaitable[InteractionResponse]) -> list[str]:
    """Return the telephone numbers that were answered, and the names of what was raised."""
    found = await asyncio.wait_for(asyncio.gather(*runs, return_exceptions=True), PATIENCE_SECONDS)
    return [
        str(each.location) if isinstance(each, InteractionResponse) else type(each).__name__ for each in found
    ]


def traced(store: Store, *others: str) -> list[str]:
    """Return a list to which all statements that begin or commit a writing will be added, and others."""
    noted: list[str] = []

    def note(statement: str) -> None:
        if statement.lower() in ("begin immediate", "commit", *others):
            noted.append(statement.lower())

    store.connection.set_trace_callback(note)
    return noted


def test_commands_that_wait_together_are_committed_together(store: Store, other: Store) -> None:
    noted = traced(store)

    async def run() -> list[str]:
        queue = CommandQueue(store)
        return await outcomes(*(queue.run(ringing(store, number, f"0{number}")) for number in (1, 2, 3)))

    assert asyncio.run(run()) == ["01", "02", "03"]
    assert noted == ["begin immediate", "commit"]
    assert [phone_of(other, number) for number in (1, 2, 3)] == ["01", "02", "03"]


def test_commands_that_come_one_after_the_other_are_committed_one_after_the_other(store: Store) -> None:
    noted = traced(store)

    async def run() -> list[str]:
        queue = CommandQueue(store)
        return [
            *await outcomes(queue.run(ringing(store, 1, "01"))),
            *await outcomes(queue.run(ringing(store, 2, "02"))),
        ]

    assert asyncio.run(run()) == ["01", "02"]
    assert noted == ["begin immediate", "commit"] * 2


def test_one_that_is_refused_is_undone_alone(store: Store, other: Store) -> None:
    before = phone_of(other, 2)

    async def run() -> list[str]:
        queue = CommandQueue(store)
        works = (ringing(store, 1, "01"), refused(store, 2), refused(store, 1), ringing(store, 3, "03"))
        return await outcomes(*(queue.run(work) for work in works))

    assert asyncio.run(run()) == ["01", "KeyError", "KeyError", "03"]
    assert [phone_of(other, number) for number in (1, 2, 3)] == ["01", before, "03"]


@pytest.mark.parametrize("kind", [ringing, refused])
def test_nobody_is_told_anything_before_it_is_committed(
    store: Store, other: Store, kind: Callable[..., Callable[[], InteractionResponse]]
) -> None:
    seen: list[str] = []
    last = ringing(store, 1, "01")
    first = ringing(store, 2, "02") if kind is ringing else refused(store, 2)

    async def tell(queue: CommandQueue, work: Callable[[], InteractionResponse]) -> None:
        await asyncio.gather(queue.run(work), return_exceptions=True)
        seen.append(phone_of(other, 1))

    async def run() -> None:
        queue = CommandQueue(store)
        await asyncio.gather(tell(queue, first), tell(queue, last))

    asyncio.run(run())
    assert seen == ["01", "01"]


def test_where_the_commit_fails_everybody_is_told_so_and_nothing_is_written(
    store: Store, other: Store
) -> None:
    before = [phone_of(other, number) for number in (1, 2, 3)]
    connection = FailingCommits(store.connection)
    store.connection = connection  # type: ignore[assignment]  # stands in for one

    async def run() -> list[str]:
        queue = CommandQueue(store)
        works = (ringing(store, 1, "01"), refused(store, 2), ringing(store, 3, "03"))
        failed = await outcomes(*(queue.run(work) for work in works))
        assert [phone_of(other, number) for number in (1, 2, 3)] == before
        connection.failing = False
        return failed + await outcomes(queue.run(ringing(store, 1, "01")))

    assert asyncio.run(run()) == ["OperationalError"] * 3 + ["01"]
    assert phone_of(other, 1) == "01"


def test_where_sqlite_undoes_everything_itself_everybody_fails(store: Store, other: Store) -> None:
    before = [phone_of(other, number) for number in (1, 2, 3)]

    def full() -> InteractionResponse:
        with store.writing():
            store.connection.execute("rollback")
            raise sqlite3.OperationalError("database or disk is full")

    async def run() -> list[str]:
        queue = CommandQueue(store)
        works = (ringing(store, 1, "01"), refused(store, 2), full, ringing(store, 3, "03"))
        failed = await outcomes(*(queue.run(work) for work in works))
        assert [phone_of(other, number) for number in (1, 2, 3)] == before
        return failed + await outcomes(queue.run(ringing(store, 1, "01")))

    assert asyncio.run(run()) == ["OperationalError"] * 4 + ["01"]


def test_while_another_process_writes_commands_wait_and_nobody_else_does(store: Store, other: Store) -> None:
    async def run() -> list[str]:
        queue = CommandQueue(store)
        with other.writing():
            other.connection.execute("update organizations set phone = 'theirs' where id = 1")
            waiting = [asyncio.ensure_future(queue.run(ringing(store, number, "ours"))) for number in (1, 2)]
            for _ in range(5):
                await asyncio.sleep(0.002)
                assert phone_of(store, 1) not in ("theirs", "ours")
            assert not any(each.done() for each in waiting)
            waiting.append(asyncio.ensure_future(queue.run(ringing(store, 3, "ours"))))
        return await outcomes(*waiting)

    noted = traced(store)
    assert asyncio.run(run()) == ["ours"] * 3
    assert noted.count("commit") == 1
    assert [phone_of(other, number) for number in (1, 2, 3)] == ["ours"] * 3


def test_what_waited_too_long_fails_and_what_comes_later_does_not(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_queue, "BUSY_TIMEOUT_MS", 5)

    async def run() -> list[str]:
        queue = CommandQueue(store)
        with other.writing():
            failed = await outcomes(*(queue.run(ringing(store, number, "never")) for number in (1, 2)))
        return failed + await outcomes(queue.run(ringing(store, 3, "03")))

    assert asyncio.run(run()) == ["OperationalError", "OperationalError", "03"]
    assert "never" not in (phone_of(other, 1), phone_of(other, 2))


def test_one_that_has_only_just_come_waits_on_where_an_older_one_fails(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(command_queue, "time", SimpleNamespace(monotonic=lambda: now))

    async def run() -> list[str]:
        nonlocal now
        queue = CommandQueue(store)
        with other.writing():
            old = asyncio.ensure_future(queue.run(ringing(store, 1, "never")))
            await asyncio.sleep(0)
            now = BUSY_TIMEOUT_MS / 1000 - 1
            young = asyncio.ensure_future(queue.run(ringing(store, 2, "02")))
            await asyncio.sleep(0)
            now += 2
            assert await outcomes(old) == ["OperationalError"]
            assert not young.done()
        return await outcomes(young)

    assert asyncio.run(run()) == ["02"]
    assert (phone_of(other, 1) != "never", phone_of(other, 2)) == (True, "02")


def test_one_that_no_longer_waits_harms_nobody(store: Store, other: Store) -> None:
    async def run() -> list[str]:
        queue = CommandQueue(store)
        works = (refused(store, 1), ringing(store, 2, "02"), ringing(store, 3, "03"), refused(store, 1))
        waiting = [asyncio.ensure_future(queue.run(work)) for work in works]
        await asyncio.sleep(0)
        waiting[0].cancel()
        waiting[1].cancel()
        return await outcomes(*waiting)

    assert asyncio.run(run()) == ["CancelledError", "CancelledError", "03", "KeyError"]
    assert phone_of(other, 3) == "03"


def test_no_more_than_so_many_go_together_in_the_order_in_which_they_came(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_queue, "MOST_AT_ONCE", 2)
    noted, done = traced(store), list[str]()

    def numbered(number: int) -> Callable[[], InteractionResponse]:
        def work() -> InteractionResponse:
            noted.append(str(number))
            return ringing(store, 1, str(number))()

        return work

    async def run() -> None:
        queue = CommandQueue(store)
        with other.writing():
            waiting = [asyncio.ensure_future(queue.run(numbered(each))) for each in range(5)]
            await asyncio.sleep(0.005)
        noted.clear()
        done.extend(await outcomes(*waiting))

    asyncio.run(run())
    assert done == ["0", "1", "2", "3", "4"]
    turns = " ".join(noted[noted.index("0") - 1 :]).replace("begin immediate", "(").replace("commit", ")")
    assert turns == "( 0 1 ) ( 2 3 ) ( 4 )"
