"""An appointment as JSON is, to the byte, what a plain resource of it would be."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.appointment import Appointment, AppointmentStatus, BookingOrganisation, Participant
from simulator.domain.clock import uk_local
from simulator.domain.practitioner import JOB_ROLES
from simulator.domain.slot import DeliveryChannel
from simulator.fhir import urls
from simulator.fhir.appointment import render_appointment
from simulator.fhir.resource import Json, meta, reference, without_nothing
from simulator.fhir.schedule import practitioner_role_extension
from simulator.fhir.slot import delivery_channel_extension


def plain(appointment: Appointment) -> Json:
    """Return what is to be said of an appointment, each element in its place, and none that has no value."""
    booker = appointment.booking_organisation
    contained = [json.loads(booker.resource)] if booker else []
    extensions = [
        *(
            {"url": urls.BOOKING_ORGANISATION, "valueReference": {"reference": f"#{each['id']}"}}
            for each in contained
        ),
        practitioner_role_extension(appointment.practitioner_role),
        delivery_channel_extension(appointment.delivery_channel),
    ]
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
            "participant": [plain_participant(each) for each in appointment.participants],
        }
    )


def plain_participant(participant: Participant) -> Json:
    return without_nothing(
        {
            "type": json.loads(participant.type) if participant.type else None,
            "actor": reference(participant.kind, participant.id),
            "required": participant.required,
            "status": participant.status,
        }
    )


ids = st.integers(1, 2**62)
instants = st.integers(0, 4_000_000_000)
words = st.text(max_size=8)
types = st.one_of(st.none(), st.lists(st.fixed_dictionaries({"text": words}), min_size=1, max_size=2))


def written(value: Any, spaced: bool) -> str:
    return json.dumps(value, ensure_ascii=spaced, indent=1 if spaced else None)


@st.composite
def participants(draw: st.DrawFn) -> tuple[Participant, ...]:
    others = st.lists(st.sampled_from(["Location", "Practitioner"]), min_size=1, max_size=3)
    return tuple(
        Participant(
            kind,
            draw(ids),
            draw(st.sampled_from(["accepted", "tentative"])),
            draw(st.sampled_from([None, "required"])),
            None if (each := draw(types)) is None else written(each, draw(st.booleans())),
        )
        for kind in ("Patient", *draw(others))
    )


@st.composite
def bookers(draw: st.DrawFn) -> BookingOrganisation:
    organization = {"resourceType": "Organization", "id": draw(words), "name": draw(words)}
    return BookingOrganisation("A11111", None, written(organization, draw(st.booleans())))


appointments = st.builds(
    Appointment,
    id=ids,
    organization_id=st.just(1),
    status=st.sampled_from(AppointmentStatus),
    start=instants,
    end=instants,
    created=instants,
    description=words,
    comment=st.none() | words,
    slot_ids=st.lists(ids, min_size=1, max_size=3).map(tuple),
    participants=participants(),
    service_type=words,
    service_category=words,
    delivery_channel=st.sampled_from(DeliveryChannel),
    practitioner_role=st.sampled_from(sorted(JOB_ROLES)),
    booking_organisation=st.none() | bookers(),
    cancellation_reason=st.none() | words,
    identifiers=st.lists(st.tuples(words, words), max_size=2).map(tuple),
    priority=st.none() | st.integers(0, 2**31 - 1),
    version=st.integers(1, 99),
    last_updated=instants,
)


@given(appointment=appointments)
def test_any_appointment_is_rendered_as_a_plain_resource_of_it_would_be(appointment: Appointment) -> None:
    assert render_appointment(appointment) == orjson.dumps(plain(appointment))


@pytest.mark.parametrize("priority", [None, 0, 1])
@given(appointment=appointments)
def test_only_a_priority_that_was_not_sent_is_left_out(
    priority: int | None, appointment: Appointment
) -> None:
    shown = orjson.loads(render_appointment(appointment._replace(priority=priority)))
    assert shown.get("priority") == priority
