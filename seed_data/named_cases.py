"""What people look for by what is special about it: patients, people, clinics and practices, kept by name.

`simulator.store.named_cases` has how they are noted.
"""

from collections.abc import Callable
from datetime import date, timedelta

from simulator.domain.national_record import NationalRecord
from simulator.domain.patient import Patient

NO_APPOINTMENTS = "no_appointments"
MANY_APPOINTMENTS = "many_appointments"
ONE_CANCELLED = "one_cancelled"
SENSITIVE = "sensitive"
DECEASED = "deceased"
INACTIVE = "inactive"
TEMPORARY = "temporary"
PREFERRED_BRANCH = "preferred_branch"
UNVERIFIED = "unverified"
UNVERIFIABLE = "unverifiable"
DECEASED_NATIONALLY = "deceased_nationally"
RENAMED = "renamed"
REGISTERED_ELSEWHERE = "registered_elsewhere"

CASES = (
    NO_APPOINTMENTS,
    MANY_APPOINTMENTS,
    ONE_CANCELLED,
    SENSITIVE,
    DECEASED,
    INACTIVE,
    TEMPORARY,
    PREFERRED_BRANCH,
    UNVERIFIED,
    UNVERIFIABLE,
    DECEASED_NATIONALLY,
    RENAMED,
    REGISTERED_ELSEWHERE,
)
"""The patients of every practice that are cases."""

UNREGISTERED = "unregistered"
SUPERSEDED = "superseded"
INVALID = "invalid"
TWIN = "twin"
NOT_ON_NATIONAL_RECORD = "not_on_national_record"

ROLE_NOT_ALLOWED = "role_not_allowed"
EMBARGOED = "embargoed_clinic"
FULLY_BOOKED = "fully_booked_week"
SWITCHED_OFF = "switched_off"

LABELS = {
    NO_APPOINTMENTS: "No appointments",
    MANY_APPOINTMENTS: "Many appointments",
    ONE_CANCELLED: "One appointment, cancelled",
    SENSITIVE: "Sensitive: GP Connect shows nothing of the patient",
    DECEASED: "Deceased",
    INACTIVE: "Registration lapsed; registering makes it active again",
    TEMPORARY: "Temporary registration",
    PREFERRED_BRANCH: "Prefers a branch surgery",
    UNVERIFIED: "NHS number not verified; a search verifies it",
    UNVERIFIABLE: "NHS number not verified, and the national record disagrees",
    DECEASED_NATIONALLY: "Deceased on the national record, alive at the practice",
    RENAMED: "Family name changed on the national record, not yet at the practice",
    REGISTERED_ELSEWHERE: "Registered with another practice on the national record",
    UNREGISTERED: "On the national record, registered at none of these practices: can be registered",
    SUPERSEDED: "NHS number superseded on the national record",
    INVALID: "NHS number flagged invalid on the national record",
    TWIN: "Twin: family name and date of birth find two people on the national record",
    ROLE_NOT_ALLOWED: "Clinic with open slots under a role that GP Connect does not allow: never found",
    EMBARGOED: "Clinic that is found from a week to two days before it begins",
    FULLY_BOOKED: "Clinician whose every bookable slot of the week is booked",
    SWITCHED_OFF: "GP Connect is switched off",
}
"""What each case is called for people."""

YOUNGEST = 25
"""The age that the patients of cases have at least, so that every case makes sense."""

LONG_REGISTERED = 2_000
ORDINARY_BOOKERS = frozenset(
    {TEMPORARY, PREFERRED_BRANCH, DECEASED_NATIONALLY, RENAMED, REGISTERED_ELSEWHERE}
)
"""The cases whose patients are given appointments like anyone else."""


def _sensitive(patient: Patient, branch_id: int, today: date) -> Patient:
    return patient._replace(sensitive=True)


def _deceased(patient: Patient, branch_id: int, today: date) -> Patient:
    registered_on = today - timedelta(days=LONG_REGISTERED)
    return patient._replace(registered_on=registered_on, deceased_on=today - timedelta(days=40))


def _inactive(patient: Patient, branch_id: int, today: date) -> Patient:
    return patient._replace(
        active=False,
        registered_on=today - timedelta(days=LONG_REGISTERED),
        registered_until=today - timedelta(days=90),
    )


def _temporary(patient: Patient, branch_id: int, today: date) -> Patient:
    return patient._replace(
        registration_type="T",
        registered_on=today - timedelta(days=14),
        registered_until=today + timedelta(days=76),
    )


def _preferred_branch(patient: Patient, branch_id: int, today: date) -> Patient:
    return patient._replace(preferred_location_id=branch_id)


def _unverified(patient: Patient, branch_id: int, today: date) -> Patient:
    return patient._replace(verified=False)


_CHANGES: dict[str, Callable[[Patient, int, date], Patient]] = {
    SENSITIVE: _sensitive,
    DECEASED: _deceased,
    INACTIVE: _inactive,
    TEMPORARY: _temporary,
    PREFERRED_BRANCH: _preferred_branch,
    UNVERIFIED: _unverified,
    UNVERIFIABLE: _unverified,
}


def local_case(patient: Patient, case: str, branch_id: int, today: date) -> Patient:
    """Return a patient as a case is in the practice's records; `branch_id` is a surgery to prefer."""
    return _CHANGES[case](patient, branch_id, today) if case in _CHANGES else patient


def national_case(record: NationalRecord, case: str | None, today: date) -> NationalRecord | None:
    """Return a person's national record as a case has it; None where it has none.

    What a practice knows of a patient, that the person is sensitive or deceased, the record says already.
    """
    if case == NOT_ON_NATIONAL_RECORD:
        return None
    if case == UNVERIFIABLE:
        # Another year and another month: a date of birth that verifies nobody.
        return record._replace(birth_date=record.birth_date - timedelta(days=1_000))
    if case == DECEASED_NATIONALLY:
        return record._replace(deceased_on=today - timedelta(days=5))
    return record


def cases_among(patients: int) -> tuple[str, ...]:
    """Return the cases that a practice of so many patients has: at least half of them stay ordinary."""
    return CASES[: patients // 2]


def name_cases(patients: list[Patient], branch_id: int, today: date) -> tuple[list[Patient], dict[str, int]]:
    """Return a practice's patients with the cases among them, and the patient id of each case.

    The cases are the last patients, so that the first ones, which people try first, are ordinary.
    """
    cases = cases_among(len(patients))
    ordinary, special = patients[: len(patients) - len(cases)], patients[len(patients) - len(cases) :]
    changed = [
        local_case(patient, case, branch_id, today) for case, patient in zip(cases, special, strict=True)
    ]
    return ordinary + changed, {case: patient.id for case, patient in zip(cases, changed, strict=True)}
