"""Appointment from FHIR (profile GPConnect-Appointment-1): every check that one is put to, in order."""

import re
from datetime import datetime
from typing import Any

import orjson

from simulator.domain.amendment import Sent
from simulator.domain.appointment import AppointmentStatus, BookingOrganisation, Participant
from simulator.domain.booking import Booking
from simulator.domain.clock import Instant
from simulator.domain.refusals import InvalidParameter, InvalidResource, ReferenceNotFound, Refusal, shown
from simulator.fhir import profiles, urls
from simulator.fhir.reading import check_base
from simulator.fhir.resource import Json, extension_values, read_reference

YEARS = range(1900, 9999)
"""The years that an appointment's times may be in: every offset of them can still be rendered."""

ACTORS = ("Patient", "Location", "Practitioner")

MODIFIERS = frozenset({"implicitRules", "modifierExtension"})
"""What may change the meaning of everything else, so that FHIR forbids to ignore it."""


def read_booking_in_full(resource: Json) -> Booking:
    """Return what a consumer asks to book; raise InvalidResource or ReferenceNotFound naming the element.

    Source: specification, page "Book an appointment".
    """
    _check_appointment(resource, MODIFIERS)
    sent_profiles = resource.get("meta", {}).get("profile")
    if urls.APPOINTMENT not in (sent_profiles or []):
        came = f"{shown(sent_profiles)} was sent" if sent_profiles else "is missing"
        raise InvalidResource(f"Appointment.meta.profile: {came}; expected {urls.APPOINTMENT}")
    if "id" in resource:
        raise InvalidResource(
            f"Appointment.id: {shown(resource['id'])} was sent; leave it out, the provider assigns it"
        )
    if resource["status"] != AppointmentStatus.BOOKED:
        raise InvalidResource(f"Appointment.status: {shown(resource['status'])} was sent; expected 'booked'")
    if extension_values(resource, urls.CANCELLATION_REASON, "valueString"):
        raise InvalidResource("Appointment.extension: has a cancellation reason; a booking has none")
    if "created" not in resource:
        raise InvalidResource("Appointment.created: is missing; expected when the appointment was created")
    participants = _participants(resource, ReferenceNotFound)
    for kind, most in (("Patient", 1), ("Location", 1), ("Practitioner", None)):
        number = sum(participant.kind == kind for participant in participants)
        if (most and number != most) or (kind != "Practitioner" and not number):
            raise InvalidResource(
                f"Appointment.participant: has {number} with a {kind} actor; expected exactly 1"
            )
    booker = _booking_organisation(resource)
    if booker is None:
        raise InvalidResource(
            f"Appointment.extension: has no booking organisation; expected one {urls.BOOKING_ORGANISATION}"
            " that refers to a contained Organization"
        )
    return Booking(
        slot_ids=_slot_ids(resource),
        start=_instant(resource, "start"),
        end=_instant(resource, "end"),
        start_sent=resource["start"],
        end_sent=resource["end"],
        created=_instant(resource, "created"),
        description=resource["description"],
        comment=resource.get("comment"),
        participants=participants,
        booking_organisation=booker,
        identifiers=_identifiers(resource),
        priority=_small_number(resource, "priority"),
        minutes_duration=_small_number(resource, "minutesDuration"),
    )


