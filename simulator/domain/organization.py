"""An organisation: a practice, or a consumer organisation that books into practices."""

from dataclasses import dataclass
from typing import NamedTuple


class Address(NamedTuple):
    """A postal address: lines, town, county, postcode, country (ISO 3166, three letters)."""

    lines: tuple[str, ...]
    city: str
    district: str
    postal_code: str
    country: str = "GBR"


@dataclass(frozen=True, slots=True)
class Organization:
    """A practice. `asid` and `party_key` are its registrations on the Spine."""

    id: int
    ods_code: str
    name: str
    asid: str
    party_key: str
    address: Address
    phone: str
    main_location_id: int | None = None
    enabled: bool = True
    appointments_enabled: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Consumer:
    """A consumer system at an organisation that may call practices."""

    asid: str
    ods_code: str
    name: str
    organisation_type: str
