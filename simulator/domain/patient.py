"""A patient of a practice, as the practice's own records have them."""

from datetime import date
from typing import NamedTuple

from simulator.domain.organization import Address


class Contact(NamedTuple):
    """Someone who may be contacted about the patient's appointment."""

    relationship: str
    given: str
    family: str
    phone: str
    gender: str | None = None


class Patient(NamedTuple):
    """One registered patient.

    `registration_type` is a CareConnect-RegistrationType-1 code; `verified` tells whether the NHS number was
    traced and verified; `language` is a CareConnect-HumanLanguage-1 code or None. What is temporary ends with
    the registration.
    """

    id: int
    organization_id: int
    nhs_number: str
    prefix: str
    given: str
    family: str
    gender: str
    birth_date: date
    address: Address | None
    phone: str | None
    mobile: str | None
    email: str | None
    registration_type: str = "R"
    registered_on: date | None = None
    registered_until: date | None = None
    preferred_location_id: int | None = None
    usual_practitioner_id: int | None = None
    language: str | None = None
    interpreter_required: bool = False
    contact: Contact | None = None
    active: bool = True
    deceased_on: date | None = None
    sensitive: bool = False
    verified: bool = True
    other_given: tuple[str, ...] = ()
    work_phone: str | None = None
    temporary_address: Address | None = None
    temporary_phone: str | None = None
    email_use: str = "home"
    version: int = 1

    @property
    def may_be_shown(self) -> bool:
        """Tell whether GP Connect may show this patient: active, alive, verified and not sensitive."""
        return self.active and self.deceased_on is None and self.verified and not self.sensitive
