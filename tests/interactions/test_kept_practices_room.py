"""What a process keeps of practices: as much as there is room for, by the bytes of its text."""

from collections.abc import Callable

import pytest

from simulator.interactions import kept_practices
from simulator.interactions.bookable_diary import BookableDiary
from simulator.interactions.kept_practices import KeptPractices
from simulator.store.database import Store
from tests.conftest import NOW
from tests.diary import QUIET_DAY
from tests.interactions.two_workers import CODES, TwoWorkers

ALL_DAY = f"status=free&_include=Slot:schedule&start=ge{QUIET_DAY}&end=le{QUIET_DAY}"


def test_what_is_kept_of_a_practice_is_as_large_as_what_would_be_read(
    world: TwoWorkers, store: Store
) -> None:
    kept, code = KeptPractices(store), world.consumer(world.workers[0]).practice["ods_code"]
    largest = diary_of(kept, code).size
    for taken in world.slots[:3]:
        assert world.book(0, CODES[0], taken) == 201
        mended, read = diary_of(kept, code), diary_of(KeptPractices(store), code)
        assert (mended.size, len(mended)) == (read.size, len(read))
        assert mended.size < largest
    for each in world.booked:
        assert world.cancel(1, each) == 200
    assert diary_of(kept, code).size == diary_of(KeptPractices(store), code).size >= largest


@pytest.mark.parametrize(
    ("name", "room"), [("MOST_BYTES", lambda most: most), ("MOST_PRACTICES", lambda _: 1)]
)
def test_where_there_is_room_for_one_the_one_before_is_let_go(
    world: TwoWorkers,
    readings: list[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    room: Callable[[int], int],
) -> None:
    with world.fresh() as worker:
        first, second = (world.consumer(worker, practice=number).practice["ods_code"] for number in (0, 1))
        alone = KeptPractices(world.elsewhere)
        monkeypatch.setattr(
            kept_practices, name, room(max(diary_of(alone, each).size for each in (first, second)))
        )
        readings.clear()
        for practice in (0, 0, 1, 1, 0, 1):
            body = world.search(worker, ALL_DAY, practice)
            with world.fresh() as fresh:
                read = list(readings)
                assert body == world.search(fresh, ALL_DAY, practice)
                readings[:] = read
    assert readings == [first, second, first, second]


def test_what_was_searched_last_is_let_go_last(
    store: Store, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.reading() as transaction:
        one, two, three = [each.ods_code for each in transaction.practices.all()]
    everything = KeptPractices(store)
    sizes = [diary_of(everything, code).size for code in (one, two, three)]
    monkeypatch.setattr(kept_practices, "MOST_BYTES", sum(sizes) - 1)
    readings.clear()
    kept = KeptPractices(store)
    for code in (one, two, one, three, one, two):
        diary_of(kept, code)
    assert readings == [one, two, three, two]


def test_a_diary_without_slots_takes_no_more_room_each_time_one_comes_and_goes(
    store: Store, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing() as transaction:
        one, two, _ = [each.ods_code for each in transaction.practices.all()]
        last, *others = [slot.id for slot in transaction.slots.bookable(1, 0)]
        transaction.slots.take(others)
    sizes = [diary_of(KeptPractices(store), code).size for code in (one, two)]
    monkeypatch.setattr(kept_practices, "MOST_BYTES", sum(sizes) + sizes[0] // 2)
    kept = KeptPractices(store)
    for code in (one, two):
        diary_of(kept, code)
    readings.clear()
    for _ in range(3):
        for change in (store.glance().slots.take, store.glance().slots.release):
            change([last])
            diary_of(kept, one)
    diary_of(kept, two)
    assert readings == []


def test_a_practice_that_was_let_go_since_it_was_found_is_read_all_the_same(
    store: Store, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_practices, "MOST_BYTES", 1)
    with store.reading() as transaction:
        one, two, _ = [each.ods_code for each in transaction.practices.all()]
    kept = KeptPractices(store)
    found, other = kept.find(one), kept.find(two)
    assert found is not None and other is not None
    kept.diary(other, int(NOW))
    assert len(kept.diary(found, int(NOW))) == len(diary_of(KeptPractices(store), one))
    readings.clear()
    kept.diary(other, int(NOW))
    assert readings == []


def diary_of(kept: KeptPractices, ods_code: str) -> BookableDiary:
    found = kept.find(ods_code)
    assert found is not None
    return kept.diary(found, int(NOW))
