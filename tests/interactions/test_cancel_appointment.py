"""Cancel an appointment: nothing else changes, and its slots are free at once."""

import copy
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from simulator.fhir import urls
from tests.diary import QUIET_DAY, Diary
from tests.practice_client import (
    Json,
    PracticeClient,
    assert_common_headers,
    assert_operation_outcome,
    assert_references_are_relative,
)


@pytest.fixture
def booked(consumer: PracticeClient) -> Json:
    """Return an appointment that was just booked."""
    return consumer.booked()


def send(consumer: PracticeClient, booked: Json, body: Any, **more: Any) -> httpx2.Response:
    return consumer.send("cancel_appointment", resource_id=booked["id"], body=body, **more)


def test_a_cancelled_appointment_differs_in_status_reason_and_version_only(
    consumer: PracticeClient, booked: Json
) -> None:
    body = consumer.cancellation(booked, "Feels better")
    response = send(consumer, booked, body)
    assert response.status_code == 200
    assert response.json() == body | {"meta": {"versionId": "2", "profile": [urls.APPOINTMENT]}}
    assert response.json()["extension"][-1]["valueString"] == "Feels better"
    assert_references_are_relative(response.json())


def test_a_cancellation_carries_version_and_place(consumer: PracticeClient, booked: Json) -> None:
    response = consumer.cancel(booked)
    assert_common_headers(response)
    assert response.headers["etag"] == 'W/"2"'
    place = f"{consumer.practice['service_root']}/Appointment/{booked['id']}/_history/2"
    assert response.headers["content-location"] == place
    assert response.headers["last-modified"]
    assert "location" not in response.headers


def test_what_is_read_afterwards_is_what_came_back(consumer: PracticeClient, booked: Json) -> None:
    cancelled = consumer.cancel(booked).json()
    assert consumer.send("read_appointment", resource_id=booked["id"]).json() == cancelled


def test_the_slot_is_free_at_once_and_can_be_booked_again(consumer: PracticeClient) -> None:
    slot = consumer.free_slots()[0]
    booked = consumer.booked(slot)
    assert slot["id"] not in {each["id"] for each in consumer.free_slots()}
    consumer.cancel(booked)
    assert slot["id"] in {each["id"] for each in consumer.free_slots()}
    again = consumer.booked(slot, patient_id=consumer.a_patient_id(1))
    assert again["id"] != booked["id"]


def test_every_slot_of_a_booking_is_freed(consumer: PracticeClient) -> None:
    pair = consumer.adjacent_slots()
    consumer.cancel(consumer.booked(*pair))
    assert {each["id"] for each in pair} <= {each["id"] for each in consumer.free_slots(0, 14)}


def test_a_minimal_answer_has_no_body(consumer: PracticeClient, booked: Json) -> None:
    response = consumer.cancel(booked, headers={"Prefer": "return=minimal"})
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["etag"] == 'W/"2"'


@pytest.mark.parametrize("if_match", ['W/"1"', ' W/"1" '])
def test_the_current_version_may_be_named(consumer: PracticeClient, booked: Json, if_match: str) -> None:
    assert consumer.cancel(booked, headers={"If-Match": if_match}).status_code == 200


def test_without_if_match_no_version_is_checked(consumer: PracticeClient, booked: Json) -> None:
    assert consumer.cancel(booked, headers={"If-Match": None}).status_code == 200


@pytest.mark.parametrize("if_match", ['W/"0"', 'W/"2"', "invalidEtag", '"1"', "1", 'w/"1"', "W/1", "", "*"])
def test_another_version_is_a_conflict(consumer: PracticeClient, booked: Json, if_match: str) -> None:
    response = consumer.cancel(booked, headers={"If-Match": if_match})
    assert_operation_outcome(response, 409, "FHIR_CONSTRAINT_VIOLATION", "If-Match", 'W/"1"')
    assert consumer.send("read_appointment", resource_id=booked["id"]).json() == booked


def test_a_version_that_was_consumed_is_a_conflict(
    consumer: PracticeClient, diary: Diary, booked: Json
) -> None:
    diary.update("appointments", booked["id"], version=2)
    response = consumer.cancel(booked, headers={"If-Match": 'W/"1"'})
    assert_operation_outcome(response, 409, "FHIR_CONSTRAINT_VIOLATION", 'W/"2"')


def test_what_is_cancelled_cannot_be_cancelled_again(consumer: PracticeClient, booked: Json) -> None:
    consumer.cancel(booked)
    assert_operation_outcome(consumer.cancel(booked), 422, "INVALID_RESOURCE", "is cancelled")


def test_a_second_cancellation_does_not_free_the_slot_of_someone_else(consumer: PracticeClient) -> None:
    slot = consumer.free_slots()[0]
    booked = consumer.booked(slot)
    consumer.cancel(booked)
    consumer.booked(slot, patient_id=consumer.a_patient_id(1))
    assert consumer.cancel(booked).status_code == 422
    assert slot["id"] not in {each["id"] for each in consumer.free_slots()}


def test_an_appointment_that_has_begun_cannot_be_cancelled(
    consumer: PracticeClient, consumer_at: Callable[[str], PracticeClient], diary: Diary
) -> None:
    diary.slot()
    (slot,) = consumer.free_slots(6, 6)
    booked = consumer.booked(slot)
    late = consumer_at(f"{QUIET_DAY}T10:00:01+00:00")
    assert_operation_outcome(late.cancel(booked), 422, "INVALID_RESOURCE", "Appointment.start", "past")
    in_time = consumer_at(f"{QUIET_DAY}T10:00:00+00:00")
    assert in_time.cancel(booked).status_code == 200


