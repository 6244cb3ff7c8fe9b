"""Appointments in the database: what goes in comes out, and a slot has one live holder."""

import sqlite3
from typing import Any

import pytest

from simulator.domain.appointment import Appointment, AppointmentStatus, Participant
from simulator.store.appointments import SlotHeld
from simulator.store.database import Store
from tests.diary import QUIET_DAY, Diary

INSERT = "insert into appointment_slots (appointment_id, slot_id, live) values (?, ?, ?)"


def stored(store: Store, appointment: Appointment, schedule_id: int) -> Appointment:
    with store.writing() as transaction:
        return transaction.appointments.add(appointment, schedule_id)


def read(store: Store, appointment_id: int) -> Appointment | None:
    with store.reading() as transaction:
        return transaction.appointments.get(1, appointment_id)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"comment": None, "booking_organisation": None},
        {"identifiers": (("urn:x", "1"), ("urn:y", "2")), "priority": 0},
        {"participants": (Participant("Patient", 1), Participant("Location", 2))},
        {
            "participants": (
                Participant("Location", 2, "tentative"),
                Participant("Patient", 1, required="optional"),
            )
        },
        {"participants": tuple(Participant(k, 1, type='[{"text":"x"}]') for k in ("Patient", "Location"))},
    ],
)
def test_an_appointment_comes_out_as_it_went_in(
    store: Store, appointment: Appointment, schedule_id: int, change: dict[str, Any]
) -> None:
    made = stored(store, appointment._replace(**change), schedule_id)
    assert made.id > 0
    assert read(store, made.id) == made


def test_another_practice_does_not_have_it(store: Store, appointment: Appointment, schedule_id: int) -> None:
    made = stored(store, appointment, schedule_id)
    with store.reading() as transaction:
        assert transaction.appointments.get(2, made.id) is None


def test_the_database_refuses_a_second_live_holder_even_if_the_code_is_wrong(
    store: Store, appointment: Appointment, schedule_id: int
) -> None:
    made = stored(store, appointment, schedule_id)
    with pytest.raises(SlotHeld, match=str(appointment.slot_ids[0])):
        stored(store, appointment, schedule_id)
    with pytest.raises(sqlite3.IntegrityError):
        store.connection.execute(INSERT, (made.id + 1, appointment.slot_ids[0], 1))
    store.connection.execute(INSERT, (made.id + 1, appointment.slot_ids[0], 0))


def test_a_refused_booking_leaves_no_appointment_behind(
    store: Store, appointment: Appointment, schedule_id: int
) -> None:
    made = stored(store, appointment, schedule_id)
    with pytest.raises(SlotHeld):
        stored(store, appointment, schedule_id)
    assert read(store, made.id + 1) is None


def test_a_cancelled_appointment_lets_go_of_its_slots_and_remembers_them(
    store: Store, appointment: Appointment, schedule_id: int
) -> None:
    made = stored(store, appointment, schedule_id)
    gone = made._replace(status=AppointmentStatus.CANCELLED, cancellation_reason="Better", version=2)
    with store.writing() as transaction:
        transaction.appointments.change(gone)
    assert read(store, made.id) == gone
    assert stored(store, appointment, schedule_id).id == made.id + 1


def test_a_change_of_texts_keeps_the_slots(store: Store, appointment: Appointment, schedule_id: int) -> None:
    made = stored(store, appointment, schedule_id)._replace(description="Other", comment=None, version=2)
    with store.writing() as transaction:
        transaction.appointments.change(made)
    assert read(store, made.id) == made
    with pytest.raises(SlotHeld):
        stored(store, appointment, schedule_id)


def test_held_slots_are_counted_by_schedule_profile_and_organisation(
    store: Store, appointment: Appointment, schedule_id: int
) -> None:
    made = stored(store, appointment, schedule_id)
    with store.reading() as transaction:
        (slot,) = transaction.slots.find(1, made.slot_ids)
        profile_id = slot.access_profile_id or 0
        held = transaction.appointments.slots_held
        assert held(schedule_id, profile_id, "Z9U01") == 1
        assert held(schedule_id, profile_id, "Z9U02") == 0
        assert held(schedule_id + 1, profile_id, "Z9U01") == 0
        assert held(schedule_id, profile_id + 1, "Z9U01") == 0


def test_a_patient_s_appointments_are_those_that_start_in_the_period(
    store: Store, appointment: Appointment, schedule_id: int
) -> None:
    with store.reading() as transaction:
        before = transaction.appointments.of_patient(1, appointment.start, appointment.start + 1)
    made = stored(store, appointment, schedule_id)
    with store.reading() as transaction:
        found = transaction.appointments.of_patient
        assert found(1, made.start, made.start + 1) == [*before, made]
        assert made not in found(1, made.start + 1, made.end)
        assert made not in found(1, made.start - 60, made.start)
        assert found(2, made.start, made.start + 1) == []


def test_all_appointments_are_those_of_each_practice(store: Store) -> None:
    with store.reading() as transaction:
        everyone = [each.id for each in transaction.appointments.all()]
        by_practice = [[each.id for each in transaction.appointments.all(n)] for n in (1, 2, 3, 4)]
    assert everyone == sorted(everyone)
    assert sorted(each for ids in by_practice for each in ids) == everyone
    assert all(by_practice[:2])
    assert by_practice[3] == []


def test_slots_come_out_in_order_of_time_whatever_their_ids(
    store: Store, diary: Diary, appointment: Appointment, schedule_id: int
) -> None:
    (ten,) = appointment.slot_ids
    half_past_nine, half_past_ten = (
        int(diary.slot(f"{QUIET_DAY}T{time}:00+00:00", schedule_id=schedule_id))
        for time in ("09:30", "10:30")
    )
    in_order = (half_past_nine, ten, half_past_ten)
    assert sorted(in_order) != list(in_order)
    made = stored(store, appointment._replace(slot_ids=in_order), schedule_id)
    assert read(store, made.id) == made
    with store.reading() as transaction:
        assert made in transaction.appointments.of_patient(1, made.start, made.end)
        assert made in transaction.appointments.all(1)


PATIENT, LOCATION = Participant("Patient", 1), Participant("Location", 1)
CLINICIANS = tuple(Participant("Practitioner", number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("participants", "missing"),
    [
        ((PATIENT, LOCATION), None),
        ((PATIENT, LOCATION, *CLINICIANS), None),
        ((), None),
        ((PATIENT, Participant("Location", 999), Participant("Practitioner", 999)), 1),
        ((Participant("Practitioner", 999), Participant("Patient", 999)), 0),
        ((*CLINICIANS, *CLINICIANS, Participant("Patient", 999)), 6),
    ],
)
def test_the_first_participant_whom_the_practice_does_not_have_is_named(
    store: Store, participants: tuple[Participant, ...], missing: int | None
) -> None:
    with store.reading() as transaction:
        found = transaction.appointments.missing(1, participants)
        elsewhere = transaction.appointments.missing(4, participants)
    assert found == (None if missing is None else participants[missing])
    assert elsewhere == (participants[0] if participants else None)
