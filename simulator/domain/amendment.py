"""What a consumer sends back of an appointment, held against the appointment itself.

Amend and cancel send the whole resource; nearly all of it must be unchanged. Instants compare by the moment,
participants and slots as sets; what older consumers commonly leave out is no change.
Source: specification, pages "Amend an appointment" and "Cancel an appointment".
"""

import json
from collections.abc import Iterator
from itertools import filterfalse, takewhile
from typing import NamedTuple

from simulator.domain.appointment import Appointment, AppointmentStatus, BookingOrganisation, Participant
from simulator.domain.booking import check_texts
from simulator.domain.clock import Instant, uk_local
from simulator.domain.refusals import InvalidResource, VersionConflict, shown

ALIKE_SHOWN = 20
"""How many characters before the first that differs are shown of two texts."""


class Sent(NamedTuple):
    """An appointment as a consumer sent it back.

    None in `practitioner_roles`, `delivery_channel`, `minutes_duration` means left out, which is allowed;
    elsewhere it means the element is absent. `service_category` and `service_type` are ignored, so they
    are not here.
    """

    id: str | None
    status: str
    start: Instant
    end: Instant
    created: Instant | None
    description: str | None
    comment: str | None
    slot_ids: tuple[int, ...]
    participants: tuple[Participant, ...]
    booking_organisation: BookingOrganisation | None
    cancellation_reason: str | None
    identifiers: tuple[tuple[str, str], ...] = ()
    priority: int | None = None
    practitioner_roles: tuple[str, ...] | None = None
    delivery_channel: str | None = None
    minutes_duration: int | None = None


def check_version(appointment: Appointment, if_match: str | None) -> None:
    """Raise VersionConflict unless `If-Match` is absent or names the current version."""
    current = f'W/"{appointment.version}"'
    if if_match is None or if_match.strip() == current:
        return
    if if_match.strip().strip('"') == str(appointment.version):
        raise VersionConflict(
            f"header If-Match: {shown(if_match)} is the current version, not written as a weak ETag is;"
            f" expected {current}"
        )
    raise VersionConflict(
        f"header If-Match: {shown(if_match)} is not the current version; expected {current}:"
        f" read Appointment/{appointment.id} again"
    )


def check_open(appointment: Appointment, now: Instant) -> None:
    """Raise InvalidResource where an appointment can no longer change: it is cancelled, or in the past."""
    if appointment.status is AppointmentStatus.CANCELLED:
        raise InvalidResource(
            f"Appointment.status: Appointment/{appointment.id} is cancelled and cannot change"
        )
    check_future(appointment, now)


def check_future(appointment: Appointment, now: Instant) -> None:
    """Raise InvalidResource for an appointment that began before now."""
    if appointment.start < now:
        raise InvalidResource(
            f"Appointment.start: Appointment/{appointment.id} began {uk_local(appointment.start)},"
            f" which is in the past; expected a future appointment"
        )


def check_unchanged(appointment: Appointment, sent: Sent, may_change: frozenset[str]) -> None:
    """Raise InvalidResource naming the first element that differs and may not."""
    for element, stored, came in _pairs(appointment, sent):
        if element not in may_change and stored != came:
            path, came_text, stored_text = _told_apart(element, came, stored)
            advice = "; to cancel, use interaction cancel_appointment" if element == "status" else ""
            raise InvalidResource(
                f"Appointment.{path}: {came_text} was sent, {stored_text} is stored;"
                f" only {' and '.join(sorted(may_change))} may change{advice}"
            )


def amend(appointment: Appointment, sent: Sent, if_match: str | None, now: Instant) -> Appointment:
    """Return the appointment with new description and comment, a version higher; or raise a refusal.

    Raises VersionConflict, and InvalidResource for any other change or an appointment that cannot change.
    """
    check_open(appointment, now)
    check_version(appointment, if_match)
    check_unchanged(appointment, sent, frozenset({"description", "comment"}))
    if not sent.description:
        raise InvalidResource("Appointment.description: is missing; expected exactly 1")
    check_texts(sent.description, sent.comment)
    return appointment._replace(
        description=sent.description,
        comment=sent.comment,
        version=appointment.version + 1,
        last_updated=now,
    )


