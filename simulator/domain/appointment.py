"""An appointment: a patient's booking of one slot, or of several that follow each other."""

from enum import StrEnum
from typing import NamedTuple

from simulator.domain.clock import Instant
from simulator.domain.slot import DeliveryChannel

DESCRIPTION_LIMIT = 100
COMMENT_LIMIT = 500


class AppointmentStatus(StrEnum):
    """The states that GP Connect lets an appointment be in."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class Participant(NamedTuple):
    """Who takes part: `kind` is Patient, Location or Practitioner; `type` is FHIR JSON, kept as sent."""

    kind: str
    id: int
    status: str = "accepted"
    required: str | None = None
    type: str | None = None


class BookingOrganisation(NamedTuple):
    """Who booked. `resource` is the contained Organization as FHIR JSON, kept as it was sent."""

    ods_code: str
    organisation_type: str | None
    resource: str


class Appointment(NamedTuple):
    """One appointment. `id` is 0 until it is stored.

    `booking_organisation` is None for the practice's own bookings; `identifiers` are (system, value) pairs.
    """

    id: int
    organization_id: int
    status: AppointmentStatus
    start: Instant
    end: Instant
    created: Instant
    description: str
    comment: str | None
    slot_ids: tuple[int, ...]
    participants: tuple[Participant, ...]
    service_type: str
    service_category: str
    delivery_channel: DeliveryChannel
    practitioner_role: str
    booking_organisation: BookingOrganisation | None = None
    cancellation_reason: str | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    priority: int | None = None
    version: int = 1
    last_updated: Instant = 0

    @property
    def patient_id(self) -> int:
        """Return the patient whose appointment it is."""
        return next(participant.id for participant in self.participants if participant.kind == "Patient")
