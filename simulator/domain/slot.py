"""A slot: a length of a clinician's time that can be booked once."""

from enum import StrEnum
from typing import NamedTuple

from simulator.domain.clock import Instant


class SlotStatus(StrEnum):
    """FHIR `slotstatus`, as far as a general practice's diary uses it."""

    FREE = "free"
    BUSY = "busy"


class DeliveryChannel(StrEnum):
    """How the appointment is held (value set GPConnect-DeliveryChannel-1)."""

    IN_PERSON = "In-person"
    TELEPHONE = "Telephone"
    VIDEO = "Video"


class Slot(NamedTuple):
    """One slot. `access_profile_id` is None where the slot is not GP Connect bookable."""

    id: int
    schedule_id: int
    start: Instant
    end: Instant
    status: SlotStatus
    service_type: str
    delivery_channel: DeliveryChannel
    access_profile_id: int | None
    version: int = 1