def _pairs(appointment: Appointment, sent: Sent) -> Iterator[tuple[str, object, object]]:
    """Yield each element's name with its stored and its sent value, in a form that compares."""
    yield "id", str(appointment.id), sent.id
    yield "status", str(appointment.status), sent.status
    yield "extension(cancellationReason)", appointment.cancellation_reason, sent.cancellation_reason
    yield "description", appointment.description, sent.description
    yield "comment", appointment.comment, sent.comment
    yield "start", uk_local(appointment.start), uk_local(sent.start)
    yield "end", uk_local(appointment.end), uk_local(sent.end)
    if sent.created is not None:
        yield "created", uk_local(appointment.created), uk_local(sent.created)
    yield "slot", _slots(appointment.slot_ids), _slots(sent.slot_ids)
    yield "participant", _named(appointment.participants), _named(sent.participants)
    stored, came = _booker(appointment.booking_organisation), _booker(sent.booking_organisation)
    yield "contained[0]" if stored and came else "contained", stored, came
    yield "identifier", sorted(appointment.identifiers), sorted(sent.identifiers)
    yield "priority", appointment.priority, sent.priority
    if sent.practitioner_roles is not None:
        yield "extension(practitionerRole)", (appointment.practitioner_role,), sent.practitioner_roles
    if sent.delivery_channel is not None:
        yield "extension(deliveryChannel)", str(appointment.delivery_channel), sent.delivery_channel
    if sent.minutes_duration is not None:
        minutes = (appointment.end - appointment.start) // 60
        yield "minutesDuration", minutes, sent.minutes_duration


def _slots(ids: tuple[int, ...]) -> list[str]:
    return [f"Slot/{slot_id}" for slot_id in sorted(ids)]


def _named(participants: tuple[Participant, ...]) -> list[str]:
    return sorted(
        f"{part.kind}/{part.id} {part.status}{f' {part.required}' if part.required else ''}"
        f"{f' {part.type}' if part.type else ''}"
        for part in participants
    )


def _booker(organisation: BookingOrganisation | None) -> dict[str, object] | None:
    """Return what the contained organisation says, in a form that compares.

    Its meta does not count, nor its id, which means something within the sent resource alone.
    """
    if organisation is None:
        return None
    return {
        name: value for name, value in json.loads(organisation.resource).items() if name not in ("meta", "id")
    }


def _told_apart(path: str, came: object, stored: object) -> tuple[str, str, str]:
    """Return where two values first differ, and both there as a person can see it.

    What is not there is nothing; of long texts that begin alike the beginning is left out. Lists outside the
    contained organisation are sets: of these what only one of the two has is shown, without a number.
    """
    if isinstance(came, dict) and isinstance(stored, dict):
        name = next(each for each in (*stored, *came) if came.get(each) != stored.get(each))
        return _told_apart(f"{path}.{name}", came.get(name), stored.get(name))
    if isinstance(came, list) and isinstance(stored, list) and "." not in path:
        only_came, only_stored = (
            [*filterfalse(x.__contains__, y)] for x, y in ((stored, came), (came, stored))
        )
        if only_came or only_stored:
            came, stored = only_came, only_stored
    elif isinstance(came, list) and isinstance(stored, list) and len(came) == len(stored):
        number = next(
            number for number, pair in enumerate(zip(came, stored, strict=True)) if pair[0] != pair[1]
        )
        return _told_apart(f"{path}[{number}]", came[number], stored[number])
    if isinstance(came, str) and isinstance(stored, str):
        pairs = zip(came, stored, strict=False)
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if alike > ALIKE_SHOWN:
            came, stored = (f"…{each[alike - ALIKE_SHOWN :]}" for each in (came, stored))
    came_text, stored_text = (shown(None if each == [] else each) for each in (came, stored))
    return path, came_text, stored_text
