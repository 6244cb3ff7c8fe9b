"""Bookings that break one rule each: what is changed of a correct one, and a word of what is said of it."""

import copy
from collections.abc import Callable
from typing import Any

from simulator.fhir import urls
from tests.practice_client import Json

Change = Callable[[Json], Any]


def element(name: str, value: Any) -> Change:
    return lambda body: body.__setitem__(name, value)


def without(*path: str | int) -> Change:
    """Return what removes an element, whose path is given by names and places."""

    def remove(body: Json) -> None:
        place: Any = body
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return remove


def at(*path: Any) -> Change:
    """Return what sets an element; the last of the path is its value."""

    def put(body: Json) -> None:
        place: Any = body
        for step in path[:-2]:
            place = place[step]
        place[path[-2]] = path[-1]

    return put


def more(name: str, value: Any) -> Change:
    return lambda body: body.setdefault(name, []).append(copy.deepcopy(value))


def same_again(name: str, place: int) -> Change:
    return lambda body: body[name].append(copy.deepcopy(body[name][place]))


ABSOLUTE = "https://provider.example.nhs.uk/Z90001/STU3/1/gpconnect/"
TIMED = "yyyy-mm-ddThh:mm:ss+hh:mm"
BROKEN: dict[str, tuple[Change, str]] = {
    "no profile": (without("meta"), "Appointment.meta.profile: is missing"),
    "another profile": (at("meta", "profile", [urls.SLOT]), "GPConnect-Slot-1'] was sent"),
    "an id": (element("id", "7"), "Appointment.id: '7'"),
    "no status": (without("status"), "Appointment.status"),
    "another status": (element("status", "pending"), "Appointment.status: 'pending'"),
    "an unknown status": (element("status", "Booked"), "Appointment.status: 'Booked'"),
    "no start": (without("start"), "Appointment.start: is missing"),
    "a start that is a number": (element("start", 1773650000), "Appointment.start: 1773650000"),
    "a start that is a date": (element("start", "2026-03-17"), TIMED),
    "a start without offset": (element("start", "2026-03-17T09:00:00"), TIMED),
    "a start that is no time": (element("start", "2026-02-30T09:00:00+00:00"), "day value is outside"),
    "a start of the sixtieth second": (
        element("start", "2026-03-17T09:00:60+00:00"), f"is not a date and time; expected {TIMED}",
    ),
    "a start with an endless offset": (element("start", "2026-03-17T09:00:00+25:00"), "Appointment.start"),
    "a start half a second late": (
        lambda body: body.update(start=body["start"].replace("+", ".500+")), "has a fraction of a second",
    ),
    "an end a little late": (
        lambda body: body.update(end=body["end"].replace("+", ".0000004+")), "has a fraction of a second",
    ),
    "a start out of reach": (element("start", "0001-01-01T00:00:00+14:00"), "is out of reach"),
    "no end": (without("end"), "Appointment.end: is missing"),
    "an end that is null": (element("end", None), "Appointment.end: is null"),
    "no slot": (without("slot"), "Appointment.slot: is missing"),
    "an empty list of slots": (element("slot", []), "Appointment.slot: is empty"),
    "a slot that is a text": (element("slot", ["Slot/1"]), "Appointment.slot[0]"),
    "a slot without reference": (element("slot", [{"display": "x"}]), "Appointment.slot[0].reference"),
    "an absolute slot": (at("slot", 0, "reference", ABSOLUTE + "Slot/1"), "expected relative"),
    "a slot of another type": (at("slot", 0, "reference", "Schedule/1"), "refers to a Schedule"),
    "a malformed slot": (at("slot", 0, "reference", "Slot"), "expected relative"),
    "an unknown slot": (at("slot", 0, "reference", "Slot/999999"), "Slot/999999 does not exist"),
    "a slot id that is not ours": (at("slot", 0, "reference", "Slot/s-1"), "Slot/s-1 does not exist"),
    "the same slot twice": (same_again("slot", 0), "more than once; expected each slot once"),
    "no participant": (without("participant"), "Appointment.participant"),
    "no patient": (without("participant", 0), "0 with a Patient"),
    "two patients": (same_again("participant", 0), "2 with a Patient"),
    "no location": (without("participant", 1), "0 with a Location"),
    "two locations": (same_again("participant", 1), "2 with a Location"),
    "no actor": (at("participant", 0, {"status": "accepted"}), "participant[0].actor: is missing"),
    "an actor without reference": (at("participant", 0, "actor", {"display": "x"}), "actor.reference"),
    "no participant status": (without("participant", 0, "status"), "participant[0].status"),
    "an unknown participant status": (at("participant", 0, "status", "yes"), "'yes'"),
    "an unknown participant need": (at("participant", 0, "required", "maybe"), "'maybe'"),
    "an absolute patient": (at("participant", 0, "actor", "reference", ABSOLUTE + "Patient/1"), "relative"),
    "an absolute location": (at("participant", 1, "actor", "reference", ABSOLUTE + "Location/1"), "relative"),
    "no booking organisation": (without("extension"), "bookingOrganisation"),
    "neither extension nor contained": (
        lambda body: (body.pop("extension"), body.pop("contained")), "has no booking organisation",
    ),
    "two booking organisations": (same_again("extension", 0), "came 2 times"),
    "an absolute organisation": (
        at("extension", 0, "valueReference", "reference", ABSOLUTE + "Organization/1"), "expected `#id`",
    ),
    "a dangling organisation": (
        at("extension", 0, "valueReference", "reference", "#org2"), "no resource with id 'org2'",
    ),
    "an organisation of another kind": (
        at("extension", 0, {"url": urls.BOOKING_ORGANISATION, "valueString": "#org1"}), "has valueString",
    ),
    "an organisation with an id of 65 characters": (
        lambda body: (
            body["contained"][0].update(id="x" * 65),
            body["extension"][0].update(valueReference={"reference": "#" + "x" * 65}),
        ),
        "contained[0].id: 'xxxx",
    ),
    "an organisation with a version of 65 characters": (
        at("contained", 0, "meta", "versionId", "1" * 65), "contained[0].meta.versionId: '1111",
    ),
    "no contained organisation": (without("contained"), "Appointment.contained"),
    "another contained type": (
        element("contained", [{"resourceType": "Patient", "id": "org1"}]), "expected Organization",
    ),
    "a contained resource of no type": (element("contained", [{"id": "org1"}]), "contained[0].resourceType"),
    "a contained resource of an unknown type": (
        element("contained", [{"resourceType": "Clinic", "id": "org1"}]), "type Clinic, which is not of STU3",
    ),
    "an organisation without name": (without("contained", 0, "name"), "contained[0].name: is missing"),
    "an organisation without telecom": (without("contained", 0, "telecom"), "telecom: is missing"),
    "an organisation without identifier": (without("contained", 0, "identifier"), "identifier: has 0"),
    "an organisation without ODS code": (
        at("contained", 0, "identifier", 0, "system", "urn:x"), urls.ODS_ORGANIZATION_CODE,
    ),
    "an organisation identifier without value": (
        without("contained", 0, "identifier", 0, "value"), "identifier[0].value: is missing",
    ),
    "an organisation at somebody's home": (
        at("contained", 0, "address", [{"use": "home", "line": ["1 High Street"]}]),
        "Appointment.contained[0].address[0].use: 'home' was sent; expected one of old, temp, work",
    ),
    "an organisation with a home telephone": (at("contained", 0, "telecom", 0, "use", "home"), "'home'"),
    "an organisation with a state": (
        at("contained", 0, "address", [{"city": "Leeds", "state": "Yorkshire"}]), "address[0].state",
    ),
    "an unknown element of the organisation": (at("contained", 0, "colour", "red"), "contained[0].colour"),
    "no created": (without("created"), "Appointment.created: is missing"),
    "a created that is a date": (element("created", "2026-03-16"), "Appointment.created"),
    "a created out of reach": (element("created", "0001-01-01T00:00:00+14:00"), "is out of reach"),
    "a created at the end of time": (element("created", "9999-12-31T23:59:59-14:00"), "is out of reach"),
    "no description": (without("description"), "Appointment.description: is missing"),
    "an empty description": (element("description", ""), "Appointment.description: ''"),
    "a blank description": (element("description", "   "), "Appointment.description"),
    "a description that is a number": (element("description", 5), "Appointment.description: 5"),
    "an empty comment": (element("comment", ""), "Appointment.comment: ''"),
    "a comment that is a number": (element("comment", 5), "Appointment.comment: 5 was sent"),
    "a reason": (element("reason", [{"text": "Ear"}]), "Appointment.reason: GP Connect does not allow"),
    "a specialty": (element("specialty", [{"text": "GP"}]), "Appointment.specialty: GP Connect"),
    "an appointment type": (element("appointmentType", {"text": "Walk-in"}), "Appointment.appointmentType"),
    "an indication": (element("indication", [{"reference": "Condition/1"}]), "Appointment.indication"),
    "supporting information": (
        element("supportingInformation", [{"reference": "Condition/1"}]), "Appointment.supportingInformation",
    ),
    "a referral": (element("incomingReferral", [{"reference": "ReferralRequest/1"}]), "incomingReferral"),
    "a requested period": (element("requestedPeriod", [{"start": "2026-03-17"}]), "requestedPeriod"),
    "an identifier without system": (element("identifier", [{"value": "1"}]), "identifier[0].system"),
    "an identifier without value": (element("identifier", [{"system": "x:y"}]), "identifier[0].value"),
    "an identifier with a use": (
        element("identifier", [{"system": "x:y", "value": "1", "use": "usual"}]), "identifier[0].use",
    ),
    "a cancellation reason": (
        more("extension", {"url": urls.CANCELLATION_REASON, "valueString": "No"}), "cancellation reason",
    ),
    "two delivery channels": (
        lambda body: body["extension"].extend([{"url": urls.DELIVERY_CHANNEL, "valueCode": "Video"}] * 2),
        "came 2 times",
    ),
    "a priority that is a text": (element("priority", "1"), "Appointment.priority: '1'"),
    "a priority below zero": (element("priority", -1), "Appointment.priority: -1"),
    "a priority that is a boolean": (element("priority", True), "Appointment.priority: True"),
    "an unknown element": (element("colour", "red"), "Appointment.colour: is not an element"),
    "an unknown element deep inside": (at("participant", 0, "actor", "colour", "red"), "actor.colour"),
    "another resource type": (element("resourceType", "Slot"), "'Slot' was sent; expected Appointment"),
}  # fmt: skip
