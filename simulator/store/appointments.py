"""Appointments, and which slots each holds."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter

from simulator.domain.appointment import Appointment, AppointmentStatus, BookingOrganisation, Participant
from simulator.domain.clock import Instant
from simulator.domain.slot import DeliveryChannel
from simulator.store.patients import MAY_BE_SHOWN
from simulator.store.schema import TABLES, Row

_APPOINTMENT = (
    "select a.id, a.organization_id, a.patient_id, a.location_id, a.practitioner_id, a.status, a.start,"
    " a.end, a.created, a.description, a.comment, a.participants, a.booking_ods_code,"
    " a.booking_organisation_type, a.booking_resource, a.cancellation_reason, a.identifiers,"
    " a.priority, a.version, a.last_updated,"
    " schedules.service_category, schedules.practitioner_role, slots.delivery_channel, slot_types.text,"
    " slots.id, slots.start"
    " from appointments a"
    " join schedules on schedules.id = a.schedule_id"
    " cross join appointment_slots held on held.appointment_id = a.id"
    " cross join slots on slots.id = held.slot_id"
    " join slot_types on slot_types.id = slots.slot_type_id"
)
"""A row for each slot of an appointment."""

_ONE = (
    f"{_APPOINTMENT} where a.id = ? and a.organization_id = ?"
    " and not (select sensitive from patients where id = a.patient_id)"
)

_INSERT = (
    f"insert into appointments ({', '.join(list(TABLES['appointments'])[1:])})"
    f" values ({', '.join('?' * (len(TABLES['appointments']) - 1))})"
)


_THERE = {
    "Patient": f"exists (select 1 from patients where organization_id = ?1 and id = ? and {MAY_BE_SHOWN})",
    "Location": "exists (select 1 from locations where organization_id = ?1 and id = ?)",
    "Practitioner": "exists (select 1 from practitioners where organization_id = ?1 and id = ?)",
}
"""Whether a practice, the first value, has a participant, and may show it."""

_STATUSES = {str(each): each for each in AppointmentStatus}
_CHANNELS = {str(each): each for each in DeliveryChannel}
"""By what stands in a row, as those of slots."""

ASKED_TOGETHER = 3
"""Of how many participants one statement asks: nearly every booking has so many, so its text is the same."""


@cache
def _all_there(kinds: tuple[str, ...]) -> str:
    return f"select {', '.join([_THERE[kind] for kind in kinds])}"


def default_participants(
    patient_id: int, location_id: int, practitioner_id: int | None
) -> tuple[Participant, ...]:
    """Return the participants of an appointment that says no more than who: all have accepted."""
    clinician = () if practitioner_id is None else (Participant("Practitioner", practitioner_id),)
    return (Participant("Patient", patient_id), Participant("Location", location_id), *clinician)


def appointment_of(rows: Sequence[Row]) -> Appointment:
    """Return the rows of one appointment, of the columns of `_APPOINTMENT`, as that."""
    if len(rows) > 1:
        rows = sorted(rows, key=itemgetter(-1))
    (
        id_, organization_id, patient_id, location_id, practitioner_id, status, start, end, created,
        description, comment, participants, ods_code, organisation_type, resource, reason, identifiers,
        priority, version, last_updated, service_category, role, channel, service_type, slot_id, _,
    ) = rows[0]  # fmt: skip
    return Appointment(
        id_, organization_id, _STATUSES[status], start, end, created, description, comment,
        (slot_id,) if len(rows) == 1 else tuple(row[-2] for row in rows),
        tuple(Participant(*part) for part in json.loads(participants))
        if participants
        else default_participants(patient_id, location_id, practitioner_id),
        service_type, service_category, _CHANNELS[channel], role,
        BookingOrganisation(ods_code, organisation_type, resource) if resource else None,
        reason, tuple((system, value) for system, value in json.loads(identifiers)) if identifiers else (),
        priority, version, last_updated,
    )  # fmt: skip


def _appointments_of(rows: Iterable[Row]) -> Iterator[Appointment]:
    return (appointment_of(list(each)) for _, each in groupby(rows, itemgetter(0)))


def _participant_ids(appointment: Appointment) -> tuple[int, int, int | None]:
    ids = {participant.kind: participant.id for participant in appointment.participants}
    return ids["Patient"], ids["Location"], ids.get("Practitioner")


class SlotHeld(Exception):
    """A live appointment holds one of the slots already."""


class Appointments:
    """What a transaction sees of appointments."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def get(self, organization_id: int, appointment_id: int) -> Appointment | None:
        """Return a practice's appointment; nothing is shown of a sensitive patient's."""
        rows = self._execute(_ONE, (appointment_id, organization_id)).fetchall()
        return appointment_of(rows) if rows else None

    def of_patient(self, patient_id: int, start: Instant, end: Instant) -> list[Appointment]:
        """Return a patient's appointments that start from `start` to before `end`, cancelled ones too."""
        rows = self._execute(
            f"{_APPOINTMENT} where a.patient_id = ? and a.start >= ? and a.start < ? order by a.start, a.id",
            (patient_id, start, end),
        )
        return list(_appointments_of(rows))

    def all(self, organization_id: int | None = None) -> Iterator[Appointment]:
        """Return every appointment, or those of one practice, in order of id."""
        rows = self._execute(
            f"{_APPOINTMENT} where ?1 is null or a.organization_id = ?1 order by a.id", (organization_id,)
        )
        return _appointments_of(rows)

    def missing(self, organization_id: int, participants: Sequence[Participant]) -> Participant | None:
        """Return the first of some participants whom the practice does not have, or may not show."""
        for first in range(0, len(participants), ASKED_TOGETHER):
            some = participants[first : first + ASKED_TOGETHER]
            there = self._execute(
                _all_there(tuple([each.kind for each in some])),
                (organization_id, *[each.id for each in some]),
            ).fetchone()
            if not all(there):
                return some[int(there.index(0))]
        return None

    def slots_held(self, schedule_id: int, access_profile_id: int, ods_code: str) -> int:
        """Return how many of a schedule's slots, under an access profile, an organisation has booked."""
        (number,) = self._execute(
            "select count(*) from appointments a"
            " join appointment_slots held on held.appointment_id = a.id and held.live = 1"
            " join slots on slots.id = held.slot_id and slots.access_profile_id = ?"
            " where a.schedule_id = ? and a.booking_ods_code = ? and a.status <> 'cancelled'",
            (access_profile_id, schedule_id, ods_code),
        ).fetchone()
        return int(number)

    def add(self, appointment: Appointment, schedule_id: int) -> Appointment:
        """Store a new appointment and what slots it holds; return it with its id.

        Raises SlotHeld where a live appointment holds one of the slots: the unique index asserts a second
        time what the rules have just checked.
        """
        patient_id, location_id, practitioner_id = _participant_ids(appointment)
        plain = default_participants(patient_id, location_id, practitioner_id)
        participants = None if appointment.participants == plain else _as_json(appointment.participants)
        booker = appointment.booking_organisation
        cursor = self._execute(
            _INSERT,
            (
                appointment.organization_id, patient_id, location_id, practitioner_id, schedule_id,
                str(appointment.status), appointment.start, appointment.end, appointment.created,
                appointment.description, appointment.comment, participants,
                booker.ods_code if booker else None, booker.organisation_type if booker else None,
                booker.resource if booker else None, appointment.cancellation_reason,
                json.dumps(appointment.identifiers) if appointment.identifiers else None,
                appointment.priority, appointment.version, appointment.last_updated,
            ),
        )  # fmt: skip
        appointment_id = int(cursor.lastrowid or 0)
        try:
            for slot_id in appointment.slot_ids:
                self._execute(
                    "insert into appointment_slots (appointment_id, slot_id, live) values (?, ?, 1)",
                    (appointment_id, slot_id),
                )
        except sqlite3.IntegrityError as error:
            raise SlotHeld(f"slots {appointment.slot_ids}: {error}") from error
        return appointment._replace(id=appointment_id)

    def change(self, appointment: Appointment) -> None:
        """Store what may change: status, texts, reason, version. Cancelled, it lets go of its slots."""
        self._execute(
            "update appointments set status = ?, description = ?, comment = ?, cancellation_reason = ?,"
            " version = ?, last_updated = ? where id = ?",
            (
                appointment.status, appointment.description, appointment.comment,
                appointment.cancellation_reason, appointment.version, appointment.last_updated,
                appointment.id,
            ),
        )  # fmt: skip
        if appointment.status is AppointmentStatus.CANCELLED:
            self._execute("update appointment_slots set live = 0 where appointment_id = ?", (appointment.id,))


def _as_json(participants: tuple[Participant, ...]) -> str:
    return json.dumps([[part.kind, part.id, part.status, part.required, part.type] for part in participants])
