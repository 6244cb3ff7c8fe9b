"""Content that is not understood: refused by name where it would be lost, or tolerated on purpose."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from simulator.fhir import urls
from simulator.interactions.interaction import Format
from tests.practice_client import Json, PracticeClient, assert_operation_outcome, resource_of

Change = Callable[[Json], Any]
UNKNOWN = {"url": "https://consumer.example.nhs.uk/colour", "valueString": "red"}
OTHER = {"resourceType": "Organization", "id": "other", "name": "Another organisation"}
SENDS = ("book", "amend", "cancel")
formats = pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)


def place(*path: str | int, **elements: Any) -> Change:
    """Return a change that sets elements at a place in a body."""

    def change(body: Any) -> None:
        for step in path:
            body = body[step]
        body.update(elements)

    return change


def correct(consumer: PracticeClient, interaction: str) -> Json:
    """Return a body that the interaction accepts."""
    booking = consumer.booking(consumer.free_slots()[0])
    if interaction == "book":
        return booking
    booked = resource_of(consumer.book(booking))
    return copy.deepcopy(consumer.cancellation(booked) if interaction == "cancel" else booked)


def send(consumer: PracticeClient, interaction: str, body: Json) -> httpx2.Response:
    return consumer.send(f"{interaction}_appointment", resource_id=body.get("id", ""), body=body)


REFUSED: dict[str, Change] = {
    "modifierExtension": place(modifierExtension=[UNKNOWN]),
    "participant[0].modifierExtension": place("participant", 0, modifierExtension=[UNKNOWN]),
    "implicitRules": place(implicitRules="https://consumer.example.nhs.uk/rules"),
    "contained[1]": lambda body: body["contained"].append(OTHER),
    "contained[0]": lambda body: body["contained"].insert(0, OTHER),
    "_description": place(_description={"extension": [UNKNOWN]}),
    "_start": place(_start={"id": "a"}),
    "participant[1]._status": place("participant", 1, _status={"id": "a"}),
    "participant[0].actor._reference": place("participant", 0, "actor", _reference={"id": "a"}),
    "slot[0]._reference": place("slot", 0, _reference={"extension": [UNKNOWN]}),
}


@formats
@pytest.mark.parametrize("interaction", SENDS)
@pytest.mark.parametrize("element", list(REFUSED))
def test_what_may_change_the_meaning_is_refused(
    consumer: PracticeClient, interaction: str, element: str, spoken: Format
) -> None:
    body = correct(consumer, interaction)
    REFUSED[element](body)
    response = send(replace(consumer, format=spoken), interaction, body)
    named = f"Appointment.{element}: "
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", named, "leave it out", in_format=spoken)


def test_a_contained_resource_that_only_the_organisation_refers_to_is_refused(
    consumer: PracticeClient,
) -> None:
    body = correct(consumer, "book")
    body["contained"][0]["partOf"] = {"reference": "#other"}
    body["contained"].append(OTHER)
    assert_operation_outcome(consumer.book(body), 422, "INVALID_RESOURCE", "Appointment.contained[1]")


CHANGES: dict[str, tuple[Change, str]] = {
    "an unknown extension": (lambda body: body["extension"].append(UNKNOWN), f"extension('{UNKNOWN['url']}'"),
    "a language": (place(language="en"), "language"),
    "an extension of a participant": (
        place("participant", 0, extension=[UNKNOWN]), "participant[0].extension",
    ),
    "an extension of a slot's reference": (place("slot", 0, extension=[UNKNOWN]), "slot[0].extension"),
}  # fmt: skip


@formats
@pytest.mark.parametrize("interaction", ["amend", "cancel"])
@pytest.mark.parametrize("name", list(CHANGES))
def test_what_the_appointment_did_not_have_is_refused(
    consumer: PracticeClient, interaction: str, name: str, spoken: Format
) -> None:
    change, element = CHANGES[name]
    body = correct(consumer, interaction)
    change(body)
    response = send(replace(consumer, format=spoken), interaction, body)
    assert_operation_outcome(
        response, 422, "INVALID_RESOURCE", f"Appointment.{element}", "leave it out", in_format=spoken
    )


@formats
@pytest.mark.parametrize("name", list(CHANGES))
def test_a_booking_may_have_extensions_that_are_ignored(
    consumer: PracticeClient, name: str, spoken: Format
) -> None:
    body = correct(consumer, "book")
    CHANGES[name][0](body)
    speaker = replace(consumer, format=spoken)
    response = speaker.book(body)
    assert response.status_code == 201, response.text
    answer = resource_of(response)
    assert UNKNOWN not in answer["extension"]
    assert "language" not in answer
    assert all("extension" not in each for each in [*answer["participant"], *answer["slot"]])
    assert send(speaker, "amend", answer).status_code == 200


def other_words_for_the_role(body: Json) -> None:
    for each in body["extension"]:
        if each["url"] == urls.PRACTITIONER_ROLE:
            concept = each["valueCodeableConcept"]
            concept["text"] = concept["coding"][0]["display"] = "The doctor"


TOLERATED: dict[str, Change] = {
    "another meta": lambda body: body.setdefault("meta", {}).update(versionId="77"),
    "a narrative": place(
        text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
    ),
    "the name of an actor": place("participant", 0, "actor", display="A patient"),
    "the name of a slot": place("slot", 0, display="A slot"),
    "other words for the role": other_words_for_the_role,
    "other service names": place(serviceCategory={"text": "x"}, serviceType=[{"text": "y"}]),
}


@pytest.mark.parametrize("interaction", SENDS)
@pytest.mark.parametrize("name", list(TOLERATED))
def test_what_only_describes_is_tolerated_and_not_kept(
    consumer: PracticeClient, interaction: str, name: str
) -> None:
    body = correct(consumer, interaction)
    changed = copy.deepcopy(body)
    TOLERATED[name](changed)
    response = send(consumer, interaction, changed)
    assert response.status_code == (201 if interaction == "book" else 200), response.text
    answer = response.json()
    assert "text" not in answer
    assert answer["participant"] == body["participant"]
    assert answer["slot"] == body["slot"]
    assert "The doctor" not in response.text
    assert answer["serviceCategory"] != {"text": "x"}