def read_sent_in_full(resource: Json) -> Sent:
    """Return an appointment as it was sent back for a change.

    Raises InvalidResource naming the element, and InvalidParameter for an empty cancellation reason.
    """
    _check_reason(resource)
    _check_appointment(resource, MODIFIERS | {"extension", "language"})
    roles = extension_values(resource, urls.PRACTITIONER_ROLE, "valueCodeableConcept")
    channels = extension_values(resource, urls.DELIVERY_CHANNEL, "valueCode")
    reasons = extension_values(resource, urls.CANCELLATION_REASON, "valueString")
    return Sent(
        id=resource.get("id"),
        status=resource["status"],
        start=_instant(resource, "start"),
        end=_instant(resource, "end"),
        created=_instant(resource, "created") if "created" in resource else None,
        description=resource["description"],
        comment=resource.get("comment"),
        slot_ids=_slot_ids(resource),
        participants=_participants(resource, InvalidResource),
        booking_organisation=_booking_organisation(resource),
        cancellation_reason=(reasons[0] or "") if reasons else None,
        identifiers=_identifiers(resource),
        priority=_small_number(resource, "priority"),
        practitioner_roles=tuple(_codes_of(roles)) if roles else None,
        delivery_channel=(channels[0] or "") if channels else None,
        minutes_duration=_small_number(resource, "minutesDuration"),
    )


def _check_appointment(resource: Json, lost: frozenset[str]) -> None:
    """Raise InvalidResource for what is no appointment, or has elements that would be `lost`, unread.

    The id and extensions of a primitive are always among them; GP Connect's own extensions never are.
    """
    check_base(resource, "Appointment")
    profiles.check_profile(resource, profiles.APPOINTMENT)
    parts = {"Appointment": {name: each for name, each in resource.items() if name != "extension"}}
    for element in ("participant", "slot", "identifier"):
        for number, each in enumerate(resource.get(element, ())):
            parts[f"Appointment.{element}[{number}]"] = each
            parts[f"Appointment.{element}[{number}].actor"] = each.get("actor", {})
    for at, part in parts.items():
        for name in part:
            if name.startswith("_") or name in lost:
                raise InvalidResource(f"{at}.{name}: is not understood and would be lost; leave it out")
    known = {piece.url for piece in profiles.APPOINTMENT.slices}
    for url in [each.get("url") for each in resource.get("extension", ()) if "extension" in lost]:
        if url not in known:
            raise InvalidResource(
                f"Appointment.extension({shown(url)}): would be lost; leave it out; expected of"
                f" {', '.join(sorted(each.rpartition('/')[2] for each in known))}"
            )


def _check_reason(resource: Json) -> None:
    """Raise InvalidParameter for a blank reason, which the base would refuse as any other blank text."""
    extensions = resource.get("extension")
    for each in extensions if isinstance(extensions, list) else ():
        is_reason = isinstance(each, dict) and each.get("url") == urls.CANCELLATION_REASON
        reason = each.get("valueString", "absent") if is_reason else "absent"
        if reason is None or (isinstance(reason, str) and not reason.strip()):
            raise InvalidParameter("Appointment.extension(cancellationReason): is blank; expected a reason")


def _instant(resource: Json, element: str) -> Instant:
    text = resource[element]
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise InvalidResource(
            f"Appointment.{element}: {shown(text)} is not a date and time; expected yyyy-mm-ddThh:mm:ss+hh:mm"
        ) from None
    if moment.year not in YEARS:
        raise InvalidResource(
            f"Appointment.{element}: {shown(text)} is out of reach;"
            f" expected a year from {YEARS[0]} to {YEARS[-1]}"
        )
    if element != "created" and re.search(r"\.0*[1-9]", text):
        raise InvalidResource(
            f"Appointment.{element}: {shown(text)} has a fraction of a second; expected the slot's own time"
        )
    return int(moment.timestamp())


def _small_number(resource: Json, element: str) -> int | None:
    value = resource.get(element)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise InvalidResource(f"Appointment.{element}: {shown(value)} was sent; expected a whole number")
    return value


def _slot_ids(resource: Json) -> tuple[int, ...]:
    ids = []
    for number, each in enumerate(resource["slot"]):
        kind, slot_id = read_reference(each, f"Appointment.slot[{number}]")
        if kind != "Slot":
            raise InvalidResource(
                f"Appointment.slot[{number}].reference: refers to a {kind}; expected a Slot"
            )
        ids.append(slot_id)
    return tuple(ids)


