"""Amend an appointment: its description and comment, and nothing else."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from simulator.fhir import urls
from simulator.interactions.interaction import Format
from tests.diary import QUIET_DAY, Diary
from tests.practice_client import (
    BY_NAME,
    Json,
    PracticeClient,
    assert_common_headers,
    assert_operation_outcome,
    resource_of,
)


@pytest.fixture
def booked(consumer: PracticeClient) -> Json:
    """Return an appointment that was just booked."""
    return consumer.booked()


def send(consumer: PracticeClient, booked: Json, body: Any, **more: Any) -> httpx2.Response:
    return consumer.send("amend_appointment", resource_id=booked["id"], body=body, **more)


def read(consumer: PracticeClient, booked: Json) -> Json:
    return resource_of(consumer.send("read_appointment", resource_id=booked["id"]))


def at_version(appointment: Json, version: int) -> Json:
    return appointment | {"meta": {"versionId": str(version), "profile": [urls.APPOINTMENT]}}


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize(
    "change",
    [
        {"description": "Another"},
        {"comment": "Another"},
        {"description": "Both", "comment": "of them"},
        {"description": "x" * 100, "comment": "y" * 500},
        {"comment": "<b>&\"'</b>\tand\nlines"},
        {},
    ],
    ids=lambda change: "+".join(change) or "nothing",
)
def test_description_and_comment_may_change(
    consumer: PracticeClient, booked: Json, change: Json, spoken: Format
) -> None:
    speaker = replace(consumer, format=spoken)
    response = send(speaker, booked, booked | change)
    assert response.status_code == 200, response.text
    assert_common_headers(response, spoken)
    assert resource_of(response) == at_version(booked | change, 2)
    assert read(consumer, booked) == at_version(booked | change, 2)


def test_a_comment_may_be_taken_away_and_put_back(consumer: PracticeClient, booked: Json) -> None:
    without = {name: value for name, value in booked.items() if name != "comment"}
    assert send(consumer, booked, without).json() == at_version(without, 2)
    assert send(consumer, booked, booked).json() == at_version(booked, 3)


def test_an_amendment_carries_version_and_place(consumer: PracticeClient, booked: Json) -> None:
    response = send(consumer, booked, booked | {"comment": "Another"})
    assert response.headers["etag"] == 'W/"2"'
    place = f"{consumer.practice['service_root']}/Appointment/{booked['id']}/_history/2"
    assert response.headers["content-location"] == place
    assert response.headers["last-modified"] == "Mon, 16 Mar 2026 07:30:00 GMT"
    assert "location" not in response.headers


@pytest.mark.parametrize("prefer", ["return=minimal", "return=representation"])
def test_a_minimal_answer_has_no_body(consumer: PracticeClient, booked: Json, prefer: str) -> None:
    response = send(consumer, booked, booked, headers={"Prefer": prefer})
    assert response.status_code == 200
    assert response.headers["etag"] == 'W/"2"'
    assert (response.content == b"") == (prefer == "return=minimal")
    assert ("content-type" in response.headers) == (prefer != "return=minimal")


def test_the_slot_stays_taken(consumer: PracticeClient, booked: Json) -> None:
    send(consumer, booked, booked | {"comment": "Another"})
    taken = booked["slot"][0]["reference"].removeprefix("Slot/")
    assert taken not in {each["id"] for each in consumer.free_slots()}


def test_what_was_amended_can_be_cancelled(consumer: PracticeClient, booked: Json) -> None:
    amended = send(consumer, booked, booked | {"comment": "Another"}).json()
    cancelled = consumer.cancel(amended, headers={"If-Match": 'W/"2"'})
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["comment"] == "Another"


@pytest.mark.parametrize("if_match", ['W/"1"', ' W/"1" ', None])
def test_the_current_version_may_be_named(
    consumer: PracticeClient, booked: Json, if_match: str | None
) -> None:
    assert send(consumer, booked, booked, headers={"If-Match": if_match}).status_code == 200


@pytest.mark.parametrize("if_match", ['W/"0"', 'W/"2"', 'W/"invalidEtag"', "invalidEtag", '"1"', "*", ""])
def test_another_version_is_a_conflict(consumer: PracticeClient, booked: Json, if_match: str) -> None:
    response = send(consumer, booked, booked | {"comment": "Lost"}, headers={"If-Match": if_match})
    assert_operation_outcome(response, 409, "FHIR_CONSTRAINT_VIOLATION", "header If-Match: ", 'W/"1"')
    assert read(consumer, booked) == booked


def test_a_version_is_consumed_once(consumer: PracticeClient, booked: Json) -> None:
    statuses = [send(consumer, booked, booked, headers={"If-Match": 'W/"1"'}).status_code for _ in range(2)]
    assert statuses == [200, 409]


@pytest.mark.parametrize("versions", [("1", "99"), ("99", "1"), ("1", "1")])
def test_several_versions_in_several_lines_are_a_conflict_as_they_are_in_one(
    consumer: PracticeClient, booked: Json, versions: tuple[str, str]
) -> None:
    headers = consumer.headers(BY_NAME["amend_appointment"])
    lines = [*headers.items(), *(("If-Match", f'W/"{version}"') for version in versions)]
    lines.append(("Content-Type", "application/fhir+json"))
    response = consumer.http.put(f"{consumer.root}/Appointment/{booked['id']}", headers=lines, json=booked)
    assert_operation_outcome(response, 409, "FHIR_CONSTRAINT_VIOLATION", "header If-Match: ")


BROKEN: dict[str, Json] = {
    "priority": {"priority": 1},
    "status": {"status": "noshow"},
    "another status": {"status": "cancelled"},
    "start": {"start": "2026-03-18T09:00:00+00:00"},
    "end": {"end": "2026-03-18T09:00:00+00:00"},
    "created": {"created": "2026-03-15T09:00:00+00:00"},
    "slot": {"slot": [{"reference": "Slot/1"}]},
    "an absolute slot": {"slot": [{"reference": "https://gp.example.nhs.uk/Slot/1"}]},
    "participant": {"participant": [{"actor": {"reference": "Patient/2"}, "status": "accepted"}]},
    "minutesDuration": {"minutesDuration": 999},
    "identifier": {"identifier": [{"system": "urn:x", "value": "1"}]},
    "id": {"id": "999999"},
    "appointmentType": {"appointmentType": {"text": "Walk-in"}},
    "reason": {"reason": [{"text": "Ear"}]},
    "specialty": {"specialty": [{"text": "Ears"}]},
    "description of 101": {"description": "x" * 101},
    "comment of 501": {"comment": "x" * 501},
    "blank description": {"description": " "},
}


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize("name", list(BROKEN))
def test_any_other_change_is_refused_by_name(
    consumer: PracticeClient, booked: Json, name: str, spoken: Format
) -> None:
    (element,) = BROKEN[name]
    response = send(replace(consumer, format=spoken), booked, booked | BROKEN[name])
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", f"Appointment.{element}", in_format=spoken)
    assert read(consumer, booked) == booked


@pytest.mark.parametrize("name", ["id", "description", "status", "start", "slot", "participant", "contained"])
def test_leaving_out_what_is_stored_is_a_change(consumer: PracticeClient, booked: Json, name: str) -> None:
    body = {key: value for key, value in booked.items() if key != name}
    assert_operation_outcome(send(consumer, booked, body), 422, "INVALID_RESOURCE", f"Appointment.{name}")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("participant", 0, "status"), "declined"),
        (("participant", 1, "actor", "reference"), "Location/2"),
        (("contained", 0, "name"), "Another organisation"),
        (("extension", 0, "valueReference", "reference"), "https://gp.example.nhs.uk/#org1"),
        (("extension", 1, "valueCodeableConcept", "coding", 0, "code"), "R9999"),
        (("extension", 1, "valueCodeableConcept", "coding", 0, "system"), "https://example.org"),
        (("extension", 2, "valueCode"), "Video"),
    ],
)
def test_a_change_deep_inside_is_refused(
    consumer: PracticeClient, booked: Json, path: tuple[str | int, ...], value: str
) -> None:
    body: Any = copy.deepcopy(booked)
    place = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert_operation_outcome(send(consumer, booked, body), 422, "INVALID_RESOURCE", f"Appointment.{path[0]}")


def test_a_delivery_channel_without_a_value_is_another_one(consumer: PracticeClient, booked: Json) -> None:
    body = copy.deepcopy(booked)
    del body["extension"][2]["valueCode"]
    response = send(consumer, booked, body)
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "extension(deliveryChannel)")


def test_a_cancellation_reason_may_not_be_added(consumer: PracticeClient, booked: Json) -> None:
    reason = {"url": urls.CANCELLATION_REASON, "valueString": "double booked"}
    body = booked | {"extension": [*booked["extension"], reason]}
    response = send(consumer, booked, body)
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "extension(cancellationReason)")


@pytest.mark.parametrize(
    "change",
    [
        {"serviceCategory": {"text": "x"}, "serviceType": [{"text": "y"}]},
        {"serviceCategory": None, "serviceType": None},
        {"created": None, "meta": None},
        {"meta": {"versionId": "77", "lastUpdated": "2026-03-16T09:00:00Z"}},
    ],
    ids=["other types", "no types", "no created", "another meta"],
)
def test_what_consumers_leave_out_or_cannot_know_is_tolerated(
    consumer: PracticeClient, booked: Json, change: Json
) -> None:
    body = {name: value for name, value in (booked | change).items() if value is not None}
    response = send(consumer, booked, body | {"comment": "Another"})
    assert response.status_code == 200, response.text
    assert response.json() == at_version(booked | {"comment": "Another"}, 2)


def test_role_and_channel_may_be_left_out(consumer: PracticeClient, booked: Json) -> None:
    response = send(consumer, booked, booked | {"extension": booked["extension"][:1]})
    assert response.json()["extension"] == booked["extension"]


def test_what_is_cancelled_cannot_be_amended(consumer: PracticeClient, booked: Json) -> None:
    cancelled = consumer.cancel(booked).json()
    response = send(consumer, booked, cancelled | {"comment": "Another"})
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "is cancelled")


def test_an_appointment_that_has_begun_cannot_be_amended(
    consumer: PracticeClient, consumer_at: Callable[[str], PracticeClient], diary: Diary
) -> None:
    diary.slot()
    (slot,) = consumer.free_slots(6, 6)
    booked = consumer.booked(slot)
    late = consumer_at(f"{QUIET_DAY}T10:00:01+00:00")
    assert_operation_outcome(send(late, booked, booked), 422, "INVALID_RESOURCE", "Appointment.start", "past")
    in_time = consumer_at(f"{QUIET_DAY}T10:00:00+00:00")
    assert send(in_time, booked, booked).status_code == 200


@pytest.mark.parametrize("unknown", ["999999", "abc", "0", ""])
def test_an_id_that_no_appointment_has_is_not_found(
    consumer: PracticeClient, booked: Json, unknown: str
) -> None:
    response = consumer.send("amend_appointment", resource_id=unknown, body=booked)
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", f"Appointment/{unknown}")


def test_another_practice_s_appointment_is_not_found(neighbour: PracticeClient, booked: Json) -> None:
    assert_operation_outcome(send(neighbour, booked, booked), 404, "NO_RECORD_FOUND")


def test_any_organisation_may_amend_what_the_practice_booked_itself(
    consumer: PracticeClient, diary: Diary
) -> None:
    (appointment_id,) = diary.connection.execute(
        "select id from appointments where booking_resource is null and organization_id = 1"
        " and status = 'booked' and start > 1773705600"
    ).fetchone()
    own = consumer.send("read_appointment", resource_id=appointment_id).json()
    response = send(consumer, own, own | {"comment": "Another"})
    assert response.status_code == 200, response.text
    assert "contained" not in response.json()


def test_the_body_of_a_cancellation_is_no_amendment_and_the_other_way_round(
    consumer: PracticeClient, booked: Json
) -> None:
    cancellation = consumer.cancellation(booked)
    assert_operation_outcome(send(consumer, booked, cancellation), 422, "INVALID_RESOURCE", "status")
    response = send(consumer, booked, booked, headers={"Ssp-InteractionID": BY_NAME["cancel_appointment"].id})
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "expected 'cancelled'")
    assert read(consumer, booked) == booked


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"resourceType": "InvalidResourceType"}, "InvalidResourceType"),
        ({"resourceType": "Bundle", "type": "searchset"}, "'Bundle' was sent; expected Appointment"),
        ({"invalidField": "x"}, "invalidField: is not an element"),
    ],
)
def test_what_is_no_appointment_is_an_invalid_resource(
    consumer: PracticeClient, booked: Json, body: Json, word: str
) -> None:
    assert_operation_outcome(send(consumer, booked, booked | body), 422, "INVALID_RESOURCE", word)
