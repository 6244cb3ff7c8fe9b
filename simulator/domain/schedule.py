"""A schedule: one clinician's session at one surgery, which slots belong to."""

from typing import NamedTuple

from simulator.domain.clock import Instant


class Schedule(NamedTuple):
    """One session; `start` and `end` bound its planning horizon, `practitioner_role` is an SDS job role."""

    id: int
    organization_id: int
    location_id: int
    practitioner_id: int | None
    practitioner_role: str
    service_category: str
    start: Instant
    end: Instant
    version: int = 1
