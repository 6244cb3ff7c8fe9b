"""Registration: a temporary patient, made or made active again, once the national record confirms the person.

Source: specification, page "Register a patient". Where the published conformance suite differs, it wins: a
family name that is not the national record's is a bad request, however well the date of birth fits.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from simulator.domain.national_record import NationalRecord, confirms
from simulator.domain.nhs_number import is_valid
from simulator.domain.organization import Address
from simulator.domain.patient import Patient
from simulator.domain.refusals import (
    BadRequest,
    DuplicateRejected,
    InvalidNhsNumber,
    InvalidPatientDemographics,
    shown,
)

TEMPORARY = "T"
TEMPORARY_DAYS = 91
"""A temporary registration lasts up to three months."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What a consumer asks to register. What is None is taken from the national record, where that has it."""

    nhs_number: str
    prefix: str | None
    given: tuple[str, ...]
    family: str
    birth_date: date
    gender: str | None
    address: Address | None
    phone: str | None
    work_phone: str | None
    mobile: str | None
    email: str | None
    email_use: str
    language: str | None
    interpreter_required: bool
    temporary_address: Address | None
    temporary_phone: str | None


def check_nhs_number(registration: Registration) -> None:
    """Raise InvalidNhsNumber unless the number that was sent could be one."""
    if not is_valid(registration.nhs_number):
        raise InvalidNhsNumber(
            f"Patient.identifier: {shown(registration.nhs_number)} is not an NHS number;"
            " expected ten digits, the last a valid check digit"
        )


def check_national_record(registration: Registration, record: NationalRecord | None) -> NationalRecord:
    """Return the record that confirms a registration.

    Raises InvalidPatientDemographics (not there, not confirmed, deceased, sensitive), InvalidNhsNumber
    (invalid or superseded) and BadRequest (another family name).
    """
    number = registration.nhs_number
    if record is None:
        raise InvalidPatientDemographics(f"NHS number {number}: is not on the national record")
    is_confirmed = confirms(record, registration.given[0], registration.family, registration.birth_date)
    # The suite asks for this refusal with the name and birth date of another person, so it comes first; the
    # number that took its place is for who knows the person.
    if record.superseded_by:
        by = f" by {record.superseded_by}" if is_confirmed else ""
        raise InvalidNhsNumber(f"NHS number {number}: is superseded{by} on the national record")
    if record.invalid:
        raise InvalidNhsNumber(f"NHS number {number}: is flagged invalid on the national record")
    if not is_confirmed:
        raise InvalidPatientDemographics(
            f"NHS number {number}: the national record does not confirm the name and date of birth sent"
        )
    if record.deceased_on is not None:
        raise InvalidPatientDemographics(
            f"NHS number {number}: the national record has the person as deceased"
        )
    if record.sensitive:
        raise InvalidPatientDemographics(f"NHS number {number}: the national record cannot be shared")
    if record.family.casefold() != registration.family.strip().casefold():
        raise BadRequest(
            f"Patient.name.family: {shown(registration.family)} was sent; expected the national record's"
        )
    return record


def may_verify(patient: Patient, record: NationalRecord | None) -> bool:
    """Tell whether the national record verifies the NHS number of a patient of the practice.

    Source: specification, page "Find a patient", verification of an active record that was never traced.
    """
    return (
        record is not None
        and confirms(record, patient.given, patient.family, patient.birth_date)
        and record.deceased_on is None
        and not (record.sensitive or record.invalid or record.superseded_by)
    )


def register(
    registration: Registration,
    record: NationalRecord,
    local: Patient | None,
    organization_id: int,
    today: date,
) -> Patient:
    """Return the temporary patient that a confirmed registration makes: new with id 0, or active again.

    What was not sent is the national record's, and what that does not have is kept as the practice held it.
    Raises DuplicateRejected for an active patient,
    InvalidPatientDemographics for a deceased or sensitive one.
    """
    number = registration.nhs_number
    if local is not None and not local.verified and not may_verify(local, record):
        raise InvalidPatientDemographics(
            f"NHS number {number}: the national record does not confirm Patient/{local.id} of the practice"
        )
    if local is not None and (local.deceased_on is not None or local.sensitive):
        raise InvalidPatientDemographics(f"NHS number {number}: the practice cannot register this patient")
    if local is not None and local.active:
        raise DuplicateRejected(f"NHS number {number}: Patient/{local.id} is registered and active already")
    held = local or _as_recorded(record, organization_id)
    # An address and its use are of one source; the national record says of none that it is temporary.
    email, email_use = registration.email, registration.email_use
    if not email:
        email, email_use = (record.email, "home") if record.email else (held.email, held.email_use)
    return held._replace(
        prefix=registration.prefix or record.prefix or held.prefix,
        given=registration.given[0],
        other_given=registration.given[1:],
        family=registration.family,
        gender=registration.gender or record.gender or held.gender,
        birth_date=registration.birth_date,
        address=registration.address or record.address or held.address,
        phone=registration.phone or record.phone or held.phone,
        work_phone=registration.work_phone or held.work_phone,
        mobile=registration.mobile or record.mobile or held.mobile,
        email=email,
        email_use=email_use,
        registration_type=TEMPORARY,
        registered_on=today,
        registered_until=today + timedelta(days=TEMPORARY_DAYS),
        language=registration.language or held.language,
        interpreter_required=(
            registration.interpreter_required if registration.language else held.interpreter_required
        ),
        temporary_address=registration.temporary_address,
        temporary_phone=registration.temporary_phone,
        active=True,
        verified=True,
        version=local.version + 1 if local else 1,
    )


def _as_recorded(record: NationalRecord, organization_id: int) -> Patient:
    """Return a person who is new to the practice as the national record has them."""
    return Patient(
        id=0,
        organization_id=organization_id,
        nhs_number=record.nhs_number,
        prefix=record.prefix,
        given=record.given,
        family=record.family,
        gender=record.gender,
        birth_date=record.birth_date,
        address=record.address,
        phone=record.phone,
        mobile=record.mobile,
        email=record.email,
    )
