"""What a consumer needs to know of Slots and Appointments: offers it can book, and the bodies it sends.

Source: pages *Search for free slots*, *Book an appointment* (adjacent slots), *Cancel an appointment*.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from loadtest.audit_token import organisation_name
from loadtest.practices import ConsumerOrganisation

PROFILES = "https://fhir.nhs.uk/STU3/StructureDefinition"
ORGANISATION_TYPES = "https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-OrganisationType-1"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
_DELIVERY_CHANNEL = f"{PROFILES}/Extension-GPConnect-DeliveryChannel-2"
_CANCELLATION_REASON = f"{PROFILES}/Extension-GPConnect-AppointmentCancellationReason-1"
_TYPE_NAMES = {"gp-practice": "GP Practice", "urgent-care": "Urgent Care"}
_LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Offer:
    """One free Slot as a search showed it, with what a booking of it must carry.

    `start` and `end` are kept as the provider wrote them: a booking repeats them to the letter.
    """

    slot: str
    start: str
    end: str
    schedule: str
    location: str | None
    practitioner: str | None
    service_type: str
    delivery_channel: str


def offers_in(bundle: Mapping[str, Any]) -> list[Offer]:
    """Every Slot of a search bundle whose Schedule is in the same bundle, in the bundle's order."""
    resources = [entry["resource"] for entry in bundle.get("entry", ())]
    actors = {
        f"Schedule/{resource['id']}": [actor["reference"] for actor in resource.get("actor", ())]
        for resource in resources
        if resource["resourceType"] == "Schedule"
    }
    return [
        _offer(resource, actors[resource["schedule"]["reference"]])
        for resource in resources
        if resource["resourceType"] == "Slot" and resource["schedule"]["reference"] in actors
    ]


def _offer(slot: Mapping[str, Any], actors: Sequence[str]) -> Offer:
    channels = [e.get("valueCode", "") for e in slot.get("extension", ()) if e["url"] == _DELIVERY_CHANNEL]
    return Offer(
        slot=slot["id"],
        start=slot["start"],
        end=slot["end"],
        schedule=slot["schedule"]["reference"],
        location=_first(actors, "Location/"),
        practitioner=_first(actors, "Practitioner/"),
        service_type=(slot.get("serviceType") or [{}])[0].get("text", ""),
        delivery_channel=channels[0] if channels else "",
    )


def _first(references: Iterable[str], prefix: str) -> str | None:
    return next((reference for reference in references if reference.startswith(prefix)), None)


def adjacent_pairs(offers: Iterable[Offer]) -> Iterator[tuple[Offer, Offer]]:
    """Pairs that may be booked as one: no gap, same Schedule, delivery channel and service type."""
    by_kind: dict[tuple[str, str, str], list[Offer]] = {}
    for offer in offers:
        by_kind.setdefault((offer.schedule, offer.delivery_channel, offer.service_type), []).append(offer)
    for alike in by_kind.values():
        ordered = sorted(alike, key=lambda offer: datetime.fromisoformat(offer.start))
        for first, second in pairwise(ordered):
            if datetime.fromisoformat(first.end) == datetime.fromisoformat(second.start):
                yield first, second


def booking_body(
    offers: Sequence[Offer],
    patient: str,
    consumer: ConsumerOrganisation,
    created: datetime,
    description: str = "Booked by the load lab",
) -> dict[str, Any]:
    """An Appointment to POST for `offers` (in time order); `patient` is the logical id; `created` aware."""
    actors = [f"Patient/{patient}", offers[0].location, offers[0].practitioner]
    return {
        "resourceType": "Appointment",
        "meta": {"profile": [f"{PROFILES}/GPConnect-Appointment-1"]},
        "contained": [_booking_organisation(consumer)],
        "extension": [
            {
                "url": f"{PROFILES}/Extension-GPConnect-BookingOrganisation-1",
                "valueReference": {"reference": "#booking-organisation"},
            }
        ],
        "status": "booked",
        "description": description,
        "start": offers[0].start,
        "end": offers[-1].end,
        "slot": [{"reference": f"Slot/{offer.slot}"} for offer in offers],
        "created": created.astimezone(_LONDON).isoformat(timespec="seconds"),
        "participant": [
            {"actor": {"reference": actor}, "status": "accepted"} for actor in actors if actor is not None
        ],
    }


def _booking_organisation(consumer: ConsumerOrganisation) -> dict[str, Any]:
    organisation: dict[str, Any] = {
        "resourceType": "Organization",
        "id": "booking-organisation",
        "meta": {"profile": [f"{PROFILES}/CareConnect-GPC-Organization-1"]},
        "identifier": [{"system": ODS_CODE, "value": consumer.ods_code}],
        "name": organisation_name(consumer),
        "telecom": [{"system": "phone", "value": "01632960500", "use": "work"}],
    }
    if consumer.organisation_type is not None:
        code = consumer.organisation_type
        coding = {"system": ORGANISATION_TYPES, "code": code, "display": _TYPE_NAMES.get(code, code)}
        organisation["type"] = [{"coding": [coding]}]
    return organisation


def cancellation_body(appointment: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The Appointment as last read, cancelled: the status and the reason are the only changes."""
    extensions = [*appointment.get("extension", ()), {"url": _CANCELLATION_REASON, "valueString": reason}]
    return {**appointment, "status": "cancelled", "extension": extensions}


def logical_id(reference: str) -> str:
    """`12` of `Slot/12`."""
    return reference.rsplit("/", 1)[-1]
