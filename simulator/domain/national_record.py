"""The national record: what the Personal Demographics Service knows of a person."""

from datetime import date
from typing import NamedTuple

from simulator.domain.organization import Address


class NationalRecord(NamedTuple):
    """One person on the national record.

    `invalid` and `superseded_by` are flags on the NHS number itself; `ods_code` is the practice where the
    person is registered since `registered_on`, None where there is none. `former_family` and
    `former_postal_code` are what the person was called, and where they lived, before.
    """

    nhs_number: str
    prefix: str
    given: str
    family: str
    gender: str
    birth_date: date
    address: Address | None
    phone: str | None
    ods_code: str | None = None
    deceased_on: date | None = None
    sensitive: bool = False
    invalid: bool = False
    superseded_by: str | None = None
    version: int = 1
    mobile: str | None = None
    email: str | None = None
    registered_on: date | None = None
    former_family: str | None = None
    former_postal_code: str | None = None


def confirms(record: NationalRecord, given: str, family: str, birth_date: date) -> bool:
    """Tell whether a record verifies a person: the same date of birth, or two of its three parts with the
    first three letters of the family name and the first of the given name.

    Source: specification, page "Find a patient", verification of the NHS number.
    """
    if birth_date == record.birth_date:
        return True
    parts = sum(getattr(birth_date, part) == getattr(record.birth_date, part) for part in PARTS)
    return (
        parts == 2
        and family[:3].casefold() == record.family[:3].casefold()
        and given[:1].casefold() == record.given[:1].casefold()
    )


PARTS = ("year", "month", "day")
