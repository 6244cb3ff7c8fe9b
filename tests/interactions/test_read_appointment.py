"""Read an appointment: one still to come, whoever booked it."""

from collections.abc import Callable

import pytest

from seed_data import named_cases
from simulator.fhir import urls
from tests.diary import QUIET_DAY, Diary
from tests.practice_client import (
    Json,
    PracticeClient,
    assert_common_headers,
    assert_operation_outcome,
    assert_references_are_relative,
)


def practice_s_own(diary: Diary, organization_id: int = 1) -> int:
    """Return a future appointment that the practice booked for itself."""
    (appointment_id,) = diary.connection.execute(
        "select min(id) from appointments where booking_resource is null and organization_id = ?"
        " and start > ? and status = 'booked'",
        (organization_id, 1773705600),
    ).fetchone()
    return int(appointment_id)


def test_what_is_read_is_what_was_booked(consumer: PracticeClient) -> None:
    booked = consumer.booked()
    response = consumer.send("read_appointment", resource_id=booked["id"])
    assert response.status_code == 200
    assert response.json() == booked
    assert_references_are_relative(booked)


def test_a_read_carries_version_and_place(consumer: PracticeClient) -> None:
    booked = consumer.booked()
    response = consumer.send("read_appointment", resource_id=booked["id"])
    assert_common_headers(response)
    assert response.headers["etag"] == 'W/"1"'
    place = f"{consumer.practice['service_root']}/Appointment/{booked['id']}/_history/1"
    assert response.headers["content-location"] == place
    assert response.headers["last-modified"] == "Mon, 16 Mar 2026 07:30:00 GMT"
    assert "location" not in response.headers


def test_an_appointment_that_the_practice_booked_itself_is_read(
    consumer: PracticeClient, diary: Diary
) -> None:
    response = consumer.send("read_appointment", resource_id=practice_s_own(diary))
    assert response.status_code == 200
    appointment = response.json()
    assert "contained" not in appointment
    assert urls.BOOKING_ORGANISATION not in [each["url"] for each in appointment["extension"]]
    assert appointment["description"]


def test_a_cancelled_appointment_is_read(consumer: PracticeClient, diary: Diary) -> None:
    patient_id = diary.named_case("Z90001", named_cases.ONE_CANCELLED)
    (appointment_id,) = diary.connection.execute(
        "select id from appointments where patient_id = ? and status = 'cancelled'", (patient_id,)
    ).fetchone()
    response = consumer.send("read_appointment", resource_id=appointment_id)
    assert response.status_code == 200
    assert response.json()["status"] == "cancelled"
    reasons: list[Json] = [e for e in response.json()["extension"] if e["url"] == urls.CANCELLATION_REASON]
    assert reasons[0]["valueString"]


@pytest.mark.parametrize(
    "unknown", ["999999", "0", "-1", "01", "1.0", "abc", "x" * 65, "%20", "1%20", "9" * 40]
)
def test_an_id_that_no_appointment_has_is_not_found(consumer: PracticeClient, unknown: str) -> None:
    response = consumer.send("read_appointment", resource_id=unknown)
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", "Appointment/")


def test_another_practice_s_appointment_is_not_found(consumer: PracticeClient, diary: Diary) -> None:
    response = consumer.send("read_appointment", resource_id=practice_s_own(diary, organization_id=2))
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND")


@pytest.mark.parametrize(
    ("moment", "readable"),
    [("09:59:59", True), ("10:00:00", True), ("10:00:01", False), ("10:09:00", False), ("23:00:00", False)],
)
def test_an_appointment_can_be_read_until_it_begins(
    consumer: PracticeClient,
    consumer_at: Callable[[str], PracticeClient],
    diary: Diary,
    moment: str,
    readable: bool,
) -> None:
    slot_id = diary.slot()
    (slot,) = [each for each in consumer.free_slots(6, 6) if each["id"] == slot_id]
    booked = consumer.booked(slot)
    later = consumer_at(f"{QUIET_DAY}T{moment}+00:00")
    response = later.send("read_appointment", resource_id=booked["id"])
    if readable:
        assert response.status_code == 200
    else:
        assert_operation_outcome(
            response, 422, "INVALID_RESOURCE", "Appointment.start", "past", booked["start"]
        )


@pytest.mark.parametrize("interaction", ["read_appointment", "amend_appointment", "cancel_appointment"])
def test_nothing_is_told_of_the_appointment_of_a_patient_who_became_sensitive(
    consumer: PracticeClient, diary: Diary, interaction: str
) -> None:
    booked = consumer.booked()
    (patient_id,) = diary.connection.execute(
        "select patient_id from appointments where id = ?", (booked["id"],)
    ).fetchone()
    with diary.connection:
        diary.connection.execute("update patients set sensitive = 1 where id = ?", (patient_id,))
    body = None if interaction == "read_appointment" else booked
    response = consumer.send(interaction, resource_id=booked["id"], body=body)
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", f"Appointment/{booked['id']}: does not exist")
