"""Slots in the database: found, taken only while they are free, and released."""

import pytest

from simulator.domain.appointment import Appointment, AppointmentStatus
from simulator.domain.availability import LATEST_INSTANT, AccessProfile
from simulator.domain.slot import DeliveryChannel, SlotStatus
from simulator.store.database import Store
from simulator.store.slots import FEW
from tests.diary import QUIET_DAY, Diary, instant

TEN = instant(f"{QUIET_DAY}T10:00:00+00:00")


def status(store: Store, slot_id: int) -> tuple[SlotStatus, int]:
    with store.reading() as transaction:
        (slot,) = transaction.slots.find(1, [slot_id])
    return slot.status, slot.version


def test_a_slot_is_read_with_its_words_and_times(store: Store, diary: Diary) -> None:
    slot_id = int(diary.slot(minutes=15, channel="Telephone", service_type_id=3))
    with store.reading() as transaction:
        (slot,) = transaction.slots.find(1, [slot_id])
        assert transaction.slots.find(2, [slot_id]) == []
    assert (slot.id, slot.start, slot.end) == (slot_id, TEN, TEN + 900)
    assert (slot.delivery_channel, slot.service_type) == (
        DeliveryChannel.TELEPHONE,
        "GP telephone consultation",
    )


def test_slots_are_found_in_order_of_time_and_unknown_ones_left_out(store: Store, diary: Diary) -> None:
    late = int(diary.slot(f"{QUIET_DAY}T11:00:00+00:00"))
    early = int(diary.slot(f"{QUIET_DAY}T09:00:00+00:00"))
    with store.reading() as transaction:
        assert [slot.id for slot in transaction.slots.find(1, [late, 999_999, early])] == [early, late]
        assert transaction.slots.find(1, []) == []


def test_a_request_may_name_more_slots_than_a_statement_has_values(store: Store) -> None:
    with store.reading() as transaction:
        assert transaction.slots.find(1, range(900_000, 1_200_000)) == []


def test_slots_asked_for_come_with_the_schedule_of_the_first_and_every_access_profile(
    store: Store, diary: Diary
) -> None:
    limited = diary.access_profile("urgent-care", "A1A1A\nB2B2B", 14, 30, 2)
    late = int(diary.slot(f"{QUIET_DAY}T11:00:00+00:00", profile_id=limited))
    first, closed = int(diary.slot()), int(diary.slot(open_to_all=False))
    with store.reading() as transaction:
        asked = transaction.slots.asked_for(1, [late, closed, 999_999, first])
        assert asked.slots == transaction.slots.find(1, [late, closed, first])
        assert [slot.id for slot in asked.slots] == [first, closed, late]
        assert [asked.schedule] == transaction.slots.schedules([asked.slots[0].schedule_id])
        ids = {slot.access_profile_id for slot in asked.slots} - {None}
        assert asked.access_profiles == {
            profile.id: profile for profile in transaction.practices.access_profiles(1) if profile.id in ids
        }
        assert asked.access_profiles[limited] == AccessProfile(
            limited, "Test", frozenset({"urgent-care"}), frozenset({"A1A1A", "B2B2B"}), 14, 30, 2
        )
        assert transaction.slots.asked_for(2, [first]) == transaction.slots.asked_for(1, []) == ([], None, {})


@pytest.mark.parametrize("number", [FEW, FEW + 1, 40_000])
def test_any_number_of_slots_is_asked_for(store: Store, slot_id: int, number: int) -> None:
    ids = [slot_id, *range(900_000, 900_000 + number - 1)]
    with store.reading() as transaction:
        assert [slot.id for slot in transaction.slots.asked_for(1, ids).slots] == [slot_id]
        assert transaction.slots.find(1, ids) == transaction.slots.find(1, [slot_id])


def test_a_slot_is_taken_once(store: Store, slot_id: int) -> None:
    with store.writing() as transaction:
        assert transaction.slots.take([slot_id])
        assert not transaction.slots.take([slot_id])
    assert status(store, slot_id) == (SlotStatus.BUSY, 2)


def test_of_several_slots_one_that_is_not_free_says_no(store: Store, diary: Diary, slot_id: int) -> None:
    busy = int(diary.slot(status="busy"))
    with store.writing() as transaction:
        assert not transaction.slots.take([slot_id, busy])


def test_a_slot_that_is_released_is_free_a_version_higher(store: Store, slot_id: int) -> None:
    with store.writing() as transaction:
        transaction.slots.take([slot_id])
        transaction.slots.release([slot_id])
    assert status(store, slot_id) == (SlotStatus.FREE, 3)


def test_bookable_slots_are_the_free_ones_with_an_access_profile_in_order_of_time(
    store: Store, diary: Diary
) -> None:
    with store.reading() as transaction:
        before = [slot.id for slot in transaction.slots.bookable(1, TEN)]
        elsewhere = transaction.slots.bookable(2, 0)
    early, same, profile_id = int(diary.slot()), int(diary.slot()), diary.access_profile()
    late = int(diary.slot(f"{QUIET_DAY}T11:00:00+00:00", profile_id=profile_id))
    diary.slot(f"{QUIET_DAY}T09:50:00+00:00")
    diary.slot(status="busy")
    diary.slot(open_to_all=False)
    with store.reading() as transaction:
        found = transaction.slots.bookable(1, TEN)
        assert [slot.id for slot in found] == [early, same, late, *before]
        assert found[:3] == transaction.slots.find(1, [early, same, late])
        assert transaction.slots.bookable(2, 0) == elsewhere != []


def test_held_slots_are_counted_for_every_organisation_at_once(
    store: Store, diary: Diary, appointment: Appointment, schedule_id: int
) -> None:
    other = int(diary.slot(f"{QUIET_DAY}T11:00:00+00:00", schedule_id=schedule_id))
    hers = appointment._replace(slot_ids=(other,), booking_organisation=None)
    with store.writing() as transaction:
        made = transaction.appointments.add(appointment, schedule_id)
        transaction.appointments.add(hers, schedule_id)
    with store.writing() as transaction:
        (slot,) = transaction.slots.find(1, made.slot_ids)
        assert transaction.slots.held([schedule_id]) == [(schedule_id, slot.access_profile_id, "Z9U01", 1)]
        assert transaction.slots.held([schedule_id + 1]) == transaction.slots.held([]) == []
        cancelled = made._replace(status=AppointmentStatus.CANCELLED, cancellation_reason="Test", version=2)
        transaction.appointments.change(cancelled)
        assert transaction.slots.held([schedule_id]) == []


def test_free_slots_are_counted_by_practice(store: Store, diary: Diary) -> None:
    with store.reading() as transaction:
        before = [transaction.slots.free_count(n, TEN) for n in (1, 2)]
        assert transaction.slots.free_count(1, LATEST_INSTANT) == 0
    diary.slot()
    diary.slot(open_to_all=False)
    diary.slot(status="busy")
    with store.reading() as transaction:
        assert [transaction.slots.free_count(n, TEN) for n in (1, 2)] == [before[0] + 1, before[1]]
