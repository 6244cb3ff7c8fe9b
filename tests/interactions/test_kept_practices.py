"""What a process keeps of practices: whatever was written, and by whom, a search shows what is so."""

from random import Random

import orjson
import pytest

from simulator.domain.slot import Slot
from simulator.interactions import kept_practices
from simulator.interactions.kept_practices import KeptPractices
from simulator.store.database import Store
from tests.conftest import NOW
from tests.diary import QUIET_DAY
from tests.interactions.two_workers import CODES, TwoWorkers, a_search, bookable, something_happens
from tests.practice_client import resources

ALL_DAY = f"status=free&_include=Slot:schedule&start=ge{QUIET_DAY}&end=le{QUIET_DAY}"
FOR_OURS = f"{ALL_DAY}&searchFilter=https://fhir.nhs.uk/Id/ods-organization-code|{CODES[0]}"


def slot_ids(body: bytes) -> list[str]:
    return [each["id"] for each in resources(orjson.loads(body)) if each["resourceType"] == "Slot"]


def searched(world: TwoWorkers, worker: int = 0, query: str = ALL_DAY, practice: int = 0) -> list[str]:
    """Return what a worker's search shows, having compared it with that of a worker that kept nothing."""
    body = world.search(world.workers[worker], query, practice)
    with world.fresh() as fresh:
        assert body == world.search(fresh, query, practice)
    return slot_ids(body)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_a_search_shows_what_one_that_kept_nothing_would(
    world: TwoWorkers, seed: int
) -> None:
    chance = Random(seed)
    happened, seen = set(), set()
    for _ in range(40):
        for _ in range(chance.choice([0, 1, 2, 5])):
            happened.add(something_happens(world, chance))
        search, worker = a_search(chance, world.clock.today()), chance.randrange(2)
        body = world.search(world.workers[worker], search.query)
        with world.fresh() as fresh:
            assert body == world.search(fresh, search.query), search
        if b"OperationOutcome" not in body:
            assert slot_ids(body) == bookable(world.elsewhere.connection, search, world.clock.now()), search
            seen |= set(slot_ids(body))
        else:
            assert b"ACCESS_DENIED" in body, body
            world.switch(True)
    assert {
        "booked 201",
        "booked two 201",
        "booked what was taken 409",
        "cancelled 200",
        "waited",
        "extended",
    } <= happened
    assert len(seen & set(world.slots)) > 30


def test_what_the_practice_keeps_to_itself_is_never_shown(world: TwoWorkers) -> None:
    schedule_id = world.diary.schedule()
    seen = world.diary.slot(schedule_id=schedule_id)
    kept = int(world.diary.slot(schedule_id=schedule_id, open_to_all=False))
    before = searched(world)
    with world.elsewhere.writing() as transaction:
        assert transaction.slots.take([kept])
    assert searched(world) == before
    with world.elsewhere.writing() as transaction:
        transaction.slots.release([kept])
    assert searched(world) == before and seen in before


def test_a_session_that_was_full_when_the_diary_was_read_is_there_again(world: TwoWorkers) -> None:
    profile_id, schedule_id = world.diary.access_profile(), world.diary.schedule()
    only = world.diary.slot(schedule_id=schedule_id, profile_id=profile_id)
    assert world.book(1, CODES[0], only) == 201
    assert only not in searched(world)
    assert world.cancel(1, world.booked[0]) == 200
    assert only in searched(world)


@pytest.mark.parametrize("worker", [0, 1], ids=["this process", "another"])
def test_a_limit_is_reached_and_no_longer_reached_whoever_books(world: TwoWorkers, worker: int) -> None:
    slots = world.extend(QUIET_DAY, limit=1)
    for _ in range(2):
        assert set(slots) <= set(searched(world, query=FOR_OURS))
        assert world.book(worker, CODES[0], slots[0]) == 201
        assert not set(slots) & set(searched(world, query=FOR_OURS))
        assert slots[1] in searched(world)
        assert world.cancel(worker, world.booked.pop()) == 200


