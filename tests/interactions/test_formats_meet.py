"""What is booked in one format is read, amended and cancelled in the other, and stays as it was."""

import itertools
from dataclasses import replace

import pytest

from simulator.fhir import urls
from simulator.interactions.interaction import Format
from tests.practice_client import Json, PracticeClient, resource_of

ORDERS = list(itertools.product(Format, repeat=3))


def booking(consumer: PracticeClient) -> Json:
    """Return a booking in which every element that XML could spoil stands: order, types, namespaces, ids."""
    body = consumer.booking(consumer.free_slots()[0])
    body["participant"][0] |= {
        "type": [
            {
                "text": "Participation",
                "coding": [
                    {
                        "display": "Participation",
                        "code": "PART",
                        "system": "http://hl7.org/fhir/encounter-participant-type",
                    }
                ],
            }
        ],
        "required": "required",
    }
    body["contained"][0] |= {
        "id": "1",
        "active": True,
        "alias": ["The <Suite>", "Validator & Co"],
        "type": [
            {
                "coding": [
                    {
                        "code": "urgent-care",
                        "system": "https://fhir.nhs.uk/STU3/ValueSet/GPConnect-OrganisationType-1",
                    }
                ]
            }
        ],
        "telecom": [{"use": "temp", "rank": 2, "value": "01823938938", "system": "phone"}],
        "extension": [
            {"valueReference": {"reference": "Location/1"}, "url": urls.MAIN_LOCATION},
            {"url": "urn:x:part", "id": "e1", "extension": [{"url": "deep", "valueInteger": 3}]},
        ],
        "modifierExtension": [{"url": "urn:x:modifier", "valueBoolean": False}],
        "_name": {"id": "n1", "extension": [{"url": "urn:x:name", "valueString": "said"}]},
    }
    body["extension"][0]["valueReference"] = {"reference": "#1"}
    return body | {
        "priority": 3,
        "identifier": [{"value": "7", "system": "https://consumer.example.nhs.uk/Id/case"}],
        "description": 'Ear "ache" & <fever>',
        "comment": "Two\nlines\tand a tab",
        "created": "2026-03-16T07:30:00.1234567+00:00",
    }


@pytest.mark.parametrize(
    ("first", "second", "third"),
    ORDERS,
    ids=["-".join(each.name for each in order) for order in ORDERS],
)
def test_an_appointment_lives_through_both_formats(
    consumer: PracticeClient, first: Format, second: Format, third: Format
) -> None:
    one, two, three = (replace(consumer, format=spoken) for spoken in (first, second, third))
    body = booking(consumer)
    booked = one.book(body)
    assert booked.status_code == 201, booked.text
    came = resource_of(booked)
    kept = ("contained", "participant", "priority", "identifier", "description", "comment")
    assert {name: came[name] for name in kept} == {name: body[name] for name in kept}
    there = resource_of(two.send("read_appointment", resource_id=came["id"]))
    assert there == came
    amended = two.send("amend_appointment", resource_id=came["id"], body=there | {"comment": "Another"})
    assert amended.status_code == 200, amended.text
    cancelled = three.cancel(resource_of(amended))
    assert cancelled.status_code == 200, cancelled.text
    assert resource_of(cancelled)["contained"] == body["contained"]


def test_a_narrative_of_the_booking_organisation_is_not_kept(consumer: PracticeClient) -> None:
    body = consumer.booking(consumer.free_slots()[0])
    text = {"status": "generated", "div": "<div>broken & <p>unclosed</div>"}
    body["contained"][0]["text"] = text
    booked = consumer.book(body)
    assert booked.status_code == 201, booked.text
    assert "text" not in booked.json()["contained"][0]
    speaker = replace(consumer, format=Format.XML)
    assert resource_of(speaker.send("read_appointment", resource_id=booked.json()["id"])) == booked.json()
    again = booked.json()
    again["contained"][0]["text"] = text
    assert consumer.cancel(again).status_code == 200
