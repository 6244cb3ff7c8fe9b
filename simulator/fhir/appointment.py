"""Appointment to FHIR (profile GPConnect-Appointment-1), as JSON.

What comes again and again is put into JSON once: the version, the organisation that books, the session.
"""

from functools import lru_cache
from typing import Any

import orjson

from simulator.domain.appointment import Appointment, Participant
from simulator.domain.clock import uk_local
from simulator.domain.slot import DeliveryChannel
from simulator.fhir import urls
from simulator.fhir.resource import Json, meta, reference
from simulator.fhir.schedule import practitioner_role_extension
from simulator.fhir.slot import delivery_channel_extension

FORMS_KEPT = 256
LONGEST_KEPT = 8192
"""Of how many texts the JSON is kept, and how long they may be, in characters."""


def render_appointment(appointment: Appointment) -> bytes:
    """Return an appointment as every interaction shows one; never `reason` or `specialty`."""
    booker = appointment.booking_organisation
    shown: Json = {
        "resourceType": "Appointment",
        "id": str(appointment.id),
        "meta": _meta(appointment.version),
    }
    extensions: list[Any] = []
    if booker is not None:
        shown["contained"] = [_as_sent(booker.resource)]
        extensions.append(_booked_by(booker.resource))
    extensions += _session(appointment.practitioner_role, appointment.delivery_channel)
    if appointment.cancellation_reason is not None:
        extensions.append({"url": urls.CANCELLATION_REASON, "valueString": appointment.cancellation_reason})
    shown["extension"] = extensions
    if appointment.identifiers:
        shown["identifier"] = [
            {"system": system, "value": value} for system, value in appointment.identifiers
        ]
    shown["status"] = appointment.status
    shown["serviceCategory"] = {"text": appointment.service_category}
    shown["serviceType"] = [{"text": appointment.service_type}]
    if appointment.priority is not None:
        shown["priority"] = appointment.priority
    if appointment.description:
        shown["description"] = appointment.description
    shown["start"] = uk_local(appointment.start)
    shown["end"] = uk_local(appointment.end)
    shown["slot"] = [reference("Slot", slot_id) for slot_id in appointment.slot_ids]
    shown["created"] = uk_local(appointment.created)
    if appointment.comment:
        shown["comment"] = appointment.comment
    shown["participant"] = [_participant(participant) for participant in appointment.participants]
    return orjson.dumps(shown)


@lru_cache(maxsize=FORMS_KEPT)
def _meta(version: int) -> orjson.Fragment:
    return _as_json(meta(urls.APPOINTMENT, version))


def _as_sent(text: str) -> orjson.Fragment:
    """Return what is kept as it was sent, without the white space that it may have."""
    return _kept_as_sent(text) if len(text) <= LONGEST_KEPT else _as_json(orjson.loads(text))


@lru_cache(maxsize=FORMS_KEPT)
def _kept_as_sent(text: str) -> orjson.Fragment:
    return _as_json(orjson.loads(text))


def _booked_by(organisation: str) -> orjson.Fragment:
    return _kept_booked_by(organisation) if len(organisation) <= LONGEST_KEPT else _reference_to(organisation)


@lru_cache(maxsize=FORMS_KEPT)
def _kept_booked_by(organisation: str) -> orjson.Fragment:
    return _reference_to(organisation)


def _reference_to(organisation: str) -> orjson.Fragment:
    place = {"reference": f"#{orjson.loads(organisation)['id']}"}
    return _as_json({"url": urls.BOOKING_ORGANISATION, "valueReference": place})


@lru_cache(maxsize=FORMS_KEPT)
def _session(role: str, channel: DeliveryChannel) -> tuple[orjson.Fragment, orjson.Fragment]:
    return _as_json(practitioner_role_extension(role)), _as_json(delivery_channel_extension(channel))


def _as_json(element: Any) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(element))


def _participant(participant: Participant) -> Json:
    kind, id_, status, required, type_ = participant
    shown: Json = {"type": _as_sent(type_)} if type_ else {}
    shown["actor"] = reference(kind, id_)
    if required:
        shown["required"] = required
    shown["status"] = status
    return shown
