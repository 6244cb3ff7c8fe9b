"""Commands together of which one was refused when it had written: all is done again."""

import asyncio

from simulator.interactions.interaction import InteractionResponse
from simulator.server.command_queue import CommandQueue
from simulator.store.database import Store
from tests.server.test_command_queue import outcomes, phone_of, refused, ringing, traced


def test_one_that_is_refused_before_it_has_written_costs_the_others_nothing(store: Store) -> None:
    def hasty() -> InteractionResponse:
        with store.writing():
            raise KeyError("refused")

    noted = traced(store, "savepoint part", "rollback")

    async def run() -> list[str]:
        queue = CommandQueue(store)
        return await outcomes(*(queue.run(work) for work in (ringing(store, 1, "01"), hasty)))

    assert asyncio.run(run()) == ["01", "KeyError"]
    assert noted == ["begin immediate", "commit"]


def test_a_turn_that_was_spoilt_is_done_again_and_the_next_is_as_ever(store: Store, other: Store) -> None:
    noted = traced(store, "savepoint part", "rollback")

    async def run() -> list[str]:
        queue = CommandQueue(store)
        first = await outcomes(*(queue.run(work) for work in (ringing(store, 1, "01"), refused(store, 2))))
        return first + await outcomes(queue.run(ringing(store, 3, "03")))

    assert asyncio.run(run()) == ["01", "KeyError", "03"]
    assert [each for each in noted if each != "savepoint part"] == [
        "begin immediate", "rollback", "begin immediate", "commit", "begin immediate", "commit",
    ]  # fmt: skip
    assert noted[-2:] == ["begin immediate", "commit"]
    assert phone_of(other, 1) == "01"


def test_a_turn_that_is_to_be_done_again_waits_for_another_writer_like_any(
    store: Store, other: Store
) -> None:
    before = phone_of(store, 2)
    barging = iter([True])

    def refused_and_overtaken() -> InteractionResponse:
        if next(barging, False):
            asyncio.get_running_loop().call_soon(other.connection.execute, "begin immediate")
            asyncio.get_running_loop().call_later(0.01, other.connection.execute, "rollback")
        return refused(store, 2)()

    async def run() -> list[str]:
        queue = CommandQueue(store)
        works = (ringing(store, 1, "01"), refused_and_overtaken, ringing(store, 3, "03"))
        return await outcomes(*(queue.run(work) for work in works))

    assert asyncio.run(run()) == ["01", "KeyError", "03"]
    assert [phone_of(other, number) for number in (1, 2, 3)] == ["01", before, "03"]
