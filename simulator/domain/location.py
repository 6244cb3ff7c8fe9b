"""A location: a surgery, where appointments happen. Main or branch makes no technical difference."""

from dataclasses import dataclass

from simulator.domain.organization import Address


@dataclass(frozen=True, slots=True)
class Location:
    """One surgery of a practice."""

    id: int
    organization_id: int
    name: str
    address: Address
    phone: str
    version: int = 1
