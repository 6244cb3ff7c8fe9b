"""Patients that people look for by what is special about them: a few at every practice, kept by name.

Each is noted in the `about` table under `named_case:<ODS code>:<case>`, with the patient's id.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from seed_data.practices import Site
from simulator.domain.patient import Patient

NO_APPOINTMENTS = "no_appointments"
MANY_APPOINTMENTS = "many_appointments"
ONE_CANCELLED = "one_cancelled"
SENSITIVE = "sensitive"
DECEASED = "deceased"
INACTIVE = "inactive"
TEMPORARY = "temporary"
PREFERRED_BRANCH = "preferred_branch"

CASES = (
    NO_APPOINTMENTS,
    MANY_APPOINTMENTS,
    ONE_CANCELLED,
    SENSITIVE,
    DECEASED,
    INACTIVE,
    TEMPORARY,
    PREFERRED_BRANCH,
)
YOUNGEST = 25
"""The age that the patients of cases have at least, so that every case makes sense."""

LONG_REGISTERED = 2_000
ORDINARY_BOOKERS = frozenset({TEMPORARY, PREFERRED_BRANCH})
"""The cases whose patients are given appointments like anyone else."""


def _sensitive(patient: Patient, site: Site, today: date) -> Patient:
    return replace(patient, sensitive=True)


def _deceased(patient: Patient, site: Site, today: date) -> Patient:
    registered_on = today - timedelta(days=LONG_REGISTERED)
    return replace(patient, registered_on=registered_on, deceased_on=today - timedelta(days=40))


def _inactive(patient: Patient, site: Site, today: date) -> Patient:
    return replace(
        patient,
        active=False,
        registered_on=today - timedelta(days=LONG_REGISTERED),
        registered_until=today - timedelta(days=90),
    )


def _temporary(patient: Patient, site: Site, today: date) -> Patient:
    return replace(
        patient,
        registration_type="T",
        registered_on=today - timedelta(days=14),
        registered_until=today + timedelta(days=76),
    )


def _preferred_branch(patient: Patient, site: Site, today: date) -> Patient:
    return replace(patient, preferred_location_id=site.locations[-1].id)


_CHANGES: dict[str, Callable[[Patient, Site, date], Patient]] = {
    SENSITIVE: _sensitive,
    DECEASED: _deceased,
    INACTIVE: _inactive,
    TEMPORARY: _temporary,
    PREFERRED_BRANCH: _preferred_branch,
}


def cases_among(patients: int) -> tuple[str, ...]:
    """Return the cases that a practice of so many patients has: at least half of them stay ordinary."""
    return CASES[: patients // 2]


def name_cases(patients: list[Patient], site: Site, today: date) -> tuple[list[Patient], dict[str, int]]:
    """Return a practice's patients with the cases among them, and the patient id of each case.

    The cases are the last patients, so that the first ones, which people try first, are ordinary.
    """
    cases = cases_among(len(patients))
    ordinary, special = patients[: len(patients) - len(cases)], patients[len(patients) - len(cases) :]
    changed = [
        _CHANGES[case](patient, site, today) if case in _CHANGES else patient
        for case, patient in zip(cases, special, strict=True)
    ]
    return ordinary + changed, {case: patient.id for case, patient in zip(cases, changed, strict=True)}


def note_key(ods_code: str, case: str) -> str:
    """Return the key under which a case is noted."""
    return f"named_case:{ods_code}:{case}"
