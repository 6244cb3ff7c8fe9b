"""Retrieve a patient's appointments: every future one, whoever booked it, cancelled ones included."""

from collections.abc import Callable

import httpx2
import pytest

from seed_data import named_cases
from simulator.fhir import urls
from tests.diary import CLOCKS_GO_FORWARD, QUIET_DAY, Diary
from tests.practice_client import Json, PracticeClient, assert_operation_outcome, assert_searchset


def asked(consumer: PracticeClient, patient_id: object, query: str) -> httpx2.Response:
    return consumer.send("retrieve_patient_appointments", resource_id=patient_id, query=query)


def retrieve(
    consumer: PracticeClient, patient_id: object, start: str = "2026-03-16", end: str = "2026-06-30"
) -> list[Json]:
    return assert_searchset(asked(consumer, patient_id, f"start=ge{start}&start=le{end}"))


def case(diary: Diary, name: str) -> int:
    return diary.named_case("Z90001", name)


def test_a_patient_without_appointments_gets_an_empty_bundle(consumer: PracticeClient, diary: Diary) -> None:
    response = asked(
        consumer, case(diary, named_cases.NO_APPOINTMENTS), "start=ge2026-03-16&start=le2026-06-30"
    )
    assert assert_searchset(response) == []
    assert "entry" not in response.json()


def test_the_practice_s_own_bookings_are_returned_in_order(consumer: PracticeClient, diary: Diary) -> None:
    patient_id = case(diary, named_cases.MANY_APPOINTMENTS)
    found = retrieve(consumer, patient_id)
    assert len(found) > 1
    assert [each["start"] for each in found] == sorted(each["start"] for each in found)
    for appointment in found:
        assert appointment["participant"][0]["actor"] == {"reference": f"Patient/{patient_id}"}
        assert "contained" not in appointment


def test_a_booking_is_returned_as_it_was_made(consumer: PracticeClient, diary: Diary) -> None:
    patient_id = str(case(diary, named_cases.NO_APPOINTMENTS))
    booked = consumer.booked(consumer.free_slots()[0], patient_id=patient_id)
    assert retrieve(consumer, patient_id) == [booked]


def test_cancelled_appointments_are_returned(consumer: PracticeClient, diary: Diary) -> None:
    patient_id = str(case(diary, named_cases.NO_APPOINTMENTS))
    booked = consumer.booked(consumer.free_slots()[0], patient_id=patient_id)
    cancelled = consumer.cancel(booked).json()
    assert retrieve(consumer, patient_id) == [cancelled]
    assert cancelled["status"] == "cancelled"


def test_appointments_carry_what_consumers_show(consumer: PracticeClient, diary: Diary) -> None:
    patient_id = str(case(diary, named_cases.MANY_APPOINTMENTS))
    consumer.booked(consumer.free_slots()[0], patient_id=patient_id)
    for appointment in retrieve(consumer, patient_id):
        assert appointment["meta"]["profile"] == [urls.APPOINTMENT]
        assert appointment["meta"]["versionId"]
        assert appointment["serviceType"][0]["text"] and appointment["serviceCategory"]["text"]
        used = [each["url"] for each in appointment["extension"]]
        assert urls.PRACTITIONER_ROLE in used and urls.DELIVERY_CHANNEL in used
        assert not {"reason", "specialty"} & appointment.keys()
        for element in ("start", "end", "created"):
            assert appointment[element].endswith(("+00:00", "+01:00"))


def test_today_counts_as_future_even_when_its_time_has_passed(
    consumer: PracticeClient, consumer_at: Callable[[str], PracticeClient], diary: Diary
) -> None:
    patient_id = str(case(diary, named_cases.NO_APPOINTMENTS))
    slot_id = diary.slot()
    (slot,) = [each for each in consumer.free_slots(6, 6) if each["id"] == slot_id]
    booked = consumer.booked(slot, patient_id=patient_id)
    evening = consumer_at(f"{QUIET_DAY}T22:00:00+00:00")
    assert retrieve(evening, patient_id, QUIET_DAY, QUIET_DAY) == [booked]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (CLOCKS_GO_FORWARD, CLOCKS_GO_FORWARD, 2),
        ("2026-03-28", "2026-03-30", 2),
        ("2026-03-16", "2026-03-28", 0),
        ("2026-03-30", "2027-03-30", 0),
    ],
)
def test_days_are_uk_days_and_both_ends_belong_to_the_period(
    consumer: PracticeClient, diary: Diary, start: str, end: str, found: int
) -> None:
    patient_id = str(case(diary, named_cases.NO_APPOINTMENTS))
    first = diary.slot(f"{CLOCKS_GO_FORWARD}T00:00:00+00:00")
    last = diary.slot(f"{CLOCKS_GO_FORWARD}T23:50:00+01:00")
    slots = {each["id"]: each for each in consumer.free_slots(13, 13)}
    for slot_id in (first, last):
        consumer.booked(slots[slot_id], patient_id=patient_id)
    assert len(retrieve(consumer, patient_id, start, end)) == found


