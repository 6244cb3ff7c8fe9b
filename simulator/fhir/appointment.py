"""Appointment to FHIR (profile GPConnect-Appointment-1)."""

from functools import lru_cache

import orjson

from simulator.domain.appointment import Appointment, Participant
from simulator.domain.clock import uk_local
from simulator.domain.slot import DeliveryChannel
from simulator.fhir import urls
from simulator.fhir.resource import Json, meta, reference, without_nothing
from simulator.fhir.schedule import practitioner_role_extension
from simulator.fhir.slot import delivery_channel_extension


def render_appointment(appointment: Appointment) -> Json:
    """Return an appointment as every interaction shows one; never `reason` or `specialty`."""
    booker = appointment.booking_organisation
    contained = [_contained(booker.resource)] if booker else []
    extensions: list[Json] = [
        {"url": urls.BOOKING_ORGANISATION, "valueReference": {"reference": f"#{organization['id']}"}}
        for organization in contained
    ]
    extensions += _session_extensions(appointment.practitioner_role, appointment.delivery_channel)
    if appointment.cancellation_reason is not None:
        extensions.append({"url": urls.CANCELLATION_REASON, "valueString": appointment.cancellation_reason})
    return without_nothing(
        {
            "resourceType": "Appointment",
            "id": str(appointment.id),
            "meta": meta(urls.APPOINTMENT, appointment.version),
            "contained": contained,
            "extension": extensions,
            "identifier": [{"system": system, "value": value} for system, value in appointment.identifiers],
            "status": str(appointment.status),
            "serviceCategory": {"text": appointment.service_category},
            "serviceType": [{"text": appointment.service_type}],
            "priority": appointment.priority,
            "description": appointment.description,
            "start": uk_local(appointment.start),
            "end": uk_local(appointment.end),
            "slot": [reference("Slot", slot_id) for slot_id in appointment.slot_ids],
            "created": uk_local(appointment.created),
            "comment": appointment.comment,
            "participant": [_render_participant(participant) for participant in appointment.participants],
        }
    )


@lru_cache(maxsize=256)
def _contained(organisation: str) -> Json:
    """Return the organisation that booked: few book again and again, and nobody changes what is returned."""
    resource: Json = orjson.loads(organisation)
    return resource


@lru_cache(maxsize=256)
def _session_extensions(role: str, channel: DeliveryChannel) -> tuple[Json, Json]:
    """Return what is said of the session: few pairs come again and again, and nobody changes them."""
    return practitioner_role_extension(role), delivery_channel_extension(channel)


def _render_participant(participant: Participant) -> Json:
    kind, id_, status, required, type_ = participant
    rendered: Json = {"type": orjson.loads(type_)} if type_ else {}
    rendered["actor"] = reference(kind, id_)
    if required:
        rendered["required"] = required
    rendered["status"] = status
    return rendered
