"""What consumers commonly leave out, or write another way, is no change."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from simulator.fhir import urls
from tests.diary import CLOCKS_GO_FORWARD, Diary
from tests.practice_client import Json, PracticeClient

SUPPLIED = (urls.PRACTITIONER_ROLE, urls.DELIVERY_CHANNEL)


def drop(*names: str) -> Callable[[Json], Any]:
    return lambda body: [body.pop(name) for name in names]


def only_sent_extensions(body: Json) -> None:
    body["extension"] = [each for each in body["extension"] if each["url"] not in SUPPLIED]


TOLERATED: dict[str, Callable[[Json], Any]] = {
    "no serviceCategory and serviceType": drop("serviceCategory", "serviceType"),
    "other serviceCategory and serviceType": lambda body: body.update(
        serviceCategory={"text": "x"}, serviceType=[{"text": "y"}]
    ),
    "no created": drop("created"),
    "no meta": drop("meta"),
    "another meta": lambda body: body.update(meta={"versionId": "77", "lastUpdated": "2026-03-16T09:00:00Z"}),
    "no role and no channel": only_sent_extensions,
    "extensions in another order": lambda body: body["extension"].reverse(),
    "participants in another order": lambda body: body["participant"].reverse(),
    "contained without meta": lambda body: body["contained"][0].pop("meta"),
    "a narrative": lambda body: body.update(text={"status": "generated", "div": "<div>x</div>"}),
    "the right length in minutes": lambda body: body.update(minutesDuration=10),
    "times in UTC": lambda body: body.update(
        start=f"{CLOCKS_GO_FORWARD}T09:00:00Z", end=f"{CLOCKS_GO_FORWARD}T09:10:00+00:00"
    ),
    "times with fractions": lambda body: body.update(start=f"{CLOCKS_GO_FORWARD}T10:00:00.000+01:00"),
}


@pytest.mark.parametrize("name", list(TOLERATED))
def test_a_cancellation_is_accepted_with(consumer: PracticeClient, diary: Diary, name: str) -> None:
    diary.slot(f"{CLOCKS_GO_FORWARD}T10:00:00+01:00")
    (slot,) = consumer.free_slots(13, 13)
    booked = consumer.booked(slot)
    body = copy.deepcopy(consumer.cancellation(booked))
    TOLERATED[name](body)
    response = consumer.send("cancel_appointment", resource_id=booked["id"], body=body)
    assert response.status_code == 200, response.text
    stored = consumer.cancellation(booked) | {"meta": {"versionId": "2", "profile": [urls.APPOINTMENT]}}
    assert response.json() == stored


def test_any_organisation_may_cancel_what_the_practice_booked_itself(
    consumer: PracticeClient, diary: Diary
) -> None:
    (appointment_id, slot_id) = diary.connection.execute(
        "select a.id, slot_id from appointments a join appointment_slots on appointment_id = a.id"
        " where booking_resource is null and organization_id = 1 and status = 'booked' and start > 1773705600"
    ).fetchone()
    own = consumer.send("read_appointment", resource_id=appointment_id).json()
    response = consumer.cancel(own)
    assert response.status_code == 200, response.text
    assert response.json()["status"] == "cancelled"
    assert "contained" not in response.json()
    (status,) = diary.connection.execute("select status from slots where id = ?", (slot_id,)).fetchone()
    assert status == "free"


def test_participants_that_said_more_are_compared_whole(consumer: PracticeClient) -> None:
    slot = consumer.free_slots()[0]
    body = consumer.booking(slot)
    system = "http://hl7.org/fhir/v3/ParticipationType"
    body["participant"][0] |= {
        "type": [{"coding": [{"system": system, "code": "SBJ"}]}],
        "required": "optional",
    }
    booked = consumer.book(body).json()
    changed = copy.deepcopy(booked)
    changed["participant"][0]["required"] = "required"
    assert consumer.cancel(changed).status_code == 422
    assert consumer.cancel(booked).status_code == 200