def test_an_appointment_that_ends_after_the_period_still_counts(
    consumer: PracticeClient, diary: Diary
) -> None:
    patient_id = str(case(diary, named_cases.NO_APPOINTMENTS))
    slot_id = diary.slot(f"{QUIET_DAY}T23:50:00+00:00", minutes=20)
    (slot,) = [each for each in consumer.free_slots(6, 7) if each["id"] == slot_id]
    booked = consumer.booked(slot, patient_id=patient_id)
    assert retrieve(consumer, patient_id, QUIET_DAY, QUIET_DAY) == [booked]


def test_the_period_may_be_long_and_other_parameters_are_ignored(visitor: PracticeClient) -> None:
    query = "start=ge2026-03-16&_sort=start&start=le2036-03-16&_count=1&end=x"
    assert_searchset(asked(visitor, visitor.a_patient_id(), query))


def test_the_two_bounds_come_in_either_order(visitor: PracticeClient) -> None:
    assert_searchset(asked(visitor, visitor.a_patient_id(), "start=le2026-03-20&start=ge2026-03-16"))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "start=",
        "start=ge2026-03-16",
        "start=le2026-03-20",
        "start=ge2026-03-16&end=le2026-03-20",
        "Start=ge2026-03-16&Start=le2026-03-20",
        "start=ge2026-03-16&start=ge2026-03-20",
        "start=le2026-03-16&start=le2026-03-20",
        "start=ge2026-03-16&start=le2026-03-20&start=le2026-03-21",
        "start=gt2026-03-16&start=lt2026-03-20",
        "start=2026-03-16&start=2026-03-20",
        "start=eq2026-03-16&start=le2026-03-20",
        "start=GE2026-03-16&start=LE2026-03-20",
        "start=ge2026-03-16&start=le",
        "start=ge&start=le2026-03-20",
        "start=ge2026-03&start=le2026-04",
        "start=ge2026&start=le2027",
        "start=ge2026-03-16T00:00:00%2B00:00&start=le2026-03-20",
        "start=ge2026-03-16&start=le2026-03-20T00:00:00%2B00:00",
        "start=ge2026-03-32&start=le2026-04-20",
        "start=ge2026-02-29&start=le2026-04-20",
        "start=ge16-03-2026&start=le20-03-2026",
        "start=ge2026-3-16&start=le2026-3-20",
        "start=ge+2026-03-16&start=le2026-03-20",
        "start=ge\u06602026-03-16&start=le2026-03-20",
    ],
)
def test_a_period_that_is_not_two_dates_is_refused(visitor: PracticeClient, query: str) -> None:
    response = asked(visitor, visitor.a_patient_id(), query)
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", "parameter start", "expected")


def test_no_period_at_all_is_said_to_be_nothing(visitor: PracticeClient) -> None:
    response = asked(visitor, "1", "_sort=start")
    said = "parameter start: nothing was sent; expected two"
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", said)


@pytest.mark.parametrize(
    ("start", "end", "word"),
    [
        ("2026-03-15", "2026-03-20", "in the past"),
        ("2025-01-01", "2025-01-02", "in the past"),
        ("0001-01-01", "9999-12-31", "in the past"),
        ("2026-03-20", "2026-03-19", "is before"),
        ("2026-03-16", "2026-03-15", "is before"),
    ],
)
def test_a_period_in_the_past_or_backwards_is_refused(
    visitor: PracticeClient, start: str, end: str, word: str
) -> None:
    response = asked(visitor, visitor.a_patient_id(), f"start=ge{start}&start=le{end}")
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", "parameter start", word)


def test_the_latest_day_there_is_ends_a_period(visitor: PracticeClient) -> None:
    assert_searchset(asked(visitor, visitor.a_patient_id(), "start=ge2026-03-16&start=le9999-12-31"))


@pytest.mark.parametrize("unknown", ["999999", "0", "abc", "61", "9" * 30])
def test_a_patient_whom_the_practice_does_not_have_is_not_found(
    visitor: PracticeClient, unknown: str
) -> None:
    response = asked(visitor, unknown, "start=ge2026-03-16&start=le2026-03-20")
    assert_operation_outcome(response, 404, "PATIENT_NOT_FOUND", f"Patient/{unknown}")


@pytest.mark.parametrize("name", [named_cases.SENSITIVE, named_cases.DECEASED, named_cases.INACTIVE])
def test_a_patient_who_may_not_be_shown_is_not_found(
    consumer: PracticeClient, diary: Diary, name: str
) -> None:
    response = asked(consumer, case(diary, name), "start=ge2026-03-16&start=le2026-03-20")
    assert_operation_outcome(response, 404, "PATIENT_NOT_FOUND")
