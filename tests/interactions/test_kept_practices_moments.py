"""What changed is asked once for all requests answered at one moment, and for each later moment again."""

import asyncio

from simulator.interactions.kept_practices import KeptPractices
from simulator.store.database import Store
from tests.interactions.two_workers import TwoWorkers

CODES = ("Z90001", "Z9A0A", "Z90001")


def asked(statements: list[str]) -> int:
    """Return how often it was asked what changed."""
    return sum("from practice_changes where number >" in each for each in statements)


def test_it_is_asked_once_a_turn_whatever_practices_are_called(store: Store) -> None:
    kept, statements = KeptPractices(store), list[str]()
    store.connection.set_trace_callback(statements.append)

    async def turns() -> None:
        for turn in (1, 2):
            for code in CODES:
                assert kept.find(code) is not None
            assert asked(statements) == turn
            await asyncio.sleep(0)

    asyncio.run(turns())


def test_a_practice_that_changed_within_a_turn_is_as_the_turn_found_it_and_new_in_the_next(
    world: TwoWorkers, store: Store
) -> None:
    kept = KeptPractices(store)
    enabled: list[bool] = []

    def looks() -> None:
        found = kept.find("Z90001")
        assert found is not None
        enabled.append(found.organization.appointments_enabled)

    async def turns() -> None:
        looks()
        world.switch(False)
        looks()
        await asyncio.sleep(0)
        looks()

    asyncio.run(turns())
    assert enabled == [True, True, False]
