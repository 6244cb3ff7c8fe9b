"""Appointments that are read by their outline, how they are written, and how two readings are compared."""

import json
from collections.abc import Callable
from typing import Any

from simulator.domain.refusals import Refusal
from simulator.fhir import urls
from simulator.fhir.reading import read_json
from tests.fuzz.spoiled_json import dumps
from tests.practice_client import Json

ORGANISATION: Json = {
    "resourceType": "Organization",
    "id": "org1",
    "meta": {"profile": [urls.ORGANIZATION]},
    "identifier": [{"system": urls.ODS_ORGANIZATION_CODE, "value": "A11111"}],
    "type": [{"coding": [{"system": urls.ORGANISATION_TYPES, "code": "urgent-care", "display": "Urgent"}]}],
    "name": "Test organisation",
    "telecom": [{"system": "phone", "value": "01632 960000", "use": "work"}],
    "address": [{"line": ["1 Mill Lane"], "postalCode": "ZZ99 1AA"}],
}
BOOKING: Json = {
    "resourceType": "Appointment",
    "meta": {"profile": [urls.APPOINTMENT]},
    "contained": [ORGANISATION],
    "extension": [{"url": urls.BOOKING_ORGANISATION, "valueReference": {"reference": "#org1"}}],
    "identifier": [{"system": "https://consumer.example.nhs.uk/Id/booking", "value": "7"}],
    "status": "booked",
    "priority": 1,
    "description": "Earache",
    "start": "2026-03-17T10:00:00+00:00",
    "end": "2026-03-17T10:20:00+00:00",
    "slot": [{"reference": "Slot/11"}, {"reference": "Slot/12", "display": "10:10"}],
    "created": "2026-03-16T07:30:00.123Z",
    "comment": "Two lines\nof comment",
    "participant": [
        {"actor": {"reference": "Patient/5", "display": "Ada Lark"}, "status": "accepted"},
        {"actor": {"reference": "Location/6"}, "status": "accepted", "type": [{"text": "place"}]},
        {"actor": {"reference": "Practitioner/7"}, "status": "tentative", "required": "required"},
    ],
}
CANCELLED: Json = BOOKING | {
    "id": "31",
    "meta": {"profile": [urls.APPOINTMENT], "versionId": "2"},
    "status": "cancelled",
    "extension": [
        *BOOKING["extension"],
        {"url": urls.DELIVERY_CHANNEL, "valueCode": "In-person"},
        {"url": urls.CANCELLATION_REASON, "valueString": "Better now"},
    ],
}
OWN: Json = {name: value for name, value in CANCELLED.items() if name != "contained"} | {
    "extension": CANCELLED["extension"][1:]
}
Read = Callable[[bytes], Any]
InFull = Callable[[Json], Any]


def as_it_is(value: Any) -> bytes:
    """Return a value as JSON with much white space and nothing escaped that need not be."""
    text = json.dumps(value, ensure_ascii=False, indent=1, separators=(" ,", " : "))
    return text.encode("utf-8", "surrogatepass")


def outcome(read: Read, body: bytes) -> tuple[Any, ...]:
    """Return what a reader made of an appointment: a result, or a refusal with all that it says."""
    try:
        return (read(body),)
    except Refusal as refusal:
        return type(refusal), refusal.diagnostics


WRITTEN = (dumps, as_it_is)


def assert_read_as_in_full(read: Read, in_full: InFull, resource: Json) -> None:
    """Assert that a reader says of an appointment what a full reading says, however it is written."""
    for write in WRITTEN:
        body = write(resource)
        assert outcome(read, body) == outcome(lambda each: in_full(read_json(each)), body)