def _participants(resource: Json, unknown: type[Refusal]) -> tuple[Participant, ...]:
    participants = []
    for number, each in enumerate(resource["participant"]):
        where = f"Appointment.participant[{number}].actor"
        kind, actor_id = read_reference(each["actor"], where, unknown)
        if kind not in ACTORS:
            raise unknown(f"{where}.reference: {kind}/{actor_id} does not exist at this practice")
        kinds = each.get("type")
        participants.append(
            Participant(
                kind,
                actor_id,
                each["status"],
                each.get("required"),
                orjson.dumps(kinds, option=orjson.OPT_SORT_KEYS).decode() if kinds else None,
            )
        )
    return tuple(participants)


def _identifiers(resource: Json) -> tuple[tuple[str, str], ...]:
    return tuple((each["system"], each["value"]) for each in resource.get("identifier", []))


def _codes_of(concepts: list[Any]) -> list[str]:
    """Return the codes of SDS job roles; one of another system goes with that, and is no role."""
    return [
        str(each.get("code"))
        if each.get("system") == urls.SDS_JOB_ROLES
        else f"{each.get('system')}|{each.get('code')}"
        for concept in concepts
        if isinstance(concept, dict)
        for each in concept.get("coding", [])
    ]


def _booking_organisation(resource: Json) -> BookingOrganisation | None:
    """Return the contained organisation that the extension refers to, or None where there is neither."""
    contained = resource.get("contained", [])
    references = extension_values(resource, urls.BOOKING_ORGANISATION, "valueReference")
    if not references and not contained:
        return None
    text = references[0].get("reference") if references and isinstance(references[0], dict) else None
    if not isinstance(text, str) or not text.startswith("#"):
        raise InvalidResource(
            f"Appointment.extension(bookingOrganisation): {shown(text)} was sent;"
            " expected `#id` of a contained Organization"
        )
    named = [number for number, each in enumerate(contained) if each.get("id") == text[1:]]
    if not named:
        raise InvalidResource(
            f"Appointment.contained: has no resource with id {shown(text[1:])}, named by bookingOrganisation"
        )
    if len(contained) > 1:
        other = 0 if named[0] else 1
        raise InvalidResource(f"Appointment.contained[{other}]: is no booking organisation; leave it out")
    return _read_booker(contained[0], "Appointment.contained[0]")


def _read_booker(organization: Json, where: str) -> BookingOrganisation:
    if organization.get("resourceType") != "Organization":
        raise InvalidResource(
            f"{where}.resourceType: {shown(organization.get('resourceType'))} was sent; expected Organization"
        )
    profiles.check_profile(organization, profiles.ORGANIZATION, where)
    if not organization.get("telecom"):
        raise InvalidResource(f"{where}.telecom: is missing; expected at least 1")
    codes = _ods_codes(organization)
    if len(codes) != 1:
        raise InvalidResource(
            f"{where}.identifier: has {len(codes)} with system {urls.ODS_ORGANIZATION_CODE};"
            " expected exactly 1"
        )
    return booker_of(organization)


def booker_of(organization: Json) -> BookingOrganisation:
    """Return the organisation that books: all that was sent of it but its narrative, which is not kept."""
    kept = {name: value for name, value in organization.items() if name != "text"}
    codings = [each for kind in organization.get("type", []) for each in kind.get("coding", [])]
    # A coding of another system may stand beside GP Connect's; one alone counts whatever its system.
    types = [each for each in codings if each.get("system") == urls.ORGANISATION_TYPES] or codings
    return BookingOrganisation(
        _ods_codes(organization)[0], types[0].get("code") if types else None, orjson.dumps(kept).decode()
    )


def _ods_codes(organization: Json) -> list[str]:
    return [
        each["value"]
        for each in organization.get("identifier", [])
        if each.get("system") == urls.ODS_ORGANIZATION_CODE
    ]