@pytest.mark.parametrize("unknown", ["999999", "abc", "0"])
def test_an_id_that_no_appointment_has_is_not_found(
    consumer: PracticeClient, booked: Json, unknown: str
) -> None:
    body = consumer.cancellation(booked) | {"id": unknown}
    response = consumer.send("cancel_appointment", resource_id=unknown, body=body)
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", f"Appointment/{unknown}")


def test_another_practice_s_appointment_is_not_found(neighbour: PracticeClient, booked: Json) -> None:
    assert_operation_outcome(neighbour.cancel(booked), 404, "NO_RECORD_FOUND")


@pytest.mark.parametrize("status", ["booked", "noshow", "Cancelled", "pending"])
def test_the_status_must_become_cancelled(consumer: PracticeClient, booked: Json, status: str) -> None:
    body = consumer.cancellation(booked) | {"status": status}
    assert_operation_outcome(
        send(consumer, booked, body), 422, "INVALID_RESOURCE", "Appointment.status", status
    )


@pytest.mark.parametrize("url", [None, urls.CANCELLATION_REASON.lower(), urls.CANCELLATION_REASON[:-2], "x"])
def test_a_reason_is_needed_under_its_own_url(
    consumer: PracticeClient, booked: Json, url: str | None
) -> None:
    body = booked | {"status": "cancelled"}
    if url is not None:
        body = body | {"extension": [*booked["extension"], {"url": url, "valueString": "No"}]}
    response = send(consumer, booked, body)
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "AppointmentCancellationReason-1")


@pytest.mark.parametrize("reason", ["", " ", "\n\t ", None])
def test_a_blank_reason_is_an_invalid_parameter(
    consumer: PracticeClient, booked: Json, reason: str | None
) -> None:
    body = consumer.cancellation(booked)
    body["extension"][-1]["valueString"] = reason
    assert_operation_outcome(send(consumer, booked, body), 422, "INVALID_PARAMETER", "cancellationReason")


def test_a_reason_without_value_is_an_invalid_parameter(consumer: PracticeClient, booked: Json) -> None:
    body = consumer.cancellation(booked)
    del body["extension"][-1]["valueString"]
    assert_operation_outcome(send(consumer, booked, body), 422, "INVALID_PARAMETER", "cancellationReason")


def test_two_reasons_are_refused(consumer: PracticeClient, booked: Json) -> None:
    body = consumer.cancellation(consumer.cancellation(booked))
    assert_operation_outcome(send(consumer, booked, body), 422, "INVALID_RESOURCE", "came 2 times")


def test_a_long_reason_is_kept(consumer: PracticeClient, booked: Json) -> None:
    reason = "x" * 2000
    came = send(consumer, booked, consumer.cancellation(booked, reason)).json()
    assert came["extension"][-1]["valueString"] == reason


CHANGES: dict[str, Json] = {
    "description": {"description": "Another"},
    "comment": {"comment": "Another"},
    "start": {"start": "2026-03-18T09:00:00+00:00"},
    "end": {"end": "2026-03-18T09:00:00+00:00"},
    "created": {"created": "2026-03-15T09:00:00+00:00"},
    "slot": {"slot": [{"reference": "Slot/1"}]},
    "priority": {"priority": 1},
    "minutesDuration": {"minutesDuration": 999},
    "identifier": {"identifier": [{"system": "urn:x", "value": "1"}]},
    "id": {"id": "999999"},
    "appointmentType": {"appointmentType": {"text": "Walk-in"}},
    "reason": {"reason": [{"text": "Ear"}]},
    "out of reach": {"start": "0001-01-01T00:00:00+14:00"},
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_change_of_anything_else_is_refused(consumer: PracticeClient, booked: Json, name: str) -> None:
    (element,) = CHANGES[name]
    response = send(consumer, booked, consumer.cancellation(booked) | CHANGES[name])
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", f"Appointment.{element}")
    assert consumer.send("read_appointment", resource_id=booked["id"]).json() == booked


@pytest.mark.parametrize("name", ["comment", "id", "description", "slot", "participant", "contained"])
def test_leaving_out_what_the_provider_stores_is_a_change(
    consumer: PracticeClient, booked: Json, name: str
) -> None:
    body = consumer.cancellation(booked)
    del body[name]
    assert_operation_outcome(send(consumer, booked, body), 422, "INVALID_RESOURCE", f"Appointment.{name}")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("participant", 0, "status"), "declined"),
        (("participant", 0, "actor", "reference"), "Patient/2"),
        (("contained", 0, "name"), "Another organisation"),
        (("contained", 0, "telecom", 0, "value"), "01632960999"),
        (("extension", 1, "valueCodeableConcept", "coding", 0, "code"), "R9999"),
        (("extension", 2, "valueCode"), "Carrier pigeon"),
    ],
)
def test_a_change_deep_inside_is_refused(
    consumer: PracticeClient, booked: Json, path: tuple[str | int, ...], value: str
) -> None:
    body: Any = copy.deepcopy(consumer.cancellation(booked))
    place = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert_operation_outcome(send(consumer, booked, body), 422, "INVALID_RESOURCE", f"Appointment.{path[0]}")