def test_a_practice_that_may_hold_nothing_shows_nothing(world: TwoWorkers) -> None:
    slots = world.extend(QUIET_DAY, limit=0)
    assert not set(slots) & set(searched(world, query=FOR_OURS))
    assert set(slots) <= set(searched(world))


def test_what_is_booked_and_cancelled_is_mended_and_not_read_anew(
    world: TwoWorkers, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_practices, "MOST_CHANGED", 1)
    for worker, slot_id in ((0, world.slots[0]), (1, world.slots[1]), (0, world.slots[2])):
        world.search(world.workers[0], ALL_DAY)
        assert world.book(worker, CODES[0], slot_id) == 201
        assert slot_id not in slot_ids(world.search(world.workers[0], ALL_DAY))
        assert world.cancel(worker, world.booked.pop()) == 200
        assert slot_id in slot_ids(world.search(world.workers[0], ALL_DAY))
    assert readings == []


def test_a_practice_is_not_read_anew_for_what_its_neighbour_does(
    world: TwoWorkers, readings: list[str]
) -> None:
    world.search(world.workers[0], ALL_DAY, practice=1)
    readings.clear()
    world.extend(QUIET_DAY)
    assert world.book(1, CODES[0], world.slots[0]) == 201
    world.search(world.workers[0], ALL_DAY, practice=1)
    assert readings == []


@pytest.mark.parametrize(("changed", "read"), [(2, 0), (3, 1), (5, 1)])
def test_a_diary_of_which_much_changed_is_read_anew(
    world: TwoWorkers, readings: list[str], monkeypatch: pytest.MonkeyPatch, changed: int, read: int
) -> None:
    monkeypatch.setattr(kept_practices, "MOST_CHANGED", 2)
    world.search(world.workers[0], ALL_DAY)
    taken = world.slots[:changed]
    with world.elsewhere.writing() as transaction:
        assert transaction.slots.take([int(each) for each in taken])
    readings.clear()
    shown = slot_ids(world.search(world.workers[0], ALL_DAY))
    assert len(readings) == read
    assert not set(taken) & set(shown)
    assert shown == searched(world)


def many(world: TwoWorkers, number: int) -> None:
    """Take slots one after the other, each looked at by a request that is no search."""
    for slot_id in world.slots[:number]:
        with world.elsewhere.writing() as transaction:
            assert transaction.slots.take([int(slot_id)])
        world.consumer(world.workers[0]).send("read_metadata")


def test_changes_are_counted_over_all_requests_since_the_last_search(
    world: TwoWorkers, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_practices, "MOST_CHANGED", 2)
    world.search(world.workers[0], ALL_DAY)
    many(world, 3)
    readings.clear()
    world.search(world.workers[0], ALL_DAY)
    assert len(readings) == 1
    assert not set(world.slots[:3]) & set(searched(world))


def slots_of(store: Store, ids: list[str]) -> list[Slot]:
    with store.reading() as transaction:
        return transaction.slots.find(1, [int(each) for each in ids])


def test_a_practice_that_is_switched_off_between_two_looks_is_off(world: TwoWorkers, store: Store) -> None:
    kept = KeptPractices(store)
    code = world.consumer(world.workers[0]).practice["ods_code"]
    found = kept.find(code)
    assert found is not None and found.organization.appointments_enabled
    world.switch(False)
    added = slots_of(store, world.extend(QUIET_DAY))
    assert kept.diary(found, int(NOW)).knows(added)
    again = kept.find(code)
    assert again is not None and not again.organization.appointments_enabled


def test_a_practice_that_is_not_there_is_none(store: Store) -> None:
    assert KeptPractices(store).find("Z00000") is None


def test_a_practice_is_as_any_process_left_it(world: TwoWorkers) -> None:
    for on in (True, False, True):
        world.switch(on)
        body = world.search(world.workers[0], ALL_DAY)
        assert (b"ACCESS_DENIED" in body, world.slots[0].encode() in body) == (not on, on)
